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


def call(connection, path, body=None, headers=None):
    """Status, type and body of an answer."""
    headers = {"Content-Type": "application/json"} | (headers or {})
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

    # July is hotter than January, whose flights the plan knows: the alert arrives.
    july, known = bodies(600)
    for number, body in enumerate(july):
        assert call(connection, "/predict", body, {"X-Request-Id": str(number)})[0] == 200
    alert = json.loads(alerts.next()[2])
    assert (alert["action"], alert["kind"]) == ("open", "drift_detected")
    told = {incident["feature"]: incident for incident in alert["incidents"]}
    assert alert["model"]["name"] == "arrival_delay"
    assert told["temp"]["value"] > 0.9
    assert None in told  # the table as a whole

    # Estimated before a label has come, and seen after.
    estimated = json.loads(call(connection, "/performance")[2])["metrics"]["mae"][0]
    assert estimated["realised"] is None
    assert estimated["low"] < estimated["estimate"] < estimated["high"]
    for number, delay in enumerate(known[:400]):
        status, _, text = call(connection, f"/labels/{number}", json.dumps(delay))
        assert (status, json.loads(text)["matched"]) == (200, 1)
    seen = json.loads(call(connection, "/performance")[2])["metrics"]["mae"][0]
    assert 5 < seen["realised"] < 60
    assert seen["coverage"] == pytest.approx(400 / 600)
    assert "<html" in call(connection, "/report")[2]

    _, content_type, text = call(connection, "/metrics")
    assert content_type.startswith("text/plain")
    samples = {}
    for family in parser.text_string_to_metric_families(text):
        for sample in family.samples:
            kind, feature = sample.labels.get("kind"), sample.labels.get("feature")
            samples[sample.name, kind or feature] = sample.value
    # The refused one was answered as well; it was not predicted from.
    assert samples["driftline_events_total", "inference_completed"] == len(july) + 2
    assert samples["driftline_events_total", "drift_detected"] == len(told)
    assert samples["driftline_drift_statistic", "temp"] > 0.9
    assert samples["driftline_inference_latency_seconds_count", None] == len(july) + 2

    process.send_signal(signal.SIGINT)
    _, log = process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGINT)  # uvicorn raises the signal anew
    assert "hub shut down, 0 events left" in log
