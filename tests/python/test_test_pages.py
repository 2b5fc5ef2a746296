"""docs/tests.md is what docs/generate.py writes, and says all about every test."""

import sys
from pathlib import Path

import pytest

from driftline import drift

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS))
import generate  # noqa: E402


def test_the_page_is_up_to_date():
    written = (DOCS / "tests.md").read_text(encoding="utf-8")
    assert written == generate.page(), "run `make docs`"


@pytest.mark.parametrize("name", [*drift.available(), *drift.available("multivariate")])
def test_every_test_says_what_a_reader_needs(name):
    docstring = generate.docstring(name)
    found = docstring.sections()
    assert list(found) == generate.SECTIONS
    assert all(len(text) > 4 for text in found.values())
    assert any(part.startswith(">>>") for part in docstring.paragraphs)
