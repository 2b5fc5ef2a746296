"""Streaming detectors beside river's, frouros' and capymoa's, on the same values in one run.

What each takes for one value from Python (``update`` and its flag), what ``update_many``
takes for a value, and banks of 1,000 features x 10,000 rows. river is in group ``bench``;
frouros and capymoa run in environments of their own, ``.venv-peers/NAME``
(``benches/streams.py --install`` makes them; capymoa needs Java), and are left out without.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from measure import best, table

from driftline import stream

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = ROOT / ".venv-peers"
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
PEER = """
import json, sys, time
import numpy as np
peer, path, classes = sys.argv[1], sys.argv[2], sys.argv[3:]
real, binary = np.load(path)
if peer == "frouros":
    import frouros.detectors.concept_drift as module
    feed, flag = (lambda d: lambda x: d.update(value=x)), lambda d: d.drift
else:
    import capymoa.drift.detectors as module
    feed, flag = (lambda d: d.add_element), lambda d: d.detected_change()
for name in classes:
    kind = getattr(module, name, None)
    if kind is None:
        continue
    of_errors = name in ("DDM", "EDDM", "HDDMA", "HDDMW", "RDDM", "ECDD", "STEPD")
    values = (binary if of_errors else real).tolist()[:20000]
    least = float("inf")
    for _ in range(3):
        detector = kind()
        update = feed(detector)
        start = time.perf_counter()
        for x in values:
            update(x)
            flag(detector)
        least = min(least, (time.perf_counter() - start) / len(values))
    print(json.dumps([name, least * 1e9]))
"""


def install():
    """Make the environments that are missing."""
    for peer, requirements in REQUIREMENTS.items():
        folder = ENVIRONMENTS / peer
        if not (folder / "bin" / "python").exists():
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", *requirements]
        subprocess.run(pip, check=True)


def peer_figures(peer, path, classes):
    """Nanoseconds of one update, by class; empty when the peer is not there."""
    python = ENVIRONMENTS / peer / "bin" / "python"
    if not python.exists():
        print(f"{peer} is left out: benches/streams.py --install")
        return {}
    run = subprocess.run(
        [python, "-W", "ignore", "-c", PEER, peer, path, *classes],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": ""},
    )
    if run.returncode:
        print(f"{peer} is left out: {run.stderr.strip().splitlines()[-1:]}")
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
    real, binary = rng.normal(size=VALUES), (rng.random(VALUES) < 0.1).astype(float)
    path = ROOT / "target" / "stream_values.npy"
    path.parent.mkdir(exist_ok=True)
    np.save(path, np.array([real, binary]))
    names = stream.available()
    classes = {type(stream.get(name)).__name__: name for name in names}
    peers = {peer: peer_figures(peer, path, classes) for peer in REQUIREMENTS}
    rows = []
    for label, name in classes.items():
        values = real if stream.get(name).input == "real" else binary
        listed = values.tolist()
        contenders = {"ours": one_by_one(lambda name=name: stream.get(name), listed)}
        theirs = river_class(label)
        if theirs:
            contenders["river"] = one_by_one(theirs, listed)
        figures = best(contenders, rounds=ROUNDS)
        batch = float("inf")
        for _ in range(3):
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
        install()
    else:
        singles()
        banks()
