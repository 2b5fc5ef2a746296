"""docs/streams.md and its pictures are what their scripts write, and say all about every
detector."""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from driftline import stream

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS))
import stream_page  # noqa: E402
import stream_pictures  # noqa: E402


def test_the_page_is_up_to_date():
    written = (DOCS / "streams.md").read_text(encoding="utf-8")
    assert written == stream_page.page(), "run `make docs`"


@pytest.mark.parametrize("name", stream.available())
def test_every_detector_says_what_a_reader_needs(name):
    docstring = stream_page.docstring(name)
    found = docstring.sections()
    assert list(found) == stream_page.SECTIONS
    assert all(len(text) > 4 for text in found.values())
    assert any(part.startswith(">>>") for part in docstring.paragraphs)
    shared = {"on_drift", "nan_policy", "standardise"}
    assert set(docstring.parameters()) | shared == set(stream.get(name).params) | shared


def test_there_is_a_picture_for_each_and_no_other():
    assert sorted(path.stem for path in (DOCS / "streams").iterdir()) == stream.available()


# Drawn in whole pixels, so that the last bit of a logarithm does not show.
@pytest.mark.parametrize("name", stream.available())
def test_the_picture_is_up_to_date_and_small(name):
    written = (DOCS / "streams" / f"{name}.svg").read_text(encoding="utf-8")
    assert len(written.encode()) < stream_pictures.MOST_BYTES
    assert ElementTree.fromstring(written).tag.endswith("svg")
    assert stream_pictures.picture(name) == written, "run `make docs`"
