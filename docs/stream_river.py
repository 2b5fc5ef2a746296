"""Delays beside river's best detector at one rate of false alarms, for docs/stream_results.py.

Ours answer as river's do, to the last value (tests/python/test_stream_river.py), and sooner: so
the settings of river's are searched with ours, and then measured with river's own.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from driftline import stream

# The parameter that trades false alarms for delay: where they are frequent, and where rare.
RIVER = {
    "adwin": ("delta", 0.999, 1e-12),
    "kswin": ("alpha", 0.5, 1e-12),
    "page_hinkley": ("threshold", 0.1, 1e5),
    "ddm": ("drift_threshold", 0.5, 50.0),
    "eddm": ("beta", 0.949, 0.3),
    "fhddm": ("confidence_level", 0.5, 1e-40),
    "hddm_a": ("drift_confidence", 0.5, 1e-40),
    "hddm_w": ("drift_confidence", 0.5, 1e-40),
}
# river takes hundreds of microseconds for a value: ours stands in, which differs by its draws.
SLOW = "kswin"
FAMILY = ["betting_confidence_sequence", "conformal_martingale", "e_detector"]
HALVINGS = 16
# What others are calibrated to, in budgets, until they keep to one.
LONGER = [1.0, 1.1, 1.25, 1.5, 2.0]


class Case(NamedTuple):
    """A kind of change."""

    #: What it is called.
    words: str
    names: list[str]
    budget: float
    tolerance: int
    quiet: list[stream.Stream]
    # By shape: on the first ones the best are chosen, on the others they are measured.
    changing: dict[str, tuple[list[stream.Stream], list[stream.Stream]]]
    # One of ours, by name and budget; None where there is none.
    calibrated: Callable


class Found(NamedTuple):
    """What a detector did: delays, and false alarms on the streams without a change."""

    delays: np.ndarray
    most: int
    false_alarms: int

    def __str__(self):
        missed = (self.delays >= self.most).mean()
        return f"{self.delays.mean():,.1f} ({100 * missed:.0f} %; {self.false_alarms})"


def alarms(detector, streams):
    """How many there are."""
    return sum(map(len, stream.evaluate({"it": detector}, streams)["it"].alarms))


def delays(detector, streams, tolerance):
    """Of each stream, and the longest: that of a change that is missed."""
    found = stream.evaluate({"it": detector}, streams, tolerance=tolerance)["it"]
    longest = tolerance + streams[0].width
    each = []
    for one, places in zip(streams, found.alarms, strict=True):
        after = places[places >= one.changes[0]] - one.changes[0]
        each.append(min([*after[:1], longest]))
    return np.array(each, dtype=float), longest


def keeps(detector, case):
    """Whether it alarms no more often than the budget allows, on the streams without a change."""
    most = sum(map(len, case.quiet)) / case.budget
    return detector is not None and alarms(detector, case.quiet) <= most


def searched(make, frequent, rare, case):
    """What alarms most often, of those that keep to the budget; None where none does."""
    best = make(rare)
    if not keeps(best, case):
        return None
    for _ in range(HALVINGS):
        middle = math.sqrt(frequent * rare)
        one = make(middle)
        if keeps(one, case):
            rare, best = middle, one
        else:
            frequent = middle
    return best


def settings(name, value):
    """Those of river; a warning comes no sooner than it must."""
    parameter, *_ = RIVER[name]
    warning = {parameter.replace("drift", "warning"): value} if "drift_" in parameter else {}
    return {parameter: value, **warning}


def as_river(name, case):
    """Ours where it does what river's does, with the budget."""
    if name == SLOW:
        return case.calibrated(name, every=case.budget)
    compat = {"compat": "river"} if "compat" in stream.get(name).params else {}
    _, frequent, rare = RIVER[name]
    return searched(
        lambda value: stream.get(name, **settings(name, value), **compat), frequent, rare, case
    )


def rivers_own(ours):
    """river's detector, set as ours."""
    if ours.name == SLOW:
        return ours
    from river import drift

    parameter, *_ = RIVER[ours.name]
    kind = type(ours).__name__
    module = drift if hasattr(drift, kind) else drift.binary
    return getattr(module, kind)(**settings(ours.name, ours.params[parameter]))


def with_budget(name, case):
    """One of ours that keeps to the budget as it was counted."""
    if name == "betting_confidence_sequence":
        return searched(lambda alpha: stream.get(name, alpha=alpha), 0.999, 1e-12, case)
    if name in FAMILY:
        # What keeps to its budget by a proof alarms less often than it might.
        return searched(
            lambda every: case.calibrated(name, every=every), 2.0, 2 * case.budget, case
        )
    for more in LONGER:
        one = case.calibrated(name, every=more * case.budget)
        if keeps(one, case):
            return one
    return None


def quickest(detectors, streams, tolerance):
    """The name of the one with the shortest delays."""
    return min(detectors, key=lambda name: delays(detectors[name], streams, tolerance)[0].mean())


def difference(one, other):
    """By how much it is slower on the same streams, and two standard errors."""
    by = one.delays - other.delays
    return by.mean(), 2 * by.std(ddof=1) / math.sqrt(len(by))


def told(name, one, other):
    """A cell: what a detector of ours did, and by how much it is slower than river's."""
    by, error = difference(one, other)
    return f"{name}{one}, {by:+,.1f} ± {error:,.1f}"


def rows(case):
    """For each shape: words, river's best, what it did, our best, and what each of ours did."""
    theirs = {name: as_river(name, case) for name in case.names if name in RIVER}
    theirs = {name: one for name, one in theirs.items() if one is not None}
    ours = {name: case.calibrated(name, every=case.budget) for name in case.names}
    ours = {name: one for name, one in ours.items() if one is not None}
    kept = {name: with_budget(name, case) for name in FAMILY if name in case.names}

    def measured(detector, streams):
        return Found(*delays(detector, streams, case.tolerance), alarms(detector, case.quiet))

    for shape, (chosen_on, measured_on) in case.changing.items():
        best = theirs[quickest(theirs, chosen_on, case.tolerance)]
        own = quickest(ours, chosen_on, case.tolerance)
        if own not in kept:
            kept[own] = with_budget(own, case)
        found = {name: measured(one, measured_on) for name, one in kept.items() if one is not None}
        yield (
            f"{case.words}, {shape}",
            best,
            measured(rivers_own(best), measured_on),
            own,
            found,
        )


def table(found):
    """The table of such rows, and in words where ours is quicker and where it is slower."""
    lines = [
        "| change | river's best | its delay | our best | " + " | ".join(map(code, FAMILY)) + " |",
        "|---|---|---:|---|" + "---:|" * len(FAMILY),
    ]
    clear = {name: {"quicker": [], "slower": []} for name in ("our best", *map(code, FAMILY))}
    for words, best, theirs, own, of_ours in found:
        cells = [
            words,
            code(set_as(best)),
            str(theirs),
            told(f"{code(own)} ", of_ours[own], theirs),
        ]
        cells += [told("", of_ours[name], theirs) if name in of_ours else "–" for name in FAMILY]
        lines.append("| " + " | ".join(cells) + " |")
        named = {"our best": own, **{code(name): name for name in FAMILY if name in of_ours}}
        for shown, name in named.items():
            by, error = difference(of_ours[name], theirs)
            if abs(by) > error:
                clear[shown]["slower" if by > 0 else "quicker"].append(words)
    lines += ["", "Beyond two standard errors, compared with river's best:", ""]
    for shown, where in clear.items():
        told_of = [f"{how} on {'; '.join(words) or 'none'}" for how, words in where.items()]
        lines.append(f"- {shown}: {' - '.join(told_of)}")
    return lines


def set_as(ours):
    """River's class and its parameter, in four digits."""
    parameter, *_ = RIVER[ours.name]
    return f"{type(ours).__name__}({parameter}={ours.params[parameter]:.4g})"


def code(text):
    """As Markdown shows it."""
    return f"`{text}`"
