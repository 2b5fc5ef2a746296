"""
The native half of driftline; import `driftline` instead.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal, final

from numpy import datetime64, int64
from numpy.typing import ArrayLike, NDArray
from opentelemetry.metrics import Meter
from prometheus_client.registry import CollectorRegistry
from typing_extensions import disjoint_base

from driftline._driftline.drift import UnivariateTest
from driftline.metrics import MetricsServer
from driftline.observer import SupportsOnEvent
from driftline.severity import Severity

from . import drift as drift

__all__ = [
    "__version__",
    "ConsoleLogger",
    "DriftDetector",
    "EmitReport",
    "Event",
    "Hub",
    "MetricsCollector",
    "ModelId",
    "NativeObserver",
    "ObserverFailure",
    "ObserverHandle",
    "ObserverInfo",
    "_define_kind",
    "_kind_definition",
    "_restore_model",
    "_standard_kinds",
    "drift",
]

__version__: Final[str]
"""
Version of the native half.
"""

@final
class ConsoleLogger(NativeObserver):
    """
    Writes every event that it hears to the logger ``driftline.events`` of
    :mod:`logging`, at the level of its severity (critical ones as errors; trace
    is level 5). Levels that are changed later take effect. As ever with
    :mod:`logging`, events below warning are shown only where that is asked for:
    ``logging.basicConfig(level=logging.INFO)``.

    >>> import logging, sys
    >>> import driftline as dl
    >>> logger = logging.getLogger("driftline.events")
    >>> handler = logging.StreamHandler(sys.stdout)
    >>> logger.addHandler(handler)
    >>> hub = dl.Hub()
    >>> handle = hub.register(dl.ConsoleLogger(), min_severity="warning")
    >>> report = hub.inference_failed("fraud:1.2.0", message="timed out")
    inference_failed model=fraud:1.2.0 {"message":"timed out"}
    >>> logger.removeHandler(handler)
    """
    def __new__(cls, /) -> ConsoleLogger: ...
    def __repr__(self, /) -> str: ...

@final
class DriftDetector(NativeObserver):
    """
    Tells when the last values no longer look like a baseline.

    Register it in a hub, where it emits ``drift_detected``, ``drift_resolved``
    and ``data_missing``, or give it values by ``update`` and ``update_many``.

    :param baseline: one-dimensional sample of what is normal; copied.
    :param window_size: values in the rolling window; the first look comes when
        it is full.
    :param test: a name of ``drift.available()``, or a test such as
        ``drift.KS()``.
    :param threshold: drift from this statistic on. Exactly one of
        ``threshold``, ``alpha`` and ``false_alarm_every`` is given.
    :param alpha: drift below this p-value, at every look: on an endless stream
        this always alarms in the end.
    :param false_alarm_every: drift below the p-value that keeps false alarms
        this far apart on average: a number of samples, or a time such as
        ``"30d"``, ``"12h"``, ``"90min"``, ``"45s"``. A time runs on the events'
        timestamps: where all events carry the same one, none of the budget is
        ever spent and nothing alarms. It and ``alpha`` need a test with p-values,
        such as ``"welch"`` or ``"ks"``.
    :param check_every: values between looks; by default 1 with ``threshold``,
        ``window_size`` otherwise.
    :param kinds: kinds of events to take in a hub.
    :param feature: the feature to take; by default any.
    :param field: take the value from this metadata key (dots descend) instead; an
        event without it, or without a number in it, counts as missing.
    :param model: the model to take; a name means all its versions.
    :param cooldown_s: seconds of event time from an alert to a reminder.
    :param max_missing_rate: the share of missing values among the last
        ``window_size`` above which ``data_missing`` is told.
    :param name: in reports and logs, and the ``source`` of its events.
    :param clock: a function that returns seconds since 1970, for use without a
        hub; by default the system clock.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range, none or several of the
        three ways to decide, or a test without p-value where one is needed.
    :warns UserWarning: a baseline whose values depend strongly on those before
        them (lag-1 autocorrelation above 0.3 and 3 / sqrt(n)).

    >>> import driftline as dl
    >>> detector = dl.DriftDetector([0.5] * 5, window_size=3, threshold=0.05)
    >>> [detector.update(value) for value in (0.6, 0.62, 0.65)]
    [False, False, True]
    >>> round(detector.statistic, 4), detector.drift_detected
    (0.1233, True)
    """
    def __new__(
        cls,
        /,
        baseline: ArrayLike,
        *,
        window_size: int,
        test: str | UnivariateTest = ...,
        threshold: float | None = None,
        alpha: float | None = None,
        false_alarm_every: float | str | None = None,
        check_every: int | None = None,
        kinds: str | Iterable[str] = ...,
        feature: str | None = None,
        field: str | None = None,
        model: str | ModelId | None = None,
        cooldown_s: float = 300.0,
        max_missing_rate: float = 0.5,
        name: str | None = None,
        clock: Callable[[], float] | None = None,
    ) -> DriftDetector: ...
    def __repr__(self, /) -> str: ...
    @property
    def alpha(self, /) -> float | None:
        """
        The p-value below which a look finds drift; None with a threshold. With a
        budget of time, what the last look could spend.
        """
    @property
    def baseline_autocorrelation(self, /) -> float | None:
        """
        Lag-1 autocorrelation of the baseline in its order; None for a constant.
        """
    @classmethod
    def calibrated(
        cls,
        /,
        history: ArrayLike,
        *,
        window_size: int,
        false_alarm_every: float,
        baseline: ArrayLike | None = None,
        test: str | UnivariateTest = ...,
        check_every: int | None = None,
        block_length: int | None = None,
        n_bootstrap: int = 100,
        seed: int = 0,
        kinds: str | Iterable[str] = ...,
        feature: str | None = None,
        field: str | None = None,
        model: str | ModelId | None = None,
        cooldown_s: float = 300.0,
        max_missing_rate: float = 0.5,
        name: str | None = None,
        clock: Callable[[], float] | None = None,
    ) -> DriftDetector:
        """
        A detector whose threshold keeps false alarms within a budget.

        The threshold is found from history by a moving-block bootstrap, which
        covers the dependence of values on those before them, the uncertainty of
        the baseline, and that of the history itself (it errs on the safe side).

        :param history: values in their order, from a time when all was well: at
            least two windows, better ten and more. It becomes the baseline.
        :param false_alarm_every: samples between false alarms, on average.
        :param baseline: what to compare with instead of the history.
        :param block_length: values per block; by default twice the length that
            Politis and White (2004) find from the history.
        :param n_bootstrap: replicates, 20 to 10,000.
        :param seed: the same seed gives the same threshold.

        The other parameters are those of the class. Tests that need a window's
        values at every look (``ks``, ``psi``) do best with ``check_every`` at a
        tenth of the window or more: with looks at every value, a few seconds of
        simulation see only few windows, and the threshold comes out too high.

        :raises InvalidValueError: an option out of range, a budget of time (such
            as ``"30d"``), a history shorter than two windows.

        >>> import driftline as dl, numpy as np
        >>> history = np.random.default_rng(0).normal(size=2000)
        >>> detector = dl.DriftDetector.calibrated(
        ...     history, window_size=50, false_alarm_every=100_000)
        >>> 0.5 < detector.threshold < 1.2
        True
        """
    @property
    def check_every(self, /) -> int:
        """
        Values between looks.
        """
    @property
    def data_missing(self, /) -> bool:
        """
        Whether too many of the last ``window_size`` arrivals are missing.
        """
    @property
    def drift_detected(self, /) -> bool:
        """
        Whether the last look found drift.
        """
    @property
    def last_alert(self, /) -> datetime | None:
        """
        When the last alert was raised; None before the first.
        """
    @property
    def n(self, /) -> int:
        """
        Values in the window.
        """
    @property
    def n_detections(self, /) -> int:
        """
        Alerts so far, emitted in a hub or returned without one: beginnings of
        drift and reminders.
        """
    @property
    def n_missing(self, /) -> int:
        """
        Missing values since the start.
        """
    @property
    def n_samples(self, /) -> int:
        """
        Values taken since the start, missing ones left out.
        """
    @property
    def n_suppressed(self, /) -> int:
        """
        Looks that found drift within the cooldown.
        """
    @property
    def p_value(self, /) -> float | None:
        """
        p-value of the last look; None before the first and for tests without.
        """
    def rebase(self, /, baseline: ArrayLike) -> None:
        """
        Compare with another baseline from now on; it is copied.

        The window starts empty and without drift, the counts go on; a calibrated
        threshold stays as it is. When the baseline is refused, nothing changes.
        """
    def reset(self, /) -> None:
        """
        Start afresh with the same baseline: window, counts and state.
        """
    @property
    def statistic(self, /) -> float | None:
        """
        Statistic of the last look; None before the first.
        """
    @property
    def test(self, /) -> str:
        """
        Configuration name of the test.
        """
    @property
    def threshold(self, /) -> float | None:
        """
        The statistic from which on there is drift; None when p-values decide.
        """
    def update(self, /, value: float | None, *, timestamp: datetime | str | None = None) -> bool:
        """
        Take one value; None and NaN are missing ones.

        :param timestamp: when; by default the clock's time.
        :returns: True exactly when this value raised an alert: drift begins, or
            it lasts and the cooldown has passed.
        """
    def update_many(
        self, /, values: ArrayLike, *, timestamps: ArrayLike | Sequence[datetime] | None = None
    ) -> NDArray[int64]:
        """
        Take many values: the same as ``update`` with each.

        :param timestamps: one time per value; by default all have the clock's.
        :returns: the indices, as int64, of the values that raised an alert.
        """
    @property
    def window_size(self, /) -> int:
        """
        Values that the window holds when full.
        """

@final
class EmitReport:
    """
    What became of an emission. Derived events do not count here.

    >>> import driftline as dl
    >>> hub = dl.Hub()
    >>> hub.emit("accuracy", 0.91)
    EmitReport(attempted=0, success=0, failures=())
    """
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    @property
    def attempted(self, /) -> int:
        """
        Observers that matched.
        """
    @property
    def deferred(self, /) -> bool:
        """
        Whether the event was put off: it was emitted from inside an observer and
        is delivered after the current one.
        """
    @property
    def dropped(self, /) -> int:
        """
        Deliveries that were dropped.
        """
    @property
    def failures(self, /) -> tuple:
        """
        The observers that failed; of ``emit_many`` the first 100.
        """
    def raise_for_failures(self, /) -> None:
        """
        Raise what the observers raised.

        :raises ExceptionGroup: of the exceptions in :attr:`failures`, if any.
        """
    @property
    def success(self, /) -> int:
        """
        Observers that returned.
        """

@final
class Event:
    """
    One thing that happened; immutable.

    :param kind: what happened: a constant of :class:`Kind`, or any other text.
    :param value: the number that goes with it, or None.
    :param p_value: how sure, 0 to 1, or None.
    :param model: a :class:`ModelId`, text such as ``"fraud:1.2.0"``, or None.
    :param feature: which column, or None.
    :param id: a prediction id (text or an integer), or None.
    :param severity: a :class:`Severity`, its name or its number; by default what
        the kind has.
    :param timestamp: a datetime with a timezone, a datetime64 (read as UTC) or
        RFC 3339 text; now by default. Kept to the nanosecond.
    :param source: the observer that derived the event, or None.
    :param metadata: a mapping from text to JSON-like values (None, bool, int
        from -2**63 to 2**64-1, float, str, lists and mappings of them).
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range.

    Two events are equal when every field is; a NaN equals a NaN here.

    >>> import driftline as dl
    >>> event = dl.Event("accuracy", 0.91, model="fraud:1.2.0")
    >>> event.model.version
    '1.2.0'
    >>> dl.Event.from_json(event.to_json()) == event
    True
    """

    __match_args__: Final[tuple[str, str]]
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __new__(
        cls,
        /,
        kind: str,
        value: float | None = None,
        *,
        p_value: float | None = None,
        model: ModelId | str | Mapping[str, Any] | None = None,
        feature: str | None = None,
        id: str | int | None = None,
        severity: Severity | str | int | None = None,
        timestamp: datetime | datetime64 | str | None = None,
        source: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Event: ...
    def __reduce__(self, /) -> tuple[Any, tuple]: ...
    def __repr__(self, /) -> str: ...
    @property
    def feature(self, /) -> str | None:
        """
        Which column, or None.
        """
    @classmethod
    def from_json(cls, /, text: str) -> Event:
        """
        Reads what :meth:`to_json` writes.

        :raises InvalidValueError: text that is not such an event, with the place.
        :raises InvalidTypeError: no text.
        """
    @property
    def id(self, /) -> str | None:
        """
        Which prediction, or None.
        """
    @property
    def kind(self, /) -> str:
        """
        What happened.
        """
    @property
    def metadata(self, /) -> MappingProxyType:
        """
        Whatever else is known: a read-only mapping.
        """
    @property
    def model(self, /) -> ModelId | None:
        """
        Which model, or None.
        """
    @property
    def p_value(self, /) -> float | None:
        """
        How sure, 0 to 1, or None.
        """
    @property
    def severity(self, /) -> Severity:
        """
        How grave.
        """
    @property
    def source(self, /) -> str | None:
        """
        The observer that derived the event, or None.
        """
    @property
    def timestamp(self, /) -> datetime:
        """
        When, in UTC; what is below a microsecond is cut off, see
        :attr:`timestamp_ns`.
        """
    @property
    def timestamp_ns(self, /) -> int:
        """
        When, in nanoseconds since 1970-01-01T00:00:00Z.
        """
    def to_dict(self, /) -> dict[str, Any]:
        """
        The event as a dict of plain values: what :meth:`to_json` writes, with
        NaN and infinite floats as they are. ``Event(**event.to_dict())`` equals
        the event.

        >>> import driftline as dl
        >>> event = dl.Event("f1", 0.8, feature="age")
        >>> dl.Event(**event.to_dict()) == event
        True
        """
    def to_json(self, /) -> str:
        """
        The event as one line of strict JSON; nothing is lost.

        NaN and infinite values are written as the strings ``"NaN"``,
        ``"Infinity"`` and ``"-Infinity"``; within metadata, where a string is a
        string, as ``{"$float": "NaN"}``, and a key that begins with ``$`` gets
        one more ``$``. The timestamp is RFC 3339 with nine decimals.

        >>> import driftline as dl
        >>> dl.Event("f1", float("nan"), timestamp="2013-07-01T05:00:00Z").to_json()[:29]
        '{"kind":"f1","value":"NaN","p'
        """
    @property
    def value(self, /) -> float | None:
        """
        The number that goes with it, or None.
        """

@final
class Hub:
    """
    Tells observers of events.

    :param max_cascade_depth: the longest chain of events that observers derive
        from one another, 1 to 1000. One at this depth is delivered, a deeper
        one is dropped and counted.
    :param max_models: the most models that a native observer of the hub keeps
        apart, unless it was told otherwise itself, 1 to 1,000,000; likewise
        features and custom kinds. Those that were there first stay; newcomers
        share ``__overflow__``, counted.

    >>> import driftline as dl
    >>> hub = dl.Hub()
    >>> handle = hub.register(lambda event: print(event.kind, event.value), kinds=["accuracy"])
    >>> hub.emit("accuracy", 0.91, model="fraud:1.2.0")
    accuracy 0.91
    EmitReport(attempted=1, success=1, failures=())
    >>> hub.unregister(handle)
    """
    def __bool__(self, /) -> bool: ...
    def __contains__(self, handle: Any, /) -> bool:
        """
        Whether the handle's observer is registered.
        """
    def __len__(self, /) -> int:
        """
        Registered observers.
        """
    def __new__(cls, /, *, max_cascade_depth: int = 16, max_models: int = 1000) -> Hub: ...
    def __repr__(self, /) -> str: ...
    def emit(
        self,
        /,
        kind: str | Event,
        value: float | None = None,
        *,
        p_value: float | None = None,
        model: ModelId | str | Mapping[str, Any] | None = None,
        feature: str | None = None,
        id: str | int | None = None,
        severity: Severity | str | int | None = None,
        timestamp: datetime | datetime64 | str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> EmitReport:
        """
        Emit an event: every observer that listens is called before this returns.

        From inside an observer the event is put off until the current one has
        been delivered; it takes that one's timestamp, model and feature unless it
        names its own, and the report says ``deferred=True``.

        :param kind: an :class:`Event`, or what happened, with the arguments of
            :class:`Event` behind it.
        :returns: who heard it, and who failed. An observer that raises does not
            stop the others nor reach the emitter, whatever it raises, but for
            ``KeyboardInterrupt`` and ``SystemExit``, which are raised once all were
            called. An event that observers derive beyond ``max_cascade_depth`` is
            dropped, counted in :attr:`n_loops`, and an ``EmitLoopError`` in the
            report of the ``emit`` that tried.
        :raises InvalidTypeError: an argument of a type that is not accepted.
        :raises InvalidValueError: an argument out of range.
        """
    def emit_many(
        self,
        /,
        kind: str,
        values: ArrayLike,
        *,
        timestamps: ArrayLike | Sequence[datetime] | None = None,
        model: ModelId | str | Mapping[str, Any] | None = None,
        feature: str | None = None,
        severity: Severity | str | int | None = None,
    ) -> EmitReport:
        """
        Emit many values in one call, each an event of its own.

        :param kind: what happened.
        :param values: shape (n,), read as float64; NaN is passed on.
        :param timestamps: shape (n,): an array of datetime64 or a sequence of
            datetimes with a timezone; by default all have the time of the call.
        :returns: the sum over all values, with the first 100 failures.
        :raises InvalidTypeError: an argument of a type that is not accepted.
        :raises InvalidValueError: an argument out of range; nothing is emitted.

        When only native observers listen, the array goes through at native speed
        and without holding the interpreter.

        >>> import driftline as dl, numpy as np
        >>> hub = dl.Hub()
        >>> handle = hub.register(lambda event: print(event.value))
        >>> hub.emit_many("observation", np.array([31.0, 47.0]), feature="age")
        31.0
        47.0
        EmitReport(attempted=2, success=2, failures=())
        """
    def inference_completed(
        self,
        /,
        model: ModelId | str | Mapping[str, Any] | None = None,
        *,
        latency_ms: float,
        id: str | int | None = None,
        timestamp: datetime | datetime64 | str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> EmitReport:
        """
        Emit ``inference_completed``.

        :param model: which model, or None.
        :param latency_ms: how long it took in milliseconds, 0 or more.
        :raises InvalidValueError: an argument out of range.

        >>> import driftline as dl
        >>> hub = dl.Hub()
        >>> handle = hub.register(lambda event: print(event.kind, event.value))
        >>> report = hub.inference_completed("fraud:1.2.0", latency_ms=3.5)
        inference_completed 3.5
        """
    def inference_failed(
        self,
        /,
        model: ModelId | str | Mapping[str, Any] | None = None,
        *,
        message: str | None = None,
        id: str | int | None = None,
        timestamp: datetime | datetime64 | str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> EmitReport:
        """
        Emit ``inference_failed``.

        :param model: which model, or None.
        :param message: why, in words; goes into the metadata.
        """
    def log_metrics(
        self,
        /,
        model: ModelId | str | Mapping[str, Any] | None = None,
        *,
        accuracy: float | None = None,
        precision: float | None = None,
        recall: float | None = None,
        f1: float | None = None,
        timestamp: datetime | datetime64 | str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> list[EmitReport]:
        """
        Emit one event per metric that is given.

        :param model: which model, or None.
        :returns: their reports, in the order of the parameters.
        :raises InvalidValueError: no metric is given; nothing is emitted.

        >>> import driftline as dl
        >>> hub = dl.Hub()
        >>> handle = hub.register(lambda event: print(event.kind, event.value))
        >>> reports = hub.log_metrics("fraud:1.2.0", accuracy=0.91, f1=0.8)
        accuracy 0.91
        f1 0.8
        """
    @property
    def max_cascade_depth(self, /) -> int:
        """
        The longest chain of derived events.
        """
    @property
    def max_models(self, /) -> int:
        """
        The most models that a native observer keeps apart.
        """
    @property
    def n_loops(self, /) -> int:
        """
        Derived events that were dropped because their chain was too long.
        """
    def observe(
        self,
        /,
        feature: str,
        value: float | None,
        *,
        model: ModelId | str | Mapping[str, Any] | None = None,
        id: str | int | None = None,
        timestamp: datetime | datetime64 | str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> EmitReport:
        """
        Emit ``observation``: one value of a feature or of an output.

        :param feature: which column.
        :param value: its value, or None when it is missing.
        """
    def observers(self, /) -> list[ObserverInfo]:
        """
        What is known of every observer, in the order in which they are called.
        """
    def register(
        self,
        /,
        observer: Callable[[Event], object] | SupportsOnEvent | NativeObserver,
        *,
        name: str | None = None,
        kinds: str | Iterable[str] | None = None,
        models: str | ModelId | Iterable[str | ModelId] | None = None,
        features: str | Iterable[str] | None = None,
        min_severity: Severity | str | int | None = None,
        priority: int = 0,
        once: bool = False,
        weak: bool = False,
        mode: Literal["inline"] = "inline",
        max_consecutive_failures: int | None = None,
    ) -> ObserverHandle:
        """
        Register an observer: it is called with every event that passes the filters.

        :param observer: a callable ``f(event)``; an object with
            ``on_event(event)`` and, if it likes, ``name``; or a native observer.
            Registered twice, it is called twice.
        :param name: in reports and logs; by default the observer's own.
        :param kinds: one kind or several to listen to; None is all.
        :param models: one model or several; a name means all its versions,
            ``"name:version"`` one. None is all, and events without a model.
        :param features: one feature or several; None is all.
        :param min_severity: the lowest severity to listen to.
        :param priority: higher is called earlier; equal ones in the order of
            registration.
        :param once: unregister the observer before its first call.
        :param weak: hold a bound method weakly: it is unregistered when its
            object dies. Ignored for anything else.
        :param mode: ``"inline"``: in the emitter's thread.
        :param max_consecutive_failures: call it no more after so many failures
            in a row; None is never.
        :returns: the handle that unregisters it.
        :raises InvalidTypeError: an argument of a type that is not accepted.
        :raises InvalidValueError: an argument out of range, or a filter that
            leaves nothing to hear.
        :warns UserWarning: a kind that is a typing slip away from a standard one.
        """
    def tick(self, /, now: datetime | datetime64 | str | None = None) -> EmitReport:
        """
        Tell every observer that acts on time alone (``on_tick``) that time has
        passed, without waiting for its ``tick_s``.

        :param now: the time, where it is not the system clock's: for replays and
            tests. By default each observer takes the time of the last event that
            it heard and what has passed since.
        :returns: how many observers were told, and who failed.
        """
    def training_completed(
        self,
        /,
        model: ModelId | str | Mapping[str, Any] | None = None,
        *,
        samples_seen: int | None = None,
        duration_ms: float | None = None,
        message: str | None = None,
        version: str | None = None,
        timestamp: datetime | datetime64 | str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> EmitReport:
        """
        Emit ``training_completed``.

        :param model: which model, or None.
        :param samples_seen: how many samples it was trained on, 0 or more.
        :param duration_ms: how long that took in milliseconds, 0 or more.
        :param message: anything in words. These go into the metadata under their
            names, like ``version``.
        :param version: the version that was trained.
        """
    def training_started(
        self,
        /,
        model: ModelId | str | Mapping[str, Any] | None = None,
        *,
        message: str | None = None,
        version: str | None = None,
        timestamp: datetime | datetime64 | str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> EmitReport:
        """
        Emit ``training_started``.

        :param model: which model, or None.
        :param message: anything in words; goes into the metadata, like ``version``.
        :param version: the version that is being trained.
        """
    def unregister(self, /, handle: ObserverHandle) -> None:
        """
        Unregister an observer: nothing new starts on it once this has returned.

        :raises ObserverNotFound: the handle is closed, stale, or of another hub.
        """

@final
class MetricsCollector(NativeObserver):
    """
    Counts events and keeps values for a scraper: Prometheus text, OpenMetrics,
    and protobuf with native histograms.

    Register it in a hub; then ask it by ``render``, join it to a
    ``prometheus_client`` registry by ``register``, serve it over HTTP by
    ``serve``, or hand it to OpenTelemetry by ``instrument``. The names are
    fixed:

    ``driftline_events_total{kind,model,severity}``
        events seen;
    ``driftline_inference_latency_seconds{model}``
        histogram of ``inference_completed``, whose values are milliseconds;
    ``driftline_metric{kind,model,feature}``
        last value of each kind that is a metric, in the kind's own unit:
        ``accuracy``, ``f1``, ``drift_score`` and so on, and custom kinds unless
        ``Kind.define`` says otherwise;
    ``driftline_values{kind,model,feature}``
        histogram of custom kinds that are defined as one;
    ``driftline_drift_statistic{model,feature,test}``, ``driftline_drift_p_value``
        last look of a drift test that an event told of;
    ``driftline_observer_calls_total{observer}``, ``driftline_observer_failures_total{observer}``
        calls of the hub's observers, and those that failed; observers of one name
        are summed;
    ``driftline_observer_dropped_total{observer,reason}``, ``driftline_queue_depth{observer}``
        what queues dropped, and what waits in them;
    ``driftline_cascade_drops_total``
        derived events dropped because their chain was too long;
    ``driftline_refused_values_total``
        values that no metric took: NaN, infinite, negative latencies;
    ``driftline_series_overflow_total{label}``
        events counted under ``__overflow__``.

    The label ``model`` is ``name:version``. A label that is empty stands for none.

    :param buckets_ms: upper bounds of the latency histogram in milliseconds: 1 to
        200 numbers above 0, rising. One bucket for all above is added.
    :param max_models: the most models kept apart, likewise features and custom
        kinds (1 to 1,000,000); further ones share ``__overflow__``. By default the
        hub's ``max_models``, and 1,000 without a hub.
    :param native_histogram: gather latencies in exponential buckets as well (9 %
        wide, from a nanosecond to twelve days), for scrapers that ask for
        protobuf.
    :param name: in reports and logs.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range.

    >>> import driftline as dl
    >>> hub, collector = dl.Hub(), dl.MetricsCollector()
    >>> handle = hub.register(collector)
    >>> report = hub.log_metrics("fraud:1.2.0", accuracy=0.91)
    >>> print(*[line for line in collector.render().splitlines() if "accuracy" in line], sep="\\n")
    driftline_events_total{kind="accuracy",model="fraud:1.2.0",severity="info"} 1
    driftline_metric{kind="accuracy",model="fraud:1.2.0",feature=""} 0.91
    """
    def __new__(
        cls,
        /,
        *,
        buckets_ms: ArrayLike = ...,
        max_models: int | None = None,
        native_histogram: bool = True,
        name: str | None = None,
    ) -> MetricsCollector: ...
    def __repr__(self, /) -> str: ...
    def _families(
        self, /, name: str | None = None
    ) -> list[tuple[str, str, str, str, list[tuple[str, dict[str, str], float]]]]:
        """
        Name, description, type, unit and samples of each metric; a sample is what
        is added to the name, the labels and the number.
        """
    def instrument(self, /, meter: Meter) -> None:
        """
        Hand every metric to OpenTelemetry as observable instruments (the extra
        ``opentelemetry``: the API package is enough). Once per meter.

        The instruments are named as the metrics, without ``_total``; attributes
        are the labels that are not empty. OpenTelemetry has no observable
        histogram: each is three counters, ``..._bucket`` (cumulative, with the
        attribute ``le``), ``..._count`` and ``..._sum``.

        :param meter: an ``opentelemetry.metrics.Meter``.
        :raises ImportError: the API package is not installed.
        """
    @property
    def n_refused(self, /) -> int:
        """
        Values that no metric took: NaN, infinite, negative latencies.
        """
    def negotiate(self, /, accept: str | None = None) -> tuple[str, bytes]:
        """
        Every metric as of now, in the format that a scraper prefers.

        :param accept: its ``Accept`` header; None is Prometheus text.
        :returns: the ``Content-Type`` and the body.

        >>> import driftline as dl
        >>> content_type, body = dl.MetricsCollector().negotiate("application/openmetrics-text")
        >>> content_type, body[-6:]
        ('application/openmetrics-text; version=1.0.0; charset=utf-8', b'# EOF\\n')
        """
    def on_event(self, /, event: Event) -> None:
        """
        Take one event, without a hub.
        """
    def register(self, /, registry: CollectorRegistry | None = None) -> None:
        """
        Join a registry of ``prometheus_client`` (the extra ``prometheus``). What
        goes wrong in a scrape is logged, never raised. Joining again changes
        nothing.

        :param registry: a ``CollectorRegistry``; by default ``REGISTRY``.
        :raises ImportError: ``prometheus_client`` is not installed.
        """
    def render(self, /, format: Literal["text", "openmetrics"] = "text") -> str:
        """
        Every metric as of now, as text.

        :param format: ``"text"`` (Prometheus text 0.0.4) or ``"openmetrics"``
            (OpenMetrics 1.0).
        :raises InvalidValueError: another format.
        """
    def serve(self, /, port: int = 0, host: str = "127.0.0.1") -> MetricsServer:
        """
        Serve ``/metrics`` over HTTP, for programs without a web server, on a
        daemon thread. Who can reach the port can read the metrics: there is no
        password, so the default is this machine only.

        :param port: 0 picks a free one; see the server's ``port``.
        :param host: the address to listen at; ``"0.0.0.0"`` is all of IPv4.
        :returns: the server, to be closed by ``close()`` or ``with``.
        :raises OSError: the address cannot be listened at.
        """
    def unregister(self, /, registry: CollectorRegistry | None = None) -> None:
        """
        Leave a registry; one that was not joined is left alone.

        :param registry: a ``CollectorRegistry``; by default ``REGISTRY``.
        :raises ImportError: ``prometheus_client`` is not installed.
        """

@final
class ModelId:
    """
    A model: its name, and its version when one is known.

    Two are equal when name and version are; when the version was deployed does
    not count. Wherever a model is asked for, text in the form of
    :meth:`parse` does as well.

    :param name: any text that is not empty, taken as it is.
    :param version: text that is not empty, or None.
    :param deployed_at: when this version went into service: a datetime with a
        timezone, a datetime64, or None.
    :raises InvalidValueError: an empty name or version, a time without timezone.
    :raises InvalidTypeError: an argument of another type.

    >>> import driftline as dl
    >>> dl.ModelId("fraud", "1.2.0") == dl.ModelId.parse("fraud:1.2.0")
    True
    """

    __match_args__: Final[tuple[str, str]]
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __new__(
        cls, /, name: str, version: str | None = None, *, deployed_at: datetime | str | None = None
    ) -> ModelId: ...
    def __reduce__(self, /) -> tuple[Any, tuple[dict]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def deployed_at(self, /) -> datetime | None:
        """
        When this version went into service (UTC), or None.
        """
    @property
    def name(self, /) -> str:
        """
        The model's name.
        """
    @staticmethod
    def parse(text: str) -> ModelId:
        """
        From text: ``name`` or ``name:version``, split at the last colon whose
        right side has no slash; MLflow's ``models:/name/version`` is understood.

        >>> import driftline as dl
        >>> dl.ModelId.parse("host:5000/fraud:1")
        ModelId('host:5000/fraud', '1')
        """
    @property
    def version(self, /) -> str | None:
        """
        The model's version, or None.
        """

@disjoint_base
class NativeObserver:
    """
    An observer that runs without any Python call; register it like a callable.

    The base of ``ConsoleLogger``, ``DriftDetector`` and the other native
    observers; not made by itself.
    """
    @property
    def name(self, /) -> str:
        """
        The name in reports and logs, unless the registration gives one.
        """

@final
class ObserverFailure:
    """
    An observer that failed.
    """
    def __repr__(self, /) -> str: ...
    @property
    def error(self, /) -> BaseException:
        """
        What it raised, with its traceback.
        """
    @property
    def handle(self, /) -> ObserverHandle | None:
        """
        Its handle; None when the hub itself refused the event.
        """
    @property
    def name(self, /) -> str:
        """
        Its name.
        """

@final
class ObserverHandle:
    """
    Names one registration. Losing it does not unregister.

    Works in ``with``: the observer is unregistered at the end of the block.

    >>> import driftline as dl
    >>> hub = dl.Hub()
    >>> with hub.register(print) as handle:
    ...     len(hub)
    1
    >>> len(hub)
    0
    """
    def __enter__(self, /) -> ObserverHandle: ...
    def __eq__(self, other: object, /) -> Any: ...
    def __exit__(self, /, *_exc: object) -> None: ...
    def __ge__(self, other: object, /) -> Any: ...
    def __gt__(self, other: object, /) -> Any: ...
    def __hash__(self, /) -> int: ...
    def __le__(self, other: object, /) -> Any: ...
    def __lt__(self, other: object, /) -> Any: ...
    def __ne__(self, other: object, /) -> Any: ...
    def __repr__(self, /) -> str: ...
    def close(self, /) -> None:
        """
        Unregister the observer, unless that has been done.
        """
    @property
    def generation(self, /) -> int:
        """
        How often the slot was given away before.
        """
    @property
    def slot(self, /) -> int:
        """
        The index of the slot; used again after removal.
        """

@final
class ObserverInfo:
    """
    What is known of a registered observer, at the time of asking.

    >>> import driftline as dl
    >>> hub = dl.Hub()
    >>> handle = hub.register(lambda event: None, name="silent", kinds="f1")
    >>> hub.emit("f1", 0.8).success
    1
    >>> hub.observers()[0].calls
    1
    """
    def __repr__(self, /) -> str: ...
    @property
    def calls(self, /) -> int:
        """
        Calls made, failed ones included.
        """
    @property
    def dropped(self, /) -> int:
        """
        Deliveries that were dropped; an inline observer drops none.
        """
    @property
    def failures(self, /) -> int:
        """
        Calls that failed.
        """
    @property
    def features(self, /) -> list[str] | None:
        """
        The features that it hears; None is all.
        """
    @property
    def handle(self, /) -> ObserverHandle:
        """
        Its handle.
        """
    @property
    def kinds(self, /) -> list[str] | None:
        """
        The kinds that it hears; None is all.
        """
    @property
    def min_severity(self, /) -> Severity | None:
        """
        The lowest severity that it hears; None is all.
        """
    @property
    def mode(self, /) -> str:
        """
        How it is called.
        """
    @property
    def models(self, /) -> list[str] | None:
        """
        The models that it hears; None is all.
        """
    @property
    def name(self, /) -> str:
        """
        Its name.
        """
    @property
    def once(self, /) -> bool:
        """
        Whether it is unregistered before its first call.
        """
    @property
    def priority(self, /) -> int:
        """
        Higher is called earlier.
        """
    @property
    def queue_depth(self, /) -> int:
        """
        Events that wait for it; none wait for an inline observer.
        """
    @property
    def suspended(self, /) -> bool:
        """
        Whether it was suspended after ``max_consecutive_failures``.
        """
    @property
    def time_per_call_s(self, /) -> float | None:
        """
        Mean time of a call in seconds, measured on one emission in 64 of a
        thread (its first included); None when none was measured.
        """

def _define_kind(name: str, type: str, unit: str | None, description: str | None) -> str:
    """
    Defines a custom kind.
    """

def _kind_definition(name: str) -> dict[str, str | None] | None:
    """
    What a kind is to exporters: ``{"type", "unit", "description"}``, or None.
    """

def _restore_model(fields: dict[str, str | None]) -> ModelId:
    """
    Unpickles a model.
    """

def _standard_kinds() -> list[str]:
    """
    The names of the standard kinds.
    """
