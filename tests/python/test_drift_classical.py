"""The classical two-sample tests beside SciPy's, on a broad generated set."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from driftline import drift

DATA = Path(__file__).parents[1] / "data" / "classical_tests.json"
CASES = json.loads(DATA.read_text(encoding="utf-8"))["cases"]
STATISTIC_RTOL = 1e-11
SCIPY_RTOL = 1e-9
# SciPy counts for this one in single precision.
SCIPY_SINGLE_RTOL = 1e-6
ALTERNATIVES = ["two-sided", "less", "greater"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_exact_references(case):
    for expected in case["expected"]:
        test = drift.get(expected["test"], **expected["params"])
        got = test.compare(case["baseline"], case["current"])
        for key in ("statistic", "effect_size", "df"):
            if key in expected:
                close = pytest.approx(expected[key], rel=STATISTIC_RTOL, abs=0)
                assert getattr(got, key) == close, (expected["test"], key)


def samples():
    """(id, baseline, current): kinds of data, ties of 2 to 40 levels, unequal sizes."""
    rng = np.random.default_rng(5)
    sizes = [(20, 20), (13, 64), (300, 45), (1000, 1200)]
    kinds = {
        "normal": lambda n, by: rng.normal(by, 1 + by, n),
        "log-normal": lambda n, by: rng.lognormal(by, 1, n),
        "cauchy": lambda n, by: rng.standard_cauchy(n) + by,
        "gamma": lambda n, by: rng.gamma(0.5 + by, size=n),
        "2 levels": lambda n, by: rng.binomial(1, 0.4 + by / 3, n).astype(float),
        "5 levels": lambda n, by: rng.binomial(4, 0.4 + by / 3, n).astype(float),
        "40 levels": lambda n, by: rng.integers(0, 40 + int(10 * by), n).astype(float),
    }
    for kind, draw in kinds.items():
        for n, m in sizes:
            for by in (0.0, 0.3):
                yield pytest.param(draw(n, 0.0), draw(m, by), id=f"{kind}-{n}-{m}-{by}")


def peers(stats, x, y, alternative):
    """Our test and SciPy's answer, where SciPy has one."""
    greater = {"alternative": alternative}
    asymptotic = greater | {"method": "asymptotic"}
    yield "mann_whitney", asymptotic, stats.mannwhitneyu(x, y, **asymptotic)
    plain = asymptotic | {"use_continuity": False}
    yield "mann_whitney", plain, stats.mannwhitneyu(x, y, **plain)
    for law in ("t", "normal"):
        found = stats.brunnermunzel(x, y, distribution=law, **greater)
        yield "brunner_munzel", asymptotic | {"distribution": law}, found
    yield "student", greater, stats.ttest_ind(x, y, **greater)
    yield "mood", asymptotic, stats.mood(x, y, **greater)
    # SciPy takes the mean without ties, which is off where they straddle the middle, and the
    # exact law of small samples without them.
    if len(set(x) | set(y)) == len(x) + len(y) and max(len(x), len(y)) >= 55:
        yield "ansari_bradley", asymptotic, stats.ansari(x, y, **greater)
    if alternative == "two-sided":
        for center in ("median", "mean", "trimmed"):
            yield "levene", {"center": center}, stats.levene(x, y, center=center)
        if len(set(x) | set(y)) > 5 and np.subtract(*np.percentile([*x, *y], [75, 25])) > 0:
            found = stats.epps_singleton_2samp(x, y)
            yield "epps_singleton", {"method": "asymptotic"}, found


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize(("baseline", "current"), list(samples()))
def test_agrees_with_scipy(baseline, current, alternative):
    stats = pytest.importorskip("scipy.stats")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SciPy's, about precision
        found = list(peers(stats, baseline, current, alternative))
    for name, params, expected in found:
        got = drift.get(name, **params).compare(baseline, current)
        what = f"{name} {params}"
        close = pytest.approx(expected.statistic, rel=SCIPY_RTOL, abs=1e-12)
        assert got.statistic == close, what
        if expected.pvalue > 1e-200:
            assert got.p_value == pytest.approx(expected.pvalue, rel=SCIPY_RTOL, abs=0), what


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_exact_laws_agree_with_scipy(alternative):
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(11)
    for n, m in [(3, 4), (8, 20), (25, 25), (40, 12)]:
        x, y = rng.normal(size=n), rng.normal(0.3, 1.5, size=m)
        ours = {"method": "exact", "alternative": alternative}
        got = drift.MannWhitney(**ours).compare(x, y)
        expected = stats.mannwhitneyu(x, y, **ours)
        assert got.p_value == pytest.approx(expected.pvalue, rel=SCIPY_RTOL)
        got = drift.AnsariBradley(**ours).compare(x, y)
        expected = stats.ansari(x, y, alternative=alternative)
        assert got.statistic == expected.statistic
        assert got.p_value == pytest.approx(expected.pvalue, rel=SCIPY_SINGLE_RTOL)


def test_statistic_of_baumgartner_weiss_schindler():
    stats = pytest.importorskip("scipy.stats")
    method = stats.PermutationMethod(n_resamples=9)
    rng = np.random.default_rng(3)
    for n, m in [(5, 9), (40, 33), (200, 150)]:
        for draw in (rng.normal, lambda size: rng.integers(0, 7, size)):
            x, y = draw(size=n), draw(size=m)
            expected = stats.bws_test(x, y, method=method)
            got = drift.BaumgartnerWeissSchindler().compare(x, y)
            assert got.statistic == pytest.approx(expected.statistic, rel=SCIPY_RTOL)


@pytest.mark.parametrize("name", ["brunner_munzel", "epps_singleton"])
def test_permutation_keeps_the_level_where_the_limit_law_does_not(name):
    rng = np.random.default_rng(2)
    test = drift.get(name)
    p_values = [test.compare(rng.normal(size=15), rng.normal(size=40)).p_value for _ in range(200)]
    # 99.9 % of binomial(200, 0.05) is below 21.
    assert sum(p < 0.05 for p in p_values) <= 21
    again = np.arange(15.0), np.arange(40.0) / 3
    assert test.compare(*again).p_value == test.compare(*again).p_value


def test_parameters_are_refused_by_name():
    for make in (
        lambda: drift.MannWhitney(use_continuity="yes"),
        lambda: drift.Levene(proportiontocut=0.5),
        lambda: drift.EppsSingleton(t=[]),
    ):
        with pytest.raises((TypeError, ValueError), match="accepted"):
            make()
