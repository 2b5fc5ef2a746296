"""Events and their parts, as a user meets them."""

import copy
import datetime as dt
import json
import logging
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import driftline as dl
from driftline import Event, Kind, ModelId, Severity, _driftline

JSON_LIKE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "$float", "$", "$$x", "é"]), inner, max_size=3)
    ),
    max_leaves=8,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
EVENTS = st.builds(
    Event,
    TEXT.filter(str.strip),
    st.none() | st.floats(),
    p_value=st.none() | st.floats(0, 1) | st.just(math.nan),
    model=st.none()
    | st.builds(
        ModelId,
        TEXT.filter(str.strip),
        st.none() | TEXT.filter(str.strip),
        deployed_at=st.none() | st.just("2013-01-02T03:04:05.678901234Z"),
    ),
    feature=st.none() | TEXT,
    id=st.none() | TEXT,
    severity=st.sampled_from(list(Severity)),
    timestamp=st.integers(-92 * 10**17, 92 * 10**17).map(lambda ns: np.datetime64(ns, "ns")),
    source=st.none() | TEXT,
    metadata=st.dictionaries(TEXT | st.just("$float"), JSON_LIKE, max_size=3),
)


@given(EVENTS)
def test_every_way_round_keeps_every_field(event):
    document = event.to_json()
    ways = [
        Event.from_json(document),
        pickle.loads(pickle.dumps(event)),
        copy.deepcopy(event),
        Event(**event.to_dict()),
    ]
    for back in ways:
        assert back == event
        assert hash(back) == hash(event)
        assert back.timestamp_ns == event.timestamp_ns
        assert repr(back) == repr(event)
        if event.model is not None:
            assert back.model.deployed_at == event.model.deployed_at
        if event.value == 0:
            assert math.copysign(1, back.value) == math.copysign(1, event.value)


@given(EVENTS)
def test_json_is_strict(event):
    def refuse(constant):
        raise AssertionError(constant)

    document = json.loads(event.to_json(), parse_constant=refuse)
    assert document["kind"] == event.kind
    assert list(document) == list(event.to_dict())


def test_non_finite_values_are_named_in_json():
    event = Event("f1", math.nan, metadata={"worst": -math.inf, "said": "NaN", "$float": 1})
    document = json.loads(event.to_json())
    assert document["value"] == "NaN"
    assert document["metadata"] == {"worst": {"$float": "-Infinity"}, "said": "NaN", "$$float": 1}
    assert dict(Event.from_json(event.to_json()).metadata) == {
        "worst": -math.inf,
        "said": "NaN",
        "$float": 1,
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"kind": "f1"}',
        '{"kind": "", "timestamp": "2013-01-01T00:00:00Z"}',
        '{"kind": "f1", "timestamp": "2013-01-01T00:00:00"}',
        '{"kind": "f1", "timestamp": "yesterday"}',
        '{"kind": "f1", "timestamp": "2013-01-01T00:00:00Z", "value": "big"}',
        '{"kind": "f1", "timestamp": "2013-01-01T00:00:00Z", "valeu": 1}',
        '{"kind": "f1", "kind": "f1", "timestamp": "2013-01-01T00:00:00Z"}',
        '{"kind": "f1", "timestamp": "2013-01-01T00:00:00Z", "metadata": [1]}',
        '{"kind": "f1", "timestamp": "2013-01-01T00:00:00Z", "metadata": {"$float": "NaN"}}',
        '{"kind": "f1", "timestamp": "2013-01-01T00:00:00Z", "metadata": {"a": {"$nan": 1}}}',
        '{"kind": "f1", "timestamp": "2013-01-01T00:00:00Z", "severity": "loud"}',
        '{"kind": "f1", "timestamp": "2013-01-01T00:00:00Z", "model": {"name": ""}}',
        '{"kind": "f1", "timestamp": "2013-01-01T00:00:00Z", "metadata": {"a": '
        + "[" * 40
        + "]" * 40
        + "}}",
        "{" * 100_000,
    ],
)
def test_damaged_json_is_refused(text):
    with pytest.raises(dl.InvalidValueError):
        Event.from_json(text)


def test_defaults():
    before = dt.datetime.now(dt.UTC) - dt.timedelta(milliseconds=1)
    event = Event("accuracy")
    assert (event.kind, event.value, event.p_value, event.model) == ("accuracy", None, None, None)
    assert (event.feature, event.id, event.source) == (None, None, None)
    assert event.severity is Severity.INFO
    assert event.metadata == {}
    assert before <= event.timestamp <= dt.datetime.now(dt.UTC)
    assert event.timestamp.tzinfo is dt.UTC


@pytest.mark.parametrize(
    ("kind", "severity"),
    [
        ("drift_detected", Severity.ERROR),
        ("slo_breached", Severity.ERROR),
        ("data_missing", Severity.ERROR),
        ("inference_failed", Severity.ERROR),
        ("retraining_triggered", Severity.WARNING),
        ("retraining_failed", Severity.ERROR),
        ("drift_resolved", Severity.INFO),
        ("inference_completed", Severity.INFO),
        ("my_own", Severity.INFO),
    ],
)
def test_default_severity(kind, severity):
    assert Event(kind).severity is severity


def test_events_are_immutable():
    event = Event("f1", 0.5, metadata={"a": [1]})
    with pytest.raises(AttributeError):
        event.value = 1.0
    with pytest.raises(TypeError):
        event.metadata["b"] = 2
    event.metadata["a"].append(2)
    assert event.metadata == {"a": [1]}


def test_match():
    match Event("accuracy", 0.91, model="fraud:2"):
        case Event("accuracy", value, model=ModelId("fraud", version)):
            assert (value, version) == (0.91, "2")
        case _:
            pytest.fail("did not match")


def test_equality_and_hash():
    at = "2013-01-01T00:00:00Z"
    one = Event("f1", 0.0, timestamp=at)
    assert one == Event("f1", -0.0, timestamp=at)
    assert hash(one) == hash(Event("f1", -0.0, timestamp=at))
    assert Event("f1", math.nan, timestamp=at) == Event("f1", math.nan, timestamp=at)
    assert one != Event("f1", 0.0, timestamp=at, feature="age")
    assert one != Event("f1", 0.0, timestamp=at, metadata={"a": 1})
    assert one != "f1"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1.0),
        (True, 1.0),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3.0),
        (np.bool_(True), 1.0),
        (np.array(2.5), 2.5),
        (10**300, 1e300),
        (math.inf, math.inf),
    ],
)
def test_values_that_are_numbers(value, expected):
    assert Event("f1", value).value == expected


@pytest.mark.parametrize("value", ["0.5", b"1", 1j, [1.0], {}, object(), np.array([1.0, 2.0])])
def test_values_that_are_none(value):
    with pytest.raises(dl.InvalidTypeError, match=r"^value: got .*accepted: a number"):
        Event("f1", value)


def test_a_value_beyond_a_float():
    with pytest.raises(dl.InvalidValueError, match=r"^value: "):
        Event("f1", 10**400)


@pytest.mark.parametrize(
    ("argument", "value", "error"),
    [
        ("kind", "", dl.InvalidValueError),
        ("kind", "  ", dl.InvalidValueError),
        ("kind", "x" * 257, dl.InvalidValueError),
        ("kind", "\ud800", dl.InvalidValueError),
        ("kind", None, dl.InvalidTypeError),
        ("kind", 3, dl.InvalidTypeError),
        ("p_value", 1.5, dl.InvalidValueError),
        ("p_value", -0.1, dl.InvalidValueError),
        ("p_value", "0.5", dl.InvalidTypeError),
        ("model", "", dl.InvalidValueError),
        ("model", " ", dl.InvalidValueError),
        ("model", "fraud:", dl.InvalidValueError),
        ("model", 3, dl.InvalidTypeError),
        ("model", {"name": "a", "extra": 1}, dl.InvalidTypeError),
        ("model", {"version": "1"}, dl.InvalidTypeError),
        ("feature", "", dl.InvalidValueError),
        ("feature", 3, dl.InvalidTypeError),
        ("id", "", dl.InvalidValueError),
        ("id", 1.5, dl.InvalidTypeError),
        ("severity", "loud", dl.InvalidValueError),
        ("severity", 35, dl.InvalidValueError),
        ("severity", 10**30, dl.InvalidValueError),
        ("severity", 1.0, dl.InvalidTypeError),
        ("severity", True, dl.InvalidTypeError),
        ("timestamp", dt.datetime(2013, 1, 1), dl.InvalidValueError),
        ("timestamp", dt.datetime(3000, 1, 1, tzinfo=dt.UTC), dl.InvalidValueError),
        ("timestamp", np.datetime64("NaT", "ns"), dl.InvalidValueError),
        ("timestamp", np.datetime64("3000-01-01"), dl.InvalidValueError),
        ("timestamp", "2013-01-01", dl.InvalidValueError),
        ("timestamp", 1.0, dl.InvalidTypeError),
        ("metadata", [1], dl.InvalidTypeError),
        ("metadata", "text", dl.InvalidTypeError),
        ("metadata", {1: 2}, dl.InvalidTypeError),
        ("metadata", {"a": object()}, dl.InvalidTypeError),
        ("metadata", {"a": {1, 2}}, dl.InvalidTypeError),
        ("metadata", {"a": b"bytes"}, dl.InvalidTypeError),
        ("metadata", {"a": 2**64}, dl.InvalidValueError),
        ("metadata", {"a": "\ud800"}, dl.InvalidValueError),
        ("metadata", {"a": np.array([1.0])}, dl.InvalidTypeError),
    ],
)
def test_refusals_name_the_argument(argument, value, error):
    arguments = {"kind": "f1", argument: value}
    with pytest.raises(error, match=f"^{argument}: got ") as caught:
        Event(**arguments)
    assert isinstance(caught.value, dl.DriftlineError)
    assert isinstance(caught.value, ValueError if error is dl.InvalidValueError else TypeError)
    assert "accepted: " in str(caught.value)


def test_metadata_that_nests_too_deep_is_refused():
    loop = {}
    loop["self"] = loop
    with pytest.raises(dl.InvalidValueError, match="32"):
        Event("f1", metadata=loop)
    deep = 1
    for _ in range(31):
        deep = [deep]
    event = Event("f1", metadata={"a": deep})
    assert Event.from_json(event.to_json()) == event
    with pytest.raises(dl.InvalidValueError, match="32"):
        Event("f1", metadata={"a": [deep]})


def test_numpy_scalars_in_metadata_become_plain():
    event = Event("f1", metadata={"n": np.int64(3), "x": np.float32(0.5), "b": np.bool_(True)})
    assert event.metadata == {"n": 3, "x": 0.5, "b": True}
    assert [type(value) for value in event.metadata.values()] == [bool, int, float]


def test_an_interrupt_within_a_conversion_is_not_hidden():
    class Impatient:
        def __float__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Event("f1", Impatient())


@pytest.mark.parametrize(
    ("time", "nanoseconds"),
    [
        (dt.datetime(1970, 1, 1, tzinfo=dt.UTC), 0),
        (dt.datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC), -1000),
        (
            dt.datetime(2013, 7, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=-4))),
            1372654800 * 10**9,
        ),
        (np.datetime64("2013-07-01T05:00:00.000000001"), 1372654800 * 10**9 + 1),
        (np.datetime64("2013-07-01"), 1372636800 * 10**9),
        ("2013-07-01T05:00:00.000000001Z", 1372654800 * 10**9 + 1),
        ("2013-07-01T01:00:00-04:00", 1372654800 * 10**9),
    ],
)
def test_times(time, nanoseconds):
    assert Event("f1", timestamp=time).timestamp_ns == nanoseconds


def test_pandas_times_keep_their_nanoseconds():
    pd = pytest.importorskip("pandas")
    time = pd.Timestamp("2013-07-01T05:00:00.123456789", tz="UTC")
    assert Event("f1", timestamp=time).timestamp_ns == time.value


def test_timestamps_read_as_python_writes_them():
    time = dt.datetime(2016, 2, 29, 23, 59, 59, 123456, tzinfo=dt.UTC)
    assert Event("f1", timestamp=time).timestamp == time


class TestSeverity:
    def test_numbers_are_those_of_logging(self):
        for severity in list(Severity)[1:]:
            assert severity == logging.getLevelName(severity.name)
        assert Severity.TRACE == 5

    @pytest.mark.parametrize("given", ["warn", "WARNING", "Warning", 30, Severity.WARNING])
    def test_what_people_pass(self, given):
        assert Event("f1", severity=given).severity is Severity.WARNING
        assert Severity(given) is Severity.WARNING

    def test_an_unknown_name(self):
        with pytest.raises(ValueError, match="loud"):
            Severity("loud")


class TestModelId:
    @pytest.mark.parametrize(
        ("text", "name", "version"),
        [
            ("fraud", "fraud", None),
            ("fraud:1.2.0", "fraud", "1.2.0"),
            ("host:5000/x:1", "host:5000/x", "1"),
            ("host:5000/x", "host:5000/x", None),
            ("a:b:c", "a:b", "c"),
            ("models:/fraud/3", "fraud", "3"),
            ("models:/fraud@champion", "fraud", "champion"),
            ("models:/fraud", "fraud", None),
            ("größe:1", "größe", "1"),
        ],
    )
    def test_from_text(self, text, name, version):
        model = ModelId.parse(text)
        assert (model.name, model.version) == (name, version)
        assert Event("f1", model=text).model == model

    def test_equality_is_by_name_and_version(self):
        one = ModelId("fraud", "1", deployed_at="2013-01-01T00:00:00Z")
        other = ModelId("fraud", "1")
        assert one == other
        assert hash(one) == hash(other)
        assert one != ModelId("fraud")
        assert one != "fraud:1"
        assert str(one) == "fraud:1"
        assert repr(other) == "ModelId('fraud', '1')"

    def test_names_are_taken_as_they_are(self):
        assert ModelId("a:b").name == "a:b"

    def test_pickle(self):
        model = ModelId("fraud", "1", deployed_at="2013-01-01T00:00:00.000000001Z")
        back = pickle.loads(pickle.dumps(model))
        assert (back, repr(back)) == (model, repr(model))

    @pytest.mark.parametrize("arguments", [("",), (" ",), ("a", ""), (3,), ("a", 1), (None,)])
    def test_refusals(self, arguments):
        with pytest.raises(dl.DriftlineError, match="accepted: "):
            ModelId(*arguments)


class TestKind:
    def test_constants_are_the_kinds_of_the_core(self):
        constants = {value for name, value in vars(Kind).items() if name.isupper()}
        assert constants == set(_driftline._standard_kinds())
        assert all(getattr(Kind, kind.upper()) == kind for kind in constants)

    def test_standard_definitions(self):
        assert Kind.definition("inference_completed") == {
            "type": "histogram",
            "unit": "ms",
            "description": "An inference was answered; the value is its latency in milliseconds.",
        }

    @pytest.mark.thread_unsafe(reason="defines a kind for the process")
    def test_define(self):
        assert Kind.definition("queue_length") is None
        Kind.define("queue_length", type="gauge", unit="requests")
        assert Kind.definition("queue_length") == {
            "type": "gauge",
            "unit": "requests",
            "description": None,
        }

    @pytest.mark.parametrize(
        ("name", "kind"), [("accuracy", "gauge"), ("", "gauge"), ("new_one", "summary")]
    )
    def test_refusals(self, name, kind):
        with pytest.raises(dl.InvalidValueError):
            Kind.define(name, type=kind)
