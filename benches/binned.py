"""Tests of binned numbers with a fitted baseline, beside np.sort and np.histogram."""

import numpy as np
from measure import best, table

from driftline import drift

N = 1_000_000
ROUNDS = 20
SAMPLES = {
    "normal": lambda rng: rng.normal(size=N),
    "Cauchy": lambda rng: rng.standard_cauchy(size=N),
    "log-normal": lambda rng: np.exp(3 * rng.normal(size=N)),
}
# bins: np.sorts of the current sample
GOALS = {10: "0.20", 512: "0.55"}


def repeated(call, *arguments):
    def run(n):
        for _ in range(n):
            call(*arguments)

    return run


def main():
    rows = []
    for name, draw in SAMPLES.items():
        rng = np.random.default_rng(1)
        baseline, current = draw(rng)[:100_000], draw(rng)
        for bins in (2, 10, 32, 100, 512):
            edges = np.quantile(baseline, np.linspace(0, 1, bins + 1))
            fitted = drift.JensenShannon(bins=bins).fit(baseline)
            contenders = {
                "fitted": repeated(fitted.compare, current),
                "np.sort": repeated(np.sort, current),
                "np.histogram": repeated(np.histogram, current, edges),
            }
            ns = best(contenders, ROUNDS)
            rows.append(
                [
                    name,
                    str(bins),
                    f"{ns['fitted'] / 1e6:.2f}",
                    f"{ns['np.histogram'] / 1e6:.2f}",
                    f"{ns['np.sort'] / 1e6:.2f}",
                    f"{ns['fitted'] / ns['np.sort']:.2f}",
                    GOALS.get(bins, ""),
                ]
            )
    table(
        f"Jensen-Shannon distance of {N:,} numbers to a fitted baseline",
        ["", "bins", "ms", "np.histogram", "np.sort", "np.sorts", "goal"],
        rows,
    )


if __name__ == "__main__":
    main()
