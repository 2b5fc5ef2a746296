"""What a report says of whole rows: the multivariate verdict, duplicates, performance."""

from math import nan

import numpy as np
import pytest

import driftline as dl

# What a few roundings leave.
RTOL = 1e-12


def correlated(seed, correlation, n=4000, d=12):
    """Normal columns, of which the first two go together."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(d, n))
    values[1] = correlation * values[0] + np.sqrt(1 - correlation**2) * values[1]
    return {f"x{j}": column for j, column in enumerate(values)}


def test_a_correlation_that_turns_is_drift_of_no_column():
    report = dl.compare(correlated(1, 0.7), correlated(2, -0.7))
    assert "drifted" not in [column.verdict for column in report.columns]
    found = report.to_dict()["multivariate"]
    assert (found["test"], found["verdict"]) == ("classifier_two_sample", "drifted")
    assert 0.5 < found["low"] < found["statistic"] < found["high"] <= 1
    assert found["p_value"] < 1e-6
    assert {column["name"] for column in found["columns"][:2]} == {"x0", "x1"}


def test_without_drift_no_verdict_is_drifted():
    # The level itself is tested in tests/core/table_joint.rs.
    for seed in range(5):
        report = dl.compare(correlated(10 + seed, 0.7), correlated(20 + seed, 0.7))
        found = report.to_dict()["multivariate"]
        assert found["verdict"] != "drifted"
        parts = [column["importance"] for column in found["columns"]]
        # None is named where nothing tells the sides apart.
        assert sum(parts) == pytest.approx(1 if found["p_value"] < 0.05 else 0)
        assert parts == sorted(parts, reverse=True)
        assert min(parts, default=0) >= 0


def test_one_shifted_column_carries_it():
    current = correlated(4, 0.7)
    current["x7"] = current["x7"] + 1
    found = dl.compare(correlated(3, 0.7), current).to_dict()["multivariate"]
    assert found["verdict"] == "drifted"
    assert found["columns"][0]["name"] == "x7"
    assert found["columns"][0]["importance"] > 0.8


def test_target_prediction_and_times_are_left_out_of_it():
    def table(shift):
        plain = correlated(5 + shift, 0.0, n=500, d=3)
        plain["y"] = plain["x0"] + 10 * shift
        plain["score"] = plain["x1"] + 10 * shift
        plain["at"] = np.datetime64("2026-01-01") + (np.arange(500) + 500 * shift)
        return plain

    report = dl.compare(table(0), table(1), target="y", prediction="score")
    found = report.to_dict()["multivariate"]
    assert found["verdict"] != "drifted"
    assert {column["name"] for column in found["columns"]} <= {"x0", "x1", "x2"}


def test_too_few_rows_for_a_multivariate_verdict():
    assert dl.compare({"x": range(39)}, {"x": range(500)}).to_dict()["multivariate"] is None


def duplicates(table):
    return dl.compare(table, {name: list(table[name])[:1] for name in table}).to_dict()["baseline"]


def test_duplicate_rows_are_all_rows_less_the_different_ones():
    table = {
        "number": np.array([1.0, 1.0, 0.0, -0.0, nan, nan, 1.0, 5e-324]),
        "label": np.array(["a", "a", "b", "b", "c", "c", "b", "b"], dtype=object),
    }
    assert duplicates(table) == {"rows": 8, "duplicate_rows": 3}
    order = np.array([5, 3, 7, 0, 1, 6, 2, 4])
    shuffled = {name: table[name][order] for name in ("label", "number")}
    assert duplicates(shuffled) == {"rows": 8, "duplicate_rows": 3}


def test_duplicate_rows_are_those_of_numpy():
    rng = np.random.default_rng(7)
    values = rng.integers(0, 6, (20_000, 5))
    different = len(np.unique(values, axis=0))
    expected = {"rows": 20_000, "duplicate_rows": 20_000 - different}
    for kind in (np.int64, np.float64, np.uint8):
        table = {f"x{j}": values[:, j].astype(kind) for j in range(5)}
        assert duplicates(table) == expected


def metrics(baseline, current):
    report = dl.compare(baseline, current, target="y", prediction="p").to_dict()["performance"]
    return report["task"], {metric.pop("name"): metric for metric in report["metrics"]}


def test_performance_of_numbers():
    rng = np.random.default_rng(8)
    sides = []
    for noise in (0.5, 1.0):
        target = rng.normal(10, 2, 300)
        prediction = target + noise * rng.normal(size=300)
        sides.append({"y": target, "p": prediction, "x": rng.normal(size=300)})
    task, found = metrics(*sides)
    assert task == "regression"
    for side, name in zip(sides, ("baseline", "current"), strict=True):
        errors = side["p"] - side["y"]
        spread = np.sum((side["y"] - side["y"].mean()) ** 2)
        expected = {
            "mae": np.mean(np.abs(errors)),
            "rmse": np.sqrt(np.mean(errors**2)),
            "bias": np.mean(errors),
            "r2": 1 - np.sum(errors**2) / spread,
            "mape": np.mean(np.abs(errors / side["y"])),
        }
        assert {key: found[key][name] for key in found} == pytest.approx(expected, rel=RTOL)
    assert found["mae"]["low"] > 0
    assert found["bias"]["low"] < 0 < found["bias"]["high"]
    assert found["r2"]["low"] is None


def test_pairs_with_a_missing_part_are_left_out():
    baseline = {"y": [1.5, nan, 3.0, 4.0], "p": [2.0, 2.0, nan, 5.0]}
    found = metrics(baseline, baseline)[1]
    assert found["mae"]["baseline"] == 0.75
    assert found["mae"]["difference"] == 0


@pytest.mark.parametrize("kind", ["strings", "integers", "floats"])
def test_performance_of_labels(kind):
    rng = np.random.default_rng(9)
    sides = []
    for right in (0.9, 0.4):
        target = rng.integers(0, 3, 400)
        prediction = np.where(rng.random(400) < right, target, rng.integers(0, 3, 400))
        sides.append((target, prediction))
    made = {
        "strings": lambda codes: codes.astype(str).astype(object),
        "integers": lambda codes: codes,
        "floats": lambda codes: codes.astype(float),
    }[kind]
    tables = [{"y": made(target), "p": made(prediction)} for target, prediction in sides]
    task, found = metrics(*tables)
    assert task == "classification"
    for (target, prediction), name in zip(sides, ("baseline", "current"), strict=True):
        hits = [np.sum((target == k) & (prediction == k)) for k in range(3)]
        recall = [hit / np.sum(target == k) for k, hit in enumerate(hits)]
        precision = [hit / np.sum(prediction == k) for k, hit in enumerate(hits)]
        expected = {
            "accuracy": np.mean(target == prediction),
            "balanced_accuracy": np.mean(recall),
            "precision_macro": np.mean(precision),
            "recall_macro": np.mean(recall),
            "f1_macro": np.mean(
                [2 * p * r / (p + r) for p, r in zip(precision, recall, strict=True)]
            ),
        }
        assert {key: found[key][name] for key in found} == pytest.approx(expected, rel=RTOL)
    assert found["accuracy"]["high"] < 0
    assert found["f1_macro"]["low"] is None


@pytest.mark.parametrize("kind", [bool, int, str])
def test_performance_of_scores(kind):
    rng = np.random.default_rng(10)
    sides = []
    for sharpness in (3, 0.5):
        score = 1 / (1 + np.exp(-sharpness * rng.normal(size=300)))
        sides.append((rng.random(300) < score, score))
    made = [
        {"y": [kind(int(value)) for value in target], "p": score.tolist()}
        for target, score in sides
    ]
    task, found = metrics(*made)
    assert task == "classification"
    for (target, score), name in zip(sides, ("baseline", "current"), strict=True):
        wins = np.sign(score[target][:, None] - score[~target]) / 2 + 0.5
        expected = {
            "roc_auc": np.mean(wins),
            "log_loss": -np.mean(np.log(np.where(target, score, 1 - score))),
            "brier_score": np.mean((target - score) ** 2),
        }
        assert {key: found[key][name] for key in found} == pytest.approx(expected, rel=RTOL)
    assert found["roc_auc"]["high"] < 0 < found["log_loss"]["low"]


@pytest.mark.parametrize("kind", [int, float])
def test_bools_beside_0_and_1_are_the_same_labels(kind):
    flags = [True, False, True, False] * 10
    numbers = [kind(value) for value in flags[:-1]] + [kind(1)]
    for table in ({"y": flags, "p": numbers}, {"y": numbers, "p": flags}):
        assert metrics(table, table)[1]["accuracy"]["baseline"] == 39 / 40


def test_names_beside_0_and_1_are_scored():
    table = {"y": ["no", "yes", "no", "yes"] * 10, "p": [0, 1, 0, 1] * 10}
    assert metrics(table, table)[1]["roc_auc"]["baseline"] == 1


def test_no_performance_without_both_columns():
    table = {"y": [1.0, 2.5, 3.0], "x": [1.0, 2.0, 4.5]}
    assert dl.compare(table, table, target="y").to_dict()["performance"] is None


def test_the_order_of_the_rows_changes_no_metric():
    rng = np.random.default_rng(11)
    table = {"y": rng.normal(size=1000) * 1e8, "p": rng.normal(size=1000)}
    order = rng.permutation(1000)
    shuffled = {name: values[order] for name, values in table.items()}
    assert metrics(table, table) == metrics(shuffled, shuffled)


def test_a_fitted_plan_says_the_same():
    rng = np.random.default_rng(12)
    sides = [
        {**correlated(seed, 0.5, n=300), "y": rng.normal(size=300), "p": rng.normal(size=300)}
        for seed in (13, 14)
    ]
    plan = dl.fit(sides[0], target="y", prediction="p")
    first, second = plan.compare(sides[1]), plan.compare(sides[1])
    assert first == second == dl.compare(*sides, target="y", prediction="p")
    assert first.to_dict()["performance"] is not None
