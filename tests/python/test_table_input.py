"""Tables of every container are read as the same columns."""

import datetime as dt
import decimal
import io
import math
import zoneinfo

import numpy as np
import pytest

from driftline import _reading
from driftline._driftline import _table_columns

UTC = dt.UTC
NAN = math.nan
DAY = 86_400_000_000_000

# The columns as plain Python values; None is missing everywhere.
PLAIN = {
    "float": [1.5, None, -2.25, 1e9 + 0.5, 0.0, 3.0],
    "int": [1, 2, 3, -4, 2**53, 6],
    "text": ["a", None, "é\N{PILE OF POO}", "", "a", "a longer text than twelve"],
    "bool": [True, False, False, True, True, False],
    "category": ["x", "y", None, "x", "x", "z"],
    "date": [dt.date(2020, 2, 29), None, *[dt.date(1969, 12, 31)] * 3, dt.date(1583, 1, 1)],
    "naive": [dt.datetime(2013, 7, 1, 5, 0, 0, 7), None, *[dt.datetime(1960, 2, 3, 4)] * 4],
    "zoned": [
        dt.datetime(2013, 7, 1, 5, tzinfo=UTC),
        None,
        *[dt.datetime(1999, 1, 1, tzinfo=UTC)] * 4,
    ],
}
N = 6


def nanoseconds(value):
    """A date or time since 1970, by Python's own arithmetic."""
    if isinstance(value, dt.datetime):
        epoch = dt.datetime(1970, 1, 1, tzinfo=value.tzinfo and UTC)
        return (value - epoch) // dt.timedelta(microseconds=1) * 1000
    return (value - dt.date(1970, 1, 1)).days * DAY


def plain(values):
    """As `_table_columns` has them, missing cells as None."""
    return [
        None
        if value is None or value != value
        else nanoseconds(value)
        if isinstance(value, dt.date)
        else value
        for value in values
    ]


def read(table, names=None):
    """The values of each column; a reason for those that cannot be used."""
    return {
        name: plain(values) if n else arrow_type
        for name, arrow_type, n, _, values in _table_columns(table, names)
    }


def types(table):
    return {name: arrow_type for name, arrow_type, *_ in _table_columns(table)}


def expected(*names):
    return {name: plain(PLAIN[name]) for name in names or PLAIN}


def floats(values):
    return [NAN if value is None else value for value in values]


def numpy_columns():
    """Columns that NumPy has types for."""
    return {
        "float": np.array(floats(PLAIN["float"])),
        "int": np.array(PLAIN["int"]),
        "text": np.array(PLAIN["text"], dtype=object),
        "bool": np.array(PLAIN["bool"]),
        "date": np.array(PLAIN["date"], dtype="M8[D]"),
        "naive": np.array(PLAIN["naive"], dtype="M8[us]"),
    }


def pandas_frame():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(numpy_columns())
    frame["text"] = pd.Series(PLAIN["text"])
    frame["category"] = pd.Categorical(PLAIN["category"])
    frame["zoned"] = pd.Series(pd.to_datetime(PLAIN["zoned"], utc=True))
    return frame[list(PLAIN)].set_axis([5, 5, 3, 2, 1, 0])  # the index is not looked at


def polars_frame():
    pl = pytest.importorskip("polars")
    return pl.DataFrame(PLAIN).with_columns(pl.col("category").cast(pl.Categorical))


def arrow_table():
    pa = pytest.importorskip("pyarrow")
    table = pa.table(PLAIN)
    column = table["category"].dictionary_encode()
    return table.set_column(table.schema.names.index("category"), "category", column)


class OnlyStream:
    """What is known of it is `__arrow_c_stream__`."""

    def __init__(self, table):
        self.table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


class OnlyExchange:
    """What is known of it is `__dataframe__`."""

    def __init__(self, table):
        self.table = table

    def __dataframe__(self, nan_as_null=False, allow_copy=True):
        return self.table.__dataframe__(nan_as_null, allow_copy)


class OnlyTensor:
    """What is known of it is DLPack."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **keywords):
        return self.array.__dlpack__(**keywords)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def test_mappings():
    assert read(PLAIN) == expected()
    assert read({name: tuple(values) for name, values in PLAIN.items()}) == expected()
    assert read(numpy_columns()) == expected(*numpy_columns())
    nan = {"float": floats(PLAIN["float"]), "text": [x or NAN for x in PLAIN["text"]]}
    assert read(nan)["float"] == expected()["float"]
    assert types(PLAIN) == {
        "float": "Float64",
        "int": "Int64",
        "text": "LargeUtf8",
        "bool": "Boolean",
        "category": "LargeUtf8",
        "date": "Date32",
        "naive": "Timestamp(µs)",
        "zoned": 'Timestamp(µs, "UTC")',
    }


def test_columns_of_every_library_in_one_mapping():
    pd, pl, pa = (pytest.importorskip(name) for name in ("pandas", "polars", "pyarrow"))
    table = {
        "series": pd.Series([1, 2], index=[7, 7]),
        "index": pd.Index(["a", "b"]),
        "pandas array": pd.array([1, None], dtype="Int64"),
        "categorical": pd.Categorical(["b", None], categories=["c", "b"]),
        "polars": pl.Series(["a", None]),
        "arrow": pa.array([True, None]),
        "chunked": pa.chunked_array([[1], [2]]),
        "range": range(2),
        "memoryview": memoryview(b"\1\2"),
        "array": np.array([1, 2], dtype=">u2"),
    }
    assert read(table) == {
        "series": [1, 2],
        "index": ["a", "b"],
        "pandas array": [1, None],
        "categorical": ["b", None],
        "polars": ["a", None],
        "arrow": [True, None],
        "chunked": [1, 2],
        "range": [0, 1],
        "memoryview": [1, 2],
        "array": [1, 2],
    }


def test_structured_arrays():
    columns = {name: numpy_columns()[name] for name in ("float", "int", "bool", "naive")}
    columns["text"] = np.array([text or "" for text in PLAIN["text"]])
    packed = np.dtype([("pad", "i1"), *[(name, it.dtype) for name, it in columns.items()]])
    for dtype in (packed, packed.newbyteorder(">"), np.dtype(packed.descr, align=True)):
        records = np.zeros(N, dtype)
        for name, values in columns.items():
            records[name] = values
        want = expected("float", "int", "bool", "naive") | {"pad": [0] * N}
        want["text"] = [text or "" for text in PLAIN["text"]]
        assert read(records) == want
        assert read(records.view(np.recarray)) == want
        assert read(records[::-1]) == {name: column[::-1] for name, column in want.items()}
    nested = np.zeros(2, dtype=[("a", "f8", (2, 3)), ("b", [("c", "i4")]), ("d", "i4")])
    assert read(nested) == {
        "a": "cells of shape (2, 3)",
        "b": "cells of dtype [('c', '<i4')]",
        "d": [0, 0],
    }


def test_two_dimensional_arrays():
    values = np.array([[1.0, 2.0], [NAN, 4.0], [5.0, 6.0]])
    want = {"a": [1.0, None, 5.0], "b": [2.0, 4.0, 6.0]}
    read_only = values.copy()
    read_only.flags.writeable = False
    spaced = np.zeros((6, 6))
    spaced[::2, ::3] = values
    misaligned = np.zeros(values.nbytes + 1, "u1")[1:].view("f8").reshape(3, 2)
    misaligned[:] = values
    assert not misaligned.flags.aligned
    layouts = [
        values,
        np.asfortranarray(values),
        values[::-1][::-1],
        spaced[::2, ::3],
        read_only,
        misaligned,
        values.astype(">f8"),
        values.astype(np.longdouble),
        values.astype("f4"),
        values.astype("f2"),
        np.ma.masked_array(np.nan_to_num(values, nan=9.0), np.isnan(values)),
        values.view(np.matrix),
        values.astype(object),
        values.tolist(),
        OnlyTensor(values),
    ]
    for layout in layouts:
        assert read(layout, ["a", "b"]) == want
    assert read(values) == {"column_0": want["a"], "column_1": want["b"]}
    assert read(np.broadcast_to(np.array([[1], [2]]), (2, 3))) == {
        f"column_{k}": [1, 2] for k in range(3)
    }
    assert read(np.broadcast_to(3.0, (2, 1))) == {"column_0": [3.0, 3.0]}
    assert read(np.array([["a", "b"]])) == {"column_0": ["a"], "column_1": ["b"]}
    for code in "bBhHiIlLqQ?":
        assert read(np.array([[1, 0]], dtype=code)) == {"column_0": [1], "column_1": [0]}


def test_tensors_of_jax():
    jnp = pytest.importorskip("jax.numpy")
    values = jnp.arange(6.0).reshape(3, 2)
    want = {"column_0": [0.0, 2.0, 4.0], "column_1": [1.0, 3.0, 5.0]}
    assert read(values) == read(values.astype("bfloat16")) == want
    assert read({"column_0": values[:, 0], "column_1": values[:, 1].astype("int8")}) == want


def test_pandas():
    pd = pytest.importorskip("pandas")
    frame = pandas_frame()
    assert read(frame) == expected()
    assert types(frame)["category"] == "Dictionary(Int32, LargeUtf8)"
    assert read(frame.convert_dtypes()) == expected()
    objects = frame.astype(object)
    assert read(objects.where(objects.notna(), None)) == expected()
    assert read(pd.concat([frame, frame.iloc[:0]])) == expected()


def test_pandas_backed_by_arrow():
    pytest.importorskip("pyarrow")
    frame = pandas_frame().convert_dtypes(dtype_backend="pyarrow")
    assert read(frame) == expected()
    for storage in ("python", "pyarrow"):
        text = frame[["text"]].astype(f"string[{storage}]")
        assert read(text) == expected("text")


def test_dtypes_of_pandas():
    pd = pytest.importorskip("pandas")
    berlin = pd.date_range("2020-01-01", periods=2, tz="Europe/Berlin")
    frame = pd.DataFrame(
        {
            "Int64": pd.array([1, None], dtype="Int64"),
            "Float32": pd.array([1.5, None], dtype="Float32"),
            "boolean": pd.array([True, None], dtype="boolean"),
            "sparse": pd.array([0.0, 2.0], dtype="Sparse[float]"),
            "of ints": pd.Categorical([3, None]),
            "cut": pd.cut([1, 5], [0, 2, 6]),
            "zoned": berlin,
            "offset": pd.to_datetime(["2020-01-01T00:00+05:30"] * 2),
            "length": pd.to_timedelta(["1s", None]),
            "period": pd.period_range("2020", periods=2, freq="M"),
            "interval": pd.interval_range(0, 2),
            "complex": [1j, 2],
            "nothing": [None, None],
            "NaT": pd.Series([pd.NaT, pd.Timestamp(5, unit="s")], dtype=object),
            "NA": pd.Series([pd.NA, "a"], dtype=object),
        }
    )
    start = nanoseconds(dt.datetime(2019, 12, 31, 23))
    assert read(frame) == {
        "Int64": [1, None],
        "Float32": [1.5, None],
        "boolean": [True, None],
        "sparse": [0.0, 2.0],
        "of ints": [3, None],
        "cut": ["(0, 2]", "(2, 6]"],
        "zoned": [start, start + DAY],
        "offset": [nanoseconds(dt.datetime(2019, 12, 31, 18, 30))] * 2,
        "length": [1_000_000_000, None],
        "period": "cells of type Period",
        "interval": "cells of type Interval",
        "complex": "cells of dtype complex128",
        "nothing": [None, None],
        "NaT": [None, 5_000_000_000],
        "NA": [None, "a"],
    }
    kinds = types(frame)
    assert kinds["zoned"].endswith('"Europe/Berlin")')
    assert kinds["offset"].endswith('"+05:30")')
    assert kinds["of ints"] == "Dictionary(Int32, Int64)"
    assert kinds["nothing"] == "Null"


def test_labels_of_pandas():
    pd = pytest.importorskip("pandas")
    levels = pd.MultiIndex.from_tuples([("a", "x"), ("a", 1)])
    assert list(read(pd.DataFrame([[1, 2]], columns=levels))) == ["a.x", "a.1"]
    assert list(read(pd.DataFrame([[1, 2]]))) == ["0", "1"]


def test_polars():
    pl = pytest.importorskip("polars")
    frame = polars_frame()
    assert read(frame) == expected()
    chunks = pl.concat([frame[:2], frame[2:2], frame[2:]], rechunk=False)
    assert chunks.n_chunks() > 1
    assert read(chunks) == expected()
    enum = frame.with_columns(pl.col("category").cast(pl.Enum(["z", "y", "x"])))
    assert read(enum) == expected()
    assert types(frame)["text"] == "Utf8View"


def test_types_of_polars():
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame(
        {
            "null": pl.Series([None, None]),
            "int128": pl.Series([-(2**100), None], dtype=pl.Int128),
            "decimal": pl.Series(["1.25", None]).cast(pl.Decimal(10, 2)),
            "time": [dt.time(1), None],
            "length": [dt.timedelta(seconds=1), None],
            "empty": pl.Series(["a", None]).cast(pl.Categorical),
        }
    )
    assert read(frame) == {
        "null": [None, None],
        "int128": [-(2.0**100), None],
        "decimal": [1.25, None],
        "time": [3_600_000_000_000, None],
        "length": [1_000_000_000, None],
        "empty": ["a", None],
    }
    assert read({"a": frame["null"]}) == {"a": [None, None]}
    nested = pl.DataFrame({"a": [[None]], "b": [[]], "c": [{"d": None}], "e": [1]})
    assert types(nested)["e"] == "Int64"


def test_pyarrow():
    pa = pytest.importorskip("pyarrow")
    table = arrow_table()
    assert read(table) == expected()
    assert read(table.slice(2, 3)) == {name: column[2:5] for name, column in expected().items()}
    [batch] = table.to_batches()
    assert read(batch) == read(batch.slice(0)) == expected()
    assert read(batch.slice(1)) == {name: column[1:] for name, column in expected().items()}
    assert read(table.to_reader(max_chunksize=2)) == expected()
    assert read(pa.concat_tables([table.slice(0, 1), table.slice(1)])) == expected()
    assert read(batch.to_struct_array()) == expected()
    assert read(OnlyStream(table)) == expected()
    view = table.set_column(2, "text", table["text"].cast(pa.string_view()))
    assert read(view) == expected()
    for empty in (table.slice(0, 0), table.schema.empty_table().to_reader()):
        columns = _table_columns(empty)
        assert [(name, n) for name, _, n, *_ in columns] == [(name, 0) for name in PLAIN]
        assert columns[0][1] == "Float64"


def test_types_of_arrow():
    pa = pytest.importorskip("pyarrow")
    numbers = [decimal.Decimal("1.25"), None]
    table = pa.table(
        {
            "decimal": pa.array(numbers, pa.decimal128(10, 2)),
            "half": pa.array(np.array([1.5, 2.5], dtype="f2")),
            "null": pa.nulls(2),
            "seconds": pa.array([1, None], pa.duration("s")),
            "milliseconds": pa.array([1, None], pa.timestamp("ms", "Asia/Tokyo")),
            "time": pa.array([dt.time(1), None], pa.time32("s")),
        }
    )
    assert read(table) == {
        "decimal": [1.25, None],
        "half": [1.5, 2.5],
        "null": [None, None],
        "seconds": [1_000_000_000, None],
        "milliseconds": [1_000_000, None],
        "time": [3_600_000_000_000, None],
    }
    assert types(table)["milliseconds"] == 'Timestamp(ms, "Asia/Tokyo")'


def test_duckdb():
    duckdb = pytest.importorskip("duckdb")
    table = arrow_table()
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        assert read(connection.from_arrow(table)) == expected()
        query = "select range::int as i, 'a' || range as t from range(10000)"
        columns = read(connection.sql(query))
    assert columns == {"i": list(range(10_000)), "t": [f"a{k}" for k in range(10_000)]}


def test_interchange():
    pa = pytest.importorskip("pyarrow")
    exchangeable = ("float", "int", "text", "bool", "naive")
    table = pa.table({name: PLAIN[name] for name in exchangeable})
    assert read(OnlyExchange(table)) == expected(*exchangeable)


def test_iterators_of_tables():
    table = arrow_table()
    parts = [table.slice(0, 2), pandas_frame().iloc[2:4], polars_frame()[4:5]]
    parts.append({name: values[5:] for name, values in reversed(PLAIN.items())})
    assert read(iter(parts)) == expected()
    assert read(part for part in parts) == expected()
    assert read(parts) == expected()
    arrays = [np.array([[1.0, 2.0]]), np.array([[3, 4]])]
    assert read(arrays, ["a", "b"]) == {"a": [1.0, 3.0], "b": [2.0, 4.0]}


def test_batches_whose_types_differ():
    seconds, nothing = np.array(["2020"], "M8[s]"), np.array(["NaT"], "M8[ns]")
    batches = [
        {"number": [1], "none first": [None], "instant": seconds, "mixed": [1]},
        {"number": [2.5], "none first": ["a"], "instant": nothing, "mixed": ["a"]},
        {"number": [None], "none first": [None], "instant": [None], "mixed": [None]},
        {"number": [], "none first": np.array([]), "instant": [], "mixed": []},
    ]
    assert read(iter(batches)) == {
        "number": [1.0, 2.5, None],
        "none first": [None, "a", None],
        "instant": [nanoseconds(dt.date(2020, 1, 1)), None, None],
        "mixed": "mixed types: number and str",
    }


@pytest.mark.parametrize("reader", ["pyarrow", "polars", "duckdb"])
def test_parquet(reader, tmp_path):
    pytest.importorskip(reader)
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "table [1] *.parquet"
    parquet.write_table(arrow_table(), path, row_group_size=2)
    assert read(_reading.open_table("table", path, reader)) == expected()
    assert read(path) == read(str(path)) == expected()


@pytest.mark.parametrize("reader", ["pyarrow", "polars", "duckdb"])
def test_csv(reader, tmp_path):
    pytest.importorskip(reader)
    path = tmp_path / "table.csv"
    path.write_text(
        "float,int,text,bool,date,naive\n"
        "1.5,1,a,true,2020-02-29,2013-07-01T05:00:00\n"
        ",2,NA,false,,\n"
        'nan,3,"é, ""quoted""",true,1969-12-31,1960-02-03T04:00:00\n',
        encoding="utf-8",
    )
    assert read(_reading.open_table("table", path, reader)) == {
        "float": [1.5, None, None],
        "int": [1, 2, 3],
        "text": ["a", None, 'é, "quoted"'],
        "bool": [True, False, True],
        "date": plain([dt.date(2020, 2, 29), None, dt.date(1969, 12, 31)]),
        "naive": plain([dt.datetime(2013, 7, 1, 5), None, dt.datetime(1960, 2, 3, 4)]),
    }


@pytest.mark.parametrize("reader", ["pyarrow", "polars", "duckdb"])
def test_types_of_a_csv_come_from_all_of_it(reader, tmp_path):
    pytest.importorskip(reader)
    path = tmp_path / "table.csv"
    n = 300_000
    rows = io.StringIO()
    rows.write("late,text\n")
    rows.write("1,a\n" * n)
    rows.write("2.5,a\n")
    path.write_text(rows.getvalue(), encoding="utf-8")
    columns = read(_reading.open_table("table", path, reader))
    assert columns["late"] == [1.0] * n + [2.5]
    assert columns["text"] == ["a"] * (n + 1)


def test_objects():
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    noon = dt.datetime(2020, 6, 1, 12)
    india = dt.timezone(dt.timedelta(hours=5, minutes=30))
    table = {
        "numbers": [1, 2.5, decimal.Decimal("0.125"), None],
        "ints": [1, NAN, np.int8(3), 2**63 - 1],
        "large": [2**70, 1, None, np.uint64(2**64 - 1)],
        "scalars": [np.float32(1.5), np.float64(2.5), np.longdouble(0.5), np.float16(NAN)],
        "flags": [True, np.bool_(False), None, True],
        "text": ["a", np.str_("b"), None, "\ud800"],
        "decimals": [decimal.Decimal("NaN"), decimal.Decimal("sNaN"), decimal.Decimal("inf"), None],
        "zoned": [noon.replace(tzinfo=berlin), None, noon.replace(tzinfo=berlin), None],
        "zones": [noon.replace(tzinfo=berlin), noon.replace(tzinfo=india), None, None],
        "fixed": [noon.replace(tzinfo=india), None, None, None],
        "datetime64": [np.datetime64("2020-06-01T12", "ns"), np.datetime64("NaT"), noon, None],
        "lengths": [dt.timedelta(days=-1, microseconds=1), np.timedelta64(3, "ms"), None, None],
        "times": [dt.time(23, 59, 59, 999999), None, None, None],
        "dates": [dt.date(1, 1, 1), dt.date(9999, 12, 31), None, dt.date(1900, 3, 1)],
        "none": [None, NAN, np.ma.masked, decimal.Decimal("NaN")],
    }
    summer = nanoseconds(dt.datetime(2020, 6, 1, 10))
    offset = nanoseconds(dt.datetime(2020, 6, 1, 6, 30))
    want = {
        "numbers": [1.0, 2.5, 0.125, None],
        "ints": [1, None, 3, 2**63 - 1],
        "large": [2.0**70, 1.0, None, 2.0**64],
        "scalars": [1.5, 2.5, 0.5, None],
        "flags": [True, False, None, True],
        "text": ["a", "b", None, "\N{REPLACEMENT CHARACTER}" * 3],
        "decimals": [None, None, math.inf, None],
        "zoned": [summer, None, summer, None],
        "zones": [summer, offset, None, None],
        "fixed": [offset, None, None, None],
        "datetime64": [nanoseconds(noon), None, nanoseconds(noon), None],
        "lengths": [-DAY + 1000, 3_000_000, None, None],
        "times": [DAY - 1000, None, None, None],
        "dates": plain(table["dates"]),
        "none": [None] * 4,
    }
    assert read(table) == want
    assert read({name: np.array(cells, dtype=object) for name, cells in table.items()}) == want
    kinds = types(table)
    assert kinds["zoned"] == 'Timestamp(µs, "Europe/Berlin")'
    assert kinds["zones"] == 'Timestamp(µs, "UTC")'
    assert kinds["fixed"] == 'Timestamp(µs, "+05:30")'
    assert kinds["none"] == "Null"


def test_masked_columns():
    mask = [False, True]
    masked = np.ma.masked_array
    table = {
        "float": masked([1.0, 2.0], mask),
        "bool": masked([True, False], mask),
        "text": masked(["a", "b"], mask),
        "bytes": masked([b"a", b"b"], mask),
        "time": masked(np.array(["2020", "2021"], "M8[s]"), mask),
        "length": masked(np.array([1, 2], "m8[s]"), mask),
        "object": masked(np.array(["a", "b"], dtype=object), mask),
        "hard": masked([1, 2], mask, hard_mask=True),
    }
    want = [[1.0], [True], ["a"], ["a"], [nanoseconds(dt.date(2020, 1, 1))], [10**9], ["a"], [1]]
    assert read(table) == dict(zip(table, [[*value, None] for value in want], strict=True))


def test_times_of_numpy():
    for unit in ("Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps"):
        times = np.array(["1970-01-01", "NaT", "1970-01-08"], f"M8[{unit}]")
        late = times[2].astype("M8[s]").astype(int).item() * 10**9 if unit not in "YM" else 0
        assert read({unit: times}) == read({unit: times.astype(times.dtype.newbyteorder(">"))})
        assert read({unit: times}) == {unit: [0, None, late]}
        if unit not in "YM":
            assert read({unit: times - times[0]}) == {unit: [0, None, late]}
    counted = np.array([3, 4], "M8[15m]")
    assert read({"a": counted}) == {"a": [3 * 900 * 10**9, 4 * 900 * 10**9]}
    nothing = {"a": np.array(["NaT"], "M8"), "b": np.array(["NaT"], "m8")}
    assert read(nothing) == {"a": [None], "b": [None]}
    assert read({"a": np.array([3], "m8[M]")}) == {"a": "cells of dtype timedelta64[M]"}


def test_text_of_numpy():
    texts = ["", "a", "é\N{PILE OF POO}", "abc"]
    for array in (np.array(texts), np.array(texts, dtype=">U7"), np.array([*texts, "x"])[:-1]):
        assert read({"a": array, "b": array[::-1]}) == {"a": texts, "b": texts[::-1]}
    encoded = [text.encode() for text in texts]
    assert read({"a": np.array(encoded)}) == {"a": texts}
    assert read({"a": np.array([b"\xff"])}) == {"a": "bytes that are not UTF-8"}
    assert read({"a": np.array(["", ""])}) == {"a": ["", ""]}
    if hasattr(np.dtypes, "StringDType"):
        strings = np.array(["a", None], dtype=np.dtypes.StringDType(na_object=None))
        assert read({"a": strings}) == {"a": ["a", None]}
