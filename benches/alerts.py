"""What an emitter pays while alerts cannot be delivered.

The same events are emitted on a hub whose sink answers, and on hubs whose sinks hang,
refuse or fail: the ratios of these are what counts. A drift event of every model opens
an incident; further ones are counted.
"""

import itertools
import logging
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

import driftline as dl

EVENTS = 20_000
ROUNDS = 9
logging.getLogger("driftline").setLevel(logging.CRITICAL)

forever = threading.Event()


def hangs(alert):
    forever.wait()


def refuses(alert):
    raise ValueError("no such channel")


def fails(alert):
    raise ConnectionError("no route")


class Answers(BaseHTTPRequestHandler):
    """A server that takes everything."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def emit_times(emit, models):
    """Nanoseconds of each emission."""
    clock = time.perf_counter_ns
    times = np.empty(EVENTS)
    for index, model in zip(range(EVENTS), itertools.cycle(models), strict=False):
        began = clock()
        emit("drift_detected", 0.3, model=model)
        times[index] = clock() - began
    return times


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    sinks = {
        "answers": [lambda alert: None],
        "hangs": [hangs],
        "refuses": [refuses],
        "fails": [fails],
        "HTTP, answers": [dl.WebhookSink(url)],
        "HTTP, no server": [dl.WebhookSink("http://127.0.0.1:9/")],
    }
    for label, models in (
        ("one incident, then nothing new", [dl.ModelId("fraud", "1")]),
        ("2,000 models, one incident each", [dl.ModelId(f"m{n}", "1") for n in range(2000)]),
    ):
        print(f"emit of an event that concerns alerts: {label}")
        figures = {name: [] for name in ("no dispatcher", *sinks)}
        for _ in range(ROUNDS):
            for name in figures:
                hub = dl.Hub()
                if name in sinks:
                    alerts = dl.AlertDispatcher(sinks[name], max_incidents=10_000)
                    hub.register(alerts)
                times = emit_times(hub.emit, models)
                figures[name].append((np.median(times), np.quantile(times, 0.999)))
        quiet = np.median(figures["answers"], axis=0)
        for name, rounds in figures.items():
            median, late = np.median(rounds, axis=0)
            print(
                f"  {name:16} p50 {median:7.0f} ns ({median / quiet[0]:4.2f}x)"
                f"   p99.9 {late:8.0f} ns ({late / quiet[1]:4.2f}x)"
            )
    server.shutdown()


if __name__ == "__main__":
    main()
