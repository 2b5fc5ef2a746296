"""Detectors of river on the streams of its own tests and docstrings."""

import json
from pathlib import Path

import numpy as np
import pytest

from driftline import stream

PATH = Path(__file__).parents[1] / "data" / "streams_river.json"
PUBLISHED = json.loads(PATH.read_text(encoding="utf-8"))["published"]


def values(name):
    digits = json.loads(PATH.read_text(encoding="utf-8"))["digits"][name]
    return np.array([int(digit) for digit in digits], float)


@pytest.mark.parametrize(
    "case", PUBLISHED, ids=lambda case: f"{case['detector']} {case['params']} {case['digits']}"
)
def test_what_river_publishes_is_found(case):
    detector = stream.get(case["detector"], **case["params"])
    drifts, warnings = [], []
    for index, x in enumerate(values(case["digits"])):
        detector.update(x)
        if detector.drift_detected:
            drifts.append(index)
        if detector.warning_detected:
            warnings.append(index)
    assert drifts == case["drifts"]
    if case["first_warnings"] is not None:
        after = [0, *(drift + 1 for drift in drifts)]
        firsts = [next((w for w in warnings if w >= start), None) for start in after]
        assert sorted({w for w in firsts if w is not None}) == case["first_warnings"]


def test_the_streams_are_those_of_rivers_tests():
    generator = np.random.RandomState(12345)
    halves = [generator.randint(2, size=1000), generator.randint(8, size=1000)]
    assert values("1").tolist() == np.concatenate(halves).tolist()
    generator = np.random.RandomState(12345)
    rates = [0.2] * 1000 + [0.8] * 1000
    assert values("2").tolist() == [generator.binomial(1, rate) for rate in rates]


def test_a_user_of_river_changes_one_import():
    detector = stream.binary.DDM(warm_start=30, warning_threshold=2.0, drift_threshold=3.0)
    data = values("2")
    found = []
    for index, x in enumerate(data):
        detector.update(bool(x))
        if detector.drift_detected:
            found.append(index)
    assert found == [1049]


@pytest.mark.parametrize("name", ["ddm", "eddm", "fhddm"])
def test_compat_takes_river_alone(name):
    with pytest.raises(ValueError, match="compat"):
        stream.get(name, compat="moa")
    assert stream.get(name).compat is None
    assert stream.get(name, compat="river").compat == "river"
