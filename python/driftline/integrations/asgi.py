"""Requests of FastAPI, Starlette, Litestar and whatever else speaks ASGI 3."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from driftline.integrations._guard import described
from driftline.integrations._serving import Middleware, Requests

__all__ = ["DriftlineMiddleware"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class DriftlineMiddleware(Middleware):
    """Tells a hub of every HTTP request, and a monitor of what was predicted from.

    For each request one event:

    ``inference_completed``
        its value is the latency in milliseconds, until the last part of the body is sent;
    ``inference_failed``
        the application raised, ended without an answer, or answered with status 500 or
        above; ``metadata["message"]`` says why, ``metadata["latency_ms"]`` after how long;
    ``inference_cancelled``
        the client went away before it had its answer. A kind of its own, severity info: it
        is no failure of the model's, and its latency is not the model's either.

    The metadata has ``route`` (the template, ``/flights/{id}``), ``method`` and ``status``.
    Routes are those of FastAPI, Starlette and Litestar; requests that none of them claims
    share the name ``unmatched``. Others are told by ``route``, as Django's under ASGI:
    ``route=lambda scope: resolve(scope["path"]).route``. WebSockets and lifespan messages
    pass untouched. That a client has gone is known when the application asks for the next
    message or the server refuses a part of the answer.

    Nothing here reaches the application or the client: what fails is counted in
    :attr:`failures` and logged once (logger ``driftline.integrations``). Exceptions of the
    application pass unchanged. Observers that are registered inline run on the event loop.

    :param app: the application.
    :param hub: who is told of requests; None for nobody.
    :param model: which model, or a function of the scope.
    :param monitor: an object with ``observe(row)``: it is told of the body of each request
        that was answered with a status below 400, after the answer. Bodies are JSON that the
        application itself has read; none is taken away from it.
    :param features: makes a row of the parsed JSON, or None to leave it out; by default the
        JSON is the row.
    :param routes: the only routes, or paths, that are told of: exact ones, or beginnings
        that end in ``*``.
    :param exclude: routes or paths that are not told of, as in ``["/metrics", "/static/*"]``.
    :param route: a function of the scope that finds the template, for other frameworks.
    :param unmatched: the name of requests without a route.
    :param id_header: the header whose value becomes the events' ``id``, such as
        ``"x-request-id"``.
    :param max_body_bytes: longer bodies are not kept for the monitor; each is counted.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range.

    >>> import asyncio, driftline as dl
    >>> from driftline.integrations.asgi import DriftlineMiddleware
    >>> async def app(scope, receive, send):
    ...     await send({"type": "http.response.start", "status": 200, "headers": []})
    ...     await send({"type": "http.response.body", "body": b"12.5"})
    >>> hub = dl.Hub()
    >>> handle = hub.register(lambda event: print(event.kind, dict(event.metadata)))
    >>> app = DriftlineMiddleware(app, hub, model="fraud:1", route=lambda scope: scope["path"])
    >>> async def send(message): pass
    >>> scope = {"type": "http", "path": "/predict", "method": "GET", "headers": []}
    >>> asyncio.run(app(scope, None, send))
    inference_completed {'method': 'GET', 'route': '/predict', 'status': 200}
    """

    name = "asgi.DriftlineMiddleware"
    app: Application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http" or self._requests.excludes(scope.get("path", "")):
            await self.app(scope, receive, send)
            return
        request = _Request(self._requests, scope, receive, send)
        try:
            await self.app(scope, request.receive, request.send)
        except (KeyboardInterrupt, SystemExit):
            raise
        except Exception as error:
            request.failed(error)
            raise
        except BaseException:  # the task was cancelled
            request.finish(cancelled=True)
            raise
        if not request.ended:
            gone = request.disconnected
            reason = None if gone else "the application ended without a complete answer"
            request.finish(reason, cancelled=gone)


class _Request:
    """One request on its way."""

    __slots__ = (
        "_body",
        "_id",
        "_is_read",
        "_path",
        "_receive",
        "_requests",
        "_scope",
        "_send",
        "_size",
        "_start",
        "_status",
        "disconnected",
        "ended",
    )

    def __init__(self, requests: Requests, scope: Scope, receive: Receive, send: Send) -> None:
        self._requests = requests
        self._scope = scope
        self._path: str = scope.get("path", "")  # frameworks may change it
        self._receive = receive
        self._send = send
        self._status: int | None = None
        self._body: list[bytes] | None = None
        self._size = 0
        self._is_read = False
        self._id: str | None = None
        self.disconnected = False
        self.ended = False
        if requests.reads_headers:
            requests.guard.call("headers", self._read_headers)
        self._start = time.perf_counter_ns()

    def _read_headers(self) -> None:
        requests = self._requests
        if requests.id_header is not None:
            self._id = _header(self._scope, requests.id_header)
        if requests.reads_bodies(_header(self._scope, "content-type") or "", self._scope["method"]):
            self._body = []

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.disconnected = True
        elif self._body is not None:
            self._requests.guard.call("body", self._keep, message)
        return message

    def _keep(self, message: Message) -> None:
        part = message.get("body", b"")
        self._size += len(part)
        self._is_read = not message.get("more_body", False)
        if self._size > self._requests.max_body_bytes:
            self._body = None
            self._requests.too_long()
        elif self._body is not None:
            self._body.append(part)

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self._status = message["status"]
        try:
            await self._send(message)
        except OSError:  # what servers raise when the client is gone
            self.disconnected = True
            raise
        is_last = kind == "http.response.body" and not message.get("more_body", False)
        if (is_last or kind == "http.response.pathsend") and not self.ended:
            self.finish(cancelled=self.disconnected)

    def failed(self, error: Exception) -> None:
        """The application raised."""
        gone = self.disconnected and (
            isinstance(error, OSError) or type(error).__name__ == "ClientDisconnect"
        )
        self.finish(None if gone else described(error), cancelled=gone)

    def finish(self, failure: str | None = None, *, cancelled: bool = False) -> None:
        """It is over; said once."""
        if self.ended:
            return
        self.ended = True
        latency_ms = (time.perf_counter_ns() - self._start) / 1e6
        body = self._body
        self._requests.ended(
            self._scope,
            _template,
            self._path,
            self._scope.get("method", ""),
            self._status,
            latency_ms,
            self._id,
            failure,
            cancelled,
            None if body is None or not self._is_read else b"".join(body),
        )


def _header(scope: Scope, name: str) -> str | None:
    wanted = name.lower().encode("latin-1")
    for key, value in scope["headers"]:
        if key == wanted:
            return bytes(value).decode("latin-1")
    return None


def _template(scope: Scope) -> str | None:
    """The route as the framework left it in the scope."""
    template: str | None = scope.get("path_template")  # Litestar
    if template:
        return template
    # FastAPI's routes know nothing of the prefix that their router was included with.
    included = scope.get("fastapi")
    route = included.get("effective_route_context") if included else None
    if route is None:
        route = scope.get("route")
    prefix = ""
    if "app_root_path" in scope:  # within a mount: its path is the one that was asked for
        prefix = scope["root_path"][len(scope["app_root_path"]) :]
    if route is None or hasattr(route, "routes"):  # nothing, or a mount, which is the prefix
        return _with_names(scope, prefix, "") if prefix else getattr(route, "path", None)
    path: str = route.path
    return _with_names(scope, prefix, path) + path if prefix else path


def _with_names(scope: Scope, prefix: str, template: str) -> str:
    """The path of mounts with the names of their parameters in the place of values."""
    names = {
        str(value): name
        for name, value in scope.get("path_params", {}).items()
        if f"{{{name}}}" not in template and f"{{{name}:" not in template
    }
    return "/".join(f"{{{names[part]}}}" if part in names else part for part in prefix.split("/"))
