"""Evaluation: which alarm belongs to which change, the figures, and alarms at random."""

import copy
import json
import math

import numpy as np
import pytest

import driftline as dl
from driftline import stream
from driftline.stream import _calibration


class At:
    """Alarms at given places, whatever the values."""

    def __init__(self, *places):
        self.places = frozenset(places)
        self.seen = 0
        self.drift_detected = False

    def update(self, x):
        self.drift_detected = self.seen in self.places
        self.seen += 1


class Random:
    """Alarms at each value with a probability: river's DummyDriftDetector, as it were."""

    def __init__(self, rate, seed):
        self.rate = rate
        self.generator = np.random.Generator(np.random.PCG64(seed))
        self.drift_detected = False

    def update(self, x):
        self.drift_detected = self.generator.random() < self.rate


def flat(n, changes=(), width=0):
    return stream.Stream(np.zeros(n), changes, width=width)


def evaluated(places, streams, **options):
    return stream.evaluate({"one": At(*places)}, streams, **options)["one"]


# --- which alarm belongs to which change -------------------------------------------


@pytest.mark.parametrize(
    ("places", "delays", "n_repeated", "n_false"),
    [
        ([], (), 0, 0),
        ([10], (0,), 0, 0),  # on the first value of the new regime
        ([9], (), 0, 1),  # one too early
        ([13], (3,), 0, 0),  # the last place within the tolerance
        ([14], (), 0, 1),  # one too late
        ([9, 11], (1,), 0, 1),
        ([11, 12, 13], (1,), 2, 0),
        ([11, 14], (1,), 0, 1),
        ([10, 20], (0, 0), 0, 0),
        ([20, 23], (0,), 1, 0),
        ([0, 29], (), 0, 2),
        (range(30), (0, 0), 6, 22),
    ],
)
def test_each_alarm_belongs_to_one_change(places, delays, n_repeated, n_false):
    # Windows: 10 to 13 and 20 to 23.
    one = evaluated(places, flat(30, [10, 20]), tolerance=3)
    assert one.delays == delays
    assert (one.n_repeated, one.n_false_alarms) == (n_repeated, n_false)
    assert (one.n_changes, one.n_detected, one.n_missed) == (2, len(delays), 2 - len(delays))
    assert one.n_alarms == len(places)
    assert (one.n_values, one.n_quiet) == (30, 22)
    assert one.alarms[0].tolist() == list(places)


def test_windows_end_at_the_next_change_and_at_the_end():
    # Windows: 10 to 14, 15 to 19 (the end), whatever the tolerance.
    for tolerance in (None, 100):
        one = evaluated([14, 19], flat(20, [10, 15]), tolerance=tolerance)
        assert one.delays == (4, 4)
        assert one.n_quiet == 10
    # Without tolerance only the first value of each regime counts.
    assert evaluated([10, 16], flat(20, [10, 15]), tolerance=0).delays == (0,)


def test_the_window_of_a_gradual_change_is_longer_by_its_width():
    one = evaluated([16], flat(30, [10], width=4), tolerance=2)
    assert one.delays == (6,)
    assert evaluated([17], flat(30, [10], width=4), tolerance=2).n_false_alarms == 1


# --- figures -----------------------------------------------------------------------


def test_figures_by_hand():
    # Two streams of 100 values, changes at 20, 60 and at 50; windows of 11 places.
    # Alarms at 5 (false), 22 (delay 2), 25 (repeated), 80 (false) in both; in the second
    # 22, 25 are false too, and its change is missed.
    streams = [flat(100, [20, 60]), flat(100, [50])]
    one = evaluated([5, 22, 25, 66, 80], streams, tolerance=10)
    assert one.delays == (2, 6)
    assert (one.n_detected, one.n_missed, one.n_repeated, one.n_false_alarms) == (2, 1, 1, 7)
    assert (one.mean_delay, one.median_delay) == (4.0, 4.0)
    assert one.n_quiet == 200 - 33
    assert one.recall == pytest.approx(2 / 3)
    assert one.missed_rate == pytest.approx(1 / 3)
    assert one.precision == pytest.approx(2 / 10)
    assert one.f1 == pytest.approx(2 * (2 / 3 * 0.2) / (2 / 3 + 0.2))
    assert one.mean_time_between_false_alarms == pytest.approx(167 / 7)
    assert one.mean_time_ratio == pytest.approx(167 / 7 / 4 * 2 / 3)


def test_without_changes_and_alarms_nothing_is_divided_by_zero():
    silent = evaluated([], flat(50))
    assert (silent.recall, silent.precision, silent.f1, silent.missed_rate) == (None,) * 4
    assert silent.mean_delay is silent.median_delay is silent.mean_time_ratio is None
    assert silent.mean_time_between_false_alarms is None
    assert silent.n_quiet == 50
    assert silent.at_random.n_alarms == 0
    noisy = evaluated([1, 2], flat(50))
    assert (noisy.recall, noisy.precision, noisy.f1) == (None, 0.0, 0.0)
    assert noisy.mean_time_between_false_alarms == 25
    missed = evaluated([], flat(50, [20]), tolerance=5)
    assert (missed.recall, missed.precision, missed.f1, missed.missed_rate) == (0.0, None, 0.0, 1)
    at_once = evaluated([20], flat(50, [20]), tolerance=5)
    assert (at_once.mean_delay, at_once.mean_time_ratio) == (0.0, None)


def test_a_level_detector_has_the_delay_that_theory_gives():
    # Alarms where x > 2, after a change to mean 2: each value does with probability 1/2,
    # so that the delay is geometric with mean 1; before, 1 in 43.96 does (1 - Phi(2)).
    class Above:
        drift_detected = False

        def update(self, x):
            self.drift_detected = x > 2.0

    streams = [stream.abrupt(400, levels=[0, 2], seed=seed) for seed in range(300)]
    one = stream.evaluate({"above": Above()}, streams, tolerance=50)["above"]
    assert one.recall == 1.0
    # Standard deviation of the delay: sqrt(2).
    assert one.mean_delay == pytest.approx(1.0, abs=4 * math.sqrt(2 / 300))
    # The quiet values are of both means: 200 of the old, 149 of the new regime.
    expected = 349 / (200 / 43.9558 + 149 / 2)
    assert one.mean_time_between_false_alarms == pytest.approx(expected, rel=0.05)


# --- alarms at random --------------------------------------------------------------


def expected_by_enumeration(lengths, rate):
    """Detected, mean and median delay of alarms at random, summed term by term."""
    chances = {}
    for length in lengths:
        for delay in range(length):
            chances[delay] = chances.get(delay, 0.0) + rate * (1 - rate) ** delay
    total = sum(chances.values())
    mean = sum(delay * chance for delay, chance in chances.items()) / total
    reached = 0.0
    for delay in sorted(chances):
        reached += chances[delay]
        if reached >= total / 2:
            return total, mean, delay
    raise AssertionError


@pytest.mark.parametrize("n_alarms", [1, 7, 60, 199, 200])
def test_the_dummy_is_what_alarms_at_random_are_expected_to_do(n_alarms):
    # Windows of 21, 10 and 30 places (the second up to the next change, the third to the
    # end), on 200 values with so many alarms.
    one = evaluated(range(n_alarms), flat(200, [50, 160, 170]), tolerance=30)
    rate = n_alarms / 200
    detected, mean, median = expected_by_enumeration([31, 10, 30], rate)
    dummy = one.at_random
    assert dummy.n_detected == pytest.approx(detected, rel=1e-12)
    assert dummy.mean_delay == pytest.approx(mean, rel=1e-9, abs=1e-12)
    assert dummy.median_delay == median
    assert dummy.n_false_alarms == pytest.approx(rate * 129)
    assert dummy.n_repeated == pytest.approx(rate * 71 - detected, abs=1e-12)
    assert dummy.n_alarms == pytest.approx(n_alarms)
    assert dummy.n_quiet == one.n_quiet == 129
    assert dummy.at_random is None


def test_the_dummy_agrees_with_alarms_drawn_at_random():
    streams = [flat(300, [100, 200]) for _ in range(400)]
    one = stream.evaluate({"r": Random(0.02, 7)}, streams, tolerance=40)["r"]
    # Copies of one generator would all draw the same: each stream has its own.
    alarms = [
        stream.evaluate({"r": Random(0.02, seed)}, each, tolerance=40)["r"]
        for seed, each in enumerate(streams)
    ]
    n_detected = sum(each.n_detected for each in alarms)
    delays = [delay for each in alarms for delay in each.delays]
    rate = sum(each.n_alarms for each in alarms) / (300 * 400)
    expected, mean, _ = expected_by_enumeration([41] * 800, rate)
    assert n_detected == pytest.approx(expected, abs=4 * math.sqrt(800 / 4))
    assert np.mean(delays) == pytest.approx(mean, abs=4 * 12 / math.sqrt(len(delays)))
    assert one.n_changes == 800


# --- detectors and streams ---------------------------------------------------------


def test_each_stream_is_given_to_a_copy():
    detector = At(3)
    one = stream.evaluate(detector, [flat(10, [3]), flat(10, [3])])["At"]
    assert one.n_detected == 2
    assert detector.seen == 0


@pytest.mark.parametrize(
    "detectors", ["adwin", ["adwin", "ddm"], {"adwin": "adwin", "mine": "kswin"}], ids=str
)
def test_names_stand_for_detectors_with_their_defaults(detectors):
    errors = stream.abrupt(1_000, distribution="bernoulli", seed=1)
    made = stream.get("adwin")
    found = stream.evaluate(detectors, errors)
    assert found["adwin"].parameters == made.params
    assert found["adwin"].alarms[0].tolist() == made.update_many(errors.values).tolist()
    assert list(found) == (["adwin"] if detectors == "adwin" else list(detectors))


def test_a_copy_is_made_by_clone_where_there_is_one():
    class Cloned(At):
        name = "cloned"
        clones = 0

        def clone(self):
            type(self).clones += 1
            return Cloned(*self.places)

        def __deepcopy__(self, memo):
            raise AssertionError

    found = stream.evaluate([Cloned(1), At(2)], [flat(5, [1]), flat(5, [1])])
    assert list(found) == ["cloned", "At"]
    assert Cloned.clones == 2
    assert [one.mean_delay for one in found.values()] == [0.0, 1.0]


def test_rivers_detectors_run_as_they_are():
    drift = pytest.importorskip("river.drift")
    one = stream.evaluate(drift.ADWIN(), stream.abrupt(4_000, seed=1), tolerance=300)["ADWIN"]
    assert (one.n_detected, one.n_false_alarms) == (1, 0)


# --- how it shows ------------------------------------------------------------------


def test_it_prints_as_a_table():
    streams = [flat(100, [20, 60]), flat(100, [50])]
    found = stream.evaluate({"first": At(5, 22, 25, 66, 80)}, streams, tolerance=10)
    lines = str(found).splitlines()
    assert lines[0] == "2 streams, 200 values, 3 changes; detected within 10 values"
    assert lines[4].split() == ["first", "4", "4", "33.3%", "7", "24", "0.20", "0.67", "0.31"]
    assert lines[5].startswith("  at random ")
    assert len(lines) == 6
    assert repr(found) == "Evaluation('first'; 2 streams)"
    assert repr(found["first"]) == (
        "Performance('first', mean_delay=4, recall=66.7%, n_false_alarms=7)"
    )
    page = stream.evaluate({"<b>": At(5)}, streams)._repr_html_()
    assert "<b>" not in page
    assert "<td>&lt;b&gt;</td>" in page
    never = str(stream.evaluate({"never": At()}, streams, tolerance=10)).splitlines()[4]
    assert never.split() == ["never", "–", "–", "100%", "0", ">167", "–", "0.00", "0.00"]


def test_to_dict_is_json():
    found = stream.evaluate({"a": At(5), "b": At()}, flat(100, [20]), tolerance=10)
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert document["n_streams"] == 1
    assert document["tolerance"] == 10
    assert [one["name"] for one in document["detectors"]] == ["a", "b"]
    first = document["detectors"][0]
    assert (first["n_false_alarms"], first["recall"], first["delays"]) == (1, 0.0, [])
    assert first["at_random"]["n_alarms"] == pytest.approx(1)
    assert "at_random" not in first["at_random"]


def test_same_data_same_answer():
    streams = [stream.abrupt(500, seed=seed) for seed in range(3)]
    detectors = {"r": Random(0.1, 1), "a": At(260)}
    first = stream.evaluate(copy.deepcopy(detectors), streams).to_dict()
    assert stream.evaluate(detectors, streams).to_dict() == first


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"detectors": At}, dl.InvalidTypeError, "detectors: got the class At"),
        ({"detectors": object()}, dl.InvalidTypeError, "an object of type object"),
        ({"detectors": "adwim"}, dl.InvalidValueError, r"got \"adwim\".*adwin"),
        ({"detectors": ["adwin", "adwim"]}, dl.InvalidValueError, r"got \"adwim\".*adwin"),
        ({"detectors": {"a": ""}}, dl.InvalidValueError, r"got \"\""),
        ({"detectors": ["adwin", stream.ADWIN()]}, dl.InvalidValueError, "of one name"),
        ({"detectors": []}, dl.InvalidValueError, "detectors: got none"),
        ({"detectors": {}}, dl.InvalidValueError, "detectors: got none"),
        ({"detectors": {1: At()}}, dl.InvalidTypeError, "detectors: got the name 1"),
        ({"detectors": {"a": 3}}, dl.InvalidTypeError, "an object of type int"),
        ({"detectors": [At(), At()]}, dl.InvalidValueError, "several of one name"),
        ({"streams": []}, dl.InvalidValueError, "streams: got none"),
        ({"streams": [0.1, 0.2]}, dl.InvalidTypeError, "an object of type float among them"),
        ({"streams": 3}, dl.InvalidTypeError, "streams: got an object of type int"),
        ({"tolerance": -1}, dl.InvalidValueError, "tolerance: got -1"),
        ({"tolerance": 1.5}, dl.InvalidTypeError, "tolerance: got 1.5"),
        ({"tolerance": True}, dl.InvalidTypeError, "tolerance: got True"),
        ({"history": [1.0]}, dl.InvalidValueError, "history: got values without false_alarm"),
        ({"samples_per_s": 2.0}, dl.InvalidValueError, "samples_per_s: got 2.0 without false_"),
        ({"false_alarm_every": "30d"}, dl.InvalidValueError, "samples_per_s: got None"),
        (
            {"false_alarm_every": "soon", "samples_per_s": 1.0},
            dl.InvalidValueError,
            "false_alarm_every: got",
        ),
        (
            {"false_alarm_every": 500, "samples_per_s": 1.0},
            dl.InvalidValueError,
            "samples_per_s: got 1",
        ),
    ],
)
def test_what_is_refused(arguments, error, words):
    options = {"detectors": At(), "streams": flat(10)} | arguments
    with pytest.raises(error, match=words):
        stream.evaluate(**options)


# --- at one rate of false alarms ---------------------------------------------------


def test_detectors_are_calibrated_to_the_budget_first():
    streams = [stream.abrupt(3_000, changes=2_000, seed=seed) for seed in range(30)]
    detectors = {"ph": stream.PageHinkley(), "cusum": stream.CUSUM(), "mine": At(2_100)}
    found = stream.evaluate(detectors, streams, tolerance=999, false_alarm_every=500)
    for name in ("ph", "cusum"):
        one = found[name]
        assert one.parameters["threshold"] != detectors[name].threshold
        # 60,000 values before the changes: 120 false alarms are expected.
        assert 250 < one.mean_time_between_false_alarms < 1_000
        assert one.recall == 1.0
    # Another library's runs as it is.
    assert found["mine"].parameters is None
    assert found["mine"].delays == (100,) * 30
    assert "calibrated to a false alarm every 500 values" in str(found)
    assert found.to_dict()["false_alarm_every"] == 500


def test_a_budget_may_be_a_time():
    # One value in ten seconds: 500 in 5,000 seconds.
    streams = stream.abrupt(3_000, seed=1)
    in_time = stream.evaluate("page_hinkley", streams, false_alarm_every="5000s", samples_per_s=0.1)
    in_values = stream.evaluate("page_hinkley", streams, false_alarm_every=500)
    assert in_time["page_hinkley"].to_dict() == in_values["page_hinkley"].to_dict()
    assert "calibrated to a false alarm every 5000s" in str(in_time)
    assert in_time.false_alarm_every == "5000s"


def test_what_to_calibrate_by_is_known_or_taken_from_before_the_change():
    errors = [stream.abrupt(2_000, distribution="bernoulli", seed=seed) for seed in range(2)]
    given = {"stream": "bernoulli", "p": 0.1}
    assert _calibration.null_of(errors, None) == given
    assert _calibration.null_of([stream.stationary(50)], None) == {"stream": "normal"}
    logs = [stream.stationary(50, distribution="log_normal", scale=0.5)]
    assert _calibration.null_of(logs, None) == {"stream": "log_normal", "log_sigma": 0.5}
    history = np.arange(5.0)
    assert _calibration.null_of(errors, history)["history"] is history
    # Two distributions, or one that is not known: what came before the first change.
    mixed = [stream.stationary(30, seed=1), stream.abrupt(50, levels=[1, 2], seed=2)]
    expected = np.concatenate([mixed[0].values, mixed[1].values[:25]])
    assert np.array_equal(_calibration.null_of(mixed, None)["history"], expected)
    own = [flat(40, [10, 20])]
    assert len(_calibration.null_of(own, None)["history"]) == 10


def test_parameters_that_were_given_are_kept():
    before = stream.PageHinkley(min_instances=50, delta=0.1, on_drift="keep_recent")
    after = _calibration.calibrated(before, 500, history=None, stream="normal", seed=0)
    assert (after.min_instances, after.delta, after.on_drift) == (50, 0.1, "keep_recent")
    assert after.threshold != before.threshold


def test_history_to_calibrate_by():
    streams = [stream.Stream(5 + 3 * stream.abrupt(3_000, seed=1).values, [1_500])]
    history = 5 + 3 * stream.stationary(5_000, seed=2).values
    found = stream.evaluate(
        stream.PageHinkley(), streams, tolerance=500, false_alarm_every=1_000, history=history
    )["page_hinkley"]
    location, scale = found.parameters["standardise"]
    assert location == pytest.approx(history.mean())
    assert scale == pytest.approx(history.std(), rel=0.01)
    assert found.n_detected == 1


def test_a_budget_that_one_detector_cannot_keep_names_it():
    streams = [stream.abrupt(levels=[0.1, 0.2], distribution="bernoulli", seed=1)]
    with pytest.raises(dl.InvalidValueError, match=r"false_alarm_every: .*\(detector 'shewhart'\)"):
        stream.evaluate(["cusum", "shewhart"], streams, false_alarm_every=10_000)
