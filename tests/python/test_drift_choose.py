"""drift.choose: the automatic choice, without a border at which a verdict flips."""

import math

import numpy as np
import pytest

import driftline
from driftline import drift


@pytest.mark.parametrize("n", [2, 20, 1000, 100_000])
def test_the_kind_decides_and_nothing_else(n):
    rng = np.random.default_rng(n)
    for values in (rng.normal(size=n), rng.integers(0, 2, n), rng.integers(0, 30, n)):
        assert drift.choose(values, values[: n // 2 + 1]) == drift.AndersonDarling()
    labels = rng.choice(["a", "b", "c"], n).tolist()
    assert drift.choose(labels, ["a", "d"]) == drift.ChiSquare()


def test_mixtures_are_refused():
    with pytest.raises(driftline.InvalidTypeError, match="current"):
        drift.choose([1.0, 2.0], ["a", "b"])
    with pytest.raises(driftline.InvalidTypeError, match="current"):
        drift.choose(["a", "b"], [1.0, 2.0])
    assert drift.choose(["a", "b"], [None, math.nan]).name == "chi_square"


@pytest.mark.parametrize("kind", ["normal", "discrete", "labels"])
def test_no_size_is_a_border(kind):
    # Wherever the p-value changes its method, it stays that of a permutation.
    rng = np.random.default_rng(6)
    baseline, current = rng.normal(size=600), rng.normal(0.2, 1, size=600)
    if kind != "normal":
        baseline, current = np.round(baseline), np.round(current)
    draws = 2000
    for n in (*range(5, 40, 2), 49, 50, 51, 99, 100, 101, 499, 500, 501):
        pair = [baseline[:n], current[:n]]
        if kind == "labels":
            pair = [[f"{x:.0f}" for x in sample] for sample in pair]
        test = drift.choose(*pair)
        p = test.compare(*pair).p_value
        result = drift.permutation(test, *pair, n_permutations=draws, seed=n)
        error = 5 * (p * (1 - p) / draws) ** 0.5 + 0.1 * p + 1 / draws
        assert abs(p - result.p_value) < error, (n, p, result)


def test_p_value_and_effect_judge_together():
    rng = np.random.default_rng(7)
    baseline, current = rng.normal(size=20_000), rng.normal(0.05, 1, size=20_000)
    result = drift.choose(baseline, current).compare(baseline, current)
    assert result.drifted(alpha=0.01)
    assert not result.drifted(alpha=0.01, min_effect=0.1)
    assert "share_moved" in result.effects
