"""Writes effects.json: samples and their effect sizes with intervals.

Values in rational arithmetic or 50 digits; intervals from their published
formulas in 50 digits, with sums over all pairs instead of ranks.
Run with numpy, scipy and mpmath installed.
"""

import json
from fractions import Fraction
from itertools import chain
from pathlib import Path

import mpmath as mp
import numpy as np
from scipy import optimize, stats

mp.mp.dps = 50
rng = np.random.default_rng(2006)
N = rng.standard_normal


def samples():
    yield "normal", N(30), N(20) + 0.5
    yield "unequal variances", N(40), 3 * N(15) - 1
    yield "log-normal", np.exp(N(50)), np.exp(N(35) * 1.5)
    yield "Cauchy", rng.standard_cauchy(25), rng.standard_cauchy(40) + 1
    yield "3 levels", rng.integers(0, 3, 40), rng.integers(0, 3, 30)
    yield "two and three", [1, 2], [1.5, 4, 5]
    yield "disjoint", N(20), N(25) + 50
    yield "disjoint below", N(8) + 50, N(9)
    yield "offset 1e9", 1e9 + N(30), 1e9 + 0.3 + N(20)
    yield "scale 1e-12", 1e-12 * N(30), 1e-12 * (N(20) + 0.5)
    yield "scale 1e200", 1e200 * N(30), 1e200 * (N(20) + 0.5)
    yield "scale 1e-300", 1e-300 * N(30), 1e-300 * (N(20) + 0.5)
    yield "one nearly constant", [*[0.5] * 30, 0.75], N(20)


def t_quantile(p, df):
    if df == mp.inf:
        with mp.workdps(160):
            return mp.sqrt(2) * mp.erfinv(1 - 2 * p)

    def tail(t):
        return mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2

    # Bisection and secants on the logarithm: far tails of few degrees are far.
    low, high = mp.mpf("1e-30"), mp.mpf(2)
    while tail(high) > p:
        high *= 4
    root = mp.findroot(
        lambda u: mp.log(tail(mp.exp(u)) / p),
        (mp.log(low), mp.log(high)),
        solver="anderson",
        tol=1e-60,
        maxsteps=500,
        verify=False,
    )
    t = mp.exp(root)
    assert abs(tail(t) / p - 1) < mp.mpf("1e-25"), (p, df)
    return t


def dominance(a, b, level):
    n, m = len(a), len(b)

    def beats(y, x):
        return Fraction(1) if y > x else Fraction(1, 2) if y == x else Fraction(0)

    of_b = [sum(beats(y, x) for x in a) / n for y in b]
    of_a = [sum(beats(y, x) for y in b) / m for x in a]
    theta = sum(of_b) / m
    spread = theta * (1 - theta)
    prior = Fraction(1, 2)

    def share(places):
        squares = sum((p - theta) ** 2 for p in places)
        return min(Fraction(1), (squares + prior) / (len(places) * spread + prior))

    v_b, v_a = share(of_b) / m, share(of_a) / n
    df = (v_a + v_b) ** 2 / (v_a**2 / max(n - 1, 1) + v_b**2 / max(m - 1, 1))
    k = 1 / as_mp(min(v_a + v_b, Fraction(1, min(n, m))))
    t = t_quantile((1 - level) / 2, as_mp(df))
    p = as_mp(theta)
    centre = (p + t**2 / (2 * k)) / (1 + t**2 / k)
    half = t * mp.sqrt(p * (1 - p) / k + t**2 / (4 * k * k)) / (1 + t**2 / k)
    low, high = max(centre - half, 0), min(centre + half, 1)
    return {
        "cliffs_delta": (2 * theta - 1, 2 * low - 1, 2 * high - 1),
        "probability_of_superiority": (theta, low, high),
    }


def share_moved(a, b, level):
    distance = max(
        abs(Fraction(sum(x <= z for x in a), len(a)) - Fraction(sum(y <= z for y in b), len(b)))
        for z in [*a, *b]
    )
    band = mp.sqrt(mp.log(2 / (1 - level)) / 2 * (mp.mpf(1) / len(a) + mp.mpf(1) / len(b)))
    d = as_mp(distance)
    return {"share_moved": (distance, max(d - band, 0), min(d + band, 1))}


def as_mp(x):
    return mp.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else mp.mpf(x)


def moments(a, b, level):
    a, b = [as_mp(x) for x in a], [as_mp(x) for x in b]
    n, m = len(a), len(b)
    ma, mb = mp.fsum(a) / n, mp.fsum(b) / m
    va = mp.fsum((x - ma) ** 2 for x in a) / (n - 1)
    vb = mp.fsum((x - mb) ** 2 for x in b) / (m - 1)
    df = mp.mpf(n + m - 2)
    pooled = ((n - 1) * va + (m - 1) * vb) / df
    d = (mb - ma) / mp.sqrt(pooled)
    g = d * mp.gamma(df / 2) / (mp.sqrt(df / 2) * mp.gamma((df - 1) / 2))

    def influence(values, mean, variance, sign):
        size = len(values)
        parts = [
            sign * (x - mean) / mp.sqrt(pooled)
            - d / 2 * size / df * ((x - mean) ** 2 - variance) / pooled
            for x in values
        ]
        return mp.fsum(p**2 for p in parts) / (size * (size - 1))

    wa, wb = influence(a, ma, va, -1), influence(b, mb, vb, 1)
    degrees = (wa + wb) ** 2 / (wa**2 / (n - 1) + wb**2 / (m - 1))
    normal = mp.mpf(1) / n + mp.mpf(1) / m + d**2 / (2 * df)
    reach = t_quantile((1 - level) / 2, degrees) * mp.sqrt(max(normal, wa + wb))

    def fourth(values):
        values = sorted(values)
        size = len(values)
        share = mp.mpf(1) / (2 * mp.sqrt(size - 4)) if size > 5 else mp.mpf(1) / 2
        cut = min(int(share * size), (size - 1) // 2)
        kept = values[cut : size - cut]
        centre = mp.fsum(kept) / len(kept)
        return mp.fsum((x - centre) ** 4 for x in values)

    fa, fb = fourth(a), fourth(b)
    pooled_kurtosis = (n + m) * (fa + fb) / ((n - 1) * va + (m - 1) * vb) ** 2

    def part(kurtosis, size):
        return (kurtosis - mp.mpf(size - 3) / size) / (size - 1)

    variance = max(
        part(pooled_kurtosis, n) + part(pooled_kurtosis, m),
        part(n * fa / ((n - 1) * va) ** 2, n) + part(m * fb / ((m - 1) * vb) ** 2, m),
    )
    z = t_quantile((1 - level) / 2, mp.inf)

    def constant(size):
        return 1 / (1 - min(z / size, mp.mpf("0.75")))

    ratio = mp.log(vb / va) / 2
    centre = ratio + mp.log(constant(m) / constant(n)) / 2
    width = t_quantile((1 - level) / 2, df) * mp.sqrt(max(variance, 0)) / 2
    return {
        "hedges_g": (g, g - reach, g + reach),
        "log_spread_ratio": (ratio, min(centre - width, ratio), max(centre + width, ratio)),
    }


def total_variation(a, b, level):
    n, m = sum(a), sum(b)
    p, q = [Fraction(x, n) for x in a], [Fraction(x, m) for x in b]
    value = sum(abs(x - y) for x, y in zip(p, q, strict=True)) / 2
    bias = mp.fsum(
        mp.sqrt(2 * as_mp(x * (1 - x) / n + y * (1 - y) / m) / mp.pi)
        for x, y in zip(p, q, strict=True)
    )
    reach = t_quantile((1 - level) / 2, mp.inf) * mp.sqrt(mp.mpf(1) / n + mp.mpf(1) / m) / 2
    v = as_mp(value)
    return {"share_moved": (value, max(v - bias / 2 - reach, 0), min(v + reach, 1))}


def cramers_v(a, b, level):
    n, m = sum(a), sum(b)
    size = n + m
    cells = [(Fraction(x, n), Fraction(y, m)) for x, y in zip(a, b, strict=True) if x + y]
    if len(cells) < 2:
        return {}
    df = len(cells) - 1
    share = Fraction(n, size)
    square = sum(
        w * (r - e) ** 2 / e
        for p, q in cells
        for e in [share * p + (1 - share) * q]
        for w, r in [(share, p), (1 - share, q)]
    )
    v = mp.sqrt(as_mp(square))
    x = float(size * square)
    even = max(x, df * (1 - 2 / (9 * df)) ** 3)
    alpha = float(1 - level)

    def noncentrality(p, x):
        def excess(c):
            law = stats.ncx2(df, c) if c else stats.chi2(df)
            return law.cdf(x) - p

        if excess(0) <= 0:
            return 0
        return optimize.brentq(excess, 0, 4 * x + 400, xtol=1e-13, rtol=1e-14)

    ends = [
        mp.sqrt(noncentrality(p, y) / mp.mpf(size))
        for p, y in [(1 - alpha / 2, x), (alpha / 2, even)]
    ]

    # The delta method, with numerical derivatives in 50 digits.
    def measure(shares):
        k = len(shares) // 2
        rows = list(zip(shares[:k], shares[k:], strict=True))
        weight = as_mp(share)
        return (
            weight
            * (1 - weight)
            * mp.fsum((p - q) ** 2 / (weight * p + (1 - weight) * q) for p, q in rows)
        )

    at = [as_mp(p) for p, _ in cells] + [as_mp(q) for _, q in cells]
    step = mp.mpf(10) ** -20
    slopes = [
        (measure([*at[:i], x + step, *at[i + 1 :]]) - measure([*at[:i], x - step, *at[i + 1 :]]))
        / (2 * step)
        for i, x in enumerate(at)
    ]

    def variance(shares, slopes):
        mean = mp.fsum(s * d for s, d in zip(shares, slopes, strict=True))
        return mp.fsum(s * (d - mean) ** 2 for s, d in zip(shares, slopes, strict=True))

    k = len(cells)
    spread = variance(at[:k], slopes[:k]) / n + variance(at[k:], slopes[k:]) / m
    error = max(mp.sqrt(spread) / (2 * v) * mp.sqrt(size), 1) if v else 1
    low, high = v - error * (v - ends[0]), v + error * (ends[1] - v)
    return {"cramers_v": (v, min(max(low, 0), v), max(min(high, 1), v))}


def plain(effects):
    return {name: [float(as_mp(x)) for x in effect] for name, effect in effects.items()}


cases = []
for name, a, b in samples():
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    exact_a, exact_b = [Fraction(x) for x in a.tolist()], [Fraction(x) for x in b.tolist()]
    for level in (0.95, 0.5) if name == "normal" else (0.95,):
        made = [f(exact_a, exact_b, mp.mpf(level)) for f in (share_moved, dominance, moments)]
        cases.append(
            {
                "id": f"{name} {level}",
                "baseline": a.tolist(),
                "current": b.tolist(),
                "level": level,
                "expected": plain(dict(chain.from_iterable(x.items() for x in made))),
            }
        )


def counted(a, b):
    level = mp.mpf(0.95)
    return plain({**total_variation(a, b, level), **cramers_v(a, b, level)})


COUNTS = [
    ([50, 50], [70, 30]),
    ([0, 10, 5], [7, 0, 5]),
    ([1, 0], [0, 1]),
    ([1000, 2000, 3000, 5], [100, 210, 290, 0]),
    ([3], [8]),
    ([10, 20, 30], [10, 20, 30]),
    ([30, 20, 12, 9, 4, 2], [22, 31, 5, 9, 6, 0]),
    ([9900, 100], [80, 20]),
]
counts = [
    {
        "baseline": a,
        "current": b,
        "level": 0.95,
        "expected": plain(total_variation(a, b, mp.mpf(0.95))),
    }
    for a, b in COUNTS
]

path = Path(__file__).with_name("effects.json")
content = {"cases": cases, "counts": counts}
path.write_text(json.dumps(content) + "\n", encoding="utf-8")
