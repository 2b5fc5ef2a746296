"""Monitors: rows in, rolling verdicts out."""

import gc
import os
import pickle
import threading
import weakref
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

import driftline as dl

COLUMNS = ["arr_delay", "dep_delay", "distance", "temp", "origin"]


def flights():
    table = dl.datasets.load_nyc_flights()
    month = table["time_hour"].astype("datetime64[M]").astype(int) % 12 + 1
    return {name: table[name] for name in COLUMNS} | {"month": month}


def of_month(table, month, columns=COLUMNS):
    rows = table["month"] == month
    return {name: table[name][rows] for name in columns}


def part(table, rows):
    return {name: column[rows] for name, column in table.items()}


def dicts(table):
    """Rows as a service has them."""
    columns = {name: column.tolist() for name, column in table.items()}
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, row, strict=True))


def test_flights_of_july_against_january():
    table = flights()
    plan = dl.fit(of_month(table, 1))
    hub = dl.Hub()
    told = []
    hub.register(told.append, kinds=["drift_detected", "drift_resolved"])
    monitor = plan.monitor(window=2_000, hub=hub, model="delays:1")
    july = of_month(table, 7)
    assert monitor.observe_many(july) == len(july["temp"])
    temperature = next(event for event in told if event.feature == "temp")
    assert temperature.kind == "drift_detected"
    assert temperature.value > 0.9
    assert str(temperature.model) == "delays:1"
    assert temperature.source == "monitor"
    assert temperature.severity == dl.Severity.ERROR
    assert temperature.metadata["reasons"] == ["values"]
    assert "% of the rows have moved" in temperature.metadata["message"]
    of_table = next(event for event in told if event.feature is None)
    assert of_table.metadata["drifted"][0]["column"] == "temp"
    last = part(july, slice(-2_000, None))
    assert monitor.report().to_dict() == plan.compare(last).to_dict()
    assert set(monitor.drifting) >= {"temp"}
    look = monitor.last_look
    assert look.verdict == "drifted"
    assert look.columns["temp"]["verdict"] == "drifted"
    assert (look.n, look.number) == (2_000, monitor.n_looks)


@pytest.mark.thread_unsafe(reason="takes long, and tells the same on one thread")
def test_rows_of_every_kind_are_the_table():
    table = part(of_month(flights(), 1), slice(0, 600))
    plan = dl.fit(of_month(flights(), 1))
    names = plan.columns
    pandas = pytest.importorskip("pandas")

    class Model:
        def __init__(self, row):
            self.row = row

        def model_dump(self):
            return self.row

    ways = {
        "dict": lambda row: row,
        "with more": lambda row: {**row, "request_id": "a7"},
        "list": lambda row: [row[name] for name in names],
        "tuple": lambda row: tuple(row[name] for name in names),
        "objects": lambda row: np.array([row[name] for name in names], dtype=object),
        "numpy scalars": lambda row: [
            np.float64(row[name]) if isinstance(row[name], float) else row[name] for name in names
        ],
        "series": lambda row: pandas.Series(row),
        "mapping": lambda row: __import__("types").MappingProxyType(row),
        "model": Model,
    }
    expected = None
    for way, made in ways.items():
        monitor = plan.monitor(window=500)
        for row in dicts(table):
            monitor.observe(made(row))
        report = monitor.report().to_dict()
        expected = expected or plan.compare(part(table, slice(100, 600))).to_dict()
        assert report == expected, way


def test_rows_of_numbers():
    rng = np.random.default_rng(1)
    base = rng.normal(size=(1_000, 3))
    plan = dl.fit(base, columns=["a", "b", "c"])
    rows = rng.normal(size=(400, 3))
    rows[::7, 1] = np.nan
    expected = plan.compare(dict(zip("abc", rows.T, strict=True))).to_dict()
    for made in (
        lambda row: row,
        lambda row: row.tolist(),
        lambda row: row.astype(np.float64)[::1],
        lambda row: np.ma.masked_invalid(row),
        lambda row: np.repeat(row, 2)[::2],
        lambda row: {"c": row[2], "a": row[0], "b": None if np.isnan(row[1]) else row[1]},
    ):
        monitor = plan.monitor(window=400)
        for row in rows:
            monitor.observe(made(row))
        assert monitor.report().to_dict() == expected
    monitor = plan.monitor(window=400)
    assert monitor.observe_many(rows) == 400
    assert monitor.report().to_dict() == expected


def test_times_keep_their_zone():
    zone = ZoneInfo("America/New_York")
    start = datetime(2026, 3, 1, tzinfo=zone)
    times = [start + timedelta(minutes=97 * k) for k in range(1_000)]
    plan = dl.fit({"when": times})
    monitor = plan.monitor(window=400)
    for time in times[:400]:
        monitor.observe({"when": time})
    expected = plan.compare({"when": times[:400]})
    assert monitor.report().to_dict() == expected.to_dict()


@pytest.mark.parametrize(
    ("row", "error", "said"),
    [
        (None, dl.InvalidTypeError, "row: got None"),
        (3.5, dl.InvalidTypeError, "row: got the float 3.5"),
        ("age", dl.InvalidTypeError, "row: got"),
        ([1.0], dl.InvalidValueError, "1 cells"),
        ({"salary": 1.0}, dl.InvalidValueError, 'at least one of "age", "city"'),
        ({"age": "old"}, dl.InvalidValueError, 'the label "old" in column "age"'),
        ({"city": 7}, dl.InvalidValueError, 'the number 7 in column "city"'),
        ({"age": object()}, dl.InvalidTypeError, 'an object of type object in column "age"'),
        ({"age": [1.0]}, dl.InvalidTypeError, "list"),
        (np.zeros(2), dl.InvalidValueError, 'column "city"'),
        (np.zeros((2, 2)), dl.DriftlineError, "row"),
    ],
)
def test_what_is_no_row_is_refused(row, error, said):
    monitor = dl.fit({"age": [1.0, 2.5, 4.0], "city": ["a", "b", "a"]}).monitor(window=10)
    with pytest.raises(error) as refused:
        monitor.observe(row)
    assert said in str(refused.value)
    assert (monitor.n, monitor.n_window) == (0, 0)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"window": 0}, dl.InvalidValueError, "window"),
        ({"window": None}, dl.InvalidTypeError, "window"),
        ({"window": "soon"}, dl.InvalidValueError, "window"),
        ({"window": 10, "every": 0}, dl.InvalidValueError, "every"),
        ({"window": 10, "every": "often"}, dl.InvalidValueError, "every"),
        ({"window": "1h", "every": 5}, dl.InvalidValueError, "every"),
        ({"window": 10, "rule": "never"}, dl.InvalidValueError, "rule"),
        ({"window": 10, "alpha": 1.5}, dl.InvalidValueError, "alpha"),
        ({"window": 10, "alpha": 0.1, "false_alarm_every": 100}, dl.InvalidValueError, "false_ala"),
        ({"window": 10, "hub": "hub"}, dl.InvalidTypeError, "hub"),
        ({"window": 10, "columns": ["ages"]}, dl.InvalidValueError, "columns"),
        ({"window": 10, "columns": "age"}, dl.InvalidTypeError, "columns"),
        ({"window": 10, "cooldown_s": -1}, dl.InvalidValueError, "cooldown_s"),
        ({"window": 10, "history": {"age": [1.0] * 9}}, dl.InvalidValueError, "history"),
        ({"window": 10, "history": {"x": [1.0] * 500}}, dl.InvalidValueError, "history"),
    ],
)
def test_what_is_no_monitor_is_refused(options, error, said):
    plan = dl.fit({"age": [1.0, 2.5, 4.0]})
    with pytest.raises(error, match=said):
        plan.monitor(**options)


def test_windows():
    for window, text in (
        (dl.Window.last(5), "Window.last(5)"),
        (dl.Window.tumbling(5), "Window.tumbling(5)"),
        (dl.Window.tumbling("90min"), 'Window.tumbling("5400s")'),
        (dl.Window.fading(2.5), "Window.fading(2.5)"),
    ):
        assert repr(window) == text
        assert pickle.loads(pickle.dumps(window)) == window
        assert hash(pickle.loads(pickle.dumps(window))) == hash(window)
    plan = dl.fit({"age": [1.0, 2.5, 4.0]})
    assert plan.monitor(7).window == dl.Window.last(7)
    assert plan.monitor("1d").window == dl.Window.tumbling("1d")
    with pytest.raises(dl.InvalidValueError, match="rows"):
        dl.Window.last(0)
    with pytest.raises(dl.InvalidValueError, match="window"):
        dl.Window.fading(0)


def test_a_window_of_days():
    rng = np.random.default_rng(2)
    plan = dl.fit({"x": rng.normal(size=3_000)})
    monitor = plan.monitor("1d")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for hour in range(24 * 20):
        level = 3.0 if 120 <= hour < 240 else 0.0
        monitor.observe([rng.normal(level)], timestamp=start + timedelta(hours=hour))
        assert monitor.drift_detected == (144 <= hour < 264)
    assert monitor.n_looks == 19
    assert monitor.report(complete=True).to_dict()["current"]["rows"] == 24
    times = np.datetime64("2026-01-20T12:00") + np.arange(36) * np.timedelta64(1, "h")
    assert monitor.observe_many({"x": rng.normal(size=36)}, timestamps=times) == 36
    assert monitor.n_looks == 20


def test_on_a_hub_rows_come_from_metadata():
    rng = np.random.default_rng(3)
    plan = dl.fit({"age": rng.normal(40, 10, 2_000), "city": rng.choice(["Oslo", "Rome"], 2_000)})
    hub = dl.Hub()
    told = []
    hub.register(told.append, kinds="drift_detected")
    monitor = plan.monitor(window=200, field="input.row", model="fraud")
    hub.register(monitor)
    for age in rng.normal(80, 10, 200):
        row = {"age": age, "city": "Rome"}
        for model in ("fraud:2", "churn:1"):
            report = hub.inference_completed(
                model, latency_ms=1.0, metadata={"input": {"row": row}}
            )
            report.raise_for_failures()
    assert monitor.n == 200
    assert {event.feature for event in told} == {"age", "city", None}
    report = hub.inference_completed("fraud:2", latency_ms=1.0, metadata={"input": {"row": "x"}})
    assert len(report.failures) == 1
    assert hub.inference_completed("fraud:2", latency_ms=1.0).success == 1  # no row, no harm


def test_a_closed_hub_harms_nobody():
    plan = dl.fit({"x": np.arange(1_000.0)})
    hub = dl.Hub()
    hub.register(lambda event: None)
    monitor = plan.monitor(window=100, hub=hub)
    hub.shutdown()
    assert monitor.observe_many({"x": np.arange(5_000.0, 5_100.0)}) == 100
    assert monitor.drift_detected
    assert monitor.n_undelivered == 2


def test_merging():
    rng = np.random.default_rng(4)
    plan = dl.fit({"x": rng.normal(size=2_000)})
    left, right = rng.normal(size=300), rng.normal(1.0, size=200)
    a, b = plan.monitor(300), plan.monitor(200)
    a.observe_many({"x": left})
    b.observe_many({"x": right})
    both = a.merge(b)
    expected = plan.compare({"x": np.concatenate([left, right])})
    assert both.report().to_dict() == expected.to_dict()
    assert both.window == dl.Window.last(500)
    with pytest.raises(dl.InvalidTypeError, match="other"):
        a.merge("b")
    with pytest.raises(dl.InvalidValueError, match="another plan"):
        a.merge(dl.fit({"x": left}).monitor(300))


def scored(rng, n):
    p = rng.random(n)
    truth = np.where(rng.random(n) < p, "late", "on time")
    return {"p": p, "guess": np.where(p > 0.5, "late", "on time")}, truth


def classifier(rng):
    rows, truth = scored(rng, 3_000)
    return dl.fit(
        rows | {"y": truth}, target="y", prediction="guess", probability="p", positive="late"
    )


def test_rows_wait_for_their_labels():
    rng = np.random.default_rng(8)
    plan = classifier(rng)
    rows, truth = scored(rng, 500)
    monitor = plan.monitor(window=100)
    assert monitor.coverage is None
    for k, row in enumerate(dicts(part(rows, slice(0, 250)))):
        monitor.observe(row, id=k)
    monitor.observe_many(part(rows, slice(250, None)), ids=[str(k) for k in range(250, 500)])
    unknown = monitor.performance(metrics=["accuracy", "f1"], chunk_size=200).to_dict()
    labels = np.full(500, None, dtype=object)
    expected = plan.estimate(rows, metrics=["accuracy", "f1"], chunk_size=200, labels=labels)
    assert unknown == expected.to_dict()
    assert [chunk["realised"] for chunk in unknown["metrics"]["f1"]] == [None] * 3

    order = rng.permutation(400)
    counts = monitor.ground_truth(order.tolist(), truth[order])
    assert counts == {"matched": 400, "late": 0, "duplicate": 0, "unmatched": 0}
    assert monitor.ground_truth("0", truth[0])["duplicate"] == 1
    assert monitor.ground_truth("early", "late")["unmatched"] == 1
    labels[:400] = truth[:400]
    expected = plan.estimate(rows, metrics=["accuracy", "f1"], chunk_size=200, labels=labels)
    report = monitor.performance(metrics=["accuracy", "f1"], chunk_size=200)
    assert report.to_dict() == expected.to_dict()
    realised = report.to_dict()["metrics"]["accuracy"][0]["realised"]
    assert realised == np.mean(rows["guess"][:200] == truth[:200])
    assert monitor.label_counts["pending"] == 100
    assert monitor.coverage == 0.8

    again = pickle.loads(pickle.dumps(monitor))
    assert again.performance(chunk_size=200) == monitor.performance(chunk_size=200)
    assert again.ground_truth(450, truth[450])["matched"] == 1
    row = next(dicts(part(rows, slice(0, 1))))
    again.observe(row, id="early")  # its label came first
    assert again.label_counts["waiting"] == 0


def test_predictions_may_stay_away():
    rng = np.random.default_rng(14)
    rows, truth = scored(rng, 2_000)
    x = rng.normal(size=2_000)
    baseline = rows | {"x": x, "y": truth}
    plan = dl.fit(baseline, target="y", prediction="guess", probability="p", positive="late")
    monitor = plan.monitor(window=200)
    for value in rng.normal(size=200):
        monitor.observe({"x": value})
    assert monitor.drifting == ()
    report = monitor.report()
    assert [column.name for column in report.columns] == ["x"]
    # A hub's events say themselves what was predicted.
    hub = dl.Hub()
    monitor = plan.monitor(window=200, model="m:1")
    hub.register(monitor)
    for k in range(200):
        hub.inference_completed(
            "m:1",
            latency_ms=1.0,
            id=k,
            prediction=str(rows["guess"][k]),
            probability=float(rows["p"][k]),
            metadata={"features": {"x": x[k]}},
        )
        hub.inference_completed("m:2", latency_ms=1.0, metadata={"features": {"x": 99.0}})
    assert (monitor.n, monitor.drifting) == (200, ())
    assert hub.ground_truth(7, str(truth[7])).success == 1  # of any model
    expected = plan.estimate(part(rows, slice(0, 200)), metrics=["accuracy"]).to_dict()
    seen = monitor.performance(metrics=["accuracy"]).to_dict()["metrics"]["accuracy"][0]
    assert seen["estimate"] == expected["metrics"]["accuracy"][0]["estimate"]
    assert seen["labelled"] == 1


def test_a_row_that_no_estimate_can_go_by_is_missing():
    rng = np.random.default_rng(15)
    plan = classifier(rng)
    rows, _ = scored(rng, 50)
    monitor = plan.monitor(window=10)
    monitor.observe_many(rows, ids=range(50))
    expected = monitor.performance(metrics=["f1"]).to_dict()["metrics"]["f1"][0]["estimate"]
    monitor.observe({"p": 1.7, "guess": "late"}, id="a")
    monitor.observe({"p": 0.3, "guess": "never"}, id="b")
    seen = monitor.performance(metrics=["f1"]).to_dict()["metrics"]["f1"][0]
    assert (seen["rows"], seen["missing"], seen["estimate"]) == (52, 2, expected)


def test_cells_as_json_has_them():
    days = np.datetime64("2026-01-01") + np.arange(1_000)
    plan = dl.fit({"when": days, "flag": np.arange(1_000) % 3 == 0})
    monitor = plan.monitor(window=3)
    monitor.observe({"when": "2026-05-01T12:00:00+02:00", "flag": 1})
    monitor.observe({"when": "2026-05-01", "flag": False})
    monitor.observe({"when": None, "flag": 0})
    report = monitor.report()
    assert report["when"].current["max"] == "2026-05-01T10:00:00Z"
    assert report["flag"].current["most_frequent"] == {"category": "false", "count": 2}
    with pytest.raises(dl.InvalidValueError, match='column "when"'):
        monitor.observe({"when": "soon"})


def test_a_budget_of_time_begins_with_the_first_row():
    plan = dl.fit({"x": np.arange(1_000.0)})
    monitor = plan.monitor(window=100, false_alarm_every="30d")
    times = np.datetime64("2026-01-01") + np.arange(100) * np.timedelta64(1, "h")
    monitor.observe_many({"x": np.arange(5_000.0, 5_100.0)}, timestamps=times)
    assert monitor.last_look.alpha == 0.05  # 99 h of 30 d would be more: the most of a look
    assert monitor.drift_detected


def test_labels_of_a_replay_are_not_late():
    plan = classifier(np.random.default_rng(16))
    monitor = plan.monitor(window=10)
    monitor.observe({"p": 0.5, "guess": "late"}, id="a", timestamp="2024-01-01T00:00:00Z")
    assert monitor.ground_truth("a", "late")["matched"] == 1


def test_rows_that_are_too_old_leave():
    rng = np.random.default_rng(9)
    plan = classifier(rng)
    rows, truth = scored(rng, 30)
    monitor = plan.monitor(window=10, max_pending=20, ttl_s=100)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    times = [start + timedelta(seconds=k) for k in range(30)]
    monitor.observe_many(rows, ids=range(30), timestamps=times)
    assert monitor.ground_truth(3, truth[3], timestamps=times[-1])["late"] == 1
    report = monitor.performance(metrics=["accuracy"]).to_dict()["metrics"]["accuracy"][0]
    assert report["rows"] == 20
    later = start + timedelta(seconds=125)  # 25 s to 29 s are within the time to live
    outcome = monitor.ground_truth(range(20, 30), truth[20:], timestamps=[later] * 10)
    assert outcome == {"matched": 5, "late": 5, "duplicate": 0, "unmatched": 0}


def test_labels_come_over_a_hub():
    rng = np.random.default_rng(10)
    plan = classifier(rng)
    rows, truth = scored(rng, 50)
    hub = dl.Hub()
    monitor = plan.monitor(window=50)
    hub.register(monitor)
    for k, row in enumerate(dicts(rows)):
        hub.inference_completed("m:1", latency_ms=1.0, id=f"r{k}", metadata={"features": row})
    for k in range(0, 50, 2):
        hub.ground_truth(f"r{k}", str(truth[k])).raise_for_failures()
    assert monitor.label_counts["matched"] == 25
    assert monitor.performance(metrics=["f1"]).to_dict()["metrics"]["f1"][0]["labelled"] == 25


@pytest.mark.parametrize(
    ("ids", "y", "error", "said"),
    [
        ("a", "never", dl.InvalidValueError, "never"),
        ("a", None, dl.InvalidTypeError, "y"),
        ("a", 3.5, dl.InvalidValueError, "3.5"),
        (["a", "b"], ["late"], dl.InvalidValueError, "1 labels for 2 ids"),
        (3.5, "late", dl.InvalidTypeError, "ids"),
    ],
)
def test_what_is_no_label_is_refused(ids, y, error, said):
    monitor = classifier(np.random.default_rng(11)).monitor(window=10)
    with pytest.raises(error) as refused:
        monitor.ground_truth(ids, y)
    assert said in str(refused.value)
    assert monitor.label_counts["labels"] == 0


def test_performance_needs_a_plan_for_it():
    monitor = dl.fit({"x": [1.0, 2.0, 5.5]}).monitor(window=10)
    with pytest.raises(dl.EmptySampleError, match="no row with an id"):
        monitor.performance()
    monitor.observe([2.0], id="a")
    with pytest.raises(dl.InvalidValueError, match="plan"):
        monitor.performance()
    with pytest.raises(dl.InvalidValueError, match="without a target"):
        monitor.ground_truth("a", 1)


def test_a_monitor_is_a_file(tmp_path):
    rng = np.random.default_rng(12)
    table = flights()
    plan = dl.fit(of_month(table, 1))
    july = of_month(table, 7)
    hub = dl.Hub()
    told = []
    hub.register(told.append, kinds="drift_resolved")
    monitor = plan.monitor(window=1_000, field="row", model="delays:1")
    monitor.observe_many(july)
    path = tmp_path / "monitor"
    monitor.save(path)
    again = dl.load_monitor(path, hub=hub)
    assert (again.n, again.drifting) == (monitor.n, monitor.drifting)
    assert again.report() == monitor.report()
    january = of_month(table, 1)
    again.observe_many(part(january, rng.permutation(len(january["temp"]))))
    assert {event.feature for event in told} >= {"temp", None}
    damaged = path.read_bytes()[:-1] + b"!"
    with pytest.raises(dl.InvalidValueError, match="checksum"):
        dl.Monitor.from_bytes(damaged)
    with pytest.raises(dl.InvalidValueError, match="not a driftline plan"):
        dl.Plan.from_bytes(path.read_bytes())
    with pytest.raises(FileNotFoundError):
        dl.load_monitor(tmp_path / "none")


@pytest.mark.thread_unsafe(reason="forks")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_child_goes_on_with_a_copy():
    plan = dl.fit({"x": np.arange(1_000.0)})
    monitor = plan.monitor(window=100)
    monitor.observe_many({"x": np.arange(60.0)})
    child = os.fork()
    if child == 0:
        monitor.observe_many({"x": np.arange(60.0)})
        monitor.report()
        os._exit(0 if monitor.n == 120 and monitor.n_looks == 1 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert (monitor.n, monitor.n_looks) == (60, 0)


def test_from_many_threads_no_row_is_lost():
    plan = dl.fit({"x": np.arange(1_000.0), "c": ["a", "b"] * 500})
    monitor = plan.monitor(window=300, every=50)

    def feed(seed):
        rng = np.random.default_rng(seed)
        for k in range(300):
            monitor.observe({"x": rng.uniform(0, 1_000), "c": "a" if k % 2 else "b"})
            if k % 100 == 0:
                monitor.observe_many({"x": rng.uniform(0, 1_000, 50)})
                monitor.report()

    threads = [threading.Thread(target=feed, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert monitor.n == 4 * (300 + 3 * 50)
    assert monitor.n_window == 300
    assert monitor.n_looks == 1 + (monitor.n - 300) // 50


@pytest.mark.thread_unsafe(reason="counts the objects that are alive")
def test_garbage_is_collected():
    class Plan(dl.Plan):
        __slots__ = ("__weakref__", "cycle")

    hub = dl.Hub()
    monitor = dl.fit({"x": [1.0, 2.0, 5.5]}).monitor(window=10, hub=hub)
    seen = weakref.ref(monitor)
    hub.register(lambda event, monitor=monitor: monitor)
    hub.register(monitor)
    del monitor, hub
    gc.collect()
    assert seen() is None


ALPHA, STREAMS = 0.1, 1_000
#: Three standard errors above.
LIMIT = STREAMS * ALPHA + 3 * np.sqrt(STREAMS * ALPHA * (1 - ALPHA))


def alarming(plan, current, **options):
    monitor = plan.monitor(**options)
    monitor.observe_many(current)
    return monitor.n_detections > 0


@pytest.mark.thread_unsafe(reason="a thousand streams are enough")
def test_looking_all_the_time_alarms_in_no_more_than_alpha_of_streams():
    """Streams without drift, each with a fresh baseline; 46 looks, at any change."""
    rng = np.random.default_rng(6)
    ever = np.zeros(2, int)
    for stream in range(STREAMS):
        baseline, current = (
            {"x": rng.normal(size=n), "c": rng.choice(["a", "b", "c"], n)} for n in (300, 1_000)
        )
        plan = dl.fit(baseline, alpha=ALPHA, min_effect=0, multivariate=False, threads=1)
        ever[0] += alarming(plan, current, window=100, every=20)
        if stream < 50:
            ever[1] += alarming(plan, current, window=100, every=20, rule="each_look")
    assert 10 < ever[0] < LIMIT, ever
    assert ever[1] > 35, ever  # at a fixed level most streams alarm


@pytest.mark.thread_unsafe(reason="a thousand streams are enough")
def test_real_rows_in_blocks_need_a_history():
    """Of 1,000 streams of flights in blocks of 30, each with a fresh baseline."""
    table = flights()
    year = {name: table[name] for name in ("arr_delay", "origin")}
    n, block = len(year["origin"]), 30
    rng = np.random.default_rng(5)

    def blocks(rows):
        starts = rng.integers(0, n - block, rows // block)
        return part(year, (starts[:, None] + np.arange(block)).ravel())

    ever = np.zeros(2, int)
    for stream in range(STREAMS):
        baseline, current = blocks(1_200), blocks(1_500)
        plan = dl.fit(baseline, alpha=ALPHA, min_effect=0.02, multivariate=False, threads=1)
        ever[0] += alarming(plan, current, window=150, every=50, history=baseline)
        if stream < 100:
            ever[1] += alarming(plan, current, window=150, every=50)
    assert ever[0] < LIMIT, ever
    assert ever[1] > 30, ever
