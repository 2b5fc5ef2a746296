"""
Two-sample tests and distances.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, SupportsFloat, SupportsIndex, final

from numpy.typing import ArrayLike
from typing_extensions import disjoint_base

__all__ = [
    "BootstrapResult",
    "ClassifierTwoSample",
    "Fitted",
    "FittedMultivariate",
    "KS",
    "MMD",
    "MeanShift",
    "MultivariateEnergy",
    "MultivariateTest",
    "PSI",
    "PermutationResult",
    "TestResult",
    "UnivariateTest",
    "Welch",
    "adjust",
    "available",
    "bootstrap",
    "get",
    "permutation",
]

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
class KS(UnivariateTest):
    """
    Two-sample Kolmogorov-Smirnov test.

    The statistic is the largest distance between the empirical
    distributions, 0 to 1, exact; so is the effect size. As
    ``scipy.stats.ks_2samp(baseline, current)``: ``alternative`` is
    "two-sided", "greater" (baseline's distribution function above,
    so current values larger) or "less"; ``method`` is "exact",
    "asymp" or "auto" (exact up to 10,000 values). NaN is left out
    and counted (``nan_policy="raise"`` refuses it); infinities are
    values.

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
class MMD(MultivariateTest):
    """
    Maximum mean discrepancy between samples of rows.

    ``kernel`` is "rbf", "laplacian", "polynomial" (of ``degree``) or
    "linear"; ``bandwidth=None`` takes the median distance of all pairs
    of pooled rows. ``method`` is "quadratic" (all pairs), "block",
    "linear" (blocks of two) or "auto" (blocks above 4,000 rows in
    all). Rows with NaN are left out and counted (``nan_policy=
    "raise"`` refuses them); infinities are refused.

    Formula: MMD^2 = mean k(x, x') + mean k(y, y') - 2 mean k(x, y) over
        pairs of different rows, unbiased: about 0, also below, without
        drift. Effect size: its root, 0 to sqrt(2) for rbf.
    Assumes: independent rows; columns of comparable scale. p by
        relabelling, exact; for blocks Student's t over the blocks.
    Use it: any change of a joint distribution, embeddings too.
    Not for: changes much finer or coarser than the bandwidth; columns
        of unlike scale, unless standardised.
    Cost: "quadratic": (n + m)^2 (d + n_permutations) operations and
        8 (n + m)^2 bytes, at most 10,000 rows in all; "block": about
        (n + m)^1.5 d operations.
    Source: Gretton et al., A kernel two-sample test, 2012, equation 3
        and section 6; Zaremba et al., B-tests, 2013, section 2.

    >>> import numpy as np
    >>> from driftline import drift
    >>> rng = np.random.default_rng(0)
    >>> baseline, current = rng.normal(size=(2, 200, 3))
    >>> result = drift.MMD().compare(baseline, current + 0.5)
    >>> round(result.statistic, 2), round(result.p_value, 4)
    (0.09, 0.001)
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
class MeanShift(UnivariateTest):
    """
    Distance between the means, |mean(current) - mean(baseline)|.

    In the unit of the data; no p-value. The effect size is the shift
    in standard deviations of the baseline. NaN is left out and
    counted (``nan_policy="raise"`` refuses it); infinities are
    refused.

    >>> from driftline import drift
    >>> drift.MeanShift().compare([0.5, 0.5], [0.75, 1.0]).statistic
    0.375
    """
    def __new__(cls, /, *, nan_policy: str = "omit") -> MeanShift: ...
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
class PSI(UnivariateTest):
    """
    Population stability index over bins of the baseline.

    The sum of (c - b) * ln(c / b) over the bins' shares; no p-value.
    ``bins`` (2 to 100,000) of equal shares (``binning="quantile"``)
    or widths ("uniform"), or between the inner borders ``edges``;
    the outer bins are open. A value that several quantiles fall on
    gets a bin of its own; a bin that is empty in one sample counts
    as half a value there. NaN is left out and counted
    (``nan_policy="raise"`` refuses it); infinities are values.

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
        least this. ``min_effect``: the effect size, whatever its sign, is at
        least this. At least one of them is needed.

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
        All fields by name.
        """

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
    def compare(self, /, baseline: Any, current: Any) -> TestResult:
        """
        Compares two one-dimensional samples of any numeric kind.
        """
    def fit(self, /, baseline: Any) -> Fitted:
        """
        Copies and prepares a baseline, to compare many samples with.
        """
    @property
    def name(self, /) -> str:
        """
        The configuration name, as in ``drift.get("ks")``.
        """

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
    The names of the tests of one-dimensional samples, in alphabetical order; with
    ``family="multivariate"`` those of the tests of rows.

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
    neighbours; blocks of so many rows change places. ``max_exceedances``: stop
    when so many were as extreme (Besag & Clifford 1991). The answer depends on
    ``seed``, not on ``threads``; a callable runs on this thread.

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
