"""Writes streams_scipy.json: the Kolmogorov-Smirnov test over windows of streams, by SciPy,
and SEED as it is published, over all values of its window, by NumPy.

Run with scipy 1.17 and numpy 2: ``python generate_stream_scipy_cases.py``.
"""

import json
import math
import warnings
from pathlib import Path

import numpy as np
from scipy import stats

MASK = 2**64 - 1


class Random:
    """SplitMix64, as in tests/core/stream_windows.rs."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def uniform(self) -> float:
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return ((z ^ (z >> 31)) >> 11) / 2**53

    def stream(self, n: int, levels: int, shift: float) -> list[float]:
        values = []
        for i in range(n):
            x = self.uniform()
            if levels:
                x = math.floor(x * levels) / levels
            values.append(x + shift if i >= n // 3 * 2 else x)
        return values


def ks(older: list[float], newer: list[float]) -> tuple[float, float]:
    result = stats.ks_2samp(older, newer, method="exact")
    return float(result.statistic), float(result.pvalue)


def incremental(
    seed: int, n: int, levels: int, shift: float, n_baseline: int, **parameters: float
) -> dict[str, object]:
    random = Random(seed)
    baseline = random.stream(n_baseline, levels, 0.0)
    values = random.stream(n, levels, shift)
    size, alpha = int(parameters["window_size"]), parameters["alpha"]
    looks, drifts, start = [], [], 0
    for end in range(1, n + 1):
        if end - start < size:
            continue
        window = values[end - size : end]
        half = (size + 1) // 2
        older, newer = (baseline, window) if n_baseline else (window[:half], window[half:])
        statistic, p_value = ks(older, newer)
        if p_value <= alpha:
            drifts.append(end - 1)
            start = end
        elif not drifts and end % 25 == 0:
            looks.append([end, statistic, p_value])
    return {
        "seed": seed,
        "n": n,
        "levels": levels,
        "shift": shift,
        "n_baseline": n_baseline,
        "parameters": parameters,
        "looks": looks,
        "drifts": drifts,
    }


def limit(stat_size: int, alpha: float) -> dict[str, object]:
    """The least distance at which river's KSWIN alarms."""
    for h in range(1, stat_size + 1):
        older = [float(i) for i in range(stat_size)]
        newer = [i + h - 0.5 for i in older]
        statistic, p_value = ks(older, newer)
        if p_value <= alpha and h > 0.1 * stat_size:
            return {"parameters": {"stat_size": stat_size, "alpha": alpha}, "limit": statistic}
    raise ValueError(stat_size, alpha)


def seed_blocks(
    values: list[float], delta: float, size: int, step: float, term: int
) -> tuple[list[int], int]:
    """Drifts, and blocks at the end; ``step`` is epsilon_prime * alpha."""
    blocks: list[list[float]] = [[]]
    drifts, begun = [], 0
    for index, x in enumerate(values):
        if len(blocks[-1]) >= size:
            if begun > term:
                begun, least = 0, 0.0
                for k in range(len(blocks) - 1, 0, -1):
                    least += step
                    if abs(np.mean(blocks[k - 1]) - np.mean(blocks[k])) < least:
                        blocks[k - 1] += blocks.pop(k)
            blocks.append([])
            begun += 1
        blocks[-1].append(x)
        if (index + 1) % size or len(blocks) < 2:
            continue
        window = np.concatenate(blocks)
        logarithm = math.log(2 * math.log(len(window)) / delta)
        for k in range(len(blocks) - 1, 0, -1):
            newer, older = np.concatenate(blocks[k:]), np.concatenate(blocks[:k])
            recip = 1 / len(newer) + 1 / len(older)
            bound = math.sqrt(2 * recip * window.var() * logarithm) + 2 / 3 * logarithm * recip
            if abs(newer.mean() - older.mean()) > bound:
                drifts.append(index)
                blocks = blocks[k:]
                break
    return drifts, len(blocks)


def seed(number: int, n: int, levels: int, shift: float, **parameters: float) -> dict[str, object]:
    values = Random(number).stream(n, levels, shift)
    defaults = {
        "delta": 0.05,
        "block_size": 32,
        "epsilon_prime": 0.01,
        "alpha": 0.8,
        "compress_term": 75,
    }
    chosen = defaults | parameters
    step = chosen["epsilon_prime"] * chosen["alpha"]
    drifts, n_blocks = seed_blocks(
        values, chosen["delta"], int(chosen["block_size"]), step, int(chosen["compress_term"])
    )
    return {
        "seed": number,
        "n": n,
        "levels": levels,
        "shift": shift,
        "parameters": parameters,
        "drifts": drifts,
        "n_blocks": n_blocks,
    }


def main() -> None:
    warnings.simplefilter("ignore")
    cases = {
        "incremental_ks": [
            incremental(1, 600, 0, 0.5, 0, window_size=80, alpha=1e-3),
            incremental(2, 600, 6, 0.4, 0, window_size=81, alpha=1e-3),
            incremental(3, 450, 0, -0.3, 50, window_size=50, alpha=1e-3),
            incremental(4, 450, 9, 0.25, 70, window_size=40, alpha=1e-3),
        ],
        "kswin": [
            limit(30, 0.005),
            limit(30, 0.0001),
            limit(30, 0.05),
            limit(10, 0.01),
            limit(100, 1e-6),
            limit(500, 0.2),
        ],
        "seed": [
            seed(21, 3000, 0, 0.2),
            seed(22, 3000, 2, -0.4),
            seed(23, 1500, 0, 3.0, block_size=8, compress_term=5),
            seed(24, 6000, 6, 0.15, block_size=16, compress_term=20, epsilon_prime=0.05),
            seed(25, 1500, 0, 0.0, delta=0.9, block_size=4, compress_term=2),
        ],
    }
    target = Path(__file__).with_name("streams_scipy.json")
    target.write_text(json.dumps(cases) + "\n")


main()
