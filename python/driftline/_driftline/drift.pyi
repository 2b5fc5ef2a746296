"""
Two-sample tests and distances.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, SupportsFloat, SupportsIndex, final

from numpy.typing import ArrayLike
from typing_extensions import disjoint_base

__all__ = [
    "Fitted",
    "KS",
    "MeanShift",
    "PSI",
    "TestResult",
    "UnivariateTest",
    "Welch",
    "adjust",
    "available",
    "get",
]

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

def available() -> list[str]:
    """
    The names of the univariate tests, in alphabetical order.

    >>> from driftline import drift
    >>> "ks" in drift.available()
    True
    """

def get(name: str, **params: object) -> UnivariateTest:
    """
    Makes a test from its configuration name and parameters.

    >>> from driftline import drift
    >>> drift.get("ks", alternative="less") == drift.KS(alternative="less")
    True
    """
