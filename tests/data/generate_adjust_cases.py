"""Writes adjust.json: p-values and what the corrections must make of them.

Expected values are computed in rational arithmetic from the definitions with
minima and maxima over all later (earlier) ranks, and checked against
``scipy.stats.false_discovery_control`` and published examples.
Run with numpy and scipy installed.
"""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy import stats

METHODS = ["bonferroni", "holm", "hochberg", "benjamini_hochberg", "benjamini_yekutieli"]
rng = np.random.default_rng(95)

# Benjamini, Hochberg, 1995, section 4.1: the fifteen hypotheses.
BENJAMINI_HOCHBERG = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0),
]


def samples():
    yield "Benjamini and Hochberg 1995", BENJAMINI_HOCHBERG
    yield "one", [0.03]
    yield "none", []
    yield "zeros and ones", [0.0, 1.0, 0.0, 1.0, 0.5]
    yield "ties", [0.04, 0.01, 0.04, 0.01, 0.04, 0.2]
    yield "tiny", [1e-300, 5e-324, 1e-310, 0.5]
    yield "uniform", rng.random(30).tolist()
    yield "signal", (rng.random(25) ** 6).tolist()
    yield "missing", [0.01, None, 0.02, None, 0.04, 0.9]
    yield "all missing", [None, None]


def adjusted(values, method):
    present = [Fraction(p) for p in values if p is not None]
    m = len(present)
    ranked = sorted(range(m), key=lambda i: present[i])
    p = [present[i] for i in ranked]
    harmonic = sum(Fraction(1, i) for i in range(1, m + 1))
    made = {
        "bonferroni": lambda i: m * p[i],
        "holm": lambda i: max((m - j) * p[j] for j in range(i + 1)),
        "hochberg": lambda i: min((m - j) * p[j] for j in range(i, m)),
        "benjamini_hochberg": lambda i: min(Fraction(m, j + 1) * p[j] for j in range(i, m)),
        "benjamini_yekutieli": lambda i: min(
            harmonic * Fraction(m, j + 1) * p[j] for j in range(i, m)
        ),
    }[method]
    by_place = {place: float(min(made(i), Fraction(1))) for i, place in enumerate(ranked)}
    places = iter(range(m))
    return [None if v is None else by_place[next(places)] for v in values]


cases = []
for name, values in samples():
    values = [None if v is None else float(v) for v in values]
    expected = {method: adjusted(values, method) for method in METHODS}
    present = [v for v in values if v is not None]
    if present:
        for method, short in [("benjamini_hochberg", "bh"), ("benjamini_yekutieli", "by")]:
            ours = [v for v in expected[method] if v is not None]
            theirs = stats.false_discovery_control(present, method=short)
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    cases.append({"id": name, "p_values": values, "expected": expected})

# The paper rejects four hypotheses at 5 %, Bonferroni three.
first = cases[0]["expected"]
assert sum(p <= 0.05 for p in first["benjamini_hochberg"]) == 4
assert sum(p <= 0.05 for p in first["bonferroni"]) == 3

path = Path(__file__).with_name("adjust.json")
path.write_text(json.dumps({"cases": cases}, indent=1) + "\n", encoding="utf-8")
