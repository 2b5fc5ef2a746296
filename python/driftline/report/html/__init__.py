"""A report as a page: one file, or a part of a notebook.

markup    texts, names and verdicts as HTML; nothing gets into a page except through it
charts    histograms, quantiles, intervals, bars, trends as SVG
overview  the verdict and the table of columns
cards     each column with its figures
sections  all columns together, performance, segments, periods, schema, how to read it
style.css, script.js
"""

from __future__ import annotations

import base64
import functools
import hashlib
import zlib
from collections.abc import Callable
from importlib import resources
from typing import TYPE_CHECKING

from driftline.report import wording
from driftline.report.html import cards, overview, sections
from driftline.report.html.markup import Context

if TYPE_CHECKING:
    from driftline.report.document import DriftReport

__all__ = ["fragment", "page"]


def _read(name: str) -> str:
    """A file of this folder, without comments and indentation."""
    text = (resources.files("driftline.report.html") / name).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(("//", "/*")))


_part: Callable[[str], str] = functools.cache(_read)


def _policy() -> str:
    """Nothing may be loaded, and no script but the page's own may run."""
    digest = base64.b64encode(hashlib.sha256(_part("script.js").encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )


def page(report: DriftReport) -> str:
    """A page of its own."""
    title = f"{wording.VERDICTS[report.verdict]}: {wording.headline(report._document)}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n"
        f"<style>{_part('style.css')}\nbody{{margin:0}}</style>\n</head>\n<body>\n"
        f'<main class="driftline page">\n{_content(report, "d")}</main>\n'
        f"<script>{_part('script.js')}</script>\n</body>\n</html>\n"
    )


def fragment(report: DriftReport) -> str:
    """The same to be put into a page of somebody else's, as notebooks do."""
    # Several reports may stand in one notebook: each has names of its own.
    prefix = f"d{zlib.crc32(report.to_json().encode()):08x}"
    return (
        f"<style>{_part('style.css')}</style>\n"
        f'<div class="driftline" lang="en">\n{_content(report, prefix)}</div>\n'
        f"<script>{_part('script.js')}</script>\n"
    )


def _content(report: DriftReport, prefix: str) -> str:
    context = Context(report, prefix)
    return "".join(
        (
            overview.header(context),
            sections.periods(context),
            overview.table(context),
            '<div class="pair">\n',
            sections.together(context),
            sections.performance(context),
            "</div>\n",
            sections.segments(context),
            sections.schema(context),
            cards.cards(context),
            sections.reading(context),
        )
    )
