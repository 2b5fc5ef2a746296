"""What a detector would have done on a history of the user's own."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from driftline import _driftline
from driftline._backtest_report import Backtest, InjectedShift
from driftline.exceptions import EmptySampleError, InvalidTypeError, InvalidValueError
from driftline.stream._alarms import (
    alarms_in_turn,
    alarms_of,
    copy_of,
    detector_of,
    is_native,
    name_of,
    parameters_of,
)
from driftline.stream._calibration import calibrated

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from driftline.stream._alarms import SupportsUpdate

__all__ = ["backtest"]

_LONGEST_HORIZON: Final = 2_000
# Values beyond it are missing to detectors.
_LARGEST: Final = 1e150


def backtest(
    detector: SupportsUpdate | str,
    history: ArrayLike,
    *,
    timestamps: ArrayLike | None = None,
    shifts: Iterable[float] = (0.5, 1.0, 2.0),
    n_positions: int = 100,
    horizon: int | None = None,
    false_alarm_every: float | str | None = None,
    seed: int = 0,
) -> Backtest:
    """What a detector would have done on a history: how often it alarms, what it finds.

    A copy of the detector runs over the history; its alarms are listed, by month with
    ``timestamps``. Then the history is repeated with a shift in it: from a place on, every
    value is larger by ``size`` standard deviations of the whole history. Values of 0 and 1
    are changed at random instead, so that their rate rises by ``size`` standard deviations
    sqrt(rate (1 - rate)), to 1 at most. What a detector takes no more for its size is given
    to it as the nearest value that it takes. That is done at ``n_positions`` places, evenly
    spread over the history but for its first tenth; each time the detector comes as the
    history before has left it, and the first alarm within ``horizon`` values after the
    shift finds it. The first line, without a shift, says how often there would have been an
    alarm anyway: what a detector finds counts as far as it finds more, or sooner.

    The history is taken as it is: where it has changes of its own, alarms on them are
    right, and calibration by it comes out too lax.

    :param detector: of ``driftline.stream`` (or what ``stream.get`` calls it, for its
        defaults), of river, or any object with ``update(x)`` and ``drift_detected``; it is
        copied and left as it is.
    :param history: numbers in the order in which they came, shape (n,), n >= 20; what is
        not finite is missing.
    :param timestamps: when they came: datetime64 or aware datetimes, ascending, shape (n,);
        taken as UTC.
    :param shifts: sizes in standard deviations of the history, not 0; negative is down.
    :param n_positions: places to inject each at, 1 or more.
    :param horizon: values, 1 to n // 2; None: a fifth of the history, at most 2,000.
    :param false_alarm_every: values between false alarms, or a time such as ``"30d"`` (with
        ``timestamps``), to suggest settings for: ``suggested`` is the backtest of the
        detector calibrated by ``type(detector).calibrated(history, ...)``. Where no setting
        keeps the budget, or the history is too short to find one, ``no_suggestion`` says
        why.
    :param seed: of the changes to values of 0 and 1, and of the calibration.
    :raises InvalidTypeError, InvalidValueError: for arguments out of these ranges.
    :raises EmptySampleError: for a history of which all is missing.

    The cost is that of the detector on n + n_positions * shifts * horizon values.

    >>> import driftline as dl
    >>> from driftline import stream
    >>> history = stream.stationary(10_000, seed=1).values
    >>> print(dl.backtest(stream.ADWIN(), history, shifts=[0.5, 2.0]))
    ADWIN(delta=0.002, clock=32, max_buckets=5, min_window_length=5, grace_period=10)
    on 10,000 values: mean -0.01091, standard deviation 0.9985
    <BLANKLINE>
    0 alarms: 0 in 10,000 values
    <BLANKLINE>
    Shifts injected at 100 places, found within 2,000 values:
       shift  value by  found  median delay   mean
        none               0%             –      –
      0.5 sd   +0.4992   100%           113  117.7
        2 sd    +1.997   100%            29   28.8
    """
    detector = detector_of("detector", detector)
    values = _values(history)
    times = None if timestamps is None else _times(timestamps, len(values))
    sizes = _sizes(shifts)
    most = len(values) // 2
    horizon = (
        min(max(len(values) // 5, 1), _LONGEST_HORIZON)
        if horizon is None
        else _whole("horizon", horizon, 1, most)
    )
    n_positions = _whole("n_positions", n_positions, 1, None)
    seed = _whole("seed", seed, 0, None)
    injection = _Injection(values, sizes, n_positions, horizon, seed)
    better = reason = None
    if false_alarm_every is not None:
        every = _values_between(false_alarm_every, times)
        try:
            better = calibrated(detector, every, history=values, seed=seed)
        except InvalidValueError as error:  # all that was given is right: it cannot be had
            reason = str(error)
    found = _backtest(detector, values, times, injection)
    found.false_alarm_every, found.no_suggestion = false_alarm_every, reason
    if better is not None:
        found.suggested = _backtest(better, values, times, injection)
    return found


class _Injection:
    """The places, and the values with a shift."""

    def __init__(
        self,
        values: NDArray[np.float64],
        sizes: Sequence[float],
        n_positions: int,
        horizon: int,
        seed: int,
    ) -> None:
        finite = values[np.isfinite(values)]
        with np.errstate(over="ignore", invalid="ignore"):
            self.mean = float(finite.mean())
        if not math.isfinite(self.mean):
            raise InvalidValueError(
                "history: got values whose sum is infinite; accepted: values that can be summed"
            )
        self.is_binary = bool(np.isin(finite, (0.0, 1.0)).all())
        with np.errstate(over="ignore", invalid="ignore"):
            deviation = float(finite.std())
        self.deviation = math.sqrt(self.mean * (1 - self.mean)) if self.is_binary else deviation
        if sizes and not 0 < self.deviation < math.inf:
            raise InvalidValueError(
                f"history: got values of standard deviation {self.deviation:g}, which measures no "
                "shift; accepted: values that vary, or shifts=()"
            )
        self.values = values
        self.sizes = sizes
        self.horizon = horizon
        first, last = len(values) // 10, len(values) - horizon
        spread = np.linspace(min(first, last), last, min(n_positions, last - first + 1))
        self.positions = np.unique(spread.astype(np.int64)) if sizes else np.array([], np.int64)
        # The same draws for all sizes: a larger shift changes what a smaller one does, and more.
        generator = np.random.Generator(np.random.PCG64(seed))
        self.uniform = generator.random(len(values)) if self.is_binary else None

    def amount(self, size: float) -> float:
        """In the history's own units."""
        by = size * self.deviation
        return min(max(by, -self.mean), 1 - self.mean) if self.is_binary else by

    def shifted(self, position: int, size: float, accepted: str) -> NDArray[np.float64]:
        """What follows a shift at a place, as far as the detector accepts it."""
        window = slice(position, position + self.horizon)
        values, by = self.values[window], self.amount(size)
        if self.uniform is None:
            if accepted == "count":
                return np.maximum(np.round(values + by), 0.0)
            least, most = (0.0, 1.0) if accepted == "unit" else (-_LARGEST, _LARGEST)
            return np.where(np.isfinite(values), np.clip(values + by, least, most), values)
        changed = self.uniform[window] < abs(by) / (1 - self.mean if by > 0 else self.mean)
        to = 1.0 if by > 0 else 0.0
        return np.where(changed & np.isfinite(values), to, values)


def _backtest(
    detector: Any,
    values: NDArray[np.float64],
    times: NDArray[np.datetime64] | None,
    injection: _Injection,
) -> Backtest:
    running = copy_of(detector)
    accepted = detector.input if is_native(detector) else "real"
    delays: dict[float, list[tuple[int, int]]] = {size: [] for size in injection.sizes}
    parts, at = [], 0
    for position in injection.positions.tolist():
        parts.append(alarms_of(running, values[at:position]) + at)
        at = position
        for size, found in delays.items():
            delay = _first_alarm(
                copy.deepcopy(running), injection.shifted(position, size, accepted)
            )
            if delay is not None:
                found.append((position, delay))
    parts.append(alarms_of(running, values[at:]) + at)
    alarms = np.concatenate(parts)
    if injection.sizes:
        delays = {0.0: _without_shift(alarms, injection), **delays}
    return Backtest(
        name=name_of(detector),
        detector=_written(detector),
        parameters=parameters_of(detector),
        n_values=len(values),
        n_missing=int((~np.isfinite(values)).sum()),
        mean=injection.mean,
        standard_deviation=injection.deviation,
        is_binary=injection.is_binary,
        horizon=injection.horizon,
        alarms=alarms,
        alarm_times=None if times is None else times[alarms],
        months=None if times is None else _months(times, alarms),
        duration_s=None if times is None else _seconds(times[-1] - times[0]),
        shifts=tuple(_injected(size, found, times, injection) for size, found in delays.items()),
        false_alarm_every=None,
        suggested=None,
        no_suggestion=None,
    )


def _written(detector: Any) -> str:
    if is_native(detector):
        return repr(detector)
    return f"{type(detector).__name__}()"


def _first_alarm(detector: Any, values: NDArray[np.float64]) -> int | None:
    if is_native(detector):
        alarms = alarms_of(detector, values)
        return int(alarms[0]) if len(alarms) else None
    return next(alarms_in_turn(detector, values), None)


def _without_shift(alarms: NDArray[np.int64], injection: _Injection) -> list[tuple[int, int]]:
    following = np.searchsorted(alarms, injection.positions)
    return [
        (position, int(alarms[place]) - position)
        for position, place in zip(injection.positions.tolist(), following.tolist(), strict=True)
        if place < len(alarms) and alarms[place] < position + injection.horizon
    ]


def _injected(
    size: float,
    found: list[tuple[int, int]],
    times: NDArray[np.datetime64] | None,
    injection: _Injection,
) -> InjectedShift:
    seconds = None
    if times is not None:
        seconds = tuple(_seconds(times[place + delay] - times[place]) for place, delay in found)
    return InjectedShift(
        size,
        injection.amount(size),
        len(injection.positions),
        tuple(delay for _, delay in found),
        seconds,
    )


# --- times -------------------------------------------------------------------------


def _seconds(span: np.timedelta64) -> float:
    return float(span / np.timedelta64(1, "s"))


def _values_between(budget: float | str, times: NDArray[np.datetime64] | None) -> float:
    if not isinstance(budget, str):
        return _driftline._values_between(budget)
    if times is None or times[-1] == times[0]:
        got = "None" if times is None else "one time for all values"
        raise InvalidValueError(
            f"timestamps: got {got}; accepted: those of the values, for a budget that is a time "
            f"({budget!r})"
        )
    rate = (len(times) - 1) / _seconds(times[-1] - times[0])
    return _driftline._values_between(budget, rate)


def _months(times: NDArray[np.datetime64], alarms: NDArray[np.int64]) -> dict[str, int]:
    months = times.astype("datetime64[M]").astype(np.int64)
    counts = np.bincount(months[alarms] - months[0], minlength=int(months[-1] - months[0]) + 1)
    names = np.arange(months[0], months[-1] + 1).astype("datetime64[M]")
    return dict(zip(map(str, names), counts.tolist(), strict=True))


# --- what is accepted --------------------------------------------------------------

_LEAST: Final = 20


def _values(history: ArrayLike) -> NDArray[np.float64]:
    try:
        values = np.array(history, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidTypeError(
            f"history: got {type(history).__name__}, which is no array of numbers; accepted: "
            "numbers, shape (n,)"
        ) from error
    if values.ndim != 1:
        raise InvalidValueError(f"history: got shape {values.shape}; accepted: shape (n,)")
    if len(values) < _LEAST:
        raise InvalidValueError(f"history: got {len(values)} values; accepted: {_LEAST} or more")
    if not np.isfinite(values).any():
        raise EmptySampleError(
            "history: got missing values alone; accepted: one value or more that is not"
        )
    return values


def _times(timestamps: Any, n: int) -> NDArray[np.datetime64]:
    accepted = "datetime64 or datetimes, ascending, one for each value"
    try:
        array = np.asarray(timestamps)
        if array.dtype == object:
            # NumPy warns of zones; all of them are turned into UTC here.
            array = np.array([_in_utc(time) for time in array.tolist()], dtype="datetime64[us]")
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidTypeError(
            f"timestamps: got {type(timestamps).__name__}, which is no array of times; "
            f"accepted: {accepted}"
        ) from error
    if array.dtype.kind != "M":
        raise InvalidTypeError(f"timestamps: got dtype {array.dtype}; accepted: {accepted}")
    if array.shape != (n,):
        raise InvalidValueError(
            f"timestamps: got shape {array.shape}; accepted: ({n},), that of history"
        )
    times = array.astype("datetime64[us]")
    if np.isnat(times).any():
        raise InvalidValueError(f"timestamps: got NaT; accepted: {accepted}")
    backwards = np.flatnonzero(np.diff(times) < np.timedelta64(0, "us"))
    if len(backwards):
        first = int(backwards[0])
        raise InvalidValueError(
            f"timestamps: got {times[first]} before {times[first + 1]} at position {first}; "
            f"accepted: {accepted}"
        )
    return times


def _in_utc(time: Any) -> Any:
    from datetime import UTC

    zoned = time.astimezone(UTC) if time.tzinfo is not None else time
    return zoned.replace(tzinfo=None)


def _sizes(shifts: Any) -> tuple[float, ...]:
    accepted = "finite numbers other than 0, in standard deviations, each once"
    try:
        sizes = tuple(float(size) for size in shifts)
    except (TypeError, ValueError):
        raise InvalidTypeError(f"shifts: got {shifts!r}; accepted: {accepted}") from None
    for size in sizes:
        if not math.isfinite(size) or size == 0 or sizes.count(size) > 1:
            raise InvalidValueError(f"shifts: got {size:g}; accepted: {accepted}")
    return sizes


def _whole(argument: str, value: Any, least: int, most: int | None) -> int:
    accepted = f"{least} or more" if most is None else f"{least} to {most}"
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        raise InvalidTypeError(f"{argument}: got {value!r}; accepted: a whole number, {accepted}")
    if value < least or (most is not None and value > most):
        raise InvalidValueError(f"{argument}: got {value}; accepted: {accepted}")
    return int(value)
