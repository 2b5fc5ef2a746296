"""The metrics of a :class:`~driftline.MetricsCollector` where others look for them:
in a registry of ``prometheus_client``, over HTTP, in OpenTelemetry.

The collector's methods ``register``, ``serve`` and ``instrument`` lead here. The
packages of others are imported when they are asked for: the extras
``prometheus`` and ``opentelemetry``.
"""

from __future__ import annotations

import contextlib
import http.server
import logging
import os
import socket
import threading
import urllib.parse
import weakref
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from driftline.exceptions import InvalidTypeError, InvalidValueError

if TYPE_CHECKING:
    from opentelemetry.metrics import CallbackOptions, Meter, Observation
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

    from driftline._driftline import MetricsCollector

__all__ = ["MetricsServer", "RegistryCollector", "instrument", "register", "unregister"]

_LOGGER: Final = logging.getLogger("driftline.metrics")

#: Seconds until a client that says nothing is hung up on.
_CLIENT_TIMEOUT_S: Final = 10.0

#: Seconds until a server that is closed has noticed.
_POLL_S: Final = 0.1


# --- prometheus_client -----------------------------------------------------------


class RegistryCollector:
    """What a registry of ``prometheus_client`` asks for a collector's metrics.

    Two are equal when their collector is the same, so that a registry knows it
    again.
    """

    def __init__(self, collector: MetricsCollector) -> None:
        self._collector = collector

    def describe(self) -> Iterable[Metric]:
        """Nothing: the names are fixed, and series come and go."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Every metric as of now; nothing when that fails, which is logged."""
        try:
            return list(self._metrics())
        except Exception:
            _LOGGER.exception("a scrape goes without the metrics of %r", self._collector)
            return []

    def _metrics(self) -> Iterable[Metric]:
        from prometheus_client.metrics_core import Metric

        for name, description, kind, unit, samples in self._collector._families():
            if not samples:
                continue
            metric = Metric(name, description, kind, unit)
            for suffix, labels, value in samples:
                metric.add_sample(name + suffix, labels, value)
            yield metric

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RegistryCollector) and self._collector is other._collector

    def __hash__(self) -> int:
        return hash((RegistryCollector, id(self._collector)))


#: What joined which registry: the registry itself does not ask for our names.
_JOINED: Final[weakref.WeakKeyDictionary[CollectorRegistry, RegistryCollector]] = (
    weakref.WeakKeyDictionary()
)
_JOINED_LOCK = threading.RLock()


def register(collector: MetricsCollector, registry: CollectorRegistry | None = None) -> None:
    """Join a registry, ``REGISTRY`` by default; see ``MetricsCollector.register``."""
    registry = _registry(registry)
    with _JOINED_LOCK:
        other = _JOINED.get(registry)
        if other is not None and other != RegistryCollector(collector):
            raise InvalidValueError(
                f"registry: got {registry!r}, which has the metrics of another "
                "MetricsCollector, under the same names; accepted: one collector in a "
                "registry, after unregister() of the other"
            )
        _leave(collector, registry)
        joined = RegistryCollector(collector)
        registry.register(joined)
        _JOINED[registry] = joined


def unregister(collector: MetricsCollector, registry: CollectorRegistry | None = None) -> None:
    """Leave a registry; see ``MetricsCollector.unregister``."""
    registry = _registry(registry)
    with _JOINED_LOCK:
        _leave(collector, registry)


def _leave(collector: MetricsCollector, registry: CollectorRegistry) -> None:
    with contextlib.suppress(KeyError):  # it was not there
        registry.unregister(RegistryCollector(collector))
    if _JOINED.get(registry) == RegistryCollector(collector):
        del _JOINED[registry]


def _registry(registry: CollectorRegistry | None) -> CollectorRegistry:
    try:
        import prometheus_client
    except ImportError as error:
        raise ImportError(
            "registry: needs the package prometheus-client; "
            "install it with: pip install 'driftline[prometheus]'"
        ) from error
    if registry is None:
        return prometheus_client.REGISTRY
    if not isinstance(registry, prometheus_client.CollectorRegistry):
        raise InvalidTypeError(
            f"registry: got {registry!r} (type {type(registry).__name__}); "
            "accepted: a prometheus_client.CollectorRegistry, or None for REGISTRY"
        )
    return registry


# --- HTTP ------------------------------------------------------------------------


class MetricsServer:
    """Serves ``/metrics`` on a daemon thread until it is closed.

    The format follows the scraper's ``Accept`` header; every other path is 404.
    It never keeps the program from ending. A child made by ``fork`` has no
    server: its copy of the socket is closed at once, so that the port goes with
    the parent.

    >>> import driftline as dl, urllib.request
    >>> with dl.MetricsCollector().serve() as server:
    ...     with urllib.request.urlopen(server.url) as answer:
    ...         answer.headers["Content-Type"]
    'text/plain; version=0.0.4; charset=utf-8'
    """

    def __init__(self, collector: MetricsCollector, port: int = 0, host: str = "127.0.0.1") -> None:
        handler = type("_CollectorHandler", (_Handler,), {"collector": collector})
        self._server = (_ServerV6 if ":" in host else _Server)((host, port), handler)
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            args=(_POLL_S,),
            name="driftline-metrics",
            daemon=True,
        )
        self._thread.start()
        _SERVERS.add(self)

    @property
    def host(self) -> str:
        """The address that it listens at."""
        return str(self._server.server_address[0])

    @property
    def port(self) -> int:
        """The port that it listens at."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Where the metrics are."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/metrics"

    def close(self) -> None:
        """Stop listening; a second time does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        _SERVERS.discard(self)
        if self._pid == os.getpid():  # the thread that would answer is in the parent
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def _leave_to_parent(self) -> None:
        self._lock = threading.Lock()  # it may have been held by a thread that is gone
        self._closed = True
        self._server.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<MetricsServer {self.url}{' closed' if self._closed else ''}>"


#: Those that serve: a child has to know of each, also of one that nobody kept.
_SERVERS: Final[set[MetricsServer]] = set()


def _after_fork_in_child() -> None:
    global _JOINED_LOCK
    _JOINED_LOCK = threading.RLock()  # as above
    for server in _SERVERS:
        server._leave_to_parent()
    _SERVERS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle is its own affair."""
        _LOGGER.debug("a scrape from %s failed", client_address, exc_info=True)


class _ServerV6(_Server):
    address_family = socket.AF_INET6


class _Handler(http.server.BaseHTTPRequestHandler):
    collector: MetricsCollector
    timeout = _CLIENT_TIMEOUT_S
    server_version = "driftline"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer(body_too=True)

    def do_HEAD(self) -> None:
        self._answer(body_too=False)

    def _answer(self, *, body_too: bool) -> None:
        if urllib.parse.urlsplit(self.path).path == "/metrics":
            status = 200
            accept = ",".join(self.headers.get_all("Accept", []))
            content_type, body = self.collector.negotiate(accept)
        else:
            status, content_type = 404, "text/plain; charset=utf-8"
            body = b"not found; the metrics are at /metrics\n"
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body_too:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Scrapes are no news."""


# --- OpenTelemetry ---------------------------------------------------------------


def instrument(collector: MetricsCollector, meter: Meter) -> None:
    """Make observable instruments of every metric; see ``MetricsCollector.instrument``."""
    try:
        from opentelemetry.metrics import Meter
    except ImportError as error:
        raise ImportError(
            "meter: needs the package opentelemetry-api; "
            "install it with: pip install 'driftline[opentelemetry]'"
        ) from error
    if not isinstance(meter, Meter):
        raise InvalidTypeError(
            f"meter: got {meter!r} (type {type(meter).__name__}); "
            "accepted: an opentelemetry.metrics.Meter"
        )
    for name, description, kind, unit, _ in collector._families():
        if kind == "gauge":
            callback = _callback(collector, name, "")
            meter.create_observable_gauge(name, [callback], description=description)
        elif kind == "counter":
            callback = _callback(collector, name, "_total")
            meter.create_observable_counter(name, [callback], description=description)
        else:
            for suffix in ("_bucket", "_count", "_sum"):
                in_unit = "s" if unit == "seconds" and suffix == "_sum" else ""
                meter.create_observable_counter(
                    name + suffix,
                    [_callback(collector, name, suffix)],
                    unit=in_unit,
                    description=description,
                )


def _callback(
    collector: MetricsCollector, name: str, suffix: str
) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def observe(options: CallbackOptions) -> Iterable[Observation]:
        from opentelemetry.metrics import Observation

        return [
            Observation(value, {key: text for key, text in labels.items() if text})
            for *_, samples in collector._families(name)
            for found, labels, value in samples
            if found == suffix
        ]

    return observe
