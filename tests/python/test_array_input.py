"""The one conversion of one-dimensional input, through `MeanShift.fit`."""

import array
import decimal

import numpy as np
import pytest

import driftline
from driftline import drift

ACCEPTED = "a one-dimensional sequence or array of real numbers, with NaN for what is missing"


def take(values):
    """What a baseline was taken as: its mean and number of values."""
    result = drift.MeanShift().compare(values, [0.0])
    return result.statistic, result.n_baseline, result.n_missing_baseline


def misaligned():
    buffer = np.zeros(8 * 3 + 1, dtype="u1")
    view = buffer[1:].view("f8")
    view[:] = [1.0, 2.0, 6.0]
    assert not view.flags.aligned
    return view


def read_only():
    values = np.array([1.0, 2.0, 6.0])
    values.flags.writeable = False
    return values


PACKED = np.array([(0, 1.0), (0, 2.0), (0, 6.0)], dtype=[("a", "i1"), ("b", "f8")])
GOOD = {
    "list": [1, 2.0, 6],
    "tuple": (1.0, 2.0, 6.0),
    "array.array": array.array("f", [1, 2, 6]),
    "memoryview": memoryview(array.array("d", [1, 2, 6])),
    "numpy scalars": [np.float32(1), np.int8(2), np.uint64(6)],
    "strided": np.array([1.0, 9.0, 2.0, 9.0, 6.0])[::2],
    "reversed": np.array([6.0, 2.0, 1.0])[::-1],
    "read-only": read_only(),
    "big-endian": np.array([1.0, 2.0, 6.0], dtype=">f8"),
    "big-endian int": np.array([1, 2, 6], dtype=">i2"),
    "misaligned": misaligned(),
    "field of a packed struct": PACKED["b"],
    "column of a table": np.array([[1.0, 9], [2, 9], [6, 9]])[:, 0],
} | {
    np.dtype(code).name: np.array([1, 2, 6], dtype=code)
    for code in ["f2", "f4", "f8", np.longdouble, *"bBhHiIlLqQ"]
}


@pytest.mark.parametrize("values", GOOD.values(), ids=GOOD)
def test_accepted(values):
    assert take(values) == (3.0, 3, 0)


def test_range_and_bool():
    assert take(range(4)) == (1.5, 4, 0)
    assert take(np.array([True, False, True, True])) == (0.75, 4, 0)
    assert take([True, False]) == (0.5, 2, 0)


def test_masked_is_missing():
    floats = np.ma.masked_array([1.0, 99.0, 3.0], [False, True, False])
    assert take(floats) == (2.0, 2, 1)
    assert take(np.ma.masked_array([1, 99, 3], [0, 1, 0])) == (2.0, 2, 1)
    assert take(np.ma.masked_array([True, False], [0, 1])) == (1.0, 1, 1)


def test_the_copy_is_ours():
    values = np.array([1.0, 2.0, 3.0])
    fitted = drift.MeanShift().fit(values)
    values[:] = 100.0
    assert fitted.compare([2.0]).statistic == 0.0
    current = np.array([3.0, 1.0, 2.0] * 100)
    drift.KS().fit([1.0, 2.0]).compare(current)
    assert current[:3].tolist() == [3.0, 1.0, 2.0], "sorted in place"


@pytest.mark.parametrize(
    ("values", "error", "given"),
    [
        (None, TypeError, "None"),
        ("abc", TypeError, "the str 'abc'"),
        (b"abc", TypeError, "an object of type bytes"),
        (bytearray(b"abc"), TypeError, "an object of type bytearray"),
        (3, TypeError, "the int 3"),
        (2.5, TypeError, "the float 2.5"),
        (True, TypeError, "the bool True"),
        (np.float32(1), TypeError, "float32"),
        (decimal.Decimal(1), TypeError, "an object of type Decimal"),
        (np.array(1.0), ValueError, "an array of dtype float64 and shape ()"),
        (np.zeros((2, 3)), ValueError, "an array of dtype float64 and shape (2, 3)"),
        (np.ma.zeros((2, 3)), ValueError, "an array of dtype float64 and shape (2, 3)"),
        ([[1.0], [2.0]], ValueError, "an array of dtype float64 and shape (2, 1)"),
        ([[1.0], [2.0, 3.0]], ValueError, "an object of type list that cannot be converted"),
        (np.zeros(2, complex), TypeError, "an array of dtype complex128 and shape (2,)"),
        (["a", "b"], TypeError, "an array of dtype <U1 and shape (2,)"),
        ([1.0, None], TypeError, "an array of dtype object and shape (2,)"),
        ([10**400], TypeError, "an array of dtype object and shape (1,)"),
        (np.array(["2020-01-01"], "M8[D]"), TypeError, "an array of dtype datetime64[D]"),
        (np.array([1], "m8[s]"), TypeError, "an array of dtype timedelta64[s]"),
        ({1.0, 2.0}, TypeError, "an object of type set"),
        ({1.0: 2.0}, TypeError, "an object of type dict"),
        ((x for x in [1.0]), TypeError, "an object of type generator"),
        (object(), TypeError, "an object of type object"),
        (PACKED, TypeError, "shape (3,)"),
    ],
)
@pytest.mark.parametrize("argument", ["baseline", "current"])
def test_refused_by_name(argument, values, error, given):
    samples = {"baseline": [1.0], "current": [1.0]} | {argument: values}
    with pytest.raises(error) as caught:
        drift.KS().compare(**samples)
    assert isinstance(caught.value, driftline.DriftlineError)
    message = str(caught.value)
    assert message.startswith(f"{argument}: got ")
    assert given in message
    assert ACCEPTED in message


class Raises:
    def __init__(self, error):
        self.error = error

    def __array__(self, dtype=None, copy=None):
        raise self.error


def test_what_an_object_raises_is_the_cause():
    cause = RuntimeError("boom")
    with pytest.raises(driftline.InvalidValueError, match=r"Raises.*boom") as caught:
        take(Raises(cause))
    assert caught.value.__cause__ is cause
    with pytest.raises(driftline.InvalidTypeError):
        take(Raises(TypeError("no")))
    with pytest.raises(KeyboardInterrupt):
        take(Raises(KeyboardInterrupt()))


def test_objects_that_lie():
    class Endless:
        def __len__(self):
            return 1 << 62

        def __getitem__(self, index):
            return 1.0

    class BadLength:
        def __len__(self):
            raise ZeroDivisionError

        def __getitem__(self, index):
            return 1.0

    class BadToNumpy:
        def to_numpy(self):
            return "x"

    itself = []
    itself.append(itself)
    for values in (Endless(), BadLength(), BadToNumpy(), itself):
        with pytest.raises(driftline.DriftlineError, match=r"^baseline: got "):
            take(values)


def test_pandas():
    pd = pytest.importorskip("pandas")
    assert take(pd.Series([1.0, 2.0, 6.0])) == (3.0, 3, 0)
    assert take(pd.Series([1, None, 5], dtype="Int64")) == (3.0, 2, 1)
    assert take(pd.Series([True, None], dtype="boolean")) == (1.0, 1, 1)
    assert take(pd.Index([1, 5])) == (3.0, 2, 0)
    bad = [["1"], pd.to_datetime(["2020"]), pd.Categorical(["a"]), pd.array([1, "x"], dtype=object)]
    for values in bad:
        with pytest.raises(driftline.InvalidTypeError):
            take(pd.Series(values))
    with pytest.raises(driftline.InvalidValueError, match=r"\(1, 1\)"):
        take(pd.DataFrame({"a": [1.0]}))


def test_polars():
    pl = pytest.importorskip("polars")
    assert take(pl.Series([1, None, 5])) == (3.0, 2, 1)
    assert take(pl.Series([1.0, float("nan"), None])) == (1.0, 1, 2)
    assert take(pl.Series([True, None])) == (1.0, 1, 1)
    for values in (pl.Series(["a"]), pl.Series([[1]]), pl.Series([1]).cast(pl.Duration)):
        with pytest.raises(driftline.InvalidTypeError):
            take(values)


def test_pyarrow():
    pa = pytest.importorskip("pyarrow")
    assert take(pa.array([1, None, 5])) == (3.0, 2, 1)
    assert take(pa.array([True, None])) == (1.0, 1, 1)
    assert take(pa.chunked_array([[1.0, None], [5.0]])) == (3.0, 2, 1)
    for values in (pa.array(["a"]), pa.array([[1]])):
        with pytest.raises(driftline.InvalidTypeError):
            take(values)
