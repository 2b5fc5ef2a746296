"""Streaming detectors calibrated to a budget of false alarms."""

import numpy as np
import pytest

from driftline import datasets, stream
from driftline.exceptions import InvalidTypeError, InvalidValueError

# Alarms that are counted where one per budget is expected.
ALARMS = 100
# The promise of known streams.
FACTOR = 2.0


def alarms(detector, values):
    """Alarms of followers that see ten budgets each."""
    return sum(len(detector.clone().update_many(part)) for part in np.array_split(values, 10))


@pytest.mark.parametrize("name", ["adwin", "cusum", "ewma_chart", "page_hinkley", "shewhart"])
def test_alarms_of_a_known_stream_are_as_far_apart_as_asked(name):
    rng = np.random.default_rng(1)
    detector = type(stream.get(name)).calibrated(false_alarm_every=10_000)
    found = alarms(detector, rng.normal(size=10_000 * ALARMS))
    assert ALARMS / FACTOR < found < ALARMS * FACTOR


def test_detectors_of_errors_expect_errors():
    rng = np.random.default_rng(2)
    detector = stream.DDM.calibrated(false_alarm_every=2_000, p=0.05)
    assert detector.warning_threshold < detector.drift_threshold
    found = alarms(detector, (rng.random(2_000 * ALARMS) < 0.05).astype(float))
    assert ALARMS / 3 < found < ALARMS * 3


def test_a_log_normal_stream_is_standardised():
    detector = stream.CUSUM.calibrated(false_alarm_every=1_000, stream="log_normal")
    mean = np.exp(0.5)
    deviation = mean * np.sqrt(np.expm1(1.0))
    assert detector.standardise == pytest.approx((mean, deviation))
    assert detector.target == 0.0


def test_a_history_is_kept_to():
    rng = np.random.default_rng(3)
    history = rng.gamma(2.0, 30.0, 2_000)
    detector = stream.PageHinkley.calibrated(history, false_alarm_every=500)
    assert isinstance(detector, stream.PageHinkley)
    assert detector.standardise == pytest.approx((history.mean(), history.std(ddof=1)))
    found = alarms(detector, rng.gamma(2.0, 30.0, 500 * ALARMS))
    assert 0 < found < ALARMS * 1.3
    assert len(detector.clone().update_many(rng.gamma(2.0, 45.0, 500))) > 0


def test_missing_values_of_a_history_are_left_out():
    rng = np.random.default_rng(4)
    history = rng.normal(size=600)
    with_gaps = np.insert(history, 100, [np.nan, np.inf])
    how = {"false_alarm_every": 50, "n_bootstrap": 20}
    whole = stream.Shewhart.calibrated(history, **how)
    assert stream.Shewhart.calibrated(with_gaps, **how).params == whole.params


def test_a_budget_may_be_a_time_and_shared():
    in_values = stream.CUSUM.calibrated(false_alarm_every=12_000 * 10)
    in_time = stream.CUSUM.calibrated(false_alarm_every="1h", samples_per_s=10 / 3, n_detectors=10)
    assert in_time.params == in_values.params


def test_a_fleet_keeps_its_budget():
    flights = datasets.load_nyc_flights()
    values = flights["arr_delay"]
    values = values[np.isfinite(values)]
    rng = np.random.default_rng(5)
    detector = stream.EWMAChart.calibrated(
        rng.choice(values, 3_000), false_alarm_every=200, n_detectors=100, block_length=1
    )
    found = sum(len(detector.clone().update_many(rng.choice(values, 2_000))) for _ in range(100))
    # Ten are allowed; three standard errors of a Poisson count more happen.
    assert found <= 19


def test_options_and_parameters_are_kept():
    detector = stream.CUSUM.calibrated(
        false_alarm_every=100, delta=0.25, on_drift="keep_recent", nan_policy="raise"
    )
    assert detector.delta == 0.25
    assert (detector.on_drift, detector.nan_policy) == ("keep_recent", "raise")


def test_a_pair_says_how_the_stream_is_standardised():
    detector = stream.Shewhart.calibrated(false_alarm_every=1_000, standardise=(50.0, 5.0))
    assert detector.standardise == (50.0, 5.0)
    # 3.29 standard deviations on either side.
    assert len(detector.clone().update_many([50.0] * 50 + [65.0])) == 0
    assert len(detector.clone().update_many([50.0] * 50 + [69.0])) == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"false_alarm_every": 0.5}, "false_alarm_every"),
        ({"false_alarm_every": "30d"}, "samples_per_s"),
        ({"false_alarm_every": "soon"}, "false_alarm_every"),
        ({"false_alarm_every": 500, "samples_per_s": 2}, "samples_per_s"),
        ({"false_alarm_every": 500, "stream": "cauchy"}, "stream"),
        ({"false_alarm_every": 500, "stream": "normal", "p": 0.5}, "p"),
        ({"false_alarm_every": 500, "stream": "bernoulli", "log_sigma": 0.5}, "log_sigma"),
        ({"false_alarm_every": 500, "threshold": 5.0}, "threshold"),
        ({"false_alarm_every": 500, "n_detectors": 0}, "n_detectors"),
        ({"false_alarm_every": 500, "n_bootstrap": 5}, "n_bootstrap"),
        ({"false_alarm_every": 500, "history": [0.0, 1.0]}, "history"),
        ({"false_alarm_every": 500, "history": [0.0, 1.0], "stream": "normal"}, "stream"),
        ({"false_alarm_every": 500, "nonsense": 1}, "nonsense"),
    ],
    ids=str,
)
def test_wrong_arguments_are_named(arguments, told):
    with pytest.raises(InvalidValueError, match=told):
        stream.CUSUM.calibrated(**arguments)


def test_the_base_class_cannot_be_calibrated():
    with pytest.raises(InvalidTypeError, match=r"stream\.ADWIN"):
        stream.Detector.calibrated(false_alarm_every=500)
