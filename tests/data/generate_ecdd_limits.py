"""Prints the table of control limits in src/stream/ecdd.rs.

For errors at a known rate p, the height above which the exponentially weighted mean (weight 0.2,
begun at p) must rise for the given average run length, found by bisection on simulated charts.
Run with numpy installed; takes some minutes.
"""

import numpy as np

WEIGHT = 0.2
RATES = [0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
CHARTS = 1500


def average_run_length(height, rate, expected, rng):
    means = np.full(CHARTS, rate)
    total, steps = 0, 0
    while len(means) and steps < 12 * expected:
        steps += 1
        means = WEIGHT * (rng.random(len(means)) < rate) + (1 - WEIGHT) * means
        over = means > height
        if over.any():
            total += steps * int(over.sum())
            means = means[~over]
    return (total + steps * len(means)) / CHARTS


for expected in (100, 400, 1000):
    rng = np.random.default_rng(expected)
    heights = []
    for rate in RATES:
        low, high = rate, 1.0
        for _ in range(11):
            height = (low + high) / 2
            if average_run_length(height, rate, expected, rng) < expected:
                low = height
            else:
                high = height
        heights.append(round(high, 4))
    print(expected, heights, flush=True)
