"""Streams with known changes: their shapes, their distributions, and what is refused."""

import copy
import math
import pickle

import numpy as np
import pytest

import driftline as dl
from driftline import stream

#: Means of 20,000 values or more stay within so many standard errors, seeded as they are.
ERRORS = 4.0
N = 40_000


def mean_is(values, mean, deviation):
    return abs(values.mean() - mean) < ERRORS * deviation / math.sqrt(len(values))


@pytest.mark.parametrize(
    ("distribution", "means", "deviations"),
    [
        ("normal", (0.0, 1.0), (1.0, 1.0)),
        ("bernoulli", (0.1, 0.3), (0.3, math.sqrt(0.21))),
        # Mean and deviation of exp(N(m, 1)): e^(m + 1/2), that times sqrt(e - 1).
        (
            "log_normal",
            (math.exp(0.5), math.exp(1.5)),
            (math.exp(0.5) * math.sqrt(math.e - 1), math.exp(1.5) * math.sqrt(math.e - 1)),
        ),
        ("poisson", (4.0, 6.0), (2.0, math.sqrt(6))),
    ],
)
def test_levels_are_those_of_the_distribution(distribution, means, deviations):
    one = stream.abrupt(N, distribution=distribution, seed=3)
    assert one.changes.tolist() == [N // 2]
    assert (one.width, one.distribution, one.level) == (0, distribution, one.level)
    for half, mean, deviation in zip(np.split(one.values, 2), means, deviations, strict=True):
        assert mean_is(half, mean, deviation)
    if distribution in ("bernoulli", "poisson"):
        assert np.array_equal(one.values, np.round(one.values))
        assert one.scale is None
    else:
        assert one.scale == 1.0


def test_scale_and_levels_are_what_was_asked_for():
    one = stream.abrupt(
        3 * N, changes=[N, 2 * N], levels=[5, -1, 2], scale=3, distribution="normal", seed=1
    )
    for part, level in zip(np.split(one.values, 3), (5, -1, 2), strict=True):
        assert mean_is(part, level, 3)
        assert part.std() == pytest.approx(3, rel=0.03)


def test_levels_are_taken_in_turn():
    one = stream.abrupt(8, changes=[2, 4, 6], levels=[0, 1], distribution="bernoulli")
    assert one.values.tolist() == [0, 0, 1, 1, 0, 0, 1, 1]


def test_recurring_changes_every_period():
    one = stream.recurring(10, period=3, levels=[0, 1], distribution="bernoulli")
    assert one.changes.tolist() == [3, 6, 9]
    assert one.values.tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 0, 1]


def test_stationary_has_no_change():
    one = stream.stationary(N, level=0.25, distribution="bernoulli", seed=9)
    assert one.changes.tolist() == []
    assert mean_is(one.values, 0.25, math.sqrt(0.25 * 0.75))


def test_gradual_mixes_with_a_probability_that_rises_evenly():
    # Rates 0 and 1: a value tells its regime. Over many seeds, value i after the change
    # is of the new one in (i + 1) / 5 of them.
    runs = np.array(
        [
            stream.gradual(
                20, changes=10, width=4, levels=[0, 1], distribution="bernoulli", seed=seed
            ).values
            for seed in range(2_000)
        ]
    )
    share = runs.mean(axis=0)
    assert share[:10].tolist() == [0.0] * 10
    assert share[14:].tolist() == [1.0] * 6
    error = ERRORS * math.sqrt(0.25 / len(runs))
    assert np.abs(share[10:14] - [0.2, 0.4, 0.6, 0.8]).max() < error


def test_the_seed_decides():
    make = (stream.abrupt, stream.gradual, stream.recurring, stream.stationary)
    for one in make:
        assert one(5_000, seed=1) == one(5_000, seed=1)
        assert one(5_000, seed=1) != one(5_000, seed=2)


def test_normal_values_are_those_of_numpys_pcg64():
    expected = np.random.Generator(np.random.PCG64(5)).standard_normal(100)
    assert np.array_equal(stream.stationary(100, seed=5).values, expected)


def test_a_stream_is_immutable_and_copies_are_equal():
    one = stream.abrupt(100)
    with pytest.raises(AttributeError, match="immutable"):
        one.width = 3
    with pytest.raises(AttributeError, match="immutable"):
        del one.width
    with pytest.raises(ValueError, match="read-only"):
        one.values[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        one.changes[0] = 1
    for other in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert other == one
        assert hash(other) == hash(one)
    assert one != "a stream"


def test_values_of_ones_own():
    values = np.array([1.0, np.nan, 3.0, 4.0])
    one = stream.Stream(values, [2], width=1, name="mine")
    values[0] = 7.0
    assert one.values[0] == 1.0
    assert (one.name, one.width, one.distribution, one.level, one.scale) == (
        *("mine", 1, None, None, None),
    )
    assert len(one) == 4
    assert repr(one) == "Stream('mine', 4 values, changes at [2] over 1)"
    many = stream.recurring(1_000, period=100)
    expected = "Stream('recurring normal', 1,000 values, changes at [100, 200, 300, 400, 500, ...])"
    assert repr(many) == expected


@pytest.mark.parametrize(
    ("make", "arguments", "error", "words"),
    [
        (stream.abrupt, {"n": 1}, dl.InvalidValueError, "n: got 1"),
        (stream.abrupt, {"n": 10.0}, dl.InvalidTypeError, "n: got 10.0"),
        (stream.abrupt, {"n": 10**12}, dl.InvalidValueError, "n: got"),
        (stream.abrupt, {"n": 10, "changes": 10}, dl.InvalidValueError, "changes: got 10"),
        (stream.abrupt, {"n": 10, "changes": [0]}, dl.InvalidValueError, "changes: got 0"),
        (stream.abrupt, {"n": 10, "changes": [5, 5]}, dl.InvalidValueError, "changes: got 5"),
        (stream.abrupt, {"n": 10, "changes": [5, 3]}, dl.InvalidValueError, "changes: got 3"),
        (stream.abrupt, {"n": 10, "changes": [2.0]}, dl.InvalidTypeError, "changes: got 2.0"),
        (stream.abrupt, {"n": 10, "changes": True}, dl.InvalidTypeError, "changes: got True"),
        (stream.abrupt, {"n": 10, "changes": 2.5}, dl.InvalidTypeError, "changes: got 2.5"),
        (stream.abrupt, {"distribution": "cauchy"}, dl.InvalidValueError, "'log_normal'"),
        (stream.abrupt, {"distribution": 3}, dl.InvalidValueError, "distribution: got 3"),
        (stream.abrupt, {"levels": []}, dl.InvalidValueError, "levels: got none"),
        (stream.abrupt, {"levels": 3}, dl.InvalidTypeError, "levels: got 3"),
        (stream.abrupt, {"levels": [math.nan]}, dl.InvalidValueError, "levels: got nan"),
        (
            stream.abrupt,
            {"levels": [0.5, 1.5], "distribution": "bernoulli"},
            dl.InvalidValueError,
            "rates from 0 to 1",
        ),
        (stream.abrupt, {"scale": 0}, dl.InvalidValueError, "scale: got 0"),
        (stream.abrupt, {"scale": "1"}, dl.InvalidTypeError, "scale: got '1'"),
        (
            stream.abrupt,
            {"scale": 2, "distribution": "poisson"},
            dl.InvalidValueError,
            "scale: got 2",
        ),
        (stream.abrupt, {"seed": -1}, dl.InvalidValueError, "seed: got -1"),
        (stream.abrupt, {"seed": None}, dl.InvalidTypeError, "seed: got None"),
        (stream.gradual, {"width": 0}, dl.InvalidValueError, "width: got 0"),
        (stream.gradual, {"n": 100, "width": 51}, dl.InvalidValueError, "at most 50"),
        (stream.recurring, {"n": 10, "period": 10}, dl.InvalidValueError, "period: got 10"),
        (stream.stationary, {"level": "x"}, dl.InvalidTypeError, "level: got"),
        (stream.Stream, {"values": []}, dl.EmptySampleError, "values: got no values"),
        (stream.Stream, {"values": [[1.0]]}, dl.InvalidValueError, r"shape \(1, 1\)"),
        (stream.Stream, {"values": "text"}, dl.InvalidTypeError, "values: got str"),
        (stream.Stream, {"values": [1.0], "changes": [1]}, dl.InvalidValueError, "none"),
        (stream.Stream, {"values": [1.0], "name": 3}, dl.InvalidTypeError, "name: got 3"),
    ],
)
def test_what_is_refused(make, arguments, error, words):
    with pytest.raises(error, match=words):
        make(**arguments)
