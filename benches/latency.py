"""A latency monitor on the hub and alone, beside prometheus_client's
``Histogram.observe`` and, where it is installed, OpenTelemetry's
``Histogram.record``."""

import numpy as np
import prometheus_client
from measure import best, table

import driftline as dl

try:
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
except ImportError:
    MeterProvider = None

CHUNK = 100_000
MODEL = "fraud:1.2.0"
PEER = "prometheus_client Histogram.observe"
LATENCIES = np.random.default_rng(1).lognormal(3.0, 0.5, size=CHUNK)


def hub_with(**options):
    hub = dl.Hub()
    hub.register(dl.LatencyMonitor(**options))
    return hub


def emit(hub):
    def run(n):
        emit = hub.emit
        for _ in range(n):
            emit("inference_completed", 21.5)

    return run


def inference_completed(hub):
    def run(n):
        completed = hub.inference_completed
        for _ in range(n):
            completed(MODEL, latency_ms=21.5)

    return run


def emit_many(hub):
    def run(n):
        for _ in range(n):
            hub.emit_many("inference_completed", LATENCIES, model=MODEL)

    return run


def update(monitor):
    def run(n):
        update = monitor.update
        for _ in range(n):
            update(21.5, MODEL)

    return run


def update_many(monitor):
    def run(n):
        for _ in range(n):
            monitor.update_many(LATENCIES, MODEL)

    return run


def prometheus():
    registry = prometheus_client.CollectorRegistry()
    histogram = prometheus_client.Histogram(
        "latency", "Latencies.", ["model"], registry=registry
    ).labels(MODEL)

    def run(n):
        observe = histogram.observe
        for _ in range(n):
            observe(0.0215)

    return run


def opentelemetry():
    provider = MeterProvider([InMemoryMetricReader()], shutdown_on_exit=False)
    histogram = provider.get_meter("bench").create_histogram("latency", unit="s")
    attributes = {"model": MODEL}

    def run(n):
        record = histogram.record
        for _ in range(n):
            record(0.0215, attributes)

    return run


def main():
    slo = {"slo_ms": 500.0}
    burn = {**slo, "burn_rates": ((14.4, 3600, 300), (6, 21600, 1800))}
    contenders = {
        "hub.emit(kind, value)": emit(hub_with()),
        "hub.emit(kind, value), slo_ms": emit(hub_with(**slo)),
        "hub.emit(kind, value), two burn rates": emit(hub_with(**burn)),
        "hub.inference_completed(model, latency_ms=)": inference_completed(hub_with(**slo)),
        "hub.emit_many": emit_many(hub_with()),
        "hub.emit_many, slo_ms": emit_many(hub_with(**slo)),
        "monitor.update": update(dl.LatencyMonitor(**slo)),
        "monitor.update_many": update_many(dl.LatencyMonitor(**slo)),
        PEER: prometheus(),
    }
    if MeterProvider is not None:
        contenders["OpenTelemetry Histogram.record"] = opentelemetry()
    ns = best(contenders)
    for name in ns:
        if "many" in name:
            ns[name] /= CHUNK
    goals = {"hub.emit(kind, value)": "120 ns", "hub.emit_many": "4 ns"}
    table(
        "one latency to a LatencyMonitor",
        ["through", "ns a latency", f"{PEER} takes", "goal"],
        [
            [name, f"{t:,.1f}", f"{ns[PEER] / t:,.1f}x", goals.get(name, "")]
            for name, t in ns.items()
        ],
    )


if __name__ == "__main__":
    main()
