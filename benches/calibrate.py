"""How often each test with a p-value cries wolf: both samples from the same distribution,
p < 0.05 counted. Writes docs/false_alarms.md; fails when a test does it more often than
chance allows. ``make calibrate``; about half an hour on two cores.
"""

import argparse
import math
import multiprocessing
import os
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from measure import publish

from driftline import drift
from driftline.exceptions import DriftlineError

PAGE = Path(__file__).parents[1] / "docs" / "false_alarms.md"
ALPHA = 0.05
REPETITIONS = 10_000
# Tests that draw permutations or fit a classifier get fewer.
FEWER = {
    "baumgartner_weiss_schindler": 1_000,
    "classifier_two_sample": 100,
    "mmd": 100,
    "multivariate_energy": 100,
}
# Repetitions in one piece of work.
PIECE = 250
SIZES = [(20, 20), (20, 200), (200, 200), (2_000, 2_000)]
DATA = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "five levels": lambda rng, shape: rng.integers(0, 5, shape).astype(float),
    "Cauchy": lambda rng, shape: rng.standard_cauchy(shape),
}
# Only for data of two kinds.
TWO_LEVELS = {"two_proportion_z"}
# The chance that a table in which every test is right has a mark.
RISK = 0.01


def is_multivariate(test):
    return hasattr(drift, "MultivariateTest") and isinstance(test, drift.MultivariateTest)


def drawn(test, data, rng, sizes):
    """Two samples that a test can take."""
    columns = (2,) if is_multivariate(test) else ()
    samples = [DATA[data](rng, (size, *columns)) for size in sizes]
    if test.name in TWO_LEVELS:
        return [sample > 1.0 for sample in samples]
    return samples


def with_p_value():
    """The tests that have one."""
    found = []
    for name in [*drift.available(), *drift.available("multivariate")]:
        test = drift.get(name)
        samples = drawn(test, "five levels", np.random.default_rng(0), (20, 20))
        if test.compare(*samples).p_value is not None:
            found.append(name)
    return found


def piece(work):
    """Counts of (p < alpha, refusals) of one test in some repetitions."""
    name, data, sizes, seed, repetitions = work
    test = drift.get(name)
    # All tests get the same samples.
    rng = np.random.default_rng(seed)
    rejected = refused = 0
    for _ in range(repetitions):
        try:
            rejected += test.compare(*drawn(test, data, rng, sizes)).p_value < ALPHA
        except DriftlineError:
            refused += 1
    return name, data, sizes, int(rejected), refused, repetitions


def most(n, risk):
    """The smallest k with P(Binomial(n, ALPHA) > k) <= risk."""

    def log_probability(k):
        ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        return ways + k * math.log(ALPHA) + (n - k) * math.log1p(-ALPHA)

    above = 0.0
    for k in range(n, -1, -1):
        above += math.exp(log_probability(k))
        if above > risk:
            return k
    return 0


def counted(names, repetitions, processes):
    """(rejected, refused, repetitions) by test, data and sizes."""
    work = [
        (name, data, sizes, [number, kind, place], min(PIECE, wanted - start))
        for name in names
        for wanted in [min(repetitions, FEWER.get(name, repetitions))]
        for kind, data in enumerate(DATA)
        for place, sizes in enumerate(SIZES)
        for number, start in enumerate(range(0, wanted, PIECE))
    ]
    work.sort(key=lambda each: -sum(each[2]))  # the long ones first
    counts = {}
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for done, (name, data, sizes, *found) in enumerate(pool.imap_unordered(piece, work), 1):
            total = counts.setdefault((name, data, sizes), Counter())
            total.update(dict(zip(["rejected", "refused", "n"], found, strict=True)))
            if sys.stderr.isatty():
                print(f"\r{done} of {len(work)}", end="", file=sys.stderr)
    return counts


def page(names, counts, repetitions):
    """The page, and what is marked on it."""
    risk = RISK / len(counts)
    marked = []
    limit = 100 * most(repetitions, risk) / repetitions
    lines = [
        "# False alarms",
        "",
        "Written by `make calibrate`. Both samples come from the same distribution, and each",
        f"test is asked {repetitions:,} times (where a row says so, fewer times), seeded, with",
        "its defaults. The figures are the shares of p < 0.05, in percent: 5 is exact, less is",
        "conservative, as it must be where few values or many ties leave few possible p-values.",
        "",
        f"A share above {limit:.1f} (fewer repetitions: above their own limit) would be more",
        f"than chance allows: a table of right tests has one with probability {RISK:.0%} at most",
        f"(binomial, shared out over its {len(counts)} figures). It would be marked with `!`,",
        "and the command would fail.",
        "",
        "| test | data | " + " | ".join(f"{n:,} and {m:,}" for n, m in SIZES) + " |",
        "|---|---|" + "---:|" * len(SIZES),
    ]
    for name in names:
        for data in DATA:
            n = max(counts[name, data, sizes]["n"] for sizes in SIZES)
            cells = []
            for sizes in SIZES:
                count = counts[name, data, sizes]
                share = f"{100 * count['rejected'] / count['n']:.1f}"
                if count["rejected"] > most(count["n"], risk):
                    marked.append(f"{name}, {data}, {sizes}: {share} %")
                    share += " !"
                if count["refused"]:
                    share += f" ({count['refused']:,} refused)"
                cells.append(share)
            fewer = "" if n == repetitions else f" ({n:,} times)"
            shown = f"two levels of {data}" if name in TWO_LEVELS else data
            lines.append(f"| `{name}`{fewer} | {shown} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""]), marked


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--tests", nargs="*", help="only these; the page is not written")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    names = options.tests or with_p_value()
    counts = counted(names, options.repetitions, options.processes)
    text, marked = page(names, counts, options.repetitions)
    partly = bool(options.tests) or options.repetitions != REPETITIONS
    publish(PAGE, text, marked, "more false alarms than chance allows", partly=partly)


if __name__ == "__main__":
    main()
