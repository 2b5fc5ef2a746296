"""Estimates of performance: what :meth:`driftline.Plan.estimate` answers."""

from __future__ import annotations

import copy
import html
import importlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from driftline.exceptions import InvalidTypeError, InvalidValueError, PackageNotFound
from driftline.report.formatting import number, percent, visible, whole

__all__ = ["PerformanceReport"]

#: Rows that a page or a terminal shows of each metric.
_SHOWN = 40
_COLUMNS = (
    "metric", "start", "end", "rows", "labelled", "coverage", "missing", "estimate", "low",
    "high", "realised", "baseline", "alert", "target", "prediction",
)  # fmt: skip
_COUNTS = ("start", "end", "rows", "labelled", "missing")
_NUMBERS = ("coverage", "estimate", "low", "high", "realised", "baseline")


class PerformanceReport:
    """How well predictions are expected to do, chunk by chunk; read-only.

    :meth:`driftline.Plan.estimate` makes it. It holds a JSON document and nothing else:
    ``task``, ``method``, ``level``, ``rows``, ``chunk_size``, ``classes``, ``positive``,
    ``baseline`` (``rows``, and ``metrics`` with ``value``, ``low`` and ``high``) and
    ``metrics``: for each a list with one entry for each chunk. An entry has ``start`` and
    ``end`` (row numbers, the latter excluded), ``rows``, ``labelled`` and ``coverage`` (rows
    with a label, and their share), ``missing`` (rows left out), ``estimate`` with ``low``
    and ``high``, ``realised`` over the labelled rows (None where there are none), ``alert``
    and, of a confusion matrix, ``cells``. docs/performance_estimation.md explains them.

    Two reports are equal when their documents are; a report pickles.

    >>> import driftline as dl
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> def table(n, shift=0.0):
    ...     p = 1 / (1 + np.exp(-rng.normal(shift, 2.0, n)))
    ...     return {"p": p, "y_pred": p > 0.5, "y": rng.random(n) < p}
    >>> plan = dl.fit(table(5000), target="y", prediction="y_pred", probability="p")
    >>> current = table(2000, shift=1.0)
    >>> report = plan.estimate(current, metrics=["accuracy"], chunk_size=1000)
    >>> for chunk in report["accuracy"]:
    ...     print(round(chunk["estimate"], 2), chunk["low"] <= chunk["realised"] <= chunk["high"])
    0.79 True
    0.8 True
    """

    __slots__ = ("_document",)

    def __init__(self, document: Mapping[str, Any]) -> None:
        if not isinstance(document, Mapping):
            raise InvalidTypeError(
                f"document: got {type(document).__name__}; accepted: a mapping, as "
                "PerformanceReport.to_dict gives it"
            )
        if not isinstance(document.get("metrics"), Mapping) or "baseline" not in document:
            raise InvalidValueError(
                "document: got a mapping without metrics and baseline; accepted: one as "
                "PerformanceReport.to_dict gives it"
            )
        try:
            self._document = json.loads(json.dumps(dict(document), allow_nan=False))
        except (TypeError, ValueError) as error:
            raise InvalidValueError(f"document: {error}; accepted: what JSON can hold") from error

    @classmethod
    def from_json(cls, text: str | bytes) -> PerformanceReport:
        """A report from the text that :meth:`to_json` gave.

        :raises InvalidTypeError: not text, or not a JSON object.
        :raises InvalidValueError: not JSON, or not a document of such a report.
        """
        if not isinstance(text, (str, bytes)):
            raise InvalidTypeError(f"text: got {type(text).__name__}; accepted: str or bytes")
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidValueError(f"text: {error}; accepted: JSON") from error
        return cls(document)

    @classmethod
    def _of(cls, document: dict[str, Any]) -> PerformanceReport:
        """A report of a document that is known to be right and is nobody else's."""
        report = cls.__new__(cls)
        report._document = document
        return report

    @property
    def task(self) -> str:
        """``"binary"``, ``"multiclass"`` or ``"regression"``."""
        return self._document["task"]  # type: ignore[no-any-return]

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the metrics."""
        return tuple(self._document["metrics"])

    @property
    def alerts(self) -> tuple[tuple[str, int], ...]:
        """Metric and number of each chunk with an alert."""
        return tuple(
            (metric, place)
            for metric, chunks in self._document["metrics"].items()
            for place, chunk in enumerate(chunks)
            if chunk["alert"]
        )

    def __contains__(self, metric: object) -> bool:
        return metric in self._document["metrics"]

    def __iter__(self) -> Iterator[str]:
        return iter(self.metrics)

    def __getitem__(self, metric: str) -> list[dict[str, Any]]:
        """The chunks of one metric.

        :raises InvalidValueError: no such metric.
        """
        chunks = self._document["metrics"].get(metric) if isinstance(metric, str) else None
        if chunks is None:
            raise InvalidValueError(
                f"metric: got {metric!r}; accepted: {', '.join(map(repr, self.metrics))}"
            )
        return list(copy.deepcopy(chunks))

    def to_dict(self) -> dict[str, Any]:
        """A copy of the document."""
        return copy.deepcopy(self._document)

    def to_json(self, indent: int | None = None) -> str:
        """The document as JSON.

        :param indent: spaces for each level; by default all stands on one line.
        """
        separators = (",", ":") if indent is None else (",", ": ")
        return json.dumps(self._document, indent=indent, separators=separators)

    def to_frame(self) -> Any:
        """One row for each metric and chunk, and for each cell of a confusion matrix.

        ``metric``, ``start``, ``end``, ``rows``, ``labelled``, ``coverage``, ``missing``,
        ``estimate``, ``low``, ``high``, ``realised``, ``baseline`` (what that realised),
        ``alert``, and of cells ``target`` and ``prediction``.

        :returns: a pandas DataFrame where pandas is installed, else one of polars.
        :raises DriftlineError: neither is installed; also an ImportError.
        """
        rows = self._rows()
        columns = {name: [row[name] for row in rows] for name in _COLUMNS}
        try:
            pandas = importlib.import_module("pandas")
        except ImportError:
            pass
        else:
            for names, kind in ((_COUNTS, "Int64"), (_NUMBERS, "float64"), (["alert"], "boolean")):
                columns |= {name: pandas.array(columns[name], dtype=kind) for name in names}
            return pandas.DataFrame(columns)
        try:
            polars = importlib.import_module("polars")
        except ImportError:
            raise PackageNotFound(
                "to_frame: neither pandas nor polars is installed; install one of them, as with "
                "`pip install pandas` or `pip install polars`, or use to_dict"
            ) from None
        types = dict.fromkeys(_COLUMNS, polars.String)
        types |= dict.fromkeys(_COUNTS, polars.Int64) | dict.fromkeys(_NUMBERS, polars.Float64)
        return polars.DataFrame(columns, schema=types | {"alert": polars.Boolean})

    def _rows(self) -> list[dict[str, Any]]:
        rows = []
        for metric, chunks in self._document["metrics"].items():
            baseline = self._document["baseline"]["metrics"].get(metric) or {}
            known = {
                (cell["target"], cell["prediction"]): cell["realised"]
                for cell in baseline.get("cells") or ()
            }
            for chunk in chunks:
                common = dict.fromkeys(_COLUMNS) | chunk | {"metric": metric}
                cells = common.pop("cells") or ()
                for cell in cells:
                    key = cell["target"], cell["prediction"]
                    own = {name: cell[name] for name in ("target", "prediction", "estimate")}
                    own |= {name: cell[name] for name in ("low", "high", "realised")}
                    rows.append(common | own | {"baseline": known.get(key)})
                if not cells:
                    rows.append(common | {"baseline": baseline.get("value")})
        return rows

    def _table(self) -> list[tuple[str, ...]]:
        """Heads and cells of what is shown: metrics that are one number."""
        shown: list[tuple[str, ...]] = [
            ("metric", "rows", "estimate", "interval", "realised", "labelled", "")
        ]
        for metric, chunks in self._document["metrics"].items():
            if chunks and chunks[0].get("cells") is not None:
                continue
            baseline = self._document["baseline"]["metrics"].get(metric) or {}
            ends = f"{number(baseline.get('low'))} to {number(baseline.get('high'))}"
            value = number(baseline.get("value"))
            shown.append((metric, "baseline", "", ends, value, "", ""))
            for chunk in chunks[:_SHOWN]:
                ends = f"{number(chunk['low'])} to {number(chunk['high'])}"
                shown.append(
                    (
                        metric,
                        f"{chunk['start']}-{chunk['end']}",
                        number(chunk["estimate"]),
                        ends if chunk["low"] is not None else number(None),
                        number(chunk["realised"]),
                        percent(chunk["coverage"]),
                        "alert" if chunk["alert"] else "",
                    )
                )
            if len(chunks) > _SHOWN:
                left = f"{len(chunks) - _SHOWN} chunks more"
                shown.append((metric, left, "", "", "", "", ""))
        return shown

    def _title(self) -> str:
        document = self._document
        return (
            f"{document['method']}, {document['task']}: {whole(document['rows'])} rows in chunks "
            f"of {whole(document['chunk_size'])}, intervals of {percent(document['level'], 0)}"
        )

    def __str__(self) -> str:
        table = self._table()
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in table
        ]
        return "\n".join([self._title(), *lines]).replace("–", "-").replace("∞", "inf")

    def _repr_html_(self) -> str:
        """A table for a notebook."""

        def row(cells: tuple[str, ...], tag: str) -> str:
            inner = "".join(
                f"<{tag}>{html.escape(visible(cell))}</{tag}>" if cell else f"<{tag}></{tag}>"
                for cell in cells
            )
            return f"<tr>{inner}</tr>"

        head, *body = self._table()
        rows = "".join(row(cells, "td") for cells in body)
        caption = html.escape(self._title())
        return f"<table><caption>{caption}</caption>{row(head, 'th')}{rows}</table>"

    def __repr__(self) -> str:
        chunks = max(map(len, self._document["metrics"].values()), default=0)
        return (
            f"PerformanceReport(task={self.task!r}, metrics={list(self.metrics)}, "
            f"chunks={chunks}, alerts={len(self.alerts)})"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PerformanceReport) and self._document == other._document

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return PerformanceReport._of, (self._document,)
