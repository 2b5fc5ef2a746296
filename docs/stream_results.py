"""Measures every streaming detector, into docs/stream_results.md: ``make stream-results``.

Generated streams and the bundled flights; seeded, so that it writes the same each time. It
takes a quarter of an hour, which is why ``make docs`` leaves it out. Names of sections (normal,
small, ..., river, dep_delay, late) measure those alone and keep the others. Without river, its
section stays as it is.
"""

import importlib.util
import re
import sys
import time
from functools import cache, partial
from pathlib import Path

import numpy as np
import stream_river

import driftline as dl
from driftline import stream

PAGE = Path(__file__).with_name("stream_results.md")
BUDGET = 10_000
STREAMS, BEFORE, TOLERANCE = 50, 4_000, 2_000
# As long as runs are followed in calibration: 20 budgets.
QUIET_STREAMS, QUIET = 5, 20 * BUDGET
WIDTH = 1_000
# What each kind of detector is tried on: distribution, levels, and the words for the change.
KINDS = {
    "normal": ("normal", (0.0, 1.0), "the mean of normal values goes up by 1 standard deviation"),
    "small": ("normal", (0.0, 0.5), "by half a standard deviation"),
    "log_normal": (
        "log_normal",
        (0.0, 1.0),
        "the mean of the logarithm of log-normal values, sigma 1, goes up by 1",
    ),
    "bernoulli": ("bernoulli", (0.1, 0.2), "the rate of errors goes from 10 % to 20 %"),
    "fewer": ("bernoulli", (0.2, 0.1), "from 20 % to 10 %"),
}
HEAD = """\
# What streaming detectors find

Written by `make stream-results`; do not edit it by hand. What the detectors are stands in
[streams.md](streams.md), how the figures are defined in the docstring of
`driftline.stream.evaluate`.

"""


# Of alarms at random, one per budget on average.
MISSED_AT_RANDOM = (1 - 1 / BUDGET) ** (TOLERANCE + 1)
GENERATED = f"""\
Each detector is calibrated to a false alarm every {BUDGET:,} values (`calibrated`), and then
counted: on {QUIET_STREAMS} streams of {QUIET:,} values without a change, and on {STREAMS} streams
whose change comes after {BEFORE:,} values and has to be found within {TOLERANCE:,}; a gradual one
takes {WIDTH:,} values. The delay is the median over those found. To the right the same with the
defaults: what is quicker there has paid for it in false alarms. F1 is that of the abrupt changes,
beside that of as many alarms at random. Alarms at random as often as the budget allows miss
{100 * MISSED_AT_RANDOM:.0f} %. A dash: no setting keeps to
the budget, or the detector bounds the probability of ever alarming and takes none."""
FRESH = 1_000
RIVER = f"""\
river's detectors and ours at one rate of false alarms: each is set so that it alarms as often as
it can, but at most {QUIET_STREAMS * QUIET // BUDGET} times on the {QUIET_STREAMS * QUIET:,} values
without a change, as counted there. Of river's and of ours, the quickest on the {STREAMS} streams
is taken, and measured on {FRESH:,} others. Shown are the mean delay, for which a change that is
missed counts as found when its time is up, in brackets the share that is missed and the false
alarms, and by how much ours is slower (+) or quicker (-) on the same streams, with two standard
errors. Beside them the detectors with a proof. Given the budget as it is they keep to it with
room to spare, and are later than here: see above. `betting_confidence_sequence` bounds the
probability of ever alarming, and alarms far less often whatever its `alpha`; `e_detector` is told
the rate before the change. Of river's, one parameter of each is set, and its `FHDDM` looks for
errors that get fewer alone. For its `KSWIN`, which takes hundreds of microseconds for a value,
ours stands in: they differ by their draws alone."""
REAL = """\
Every fifth flight from New York City in 2013 (`driftline.datasets`), April to December: with the
defaults (numbers standardised by the first quarter), and calibrated by the first quarter to a
false alarm in 30 days (`calibrated(first_quarter, false_alarm_every="30d", samples_per_s=...)`).
The year has changes of its own - summer storms, a quiet autumn - so that not all alarms are
false. A shift of one standard deviation is injected at 100 places and has to be found within
2,000 flights (`driftline.backtest`). A dash: no setting keeps to the budget, or the detector
takes none. `conformal_martingale` and `e_detector` take the budget as it is: their proofs hold
for values that come in no order, or whose mean stays where it was, and flights do neither."""


def takes(name, kind):
    """Whether a detector takes such values as they are: of errors all do."""
    one = stream.get(name)
    unbounded = one.input == "real" and "low" not in one.params
    return one.input != "count" if kind in ("bernoulli", "binary") else unbounded


def prototypes(kind):
    """Names of the detectors that take such values."""
    return [name for name in stream.available() if takes(name, kind)]


def streams(kind, shape, seeds=range(STREAMS)):
    """One kind of change, many times."""
    distribution, levels, _ = KINDS[kind]
    make = {"abrupt": stream.abrupt, "gradual": stream.gradual}[shape]
    options = {"width": WIDTH} if shape == "gradual" else {}
    n = BEFORE + TOLERANCE + 1 + options.get("width", 0)
    return [
        make(n, changes=BEFORE, levels=levels, distribution=distribution, seed=seed, **options)
        for seed in seeds
    ]


def quiet(kind):
    """Streams without a change."""
    distribution, levels, _ = KINDS[kind]
    return [
        stream.stationary(QUIET, level=levels[0], distribution=distribution, seed=10_000 + seed)
        for seed in range(QUIET_STREAMS)
    ]


def calibrated(name, kind, every=BUDGET):
    """A detector with the budget; None where it controls something else."""
    distribution, levels, _ = KINDS[kind]
    one = stream.get(name)
    how = {"stream": distribution}
    if distribution == "bernoulli":
        how["p"] = levels[0]
        # Others are told by the stream.
        if {"low", "target"} <= one.params.keys():
            how.update(low=0.0, high=1.0, target=levels[0])
    if distribution == "log_normal":
        how["log_sigma"] = 1.0
    try:
        return type(one).calibrated(false_alarm_every=every, **how)
    except dl.InvalidValueError as error:
        print(f"  {name} on {kind}: {error}", file=sys.stderr)
        return None


def cell(performance):
    """Median delay and what was missed."""
    missed = performance.missed_rate
    if not performance.n_detected:
        return "– (100 %)"
    return f"{performance.median_delay:,.0f} ({100 * missed:.0f} %)"


def between(performance):
    """Values to a false alarm."""
    every = performance.mean_time_between_false_alarms
    return f"> {performance.n_quiet:,}" if every is None else f"{every:,.0f}"


def settings(name, one):
    """What the calibration changed."""
    usual = stream.get(name).params
    changed = {key: value for key, value in one.params.items() if value != usual[key]}
    return ", ".join(f"`{key}={shown(value)}`" for key, value in changed.items()) or "defaults"


def shown(value):
    """A number in four digits."""
    if isinstance(value, tuple | list):
        return "(" + ", ".join(map(shown, value)) + ")"
    return f"{value:.4g}" if isinstance(value, float) else repr(value)


def table(kind, names, shapes=("abrupt", "gradual")):
    """One table: detectors on one kind of change, calibrated and with their defaults."""
    still = quiet(kind)
    changing = {shape: streams(kind, shape) for shape in shapes}
    lines = [
        "| detector | settings | values to a false alarm | "
        + " | ".join(f"{shape}: delay (missed)" for shape in shapes)
        + " | with its defaults: values to a false alarm | abrupt: delay (missed) | F1 | "
        "F1 at random |",
        "|---|---|---:|" + "---:|" * len(shapes) + "---:|---:|---:|---:|",
    ]
    for name in names:
        start = time.perf_counter()
        one = calibrated(name, kind)
        row = [f"[`{name}`](streams.md#{name})"]
        if one is None:
            row += ["–"] * (2 + len(shapes))
        else:
            row += [settings(name, one), between(stream.evaluate({name: one}, still)[name])]
            row += [
                cell(stream.evaluate({name: one}, changing[shape], tolerance=TOLERANCE)[name])
                for shape in shapes
            ]
        usual = stream.get(name)
        found = stream.evaluate(usual, changing["abrupt"], tolerance=TOLERANCE)[usual.name]
        row += [between(stream.evaluate(usual, still)[usual.name]), cell(found)]
        row += [f"{found.f1:.2f}", f"{found.at_random.f1:.2f}"]
        lines.append("| " + " | ".join(row) + " |")
        print(f"{kind} {name}: {time.perf_counter() - start:.1f} s", file=sys.stderr)
    return lines


FLIGHTS = {
    "dep_delay": ("real", "minutes of delay at departure"),
    "late": ("binary", "1 for a flight that arrives more than 15 minutes late"),
}


def flights_table(column):
    """Backtests on the flights from April on, by what the first quarter was like."""
    flights = dl.datasets.load_nyc_flights()
    if column == "late":
        values = np.where(np.isnan(flights["arr_delay"]), np.nan, flights["arr_delay"] > 15)
    else:
        values = flights[column]
    taken = np.isfinite(values)
    values, times = values[taken].astype(float), flights["time_hour"][taken]
    before = times < np.datetime64("2013-04-01T04")
    baseline, rest, times_of_rest = values[before], values[~before], times[~before]
    per_s = before.sum() / (90 * 86_400)
    kind, _ = FLIGHTS[column]
    lines = [
        "| detector | alarms a month | shift of 1 sd: delay (missed) | calibrated | alarms a month "
        "| shift of 1 sd: delay (missed) |",
        "|---|---:|---:|---|---:|---:|",
    ]
    for name in prototypes(kind):
        start = time.perf_counter()
        standard = (float(baseline.mean()), float(baseline.std()))
        options = {"standardise": standard} if kind == "real" else {}
        usual = stream.get(name, **options)
        row = [f"[`{name}`](streams.md#{name})", *flights_cells(usual, rest, times_of_rest)]
        try:
            one = type(usual).calibrated(
                baseline, false_alarm_every="30d", samples_per_s=float(per_s)
            )
            row += [settings(name, one), *flights_cells(one, rest, times_of_rest)]
        except dl.InvalidValueError as error:
            print(f"  {name} on {column}: {error}", file=sys.stderr)
            row += ["–"] * 3
        lines.append("| " + " | ".join(row) + " |")
        print(f"{column} {name}: {time.perf_counter() - start:.1f} s", file=sys.stderr)
    return lines


def flights_cells(one, values, times):
    """Alarms a month and what it finds of a shift."""
    found = dl.backtest(one, values, timestamps=times, shifts=[1.0])
    shift = found.shifts[1]
    delay = "–" if shift.median_delay is None else f"{shift.median_delay:,.0f}"
    alarms = f"{found.alarms_per_month:.1f}"
    return [alarms, f"{delay} ({100 * shift.missed_rate:.0f} %)"]


def shapes_of(kind):
    """Those that are tried."""
    return ("abrupt", "gradual") if kind in ("normal", "bernoulli") else ("abrupt",)


def generated(kind):
    """The section of one kind of change."""
    distribution, _, words = KINDS[kind]
    lines = table(kind, prototypes(distribution), shapes_of(kind))
    return "\n".join([f"### {kind.replace('_', '-').capitalize()}: {words}", "", *lines])


def rivers_case(kind):
    """What river's detectors and ours are tried on."""
    distribution, _, _ = KINDS[kind]
    fresh = range(20_000, 20_000 + FRESH)
    return stream_river.Case(
        words=kind.replace("_", "-"),
        names=prototypes(distribution),
        budget=BUDGET,
        tolerance=TOLERANCE,
        quiet=quiet(kind),
        changing={
            shape: (streams(kind, shape), streams(kind, shape, fresh)) for shape in shapes_of(kind)
        },
        calibrated=cache(partial(calibrated, kind=kind)),
    )


def beside_river():
    """The section of river's detectors and ours."""
    found = [row for kind in KINDS for row in stream_river.rows(rivers_case(kind))]
    return "\n".join(stream_river.table(found))


def real(column):
    """The section of one column of the flights."""
    _, words = FLIGHTS[column]
    return "\n".join([f"### Flights, `{column}`: {words}", "", *flights_table(column)])


def sections_of(text):
    """The sections of a page that was written before, by name."""
    found = re.findall(r"<!-- (\w+) -->\n(.*?)\n<!-- end -->", text, re.DOTALL)
    return dict(found)


def page(sections):
    """All of it."""
    text = HEAD
    for title, introduction, names in (
        ("Generated streams", GENERATED, KINDS),
        ("Beside river", RIVER, ["river"]),
        ("Flights", REAL, FLIGHTS),
    ):
        if sections.keys().isdisjoint(names):
            continue
        text += f"## {title}\n\n{introduction}\n\n"
        for name in names:
            if name in sections:
                text += f"<!-- {name} -->\n{sections[name]}\n<!-- end -->\n\n"
    return text.rstrip() + "\n"


def main():
    """Measure all sections, or those that are named, and write the page with them."""
    for name in sys.argv[1:] or [*KINDS, "river", *FLIGHTS]:
        if name == "river" and importlib.util.find_spec("river") is None:
            print("river is not installed (make .venv/bench.stamp): its section stays as it is")
            continue
        section = (
            generated(name) if name in KINDS else beside_river() if name == "river" else real(name)
        )
        before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        PAGE.write_text(page({**sections_of(before), name: section}), encoding="utf-8")
        print(f"{PAGE}: {name} written")


if __name__ == "__main__":
    main()
