"""What the table as a whole has to say, each part only where it is known."""

from __future__ import annotations

from typing import Any

from driftline.report.formatting import number, p_value, percent, whole
from driftline.report.html import charts
from driftline.report.html.markup import Context, heads, name, row, section, text, verdict
from driftline.report.wording import VERDICTS

__all__ = ["performance", "periods", "reading", "schema", "segments", "together"]

_SEGMENTS = 30
_PERIODS = 120
_PERIOD_COLUMNS = 100
#: Names of metrics that are no words when spelt out.
_METRICS = {
    "mae": "Mean absolute error",
    "mape": "Mean absolute percentage error",
    "r2": "R²",
    "rmse": "Root mean squared error",
    "roc_auc": "Area under the ROC curve",
}


def together(context: Context) -> str:
    """Whether a classifier tells the sides apart."""
    found = context.document["multivariate"]
    if not found:
        return ""
    bounds = ""
    if found["low"] is not None and found["high"] is not None:
        bounds = f" ({number(found['low'])} to {number(found['high'])})"
    widest = max([one["importance"] or 0.0 for one in found["columns"]] or [0.0]) or 1.0
    rows = "".join(
        row(
            (context.link(one["name"]), _bar(one["importance"], widest), percent(one["importance"]))
        )
        for one in found["columns"][:20]
        if (one["importance"] or 0.0) >= 0.0005
    )
    carried = (
        '<table class="cats one"><caption>Columns that give it away</caption>'
        + heads(("Column", '<span class="sr">Bar</span>', "Importance"))
        + f"<tbody>{rows}</tbody></table>\n"
    )
    content = (
        f"<p>{verdict(found['verdict'])} A classifier that is shown rows of both sides tells them "
        f"apart with an AUC of <b>{number(found['statistic'])}</b>{bounds}; 0.5 is chance, 1 is "
        f'always right. <span class="quiet">p {p_value(found["p_value"])}, from '
        f"{whole(found['n_baseline'])} and {whole(found['n_current'])} rows.</span></p>\n"
    )
    return section(context, "together", "All columns together", content + (carried if rows else ""))


def _bar(share: float | None, widest: float) -> str:
    return (
        '<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="n" d="M0 0H{round(1000 * min((share or 0.0) / widest, 1.0))}V10H0z"/></svg>'
    )


def performance(context: Context) -> str:
    """The target and the prediction: how they moved, and how well they agree."""
    found = context.document["performance"]
    named = [entry for entry in context.entries if entry["role"] != "feature"]
    if not found and not named:
        return ""
    columns = "".join(
        row((entry["role"].capitalize(), context.link(entry["name"]), verdict(entry["verdict"]),
             percent(entry["effect_size"])))
        for entry in named
    )  # fmt: skip
    content = ""
    if columns:
        content = (
            '<table class="plain"><caption class="sr">Columns</caption>'
            + heads(("Role", "Column", "Verdict", "Rows moved"))
            + f"<tbody>{columns}</tbody></table>\n"
        )
    if found:
        content += _metrics(found)
    return section(context, "performance", "Target and prediction", content)


def _metrics(found: dict[str, Any]) -> str:
    rows = "".join(
        row(
            (
                _metric(one["name"]),
                number(one["baseline"]),
                number(one["current"]),
                f"<b>{number(one['difference'])}</b>",
                "–" if one["low"] is None else f"{number(one['low'])} to {number(one['high'])}",
            )
        )
        for one in found["metrics"]
    )
    return (
        f'<table class="plain"><caption>{text(found["task"]).capitalize()}: the prediction '
        "against the target</caption>"
        + heads(("Metric", "Baseline", "Current", "Difference", "Interval"))
        + f"<tbody>{rows}</tbody></table>\n"
    )


def _metric(given: str) -> str:
    known = _METRICS.get(given)
    if known is None:
        words = given.replace("_macro", ", macro average").replace("_", " ")
        known = words[:1].upper() + words[1:]
    return text(known)


def segments(context: Context) -> str:
    """Groups of rows by what they contribute."""
    found = context.document["segments"]
    if not found:
        return ""
    groups = found["groups"][:_SEGMENTS]
    widest = max([group["contribution"] or 0.0 for group in groups] or [1.0]) or 1.0
    rows = "".join(
        row(
            (
                "<i>missing</i>" if group["name"] is None else name(group["name"], 80),
                f"{_bar(group['contribution'], widest)}{percent(group['contribution'])}",
                f"{percent(group['share_baseline'])} → {percent(group['share_current'])}"
                f"<small>{whole(group['rows_baseline'])} → {whole(group['rows_current'])} rows"
                "</small>",
                f"{verdict(group['verdict'])}<small>{percent(group['share_drifted'])} of its "
                "columns</small>",
                _carried(context, group["columns"]),
            )
        )
        for group in groups
    )
    rest = len(found["groups"]) - len(groups) + found["n_omitted"]
    left = f'<p class="quiet">{whole(rest)} smaller groups are left out.</p>\n' if rest else ""
    content = (
        f"<p>Rows in groups by {context.link(found['column'])}, those first that the change comes "
        'from.</p>\n<div class="scroll" tabindex="0" role="region" aria-label="Segments">'
        '<table class="plain seg">'
        + heads(("Group", "Of the change", "Share of rows", "Verdict", "Columns that moved most"))
        + f"<tbody>{rows}</tbody></table></div>\n{left}"
    )
    return section(context, "segments", "Where the change comes from", content)


def _carried(context: Context, columns: list[dict[str, Any]], most: int = 3) -> str:
    ranked = sorted(columns, key=lambda one: -(one["effect_size"] or 0.0))
    order = {given: place for place, given in enumerate(VERDICTS)}
    ranked.sort(key=lambda one: order[one["verdict"]])
    return "; ".join(
        f"{name(one['name'], 40)} {percent(one['effect_size'])}" for one in ranked[:most]
    )


# --- periods -----------------------------------------------------------------------


def periods(context: Context) -> str:
    """A heat map of columns by periods, with the trend of each column."""
    found = context.document["periods"]
    if not found:
        return ""
    found, left_out = _recent(context, found)
    names = [text(period) for period in found["names"]]
    least = context.document["options"]["min_effect"]
    known = [e for one in found["columns"] for e in one["high"] if e is not None]
    widest = min(max([2 * least, *known]), 1.0) or 1.0
    rows = "".join(
        f'<tr><th scope="row">{context.link(one["name"])}</th>'
        + "".join(
            _cell(effect, low, given, least)
            for effect, low, given in zip(one["effect"], one["low"], one["verdicts"], strict=True)
        )
        + f'<td class="t">{charts.trend(one, least, widest)}</td></tr>\n'
        for one in found["columns"]
    )
    starred = " An asterisk: for its missing values, new categories or p-value."
    otherwise = starred if "*</b>" in rows else ""
    verdicts = "".join(f"<td>{_sign(given)}</td>" for given in found["verdicts"])
    counts = "".join(f"<td>{whole(count)}</td>" for count in found["rows"])
    content = (
        f"<p>Each {text(found['every'])} of {name(found['column'])} against the baseline: the "
        "share of rows moved, in percent. <b>Bold</b>: drifted; <i>with a question mark</i>: "
        f"inconclusive; plain: stable.{otherwise}{left_out}</p>\n"
        '<div class="scroll" tabindex="0" role="region" aria-label="Heat map">'
        '<table class="heat">'
        + heads(["Column", *names, "Trend"])
        + f'<tbody><tr class="all"><th scope="row">All columns</th>{verdicts}<td></td></tr>\n{rows}'
        f'<tr class="rows"><th scope="row">Rows</th>{counts}<td></td></tr>'
        "</tbody></table></div>\n"
    )
    return section(context, "periods", "Over time", content)


def _recent(context: Context, found: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """What there is room for: the last periods, the gravest columns; and a note that says
    so."""
    order = {entry["name"]: place for place, entry in enumerate(context.entries)}
    columns = sorted(found["columns"], key=lambda one: order.get(one["name"], len(order)))
    note = ""
    if len(found["names"]) > _PERIODS:
        note = f" These are the last {_PERIODS} of {whole(len(found['names']))} periods."
    if len(columns) > _PERIOD_COLUMNS:
        note += f" These are the gravest {_PERIOD_COLUMNS} of {whole(len(columns))} columns."
    series = ("effect", "low", "high", "verdicts")
    return {
        **found,
        **{key: found[key][-_PERIODS:] for key in ("names", "rows", "verdicts")},
        "columns": [
            {**one, **{key: one[key][-_PERIODS:] for key in series}}
            for one in columns[:_PERIOD_COLUMNS]
        ],
    }, note


def _sign(given: str) -> str:
    shown = verdict(given)
    word = VERDICTS[given]
    return shown.replace(f" {word}</span>", f'<span class="sr"> {word}</span></span>')


def _cell(effect: float | None, low: float | None, given: str, least: float) -> str:
    if effect is None:
        return '<td class="h0">–</td>'
    shade = min(round(effect**0.5 * 10), 9)
    told = "&lt;1" if 0 < effect < 0.005 else f"{100 * effect:.0f}"
    if given == "stable":
        return f'<td class="h{shade}">{told}</td>'
    mark = f"<i>{told}?</i>"
    if given == "drifted":
        # What did not move enough has drifted for another reason.
        mark = f"<b>{told}{'*' if (low or 0.0) <= least else ''}</b>"
    return f'<td class="h{shade}">{mark}<span class="sr"> {given}</span></td>'


# --- the rest ----------------------------------------------------------------------


def schema(context: Context) -> str:
    """Columns that are not on both sides, or not of one kind."""
    found = context.document["schema"]
    if not any(found.values()):
        return ""
    rows = "".join(row((name(one), "missing in the current data")) for one in found["missing"])
    rows += "".join(row((name(one), "new in the current data")) for one in found["new"])
    rows += "".join(
        row((name(one["name"]), f"{text(one['baseline'])} → {text(one['current'])}"))
        for one in found["changed"]
    )
    rows += "".join(
        row((name(one["name"]), f"left out: {text(one['reason'])}")) for one in found["skipped"]
    )
    content = (
        '<table class="plain words">'
        + heads(("Column", "Difference"))
        + f"<tbody>{rows}</tbody></table>\n"
    )
    return section(context, "schema", "Schema differences", content)


def reading(context: Context) -> str:
    """What the figures mean, and with which options they were made."""
    options = context.document["options"]
    least = f"{options['min_effect'] * 100:g}%"
    told = f"alpha {options['alpha']:g}, min_effect {options['min_effect']:g}, "
    told += f"correction {text(options['correction'])}, seed {options['seed']}"
    content = (
        '<dl class="guide">'
        "<dt>Rows moved</dt><dd>The share of rows that would have to change for both sides to look "
        "alike: of numbers and times the largest gap between the shares of rows below a value "
        "(Kolmogorov-Smirnov distance), of categories half the sum of the differences between "
        "their shares (total variation). The dot is the estimate, the line its confidence "
        "interval, corrected for the number of columns; the shaded part, up to "
        f"{least}, is change too small to matter.</dd>"
        "<dt>Verdict</dt><dd>▲ drifted: the whole line lies beyond the shaded part, or the "
        "missing rate or new categories alone say so. ● stable: all of it lies within. "
        "◆ inconclusive: it lies on both sides; more rows would tell.</dd>"
        "<dt>Pictures</dt><dd>The baseline is filled, the current data drawn as a line; both are "
        "shares of their own rows. The boxes below reach from 20 to 80%, their lines from 5 to "
        "95%, the tick is the median; thin lines join the same quantiles.</dd>"
        f"<dt>Options</dt><dd>{told}.</dd></dl>\n"
    )
    return section(context, "reading", "How to read this", content)
