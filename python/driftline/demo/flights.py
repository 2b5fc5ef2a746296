"""The flights, as the demo uses them."""

import datetime as dt
import sys
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import driftline as dl
from driftline import datasets

#: What the model predicts from.
FEATURES = ("dep_delay", "distance", "temp", "wind_speed", "pressure")
FEBRUARY = np.datetime64("2013-02-01")
DAY = np.timedelta64(1, "D")
WEEK_S = 7 * 86_400.0
NEW_YORK_BEHIND = dt.timedelta(hours=5)  # UTC, in winter

Vector = NDArray[np.float64]
Days = NDArray[np.datetime64]


def days_of(flights: datasets.NycFlights) -> Days:
    """The day of each flight in New York."""
    local: Days = (flights["time_hour"] - np.timedelta64(NEW_YORK_BEHIND)).astype("datetime64[D]")
    return local


def day_of(event: dl.Event) -> np.datetime64:
    """The day of an event, as :func:`days_of` counts them."""
    return np.datetime64(event.timestamp.replace(tzinfo=None) - NEW_YORK_BEHIND, "D")


class Year(NamedTuple):
    """The flights of the year in order of time, one row each."""

    times: NDArray[np.datetime64]  # of the scheduled departure, to the hour, UTC
    days: Days
    features: Vector  # (n, 5)
    delays: Vector  # of the arrival, minutes
    known: NDArray[np.bool_]  # where nothing is missing

    @classmethod
    def of(cls, flights: datasets.NycFlights) -> "Year":
        """Takes what the model needs."""
        columns = [flights[name] for name in FEATURES]  # type: ignore[literal-required]
        features = np.column_stack(columns).astype(np.float64)
        delays = flights["arr_delay"]
        known = ~np.isnan(features).any(axis=1) & ~np.isnan(delays)
        return cls(flights["time_hour"], days_of(flights), features, delays, known)


def progress(parts: list[tuple[int, int]], days: Days) -> Iterator[tuple[int, int]]:
    """The parts, with the day shown meanwhile when somebody is looking."""
    shown = sys.stderr.isatty()
    for done, part in enumerate(parts):
        if shown:
            bar = "#" * (30 * done // len(parts))
            print(f"\r  {days[part[0]]}  [{bar:<30}]", end="", file=sys.stderr, flush=True)
        yield part
    if shown:
        print("\r" + " " * 50 + "\r", end="", file=sys.stderr, flush=True)
