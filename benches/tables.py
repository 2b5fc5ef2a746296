"""Tables compared whole: driftline beside a loop over SciPy's tests, and what it takes.

Seconds of all processors are told beside those of the clock: peers and plans use threads.
Peers that need environments of their own are in peers.py. ``tables.py --case NAME`` runs
one case of the memory table in a process of its own.
"""

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from measure import table
from scipy import stats

import driftline as dl

ROWS, COLUMNS = 100_000, 60
MB = 1e6


def numbers(n_rows, n_columns, seed):
    """Normal, log-normal, Cauchy, rounded and whole-number columns in turn, float64."""
    rng = np.random.default_rng(seed)
    shapes = [
        lambda: rng.normal(size=n_rows),
        lambda: rng.lognormal(size=n_rows),
        lambda: rng.standard_cauchy(n_rows),
        lambda: rng.normal(size=n_rows).round(2),
        lambda: rng.integers(0, 1_000, n_rows).astype(float),
    ]
    return {f"column_{i}": shapes[i % len(shapes)]() for i in range(n_columns)}


def mixed(n_rows, n_columns, seed):
    """As `numbers`; every fourth column is text of 40 labels, every tenth has gaps."""
    rng = np.random.default_rng(seed)
    columns = numbers(n_rows, n_columns, seed)
    labels = np.array([f"label {i}" for i in range(40)], dtype=object)
    for i, name in enumerate(columns):
        if i % 4 == 3:
            columns[name] = labels[rng.integers(0, len(labels), n_rows)]
        elif i % 10 == 0:
            columns[name][rng.random(n_rows) < 0.05] = np.nan
    return columns


def containers():
    """By name: a function that makes one of a mapping of columns."""
    found = {"dict": dict}
    makers = {"pandas": "DataFrame", "polars": "DataFrame", "pyarrow": "table"}
    for library, maker in makers.items():
        try:
            found[library] = getattr(importlib.import_module(library), maker)
        except ImportError:
            print(f"{library}: left out, as it is not installed")
    return found


def best(call, rounds=5):
    """Seconds of all processors, and of the clock: each of its best round."""
    least = [float("inf"), float("inf")]
    for _ in range(rounds):
        start = time.process_time(), time.perf_counter()
        call()
        end = time.process_time(), time.perf_counter()
        least = [min(old, b - a) for old, a, b in zip(least, start, end, strict=True)]
    return least


def scipy_loop(tests, baseline, current):
    with warnings.catch_warnings():
        # Anderson-Darling's p-value is clipped, and it says so.
        warnings.simplefilter("ignore")
        for name in baseline:
            for test in tests:
                test(baseline[name], current[name])


def ks_2samp(x, y):
    return stats.ks_2samp(x, y, method="asymp")


def anderson_ksamp(x, y):
    return stats.anderson_ksamp([x, y])


def headline():
    """60 columns of numbers, 100,000 rows on either side."""
    baseline, current = numbers(ROWS, COLUMNS, 1), numbers(ROWS, COLUMNS, 2)
    rows = []
    loops = {
        "SciPy loop: ks_2samp": ([ks_2samp], 3),
        "SciPy loop: anderson_ksamp": ([anderson_ksamp], 1),
    }
    found = {
        name: best(lambda tests=tests: scipy_loop(tests, baseline, current), rounds)
        for name, (tests, rounds) in loops.items()
    }
    for library, make in containers().items():
        sides = make(baseline), make(current)
        plan = dl.fit(sides[0])
        found[f"plan.compare, {library}"] = best(lambda plan=plan, s=sides: plan.compare(s[1]))
        found[f"compare, {library}"] = best(lambda s=sides: dl.compare(*s))
    plan = dl.fit(baseline, threads=1)
    found["plan.compare, dict, 1 thread"] = best(lambda: plan.compare(current))
    found["np.sort of each column"] = best(lambda: [np.sort(x) for x in current.values()])
    loop = found["SciPy loop: ks_2samp"][0]
    for name, (cpu, wall) in found.items():
        goal = "0.1" if name.startswith("plan") else "0.3" if name.startswith("compare") else ""
        rows.append([name, f"{cpu:.3f}", f"{wall:.3f}", goal, f"{loop / cpu:.1f}x"])
    table(
        f"{COLUMNS} columns of numbers x ({ROWS:,} + {ROWS:,}) rows",
        ["", "CPU-s", "s", "goal, CPU-s", "SciPy's KS takes"],
        rows,
    )


def with_labels():
    """The same with text and gaps, by container: objects of Python cost more than Arrow."""
    baseline, current = mixed(ROWS, COLUMNS, 1), mixed(ROWS, COLUMNS, 2)
    rows = []
    for library, make in containers().items():
        sides = make(baseline), make(current)
        plan = dl.fit(sides[0])
        times = (
            best(lambda plan=plan, s=sides: plan.compare(s[1])),
            best(lambda s=sides: dl.compare(*s)),
        )
        rows.append([library, *(f"{seconds:.3f}" for pair in times for seconds in pair)])
    table(
        f"{COLUMNS} columns, a quarter of text, x ({ROWS:,} + {ROWS:,}) rows",
        ["", "plan, CPU-s", "s", "compare, CPU-s", "s"],
        rows,
    )


def scaling():
    """Rows ten times, columns twice and again: per cell nothing should change."""
    rows = []
    sizes = [(100_000, 10), (1_000_000, 10), (20_000, 100), (20_000, 200), (20_000, 400)]
    for n_rows, n_columns in [*sizes, (100_000, 1_000)]:
        baseline, current = (numbers(n_rows, n_columns, seed) for seed in (1, 2))
        rounds = 1 if n_rows * n_columns > 1e7 else 3
        plan = dl.fit(baseline)
        fitted = best(lambda plan=plan, c=current: plan.compare(c), rounds)
        whole = best(lambda b=baseline, c=current: dl.compare(b, c), rounds)
        cells = n_rows * n_columns
        rows.append(
            [
                f"{n_rows:,} x {n_columns:,}",
                *(f"{seconds:.3f}" for seconds in (*fitted, *whole)),
                f"{fitted[0] / cells * 1e9:.1f}",
                f"{whole[0] / cells * 1e9:.1f}",
            ]
        )
        del plan, baseline, current
    table(
        "Rows of either side x columns of numbers",
        [
            *("", "plan, CPU-s", "s", "compare, CPU-s", "s"),
            *("plan, ns a cell", "compare, ns a cell"),
        ],
        rows,
    )


# --- memory ------------------------------------------------------------------------


def peak():
    """Bytes of memory that this process had at most since `reset_peak` (Linux)."""
    status = Path("/proc/self/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def reset_peak():
    """Let the peak begin at what there is; how much that is."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


def filled(n_rows, n_columns, seed):
    """Normal values, made without a copy that would hide the peak."""
    rng = np.random.default_rng(seed)
    return {f"column_{i}": rng.standard_normal(n_rows) for i in range(n_columns)}


def compared(n_rows, n_columns, threads):
    sides = filled(n_rows, n_columns, 1), filled(n_rows, n_columns, 2)
    before = reset_peak()
    dl.compare(*sides, threads=threads)
    return before


def plan_compared(n_rows, n_columns, threads):
    plan = dl.fit(filled(n_rows, n_columns, 1), threads=threads)
    current = filled(n_rows, n_columns, 2)
    before = reset_peak()
    plan.compare(current)
    return before


def streamed(n_rows, n_columns, threads):
    """Batches that are made when asked for: more rows than would be kept."""
    batch = 100_000

    def batches(seed):
        for i in range(n_rows // batch):
            yield filled(batch, n_columns, (seed, i))

    filled(batch, n_columns, 0)
    before = reset_peak()
    dl.compare(batches(1), batches(2), threads=threads)
    return before


CASES = {
    "compare, 1 thread": (compared, 1_000_000, 20, 1),
    "compare, 2 threads": (compared, 1_000_000, 20, 2),
    "plan.compare, 1 thread": (plan_compared, 1_000_000, 20, 1),
    "plan.compare, 2 threads": (plan_compared, 1_000_000, 20, 2),
    "batches of 100,000": (streamed, 20_000_000, 4, 2),
}


def memory():
    rows = []
    for name, (_, n_rows, n_columns, threads) in CASES.items():
        run = subprocess.run(
            [sys.executable, __file__, "--case", name], capture_output=True, text=True, check=True
        )
        above = json.loads(run.stdout)
        column = 8 * n_rows
        rows.append(
            [
                name,
                f"{n_rows:,} x {n_columns}",
                str(threads),
                f"{2 * n_columns * column / MB:,.0f}",
                f"{above / MB:,.0f}",
                f"{above / column:.1f}",
            ]
        )
    table(
        "Peak of memory above the input, of a process of its own",
        ["", "rows x columns", "threads", "values, MB", "above, MB", "columns"],
        rows,
    )


# --- the page ----------------------------------------------------------------------


def page():
    """20 columns, a quarter of text, as a page of its own."""
    report = dl.compare(mixed(ROWS, 20, 1), mixed(ROWS, 20, 2))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        _, first = best(lambda: report.to_html(path), 1)
        _, html = best(lambda: report.to_html(path), 20)
        size = path.stat().st_size
    _, text = best(lambda: str(report), 20)
    _, document = best(report.to_json, 20)
    table(
        "A report of 20 columns",
        ["", "ms", "goal, ms", "kB", "goal, kB"],
        [
            ["to_html, the first", f"{first * 1e3:.1f}", "", "", ""],
            ["to_html", f"{html * 1e3:.1f}", "50", f"{size / 1e3:.0f}", "120"],
            ["str", f"{text * 1e3:.1f}", "", "", ""],
            ["to_json", f"{document * 1e3:.1f}", "", f"{len(report.to_json()) / 1e3:.0f}", ""],
        ],
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=CASES, help="bytes above the input, of one case")
    case = parser.parse_args().case
    if case is not None:
        run, *arguments = CASES[case]
        before = run(*arguments)
        print(peak() - before)
        return
    headline()
    with_labels()
    scaling()
    if sys.platform == "linux":
        memory()
    page()


if __name__ == "__main__":
    main()
