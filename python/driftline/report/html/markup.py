"""What texts, names and verdicts are as HTML.

Every text of the user's passes through :func:`text` or :func:`name`.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from driftline.report import wording
from driftline.report.formatting import shorten, visible

if TYPE_CHECKING:
    from driftline.report.document import DriftReport

__all__ = ["SIGNS", "Context", "name", "row", "section", "text", "verdict"]

#: A shape for each verdict, so that it does not rest on colour.
SIGNS: Final = {"drifted": "▲", "inconclusive": "◆", "stable": "●"}

#: Beyond this number of columns only those that are not stable have pictures.
_PICTURES_FOR_ALL: Final = 100
_MOST_PICTURES: Final = 300


class Context:
    """A report being shown: its columns by severity, and what goes for all of them."""

    def __init__(self, report: DriftReport, prefix: str) -> None:
        self.document = report._document
        self.prefix = prefix
        #: The columns, the gravest first, as entries of the document.
        self.entries: list[Any] = [column._entry for column in report._by_severity()]
        self.strongest = wording.strongest(report)
        shown = [
            place
            for place, entry in enumerate(self.entries)
            if len(self.entries) <= _PICTURES_FOR_ALL or entry["verdict"] != "stable"
        ]
        #: Places of the columns that have pictures.
        self.pictured = frozenset(shown[:_MOST_PICTURES])
        #: Where a column's pictures are.
        self.places = {self.entries[place]["name"]: place for place in sorted(self.pictured)}
        effects = [entry["effect"] for entry in self.entries]
        least = 2 * self.document["options"]["min_effect"]
        #: The end of the axis on which shares of rows moved are shown.
        self.widest = _ceiling(max([least, *(e["high"] or 0.0 for e in effects if e)]))

    def link(self, given: str) -> str:
        """A name, as a link to its pictures where it has some."""
        place = self.places.get(given)
        if place is None:
            return name(given)
        return f'<a href="#{self.prefix}c{place}">{name(given)}</a>'


def _ceiling(share: float) -> float:
    """The next round share."""
    return next(one for one in (0.1, 0.2, 0.5, 1.0) if share <= one or one == 1.0)


def text(given: str) -> str:
    """Any text, escaped; what would act on the page is made visible."""
    return html.escape(visible(given))


def name(given: str, length: int = 200) -> str:
    """A name, escaped; its direction of writing stays its own.

    >>> name("a<b")
    '<bdi>a&lt;b</bdi>'
    """
    return f"<bdi>{html.escape(shorten(visible(given), length))}</bdi>"


def verdict(given: str) -> str:
    """The sign and the word."""
    sign = f'<span aria-hidden="true">{SIGNS[given]}</span>'
    return f'<span class="v {given}">{sign} {wording.VERDICTS[given]}</span>'


def row(cells: Iterable[str], attributes: str = "") -> str:
    """A row of a table: its first cell is its head."""
    first, *others = cells
    inner = "".join(f"<td>{cell}</td>" for cell in others)
    return f'<tr{attributes}><th scope="row">{first}</th>{inner}</tr>\n'


def heads(titles: Iterable[str]) -> str:
    """The head of a table."""
    inner = "".join(f'<th scope="col">{title}</th>' for title in titles)
    return f"<thead><tr>{inner}</tr></thead>\n"


def section(context: Context, key: str, title: str, content: str) -> str:
    """A part of the page with its heading."""
    label = f"{context.prefix}-{key}"
    return (
        f'<section aria-labelledby="{label}">\n<h2 id="{label}">{title}</h2>\n{content}</section>\n'
    )
