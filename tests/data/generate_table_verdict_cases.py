"""Writes table_verdict.json: intervals and corrections that verdicts on columns stand on.

Everything is computed from its definition, by sums, root finding and search where the
library has closed forms. Published: table II of Newcombe, Interval estimation for the
difference between independent proportions, 1998. Run with numpy and scipy installed.
"""

import json
import math
from pathlib import Path

import numpy as np
from scipy import optimize, stats

rng = np.random.default_rng(1998)

# (successes, trials) of both groups and the 95 % interval of the first minus the second,
# by method 10.
PUBLISHED = [
    ((56, 70), (48, 80), (0.0524, 0.3339)),
    ((9, 10), (3, 10), (0.1705, 0.8090)),
    ((6, 7), (2, 7), (0.0582, 0.8062)),
    ((5, 56), (0, 29), (-0.0381, 0.1926)),
    ((0, 10), (0, 20), (-0.1611, 0.2775)),
    ((0, 10), (0, 10), (-0.2775, 0.2775)),
    ((10, 10), (0, 20), (0.6791, 1.0000)),
    ((10, 10), (0, 10), (0.6075, 1.0000)),
]


def wilson(share, n, z):
    """The rates whose score test at z does not reject, found as roots."""
    at = lambda rate: (share - rate) ** 2 * n - z * z * rate * (1 - rate)  # noqa: E731
    # At 0 and 1 the estimate itself is a root.
    near = min(max(share, 1e-9), 1 - 1e-9)
    low = 0.0 if share == 0 else optimize.brentq(at, 0, near, xtol=1e-15)
    high = 1.0 if share == 1 else optimize.brentq(at, near, 1, xtol=1e-15)
    return low, high


def difference(baseline, current, alpha):
    """Of two (share, n): current minus baseline, by Newcombe's method 10."""
    z = stats.norm.isf(alpha / 2)
    (p, n), (q, m) = baseline, current
    (l1, u1), (l2, u2) = wilson(p, n, z), wilson(q, m, z)
    return q - p - math.hypot(q - l2, u1 - p), q - p + math.hypot(u2 - q, p - l1)


def missing_cases():
    for current, baseline, published in PUBLISHED:
        (x, m), (y, n) = current, baseline
        low, high = difference((y / n, n), (x / m, m), 0.05)
        np.testing.assert_allclose([low, high], published, atol=5.1e-5)
        yield {"missing": [y, n, x, m], "alpha": 0.05, "low": low, "high": high}
    for alpha in (0.5, 0.01, 1e-4, 1e-9):
        n, m = rng.integers(10, 5000, 2).tolist()
        y, x = rng.integers(0, n), rng.integers(0, m)
        low, high = difference((y / n, n), (x / m, m), alpha)
        yield {"missing": [int(y), n, int(x), m], "alpha": alpha, "low": low, "high": high}


def unseen_cases():
    for rows, m, f1, f2, n in [
        (1, 1000, 0, 0, 1000),
        (200, 1000, 3, 1, 1000),
        (50, 2000, 40, 30, 4000),
        (1000, 1000, 1000, 0, 1000),
        (0, 300, 0, 12, 500),
    ]:
        share = f1 / n
        # n^2 times the variance of Good and Turing's estimate, Esty 1983, relative to a
        # binomial one; a singleton at least.
        binomial = max(f1, 1) * (1 - share)
        factor = 1 + 2 * f2 / binomial if f2 else 1
        low, high = difference((share, n / factor), (rows / m, m), 0.05)
        yield {"unseen": [rows, m, f1, f2, n], "alpha": 0.05, "low": low, "high": high}


def pooled(b, c):
    n, m = sum(b), sum(c)
    pairs = [(x, y) for x, y in zip(b, c, strict=True) if x + y]
    rare = [(x, y) for x, y in pairs if (x + y) * min(n, m) < 5 * (n + m)]
    if len(rare) < 2:
        return pairs, 0.0
    kept = [pair for pair in pairs if pair not in rare]
    merged = (sum(x for x, _ in rare), sum(y for _, y in rare))
    return [*kept, merged], sum(merged) / (n + m)


def by_chance(pairs, n, m):
    """Mean total variation when rows are exchanged, by summing over each category's law."""
    total = 0.0
    for x, y in pairs:
        t = x + y
        k = np.arange(0, min(t, n) + 1)
        pmf = stats.hypergeom.pmf(k, n + m, t, n)
        total += float(pmf @ np.abs(k / n - (t - k) / m)) / 2
    return total


def moved(pairs, n, m):
    return sum(abs(x / n - y / m) for x, y in pairs) / 2


def folded(r):
    return stats.foldnorm.mean(r)


def share_interval(b, c, alpha, min_effect):
    n, m = sum(b), sum(c)
    pairs, share = pooled(b, c)
    apart = share > min_effect
    z = stats.norm.isf(alpha / (4 if apart else 2))

    def variance(largest, rows):
        likely = (largest + z * z / 2) / (rows + z * z)
        return (likely * (1 - likely) if likely > 0.5 else 0.25) / rows

    largest = max(x for x, _ in pairs), max(y for _, y in pairs)
    reach = z * math.sqrt(variance(largest[0], n) + variance(largest[1], m))
    chance, observed = by_chance(pairs, n, m), moved(pairs, n, m)
    spread = chance / math.sqrt(2 / math.pi)
    low, target = observed - chance - reach, observed + reach
    if spread == 0:
        high = target
    elif target <= chance:
        high = 0.0
    else:
        at = lambda x: spread * folded(x / spread) - target  # noqa: E731
        high = optimize.brentq(at, 0, target, xtol=1e-15)
    value = observed
    if apart:
        each = [(x, y) for x, y in zip(b, c, strict=True) if x + y]
        excess = max(moved(each, n, m) - by_chance(each, n, m), 0)
        low = max(low, excess - z * math.sqrt(1 / n + 1 / m) / 2)
        value = max(value, excess)
    # Of the rows that are pooled all may have moved.
    low, high = max(low, 0), min(high + share, 1)
    return {
        "baseline": b,
        "current": c,
        "alpha": alpha,
        "min_effect": min_effect,
        "value": max(min(value, high), low),
        "low": low,
        "high": high,
        "pooled": share,
    }


def share_cases():
    yield share_interval([50, 50], [70, 30], 0.05, 0.05)
    yield share_interval([100], [80], 0.05, 0.05)
    yield share_interval([990, 10], [950, 50], 0.01, 0.05)
    yield share_interval([1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], 0.05, 0.05)
    yield share_interval([500, 300, 200, 3, 0, 1], [450, 350, 180, 0, 4, 1], 0.05, 0.001)
    for k, n, m, alpha in [(3, 200, 900, 0.05), (40, 3000, 3000, 1e-3), (300, 900, 700, 0.05)]:
        p = rng.dirichlet(np.ones(k))
        q = p * np.exp(0.3 * rng.normal(size=k))
        b, c = rng.multinomial(n, p).tolist(), rng.multinomial(m, q / q.sum()).tolist()
        yield share_interval(b, c, alpha, 0.05)
    # All of 300 categories in both, but twice as often in one: pooled, nothing is seen.
    yield share_interval([3] * 400, [6, 0] * 200, 0.05, 0.05)


def rejected(p, w, method, alpha):
    """Which tests a method rejects at alpha, from its own rule."""
    m = len(p)
    if method == "bonferroni":
        return {i for i in range(m) if w[i] > 0 and p[i] <= alpha * w[i] / m}
    if method == "holm":
        done = set()
        while True:
            left = [i for i in range(m) if i not in done]
            total = sum(w[i] for i in left)
            new = {i for i in left if w[i] > 0 and p[i] <= alpha * w[i] / total}
            if not new:
                return done
            done |= new
    penalty = sum(1 / i for i in range(1, m + 1)) if method == "benjamini_yekutieli" else 1
    for r in range(m, 0, -1):
        within = {
            i for i in range(m) if w[i] > 0 and p[i] <= alpha * min(1, w[i] * r / m) / penalty
        }
        if len(within) >= r:
            return within
    return set()


def weighted_cases():
    made = [
        ([0.01, 0.02, 0.9], [1.9, 0.1, 1.0]),
        ([0.04, 0.01, 0.04, 0.5], [0.0, 1.0, 2.0, 1.0]),
        ([0.9, 1e-6, 1e-6, 1e-6], [37.0, 1.0, 1.0, 1.0]),
        ((rng.random(12) ** 4).tolist(), rng.exponential(size=12).tolist()),
        ((rng.random(25) ** 8).tolist(), rng.exponential(size=25).tolist()),
    ]
    for p, weights in made:
        mean = sum(weights) / len(weights)
        w = [weight / mean for weight in weights]
        expected = {}
        for method in ("bonferroni", "holm", "benjamini_hochberg", "benjamini_yekutieli"):
            adjusted = []
            for i in range(len(p)):
                low, high = 0.0, 1.0
                if i not in rejected(p, w, method, high):
                    low = high
                while high - low > 1e-15 * high:
                    middle = (low + high) / 2
                    if middle in (low, high):
                        break
                    if i in rejected(p, w, method, middle):
                        high = middle
                    else:
                        low = middle
                adjusted.append(high)
            expected[method] = adjusted
        # The step-up that would go with weights does not keep its promise.
        expected["hochberg"] = expected["holm"]
        yield {"p_values": p, "weights": weights, "expected": expected}


def power_cases():
    for n, m, delta, effect, alpha, columns in [
        (1000, 1000, 0.2, 0.05, 0.05, 60),
        (500, 4000, 0.15, 0.05, 0.05, 10),
        (2000, 2000, 0.1, 0.0, 0.01, 1),
        (100, 100, 0.04, 0.05, 0.05, 1),
    ]:
        rate = 1 / n + 1 / m
        reach = math.sqrt(math.log(2 * columns / alpha) / 2 * rate)
        deviation = math.sqrt((1 - delta**2) / 4 * rate)
        chance = float(stats.norm.cdf((delta - effect - reach) / deviation))
        yield {
            "n": n,
            "m": m,
            "share_moved": delta,
            "min_effect": effect,
            "alpha": alpha,
            "columns": columns,
            "expected": chance,
        }


sections = {
    "missing": missing_cases(),
    "unseen": unseen_cases(),
    "shares": share_cases(),
    "weighted": weighted_cases(),
    "power": power_cases(),
}
path = Path(__file__).with_name("table_verdict.json")
made = {name: list(cases) for name, cases in sections.items()}
path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
