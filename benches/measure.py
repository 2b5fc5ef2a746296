"""Timing for the benchmarks: contenders take turns, and the best turn counts.

Turns are short and interleaved, so that whatever else the machine is doing
falls on all contenders alike; only ratios within one run mean anything.
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

TURN_S = 0.002


def best(contenders: Mapping[str, Callable[[int], object]], rounds: int = 150) -> dict[str, float]:
    """Nanoseconds per repetition of each contender, a function of how often."""
    repetitions = {}
    for name, contender in contenders.items():
        contender(10)
        n, spent = 1, 0.0
        while spent < TURN_S / 4:
            n *= 4
            start = time.perf_counter()
            contender(n)
            spent = time.perf_counter() - start
        repetitions[name] = max(1, int(n * TURN_S / spent))
    least = dict.fromkeys(contenders, float("inf"))
    for _ in range(rounds):
        for name, contender in contenders.items():
            n = repetitions[name]
            start = time.perf_counter_ns()
            contender(n)
            least[name] = min(least[name], (time.perf_counter_ns() - start) / n)
    return least


def table(title: str, header: list[str], rows: list[list[str]]) -> None:
    """Print rows under a header, columns aligned."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    print(f"\n{title}\n")
    for row in [header, ["-" * width for width in widths], *rows]:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join(cells))


def publish(page: Path, text: str, marked: Sequence[str], problem: str, *, partly: bool) -> None:
    """Write a page, or print what is only part of it; ends in failure if a figure is marked."""
    if partly:
        print(text)
    else:
        page.write_text(text, encoding="utf-8")
        print(f"{page}: written")
    if marked:
        sys.exit("\n".join([f"{problem}:", *marked]))
