"""Pages made of docstrings: a summary, sections, parameters and an example.

Each section and each parameter starts a new line.
"""

import inspect
import re
import sys


class Docstring:
    """The docstring of a class as paragraphs: one for each section, one for each parameter."""

    def __init__(self, kind, titles):
        self.kind, self.titles = kind, titles
        text = inspect.getdoc(kind) or ""
        parts = re.split(rf"\n\s*\n|\n(?=(?:{'|'.join(titles)}): )|\n(?=:param )", text)
        self.paragraphs = [part.strip() for part in parts if part.strip()]

    def summary(self):
        """The first sentence."""
        return " ".join(self.paragraphs[0].split())

    def sections(self):
        """The text of each section that it has, in its order."""
        found = {}
        for part in self.paragraphs:
            title, colon, text = part.partition(":")
            if colon and title in self.titles:
                found[title] = " ".join(text.split())
        return found

    def parameters(self):
        """What it says about each parameter."""
        found = {}
        for part in self.paragraphs:
            if part.startswith(":param "):
                parameter, _, text = part.removeprefix(":param ").partition(":")
                found[parameter.strip()] = " ".join(text.split())
        return found

    def entry(self, module):
        """The class as it is made, and everything that is said about it, as lines."""
        lines = ["```python", f"{module}.{self.kind.__name__}{inspect.signature(self.kind)}"]
        lines += ["```", ""]
        example = []
        for part in self.paragraphs:
            if part.startswith(">>>"):
                example.append(part)
            elif part.partition(":")[0] not in self.titles and not part.startswith(":param "):
                lines += [markdown(" ".join(part.split())), ""]
        for title, text in self.sections().items():
            lines += [f"**{title}.** {markdown(text)}", ""]
        if found := self.parameters():
            lines += [f"- `{parameter}`: {markdown(text)}" for parameter, text in found.items()]
            lines.append("")
        if example:
            lines += ["```pycon", *example, "```", ""]
        return lines


def markdown(text):
    """Docstring markup as Markdown."""
    return text.replace("``", "`").replace("|", "\\|")


def page(head, column, families, what, entry):
    """All of it: families, by title, as tables, then each member's entry.

    ``what`` gives a member's class and what stands in the ``column``, ``entry`` its lines.
    """
    families = {title: members for title, members in families.items() if members}
    lines = [head]
    for title, members in families.items():
        lines += [f"**{title}**", "", f"| name | class |{column}|", "|---|---|---|"]
        for name in members:
            kind, text = what(name)
            lines.append(f"| [`{name}`](#{name}) | `{kind.__name__}` | {markdown(text)} |")
        lines.append("")
    for title, members in families.items():
        lines += [f"## {title}", ""]
        for name in members:
            lines += entry(name)
    return "\n".join(lines)


def write(path, text, docstrings):
    """The page; says which docstrings, by name, lack a section."""
    for name, docstring in docstrings.items():
        missing = [title for title in docstring.titles if title not in docstring.sections()]
        if missing:
            print(f"{name}: the docstring has no {', '.join(missing)}", file=sys.stderr)
    path.write_text(text, encoding="utf-8")
    print(f"{path}: written")
