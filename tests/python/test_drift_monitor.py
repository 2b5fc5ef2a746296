"""DriftMonitor: the board, and what it judges itself."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import driftline as dl

START = datetime(2013, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def hub_with(monitor: dl.DriftMonitor, **options) -> tuple[dl.Hub, list[dl.Event]]:
    """A hub with the monitor on it, and all drift that is told there."""
    hub, told = dl.Hub(**options), []
    hub.register(told.append, kinds=["drift_detected", "drift_resolved"])
    hub.register(monitor)
    return hub, told


def only(monitor: dl.DriftMonitor) -> dl.DriftEntry:
    (entry,) = monitor.board()
    return entry


# --- what it judges ---


def test_entering_and_leaving_are_told_once_each():
    monitor = dl.DriftMonitor(threshold=0.2)
    hub, told = hub_with(monitor)
    for second, score in enumerate([0.1, 0.2, 0.3, 0.25, 0.19, 0.1, 0.9]):
        hub.emit(
            "drift_score",
            score,
            p_value=0.01,
            model="fraud:1",
            feature="age",
            timestamp=at(second),
            metadata={"test": "psi"},
        )
    assert [(e.kind, e.value, e.timestamp) for e in told] == [
        ("drift_detected", 0.2, at(1)),
        ("drift_resolved", 0.19, at(4)),
        ("drift_detected", 0.9, at(6)),
    ]
    first = told[0]
    assert (str(first.model), first.feature, first.p_value) == ("fraud:1", "age", 0.01)
    assert (first.source, first.metadata["threshold"]) == ("drift_monitor", 0.2)
    assert first.metadata["test"] == "psi"
    assert first.metadata["message"] == "the drift score 0.2 is at or above the threshold 0.2"
    entry = only(monitor)  # its own events made no entry
    assert (entry.model, entry.feature) == (dl.ModelId("fraud", "1"), "age")
    assert (entry.statistic, entry.p_value, entry.state) == (0.9, 0.01, "drifting")
    assert (entry.since, entry.last_update, entry.n_events) == (at(6), at(6), 7)
    assert (entry.test, entry.source) == ("psi", None)


def test_alone_as_in_a_hub():
    monitor = dl.DriftMonitor(threshold=0.2)
    alerts = [
        monitor.update(score, model="a", feature="x", timestamp=at(second))
        for second, score in enumerate([0.1, 0.2, 0.3, 0.1, 0.2])
    ]
    assert alerts == [False, True, False, False, True]
    assert not monitor.update(0.5, 0.03, model="a", feature="x")
    assert only(monitor).p_value == 0.03
    assert [entry.feature for entry in monitor.drifting()] == ["x"]


def test_without_a_threshold_it_only_records():
    monitor = dl.DriftMonitor()
    hub, told = hub_with(monitor)
    hub.emit("drift_score", 99.0, feature="age")
    assert told == []
    assert (only(monitor).statistic, only(monitor).state, monitor.state()) == (99.0, None, None)
    assert not monitor.update(5.0)


def test_scores_that_are_no_numbers_change_nothing():
    monitor = dl.DriftMonitor(threshold=0.2)
    monitor.update(0.3)
    for bad in (None, math.nan, math.inf, -math.inf):
        assert not monitor.update(bad)
    entry = only(monitor)
    assert (entry.statistic, entry.state, entry.n_events, entry.n_missing) == (
        0.3,
        "drifting",
        5,
        4,
    )
    monitor.update(0.1, math.nan)
    assert (only(monitor).state, only(monitor).p_value) == ("stable", None)


scores = st.lists(
    st.tuples(
        st.sampled_from(["a:1", "a:2", None]),
        st.sampled_from(["x", "y", None]),
        st.one_of(st.floats(0, 1), st.just(math.nan)),
    ),
    max_size=60,
)


@settings(max_examples=100, deadline=None)
@given(scores)
def test_what_is_told_follows_the_scores(stream):
    monitor = dl.DriftMonitor(threshold=0.5)
    hub, told = hub_with(monitor)
    state, expected, last = {}, [], {}
    for model, feature, score in stream:
        hub.emit("drift_score", score, model=model, feature=feature)
        key = (model, feature)
        if not math.isnan(score):
            drifts, last[key] = score >= 0.5, score
            if drifts != state.get(key, False):
                expected.append(("drift_detected" if drifts else "drift_resolved", *key))
            state[key] = drifts
    assert [(e.kind, e.model and str(e.model), e.feature) for e in told] == expected
    found = {(e.model and str(e.model), e.feature): e for e in monitor.board()}
    assert {key: e.statistic for key, e in found.items() if e.statistic is not None} == last
    assert {(e.model and str(e.model), e.feature) for e in monitor.drifting()} == {
        key for key, drifts in state.items() if drifts
    }


# --- what others judge ---


def test_detectors_are_recorded_and_never_doubled():
    hub, told = hub_with(monitor := dl.DriftMonitor(threshold=0.01))
    hub.register(
        dl.DriftDetector([0.5] * 5, window_size=3, threshold=0.05, name="age drift"), priority=1
    )
    values = [0.6, 0.62, 0.65, 0.5, 0.5, 0.5]
    times = [at(i) for i in range(6)]
    hub.emit_many("observation", values[:3], timestamps=times[:3], feature="age", model="fraud:1")
    entry = only(monitor)
    assert (entry.source, entry.test, entry.state) == ("age drift", "mean_shift", "drifting")
    assert entry.statistic == pytest.approx(np.mean(values[:3]) - 0.5)
    assert monitor.state("fraud", "age") == "drifting"
    hub.emit_many("observation", values[3:], timestamps=times[3:], feature="age", model="fraud:1")
    assert [event.kind for event in told] == ["drift_detected", "drift_resolved"]
    assert (only(monitor).state, only(monitor).n_events) == ("stable", 2)
    assert only(monitor).since == told[1].timestamp


def test_a_source_that_judges_for_itself_is_not_judged_again():
    hub, told = hub_with(monitor := dl.DriftMonitor(threshold=0.2))
    other = dl.Event("drift_detected", 0.3, feature="age", source="other")
    hub.emit(other)
    hub.emit(dl.Event("drift_score", 0.1, feature="age", source="other"))
    hub.emit(dl.Event("drift_score", 0.9, feature="age", source="other"))
    assert told == [other]
    assert (only(monitor).state, only(monitor).statistic) == ("drifting", 0.9)


def test_detectors_of_one_feature_have_an_entry_each():
    hub, _ = hub_with(monitor := dl.DriftMonitor())
    rng = np.random.default_rng(0)
    baseline = rng.normal(size=100)
    for name, test, limit in (("a", "mean_shift", 1.0), ("b", "mean_shift", 9.0), ("a", "ks", 0.5)):
        detector = dl.DriftDetector(
            baseline, window_size=10, test=test, threshold=limit, name=name, check_every=10
        )
        hub.register(detector)
    hub.emit_many("observation", rng.normal(3, 1, size=10), feature="age")
    assert [(e.source, e.test, e.state) for e in monitor.board()] == [
        ("a", "mean_shift", "drifting"),
        ("a", "ks", "drifting"),
    ]


def test_two_monitors_do_not_answer_each_other():
    hub, told = hub_with(dl.DriftMonitor(threshold=0.2))
    hub.register(dl.DriftMonitor(threshold=0.2))
    hub.register(dl.DriftMonitor(threshold=0.5, name="strict"))
    report = hub.emit("drift_score", 0.3)
    assert report.success == 3
    hub.emit("drift_score", 0.6)
    assert [event.source for event in told] == ["drift_monitor", "drift_monitor", "strict"]
    assert hub.n_loops == 0


# --- missing data ---


def test_missing_data_is_a_state_and_ends():
    hub, _ = hub_with(monitor := dl.DriftMonitor())
    detector = dl.DriftDetector(
        [0.5] * 5, window_size=3, threshold=0.05, no_data_after_s=60.0, per_model=True
    )
    hub.register(detector)
    for model in ("a:1", "b:1"):
        values = [0.6] * 3
        hub.emit_many("observation", values, timestamps=[at(0)] * 3, model=model, feature="age")
    hub.emit("observation", 0.6, model="b:1", feature="age", timestamp=at(30))
    hub.tick(now=at(60))
    assert [(str(e.model), e.state) for e in monitor.board()] == [
        ("a:1", "missing"),
        ("b:1", "drifting"),
    ]
    assert monitor.board()[0].since == at(60)
    assert monitor.board()[0].statistic == pytest.approx(0.1)  # the last known
    hub.emit("observation", 0.6, model="a:1", feature="age", timestamp=at(61))
    assert monitor.state("a") == "drifting"


def test_silence_of_a_name_and_of_all_features_covers_them():
    hub, _ = hub_with(monitor := dl.DriftMonitor())
    for model, feature in (("a:1", "x"), ("a:2", "y"), ("b", "x")):
        hub.emit(dl.Event("drift_resolved", 0.1, model=model, feature=feature, source="d"))
    hub.emit(dl.Event("data_missing", 1.0, model="a", source="d"))
    assert [e.state for e in monitor.board()] == ["missing", "missing", "stable"]
    hub.emit(dl.Event("data_missing", 1.0, model="a", source="another"))
    assert len(monitor) == 4
    hub.emit(dl.Event("data_recovered", 0.0, model="a", source="d"))
    assert [e.state for e in monitor.board()] == ["stable", "stable", "stable", "missing"]


def test_the_gravest_state_counts():
    monitor = dl.DriftMonitor(threshold=0.5)
    hub, _ = hub_with(monitor)
    assert monitor.state() is None
    hub.emit("drift_score", 0.1, model="a:1", feature="x")
    assert monitor.state() == "stable"
    hub.emit("data_missing", 1.0, model="a:2", feature="x")
    assert monitor.state("a") == "missing"
    hub.emit("drift_score", 0.9, model="a:1", feature="y")
    assert monitor.state("a") == "drifting"
    assert (monitor.state("a:2"), monitor.state("a:1", "x")) == ("missing", "stable")
    assert (monitor.state(feature="y"), monitor.state("b"), monitor.state("a", "z")) == (
        "drifting",
        None,
        None,
    )


# --- bounded ---


def test_those_who_came_first_stay():
    monitor = dl.DriftMonitor(threshold=0.5)
    hub, told = hub_with(monitor, max_models=3)
    for number in range(1000):
        hub.emit("drift_score", 0.9, model=f"m{number}")
    assert (len(monitor), monitor.n_overflow, monitor.max_models) == (3, 997, 3)
    assert [event.model.name for event in told] == ["m0", "m1", "m2"]
    own = dl.DriftMonitor(max_models=7)
    hub.register(own)
    assert (own.max_models, dl.DriftMonitor().max_models) == (7, 1000)


def test_reset_empties_the_board():
    monitor = dl.DriftMonitor(threshold=0.5, max_models=1)
    assert [monitor.update(0.9, model=m) for m in ("a", "b")] == [True, False]
    monitor.reset()
    assert (len(monitor), monitor.n_overflow, monitor.board(), bool(monitor)) == (0, 0, [], True)
    assert monitor.update(0.9, model="b")


# --- the class ---


@pytest.mark.parametrize(
    ("options", "argument", "error"),
    [
        ({"threshold": -0.1}, "threshold", ValueError),
        ({"threshold": math.nan}, "threshold", ValueError),
        ({"threshold": math.inf}, "threshold", ValueError),
        ({"threshold": "x"}, "threshold", TypeError),
        ({"max_models": 0}, "max_models", ValueError),
        ({"max_models": 2.5}, "max_models", TypeError),
        ({"name": ""}, "name", ValueError),
        ({"name": "  "}, "name", ValueError),
        ({"name": 3}, "name", TypeError),
    ],
    ids=str,
)
def test_options_that_are_refused(options, argument, error):
    with pytest.raises(error, match=rf"^{argument}: got .*; accepted: ") as raised:
        dl.DriftMonitor(**options)
    assert isinstance(raised.value, dl.DriftlineError)


def test_arguments_that_are_refused():
    monitor = dl.DriftMonitor()
    for arguments, name in (
        ({"statistic": "x"}, "statistic"),
        ({"statistic": 0.1, "p_value": 1.5}, "p_value"),
        ({"statistic": 0.1, "model": ""}, "model"),
        ({"statistic": 0.1, "feature": ""}, "feature"),
        ({"statistic": 0.1, "timestamp": datetime(2013, 1, 1)}, "timestamp"),
    ):
        with pytest.raises(dl.DriftlineError, match=rf"^{name}: got "):
            monitor.update(**arguments)
    assert len(monitor) == 0


def test_it_shows_itself():
    monitor = dl.DriftMonitor(threshold=0.5)
    monitor.update(0.12345678, 1e-9, model="fraud:1", feature="age")
    assert repr(monitor) == "DriftMonitor(threshold=0.5, entries=1, drifting=0)"
    header, line = str(monitor).splitlines()
    assert header.split() == ["model", "feature", "source", "test", "statistic", "p_value", "state"]
    assert line.split() == ["fraud:1", "age", "-", "-", "0.1235", "0.000000001", "stable"]
    assert repr(only(monitor)) == (
        "DriftEntry(model='fraud:1', feature='age', source=None, statistic=0.12345678, "
        "state='stable')"
    )
    for number in range(30):
        monitor.update(0.1, model=f"m{number}")
    assert str(monitor).splitlines()[-1] == "and 11 more"
    assert (monitor.name, isinstance(monitor, dl.NativeObserver)) == ("drift_monitor", True)
    assert dl.DriftMonitor(name="board").name == "board"
