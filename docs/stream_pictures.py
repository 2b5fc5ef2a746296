"""Draws each streaming detector at work, into docs/streams: ``python docs/stream_pictures.py``.

All that take numbers get the same 800 normal values, whose mean goes up by 1.5 standard
deviations at 300 and back at 550; all that take errors the same 0 and 1, whose rate goes from
10 % to 40 % and back. Shown are the values, the statistic with its limit, and the alarms.
``make docs`` runs it; nothing but driftline and NumPy is needed.
"""

import math
from html import escape
from itertools import pairwise
from pathlib import Path

from driftline import stream

FOLDER = Path(__file__).with_name("streams")
N, CHANGES = 800, (300, 550)
MOST_BYTES = 15_000

# Instead of the defaults, where those need a longer stream.
SETTINGS = {
    "betting_confidence_sequence": {"warm_start": 200},
    "e_detector": {"warm_start": 200},
    "geometric_moving_average": {"threshold": 0.5},
}

LEFT, RIGHT, TOP = 8, 8, 22
VALUES, GAP, STATISTIC = 90, 26, 110
WIDTH = LEFT + N + RIGHT
HEIGHT = TOP + VALUES + GAP + STATISTIC + 20
LOWER = TOP + VALUES + GAP
STYLE = (
    "text{font:12px sans-serif;fill:#57606a}"
    "path{fill:none}"
    ".v{stroke:#8c959f;stroke-width:2;stroke-linecap:round}"
    ".s{stroke:#2f81f7;stroke-width:1.5}"
    ".l{stroke:#bf8700;stroke-width:1.5;stroke-dasharray:6 4}"
    ".c{stroke:#8c959f;stroke-dasharray:2 4}"
    ".a{stroke:#e5534b;stroke-width:2}"
    "@media(prefers-color-scheme:dark){text{fill:#adbac7}.v{stroke:#768390}}"
)


def kind_of(one):
    """What a detector is shown: its input; errors where values are bounded."""
    return "unit" if "low" in one.params else one.input


def shared_stream(kind):
    """The stream that detectors of this kind get."""
    if kind in ("real", "count"):
        distribution, levels = "normal", (0.0, 1.5)
        if kind == "count":
            distribution, levels = "poisson", (4.0, 8.0)
    else:
        distribution, levels = "bernoulli", (0.1, 0.4)
    return stream.abrupt(N, changes=CHANGES, levels=levels, distribution=distribution, seed=4)


def detector(name):
    """The detector that is drawn."""
    return stream.get(name, **SETTINGS.get(name, {}))


def observed(name):
    """Values, statistics, limits and places of alarms."""
    one = detector(name)
    values = shared_stream(kind_of(one)).values.tolist()
    statistics, limits, alarms = [], [], []
    for index, x in enumerate(values):
        one.update(x)
        statistics.append(one.statistic)
        limits.append(one.limit)
        if one.drift_detected:
            alarms.append((index, one.direction))
    return values, statistics, limits, alarms


class Scale:
    """From numbers to whole pixels, upside down."""

    def __init__(self, top, height, low, high, *, logarithmic=False):
        self.logarithmic = logarithmic
        self.low, self.high = self._of(low), self._of(high)
        if not self.high > self.low:
            self.high = self.low + 1
        self.bottom, self.height = top + height, height

    def _of(self, x):
        return math.log10(x) if self.logarithmic else x

    def __call__(self, x):
        if self.logarithmic:
            x = max(x, 10**self.low)
        share = (self._of(x) - self.low) / (self.high - self.low)
        return round(self.bottom - self.height * min(max(share, 0.0), 1.0))


def scale_of(statistics, limits):
    """One on which the statistic and its limit can be told apart."""
    seen = [x for x in statistics if x is not None]
    bounds = [x for x in limits if x is not None]
    everything = seen + bounds or [0.0, 1.0]
    low, high = min(everything), max(everything)
    positive = [x for x in everything if x > 0]
    # p-values, and sums that run away: a line of equal steps shows nothing of them.
    if positive and low >= 0 and bounds and min(bounds) > 0 and min(bounds) < 0.06 * high:
        floor = max(min(positive), min(bounds) * 1e-4)
        return Scale(LOWER, STATISTIC, floor, high, logarithmic=True)
    return Scale(LOWER, STATISTIC, min(low, 0.0), high)


def line(points):
    """Path data of a line through (x, y), broken where y is None; straight parts are one."""
    data, before = [], None
    for x, y in points:
        if y is None:
            before = None
        elif before is None:
            data.append(f"M{x} {y}")
            before = (x, y)
        else:
            data.append((x - before[0], y - before[1]))
            before = (x, y)
    text, flat = "", 0
    for step in [*data, "end"]:
        if isinstance(step, tuple) and step[1] == 0:
            flat += step[0]
            continue
        if flat:
            text += f"h{flat}"
            flat = 0
        if isinstance(step, tuple):
            text += f"l{step[0]}{'' if step[1] < 0 else ' '}{step[1]}"
        elif step != "end":
            text += step
    return text


def values_path(values, kind):
    """Dots, or strokes where there is an error."""
    if kind in ("binary", "unit"):
        return "".join(
            f"M{LEFT + index} {TOP + 20}v{VALUES - 40}" for index, x in enumerate(values) if x
        )
    scale = Scale(TOP, VALUES, min(values), max(values))
    heights = [scale(x) for x in values]
    steps = (f"m1 {after - before}h0" for before, after in pairwise(heights))
    return f"M{LEFT} {heights[0]}h0" + "".join(steps).replace(" -", "-")


def picture(name):
    """The SVG text of one detector."""
    kind = kind_of(detector(name))
    values, statistics, limits, alarms = observed(name)
    scale = scale_of(statistics, limits)
    lines = {
        "s": line((LEFT + i, None if x is None else scale(x)) for i, x in enumerate(statistics)),
        "l": line((LEFT + i, None if x is None else scale(x)) for i, x in enumerate(limits)),
    }
    strokes = [f"M{LEFT + at} {TOP}V{LOWER + STATISTIC}" for at in CHANGES]
    alarm = "".join(f"M{LEFT + at} {TOP}V{LOWER + STATISTIC}" for at, _ in alarms)
    where = ", ".join(f"{at}{f' ({way})' if way else ''}" for at, way in alarms) or "none"
    what = "errors" if kind in ("binary", "unit") else "values"
    if name in SETTINGS:
        what += f", with {', '.join(f'{key}={value}' for key, value in SETTINGS[name].items())}"
    bottom = HEIGHT - 6
    marks = "".join(
        f'<text x="{LEFT + at}" y="{bottom}" text-anchor="{anchor}">{at}</text>'
        for at, anchor in ((0, "start"), *((at, "middle") for at in CHANGES), (N, "end"))
    )
    logarithmic = ", logarithmic" if scale.logarithmic else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img"><title>{escape(name)} on a stream that changes at '
        f"{' and '.join(map(str, CHANGES))}: alarms at {where}</title><style>{STYLE}</style>"
        f'<text x="{LEFT}" y="14">{what}</text>'
        f'<text x="{WIDTH - RIGHT}" y="14" text-anchor="end">alarms: {escape(where)}</text>'
        f'<text x="{LEFT}" y="{LOWER - 8}">statistic and limit (dashed){logarithmic}</text>'
        f"{marks}"
        f'<path class="v" d="{values_path(values, kind)}"/>'
        f'<path class="c" d="{"".join(strokes)}"/>'
        f'<path class="a" d="{alarm}"/>'
        f'<path class="s" d="{lines["s"]}"/>'
        f'<path class="l" d="{lines["l"]}"/></svg>\n'
    )


def main():
    """Draw them all."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.svg"):
        old.unlink()
    for name in stream.available():
        text = picture(name)
        (FOLDER / f"{name}.svg").write_text(text, encoding="utf-8")
        size = len(text.encode())
        print(f"docs/streams/{name}.svg: {size:,} bytes" + " (!)" * (size > MOST_BYTES))


if __name__ == "__main__":
    main()
