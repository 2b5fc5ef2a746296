"""Two tables compared: ``compare``, ``fit``, ``compare_periods``."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from driftline import _driftline
from driftline.exceptions import InvalidTypeError
from driftline.report import DriftReport, PerformanceReport

Progress = Callable[[int, int], object]


class Plan:
    """A baseline that tables are compared with; made by :func:`fit`.

    Of each column it keeps the values in ascending order, or how often each label occurs,
    and of at most 4,000 rows a code from 0 to 63 for each cell, for the multivariate verdict
    (docs/tables.md). ``compare`` may be called from several threads at once.

    >>> import driftline as dl
    >>> plan = dl.fit({"age": range(100)})
    >>> plan
    Plan(1 column, 100 rows)
    >>> plan.compare({"age": range(50, 150)}).verdict
    'drifted'
    """

    __slots__ = ("_core",)

    def __init__(self, core: _driftline.TablePlan) -> None:
        self._core = core

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are compared."""
        return tuple(self._core.columns)

    @property
    def n_rows(self) -> int:
        """How many rows the baseline has."""
        return self._core.n_rows

    def compare(self, current: Any, *, progress: Progress | None = None) -> DriftReport:
        """Compares a table with the baseline; see :func:`compare`."""
        return _report(self._core.compare(current, progress=progress))

    def compare_periods(
        self, table: Any, *, by: str, every: str = "month", progress: Progress | None = None
    ) -> DriftReport:
        """Compares a table with the baseline, period by period; see :func:`compare_periods`."""
        return _report(self._core.compare(table, by=by, every=every, progress=progress))

    def estimate(
        self,
        current: Any,
        *,
        metrics: Iterable[str] | None = None,
        chunk_size: int | None = None,
        labels: Any = None,
        level: float = 0.95,
    ) -> PerformanceReport:
        """Estimates how well predictions do whose truth is not known yet.

        A classifier takes ``fit(..., target=, prediction=, probability=)``, a regressor
        ``fit(..., target=, prediction=)``. It holds as long as the probabilities (or the
        errors, given the features) mean what they meant in the baseline, whichever rows
        there are; that the relation between features and truth has changed, no estimate
        can see (docs/performance_estimation.md).

        Parameters
        ----------
        current
            A table with the columns of the prediction and its probabilities.
        metrics
            Of classifiers ``"accuracy"``, ``"precision"``, ``"recall"``, ``"f1"``,
            ``"specificity"``, ``"roc_auc"``, ``"average_precision"`` and
            ``"confusion_matrix"``, of the positive label; of more than two labels, means
            over the labels, each against the others. Of regressors ``"mae"``, ``"mse"``,
            ``"rmse"``, and where the baseline defines them ``"mape"`` (a share), ``"msle"``
            and ``"rmsle"``. None for all.
        chunk_size
            How many rows are estimated together; the last chunk has what is left. None: all.
        labels
            The truth as far as it is known, one for each row, None where it is not; by
            default the column of the target, if ``current`` has it.
        level
            How often the intervals are to hold the realised value of the chunk, 0 to 1.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            For columns and metrics that are not there, labels that the baseline has not,
            probabilities outside 0 to 1, and a plan that was fitted without them.
        EmptySampleError
            For a table without rows.

        >>> import driftline as dl
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> p = rng.random(4000)
        >>> baseline = {"y": rng.random(4000) < p, "y_pred": p > 0.5, "y_proba": p}
        >>> plan = dl.fit(baseline, target="y", prediction="y_pred", probability="y_proba")
        >>> current = {"y_pred": p[:50] > 0.5, "y_proba": p[:50]}
        >>> report = plan.estimate(current, metrics=("accuracy", "f1"), labels=[None] * 50)
        >>> report
        PerformanceReport(task='binary', metrics=['accuracy', 'f1'], chunks=1, alerts=0)
        """
        names = None if metrics is None else _names(metrics, "metrics", "names of metrics")
        text = self._core.estimate(
            current, metrics=names, chunk_size=chunk_size, labels=labels, level=level
        )
        return PerformanceReport._of(json.loads(text))

    def __repr__(self) -> str:
        n = len(self._core.columns)
        return f"Plan({n} column{'s' * (n != 1)}, {self.n_rows:,} rows)"


def fit(
    baseline: Any,
    *,
    columns: Iterable[str] | None = None,
    tests: Any = "auto",
    alpha: float = 0.05,
    min_effect: float = 0.05,
    correction: str = "bh",
    weights: Mapping[str, float] | None = None,
    segments: str | None = None,
    target: str | None = None,
    prediction: str | None = None,
    probability: str | Mapping[Any, str] | None = None,
    positive: Any = None,
    error_model: Any = "boosting",
    threads: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Plan:
    """Prepares a baseline once, to compare many tables with it.

    ``fit(baseline, ...).compare(current)`` gives the same report, to the last bit, as
    ``compare(baseline, current, ...)``; the parameters are explained there. With
    ``probability`` (the column with the probability of the positive label, or a mapping from
    each label to its column) it also learns what :meth:`Plan.estimate` needs; ``positive``
    names the positive one of two labels, by default the greater. With ``target`` and
    ``prediction`` of numbers, ``error_model`` learns how far predictions are off: an object
    with ``fit(X, y)`` and ``predict(X)``, copied for each fit, or None for no estimates. X
    has the other columns and the prediction as float64, NaN for missing, labels numbered in
    the order of their mean error.

    >>> import driftline as dl
    >>> plan = dl.fit({"age": [31, 45, 27] * 400, "city": ["Rome", "Oslo", "Lima"] * 400})
    >>> plan.compare({"age": [31, 45, 27] * 400, "city": ["Oslo"] * 1200}).drifted
    ('city',)
    """
    settings = _settings(
        columns=columns,
        tests=tests,
        alpha=alpha,
        min_effect=min_effect,
        correction=correction,
        weights=weights,
        segments=segments,
        target=target,
        prediction=prediction,
        probability=probability,
        positive=positive,
        error_model=error_model,
        threads=threads,
        seed=seed,
    )
    return Plan(settings.fit(baseline, progress=progress))


def compare(
    baseline: Any,
    current: Any,
    *,
    columns: Iterable[str] | None = None,
    tests: Any = "auto",
    alpha: float = 0.05,
    min_effect: float = 0.05,
    correction: str = "bh",
    weights: Mapping[str, float] | None = None,
    segments: str | None = None,
    target: str | None = None,
    prediction: str | None = None,
    threads: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> DriftReport:
    """Compares two tables, column by column and as a whole.

    A table is a mapping from names to columns, a frame of pandas or polars, a pyarrow
    table, a two-dimensional or structured array, anything with ``__arrow_c_stream__``,
    ``__dataframe__`` or ``__dlpack__``, a stream of such tables, or the path of a Parquet or
    CSV file. Columns are matched by name. The same data gives the same report from any of
    them.

    A column is ``drifted`` when the share of its rows that moved (numbers: the
    Kolmogorov-Smirnov distance; categories: total variation) is more than ``min_effect``
    for certain: when its confidence interval, corrected for the number of columns, lies
    wholly above; ``stable`` when it lies wholly below, else ``inconclusive``: too few rows
    to tell, and ``rows_needed`` says how many would do. A changed rate of missing values or
    rows in categories that the baseline has not make a column drifted, too.
    docs/verdicts.md explains it with examples.

    Parameters
    ----------
    baseline, current
        The table that stands for normal, and the one compared with it.
    columns
        Names of the columns to compare; None for all that both have. Of arrays without
        names: the names of their columns, in their order.
    tests
        ``"auto"`` (Anderson-Darling for numbers and times, chi-square for categories), a
        test such as ``"ks"``, ``drift.PSI()`` or an object of your own, or a mapping from
        ``"numeric"``, ``"categorical"`` and names of columns to tests.
    alpha
        The rate of false alarms accepted for the whole table, 0 to 1.
    min_effect
        The share of rows that may move without being called drift, 0 to 1. With 0 the
        adjusted p-value alone decides.
    correction
        How ``alpha`` is shared among the columns: ``"bh"`` (false discovery rate), ``"by"``,
        ``"holm"``, ``"hochberg"``, ``"bonferroni"`` or ``"none"``.
    weights
        How much columns matter, positive, beside 1 for those not named: for the correction
        and for the share of columns drifted.
    segments
        A column whose values make groups; each is compared on its own, and the report
        ranks them by their part in the change.
    target, prediction
        The columns of true and predicted values; with both the report has their
        performance.
    threads
        On how many threads at most; None for as many as there are processors. It changes
        no result.
    seed
        What the sample of rows for the multivariate verdict is drawn by.
    progress
        Called as ``progress(done, total)`` now and then.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        For what is no table, unknown names and values out of range, and when no column can
        be compared.
    EmptySampleError
        For a table without rows.

    >>> import driftline as dl
    >>> baseline = {"age": [31, 45, 27] * 400, "city": ["Rome", "Oslo", "Lima"] * 400}
    >>> current = {"age": [31, 45, 27] * 400, "city": ["Oslo"] * 1200}
    >>> report = dl.compare(baseline, current)
    >>> report.verdict, report.drifted
    ('drifted', ('city',))
    >>> report["city"].explanation
    'At least 61.1% of the rows moved (estimate 66.7%).'
    """
    settings = _settings(
        columns=columns,
        tests=tests,
        alpha=alpha,
        min_effect=min_effect,
        correction=correction,
        weights=weights,
        segments=segments,
        target=target,
        prediction=prediction,
        threads=threads,
        seed=seed,
    )
    return _report(settings.compare(baseline, current, progress=progress))


def compare_periods(
    baseline: Any,
    table: Any,
    *,
    by: str,
    every: str = "month",
    columns: Iterable[str] | None = None,
    tests: Any = "auto",
    alpha: float = 0.05,
    min_effect: float = 0.05,
    correction: str = "bh",
    weights: Mapping[str, float] | None = None,
    target: str | None = None,
    prediction: str | None = None,
    threads: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> DriftReport:
    """Compares a table with a baseline as a whole and period by period.

    ``by`` names a column of dates or times, ``every`` is ``"hour"``, ``"day"``, ``"week"``
    (from Monday), ``"month"``, ``"quarter"`` or ``"year"`` (UTC for times with a zone). The
    other parameters are those of :func:`compare`; ``alpha`` is shared among all columns of
    all periods.

    >>> import numpy as np
    >>> import driftline as dl
    >>> rng = np.random.default_rng(1)
    >>> days = np.datetime64("2026-01-01") + np.arange(8000) // 100
    >>> level = np.where(days < np.datetime64("2026-02-20"), 0.0, 1.0)
    >>> table = {"day": days, "x": rng.normal(level)}
    >>> report = dl.compare_periods({"x": rng.normal(size=8000)}, table, by="day")
    >>> report.periods["names"]
    ('2026-01', '2026-02', '2026-03')
    >>> report.periods["columns"][0]["verdicts"]
    ('stable', 'drifted', 'drifted')
    """
    settings = _settings(
        columns=columns,
        tests=tests,
        alpha=alpha,
        min_effect=min_effect,
        correction=correction,
        weights=weights,
        target=target,
        prediction=prediction,
        threads=threads,
        seed=seed,
    )
    return _report(settings.compare(baseline, table, by=by, every=every, progress=progress))


def _settings(
    *,
    columns: Iterable[str] | None,
    tests: Any,
    weights: Any,
    error_model: Any = None,
    **options: Any,
) -> _driftline.TableSettings:
    names = None if columns is None else _names(columns)
    options["error_model"] = error_model
    return _driftline.TableSettings(columns=names, tests=tests, weights=weights, **options)


def _names(
    given: Iterable[str], argument: str = "columns", what: str = "names of columns"
) -> list[str]:
    listed = isinstance(given, Iterable) and not isinstance(given, str | bytes)
    names = list(given) if listed else []
    if not names or not all(isinstance(name, str) for name in names):
        raise InvalidTypeError(
            f"{argument}: got {given!r}; accepted: {what}, at least one, or None"
        )
    return names


def _report(text: str) -> DriftReport:
    """What the core says is right by itself."""
    return DriftReport._of(json.loads(text))
