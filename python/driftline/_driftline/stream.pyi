"""
Streaming change detectors.
"""

from typing import Any, Literal, Self, final

from _typeshed import Incomplete
from numpy import int64
from numpy.typing import ArrayLike, NDArray
from typing_extensions import disjoint_base

__all__ = [
    "ADWIN",
    "BOCPD",
    "Bank",
    "BettingConfidenceSequence",
    "CUSUM",
    "ConformalMartingale",
    "DDM",
    "Detector",
    "ECDD",
    "EDDM",
    "EDetector",
    "EWMAChart",
    "FHDDM",
    "GeometricMovingAverage",
    "HDDMA",
    "HDDMW",
    "IncrementalKS",
    "KSWIN",
    "MDDM",
    "OPTWIN",
    "PageHinkley",
    "RDDM",
    "SEED",
    "STEPD",
    "Shewhart",
    "WindowedTest",
    "available",
    "from_json",
    "get",
]

@final
class ADWIN(Detector):
    """
    Adaptive windowing: a window that loses its old part when the mean changes.

    Detects: a change of the mean, abrupt or slow, either way.
    Assumes: independent values of bounded range, about 0 to 1: a bound holds
    for those.
    Controls: ever alarming, loosely: each look at a window of n values alarms
    with probability ``delta`` at most, for bounded independent values; in fact
    far less often.
    Not for: changes of spread or shape; values far larger than 1 (see
    ``standardise``).
    Between looks ``statistic`` and ``limit`` are those of the cut that is nearest
    to its bound by now.
    Cost: O(log n) every ``clock`` values; about 2 kB.
    Source: Bifet & Gavalda, Learning from time-changing data with adaptive
    windowing, SDM 2007, section 3. As river's ADWIN.

    :param delta: significance of each look, above 0 and below 1.
    :param clock: values from look to look, 1 or more.
    :param max_buckets: buckets of each size before two are merged, 1 to 1000.
    :param min_window_length: values on either side of a cut, 1 or more.
    :param grace_period: values before the first look.

    >>> from driftline import stream
    >>> detector = stream.ADWIN()
    >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
    array([1023])
    """
    def __new__(
        cls,
        /,
        delta: float = 0.002,
        clock: int = 32,
        max_buckets: int = 5,
        min_window_length: int = 5,
        grace_period: int = 10,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> ADWIN: ...
    @property
    def clock(self, /) -> int: ...
    @property
    def delta(self, /) -> float: ...
    @property
    def estimation(self, /) -> float:
        """
        Mean of the window; 0 for an empty one.
        """
    @property
    def grace_period(self, /) -> int: ...
    @property
    def max_buckets(self, /) -> int: ...
    @property
    def min_window_length(self, /) -> int: ...
    @property
    def total(self, /) -> float:
        """
        Sum of the window.
        """
    @property
    def variance(self, /) -> float:
        """
        Sum of the squared deviations from the window's mean.
        """
    @property
    def width(self, /) -> int:
        """
        Values in the window.
        """

@final
class BOCPD(Detector):
    """
    Bayesian online changepoint detection: how probable each run length is.

    Detects: any change that the model sees: of mean or variance ("gaussian"), of
    the share of ones ("bernoulli"), of the rate of counts ("poisson").
    Assumes: independent values from the model within a run; a prior on their
    scale ("gaussian": see ``standardise``).
    Controls: nothing by itself; the average run length, by calibration.
    Not for: heavy tails and dependence (outliers look like changes); slow changes.
    Cost: O(run lengths kept), ``max_run_lengths`` at most; 40 bytes each.
    Source: Adams & MacKay, Bayesian online changepoint detection, 2007. frouros'
    BOCD takes the variance as known: a different model.

    :param model: "gaussian" (unknown mean and variance), "bernoulli" (0 and 1) or
        "poisson" (whole numbers of 0 or more).
    :param hazard: probability of a change at each value, 1 / the expected run
        length, from 1e-100, below 1.
    :param threshold: drift when a recent change is this probable, above 0, at
        most 1.
    :param window: a change within as many of the last values is recent, 1 or more.
    :param prior_mean: gaussian: mean of the prior.
    :param prior_kappa: gaussian: how many values that mean is worth, above 0.
    :param prior_alpha: shape of the inverse gamma prior of the variance, first
        parameter of the beta prior, shape of the gamma prior; above 0.
    :param prior_beta: scale of the inverse gamma prior, second parameter of the
        beta prior, rate of the gamma prior; above 0.
    :param prune: run lengths less probable than it times ``hazard`` are dropped,
        0 (none) to below 1.
    :param max_run_lengths: the most that are kept, 2 to 10,000.

    >>> from driftline import stream
    >>> detector = stream.BOCPD()
    >>> detector.update_many([0, 1] * 50 + [4, 7] * 50)
    array([100])
    """
    def __new__(
        cls,
        /,
        model: str = "gaussian",
        hazard: float = 0.004,
        threshold: float = 0.5,
        window: int = 100,
        prior_mean: float = 0.0,
        prior_kappa: float = 1.0,
        prior_alpha: float = 1.0,
        prior_beta: float = 1.0,
        prune: float = 0.001,
        max_run_lengths: int = 20,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> BOCPD: ...
    @property
    def estimation(self, /) -> float:
        """
        Mean of the next value, over all run lengths.
        """
    @property
    def hazard(self, /) -> float: ...
    @property
    def max_run_lengths(self, /) -> int: ...
    @property
    def model(self, /) -> str: ...
    @property
    def prior_alpha(self, /) -> float: ...
    @property
    def prior_beta(self, /) -> float: ...
    @property
    def prior_kappa(self, /) -> float: ...
    @property
    def prior_mean(self, /) -> float: ...
    @property
    def probability(self, /) -> float:
        """
        Probability of a recent change: the statistic.
        """
    @property
    def prune(self, /) -> float: ...
    @property
    def run_length(self, /) -> int:
        """
        The most probable number of values since the last change.
        """
    @property
    def threshold(self, /) -> float: ...
    @property
    def window(self, /) -> int: ...

@final
class Bank:
    """
    One detector for each of n features: takes rows.

    Copies of ``detector`` that have seen nothing, independent of each other; each gives exactly
    what it gives alone. Rows are lists, arrays or frames of numbers, a column for each feature;
    NaN is missing. A feature that is masked is left out: its values are neither taken nor
    counted.

    Memory: about 0.2 kB a feature for methods of a few numbers such as PageHinkley, 2 kB for
    ADWIN, that of the window for those that keep one (17 kB for IncrementalKS); the
    parameters are shared.

    :param detector: a detector of this module, its name, or any object with ``update(x)`` and
        ``drift_detected``, of which each feature gets a deep copy (and which is called for
        each value, missing ones left out).
    :param n_features: how many, 1 to 1,000,000.
    :param threads: how many share the features of ``update_many``; they change no result.
    :param mask: which features are left out, a bool for each; see ``mask``.
    :param fdr: tell features only as far as few of them are false: the expected share of false
        ones among the discoveries is at most ``fdr``, 1e-12 to 1, whatever the dependence
        between features; see ``discoveries`` for what exactly. For BettingConfidenceSequence
        with ``target`` and ConformalMartingale with ``alpha`` (whose own ``alpha`` is
        replaced), with ``on_drift="reset"``. Rows are then taken one by one, without threads.
    :param method: with ``fdr``: "e_bh" selects among the features at each row; "e_lond"
        decides about each run of a feature as it goes, and begins it anew after a discovery.

    >>> import numpy as np
    >>> from driftline import stream
    >>> bank = stream.Bank(stream.PageHinkley(), 3)
    >>> rows = np.zeros((2000, 3))
    >>> rows[1000:, 1] = 5.0
    >>> bank.update_many(rows)
    array([[1010,    1]])
    >>> bank[1].direction
    'up'
    """
    def __copy__(self, /) -> Self: ...
    def __deepcopy__(self, /, _memo: object) -> Self: ...
    def __getitem__(self, feature: Any, /) -> Any:
        """
        A copy of the detector of one feature.
        """
    def __len__(self, /) -> int: ...
    def __new__(
        cls,
        /,
        detector: Detector | str | Any,
        n_features: int,
        *,
        threads: int = 1,
        mask: object = None,
        fdr: float | None = None,
        method: Literal["e_bh", "e_lond"] = "e_bh",
    ) -> Bank: ...
    def __reduce__(self, /) -> tuple[Any, ...]: ...
    def __repr__(self, /) -> str: ...
    def __setstate__(self, /, state: tuple[Any, ...]) -> None:
        """
        Of a bank of objects: what it holds.
        """
    def clone(self, /) -> Self:
        """
        A copy with all that it has seen.
        """
    @property
    def detector(self, /) -> Any:
        """
        A detector like those of the bank that has seen nothing.
        """
    @property
    def direction(self, /) -> list[str | None]:
        """
        Which way the last change went, for each feature: "up", "down" or None.
        """
    @property
    def discoveries(self, /) -> Incomplete | None:
        """
        Which features are discoveries at the last row, a bool for each; None without ``fdr``.

        A discovery is false when what its detector assumes has held from the (re)start of the
        feature up to there: for BettingConfidenceSequence that the mean, given everything before
        (all features), is within ``target`` and ``tolerance`` as far as ``mode`` looks; for
        ConformalMartingale that the values are independent and identically distributed.

        ``method="e_bh"``: after each row the e-values of all features (masked ones keep theirs)
        go through the e-BH procedure: the k largest are selected for the largest k of which the
        k-th is at least n_features / (fdr k). ``update`` gives those that were not selected at
        the row before. A feature whose e-value came to n_features / fdr keeps it and takes no
        more values until ``reset(feature)``. At any one row fixed beforehand (for the betting
        confidence sequence also at a row chosen by what was seen up to it) the expected share of
        false ones among ``discoveries`` is at most ``fdr``. Nothing is claimed of all rows taken
        together. Reset at rows fixed beforehand, or (betting confidence sequence) what was
        discovered; never what looks harmless, for its small e-value would be thrown away. With
        ConformalMartingale neither masks nor resets may follow from values.

        ``method="e_lond"``: a feature from its (re)start to its discovery is a run, and each run
        a hypothesis, numbered t = 1, 2, ... as runs begin: the features in order at the start,
        then as they begin anew. A run is discovered when its e-value comes to
        t (t + 1) / (fdr (D + 1)), D the discoveries before it began; the feature then begins
        anew with its next value. ``discoveries`` are those of the last row, ``n_detections``
        counts all. Among all discoveries so far the expected share of false ones is at most
        ``fdr`` at any row, however chosen, if what is assumed of a feature holds given all that
        came before its run (ConformalMartingale: rows that are independent of earlier ones; no
        ``baseline``). Masks and resets may follow from what came before; each reset costs a run.

        Source: Wang & Ramdas, False discovery rate control with e-values, JRSS B 84, 2022; Xu &
        Ramdas, Online multiple testing with e-values, AISTATS 2024.

        >>> from driftline import stream
        >>> detector = stream.BettingConfidenceSequence(target=0.5)
        >>> bank = stream.Bank(detector, 3, fdr=0.1)
        >>> rows = [[i % 2, 1.0, 1 - i % 2] for i in range(40)]
        >>> bank.update_many(rows)[:, 1].tolist()
        [1]
        >>> bank.discoveries.tolist()
        [False, True, False]
        """
    @property
    def drift_detected(self, /) -> Incomplete:
        """
        Whether the last value brought about a change, for each feature.
        """
    @property
    def fdr(self, /) -> float | None:
        """
        The false discovery rate; None for a bank without.
        """
    @staticmethod
    def from_json(text: str) -> Bank:
        """
        Reads what ``to_json`` has written.

        :raises InvalidTypeError: not a string.
        :raises InvalidValueError: damaged, foreign, or of a later version.
        """
    @property
    def limit(self, /) -> Incomplete:
        """
        What the statistic is compared with, for each feature; NaN before the first look.
        """
    @property
    def mask(self, /) -> Incomplete:
        """
        Which features are left out, a bool for each (a copy). Assign to it to change it.
        """
    @mask.setter
    def mask(self, /, mask: Any) -> None: ...
    @property
    def method(self, /) -> str | None:
        """
        How ``fdr`` is kept: "e_bh" or "e_lond"; None for a bank without.
        """
    @property
    def n_detections(self, /) -> Incomplete:
        """
        Changes found, for each feature, int64; nothing sets it back.
        """
    @property
    def n_features(self, /) -> int:
        """
        The number of features.
        """
    @property
    def n_missing(self, /) -> Incomplete:
        """
        Values left out because they are missing, for each feature, int64.
        """
    @property
    def n_samples(self, /) -> Incomplete:
        """
        Values taken, for each feature, int64; missing ones not counted.
        """
    def reset(self, /, feature: int | None = None) -> None:
        """
        Forgets the values of all features, or of one; the counts go on.

        :raises IndexError: a feature that is not there.
        """
    @property
    def statistic(self, /) -> Incomplete:
        """
        The statistic of the last look, for each feature; NaN before the first.
        """
    @property
    def threads(self, /) -> int:
        """
        The threads that share the features of ``update_many``.
        """
    def to_json(self, /) -> str:
        """
        The bank with all that it has seen as JSON text, for ``Bank.from_json``: with its
        version and a checksum.

        :raises InvalidTypeError: a bank of objects of the user's; pickle it.
        """
    def update(self, /, row: object) -> NDArray[int64]:
        """
        Takes one row: a value for each feature.

        :returns: the features that have changed, ascending, int64; with ``fdr`` those that are
            discovered anew.
        :raises InvalidTypeError: not numbers.
        :raises InvalidValueError: not a value for each feature, or one that a detector does
            not take; the bank is as before. An object of your own may raise what it likes: all
            other features take the row, then it is raised, with ``found``, what would have
            been returned, and a note that names the feature, whose value is not counted. Such
            a bank takes one call at a time; others are refused, whatever thread they are of.
        """
    def update_many(self, /, rows: object, *, warnings: bool = False) -> Any:
        """
        Takes rows of shape (n, n_features) in one call: the same as ``update`` with one after
        the other, at native speed and without the GIL.

        :returns: what was found as pairs (row, feature), int64 of shape (k, 2), by row and
            then by feature; with ``warnings=True`` a pair of those and the same of warnings.
        :raises InvalidTypeError: not a two-dimensional array or frame of numbers.
        :raises InvalidValueError: as ``update``; the bank is as before.
        :raises KeyboardInterrupt: Ctrl-C, between two rows: its ``n_taken`` says how many the
            bank has taken, its ``found`` is what would have been returned for them. So do
            those of what an object of your own raises, with the row in which it did.
        """
    @property
    def warning_detected(self, /) -> Incomplete:
        """
        Whether the last value led into the warning zone, for each feature.
        """

@final
class BettingConfidenceSequence(Detector):
    """
    Betting confidence sequence: the mean of bounded values against what it was.

    Detects: a change of the mean, early or late, either way, by more than
    ``tolerance``.
    Assumes: values from ``low`` to ``high`` (others count as the nearest end, see
    ``n_clipped``, and the mean is that of the values so clipped), of which the
    mean given all before is on the allowed side of ``target``; any dependence
    beyond that.
    Controls: ever alarming without a change: with probability ``alpha`` at most,
    however long the stream. Without ``target`` half of ``alpha`` covers the
    error of the estimated mean.
    Not for: without ``target``, changes within what the first ``warm_start`` values
    leave open; unbounded values (rank them: ``ConformalMartingale``); the shortest
    delay (``EDetector`` trades the guarantee for an average run length).
    Cost: O(1); 750 bytes, and 8 a value during the warm start.
    Source: Waudby-Smith & Ramdas, Estimating means of bounded random variables by
    betting, JRSS B 86, 2024; Podkopaev & Ramdas, Tracking the risk of a deployed
    model, ICLR 2022.

    :param alpha: probability of ever alarming, from 1e-100, below 1.
    :param target: the mean before the change, from ``low`` to ``high``; None
        estimates it from the first ``warm_start`` values, again after each
        change.
    :param low: the lowest value there is.
    :param high: the highest value there is.
    :param tolerance: changes of the mean up to it do not count, 0 or more.
    :param mode: "up", "down" or "both".
    :param warm_start: values to estimate the mean from, 1 to 100,000.

    >>> from driftline import stream
    >>> detector = stream.BettingConfidenceSequence(target=0.5)
    >>> detector.update_many([0, 1] * 500 + [1] * 25)
    array([1020])
    """
    def __new__(
        cls,
        /,
        alpha: float = 0.05,
        target: float | None = None,
        low: float = 0.0,
        high: float = 1.0,
        tolerance: float = 0.0,
        mode: str = "both",
        warm_start: int = 300,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> BettingConfidenceSequence: ...
    @property
    def alpha(self, /) -> float: ...
    @property
    def estimation(self, /) -> float:
        """
        Mean of the values since the source; before, of those so far.
        """
    @property
    def high(self, /) -> float: ...
    @property
    def log_e_value(self, /) -> float:
        """
        Natural logarithm of the wealth, an e-value at any stopping time for a
        given ``target``; 0 before the first bet.
        """
    @property
    def low(self, /) -> float: ...
    @property
    def lower(self, /) -> float:
        """
        Lower end of the confidence sequence for the mean since the source.
        """
    @property
    def mode(self, /) -> str: ...
    @property
    def n_clipped(self, /) -> int:
        """
        Values beyond ``low`` or ``high``, which counted as the nearest end; nothing
        sets it back.
        """
    @property
    def source_lower(self, /) -> float:
        """
        Lower end of the interval for the source's mean, or the target.
        """
    @property
    def source_upper(self, /) -> float:
        """
        Upper end of it.
        """
    @property
    def target(self, /) -> float | None: ...
    @property
    def tolerance(self, /) -> float: ...
    @property
    def upper(self, /) -> float:
        """
        Upper end of it.
        """
    @property
    def warm_start(self, /) -> int: ...

@final
class CUSUM(Detector):
    """
    Cumulative sums: how far the values have strayed from their mean, summed up.

    Detects: a small lasting change of the mean, up, down or both; of the
    changes by 2 ``delta``, it is the quickest to find them.
    Assumes: independent values on the scale of ``delta`` and ``threshold``
    (see ``standardise``).
    Controls: the average run length: with a known mean and standard
    deviations as the unit, 465 at ``delta=0.5, threshold=5`` for normal
    values; by calibration otherwise.
    Not for: changes of spread or shape; changes within the first
    ``min_instances`` values.
    Cost: O(1); 48 bytes.
    Source: Page, Continuous inspection schemes, Biometrika 41, 1954;
    Montgomery, Introduction to Statistical Quality Control, 7th edition,
    section 9.1. Without a target, "up" is frouros' CUSUM.

    :param min_instances: values before the first look; 1 with a known mean.
    :param delta: what each deviation is lessened by, 0 or more: half of the
        change that is to be found.
    :param threshold: the limit of the sums, above 0.
    :param target: the known mean, or None for the mean of the values so far.
    :param mode: "up", "down" or "both".

    >>> from driftline import stream
    >>> detector = stream.CUSUM()
    >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
    array([1009])
    """
    def __new__(
        cls,
        /,
        min_instances: int = 30,
        delta: float = 0.005,
        threshold: float = 50.0,
        target: float | None = None,
        mode: str = "both",
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> CUSUM: ...
    @property
    def delta(self, /) -> float: ...
    @property
    def estimation(self, /) -> float:
        """
        The target, or the mean of the values so far.
        """
    @property
    def lower_sum(self, /) -> float:
        """
        Sum of what they were below.
        """
    @property
    def min_instances(self, /) -> int: ...
    @property
    def mode(self, /) -> str: ...
    @property
    def target(self, /) -> float | None: ...
    @property
    def threshold(self, /) -> float: ...
    @property
    def upper_sum(self, /) -> float:
        """
        Sum of what the values were above their mean and ``delta``.
        """

@final
class ConformalMartingale(Detector):
    """
    Conformal test martingale: bets against the ranks of new values being chance.

    Detects: a change of any kind that moves ranks: location either way, spread;
    values on any scale.
    Assumes: independent values of one distribution, whatever it is.
    Controls: with ``alpha`` ever alarming (probability ``alpha`` at most); with
    ``false_alarm_every`` (10,000 when neither is given) the average run length,
    that many values at least. Both are exact for independent values of one
    distribution, whatever the size of the bag.
    Not for: values that depend on each other in time; changes within the first
    hundred values without a ``baseline``; changes slower than the bag forgets.
    Cost: O(log window), and moving up to window / 3 numbers; 8 bytes a value.
    Source: Vovk and others, Retrain or not retrain: conformal test martingales for
    change-point detection, COPA 2021.

    :param alpha: probability of ever alarming, from 1e-100, below 1; or None.
    :param false_alarm_every: values from false alarm to false alarm, on average,
        at least, 2 to 1e12; or None. One of the two.
    :param window: earlier values that a new one is ranked among, 2 to 100,000;
        each has the same chance to leave when a new one comes.
    :param baseline: numbers that were there before the stream (of more than
        ``window`` a random choice), or None.
    :param mode: "up", "down" or "both" (with spread).
    :param seed: of the random numbers.

    >>> from driftline import stream
    >>> detector = stream.ConformalMartingale(alpha=0.01)
    >>> detector.update_many([x % 7 for x in range(500)] + [7] * 50).size
    1
    """
    def __new__(
        cls,
        /,
        alpha: float | None = None,
        false_alarm_every: float | None = None,
        window: int = 1000,
        baseline: object = None,
        mode: str = "both",
        seed: int = 0,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> ConformalMartingale: ...
    @property
    def alpha(self, /) -> float | None: ...
    @property
    def baseline(self, /) -> list[float] | None: ...
    @property
    def false_alarm_every(self, /) -> float | None: ...
    @property
    def log_e_value(self, /) -> float:
        """
        Natural logarithm of the wealth (with ``alpha``: an e-value at any stopping
        time), or of the statistic divided by the number of values (an e-value
        after any fixed number of them).
        """
    @property
    def mode(self, /) -> str: ...
    @property
    def p_value(self, /) -> float:
        """
        The smoothed p-value of the last value: near 0 for a large one.
        """
    @property
    def seed(self, /) -> int: ...
    @property
    def window(self, /) -> int: ...

@final
class DDM(Detector):
    """
    Drift detection method: the share of errors against its lowest point.

    Detects: a rise of the error rate.
    Assumes: independent errors at a rate that does not fall without end.
    Controls: the average run length, by calibration, over streams of ten budgets:
    most false alarms come soon after a beginning, and fleets cannot share a budget.
    Not for: small rises late in a long stream, which move the mean of all values
    slowly; a falling rate.
    Cost: O(1); 56 bytes.
    Source: Gama & others, Learning with drift detection, SBIA 2004. As river's
    DDM, but for error-free starts: there river alarms at the first error.

    :param warm_start: values before the first look.
    :param warning_threshold: standard deviations above the lowest point at which
        the warning zone begins, above 0; beyond ``drift_threshold`` there is none.
    :param drift_threshold: the same for drift, above 0.
    :param compat: "river" keeps its alarm at the first error after an error-free
        start; None.

    >>> from driftline import stream
    >>> detector = stream.DDM()
    >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1] * 250)
    array([1121])
    """
    def __new__(
        cls,
        /,
        warm_start: int = 30,
        warning_threshold: float = 2.0,
        drift_threshold: float = 3.0,
        compat: str | None = None,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> DDM: ...
    @property
    def compat(self, /) -> str | None: ...
    @property
    def drift_threshold(self, /) -> float: ...
    @property
    def estimation(self, /) -> float:
        """
        Share of errors so far.
        """
    @property
    def warm_start(self, /) -> int: ...
    @property
    def warning_threshold(self, /) -> float: ...

@disjoint_base
class Detector:
    """
    A streaming detector: takes one value after the other and tells when they change.

    Base of all detectors here, which are made by their classes or by ``stream.get``. NaN,
    infinities and numbers beyond 1e150 in magnitude are missing: left out and counted. After
    a change the next value begins anew; what was found can be read until then. One detector
    may be used by several threads; their values come in any order then.
    """
    def __copy__(self, /) -> Self: ...
    def __deepcopy__(self, /, _memo: object) -> Self: ...
    def __reduce__(self, /) -> tuple[object, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @classmethod
    def calibrated(
        cls,
        /,
        history: ArrayLike | None = None,
        *,
        false_alarm_every: float | str,
        stream: Literal["normal", "bernoulli", "log_normal"] | None = None,
        p: float | None = None,
        log_sigma: float | None = None,
        standardise: bool | tuple[float, float] | None = None,
        n_detectors: int = 1,
        samples_per_s: float | None = None,
        block_length: int | None = None,
        n_bootstrap: int = 100,
        seed: int | None = None,
        **params: object,
    ) -> Self:
        """
        A detector of this class that keeps to a budget of false alarms.

        It belongs to the class: called on a detector, what that one was told does not count.
        Say it again, as in ``stream.ADWIN.calibrated(clock=64, false_alarm_every=10_000)``.

        The parameter that trades false alarms for delay (``delta`` of ADWIN, ``threshold`` of
        CUSUM, ``limit_width`` of the charts ...) is set so that, while nothing changes, alarms
        are a budget apart on average; the detector begins anew after each. Without history
        that holds for independent values of the distribution that ``stream`` names (within a
        factor of 2; longer where even the most sensitive setting alarms less often). With
        history it holds for nine histories in ten at least, since a history tells only so much
        about its process; values may depend on each other within blocks, and blocks go on from
        values alike, so that neighbours stay correlated. The run length of HDDMA goes in steps,
        and may be far longer. Methods with a guarantee of their own are given the budget as
        ``false_alarm_every``, and keep it as far as what they assume holds: EDetector and
        ConformalMartingale alarm far more often where values depend on each other.

        :param history: values in their order, from a time when all was well: 500 or more and
            20 blocks or more, better thousands. Missing ones are left out.
        :param false_alarm_every: values between false alarms, or a time such as "30d".
        :param stream: without history, "normal" (standard), "bernoulli" (default for detectors
            of errors) or "log_normal", of median 1: ``standardise=(0, median)`` maps yours to it.
        :param p: the probability of a 1 for "bernoulli"; 0.1 by default.
        :param log_sigma: the standard deviation of the logarithm for "log_normal"; 1 by
            default.
        :param standardise: True takes values as (x - mean) / standard deviation of the history
            or stream; None does where the method depends on scale, unless values are 0 and 1
            or ``target`` or ``sigma`` are given; or a pair (location, scale).
        :param n_detectors: detectors that share the budget: the fleet as a whole alarms once
            per budget.
        :param samples_per_s: values per second of one detector, for a budget that is a time.
        :param block_length: values per block; by default twice the length that Politis and
            White (2004) find from the history.
        :param n_bootstrap: pseudo-histories, 20 to 1,000. With 100 limits differ by up to a
            quarter from seed to seed; more of them steady it.
        :param seed: the same seed gives the same detector; also that of a method with one.
            None and 0 take it from tables where they have it.
        :param params: parameters of the class, and ``on_drift`` and ``nan_policy``. ``target``
            and ``sigma`` follow from the stream unless given; None has them estimated.
        :raises InvalidValueError: a budget that no setting keeps, a history that is too short
            or does not vary, an option out of range.

        >>> from driftline import stream
        >>> detector = stream.PageHinkley.calibrated(false_alarm_every=10_000)
        >>> 90 < detector.threshold < 150
        True
        """
    def clone(self, /) -> Self:
        """
        A copy with all that it has seen.
        """
    @property
    def direction(self, /) -> str | None:
        """
        Which way the last change went.
        """
    @property
    def drift_detected(self, /) -> bool:
        """
        Whether the last value brought about a change.
        """
    @property
    def estimation(self, /) -> float | None:
        """
        What the detector takes for the present mean, or None where it has no such thing.
        """
    @property
    def input(self, /) -> str:
        """
        What ``update`` takes: "real" (any number), "binary" (0 and 1, where 1 is an error),
        "unit" (numbers from 0 to 1) or "count" (whole numbers from 0 on).
        """
    @property
    def limit(self, /) -> float | None:
        """
        What the statistic is compared with, or None before the first look.
        """
    @property
    def n_detections(self, /) -> int:
        """
        Changes found since the detector was made; nothing sets it back.
        """
    @property
    def n_missing(self, /) -> int:
        """
        Values left out since the detector was made.
        """
    @property
    def n_samples(self, /) -> int:
        """
        Values taken since the detector was made, missing ones not counted.
        """
    @property
    def name(self, /) -> str:
        """
        The configuration name, as in ``stream.get("adwin")``.
        """
    @property
    def nan_policy(self, /) -> str:
        """
        What is done about missing values: "omit" or "raise".
        """
    @property
    def on_drift(self, /) -> str:
        """
        What happens after a change: "reset" or "keep_recent".
        """
    @property
    def params(self, /) -> dict:
        """
        The parameters by name, with ``on_drift``, ``nan_policy`` and ``standardise``.
        """
    def reset(self, /) -> None:
        """
        Forgets the values, as after a change; the counts go on.
        """
    @property
    def standardise(self, /) -> tuple[float, float] | None:
        """
        (location, scale) by which each value is standardised first, or None.
        """
    @property
    def statistic(self, /) -> float | None:
        """
        The statistic of the last look, or None before the first.
        """
    def to_json(self, /) -> str:
        """
        The detector with all that it has seen as JSON text, for ``stream.from_json``: with
        its version and a checksum. Later versions of driftline read it too.
        """
    def update(self, /, x: Any) -> None:
        """
        Takes a value: a number, or what ``input`` says.

        :raises InvalidTypeError: not a number.
        :raises InvalidValueError: not one that the detector takes, or not finite with
            ``nan_policy="raise"``; the detector is as before.
        """
    def update_many(self, /, values: object, *, warnings: bool = False) -> Any:
        """
        Takes values of shape (n,) in one call: the same as ``update`` with one after the
        other, at native speed and without the GIL.

        :returns: the positions of the changes, int64; with ``warnings=True`` a pair of those
            and the positions of the warnings.
        :raises InvalidTypeError: not a one-dimensional array of numbers.
        :raises InvalidValueError: as ``update``; the detector is as before.
        :raises KeyboardInterrupt: Ctrl-C, between two values: its ``n_taken`` says how many the
            detector has taken, its ``found`` is what would have been returned for them.
        """
    @property
    def warning_detected(self, /) -> bool:
        """
        Whether the last value led into the warning zone; False for methods that have none.
        """
    @property
    def warning_limit(self, /) -> float | None:
        """
        What it is compared with for a warning; None for methods that have none.
        """

@final
class ECDD(Detector):
    """
    Exponentially weighted moving average chart for concept drift: the last errors
    against all.

    Detects: a rise of the error rate, best an abrupt one.
    Assumes: independent errors.
    Controls: the average run length, at ``lambda_val`` 0.2 and a known rate; the
    rate is estimated as it goes, so that false alarms come sooner at first.
    Not for: slow changes, which take the mean of all values along.
    Cost: O(1); 50 bytes.
    Source: Ross & others, Exponentially weighted moving average charts for
    detecting concept drift, Pattern Recognition Letters 33, 2012. As frouros'
    ECDDWT, but for the limits: the published polynomials do not hold (simulated
    run lengths of 48 to 290 in place of 400, 1 to 540 in place of 1000), and the
    first error since the start is no change.

    :param lambda_val: weight of the newest value, above 0, at most 1.
    :param average_run_length: values from one false alarm to the next: 100, 400 or
        1000.
    :param warning_level: share of the limit at which the warning zone begins, above
        0 and below 1.
    :param min_instances: values up to the first look.
    :param threshold: the limit in standard deviations of the weighted mean, above
        0, in place of that of ``average_run_length``; None.
    :param compat: "frouros" takes the published limits, and alarms at the first
        error after an error-free start; None.

    >>> from driftline import stream
    >>> detector = stream.ECDD()
    >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1, 1, 1] * 250)
    array([1006])
    """
    def __new__(
        cls,
        /,
        lambda_val: float = 0.2,
        average_run_length: int = 400,
        warning_level: float = 0.5,
        min_instances: int = 30,
        threshold: float | None = None,
        compat: str | None = None,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> ECDD: ...
    @property
    def average_run_length(self, /) -> int: ...
    @property
    def compat(self, /) -> str | None: ...
    @property
    def estimation(self, /) -> float:
        """
        Weighted share of errors.
        """
    @property
    def lambda_val(self, /) -> float: ...
    @property
    def min_instances(self, /) -> int: ...
    @property
    def threshold(self, /) -> float | None: ...
    @property
    def warning_level(self, /) -> float: ...

@final
class EDDM(Detector):
    """
    Early drift detection method: the distance between errors against its greatest.

    Detects: errors that come closer together, also slowly.
    Assumes: independent errors.
    Controls: the average run length, by calibration, over streams of ten budgets:
    most false alarms come soon after a beginning, and fleets cannot share a budget.
    Not for: few false alarms at the defaults: the greatest distance is taken from
    few errors, and a ratio of 0.9 is soon reached by chance.
    Cost: O(1); 80 bytes.
    Source: Baena-García & others, Early drift detection method, IWKDDS 2006. As
    river's EDDM, but a warning ends with a new greatest distance; where river sets
    warning and drift at once, this sets drift.

    ``statistic`` is a ratio: there is drift *below* its limit. It changes with
    errors alone, and what was found holds until the next one.

    :param warm_start: errors before the first look.
    :param alpha: the ratio below which the warning zone begins, from ``beta`` to 1.
    :param beta: the ratio below which there is drift, above 0 and below 1.
    :param compat: "river" lets a warning outlast a new greatest distance; None.

    >>> from driftline import stream
    >>> detector = stream.EDDM()
    >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1, 1, 1] * 250)
    array([1490])
    """
    def __new__(
        cls,
        /,
        warm_start: int = 30,
        alpha: float = 0.95,
        beta: float = 0.9,
        compat: str | None = None,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> EDDM: ...
    @property
    def alpha(self, /) -> float: ...
    @property
    def beta(self, /) -> float: ...
    @property
    def compat(self, /) -> str | None: ...
    @property
    def warm_start(self, /) -> int: ...

@final
class EDetector(Detector):
    """
    E-detector: a change of a bounded mean, with a proved average run length.

    Detects: a change of the mean, either way, by more than ``tolerance``.
    Assumes: values from ``low`` to ``high`` (others count as the nearest end, see
    ``n_clipped``, and the mean is that of the values so clipped), of which the
    mean given all before is on the allowed side of ``target``; any dependence
    beyond that.
    Controls: the average run length: ``false_alarm_every`` values at least from
    one false alarm to the next, proved; also with an estimated source, for which
    the limit is higher by 1 / 0.95.
    Not for: without ``target``, changes within what the first ``warm_start`` values
    leave open; unbounded values (rank them: ``ConformalMartingale``); a given
    ``target`` that the values hug closely, without a ``tolerance``: the sum of
    Shiryaev and Roberts then alarms about as often as it may.
    Cost: O(1); 650 bytes, and 8 a value during the warm start.
    Source: Shin, Ramdas & Rinaldo, E-detectors: a nonparametric framework for
    sequential change detection, NEJSDS 2, 2024.

    :param false_alarm_every: values from false alarm to false alarm, on average,
        at least; 2 to 1e12.
    :param target: the mean before the change, from ``low`` to ``high``; None
        estimates it from the first ``warm_start`` values, again after each
        change.
    :param low: the lowest value there is.
    :param high: the highest value there is.
    :param tolerance: changes of the mean up to it do not count, 0 or more.
    :param mode: "up", "down" or "both".
    :param kind: "shiryaev_roberts" (shorter delays) or "cusum" (fewer alarms).
    :param warm_start: values to estimate the mean from, 1 to 100,000.

    >>> from driftline import stream
    >>> detector = stream.EDetector(target=0.5)
    >>> detector.update_many([0, 1] * 500 + [1] * 20)
    array([1015])
    """
    def __new__(
        cls,
        /,
        false_alarm_every: float = 10000.0,
        target: float | None = None,
        low: float = 0.0,
        high: float = 1.0,
        tolerance: float = 0.0,
        mode: str = "both",
        kind: str = "shiryaev_roberts",
        warm_start: int = 300,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> EDetector: ...
    @property
    def estimation(self, /) -> float:
        """
        Mean of the values since the source; before, of those so far.
        """
    @property
    def false_alarm_every(self, /) -> float: ...
    @property
    def high(self, /) -> float: ...
    @property
    def kind(self, /) -> str: ...
    @property
    def log_e_value(self, /) -> float:
        """
        Natural logarithm of the statistic divided by the number of values since
        the source: an e-value after any fixed number of them (not at stopping
        times); 0 before the first.
        """
    @property
    def low(self, /) -> float: ...
    @property
    def mode(self, /) -> str: ...
    @property
    def n_clipped(self, /) -> int:
        """
        Values beyond ``low`` or ``high``, which counted as the nearest end; nothing
        sets it back.
        """
    @property
    def source_lower(self, /) -> float:
        """
        Lower end of the interval for the source's mean, or the target.
        """
    @property
    def source_upper(self, /) -> float:
        """
        Upper end of it.
        """
    @property
    def target(self, /) -> float | None: ...
    @property
    def tolerance(self, /) -> float: ...
    @property
    def warm_start(self, /) -> int: ...

@final
class EWMAChart(Detector):
    """
    EWMA control chart: a moving average against limits of its own spread.

    Detects: a small or middling lasting change of the mean.
    Assumes: independent values; a mean and a standard deviation that are known,
    or that ``min_instances`` values tell.
    Controls: the average run length: with both known and normal values 560 with
    the defaults (limits at 3, ``lambda_val`` 0.2); estimates from 30 values
    make it vary widely, half of all runs end within 210 (see ``calibrated``).
    Not for: changes of spread or shape; autocorrelated values, unless
    calibrated by a history of them; placeholders such as -999, which spoil what
    it begins anew with (give ``target`` and ``sigma``, or make them NaN).
    Cost: O(1); 104 bytes.
    Source: Roberts, Control chart tests based on geometric moving averages,
    Technometrics 1, 1959; Montgomery, Introduction to Statistical Quality
    Control, 7th edition, section 9.2.

    :param min_instances: values that ``target`` and ``sigma`` are estimated
        from where they are not given, 2 to 1,000,000; more while all are equal.
    :param lambda_val: weight of the last value, above 0, at most 1.
    :param limit_width: the limit in standard deviations of the average, above 0.
    :param warning_width: the limit of the warning zone, likewise.
    :param target: the known mean, or None.
    :param sigma: the known standard deviation of a value, or None.
    :param mode: "up", "down" or "both".

    >>> from driftline import stream
    >>> detector = stream.EWMAChart()
    >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
    array([1000])
    """
    def __new__(
        cls,
        /,
        min_instances: int = 30,
        lambda_val: float = 0.2,
        limit_width: float = 3.0,
        warning_width: float = 2.0,
        target: float | None = None,
        sigma: float | None = None,
        mode: str = "both",
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> EWMAChart: ...
    @property
    def center_line(self, /) -> float | None:
        """
        The mean it is compared with: given or estimated.
        """
    @property
    def estimation(self, /) -> float | None:
        """
        The moving average.
        """
    @property
    def lambda_val(self, /) -> float: ...
    @property
    def limit_width(self, /) -> float: ...
    @property
    def min_instances(self, /) -> int: ...
    @property
    def mode(self, /) -> str: ...
    @property
    def sigma(self, /) -> float | None: ...
    @property
    def standard_deviation(self, /) -> float | None:
        """
        The standard deviation of a value: given or estimated.
        """
    @property
    def target(self, /) -> float | None: ...
    @property
    def warning_width(self, /) -> float: ...

@final
class FHDDM(Detector):
    """
    Fast Hoeffding drift detection method: correct values in a window against their
    greatest share.

    Detects: a rise of the error rate in the last values; with
    ``short_window_size`` also a steep and short one.
    Assumes: independent errors.
    Controls: the average run length, by calibration; ``confidence_level`` bounds
    one comparison, not the greatest of many.
    Not for: rises of less than sqrt(ln(1 / ``confidence_level``) / (2 n)) (0.26 at
    the defaults); the first ``sliding_window_size`` values.
    Cost: O(1); 1 bit for each value of the window and 150 bytes.
    Source: Pesaranghader & Viktor, Fast Hoeffding drift detection method for
    evolving data streams, ECML-PKDD 2016; with the short window Pesaranghader &
    others, Machine Learning 107, 2018. As river's FHDDM, but for its direction:
    river alarms when errors get *fewer*.

    :param sliding_window_size: values in the window, 1 to 1,000,000.
    :param confidence_level: significance of the bound, above 0 and below 1.
    :param short_window_size: values in a second, shorter window; None: there is
        none.
    :param compat: "river" alarms when ones get fewer, as river does; None.

    >>> from driftline import stream
    >>> detector = stream.FHDDM()
    >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1, 1, 1] * 250)
    array([1053])
    """
    def __new__(
        cls,
        /,
        sliding_window_size: int = 100,
        confidence_level: float = 0.000001,
        short_window_size: int | None = None,
        compat: str | None = None,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> FHDDM: ...
    @property
    def compat(self, /) -> str | None: ...
    @property
    def confidence_level(self, /) -> float: ...
    @property
    def estimation(self, /) -> float:
        """
        Share of errors in the window (of ones, with ``compat``).
        """
    @property
    def short_window_size(self, /) -> int | None: ...
    @property
    def sliding_window_size(self, /) -> int: ...

@final
class GeometricMovingAverage(Detector):
    """
    Geometric moving average of the deviations from the mean so far.

    Detects: a change of the mean, up, down or both, for as long as the mean so
    far has not followed.
    Assumes: independent values on the scale of ``threshold`` (see
    ``standardise``).
    Controls: the average run length, by calibration.
    Not for: changes of spread or shape; changes within the first
    ``min_instances`` values, which move the mean as well.
    Cost: O(1); 32 bytes.
    Source: Roberts, Control chart tests based on geometric moving averages,
    Technometrics 1, 1959, as in MOA; "up" is that of frouros.

    :param min_instances: values before the first look.
    :param threshold: the limit of the average, above 0.
    :param alpha: weight of the past, from 0 to below 1.
    :param mode: "up", "down" or "both".

    >>> from driftline import stream
    >>> detector = stream.GeometricMovingAverage()
    >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
    array([1022])
    """
    def __new__(
        cls,
        /,
        min_instances: int = 30,
        threshold: float = 1.0,
        alpha: float = 0.99,
        mode: str = "both",
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> GeometricMovingAverage: ...
    @property
    def alpha(self, /) -> float: ...
    @property
    def estimation(self, /) -> float:
        """
        Mean of the values so far.
        """
    @property
    def min_instances(self, /) -> int: ...
    @property
    def mode(self, /) -> str: ...
    @property
    def threshold(self, /) -> float: ...

@final
class HDDMA(Detector):
    """
    Hoeffding's drift detection method by averages: the mean of all values against
    that of the first ones.

    Detects: a rise of the error rate, best an abrupt one; with ``two_sided_test``
    a fall as well.
    Assumes: independent values from 0 to 1.
    Controls: each comparison errs with probability ``drift_confidence`` at most;
    the cut is chosen from the data and every value looks again, so that the
    average run length is a matter of calibration.
    Not for: slow changes (see HDDMW).
    Cost: O(1); 100 bytes.
    Source: Frías-Blanco & others, Online and non-parametric drift detection
    methods based on Hoeffding's bounds, IEEE TKDE 27, 2015, the A-test. As river's
    HDDMA; where river sets warning and drift at once, this sets drift.

    :param drift_confidence: significance at which there is drift, above 0 and
        below 1.
    :param warning_confidence: significance at which the warning zone begins, above
        0 and below 1.
    :param two_sided_test: whether a fall of the mean counts as well.

    >>> from driftline import stream
    >>> detector = stream.HDDMA()
    >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1] * 250)
    array([1059])
    """
    def __new__(
        cls,
        /,
        drift_confidence: float = 0.001,
        warning_confidence: float = 0.005,
        two_sided_test: bool = False,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> HDDMA: ...
    @property
    def drift_confidence(self, /) -> float: ...
    @property
    def estimation(self, /) -> float:
        """
        Mean of the values so far.
        """
    @property
    def two_sided_test(self, /) -> bool: ...
    @property
    def warning_confidence(self, /) -> float: ...

@final
class HDDMW(Detector):
    """
    Hoeffding's drift detection method by weighted averages: the weighted mean since
    a cut against that before it.

    Detects: a rise of the error rate, also a slow one; with ``two_sided_test`` a
    fall as well.
    Assumes: independent values from 0 to 1.
    Controls: as HDDMA: one comparison; the average run length by calibration.
    Not for: rises smaller than the bound of the weighted means, about
    sqrt(``lambda_val`` ln(1 / ``drift_confidence``) / 2) (0.42 at the defaults).
    Cost: O(1); 200 bytes.
    Source: Frías-Blanco & others, Online and non-parametric drift detection
    methods based on Hoeffding's bounds, IEEE TKDE 27, 2015, the W-test. As river's
    HDDMW; where river sets warning and drift at once, this sets drift.

    :param drift_confidence: significance at which there is drift, above 0 and
        below 1.
    :param warning_confidence: significance at which the warning zone begins, above
        0 and below 1.
    :param lambda_val: weight of the newest value, above 0, at most 1.
    :param two_sided_test: whether a fall of the mean counts as well.

    >>> from driftline import stream
    >>> detector = stream.HDDMW()
    >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1, 1, 1] * 250)
    array([1027])
    """
    def __new__(
        cls,
        /,
        drift_confidence: float = 0.001,
        warning_confidence: float = 0.005,
        lambda_val: float = 0.05,
        two_sided_test: bool = False,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> HDDMW: ...
    @property
    def drift_confidence(self, /) -> float: ...
    @property
    def estimation(self, /) -> float:
        """
        Weighted mean of the values so far.
        """
    @property
    def lambda_val(self, /) -> float: ...
    @property
    def two_sided_test(self, /) -> bool: ...
    @property
    def warning_confidence(self, /) -> float: ...

@final
class IncrementalKS(Detector):
    """
    Kolmogorov-Smirnov test of a sliding window, exact at every value.

    Detects: any change of the distribution: mean, spread or shape.
    Assumes: independent values; with a baseline, one that stands for normal.
    Controls: each look alarms with probability ``alpha`` at most; looks at
    nearly the same window alarm together, so that false alarms are rarer than
    that: on normal values every 76,000 values with the defaults; the average
    run length, by calibration.
    Not for: changes slower than the window (without a baseline).
    Cost: O(log n) a value for n values of window and baseline; 64 bytes for
    each of them.
    Source: dos Reis, Flach, Matwin & Batista, Fast unsupervised online drift
    detection using incremental Kolmogorov-Smirnov test, KDD 2016. The
    statistic is that of ``drift.KS`` on the same values.

    :param window_size: values in the window, 2 to 1,000,000.
    :param alpha: significance of each look, above 0 and below 1.
    :param stride: values from look to look, 1 or more; the first look comes
        when the window is full.
    :param baseline: what the window is compared with, shape (n,); it stays
        after a change. None compares the newer half of the window with the
        older one.

    >>> from driftline import stream
    >>> detector = stream.IncrementalKS()
    >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
    array([1031])
    """
    def __new__(
        cls,
        /,
        window_size: int = 200,
        alpha: float = 1e-4,
        stride: int = 1,
        baseline: object = None,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> IncrementalKS: ...
    @property
    def alpha(self, /) -> float: ...
    @property
    def baseline(self, /) -> list[float] | None: ...
    @property
    def p_value(self, /) -> float | None:
        """
        The p-value of the last look; None before the first.
        """
    @property
    def stride(self, /) -> int: ...
    @property
    def window_size(self, /) -> int: ...

@final
class KSWIN(Detector):
    """
    Kolmogorov-Smirnov windowing: the last values against some of those before.

    Detects: any change of the distribution: mean, spread or shape.
    Assumes: independent values.
    Controls: each look alarms with probability ``alpha`` at most, and every
    value is a look: on normal values every 700 values with the defaults, every
    13,000 with ``alpha=0.0001``; the average run length, by calibration.
    Not for: slow changes; changes of less than 0.1 in the distribution
    function, which never count.
    Cost: O(``stat_size`` log ``stat_size``) a value, whatever the window; 8 bytes
    a value of the window.
    Source: Raab, Heusinger & Schleif, Reactive soft prototype computing for
    concept drift streams, Neurocomputing 416, 2020. As river's KSWIN but for
    the draws, which are not those of Python's random.sample: those of look k
    come from xoshiro256++, started from ``seed`` and k, on every machine alike
    and without repeating after a change.

    :param alpha: significance of each look, above 0 and below 1.
    :param window_size: values in the window, up to 1,000,000.
    :param stat_size: how many of them, the last ones, are compared with as many
        drawn from the others; half of the window at most.
    :param seed: of the draws; None is 0.
    :param window: values that come before the first; the last ``window_size``
        count.

    >>> from driftline import stream
    >>> detector = stream.KSWIN(alpha=0.0001, seed=42)
    >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
    array([1016])
    """
    def __new__(
        cls,
        /,
        alpha: float = 0.005,
        window_size: int = 100,
        stat_size: int = 30,
        seed: int | None = None,
        window: object = None,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> KSWIN: ...
    @property
    def alpha(self, /) -> float: ...
    @property
    def p_value(self, /) -> float | None:
        """
        The p-value of the last look; None before the first.
        """
    @property
    def seed(self, /) -> int | None: ...
    @property
    def stat_size(self, /) -> int: ...
    @property
    def window(self, /) -> list[float] | None: ...
    @property
    def window_size(self, /) -> int: ...

@final
class MDDM(Detector):
    """
    McDiarmid's drift detection method: correct values in a window, the newer ones
    of more weight, against their greatest share.

    Detects: a rise of the error rate in the last values, abrupt or slow.
    Assumes: independent errors.
    Controls: the average run length, by calibration; ``confidence_level`` bounds
    one comparison, not the greatest of many.
    Not for: rises of less than sqrt(ln(1 / ``confidence_level``) / (2 n)) (0.27 at
    the defaults); the first ``sliding_window_size`` values.
    Cost: O(1); 1 bit for each value of the window and 150 bytes.
    Source: Pesaranghader & others, McDiarmid drift detection methods for evolving
    data streams, IJCNN 2018: MDDM-A, MDDM-G and MDDM-E. As in the authors'
    Tornado, which takes 1 for correct where this takes 1 for an error.

    :param sliding_window_size: values in the window, 1 to 1,000,000.
    :param confidence_level: significance of the bound, above 0 and below 1.
    :param weighting: how the weights grow from the oldest value to the newest:
        "arithmetic", "geometric" or "euler".
    :param difference: from one arithmetic weight to the next, the first being 1;
        0 to 1,000,000.
    :param ratio: one geometric weight by the one before, 1 to 1,000,000.
    :param lambda_val: the logarithm of that ratio for "euler", 0 to 1,000,000.

    >>> from driftline import stream
    >>> detector = stream.MDDM()
    >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1, 1, 1] * 250)
    array([1045])
    """
    def __new__(
        cls,
        /,
        sliding_window_size: int = 100,
        confidence_level: float = 0.000001,
        weighting: str = "arithmetic",
        difference: float = 0.01,
        ratio: float = 1.01,
        lambda_val: float = 0.01,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> MDDM: ...
    @property
    def confidence_level(self, /) -> float: ...
    @property
    def difference(self, /) -> float: ...
    @property
    def estimation(self, /) -> float:
        """
        Weighted share of errors in the window.
        """
    @property
    def lambda_val(self, /) -> float: ...
    @property
    def ratio(self, /) -> float: ...
    @property
    def sliding_window_size(self, /) -> int: ...
    @property
    def weighting(self, /) -> str: ...

@final
class OPTWIN(Detector):
    """
    OPTWIN: a window whose newer part is as short as it can be for a given change.

    Detects: a rise of the mean, or of the spread while the mean does not fall;
    with ``two_sided_test`` falls as well, and a spread whatever the mean.
    Assumes: independent values, and for the test of the spread normal ones.
    Controls: each look alarms with probability ``alpha_drift`` at most, on
    normal values, and every value is a look; the average run length, by
    calibration.
    Not for: rare errors and heavy tails, whose spread alarms soon; changes of
    less than ``rigor`` standard deviations.
    Cost: O(1); 8 bytes for each of up to ``max_window_length`` values. Cuts are
    computed when a window first has a width, 0.2 ms each, once for all detectors
    of equal parameters.
    Source: Tosi & Theobald, OPTWIN: Drift identification with optimal
    sub-windows, ICDEW 2024. Unlike CapyMOA's the t-test divides by variances
    and not by standard deviations, so that it does not depend on the scale; the
    F-test has its degrees of freedom the right way round and is left out where a
    part is constant; and a full window loses the values that leave it.

    ``statistic`` is that of the test which is nearer to its limit.

    :param rigor: the rise of the mean to be found, in standard deviations of the
        older part, above 0: the smaller, the longer the newer part.
    :param alpha_drift: significance at which there is drift, up to 0.5; 1 less
        CapyMOA's ``drift_confidence``.
    :param alpha_warning: significance of the t-test at which the warning zone
        begins, up to 0.5.
    :param max_window_length: values in the window at most, 10 to 50,000.
    :param min_window_length: values before the first look, 10 or more.
    :param minimum_noise: added to each standard deviation, in the unit of the
        values, 0 or more.
    :param two_sided_test: whether falls count as well.
    :param compat: "capymoa" has the tests of CapyMOA; None.

    >>> from driftline import stream
    >>> detector = stream.OPTWIN()
    >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
    array([1001])
    """
    def __new__(
        cls,
        /,
        rigor: float = 0.5,
        alpha_drift: float = 0.001,
        alpha_warning: float = 0.1,
        max_window_length: int = 1000,
        min_window_length: int = 30,
        minimum_noise: float = 1e-6,
        two_sided_test: bool = False,
        compat: str | None = None,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> OPTWIN: ...
    @property
    def alpha_drift(self, /) -> float: ...
    @property
    def alpha_warning(self, /) -> float: ...
    @property
    def compat(self, /) -> str | None: ...
    @property
    def estimation(self, /) -> float:
        """
        Mean of the newer part; 0 for an empty window.
        """
    @property
    def f_statistic(self, /) -> float | None:
        """
        Variance of the newer part by that of the older; None before the first
        look, and where either is constant.
        """
    @property
    def max_window_length(self, /) -> int: ...
    @property
    def min_window_length(self, /) -> int: ...
    @property
    def minimum_noise(self, /) -> float: ...
    @property
    def newer_width(self, /) -> int:
        """
        Values in its newer part.
        """
    @property
    def rigor(self, /) -> float: ...
    @property
    def t_statistic(self, /) -> float | None:
        """
        Difference of the means by its standard error; None before the first look.
        """
    @property
    def two_sided_test(self, /) -> bool: ...
    @property
    def width(self, /) -> int:
        """
        Values in the window.
        """

@final
class PageHinkley(Detector):
    """
    Page-Hinkley test: the sum of the deviations from the mean so far.

    Detects: a lasting change of the mean, up, down or both.
    Assumes: independent values on the scale of ``threshold`` (see
    ``standardise``).
    Controls: the average run length, by calibration.
    Not for: changes of spread or shape; changes within the first
    ``min_instances`` values.
    Cost: O(1); 64 bytes.
    Source: Page, Continuous inspection schemes, Biometrika 41, 1954. As river's
    PageHinkley.

    :param min_instances: values before the first look.
    :param delta: changes of the mean below it do not count, 0 or more.
    :param threshold: the limit of the statistic, above 0.
    :param alpha: what the sums are multiplied by at each value, above 0, at
        most 1.
    :param mode: "up", "down" or "both".

    >>> from driftline import stream
    >>> detector = stream.PageHinkley()
    >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
    array([1009])
    """
    def __new__(
        cls,
        /,
        min_instances: int = 30,
        delta: float = 0.005,
        threshold: float = 50.0,
        alpha: float = 0.9999,
        mode: str = "both",
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> PageHinkley: ...
    @property
    def alpha(self, /) -> float: ...
    @property
    def delta(self, /) -> float: ...
    @property
    def estimation(self, /) -> float:
        """
        Mean of the values so far.
        """
    @property
    def min_instances(self, /) -> int: ...
    @property
    def mode(self, /) -> str: ...
    @property
    def threshold(self, /) -> float: ...

@final
class RDDM(Detector):
    """
    Reactive drift detection method: DDM that forgets.

    Detects: a rise of the error rate, also late in a long stream.
    Assumes: independent errors.
    Controls: the average run length, by calibration.
    Not for: a falling rate; the first ``min_instances`` values.
    Cost: O(1), O(``min_concept_size``) after a change or a cut; 1 bit for each of
    ``min_concept_size`` values and 150 bytes.
    Source: Barros & others, RDDM: Reactive drift detection method, Expert Systems
    with Applications 90, 2017. Unlike frouros' it begins anew with the values since
    the warning, not with those before them too, keeps its lowest point over a cut,
    and the first error after an error-free start is no change; as MOA's otherwise.

    After a change it goes on with the values since the warning, whatever
    ``on_drift`` says: this is part of the method.

    :param min_instances: values up to the first look.
    :param warning_threshold: standard deviations above the lowest point at which
        the warning zone begins, above 0.
    :param drift_threshold: the same for drift, above 0.
    :param max_concept_size: values after which a stable stream is cut down.
    :param min_concept_size: what it is cut down to, 1 to 1,000,000.
    :param max_warning_size: values in the warning zone after which there is drift.
    :param compat: "frouros" goes its ways; None.

    >>> from driftline import stream
    >>> detector = stream.RDDM()
    >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1] * 250)
    array([1071])
    """
    def __new__(
        cls,
        /,
        min_instances: int = 129,
        warning_threshold: float = 1.773,
        drift_threshold: float = 2.258,
        max_concept_size: int = 40000,
        min_concept_size: int = 7000,
        max_warning_size: int = 1400,
        compat: str | None = None,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> RDDM: ...
    @property
    def compat(self, /) -> str | None: ...
    @property
    def drift_threshold(self, /) -> float: ...
    @property
    def estimation(self, /) -> float:
        """
        Share of errors so far.
        """
    @property
    def max_concept_size(self, /) -> int: ...
    @property
    def max_warning_size(self, /) -> int: ...
    @property
    def min_concept_size(self, /) -> int: ...
    @property
    def min_instances(self, /) -> int: ...
    @property
    def warning_threshold(self, /) -> float: ...

@final
class SEED(Detector):
    """
    SEED: a window in blocks; neighbours that are alike become one.

    Detects: a change of the mean, abrupt or slow, either way.
    Assumes: independent values of bounded range, about 0 to 1: bound and
    merging hold for those.
    Controls: each border of a look differs with probability ``delta`` at most,
    loosely; the average run length, by calibration.
    Not for: changes of spread or shape; values far larger than 1 (see
    ``standardise``).
    Cost: O(blocks) every ``block_size`` values; 24 bytes a block, 1,000 blocks
    at most.
    Source: Huang, Koh, Dobbie & Pears, Detecting volatility shift in data
    streams, ICDM 2014. As in MOA but for the variance, which MOA overstates
    for values far from 0.

    :param delta: significance of each look, above 0 and below 1.
    :param block_size: values in a new block, and from look to look.
    :param epsilon_prime: neighbours whose means differ less become one, 0 or
        more.
    :param alpha: by how much of ``epsilon_prime`` that difference grows from
        block to block, into the past, 0 or more.
    :param compress_term: blocks from one round of merging to the next.

    >>> from driftline import stream
    >>> detector = stream.SEED()
    >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
    array([1023])
    """
    def __new__(
        cls,
        /,
        delta: float = 0.05,
        block_size: int = 32,
        epsilon_prime: float = 0.01,
        alpha: float = 0.8,
        compress_term: int = 75,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> SEED: ...
    @property
    def alpha(self, /) -> float: ...
    @property
    def block_size(self, /) -> int: ...
    @property
    def compress_term(self, /) -> int: ...
    @property
    def delta(self, /) -> float: ...
    @property
    def epsilon_prime(self, /) -> float: ...
    @property
    def estimation(self, /) -> float:
        """
        Mean of the window; 0 for an empty one.
        """
    @property
    def n_blocks(self, /) -> int:
        """
        Blocks in the window.
        """
    @property
    def width(self, /) -> int:
        """
        Values in the window.
        """

@final
class STEPD(Detector):
    """
    Statistical test of equal proportions: the last errors against all before them.

    Detects: a rise of the error rate, best an abrupt one.
    Assumes: independent errors, not too rare: the test takes counts for normal.
    Controls: one look at significance ``alpha_drift``, and it looks at every
    value: false alarms come often at the defaults. The average run length is a
    matter of calibration.
    Not for: rates below some errors per ``window_size``; slow changes.
    Cost: O(1); 1 bit for each value of the window and 100 bytes.
    Source: Nishida & Yamauchi, Detecting concept drift using statistical testing,
    Discovery Science 2007. Unlike frouros' and MOA's a fall is no change, nor is a
    stream without errors, nor are equal shares of nearly none, nor the first error
    since the start.

    :param window_size: how many are the last, 1 to 1,000,000; the first look comes
        after twice as many.
    :param alpha_drift: significance at which there is drift, above 0 and below 1.
    :param alpha_warning: significance at which the warning zone begins, above 0
        and below 1.
    :param compat: "frouros" has the alarms that are none; None.

    >>> from driftline import stream
    >>> detector = stream.STEPD()
    >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1] * 250)
    array([1027])
    """
    def __new__(
        cls,
        /,
        window_size: int = 30,
        alpha_drift: float = 0.003,
        alpha_warning: float = 0.05,
        compat: str | None = None,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> STEPD: ...
    @property
    def alpha_drift(self, /) -> float: ...
    @property
    def alpha_warning(self, /) -> float: ...
    @property
    def compat(self, /) -> str | None: ...
    @property
    def estimation(self, /) -> float:
        """
        Share of errors in the window.
        """
    @property
    def window_size(self, /) -> int: ...

@final
class Shewhart(Detector):
    """
    Shewhart's control chart: single values beyond so many standard deviations.

    Detects: a large change of the mean, or of the spread, at once.
    Assumes: independent, nearly normal values; a mean and a standard deviation
    that are known, or that ``min_instances`` values tell.
    Controls: the average run length: with both known and normal values 370.4
    with the default limits; estimates from 30 values make it vary widely, half
    of all runs end within 260 (see ``calibrated``).
    Not for: small changes; heavy tails, where single values are far out; 0 and 1;
    placeholders such as -999, which spoil what it begins anew with (give
    ``target`` and ``sigma``, or make them NaN).
    Cost: O(1); 72 bytes.
    Source: Shewhart, Economic control of quality of manufactured product, 1931;
    Montgomery, Introduction to Statistical Quality Control, 7th edition,
    sections 5.3 and 6.4.

    :param min_instances: values that ``target`` and ``sigma`` are estimated
        from where they are not given, 2 to 1,000,000; more while all are equal.
    :param limit_width: the limit in standard deviations, above 0.
    :param warning_width: the limit of the warning zone, likewise.
    :param target: the known mean, or None.
    :param sigma: the known standard deviation, or None.
    :param mode: "up", "down" or "both".

    >>> from driftline import stream
    >>> detector = stream.Shewhart()
    >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
    array([1000])
    """
    def __new__(
        cls,
        /,
        min_instances: int = 30,
        limit_width: float = 3.0,
        warning_width: float = 2.0,
        target: float | None = None,
        sigma: float | None = None,
        mode: str = "both",
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> Shewhart: ...
    @property
    def center_line(self, /) -> float | None:
        """
        The mean the values are compared with: given or estimated.
        """
    @property
    def limit_width(self, /) -> float: ...
    @property
    def min_instances(self, /) -> int: ...
    @property
    def mode(self, /) -> str: ...
    @property
    def sigma(self, /) -> float | None: ...
    @property
    def standard_deviation(self, /) -> float | None:
        """
        The standard deviation of a value: given or estimated.
        """
    @property
    def target(self, /) -> float | None: ...
    @property
    def warning_width(self, /) -> float: ...

@final
class WindowedTest(Detector):
    """
    Any two-sample test of ``driftline.drift`` over a sliding window.

    Detects: what the test detects.
    Assumes: what the test assumes, independent values above all; a baseline
    that stands for normal.
    Controls: each look alarms with probability ``alpha`` at most; a baseline
    that is estimated makes some streams alarm far more often than others; the
    average run length, by calibration.
    Not for: streams that wander without harm: they leave any baseline.
    Cost: one comparison by the test every ``stride`` values; 24 bytes a value
    of the window.
    Source: that of the test.

    ``statistic`` and ``limit`` are -log10 of the p-value and of ``alpha``, or
    the test's distance and ``threshold``.

    :param test: configuration name, one of ``drift.available()``.
    :param window_size: values in the window, 1 to 1,000,000.
    :param stride: values from look to look, 1 or more; the first look comes
        when the window is full.
    :param baseline: what the window is compared with, shape (n,); it stays
        after a change. None takes the first ``window_size`` values, after a
        change the next ones: slow changes add up against a fixed baseline.
    :param alpha: significance of each look, above 0 and below 1; 0.0001 when
        None and there is no ``threshold``.
    :param threshold: limit of the test's distance instead, for any test.

    >>> from driftline import stream
    >>> detector = stream.WindowedTest(test="mann_whitney")
    >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
    array([1029])
    """
    def __new__(
        cls,
        /,
        test: str = "ks",
        window_size: int = 100,
        stride: int = 10,
        baseline: object = None,
        alpha: float | None = None,
        threshold: float | None = None,
        *,
        on_drift: Literal["reset", "keep_recent"] = "reset",
        nan_policy: Literal["omit", "raise"] = "omit",
        standardise: tuple[float, float] | None = None,
    ) -> WindowedTest: ...
    @property
    def alpha(self, /) -> float | None: ...
    @property
    def baseline(self, /) -> list[float] | None: ...
    @property
    def distance(self, /) -> float | None:
        """
        The test's distance at the last look, or None.
        """
    @property
    def n_unjudged(self, /) -> int:
        """
        Looks that the test refused to judge since the last change.
        """
    @property
    def p_value(self, /) -> float | None:
        """
        The p-value of the last look; None before the first, and for tests that
        have none.
        """
    @property
    def stride(self, /) -> int: ...
    @property
    def test(self, /) -> str: ...
    @property
    def threshold(self, /) -> float | None: ...
    @property
    def window_size(self, /) -> int: ...

def available() -> list[str]:
    """
    The names of the streaming detectors, in alphabetical order.

    >>> from driftline import stream
    >>> "adwin" in stream.available()
    True
    """

def from_json(text: str) -> Detector:
    """
    Reads what ``Detector.to_json`` has written.

    :raises InvalidTypeError: not a string.
    :raises InvalidValueError: damaged, foreign, or of a later version.

    >>> from driftline import stream
    >>> detector = stream.ADWIN()
    >>> stream.from_json(detector.to_json())
    ADWIN(delta=0.002, clock=32, max_buckets=5, min_window_length=5, grace_period=10)
    """

def get(name: str, **params: object) -> Detector:
    """
    Makes a detector from its configuration name and parameters.

    >>> from driftline import stream
    >>> stream.get("adwin", delta=0.01).delta
    0.01
    """
