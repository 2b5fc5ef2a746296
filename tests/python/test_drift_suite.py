"""Several tests of the same samples: ``drift.Suite``."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import driftline as dl
from driftline import drift

RANK_TESTS = ["ks", "wasserstein", "energy"]
STATISTIC_RTOL = 1e-12


def samples(n, m, seed=5):
    rng = np.random.default_rng(seed)
    return rng.normal(size=n), rng.normal(0.2, 1.1, size=m)


class Ours:
    """A test as a user would write it."""

    name = "ours"

    def compare(self, baseline, current):
        self.seen = current.copy()
        return float(current[0] - baseline[0])


@pytest.mark.parametrize(("n", "m"), [(1, 1), (30, 20), (500, 700), (4_000, 100)])
def test_each_test_answers_as_it_would_alone(n, m):
    names = [name for name in drift.available() if min(n, m) >= 20 or name in RANK_TESTS]
    baseline, current = samples(n, m)
    results = drift.Suite(names).fit(baseline).compare(current)
    assert list(results) == names
    for name, result in results.items():
        assert result == drift.get(name).fit(baseline).compare(current)


def test_missing_values_are_left_out_and_counted():
    baseline, current = samples(300, 200)
    baseline[::7] = np.nan
    current[::5] = np.nan
    names = ["ks", "wasserstein", "welch", "psi"]
    fitted = drift.Suite(names).fit(baseline)
    assert fitted.n_baseline == np.isfinite(baseline).sum()
    for name, result in fitted.compare(current).items():
        assert result == drift.get(name).compare(baseline, current)
        assert result.n_missing_current == 40


def test_parameters_are_kept():
    baseline, current = samples(100, 80)
    test = drift.KS(alternative="less", method="asymp")
    result = drift.Suite([test]).compare(baseline, current)
    assert result == {"ks": test.compare(baseline, current)}


@pytest.mark.parametrize(("n", "m"), [(300_000, 250_000), (2_000, 2_000)])
def test_the_number_of_threads_changes_nothing(n, m):
    baseline, current = samples(n, m)
    current = np.round(current, 5)
    one = drift.Suite(RANK_TESTS).fit(baseline).compare(current)
    for threads in (2, 5):
        assert drift.Suite(RANK_TESTS, threads=threads).fit(baseline).compare(current) == one


def test_order_and_input_are_left_alone():
    baseline, current = samples(400, 300)
    before = current.copy()
    suite = drift.Suite(["ks", "energy", "mean_shift"])
    fitted = suite.fit(baseline)
    first = fitted.compare(current)
    np.testing.assert_array_equal(current, before)
    assert fitted.compare(current[::-1]) == first
    baseline[:] = 0.0
    assert fitted.compare(list(before)) == first


def test_objects_of_the_user_get_the_sample_as_it_came():
    baseline, current = samples(400, 300)
    ours = Ours()
    suite = drift.Suite(["ks", ours])
    results = suite.fit(baseline).compare(current)
    assert results["ours"].statistic == current[0] - baseline[0]
    np.testing.assert_array_equal(ours.seen, current)
    assert results["ks"] == drift.KS().compare(baseline, current)
    assert suite.tests == (drift.KS(), ours)


def test_a_refusal_is_that_of_the_test():
    baseline, current = samples(200, 200)
    strict = drift.Suite([drift.KS(nan_policy="raise"), "energy"])
    with_nan, with_inf = current.copy(), current.copy()
    with_nan[3] = np.nan
    with_inf[3] = np.inf
    fitted = strict.fit(baseline)
    with pytest.raises(dl.InvalidValueError, match=r"^current: got 1 NaN in 200 values"):
        fitted.compare(with_nan)
    with pytest.raises(dl.InvalidValueError, match=r"^current: got inf"):
        fitted.compare(with_inf)
    with pytest.raises(dl.InvalidValueError, match=r"^baseline: got inf"):
        strict.fit(with_inf)
    with pytest.raises(dl.InvalidValueError, match=r"^baseline: got 1 NaN"):
        strict.fit(with_nan)
    with pytest.raises(dl.EmptySampleError, match=r"^current"):
        fitted.compare([])


@pytest.mark.parametrize(
    ("tests", "error", "message"),
    [
        ([], dl.InvalidValueError, "^tests: got none"),
        (["ks", drift.KS(method="asymp")], dl.InvalidValueError, 'got "ks" twice'),
        (["ks", "energi"], dl.InvalidValueError, 'Did you mean "energy"'),
        (["ks", 3], dl.InvalidTypeError, "^test: got the int 3"),
        ("ks", dl.InvalidTypeError, "^tests: got the str 'ks'"),
        (7, dl.InvalidTypeError, "^tests: got the int 7"),
        ({"ks": 1}, dl.InvalidTypeError, "^tests: got"),
        ([drift.KS], dl.InvalidTypeError, "not an instance"),
    ],
)
def test_wrong_lists_are_refused(tests, error, message):
    with pytest.raises(error, match=message):
        drift.Suite(tests)


@pytest.mark.parametrize("threads", [0, -1, 1.5, True, "2", 10**9])
def test_wrong_threads_are_refused(threads):
    with pytest.raises(
        ValueError if isinstance(threads, int) and threads is not True else TypeError
    ):
        drift.Suite(["ks"], threads=threads)


def test_repr_equality_and_pickle():
    suite = drift.Suite(["ks", drift.Wasserstein(normed=True)], threads=2)
    assert len(suite) == 2
    assert suite.threads == 2
    assert suite.tests == (drift.KS(), drift.Wasserstein(normed=True))
    assert repr(drift.Suite([drift.Energy()])) == "Suite([Energy(nan_policy='omit')])"
    assert repr(suite).endswith(", threads=2)")
    for twin in (pickle.loads(pickle.dumps(suite)), copy.deepcopy(suite)):
        assert twin == suite
        assert hash(twin) == hash(suite)
    assert suite != drift.Suite(["ks", "wasserstein"], threads=2)
    assert suite != drift.Suite(suite.tests)
    assert suite != 3
    fitted = suite.fit([1.0, 2.0, 3.0])
    assert fitted.suite is suite
    assert fitted.tests is suite.tests
    assert repr(fitted) == f"{suite!r}.fit(<3 values>)"


def test_the_collector_sees_what_it_holds():
    ours = Ours()
    ours.suite = drift.Suite([ours])
    ours.fitted = ours.suite.fit([1.0, 2.0])
    gone = weakref.ref(ours)
    del ours
    gc.collect()
    assert gone() is None


def test_wasserstein_and_energy_agree_with_scipy():
    stats = pytest.importorskip("scipy.stats")
    for seed, (n, m) in enumerate([(1, 1), (50, 20), (1_000, 1_300), (3, 2_000)]):
        baseline, current = samples(n, m, seed)
        results = drift.Suite(["wasserstein", "energy"]).compare(baseline, current)
        expected = {
            "wasserstein": stats.wasserstein_distance(baseline, current),
            "energy": stats.energy_distance(baseline, current),
        }
        for name, result in results.items():
            assert result.statistic == pytest.approx(expected[name], rel=STATISTIC_RTOL)
            assert result.p_value is None
            assert result.effect_size == result.statistic


def test_wasserstein_in_standard_deviations_of_the_baseline():
    baseline, current = samples(60, 50)
    plain = drift.Wasserstein().compare(baseline, current).statistic
    normed = drift.Wasserstein(normed=True).compare(baseline, current).statistic
    assert normed == pytest.approx(plain / baseline.std(ddof=1), rel=STATISTIC_RTOL)
    scaled = drift.Wasserstein(normed=True).compare(1e-12 * baseline, 1e-12 * current).statistic
    assert scaled == pytest.approx(normed, rel=STATISTIC_RTOL)
    constant = drift.Wasserstein(normed=True).fit([2.0, 2.0])
    assert constant.compare([2.0]).statistic == 0.0
    assert constant.compare([3.0]).statistic == np.inf
    with pytest.raises(dl.InvalidTypeError, match=r"^normed: got the str 'yes'"):
        drift.Wasserstein(normed="yes")
