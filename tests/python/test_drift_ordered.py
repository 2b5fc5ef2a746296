"""ordered=True and drift.effective_n: samples in the order of time."""

import copy
import math
import pickle

import numpy as np
import pytest

import driftline
from driftline import drift


def ar1(rng, n, rho):
    noise = rng.normal(size=n)
    series = np.empty(n)
    x = noise[0] / math.sqrt(1 - rho * rho)
    for i in range(n):
        x = rho * x + noise[i]
        series[i] = x
    return series


def test_effective_n():
    rng = np.random.default_rng(1)
    sizes = [drift.effective_n(ar1(rng, 2000, 0.8)) for _ in range(20)]
    assert np.mean(sizes) == pytest.approx(2000 * 0.2 / 1.8, rel=0.15)
    assert drift.effective_n(rng.normal(size=1000)) > 800
    assert drift.effective_n([1, 1, 1]) == 3
    with pytest.raises(driftline.InvalidTypeError, match="sample"):
        drift.effective_n("abc")
    with pytest.raises(driftline.EmptySampleError, match="sample"):
        drift.effective_n([math.nan])


@pytest.mark.parametrize("rho", [0.5, 0.8])
def test_welch_holds_its_level(rho):
    rng = np.random.default_rng(2)
    looks, plain, aware = 300, 0, 0
    for _ in range(looks):
        baseline, current = ar1(rng, 2000, rho), ar1(rng, 200, rho)
        plain += drift.Welch().compare(baseline, current).p_value < 0.05
        aware += drift.Welch().compare(baseline, current, ordered=True).p_value < 0.05
    assert plain / looks > 0.2
    # 7 %, and three standard errors of 300 looks.
    assert aware / looks < 0.07 + 0.044


@pytest.mark.parametrize("name", ["ks", "welch", "mean_shift", "anderson_darling"])
def test_the_result_says_so(name):
    rng = np.random.default_rng(3)
    baseline, current = ar1(rng, 400, 0.7), ar1(rng, 100, 0.7)
    test = drift.get(name)
    plain = test.compare(baseline, current)
    aware = test.compare(baseline, current, ordered=True)
    assert plain.effective_n is None
    n, m = aware.effective_n
    assert 1 <= n < 200
    assert 1 <= m < 50
    assert aware.statistic == plain.statistic
    for key, effect in plain.effects.items():
        # The same effects, known less well; a bootstrap draws from another order.
        assert aware.effects[key].value == effect.value
        width = effect.high - effect.low
        assert aware.effects[key].low <= effect.low + 0.05 * width
        assert aware.effects[key].high >= effect.high - 0.05 * width
    assert aware != plain
    assert aware == test.fit(baseline, ordered=True).compare(current)
    for again in (pickle.loads(pickle.dumps(aware)), copy.copy(aware)):
        assert again == aware
        assert again.effective_n == aware.effective_n
    assert drift.TestResult(**aware.to_dict()) == aware
    if name != "mean_shift":
        assert aware.p_value > plain.p_value
        assert math.exp(aware.log_p_value) == pytest.approx(aware.p_value)


def test_white_noise_loses_little():
    rng = np.random.default_rng(4)
    found = {False: 0, True: 0}
    for _ in range(200):
        baseline, current = rng.normal(size=2000), rng.normal(0.2, 1, size=200)
        for ordered in found:
            p_value = drift.Welch().compare(baseline, current, ordered=ordered).p_value
            found[ordered] += p_value < 0.05
    assert found[True] > 0.9 * found[False]


def test_labels_have_no_order_of_time():
    with pytest.raises(driftline.InvalidTypeError, match="ordered=True"):
        drift.ChiSquare().compare(["a", "b"], ["b", "b"], ordered=True)


def test_the_seed_decides():
    rng = np.random.default_rng(5)
    baseline, current = ar1(rng, 300, 0.6), ar1(rng, 80, 0.6)
    results = [
        drift.KS().compare(baseline, current, ordered=True, seed=seed).p_value for seed in (0, 0, 1)
    ]
    assert results[0] == results[1]
    assert results[0] == drift.KS().fit(baseline, ordered=True).compare(current).p_value


def test_min_effect_minds_the_dependence():
    rng = np.random.default_rng(17)
    noise = rng.normal(size=(60, 1000))
    series = np.empty_like(noise)
    series[:, 0] = noise[:, 0]
    for i in range(1, 1000):
        series[:, i] = 0.9 * series[:, i - 1] + noise[:, i] * (1 - 0.81) ** 0.5
    for test in (drift.Welch(), drift.MannWhitney(), drift.KS()):
        found = {False: 0, True: 0}
        for values in series:
            for ordered in found:
                result = test.compare(values[:500], values[500:], ordered=ordered)
                found[ordered] += result.drifted(min_effect=0.05)
                if ordered:
                    moved = result.effects["share_moved"]
                    assert 0 <= moved.low <= moved.value <= moved.high <= 1
        # 5 % are allowed; 8 of 60 or more would happen once in a hundred.
        assert found[True] < 8 < found[False], (test, found)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [({"seed": -1}, "seed: got"), ({"seed": "x"}, "seed: got"), ({"ordered": "x"}, "ordered: got")],
)
def test_keywords_are_named(keywords, message):
    with pytest.raises(driftline.DriftlineError, match=message):
        drift.KS().compare([1.0, 2.0], [3.0], **keywords)
