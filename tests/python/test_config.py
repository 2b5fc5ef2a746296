"""Set-ups in one file: reading, checking, making, telling what would make it again."""

import json
import math
import threading
import time
from pathlib import Path

import config_documents as documents
import jsonschema
import numpy as np
import pytest
from config_documents import CALLABLES, CANARY, ENVIRON, FULL, WRITERS, corruptions, pairs
from hypothesis import given
from hypothesis import strategies as st

import driftline as dl
from driftline import cli, integrations, retraining

SCHEMA = json.loads((Path(dl.__file__).parent / "config.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
FORMATS = sorted(WRITERS)
WAYS = ["misspelt", "wrong type", "out of range", "missing", "duplicate"]

#: What makes a fast answer, in seconds of CPU time of this thread: far above any that was
#: seen, far below what something without limits takes.
FAST_S = 5.0


#: Lists that TOML writes table by table.
ARRAYS_OF_TABLES = {"monitors", "triggers", "alerts", "observers"}
#: Keys of which there must be one, and the one that is told where there is none.
ONE_OF_SEVERAL = {
    "baseline": "baseline",
    "baselines": "baseline",
    "threshold": "threshold",
    "alpha": "threshold",
    "false_alarm_every": "threshold",
}


def written(path):
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.replace("_", "").replace("-", "").isalnum():
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step)}]"
    return text


def error_of(source, **options):
    with pytest.raises(dl.ConfigError) as caught:
        dl.from_config(source, **options)
    return caught.value


def plain(value):
    if isinstance(value, documents.Pairs):
        return {key: plain(one) for key, one in value}
    return [plain(one) for one in value] if isinstance(value, list) else value


# --- mistakes ---------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("suffix", FORMATS)
def test_every_spoilt_key_is_told_where_it_is(suffix, way, tmp_path):
    count = 0
    for number, spoilt in enumerate(corruptions(way)):
        if suffix == ".toml" and way == "duplicate" and spoilt.path[-1] in ARRAYS_OF_TABLES:
            continue  # [[monitors]] again is one more of them
        writer = WRITERS[suffix](spoilt.document)
        file = tmp_path / f"{number}{suffix}"
        file.write_text(writer.text, encoding="utf-8")
        error = error_of(file)
        what = f"{way} {written(spoilt.path)}: {error}"
        expected = written(spoilt.path)
        if way == "missing" and "monitors" in spoilt.path and spoilt.path[-1] in ONE_OF_SEVERAL:
            expected = written((*spoilt.path[:-1], ONE_OF_SEVERAL[spoilt.path[-1]]))
            assert error.path == expected, what
        elif error.path != expected:  # the innermost of what is wrong within it
            assert way in ("wrong type", "out of range"), what
            assert error.path.startswith(expected), what
        assert error.file == str(file), what
        place = spoilt.place(writer)
        if error.path == expected:
            assert (error.line, error.column) == place, what
        else:  # within the value, thus behind its beginning
            assert (error.line, error.column) >= place, what
        assert str(error).startswith(f"{file}:{error.line}:{error.column}: {error.path}: "), what
        assert len(error.errors) == 1, what
        assert CANARY not in str(error), what
        count += 1
    assert count > 15


@pytest.mark.parametrize("way", [way for way in WAYS if way != "duplicate"])
def test_a_mapping_is_checked_alike(way):
    for spoilt in corruptions(way):
        error = error_of(plain(spoilt.document))
        name = spoilt.path[-1]
        if way == "missing" and "monitors" in spoilt.path:
            name = ONE_OF_SEVERAL.get(name, name)
        assert error.path.startswith(written((*spoilt.path[:-1], name))), str(error)
        assert (error.file, error.line, error.column) == (None, None, None)


def test_json_schema_is_what_the_code_generates():
    shipped = Path(dl.__file__).parent / "config.schema.json"
    assert shipped.read_text(encoding="utf-8") == dl._driftline._config_schema()
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_json_schema_accepts_what_is_right():
    assert list(VALIDATOR.iter_errors(FULL)) == []
    assert VALIDATOR.is_valid({})


@pytest.mark.parametrize("way", [way for way in WAYS if way != "duplicate"])
@pytest.mark.thread_unsafe(reason="takes long, and tells the same on one thread")
def test_json_schema_refuses_what_is_wrong(way):
    for spoilt in corruptions(way):
        assert not VALIDATOR.is_valid(plain(spoilt.document)), written(spoilt.path)


def test_all_mistakes_are_told_at_once():
    error = error_of(
        "hub:\n  max_models: 0\n  depth: 1\nmonitors:\n  - kind: latency\n    slo_ms: x\n"
    )
    assert [(one.line, one.column, one.path) for one in error.errors] == [
        (2, 15, "hub.max_models"),
        (3, 3, "hub.depth"),
        (6, 13, "monitors[0].slo_ms"),
    ]
    assert str(error).splitlines() == [str(one) for one in error.errors]
    assert (error.line, error.column, error.path) == (2, 15, "hub.max_models")


def test_at_most_twenty_mistakes_are_told():
    error = error_of({f"key{number}": 1 for number in range(100)})
    assert len(error.errors) == 20


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("monitors:\n  - {kind: drift, name: 1.10}\n", 'quote it: "1.10"'),
        ("monitors:\n  - {kind: drift, name: 1e3}\n", 'quote it: "1e3"'),
        ("monitors:\n  - {kind: drift, name: true}\n", 'quote it: "true"'),
        ("monitors:\n  - {kind: drift, threshold: '0.1'}\n", "without quotes: 0.1"),
        ("monitors:\n  - {kind: latency, failures_count: no}\n", "did you mean false?"),
        ("monitors:\n  - {kind: latency, failures_count: yes}\n", "did you mean true?"),
        ("monitors:\n", "monitors: got nothing (null)"),
        ("hub: {max_models: .inf}\n", "got .inf"),
        ("hub: {max_models: 1e3}\n", "a whole number"),
        ("monitors:\n  - {kind: latency, slo_ms: .nan}\n", "got .nan"),
        ("monitors:\n  - {kind: latency, burn_rates: [[2, 60, 30]]}\n", "without slo_ms"),
        ("hub: &a {max_models: 3}\nmetrics: {<<: *a}\n", "merge key"),
        ("1: a\n", 'quote it: "1"'),
        ("a\nb\n", "accepted: a mapping"),
        ("\n\n", "got nothing (null)"),
    ],
)
def test_surprises_of_yaml_are_explained(text, message):
    assert message in str(error_of(text))


def test_tests_are_those_of_the_list():
    choices = SCHEMA["$defs"]["drift_detector"]["properties"]["test"]["anyOf"]
    assert choices[0]["enum"] == dl.drift.available()
    assert [way["$ref"] for way in choices[1]["oneOf"]] == [
        f"#/$defs/{name}" for name in dl.drift.available()
    ]


def test_streaming_detectors_are_those_of_the_list():
    choices = SCHEMA["$defs"]["stream_detector"]["properties"]["detector"]["anyOf"]
    assert sorted(choices[0]["enum"]) == dl.stream.available()
    names = [way["$ref"].rpartition("/")[2] for way in choices[1]["oneOf"]]
    assert names == choices[0]["enum"]
    for name in names:
        keys = SCHEMA["$defs"][name]["properties"]
        params = dl.stream.get(name).params
        assert set(keys) - {"name"} == set(params)
        for key, default in params.items():
            assert keys[key].get("default") == default, (name, key)
            assert keys[key]["description"] != "a parameter of the detector", (name, key)


def ways_of(schema):
    """What a key may be, besides nothing."""
    return next(way for way in schema.get("anyOf", [schema]) if way.get("type") != "null")


def taken_and_refused(schema):
    """Values at the borders of what a schema accepts, and just beyond."""
    kind = schema.get("type")
    if "enum" in schema:
        return schema["enum"], ["sideways", schema["enum"][0].upper(), ""]
    if kind == "boolean":
        return [True, False], [1, "true"]
    if kind == "integer":
        low, high = schema["minimum"], schema["maximum"]
        return [low, high], [low - 1, high + 1, str(low), True]
    if kind == "array":
        rising = sorted({0.5, *taken_and_refused(schema["items"])[0]})
        most = schema.get("maxItems", len(rising))
        refused = [[], *([one] for one in taken_and_refused(schema["items"])[1])]
        refused += [[1.0] * (most + 1)] if "maxItems" in schema else []
        return [rising, [1.0 + step for step in range(most)]], refused
    assert kind == "number"
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    taken = [one for one in (low, high) if one is not None]
    taken += [np.nextafter(one, np.inf).item() for one in [above] if one is not None]
    taken += [np.nextafter(one, -np.inf).item() for one in [below] if one is not None]
    refused = [one for one in (above, below) if one is not None]
    refused += [np.nextafter(one, -np.inf).item() for one in [low] if one is not None]
    refused += [np.nextafter(one, np.inf).item() for one in [high] if one is not None]
    return taken, [*refused, float("nan"), float("inf"), "1"]


def is_json(value):
    parts = value if isinstance(value, list) else [value]
    return not any(isinstance(part, float) and not math.isfinite(part) for part in parts)


@pytest.mark.parametrize("name", dl.drift.available())
def test_parameters_of_tests_are_those_of_the_classes(name):
    properties = dict(SCHEMA["$defs"][name]["properties"])
    assert properties.pop("name") == {"const": name}
    _, parameters = dl.drift.get(name).__getnewargs_ex__()
    assert {key: schema.get("default") for key, schema in properties.items()} == parameters
    validator = VALIDATOR.evolve(schema=SCHEMA["$defs"][name])
    for key, schema in properties.items():
        # Types too: True is no number.
        assert type(schema.get("default")) is type(parameters[key])
        assert ({"type": "null"} in schema.get("anyOf", [])) == (parameters[key] is None)
        taken, refused = taken_and_refused(ways_of(schema))
        for value in taken:
            assert validator.is_valid({"name": name, key: value})
            test = dl.drift.get(name, **{key: value})
            assert test.__getnewargs_ex__()[1][key] == value
        for value in refused:
            if is_json(value):
                assert not validator.is_valid({"name": name, key: value}), (key, value)
            with pytest.raises((dl.InvalidValueError, dl.InvalidTypeError), match=f"^{key}: "):
                dl.drift.get(name, **{key: value})


def test_names_of_tests_are_told_once():
    monitor = {"kind": "drift_detector", "baseline": [1], "window_size": 2, "threshold": 1}
    error = error_of({"monitors": [{**monitor, "test": 3}]})
    assert str(error).count("anderson_darling, ansari_bradley, ") == 1
    assert "wasserstein or welch, or a mapping whose name is one of them" in str(error)


@pytest.mark.parametrize("name", dl.drift.available())
def test_a_detector_with_any_test_is_made(name):
    properties = SCHEMA["$defs"][name]["properties"]
    test = {"name": name}
    for key, schema in properties.items():
        if key != "name":
            test[key] = taken_and_refused(ways_of(schema))[0][-1]
    monitor = {
        "kind": "drift_detector",
        "baseline": [0.5, 1.5, 2.5, 4.0, 5.5, 7.0],
        "window_size": 6,
        "test": test,
        "threshold": 0.5,
    }
    hub = dl.from_config(json.dumps({"monitors": [monitor]}))
    assert hub.config()["monitors"][0]["test"] == test
    assert hub.observers()[0].observer.test == name
    error = error_of({"monitors": [{**monitor, "test": {**test, "nan_policy": "sideways"}}]})
    assert error.path == "monitors[0].test.nan_policy"
    given = {key: value for key, value in test.items() if key != "name"}
    defaults = {key: one["default"] for key, one in properties.items() if "default" in one}
    for parameters, expected in ((given, given), ({}, defaults)):
        with dl.Hub() as hub:
            made = dl.drift.get(name, **parameters)
            hub.register(
                dl.DriftDetector(monitor["baseline"], window_size=6, test=made, threshold=0.5)
            )
            (written,) = hub.config()["monitors"]
        assert written["test"] == {"name": name, **expected}
        VALIDATOR.evolve(schema=SCHEMA["$defs"][name]).validate(written["test"])


@pytest.mark.parametrize(
    ("section", "make", "besides"),
    [
        ("triggers", dl.RetrainingTrigger, set()),
        ("webhook", retraining.Webhook, set()),
        ("webhook_2", dl.WebhookSink, set()),
        ("slack", dl.SlackSink, set()),
        ("pagerduty", dl.PagerDutySink, set()),
        ("alertmanager", dl.AlertmanagerSink, set()),
        ("log", dl.LogSink, set()),
        ("command", retraining.Command, set()),
        ("mlflow", integrations.MLflowScheduler, set()),
        ("apprise", integrations.AppriseSink, set()),
        ("fixed_threshold", dl.FixedThreshold, set()),
        ("p_value", dl.PValue, set()),
        ("ewma", dl.Ewma, set()),
        ("latency", dl.LatencyMonitor, {"clock"}),
        ("drift", dl.DriftMonitor, set()),
        ("drift_detector", dl.DriftDetector, {"clock"}),
        ("stream_detector", dl.StreamDetector, {"clock"}),
        ("bank", dl.stream.Bank, {"detector"}),
        ("metrics", dl.MetricsCollector, set()),
        ("alerts", dl.AlertDispatcher, set()),
        ("register", dl.Hub.register, {"observer", "self", "weak", "loop", "max_in_flight"}),
        ("hub", dl.Hub, set()),
    ],
)
def test_keys_are_the_arguments_of_the_classes(section, make, besides):
    import inspect

    properties = SCHEMA["$defs"][section]["properties"]
    arguments = inspect.signature(make).parameters
    of_files = {"kind", "register", "serve", "baselines", "bank"}
    assert set(properties) - of_files == set(arguments) - besides
    for name, argument in arguments.items():
        default = properties.get(name, {}).get("default")
        if default is not None and argument.default not in (None, ...):
            given = argument.default
            given = given.name.lower() if isinstance(given, dl.Severity) else given
            assert default == (list(given) if isinstance(given, tuple) else given), name


# --- hostile input ----------------------------------------------------------------

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(12)
)
SIZE = 1_000_000
HOSTILE = {
    "billion laughs": LAUGHS,
    "laughs in mappings": "a: &a {x: 1}\n"
    + "".join(f"b{n}: &b{n} {{x: *{'a' if n == 0 else f'b{n - 1}'}, y: *a}}\n" for n in range(40)),
    "quadratic laughs": "a: &a [" + "x," * 40_000 + "]\nb: [" + "*a," * 40_000 + "]\n",
    "alias of itself": "a: &a [*a]\n",
    "alias of what is around": "a: &a\n  b: {c: *a}\n",
    "unknown alias": "a: *nobody\n",
    "deep flow": "a: " + "[" * 10_000 + "]" * 10_000 + "\n",
    "deep mappings": "{\n" + '"a":{' * 10_000,
    "deep block": "- " * 10_000 + "\n",
    "deep indents": "".join(" " * n + "a:\n" for n in range(1000)),
    "many brackets": "\n" + "[" * SIZE,
    "many braces": "\n" + "{" * SIZE,
    "many questions": "? " * (SIZE // 2) + "\n",
    "many dashes": "\n" + "-\n" * (SIZE // 2),
    "many quotes": "a: '" + "'" * SIZE + "\n",
    "open quote": 'a: "' + "x" * SIZE + "\n",
    "long key": "a" * SIZE + ": 1\n",
    "long scalar": "hub: " + "x" * SIZE + "\n",
    "many keys": "".join(f"a{n}: 1\n" for n in range(60_000)),
    "keys on one line": "{\n" + ",".join(f'"a{n}":1' for n in range(60_000)) + "}",
    "many anchors": "a: [" + ",".join(f"&a{n} x" for n in range(60_000)) + "]\n",
    "nested anchors": "a: "
    + "".join(f"&a{n} [" for n in range(31))
    + "x," * 50_000
    + "]" * 31
    + "\n",
    "many tags": "a: [" + "!x y," * 100_000 + "]\n",
    "many comments": "#\n" * (SIZE // 2),
    "many blanks": "\n" + " " * SIZE + "a: 1\n",
    "many tabs": "\n" + "\t" * SIZE,
    "many documents": "---\n" * (SIZE // 4),
    "many directives": "%FOO\n" * (SIZE // 5),
    "too long": "#" * (2 << 20) + "\n",
    "null byte": "a: \0\n",
    "escape": "a: \x1b[31m\n",
    "lone surrogate": "a: \ud800\n",
    "tag of python": "a: !!python/object/apply:os.system [id]\n",
    "tag directive": "%TAG ! tag:yaml.org,2002:\n---\na: !int 1\n",
    "huge integer": "version: " + "9" * 100_000 + "\n",
    "huge exponent": "hub: {max_models: 1e999999999}\n",
    "hexadecimal": "version: 0x" + "f" * 1000 + "\n",
    "toml dots": "[hub]\n" + ".".join(["a"] * 100_000) + " = 1\n",
    "toml table of dots": "\n[" + ".".join(["a"] * 100_000) + "]\n",
    "toml tables": "version = 1\n" + "".join(f"[a{n}]\n" for n in range(100_000)),
    "toml nonsense": "version = 1\n" + "=\n" * 400_000,
    "toml duplicates": "version = 1\n" + "version = 1\n" * 80_000,
    "toml brackets": "version = " + "[" * SIZE + "\n",
    "toml inline": "version = 1\nx = {" + ",".join(f"a{n}.b=1" for n in range(80_000)) + "}\n",
    "toml interleaved": "version = 1\nx = {"
    + ",".join(f"a{n}.b=1" for n in range(30_000))
    + ","
    + ",".join(f"a{n}.c=1" for n in range(30_000))
    + "}\n",
    "toml date": "version = 1979-05-27\n",
    "json surrogates": '{\n"a": "\\ud800"}',
    "json twice": '{\n"a": 1} {"a": 1}',
    "json number": '{\n"version": 1' + "0" * 100_000 + "}",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("suffix", [None, *FORMATS])
def test_hostile_text_is_refused_fast(name, suffix, tmp_path):
    text = HOSTILE[name]
    if suffix is not None:
        source = tmp_path / f"hostile{suffix}"
        source.write_bytes(text.encode("utf-8", "surrogatepass"))
    else:
        source = text
    start = time.thread_time()
    said = ""
    try:
        assert len(dl.from_config(source)) == 0  # comments and blanks
    except dl.ConfigError as error:
        said = str(error)
    assert len(said) < 20_000
    assert time.thread_time() - start < FAST_S


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"version: 1\n\xff\xfe", "2:1: got bytes that are not UTF-8"),
        ("a: 1\n".encode("utf-16"), "UTF-8"),
        (b"", "got nothing (null)"),
        (b"#" * ((1 << 20) + 1), "1 MiB"),
    ],
)
def test_files_that_are_no_text_are_refused(content, message, tmp_path):
    file = tmp_path / "set-up.yaml"
    file.write_bytes(content)
    assert message in str(error_of(file))


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_line_ends_and_byte_order_marks_change_nothing(suffix, ending, tmp_path):
    if suffix == ".toml" and ending == "\r":
        pytest.skip("TOML knows no such line end")
    file = tmp_path / f"set-up{suffix}"
    writer = WRITERS[suffix](pairs({"hub": {"max_models": 3}, "metrics": {"nam": "x"}}))
    file.write_bytes(b"\xef\xbb\xbf" + writer.text.replace("\n", ending).encode())
    error = error_of(file)
    assert error.path == "metrics.nam"
    if ending != "\r":
        assert (error.line, error.column) == writer.keys["metrics", "nam"]


def test_a_mapping_within_itself_is_refused():
    loop = {}
    loop["hub"] = loop
    assert "32 deep" in str(error_of(loop))
    wide = [1]
    for _ in range(25):
        wide = [wide, wide]
    assert "1000000 values" in str(error_of({"monitors": wide}))


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, b"bytes", 1j, "\ud800", 10**400, float("nan"), float("inf"), print]
)
def test_values_that_no_document_holds_are_refused(value):
    assert error_of({"hub": {"max_models": value}}).path == "hub.max_models"
    assert error_of({"monitors": [{"kind": "drift", "name": value}]}).path == "monitors[0].name"


def test_keys_are_text():
    assert "accepted: keys of type str" in str(error_of({1: 2}))


def read_or_refused(source):
    """Whatever it is: a hub that works, or mistakes that are told."""
    hub, mistakes = None, []
    try:
        hub = dl.from_config(source)
    except dl.ConfigError as error:
        mistakes = [str(one) for one in error.errors]
    assert (hub is None) == bool(mistakes)
    assert all(mistakes)
    if hub is not None:
        assert hub.emit("f1", 0.5).failures == ()
        hub.shutdown(0)


@given(st.text(max_size=200), st.sampled_from(["", "monitors:\n  - ", "{", "[hub]\n"]))
def test_any_text_is_read_or_refused(text, before):
    read_or_refused(before + text + "\n")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["hub", "kind", "monitors", "x"]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_any_mapping_is_read_or_refused(value):
    for document in ({"monitors": value}, {"hub": value}, {"alerts": [value]}):
        read_or_refused(document)


# --- sources ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "hub:\n  max_models: 7\n",
        "{hub: {max_models: 7}}",
        '{"hub": {"max_models": 7}}',
        '{"hub": {"max_models": 7, "max_cascade_depth": 3}}\n',
        "[hub]\nmax_models = 7\n",
        "# a comment\n\nhub.max_models = 7\n",
        "hub = {max_models = 7}\n",
        {"hub": {"max_models": 7}},
        {"hub": {"max_models": np.int64(7)}},
    ],
)
def test_text_and_mappings_are_told_apart(source):
    assert dl.from_config(source).max_models == 7


@pytest.mark.parametrize("source", [None, 3, b"hub: {}\n", ["a"], object()])
def test_other_sources_are_refused(source):
    with pytest.raises(dl.InvalidTypeError, match=r"^source: got .*; accepted: "):
        dl.from_config(source)


def test_files_that_are_not_there_are_told(tmp_path):
    error = error_of(tmp_path / "nope.yaml")
    assert "No such file" in str(error)
    assert error.file == str(tmp_path / "nope.yaml")
    error_of(tmp_path.with_suffix(".yaml"))
    file = tmp_path / "set-up.ini"
    file.write_text("[hub]\n")
    with pytest.raises(dl.InvalidValueError, match=r"'\.ini'|\"\.ini\""):
        dl.from_config(file)
    with pytest.raises(dl.InvalidValueError, match=r"^source: got ''"):
        dl.from_config("")


@pytest.mark.parametrize("name", ["callables", "environ"])
def test_callables_and_environ_are_mappings(name):
    with pytest.raises(dl.InvalidTypeError, match=f"^{name}: "):
        dl.from_config({}, **{name: 3})


def test_config_error_survives_pickling():
    import copy
    import pickle

    error = error_of("hub:\n  max_models: 0\n  depth: 1\n")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert str(again) == str(error)
        assert (again.line, again.column, again.path) == (error.line, error.column, error.path)
        assert [str(one) for one in again.errors] == [str(one) for one in error.errors]
    assert isinstance(error, dl.InvalidValueError)
    assert isinstance(error, ValueError)


# --- what is made -----------------------------------------------------------------


def full(**changed):
    return {**FULL, **changed}


@pytest.mark.parametrize("suffix", FORMATS)
def test_everything_that_is_named_is_made(suffix, tmp_path):
    file = tmp_path / f"set-up{suffix}"
    file.write_text(WRITERS[suffix](pairs(full())).text, encoding="utf-8")
    with dl.from_config(file, callables=CALLABLES, environ=ENVIRON) as hub:
        assert (hub.max_models, hub.max_cascade_depth) == (500, 12)
        infos = {info.name: info for info in hub.observers()}
        assert list(infos) == [
            *("watch", "retrain", "metrics", "truth", "board", "age", "by model", "welch", "mean"),
            *("counts", "spread", "shape", "shares"),
            *("console_logger", "<lambda>", "by command", "by webhook", "alerts"),
        ]
        latency = infos["watch"].observer
        assert (latency.slo_ms, latency.min_samples, infos["watch"].mode) == (250.0, 30, "queued")
        assert infos["watch"].models == ["fraud"]
        trigger = infos["retrain"].observer
        assert trigger.schedule is CALLABLES["retrain"]
        assert trigger.baseline is CALLABLES["new_baseline"]
        assert trigger.strategy == dl.Ewma(0.5, 0.3)
        assert (trigger.confirm, trigger.rate_limit) == ((3, 5), (2, 3600.0))
        assert trigger.default_model == dl.ModelId("fraud")
        command = infos["by command"].observer.schedule
        assert (command.args, command.env) == (("true", "{model}"), {"TOKEN": CANARY})
        webhook = infos["by webhook"].observer.schedule
        assert (webhook.url, webhook.signed) == ("http://127.0.0.1:9/***", True)
        detector = infos["age"].observer
        assert trigger.detectors == (detector,)
        assert (detector.test, detector.window_size, detector.check_every) == ("ks", 3, 2)


def test_config_makes_the_same_again():
    with dl.from_config(full(), callables=CALLABLES, environ=ENVIRON) as hub:
        config = hub.config()
        assert config == full()
        VALIDATOR.validate(config)
        text = json.dumps(config)
    with dl.from_config(text, callables=CALLABLES, environ=ENVIRON) as again:
        assert again.config() == config


def test_config_of_what_was_registered_by_hand_makes_it_again():
    def listener(event):
        pass

    with dl.Hub(max_models=9) as hub:
        hub.register(dl.LatencyMonitor(slo_ms=5.0, burn_rates=[(2, 60, 30)]), priority=2)
        hub.register(dl.DriftMonitor(max_models=4, name="board"), kinds="drift_score")
        hub.register(
            dl.DriftDetector(
                [1.0, 3.0, 2.0], window_size=2, test=dl.drift.PSI(bins=3), threshold=1
            ),
            priority=1,
        )
        hub.register(
            dl.DriftDetector(
                {"a:1": [1.0, 2.0], "b": np.array([3, 4, 6])},
                window_size=2,
                test="welch",
                false_alarm_every="12h",
                no_data_after_s=9,
            ),
            tick_s=60,
        )
        hub.register(dl.DriftDetector([1.0, 2], window_size=2, test="ks", false_alarm_every=50))
        calibrated = dl.DriftDetector.calibrated(
            np.random.default_rng(1).normal(size=400), window_size=20, false_alarm_every=1000
        )
        hub.register(calibrated)
        hub.register(dl.MetricsCollector(buckets_ms=[1, 2]), min_severity="error")
        hub.register(dl.MetricsCollector(name="more"), models=["a:1", "b"], features="x")
        hub.register(dl.ConsoleLogger(), max_consecutive_failures=3, once=True)
        hub.register(
            listener,
            name="listener",
            mode="queued",
            queue_size=7,
            overflow="block",
            block_timeout_s=0.5,
        )
        config = hub.config()
        VALIDATOR.validate(config)
        with dl.from_config(config, callables={"listener": listener}) as again:
            assert again.config() == config
            assert len(again) == len(hub)
            other = {info.name: info for info in again.observers()}
            for info in hub.observers():
                twin = other[info.name] if info.name != "drift_detector" else info
                for name in ("kinds", "models", "features", "min_severity", "priority", "mode"):
                    assert getattr(twin, name) == getattr(info, name)
        thresholds = [part["threshold"] for part in config["monitors"] if "threshold" in part]
        assert calibrated.threshold in thresholds


def test_config_of_triggers_that_were_made_by_hand():
    def retrain(model, event):
        pass

    def strategy(event):
        return False

    def baseline(detector, event):
        return [1.0, 2.0]

    detector = dl.DriftDetector([1.0, 2.0], window_size=2, threshold=1, name="age")
    webhook = retraining.Webhook(
        "http://127.0.0.1:1/" + CANARY, secret=CANARY, headers={"X": CANARY}
    )
    command = retraining.Command(["true"], env={"TOKEN": CANARY}, cwd="/")
    with dl.Hub() as hub:
        hub.register(detector)
        for trigger in (
            dl.RetrainingTrigger(retrain, min_f1=None, strategy=strategy, name="a"),
            dl.RetrainingTrigger(webhook, max_p=None, rate_limit=(3, 60), name="b"),
            dl.RetrainingTrigger(
                command,
                strategy=dl.PValue(0.5),
                kinds="f1",
                min_effect=0.5,
                confirm=(1, 2),
                rebase_on="training_completed",
                detectors=detector,
                baseline=baseline,
                default_model="m:1",
                name="c",
            ),
            dl.RetrainingTrigger(retrain, strategy=dl.FixedThreshold(2), name="d"),
            dl.RetrainingTrigger(retrain, strategy=dl.Ewma(0.5, -2), name="e"),
        ):
            hub.register(trigger)
        config = hub.config()
    assert CANARY not in repr(config)
    first, second, third, *_ = config["triggers"]
    error_of(config)
    second["schedule"].update(url={"env": "V"}, secret={"env": "V"}, headers={"X": {"env": "V"}})
    third["schedule"]["env"] = {"TOKEN": {"env": "V"}}
    VALIDATOR.validate(config)
    callables = {
        first["schedule"]["name"]: retrain,
        first["strategy"]["name"]: strategy,
        third["baseline"]["name"]: baseline,
    }
    with dl.from_config(config, callables=callables, environ={"V": "http://127.0.0.1:1/"}) as again:
        assert again.config() == config
        for one, two in zip(hub.observers(), again.observers(), strict=True):
            ours, theirs = one.observer, two.observer
            for name in ("min_f1", "max_p", "kinds", "confirm", "rate_limit", "default_model"):
                assert getattr(ours, name, None) == getattr(theirs, name, None)
            assert repr(ours) == repr(theirs)


def test_config_may_be_changed_by_its_owner():
    hub = dl.from_config({"monitors": [{"kind": "drift", "register": {"kinds": ["drift_score"]}}]})
    hub.config()["monitors"][0]["register"]["kinds"].append("x")
    assert hub.config()["monitors"][0]["register"]["kinds"] == ["drift_score"]
    hub.unregister(hub.observers()[0].handle)
    assert "monitors" not in hub.config()


def test_only_what_is_named_is_registered():
    hub = dl.from_config({})
    assert (len(hub), hub.config()) == (
        0,
        {"version": 1, "hub": {"max_cascade_depth": 16, "max_models": 1000}},
    )
    assert len(dl.from_config({"metrics": {}})) == 1


def test_a_test_by_name_alone():
    monitors = [{"kind": "drift_detector", "baseline": [1, 2], "window_size": 2, "alpha": 0.1}]
    monitors[0]["test"] = "ks"
    hub = dl.from_config({"monitors": monitors})
    assert hub.observers()[0].observer.test == "ks"


# --- what constructors and registration refuse --------------------------------------


@pytest.mark.parametrize(
    ("monitor", "path", "message"),
    [
        (
            "{kind: drift_detector, baseline: [1, 2], window_size: 2, alpha: 0.1}",
            "alpha",
            "no p-value",
        ),
        ("{kind: latency, slo_ms: 5, burn_rates: [[200, 60, 30]]}", "burn_rates", "factor 200"),
        ("{kind: latency, slo_ms: 5, burn_rates: [[2, 30, 60]]}", "burn_rates", "windows 30"),
        (
            "{kind: drift_detector, baseline: [.nan], window_size: 2, threshold: 1}",
            "baseline",
            "accepted",
        ),
        (
            "{kind: drift_detector, baseline: [1], window_size: 2, threshold: 1, "
            "test: {name: psi, edges: [3, 2]}}",
            "test.edges",
            "accepted",
        ),
        (
            "{kind: drift_detector, baseline: [1], window_size: 2, test: ks, "
            "false_alarm_every: 30x}",
            "false_alarm_every",
            "30x",
        ),
        ("{kind: drift, register: {tick_s: 5}}", "register.tick_s", "on_tick"),
        ("{kind: drift, register: {kinds: accuracy}}", "register.kinds", "accepted"),
    ],
)
def test_what_a_constructor_refuses_is_told_at_its_key(monitor, path, message):
    text = f"monitors:\n  - {{kind: console}}\n  - {monitor}\n"
    error = error_of(text)
    assert error.path == f"monitors[1].{path}"
    assert error.line == 3
    line = text.splitlines()[2]
    key = path.rpartition(".")[2]
    assert error.column == line.index(f"{key}: ") + len(key) + 3
    assert message in str(error)


def test_all_that_constructors_refuse_is_told_at_once():
    monitor = {"kind": "drift_detector", "baseline": [1, 2], "window_size": 2, "alpha": 0.1}
    error = error_of({"monitors": [monitor, {"kind": "console"}, monitor]})
    assert [one.path for one in error.errors] == ["monitors[0].alpha", "monitors[2].alpha"]


@pytest.mark.thread_unsafe(reason="counts threads")
def test_after_an_error_nothing_is_left():
    import gc

    gc.collect()
    threads = Path("/proc/self/task")  # threading keeps those that it did not start
    before = set(threads.iterdir())
    calls = []

    class Observer:
        def on_event(self, event):
            calls.append(event)

        def shutdown(self):
            calls.append("shutdown")

    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monitor = {"kind": "latency", "register": {"mode": "queued", "tick_s": 0.001}}
        error = error_of(
            {
                "monitors": [monitor],
                "metrics": [{"serve": {}}, {"serve": {"port": port}}],
                "observers": [{"kind": "callable", "name": "o", "register": {"mode": "queued"}}],
            },
            callables={"o": Observer()},
        )
    assert error.path == "metrics[1].serve"
    assert "in use" in str(error)
    assert calls == []
    gc.collect()
    deadline = time.monotonic() + 10
    while set(threads.iterdir()) - before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert set(threads.iterdir()) - before == set()
    assert not [server for server in dl.metrics._SERVERS if server.port != port]


def test_metrics_are_served_until_the_hub_ends():
    import urllib.request

    hub = dl.from_config({"metrics": {"serve": {"host": "127.0.0.1"}}})
    (server,) = hub._setup().servers
    with urllib.request.urlopen(server.url) as answer:
        assert answer.status == 200
    hub.shutdown()
    with pytest.raises(OSError, match=r"."):  # refused, or reset
        urllib.request.urlopen(server.url, timeout=1)


def test_metrics_are_served_no_longer_than_there_is_a_hub():
    import gc
    import urllib.request

    hub = dl.from_config({"metrics": {"serve": {}}})
    (server,) = hub._setup().servers
    del hub
    gc.collect()
    deadline = time.monotonic() + 30
    while not server._closed and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(OSError, match=r"."):  # refused, or reset
        urllib.request.urlopen(server.url, timeout=1)


# --- callables and secrets --------------------------------------------------------


def test_callables_are_given_by_name():
    heard = []
    document = {"observers": [{"kind": "callable", "name": "o"}]}
    hub = dl.from_config(document, callables={"o": heard.append})
    hub.emit("f1", 0.5)
    assert len(heard) == 1
    assert hub.config()["observers"] == document["observers"]
    error = error_of(document, callables={"other": print})
    assert error.path == "observers[0].name"
    assert "other" in str(error)
    assert error_of({"observers": [{"kind": "callable", "name": "os.system"}]})
    assert error_of(document, callables={"o": 3}).path.startswith("observers[0]")


def alerts_only():
    return {"alerts": FULL["alerts"]}


def test_sinks_have_their_secrets_from_the_environment():
    document = alerts_only()
    hub = dl.from_config(document, callables=CALLABLES, environ=ENVIRON)
    (info,) = hub.observers()
    dispatcher = info.observer
    slack, hook, pager, manager, log, callable_ = dispatcher._given
    assert isinstance(slack, dl.SlackSink)
    assert (hook.url, hook.signed, hook.timeout_s) == ("https://example.invalid/***", True, 4.0)
    assert isinstance(pager, dl.PagerDutySink)
    assert (manager.labels, manager.resend_s) == ({"team": "risk"}, 30.0)
    assert isinstance(log, dl.LogSink)
    assert callable_ is CALLABLES["pager"]
    assert (dispatcher.min_severity, dispatcher.queue_size) == (dl.Severity.CRITICAL, 10)
    assert (dispatcher.features, dispatcher.max_incidents) == (["age"], 11)
    config = hub.config()
    assert config["alerts"] == document["alerts"]
    for shown in (config, hub, dispatcher, hub._setup(), *dispatcher._given, info):
        assert CANARY not in repr(shown)
        assert ENVIRON["PAGERDUTY_KEY"] not in repr(shown)
    again = dl.from_config(config, callables=CALLABLES, environ=ENVIRON)
    assert again.config() == config


@pytest.mark.parametrize("name", ["SLACK_URL", "HOOK_SECRET", "HOOK_TOKEN", "PAGERDUTY_KEY"])
@pytest.mark.parametrize("value", [None, "", 3])
def test_variables_that_are_not_set_are_named(name, value):
    environ = {**ENVIRON, name: value} if value is not None else dict(ENVIRON)
    if value is None:
        del environ[name]
    writer = WRITERS[".yaml"](pairs(alerts_only()))
    error = error_of(writer.text, callables=CALLABLES, environ=environ)
    for one in error.errors:
        assert one.path.endswith(".env")
        assert name in str(one)
        line = writer.text.splitlines()[one.line - 1]
        assert line[one.column - 1 :] == f'"{name}"'
    assert CANARY not in str(error)


@pytest.mark.parametrize("name", ["url", "secret", "routing_key", "headers", "urls"])
@pytest.mark.parametrize(
    "literal",
    [
        CANARY,
        [CANARY],
        {CANARY: 1},
        {"env": CANARY},
        {"env": "X", CANARY: 2},
        {"env": {CANARY: 1}},
        {"env": [CANARY]},
        {"env": None},
        {},
    ],
)
def test_secrets_in_the_document_are_refused_and_not_repeated(name, literal):
    kind = {
        "url": "slack",
        "secret": "webhook",
        "routing_key": "pagerduty",
        "headers": "webhook",
        "urls": "apprise",
    }[name]
    value = {"headers": {"X-Token": literal}, "urls": [literal]}.get(name, literal)
    sink = {"kind": kind, name: value}
    if kind == "webhook":
        sink["url"] = "http://127.0.0.1:1/"
    document = {"alerts": [{"sinks": [sink]}]}
    for source in (document, WRITERS[".json"](pairs(document)).text):
        error = error_of(source, environ={})
        assert error.path.startswith(f"alerts[0].sinks[0].{name}")
        assert CANARY not in str(error)
        assert CANARY not in repr(error)
        assert error.__cause__ is None


@pytest.mark.parametrize(
    ("sink", "key"),
    [
        ({"kind": "slack", "url": {"env": "E"}}, "url"),
        ({"kind": "webhook", "url": {"env": "E"}}, "url"),
        ({"kind": "webhook", "url": "http://u:p@h/", "secret": {"env": "E"}}, "url"),
        ({"kind": "webhook", "url": "http://h/", "headers": {"X": {"env": "LINES"}}}, "headers"),
        ({"kind": "pagerduty", "routing_key": {"env": "LINES"}}, "routing_key"),
        ({"kind": "alertmanager", "url": {"env": "E"}}, "url"),
        ({"kind": "alertmanager", "url": "http://h/", "ca_file": "/nowhere.pem"}, "ca_file"),
    ],
)
def test_what_a_sink_refuses_is_told_without_the_secret(sink, key):
    environ = {"E": f"ftp://{CANARY}", "LINES": f"{CANARY}\r\nX: y"}
    error = error_of({"alerts": [{"sinks": [sink]}]}, environ=environ)
    assert error.path == f"alerts[0].sinks[0].{key}"
    assert CANARY not in str(error)


def test_config_of_sinks_that_were_made_by_hand_keeps_their_secrets():
    def pager(alert):
        pass

    with dl.Hub() as hub:
        sinks = [
            dl.WebhookSink("http://127.0.0.1:1/" + CANARY, secret=CANARY, headers={"X": CANARY}),
            dl.SlackSink("https://example.invalid/" + CANARY),
            dl.PagerDutySink("0451" * 8),
            dl.AlertmanagerSink("http://127.0.0.1:1", labels={"team": "risk"}),
            dl.LogSink(),
            pager,
        ]
        hub.register(dl.AlertDispatcher(sinks, kinds="drift_detected"), priority=1)
        config = hub.config()
    assert CANARY not in repr(config)
    assert "04510451" not in repr(config)
    error = error_of(config, callables={"pager": pager})
    assert len(error.errors) == 6
    assert all("Hub.config()" in str(one) for one in error.errors)
    for sink in config["alerts"][0]["sinks"]:
        for name, value in sink.items():
            if value == {"env": None}:
                sink[name] = {"env": "V"}
            elif name == "headers":
                sink[name] = {"X": {"env": "V"}}
    callables = {sink["name"]: pager for sink in config["alerts"][0]["sinks"]}
    config["alerts"][0]["sinks"][2]["routing_key"] = {"env": "K"}
    environ = {"V": "http://127.0.0.1:1/", "K": "a" * 32}
    again = dl.from_config(config, callables=callables, environ=environ)
    assert again.config() == config
    assert again.observers()[0].observer.kinds == ["drift_detected"]


# --- files of samples -------------------------------------------------------------


def detector(baseline):
    return {
        "monitors": [
            {"kind": "drift_detector", "baseline": baseline, "window_size": 2, "threshold": 1.0}
        ]
    }


def made_with(document):
    hub = dl.from_config(document)
    return hub.observers()[0].observer._config()["baseline"]


def test_a_sample_from_a_npy_file(tmp_path):
    np.save(tmp_path / "age.npy", np.array([1.5, np.nan, 3.0]))
    np.testing.assert_array_equal(
        made_with(detector({"path": str(tmp_path / "age.npy")})), [1.5, np.nan, 3.0]
    )


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("a,b\n1,2\n3,4\n", "b", [2.0, 4.0]),
        ("a,b\n1,2\n3,4\n", 0, [1.0, 3.0]),
        ("1,2\n3,4\n", 1, [2.0, 4.0]),
        ("x\n1\n2\n", None, [1.0, 2.0]),
        ('\ufeffa,"b, c"\n1,\n3,NA\n5,nan\n7,2.5\n9\n\n', "b, c", [np.nan] * 3 + [2.5, np.nan]),
        ('a,b\r\n"1\n2",7\r\n', "b", [7.0]),
    ],
)
def test_a_sample_from_a_csv_file(text, column, expected, tmp_path):
    (tmp_path / "x.csv").write_bytes(text.encode())
    baseline = {"path": str(tmp_path / "x.csv")}
    if column is not None:
        baseline["column"] = column
    np.testing.assert_array_equal(made_with(detector(baseline)), expected)


def test_a_sample_from_a_parquet_file(tmp_path):
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pa.table({"n": [1, None, 3], "t": ["a", "b", "c"], "x": [0.5, 1.5, None]})
    parquet.write_table(table, tmp_path / "x.parquet")
    for column, expected in [("n", [1, np.nan, 3]), (2, [0.5, 1.5, np.nan])]:
        baseline = {"path": str(tmp_path / "x.parquet"), "column": column}
        np.testing.assert_array_equal(made_with(detector(baseline)), expected)
    error = error_of(detector({"path": str(tmp_path / "x.parquet"), "column": "t"}))
    assert error.path == "monitors[0].baseline.path"
    error = error_of(detector({"path": str(tmp_path / "x.parquet"), "column": "y"}))
    assert error.path == "monitors[0].baseline.column"


@pytest.mark.thread_unsafe(reason="hides packages from the interpreter")
def test_a_parquet_file_without_a_reader_names_the_extra(tmp_path, monkeypatch):
    import sys

    for name in ("pyarrow", "pyarrow.parquet", "polars", "fastparquet"):
        monkeypatch.setitem(sys.modules, name, None)
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    error = error_of(detector({"path": str(tmp_path / "x.parquet")}))
    assert "driftline[parquet]" in str(error)


def test_paths_start_at_the_folder_of_the_file(tmp_path):
    np.save(tmp_path / "age.npy", np.array([1.5, 2.0]))
    file = tmp_path / "set-up.json"
    file.write_text(json.dumps(detector({"path": "age.npy"})))
    hub = dl.from_config(file)
    config = hub.config()
    assert config["monitors"][0]["baseline"] == {"path": str(tmp_path / "age.npy")}
    assert dl.from_config(config).config() == config


def streaming(name, **parameters):
    return {"monitors": [{"kind": "stream_detector", "detector": {"name": name, **parameters}}]}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("conformal_martingale", "baseline"),
        ("incremental_ks", "baseline"),
        ("kswin", "window"),
        ("windowed_test", "baseline"),
    ],
)
def test_what_a_streaming_detector_begins_with_may_be_in_a_file(name, key, tmp_path):
    values = np.random.default_rng(1).normal(size=40).tolist()
    # What is missing in the file is left out.
    np.save(tmp_path / "age.npy", [np.nan, *values])
    file = tmp_path / "set-up.json"
    file.write_text(json.dumps(streaming(name, **{key: {"path": "age.npy"}})))
    hub = dl.from_config(file)
    config = hub.config()
    assert config["monitors"][0]["detector"] == {
        "name": name,
        key: {"path": str(tmp_path / "age.npy")},
    }
    VALIDATOR.validate(config)
    assert dl.from_config(config).config() == config
    # By hand it is written out, and makes the same again.
    by_hand = dl.Hub()
    by_hand.register(dl.StreamDetector(dl.stream.get(name, **{key: values})))
    written = by_hand.config()
    VALIDATOR.validate(written)
    assert written["monitors"][0]["detector"][key] == values
    again = dl.from_config(written)
    assert again.config() == written
    # All three start from these values.
    shifted = np.random.default_rng(2).normal(3.0, size=400)
    found = []
    for one in (hub, by_hand, again):
        (info,) = one.observers()
        found.append(info.observer.update_many(shifted).tolist())
    alone = dl.stream.get(name, **{key: values})
    assert found == [alone.update_many(shifted).tolist()] * 3
    assert found[0] != dl.stream.get(name).update_many(shifted).tolist()


def test_a_file_for_a_streaming_detector_is_refused_at_its_path(tmp_path):
    sample = {"path": str(tmp_path / "a.csv"), "column": "b"}
    given = streaming("incremental_ks", baseline=sample)
    path = "monitors[0].detector.baseline"
    assert error_of(given).path == f"{path}.path"
    (tmp_path / "a.csv").write_text("a\n1\n")
    assert error_of(given).path == f"{path}.column"
    (tmp_path / "a.csv").write_text("b\nna\n")
    error = error_of(given)
    assert error.path == f"{path}.path"
    assert "accepted" in str(error)
    assert error_of(streaming("adwin", delta=sample)).path == "monitors[0].detector.delta"


@pytest.mark.thread_unsafe(reason="stdout")
def test_check_opens_no_file_of_a_streaming_detector_either(tmp_path):
    file = tmp_path / "set-up.json"
    file.write_text(json.dumps(streaming("kswin", window={"path": "age.npy"})))
    assert cli.main(["check", str(file)]) == 0
    assert cli.main(["check", "--files", str(file)]) == 1


@pytest.mark.parametrize(
    ("name", "content", "key", "message"),
    [
        ("a.npy", None, "path", "No such file"),
        ("a.npy", b"nonsense", "path", "cannot be read"),
        ("a.txt", b"1\n", "path", "accepted: .npy, .csv or .parquet"),
        ("a.csv", b"", "path", "empty file"),
        ("a.csv", b"a,b\n1,2\n", "path", "2 columns"),
        ("a.csv", b"a\n1\nx\n", "path", "'x' in line 3"),
        ("a.csv", b"a\n", "path", "accepted"),
        ("a.csv", b"a\n\xff\n", "path", "cannot be read"),
        ("a.parquet", b"nonsense", "path", "cannot be read"),
        ("two.npy", np.zeros((2, 2)), "path", "shape"),
        ("words.npy", np.array(["a"]), "path", "accepted"),
        ("objects.npy", np.array([None]), "path", "cannot be read"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_at_its_path(name, content, key, message, tmp_path):
    if name.endswith(".parquet"):
        pytest.importorskip("pyarrow")
    file = tmp_path / name
    if isinstance(content, np.ndarray):
        np.save(file, content)
    elif content is not None:
        file.write_bytes(content)
    set_up = tmp_path / "set-up.yaml"
    writer = WRITERS[".yaml"](pairs(detector({"path": name})))
    set_up.write_text(writer.text)
    error = error_of(set_up)
    assert error.path == f"monitors[0].baseline.{key}"
    assert (error.line, error.column) == writer.values["monitors", 0, "baseline", key]
    assert message in str(error)


def test_a_column_that_is_not_there_is_told_at_column(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    for column in ("c", 2):
        baseline = {"path": str(tmp_path / "a.csv"), "column": column}
        assert error_of(detector(baseline)).path == "monitors[0].baseline.column"


# --- the command ------------------------------------------------------------------


@pytest.mark.thread_unsafe(reason="stdout")
def test_check_tells_every_mistake(tmp_path, capsys):
    file = tmp_path / "set-up.yaml"
    file.write_text("hub: {max_models: 0}\nmonitors:\n  - kind: latency\n    slo: 1\n")
    assert cli.main(["check", str(file)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{file}:1:19: hub.max_models: got 0; accepted: a whole number from 1 to 1000000",
        f"{file}:4:5: monitors[0].slo: unknown key; did you mean 'slo_ms'?",
    ]


@pytest.mark.thread_unsafe(reason="stdout")
def test_check_needs_no_files_and_starts_nothing(tmp_path, capsys):
    threads = threading.active_count()
    file = tmp_path / "set-up.yaml"
    document = full(monitors=[*FULL["monitors"], *detector({"path": "age.npy"})["monitors"]])
    file.write_text(WRITERS[".yaml"](pairs(document)).text, encoding="utf-8")
    assert cli.main(["check", str(file)]) == 0
    warned = capsys.readouterr().err.splitlines()
    assert f"{file}: warning: the environment variable SLACK_URL is not set" in warned
    assert len(warned) == len(ENVIRON)
    assert threading.active_count() == threads
    assert cli.main(["check", "--files", str(file)]) == 1
    assert "baseline.path: got a file that cannot be read" in capsys.readouterr().out


@pytest.mark.thread_unsafe(reason="stdout")
def test_check_is_used_rightly(tmp_path, capsys):
    file = tmp_path / "set-up.ini"
    file.write_text("")
    for arguments in (["check"], ["check", str(tmp_path / "nope.yaml")], ["check", str(file)]):
        with pytest.raises(SystemExit) as caught:
            cli.main(arguments)
        assert caught.value.code == 2
    capsys.readouterr()
    assert cli.main(["check", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA
