"""docs/streams.md and its pictures are what their scripts write, and say all about every
detector."""

import importlib.util
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from driftline import stream

DOCS = Path(__file__).parents[2] / "docs"


def script(name):
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date():
    written = (DOCS / "streams.md").read_text(encoding="utf-8")
    assert written == script("stream_page").page(), "run `make docs`"


@pytest.mark.parametrize("name", stream.available())
def test_every_detector_says_what_a_reader_needs(name):
    page = script("stream_page")
    found = page.sections(name)
    assert list(found) == page.SECTIONS
    assert all(len(text) > 4 for text in found.values())
    assert any(part.startswith(">>>") for part in page.paragraphs(name))
    shared = {"on_drift", "nan_policy", "standardise"}
    assert set(page.parameters(name)) | shared == set(stream.get(name).params) | shared


def test_there_is_a_picture_for_each_and_no_other():
    assert sorted(path.stem for path in (DOCS / "streams").iterdir()) == stream.available()


# Drawn in whole pixels, so that the last bit of a logarithm does not show.
@pytest.mark.parametrize("name", stream.available())
def test_the_picture_is_up_to_date_and_small(name):
    pictures = script("stream_pictures")
    written = (DOCS / "streams" / f"{name}.svg").read_text(encoding="utf-8")
    assert len(written.encode()) < pictures.MOST_BYTES
    assert ElementTree.fromstring(written).tag.endswith("svg")
    assert pictures.picture(name) == written, "run `make docs`"
