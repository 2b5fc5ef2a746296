"""Every test of numbers beside SciPy's, on one broad set of samples.

Where SciPy is wrong or coarse it is left out here, with the reason; exact and
50-digit references stand in tests/data.
"""

import warnings

import numpy as np
import pytest

from driftline import drift

stats = pytest.importorskip("scipy.stats")

RTOL = 1e-9
# What SciPy's own subtractions leave of a statistic that is 0.
ATOL = 1e-12
# Below this SciPy's normal and t tails have no digits left to compare.
SMALLEST = 1e-290


def generated():
    rng = np.random.default_rng(2026)
    sizes = [(7, 5), (20, 20), (60, 25), (8, 300), (1_000, 700)]
    for n, m in sizes:
        label = f"{n}x{m}"
        yield f"normal {label}", rng.normal(size=n), rng.normal(0.3, 1.2, m)
        yield f"log-normal {label}", rng.lognormal(size=n), rng.lognormal(0.2, 1.1, m)
        yield f"Cauchy {label}", rng.standard_cauchy(n), rng.standard_cauchy(m) + 0.5
        yield f"gamma {label}", rng.gamma(0.7, size=n), rng.gamma(0.9, size=m)
        for levels in (2, 5, 40):
            a, b = rng.integers(0, levels, n), rng.integers(0, levels, m)
            yield f"{levels} levels {label}", a.astype(float), b.astype(float)
        yield f"disjoint {label}", rng.normal(size=n), rng.normal(size=m) + 50
        yield f"offset 1e9 {label}", 1e9 + rng.normal(size=n), 1e9 + 0.5 + rng.normal(size=m)
        yield f"scale 1e-12 {label}", 1e-12 * rng.normal(size=n), 1e-12 * rng.normal(0.4, 1, m)
    yield "signed zeros", np.array([0.0, -0.0, 1.0, 2.0, -1.0] * 3), np.array([-0.0, 2.0, 0.0] * 3)
    yield "far in the tail", rng.normal(size=2_000), rng.normal(size=2_000) + 3
    yield "30,000 and 20,000", rng.normal(size=30_000), rng.normal(0.01, 1, 20_000)


def tables():
    datasets = pytest.importorskip("sklearn.datasets")
    for load in (
        datasets.load_iris,
        datasets.load_wine,
        datasets.load_breast_cancer,
        datasets.load_diabetes,
    ):
        bunch = load()
        half = np.arange(len(bunch.data)) % 3 == 0
        classes = bunch.target > np.median(bunch.target)
        for column in range(0, bunch.data.shape[1], 3):
            values = bunch.data[:, column]
            name = f"{load.__name__[5:]} {column}"
            yield f"{name} by row", values[half], values[~half]
            if classes.any():
                yield f"{name} by class", values[classes], values[~classes]


# Whose p-value is SciPy's at any size, without ties.
P_VALUES = {"welch", "student"}


def samples():
    return [*generated(), *tables()]


def distinct(baseline, current):
    pooled = np.concatenate([baseline, current])
    return len(np.unique(pooled)) == len(pooled)


def close(got, expected, what, rtol=RTOL):
    assert got == pytest.approx(expected, rel=rtol, abs=ATOL), what


def close_p(got, expected, what, rtol=RTOL):
    if expected > SMALLEST:
        assert got == pytest.approx(expected, rel=rtol, abs=0), what


def quietly(function, *arguments, **keywords):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments, **keywords)


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
@pytest.mark.parametrize(
    ("name", "function", "keywords"),
    [
        ("ks", "ks_2samp", {}),
        ("mann_whitney", "mannwhitneyu", {}),
        ("brunner_munzel", "brunnermunzel", {}),
        ("welch", "ttest_ind", {"equal_var": False}),
        ("student", "ttest_ind", {}),
        ("mood", "mood", {}),
        ("ansari_bradley", "ansari", {}),
    ],
)
def test_signed_tests_agree_with_scipy(name, function, keywords, alternative):
    compared = 0
    test = drift.get(name, alternative=alternative)
    for label, baseline, current in samples():
        expected = quietly(
            getattr(stats, function), baseline, current, alternative=alternative, **keywords
        )
        if not np.isfinite([expected.statistic, expected.pvalue]).all():
            continue  # constants and separation: SciPy has no answer, we document ours
        got = test.compare(baseline, current)
        what = f"{name} {alternative} {label}: {got} {expected}"
        # Differences of numbers around 1e9 carry rounding in SciPy.
        close(got.statistic, expected.statistic, what, 1e-6 if "1e9" in label else RTOL)
        if name in P_VALUES and "1e9" not in label and distinct(baseline, current):
            close_p(got.p_value, expected.pvalue, what)
        compared += 1
    assert compared > 50


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("wasserstein", lambda a, b: stats.wasserstein_distance(a, b)),
        ("energy", lambda a, b: stats.energy_distance(a, b)),
        ("epps_singleton", lambda a, b: stats.epps_singleton_2samp(a, b).statistic),
        ("levene", lambda a, b: stats.levene(a, b).statistic),
        ("cramer_von_mises", lambda a, b: stats.cramervonmises_2samp(a, b).statistic),
        ("anderson_darling", lambda a, b: stats.anderson_ksamp([a, b]).statistic),
        ("baumgartner_weiss_schindler", lambda a, b: stats.bws_test(a, b, method=FEW).statistic),
    ],
)
@pytest.mark.thread_unsafe(reason="takes long, and tells the same on one thread")
def test_statistics_agree_with_scipy(name, reference):
    compared = 0
    test = drift.get(name)
    for label, baseline, current in samples():
        if name == "cramer_von_mises" and not distinct(baseline, current):
            continue  # SciPy subtracts what holds without ties only
        if name == "epps_singleton" and len(np.unique(np.append(baseline, current))) < 3:
            continue  # SciPy inverts what rounding left of a covariance without full rank
        if name == "baumgartner_weiss_schindler" and len(baseline) + len(current) > 5_000:
            continue  # SciPy ranks again for each of its permutations
        expected = quietly(reference, baseline, current)
        if not np.isfinite(expected):
            continue
        got = test.compare(baseline, current)
        # Differences of numbers around 1e9 carry 1e-7 of rounding in SciPy.
        rtol = 1e-6 if "1e9" in label else 1e-8 if name == "energy" else RTOL
        close(got.statistic, expected, f"{name} {label}: {got} {expected}", rtol)
        compared += 1
    assert compared > 30


FEW = stats.PermutationMethod(n_resamples=9)
