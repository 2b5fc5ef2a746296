"""What a detector did on a history, and how it reads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from driftline.report.formatting import number, percent, whole
from driftline.stream._alarms import as_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Backtest", "InjectedShift"]

_DAY_S: Final = 86_400.0
#: Of 365.2425 days.
_MONTH_S: Final = 365.2425 / 12 * _DAY_S
_PER: Final = 10_000
#: Alarms, and half the months, that the report lists at most.
_LISTED: Final = 12
_BAR: Final = 30


class InjectedShift:
    """How a detector met a shift of one size, injected at many places of the history."""

    __slots__ = ("amount", "delays", "delays_s", "n_positions", "size")

    def __init__(
        self,
        size: float,
        amount: float,
        n_positions: int,
        delays: tuple[int, ...],
        delays_s: tuple[float, ...] | None,
    ) -> None:
        #: In standard deviations of the history; 0 is the history as it is.
        self.size = size
        #: In the history's own units; for values of 0 and 1 what their rate rises by.
        self.amount = amount
        #: How many places.
        self.n_positions = n_positions
        #: From the shift to the first alarm, in values, where there was one.
        self.delays = delays
        #: The same in seconds; None without timestamps.
        self.delays_s = delays_s

    @property
    def n_detected(self) -> int:
        """Places with an alarm within the horizon."""
        return len(self.delays)

    @property
    def missed_rate(self) -> float:
        """Share of the places without."""
        return 1 - len(self.delays) / self.n_positions

    @property
    def mean_delay(self) -> float | None:
        """In values, over those detected; None without one."""
        return float(np.mean(self.delays)) if self.delays else None

    @property
    def median_delay(self) -> float | None:
        """The median of the same."""
        return float(np.median(self.delays)) if self.delays else None

    @property
    def median_delay_s(self) -> float | None:
        """In seconds; None without timestamps."""
        return float(np.median(self.delays_s)) if self.delays_s else None

    def to_dict(self) -> dict[str, Any]:
        """All figures as JSON has them."""
        return {
            "size": self.size,
            "amount": self.amount,
            "n_positions": self.n_positions,
            "n_detected": self.n_detected,
            "missed_rate": self.missed_rate,
            "mean_delay": self.mean_delay,
            "median_delay": self.median_delay,
            "median_delay_s": self.median_delay_s,
        }

    def __repr__(self) -> str:
        return (
            f"InjectedShift(size={number(self.size)}, missed_rate={percent(self.missed_rate)}, "
            f"median_delay={number(self.median_delay)})"
        )


class Backtest:
    """What :func:`backtest` found; prints as a report."""

    #: What the detector is called, and how it is written in Python.
    name: str
    detector: str
    #: Its parameters; None for detectors that are not of driftline.
    parameters: dict[str, Any] | None
    #: Values of the history, and how many of them are missing.
    n_values: int
    n_missing: int
    #: Mean and standard deviation of the history, by which shifts are measured.
    mean: float
    standard_deviation: float
    #: Whether the history holds nothing but 0 and 1.
    is_binary: bool
    #: Values that followed each injected shift.
    horizon: int
    #: The places of the alarms.
    alarms: NDArray[np.int64]
    #: When they were, datetime64[us]; None without timestamps.
    alarm_times: NDArray[np.datetime64] | None
    #: For each month of the history ("2026-01") its alarms; None without timestamps.
    months: dict[str, int] | None
    #: Seconds from the first value to the last; None without timestamps.
    duration_s: float | None
    #: The history as it is (size 0), then each size of shift.
    shifts: tuple[InjectedShift, ...]
    #: What ``suggested`` was calibrated to.
    false_alarm_every: float | str | None
    #: The same for the detector calibrated to ``false_alarm_every``; None without.
    suggested: Backtest | None
    #: Why it could not be calibrated to it; None where it was, and without.
    no_suggestion: str | None

    def __init__(self, **fields: Any) -> None:
        for field in self.__annotations__:
            setattr(self, field, fields[field])

    @property
    def alarms_per_month(self) -> float | None:
        """Alarms in 30.44 days, on average; None without timestamps."""
        if not self.duration_s:
            return None
        return len(self.alarms) / (self.duration_s / _MONTH_S)

    @property
    def alarms_per_10000(self) -> float:
        """Alarms in 10,000 values, on average."""
        return len(self.alarms) * _PER / self.n_values

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON has it; times in ISO 8601, UTC."""
        times = self.alarm_times
        return {
            "detector": self.name,
            "parameters": as_json(self.parameters),
            "n_values": self.n_values,
            "n_missing": self.n_missing,
            "mean": self.mean,
            "standard_deviation": self.standard_deviation,
            "is_binary": self.is_binary,
            "horizon": self.horizon,
            "alarms": self.alarms.tolist(),
            "alarm_times": None if times is None else [f"{time}Z" for time in times],
            "alarms_per_month": self.alarms_per_month,
            "alarms_per_10000": self.alarms_per_10000,
            "months": self.months,
            "shifts": [shift.to_dict() for shift in self.shifts],
            "false_alarm_every": self.false_alarm_every,
            "suggested": None if self.suggested is None else self.suggested.to_dict(),
            "no_suggestion": self.no_suggestion,
        }

    def __repr__(self) -> str:
        return f"Backtest({self.name!r}, {whole(self.n_values)} values, {len(self.alarms)} alarms)"

    def __str__(self) -> str:
        lines = [*self._head(), "", *self._alarm_lines(), "", *self._shift_lines()]
        if self.suggested is not None:
            suggested = self.suggested
            lines += ["", f"Suggested for a false alarm every {_every(self.false_alarm_every)}:"]
            lines += [f"  {suggested.detector}", ""]
            inner = [*suggested._alarm_lines(), "", *suggested._shift_lines()]
            lines += [f"  {line}".rstrip() for line in inner]
        if self.no_suggestion is not None:
            every = _every(self.false_alarm_every)
            lines += ["", f"No settings for a false alarm every {every}:"]
            lines += [f"  {self.no_suggestion}"]
        return "\n".join(lines).rstrip()

    def _head(self) -> list[str]:
        missing = f", {whole(self.n_missing)} of them missing" if self.n_missing else ""
        level = (
            f"rate {number(self.mean)}"
            if self.is_binary
            else f"mean {number(self.mean)}, standard deviation {number(self.standard_deviation)}"
        )
        return [self.detector, f"on {whole(self.n_values)} values{missing}: {level}"]

    def _alarm_lines(self) -> list[str]:
        n = len(self.alarms)
        rate = f"{number(round(self.alarms_per_10000, 2))} in 10,000 values"
        if (monthly := self.alarms_per_month) is not None:
            rate = f"{number(round(monthly, 2))} a month, {rate}"
        lines = [f"{whole(n)} alarm{'s' * (n != 1)}: {rate}"]
        if self.months:
            shown = list(self.months.items())
            most = max(self.months.values())
            if len(shown) > 2 * _LISTED:
                lines.append(f"  the last {2 * _LISTED} of {len(shown)} months:")
            for month, count in shown[-2 * _LISTED :]:
                bar = "#" * math.ceil(_BAR * count / most) if most else ""
                lines.append(f"  {month}  {count:>4} {bar}".rstrip())
        if n:
            listed = [self._place(index) for index in range(n)[-_LISTED:]]
            what = "at" if n <= _LISTED else f"the last {_LISTED} at"
            lines.append(f"  {what} {', '.join(listed)}")
        return lines

    def _place(self, index: int) -> str:
        if self.alarm_times is None:
            return whole(int(self.alarms[index]))
        return str(self.alarm_times[index].astype("datetime64[m]")).replace("T", " ")

    def _shift_lines(self) -> list[str]:
        if not self.shifts:
            return []
        what = "rate" if self.is_binary else "value"
        timed = self.duration_s is not None
        rows = [["shift", f"{what} by", "found", "median delay", "mean", *["in time"] * timed]]
        for shift in self.shifts:
            row = [
                f"{number(shift.size)} sd" if shift.size else "none",
                f"{shift.amount:+.4g}" if shift.size else "",
                percent(1 - shift.missed_rate),
                number(shift.median_delay),
                number(None if shift.mean_delay is None else round(shift.mean_delay, 1)),
            ]
            rows.append([*row, _duration(shift.median_delay_s)] if timed else row)
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        n = self.shifts[0].n_positions
        return [
            f"Shifts injected at {whole(n)} place{'s' * (n != 1)}, found within "
            f"{whole(self.horizon)} values:",
            *("  " + "  ".join(map(str.rjust, row, widths)).rstrip() for row in rows),
        ]


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    for unit, length in (("d", _DAY_S), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{number(round(seconds, 3))} s"


def _every(budget: float | str | None) -> str:
    return budget if isinstance(budget, str) else f"{number(budget)} values"
