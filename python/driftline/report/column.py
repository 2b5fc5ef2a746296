"""One column of a report."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

__all__ = ["ColumnReport"]


_RANK: Final = {"drifted": 0, "inconclusive": 1, "stable": 2}


def _read_only(value: Any) -> Any:
    """A view that cannot be written through."""
    if isinstance(value, dict):
        return MappingProxyType({key: _read_only(one) for key, one in value.items()})
    if isinstance(value, list):
        return tuple(_read_only(one) for one in value)
    return value


class ColumnReport:
    """What became of one column: verdict, evidence and figures; read-only.

    Made by :class:`DriftReport`. The attributes are the keys of an entry of ``columns`` in
    the document, and mean what ``driftline.report.json_schema()`` says; what is an object
    there is a read-only mapping here, and a list a tuple.

    >>> import driftline as dl
    >>> report = dl.compare({"age": [31.0, 44.0] * 500}, {"age": [31.0, 95.0] * 500})
    >>> report["age"].verdict, report["age"].effect["value"]
    ('drifted', 0.5)
    """

    __slots__ = ("_entry",)

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self._entry = entry

    @property
    def name(self) -> str:
        """The column's name."""
        return self._entry["name"]  # type: ignore[no-any-return]

    @property
    def kind(self) -> Literal["numeric", "categorical", "datetime", "missing"]:
        """``"numeric"``, ``"categorical"``, ``"datetime"`` or ``"missing"``."""
        return self._entry["kind"]  # type: ignore[no-any-return]

    @property
    def role(self) -> Literal["feature", "target", "prediction"]:
        """``"feature"``, ``"target"`` or ``"prediction"``."""
        return self._entry["role"]  # type: ignore[no-any-return]

    @property
    def verdict(self) -> Literal["drifted", "inconclusive", "stable"]:
        """``"drifted"``, ``"inconclusive"`` or ``"stable"``."""
        return self._entry["verdict"]  # type: ignore[no-any-return]

    @property
    def reasons(self) -> tuple[str, ...]:
        """What made it drifted: ``"values"``, ``"missing"``, ``"unseen"``, ``"hour"``,
        ``"weekday"``, ``"p_value"``."""
        return tuple(self._entry["reasons"])

    @property
    def explanation(self) -> str:
        """The verdict in a sentence."""
        return self._entry["explanation"]  # type: ignore[no-any-return]

    @property
    def flags(self) -> tuple[str, ...]:
        """What is unusual about it, such as ``"constant_baseline"``."""
        return tuple(self._entry["flags"])

    @property
    def test(self) -> str | None:
        """The name of the test."""
        return self._entry["test"]  # type: ignore[no-any-return]

    @property
    def statistic(self) -> float | None:
        """The statistic of the test."""
        return self._entry["statistic"]  # type: ignore[no-any-return]

    @property
    def p_value(self) -> float | None:
        """The p-value of the test."""
        return self._entry["p_value"]  # type: ignore[no-any-return]

    @property
    def log_p_value(self) -> float | None:
        """The natural logarithm of the p-value, also where that is too small for a float."""
        return self._entry["log_p_value"]  # type: ignore[no-any-return]

    @property
    def p_adjusted(self) -> float | None:
        """The p-value, adjusted for the number of columns."""
        return self._entry["p_adjusted"]  # type: ignore[no-any-return]

    @property
    def effect_size(self) -> float | None:
        """The share of rows that moved, from 0 to 1."""
        return self._entry["effect_size"]  # type: ignore[no-any-return]

    @property
    def effect(self) -> Mapping[str, Any] | None:
        """``name``, ``value``, ``low``, ``high`` and ``level``: the share of rows that
        moved, with its confidence interval."""
        return _read_only(self._entry["effect"])  # type: ignore[no-any-return]

    @property
    def rows_needed(self) -> int | None:
        """Rows on each side that would decide, for an inconclusive one."""
        return self._entry["rows_needed"]  # type: ignore[no-any-return]

    @property
    def missing(self) -> Mapping[str, Any]:
        """``baseline`` and ``current`` (rates), ``difference``, ``low``, ``high``,
        ``p_value``."""
        return _read_only(self._entry["missing"])  # type: ignore[no-any-return]

    @property
    def unseen(self) -> Mapping[str, Any] | None:
        """Categories that the baseline does not have: ``rows``, ``share``, ``low``,
        ``high``, ``n_categories`` and the most frequent ``categories``."""
        return _read_only(self._entry["unseen"])  # type: ignore[no-any-return]

    @property
    def vanished(self) -> Mapping[str, Any] | None:
        """Categories that the current side does not have: ``n_categories``,
        ``categories``."""
        return _read_only(self._entry["vanished"])  # type: ignore[no-any-return]

    @property
    def range(self) -> Mapping[str, Any] | None:
        """Current values beyond those of the baseline: ``low``, ``high``, ``below``,
        ``above``, ``share``."""
        return _read_only(self._entry["range"])  # type: ignore[no-any-return]

    @property
    def baseline(self) -> Mapping[str, Any]:
        """A summary of the baseline: ``rows``, ``missing``, ``distinct``, ``min`` …"""
        return _read_only(self._entry["baseline"])  # type: ignore[no-any-return]

    @property
    def current(self) -> Mapping[str, Any]:
        """The same of the current side."""
        return _read_only(self._entry["current"])  # type: ignore[no-any-return]

    @property
    def histogram(self) -> Mapping[str, Any] | None:
        """``edges``, and the rows in each bin: ``baseline``, ``current``."""
        return _read_only(self._entry["histogram"])  # type: ignore[no-any-return]

    @property
    def quantiles(self) -> Mapping[str, Any] | None:
        """``probabilities``, and the quantiles of both sides."""
        return _read_only(self._entry["quantiles"])  # type: ignore[no-any-return]

    @property
    def categories(self) -> tuple[Mapping[str, Any], ...] | None:
        """The most frequent categories: ``category`` (None: all others) and the rows of
        both sides."""
        return _read_only(self._entry["categories"])  # type: ignore[no-any-return]

    @property
    def profiles(self) -> Mapping[str, Any] | None:
        """Of times: ``hour`` and ``weekday``, each ``labels``, the rows of both sides and
        ``effect``."""
        return _read_only(self._entry["profiles"])  # type: ignore[no-any-return]

    def to_dict(self) -> dict[str, Any]:
        """A copy of the column's part of the document."""
        return _copied(self._entry)  # type: ignore[no-any-return]

    @property
    def _severity(self) -> tuple[int, float]:
        """Sorts the gravest to the front: by verdict, then by what is sure, then by what is
        possible."""
        effect, missing, unseen = (self._entry[name] for name in ("effect", "missing", "unseen"))
        if self.verdict == "drifted":
            sure = max(
                (effect or {}).get("low") or 0.0,
                missing["low"] or 0.0,
                -(missing["high"] or 0.0),
                (unseen or {}).get("low") or 0.0,
            )
            return 0, -sure
        bound = "high" if self.verdict == "inconclusive" else "value"
        return _RANK[self.verdict], -((effect or {}).get(bound) or 0.0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ColumnReport) and self._entry == other._entry

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return ColumnReport, (self._entry,)

    def __repr__(self) -> str:
        parts = [repr(self.name), f"kind={self.kind!r}", f"verdict={self.verdict!r}"]
        if self.effect_size is not None:
            parts.append(f"effect_size={self.effect_size:.4g}")
        if self.p_adjusted is not None:
            parts.append(f"p_adjusted={self.p_adjusted:.3g}")
        return f"ColumnReport({', '.join(parts)})"


def _copied(value: Any) -> Any:
    """A copy that its owner may change."""
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_copied(one) for one in value]
    return value
