"""A baseline, prepared once: ``Plan``, ``load_plan``."""

import json
import os
from collections.abc import Callable, Iterable
from typing import Any, Literal

from driftline import _driftline
from driftline._driftline import Hub, ModelId, Monitor, Window
from driftline.exceptions import InvalidTypeError
from driftline.report import DriftReport, PerformanceReport

Progress = Callable[[int, int], object]

#: So many numbers a plan may have once it is read, unless something else is said.
MAX_VALUES = 2**28


class Plan:
    """A baseline that tables are compared with; made by :func:`fit`.

    Of each column it keeps the values in ascending order (at most ``max_exact`` different
    numbers), or how often each label occurs (65,536 labels by name): single columns without
    their rows. For the multivariate verdict it also keeps, of at most 4,000 rows, a coarse
    code from 0 to 63 for each cell; with ``multivariate=False`` nothing of any row. Values
    themselves are in it, so it is as confidential as the columns are one by one
    (docs/tables.md). ``compare`` may be called from several threads at once.

    >>> import driftline as dl
    >>> plan = dl.fit({"age": range(100)})
    >>> plan
    Plan(1 column, 100 rows, 0.5 kB)
    >>> plan.compare({"age": range(50, 150)}).verdict
    'drifted'
    >>> again = dl.Plan.from_bytes(plan.to_bytes())
    >>> again.compare({"age": range(50, 150)}) == plan.compare({"age": range(50, 150)})
    True
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
        return _performance_report(text)

    @property
    def n_bytes(self) -> int:
        """How many bytes ``to_bytes`` and ``save`` make."""
        return self._core.n_bytes

    @property
    def column_bytes(self) -> dict[str, int]:
        """How many of them each column takes."""
        return dict(self._core.column_bytes)

    def to_bytes(self) -> bytes:
        """The plan as bytes, the same on every machine.

        About 8 bytes for each different number of a column (fewer for whole ones), the text of
        each label, and with ``multivariate`` at most 4,000 for each column.

        Raises
        ------
        InvalidTypeError
            For a plan with a test of your own: of a test its name and parameters are written.
        """
        return self._core.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes, *, max_values: int = MAX_VALUES) -> "Plan":
        """The plan of bytes that ``to_bytes`` made; its reports are the same to the last bit.

        Damaged bytes, those of a later version, and those that no plan can have are refused.
        A checksum finds damage but is no signature: a plan that others may have changed can
        say anything of the baseline, though it can do no harm to the process.

        Parameters
        ----------
        data
            bytes, bytearray or memoryview.
        max_values
            So many numbers the plan may have once it is read, 8 bytes each in memory: in
            bytes, numbers that occur often take next to nothing.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            For anything but the bytes of a plan.
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise InvalidTypeError(
                f"data: got {type(data).__name__}; accepted: bytes, bytearray or memoryview"
            )
        return cls(_driftline.TablePlan.from_bytes(bytes(data), max_values))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the plan to a file; :func:`load_plan` reads it.

        The file is there wholly or not at all: what was there before stays, whatever fails,
        until the new one is on disk.

        Raises
        ------
        OSError
            Where the file cannot be written.
        InvalidTypeError
            As ``to_bytes``.
        """
        self._core.save(_path(path))

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self.to_bytes(),)

    def __copy__(self) -> "Plan":
        return self  # nothing can change it

    def __deepcopy__(self, _memo: dict[int, Any]) -> "Plan":
        return self

    def monitor(
        self,
        window: int | str | Window,
        *,
        every: int | str | None = None,
        hub: Hub | None = None,
        rule: Literal["anytime", "each_look"] = "anytime",
        alpha: float | None = None,
        false_alarm_every: int | str | None = None,
        history: Any = None,
        columns: Iterable[str] | None = None,
        cooldown_s: float = 300.0,
        model: str | ModelId | None = None,
        kinds: str | Iterable[str] = ("inference_completed",),
        field: str = "features",
        max_pending: int = 10_000,
        ttl_s: float = 2_592_000.0,
        name: str | None = None,
    ) -> Monitor:
        """Watches rows as they come: rows in, rolling verdicts out.

        Parameters
        ----------
        window
            Which rows are judged: a number (the last so many), a time such as ``"1d"`` (from
            one midnight in UTC to the next), or a :class:`driftline.Window`.
        every
            When: after so many rows, or so much of the rows' time (``"1h"``); None: each time
            that the window has been renewed (a fading one: by half). Tumbling windows are
            judged when they end.
        hub
            Where ``drift_detected`` and ``drift_resolved`` go, of each column and of the table.
        rule
            ``"anytime"``: of all streams without drift, however long, a share of at most
            ``alpha`` ever alarms: look k may spend ``alpha / (k (k + 1))``. ``"each_look"``:
            ``alpha`` at every look, which always alarms in the end.
        alpha
            The rate of false alarms accepted, 0 to 1; None for that of the plan.
        false_alarm_every
            Instead of ``alpha``: so many rows, or so much time (``"30d"``), expected between
            false alarms.
        history
            A table of rows in the order of time, as normal as the baseline, 400 or more: from
            it the monitor learns how much consecutive rows depend on each other, and counts
            them for what they tell. Without it rows are taken as independent, and rows that are
            not alarm too often (docs/monitoring.md).
        columns
            The columns to watch; None for all of the plan but the target.
        cooldown_s
            Seconds of the rows' time between an alert and a reminder of the same drift.
        model
            The model that events are about, and, on a hub, whose events are heard.
        kinds, field
            Registered on a hub, the monitor hears events of these kinds and takes the row from
            their metadata, under this key (dots descend).
        max_pending, ttl_s
            So many rows with an id are kept, for so many seconds, until their labels come.
        name
            In reports and logs, and the ``source`` of its events.

        >>> import driftline as dl
        >>> plan = dl.fit({"age": [31, 45, 27, 38] * 250})
        >>> monitor = plan.monitor(window=100)
        >>> monitor.observe([44.0])
        >>> monitor.observe_many({"age": [52.0, 61.0] * 50})
        100
        >>> monitor.drifting
        ('age',)
        """
        return Monitor(
            self._core,
            window=window,
            every=every,
            hub=hub,
            rule=rule,
            alpha=alpha,
            false_alarm_every=false_alarm_every,
            history=history,
            columns=columns,
            cooldown_s=cooldown_s,
            model=model,
            kinds=kinds,
            field=field,
            max_pending=max_pending,
            ttl_s=ttl_s,
            name=name,
        )

    def __repr__(self) -> str:
        n = len(self._core.columns)
        size = f"{self.n_bytes / 1000:,.1f} kB"
        return f"Plan({n} column{'s' * (n != 1)}, {self.n_rows:,} rows, {size})"


def _unpickled(data: bytes) -> Plan:
    """Whoever unpickles trusts where it comes from."""
    return Plan.from_bytes(data, max_values=2**63)


def load_plan(path: str | os.PathLike[str], *, max_values: int = MAX_VALUES) -> Plan:
    """The plan of a file that :meth:`Plan.save` wrote.

    Parameters
    ----------
    path
        The file.
    max_values
        As in :meth:`Plan.from_bytes`.

    Raises
    ------
    OSError
        Where the file cannot be read.
    InvalidValueError
        For anything but a plan, as it was saved by this version or an earlier one.

    >>> import driftline as dl, pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "june.plan")
    ...     dl.fit({"age": range(100)}).save(path)
    ...     dl.load_plan(path).n_rows
    100
    """
    return Plan(_driftline.TablePlan.load(_path(path), max_values))


def load_monitor(
    path: str | os.PathLike[str], *, hub: Hub | None = None, max_values: int = MAX_VALUES
) -> Monitor:
    """The monitor of a file that ``Monitor.save`` wrote, which goes on where it was.

    Parameters
    ----------
    path
        Of the file.
    hub
        Where its alarms go.
    max_values
        See :func:`load_plan`.

    Raises
    ------
    OSError
        Where the file cannot be read.
    InvalidValueError
        For a file that is no monitor, damaged, or of a later version.
    """
    return Monitor._load(_path(path), hub=hub, max_values=max_values)


def _path(path: str | os.PathLike[str]) -> str:
    try:
        return os.fsdecode(path)
    except TypeError:
        raise InvalidTypeError(f"path: got {path!r}; accepted: the path of a file") from None


def _report(text: str) -> DriftReport:
    """What the core says is right by itself."""
    return DriftReport._of(json.loads(text))


def _performance_report(text: str) -> PerformanceReport:
    return PerformanceReport._of(json.loads(text))


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
