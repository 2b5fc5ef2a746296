"""A row for each column, for pandas or polars."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from driftline.exceptions import PackageNotFound
from driftline.report.formatting import whole_characters

if TYPE_CHECKING:
    from driftline.report.document import DriftReport

__all__ = ["to_frame"]


def to_frame(report: DriftReport) -> Any:
    """See :meth:`DriftReport.to_frame`."""
    texts, numbers, counts = _columns([column._entry for column in report.columns])
    try:
        pandas = importlib.import_module("pandas")
    except ImportError:
        pass
    else:
        columns = {
            **texts,
            **{name: pandas.array(v, dtype="float64") for name, v in numbers.items()},
            **{name: pandas.array(v, dtype="Int64") for name, v in counts.items()},
        }
        return pandas.DataFrame({name: columns[name] for name in _ORDER})
    try:
        polars = importlib.import_module("polars")
    except ImportError:
        raise PackageNotFound(
            "to_frame: neither pandas nor polars is installed; install one of them, as with "
            "`pip install pandas` or `pip install polars`, or use to_dict"
        ) from None
    types = {
        **dict.fromkeys(texts, polars.String),
        **dict.fromkeys(numbers, polars.Float64),
        **dict.fromkeys(counts, polars.Int64),
    }
    columns = {**texts, **numbers, **counts}
    return polars.DataFrame(
        {name: columns[name] for name in _ORDER}, schema={name: types[name] for name in _ORDER}
    )


_ORDER = (
    "name", "kind", "role", "verdict", "reasons", "test", "statistic", "p_value", "p_adjusted",
    "effect_size", "effect_low", "effect_high", "rows_needed", "missing_baseline",
    "missing_current", "missing_difference", "unseen_rows", "unseen_share",
)  # fmt: skip


def _columns(entries: list[Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Texts, numbers and counts."""

    def of(name: str, within: str | None = None) -> list[Any]:
        if within is None:
            return [entry[name] for entry in entries]
        return [(entry[within] or {}).get(name) for entry in entries]

    texts = {name: of(name) for name in ("kind", "role", "verdict", "test")}
    texts["name"] = [whole_characters(name) for name in of("name")]
    texts["reasons"] = [",".join(entry["reasons"]) for entry in entries]
    numbers = {name: of(name) for name in ("statistic", "p_value", "p_adjusted", "effect_size")}
    numbers |= {f"effect_{name}": of(name, "effect") for name in ("low", "high")}
    numbers |= {
        f"missing_{name}": of(name, "missing") for name in ("baseline", "current", "difference")
    }
    numbers["unseen_share"] = of("share", "unseen")
    counts = {"rows_needed": of("rows_needed"), "unseen_rows": of("rows", "unseen")}
    return texts, numbers, counts
