"""Where the alerts go: a web server on this machine that believes signed requests only."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self

import driftline as dl

HOST = "127.0.0.1"


class _Server(ThreadingHTTPServer):
    """Hands what it is sent to a receiver."""

    def __init__(self, receiver: "Receiver") -> None:
        super().__init__((HOST, 0), _Handler)
        self.receiver = receiver


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.server.receiver.take(dict(self.headers), body))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class Receiver:
    """A web server in a thread of its own, on a port that is free."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.alerts: list[dict[str, Any]] = []
        self.n_repeated = 0
        self.n_refused = 0
        self._seen: set[str] = set()
        self._lock = Lock()
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self._server.server_address[1]}/alerts"

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Keeps the alert in a request; answers the status."""
        if not dl.verify_signature(self.secret, headers, body):
            with self._lock:
                self.n_refused += 1
            return 401
        alert = json.loads(body)
        with self._lock:
            # The same one again is no second alert: an answer may have been lost.
            if alert["delivery_id"] in self._seen:
                self.n_repeated += 1
            else:
                self._seen.add(alert["delivery_id"])
                self.alerts.append(alert)
        return 204

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def without_proxy() -> Iterator[None]:
    """What goes to this machine goes there, whatever proxies the environment names."""
    kept = {name: os.environ.get(name) for name in ("no_proxy", "NO_PROXY")}
    for name, value in kept.items():
        os.environ[name] = f"{value},{HOST}" if value else HOST
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
