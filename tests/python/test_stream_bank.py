"""Banks: one detector for each of many features."""

import _thread
import copy
import pickle
import signal
import threading

import numpy as np
import pytest

import driftline as dl
from driftline import stream


def shifted(n=400, width=5, feature=2):
    """Rows in which one feature changes halfway."""
    rows = np.random.default_rng(5).normal(0.0, 0.1, (n, width))
    rows[n // 2 :, feature] += 3.0
    return rows


class Threshold:
    """A detector of the user's."""

    def __init__(self):
        self.drift_detected = False
        self.seen = 0

    def update(self, x):
        self.seen += 1
        self.drift_detected = x > 2.0


def test_every_feature_gives_what_a_detector_alone_gives():
    rows = shifted()
    bank = stream.Bank(stream.PageHinkley(threshold=5.0), 5)
    found = bank.update_many(rows)
    expected = []
    for feature in range(5):
        alone = stream.PageHinkley(threshold=5.0)
        expected += [(row, feature) for row in alone.update_many(rows[:, feature]).tolist()]
        assert bank[feature].to_json() == alone.to_json()
    assert found.dtype == np.int64
    assert found.tolist() == [list(pair) for pair in sorted(expected)]
    assert bank.n_detections[2] == 1
    assert bank.direction[2] == "up"


def test_rows_come_one_by_one_or_in_any_form():
    rows = shifted()
    at_once = stream.Bank("adwin", 5)
    found = at_once.update_many(rows).tolist()
    singly = stream.Bank(stream.ADWIN(), 5)
    one_by_one = [[i, f] for i, row in enumerate(rows) for f in singly.update(row).tolist()]
    assert found == one_by_one
    assert singly.to_json() == at_once.to_json()
    for form in (rows.tolist(), np.asfortranarray(rows), np.repeat(rows, 2, axis=0)[::2]):
        assert stream.Bank("adwin", 5).update_many(form).tolist() == found


def test_warnings_come_beside_the_changes():
    bank = stream.Bank(stream.EWMAChart(target=0.0, sigma=1.0), 2)
    drifts, warnings = bank.update_many([[0.0, 0.0], [0.0, 2.9], [0.0, 9.0]], warnings=True)
    assert drifts.tolist() == [[2, 1]]
    assert warnings.tolist() == [[1, 1]]
    assert bank.drift_detected.tolist() == [False, True]
    assert bank.update_many(np.empty((0, 2))).shape == (0, 2)


def test_masked_features_are_left_out():
    bank = stream.Bank("page_hinkley", 3, mask=[False, True, False])
    bank.update([1.0, float("nan"), float("nan")])
    assert bank.n_samples.tolist() == [1, 0, 0]
    assert bank.n_missing.tolist() == [0, 0, 1]
    bank.mask = [True, False, False]
    bank.update([1.0, 1.0, 1.0])
    assert bank.mask.tolist() == [True, False, False]
    assert bank.n_samples.tolist() == [1, 1, 1]


def test_threads_change_nothing():
    rows = np.random.default_rng(3).normal(size=(2000, 64))
    one = stream.Bank("ewma_chart", 64)
    two = stream.Bank("ewma_chart", 64, threads=2)
    assert np.array_equal(one.update_many(rows), two.update_many(rows))
    assert np.array_equal(one.statistic, two.statistic, equal_nan=True)


def test_copies_and_stored_banks_go_on_by_themselves():
    rows = shifted()
    bank = stream.Bank(stream.ADWIN(), 5)
    bank.update_many(rows[:250])
    text = bank.to_json()
    others = [
        bank.clone(),
        copy.deepcopy(bank),
        pickle.loads(pickle.dumps(bank)),
        stream.Bank.from_json(text),
    ]
    found = bank.update_many(rows[250:]).tolist()
    for other in others:
        assert other.to_json() == text
        assert other.update_many(rows[250:]).tolist() == found


def test_resets_one_feature_or_all():
    bank = stream.Bank("page_hinkley", 2)
    bank.update_many(np.ones((40, 2)))
    bank.reset(-1)
    assert np.isnan(bank.statistic).tolist() == [False, True]
    bank.reset()
    assert np.isnan(bank.statistic).all()
    assert bank.n_samples.tolist() == [40, 40]


def test_takes_detectors_of_the_user():
    bank = stream.Bank(Threshold(), 2)
    assert bank.update_many([[0.0, 3.0], [float("nan"), 1.0], [4.0, 0.0]]).tolist() == [
        [0, 1],
        [2, 0],
    ]
    assert bank.n_samples.tolist() == [2, 3]
    assert bank.n_missing.tolist() == [1, 0]
    assert bank[1].seen == 3
    again = pickle.loads(pickle.dumps(bank))
    assert again.n_detections.tolist() == [1, 1]
    assert again[0].seen == 2
    bank.reset(1)
    assert [bank[0].seen, bank[1].seen, again[1].seen] == [2, 0, 3]


class Raises(Threshold):
    """Raises at a value, and at each one calls what it is told to."""

    def __init__(self, at=99.0, error=ValueError, call=None):
        super().__init__()
        self.at, self.error, self.call = at, error, call

    def update(self, x):
        if self.call is not None:
            self.call[0]()
        super().update(x)
        if x == self.at:
            raise self.error(f"at {x}")

    def __deepcopy__(self, memo):
        other = Raises(self.at, self.error, self.call)
        other.seen = self.seen
        return other


def test_what_an_object_raises_keeps_no_other_from_its_value():
    bank = stream.Bank(Raises(), 4, mask=[False, False, False, True])
    with pytest.raises(ValueError, match=r"at 99\.0") as caught:
        bank.update([3.0, 99.0, 4.0, 99.0])
    assert caught.value.found.tolist() == [0, 2]
    assert caught.value.__notes__[0] == (
        "feature 1 of the bank raised this; all other features have taken the row"
    )
    assert [bank[feature].seen for feature in range(4)] == [1, 1, 1, 0]
    assert bank.n_samples.tolist() == [1, 0, 1, 0]
    assert bank.n_detections.tolist() == [1, 0, 1, 0]
    # It goes on with the next row.
    assert bank.update([0.0, 3.0, float("nan"), 0.0]).tolist() == [1]
    assert bank.n_missing.tolist() == [0, 0, 1, 0]


def test_rows_before_an_exception_are_told_by_it():
    rows = np.zeros((6, 3))
    rows[0, 2] = rows[3, 0] = rows[5, 0] = 3.0
    rows[3, 1:] = 99.0
    bank = stream.Bank(Raises(), 3)
    with pytest.raises(ValueError, match="at 99") as caught:
        bank.update_many(rows, warnings=True)
    drifts, warnings = caught.value.found
    assert (caught.value.n_taken, drifts.tolist(), warnings.tolist()) == (4, [[0, 2], [3, 0]], [])
    assert caught.value.__notes__ == [
        "feature 1 of the bank raised this, and 1 more raised something; "
        "all other features have taken the row",
        "rows taken: 4 (n_taken); what was found in them is in found",
    ]
    assert [bank[feature].seen for feature in range(3)] == [4, 4, 4]
    assert bank.update_many(rows[4:]).tolist() == [[1, 0]]


def test_an_interrupt_within_an_object_comes_first():
    class Own(Raises):
        def __deepcopy__(self, memo):
            made.append(Own(99.0, KeyboardInterrupt if len(made) == 1 else ValueError))
            return made[-1]

    made = []
    bank = stream.Bank(Own(), 3)
    with pytest.raises(KeyboardInterrupt) as caught:
        bank.update([99.0, 99.0, 3.0])
    assert "feature 1 of the bank raised this, and 1 more" in caught.value.__notes__[0]
    assert caught.value.found.tolist() == [2]


def test_a_bank_of_objects_takes_one_call_at_a_time():
    refused = []

    def again():
        for call in (lambda: bank.update([0.0, 0.0]), lambda: bank.update_many([[0.0, 0.0]])):
            with pytest.raises(dl.InvalidValueError, match=r"^bank: got one that is already at"):
                call()
            refused.append(call)
        with pytest.raises(dl.InvalidValueError, match="already at work"):
            bank.reset()

    def from_elsewhere():
        other = threading.Thread(target=again)
        other.start()
        other.join()

    call = [again]
    bank = stream.Bank(Raises(call=call), 2)
    bank.update([0.0, 3.0])
    assert len(refused) == 4
    call[0] = from_elsewhere
    assert bank.update_many([[0.0, 3.0]]).tolist() == [[0, 1]]
    assert len(refused) == 8
    assert bank.n_samples.tolist() == [2, 2]
    call[0] = lambda: None
    with pytest.raises(ValueError, match="at 99"):
        bank.update([99.0, 0.0])
    assert bank.update([0.0, 0.0]).size == 0  # over, whatever was raised


def interrupted(detector, rows, counted):
    """The KeyboardInterrupt that ends ``update_many`` once it has begun."""

    def watch():
        while not counted(detector):
            pass
        _thread.interrupt_main()

    watcher = threading.Thread(target=watch)
    # Jobs in the background ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        watcher.start()
        with pytest.raises(KeyboardInterrupt) as caught:
            detector.update_many(rows)
        watcher.join()
    finally:
        signal.signal(signal.SIGINT, before)
    return caught.value


@pytest.mark.thread_unsafe(reason="interrupts the main thread")
@pytest.mark.parametrize("fdr", [None, 0.1])
def test_ctrl_c_tells_what_was_found_in_the_rows_that_were_taken(fdr):
    detector = stream.BettingConfidenceSequence(target=0.5, alpha=1e-9)
    detector = stream.CUSUM(target=0.5, delta=0.0) if fdr is None else detector
    # A billion rows in the memory of one; at 20 ns a value they would take a minute.
    rows = np.broadcast_to([0.0, 0.5, 1.0], (1_000_000_000, 3))
    bank = stream.Bank(detector, 3, fdr=fdr)
    error = interrupted(bank, rows, lambda bank: bank.n_samples[1] > 0)
    assert 0 < error.n_taken == bank.n_samples[1] < len(rows)
    assert f"rows taken: {error.n_taken}" in error.__notes__[0]
    same = stream.Bank(detector, 3, fdr=fdr)
    assert same.update_many(rows[: error.n_taken]).tolist() == error.found.tolist()
    assert len(error.found) > 0
    assert same.to_json() == bank.to_json()


@pytest.mark.thread_unsafe(reason="interrupts the main thread")
@pytest.mark.parametrize("width", [1, 3])
def test_ctrl_c_of_an_observer_tells_what_was_found(width):
    if width == 1:
        # Runs of 65,536 values take a moment each.
        values = np.arange(10_000_000.0) // 5_000 % 2
        detector, field = stream.WindowedTest(window_size=50, stride=1), None
    else:
        values = np.broadcast_to([0.0, 0.5, 1.0], (1_000_000_000, width))
        detector, field = stream.Bank(stream.CUSUM(target=0.5, delta=0.0), width), "row"
    observer = dl.StreamDetector(detector, field=field, clock=lambda: 0.0)
    error = interrupted(observer, values, lambda observer: observer.n_samples > 0)
    assert 0 < error.n_taken == observer.n_samples // width < len(values)
    same = dl.StreamDetector(detector, field=field, clock=lambda: 0.0)
    assert same.update_many(values[: error.n_taken]).tolist() == error.found.tolist()
    assert len(error.found) > 0


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: stream.Bank(3, 2), dl.InvalidTypeError, "detector"),
        (lambda: stream.Bank("adwin", 0), dl.InvalidValueError, "n_features"),
        (lambda: stream.Bank("adwin", 2, threads=0), dl.InvalidValueError, "threads"),
        (lambda: stream.Bank("adwin", 2).update([1.0]), dl.InvalidValueError, "2 values"),
        (lambda: stream.Bank("adwin", 2).update_many([[1.0]]), dl.InvalidValueError, "2 values"),
        (lambda: stream.Bank("ddm", 1).update_many([[0.0], [5.0]]), dl.InvalidValueError, "row 1"),
        (lambda: stream.Bank("adwin", 2)[2], IndexError, "feature 2"),
        (lambda: stream.Bank.from_json("[]"), dl.InvalidValueError, "state"),
        (lambda: stream.Bank(Threshold(), 2).to_json(), dl.InvalidTypeError, "pickle"),
    ],
)
def test_errors_name_what_is_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("detector", ["adwin", Threshold()], ids=["native", "object"])
@pytest.mark.parametrize(
    ("mask", "error", "got"),
    [
        ([True], dl.InvalidValueError, "1 values"),
        ([True] * 4, dl.InvalidValueError, "4 values"),
        ([True, 0.5, False], dl.InvalidValueError, "0.5 at position 1"),
        ([0, float("nan"), 1], dl.InvalidValueError, "NaN at position 1"),
        (True, dl.InvalidTypeError, r"True \(type bool\)"),
        ("yes", dl.InvalidTypeError, r"'yes' \(type str\)"),
        (["a", "b", "c"], dl.InvalidTypeError, r"\['a', 'b', 'c'\] \(type list\)"),
        ([[True, False, True]], dl.InvalidTypeError, r"\[\[True, False, True\]\] \(type list\)"),
    ],
    ids=str,
)
def test_a_mask_is_refused_by_name(detector, mask, error, got):
    told = f"^mask: got {got}; accepted: 3 bools, one for each feature"
    with pytest.raises(error, match=told):
        stream.Bank(detector, 3, mask=mask)
    bank = stream.Bank(detector, 3, mask=[False, True, False])
    with pytest.raises(error, match=told):
        bank.mask = mask
    assert bank.mask.tolist() == [False, True, False]


def uneven(n=120, width=4, feature=1):
    """Zeros and ones, half of each but for a feature that is one from a row on."""
    rows = np.random.default_rng(8).integers(0, 2, (n, width)).astype(float)
    rows[20:, feature] = 1.0
    return rows


def with_rate(method="e_bh", **options):
    detector = stream.BettingConfidenceSequence(target=0.5, mode="up")
    return stream.Bank(detector, 4, fdr=0.1, method=method, **options)


def test_e_bh_selects_by_the_e_values_of_all_features():
    rows = uneven()
    bank = with_rate()
    assert (bank.fdr, bank.method) == (0.1, "e_bh")
    assert bank.discoveries.dtype == np.bool_
    singles = [stream.BettingConfidenceSequence(target=0.5, mode="up", alpha=0.1 / 4)] * 4
    singles = [one.clone() for one in singles]
    frozen = [False] * 4
    before = np.zeros(4, dtype=bool)
    found = []
    for i, row in enumerate(rows):
        for f, one in enumerate(singles):
            if not frozen[f]:
                one.update(row[f])
                frozen[f] = one.drift_detected
        e_values = np.exp([one.statistic for one in singles])
        ranked = np.sort(e_values)[::-1]
        enough = [k for k in range(1, 5) if ranked[k - 1] >= 4 / (0.1 * k)]
        now = e_values >= 4 / (0.1 * max(enough)) if enough else np.zeros(4, dtype=bool)
        new = np.flatnonzero(now & ~before).tolist()
        assert bank.update(row).tolist() == new
        assert bank.discoveries.tolist() == now.tolist()
        assert bank.drift_detected.tolist() == (now & ~before).tolist()
        found += [[i, f] for f in new]
        before = now
    assert [f for _, f in found] == [1]
    assert frozen[1]
    assert bank.n_samples[1] < len(rows)
    assert with_rate(threads=2).update_many(rows).tolist() == found
    bank.reset(1)
    assert not bank.discoveries.any()


def test_e_lond_begins_a_feature_anew_after_each_discovery():
    rows = uneven(300)
    bank = with_rate("e_lond")
    found = bank.update_many(rows)
    assert (found[:, 1] == 1).all()
    assert len(found) >= 3
    assert bank.n_detections.tolist() == [0, len(found), 0, 0]
    assert bank.n_samples.tolist() == [300] * 4
    # The second run is the fifth, after one discovery: 5 * 6 / (0.1 * 2) = 150.
    alone = stream.BettingConfidenceSequence(target=0.5, mode="up", alpha=1 / 150)
    first, second = found[:2, 0]
    assert alone.update_many(rows[first + 1 :, 1])[0] == second - first - 1


def test_few_discoveries_are_false_where_features_share_their_noise():
    fdr, shares = 0.3, {"e_bh": [], "e_lond": []}
    random = np.random.default_rng(2)
    detector = stream.BettingConfidenceSequence(target=0.5, mode="up")
    for _ in range(100):
        rows = np.repeat(random.integers(0, 2, (40, 1)), 5, axis=1).astype(float)
        for method, all_shares in shares.items():
            bank = stream.Bank(detector, 5, fdr=fdr, method=method)
            found = bank.update_many(rows)
            is_any = bank.discoveries.any() if method == "e_bh" else len(found) > 0
            all_shares.append(float(is_any))
    for all_shares in shares.values():
        error = np.std(all_shares) / np.sqrt(len(all_shares))
        assert np.mean(all_shares) <= fdr + 3 * error


@pytest.mark.parametrize("method", ["e_bh", "e_lond"])
def test_stored_banks_keep_their_discoveries(method):
    rows = uneven()
    bank = with_rate(method)
    bank.update_many(rows[:22])
    others = [bank.clone(), pickle.loads(pickle.dumps(bank)), copy.copy(bank)]
    found = bank.update_many(rows[22:]).tolist()
    assert found
    for other in others:
        assert (other.fdr, other.method) == (0.1, method)
        assert other.update_many(rows[22:]).tolist() == found
        assert other.to_json() == bank.to_json()
    assert "fdr=0.1" in repr(bank)


def test_conformal_martingales_take_a_rate():
    rows = np.random.default_rng(4).normal(size=(500, 3))
    rows[250:, 2] += 6.0
    for method in ("e_bh", "e_lond"):
        bank = stream.Bank(stream.ConformalMartingale(alpha=0.05), 3, fdr=0.1, method=method)
        found = bank.update_many(rows)
        assert len(found) > 0
        assert set(found[:, 1].tolist()) == {2}


def test_banks_without_a_rate_have_no_discoveries():
    bank = stream.Bank("adwin", 2)
    assert (bank.fdr, bank.method, bank.discoveries) == (None, None, None)


@pytest.mark.parametrize(
    ("detector", "options", "words"),
    [
        ("adwin", {"fdr": 0.1}, "no e-values"),
        ("e_detector", {"fdr": 0.1}, "relative to the number of values"),
        ("betting_confidence_sequence", {"fdr": 0.1}, "only with target"),
        ("conformal_martingale", {"fdr": 0.1}, "only with alpha"),
        (Threshold(), {"fdr": 0.1}, "fdr: got a number for a bank of"),
        (stream.ConformalMartingale(alpha=0.1), {"fdr": 0.0}, "below 1"),
        (stream.ConformalMartingale(alpha=0.1), {"fdr": 1.0}, "below 1"),
        (stream.ConformalMartingale(alpha=0.1), {"fdr": 0.1, "method": "bh"}, "e_lond"),
        (stream.ConformalMartingale(alpha=0.1), {"method": "e_lond"}, "without fdr"),
        (
            stream.ConformalMartingale(alpha=0.1, baseline=[1.0, 2.0]),
            {"fdr": 0.1, "method": "e_lond"},
            "baseline",
        ),
        (
            stream.ConformalMartingale(alpha=0.1, on_drift="keep_recent"),
            {"fdr": 0.1},
            "keep_recent",
        ),
    ],
)
def test_a_rate_is_refused_where_nothing_keeps_it(detector, options, words):
    with pytest.raises(dl.InvalidValueError, match=words):
        stream.Bank(detector, 2, **options)
