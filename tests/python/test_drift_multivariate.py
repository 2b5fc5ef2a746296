"""Tests of rows as a user calls them; numbers against golden cases and NumPy."""

import copy
import gc
import inspect
import json
import pickle
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest

import driftline
from driftline import drift

# Relative to the parts of a statistic that cancel.
STATISTIC_TOL = 1e-12
P_VALUE_RTOL = 1e-12

DATA = json.loads((Path(__file__).parent.parent / "data" / "multivariate.json").read_text())
CLASSES = [drift.ClassifierTwoSample, drift.MMD, drift.MultivariateEnergy]
NAMES = ["classifier_two_sample", "mmd", "multivariate_energy"]


def normal(seed, n=40, d=3):
    return np.random.default_rng(seed).normal(size=(n, d))


@pytest.mark.parametrize("case", DATA["cases"], ids=lambda case: case["id"])
def test_golden(case):
    result = drift.get(case["test"], **case["params"]).compare(case["baseline"], case["current"])
    got, expected = result.statistic, case["statistic"]
    if case["test"] == "multivariate_energy":
        got, expected = got**2, expected**2  # the root has no digits left near 0
    tolerance = max(STATISTIC_TOL * case["size"], 1e-300)
    assert got == pytest.approx(expected, rel=0, abs=tolerance), case["source"]
    if "p_value" in case:
        assert result.p_value == pytest.approx(case["p_value"], rel=P_VALUE_RTOL)


def naive_mmd(x, y, bandwidth):
    def k(a, b):
        squares = ((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2)
        return np.exp(-squares / (2 * bandwidth**2))

    n, m = len(x), len(y)
    within = (k(x, x).sum() - n) / (n * (n - 1)) + (k(y, y).sum() - m) / (m * (m - 1))
    return within - 2 * k(x, y).mean()


def median_distance(rows):
    distances = np.sqrt(((rows[:, None, :] - rows[None, :, :]) ** 2).sum(axis=2))
    return np.median(distances[np.triu_indices(len(rows), 1)])


@pytest.mark.parametrize(("n", "m", "d"), [(2, 2, 1), (30, 7, 2), (150, 200, 10)])
def test_mmd_agrees_with_numpy(n, m, d):
    x, y = normal(n, n, d), normal(m + 1, m, d) + 0.1
    test = drift.MMD(bandwidth=1.7, n_permutations=1)
    assert test.compare(x, y).statistic == pytest.approx(naive_mmd(x, y, 1.7), abs=1e-13)
    median = median_distance(np.concatenate([x, y]))
    result = drift.MMD(n_permutations=1).compare(x, y)
    assert result.statistic == pytest.approx(naive_mmd(x, y, median), abs=1e-13)
    assert result.effect_size == max(result.statistic, 0) ** 0.5


def test_energy_of_one_column_is_scipys():
    stats = pytest.importorskip("scipy.stats")
    x, y = normal(1, 50, 1), normal(2, 70, 1) * 2
    result = drift.MultivariateEnergy(n_permutations=1).compare(x, y)
    assert result.statistic == pytest.approx(stats.energy_distance(x[:, 0], y[:, 0]), rel=1e-12)


def test_random_permutations_agree_with_numpy():
    x, y = normal(3, 25, 2), normal(4, 30, 2) + 0.35
    pooled = np.concatenate([x, y])
    bandwidth = median_distance(pooled)
    observed = naive_mmd(x, y, bandwidth)
    rng = np.random.default_rng(0)
    as_extreme = 0
    for _ in range(2000):
        order = rng.permutation(len(pooled))
        as_extreme += naive_mmd(pooled[order[:25]], pooled[order[25:]], bandwidth) >= observed
    expected = (as_extreme + 1) / 2001
    got = drift.MMD(n_permutations=20_000).compare(x, y).p_value
    assert got == pytest.approx(expected, abs=4.5 * np.sqrt(expected * (1 - expected) / 2000))


@pytest.mark.parametrize(("name", "cls"), list(zip(NAMES, CLASSES, strict=True)))
def test_classes_follow_from_the_list(name, cls):
    assert drift.available("multivariate") == NAMES
    assert name not in drift.available()
    test = cls()
    assert isinstance(test, drift.MultivariateTest)
    assert test == drift.get(name)
    assert hash(test) == hash(drift.get(name))
    assert test.name == name
    assert test != drift.KS()
    assert test != cls(seed=1)
    assert cls.__name__ in drift.__all__
    sections = ["Formula:", "Assumes:", "Use it:", "Not for:", "Cost:", "Source:", ">>>"]
    places = [inspect.getdoc(cls).index(section) for section in sections]
    assert places == sorted(places)
    parameters = inspect.signature(cls).parameters
    for parameter in parameters.values():
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert getattr(test, parameter.name) == parameter.default
        if parameter.name != "classifier":
            assert f"{parameter.name}={parameter.default!r}" in repr(test)
    assert list(parameters)[-1] == "nan_policy"


@pytest.mark.parametrize("name", NAMES)
def test_copies_and_pickles(name):
    test = drift.get(name, n_permutations=7, seed=3, threads=2)
    for other in (copy.copy(test), copy.deepcopy(test), pickle.loads(pickle.dumps(test))):
        assert other == test
        assert repr(other) == repr(test)
        assert other.n_permutations == 7


@pytest.mark.parametrize("name", NAMES)
def test_fits_once_and_compares_often(name):
    baseline, current = normal(5), normal(6)
    test = drift.get(name, n_permutations=50)
    fitted = test.fit(baseline)
    assert fitted.test is test
    assert (fitted.n_baseline, fitted.n_columns) == (40, 3)
    assert repr(fitted) == f"{test!r}.fit(<40 rows of 3>)"
    expected = test.compare(baseline, current)
    assert fitted.compare(current) == fitted.compare(current) == expected
    assert expected.drifted(alpha=0.9999)
    statistic, p_value = expected
    assert (statistic, p_value) == (expected.statistic, expected.p_value)
    assert pickle.loads(pickle.dumps(expected)) == expected


def inputs(rows):
    """The same rows in every form that is accepted."""
    yield rows.tolist()
    yield [tuple(row) for row in rows]
    yield np.asfortranarray(rows)
    yield np.repeat(rows, 2, axis=0)[::2]
    yield np.repeat(rows, 2, axis=1)[:, ::2]
    yield rows[::-1][::-1]
    yield rows.astype(">f8")
    yield rows.astype(np.longdouble)
    yield rows.astype(object).astype(float)
    yield np.ma.masked_array(rows)
    read_only = rows.copy()
    read_only.flags.writeable = False
    yield read_only
    unaligned = np.frombuffer(b"x" + rows.tobytes(), offset=1, dtype=float).reshape(rows.shape)
    yield unaligned


def test_takes_rows_in_any_form():
    rows = np.round(normal(7, 20, 2) * 8) / 8  # exact in float32
    current = normal(8, 20, 2)
    test = drift.MMD(n_permutations=20)
    expected = test.compare(rows, current)
    for given in [*inputs(rows), rows.astype(np.float32), rows.astype(np.float16)]:
        assert test.compare(given, current) == expected
    whole = (rows * 8).astype(np.int32)
    assert test.compare(whole, current) == test.compare(rows * 8, current)
    flags = rows > 0
    assert test.compare(flags, current) == test.compare(flags.astype(float), current)


def test_takes_frames():
    rows, current = normal(9, 20, 2), normal(10, 20, 2)
    test = drift.MMD(n_permutations=20)
    expected = test.compare(rows, current)
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    pyarrow = pytest.importorskip("pyarrow")
    columns = {"a": rows[:, 0], "b": rows[:, 1]}
    assert test.compare(pandas.DataFrame(columns), current) == expected
    assert test.compare(polars.DataFrame(columns), current) == expected
    assert test.compare(pyarrow.table(columns), current) == expected
    missing = pandas.DataFrame({"a": [1, 2, None], "b": [True, False, True]}).convert_dtypes()
    assert test.fit(missing).n_baseline == 2
    missing = polars.DataFrame({"a": [1, 2, None], "b": [True, False, True]})
    assert test.fit(missing).n_baseline == 2
    for frame in (
        pandas.DataFrame({"a": ["1", "2"], "b": [1, 2]}),
        polars.DataFrame({"a": ["1", "2"], "b": [1, 2]}),
    ):
        with pytest.raises(driftline.InvalidTypeError, match=r"baseline: got .*DataFrame"):
            test.compare(frame, current)


def test_masked_rows_are_missing():
    rows = normal(11, 10, 2)
    masked = np.ma.masked_array(rows, mask=np.zeros_like(rows, dtype=bool))
    masked[3, 1] = np.ma.masked
    result = drift.MultivariateEnergy(n_permutations=9).compare(masked, rows)
    assert (result.n_baseline, result.n_missing_baseline) == (9, 1)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([1.0, 2.0, 3.0], r"shape \(3,\)"),
        (np.zeros(4), r"shape \(4,\).*reshape\(-1, 1\)"),
        (np.zeros((2, 3, 4)), r"shape \(2, 3, 4\)"),
        (np.array(1.0), r"shape \(\)"),
        ([[1, 2], [3]], "inhomogeneous"),
        (np.zeros((3, 0)), r"shape \(3, 0\)"),
        ([[np.inf, 1.0]], "inf in row 0, column 0"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_refuses_other_shapes_by_name(name, given, told):
    test = drift.get(name)
    with pytest.raises(driftline.InvalidValueError, match=rf"^baseline: got .*{told}"):
        test.fit(given)


@pytest.mark.parametrize(
    "given", [None, 1.0, "rows", {"a": [1]}, [["a", "b"]], np.zeros((2, 2), dtype=complex)]
)
def test_refuses_what_is_no_rows(given):
    with pytest.raises(driftline.InvalidTypeError, match=r"^current: got "):
        drift.MMD().compare(normal(12), given)


def test_says_what_does_not_fit_together():
    with pytest.raises(driftline.InvalidValueError, match=r"2 columns; accepted: rows of 3"):
        drift.MMD().compare(normal(13), normal(14, 40, 2))
    with pytest.raises(driftline.EmptySampleError, match=r"current: got no rows"):
        drift.MMD().compare(normal(13), np.zeros((0, 3)))
    with pytest.raises(driftline.InvalidValueError, match=r"NaN in 1 of 1 rows.*nan_policy="):
        drift.MMD(nan_policy="raise").fit([[np.nan]])
    with pytest.raises(driftline.InvalidValueError, match=r"family: got the str 'x'"):
        drift.available("x")


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"bandwidth": 0}, "bandwidth: got 0"),
        ({"bandwidth": "wide"}, "bandwidth: got the str 'wide'"),
        ({"bandwidth": True}, "bandwidth: got the bool True"),
        ({"bandwidth": float("nan")}, "bandwidth: got NaN"),
        ({"kernel": "gauss"}, 'kernel: got "gauss"'),
        ({"block_size": 1}, "block_size: got 1"),
        ({"block_size": 1.5}, "block_size: got the float 1.5"),
        ({"threads": 0}, "threads: got 0"),
        ({"n_permutations": -1}, "n_permutations: got -1"),
    ],
)
def test_refuses_bad_parameters_by_name(params, told):
    with pytest.raises(driftline.DriftlineError, match=told):
        drift.MMD(**params)


def test_optional_parameters_are_read_back():
    test = drift.MMD(bandwidth=2, block_size=5, method="block")
    assert (test.bandwidth, test.block_size, test.method) == (2.0, 5, "block")
    assert drift.get("mmd", bandwidth=None) == drift.MMD()


@pytest.mark.parametrize("name", NAMES)
def test_null_samples_are_calm(name):
    test = drift.get(name, n_permutations=39)
    rng = np.random.default_rng(11)
    rejected = 0
    for _ in range(200):
        x, y = rng.standard_t(2, (30, 2)), rng.standard_t(2, (40, 2))
        rejected += test.compare(x, y).p_value <= 0.05
    assert 1 <= rejected <= 22  # 10 expected, sd 3.1


def test_changes_are_seen():
    rng = np.random.default_rng(12)
    baseline = rng.normal(size=(200, 3))
    turned = rng.normal(size=(200, 3))
    turned[:, 1] = 0.9 * turned[:, 0] + np.sqrt(1 - 0.81) * turned[:, 1]
    for test in (drift.MMD(), drift.MultivariateEnergy(), drift.ClassifierTwoSample()):
        for current in (rng.normal(0.5, 1, (200, 3)), rng.normal(0, 2, (200, 3)), turned):
            assert test.compare(baseline, current).p_value < 0.01


class Centroid:
    """As simple as a classifier can be."""

    def __init__(self):
        self.axis = None

    def fit(self, x, y):
        assert self.axis is None, "a classifier is cloned for each fold"
        self.axis = x[y == 1].mean(axis=0) - x[y == 0].mean(axis=0)

    def predict(self, x):
        return x @ self.axis


class Probability(Centroid):
    def predict_proba(self, x):
        share = 1 / (1 + np.exp(-super().predict(x)))
        return np.stack([1 - share, share], axis=1)

    def predict(self, x):
        raise AssertionError("predict_proba is there and comes first")


def test_a_classifier_of_ones_own():
    x, y = normal(15, 100), normal(16, 80) + 1
    classifier = Centroid()
    test = drift.ClassifierTwoSample(classifier=classifier)
    assert test.classifier is classifier
    result = test.compare(x, y)
    assert result == test.fit(x).compare(y)
    assert result.statistic > 0.85
    assert result.p_value < 0.001
    assert classifier.axis is None
    other = drift.ClassifierTwoSample(classifier=Probability())
    assert other.compare(x, y).statistic == pytest.approx(result.statistic, abs=1e-9)
    assert other != test
    assert test == drift.ClassifierTwoSample(classifier=classifier)
    assert pickle.loads(pickle.dumps(other)).compare(x, y) == other.compare(x, y)
    assert repr(test).startswith("ClassifierTwoSample(classifier=<")


def test_a_classifier_of_ones_own_is_calm():
    test = drift.ClassifierTwoSample(classifier=Centroid())
    p_values = [test.compare(normal(2 * k), normal(2 * k + 1)).p_value for k in range(100)]
    assert sum(p <= 0.05 for p in p_values) <= 11


class Fails(Centroid):
    def fit(self, x, y):
        raise ZeroDivisionError("by the classifier")


class Missing(Centroid):
    def predict(self, x):
        return [np.nan] * len(x)


def test_errors_of_a_classifier_reach_the_caller():
    x, y = normal(17), normal(18)
    failing = drift.ClassifierTwoSample(classifier=Fails())
    with pytest.raises(ZeroDivisionError, match=r"by the classifier"):
        failing.compare(x, y)
    missing = drift.ClassifierTwoSample(classifier=Missing())
    with pytest.raises(driftline.InvalidValueError, match=r"classifier: got 16 scores"):
        missing.compare(x, y)
    few = drift.ClassifierTwoSample(classifier=Centroid())
    with pytest.raises(driftline.InvalidValueError, match=r"current: got 4 rows"):
        few.compare(x, y[:4])
    for wrong in (Centroid, "forest", 3):
        with pytest.raises(driftline.InvalidTypeError, match=r"classifier: got .*predict_proba"):
            drift.ClassifierTwoSample(classifier=wrong)


def test_scikit_learns_classifiers_are_cloned():
    linear_model = pytest.importorskip("sklearn.linear_model")
    model = linear_model.LogisticRegression(C=0.5)
    result = drift.ClassifierTwoSample(classifier=model).compare(normal(19), normal(20) + 1)
    assert result.statistic > 0.8
    assert not hasattr(model, "coef_")


def test_a_forest_of_scikit_learn_sees_what_no_line_does():
    ensemble = pytest.importorskip("sklearn.ensemble")
    linear_model = pytest.importorskip("sklearn.linear_model")
    rows, current = normal(31, 150, 2), normal(32, 150, 2)
    current[:, 1] = current[:, 0] + 0.3 * current[:, 1]  # the means are what they were
    forest = ensemble.RandomForestClassifier(n_estimators=30, random_state=0)
    test = drift.ClassifierTwoSample(classifier=forest)
    result = test.compare(rows, current)
    assert result.statistic > 0.7
    assert result.p_value < 0.001
    assert test.compare(rows, current) == result
    assert not hasattr(forest, "estimators_")
    line = drift.ClassifierTwoSample(classifier=linear_model.LogisticRegression())
    assert line.compare(rows, current).p_value > 0.01
    pipeline = pytest.importorskip("sklearn.pipeline")
    scaler = pytest.importorskip("sklearn.preprocessing").StandardScaler()
    scaled = pipeline.make_pipeline(scaler, linear_model.LogisticRegression())
    result = drift.ClassifierTwoSample(classifier=scaled).compare(rows, 1000 * current + 3000)
    assert result.statistic > 0.9


def test_a_classifier_is_let_go():
    classifier = Centroid()
    test = drift.ClassifierTwoSample(classifier=classifier)
    classifier.me = (test, test.fit(normal(21)))
    gone = weakref.ref(classifier)
    del classifier, test
    gc.collect()
    assert gone() is None


def test_threads_of_python_share_a_fitted_test():
    baseline, current = normal(22), normal(23)
    fitted = drift.MMD(n_permutations=300).fit(baseline)
    expected = fitted.compare(current)
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(fitted.compare(current))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4
