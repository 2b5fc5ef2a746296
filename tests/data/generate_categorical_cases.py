"""Writes categorical.json: tests of counts against 50-digit arithmetic and SciPy.

Distances and statistics are evaluated from integer counts with mpmath at 50
digits; exact p-values are sums of rational hypergeometric probabilities over
all tables; laws for large counts are mpmath's incomplete gamma function and
normal law. SciPy must agree (1e-9) wherever it has the test.

Run: python tests/data/generate_categorical_cases.py   (numpy, scipy, mpmath)
"""

import json
import math
from fractions import Fraction
from itertools import product
from pathlib import Path

import mpmath as mp
import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon
from scipy.stats.contingency import association

mp.mp.dps = 50
HALF = Fraction(1, 2)
MOST_TABLES = 20_000


def tables():
    rng = np.random.default_rng(5)
    yield "equal", [5, 7, 9], [5, 7, 9]
    yield "proportional", [5, 7, 9], [10, 14, 18]
    yield "one category", [4], [9]
    yield "one category of several", [4, 0, 0], [9, 0, 0]
    yield "two", [10, 20], [20, 10]
    yield "tea", [3, 1], [1, 3]
    yield "empty cell", [7, 0], [4, 6]
    yield "disjoint", [5, 0], [0, 6]
    yield "disjoint, three", [5, 0, 3], [0, 6, 0]
    yield "unseen", [4, 4, 0, 0, 0], [2, 2, 1, 1, 2]
    yield "almost equal", [1_000_000_000, 999_999_999], [999_999_999, 1_000_000_000]
    yield "almost equal, many", [10**6 + k for k in range(20)], [10**6 - k for k in range(20)]
    yield "far out", [2000, 10], [10, 2000]
    yield "beyond doubles", [40_000, 3], [5, 40_000]
    yield "rare and common", [3, 100_000], [0, 50_000]
    yield "sizes differ", [1, 0, 2], [1000, 2000, 3000]
    for k in (2, 3, 4):
        for n in (6, 12):
            p = rng.dirichlet(np.ones(k))
            q = rng.dirichlet(np.ones(k))
            yield (
                f"small {k} {n}",
                rng.multinomial(n, p).tolist(),
                rng.multinomial(n - 1, q).tolist(),
            )
    for k in (2, 5, 40):
        p = rng.dirichlet(3 * np.ones(k))
        yield f"large {k}", rng.multinomial(5000, p).tolist(), rng.multinomial(4000, p).tolist()


def shares(counts):
    return [mp.mpf(x) / sum(counts) for x in counts]


def with_halves(counts, other):
    pairs = [(b, c) for b, c in zip(counts, other, strict=True) if b + c]
    return [mp.mpf(b) if b else mp.mpf(1) / 2 for b, _ in pairs]


def xlog(x, y):
    return x * mp.log(x / y) if x else mp.mpf(0)


def distances(b, c):
    p, q = shares(b), shares(c)
    bh, ch = with_halves(b, c), with_halves(c, b)
    psi = mp.fsum(
        (y / sum(c) - x / sum(b)) * mp.log(y / sum(c) / (x / sum(b)))
        for x, y in zip(bh, ch, strict=True)
    )
    pairs = [(x, y) for x, y in zip(b, c, strict=True) if x + y]
    halves = sum(ch)
    kl = mp.fsum(xlog(mp.mpf(x) / sum(b), y / halves) for (x, _), y in zip(pairs, ch, strict=True))
    middle = [(x + y) / 2 for x, y in zip(p, q, strict=True)]
    js = mp.fsum(xlog(x, m) + xlog(y, m) for x, y, m in zip(p, q, middle, strict=True)) / 2
    affinity = mp.fsum(mp.sqrt(x * y) for x, y in zip(p, q, strict=True))
    squared = mp.fsum((mp.sqrt(x) - mp.sqrt(y)) ** 2 for x, y in zip(p, q, strict=True)) / 2
    fp = [Fraction(x, sum(b)) for x in b]
    fq = [Fraction(x, sum(c)) for x in c]
    moved = [abs(x - y) for x, y in zip(fp, fq, strict=True)]
    assert math.isclose(float(mp.sqrt(abs(js))), jensenshannon(b, c), abs_tol=1e-7)
    assert math.isclose(
        float(kl), stats.entropy([x for x, _ in pairs], [float(y) for y in ch]), abs_tol=1e-9
    )
    return {
        "psi": psi,
        "kl_divergence": kl,
        "jensen_shannon": mp.sqrt(max(js, 0)),
        "hellinger": mp.sqrt(squared),
        "bhattacharyya": -mp.log(affinity) if affinity else mp.inf,
        "total_variation": mp.mpf(sum(moved).numerator) / sum(moved).denominator / 2,
        "l_infinity": mp.mpf(max(moved).numerator) / max(moved).denominator,
    }


def fractions(b, c):
    pairs = [(x, y) for x, y in zip(b, c, strict=True) if x + y]
    return [x for x, _ in pairs], [y for _, y in pairs]


def chi_square(b, c, correction):
    n, m = sum(b), sum(c)
    total = Fraction(0)
    for x, y in zip(b, c, strict=True):
        for observed, row in ((x, n), (y, m)):
            expected = Fraction(row * (x + y), n + m)
            off = abs(observed - expected)
            if correction and len(b) == 2:
                off = max(off - HALF, Fraction(0))
            total += off**2 / expected
    return total


def likelihood(b, c, correction):
    n, m = sum(b), sum(c)
    terms = []
    for x, y in zip(b, c, strict=True):
        for observed, row in ((x, n), (y, m)):
            expected = Fraction(row * (x + y), n + m)
            if correction and len(b) == 2:
                off = observed - expected
                shift = min(HALF, abs(off))
                observed = observed - shift if off > 0 else observed + shift
            observed = Fraction(observed)
            terms.append(
                xlog(
                    mp.mpf(observed.numerator) / observed.denominator,
                    mp.mpf(expected.numerator) / expected.denominator,
                )
            )
    return 2 * mp.fsum(terms)


def williams(b, c):
    n, m = sum(b), sum(c)
    total = n + m
    columns = sum(Fraction(total, x + y) for x, y in zip(b, c, strict=True))
    rows = Fraction(total, n) + Fraction(total, m)
    return 1 + (rows - 1) * (columns - 1) / (6 * total * (len(b) - 1))


def tail(statistic, df):
    return mp.gammainc(mp.mpf(df) / 2, statistic / 2, mp.inf, regularized=True)


def exact(b, c):
    """p-values over all tables: Pearson, likelihood, probability; None when too many."""
    totals = [x + y for x, y in zip(b, c, strict=True)]
    n, m = sum(b), sum(c)
    order = sorted(range(len(totals)), key=lambda j: totals[j])
    free = [totals[j] for j in order[:-1]]
    if math.prod(t + 1 for t in free) > MOST_TABLES:
        return None
    last = totals[order[-1]]
    counts = []
    for head in product(*(range(t + 1) for t in free)):
        rest = n - sum(head)
        if 0 <= rest <= last:
            table = [*head, rest]
            ways = math.prod(math.comb(totals[j], h) for j, h in zip(order, table, strict=True))
            counts.append((table, ways))
    whole = math.comb(n + m, n)
    assert sum(ways for _, ways in counts) == whole
    observed = [b[j] for j in order]
    sizes = [totals[j] for j in order]

    def pearson(table):
        return sum(
            Fraction((h * (n + m) - t * n) ** 2, t) for h, t in zip(table, sizes, strict=True)
        )

    def g(table):
        with mp.workdps(30):
            return mp.fsum(
                xlog(mp.mpf(h), 1) + xlog(mp.mpf(t - h), 1)
                for h, t in zip(table, sizes, strict=True)
            )

    weight = {tuple(table): ways for table, ways in counts}
    at = {
        "pearson": (pearson, pearson(observed)),
        "likelihood": (g, g(observed) - mp.mpf(10) ** -20),
    }
    answer = {}
    for name, (measure, limit) in at.items():
        extreme = sum(ways for table, ways in counts if measure(table) >= limit)
        answer[name] = Fraction(extreme, whole)
    mine = weight[tuple(observed)]
    answer["probability"] = Fraction(sum(w for _, w in counts if w <= mine), whole)
    if len(totals) == 2 and order == [0, 1]:
        answer["less"] = Fraction(sum(w for t, w in counts if t[0] <= b[0]), whole)
        answer["greater"] = Fraction(sum(w for t, w in counts if t[0] >= b[0]), whole)
    return answer


def number(x):
    if isinstance(x, Fraction):
        x = mp.mpf(x.numerator) / x.denominator
    return "inf" if mp.isinf(x) else float(x)


def log(x):
    if isinstance(x, Fraction):
        x = mp.mpf(x.numerator) / x.denominator
    return float(mp.log(x))


def tests(b, c):
    """(test, parameters, statistic, log of the p-value)."""
    b, c = fractions(b, c)
    k, n, m = len(b), sum(b), sum(c)
    if k < 2:
        for test in ("chi_square", "g_test", "cramers_v", "two_proportion_z"):
            yield test, {}, 0.0, 0.0
        yield "fisher_exact", {}, 1.0, 0.0
        return
    df = k - 1
    table = np.array([b, c])
    for correction in (True, False):
        x2, g = chi_square(b, c, correction), likelihood(b, c, correction)
        asymptotic = {"correction": correction, "method": "asymptotic"}
        p = tail(mp.mpf(x2.numerator) / x2.denominator, df)
        theirs = stats.chi2_contingency(table, correction)
        assert math.isclose(theirs.statistic, x2, rel_tol=1e-8, abs_tol=1e-9)
        assert math.isclose(theirs.pvalue, p, rel_tol=1e-6, abs_tol=1e-300)
        yield "chi_square", asymptotic, number(x2), float(mp.log(p))
        p = tail(g, df)
        theirs = stats.chi2_contingency(table, correction, lambda_="log-likelihood")
        assert math.isclose(theirs.statistic, g, rel_tol=1e-6, abs_tol=1e-6)
        yield "g_test", asymptotic, number(g), float(mp.log(p))
    if min(t * min(n, m) for t in table.sum(0)) >= 5 * (n + m):
        p = tail(g / (mp.mpf(williams(b, c).numerator) / williams(b, c).denominator), df)
        yield "g_test", {"correction": False}, number(g), float(mp.log(p))
    plain = chi_square(b, c, False)
    v = mp.sqrt(mp.mpf(plain.numerator) / plain.denominator / (n + m))
    assert math.isclose(association(table, "cramer"), v, rel_tol=1e-8, abs_tol=1e-9)
    p = tail(mp.mpf(chi_square(b, c, True).numerator) / chi_square(b, c, True).denominator, df)
    yield "cramers_v", {"method": "asymptotic"}, number(v), float(mp.log(p))
    every = exact(b, c)
    if every is not None:
        permutation = {"correction": False, "method": "permutation"}
        yield "chi_square", permutation, number(plain), log(every["pearson"])
        yield "g_test", permutation, number(likelihood(b, c, False)), log(every["likelihood"])
    if k == 2:
        first, second = b
        odds = mp.mpf(first * c[1]) / (second * c[0]) if second * c[0] else mp.inf
        z = Fraction(first, n) - Fraction(c[0], m)
        pooled = mp.mpf(first + c[0]) * (second + c[1]) / (n + m) ** 2
        # A success is the last category that the baseline has.
        sign = -1 if second else 1
        z = sign * mp.mpf(z.numerator) / z.denominator
        z /= mp.sqrt(pooled * (mp.mpf(1) / n + mp.mpf(1) / m))
        for alternative, p in (
            ("two-sided", 2 * mp.ncdf(-abs(z))),
            ("less", mp.ncdf(z)),
            ("greater", mp.ncdf(-z)),
        ):
            params = {"method": "asymptotic", "alternative": alternative}
            yield "two_proportion_z", params, number(z), float(mp.log(p))
        if every is not None:
            sides = {"two-sided": "probability", "less": "less", "greater": "greater"}
            for alternative, name in sides.items():
                if name in every:
                    theirs = stats.fisher_exact(table, alternative)
                    assert math.isclose(theirs.pvalue, every[name], rel_tol=1e-7, abs_tol=1e-300)
                    params = {"alternative": alternative}
                    yield "fisher_exact", params, number(odds), log(every[name])
    elif every is not None:
        totals = table.sum(0)
        mine = math.prod(math.comb(int(t), int(h)) for t, h in zip(totals, b, strict=True))
        probability = Fraction(mine, math.comb(n + m, n))
        yield "fisher_exact", {}, number(probability), log(every["probability"])


def main():
    cases = []
    for name, b, c in tables():
        expected = [
            {"test": test, "params": {}, "statistic": number(value)}
            for test, value in distances(b, c).items()
        ]
        for test, params, statistic, log_p_value in tests(b, c):
            case = {"test": test, "params": params, "statistic": statistic}
            expected.append(case | {"log_p_value": log_p_value})
        cases.append({"id": name, "baseline": b, "current": c, "expected": expected})
    path = Path(__file__).with_name("categorical.json")
    path.write_text(json.dumps({"cases": cases}) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
