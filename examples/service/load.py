"""What watching costs: the latency of requests with and without driftline.

``python -m examples.service.load`` starts the service twice, and sends both the same
flights in turns over a connection that stays open, so that whatever else the machine does
meets both.
"""

import argparse
import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import driftline as dl

ROOT = Path(__file__).parents[2]
FIELDS = ("dep_delay", "distance", "temp", "wind_speed", "pressure")
TURN = 100


def bodies(n: int) -> tuple[list[bytes], list[float]]:
    """Flights of July that arrived, as requests, and how late they did."""
    flights = dl.datasets.load_nyc_flights()
    july = flights["time_hour"].astype("datetime64[M]") == np.datetime64("2013-07")
    july &= ~np.isnan(flights["dep_delay"]) & ~np.isnan(flights["arr_delay"])
    columns = [flights[name] for name in FIELDS]  # type: ignore[literal-required]
    requests = [
        json.dumps(
            {k: None if np.isnan(v) else float(v) for k, v in zip(FIELDS, row, strict=True)}
        ).encode()
        for row in np.column_stack(columns)[july][:n]
    ]
    return requests, flights["arr_delay"][july][:n].tolist()


@contextlib.contextmanager
def service(**environment: str) -> Iterator[http.client.HTTPConnection]:
    """The service on a free port, and a connection to it."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "uvicorn", "examples.service.app:app"),
            *("--port", "0", "--no-access-log"),
        ],
        cwd=ROOT,
        env=os.environ | environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"running on http://([\d.]+):(\d+)", line):
                break
        else:
            raise SystemExit("uvicorn ended")
        connection = http.client.HTTPConnection(found[1], int(found[2]), timeout=30)
        with contextlib.closing(connection):
            yield connection
    finally:
        process.terminate()
        process.communicate()


def seconds(connection: http.client.HTTPConnection, body: bytes) -> float:
    """How long one request takes."""
    start = time.perf_counter()
    connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"the service answered {answer.status}")
    return time.perf_counter() - start


def main() -> None:
    """Measures, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=5_000, help="of each kind")
    sent, _ = bodies(parser.parse_args().requests)
    with service(WATCHED="no") as plain, service() as watched:
        connections = {"without": plain, "with": watched}
        taken: dict[str, list[float]] = {name: [] for name in connections}
        for first in range(0, len(sent), TURN):
            for name, connection in connections.items():
                taken[name] += [seconds(connection, body) for body in sent[first : first + TURN]]
    print(f"{len(sent):,} requests each, in microseconds\n{'':8}{'p50':>9}{'p99':>9}")
    found = {name: np.quantile(taken[name], [0.5, 0.99]) * 1e6 for name in taken}
    for name, values in found.items():
        print(f"{name:8}" + "".join(f"{value:9.1f}" for value in values))
    added = found["with"] - found["without"]
    print("added   " + "".join(f"{value:9.1f}" for value in added))
    shares = added / found["without"]
    print("        " + "".join(f"{share:9.1%}" for share in shares))


if __name__ == "__main__":
    main()
