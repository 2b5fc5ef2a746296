"""The meta-estimator behind ``driftline.integrations.sklearn.monitored``; importing it
needs scikit-learn."""

from __future__ import annotations

import copy
import functools
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import check_is_fitted

from driftline._driftline import Hub, ModelId
from driftline.exceptions import InvalidTypeError
from driftline.integrations._guard import Guard, described
from driftline.integrations._training import Training

__all__ = ["MonitoredEstimator", "Watchers"]


class Watchers:
    """Who watches an estimator. Copies are the same object; a pickle has the model alone.

    :param hub: who is told; a monitor may stand here instead.
    :param monitor: an object with ``observe_many(table)``, or None.
    :param model: which model it is, or None.
    """

    __slots__ = ("guard", "hub", "model", "monitor")

    def __init__(
        self,
        hub: Hub | Any = None,
        monitor: Any = None,
        model: ModelId | str | None = None,
    ) -> None:
        if monitor is None and not isinstance(hub, Hub | None):
            hub, monitor = None, hub
        if not isinstance(hub, Hub | None):
            raise InvalidTypeError(f"hub: got {hub!r}; accepted: a Hub, or None")
        if monitor is not None and not callable(getattr(monitor, "observe_many", None)):
            raise InvalidTypeError(
                f"monitor: got {monitor!r}; accepted: an object with observe_many(table), or None"
            )
        if not isinstance(model, ModelId | str | None):
            raise InvalidTypeError(f"model: got {model!r}; accepted: a ModelId, a str, or None")
        self.hub = hub
        self.monitor = monitor
        self.model = ModelId.parse(model) if isinstance(model, str) else model
        self.guard = Guard("sklearn.monitored")

    def __copy__(self) -> Watchers:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Watchers:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Watchers, (None, None, self.model)

    def __repr__(self) -> str:
        named = {"hub": self.hub, "monitor": self.monitor, "model": self.model}
        return f"Watchers({', '.join(f'{k}={v!r}' for k, v in named.items() if v is not None)})"


class _Watched:
    """A method that is there when the estimator has it, with its signature."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._name = function.__name__
        self.__doc__ = function.__doc__

    def __get__(self, instance: MonitoredEstimator | None, owner: type | None = None) -> Any:
        if instance is None:
            return self._function
        # An AttributeError of its own says why there is none.
        method = getattr(instance._inner, self._name)
        bound = functools.partial(self._function, instance)
        return functools.update_wrapper(bound, method)


class MonitoredEstimator(MetaEstimatorMixin, BaseEstimator):  # type: ignore[misc]
    """An estimator that is watched; see :func:`driftline.integrations.sklearn.monitored`.

    :param estimator: what is watched.
    :param watchers: by whom, or None.
    """

    def __init__(self, estimator: Any, watchers: Watchers | None = None) -> None:
        self.estimator = estimator
        self.watchers = watchers

    @property
    def failures(self) -> Mapping[str, int]:
        """How often what has failed: ``"hub"``, ``"monitor"``."""
        return self._watchers.guard.failures

    def attach(self, hub: Hub | Any = None, *, monitor: Any = None) -> Self:
        """Has it watched by these from now on: what a pickle lacks. The model is the same.

        :param hub: who is told; a monitor may stand here instead.
        :param monitor: an object with ``observe_many(table)``, or None.
        :raises InvalidTypeError: an argument of a type that is not accepted.
        """
        self.watchers = Watchers(hub, monitor, self._watchers.model)
        return self

    @property
    def _watchers(self) -> Watchers:
        # `set_params` may have put anything there.
        return self.watchers if isinstance(self.watchers, Watchers) else _NOBODY

    # --- watched ----------------------------------------------------------------

    @_Watched
    def predict(self, *arguments: Any, **params: Any) -> Any:
        """What the estimator predicts."""
        return self._predict("predict", arguments, params)

    @_Watched
    def predict_proba(self, *arguments: Any, **params: Any) -> Any:
        """The probabilities that the estimator gives."""
        return self._predict("predict_proba", arguments, params)

    @_Watched
    def fit(self, *arguments: Any, **params: Any) -> Self:
        """Fits a clone of the estimator."""
        self._fit("fit", clone(self.estimator), arguments, params)
        return self

    @_Watched
    def fit_predict(self, *arguments: Any, **params: Any) -> Any:
        """Fits a clone of the estimator, and predicts."""
        return self._fit("fit_predict", clone(self.estimator), arguments, params)

    @_Watched
    def fit_transform(self, *arguments: Any, **params: Any) -> Any:
        """Fits a clone of the estimator, and transforms."""
        return self._fit("fit_transform", clone(self.estimator), arguments, params)

    @_Watched
    def partial_fit(self, *arguments: Any, **params: Any) -> Self:
        """Goes on fitting: ``estimator_``, or the estimator when that is fitted already."""
        inner = self._inner
        if inner is self.estimator and not self.__sklearn_is_fitted__():
            inner = clone(inner)
        self._fit("partial_fit", inner, arguments, params)
        return self

    def _predict(self, method: str, arguments: tuple[Any, ...], params: dict[str, Any]) -> Any:
        watchers = self._watchers
        function = getattr(self._inner, method)
        start = time.perf_counter_ns()
        try:
            result = function(*arguments, **params)
        except Exception as error:
            duration_ms = (time.perf_counter_ns() - start) / 1e6
            _tell(watchers, method, _table(arguments, params), duration_ms, error)
            raise
        duration_ms = (time.perf_counter_ns() - start) / 1e6
        table = _table(arguments, params)
        _tell(watchers, method, table, duration_ms, None)
        if watchers.monitor is not None:
            watchers.guard.call("monitor", watchers.monitor.observe_many, table)
        return result

    def _fit(
        self, method: str, inner: Any, arguments: tuple[Any, ...], params: dict[str, Any]
    ) -> Any:
        watchers = self._watchers
        training = Training(watchers.guard, watchers.hub, model=watchers.model)
        training.started()
        try:
            result = getattr(inner, method)(*arguments, **params)
        except BaseException as error:
            training.failed(error)
            raise
        self.estimator_ = inner
        training.completed(samples_seen=_rows(_table(arguments, params)))
        return result

    # --- like the estimator -----------------------------------------------------

    @property
    def _inner(self) -> Any:
        """What predicts: the fitted clone, or the estimator itself."""
        return self.__dict__.get("estimator_", self.estimator)

    def __getattr__(self, name: str) -> Any:
        # Those that copies and pickles ask for before there is an estimator.
        if "estimator" not in self.__dict__ or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self._inner, name)

    def __dir__(self) -> list[str]:
        own = set(super().__dir__())
        return sorted(own | set(dir(self._inner)) if "estimator" in self.__dict__ else own)

    def __sklearn_is_fitted__(self) -> bool:
        try:
            check_is_fitted(self._inner)
        except (NotFittedError, TypeError):
            return False
        return True

    def __sklearn_tags__(self) -> Any:
        return copy.deepcopy(get_tags(self.estimator))

    def get_metadata_routing(self) -> Any:
        """What the estimator asks to have routed."""
        return get_routing_for_object(self.estimator)

    # --- copies -----------------------------------------------------------------

    def __sklearn_clone__(self) -> Self:
        return type(self)(clone(self.estimator), self.watchers)


_NOBODY = Watchers()


def _tell(
    watchers: Watchers, method: str, table: Any, latency_ms: float, error: Exception | None
) -> None:
    hub, call = watchers.hub, watchers.guard.call
    if hub is None:
        return
    metadata: dict[str, Any] = {"method": method, "rows": _rows(table)}
    if error is None:
        call(
            *("hub", hub.inference_completed, watchers.model),
            latency_ms=latency_ms,
            metadata=metadata,
        )
    else:
        metadata["latency_ms"] = latency_ms
        message = described(error)
        call("hub", hub.inference_failed, watchers.model, message=message, metadata=metadata)


def _table(arguments: tuple[Any, ...], params: dict[str, Any]) -> Any:
    return arguments[0] if arguments else params.get("X")


def _rows(table: Any) -> int | None:
    """How many rows a table has, where it tells."""
    try:
        shape = getattr(table, "shape", None)
        return int(shape[0]) if shape else len(table)
    except Exception:
        return None
