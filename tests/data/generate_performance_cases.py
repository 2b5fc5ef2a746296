"""Writes performance.json: pairs of targets and predictions with their metrics.

Values by scikit-learn; intervals by SciPy (Welch, Wilson) or from their
definitions, DeLong's by all pairs.
Run with numpy, scipy and scikit-learn installed.
"""

import json
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn import metrics as sk

rng = np.random.default_rng(1947)
N = rng.standard_normal


def welch(of_baseline, of_current, level):
    result = stats.ttest_ind(of_current, of_baseline, equal_var=False)
    interval = result.confidence_interval(level)
    return [interval.low, interval.high]


def root(target, prediction):
    squares = (prediction - target) ** 2
    value = np.sqrt(np.mean(squares))
    return np.var(squares, ddof=1) / len(squares) / (4 * value**2), len(squares) - 1


def delta(baseline, current, level):
    difference = sk.root_mean_squared_error(*current) - sk.root_mean_squared_error(*baseline)
    (v, n), (w, m) = root(*baseline), root(*current)
    df = (v + w) ** 2 / (v**2 / n + w**2 / m)
    reach = stats.t.ppf(0.5 + level / 2, df) * np.sqrt(v + w)
    return [difference - reach, difference + reach]


def newcombe(baseline, current, level):
    def wilson(pairs):
        right = int(np.sum(pairs[0] == pairs[1]))
        interval = stats.binomtest(right, len(pairs[0])).proportion_ci(level, method="wilson")
        return right / len(pairs[0]), interval.low, interval.high

    (p, p_low, p_high), (q, q_low, q_high) = wilson(baseline), wilson(current)
    low = (q - p) - np.sqrt((q - q_low) ** 2 + (p_high - p) ** 2)
    return [low, (q - p) + np.sqrt((q_high - q) ** 2 + (p - p_low) ** 2)]


def delong(baseline, current, level):
    def variance(target, score):
        positive, negative = score[target == "1"], score[target == "0"]
        wins = np.sign(positive[:, None] - negative) / 2 + 0.5
        by_row = [np.var(wins.mean(axis), ddof=1) / wins.shape[1 - axis] for axis in (0, 1)]
        return sum(by_row)

    difference = sk.roc_auc_score(*current) - sk.roc_auc_score(*baseline)
    reach = stats.norm.ppf(0.5 + level / 2) * np.sqrt(variance(*baseline) + variance(*current))
    return [difference - reach, difference + reach]


def regression(baseline, current, level):
    error = [prediction - target for target, prediction in (baseline, current)]
    value = {
        "mae": sk.mean_absolute_error,
        "rmse": sk.root_mean_squared_error,
        "bias": lambda target, prediction: np.mean(prediction - target),
        "r2": sk.r2_score,
        "mape": sk.mean_absolute_percentage_error,
    }
    relative = [
        np.abs(e / target) for e, (target, _) in zip(error, (baseline, current), strict=True)
    ]
    intervals = {
        "mae": welch(*map(np.abs, error), level),
        "rmse": delta(baseline, current, level),
        "bias": welch(*error, level),
        "mape": welch(*relative, level),
    }
    return value, intervals


def classification(baseline, current, level):
    def macro(function):
        return lambda *pairs: function(*pairs, average="macro", zero_division=0)

    value = {
        "accuracy": sk.accuracy_score,
        "balanced_accuracy": sk.balanced_accuracy_score,
        "precision_macro": macro(sk.precision_score),
        "recall_macro": macro(sk.recall_score),
        "f1_macro": macro(sk.f1_score),
    }
    return value, {"accuracy": newcombe(baseline, current, level)}


def scores(baseline, current, level):
    eps = np.finfo(float).eps

    def log_losses(target, score):
        return -np.log(np.clip(np.where(target == "1", score, 1 - score), eps, 1 - eps))

    def squares(target, score):
        return ((target == "1") - score) ** 2

    value = {
        "roc_auc": sk.roc_auc_score,
        "log_loss": sk.log_loss,
        "brier_score": lambda *pairs: sk.brier_score_loss(*pairs, pos_label="1"),
    }
    intervals = {
        "roc_auc": delong(baseline, current, level),
        "log_loss": welch(log_losses(*baseline), log_losses(*current), level),
        "brier_score": welch(squares(*baseline), squares(*current), level),
    }
    return value, intervals


def numbers(n, scale=1.0, offset=0.0, noise=0.5, bias=0.0):
    target = offset + scale * N(n)
    return target, target + scale * (noise * N(n) + bias)


def labels(n, names, right):
    target = rng.choice(names, n)
    return target, np.where(rng.random(n) < right, target, rng.choice(names, n))


def scored(n, sharpness, digits=None):
    score = 1 / (1 + np.exp(-sharpness * N(n)))
    target = np.where(rng.random(n) < score, "1", "0")
    return target, score if digits is None else np.round(score, digits)


ABC = ["a", "b", "c"]
CASES = [
    ("two normals", "regression", numbers(40), numbers(30, bias=0.3), 0.95),
    ("far from 0", "regression", numbers(25, offset=1e6), numbers(50, offset=1e6, noise=1), 0.9),
    ("large", "regression", numbers(20, scale=1e60), numbers(20, scale=1e60, bias=1), 0.95),
    ("two and three", "regression", numbers(2), numbers(3), 0.99),
    ("worse than the mean", "regression", numbers(30), numbers(30, noise=5), 0.95),
    ("3 labels", "classification", labels(60, ABC, 0.8), labels(45, ABC, 0.5), 0.95),
    ("label of one side", "classification", labels(30, ["a", "b"], 1), labels(20, ABC, 0.6), 0.9),
    (
        "a label never predicted",
        "classification",
        (np.array(list("aabbc")), np.array(list("aabba"))),
        (np.array(list("aabbc")), np.array(list("dabbb"))),
        0.95,
    ),
    ("sharp scores", "scores", scored(80, 3), scored(60, 1), 0.95),
    ("scores with ties", "scores", scored(70, 2, 1), scored(90, 2, 1), 0.9),
]


def main():
    tasks = {"regression": regression, "classification": classification, "scores": scores}
    cases = []
    for name, task, baseline, current, level in CASES:
        value, intervals = tasks[task](baseline, current, level)
        expected = {
            metric: {
                "baseline": float(function(*baseline)),
                "current": float(function(*current)),
                "interval": list(map(float, intervals.get(metric, []))),
            }
            for metric, function in value.items()
        }
        sides = {
            side: [values.tolist() for values in pairs]
            for side, pairs in (("baseline", baseline), ("current", current))
        }
        cases.append({"id": name, "task": task, "level": level, **sides, "expected": expected})
    path = Path(__file__).with_name("performance.json")
    path.write_text(json.dumps({"cases": cases}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
