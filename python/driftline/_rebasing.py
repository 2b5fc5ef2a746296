"""How detectors get new baselines from a function: called by a loop of Python on a
thread of its own, as in ``_workers``."""

from collections.abc import Callable

import numpy.typing as npt

from driftline._driftline import DriftDetector, Event, _Rebasing


def rebase(
    baseline: Callable[[DriftDetector, Event], npt.ArrayLike],
    rebasing: _Rebasing,
    place: int,
    event: Event,
) -> None:
    """Asks for the baseline of one detector and gives it to it."""
    detector = rebasing.detector(place)
    if detector is not None:
        rebasing.apply(place, event, baseline(detector, event))
