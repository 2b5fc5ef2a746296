"""``driftline compare``: statuses, what is printed and written, and what is refused."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

import driftline as dl
from driftline import _compare_command

READERS = [name for name in ("pyarrow", "polars", "duckdb") if find_spec(name)]
needs_reader = pytest.mark.skipif(not READERS, reason="needs pyarrow, polars or duckdb")
N = 4000


def run(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "driftline", "compare", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )


def table(seed, shift=0.0, n=N):
    rng = np.random.default_rng(seed)
    return {
        "x": rng.normal(shift, 1.0, n),
        "y": rng.normal(size=n),
        "city": rng.choice(["Rome", "Oslo", "Lima"], n),
    }


def write(path, columns):
    """A CSV file; None is an empty cell."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def files(folder, baseline=None, current=None):
    """Two files; what is not given is random and alike."""
    baseline = table(1) if baseline is None else baseline
    current = table(2) if current is None else current
    return write(folder / "baseline.csv", baseline), write(folder / "current.csv", current)


def is_error(result, *words):
    """Status 2 and one line that has the words, on standard error alone."""
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("driftline compare: error: ")
    for word in words:
        assert str(word) in result.stderr
    return True


# --- what it answers ---------------------------------------------------------------


@needs_reader
def test_alike_tables_are_stable_and_status_0(tmp_path):
    result = run(*files(tmp_path), "--min-effect", 0.1)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("STABLE")


@needs_reader
def test_a_shift_is_drift_and_status_1(tmp_path):
    result = run(*files(tmp_path, current=table(2, shift=1.0)))
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.startswith("DRIFTED")
    # As people read it: the column that moved stands in the table.
    assert any(line.split()[:2] == ["drifted", "x"] for line in result.stdout.splitlines())


@needs_reader
def test_json_to_standard_output_is_the_report_and_nothing_else(tmp_path):
    baseline, current = files(tmp_path, current=table(2, shift=1.0))
    result = run(baseline, current, "--json", "-", "--html", tmp_path / "report.html")
    assert (result.returncode, result.stderr) == (1, "")
    report = dl.DriftReport.from_json(result.stdout)
    assert result.stdout == report.to_json() + "\n"
    assert report == dl.compare(str(baseline), str(current))
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == report.to_html()


@needs_reader
def test_quiet_writes_files_and_prints_nothing(tmp_path):
    page, document = tmp_path / "report.html", tmp_path / "report.json"
    result = run(*files(tmp_path), "--quiet", "--html", page, "--json", document)
    assert (result.stdout, result.stderr) == ("", "")
    report = dl.DriftReport.from_json(document.read_text(encoding="utf-8"))
    assert page.read_text(encoding="utf-8") == report.to_html()
    assert sorted(os.listdir(tmp_path)) == [
        *("baseline.csv", "current.csv", "report.html", "report.json")
    ]


def test_parquet_gives_the_report_of_the_same_table_in_memory(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    sides = {"baseline": table(1), "current": table(2, shift=0.2)}
    for name, columns in sides.items():
        parquet.write_table(pyarrow.table(columns), tmp_path / f"{name}.parquet")
    arguments = [tmp_path / f"{name}.parquet" for name in sides]
    result = run(*arguments, "--json", "-", "--threads", 2, "--seed", 7)
    assert result.stdout == dl.compare(**sides, seed=7).to_json() + "\n"


@needs_reader
def test_options_reach_the_comparison(tmp_path):
    sides = {"baseline": table(1), "current": table(2, shift=0.2)}
    sides = {name: one | {'odd, "name"': one["y"] ** 2} for name, one in sides.items()}
    result = run(
        *files(tmp_path, **sides),
        *("--columns", "x,city", "--columns", '"odd, ""name"""', "--alpha", 0.01),
        *("--min-effect", 0.02, "--correction", "holm", "--seed", 3),
        *("--tests", "numeric=ks,x=wasserstein", "--json", "-"),
    )
    expected = dl.compare(
        **sides,
        columns=["x", "city", 'odd, "name"'],
        alpha=0.01,
        min_effect=0.02,
        correction="holm",
        seed=3,
        tests={"numeric": "ks", "x": "wasserstein"},
    )
    assert json.loads(result.stdout) == expected.to_dict()
    assert expected["x"].test == "wasserstein"


@needs_reader
def test_one_test_for_all_columns(tmp_path):
    rng = np.random.default_rng(3)
    sides = {"baseline": {"x": rng.normal(size=N)}, "current": {"x": rng.normal(size=N)}}
    result = run(*files(tmp_path, **sides), "--tests", "ks", "--json", "-")
    assert [column["test"] for column in json.loads(result.stdout)["columns"]] == ["ks"]


@needs_reader
def test_segments_and_predictions(tmp_path):
    rng = np.random.default_rng(4)
    sides = {}
    for role, error in [("baseline", 1.0), ("current", 3.0)]:
        columns = table(5)
        columns["price"] = rng.normal(size=N)
        columns["guess"] = columns["price"] + error * rng.normal(size=N)
        sides[role] = columns
    options = {"segments": "city", "target": "price", "prediction": "guess"}
    flags = [word for name, value in options.items() for word in (f"--{name}", value)]
    result = run(*files(tmp_path, **sides), *flags, "--json", "-")
    document = json.loads(result.stdout)
    assert document == dl.compare(**sides, **options).to_dict()
    assert document["performance"]["task"] == "regression"
    assert {group["name"] for group in document["segments"]["groups"]} == {"Rome", "Oslo", "Lima"}


@needs_reader
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_periods(tmp_path, suffix):
    days = np.datetime64("2026-01-01") + np.arange(N) // 50
    rng = np.random.default_rng(6)
    late = days >= np.datetime64("2026-03-01")
    baseline = {"x": rng.normal(size=N)}
    current = {"x": rng.normal(np.where(late, 1.0, 0.0)), "day": days}
    paths = files(tmp_path, baseline, current)
    if suffix == "parquet":
        pyarrow = pytest.importorskip("pyarrow")
        parquet = pytest.importorskip("pyarrow.parquet")
        paths = tmp_path / "baseline.parquet", tmp_path / "current.parquet"
        for path, columns in zip(paths, (baseline, current), strict=True):
            parquet.write_table(pyarrow.table(columns), path)
    result = run(*paths, "--by", "day", "--every", "month", "--columns", "x", "--json", "-")
    assert result.returncode == 1, result.stderr
    periods = json.loads(result.stdout)["periods"]
    assert periods["names"] == ["2026-01", "2026-02", "2026-03"]
    assert periods["verdicts"][2] == "drifted"
    assert "drifted" not in periods["verdicts"][:2]


# --- what status 1 is for ----------------------------------------------------------


def with_gaps(columns, share):
    gaps = np.random.default_rng(8).random(N) < share
    x = [None if gap else value for gap, value in zip(gaps, columns["x"], strict=True)]
    return columns | {"x": x}


CASES = {
    "drifted": (table(1), table(2, shift=1.0)),
    "inconclusive": (table(1, n=200), table(2, n=200)),
    "schema": (table(1), {name: values for name, values in table(2).items() if name != "y"}),
    "missing": (table(1), with_gaps(table(2), 0.3)),
}


@needs_reader
@pytest.mark.parametrize("case", CASES)
def test_fail_on_says_what_status_1_is_for(tmp_path, case):
    paths = files(tmp_path, *CASES[case])
    quiet = ("--min-effect", 0.1, "--quiet")
    expected = {"drifted": 0, "inconclusive": 0, "schema": 0, "missing": 0, case: 1}
    if case == "missing":
        expected["drifted"] = 1  # more missing values alone are drift
    found = {reason: run(*paths, *quiet, "--fail-on", reason).returncode for reason in expected}
    assert found == expected
    assert run(*paths, *quiet, "--fail-on", "never").returncode == 0
    assert run(*paths, *quiet, "--fail-on", "missing,inconclusive,schema,drifted").returncode == 1
    by_default = expected["drifted"] or expected["schema"]
    assert run(*paths, *quiet).returncode == by_default


# --- what is refused ---------------------------------------------------------------


@pytest.mark.parametrize("name", ["nowhere.csv", "nowhere.parquet", ".", "tab.xlsx"])
def test_a_file_that_cannot_be_a_table_is_an_error(tmp_path, name):
    (tmp_path / "tab.xlsx").write_bytes(b"PK")
    paths = [tmp_path / name, tmp_path / name]
    assert is_error(run(*paths), "baseline: got", "accepted:")


@needs_reader
@pytest.mark.parametrize("name", ["current.parquet", "current.csv"])
def test_a_file_of_garbage_is_an_error(tmp_path, name):
    baseline, _ = files(tmp_path)
    (tmp_path / name).write_bytes(b"\0\xff\xfe PAR1" * 100 if "parquet" in name else b"")
    page = tmp_path / "report.html"
    assert is_error(run(baseline, tmp_path / name, "--html", page, "--json", "-"), "current")
    assert not page.exists()


@needs_reader
def test_tables_without_a_column_in_common_are_an_error(tmp_path):
    paths = files(tmp_path, {"x": [1.0, 2.0]}, {"z": [1.0, 2.0]})
    assert is_error(run(*paths, "--json", "-"), "column")


@needs_reader
@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (("--columns", "x,nonsense"), "nonsense"),
        (("--tests", "nonsense"), "nonsense"),
        (("--tests", "ks,psi"), "tests"),
        (("--alpha", 2), "alpha"),
        (("--min-effect", -1), "min_effect"),
        (("--correction", "nonsense"), "correction"),
        (("--segments", "nonsense"), "nonsense"),
        (("--threads", 0), "threads"),
        (("--seed", -1), "seed"),
        (("--by", "nonsense"), "nonsense"),
        (("--by", "x", "--every", "minute"), "every"),
    ],
)
def test_wrong_options_are_an_error(tmp_path, flags, word):
    assert is_error(run(*files(tmp_path), *flags), word)


@needs_reader
@pytest.mark.parametrize("flag", ["--html", "--json"])
def test_an_output_that_cannot_be_written_is_an_error(tmp_path, flag):
    paths = files(tmp_path)
    nowhere = tmp_path / "nowhere" / "report"
    assert is_error(run(*paths, flag, nowhere), nowhere)
    assert is_error(run(*paths, flag, tmp_path), tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["baseline.csv", "current.csv"]


@needs_reader
def test_a_failure_leaves_what_was_there(tmp_path):
    baseline, current = files(tmp_path)
    page, document = tmp_path / "report.html", tmp_path / "report.json"
    page.write_text("of yesterday")
    outputs = ("--html", page, "--json", document)
    assert is_error(run(baseline, current, "--tests", "nonsense", *outputs), "nonsense")
    assert page.read_text() == "of yesterday"
    assert sorted(os.listdir(tmp_path)) == ["baseline.csv", "current.csv", "report.html"]


@needs_reader
@pytest.mark.skipif(os.name != "posix", reason="links and /dev/null")
def test_outputs_replace_files_and_respect_what_is_none(tmp_path):
    paths = files(tmp_path)
    target, link = tmp_path / "target.html", tmp_path / "link.html"
    target.write_text("of yesterday")
    link.symlink_to(target)
    result = run(*paths, "--quiet", "--html", link, "--json", os.devnull, "--fail-on", "never")
    assert (result.returncode, result.stderr) == (0, "")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8").startswith("<!")
    assert not os.path.isfile(os.devnull)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--every", "day"), "--every: needs --by"),
        (("--by", "x", "--segments", "y"), "--segments: not with --by"),
        (("--fail-on", "drift"), "accepted: drifted, inconclusive, schema, missing"),
        (("--columns", ""), "--columns"),
        (("--columns", 'x,"y'), "--columns"),
        (("--alpha", "much"), "--alpha"),
        (("--html", "-"), "- is for --json alone"),
        (("third.csv",), "third.csv"),
    ],
)
def test_wrong_usage_is_told(flags, words):
    result = run("baseline.csv", "current.csv", *flags)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("usage: driftline")
    assert words in result.stderr


def test_help_names_every_option():
    result = run("--help")
    assert (result.returncode, result.stderr) == (0, "")
    for flag in (
        *("--html", "--json", "--fail-on", "--quiet", "--columns", "--target", "--prediction"),
        *("--segments", "--by", "--every", "--tests", "--alpha", "--min-effect", "--correction"),
        *("--threads", "--seed"),
    ):
        assert flag in result.stdout


# --- how it ends and how far it is -------------------------------------------------


def test_interrupt_ends_it_without_a_traceback_and_without_files(tmp_path):
    code = (
        "import sys, driftline; from driftline import _reading, cli\n"
        "def stop(*_, **__): raise KeyboardInterrupt\n"
        "_reading.open_table = stop\n"
        f"sys.exit(cli.main(['compare', 'a.csv', 'b.csv', '--html', {str(tmp_path / 'r')!r}]))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (128 + signal.SIGINT, "")
    assert os.listdir(tmp_path) == []


@needs_reader
def test_a_reader_that_goes_away_ends_it_without_a_traceback(tmp_path):
    baseline, current = files(tmp_path)
    reader, writer = os.pipe()
    os.close(reader)
    arguments = [sys.executable, "-m", "driftline", "compare", baseline, current, "--json", "-"]
    with os.fdopen(writer, "wb") as gone:
        result = subprocess.run(arguments, stdout=gone, stderr=subprocess.PIPE, text=True)
    assert (result.returncode, result.stderr) == (128 + signal.SIGPIPE, "")


class Terminal(io.StringIO):
    def isatty(self):
        return True


class AtOnce(_compare_command._Bar):
    AFTER_S = 0.0


def test_the_bar_grows_on_a_terminal_and_is_gone_in_the_end():
    terminal = Terminal()
    with AtOnce(terminal) as bar:
        progress = bar.of("baseline")
        for done in range(5):
            progress(done, 4)
        bar.of("current")(12_345, 0)
    shown = terminal.getvalue().split("\r")
    assert shown[0] == ""
    full = [line.count("#") for line in shown[1:6]]
    assert (full, full[0], full[-1]) == (sorted(full), 0, AtOnce.WIDTH)
    assert shown[5].endswith("100 %")
    assert shown[6].rstrip() == "current  12,345"
    assert shown[7].strip() == ""
    assert shown[8:] == [""]
    # Each covers the one before.
    assert len(shown[6]) == len(shown[5])
    assert len(shown[7]) == len(shown[6].rstrip())


@pytest.mark.parametrize(("stream", "silent"), [(io.StringIO, False), (Terminal, True)])
def test_no_bar_without_a_terminal_and_when_quiet(stream, silent):
    output = stream()
    with AtOnce(output, silent=silent) as bar:
        bar.of("baseline")(1, 2)
    assert output.getvalue() == ""


def test_no_bar_for_what_is_done_soon():
    terminal = Terminal()
    with _compare_command._Bar(terminal) as bar:
        bar.of("baseline")(1, 2)
    assert terminal.getvalue() == ""
