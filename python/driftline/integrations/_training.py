"""What the callbacks of all frameworks tell a hub of a training."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

from driftline._driftline import Hub, ModelId
from driftline.exceptions import InvalidTypeError, InvalidValueError, PackageNotFound
from driftline.integrations._guard import Guard, described

__all__ = ["Training", "TrainingCallback", "needs"]

TRAINING_FAILED: Final = "training_failed"

_SPLITS: Final = {
    "train": "training",
    "training": "training",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "eval": "validation",
    "test": "test",
}
_KEY: Final = re.compile(rf"({'|'.join(_SPLITS)})[_/](.+)")

#: Other spellings of the standard kinds.
_KINDS: Final = {"acc": "accuracy", "f1_score": "f1"}
_STANDARD: Final = {"accuracy", "precision", "recall", "f1"}


class Training:
    """Tells a hub of one training after the other; nothing that fails gets out.

    :param guard: who tells.
    :param hub: who is told; None for nobody.
    :param model: which model.
    :param prefix: what stands before the kind of each metric.
    """

    def __init__(
        self, guard: Guard, hub: Hub | None, *, model: ModelId | str | None, prefix: str = ""
    ) -> None:
        if not isinstance(hub, Hub | None):
            raise InvalidTypeError(f"hub: got {hub!r}; accepted: a Hub, or None")
        if not isinstance(model, ModelId | str | None):
            raise InvalidTypeError(f"model: got {model!r}; accepted: a ModelId, a str, or None")
        if not isinstance(prefix, str):
            raise InvalidTypeError(f"prefix: got {prefix!r}; accepted: a str")
        self.hub = hub
        self.model = ModelId.parse(model) if isinstance(model, str) else model
        self.prefix = prefix
        self.guard = guard
        self._start: int | None = None

    @property
    def runs(self) -> bool:
        """Whether one has started and not ended."""
        return self._start is not None

    def started(self, *, anew: bool = True) -> None:
        """A training begins.

        :param anew: also when the one before has not ended, of which nothing more is heard.
        """
        if self.hub is not None and (anew or self._start is None):
            self._start = time.perf_counter_ns()
            self.guard.call("hub", self.hub.training_started, self.model)

    def metrics(
        self, values: Mapping[str, Any], *, split: str | None = None, **metadata: Any
    ) -> None:
        """Emits an event for each number among the values.

        :param split: what they were measured on; by default what the beginning of the name
            says (``val_``, ``eval_``, ``test_`` ...), else ``"training"``.
        :param metadata: goes with each, but for what is None.
        """
        if self.hub is None:
            return
        known = {key: value for key, value in metadata.items() if value is not None}
        for key, value in values.items():
            number = _number(value)
            if number is not None:
                kind, of = _named(str(key), split)
                self.guard.call(
                    "hub",
                    self.hub.emit,
                    self.prefix + kind,
                    number,
                    model=self.model,
                    metadata={**known, "split": of},
                )

    def completed(self, *, samples_seen: int | None = None) -> None:
        """The training has ended well, if one has started."""
        duration_ms = self._ended()
        if duration_ms is not None and self.hub is not None:
            self.guard.call(
                "hub",
                self.hub.training_completed,
                self.model,
                duration_ms=duration_ms,
                samples_seen=samples_seen,
            )

    def failed(self, error: BaseException) -> None:
        """The training has ended badly, if one has started."""
        duration_ms = self._ended()
        if duration_ms is not None and self.hub is not None:
            self.guard.call(
                "hub",
                self.hub.emit,
                TRAINING_FAILED,
                model=self.model,
                severity="error",
                metadata={
                    "message": described(error),
                    "duration_ms": duration_ms,
                },
            )

    def _ended(self) -> float | None:
        start, self._start = self._start, None
        return None if start is None else (time.perf_counter_ns() - start) / 1e6


class TrainingCallback:
    """What the callbacks share. The base that a framework asks for is known when the first
    of its callbacks is made, and is imported then: :meth:`_framework` tells it.

    Used with ``with``, what the framework does not tell is known as well: a training that
    fails within the block (``training_failed``, a kind of its own with severity error and a
    ``message``), and one whose end is not told. A callback shares its hub with its copies;
    one that was pickled tells nobody.

    :param hub: who is told; None for nobody.
    :param model: which model is trained.
    :param every: only every so many epochs, or iterations, the metrics are told.
    :param prefix: what stands before the kind of each metric. A training's first ``f1``
        is a bad one, and a ``RetrainingTrigger`` on the same hub would hear it.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an argument out of range.
    :raises PackageNotFound: the framework is not installed; also an ImportError.
    """

    def __new__(cls, *arguments: Any, **options: Any) -> Self:
        made: Self = object.__new__(_with_base(cls))
        return made

    def __init__(
        self,
        hub: Hub | None,
        *,
        model: ModelId | str | None = None,
        every: int = 1,
        prefix: str = "",
    ) -> None:
        super().__init__()
        if not isinstance(every, int) or isinstance(every, bool):
            raise InvalidTypeError(f"every: got {every!r}; accepted: an int")
        if every < 1:
            raise InvalidValueError(f"every: got {every!r}; accepted: an int from 1")
        self._options = {"model": model, "every": every, "prefix": prefix}
        self._every = every
        name = f"{type(self).__module__.rpartition('.')[2]}.{type(self).__name__}"
        self._training = Training(Guard(name), hub, model=model, prefix=prefix)

    @staticmethod
    def _framework() -> type:
        """The base that the framework asks for."""
        return object

    @property
    def failures(self) -> Mapping[str, int]:
        """How often what has failed."""
        return self._training.guard.failures

    def _is_due(self, index: int) -> bool:
        """Whether the epoch or iteration, counted from 0, is told of."""
        return (index + 1) % self._every == 0

    #: Whether the framework does not tell that a training starts.
    _starts_with_block = False
    _is_in_block = False

    def __enter__(self) -> Self:
        self._is_in_block = True
        if self._starts_with_block:
            self._training.started()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_in_block = False
        if error is None:
            self._training.completed()
        else:
            self._training.failed(error)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        copied: Self = _restored(self._class(), self._training.hub, self._options)
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self._class(), None, self._options)

    def _class(self) -> Any:
        """The class as its module has it."""
        return next(one for one in type(self).__mro__ if "_is_with_base" not in vars(one))


def needs(package: str, extra: str) -> PackageNotFound:
    """What is said when a package is absent."""
    return PackageNotFound(f"{package} is not installed: pip install 'driftline[{extra}]'")


def _with_base(cls: Any) -> Any:
    """The class with the framework's base behind it."""
    if cls not in _BASED:
        base = cls._framework()
        names = {"__module__": cls.__module__, "__doc__": cls.__doc__, "_is_with_base": True}
        made = cls if issubclass(cls, base) else type(cls.__name__, (cls, base), names)
        _BASED.setdefault(cls, made)  # another thread may have been quicker
    return _BASED[cls]


# One class for each, of those that the user has derived as well.
_BASED: Final[dict[Any, Any]] = {}


def _restored(cls: Any, hub: Hub | None, options: dict[str, Any]) -> Any:
    return cls(hub, **options)


def _number(value: Any) -> float | None:
    """A metric, or None for what is no number."""
    if value is None or isinstance(value, str | bytes | bool):
        return None
    try:
        # An array or a tensor of one value, as of Keras' F1Score.
        return float(value.item() if hasattr(value, "item") else value)
    except Exception:  # a tensor of several, a tensor that is gone
        return None


def _named(key: str, split: str | None) -> tuple[str, str]:
    """Kind and split of a metric."""
    if split is None:
        found = _KEY.fullmatch(key)
        key, split = (found[2], _SPLITS[found[1]]) if found else (key, "training")
    lower = key.lower()
    lower = _KINDS.get(lower, lower)
    return (lower if lower in _STANDARD else key), split
