"""StreamDetector: a streaming detector on a hub, and alone."""

from __future__ import annotations

import copy
import doctest
import gc
import inspect
import math
import os
import subprocess
import sys
import threading
import weakref
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import driftline as dl
from driftline import stream

START = datetime(2013, 1, 1, tzinfo=UTC)
# How long a thread is waited for before a test says that it hangs.
PATIENCE_S = 60.0
# Finds a change by 1 within a few values.
QUICK = {"threshold": 5.0, "min_instances": 10}
# Zeros and ones, then fours and sevens.
STEP = [0, 1] * 500 + [4, 7] * 500


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=float(seconds))


def quick(**options) -> stream.Detector:
    return stream.PageHinkley(**QUICK, **options)


def hub_with(observer: dl.NativeObserver, **options) -> tuple[dl.Hub, list[dl.Event]]:
    """A hub with the observer on it, and what the observer tells there."""
    hub, told = dl.Hub(**options), []
    hub.register(told.append, kinds=["drift_detected", "drift_resolved"])
    hub.register(observer)
    return hub, told


def joined(*threads: threading.Thread) -> None:
    for thread in threads:
        thread.daemon = True
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), "it hangs"


# --- on a hub ---


def test_an_event_says_what_was_found():
    hub, told = hub_with(dl.StreamDetector(stream.ADWIN()))
    times = np.datetime64("2013-01-01T00:00:00") + np.arange(2000).astype("timedelta64[s]")
    hub.emit_many("observation", STEP, timestamps=times, model="fraud:3", feature="age")
    (event,) = told
    own = stream.ADWIN()
    (found,) = own.update_many(STEP[:1024])
    assert (event.kind, event.severity) == ("drift_detected", dl.Severity.ERROR)
    assert (event.timestamp, str(event.model), event.feature) == (at(found), "fraud:3", "age")
    assert (event.value, event.p_value) == (own.statistic, None)
    assert event.source == "stream_detector"
    told_of = dict(event.metadata)
    message = told_of.pop("message")
    assert told_of == {
        "detector": "adwin",
        "test": "adwin",
        "direction": "up",
        "limit": own.limit,
        "estimation": own.estimation,
        "n": 1024,
        "n_samples": 1024,
    }
    assert message.startswith("adwin found a change upwards within the last 1024 values: its")


def test_drift_is_resolved_after_so_many_values():
    hub, told = hub_with(dl.StreamDetector("adwin", resolve_after=50))
    hub.emit_many("observation", STEP, feature="age")
    detected, resolved = told
    assert (detected.kind, resolved.kind) == ("drift_detected", "drift_resolved")
    assert (resolved.feature, resolved.metadata["n"]) == ("age", 50)
    assert resolved.metadata["n_samples"] == 1024 + 50
    assert resolved.metadata["message"] == "adwin found no other change in the 50 values since"
    assert "direction" not in resolved.metadata


def test_an_incident_is_opened_and_resolved():
    hub, told = dl.Hub(), []
    alerts = dl.AlertDispatcher(told.append)
    hub.register(alerts)
    hub.register(dl.StreamDetector(stream.ADWIN(), resolve_after=100))
    hub.emit_many("observation", STEP, model="fraud:3", feature="age")
    assert hub.flush(PATIENCE_S)
    assert [alert.action for alert in told] == ["open", "resolve"]
    assert (told[0].kind, str(told[0].model), told[0].feature) == (
        *("drift_detected", "fraud:3", "age"),
    )
    assert "adwin found a change upwards" in told[0].summary
    assert (alerts.n_opened, alerts.n_resolved, alerts.incidents()) == (1, 1, [])
    hub.shutdown()


def test_the_monitor_and_the_metrics_name_the_detector():
    hub, monitor, metrics = dl.Hub(), dl.DriftMonitor(), dl.MetricsCollector()
    for observer in (monitor, metrics, dl.StreamDetector(stream.ADWIN(), resolve_after=None)):
        hub.register(observer)
    hub.emit_many("observation", STEP, feature="age")
    (entry,) = monitor.board()
    assert (entry.feature, entry.test, entry.state) == ("age", "adwin", "drifting")
    assert entry.source == "stream_detector"
    text = metrics.render()
    (line,) = [line for line in text.splitlines() if line.startswith("driftline_drift_statistic{")]
    assert 'test="adwin"' in line
    assert 'feature="age"' in line


VALUES = st.one_of(
    st.floats(-2, 2),
    st.sampled_from([0.0, 5.0, 9.0, math.nan, math.inf, 1e100]),
)
ARRIVALS = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["x", "y", None]), VALUES),
    max_size=120,
)


@settings(max_examples=60, deadline=None)
@given(ARRIVALS, st.booleans())
def test_series_are_as_with_a_detector_of_their_own(arrivals, per_model):
    observer = dl.StreamDetector(
        stream.PageHinkley(min_instances=3, threshold=2.0), per_model=per_model, resolve_after=None
    )
    hub, told = hub_with(observer)
    own, expected = {}, []
    for second, (model, feature, value) in enumerate(arrivals):
        hub.emit("observation", value, model=model, feature=feature, timestamp=at(second))
        key = (model if per_model else None, feature)
        detector = own.setdefault(key, stream.PageHinkley(min_instances=3, threshold=2.0))
        detector.update(value)
        if detector.drift_detected:
            expected.append((second, model, feature, detector.statistic))
    alerts = [
        (
            (event.timestamp - START).seconds,
            event.model and str(event.model),
            event.feature,
            event.value,
        )
        for event in told
    ]
    assert alerts == expected
    assert len(observer.series()) == len(own)
    for (model, feature), detector in own.items():
        if len(own) > 1 and (model, feature) == (None, None):
            continue
        status = observer.status(model, feature)
        assert (status.n_samples, status.n_missing) == (detector.n_samples, detector.n_missing)
        assert observer.detector(model, feature).to_json() == detector.to_json()
    for name in ("n_samples", "n_missing", "n_detections"):
        assert getattr(observer, name) == sum(getattr(one, name) for one in own.values())


def test_batches_are_as_single_events():
    rng = np.random.default_rng(7)
    values = rng.normal(size=3000) + 4.0 * (np.arange(3000) // 500 % 2)
    values[::77] = np.nan
    times = np.datetime64("2013-01-01T00:00:00") + np.arange(3000).astype("timedelta64[s]")
    how = {"cooldown_s": 700.0, "resolve_after": 150}
    batch, single = dl.StreamDetector(quick(), **how), dl.StreamDetector(quick(), **how)
    hub, told = hub_with(batch)
    hub.emit_many("observation", values, timestamps=times, feature="age")
    hub, told_singly = hub_with(single)
    for second, value in enumerate(values):
        hub.emit("observation", value, timestamp=at(second), feature="age")
    assert told == told_singly
    assert single.n_suppressed > 0
    assert batch.detector().to_json() == single.detector().to_json()
    alone = dl.StreamDetector(quick(), **how)
    alerts = alone.update_many(values, timestamps=times)
    detected = [event.timestamp for event in told if event.kind == "drift_detected"]
    assert [at(second) for second in alerts] == detected


def test_a_field_holds_the_value():
    hub, _ = hub_with(observer := dl.StreamDetector(quick(), field="score.mean"))
    hub.emit("observation", 9.0, metadata={"score": {"mean": 0.25}})
    hub.emit("observation", 9.0, metadata={"score": {"mean": "high"}})
    hub.emit("observation", 9.0)
    assert (observer.n_samples, observer.n_missing, observer.estimation) == (1, 2, 0.25)


def test_it_hears_what_it_is_told_to():
    observer = dl.StreamDetector(quick(), kinds="accuracy", feature="age", model="fraud")
    hub, _ = hub_with(observer)
    for kind, feature, model in [
        *(("accuracy", "age", "fraud:1"), ("accuracy", "age", "fraud:2")),
        *(("observation", "age", "fraud:1"), ("accuracy", None, "fraud:1")),
        *(("accuracy", "age", "churn"), ("accuracy", "income", "fraud:1")),
    ]:
        hub.emit(kind, 0.5, feature=feature, model=model)
    assert (observer.n_samples, observer.max_models) == (2, None)
    assert observer.series() == [(None, "age")]


def test_what_is_missing_is_counted():
    observer = dl.StreamDetector(quick())
    hub, _ = hub_with(observer)
    for value in (None, math.nan, math.inf, 0.5):
        assert hub.emit("observation", value).failures == ()
    assert (observer.n_samples, observer.n_missing, observer.n_refused) == (1, 3, 0)
    assert observer.update(None) is False
    assert observer.n_missing == 4


@pytest.mark.parametrize("one_by_one", [False, True])
def test_what_the_detector_does_not_take_fails_once(one_by_one):
    observer = dl.StreamDetector(stream.PageHinkley(nan_policy="raise"))
    hub, _ = hub_with(observer)
    values = [0.5, math.nan, 0.5, math.nan, 0.5]
    if one_by_one:
        reports = [hub.emit("observation", value) for value in values]
    else:
        reports = [hub.emit_many("observation", values)]
    (failure,) = [failure for report in reports for failure in report.failures]
    assert str(failure.error) == (
        'value: got NaN; accepted: a finite number with nan_policy="raise", by detector '
        '"page_hinkley"; others are counted in n_refused, and not told of'
    )
    assert isinstance(failure.error, dl.InvalidValueError)
    assert (observer.n_samples, observer.n_refused, observer.n_missing) == (3, 2, 0)
    assert hub.emit_many("observation", values).failures == ()
    # Alone it is an error, and nothing changes.
    with pytest.raises(dl.InvalidValueError, match=r"^value: got NaN; accepted: a finite number"):
        observer.update(math.nan)
    with pytest.raises(dl.InvalidValueError, match=r"^values: got NaN at position 1; accepted: "):
        observer.update_many([0.5, math.nan])
    assert (observer.n_samples, observer.n_refused) == (6, 4)


def test_errors_are_zeros_and_ones():
    errors = [float(i % (10 if i < 800 else 2) == 0) for i in range(1200)]
    hub, told = hub_with(observer := dl.StreamDetector(stream.DDM(), resolve_after=None))
    report = hub.emit_many("observation", [*errors[:500], 0.3, *errors[500:]])
    (failure,) = report.failures
    assert str(failure.error).startswith(
        'value: got 0.3; accepted: 0 or 1 (True or False), by detector "ddm"; others are'
    )
    assert (observer.n_samples, observer.n_refused) == (1200, 1)
    own = stream.DDM()
    assert len(told) == len(own.update_many(errors)) > 0
    assert observer.detector().to_json() == own.to_json()
    with pytest.raises(dl.InvalidValueError, match=r"^value: got 0\.3; accepted: 0 or 1"):
        observer.update(0.3)


def test_newcomers_without_room_are_counted():
    observer = dl.StreamDetector(quick())
    hub, _ = hub_with(observer, max_models=2)
    for feature in ("a", "b", "c", "d", "c", "a"):
        hub.emit("observation", 0.5, feature=feature)
    assert (observer.max_models, observer.n_overflow, observer.n_samples) == (2, 3, 3)
    assert observer.series() == [(None, "a"), (None, "b")]


def test_changes_within_the_cooldown_are_counted():
    observer = dl.StreamDetector(quick(), cooldown_s=60.0)
    hub, told = hub_with(observer)
    for second in range(100):
        hub.emit("observation", second // 20 * 2.0, timestamp=at(second))
    found = stream.PageHinkley(**QUICK).update_many([i // 20 * 2.0 for i in range(100)])
    assert len(found) == 4
    assert observer.n_detections == len(told) == 2
    assert [event.timestamp for event in told] == [at(found[0]), at(found[3])]
    assert observer.n_suppressed == 2
    assert observer.last_alert == at(found[3])


# --- alone ---


def test_alone_it_finds_what_the_detector_finds():
    detector = stream.ADWIN()
    observer = dl.StreamDetector(detector)
    assert observer.detector().n_samples == 0
    assert observer.update_many(STEP).tolist() == [1023]
    assert detector.n_samples == 0  # it was copied
    detector.update_many(STEP)
    copied = observer.detector()
    assert isinstance(copied, stream.ADWIN)
    assert copied.to_json() == detector.to_json()
    copied.update_many([1.0] * 10)
    assert observer.n_samples == 2000  # and so is what is handed out
    for name in ("statistic", "limit", "direction", "estimation"):
        assert getattr(observer, name) == getattr(detector, name)
    assert (observer.n, observer.n_detections, observer.drift_detected) == (976, 1, True)
    assert not observer.warning_detected
    observer.update_many([5.5] * 24)
    assert (observer.n, observer.drift_detected) == (1000, False)
    single = dl.StreamDetector("adwin")
    assert [i for i, x in enumerate(STEP) if single.update(x)] == [1023]


def test_each_series_begins_with_what_the_detector_has_seen():
    detector = stream.PageHinkley(**QUICK)
    detector.update_many([0.0] * 50)
    observer = dl.StreamDetector(detector)
    expected = detector.clone().update_many([3.0] * 5).tolist()
    for feature in ("a", "b"):
        assert observer.update_many([3.0] * 5, feature=feature).tolist() == expected
    assert observer.status(feature="b").n_samples == 5
    assert observer.detector(feature="b").n_samples == 55


def test_status_and_reset_of_series():
    observer = dl.StreamDetector(quick(), per_model=True, cooldown_s=1.0)
    observer.update_many([0.0] * 20 + [2.0] * 20, model="fraud:1", feature="age")
    observer.update(0.5, model="churn:7", feature="age", timestamp=at(0))
    observer.update(0.5, model="churn:7")
    fraud = observer.status("fraud:1", "age")
    assert (fraud.model, fraud.feature) == (dl.ModelId("fraud", "1"), "age")
    assert (fraud.n_samples, fraud.n_detections, fraud.drift_detected) == (40, 1, True)
    assert (fraud.direction, fraud.n_missing, fraud.n_refused, fraud.n_suppressed) == (
        *("up", 0, 0, 0),
    )
    assert observer.detector("fraud:1", "age").n_samples == 40
    assert repr(fraud) == (
        "StreamStatus(model='fraud:1', feature='age', n_samples=40, n_detections=1, "
        "drift_detected=True)"
    )
    assert (observer.statistic, observer.direction) == (None, None)
    for model, feature in [(None, None), ("fraud:1", None), ("fraud", "age"), (None, "age")]:
        with pytest.raises(dl.InvalidValueError, match=r"; accepted: what has a series: model"):
            observer.status(model, feature)
        with pytest.raises(dl.InvalidValueError, match=r"; accepted: what has a series: model"):
            observer.detector(model, feature)
    observer.reset("churn:7")
    assert [observer.status("churn:7", one).n_samples for one in ("age", None)] == [0, 0]
    observer.reset(feature="age")
    assert observer.n_samples == 0
    with pytest.raises(dl.InvalidValueError, match=r"^feature: got feature \"income\"; accepted:"):
        observer.reset(feature="income")
    observer.reset()
    assert observer.series() == []


def test_models_that_are_not_kept_apart_have_no_status():
    observer = dl.StreamDetector(quick(), feature="age")
    observer.update(0.5, model="fraud:1", feature="income")  # the feature that it is about
    assert observer.status("".join(()) or None).feature == "age"
    with pytest.raises(dl.InvalidValueError, match=r"^model: got .*per_model=True"):
        observer.status("fraud:1")
    with pytest.raises(dl.InvalidValueError, match=r"^feature: got feature \"income\""):
        observer.status(feature="income")


def test_the_clock_tells_when():
    now = [1000.0]
    observer = dl.StreamDetector(quick(), clock=lambda: now[0], cooldown_s=50.0)
    observer.update_many([0.0] * 20 + [2.0] * 20)
    assert observer.last_alert == datetime.fromtimestamp(1000, UTC)
    now[0] = 1049.0
    assert observer.update_many([4.0] * 20).tolist() == []
    now[0] = 1051.0
    assert len(observer.update_many([8.0] * 20)) == 1
    assert (observer.n_detections, observer.n_suppressed) == (2, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cooldown_s": -1.0}, r"^cooldown_s: got -1; accepted: a finite number of seconds"),
        ({"cooldown_s": math.nan}, r"^cooldown_s: "),
        ({"resolve_after": 0}, r"^resolve_after: got 0 .*whole number from 1"),
        ({"resolve_after": 1.5}, r"^resolve_after: "),
        ({"max_models": 0}, r"^max_models: "),
        ({"kinds": None}, r"^kinds: "),
        ({"kinds": []}, r"^kinds: "),
        ({"feature": ""}, r"^feature: "),
        ({"field": 3}, r"^field: "),
        ({"name": " "}, r"^name: "),
        ({"per_model": "yes"}, r"^per_model: "),
        ({"clock": 3}, r"^clock: "),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises((dl.InvalidValueError, dl.InvalidTypeError), match=message):
        dl.StreamDetector(stream.ADWIN(), **options)


@pytest.mark.parametrize(
    ("detector", "message"),
    [
        (None, r"^detector: got None; accepted: a detector such as stream.ADWIN\(\)"),
        (stream.ADWIN, r"^detector: got the class .*ADWIN.*, not an instance of it; accepted: "),
        ("adwind", r"^detector: got \"adwind\"; .*Did you mean \"adwin\"\?$"),
        (object(), r"^detector: got .*object.*with update\(x\) and drift_detected"),
    ],
)
def test_what_is_no_detector_is_refused(detector, message):
    with pytest.raises((dl.InvalidValueError, dl.InvalidTypeError), match=message):
        dl.StreamDetector(detector)


def test_the_signature_shows_the_defaults():
    parameters = inspect.signature(dl.StreamDetector).parameters
    assert parameters["kinds"].default == ("observation", "drift_score")
    assert (parameters["cooldown_s"].default, parameters["resolve_after"].default) == (0.0, 1000)


def test_it_shows_itself():
    observer = dl.StreamDetector(quick(), per_model=True)
    assert repr(observer) == (
        "StreamDetector(detector='page_hinkley', per_model=True, n_samples=0, n_detections=0, "
        "drift_detected=False)"
    )
    assert (observer.name, dl.StreamDetector(quick(), name="age").name) == (
        *("stream_detector", "age"),
    )
    assert isinstance(observer, dl.NativeObserver)
    assert (observer.cooldown_s, observer.resolve_after, observer.per_model) == (0.0, 1000, True)


# --- objects of the user's ---


class Above:
    """Finds a change at each value above a limit."""

    limit = 9.0

    def __init__(self):
        self.seen = []
        self.drift_detected = False

    def update(self, x):
        self.seen.append(x)
        self.drift_detected = x > self.limit
        self.statistic = x


class Calls:
    """Calls a function, which copies share, with each value."""

    drift_detected = False

    def __init__(self, function):
        self.function = function

    def update(self, x):
        self.drift_detected = bool(self.function(x))


def test_an_object_with_update_is_a_detector():
    mine = Above()
    hub, told = hub_with(observer := dl.StreamDetector(mine, resolve_after=2))
    for value in (1.0, 10.0, None, math.inf, 2.0, 3.0):
        hub.emit("observation", value, feature="age", timestamp=at(0))
    hub.emit("observation", 11.0, feature="income")
    assert mine.seen == []  # it was copied
    detected, resolved, other = told
    assert (detected.kind, detected.value, detected.feature) == ("drift_detected", 10.0, "age")
    assert detected.metadata["test"] == detected.metadata["detector"] == "Above"
    assert (detected.metadata["limit"], detected.metadata["n_samples"]) == (9.0, 2)
    assert "direction" not in detected.metadata
    assert (resolved.kind, other.feature) == ("drift_resolved", "income")
    status = observer.status(feature="age")
    assert (status.n_samples, status.n_missing, status.statistic) == (4, 2, 10.0)
    copied = observer.detector(feature="age")
    assert (type(copied), copied.seen) == (Above, [1.0, 10.0, 2.0, 3.0])
    observer.reset()
    assert observer.detector().seen == []
    assert observer.update_many([1.0, 20.0, 30.0]).tolist() == [1, 2]
    assert repr(observer).startswith("StreamDetector(detector='Above', ")


def test_a_name_of_its_own_is_told():
    class Named(Above):
        name = "limits"
        direction = "down"
        estimation = math.nan

    hub, told = hub_with(dl.StreamDetector(Named()))
    hub.emit_many("observation", [1.0, 10.0])
    (event,) = told
    assert (event.metadata["test"], event.metadata["direction"]) == ("limits", "down")
    assert "estimation" not in event.metadata


def test_rivers_detectors_are_detectors():
    river = pytest.importorskip("river.drift")
    hub, told = hub_with(observer := dl.StreamDetector(river.ADWIN()))
    hub.emit_many("observation", STEP, feature="age")
    (event,) = told
    assert (event.metadata["test"], event.metadata["n_samples"]) == ("ADWIN", 1024)
    assert isinstance(observer.detector(feature="age"), river.ADWIN)


def test_what_it_raises_is_a_failure_of_the_observer():
    hub, told = hub_with(observer := dl.StreamDetector(Calls(lambda x: 1 / x > 1)))
    reports = [hub.emit("observation", value) for value in (2.0, 0.0, 0.5)]
    assert [len(report.failures) for report in reports] == [0, 1, 0]
    assert type(reports[1].failures[0].error) is ZeroDivisionError
    assert (observer.n_samples, len(told)) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        observer.update(0.0)
    with pytest.raises(ZeroDivisionError):
        observer.update_many([1.0, 0.0, 1.0])
    assert observer.n_samples == 6


def test_ctrl_c_reaches_the_emitter():
    def interrupted(x):
        raise KeyboardInterrupt

    hub, after = dl.Hub(), []
    hub.register(dl.StreamDetector(Calls(interrupted)), priority=1)
    hub.register(after.append)
    with pytest.raises(KeyboardInterrupt):
        hub.emit("observation", 0.1)
    assert len(after) == 1


def test_what_cannot_be_copied_is_refused():
    class Single(Above):
        def __deepcopy__(self, memo):
            raise RuntimeError("there is only one")

    with pytest.raises(RuntimeError, match="there is only one"):
        dl.StreamDetector(Single())


def test_it_may_use_the_observer_and_the_hub():
    def curious(x):
        counts.append(observer.n_samples)
        if x == 1.0:
            assert not observer.update(20.0)  # it waits in line
            assert hub.emit("observation", 3.0).deferred
        return x > 9.0

    counts = []
    hub, told = hub_with(observer := dl.StreamDetector(Calls(curious)))
    assert hub.emit("observation", 1.0).failures == ()
    assert counts == [0, 1, 2]
    # What was found in the value given by hand is told to nobody else.
    assert (observer.n_samples, observer.n_detections, told) == (3, 1, [])


def test_many_threads_lose_no_value():
    inside, most = [], []

    def look(x):
        inside.append(x)
        most.append(len(inside))
        inside.pop()
        return x > 9.0

    n_threads, n_each = 4, 200
    hub, told = hub_with(observer := dl.StreamDetector(Calls(look), resolve_after=None))
    failures = []

    def work():
        for i in range(n_each):
            report = hub.emit("observation", 10.0 if i % 50 == 0 else 1.0)
            failures.extend(report.failures)

    joined(*(threading.Thread(target=work) for _ in range(n_threads)))
    assert failures == []
    assert set(most) == {1}  # never two at once
    assert observer.n_samples == n_threads * n_each
    assert observer.n_detections == len(told) == n_threads * n_each // 50


# While a detector is at it on a worker, this process forks, and so does the detector.
FORKS = """
import os, threading
import driftline as dl

class Slow:
    drift_detected = False
    def update(self, x):
        if x == 1.0:
            started.set()
            assert forked.wait(60)
            ended(os.fork())
        self.drift_detected = x > 9.0

def ended(child):
    if child == 0:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0

started, forked = threading.Event(), threading.Event()
hub = dl.Hub()
told = []
hub.register(told.append, kinds=["drift_detected"])
observer = dl.StreamDetector(Slow())
hub.register(observer, mode="queued")
hub.emit("observation", 1.0)
assert started.wait(60)
child = os.fork()
if child == 0:
    # Nobody is at it here: the next value is not left waiting.
    os._exit(0 if observer.update(10.0) else 1)
assert os.waitpid(child, 0)[1] == 0
forked.set()
hub.emit("observation", 10.0)
assert hub.flush(60)
assert len(told) == 1, told
hub.shutdown()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_forks_while_it_is_at_it():
    command = [sys.executable, "-W", "ignore", "-c", FORKS]
    run = subprocess.run(command, timeout=2 * PATIENCE_S, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_cycles_through_it_are_collected():
    class Knows(Above):
        def __deepcopy__(self, memo):
            copied = Knows()
            copied.holder = self.holder
            return copied

    def build():
        class Holder:
            pass

        mine = Knows()
        mine.holder = Holder()
        mine.holder.observer = dl.StreamDetector(mine)
        mine.holder.observer.update_many([1.0, 2.0], feature="a")
        return weakref.ref(mine.holder), weakref.ref(mine.holder.observer)

    references = build()
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def test_it_is_let_go_while_no_lock_is_held():
    class Ends(Above):
        def __del__(self):
            gone.append(holder[0].n_samples if holder else None)  # would hang under a lock

    gone, holder = [], []
    holder.append(dl.StreamDetector(Ends()))
    gc.collect()
    assert gone == [None]  # the one that was copied
    holder[0].update_many([1.0, 2.0], feature="a")
    holder[0].update(1.0, feature="b")
    holder[0].reset(feature="a")
    holder[0].reset()
    gc.collect()
    assert gone == [None, 1, 0]


def test_a_clock_that_knows_it_is_collected():
    class Clock:
        def __call__(self):
            return 0.0

    clock = Clock()
    clock.observer = dl.StreamDetector(quick(), clock=clock)
    gone = weakref.ref(clock)
    del clock
    gc.collect()
    assert gone() is None


# --- examples ---


@pytest.mark.thread_unsafe(reason="doctest redirects the standard output of the process")
def test_docstring_examples():
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner()
    for example in finder.find(dl.StreamDetector, "StreamDetector", module=False):
        runner.run(example)
    assert runner.summarize(verbose=False).failed == 0
    assert runner.summarize(verbose=False).attempted > 10


# --- set-up files ---


def test_a_file_names_a_detector():
    hub = dl.from_config(
        """
        monitors:
          - kind: stream_detector
            detector: adwin
            feature: age
          - kind: stream_detector
            detector: {name: page_hinkley, threshold: 5, min_instances: 10, mode: up}
            per_model: true
            resolve_after: null
            name: second
        """
    )
    first, second = [info.observer for info in hub.observers()]
    assert isinstance(first, dl.StreamDetector)
    assert first.detector().params == stream.ADWIN().params
    assert (first.resolve_after, second.resolve_after) == (1000, None)
    assert second.detector().params == stream.PageHinkley(10, threshold=5.0, mode="up").params
    again = dl.from_config(copy.deepcopy(hub.config()))
    assert again.config() == hub.config()
    assert (second.name, second.per_model) == ("second", True)


def test_an_observer_made_by_hand_is_described():
    hub = dl.Hub()
    detector = stream.PageHinkley(standardise=(1, 2), on_drift="keep_recent")
    hub.register(dl.StreamDetector(detector, field="a.b", model="fraud", cooldown_s=3))
    part = hub.config()["monitors"][0]
    assert part["kind"] == "stream_detector"
    assert part["detector"]["standardise"] == [1.0, 2.0]
    assert (part["field"], part["model"], part["cooldown_s"]) == ("a.b", "fraud", 3.0)
    again = dl.from_config(hub.config())
    assert again.config() == hub.config()
    made = again.observers()[0].observer
    assert made.detector().params == detector.params
    # An object of the user's is named like any observer that a program gives.
    hub = dl.Hub()
    hub.register(dl.StreamDetector(Above()))
    assert hub.config()["observers"] == [{"kind": "callable", "name": "stream_detector"}]


@pytest.mark.parametrize(
    ("detector", "message"),
    [
        ("adwind", 'monitors[0].detector: got the text "adwind"'),
        (
            "{name: adwin, delt: 0.1}",
            "monitors[0].detector.delt: unknown key; did you mean 'delta'?",
        ),
        ("{name: adwin, delta: 2}", "monitors[0].detector.delta: got 2"),
        ("{name: adwin, delta: much}", "monitors[0].detector.delta: got"),
        ("{name: adwin, clock: -1}", "monitors[0].detector.clock: got -1"),
        ("{name: page_hinkley, mode: sideways}", "monitors[0].detector.mode: got"),
        ("{name: adwin, standardise: [0, 0]}", "monitors[0].detector.standardise"),
        ("{delta: 0.1}", "monitors[0].detector"),
    ],
)
def test_mistakes_in_a_file_are_found(detector, message):
    text = f"monitors:\n  - kind: stream_detector\n    detector: {detector}\n"
    with pytest.raises(dl.ConfigError) as caught:
        dl.from_config(text)
    assert message in str(caught.value)
