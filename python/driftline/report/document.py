"""The report as an object: the document of the schema, read-only."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from driftline.exceptions import ColumnNotFound, InvalidTypeError, InvalidValueError
from driftline.report import validation
from driftline.report.column import ColumnReport, _copied, _read_only

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["DriftReport"]


class DriftReport:
    """What a comparison of two tables found; read-only.

    :func:`driftline.compare` makes it. It holds a JSON document and nothing else: no rows,
    nothing that depends on the time, the machine or the container of the data. Two reports
    are equal when their documents are; a report pickles.

    ``print(report)`` shows a table, the gravest columns first; a notebook shows the page
    that :meth:`to_html` writes. ``report["age"]`` is one column, ``len(report)`` their
    number, and iterating gives them in the order of the table.

    :param document: a mapping as :meth:`to_dict` gives it. It is copied, and all of it is
        checked against the schema.
    :raises InvalidTypeError: not a mapping, or a value in it of a wrong type.
    :raises InvalidValueError: not a document of a report, or one of another version.

    >>> import driftline as dl
    >>> report = dl.compare({"age": [31.0, 44.0] * 500}, {"age": [31.0, 95.0] * 500})
    >>> report.verdict, report.drifted
    ('drifted', ('age',))
    >>> dl.DriftReport.from_json(report.to_json()) == report
    True
    """

    __slots__ = ("_columns", "_document", "_places")

    def __init__(self, document: Mapping[str, Any]) -> None:
        if not isinstance(document, Mapping):
            raise InvalidTypeError(
                f"document: got {type(document).__name__}; accepted: a mapping, as "
                "DriftReport.to_dict gives it"
            )
        try:
            copied = json.loads(json.dumps(dict(document), allow_nan=False))
        except (TypeError, ValueError) as error:
            raise InvalidValueError(f"document: {error}; accepted: what JSON can hold") from error
        validation.check(copied)
        self._read(copied)

    def _read(self, document: dict[str, Any]) -> None:
        self._document = document
        self._columns = tuple(map(ColumnReport, document["columns"]))
        self._places = {column.name: column for column in self._columns}

    @classmethod
    def from_json(cls, text: str | bytes) -> DriftReport:
        """A report from the text that :meth:`to_json` gave.

        The whole document is checked against the schema first.

        :raises InvalidTypeError: not text, or a value in it of a wrong type.
        :raises InvalidValueError: not JSON, or not a document of a report.
        """
        if not isinstance(text, (str, bytes)):
            raise InvalidTypeError(f"text: got {type(text).__name__}; accepted: str or bytes")
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidValueError(f"text: {error}; accepted: JSON") from error
        validation.check(document)
        return cls._of(document)

    @classmethod
    def _of(cls, document: dict[str, Any]) -> DriftReport:
        """A report of a document that is known to be right and is nobody else's."""
        report = cls.__new__(cls)
        report._read(document)
        return report

    # --- what it says -----------------------------------------------------------

    @property
    def verdict(self) -> Literal["drifted", "inconclusive", "stable"]:
        """``"drifted"``, ``"inconclusive"`` or ``"stable"``."""
        return self._document["verdict"]  # type: ignore[no-any-return]

    @property
    def columns(self) -> tuple[ColumnReport, ...]:
        """One for each column that was judged, in the order of the table."""
        return self._columns

    @property
    def drifted(self) -> tuple[str, ...]:
        """The names of the columns that drifted, in the order of the table."""
        return tuple(column.name for column in self._columns if column.verdict == "drifted")

    @property
    def baseline(self) -> Mapping[str, Any]:
        """``rows`` and ``duplicate_rows`` of the baseline."""
        return _read_only(self._document["baseline"])  # type: ignore[no-any-return]

    @property
    def current(self) -> Mapping[str, Any]:
        """``rows`` and ``duplicate_rows`` of the current side."""
        return _read_only(self._document["current"])  # type: ignore[no-any-return]

    @property
    def options(self) -> Mapping[str, Any]:
        """``alpha``, ``min_effect``, ``correction`` and ``seed``."""
        return _read_only(self._document["options"])  # type: ignore[no-any-return]

    @property
    def table(self) -> Mapping[str, Any]:
        """``columns`` judged, ``drifted``, ``stable`` and ``inconclusive`` ones, and
        ``share_drifted`` with ``share_drifted_low`` and ``share_drifted_high``."""
        return _read_only(self._document["table"])  # type: ignore[no-any-return]

    @property
    def schema(self) -> Mapping[str, Any]:
        """``missing``, ``new``, ``changed`` and ``skipped`` columns."""
        return _read_only(self._document["schema"])  # type: ignore[no-any-return]

    @property
    def multivariate(self) -> Mapping[str, Any] | None:
        """The verdict on all columns together, with those that carry it."""
        return _read_only(self._document["multivariate"])  # type: ignore[no-any-return]

    @property
    def performance(self) -> Mapping[str, Any] | None:
        """``task`` and ``metrics``, when target and prediction were named."""
        return _read_only(self._document["performance"])  # type: ignore[no-any-return]

    @property
    def segments(self) -> Mapping[str, Any] | None:
        """The comparison within groups of rows: where the change comes from."""
        return _read_only(self._document["segments"])  # type: ignore[no-any-return]

    @property
    def periods(self) -> Mapping[str, Any] | None:
        """The comparison of each period."""
        return _read_only(self._document["periods"])  # type: ignore[no-any-return]

    def __getitem__(self, name: str) -> ColumnReport:
        """The column of that name.

        :raises ColumnNotFound: there is none; also a KeyError.
        """
        try:
            return self._places[name]
        except (KeyError, TypeError):
            raise ColumnNotFound(self._no_column(name)) from None

    def _no_column(self, name: object) -> str:
        close = difflib.get_close_matches(str(name), list(self._places)[:1000], 1)
        hint = f"did you mean {close[0]!r}?" if close else self._some_names()
        return f"column: the report has none of the name {name!r}; {hint}"

    def _some_names(self) -> str:
        names = ", ".join(repr(column.name) for column in self._columns[:10])
        return f"accepted: {names}{', ...' if len(self._columns) > 10 else ''}"

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._places

    def __iter__(self) -> Iterator[ColumnReport]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def _by_severity(self) -> list[ColumnReport]:
        return sorted(self._columns, key=lambda column: column._severity)

    # --- ways to look at it -----------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """A copy of the document."""
        return _copied(self._document)  # type: ignore[no-any-return]

    def to_json(self, indent: int | None = None) -> str:
        """The document as JSON, as ``driftline.report.json_schema()`` describes it.

        The same data gives the same text, character by character.

        :param indent: spaces for each level; by default all stands on one line.
        """
        separators = (",", ":") if indent is None else (",", ": ")
        return json.dumps(self._document, indent=indent, separators=separators)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """A page that shows everything: verdict first, the gravest columns before others.

        One file that needs nothing from elsewhere and asks for nothing: pictures and style
        are part of it. It holds bins, quantiles and counts of categories, never rows. It
        can be sorted and filtered, follows the light or dark scheme of the reader, and
        works with a keyboard, with a screen reader, and without its script.

        Of more than 100 columns the stable ones stand in the table without pictures; at
        most 300 have pictures. The page says so.

        :param path: a file to write it to, in UTF-8; one that is there is replaced.
        :returns: the page.
        :raises InvalidTypeError: a path that is none.
        :raises OSError: the file cannot be written.
        """
        from driftline.report import html

        if path is not None and not isinstance(path, (str, os.PathLike)):
            raise InvalidTypeError(f"path: got {type(path).__name__}; accepted: str or a path")
        page = html.page(self)
        if path is not None:
            Path(path).write_text(page, encoding="utf-8", newline="\n")
        return page

    def _repr_html_(self) -> str:
        """The same for a notebook: a part of a page, whose style stays within."""
        from driftline.report import html

        return html.fragment(self)

    def to_frame(self) -> Any:
        """One row for each column, in the order of the table.

        ``name``, ``kind``, ``role``, ``verdict``, ``reasons`` (joined by commas), ``test``,
        ``statistic``, ``p_value``, ``p_adjusted``, ``effect_size`` with ``effect_low`` and
        ``effect_high``, ``rows_needed``, ``missing_baseline``, ``missing_current``,
        ``missing_difference``, ``unseen_rows`` and ``unseen_share``.

        :returns: a pandas DataFrame where pandas is installed, else one of polars.
        :raises DriftlineError: neither is installed; also an ImportError.
        """
        from driftline.report import frame

        return frame.to_frame(self)

    def plot(self, column: str, ax: Axes | None = None) -> Axes:
        """A picture of one column, with Matplotlib.

        Numbers and times: the histograms of both sides, one over the other, and below them
        the quantiles of each. Categories: a pair of bars for each. The title gives the
        share of rows moved.

        :param column: its name.
        :param ax: where to draw; by default a new figure of ``matplotlib.pyplot``.
        :returns: the Axes of the main picture; ``.figure`` is the figure.
        :raises ColumnNotFound: no such column; also a KeyError.
        :raises InvalidValueError: a column of which there is nothing to draw.
        :raises DriftlineError: Matplotlib is not installed; also an ImportError.
        """
        from driftline.report import plot

        return plot.plot(self, self[column], ax)

    def __str__(self) -> str:
        from driftline.report import terminal

        return terminal.render(self)

    def __repr__(self) -> str:
        table = self._document["table"]
        return (
            f"DriftReport(verdict={self.verdict!r}, columns={table['columns']}, "
            f"drifted={table['drifted']}, inconclusive={table['inconclusive']}, "
            f"stable={table['stable']})"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DriftReport) and self._document == other._document

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return DriftReport._of, (self._document,)
