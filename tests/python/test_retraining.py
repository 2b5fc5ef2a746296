"""Retraining: the trigger, strategies, new baselines, schedulers."""

import doctest
import gc
import hmac
import json
import os
import pickle
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

import driftline as dl
from driftline import retraining

#: No wait in these tests is meant to end by itself.
LONG_S = 60.0

NOBODY = {"triggered": 0, "scheduled": 0, "completed": 0, "failed": 0, "timed_out": 0}


def at(seconds):
    """A time in 2013."""
    return (
        f"2013-01-01T{int(seconds) // 3600:02}:{int(seconds) // 60 % 60:02}:{seconds % 60:09.6f}Z"
    )


def hub_with(trigger, *others):
    hub = dl.Hub()
    for observer in (*others, trigger):
        hub.register(observer)
    return hub


class Heard(list):
    """Keeps the events of some kinds."""

    def __init__(self, hub, *kinds):
        hub.register(self.append, kinds=kinds)


def eventually(condition):
    """Waits until something is so; that it never is, is a test that hangs."""
    while not condition():
        time.sleep(0.001)


# ---------------------------------------------------------------- when


def test_a_drift_told_a_thousand_times_from_many_threads_starts_one_run():
    calls = []
    trigger = dl.RetrainingTrigger(lambda model, event: calls.append((model, event)))
    hub = hub_with(trigger)
    told = Heard(hub, "retraining_triggered")

    def emit(thread):
        for _ in range(125):
            hub.emit("drift_detected", 0.4, p_value=1e-4, model=f"fraud:{thread}", feature="age")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(emit, range(8)))
    assert hub.flush(LONG_S)
    [(model, event)] = calls
    assert model.name == "fraud"
    assert (event.kind, event.value, event.p_value) == ("drift_detected", 0.4, 1e-4)
    assert len(told) == 1
    assert trigger.runs == {**NOBODY, "triggered": 1, "scheduled": 1}
    assert trigger.held_back == {"in_flight": 999}
    assert trigger.in_flight == ("fraud",)


def test_what_is_told_says_why():
    trigger = dl.RetrainingTrigger(lambda model, event: None, name="keeper")
    hub = hub_with(trigger)
    told = Heard(hub, "retraining_triggered")
    hub.emit("f1", 0.7, model="fraud:1", timestamp=at(5))
    [event] = told
    assert event.source == "keeper"
    assert event.severity == dl.Severity.WARNING
    assert event.model == dl.ModelId("fraud", "1")
    assert event.timestamp.isoformat() == "2013-01-01T00:00:05+00:00"
    metadata = dict(event.metadata)
    assert metadata.pop("run_id")
    assert metadata == {
        "message": "retraining of fraud:1 asked for: f1 is 0.7, below 0.75",
        "reason": "f1",
        "value": 0.7,
        "limit": 0.75,
        "trigger_kind": "f1",
    }


@pytest.mark.parametrize(
    ("options", "events", "starts"),
    [
        ({}, [("f1", 0.75, None), ("f1", 0.74, None)], [False, True]),
        ({"min_f1": None}, [("f1", 0.1, None)], [False]),
        ({}, [("drift_score", 9.0, 0.05), ("drift_score", 9.0, 0.049)], [False, True]),
        ({"max_p": None}, [("drift_detected", 9.0, 1e-9)], [False]),
        ({}, [("drift_detected", 9.0, None)], [True]),
        ({}, [("drift_detected", 9.0, 0.5)], [False]),
        ({"strategy": dl.FixedThreshold(0.05)}, [("drift_score", 0.05, 0.9)], [True]),
        ({"strategy": dl.FixedThreshold(0.05)}, [("drift_score", 0.04, 1e-9)], [False]),
        ({"strategy": dl.FixedThreshold(0.05)}, [("f1", 0.5, None)], [True]),
        ({"strategy": dl.PValue(0.01)}, [("drift_score", 9.0, 0.01)], [False]),
        # 0.1, then 0.25 * 0.5 + 0.75 * 0.1 = 0.2, then 0.25 * 0.6 + 0.75 * 0.2 = 0.3
        (
            {"strategy": dl.Ewma(0.25, 0.2999)},
            [("drift_score", value, None) for value in (0.1, 0.5, 0.6)],
            [False, False, True],
        ),
        (
            {"strategy": lambda event: event.value < 0.6, "kinds": "accuracy"},
            [("accuracy", 0.7, None), ("accuracy", 0.5, None), ("drift_score", 0.1, 0.01)],
            [False, True, False],
        ),
        (
            {"confirm": (2, 3)},
            [("drift_score", 1.0, p) for p in (0.01, 0.5, 0.5, 0.01, 0.01)],
            [False, False, False, False, True],
        ),
        ({"min_effect": 2.0}, [("drift_score", 1.9, 1e-9)], [False]),
        ({"min_effect": 2.0}, [("drift_score", -2.0, 1e-9)], [True]),
    ],
)
def test_when_a_run_starts(options, events, starts):
    trigger = dl.RetrainingTrigger(lambda model, event: None, **options)
    hub = hub_with(trigger)
    found = []
    for kind, value, p_value in events:
        before = trigger.runs["triggered"]
        hub.emit(kind, value, p_value=p_value, model="fraud")
        found.append(trigger.runs["triggered"] > before)
    assert found == starts


def test_an_effect_size_comes_before_the_value():
    trigger = dl.RetrainingTrigger(lambda model, event: None, min_effect=0.5)
    event = dl.Event("drift_score", 9.0, p_value=0.01, model="a", metadata={"effect_size": 0.4})
    assert not trigger.update(event)
    event = dl.Event("drift_score", 0.1, p_value=0.01, model="a", metadata={"effect_size": 0.5})
    assert trigger.update(event)


def test_missing_values_say_nothing():
    trigger = dl.RetrainingTrigger(lambda model, event: None, strategy=dl.Ewma(0.5, 10.0))
    for value in (None, float("nan"), float("inf"), -float("inf"), 4.0):
        assert not trigger.update(dl.Event("drift_score", value, model="a"))
    assert not trigger.update(dl.Event("f1", float("nan"), model="a"))
    assert trigger.n_missing == 5
    assert trigger.update(dl.Event("drift_score", 16.0, model="a"))  # (4 + 16) / 2


def test_a_strategy_that_raises_is_a_failure_and_starts_nothing():
    def strategy(event):
        raise RuntimeError("no idea")

    trigger = dl.RetrainingTrigger(lambda model, event: None, strategy=strategy)
    hub = hub_with(trigger)
    report = hub.emit("drift_score", 1.0, model="a")
    assert (report.attempted, report.success) == (1, 0)
    assert "no idea" in str(report.failures[0].error)
    with pytest.raises(RuntimeError, match="no idea"):
        trigger.update(dl.Event("drift_score", 1.0, model="a"))
    assert trigger.runs == NOBODY


def test_cooldown_rate_limit_and_timeout_run_on_event_time():
    trigger = dl.RetrainingTrigger(
        lambda model, event: None, cooldown_s=100, rate_limit=(2, 1000), run_timeout_s=60
    )
    hub = hub_with(trigger)
    told = Heard(hub, "retraining_failed")
    assert trigger.update(dl.Event("f1", 0.1, model="a:1", timestamp=at(0)))
    hub.emit("f1", 0.1, model="a:1", timestamp=at(59.5))
    hub.emit("f1", 0.1, model="a:1", timestamp=at(60))  # given up, and cooling down
    [event] = told
    assert event.model == dl.ModelId("a", "1")
    assert event.severity == dl.Severity.ERROR
    assert event.metadata["reason"] == "timed_out"
    hub.emit("f1", 0.1, model="a:1", timestamp=at(100))
    hub.emit("f1", 0.1, model="b", timestamp=at(101))
    hub.emit("f1", 0.1, model="b", timestamp=at(1000))
    assert trigger.held_back == {"in_flight": 1, "cooldown": 1, "rate_limited": 1}
    hub.tick(at(1060))
    assert trigger.runs == {**NOBODY, "triggered": 3, "scheduled": 3, "timed_out": 3} or (
        hub.flush(LONG_S) and trigger.runs["timed_out"] == 3
    )


@pytest.mark.thread_unsafe(reason="caplog")
def test_events_without_a_model_are_told_of_once(caplog):
    trigger = dl.RetrainingTrigger(lambda model, event: None)
    hub = hub_with(trigger)
    for _ in range(3):
        hub.emit("f1", 0.1)
    assert trigger.held_back == {"no_model": 3}
    lines = [record for record in caplog.records if record.name == "driftline.retraining"]
    assert len(lines) == 1
    assert "names no model" in lines[0].getMessage()
    known = dl.RetrainingTrigger(lambda model, event: None, default_model="only:3")
    assert known.update(dl.Event("f1", 0.1))
    assert known.in_flight == ("only",)
    known.update(dl.Event("training_completed"))
    assert known.in_flight == ()


# ---------------------------------------------------------------- scheduling


def test_the_emitter_does_not_wait_for_a_slow_schedule():
    leave = threading.Event()
    threads = []

    def schedule(model, event):
        threads.append(threading.get_ident())
        leave.wait()

    trigger = dl.RetrainingTrigger(schedule)
    hub = hub_with(trigger)
    hub.emit("f1", 0.1, model="a")
    assert not hub.flush(0.0)
    eventually(lambda: threads)
    assert threads != [threading.get_ident()]
    assert trigger.runs == {**NOBODY, "triggered": 1}
    leave.set()
    assert hub.flush(LONG_S)
    assert trigger.runs == {**NOBODY, "triggered": 1, "scheduled": 1}
    report = hub.shutdown(LONG_S)
    assert report.left == 0


def test_a_shutdown_says_what_hangs():
    leave = threading.Event()
    trigger = dl.RetrainingTrigger(lambda model, event: leave.wait())
    hub = hub_with(trigger)
    for model in ("a", "b", "c"):
        hub.emit("f1", 0.1, model=model)
    report = hub.shutdown(0.05)
    assert report.left == 3
    assert report.by_observer["retraining_trigger"] == 3
    assert trigger.runs["failed"] == 3
    leave.set()
    assert trigger.flush(LONG_S)


def test_a_schedule_that_fails_is_retried_then_told():
    calls = []

    def schedule(model, event):
        calls.append(model)
        if len(calls) <= 3:
            raise dl.RetryLater("the queue is full", after_s=0.0)

    trigger = dl.RetrainingTrigger(schedule, retries=1, cooldown_s=0)
    hub = hub_with(trigger)
    triggered, told = Heard(hub, "retraining_triggered"), Heard(hub, "retraining_failed")
    hub.emit("f1", 0.1, model="a:1")
    assert hub.flush(LONG_S)
    assert len(calls) == 2
    [failed] = told
    assert failed.metadata["run_id"] == triggered[0].metadata["run_id"]
    assert failed.model == dl.ModelId("a", "1")
    assert failed.source == "retraining_trigger"
    assert failed.metadata["reason"] == "failed"
    assert "the queue is full" in failed.metadata["message"]
    assert trigger.runs == {**NOBODY, "triggered": 1, "failed": 1}
    assert trigger.in_flight == ()
    hub.emit("f1", 0.1, model="a:1")  # the model is free again; the second attempt works
    assert hub.flush(LONG_S)
    assert trigger.runs == {**NOBODY, "triggered": 2, "scheduled": 1, "failed": 1}
    assert len(calls) == 4


def test_what_schedule_raises_is_worth_another_attempt():
    calls = []

    def schedule(model, event):
        calls.append(model)
        if len(calls) == 1:
            raise ValueError("not yet")  # half a second, times 0.5 to 1.5, later

    trigger = dl.RetrainingTrigger(schedule)
    trigger.update(dl.Event("f1", 0.1, model="a"))
    assert trigger.flush(LONG_S)
    assert (len(calls), trigger.runs["scheduled"]) == (2, 1)


def test_a_failed_run_is_an_incident():
    def schedule(model, event):
        raise dl.RetryLater("no room", after_s=0.0)

    alerts = []
    trigger = dl.RetrainingTrigger(schedule, retries=0)
    hub = hub_with(trigger)
    hub.register(dl.AlertDispatcher(alerts.append, group_wait_s=0))
    hub.emit("f1", 0.1, model="a:1")
    assert hub.flush(LONG_S)
    [alert] = alerts
    assert (alert.action, alert.kind, str(alert.model)) == ("open", "retraining_failed", "a:1")


def test_a_schedule_may_train_on_the_spot():
    hub = dl.Hub()

    def schedule(model, event):
        hub.training_completed(f"{model.name}:2")

    trigger = dl.RetrainingTrigger(schedule, cooldown_s=0)
    hub.register(trigger)
    for _ in range(5):
        hub.emit("f1", 0.1, model="a:1")
        assert hub.flush(LONG_S)
    assert trigger.runs == {**NOBODY, "triggered": 5, "scheduled": 5, "completed": 5}


def test_a_training_that_has_ended_is_not_scheduled_again():
    calls = []
    leave = threading.Event()

    def schedule(model, event):
        calls.append(model)
        leave.wait()
        raise dl.RetryLater("too late", after_s=0.0)

    trigger = dl.RetrainingTrigger(schedule)
    trigger.update(dl.Event("f1", 0.1, model="a:1"))
    eventually(lambda: calls)
    trigger.update(dl.Event("training_completed", model="a:2"))
    leave.set()
    assert trigger.flush(LONG_S)
    assert len(calls) == 1
    assert trigger.runs == {**NOBODY, "triggered": 1, "completed": 1}


# ---------------------------------------------------------------- new baselines


def drifting(name="ages", **options):
    return dl.DriftDetector([0.5] * 8, window_size=4, threshold=0.1, name=name, **options)


def test_after_a_training_the_detector_judges_against_its_last_window():
    detector = drifting()
    trigger = dl.RetrainingTrigger(
        lambda model, event: None, rebase_on="training_completed", detectors=detector
    )
    hub = hub_with(trigger, detector)
    told = Heard(hub, "drift_detected", "drift_resolved", "retraining_triggered")
    for n in range(1000):
        hub.emit("observation", 0.9, model="fraud:1", feature="age", timestamp=at(n))
    # 0.4 away from the 4th value on; reminders after 300, 600 and 900 s.
    assert [event.kind for event in told].count("drift_detected") == 4
    assert [event.kind for event in told].count("retraining_triggered") == 1
    told.clear()
    hub.emit("training_completed", model="fraud:2", timestamp=at(1000))
    [resolved] = told
    assert (resolved.kind, resolved.source, resolved.feature) == ("drift_resolved", "ages", "age")
    assert (resolved.model, resolved.value) == (dl.ModelId("fraud", "1"), None)
    assert resolved.metadata["rebased"] is True
    assert not detector.drift_detected
    assert detector.n == 0
    told.clear()
    hub.emit_many("observation", np.full(100, 0.95), model="fraud:2", feature="age")
    assert detector.statistic == pytest.approx(0.95 - 0.9)
    assert not told
    hub.emit_many("observation", np.full(4, 0.6), model="fraud:2", feature="age")
    assert told[0].kind == "drift_detected"
    # One of four is 0.6: |0.8625 - 0.9| = 0.0375; two: 0.125.
    assert told[0].value == pytest.approx(0.125)
    assert trigger.n_rebased == 1


def test_a_baseline_comes_from_a_function():
    detector = drifting()
    asked = []

    def baseline(asked_for, event):
        asked.append((asked_for, event.kind, threading.get_ident()))
        return np.full(20, 0.7, dtype=np.float32)

    trigger = dl.RetrainingTrigger(
        lambda model, event: None,
        rebase_on="training_completed",
        detectors=[detector],
        baseline=baseline,
    )
    hub = hub_with(trigger, detector)
    told = Heard(hub, "drift_resolved")
    hub.emit_many("observation", np.full(4, 0.9), model="fraud:1", feature="age")
    assert detector.drift_detected
    hub.training_completed("fraud:2")
    assert hub.flush(LONG_S)
    [(asked_for, kind, thread)] = asked
    assert asked_for is detector
    assert (kind, thread != threading.get_ident()) == ("training_completed", True)
    [resolved] = told
    assert (resolved.source, str(resolved.model)) == ("ages", "fraud:1")
    hub.emit_many("observation", np.full(4, 0.9), model="fraud:2", feature="age")
    assert detector.statistic == pytest.approx(0.2)
    assert (trigger.n_rebased, trigger.n_not_rebased) == (1, 0)


def test_a_baseline_that_is_refused_changes_nothing():
    detector = drifting()
    trigger = dl.RetrainingTrigger(
        lambda model, event: None,
        rebase_on="training_completed",
        detectors=[detector],
        baseline=lambda detector, event: [float("nan")],
        retries=0,
    )
    hub = hub_with(trigger, detector)
    hub.emit_many("observation", np.full(4, 0.9), model="fraud:1")
    hub.training_completed("fraud:2")
    assert hub.flush(LONG_S)
    assert detector.drift_detected
    assert (trigger.n_rebased, trigger.n_not_rebased) == (0, 1)


def test_an_incident_of_drift_ends_with_the_new_baseline():
    detector = drifting()
    trigger = dl.RetrainingTrigger(
        lambda model, event: None, rebase_on="training_completed", detectors=detector
    )
    alerts = []
    dispatcher = dl.AlertDispatcher(alerts.append, group_wait_s=0)
    hub = hub_with(trigger, detector, dispatcher)
    hub.emit_many("observation", np.full(4, 0.9), model="fraud:1", feature="age")
    assert hub.flush(LONG_S)
    hub.training_completed("fraud:2")
    assert hub.flush(LONG_S)
    assert [alert.action for alert in alerts] == ["open", "resolve"]
    assert dispatcher.incidents() == []


def test_events_without_a_model_resolve_without_one():
    detector = drifting()
    trigger = dl.RetrainingTrigger(
        lambda model, event: None, rebase_on="training_completed", detectors=detector
    )
    hub = hub_with(trigger, detector)
    told = Heard(hub, "drift_resolved")
    hub.emit_many("observation", np.full(4, 0.9), feature="age")
    hub.training_completed("fraud:2")
    hub.emit("observation", 0.9, feature="age")  # tells it: its drift was of no model
    [resolved] = told
    assert (resolved.model, resolved.feature) == (None, "age")


def test_rebase_by_hand_ends_drift_with_the_next_event():
    detector = drifting()
    hub = dl.Hub()
    hub.register(detector)
    told = Heard(hub, "drift_resolved")
    hub.emit_many("observation", np.full(4, 0.9), model="fraud:1")
    detector.rebase([0.9] * 4)
    assert not told
    hub.emit("observation", 0.9, model="fraud:2")
    [resolved] = told
    assert resolved.model == dl.ModelId("fraud", "1")
    hub.emit_many("observation", np.full(8, 0.9), model="fraud:2")
    assert len(told) == 1


def test_only_detectors_of_the_model_are_rebased():
    fraud, churn = drifting(model="fraud"), drifting(model="churn")
    trigger = dl.RetrainingTrigger(
        lambda model, event: None, rebase_on="training_completed", detectors=(fraud, churn)
    )
    hub = hub_with(trigger, fraud, churn)
    for model in ("fraud:1", "churn:1"):
        hub.emit_many("observation", np.full(4, 0.9), model=model)
    hub.training_completed("fraud:2")
    assert (fraud.drift_detected, churn.drift_detected) == (False, True)


# ---------------------------------------------------------------- the class itself


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"schedule": None}, TypeError, "schedule: got None"),
        ({"schedule": print.__class__}, TypeError, "schedule:"),
        ({"min_f1": 0}, ValueError, "min_f1: got 0"),
        ({"min_f1": "low"}, TypeError, "min_f1:"),
        ({"max_p": 2}, ValueError, "max_p: got 2"),
        ({"strategy": 0.05}, TypeError, "strategy: got 0.05"),
        ({"kinds": []}, ValueError, "kinds:"),
        ({"kinds": None}, TypeError, "kinds:"),
        ({"confirm": (3, 2)}, ValueError, "confirm:"),
        ({"confirm": (1, 2, 3)}, ValueError, "confirm:"),
        ({"confirm": 3}, TypeError, "confirm:"),
        ({"confirm": "35"}, TypeError, "confirm:"),
        ({"confirm": (1.5, 2)}, TypeError, "confirm:"),
        ({"rate_limit": (0, 60)}, ValueError, "rate_limit:"),
        ({"rate_limit": (1, -1)}, ValueError, "rate_limit:"),
        ({"cooldown_s": float("nan")}, ValueError, "cooldown_s:"),
        ({"run_timeout_s": 0}, ValueError, "run_timeout_s:"),
        ({"retries": -1}, ValueError, "retries:"),
        ({"rebase_on": "training_completed"}, ValueError, "detectors:"),
        ({"detectors": [1], "rebase_on": "training_completed"}, TypeError, "detectors:"),
        ({"baseline": lambda detector, event: []}, ValueError, "rebase_on:"),
        ({"default_model": ""}, ValueError, "default_model:"),
        ({"min_f1": None, "max_p": None}, ValueError, "min_f1, max_p, strategy:"),
    ],
)
def test_arguments_are_refused_by_name(options, error, match):
    options = {"schedule": lambda model, event: None, **options}
    with pytest.raises(error, match=f"^{match}") as caught:
        dl.RetrainingTrigger(**options)
    assert isinstance(caught.value, dl.DriftlineError)
    assert "accepted:" in str(caught.value)


def test_coroutine_functions_are_refused():
    async def function(*_):
        return True

    for argument in ("schedule", "strategy", "baseline"):
        options = {"schedule": print, argument: function, "rebase_on": "f1"}
        with pytest.raises(dl.InvalidTypeError, match=f"^{argument}: got the coroutine"):
            dl.RetrainingTrigger(**options, detectors=drifting())


def test_strategies_are_values():
    for strategy in (dl.FixedThreshold(0.05), dl.PValue(0.01), dl.Ewma(0.3, 0.2)):
        copy = pickle.loads(pickle.dumps(strategy))
        assert (copy, hash(copy), repr(copy)) == (strategy, hash(strategy), repr(strategy))
    assert dl.Ewma(0.3, 0.2) != dl.Ewma(0.2, 0.2)
    for make in (
        lambda: dl.FixedThreshold(float("nan")),
        lambda: dl.PValue(0),
        lambda: dl.Ewma(0, 1),
        lambda: dl.Ewma(0.5, float("inf")),
    ):
        with pytest.raises(dl.InvalidValueError):
            make()


def test_what_it_was_made_with_can_be_read():
    def schedule(model, event):
        pass

    def baseline(detector, event):
        return [1.0]

    detector, strategy = drifting(), dl.PValue(0.01)
    trigger = dl.RetrainingTrigger(
        schedule,
        strategy=strategy,
        confirm=(3, 5),
        rate_limit=(2, 60),
        rebase_on="training_completed",
        detectors=detector,
        baseline=baseline,
        default_model="fraud:1",
    )
    assert trigger.schedule is schedule
    assert trigger.strategy is strategy
    assert trigger.baseline is baseline
    assert trigger.detectors == (detector,)
    assert (trigger.min_f1, trigger.max_p, trigger.min_effect) == (0.75, 0.05, None)
    assert trigger.kinds == ("drift_score", "drift_detected")
    assert (trigger.confirm, trigger.rate_limit) == ((3, 5), (2, 60.0))
    assert (trigger.cooldown_s, trigger.run_timeout_s, trigger.retries) == (3600.0, 86400.0, 5)
    assert (trigger.rebase_on, str(trigger.default_model)) == ("training_completed", "fraud:1")
    assert repr(trigger) == (
        "RetrainingTrigger(triggered=0, scheduled=0, completed=0, failed=0, timed_out=0, "
        "in_flight=0, held_back=0)"
    )


@pytest.mark.thread_unsafe(reason="doctest redirects the standard output of the process")
@pytest.mark.parametrize(
    "documented",
    [dl.RetrainingTrigger, dl.FixedThreshold, dl.PValue, dl.Ewma, retraining.Webhook],
)
def test_examples_run(documented):
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner()
    results = [runner.run(case) for case in finder.find(documented, documented.__name__)]
    assert sum(result.attempted for result in results) > 0
    assert sum(result.failed for result in results) == 0


def test_it_is_collected_with_what_it_holds():
    class Holder:
        pass

    def make():
        holder, detector = Holder(), drifting()
        holder.trigger = dl.RetrainingTrigger(
            lambda model, event: holder,
            strategy=lambda event: holder is None,
            rebase_on="training_completed",
            detectors=detector,
            baseline=lambda detector, event: holder,
        )
        holder.trigger.update(dl.Event("drift_score", 1.0, model="a"))
        return weakref.ref(holder), weakref.ref(holder.trigger), weakref.ref(detector)

    references = make()
    gc.collect()
    assert [reference() for reference in references] == [None, None, None]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.thread_unsafe(reason="forks")
def test_a_forked_child_has_workers_of_its_own():
    calls = []
    leave = threading.Event()

    def schedule(model, event):
        calls.append(model.name)
        if model.name == "parent":
            leave.wait()

    trigger = dl.RetrainingTrigger(schedule)
    hub = hub_with(trigger)
    hub.emit("f1", 0.1, model="parent")
    eventually(lambda: calls)
    child = os.fork()
    if not child:
        code = 1
        try:
            is_empty = hub.flush(LONG_S)  # the parent's run is the parent's
            hub.emit("f1", 0.1, model="parent")
            hub.emit("f1", 0.1, model="child")
            is_right = is_empty and hub.flush(LONG_S) and calls == ["parent", "child"]
            code = 0 if is_right and trigger.held_back == {"in_flight": 1} else 2
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    leave.set()
    assert hub.flush(LONG_S)
    assert calls == ["parent"]


# ---------------------------------------------------------------- ready-made schedulers

WRITE = """
import os, sys
said = [*sys.argv[2:], os.environ["DRIFTLINE_EVENT"]]
open(sys.argv[1], "w").write("|".join(said))
"""


def test_a_command_is_told_what_the_event_says(tmp_path):
    written = tmp_path / "written; rm -rf {name}.txt"
    words = ["{model}", "{name}/{version}", "{kind}={value}", "{feature}", "{other}", "{{name}}"]
    command = retraining.Command([sys.executable, "-c", WRITE, written, *words])
    trigger = dl.RetrainingTrigger(command)
    event = dl.Event("drift_detected", 0.25, model="fr$aud:3", metadata={"n": 7})
    assert trigger.update(event)
    assert trigger.flush(LONG_S)
    assert trigger.runs["scheduled"] == 1
    [file] = tmp_path.iterdir()
    assert file.name == "written; rm -rf fr$aud.txt"
    *said, told = file.read_text().split("|")
    assert said == ["fr$aud:3", "fr$aud/3", "drift_detected=0.25", "", "{other}", "{fr$aud}"]
    assert dl.Event.from_json(told) == event


def test_a_command_without_a_version_or_value_is_told_nothing(tmp_path):
    command = retraining.Command(
        [sys.executable, "-c", WRITE, tmp_path / "out", "<{version}{value}>"], cwd=tmp_path
    )
    command(dl.ModelId("a"), dl.Event("f1"))
    assert (tmp_path / "out").read_text().startswith("<>|")


def test_a_command_that_fails_says_how():
    code = "import sys; sys.stderr.write('x' * 100_000 + 'no such table'); sys.exit(3)"
    command = retraining.Command([sys.executable, "-c", code])
    with pytest.raises(retraining.SchedulingFailed, match=r"status 3: x+no such table$") as caught:
        command(dl.ModelId("a"), dl.Event("f1", 0.1))
    assert len(str(caught.value)) < 2100
    missing = retraining.Command(["/nowhere/to/be/found"])
    with pytest.raises(FileNotFoundError):
        missing(dl.ModelId("a"), dl.Event("f1", 0.1))
    trigger = dl.RetrainingTrigger(missing, retries=0)
    trigger.update(dl.Event("f1", 0.1, model="a"))
    assert trigger.flush(LONG_S)
    assert trigger.runs["failed"] == 1


def test_a_command_that_takes_too_long_is_killed_with_what_it_started(tmp_path):
    code = (
        "import os, pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "path.with_suffix('.new').write_text(f'{os.getpid()} {child.pid}')\n"
        "path.with_suffix('.new').rename(path)\n"
        "while True: sys.stderr.write('waiting '); time.sleep(0.001)\n"
    )
    file = tmp_path / "pids"
    command = retraining.Command([sys.executable, "-c", code, file], timeout_s=3.0)
    with pytest.raises(TimeoutError, match="did not end in time"):
        command(dl.ModelId("a"), dl.Event("f1", 0.1))
    for pid in map(int, file.read_text().split()):
        eventually(lambda pid=pid: not is_running(pid))


def is_running(pid):
    """Whether a process exists that has not ended."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_command_does_not_wait_for_what_it_left_running():
    code = (
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'])\n"
        "print('gone', file=sys.stderr)\n"
    )
    command = retraining.Command([sys.executable, "-c", code], timeout_s=20.0)
    # It would raise TimeoutError if it did.
    assert command(dl.ModelId("a"), dl.Event("f1", 0.1)) is None


@pytest.mark.parametrize(
    ("args", "options", "error", "match"),
    [
        ("make train", {}, TypeError, "args:"),
        ([], {}, ValueError, "args:"),
        ([1], {}, TypeError, "args:"),
        (["make"], {"timeout_s": 0}, ValueError, "timeout_s:"),
        (["make"], {"timeout_s": float("nan")}, ValueError, "timeout_s:"),
        (["make"], {"timeout_s": "1"}, TypeError, "timeout_s:"),
    ],
)
def test_a_command_refuses_by_name(args, options, error, match):
    with pytest.raises(error, match=f"^{match}"):
        retraining.Command(args, **options)


class Server:
    """Answers with the statuses given, and keeps what it was asked."""

    def __init__(self, *statuses):
        requests, left = [], list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                requests.append((self.headers, self.rfile.read(length)))
                self.send_response(left.pop(0) if left else 200)
                self.send_header("Retry-After", "0")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.requests = requests
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/canary-path"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def test_a_webhook_is_signed_and_tried_again_under_the_same_id():
    with Server(500, 200) as server:
        webhook = retraining.Webhook(server.url, secret="canary-key", headers={"X-Own": "canary-h"})
        trigger = dl.RetrainingTrigger(webhook)
        hub = hub_with(trigger)
        told = Heard(hub, "retraining_triggered")
        hub.emit("f1", 0.5, model="fraud:1", feature="all", metadata={"n": 3})
        assert hub.flush(LONG_S)
    assert trigger.runs == {**NOBODY, "triggered": 1, "scheduled": 1}
    (first, body), (second, same) = server.requests
    assert body == same
    assert first["Driftline-Delivery"] == second["Driftline-Delivery"]
    assert first["Driftline-Delivery"] == told[0].metadata["run_id"]
    assert first["X-Own"] == "canary-h"
    for headers in (first, second):
        signed = (
            f"{headers['Driftline-Timestamp']}.{headers['Driftline-Delivery']}.".encode() + body
        )
        expected = hmac.new(b"canary-key", signed, "sha256").hexdigest()
        assert headers["Driftline-Signature"] == f"v1={expected}"
        assert dl.verify_signature("canary-key", headers, body)
    sent = json.loads(body)
    assert (sent["version"], sent["action"]) == (1, "retrain")
    assert sent["delivery_id"] == first["Driftline-Delivery"]
    assert sent["model"] == {"name": "fraud", "version": "1"}
    event = dl.Event.from_json(json.dumps(sent["event"]))
    assert (event.kind, event.value, event.feature) == ("f1", 0.5, "all")
    assert "canary" not in repr(webhook)
    with pytest.raises(TypeError, match="secrets"):
        pickle.dumps(webhook)


def test_a_webhook_that_is_refused_is_not_tried_again():
    with Server(403) as server:
        trigger = dl.RetrainingTrigger(retraining.Webhook(server.url))
        hub = hub_with(trigger)
        told = Heard(hub, "retraining_failed")
        hub.emit("f1", 0.5, model="fraud:1")
        assert hub.flush(LONG_S)
    assert len(server.requests) == 1
    assert "Driftline-Signature" not in server.requests[0][0]
    [failed] = told
    assert failed.metadata["reason"] == "refused"
    assert "canary" not in failed.to_json()


def test_mlflow_tags_the_version(tmp_path, monkeypatch):
    pytest.importorskip("mlflow")
    from mlflow.tracking import MlflowClient

    from driftline.integrations import MLflowScheduler

    # test_integration_mlflow.py has the same in a database.
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = (tmp_path / "store").as_uri()
    client = MlflowClient(tracking_uri=uri, registry_uri=uri)
    client.create_registered_model("fraud")
    for _ in range(2):
        client.create_model_version("fraud", source=str(tmp_path))
    client.set_registered_model_alias("fraud", "champion", "1")
    scheduler = MLflowScheduler(tracking_uri=uri)
    event = dl.Event("f1", 0.5, timestamp="2013-01-01T00:00:00Z")

    def tags(version):
        return client.get_model_version("fraud", version).tags

    scheduler(dl.ModelId("fraud"), event)  # the newest
    assert tags("1") == {}
    assert json.loads(tags("2")["driftline.retraining"]) == {
        "kind": "f1",
        "value": 0.5,
        "p_value": None,
        "feature": None,
        "timestamp": "2013-01-01T00:00:00+00:00",
    }
    scheduler(dl.ModelId.parse("models:/fraud@champion"), event)
    assert "driftline.retraining" in tags("1")
    other = MLflowScheduler(tracking_uri=uri, tag="own", model_name="fraud")
    trigger = dl.RetrainingTrigger(other)
    trigger.update(dl.Event("f1", 0.5, model="served-as:2"))
    assert trigger.flush(LONG_S)
    assert "own" in tags("2")
    with pytest.raises(dl.InvalidValueError, match="no version is registered"):
        scheduler(dl.ModelId("nobody"), event)


def test_mlflow_is_asked_for_by_name(monkeypatch):
    from driftline.integrations import MLflowScheduler, mlflow

    monkeypatch.setattr(mlflow.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"driftline\[mlflow\]"):
        MLflowScheduler()
