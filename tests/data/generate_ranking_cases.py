"""Write ranking.json: statistics of the joint ranking in rational arithmetic.

Run with NumPy installed: ``python tests/data/generate_ranking_cases.py``.
"""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np


def statistics(baseline, current):
    n, m = len(baseline), len(current)
    exact = [Fraction(float(z)) for z in np.unique(np.concatenate([baseline, current]))]
    below = middle = Fraction(0)
    f = g = 0
    wasserstein = energy = misses = Fraction(0)
    differences, darling, ranks, ties = [Fraction(0)], Fraction(0), 0, 0
    xs, ys = [Fraction(float(x)) for x in baseline], [Fraction(float(y)) for y in current]
    for k, z in enumerate(exact):
        in_x, in_y = xs.count(z), ys.count(z)
        lower, t = f + g, in_x + in_y
        # Scholz and Stephens 1987, equation 7: mid-ranks within each sample
        # and among all, sample by sample.
        middle = lower + Fraction(t, 2)
        spread = middle * (n + m - middle) - Fraction((n + m) * t, 4)
        if spread:
            for size, before, inside in [(n, f, in_x), (m, g, in_y)]:
                mid = before + Fraction(inside, 2)
                darling += Fraction(t, n + m) * ((n + m) * mid - size * middle) ** 2 / spread / size
        ranks += in_y * (2 * lower + t + 1)
        ties += t**3 - t
        f, g = f + in_x, g + in_y
        below = Fraction(f, n) - Fraction(g, m)
        differences.append(below)
        misses += t * below**2
        if k + 1 < len(exact):
            gap = exact[k + 1] - z
            wasserstein += abs(below) * gap
            energy += below**2 * gap
    return {
        "above": int(max(differences) * n * m),
        "below": int(min(differences) * n * m),
        "wasserstein": float(wasserstein),
        "energy": float(energy),
        "cramer_von_mises": float(misses),
        "anderson_darling": float(darling * Fraction(n + m - 1, n + m)),
        "rank_sum": ranks,
        "ties": ties,
    }


def cases():
    rng = np.random.default_rng(20261121)
    draws = {
        "normal": lambda size: rng.normal(size=size),
        "cauchy": lambda size: rng.standard_cauchy(size),
        "lognormal": lambda size: rng.lognormal(sigma=3, size=size),
        "two levels": lambda size: rng.integers(0, 2, size).astype(float),
        "forty levels": lambda size: np.round(rng.normal(size=size) * 6),
        "hundredths": lambda size: np.round(rng.normal(size=size), 2),
        "far from 0": lambda size: 1e9 + rng.normal(size=size),
        "tiny": lambda size: 1e-12 * rng.normal(size=size),
        "signed zeros": lambda size: rng.choice([-0.0, 0.0, 1.0], size),
    }
    for name, draw in draws.items():
        for n, m in [(1, 1), (1, 7), (20, 20), (50, 31), (300, 290)]:
            yield f"{name}, {n} x {m}", draw(n), draw(m)
    yield "constant", np.full(5, 2.5), np.full(4, 2.5)
    yield "two constants", np.full(5, 2.5), np.full(4, 3.5)
    yield "disjoint", rng.random(300), 2 + rng.random(270)
    yield "nested", rng.random(300), 0.4 + 0.1 * rng.random(40)


def main():
    written = [
        {
            "id": name,
            "baseline": baseline.tolist(),
            "current": current.tolist(),
            **statistics(baseline, current),
        }
        for name, baseline, current in cases()
    ]
    path = Path(__file__).with_name("ranking.json")
    lines = ",\n".join(json.dumps(case) for case in written)
    path.write_text(f'{{"cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
