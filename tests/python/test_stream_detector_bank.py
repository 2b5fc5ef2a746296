"""StreamDetector with a bank: which features of the rows on a hub have changed, and alone."""

from __future__ import annotations

import copy
import gc
import json
import math
import threading
import weakref
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import driftline as dl
from driftline import stream

START = datetime(2013, 1, 1, tzinfo=UTC)
# How long a thread is waited for before a test says that it hangs.
PATIENCE_S = 60.0
# Finds a change by 1 within a few values.
QUICK = {"threshold": 5.0, "min_instances": 10}
COLUMNS = ["dep_delay", "arr_delay", "temp", "humid", "pressure"]


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=float(seconds))


def quick(n_features: int, **options) -> stream.Bank:
    return stream.Bank(stream.PageHinkley(**QUICK), n_features, **options)


def hub_with(observer: dl.NativeObserver, **options) -> tuple[dl.Hub, list[dl.Event]]:
    """A hub with the observer on it, and what the observer tells there."""
    hub, told = dl.Hub(**options), []
    hub.register(told.append, kinds=["drift_detected", "drift_resolved"])
    hub.register(observer)
    return hub, told


def steps(n: int, width: int, seed: int = 3) -> np.ndarray:
    """Rows whose features change now and then, each at rows of its own; some are missing."""
    rng = np.random.default_rng(seed)
    lengths = 90 + 20 * np.arange(width)
    rows = rng.random((n, width)) + 3.0 * ((np.arange(n)[:, None] // lengths) % 2)
    rows[rng.random((n, width)) < 0.02] = np.nan
    return rows


def flights(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the flights, and the airport that each left from."""
    columns = dl.datasets.load_nyc_flights()
    return np.column_stack([columns[name][:n] for name in COLUMNS]), columns["origin"][:n]


def placed(told: list[dl.Event]) -> list[list[int]]:
    """(row, feature) of each change that was told of, the row by its time."""
    return [
        [int((event.timestamp - START).total_seconds()), event.metadata["feature_index"]]
        for event in told
        if event.kind == "drift_detected"
    ]


# --- on a hub ---


def test_each_model_has_what_the_bank_finds_in_its_flights():
    rows, origins = flights(6000)
    bank = stream.Bank(stream.ADWIN(), len(COLUMNS))
    observer = dl.StreamDetector(bank, field="row", features=COLUMNS, per_model=True)
    hub, told = hub_with(observer)
    for second, (row, origin) in enumerate(zip(rows.tolist(), origins, strict=True)):
        hub.emit("observation", model=str(origin), timestamp=at(second), metadata={"row": row})
    total = 0
    for origin in ("EWR", "JFK", "LGA"):
        (places,) = np.nonzero(origins == origin)
        own = stream.Bank(stream.ADWIN(), len(COLUMNS))
        expected = [
            [int(place), feature]
            for place, row in zip(places, rows[places], strict=True)
            for feature in own.update(row).tolist()
        ]
        mine = [event for event in told if str(event.model) == origin]
        assert placed(mine) == expected
        names = {event.metadata["feature_index"]: event.feature for event in mine}
        assert all(name == COLUMNS[feature] for feature, name in names.items())
        assert observer.detector(origin).to_json() == own.to_json()
        for feature, name in enumerate(COLUMNS):
            status = observer.status(origin, name)
            assert (status.n_samples, status.n_missing, status.n_detections) == (
                own.n_samples[feature],
                own.n_missing[feature],
                own.n_detections[feature],
            )
        total += len(expected)
    assert total > 20
    assert observer.n_detections == total
    assert bank.n_samples.tolist() == [0] * len(COLUMNS)  # it was copied


def test_an_event_says_what_was_found():
    observer = dl.StreamDetector(quick(2), field="input.row", features=["age", "income"])
    hub, told = hub_with(observer)
    own = stream.PageHinkley(**QUICK)
    for second in range(40):
        value = float(second >= 20)
        metadata = {"input": {"row": [0.0, value]}}
        hub.emit(
            "observation", model="fraud:3", feature="x", timestamp=at(second), metadata=metadata
        )
        own.update(value)
        if own.drift_detected:
            found = (second, own.statistic, own.estimation)
    (event,) = told
    assert (event.kind, event.severity) == ("drift_detected", dl.Severity.ERROR)
    assert (event.timestamp, str(event.model), event.feature) == (at(found[0]), "fraud:3", "income")
    assert (event.value, event.source) == (found[1], "stream_detector")
    told_of = dict(event.metadata)
    assert told_of.pop("message").startswith("page_hinkley found a change upwards within the last")
    assert told_of == {
        "detector": "page_hinkley",
        "test": "page_hinkley",
        "direction": "up",
        "limit": 5.0,
        "estimation": found[2],
        "n": found[0] + 1,
        "n_samples": found[0] + 1,
        "feature_index": 1,
    }


def test_mappings_and_lists_are_rows():
    observer = dl.StreamDetector(quick(2), field="row", features=["age", "income"])
    hub, _ = hub_with(observer)
    for row in (
        {"age": 1, "income": 2.0, "name": "Ada"},
        {"income": np.float64(3.0)},
        {"age": None, "income": math.nan},
        [1, True],
        (np.float32(0.5), None),
        {},
        None,
    ):
        assert hub.emit("observation", metadata={"row": row}).failures == ()
    assert hub.emit("observation", 0.5).failures == ()
    assert hub.emit_many("observation", [0.5] * 10).failures == ()
    counts = [observer.status(feature=name) for name in ("age", "income")]
    assert [(one.n_samples, one.n_missing) for one in counts] == [(3, 15), (3, 15)]
    assert observer.n_refused == 0


def test_what_is_no_row_fails_once():
    for row, message in (
        ([1.0], '1 values under "row"'),
        ([1.0, "high"], 'the text "high" as feature "income" under "row"'),
        ({"agee": 1.0}, 'a mapping with none of the features under "row"'),
        (3.0, 'a number under "row"'),
    ):
        observer = dl.StreamDetector(quick(2), field="row", features=["age", "income"])
        hub, _ = hub_with(observer)
        reports = [hub.emit("observation", metadata={"row": row}) for _ in range(3)]
        (failure,) = [failure for report in reports for failure in report.failures]
        assert isinstance(failure.error, dl.InvalidValueError)
        assert str(failure.error) == (
            f"row: got {message}; accepted: a list with a number for each of 2 features, None "
            "where it is missing, or a mapping from feature to number; other rows are counted "
            "in n_refused, and not told of"
        )
        assert (observer.n_refused, observer.n_samples, observer.n_missing) == (3, 0, 0)


def test_a_row_that_the_detector_does_not_take_is_refused_as_a_whole():
    observer = dl.StreamDetector(stream.Bank("ddm", 2), field="row")
    hub, _ = hub_with(observer)
    (failure,) = hub.emit("observation", metadata={"row": [1, 0.3]}).failures
    assert str(failure.error).startswith(
        'row: got 0.3 as feature "1"; accepted: 0 or 1 (True or False), by detector "ddm"; other'
    )
    assert (observer.n_refused, observer.n_samples) == (1, 0)
    with pytest.raises(dl.InvalidValueError, match=r"^rows: got 0\.3 in row 0, feature 1"):
        observer.update([1, 0.3])
    with pytest.raises(dl.InvalidValueError, match=r"^rows: got 0\.3 in row 1, feature 0"):
        observer.update_many([[1, 1], [0.3, 1]])
    assert (observer.n_refused, observer.n_samples) == (1, 0)


def test_drift_is_resolved_after_so_many_values_of_the_feature():
    observer = dl.StreamDetector(quick(2), field="row", resolve_after=10)
    hub, told = hub_with(observer)
    for second in range(60):
        values = [float(second >= 20), None if 30 <= second < 40 else 2.0 * (second >= 25)]
        hub.emit("observation", timestamp=at(second), metadata={"row": values})
    by_feature = {"0": [], "1": []}
    for event in told:
        by_feature[event.feature].append((event.kind, (event.timestamp - START).seconds))
    (_, first), resolved = by_feature["0"]
    assert resolved == ("drift_resolved", first + 10)
    (_, second), resolved = by_feature["1"]
    assert resolved == ("drift_resolved", second + 20)  # ten of the values were missing
    assert not observer.drift_detected


def test_a_cooldown_is_of_one_feature():
    observer = dl.StreamDetector(quick(2), field="row", cooldown_s=60.0)
    hub, told = hub_with(observer)
    rows = [[second // 20 * 2.0, float(second >= 30)] for second in range(100)]
    for second, row in enumerate(rows):
        hub.emit("observation", timestamp=at(second), metadata={"row": row})
    found = quick(2).update_many(rows).tolist()
    of_first = [pair for pair in found if pair[1] == 0]
    assert len(of_first) == 4
    expected = sorted([of_first[0], of_first[3], *(pair for pair in found if pair[1] == 1)])
    assert placed(told) == expected
    assert [observer.status(feature=name).n_suppressed for name in ("0", "1")] == [2, 0]


def test_models_without_room_are_counted():
    observer = dl.StreamDetector(
        quick(2), field="row", per_model=True, model="fraud", kinds="accuracy"
    )
    hub, _ = hub_with(observer, max_models=2)
    for kind, model in [
        *(("accuracy", "fraud:1"), ("accuracy", "fraud:2"), ("accuracy", "fraud:3")),
        *(("accuracy", "churn:1"), ("observation", "fraud:1"), ("accuracy", "fraud:1")),
    ]:
        hub.emit(kind, 0.5, model=model, metadata={"row": [1.0, None]})
    assert (observer.max_models, observer.n_overflow) == (2, 1)
    one, two = dl.ModelId("fraud", "1"), dl.ModelId("fraud", "2")
    assert observer.series() == [(one, "0"), (one, "1"), (two, "0"), (two, "1")]
    assert (observer.n_samples, observer.n_missing) == (3, 3)
    for model, feature in observer.series():
        assert observer.status(model, feature).feature == feature


@pytest.mark.parametrize("method", ["e_bh", "e_lond"])
def test_discoveries_are_what_is_told(method):
    rows = np.random.default_rng(8).integers(0, 2, (120, 4)).astype(float)
    rows[20:, 1] = 1.0

    def bank():
        detector = stream.BettingConfidenceSequence(target=0.5, mode="up")
        return stream.Bank(detector, 4, fdr=0.1, method=method)

    hub, told = hub_with(observer := dl.StreamDetector(bank(), field="row"))
    for second, row in enumerate(rows.tolist()):
        hub.emit("observation", timestamp=at(second), metadata={"row": row})
    own = bank()
    expected = own.update_many(rows).tolist()
    assert placed(told) == expected != []
    assert observer.detector().discoveries.tolist() == own.discoveries.tolist()
    assert all("limit" not in event.metadata for event in told)


def test_an_incident_is_opened_for_each_feature():
    hub, alerts = dl.Hub(), dl.AlertDispatcher(lambda alert: None)
    hub.register(alerts)
    hub.register(dl.StreamDetector(quick(3), field="row", resolve_after=None))
    for second in range(60):
        row = [0.0, float(second >= 20), float(second >= 40)]
        hub.emit("observation", model="fraud", timestamp=at(second), metadata={"row": row})
    assert hub.flush(PATIENCE_S)
    assert sorted(incident.feature for incident in alerts.incidents()) == ["1", "2"]
    assert alerts.n_opened == 2
    hub.shutdown()


def test_many_threads_lose_no_row():
    n_threads, n_each = 4, 150
    observer = dl.StreamDetector(quick(3), field="row", per_model=True)
    hub, _ = hub_with(observer)
    failures = []

    def work(number):
        for i in range(n_each):
            model = f"m{(number + i) % 2}"
            report = hub.emit("observation", model=model, metadata={"row": [0.5, None, 0.25]})
            failures.extend(report.failures)
            observer.update_many(np.full((3, 3), 0.5), model=model)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(n_threads)]
    for thread in threads:
        thread.daemon = True
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), "it hangs"
    assert failures == []
    calls = n_threads * n_each
    assert (observer.n_samples, observer.n_missing) == (2 * calls + 9 * calls, calls)


# --- alone ---


def test_alone_it_finds_what_the_bank_finds():
    rows = steps(2000, 20)
    own = quick(20)
    expected = own.update_many(rows)
    assert len(expected) > 100
    observer = dl.StreamDetector(quick(20, threads=2), field="row", resolve_after=200)
    found = observer.update_many(rows)
    assert (found.dtype, found.tolist()) == (np.int64, expected.tolist())
    single = dl.StreamDetector(quick(20), field="row", resolve_after=200)
    one_by_one = [[i, f] for i, row in enumerate(rows) for f in single.update(row).tolist()]
    assert one_by_one == expected.tolist()
    assert single.update(rows[0]).dtype == np.int64
    observer.update(rows[0].tolist())
    own.update(rows[0])
    for feature in range(20):
        one, other = observer.status(feature=feature), single.status(feature=str(feature))
        for name in ("n", "n_samples", "n_missing", "n_detections", "drift_detected", "statistic"):
            assert getattr(one, name) == getattr(other, name), name
        assert observer.detector(feature=feature).to_json() == own[feature].to_json()
    assert isinstance(observer.detector(), stream.Bank)
    for form in (rows.tolist(), np.asfortranarray(rows)):
        again = dl.StreamDetector(quick(20), field="row")
        assert again.update_many(form).tolist() == expected.tolist()
    assert again.update_many(np.empty((0, 20))).shape == (0, 2)


def test_times_and_models_of_rows():
    rows = steps(800, 6)
    times = np.datetime64("2013-01-01T00:00:00") + np.arange(800).astype("timedelta64[s]")
    observer = dl.StreamDetector(quick(6), field="row", per_model=True, cooldown_s=150.0)
    found = observer.update_many(rows, timestamps=times, model="fraud:1").tolist()
    single = dl.StreamDetector(quick(6), field="row", per_model=True, cooldown_s=150.0)
    expected = [
        [i, feature]
        for i, row in enumerate(rows)
        for feature in single.update(row, timestamp=at(i), model="fraud:1").tolist()
    ]
    assert found == expected
    assert observer.n_suppressed == single.n_suppressed > 0
    assert observer.last_alert == single.last_alert == at(expected[-1][0])
    with pytest.raises(dl.InvalidValueError, match=r"^timestamps: got 3 times"):
        observer.update_many(rows, timestamps=times[:3])
    observer.update(rows[0], model="churn")
    with pytest.raises(dl.InvalidValueError, match=r"^model: got no model; accepted: what has a"):
        observer.status(feature="0")


def test_the_clock_tells_when():
    now = [1000.0]
    observer = dl.StreamDetector(quick(1), field="row", clock=lambda: now[0], cooldown_s=50.0)
    observer.update_many([[0.0]] * 20 + [[2.0]] * 20)
    assert observer.last_alert == datetime.fromtimestamp(1000, UTC)
    now[0] = 1049.0
    assert observer.update_many([[4.0]] * 20).tolist() == []
    now[0] = 1051.0
    assert sum(observer.update([8.0]).size for _ in range(20)) == 1
    assert (observer.n_detections, observer.n_suppressed) == (2, 1)


def test_it_goes_on_from_a_copy():
    rows = steps(800, 4)
    first = dl.StreamDetector(quick(4), field="row")
    expected = quick(4).update_many(rows).tolist()
    found = first.update_many(rows[:300]).tolist()
    second = dl.StreamDetector(first.detector(), field="row")
    found += [[300 + row, feature] for row, feature in second.update_many(rows[300:]).tolist()]
    assert found == expected
    assert second.status(feature=0).n_samples < 500  # what came before is not counted again


def test_status_and_reset():
    observer = dl.StreamDetector(quick(2), field="row", features=["age", "income"])
    observer.update_many([[0.0, 0.0]] * 20 + [[0.0, 2.0]] * 20)
    income = observer.status(feature="income")
    assert (income.feature, income.n_samples, income.n_detections) == ("income", 40, 1)
    assert (income.direction, income.drift_detected, income.limit) == ("up", True, 5.0)
    assert (observer.statistic, observer.direction, observer.limit) == (None, None, None)
    assert (observer.n_samples, observer.n_detections, observer.drift_detected) == (80, 1, True)
    assert (observer.cooldown_s, observer.resolve_after, observer.max_models) == (0.0, 1000, None)
    assert observer.status().n_samples == 80
    assert repr(observer) == (
        "StreamDetector(detector='page_hinkley', n_features=2, n_samples=80, n_detections=1, "
        "drift_detected=True)"
    )
    observer.reset(feature=1)
    assert not observer.drift_detected
    assert [observer.status(feature=one).n_samples for one in (0, 1)] == [40, 0]
    observer.reset()
    assert observer.n_samples == 0
    for feature in ("agee", 2, -1):
        with pytest.raises(dl.InvalidValueError, match=r"^feature: got "):
            observer.status(feature=feature)
        with pytest.raises(dl.InvalidValueError, match=r"^feature: got "):
            observer.detector(feature=feature)
        with pytest.raises(dl.InvalidValueError, match=r"^feature: got "):
            observer.reset(feature=feature)
    with pytest.raises(dl.InvalidValueError, match=r"^model: got .*per_model=True"):
        observer.status("fraud")


class Above:
    """A detector of the user's."""

    drift_detected = False

    def update(self, x):
        self.drift_detected = x > 9.0


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: dl.StreamDetector(quick(2)),
            dl.InvalidValueError,
            r"^field: got None; accepted: with a bank, the metadata key",
        ),
        (
            lambda: dl.StreamDetector(quick(2), field="row", feature="age"),
            dl.InvalidValueError,
            r"^feature: got 'age' .*; accepted: None with a bank",
        ),
        (
            lambda: dl.StreamDetector("adwin", features=["age"]),
            dl.InvalidValueError,
            r"^features: .*; accepted: None but with a bank",
        ),
        (
            lambda: dl.StreamDetector(quick(2), field="row", features=["age"]),
            dl.InvalidValueError,
            r"^features: got 1 names; accepted: a name for each of 2 features",
        ),
        (
            lambda: dl.StreamDetector(quick(2), field="row", features=["a", "a"]),
            dl.InvalidValueError,
            r'^features: got "a" twice; accepted: names that differ',
        ),
        (
            lambda: dl.StreamDetector(quick(2), field="row", features=[1, 2]),
            dl.InvalidTypeError,
            r"^features: ",
        ),
        (
            lambda: dl.StreamDetector(stream.Bank(Above(), 2), field="row"),
            dl.InvalidTypeError,
            r"^detector: got a bank of .*Above.*; accepted: a bank of detectors of driftline",
        ),
        (
            lambda: dl.StreamDetector(quick(2), field="row").update([1.0]),
            dl.InvalidValueError,
            r"^rows: got shape \(1, 1\); accepted: rows of 2 values",
        ),
        (
            lambda: dl.StreamDetector(quick(2), field="row").update(None),
            dl.InvalidTypeError,
            r"^row: got None",
        ),
        (
            lambda: dl.StreamDetector(quick(2), field="row").update([1.0, 2.0], feature="0"),
            dl.InvalidValueError,
            r"^feature: got '0' .*; accepted: None with a bank",
        ),
        (
            lambda: dl.StreamDetector(quick(2), field="row").update_many([1.0, 2.0]),
            dl.InvalidValueError,
            r"^rows: ",
        ),
        (
            lambda: dl.StreamDetector(quick(2), field="row", cooldown_s=-1.0),
            dl.InvalidValueError,
            r"^cooldown_s: ",
        ),
    ],
)
def test_what_is_wrong_is_named(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_clock_that_knows_it_is_collected():
    class Clock:
        def __call__(self):
            return 0.0

    clock = Clock()
    clock.observer = dl.StreamDetector(quick(2), field="row", clock=clock)
    gone = weakref.ref(clock)
    del clock
    gc.collect()
    assert gone() is None


# --- set-up files ---


def test_a_file_names_a_bank():
    hub = dl.from_config(
        """
        monitors:
          - kind: stream_detector
            detector: adwin
            bank: {n_features: 12}
            field: features
          - kind: stream_detector
            detector: {name: page_hinkley, threshold: 5, min_instances: 10}
            features: [age, income]
            field: input.row
            per_model: true
            name: second
          - kind: stream_detector
            detector: {name: betting_confidence_sequence, target: 0.5}
            bank: {n_features: 3, fdr: 0.1, method: e_lond, mask: [false, true, false]}
            field: features
            name: third
        """
    )
    first, second, third = [info.observer for info in hub.observers()]
    assert first.detector().n_features == 12
    assert first.detector(feature=3).params == stream.ADWIN().params
    assert second.detector(feature="income").params == stream.PageHinkley(**QUICK).params
    assert (second.name, second.per_model) == ("second", True)
    bank = third.detector()
    assert (bank.fdr, bank.method, bank.mask.tolist()) == (0.1, "e_lond", [False, True, False])
    again = dl.from_config(copy.deepcopy(hub.config()))
    assert again.config() == hub.config()


def test_an_observer_made_by_hand_is_described():
    hub = dl.Hub()
    detector = stream.ConformalMartingale(alpha=0.05, standardise=(1, 2))
    for bank in (
        stream.Bank(detector, 2, mask=[True, False], threads=2),
        stream.Bank(detector, 2, fdr=0.1, method="e_lond"),
    ):
        hub.register(dl.StreamDetector(bank, field="a.b", features=["x", "y"], model="fraud"))
    parts = hub.config()["monitors"]
    assert parts[0]["bank"] == {"n_features": 2, "threads": 2, "mask": [True, False]}
    assert parts[1]["bank"] == {"n_features": 2, "threads": 1, "fdr": 0.1, "method": "e_lond"}
    for part in parts:
        assert (part["field"], part["features"], part["model"]) == ("a.b", ["x", "y"], "fraud")
        assert part["detector"]["standardise"] == [1.0, 2.0]
    again = dl.from_config(json.dumps(hub.config()))
    assert again.config() == json.loads(json.dumps(hub.config()))
    for made, given in zip(again.observers(), hub.observers(), strict=True):
        assert made.observer.detector().to_json() == given.observer.detector().to_json()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("bank: {n_features: 2}", "monitors[0].bank: got it without field"),
        ("features: [a]", "monitors[0].features: got it without field"),
        ("bank: {}, field: row", "monitors[0].bank.n_features: missing; accepted"),
        ("bank: {n_features: 0}, field: row", "monitors[0].bank.n_features: got 0"),
        ("bank: {n_featurs: 2}, field: row", "did you mean 'n_features'?"),
        ("bank: {n_features: 2}, features: [a], field: row", "monitors[0].features: got 1 names"),
        ("features: [a, a], field: row", 'monitors[0].features: got "a" twice'),
        ("bank: {n_features: 2, fdr: 0.1}, field: row", "monitors[0].bank.fdr: got 0.1"),
        ("bank: {n_features: 2, mask: [true]}, field: row", "monitors[0].bank.mask: got"),
        ("features: [a], field: row, feature: a", "monitors[0].feature: got"),
    ],
)
def test_mistakes_in_a_file_are_found(keys, message):
    monitor = f"{{kind: stream_detector, detector: adwin, {keys}}}"
    with pytest.raises(dl.ConfigError) as caught:
        dl.from_config(f"monitors:\n  - {monitor}\n")
    assert message in str(caught.value)
