"""
Two-sample tests and distances.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, SupportsFloat, SupportsIndex, final

from numpy.typing import ArrayLike
from typing_extensions import disjoint_base

from driftline.comparison import SupportsCompare, SupportsFit

__all__ = [
    "AndersonDarling",
    "AnsariBradley",
    "BaumgartnerWeissSchindler",
    "Bhattacharyya",
    "BootstrapResult",
    "BrunnerMunzel",
    "CategoricalTest",
    "ChiSquare",
    "ClassifierTwoSample",
    "CramerVonMises",
    "CramersV",
    "EffectSize",
    "Energy",
    "EppsSingleton",
    "FisherExact",
    "Fitted",
    "FittedMultivariate",
    "FittedSuite",
    "GTest",
    "Hellinger",
    "JensenShannon",
    "KLDivergence",
    "KS",
    "Kuiper",
    "LInfinity",
    "Levene",
    "MMD",
    "MannWhitney",
    "MeanShift",
    "Mood",
    "MultivariateEnergy",
    "MultivariateTest",
    "PSI",
    "PermutationResult",
    "Student",
    "Suite",
    "TestResult",
    "TotalVariation",
    "TwoProportionZ",
    "UnivariateTest",
    "Wasserstein",
    "Welch",
    "adjust",
    "available",
    "bootstrap",
    "choose",
    "effective_n",
    "effects",
    "get",
    "permutation",
]

@final
class AndersonDarling(UnivariateTest):
    """
    Two-sample Anderson-Darling test.

    Formula: (A2 - 1) / sigma, with A2 = (N - 1) / (n m) times the sum over
    distinct values of l (N M - n B)^2 / (B (N - B) - N l / 4) / N: M and B count
    baseline and both up to the value by mid-ranks, l values are equal to it.
    Assumes: independent values; the p-value minds how they are tied.
    Use it: as the strongest of its kind for changes in the tails.
    Not for: serially dependent data; a p-value alone on very large samples.
    Cost: one sort and one merge; then some 20 us, up to 10 ms with ties or
    few values.
    Source: Scholz & Stephens 1987, equation 7. The statistic is that of
    ``scipy.stats.anderson_ksamp([baseline, current])``, the p-value exact for
    few values and not clipped. The effect size is the KS distance. NaN is left
    out and counted (``nan_policy="raise"`` refuses it); infinities are values.

    >>> from driftline import drift
    >>> test = drift.AndersonDarling()
    >>> result = test.compare([1, 2, 3, 4], [5, 6, 7, 8])
    >>> round(result.statistic, 4), round(result.p_value, 4)
    (3.6866, 0.0286)
    """
    def __new__(cls, /, *, nan_policy: str = "omit") -> AndersonDarling: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class AnsariBradley(UnivariateTest):
    """
    Ansari-Bradley test for equal scales, by ranks.

    As ``scipy.stats.ansari(baseline, current)``: the statistic is large
    when the current spread is larger; ``alternative`` is "two-sided",
    "less" (baseline scale less than current) or "greater". ``method`` is
    "exact" (given the ties), "asymptotic" or "auto" (exact up to about 25
    values each and in the tails, a saddle point up to 200). The effect size
    is the difference of mean scores over their range, -1 to 1, positive when the current spread is larger. NaN
    is left out and counted (``nan_policy="raise"`` refuses it);
    infinities are values.

    Formula: sum of the baseline's ranks, counted from the nearer end of
    the pooled sample.

    Assumes: equal medians, independent values.

    Use it: for changes of spread in heavy-tailed data.

    Not for: data whose location moves too; there "levene".

    Cost: O(m log m + n + m); seconds at most with "exact".

    Source: Ansari, Bradley, Rank-sum tests for dispersions, 1960.

    >>> from driftline import drift
    >>> ab, p = drift.AnsariBradley().compare([2, 3, 4], [0, 1, 5, 6])
    >>> ab, round(p, 6)
    (10.0, 0.057143)
    """
    def __new__(
        cls, /, *, alternative: str = "two-sided", method: str = "auto", nan_policy: str = "omit"
    ) -> AnsariBradley: ...
    @property
    def alternative(self, /) -> str: ...
    @property
    def method(self, /) -> str: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class BaumgartnerWeissSchindler(UnivariateTest):
    """
    Baumgartner-Weiss-Schindler test of two distributions.

    As ``scipy.stats.bws_test(baseline, current)``, two-sided. ``method``
    is "permutation" (all arrangements if there are few, else up to 9,999,
    always the same), "asymptotic" (wrong with many ties) or "auto"
    (permutation with many ties or fewer than 100 values in a sample). The effect size is Cliff's delta, positive when
    current values are larger. NaN is left out and counted
    (``nan_policy="raise"`` refuses it); infinities are values.

    Formula: mean over both samples of the squared distance of each rank
    from its expectation, over its variance.

    Assumes: independent values; large samples without many ties for the
    asymptotic p-value.

    Use it: for small samples whose tails matter.

    Not for: very large samples: "anderson_darling" is the same there.

    Cost: O(m log m + n + m); up to 10,000 (n + m) steps with permutation.

    Source: Baumgartner, Weiss, Schindler, A nonparametric test for the
    general two-sample problem, 1998, equations 2.3 to 2.5.

    >>> from driftline import drift
    >>> test = drift.BaumgartnerWeissSchindler()
    >>> round(test.compare([1, 2, 3], [4, 5, 6]).p_value, 6)
    0.1
    """
    def __new__(
        cls, /, *, method: str = "auto", nan_policy: str = "omit"
    ) -> BaumgartnerWeissSchindler: ...
    @property
    def method(self, /) -> str: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class Bhattacharyya(CategoricalTest):
    """
    Bhattacharyya distance between the shares of categories.

    Labels, or numbers in bins of the baseline (``bins``, ``binning``,
    ``edges`` as for ``PSI``). No p-value; the effect size is itself.

    Formula: -ln of the sum of sqrt(b * c) over the shares b and c.

    Assumes: nothing of the distribution; independent rows.

    Use it: where error bounds of a classifier of the two samples count.

    Not for: samples that may have no category in common: it is infinite
    then; ``Hellinger`` says the same between 0 and 1.

    Cost: one sort of the baseline; then one pass over current.

    Source: Bhattacharyya, 1946; Kailath, 1967, equation 3.

    >>> from driftline import drift
    >>> drift.Bhattacharyya().compare(["a", "b"], ["c"]).statistic
    inf
    """
    def __new__(
        cls,
        /,
        *,
        bins: int = 10,
        binning: str = "quantile",
        edges: object = None,
        nan_policy: str = "omit",
    ) -> Bhattacharyya: ...
    @property
    def binning(self, /) -> str: ...
    @property
    def bins(self, /) -> int: ...
    @property
    def edges(self, /) -> list[float] | None: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class BootstrapResult:
    """
    What bootstrap samples say about a statistic.
    """
    def __eq__(self, other: object, /) -> bool: ...
    def __getnewargs_ex__(self, /) -> tuple[tuple[()], dict[str, object]]: ...
    def __hash__(self, /) -> int: ...
    def __new__(
        cls,
        /,
        *,
        statistic: SupportsFloat | SupportsIndex,
        confidence_interval: tuple[SupportsFloat | SupportsIndex, SupportsFloat | SupportsIndex],
        standard_error: SupportsFloat | SupportsIndex,
        n_resamples: SupportsIndex,
        confidence_level: SupportsFloat | SupportsIndex,
    ) -> BootstrapResult:
        """
        Rebuilds a result from its fields.
        """
    def __repr__(self, /) -> str: ...
    @property
    def confidence_interval(self, /) -> tuple[float, float]:
        """
        Lower and upper end.
        """
    @property
    def confidence_level(self, /) -> float:
        """
        The confidence of the interval.
        """
    @property
    def high(self, /) -> float:
        """
        Upper end of the interval.
        """
    @property
    def low(self, /) -> float:
        """
        Lower end of the interval.
        """
    @property
    def n_resamples(self, /) -> int:
        """
        Pairs of samples drawn.
        """
    @property
    def standard_error(self, /) -> float:
        """
        Standard deviation of the resampled statistics.
        """
    @property
    def statistic(self, /) -> float:
        """
        The statistic of the samples as they are.
        """

@final
class BrunnerMunzel(UnivariateTest):
    """
    Brunner-Munzel test: is one sample larger more often.

    As ``scipy.stats.brunnermunzel(baseline, current)``: the statistic is
    positive when current values are larger; ``alternative`` is
    "two-sided", "less" (baseline less than current) or "greater".
    ``distribution`` is "t" (with ``df``) or "normal"; ``method`` is
    "permutation", "asymptotic" or "auto" (permutation up to 60 values in
    both samples, or with fewer than 20 in either). Samples that do not overlap get the statistic of
    samples that just touch. The effect size is Cliff's delta, positive
    when current values are larger. NaN is left out and counted
    (``nan_policy="raise"`` refuses it); infinities are values.

    Formula: difference of mean ranks, studentised by the variances of the
    placements.

    Assumes: independent values; neither equal spreads nor equal shapes.

    Use it: for shifts where spreads or shapes may differ.

    Not for: changes of spread alone, which it does not see.

    Cost: O(m log m + n + m); 10,000 min(n, m) steps with permutation.

    Source: Brunner, Munzel, The nonparametric Behrens-Fisher problem,
    2000; Neubert, Brunner, 2007 (permutation).

    >>> from driftline import drift
    >>> result = drift.BrunnerMunzel().compare([1, 2, 3], [4, 5, 6])
    >>> result.effect_size, round(result.p_value, 6)
    (1.0, 0.1)
    """
    def __new__(
        cls,
        /,
        *,
        alternative: str = "two-sided",
        distribution: str = "t",
        method: str = "auto",
        nan_policy: str = "omit",
    ) -> BrunnerMunzel: ...
    @property
    def alternative(self, /) -> str: ...
    @property
    def distribution(self, /) -> str: ...
    @property
    def method(self, /) -> str: ...
    @property
    def nan_policy(self, /) -> str: ...

class CategoricalTest(UnivariateTest):
    """
    A configured test or distance of the shares of categories; immutable.

    Its samples are labels (strings, in lists, arrays, columns of pandas, polars
    or Arrow; None and NaN are missing) or numbers, which are binned by the
    baseline. Labels are the same however they are stored.
    """
    def compare_counts(self, /, baseline: Any, current: Any) -> TestResult:
        """
        Compares two rows of counts over the same categories.

        >>> from driftline import drift
        >>> drift.TotalVariation().compare_counts([10, 10], [5, 15]).statistic
        0.25
        """

@final
class ChiSquare(CategoricalTest):
    """
    Pearson's chi-square test of the shares of categories.

    As ``scipy.stats.chi2_contingency`` of both samples' counts, with
    Yates' ``correction`` for two categories. ``method="auto"``: the
    chi-square law, or, with an expected count below 5, the exact
    probability over all tables with the same totals; when they are too
    many, ``n_permutations`` of them drawn with ``seed`` (fewer where
    they would take longer than about 0.3 s). Drawn p-values below
    1 / (draws + 1) are not counted but extrapolated, by the tail of a
    gamma law fitted to the draws: good for their order of magnitude,
    no guarantee. Numbers are binned by the baseline (as for ``PSI``).
    Has ``df``; the effect size is Cramer's V.

    Formula: the sum of (observed - expected)^2 / expected.

    Assumes: independent rows.

    Use it: for any change of the shares of categories.

    Not for: ordered values, where rank tests see a shift earlier; very
    rare categories, which ``GTest`` weighs more.

    Cost: one sort of the baseline; then one pass over current; draws
    about 1 ms for each category.

    Source: Pearson, 1900; Yates, 1934; Patefield, 1981.

    >>> from driftline import drift
    >>> before, after = ["a"] * 10 + ["b"] * 20, ["a"] * 20 + ["b"] * 10
    >>> result = drift.ChiSquare().compare(before, after)
    >>> result.statistic, round(result.p_value, 4)
    (5.4, 0.0201)
    """
    def __new__(
        cls,
        /,
        *,
        correction: bool = True,
        method: str = "auto",
        n_permutations: int = 9999,
        seed: int = 0,
        bins: int = 10,
        binning: str = "quantile",
        edges: object = None,
        nan_policy: str = "omit",
    ) -> ChiSquare: ...
    @property
    def binning(self, /) -> str: ...
    @property
    def bins(self, /) -> int: ...
    @property
    def correction(self, /) -> bool: ...
    @property
    def edges(self, /) -> list[float] | None: ...
    @property
    def method(self, /) -> str: ...
    @property
    def n_permutations(self, /) -> int: ...
    @property
    def nan_policy(self, /) -> str: ...
    @property
    def seed(self, /) -> int: ...

@final
class ClassifierTwoSample(MultivariateTest):
    """
    Classifier two-sample test: can the samples be told apart?

    Rows with NaN are left out and counted (``nan_policy="raise"``
    refuses them); infinities are refused.

    Formula: AUC of out-of-fold scores of a classifier that is to tell
        current rows from baseline rows; effect size 2 AUC - 1. Built
        in: ridge regression on mid-ranks, squares and products.
    Assumes: independent rows. Built in: p by relabelling, exact. With
        ``classifier``: e times the geometric mean of the folds'
        Mann-Whitney p-values, valid and conservative.
    Use it: mixed scales, heavy tails, changed correlations; with a
        classifier of your own (``fit``, ``predict_proba`` or
        ``predict``; it is cloned for each fold) whatever it sees.
    Not for: changes that need three columns at once (built in); more
        than 2,048 columns.
    Cost: rows * features^2 * folds; 1,000 relabellings of 1,000 + 1,000
        rows take a fraction of a second.
    Source: Lopez-Paz & Oquab, Revisiting classifier two-sample tests,
        2017, section 3; Vovk & Wang, Combining p-values via averaging,
        2020.

    >>> import numpy as np
    >>> from driftline import drift
    >>> rng = np.random.default_rng(0)
    >>> baseline, current = rng.normal(size=(2, 200, 3))
    >>> current[:, 1] = current[:, 0]
    >>> result = drift.ClassifierTwoSample().compare(baseline, current)
    >>> result.statistic > 0.8, result.p_value < 0.01
    (True, True)
    """
    def __new__(
        cls,
        /,
        *,
        classifier: object = None,
        folds: int = 5,
        n_permutations: int = 1000,
        seed: int = 0,
        threads: int = 1,
        nan_policy: str = "omit",
    ) -> ClassifierTwoSample: ...
    @property
    def classifier(self, /) -> Any | None:
        """
        What was given, or None.
        """
    @property
    def folds(self, /) -> int: ...
    @property
    def n_permutations(self, /) -> int: ...
    @property
    def nan_policy(self, /) -> str: ...
    @property
    def seed(self, /) -> int: ...
    @property
    def threads(self, /) -> int: ...

@final
class CramerVonMises(UnivariateTest):
    """
    Two-sample Cramer-von Mises test.

    Formula: T = n m / N^2 times the sum over all values of (F - G)^2, with the
    empirical distributions F, G of baseline and current.
    Assumes: independent values; the p-value minds how they are tied.
    Use it: as often stronger than KS for changes of location or spread.
    Not for: changes in the tails (Anderson-Darling); serially dependent data.
    Cost: one sort and one merge; then some 10 us, up to 10 ms with ties or
    few values.
    Source: Anderson 1962. As ``scipy.stats.cramervonmises_2samp``, but right
    with ties: ``method`` is "exact", "asymptotic" or "auto" (exact for about 20
    values each). The effect size is the KS distance. NaN is left out and
    counted (``nan_policy="raise"`` refuses it); infinities are values.

    >>> from driftline import drift
    >>> result = drift.CramerVonMises().compare([1, 2, 3, 4], [5, 6, 7, 8])
    >>> result.statistic, round(result.p_value, 4)
    (0.6875, 0.0286)
    """
    def __new__(cls, /, *, method: str = "auto", nan_policy: str = "omit") -> CramerVonMises: ...
    @property
    def method(self, /) -> str: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class CramersV(CategoricalTest):
    """
    Cramer's V: how strongly the category depends on the sample.

    As ``scipy.stats.contingency.association``; ``bias_correction`` takes
    off what chance adds on average (Bergsma). The p-value, ``method``,
    ``n_permutations`` and ``seed`` are those of ``ChiSquare``, and so are
    the bins; drawn p-values below 1 / (draws + 1) are extrapolated by a
    fitted tail, as there. Has ``df``; the effect size is itself.

    Formula: sqrt(chi-square / (n + m)), 0 to 1.

    Assumes: independent rows.

    Use it: to say how large a difference between categories is.

    Not for: small samples without ``bias_correction``: chance adds about
    (k - 1) / (n + m) to its square.

    Cost: that of ``ChiSquare``.

    Source: Cramer, 1946, section 21.9; Bergsma, 2013, equation 7.

    >>> from driftline import drift
    >>> drift.CramersV().compare(["a"] * 9, ["b"] * 9).statistic
    1.0
    """
    def __new__(
        cls,
        /,
        *,
        bias_correction: bool = False,
        method: str = "auto",
        n_permutations: int = 9999,
        seed: int = 0,
        bins: int = 10,
        binning: str = "quantile",
        edges: object = None,
        nan_policy: str = "omit",
    ) -> CramersV: ...
    @property
    def bias_correction(self, /) -> bool: ...
    @property
    def binning(self, /) -> str: ...
    @property
    def bins(self, /) -> int: ...
    @property
    def edges(self, /) -> list[float] | None: ...
    @property
    def method(self, /) -> str: ...
    @property
    def n_permutations(self, /) -> int: ...
    @property
    def nan_policy(self, /) -> str: ...
    @property
    def seed(self, /) -> int: ...

@final
class EffectSize:
    """
    How large a difference is, with a confidence interval.

    >>> from driftline import drift
    >>> effect = drift.effects(range(50), range(20, 70))["share_moved"]
    >>> effect.value, round(effect.low, 3), round(effect.high, 3), effect.level
    (0.4, 0.128, 0.672, 0.95)
    >>> effect.explain()
    'At least 40.0 % of the rows would have to move to turn one sample into the other.'
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self, /) -> tuple[tuple[()], dict[str, object]]: ...
    def __hash__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls,
        /,
        *,
        name: str,
        value: SupportsFloat | SupportsIndex,
        low: SupportsFloat | SupportsIndex,
        high: SupportsFloat | SupportsIndex,
        level: SupportsFloat | SupportsIndex,
    ) -> EffectSize: ...
    def __repr__(self, /) -> str: ...
    @property
    def at_least(self, /) -> float:
        """
        The value nearest to zero that the interval leaves possible, without
        its sign: what ``drifted(min_effect=...)`` compares.
        """
    def explain(self, /) -> str:
        """
        What the value says, in one sentence.
        """
    @property
    def high(self, /) -> float:
        """
        Upper end of the interval.
        """
    @property
    def level(self, /) -> float:
        """
        How often such intervals hold the truth, 0 to 1.
        """
    @property
    def low(self, /) -> float:
        """
        Lower end of the interval.
        """
    @property
    def name(self, /) -> str:
        """
        What was measured, as in ``effects["cliffs_delta"]``.
        """
    @property
    def value(self, /) -> float:
        """
        The estimate.
        """

@final
class Energy(UnivariateTest):
    """
    Energy distance.

    The root of twice the integral of the squared difference of the
    empirical distributions, as ``scipy.stats.energy_distance``; no
    p-value. In the root of the data's unit; so is the effect size. NaN
    is left out and counted (``nan_policy="raise"`` refuses it);
    infinities are refused.

    Formula: sqrt(2 * integral of (F(x) - G(x))^2 dx), F the baseline's
        and G the current sample's empirical distribution.
    Assumes: nothing but a unit that makes differences comparable.
    Use it: as a distance that sees any change and keeps growing.
    Not for: a verdict by itself; there "cramer_von_mises" has a p-value.
    Cost: O(m log m + n + m).
    Source: Szekely, E-statistics: the energy of statistical samples,
        2002.

    >>> from driftline import drift
    >>> drift.Energy().compare([0], [8]).statistic
    4.0
    """
    def __new__(cls, /, *, nan_policy: str = "omit") -> Energy: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class EppsSingleton(UnivariateTest):
    """
    Epps-Singleton test of two characteristic functions.

    As ``scipy.stats.epps_singleton_2samp(baseline, current)``: ``t`` are
    the points, in units of half the pooled interquartile range (None:
    0.4 and 0.8); ``method`` is "asymptotic", "permutation" or "auto"
    (permutation up to 100 values in the smaller sample, where the
    asymptotic law is wrong). Has ``df``. The effect size is the root mean square
    distance of the characteristic functions, 0 to 2. Needs five values in
    each sample. Samples without a common value or variance get an
    infinite statistic. NaN is left out and counted
    (``nan_policy="raise"`` refuses it); infinities are refused.

    Formula: n d' C^-1 d, with d the difference of the characteristic
    functions at ``t`` and C its covariance.

    Assumes: independent values, discrete or continuous.

    Use it: for changes of any kind, of discrete data too.

    Not for: changes in the far tails.

    Cost: O((n + m) (log m + len(t))); 10,000 min(n, m) steps with
    permutation.

    Source: Epps, Singleton, An omnibus test for the two-sample problem
    using the empirical characteristic function, 1986.

    >>> from driftline import drift
    >>> result = drift.EppsSingleton().compare(range(8), range(4, 14))
    >>> result.df, result.p_value < 0.05
    (4.0, True)
    """
    def __new__(
        cls, /, *, t: object = None, method: str = "auto", nan_policy: str = "omit"
    ) -> EppsSingleton: ...
    @property
    def method(self, /) -> str: ...
    @property
    def nan_policy(self, /) -> str: ...
    @property
    def t(self, /) -> list[float] | None: ...

@final
class FisherExact(CategoricalTest):
    """
    Fisher's exact test of the shares of categories.

    As ``scipy.stats.fisher_exact``: the probability of a table that is
    not more probable, over all tables with the same totals; when they
    are too many (never for two labels), ``n_permutations`` of them
    drawn with ``seed``. Drawn p-values are not exact, and below
    1 / (draws + 1) not counted but extrapolated, by the tail of a gamma
    law fitted to the draws: an order of magnitude, no guarantee. The
    statistic of two categories is the odds ratio, above 1 when the
    baseline has more of the first in ascending order (``alternative``
    "greater" or "less"), and its logarithm the distance; of more it is
    the probability of the table, two-sided only. The effect size is
    Cramer's V. Numbers are binned as for ``PSI``.

    Formula: hypergeometric probabilities, summed (Freeman and Halton).

    Assumes: independent rows.

    Use it: for few rows, or, with two labels or few tables, a
    guarantee whatever the counts.

    Not for: many rows of many categories; ``ChiSquare`` agrees there.

    Cost: exact for two categories at any size; draws about 1 ms for each
    category.

    Source: Fisher, 1935; Freeman and Halton, 1951; Patefield, 1981.

    >>> from driftline import drift
    >>> tea, milk = ["first"] * 3 + ["last"], ["first"] + ["last"] * 3
    >>> round(drift.FisherExact().compare(tea, milk).p_value, 4)
    0.4857
    """
    def __new__(
        cls,
        /,
        *,
        alternative: str = "two-sided",
        n_permutations: int = 9999,
        seed: int = 0,
        bins: int = 10,
        binning: str = "quantile",
        edges: object = None,
        nan_policy: str = "omit",
    ) -> FisherExact: ...
    @property
    def alternative(self, /) -> str: ...
    @property
    def binning(self, /) -> str: ...
    @property
    def bins(self, /) -> int: ...
    @property
    def edges(self, /) -> list[float] | None: ...
    @property
    def n_permutations(self, /) -> int: ...
    @property
    def nan_policy(self, /) -> str: ...
    @property
    def seed(self, /) -> int: ...

@final
class Fitted:
    """
    A test that has seen its baseline; made by ``fit``.
    """
    def __repr__(self, /) -> str: ...
    def compare(self, /, current: Any) -> TestResult:
        """
        Compares a one-dimensional sample with the baseline.
        """
    @property
    def n_baseline(self, /) -> int:
        """
        Values of the baseline that are used (missing ones left out).
        """
    @property
    def test(self, /) -> UnivariateTest:
        """
        The test that was fitted.
        """

@final
class FittedMultivariate:
    """
    A test of rows that has seen its baseline; made by ``fit``.
    """
    def __repr__(self, /) -> str: ...
    def compare(self, /, current: Any) -> TestResult:
        """
        Compares a sample of rows, shape (m, d), with the baseline.
        """
    @property
    def n_baseline(self, /) -> int:
        """
        Rows of the baseline that are used (rows with missing values left out).
        """
    @property
    def n_columns(self, /) -> int:
        """
        Columns of the baseline.
        """
    @property
    def test(self, /) -> MultivariateTest:
        """
        The test that was fitted.
        """

@final
class FittedSuite:
    """
    A suite that has seen its baseline; made by ``fit``.
    """
    def __repr__(self, /) -> str: ...
    def compare(self, /, current: Any) -> dict[str, TestResult]:
        """
        Compares a one-dimensional sample with the baseline: a result for each
        test by its name, in the order of the tests.
        """
    @property
    def n_baseline(self, /) -> int:
        """
        Values of the baseline that are used (missing ones left out).
        """
    @property
    def suite(self, /) -> Suite:
        """
        The suite that was fitted.
        """
    @property
    def tests(self, /) -> tuple:
        """
        The tests, in the order given.
        """

@final
class GTest(CategoricalTest):
    """
    G-test (log-likelihood ratio) of the shares of categories.

    As ``scipy.stats.chi2_contingency(..., lambda_="log-likelihood")``,
    with Yates' ``correction`` for two categories. ``method="auto"``: the
    chi-square law after Williams' correction, or, with an expected count
    below 5, as ``ChiSquare`` (drawn p-values below 1 / (draws + 1) are
    extrapolated by a fitted tail, as there); "asymptotic": SciPy's
    p-value. Has ``df``; the effect size is Cramer's V.

    Formula: 2 times the sum of observed * ln(observed / expected).

    Assumes: independent rows.

    Use it: as ``ChiSquare``, where categories that vanish matter most.

    Not for: ordered values, where rank tests see a shift earlier.

    Cost: that of ``ChiSquare``.

    Source: Wilks, 1935; Williams, 1976, equation 3.

    >>> from driftline import drift
    >>> result = drift.GTest().compare(["a", "b"] * 10, ["a", "b"] * 5)
    >>> result.statistic, result.p_value
    (0.0, 1.0)
    """
    def __new__(
        cls,
        /,
        *,
        correction: bool = True,
        method: str = "auto",
        n_permutations: int = 9999,
        seed: int = 0,
        bins: int = 10,
        binning: str = "quantile",
        edges: object = None,
        nan_policy: str = "omit",
    ) -> GTest: ...
    @property
    def binning(self, /) -> str: ...
    @property
    def bins(self, /) -> int: ...
    @property
    def correction(self, /) -> bool: ...
    @property
    def edges(self, /) -> list[float] | None: ...
    @property
    def method(self, /) -> str: ...
    @property
    def n_permutations(self, /) -> int: ...
    @property
    def nan_policy(self, /) -> str: ...
    @property
    def seed(self, /) -> int: ...

@final
class Hellinger(CategoricalTest):
    """
    Hellinger distance between the shares of categories.

    Labels, or numbers in bins of the baseline (``bins``, ``binning``,
    ``edges`` as for ``PSI``). No p-value; the effect size is itself.

    Formula: sqrt of half the sum of (sqrt(b) - sqrt(c))^2, 0 to 1.

    Assumes: nothing of the distribution; independent rows.

    Use it: as a bounded distance that sees rare categories.

    Not for: a yes or no: its square grows by chance by about
    (bins - 1) * (1/n + 1/m) / 8.

    Cost: one sort of the baseline; then one pass over current.

    Source: Le Cam and Yang, 2000, section 3.1.

    >>> from driftline import drift
    >>> drift.Hellinger().compare(["a", "b"], ["c"]).statistic
    1.0
    """
    def __new__(
        cls,
        /,
        *,
        bins: int = 10,
        binning: str = "quantile",
        edges: object = None,
        nan_policy: str = "omit",
    ) -> Hellinger: ...
    @property
    def binning(self, /) -> str: ...
    @property
    def bins(self, /) -> int: ...
    @property
    def edges(self, /) -> list[float] | None: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class JensenShannon(CategoricalTest):
    """
    Jensen-Shannon distance between the shares of categories.

    As ``scipy.spatial.distance.jensenshannon`` of the shares, in nats or
    units of ``base``; ``form="divergence"`` is its square. Labels, or
    numbers in bins of the baseline (``bins``, ``binning``, ``edges`` as
    for ``PSI``). No p-value; the effect size is itself.

    Formula: sqrt((D(b, a) + D(c, a)) / 2), a = (b + c) / 2, D the
    Kullback-Leibler divergence.

    Assumes: nothing of the distribution; independent rows.

    Use it: as a bounded, symmetric distance between any shares.

    Not for: a yes or no: its square grows by chance by about
    (bins - 1) * (1/n + 1/m) / 8.

    Cost: one sort of the baseline; then one pass over current.

    Source: Lin, 1991, equation 4.1; Endres and Schindelin, 2003.

    >>> from driftline import drift
    >>> drift.JensenShannon(base=2).compare(["a", "b"], ["c"]).statistic
    1.0
    """
    def __new__(
        cls,
        /,
        *,
        base: float | None = None,
        form: str = "distance",
        bins: int = 10,
        binning: str = "quantile",
        edges: object = None,
        nan_policy: str = "omit",
    ) -> JensenShannon: ...
    @property
    def base(self, /) -> float | None: ...
    @property
    def binning(self, /) -> str: ...
    @property
    def bins(self, /) -> int: ...
    @property
    def edges(self, /) -> list[float] | None: ...
    @property
    def form(self, /) -> str: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class KLDivergence(CategoricalTest):
    """
    Kullback-Leibler divergence of the current shares from the baseline's.

    As ``scipy.stats.entropy(b, c)`` of the shares, in nats or units of
    ``base``. A category that is empty in current counts as half a value
    there. Labels, or numbers in bins of the baseline (``bins``,
    ``binning``, ``edges`` as for ``PSI``). No p-value; the effect size
    is itself.

    Formula: D(baseline || current) = sum of b * ln(b / c).

    Assumes: nothing of the distribution; independent rows.

    Use it: for what is lost when current stands for the baseline.

    Not for: a symmetric answer (``JensenShannon``), or a yes or no.

    Cost: one sort of the baseline; then one pass over current.

    Source: Kullback and Leibler, 1951, equation 2.6.

    >>> from driftline import drift
    >>> kl = drift.KLDivergence(base=2)
    >>> round(kl.compare(["a", "b"], ["a", "b", "b", "b"]).statistic, 4)
    0.2075
    """
    def __new__(
        cls,
        /,
        *,
        base: float | None = None,
        bins: int = 10,
        binning: str = "quantile",
        edges: object = None,
        nan_policy: str = "omit",
    ) -> KLDivergence: ...
    @property
    def base(self, /) -> float | None: ...
    @property
    def binning(self, /) -> str: ...
    @property
    def bins(self, /) -> int: ...
    @property
    def edges(self, /) -> list[float] | None: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class KS(UnivariateTest):
    """
    Two-sample Kolmogorov-Smirnov test.

    Formula: D = max |F - G|, with the empirical distributions F, G of baseline
    and current; 0 to 1, exact; also the effect size.
    Assumes: independent values; with many ties the p-value is cautious.
    Use it: as the default for numbers: any change, in one sentence: "at most
    this share of the rows has moved across any one border".
    Not for: changes in the tails (Anderson-Darling); serially dependent data.
    Cost: one sort and one merge; the exact p-value a few ms, otherwise
    below 10 us.
    Source: Smirnov 1948, Hodges 1958. As ``scipy.stats.ks_2samp(baseline,
    current)``: ``alternative`` is "two-sided", "greater" (baseline's
    distribution function above, so current values larger) or "less";
    ``method`` is "exact", "asymp" or "auto" (exact up to 4e6 lattice points and
    for equal sizes). NaN is left out and counted (``nan_policy="raise"`` refuses
    it); infinities are values.

    >>> from driftline import drift
    >>> result = drift.KS().compare([1, 2, 3, 4], [3, 4, 5, 6])
    >>> result.statistic, round(result.p_value, 4)
    (0.5, 0.7714)
    """
    def __new__(
        cls, /, *, alternative: str = "two-sided", method: str = "auto", nan_policy: str = "omit"
    ) -> KS: ...
    @property
    def alternative(self, /) -> str: ...
    @property
    def method(self, /) -> str: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class Kuiper(UnivariateTest):
    """
    Two-sample Kuiper test.

    Formula: V = max(F - G) + max(G - F), with the empirical distributions F, G
    of baseline and current; 0 to 1, exact.
    Assumes: independent values; with many ties the p-value is cautious.
    Use it: for circular data (hours, directions), where it does not matter
    where the circle is cut, and for changes of spread.
    Not for: a mere change of location (KS is stronger); dependent data.
    Cost: one sort and one merge; the exact p-value up to 10 ms.
    Source: Kuiper 1960, Maag & Stephens 1968. ``method`` is "exact", "asymp" or
    "auto" (exact for equal sizes and n m up to 2e6). The effect size is the KS
    distance. NaN is left out and counted (``nan_policy="raise"`` refuses it);
    infinities are values.

    >>> from driftline import drift
    >>> result = drift.Kuiper().compare([1, 2, 3, 4], [3, 4, 5, 6])
    >>> result.statistic, round(result.p_value, 4)
    (0.5, 0.9714)
    """
    def __new__(cls, /, *, method: str = "auto", nan_policy: str = "omit") -> Kuiper: ...
    @property
    def method(self, /) -> str: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class LInfinity(CategoricalTest):
    """
    Largest change of the share of any one category.

    Labels, or numbers in bins of the baseline (``bins``, ``binning``,
    ``edges`` as for ``PSI``). No p-value; the effect size is itself.

    Formula: the largest abs(b - c) over the shares b and c, 0 to 1.

    Assumes: nothing of the distribution; independent rows.

    Use it: to find one category that went wrong.

    Not for: drift spread over many categories (``TotalVariation``).

    Cost: one sort of the baseline; then one pass over current.

    Source: Breck et al., Data validation for machine learning, 2019.

    >>> from driftline import drift
    >>> drift.LInfinity().compare(["a", "b"], ["a", "b", "b", "b"]).statistic
    0.25
    """
    def __new__(
        cls,
        /,
        *,
        bins: int = 10,
        binning: str = "quantile",
        edges: object = None,
        nan_policy: str = "omit",
    ) -> LInfinity: ...
    @property
    def binning(self, /) -> str: ...
    @property
    def bins(self, /) -> int: ...
    @property
    def edges(self, /) -> list[float] | None: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class Levene(UnivariateTest):
    """
    Levene's test for equal spreads.

    As ``scipy.stats.levene(baseline, current)``: ``center`` is "median"
    (Brown and Forsythe), "mean" or "trimmed" (the mean without
    ``proportiontocut`` of the values at either end); ``alternative`` is
    "two-sided", "less" (baseline spread less than current) or "greater".
    The effect size is the log ratio of standard deviations, positive when
    the current one is larger. Needs three values in each sample. NaN is
    left out and counted (``nan_policy="raise"`` refuses it); infinities
    are refused.

    Formula: the F statistic of abs(x - center), 1 and n + m - 2 degrees
    of freedom.

    Assumes: independent values; with "mean" also light, symmetric tails.

    Use it: for changes of spread, whatever the location does.

    Not for: shifts, which it does not see.

    Cost: O(m log m).

    Source: Levene, Robust tests for equality of variances, 1960; Brown,
    Forsythe, Robust tests for the equality of variances, 1974.

    >>> from driftline import drift
    >>> w, p = drift.Levene().compare([1, 2, 3, 4], [0, 2, 4, 8])
    >>> round(w, 6), round(p, 6)
    (2.25, 0.184281)
    """
    def __new__(
        cls,
        /,
        *,
        center: str = "median",
        proportiontocut: float = 0.05,
        alternative: str = "two-sided",
        nan_policy: str = "omit",
    ) -> Levene: ...
    @property
    def alternative(self, /) -> str: ...
    @property
    def center(self, /) -> str: ...
    @property
    def nan_policy(self, /) -> str: ...
    @property
    def proportiontocut(self, /) -> float: ...

@final
class MMD(MultivariateTest):
    """
    Maximum mean discrepancy between samples of rows.

    ``kernel`` is "rbf", "laplacian", "polynomial" (of ``degree``) or
    "linear"; ``bandwidth=None`` takes the median distance of all pairs
    of pooled rows. ``method`` is "quadratic" (all pairs), "block",
    "linear" (blocks of two) or "auto": all pairs up to 10,000 rows in
    both samples together, blocks above. Blocks look at few of the
    pairs, so that small drift which all pairs show may be missed above
    10,000 rows; fewer rows, or a larger ``block_size``, see more. Of a
    sample more than eight times the other, blocks use a random part.
    Rows with NaN are left out and counted (``nan_policy="raise"``
    refuses them); infinities are refused.

    Formula: MMD^2 = mean k(x, x') + mean k(y, y') - 2 mean k(x, y) over
        pairs of different rows, unbiased: about 0, also below, without
        drift. Effect size: its root, 0 to sqrt(2) for rbf.
    Assumes: independent rows; columns of comparable scale. p by
        relabelling, exact; for blocks Student's t over the blocks.
    Use it: any change of a joint distribution, embeddings too.
    Not for: changes much finer or coarser than the bandwidth; columns
        of unlike scale, unless standardised.
    Cost: "quadratic": (n + m)^2 (d + n_permutations) operations and
        8 (n + m)^2 bytes: 800 MB and, on one of the ``threads``, tens of
        seconds at 10,000 rows in all, the most that it takes; "block":
        about (n + m)^1.5 d operations.
    Source: Gretton et al., A kernel two-sample test, 2012, equation 3
        and section 6; Zaremba et al., B-tests, 2013, section 2.

    >>> import numpy as np
    >>> from driftline import drift
    >>> rng = np.random.default_rng(0)
    >>> baseline, current = rng.normal(size=(2, 200, 3))
    >>> result = drift.MMD().compare(baseline, current + 0.5)
    >>> round(result.statistic, 2), round(result.p_value, 4)
    (0.06, 0.001)
    """
    def __new__(
        cls,
        /,
        *,
        kernel: str = "rbf",
        bandwidth: float | None = None,
        degree: int = 3,
        method: str = "auto",
        block_size: int | None = None,
        n_permutations: int = 1000,
        seed: int = 0,
        threads: int = 1,
        nan_policy: str = "omit",
    ) -> MMD: ...
    @property
    def bandwidth(self, /) -> float | None: ...
    @property
    def block_size(self, /) -> int | None: ...
    @property
    def degree(self, /) -> int: ...
    @property
    def kernel(self, /) -> str: ...
    @property
    def method(self, /) -> str: ...
    @property
    def n_permutations(self, /) -> int: ...
    @property
    def nan_policy(self, /) -> str: ...
    @property
    def seed(self, /) -> int: ...
    @property
    def threads(self, /) -> int: ...

@final
class MannWhitney(UnivariateTest):
    """
    Mann-Whitney U test: is one sample larger more often.

    As ``scipy.stats.mannwhitneyu(baseline, current)``: U counts the pairs
    with baseline above current, ties half; ``alternative`` is
    "two-sided", "less" (baseline less than current) or "greater".
    ``method`` is "exact" (given the ties), "asymptotic" (corrected for
    ties and, with ``use_continuity``, for continuity) or "auto" (exact up
    to about 25 values each and in the tails, a saddle point up to 200). The effect size is Cliff's delta, positive
    when current values are larger. NaN is left out and counted
    (``nan_policy="raise"`` refuses it); infinities are values.

    Formula: U = pairs with baseline > current + pairs that are equal / 2.

    Assumes: independent values; equal distributions where there is no
    drift.

    Use it: for shifts, heavy tails and ranked categories included.

    Not for: changes of spread; "brunner_munzel" where spreads differ.

    Cost: O(m log m + n + m); seconds at most with "exact".

    Source: Mann, Whitney, On a test of whether one of two random
    variables is stochastically larger than the other, 1947.

    >>> from driftline import drift
    >>> u, p = drift.MannWhitney().compare([1, 2, 3], [4, 5, 6])
    >>> u, round(p, 6)
    (0.0, 0.1)
    """
    def __new__(
        cls,
        /,
        *,
        alternative: str = "two-sided",
        method: str = "auto",
        use_continuity: bool = True,
        nan_policy: str = "omit",
    ) -> MannWhitney: ...
    @property
    def alternative(self, /) -> str: ...
    @property
    def method(self, /) -> str: ...
    @property
    def nan_policy(self, /) -> str: ...
    @property
    def use_continuity(self, /) -> bool: ...

@final
class MeanShift(UnivariateTest):
    """
    Distance between the means, |mean(current) - mean(baseline)|.

    In the unit of the data; no p-value. The effect size is the shift
    in standard deviations of the baseline. NaN is left out and
    counted (``nan_policy="raise"`` refuses it); infinities are
    refused.

    Formula: |mean(current) - mean(baseline)|.

    Assumes: nothing; the threshold is in the unit of the data.

    Use it: where a shift of the average is what matters and its
    tolerable size is known, such as a price or a latency.

    Not for: changes of spread or shape, which it does not see, and
    heavy tails, where one value moves a mean (``ks``,
    ``mann_whitney``).

    Cost: O(n) to fit, O(m) to compare; O(1) for each value of a
    rolling window.

    Source: elementary; sums compensated as by A. Neumaier, ZAMM 54
    (1974) 39-51.

    >>> from driftline import drift
    >>> drift.MeanShift().compare([0.5, 0.5], [0.75, 1.0]).statistic
    0.375
    """
    def __new__(cls, /, *, nan_policy: str = "omit") -> MeanShift: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class Mood(UnivariateTest):
    """
    Mood's test for equal scales, by ranks.

    As ``scipy.stats.mood(baseline, current)``: z is negative when the
    current spread is larger; ``alternative`` is "two-sided", "less"
    (baseline scale less than current) or "greater". ``method`` is "exact"
    (given the ties), "asymptotic" or "auto" (exact for about 7 values
    each). The effect size is the difference of mean scores over the
    largest, -1 to 1, positive when the current spread is larger. NaN is
    left out and counted (``nan_policy="raise"`` refuses it); infinities
    are values.

    Formula: sum of (rank - (n + m + 1) / 2)^2 of the baseline,
    standardised.

    Assumes: equal medians, independent values.

    Use it: for changes of spread, with more weight on the extremes than
    "ansari_bradley".

    Not for: data whose location moves too; there "levene".

    Cost: O(m log m + n + m).

    Source: Mood, On the asymptotic efficiency of certain nonparametric
    two-sample tests, 1954; Mielke, 1967 (ties).

    >>> from driftline import drift
    >>> z, p = drift.Mood().compare([2, 3, 4], [0, 1, 5, 6])
    >>> round(z, 6), round(p, 6)
    (-2.041241, 0.057143)
    """
    def __new__(
        cls, /, *, alternative: str = "two-sided", method: str = "auto", nan_policy: str = "omit"
    ) -> Mood: ...
    @property
    def alternative(self, /) -> str: ...
    @property
    def method(self, /) -> str: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class MultivariateEnergy(MultivariateTest):
    """
    Energy distance between samples of rows.

    With one column it is ``scipy.stats.energy_distance``. Rows with NaN
    are left out and counted (``nan_policy="raise"`` refuses them);
    infinities are refused.

    Formula: sqrt(E), E = 2 mean |x - y| - mean |x - x'| - mean |y - y'|
        with Euclidean distances; effect size E / (2 mean |x - y|), 0 to
        1.
    Assumes: independent rows; columns of comparable scale. p by
        relabelling, exact.
    Use it: any change of a joint distribution, shifts above all;
        nothing to choose.
    Not for: columns of unlike scale, unless standardised; tails so
        heavy that distances have no mean.
    Cost: (n + m)^2 (d + n_permutations) operations and 8 (n + m)^2
        bytes, at most 10,000 rows in all.
    Source: Székely & Rizzo, Testing for equal distributions in high
        dimension, 2004.

    >>> from driftline import drift
    >>> result = drift.MultivariateEnergy().compare([[0, 0]], [[3, 4]])
    >>> round(result.statistic, 6), result.effect_size
    (3.162278, 1.0)
    """
    def __new__(
        cls,
        /,
        *,
        n_permutations: int = 1000,
        seed: int = 0,
        threads: int = 1,
        nan_policy: str = "omit",
    ) -> MultivariateEnergy: ...
    @property
    def n_permutations(self, /) -> int: ...
    @property
    def nan_policy(self, /) -> str: ...
    @property
    def seed(self, /) -> int: ...
    @property
    def threads(self, /) -> int: ...

@disjoint_base
class MultivariateTest:
    """
    A configured test of two samples of rows; immutable.

    Base of all tests of rows: one is made by its class or by ``drift.get``.
    """
    def __eq__(self, other: object, /) -> bool: ...
    def __getnewargs_ex__(self, /) -> tuple[tuple[()], dict[str, object]]: ...
    def __hash__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    def compare(self, /, baseline: Any, current: Any) -> TestResult:
        """
        Compares two samples of rows: arrays, lists or frames of shape (n, d).
        """
    def fit(self, /, baseline: Any) -> FittedMultivariate:
        """
        Copies a baseline, to compare many samples with.
        """
    @property
    def name(self, /) -> str:
        """
        The configuration name, as in ``drift.get("mmd")``.
        """

@final
class PSI(CategoricalTest):
    """
    Population stability index over bins of the baseline, or labels.

    ``bins`` (2 to 100,000) of equal shares (``binning="quantile"``) or
    widths ("uniform"; "doane" and "sturges" choose how many), one for
    each value ("distinct"), or between the inner borders ``edges``; the
    outer bins are open. A value that several quantiles fall on gets a
    bin of its own, and so does each of at most ``bins`` values that come
    twice on average; a bin that is empty in one sample counts as half a
    value there. Labels that the baseline does not have are one category.
    NaN is left out and counted (``nan_policy="raise"`` refuses it);
    infinities are values. No p-value; the effect size is itself.

    Formula: the sum of (c - b) * ln(c / b) over the shares b and c.

    Assumes: nothing of the distribution; independent rows.

    Use it: where 0.1 and 0.25 are the agreed limits, with 1,000 rows.

    Not for: few rows: chance adds about (bins - 1) * (1/n + 1/m).

    Cost: one sort of the baseline; then one pass over current.

    Source: Lewis, An Introduction to Credit Scoring, 1994.

    >>> from driftline import drift
    >>> psi = drift.PSI(edges=[0.0])
    >>> round(psi.compare([-1, 1], [-1, 1, 1, 1]).statistic, 6)
    0.274653
    """
    def __new__(
        cls,
        /,
        *,
        bins: int = 10,
        binning: str = "quantile",
        edges: object = None,
        nan_policy: str = "omit",
    ) -> PSI: ...
    @property
    def binning(self, /) -> str: ...
    @property
    def bins(self, /) -> int: ...
    @property
    def edges(self, /) -> list[float] | None: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class PermutationResult:
    """
    What relabellings say about a statistic; unpacks as ``(statistic, p_value)``.
    """
    def __eq__(self, other: object, /) -> bool: ...
    def __getitem__(self, index: Any, /) -> Any: ...
    def __getnewargs_ex__(self, /) -> tuple[tuple[()], dict[str, object]]: ...
    def __hash__(self, /) -> int: ...
    def __iter__(self, /) -> Iterator: ...
    def __len__(self, /) -> int: ...
    def __new__(
        cls,
        /,
        *,
        statistic: SupportsFloat | SupportsIndex,
        p_value: SupportsFloat | SupportsIndex,
        n_permutations: SupportsIndex,
        interval: tuple[SupportsFloat | SupportsIndex, SupportsFloat | SupportsIndex],
        exact: bool,
    ) -> PermutationResult:
        """
        Rebuilds a result from its fields.
        """
    def __repr__(self, /) -> str: ...
    @property
    def exact(self, /) -> bool:
        """
        Whether each relabelling was looked at once.
        """
    @property
    def interval(self, /) -> tuple[float, float]:
        """
        Where the p-value of infinitely many lies, with 95 % confidence.
        """
    @property
    def n_permutations(self, /) -> int:
        """
        Relabellings that were looked at.
        """
    @property
    def p_value(self, /) -> float:
        """
        The share of relabellings as extreme, above 0.
        """
    @property
    def statistic(self, /) -> float:
        """
        The statistic of the samples as they are.
        """

@final
class Student(UnivariateTest):
    """
    Student's t-test, with one variance for both samples.

    As ``scipy.stats.ttest_ind(baseline, current)``: t is negative when
    the current mean is higher; ``alternative`` is "two-sided", "less"
    (baseline mean less than current) or "greater". Has ``df``; the effect
    size is Hedges' g, with the sign of t. Needs three values in all; two
    constant samples give t = 0 or infinite. NaN is left out and counted
    (``nan_policy="raise"`` refuses it); infinities are refused.

    Formula: (mean(baseline) - mean(current)) / sqrt(v (1/n + 1/m)), v the
    pooled variance.

    Assumes: independent values, equal variances, light tails or many
    values.

    Use it: for shifts of the mean where variances are known to be equal.

    Not for: unequal variances: "welch" costs no more.

    Cost: O(m).

    Source: Student, The probable error of a mean, 1908.

    >>> from driftline import drift
    >>> t, p = drift.Student().compare([1, 2, 3], [2, 3, 4])
    >>> round(t, 6), round(p, 6)
    (-1.224745, 0.287864)
    """
    def __new__(cls, /, *, alternative: str = "two-sided", nan_policy: str = "omit") -> Student: ...
    @property
    def alternative(self, /) -> str: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class Suite:
    """
    Several tests of the same two samples, at the cost of one sort.

    ``tests``: names, tests such as ``drift.KS()`` or objects with the same
    methods, in any mixture, each name once. ``fit(baseline)`` sorts and keeps
    the baseline once for all; ``compare(current)`` sorts the current sample
    once, and one pass over both serves all rank tests. Each test answers as it
    would alone; one that refuses a sample (infinities, too few values) refuses
    for all. ``threads``: on how many at most; the answer is the same to the last
    bit on any number of them.

    >>> from driftline import drift
    >>> suite = drift.Suite(["ks", "wasserstein", drift.Welch()])
    >>> results = suite.fit([1, 2, 3, 4]).compare([3, 4, 5, 6])
    >>> {name: round(result.statistic, 6) for name, result in results.items()}
    {'ks': 0.5, 'wasserstein': 2.0, 'welch': -2.19089}
    """
    def __eq__(self, other: object, /) -> bool: ...
    def __getnewargs_ex__(self, /) -> tuple[tuple[object, ...], dict[str, int]]: ...
    def __hash__(self, /) -> int: ...
    def __len__(self, /) -> int: ...
    def __new__(
        cls,
        /,
        tests: Iterable[str | UnivariateTest | SupportsFit | SupportsCompare],
        *,
        threads: int = 1,
    ) -> Suite: ...
    def __repr__(self, /) -> str: ...
    def compare(self, /, baseline: Any, current: Any) -> dict[str, TestResult]:
        """
        Fits and compares in one go.
        """
    def fit(self, /, baseline: Any) -> FittedSuite:
        """
        Copies and prepares a baseline, to compare many samples with.
        """
    @property
    def tests(self, /) -> tuple:
        """
        The tests, in the order given.
        """
    @property
    def threads(self, /) -> int:
        """
        On how many threads at most.
        """

@final
class TestResult:
    """
    The outcome of a comparison; unpacks as ``(statistic, p_value)``.

    >>> from driftline import drift
    >>> result = drift.KS().compare([1, 2, 3], [7, 8, 9])
    >>> statistic, p_value = result
    >>> statistic, round(p_value, 3), result.n_current
    (1.0, 0.1, 3)
    """
    def __eq__(self, other: object, /) -> bool: ...
    def __getitem__(self, index: Any, /) -> Any: ...
    def __getnewargs_ex__(self, /) -> tuple[tuple[()], dict[str, object]]: ...
    def __hash__(self, /) -> int: ...
    def __iter__(self, /) -> Iterator: ...
    def __len__(self, /) -> int: ...
    def __new__(
        cls,
        /,
        *,
        test: str,
        statistic: SupportsFloat | SupportsIndex,
        distance: SupportsFloat | SupportsIndex,
        p_value: SupportsFloat | SupportsIndex | None,
        log_p_value: SupportsFloat | SupportsIndex | None,
        effect_size: SupportsFloat | SupportsIndex,
        df: SupportsFloat | SupportsIndex | None,
        n_baseline: SupportsIndex,
        n_current: SupportsIndex,
        n_missing_baseline: SupportsIndex,
        n_missing_current: SupportsIndex,
        effective_n: tuple[float, float] | None = None,
        effect: str | None = None,
        effects: dict[str, EffectSize] | None = None,
    ) -> TestResult:
        """
        Rebuilds a result from what ``to_dict`` gives.
        """
    def __repr__(self, /) -> str: ...
    @property
    def df(self, /) -> float | None:
        """
        Degrees of freedom, where the test has them.
        """
    @property
    def distance(self, /) -> float:
        """
        The statistic in the direction that counts as drift.
        """
    def drifted(
        self,
        /,
        *,
        alpha: Any | None = None,
        threshold: Any | None = None,
        min_effect: Any | None = None,
    ) -> bool:
        """
        Whether this counts as drift: every criterion given must hold.

        ``alpha``: the p-value is below it. ``threshold``: the distance is at
        least this. ``min_effect``: the test's own effect is at least this,
        whatever its sign. The interval of 95 % in ``effects`` decides: its end
        nearest to zero must be at least ``min_effect``, so that few values prove
        no effect. The estimate ``effect_size`` decides only where nothing else
        is there: for tests of rows, tests of the user's and results rebuilt from
        ``to_dict``. At least one of them is needed.

        >>> from driftline import drift
        >>> result = drift.KS().compare(range(50), range(20, 70))
        >>> result.drifted(alpha=0.01), result.drifted(alpha=0.01, min_effect=0.5)
        (True, False)
        """
    @property
    def effect_size(self, /) -> float:
        """
        The test's own measure of how large the difference is.
        """
    @property
    def effective_n(self, /) -> tuple[float, float] | None:
        """
        Independent values that the baseline and the current sample amount to,
        with ``ordered=True``; None otherwise.
        """
    @property
    def effects(self, /) -> dict[str, EffectSize]:
        """
        All effect sizes by name, with intervals of 95 %: of numbers those of
        ``drift.effects``, of labels and of numbers in bins ``share_moved`` (total
        variation: the share of rows that would have to change category) and
        ``cramers_v``; and the test's own by its name where it is none of these.

        The interval of such an own effect is a bootstrap's: both samples are
        drawn again 999 times, the same ones in every call, of more than 4,000
        numbers so many (there it is wider than need be where there is hardly a
        difference). That takes up to seconds; Ctrl-C ends it.

        Made at the first access, from the samples or their counts, which the
        result keeps for it. Empty for tests of rows and in a result that was
        rebuilt from ``to_dict``; a pickle makes and has them. Of a test of the user's its
        own is missing (``drift.bootstrap`` gives that an interval). Rows are
        taken to be independent; with ``ordered=True`` the intervals are as wide
        as those of so many values as ``effective_n`` says.

        >>> from driftline import drift
        >>> result = drift.Welch().compare([1, 2, 3, 4], [3, 4, 5, 6])
        >>> result.effects["cliffs_delta"].value
        0.75
        """
    @property
    def log_p_value(self, /) -> float | None:
        """
        Natural logarithm of the p-value, finite where that underflows.
        """
    @property
    def n_baseline(self, /) -> int:
        """
        Values of the baseline that were used.
        """
    @property
    def n_current(self, /) -> int:
        """
        Values of the current sample that were used.
        """
    @property
    def n_missing_baseline(self, /) -> int:
        """
        Missing values left out of the baseline.
        """
    @property
    def n_missing_current(self, /) -> int:
        """
        Missing values left out of the current sample.
        """
    @property
    def p_value(self, /) -> float | None:
        """
        Probability of a statistic at least this extreme without drift.
        """
    @property
    def statistic(self, /) -> float:
        """
        The statistic or distance.
        """
    @property
    def test(self, /) -> str:
        """
        Configuration name of the test.
        """
    def to_dict(self, /) -> dict[str, object]:
        """
        All fields by name, without ``effects``.
        """

@final
class TotalVariation(CategoricalTest):
    """
    Share of rows that would have to change category.

    Labels, or numbers in bins of the baseline (``bins``, ``binning``,
    ``edges`` as for ``PSI``). No p-value; the effect size is itself.

    Formula: half the sum of abs(b - c) over the shares b and c, 0 to 1.

    Assumes: nothing of the distribution; independent rows.

    Use it: for a distance that reads as a share of the data.

    Not for: a yes or no: chance adds about
    sqrt((bins - 1) * (1/n + 1/m) / 6).

    Cost: one sort of the baseline; then one pass over current.

    Source: Levin, Peres and Wilmer, 2009, proposition 4.2.

    >>> from driftline import drift
    >>> drift.TotalVariation().compare(["a", "b"], ["a", "c"]).statistic
    0.5
    """
    def __new__(
        cls,
        /,
        *,
        bins: int = 10,
        binning: str = "quantile",
        edges: object = None,
        nan_policy: str = "omit",
    ) -> TotalVariation: ...
    @property
    def binning(self, /) -> str: ...
    @property
    def bins(self, /) -> int: ...
    @property
    def edges(self, /) -> list[float] | None: ...
    @property
    def nan_policy(self, /) -> str: ...

@final
class TwoProportionZ(CategoricalTest):
    """
    z-test of two proportions, with the pooled variance.

    As statsmodels' ``proportions_ztest``: z is negative when the current
    share of successes is higher; ``alternative`` is "two-sided", "less"
    (baseline's share less) or "greater". A success is the last category
    of the baseline in ascending order: 1, True, "yes"; numbers of more
    than two values are halved at the baseline's median. ``method="auto"``
    is exact when an expected count is below 5. The effect size is the
    share of rows moved.

    Formula: (p - q) / sqrt(r * (1 - r) * (1/n + 1/m)).

    Assumes: independent rows.

    Use it: for rates: conversions, failures, positives.

    Not for: more than two categories (``ChiSquare``).

    Cost: one sort of the baseline; then one pass over current.

    Source: Fleiss, Levin and Paik, 2003, section 3.2.

    >>> from driftline import drift
    >>> z, p = drift.TwoProportionZ().compare([0, 1] * 50, [0, 1, 1, 1] * 25)
    >>> round(z, 4), round(p, 5)
    (-3.6515, 0.00026)
    """
    def __new__(
        cls,
        /,
        *,
        alternative: str = "two-sided",
        method: str = "auto",
        n_permutations: int = 9999,
        seed: int = 0,
        bins: int = 2,
        binning: str = "quantile",
        edges: object = None,
        nan_policy: str = "omit",
    ) -> TwoProportionZ: ...
    @property
    def alternative(self, /) -> str: ...
    @property
    def binning(self, /) -> str: ...
    @property
    def bins(self, /) -> int: ...
    @property
    def edges(self, /) -> list[float] | None: ...
    @property
    def method(self, /) -> str: ...
    @property
    def n_permutations(self, /) -> int: ...
    @property
    def nan_policy(self, /) -> str: ...
    @property
    def seed(self, /) -> int: ...

@disjoint_base
class UnivariateTest:
    """
    A configured univariate test or distance; immutable.

    Base of all tests here: one is made by its class or by ``drift.get``.
    """
    def __eq__(self, other: object, /) -> bool: ...
    def __getnewargs_ex__(self, /) -> tuple[tuple[()], dict[str, object]]: ...
    def __hash__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    def compare(
        self, /, baseline: object, current: object, *, ordered: bool = False, seed: int = 0
    ) -> TestResult:
        """
        Compares two one-dimensional samples: numbers, or, for tests of
        categories, labels.

        ``ordered=True``: the numbers come in the order of time, and the p-value
        does not take the dependence between neighbours for drift. Tests of
        means count as many independent values as the samples amount to
        (``effective_n`` of the result); the others permute blocks of
        neighbours, with ``seed``.
        """
    def fit(self, /, baseline: object, *, ordered: bool = False, seed: int = 0) -> Fitted:
        """
        Copies and prepares a baseline, to compare many samples with.
        ``ordered`` and ``seed`` as in ``compare``.
        """
    @property
    def name(self, /) -> str:
        """
        The configuration name, as in ``drift.get("ks")``.
        """

@final
class Wasserstein(UnivariateTest):
    """
    Wasserstein distance of order 1 (earth mover's distance).

    The mean distance that values have to move to make one sample the
    other, as ``scipy.stats.wasserstein_distance``; no p-value. In the
    unit of the data, with ``normed=True`` in sample standard deviations
    of the baseline (of a constant one: 0 or infinite); so is the effect
    size. NaN is left out and counted (``nan_policy="raise"`` refuses
    it); infinities are refused.

    Formula: integral of |F(x) - G(x)| dx, F the baseline's and G the
        current sample's empirical distribution.
    Assumes: nothing but a unit that makes differences comparable.
    Use it: when the size of a shift matters, in units people know.
    Not for: data with extreme outliers, which dominate it; there "ks".
    Cost: O(m log m + n + m).
    Source: Vallender, Calculation of the Wasserstein distance between
        probability distributions on the line, 1974.

    >>> from driftline import drift
    >>> drift.Wasserstein().compare([0, 1, 3], [5, 6, 8]).statistic
    5.0
    """
    def __new__(cls, /, *, normed: bool = False, nan_policy: str = "omit") -> Wasserstein: ...
    @property
    def nan_policy(self, /) -> str: ...
    @property
    def normed(self, /) -> bool: ...

@final
class Welch(UnivariateTest):
    """
    Welch's t-test for unequal variances.

    As ``scipy.stats.ttest_ind(baseline, current, equal_var=False)``:
    t is negative when the current mean is higher; ``alternative`` is
    "two-sided", "less" (baseline mean less than current) or
    "greater". Has ``df``; the effect size is Hedges' g. Needs two
    values in each sample; two constant samples give t = 0 or
    infinite. NaN is left out and counted (``nan_policy="raise"``
    refuses it); infinities are refused.

    Formula: t = (mean(b) - mean(c)) / sqrt(var(b) / n + var(c) / m),
    with the Welch-Satterthwaite degrees of freedom.

    Assumes: independent values, and means that are about normal:
    from some 30 values on unless tails are heavy.

    Use it: for a shift of the mean, whatever the two spreads.

    Not for: changes that leave the mean as it is, heavy tails
    (``mann_whitney``), values that depend on those before them.

    Cost: O(n) to fit, O(m) to compare; O(1) for each value of a
    rolling window.

    Source: B. L. Welch, Biometrika 34 (1947) 28-35; effect size:
    L. V. Hedges, Journal of Educational Statistics 6 (1981) 107-128.

    >>> from driftline import drift
    >>> t, p = drift.Welch().compare([1, 2, 3], [2, 3, 4])
    >>> round(t, 6), round(p, 6)
    (-1.224745, 0.287864)
    """
    def __new__(cls, /, *, alternative: str = "two-sided", nan_policy: str = "omit") -> Welch: ...
    @property
    def alternative(self, /) -> str: ...
    @property
    def nan_policy(self, /) -> str: ...

def adjust(
    p_values: Mapping[Any, float | None] | ArrayLike | Sequence[float | None], method: str = "holm"
) -> Any:
    """
    P-values corrected for the number of tests.

    Compare each with alpha as if it were the only one. ``p_values`` is a
    sequence, which gives an array of the same order, or a mapping from names,
    which gives a dict. NaN and None (no p-value) stay missing, as NaN in the
    array and None in the dict, and are not counted. ``method``: against even
    one false alarm "holm" (any dependence between the tests), "hochberg"
    (independent or positively dependent) or "bonferroni"; against a share of
    false alarms among the alarms "benjamini_hochberg" (or "bh"; independent or
    positively dependent) or "benjamini_yekutieli" ("by"; any dependence).

    >>> from driftline import drift
    >>> drift.adjust({"age": 0.01, "city": 0.04, "noise": 0.5})
    {'age': 0.03, 'city': 0.08, 'noise': 0.5}
    >>> drift.adjust([0.25, 0.125], method="bonferroni").tolist()
    [0.5, 0.25]
    """

def available(family: str | None = None) -> list[str]:
    """
    The names of the tests of one-dimensional samples, in alphabetical order; or of
    those of one ``family``: "univariate" (numbers), "categorical" (bins and labels)
    or "multivariate" (rows).

    >>> from driftline import drift
    >>> "ks" in drift.available(), "mmd" in drift.available("multivariate")
    (True, True)
    """

def bootstrap(
    test_or_statistic: object,
    baseline: object,
    current: object,
    *,
    n_resamples: int = 9999,
    confidence_level: float = 0.95,
    method: str = "percentile",
    seed: int = 0,
    threads: int = 1,
) -> BootstrapResult:
    """
    An interval for any statistic, by drawing both samples again from themselves.

    ``test_or_statistic`` is a test of any kind (by name too), whose distance is
    looked at, or a callable ``f(baseline, current) -> float``, which is given
    arrays. ``method`` is "percentile", "basic" or "bca" (bias-corrected and
    accelerated; at most 20,000 rows), as in ``scipy.stats.bootstrap``. Drawing
    with replacement makes ties, which distances such as KS and MMD take for
    drift: near 0 their intervals lie too high. The answer depends on ``seed``,
    not on ``threads``; a callable runs on this thread.

    >>> import numpy as np
    >>> from driftline import drift
    >>> rng = np.random.default_rng(0)
    >>> shift = lambda b, c: c.mean() - b.mean()
    >>> result = drift.bootstrap(
    ...     shift, rng.normal(size=100), rng.normal(size=80) + 1, n_resamples=999
    ... )
    >>> low, high = result.confidence_interval
    >>> low < 1 < high
    True
    """

def choose(baseline: Any, current: Any) -> UnivariateTest:
    """
    The test for two samples, by what they are made of.

    =========================================  =================  ============
    samples                                    test               effect
    =========================================  =================  ============
    numbers, however many, however few values  AndersonDarling()  share_moved
    labels, however many                       ChiSquare()        cramers_v
    =========================================  =================  ============

    Nothing but the kind decides, so that there is no size and no number of
    distinct values at which another test takes over: the p-value of
    Anderson-Darling is that of the permutation test given the ties, exact for
    few values and by its limit law beyond, which differ by some percent where
    they meet; that of chi-square is drawn where the counts are too small for its
    limit law. Bools and numbers in categories are numbers: for them choose
    ``ChiSquare(binning="distinct")`` yourself. With very many rows both find any difference significant: judge
    by the effect too, as ``result.drifted(alpha=0.01, min_effect=0.1)`` does.

    >>> from driftline import drift
    >>> drift.choose([1.5, 2.5, 2.5], [1.0, 3.5])
    AndersonDarling(nan_policy='omit')
    >>> drift.choose(["a", "b"], ["b", "c"]).name
    'chi_square'
    """

def effective_n(sample: ArrayLike) -> float:
    """
    How many independent values a sample in the order of time amounts to.

    They would give a mean as certain as that of ``sample``: between 1 and n,
    close to n for white noise, about n (1 - r) / (1 + r) where each value keeps
    a share r of the one before. NaN is left out and keeps its place; infinities
    are refused; a constant has nothing that could depend.

    >>> import math
    >>> from driftline import drift
    >>> drift.effective_n([math.sin(i / 20) for i in range(400)]) < 50
    True
    """

def effects(
    baseline: ArrayLike, current: ArrayLike, *, level: float = 0.95
) -> dict[str, EffectSize]:
    """
    All effect sizes of two one-dimensional numeric samples, by name.

    Positive means that the current sample is larger (wider).

    ``share_moved``: the share of rows that would have to move, at least, to turn
    one sample into the other (0 to 1; the Kolmogorov-Smirnov distance).
    ``cliffs_delta``: P(c > b) - P(c < b) for a current value c and one of the
    baseline b, -1 to 1. ``probability_of_superiority``: P(c > b) + P(c = b) / 2.
    ``hedges_g``: the shift of the mean in pooled standard deviations.
    ``log_spread_ratio``: ln of the ratio of the standard deviations. The last
    two need two finite values in each sample and are left out otherwise.

    Each has an interval that holds the truth with probability ``level``, if
    the rows are independent. NaN is left out.

    >>> from driftline import drift
    >>> effects = drift.effects([1, 2, 3, 4], [3, 4, 5, 6])
    >>> effects["cliffs_delta"].value, effects["share_moved"].value
    (0.75, 0.5)
    """

def get(name: str, **params: object) -> UnivariateTest | MultivariateTest:
    """
    Makes a test from its configuration name and parameters.

    >>> from driftline import drift
    >>> drift.get("ks", alternative="less") == drift.KS(alternative="less")
    True
    """

def permutation(
    test_or_statistic: object,
    baseline: object,
    current: object,
    *,
    n_permutations: int = 9999,
    alternative: str = "greater",
    block_length: int | None = None,
    max_exceedances: int | None = None,
    seed: int = 0,
    threads: int = 1,
) -> PermutationResult:
    """
    The p-value of any statistic, by dealing the rows to the samples at random.

    ``test_or_statistic`` is a test of any kind (by name too), whose distance is
    looked at, or a callable ``f(baseline, current) -> float``, which is given
    arrays. Rows must be independent, and are if nothing is said: then p is
    exact whatever their distribution. ``alternative`` says which statistics are
    extreme: "greater", "less" or "two-sided" (twice the smaller share), as in
    ``scipy.stats.permutation_test``. p is (b + 1) / (k + 1) where b of k
    relabellings are as extreme; when there are no more than ``n_permutations``
    ways, each is looked at once (``exact``).

    ``block_length``: the samples are in order of time and depend on their
    neighbours; blocks of so many rows change places, at most a quarter of all
    rows (not of labels, which are counted). ``max_exceedances``: stop when so many were as extreme (Besag &
    Clifford 1991). The answer depends on ``seed``, not on ``threads``; a callable
    runs on this thread.

    >>> from driftline import drift
    >>> result = drift.permutation("mean_shift", [1, 2], [4, 7, 11])
    >>> result.p_value, result.exact
    (0.2, True)
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> ratio = lambda b, c: c.std() / b.std()
    >>> drift.permutation(
    ...     ratio, rng.normal(size=50), 2 * rng.normal(size=60), n_permutations=999
    ... ).p_value
    0.001
    """
