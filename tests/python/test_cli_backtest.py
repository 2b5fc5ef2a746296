"""``driftline backtest``: what is printed and written, and what is refused."""

import csv
import json
import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

import driftline as dl
from driftline import _reading, stream
from driftline.cli import main

READERS = [name for name in ("pyarrow", "polars", "duckdb") if find_spec(name)]
needs_reader = pytest.mark.skipif(not READERS, reason="needs pyarrow, polars or duckdb")
N = 3_000


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "driftline", "backtest", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
    )


def table():
    """Errors and values by the hour; the level of the values changes half way."""
    return {
        "time": [str(time) for time in np.datetime64("2026-01-01T00") + np.arange(N)],
        "x": stream.abrupt(N, levels=[0, 2], seed=1).values.tolist(),
        "error": stream.stationary(N, distribution="bernoulli", seed=2).values.astype(int).tolist(),
    }


def write(path, columns):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def status(*arguments):
    """That of the command, run in this process."""
    return main(["backtest", *map(str, arguments)])


def is_error(printed, *words):
    """One line that has the words, on standard error alone."""
    assert printed.out == ""
    assert printed.err.count("\n") == 1, printed.err
    assert printed.err.startswith("driftline backtest: error: ")
    for word in words:
        assert str(word) in printed.err
    return True


@needs_reader
def test_it_prints_the_report_of_the_same_values_in_memory(tmp_path):
    path = write(tmp_path / "history.csv", table())
    result = run(path, "--column", "x", "--positions", 20, "--shifts", "1,-2")
    assert (result.returncode, result.stderr) == (0, "")
    expected = dl.backtest(stream.ADWIN(), table()["x"], n_positions=20, shifts=[1, -2])
    assert result.stdout == f"{expected}\n"


@needs_reader
def test_options_of_the_detector_and_json(tmp_path, capsys):
    path = write(tmp_path / "history.csv", table())
    ended = status(
        *(path, "--column", "x", "--detector", "page_hinkley", "--standardise"),
        *("--set", "threshold=20", "--set", "mode=up", "--horizon", 200, "--json", "-"),
    )
    printed = capsys.readouterr()
    assert (ended, printed.err) == (0, "")
    x = np.array(table()["x"])
    detector = stream.PageHinkley(
        threshold=20.0, mode="up", standardise=(float(x.mean()), float(x.std()))
    )
    expected = dl.backtest(detector, x, horizon=200).to_dict()
    assert json.loads(printed.out) == json.loads(json.dumps(expected))
    assert expected["alarms"]


@needs_reader
def test_a_budget_that_cannot_be_kept_is_told_with_the_rest(tmp_path, capsys):
    path = write(tmp_path / "history.csv", {**table(), "x": stream.stationary(N, seed=1).values})
    detector = ("betting_confidence_sequence", "--set", "low=-6", "--set", "high=6")
    arguments = (path, "--column", "x", "--detector", *detector)
    assert status(*arguments, "--false-alarm-every", 500) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "\nShifts injected at 100 places" in printed.out
    told = printed.out.partition("\nNo settings for a false alarm every 500 values:\n")[2]
    assert "by alpha" in told
    assert status(*arguments, "--false-alarm-every", "soon", "--timestamps", "time") == 2
    assert is_error(capsys.readouterr(), "false_alarm_every: got")


@needs_reader
def test_rows_are_sorted_by_their_times(tmp_path, capsys):
    columns = table()
    order = np.random.default_rng(1).permutation(N)
    shuffled = {name: [values[i] for i in order] for name, values in columns.items()}
    path = write(tmp_path / "history.csv", shuffled)
    out = tmp_path / "result.json"
    assert status(path, "--column", "x", "--timestamps", "time", "--quiet", "--json", out) == 0
    assert capsys.readouterr() == ("", "")
    times = np.array(columns["time"], dtype="datetime64[us]")
    expected = dl.backtest(stream.ADWIN(), columns["x"], timestamps=times)
    assert json.loads(out.read_text(encoding="utf-8")) == json.loads(json.dumps(expected.to_dict()))
    assert sorted(os.listdir(tmp_path)) == ["history.csv", "result.json"]


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_gives_the_same_columns(reader, tmp_path, monkeypatch):
    columns = {**table(), "gaps": [1.5, "", 3] * (N // 3), "whole": [1, "", 3] * (N // 3)}
    path = write(tmp_path / "history.csv", columns)
    monkeypatch.setattr(_reading, "_READERS", {reader: _reading._READERS[reader]})
    names = ["x", "time", "gaps", "whole", "error"]
    x, time, gaps, whole, error = _reading.read_columns("history", path, names)
    assert x.tolist() == columns["x"]
    assert time.astype("datetime64[us]").tolist() == [
        np.datetime64(text, "us").tolist() for text in columns["time"]
    ]
    for found, first in ((gaps, 1.5), (whole, 1.0)):
        assert found[0] == first
        assert np.isnan(found[1])
        assert np.isnan(found).sum() == N // 3
    assert error.tolist() == columns["error"]


def test_parquet_is_read_too(tmp_path, capsys):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "history.parquet"
    parquet.write_table(pyarrow.table(table()), path)
    assert status(path, "--column", "error", "--detector", "page_hinkley") == 0
    assert "rate by" in capsys.readouterr().out


@needs_reader
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--column", "y"), ("history: got 'y'", "'time', 'x', 'error'")),
        (("--column", "time"), ("column: got 'time'", "a column of numbers")),
        (("--column", "x", "--timestamps", "error"), ("timestamps: got 'error'", "of times")),
        (("--column", "x", "--detector", "adwim"), ("adwin",)),
        (("--column", "x", "--set", "delta=-5"), ("delta", "-5")),
        (("--column", "x", "--set", "detla=1"), ("delta",)),
        (("--column", "x", "--positions", "0"), ("n_positions: got 0",)),
        (("--column", "x", "--horizon", "9999"), ("horizon: got 9999",)),
        (("--column", "x", "--shifts", "0"), ("shifts: got 0",)),
    ],
)
def test_errors_take_one_line(arguments, words, tmp_path, capsys):
    assert status(write(tmp_path / "history.csv", table()), *arguments) == 2
    assert is_error(capsys.readouterr(), *words)


def test_a_file_that_is_not_there_is_one_too(tmp_path, capsys):
    assert status(tmp_path / "none.csv", "--column", "x") == 2
    assert is_error(capsys.readouterr(), "where no file is")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("history.csv",),
        ("-", "--column", "x"),
        ("history.csv", "--column", "x", "--set", "delta"),
        ("history.csv", "--column", "x", "--shifts", "a"),
        ("history.csv", "--column", "x", "--nonsense"),
    ],
)
def test_wrong_usage_is_told_in_words(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        status(*arguments)
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("usage: ")
