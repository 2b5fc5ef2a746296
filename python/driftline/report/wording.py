"""What a report says in words, the same in a terminal and on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from driftline.report.formatting import interval, number, percent, shorten, visible, whole

if TYPE_CHECKING:
    from driftline.report.document import DriftReport

__all__ = ["FLAGS", "REASONS", "VERDICTS", "headline", "meaning", "remarks", "strongest"]

VERDICTS: Final = {"drifted": "Drifted", "inconclusive": "Inconclusive", "stable": "Stable"}

#: What a reason is called where there is little room.
REASONS: Final = {
    "values": "values",
    "missing": "missing rate",
    "unseen": "new categories",
    "hour": "hour of day",
    "weekday": "day of week",
    "p_value": "p-value",
}

FLAGS: Final = {
    "constant_baseline": "constant in the baseline",
    "constant_current": "constant in the current data",
    "all_unique_baseline": "all different in the baseline",
    "all_unique_current": "all different in the current data",
    "high_cardinality": "very many categories",
    "approximate": "from sketches: approximate",
    "infinite": "has infinite values",
    "moved_on": "time has moved on; hours and weekdays are judged",
}

_OF_FAMILY: Final = {
    "bh": "Of the columns called drifted, at most {alpha} are expected to be called so by chance.",
    "by": "Of the columns called drifted, at most {alpha} are expected to be called so by chance.",
    "holm": "The chance that any column is called drifted by mistake is at most {alpha}.",
    "hochberg": "The chance that any column is called drifted by mistake is at most {alpha}.",
    "bonferroni": "The chance that any column is called drifted by mistake is at most {alpha}.",
    "none": "Each column is judged alone: {alpha} of those without drift may be called drifted.",
}


def _columns(count: int) -> str:
    return "1 column" if count == 1 else f"{whole(count)} columns"


def headline(document: Mapping[str, Any]) -> str:
    """The verdict in one sentence for somebody who knows no statistics.

    >>> table = {"columns": 19, "drifted": 7, "inconclusive": 1, "stable": 11}
    >>> headline({"verdict": "drifted", "table": table})
    '7 of 19 columns have drifted.'
    """
    table, verdict = document["table"], document["verdict"]
    total, drifted, open_ = table["columns"], table["drifted"], table["inconclusive"]
    if verdict == "drifted":
        if drifted:
            has = "has" if drifted == 1 else "have"
            return f"{whole(drifted)} of {_columns(total)} {has} drifted."
        if (document.get("multivariate") or {}).get("verdict") == "drifted":
            return "No column has drifted by itself, but all together they have."
        return "The data has drifted."
    if verdict == "inconclusive":
        if open_:
            return f"Too few rows to tell in {whole(open_)} of {_columns(total)}."
        return "Too few rows to tell."
    if total == 1:
        return "The one column is stable."
    return f"All {_columns(total)} are stable."


def meaning(options: Mapping[str, Any]) -> str:
    """What "drifted" means under the options of the comparison."""
    alpha, least = f"{options['alpha'] * 100:g}%", f"{options['min_effect'] * 100:g}%"
    family = _OF_FAMILY.get(options["correction"], "").format(alpha=alpha)
    if options["min_effect"] == 0:
        rule = f"Drifted: an adjusted p-value of at most {alpha}, however small the change."
    else:
        rule = (
            f"Drifted: surely more than {least} of a column's rows moved. Stable: surely fewer. "
            "Inconclusive: too few rows to tell."
        )
    return f"{rule} {family}".strip()


def strongest(report: DriftReport, count: int = 3, length: int = 32) -> list[tuple[str, str]]:
    """Names of the columns that drifted most, each with what happened to it."""
    found: list[tuple[str, str]] = []
    for column in report._by_severity()[:count]:
        if column.verdict != "drifted":
            break
        reason, unseen = column.reasons[:1], column.unseen
        if reason == ("missing",) or column.effect_size is None:
            rates = column.missing
            what = f"missing {percent(rates['baseline'])} to {percent(rates['current'])}"
        elif reason == ("unseen",) and unseen:
            what = f"{percent(unseen['share'])} of rows in new categories"
        else:
            said = any(told.endswith("moved") for _, told in found)
            what = f"{percent(column.effect_size)}{'' if said else ' of rows moved'}"
        found.append((shorten(visible(column.name), length), what))
    return found


def remarks(entry: Mapping[str, Any]) -> list[str]:
    """What there is to say of a column beyond its explanation, without full stops."""
    said: list[str] = []
    missing = entry["missing"]
    if "missing" in entry["reasons"]:
        said.append(f"Difference of the missing rates: {interval(missing['low'], missing['high'])}")
    unseen = entry["unseen"]
    if unseen and unseen["n_categories"]:
        names = _names([one["category"] for one in unseen["categories"]], unseen["n_categories"])
        said.append(f"New categories in {whole(unseen['rows'])} rows: {names}")
    vanished = entry["vanished"]
    if vanished and vanished["n_categories"]:
        names = _names([o["category"] for o in vanished["categories"]], vanished["n_categories"])
        said.append(f"Categories that are gone: {names}")
    said += _beyond(entry["range"])
    said += [f"Note: {FLAGS[flag]}" for flag in entry["flags"]]
    return said


def _names(names: list[Any], total: int, most: int = 5) -> str:
    """Some labels, and how many more there are.

    >>> _names(["a", "b"], 12)
    'a, b and 10 more'
    """
    shown = [shorten(visible(str(name)), 40) for name in names[:most]]
    rest = total - len(shown)
    return ", ".join(shown) + (f" and {whole(rest)} more" if rest > 0 else "")


def _beyond(range_: Mapping[str, Any] | None) -> list[str]:
    if not range_ or not range_["below"] + range_["above"]:
        return []
    sides = (("below", "smallest", "low"), ("above", "largest", "high"))
    parts = [
        f"{whole(range_[side])} {side} its {name} value {number(range_[bound])}"
        for side, name, bound in sides
        if range_[side]
    ]
    return [f"Rows beyond the baseline's range: {' and '.join(parts)} ({percent(range_['share'])})"]
