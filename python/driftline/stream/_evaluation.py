"""How well detectors find changes that are known, beside alarms at random."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from driftline import _driftline
from driftline.exceptions import InvalidTypeError, InvalidValueError
from driftline.stream._alarms import (
    alarms_of,
    copy_of,
    detector_of,
    is_native,
    name_of,
    parameters_of,
)
from driftline.stream._calibration import calibrated, null_of
from driftline.stream._matching import expected_at_random, matched, windows
from driftline.stream._performance import Evaluation, Performance
from driftline.stream._stream import Stream

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftline.stream._alarms import SupportsUpdate

__all__ = ["evaluate"]


def evaluate(
    detectors: SupportsUpdate
    | str
    | Mapping[str, SupportsUpdate | str]
    | Iterable[SupportsUpdate | str],
    streams: Stream | Iterable[Stream],
    *,
    tolerance: int | None = None,
    false_alarm_every: float | str | None = None,
    samples_per_s: float | None = None,
    history: ArrayLike | None = None,
    seed: int = 0,
) -> Evaluation:
    """Lets detectors run on streams whose changes are known, and counts.

    A change at place c (its first value), over ``width`` values, has a window: the places
    from c to c + ``width`` + ``tolerance``, and never beyond the next change or the end.

    - The first alarm in a window detects the change; its delay is its place less c, so
      that an alarm on the first value of the new regime has delay 0. A change without one
      is missed. An alarm before the change does not count for it, however close.
    - A further alarm in the same window is repeated: it lowers the precision, and is no
      false alarm, since there was a change.
    - Any other alarm is false. ``mean_time_between_false_alarms`` is the number of values
      outside all windows over that of false alarms.

    Delays and missed changes, time between false alarms and the mean time ratio are those
    of Bifet and others, CD-MOA: change detection framework for massive online analysis, IDA
    2013; precision, recall and F1, with each change matched once, those of van den Burg and
    Williams, An evaluation of change point detection algorithms, arXiv:2003.06222, 2020, with
    the margin on the side of the future alone. Counts of all streams are
    added up before they are divided.

    A detector that alarms all the time detects every change at once. So each one stands
    beside what is expected of a dummy that alarms as often (all of its alarms, over all
    values) at random: at each value with that probability. It is worth something where it
    beats it.

    Delays say little as long as one detector alarms more often than the other: with
    ``false_alarm_every`` each is calibrated first, and what it did between changes shows
    whether that held.

    :param detectors: one, several, or a mapping from names to detectors: of driftline (or
        what :func:`get` calls it, for its defaults), of river, or any object with
        ``update(x)`` and ``drift_detected``. Each stream is given to a copy: by
        ``clone()``, else ``copy.deepcopy``.
    :param streams: of :func:`abrupt` and its siblings, or a :class:`Stream` of your own.
    :param tolerance: values, 0 or more; None: a change may be detected up to the next.
    :param false_alarm_every: values between false alarms, or a time such as "30d" (with
        ``samples_per_s``), that each detector is calibrated to, by ``calibrated``; those of
        other libraries run as they are. One that bounds the probability of ever alarming is
        refused. None: all run as they are.
    :param samples_per_s: values of the streams per second, for a budget that is a time.
    :param history: values without a change, to calibrate by; None: the distribution of the
        streams where all have the same, else their values before the first change.
    :param seed: of the calibration. Nothing else is random.
    :raises InvalidTypeError, InvalidValueError: for arguments out of these ranges.

    The cost is that of the detectors: values times detectors.

    >>> class Above:
    ...     '''Alarms on each value above a limit.'''
    ...     def __init__(self, limit):
    ...         self.limit, self.drift_detected = limit, False
    ...     def update(self, x):
    ...         self.drift_detected = x > self.limit
    >>> from driftline import stream
    >>> streams = [stream.abrupt(1_000, levels=[0, 2], seed=seed) for seed in range(5)]
    >>> found = stream.evaluate({"above": Above(3.0)}, streams, tolerance=50)
    >>> found["above"].n_detected, found["above"].n_missed
    (5, 0)
    """
    named = _named(detectors)
    listed = _listed(streams)
    tolerance = _tolerance(tolerance)
    if false_alarm_every is not None:
        every = _driftline._values_between(false_alarm_every, samples_per_s)
        null = null_of(listed, history)
        named = {
            name: _calibrated(name, detector, every, seed=seed, **null)
            if is_native(detector)
            else detector
            for name, detector in named.items()
        }
    for name, given in (("history", history), ("samples_per_s", samples_per_s)):
        if false_alarm_every is None and given is not None:
            what = "values" if name == "history" else given
            raise InvalidValueError(
                f"{name}: got {what} without false_alarm_every; accepted: None, or both"
            )
    return Evaluation(
        [_performance(name, detector, listed, tolerance) for name, detector in named.items()],
        n_streams=len(listed),
        tolerance=tolerance,
        false_alarm_every=false_alarm_every,
    )


def _performance(
    name: str, detector: SupportsUpdate, streams: Sequence[Stream], tolerance: int | None
) -> Performance:
    alarms = tuple(alarms_of(copy_of(detector), stream.values) for stream in streams)
    outcomes = [
        matched(stream, found, tolerance) for stream, found in zip(streams, alarms, strict=True)
    ]
    delays = tuple(delay for outcome in outcomes for delay in outcome.delays)
    n_values = sum(len(stream.values) for stream in streams)
    inside = [ends - starts for starts, ends in (windows(one, tolerance) for one in streams)]
    shared = {
        "n_values": n_values,
        "n_quiet": n_values - sum(int(lengths.sum()) for lengths in inside),
        "n_changes": sum(len(lengths) for lengths in inside),
    }
    rate = sum(map(len, alarms)) / n_values
    expected = expected_at_random(streams, tolerance, rate)
    at_random = Performance(
        name="at random",
        parameters=None,
        delays=(),
        alarms=(),
        at_random=None,
        **shared,
        **expected._asdict(),
    )
    return Performance(
        name=name,
        parameters=parameters_of(detector),
        n_detected=len(delays),
        n_repeated=sum(outcome.n_repeated for outcome in outcomes),
        n_false_alarms=sum(outcome.n_false_alarms for outcome in outcomes),
        mean_delay=float(np.mean(delays)) if delays else None,
        median_delay=float(np.median(delays)) if delays else None,
        delays=delays,
        alarms=alarms,
        at_random=at_random,
        **shared,
    )


# --- what is accepted --------------------------------------------------------------


def _calibrated(name: str, detector: Any, every: float, **how: Any) -> Any:
    try:
        return calibrated(detector, every, **how)
    except InvalidValueError as error:
        raise InvalidValueError(f"{error} (detector {name!r})") from None


def _named(detectors: Any) -> dict[str, Any]:
    if isinstance(detectors, Mapping):
        named = dict(detectors)
        for name in named:
            if not isinstance(name, str):
                raise InvalidTypeError(f"detectors: got the name {name!r}; accepted: str")
    elif isinstance(detectors, Iterable) and not (
        isinstance(detectors, str) or hasattr(detectors, "update")
    ):
        listed = [detector_of("detectors", one) for one in detectors]
        named = {name_of(one): one for one in listed}
        if len(named) < len(listed):
            raise InvalidValueError(
                "detectors: got several of one name; accepted: a mapping from names to detectors"
            )
    else:
        one = detector_of("detectors", detectors)
        named = {name_of(one): one}
    if not named:
        raise InvalidValueError("detectors: got none; accepted: one or more")
    return {name: detector_of("detectors", one) for name, one in named.items()}


def _listed(streams: Any) -> list[Stream]:
    accepted = "a stream.Stream or several, such as stream.abrupt()"
    if isinstance(streams, Stream):
        return [streams]
    if not isinstance(streams, Iterable) or isinstance(streams, str | bytes | Mapping):
        raise InvalidTypeError(
            f"streams: got an object of type {type(streams).__name__}; accepted: {accepted}"
        )
    listed = list(streams)
    for one in listed:
        if not isinstance(one, Stream):
            raise InvalidTypeError(
                f"streams: got an object of type {type(one).__name__} among them; "
                f"accepted: {accepted}"
            )
    if not listed:
        raise InvalidValueError(f"streams: got none; accepted: {accepted}")
    return listed


def _tolerance(tolerance: Any) -> int | None:
    most = 10**15
    accepted = f"a whole number of values from 0 to {most}, or None"
    if tolerance is None:
        return None
    if not isinstance(tolerance, int | np.integer) or isinstance(tolerance, bool):
        raise InvalidTypeError(f"tolerance: got {tolerance!r}; accepted: {accepted}")
    if not 0 <= tolerance <= most:
        raise InvalidValueError(f"tolerance: got {tolerance}; accepted: {accepted}")
    return int(tolerance)
