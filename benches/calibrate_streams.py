"""Whether calibrated streaming detectors keep to their budget of false alarms.

Writes docs/stream_false_alarms.md; fails when one does not. ``make calibrate-streams``; about
an hour on two cores. With ``--tables`` it first writes the limits that ``calibrated`` looks
up, src/stream/calibrate/tables.json (then build again).
"""

import argparse
import json
import math
import multiprocessing
import os
from pathlib import Path

import numpy as np
from measure import publish

from driftline import datasets, stream
from driftline.exceptions import InvalidValueError

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "stream_false_alarms.md"
TABLES = ROOT / "src" / "stream" / "calibrate" / "tables.json"

# The default streams of ``calibrated``, with NumPy's generator rather than our own.
STREAMS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "bernoulli": lambda rng, n: (rng.random(n) < 0.1).astype(float),
    "log_normal": lambda rng, n: rng.lognormal(size=n),
}


def autocorrelated(rng, n, phi):
    """Normal values, each correlated with the one before."""
    weights = phi ** np.arange(100)
    noise = rng.normal(scale=math.sqrt(1 - phi * phi), size=n + len(weights) - 1)
    return np.convolve(noise, weights, mode="valid")


# Histories are of these as well.
DEPENDENT = {
    "autocorrelated, 0.3": lambda rng, n: autocorrelated(rng, n, 0.3),
    "autocorrelated, 0.6": lambda rng, n: autocorrelated(rng, n, 0.6),
}
SHAPES = {"normal": 0.0, "bernoulli": 0.1, "log_normal": 1.0}
# Run lengths of the tables; each is four times the one before.
LEVELS = [64.0 * 4**k for k in range(6)]

ASKED = [500, 10_000]
# Alarms that are expected in the measurement of a run length.
ALARMS = 200
# A detector is followed for ten budgets, as when it was calibrated.
HORIZON = 10
# Fresh histories, their size, and the budget they are asked for.
HISTORIES, SIZE, BUDGET = 60, 1_000, 1_000
# Detectors that take long get fewer.
FEWER = dict.fromkeys(["bocpd", "incremental_ks", "kswin", "windowed_test"], 6)
# The share of them that must keep the budget, less three standard errors.
SHARE = 0.9

FLEET, FLEET_BUDGET = 10_000, 500
FLEET_DETECTORS = ["adwin", "cusum", "ewma_chart", "page_hinkley", "shewhart"]


def class_of(name):
    return type(stream.get(name))


def run_length(detector, draw, rng, every, alarms):
    """Values per alarm, over as many as should have that many alarms."""
    horizon = HORIZON * every
    found = values = 0
    while values < alarms * every and found < 4 * alarms:
        follower = detector.clone()
        follower.reset()
        found += len(follower.update_many(draw(rng, horizon)))
        values += horizon
    return values / found if found else math.inf


def calibrated(name, *history, **how):
    """A detector, or why there is none."""
    try:
        return class_of(name).calibrated(*history, **how), None
    except InvalidValueError as error:
        return None, str(error)


def known(work):
    """Run length by what was asked, where the stream is known."""
    name, kind, every = work
    rng = np.random.default_rng([1, every])
    detector, reason = calibrated(name, false_alarm_every=every, stream=kind)
    if detector is None:
        return work, None, reason
    return work, run_length(detector, STREAMS[kind], rng, every, ALARMS) / every, None


def learned(work):
    """Run lengths by what was asked, one for each fresh history."""
    name, kind, histories = work
    draw = (STREAMS | DEPENDENT)[kind]
    ratios, refused = [], 0
    for number in range(histories):
        rng = np.random.default_rng([2, number])
        history = draw(rng, SIZE)
        detector, _ = calibrated(name, history, false_alarm_every=BUDGET, seed=number)
        if detector is None:
            refused += 1
        else:
            ratios.append(run_length(detector, draw, rng, BUDGET, 40) / BUDGET)
    return work, sorted(ratios), refused


def fleet(name):
    """Alarms of a fleet on resampled columns of the flights, and how many are allowed."""
    table = datasets.load_nyc_flights()
    columns = {}
    for column in table:
        values = np.asarray(table[column])
        if values.dtype.kind in "iuf":
            values = values[np.isfinite(values)].astype(float)
            if len(np.unique(values)) > 20:
                columns[column] = values
    rng = np.random.default_rng(3)
    alarms, refused, each = 0, 0, FLEET // len(columns)
    for values in columns.values():
        history = rng.choice(values, 5_000)
        detector, _ = calibrated(
            name,
            history,
            false_alarm_every=FLEET_BUDGET,
            n_detectors=each * len(columns),
            block_length=1,
        )
        if detector is None:
            refused += 1
            continue
        for _ in range(each):
            alarms += len(detector.clone().update_many(rng.choice(values, HORIZON * FLEET_BUDGET)))
    return name, len(columns), each * len(columns), refused, alarms


def row(work):
    """What the tables hold for a detector on a stream."""
    name, kind = work
    found = {}
    for every in LEVELS:
        # A seed keeps it from looking the limit up.
        detector, _ = calibrated(name, false_alarm_every=every, stream=kind, seed=1)
        if detector is not None:
            # The most sensitive setting counts once, at the longest run length that asks for it.
            found = {e: params for e, params in found.items() if params != detector.params}
            found[every] = detector.params
    if len(found) < 3:
        return None
    first, *others = found.values()
    searched = {key for key in first for params in others if params[key] != first[key]}
    (tuned,) = (key for key in searched if "warning" not in key)
    unsaid = {*searched, "on_drift", "nan_policy", "standardise"}
    parameters = {key: value for key, value in first.items() if key not in unsaid}
    if "seed" in parameters:
        parameters["seed"] = None
    return {
        "detector": name,
        "stream": kind,
        "shape": SHAPES[kind],
        "parameters": parameters,
        "standardise": first["standardise"],
        "values": [[every, params[tuned]] for every, params in found.items()],
    }


def tables(names, pool):
    work = [(name, kind) for name in names for kind in STREAMS]
    rows = json.loads(TABLES.read_text(encoding="utf-8"))
    kept = [each for each in rows if each["detector"] not in names]
    rows = [each for each in pool.imap_unordered(row, work) if each] + kept
    rows.sort(key=lambda each: (each["detector"], each["stream"]))
    lines = ",\n".join(json.dumps(each) for each in rows)
    TABLES.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def tunable(skipped):
    """The detectors that are calibrated by simulation."""
    found = []
    for name in sorted({*stream.available()} - {*skipped}):
        kind = "normal" if stream.get(name).input == "real" else "bernoulli"
        detector, _ = calibrated(name, false_alarm_every=10_000, stream=kind)
        if detector is not None and "false_alarm_every" not in detector.params:
            found.append(name)
    return found


def histories_of(name, histories):
    """How many of them a detector gets."""
    return min(histories, FEWER.get(name, histories))


def left_out(words, names):
    """A line that names detectors, where there are any."""
    return [f"{words} {', '.join(f'`{name}`' for name in names)}."] if names else []


def known_table(names, results, marked):
    lines = [
        "| detector | stream | " + " | ".join(f"asked {every:,}" for every in ASKED) + " |",
        "|---|---|" + "---:|" * len(ASKED),
    ]
    for name in names:
        for kind in STREAMS:
            cells = []
            for every in ASKED:
                ratio, reason = results[name, kind, every]
                if ratio is None:
                    cells.append("refused" if "stream" not in reason else "")
                elif ratio < 0.5:
                    cells.append(f"{ratio:.2f} !")
                    marked.append(f"{name}, {kind}, {every}: {ratio:.2f}")
                else:
                    cells.append(f"{ratio:.2f}" if ratio <= 2 else f"{ratio:.1f} (longer)")
            if any(cells):
                lines.append(f"| `{name}` | {kind} | " + " | ".join(cells) + " |")
    return lines


def learned_table(names, results, histories, marked):
    lines = [
        "| detector | stream | kept | lowest tenth | median |",
        "|---|---|---:|---:|---:|",
    ]
    for name in names:
        n = histories_of(name, histories)
        least = SHARE - 3 * math.sqrt(SHARE * (1 - SHARE) / n)
        fewer = "" if n == histories else f" ({n} histories)"
        for kind in STREAMS | DEPENDENT:
            ratios, refused = results.get((name, kind), ([], 0))
            if not ratios:
                continue
            share = sum(ratio >= 1 for ratio in ratios) / len(ratios)
            mark = ""
            if share < least:
                marked.append(f"{name}, {kind}: {share:.0%} of histories")
                mark = " !"
            told = f" ({refused} refused)" if refused else ""
            tenth, median = ratios[len(ratios) // 10], ratios[len(ratios) // 2]
            lines.append(
                f"| `{name}`{fewer} | {kind} | {share:.0%}{mark}{told} | {tenth:.2f} "
                f"| {median:.2f} |"
            )
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", action="store_true", help="write the tables and stop")
    parser.add_argument("--detectors", nargs="*", help="only these; the page is not written")
    parser.add_argument("--skip", nargs="*", default=[], help="leave these out")
    parser.add_argument(
        "--skip-histories", nargs="*", default=[], help="leave these out where a history is drawn"
    )
    parser.add_argument("--histories", type=int, default=HISTORIES)
    parser.add_argument("--no-fleet", action="store_true")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    names = options.detectors or tunable(options.skip)
    marked = []
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        if options.tables:
            tables(names, pool)
            return
        work = [(name, kind, every) for name in names for kind in STREAMS for every in ASKED]
        on_known = {
            done: (ratio, reason) for done, ratio, reason in pool.imap_unordered(known, work)
        }
        work = [
            (name, kind, histories_of(name, options.histories))
            for name in names
            if name not in options.skip_histories
            for kind in STREAMS | DEPENDENT
        ]
        on_learned = {
            done[:2]: (ratios, refused)
            for done, ratios, refused in pool.imap_unordered(learned, work)
        }
        fleets = [name for name in FLEET_DETECTORS if name in names and not options.no_fleet]
        on_fleet = list(pool.imap_unordered(fleet, fleets))
    lines = [
        "# False alarms of streaming detectors",
        "",
        "Written by `make calibrate-streams`. `Class.calibrated(false_alarm_every=...)` sets",
        "the one parameter that trades false alarms for delay so that, while nothing changes,",
        "alarms are that many values apart on average (the average run length; the detector",
        f"begins anew after each alarm, and is followed for {HORIZON} budgets). It is controlled",
        "for independent values, and for those of a history that depend on each other within",
        "blocks. Nothing is said about ever alarming: over a long time, every one of these",
        "does. Detectors with a guarantee of their own are not measured here.",
        *left_out("Nor are", options.skip),
        "",
        "## A stream that is known",
        "",
        "Measured run length by what was asked, with NumPy's generator: 1 is exact. Longer",
        "ones are those of methods whose most sensitive setting alarms less often; refused are",
        "budgets that no setting keeps without falling silent. Bernoulli: p = 0.1; log-normal:",
        "sigma = 1.",
        "",
        *known_table(names, on_known, marked),
        "",
        "## A history",
        "",
        f"{options.histories} fresh histories (where a row says so, fewer) of {SIZE:,} values,",
        f"each asked for an alarm every {BUDGET:,}: the share that keeps the budget (90 % are",
        "promised), and the run length by what was asked, its lowest tenth and median.",
        *left_out("Left out:", options.skip_histories),
        "",
        *learned_table(names, on_learned, options.histories, marked),
    ]
    if on_fleet:
        lines += ["", "## A fleet", ""]
        _, columns, detectors, _, _ = on_fleet[0]
        lines += [
            f"{detectors:,} detectors on resampled columns of the flights data ({columns}",
            f"columns, histories of 5,000) share a budget of one alarm every {FLEET_BUDGET:,}",
            f"values: at most {HORIZON} alarms are expected in {HORIZON * FLEET_BUDGET:,} values.",
            "Refused are columns for which no limit is high enough, as far as their history tells.",
            "",
            "| detector | alarms of the fleet | columns refused |",
            "|---|---:|---:|",
        ]
        # The budget, and three standard errors of a Poisson count.
        most = HORIZON + 3 * math.sqrt(HORIZON)
        for name, _, _, refused, alarms in sorted(on_fleet):
            lines.append(f"| `{name}` | {alarms}{' !' if alarms > most else ''} | {refused} |")
            if alarms > most:
                marked.append(f"a fleet of {name}: {alarms} alarms")
    text = "\n".join([*lines, ""])
    publish(PAGE, text, marked, "a budget was not kept", partly=bool(options.detectors))


if __name__ == "__main__":
    main()
