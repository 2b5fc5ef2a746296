"""Metrics of one event, and a scrape, beside prometheus_client and OpenTelemetry.

One event is an answered inference: counted by kind, model and severity, its
latency observed by model. The peers' best case has the labels resolved
beforehand; most programs look them up at every call.
"""

import prometheus_client
from measure import best, table
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

import driftline as dl

MODEL = "fraud:1.2.0"
SERIES = 1_000
CHUNK = 10_000
BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0]


def emit(hub):
    def run(n):
        emit = hub.emit
        for _ in range(n):
            emit("inference_completed", 31.0, model=MODEL)

    return run


def emit_many(hub):
    values = [31.0] * CHUNK

    def run(n):
        for _ in range(n):
            hub.emit_many("inference_completed", values, model=MODEL)

    return run


def on_event(collector):
    event = dl.Event("inference_completed", 31.0, model=MODEL)

    def run(n):
        take = collector.on_event
        for _ in range(n):
            take(event)

    return run


def with_collector():
    hub = dl.Hub()
    hub.register(dl.MetricsCollector())
    return hub


def peer():
    registry = prometheus_client.CollectorRegistry()
    events = prometheus_client.Counter(
        "events", "Events.", ["kind", "model", "severity"], registry=registry
    )
    latency = prometheus_client.Histogram(
        "latency", "Latency.", ["model"], buckets=BUCKETS, registry=registry
    )
    return registry, events, latency


def prometheus_resolved():
    _, events, latency = peer()
    event = events.labels("inference_completed", MODEL, "info")
    latency = latency.labels(MODEL)

    def run(n):
        inc, observe = event.inc, latency.observe
        for _ in range(n):
            inc()
            observe(0.031)

    return run


def prometheus_by_labels():
    _, events, latency = peer()

    def run(n):
        for _ in range(n):
            events.labels("inference_completed", MODEL, "info").inc()
            latency.labels(MODEL).observe(0.031)

    return run


def opentelemetry():
    provider = MeterProvider(metric_readers=[InMemoryMetricReader()], shutdown_on_exit=False)
    meter = provider.get_meter("bench")
    counter = meter.create_counter("events")
    histogram = meter.create_histogram("latency")
    labels = {"kind": "inference_completed", "model": MODEL, "severity": "info"}
    of_model = {"model": MODEL}

    def run(n):
        for _ in range(n):
            counter.add(1, labels)
            histogram.record(0.031, of_model)

    return run


def repeated(call):
    def run(n):
        for _ in range(n):
            call()

    return run


def scrapes():
    """Counters of 1,000 models each, and nothing else that is worth a line."""
    collector = dl.MetricsCollector()
    registry, events, _ = peer()
    for i in range(SERIES):
        collector.on_event(dl.Event("observation", 0.5, model=f"model_{i}:1"))
        events.labels("observation", f"model_{i}:1", "info").inc()
    assert collector.render().count("driftline_events_total{") == SERIES
    joined = prometheus_client.CollectorRegistry()
    collector.register(joined)
    return {
        "render()": repeated(collector.render),
        'render("openmetrics")': repeated(lambda: collector.render("openmetrics")),
        "negotiate(protobuf)": repeated(
            lambda: collector.negotiate(
                "application/vnd.google.protobuf;"
                "proto=io.prometheus.client.MetricFamily;encoding=delimited"
            )
        ),
        "generate_latest of a joined registry": repeated(
            lambda: prometheus_client.generate_latest(joined)
        ),
        "prometheus_client generate_latest": repeated(
            lambda: prometheus_client.generate_latest(registry)
        ),
    }


def main():
    ns = best(
        {
            "emit": emit(with_collector()),
            "emit, nobody listens": emit(dl.Hub()),
            "emit_many": emit_many(with_collector()),
            "on_event": on_event(dl.MetricsCollector()),
            "prometheus_client, labels resolved": prometheus_resolved(),
            "prometheus_client, labels per call": prometheus_by_labels(),
            "OpenTelemetry": opentelemetry(),
        }
    )
    ns["emit_many"] /= CHUNK
    resolved = ns["prometheus_client, labels resolved"]
    by_labels = ns["prometheus_client, labels per call"]
    goals = {"emit": "below 0.25"}
    table(
        "metrics of one inference: an event counted, its latency observed",
        ["through", "ns", "of the peer, resolved", "of the peer, per call", "goal"],
        [
            [name, f"{t:,.1f}", f"{t / resolved:.2f}", f"{t / by_labels:.2f}", goals.get(name, "")]
            for name, t in ns.items()
        ],
    )

    ns = best(scrapes(), rounds=30)
    theirs = ns["prometheus_client generate_latest"]
    table(
        f"a scrape of {SERIES:,} series",
        ["through", "us", "generate_latest takes", "goal"],
        [
            [name, f"{t / 1e3:,.0f}", f"{theirs / t:,.1f}x", "20x" if name == "render()" else ""]
            for name, t in ns.items()
        ],
    )


if __name__ == "__main__":
    main()
