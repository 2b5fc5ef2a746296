"""Writes drift.json: samples, parameters and what the tests must answer.

Expected values come from SciPy where it is exact (`source` says which
function), from rational or 50-digit arithmetic otherwise.
Run with numpy, scipy and mpmath installed.
"""

import json
import math
import warnings
from fractions import Fraction
from pathlib import Path

import mpmath as mp
import numpy as np
from scipy import stats

mp.mp.dps = 50
rng = np.random.default_rng(20131)
N = rng.standard_normal


def samples():
    yield "normal", N(40), N(40) + 0.4
    yield "normal unequal", N(60), N(25) * 1.5
    yield "log-normal", np.exp(N(50)), np.exp(N(70) * 1.2)
    yield "Cauchy", rng.standard_cauchy(45), rng.standard_cauchy(30)
    for levels in (2, 5, 40):
        a, b = rng.integers(0, levels, 80), rng.integers(0, levels, 55)
        yield f"{levels} levels", a.astype(float), b.astype(float)
    yield "constant against itself", np.full(6, 0.1), np.full(9, 0.1)
    yield "constants that differ", np.full(6, 0.1), np.full(9, 0.3)
    yield "constant against values", np.full(12, 0.5), rng.random(10)
    yield "disjoint", N(20), N(30) + 100
    yield "offset 1e9", 1e9 + N(50), 1e9 + 0.3 + N(40)
    yield "scale 1e-12", 1e-12 * N(50), 1e-12 * (N(40) + 0.5)
    yield "signed zeros", np.array([0.0, -0.0, 1.0]), np.array([-0.0, 2.0, 0.0, -1.0])
    yield "two and three", np.array([1.0, 2.0]), np.array([1.5, 4.0, 5.0])
    yield "far apart", N(30), N(30) + 9


def exact(values):
    return [Fraction(float(x)) for x in values]


def as_mp(fraction):
    return mp.mpf(fraction.numerator) / fraction.denominator


def moments(values):
    x = exact(values)
    mean = sum(x) / len(x)
    return len(x), mean, sum((v - mean) ** 2 for v in x) / (len(x) - 1)


def t_tail(t, df):
    tail = mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2
    return tail if t > 0 else 1 - tail


def welch(a, b, alternative):
    (n, mean1, v1), (m, mean2, v2) = moments(a), moments(b)
    spread = v1 / n + v2 / m
    if spread == 0:
        t = float("inf") if mean1 > mean2 else float("-inf") if mean1 < mean2 else 0.0
        p = {"two-sided": float(t == 0), "less": float(t < 0), "greater": float(t > 0)}
        p = (
            {
                "two-sided": p["two-sided"],
                "less": 0.0 if t < 0 else 1.0,
                "greater": 0.0 if t > 0 else 1.0,
            }
            if t
            else dict.fromkeys(p, 0.5) | {"two-sided": 1.0}
        )
        return {"statistic": str(t), "p_value": p[alternative], "df": n + m - 2.0}
    t = as_mp(mean1 - mean2) / mp.sqrt(as_mp(spread))
    df = as_mp(spread**2 / (v1**2 / n**2 / (n - 1) + v2**2 / m**2 / (m - 1)))
    p = {"two-sided": 2 * t_tail(abs(t), df), "less": t_tail(-t, df), "greater": t_tail(t, df)}
    k = mp.mpf(n + m - 2)
    correction = mp.gamma(k / 2) / (mp.sqrt(k / 2) * mp.gamma((k - 1) / 2))
    pooled = mp.sqrt(as_mp(((n - 1) * v1 + (m - 1) * v2) / (n + m - 2)))
    g = correction * as_mp(mean1 - mean2) / pooled
    return {
        "statistic": float(t),
        "p_value": float(p[alternative]),
        "df": float(df),
        "effect_size": float(g),
    }


def ks(a, b, alternative, method):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # SciPy's fallback would be no reference
        result = stats.ks_2samp(a, b, alternative=alternative, method=method)
    a, b = np.sort(a), np.sort(b)
    differences = [
        Fraction(int(np.searchsorted(a, z, "right")), len(a))
        - Fraction(int(np.searchsorted(b, z, "right")), len(b))
        for z in np.concatenate([a, b])
    ]
    above, below = max(0, *differences), max(0, *(-d for d in differences))
    d = {"two-sided": max(above, below), "greater": above, "less": below}[alternative]
    p_value = float(result.pvalue)
    if p_value == 0 and d == 1:  # the one-sample law; two orders are this extreme
        p_value = 2 / math.comb(len(a) + len(b), len(a))
    return {"statistic": float(d), "p_value": p_value}


def cases():
    for name, a, b in samples():
        data = {"id": name, "baseline": a.tolist(), "current": b.tolist()}
        expected = []
        for alternative in ("two-sided", "less", "greater"):
            params = {"alternative": alternative}
            source = "50-digit arithmetic of the published formulas"
            answer = welch(a, b, alternative)
            expected.append({"test": "welch", "params": params, "source": source} | answer)
            for method in ("exact", "asymp"):
                params = {"alternative": alternative, "method": method}
                source = "scipy.stats.ks_2samp; statistic in rational arithmetic"
                answer = ks(a, b, alternative, method)
                expected.append({"test": "ks", "params": params, "source": source} | answer)
        shift = abs(float(sum(exact(b)) / len(b) - sum(exact(a)) / len(a)))
        source = "rational arithmetic"
        expected.append({"test": "mean_shift", "params": {}, "source": source, "statistic": shift})
        yield data | {"expected": expected}


def psi_cases():
    """Plain formula on given counts; no bin is empty in one sample only."""
    tables = [
        ("ten score bands", [100] * 10, [80, 90, 95, 100, 105, 110, 120, 100, 105, 95]),
        ("by hand: ln(3) / 4", [3, 1], [2, 2]),
        ("three bands", [20, 30, 50], [30, 30, 40]),
        ("empty in both", [5, 0, 5], [4, 0, 6]),
    ]
    for name, left, right in tables:
        total = mp.mpf(0)
        for b, c in zip(left, right, strict=True):
            if b + c:
                b, c = mp.mpf(b) / sum(left), mp.mpf(c) / sum(right)
                total += (c - b) * mp.log(c / b)
        middle = np.arange(len(left)) + 0.5
        yield {
            "id": name,
            "baseline": np.repeat(middle, left).tolist(),
            "current": np.repeat(middle, right).tolist(),
            "edges": np.arange(1.0, len(left)).tolist(),
            "expected": float(total),
            "source": "the formula in 50-digit arithmetic",
        }


text = json.dumps({"cases": list(cases()), "psi": list(psi_cases())})
path = Path(__file__).with_name("drift.json")
path.write_text(text.replace('}, {"', '},\n{"') + "\n")
