"""Hubs as a mapping that makes them again: what :meth:`Hub.config` answers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from driftline import retraining
from driftline._driftline import (
    AlertDispatcher,
    AlertmanagerSink,
    Ewma,
    FixedThreshold,
    Hub,
    LogSink,
    MetricsCollector,
    NativeObserver,
    ObserverInfo,
    PagerDutySink,
    PValue,
    RetrainingTrigger,
    SlackSink,
    WebhookSink,
)
from driftline.integrations import MLflowScheduler

if TYPE_CHECKING:
    from driftline._setup import Setup

__all__ = ["describe"]

_Part = dict[str, Any]

#: In place of a secret whose variable is not known; ``from_config`` refuses it.
_UNKNOWN: Final = {"env": None}

#: Where PagerDuty's sink sends to by default, as it is shown.
_PAGERDUTY: Final = "https://events.pagerduty.com/"


def describe(hub: Hub) -> _Part:
    """What :meth:`Hub.config` answers."""
    setup: Setup | None = hub._setup()
    sections: dict[str, list[Any]] = {
        name: [] for name in ("monitors", "triggers", "alerts", "metrics", "observers")
    }
    for info in hub.observers():
        made = setup.made.get(info.handle) if setup else None
        section, part = made or _described(hub, info)
        sections[section].append(_copied(part))
    config: _Part = {
        "version": 1,
        "hub": {"max_cascade_depth": hub.max_cascade_depth, "max_models": hub.max_models},
    }
    config.update((name, parts) for name, parts in sections.items() if parts)
    if len(sections["metrics"]) == 1:
        config["metrics"] = sections["metrics"][0]
    return config


def _copied(value: Any) -> Any:
    """A copy that its owner may change."""
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_copied(one) for one in value]
    return value


def _described(hub: Hub, info: ObserverInfo) -> tuple[str, _Part]:
    """An observer that was registered by hand."""
    observer = info.observer
    options = info._options()
    register = {"register": options} if options else {}
    if isinstance(observer, AlertDispatcher):
        return "alerts", {**_dispatcher(observer), **register}
    if isinstance(observer, RetrainingTrigger):
        return "triggers", {**_trigger(observer), **register}
    own = getattr(observer, "_config", None)
    if isinstance(observer, NativeObserver) and own is not None:
        section = "metrics" if isinstance(observer, MetricsCollector) else "monitors"
        part = own()
        if part is not None:  # None: one that a file cannot name
            return section, {**part, **register}
    return "observers", {"kind": "callable", "name": info.name, **register}


# --- triggers --------------------------------------------------------------------


def _trigger(trigger: RetrainingTrigger) -> _Part:
    part: _Part = {
        "schedule": _scheduler(trigger.schedule),
        "min_f1": trigger.min_f1,
        "max_p": trigger.max_p,
        "kinds": list(trigger.kinds),
        "cooldown_s": trigger.cooldown_s,
        "run_timeout_s": trigger.run_timeout_s,
        "retries": trigger.retries,
        "name": trigger.name,
    }
    if trigger.strategy is not None:
        part["strategy"] = _strategy(trigger.strategy)
    if trigger.baseline is not None:
        part["baseline"] = _callable(trigger.baseline)
    if trigger.detectors:
        part["detectors"] = [detector.name for detector in trigger.detectors]
    for name in ("min_effect", "rebase_on"):
        if getattr(trigger, name) is not None:
            part[name] = getattr(trigger, name)
    for name in ("confirm", "rate_limit"):
        if getattr(trigger, name) is not None:
            part[name] = list(getattr(trigger, name))
    if trigger.default_model is not None:
        part["default_model"] = str(trigger.default_model)
    return part


def _scheduler(schedule: Any) -> _Part:
    if isinstance(schedule, retraining.Webhook):
        return {"kind": "webhook", **_request(schedule)}
    if isinstance(schedule, retraining.Command):
        part: _Part = {
            "kind": "command",
            "args": list(schedule.args),
            "timeout_s": schedule.timeout_s,
        }
        if schedule.env:
            part["env"] = dict.fromkeys(schedule.env, _UNKNOWN)
        if schedule.cwd is not None:
            part["cwd"] = os.path.abspath(schedule.cwd)
        return part
    if isinstance(schedule, MLflowScheduler):
        part = {"kind": "mlflow", "tag": schedule.tag}
        if schedule.tracking_uri is not None:
            part["tracking_uri"] = _UNKNOWN
        if schedule.model_name is not None:
            part["model_name"] = schedule.model_name
        return part
    return _callable(schedule)


def _strategy(strategy: Any) -> _Part:
    if isinstance(strategy, FixedThreshold):
        return {"kind": "fixed_threshold", "threshold": strategy.threshold}
    if isinstance(strategy, PValue):
        return {"kind": "p_value", "alpha": strategy.alpha}
    if isinstance(strategy, Ewma):
        return {
            "kind": "ewma",
            "smoothing": strategy.smoothing,
            "threshold": strategy.threshold,
        }
    return _callable(strategy)


def _callable(given: Any) -> _Part:
    """A callable, by the name that it goes by itself."""
    name = getattr(given, "__qualname__", None) or type(given).__qualname__
    return {"kind": "callable", "name": name}


# --- alerts ----------------------------------------------------------------------


def _dispatcher(dispatcher: AlertDispatcher) -> _Part:
    names = [stats.name for stats in dispatcher.sinks]
    part: _Part = {
        "sinks": [_sink(sink, name) for sink, name in zip(dispatcher._given, names, strict=True)],
        "min_severity": dispatcher.min_severity.name.lower(),
        "queue_size": dispatcher.queue_size,
        "cooldown_s": dispatcher.cooldown_s,
        "group_wait_s": dispatcher.group_wait_s,
        "retries": dispatcher.retries,
        "resolve_after_s": dispatcher.resolve_after_s,
        "max_incidents": dispatcher.max_incidents,
        "name": dispatcher.name,
    }
    for name in ("kinds", "models", "features"):
        chosen = getattr(dispatcher, name)
        if chosen is not None:
            part[name] = chosen
    return part


def _sink(sink: Any, name: str) -> _Part:
    """A sink; what it keeps secret stays so."""
    if isinstance(sink, LogSink):
        return {"kind": "log", "name": sink.name}
    if isinstance(sink, WebhookSink):
        return {"kind": "webhook", **_request(sink), "name": sink.name}
    if isinstance(sink, SlackSink):
        part: _Part = {"kind": "slack", "url": _UNKNOWN}
    elif isinstance(sink, PagerDutySink):
        part = {"kind": "pagerduty", "routing_key": _UNKNOWN}
        if not sink.url.startswith(_PAGERDUTY):
            part["url"] = _UNKNOWN
    elif isinstance(sink, AlertmanagerSink):
        part = {"kind": "alertmanager", "url": _UNKNOWN, "resend_s": sink.resend_s}
        if sink.labels:
            part["labels"] = sink.labels
    else:
        return {"kind": "callable", "name": name}
    return {**part, **_connection(sink), "name": sink.name}


def _request(sender: Any) -> _Part:
    """What sends signed requests."""
    part: _Part = {"url": _UNKNOWN, **_connection(sender)}
    if sender.signed:
        part["secret"] = _UNKNOWN
    return part


def _connection(sender: Any) -> _Part:
    part: _Part = {
        "timeout_s": sender.timeout_s,
        "connect_timeout_s": sender.connect_timeout_s,
    }
    if sender._header_names:
        part["headers"] = dict.fromkeys(sender._header_names, _UNKNOWN)
    if sender.ca_file is not None:
        part["ca_file"] = sender.ca_file
    return part
