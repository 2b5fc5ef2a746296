"""Writes ``nyc_flights_2013.npz`` from the full table; kept out of the wheel.

    python -m driftline.datasets.build_nyc_flights path/to/nyc_flights_2013.parquet

Needs pyarrow. Nothing is lost on the rows that are kept:

- every fifth row, so that all months, hours and airports keep their shares;
- delays and distances are whole numbers, ``int16``, with one value for missing;
- weather depends on airport and hour alone, so it is stored once for each such
  pair, as whole steps of its resolution (0.01 F, 0.01 %, 1 knot, 0.1 mbar, 0.01
  miles);
- ``hour_steps`` is the difference from one row's hour to the next.

The same table gives the same bytes with the same zlib.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftline.datasets import nyc_flights

EVERY = 5


def _steps(column: NDArray[Any], per_unit: float) -> NDArray[np.int16]:
    """Whole steps of ``1 / per_unit``; raises where that would change a value."""
    values = column.astype(np.float64)
    missing = np.isnan(values)
    steps = np.where(missing, nyc_flights.MISSING, np.round(values * per_unit)).astype(np.int16)
    if not np.allclose(steps[~missing] / per_unit, values[~missing], rtol=1e-6, atol=0):
        raise ValueError(f"values are not whole multiples of {1 / per_unit}")
    return steps


def read_columns(source: Path) -> dict[str, NDArray[Any]]:
    """The sampled rows of the source, column by column, as they are there."""
    from pyarrow import parquet

    table = parquet.read_table(source)
    columns = {}
    for name in nyc_flights.NycFlights.__annotations__:
        column = table.column(name)
        if name == "origin":
            column = column.cast("string")
        columns[name] = column.to_numpy()[::EVERY]
    return columns


def encode(columns: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The arrays of the file, in the layout of the module doc."""
    since_first = columns["time_hour"] - nyc_flights.FIRST_HOUR
    hour = since_first // np.timedelta64(1, "h")
    origin = np.searchsorted(nyc_flights.ORIGINS, columns["origin"].astype(str))
    _, first = np.unique(origin * (hour[-1] + 1) + hour, return_index=True)
    stored: dict[str, NDArray[Any]] = {
        "hour_steps": np.diff(hour, prepend=0).astype(np.uint8),
        "origin": origin.astype(np.uint8),
    }
    for name in ("distance", "dep_delay", "arr_delay"):
        stored[name] = _steps(columns[name], 1)
    for name, divisor in nyc_flights.WEATHER_DIVISORS.items():
        stored[name] = _steps(columns[name][first], divisor)
    stored["wind_speed"] = _steps(columns["wind_speed"][first], 1 / nyc_flights.MPH_PER_KNOT)
    return stored


def main(argv: Sequence[str] | None = None) -> None:
    """Reads the table named on the command line and writes the file beside this module."""
    parser = argparse.ArgumentParser(description="Write the bundled flights from the full table.")
    parser.add_argument("source", type=Path, help="nyc_flights_2013.parquet")
    source: Path = parser.parse_args(argv).source
    target = Path(__file__).with_name(nyc_flights.FILE_NAME)
    arrays = encode(read_columns(source))
    np.savez_compressed(target, allow_pickle=False, **arrays)
    print(f"{target.name}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
