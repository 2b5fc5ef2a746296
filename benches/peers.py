"""The two-sample functions of Evidently, NannyML, Frouros and alibi-detect beside
driftline's, on the same samples, in one run; then whole tables.

Each peer runs in an environment of its own, ``.venv-peers/NAME``, with the versions below
(``make bench-peers`` makes them: 5 GB); without it, it is left out. What is fitted to a
baseline is fitted before, where a peer can. A sort of the current sample, timed in the same
interpreter, is the unit for long samples: machines differ, ratios hold.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from measure import table
from peer_functions import PEERS, nanoseconds
from peer_tables import PEERS as TABLE_PEERS

import driftline as dl
from driftline import drift

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = ROOT / ".venv-peers"
REQUIREMENTS = {
    "Evidently": ["evidently==0.7.23", "pandas<3"],
    "NannyML": ["nannyml==0.13.1", "statsmodels"],
    "Frouros": ["frouros==0.9.0"],
    "alibi-detect": ["alibi-detect==0.13.0"],
}
SIZES = (1_000, 1_000_000)
SIZE_OF_MMD = 1_000
PERMUTATIONS = 100
# Of a table: columns of numbers, and rows of either side.
TABLE = (60, 100_000)
MMD = f"mmd, {PERMUTATIONS} permutations"
TESTS = {
    "normal": [
        *("ks", "kuiper", "wasserstein", "energy", "cramer_von_mises", "anderson_darling"),
        *("mann_whitney", "psi", "jensen_shannon", "hellinger"),
    ],
    "levels": ["chi_square"],
}


def python_of(peer):
    return ENVIRONMENTS / peer.lower() / "bin" / "python"


def install(peers):
    """Make the environments that are missing: requirements by name."""
    for peer, requirements in peers.items():
        python = python_of(peer)
        done = python.parents[1] / "installed"
        wanted = "\n".join(requirements)
        if done.is_file() and done.read_text() == wanted:
            continue
        print(f"{peer}: installing {' '.join(requirements)}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if subprocess.run([*pip, *requirements], check=False).returncode == 0:
            done.write_text(wanted)
        else:
            print(f"{peer}: left out, as it cannot be installed here")


def write_samples(folder):
    """Normal values, and codes of five levels, with a small shift."""
    for size in SIZES:
        rng = np.random.default_rng(size)
        for role, shift in [("baseline", 0.0), ("current", 0.01)]:
            shares = np.array([5, 4, 3, 2, 1 + shift])
            samples = {
                "normal": rng.normal(shift, 1.0, size),
                "levels": rng.choice(5, size, p=shares / shares.sum()),
            }
            for kind, sample in samples.items():
                np.save(folder / f"{kind}-{size}-{role}.npy", sample)


def own(folder):
    """driftline's times, as peer_functions.measure gives a peer's; by how they are called."""
    fitted, one_off = {}, {}
    for size in SIZES:
        taken = {"fitted": {}, "one-off": {}}
        for kind, names in TESTS.items():
            baseline, current = (
                np.load(folder / f"{kind}-{size}-{role}.npy") for role in ("baseline", "current")
            )
            for name in names:
                if name not in drift.available():
                    continue
                test = drift.get(name)
                made = test.fit(baseline)
                taken["fitted"][name] = nanoseconds(made.compare, current)
                taken["one-off"][name] = nanoseconds(test.compare, baseline, current)
        baseline, current = (
            np.load(folder / f"normal-{size}-{role}.npy") for role in ("baseline", "current")
        )
        sort = nanoseconds(np.sort, current)
        if size == SIZE_OF_MMD and hasattr(drift, "MMD"):
            made = drift.MMD(n_permutations=PERMUTATIONS).fit(baseline.reshape(-1, 1))
            columns = current.reshape(-1, 1)
            taken["fitted"]["mmd"] = nanoseconds(made.compare, columns)
        fitted[size] = taken["fitted"] | {"np.sort": sort}
        one_off[size] = taken["one-off"] | {"np.sort": sort}
    return {"driftline, fitted": fitted, "driftline": one_off}


def run_peer(peer, script, arguments, environment=None):
    """A script in the peer's own environment; it writes its answer into a file."""
    run = subprocess.run(
        [python_of(peer), Path(__file__).with_name(script), peer, *map(str, arguments)],
        env=os.environ | (environment or {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        print(f"{peer}: left out, as it failed: {run.stderr.strip().splitlines()[-1:]}")


def theirs(folder):
    """The times of each peer that there is."""
    found = {}
    for peer in PEERS:
        python = python_of(peer)
        if not python.is_file():
            print(f"{peer}: left out, as {python.parents[1].relative_to(ROOT)} does not exist")
            continue
        print(f"{peer}: measuring", flush=True)
        one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        run_peer(peer, "peer_functions.py", [folder, SIZE_OF_MMD, *SIZES], one_thread)
        answer = folder / f"{peer}.json"
        if not answer.is_file():
            continue
        read = json.loads(answer.read_text())
        found[peer] = {int(size): taken for size, taken in read.items()}
    return found


def write_tables(folder):
    """Normal values; of every tenth column the current side is shifted."""
    n_columns, n_rows = TABLE
    for role, shift in [("baseline", 0.0), ("current", 0.2)]:
        values = np.random.default_rng(len(role)).normal(size=(n_rows, n_columns))
        values[:, ::10] += shift
        np.save(folder / f"table-{role}.npy", values)


def tables(folder):
    """Seconds that whole tables take: of all processors, and of the clock; and bytes."""
    sides = [np.load(folder / f"table-{role}.npy") for role in ("baseline", "current")]
    sides = [{f"column_{i}": np.ascontiguousarray(x) for i, x in enumerate(s.T)} for s in sides]
    found = {}
    plan = dl.fit(sides[0])
    for name, call in {
        "driftline, fitted": lambda: plan.compare(sides[1]),
        "driftline": lambda: dl.compare(*sides),
        "driftline, with its page": lambda: dl.compare(*sides).to_html(),
    }.items():
        start = time.process_time(), time.perf_counter()
        call()
        found[name] = [time.process_time() - start[0], time.perf_counter() - start[1]]
    for peer in TABLE_PEERS:
        answer = folder / f"{peer}-table.json"
        if python_of(peer).is_file():
            print(f"{peer}: comparing tables", flush=True)
            run_peer(peer, "peer_tables.py", [folder])
        if answer.is_file():
            found |= json.loads(answer.read_text())
    least = found["driftline"]
    table(
        f"Tables of {TABLE[0]} columns x ({TABLE[1]:,} + {TABLE[1]:,}) rows",
        ["", "CPU-s", "s", "driftline's CPU-s", "driftline's s"],
        [
            [
                name,
                *(f"{seconds:.2f}" for seconds in taken),
                *(f"{seconds / one:,.1f}x" for seconds, one in zip(taken, least, strict=True)),
            ]
            for name, taken in found.items()
        ],
    )


def short(ns):
    for unit, factor in [("s", 1e9), ("ms", 1e6)]:
        if ns >= factor:
            return f"{ns / factor:,.2f} {unit}"
    return f"{ns / 1e3:,.1f} us"


def show(times, size):
    """One line per test: the time of each, and that in units of a sort."""
    names = [name for names in TESTS.values() for name in names] + ["mmd"]
    rows = []
    for name in ["np.sort", *names]:
        row = [MMD if name == "mmd" else name]
        for taken in times.values():
            ns = taken[size].get(name)
            unit = taken[size]["np.sort"]
            sorts = f" ({ns / unit:,.1f})" if ns and name not in ("np.sort", "mmd") else ""
            row.append("" if ns is None else short(ns) + sorts)
        if any(row[1:]):
            rows.append(row)
    table(f"n = m = {size:,}: time (and np.sorts of one sample)", ["", *times], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true", help="make the peers' environments")
    parser.add_argument("--tables", action="store_true", help="compare whole tables only")
    arguments = parser.parse_args()
    only_tables = arguments.tables
    if arguments.install:
        install(REQUIREMENTS)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not only_tables:
            write_samples(folder)
            times = own(folder) | theirs(folder)
        write_tables(folder)
        tables(folder)
    if only_tables:
        return
    for size in SIZES:
        show(times, size)
    print(
        "\nNannyML's KS is an approximation by 10,000 bins from 10,000 values on, its\n"
        "distances are fitted; the other peers prepare their baseline at every call.\n"
        "alibi-detect's MMD needs PyTorch or TensorFlow and is left out."
    )


if __name__ == "__main__":
    main()
