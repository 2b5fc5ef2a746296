"""A report as text: the verdict, then the columns, the gravest first.

Apart from names of columns and labels it is plain ASCII, so that any terminal can show it.
From 60 columns of text on nothing breaks over a line; what has no room is left out from the
right, the intervals first.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import unicodedata
from typing import TYPE_CHECKING, Any, Final, TextIO

from driftline.report import wording
from driftline.report.formatting import interval, number, percent, shorten, visible, whole

if TYPE_CHECKING:
    from driftline.report.column import ColumnReport
    from driftline.report.document import DriftReport

__all__ = ["render", "write"]

#: Stable columns are counted when there are more than this.
_FEW: Final = 8
#: Names that a list has at most.
_LISTED: Final = 20
_NARROWEST: Final = 40
_WIDEST: Final = 120
_COLOURS: Final = {"drifted": "31", "inconclusive": "33", "stable": "32"}


def write(report: DriftReport, file: TextIO | None = None) -> None:
    """Write a report to a stream, in colour if that is a terminal and ``NO_COLOR`` is unset.

    What the stream's encoding lacks becomes a question mark.

    :param file: ``sys.stdout`` by default.
    """
    stream = sys.stdout if file is None else file
    terminal = stream.isatty() and not os.environ.get("NO_COLOR")
    colour = terminal and os.environ.get("TERM") != "dumb"
    text = render(report, colour=colour)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")


def render(report: DriftReport, *, width: int | None = None, colour: bool = False) -> str:
    """The text of a report.

    :param width: characters for a line, at least 40; by default those of the terminal, at
        most 120, and 80 where there is none.
    :param colour: whether the verdicts are coloured, with ANSI sequences.
    """
    if width is None:
        width = min(shutil.get_terminal_size().columns, _WIDEST)
    page = _Page(max(width, _NARROWEST), colour)
    _head(page, report)
    _table(page, report._by_severity())
    _sections(page, report)
    return "\n".join(page.lines)


class _Page:
    """Lines, and what they are allowed to be."""

    def __init__(self, width: int, colour: bool) -> None:
        self.width = width
        self.colour = colour
        self.lines: list[str] = []

    def verdict(self, verdict: str, text: str) -> str:
        return f"\x1b[{_COLOURS[verdict]}m{text}\x1b[0m" if self.colour else text

    def say(self, text: str, indent: str = "") -> None:
        """Wrapped, with its later lines indented."""
        for paragraph in textwrap.wrap(text, self.width, subsequent_indent=indent) or [""]:
            self.lines.append(_cut(paragraph, self.width))


def _head(page: _Page, report: DriftReport) -> None:
    document = report._document
    start = len(page.lines)
    page.say(f"{report.verdict.upper()}: {wording.headline(document)}")
    page.lines[start] = page.lines[start].replace(
        report.verdict.upper(), page.verdict(report.verdict, report.verdict.upper()), 1
    )
    strongest = [f"{name} ({what})" for name, what in wording.strongest(report)]
    if strongest:
        page.say(f"Most: {', '.join(strongest)}.", "  ")
    table, rows = document["table"], (document["baseline"]["rows"], document["current"]["rows"])
    page.say(
        f"{whole(rows[0])} rows in the baseline, {whole(rows[1])} in the current data. "
        f"Share of columns drifted: {percent(table['share_drifted'])} "
        f"({interval(table['share_drifted_low'], table['share_drifted_high'])})."
    )
    page.lines.append("")


# --- the table ---------------------------------------------------------------------


def _table(page: _Page, columns: list[ColumnReport]) -> None:
    stable = [column for column in columns if column.verdict == "stable"]
    shown = columns if len(stable) <= _FEW else columns[: len(columns) - len(stable)]
    if shown:
        heads = ("verdict", "column", "rows moved", "interval", "missing", "why")
        cells = [_cells(column) for column in shown]
        widths = [max(map(_wide, one)) for one in zip(heads, *cells, strict=True)]
        kept = _kept(page.width, widths)
        page.lines.append(_line(heads, widths, kept))
        page.lines.append("-" * min(page.width, sum(widths[i] + 2 for i in kept) - 2))
        for column, row in zip(shown, cells, strict=True):
            line = _line(row, widths, kept)
            coloured = page.verdict(column.verdict, column.verdict)
            page.lines.append(line.replace(column.verdict, coloured, 1))
    if len(shown) < len(columns):
        and_ = "and " if shown else ""
        page.lines.append(f"{and_}{len(stable):,} stable columns")


def _cells(column: ColumnReport) -> tuple[str, ...]:
    effect, missing = column.effect, column.missing
    why = ", ".join(wording.REASONS[reason] for reason in column.reasons)
    if column.rows_needed is not None:
        why = f"needs {whole(column.rows_needed)} rows"
    rates = [percent(missing["baseline"]), percent(missing["current"])]
    return (
        column.verdict,
        visible(column.name),
        _ascii(percent(column.effect_size)),
        _ascii(f"{percent(effect['low'])} to {percent(effect['high'])}") if effect else "-",
        _ascii(rates[0] if rates[0] == rates[1] else f"{rates[0]} -> {rates[1]}"),
        why,
    )


def _kept(width: int, widths: list[int]) -> list[int]:
    """Which cells have room; the name gets what the others leave."""
    kept = list(range(len(widths)))
    for least_needed in (3, 4, 5):
        others = sum(widths[i] + 2 for i in kept if i != 1)
        if others + min(widths[1], 16) <= width:
            break
        kept.remove(least_needed)
    others = sum(widths[i] + 2 for i in kept if i != 1)
    widths[1] = min(widths[1], max(width - others, 8))
    return kept


def _line(cells: tuple[str, ...], widths: list[int], kept: list[int]) -> str:
    padded = []
    for i in kept:
        text = _cut(cells[i], widths[i])
        space = " " * (widths[i] - _wide(text))
        padded.append(space + text if i in (2, 3) else text + space)
    return "  ".join(padded).rstrip()


# --- what else there is ------------------------------------------------------------


def _sections(page: _Page, report: DriftReport) -> None:
    document = report._document
    for title, lines in (
        ("All columns together", _together(document["multivariate"])),
        ("Performance", _performance(document["performance"])),
        ("Segments", _segments(document["segments"])),
        ("Periods", _periods(document["periods"])),
        ("Schema", _schema(document["schema"])),
    ):
        if lines:
            page.lines += ["", title]
            for line in lines:
                page.say(f"  {line}", "    ")


def _together(found: dict[str, Any] | None) -> list[str]:
    if not found:
        return []
    told = "a classifier that tells the sides apart has AUC"
    lines = [_ascii(f"{found['verdict']}: {told} {number(found['statistic'])} (0.5 is chance)")]
    carried = [
        f"{_name(one['name'])} {percent(one['importance'])}"
        for one in found["columns"][:5]
        if one["importance"]
    ]
    return lines + ([f"carried by {', '.join(carried)}"] if carried else [])


def _performance(found: dict[str, Any] | None) -> list[str]:
    lines = []
    for one in (found or {}).get("metrics", []):
        if one["baseline"] is None and one["current"] is None:
            continue
        told = f"{_name(one['name'])}: {number(one['baseline'])} -> {number(one['current'])}"
        if one["low"] is not None:
            told += f", a difference of {number(one['low'])} to {number(one['high'])}"
        lines.append(_ascii(told))
    return lines


def _segments(found: dict[str, Any] | None) -> list[str]:
    if not found:
        return []
    lines = [f"by {_name(found['column'])}: where the change comes from"]
    for group in found["groups"][:5]:
        name = "(missing)" if group["name"] is None else _name(group["name"])
        part = f"{name}: {percent(group['contribution'])} of the change, {group['verdict']}"
        lines.append(_ascii(part))
    rest = len(found["groups"]) - 5 + found["n_omitted"]
    return [*lines, f"and {rest:,} more"] if rest > 0 else lines


def _periods(found: dict[str, Any] | None) -> list[str]:
    if not found:
        return []
    parts = []
    for verdict in wording.VERDICTS:
        names = [n for n, v in zip(found["names"], found["verdicts"], strict=True) if v == verdict]
        if names:
            parts.append(f"{verdict}: {_listed(names)}")
    return parts


def _schema(found: dict[str, Any]) -> list[str]:
    lines = []
    for key, told in (("missing", "missing columns"), ("new", "new columns")):
        if found[key]:
            lines.append(f"{told}: {_listed(found[key])}")
    told_of = [
        *(
            f"{_name(one['name'])}: {one['baseline']} -> {one['current']}"
            for one in found["changed"]
        ),
        *(f"{_name(one['name'])} left out: {_name(one['reason'])}" for one in found["skipped"]),
    ]
    more = [f"and {len(told_of) - _LISTED:,} more"] if len(told_of) > _LISTED else []
    return lines + told_of[:_LISTED] + more


# --- text --------------------------------------------------------------------------


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(map(_name, names[:_LISTED])) + more


def _name(text: str) -> str:
    return shorten(visible(text), 60, "..")


def _ascii(text: str) -> str:
    return text.replace("–", "-").replace("∞", "inf")


def _wide(text: str) -> int:
    """Cells of a terminal that a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(one) or unicodedata.category(one) == "Cf"
        else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )  # fmt: skip


def _cut(text: str, width: int) -> str:
    """A text that takes at most ``width`` cells."""
    if _wide(text) <= width:
        return text
    cut = text
    while cut and _wide(cut) > width - 2:
        cut = cut[: len(cut) - max((_wide(cut) - width) // 2, 1)]
    return cut + ".."
