"""Writes docs/tests.md from the list of tests: ``python docs/generate.py`` (``make docs``).

Everything on the page comes from what is compiled: names, families, signatures and
docstrings. The docstring of a test has a summary, a description, the sections below, each
from a new line on, and an example.
"""

from pathlib import Path

import docstrings

from driftline import drift

NAMES = sorted([*drift.available(), *drift.available("multivariate")])
PAGE = Path(__file__).with_name("tests.md")
SECTIONS = ["Formula", "Assumes", "Use it", "Not for", "Cost", "Source"]
HEAD = """\
# Two-sample tests and distances

Written by `make docs` from the list of tests; do not edit it by hand.

Each test compares a `baseline` with a `current` sample and answers with a
`driftline.drift.TestResult`: `statistic`, `p_value` (where there is one), `effect_size` and
what was compared. `drift.get(name, **parameters)` makes one by name; so do configuration
files. How often each raises a false alarm stands in [false_alarms.md](false_alarms.md).
"""
# By the base class in driftline.drift; the first that fits.
FAMILIES = {
    "MultivariateTest": "Tests of several columns at once",
    "CategoricalTest": "Tests of shares: bins or categories",
    "UnivariateTest": "Tests of numbers",
}


def family(name):
    """The title under which a test stands."""
    test = drift.get(name)
    for base, title in FAMILIES.items():
        if hasattr(drift, base) and isinstance(test, getattr(drift, base)):
            return title
    raise LookupError(f"{name}: {type(test)} is of no family")


def docstring(name):
    """That of a test."""
    return docstrings.Docstring(type(drift.get(name)), SECTIONS)


def what(name):
    """The class, and what it is."""
    found = docstring(name)
    return found.kind, found.summary()


def entry(name):
    """Everything about one test."""
    return [f"### {name}", "", *docstring(name).entry("drift")]


def page():
    """The page as it should be."""
    families = {
        title: [name for name in NAMES if family(name) == title]
        for title in reversed(FAMILIES.values())
    }
    return docstrings.page(HEAD, " ", families, what, entry)


if __name__ == "__main__":
    docstrings.write(PAGE, page(), {name: docstring(name) for name in NAMES})
