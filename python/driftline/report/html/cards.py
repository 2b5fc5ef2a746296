"""Each column with its figures."""

from __future__ import annotations

from typing import Any

from driftline.report import wording
from driftline.report.formatting import number, p_value, percent, whole
from driftline.report.html import charts
from driftline.report.html.markup import Context, heads, name, row, section, text, verdict

__all__ = ["cards"]

#: Categories that are shown; the rest is put together.
_CATEGORIES = 12


def cards(context: Context) -> str:
    """The columns that have pictures, the gravest first; stable ones are folded."""
    shown = "".join(
        _card(context, place, context.entries[place]) for place in sorted(context.pictured)
    )
    return section(context, "details", "Each column", shown) if shown else ""


def _card(context: Context, place: int, entry: dict[str, Any]) -> str:
    given = entry["verdict"]
    about = entry["kind"] if entry["role"] == "feature" else f"{entry['kind']}, {entry['role']}"
    said = "".join(f"<li>{text(one)}</li>" for one in wording.remarks(entry))
    figure = _figure(context, place, entry)
    inner = (
        f'<div id="{context.prefix}c{place}" class="body" tabindex="-1">\n'
        f'<div class="figure">{figure}</div>\n'
        f'<div class="facts"><p>{text(entry["explanation"])}</p>\n'
        f"{f'<ul>{said}</ul>' if said else ''}{_evidence(entry)}{_summary(entry)}</div>\n</div>"
    )
    opened = "" if given == "stable" else " open"
    return (
        f'<details class="card" data-v="{given}"{opened}><summary><h3>'
        f"{name(entry['name'], 1000)}</h3> <small>{about}</small> {verdict(given)}</summary>\n"
        f"{inner}</details>\n"
    )


def _figure(context: Context, place: int, entry: dict[str, Any]) -> str:
    key = f"{context.prefix}h{place}"
    shown = ""
    if entry["histogram"]:
        shown += charts.distribution(entry, key)
    if entry["categories"]:
        shown += _categories(entry, key)
    if entry["profiles"]:
        shown += _profiles(entry["profiles"], key)
    return shown or '<p class="quiet">There is nothing to draw.</p>'


def _profiles(found: dict[str, Any], key: str) -> str:
    parts = ""
    for part, title, every in (("hour", "Hour of day", 6), ("weekday", "Day of week", 1)):
        one = found[part]
        effect = one["effect"]
        moved = f": {percent(effect['value'])} moved" if effect else ""
        parts += (
            f"<div><p><b>{title}</b>{moved}</p>"
            f"{charts.profile(one, title, every, key + part[0])}</div>"
        )
    return f'<div class="profiles">{parts}</div>'


def _categories(entry: dict[str, Any], key: str) -> str:
    """A pair of bars for each category, and the same as one small picture for the table."""
    found = list(entry["categories"])
    if len(found) > _CATEGORIES + 1:
        rest = found[_CATEGORIES:]
        others = {side: sum(one[side] for one in rest) for side in ("baseline", "current")}
        found = [*found[:_CATEGORIES], {"category": None, **others}]
    totals = [sum(one[side] for one in found) or 1 for side in ("baseline", "current")]
    shares = [(one["baseline"] / totals[0], one["current"] / totals[1]) for one in found]
    widest = max(map(max, shares))
    rows = ""
    for one, (baseline, current) in zip(found, shares, strict=True):
        label = "<i>all others</i>" if one["category"] is None else name(one["category"], 80)
        drawn = charts.bars(baseline, current, widest)
        rows += row((label, drawn, percent(baseline), percent(current)))
    edges = [float(place) for place in range(len(found) + 1)]
    counts = [[one[side] for one in found] for side in ("baseline", "current")]
    small = charts.outlines(edges, counts[0], counts[1], key)
    return (
        f'<svg class="store" aria-hidden="true"><defs>{small}</defs></svg>'
        '<table class="cats"><caption class="sr">Shares of the categories</caption>'
        + heads(("Category", '<span class="sr">Bars</span>', "Baseline", "Current"))
        + f"<tbody>{rows}</tbody></table>"
    )


def _evidence(entry: dict[str, Any]) -> str:
    """The test in a line."""
    if entry["test"] is None:
        return ""
    told = f"Test {text(entry['test'])}: statistic {number(entry['statistic'])}"
    if entry["p_value"] is not None:
        told += f", p {p_value(entry['p_value'], entry['log_p_value'])}"
    missing = entry["missing"]
    if missing["p_value"] is not None and (missing["baseline"] or missing["current"]):
        told += f"; missing rates: p {p_value(missing['p_value'])}"
    if entry["p_adjusted"] is not None:
        # The logarithm is that of the values' p-value alone.
        told += f". Adjusted p of the column: {p_value(entry['p_adjusted'])}"
    effect = entry["effect"]
    if effect and effect["level"]:
        told += f". Interval at {effect['level'] * 100:.6g}%"
    return f'<p class="quiet">{told}.</p>\n'


def _summary(entry: dict[str, Any]) -> str:
    """Both sides in numbers; also what the pictures say to those who do not see them."""
    sides = entry["baseline"], entry["current"]
    rates = entry["missing"]
    rows = [("Values", *(whole(side["rows"]) for side in sides))]
    if sides[0]["missing"] or sides[1]["missing"]:
        rows.append(("Missing", percent(rates["baseline"]), percent(rates["current"])))
    for key, title in (("infinite", "Infinite"),):
        if sides[0][key] or sides[1][key]:
            rows.append((title, *(whole(side[key]) for side in sides)))
    if any(side["distinct"] is not None for side in sides):
        rows.append(("Different values", *(whole(side["distinct"]) for side in sides)))
    for key, title in (
        ("min", "Smallest"), ("median", "Median"), ("mean", "Mean"),
        ("max", "Largest"), ("std", "Standard deviation"),
    ):  # fmt: skip
        if any(side[key] is not None for side in sides):
            rows.append((title, *(text(number(side[key])) for side in sides)))
    if any(side["most_frequent"] for side in sides) and entry["kind"] != "categorical":
        rows.append(("Most frequent", *map(_most, sides)))
    return (
        '<table class="sum"><caption class="sr">Summary</caption>'
        + heads(
            ('<span class="sr">Measure</span>', '<i class="key b" aria-hidden="true"></i>Baseline',
             '<i class="key c" aria-hidden="true"></i>Current')
        )
        + f"<tbody>{''.join(map(row, rows))}</tbody></table>"
    )  # fmt: skip


def _most(side: dict[str, Any]) -> str:
    found = side["most_frequent"]
    if not found:
        return "–"
    label = "–" if found["category"] is None else name(found["category"], 24)
    return f"{label} ({percent(found['count'] / side['rows']) if side['rows'] else '–'})"
