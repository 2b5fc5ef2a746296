"""docs/tests.md is what docs/generate.py writes, and says all about every test."""

import importlib.util
from pathlib import Path

import pytest

from driftline import drift

DOCS = Path(__file__).parents[2] / "docs"


def generator():
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date():
    written = (DOCS / "tests.md").read_text(encoding="utf-8")
    assert written == generator().page(), "run `make docs`"


@pytest.mark.parametrize("name", [*drift.available(), *drift.available("multivariate")])
def test_every_test_says_what_a_reader_needs(name):
    generate = generator()
    found = generate.sections(name)
    assert list(found) == generate.SECTIONS
    assert all(len(text) > 4 for text in found.values())
    assert any(part.startswith(">>>") for part in generate.paragraphs(name))
