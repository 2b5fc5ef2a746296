"""The first screen: the verdict, and the table of columns."""

from __future__ import annotations

import math
from typing import Any

from driftline.report import wording
from driftline.report.formatting import interval, p_value, percent, whole
from driftline.report.html import charts
from driftline.report.html.markup import SIGNS, Context, section, text, verdict

__all__ = ["header", "spark", "table"]


def header(context: Context) -> str:
    """The verdict, what it rests on, and what else is on the page."""
    document = context.document
    given = document["verdict"]
    strongest = "; ".join(
        f"<b>{text(column)}</b> ({text(what)})" for column, what in context.strongest
    )
    return (
        f'<header class="{given}">\n<p class="brand">driftline <span>drift report</span></p>\n'
        f'<div>\n<p class="big"><span aria-hidden="true">{SIGNS[given]}</span> '
        f"{wording.VERDICTS[given]}</p>\n"
        f"<h1>{text(wording.headline(document))}</h1>\n"
        + (f"<p>Most: {strongest}.</p>\n" if strongest else "")
        + f'<p class="quiet">{text(wording.meaning(document["options"]))}</p>\n'
        + f"</div>\n<div>\n{_sides(document)}{_share(document['table'])}</div>\n"
        + _contents(context)
        + "</header>\n"
    )


def _share(table: dict[str, Any]) -> str:
    """How many columns there are of each verdict, as a bar and in words."""
    if not table["columns"]:
        return ""
    parts = [
        (key, table[key], f"{whole(table[key])} {wording.VERDICTS[key].lower()}")
        for key in wording.VERDICTS
    ]
    bar = "".join(
        f'<i class="{key}" style="flex-grow:{count}"></i>' for key, count, _ in parts if count
    )
    told = ", ".join(
        f'<span class="v {key}"><span aria-hidden="true">{SIGNS[key]}</span> {words}</span>'
        for key, count, words in parts
        if count
    )
    bounds = interval(table["share_drifted_low"], table["share_drifted_high"])
    return (
        f'<div class="share" aria-hidden="true">{bar}</div>\n<p class="told">{told}. '
        f'<span class="quiet">Share of columns drifted: {percent(table["share_drifted"])} '
        f"({bounds}).</span></p>\n"
    )


def _sides(document: dict[str, Any]) -> str:
    """Rows of both sides; also the legend of every picture."""
    parts = []
    for side, title in (("baseline", "Baseline"), ("current", "Current")):
        found = document[side]
        rows = "1 row" if found["rows"] == 1 else f"{whole(found['rows'])} rows"
        duplicates = found["duplicate_rows"]
        also = f", {whole(duplicates)} of them duplicates" if duplicates else ""
        parts.append(
            f'<div><dt><i class="key {side[0]}" aria-hidden="true"></i>{title}</dt>'
            f"<dd>{rows}{also}</dd></div>"
        )
    return f'<dl class="sides">{"".join(parts)}</dl>\n'


def _contents(context: Context) -> str:
    document = context.document
    differs = any(document["schema"].values())
    roles = any(entry["role"] != "feature" for entry in context.entries)
    found = [
        ("periods", "Over time", document["periods"]),
        ("columns", "Columns", document["columns"]),
        ("together", "All columns together", document["multivariate"]),
        ("performance", "Target and prediction", roles or document["performance"]),
        ("segments", "Where it comes from", document["segments"]),
        ("schema", "Schema differences", differs),
        ("details", "Each column", context.pictured),
        ("reading", "How to read this", True),
    ]
    links = "".join(
        f'<li><a href="#{context.prefix}-{key}">{title}</a></li>'
        for key, title, is_ in found
        if is_
    )
    return f'<nav aria-label="Contents"><ul>{links}</ul></nav>\n'


# --- the table of columns ----------------------------------------------------------


def table(context: Context) -> str:
    """A row for each column, the gravest first; the script makes it sortable."""
    if not context.entries:
        return ""
    axis = f"0 to {context.widest:.0%}"
    heads = (
        '<th scope="col" data-s="-1" aria-sort="descending">Verdict</th>'
        '<th scope="col" data-s="1">Column</th>'
        '<th scope="col" class="wide">Distributions</th>'
        f'<th scope="col" data-s="-1">Rows moved <small>{axis}</small></th>'
        '<th scope="col" data-s="-1" class="wide num">Missing</th>'
        '<th scope="col" data-s="1" class="wide num">p <small>adjusted</small></th>'
    )
    rows = "".join(_row(context, place, entry) for place, entry in enumerate(context.entries))
    content = (
        f"{_filter(context)}{_left_out(context)}"
        '<table class="overview">\n<caption class="sr">Columns, the gravest first</caption>\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
    )
    return section(context, "columns", "Columns", content)


def _filter(context: Context) -> str:
    """Works by style alone; the script adds a search for names."""
    counts = context.document["table"]
    choices = [("all", "All", len(context.entries))]
    choices += [
        (key, f"{SIGNS[key]} {word}", counts[key]) for key, word in wording.VERDICTS.items()
    ]
    labels = "".join(
        f'<label><input type="radio" name="{context.prefix}-show" value="{key}"'
        f"{' checked' if key == 'all' else ''}{'' if count else ' disabled'}>"
        f"<span>{word} <b>{whole(count)}</b></span></label>"
        for key, word, count in choices
    )
    return (
        f'<div class="tools"><fieldset><legend>Show</legend>{labels}</fieldset></div>\n'
        '<p class="sr" role="status"></p>\n'
    )


def _left_out(context: Context) -> str:
    """Says so where columns have no pictures."""
    without = len(context.entries) - len(context.pictured)
    if not without:
        return ""
    return (
        f'<p class="quiet">Of {whole(len(context.entries))} columns, '
        f"{whole(len(context.pictured))} have pictures below: those that are not stable, the "
        f"gravest first. The other {whole(without)} stand in this table alone.</p>\n"
    )


def spark(context: Context, place: int, entry: dict[str, Any]) -> str:
    """Both sides in small, drawn once and used again among the details."""
    key = f"{context.prefix}h{place}"
    if place not in context.pictured:
        return ""
    if entry["histogram"]:
        return charts.reuse(key)
    if entry["categories"]:
        return charts.reuse(key)
    return ""


def _row(context: Context, place: int, entry: dict[str, Any]) -> str:
    given, effect, missing = entry["verdict"], entry["effect"], entry["missing"]
    moved = (effect or {}).get("value")
    shown = "–"
    if effect:
        bounds = interval(effect["low"], effect["high"])
        least = context.document["options"]["min_effect"]
        shown = (
            f"<div>{charts.whisker(effect, least, context.widest, given)}"
            f"<b>{percent(moved)}</b> <small>{bounds}</small></div>"
        )
    rates = percent(missing["baseline"]), percent(missing["current"])
    both = rates[0] if rates[0] == rates[1] else f"{rates[0]} → {rates[1]}"
    about = entry["kind"] if entry["role"] == "feature" else f"{entry['kind']}, {entry['role']}"
    why = ", ".join(wording.REASONS[reason] for reason in entry["reasons"])
    if why and entry["reasons"] != ["values"]:
        about += f" · {why}"
    adjusted = p_value(entry["p_adjusted"])
    return (
        f'<tr data-v="{given}"><td data-k="{len(context.entries) - place}">{verdict(given)}</td>'
        f'<th scope="row">{context.link(entry["name"])}<small>{about}</small></th>'
        f'<td class="wide">{spark(context, place, entry)}</td>'
        f'<td class="moved" data-k="{-1 if moved is None else round(moved, 6)}">{shown}</td>'
        f'<td class="wide num" data-k="{round(missing["difference"] or 0.0, 6)}">{both}</td>'
        f'<td class="wide num" data-k="{_log(entry):.6g}">{adjusted}</td></tr>\n'
    )


def _log(entry: dict[str, Any]) -> float:
    """Sorts by the adjusted p-value, and where that is too small for a float by the p-value."""
    adjusted = entry["p_adjusted"]
    if adjusted is None:
        return 1.0
    if adjusted > 0.0:
        return math.log(adjusted)
    return min(entry["log_p_value"] or 0.0, -746.0)
