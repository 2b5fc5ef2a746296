"""Reports of real tables: what the core answers is what the schema says, and can be shown."""

import itertools
import json

import numpy as np
import pytest

import driftline as dl
from driftline import drift, report

MONTHS = {"january": 0, "july": 6}
MOST_BYTES_OF_20_FEATURES = 120_000


def flights(month):
    """A month of flights, by the clock of New York."""
    table = dl.datasets.load_nyc_flights()
    local = (table["time_hour"] - np.timedelta64(5, "h")).astype("datetime64[M]").astype(int)
    return {name: values[local % 12 == MONTHS[month]] for name, values in table.items()}


def odd(seed):
    """Columns of every kind and flag."""
    rng = np.random.default_rng(seed)
    n = 600
    gone = rng.normal(size=n)
    gone[: 500 * seed] = np.nan
    infinite = rng.normal(size=n)
    infinite[:2] = np.inf, -np.inf
    return {
        "numbers": rng.normal(seed, 1, n),
        "tiny": rng.normal(0, 5e-324, n),
        "huge": rng.choice([-1.7e308, 1.7e308], n) * rng.random(n),
        "infinite": infinite,
        "gone": gone,
        "empty": np.full(n, np.nan),
        "constant": np.full(n, 3.5),
        "unique": np.arange(n) * 1.5 + seed,
        "digits": rng.integers(0, 8, n),
        "bools": rng.random(n) < 0.3 + 0.4 * seed,
        "labels": rng.choice(["<b>a</b>", "b\n", "", f"only {seed}"], n).astype(object),
        "many": np.array([f"label {i} of {seed}" for i in range(n)], dtype=object),
        "times": np.datetime64("2026-01-01") + rng.integers(0, 400, n).astype("timedelta64[h]"),
        "later": np.datetime64("2026-01-01") + np.arange(n) + n * seed,
        "<script>alert(1)</script>": rng.normal(size=n),
        "x" * 1000: rng.normal(size=n),
    }


def changed(table):
    """The same with other columns and kinds."""
    table = dict(table)
    del table["digits"]
    return {**table, "numbers": np.array(["a", "b"] * 300, dtype=object), "new": np.arange(600.0)}


COMPARISONS = {
    "flights": lambda: dl.compare(flights("january"), flights("july")),
    "segments": lambda: dl.compare(flights("january"), flights("july"), segments="origin"),
    "regression": lambda: dl.compare(
        flights("january"), flights("july"), target="arr_delay", prediction="dep_delay"
    ),
    "classification": lambda: dl.compare(odd(0), odd(1), target="bools", prediction="bools"),
    "periods": lambda: dl.compare_periods(
        flights("january"), flights("july"), by="time_hour", every="week"
    ),
    "odd": lambda: dl.compare(odd(0), odd(1)),
    "same": lambda: dl.compare(odd(1), odd(1)),
    "schema": lambda: dl.compare(odd(0), changed(odd(0))),
    "p-values": lambda: dl.compare(odd(0), odd(1), min_effect=0.0, correction="holm"),
    "distance": lambda: dl.compare(
        flights("january"), flights("july"), tests={"numeric": drift.Wasserstein()}
    ),
    "small": lambda: dl.compare({"x": [1.0, 2.5]}, {"x": [3.5]}),
}


@pytest.mark.parametrize("name", COMPARISONS)
def test_the_document_is_what_the_schema_says(name):
    given = COMPARISONS[name]()
    text = given.to_json()
    assert dl.DriftReport.from_json(text) == given
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(report.json_schema()).validate(json.loads(text))


@pytest.mark.parametrize("name", COMPARISONS)
def test_it_can_be_shown(name):
    given = COMPARISONS[name]()
    assert given.to_html() == COMPARISONS[name]().to_html()
    assert "nan" not in str(given).replace("nanos", "")
    for column in given:
        shown = column.name if len(column.name) < 60 else column.name[:20]
        assert shown.replace("<", "&lt;").replace(">", "&gt;") in given.to_html()
    for line, width in itertools.product(str(given).splitlines(), [80]):
        assert len(line) <= width


def test_the_flights_of_july_are_not_those_of_january():
    given = COMPARISONS["flights"]()
    assert given.verdict == "drifted"
    assert given["temp"].verdict == "drifted"
    assert given["origin"].verdict == "stable"
    assert str(given).splitlines()[1].startswith("Most: temp (99.8% of rows moved)")


def test_the_page_of_20_features_is_light():
    rng = np.random.default_rng(0)
    sides = [
        {f"feature_{i}": rng.normal(0.3 * side, 1 + i, 2000) for i in range(20)} for side in (0, 1)
    ]
    assert len(dl.compare(*sides).to_html().encode()) <= MOST_BYTES_OF_20_FEATURES


@pytest.mark.thread_unsafe
@pytest.mark.parametrize("name", ["odd", "schema"])
def test_every_column_can_be_drawn(name):
    pytest.importorskip("matplotlib").use("Agg")
    from matplotlib import pyplot

    given = COMPARISONS[name]()
    try:
        for column in given:
            # Matplotlib itself cannot show the whole range of floats.
            if column.name != "huge" and (column.histogram or column.categories):
                _figure, axes = pyplot.subplots()
                assert given.plot(column.name, ax=axes) is axes
    finally:
        pyplot.close("all")
