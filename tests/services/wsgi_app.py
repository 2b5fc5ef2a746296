"""A service under gunicorn: its hub is made, and used, before the workers fork."""

import json
import os
from pathlib import Path

import driftline as dl

heard = []
hub = dl.Hub()
latency, metrics = dl.LatencyMonitor(), dl.MetricsCollector()
hub.register(latency, tick_s=0.05)
hub.register(metrics)
hub.register(heard.append, mode="queued", overflow="block", name="queued")
hub.emit("training_started")  # a worker's thread runs in the master now
hub.flush(10)
in_master = len(heard)


def application(environ, start_response):
    """Says who answers; every request is an inference."""
    if environ["PATH_INFO"] == "/metrics":
        content_type, body = metrics.negotiate(environ.get("HTTP_ACCEPT"))
    else:
        hub.inference_completed("model:1", latency_ms=1.5)
        content_type, body = "text/plain", str(os.getpid()).encode()
    start_response("200 OK", [("Content-Type", content_type)])
    return [body]


def report(folder):
    """Ends the hub and writes what came of it."""
    ended = hub.shutdown(10)
    found = {
        "left": ended.left,
        "heard": len(heard) - in_master,
        "latencies": latency.stats("model:1").n if latency.models() else 0,
    }
    Path(folder, f"{os.getpid()}.json").write_text(json.dumps(found))
