"""Effect sizes and their intervals: drift.effects, TestResult.effects, min_effect."""

import copy
import json
import math
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest

import driftline
from driftline import drift

VALUE_RTOL = 1e-12
END_ATOL = 1e-10
DATA = json.loads((Path(__file__).parent.parent / "data" / "effects.json").read_text())
NAMES = [
    "cliffs_delta",
    "hedges_g",
    "log_spread_ratio",
    "probability_of_superiority",
    "share_moved",
]


@pytest.mark.parametrize("case", DATA["cases"], ids=[case["id"] for case in DATA["cases"]])
def test_golden(case):
    effects = drift.effects(case["baseline"], case["current"], level=case["level"])
    assert list(effects) == NAMES
    for name, (value, low, high) in case["expected"].items():
        effect = effects[name]
        assert (effect.name, effect.level) == (name, case["level"])
        assert effect.value == pytest.approx(value, rel=VALUE_RTOL, abs=0)
        scale = 1 + abs(value)
        assert effect.low == pytest.approx(low, abs=END_ATOL * scale)
        assert effect.high == pytest.approx(high, abs=END_ATOL * scale)


@pytest.mark.parametrize("name", ["ks", "welch", "anderson_darling", "levene"])
def test_results_bring_the_effects_of_what_was_compared(name):
    rng = np.random.default_rng(1)
    baseline, current = rng.normal(size=300), rng.normal(0.3, 1.2, size=200)
    current[5] = math.nan
    expected = drift.effects(baseline, current)
    fitted = drift.get(name).fit(baseline)
    baseline[:] = 0  # what the caller does later changes nothing
    result = fitted.compare(current)
    current[:] = 0
    assert result.effects == expected
    assert result.effects["share_moved"].value > 0


def test_small_samples_too():
    result = drift.KS().compare([1, 2, 3, 4], [3, 4, 5, 6])
    assert result.effects == drift.effects([1, 2, 3, 4], [3, 4, 5, 6])
    assert result.effects["cliffs_delta"].value == 0.75


def test_own_effects_agree_with_the_common_ones():
    rng = np.random.default_rng(2)
    baseline, current = rng.normal(size=50), rng.normal(1, 2, size=40)
    effects = drift.effects(baseline, current)
    assert drift.KS().compare(baseline, current).effect_size == effects["share_moved"].value
    # Welch's g has the sign of t: baseline minus current.
    g = drift.Welch().compare(baseline, current).effect_size
    assert effects["hedges_g"].value == pytest.approx(-g, rel=VALUE_RTOL)


def test_the_interval_decides_over_min_effect():
    few = drift.KS().compare([1, 2, 3, 4], [11, 12, 13, 14])
    many = drift.KS().compare(range(400), range(1000, 1400))
    assert few.effect_size == many.effect_size == 1
    assert not few.drifted(min_effect=0.5)
    assert many.drifted(min_effect=0.5)
    assert many.effects["share_moved"].at_least >= 0.5 > few.effects["share_moved"].at_least
    # Welch's own sign plays no part.
    for shift in (-1, 1):
        result = drift.Welch().compare(range(400), np.arange(400) + 300 * shift)
        g = result.effects["hedges_g"]
        assert g.at_least < abs(g.value)
        assert result.drifted(min_effect=g.at_least)
        assert not result.drifted(min_effect=abs(g.value))


def test_a_one_sided_distance_is_judged_by_its_own_direction():
    up = drift.KS(alternative="less").compare(range(400), range(200, 600))
    assert up.effect_size == 0
    assert up.effects["share_moved"].at_least > 0.3
    assert not up.drifted(min_effect=0.1)


def test_a_million_rows_of_little_difference_are_not_drift():
    rng = np.random.default_rng(3)
    result = drift.KS().compare(rng.normal(size=200_000), rng.normal(0.03, 1, size=200_000))
    assert result.drifted(alpha=0.001)
    assert not result.drifted(alpha=0.001, min_effect=0.05)


def test_effects_survive_pickling_and_copying():
    result = drift.Welch().compare([1, 2, 3, 4, 5], [3, 4, 5, 6, 7])
    for again in (pickle.loads(pickle.dumps(result)), copy.copy(result), copy.deepcopy(result)):
        assert again == result
        assert again.effects == result.effects
        assert again.drifted(min_effect=0.1) == result.drifted(min_effect=0.1)
    effect = result.effects["hedges_g"]
    assert pickle.loads(pickle.dumps(effect)) == effect
    assert hash(copy.copy(effect)) == hash(effect)
    assert effect != result.effects["cliffs_delta"]
    assert "hedges_g" in repr(effect)


def test_a_result_made_of_its_fields_has_no_effects():
    result = drift.KS().compare([1, 2, 3], [7, 8, 9])
    again = drift.TestResult(**result.to_dict())
    assert again == result
    assert again.effects == {}
    assert again.drifted(min_effect=1.0)
    assert not result.drifted(min_effect=1.0)


def test_every_effect_explains_itself():
    for name, effect in drift.effects([1, 2, 3, 4], [3, 4, 5, 6]).items():
        assert effect.explain().endswith("."), name
    moved = drift.effects([1, 2, 3, 4], [3, 4, 5, 6])["share_moved"]
    assert "50.0 % of the rows would have to move" in moved.explain()


def test_many_threads_may_ask_at_once():
    rng = np.random.default_rng(4)
    result = drift.KS().compare(rng.normal(size=5000), rng.normal(size=5000))
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(result.effects)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [result.effects] * 8


def test_bad_arguments_are_named():
    with pytest.raises(driftline.InvalidValueError, match="level"):
        drift.effects([1], [2], level=1.0)
    with pytest.raises(driftline.InvalidTypeError, match="level"):
        drift.effects([1], [2], level="high")
    with pytest.raises(driftline.EmptySampleError, match="current"):
        drift.effects([1], [math.nan])
    with pytest.raises(driftline.InvalidTypeError, match="baseline"):
        drift.effects("abc", [2])


REPETITIONS = 400
# 400 intervals of 95 %: four standard errors of the share that misses.
SLACK = 4 * math.sqrt(0.05 * 0.95 / REPETITIONS)


def draws(name, rng):
    return {
        "normal": lambda n: rng.normal(size=n),
        "Cauchy": lambda n: rng.standard_cauchy(n),
        "log-normal": lambda n: np.exp(rng.normal(size=n)),
        "discrete": lambda n: rng.poisson(2, n).astype(float),
    }[name]


@pytest.mark.parametrize("n", [20, 100, 1000])
@pytest.mark.parametrize("kind", ["normal", "Cauchy", "log-normal", "discrete"])
@pytest.mark.parametrize(("shift", "scale"), [(0, 1), (1, 2)])
def test_intervals_hold_the_truth(kind, n, shift, scale):
    rng = np.random.default_rng([n, shift])
    # In the proportion of the samples: the pooled deviation of g depends on it.
    draw = draws(kind, rng)
    population = np.sort(draw(400_000)), np.sort(draw(200_000) * scale + shift)
    truth = {name: effect.value for name, effect in drift.effects(*population).items()}
    missed = dict.fromkeys(truth, 0)
    for _ in range(REPETITIONS):
        for name, effect in drift.effects(draw(n), draw(n // 2) * scale + shift).items():
            missed[name] += not effect.low <= truth[name] <= effect.high
    if kind == "Cauchy":  # without moments
        del missed["hedges_g"], missed["log_spread_ratio"]
    if kind == "log-normal":
        # Heavy tails: a spread that no sample of this size shows.
        del missed["log_spread_ratio"]
        missed["hedges_g"] -= 0.07 * REPETITIONS
    for name, count in missed.items():
        assert count / REPETITIONS < 0.05 + SLACK, name
