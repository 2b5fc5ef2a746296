"""Tests of rows and resampling, beside NumPy and SciPy doing the same.

NumPy's column computes the same statistic and as many permutations: MMD with the
kernel matrix made once and all relabellings as one matrix product.
"""

import numpy as np
from measure import best, table
from scipy import stats

from driftline import drift

ROWS, COLUMNS, PERMUTATIONS = 1_000, 10, 1_000
ROUNDS = 3
GOALS = {"MMD": "150 ms"}


def repeated(call, *arguments):
    def run(n):
        for _ in range(n):
            call(*arguments)

    return run


def mmd_by_numpy(x, y):
    rng = np.random.default_rng(0)
    pooled = np.concatenate([x, y])
    squares = (pooled**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares[None, :] - 2 * pooled @ pooled.T, 0)
    upper = np.triu_indices(len(pooled), 1)
    kernel = np.exp(-distances / (2 * np.median(distances[upper])))
    np.fill_diagonal(kernel, 0)
    n, m = len(x), len(y)
    marks = np.zeros((n + m, PERMUTATIONS + 1))
    marks[:n, 0] = 1
    for k in range(1, PERMUTATIONS + 1):
        marks[rng.permutation(n + m)[:n], k] = 1
    own = np.einsum("ij,ij->j", marks, kernel @ marks)
    all_of = kernel.sum(axis=1) @ marks
    between = all_of - own
    others = kernel.sum() - all_of - between
    values = own / (n * (n - 1)) + others / (m * (m - 1)) - 2 * between / (n * m)
    return values[0], (1 + (values[1:] >= values[0]).sum()) / (PERMUTATIONS + 1)


def ks_by_scipy(x, y):
    # SciPy's own statistic, asymptotic: its exact p-value would take the time.
    def statistic(a, b):
        return stats.ks_2samp(a, b, method="asymp").statistic

    return stats.permutation_test((x, y), statistic, n_resamples=99, alternative="greater")


def main():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, ROWS, COLUMNS))
    contenders = {
        "MMD": repeated(drift.MMD(n_permutations=PERMUTATIONS).compare, x, y),
        "MMD, two threads": repeated(
            drift.MMD(n_permutations=PERMUTATIONS, threads=2).compare, x, y
        ),
        "MMD by NumPy": repeated(mmd_by_numpy, x, y),
        "MMD, blocks": repeated(drift.MMD(method="block").compare, x, y),
        "multivariate energy": repeated(
            drift.MultivariateEnergy(n_permutations=PERMUTATIONS).compare, x, y
        ),
        "classifier two-sample": repeated(
            drift.ClassifierTwoSample(n_permutations=PERMUTATIONS).compare, x, y
        ),
    }
    ns = best(contenders, ROUNDS)
    rows = [[name, f"{t / 1e6:,.0f}", GOALS.get(name, "")] for name, t in ns.items()]
    title = f"Tests of rows, n = m = {ROWS:,}, {COLUMNS} columns, {PERMUTATIONS:,} permutations"
    table(title, ["", "ms", "goal"], rows)

    x, y = x[:, 0].copy(), y[:, 0].copy()
    counts = {"drift.permutation": 999, "scipy.stats.permutation_test": 99}
    ns = best(
        {
            "drift.permutation": repeated(
                lambda: drift.permutation("ks", x, y, n_permutations=999)
            ),
            "scipy.stats.permutation_test": repeated(ks_by_scipy, x, y),
        },
        ROUNDS,
    )
    rows = [[name, f"{t / counts[name] / 1e3:,.1f}"] for name, t in ns.items()]
    table(f"Permutations of KS, n = m = {ROWS:,}", ["", "us per permutation"], rows)


if __name__ == "__main__":
    main()
