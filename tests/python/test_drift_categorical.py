"""Tests of categories: golden cases, SciPy side by side, every container of labels."""

import json
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from driftline import drift
from driftline.exceptions import DriftlineError

STATISTIC_RTOL = 1e-12
P_VALUE_RTOL = 1e-9
LOG_RTOL = 1e-12
SCIPY_RTOL = 1e-9
# SciPy takes differences of nearly equal numbers.
SCIPY_ATOL = 1e-9

PATH = Path(__file__).parent.parent / "data" / "categorical.json"
CASES = json.loads(PATH.read_text(encoding="utf-8"))["cases"]
NAMES = [name for name in drift.available() if isinstance(drift.get(name), drift.CategoricalTest)]
WITH_P_VALUE = ["chi_square", "cramers_v", "fisher_exact", "g_test", "two_proportion_z"]


def rows(counts):
    """Labels that occur so often."""
    return [f"label {k:03}" for k, count in enumerate(counts) for _ in range(count)]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_golden(case):
    for expected in case["expected"]:
        test = drift.get(expected["test"], **expected["params"])
        result = test.compare_counts(case["baseline"], case["current"])
        statistic = float(expected["statistic"])
        assert result.statistic == pytest.approx(statistic, rel=STATISTIC_RTOL, abs=0), expected
        if "log_p_value" in expected:
            log = expected["log_p_value"]
            assert result.log_p_value == pytest.approx(log, rel=LOG_RTOL, abs=P_VALUE_RTOL), (
                expected
            )
        small = sum(case["baseline"]) + sum(case["current"]) < 20_000
        unseen = any(b == 0 < c for b, c in zip(case["baseline"], case["current"], strict=True))
        # PSI and KL take all unseen labels for one category.
        if small and not (unseen and expected["test"] in ("psi", "kl_divergence")):
            assert test.compare(rows(case["baseline"]), rows(case["current"])) == result


def random_tables(rng):
    for k in (2, 3, 10, 40):
        for n, m in [(20, 20), (50, 500), (3000, 2000)]:
            shares = rng.dirichlet(2 * np.ones(k))
            yield rng.multinomial(n, shares), rng.multinomial(m, rng.dirichlet(2 * np.ones(k)))


def test_agrees_with_scipy():
    stats = pytest.importorskip("scipy.stats")
    distance = pytest.importorskip("scipy.spatial.distance")
    for baseline, current in random_tables(np.random.default_rng(3)):
        used = baseline + current > 0
        table = np.array([baseline, current])[:, used]

        def ours(name, table=table, **params):
            return drift.get(name, **params).compare_counts(*table)

        def close(x):
            return pytest.approx(x, rel=SCIPY_RTOL, abs=SCIPY_ATOL)

        for correction in (True, False):
            params = {"correction": correction, "method": "asymptotic"}
            for name, power in [("chi_square", None), ("g_test", "log-likelihood")]:
                expected = stats.chi2_contingency(table, correction, power)
                result = ours(name, **params)
                assert result.statistic == close(expected.statistic)
                assert result.p_value == pytest.approx(expected.pvalue, rel=1e-8, abs=1e-300)
                assert result.df == expected.dof
        association = stats.contingency.association(table, method="cramer")
        assert ours("cramers_v").statistic == close(association)
        for base in (None, 2):
            expected = distance.jensenshannon(table[0], table[1], base)
            assert ours("jensen_shannon", base=base).statistic == close(expected)
            divergence = ours("jensen_shannon", base=base, form="divergence")
            assert divergence.statistic == close(expected**2)
            expected = stats.entropy(table[0], np.where(table[1] == 0, 0.5, table[1]), base)
            assert ours("kl_divergence", base=base).statistic == close(expected)
        shares = table / table.sum(1, keepdims=True)
        l_infinity = distance.chebyshev(shares[0], shares[1])
        assert ours("l_infinity").statistic == close(l_infinity)
        if table.shape[1] == 2:
            for alternative in ("two-sided", "less", "greater"):
                expected = stats.fisher_exact(table, alternative)
                result = ours("fisher_exact", alternative=alternative)
                assert result.statistic == close(expected.statistic)
                assert result.p_value == pytest.approx(expected.pvalue, rel=1e-8)


def test_numbers_are_binned_as_by_numpy():
    rng = np.random.default_rng(8)
    baseline, current = rng.gamma(2, size=700), rng.gamma(2.5, size=400)
    for rule in ("doane", "sturges"):
        edges = np.histogram_bin_edges(baseline, rule)
        open_edges = np.concatenate([[-np.inf], edges[1:-1], [np.inf]])
        counts = [np.histogram(x, open_edges)[0] for x in (baseline, current)]
        for name in NAMES:
            bins = {"bins": len(edges) - 1}
            binned = drift.get(name, binning=rule, **bins).compare(baseline, current)
            expected = drift.get(name, **bins).compare_counts(*counts)
            if name != "two_proportion_z":
                assert binned.statistic == pytest.approx(expected.statistic, rel=1e-9), name
            given = drift.get(name, edges=edges[1:-1]).compare(baseline, current)
            assert given.statistic == pytest.approx(expected.statistic, rel=1e-9), name


LABELS = ["b", "a", None, "c", "a", "b", "a", "b", "c", "c"]
OTHERS = ["a", "a", "d", None, "b", "e", "d"]
INTEGERS = {"a": 1, "b": 2, "c": 7, "d": 9, "e": 11}


def containers_of_text():
    def none_is_nan(values):
        return np.array([np.nan if x is None else x for x in values], dtype=object)

    yield "list", list
    yield "tuple", tuple
    yield "object array", lambda x: np.array(x, dtype=object)
    yield "NaN for None", none_is_nan
    yield "NaN first", lambda x: none_is_nan(sorted(x, key=lambda label: label is not None))


def pandas_containers(pd):
    yield "object", lambda x: pd.Series(x, dtype=object)
    yield "str", lambda x: pd.Series(x, dtype="string")
    yield "default", lambda x: pd.Series(x)
    yield "category", lambda x: pd.Series(x, dtype="category")
    yield "more categories", lambda x: pd.Series(pd.Categorical(x, categories=list("zedcba")))
    yield "Categorical", lambda x: pd.Categorical(x)
    yield "Index", lambda x: pd.Index(x)


def polars_containers(pl):
    yield "String", lambda x: pl.Series(x, dtype=pl.String)
    yield "Categorical", lambda x: pl.Series(x, dtype=pl.Categorical)
    yield "Enum", lambda x: pl.Series(x, dtype=pl.Enum(list("zedcba")))
    yield "named", lambda x: pl.Series("count", x)


def arrow_containers(pa):
    yield "string", lambda x: pa.array(x, pa.string())
    yield "large_string", lambda x: pa.array(x, pa.large_string())
    yield "string_view", lambda x: pa.array(x, pa.string_view())
    yield "dictionary", lambda x: pa.array(x, pa.string()).dictionary_encode()
    yield "chunked", lambda x: pa.chunked_array([pa.array(x[:3]), pa.array(x[3:])])
    encoded = "dictionary, chunked"
    yield encoded, lambda x: pa.chunked_array([x[:3], x[3:]]).dictionary_encode()


def check_containers(containers):
    for name in NAMES:
        test = drift.get(name)
        expected = test.compare(LABELS, OTHERS)
        assert (expected.n_baseline, expected.n_current) == (9, 6)
        assert (expected.n_missing_baseline, expected.n_missing_current) == (1, 1)
        for kind, make in containers:
            result = test.compare(make(LABELS), make(OTHERS))
            assert result == expected, (name, kind)
            assert test.fit(make(LABELS)).compare(OTHERS) == expected, (name, kind)


def test_containers_of_text():
    check_containers(list(containers_of_text()))


def test_arrays_of_str():
    words = np.array(["a", "b", "a"])
    for kind in (words, words.astype(object), np.ma.masked_array(words, [0, 0, 0])):
        assert drift.PSI().compare(kind, ["a", "a"]).n_baseline == 3
    masked = np.ma.masked_array(words, [0, 1, 0])
    assert drift.PSI().compare(masked, ["a", "a"]).n_missing_baseline == 1


def test_pandas():
    check_containers(list(pandas_containers(pytest.importorskip("pandas"))))


def test_polars():
    check_containers(list(polars_containers(pytest.importorskip("polars"))))


def test_arrow():
    check_containers(list(arrow_containers(pytest.importorskip("pyarrow"))))


def coded(values):
    return [None if x is None else INTEGERS[x] for x in values]


def test_integers_are_the_same_in_every_container():
    pd = pytest.importorskip("pandas")
    pa = pytest.importorskip("pyarrow")
    for name in NAMES:
        test = drift.get(name)
        expected = test.compare(coded(LABELS), coded(OTHERS))
        as_floats = [np.array(coded(x), dtype=float) for x in (LABELS, OTHERS)]
        assert test.compare(*as_floats) == expected, name
        for make in (
            lambda x: pd.Series(coded(x), dtype="category"),
            lambda x: pd.Series(coded(x), dtype="Int64"),
            lambda x: pd.Series(coded(x), dtype=object),
            lambda x: pa.array(coded(x)).dictionary_encode(),
            lambda x: pa.array(coded(x)),
        ):
            assert test.compare(make(LABELS), make(OTHERS)) == expected, name


def test_levels_are_categories():
    numbers, labels = [1, 1, 2, 2, 2, 3, 3], list("aabbbcc")
    for name in set(NAMES) - {"two_proportion_z"}:  # halves three numbers
        test = drift.get(name)
        expected = test.compare(labels, list("abbcd")).statistic
        result = test.compare(numbers, [1, 2, 2, 3, 4]).statistic
        assert result == pytest.approx(expected, rel=1e-12), name


def test_booleans():
    flags = [True, False, True, True], [False, False, True]
    for name in NAMES:
        test = drift.get(name)
        expected = test.compare(*[[int(flag) for flag in sample] for sample in flags])
        assert test.compare(*flags) == expected
        assert test.compare(*[np.array(sample) for sample in flags]) == expected
        assert test.compare([*flags[0], None], flags[1]).n_missing_baseline == 1


def test_unseen_labels_raise_no_alarm_by_themselves():
    # 2,000 labels, most of which are in one sample only.
    rng = np.random.default_rng(0)
    p_values = []
    for _ in range(40):
        samples = rng.integers(0, 2000, (2, 300)).astype(str)
        p_values.append(drift.ChiSquare(n_permutations=999).compare(*samples.tolist()).p_value)
    assert np.mean(np.array(p_values) < 0.05) < 0.2


def test_what_is_refused():
    psi = drift.PSI()
    with pytest.raises(DriftlineError, match=r"current: got .* accepted: numbers"):
        psi.compare([1, 2, 3], ["a", "b"])
    with pytest.raises(TypeError, match=r"current: got .* accepted: strings"):
        psi.compare(["a", "b"], [1, 2, 3])
    with pytest.raises(TypeError, match="both numbers and strings"):
        psi.compare(["a", 1], ["a"])
    with pytest.raises(TypeError, match="both numbers and strings"):
        psi.compare([1, "a"], ["a"])
    with pytest.raises(TypeError, match=r"baseline: got .*bytes"):
        psi.compare(np.array([b"a", "b"], dtype=object), ["a"])
    with pytest.raises(TypeError, match="baseline: got"):
        psi.compare("text", ["a"])
    with pytest.raises(ValueError, match="baseline: got"):
        psi.compare([None, None], ["a"])
    with pytest.raises(ValueError, match="current: got 2 values, all NaN"):
        psi.compare(["a"], [None, math.nan])
    with pytest.raises(ValueError, match="nan_policy"):
        drift.PSI(nan_policy="raise").compare(["a", None], ["a"])
    with pytest.raises(TypeError, match="baseline: got"):
        drift.KS().compare(["a", "b"], ["a"])
    with pytest.raises(ValueError, match=r"current: got .* as many counts"):
        psi.compare_counts([1, 2], [1])
    with pytest.raises(ValueError, match="baseline: got -1"):
        psi.compare_counts([-1, 2], [1, 2])
    with pytest.raises(ValueError, match="base: got 1"):
        drift.JensenShannon(base=1)
    with pytest.raises(TypeError, match="correction: got"):
        drift.ChiSquare(correction=1)


def test_two_proportion_z_knows_the_success():
    z = drift.TwoProportionZ(alternative="less", method="asymptotic")
    rising = z.compare(["no"] * 60 + ["yes"] * 40, ["no"] * 40 + ["yes"] * 60)
    assert rising.statistic == pytest.approx(-math.sqrt(8))
    assert rising.p_value < 0.01
    assert rising.effect_size == pytest.approx(0.2)
    assert z.compare([0] * 60 + [1] * 40, [0] * 40 + [1] * 60) == rising


def test_the_detector_takes_categorical_tests():
    import driftline as dl

    rng = np.random.default_rng(1)
    for name in ("psi", "jensen_shannon", "chi_square"):
        detector = dl.DriftDetector(rng.normal(size=500), window_size=100, test=name, threshold=1e9)
        assert detector is not None
    assert drift.get("psi").compare(rng.normal(size=9), rng.normal(size=9)).p_value is None


@pytest.mark.parametrize("name", WITH_P_VALUE)
def test_false_alarms_keep_to_alpha(name):
    rng = np.random.default_rng(4)
    looks, alpha = 200, 0.05
    test = drift.get(name, n_permutations=499)
    for n, m in [(20, 20), (20, 200), (200, 60)]:
        for draw in (rng.normal, rng.standard_cauchy, lambda size: rng.poisson(2, size)):
            p_values = [test.compare(draw(size=n), draw(size=m)).p_value for _ in range(looks)]
            rate = np.mean(np.array(p_values) <= alpha)
            # Five standard deviations above the expected number.
            assert rate < alpha + 5 * (alpha * 0.95 / looks) ** 0.5, (n, m, rate)


def test_long_samples_are_counted_as_short_ones():
    # Short ones are counted where they lie, long ones in a copy, outside Python.
    rng = np.random.default_rng(5)
    baseline, current = rng.normal(size=2_000), rng.normal(0.1, size=50_000)
    for name in ("psi", "chi_square"):
        for bins in (5, 40):
            fitted = drift.get(name, bins=bins).fit(baseline)
            long = fitted.compare(np.tile(current, 80))
            expected = fitted.compare(current)
            assert long.n_current == 80 * expected.n_current
            if name == "psi":  # the shares are the same
                assert long.statistic == pytest.approx(expected.statistic, rel=1e-9)
            in_a_list = fitted.compare(current.tolist())
            assert in_a_list.statistic == expected.statistic
            assert in_a_list.p_value == expected.p_value


def test_other_threads_run_while_a_p_value_is_drawn():
    rng = np.random.default_rng(6)
    baseline, current = rng.normal(size=300), rng.normal(size=300)
    fitted = drift.ChiSquare(n_permutations=100_000).fit(baseline)
    expected = fitted.compare(current).p_value
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(fitted.compare, [current] * 8))
    assert [result.p_value for result in results] == [expected] * 8
