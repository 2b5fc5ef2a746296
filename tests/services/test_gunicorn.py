"""gunicorn with --preload: forked workers, one hub each."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def test_forked_workers_deliver_everything(tmp_path):
    pytest.importorskip("gunicorn")
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn_config.py", "wsgi_app"]
    environment = os.environ | {"REPORTS": str(tmp_path)}
    process = subprocess.Popen(
        command, cwd=HERE, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        found, booted = None, 0
        for line in process.stderr:
            found = found or re.search(r"Listening at: (http://\S+)", line)
            booted += "Booting worker" in line
            if found and booted == 2:
                break
        answers = []
        while len(answers) < 200 or len(set(answers)) < 2:
            assert len(answers) < 5_000, "one worker answers everything"
            with urllib.request.urlopen(found[1], timeout=30) as answer:
                answers.append(int(answer.read()))
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, log
    reports = {int(path.stem): json.loads(path.read_text()) for path in tmp_path.iterdir()}
    assert set(reports) == set(answers)
    for pid, report in reports.items():
        assert report["left"] == 0
        assert report["heard"] == report["latencies"] == answers.count(pid)
