"""Reports of drift: what :func:`driftline.compare` answers, and ways to look at it.

A report is a JSON document and nothing else. :class:`DriftReport` reads it: printed it is
a table, in a notebook a page, ``to_html`` writes that page into a file of its own,
``to_json`` gives the document, ``to_frame`` a row for each column and ``plot`` a picture of
one. ``json_schema()`` describes the document.

    terminal    the table that is printed
    html        the page
    plot        pictures with Matplotlib
    performance estimates of performance, a report of their own
    frame       rows for pandas or polars
    schema.json what a document holds; ``validation`` checks one against it
"""

from driftline.report.column import ColumnReport
from driftline.report.document import DriftReport
from driftline.report.performance import PerformanceReport
from driftline.report.validation import json_schema

__all__ = ["ColumnReport", "DriftReport", "PerformanceReport", "json_schema"]
