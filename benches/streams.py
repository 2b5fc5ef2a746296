"""Streaming detectors beside river's, frouros' and capymoa's, on the same values in one run.

What each takes for one value from Python (``update`` and its flag), what ``update_many``
takes for a value, and banks of 1,000 features x 10,000 rows. river is in group ``bench``;
frouros and capymoa run in environments of their own, ``.venv-peers/NAME``
(``benches/streams.py --install`` makes them, 1 GB; capymoa needs Java), and are left out
without.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from measure import best, table
from peers import install, python_of

from driftline import stream

ROOT = Path(__file__).parents[1]
REQUIREMENTS = {"frouros": ["frouros==0.9.0"], "capymoa": ["capymoa==0.15.1"]}
VALUES = 100_000
BANK = (1_000, 10_000)
ROUNDS = 20
BANKS = ("adwin", "ddm", "page_hinkley", "cusum", "ewma_chart", "geometric_moving_average")
# By our class; of river's module, and of frouros and capymoa where they have one.
RIVER = {
    **dict.fromkeys(("ADWIN", "KSWIN", "PageHinkley"), "drift"),
    "DDM": "drift.binary",
    "EDDM": "drift.binary",
    "FHDDM": "drift.binary",
    "HDDMA": "drift.binary",
    "HDDMW": "drift.binary",
}
# Where a peer's class of a detector is called otherwise.
NAMES = {
    "frouros": {"ECDD": "ECDDWT", "BOCPD": "BOCD"},
    "capymoa": {"HDDMA": "HDDMAverage", "HDDMW": "HDDMWeighted"},
}
# Runs in a peer's environment. A turn is cut short: frouros' BOCD slows with each value.
PEER = """
import json, sys, time
import numpy as np
peer, path, classes = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
if peer == "frouros":
    import frouros.detectors.concept_drift as module
else:
    import capymoa.drift.detectors as module

def feed(detector, values):
    if peer == "capymoa":
        for x in values:
            detector.add_element(x)
            detector.detected_change()
    else:
        for x in values:
            detector.update(value=x)
            if detector.drift:
                detector.reset()

def turn(kind, values):
    detector, done, start = kind(), 0, time.perf_counter()
    while done < len(values) and time.perf_counter() - start < 0.3:
        feed(detector, values[done : done + 200])
        done += 200
    return (time.perf_counter() - start) / done

streams = dict(zip(["real", "binary"], np.load(path)[:, :5000].tolist()))
for name, (theirs, values) in classes.items():
    kind = getattr(module, theirs, None)
    if kind is None:
        continue
    try:
        least = min(turn(kind, streams[values]) for _ in range(15))
    except Exception as error:
        print(f"{peer}'s {theirs} is left out: {error}", file=sys.stderr)
    else:
        print(json.dumps([name, least * 1e9]))
"""


def peer_figures(peer, path, classes):
    """Nanoseconds of one update, by class; empty when the peer is not there."""
    python = python_of(peer)
    if not python.exists():
        print(f"{peer} is left out: it is not installed (benches/streams.py --install)")
        return {}
    known = {name: [NAMES[peer].get(name, name), values] for name, values in classes.items()}
    run = subprocess.run(
        [python, "-W", "ignore", "-c", PEER, peer, path, json.dumps(known)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": ""},
    )
    if run.returncode:
        print(f"{peer} is left out: {''.join(run.stderr.strip().splitlines()[-1:])}")
        return {}
    print("".join(line for line in run.stderr.splitlines(True) if "is left out" in line), end="")
    lines = [line for line in run.stdout.splitlines() if line.startswith("[")]
    return dict(map(json.loads, lines))


def one_by_one(make, values):
    """A contender: as many updates as it is told, each with a look at the flag."""

    def run(n):
        detector = make()
        update = detector.update
        for x in values[:n]:
            update(x)
            detector.drift_detected  # noqa: B018

    return run


def river_class(name):
    """River's class of this name, or None."""
    if name not in RIVER:
        return None
    try:
        from river import drift
    except ImportError:
        return None
    return getattr(drift.binary if RIVER[name].endswith("binary") else drift, name)


def singles():
    """Each detector of the list beside its peers."""
    rng = np.random.default_rng(1)
    # frouros' ADWIN takes no negative sum.
    real, binary = rng.normal(10.0, size=VALUES), (rng.random(VALUES) < 0.1).astype(float)
    path = ROOT / "target" / "stream_values.npy"
    path.parent.mkdir(exist_ok=True)
    np.save(path, np.array([real, binary]))
    names = stream.available()
    classes = {type(stream.get(name)).__name__: name for name in names}
    kinds = {
        label: "real" if stream.get(name).input == "real" else "binary"
        for label, name in classes.items()
    }
    peers = {peer: peer_figures(peer, path, kinds) for peer in REQUIREMENTS}
    rows = []
    for label, name in classes.items():
        values = real if kinds[label] == "real" else binary
        listed = values.tolist()
        contenders = {"ours": one_by_one(lambda name=name: stream.get(name), listed)}
        theirs = river_class(label)
        if theirs:
            contenders["river"] = one_by_one(theirs, listed)
        figures = best(contenders, rounds=ROUNDS)
        batch = float("inf")
        for _ in range(ROUNDS):
            detector = stream.get(name)
            start = time.perf_counter()
            detector.update_many(values[:20_000])
            batch = min(batch, (time.perf_counter() - start) / 20_000 * 1e9)
        others = [figures.get("river"), *(peers[peer].get(label) for peer in REQUIREMENTS)]
        shown = [
            f"{other:,.0f} ({other / figures['ours']:.1f}x)" if other else "" for other in others
        ]
        rows.append([label, f"{figures['ours']:,.0f}", f"{batch:,.1f}", *shown])
    header = ["detector", "update [ns]", "update_many [ns]", "river", *REQUIREMENTS]
    table("One value (in brackets: times ours)", header, rows)


def banks():
    """Banks of many features, one thread."""
    width, height = BANK
    rng = np.random.default_rng(2)
    real, binary = rng.normal(size=(height, width)), (rng.random((height, width)) < 0.1) * 1.0
    rows = []
    for name in BANKS:
        values = binary if name == "ddm" else real
        least = float("inf")
        for _ in range(5):
            bank = stream.Bank(name, width)
            start = time.perf_counter()
            bank.update_many(values)
            least = min(least, time.perf_counter() - start)
        rows.append([name, f"{least * 1e3:,.0f}", f"{least / width / height * 1e9:.1f}"])
    table(f"Banks: {width:,} features x {height:,} rows", ["detector", "ms", "ns a value"], rows)


if __name__ == "__main__":
    if "--install" in sys.argv:
        install(REQUIREMENTS)
    else:
        singles()
        banks()
