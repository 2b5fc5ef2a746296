"""Two-sample tests with a fitted baseline, beside SciPy and one ``np.sort``.

Peers that need environments of their own are not here.
"""

import time
import warnings

import numpy as np
from measure import best, table
from scipy import stats

from driftline import drift

LARGE, SMALL = 1_000_000, 1_000


def quiet_anderson(x, y):
    with warnings.catch_warnings():
        # Its p-value is clipped, and it says so.
        warnings.simplefilter("ignore")
        return stats.anderson_ksamp([x, y])


SIX = {
    "ks": lambda x, y: stats.ks_2samp(x, y, method="asymp"),
    "wasserstein": stats.wasserstein_distance,
    "energy": stats.energy_distance,
    "cramer_von_mises": lambda x, y: stats.cramervonmises_2samp(x, y, method="asymptotic"),
    "anderson_darling": quiet_anderson,
    "mann_whitney": lambda x, y: stats.mannwhitneyu(x, y, method="asymptotic"),
}


def repeated(call, *arguments):
    def run(n):
        for _ in range(n):
            call(*arguments)

    return run


def once(call, *arguments):
    start = time.perf_counter_ns()
    call(*arguments)
    return time.perf_counter_ns() - start


def ks():
    """KS alone, n = m, as a user of SciPy would replace it."""
    rows = []
    # The larger samples are slow enough to need few rounds.
    for size, rounds in [(SMALL, 100), (LARGE, 3)]:
        rng = np.random.default_rng(size)
        baseline, current = rng.normal(size=size), rng.normal(size=size)
        test, asymptotic = drift.KS(), drift.KS(method="asymp")
        ns = best(
            {
                "fitted": repeated(test.fit(baseline).compare, current),
                "fitted, asymptotic": repeated(asymptotic.fit(baseline).compare, current),
                "one-off": repeated(test.compare, baseline, current),
                "scipy.stats.ks_2samp": repeated(stats.ks_2samp, baseline, current),
                "np.sort of one sample": repeated(np.sort, current),
            },
            rounds,
        )
        goals = {(SMALL, "fitted, asymptotic"): "15 us"}
        for name, t in ns.items():
            rows.append(
                [
                    f"{size:,}",
                    name,
                    f"{t / 1e3:,.1f}",
                    f"{ns['scipy.stats.ks_2samp'] / t:,.1f}x",
                    f"{t / ns['np.sort of one sample']:,.2f}",
                    goals.get((size, name), ""),
                ]
            )
    table(
        "KS, n = m (statistic and p-value)",
        ["n", "", "us", "SciPy takes", "np.sorts", "goal"],
        rows,
    )


def six_together():
    """All six of one sort and one pass, with their p-values."""
    rng = np.random.default_rng(6)
    kinds = {
        "normal": (lambda: rng.normal(size=LARGE), "2.00"),
        "Cauchy": (lambda: rng.standard_cauchy(LARGE), "2.00"),
        "40 levels": (lambda: np.round(6 * rng.normal(size=LARGE)), "2.25"),
        "6 decimals": (lambda: np.round(rng.normal(size=LARGE), 6), "2.25"),
    }
    rows = []
    for kind, (draw, goal) in kinds.items():
        baseline, current = draw(), draw()
        ascending = np.sort(current)
        fitted = {name: drift.Suite([name]).fit(baseline) for name in SIX}
        together = drift.Suite(list(SIX)).fit(baseline)
        two = drift.Suite(list(SIX), threads=2).fit(baseline)
        ns = best(
            {
                "np.sort": repeated(np.sort, current),
                "six together": repeated(together.compare, current),
                "six together, 2 threads": repeated(two.compare, current),
                "six, already sorted": repeated(together.compare, ascending),
                **{name: repeated(one.compare, current) for name, one in fitted.items()},
            },
            5,
        )
        peers = {name: once(call, baseline, current) for name, call in SIX.items()}
        peers["six together"] = sum(peers.values())
        for name, t in ns.items():
            rows.append(
                [
                    kind,
                    name,
                    f"{t / 1e6:,.1f}",
                    f"{t / ns['np.sort']:,.2f}",
                    goal if name == "six together" else "",
                    f"{peers[name] / t:,.0f}x" if name in peers else "",
                ]
            )
    table(
        f"Statistics and p-values, n = m = {LARGE:,}, baseline fitted",
        ["values", "", "ms", "np.sorts", "goal", "SciPy takes"],
        rows,
    )


def small_against_large():
    """A small sample is ranked in a large baseline, not merged with it."""
    rng = np.random.default_rng(7)
    baseline, current = rng.normal(size=LARGE), rng.normal(size=SMALL)
    fitted = drift.Suite(["ks", "mann_whitney"]).fit(baseline)
    ns = best(
        {
            "KS + Mann-Whitney": repeated(fitted.compare, current),
            "KS": repeated(drift.KS().fit(baseline).compare, current),
            "np.sort": repeated(np.sort, current),
        },
        50,
    )
    peers = {
        "KS": once(stats.ks_2samp, baseline, current),
        "KS + Mann-Whitney": once(stats.ks_2samp, baseline, current)
        + once(stats.mannwhitneyu, baseline, current),
    }
    goals = {"KS + Mann-Whitney": "60 us"}
    table(
        f"{SMALL:,} values against a fitted baseline of {LARGE:,}",
        ["", "us", "np.sorts", "goal", "SciPy takes"],
        [
            [
                name,
                f"{t / 1e3:,.1f}",
                f"{t / ns['np.sort']:,.2f}",
                goals.get(name, ""),
                f"{peers[name] / t:,.0f}x" if name in peers else "",
            ]
            for name, t in ns.items()
        ],
    )


def main():
    ks()
    six_together()
    small_against_large()


if __name__ == "__main__":
    main()
