"""Tables in files, and of libraries that only speak the dataframe interchange protocol.

Whichever of pyarrow, polars and duckdb is there reads them, in this order. None of them
is imported before it is needed.
"""

from __future__ import annotations

import csv
import gzip
import math
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, Final

from driftline.exceptions import DriftlineError, InvalidTypeError, InvalidValueError

__all__ = ["MISSING", "exchanged", "open_table", "read_columns", "read_table"]

#: Cells of a CSV file that stand for a missing value, whatever reads it.
MISSING: Final = (
    *("", "NA", "N/A", "n/a", "na", "NaN", "nan", "NAN"),
    *("NULL", "Null", "null", "None", "none", "NONE"),
)

_ACCEPTED: Final = "a table, or the path of a .parquet, .pq, .csv or .csv.gz file"

#: Rows of a batch of a Parquet file.
_BATCH: Final = 131_072


def open_table(argument: str, path: str | os.PathLike[str], reader: str | None = None) -> Any:
    """The table in a Parquet or CSV file, as a container of the library that reads it.

    A Parquet file comes in batches, so that it may be larger than memory; so does a CSV
    file, except through pyarrow. The types of the columns of a CSV file are those that
    the library finds, having looked at all of it; the cells in :data:`MISSING` are
    missing.

    :param argument: what errors call it.
    :param reader: ``"pyarrow"``, ``"polars"`` or ``"duckdb"``; None is the first that is
        there.
    :raises InvalidValueError: for a path without such a file; what the library raises is
        the cause.
    """
    name = os.fspath(path)
    if not isinstance(name, str):
        raise InvalidTypeError(f"{argument}: got a path in bytes; accepted: {_ACCEPTED}")
    kind = _kind(argument, name)
    if kind == "csv":
        _check_header(argument, name)
    readers = _READERS if reader is None else {reader: _READERS[reader]}
    for library, (read_parquet, read_csv) in readers.items():
        if find_spec(library) is None:
            continue
        what = f"{argument}: got the file {name!r}, which {library} cannot read"
        try:
            table = (read_parquet if kind == "parquet" else read_csv)(name)
        except Exception as error:  # whatever a library makes of what is in the file
            raise _unreadable(what, error) from error
        return _batches(what, table) if library == "polars" else table
    raise InvalidValueError(
        f"{argument}: got the path of a file, which needs pyarrow, polars or duckdb to be read; "
        "accepted: a table, or a path with one of them installed: pip install 'driftline[parquet]'"
    )


def read_table(argument: str, path: str | os.PathLike[str], reader: str | None = None) -> Any:
    """As :func:`open_table`, with all rows at hand and not in batches."""
    table = open_table(argument, path, reader)
    try:
        if hasattr(table, "read_all"):  # a RecordBatchReader of pyarrow
            return table.read_all()
        if isinstance(table, Iterator):  # frames of polars
            import polars

            return polars.concat(table)
    except InvalidValueError:
        raise
    except Exception as error:  # whatever a library makes of what is in the file
        raise InvalidValueError(
            f"{argument}: got the file {os.fspath(path)!r}, which cannot be read to its end "
            f"({_line(error)}); accepted: {_ACCEPTED}"
        ) from error
    return table


def read_columns(argument: str, path: str | os.PathLike[str], columns: Sequence[str]) -> list[Any]:
    """Columns of a Parquet or CSV file as NumPy arrays, in the order of ``columns``.

    :raises InvalidValueError: as :func:`open_table`, and for a column that is not there.
    """
    table = read_table(argument, path)
    names = list(getattr(table, "column_names", None) or table.columns)
    for column in columns:
        if column not in names:
            listed = ", ".join(map(repr, names[:20])) + (", ..." if len(names) > 20 else "")
            raise InvalidValueError(
                f"{argument}: got {column!r}, which is no column of {os.fspath(path)!r}; "
                f"accepted: {listed}"
            )
    if hasattr(table, "fetchnumpy"):  # a relation of DuckDB
        found = table.fetchnumpy()
        return [_filled(found[column]) for column in columns]
    return [table[column].to_numpy() for column in columns]


def _filled(array: Any) -> Any:
    """A masked array with NaN or NaT for what is masked; any other as it is."""
    mask = getattr(array, "mask", None)
    if mask is None:
        return array
    if array.dtype.kind in "biu":
        array = array.astype(float)
    data = array.data.copy()
    if getattr(mask, "any", bool)():
        data[mask] = {"M": "NaT", "f": math.nan}.get(array.dtype.kind)
    return data


def _unreadable(what: str, error: Exception) -> InvalidValueError:
    return InvalidValueError(f"{what} ({_line(error)}); accepted: {_ACCEPTED}")


def _batches(what: str, scanned: Any) -> Iterator[Any]:
    """The batches of a lazy frame of polars, one at least."""
    batch = None
    try:
        for batch in scanned.collect_batches(chunk_size=_BATCH):
            yield batch
        if batch is None:
            yield scanned.collect()
    except Exception as error:  # nothing of the file has been looked at before
        raise _unreadable(what, error) from error


def exchanged(argument: str, table: Any) -> Any:
    """A table of which only ``__dataframe__`` is known, as one of pyarrow, polars or pandas.

    :raises InvalidTypeError: without these libraries.
    :raises InvalidValueError: for what they cannot take; what they raise is the cause.
    """
    took: Exception | None = None
    for library, take in _EXCHANGES.items():
        if find_spec(library) is None:
            continue
        try:
            return take(table)
        except Exception as error:  # whatever a foreign table and a library make of each other
            took = took or error
    what = f"{argument}: got an object of type {type(table).__name__} with __dataframe__ alone"
    if took is None:
        raise InvalidTypeError(
            f"{what}; accepted: such an object with pyarrow, polars or pandas installed"
        )
    raise InvalidValueError(
        f"{what}, which cannot be read ({_line(took)}); accepted: a table that can be exchanged"
    ) from took


def _kind(argument: str, path: str) -> str:
    """``"parquet"`` or ``"csv"``."""
    lower = path.lower()
    kind = None
    if lower.endswith((".parquet", ".pq")):
        kind = "parquet"
    elif lower.endswith((".csv", ".csv.gz")):
        kind = "csv"
    shown = repr(path if len(path) <= 200 else path[:200] + "...")
    if "\0" in path or not os.path.exists(path):
        raise InvalidValueError(f"{argument}: got {shown}, where no file is; accepted: {_ACCEPTED}")
    if os.path.isdir(path):
        raise InvalidValueError(f"{argument}: got the folder {shown}; accepted: {_ACCEPTED}")
    if kind is None:
        raise InvalidValueError(
            f"{argument}: got {shown}, a file of another suffix; accepted: {_ACCEPTED}"
        )
    return kind


def _check_header(argument: str, path: str) -> None:
    """Refuses columns of one name, of which some libraries would rename one."""
    opened = gzip.open if path.lower().endswith(".gz") else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as file:
            header = next(csv.reader(file), [])
    except Exception:  # no CSV: the library that reads it says so better
        return
    twice = [name for name, n in Counter(header).items() if n > 1]
    if twice:
        listed = ", ".join(map(repr, twice[:5])) + (", ..." if len(twice) > 5 else "")
        raise InvalidValueError(
            f"{argument}: got a file with several columns of the name {listed}; "
            "accepted: columns with a name of their own each"
        )


def _line(error: Exception) -> str:
    """What a library says, in one line."""
    if isinstance(error, DriftlineError):
        return str(error)
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else text[:200] + "..."


def _pyarrow_parquet(path: str) -> Any:
    import pyarrow
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(path)
    batches = file.iter_batches(batch_size=_BATCH)
    return pyarrow.RecordBatchReader.from_batches(file.schema_arrow, batches)


def _pyarrow_csv(path: str) -> Any:
    import pyarrow.csv

    # `open_csv`, which reads in batches, takes the types of the first for all.
    options = pyarrow.csv.ConvertOptions(null_values=list(MISSING), strings_can_be_null=True)
    return pyarrow.csv.read_csv(path, convert_options=options)


def _polars_parquet(path: str) -> Any:
    import polars

    return polars.scan_parquet(path, glob=False)


def _polars_csv(path: str) -> Any:
    import polars

    return polars.scan_csv(
        path,
        glob=False,
        infer_schema_length=None,
        null_values=list(MISSING),
        try_parse_dates=True,
    )


def _duckdb_parquet(path: str) -> Any:
    return _duckdb().read_parquet(_literal(path))


def _duckdb_csv(path: str) -> Any:
    # What it is not told it guesses, and leaves out lines that do not fit the guess.
    return _duckdb().read_csv(
        _literal(path),
        sep=",",
        quotechar='"',
        escapechar='"',
        skiprows=0,
        header=True,
        sample_size=-1,
        na_values=list(MISSING),
    )


def _duckdb() -> Any:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _literal(path: str) -> str:
    """The path for DuckDB, to which stars and brackets are patterns."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in path)


#: What reads Parquet and what reads CSV.
_READERS: Final[Mapping[str, tuple[Callable[[str], Any], Callable[[str], Any]]]] = MappingProxyType(
    {
        "pyarrow": (_pyarrow_parquet, _pyarrow_csv),
        "polars": (_polars_parquet, _polars_csv),
        "duckdb": (_duckdb_parquet, _duckdb_csv),
    }
)


def _by_pyarrow(table: Any) -> Any:
    from pyarrow.interchange import from_dataframe

    return from_dataframe(table)


def _by_polars(table: Any) -> Any:
    import polars

    return polars.from_dataframe(table)


def _by_pandas(table: Any) -> Any:
    from pandas.api.interchange import from_dataframe

    return from_dataframe(table)


_EXCHANGES: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {"pyarrow": _by_pyarrow, "polars": _by_polars, "pandas": _by_pandas}
)
