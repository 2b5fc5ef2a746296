"""The house rules of the Rust sources: imports run one way, rooms stay small."""

import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src"

# What each room may import from its own crate, besides itself.
ALLOWED = {
    "error": set(),
    "math": {"error"},
    "sketch": {"error", "math"},
    "event": {"error"},
    "drift": {"error", "math", "sketch"},
    "stream": {"error", "drift", "math", "sketch"},
    "fork": set(),
    "labels": {"error", "event"},
    "delivery": {"error", "fork"},
    "alert": {"error", "event", "delivery", "fork"},
    "observer": {
        *("error", "event", "drift", "stream", "sketch", "math", "export"),
        *("alert", "delivery", "fork", "labels", "monitor", "table"),
    },
    "hub": {"error", "event", "observer", "fork"},
    "export": {"error", "event", "drift", "stream", "sketch"},
    "saved": {"error"},
    "estimate": {"error", "math"},
    "table": {"error", "drift", "estimate", "math", "saved", "sketch"},
    "monitor": {"error", "estimate", "event", "labels", "math", "saved", "table"},
    "config": {"error", "stream"},
}
LINES_OF_LIB = 60
ROOMS = sorted({p.relative_to(SOURCES).parts[0].removesuffix(".rs") for p in SOURCES.rglob("*.rs")})


def code_of(room):
    """(path, text without comments) of each file of a room."""
    files = [SOURCES / f"{room}.rs", *sorted((SOURCES / room).rglob("*.rs"))]
    for path in filter(Path.is_file, files):
        yield path, re.sub(r"//.*", "", path.read_text(encoding="utf-8"))


def rooms_named(text):
    """Rooms behind `crate::`, also in `use crate::{a::B, c};`."""
    yield from re.findall(r"\bcrate::(\w+)", text)
    for group in re.findall(r"\bcrate::\{((?:[^{}]|\{[^{}]*\})*)\}", text):
        yield from re.findall(r"(?:^|,)\s*(\w+)", re.sub(r"\{[^{}]*\}", "", group))


def test_reads_every_form_of_import():
    text = "use crate::error::Error; use crate::{event::{Event, Kind}, hub}; crate::math::f(x)"
    assert set(rooms_named(text)) == {"error", "event", "hub", "math"}


@pytest.mark.parametrize("room", [r for r in ROOMS if r not in ("lib", "bindings")])
def test_imports_run_one_way(room):
    assert room in ALLOWED, f"src/{room}: say in this test what it may import"
    for path, text in code_of(room):
        # Names that are no rooms are macros and re-exports of the crate root.
        wrong = set(rooms_named(text)) & (set(ROOMS) | set(ALLOWED)) - ALLOWED[room] - {room}
        assert not wrong, f"{path.relative_to(SOURCES)} imports {sorted(wrong)}"


def test_only_the_bindings_name_python():
    for room in set(ROOMS) - {"bindings"}:
        for path, text in code_of(room):
            # The test modules of a room follow the rule too.
            assert not re.search(r"\b(pyo3|numpy)(::|_)", text), path.relative_to(SOURCES)
            assert "bindings::" not in text, path.relative_to(SOURCES)


def test_lib_is_a_map():
    assert len((SOURCES / "lib.rs").read_text(encoding="utf-8").splitlines()) < LINES_OF_LIB
