"""Where a detector alarms: one of ours, river's, or an object of the user's."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import numpy as np

from driftline import _driftline
from driftline.exceptions import InvalidTypeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "SupportsUpdate",
    "alarms_in_turn",
    "alarms_of",
    "as_json",
    "copy_of",
    "detector_of",
    "is_native",
    "name_of",
    "parameters_of",
]

_ACCEPTED: Final = (
    "a detector such as stream.ADWIN(), its name, or an object with update(x) and drift_detected"
)
_D = TypeVar("_D")


class SupportsUpdate(Protocol):
    """A detector: one of ``driftline.stream``, one of river, or an object of your own."""

    @property
    def drift_detected(self) -> bool:
        """Whether the last value brought about an alarm."""

    def update(self, x: Any, /) -> Any:
        """Take a value, a float."""


def is_native(detector: object) -> bool:
    """Whether it takes many values in one call."""
    return isinstance(detector, _driftline.stream.Detector)


def detector_of(argument: str, detector: Any) -> Any:
    """The detector, made here where its name was given; refuses what is none."""
    if isinstance(detector, str):
        return _driftline.stream.get(detector)
    is_one = callable(getattr(detector, "update", None)) and hasattr(detector, "drift_detected")
    is_one = is_one and not isinstance(detector, _driftline.stream.Bank)
    if isinstance(detector, type) or not is_one:
        got = (
            f"the class {detector.__name__}"
            if isinstance(detector, type)
            else f"an object of type {type(detector).__name__}"
        )
        raise InvalidTypeError(f"{argument}: got {got}; accepted: {_ACCEPTED}")
    return detector


def name_of(detector: object) -> str:
    """The configuration name of ours, ``name`` where it is a str, the class otherwise."""
    name = getattr(detector, "name", None)
    return name if isinstance(name, str) and name else type(detector).__name__


def parameters_of(detector: object) -> dict[str, Any] | None:
    """Those of a detector of ours; None for others."""
    return dict(detector.params) if isinstance(detector, _driftline.stream.Detector) else None


def as_json(parameters: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The same as JSON has them: lists for tuples."""
    if parameters is None:
        return None
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in parameters.items()
    }


def copy_of(detector: _D) -> _D:
    """One to run: by ``clone()`` where the detector has it, else a deep copy.

    Ours copies what it has seen, river's has seen nothing.
    """
    clone = getattr(detector, "clone", None)
    copied: _D = clone() if callable(clone) else copy.deepcopy(detector)
    return copied


def alarms_of(detector: Any, values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The places at which a detector alarms; it is left as the last value made it."""
    if is_native(detector):
        return np.asarray(detector.update_many(values), dtype=np.int64)
    return np.fromiter(alarms_in_turn(detector, values), dtype=np.int64)


def alarms_in_turn(detector: Any, values: NDArray[np.float64]) -> Iterator[int]:
    """The places at which an object of the user's alarms; what is missing is left out."""
    update = detector.update
    for index, x in enumerate(values.tolist()):
        if math.isfinite(x):
            update(x)
            if detector.drift_detected:
                yield index
