"""Samples in files: one column of numbers, NaN for what is missing."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["UnreadableSample", "read_sample"]

#: Cells of a CSV file that stand for a missing value, in any case.
_MISSING: Final = frozenset({"", "na", "n/a", "nan", "null", "none"})


class UnreadableSample(Exception):
    """A file without the sample that was asked for; the message says why.

    ``key`` is ``"path"`` or ``"column"``: which of the two is to blame.
    """

    def __init__(self, message: str, key: str = "path") -> None:
        super().__init__(message)
        self.key = key


def read_sample(path: Path, column: str | int | None) -> npt.ArrayLike:
    """The numbers of a ``.npy`` file, or of a column of a ``.csv`` or ``.parquet`` file.

    :param column: its name or place from 0; None where there is only one.
    :raises UnreadableSample: whatever keeps it from being read.
    """
    suffix = path.suffix.lower()
    readers = {".npy": _npy, ".csv": _csv, ".parquet": _parquet}
    if suffix not in readers:
        raise UnreadableSample(
            f"got a file with the suffix {suffix!r}; accepted: .npy, .csv or .parquet"
        )
    try:
        return readers[suffix](path, column)
    except UnreadableSample:
        raise
    except ImportError as error:
        raise UnreadableSample(str(error)) from error
    except Exception as error:  # whatever a reader makes of what is in the file
        what = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UnreadableSample(
            f"got a file that cannot be read: {str(path)!r} ({what}); accepted: a {suffix} file"
        ) from error


def _npy(path: Path, column: str | int | None) -> npt.ArrayLike:
    if column is not None:
        raise UnreadableSample(
            "got a column for a .npy file, which has none; accepted: path alone", "column"
        )
    array = np.load(path, allow_pickle=False)
    if not isinstance(array, np.ndarray):
        raise UnreadableSample("got an archive of arrays; accepted: one array (numpy.save)")
    if array.ndim != 1:
        raise UnreadableSample(f"got an array of shape {array.shape}; accepted: shape (n,)")
    return array


def _place(names: list[str], column: str | int | None) -> int:
    """Which of the columns is meant."""
    listed = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    if column is None:
        if len(names) == 1:
            return 0
        raise UnreadableSample(
            f"got a file of {len(names)} columns without column; accepted: one of {listed}",
            "column",
        )
    if isinstance(column, int):
        if column < len(names):
            return column
        raise UnreadableSample(
            f"got {column}; accepted: a place from 0 to {len(names) - 1}", "column"
        )
    if names.count(column) != 1:
        raise UnreadableSample(
            f"got {column!r}, which is the name of {names.count(column)} columns; "
            f"accepted: one of {listed}",
            "column",
        )
    return names.index(column)


def _number(cell: str) -> float | None:
    text = cell.strip()
    if text.lower() in _MISSING:
        return math.nan
    try:
        return float(text)
    except ValueError:
        return None


def _csv(path: Path, column: str | int | None) -> npt.ArrayLike:
    values = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        header = next(rows, None)
        if header is None:
            raise UnreadableSample("got an empty file; accepted: a header and a row or more")
        place = _place(header, column)
        if not isinstance(column, str) and all(_number(cell) is not None for cell in header):
            values.append(_number(header[place]))  # there is no header
        for row in rows:
            if not row:
                continue  # an empty line
            value = _number(row[place]) if place < len(row) else math.nan
            if value is None:
                raise UnreadableSample(
                    f"got {row[place][:40]!r} in line {rows.line_num}; accepted: numbers, "
                    "and an empty cell, NA or NaN for what is missing",
                )
            values.append(value)
    return np.array(values, dtype=np.float64)


def _parquet(path: Path, column: str | int | None) -> npt.ArrayLike:
    try:
        import pyarrow.parquet
    except ImportError:
        return _parquet_otherwise(path, column)
    with pyarrow.parquet.ParquetFile(path) as file:
        names = file.schema_arrow.names
        place = _place(names, column)
        table = file.read(columns=[names[place]])
    values: Any = table.column(0)
    return _as_floats(values.to_numpy())


def _parquet_otherwise(path: Path, column: str | int | None) -> npt.ArrayLike:
    try:
        import polars
    except ImportError:
        pass
    else:
        names = list(polars.read_parquet_schema(path))
        name = names[_place(names, column)]
        return _as_floats(polars.read_parquet(path, columns=[name])[name].to_numpy())
    try:
        import fastparquet
    except ImportError:
        raise ImportError(
            "got a .parquet file, which needs pyarrow, polars or fastparquet; "
            "install one with: pip install 'driftline[parquet]'"
        ) from None
    file = fastparquet.ParquetFile(str(path))
    name = file.columns[_place(list(file.columns), column)]
    return _as_floats(file.to_pandas(columns=[name])[name].to_numpy())


def _as_floats(values: Any) -> npt.ArrayLike:
    """Objects, such as None among integers, as floats; the rest as it is."""
    array = np.asarray(values)
    return array.astype(np.float64) if array.dtype == object else array
