"""What watching adds to a request, without a server: middleware, hub and monitor.

An ASGI application that answers at once is called with and without
``integrations.asgi.DriftlineMiddleware`` on a hub with metrics, latency and alerts, and with
``Monitor.observe(row, id=...)`` of six columns. Prints the difference at p50 and p99, round by
round.
"""

import asyncio
import time

import numpy as np

import driftline as dl
from driftline.integrations.asgi import DriftlineMiddleware

FEATURES = ("dep_delay", "distance", "temp", "wind_speed", "pressure")
REQUESTS = 20_000
ROUNDS = 3


async def answers(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def ignore(message):
    pass


async def microseconds(application):
    """Of each request, p50 and p99."""
    taken = []
    for number in range(REQUESTS):
        headers = [(b"x-request-id", str(number).encode())]
        scope = {"type": "http", "method": "POST", "path": "/predict", "headers": headers}
        begin = time.perf_counter_ns()
        await application(scope, None, ignore)
        taken.append(time.perf_counter_ns() - begin)
    return np.quantile(taken, [0.5, 0.99]) / 1e3


def main():
    rng = np.random.default_rng(0)
    names = (*FEATURES, "predicted", "arr_delay")
    baseline = {name: rng.normal(size=5_000) for name in names}
    plan = dl.fit(baseline, target="arr_delay", prediction="predicted", error_model=None)
    hub = dl.Hub()
    for observer in (
        dl.MetricsCollector(),
        dl.LatencyMonitor(slo_ms=50.0),
        dl.AlertDispatcher(lambda alert: None),
    ):
        hub.register(observer)
    monitor = plan.monitor(window=500, hub=hub)
    rows = [
        dict(zip(names[:-1], row, strict=True)) for row in rng.normal(size=(REQUESTS, 6)).tolist()
    ]

    async def observed(scope, receive, send):
        number = scope["headers"][0][1].decode()
        monitor.observe(rows[int(number)], id=number)
        await answers(scope, receive, send)

    watched = DriftlineMiddleware(
        observed, hub, model="delays:1", routes=["/predict"], id_header="x-request-id"
    )
    for number in range(ROUNDS):
        without = asyncio.run(microseconds(answers))
        added = asyncio.run(microseconds(watched)) - without
        print(f"round {number + 1}: added {added[0]:.1f} us at p50, {added[1]:.1f} us at p99")


if __name__ == "__main__":
    main()
