"""What commands write: files that are all there or not at all, errors in one line."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from driftline.exceptions import DriftlineError

__all__ = ["line_of", "replacing"]


def line_of(error: Exception) -> str:
    """An error as one line, with its class unless its message is for people."""
    text = " ".join(str(error).split())
    if isinstance(error, DriftlineError | OSError) and text:
        return text
    return f"{type(error).__name__}: {text}"


@contextmanager
def replacing(name: str) -> Iterator[TextIO]:
    """A text file of that name, which is there when all of it is; else what was there.

    It is written beside the old one and takes its place. What is no file, such as
    ``/dev/null``, is written to as it is.
    """
    path = Path(os.path.realpath(name))
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
        return
    beside = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}")
    try:
        stream = beside.open("x", encoding="utf-8", newline="\n")
    except OSError as error:
        # Of the name that was given, not of the one beside.
        raise OSError(error.errno, os.strerror(error.errno or 0), name) from None
    try:
        with stream:
            yield stream
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
