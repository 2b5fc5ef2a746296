"""What detectors did on streams with known changes, and how it reads."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from driftline.report.formatting import number, percent, shorten, visible, whole
from driftline.stream._alarms import as_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Evaluation", "Performance"]

_HEAD: Final = (
    ("detector", ""),
    ("mean", "delay"),
    ("median", "delay"),
    ("missed", ""),
    ("false", "alarms"),
    ("values to a", "false alarm"),
    ("precision", ""),
    ("recall", ""),
    ("F1", ""),
)
_LONGEST_NAME: Final = 30


class Performance:
    """What one detector did on streams with known changes; :func:`evaluate` makes them.

    Counts are sums over all streams; those of ``at_random`` are expectations.
    """

    __slots__ = (
        "alarms",
        "at_random",
        "delays",
        "mean_delay",
        "median_delay",
        "n_changes",
        "n_detected",
        "n_false_alarms",
        "n_quiet",
        "n_repeated",
        "n_values",
        "name",
        "parameters",
    )

    #: What the detector is called.
    name: str
    #: Its parameters, as calibrated; None for detectors that are not of driftline.
    parameters: Mapping[str, Any] | None
    #: Values of all streams.
    n_values: int
    #: Values in no change's window: where each alarm is false.
    n_quiet: int
    #: Changes in all streams.
    n_changes: int
    #: Changes with an alarm in their window.
    n_detected: float
    #: Alarms on a change that had one before.
    n_repeated: float
    #: Alarms in no change's window.
    n_false_alarms: float
    #: From a change to its first alarm, in values, over those detected (mean time to
    #: detection); None without one.
    mean_delay: float | None
    #: The median of the same.
    median_delay: float | None
    #: The delay of each detected change, in order.
    delays: tuple[int, ...]
    #: For each stream the places of its alarms.
    alarms: tuple[NDArray[np.int64], ...]
    #: What is expected of alarms that come at random as often; None for those themselves.
    at_random: Performance | None

    def __init__(self, **fields: Any) -> None:
        for field in self.__slots__:
            setattr(self, field, fields[field])

    @property
    def n_missed(self) -> float:
        """Changes without an alarm in their window."""
        return self.n_changes - self.n_detected

    @property
    def n_alarms(self) -> float:
        """All alarms."""
        return self.n_detected + self.n_repeated + self.n_false_alarms

    @property
    def missed_rate(self) -> float | None:
        """Share of the changes that were missed; None without changes."""
        return self.n_missed / self.n_changes if self.n_changes else None

    @property
    def recall(self) -> float | None:
        """Share of the changes that were detected; None without changes."""
        return self.n_detected / self.n_changes if self.n_changes else None

    @property
    def precision(self) -> float | None:
        """Share of the alarms that were the first on a change; None without alarms."""
        return self.n_detected / self.n_alarms if self.n_alarms else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None without alarms and changes."""
        either = self.n_alarms + self.n_changes
        return 2 * self.n_detected / either if either else None

    @property
    def mean_time_between_false_alarms(self) -> float | None:
        """Quiet values for each false alarm; None without one: it is beyond ``n_quiet``."""
        return self.n_quiet / self.n_false_alarms if self.n_false_alarms else None

    @property
    def mean_time_ratio(self) -> float | None:
        """Mean time between false alarms / mean delay * recall: larger is better; None where
        one of them is, or the mean delay is 0."""
        between, recall = self.mean_time_between_false_alarms, self.recall
        if between is None or recall is None or not self.mean_delay:
            return None
        return between / self.mean_delay * recall

    def to_dict(self) -> dict[str, Any]:
        """All figures as JSON has them, without ``alarms``."""
        figures: dict[str, Any] = {
            field: getattr(self, field)
            for field in ("name", "n_values", "n_quiet", "n_changes", "n_alarms", "n_detected")
        }
        figures |= {
            field: getattr(self, field)
            for field in (
                *("n_missed", "n_repeated", "n_false_alarms", "mean_delay", "median_delay"),
                *("missed_rate", "mean_time_between_false_alarms", "mean_time_ratio"),
                *("precision", "recall", "f1"),
            )
        }
        if self.at_random is not None:
            figures["parameters"] = as_json(self.parameters)
            figures["delays"] = list(self.delays)
            figures["at_random"] = self.at_random.to_dict()
        return figures

    def __repr__(self) -> str:
        return (
            f"Performance({self.name!r}, mean_delay={number(self.mean_delay)}, "
            f"recall={percent(self.recall)}, n_false_alarms={number(self.n_false_alarms)})"
        )

    def _cells(self) -> list[str]:
        between = self.mean_time_between_false_alarms
        return [
            number(None if self.mean_delay is None else round(self.mean_delay, 1)),
            number(None if self.median_delay is None else round(self.median_delay, 1)),
            percent(self.missed_rate),
            number(round(self.n_false_alarms, 1)),
            f">{whole(self.n_quiet)}" if between is None else whole(round(between)),
            *(_share(share) for share in (self.precision, self.recall, self.f1)),
        ]


class Evaluation(Mapping[str, Performance]):
    """What :func:`evaluate` found: from names to :class:`Performance`; prints as a table."""

    def __init__(
        self,
        performances: Iterable[Performance],
        *,
        n_streams: int,
        tolerance: int | None,
        false_alarm_every: float | str | None,
    ) -> None:
        self._performances = {one.name: one for one in performances}
        #: How many streams there were.
        self.n_streams = n_streams
        #: Values after a change in which an alarm is its detection; None: up to the next.
        self.tolerance = tolerance
        #: What the detectors were calibrated to; None: they ran as they were given.
        self.false_alarm_every = false_alarm_every

    def __getitem__(self, name: str) -> Performance:
        return self._performances[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._performances)

    def __len__(self) -> int:
        return len(self._performances)

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return {
            "n_streams": self.n_streams,
            "tolerance": self.tolerance,
            "false_alarm_every": self.false_alarm_every,
            "detectors": [one.to_dict() for one in self.values()],
        }

    def _head(self) -> str:
        any_one = next(iter(self.values()))
        n_streams, n_changes = self.n_streams, any_one.n_changes
        head = (
            f"{whole(n_streams)} stream{'s' * (n_streams != 1)}, "
            f"{whole(any_one.n_values)} values, "
            f"{whole(n_changes)} change{'s' * (n_changes != 1)}"
        )
        if self.tolerance is not None:
            head += f"; detected within {whole(self.tolerance)} values"
        if self.false_alarm_every is not None:
            every = self.false_alarm_every
            shown = every if isinstance(every, str) else f"{number(every)} values"
            head += f"; calibrated to a false alarm every {shown}"
        return head

    def _rows(self) -> Iterator[list[str]]:
        for one in self.values():
            yield [shorten(visible(one.name), _LONGEST_NAME), *one._cells()]
            if one.at_random is not None:
                yield ["  at random", *one.at_random._cells()]

    def __str__(self) -> str:
        rows = [[first for first, _ in _HEAD], [second for _, second in _HEAD], *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                cell.ljust(width) if place == 0 else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        return "\n".join([self._head(), "", *lines])

    def __repr__(self) -> str:
        return f"Evaluation({', '.join(map(repr, self))}; {whole(self.n_streams)} streams)"

    def _repr_html_(self) -> str:
        def row(cells: Sequence[str], tag: str) -> str:
            return (
                "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"
            )

        head = row([" ".join(filter(None, pair)) for pair in _HEAD], "th")
        body = "".join(row(cells, "td") for cells in self._rows())
        return (
            f"<table><caption>{html.escape(self._head())}</caption>"
            f"<thead>{head}</thead><tbody>{body}</tbody></table>"
        )


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.2f}"
