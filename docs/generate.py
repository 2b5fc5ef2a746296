"""Writes docs/tests.md from the list of tests: ``python docs/generate.py`` (``make docs``).

Everything on the page comes from what is compiled: names, families, signatures and
docstrings. The docstring of a test has a summary, a description, the sections below, each
from a new line on, and an example.
"""

import inspect
import re
import sys
from pathlib import Path

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


def paragraphs(name):
    """The docstring of a test as paragraphs."""
    text = inspect.getdoc(type(drift.get(name))) or ""
    titles = "|".join(SECTIONS)
    parts = re.split(rf"\n\s*\n|\n(?=(?:{titles}): )", text)
    return [part.strip() for part in parts if part.strip()]


def summary(name):
    """The first sentence."""
    return " ".join(paragraphs(name)[0].split())


def sections(name):
    """The text of each section that a docstring has, in its order."""
    found = {}
    for part in paragraphs(name):
        title, colon, text = part.partition(":")
        if colon and title in SECTIONS:
            found[title] = " ".join(text.split())
    return found


def markdown(text):
    """Docstring markup as Markdown."""
    return text.replace("``", "`").replace("|", "\\|")


def entry(name):
    """Everything about one test."""
    test = type(drift.get(name))
    found = sections(name)
    lines = [f"### {name}", "", "```python", f"drift.{test.__name__}{inspect.signature(test)}"]
    lines += ["```", ""]
    example = []
    for part in paragraphs(name):
        if part.startswith(">>>"):
            example += [part]
        elif part.partition(":")[0] not in SECTIONS:
            lines += [markdown(" ".join(part.split())), ""]
    for title, text in found.items():
        lines += [f"**{title}.** {markdown(text)}", ""]
    if example:
        lines += ["```pycon", *example, "```", ""]
    return lines


def page():
    """The page as it should be."""
    families = {
        title: [name for name in NAMES if family(name) == title]
        for title in reversed(FAMILIES.values())
    }
    lines = [HEAD]
    for title, members in families.items():
        if members:
            lines += [f"**{title}**", "", "| name | class | |", "|---|---|---|"]
            for name in members:
                class_name = type(drift.get(name)).__name__
                what = markdown(summary(name))
                lines.append(f"| [`{name}`](#{name}) | `{class_name}` | {what} |")
            lines.append("")
    for title, members in families.items():
        if members:
            lines += [f"## {title}", ""]
            for name in members:
                lines += entry(name)
    return "\n".join(lines)


def main():
    """Write the page."""
    for name in NAMES:
        missing = [title for title in SECTIONS if title not in sections(name)]
        if missing:
            print(f"{name}: the docstring has no {', '.join(missing)}", file=sys.stderr)
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE}: written")


if __name__ == "__main__":
    main()
