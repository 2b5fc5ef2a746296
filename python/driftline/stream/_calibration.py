"""Detectors of one rate of false alarms, to compare them at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from driftline import _driftline
from driftline.exceptions import InvalidTypeError, InvalidValueError
from driftline.stream._alarms import is_native

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from driftline.stream._stream import Stream

__all__ = ["calibrated", "null_of"]

#: Parameters that ``calibrated`` decides.
_SET: Final = ("false_alarm_every", "standardise")


def calibrated(detector: Any, false_alarm_every: float, **how: Any) -> Any:
    """A new detector of the same class and parameters, but for what the budget decides.

    :param how: what else ``type(detector).calibrated`` takes: ``history`` or ``stream``.
    :raises InvalidTypeError: for a detector that is not of driftline.
    """
    if not is_native(detector):
        raise InvalidTypeError(
            f"false_alarm_every: got {false_alarm_every:g} for a detector of type "
            f"{type(detector).__name__}, which cannot be calibrated; accepted: None, or a "
            "detector of driftline.stream"
        )
    given = detector.params
    usual = _driftline.stream.get(detector.name).params
    # What was left at its default: for that there are tables.
    told = {
        name: value for name, value in given.items() if value != usual[name] and name not in _SET
    }
    if given["standardise"] is not None:  # these are in its units
        told = {name: value for name, value in told.items() if name not in ("target", "sigma")}
    how = {name: value for name, value in how.items() if value is not None}
    try:
        return type(detector).calibrated(false_alarm_every=false_alarm_every, **how, **told)
    except InvalidValueError as error:
        tuned = str(error).partition(":")[0]
        if tuned not in told or "calibration finds" not in str(error):
            raise
    # The budget decides in its place, and the warning zone goes with it.
    told = {name: v for name, v in told.items() if name != tuned and "warning" not in name}
    return type(detector).calibrated(false_alarm_every=false_alarm_every, **how, **told)


def null_of(streams: Sequence[Stream], history: ArrayLike | None) -> dict[str, Any]:
    """What to calibrate by: the distribution before the changes, where it is one that is
    known, else values."""
    if history is not None:
        return {"history": history}
    kinds = {(stream.distribution, stream.level, stream.scale) for stream in streams}
    distribution, level, scale = kinds.pop() if len(kinds) == 1 else (None, None, None)
    if distribution == "bernoulli":
        return {"stream": "bernoulli", "p": level}
    if distribution == "log_normal" and level == 0:
        return {"stream": "log_normal", "log_sigma": scale}
    if distribution == "normal" and (level, scale) == (0, 1):
        return {"stream": "normal"}
    parts = [
        stream.values[: stream.changes[0] if len(stream.changes) else None] for stream in streams
    ]
    return {"history": np.concatenate(parts)}
