"""Streams whose changes are known, to try detectors on.

Four shapes: :func:`abrupt`, :func:`gradual`, :func:`recurring` and :func:`stationary`, of
normal, Bernoulli, log-normal or Poisson values. The same arguments give the same values.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from driftline.exceptions import InvalidTypeError, InvalidValueError
from driftline.stream._stream import (
    Stream,
    check_distribution,
    checked_changes,
    checked_whole,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["abrupt", "gradual", "recurring", "stationary"]

#: Levels before and after the first change, unless they are given.
_LEVELS: Final = {
    "normal": (0.0, 1.0),
    "bernoulli": (0.1, 0.3),
    "log_normal": (0.0, 1.0),
    "poisson": (4.0, 6.0),
}
#: What the level of each distribution is, and what it may be.
_RANGES: Final = {
    "normal": (-math.inf, math.inf, "finite means"),
    "bernoulli": (0.0, 1.0, "rates from 0 to 1"),
    "log_normal": (-700.0, 700.0, "means of the logarithm from -700 to 700"),
    "poisson": (0.0, 1e15, "rates from 0 to 1e15"),
}
#: Distributions with a standard deviation of their own.
_SCALED: Final = ("normal", "log_normal")
_LONGEST: Final = 100_000_000


def abrupt(
    n: int = 10_000,
    *,
    changes: int | Sequence[int] | None = None,
    levels: Sequence[float] | None = None,
    distribution: str = "normal",
    scale: float = 1.0,
    seed: int = 0,
    name: str | None = None,
) -> Stream:
    """A stream whose level jumps.

    :param n: how many values.
    :param changes: places where the level changes, ascending, 1 to n - 1; None: one in the
        middle.
    :param levels: the level before the first change, after it, and so on, in turn when
        there are more changes than levels. Normal: means, by default 0 and 1; Bernoulli:
        rates, 0.1 and 0.3; log-normal: means of the logarithm, 0 and 1; Poisson: rates, 4
        and 6.
    :param distribution: ``"normal"``, ``"bernoulli"``, ``"log_normal"`` or ``"poisson"``.
    :param scale: standard deviation, above 0; log-normal: of the logarithm. The other two
        have none.
    :param seed: 0 or more; PCG64 draws the values.
    :param name: what tables call it; None: the shape and the distribution.
    :raises InvalidTypeError, InvalidValueError: for arguments out of these ranges.

    >>> from driftline import stream
    >>> s = stream.abrupt(10_000, changes=[4_000, 8_000], levels=[0, 2, 5], seed=1)
    >>> s
    Stream('abrupt normal', 10,000 values, changes at [4000, 8000])
    >>> [round(s.values[at:at + 2_000].mean()) for at in (0, 4_000, 8_000)]
    [0, 2, 5]
    """
    return _drawn("abrupt", n, changes, 0, levels, distribution, scale, seed, name)


def gradual(
    n: int = 10_000,
    *,
    changes: int | Sequence[int] | None = None,
    width: int = 1_000,
    levels: Sequence[float] | None = None,
    distribution: str = "normal",
    scale: float = 1.0,
    seed: int = 0,
    name: str | None = None,
) -> Stream:
    """A stream that passes into its next regime little by little.

    From a change on, each value is of the new regime with a probability that rises evenly
    from 0 to 1 over ``width`` values: value i after the change with (i + 1) / (width + 1).
    Both regimes are mixed meanwhile, as in Gama and others, A survey on concept drift
    adaptation, ACM Computing Surveys 46, 2014, section 2.

    :param width: over how many values, 1 or more, at most up to the next change.

    The other parameters are those of :func:`abrupt`.

    >>> from driftline import stream
    >>> s = stream.gradual(10_000, changes=4_000, width=2_000, levels=[0, 10])
    >>> [round(s.values[at:at + 500].mean()) for at in (3_500, 4_750, 6_000)]
    [0, 5, 10]
    """
    width = checked_whole("width", width, 1)
    return _drawn("gradual", n, changes, width, levels, distribution, scale, seed, name)


def recurring(
    n: int = 10_000,
    *,
    period: int = 2_000,
    levels: Sequence[float] | None = None,
    distribution: str = "normal",
    scale: float = 1.0,
    seed: int = 0,
    name: str | None = None,
) -> Stream:
    """A stream that goes to and fro: the level changes every ``period`` values.

    :param period: values from change to change, 1 to n - 1.

    The other parameters are those of :func:`abrupt`.

    >>> from driftline import stream
    >>> stream.recurring(10_000, period=3_000).changes
    array([3000, 6000, 9000])
    """
    n = _length(n)
    period = checked_whole("period", period, 1, n - 1)
    changes = range(period, n, period)
    return _drawn("recurring", n, changes, 0, levels, distribution, scale, seed, name)


def stationary(
    n: int = 10_000,
    *,
    level: float | None = None,
    distribution: str = "normal",
    scale: float = 1.0,
    seed: int = 0,
    name: str | None = None,
) -> Stream:
    """A stream without a change, on which every alarm is false.

    :param level: mean (0), rate (Bernoulli: 0.1, Poisson: 4) or mean of the logarithm (0).

    The other parameters are those of :func:`abrupt`.

    >>> from driftline import stream
    >>> stream.stationary(5_000, distribution="bernoulli", level=0.2)
    Stream('stationary bernoulli', 5,000 values, no changes)
    """
    levels = None if level is None else (level,)
    return _drawn("stationary", n, (), 0, levels, distribution, scale, seed, name)


def _drawn(
    shape: str,
    n: int,
    changes: int | Sequence[int] | None,
    width: int,
    levels: Sequence[float] | None,
    distribution: str,
    scale: float,
    seed: int,
    name: str | None,
) -> Stream:
    n = _length(n)
    check_distribution(distribution)
    if changes is None:
        changes = n // 2
    places = checked_changes([changes] if isinstance(changes, int | np.integer) else changes, n)
    chosen = _levels("level" if shape == "stationary" else "levels", levels, distribution)
    scale = _scale(scale, distribution)
    ends = np.append(places, n)
    if width and np.any(np.diff(ends) < width):
        shortest = int(np.diff(ends).min())
        raise InvalidValueError(
            f"width: got {width}; accepted: at most {shortest}, the values from a change to the "
            "next or to the end"
        )
    generator = np.random.Generator(np.random.PCG64(checked_whole("seed", seed, 0)))
    index = np.arange(n)
    regime = np.searchsorted(places, index, side="right")
    if width:
        uniform = generator.random(n)
        since = index - np.append(0, places)[regime]
        mixed = (regime > 0) & (since < width) & (uniform * (width + 1) >= since + 1)
        regime = regime - mixed
    level = np.asarray(chosen)[regime % len(chosen)]
    return Stream(
        _draw(generator, distribution, level, scale),
        places,
        width=width,
        name=f"{shape} {distribution}" if name is None else name,
        distribution=distribution,
        level=chosen[0],
        scale=scale if distribution in _SCALED else None,
    )


def _draw(
    generator: np.random.Generator, distribution: str, level: NDArray[np.float64], scale: float
) -> NDArray[np.float64]:
    if distribution == "bernoulli":
        return (generator.random(len(level)) < level).astype(np.float64)
    if distribution == "poisson":
        return generator.poisson(level).astype(np.float64)
    values = level + scale * generator.standard_normal(len(level))
    return np.exp(values) if distribution == "log_normal" else values


# --- what is accepted --------------------------------------------------------------


def _length(n: int) -> int:
    return checked_whole("n", n, 2, _LONGEST)


def _levels(argument: str, levels: Sequence[float] | None, distribution: str) -> tuple[float, ...]:
    if levels is None:
        return _LEVELS[distribution]
    low, high, what = _RANGES[distribution]
    accepted = f"{what}, one or more (distribution={distribution!r})"
    try:
        listed = tuple(float(level) for level in levels)
    except (TypeError, ValueError):
        raise InvalidTypeError(f"{argument}: got {levels!r}; accepted: {accepted}") from None
    if not listed:
        raise InvalidValueError(f"{argument}: got none; accepted: {accepted}")
    for level in listed:
        if not (math.isfinite(level) and low <= level <= high):
            raise InvalidValueError(f"{argument}: got {level}; accepted: {accepted}")
    return listed


def _scale(scale: float, distribution: str) -> float:
    accepted = "a finite number above 0"
    if isinstance(scale, bool) or not isinstance(scale, int | float | np.number):
        raise InvalidTypeError(f"scale: got {scale!r}; accepted: {accepted}")
    if not (math.isfinite(scale) and scale > 0):
        raise InvalidValueError(f"scale: got {scale}; accepted: {accepted}")
    if distribution not in _SCALED and scale != 1.0:
        raise InvalidValueError(
            f"scale: got {scale}; accepted: 1, since the level of {distribution!r} tells it"
        )
    return float(scale)
