"""Everything wired, in one line: :func:`driftline.bootstrap`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any, Final

from driftline._config import from_config
from driftline._driftline import Alert, Event, Hub, ModelId, NativeScheduler, NativeSink
from driftline.exceptions import InvalidTypeError, InvalidValueError

__all__ = ["bootstrap"]

#: What is always there; ``from_config`` makes it.
_DOCUMENT: Final[dict[str, Any]] = {
    "version": 1,
    "monitors": [{"kind": "latency"}, {"kind": "drift"}],
    "metrics": {},
}

#: With ``schedule=``. Judged in a worker of its own, so that a strategy or a slow disk is
#: nothing to the emitter.
_TRIGGER: Final[dict[str, Any]] = {
    "schedule": {"kind": "callable", "name": "schedule"},
    "min_f1": 0.75,
    "max_p": 0.05,
    "confirm": [3, 5],
    "register": {"mode": "queued", "queue_size": 2048, "priority": -1},
}

#: With ``sinks=``.
_ALERTS: Final[dict[str, Any]] = {"min_severity": "error", "queue_size": 1024}


def bootstrap(
    *,
    schedule: NativeScheduler | Callable[[ModelId, Event], object] | None = None,
    sinks: NativeSink
    | Callable[[Alert], object]
    | Iterable[NativeSink | Callable[[Alert], object]]
    | None = None,
    slo_ms: float | None = None,
    drift_threshold: float | None = None,
) -> Hub:
    """Make a hub with everything that most services want, with careful defaults.

    It has a :class:`LatencyMonitor`, a :class:`DriftMonitor` and a
    :class:`MetricsCollector`; with ``schedule`` a :class:`RetrainingTrigger` (an f1 below
    0.75 at once, a p-value below 0.05 when 3 of the last 5 looks say so; its queue takes
    2,048 events); with ``sinks`` an :class:`AlertDispatcher` (from ``"error"`` on; 1,024
    alerts may wait). Detectors are yours to register: they need a baseline.

    It is :func:`from_config` of a document that is built in; ``bootstrap().config()`` is
    where to begin for one of your own.

    :param schedule: starts a training, called with the model and the event that asks for
        it: a function, or a scheduler of :mod:`driftline.retraining`.
    :param sinks: who is told: one sink or several, or functions of an :class:`Alert`.
    :param slo_ms: the latency that 99 % of the inferences are to keep. None: there is no
        objective.
    :param drift_threshold: a ``drift_score`` at or above it is drift. None: scores are only
        shown.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range, or no sink.

    >>> import driftline as dl
    >>> told = []
    >>> with dl.bootstrap(sinks=told.append, drift_threshold=0.2) as hub:
    ...     for score in [0.1, 0.3, 0.4, 0.5]:
    ...         report = hub.emit("drift_score", score, model="fraud:1", feature="age")
    >>> [(alert.action, alert.kind, alert.value) for alert in told]
    [('open', 'drift_detected', 0.3)]
    """
    document = copy.deepcopy(_DOCUMENT)
    callables: dict[str, Any] = {}
    latency, drift = document["monitors"]
    if slo_ms is not None:
        latency["slo_ms"] = slo_ms
    if drift_threshold is not None:
        drift["threshold"] = drift_threshold
    if schedule is not None:
        if not (callable(schedule) or isinstance(schedule, NativeScheduler)):
            raise InvalidTypeError(
                f"schedule: got an object of type {type(schedule).__name__}; accepted: a function "
                "of a model and an event, or a scheduler of driftline.retraining"
            )
        callables["schedule"] = schedule
        document["triggers"] = [copy.deepcopy(_TRIGGER)]
    if sinks is not None:
        names = []
        for number, sink in enumerate(_listed(sinks), start=1):
            names.append(f"sink {number}")
            callables[names[-1]] = sink
        references = [{"kind": "callable", "name": name} for name in names]
        document["alerts"] = [{"sinks": references, **copy.deepcopy(_ALERTS)}]
    return from_config(document, callables=callables)


def _listed(sinks: Any) -> list[Any]:
    """One sink or several, as a list."""
    allowed = "a sink such as SlackSink, a callable that takes an Alert, or several of them"
    if isinstance(sinks, NativeSink) or callable(sinks):
        return [sinks]
    if isinstance(sinks, (str, bytes)) or not isinstance(sinks, Iterable):
        raise InvalidTypeError(
            f"sinks: got an object of type {type(sinks).__name__}; accepted: {allowed}"
        )
    listed = list(sinks)
    if not listed:
        raise InvalidValueError(f"sinks: got none; accepted: {allowed}")
    for sink in listed:
        if not (isinstance(sink, NativeSink) or callable(sink)):
            raise InvalidTypeError(
                f"sinks: got an object of type {type(sink).__name__}; accepted: {allowed}"
            )
    return listed
