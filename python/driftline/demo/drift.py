"""What drifts in a year of flights.

January is the baseline. Its first three weeks calibrate one detector per column,
its last days show what quiet looks like; February to December then stream through
a hub in order of time, and Python callbacks hear what the detectors find.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

import driftline as dl
from driftline import datasets, drift
from driftline.demo.flights import DAY, FEBRUARY, WEEK_S, Days, day_of, days_of, progress

#: What is watched, by which test: the output that matters, the weather, the schedule.
COLUMNS = {
    "arr_delay": ("mean_shift", "min"),
    "temp": ("mean_shift", "F"),
    "wind_speed": ("mean_shift", "mph"),
    "pressure": ("mean_shift", "mbar"),
    "distance": ("ks", "mi"),
}
WINDOW = 500  # flights: about two and a half days
FALSE_ALARM_EVERY = 67_000  # flights: about one false alarm per column and year
HELD_OUT_FROM = np.datetime64("2013-01-22")
JANUARY = np.datetime64("2013-01-01")
SAME_SPELL = 7 * DAY  # what comes back sooner is the same spell
QUIET_ALPHA = 0.05
HALVES = ["anderson_darling", "ks", "mann_whitney", "mean_shift", "psi", "welch"]
QUIET_PSI = 0.1
BARS = {True: " ▁▂▃▄▅▆▇█", False: " .:-=+*#%"}


@dataclass
class Incident:
    """A spell of drift of one column, as the events told it."""

    column: str
    since: np.datetime64
    peak: float
    until: np.datetime64 | None = None
    alarms: int = 1


@dataclass
class Diary:
    """What the observers wrote down."""

    thresholds: dict[str, float]
    incidents: list[Incident] = field(default_factory=list)
    missing: dict[tuple[str, np.datetime64], float] = field(default_factory=dict)
    strength: dict[str, dict[np.datetime64, float]] = field(default_factory=dict)

    def on_drift(self, event: dl.Event) -> None:
        """Hears ``drift_detected`` and ``drift_resolved``."""
        column, day = event.feature or "", day_of(event)
        last = next((i for i in reversed(self.incidents) if i.column == column), None)
        if event.kind == dl.Kind.DRIFT_RESOLVED:
            if last is not None:
                last.until = day
            return
        strength = (event.value or 0.0) / self.thresholds[column]
        self.keep(column, day, strength)
        if last is not None and (last.until is None or day - last.until < SAME_SPELL):
            last.until = None
            last.alarms += 1
            last.peak = max(last.peak, strength)
        else:
            self.incidents.append(Incident(column, day, strength))

    def on_missing(self, event: dl.Event) -> None:
        """Hears ``data_missing``."""
        self.missing.setdefault((event.feature or "", day_of(event)), event.value or 0.0)

    def keep(self, column: str, day: np.datetime64, strength: float) -> None:
        """The strongest of a day counts."""
        of_column = self.strength.setdefault(column, {})
        of_column[day] = max(strength, of_column.get(day, 0.0))

    def note(self, column: str, day: np.datetime64, detector: dl.DriftDetector) -> None:
        """Writes down how far out the window is, as a multiple of the threshold."""
        if detector.statistic is None:
            return
        strength = detector.statistic / self.thresholds[column]
        self.keep(column, day, strength)
        for incident in self.incidents:
            if incident.column == column and incident.until is None:
                incident.peak = max(incident.peak, strength)


def calibrate(flights: datasets.NycFlights, days: Days) -> dict[str, dl.DriftDetector]:
    """A detector per column, its threshold set from January's first three weeks."""
    history = days < HELD_OUT_FROM
    return {
        column: dl.DriftDetector.calibrated(
            flights[column][history],  # type: ignore[literal-required]
            window_size=WINDOW,
            false_alarm_every=FALSE_ALARM_EVERY,
            test=test,
            check_every=WINDOW // 10,
            feature=column,
            cooldown_s=WEEK_S,
            seed=2013,
        )
        for column, (test, _) in COLUMNS.items()
    }


def stream(
    hub: dl.Hub,
    detectors: dict[str, dl.DriftDetector],
    diary: Diary,
    flights: datasets.NycFlights,
    days: Days,
    period: tuple[np.datetime64, np.datetime64],
) -> None:
    """Emits the flights of a period day by day, every column on the same hub."""
    first, last = np.searchsorted(days, period)
    starts = np.flatnonzero(np.diff(days[first:last], prepend=np.datetime64(0, "D"))) + first
    for start, stop in progress(list(zip(starts, [*starts[1:], last], strict=True)), days):
        times = flights["time_hour"][start:stop]
        for column, detector in detectors.items():
            values = flights[column][start:stop]  # type: ignore[literal-required]
            hub.emit_many(dl.Kind.OBSERVATION, values, feature=column, timestamps=times)
            diary.note(column, days[start], detector)


def random_halves(flights: datasets.NycFlights, days: Days) -> list[str]:
    """What alarms when January is cut into two random halves: it should be nothing."""
    january = np.flatnonzero(days < FEBRUARY)
    shuffled = np.random.default_rng(2013).permutation(january)
    one, other = np.sort(shuffled[::2]), np.sort(shuffled[1::2])
    lines = []
    quiet = True
    for name in HALVES:
        cells = []
        for column in COLUMNS:
            values = flights[column].astype(float)  # type: ignore[literal-required]
            result = drift.get(name).compare(values[one], values[other])
            if result.p_value is not None:
                # Shared among the columns, so that the row is wrong in 5 % of cases.
                alarm = result.drifted(alpha=QUIET_ALPHA / len(COLUMNS))
                cells.append(f"p = {result.p_value:.2f}")
            else:
                spread = float(np.nanstd(values[january]))
                # A mean's distance has no p-value: four standard errors say the same.
                limit = QUIET_PSI if name == "psi" else 4 * spread * (4 / len(january)) ** 0.5
                alarm = result.drifted(threshold=limit)
                cells.append(f"{result.statistic:.3g} < {limit:.2g}")
            cells[-1] += " ALARM" if alarm else ""
            quiet = quiet and not alarm
        lines.append(row(name, cells))
    lines.append("  quiet under every test" if quiet else "  NOT quiet: see above")
    return lines


def row(name: str, cells: Sequence[str]) -> str:
    """A line of a table."""
    return "  " + f"{name:<12}" + "".join(f"{cell:>16}" for cell in cells)


def overview(diary: Diary, bars: str) -> list[str]:
    """Month by month: a bar for every sixth of a month, and the peak."""
    lines = [row("", list(COLUMNS))]
    for month in np.arange("2013-02", "2014-01", dtype="datetime64[M]"):
        cells = []
        for column in COLUMNS:
            strength = diary.strength.get(column, {})
            values = [v for day, v in strength.items() if day.astype("datetime64[M]") == month]
            if not values:
                cells.append("-")
                continue
            parts = [max(part) for part in np.array_split(values, 6) if len(part)]
            # The bar is full at twice the threshold; above half of it there is drift.
            line = "".join(bars[min(8, int(4 * part + 0.5))] for part in parts)
            drifted = any(overlaps(i, month) for i in diary.incidents if i.column == column)
            cells.append(f"{line} {max(values):5.2f}{'!' if drifted else ' '}")
        lines.append(row(f"{month.astype(object):%b}", cells))
    return lines


def overlaps(incident: Incident, month: np.datetime64) -> bool:
    """Whether an incident touches a month."""
    end = incident.until if incident.until is not None else np.datetime64("2014-01-01")
    return bool(incident.since.astype("datetime64[M]") <= month <= end.astype("datetime64[M]"))


def daily_means(values: NDArray[np.float64], days: Days) -> NDArray[np.float64]:
    """The mean of each day: days depend on each other much less than flights do."""
    there = ~np.isnan(values)
    _, group = np.unique(days[there], return_inverse=True)
    means: NDArray[np.float64] = np.bincount(group, values[there]) / np.bincount(group)
    return means


def incident_lines(diary: Diary, flights: datasets.NycFlights, days: Days) -> list[str]:
    """One line per incident: what, when, how strongly, how sure."""
    lines = [
        f"  {'column':<11}{'from':<12}{'to':<12}{'alarms':>6}{'peak':>8}  {'mean in January':>16}"
        f"{'meanwhile':>12}{'KS D':>7}{'p':>9}"
    ]
    january = days < FEBRUARY
    for incident in diary.incidents:
        until = incident.until if incident.until is not None else days[-1]
        # The alarm looks back over its window: that is where the drift was.
        during = (days >= incident.since - 2 * DAY) & (days <= until)
        values = flights[incident.column].astype(float)  # type: ignore[literal-required]
        before, after = values[january], values[during]
        result = drift.KS().compare(
            daily_means(before, days[january]), daily_means(after, days[during])
        )
        unit = COLUMNS[incident.column][1]
        means = [f"{np.nanmean(part):.1f} {unit}" for part in (before, after)]
        lines.append(
            f"  {incident.column:<11}{incident.since!s:<12}"
            f"{'still' if incident.until is None else str(incident.until):<12}"
            f"{incident.alarms:>6}{incident.peak:>7.2f}x  {means[0]:>16}{means[1]:>12}"
            f"{result.statistic:>7.2f}{result.p_value:>9.1g}"
        )
    return lines


def run(flights: datasets.NycFlights, *, plain: bool) -> None:
    """Finds and shows what drifts; ``plain`` draws with ASCII alone."""
    bars = BARS[not plain]
    days = days_of(flights)

    print(f"{len(days):,} flights from New York City in 2013: every fifth flight of the year.")
    print(f"\nCalibrating on {JANUARY} to {HELD_OUT_FROM - DAY} for one false alarm per column and")
    print(f"year ({FALSE_ALARM_EVERY:,} flights); windows of {WINDOW} flights.\n")
    detectors = calibrate(flights, days)
    for column, detector in detectors.items():
        print(
            f"  {column:<11} {COLUMNS[column][0]:<11} threshold {detector.threshold:8.3f}"
            f"   lag-1 autocorrelation {detector.baseline_autocorrelation:5.2f}"
        )

    print("\nTwo random halves of January, each test:\n")
    print("\n".join([row("", list(COLUMNS)), *random_halves(flights, days)]))

    hub = dl.Hub()
    for detector in detectors.values():
        hub.register(detector)
    thresholds = {column: detector.threshold or 1.0 for column, detector in detectors.items()}
    quiet = Diary(thresholds)
    with hub.register(quiet.on_drift, kinds=[dl.Kind.DRIFT_DETECTED, dl.Kind.DRIFT_RESOLVED]):
        stream(hub, detectors, quiet, flights, days, (HELD_OUT_FROM, FEBRUARY))
    print(f"\nThe days held out, {HELD_OUT_FROM} to {FEBRUARY - DAY}; peak over the threshold:\n")
    print(row("", list(COLUMNS)))
    peaks = [max(quiet.strength[column].values()) for column in COLUMNS]
    print(row("peak", [f"{peak:.2f}" for peak in peaks]))
    for incident in quiet.incidents:
        print(f"  alarm: {incident.column} on {incident.since}")
    if quiet.incidents:
        print("  Weather comes in spells of days: three weeks do not show all of January.")
    else:
        print("  no alarm")

    january = days < FEBRUARY
    for column, detector in detectors.items():
        detector.rebase(flights[column][january])  # type: ignore[literal-required]
        detector.reset()
    diary = Diary(thresholds)
    hub.register(diary.on_drift, kinds=[dl.Kind.DRIFT_DETECTED, dl.Kind.DRIFT_RESOLVED])
    hub.register(diary.on_missing, kinds=[dl.Kind.DATA_MISSING])
    stream(hub, detectors, diary, flights, days, (FEBRUARY, np.datetime64("2014-01-01")))

    print(
        "\nFebruary to December against January; peak as a multiple of the threshold, ! = drift:\n"
    )
    print("\n".join(overview(diary, bars)))
    print("\nWhat drifted (alarms with the weekly reminders; KS D and p on daily means, January")
    print("against the incident: a spell of few days can hardly have a small p):\n")
    print("\n".join(incident_lines(diary, flights, days)))
    for (column, day), share in diary.missing.items():
        print(f"  {column:<9}  {day}  data_missing: {share:.0%} of a window")

    calls = sum(info.calls for info in hub.observers())
    failures = sum(info.failures for info in hub.observers())
    print(f"\n{calls:,} deliveries to {len(hub)} observers, {failures} failures.")
