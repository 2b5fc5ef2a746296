"""Plans as bytes and as files."""

import copy
import datetime
import os
import pickle
import subprocess
import sys
import threading
import zoneinfo

import numpy as np
import pytest

import driftline as dl
from driftline import drift


def table(n, seed, shift=0.0):
    """Columns of every kind."""
    rng = np.random.default_rng(seed)
    x = rng.normal(shift, size=n)
    odd = np.round(x, 2)
    odd[:3] = [np.inf, -np.inf, np.nan]
    zone = zoneinfo.ZoneInfo("Europe/Rome")
    start = datetime.datetime(2026, 1, 1, tzinfo=zone)
    hours = rng.integers(0, 1000, size=n)
    return {
        "x": x,
        "odd": odd,
        "code": rng.integers(0, 5, size=n),
        "whole": rng.integers(-(10**9), 10**9, size=n),
        "city": rng.choice(["Rome", "Oslo", "Lima"], size=n),
        "when": [start + datetime.timedelta(hours=int(h)) for h in hours],
        "nothing": [None] * n,
        "truth": np.where(x > 0, "yes", "no"),
        "score": 1 / (1 + np.exp(-x - rng.normal(size=n))),
    }


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"segments": "city", "weights": {"x": 2.0}, "correction": "holm", "alpha": 0.01},
        {"target": "truth", "prediction": "score", "multivariate": False},
        {"tests": {"numeric": drift.KS(alternative="less"), "x": "psi"}, "max_exact": 1_000},
    ],
    ids=["plain", "segments", "performance", "tests"],
)
@pytest.mark.thread_unsafe(reason="takes long, and tells the same on one thread")
def test_a_plan_read_again_gives_the_same_report(tmp_path, options):
    plan = dl.fit(table(600, 1), **options)
    plan.save(tmp_path / "a.plan")
    others = [
        dl.load_plan(tmp_path / "a.plan"),
        dl.load_plan(str(tmp_path / "a.plan")),
        dl.Plan.from_bytes(memoryview(plan.to_bytes())),
        pickle.loads(pickle.dumps(plan)),
        copy.deepcopy(plan),
    ]
    current = table(300, 2, shift=0.3)
    expected = plan.compare(current).to_json()
    assert dl.compare(table(600, 1), current, **options).to_json() == expected
    for other in others:
        assert other.compare(current).to_json() == expected
        assert other.to_bytes() == plan.to_bytes()
        assert (other.columns, other.n_rows) == (plan.columns, plan.n_rows)
    assert plan.n_bytes == len(plan.to_bytes()) == (tmp_path / "a.plan").stat().st_size
    assert set(plan.column_bytes) == set(plan.columns)
    assert sum(plan.column_bytes.values()) < plan.n_bytes
    assert f"{plan.n_bytes / 1000:,.1f} kB" in repr(plan)


def test_a_stream_that_was_fitted_comes_back():
    pyarrow = pytest.importorskip("pyarrow")
    whole = table(3000, 1)
    del whole["nothing"]
    batches = pyarrow.table(whole).to_batches(max_chunksize=700)
    reader = pyarrow.RecordBatchReader.from_batches(batches[0].schema, batches)
    plan = dl.fit(reader)
    again = dl.Plan.from_bytes(plan.to_bytes())
    current = table(500, 2)
    assert again.compare(current).to_json() == plan.compare(current).to_json()


def test_periods_of_a_plan_read_again():
    days = np.datetime64("2026-01-01") + np.arange(3000) // 50
    rng = np.random.default_rng(0)
    plan = dl.fit({"x": rng.normal(size=3000)})
    current = {"day": days, "x": rng.normal(size=3000)}
    expected = plan.compare_periods(current, by="day").to_json()
    assert pickle.loads(pickle.dumps(plan)).compare_periods(current, by="day").to_json() == expected


def test_columns_of_arrays_keep_their_names():
    rng = np.random.default_rng(0)
    plan = dl.fit(rng.normal(size=(200, 2)), columns=["a", "b"])
    again = dl.Plan.from_bytes(plan.to_bytes())
    current = rng.normal(size=(100, 2))
    assert again.compare(current).to_json() == plan.compare(current).to_json()


def test_without_a_sample_nothing_of_a_row_is_in_it():
    baseline = {f"x{k}": np.arange(2000) for k in range(5)}
    plan = dl.fit(baseline, multivariate=False)
    # Whole numbers in steps of 1: a byte each, and hardly anything else.
    assert plan.n_bytes < 5 * 2100 + 400
    assert plan.compare(baseline).multivariate is None
    assert dl.compare(baseline, baseline, multivariate=False).multivariate is None
    assert dl.fit(baseline).n_bytes > 5 * 4000 - 400


def test_more_different_numbers_than_wanted():
    rng = np.random.default_rng(0)
    baseline, current = rng.normal(size=40_000), rng.normal(0.2, size=5_000)
    exact = dl.compare({"x": baseline}, {"x": current})["x"]
    small = dl.fit({"x": baseline}, max_exact=2_000)
    assert small.n_bytes < 2_000 * 11 + 4_000 + 400
    column = small.compare({"x": current})["x"]
    assert "approximate" in column.flags
    assert "approximate" not in exact.flags
    assert abs(column.effect_size - exact.effect_size) <= 1 / 2_000
    assert column.baseline["mean"] == exact.baseline["mean"]
    assert abs(np.searchsorted(np.sort(baseline), column.baseline["median"]) - 20_000) <= 20


class OwnTest:
    """Of the user's."""

    name = "own"

    def compare(self, baseline, current):
        return float(abs(np.mean(baseline) - np.mean(current)))


@pytest.mark.parametrize("tests", [OwnTest(), {"x": OwnTest()}], ids=["all", "one"])
def test_a_test_of_ones_own_cannot_be_saved(tmp_path, tests):
    try:
        plan = dl.fit({"x": np.arange(100.0)}, tests=tests)
    except dl.DriftlineError:
        pytest.skip("not a test")
    whose = 'column "x"' if isinstance(tests, dict) else "numeric columns"
    with pytest.raises(dl.InvalidTypeError, match=whose):
        plan.to_bytes()
    with pytest.raises(dl.InvalidTypeError, match=r"tests of driftline\.drift"):
        plan.save(tmp_path / "a.plan")
    with pytest.raises(dl.InvalidTypeError):
        pickle.dumps(plan)
    assert list(tmp_path.iterdir()) == []
    assert "1 column" in repr(plan)
    assert copy.copy(plan) is plan


def test_what_is_no_plan_is_refused(tmp_path):
    data = dl.fit({"x": np.arange(100.0)}).to_bytes()
    for place in range(0, len(data), 7):
        damaged = bytearray(data)
        damaged[place] ^= 4
        with pytest.raises(dl.InvalidValueError, match=r"^plan: got "):
            dl.Plan.from_bytes(damaged)
    for length in range(0, len(data), 11):
        with pytest.raises(dl.InvalidValueError):
            dl.Plan.from_bytes(data[:length])
    with pytest.raises(dl.InvalidValueError, match="not a driftline plan"):
        dl.Plan.from_bytes(b"PK\x03\x04 something else")
    with pytest.raises(dl.InvalidValueError, match="max_values"):
        dl.Plan.from_bytes(data, max_values=99)
    for wrong in ["text", None, 3, [1, 2]]:
        with pytest.raises(dl.InvalidTypeError, match=r"^data: got "):
            dl.Plan.from_bytes(wrong)
        if not isinstance(wrong, str):
            with pytest.raises(dl.InvalidTypeError, match=r"^path: got "):
                dl.load_plan(wrong)
    with pytest.raises(FileNotFoundError) as raised:
        dl.load_plan(tmp_path / "none.plan")
    assert raised.value.filename == str(tmp_path / "none.plan")
    with pytest.raises(FileNotFoundError):
        dl.Plan.from_bytes(data).save(tmp_path / "none" / "a.plan")
    with pytest.raises(OSError, match="replaced"):
        dl.Plan.from_bytes(data).save(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("max_exact", [999, 0, 10**9 + 1, -1, 2.5, "all", None])
def test_max_exact_has_a_range(max_exact):
    with pytest.raises(dl.DriftlineError, match=r"^max_exact: got "):
        dl.fit({"x": [1.0, 2.0]}, max_exact=max_exact)


def test_threads_that_save_the_same_file_leave_one_of_their_plans(tmp_path):
    path = tmp_path / "a.plan"
    plans = [dl.fit({"x": np.arange(100.0 + k)}) for k in range(4)]

    def save(plan):
        for _ in range(5):
            plan.save(path)
            assert dl.load_plan(path).n_rows in range(100, 104)

    threads = [threading.Thread(target=save, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.plan"]


@pytest.mark.skipif(os.name != "posix", reason="file size limits")
def test_a_disk_that_is_full_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.plan"
    small = dl.fit({"x": np.arange(10.0)})
    small.save(path)
    # A limit of the size of files stands for the disk.
    program = """
import resource, signal, sys
import numpy as np
import driftline as dl
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    dl.fit({"x": np.random.default_rng(0).normal(size=5000)}).save(sys.argv[1])
except OSError as error:
    print("refused", error.errno)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("refused"), done
    assert path.read_bytes() == small.to_bytes()
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.plan"]
