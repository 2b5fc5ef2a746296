"""What is no table, or a hostile one: a typed error that names the argument, or a reason."""

import array
import datetime as dt
import decimal

import numpy as np
import pytest

import driftline
from driftline import _reading
from driftline._driftline import _table_columns


def read(table, names=None):
    return {name: (kind, values) for name, kind, _, _, values in _table_columns(table, names)}


def reason(values):
    """Why the column cannot be used."""
    [(_, kind, n, _, _)] = _table_columns({"a": values})
    assert n == 0
    return kind


NO_TABLES = {
    "None": (None, TypeError, "None"),
    "int": (3, TypeError, "the int 3"),
    "float": (2.5, TypeError, "the float 2.5"),
    "bytes": (b"abc", TypeError, "an object of type bytes"),
    "object": (object(), TypeError, "an object of type object"),
    "class": (dict, TypeError, "an object of type type"),
    "set": ({1, 2}, TypeError, "an object of type set"),
    "empty list": ([], TypeError, "an object of type list"),
    "list of numbers": ([1.0, 2.0], TypeError, "an object of type list"),
    "list of text": (["a.csv", "b.csv"], TypeError, "an object of type list"),
    "array.array": (array.array("d", [1.0]), TypeError, "an object of type array"),
    "scalar": (np.float64(1.0), TypeError, "a float64"),
    "0-d": (np.array(1.0), ValueError, "an array of dtype float64 and shape ()"),
    "1-d": (np.zeros(3), ValueError, "an array of dtype float64 and shape (3,)"),
    "3-d": (np.zeros((3, 2, 1)), ValueError, "an array of dtype float64 and shape (3, 2, 1)"),
    "no columns": (np.zeros((3, 0)), ValueError, "a table without columns"),
    "ragged": ([[1.0], [2.0, 3.0]], ValueError, "an object of type list that cannot be read"),
    "empty mapping": ({}, ValueError, "a table without columns"),
    "scalar column": ({"a": 3}, TypeError, 'column "a" that is the int 3'),
    "text column": ({"a": "abc"}, TypeError, "column \"a\" that is the str 'abc'"),
    "None column": ({"a": None}, TypeError, 'column "a" that is None'),
    "set column": ({"a": {1}}, TypeError, 'column "a" that is an object of type set'),
    "0-d column": ({"a": np.array(1)}, TypeError, 'column "a" that is an array'),
    "mapping column": ({"a": {"b": 1}}, TypeError, 'column "a" that is an object of type dict'),
    "generator column": ({"a": (x for x in "a")}, TypeError, "an object of type generator"),
    "lengths": ({"a": [1], "b": [1, 2]}, ValueError, '"a" has 1 rows, "b" has 2'),
    "names": ({"a": [1], 1: [1], "1": [1], "c": [2]}, ValueError, 'of the name "1"'),
    "row mapping": ([{"a": 1}, {"a": 2}], TypeError, 'column "a" that is the int 1'),
    "no tables": (iter([]), ValueError, "an iterator without tables"),
    "numbers": (iter([1.0]), TypeError, "the float 1.0"),
    "texts": (iter(["x"]), TypeError, "the str 'x'"),
    "iterators": (iter([iter([{"a": [1]}])]), TypeError, "iterator"),
    "no file": ("a table", ValueError, "'a table', where no file is"),
    "NUL": ("a\0.csv", ValueError, "where no file is"),
    "forged": ({"a\nb": 3}, TypeError, r'column "a\nb" that'),
}


@pytest.mark.thread_unsafe(reason="an iterator is read once")
@pytest.mark.parametrize("case", NO_TABLES)
def test_refused_by_name(case):
    table, error, given = NO_TABLES[case]
    with pytest.raises(error) as caught:
        _table_columns(table)
    assert isinstance(caught.value, driftline.DriftlineError)
    message = str(caught.value)
    assert message.startswith("table: got ")
    assert given in message
    assert "; accepted: " in message
    assert len(message) < 500
    assert "\n" not in message


def test_names_of_arrays():
    with pytest.raises(driftline.InvalidValueError, match="an array of 2 columns and 1 names"):
        _table_columns(np.zeros((1, 2)), ["a"])
    with pytest.raises(driftline.InvalidValueError, match='of the name "a"'):
        _table_columns(np.zeros((1, 2)), ["a", "a"])


def test_many_names_twice_are_not_all_shown():
    pd = pytest.importorskip("pandas")
    names = [f"column {k}" for k in range(100)] * 2
    with pytest.raises(driftline.InvalidValueError, match=r'"column 4", 95 more') as caught:
        _table_columns(pd.DataFrame([range(200)], columns=names))
    assert len(str(caught.value)) < 300
    pa = pytest.importorskip("pyarrow")
    with pytest.raises(driftline.InvalidValueError, match='of the name "a"'):
        _table_columns(pa.table([[1], [2]], names=["a", "a"]))


def test_single_columns_are_no_tables():
    pd, pl, pa = (pytest.importorskip(name) for name in ("pandas", "polars", "pyarrow"))
    for column in (pd.Series([1]), pd.Index([1]), pl.Series([1]), pa.array([1])):
        with pytest.raises(driftline.DriftlineError, match=r"^table: got an? "):
            _table_columns(column)
    with pytest.raises(driftline.InvalidTypeError):
        _table_columns(pa.chunked_array([[1]]))
    for table in (pd.DataFrame(index=[1, 2]), pa.table({}), pl.DataFrame()):
        with pytest.raises(driftline.InvalidValueError, match="a table without columns"):
            _table_columns(table)
    with pytest.raises(driftline.InvalidTypeError, match='column "a"'):
        _table_columns({"a": pd.DataFrame({"b": [1]})})
    rows = pa.StructArray.from_arrays([pa.array([1, 2])], names=["a"], mask=pa.array([True, False]))
    with pytest.raises(driftline.InvalidValueError, match="null as a whole"):
        _table_columns(rows)


def test_columns_that_cannot_be_used():
    noon = dt.datetime(2020, 1, 1, 12)
    assert reason([1, "a", None]) == reason(["a", None, 1]) == "mixed types: int and str"
    assert reason([True, 1]) == "mixed types: bool and int"
    assert reason([decimal.Decimal(1), 1.5, 2, "a"]) == "mixed types: Decimal, float, int and str"
    assert reason([noon, noon.date()]) == "mixed types: date and datetime"
    both = [noon, noon.replace(tzinfo=dt.UTC)]
    assert reason(both) == "mixed types: datetime and datetime with a time zone"
    assert reason([[1], None]) == reason([None, [], "a", 3]) == "cells of type list"
    assert (
        reason([{}, [1], (1,), {1}, b"", 1j])
        == "cells of type bytes, complex, dict, list and 2 more"
    )
    assert reason([np.zeros(2)]) == "cells of type ndarray"
    assert reason([object()]) == "cells of type object"
    assert reason([10**400]) == "an integer beyond the range of float64"
    assert reason([1, np.complex64(1)]) == "cells of type complex64"
    assert reason(np.zeros((2, 3))) == "cells of shape (3,)"
    assert reason(np.zeros((2, 3, 4))) == "cells of shape (3, 4)"
    assert reason(np.array([1j])) == "cells of dtype complex128"
    assert reason(np.array(["9999999-01-01"], "M8[D]")).startswith("dates more than")


class Hostile:
    """A cell that raises whatever is asked of it."""

    def __eq__(self, other):
        raise ZeroDivisionError

    __hash__ = __float__ = __str__ = __repr__ = __bool__ = __len__ = __eq__


class HostileDecimal(decimal.Decimal):
    def __float__(self):
        raise ZeroDivisionError("no float")


class HostileZone(dt.tzinfo):
    def utcoffset(self, when):
        raise ZeroDivisionError("no offset")


class EndingZone(dt.tzinfo):
    def utcoffset(self, when):
        raise KeyboardInterrupt


def test_cells_that_raise():
    assert reason([1, Hostile()]) == "cells of type Hostile"
    assert reason([HostileDecimal(1)]) == (
        "a cell of type HostileDecimal that raises ZeroDivisionError: no float"
    )
    assert "no offset" in reason([dt.datetime(2020, 1, 1, tzinfo=HostileZone())])
    with pytest.raises(KeyboardInterrupt):
        reason([dt.datetime(2020, 1, 1, tzinfo=EndingZone())])


class Stream:
    """`__arrow_c_stream__` does what it is told."""

    def __init__(self, answer):
        self.answer = answer

    def __arrow_c_stream__(self, requested_schema=None):
        return self.answer()


def raising(error):
    def answer(*_):
        raise error

    return answer


def test_streams_that_raise():
    cause = RuntimeError("boom")
    with pytest.raises(driftline.InvalidValueError, match="boom") as caught:
        _table_columns(Stream(raising(cause)))
    assert caught.value.__cause__ is cause
    with pytest.raises(KeyboardInterrupt):
        _table_columns(Stream(raising(KeyboardInterrupt())))
    for junk in (3, None, b"", object()):
        with pytest.raises(driftline.InvalidTypeError, match="got an object of type Stream"):
            _table_columns(Stream(lambda junk=junk: junk))


def test_capsules_of_another_name_or_used():
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"a": [1]})
    schema = table.schema.__arrow_c_schema__()
    with pytest.raises(driftline.DriftlineError, match=r"^table: got "):
        _table_columns(Stream(lambda: schema))
    capsule = table.__arrow_c_stream__()
    same = Stream(lambda: capsule)
    assert list(read(same)) == ["a"]
    with pytest.raises(driftline.InvalidValueError, match="released"):
        _table_columns(same)


class Batch:
    """`__arrow_c_array__` alone."""

    def __init__(self, answer):
        self.answer = answer

    def __arrow_c_array__(self, requested_schema=None):
        return self.answer()


def test_batches_that_are_none():
    pa = pytest.importorskip("pyarrow")
    [batch] = pa.table({"a": [1]}).to_batches()
    assert read(Batch(batch.__arrow_c_array__)) == {"a": ("Int64", [1])}
    pair = batch.__arrow_c_array__()
    same = Batch(lambda: pair)
    read(same)
    junk = [3, (), (1, 2), pair[::-1], pair[:1]]
    for batch in (same, *(Batch(lambda it=it: it) for it in junk)):
        with pytest.raises(driftline.DriftlineError, match=r"^table: got an object of type Batch"):
            _table_columns(batch)


def test_a_reader_that_raises_halfway():
    pa = pytest.importorskip("pyarrow")
    cause = RuntimeError("boom")

    def batches():
        yield from pa.table({"a": [1]}).to_batches()
        raise cause

    reader = pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), batches())
    with pytest.raises(driftline.InvalidValueError, match="raises after 1 tables"):
        _table_columns(reader)
    reader = pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), batches())
    with pytest.raises(driftline.InvalidValueError, match=r"fails after 1 batches.*boom"):
        _table_columns(Stream(reader.__arrow_c_stream__))


def test_iterators_that_raise():
    def tables(error):
        yield {"a": [1]}
        yield {"a": [2]}
        raise error

    cause = RuntimeError("boom")
    with pytest.raises(
        driftline.InvalidValueError, match=r"raises after 2 tables .*boom"
    ) as caught:
        _table_columns(tables(cause))
    assert caught.value.__cause__ is cause
    with pytest.raises(KeyboardInterrupt):
        _table_columns(tables(KeyboardInterrupt()))
    with pytest.raises(driftline.InvalidValueError) as caught:
        _table_columns(tables(StopAsyncIteration()))
    assert isinstance(caught.value.__cause__, StopAsyncIteration)


def test_batches_with_other_columns():
    cases = [
        ({"b": [1]}, r'table 2 of an iterator, without column "a", with the new column "b"'),
        ({"a": [1], "b": [1]}, r'table 2 of an iterator, with the new column "b"'),
        (np.zeros((1, 1)), r'"column_0"'),
    ]
    for other, message in cases:
        with pytest.raises(driftline.InvalidValueError, match=message):
            _table_columns(iter([{"a": [1]}, other]))
    mixed = iter([{"a": [1]}, {"a": ["x"]}])
    assert read(mixed)["a"] == ("mixed types: number and str", [])
    unusable = iter([{"a": [[]]}, {"a": ["x"]}])
    assert read(unusable)["a"] == ("cells of type list", [])


class Changing:
    """A column that says it has two values and has three."""

    def __len__(self):
        return 2

    def __array__(self, dtype=None, copy=None):
        return np.zeros(3)


class Raising:
    def __init__(self, error):
        self.error = error

    def __len__(self):
        return 2

    def __array__(self, dtype=None, copy=None):
        raise self.error


def test_columns_that_change_or_raise():
    with pytest.raises(driftline.InvalidValueError, match='column "a" of 3 rows, and 2 before'):
        _table_columns({"a": Changing()})
    cause = RuntimeError("boom")
    with pytest.raises(driftline.InvalidValueError, match=r'column "a" that .*boom') as caught:
        _table_columns({"a": Raising(cause)})
    assert caught.value.__cause__ is cause
    with pytest.raises(driftline.InvalidTypeError):
        _table_columns({"a": Raising(TypeError("no"))})
    with pytest.raises(KeyboardInterrupt):
        _table_columns({"a": Raising(KeyboardInterrupt())})


def test_objects_that_raise_when_asked():
    class Evasive:
        def __getattr__(self, name):
            raise ZeroDivisionError(name)

    class Endless:
        def __len__(self):
            return 1 << 62

        def __getitem__(self, index):
            return [1.0]

    class Shown:
        def __dataframe__(self, *_, **__):
            raise ZeroDivisionError("shown")

    for table in (Evasive(), Endless(), Shown(), {"a": Endless()}, {"a": Evasive()}):
        with pytest.raises(driftline.DriftlineError, match=r"^table: got "):
            _table_columns(table)


def test_text_that_is_not_utf8():
    pa = pytest.importorskip("pyarrow")
    bad = pa.array([b"a", b"\xff", b"\xc3\xa9"])
    offsets, values = bad.buffers()[1:]
    text = pa.Array.from_buffers(pa.string(), 3, [None, offsets, values])
    dictionary = pa.DictionaryArray.from_arrays(pa.array([0, 2]), text)
    beyond = pa.DictionaryArray.from_arrays(pa.array([0, 7]), pa.array(["a"]), safe=False)
    # A cell that begins within a character.
    torn = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(np.array([0, 1, 2], "i4")), pa.py_buffer("é".encode())]
    )
    for column in (text, dictionary, beyond, torn):
        columns = read(pa.table([column], names=["a"]))
        assert columns["a"] == ("text that is not UTF-8, or codes without a category", [])
    # A batch is judged by its own cells.
    [batch] = pa.table([text], names=["a"]).slice(2).to_batches()
    assert read(batch)["a"] == ("Utf8", ["é"])


@pytest.mark.thread_unsafe(reason="takes its time")
def test_wide_tables():
    n = 100_000
    table = {f"c{k}": [k] for k in range(n)}
    columns = _table_columns(table)
    assert len(columns) == n
    assert columns[-1] == (f"c{n - 1}", "Int64", 1, 0, [n - 1])
    assert len(_table_columns(np.zeros((1, n)))) == n


def test_tables_without_rows():
    table = {"a": [], "b": np.zeros(0), "c": np.zeros(0, "U0"), "d": np.zeros(0, "M8[ns]")}
    kinds = [(kind, values) for kind, values in read(table).values()]
    assert kinds == [("Null", []), ("Float64", []), ("LargeUtf8", []), ("Timestamp(ns)", [])]
    assert read(np.zeros((0, 1))) == {"column_0": ("Float64", [])}


def test_files_that_cannot_be_read(tmp_path):
    for name in ("a.parquet", "a.csv"):
        (tmp_path / name).write_bytes(b"")
        for reader in ("pyarrow", "polars", "duckdb"):
            try:
                pytest.importorskip(reader)
            except pytest.skip.Exception:
                continue
            if (name, reader) == ("a.csv", "duckdb"):
                continue  # to DuckDB it is a table without rows
            with pytest.raises(
                driftline.InvalidValueError, match=f"{reader} cannot read"
            ) as caught:
                _table_columns(_reading.open_table("table", tmp_path / name, reader))
            assert caught.value.__cause__ is not None
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(driftline.InvalidValueError, match="a file of another suffix"):
        _table_columns(tmp_path / "a.txt")
    with pytest.raises(driftline.InvalidValueError, match="got the folder"):
        _table_columns(tmp_path)
    with pytest.raises(driftline.InvalidTypeError, match="a path in bytes"):
        _reading.open_table("table", BytesPath())


class BytesPath:
    def __fspath__(self):
        return b"x.csv"


@pytest.mark.parametrize("reader", ["pyarrow", "polars", "duckdb"])
def test_csv_files_of_odd_forms(reader, tmp_path):
    pytest.importorskip(reader)
    path = tmp_path / "table.csv"

    def columns():
        return {name: n for name, _, n, *_ in _table_columns(opened())}

    def opened():
        return _reading.open_table("table", path, reader)

    path.write_text("a,b\n", encoding="utf-8")
    assert columns() == {"a": 0, "b": 0}
    path.write_text("\ufeffa;b,c\n1,2\n", encoding="utf-8")
    assert columns() == {"a;b": 1, "c": 1}
    path.write_text('"a b",c,"a b"\n1,2,3\n', encoding="utf-8")
    with pytest.raises(driftline.InvalidValueError, match="several columns of the name 'a b'"):
        opened()
    path.write_text("a,b\n1,2\n3,4,5\n", encoding="utf-8")
    with pytest.raises(driftline.InvalidValueError, match=f"which {reader} cannot read"):
        _table_columns(opened())
