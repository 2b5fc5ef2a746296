"""DriftDetector: what it decides, when it tells, what it refuses."""

from __future__ import annotations

import gc
import inspect
import math
import warnings
import weakref
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import driftline as dl
from driftline import drift

START = datetime(2013, 1, 1, tzinfo=UTC)

# Rolling sums against NumPy, relative to the size of the values in the window.
ROLLING_RTOL = 1e-12
# 200 streams of 20,000 at one false alarm in 100,000: Binomial(4e6, 1e-5) is at
# most this with probability 0.999.
MOST_ALARMS = 61


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def simple(**options) -> dl.DriftDetector:
    return dl.DriftDetector([0.5] * 5, window_size=3, threshold=0.05, **options)


# --- the state machine ---


def test_three_values_above_the_baseline_are_one_drift():
    detector = simple()
    assert [detector.update(x) for x in (0.6, 0.62, 0.65)] == [False, False, True]
    assert detector.statistic == pytest.approx(0.37 / 3, rel=1e-12)
    assert (detector.n, detector.n_samples, detector.n_detections) == (3, 3, 1)
    assert detector.drift_detected
    assert detector.p_value is None


def test_inside_the_cooldown_alerts_are_suppressed_then_reminded_then_resolved():
    detector = simple(cooldown_s=100.0)
    for second, value in enumerate((0.6, 0.62, 0.65)):
        detector.update(value, timestamp=at(second))
    assert detector.last_alert == at(2)
    assert not detector.update(0.65, timestamp=at(50))
    assert not detector.update(0.65, timestamp=at(101.9))
    assert detector.n_suppressed == 2
    assert detector.update(0.65, timestamp=at(102))
    assert (detector.n_detections, detector.last_alert) == (2, at(102))
    assert not any(detector.update(0.5, timestamp=at(200 + i)) for i in range(3))
    assert not detector.drift_detected
    # Entering again is told at once, inside the cooldown or not.
    assert [detector.update(0.7, timestamp=at(204)) for _ in range(2)] == [True, False]
    assert detector.n_detections == 3


def test_slow_rise_is_found_at_the_value_computed_by_hand():
    # Baseline mean 0.50. The window of the ten values up to index i averages
    # 0.50 + 0.005 * (i - 4.5), which is 0.05 above from i - 4.5 >= 10 on: i = 15.
    detector = dl.DriftDetector([0.48, 0.49, 0.5, 0.51, 0.52], window_size=10, threshold=0.05)
    stream = [0.50 + 0.005 * i for i in range(30)]
    assert detector.update_many(stream).tolist() == [15]


def test_cooldown_zero_reminds_at_every_look():
    detector = simple(cooldown_s=0.0)
    alerts = detector.update_many([0.6] * 6)
    assert alerts.tolist() == [2, 3, 4, 5]
    assert alerts.dtype == np.int64
    assert detector.n_suppressed == 0


def test_time_never_runs_backwards():
    detector = simple(cooldown_s=100.0)
    for _ in range(3):
        detector.update(0.6, timestamp=at(1000))
    assert not detector.update(0.6, timestamp=at(0))
    assert not detector.update(0.6, timestamp=at(1099))
    assert detector.update(0.6, timestamp=at(1100))


def test_a_time_far_ahead_counts_as_now():
    detector = simple(cooldown_s=100.0)
    detector.update_many([0.6] * 3, timestamps=[at(0)] * 3)
    far = datetime(2200, 1, 1, tzinfo=UTC)
    assert detector.update(0.6, timestamp=far)
    assert abs((detector.last_alert - datetime.now(UTC)).total_seconds()) < 60


def test_the_clock_is_believed():
    now = [1e9]
    detector = simple(cooldown_s=100.0, clock=lambda: now[0])
    assert detector.update_many([0.6] * 4).tolist() == [2]
    now[0] = 9e9  # the year 2255
    assert detector.update(0.6)
    assert detector.last_alert.year == 2255


def test_check_every():
    assert simple().check_every == 1
    with_alpha = dl.DriftDetector([0.0, 1.0, 2.0], window_size=5, test="welch", alpha=0.01)
    assert with_alpha.check_every == 5
    detector = simple(check_every=2)
    # Full after three values, then looked at after the fifth.
    assert detector.update_many([0.5, 0.5, 0.5, 9.0, 9.0]).tolist() == [4]


# --- the three ways to decide ---


def test_the_ways_to_decide_are_readable():
    baseline = np.random.default_rng(0).normal(size=50)
    assert (simple().threshold, simple().alpha) == (0.05, None)
    made = dl.DriftDetector(baseline, window_size=10, test="ks", alpha=0.01)
    assert (made.threshold, made.alpha) == (None, 0.01)
    made = dl.DriftDetector(baseline, window_size=10, test="welch", false_alarm_every=1000)
    assert made.alpha == 10 / 1000


def test_alpha_is_the_tests_p_value():
    rng = np.random.default_rng(1)
    baseline, stream = rng.normal(size=200), rng.normal(0.4, 1, size=400)
    for name in ("welch", "ks"):
        detector = dl.DriftDetector(baseline, window_size=40, test=name, alpha=0.01)
        fitted = drift.get(name).fit(baseline)
        for end in range(40, 401, 40):
            detector.update_many(stream[end - 40 : end])
            expected = fitted.compare(stream[end - 40 : end])
            assert detector.p_value == pytest.approx(expected.p_value, rel=1e-9)
            assert detector.statistic == pytest.approx(expected.statistic, rel=1e-9)
            assert detector.drift_detected == (expected.p_value < 0.01)


def test_a_budget_of_time_is_spent_as_time_passes():
    baseline = np.random.default_rng(2).normal(size=100)
    detector = dl.DriftDetector(baseline, window_size=10, test="welch", false_alarm_every="1h")
    stream = np.random.default_rng(3).normal(size=30)
    times = [at(i) for i in range(30)]
    detector.update_many(stream[:10], timestamps=times[:10])
    assert detector.alpha == pytest.approx(9 / 3600)
    detector.update_many(stream[10:20], timestamps=times[10:20])
    assert detector.alpha == pytest.approx(10 / 3600)
    # A pause does not make a look worthless: it spends 5 % at most.
    detector.update_many(stream[20:], timestamps=[at(1e6)] * 10)
    assert detector.alpha == 0.05
    detector.update_many(stream[:10], timestamps=[at(1e6)] * 10)
    assert detector.alpha == 0.0
    assert not detector.drift_detected


@pytest.mark.parametrize(
    ("text", "seconds"), [("45s", 45), ("90min", 5400), ("12h", 43200), ("0.5d", 43200)]
)
def test_budgets_of_time_are_understood(text, seconds):
    detector = dl.DriftDetector(
        [0.0, 1.0, 2.0], window_size=2, test="welch", false_alarm_every=text
    )
    detector.update_many([1.0, 1.5], timestamps=[at(0), at(1)])
    assert detector.alpha == pytest.approx(min(1 / seconds, 0.05))


def test_quiet_normal_streams_stay_within_the_budget():
    rng = np.random.default_rng(20130101)
    alarms = 0
    for _ in range(200):
        detector = dl.DriftDetector(
            rng.normal(size=1000), window_size=100, test="welch", false_alarm_every=100_000
        )
        alarms += len(detector.update_many(rng.normal(size=20_000)))
    assert alarms <= MOST_ALARMS


def test_a_clear_shift_is_found_soon():
    rng = np.random.default_rng(7)
    detector = dl.DriftDetector(
        rng.normal(size=1000), window_size=100, test="welch", false_alarm_every=100_000
    )
    detector.update_many(rng.normal(size=1000))
    assert detector.n_detections == 0
    assert detector.update_many(rng.normal(1.0, 1, size=1000))[0] <= 200


# --- missing values ---


def test_missing_values_are_counted_and_do_not_enter_the_window():
    detector = simple()
    for value in (0.6, None, math.nan, 0.62, math.inf, -math.inf):
        assert not detector.update(value)
    assert (detector.n, detector.n_samples, detector.n_missing) == (2, 2, 4)
    assert detector.update(0.65)
    assert detector.statistic == pytest.approx(0.37 / 3, rel=1e-12)


def test_infinities_are_values_for_rank_tests():
    detector = dl.DriftDetector([1.0, 2.0, 3.0], window_size=2, test="ks", threshold=0.9)
    assert detector.update_many([math.inf, math.inf]).tolist() == [1]
    assert detector.n_missing == 0


def test_data_missing_is_told_once_and_again_after_recovery():
    hub = dl.Hub()
    told = []
    detector = simple(max_missing_rate=0.5)
    hub.register(told.append, kinds="data_missing")
    hub.register(detector)
    hub.emit("observation", 0.5)
    hub.emit("observation", None)
    assert told == []
    assert not detector.data_missing
    hub.emit("observation", None)  # 2 of 3
    hub.emit("observation", None)
    assert len(told) == 1
    assert detector.data_missing
    assert told[0].value == pytest.approx(2 / 3)
    hub.emit_many("observation", [0.5, 0.5])
    assert not detector.data_missing
    hub.emit_many("observation", [math.nan, math.nan])
    assert len(told) == 2
    assert "2 of the last 3 values are missing" in told[1].metadata["message"]


# --- in a hub ---


def test_events_of_a_drift_from_its_beginning_to_its_end():
    hub = dl.Hub()
    told = []
    hub.register(told.append, kinds=["drift_detected", "drift_resolved"])
    hub.register(simple(cooldown_s=60.0, name="age drift"))
    times = [at(i) for i in range(4)] + [at(70), at(71), at(72), at(73)]
    values = [0.6, 0.62, 0.65, 0.65, 0.65, 0.5, 0.5, 0.5]
    hub.emit_many("observation", values, timestamps=times, feature="age", model="fraud:1")
    assert [event.kind for event in told] == ["drift_detected", "drift_detected", "drift_resolved"]
    first, reminder, resolved = told
    assert first.value == pytest.approx(0.37 / 3)
    assert (first.timestamp, first.feature, first.source) == (at(2), "age", "age drift")
    assert first.model == dl.ModelId("fraud", "1")
    assert first.metadata["test"] == "mean_shift"
    assert first.metadata["threshold"] == 0.05
    assert first.metadata["n"] == first.metadata["window_size"] == 3
    assert first.metadata["baseline_mean"] == 0.5
    assert "reminder" not in first.metadata
    assert "average 0.6233, the baseline 0.5" in first.metadata["message"]
    assert reminder.metadata["reminder"] is True
    assert reminder.timestamp == at(70)
    assert resolved.value < 0.05
    assert resolved.timestamp == at(73)


def test_only_what_was_asked_for_is_taken():
    hub = dl.Hub()
    detector = simple(feature="age", model="fraud", kinds="observation")
    hub.register(detector)
    hub.emit("observation", 1.0, feature="income", model="fraud:1")
    hub.emit("observation", 1.0, feature="age", model="churn:1")
    hub.emit("observation", 1.0, feature="age")
    hub.emit("drift_score", 1.0, feature="age", model="fraud:1")
    assert detector.n_samples == 0
    hub.emit("observation", 1.0, feature="age", model="fraud:2")
    assert detector.n_samples == 1


def test_a_field_takes_the_place_of_the_value():
    hub = dl.Hub()
    detector = simple(field="input.age")
    hub.register(detector)
    hub.emit("observation", 99.0, metadata={"input": {"age": 0.7}})
    hub.emit("observation", 99.0, metadata={"input": {"age": "old"}})
    hub.emit("observation", 99.0)
    hub.emit_many("observation", [99.0, 99.0])
    assert (detector.n_samples, detector.n_missing) == (1, 4)


def test_the_hub_and_update_many_agree():
    rng = np.random.default_rng(11)
    values = rng.normal(0.5, 0.1, size=3000)
    values[rng.integers(0, 3000, size=100)] = math.nan
    alone, inside = simple(cooldown_s=5.0), simple(cooldown_s=5.0)
    times = np.datetime64("2020-01-01", "ns") + np.arange(3000) * np.timedelta64(1, "s")
    hub, told = dl.Hub(), []
    hub.register(told.append, kinds="drift_detected")
    hub.register(inside)
    hub.emit_many("observation", values, timestamps=times)
    alerts = alone.update_many(values, timestamps=times)
    assert len(told) == len(alerts) == alone.n_detections > 10
    assert alone.n_suppressed == inside.n_suppressed
    assert alone.statistic == inside.statistic


# --- in bulk as one by one; rolling as recomputed ---

awkward = st.sampled_from([math.nan, math.inf, 1e18, -1e18, 1e300, 1e308, -1e308, 0.0, 0.5])
streams = st.lists(st.one_of(st.floats(-2, 2), awkward), max_size=60)


def options_of(test: str) -> dict:
    return {"threshold": 0.3} if test == "mean_shift" else {"alpha": 0.05, "check_every": 1}


@settings(max_examples=150, deadline=None)
@given(streams, st.integers(2, 7), st.sampled_from(["mean_shift", "welch", "ks"]))
@example([0.0, 0.0, 0.0, 0.0, 0.0, 1.0, math.nan], 3, "mean_shift")
def test_in_bulk_is_one_by_one(stream, window, test):
    make = lambda: dl.DriftDetector(  # noqa: E731
        [0.1, -0.3, 0.2, 0.4], window_size=window, test=test, clock=lambda: 0.0, **options_of(test)
    )
    bulk, single = make(), make()
    alerts = bulk.update_many(np.array(stream, dtype=float))
    assert alerts.tolist() == [i for i, x in enumerate(stream) if single.update(x)]
    for name in ("n", "n_missing", "n_detections", "n_suppressed", "drift_detected"):
        assert getattr(bulk, name) == getattr(single, name)
    assert repr((bulk.statistic, bulk.p_value)) == repr((single.statistic, single.p_value))
    assert bulk.statistic is None or not math.isnan(bulk.statistic)


@pytest.mark.parametrize("size", [1, 2, 3, 10, 97])
@pytest.mark.parametrize("outlier", [1e18, -1e300, 1.7e308])
def test_an_outlier_that_has_left_leaves_no_trace(size, outlier):
    rng = np.random.default_rng(size)
    baseline = rng.normal(5, 1, size=50)
    stream = rng.normal(5, 1, size=500)
    stream[[50, 51, 300]] = outlier
    for test, least in (("mean_shift", 1), ("welch", 2)):
        if size < least:
            continue
        how = {"threshold": 1.0} if test == "mean_shift" else {"alpha": 0.01, "check_every": 1}
        detector = dl.DriftDetector(baseline, window_size=size, test=test, **how)
        fitted = drift.get(test).fit(baseline)
        for i, value in enumerate(stream):
            detector.update(value)
            window = stream[max(0, i - size + 1) : i + 1]
            if len(window) == size and np.abs(window).max() < 1e10:
                expected = fitted.compare(window)
                assert detector.statistic == pytest.approx(
                    expected.statistic, rel=1e-9, abs=ROLLING_RTOL * np.abs(window).max()
                )


# --- start afresh ---


def test_reset_is_fresh():
    detector = simple()
    detector.update_many([0.6, math.nan, 0.6, 0.6, 0.6])
    detector.reset()
    state = (detector.n, detector.n_samples, detector.n_missing, detector.n_detections)
    assert state == (0, 0, 0, 0)
    assert (detector.statistic, detector.last_alert, detector.drift_detected) == (None, None, False)
    assert detector.update_many([0.6] * 3).tolist() == [2]


def test_rebase_is_all_or_nothing():
    detector = simple()
    detector.update_many([0.6] * 3)
    with pytest.raises(dl.EmptySampleError):
        detector.rebase([math.nan])
    assert (detector.n, detector.drift_detected) == (3, True)
    detector.rebase([0.6] * 4)
    assert (detector.n, detector.drift_detected, detector.n_detections) == (0, False, 1)
    assert detector.update_many([0.6] * 3).tolist() == []


def test_changing_the_array_afterwards_changes_nothing():
    baseline = np.full(5, 0.5)
    detector = dl.DriftDetector(baseline, window_size=3, threshold=0.05)
    baseline[:] = 100.0
    assert detector.update_many([0.5] * 3).tolist() == []
    assert detector.statistic == 0.0


# --- the baseline ---


def test_a_dependent_baseline_warns_and_an_independent_one_does_not():
    rng = np.random.default_rng(5)
    noise = rng.normal(size=2000)
    walk = np.convolve(noise, [1, 0.9, 0.8, 0.7], mode="valid")
    with pytest.warns(UserWarning, match="calibrated"):
        detector = dl.DriftDetector(walk, window_size=10, threshold=1.0)
    centred = walk - walk.mean()
    expected = (centred[1:] * centred[:-1]).sum() / (centred**2).sum()
    assert detector.baseline_autocorrelation == pytest.approx(expected, rel=1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dl.DriftDetector(noise, window_size=10, threshold=1.0)
        dl.DriftDetector([0.48, 0.49, 0.5, 0.51, 0.52], window_size=10, threshold=1.0)
        assert simple().baseline_autocorrelation is None


def unaligned() -> np.ndarray:
    raw = bytearray(8 * 5 + 1)
    array = np.frombuffer(raw, dtype=np.float64, offset=1, count=5)
    array[:] = 0.5
    return array


@pytest.mark.parametrize(
    "baseline",
    [
        *(np.full(5, 1, dtype=t) for t in ("f2", "f4", "i1", "i8", "u1", "u8", "?", ">f8", ">i4")),
        [1, 1, 1],
        (1.0, 1.0),
        np.ones(10)[::2],
        np.ma.masked_array([1.0, 99.0], mask=[False, True]),
        unaligned() * 2,
    ],
    ids=lambda baseline: f"{type(baseline).__name__} {getattr(baseline, 'dtype', '')}",
)
def test_baselines_of_any_numeric_kind(baseline):
    detector = dl.DriftDetector(baseline, window_size=1, threshold=0.5)
    assert detector.update_many([1.0]).tolist() == []
    assert detector.statistic == 0.0


@pytest.mark.parametrize(
    ("baseline", "error"),
    [
        (np.ones((2, 2)), ValueError),
        ([], ValueError),
        ([math.nan], ValueError),
        ([1.0, math.inf], ValueError),
        (np.ones(3, dtype=complex), TypeError),
        ("abc", TypeError),
        (np.array([object()]), TypeError),
        (None, TypeError),
        (1.0, TypeError),
    ],
)
def test_baselines_that_are_refused(baseline, error):
    with pytest.raises(error, match=r"^baseline: got .*; accepted: ") as raised:
        dl.DriftDetector(baseline, window_size=3, threshold=0.1)
    assert isinstance(raised.value, dl.DriftlineError)


# --- what is refused ---


@pytest.mark.parametrize(
    ("options", "argument", "error"),
    [
        ({"window_size": 0}, "window_size", ValueError),
        ({"window_size": -1}, "window_size", ValueError),
        ({"window_size": 10**9}, "window_size", ValueError),
        ({"window_size": 2.5}, "window_size", TypeError),
        ({"window_size": None}, "window_size", TypeError),
        ({"check_every": 0}, "check_every", ValueError),
        ({"threshold": -0.1}, "threshold", ValueError),
        ({"threshold": math.nan}, "threshold", ValueError),
        ({"threshold": math.inf}, "threshold", ValueError),
        ({"threshold": "x"}, "threshold", TypeError),
        ({"threshold": None}, "threshold, alpha, false_alarm_every", ValueError),
        ({"alpha": 0.1}, "threshold, alpha, false_alarm_every", ValueError),
        ({"false_alarm_every": 100}, "threshold, alpha, false_alarm_every", ValueError),
        ({"threshold": None, "alpha": 0.1}, "alpha", ValueError),
        ({"threshold": None, "false_alarm_every": 9999}, "false_alarm_every", ValueError),
        ({"threshold": None, "alpha": 0.0, "test": "ks"}, "alpha", ValueError),
        ({"threshold": None, "alpha": 1.0, "test": "ks"}, "alpha", ValueError),
        ({"threshold": None, "alpha": math.nan, "test": "ks"}, "alpha", ValueError),
        *(
            ({"threshold": None, "false_alarm_every": bad, "test": "ks"}, "false_alarm_every", e)
            for bad, e in [
                (3, ValueError),
                (0, ValueError),
                (-5, ValueError),
                (math.nan, ValueError),
                ("", ValueError),
                ("30", ValueError),
                ("30 days", ValueError),
                ("-1d", ValueError),
                ("0s", ValueError),
                ([], TypeError),
            ]
        ),
        ({"cooldown_s": -1.0}, "cooldown_s", ValueError),
        ({"cooldown_s": math.nan}, "cooldown_s", ValueError),
        ({"cooldown_s": None}, "cooldown_s", TypeError),
        ({"max_missing_rate": 1.1}, "max_missing_rate", ValueError),
        ({"max_missing_rate": math.nan}, "max_missing_rate", ValueError),
        ({"test": "kss"}, "test", ValueError),
        ({"test": 3}, "test", TypeError),
        ({"kinds": []}, "kinds", ValueError),
        ({"kinds": None}, "kinds", TypeError),
        ({"kinds": [""]}, "kinds", ValueError),
        ({"name": ""}, "name", ValueError),
        ({"name": "  "}, "name", ValueError),
        ({"name": 3}, "name", TypeError),
        ({"feature": ""}, "feature", ValueError),
        ({"field": ""}, "field", ValueError),
        ({"model": ""}, "model", ValueError),
        ({"clock": 3.0}, "clock", TypeError),
        ({"test": "welch", "window_size": 1}, "window_size", ValueError),
    ],
    ids=str,
)
def test_options_that_are_refused(options, argument, error):
    with pytest.raises(error) as raised:
        dl.DriftDetector([0.5] * 5, **{"window_size": 3, "threshold": 0.1, **options})
    assert isinstance(raised.value, dl.DriftlineError)
    assert str(raised.value).startswith(f"{argument}: got "), raised.value
    assert "; accepted: " in str(raised.value)


def test_tests_without_p_value_point_at_calibrated():
    with pytest.raises(dl.InvalidValueError, match=r"DriftDetector.calibrated"):
        dl.DriftDetector([0.5] * 5, window_size=3, false_alarm_every=1000)


@pytest.mark.parametrize("value", ["0.5", [], object(), 1j])
def test_values_that_are_no_numbers(value):
    detector = simple()
    with pytest.raises(dl.InvalidTypeError, match=r"^value: got "):
        detector.update(value)
    with pytest.raises(dl.InvalidTypeError, match=r"^values: got "):
        detector.update_many("abc")
    assert detector.n_samples == detector.n_missing == 0


def test_times_must_match_the_values():
    with pytest.raises(dl.InvalidValueError, match=r"^timestamps: got 1 times"):
        simple().update_many([0.5, 0.5], timestamps=[at(0)])


def test_a_clock_that_fails_is_heard():
    with pytest.raises(dl.InvalidTypeError, match=r"^clock: "):
        simple(clock=lambda: "noon").update(0.5)
    with pytest.raises(ZeroDivisionError):
        simple(clock=lambda: 1 / 0).update(0.5)


# --- the class ---


def test_the_signature_shows_the_defaults():
    parameters = inspect.signature(dl.DriftDetector).parameters
    assert parameters["test"].default == "mean_shift"
    assert parameters["kinds"].default == ("observation", "drift_score")
    assert parameters["cooldown_s"].default == 300.0
    assert parameters["max_missing_rate"].default == 0.5
    calibrated = inspect.signature(dl.DriftDetector.calibrated).parameters
    assert calibrated["test"].default == "mean_shift"
    assert calibrated["seed"].default == 0


def test_a_detector_that_is_its_own_clock_is_collected():
    class Clock:
        def __call__(self):
            return 0.0

    clock = Clock()
    clock.detector = simple(clock=clock)
    gone = weakref.ref(clock)
    del clock
    gc.collect()
    assert gone() is None


def test_it_shows_itself():
    assert repr(simple()) == (
        "DriftDetector(test='mean_shift', window_size=3, threshold=0.05, n=0, drift_detected=False)"
    )
    assert simple(name="age").name == "age"
    assert simple().name == "drift_detector"
    assert isinstance(simple(), dl.NativeObserver)
