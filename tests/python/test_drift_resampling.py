"""Permutation p-values and bootstrap intervals, beside SciPy's."""

import itertools
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest

import driftline
from driftline import drift

ALTERNATIVES = ["greater", "less", "two-sided"]
# Exact up to the rounding of one division.
EXACT = 1e-14


def difference(baseline, current):
    return current.mean() - baseline.mean()


def t_statistic(baseline, current):
    spread = baseline.var(ddof=1) / len(baseline) + current.var(ddof=1) / len(current)
    return difference(baseline, current) / np.sqrt(spread)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("ties", [False, True])
def test_all_relabellings_agree_with_scipy(alternative, ties):
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    for n, m in [(2, 4), (3, 3), (5, 4), (2, 8)]:
        x, y = rng.normal(size=n), rng.normal(size=m) + 0.5
        if ties:
            x, y = np.round(x), np.round(y)
        expected = stats.permutation_test(
            (x, y), difference, alternative=alternative, n_resamples=np.inf
        )
        result = drift.permutation(difference, x, y, alternative=alternative)
        assert result.exact
        assert result.statistic == expected.statistic
        assert result.n_permutations == len(expected.null_distribution)
        assert result.p_value == pytest.approx(expected.pvalue, rel=EXACT)
        assert result.interval == (result.p_value, result.p_value)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_random_relabellings_agree_with_scipy(alternative):
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=30), rng.normal(size=40) + 0.3
    expected = stats.permutation_test(
        (x, y), t_statistic, alternative=alternative, n_resamples=4000, rng=rng
    ).pvalue
    by_name = drift.permutation(
        drift.Welch(alternative="less"), x, y, alternative=alternative, n_permutations=4000
    )
    by_callable = drift.permutation(t_statistic, x, y, alternative=alternative, n_permutations=4000)
    for result in (by_name, by_callable):
        assert not result.exact
        assert result.n_permutations == 4000
        # Twice the smaller side doubles the error too.
        sd = 2 * np.sqrt(expected * (1 - expected) / 4000)
        assert result.p_value == pytest.approx(expected, abs=4.5 * np.sqrt(2) * sd)
        low, high = result.interval
        assert low <= result.p_value <= high


def test_any_kind_of_test_is_taken():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=40), rng.normal(size=50) + 1

    class OnesOwn:
        def compare(self, baseline, current):
            return abs(np.median(baseline) - np.median(current))

    for test in ("ks", drift.KS(), drift.PSI(bins=4), OnesOwn(), difference):
        result = drift.permutation(test, x, y, n_permutations=199)
        assert 1 / 200 <= result.p_value < 0.1
        statistic, p_value = result
        assert (statistic, p_value) == (result.statistic, result.p_value)
    rows, moved = rng.normal(size=(30, 2)), rng.normal(size=(30, 2)) + 1
    for test in ("mmd", drift.MultivariateEnergy(), "classifier_two_sample"):
        result = drift.permutation(test, rows, moved, n_permutations=199)
        assert result.p_value < 0.1
    own = drift.MMD(n_permutations=199).compare(rows, moved)
    result = drift.permutation("mmd", rows, moved, n_permutations=199)
    assert (result.statistic, result.p_value) == (own.statistic, own.p_value)

    def first_column(baseline, current):
        assert baseline.shape == current.shape == (30, 2)
        return difference(baseline[:, 0], current[:, 0])

    assert drift.permutation(first_column, rows, moved, n_permutations=99).p_value < 0.1


def test_the_exact_ks_p_value_is_that_of_all_relabellings():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=6), rng.normal(size=7) + 0.7
    result = drift.permutation("ks", x, y)
    assert result.p_value == pytest.approx(drift.KS().compare(x, y).p_value, rel=1e-12)


LABELLED = [
    name for name in drift.available() if isinstance(drift.get(name), drift.CategoricalTest)
]


@pytest.mark.parametrize("name", LABELLED)
def test_labels_are_relabelled_in_all_ways(name):
    x, y = ["a", "b", "a", "a"], ["c", "b", "c", "b", "b"]
    if name == "two_proportion_z":
        y = ["b", "b", "a", "b", "b"]
    test = drift.get(name)
    pooled = x + y
    distances = []
    for chosen in itertools.combinations(range(9), 4):
        left = [label for place, label in enumerate(pooled) if place not in chosen]
        distances.append(test.compare([pooled[place] for place in chosen], left).distance)
    observed = test.compare(x, y).distance
    as_extreme = sum(distance >= observed - 1e-12 for distance in distances)
    result = drift.permutation(name, x, y)
    assert result.exact
    assert result.statistic == observed
    assert result.p_value == pytest.approx(as_extreme / 126, rel=1e-15)
    assert drift.permutation(test, [None, *x[::-1]], np.array(y), threads=2) == result


def test_labels_are_bootstrapped():
    # The total variation distance of two categories is abs(p - q), here p - q.
    rng = np.random.default_rng(21)
    x, y = rng.random(400) < 0.7, rng.random(300) < 0.4
    words = np.array(["no", "yes"])
    result = drift.bootstrap("total_variation", words[x.astype(int)], words[y.astype(int)])
    p, q = x.mean(), y.mean()
    assert result.statistic == pytest.approx(p - q, rel=1e-12)
    sd = np.sqrt(p * (1 - p) / 400 + q * (1 - q) / 300)
    assert result.standard_error == pytest.approx(sd, rel=0.05)
    assert result.low == pytest.approx(p - q - 1.96 * sd, abs=0.1 * sd)
    assert result.high == pytest.approx(p - q + 1.96 * sd, abs=0.1 * sd)
    again = drift.bootstrap(
        "total_variation", words[x.astype(int)][::-1], words[y.astype(int)], threads=3
    )
    assert again == result


def test_labels_and_numbers_as_pandas_keeps_them():
    pandas = pytest.importorskip("pandas")
    x, y = ["a", "b", "a", "a", None], ["c", "b", "c"]
    expected = drift.permutation("chi_square", x, y)
    columns = [pandas.Series(one, dtype="category") for one in (x, y)]
    assert drift.permutation("chi_square", *columns) == expected
    x, y = [1, 2, 1, 1, 3, 3], [2, 2, 3, 2]
    columns = [pandas.Series(one, dtype="category") for one in (x, y)]
    assert drift.permutation("psi", *columns) == drift.permutation("psi", x, y)
    # They are counted, and a count has no order.
    with pytest.raises(driftline.InvalidTypeError, match=r"^baseline: got a Series of dtype cat"):
        drift.permutation("psi", *columns, block_length=2)


def test_labels_where_they_have_no_place():
    labels = ["a", "b", "a"]
    with pytest.raises(driftline.InvalidValueError, match=r"^block_length: got 2; accepted: none"):
        drift.permutation("psi", labels, labels, block_length=2)
    for resample in (drift.permutation, drift.bootstrap):
        with pytest.raises(driftline.InvalidTypeError, match=r"^baseline: got "):
            resample("ks", labels, labels)
        with pytest.raises(driftline.InvalidTypeError, match=r"^current: got .*as the baseline"):
            resample("psi", labels, [1.0, 2.0])
        with pytest.raises(driftline.InvalidTypeError, match=r"^current: got .*as the baseline"):
            resample("psi", [1.0, 2.0], labels)
        with pytest.raises(driftline.EmptySampleError, match=r"^current: "):
            resample("psi", labels, [None])
        with pytest.raises(driftline.EmptySampleError, match=r"^baseline: "):
            resample("psi", [], labels)


def test_seeds_threads_and_orders():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=60), rng.normal(size=50)
    expected = drift.permutation("ks", x, y, n_permutations=500)
    assert drift.permutation("ks", x[::-1], y, n_permutations=500, threads=4) == expected
    assert drift.permutation("ks", x, y, n_permutations=500, seed=1) != expected
    interval = drift.bootstrap("ks", x, y, n_resamples=300)
    assert drift.bootstrap("ks", x, y[::-1], n_resamples=300, threads=4) == interval
    assert drift.bootstrap("ks", x, y, n_resamples=300, seed=1) != interval


def test_early_stopping_looks_at_less():
    rng = np.random.default_rng(6)
    x, y = rng.normal(size=60), rng.normal(size=50)
    result = drift.permutation("ks", x, y, max_exceedances=10)
    assert result.n_permutations < 1000
    assert result.p_value == 10 / result.n_permutations


def test_blocks_keep_dependence():
    rng = np.random.default_rng(7)
    alarms = {None: 0, 30: 0}
    for _ in range(60):
        series = np.zeros(600)
        shocks = rng.normal(size=600)
        for k in range(1, 600):
            series[k] = 0.9 * series[k - 1] + shocks[k]
        for length in alarms:
            result = drift.permutation(
                "mean_shift", series[:300], series[300:], block_length=length, n_permutations=199
            )
            alarms[length] += result.p_value <= 0.05
    assert alarms[None] > 25
    assert alarms[30] < 14


@pytest.mark.parametrize("method", ["percentile", "basic", "bca"])
def test_intervals_agree_with_scipy(method):
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(8)
    x, y = rng.gamma(2, size=40), rng.gamma(3, size=60)

    def statistic(baseline, current, axis=-1):
        return current.mean(axis=axis) - baseline.mean(axis=axis)

    expected = stats.bootstrap(
        (x, y), statistic, method=method, n_resamples=20_000, vectorized=True, rng=rng
    )
    result = drift.bootstrap(difference, x, y, method=method, n_resamples=20_000)
    width = expected.confidence_interval.high - expected.confidence_interval.low
    assert result.standard_error == pytest.approx(expected.standard_error, rel=0.03)
    assert result.confidence_interval == pytest.approx(
        tuple(expected.confidence_interval), abs=0.03 * width
    )
    assert (result.low, result.high) == result.confidence_interval
    assert result.statistic == difference(x, y)


def test_a_skewed_statistic_is_corrected_as_scipy_does():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(9)
    x, y = rng.lognormal(size=30), rng.lognormal(sigma=1.5, size=25)

    def ratio(baseline, current):
        return current.var() / baseline.var()

    expected = stats.bootstrap(
        (x, y), ratio, method="BCa", n_resamples=10_000, vectorized=False, rng=rng
    ).confidence_interval
    result = drift.bootstrap(ratio, x, y, method="bca", n_resamples=10_000)
    assert np.log(result.low) == pytest.approx(np.log(expected.low), abs=0.15)
    assert np.log(result.high) == pytest.approx(np.log(expected.high), abs=0.15)


def test_bootstraps_of_tests():
    rng = np.random.default_rng(10)
    x, y = rng.normal(size=(50, 2)), rng.normal(size=(40, 2)) + 1
    for test in ("mmd", drift.MultivariateEnergy()):
        result = drift.bootstrap(test, x, y, n_resamples=100, method="basic")
        assert result.low < result.high
    result = drift.bootstrap("ks", x[:, 0], y[:, 0], n_resamples=200)
    assert 0 < result.low < result.statistic < result.high < 1
    constant = drift.bootstrap("mean_shift", [1, 1], [2, 2], n_resamples=50, method="bca")
    assert constant.confidence_interval == (1, 1)


def test_results_are_values():
    result = drift.permutation("ks", [1, 2, 3], [2, 3, 4, 5])
    interval = drift.bootstrap("ks", [1, 2, 3], [2, 3, 4, 5], n_resamples=20)
    for value in (result, interval):
        assert pickle.loads(pickle.dumps(value)) == value
        assert hash(pickle.loads(pickle.dumps(value))) == hash(value)
        assert eval(repr(value), vars(drift)) == value
    assert result != interval


def test_errors_of_a_callable_reach_the_caller():
    def fails(baseline, current):
        raise ZeroDivisionError("by the statistic")

    for call in (drift.permutation, drift.bootstrap):
        with pytest.raises(ZeroDivisionError, match=r"by the statistic"):
            call(fails, [1, 2], [3, 4])
        with pytest.raises(
            driftline.InvalidTypeError, match=r"^test_or_statistic: got the str 'x'"
        ):
            call(lambda b, c: "x", [1, 2], [3, 4])
        with pytest.raises(driftline.InvalidValueError, match=r"^test_or_statistic: got NaN"):
            call(lambda b, c: float("nan"), [1, 2], [3, 4])
        with pytest.raises(driftline.InvalidTypeError, match=r"^test_or_statistic: got .*3"):
            call(3, [1, 2], [3, 4])
        with pytest.raises(driftline.InvalidValueError, match=r"^test: got "):
            call("kss", [1, 2], [3, 4])
        with pytest.raises(driftline.EmptySampleError, match=r"^current: got no values"):
            call(difference, [1, 2], [])
        with pytest.raises(driftline.InvalidValueError, match=r"^current: got "):
            call(difference, [[1, 2]], [[3]])
        with pytest.raises(driftline.InvalidTypeError, match=r"^baseline: got the str"):
            call(difference, "no", [3])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"n_permutations": 0}, "n_permutations: got 0"),
        ({"n_permutations": 10.5}, "n_permutations: got 10.5"),
        ({"alternative": "more"}, 'alternative: got "more"'),
        ({"alternative": 1}, "alternative: got the int 1"),
        ({"block_length": 0}, "block_length: got 0"),
        ({"block_length": -3}, "block_length: got -3"),
        ({"max_exceedances": 0}, "max_exceedances: got 0"),
        ({"threads": 0}, "threads: got 0"),
        ({"seed": -1}, "seed: got -1"),
    ],
)
def test_permutation_refuses_bad_options_by_name(options, told):
    with pytest.raises(driftline.DriftlineError, match=told):
        drift.permutation("ks", [1, 2], [3], **options)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"n_resamples": 1}, "n_resamples: got 1"),
        ({"confidence_level": 1.0}, "confidence_level: got 1"),
        ({"confidence_level": "high"}, "confidence_level: got 'high'"),
        ({"method": "BCA"}, 'method: got "BCA"'),
        ({"threads": 2000}, "threads: got 2000"),
    ],
)
def test_bootstrap_refuses_bad_options_by_name(options, told):
    with pytest.raises(driftline.DriftlineError, match=told):
        drift.bootstrap("ks", [1, 2], [3], **options)


@pytest.mark.parametrize("length", [11, 20, 41, 10**6])
def test_too_few_blocks_are_refused(length):
    # Their few orders would say p = 1, whatever the data.
    x, y = np.arange(20.0), np.arange(20.0) + 100
    assert drift.permutation("ks", x, y, block_length=10).p_value < 1
    with pytest.raises(driftline.InvalidValueError, match=f"^block_length: got {length} for 40"):
        drift.permutation("ks", x, y, block_length=length)


def test_a_callable_may_come_back():
    def nested(baseline, current):
        return drift.permutation("mean_shift", baseline[:3], current[:3]).p_value

    result = drift.permutation(nested, np.arange(8.0), np.arange(9.0), n_permutations=30)
    assert 0 < result.p_value <= 1


@pytest.mark.thread_unsafe(reason="watches whether another thread gets its turn")
def test_other_threads_run_meanwhile():
    seen = []
    stop = threading.Event()

    def watch():
        while not stop.is_set():
            seen.append(None)
            stop.wait(0.001)

    watcher = threading.Thread(target=watch)
    watcher.start()
    rng = np.random.default_rng(11)
    x, y = rng.normal(size=2000), rng.normal(size=2000)
    drift.permutation("ks", x, y, n_permutations=30_000)
    stop.set()
    watcher.join()
    assert len(seen) > 2


INTERRUPTED = """
import _thread, signal, threading, numpy as np
from driftline import drift
signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background ignore it
x = np.random.default_rng(0).normal(size=(2, 400))
threading.Timer(0.3, _thread.interrupt_main).start()
try:
    {call}
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize(
    "call",
    [
        "drift.permutation('ks', x[0], x[1], n_permutations=100_000_000)",
        "drift.permutation(lambda b, c: b.mean(), x[0], x[1], n_permutations=100_000_000)",
        "drift.bootstrap('ks', x[0], x[1], n_resamples=10_000_000)",
        "drift.MMD(n_permutations=100_000_000).compare(x.T, x.T + 1)",
    ],
)
def test_control_c_ends_it(call):
    script = INTERRUPTED.format(call=call)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout == "interrupted\n", done.stderr
    assert done.returncode == 0
