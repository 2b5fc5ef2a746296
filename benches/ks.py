"""The Kolmogorov-Smirnov test, with and without a fitted baseline, beside SciPy."""

import numpy as np
from measure import best, table
from scipy import stats

from driftline import drift

# (samples, rounds): the larger ones are slow enough to need few.
SIZES = [(1_000, 100), (1_000_000, 3)]
GOALS = {(1_000, "fitted"): "15 us"}


def repeated(call, *arguments):
    def run(n):
        for _ in range(n):
            call(*arguments)

    return run


def main():
    rows = []
    for size, rounds in SIZES:
        rng = np.random.default_rng(size)
        baseline, current = rng.normal(size=size), rng.normal(size=size)
        test = drift.KS()
        ns = best(
            {
                "fitted": repeated(test.fit(baseline).compare, current),
                "one-off": repeated(test.compare, baseline, current),
                "scipy.stats.ks_2samp": repeated(stats.ks_2samp, baseline, current),
                "np.sort of one sample": repeated(np.sort, current),
            },
            rounds,
        )
        for name, t in ns.items():
            rows.append(
                [
                    f"{size:,}",
                    name,
                    f"{t / 1e3:,.1f}",
                    f"{ns['scipy.stats.ks_2samp'] / t:,.1f}x",
                    f"{t / ns['np.sort of one sample']:,.2f}",
                    GOALS.get((size, name), ""),
                ]
            )
    table(
        "KS, n = m (statistic and p-value)",
        ["n", "", "us", "SciPy takes", "np.sorts", "goal"],
        rows,
    )


if __name__ == "__main__":
    main()
