"""Completes generated stubs: ``complete_stubs.py FOLDER`` rewrites each ``.pyi`` below it.

An annotation that is written by hand in a ``#[pyo3(signature = ...)]`` arrives in
the stub as quoted text, and nothing imports the names in it. Here it loses its
quotes, and ``collections.abc.Mapping`` becomes ``Mapping`` with its import.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

# A dotted name, unless it is the text of a Literal.
DOTTED = re.compile(r"(?<!['\"\w.])((?:\w+\.)*\w+)\.(\w+)")


def annotations(tree: ast.AST) -> Iterator[ast.expr]:
    """Every annotation of a parameter, a result or a variable."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            yield node.returns


def complete(text: str) -> str:
    """The same stub with every annotation unquoted and its names imported."""
    quoted = [
        node
        for node in annotations(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    lines = text.encode().splitlines(keepends=True)  # positions in the tree count bytes
    imports = set()
    # From the end, so that what is before a replacement keeps its position.
    for node in sorted(quoted, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        imports.update(DOTTED.findall(node.value))
        plain = DOTTED.sub(r"\2", node.value).encode()
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = line[: node.col_offset] + plain + line[node.end_col_offset :]
    # A module does not import what it defines.
    own = {node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}
    imported = [(module, name) for module, name in sorted(imports) if name not in own]
    header = [f"from {module} import {name}\n".encode() for module, name in imported]
    docstring_end = ast.parse(text).body[0].end_lineno or 0
    return b"".join([*lines[:docstring_end], b"\n", *header, *lines[docstring_end:]]).decode()


for path in Path(sys.argv[1]).rglob("*.pyi"):
    path.write_text(complete(path.read_text(encoding="utf-8")), encoding="utf-8")
