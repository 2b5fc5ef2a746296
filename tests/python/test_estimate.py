"""Performance without labels: plan.estimate and its report."""

import json
import pickle

import numpy as np
import pytest

import driftline as dl
from driftline.exceptions import EmptySampleError, InvalidTypeError, InvalidValueError

NAMES = np.array(["a", "b", "c"])


def binary(n, seed=0, shift=0.0):
    rng = np.random.default_rng(seed)
    z = rng.normal(shift, 2.0, n)
    p = 1 / (1 + np.exp(-z))
    return {"x": z, "p": p**1.5, "y_pred": p > 0.5, "y": rng.random(n) < p}


def fit_binary(**settings):
    roles = {"target": "y", "prediction": "y_pred", "probability": "p"}
    return dl.fit(binary(3000), **roles | settings)


def multiclass(n, seed=0):
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(3), n)
    label = (rng.random(n)[:, None] > shares.cumsum(1)).sum(1).clip(0, 2)
    columns = {f"p_{name}": shares[:, place] for place, name in enumerate(NAMES)}
    return {"y": NAMES[label], "y_pred": NAMES[shares.argmax(1)], **columns}


def regression(n, seed=0, wild=0.1):
    rng = np.random.default_rng(seed)
    kind = np.where(rng.random(n) < wild, "wild", "calm")
    y = rng.normal(10, 1, n)
    spread = np.where(kind == "wild", 3.0, 0.5)
    return {"kind": kind, "x": rng.random(n), "y": y, "y_pred": y + spread * rng.normal(size=n)}


def test_binary_estimates_meet_what_is_realised():
    current = binary(2500, seed=1, shift=1.0)
    report = fit_binary().estimate(current, chunk_size=1000)
    document = report.to_dict()
    assert document["task"] == "binary"
    assert document["positive"] == "true"
    assert [c["rows"] for c in document["metrics"]["accuracy"]] == [1000, 1000, 500]
    sk = pytest.importorskip("sklearn.metrics")
    part = slice(0, 1000)
    y, y_pred, p = (current[name][part] for name in ("y", "y_pred", "p"))
    for name, value in {
        "accuracy": sk.accuracy_score(y, y_pred),
        "precision": sk.precision_score(y, y_pred),
        "recall": sk.recall_score(y, y_pred),
        "f1": sk.f1_score(y, y_pred),
        "specificity": sk.recall_score(~y, ~y_pred),
        "roc_auc": sk.roc_auc_score(y, p),
        "average_precision": sk.average_precision_score(y, p),
    }.items():
        chunk = report[name][0]
        assert chunk["realised"] == pytest.approx(value, rel=1e-12)
        assert chunk["estimate"] == pytest.approx(value, abs=0.04)
        assert chunk["low"] < chunk["estimate"] < chunk["high"]
        assert chunk["coverage"] == 1.0
    cells = report["confusion_matrix"][0]["cells"]
    realised = [cell["realised"] for cell in cells]
    assert realised == sk.confusion_matrix(y, y_pred).ravel().tolist()
    # More rows are positive than in the baseline.
    assert ("recall", 0) in report.alerts


def test_multiclass_estimates_meet_what_is_realised():
    sk = pytest.importorskip("sklearn.metrics")
    roles = {"target": "y", "prediction": "y_pred"}
    probability = {name: f"p_{name}" for name in NAMES}
    plan = dl.fit(multiclass(3000), **roles, probability=probability)
    current = multiclass(1500, seed=1)
    report = plan.estimate(current)
    assert report.to_dict()["classes"] == ["a", "b", "c"]
    f1, auc = report["f1"][0], report["roc_auc"][0]
    assert f1["realised"] == pytest.approx(
        sk.f1_score(current["y"], current["y_pred"], average="macro"), rel=1e-12
    )
    shares = np.column_stack([current[f"p_{name}"] for name in NAMES])
    assert auc["realised"] == pytest.approx(
        sk.roc_auc_score(current["y"], shares, multi_class="ovr"), rel=1e-12
    )
    for chunk in (f1, auc, report["accuracy"][0]):
        assert chunk["estimate"] == pytest.approx(chunk["realised"], abs=0.05)


def test_regression_estimates_meet_what_is_realised():
    plan = dl.fit(regression(1500), target="y", prediction="y_pred")
    current = regression(800, seed=1, wild=0.5)
    truth = current.pop("y")
    report = plan.estimate(current, metrics=["mae", "rmse"], labels=truth)
    errors = truth - current["y_pred"]
    mae, rmse = report["mae"][0], report["rmse"][0]
    assert mae["realised"] == pytest.approx(np.abs(errors).mean(), rel=1e-12)
    assert rmse["realised"] == pytest.approx(np.sqrt((errors**2).mean()), rel=1e-12)
    assert mae["estimate"] == pytest.approx(mae["realised"], rel=0.2)
    assert mae["alert"] is True
    later = plan.estimate(current, metrics=["mae"])["mae"][0]
    assert (later["realised"], later["labelled"]) == (None, 0)
    assert later["estimate"] == mae["estimate"]


class ByKind:
    """The mean loss of each kind, which is the first column of X."""

    def fit(self, X, y):  # noqa: N803 (scikit-learn's names)
        self.means = [y[X[:, 0] == kind].mean() for kind in (0, 1)]

    def predict(self, X):  # noqa: N803
        return np.where(X[:, 0] == 1, self.means[1], self.means[0])


def test_an_error_model_of_the_users_is_copied():
    model = ByKind()
    plan = dl.fit(regression(1000), target="y", prediction="y_pred", error_model=model)
    assert not hasattr(model, "means")
    current = regression(500, seed=1, wild=0.5)
    mae = plan.estimate(current, metrics=["mae"])["mae"][0]
    assert mae["estimate"] == pytest.approx(mae["realised"], rel=0.2)

    class Failing(ByKind):
        def fit(self, X, y):  # noqa: N803
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        dl.fit(regression(100), target="y", prediction="y_pred", error_model=Failing())


def test_labels_come_in_any_form_and_later():
    plan, current = fit_binary(), binary(200, seed=1)
    y = current.pop("y")
    none = plan.estimate(current, metrics=["accuracy"])["accuracy"][0]
    assert (none["realised"], none["coverage"]) == (None, 0.0)
    some = [bool(one) if row < 50 else None for row, one in enumerate(y)]
    right = (y == current["y_pred"])[:50].mean()
    for labels in (some, [None if one is None else int(one) for one in some]):
        chunk = plan.estimate(current, metrics=["accuracy"], labels=labels)["accuracy"][0]
        assert (chunk["realised"], chunk["labelled"]) == (right, 50)
        assert chunk["coverage"] == 0.25
    numbers = np.where(np.arange(200) < 50, y, np.nan)
    chunk = plan.estimate(current, metrics=["accuracy"], labels=numbers)["accuracy"][0]
    assert chunk["realised"] == right


def test_positive_names_the_positive_label():
    report = fit_binary(positive=True).estimate(binary(500, seed=1), metrics=["recall"])
    assert report.to_dict()["positive"] == "true"
    table = binary(3000)
    table["p"] = 1 - table["p"]
    roles = {"target": "y", "prediction": "y_pred", "probability": "p"}
    other = dl.fit(table, **roles, positive=False).estimate(table, metrics=["recall", "roc_auc"])
    own = fit_binary().estimate(binary(3000), metrics=["specificity", "roc_auc"])
    assert other["recall"][0]["realised"] == own["specificity"][0]["realised"]
    assert other["roc_auc"][0]["realised"] == pytest.approx(own["roc_auc"][0]["realised"])


def test_the_report_is_a_document():
    report = fit_binary().estimate(binary(900, seed=1), chunk_size=300)
    assert dl.PerformanceReport.from_json(report.to_json()) == report
    assert pickle.loads(pickle.dumps(report)) == report
    assert dl.PerformanceReport(report.to_dict()) == report
    assert json.loads(report.to_json(indent=1)) == report.to_dict()
    assert "accuracy" in str(report)
    assert "<table>" in report._repr_html_()
    assert repr(report).startswith("PerformanceReport(task='binary'")
    with pytest.raises(InvalidValueError, match=r"^metric: got 'mae'"):
        report["mae"]
    with pytest.raises(InvalidTypeError, match=r"^document: "):
        dl.PerformanceReport([])
    with pytest.raises(InvalidValueError, match=r"^text: "):
        dl.PerformanceReport.from_json("{")


def test_the_report_is_a_frame():
    pytest.importorskip("pandas")
    frame = fit_binary().estimate(binary(900, seed=1), chunk_size=300).to_frame()
    assert len(frame) == 7 * 3 + 4 * 3
    assert frame["estimate"].notna().all()
    assert set(frame[frame.metric == "confusion_matrix"].target) == {"false", "true"}


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"probability": "q"}, InvalidValueError, r"^probability: got \"q\""),
        ({"probability": "x"}, InvalidValueError, r"^probability: got .* in \"x\""),
        ({"probability": "y"}, InvalidTypeError, r"^probability: got \"y\", a column of labels"),
        ({"probability": 3}, InvalidTypeError, r"^probability: got "),
        ({"probability": {"true": "p"}}, InvalidValueError, r"^probability: got a mapping"),
        ({"probability": {0: "p", 1: "p", 2: "p"}}, InvalidValueError, r"^target: got "),
        ({"target": "x"}, InvalidValueError, r"^target: got \d+ labels"),
        ({"target": None}, InvalidValueError, r"^target: got None"),
        ({"prediction": "x"}, InvalidValueError, r"^prediction: got "),
        ({"positive": "yes"}, InvalidValueError, r"^positive: got \"yes\""),
        ({"probability": None, "positive": True}, InvalidValueError, r"^positive: got \"true\" "),
        ({"probability": None, "error_model": ByKind()}, InvalidValueError, r"^error_model: "),
        ({"error_model": ByKind}, InvalidTypeError, r"^error_model: got "),
        ({"error_model": "trees"}, InvalidValueError, r"^error_model: got \"trees\""),
    ],
)
def test_fit_names_what_it_refuses(settings, error, message):
    with pytest.raises(error, match=message):
        fit_binary(**settings)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"metrics": ["acuracy"]}, InvalidValueError, r"did you mean \"accuracy\"\?$"),
        ({"metrics": ["mae"]}, InvalidValueError, r"^metrics: got \"mae\""),
        ({"metrics": []}, InvalidTypeError, r"^metrics: got \[\]"),
        ({"metrics": "f1"}, InvalidTypeError, r"^metrics: got 'f1'"),
        ({"chunk_size": 0}, InvalidValueError, r"^chunk_size: got 0"),
        ({"level": 1}, InvalidValueError, r"^level: got 1"),
        ({"labels": [True]}, InvalidValueError, r"^labels: got 1 labels; accepted: 20"),
        ({"labels": ["maybe"] * 20}, InvalidValueError, r"^labels: got \"maybe\""),
    ],
)
def test_estimate_names_what_it_refuses(arguments, error, message):
    with pytest.raises(error, match=message):
        fit_binary().estimate(binary(20), **arguments)


def test_plans_and_tables_that_cannot_be_estimated():
    with pytest.raises(InvalidValueError, match=r"^plan: got nothing to estimate by"):
        dl.fit(binary(100)).estimate(binary(100))
    with pytest.raises(InvalidValueError, match=r"^probability: got \"p\""):
        fit_binary().estimate({"y_pred": [True]})
    with pytest.raises(EmptySampleError, match=r"^current: "):
        fit_binary().estimate({"y_pred": np.array([], bool), "p": np.array([])})
    only_scores = fit_binary(prediction=None)
    assert only_scores.estimate(binary(50)).metrics == ("roc_auc", "average_precision")
    with pytest.raises(InvalidValueError, match=r"^metrics: got \"f1\""):
        only_scores.estimate(binary(50), metrics=["f1"])
