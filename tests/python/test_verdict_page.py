"""docs/verdicts.md: its figures are what the library says today."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import NormalDist

import numpy as np

import driftline as dl
from driftline.datasets import load_nyc_flights

PAGE = Path(__file__).parents[2] / "docs" / "verdicts.md"
ALPHA = MIN_EFFECT = 0.05
MONTHS = ["Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
COLUMNS = [
    *("temp", "pressure", "humid", "visib", "wind_speed"),
    *("arr_delay", "dep_delay", "distance", "origin"),
]


def flights() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The columns that are compared, and the month in New York of each row."""
    table = dict(load_nyc_flights())
    local = table["time_hour"] - np.timedelta64(5, "h")
    return {name: table[name] for name in COLUMNS}, local.astype("datetime64[M]").astype(int) % 12


def at(table: dict[str, np.ndarray], rows: np.ndarray) -> dict[str, np.ndarray]:
    return {name: values[rows] for name, values in table.items()}


def percent(share: float) -> str:
    return f"{100 * share:.0f}"


def cell(column: dl.report.ColumnReport) -> str:
    """Bold: drifted; with a question mark: inconclusive."""
    value = percent(column.effect["value"])
    return {"drifted": f"**{value}**", "stable": value, "inconclusive": f"{value}?"}[column.verdict]


def rows_for(chance: float, share: float, columns: int) -> int:
    """Rows on each side with which a move of `share` is found with this chance."""
    reach = math.sqrt(math.log(2 * columns / ALPHA) / 2)
    deviation = math.sqrt((1 - share**2) / 4)
    root = (reach + deviation * NormalDist().inv_cdf(chance)) / (share - MIN_EFFECT)
    return math.ceil(2 * root**2)


def rounded(rows: int) -> str:
    """To two figures, upwards."""
    unit = 10 ** max(0, len(str(rows)) - 2)
    return f"{-(-rows // unit) * unit:,}"


def power_lines():
    for share in (0.07, 0.1, 0.15, 0.2, 0.3, 0.5):
        needed = [rounded(rows_for(0.9, share, columns)) for columns in (1, 20, 100)]
        yield f"| {percent(share)} % | " + " | ".join(needed) + " |"


def month_lines():
    table, month = flights()
    plan = dl.fit(at(table, month == 0))
    reports = [plan.compare(at(table, month == k)) for k in range(1, 12)]
    for name in COLUMNS:
        yield f"| `{name}` | " + " | ".join(cell(report[name]) for report in reports) + " |"
    shares = [f"{report.table['drifted']} of 9" for report in reports]
    yield "| drifted | " + " | ".join(shares) + " |"


def halves() -> tuple[dl.DriftReport, dl.DriftReport]:
    """January in two halves: in the order of time, and at random."""
    table, month = flights()
    january = np.flatnonzero(month == 0)
    half = len(january) // 2
    shuffled = np.random.default_rng(1).permutation(january)
    return tuple(
        dl.compare(at(table, rows[:half]), at(table, rows[half:])) for rows in (january, shuffled)
    )


def half_lines():
    ordered, random = halves()
    table, month = flights()
    for name in COLUMNS:
        cells = []
        for report in (ordered, random):
            effect = report[name].effect
            ends = f"{percent(effect['low'])} to {percent(effect['high'])}"
            cells.append(f"{cell(report[name])} ({ends})")
        if name != "origin":
            values = table[name][month == 0]
            worth = dl.drift.effective_n(values[~np.isnan(values)])
            cells.append(rounded(round(worth)))
        else:
            cells.append("")
        yield f"| `{name}` | " + " | ".join(cells) + " |"


def missing_line() -> str:
    table, month = flights()
    report = dl.compare(at(table, month == 0), at(table, month == 11))
    missing = report["pressure"].missing
    assert "missing" in report["pressure"].reasons
    before, after = (f"{100 * missing[side]:.1f} %" for side in ("baseline", "current"))
    ends = f"{100 * missing['low']:.1f} to {100 * missing['high']:.1f} points"
    return f"{before} of the rows in January, {after} in December ({ends} more)"


def assert_on_page(lines):
    text = PAGE.read_text(encoding="utf-8")
    flat = " ".join(text.split())
    for line in lines:
        assert " ".join(line.split()) in flat, line


def test_rows_needed_are_those_of_the_formula():
    assert_on_page(power_lines())


def test_each_month_against_january():
    assert_on_page([*month_lines(), missing_line()])


def test_halves_of_january_in_order_and_at_random():
    assert_on_page(half_lines())
    ordered, random = halves()
    assert ordered.verdict == "drifted"
    assert random.drifted == ()


def test_so_many_rows_call_an_unchanged_column_stable():
    # The distance of two equal samples is below 1.224 sqrt(2 / n) nine times of ten.
    rows = math.ceil(2 * ((1.224 + NormalDist().inv_cdf(1 - ALPHA / 2) / 2) / MIN_EFFECT) ** 2)
    assert_on_page([f"about {rounded(rows)} rows on each side"])
    rng = np.random.default_rng(4)
    stable = 0
    for _ in range(5):
        sides = [{str(i): rng.random(rows) for i in range(20)} for _ in range(2)]
        report = dl.compare(*sides)
        stable += report.table["stable"]
    # Binomial(100, 0.9) is at least 79 with probability 0.999.
    assert stable >= 79
