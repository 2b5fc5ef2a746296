"""Pictures as SVG, as wide as the room they are given.

Coordinates run from 0 to 1000 across and are stretched; strokes keep their width, and
labels stand beside a picture as HTML, so that they keep their size.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from driftline.report.formatting import axis_labels, interval, number, percent, time_labels
from driftline.report.html.markup import text

__all__ = [
    "axis",
    "bars",
    "distribution",
    "outlines",
    "profile",
    "quantiles",
    "reuse",
    "trend",
    "whisker",
]

_ACROSS = 1000
_HIGH = 100


def _svg(height: int, title: str, inner: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return (
        f'<svg{named} viewBox="0 0 {_ACROSS} {height}" preserveAspectRatio="none" role="img">'
        f"<title>{title}</title>{inner}</svg>"
    )


def _at(value: float, low: float, high: float) -> int:
    """Where a value lies across a picture."""
    if not high > low:
        return _ACROSS // 2
    if math.isinf(high - low):  # beyond the range of floats
        value, low, high = value / 2, low / 2, high / 2
    return round(min(max((value - low) / (high - low), 0.0), 1.0) * _ACROSS)


def _steps(xs: Sequence[int], heights: Sequence[float], top: float, line: bool) -> str:
    """A path over bars without gaps; bars of the same height are one, and a line leaves out
    those of none."""
    path, last = [f"M{xs[0]} {_HIGH}"], _HIGH
    for right, height in zip(xs[1:], heights, strict=True):
        y = round(_HIGH * (1 - height / top)) if top else _HIGH
        if height > 0 and y == _HIGH:
            y = _HIGH - 1  # there is something
        if y != last:
            path.append(f"V{y}")
        elif path[-1][0] == ("M" if line and y == _HIGH else "H"):
            path.pop()
        path.append(f"M{right} {_HIGH}" if line and y == last == _HIGH else f"H{right}")
        last = y
    return "".join(path) + f"V{_HIGH}"


def outlines(
    edges: Sequence[float], baseline: Sequence[int], current: Sequence[int], key: str
) -> str:
    """Histograms of both sides as shares of their rows, one filled, one drawn as a line."""
    low, high = edges[0], edges[-1]
    xs = [_at(edge, low, high) for edge in edges]
    if len(edges) == 2 or not high > low:
        xs = [round(350 + 300 * place / (len(edges) - 1)) for place in range(len(edges))]
    widths = [right - left for left, right in itertools.pairwise(edges)]
    # Narrower than floats tell apart, bins are as good as even.
    even = not min(widths) > 1e-300 or max(widths) <= 1.001 * min(widths)
    sides = []
    for counts in (baseline, current):
        total = sum(counts) or 1
        if even:
            sides.append([count / total for count in counts])
        else:
            sides.append([c / total / w for c, w in zip(counts, widths, strict=True)])
    top = max(map(max, sides))
    paths = [_steps(xs, side, top, line) for side, line in zip(sides, (False, True), strict=True)]
    # Their classes have rules of their own: those below a class do not reach what is reused.
    return (
        f'<g id="{key}"><path class="dl-b" d="{paths[0]}z"/><path class="dl-c" d="{paths[1]}"/></g>'
    )


def reuse(key: str) -> str:
    """The same picture again, small, where there is text that says what it shows."""
    return (
        f'<svg class="spark" viewBox="0 0 {_ACROSS} {_HIGH}" preserveAspectRatio="none" '
        f'aria-hidden="true"><use href="#{key}"/></svg>'
    )


def distribution(entry: dict[str, Any], key: str) -> str:
    """Histograms of a column of numbers or times, with the quantiles and the axis below."""
    found = entry["histogram"]
    edges = found["edges"]
    drawn = outlines(edges, found["baseline"], found["current"], key)
    title = "Histogram, baseline filled, current as a line"
    shown = _svg(_HIGH, title, drawn, "hist")
    if entry["quantiles"]:
        shown += quantiles(entry["quantiles"], edges[0], edges[-1])
    return shown + axis(edges[0], edges[-1], entry["kind"] == "datetime")


def axis(low: float, high: float, is_time: bool = False) -> str:
    """Labels below a picture; the figures themselves stand in a table beside it."""
    labels = (time_labels if is_time else axis_labels)(low, high)
    if not high > low:
        label = labels[0][1] if labels else ""
        return f'<div class="axis" aria-hidden="true"><i style="left:50%">{label}</i></div>'
    marks = "".join(
        f'<i style="left:{_at(at, low, high) / 10:g}%">{label}</i>' for at, label in labels
    )
    return f'<div class="axis" aria-hidden="true">{marks}</div>'


def quantiles(found: dict[str, Any], low: float, high: float) -> str:
    """Both sides as a box each, above one another, with lines between the same quantiles."""
    inner, known = "", []
    for y, side in ((6, "baseline"), (22, "current")):
        at = {
            probability: _at(value, low, high)
            for probability, value in zip(found["probabilities"], found[side], strict=True)
            if value is not None
        }
        known.append(at)
        cls = side[0]
        if 0.05 in at and 0.95 in at:
            inner += f'<path class="{cls}1" d="M{at[0.05]} {y}H{at[0.95]}"/>'
        if 0.2 in at and 0.8 in at:
            inner += f'<path class="{cls}5" d="M{at[0.2]} {y}H{at[0.8]}"/>'
        if 0.5 in at:
            inner += f'<path class="m" d="M{at[0.5]} {y - 4}v8"/>'
    joined = "".join(
        f"M{known[0][p]} 9L{known[1][p]} 19"
        for p in (0.05, 0.2, 0.5, 0.8, 0.95)
        if p in known[0] and p in known[1]
    )
    title = "Quantiles: 5 to 95%, 20 to 80% and the median, baseline above current"
    return _svg(28, title, f'<path class="j" d="{joined}"/>{inner}', "quant")


def whisker(effect: dict[str, Any], least: float, widest: float, verdict: str) -> str:
    """An estimate with its interval, against what counts as a change that matters."""
    low, value, high = (_at(effect[one] or 0.0, 0.0, widest) for one in ("low", "value", "high"))
    title = f"{percent(effect['value'])}, between {interval(effect['low'], effect['high'])}"
    limit = _at(least, 0.0, widest)
    return _svg(
        16,
        title,
        f'<path class="z" d="M0 0H{limit}V16H0z"/><path class="x" d="M0 8H{_ACROSS}"/>'
        f'<path class="l" d="M{limit} 0V16"/>'
        f'<path class="w {verdict}" d="M{low} 8H{high}"/>'
        f'<path class="p {verdict}" d="M{value} 8h0"/>',
        "whisk",
    )


def bars(baseline: float, current: float, widest: float) -> str:
    """Two shares as bars above one another."""
    return (
        f'<svg class="bars" viewBox="0 0 {_ACROSS} 12" preserveAspectRatio="none" '
        'aria-hidden="true">'
        f'<path class="b" d="M0 0H{_at(baseline, 0, widest)}V5H0z"/>'
        f'<path class="c" d="M0 6.5H{_at(current, 0, widest)}V11.5H0z"/></svg>'
    )


def profile(found: dict[str, Any], title: str, every: int, key: str) -> str:
    """Rows by hour or day of both sides."""
    count = len(found["labels"])
    edges = [float(place) for place in range(count + 1)]
    drawn = outlines(edges, found["baseline"], found["current"], key)
    marks = "".join(
        f'<i style="left:{(place + 0.5) / count * 100:.4g}%">{text(found["labels"][place])}</i>'
        for place in range(0, count, every)
    )
    shown = _svg(_HIGH, f"{title}, baseline filled, current as a line", drawn, "hist")
    return f'{shown}<div class="axis" aria-hidden="true">{marks}</div>'


def trend(found: dict[str, Any], least: float, widest: float) -> str:
    """The share of rows moved over the periods, with its interval as a band."""
    count = len(found["effect"])
    height = 30

    def y(value: float) -> float:
        return round(height * (1 - min(value / widest, 1.0)), 1)

    def x(place: int) -> int:
        return round((place + 0.5) / count * _ACROSS)

    known = [place for place in range(count) if found["effect"][place] is not None]
    banded = [p for p in known if found["low"][p] is not None and found["high"][p] is not None]
    band = "L".join(
        [f"{x(p)} {y(found['high'][p])}" for p in banded]
        + [f"{x(p)} {y(found['low'][p])}" for p in reversed(banded)]
    )
    line = "L".join(f"{x(p)} {y(found['effect'][p])}" for p in known)
    values = [number(round(100 * found["effect"][p], 1)) for p in known]
    title = f"From {values[0]}% to {values[-1]}%" if values else "Not known"
    inner = f'<path class="l" d="M0 {y(least)}H{_ACROSS}"/>'
    if banded:
        inner += f'<path class="a" d="M{band}z"/>'
    if known:
        inner += f'<path class="t" d="M{line}"/>'
        # A single period is a point.
        inner += f'<path class="e" d="M{x(known[-1])} {y(found["effect"][known[-1]])}h0"/>'
    return _svg(height, title, inner, "trend")
