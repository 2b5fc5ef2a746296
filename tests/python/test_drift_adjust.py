"""drift.adjust: p-values of many tests at once."""

import json
import math
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

import driftline
from driftline import drift

RTOL = 1e-15
SCIPY_RTOL = 1e-12
DATA = json.loads((Path(__file__).parent.parent / "data" / "adjust.json").read_text())
METHODS = ["bonferroni", "holm", "hochberg", "benjamini_hochberg", "benjamini_yekutieli"]


def numbers(values):
    return [math.nan if value is None else value for value in values]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", DATA["cases"], ids=[case["id"] for case in DATA["cases"]])
def test_golden(case, method):
    expected = case["expected"][method]
    adjusted = drift.adjust(case["p_values"], method)
    assert isinstance(adjusted, np.ndarray)
    assert adjusted.tolist() == pytest.approx(numbers(expected), rel=RTOL, abs=0, nan_ok=True)
    by_name = drift.adjust(dict(enumerate(case["p_values"])), method)
    assert list(by_name) == list(range(len(expected)))
    assert [value is None for value in by_name.values()] == [v is None for v in expected]
    assert numbers(by_name.values()) == pytest.approx(
        numbers(expected), rel=RTOL, abs=0, nan_ok=True
    )


@pytest.mark.parametrize(("short", "long"), [("bh", METHODS[3]), ("by", METHODS[4])])
def test_agrees_with_scipy(short, long):
    stats = pytest.importorskip("scipy.stats")
    p_values = np.random.default_rng(1).random(500) ** 3
    expected = stats.false_discovery_control(p_values, method=short)
    np.testing.assert_allclose(drift.adjust(p_values, short), expected, rtol=SCIPY_RTOL)
    np.testing.assert_array_equal(drift.adjust(p_values, short), drift.adjust(p_values, long))


@pytest.mark.parametrize("kind", [tuple, np.array, lambda p: np.array(p, dtype="f4")])
def test_takes_what_holds_numbers(kind):
    assert drift.adjust(kind([0.5, 0.125, 0.25])).tolist() == [0.5, 0.375, 0.5]


def test_takes_any_mapping_and_the_results_of_a_table_of_tests():
    results = {
        name: drift.get(name).compare([1, 2, 3, 4], [3, 4, 5, 6]) for name in ("ks", "mean_shift")
    }
    p_values = MappingProxyType({name: result.p_value for name, result in results.items()})
    adjusted = drift.adjust(p_values, method="benjamini_yekutieli")
    assert adjusted == {"ks": results["ks"].p_value, "mean_shift": None}


@pytest.mark.parametrize(
    ("p_values", "error", "message"),
    [
        ([0.5, 1.5], driftline.InvalidValueError, "1.5 at position 1"),
        ({"a": -1.0}, driftline.InvalidValueError, "p_values"),
        (["0.5"], driftline.InvalidTypeError, "p_values.*'0.5'"),
        ([True], driftline.InvalidTypeError, "p_values.*bool"),
        ({"a": [0.5]}, driftline.InvalidTypeError, "p_values"),
        (0.5, driftline.InvalidTypeError, "p_values"),
        ([[0.5]], driftline.InvalidTypeError, "p_values"),
        (None, driftline.InvalidTypeError, "p_values"),
    ],
)
def test_refuses_by_name(p_values, error, message):
    with pytest.raises(error, match=message):
        drift.adjust(p_values)


def test_refuses_an_unknown_method():
    with pytest.raises(driftline.InvalidValueError, match='Did you mean "hochberg"'):
        drift.adjust([0.5], method="hochberger")
    with pytest.raises(driftline.InvalidTypeError, match="method"):
        drift.adjust([0.5], method=5)


@pytest.mark.parametrize("method", ["bonferroni", "holm", "hochberg"])
def test_family_wise_error_is_held(method):
    """2,000 families of 10 true hypotheses: 5 % of them have a false alarm, or fewer."""
    p_values = np.random.default_rng(2).random((2000, 10))
    alarms = [(drift.adjust(family, method) < 0.05).any() for family in p_values]
    # 2,000 families: 5 % plus 3 standard errors.
    assert np.mean(alarms) < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 2000)


@pytest.mark.parametrize("method", METHODS[3:])
def test_false_discovery_rate_is_held(method):
    rng = np.random.default_rng(3)
    shares = []
    for _ in range(1000):
        p_values = np.concatenate([rng.random(30), rng.random(10) ** 12])
        alarms = drift.adjust(p_values, method) < 0.1
        shares.append(alarms[:30].sum() / max(1, alarms.sum()))
    assert np.mean(shares) < 0.1


def test_many_p_values():
    # So many are sorted outside Python.
    p = np.random.default_rng(7).uniform(size=20_000)
    p[::100] = np.nan
    adjusted = drift.adjust(p, "bonferroni")
    np.testing.assert_allclose(adjusted, np.minimum(1, p * 19_800), rtol=1e-15)
    named = drift.adjust(dict(enumerate(p)), "bonferroni")
    assert [named[0], named[1]] == [None, adjusted[1]]
