"""Which alarm belongs to which change, and what alarms at random would have got."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from driftline.stream._stream import Stream

__all__ = ["Expected", "Matched", "expected_at_random", "matched", "windows"]


class Matched(NamedTuple):
    """What became of the alarms of one stream."""

    #: From each change that was detected to its first alarm, in values.
    delays: tuple[int, ...]
    #: Alarms in the window of a change that had one before.
    n_repeated: int
    #: Alarms in no window.
    n_false_alarms: int


def windows(stream: Stream, tolerance: int | None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First place of each change's window, and the first place after it."""
    starts = stream.changes
    following = np.append(starts[1:], len(stream.values)).astype(np.int64)
    if tolerance is None:
        return starts, following
    return starts, np.minimum(starts + (stream.width + tolerance + 1), following)


def matched(stream: Stream, alarms: NDArray[np.int64], tolerance: int | None) -> Matched:
    """Each alarm with its change; ``alarms`` ascend."""
    starts, ends = windows(stream, tolerance)
    if not len(starts):
        return Matched((), 0, len(alarms))
    change = np.searchsorted(starts, alarms, side="right") - 1
    inside = (change >= 0) & (alarms < ends[change])
    found, first = np.unique(change[inside], return_index=True)
    delays = alarms[inside][first] - starts[found]
    n_inside = int(inside.sum())
    return Matched(tuple(delays.tolist()), n_inside - len(found), len(alarms) - n_inside)


class Expected(NamedTuple):
    """What is expected of alarms that come at random."""

    n_detected: float
    n_repeated: float
    n_false_alarms: float
    mean_delay: float | None
    median_delay: float | None


def expected_at_random(streams: Sequence[Stream], tolerance: int | None, rate: float) -> Expected:
    """Of alarms that come at each value with probability ``rate``, whatever it is.

    In a window of w values there is one with probability 1 - q^w, q = 1 - rate; the delay
    summed over those with one is sum of d rate q^d over d < w
    = q (1 - q^(w - 1)) / rate - (w - 1) q^w.
    """
    pairs = [windows(stream, tolerance) for stream in streams]
    lengths = np.concatenate([ends - starts for starts, ends in pairs])
    n_values = sum(len(stream.values) for stream in streams)
    w, n = np.unique(lengths, return_counts=True)
    n_inside = int((w * n).sum())
    n_false = rate * (n_values - n_inside)
    if not rate > 0 or not len(w):
        return Expected(0.0, 0.0, n_false, None, None)
    if rate >= 1:
        return Expected(int(n.sum()), n_inside - int(n.sum()), n_false, 0.0, 0.0)
    log_q = math.log1p(-rate)
    share = -np.expm1(w * log_q)
    n_detected = float((share * n).sum())
    delays = (1 - rate) * -np.expm1((w - 1) * log_q) / rate - (w - 1) * np.exp(w * log_q)
    mean = max(float((delays * n).sum()) / n_detected, 0.0)

    def detected_by(delay: int) -> float:
        return float((-np.expm1(np.minimum(delay + 1, w) * log_q) * n).sum())

    low, high = 0, int(w[-1]) - 1
    while low < high:
        middle = (low + high) // 2
        if detected_by(middle) >= n_detected / 2:
            high = middle
        else:
            low = middle + 1
    n_repeated = max(rate * n_inside - n_detected, 0.0)
    return Expected(n_detected, n_repeated, n_false, mean, float(low))
