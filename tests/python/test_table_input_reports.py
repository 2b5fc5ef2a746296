"""The same data in any container gives the same report, to the last bit."""

import datetime as dt

import numpy as np
import pytest

import driftline as dl
from driftline import _reading
from driftline._driftline import _table_columns

N = 400
UTC = dt.UTC


def columns(seed):
    """Plain Python columns, shifted a little by the seed; None is missing."""
    rng = np.random.default_rng(seed)

    def missing(values, share=0.1):
        gone = rng.random(N) < share
        return [None if lost else value for lost, value in zip(gone, values, strict=True)]

    start = dt.datetime(2013, 1 + seed, 1)
    times = [start + dt.timedelta(minutes=int(m)) for m in rng.integers(0, 40_000, N)]
    return {
        "float": missing(rng.normal(0.2 * seed, 1, N).tolist()),
        "single": rng.normal(size=N).astype("f4").astype(float).tolist(),
        "int": rng.integers(-(10**12), 10**12, N).tolist(),
        "few": rng.integers(0, 5, N).tolist(),
        "bool": (rng.random(N) < 0.3).tolist(),
        "text": missing(rng.choice(["a", "é", "", "a longer text than 12"], N).tolist()),
        "category": rng.choice(["x", "y", "z"], N).tolist(),
        "date": missing([time.date() for time in times]),
        "naive": missing(times),
        "zoned": missing([time.replace(tzinfo=UTC) for time in times]),
    }


NUMBERS = ("float", "single", "int", "few")
OF_NUMPY = (*NUMBERS, "bool", "category", "naive")
EXCHANGED = (*NUMBERS, "bool", "text", "category", "naive")
OF_CSV = ("float", "int", "few", "bool", "category", "date", "naive")


def chosen(table, names):
    return {name: table[name] for name in names}


def arrays(table):
    """The columns that NumPy has types for."""
    table = chosen(table, OF_NUMPY)
    return {
        **{name: np.array(table[name], dtype=float) for name in ("float", "single")},
        **{name: np.array(table[name]) for name in ("int", "few", "bool", "category")},
        "naive": np.array(table["naive"], dtype="M8[us]"),
    }


def structured(table):
    table = arrays(table)
    records = np.zeros(N, dtype=[(name, values.dtype) for name, values in table.items()])
    for name, values in table.items():
        records[name] = values
    return records


def matrix(table):
    return np.array([table[name] for name in NUMBERS], dtype=float).T


def masked(table):
    values = matrix(table)
    return np.ma.masked_array(np.nan_to_num(values, nan=7.0), np.isnan(values))


class OnlyTensor:
    def __init__(self, table):
        self.array = matrix(table)

    def __dlpack__(self, **keywords):
        return self.array.__dlpack__(**keywords)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def of_jax(table):
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        return jax.numpy.asarray(matrix(table))


def of_pandas(table):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(table)
    frame["category"] = frame["category"].astype("category")
    return frame


def nullable(table):
    return of_pandas(table).convert_dtypes()


def backed_by_arrow(table):
    pytest.importorskip("pyarrow")
    return of_pandas(table).convert_dtypes(dtype_backend="pyarrow")


def of_polars(table):
    pl = pytest.importorskip("polars")
    return pl.DataFrame(table).with_columns(pl.col("category").cast(pl.Categorical))


def enumerated(table):
    pl = pytest.importorskip("polars")
    return of_polars(table).with_columns(pl.col("category").cast(pl.Enum(["z", "y", "x"])))


def chunked(table):
    pl = pytest.importorskip("polars")
    frame = of_polars(table)
    return pl.concat([frame[:7], frame[7:300], frame[300:]], rechunk=False)


def of_pyarrow(table):
    return pytest.importorskip("pyarrow").table(table)


def dictionaries(table):
    arrow = of_pyarrow(table)
    for name in ("category", "text"):
        place = arrow.schema.names.index(name)
        arrow = arrow.set_column(place, name, arrow[name].dictionary_encode())
    return arrow


def record_batch(table):
    [batch] = of_pyarrow(table).to_batches()
    return batch


def reader(table):
    return of_pyarrow(table).to_reader(max_chunksize=90)


def generator(table):
    arrow = of_pyarrow(table)
    return (arrow.slice(start, 90) for start in range(0, N, 90))


def frames(table):
    """Batches of every library."""
    frame = of_polars(table)
    parts = [frame[:10], frame[10:20].to_arrow(), of_pandas(table).iloc[20:100]]
    parts.append({name: values[100:] for name, values in table.items()})
    return iter(parts)


class OnlyStream:
    def __init__(self, table):
        self.table = of_pyarrow(table)

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


class OnlyExchange:
    def __init__(self, table):
        self.table = of_pyarrow(chosen(table, EXCHANGED))

    def __dataframe__(self, nan_as_null=False, allow_copy=True):
        return self.table.__dataframe__(nan_as_null, allow_copy)


def of_duckdb(table):
    connection = pytest.importorskip("duckdb").connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection.from_arrow(of_pyarrow(table))


def tuples(table):
    return {name: tuple(values) for name, values in table.items()}


def objects(table):
    return {name: np.array(values, dtype=object) for name, values in table.items()}


ALL = tuple(columns(0))
CONTAINERS = {
    tuples: ALL,
    objects: ALL,
    arrays: OF_NUMPY,
    structured: OF_NUMPY,
    matrix: NUMBERS,
    masked: NUMBERS,
    OnlyTensor: NUMBERS,
    of_jax: NUMBERS,
    of_pandas: ALL,
    nullable: ALL,
    backed_by_arrow: ALL,
    of_polars: ALL,
    enumerated: ALL,
    chunked: ALL,
    of_pyarrow: ALL,
    dictionaries: ALL,
    record_batch: ALL,
    reader: ALL,
    generator: ALL,
    frames: ALL,
    OnlyStream: ALL,
    OnlyExchange: EXCHANGED,
    of_duckdb: ALL,
}


def report_of(baseline, current, names):
    return dl.compare(baseline, current, columns=names).to_json()


@pytest.mark.parametrize("build", CONTAINERS, ids=lambda build: build.__name__)
def test_same_report(build):
    names = CONTAINERS[build]
    baseline, current = columns(0), columns(1)
    want = report_of(chosen(baseline, names), chosen(current, names), names)
    assert report_of(build(baseline), build(current), names) == want
    assert report_of(baseline, build(current), names) == want
    assert dl.fit(build(baseline), columns=names).compare(current).to_json() == want


@pytest.mark.parametrize("library", ["pyarrow", "polars", "duckdb"])
def test_same_report_of_files(library, tmp_path):
    pytest.importorskip(library)
    parquet = pytest.importorskip("pyarrow.parquet")
    csv = pytest.importorskip("pyarrow.csv")
    tables = columns(0), columns(1)
    paths = [tmp_path / name for name in ("b.parquet", "c.parquet", "b.csv", "c.csv")]
    for path, table in zip(paths, tables, strict=False):
        parquet.write_table(of_pyarrow(table), path, row_group_size=100)
    for path, table in zip(paths[2:], tables, strict=True):
        csv.write_csv(of_pyarrow(chosen(table, OF_CSV)), path)

    def opened(path):
        return _reading.open_table("table", path, library)

    want = report_of(*tables, ALL)
    assert report_of(opened(paths[0]), opened(paths[1]), ALL) == want
    assert report_of(str(paths[0]), paths[1], ALL) == want
    want = report_of(*tables, OF_CSV)
    assert report_of(opened(paths[2]), opened(paths[3]), OF_CSV) == want


@pytest.mark.thread_unsafe(reason="takes memory")
@pytest.mark.thread_unsafe(reason="takes long, and tells the same on one thread")
def test_a_stream_larger_than_what_is_kept_at_hand():
    pa = pytest.importorskip("pyarrow")
    values = np.arange(1 << 22, dtype=float) % 1000
    batch = pa.record_batch({"a": values})

    def batches(n):
        return (batch for _ in range(n))

    [(_, _, rows, _, _)] = _table_columns(batches(12), None, False)
    assert rows == 12 * len(batch)
    few = dl.compare({"a": values[:1000]}, batches(1))
    many = dl.compare({"a": values[:1000]}, batches(12))
    assert many.to_dict()["current"]["rows"] == 12 * len(batch)
    # The shares are the same, as each batch has each number equally often but for 304.
    assert few["a"].verdict == many["a"].verdict == "stable"
    with pytest.raises(dl.InvalidValueError, match="of an iterator"):
        dl.compare({"a": values}, iter([*batches(12), {"b": [1]}]))
