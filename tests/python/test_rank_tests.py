"""Kolmogorov-Smirnov, Kuiper, Cramer-von Mises, Anderson-Darling as a user calls them."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from driftline import drift

DATA = json.loads((Path(__file__).parents[1] / "data" / "limit_laws.json").read_text())
P_VALUE_RTOL = 1e-12
STATISTIC_RTOL = 1e-11
FOUR = ["ks", "kuiper", "cramer_von_mises", "anderson_darling"]


@pytest.mark.parametrize("name", ["cramer_von_mises", "anderson_darling"])
@pytest.mark.parametrize("case", DATA["judged"], ids=lambda case: str(len(case["baseline"])))
def test_small_samples_are_judged_exactly(case, name):
    result = drift.get(name).compare(case["baseline"], case["current"])
    if "statistic" in case[name]:
        expected = pytest.approx(case[name]["statistic"], rel=STATISTIC_RTOL, abs=STATISTIC_RTOL)
        assert result.statistic == expected
    assert result.p_value == pytest.approx(case[name]["p_value"], rel=P_VALUE_RTOL)


def test_a_permutation_test_agrees_on_tied_data():
    generator = np.random.default_rng(7)
    baseline, current = generator.integers(0, 4, 60), generator.integers(0, 4, 45) + 1
    pooled = np.concatenate([baseline, current]).astype(float)
    for name in ["cramer_von_mises", "anderson_darling"]:
        test = drift.get(name)
        own = test.compare(pooled[:60], pooled[60:] - 0.0)
        weak = test.compare(pooled[:60], np.concatenate([pooled[:20], pooled[80:]]))
        more = 0
        mixed = np.concatenate([pooled[:60], pooled[:20], pooled[80:]])
        for _ in range(2000):
            generator.shuffle(mixed)
            more += test.compare(mixed[:60], mixed[60:]).statistic >= weak.statistic - 1e-9
        error = math.sqrt(weak.p_value * (1 - weak.p_value) / 2000)
        assert more / 2000 == pytest.approx(weak.p_value, abs=5 * error + 1e-3)
        assert own.p_value < weak.p_value


@pytest.mark.parametrize("name", FOUR)
def test_the_effect_is_the_share_moved(name):
    baseline, current = np.arange(100.0), np.arange(80.0) + 30
    expected = drift.KS().compare(baseline, current).statistic
    assert drift.get(name).compare(baseline, current).effect_size == expected


@pytest.mark.parametrize("name", FOUR)
def test_disjoint_samples_have_a_finite_logarithm(name):
    for n, m in [(3000, 3000), (3000, 2000), (20000, 12345)]:
        result = drift.get(name).compare(np.arange(n), np.arange(m) + 1e6)
        assert result.log_p_value < -700
        assert math.isfinite(result.log_p_value)


@pytest.mark.parametrize("name", FOUR)
def test_identical_samples_are_no_evidence(name):
    values = np.arange(1000.0)
    result = drift.get(name).compare(values, values)
    assert result.p_value == pytest.approx(1.0, abs=1e-9)
    constant = drift.get(name).compare(np.ones(5000), np.ones(3000))
    assert constant.p_value == 1.0


def test_statistics_and_p_values_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    generator = np.random.default_rng(8)
    baseline, current = generator.normal(size=150), generator.normal(0.2, 1.1, size=220)
    expected = stats.cramervonmises_2samp(baseline, current, method="asymptotic")
    result = drift.CramerVonMises(method="asymptotic").compare(baseline, current)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-10)
    assert result.p_value == pytest.approx(expected.pvalue, abs=1e-9)
    expected = stats.ks_2samp(baseline, current, method="asymp")
    result = drift.KS(method="asymp").compare(baseline, current)
    assert result.p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_what_would_take_too_long_is_refused_by_name():
    test = drift.Kuiper(method="exact")
    with pytest.raises(ValueError, match='method: got "exact" for samples of 60000 and 50001'):
        test.compare(np.arange(60000), np.arange(50001) + 0.5)
    test = drift.CramerVonMises(method="exact")
    with pytest.raises(ValueError, match='method: got "exact" for samples of 600 and 501'):
        test.compare(np.arange(600), np.arange(501) + 0.5)
