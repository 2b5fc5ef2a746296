"""
The native half of driftline; import `driftline` instead.
"""

from asyncio import AbstractEventLoop
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime
from os import PathLike
from types import MappingProxyType
from typing import Any, Final, Literal, NoReturn, SupportsFloat, SupportsIndex, final

from _typeshed import SupportsGetItem
from numpy import datetime64, int64
from numpy.typing import ArrayLike, NDArray
from opentelemetry.metrics import Meter
from prometheus_client.registry import CollectorRegistry
from typing_extensions import disjoint_base

from driftline import PerformanceReport, Plan
from driftline._driftline.drift import UnivariateTest
from driftline._driftline.stream import Bank, Detector
from driftline.comparison import SupportsCompare, SupportsFit
from driftline.exceptions import ConfigError
from driftline.metrics import MetricsServer
from driftline.observer import SupportsOnEvent, SupportsUpdate
from driftline.report import DriftReport
from driftline.severity import Severity

from . import drift as drift
from . import stream as stream

__all__ = [
    "__version__",
    "Alert",
    "AlertDispatcher",
    "AlertmanagerSink",
    "ConsoleLogger",
    "DriftDetector",
    "DriftEntry",
    "DriftMonitor",
    "DriftStatus",
    "EmitReport",
    "Event",
    "Ewma",
    "FixedThreshold",
    "Hub",
    "Incident",
    "LatencyMonitor",
    "LatencyStats",
    "LogSink",
    "Look",
    "MetricsCollector",
    "ModelId",
    "Monitor",
    "NativeObserver",
    "NativeScheduler",
    "NativeSink",
    "ObserverFailure",
    "ObserverHandle",
    "ObserverInfo",
    "PValue",
    "PagerDutySink",
    "PerformanceMonitor",
    "PerformanceStats",
    "RetrainingTrigger",
    "ShutdownReport",
    "SinkStats",
    "SlackSink",
    "StreamDetector",
    "StreamStatus",
    "TablePlan",
    "TableSettings",
    "Webhook",
    "WebhookSink",
    "Window",
    "_ConfigDocument",
    "_Courier",
    "_LoopSource",
    "_Rebasing",
    "_Task",
    "_Worker",
    "_check_config",
    "_close_hubs",
    "_config_schema",
    "_define_kind",
    "_kind_definition",
    "_park",
    "_read_config",
    "_restore_model",
    "_standard_kinds",
    "_table_columns",
    "_threads_inside",
    "_values_between",
    "drift",
    "stream",
]

__version__: Final[str]
"""
Version of the native half.
"""

@final
class Alert:
    """
    One message: incidents of one kind and model to which the same has happened.

    Sinks are called with it. ``feature``, ``value`` and ``p_value`` are those of the
    one incident, and None where there are several.
    """
    def __repr__(self, /) -> str: ...
    @property
    def action(self, /) -> str:
        """
        ``"open"``, ``"remind"`` or ``"resolve"``.
        """
    @property
    def delivery_id(self, /) -> str:
        """
        The same on every attempt, and different for every message and sink.
        """
    @property
    def feature(self, /) -> str | None:
        """
        The feature; None where there is none, or several: see ``features``.
        """
    @property
    def features(self, /) -> tuple:
        """
        The features of its incidents.
        """
    @property
    def incidents(self, /) -> tuple:
        """
        Its incidents, one or more.
        """
    @property
    def kind(self, /) -> str:
        """
        What is wrong: the kind of the event that opened the incidents.
        """
    @property
    def model(self, /) -> ModelId | None:
        """
        The model, or None.
        """
    @property
    def opened_at(self, /) -> datetime | None:
        """
        When the first of its incidents began, in event time.
        """
    @property
    def p_value(self, /) -> float | None:
        """
        How sure: the p-value of the last event, or None.
        """
    @property
    def severity(self, /) -> Severity:
        """
        The gravest of its incidents.
        """
    @property
    def summary(self, /) -> str:
        """
        One line for people: what changed, how strongly, how sure, since when, and what
        normal is. Of several incidents the first, and how many more there are.
        """
    def to_dict(self, /) -> dict[str, object]:
        """
        As a dict of JSON's types, incidents included.
        """
    @property
    def value(self, /) -> float | None:
        """
        How strongly: the value of the last event, or None.
        """

@final
class AlertDispatcher(NativeObserver):
    """
    Tells people of incidents: once when one opens, now and then while it lasts, and
    when it is over.

    Register it in a hub. An incident is one kind of event of one model and feature. The
    first event of at least ``min_severity`` opens it; further ones within ``cooldown_s``
    are only counted, unless they are graver; a later one is told as a reminder. An event
    whose kind ends in ``_resolved`` or ``_recovered`` resolves it, whatever its severity
    (``drift_resolved`` an incident of ``drift_detected``, ``slo_recovered`` one of
    ``slo_breached``, ``data_recovered`` one of ``data_missing``, ``x_resolved`` one of
    ``x``), once every ``source`` that found it says so; ``training_completed`` those of
    ``retraining_triggered`` and ``retraining_failed``. Filters belong here and not into
    ``hub.register``, where they would keep out what resolves. One that opens again within ``cooldown_s`` is the same incident and not told
    again; if its receivers were told that it is over, and it still lasts after the
    cooldown, it is another.

    Every sink has a queue and a thread of its own: a slow one keeps neither the emitter
    nor the others waiting. What cannot be delivered for now (no connection, no answer in
    time, status 429 or from 500 on, an ``OSError`` or ``RetryLater`` raised by a callable)
    is tried again, what is refused is not; what is lost is counted and logged to
    ``driftline.delivery``. ``hub.flush()`` and ``hub.shutdown()`` wait for what is to be
    sent.

    :param sinks: one sink, or several: ``WebhookSink``, ``SlackSink`` and the like, or
        callables that take an :class:`Alert`.
    :param min_severity: the lowest severity that opens an incident.
    :param kinds: the kinds that open incidents; None is all.
    :param models: the models whose incidents are told; None is all, and none.
    :param features: the features whose incidents are told; None is all, and none.
    :param queue_size: the most alerts that wait for one sink, 1 to 1,000,000; what comes
        then is lost.
    :param cooldown_s: seconds of event time, 0 or more.
    :param group_wait_s: seconds that a message waits for others of the same kind and
        model, with which it becomes one, 0 to 1.
    :param retries: attempts after the first, 0 to 100. The first comes after half a
        second, times 0.5 to 1.5, each further one after twice as long, or after what the
        receiver asks for.
    :param resolve_after_s: an incident of a kind that no other resolves (``accuracy``,
        ``inference_failed``) is over when nothing was heard of it for so many seconds of
        event time.
    :param max_incidents: the most incidents kept apart, 1 to 1,000,000; newcomers share
        one per kind, of feature ``__overflow__``.
    :param name: in reports and logs.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range.

    >>> import driftline as dl
    >>> hub, told = dl.Hub(), []
    >>> alerts = dl.AlertDispatcher(told.append)
    >>> handle = hub.register(alerts)
    >>> for statistic in [0.31, 0.33, 0.35]:
    ...     report = hub.emit("drift_detected", statistic, model="fraud:1", feature="age")
    >>> report = hub.emit("drift_resolved", 0.02, model="fraud:1", feature="age")
    >>> hub.flush(5.0)
    True
    >>> [(alert.action, alert.value) for alert in told]
    [('open', 0.31), ('resolve', 0.02)]
    >>> alerts.offered, alerts.delivered, alerts.lost, alerts.queued
    (2, 2, {}, 0)
    """
    def __new__(
        cls,
        /,
        sinks: NativeSink
        | Callable[[Alert], object]
        | Iterable[NativeSink | Callable[[Alert], object]],
        *,
        min_severity: Severity | str | int = ...,
        kinds: str | Iterable[str] | None = None,
        models: str | ModelId | Iterable[str | ModelId] | None = None,
        features: str | Iterable[str] | None = None,
        queue_size: int = 1024,
        cooldown_s: float = 300.0,
        group_wait_s: float = 1.0,
        retries: int = 5,
        resolve_after_s: float = 3600.0,
        max_incidents: int = 1000,
        name: str | None = None,
    ) -> AlertDispatcher: ...
    def __repr__(self, /) -> str: ...
    @property
    def _given(self, /) -> tuple:
        """
        The sinks as they were given.
        """
    @property
    def cooldown_s(self, /) -> float:
        """
        Seconds before an incident is told of again.
        """
    @property
    def delivered(self, /) -> int:
        """
        Alerts that were delivered.
        """
    @property
    def features(self, /) -> list[str] | None:
        """
        The features whose incidents are told; None is all.
        """
    def flush(self, /, timeout_s: float = 2.0) -> bool:
        """
        Wait until everything is sent that is to be sent; what waits for company is sent
        at once.

        :param timeout_s: seconds after which to give up, 0 or more.
        :returns: whether nothing is left.
        :raises KeyboardInterrupt: Ctrl-C was pressed meanwhile.
        """
    @property
    def group_wait_s(self, /) -> float:
        """
        Seconds that a message waits for others.
        """
    def incidents(self, /) -> list[Alert]:
        """
        The open incidents, in the order in which they began, as alerts of one incident
        each.
        """
    @property
    def kinds(self, /) -> list[str] | None:
        """
        The kinds that open incidents; None is all.
        """
    @property
    def lost(self, /) -> dict:
        """
        Alerts that never will be, by reason: ``queue_full``, ``connection``,
        ``timeout``, ``too_many_requests``, ``server_error``, ``redirected``, ``refused``,
        ``failed`` (a callable), ``shutdown``, ``no_worker``. Reasons that did not occur are
        left out.
        """
    @property
    def max_incidents(self, /) -> int:
        """
        The most incidents kept apart.
        """
    @property
    def min_severity(self, /) -> Severity:
        """
        The lowest severity that opens an incident.
        """
    @property
    def models(self, /) -> list[str] | None:
        """
        The models whose incidents are told; None is all.
        """
    @property
    def n_opened(self, /) -> int:
        """
        Incidents that have opened so far.
        """
    @property
    def n_overflow(self, /) -> int:
        """
        Events of incidents for which there was no room.
        """
    @property
    def n_resolved(self, /) -> int:
        """
        Incidents that were resolved so far.
        """
    @property
    def offered(self, /) -> int:
        """
        Alerts that were to be delivered: each incident of a message counts, for each
        sink. Always ``delivered``, ``lost`` and ``queued`` together.
        """
    @property
    def queue_size(self, /) -> int:
        """
        The most alerts that wait for one sink.
        """
    @property
    def queued(self, /) -> int:
        """
        Alerts that wait, or are being delivered.
        """
    @property
    def resolve_after_s(self, /) -> float:
        """
        Seconds of quiet after which an incident is over that no event resolves.
        """
    @property
    def retries(self, /) -> int:
        """
        Attempts after the first.
        """
    @property
    def sinks(self, /) -> tuple:
        """
        How each sink fares.
        """

@final
class AlertmanagerSink(NativeSink):
    """
    Tells Prometheus Alertmanager of incidents for as long as they are open, by its
    API v2.

    Every incident is an alert of its own, for grouping, repeating and silencing are
    Alertmanager's work. Its labels are ``alertname`` (the kind), ``model``,
    ``model_version``, ``feature``, ``severity`` and those given; its annotations
    ``summary``, ``value``, ``p_value``, ``n_events``, ``updated_at`` and ``source``.
    What fires is sent again every ``resend_s``, and ends by itself four times as long
    after the last word of it (a process that died); a resolved one ends at once. What
    counts as delivered and as lost: see ``WebhookSink``.

    :param url: Alertmanager's own, such as ``"http://localhost:9093"``.
    :param labels: further labels of every alert.
    :param resend_s: seconds from 1 to 86,400.
    :param headers: further headers; their values are secrets.
    :param timeout_s: seconds for an attempt in all, above 0, at most 3600.
    :param connect_timeout_s: seconds for name, connection and TLS, of the same range.
    :param ca_file: certificates (PEM) to trust in place of Mozilla's roots, which
        are built in.
    :param name: in counters and logs; ``"alertmanager"`` by default.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range, a label that is ours.

    >>> import driftline as dl
    >>> dl.AlertmanagerSink("http://localhost:9093", labels={"team": "risk"})
    AlertmanagerSink(url='http://localhost:9093/', labels={'team': 'risk'}, resend_s=60.0)
    """
    def __new__(
        cls,
        /,
        url: str,
        *,
        labels: Mapping[str, str] | None = None,
        resend_s: float = 60.0,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 5.0,
        connect_timeout_s: float = 2.0,
        ca_file: str | PathLike[str] | None = None,
        name: str | None = None,
    ) -> AlertmanagerSink: ...
    def __repr__(self, /) -> str: ...
    @property
    def _header_names(self, /) -> list[str]: ...
    @property
    def ca_file(self, /) -> str | None:
        """
        The certificates that are trusted in place of Mozilla's roots.
        """
    @property
    def connect_timeout_s(self, /) -> float:
        """
        Seconds for name, connection and TLS.
        """
    @property
    def labels(self, /) -> dict[str, str]:
        """
        The labels that were given.
        """
    @property
    def resend_s(self, /) -> float:
        """
        Seconds from one word of what fires to the next.
        """
    @property
    def timeout_s(self, /) -> float:
        """
        Seconds for an attempt in all.
        """
    @property
    def url(self, /) -> str:
        """
        Where it sends to; a path is not shown.
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
    def _config(self, /) -> dict[str, Any]:
        """
        What it was made with, as a set-up says it.
        """

@final
class DriftDetector(NativeObserver):
    """
    Tells when the last values no longer look like a baseline.

    Register it in a hub, where it emits ``drift_detected``, ``drift_resolved``,
    ``data_missing`` and ``data_recovered``, or give it values by ``update`` and ``update_many``.

    :param baseline: one-dimensional sample of what is normal; copied. Or a mapping
        from model to sample: each model is compared with its own. A name stands
        for all its versions, ``"name:version"`` for one, which comes first; events
        of other models, or of none, are counted (``n_unknown_model``), not judged.
    :param window_size: values in the rolling window; the first look comes when
        it is full.
    :param test: a name of ``drift.available()``, a test such as ``drift.KS()``, or
        an object of your own with ``fit(baseline)``, which returns one with
        ``compare(current)``, or with ``compare(baseline, current)``. It gets float64
        arrays without missing values and returns a ``TestResult``, a pair
        ``(statistic, p_value)``, what SciPy's functions return, or a number; it is
        tried out once at the start. It may take its time and use the detector or the
        hub: no lock is held meanwhile, and the window goes on (an answer counts
        unless a later one came first). What it raises is a failure of the observer.
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
        ``window_size`` above which ``data_missing`` is told; ``data_recovered``
        when it is back.
    :param per_model: keep a window, a state and counts for each model, and one for
        events without a model; a mapping of baselines implies it. Ask for one by
        ``status(model)``; the properties then are sums, or tell of any.
    :param max_models: the most models kept apart, 1 to 1,000,000; by default the
        hub's ``max_models``, 1000 without one, and as many at least as have a
        baseline. Those that were there first stay;
        events of newcomers are counted (``n_overflow``), not judged.
    :param no_data_after_s: a series without an event for so many seconds is told
        (``data_missing``), once; also one that never had any. Found out at ticks:
        register with ``tick_s``, or call ``hub.tick()``.
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
        baseline: ArrayLike | Mapping[str, ArrayLike] | Mapping[ModelId, ArrayLike],
        *,
        window_size: int,
        test: str | UnivariateTest | SupportsFit | SupportsCompare = ...,
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
        per_model: bool = False,
        max_models: int | None = None,
        no_data_after_s: float | None = None,
        name: str | None = None,
        clock: Callable[[], float] | None = None,
    ) -> DriftDetector: ...
    def __repr__(self, /) -> str: ...
    def _config(self, /) -> dict[str, Any]:
        """
        What it was made with, as a set-up says it.
        """
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
        test: str | UnivariateTest | SupportsFit | SupportsCompare = ...,
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
        per_model: bool = False,
        max_models: int | None = None,
        no_data_after_s: float | None = None,
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

        The other parameters are those of the class; with ``per_model`` all models
        share baseline and threshold, and each spends a budget of its own. Tests that need a window's
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
        Whether too many of the last ``window_size`` arrivals are missing, or none
        came for ``no_data_after_s``.
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
    def max_models(self, /) -> int | None:
        """
        The most models kept apart; None without ``per_model``.
        """
    def models(self, /) -> list[ModelId | None]:
        """
        The models that have a series, as they came; None is that of events
        without a model. Empty without ``per_model``.

        >>> import driftline as dl
        >>> detector = dl.DriftDetector([0.5] * 5, window_size=3, threshold=0.05, per_model=True)
        >>> detector.update_many([0.6, 0.6, 0.6], model="fraud:1").tolist()
        [2]
        >>> detector.update(0.5, model="churn:7")
        False
        >>> detector.models()
        [ModelId('fraud', '1'), ModelId('churn', '7')]
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
    def n_overflow(self, /) -> int:
        """
        Values of models for which there was no room: counted, not judged.
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
    def n_unknown_model(self, /) -> int:
        """
        Values of models that no baseline is for: counted, not judged.
        """
    @property
    def no_data_after_s(self, /) -> float | None:
        """
        Seconds without an event after which a series is silent, or None.
        """
    @property
    def p_value(self, /) -> float | None:
        """
        p-value of the last look; None before the first and for tests without.
        """
    @property
    def per_model(self, /) -> bool:
        """
        Whether each model has a window and a state of its own. If so, the counts
        below are sums over all, ``drift_detected`` and ``data_missing`` tell
        whether any is in that state, ``statistic`` and ``p_value`` are None.
        """
    def rebase(self, /, baseline: ArrayLike, model: str | ModelId | None = None) -> None:
        """
        Compare with another baseline from now on; it is copied.

        The windows start empty and without drift, the counts go on; a calibrated
        threshold stays as it is. When the baseline is refused, nothing changes.

        :param model: with ``per_model``, only for this model; a name without a
            version means all versions that have no baseline of their own. A model
            that no baseline was for has one from now on.
        """
    def reset(self, /, model: str | ModelId | None = None) -> None:
        """
        Start afresh with the same baselines: windows, counts and states.

        :param model: with ``per_model``, start only its series afresh.
        """
    @property
    def statistic(self, /) -> float | None:
        """
        Statistic of the last look; None before the first.
        """
    def status(self, /, model: str | ModelId | None = None) -> DriftStatus:
        """
        What was seen and found of one model, at the time of asking.

        :param model: as it was named in the events: ``"fraud"`` is the series of
            events that name no version. None is that of events without a model;
            without ``per_model``, the only one. A model that is named in a
            baseline has a status before it is heard of.
        :raises InvalidValueError: a model that has no series; any model, without
            ``per_model``.

        >>> import driftline as dl
        >>> detector = dl.DriftDetector([0.5] * 5, window_size=3, threshold=0.05, per_model=True)
        >>> detector.update_many([0.6, 0.6, 0.6], model="fraud:1").tolist()
        [2]
        >>> detector.status("fraud:1")
        DriftStatus(model='fraud:1', n=3, statistic=0.1, drift_detected=True, data_missing=False)
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
    def tick(self, /, now: datetime | datetime64 | str | None = None) -> list[ModelId | None]:
        """
        Tell, without a hub, that time has passed.

        :param now: the time; by default the clock's, or without a clock that of
            the last value and what has passed since.
        :returns: the models whose series fell silent, each told once while its
            silence lasts: see ``no_data_after_s``. None is a series without model.

        >>> import driftline as dl
        >>> detector = dl.DriftDetector(
        ...     {"fraud": [0.2, 0.3], "churn": [0.7, 0.8]},
        ...     window_size=2, threshold=0.1, no_data_after_s=60)
        >>> detector.update(0.2, model="fraud:1", timestamp="2013-01-01T00:00:00Z")
        False
        >>> detector.tick("2013-01-01T00:00:59Z")
        []
        >>> detector.tick("2013-01-01T00:01:00Z")
        [ModelId('churn'), ModelId('fraud', '1')]
        """
    def update(
        self,
        /,
        value: float | None,
        *,
        timestamp: datetime | str | None = None,
        model: str | ModelId | None = None,
    ) -> bool:
        """
        Take one value; None and NaN are missing ones.

        :param timestamp: when; by default the clock's time.
        :param model: whose value it is; it matters with ``per_model`` only.
        :returns: True exactly when this value raised an alert: drift begins, or
            it lasts and the cooldown has passed.
        """
    def update_many(
        self,
        /,
        values: ArrayLike,
        *,
        timestamps: ArrayLike | Sequence[datetime] | None = None,
        model: str | ModelId | None = None,
    ) -> NDArray[int64]:
        """
        Take many values: the same as ``update`` with each.

        :param timestamps: one time per value; by default all have the clock's.
        :param model: whose values they are; it matters with ``per_model`` only.
        :returns: the indices, as int64, of the values that raised an alert.
        """
    @property
    def window_size(self, /) -> int:
        """
        Values that the window holds when full.
        """

@final
class DriftEntry:
    """
    One line of a ``DriftMonitor``'s board, at the time of asking.
    """
    def __repr__(self, /) -> str: ...
    @property
    def feature(self, /) -> str | None:
        """
        The feature, or None.
        """
    @property
    def last_update(self, /) -> datetime:
        """
        When the last event came.
        """
    @property
    def model(self, /) -> ModelId | None:
        """
        The model, or None.
        """
    @property
    def n_events(self, /) -> int:
        """
        Events heard, those without a usable value included.
        """
    @property
    def n_missing(self, /) -> int:
        """
        Scores without a usable value: none, NaN or infinite.
        """
    @property
    def p_value(self, /) -> float | None:
        """
        The p-value that came with it, or None.
        """
    @property
    def since(self, /) -> datetime:
        """
        When that state began.
        """
    @property
    def source(self, /) -> str | None:
        """
        The observer that judged; None for scores that name none.
        """
    @property
    def state(self, /) -> str | None:
        """
        ``"drifting"``, ``"stable"``, ``"missing"`` (the data has gone missing), or
        None while nobody has judged.
        """
    @property
    def statistic(self, /) -> float | None:
        """
        The last statistic, or None.
        """
    @property
    def test(self, /) -> str | None:
        """
        The test, where the events name it.
        """

@final
class DriftMonitor(NativeObserver):
    """
    The board: the last statistic, p-value and state of each model and feature.

    It hears ``drift_detected``, ``drift_resolved``, ``drift_score``,
    ``data_missing`` and ``data_recovered``. An entry is one model, feature,
    source and test, so that detectors that watch the same feature have a line
    each; give detectors of the same test a ``name`` each. ``data_missing``
    without a feature is said of all features of its model and source.

    :param threshold: a ``drift_score`` at or above it is drift: the monitor
        itself emits ``drift_detected`` on entering and ``drift_resolved`` on
        leaving, unless the source of the scores does. None only records.
    :param max_models: the most entries, 1 to 1,000,000; by default the hub's
        ``max_models``, 1000 without one. Those that were there first stay; what is
        said of newcomers is counted (``n_overflow``), not kept.
    :param name: in reports and logs, and the ``source`` of its events.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range.

    >>> import driftline as dl
    >>> hub, monitor = dl.Hub(), dl.DriftMonitor(threshold=0.2)
    >>> handle = hub.register(monitor)
    >>> report = hub.emit("drift_score", 0.31, model="fraud:1", feature="age")
    >>> report = hub.emit("drift_score", 0.07, model="fraud:1", feature="income")
    >>> print(monitor)
    model    feature  source  test  statistic  p_value  state
    fraud:1  age      -       -     0.31       -        drifting
    fraud:1  income   -       -     0.07       -        stable
    >>> monitor.state(model="fraud")
    'drifting'
    """
    def __bool__(self, /) -> bool: ...
    def __len__(self, /) -> int: ...
    def __new__(
        cls,
        /,
        *,
        threshold: float | None = None,
        max_models: int | None = None,
        name: str | None = None,
    ) -> DriftMonitor: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str:
        """
        A table, at most 20 entries long.
        """
    def _config(self, /) -> dict[str, Any]:
        """
        What it was made with, as a set-up says it.
        """
    def board(self, /) -> list[DriftEntry]:
        """
        Every entry, in the order in which they came.
        """
    def drifting(self, /) -> list[DriftEntry]:
        """
        The entries that are drifting.
        """
    @property
    def max_models(self, /) -> int:
        """
        The most entries.
        """
    @property
    def n_overflow(self, /) -> int:
        """
        Events about newcomers for which there was no room.
        """
    def reset(self, /) -> None:
        """
        Empty the board.
        """
    def state(
        self, /, model: str | ModelId | None = None, feature: str | None = None
    ) -> Literal["stable", "missing", "drifting"] | None:
        """
        The gravest state: ``"drifting"`` before ``"missing"`` before ``"stable"``.

        :param model: a name means all its versions; None is any.
        :param feature: None is any.
        :returns: None when nothing was judged.
        """
    @property
    def threshold(self, /) -> float | None:
        """
        The score from which on there is drift, or None.
        """
    def update(
        self,
        /,
        statistic: float | None,
        p_value: float | None = None,
        *,
        model: str | ModelId | None = None,
        feature: str | None = None,
        timestamp: datetime | str | None = None,
    ) -> bool:
        """
        Take a score without a hub; None, NaN and infinite ones are counted and
        change nothing.

        :param timestamp: when; by default now.
        :returns: True exactly when drift begins: a score at or above the
            threshold after none that was.
        """

@final
class DriftStatus:
    """
    What a ``DriftDetector`` had seen and found of one model when asked; made by
    its ``status(model)``.
    """
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
    @property
    def data_missing(self, /) -> bool:
        """
        Whether too many of the last ``window_size`` arrivals are missing, or none
        came for ``no_data_after_s``.
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
    def model(self, /) -> ModelId | None:
        """
        The model, or None for events without one.
        """
    @property
    def n(self, /) -> int:
        """
        Values in the window.
        """
    @property
    def n_baseline(self, /) -> int:
        """
        Values of the baseline, missing ones left out.
        """
    @property
    def n_detections(self, /) -> int:
        """
        Alerts so far: beginnings of drift and reminders.
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
    @property
    def statistic(self, /) -> float | None:
        """
        Statistic of the last look; None before the first.
        """
    @property
    def threshold(self, /) -> float | None:
        """
        The statistic from which on there is drift; None when p-values decide.
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
        Observers whose queue dropped the event.
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
        Observers that returned, or whose queue accepted the event.
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
class Ewma:
    """
    A strategy of :class:`RetrainingTrigger`: retrain when the exponentially weighted
    moving average of the values of one model, feature and source is at or above a
    threshold.

    The average begins with the first value; missing and infinite ones are left out and
    counted. Source: S. W. Roberts, "Control Chart Tests Based on Geometric Moving
    Averages", Technometrics 1 (1959).

    :param smoothing: the weight of a new value, above 0 and at most 1.
    :param threshold: a finite number.
    :raises InvalidValueError: another one.

    >>> import driftline as dl
    >>> dl.Ewma(0.3, 0.2)
    Ewma(0.3, 0.2)
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs__(self, /) -> tuple[float, float]: ...
    def __hash__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, smoothing: float, threshold: float) -> Ewma: ...
    def __repr__(self, /) -> str: ...
    @property
    def smoothing(self, /) -> float:
        """
        The weight of a new value.
        """
    @property
    def threshold(self, /) -> float:
        """
        From which average on.
        """

@final
class FixedThreshold:
    """
    A strategy of :class:`RetrainingTrigger`: retrain when an event's value is at or above
    a threshold.

    :param threshold: a finite number.
    :raises InvalidValueError: another one.

    >>> import driftline as dl
    >>> dl.FixedThreshold(0.05)
    FixedThreshold(0.05)
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs__(self, /) -> tuple[float]: ...
    def __hash__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, threshold: float) -> FixedThreshold: ...
    def __repr__(self, /) -> str: ...
    @property
    def threshold(self, /) -> float:
        """
        From which value on.
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
    def __aenter__(self, /) -> Any: ...
    def __aexit__(self, /, *_exc: object) -> Any: ...
    def __bool__(self, /) -> bool: ...
    def __contains__(self, handle: Any, /) -> bool:
        """
        Whether the handle's observer is registered.
        """
    def __enter__(self, /) -> Hub: ...
    def __exit__(self, /, *_exc: object) -> None: ...
    def __len__(self, /) -> int:
        """
        Registered observers.
        """
    def __new__(cls, /, *, max_cascade_depth: int = 16, max_models: int = 1000) -> Hub: ...
    def __repr__(self, /) -> str: ...
    def _block_timeout_s(self, /, handle: ObserverHandle) -> float:
        """
        How long an emitter is to wait for room.
        """
    def _completed(
        self,
        /,
        report: EmitReport,
        failures: SupportsGetItem[int, tuple[ObserverHandle, BaseException]],
        dropped: SupportsIndex,
    ) -> EmitReport:
        """
        A report with what came of the event later.
        """
    def _emit_followed(
        self, /, *args: Any, **kwargs: Any
    ) -> tuple[Any, EmitReport, list[tuple[ObserverHandle, int | None, Any | None]]]:
        """
        Emits as :meth:`emit` does, and says where the event went.
        """
    def _give_up(self, /, handle: ObserverHandle) -> None:
        """
        Counts the drop of an event that found no room in time.
        """
    def _offer(self, /, handle: ObserverHandle, event: Event) -> int | None:
        """
        Offers an event to one queued observer: under which number it was accepted.
        0 when it was dropped, None while there is no room.
        """
    def _setup(self, /, setup: object = None) -> Any:
        """
        Keeps what ``from_config`` remembers; ``None`` only reads.
        """
    @property
    def closed(self, /) -> bool:
        """
        Whether the hub was shut down: it takes no more events and observers.
        """
    def config(self, /) -> dict[str, Any]:
        """
        A mapping that makes the same hub again: :func:`driftline.from_config` takes it,
        with the same ``callables`` and ``environ``.

        It has what the hub was made with and every observer with its parameters and
        options; what they have seen is not in it. Observers that are callables are
        under ``observers``, by name (their registration's). A secret is the name of
        its environment variable where ``from_config`` read it there, else
        ``{"env": None}``, which ``from_config`` refuses until a name is put in.

        :returns: only mappings, lists, str, numbers, bool and None, so that it can be
            written as YAML, JSON or TOML (which has no null: leave those keys out).

        >>> import driftline as dl
        >>> hub = dl.Hub(max_models=50)
        >>> handle = hub.register(dl.DriftMonitor(threshold=0.2))
        >>> hub.config()["hub"]["max_models"], hub.config()["monitors"]
        (50, [{'kind': 'drift', 'threshold': 0.2, 'name': 'drift_monitor'}])
        >>> dl.from_config(hub.config())
        Hub(1 observers: drift_monitor)
        """
    @property
    def dropped_by_reason(self, /) -> dict:
        """
        Events that queues dropped in the hub's life, by reason, those of observers
        that are no longer registered included; see
        :attr:`ObserverInfo.dropped_by_reason`.
        """
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
        :raises HubClosed: the hub was shut down.
        """
    def emit_async(self, /, *args: Any, **kwargs: Any) -> Coroutine[Any, Any, EmitReport]:
        """
        Emit an event, and wait without blocking the event loop: for room in the
        queues of observers registered with ``overflow="block"``, and for
        asynchronous observers to be done with this event.

        :param kind: an :class:`Event`, or what happened, with the arguments of
            :meth:`emit` behind it.
        :returns: an awaitable of the :class:`EmitReport`, asynchronous observers that
            failed included.
        :raises HubClosed: the hub was shut down.

        >>> import asyncio, driftline as dl
        >>> async def main():
        ...     hub = dl.Hub()
        ...     async def observer(event):
        ...         await asyncio.sleep(0)
        ...         print(event.kind)
        ...     hub.register(observer)
        ...     return await hub.emit_async("f1", 0.8)
        >>> asyncio.run(main())
        f1
        EmitReport(attempted=1, success=1, failures=())
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
    def flush(self, /, timeout_s: float = 2.0) -> bool:
        """
        Wait until every queued observer has been given what was emitted.

        :param timeout_s: seconds after which to give up, 0 or more.
        :returns: whether nothing is left. Called by a queued observer, whose own
            event is not delivered before it returns, the answer is False, at once.
        :raises KeyboardInterrupt: Ctrl-C was pressed meanwhile.

        >>> import driftline as dl
        >>> hub = dl.Hub()
        >>> heard = []
        >>> handle = hub.register(heard.append, mode="queued")
        >>> report = hub.emit("f1", 0.8)
        >>> hub.flush(5.0), len(heard)
        (True, 1)
        """
    def ground_truth(
        self,
        /,
        id: str | int,
        y: str | bool | int | float,
        *,
        model: ModelId | str | Mapping[str, Any] | None = None,
        timestamp: datetime | datetime64 | str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> EmitReport:
        """
        Emit ``ground_truth``: the true value of a prediction is known.

        :param id: which prediction, as ``inference_completed`` had it.
        :param y: what is true: a str, a bool or a number. It goes into the metadata as
            ``label``; the event's value is it, where it is a number.
        :param model: whose prediction, with its version; None: of any that predicted it.

        >>> import driftline as dl
        >>> hub = dl.Hub()
        >>> handle = hub.register(lambda event: print(event.kind, event.id, event.metadata))
        >>> report = hub.ground_truth("order-17", "fraud")
        ground_truth order-17 {'label': 'fraud'}
        """
    def inference_completed(
        self,
        /,
        model: ModelId | str | Mapping[str, Any] | None = None,
        *,
        latency_ms: float,
        id: str | int | None = None,
        prediction: str | bool | int | float | None = None,
        probability: float | None = None,
        timestamp: datetime | datetime64 | str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> EmitReport:
        """
        Emit ``inference_completed``.

        :param model: which model, or None.
        :param latency_ms: how long it took in milliseconds, 0 or more.
        :param id: which prediction, for a label that comes later (``ground_truth``).
        :param prediction: what was predicted: a str, a bool or a number.
        :param probability: how likely that is, 0 to 1. These go into the metadata under their
            names.
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
        mode: Literal["inline", "queued"] = "inline",
        queue_size: int = 1024,
        overflow: Literal["drop_oldest", "drop_newest", "block"] = "drop_oldest",
        block_timeout_s: float = 30.0,
        tick_s: float | None = None,
        max_consecutive_failures: int | None = None,
        loop: AbstractEventLoop | None = None,
        max_in_flight: int | None = None,
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
        :param mode: ``"inline"``: in the emitter's thread. ``"queued"``: by a worker
            of its own, one event after the other; emitters only put events into its
            queue. Coroutine functions run on an event loop in either mode, one at a
            time with ``"queued"``.
        :param queue_size: the most events that are accepted and not delivered yet,
            the one in the observer's hands included, 1 to 10,000,000.
        :param overflow: what becomes of an event beyond that: ``"drop_oldest"`` (the
            oldest that waits gives way), ``"drop_newest"``, or ``"block"``: the
            emitter waits, but neither on the observer's own worker nor in a thread
            with a running event loop, where the event is dropped at once. Every drop
            is counted, with its reason.
        :param block_timeout_s: with ``"block"``, seconds after which it is dropped
            all the same, 0 or more.
        :param tick_s: call ``on_tick()`` every so many seconds, 0.001 or more; for
            observers that have it. None is only on :meth:`tick`. Coroutine functions
            are told from when their event loop is known.
        :param max_consecutive_failures: call it no more after so many failures
            in a row; None is never.
        :param loop: for coroutine functions, the event loop to run on; by default
            the one that runs where the first event is emitted, else the one that ran
            at the registration, else one of its own on a thread. When that loop has
            been closed, the next one that runs where an event is emitted; until then
            events are dropped (``loop_closed``).
        :param max_in_flight: for coroutine functions, how many calls run at the same
            time; by default 16, and 1 with ``mode="queued"``.
        :returns: the handle that unregisters it.
        :raises InvalidTypeError: an argument of a type that is not accepted.
        :raises InvalidValueError: an argument out of range, or a filter that
            leaves nothing to hear.
        :raises HubClosed: the hub was shut down.
        :warns UserWarning: a kind that is a typing slip away from a standard one;
            options of a queue for an observer that has none.

        >>> import driftline as dl
        >>> with dl.Hub() as hub:  # shut down at the end: everything is delivered
        ...     handle = hub.register(lambda event: print(event.value), mode="queued")
        ...     report = hub.emit("f1", 0.8)
        0.8
        """
    def shutdown(self, /, timeout_s: float = 2.0) -> ShutdownReport:
        """
        End the hub: refuse events from now on, deliver what waits in queues, and
        call ``shutdown()`` on the observers that have it.

        What is left after ``timeout_s`` is dropped and counted; a callback that
        hangs is left alone. Observers stay readable. Called again, it tells the same.
        A program that ends does this for every hub, within two seconds.

        In a coroutine use ``async with hub``, or ``await asyncio.to_thread(hub.shutdown)``:
        this call would keep asynchronous observers from running meanwhile.

        :param timeout_s: seconds after which to give up, 0 or more.
        :raises KeyboardInterrupt: Ctrl-C was pressed meanwhile; called again, it goes
            on.
        """
    def tick(self, /, now: datetime | datetime64 | str | None = None) -> EmitReport:
        """
        Tell every observer that acts on time alone (``on_tick``) that time has
        passed, without waiting for its ``tick_s``.

        :param now: the time, where it is not the system clock's: for replays and
            tests. By default each observer takes the time of the last event that
            it heard and what has passed since.
        :returns: how many observers were told, and who failed.
        :raises HubClosed: the hub was shut down.
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
class Incident:
    """
    One kind of trouble of one model and feature, as it stood when it was told.
    """
    def __repr__(self, /) -> str: ...
    @property
    def feature(self, /) -> str | None:
        """
        The feature, or None.
        """
    @property
    def id(self, /) -> str:
        """
        The same in all alerts of the incident.
        """
    @property
    def metadata(self, /) -> MappingProxyType:
        """
        Metadata of the last event: what normal is, among others.
        """
    @property
    def n_events(self, /) -> int:
        """
        Events of it so far, those that were not told included.
        """
    @property
    def opened_at(self, /) -> datetime:
        """
        When it began, in event time.
        """
    @property
    def p_value(self, /) -> float | None:
        """
        How sure: the p-value of the last event, or None.
        """
    @property
    def severity(self, /) -> Severity:
        """
        The gravest so far.
        """
    @property
    def source(self, /) -> str | None:
        """
        The observer that found it, or None.
        """
    @property
    def summary(self, /) -> str:
        """
        One line for people.
        """
    def to_dict(self, /) -> dict[str, object]:
        """
        As a dict of JSON's types.
        """
    @property
    def updated_at(self, /) -> datetime:
        """
        When the last event came, in event time.
        """
    @property
    def value(self, /) -> float | None:
        """
        How strongly: the value of the last event, or None.
        """

@final
class LatencyMonitor(NativeObserver):
    """
    Keeps an eye on how long inferences take, model by model.

    Register it in a hub, where it hears ``inference_completed`` (the value is the
    latency in milliseconds) and ``inference_failed``, or give it latencies by
    ``update``, ``update_many`` and ``failed``. With ``slo_ms`` it emits
    ``slo_breached`` when the objective is no longer met, and ``slo_recovered``
    when it is again; ``hub.tick()`` lets its windows go on without events and logs
    a line per model to ``driftline.latency``, of the 20 that are busiest.

    :param ema_alpha: the weight of a new latency in the moving average, above 0
        and at most 1.
    :param slo_ms: the objective: a share of at least ``quantile`` of the
        inferences in the window is to take no longer. None: there is none.
    :param quantile: between 0 and 1.
    :param window_s: seconds of event time that the objective is judged over, in
        60 parts: what is older never counts, what is in the oldest part may not.
    :param relative_error: how far a quantile may be off, as a share of the
        latency, 0.001 to 0.1.
    :param min_samples: inferences that the window must hold before it is judged;
        by default 1 / (1 - quantile), and at least 20.
    :param failures_count: whether a failed inference counts as a slow one.
    :param recover_at: a breach ends when the share of slow inferences is at most
        this part of the share that begins one, 0 to 1. When traffic stops, the
        slow ones leave the window and the breach ends.
    :param burn_rates: rules in place of the window's: triples of a factor, a long
        window and a short one in seconds. Breached when, over both, the share of
        slow inferences is above ``factor * (1 - quantile)``: the error budget
        burns that many times as fast as it may. Google's Site Reliability
        Workbook, chapter 5, proposes ``((14.4, 3600, 300), (6, 21600, 1800))``.
    :param max_models: the most models kept apart; newcomers beyond that share
        ``__overflow__``. None: as many as the hub says, 1000 without one.
    :param name: in reports and logs, and the ``source`` of its events.
    :param clock: a function that returns seconds since 1970, for use without a
        hub; by default the system clock.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range.

    >>> import driftline as dl
    >>> monitor = dl.LatencyMonitor(slo_ms=50.0, min_samples=4)
    >>> [monitor.update(latency, "fraud:1") for latency in (20.0, 30.0, 25.0, 80.0)]
    [False, False, False, True]
    >>> stats = monitor.stats("fraud:1")
    >>> stats.n, stats.max_ms, round(stats.ema_ms, 2), stats.breached
    (4, 80.0, 27.26, True)
    """
    def __new__(
        cls,
        /,
        *,
        ema_alpha: float = 0.1,
        slo_ms: float | None = None,
        quantile: float = 0.99,
        window_s: float = 300.0,
        relative_error: float = 0.01,
        min_samples: int | None = None,
        failures_count: bool = True,
        recover_at: float = 0.5,
        burn_rates: Iterable[tuple[float, float, float]] | None = None,
        max_models: int | None = None,
        name: str | None = None,
        clock: Callable[[], float] | None = None,
    ) -> LatencyMonitor: ...
    def __repr__(self, /) -> str: ...
    def _config(self, /) -> dict[str, Any]:
        """
        What it was made with, as a set-up says it.
        """
    def breached(self, /, model: ModelId | str | Mapping[str, Any] | None = None) -> bool:
        """
        Whether a model's objective is breached.

        :param model: as in ``stats``.
        :raises InvalidValueError: a model that was not heard of.
        """
    def failed(
        self,
        /,
        model: ModelId | str | Mapping[str, Any] | None = None,
        *,
        timestamp: datetime | datetime64 | str | None = None,
    ) -> bool:
        """
        Count an inference that failed.

        :param model: which model failed, or None.
        :param timestamp: when; by default the clock's time.
        :returns: True exactly when this failure began a breach.
        """
    @property
    def min_samples(self, /) -> int:
        """
        Inferences that the window must hold before it is judged.
        """
    def models(self, /) -> list[ModelId | None]:
        """
        The models with figures of their own, in the order in which they came;
        None among them stands for inferences that named no model.
        """
    @property
    def n_overflow(self, /) -> int:
        """
        Inferences that found no room for a model of their own.
        """
    @property
    def n_refused(self, /) -> int:
        """
        Latencies refused since the start, of all models.
        """
    def quantile(
        self, /, q: float, model: ModelId | str | Mapping[str, Any] | None = None
    ) -> float | None:
        """
        The lowest latency in milliseconds that a share of at least ``q`` of a
        model's do not exceed, within the relative error: an estimate of
        ``numpy.quantile`` with ``method="inverted_cdf"``. None before the first.

        :param q: from 0 to 1.
        :param model: as in ``stats``.
        :raises InvalidValueError: ``q`` out of range, or a model that was not
            heard of.
        """
    def reset(self, /) -> None:
        """
        Start afresh: every model is forgotten, and no ``slo_recovered`` is told.
        """
    @property
    def slo_ms(self, /) -> float | None:
        """
        The objective in milliseconds, or None.
        """
    def stats(self, /, model: ModelId | str | Mapping[str, Any] | None = None) -> LatencyStats:
        """
        The figures of a model.

        :param model: None is the inferences that named none, ``"__overflow__"``
            those that found no room for a model of their own.
        :raises InvalidValueError: a model that was not heard of.
        """
    def summary(self, /) -> str:
        """
        One line per model, those that are busiest in the window first: at most
        20, and one that says how many are left out.
        """
    def update(
        self,
        /,
        latency_ms: float,
        model: ModelId | str | Mapping[str, Any] | None = None,
        *,
        timestamp: datetime | datetime64 | str | None = None,
    ) -> bool:
        """
        Take the latency of one inference in milliseconds.

        NaN, infinite and negative ones, and those beyond 1e12, are refused: they
        are counted in ``n_refused`` and change nothing else.

        :param model: which model answered, or None.
        :param timestamp: when; by default the clock's time.
        :returns: True exactly when this inference began a breach.
        """
    def update_many(
        self,
        /,
        latencies_ms: ArrayLike,
        model: ModelId | str | Mapping[str, Any] | None = None,
        *,
        timestamps: ArrayLike | Sequence[datetime] | None = None,
    ) -> NDArray[int64]:
        """
        Take many latencies of one model: the same as ``update`` with each.

        :param timestamps: one time per latency; by default all have the clock's.
        :returns: the indices, as int64, of those that began a breach.
        """

@final
class LatencyStats:
    """
    The figures of one model at one moment, from ``LatencyMonitor.stats``.

    Latencies are in milliseconds. Quantiles are estimates within the monitor's
    relative error; the lowest, the highest and all counts are exact. What nothing
    has been seen of is None. The window is as of the last inference, or the last
    tick of the hub.

    >>> import driftline as dl
    >>> monitor = dl.LatencyMonitor()
    >>> monitor.update(20.0, "fraud:1"), monitor.update(30.0, "fraud:1")
    (False, False)
    >>> monitor.stats("fraud:1")
    LatencyStats('fraud:1', n=2, n_failed=0, ema_ms=21.0, p50_ms=20.0, p99_ms=30.0, breached=False)
    """
    def __repr__(self, /) -> str: ...
    @property
    def breached(self, /) -> bool:
        """
        Whether the objective is breached.
        """
    @property
    def ema_ms(self, /) -> float | None:
        """
        Exponential moving average: the first latency, then
        ``ema + ema_alpha * (latency - ema)``.
        """
    @property
    def failure_rate(self, /) -> float | None:
        """
        ``n_failed / (n + n_failed)``.
        """
    @property
    def last_seen(self, /) -> datetime | None:
        """
        Event time (UTC) of the last inference; one that came late or too far from
        the future counts as of the time that its monitor took it for.
        """
    @property
    def max_ms(self, /) -> float | None:
        """
        The highest latency.
        """
    @property
    def mean_ms(self, /) -> float | None:
        """
        Mean of all latencies.
        """
    @property
    def min_ms(self, /) -> float | None:
        """
        The lowest latency.
        """
    @property
    def model(self, /) -> ModelId | None:
        """
        The model; None for inferences that named none.
        """
    @property
    def n(self, /) -> int:
        """
        Inferences answered, whose latency was taken.
        """
    @property
    def n_breaches(self, /) -> int:
        """
        Breaches that began.
        """
    @property
    def n_failed(self, /) -> int:
        """
        Inferences that failed.
        """
    @property
    def n_refused(self, /) -> int:
        """
        Inferences whose latency was no finite number from 0 to 1e12.
        """
    @property
    def p50_ms(self, /) -> float | None:
        """
        Median of all latencies.
        """
    @property
    def p90_ms(self, /) -> float | None:
        """
        90th percentile of all latencies.
        """
    @property
    def p95_ms(self, /) -> float | None:
        """
        95th percentile of all latencies.
        """
    @property
    def p99_ms(self, /) -> float | None:
        """
        99th percentile of all latencies.
        """
    @property
    def window_n(self, /) -> int:
        """
        Inferences in the window that are judged: answered ones and, where these
        count as slow, failed ones.
        """
    @property
    def window_n_failed(self, /) -> int:
        """
        Inferences in the window that failed.
        """
    @property
    def window_quantile_ms(self, /) -> float | None:
        """
        The monitor's ``quantile`` of the latencies in the window.
        """
    @property
    def window_share_above(self, /) -> float | None:
        """
        Share of the judged ones that took longer than ``slo_ms`` or, where that
        counts, failed; None without ``slo_ms`` or inferences in the window.
        """

@final
class LogSink(NativeSink):
    """
    Writes every alert to the logger ``driftline.alerts`` of :mod:`logging` as one
    line, at the level of its severity (critical ones as errors), and at INFO when
    something is over.

    :param name: in counters; ``"log"`` by default.

    >>> import driftline as dl
    >>> dl.LogSink()
    LogSink()
    """
    def __new__(cls, /, *, name: str | None = None) -> LogSink: ...
    def __repr__(self, /) -> str: ...

@final
class Look:
    """
    A look of a monitor at its window.
    """
    def __repr__(self, /) -> str: ...
    @property
    def alpha(self, /) -> float:
        """
        What it could spend on false alarms.
        """
    @property
    def columns(self, /) -> dict:
        """
        For each column its verdict, the share of rows moved with its interval, and the rate of
        missing values.
        """
    @property
    def n(self, /) -> int:
        """
        Rows of the window; of a fading one as many as tell as much.
        """
    @property
    def number(self, /) -> int:
        """
        The how manyth, from 1.
        """
    @property
    def samples_seen(self, /) -> int:
        """
        Rows that had come until then.
        """
    @property
    def share_drifted(self, /) -> float:
        """
        The share of columns drifted, by weight.
        """
    @property
    def timestamp(self, /) -> datetime:
        """
        When, by the rows' time.
        """
    @property
    def verdict(self, /) -> str:
        """
        ``"drifted"``, ``"stable"`` or ``"inconclusive"``.
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
        histogram of custom kinds that are defined as one, in buckets from 0.001 to
        10,000 in steps of 1, 2.5 and 5;
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
        values that no metric took: NaN, infinite, latencies above 1e12 ms, and
        negative ones in a histogram;
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
    def _config(self, /) -> dict[str, Any]:
        """
        What it was made with, as a set-up says it.
        """
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
        Values that no metric took: those of ``driftline_refused_values_total``.
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
        :raises InvalidValueError: another collector's metrics are in it, under the
            same names.
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

@final
class Monitor(NativeObserver):
    """
    Watches the rows that a service sees: a plan at work; made by ``Plan.monitor``.

    Rows come in by :meth:`observe` and :meth:`observe_many`, from any number of threads, or,
    registered on a hub, from the metadata of ``inference_completed`` events. They are counted
    on the bins of the plan's baseline; looks at the window tell which columns have drifted,
    and ``drift_detected`` and ``drift_resolved`` of each column and of the table go to the
    hub. :meth:`report` compares the window wholly, at any time.

    >>> import numpy as np
    >>> import driftline as dl
    >>> rng = np.random.default_rng(7)
    >>> plan = dl.fit({"age": rng.normal(40, 10, 5000), "city": rng.choice(["Oslo", "Rome"], 5000)})
    >>> hub = dl.Hub()
    >>> handle = hub.register(lambda event: print(event.feature, event.metadata["message"]))
    >>> monitor = plan.monitor(window=500, hub=hub)
    >>> for age in rng.normal(40, 10, 500):
    ...     monitor.observe({"age": age, "city": "Oslo"})
    city in the last 500 rows 51.0% of the rows have moved, at least 46.9% for certain
    None 1 of 2 columns have drifted in the last 500 rows: city (51.0%)
    >>> monitor.drifting
    ('city',)
    >>> monitor.report()["age"].verdict
    'inconclusive'
    """
    def __new__(
        cls,
        /,
        plan: Plan | TablePlan,
        *,
        window: int | str | Window,
        every: int | str | None = None,
        hub: Hub | None = None,
        rule: Literal["anytime", "each_look"] = "anytime",
        alpha: float | None = None,
        false_alarm_every: int | str | None = None,
        history: Any = None,
        columns: Iterable[str] | None = None,
        cooldown_s: float = 300.0,
        model: str | ModelId | None = None,
        kinds: str | Iterable[str] = ...,
        field: str = "features",
        max_pending: int = 10000,
        ttl_s: float = 2592000.0,
        name: str | None = None,
    ) -> Monitor: ...
    def __reduce__(self, /) -> tuple[Any, ...]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def _load(
        path: str | PathLike[str], *, hub: Hub | None = None, max_values: int = ...
    ) -> Monitor: ...
    @property
    def columns(self, /) -> list[str]:
        """
        The names of the columns, in the order of a row's cells.
        """
    @property
    def coverage(self, /) -> float | None:
        """
        The share of rows with an id that have their label by now; None before the first.
        """
    @property
    def dependence(self, /) -> list[tuple[str, float, float]] | None:
        """
        For each column, how many rows of the window, and of the baseline, are worth one that
        does not depend on those before it; None without ``history``.
        """
    @property
    def drift_detected(self, /) -> bool:
        """
        Whether the table has drifted, as of the last look.
        """
    @property
    def drifting(self, /) -> tuple:
        """
        The columns that have drifted, as of the last look.
        """
    @staticmethod
    def from_bytes(
        data: bytes | bytearray, *, hub: Hub | None = None, max_values: int = ...
    ) -> Monitor:
        """
        The monitor of such bytes, which goes on where it was.

        :param hub: where alarms go.
        :param max_values: see ``Plan.from_bytes``.
        :raises InvalidValueError: bytes that are no monitor, damaged, or of a later version.

        >>> import driftline as dl
        >>> monitor = dl.fit({"age": [31, 45, 27, 38] * 250}).monitor(window=100)
        >>> monitor.observe([44.0])
        >>> dl.Monitor.from_bytes(monitor.to_bytes()).n
        1
        """
    def ground_truth(
        self, /, ids: str | int | Iterable[str | int], y: Any, *, timestamps: Any = None
    ) -> dict[str, int]:
        """
        Say what was true of rows that were given with an id.

        :param ids: one id, or several in a sequence.
        :param y: the label of that row (the value of the plan's target), or one for each id.
        :param timestamps: when they came; by default now.
        :returns: how many were ``matched``, ``late`` (the row had gone), ``duplicate`` (the
            row has its label already) and ``unmatched`` (no such row: they wait for it).
        :raises InvalidValueError: a plan without a target; a label that its baseline has not.
            The labels before it have been taken.

        >>> import driftline as dl
        >>> baseline = {"score": [0.1, 0.8, 0.4, 0.9] * 250, "y": [0, 1, 0, 1] * 250}
        >>> plan = dl.fit(baseline, target="y")
        >>> monitor = plan.monitor(window=100)
        >>> monitor.observe([0.7], id="a7")
        >>> monitor.ground_truth("a7", 1)
        {'matched': 1, 'late': 0, 'duplicate': 0, 'unmatched': 0}
        """
    @property
    def label_counts(self, /) -> dict:
        """
        What became of rows with an id and of labels: ``predictions``, ``labels``, ``matched``,
        ``late``, ``duplicates``, ``unmatched``, ``waiting``, ``pending``, ``expired``,
        ``evicted`` and ``replaced``, as ``PerformanceMonitor.counts``.
        """
    @property
    def last_look(self, /) -> Look | None:
        """
        The last look, or None.
        """
    def merge(self, /, other: Monitor) -> Monitor:
        """
        A monitor whose window holds the rows of both, this one's first: two windows of the
        last n rows make one of the last 2 n. Both go on as they were; rows that wait for
        labels stay with them.

        :param other: a monitor of the same plan with the same kind of window.
        :raises InvalidValueError: a monitor of another plan, or with another window.
        """
    @property
    def n(self, /) -> int:
        """
        Rows taken since the beginning.
        """
    @property
    def n_detections(self, /) -> int:
        """
        Alerts of the table told so far, reminders included.
        """
    @property
    def n_looks(self, /) -> int:
        """
        Looks so far.
        """
    @property
    def n_suppressed(self, /) -> int:
        """
        Looks that found the table still drifting within ``cooldown_s``.
        """
    @property
    def n_undelivered(self, /) -> int:
        """
        Events that the hub refused, being shut down.
        """
    @property
    def n_window(self, /) -> int:
        """
        Rows of the window; of a fading one as many as tell as much.
        """
    def observe(
        self,
        /,
        row: Any,
        *,
        id: str | int | None = None,
        timestamp: datetime | datetime64 | str | None = None,
    ) -> None:
        """
        Take one row.

        :param row: a one-dimensional array or a sequence with a cell for each of
            :attr:`columns`, in their order; or a mapping from names to cells (what it lacks
            is missing, what the plan has not is left alone), an object with ``to_dict()``
            such as a Series, or with ``model_dump()`` such as a pydantic model. Cells are
            numbers, text, flags, dates and times; None and NaN are missing.
        :param id: with it the row waits for its label; see :meth:`ground_truth`.
        :param timestamp: when; by default now. Time never goes back.
        :raises InvalidTypeError: what is no row.
        :raises InvalidValueError: another number of cells, or a cell of another kind than the
            baseline's. The row is then not taken.
        """
    def observe_many(
        self, /, table: Any, *, ids: Iterable[str | int] | None = None, timestamps: Any = None
    ) -> int:
        """
        Take many rows at once, in their order.

        :param table: any table that ``driftline.fit`` takes, or a two-dimensional array with
            :attr:`columns` in their order. Columns that it lacks are missing in all its rows.
        :param ids: one for each row, with which they wait for their labels; see
            :meth:`ground_truth`.
        :param timestamps: when, one for each row; by default now.
        :returns: how many rows were taken.
        :raises InvalidTypeError: what is no table.
        :raises InvalidValueError: a table with none of the columns, and columns of another
            kind than the baseline's. No row is then taken (of a stream: of the batch).
        """
    def performance(
        self,
        /,
        *,
        metrics: Iterable[str] | None = None,
        chunk_size: int | None = None,
        level: float = 0.95,
    ) -> PerformanceReport:
        """
        How well the last rows with an id did: estimated without labels, and realised where
        labels have come.

        :param metrics: see ``Plan.estimate``.
        :param chunk_size: rows that are judged together; None: all.
        :param level: how often the intervals are to hold the realised value, 0 to 1.
        :raises EmptySampleError: no row with an id so far.
        :raises InvalidValueError: a plan that was fitted without prediction and probability.
        """
    def report(self, /, *, complete: bool = False) -> DriftReport:
        """
        Compare the rows of the window with the baseline, wholly.

        Windows that hold rows (the last n, and tumbling ones of n) answer with the very report
        that ``Plan.compare`` gives of these rows. Windows of time and fading ones only count:
        their reports say nothing of all columns at once, of duplicate rows and of columns of
        times, and flag every column ``"approximate"``.

        :param complete: of a tumbling window: the last one that has ended, instead of the one
            that is filled at present.
        :raises EmptySampleError: no rows so far.
        """
    def reset(self, /) -> None:
        """
        Forget the window and all drift that was told of; rows go on waiting for labels.
        """
    def save(self, /, path: str | PathLike[str]) -> None:
        """
        Write the monitor to a file, which is there wholly or not at all; see
        ``driftline.load_monitor``.
        """
    def tick(self, /, timestamp: datetime | datetime64 | str | None = None) -> None:
        """
        Judge what time alone brings about: a window of time that is over, a schedule by time.
        Without it the next row does; a hub's ``tick`` does it for registered monitors.
        """
    def to_bytes(self, /) -> bytes:
        """
        The monitor as bytes, its plan included: what it was asked, the window, looks and
        alarms. The hub is not among them, nor the last look.

        :raises InvalidTypeError: a plan with a test of your own.
        """
    @property
    def window(self, /) -> Window:
        """
        Which rows are judged.
        """

@disjoint_base
class NativeObserver:
    """
    An observer that runs without any Python call; register it like a callable.

    The base of ``ConsoleLogger``, ``DriftDetector``, ``LatencyMonitor`` and the other native
    observers; not made by itself.
    """
    @property
    def name(self, /) -> str:
        """
        The name in reports and logs, unless the registration gives one.
        """

@disjoint_base
class NativeScheduler:
    """
    A scheduler that runs without any Python call; give it to a ``RetrainingTrigger``.

    The base of ``driftline.retraining.Webhook``; not made by itself.
    """
    def __reduce_ex__(self, _protocol: SupportsIndex, /) -> NoReturn: ...
    @property
    def name(self, /) -> str:
        """
        The name in messages.
        """

@disjoint_base
class NativeSink:
    """
    A sink that sends alerts without any Python call; give it to an
    ``AlertDispatcher``.

    The base of ``WebhookSink``, ``SlackSink``, ``PagerDutySink``,
    ``AlertmanagerSink`` and ``LogSink``; not made by itself.
    """
    def __reduce_ex__(self, _protocol: SupportsIndex, /) -> NoReturn: ...
    @property
    def name(self, /) -> str:
        """
        The name in counters and logs.
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
    def close(self, /, *, wait_s: float | None = None) -> bool | None:
        """
        Unregister the observer, unless that has been done.

        :param wait_s: seconds to wait for calls of the observer that are in progress;
            by default none. Inside a call of the observer's own hub there is nothing
            to wait for but oneself: the answer is False, at once.
        :returns: whether no call is in progress any more; None without ``wait_s``.
        :raises KeyboardInterrupt: Ctrl-C was pressed meanwhile.
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
    def _options(self, /) -> dict[str, Any]:
        """
        The options of ``Hub.register`` that differ from the defaults.
        """
    @property
    def calls(self, /) -> int:
        """
        Calls made, failed ones included.
        """
    @property
    def dropped(self, /) -> int:
        """
        Events that its queue dropped; an inline observer drops none.
        """
    @property
    def dropped_by_reason(self, /) -> dict:
        """
        The same by reason: ``drop_oldest`` and ``drop_newest`` (the queue was
        full), ``block_timeout``, ``would_block`` (the emitter would have waited for
        itself), ``unregistered``, ``shutdown``, ``loop_closed``, ``no_worker``,
        ``interrupted`` (Ctrl-C while the emitter waited). Reasons that did not occur are left out.
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
        ``"inline"``: called in the emitter's thread; ``"queued"``: by a worker of
        its own, or on an event loop.
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
    def observer(self, /) -> Any | None:
        """
        The observer itself: the callable, the object or the native observer; None once
        it was unregistered. This is the way to those of ``from_config`` and ``bootstrap``.

        >>> import driftline as dl
        >>> hub = dl.bootstrap()
        >>> observers = {info.name: info.observer for info in hub.observers()}
        >>> observers["drift_monitor"]
        DriftMonitor(threshold=None, entries=0, drifting=0)
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
        Events accepted and not delivered yet, the one in the observer's hands
        included; an inline observer has none.
        """
    @property
    def suspended(self, /) -> bool:
        """
        Whether it was suspended after ``max_consecutive_failures``.
        """
    @property
    def time_per_call_s(self, /) -> float | None:
        """
        Mean time of a call in seconds; None when none was measured. Every call of a
        queued observer is, and of an inline one those of one emission in 64 of a
        thread (its first included). The time that a coroutine function waits counts.
        """

@final
class PValue:
    """
    A strategy of :class:`RetrainingTrigger`: retrain when an event's p-value is below
    ``alpha``.

    :param alpha: above 0 and at most 1.
    :raises InvalidValueError: another one.

    >>> import driftline as dl
    >>> dl.PValue(0.01)
    PValue(0.01)
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs__(self, /) -> tuple[float]: ...
    def __hash__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, alpha: float) -> PValue: ...
    def __repr__(self, /) -> str: ...
    @property
    def alpha(self, /) -> float:
        """
        Below which p-value.
        """

@final
class PagerDutySink(NativeSink):
    """
    Triggers and resolves incidents of PagerDuty, by its Events API v2.

    The incidents of one kind and model are one incident there (one ``dedup_key``),
    so that many features at once page once. It is resolved with the last of them;
    as long as others are open, a resolve is sent as an update that names those.
    Severities ``critical``, ``error`` and ``warning`` are PagerDuty's own, all below
    are ``info``. What counts as delivered and as lost: see ``WebhookSink``.

    :param routing_key: the integration key of an Events API v2 integration, a secret.
    :param url: where events go; ``"https://events.eu.pagerduty.com/v2/enqueue"`` for
        accounts in Europe.
    :param timeout_s: seconds for an attempt in all, above 0, at most 3600.
    :param connect_timeout_s: seconds for name, connection and TLS, of the same range.
    :param ca_file: certificates (PEM) to trust in place of Mozilla's roots, which
        are built in.
    :param name: in counters and logs; ``"pagerduty"`` by default.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range.

    >>> import driftline as dl
    >>> dl.PagerDutySink("0123456789abcdef0123456789abcdef")
    PagerDutySink(routing_key='***', url='https://events.pagerduty.com/***')
    """
    def __new__(
        cls,
        /,
        routing_key: str,
        *,
        url: str = "https://events.pagerduty.com/v2/enqueue",
        timeout_s: float = 5.0,
        connect_timeout_s: float = 2.0,
        ca_file: str | PathLike[str] | None = None,
        name: str | None = None,
    ) -> PagerDutySink: ...
    def __repr__(self, /) -> str: ...
    @property
    def _header_names(self, /) -> list[str]: ...
    @property
    def ca_file(self, /) -> str | None:
        """
        The certificates that are trusted in place of Mozilla's roots.
        """
    @property
    def connect_timeout_s(self, /) -> float:
        """
        Seconds for name, connection and TLS.
        """
    @property
    def timeout_s(self, /) -> float:
        """
        Seconds for an attempt in all.
        """
    @property
    def url(self, /) -> str:
        """
        Where it sends to, without the path.
        """

@final
class PerformanceMonitor(NativeObserver):
    """
    Joins predictions with the labels that come later, and tells how well models do.

    Register it in a hub. It hears ``inference_completed`` events that carry an ``id`` and a
    prediction (``hub.inference_completed(model, latency_ms=..., id=..., prediction=...)``),
    and ``ground_truth`` events with the same id (``hub.ground_truth(id, y)``). Every
    ``every`` pairs of a model it emits the metrics of the last ``window`` pairs, one event
    each: ``accuracy``, ``precision``, ``recall`` and ``f1`` of classes, ``mae`` and ``rmse``
    of numbers, with ``samples_seen``, ``n`` (pairs in the window), ``coverage`` (the share
    of predictions that have their label by now) and ``pending`` in the metadata.

    A label that names a model joins a prediction of that model and version; one that names
    none joins those of every model that has predicted its id by then, or of the first that
    does. Labels may come first. What came too late, twice, or never is counted: see
    ``counts``.

    :param prediction: the metadata key of the prediction; dots descend.
    :param task: ``"classification"`` or ``"regression"``; None: as the first pair of a model
        has it, regression with a float on either side, else classification.
    :param positive: the class that precision, recall and F1 are of; None: their means over
        the classes of the window (macro; 0 where there is nothing to divide by).
    :param window: the last so many pairs of a model count, 1 to 10,000,000.
    :param every: metrics are emitted after every so many pairs of a model.
    :param ttl_s: how long a prediction waits for its label, and a label for its
        prediction, in seconds of event time, above 0 and at most 1e9; by default 30 days.
    :param max_pending: predictions that wait at most, of each model; the oldest leave first. As
        many labels, and ids that are remembered.
    :param min_labels: pairs in the window before metrics are emitted, 1 to ``window``; None:
        30, or ``window`` where that is less.
    :param max_models: the most models kept apart; newcomers beyond that share
        ``__overflow__``. None: as many as the hub says, 1000 without one.
    :param name: in reports and logs, and the ``source`` of its events.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range.

    >>> import driftline as dl
    >>> hub = dl.Hub()
    >>> monitor = dl.PerformanceMonitor()
    >>> handle = hub.register(monitor)
    >>> for id, prediction in [("a", "cat"), ("b", "cat"), ("c", "dog")]:
    ...     report = hub.inference_completed("pets:1", latency_ms=2, id=id, prediction=prediction)
    >>> report = hub.ground_truth("b", "dog")
    >>> report = hub.ground_truth("a", "cat")
    >>> monitor.metrics("pets:1")["accuracy"], round(monitor.coverage("pets:1"), 2)
    (0.5, 0.67)
    """
    def __new__(
        cls,
        /,
        *,
        prediction: str = "prediction",
        task: str | None = None,
        positive: str | int | float | bool | None = None,
        window: int = 1000,
        every: int = 100,
        ttl_s: float = 2592000.0,
        max_pending: int = 100000,
        min_labels: int | None = None,
        max_models: int | None = None,
        name: str | None = None,
    ) -> PerformanceMonitor: ...
    def __repr__(self, /) -> str: ...
    def _config(self, /) -> dict[str, Any]:
        """
        What it was made with, as a set-up says it.
        """
    @property
    def counts(self, /) -> dict:
        """
        What became of the predictions and labels of all models together: of ``predictions``
        they are ``matched``, ``pending``, ``expired`` (older than ``ttl_s``), ``evicted``
        (the oldest of more than ``max_pending``) or ``replaced`` (the id was predicted again,
        and the newest counts); of ``labels`` they are ``matched``, ``late`` (their prediction had gone),
        ``duplicates`` (the id had one, and the first counts), ``waiting`` (for their
        prediction) or ``unmatched`` (none came). A label that joined the predictions of two
        models is counted for each.
        """
    def coverage(self, /, model: ModelId | str | Mapping[str, Any] | None = None) -> float | None:
        """
        The share of a model's predictions that have their label by now, without those that
        were predicted again; None before the first. Labels of young predictions may be to come.

        :param model: as in ``metrics``.
        """
    def metrics(
        self, /, model: ModelId | str | Mapping[str, Any] | None = None
    ) -> dict[str, float]:
        """
        The metrics of the pairs in a model's window, by name; empty before the first.

        :param model: None is the predictions that named none, ``"__overflow__"`` those that
            found no room for a model of their own.
        :raises InvalidValueError: a model that was not heard of.
        """
    def models(self, /) -> list[ModelId | None]:
        """
        The models with figures of their own, in the order in which they came; None among
        them stands for predictions that named no model.
        """
    @property
    def n_overflow(self, /) -> int:
        """
        Events that found no room for a model of their own.
        """
    @property
    def n_without_value(self, /) -> int:
        """
        Events with an id whose prediction or label is neither text nor a finite number.
        """
    def reset(self, /) -> None:
        """
        Start afresh: all is forgotten.
        """
    def stats(self, /, model: ModelId | str | Mapping[str, Any] | None = None) -> PerformanceStats:
        """
        All that is known of a model.

        :param model: as in ``metrics``.
        """

@final
class PerformanceStats:
    """
    What is known of one model at one moment, from ``PerformanceMonitor.stats``.
    """
    def __repr__(self, /) -> str: ...
    @property
    def counts(self, /) -> dict:
        """
        What became of its predictions and labels; see ``PerformanceMonitor.counts``.
        """
    @property
    def coverage(self, /) -> float | None:
        """
        The share of predictions that have their label by now.
        """
    @property
    def last_seen(self, /) -> datetime:
        """
        Event time (UTC) of the last prediction or label.
        """
    @property
    def metrics(self, /) -> dict:
        """
        The metrics of the window, by name.
        """
    @property
    def model(self, /) -> ModelId | None:
        """
        The model; None for predictions that named none.
        """
    @property
    def n(self, /) -> int:
        """
        Pairs in the window.
        """
    @property
    def n_refused(self, /) -> int:
        """
        Pairs of a text and a number, and texts where numbers are predicted.
        """
    @property
    def task(self, /) -> str | None:
        """
        ``"classification"`` or ``"regression"``; None before the first pair.
        """

@final
class RetrainingTrigger(NativeObserver):
    """
    Asks for retraining when a model has become worse, once.

    Register it in a hub, last (``priority=-1``), so that a quick training cannot overtake
    the event that asked for it. It calls ``schedule(model, event)`` on a thread of its own
    for an ``f1`` below ``min_f1``, at once; for a p-value below ``max_p`` in events of its
    ``kinds``, or a ``drift_detected`` without p-value; or when a ``strategy``, which takes
    the place of ``max_p``, says so. It emits ``retraining_triggered`` once for each run,
    with the reason in the metadata.

    One run is in flight for each model name until its ``training_completed``, of any
    version; a training that was started elsewhere (``training_started``) counts as one.
    When ``schedule`` raises, it is called again, ``retries`` times, 0.5 * 2**k seconds
    (times 0.5 to 1.5) later; then the run is over, and ``retraining_failed`` is emitted. So
    it is when no ``training_completed`` comes within ``run_timeout_s``. After that the model
    is free again, once its cooldown is over. All times but those between attempts are
    event time. ``hub.flush()`` and ``hub.shutdown()`` wait for ``schedule`` to return.

    :param schedule: a function of a :class:`ModelId` and the :class:`Event` that asked, or
        one of ``driftline.retraining``. What it returns is ignored.
    :param min_f1: above 0 and at most 1; None switches it off.
    :param max_p: above 0 and at most 1; None switches it off, and so does a strategy.
    :param strategy: ``FixedThreshold``, ``PValue``, ``Ewma``, or a function that takes an
        event and returns whether to retrain. That is called in the emitter's thread; when
        it raises, the trigger has failed and nothing is started.
    :param kinds: the kinds of events that ``max_p`` and the strategy look at. Those without
        the value or p-value that is needed say nothing and are counted (``n_missing``).
    :param min_effect: what has a smaller effect asks for nothing: ``effect_size`` of the
        metadata, or else the event's value, its sign aside. Not for ``min_f1``.
    :param confirm: ``(k, n)``: k of the last n looks at one model, feature and source must
        say so, n at most 64; a ``drift_resolved`` says no. Not for ``min_f1``. A detector
        emits ``drift_detected`` once and then a reminder every ``cooldown_s`` of its own:
        these are the looks, if it is the only source.
    :param cooldown_s: seconds between two runs of a model name, from start to start.
    :param rate_limit: ``(runs, seconds)``: at most so many runs, of all models.
    :param run_timeout_s: seconds after which a run is given up.
    :param retries: calls of ``schedule`` after the first, 0 to 100.
    :param rebase_on: the kind of event with which ``detectors`` get a new baseline, such as
        ``"training_completed"``. Drift that was open ends with it: ``drift_resolved``, with
        ``rebased`` in the metadata.
    :param detectors: one ``DriftDetector``, or several. Each is rebased when the event is
        about a model that it hears of, of any version.
    :param baseline: a function ``baseline(detector, event)`` that returns the new baseline,
        called on the trigger's thread, so that it is in place after ``hub.flush()``. None:
        the last full window of each detector, at once. Give a function where you can: a
        window is a small sample.
    :param default_model: the model of events that name none. Without it they start nothing.
    :param name: in reports and logs, and the ``source`` of its events.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range.

    >>> import driftline as dl
    >>> hub, asked = dl.Hub(), []
    >>> trigger = dl.RetrainingTrigger(lambda model, event: asked.append((str(model), event.value)))
    >>> handle = hub.register(trigger)
    >>> for f1 in [0.81, 0.74, 0.73]:
    ...     report = hub.emit("f1", f1, model="fraud:1")
    >>> hub.flush(5.0), asked
    (True, [('fraud:1', 0.74)])
    >>> trigger.runs["triggered"], trigger.held_back, trigger.in_flight
    (1, {'in_flight': 1}, ('fraud',))
    >>> report = hub.training_completed("fraud:2")
    >>> trigger.in_flight
    ()
    """
    def __new__(
        cls,
        /,
        schedule: NativeScheduler | Callable[[ModelId, Event], object],
        *,
        min_f1: float | None = ...,
        max_p: float | None = ...,
        strategy: FixedThreshold | PValue | Ewma | Callable[[Event], bool] | None = None,
        kinds: str | Iterable[str] = ...,
        min_effect: float | None = None,
        confirm: tuple[int, int] | None = None,
        cooldown_s: float = 3600.0,
        rate_limit: tuple[int, float] | None = None,
        run_timeout_s: float = 86400.0,
        retries: int = 5,
        rebase_on: str | None = None,
        detectors: DriftDetector | Iterable[DriftDetector] = ...,
        baseline: Callable[[DriftDetector, Event], ArrayLike] | None = None,
        default_model: ModelId | str | Mapping[str, Any] | None = None,
        name: str | None = None,
    ) -> RetrainingTrigger: ...
    def __repr__(self, /) -> str: ...
    @property
    def baseline(self, /) -> Any | None:
        """
        The function that knows baselines, as it was given.
        """
    @property
    def confirm(self, /) -> tuple[int, int] | None:
        """
        How many of how many looks must say so.
        """
    @property
    def cooldown_s(self, /) -> float:
        """
        Seconds between two runs of a model name.
        """
    @property
    def default_model(self, /) -> ModelId | None:
        """
        The model of events that name none.
        """
    @property
    def detectors(self, /) -> tuple:
        """
        The detectors that get new baselines.
        """
    def flush(self, /, timeout_s: float = 2.0) -> bool:
        """
        Wait until ``schedule`` has returned, or was tried often enough, for every run, and
        every baseline was fetched.

        :param timeout_s: seconds after which to give up, 0 or more.
        :returns: whether nothing is left.
        :raises KeyboardInterrupt: Ctrl-C was pressed meanwhile.
        """
    @property
    def held_back(self, /) -> dict:
        """
        How many runs were asked for and not started, by reason: ``unconfirmed``,
        ``no_model``, ``in_flight``, ``cooldown``, ``rate_limited``, ``overflow``. Reasons
        that did not occur are left out.
        """
    @property
    def in_flight(self, /) -> tuple:
        """
        The names of the models whose training has not ended, in order.
        """
    @property
    def kinds(self, /) -> tuple:
        """
        The kinds of events that ``max_p`` and the strategy look at.
        """
    @property
    def max_p(self, /) -> float | None:
        """
        The p-value below which to retrain.
        """
    @property
    def min_effect(self, /) -> float | None:
        """
        The effect that matters.
        """
    @property
    def min_f1(self, /) -> float | None:
        """
        The f1 below which to retrain.
        """
    @property
    def n_missing(self, /) -> int:
        """
        Events that said nothing because a value or p-value was missing.
        """
    @property
    def n_not_rebased(self, /) -> int:
        """
        How often a detector was to get a new baseline and kept the old one: its window
        was not full, or ``baseline`` raised, or what it returned was refused.
        """
    @property
    def n_rebased(self, /) -> int:
        """
        How often a detector got a new baseline.
        """
    @property
    def rate_limit(self, /) -> tuple[int, float] | None:
        """
        The most runs of all models, within how many seconds.
        """
    @property
    def rebase_on(self, /) -> str | None:
        """
        The kind of event with which detectors get a new baseline.
        """
    @property
    def retries(self, /) -> int:
        """
        Calls of ``schedule`` after the first.
        """
    @property
    def run_timeout_s(self, /) -> float:
        """
        Seconds after which a run is given up.
        """
    @property
    def runs(self, /) -> dict:
        """
        What became of the runs: how many were ``triggered``, ``scheduled`` (``schedule``
        returned), ``completed`` (their ``training_completed`` came), ``failed``
        (``schedule`` raised at every attempt) and ``timed_out``. Always ``triggered`` is
        ``completed``, ``failed``, ``timed_out`` and those in flight together.
        """
    @property
    def schedule(self, /) -> Any | None:
        """
        The scheduler as it was given.
        """
    @property
    def strategy(self, /) -> Any | None:
        """
        The strategy as it was given.
        """
    def tick(self, /, now: datetime | datetime64 | str | None = None) -> int:
        """
        Tell, without a hub, that time has passed.

        :param now: the time; by default that of the last event and what has passed since.
        :returns: how many runs were given up.
        """
    def update(self, /, event: Event) -> bool:
        """
        Take an event without a hub, of a kind that it listens to.

        :returns: whether it has started a run. What a hub would emit is told nobody.
        :raises Exception: what a strategy of yours raised.
        """

@final
class ShutdownReport:
    """
    What came of :meth:`Hub.shutdown`.

    >>> import driftline as dl
    >>> hub = dl.Hub()
    >>> handle = hub.register(lambda event: None, name="writer", mode="queued")
    >>> report = hub.emit("f1", 0.8)
    >>> hub.shutdown()
    ShutdownReport(delivered=1, left=0, by_observer={})
    """
    def __repr__(self, /) -> str: ...
    @property
    def by_observer(self, /) -> MappingProxyType:
        """
        How many are left, by name of the observer; 0 for one that has none left
        but whose ``shutdown()`` did not return in time.
        """
    @property
    def delivered(self, /) -> int:
        """
        Calls of observers in the hub's life, inline and queued ones.
        """
    @property
    def left(self, /) -> int:
        """
        Events that were accepted and not delivered: dropped, and counted, or
        still in an observer's hands.
        """

@final
class SinkStats:
    """
    How one sink of an ``AlertDispatcher`` fares, at the time of asking.
    """
    def __repr__(self, /) -> str: ...
    @property
    def delivered(self, /) -> int:
        """
        Alerts that were delivered.
        """
    @property
    def lost(self, /) -> dict:
        """
        Alerts that never will be, by reason.
        """
    @property
    def name(self, /) -> str:
        """
        Its name.
        """
    @property
    def offered(self, /) -> int:
        """
        Alerts that were to be delivered.
        """
    @property
    def queued(self, /) -> int:
        """
        Alerts that wait, or are being delivered.
        """
    @property
    def retries(self, /) -> int:
        """
        Attempts after the first.
        """

@final
class SlackSink(NativeSink):
    """
    Sends every alert to an incoming webhook of Slack.

    A message shows the first 20 incidents and says how many more there are. What
    comes from events is escaped, so that it can neither mention people nor link.
    What counts as delivered and as lost: see ``WebhookSink``.

    :param url: the webhook's URL, which is a secret.
    :param timeout_s: seconds for an attempt in all, above 0, at most 3600.
    :param connect_timeout_s: seconds for name, connection and TLS, of the same range.
    :param ca_file: certificates (PEM) to trust in place of Mozilla's roots, which
        are built in.
    :param name: in counters and logs; ``"slack"`` by default.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range.

    >>> import driftline as dl
    >>> dl.SlackSink("https://hooks.slack.com/services/T0/B0/XYZ")
    SlackSink(url='https://hooks.slack.com/***')
    """
    def __new__(
        cls,
        /,
        url: str,
        *,
        timeout_s: float = 5.0,
        connect_timeout_s: float = 2.0,
        ca_file: str | PathLike[str] | None = None,
        name: str | None = None,
    ) -> SlackSink: ...
    def __repr__(self, /) -> str: ...
    @property
    def _header_names(self, /) -> list[str]: ...
    @property
    def ca_file(self, /) -> str | None:
        """
        The certificates that are trusted in place of Mozilla's roots.
        """
    @property
    def connect_timeout_s(self, /) -> float:
        """
        Seconds for name, connection and TLS.
        """
    @property
    def timeout_s(self, /) -> float:
        """
        Seconds for an attempt in all.
        """
    @property
    def url(self, /) -> str:
        """
        Where it sends to, without the path.
        """

@final
class StreamDetector(NativeObserver):
    """
    A streaming detector on a hub: tells when a series of values changes.

    Register it in a hub, where it emits ``drift_detected`` and ``drift_resolved``, or give
    it values by ``update`` and ``update_many``. Each feature has a detector of its own, and
    so have events that name none; with ``per_model``, each feature of each model.

    A change is told at once; what came after it is the new normal of detectors that estimate
    it. Those with a ``target``, as CUSUM, EWMAChart and Shewhart have when calibrated, alarm
    again for as long as the values are off. Drift is over
    when ``resolve_after`` values came without another change. The value of
    ``drift_detected`` is the detector's statistic; its metadata have ``detector`` and
    ``test`` (its name), ``limit``, ``direction``, ``estimation``, ``n`` (values since the
    last change), ``n_samples`` and a ``message``, as far as the detector has them.

    None, NaN and infinite values are missing: left out and counted. So are those that the
    detector does not take, such as 0.3 where it takes 0 and 1; the first on a hub is a
    failure of the observer, further ones are counted (``n_refused``).

    With a ``stream.Bank`` it takes whole rows, of each event the one that it has under
    ``field``: a list with a number for each feature or, with ``features``, a mapping from
    name to number (names that are not in it are missing, others are left alone). Each
    feature that has changed has a ``drift_detected`` of its own, with ``feature_index`` in
    its metadata; of a bank with ``fdr`` it is what is discovered, without a ``limit``. With
    ``per_model`` each model has a copy of the bank. An event without a row has all values
    missing; a row of another length, or with something that is no number or that the
    detector does not take, is refused as a whole. ``update`` and ``update_many`` take rows,
    and answer as the bank does.

    :param detector: ``stream.ADWIN()`` or any other of ``stream``, its name, a
        ``stream.Bank`` of such detectors, or an object of
        your own with ``update(x)`` and ``drift_detected``, such as one of river's. Each
        series begins with a copy (``copy.deepcopy``); it itself stays as it is. An object of
        your own is given finite values, one at a time; it may take its time and use this
        observer or the hub, for no lock is held meanwhile: values that other threads bring
        then wait in line, and the thread that is at it takes them too. What it raises is a
        failure of the observer. Of its attributes ``statistic``, ``limit``, ``direction``
        and ``estimation`` are told, where it has them.
    :param kinds: kinds of events to take in a hub.
    :param feature: the feature to take; by default any, each by itself. None with a bank.
    :param field: take the value from this metadata key (dots descend) instead; an event
        without it, or without a number in it, counts as missing. With a bank it is
        required, and holds the row.
    :param features: with a bank, a name for each of its features; by default they go by
        their positions, ``"0"``, ``"1"`` and so on.
    :param model: the model to take; a name means all its versions.
    :param per_model: keep a detector and counts for each model, and for events without one.
    :param max_models: the most series kept apart, 1 to 1,000,000; by default the hub's
        ``max_models``, 1000 without one. Those that were there first stay; values of
        newcomers are counted (``n_overflow``), not judged.
    :param cooldown_s: seconds of event time after an alert within which further changes of
        the series, with a bank of the feature, are only counted (``n_suppressed``).
    :param resolve_after: values without another change after which drift is over; None:
        it never is.
    :param name: in reports and logs, and the ``source`` of its events.
    :param clock: a function that returns seconds since 1970, for use without a hub; by
        default the system clock.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range, or an unknown name.

    >>> import driftline as dl
    >>> hub = dl.Hub()
    >>> handle = hub.register(dl.StreamDetector(dl.stream.ADWIN(), feature="age"))
    >>> handle = hub.register(
    ...     lambda event: print(event.metadata["test"], event.metadata["direction"]),
    ...     kinds="drift_detected")
    >>> report = hub.emit_many("observation", [0, 1] * 500 + [4, 7] * 500, feature="age")
    adwin up

    Rows of several features at once, for each model by itself:

    >>> hub = dl.Hub()
    >>> bank = dl.stream.Bank(dl.stream.PageHinkley(threshold=10.0), 2)
    >>> observer = dl.StreamDetector(
    ...     bank, field="row", features=["age", "income"], per_model=True)
    >>> handle = hub.register(observer)
    >>> handle = hub.register(
    ...     lambda event: print(event.model, event.feature, event.metadata["n"]),
    ...     kinds="drift_detected")
    >>> for i in range(60):
    ...     row = {"age": i % 2, "income": 4 * (i >= 40)}
    ...     report = hub.emit("observation", model="fraud:1", metadata={"row": row})
    fraud:1 income 43
    >>> observer.status("fraud:1", "income").direction
    'up'
    """
    def __new__(
        cls,
        /,
        detector: str | Detector | Bank | SupportsUpdate,
        *,
        kinds: str | Iterable[str] = ...,
        feature: str | None = None,
        field: str | None = None,
        features: str | Iterable[str] | None = None,
        model: str | ModelId | None = None,
        per_model: bool = False,
        max_models: int | None = None,
        cooldown_s: float = 0.0,
        resolve_after: int | None = ...,
        name: str | None = None,
        clock: Callable[[], float] | None = None,
    ) -> StreamDetector: ...
    def __repr__(self, /) -> str: ...
    def _config(self, /) -> dict[str, Any] | None:
        """
        What it was made with, as a set-up says it; None for an object of the user's.
        """
    @property
    def cooldown_s(self, /) -> float:
        """
        Seconds of event time after an alert within which changes are only counted.
        """
    def detector(
        self, /, model: str | ModelId | None = None, feature: str | int | None = None
    ) -> Any:
        """
        A copy of the detector of one series, with all that it has seen.

        :param model: as it was named in the events, with ``per_model``.
        :param feature: as it was named in the events. Neither: the only series, or, before
            there is any, the detector with which each begins. With a bank its name or
            position; without it the whole bank (in which rows that were missing as a whole
            are not counted).
        :raises InvalidValueError: what has no series.

        >>> import driftline as dl
        >>> observer = dl.StreamDetector(dl.stream.ADWIN(), feature="age")
        >>> _ = observer.update_many([0.2, 0.3] * 100)
        >>> observer.detector().width
        200
        """
    @property
    def direction(self, /) -> str | None:
        """
        Which way the last change went, "up" or "down"; None before the first and where
        there are several series.
        """
    @property
    def drift_detected(self, /) -> bool:
        """
        Whether there was a change, in any series, and not yet ``resolve_after`` values
        without another.
        """
    @property
    def estimation(self, /) -> float | None:
        """
        What the detector takes for the present mean; None where it has no such thing and
        where there are several series.
        """
    @property
    def last_alert(self, /) -> datetime | None:
        """
        When the last alert was raised; None before the first.
        """
    @property
    def limit(self, /) -> float | None:
        """
        What the statistic is compared with; None where there are several series.
        """
    @property
    def max_models(self, /) -> int | None:
        """
        The most series kept apart; None where there is one, whatever comes.
        """
    @property
    def n(self, /) -> int:
        """
        Values since the last change, or since the start; summed over the series.
        """
    @property
    def n_detections(self, /) -> int:
        """
        Changes so far, emitted in a hub or returned without one.
        """
    @property
    def n_missing(self, /) -> int:
        """
        Missing values since the start.
        """
    @property
    def n_overflow(self, /) -> int:
        """
        Values, with a bank rows, for whose series there was no room: counted, not judged.
        """
    @property
    def n_refused(self, /) -> int:
        """
        Values on a hub that the detector does not take, such as 0.3 where it takes 0 and 1;
        with a bank, rows.
        """
    @property
    def n_samples(self, /) -> int:
        """
        Values taken since the start, missing ones left out.
        """
    @property
    def n_suppressed(self, /) -> int:
        """
        Changes within the cooldown.
        """
    @property
    def per_model(self, /) -> bool:
        """
        Whether each model has a detector of its own.
        """
    def reset(
        self, /, model: str | ModelId | None = None, feature: str | int | None = None
    ) -> None:
        """
        Start afresh: detectors, counts and states.

        :param model: only the series of this model, with ``per_model``.
        :param feature: only the series of this feature; of a bank, its name or position,
            and its detector forgets all values.
        :raises InvalidValueError: what has no series.
        """
    @property
    def resolve_after(self, /) -> int | None:
        """
        Values without another change after which drift is over; None: it never is.
        """
    def series(self, /) -> list[tuple[ModelId | None, str | None]]:
        """
        Model and feature of each series, as they came; None is that of events without. With
        a bank all features of each model.

        >>> import driftline as dl
        >>> observer = dl.StreamDetector(dl.stream.ADWIN(), per_model=True)
        >>> observer.update(0.5, model="fraud:1", feature="age")
        False
        >>> observer.series()
        [(ModelId('fraud', '1'), 'age')]
        """
    @property
    def statistic(self, /) -> float | None:
        """
        The detector's statistic at its last look; None before the first and where there
        are several series: see ``status``.
        """
    def status(
        self, /, model: str | ModelId | None = None, feature: str | int | None = None
    ) -> StreamStatus:
        """
        What was seen and found of one series, at the time of asking.

        :param model: as it was named in the events, with ``per_model``.
        :param feature: as it was named in the events. Neither: that of events that name
            none, or the only series. With a bank its name or position; without it, sums
            over the features.
        :raises InvalidValueError: what has no series.

        >>> import driftline as dl
        >>> observer = dl.StreamDetector(dl.stream.ADWIN())
        >>> observer.update_many([0, 1] * 500 + [4, 7] * 500, feature="age").tolist()
        [1023]
        >>> observer.status(feature="age")
        StreamStatus(model=None, feature='age', n_samples=2000, n_detections=1, drift_detected=True)
        """
    def update(
        self,
        /,
        value: float | None | ArrayLike,
        *,
        timestamp: datetime | str | None = None,
        model: str | ModelId | None = None,
        feature: str | None = None,
    ) -> Any:
        """
        Take one value; None and NaN are missing ones. With a bank take one row: a value for
        each feature.

        :param timestamp: when; by default the clock's time.
        :param model: whose value it is; it matters with ``per_model`` only.
        :param feature: which feature it is of; it matters where the observer takes any, and
            is refused with a bank.
        :returns: True exactly when this value raised an alert: the detector found a change,
            and the cooldown has passed. False for a value that has to wait in line for an
            object of your own. With a bank the features that raised one, ascending, int64.
        :raises InvalidValueError: a value that the detector does not take, or a row of
            another length; nothing was taken.
        """
    def update_many(
        self,
        /,
        values: ArrayLike,
        *,
        timestamps: ArrayLike | Sequence[datetime] | None = None,
        model: str | ModelId | None = None,
        feature: str | None = None,
    ) -> NDArray[int64]:
        """
        Take many values, or with a bank rows of shape (n, n_features): the same as
        ``update`` with each.

        :param timestamps: one time per value or row; by default all have the clock's.
        :param model: whose values they are; it matters with ``per_model`` only.
        :param feature: which feature they are of; it matters where the observer takes any,
            and is refused with a bank.
        :raises KeyboardInterrupt: Ctrl-C, between two values or rows: its ``n_taken`` says how
            many the observer has taken, its ``found`` what was found in them.
        :returns: the indices, as int64, of the values that raised an alert. With a bank
            pairs (row, feature), shape (k, 2), by row and then by feature.
        :raises InvalidValueError: values or rows that the detector does not take; none was
            taken.
        """
    @property
    def warning_detected(self, /) -> bool:
        """
        Whether the last value of any series was in the detector's warning zone.
        """

@final
class StreamStatus:
    """
    What a ``StreamDetector`` had seen and found of one series when asked; made by its
    ``status(model, feature)``.
    """
    def __repr__(self, /) -> str: ...
    @property
    def direction(self, /) -> str | None:
        """
        Which way the last change went: "up" or "down"; None before the first.
        """
    @property
    def drift_detected(self, /) -> bool:
        """
        Whether there was a change, and not yet ``resolve_after`` values without another.
        """
    @property
    def estimation(self, /) -> float | None:
        """
        What the detector takes for the present mean, or None where it has no such thing.
        """
    @property
    def feature(self, /) -> str | None:
        """
        The feature, or None for events without one.
        """
    @property
    def last_alert(self, /) -> datetime | None:
        """
        When the last alert was raised; None before the first.
        """
    @property
    def limit(self, /) -> float | None:
        """
        What the statistic is compared with.
        """
    @property
    def model(self, /) -> ModelId | None:
        """
        The model, or None for events without one, or where models are not kept apart.
        """
    @property
    def n(self, /) -> int:
        """
        Values since the last change, or since the start.
        """
    @property
    def n_detections(self, /) -> int:
        """
        Changes told so far.
        """
    @property
    def n_missing(self, /) -> int:
        """
        Missing values since the start.
        """
    @property
    def n_refused(self, /) -> int:
        """
        Values that the detector does not take, such as 0.3 where it takes 0 and 1; with a
        bank, the rows of its model that were refused as a whole.
        """
    @property
    def n_samples(self, /) -> int:
        """
        Values taken since the start, missing ones left out.
        """
    @property
    def n_suppressed(self, /) -> int:
        """
        Changes within the cooldown.
        """
    @property
    def statistic(self, /) -> float | None:
        """
        The detector's statistic at its last look; None before the first. Of an object of
        your own: what it had at the last change.
        """
    @property
    def warning_detected(self, /) -> bool:
        """
        Whether the last value was in the detector's warning zone.
        """

@final
class TablePlan:
    """
    A baseline table that others are compared with; made by `driftline.fit`.
    """
    @property
    def column_bytes(self, /) -> list[tuple[str, int]]:
        """
        Each column and how many of them it takes.
        """
    @property
    def columns(self, /) -> list[str]:
        """
        The columns that are compared.
        """
    def compare(
        self,
        /,
        current: Any,
        *,
        by: str | None = None,
        every: str = "month",
        progress: Callable[[int, int], object] | None = None,
    ) -> str:
        """
        Compares a table with the baseline: the report as JSON; see `TableSettings.compare`.
        """
    def estimate(
        self,
        /,
        current: Any,
        *,
        metrics: list[str] | None = None,
        chunk_size: int | None = None,
        labels: Any = None,
        level: float = 0.95,
    ) -> str:
        """
        Estimates how well the predictions of a table do: the report as JSON; see
        `driftline.Plan.estimate`.
        """
    @staticmethod
    def from_bytes(data: bytes | bytearray, max_values: int) -> TablePlan:
        """
        The plan of such bytes, with at most so many numbers.
        """
    @staticmethod
    def load(path: str | PathLike[str], max_values: int) -> TablePlan:
        """
        Reads the plan of a file, with at most so many numbers.
        """
    @property
    def n_bytes(self, /) -> int:
        """
        How many bytes `to_bytes` makes.
        """
    @property
    def n_rows(self, /) -> int:
        """
        How many rows the baseline has.
        """
    def save(self, /, path: str | PathLike[str]) -> None:
        """
        Writes the plan to a file; see `driftline.Plan.save`.
        """
    def to_bytes(self, /) -> bytes:
        """
        The plan as bytes; see `driftline.Plan.to_bytes`.
        """

@final
class TableSettings:
    """
    What a comparison of tables is to answer; see `driftline.compare`.
    """
    def __new__(
        cls,
        /,
        *,
        columns: list[str] | None = None,
        tests: Any,
        alpha: float = 0.05,
        min_effect: float = 0.05,
        correction: str = "bh",
        weights: Mapping[str, float] | None,
        segments: str | None = None,
        target: str | None = None,
        prediction: str | None = None,
        probability: str | Mapping[Any, str] | None = None,
        positive: str | float | bool | None = None,
        error_model: Any,
        threads: int | None = None,
        seed: int = 0,
        max_exact: int = 1000000,
        multivariate: bool = True,
    ) -> TableSettings: ...
    def compare(
        self,
        /,
        baseline: Any,
        current: Any,
        *,
        by: str | None = None,
        every: str = "month",
        progress: Callable[[int, int], object] | None = None,
    ) -> str:
        """
        Compares two tables: the report as JSON. With `by` and `every` period by period, too.
        """
    def fit(
        self, /, baseline: Any, *, progress: Callable[[int, int], object] | None = None
    ) -> TablePlan:
        """
        Prepares a baseline. `progress(done, total)` is called now and then.
        """

@final
class Webhook(NativeScheduler):
    """
    Starts a training by a request: POSTs every run as JSON, signed.

    The body has ``version`` (1), ``delivery_id``, ``action`` (``"retrain"``), ``model``
    (``name`` and ``version``) and ``event``, as ``Event.to_json`` writes it. The headers
    ``Driftline-Delivery`` (the same on every attempt), ``Driftline-Timestamp`` and, with a
    secret, ``Driftline-Signature`` are those of ``WebhookSink``;
    ``driftline.verify_signature`` checks them. Any status from 200 to 299 means that the
    training will be started. Time-outs, broken connections, 429 and all from 500 are tried
    again; after any other answer the run is over, as having failed.

    :param url: ``http://`` or ``https://``, without user name and password. Its path
        counts as a secret and is not shown.
    :param secret: what requests are signed with; None: they are not.
    :param headers: further headers, such as ``Authorization``; their values are secrets.
    :param timeout_s: seconds for an attempt in all, above 0, at most 3600.
    :param connect_timeout_s: seconds for name, connection and TLS, of the same range.
    :param ca_file: certificates (PEM) to trust in place of Mozilla's roots, which
        are built in.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range.

    >>> from driftline.retraining import Webhook
    >>> Webhook("https://ci.example.org/trigger/4711", secret="a long random text")
    Webhook(url='https://ci.example.org/***', secret='***')
    """
    def __new__(
        cls,
        /,
        url: str,
        *,
        secret: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 5.0,
        connect_timeout_s: float = 2.0,
        ca_file: str | PathLike[str] | None = None,
    ) -> Webhook: ...
    def __repr__(self, /) -> str: ...
    @property
    def _header_names(self, /) -> list[str]: ...
    @property
    def ca_file(self, /) -> str | None:
        """
        The certificates that are trusted in place of Mozilla's roots.
        """
    @property
    def connect_timeout_s(self, /) -> float:
        """
        Seconds for name, connection and TLS.
        """
    @property
    def signed(self, /) -> bool:
        """
        Whether requests are signed.
        """
    @property
    def timeout_s(self, /) -> float:
        """
        Seconds for an attempt in all.
        """
    @property
    def url(self, /) -> str:
        """
        Where it sends to, without the path.
        """

@final
class WebhookSink(NativeSink):
    """
    POSTs every alert as JSON to a receiver of your own, signed.

    The body has ``version`` (1), ``delivery_id``, ``action`` (``"open"``,
    ``"remind"``, ``"resolve"``), ``kind``, ``model`` (``name``, ``version``,
    ``deployed_at``, or null), ``feature``, ``value`` and ``p_value`` (null when there
    are several incidents), ``severity``, ``opened_at``, ``summary`` and ``incidents``:
    each with ``id``, ``feature``, ``severity``, ``value``, ``p_value``, ``opened_at``,
    ``updated_at``, ``n_events``, ``source``, ``summary`` and ``metadata``. Times are
    RFC 3339 in UTC; NaN and infinities are the strings ``"NaN"``, ``"Infinity"``
    and ``"-Infinity"``.

    Every request has the headers ``Driftline-Delivery`` (the same on every attempt:
    when an answer was lost, an alert comes again, and this tells), and
    ``Driftline-Timestamp`` (Unix seconds of the attempt); with a secret also
    ``Driftline-Signature``: ``v1=`` and, in hexadecimal, the HMAC-SHA256 of
    timestamp, delivery and body, joined by dots. ``verify_signature`` checks it.

    Any status from 200 to 299 is a delivery. Time-outs, broken connections, 429 and
    all from 500 are tried again by the dispatcher, anything else is lost: redirects
    are not followed. Proxies are taken from the environment (``HTTPS_PROXY``,
    ``HTTP_PROXY``, ``ALL_PROXY``, ``NO_PROXY``).

    :param url: ``http://`` or ``https://``, without user name and password. Its path
        counts as a secret and is not shown.
    :param secret: what requests are signed with; None: they are not.
    :param headers: further headers; their values are secrets.
    :param timeout_s: seconds for an attempt in all, above 0, at most 3600.
    :param connect_timeout_s: seconds for name, connection and TLS, of the same range.
    :param ca_file: certificates (PEM) to trust in place of Mozilla's roots, which
        are built in.
    :param name: in counters and logs; ``"webhook"`` by default.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range.

    >>> import driftline as dl
    >>> dl.WebhookSink("https://example.org/alerts/4711", secret="a long random text")
    WebhookSink(url='https://example.org/***', secret='***')
    """
    def __new__(
        cls,
        /,
        url: str,
        *,
        secret: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 5.0,
        connect_timeout_s: float = 2.0,
        ca_file: str | PathLike[str] | None = None,
        name: str | None = None,
    ) -> WebhookSink: ...
    def __repr__(self, /) -> str: ...
    @property
    def _header_names(self, /) -> list[str]: ...
    @property
    def ca_file(self, /) -> str | None:
        """
        The certificates that are trusted in place of Mozilla's roots.
        """
    @property
    def connect_timeout_s(self, /) -> float:
        """
        Seconds for name, connection and TLS.
        """
    @property
    def signed(self, /) -> bool:
        """
        Whether requests are signed.
        """
    @property
    def timeout_s(self, /) -> float:
        """
        Seconds for an attempt in all.
        """
    @property
    def url(self, /) -> str:
        """
        Where it sends to, without the path.
        """

@final
class Window:
    """
    Which rows a monitor judges.

    >>> import driftline as dl
    >>> dl.Window.last(1_000)  # the last 1,000 rows; so does window=1_000
    Window.last(1000)
    >>> dl.Window.tumbling(1_000)  # 1,000 rows, then the next 1,000
    Window.tumbling(1000)
    >>> dl.Window.tumbling("1h")  # the rows of an hour; so does window="1h"
    Window.tumbling("3600s")
    >>> dl.Window.fading(500)  # all rows, each half as important as one 500 rows later
    Window.fading(500)
    """
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __reduce__(self, /) -> tuple[Any, ...]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def fading(half_life: float) -> Window:
        """
        All rows, each half as important as one that came ``half_life`` rows later.
        """
    @staticmethod
    def last(rows: int) -> Window:
        """
        The last ``rows`` rows.
        """
    @staticmethod
    def tumbling(size: int | str) -> Window:
        """
        So many rows, or the rows of so much time, then the next.
        """

@final
class _ConfigDocument:
    """
    A set-up that was read and is right.
    """
    def __repr__(self, /) -> str: ...
    def error(self, /, path: tuple[str | int, ...], message: str) -> ConfigError:
        """
        The error about what stands at a path of keys and places; where there is
        nothing, at what is around it.
        """
    def value(self, /) -> Any:
        """
        It as mappings, lists and values.
        """

@final
class _Courier:
    """
    The worker of one outbox.
    """
    def __iter__(self, /) -> _Courier: ...
    def __next__(self, /) -> tuple[Any, tuple]:
        """
        The next call to make, waiting for it, once the last has ended; no more when
        nothing will come any more.
        """
    def failed(self, /, error: BaseException) -> None:
        """
        The call has raised `error`.
        """
    def is_stale(self, /) -> bool:
        """
        Whether this thread was forked from the worker's.
        """
    @property
    def name(self, /) -> str:
        """
        Whose jobs these are.
        """

@final
class _LoopSource:
    """
    Where the worker of an observer that runs on an event loop finds its tasks. It
    holds nothing: the observer has it.
    """
    def discard(self, /) -> None:
        """
        Drops what waits: the event loop was closed.
        """
    def is_registered(self, /) -> bool:
        """
        Whether the observer is registered.
        """
    def oldest(self, /) -> int | None:
        """
        The number of the event whose turn is next; None when none waits.
        """
    def take(self, /) -> _Task | None:
        """
        The next task; None when there is none now.
        """

@final
class _Rebasing:
    """
    What `driftline._rebasing` works with.
    """
    def apply(self, /, place: int, event: Event, sample: ArrayLike) -> None:
        """
        Gives the detector at a place another baseline.
        """
    def detector(self, /, place: SupportsIndex) -> DriftDetector | None:
        """
        The detector at a place; None when there is none any more.
        """

@final
class _Task:
    """
    What a worker on an event loop is doing.
    """
    def abandon(self, /) -> None:
        """
        The task will not end: its event loop was closed.
        """
    def call(self, /) -> tuple[Any, tuple] | None:
        """
        The call to make; None when there is nothing to call.
        """
    def finish(self, /, error: BaseException | None) -> None:
        """
        The task has ended, or raised `error`.
        """
    @property
    def number(self, /) -> int | None:
        """
        The event's number in the queue; None for what is no event.
        """
    def pause(self, /) -> None:
        """
        The step is over: what was emitted is delivered.
        """
    def start(self, /) -> None:
        """
        A step of the task begins: what is emitted until :meth:`pause` is derived
        from its event.
        """

@final
class _Worker:
    """
    The worker of one queued observer.
    """
    def __iter__(self, /) -> _Worker: ...
    def __next__(self, /) -> tuple[Any, tuple]:
        """
        The next call to make, waiting for it, once the last has ended; no more when
        nothing will come any more. What native observers do is done in here.
        """
    def failed(self, /, error: BaseException) -> None:
        """
        The call has raised `error`.
        """
    def is_stale(self, /) -> bool:
        """
        Whether this thread was forked from the worker's.
        """
    @property
    def name(self, /) -> str:
        """
        The observer's name.
        """

def _check_config(source: Mapping[str, Any]) -> _ConfigDocument:
    """
    Checks a mapping.
    """

def _close_hubs() -> None:
    """
    Shuts down every hub, within two seconds in all, and lets no other thread back
    into the interpreter.
    """

def _config_schema() -> str:
    """
    The schema as JSON Schema, in JSON with an indent of two.
    """

def _define_kind(name: str, type: str, unit: str | None, description: str | None) -> str:
    """
    Defines a custom kind.
    """

def _kind_definition(name: str) -> dict[str, str | None] | None:
    """
    What a kind is to exporters: ``{"type", "unit", "description"}``, or None.
    """

def _park() -> None:
    """
    Keeps this thread from ever going on, where it is: it would be killed.
    """

def _read_config(source: bytes, format: str | None, file: str | None) -> _ConfigDocument:
    """
    Reads and checks a document in bytes. `format` is a suffix such as ".yaml", or
    None for text that may be of any format.
    """

def _restore_model(fields: dict[str, str | None]) -> ModelId:
    """
    Unpickles a model.
    """

def _standard_kinds() -> list[str]:
    """
    The names of the standard kinds.
    """

def _table_columns(
    table: Any, names: list[str] | None = None, values: bool = True
) -> list[tuple[str, str, int, int, list[Any]]]:
    """
    What a table is read as: for each column (name, Arrow type, rows, nulls, values), or
    (name, reason, 0, 0, []) where it cannot be used. Times are nanoseconds. Without
    `values`, no value is listed.
    """

def _threads_inside(wait_s: SupportsFloat | SupportsIndex) -> list[int]:
    """
    The threads that are still inside an observer, having waited for them a little.
    """

def _values_between(false_alarm_every: float | str, samples_per_s: float | None = None) -> float:
    """
    A budget in values: a time needs to know how many of them there are in a second.
    """
