"""Streaming detectors as a user calls them; each test walks over all of the list."""

import _thread
import copy
import pickle
import signal
import threading

import numpy as np
import pytest

import driftline as dl
from driftline import stream

ALL = stream.available()


def draw(rng, kind, high, n):
    """Values of a kind of input, low before a change and high after it."""
    rate = 0.7 if high else 0.15
    if kind == "real":
        return rng.normal(6.0 if high else 0.0, 1.0, n)
    if kind == "binary":
        return (rng.random(n) < rate).astype(float)
    if kind == "unit":
        return np.clip(rng.normal(rate, 0.1, n), 0, 1)
    return rng.binomial(20, rate, n).astype(float)


def shifted(kind, before=600, after=600):
    rng = np.random.Generator(np.random.PCG64(1))
    return np.concatenate([draw(rng, kind, False, before), draw(rng, kind, True, after)])


@pytest.mark.parametrize("name", ALL)
def test_one_by_one_is_as_all_at_once(name):
    values = shifted(stream.get(name).input)
    at_once, singly = stream.get(name), stream.get(name)
    drifts, warnings = at_once.update_many(values, warnings=True)
    found, warned = [], []
    for index, x in enumerate(values):
        assert singly.update(x) is None
        if singly.drift_detected:
            found.append(index)
        if singly.warning_detected:
            warned.append(index)
    assert drifts.tolist() == found
    assert warnings.tolist() == warned
    assert not set(found) & set(warned)
    assert drifts.dtype == np.int64
    assert at_once.n_detections == len(found) > 0
    assert at_once.n_samples == len(values)
    assert at_once.to_json() == singly.to_json()


@pytest.mark.parametrize("name", ALL)
def test_goes_on_after_pickle_json_copy_and_clone(name):
    values = shifted(stream.get(name).input)
    detector = stream.get(name, on_drift="keep_recent")
    detector.update_many(values[:700])
    others = [
        pickle.loads(pickle.dumps(detector)),
        stream.from_json(detector.to_json()),
        copy.copy(detector),
        copy.deepcopy(detector),
        detector.clone(),
    ]
    expected = detector.update_many(values[700:]).tolist()
    for other in others:
        assert type(other) is type(detector)
        assert other.update_many(values[700:]).tolist() == expected
        assert other.n_detections == detector.n_detections
        assert other.params == detector.params


@pytest.mark.thread_unsafe(reason="interrupts the main thread")
def test_ctrl_c_tells_what_was_found_in_the_values_that_were_taken():
    # A test at each of 1,000,000 values; that would take a minute.
    detector = stream.WindowedTest(window_size=1000, stride=1)
    values = np.arange(1_000_000.0) // 5_000 % 2

    def watch():
        while detector.n_detections == 0:
            pass
        _thread.interrupt_main()

    watcher = threading.Thread(target=watch)
    # Jobs in the background ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        watcher.start()
        with pytest.raises(KeyboardInterrupt) as caught:
            detector.update_many(values)
        watcher.join()
    finally:
        signal.signal(signal.SIGINT, before)
    error = caught.value
    assert 5_000 < error.n_taken == detector.n_samples < len(values)
    assert f"values taken: {error.n_taken}" in error.__notes__[0]
    same = stream.WindowedTest(window_size=1000, stride=1)
    assert same.update_many(values[: error.n_taken]).tolist() == error.found.tolist()
    assert len(error.found) > 0
    assert same.to_json() == detector.to_json()


@pytest.mark.parametrize("name", ALL)
def test_parameters_are_attributes_and_make_the_same_again(name):
    detector = stream.get(name)
    params = detector.params
    for parameter, value in params.items():
        assert getattr(detector, parameter) == value
    again = type(detector)(**params)
    assert again.params == params
    assert repr(again) == repr(detector)
    assert repr(detector).startswith(type(detector).__name__ + "(")
    assert detector.name == name
    assert isinstance(detector, stream.Detector)


@pytest.mark.parametrize("name", ALL)
def test_wrong_arguments_are_named(name):
    detector = stream.get(name)
    for parameter in detector.params:
        with pytest.raises(dl.DriftlineError, match=parameter):
            type(detector)(**{parameter: object()})
    with pytest.raises(dl.InvalidTypeError, match="x: got 'a'"):
        detector.update("a")
    with pytest.raises(dl.InvalidTypeError, match="x: got None"):
        detector.update(None)
    with pytest.raises(dl.InvalidValueError, match="values"):
        detector.update_many([[0.0, 1.0]])
    with pytest.raises(dl.InvalidTypeError, match="warnings"):
        detector.update_many([0.0], warnings=1)
    with pytest.raises(dl.InvalidValueError, match="lambda"):
        stream.get(name, **{"lambda": 1})
    assert detector.n_samples == 0


@pytest.mark.parametrize("name", ALL)
def test_missing_values_are_left_out_and_counted(name):
    detector = stream.get(name)
    for missing in (float("nan"), float("inf"), -float("inf"), np.float32("nan")):
        detector.update(missing)
    assert detector.n_missing == 4
    assert detector.n_samples == 0
    detector.update_many([float("nan"), 1.0])
    assert detector.n_missing == 5
    strict = stream.get(name, nan_policy="raise")
    with pytest.raises(dl.InvalidValueError, match="nan_policy"):
        strict.update(float("nan"))
    assert strict.n_missing == 0


@pytest.mark.parametrize("name", ALL)
def test_takes_what_people_have(name):
    values = [0, 1, 1, 0, 1] * 20
    expected = stream.get(name)
    expected.update_many(values)
    for given in (
        np.array(values, dtype=np.float32),
        np.array(values, dtype=np.int8),
        np.array(values, dtype=bool),
        np.repeat(values, 2)[::2],
        tuple(values),
        np.ma.array(values),
    ):
        detector = stream.get(name)
        detector.update_many(given)
        assert detector.to_json() == expected.to_json()
    detector = stream.get(name)
    for x in values:
        detector.update(np.bool_(x))
    assert detector.to_json() == expected.to_json()


@pytest.mark.parametrize("name", ALL)
def test_reset_forgets_all_but_the_counts(name):
    detector = stream.get(name)
    detector.update_many(shifted(detector.input))
    found = detector.n_detections
    detector.reset()
    assert not detector.drift_detected
    assert not detector.warning_detected
    assert detector.direction is None
    assert (detector.n_detections, detector.n_samples) == (found, 1200)


def test_what_was_found_can_be_read_until_the_next_value():
    detector = stream.PageHinkley()
    values = shifted("real")
    for x in values:
        detector.update(x)
        if detector.drift_detected:
            break
    assert detector.direction == "up"
    assert detector.statistic > detector.limit == 50.0
    assert detector.n_detections == 1
    detector.update(6.0)
    assert not detector.drift_detected
    assert detector.estimation == 6.0
    assert detector.direction == "up"


def test_what_is_too_large_to_square_is_missing():
    detector = stream.ADWIN()
    detector.update_many([1e151, -1e300, 1e150])
    assert (detector.n_missing, detector.n_samples) == (2, 1)


def test_the_module_tells_what_is_in_it():
    assert sorted(ALL) == ALL
    classes = {
        name
        for name, value in vars(stream).items()
        if isinstance(value, type) and issubclass(value, stream.Detector)
    }
    assert {type(stream.get(name)).__name__ for name in ALL} == classes - {"Detector"}
    binary = {type(stream.get(name)).__name__ for name in ALL if stream.get(name).input != "real"}
    assert set(stream.binary.__all__) <= binary
    for name in stream.binary.__all__:
        assert getattr(stream.binary, name) is getattr(stream, name)
    with pytest.raises(dl.InvalidValueError, match='Did you mean "adwin"'):
        stream.get("adwim")
    with pytest.raises(dl.InvalidTypeError, match="name"):
        stream.get(3)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "no format"),
        ("[]", "no JSON object"),
        ("{", "no JSON"),
        ('{"format": 7}', "format 7"),
        ('{"format": 1, "detector": "adwin"}', "checksum"),
    ],
)
def test_what_is_no_state_is_refused(text, told):
    with pytest.raises(dl.InvalidValueError, match=told):
        stream.from_json(text)


def test_a_changed_state_is_refused():
    text = stream.ADWIN().to_json()
    with pytest.raises(dl.InvalidValueError, match="checksum"):
        stream.from_json(text.replace("0.002", "0.003"))
    with pytest.raises(dl.InvalidTypeError, match="text"):
        stream.from_json(text.encode())


def test_threads_share_a_detector():
    detector = stream.ADWIN()
    values = shifted("real", 5000, 5000)

    def work():
        for _ in range(5):
            detector.update_many(values)
            for x in values[:200]:
                detector.update(x)
                assert detector.drift_detected in (True, False)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert detector.n_samples == 4 * 5 * (len(values) + 200)
