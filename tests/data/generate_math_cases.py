"""Writes math.json: references for `driftline::math`, to 50 digits.

Run with mpmath installed: python tests/data/generate_math_cases.py
"""

import json
from fractions import Fraction
from math import comb, gcd
from pathlib import Path

import mpmath as mp

mp.mp.dps = 50


def number(x):
    return float(mp.mpf(x))


def student_t_tail(t, df):
    if df < 1e5:
        return mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2
    scale = mp.exp(mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2)) / mp.sqrt(df * mp.pi)
    edges = [t + mp.mpf(i) / (1 + t) for i in range(0, 200, 2)]

    def density(s):
        return scale * mp.exp(-(df + 1) / 2 * mp.log1p(s * s / df))

    top = density(t)  # mp.quad stops at an absolute error
    return top * mp.quad(lambda s: density(s) / top, edges)


def student_t():
    for df in ["1", "1.5", "2", "3.7", "10", "29.25", "100", "1234.5", "1e5", "1998000.5", "1e9"]:
        for t in ["1e-8", "0.001", "0.5", "1", "1.96", "5", "12", "36", "200", "1e40"]:
            v, x = mp.mpf(float(df)), mp.mpf(float(t))
            tail = student_t_tail(x, v)
            if tail > mp.mpf("1e-300"):
                yield {"t": number(t), "df": number(df), "expected": number(tail)}


def smirnov_tail(n, x):
    x, total, choose = mp.mpf(x), mp.mpf(0), mp.mpf(1)
    for v in range(int(mp.floor(n * (1 - x))) + 1):
        p = x + mp.mpf(v) / n
        total += choose * p ** (v - 1) * (1 - p) ** (n - v)
        choose = choose * (n - v) / (v + 1)
    return x * total


def smirnov():
    for n in [1, 2, 7, 30, 140, 300, 500, 513, 700, 2000, 20_000]:
        for z in [0.01, 0.3, 1.0, 1.3, 1.6, 3.0, 8.0, 10.0, 12.0, 17.0]:
            x = z / n**0.5
            if x < 1:
                tail = smirnov_tail(n, x)
                if tail > mp.mpf("1e-300"):
                    yield {"n": n, "x": x, "expected": number(tail)}


def paths_outside(n, m, h, both):
    """The share of lattice paths that touch the border, as a fraction."""
    g = gcd(n, m)
    ng, mg = n // g, m // g
    column = []
    for x in range(n + 1):
        new = []
        for y in range(m + 1):
            d = x * mg - y * ng
            if (abs(d) if both else d) >= h:
                new.append(0)
            elif x == 0 and y == 0:
                new.append(1)
            else:
                new.append((column[y] if x else 0) + (new[y - 1] if y else 0))
        column = new
    return 1 - Fraction(column[m], comb(n + m, n))


def lattice():
    sizes = [(1, 1), (1, 5), (2, 3), (7, 7), (8, 12), (20, 31), (60, 60), (100, 75), (211, 97)]
    for n, m in [*sizes, (500, 500), (300, 700)]:
        lcm = n // gcd(n, m) * m
        for share in [0.02, 0.1, 0.2, 0.4, 0.7, 1.0]:
            h = max(1, round(share * lcm))
            for both in [True, False]:
                p = paths_outside(n, m, h, both)
                case = {"n": n, "m": m, "h": h, "both": both}
                yield case | {"expected": number(mp.mpf(p.numerator) / p.denominator)}


def kolmogorov():
    for z in [0.1, 0.3, 0.5, 0.81, 0.83, 1.0, 1.5, 3.0, 10.0, 18.0]:
        x = mp.mpf(z)
        if z < 1:
            s = sum(mp.exp(-((2 * k - 1) ** 2) * mp.pi**2 / (8 * x * x)) for k in range(1, 40))
            p = 1 - mp.sqrt(2 * mp.pi) / x * s
        else:
            p = 2 * sum((-1) ** (k - 1) * mp.exp(-2 * k * k * x * x) for k in range(1, 40))
        yield {"z": z, "expected": number(p)}


def kstwo():
    """SciPy's values, where its own branches are exact or the same approximation."""
    from scipy.stats import kstwo as reference

    for n in [1, 2, 5, 20, 100, 140, 141, 500, 1000, 5000, 100_000, 500_000, 900_000]:
        for z in [0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.3, 1.48, 1.49, 1.9, 2.1, 3.0, 8.0]:
            x = z / n**0.5
            expected = float(reference.sf(x, n))
            if x < 1 and expected > 1e-300:
                yield {"n": n, "x": x, "expected": expected}


CASES = {
    "student_t_sf": student_t,
    "smirnov_sf": smirnov,
    "smirnov_two_sample_sf": lattice,
    "kolmogorov_sf": kolmogorov,
    "kstwo_sf": kstwo,
}
text = json.dumps({name: list(cases()) for name, cases in CASES.items()})
Path(__file__).with_name("math.json").write_text(text.replace("}, {", "},\n{") + "\n")
