"""Events as metrics: what is counted, and that scrapers read it as it was meant."""

import contextlib
import doctest
import gc
import http.client
import os
import random
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import pytest

import driftline as dl

prometheus_client = pytest.importorskip("prometheus_client")
text_parser = pytest.importorskip("prometheus_client.parser")
openmetrics_parser = pytest.importorskip("prometheus_client.openmetrics.parser")

PROTOBUF = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
)
FORMATS = ["text", "openmetrics"]


def parsed(collector, format="text"):
    """{(sample name, labels): number} as prometheus_client reads it."""
    parser = text_parser if format == "text" else openmetrics_parser
    samples = {}
    for family in parser.text_string_to_metric_families(collector.render(format)):
        for sample in family.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in samples, f"{key} comes twice"
            samples[key] = sample.value
    return samples


def number(samples, name, **labels):
    return samples[name, frozenset(labels.items())]


def labels_of(samples, name):
    return [dict(labels) for found, labels in samples if found == name]


def registered(**options):
    hub, collector = dl.Hub(), dl.MetricsCollector(**options)
    hub.register(collector)
    return hub, collector


def event(*args, **kwargs):
    return dl.Event(*args, **kwargs)


# --- what is counted ---------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
def test_same_numbers_as_prometheus_client(format):
    """Its own Counter and Histogram are given the same observations."""
    rng = random.Random(7)
    buckets_ms = (10, 25, 50, 100, 250, 500, 1000)
    registry = prometheus_client.CollectorRegistry()
    events = prometheus_client.Counter(
        "driftline_events", "x", ["kind", "model", "severity"], registry=registry
    )
    latency = prometheus_client.Histogram(
        "driftline_inference_latency_seconds",
        "x",
        ["model"],
        buckets=[ms / 1000 for ms in buckets_ms],
        registry=registry,
    )
    hub, collector = registered(buckets_ms=buckets_ms)
    for _ in range(2000):
        model = rng.choice(["fraud:1.2.0", "fraud:1.3.0", "churn"])
        ms = rng.choice([rng.lognormvariate(3, 1.5), rng.choice(buckets_ms), 0.0])
        hub.inference_completed(model, latency_ms=ms)
        events.labels("inference_completed", model, "info").inc()
        latency.labels(model).observe(ms / 1000)
    ours = parsed(collector, format)
    theirs = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in registry.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }
    assert theirs
    assert {key: ours.get(key) for key in theirs} == theirs
    assert {key for key in ours if key[0].startswith("driftline_inference")} <= set(theirs)


def test_events_count_by_kind_model_and_severity():
    hub, collector = registered()
    hub.inference_failed("fraud:1", message="timed out")
    hub.inference_failed("fraud:1", message="timed out")
    hub.emit("accuracy", 0.9, severity="warning")
    hub.emit("cache_hit", model="fraud:1", severity=5)
    samples = parsed(collector)
    name = "driftline_events_total"
    failed = {"kind": "inference_failed", "model": "fraud:1", "severity": "error"}
    assert number(samples, name, **failed) == 2
    assert number(samples, name, kind="accuracy", model="", severity="warning") == 1
    assert number(samples, name, kind="cache_hit", model="fraud:1", severity="trace") == 1
    assert len(labels_of(samples, name)) == 3


def test_no_other_counter_carries_the_kind():
    hub, collector = registered()
    for kind in ("accuracy", "drift_detected", "inference_completed", "anything"):
        hub.emit(kind, 0.5)
    for name, *_, samples in collector._families():
        for suffix, labels, _ in samples:
            if suffix == "_total" and "kind" in labels:
                assert name == "driftline_events"


def test_many_values_at_once_are_the_same_as_one_by_one():
    values = [3.0, 30.0, float("nan"), 300.0, -1.0, 3000.0, float("inf"), 0.0, 10.0]
    hubs, collectors = [], []
    for at_once in (True, False):
        hub, collector = registered()
        for kind in ("inference_completed", "drift_score", "observation", "own_kind"):
            if at_once:
                hub.emit_many(kind, values, model="m", feature="f")
            else:
                for value in values:
                    hub.emit(kind, value, model="m", feature="f")
        hubs.append(hub)
        collectors.append(collector)
    assert collectors[0].render() == collectors[1].render()
    samples = parsed(collectors[0])
    kind = {"kind": "inference_completed", "model": "m", "severity": "info"}
    assert number(samples, "driftline_events_total", **kind) == len(values)
    assert number(samples, "driftline_inference_latency_seconds_count", model="m") == 6


def test_last_value_of_every_kind_that_is_a_metric():
    hub, collector = registered()
    hub.log_metrics("fraud:1", accuracy=0.5, f1=0.25)
    hub.log_metrics("fraud:1", accuracy=0.75)
    hub.emit("latency_p99", 80, model="fraud:1")
    hub.emit("queue_length", 4)
    hub.emit("drift_score", 1.5, model="fraud:1", feature="age")
    hub.emit("observation", 3.0, feature="age")  # raw data
    hub.inference_completed("fraud:1", latency_ms=3)  # has a histogram
    hub.emit("training_completed", 3.0)  # a counter
    hub.emit("accuracy")  # no value: the last one stays
    samples = parsed(collector)
    found = {
        (labels["kind"], labels["model"], labels["feature"]): number(
            samples, "driftline_metric", **labels
        )
        for labels in labels_of(samples, "driftline_metric")
    }
    assert found == {
        ("accuracy", "fraud:1", ""): 0.75,
        ("f1", "fraud:1", ""): 0.25,
        ("latency_p99", "fraud:1", ""): 80,
        ("queue_length", "", ""): 4,
        ("drift_score", "fraud:1", "age"): 1.5,
    }


def test_custom_kinds_are_what_their_definition_says():
    dl.Kind.define("metrics_test_hits", type="counter")
    dl.Kind.define("metrics_test_level", type="gauge", unit="bar")
    dl.Kind.define("metrics_test_size", type="histogram", unit="kB")
    hub, collector = registered()
    sizes = [0.5, 1, 4000, 1e9, 2]
    for size in sizes:
        hub.emit("metrics_test_hits", size)
        hub.emit("metrics_test_level", size)
        hub.emit("metrics_test_size", size, model="m")
    hub.emit("metrics_test_size", -1, model="m")
    samples = parsed(collector)
    kinds = {labels["kind"] for labels in labels_of(samples, "driftline_metric")}
    assert kinds == {"metrics_test_level"}
    labels = {"kind": "metrics_test_size", "model": "m", "feature": ""}
    assert number(samples, "driftline_values_count", **labels) == len(sizes)
    assert number(samples, "driftline_values_sum", **labels) == sum(sizes)
    assert number(samples, "driftline_values_bucket", **labels, le="1.0") == 2
    assert number(samples, "driftline_values_bucket", **labels, le="5000.0") == 4
    assert number(samples, "driftline_refused_values_total") == 1


def test_drift_statistic_and_p_value():
    hub, collector = registered()
    hub.register(
        dl.DriftDetector([0.5] * 5, window_size=3, threshold=0.05, feature="age"), priority=1
    )
    heard = []
    hub.register(heard.append, kinds=["drift_detected", "drift_resolved"])
    for value in (0.6, 0.62, 0.65):
        hub.emit("observation", value, feature="age", model="fraud:1")
    labels = {"model": "fraud:1", "feature": "age", "test": "mean_shift"}
    samples = parsed(collector)
    assert number(samples, "driftline_drift_statistic", **labels) == heard[-1].value
    assert not labels_of(samples, "driftline_drift_p_value")
    for _ in range(3):
        hub.emit("observation", 0.5, feature="age", model="fraud:1")
    assert heard[-1].kind == "drift_resolved"
    assert number(parsed(collector), "driftline_drift_statistic", **labels) == heard[-1].value
    hub.emit("drift_score", 0.25, p_value=0.5, metadata={"test": "own"})
    hub.emit("drift_score", 0.125, metadata={"test": 3})
    samples = parsed(collector)
    own = {"model": "", "feature": "", "test": "own"}
    assert number(samples, "driftline_drift_statistic", **own) == 0.25
    assert number(samples, "driftline_drift_p_value", **own) == 0.5
    assert number(samples, "driftline_drift_statistic", model="", feature="", test="") == 0.125
    hub.emit("drift_score", 0.5, metadata={"test": "own"})  # a look without p-value
    samples = parsed(collector)
    assert number(samples, "driftline_drift_statistic", **own) == 0.5
    assert not labels_of(samples, "driftline_drift_p_value")


def test_usable_without_a_hub():
    collector = dl.MetricsCollector()
    collector.on_event(event("accuracy", 0.5, model="m"))
    labels = {"kind": "accuracy", "model": "m", "feature": ""}
    assert number(parsed(collector), "driftline_metric", **labels) == 0.5
    with pytest.raises(dl.InvalidTypeError, match=r"^event: got 'accuracy'"):
        collector.on_event("accuracy")


# --- what would poison -------------------------------------------------------

POISON = [float("nan"), float("inf"), float("-inf")]


@pytest.mark.parametrize("poison", POISON)
@pytest.mark.parametrize("kind", ["inference_completed", "accuracy", "own_kind", "drift_score"])
def test_poison_is_refused_and_counted(kind, poison):
    hub, collector = registered()
    hub.emit(kind, 20.0)
    before = parsed(collector)
    hub.emit(kind, poison)
    after = parsed(collector)
    changed = {key for key in after if after[key] != before.get(key)}
    assert {name for name, _ in changed} == {
        "driftline_events_total",
        "driftline_refused_values_total",
        "driftline_observer_calls_total",
    }
    assert collector.n_refused == number(after, "driftline_refused_values_total") == 1


def test_latencies_that_cannot_be_are_refused():
    hub, collector = registered()
    for ms in (5.0, -1.0, 1e12, 1.001e12, 1.7e308):
        hub.emit("inference_completed", ms)
    samples = parsed(collector)
    total = number(samples, "driftline_inference_latency_seconds_sum", model="")
    assert total == pytest.approx(1e9 + 0.005, rel=1e-15)
    assert number(samples, "driftline_inference_latency_seconds_count", model="") == 2
    assert collector.n_refused == 3


def test_p_value_that_is_none_is_refused():
    collector = dl.MetricsCollector()
    collector.on_event(event("drift_score", 1.0, p_value=float("nan")))
    samples = parsed(collector)
    assert number(samples, "driftline_drift_statistic", model="", feature="", test="") == 1
    assert not labels_of(samples, "driftline_drift_p_value")
    assert collector.n_refused == 1


# --- bounds ------------------------------------------------------------------


def test_models_beyond_the_most_share_one_series():
    hub, collector = registered(max_models=2)
    for model in ("a", "b", "c", "d", "a"):
        hub.inference_completed(model, latency_ms=20)
        hub.emit("accuracy", 0.5, model=model)
        hub.emit("own_kind", 0.5, model=model)
    samples = parsed(collector)
    name = "driftline_inference_latency_seconds_count"
    counts = {
        labels["model"]: number(samples, name, **labels) for labels in labels_of(samples, name)
    }
    assert counts == {"a": 2, "b": 1, "__overflow__": 2}
    for name in ("driftline_events_total", "driftline_metric"):
        assert {labels["model"] for labels in labels_of(samples, name)} == {
            "a",
            "b",
            "__overflow__",
        }
    assert number(samples, "driftline_series_overflow_total", label="model") == 6


def test_features_and_kinds_beyond_the_most_share_one_series():
    hub, collector = registered(max_models=2)
    for name in ("a", "b", "c", "d", "a"):
        hub.emit("drift_score", 1.0, feature=name)
        hub.emit(f"kind_{name}", 1.0)
    samples = parsed(collector)
    features = {labels["feature"] for labels in labels_of(samples, "driftline_drift_statistic")}
    assert features == {"a", "b", "__overflow__"}
    kinds = {
        labels["kind"]: number(samples, "driftline_events_total", **labels)
        for labels in labels_of(samples, "driftline_events_total")
    }
    assert kinds == {"drift_score": 5, "kind_a": 2, "kind_b": 1, "__overflow__": 2}
    assert number(samples, "driftline_series_overflow_total", label="feature") == 2
    assert number(samples, "driftline_series_overflow_total", label="kind") == 2


def test_products_of_labels_are_bounded_too():
    hub, collector = registered(max_models=3)
    for model in "abc":
        for feature in "abc":
            for kind in ("k1", "k2", "k3", "accuracy"):
                hub.emit(kind, 1.0, model=model, feature=feature)
    samples = parsed(collector)
    gauges = labels_of(samples, "driftline_metric")
    assert len(gauges) == 30 + 1
    assert {"kind": "__overflow__", "model": "__overflow__", "feature": "__overflow__"} in gauges
    assert number(samples, "driftline_series_overflow_total", label="all") == 6


@pytest.mark.parametrize("own", [None, 5])
def test_the_bound_is_the_hubs_unless_it_is_given(own):
    hub = dl.Hub(max_models=3)
    collector = dl.MetricsCollector(max_models=own)
    hub.register(collector)
    for i in range(8):
        hub.emit("accuracy", 0.5, model=f"m{i}")
    models = labels_of(parsed(collector), "driftline_metric")
    assert len(models) == (own or 3) + 1


def test_series_idle_for_a_day_make_room():
    collector = dl.MetricsCollector(max_models=1)
    collector.on_event(event("accuracy", 0.5, model="old", timestamp="2024-01-01T00:00:00Z"))
    collector.on_event(event("accuracy", 0.5, model="new", timestamp="2024-01-02T00:00:01Z"))
    models = [labels["model"] for labels in labels_of(parsed(collector), "driftline_events_total")]
    assert models == ["new"]
    assert number(parsed(collector), "driftline_series_overflow_total", label="model") == 0


@pytest.mark.parametrize("format", FORMATS)
def test_models_that_look_alike_are_one_series(format):
    hub, collector = registered(max_models=3)
    for model in ({"name": "a", "version": "1"}, {"name": "a:1"}, "__overflow__", "b", "c"):
        hub.inference_completed(model, latency_ms=20)
    samples = parsed(collector, format)  # which would find a series that comes twice
    name = "driftline_inference_latency_seconds_count"
    counts = {
        labels["model"]: number(samples, name, **labels) for labels in labels_of(samples, name)
    }
    assert counts == {"a:1": 2, "__overflow__": 3}


# --- the text ----------------------------------------------------------------

NASTY = [
    'say "hi"',
    "back\\slash",
    "line\nfeed",
    "\\n",
    'a\\"b',
    "Grüße 漂移 🙂",
    "{x=1}",
    "a,b # c",
    " ",
]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("text", NASTY)
def test_labels_come_back_as_they_went_in(text, format):
    hub, collector = registered()
    hub.emit("drift_score", 0.5, feature=text, metadata={"test": text})
    kind, model = f"x{text}x", f"m{text}m"
    hub.emit(kind, 0.25, model={"name": model}, feature=text)
    hub.register(lambda event: None, name=text)
    samples = parsed(collector, format)
    labels = {"kind": kind, "model": model, "feature": text}
    assert number(samples, "driftline_metric", **labels) == 0.25
    drift = {"model": "", "feature": text, "test": text}
    assert number(samples, "driftline_drift_statistic", **drift) == 0.5
    assert number(samples, "driftline_observer_calls_total", observer=text) == 0


@pytest.mark.parametrize("format", FORMATS)
def test_numbers_come_back_as_they_went_in(format):
    rng = random.Random(3)
    numbers = [0.1, 1 / 3, 1e300, -5e-324, 1e16, 123456789.0, -0.0, 2.0**53 + 2, 1e-7]
    numbers += [rng.uniform(-1, 1) * 10 ** rng.uniform(-300, 300) for _ in range(200)]
    collector = dl.MetricsCollector()
    for i, value in enumerate(numbers):
        collector.on_event(event("accuracy", value, feature=str(i)))
    samples = parsed(collector, format)
    for i, value in enumerate(numbers):
        labels = {"kind": "accuracy", "model": "", "feature": str(i)}
        assert number(samples, "driftline_metric", **labels) == value


def test_text_as_prometheus_client_writes_it():
    """The same families, written by it, parse to the same samples and types."""
    hub, collector = registered()
    hub.inference_completed("fraud:1", latency_ms=20)
    hub.log_metrics("fraud:1", accuracy=0.5)
    hub.emit("drift_score", 0.5, p_value=0.25, metadata={"test": "own"})
    registry = prometheus_client.CollectorRegistry()
    collector.register(registry)
    families = text_parser.text_string_to_metric_families
    theirs = {
        family.name: (family.type, family.documentation, family.samples)
        for family in families(prometheus_client.generate_latest(registry).decode())
    }
    ours = {
        family.name: (family.type, family.documentation, family.samples)
        for family in families(collector.render())
    }
    assert ours == theirs


def test_openmetrics_says_the_unit_and_ends():
    hub, collector = registered()
    hub.inference_completed("fraud:1", latency_ms=20)
    families = openmetrics_parser.text_string_to_metric_families(collector.render("openmetrics"))
    units = {family.name: (family.type, family.unit) for family in families}
    assert units["driftline_inference_latency_seconds"] == ("histogram", "seconds")
    assert units["driftline_events"] == ("counter", "")
    assert collector.render("openmetrics").endswith("\n# EOF\n")
    assert "# EOF" not in collector.render()
    assert "# UNIT" not in collector.render()


@pytest.mark.parametrize("format", FORMATS)
def test_an_empty_collector_is_valid(format):
    samples = parsed(dl.MetricsCollector(), format)
    assert set(samples.values()) == {0.0}
    assert number(samples, "driftline_refused_values_total") == 0


def test_the_order_does_not_depend_on_the_events():
    rng = random.Random(1)
    events = [
        event(kind, 0.5, model=model, feature=feature, severity=severity)
        for kind in ("accuracy", "zeta", "alpha", "inference_completed")
        for model in ("b", "a", None)
        for feature in ("y", "x", None)
        for severity in ("info", "error")
    ]
    texts = set()
    for _ in range(3):
        rng.shuffle(events)
        collector = dl.MetricsCollector()
        for one in events:
            collector.on_event(one)
        texts.add(collector.render())
    assert len(texts) == 1


# --- how the hub fares -------------------------------------------------------


def test_observers_of_the_hub_are_told_and_those_of_one_name_summed():
    hub, collector = registered()

    def broken(event):
        raise ValueError("no")

    hub.register(broken, name="twin")
    twin = hub.register(lambda event: None, name="twin")
    for _ in range(3):
        hub.emit("accuracy", 0.5)
    samples = parsed(collector)
    calls = "driftline_observer_calls_total"
    assert number(samples, calls, observer="twin") == 6
    assert number(samples, "driftline_observer_failures_total", observer="twin") == 3
    assert number(samples, calls, observer="metrics_collector") == 3
    assert number(samples, "driftline_cascade_drops_total") == 0
    # One of the two goes: the sum must not.
    twin.close()
    assert number(parsed(collector), calls, observer="twin") == 6
    hub.emit("accuracy", 0.5)
    assert number(parsed(collector), calls, observer="twin") == 7


def test_chains_that_are_too_long_are_told():
    hub, collector = dl.Hub(max_cascade_depth=2), dl.MetricsCollector()
    hub.register(collector)
    hub.register(lambda event: hub.emit("answer"), name="echo")
    hub.emit("accuracy", 0.5)
    assert number(parsed(collector), "driftline_cascade_drops_total") == 1


def test_a_collector_of_several_hubs_sees_them_all():
    collector = dl.MetricsCollector()
    hubs = [dl.Hub() for _ in range(3)]
    for hub in hubs:
        hub.register(collector, name="metrics")
        hub.register(collector, name="again", kinds=["f1"])  # joins a second time
        hub.emit("accuracy", 0.5)
    samples = parsed(collector)
    assert number(samples, "driftline_observer_calls_total", observer="metrics") == 3
    assert number(samples, "driftline_observer_calls_total", observer="again") == 0


def test_a_hub_that_is_gone_is_told_no_more():
    hub, collector = registered()
    hub.emit("accuracy", 0.5, model="m")
    assert labels_of(parsed(collector), "driftline_observer_calls_total")
    del hub
    gc.collect()
    samples = parsed(collector)
    assert not labels_of(samples, "driftline_observer_calls_total")
    labels = {"kind": "accuracy", "model": "m", "feature": ""}
    assert number(samples, "driftline_metric", **labels) == 0.5  # what it saw stays


def test_the_collector_does_not_keep_its_hub_alive():
    import weakref

    collector = dl.MetricsCollector()
    reference = weakref.ref(collector)
    hub = dl.Hub()
    hub.register(collector)
    del collector
    gc.collect()
    assert reference() is not None  # the hub holds it
    del hub
    gc.collect()
    assert reference() is None


# --- threads -----------------------------------------------------------------


def test_scrapes_during_emissions_see_counters_that_only_rise():
    hub, collector = registered()
    emissions, emitters = 2000, 3
    done = threading.Event()

    def emit():
        for i in range(emissions):
            hub.inference_completed(f"m{i % 5}", latency_ms=20)
            hub.emit("own_kind", float(i))

    problems = []

    def scrape():
        before = {}
        last_round = False
        while not last_round:
            last_round = done.is_set()
            now = parsed(collector)
            for key, value in before.items():
                if key[0].endswith(("_total", "_count", "_bucket", "_sum")) and now[key] < value:
                    problems.append((key, value, now[key]))
            before = now

    scraper = threading.Thread(target=scrape)
    threads = [threading.Thread(target=emit) for _ in range(emitters)]
    for thread in [scraper, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    scraper.join()
    assert not problems
    samples = parsed(collector)
    labels = {"kind": "own_kind", "model": "", "severity": "info"}
    assert number(samples, "driftline_events_total", **labels) == emissions * emitters
    counts = [
        number(samples, "driftline_inference_latency_seconds_count", model=f"m{i}")
        for i in range(5)
    ]
    assert sum(counts) == emissions * emitters


def test_a_scrape_from_within_an_observer_works():
    hub, collector = registered()
    seen = []
    hub.register(lambda event: seen.append(parsed(collector)))
    hub.emit("accuracy", 0.5)
    labels = {"kind": "accuracy", "model": "", "severity": "info"}
    assert number(seen[0], "driftline_events_total", **labels) == 1


# --- protobuf ----------------------------------------------------------------


def fields(message):
    """(field, value) of a protobuf message: ints, 8 bytes as float, bytes."""
    import struct

    at, found = 0, []

    def varint():
        nonlocal at
        number = shift = 0
        while True:
            byte = message[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            found.append((key >> 3, varint()))
        elif key & 7 == 1:
            found.append((key >> 3, struct.unpack("<d", message[at : at + 8])[0]))
            at += 8
        else:
            assert key & 7 == 2
            length = varint()
            found.append((key >> 3, message[at : at + length]))
            at += length
    return found


def delimited(body):
    """The messages in a body, each behind its length."""
    while body:
        length, shift, at = 0, 0, 0
        while True:
            length |= (body[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if body[at - 1] < 0x80:
                break
        yield body[at : at + length]
        body = body[at + length :]


def unzigzag(number):
    return (number >> 1) ^ -(number & 1)


def varints(packed):
    number = shift = 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield number
            number = shift = 0


def families_of(collector):
    content_type, body = collector.negotiate(PROTOBUF)
    assert content_type.startswith("application/vnd.google.protobuf")
    families = {}
    for message in delimited(body):
        parts = fields(message)
        (name,) = [value.decode() for field, value in parts if field == 1]
        families[name] = parts
    return families


def test_protobuf_says_the_same_as_text():
    hub, collector = registered()
    hub.inference_completed("fraud:1", latency_ms=20)
    hub.log_metrics("fraud:1", accuracy=-0.5)
    found = {}
    for name, parts in families_of(collector).items():
        kind = dict(parts)[3]
        for metric in (value for field, value in parts if field == 4):
            parts_of_metric = fields(metric)
            labels = frozenset(
                (dict(fields(pair))[1].decode(), dict(fields(pair))[2].decode())
                for field, pair in parts_of_metric
                if field == 1
            )
            value = fields(dict(parts_of_metric)[{0: 3, 1: 2, 4: 7}[kind]])
            if kind == 4:
                found[f"{name}_count", labels] = dict(value)[1]
                found[f"{name}_sum", labels] = dict(value)[2]
                for bucket in (dict(fields(b)) for field, b in value if field == 3):
                    le = prometheus_client.utils.floatToGoString(bucket[2])
                    found[f"{name}_bucket", labels | {("le", le)}] = bucket[1]
            else:
                found[name, labels] = dict(value)[1]
    assert found == parsed(collector)


def test_native_histogram_holds_every_latency_in_its_bucket():
    rng = random.Random(5)
    latencies = [rng.lognormvariate(-3, 2) for _ in range(3000)]
    latencies += [0.0, 1e-12, 0.25, 0.5, 1.0, 2.0]
    hub, collector = registered()
    for seconds in latencies:
        hub.inference_completed("m", latency_ms=seconds * 1000)
    parts = families_of(collector)["driftline_inference_latency_seconds"]
    (metric,) = [value for field, value in parts if field == 4]
    histogram = fields(dict(fields(metric))[7])
    one = dict(histogram)
    schema = unzigzag(one[5])
    assert schema == 3
    zero_threshold = one[6]
    assert one[7] == sum(s <= zero_threshold for s in latencies) == 2
    counts, number_of = [], []
    at = 0
    for span in (dict(fields(s)) for field, s in histogram if field == 12):
        at += unzigzag(span[1])
        number_of += range(at, at + span[2])
        at += span[2]
    count = 0
    for delta in varints(one[13]):
        count += unzigzag(delta)
        counts.append(count)
    assert len(counts) == len(number_of)
    assert sum(counts) + one[7] == one[1] == len(latencies)
    # Independent of the bits of a float: bucket i is (2^((i-1)/8), 2^(i/8)].
    base = 2 ** (2**-schema)
    expected = {}
    for s in (s * 1000 / 1000 for s in latencies if s > zero_threshold):
        i = next(i for i in range(-300, 300) if s <= base**i * (1 + 1e-14))
        expected[i] = expected.get(i, 0) + 1
    assert dict(zip(number_of, counts, strict=True)) == expected


def test_native_histogram_can_be_left_out():
    hub, collector = registered(native_histogram=False)
    hub.inference_completed("m", latency_ms=20)
    parts = families_of(collector)["driftline_inference_latency_seconds"]
    (metric,) = [value for field, value in parts if field == 4]
    assert {field for field, _ in fields(dict(fields(metric))[7])} == {1, 2, 3}


def test_bounds_are_written_as_prometheus_client_writes_them():
    bounds_ms = [1e-06, 0.005, 0.01, 0.1, 250, 1000, 10_000, 2.5e8, 1e09, 2.5e09]
    bounds_s = [bound / 1000 for bound in bounds_ms]
    collector = dl.MetricsCollector(buckets_ms=bounds_ms)
    collector.on_event(event("inference_completed", 1.0))
    registry = prometheus_client.CollectorRegistry()
    theirs = prometheus_client.Histogram("x", "x", buckets=bounds_s, registry=registry)
    theirs.observe(1.0)
    pattern = 'le="([^"]+)"'
    expected = re.findall(pattern, prometheus_client.generate_latest(registry).decode())
    assert expected == re.findall(pattern, collector.render())
    collector.register(registry)
    assert prometheus_client.generate_latest(registry).decode().count('le="5e-06"') == 2


# --- prometheus_client -------------------------------------------------------


def test_joins_a_registry_beside_its_own_metrics():
    registry = prometheus_client.CollectorRegistry()
    prometheus_client.Counter("own", "x", registry=registry).inc()
    hub, collector = registered()
    collector.register(registry)
    collector.register(registry)  # a second time changes nothing
    hub.emit("accuracy", 0.5, model="m")
    labels = {"kind": "accuracy", "model": "m", "severity": "info"}
    assert registry.get_sample_value("driftline_events_total", labels) == 1
    assert registry.get_sample_value("own_total") == 1
    assert prometheus_client.generate_latest(registry).count(b"driftline_events_total{") == 1
    collector.unregister(registry)
    collector.unregister(registry)
    assert registry.get_sample_value("driftline_events_total", labels) is None


def test_two_in_one_registry_are_refused():
    registry = prometheus_client.CollectorRegistry()
    first, second = dl.MetricsCollector(), dl.MetricsCollector()
    first.register(registry)
    with pytest.raises(dl.InvalidValueError, match=r"registry: .* another MetricsCollector"):
        second.register(registry)
    second.register(prometheus_client.CollectorRegistry())
    first.unregister(registry)
    second.register(registry)


@pytest.mark.thread_unsafe(reason="the process's own registry")
def test_joins_the_default_registry():
    hub, collector = registered()
    collector.register()
    try:
        hub.emit("accuracy", 0.5)
        labels = {"kind": "accuracy", "model": "", "severity": "info"}
        get = prometheus_client.REGISTRY.get_sample_value
        assert get("driftline_events_total", labels) == 1
    finally:
        collector.unregister()
    assert get("driftline_events_total", labels) is None


@pytest.mark.thread_unsafe(reason="reads the log of the process")
def test_a_scrape_of_the_registry_never_raises(caplog):
    from driftline.metrics import RegistryCollector

    class Broken:
        def _families(self):
            raise RuntimeError("broken")

    assert list(RegistryCollector(Broken()).describe()) == []
    assert list(RegistryCollector(Broken()).collect()) == []
    assert "broken" in caplog.text


def test_refuses_what_is_no_registry():
    with pytest.raises(dl.InvalidTypeError, match=r"^registry: got 3 .*CollectorRegistry"):
        dl.MetricsCollector().register(3)


@pytest.mark.parametrize(
    ("package", "call"),
    [("prometheus_client", "register()"), ("opentelemetry.metrics", "instrument(None)")],
)
def test_a_missing_package_names_its_extra(package, call):
    code = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "import driftline as dl\n"
        f"try: dl.MetricsCollector().{call}\n"
        "except ImportError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    extra = package.partition("_")[0].partition(".")[0]
    assert f"pip install 'driftline[{extra}]'" in run.stdout, run.stderr


# --- HTTP --------------------------------------------------------------------


def get(server, path="/metrics", accept=None, method="GET"):
    request = urllib.request.Request(f"http://{server.host}:{server.port}{path}", method=method)
    if accept is not None:
        request.add_header("Accept", accept)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.headers["Content-Type"], answer.read()


def test_serves_metrics_in_the_format_that_is_asked_for():
    hub, collector = registered()
    hub.inference_completed("m", latency_ms=20)
    with collector.serve() as server:
        assert server.url == f"http://127.0.0.1:{server.port}/metrics"
        status, content_type, body = get(server)
        assert (status, content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
        assert body.decode() == collector.render()
        _, content_type, body = get(server, "/metrics?name=x", "application/openmetrics-text")
        assert content_type.startswith("application/openmetrics-text; version=1.0.0")
        assert body.decode() == collector.render("openmetrics")
        _, content_type, body = get(server, accept=f"{PROTOBUF};q=0.9,text/plain;q=0.5")
        assert (content_type, body) == collector.negotiate(PROTOBUF)


def test_serves_nothing_else():
    with dl.MetricsCollector().serve() as server:
        for path in ("/", "/metrics/x", "/etc/passwd"):
            with pytest.raises(urllib.error.HTTPError) as caught:
                get(server, path)
            assert caught.value.code == 404
            caught.value.close()
        with pytest.raises(urllib.error.HTTPError) as caught:
            get(server, method="POST")
        assert caught.value.code == 501
        caught.value.close()


def test_head_has_no_body():
    with dl.MetricsCollector().serve() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("HEAD", "/metrics")
            answer = connection.getresponse()
            assert answer.status == 200
            assert int(answer.headers["Content-Length"]) > 0
            assert answer.read() == b""


@pytest.mark.thread_unsafe(reason="the port that is let go could be taken meanwhile")
def test_a_closed_server_lets_go_of_its_port():
    server = dl.MetricsCollector().serve()
    port = server.port
    server.close()
    server.close()
    with pytest.raises(urllib.error.URLError):
        get(server)
    assert "closed" in repr(server)
    with dl.MetricsCollector().serve(port) as again:
        assert again.port == port


def test_refuses_ports_that_are_none():
    collector = dl.MetricsCollector()
    for port in (-1, 65_536):
        with pytest.raises(dl.InvalidValueError, match=r"^port: got .*from 0 to 65535"):
            collector.serve(port)
    with pytest.raises(dl.InvalidTypeError, match=r"^host: got 1 .*accepted: a str"):
        collector.serve(host=1)
    with pytest.raises(dl.InvalidTypeError, match=r"^port: got '80'"):
        collector.serve("80")
    with collector.serve() as server, pytest.raises(OSError, match="in use"):
        collector.serve(server.port)


def test_an_open_server_does_not_keep_the_program_from_ending():
    code = (
        "import driftline as dl, urllib.request\n"
        "server = dl.MetricsCollector().serve()\n"
        "print(len(urllib.request.urlopen(server.url).read()) > 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout, run.stderr) == (0, "True\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_has_no_server():
    # A process of its own: threads and fork do not mix within pytest.
    code = """
import os, socket, sys, warnings
import driftline as dl
warnings.simplefilter("ignore")
def sockets():
    names = []
    for number in os.listdir("/proc/self/fd"):
        try:
            names.append(os.readlink(f"/proc/self/fd/{number}"))
        except FileNotFoundError:  # the listing's own
            pass
    return sum(name.startswith("socket:") for name in names)
server = dl.MetricsCollector().serve()
dl.MetricsCollector().serve()  # and one that nobody kept
before = sockets()
pid = os.fork()
if pid == 0:
    held = sockets()
    server.close()  # must not wait for a thread that is not there
    os._exit(held)
_, status = os.waitpid(pid, 0)
server.close()
print(before - os.waitstatus_to_exitcode(status))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout) == (0, "2\n"), run.stderr


# --- OpenTelemetry -----------------------------------------------------------


def test_instruments_say_the_same_as_text():
    export = pytest.importorskip("opentelemetry.sdk.metrics.export")
    sdk = pytest.importorskip("opentelemetry.sdk.metrics")
    reader = export.InMemoryMetricReader()
    provider = sdk.MeterProvider(metric_readers=[reader], shutdown_on_exit=False)
    hub, collector = registered()
    collector.instrument(provider.get_meter("test"))
    for ms in (3, 20, 2000):
        hub.inference_completed("fraud:1", latency_ms=ms)
    hub.log_metrics("fraud:1", accuracy=0.5)
    hub.emit("drift_score", 0.5, p_value=0.25, feature="age", metadata={"test": "own"})
    data = reader.get_metrics_data()
    found, types = {}, {}
    for metric in data.resource_metrics[0].scope_metrics[0].metrics:
        types[metric.name] = type(metric.data).__name__
        for point in metric.data.data_points:
            found[metric.name, frozenset(point.attributes.items())] = point.value
    expected = {
        (name.removesuffix("_total"), frozenset(pair for pair in labels if pair[1])): value
        for (name, labels), value in parsed(collector).items()
    }
    assert found == expected
    assert types["driftline_events"] == "Sum"
    assert types["driftline_metric"] == "Gauge"
    provider.shutdown()


def test_refuses_what_is_no_meter():
    pytest.importorskip("opentelemetry.metrics")
    with pytest.raises(dl.InvalidTypeError, match=r"^meter: got None .*Meter"):
        dl.MetricsCollector().instrument(None)


# --- arguments ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("buckets", "error"),
    [
        ([], dl.InvalidValueError),
        ([10, 5], dl.InvalidValueError),
        ([10, 10], dl.InvalidValueError),
        ([0, 10], dl.InvalidValueError),
        ([-1, 10], dl.InvalidValueError),
        ([10, float("inf")], dl.InvalidValueError),
        ([float("nan")], dl.InvalidValueError),
        (range(1, 300), dl.InvalidValueError),
        ([5e-324, 1e-323], dl.InvalidValueError),
        ("10", dl.InvalidTypeError),
        (10, dl.InvalidTypeError),
        (None, dl.InvalidTypeError),
    ],
)
def test_refuses_buckets_that_are_none(buckets, error):
    with pytest.raises(error, match=r"^buckets_ms: got "):
        dl.MetricsCollector(buckets_ms=buckets)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"max_models": 0}, dl.InvalidValueError),
        ({"max_models": 1.5}, dl.InvalidTypeError),
        ({"native_histogram": "yes"}, dl.InvalidTypeError),
        ({"name": ""}, dl.InvalidValueError),
        ({"name": 3}, dl.InvalidTypeError),
    ],
)
def test_refuses_options_that_are_none(options, error):
    (name,) = options
    with pytest.raises(error, match=rf"^{name}: got "):
        dl.MetricsCollector(**options)


def test_refuses_formats_that_are_none():
    collector = dl.MetricsCollector()
    with pytest.raises(dl.InvalidValueError, match=r'^format: got "xml"; accepted: "text"'):
        collector.render("xml")
    with pytest.raises(dl.InvalidTypeError, match=r"^format: got 3"):
        collector.render(3)
    with pytest.raises(dl.InvalidTypeError, match=r"^accept: got b'x'"):
        collector.negotiate(b"x")


def test_many_buckets_are_found_by_search():
    bounds = [float(ms) for ms in range(1, 101)]
    collector = dl.MetricsCollector(buckets_ms=bounds)
    for ms in (0.5, 1.0, 1.5, 99.5, 100.0, 100.5):
        collector.on_event(event("inference_completed", ms))
    samples = parsed(collector)
    name = "driftline_inference_latency_seconds_bucket"
    assert number(samples, name, model="", le="0.001") == 2
    assert number(samples, name, model="", le="0.002") == 3
    assert number(samples, name, model="", le="0.1") == 5
    assert number(samples, name, model="", le="+Inf") == 6


def test_says_who_it_is():
    assert repr(dl.MetricsCollector()) == 'MetricsCollector(name="metrics_collector")'
    assert dl.MetricsCollector(name="m").name == "m"


@pytest.mark.thread_unsafe(reason="doctest redirects the standard output of the process")
def test_docstring_examples():
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner()
    for example in finder.find(dl.MetricsCollector, "MetricsCollector", module=False):
        runner.run(example)
    assert runner.summarize(verbose=False).failed == 0
    assert runner.summarize(verbose=False).attempted > 5
