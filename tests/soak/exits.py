"""Ends and forks processes many times, in every way of tests/python/hub_programs.py.

`make test-exits` runs it; `--exits` and `--forks` say how many at least in all,
`--jobs` how many at a time.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "python"))

import hub_programs


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--exits", type=int, default=500)
    parser.add_argument("--forks", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=4 * (os.cpu_count() or 1))
    asked = parser.parse_args()
    runs = {}
    for programs, least in ((hub_programs.EXITS, asked.exits), (hub_programs.FORKS, asked.forks)):
        runs |= dict.fromkeys(programs, -(-least // len(programs)))
    began = time.monotonic()
    with ThreadPoolExecutor(asked.jobs) as pool:
        rounds = range(max(runs.values()))
        order = [name for number in rounds for name in runs if number < runs[name]]
        ends = list(pool.map(lambda name: hub_programs.run(name, asked.python), order))
    print(f"{'program':48} {'runs':>5} {'failed':>7} {'hung':>5}")
    wrong = {name: [] for name in runs}
    for name, end in zip(order, ends, strict=True):
        if end is not None:
            wrong[name].append(end)
    for name, n in runs.items():
        hung = sum(end.startswith("hangs") for end in wrong[name])
        print(f"{name:48} {n:5} {len(wrong[name]) - hung:7} {hung:5}")
    for name, found in wrong.items():
        for end in found[:2]:
            print(f"\n{name}: {end}", file=sys.stderr)
    n_wrong = sum(map(len, wrong.values()))
    print(f"{len(order)} runs, {n_wrong} wrong, {time.monotonic() - began:.0f} s")
    return 1 if n_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
