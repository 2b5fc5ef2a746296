"""Two tables compared: ``compare``, ``fit``, ``compare_periods``."""

from collections.abc import Iterable, Mapping
from typing import Any

from driftline import _driftline
from driftline._plan import Plan, Progress, _names, _report
from driftline.report import DriftReport


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
    max_exact: int = 1_000_000,
    multivariate: bool = True,
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
        max_exact=max_exact,
        multivariate=multivariate,
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
    max_exact: int = 1_000_000,
    multivariate: bool = True,
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
    max_exact
        So many different numbers of a column of the baseline are kept as they are, 1,000 to
        1,000,000,000; of more, as many at equal steps of rank stand for all. Ranks are then
        within 1 / ``max_exact`` of the rows, and the column is flagged ``"approximate"``.
    multivariate
        Whether rows are looked at as a whole: a sample of at most 4,000 of each side, each
        cell as a coarse code. With False the report has no ``multivariate``.
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
        max_exact=max_exact,
        multivariate=multivariate,
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
    max_exact: int = 1_000_000,
    multivariate: bool = True,
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
        max_exact=max_exact,
        multivariate=multivariate,
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
