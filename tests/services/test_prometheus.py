"""A real Prometheus scrapes a real collector."""

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

import driftline as dl

CONFIG = """
global: {{scrape_interval: 1s}}
scrape_configs: [{{job_name: driftline, static_configs: [{{targets: ["{target}"]}}]}}]
"""
INFERENCES = 57
PATIENCE_S = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, query):
    """What Prometheus answers; nothing as long as it is not up."""
    url = f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            found = json.load(answer)["data"]["result"]
    except (urllib.error.URLError, ConnectionError):
        return None
    return float(found[0]["value"][1]) if found else None


def until(port, query, value):
    """Asks until the answer is right, or for long enough."""
    deadline, found = time.monotonic() + PATIENCE_S, None
    while time.monotonic() < deadline:
        found = ask(port, query)
        if found == pytest.approx(value):
            break
        time.sleep(0.1)
    return found


@pytest.mark.parametrize("native", [False, True])
def test_scraped_by_prometheus(tmp_path, native):
    if shutil.which("prometheus") is None:
        pytest.skip("no prometheus: apt-get install prometheus")
    hub, collector = dl.Hub(), dl.MetricsCollector()
    hub.register(collector)
    for _ in range(INFERENCES):
        hub.inference_completed("fraud:1", latency_ms=12.5)
    hub.log_metrics("fraud:1", accuracy=0.91)
    config, port = tmp_path / "prometheus.yml", free_port()
    with collector.serve() as server:
        config.write_text(CONFIG.format(target=f"127.0.0.1:{server.port}"))
        command = [
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        if native:
            command.append("--enable-feature=native-histograms")
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                assert until(port, 'up{job="driftline"}', 1) == 1
                counted = 'driftline_events_total{kind="inference_completed"}'
                assert until(port, counted, INFERENCES) == INFERENCES
                assert until(port, 'driftline_metric{kind="accuracy"}', 0.91) == 0.91
                name = "driftline_inference_latency_seconds"
                count = f"histogram_count({name})" if native else f"{name}_count"
                assert until(port, count, INFERENCES) == INFERENCES
                total = f"histogram_sum({name})" if native else f"{name}_sum"
                assert until(port, total, INFERENCES * 0.0125) == pytest.approx(INFERENCES * 0.0125)
            finally:
                process.terminate()
