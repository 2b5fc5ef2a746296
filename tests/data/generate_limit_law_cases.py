"""Writes limit_laws.json: references for the laws of rank statistics.

Limit laws by mpmath at 50 digits, exact laws by rational arithmetic and by
enumeration of all arrangements. Run with mpmath and numpy installed:
python tests/data/generate_limit_law_cases.py
"""

import json
import sys
import warnings
from fractions import Fraction
from itertools import combinations
from math import comb, gcd
from pathlib import Path

import mpmath as mp
import numpy as np
from scipy import stats

mp.mp.dps = 50


def number(x):
    return float(mp.mpf(x))


# Limit laws ------------------------------------------------------------------


def tail_between_zeros(x, determinant, zeros, terms):
    """Anderson & Darling 1952, 4.32; tanh-sinh quadrature minds the ends."""
    total = mp.mpf(0)
    for k in range(terms):
        low, high = zeros(2 * k + 1), zeros(2 * k + 2)
        middle = (low + high) / 2

        # From either end, so that the distance to it has all its digits.
        def part(end, sign, low=low, middle=middle):
            def f(w):
                u = end + sign * w * w
                return 2 * w * mp.exp(-x * (u - zeros(1)) / 2) / (u * mp.sqrt(abs(determinant(u))))

            width = mp.sqrt(middle - low)
            cuts = [0]
            size = min(width, mp.sqrt(1 / x))
            while size < width:
                cuts.append(size)
                size *= 2
            return mp.quad(f, [*cuts, width])

        total += (-1) ** k * (part(low, 1) + part(high, -1))
    return mp.log(total / mp.pi) - x * zeros(1) / 2


def cramer_von_mises_limit(x):
    return tail_between_zeros(
        x,
        lambda u: mp.sin(mp.sqrt(u)) / mp.sqrt(u),
        lambda j: (j * mp.pi) ** 2,
        int(mp.sqrt(2 * 80 / x) / mp.pi / 2) + 2,
    )


def anderson_darling_limit(x):
    return tail_between_zeros(
        x,
        lambda u: mp.cos(mp.pi / 2 * mp.sqrt(1 + 4 * u)) / (mp.pi * u),
        lambda j: mp.mpf(j * (j + 1)),
        int(mp.sqrt(2 * 80 / x) / 2) + 2,
    )


def limits(law, arguments):
    for text in arguments:
        x = mp.mpf(float(text))
        yield {"x": number(x), "log_sf": number(law(x))}


# Tied samples -----------------------------------------------------------------


def contribution(kind, before, after, n, m):
    """What a group of ties adds to T or A^2, exactly; counts up to it of one and both."""
    total, size = n + m, after[1] - before[1]
    if kind == "cramer_von_mises":
        difference = Fraction(after[0], n) - Fraction(after[1] - after[0], m)
        return Fraction(n * m, total**2) * size * difference**2
    # Scholz & Stephens 1987, equation 7, both samples one after the other.
    middle = Fraction(before[1] + after[1], 2)
    spread = middle * (total - middle) - Fraction(total * size, 4)
    if spread == 0:
        return Fraction(0)
    value = Fraction(0)
    one = Fraction(before[0] + after[0], 2)
    for own, count in [(n, one), (m, middle - one)]:
        value += Fraction(size, total) * (total * count - own * middle) ** 2 / spread / own
    return value * Fraction(total - 1, total)


def all_arrangements(kind, sizes, n, m):
    """{statistic: number of arrangements} over all ways to share out tied groups."""
    states = {(0, Fraction(0)): 1}
    rank = 0
    for size in sizes:
        grown = {}
        for (count, value), ways in states.items():
            for k in range(min(size, n - count) + 1):
                place = (count + k, rank + size)
                if place[1] - place[0] > m:
                    continue
                key = (place[0], value + contribution(kind, (count, rank), place, n, m))
                grown[key] = grown.get(key, 0) + ways * comb(size, k)
        states, rank = grown, rank + size
    law = {}
    for (_, value), ways in states.items():
        law[value] = law.get(value, 0) + ways
    assert sum(law.values()) == comb(n + m, n)
    return law


def observed(kind, groups, n, m):
    place, value = (0, 0), Fraction(0)
    for a, b in groups:
        before, place = place, (place[0] + a, place[1] + a + b)
        value += contribution(kind, before, place, n, m)
    return value


GROUPS = [
    [(1, 0), (0, 1)],
    [(1, 0), (0, 1), (0, 1)],
    [(1, 0)] * 5 + [(0, 1)] * 5,
    [(1, 0), (0, 1), (1, 0), (0, 1), (1, 0), (0, 1), (0, 1), (0, 1)],
    [(0, 1), (0, 1), (0, 1), (1, 0), (0, 1), (1, 0), (1, 0), (0, 1), (1, 0), (1, 0), (0, 1)],
    [(1, 0), (0, 1), (1, 1), (0, 2), (2, 1), (1, 0)],
    [(3, 1), (2, 2), (0, 4), (1, 1)],
    [(10, 4), (5, 9), (3, 8)],
    [(5, 2), (5, 8)],
    [(40, 20), (30, 30), (10, 30)],
    [(1, 0), (0, 9)],
    [(0, 3), (1, 0), (0, 30)],
    [(4, 6)],
    [(2, 0), (3, 1), (1, 1), (2, 3), (0, 1), (1, 4), (0, 2)],
    [(7, 3), (0, 1), (1, 0), (2, 0), (0, 5), (1, 1)],
]


def tied_limit(kind, sizes, n, m, law, statistic):
    """Limit law given the ties, at the statistic standardised by the exact moments."""
    total = n + m
    shares = [mp.mpf(size) / total for size in sizes]
    ends = [sum(shares[: i + 1]) for i in range(len(shares))]
    starts = [mp.mpf(0), *ends[:-1]]
    k = len(shares)
    bridge = mp.matrix(k, k)  # covariance of the bridge where the statistic looks
    weights = []
    for i in range(k):
        for j in range(k):
            if kind == "cramer_von_mises":
                s, t = sorted([ends[i], ends[j]])
                bridge[i, j] = s * (1 - t)
            else:
                corners = [(a, b) for a in (starts[i], ends[i]) for b in (starts[j], ends[j])]
                bridge[i, j] = sum(min(a, b) * (1 - max(a, b)) for a, b in corners) / 4
        if kind == "cramer_von_mises":
            weights.append(shares[i])
        else:
            weights.append(shares[i] / bridge[i, i])
    form = mp.matrix(k, k)
    for i in range(k):
        for j in range(k):
            form[i, j] = mp.sqrt(weights[i]) * bridge[i, j] * mp.sqrt(weights[j])
    values = sorted(v for v in mp.eigsy(form, eigvals_only=True) if v > mp.mpf(10) ** -20)
    zeros = [1 / v for v in reversed(values)]
    mean, variance = sum(values), 2 * sum(v * v for v in values)
    count = comb(total, n)
    first = sum(v * w for v, w in law.items()) / count
    second = sum(v * v * w for v, w in law.items()) / count - first**2
    exact_mean, exact_variance = (mp.mpf(f.numerator) / f.denominator for f in (first, second))
    x = mean + (statistic - exact_mean) * mp.sqrt(variance / exact_variance)

    def density(end, way, w):
        """At u = end +- w^2, times du: the zero at the end cancels."""
        u, product = zeros[end] + way * w * w, mp.mpf(1)
        for i, z in enumerate(zeros):
            product *= 1 - u / z if i != end else 1
        scale = 2 * mp.sqrt(zeros[end]) * mp.exp(-x * (u - zeros[0]) / 2)
        return scale / (u * mp.sqrt(abs(product)))

    result = mp.mpf(0)
    for i in range(0, len(zeros), 2):
        sign = (-1) ** (i // 2)
        if i + 1 < len(zeros):
            cuts = mp.linspace(0, mp.sqrt((zeros[i + 1] - zeros[i]) / 2), 5)
            for end, way in [(i, 1), (i + 1, -1)]:
                result += sign * mp.quad(lambda w, e=end, s=way: density(e, s, w), cuts)
        else:
            cuts = [mp.mpf(c) * mp.sqrt(1 / x) for c in (0, 1, 2, 4, 8, 16)]
            result += sign * mp.quad(lambda w, e=i: density(e, 1, w), cuts)
    return mp.log(result / mp.pi) - x * zeros[0] / 2, exact_mean, exact_variance


def tied():
    for kind in ["cramer_von_mises", "anderson_darling"]:
        for groups in GROUPS:
            n, m = (sum(side) for side in zip(*groups, strict=True))
            sizes = [a + b for a, b in groups]
            law = all_arrangements(kind, sizes, n, m)
            value = observed(kind, groups, n, m)
            p = Fraction(sum(w for v, w in law.items() if v >= value), comb(n + m, n))
            case = {"kind": kind, "groups": groups, "statistic": float(value), "p": float(p)}
            if len(law) > 1 and len(groups) > 1:
                mp.mp.dps = 30
                top = mp.mpf(value.numerator) / value.denominator
                if n + m > 20:
                    limit, mean, variance = tied_limit(kind, sizes, n, m, law, 3 * top + 1)
                    case |= {"limit_at": number(3 * top + 1), "log_sf": number(limit)}
                else:
                    limit, mean, variance = tied_limit(kind, sizes, n, m, law, max(top, 2))
                    case |= {"limit_at": number(max(top, 2)), "log_sf": number(limit)}
                case |= {"mean": number(mean), "variance": number(variance)}
                mp.mp.dps = 50
            yield case


# Kolmogorov-Smirnov and Kuiper --------------------------------------------------


def paths(n, m, low, high):
    """Lattice paths whose m - and n-fold differences stay between low and high."""
    step_n, step_m = m // gcd(n, m), n // gcd(n, m)
    row = {0: 1}
    for s in range(1, n + m + 1):
        new = {}
        for i in range(max(0, s - m), min(s, n) + 1):
            if low <= i * step_n - (s - i) * step_m <= high:
                new[i] = row.get(i - 1, 0) + row.get(i, 0)
        row = new
    return row.get(n, 0)


def log_ratio(count, n, m):
    return number(mp.log(mp.mpf(count)) - mp.log(mp.mpf(comb(n + m, n))))


def smirnov_two_sample():
    sizes = [(300, 211), (150, 100), (1000, 7), (400, 200), (600, 599), (500, 333), (120, 101)]
    for n, m in sizes:
        top = n * m // gcd(n, m)
        for z in [0.4, 1.0, 1.6, 2.5, 3.1, 5.0, 9.0, 30.0]:
            h = int(min(top, z * top * ((n + m) / (n * m)) ** 0.5))
            for both in [False, True]:
                low = 1 - h if both else -top
                if n * m > 1e5 and not both and z not in (0.4, 1.6, 5.0):
                    continue
                outside = comb(n + m, n) - paths(n, m, low, h - 1)
                yield {"n": n, "m": m, "h": h, "both": both, "log_sf": log_ratio(outside, n, m)}
    for n, h in [(1000, 1000), (1000, 700), (5000, 3000), (100, 3), (3000, 90)]:
        one = comb(2 * n, n - h)
        both = 2 * sum((-1) ** k * comb(2 * n, n - (k + 1) * h) for k in range(n // h))
        yield {"n": n, "m": n, "h": h, "both": False, "log_sf": log_ratio(one, n, n)}
        yield {"n": n, "m": n, "h": h, "both": True, "log_sf": log_ratio(both, n, n)}


def kuiper_two_sample():
    """By the place of the maximum; the smallest also by enumeration."""
    sizes = [(1, 1), (2, 1), (1, 7), (3, 3), (4, 3), (6, 4), (5, 7), (12, 8), (20, 20), (9, 30)]
    for n, m in [*sizes, (25, 24), (40, 20), (60, 45)]:
        top = n * m // gcd(n, m)
        ranges = sorted({max(1, int(top * f)) for f in (0.2, 0.35, 0.5, 0.75, 0.9, 1.0)})
        for r in ranges if top < 700 else ranges[:3]:
            within = 0
            for a in range(r):
                within += paths(n, m, a - r + 1, a)
                if a > 0:
                    within -= paths(n, m, a - r + 1, a - 1)
            if n + m <= 12:
                assert within == enumerated(n, m, r)
            if within < comb(n + m, n):
                p = log_ratio(comb(n + m, n) - within, n, m)
                yield {"n": n, "m": m, "r": r, "log_sf": p}


def enumerated(n, m, r):
    step_n, step_m = m // gcd(n, m), n // gcd(n, m)
    within = 0
    for chosen in combinations(range(n + m), n):
        value, extremes = 0, [0]
        for i in range(n + m):
            value += step_n if i in chosen else -step_m
            extremes.append(value)
        within += max(extremes) - min(extremes) < r
    return within


def kuiper():
    for text in [
        "0.3",
        "0.5",
        "0.8",
        "0.99",
        "1",
        "1.2",
        "1.62",
        "1.747",
        "2.001",
        "3",
        "5",
        "10",
        "18",
        "26",
        "40",
        "1000",
    ]:
        x = mp.mpf(float(text))
        total = sum((4 * (j * x) ** 2 - 1) * mp.exp(-2 * (j * j - 1) * x * x) for j in range(1, 60))
        yield {"x": number(x), "log_sf": number(mp.log(2 * total) - 2 * x * x)}


# The tests themselves ------------------------------------------------------------


def groups_of(a, b):
    return [(int((a == z).sum()), int((b == z).sum())) for z in np.unique(np.concatenate([a, b]))]


def judged():
    """Samples, their statistics by rational arithmetic and SciPy, and p by enumeration."""
    rng = np.random.default_rng(5005)
    pairs = [
        (rng.normal(size=7), rng.normal(size=6) + 1),
        (rng.normal(size=5), rng.normal(size=8)),
        (rng.integers(0, 4, 12) * 1.0, rng.integers(1, 5, 9) * 1.0),
        (rng.integers(0, 2, 15) * 1.0, rng.integers(0, 2, 20) * 1.0),
        (rng.standard_cauchy(3), rng.standard_cauchy(10)),
        (np.array([1.0]), np.array([2.0, 3.0, 0.5, 0.25])),
        (np.array([1.0, 1.0, 2.0]), np.array([2.0])),
        (np.arange(6.0), np.arange(6.0) + 10),
    ]
    for a, b in pairs:
        n, m = len(a), len(b)
        groups = groups_of(a, b)
        case = {"baseline": a.tolist(), "current": b.tolist()}
        for kind in ["cramer_von_mises", "anderson_darling"]:
            law = all_arrangements(kind, [x + y for x, y in groups], n, m)
            value = observed(kind, groups, n, m)
            p = Fraction(sum(w for v, w in law.items() if v >= value), comb(n + m, n))
            case[kind] = {"statistic": float(value), "p_value": float(p)}
        if n + m > 3:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # p-values are clipped
                result = stats.anderson_ksamp([a, b], variant="midrank")
            case["anderson_darling"]["statistic"] = float(result.statistic)
        else:
            del case["anderson_darling"]["statistic"]
        if max(x + y for x, y in groups) == 1 and min(n, m) > 1:
            scipy = stats.cramervonmises_2samp(a, b, method="exact")
            assert abs(scipy.statistic - case["cramer_von_mises"]["statistic"]) < 1e-12
            assert abs(scipy.pvalue - case["cramer_von_mises"]["p_value"]) < 1e-12
        yield case


def asymptotic():
    """SciPy's asymptotic p-values, where its series has its digits."""
    rng = np.random.default_rng(5006)
    for n, m, shift in [(30, 40, 0.0), (200, 150, 0.2), (500, 20, 0.1), (300, 300, 0.25)]:
        a, b = np.round(rng.normal(size=n), 6), np.round(rng.normal(size=m) + shift, 6)
        result = stats.cramervonmises_2samp(a, b, method="asymptotic")
        yield {
            "baseline": a.tolist(),
            "current": b.tolist(),
            "statistic": float(result.statistic),
            "p_value": float(result.pvalue),
        }


def permuted():
    """Shares of a million permutations of tied samples that are as extreme."""
    rng = np.random.default_rng(5007)
    draws = 1_000_000
    for levels, n, m, shift in [
        (2, 300, 200, 0),
        (3, 150, 150, 0.1),
        (5, 400, 250, 0.15),
        (10, 200, 300, 0.1),
        (40, 300, 300, 0.12),
        (5, 60, 45, 0.5),
    ]:
        a = np.floor(levels * rng.beta(1, 1, n))
        b = np.floor(levels * rng.beta(1 + shift * 2, 1, m))
        groups = groups_of(a, b)
        sizes = np.array([x + y for x, y in groups])
        counts = rng.multivariate_hypergeometric(sizes, n, size=draws)
        counts = np.vstack([[x for x, _ in groups], counts])
        total, ranks, own = n + m, np.cumsum(sizes), np.cumsum(counts, axis=1)
        t = n * m / total**2 * ((own / n - (ranks - own) / m) ** 2 * sizes).sum(axis=1)
        middle, half = ranks - sizes / 2, own - counts / 2
        spread = middle * (total - middle) - total * sizes / 4
        excess = (total * half - n * middle) ** 2 * sizes / total / spread
        square = (total - 1) / (n * m) * excess.sum(axis=1)
        for kind, values in [("cramer_von_mises", t), ("anderson_darling", square)]:
            p = float((values[1:] >= values[0] * (1 - 1e-10)).mean())
            yield {
                "kind": kind,
                "groups": groups,
                "p": p,
                "standard_error": (p * (1 - p) / draws) ** 0.5,
            }


if __name__ == "__main__":
    path = Path(__file__).parent / "limit_laws.json"
    sections = {
        "cramer_von_mises": lambda: limits(
            cramer_von_mises_limit,
            [
                "0.01",
                "0.02",
                "0.03",
                "0.05",
                "0.0901",
                "0.11888",
                "0.2",
                "0.34730",
                "0.46136",
                "0.74346",
                "1",
                "1.16786",
                "2",
                "3.3",
                "5",
                "8",
                "13",
                "21",
                "40",
                "70",
                "100",
                "138",
                "150",
                "500",
                "5000",
                "160000",
            ],
        ),
        "anderson_darling": lambda: limits(
            anderson_darling_limit,
            [
                "0.05",
                "0.1",
                "0.2",
                "0.3",
                "0.5",
                "0.774",
                "1",
                "1.248",
                "1.933",
                "2.492",
                "3.07",
                "3.857",
                "5",
                "8",
                "13",
                "21",
                "40",
                "100",
                "300",
                "680",
                "1000",
                "5000",
                "1e6",
            ],
        ),
        "tied": tied,
        "kuiper": kuiper,
        "kuiper_two_sample": kuiper_two_sample,
        "smirnov_two_sample": smirnov_two_sample,
        "judged": judged,
        "asymptotic": asymptotic,
        "permuted": permuted,
    }
    # Only the sections named, or all (some minutes).
    written = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in sys.argv[1:] or sections:
        written[name] = list(sections[name]())
    text = json.dumps(written, indent=0)
    path.write_text(text + "\n", encoding="utf-8")
