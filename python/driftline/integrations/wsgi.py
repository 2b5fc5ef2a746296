"""Requests of Flask, Django and whatever else speaks WSGI."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from driftline.integrations._guard import described
from driftline.integrations._serving import Middleware, Requests

__all__ = ["DriftlineMiddleware"]

Environ = dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], object]]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_DJANGO: Final = "django.urls"


class DriftlineMiddleware(Middleware):
    """Tells a hub of every request, and a monitor of what was predicted from.

    It does for WSGI what :class:`driftline.integrations.asgi.DriftlineMiddleware` does for
    ASGI: the events, their metadata and the parameters are explained there; a function of
    the scope is given the environ here. Routes are those of Flask
    (``"/flights/<int:id>"``) and Django.

    The latency ends when the last part of the body has been handed to the server, and for a
    list or a file of the server's own (``wsgi.file_wrapper``) with the application's
    return. A body that is closed before it has ended is ``inference_cancelled``.

    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range.

    >>> import driftline as dl
    >>> from driftline.integrations.wsgi import DriftlineMiddleware
    >>> def app(environ, start_response):
    ...     start_response("200 OK", [("Content-Type", "text/plain")])
    ...     return [b"12.5"]
    >>> hub = dl.Hub()
    >>> handle = hub.register(lambda event: print(event.kind, event.model))
    >>> app = DriftlineMiddleware(app, hub, model="fraud:1")  # app.wsgi_app of a Flask
    >>> app({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, lambda status, headers: None)
    inference_completed fraud:1
    [b'12.5']
    """

    name = "wsgi.DriftlineMiddleware"
    app: Application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """A WSGI application."""
        if self._requests.excludes(environ.get("PATH_INFO", "")):
            return self.app(environ, start_response)
        request = _Request(self._requests, environ, start_response)
        try:
            body = self.app(environ, request.start_response)
        except Exception as error:
            request.failed(error)
            raise
        if _DJANGO in sys.modules:
            request.guard.call("route", request.find_django, body)
        wrapper = environ.get("wsgi.file_wrapper")
        # What servers treat better as it is: lists they can count, files they can send.
        if isinstance(body, list | tuple) or (
            isinstance(wrapper, type) and isinstance(body, wrapper)
        ):
            request.finish()
            return body
        return _Body(body, request)


class _Request:
    """One request on its way."""

    __slots__ = (
        "_environ",
        "_id",
        "_input",
        "_path",
        "_requests",
        "_route",
        "_script",
        "_start",
        "_start_response",
        "_status",
        "ended",
        "guard",
    )

    def __init__(self, requests: Requests, environ: Environ, start_response: StartResponse) -> None:
        self._requests = requests
        self.guard = requests.guard
        self._environ = environ
        self._path: str = environ.get("PATH_INFO", "")
        self._script: str = environ.get("SCRIPT_NAME", "")
        self._start_response = start_response
        self._status: int | None = None
        self._route: str | None = None
        self._id: str | None = None
        self._input: _Input | None = None
        self.ended = False
        if requests.reads_headers:
            self.guard.call("headers", self._read_headers)
        self._start = time.perf_counter_ns()

    def _read_headers(self) -> None:
        environ, requests = self._environ, self._requests
        if requests.id_header is not None:
            self._id = environ.get(f"HTTP_{requests.id_header.upper().replace('-', '_')}")
        reads = requests.reads_bodies(environ.get("CONTENT_TYPE", ""), environ["REQUEST_METHOD"])
        if reads and "wsgi.input" in environ:
            self._input = _Input(environ["wsgi.input"], requests.max_body_bytes)
            environ["wsgi.input"] = self._input

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        try:
            self._status = int(status[:3])
            self._find_flask()
        except Exception as error:
            self.guard.failed("route", error)
        if exc_info is None:
            return self._start_response(status, headers)
        try:
            return self._start_response(status, headers, exc_info)
        finally:
            exc_info = None  # a cycle through the traceback, as PEP 3333 warns

    def _find_flask(self) -> None:
        # Now, for Flask forgets its request before it returns.
        rule = getattr(self._environ.get("werkzeug.request"), "url_rule", None)
        if rule is not None:
            # Below a dispatcher, SCRIPT_NAME has become longer.
            self._route = self._environ.get("SCRIPT_NAME", "")[len(self._script) :] + rule.rule

    def find_django(self, body: object) -> None:
        """The route in the request that Django's answer closes at its end."""
        if self._route is not None:
            return
        match = None
        for closer in getattr(body, "_resource_closers", ()):
            match = match or getattr(getattr(closer, "__self__", None), "resolver_match", None)
        if match is not None:
            route: str = match.route
            self._route = route if route.startswith(("/", "^")) else f"/{route}"

    def failed(self, error: Exception) -> None:
        """The application raised."""
        self.finish(described(error))

    def finish(self, failure: str | None = None, *, cancelled: bool = False) -> None:
        """It is over; said once."""
        if self.ended:
            return
        self.ended = True
        latency_ms = (time.perf_counter_ns() - self._start) / 1e6
        if failure is None and not cancelled and self._status is None:
            failure = "the application ended without a complete answer"
        self._requests.ended(
            self._environ,
            self._found,
            self._path,
            self._environ.get("REQUEST_METHOD", ""),
            self._status,
            latency_ms,
            self._id,
            failure,
            cancelled,
            None if self._input is None else self._complete_body(self._input),
        )

    def _found(self, environ: Environ) -> str | None:
        return self._route

    def _complete_body(self, read: _Input) -> bytes | None:
        """What the application has read, when that was all of it."""
        length = self.guard.call("headers", int, self._environ.get("CONTENT_LENGTH") or -1)
        if read.kept is None:
            self._requests.too_long()
            return None
        body = b"".join(read.kept)
        whole = read.at_end if length is None or length < 0 else len(body) >= length
        return body if whole else None


class _Body:
    """The body, which tells when it has ended."""

    __slots__ = ("_body", "_parts", "_request")

    def __init__(self, body: Iterable[bytes], request: _Request) -> None:
        self._body = body
        self._parts: Iterator[bytes] | None = None
        self._request = request

    def __iter__(self) -> _Body:
        return self

    def __next__(self) -> bytes:
        try:
            if self._parts is None:
                self._parts = iter(self._body)
            return next(self._parts)
        except StopIteration:
            self._request.finish()
            raise
        except Exception as error:
            self._request.failed(error)
            raise

    def close(self) -> None:
        """Servers call it at the end, also when the client is gone."""
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        except Exception as error:
            self._request.failed(error)
            raise
        finally:
            # Of an answer to HEAD nothing needs to be asked for.
            head = self._request._environ.get("REQUEST_METHOD") == "HEAD"
            self._request.finish(cancelled=not head)


class _Input:
    """``wsgi.input`` that keeps what the application reads of it."""

    def __init__(self, stream: Any, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._size = 0
        #: What was read so far; None when it is too long.
        self.kept: list[bytes] | None = []
        #: Whether the stream said that there is no more.
        self.at_end = False

    def _keep(self, part: bytes) -> bytes:
        self._size += len(part)
        if self._size > self._limit:
            self.kept = None
        elif self.kept is not None:
            self.kept.append(bytes(part))
        return part

    def read(self, *size: Any) -> bytes:
        part: bytes = self._stream.read(*size)
        self.at_end |= not part or not size or size[0] is None or size[0] < 0
        return self._keep(part)

    def readline(self, *size: Any) -> bytes:
        part: bytes = self._stream.readline(*size)
        self.at_end |= not part
        return self._keep(part)

    def readlines(self, *hint: Any) -> list[bytes]:
        lines: list[bytes] = self._stream.readlines(*hint)
        self.at_end |= not hint
        return [self._keep(line) for line in lines]

    def readinto(self, buffer: Any) -> int:
        n: int = self._stream.readinto(buffer)
        self.at_end |= not n
        self._keep(bytes(memoryview(buffer)[:n]))
        return n

    def __iter__(self) -> Iterator[bytes]:
        for line in self._stream:
            yield self._keep(line)
        self.at_end = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
