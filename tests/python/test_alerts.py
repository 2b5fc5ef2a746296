"""Alerts: incidents, grouping, callables as sinks, and the exact account of it all."""

import gc
import logging
import threading
import weakref
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError

import pytest

import driftline as dl

START = datetime(2026, 3, 1, tzinfo=UTC)


def hub_with(sinks, **options):
    hub = dl.Hub()
    alerts = dl.AlertDispatcher(sinks, **options)
    hub.register(alerts)
    return hub, alerts


def balanced(alerts):
    return alerts.offered == alerts.delivered + sum(alerts.lost.values()) + alerts.queued


def test_a_drift_that_a_detector_finds_is_told_and_resolved():
    told = []
    hub, alerts = hub_with(told.append)
    hub.register(dl.DriftDetector([0.0] * 50, window_size=10, threshold=1.0), models="fraud")
    # Ten values of 2 after ten of 0: the mean reaches the threshold with the fifth.
    for step, value in enumerate([0.0] * 10 + [2.0] * 10 + [0.0] * 10):
        when = START + timedelta(seconds=step)
        hub.emit("observation", value, model="fraud:3", feature="age", timestamp=when)
    assert hub.flush(20)
    assert [alert.action for alert in told] == ["open", "resolve"]
    opened, resolved = told
    assert (opened.kind, str(opened.model), opened.feature) == ("drift_detected", "fraud:3", "age")
    assert (opened.value, opened.severity) == (1.0, dl.Severity.ERROR)
    assert opened.opened_at == resolved.opened_at == START + timedelta(seconds=14)
    assert opened.incidents[0].id == resolved.incidents[0].id
    assert opened.delivery_id != resolved.delivery_id
    # What changed, how strongly, how sure, since when, and what normal is.
    for part in (
        "drift detected in fraud:3, feature age",
        "average 1",
        "the baseline 0",
        "mean_shift is 1",
        "threshold 1",
        "since 2026-03-01 00:00 UTC",
    ):
        assert part in opened.summary
    assert resolved.summary.startswith("resolved: drift detected in fraud:3, feature age, after 1")
    assert opened.incidents[0].metadata["baseline_mean"] == 0.0
    assert balanced(alerts)
    assert (alerts.n_opened, alerts.n_resolved, alerts.incidents()) == (1, 1, [])


def test_a_flapping_feature_for_an_hour_is_one_incident():
    told = []
    hub, alerts = hub_with(told.append)
    for second in range(3600):
        kind = ("drift_detected", "drift_resolved")[second % 2]
        hub.emit(kind, 0.3, feature="age", timestamp=START + timedelta(seconds=second))
    assert hub.flush(20)
    assert [alert.action for alert in told] == ["open", *["remind"] * 11, "resolve"]
    assert len({alert.incidents[0].id for alert in told}) == 1
    assert alerts.offered == alerts.delivered == 13


def test_fifty_features_at_once_are_one_message_per_sink_and_model():
    first, second = [], []
    hub, alerts = hub_with([first.append, second.append])
    for model in ("fraud:1", "churn:1"):
        for number in range(50):
            hub.emit("drift_detected", number, model=model, feature=f"f{number:02}")
    assert hub.flush(20)
    for told in (first, second):
        assert [(str(a.model), len(a.incidents)) for a in told] == [
            ("fraud:1", 50),
            ("churn:1", 50),
        ]
        assert told[0].features == tuple(f"f{number:02}" for number in range(50))
        assert told[0].feature is None
        assert told[0].summary.endswith("(and 49 more)")
    assert alerts.offered == alerts.delivered == 200
    assert [stats.delivered for stats in alerts.sinks] == [100, 100]


def test_an_alert_as_a_dict():
    told = []
    hub, _ = hub_with(told.append)
    hub.emit(
        "drift_detected",
        0.25,
        p_value=0.01,
        model="m:1",
        feature="age",
        timestamp=START,
        metadata={"test": "ks", "message": "it changed"},
    )
    assert hub.flush(20)
    alert = told[0].to_dict()
    incident = alert.pop("incidents")[0]
    assert alert.pop("delivery_id") == told[0].delivery_id
    assert alert == {
        "action": "open",
        "kind": "drift_detected",
        "model": "m:1",
        "feature": "age",
        "severity": "error",
        "value": 0.25,
        "p_value": 0.01,
        "opened_at": "2026-03-01T00:00:00.000000000Z",
        "summary": "drift detected in m:1, feature age: it changed; since 2026-03-01 00:00 UTC",
    }
    assert incident["metadata"] == {"test": "ks", "message": "it changed"}
    assert incident["n_events"] == 1


def test_filters_open_incidents_and_resolutions_come_through():
    told = []
    hub, alerts = hub_with(
        told.append,
        kinds="drift_detected",
        models="fraud",
        features=["age"],
        min_severity="warning",
    )
    emit = hub.emit
    emit("drift_detected", 1, model="fraud:1", feature="age", severity="info")
    emit("slo_breached", 1, model="fraud:1", feature="age")
    emit("drift_detected", 1, model="churn:1", feature="age")
    emit("drift_detected", 1, model="fraud:1", feature="income")
    emit("drift_detected", 1, feature="age")
    assert alerts.offered == 0
    emit("drift_detected", 1, model="fraud:1", feature="age", severity="warning")
    emit("drift_resolved", 0, model="fraud:1", feature="age", severity="trace")
    assert hub.flush(20)
    assert [alert.action for alert in told] == ["open", "resolve"]


@pytest.mark.parametrize(
    ("raised", "attempts", "lost"),
    [
        (ConnectionError("refused"), 3, {"connection": 1}),
        (TimeoutError("late"), 3, {"timeout": 1}),
        (dl.RetryLater("busy", after_s=0.0), 3, {"failed": 1}),
        (HTTPError("http://x", 400, "bad", {}, None), 1, {"refused": 1}),
        (HTTPError("http://x", 429, "busy", {}, None), 3, {"too_many_requests": 1}),
        (HTTPError("http://x", 503, "down", {}, None), 3, {"server_error": 1}),
        (FileNotFoundError("no such file"), 1, {"failed": 1}),
        (ValueError("broken"), 1, {"failed": 1}),
        (SystemExit(3), 1, {"failed": 1}),
    ],
)
def test_what_a_callable_raises_decides_whether_it_is_called_again(raised, attempts, lost):
    calls = []

    def sink(alert):
        calls.append(alert.delivery_id)
        raise raised

    hub, alerts = hub_with(sink, retries=2)
    hub.emit("drift_detected", 1.0)
    assert hub.flush(60)
    assert len(calls) == attempts
    assert len(set(calls)) == 1
    assert alerts.lost == lost
    assert balanced(alerts)


def test_a_callable_that_recovers_gets_what_waited_in_order():
    told, broken = [], [True, True]

    def sink(alert):
        if broken:
            broken.pop()
            raise dl.RetryLater(after_s=0.0)
        told.append((alert.feature, alert.action))

    hub, alerts = hub_with(sink)
    for feature in "abc":
        hub.emit("drift_detected", 1.0, model=feature, feature=feature)
        hub.emit("drift_resolved", 0.0, model=feature, feature=feature)
    assert hub.flush(20)
    assert told == [(feature, action) for feature in "abc" for action in ("open", "resolve")]
    assert alerts.sinks[0].retries == 2
    assert alerts.lost == {}


def test_a_hanging_sink_keeps_neither_the_emitter_nor_other_sinks():
    release, told = threading.Event(), []

    def hangs(alert):
        release.wait(60)

    hub, alerts = hub_with([hangs, told.append], queue_size=5, group_wait_s=0.0)
    for number in range(200):
        hub.emit("drift_detected", 1.0, model=f"m{number}")
        # One at a time, so that the queue of the other is never full.
        while alerts.sinks[1].queued:
            pass
    assert len(told) == 200
    slow, quick = alerts.sinks
    assert (quick.delivered, quick.lost) == (200, {})
    assert slow.offered == 200
    assert slow.queued == 5
    assert slow.lost == {"queue_full": 195}
    assert hub.flush(0.05) is False
    assert balanced(alerts)
    release.set()
    assert hub.flush(60)
    assert alerts.sinks[0].delivered == 5


def test_shutdown_tells_what_is_left_and_counts_it_as_lost():
    release, inside = threading.Event(), threading.Event()

    def hangs(alert):
        inside.set()
        release.wait(60)

    hub, alerts = hub_with(hangs)
    hub.emit("drift_detected", 1.0, model="a")
    alerts.flush(0)
    assert inside.wait(60)
    hub.emit("drift_detected", 1.0, model="b")
    report = hub.shutdown(0.05)
    assert report.left == 2
    assert report.by_observer == {"alert_dispatcher": 2}
    # The one in hand is still out; what waited is lost.
    assert (alerts.queued, alerts.lost) == (1, {"shutdown": 1})
    release.set()
    assert alerts.flush(60)
    assert (alerts.delivered, alerts.queued) == (1, 0)
    assert balanced(alerts)


def test_emissions_of_many_threads_are_all_accounted_for():
    told = []
    hub, alerts = hub_with(told.append, queue_size=10_000)
    barrier = threading.Barrier(4)

    def work(number):
        barrier.wait()
        for index in range(200):
            hub.emit("drift_detected", 1.0, model=f"m{number}", feature=f"f{index}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hub.flush(30)
    assert alerts.offered == alerts.delivered == 800
    assert sum(len(alert.incidents) for alert in told) == 800
    assert len({incident.id for alert in told for incident in alert.incidents}) == 800


def test_values_at_once_open_one_incident():
    told = []
    hub, _ = hub_with(told.append)
    hub.emit_many("accuracy", [0.9, 0.5, 0.4], severity="info")
    hub.emit_many("accuracy", [0.3, 0.2, 0.1], severity="error")
    assert hub.flush(20)
    assert [(alert.kind, alert.value) for alert in told] == [("accuracy", 0.3)]


def test_quiet_incidents_are_over_by_ticks_alone():
    told = []
    hub, alerts = hub_with(told.append, resolve_after_s=60)
    hub.emit("inference_failed", model="m:1", timestamp=START)
    hub.tick(START + timedelta(seconds=59))
    assert len(alerts.incidents()) == 1
    hub.tick(START + timedelta(seconds=60))
    assert hub.flush(20)
    assert [alert.action for alert in told] == ["open", "resolve"]
    assert "nothing was heard of it" in told[1].summary


def test_what_is_no_sink_is_not_shown():
    for secret in ("https://hooks.slack.com/c4n4ry", b"c4n4ry", ["https://c4n4ry"]):
        with pytest.raises(dl.InvalidTypeError) as refused:
            dl.AlertDispatcher(secret)
        assert "c4n4ry" not in str(refused.value)


def test_a_training_that_tells_too_late_is_not_done_twice():
    calls, inside, release = [], threading.Event(), threading.Event()

    def retrain(model, event):
        calls.append(model.name)
        inside.set()
        release.wait(60)
        hub.training_completed("fraud:2")

    hub = dl.Hub()
    trigger = dl.RetrainingTrigger(retrain)
    hub.register(trigger)
    hub.emit("f1", 0.5, model="fraud:1")
    assert inside.wait(60)
    hub.shutdown(0)
    release.set()
    assert trigger.flush(60)
    assert calls == ["fraud"]


def test_observers_that_were_made_from_a_file_can_be_reached():
    hub = dl.bootstrap(sinks=print)
    observers = {info.name: info.observer for info in hub.observers()}
    assert observers["alert_dispatcher"].offered == 0
    assert isinstance(observers["latency_monitor"], dl.LatencyMonitor)
    info = hub.observers()[0]
    info.handle.close()
    assert info.observer is None


@pytest.mark.thread_unsafe(reason="caplog")
def test_a_traceback_of_what_failed_is_logged_for_those_who_look(caplog):
    caplog.set_level(logging.DEBUG, "driftline.delivery")

    def refuses(alert):
        raise ValueError("no such channel")

    hub, _ = hub_with(refuses)
    hub.emit("drift_detected", 1.0)
    assert hub.flush(20)
    told = [record for record in caplog.records if record.levelno == logging.DEBUG]
    assert "in refuses" in told[0].getMessage()


@pytest.mark.thread_unsafe(reason="caplog")
def test_every_loss_is_logged(caplog):
    caplog.set_level(logging.DEBUG, "driftline.delivery")

    def refuses(alert):
        raise ValueError("no such channel")

    hub, _ = hub_with(refuses)
    for model in ("a", "b"):
        hub.emit("drift_detected", 1.0, model=model)
        assert hub.flush(20)
    lost = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(lost) == 2
    for model, line in zip("ab", lost, strict=True):
        assert f"drift detected in {model}" in line
        assert "lost (failed): ValueError: no such channel" in line


@pytest.mark.thread_unsafe(reason="garbage collector")
def test_a_cycle_through_a_sink_is_collected():
    class Holder:
        def __call__(self, alert):
            raise AssertionError

    holder = Holder()
    holder.alerts = dl.AlertDispatcher(holder)
    gone = weakref.ref(holder)
    del holder
    gc.collect()
    assert gone() is None


def test_dropped_dispatchers_deliver_what_waits():
    told, done = [], threading.Event()

    def sink(alert):
        told.append(alert.kind)
        done.set()

    hub, alerts = hub_with(sink)
    hub.emit("drift_detected", 1.0)
    del hub, alerts
    gc.collect()
    assert done.wait(60)
    assert told == ["drift_detected"]


@pytest.mark.parametrize(
    ("arguments", "error", "named"),
    [
        ({"sinks": []}, dl.InvalidValueError, "sinks: got none; accepted: at least one sink"),
        ({"sinks": 3}, dl.InvalidTypeError, "sinks: got an object of type int"),
        ({"sinks": "https://x"}, dl.InvalidTypeError, "sinks: got an object of type str"),
        ({"sinks": [print, None]}, dl.InvalidTypeError, "sinks: got an object of type NoneType"),
        ({"sinks": [list]}, dl.InvalidTypeError, "sinks: got"),
        ({"min_severity": "loud"}, dl.InvalidValueError, "min_severity: got 'loud'"),
        ({"queue_size": 0}, dl.InvalidValueError, "queue_size: got 0"),
        ({"queue_size": 2.5}, dl.InvalidTypeError, "queue_size: got 2.5"),
        ({"cooldown_s": -1}, dl.InvalidValueError, "cooldown_s: got -1"),
        ({"cooldown_s": float("nan")}, dl.InvalidValueError, "cooldown_s: got NaN"),
        ({"group_wait_s": 2}, dl.InvalidValueError, "group_wait_s: got 2"),
        ({"retries": -1}, dl.InvalidValueError, "retries: got -1"),
        ({"resolve_after_s": float("inf")}, dl.InvalidValueError, "resolve_after_s: got inf"),
        ({"max_incidents": 0}, dl.InvalidValueError, "max_incidents: got 0"),
        ({"name": ""}, dl.InvalidValueError, "name: got ''"),
    ],
)
def test_wrong_arguments_are_named(arguments, error, named):
    arguments = {"sinks": print, **arguments}
    with pytest.raises(error, match="accepted: ") as refused:
        dl.AlertDispatcher(**arguments)
    assert named in str(refused.value)


@pytest.mark.parametrize("filters", [{"kinds": "drift_detected"}, {"min_severity": "error"}])
def test_filters_that_would_keep_out_resolutions_warn(filters):
    hub = dl.Hub()
    with pytest.warns(UserWarning, match="resolves its incidents"):
        hub.register(dl.AlertDispatcher(print), **filters)


def test_coroutine_functions_are_refused():
    async def sink(alert):
        raise AssertionError

    with pytest.raises(dl.InvalidTypeError, match="coroutine function"):
        dl.AlertDispatcher(sink)


def test_reprs():
    told = []
    hub, alerts = hub_with(told.append)
    hub.emit("drift_detected", 0.5, model="m:1", feature="age")
    assert hub.flush(20)
    assert repr(told[0]) == (
        "Alert(action='open', kind='drift_detected', model='m:1', feature='age', value=0.5)"
    )
    assert repr(alerts) == (
        "AlertDispatcher(sinks=[list.append], offered=1, delivered=1, lost=0, queued=0)"
    )
    assert repr(alerts.sinks[0]) == (
        "SinkStats(name='list.append', offered=1, delivered=1, lost=0, queued=0)"
    )
