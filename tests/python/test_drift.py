"""The drift room as a user calls it; numbers against SciPy and golden cases."""

import copy
import doctest
import inspect
import json
import pickle
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import driftline
from driftline import drift

STATISTIC_RTOL = 1e-12
P_VALUE_RTOL = 1e-9
# SciPy subtracts two rounded distribution functions; ours is exact.
SCIPY_KS_ATOL = 1e-15

DATA = json.loads((Path(__file__).parent.parent / "data" / "drift.json").read_text())
CLASSES = [type(drift.get(name)) for name in drift.available()]
ALTERNATIVES = ["two-sided", "less", "greater"]


def case_ids(cases):
    return [case["id"] for case in cases]


@pytest.mark.parametrize("case", DATA["cases"], ids=case_ids(DATA["cases"]))
def test_golden(case):
    for expected in case["expected"]:
        test = drift.get(expected["test"], **expected["params"])
        result = test.compare(case["baseline"], case["current"])
        assert result == test.fit(case["baseline"]).compare(np.array(case["current"]))
        for name, rtol in [
            ("statistic", STATISTIC_RTOL),
            ("p_value", P_VALUE_RTOL),
            ("df", STATISTIC_RTOL),
            ("effect_size", STATISTIC_RTOL),
        ]:
            if name in expected:
                value = float(expected[name])
                assert getattr(result, name) == pytest.approx(value, rel=rtol, abs=0), expected


@pytest.mark.parametrize("case", DATA["psi"], ids=case_ids(DATA["psi"]))
def test_psi_golden(case):
    result = drift.PSI(edges=case["edges"]).compare(case["baseline"], case["current"])
    assert result.statistic == pytest.approx(case["expected"], rel=STATISTIC_RTOL), case["source"]


def sample_pairs():
    rng = np.random.default_rng(7)
    for n, m in [(1, 1), (1, 9), (7, 5), (50, 50), (100, 101), (300, 1000), (10_000, 77)]:
        yield rng.normal(size=n), rng.normal(size=m) + 0.2
        yield rng.integers(0, 5, n), rng.integers(0, 6, m)
        yield np.exp(3 * rng.normal(size=n)), rng.standard_cauchy(m)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_ks_agrees_with_scipy(alternative):
    stats = pytest.importorskip("scipy.stats")
    for baseline, current in sample_pairs():
        methods = ["auto", "exact"]
        if min(len(baseline), len(current)) > 1:  # for one value SciPy answers NaN or 0
            methods.append("asymp")
        for method in methods:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                expected = stats.ks_2samp(baseline, current, alternative, method)
            result = drift.KS(alternative=alternative, method=method).compare(baseline, current)
            assert result.statistic == pytest.approx(expected.statistic, abs=SCIPY_KS_ATOL)
            if not caught:  # SciPy has not fallen back
                assert result.p_value == pytest.approx(expected.pvalue, rel=P_VALUE_RTOL, abs=0)


@pytest.mark.parametrize("n", [20_000, 200_000])
def test_large_ks_is_asymptotic_as_in_scipy(n):
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(n)
    for shift in [0.0, 0.01, 0.05]:
        baseline, current = rng.normal(size=n), rng.normal(size=n // 2) + shift
        for alternative in ALTERNATIVES:
            expected = stats.ks_2samp(baseline, current, alternative)
            test = drift.KS(alternative=alternative, method="asymp")
            result = test.compare(baseline, current)
            assert result.statistic == pytest.approx(expected.statistic, abs=SCIPY_KS_ATOL)
            assert result.p_value == pytest.approx(expected.pvalue, rel=1e-8, abs=1e-300)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_welch_agrees_with_scipy(alternative):
    stats = pytest.importorskip("scipy.stats")
    for baseline, current in sample_pairs():
        if min(len(baseline), len(current)) < 2:
            continue
        t = stats.ttest_ind(baseline, current, equal_var=False, alternative=alternative)
        result = drift.Welch(alternative=alternative).compare(baseline, current)
        assert result.statistic == pytest.approx(t.statistic, rel=1e-10, abs=1e-14)
        assert result.p_value == pytest.approx(t.pvalue, rel=P_VALUE_RTOL, abs=0)
        assert result.df == pytest.approx(t.df, rel=1e-10)


def psi_with_numpy(baseline, current, edges):
    def shares(values):
        counts = np.bincount(np.searchsorted(edges, values, "right"), minlength=len(edges) + 1)
        return counts, np.where(counts == 0, 0.5, counts) / len(values)

    (count_b, b), (count_c, c) = shares(baseline), shares(current)
    used = count_b + count_c > 0
    return np.sum(((c - b) * np.log(c / b))[used])


@pytest.mark.parametrize("bins", [2, 5, 10, 37])
@pytest.mark.parametrize("binning", ["quantile", "uniform"])
def test_psi_agrees_with_numpy(bins, binning):
    rng = np.random.default_rng(bins)
    for scale in [1e-12, 1.0, 1e9]:
        baseline, current = scale * rng.normal(size=400), scale * (rng.normal(size=300) + 0.3)
        if binning == "quantile":
            edges = np.quantile(baseline, np.arange(1, bins) / bins)
        else:
            edges = np.linspace(baseline.min(), baseline.max(), bins + 1)[1:-1]
        result = drift.PSI(bins=bins, binning=binning).compare(baseline, current)
        expected = psi_with_numpy(baseline, current, edges)
        assert result.statistic == pytest.approx(expected, rel=STATISTIC_RTOL)


def test_psi_stays_finite_with_empty_bins_and_sees_spikes():
    psi = drift.PSI()
    rng = np.random.default_rng(3)
    assert psi.compare(rng.normal(size=1000), np.full(1000, 50.0)).statistic < 10
    zeros = np.concatenate([np.zeros(600), rng.random(400)])
    assert psi.compare(zeros, zeros + 1e-9).statistic > 1
    assert psi.compare([0.5] * 50, [0.5] * 20).statistic == 0
    for moved in (0.4, 0.6, np.inf, -np.inf):
        assert psi.compare([0.5] * 50, [moved] * 20).statistic > 1


def test_null_rejections_keep_to_alpha():
    rng = np.random.default_rng(11)
    looks, alpha = 400, 0.05
    for test in (drift.KS(), drift.Welch()):
        p_values = [test.compare(rng.normal(size=80), rng.normal(size=60)).p_value]
        for _ in range(looks - 1):
            p_values.append(test.compare(rng.normal(size=80), rng.normal(size=60)).p_value)
        # Five standard deviations above the expected number.
        assert np.mean(np.array(p_values) < alpha) < alpha + 5 * (alpha * 0.95 / looks) ** 0.5


@given(
    baseline=st.lists(st.floats(-1e6, 1e6, width=32), min_size=6, max_size=300),
    current=st.lists(st.floats(-1e6, 1e6, width=32), min_size=6, max_size=300),
)
@settings(deadline=None, derandomize=True, max_examples=100)
def test_any_data_has_an_answer(baseline, current):
    for name in drift.available():
        test = drift.get(name)
        result = test.compare(baseline, current)
        assert not np.isnan(result.statistic)
        assert not np.isnan(result.effect_size)
        assert result.p_value is None or 0 <= result.p_value <= 1
        assert result == test.fit(np.array(baseline)).compare(np.sort(current))


@pytest.mark.parametrize("cls", CLASSES)
def test_tests_are_values(cls):
    test = cls()
    assert drift.get(test.name) == test
    assert type(drift.get(test.name)) is cls
    assert test.name in drift.available()
    assert cls.__name__ in drift.__all__
    assert isinstance(test, drift.UnivariateTest)
    assert hash(test) == hash(cls())
    assert test != cls(nan_policy="raise")
    assert test != 3
    assert pickle.loads(pickle.dumps(test)) == test
    assert copy.deepcopy(test) == test
    assert eval(repr(test), vars(drift)) == test
    assert cls.__module__ == "driftline.drift"
    for name, parameter in inspect.signature(cls).parameters.items():
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert getattr(test, name) == parameter.default, "the signature shows real defaults"
    with pytest.raises(AttributeError):
        test.nan_policy = "raise"
    assert ">>>" in cls.__doc__


def test_fitted():
    fitted = drift.PSI(bins=4).fit([1.0, 2.0, np.nan, 4.0])
    assert fitted.test == drift.PSI(bins=4)
    assert fitted.n_baseline == 3
    assert repr(fitted).startswith("PSI(bins=4")


def test_result():
    result = drift.Welch().compare([1.0, 2.0, np.nan, 4.0], [3.0, 5.0])
    statistic, p_value = result
    assert (statistic, p_value) == (result.statistic, result.p_value) == (result[0], result[-1])
    assert len(result) == 2
    assert (result.n_baseline, result.n_current) == (3, 2)
    assert (result.n_missing_baseline, result.n_missing_current) == (1, 0)
    assert pickle.loads(pickle.dumps(result)) == result
    assert hash(result) == hash(drift.Welch().compare([1.0, 2.0, np.nan, 4.0], [3.0, 5.0]))
    assert result.to_dict()["df"] == result.df
    assert "welch" in repr(result)
    with pytest.raises(IndexError):
        result[2]


def test_drifted():
    result = drift.Welch(alternative="less").compare([1.0, 2.0, 3.0], [11.0, 12.0, 14.0])
    assert result.statistic < 0
    assert result.distance == -result.statistic
    assert result.drifted(alpha=0.01)
    assert result.drifted(threshold=5)
    assert not result.drifted(min_effect=2)  # three values prove no effect
    assert not result.drifted(alpha=0.01, threshold=1e6)
    for criteria, message in [
        ({}, "drifted: got no criterion"),
        ({"alpha": 0}, "alpha: got 0; accepted: a number between 0 and 1"),
        ({"alpha": float("nan")}, "alpha: got NaN"),
        ({"threshold": float("nan")}, "threshold: got NaN"),
        ({"min_effect": -1}, "min_effect: got -1"),
    ]:
        with pytest.raises(driftline.InvalidValueError, match=message):
            result.drifted(**criteria)
    with pytest.raises(driftline.InvalidTypeError, match="alpha: got the str 'x'"):
        result.drifted(alpha="x")
    with pytest.raises(driftline.InvalidValueError, match='"psi", which has no p-value'):
        drift.PSI().compare([1], [2]).drifted(alpha=0.1)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: drift.KS(alternative="lesss"), ValueError, 'Did you mean "less"'),
        (lambda: drift.KS(alternative=3), TypeError, "alternative: got the int 3"),
        (lambda: drift.KS(method=None), TypeError, "method: got None"),
        (lambda: drift.PSI(bins=1), ValueError, "bins: got 1; accepted: an integer from 2"),
        (lambda: drift.PSI(bins=-1), ValueError, "bins: got -1"),
        (lambda: drift.PSI(bins=2.5), TypeError, "bins: got the float 2.5"),
        (lambda: drift.PSI(bins=True), TypeError, "bins: got the bool True"),
        (lambda: drift.PSI(edges=[]), ValueError, "edges: got"),
        (lambda: drift.PSI(edges=[2, 1]), ValueError, r"edges: got \[2.0, 1.0\]"),
        (lambda: drift.PSI(edges=[0, np.inf]), ValueError, "edges: got inf"),
        (lambda: drift.PSI(edges="ab"), TypeError, "edges: got the str 'ab'"),
        (lambda: drift.get("kss"), ValueError, 'Did you mean "ks"'),
        (lambda: drift.get(None), TypeError, "name: got None"),
        (lambda: drift.get("ks", alternativ="less"), ValueError, 'Did you mean "alternative"'),
        (lambda: drift.get("psi", bins="ten"), TypeError, "bins: got"),
        (lambda: drift.get("psi", bins={}), TypeError, "bins: got an object of type dict"),
        (lambda: drift.Welch().compare([1.0], [1.0, 2.0]), ValueError, "baseline: got 1 value"),
        (lambda: drift.Welch().fit([np.inf, 1.0]), ValueError, "baseline: got inf at position 0"),
        (lambda: drift.MeanShift().compare([], [1.0]), ValueError, "baseline: got no values"),
        (lambda: drift.KS().compare([1.0], [np.nan]), ValueError, "current: got 1 values, all NaN"),
        (lambda: drift.KS(nan_policy="raise").fit([1, np.nan]), ValueError, "1 NaN in 2 values"),
    ],
)
def test_errors_name_the_argument(make, error, message):
    with pytest.raises(error, match=message) as caught:
        make()
    assert isinstance(caught.value, driftline.DriftlineError)


def test_one_fitted_test_on_many_threads():
    rng = np.random.default_rng(5)
    fitted = drift.KS().fit(rng.normal(size=5000))
    samples = [rng.normal(size=3000) for _ in range(8)]
    expected = [fitted.compare(sample) for sample in samples]
    got = [None] * len(samples)

    def work(i):
        for _ in range(20):
            got[i] = fitted.compare(samples[i])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(samples))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == expected


@pytest.mark.thread_unsafe(reason="doctest redirects the standard output of the process")
def test_docstring_examples():
    module = sys.modules["driftline.drift"]
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner()
    objects = [module, *(getattr(module, name) for name in module.__all__)]
    for thing in objects:
        for example in finder.find(thing, getattr(thing, "__name__", "?"), module=False):
            runner.run(example)
    assert runner.summarize(verbose=False).failed == 0
    assert runner.summarize(verbose=False).attempted > 10
