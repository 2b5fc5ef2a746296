"""DriftDetector with a series per model, and the silence of series."""

from __future__ import annotations

import math
import threading
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import driftline as dl

START = datetime(2013, 1, 1, tzinfo=UTC)
FIGURES = (
    "n",
    "n_samples",
    "n_missing",
    "data_missing",
    "statistic",
    "p_value",
    "drift_detected",
    "n_detections",
    "n_suppressed",
    "last_alert",
    "threshold",
    "alpha",
    "baseline_autocorrelation",
)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def figures(of) -> dict:
    return {name: getattr(of, name) for name in FIGURES}


def simple(**options) -> dl.DriftDetector:
    return dl.DriftDetector(
        [0.5] * 5, **{"window_size": 3, "threshold": 0.05, "per_model": True, **options}
    )


def hub_with(detector: dl.DriftDetector, **options) -> tuple[dl.Hub, list[dl.Event]]:
    """A hub with the detector on it, and what the detector tells there."""
    hub, told = dl.Hub(**options), []
    kinds = ["drift_detected", "drift_resolved", "data_missing", "data_recovered"]
    hub.register(told.append, kinds=kinds)
    hub.register(detector)
    return hub, told


# --- one series per model ---


def test_models_do_not_mix():
    hub, told = hub_with(simple())
    for value in (0.6, 0.62, 0.65):
        hub.emit("observation", value, model="fraud:1")
        hub.emit("observation", 0.5, model="fraud:2")
        hub.emit("observation", 0.4)
    assert [(event.kind, str(event.model)) for event in told] == [
        ("drift_detected", "fraud:1"),
        ("drift_detected", "None"),
    ]
    assert told[0].value == pytest.approx(0.37 / 3, rel=1e-12)


def test_the_figures_of_each_model_and_of_all():
    detector = simple(cooldown_s=100.0)
    detector.update_many([0.6] * 5, model="fraud:1", timestamps=[at(i) for i in range(5)])
    detector.update_many([0.5, math.nan], model="churn:7", timestamps=[at(0), at(1)])
    assert detector.models() == [dl.ModelId("fraud", "1"), dl.ModelId("churn", "7")]
    fraud = detector.status("fraud:1")
    assert fraud.model == dl.ModelId("fraud", "1")
    assert (fraud.n, fraud.n_samples, fraud.n_detections, fraud.n_suppressed) == (3, 5, 1, 2)
    assert (fraud.drift_detected, fraud.last_alert, fraud.threshold) == (True, at(2), 0.05)
    assert fraud.statistic == pytest.approx(0.1, rel=1e-12)
    churn = detector.status(dl.ModelId("churn", "7"))
    assert (churn.n, churn.n_missing, churn.drift_detected, churn.statistic) == (1, 1, False, None)
    assert (detector.n, detector.n_samples, detector.n_missing) == (4, 6, 1)
    assert (detector.n_detections, detector.n_suppressed) == (1, 2)
    assert (detector.drift_detected, detector.last_alert) == (True, at(2))
    assert (detector.statistic, detector.p_value) == (None, None)
    assert "per_model=True" in repr(detector)
    assert repr(fraud).startswith("DriftStatus(model='fraud:1', n=3, statistic=0.1")


def test_a_model_without_a_series_has_no_status():
    detector = simple()
    detector.update(0.5, model="fraud:1")
    for model in ("fraud", "fraud:2", None):
        with pytest.raises(dl.InvalidValueError, match=r"^model: got .*; accepted: a model that"):
            detector.status(model)
    detector.update(0.5)
    assert detector.status().n == 1
    one = dl.DriftDetector([0.5] * 5, window_size=3, threshold=0.05)
    assert figures(one.status()) == figures(one)
    with pytest.raises(dl.InvalidValueError, match=r"^model: got .*per_model=True"):
        one.status("fraud:1")


values = st.one_of(st.floats(-2, 2), st.sampled_from([math.nan, math.inf, 1e18, -1e300, 0.0]))
arrivals = st.lists(st.tuples(st.sampled_from(["a:1", "a:2", "b", None]), values), max_size=80)


@settings(max_examples=150, deadline=None)
@given(arrivals, st.integers(2, 5), st.sampled_from(["mean_shift", "welch", "ks"]), st.booleans())
def test_each_model_is_as_with_a_detector_of_its_own(stream, window, test, silence):
    how = {"threshold": 0.3} if test == "mean_shift" else {"alpha": 0.05, "check_every": 1}
    how |= {"window_size": window, "test": test, "cooldown_s": 10.0}
    how |= {"no_data_after_s": 5.0} if silence else {}
    baseline = [0.1, -0.3, 0.2, 0.4]
    together = dl.DriftDetector(baseline, per_model=True, **how)
    hub, told = hub_with(together)
    apart = {}
    expected = []
    for second, (model, value) in enumerate(stream):
        hub.emit("observation", value, model=model, timestamp=at(second))
        own = apart.setdefault(model, dl.DriftDetector(baseline, **how))
        if own.update(value, timestamp=at(second)):
            expected.append((model, at(second)))
    alerts = [event for event in told if event.kind == "drift_detected"]
    assert [(event.model and str(event.model), event.timestamp) for event in alerts] == expected
    assert {model and str(model) for model in together.models()} == set(apart)
    for model, own in apart.items():
        assert repr(figures(together.status(model))) == repr(figures(own))
    for name in ("n", "n_samples", "n_missing", "n_detections", "n_suppressed"):
        assert getattr(together, name) == sum(getattr(own, name) for own in apart.values())


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["a", "b:1"]), st.lists(values, max_size=9)), max_size=12)
)
def test_arrays_are_as_value_by_value(batches):
    single, bulk = simple(clock=lambda: 0.0), simple(clock=lambda: 0.0)
    for model, batch in batches:
        alerts = bulk.update_many(np.array(batch, dtype=float), model=model)
        assert alerts.tolist() == [i for i, x in enumerate(batch) if single.update(x, model=model)]
    assert bulk.models() == single.models()
    for model in bulk.models():
        assert repr(figures(bulk.status(model))) == repr(figures(single.status(model)))


# --- a baseline for each model ---


def test_the_more_specific_baseline_wins():
    baselines = {"fraud": [0.2] * 5, "fraud:2": [0.8] * 5, dl.ModelId("churn"): [0.5] * 5}
    detector = dl.DriftDetector(baselines, window_size=2, threshold=0.1)
    assert detector.per_model
    for model, level in (("fraud:1", 0.2), ("fraud", 0.2), ("fraud:2", 0.8), ("churn:9", 0.5)):
        assert detector.update_many([level] * 2, model=model).tolist() == [], model
        assert detector.update_many([level + 0.3] * 2, model=model).tolist() == [0], model


def test_models_that_no_baseline_is_for_are_counted():
    hub, told = hub_with(dl.DriftDetector({"fraud": [0.2] * 5}, window_size=2, threshold=0.1))
    detector = dl.DriftDetector({"fraud": [0.2] * 5}, window_size=2, threshold=0.1)
    hub.register(detector)
    hub.emit_many("observation", [9.0] * 10, model="churn:1")
    hub.emit("observation", 9.0)
    assert (detector.n_unknown_model, detector.n_samples, detector.models()) == (11, 0, [])
    assert told == []
    hub.emit("observation", 0.2, model="fraud:3")
    assert (detector.n_unknown_model, detector.n_samples) == (11, 1)


def test_a_named_model_has_a_status_before_it_is_heard_of():
    detector = dl.DriftDetector({"fraud": [0.2] * 5}, window_size=2, threshold=0.1)
    assert (detector.status("fraud").n, detector.status("fraud").n_baseline) == (0, 5)
    with pytest.raises(dl.InvalidValueError, match=r"^model: got \"churn\""):
        detector.status("churn")


@pytest.mark.parametrize(
    ("baseline", "error", "text"),
    [
        ({}, ValueError, r"^baseline: got a mapping without models"),
        ({"a": [math.nan]}, ValueError, r'^baseline\["a"\]: got '),
        ({"a": []}, ValueError, r'^baseline\["a"\]: got '),
        ({"a": "abc"}, TypeError, r"^baseline: got "),
        ({3: [0.5]}, TypeError, r"^baseline: got 3"),
        ({"": [0.5]}, ValueError, r"^baseline: got "),
        ({"a:1": [0.5], dl.ModelId("a", "1"): [0.5]}, ValueError, r"^baseline: got two samples"),
    ],
    ids=str,
)
def test_mappings_that_are_refused(baseline, error, text):
    with pytest.raises(error, match=text) as raised:
        dl.DriftDetector(baseline, window_size=3, threshold=0.1)
    assert isinstance(raised.value, dl.DriftlineError)
    assert "; accepted: " in str(raised.value)


@pytest.mark.parametrize(
    ("options", "argument", "error"),
    [
        ({"max_models": 0}, "max_models", ValueError),
        ({"max_models": 1_000_001}, "max_models", ValueError),
        ({"max_models": 1.5}, "max_models", TypeError),
        ({"per_model": "yes"}, "per_model", TypeError),
        *(({"no_data_after_s": bad}, "no_data_after_s", ValueError) for bad in (0, -1, math.nan)),
        ({"no_data_after_s": math.inf}, "no_data_after_s", ValueError),
        ({"no_data_after_s": "60"}, "no_data_after_s", TypeError),
    ],
    ids=str,
)
def test_options_that_are_refused(options, argument, error):
    with pytest.raises(error, match=rf"^{argument}: got .*; accepted: "):
        simple(**options)


def test_a_dependent_baseline_of_one_model_warns():
    rng = np.random.default_rng(5)
    walk = np.convolve(rng.normal(size=2000), [1, 0.9, 0.8, 0.7], mode="valid")
    with pytest.warns(UserWarning, match=r'^baseline\["b"\]: .*calibrated'):
        dl.DriftDetector({"a": [0.5] * 5, "b": walk}, window_size=10, threshold=1.0)


def test_rebase_of_one_model_and_of_all():
    detector = simple()
    for model in ("fraud:1", "fraud:2", "churn:1"):
        detector.update_many([0.6] * 3, model=model)
    detector.rebase([0.6] * 4, model="fraud")
    assert [detector.status(m).n for m in ("fraud:1", "fraud:2", "churn:1")] == [0, 0, 3]
    assert detector.status("fraud:1").n_detections == 1
    assert detector.update_many([0.6] * 3, model="fraud:1").tolist() == []
    assert detector.update_many([0.6] * 3, model="fraud:3").tolist() == []
    detector.rebase([0.9] * 4, model="fraud:3")
    assert detector.status("fraud:1").n == 3
    assert detector.update_many([0.6] * 3, model="fraud:3").tolist() == [2]
    with pytest.raises(dl.EmptySampleError):
        detector.rebase([math.nan])
    assert detector.status("fraud:1").n == 3
    detector.rebase([0.5] * 5)
    assert detector.n == 0
    assert detector.update_many([0.6] * 3, model="fraud:1").tolist() == [2]
    with pytest.raises(dl.InvalidValueError, match=r"^model: got \"fraud\" for a detector with"):
        simple(per_model=False).rebase([0.6], model="fraud")


def test_rebase_makes_a_model_known():
    detector = dl.DriftDetector({"fraud": [0.2] * 5}, window_size=2, threshold=0.1)
    detector.update(0.9, model="churn")
    detector.rebase([0.9] * 3, model="churn")
    assert detector.update_many([0.9] * 2, model="churn:1").tolist() == []
    assert (detector.n_unknown_model, detector.status("churn:1").n) == (1, 2)
    detector.rebase([0.4] * 3)  # everyone who is known, and nobody else
    assert detector.update_many([0.4] * 2, model="churn:1").tolist() == []
    detector.update(0.4, model="unheard")
    assert detector.n_unknown_model == 2


def test_reset_of_one_model_and_of_all():
    detector = simple(max_models=2)
    for model in ("a", "b", "c"):
        detector.update_many([0.6] * 3, model=model)
    assert detector.n_overflow == 3
    detector.reset("a")
    assert (detector.status("a").n_samples, detector.status("b").n_samples) == (0, 3)
    with pytest.raises(dl.InvalidValueError, match=r"^model: got \"z\""):
        detector.reset("z")
    detector.reset()
    assert (detector.models(), detector.n_overflow, detector.n_samples) == ([], 0, 0)
    assert detector.update_many([0.6] * 3, model="c").tolist() == [2]


def test_calibrated_shares_its_threshold():
    history = np.random.default_rng(0).normal(size=1000)
    make = dl.DriftDetector.calibrated
    how = {"window_size": 20, "false_alarm_every": 10_000, "n_bootstrap": 20}
    one, each = make(history, **how), make(history, per_model=True, **how)
    assert one.threshold == each.threshold
    for model in ("a", "b"):
        assert each.update_many(np.full(20, 3.0), model=model).tolist() == [19]
        assert each.status(model).threshold == one.threshold


# --- too many models ---


def test_those_who_came_first_stay_and_newcomers_are_counted():
    detector = simple(max_models=2)
    hub, told = hub_with(detector)
    hub.emit_many("observation", [0.5, 0.6], model="a")
    hub.emit("observation", 0.5, model="b")
    for number in range(500):
        hub.emit_many("observation", [99.0] * 4, model=f"new{number}")
    assert (detector.n_overflow, [m.name for m in detector.models()]) == (2000, ["a", "b"])
    assert told == []  # a mixture is not judged
    hub.emit_many("observation", [0.6, 0.6], model="a")
    assert [event.model.name for event in told] == ["a"]


def test_a_hundred_thousand_names_leave_memory_bounded():
    detector = simple()
    hub = dl.Hub(max_models=10)
    hub.register(detector)
    assert detector.max_models == 10
    names = [dl.ModelId(f"model{i}") for i in range(1000)]
    for model in names * 5:
        hub.emit_many("observation", np.full(20, 0.5), model=model)
    assert (len(detector.models()), detector.n_samples) == (10, 10 * 5 * 20)
    assert detector.n_overflow == 990 * 5 * 20
    assert detector.models() == names[:10]


def test_there_is_room_for_every_baseline():
    baselines = {f"m{number}": [0.5] * 3 for number in range(30)}
    how = {"window_size": 2, "threshold": 0.1}
    detector, small = (dl.DriftDetector(baselines, **how, **o) for o in ({}, {"max_models": 5}))
    hub = dl.Hub(max_models=10)
    hub.register(detector)
    hub.register(small)
    for model in baselines:
        hub.emit_many("observation", [0.9, 0.9], model=model)
    assert (detector.max_models, detector.n_detections, detector.n_overflow) == (30, 30, 0)
    assert (small.max_models, small.n_detections, small.n_overflow) == (5, 5, 50)
    detector.reset()
    assert detector.max_models == 30


def test_how_many_models_are_kept_apart():
    assert simple().max_models == 1000
    assert simple(per_model=False).max_models is None
    own = simple(max_models=5)
    dl.Hub(max_models=10).register(own)
    assert own.max_models == 5


def test_a_series_idle_for_a_day_makes_room():
    detector = simple(max_models=1)
    detector.update(0.5, model="old", timestamp=at(0))
    assert not detector.update(0.5, model="new", timestamp=at(86_400))
    assert [m.name for m in detector.models()] == ["old"]
    detector.update(0.5, model="new", timestamp=at(86_401))
    assert [m.name for m in detector.models()] == ["new"]
    assert detector.n_overflow == 1


# --- silence ---


def test_a_silent_model_is_told_once_and_its_return_too():
    detector = simple(no_data_after_s=60.0, feature="age")
    hub, told = hub_with(detector)
    for second in range(0, 50, 10):
        for model in ("a:1", "b"):
            hub.emit("observation", 0.5, model=model, feature="age", timestamp=at(second))
    for second in range(50, 130, 10):  # b is silent since 40
        hub.emit("observation", 0.5, model="a:1", feature="age", timestamp=at(second))
        assert hub.tick(now=at(second)).success == 1
    assert [(e.kind, str(e.model), e.feature) for e in told] == [("data_missing", "b", "age")]
    event = told[0]
    assert (event.timestamp, event.value, event.source) == (at(100), 1.0, "drift_detector")
    assert event.severity == dl.Severity.ERROR
    assert (event.metadata["silent_s"], event.metadata["no_data_after_s"]) == (60.0, 60.0)
    assert datetime.fromisoformat(event.metadata["last_seen"]) == at(40)
    assert "no data for 60 s" in event.metadata["message"]
    assert (detector.status("b").data_missing, detector.status("a:1").data_missing) == (True, False)
    assert detector.data_missing
    hub.emit("observation", 0.5, model="b", feature="age", timestamp=at(130))
    assert not detector.data_missing
    assert [(e.kind, str(e.model), e.timestamp) for e in told[1:]] == [
        ("data_recovered", "b", at(130))
    ]
    hub.emit("observation", 0.5, model="a:1", feature="age", timestamp=at(180))
    hub.tick(now=at(189.9))
    assert len(told) == 2
    hub.tick(now=at(190))
    assert [(e.kind, str(e.model)) for e in told[2:]] == [("data_missing", "b")]


def test_silence_is_told_in_event_time_without_a_given_now():
    hub, told = hub_with(simple(no_data_after_s=3600.0))
    hub.emit("observation", 0.5, model="silent", timestamp=at(0))
    for hour in range(1, 5):
        hub.emit("observation", 0.5, model="alive", timestamp=at(3600 * hour))
        hub.tick()
    assert [(str(e.model), e.timestamp) for e in told] == [("silent", at(3600))]


def test_a_missing_value_is_a_sign_of_life():
    detector = simple(no_data_after_s=60.0)
    detector.update(0.5, model="a", timestamp=at(0))
    detector.update(None, model="a", timestamp=at(30))
    assert detector.tick(at(89)) == []
    assert detector.tick(at(90)) == [dl.ModelId("a")]
    assert detector.tick(at(91)) == []


def test_a_detector_that_never_heard_anything_tells():
    detector = dl.DriftDetector(
        [0.5] * 5, window_size=3, threshold=0.05, no_data_after_s=60, model="a", feature="age"
    )
    hub, told = hub_with(detector)
    hub.tick(now=at(0))
    hub.tick(now=at(59))
    assert told == []
    hub.tick(now=at(60))
    hub.tick(now=at(120))
    assert [(str(e.model), e.feature, e.timestamp) for e in told] == [("a", "age", at(60))]
    assert "last_seen" not in told[0].metadata
    assert "no data at all in the 60 s" in told[0].metadata["message"]
    assert detector.data_missing
    hub.emit("observation", 0.5, model="a:1", feature="age", timestamp=at(121))
    assert not detector.data_missing
    assert [(e.kind, str(e.model)) for e in told[1:]] == [("data_recovered", "a")]
    each = simple(no_data_after_s=60)
    assert each.tick(at(0)) == []
    assert each.tick(at(60)) == [None]
    assert each.data_missing


def test_named_models_that_never_send_are_silent_too():
    detector = dl.DriftDetector(
        {"a": [0.5] * 3, "b": [0.5] * 3, "c:1": [0.5] * 3},
        window_size=2,
        threshold=0.1,
        no_data_after_s=60.0,
    )
    hub, told = hub_with(detector)
    for second in range(0, 100, 10):
        hub.emit("observation", 0.5, model="a:7", timestamp=at(second))
        hub.tick()
    assert [(str(e.model), e.timestamp) for e in told] == [("b", at(60)), ("c:1", at(60))]
    assert detector.status("b").data_missing
    hub.emit("observation", 0.5, model="b:2", timestamp=at(95))
    assert [(e.kind, str(e.model)) for e in told[2:]] == [("data_recovered", "b")]
    assert not detector.status("b").data_missing
    assert detector.data_missing  # c:1 still is


def test_without_the_option_nothing_ticks():
    hub, told = hub_with(simple())
    hub.emit("observation", 0.5, model="a", timestamp=at(0))
    assert hub.tick(now=at(1e9)).attempted == 0
    assert told == []


def test_the_end_of_missing_values_is_told():
    detector = simple(max_missing_rate=0.5)
    hub, told = hub_with(detector)
    nan = math.nan
    hub.emit_many("observation", [0.5, nan, nan, 0.5, 0.5, 0.5, nan, nan], model="a")
    kinds = [(e.kind, e.value) for e in told]
    assert kinds == [
        ("data_missing", pytest.approx(2 / 3)),
        ("data_recovered", pytest.approx(1 / 3)),
        ("data_missing", pytest.approx(2 / 3)),
    ]
    hub.emit_many("observation", [0.5, 0.5], model="a", timestamps=[at(0), at(0)])
    assert told[-1].kind == "data_recovered"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.booleans(), max_size=60), st.integers(1, 6), st.floats(0, 0.9))
def test_missing_and_recovered_follow_the_share(missing, window, rate):
    detector = dl.DriftDetector([0.5] * 5, window_size=window, threshold=9.0, max_missing_rate=rate)
    hub, told = hub_with(detector)
    was, expected = False, []
    for i in range(len(missing)):
        recent = missing[max(0, i + 1 - window) : i + 1]
        too_many = sum(recent) > rate * window
        if too_many != was:
            expected.append("data_missing" if too_many else "data_recovered")
        was = too_many
        hub.emit("observation", math.nan if missing[i] else 0.5)
        assert detector.data_missing == too_many
    assert [event.kind for event in told] == expected


# --- several threads ---


def test_threads_lose_no_value():
    detector, monitor = simple(no_data_after_s=60.0, cooldown_s=1e9), dl.DriftMonitor()
    hub = dl.Hub()
    for observer in (detector, monitor):
        hub.register(observer)
    models = [f"m{number}" for number in range(4)]

    def work(own: str) -> None:
        for _ in range(50):
            hub.emit_many("observation", [0.6] * 3, model=own)
            hub.emit("observation", 0.6, model="shared")
            detector.status(own)
            hub.tick(now=START)

    threads = [threading.Thread(target=work, args=(model,)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for model in models:
        assert (detector.status(model).n_samples, detector.status(model).n_detections) == (150, 1)
    assert detector.status("shared").n_samples == 200
    assert (detector.n_detections, len(monitor.drifting())) == (5, 5)


# --- real data ---


def by_airport():
    flights = dl.datasets.load_nyc_flights()
    return flights["origin"], flights["temp"], flights["time_hour"]


def test_temperature_by_airport_is_as_with_three_detectors():
    origin, temp, hours = by_airport()
    january = hours < np.datetime64("2013-02-01T05")
    samples = {name: temp[january & (origin == name)] for name in ("EWR", "JFK", "LGA")}
    how = {"window_size": 200, "threshold": 12.0, "cooldown_s": 7 * 86_400.0}
    with pytest.warns(UserWarning, match="depends on the one before"):
        together = dl.DriftDetector(samples, **how)
    hub, told = hub_with(together)
    # Hour by hour and airport by airport, as the flights came.
    starts = np.flatnonzero(np.r_[True, (origin[1:] != origin[:-1])])
    for start, end in zip(starts, [*starts[1:], len(origin)], strict=True):
        hub.emit_many(
            "observation",
            temp[start:end],
            timestamps=hours[start:end],
            model=str(origin[start]),
        )
    n_alerts = 0
    for name, sample in samples.items():
        with pytest.warns(UserWarning, match="depends on the one before"):
            own = dl.DriftDetector(sample, **how)
        mine = origin == name
        alerts = own.update_many(temp[mine], timestamps=hours[mine])
        times = [
            np.datetime64(event.timestamp.replace(tzinfo=None), "s")
            for event in told
            if event.kind == "drift_detected" and event.model.name == name
        ]
        assert times == list(hours[mine][alerts])
        assert repr(figures(together.status(name))) == repr(figures(own))
        n_alerts += len(alerts)
    assert n_alerts > 10  # summer is not January


def test_a_model_that_no_baseline_is_for():
    baselines = {"fraud:1": [0.0, 1.0], "churn": [0.0, 1.0]}

    def detector(model):
        return dl.DriftDetector(baselines, window_size=2, threshold=0.1, model=model)

    for model in ("fraud", "fraud:1", "churn", "churn:7"):
        detector(model)
    for model in ("fraud:2", "other"):
        with pytest.raises(dl.InvalidValueError, match=f'^model: got "{model}", which no baseline'):
            detector(model)


def test_a_status_names_the_models_that_there_are():
    detector = dl.DriftDetector([0.0, 1.0], window_size=2, threshold=0.1, per_model=True)
    with pytest.raises(dl.InvalidValueError, match="there is none yet"):
        detector.status("fraud")
    detector.update(0.5, model="fraud:1")
    with pytest.raises(dl.InvalidValueError, match=r'^model: got "fraud"; accepted: .* "fraud:1"$'):
        detector.status("fraud")
