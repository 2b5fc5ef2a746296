"""The examples, started and used as their docstrings say."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pytest
from receiver import receiver

ROOT = Path(__file__).parents[2]


@pytest.fixture
def service():
    """The service under uvicorn, on a free port: its process, a connection, its alerts."""
    for package in ("fastapi", "sklearn", "uvicorn"):
        pytest.importorskip(package)
    command = [sys.executable, "-m", "uvicorn", "examples.service.app:app", "--port", "0"]
    with receiver() as alerts:
        environment = os.environ | {"ALERTS_URL": alerts.url}
        process = subprocess.Popen(
            [*command, "--no-access-log"],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            for line in process.stderr:
                if found := re.search(r"running on (http://\S+)", line):
                    break
            else:
                raise AssertionError("uvicorn ended")
            address = urllib.parse.urlsplit(found[1])
            connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
            yield process, connection, alerts
            connection.close()
        finally:
            process.kill()
            process.communicate()


def call(connection, path, body=None):
    """Status, type and body of an answer."""
    headers = {"Content-Type": "application/json"}
    connection.request("GET" if body is None else "POST", path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.headers["Content-Type"], answer.read().decode()


@pytest.mark.thread_unsafe(reason="starts a server")
def test_service(service):
    parser = pytest.importorskip("prometheus_client.parser")
    sys.path.insert(0, str(ROOT))
    try:
        from examples.service.load import bodies
    finally:
        sys.path.remove(str(ROOT))
    process, connection, alerts = service
    # Who departs twelve minutes late arrives about that late in January.
    flight = json.dumps({"dep_delay": 12.0, "distance": 1400.0, "temp": 39.0})
    status, _, text = call(connection, "/predict", flight)
    assert status == 200
    assert -10 < json.loads(text)["arr_delay"] < 35
    assert call(connection, "/predict", json.dumps({"distance": 1400.0}))[0] == 422

    # July is hotter than January, whose flights the model knows: the alert arrives.
    july = bodies(600)
    assert {call(connection, "/predict", body)[0] for body in july} == {200}
    _, _, body = alerts.next()
    alert = json.loads(body)
    assert (alert["action"], alert["kind"]) == ("open", "drift_detected")
    assert alert["feature"] == "temp"
    assert alert["model"]["name"] == "arrival_delay"

    _, content_type, text = call(connection, "/metrics")
    assert content_type.startswith("text/plain")
    samples = {}
    for family in parser.text_string_to_metric_families(text):
        for sample in family.samples:
            samples[sample.name, sample.labels.get("kind")] = sample.value
    # The refused one was answered as well; it was not predicted from.
    assert samples["driftline_events_total", "inference_completed"] == len(july) + 2
    assert samples["driftline_events_total", "observation"] == len(july) + 1
    assert samples["driftline_events_total", "drift_detected"] == 1
    assert samples["driftline_inference_latency_seconds_count", None] == len(july) + 2

    process.send_signal(signal.SIGINT)
    _, log = process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGINT)  # uvicorn raises the signal anew
    assert "hub shut down, 0 events left" in log
