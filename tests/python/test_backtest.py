"""Backtests: alarms on a history, shifts injected into it, and what is refused."""

import json
import math
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

import driftline as dl
from driftline import stream


class Above:
    """Alarms on each value above a limit."""

    def __init__(self, limit):
        self.limit = limit
        self.seen = 0
        self.drift_detected = False

    def update(self, x):
        self.seen += 1
        self.drift_detected = x > self.limit


class Every:
    """Alarms at every n-th value: what it does depends on all that came before."""

    def __init__(self, n):
        self.n = n
        self.seen = 0
        self.drift_detected = False

    def update(self, x):
        self.seen += 1
        self.drift_detected = self.seen % self.n == 0


def ramp(n):
    """Values 0 to 9, in turn: mean 4.5, standard deviation sqrt(8.25)."""
    return np.arange(n, dtype=float) % 10


DEVIATION = math.sqrt(8.25)

# --- alarms on the history ---------------------------------------------------------


def test_alarms_are_those_of_the_detector_on_the_history():
    found = dl.backtest(Every(30), ramp(100))
    assert found.alarms.tolist() == [29, 59, 89]
    assert found.alarms_per_10000 == pytest.approx(300)
    assert found.alarms_per_month is found.alarm_times is found.months is None
    assert (found.name, found.parameters, found.n_values, found.n_missing) == (
        *("Every", None, 100, 0),
    )
    assert (found.mean, found.standard_deviation) == pytest.approx((4.5, DEVIATION))
    assert found.is_binary is False


def test_a_native_detector_alarms_as_by_itself():
    history = stream.abrupt(4_000, seed=2).values
    detector = stream.ADWIN()
    found = dl.backtest(detector, history)
    assert found.alarms.tolist() == stream.ADWIN().update_many(history).tolist()
    assert found.name == "adwin"
    assert found.parameters["delta"] == 0.002
    assert detector.n_samples == 0


def test_a_name_stands_for_a_detector_with_its_defaults():
    history = stream.abrupt(1_000, seed=2).values
    by_name = dl.backtest("page_hinkley", history).to_dict()
    assert by_name == dl.backtest(stream.PageHinkley(), history).to_dict()


def test_months_are_counted_from_the_first_to_the_last():
    days = np.datetime64("2026-01-31") + np.arange(60).astype("timedelta64[D]")
    found = dl.backtest(Every(29), ramp(60), timestamps=days)
    # The 29th day from 31 January on is 28 February, the 58th 29 March; 31 March is the last.
    assert found.months == {"2026-01": 0, "2026-02": 1, "2026-03": 1}
    assert [str(time)[:10] for time in found.alarm_times] == ["2026-02-28", "2026-03-29"]
    assert found.duration_s == 59 * 86_400
    assert found.alarms_per_month == pytest.approx(2 / (59 / 30.436875))


@pytest.mark.parametrize("unit", ["s", "ms", "ns"])
def test_times_of_every_kind_are_taken(unit):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    listed = [start + timedelta(hours=hour) for hour in range(50)]
    zoned = [time.astimezone(timezone(timedelta(hours=5))) for time in listed]
    array = np.array([time.replace(tzinfo=None) for time in listed], dtype=f"datetime64[{unit}]")
    found = [dl.backtest(Every(20), ramp(50), timestamps=times) for times in (listed, zoned, array)]
    assert found[0].to_dict() == found[1].to_dict() == found[2].to_dict()
    assert found[0].to_dict()["alarm_times"][0] == "2026-01-01T19:00:00.000000Z"


def test_missing_values_are_counted_and_left_to_the_detector():
    history = ramp(100)
    history[[3, 50]] = np.nan, np.inf
    found = dl.backtest(stream.PageHinkley(), history)
    assert (found.n_missing, found.n_values) == (2, 100)
    finite = history[np.isfinite(history)]
    assert (found.mean, found.standard_deviation) == pytest.approx((finite.mean(), finite.std()))


# --- injected shifts ---------------------------------------------------------------


def test_shifts_are_found_where_arithmetic_says():
    # Above 9.5 nothing alarms by itself. Shifted by one deviation (2.87) the values 7, 8, 9
    # do, by two (5.74) 4 to 9, by a tenth (0.287) none. A place p begins with p mod 10: the
    # delay is what is missing to the first of these values.
    found = dl.backtest(Above(9.5), ramp(100), shifts=[0.1, 1, 2], n_positions=1_000, horizon=50)
    none, small, one, two = found.shifts
    # Places 10 to 50, each once.
    assert {shift.n_positions for shift in found.shifts} == {41}
    assert (none.size, none.n_detected, none.missed_rate) == (0.0, 0, 1.0)
    assert (none.mean_delay, none.median_delay, none.median_delay_s) == (None, None, None)
    assert (small.size, small.n_detected) == (0.1, 0)
    assert one.amount == pytest.approx(DEVIATION)
    places = range(10, 51)
    assert one.delays == tuple(max(7 - place % 10, 0) for place in places)
    assert two.delays == tuple(max(4 - place % 10, 0) for place in places)
    assert one.missed_rate == 0.0
    assert one.mean_delay == pytest.approx(np.mean(one.delays))
    assert one.median_delay == np.median(one.delays)


def test_a_shift_down_and_a_horizon_too_short():
    class Below(Above):
        def update(self, x):
            self.drift_detected = x < self.limit

    found = dl.backtest(Below(-0.5), ramp(100), shifts=[-1], n_positions=41, horizon=3)
    none, down = found.shifts
    # Values 0, 1, 2 alarm: at once, or after 10 - p mod 10 values, of which 0 to 2 count.
    wanted = [(10 - place % 10) * (place % 10 > 2) for place in range(10, 98)]
    assert none.n_detected == 0
    assert down.amount == pytest.approx(-DEVIATION)
    taken = np.unique(np.linspace(10, 97, 41).astype(int))
    assert down.delays == tuple(wanted[p - 10] for p in taken if wanted[p - 10] < 3)
    assert down.missed_rate == pytest.approx(1 - len(down.delays) / 41)


def test_the_detector_comes_to_a_shift_as_the_history_left_it():
    # Every 30th value alarms, whatever the shift: the delay is what is left to it.
    found = dl.backtest(Every(30), ramp(100), shifts=[1], n_positions=3, horizon=40)
    none, shifted = found.shifts
    # Places 10, 35 and 60; alarms at 29, 59 and 89.
    assert shifted.delays == (19, 24, 29)
    assert none.delays == (19, 24, 29)
    assert none.amount == 0.0


def test_a_native_detector_finds_a_shift_as_if_the_history_had_it():
    history = stream.stationary(3_000, seed=5).values
    found = dl.backtest(stream.ADWIN(), history, shifts=[2.0], n_positions=7, horizon=600)
    places = np.linspace(300, 2_400, 7).astype(int)
    expected = []
    for place in places:
        shifted = history.copy()
        shifted[place:] += 2.0 * history.std()
        alarms = stream.ADWIN().update_many(shifted[: place + 600])
        expected.append(int(alarms[alarms >= place][0]) - place)
    assert found.shifts[1].delays == tuple(expected)
    assert found.shifts[1].missed_rate == 0.0


def test_values_of_0_and_1_change_their_rate():
    class Count:
        """Alarms never, and keeps what it is given."""

        drift_detected = False
        taken = ()

        def update(self, x):
            seen.append(x)

        def __deepcopy__(self, memo):
            return Count()

    seen = []
    history = stream.stationary(20_000, distribution="bernoulli", level=0.1, seed=3).values
    rate = history.mean()
    deviation = math.sqrt(rate * (1 - rate))
    for size, expected in ((1.0, rate + deviation), (-0.1, rate - 0.1 * deviation), (9.0, 1.0)):
        seen.clear()
        found = dl.backtest(Count(), history, shifts=[size], n_positions=1, horizon=9_000)
        assert found.is_binary is True
        assert found.shifts[1].amount == pytest.approx(expected - rate)
        assert set(seen) <= {0.0, 1.0}
        shifted = np.mean(seen[2_000 : 2_000 + 9_000])
        assert shifted == pytest.approx(expected, abs=4 * 0.5 / math.sqrt(9_000))
    assert dl.backtest(Count(), history, shifts=[-9.0], n_positions=1).shifts[1].amount == -rate


def test_shifted_values_stay_within_what_a_detector_takes():
    share = np.random.Generator(np.random.PCG64(1)).random(2_000)
    found = dl.backtest(stream.HDDMA(two_sided_test=True), share, shifts=[3.0, -3.0], n_positions=5)
    assert [shift.missed_rate for shift in found.shifts[1:]] == [0.0, 0.0]


def test_delays_in_time():
    seconds = np.cumsum(np.arange(100)).astype("timedelta64[s]")
    times = np.datetime64("2026-01-01") + seconds
    found = dl.backtest(
        Every(30), ramp(100), timestamps=times, shifts=[1], n_positions=3, horizon=40
    )
    expected = [
        (times[a] - times[p]) / np.timedelta64(1, "s") for p, a in ((10, 29), (35, 59), (60, 89))
    ]
    assert found.shifts[1].delays_s == tuple(expected)
    assert found.shifts[1].median_delay_s == np.median(expected)


def test_without_shifts_a_constant_history_will_do():
    found = dl.backtest(stream.ADWIN(), np.ones(100), shifts=())
    assert found.shifts == ()
    assert len(found.alarms) == 0


def test_same_data_same_answer():
    history = stream.abrupt(2_000, distribution="bernoulli", seed=1).values
    first = dl.backtest(stream.ADWIN(), history, n_positions=20).to_dict()
    assert dl.backtest(stream.ADWIN(), history, n_positions=20).to_dict() == first


# --- how it shows ------------------------------------------------------------------


def test_it_prints_as_a_report():
    days = np.datetime64("2026-01-01") + np.arange(100).astype("timedelta64[D]")
    found = dl.backtest(
        Every(30), ramp(100), timestamps=days, shifts=[1], n_positions=3, horizon=40
    )
    assert str(found).splitlines() == [
        "Every()",
        "on 100 values: mean 4.5, standard deviation 2.872",
        "",
        "3 alarms: 0.92 a month, 300 in 10,000 values",
        "  2026-01     1 " + "#" * 15,
        "  2026-02     0",
        "  2026-03     2 " + "#" * 30,
        "  2026-04     0",
        "  at 2026-01-30 00:00, 2026-03-01 00:00, 2026-03-31 00:00",
        "",
        "Shifts injected at 3 places, found within 40 values:",
        "  shift  value by  found  median delay  mean  in time",
        "   none             100%            24    24   24.0 d",
        "   1 sd    +2.872   100%            24    24   24.0 d",
    ]
    assert repr(found) == "Backtest('Every', 100 values, 3 alarms)"
    assert repr(found.shifts[1]) == "InjectedShift(size=1, missed_rate=0%, median_delay=24)"


def test_to_dict_is_json():
    found = dl.backtest(stream.ADWIN(), ramp(100))
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert document["detector"] == "adwin"
    assert document["alarms"] == []
    assert [shift["size"] for shift in document["shifts"]] == [0.0, 0.5, 1.0, 2.0]
    assert document["suggested"] is document["no_suggestion"] is None


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"detector": Above}, dl.InvalidTypeError, "detector: got the class Above"),
        ({"detector": "adwim"}, dl.InvalidValueError, r"detector: got \"adwim\".*adwin"),
        ({"detector": 3}, dl.InvalidTypeError, "detector: got an object of type int"),
        ({"history": "text"}, dl.InvalidTypeError, "history: got str"),
        ({"history": [[1.0] * 30]}, dl.InvalidValueError, r"history: got shape \(1, 30\)"),
        ({"history": [1.0] * 19}, dl.InvalidValueError, "history: got 19 values"),
        ({"history": [math.nan] * 30}, dl.EmptySampleError, "missing values alone"),
        ({"history": [1.0] * 30}, dl.InvalidValueError, r"standard deviation 1?0"),
        ({"history": [1e300, -1e300] * 30}, dl.InvalidValueError, "standard deviation inf"),
        ({"shifts": [0]}, dl.InvalidValueError, "shifts: got 0"),
        ({"shifts": [1, 1]}, dl.InvalidValueError, "shifts: got 1"),
        ({"shifts": [math.inf]}, dl.InvalidValueError, "shifts: got inf"),
        ({"shifts": 1}, dl.InvalidTypeError, "shifts: got 1"),
        ({"n_positions": 0}, dl.InvalidValueError, "n_positions: got 0"),
        ({"n_positions": 1.0}, dl.InvalidTypeError, "n_positions: got 1.0"),
        ({"horizon": 0}, dl.InvalidValueError, "horizon: got 0"),
        ({"horizon": 51}, dl.InvalidValueError, "1 to 50"),
        ({"seed": -1}, dl.InvalidValueError, "seed: got -1"),
        ({"timestamps": range(100)}, dl.InvalidTypeError, "timestamps: got dtype int64"),
        ({"timestamps": ["x"] * 100}, dl.InvalidTypeError, "timestamps: got dtype"),
        ({"timestamps": [None] * 100}, dl.InvalidTypeError, "timestamps: got list"),
        (
            {"timestamps": np.array(["2026-01-01"] * 99, "M8[D]")},
            dl.InvalidValueError,
            r"timestamps: got shape \(99,\)",
        ),
        (
            {"timestamps": np.array(["2026-01-01"] * 99 + ["NaT"], "M8[D]")},
            dl.InvalidValueError,
            "timestamps: got NaT",
        ),
        (
            {"timestamps": np.array(["2026-01-02"] * 99 + ["2026-01-01"], "M8[D]")},
            dl.InvalidValueError,
            "at position 98",
        ),
        ({"false_alarm_every": 1_000}, dl.InvalidTypeError, "cannot be calibrated"),
    ],
)
def test_what_is_refused(arguments, error, words):
    options = {"detector": Above(3), "history": ramp(100)} | arguments
    with pytest.raises(error, match=words):
        dl.backtest(**options)


# --- suggested settings ------------------------------------------------------------


def test_settings_are_suggested_for_a_budget():
    history = 5 + 3 * stream.stationary(6_000, seed=3).values
    found = dl.backtest(
        stream.CUSUM(), history, shifts=[1.0], n_positions=20, false_alarm_every=2_000
    )
    better = found.suggested
    assert (found.false_alarm_every, better.false_alarm_every, better.suggested) == (
        *(2_000, None, None),
    )
    location, scale = better.parameters["standardise"]
    assert (location, scale) == pytest.approx((history.mean(), history.std()), rel=0.01)
    # Three false alarms are expected at most; in values of their own scale there were many.
    assert len(better.alarms) <= 6 < len(found.alarms)
    assert better.shifts[1].missed_rate == 0.0
    document = found.to_dict()
    assert document == json.loads(json.dumps(document, allow_nan=False))
    assert document["suggested"]["parameters"]["standardise"] == [location, scale]
    text = str(found)
    assert "Suggested for a false alarm every 2,000 values:" in text
    assert f"  {better.detector}" in text


def test_a_budget_may_be_a_time():
    history = stream.stationary(3_000, seed=4).values
    hours = np.datetime64("2026-01-01T00") + np.arange(3_000)
    found = dl.backtest(
        stream.PageHinkley(), history, timestamps=hours, shifts=(), false_alarm_every="30d"
    )
    same = dl.backtest(stream.PageHinkley(), history, shifts=(), false_alarm_every=720)
    assert found.suggested.parameters == same.suggested.parameters
    with pytest.raises(dl.InvalidValueError, match=r"^timestamps: got None"):
        dl.backtest(stream.PageHinkley(), history, shifts=(), false_alarm_every="30d")
    for wrong in ("soon", 0, -5):
        with pytest.raises(dl.InvalidValueError, match=r"^false_alarm_every: got"):
            dl.backtest(stream.PageHinkley(), history, timestamps=hours, false_alarm_every=wrong)


@pytest.mark.parametrize(
    ("detector", "history", "words"),
    [
        # Zeros and ones, as many of each: none is two deviations off, all are one.
        (
            stream.Shewhart(),
            stream.stationary(2_000, distribution="bernoulli", level=0.5, seed=1).values,
            "false_alarm_every: got 500; accepted: another budget",
        ),
        (
            stream.BettingConfidenceSequence(low=-6.0, high=6.0),
            stream.stationary(2_000, seed=1).values,
            "ever alarming, by alpha",
        ),
        (stream.ADWIN(), ramp(400), "history: got 400"),
    ],
    ids=["no setting", "another guarantee", "too short"],
)
def test_a_budget_that_cannot_be_kept_leaves_the_report(detector, history, words):
    found = dl.backtest(detector, history, shifts=[2.0], n_positions=5, false_alarm_every=500)
    plain = dl.backtest(detector, history, shifts=[2.0], n_positions=5)
    assert words in found.no_suggestion
    assert plain.no_suggestion is None
    assert found.to_dict() == plain.to_dict() | {
        "false_alarm_every": 500,
        "no_suggestion": found.no_suggestion,
    }
    assert str(found).splitlines() == [
        *str(plain).splitlines(),
        "",
        "No settings for a false alarm every 500 values:",
        f"  {found.no_suggestion}",
    ]


def test_a_calibrated_detector_is_calibrated_again():
    history = stream.stationary(3_000, seed=4).values
    detector = stream.CUSUM.calibrated(history, false_alarm_every=1_000)
    found = dl.backtest(detector, history, shifts=(), false_alarm_every=2_000)
    expected = stream.CUSUM.calibrated(history, false_alarm_every=2_000, seed=0)
    assert found.suggested.parameters == dl.backtest(expected, history, shifts=()).parameters


class Heard(Above):
    """Tells what it was given."""

    def __init__(self, limit, heard):
        super().__init__(limit)
        self.heard = heard

    def __deepcopy__(self, memo):
        return Heard(self.limit, self.heard)

    def update(self, x):
        self.heard.append(x)
        super().update(x)


def test_an_object_of_ones_own_is_not_given_what_is_missing():
    history = np.random.default_rng(3).normal(size=1_000)
    missing = history.copy()
    missing[[50, 700]] = np.nan, np.inf
    heard = []
    found = dl.backtest(Heard(6.0, heard), missing, shifts=[8.0], n_positions=3, horizon=100)
    assert found.n_missing == 2
    assert np.isfinite(heard).all()
    assert found.shifts[-1].missed_rate == 0.0
    heard.clear()
    stream.evaluate(Heard(6.0, heard), [stream.Stream(missing, [500])])
    assert len(heard) == 998
    assert np.isfinite(heard).all()


def test_shifts_end_at_the_largest_value_that_is_none_missing():
    signs = np.where(np.random.default_rng(0).random(1_000) < 0.5, 1.0, -1.0)
    huge, small = (
        dl.backtest(
            stream.PageHinkley(threshold=scale * 20.0, delta=0.0),
            signs * scale,
            shifts=[5.0],
            n_positions=3,
            horizon=100,
        )
        for scale in (9e149, 1.0)
    )
    assert small.shifts[-1].missed_rate == 0.0
    # All of them lie at 1e150 then: ten ninths of a standard deviation higher.
    assert huge.shifts[-1].missed_rate == 0.0
