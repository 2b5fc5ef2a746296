"""DriftDetector.calibrated: few false alarms, on dependent data too."""

from __future__ import annotations

import _thread
import math
import threading

import numpy as np
import pytest

import driftline as dl

# Binomial(4e6, 1e-5) is at most this with probability 0.999: 200 streams of
# 20,000 values at one false alarm in 100,000.
MOST_ALARMS = 61


def autoregressive(rng: np.random.Generator, phi: float, n: int) -> np.ndarray:
    """Stationary AR(1) of variance 1."""
    noise = rng.normal(size=n) * math.sqrt(1 - phi * phi)
    noise[0] = rng.normal()
    out = np.empty(n)
    last = 0.0
    for i, shock in enumerate(noise.tolist()):
        last = out[i] = phi * last + shock
    return out


def paths(rng: np.random.Generator, phi: float, n: int, count: int) -> np.ndarray:
    """Independent AR(1) paths, one a row."""
    noise = rng.normal(size=(n, count)) * math.sqrt(1 - phi * phi)
    noise[0] = rng.normal(size=count)
    for i in range(1, n):
        noise[i] += phi * noise[i - 1]
    return np.ascontiguousarray(noise.T)


def calibrated(history, **options):
    return dl.DriftDetector.calibrated(
        history, **{"window_size": 100, "false_alarm_every": 100_000, **options}
    )


@pytest.mark.parametrize(("phi", "streams"), [(0.7, 200)])
@pytest.mark.thread_unsafe(reason="takes long, and tells the same on one thread")
def test_dependent_streams_stay_within_the_budget(phi, streams):
    rng = np.random.default_rng(20130102)
    histories, quiet = paths(rng, phi, 5000, streams), paths(rng, phi, 20_000, streams)
    alarms = 0
    for i, (history, stream) in enumerate(zip(histories, quiet, strict=True)):
        detector = calibrated(history, seed=i, n_bootstrap=20)
        detector.update_many(stream)
        alarms += detector.n_detections
    assert alarms <= MOST_ALARMS * streams / 200


def test_entering_again_counts_as_an_alarm():
    """Without a clock that moves there are no reminders: entries alone count."""
    rng = np.random.default_rng(1)
    detector = calibrated(rng.normal(size=5000), clock=lambda: 0.0)
    alerts = detector.update_many(rng.normal(0.45, 1, size=5000))
    assert len(alerts) == detector.n_detections


@pytest.mark.parametrize(("test", "most"), [("mean_shift", 150), ("ks", 400)])
@pytest.mark.thread_unsafe(reason="takes long, and tells the same on one thread")
def test_a_clear_shift_is_found(test, most):
    rng = np.random.default_rng(3)
    every = {"check_every": 100} if test == "ks" else {}
    detector = calibrated(autoregressive(rng, 0.7, 5000), test=test, **every)
    # 1.5 standard deviations, six of the window's mean.
    alerts = detector.update_many(autoregressive(rng, 0.7, 2000) + 1.5)
    assert alerts[0] <= most


def test_dependence_raises_the_threshold():
    rng = np.random.default_rng(4)
    independent = calibrated(rng.normal(size=5000))
    dependent = calibrated(autoregressive(rng, 0.7, 5000))
    # The window's mean varies sqrt((1 + 0.7) / (1 - 0.7)) = 2.4 times as much.
    assert 1.8 < dependent.threshold / independent.threshold < 4.0
    # 4 to 6 standard deviations of the mean of 100 values.
    assert 0.38 < independent.threshold < 0.6


def test_the_same_seed_gives_the_same_threshold():
    history = np.random.default_rng(5).normal(size=1000)
    thresholds = [calibrated(history, seed=seed).threshold for seed in (0, 0, 1)]
    assert thresholds[0] == thresholds[1] != thresholds[2]
    assert thresholds[2] == pytest.approx(thresholds[0], rel=0.1)


def test_a_rarer_alarm_needs_a_higher_threshold():
    history = np.random.default_rng(6).normal(size=2000)
    budgets = (10_000, 100_000, 1_000_000, 100_000_000)
    thresholds = [calibrated(history, false_alarm_every=every).threshold for every in budgets]
    assert thresholds == sorted(thresholds)
    assert thresholds[0] < 0.9 * thresholds[-1]
    assert thresholds[-1] < 2 * thresholds[0]


def test_a_baseline_of_its_own():
    rng = np.random.default_rng(7)
    history = rng.normal(size=3000)
    detector = calibrated(history, baseline=np.full(10, 0.3))
    # What is normal lies 0.3 from this baseline.
    assert detector.threshold > calibrated(history).threshold + 0.15
    assert detector.update_many(rng.normal(size=2000)).tolist() == []


def test_a_constant_history_is_quiet_until_it_changes():
    detector = calibrated(np.full(500, 0.1))
    assert detector.update_many(np.full(1000, 0.1)).tolist() == []
    assert detector.update(0.2)


def test_missing_values_of_the_history_are_left_out():
    history = np.random.default_rng(8).normal(size=1000)
    gaps = np.insert(history, [10, 500, 500], math.nan)
    assert calibrated(gaps).threshold == calibrated(history).threshold


def test_dependence_does_not_warn(recwarn):
    calibrated(autoregressive(np.random.default_rng(9), 0.9, 2000)).rebase(np.arange(100.0))
    assert len(recwarn) == 0


@pytest.mark.parametrize(
    ("options", "argument", "error"),
    [
        ({"history": [1.0, 2.0]}, "history", ValueError),
        ({"history": [math.nan] * 500}, "history", ValueError),
        ({"history": [0.0, math.inf] * 500}, "history", ValueError),
        ({"history": "abc"}, "history", TypeError),
        ({"false_alarm_every": "30d"}, "false_alarm_every", ValueError),
        ({"false_alarm_every": 1}, "false_alarm_every", ValueError),
        ({"false_alarm_every": None}, "false_alarm_every", TypeError),
        ({"block_length": 0}, "block_length", ValueError),
        ({"n_bootstrap": 5}, "n_bootstrap", ValueError),
        ({"n_bootstrap": 10**6}, "n_bootstrap", ValueError),
        ({"seed": -1}, "seed", ValueError),
        ({"seed": 0.5}, "seed", TypeError),
        ({"baseline": []}, "baseline", ValueError),
        ({"cooldown_s": -1.0}, "cooldown_s", ValueError),
    ],
    ids=str,
)
def test_what_is_refused(options, argument, error):
    options = {"history": np.arange(500.0), **options}
    with pytest.raises(error, match=rf"^{argument}: got .*; accepted: ") as raised:
        calibrated(options.pop("history"), **options)
    assert isinstance(raised.value, dl.DriftlineError)


def test_a_constant_history_makes_no_constant_alarm():
    detector = calibrated([1.0] * 200, window_size=10, false_alarm_every=5_000)
    assert detector.update_many([1.0] * 50).size == 0
    assert detector.update_many([1.5] * 10).size == 1


def test_a_budget_below_the_window_is_refused():
    history = np.random.default_rng(0).normal(size=500)
    with pytest.raises(dl.InvalidValueError, match=r"^false_alarm_every: .*window_size"):
        calibrated(history, window_size=10, false_alarm_every=5)


@pytest.mark.thread_unsafe(reason="interrupts the main thread")
def test_ctrl_c_ends_it():
    history = np.random.default_rng(0).normal(size=5_000)
    began = threading.Event()

    def interrupt():
        began.wait()
        _thread.interrupt_main()

    def work():
        began.set()
        calibrated(history, window_size=200, false_alarm_every=10_000, n_bootstrap=10_000)

    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    with pytest.raises(KeyboardInterrupt):
        work()
    interrupter.join()
