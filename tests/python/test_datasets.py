"""The bundled data: complete, unaltered, loaded with NumPy alone."""

import os
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from driftline import datasets

# Means of the full table, month of scheduled departure in New York.
MEAN_ARRIVAL_DELAY = {
    1: 6.13, 2: 5.61, 3: 5.81, 4: 11.18, 5: 3.52, 6: 16.48,
    7: 16.71, 8: 6.04, 9: -4.02, 10: -0.17, 11: 0.46, 12: 14.87,
}  # fmt: skip
# Shares of the full table.
MISSING = {
    "dep_delay": 0.0245, "arr_delay": 0.0280, "temp": 0.0047, "humid": 0.0047,
    "wind_speed": 0.0049, "pressure": 0.1152, "visib": 0.0046,
}  # fmt: skip
STANDARD_ERRORS = 4.0
SIZE_LIMIT = 400_000


@pytest.fixture(scope="module")
def flights() -> datasets.NycFlights:
    return datasets.load_nyc_flights()


def local_month(flights: datasets.NycFlights) -> np.ndarray:
    """Month in New York; no flight is scheduled in the hour that summer time moves."""
    local = flights["time_hour"] - np.timedelta64(5, "h")
    return local.astype("datetime64[M]").astype(int) % 12 + 1


def test_columns_have_the_documented_shape_and_types(flights):
    assert list(flights) == list(datasets.NycFlights.__annotations__)
    assert {len(column) for column in flights.values()} == {67_356}
    assert flights["time_hour"].dtype == np.dtype("datetime64[s]")
    assert flights["distance"].dtype == np.dtype(np.int64)
    assert set(flights["origin"]) == {"EWR", "JFK", "LGA"}
    for name in MISSING:
        assert flights[name].dtype == np.dtype(np.float64), name


def test_rows_are_in_order_and_cover_the_year(flights):
    hours = flights["time_hour"]
    assert np.all(hours[1:] >= hours[:-1])
    assert hours[0] == np.datetime64("2013-01-01T10:00:00")
    days = np.unique((hours - np.timedelta64(5, "h")).astype("datetime64[D]"))
    assert len(days) == 365


@pytest.mark.parametrize("month", range(1, 13))
def test_mean_arrival_delay_of_each_month(flights, month):
    delays = flights["arr_delay"][local_month(flights) == month]
    delays = delays[~np.isnan(delays)]
    error = delays.std(ddof=1) / np.sqrt(len(delays))
    assert abs(delays.mean() - MEAN_ARRIVAL_DELAY[month]) < STANDARD_ERRORS * error


@pytest.mark.parametrize("column", MISSING)
def test_missing_share_is_that_of_the_source(flights, column):
    expected = MISSING[column]
    share = np.isnan(flights[column]).mean()
    error = np.sqrt(expected * (1 - expected) / len(flights[column]))
    assert abs(share - expected) < STANDARD_ERRORS * error


def test_values_are_plausible(flights):
    limits = {
        "distance": (17, 4983),
        "dep_delay": (-43, 1301),
        "arr_delay": (-86, 1272),
        "temp": (10, 101),
        "humid": (12, 100),
        "wind_speed": (0, 43),
        "pressure": (983, 1043),
        "visib": (0, 10),
    }
    for name, (low, high) in limits.items():
        assert low <= np.nanmin(flights[name]), name
        assert np.nanmax(flights[name]) <= high, name


def test_weather_is_one_per_origin_and_hour(flights):
    at_jfk = flights["origin"] == "JFK"
    same_hour = np.diff(flights["time_hour"][at_jfk]) == np.timedelta64(0, "s")
    for name in ("temp", "humid", "wind_speed", "pressure", "visib"):
        values = flights[name][at_jfk]
        np.testing.assert_array_equal(values[1:][same_hour], values[:-1][same_hour])


def test_arrays_are_read_only_and_not_shared(flights):
    for name, column in flights.items():
        with pytest.raises(ValueError, match="read-only"):
            column[0] = column[1]
        assert not np.shares_memory(column, datasets.load_nyc_flights()[name])


def test_becomes_a_data_frame(flights):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(flights)
    assert frame.shape == (67_356, 10)


def test_file_is_small():
    files = [f for f in resources.files(datasets).iterdir() if not f.name.endswith(".py")]
    assert sum(len(f.read_bytes()) for f in files if f.is_file()) <= SIZE_LIMIT


def test_equals_the_source_on_every_sampled_row(flights):
    source = Path(__file__).parents[3] / "shared" / "data" / "nyc_flights_2013.parquet"
    source = Path(os.environ.get("NYC_FLIGHTS_SOURCE", source))
    if not source.exists():
        pytest.skip("the full table is not here; NYC_FLIGHTS_SOURCE=path names it")
    pytest.importorskip("pyarrow")
    build = pytest.importorskip("driftline.datasets.build_nyc_flights")
    for name, expected in build.read_columns(source).items():
        # The source holds float32: the nearest float32 to each of our values.
        ours = flights[name].astype(expected.dtype) if expected.dtype != object else flights[name]
        np.testing.assert_array_equal(ours, expected, err_msg=name)
