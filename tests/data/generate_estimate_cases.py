"""Writes estimate.json: expected and realised metrics of classifiers, and isotonic fits.

Expected metrics by NannyML's own functions and by enumeration of all labels; realised ones
and isotonic regression by scikit-learn. Run with nannyml==0.13.1 installed and
NML_DISABLE_USAGE_LOGGING=1.
"""

import itertools
import json
from pathlib import Path

import numpy as np
from nannyml.performance_estimation.confidence_based import metrics as nannyml
from sklearn import metrics as sk
from sklearn.isotonic import IsotonicRegression

rng = np.random.default_rng(1972)


def isotonic(n, ties, weighted):
    x = rng.integers(0, 12, n) / 4 if ties else rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(-2 * x))).astype(float)
    weights = rng.integers(1, 5, n).astype(float) if weighted else np.ones(n)
    fitted = IsotonicRegression(out_of_bounds="clip").fit(x, y, weights)
    probes = np.linspace(x.min() - 1, x.max() + 1, 101)
    return {
        "x": x.tolist(), "y": y.tolist(), "weights": weights.tolist(),
        "probes": probes.tolist(), "values": fitted.predict(probes).tolist(),
    }  # fmt: skip


FUNCTIONS = {
    "accuracy": nannyml.estimate_accuracy,
    "precision": nannyml.estimate_precision,
    "recall": nannyml.estimate_recall,
    "f1": nannyml.estimate_f1,
    "specificity": nannyml.estimate_specificity,
}


def binary(n):
    scores = rng.random(n)
    probabilities = scores**1.7
    predictions = (scores > 0.6).astype(int)
    expected = {name: f(predictions, probabilities) for name, f in FUNCTIONS.items()}
    return {
        "scores": [scores.tolist()], "probabilities": [probabilities.tolist()],
        "predictions": predictions.tolist(), "expected": expected,
        "roc_auc": nannyml.estimate_roc_auc(probabilities, scores),
        "average_precision": nannyml.estimate_ap(probabilities, scores),
    }  # fmt: skip


def multiclass(n, classes):
    logits = rng.normal(size=(n, classes))
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    predictions = (probabilities + 0.2 * rng.random((n, classes))).argmax(1)
    expected = {
        name: np.mean(
            [f((predictions == c).astype(int), probabilities[:, c]) for c in range(classes)]
        )
        for name, f in FUNCTIONS.items()
        if name != "accuracy"
    }
    expected["accuracy"] = probabilities[np.arange(n), predictions].mean()
    return {
        "scores": probabilities.T.tolist(), "probabilities": probabilities.T.tolist(),
        "predictions": predictions.tolist(), "expected": expected,
    }  # fmt: skip


def areas(scores, labels):
    """Pairs won and pairs there are; the sum of precisions and the positives."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    won = (positive[:, None] > negative).sum() + 0.5 * (positive[:, None] == negative).sum()
    positives = int(labels.sum())
    sum_ = sk.average_precision_score(labels, scores) * positives if positives else 0.0
    return np.array([won, len(positive) * len(negative), sum_, positives])


def enumerated(n, ties):
    """Expectations over all labels: exact for what is linear, and of areas by parts."""
    scores = rng.integers(1, 6, n) / 6 if ties else rng.random(n)
    probabilities = np.clip(scores + rng.normal(0, 0.1, n), 0.02, 0.98)
    predictions = (scores > 0.5).astype(int)
    means = dict.fromkeys(("accuracy", "precision", "recall", "f1", "specificity"), 0.0)
    parts = np.zeros(4)
    for labels in itertools.product((0, 1), repeat=n):
        labels = np.array(labels)
        weight = np.where(labels, probabilities, 1 - probabilities).prod()
        means["accuracy"] += weight * (labels == predictions).mean()
        means["precision"] += weight * labels[predictions == 1].mean()
        means["recall"] += weight * sk.recall_score(labels, predictions, zero_division=0)
        means["f1"] += weight * sk.f1_score(labels, predictions, zero_division=0)
        negatives = (labels == 0).sum()
        right = ((labels == 0) & (predictions == 0)).sum()
        means["specificity"] += weight * (right / negatives if negatives else 0.0)
        parts += weight * areas(scores, labels)
    return {
        "scores": [scores.tolist()], "probabilities": [probabilities.tolist()],
        "predictions": predictions.tolist(), "means": means,
        "roc_auc": parts[0] / parts[1], "average_precision": parts[2] / parts[3],
    }  # fmt: skip


def realised(n, classes):
    if classes == 2:
        scores = np.round(rng.random(n), 2)
        labels = (rng.random(n) < scores).astype(int)
        predictions = (scores > 0.4).astype(int)
        columns, areas_of = [scores], {}
        average, own = "binary", {}
    else:
        columns = rng.dirichlet(np.ones(classes), n).round(3)
        columns[:, -1] = 1 - columns[:, :-1].sum(1)
        columns = columns.clip(0, 1)
        labels = np.array([rng.choice(classes, p=p / p.sum()) for p in columns])
        predictions = columns.argmax(1)
        scores, average = columns, "macro"
        columns, own, areas_of = columns.T, {"average": "macro"}, {"multi_class": "ovr"}
    matrix = sk.multilabel_confusion_matrix(labels, predictions, labels=range(classes))
    specificity = matrix[:, 0, 0] / (matrix[:, 0, 0] + matrix[:, 0, 1])
    indicators = np.eye(classes, dtype=int)[labels]
    precision = (
        sk.average_precision_score(labels, scores)
        if classes == 2
        else sk.average_precision_score(indicators, scores, average="macro")
    )
    return {
        "scores": np.asarray(columns).tolist(), "predictions": predictions.tolist(),
        "labels": labels.tolist(),
        "metrics": {
            "accuracy": sk.accuracy_score(labels, predictions),
            "precision": sk.precision_score(labels, predictions, **own),
            "recall": sk.recall_score(labels, predictions, **own),
            "f1": sk.f1_score(labels, predictions, **own),
            "specificity": specificity[1] if average == "binary" else specificity.mean(),
            "roc_auc": sk.roc_auc_score(labels, scores, **own, **areas_of),
            "average_precision": precision,
        },
        "confusion_matrix": sk.confusion_matrix(labels, predictions).tolist(),
    }  # fmt: skip


cases = {
    "isotonic": [isotonic(40, False, False), isotonic(60, True, True), isotonic(5, True, False)],
    "nannyml": [binary(50), binary(211), multiclass(80, 3), multiclass(60, 5)],
    "enumerated": [enumerated(9, False), enumerated(9, True)],
    "realised": [realised(300, 2), realised(300, 4)],
}
path = Path(__file__).with_name("estimate.json")
path.write_text(json.dumps(cases) + "\n", encoding="utf-8")
