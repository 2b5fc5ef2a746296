"""Pictures of one column with Matplotlib, the same as those of the page."""

from __future__ import annotations

import importlib
import itertools
from typing import TYPE_CHECKING, Any, Final

from driftline.exceptions import InvalidValueError, PackageNotFound
from driftline.report.formatting import interval, percent, shorten, time_labels, visible
from driftline.report.wording import VERDICTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from driftline.report.column import ColumnReport
    from driftline.report.document import DriftReport

__all__ = ["plot"]

_BASELINE: Final = "#6f8aa6"
_FILL: Final = "#cbd6e1"
_CURRENT: Final = "#c85a00"
_CATEGORIES: Final = 20


def plot(report: DriftReport, column: ColumnReport, ax: Axes | None) -> Axes:
    """See :meth:`DriftReport.plot`."""
    entry = column._entry
    if not entry["histogram"] and not entry["categories"]:
        raise InvalidValueError(
            f"column: there is nothing to draw of {column.name!r}, which has no values; accepted: "
            "a column that has some"
        )
    try:
        pyplot = importlib.import_module("matplotlib.pyplot")
    except ImportError:
        raise PackageNotFound(
            "plot: Matplotlib is not installed; install it, as with `pip install matplotlib`, or "
            "use to_html, which needs nothing"
        ) from None
    if entry["categories"]:
        main = ax if ax is not None else pyplot.subplots(figsize=(7, 4), layout="constrained")[1]
        _bars(main, entry["categories"])
    else:
        main = _distribution(pyplot, entry, ax)
    main.set_title(_title(column), loc="left", fontsize="medium")
    for side in ("top", "right"):
        main.spines[side].set_visible(False)
    drawn: Axes = main
    return drawn


def _title(column: ColumnReport) -> str:
    # A dollar sign would begin a formula.
    name = shorten(visible(column.name), 60).replace("$", r"\$")
    told = f"{name}: {VERDICTS[column.verdict].lower()}"
    effect = column.effect
    if effect is None:
        return told
    bounds = interval(effect["low"], effect["high"])
    return f"{told}, {percent(effect['value'])} of rows moved ({bounds})"


def _distribution(pyplot: Any, entry: Any, ax: Any) -> Any:
    """The histograms, and in a figure of their own the quantiles below, and the clock."""
    profiles = entry["profiles"]
    if ax is None:
        shape = [["main", "main"], ["quantiles", "quantiles"]]
        ratios = [6, 1]
        if profiles:
            shape, ratios = [*shape, ["hour", "weekday"]], [6, 1, 3]
        _, axes = pyplot.subplot_mosaic(
            shape, figsize=(7, 4 if not profiles else 5.5), height_ratios=ratios,
            layout="constrained",
        )  # fmt: skip
        main = axes["main"]
        if entry["quantiles"]:
            _quantiles(axes["quantiles"], entry["quantiles"])
        axes["quantiles"].set_axis_off()
        axes["quantiles"].sharex(main)
        for part in ("hour", "weekday") if profiles else ():
            _profile(axes[part], profiles[part])
    else:
        main = ax
    found = entry["histogram"]
    heights = _outlines(main, found["edges"], found["baseline"], found["current"])
    main.set_ylabel(heights)
    main.legend(frameon=False)
    if entry["kind"] == "datetime":
        labels = time_labels(found["edges"][0], found["edges"][-1])
        main.set_xticks([at for at, _ in labels], [label for _, label in labels])
    return main


def _outlines(ax: Any, edges: Any, baseline: Any, current: Any) -> str:
    """Both histograms; the answer is what their heights are."""
    widths = [right - left for left, right in itertools.pairwise(edges)]
    even = not min(widths) > 1e-300 or max(widths) <= 1.001 * min(widths)
    for counts, style in (
        (baseline, {"fill": True, "facecolor": _FILL, "edgecolor": _BASELINE, "label": "baseline"}),
        (current, {"fill": False, "edgecolor": _CURRENT, "linewidth": 1.6, "label": "current"}),
    ):
        total = sum(counts) or 1
        shares = [count / total for count in counts]
        if not even:
            shares = [share / width for share, width in zip(shares, widths, strict=True)]
        ax.stairs(shares, edges, **style)
    return "share of rows in each bin" if even else "share of rows for each unit"


def _quantiles(ax: Any, found: Any) -> None:
    for y, side, colour in ((1, "baseline", _BASELINE), (0, "current", _CURRENT)):
        at = dict(zip(found["probabilities"], found[side], strict=True))
        for low, high, width in ((0.05, 0.95, 1.5), (0.2, 0.8, 7)):
            if at.get(low) is not None and at.get(high) is not None:
                ax.hlines(y, at[low], at[high], colors=colour, linewidth=width)
        if at.get(0.5) is not None:
            ax.plot([at[0.5]], [y], "|", color="black", markersize=10)
    ax.set_ylim(-0.7, 1.7)


def _profile(ax: Any, found: Any) -> None:
    count = len(found["labels"])
    _outlines(ax, [place - 0.5 for place in range(count + 1)], found["baseline"], found["current"])
    places = range(0, count, 6 if count > 12 else 1)
    ax.set_xticks(list(places), [found["labels"][place] for place in places])
    ax.set_yticks([])
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)


def _bars(ax: Any, categories: Any) -> None:
    found = categories[:_CATEGORIES]
    for side, colour, shift in (("baseline", _BASELINE, -0.2), ("current", _CURRENT, 0.2)):
        total = sum(one[side] for one in categories) or 1
        places = [place + shift for place in range(len(found))]
        shares = [one[side] / total for one in found]
        ax.barh(places, shares, height=0.38, color=colour, label=side)
    names = [
        "(all others)" if one["category"] is None else shorten(visible(one["category"]), 30)
        for one in found
    ]
    ax.set_yticks(range(len(found)), [name.replace("$", r"\$") for name in names])
    ax.invert_yaxis()
    ax.set_xlabel("share of rows")
    ax.legend(frameon=False)
