"""What the service did, in tables."""

import textwrap
import urllib.request
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

import driftline as dl
from driftline.demo.flights import DAY, FEBRUARY, Vector, Year
from driftline.demo.model import Ridge
from driftline.demo.receiver import Receiver
from driftline.demo.service import (
    ERROR,
    FALSE_ALARM_EVERY,
    LANDED,
    NAME,
    ON_TIME_MIN,
    QUANTILE,
    SLO_MS,
    TESTS,
    TRAINING,
    WINDOW,
    Service,
)

UNITS = ("min", "min", "", "F", "mph", "mbar")  # of TESTS
ACTIONS = ("open", "remind", "resolve")
WORTH_IT = 0.02  # the least part of the error that is called worth a training
SHOWN = (
    "driftline_events_total{",
    "driftline_inference_latency_seconds_count",
    "driftline_metric{",
    "driftline_drift_statistic",
)


class Score(NamedTuple):
    """How far predictions were off."""

    error_min: float  # mean absolute error
    within: float  # share of predictions within 15 minutes

    @classmethod
    def of(cls, errors: Vector) -> "Score":
        """Of errors in minutes, none missing."""
        distances = np.abs(errors)
        return cls(float(distances.mean()), float(np.mean(distances <= ON_TIME_MIN)))


def nightly(year: Year) -> Vector:
    """What a model would have predicted that is fitted anew every night, drift or not."""
    predicted = np.full(len(year.times), np.nan)
    for day in np.arange(FEBRUARY, year.days[-1] + DAY):
        begin, end = np.searchsorted(year.days, [day, day + DAY])
        if begin == end:
            continue
        now = year.times[begin]
        past = year.known & (year.times >= now - TRAINING) & (year.times < now - LANDED)
        model = Ridge.fit(year.features[past], year.delays[past])
        predicted[begin:end] = model.predict_many(year.features[begin:end])
    return predicted


def opening(service: Service, receiver: Receiver) -> list[str]:
    """What is served, and what is watched."""
    thresholds = [
        f"{detector.threshold or 0.0:.3g} {unit}".rstrip()
        for detector, unit in zip(service.detectors.values(), UNITS, strict=True)
    ]
    off = np.abs(service.samples[ERROR]).mean()
    return [
        f"{len(service.year.times):,} flights from New York City in 2013: every fifth flight of "
        "the year.",
        "A ridge regression predicts how late each arrives, from how late it left, the distance",
        f"and the weather. Fitted on January it is {off:.1f} min off; from February on it serves.",
        "",
        f"Its inputs and its error are watched: the last {WINDOW} of each against those that it",
        f"was fitted on, at one false alarm in {FALSE_ALARM_EVERY:,} flights, which is a year:",
        "",
        *(row(name, cells) for name, cells in {"": TESTS, "test": TESTS.values()}.items()),
        row("threshold", thresholds),
        "",
        f"Alerts are posted to {receiver.url}, and drift that lasts longer than",
        f"a window has the model fitted anew, to its last {TRAINING // DAY} days.",
        "",
    ]


def row(name: str, cells: Iterable[str]) -> str:
    """A line of a table."""
    return f"  {name:<10}" + "".join(f"{cell:>13}" for cell in cells)


def because(event: dl.Event | None) -> str:
    """What asked for a training."""
    if event is None:
        return "(fitted on January)"
    now, then = (round(event.metadata[f"{of}_mean"], 1) for of in ("window", "baseline"))
    # An error's baseline is zero but for rounding, which may have a sign.
    return f"{event.feature} averages {now:.1f}, not {then + 0.0:.1f}"


def versions(service: Service) -> list[str]:
    """The error with and without the trainings, model by model."""
    year = service.year
    errors = {
        "kept": year.delays - service.versions[0].model.predict_many(year.features),
        "retrained": year.delays - service.predicted,
        "nightly": year.delays - nightly(year),
    }
    counted = ~np.isnan(errors["retrained"])
    lines = [
        f"  {'':<58}{'off by, min, of':>20}{'within 15 min, of':>20}",
        f"  {'model, from':<15}{'because':<34}{'fitted on':>9}"
        f"{'January':>9}{'retrained':>11}{'January':>9}{'retrained':>11}",
    ]
    ends = [version.first for version in service.versions[1:]] + [len(year.times)]
    for version, end in zip(service.versions, ends, strict=True):
        here = np.flatnonzero(counted[version.first : end]) + version.first
        scores = [Score.of(errors[name][here]) for name in ("kept", "retrained")]
        since = f"{version.name.removeprefix(NAME)} {year.days[version.first]}"
        why = because(version.because)
        lines.append(f"  {since:<15}{why:<34}{version.n_fitted:>9,}{cells(scores)}")
    kept, retrained, every_night = (Score.of(errors[name][counted]) for name in errors)
    lines.append(f"  {'until the end of the year':<58}{cells([kept, retrained])}")
    return [*lines, "", *verdict(len(service.versions) - 1, kept, retrained, every_night)]


def cells(scores: list[Score]) -> str:
    """Errors side by side, then shares."""
    kept, retrained = scores
    return (
        f"{kept.error_min:>9.2f}{retrained.error_min:>11.2f}"
        f"{kept.within:>9.1%}{retrained.within:>11.1%}"
    )


def verdict(n: int, kept: Score, retrained: Score, every_night: Score) -> list[str]:
    """Whether the trainings were worth it."""
    change = retrained.error_min - kept.error_min
    lines = [
        f"{n} trainings made the error {abs(change):.2f} min ({abs(change) / kept.error_min:.1%}) "
        f"{'smaller' if change < 0 else 'larger'} than January's model has it. One every night,",
        f"drift or not, would have left it at {every_night.error_min:.2f} min"
        f" ({every_night.within:.1%} within 15):",
    ]
    if min(retrained.error_min, every_night.error_min) > (1 - WORTH_IT) * kept.error_min:
        lines[-1] += " what drifts here has mostly"
        lines.append("passed before a model that was fitted to it pays.")
    else:
        lines[-1] = lines[-1].removesuffix(":") + "."
    return lines


def incidents(service: Service, receiver: Receiver) -> list[str]:
    """What the web server was told, and whether that is all."""
    told = Counter(
        (incident["feature"] or "", alert["kind"], alert["action"])
        for alert in receiver.alerts
        for incident in alert["incidents"]
    )
    lines = [f"  {'alerts that arrived':<27}{'opened':>8}{'reminded':>10}{'resolved':>10}"]
    for feature, kind in sorted({(feature, kind) for feature, kind, _ in told}):
        opened, reminded, resolved = (told[feature, kind, action] for action in ACTIONS)
        lines.append(f"  {feature:<11}{kind:<16}{opened:>8}{reminded:>10}{resolved:>10}")
    totals = [sum(n for key, n in told.items() if key[2] == action) for action in ACTIONS]
    opened, reminded, resolved = totals
    lines.append(f"  {'in all':<27}{opened:>8}{reminded:>10}{resolved:>10}")
    alerts = service.alerts
    lines += [
        "",
        f"Incidents: {alerts.n_opened} opened, {alerts.n_resolved} resolved, "
        f"{len(alerts.incidents())} still open.",
        f"Alerts: {alerts.offered} offered = {alerts.delivered} delivered + "
        f"{sum(alerts.lost.values())} lost + {alerts.queued} queued; {sum(totals)} received, "
        f"{receiver.n_repeated} twice, {receiver.n_refused} refused.",
        "The first said:",
        "",
        *textwrap.wrap(
            receiver.alerts[0]["summary"], 92, initial_indent="  ", subsequent_indent="  "
        ),
    ]
    return lines


def latencies(service: Service) -> list[str]:
    """How many requests there were, and how long they took."""
    stats = [service.latency.stats(version.name) for version in service.versions]
    p99_us = 1000.0 * max(s.p99_ms or 0.0 for s in stats)
    return [
        f"{sum(s.n for s in stats):,} predictions and {sum(s.n_failed for s in stats):,} failures "
        f"(flights that never left) in {service.seconds:.1f} s.",
        f"Latency: p99 {p99_us:.0f} us; objective, {QUANTILE:.0%} within {SLO_MS:.0f} ms: "
        f"{sum(s.n_breaches for s in stats)} breaches.",
    ]


def scrape(service: Service) -> list[str]:
    """What a scraper sees of the model in service."""
    with service.metrics.serve() as server:
        with urllib.request.urlopen(server.url, timeout=10) as answer:
            text = answer.read().decode()
        lines = [f"Of {service.version.name}, scraped from {server.url}:", ""]
    shown = [line for line in text.splitlines() if line.startswith(SHOWN)]
    return lines + [f"  {line}" for line in shown if f'"{service.version.name}"' in line]
