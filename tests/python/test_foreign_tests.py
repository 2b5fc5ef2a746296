"""Python objects as tests: what is accepted, what they see, and that nothing waits for
them but who asked."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import weakref
from types import SimpleNamespace

import numpy as np
import pytest

import driftline as dl
from driftline import drift
from driftline.exceptions import EmptySampleError, InvalidTypeError, InvalidValueError

BASELINE = [0.0, 0.1, 0.2, 0.3, 0.4]
# How long a thread is waited for before a test says that it hangs.
PATIENCE_S = 60.0


class LargestValue:
    """compare(baseline, current) alone; the name is that of the class."""

    def __init__(self):
        self.seen = []

    def compare(self, baseline, current):
        self.seen.append((baseline, current))
        return float(current.max() - baseline.max())


class MeanTest:
    """fit and compare."""

    name = "my_means"

    def __init__(self):
        self.fitted = []

    def fit(self, baseline):
        self.fitted.append(baseline)
        return MeanTestFitted(baseline.mean())


class MeanTestFitted:
    def __init__(self, mean):
        self.mean = mean

    def compare(self, current):
        shift = abs(current.mean() - self.mean)
        return shift, float(np.exp(-shift))


class Answers:
    """Answers what it was made with: the statistic, or a function of the samples."""

    def __init__(self, answer, n_before=0):
        self.answer = answer
        self.n = 0
        self.n_before = n_before

    def compare(self, baseline, current):
        self.n += 1
        if self.n <= self.n_before:  # while it is tried out
            return 0.0
        return self.answer(baseline, current) if callable(self.answer) else self.answer


def detector(test, window_size=3, **options):
    if not {"alpha", "false_alarm_every"} & options.keys():
        options.setdefault("threshold", 0.5)
    return dl.DriftDetector(BASELINE, window_size=window_size, test=test, **options)


def joined(*threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"


# --- what is accepted ---


def test_an_object_with_compare_is_a_test():
    test = LargestValue()
    detects = detector(test)
    assert detects.test == "LargestValue"
    assert detects.update_many([0.1, 0.2, 0.3, 0.95]).tolist() == [3]
    assert detects.statistic == pytest.approx(0.55)
    assert detects.p_value is None
    assert detects.drift_detected
    baseline, current = test.seen[-1]
    assert baseline.tolist() == BASELINE
    assert current.tolist() == [0.2, 0.3, 0.95]
    assert current.dtype == baseline.dtype == np.float64
    assert current.flags.writeable
    assert not baseline.flags.writeable


def test_an_object_with_fit_is_fitted_once():
    test = MeanTest()
    detects = detector(test, threshold=None, alpha=0.7, check_every=1)
    assert detects.test == "my_means"
    assert len(test.fitted) == 1
    assert detects.update_many([0.2, 0.2, 0.2]).tolist() == []
    assert detects.p_value == pytest.approx(1.0)
    assert detects.update_many([5.0]).tolist() == [0]
    assert len(test.fitted) == 1


@pytest.mark.parametrize(
    ("answer", "statistic", "p_value"),
    [
        (0.25, 0.25, None),
        (1, 1.0, None),
        (np.float32(0.25), 0.25, None),
        (np.array(0.25), 0.25, None),
        ((0.25, 0.5), 0.25, 0.5),
        ([0.25, np.float64(0.5)], 0.25, 0.5),
        ((0.25, None), 0.25, None),
        (SimpleNamespace(statistic=0.25, pvalue=0.5), 0.25, 0.5),
        (SimpleNamespace(statistic=0.25, p_value=0.5), 0.25, 0.5),
        (SimpleNamespace(statistic=0.25), 0.25, None),
        (float("inf"), float("inf"), None),
    ],
    ids=repr,
)
def test_results_in_every_form(answer, statistic, p_value):
    detects = detector(Answers(answer), threshold=10.0)
    detects.update_many([0.1, 0.2, 0.3])
    assert (detects.statistic, detects.p_value) == (statistic, p_value)


def test_a_test_result_is_taken_as_it_is():
    hub = dl.Hub()
    told = []
    hub.register(told.append, kinds=["drift_detected"])
    hub.register(detector(Answers(drift.KS().compare)))
    hub.emit_many("observation", [0.9, 0.95, 0.99])
    (event,) = told
    assert event.value == 1.0
    assert event.p_value == drift.KS().compare(BASELINE, [0.9, 0.95, 0.99]).p_value
    assert event.metadata["test"] == "Answers"
    assert event.metadata["n"] == 3
    assert event.metadata["window_mean"] == pytest.approx(0.9466666667)
    assert event.metadata["baseline_mean"] == pytest.approx(0.2)


@pytest.mark.parametrize("name", ["ks_2samp", "mannwhitneyu", "cramervonmises_2samp", "ttest_ind"])
def test_scipys_results_are_understood(name):
    function = getattr(pytest.importorskip("scipy.stats"), name)
    detects = detector(Answers(function), threshold=None, alpha=1e-9, check_every=1)
    window = [0.15, 0.25, 0.5]
    detects.update_many(window)
    expected = function(BASELINE, window)
    assert (detects.statistic, detects.p_value) == (expected.statistic, expected.pvalue)


def test_missing_values_are_left_out_before():
    test = LargestValue()
    baseline = [np.nan, *BASELINE, np.nan]
    detects = dl.DriftDetector(baseline, window_size=2, test=test, threshold=0.5)
    detects.update_many([0.1, np.nan, 0.3])
    assert (detects.n, detects.n_missing) == (2, 1)
    assert not any(np.isnan(sample).any() for pair in test.seen for sample in pair)
    with pytest.raises(EmptySampleError, match="baseline"):
        dl.DriftDetector([np.nan], window_size=2, test=test, threshold=0.5)


def test_infinities_are_values():
    detects = detector(LargestValue(), window_size=1)
    assert detects.update_many([np.inf]).tolist() == [0]


def test_models_have_what_was_fitted_for_them():
    test = MeanTest()
    detects = dl.DriftDetector(
        {"low": [0.1] * 5, "high": [0.9] * 5}, window_size=2, test=test, threshold=0.5
    )
    assert detects.update_many([0.9, 0.9], model="high").tolist() == []
    assert detects.update_many([0.9, 0.9], model="low:2").tolist() == [1]
    assert sorted(baseline[0] for baseline in test.fitted) == [0.1, 0.9]


def test_calibration_asks_it():
    history = np.random.default_rng(3).normal(size=400)
    options = {"window_size": 20, "check_every": 20, "false_alarm_every": 5_000, "n_bootstrap": 20}
    own = dl.DriftDetector.calibrated(history, test=Answers(drift.KS().compare), **options)
    native = dl.DriftDetector.calibrated(history, test="ks", **options)
    assert own.threshold == native.threshold
    with pytest.raises(ZeroDivisionError):
        dl.DriftDetector.calibrated(history, test=Answers(lambda b, c: 1 / 0), **options)


def test_it_decides_as_the_native_one_does():
    values = np.random.default_rng(5).normal(0.2, 0.2, size=500)
    values[200:300] += 1.0
    for options in [{"threshold": 0.6}, {"alpha": 0.01}, {"false_alarm_every": 2_000}]:
        native = dl.DriftDetector(BASELINE, window_size=20, test="ks", **options)
        own = dl.DriftDetector(
            BASELINE, window_size=20, test=Answers(drift.KS().compare), **options
        )
        stamps = np.datetime64("2013-01-01") + np.arange(500).astype("timedelta64[s]")
        expected = native.update_many(values, timestamps=stamps).tolist()
        assert own.update_many(values, timestamps=stamps).tolist() == expected != []
        for name in ["n", "statistic", "p_value", "n_detections", "n_suppressed", "last_alert"]:
            assert getattr(own, name) == getattr(native, name)


# --- what is refused ---


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("0.5", InvalidTypeError),
        (None, InvalidTypeError),
        (True, InvalidTypeError),
        ({"statistic": 0.5}, InvalidTypeError),
        ((1.0, 0.5, 0.1), InvalidTypeError),
        (("a", 0.5), InvalidTypeError),
        ((0.5, "p"), InvalidTypeError),
        (np.zeros(1), InvalidTypeError),
        (float("nan"), InvalidValueError),
        ((1.0, float("nan")), InvalidValueError),
        ((1.0, 1.5), InvalidValueError),
        ((1.0, -0.1), InvalidValueError),
    ],
    ids=repr,
)
def test_other_results_are_refused_at_the_start(answer, error):
    with pytest.raises(error) as caught:
        detector(Answers(answer))
    assert 'compare of test "Answers": got ' in str(caught.value)
    assert type(answer).__name__ in str(caught.value) or repr(answer) in str(caught.value)
    assert "statistic" in str(caught.value).partition("accepted: ")[2]


@pytest.mark.parametrize("test", [LargestValue, 3, [], object(), lambda b, c: 0.0], ids=repr)
def test_what_is_no_test_is_refused(test):
    with pytest.raises(InvalidTypeError, match=r"test: got .*compare\(baseline, current\)"):
        detector(test)


def test_p_values_are_needed_where_they_decide():
    for options in [{"alpha": 0.01}, {"false_alarm_every": 1_000}]:
        with pytest.raises(InvalidValueError, match="without a p-value"):
            detector(LargestValue(), threshold=None, **options)


def test_what_fit_returns_is_checked():
    with pytest.raises(InvalidTypeError, match=r'fit of test "X": got None; accepted: .*compare'):
        detector(type("X", (), {"fit": lambda self, baseline: None})())


def test_a_fit_that_returns_self_serves_one_baseline():
    class Own:
        def fit(self, baseline):
            self.baseline = baseline
            return self

        def compare(self, current):
            return abs(current.mean() - self.baseline.mean())

    assert detector(Own()).update_many([1.0, 1.0, 1.0]).tolist() == [2]
    with pytest.raises(InvalidValueError, match="returns self"):
        dl.DriftDetector({"a": [0.0], "b": [1.0]}, window_size=1, test=Own(), threshold=0.5)


def test_names_and_drift_get_know_only_their_own():
    with pytest.raises(InvalidTypeError, match="name"):
        drift.get(LargestValue())


# --- what it raises ---


def test_an_exception_goes_to_whoever_gave_the_value():
    test = Answers(lambda b, c: {}["nothing"], n_before=1)
    detects = detector(test)
    detects.update_many([0.1, 0.2])
    with pytest.raises(KeyError, match="nothing"):
        detects.update(0.3)
    assert (detects.n, detects.n_samples, detects.statistic) == (3, 3, None)
    with pytest.raises(KeyError, match="nothing"):
        detects.update_many([0.4, 0.5])
    assert detects.n_samples == 4
    test.answer = 0.75
    assert detects.update(0.5)
    assert detects.statistic == 0.75


def test_an_exception_is_a_failure_of_the_observer(caplog):
    test = Answers(lambda b, c: {}["nothing"], n_before=1)
    hub = dl.Hub()
    told = []
    hub.register(told.append, kinds=["drift_detected"])
    hub.register(detector(test), name="mine")
    for value in (0.1, 0.2):
        assert hub.emit("observation", value).failures == ()
    report = hub.emit("observation", 0.3)
    (failure,) = report.failures
    assert (failure.name, type(failure.error)) == ("mine", KeyError)
    assert failure.error.__traceback__ is not None
    report = hub.emit_many("observation", [0.4, 0.5, 0.6])
    assert (report.attempted, report.success, len(report.failures)) == (3, 0, 3)
    (info,) = [info for info in hub.observers() if info.name == "mine"]
    assert (info.calls, info.failures) == (6, 4)
    test.answer = 0.75
    assert hub.emit_many("observation", [0.7, 0.8]).failures == ()
    assert [event.value for event in told] == [0.75]


def test_ctrl_c_reaches_the_emitter():
    def interrupted(baseline, current):
        raise KeyboardInterrupt

    hub = dl.Hub()
    after = []
    hub.register(detector(Answers(interrupted, n_before=1), window_size=1), priority=1)
    hub.register(after.append)
    with pytest.raises(KeyboardInterrupt):
        hub.emit("observation", 0.1)
    assert len(after) == 1


def test_an_exception_at_the_start_is_the_callers():
    with pytest.raises(ZeroDivisionError):
        detector(Answers(lambda b, c: 1 / 0))


def test_a_refused_baseline_changes_nothing():
    test = Answers(lambda b, c: 1 / 0 if b[0] < 0 else 0.75)
    detects = detector(test)
    detects.update_many([0.1, 0.2, 0.3])
    with pytest.raises(ZeroDivisionError):
        detects.rebase([-1.0, 1.0])
    assert (detects.n, detects.drift_detected) == (3, True)
    detects.rebase([1.0])
    assert (detects.n, detects.drift_detected) == (0, False)


# --- no lock is held while it runs ---


def test_it_may_look_at_and_change_the_detector_that_asks():
    def curious(baseline, current):
        if hasattr(holder, "detector"):
            states.append((holder.detector.n, holder.detector.drift_detected))
            holder.detector.update(0.1)
        return 0.0

    holder, states = SimpleNamespace(), []
    detects = detector(Answers(curious), check_every=10)
    holder.detector = detects
    detects.update_many([0.1, 0.2, 0.3])
    assert states == [(3, False)]
    assert detects.n_samples == 4
    assert detects.statistic == 0.0


def test_it_may_emit_to_the_hub_that_asks():
    def chatty(baseline, current):
        report = hub.emit("observation", 0.9)
        reports.append((report.deferred, len(report.failures)))
        return 0.0

    hub, reports, heard = dl.Hub(max_cascade_depth=4), [], []
    hub.register(detector(Answers(chatty, n_before=1), window_size=1))
    hub.register(heard.append)
    assert hub.emit("observation", 0.5).failures == ()
    # Put off until the look is over, and only so deep: the last one is dropped.
    assert reports == [(True, 0)] * 4 + [(True, 1)]
    assert len(heard) == 5


def test_an_answer_about_another_baseline_does_not_count():
    def rebased(baseline, current):
        detects.rebase([5.0])
        return 1.0

    # The new baseline is tried out, too: with another answer than the look's.
    test = Answers(lambda b, c: 0.0 if b[0] == 5.0 else rebased(b, c), n_before=1)
    detects = detector(test)
    detects.update_many([0.1, 0.2])
    assert not detects.update(0.3)
    assert (detects.n, detects.statistic, detects.n_detections) == (0, None, 0)


def test_an_answer_after_a_reset_does_not_count():
    test = Answers(0.0)
    detects = detector(test)

    def resetting(baseline, current):
        detects.reset()
        return 1.0

    test.answer = resetting
    assert detects.update_many([0.1, 0.2, 0.3]).tolist() == []
    assert (detects.n, detects.n_detections, detects.drift_detected) == (0, 0, False)


def test_a_slow_look_blocks_nobody_and_yields_to_a_later_one():
    started, go_on = threading.Event(), threading.Event()

    def slow(baseline, current):
        if current[-1] == 0.9:  # the first look
            started.set()
            assert go_on.wait(PATIENCE_S)
            return 1.0
        return 0.25

    hub = dl.Hub()
    told = []
    hub.register(told.append, kinds=["drift_detected"])
    detects = detector(Answers(slow), window_size=2)
    hub.register(detects)
    hub.emit("observation", 0.1)

    def others():
        assert started.wait(PATIENCE_S)
        assert (detects.n, detects.statistic) == (2, None)
        hub.emit("observation", 0.2)  # a look of its own, which is answered first
        assert detects.statistic == 0.25
        assert len(hub) == 2
        go_on.set()

    joined(
        threading.Thread(target=hub.emit, args=("observation", 0.9)),
        threading.Thread(target=others),
    )
    assert detects.statistic == 0.25
    assert (detects.n_detections, told) == (0, [])
    assert detects.n_samples == 3


def test_two_that_wait_for_each_other_in_the_test():
    # Each look waits until the other has begun: with a lock held, neither would end.
    both = threading.Barrier(2, timeout=PATIENCE_S)

    def meets(baseline, current):
        if tried_out:
            both.wait()
        return 1.0

    tried_out = []
    hub = dl.Hub()
    hub.register(detector(Answers(meets), window_size=1, per_model=True, cooldown_s=0.0))
    tried_out.append(True)
    errors = []

    def emit(model):
        report = hub.emit("observation", 0.5, model=model)
        errors.extend(report.failures)

    joined(*(threading.Thread(target=emit, args=(model,)) for model in ("a", "b")))
    assert errors == []


def test_many_threads_lose_no_value():
    n_threads, n_each = 4, 200
    test = Answers(lambda b, c: float(len(c)))
    detects = detector(test, window_size=5, per_model=True, threshold=10.0)
    hub = dl.Hub()
    hub.register(detects)
    failures = []

    def work(number):
        values = np.full(n_each, 0.5)
        for _ in range(3):
            hub_report = hub.emit_many("observation", values, model=f"m:{number % 2}")
            failures.extend(hub_report.failures)
            detects.update_many(values, model="shared")

    joined(*(threading.Thread(target=work, args=(i,)) for i in range(n_threads)))
    assert failures == []
    assert detects.n_samples == 6 * n_threads * n_each
    assert [detects.status(model).statistic for model in ("m:0", "m:1", "shared")] == [5.0] * 3


def test_a_queue_asks_on_its_worker():
    threads = []

    def where(baseline, current):
        threads.append(threading.current_thread())
        return 1.0

    hub = dl.Hub()
    told = []
    hub.register(told.append, kinds=["drift_detected"])
    hub.register(detector(Answers(where), window_size=1), mode="queued")
    hub.emit_many("observation", [0.1, 0.2])
    assert hub.flush(PATIENCE_S)
    assert len(told) == 1  # the second is within the cooldown
    assert threads[0] is threading.current_thread()  # tried out
    assert threading.current_thread() not in threads[1:]
    hub.shutdown()


# While a look runs on a worker, this process forks, and so does the look itself.
FORKS = """
import os, sys, threading
import driftline as dl

class Test:
    n = 0
    def compare(self, baseline, current):
        self.n += 1
        if self.n > 1:
            started.set()
            assert forked.wait(60)
            ended(os.fork())
        return 1.0

def ended(child):
    if child == 0:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0

started, forked = threading.Event(), threading.Event()
hub = dl.Hub()
told = []
hub.register(told.append, kinds=["drift_detected"])
hub.register(dl.DriftDetector([0.0], window_size=1, test=Test(), threshold=0.5), mode="queued")
hub.emit("observation", 0.5)
assert started.wait(60)
ended(os.fork())
forked.set()
assert hub.flush(60)
assert len(told) == 1
hub.shutdown()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_forks_while_a_look_runs():
    command = [sys.executable, "-W", "ignore", "-c", FORKS]
    run = subprocess.run(command, timeout=2 * PATIENCE_S, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


# --- the garbage collector ---


class Holder:
    pass


@pytest.mark.parametrize("with_fit", [False, True])
def test_cycles_through_the_test_are_collected(with_fit):
    def build():
        test = MeanTest() if with_fit else LargestValue()
        if not with_fit:
            test.seen = SimpleNamespace(append=lambda pair: None)
        detects = detector(test)
        test.detector = detects  # the test knows who asks it
        detects.update_many([0.1, 0.2, 0.3])
        detects.rebase([0.5, 0.6])
        return weakref.ref(test), weakref.ref(detects)

    test, detects = build()
    gc.collect()
    assert (test(), detects()) == (None, None)


def test_cycles_through_what_was_fitted_are_collected():
    class Fitting:
        def __init__(self, holder):
            self.holder = holder

        def fit(self, baseline):
            made = MeanTestFitted(0.0)
            made.holder = self.holder
            return made

    def build():
        holder = Holder()
        holder.detector = detector(Fitting(holder))
        return weakref.ref(holder.detector), weakref.ref(holder)

    references = build()
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def test_one_object_serves_several_detectors_while_the_collector_runs():
    test = LargestValue()
    detectors = [detector(test) for _ in range(3)]
    for _ in range(3):
        gc.collect()
    references = sys.getrefcount(test)
    assert [d.update_many([0.1, 0.2, 0.95]).tolist() for d in detectors] == [[2]] * 3
    gc.collect()
    if getattr(sys, "_is_gil_enabled", lambda: True)():
        assert sys.getrefcount(test) == references


def test_replaced_baselines_are_let_go_while_no_lock_is_held():
    class Fitted(MeanTestFitted):
        def __del__(self):
            gone.append(holder[0].n if holder else None)  # would hang under a lock

    class Test:
        def fit(self, baseline):
            return Fitted(baseline.mean())

    gone, holder = [], []
    holder.append(detector(Test(), per_model=True))
    holder[0].update_many([0.1, 0.2], model="a")
    holder[0].rebase([1.0, 2.0])
    holder[0].rebase([3.0], model="a")
    holder[0].rebase([4.0])
    holder[0].reset()
    gc.collect()
    assert gone == [0, 0, 0]
