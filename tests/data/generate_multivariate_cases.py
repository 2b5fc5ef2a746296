"""Writes multivariate.json: MMD^2 and energy distance of rows, at 50 digits.

Each statistic is its definition, pair by pair, on the exact values of the
floats; a p-value is the share of all relabellings with at least the statistic
of the rows as they are.

Run: python tests/data/generate_multivariate_cases.py (needs numpy and mpmath).
"""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
from mpmath import exp, fabs, fsum, mp, mpf, sqrt

mp.dps = 50
MOST_ENUMERATED = 500
# Statistics that are equal in exact arithmetic differ by far less.
EQUAL = mpf(10) ** -40


def euclidean(x, y):
    return sqrt(fsum((a - b) ** 2 for a, b in zip(x, y, strict=True)))


def manhattan(x, y):
    return fsum(fabs(a - b) for a, b in zip(x, y, strict=True))


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def bandwidth(params, rows, distance):
    if params.get("bandwidth") is not None:
        return mpf(params["bandwidth"])
    distances = [distance(x, y) for x, y in combinations(rows, 2)]
    return median(distances) or fsum(distances) / len(distances) or mpf(1)


def kernel_matrix(params, rows):
    kind = params.get("kernel", "rbf")
    if kind == "rbf":
        h = bandwidth(params, rows, euclidean)
        return [[exp(-(euclidean(x, y) ** 2) / (2 * h**2)) for y in rows] for x in rows]
    if kind == "laplacian":
        h = bandwidth(params, rows, manhattan)
        return [[exp(-manhattan(x, y) / h) for y in rows] for x in rows]
    dots = [[fsum(a * b for a, b in zip(x, y, strict=True)) for y in rows] for x in rows]
    if kind == "linear":
        return dots
    d, degree = len(rows[0]), params.get("degree", 3)
    return [[(1 + dot / d) ** degree for dot in row] for row in dots]


def mmd(matrix, first, second):
    def within(rows):
        return fsum(matrix[i][j] for i in rows for j in rows if i != j) / (
            len(rows) * (len(rows) - 1)
        )

    between = fsum(matrix[i][j] for i in first for j in second) / (len(first) * len(second))
    return within(first) + within(second) - 2 * between, [
        within(first),
        within(second),
        2 * between,
    ]


def energy(matrix, first, second):
    def mean(rows, others):
        return fsum(matrix[i][j] for i in rows for j in others) / (len(rows) * len(others))

    parts = [2 * mean(first, second), mean(first, first), mean(second, second)]
    return parts[0] - parts[1] - parts[2], parts


def case(name, test, params, baseline, current):
    exact = [[mpf(float(x)) for x in row] for row in [*baseline, *current]]
    n, total = len(baseline), len(exact)
    if test == "mmd":
        matrix, statistic_of, shown = kernel_matrix(params, exact), mmd, lambda value: value
    else:
        matrix = [[euclidean(x, y) for y in exact] for x in exact]
        statistic_of, shown = energy, sqrt
    everything = set(range(total))
    value, parts = statistic_of(matrix, list(range(n)), list(range(n, total)))
    # What rounding is relative to: the parts that cancel.
    size = fsum(fabs(part) for part in parts)
    result = {
        "id": name,
        "test": test,
        "params": params,
        "baseline": [[float(x) for x in row] for row in baseline],
        "current": [[float(x) for x in row] for row in current],
        "statistic": float(shown(value)),
        "size": float(size),
        "source": f"{Path(__file__).name}: the definition at 50 digits",
    }
    ways = list(combinations(range(total), n)) if total <= 12 else []
    if 0 < len(ways) <= MOST_ENUMERATED:
        values = [statistic_of(matrix, list(way), sorted(everything - set(way)))[0] for way in ways]
        as_extreme = sum(other >= value - EQUAL * size for other in values)
        result["p_value"] = as_extreme / len(ways)
    return result


def samples():
    rng = np.random.default_rng(5)
    yield "normal 3 + 4", rng.normal(size=(3, 2)), rng.normal(size=(4, 2)) + 1
    yield "normal 4 + 4", rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    yield "one column 5 + 3", rng.normal(size=(5, 1)), rng.normal(size=(3, 1))
    yield "normal 20 + 15", rng.normal(size=(20, 3)), rng.normal(size=(15, 3)) * 1.5
    yield "ties 6 + 4", rng.integers(0, 2, (6, 2)), rng.integers(0, 2, (4, 2))
    yield "mostly equal 6 + 4", np.eye(6, 2), np.zeros((4, 2))
    yield "cauchy 12 + 14", rng.standard_cauchy((12, 2)), rng.standard_cauchy((14, 2))
    yield "offset 1e9 8 + 9", 1e9 + rng.normal(size=(8, 2)), 1e9 + rng.normal(size=(9, 2))
    yield "scale 1e-12 8 + 9", 1e-12 * rng.normal(size=(8, 2)), 1e-12 * rng.normal(size=(9, 2))
    yield "scale 1e160 5 + 5", 1e160 * rng.normal(size=(5, 2)), 1e160 * rng.normal(size=(5, 2))


KERNELS = [
    {},
    {"bandwidth": 0.75},
    {"kernel": "laplacian"},
    {"kernel": "linear"},
    {"kernel": "polynomial"},
    {"kernel": "polynomial", "degree": 2},
]


def main():
    cases = []
    for name, baseline, current in samples():
        for params in KERNELS:
            # These are functions of the values themselves: 1e160 overflows, 1e9
            # cubed leaves no digits of the difference.
            if "1e" in name and params.get("kernel") in ("linear", "polynomial"):
                continue
            if "1e160" in name and "bandwidth" in params:
                continue
            label = " ".join(str(value) for value in params.values()) or "rbf"
            cases.append(case(f"mmd {label}: {name}", "mmd", params, baseline, current))
        cases.append(case(f"energy: {name}", "multivariate_energy", {}, baseline, current))
    path = Path(__file__).with_name("multivariate.json")
    path.write_text(json.dumps({"cases": cases}).replace('}, {"id', '},\n{"id') + "\n")


if __name__ == "__main__":
    main()
