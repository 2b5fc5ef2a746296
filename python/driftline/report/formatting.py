"""Numbers, times and texts as people read them, the same in a terminal, a page and a plot."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = [
    "axis_labels",
    "interval",
    "number",
    "p_value",
    "percent",
    "shorten",
    "time_labels",
    "visible",
    "whole",
    "whole_characters",
]

_HALVES: Final = re.compile("[\ud800-\udfff]")
_DAY: Final = 86_400.0
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: Control characters as pictures of themselves; what turns the direction of writing for
#: the text that follows, as the sign for what is unreadable.
_VISIBLE: Final = {
    **{code: 0x2400 + code for code in range(0x20)},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    **dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F)), 0xFFFD),
    **dict.fromkeys((0x2028, 0x2029, *range(0x2066, 0x206A)), 0xFFFD),
}


def whole_characters(text: str) -> str:
    """A text without halves of characters, which UTF-8 cannot hold."""
    return text if text.isascii() else _HALVES.sub("\ufffd", text)


def visible(text: str) -> str:
    """A text in which nothing acts on what shows it: control characters are pictures.

    >>> visible("a\\x1b[31m\\nb")
    'a␛[31m␊b'
    """
    return whole_characters(text.translate(_VISIBLE)) or "(empty)"


def shorten(text: str, length: int, mark: str = "…") -> str:
    """A text of at most ``length`` characters: its beginning and its end.

    >>> shorten("a_rather_long_name", 10)
    'a_rat…name'
    """
    if len(text) <= length:
        return text
    end = max((length - len(mark)) // 2, 0)
    return text[: max(length - len(mark) - end, 0)] + mark + (text[-end:] if end else "")


def whole(value: int | None) -> str:
    """A count.

    >>> whole(1234567)
    '1,234,567'
    """
    return "–" if value is None else f"{value:,}"


def number(value: float | str | None) -> str:
    """A value of a column with four digits that count; a time as it stands.

    >>> [number(one) for one in (0.1234567, 1234567.0, 12, 1e-9, -3.0, None)]
    ['0.1235', '1,234,567', '12', '1e-9', '-3', '–']
    """
    if value is None:
        return "–"
    if isinstance(value, str):
        return value.replace("T", " ").removesuffix("Z").removesuffix(" 00:00:00")
    if not math.isfinite(value):
        return "∞" if value > 0 else "-∞" if value < 0 else "–"
    if value == 0:
        return "0"
    size = abs(value)
    if 1000 <= size < 1e9:
        return f"{value:,.0f}" if size >= 10_000 or value == round(value) else f"{value:,.1f}"
    if 1e-4 <= size < 1000:
        return f"{value:.4g}"
    mantissa, _, exponent = f"{value:.3g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def percent(value: float | None, digits: int = 1) -> str:
    """A share, as percent.

    >>> [percent(one) for one in (0.1234, 0.0, 1.0, 0.00001, 0.99999, -0.05)]
    ['12.3%', '0%', '100%', '<0.1%', '>99.9%', '-5.0%']
    """
    if value is None:
        return "–"
    if value in (0, 1, -1):
        return f"{value:.0%}"
    step = 10.0**-digits
    if abs(value) * 100 < step / 2:
        return f"<{step:.{digits}f}%" if value > 0 else f">-{step:.{digits}f}%"
    if abs(value) < 1 and 100 - abs(value) * 100 < step / 2:
        return f">{100 - step:.{digits}f}%" if value > 0 else f"<-{100 - step:.{digits}f}%"
    return f"{value:.{digits}%}"


def interval(low: float | None, high: float | None) -> str:
    """Both ends of an interval of shares.

    >>> interval(0.121, 0.3)
    '12.1% to 30.0%'
    """
    return f"{percent(low)} to {percent(high)}"


def p_value(value: float | None, log: float | None = None) -> str:
    """A p-value; from its logarithm where it is too small for a float.

    >>> p_value(0.0421), p_value(3.2e-12), p_value(0.0, -2000.0), p_value(None)
    ('0.042', '3e-12', '3e-869', '–')
    """
    if value is None:
        return "–"
    if value >= 0.001:
        return f"{value:.3f}" if value < 0.9995 else "1"
    if value > 0:
        mantissa, _, exponent = f"{value:.0e}".partition("e")
        return f"{mantissa}e{int(exponent)}"
    if log is None or not math.isfinite(log):
        return "<1e-300"
    decades = log / math.log(10)
    exponent_of = math.floor(decades)
    return f"{min(round(10 ** (decades - exponent_of)), 9)}e{exponent_of}"


def _nice_step(span: float, parts: int) -> float:
    """1, 2 or 5 times a power of ten, so that at most ``parts`` steps fit."""
    rough = span / parts
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * one for one in (1, 2, 5, 10) if power * one >= rough * (1 - 1e-9))


def axis_labels(low: float, high: float, parts: int = 5) -> list[tuple[float, str]]:
    """Round values between two, with their labels; none where there is no room.

    >>> axis_labels(0.0, 1.0)
    [(0.0, '0.0'), (0.2, '0.2'), (0.4, '0.4'), (0.6, '0.6'), (0.8, '0.8'), (1.0, '1.0')]
    """
    span = high - low
    if not (math.isfinite(low) and math.isfinite(high)):
        return []
    ends = [(end, number(end)) for end in dict.fromkeys((low, high))]
    if not span > 0 or not math.isfinite(span):
        return ends
    try:
        step = _nice_step(span, parts)
        first = math.ceil(low / step - 1e-9)
        last = math.floor(high / step + 1e-9)
    except (OverflowError, ValueError, StopIteration):  # no float between the two
        return ends
    if last - first > 2 * parts:
        return ends
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    ticks = [round(place * step, digits) for place in range(first, last + 1)]
    if step >= 1e-4 and max(abs(low), abs(high)) < 1e7:
        return [(tick, f"{tick + 0.0:,.{digits}f}") for tick in ticks]
    return [(tick, number(tick)) for tick in ticks]


def time_labels(low: float, high: float, parts: int = 4) -> list[tuple[float, str]]:
    """The same for seconds since 1970, with as much of the date as is needed.

    >>> time_labels(1356998400.0, 1357603200.0, 3)
    [(1356998400.0, '01-01'), (1357257600.0, '01-04'), (1357516800.0, '01-07')]
    """
    span = high - low
    try:
        start, _ = _EPOCH + timedelta(seconds=low), _EPOCH + timedelta(seconds=high)
    except (OverflowError, ValueError):
        return axis_labels(low, high, parts)
    if span > 2.5 * 365 * _DAY:
        step = math.ceil(span / (365.25 * _DAY) / parts)
        years = (datetime(year, 1, 1, tzinfo=UTC) for year in range(start.year, 10_000, step))
        return _between(years, low, high, "%Y")
    if span > 70 * _DAY:
        step = math.ceil(span / (30.4 * _DAY) / parts)
        months = (
            datetime(start.year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
            for month in range(start.month - 1, (10_000 - start.year) * 12, step)
        )
        return _between(months, low, high, "%Y-%m")
    if span > 2 * _DAY:
        step_s, pattern = math.ceil(span / _DAY / parts) * _DAY, "%m-%d"
    else:
        hours = (1 / 60, 1 / 6, 1, 3, 6, 12)
        step_s = next((3600 * h for h in hours if 3600 * h * parts >= span), _DAY)
        pattern = "%H:%M"
    first = math.ceil(low / step_s)
    if step_s > _DAY:  # from the first day on, not from one that 1970 decides
        first_s = math.ceil(low / _DAY) * _DAY
        moments = (first_s + place * step_s for place in range(parts + 2))
    else:
        moments = ((first + place) * step_s for place in range(parts + 2))
    return _between((_EPOCH + timedelta(seconds=s) for s in moments), low, high, pattern)


def _between(
    moments: Iterable[datetime], low: float, high: float, pattern: str
) -> list[tuple[float, str]]:
    labels: list[tuple[float, str]] = []
    for moment in moments:
        at = (moment - _EPOCH).total_seconds()
        if at > high:
            break
        if at >= low:
            labels.append((at, moment.strftime(pattern)))
    return labels
