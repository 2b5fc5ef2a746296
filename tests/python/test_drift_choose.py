"""drift.choose: the automatic choice, without a border at which a verdict flips."""

import math

import numpy as np
import pytest

import driftline
from driftline import drift

# Neighbouring sizes on nested samples: a value more moves ln p by little.
LARGEST_STEP = 1.0


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


@pytest.mark.parametrize("kind", ["normal", "discrete"])
def test_no_size_is_a_border(kind):
    rng = np.random.default_rng(6)
    baseline, current = rng.normal(size=5000), rng.normal(0.1, 1, size=5000)
    if kind == "discrete":
        baseline, current = np.round(baseline * 2), np.round(current * 2)
    # Every size where the p-value changes its method, and borders people like.
    sizes = [*range(5, 60), 99, 100, 101, 499, 500, 501, 999, 1000, 1001, 4999, 5000]
    logs = []
    for n in sizes:
        test = drift.choose(baseline[:n], current[:n])
        logs.append(test.compare(baseline[:n], current[:n]).log_p_value)
    for (n, log), (following, next_log) in zip(
        zip(sizes, logs, strict=True), list(zip(sizes, logs, strict=True))[1:], strict=False
    ):
        if following == n + 1:
            assert abs(next_log - log) < LARGEST_STEP, n


def test_p_value_and_effect_judge_together():
    rng = np.random.default_rng(7)
    baseline, current = rng.normal(size=20_000), rng.normal(0.05, 1, size=20_000)
    result = drift.choose(baseline, current).compare(baseline, current)
    assert result.drifted(alpha=0.01)
    assert not result.drifted(alpha=0.01, min_effect=0.1)
    assert "share_moved" in result.effects
