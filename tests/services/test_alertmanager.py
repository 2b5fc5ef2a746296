"""A real Alertmanager receives, groups and resolves what a hub tells it."""

import contextlib
import http.server
import json
import queue
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime

import pytest

import driftline as dl

CONFIG = """
route:
  receiver: test
  group_by: [alertname, model]
  group_wait: 1s
  group_interval: 1s
  repeat_interval: 1h
receivers:
- name: test
  webhook_configs: [{{url: "http://127.0.0.1:{port}/", send_resolved: true}}]
"""
FEATURES = ["age", "city", "income"]
PATIENCE_S = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Handler(http.server.BaseHTTPRequestHandler):
    """Takes the notifications that Alertmanager sends."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.notifications.put(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def notified():
    """A server for notifications."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.notifications = queue.SimpleQueue()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def alertmanager(folder, receiver):
    """An Alertmanager that is ready; its URL."""
    if shutil.which("prometheus-alertmanager") is None:
        pytest.skip("no prometheus-alertmanager: apt-get install prometheus-alertmanager")
    config = folder / "alertmanager.yml"
    config.write_text(CONFIG.format(port=receiver.server_port))
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        "prometheus-alertmanager",
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--cluster.listen-address=",
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: ready(url))
            yield url
        finally:
            process.terminate()


def ready(url):
    try:
        with urllib.request.urlopen(f"{url}/-/ready", timeout=10) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError):
        return False


def until(holds):
    """Asks until it holds, or for long enough."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def active(url):
    """The alerts that fire, by feature."""
    with urllib.request.urlopen(f"{url}/api/v2/alerts?active=true", timeout=10) as answer:
        return {alert["labels"]["feature"]: alert for alert in json.load(answer)}


def hub_of(url, **options):
    hub = dl.Hub()
    sink = dl.AlertmanagerSink(url, labels={"team": "risk"}, timeout_s=PATIENCE_S, **options)
    alerts = dl.AlertDispatcher(sink)
    hub.register(alerts)
    return hub, alerts


def test_it_receives_groups_and_resolves(tmp_path):
    with notified() as receiver, alertmanager(tmp_path, receiver) as url:
        hub, alerts = hub_of(url)
        # Of a year that is replayed: what fires now may have begun long ago.
        began = datetime(2013, 7, 1, 5, tzinfo=UTC)
        for feature in FEATURES:
            hub.emit("drift_detected", 0.31, model="fraud:1", feature=feature, timestamp=began)
        assert hub.flush(PATIENCE_S)
        assert sorted(active(url)) == FEATURES
        alert = active(url)["age"]
        assert alert["labels"] == {
            "alertname": "drift_detected",
            "feature": "age",
            "model": "fraud",
            "model_version": "1",
            "severity": "error",
            "team": "risk",
        }
        assert alert["startsAt"] == "2013-07-01T05:00:00.000Z"
        summary = alert["annotations"]["summary"]
        assert summary.startswith("drift detected in fraud:1, feature age: 0.31")
        # One message for the group.
        firing = receiver.notifications.get(timeout=PATIENCE_S)
        assert firing["status"] == "firing"
        assert sorted(alert["labels"]["feature"] for alert in firing["alerts"]) == FEATURES

        for feature in FEATURES[:2]:
            hub.emit("drift_resolved", 0.01, model="fraud:1", feature=feature, timestamp=began)
        assert hub.flush(PATIENCE_S)
        until(lambda: list(active(url)) == FEATURES[2:])
        some = receiver.notifications.get(timeout=PATIENCE_S)
        statuses = {alert["labels"]["feature"]: alert["status"] for alert in some["alerts"]}
        assert statuses == {"age": "resolved", "city": "resolved", "income": "firing"}

        hub.emit("drift_resolved", 0.01, model="fraud:1", feature="income", timestamp=began)
        assert hub.flush(PATIENCE_S)
        until(lambda: not active(url))
        last = receiver.notifications.get(timeout=PATIENCE_S)
        assert last["status"] == "resolved"
        assert alerts.delivered == alerts.offered
        assert alerts.lost == {}
        hub.shutdown()


def test_what_fires_is_sent_again_and_ends_with_the_process(tmp_path):
    with notified() as receiver, alertmanager(tmp_path, receiver) as url:
        hub, _ = hub_of(url, resend_s=1.0)
        hub.emit("drift_detected", 0.31, model="fraud:1", feature="age")
        assert hub.flush(PATIENCE_S)
        first = active(url)["age"]["endsAt"]
        # It would have ended after 4 s; several words later it still fires.
        until(lambda: active(url)["age"]["endsAt"] > first)
        later = active(url)["age"]["endsAt"]
        until(lambda: active(url)["age"]["endsAt"] > later)
        hub.shutdown()
        # Nobody says that it still fires.
        until(lambda: not active(url))
        assert receiver.notifications.get(timeout=PATIENCE_S)["status"] == "firing"
        assert receiver.notifications.get(timeout=PATIENCE_S)["status"] == "resolved"
