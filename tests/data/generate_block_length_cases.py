"""Writes block_length.json: optimal circular block lengths by the arch package.

Run with arch 8.0.0 and numpy 2: ``python generate_block_length_cases.py``.
"""

import json
from pathlib import Path

import numpy as np
from arch.bootstrap import optimal_block_length


def series(phi: float, n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    out = rng.normal(size=n)
    for i in range(1, n):
        out[i] += phi * out[i - 1]
    return np.round(out, 6)


def main() -> None:
    cases = []
    for phi in (-0.5, 0.0, 0.3, 0.7, 0.95):
        for n in (20, 97, 400):
            values = series(phi, n, seed=n)
            expected = float(optimal_block_length(values)["circular"].iloc[0])
            cases.append({"id": f"AR(1) {phi}, n = {n}", "series": values.tolist(), "expected": expected})
    target = Path(__file__).with_name("block_length.json")
    target.write_text(json.dumps(cases) + "\n")


main()
