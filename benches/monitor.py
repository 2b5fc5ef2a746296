"""A row in a serving process: a monitor beside whylogs, river and NumPy's histograms.

The same rows of 50 numbers go, one by one, into

- ``driftline.Monitor.observe``, as an array, as a dict and as a list, with a look at the last
  10,000 rows at every 10,000th row, and into ``observe_many``,
- a loop that counts each number in the bins of its column, with NumPy (``searchsorted``),
- a detector of river for each column (ADWIN),
- ``whylogs.log(row=...)``, which tracks a row in a profile.

whylogs needs NumPy 1: it runs in an environment of its own, ``--install`` makes it in
target/peers. Ratios to driftline hold within one run.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

COLUMNS = 50
ROWS = 20_000
WHYLOGS = Path("target/peers/whylogs")
PINS = ["whylogs==1.6.4", "numpy<2", "pandas<3", "setuptools<81"]

WHYLOGS_LOOP = """
import logging, sys, time
logging.disable(logging.CRITICAL)
import numpy as np
import whylogs as why
rows = np.random.default_rng(1).normal(size=({rows}, {columns}))
names = [f"x{{k}}" for k in range({columns})]
dicts = [dict(zip(names, row.tolist())) for row in rows]
from whylogs.core import DatasetProfile
profile = DatasetProfile()
profile.track(row=dicts[0])
begin = time.perf_counter()
for row in dicts:
    profile.track(row=row)
print((time.perf_counter() - begin) / len(dicts) * 1e6)
"""


def best(work, rounds=3):
    """Microseconds a row, the best of some rounds."""
    return min(work() for _ in range(rounds))


def timed(call, rows):
    def work():
        begin = time.perf_counter()
        for row in rows:
            call(row)
        return (time.perf_counter() - begin) / len(rows) * 1e6

    return work


def install():
    python = WHYLOGS / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", WHYLOGS], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PINS], check=True)


def whylogs():
    python = WHYLOGS / "bin/python"
    if not python.exists():
        return None
    text = WHYLOGS_LOOP.format(rows=300, columns=COLUMNS)
    told = subprocess.run([python, "-c", text], check=True, capture_output=True, text=True)
    return float(told.stdout)


def main():
    import driftline as dl

    rng = np.random.default_rng(1)
    names = [f"x{k}" for k in range(COLUMNS)]
    baseline = rng.normal(size=(100_000, COLUMNS))
    rows = rng.normal(size=(ROWS, COLUMNS))
    arrays = list(rows)
    dicts = [dict(zip(names, row.tolist(), strict=True)) for row in rows]
    lists = rows.tolist()
    plan = dl.fit(baseline, columns=names, multivariate=False)

    def monitor(every=10_000):
        return plan.monitor(window=10_000, every=every)

    figures = {
        "observe(array)": best(timed(monitor().observe, arrays)),
        "observe(array), a look every 1,000 rows": best(timed(monitor(1_000).observe, arrays)),
        "observe(dict)": best(timed(monitor().observe, dicts)),
        "observe(list)": best(timed(monitor().observe, lists)),
    }

    def many():
        own = monitor()
        begin = time.perf_counter()
        own.observe_many(rows)
        return (time.perf_counter() - begin) / ROWS * 1e6

    figures["observe_many, a row of it"] = best(many)
    full = monitor()
    full.observe_many(rows)
    begin = time.perf_counter()
    full.report()
    report = time.perf_counter() - begin

    edges = [np.quantile(column, np.linspace(0, 1, 254)[1:-1]) for column in baseline.T]
    counts = np.zeros((COLUMNS, 256), np.int64)

    def histogram(row):
        for k in range(COLUMNS):
            counts[k, edges[k].searchsorted(row[k])] += 1

    figures["NumPy: searchsorted, a column at a time"] = best(timed(histogram, arrays[:2_000]))
    try:
        from river.drift import ADWIN
    except ImportError:
        print("river is missing: make bench installs it")
    else:
        detectors = {name: ADWIN() for name in names}

        def river(row):
            for name, value in row.items():
                detectors[name].update(value)

        figures["river: an ADWIN for each column"] = best(timed(river, dicts[:2_000]), 1)
    if (tracked := whylogs()) is not None:
        figures["whylogs: DatasetProfile.track(row)"] = tracked
    ours = figures["observe(dict)"]
    print(f"a row of {COLUMNS} numbers, the last 10,000 rows judged against 100,000")
    for name, figure in figures.items():
        print(f"  {name:45} {figure:9.2f} us  {figure / ours:9.2f} x observe(dict)")
    print(f"  report(), all 10,000 rows compared wholly {report * 1e3:13.1f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true", help="make whylogs' environment")
    if parser.parse_args().install:
        install()
    else:
        main()
