"""The examples, started and used as their docstrings say."""

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def service():
    """The FastAPI example under uvicorn, on a free port; its address and process."""
    pytest.importorskip("fastapi")
    pytest.importorskip("uvicorn")
    command = [sys.executable, "-m", "uvicorn", "examples.fastapi_service:app", "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if found := re.search(r"running on (http://\S+)", line):
                break
        else:
            raise AssertionError("uvicorn ended")
        yield found[1], process
    finally:
        process.kill()
        process.communicate()


def call(url, body=None):
    headers = {"Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


@pytest.mark.thread_unsafe(reason="starts a server")
def test_fastapi_service(service):
    parser = pytest.importorskip("prometheus_client.parser")
    url, process = service
    flight = {"dep_delay": 12.0, "distance": 1400.0, "temp": 39.0}
    answers = [json.loads(call(f"{url}/predict", flight)[1]) for _ in range(7)]
    assert all(answer == answers[0] for answer in answers)
    # Who departs twelve minutes late arrives about that late in January.
    assert -10 < answers[0]["arr_delay"] < 35
    with pytest.raises(urllib.error.HTTPError, match="422") as refused:
        call(f"{url}/predict", {"distance": 1400.0})
    assert "dep_delay is missing" in refused.value.read().decode()
    refused.value.close()

    content_type, text = call(f"{url}/metrics")
    assert content_type.startswith("text/plain")
    samples = {}
    for family in parser.text_string_to_metric_families(text):
        for sample in family.samples:
            samples[sample.name, sample.labels.get("kind")] = sample.value
    assert samples["driftline_events_total", "inference_completed"] == len(answers)
    assert samples["driftline_events_total", "inference_failed"] == 1
    assert samples["driftline_events_total", "observation"] == len(answers)
    assert samples["driftline_inference_latency_seconds_count", None] == len(answers)

    process.send_signal(signal.SIGINT)
    _, log = process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGINT)  # uvicorn raises the signal anew
    assert "hub shut down, 0 events left" in log
