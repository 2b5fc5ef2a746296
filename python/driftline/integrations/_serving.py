"""What both middlewares tell of a request, and which requests they tell of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final

from driftline._driftline import Hub, ModelId
from driftline.exceptions import InvalidTypeError, InvalidValueError
from driftline.integrations._guard import Guard

__all__ = ["Requests"]

#: Characters of an id, which strangers may have written.
_LONGEST: Final = 200

Model = ModelId | str | Callable[[Any], ModelId | str | None] | None
Features = Callable[[Any], Any]


class Requests:
    """What becomes of the requests of one middleware. Arguments are those of
    ``asgi.DriftlineMiddleware``.

    ``scope`` is that of ASGI, or the environ of WSGI.
    """

    __slots__ = (
        "_features",
        "_filters",
        "_hub",
        "_model",
        "_model_of",
        "_monitor",
        "_route_of",
        "_routes",
        "_unmatched",
        "excludes",
        "guard",
        "id_header",
        "max_body_bytes",
        "reads_headers",
    )

    def __init__(
        self,
        name: str,
        hub: Hub | None,
        *,
        model: Model,
        monitor: Any,
        features: Features | None,
        routes: Iterable[str] | None,
        exclude: Iterable[str],
        route: Callable[[Any], str | None] | None,
        unmatched: str,
        id_header: str | None,
        max_body_bytes: int,
    ) -> None:
        self.guard = Guard(name)
        if not isinstance(hub, Hub | None):
            raise InvalidTypeError(f"hub: got {hub!r}; accepted: a Hub, or None")
        self._hub = hub
        self._model_of = None if isinstance(model, ModelId | str | None) else _callable(model)
        self._model: ModelId | None = None
        if isinstance(model, ModelId | str):
            self._model = ModelId.parse(model) if isinstance(model, str) else model
        if monitor is not None and not callable(getattr(monitor, "observe", None)):
            raise InvalidTypeError(
                f"monitor: got {monitor!r}; accepted: an object with observe(row), or None"
            )
        if features is not None and (monitor is None or not callable(features)):
            raise InvalidTypeError(
                f"features: got {features!r}; accepted: a function of the request's JSON, "
                "together with a monitor"
            )
        self._monitor = monitor
        self._features = features
        self._routes = None if routes is None else _Paths("routes", routes)
        #: Whether a path or a route is left out.
        self.excludes = _Paths("exclude", exclude)
        self._filters = self._routes is not None or bool(self.excludes)
        self._route_of = route
        #: Whether headers matter.
        self.reads_headers = monitor is not None or id_header is not None
        if not isinstance(unmatched, str):
            raise InvalidTypeError(f"unmatched: got {unmatched!r}; accepted: a str")
        self._unmatched = unmatched
        if not isinstance(id_header, str | None):
            raise InvalidTypeError(f"id_header: got {id_header!r}; accepted: a str, or None")
        #: The header whose value is the event's id.
        self.id_header = id_header
        if not isinstance(max_body_bytes, int) or max_body_bytes < 0:
            raise InvalidValueError(
                f"max_body_bytes: got {max_body_bytes!r}; accepted: an int from 0"
            )
        #: The longest body that is read.
        self.max_body_bytes = max_body_bytes

    def reads_bodies(self, content_type: str, method: str) -> bool:
        """Whether a body of that kind is for the monitor."""
        if self._monitor is None or method in ("GET", "HEAD", "OPTIONS"):
            return False
        essence = content_type.partition(";")[0].strip().lower()
        return essence == "application/json" or essence.endswith("+json")

    def too_long(self) -> None:
        """Counts a body that is not looked at."""
        self.guard.failed(
            "body", InvalidValueError(f"a body is longer than {self.max_body_bytes} bytes")
        )

    def ended(
        self,
        scope: Any,
        template: Callable[[Any], str | None],
        path: str,
        method: str,
        status: int | None,
        latency_ms: float,
        id: str | None,
        failure: str | None,
        cancelled: bool,
        body: bytes | None,
    ) -> None:
        """Tells of a request that has ended.

        :param template: finds the route in the scope.
        :param failure: why there is no good answer.
        :param cancelled: the client went away first.
        :param body: the request's, complete, where it is for the monitor.
        """
        # Written for speed: each request waits for it.
        guard, route = self.guard, None
        try:
            route = template(scope) if self._route_of is None else self._route_of(scope)
            if self._filters and self._is_left_out(path, route):
                return
        except Exception as error:
            guard.failed("route", error)
        if status is not None and status >= 500 and failure is None and not cancelled:
            failure = f"status {status}"
        if id is not None:
            id = id[:_LONGEST] or None
        if self._hub is not None:
            model: ModelId | str | None = self._model
            if self._model_of is not None:
                model = guard.call("model", self._model_of, scope)
            metadata = {
                "route": self._unmatched if route is None else route,
                "method": method,
                "status": status,
            }
            try:
                if failure is None and not cancelled:
                    self._hub.inference_completed(
                        model, latency_ms=latency_ms, id=id, metadata=metadata
                    )
                else:
                    self._tell_otherwise(model, latency_ms, id, failure, metadata)
            except Exception as error:
                guard.failed("hub", error)
            else:
                if guard.is_failing:
                    guard.succeeded("hub")
        if body is not None and failure is None and not cancelled and (status or 999) < 400:
            guard.call("monitor", self._observe, body, id)

    def _is_left_out(self, path: str, route: str | None) -> bool:
        if route is not None and self.excludes(route):
            return True
        wanted = self._routes
        return wanted is not None and not (wanted(path) or (route is not None and wanted(route)))

    def _tell_otherwise(
        self,
        model: Any,
        latency_ms: float,
        id: str | None,
        failure: str | None,
        metadata: dict[str, Any],
    ) -> None:
        assert self._hub is not None
        if failure is None:
            self._hub.emit("inference_cancelled", latency_ms, model=model, id=id, metadata=metadata)
        else:
            metadata["latency_ms"] = latency_ms
            self._hub.inference_failed(model, message=failure, id=id, metadata=metadata)

    def _observe(self, body: bytes, id: str | None) -> None:
        parsed = json.loads(body)
        row = parsed if self._features is None else self._features(parsed)
        if row is not None:
            options = {} if id is None else {"id": id}
            self._monitor.observe(row, **options)


class _Paths:
    """Paths and routes: exact ones, and the beginnings of some, which end in ``*``."""

    __slots__ = ("_beginnings", "_exact")

    def __init__(self, argument: str, paths: Iterable[str]) -> None:
        listed = list(paths) if isinstance(paths, Iterable) else [paths]
        if isinstance(paths, str | bytes) or not all(isinstance(one, str) for one in listed):
            raise InvalidTypeError(f"{argument}: got {paths!r}; accepted: several str")
        self._exact = frozenset(one for one in listed if not one.endswith("*"))
        self._beginnings = tuple(one[:-1] for one in listed if one.endswith("*"))

    def __bool__(self) -> bool:
        return bool(self._exact or self._beginnings)

    def __call__(self, path: str) -> bool:
        return path in self._exact or (bool(self._beginnings) and path.startswith(self._beginnings))


def _callable(model: Any) -> Callable[[Any], Any]:
    if not callable(model):
        raise InvalidTypeError(
            f"model: got {model!r}; accepted: a ModelId, a str, a function of the scope, or None"
        )
    return model  # type: ignore[no-any-return]


class Middleware:
    """What middlewares of ASGI and of WSGI have in common."""

    name: ClassVar[str]

    def __init__(
        self,
        app: Any,
        hub: Hub | None = None,
        *,
        model: Model = None,
        monitor: Any = None,
        features: Features | None = None,
        routes: Iterable[str] | None = None,
        exclude: Iterable[str] = (),
        route: Callable[[Any], str | None] | None = None,
        unmatched: str = "unmatched",
        id_header: str | None = None,
        max_body_bytes: int = 65_536,
    ) -> None:
        #: The application.
        self.app = app
        self._requests = Requests(
            self.name,
            hub,
            model=model,
            monitor=monitor,
            features=features,
            routes=routes,
            exclude=exclude,
            route=route,
            unmatched=unmatched,
            id_header=id_header,
            max_body_bytes=max_body_bytes,
        )

    @property
    def failures(self) -> Mapping[str, int]:
        """How often what has failed: ``"hub"``, ``"monitor"``, ``"model"``, ``"route"``,
        ``"headers"``, or ``"body"`` for one that is too long."""
        return self._requests.guard.failures
