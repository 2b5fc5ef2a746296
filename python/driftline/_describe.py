"""Hubs as a mapping that makes them again: what :meth:`Hub.config` answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from driftline._driftline import (
    AlertDispatcher,
    AlertmanagerSink,
    Hub,
    LogSink,
    MetricsCollector,
    NativeObserver,
    ObserverInfo,
    PagerDutySink,
    SlackSink,
    WebhookSink,
)

if TYPE_CHECKING:
    from driftline._factory import Setup

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
    observer = hub._observer(info.handle)
    options = info._options()
    register = {"register": options} if options else {}
    if isinstance(observer, AlertDispatcher):
        return "alerts", {**_dispatcher(observer), **register}
    own = getattr(observer, "_config", None)
    if isinstance(observer, NativeObserver) and own is not None:
        section = "metrics" if isinstance(observer, MetricsCollector) else "monitors"
        return section, {**own(), **register}
    return "observers", {"kind": "callable", "name": info.name, **register}


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
        part: _Part = {"kind": "webhook", "url": _UNKNOWN}
        if sink.signed:
            part["secret"] = _UNKNOWN
    elif isinstance(sink, SlackSink):
        part = {"kind": "slack", "url": _UNKNOWN}
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
    part.update(timeout_s=sink.timeout_s, connect_timeout_s=sink.connect_timeout_s)
    if sink._header_names:
        part["headers"] = {header: _UNKNOWN for header in sink._header_names}
    if sink.ca_file is not None:
        part["ca_file"] = sink.ca_file
    part["name"] = sink.name
    return part
