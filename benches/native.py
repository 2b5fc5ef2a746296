"""A native drift detector on the hub, a sample at a time and an array at a time,
beside prometheus_client's ``Histogram.observe``."""

import numpy as np
import prometheus_client
from measure import best, table

import driftline as dl

CHUNK = 100_000


def detector():
    baseline = np.random.default_rng(1).normal(size=1_000)
    hub = dl.Hub()
    hub.register(dl.DriftDetector(baseline, window_size=1_000, threshold=10.0))
    return hub


def one_by_one(hub):
    def run(n):
        emit = hub.emit
        for _ in range(n):
            emit("observation", 0.31)

    return run


def array(hub):
    values = np.random.default_rng(2).normal(size=CHUNK)

    def run(n):
        for _ in range(n):
            hub.emit_many("observation", values)

    return run


def prometheus():
    registry = prometheus_client.CollectorRegistry()
    histogram = prometheus_client.Histogram("value", "Observed values.", registry=registry)

    def run(n):
        observe = histogram.observe
        for _ in range(n):
            observe(0.31)

    return run


def main():
    ns = best(
        {
            "emit": one_by_one(detector()),
            "emit_many": array(detector()),
            "prometheus_client Histogram.observe": prometheus(),
        }
    )
    ns["emit_many"] /= CHUNK
    peer = ns["prometheus_client Histogram.observe"]
    goals = {"emit": "120 ns", "emit_many": "4 ns"}
    table(
        "one sample to a native DriftDetector (mean_shift, window of 1,000)",
        ["through", "ns a sample", "the peer takes", "goal"],
        [[name, f"{t:,.1f}", f"{peer / t:,.1f}x", goals.get(name, "")] for name, t in ns.items()],
    )


if __name__ == "__main__":
    main()
