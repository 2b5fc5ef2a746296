"""PerformanceMonitor: labels that come late, early, twice or never, and what they come to."""

import gc
import threading
import weakref
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import driftline as dl

START = datetime(2013, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def adds_up(counts):
    labels = ("matched", "late", "duplicates", "waiting", "unmatched")
    predictions = ("matched", "pending", "expired", "evicted", "replaced")
    assert sum(counts[name] for name in labels) == counts["labels"]
    assert sum(counts[name] for name in predictions) == counts["predictions"]


def flights(n):
    """Features, whether a flight was late, and how late."""
    pytest.importorskip("sklearn")
    table = dl.datasets.load_nyc_flights()
    columns = {name: np.asarray(table[name], dtype=float) for name in ("dep_delay", "distance")}
    delay = np.asarray(table["arr_delay"], dtype=float)
    known = np.isfinite(delay)
    for column in columns.values():
        known &= np.isfinite(column)
    rows = np.flatnonzero(known)[:n]
    features = np.column_stack([column[rows] for column in columns.values()])
    return features, delay[rows] > 15, delay[rows]


def played(hub, monitor, predictions, truths, seed):
    """Predictions day by day; labels later, in any order, some never, twice or too late.
    Answers which rows were matched, in the order of their labels."""
    rng = np.random.default_rng(seed)
    fates = rng.choice(["soon", "never", "twice", "late"], p=[0.7, 0.1, 0.1, 0.1], size=len(truths))
    events = []
    for row, (prediction, truth, fate) in enumerate(zip(predictions, truths, fates, strict=True)):
        made = START + row * DAY / 100
        events.append((made, row, "prediction", prediction))
        wait = rng.uniform(0.01, 8)
        if fate == "late":
            wait = rng.uniform(10.01, 20)
        if fate != "never":
            events.append((made + wait * DAY, row, "label", truth))
        if fate == "twice":
            events.append((made + (wait + 1) * DAY, row, "label", truth))
    matched = []
    events.sort(key=lambda event: event[:2])
    for time, row, what, value in events:
        if what == "prediction":
            hub.inference_completed(
                "m:1", latency_ms=1, id=row, prediction=value, probability=0.5, timestamp=time
            )
        else:
            before = monitor.counts["matched"]
            hub.ground_truth(row, value, model="m:1" if row % 2 else None, timestamp=time)
            if monitor.counts["matched"] > before:
                matched.append(row)
    counts = monitor.counts
    adds_up(counts)
    assert counts["predictions"] == len(truths)
    assert counts["matched"] == np.isin(fates, ["soon", "twice"]).sum() == len(matched)
    assert counts["duplicates"] == (fates == "twice").sum()
    assert counts["late"] == (fates == "late").sum()
    assert counts["expired"] + counts["pending"] == np.isin(fates, ["never", "late"]).sum()
    assert monitor.coverage("m:1") == len(matched) / len(truths)
    return matched


@pytest.mark.parametrize("positive", [None, True])
def test_classes_as_scikit_learn_has_them(positive):
    metrics = pytest.importorskip("sklearn.metrics")
    linear_model = pytest.importorskip("sklearn.linear_model")
    features, late, _ = flights(2_000)
    model = linear_model.LogisticRegression().fit(features[:500], late[:500])
    predictions = model.predict(features[500:1500])
    truths = late[500:1500]
    hub = dl.Hub()
    monitor = dl.PerformanceMonitor(positive=positive, ttl_s=9 * 86_400, window=300, every=100)
    hub.register(monitor)
    told = []
    hub.register(told.append, kinds=["accuracy", "precision", "recall", "f1"])
    matched = played(hub, monitor, predictions, truths, seed=1)

    def expected(upto):
        rows = matched[max(0, upto - 300) : upto]
        y, p = truths[rows], predictions[rows]
        options = {"average": "macro", "zero_division": 0} if positive is None else {}
        return {
            "accuracy": metrics.accuracy_score(y, p),
            "precision": metrics.precision_score(y, p, **options),
            "recall": metrics.recall_score(y, p, **options),
            "f1": metrics.f1_score(y, p, **options),
        }

    assert monitor.metrics("m:1") == pytest.approx(expected(len(matched)), abs=1e-12)
    assert len(told) == 4 * (len(matched) // 100)
    for k, event in enumerate(told):
        upto = 100 * (k // 4 + 1)
        assert event.value == pytest.approx(expected(upto)[event.kind], abs=1e-12)
        assert event.metadata["samples_seen"] == upto
        assert event.metadata["n"] == min(upto, 300)
        assert 0 < event.metadata["coverage"] <= 1
        assert (event.model, event.id) == (dl.ModelId("m", "1"), None)
        assert event.source == "performance_monitor"
    stats = monitor.stats("m:1")
    assert (stats.task, stats.n, stats.n_refused) == ("classification", 300, 0)


def test_numbers_as_scikit_learn_has_them():
    metrics = pytest.importorskip("sklearn.metrics")
    linear_model = pytest.importorskip("sklearn.linear_model")
    features, _, delay = flights(1_000)
    model = linear_model.LinearRegression().fit(features[:500], delay[:500])
    predictions, truths = model.predict(features[500:]), delay[500:]
    hub = dl.Hub()
    monitor = dl.PerformanceMonitor(ttl_s=9 * 86_400)
    hub.register(monitor)
    matched = played(hub, monitor, predictions, truths, seed=2)
    y, p = truths[matched], predictions[matched]
    assert monitor.metrics("m:1") == pytest.approx(
        {
            "mae": metrics.mean_absolute_error(y, p),
            "rmse": metrics.root_mean_squared_error(y, p),
        },
        rel=1e-12,
    )
    assert monitor.stats("m:1").task == "regression"


def test_what_is_kept_is_bounded():
    hub = dl.Hub()
    monitor = dl.PerformanceMonitor(max_pending=10)
    hub.register(monitor)
    for k in range(25):
        hub.inference_completed(latency_ms=1, id=k, prediction="a")
    for k in range(25):
        hub.ground_truth(k, "a")
    for k in range(100, 125):
        hub.ground_truth(k, "a")
    counts = monitor.counts
    adds_up(counts)
    assert (counts["matched"], counts["evicted"]) == (10, 15)
    assert counts["waiting"] == 10
    assert monitor.models() == [None]


def test_inferences_without_id_or_prediction_are_none():
    hub = dl.Hub()
    monitor = dl.PerformanceMonitor(prediction="output.class")
    hub.register(monitor)
    hub.inference_completed(latency_ms=1, metadata={"output": {"class": "a"}})
    hub.inference_completed(latency_ms=1, id="x", prediction="a")
    hub.emit_many("inference_completed", np.ones(5))
    hub.inference_completed(latency_ms=1, id="y", metadata={"output": {"class": "a"}})
    hub.ground_truth("y", "b")
    assert monitor.counts["predictions"] == 1
    assert monitor.n_without_value == 1
    assert monitor.metrics()["accuracy"] == 0.0


def test_events_of_predictions_and_labels():
    hub = dl.Hub()
    heard = []
    hub.register(heard.append)
    hub.inference_completed(
        "m", latency_ms=2, id="a", prediction=np.int64(3), probability=0.25, metadata={"x": 1}
    )
    hub.ground_truth("a", np.float32(0.5), model="m")
    hub.ground_truth(7, "yes", metadata={"by": "hand"})
    hub.ground_truth("b", True)
    assert heard[0].metadata == {"prediction": 3, "probability": 0.25, "x": 1}
    assert [event.kind for event in heard[1:]] == [dl.Kind.GROUND_TRUTH] * 3
    assert [event.value for event in heard[1:]] == [0.5, None, 1.0]
    assert [event.id for event in heard] == ["a", "a", "7", "b"]
    assert heard[2].metadata == {"by": "hand", "label": "yes"}


@pytest.mark.parametrize("y", [None, [1], {"a": 1}, object(), 1j])
def test_what_is_no_label_is_refused(y):
    with pytest.raises(dl.InvalidTypeError, match=r"^y: got "):
        dl.Hub().ground_truth("a", y)
    if y is not None:
        with pytest.raises(dl.InvalidTypeError, match=r"^prediction: got "):
            dl.Hub().inference_completed(latency_ms=1, id="a", prediction=y)


@pytest.mark.parametrize("probability", [-0.1, 1.5, float("nan"), "high"])
def test_what_is_no_probability_is_refused(probability):
    with pytest.raises(dl.DriftlineError, match=r"^probability: got "):
        dl.Hub().inference_completed(latency_ms=1, probability=probability)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prediction", ""),
        ("prediction", 3),
        ("task", "ranking"),
        ("task", 1),
        ("positive", [1]),
        ("positive", float("nan")),
        ("window", 0),
        ("every", 0),
        ("every", 1.5),
        ("ttl_s", 0),
        ("ttl_s", float("inf")),
        ("max_pending", 0),
        ("min_labels", 1001),
        ("max_models", 0),
        ("name", " "),
    ],
)
def test_arguments_out_of_range(name, value):
    with pytest.raises(dl.DriftlineError, match=rf"^{name}: got "):
        dl.PerformanceMonitor(**{name: value})


def test_ids_are_no_label_values():
    hub = dl.Hub()
    collector = dl.MetricsCollector()
    hub.register(collector)
    hub.register(dl.PerformanceMonitor(every=1, min_labels=1))
    for k in range(3):
        hub.inference_completed("m", latency_ms=1, id=f"secret-{k}", prediction=1.5)
        hub.ground_truth(f"secret-{k}", 2.0, model="m")
    text = collector.render()
    assert "secret" not in text
    assert 'driftline_events_total{kind="ground_truth",model="m",severity="info"} 3' in text
    assert 'driftline_metric{kind="mae",model="m"' in text


def test_threads_lose_nothing():
    hub = dl.Hub()
    monitor = dl.PerformanceMonitor()
    hub.register(monitor)

    def run(k):
        for i in range(200):
            hub.inference_completed("m", latency_ms=1, id=f"{k}-{i}", prediction=i % 2)
            hub.ground_truth(f"{(k + 1) % 4}-{i}", i % 2, model="m")

    threads = [threading.Thread(target=run, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = monitor.counts
    assert counts["matched"] == counts["labels"] == counts["predictions"] == 800
    assert monitor.metrics("m")["accuracy"] == 1.0


def test_a_set_up_makes_one():
    text = "monitors:\n  - {kind: performance, positive: fraud, window: 50, min_labels: 5}\n"
    with dl.from_config(text) as hub:
        (info,) = hub.observers()
        assert info.name == "performance_monitor"


def test_it_is_collected():
    monitor = dl.PerformanceMonitor()
    hub = dl.Hub()
    hub.register(monitor)
    alive = weakref.ref(monitor)
    assert repr(monitor) == "PerformanceMonitor(window=1000, every=100, models=0)"
    del monitor, hub
    gc.collect()
    assert alive() is None
