"""Wrong answers that other libraries give to two-sample questions, answered right.

Each test names what was measured elsewhere (DESIGN, "Known wrong answers of the peers").
Streaming detectors have theirs beside them.
"""

import math

import numpy as np
import pytest

from driftline import drift

ALPHA = 0.05
REPETITIONS = 2_000
# Binomial(2,000, 0.05) is at most this with probability 0.9999.
MOST = 138


def p_values():
    """The tests that have a p-value, made with their defaults; univariate ones."""
    found = []
    for name in drift.available():
        test = drift.get(name)
        if isinstance(test, drift.UnivariateTest):
            samples = [0.0, 1.0] * 10, [0.0, 1.0, 1.0] * 10
            if test.compare(*samples).p_value is not None:
                found.append(test)
    return found


def test_a_baseline_is_a_sample_and_no_exact_population():
    # A chi-square that takes the baseline's shares for exact rejects in 24.5 %.
    rng = np.random.default_rng(11)
    test = drift.ChiSquare()
    rejected = own = 0
    for _ in range(REPETITIONS):
        baseline, current = rng.integers(0, 5, (2, 500))
        own += test.compare(baseline, current).p_value < ALPHA
        expected = np.bincount(baseline, minlength=5)
        statistic = ((np.bincount(current, minlength=5) - expected) ** 2 / expected).sum()
        rejected += statistic > 9.487729  # the 95 % quantile with 4 degrees of freedom
    assert rejected > 0.2 * REPETITIONS
    assert own <= MOST


def test_bins_are_as_many_as_asked_for():
    # A PSI whose number of bins is ignored.
    rng = np.random.default_rng(12)
    baseline, current = rng.normal(size=2_000), rng.normal(0.3, 1.2, size=2_000)
    values = [drift.PSI(bins=bins).compare(baseline, current).statistic for bins in (2, 10, 100)]
    assert values == sorted(set(values))


def test_an_empty_bin_is_no_catastrophe():
    # 70.65 elsewhere, by a share of 2e-308 in its place.
    baseline = np.repeat([0.0, 1.0, 2.0, 3.0], 25)
    current = np.repeat([0.0, 1.0, 2.0], [34, 33, 33])
    psi = drift.PSI(edges=[0.5, 1.5, 2.5]).compare(baseline, current).statistic
    expected = 0.25 * math.log(50)  # a quarter moved; half a value of 100 in its place
    assert psi == pytest.approx(expected, rel=0.25)


@pytest.mark.parametrize("test", p_values(), ids=lambda test: test.name)
def test_a_missing_value_changes_no_verdict(test):
    # p = NaN is below no alpha: "no drift", whatever came.
    rng = np.random.default_rng(13)
    baseline, current = rng.integers(0, 2, 200), rng.integers(0, 4, 200) > 0
    whole = test.compare(baseline.astype(float), current.astype(float))
    holes = np.append(current.astype(float), [np.nan] * 3)
    found = test.compare(np.append(np.nan, baseline), holes)
    assert whole.p_value <= 1e-4  # what 9,999 permutations can show
    assert (found.statistic, found.p_value) == (whole.statistic, whole.p_value)
    assert (found.n_missing_baseline, found.n_missing_current) == (1, 3)


def test_kuiper_is_not_ks():
    # The same spread about another centre: V = D+ + D-, KS the larger of both.
    baseline, current = np.arange(100.0), np.arange(100.0) * 0.5 + 25.0
    ks = drift.KS().compare(baseline, current)
    kuiper = drift.Kuiper().compare(baseline, current)
    assert ks.statistic == pytest.approx(0.25, abs=0.011)
    assert kuiper.statistic == pytest.approx(0.5, abs=0.021)
    assert kuiper.p_value < 1e-6 < ks.p_value


@pytest.mark.parametrize("test", p_values(), ids=lambda test: test.name)
@pytest.mark.parametrize("value", [0.0, 1.0, -1e9, 1e-300])
def test_identical_constants_do_not_differ(test, value):
    # Cramér-von Mises: p = 4e-5 elsewhere.
    if test.name == "two_proportion_z":
        value = float(value > 0)  # it takes two values
    result = test.compare(np.full(50, value), np.full(30, value))
    assert result.p_value == 1.0


@pytest.mark.parametrize("name", ["ks", "welch", "mann_whitney", "cramer_von_mises", "chi_square"])
def test_no_verdict_flips_at_a_sample_size(name):
    # Elsewhere another test is taken from n = 1000 on. Here a row more is a row more.
    baseline = np.linspace(0.0, 1.0, 5_000)
    p = {
        n: drift.get(name).compare(baseline, np.linspace(0.04, 1.0, n)).log_p_value
        for n in (998, 999, 1_000, 1_001, 1_002)
    }
    steps = np.diff(list(p.values()))
    assert np.abs(steps).max() < 0.1


@pytest.mark.parametrize("name", ["ks", "welch", "mann_whitney", "chi_square"])
def test_small_p_values_are_told_apart(name):
    # In float32 they are 0 from 1e-46 on; here the logarithm goes on below 1e-308, too.
    rng = np.random.default_rng(14)
    baseline = rng.normal(size=20_000)
    logarithms = [
        drift.get(name).compare(baseline, rng.normal(shift, 1.0, 20_000)).log_p_value
        for shift in (0.2, 0.5, 1.0, 2.0)
    ]
    assert logarithms == sorted(logarithms, reverse=True)
    assert logarithms[0] < math.log(1e-46)
    assert -math.inf < logarithms[-1] < math.log(1e-308)


@pytest.mark.parametrize("name", drift.available())
def test_the_same_data_have_the_same_answer(name):
    # A result that changes from run to run.
    test = drift.get(name)
    columns = () if isinstance(test, drift.UnivariateTest) else (2,)
    rng = np.random.default_rng(15)
    baseline, current = (rng.integers(0, 2, (40, *columns)).astype(float) for _ in range(2))
    answers = {repr(drift.get(name).compare(baseline, current)) for _ in range(3)}
    assert len(answers) == 1


@pytest.mark.parametrize("test", p_values(), ids=lambda test: test.name)
@pytest.mark.thread_unsafe(reason="takes long, and tells the same on one thread")
def test_a_million_rows_need_an_effect(test):
    # A p-value without an effect size: a million rows always "drift".
    rng = np.random.default_rng(16)
    baseline = rng.random(100_000) < 0.5
    current = rng.random(100_000) < 0.51
    result = test.compare(baseline.astype(float), current.astype(float))
    assert math.isfinite(result.effect_size)
    assert not result.drifted(alpha=0.05, min_effect=0.2)
