"""Reports: the document, and every way to look at it."""

import copy
import io
import itertools
import json
import pickle
import re
import sys

import pytest
import report_documents

import driftline as dl
from driftline import report
from driftline.report import formatting, terminal, wording

WIDTHS = (40, 60, 80, 120)


NAMES = list(report_documents.KINDS)


@pytest.fixture(scope="module")
def reports():
    return {name: dl.DriftReport(make()) for name, make in report_documents.KINDS.items()}


# --- the document ------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_documents_are_valid(reports, name):
    jsonschema = pytest.importorskip("jsonschema")
    schema = report.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(reports[name].to_json()))


def test_everything_in_the_schema_is_described():
    def walk(schema, at):
        for key, inner in schema.get("properties", {}).items():
            named = inner if "$ref" not in inner else report.json_schema()["$defs"]
            assert "description" in inner or "$ref" in inner, (at, key)
            assert named
            walk(inner, (*at, key))
        if "items" in schema:
            walk(schema["items"], (*at, "items"))
        for inner in schema.get("anyOf", ()):
            walk(inner, at)

    schema = report.json_schema()
    walk(schema, ())
    for name, inner in schema["$defs"].items():
        assert "description" in inner, name
        walk(inner, (name,))


def test_the_schema_is_a_copy():
    report.json_schema()["properties"].clear()
    assert "verdict" in report.json_schema()["properties"]


@pytest.mark.parametrize("name", NAMES)
def test_round_trips(reports, name):
    given = reports[name]
    assert dl.DriftReport(given.to_dict()) == given
    assert dl.DriftReport.from_json(given.to_json()) == given
    assert dl.DriftReport.from_json(given.to_json(indent=2).encode()) == given
    again = pickle.loads(pickle.dumps(given))
    assert again == given
    assert again.to_json() == given.to_json()
    assert [pickle.loads(pickle.dumps(column)) for column in given] == list(given)
    assert copy.deepcopy(given) == given


def test_reports_differ_where_documents_do(reports):
    document = reports["mixed"].to_dict()
    document["columns"][0]["statistic"] = 0.123
    assert dl.DriftReport(document) != reports["mixed"]
    assert reports["mixed"] != reports["flights"]
    assert reports["mixed"] != document


def spoilt(change):
    document = report_documents.mixed(2)
    change(document)
    return document


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda d: d.update(format=2), dl.InvalidValueError, "document.format: got 2; accepted: 1"),
        (lambda d: d.pop("columns"), dl.InvalidValueError, "has no key 'columns'"),
        (lambda d: d.update(more=1), dl.InvalidValueError, "has a key 'more'"),
        (lambda d: d.update(verdict="bad"), dl.InvalidValueError, "document.verdict: got 'bad'"),
        (lambda d: d.update(columns={}), dl.InvalidTypeError, "document.columns: got {} of type"),
        (
            lambda d: d["columns"][1].update(name=3),
            dl.InvalidTypeError,
            "document.columns[1].name: got 3 of type int; accepted: string",
        ),
        (
            lambda d: d["columns"][0]["histogram"]["baseline"].__setitem__(4, True),
            dl.InvalidTypeError,
            "document.columns[0].histogram.baseline[4]: got True of type bool",
        ),
        (
            lambda d: d["columns"][0].update(p_value=1.5),
            dl.InvalidValueError,
            "document.columns[0].p_value: got 1.5; accepted: from 0 to 1",
        ),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused(change, error, said):
    text = json.dumps(spoilt(change))
    with pytest.raises(error, match=re.escape(said)):
        dl.DriftReport.from_json(text)
    with pytest.raises(error, match=re.escape(said)):
        dl.DriftReport(json.loads(text))


@pytest.mark.parametrize("text", ["", "{", "[1", "\ud800", b"\xff", "[" * 100_000])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(dl.InvalidValueError, match="text: "):
        dl.DriftReport.from_json(text)


def test_other_types_are_refused():
    with pytest.raises(dl.InvalidTypeError, match="text: got int"):
        dl.DriftReport.from_json(3)
    with pytest.raises(dl.InvalidTypeError, match="document: got list"):
        dl.DriftReport([])
    with pytest.raises(dl.InvalidValueError, match="document: "):
        dl.DriftReport({"format": float("nan")})
    with pytest.raises(dl.InvalidTypeError, match="document: got"):
        dl.DriftReport.from_json("3")


# --- the object --------------------------------------------------------------------


def test_attributes_are_those_of_the_document(reports):
    given = reports["flights"]
    document = given.to_dict()
    for key in document.keys() - {"format", "columns"}:
        assert plain(getattr(given, key)) == document[key], key
    assert [column.name for column in given.columns] == [one["name"] for one in document["columns"]]
    for column, entry in zip(given, document["columns"], strict=True):
        for key, value in entry.items():
            assert plain(getattr(column, key)) == value, key
        assert column.to_dict() == entry
    assert given.drifted == tuple(c.name for c in given if c.verdict == "drifted")


def plain(value):
    """What JSON would make of it."""
    if hasattr(value, "items"):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, tuple) else value


def test_nothing_can_be_written_through(reports):
    given = reports["flights"]
    with pytest.raises(TypeError):
        given.table["drifted"] = 0
    with pytest.raises(TypeError):
        given["temp"].histogram["edges"] = ()
    with pytest.raises(AttributeError):
        given.verdict = "stable"
    with pytest.raises(AttributeError):
        given["temp"].verdict = "stable"
    before = given.to_json()
    given.to_dict()["columns"][0]["name"] = "changed"
    given["temp"].to_dict()["missing"]["low"] = 3
    assert given.to_json() == before


def test_a_document_is_copied():
    document = report_documents.mixed(2)
    given = dl.DriftReport(document)
    document["columns"][0]["name"] = "changed"
    assert given.columns[0].name == "feature_000"


def test_columns_by_name(reports):
    given = reports["flights"]
    assert given["temp"].name == "temp"
    assert "temp" in given
    assert "Temp" not in given
    assert 3 not in given
    assert len(given) == 10
    with pytest.raises(dl.ColumnNotFound, match="did you mean 'arr_delay'"):
        given["arr_delya"]
    with pytest.raises(KeyError, match="accepted: 'time_hour'"):
        given["zzzzzzz"]
    with pytest.raises(dl.DriftlineError):
        given[["temp"]]


def test_reprs_are_one_line(reports):
    assert repr(reports["bare"]) == (
        "DriftReport(verdict='inconclusive', columns=1, drifted=0, inconclusive=1, stable=0)"
    )
    for given in reports.values():
        assert "\n" not in repr(given)
        assert all("\n" not in repr(column) for column in given)
    assert repr(reports["flights"]["temp"]).startswith(
        "ColumnReport('temp', kind='numeric', verdict='drifted', effect_size=0.998"
    )


def test_sorted_by_severity(reports):
    for given in reports.values():
        order = [column.verdict for column in given._by_severity()]
        assert order == sorted(order)  # also the order of the alphabet
    sizes = [c.effect["low"] for c in reports["flights"]._by_severity() if c.verdict == "drifted"]
    assert sizes == sorted(sizes, reverse=True)


def test_a_column_that_went_missing_is_grave():
    document = report_documents.mixed(3)
    gone = document["columns"][2]
    gone.update(verdict="drifted", reasons=["missing"])
    gone["missing"].update(current=0.97, difference=0.97, low=0.95, high=0.98)
    given = dl.DriftReport(document)
    assert given._by_severity()[0].name == "feature_002"
    assert "feature_002 (missing 0% to 97.0%)" in str(given)


# --- words and numbers -------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["drifted", "inconclusive", "stable"])
@pytest.mark.parametrize("counts", [(0, 0, 1), (1, 0, 0), (0, 1, 0), (2, 3, 4), (0, 0, 0)])
def test_headlines_are_sentences(verdict, counts):
    table = dict(zip(("drifted", "inconclusive", "stable"), counts, strict=True))
    table["columns"] = sum(counts)
    said = wording.headline({"verdict": verdict, "table": table, "multivariate": None})
    assert said[0].isupper() or said[0].isdigit()
    assert said.endswith(".")


def test_correction_and_effect_are_told():
    options = {"alpha": 0.1, "min_effect": 0.02, "correction": "holm", "seed": 0}
    assert "more than 2%" in wording.meaning(options)
    assert "any column is called drifted by mistake is at most 10%" in wording.meaning(options)
    assert "p-value of at most 10%" in wording.meaning(options | {"min_effect": 0.0})


def test_numbers_of_every_size_are_short():
    for mantissa, exponent in itertools.product((1, 1.23456789, 9.9999999), range(-320, 309, 7)):
        for value in (mantissa * 10.0**exponent, -mantissa * 10.0**exponent):
            told = formatting.number(value)
            assert len(told) <= 14, told
            assert float(told.replace(",", "")) == pytest.approx(value, rel=5e-3)
    for value in (float("inf"), float("-inf"), float("nan"), None, 0.0, -0.0):
        assert len(formatting.number(value)) <= 2


@pytest.mark.parametrize(
    ("low", "high"),
    [(0, 1), (-5e-9, 5e-9), (1e300, 1.7e308), (-1.7e308, 1.7e308), (5e-324, 1e-323), (3, 3),
     (1e16, 1e16 + 4), (-0.1, 1e6), (1.0, 1.0000000000000002), (float("inf"), 3)],
)  # fmt: skip
@pytest.mark.parametrize("labels", [formatting.axis_labels, formatting.time_labels])
def test_axes_of_every_size(labels, low, high):
    found = labels(float(low), float(high))
    assert len(found) <= 12
    assert all(low <= at <= high or at == pytest.approx(low) for at, _ in found)


@pytest.mark.parametrize("days", [0.001, 0.1, 1, 3, 20, 60, 100, 400, 2000, 40_000])
def test_times_are_labelled_at_any_scale(days):
    found = formatting.time_labels(1.36e9, 1.36e9 + days * 86_400)
    assert 1 <= len(found) <= 6
    assert len({label for _, label in found}) == len(found)


# --- the terminal ------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_lines_fit(reports, name, width):
    for line in terminal.render(reports[name], width=width).splitlines():
        assert terminal._wide(line) <= width, line


def test_the_verdict_comes_first(reports):
    lines = str(reports["flights"]).splitlines()
    assert lines[0] == "DRIFTED: 8 of 10 columns have drifted."
    assert lines[1].startswith("Most: time_hour (100% of rows moved)")


def test_stable_columns_are_counted_unless_few(reports):
    shown = str(reports["mixed"])
    assert "and 13 stable columns" in shown
    assert "feature_019" not in shown
    assert "distance" in str(reports["flights"])


def test_text_is_ascii_and_harmless(reports):
    assert str(reports["flights"]).isascii()
    shown = str(reports["nasty"])
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    assert shown.encode("utf-8")


class Screen(io.StringIO):
    encoding = "ascii"

    def isatty(self):
        return True


@pytest.mark.thread_unsafe
def test_colour_only_in_a_terminal(reports, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen, file = Screen(), io.StringIO()
    terminal.write(reports["nasty"], screen)
    terminal.write(reports["nasty"], file)
    assert "\x1b[31mDRIFTED\x1b[0m" in screen.getvalue()
    assert screen.getvalue().isascii()
    assert "\x1b" not in file.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    screen = Screen()
    terminal.write(reports["nasty"], screen)
    assert "\x1b" not in screen.getvalue()


# --- frames and plots --------------------------------------------------------------


def rows(frame):
    return frame.to_dict("records") if hasattr(frame, "iloc") else frame.to_dicts()


@pytest.mark.thread_unsafe
@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_a_frame_has_a_row_for_each_column(reports, package, monkeypatch):
    module = pytest.importorskip(package)
    if package == "polars":
        monkeypatch.setitem(sys.modules, "pandas", None)
    for given in reports.values():
        frame = given.to_frame()
        assert isinstance(frame, module.DataFrame)
        assert frame.shape == (len(given), 18)
        for row, column in zip(rows(frame), given, strict=True):
            assert row["name"] == column.name.replace("\ud800", "\ufffd")
            assert row["verdict"] == column.verdict
            assert row["reasons"] == ",".join(column.reasons)
            if column.effect is not None:
                assert row["effect_low"] == column.effect["low"]
            if column.rows_needed is not None:
                assert row["rows_needed"] == column.rows_needed


@pytest.mark.thread_unsafe
def test_a_frame_needs_pandas_or_polars(reports, monkeypatch):
    for name in ("pandas", "polars"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(dl.PackageNotFound, match="neither pandas nor polars is installed"):
        reports["mixed"].to_frame()
    with pytest.raises(ImportError):
        reports["mixed"].to_frame()


@pytest.mark.thread_unsafe
def test_a_plot_needs_matplotlib(reports, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(dl.PackageNotFound, match="Matplotlib is not installed"):
        reports["mixed"].plot("feature_000")
    with pytest.raises(dl.ColumnNotFound):
        reports["mixed"].plot("feature")
    with pytest.raises(dl.InvalidValueError, match="nothing to draw"):
        reports["bare"].plot("empty")


@pytest.mark.thread_unsafe
def test_plots(reports):
    pytest.importorskip("matplotlib").use("Agg")
    from matplotlib import pyplot

    try:
        for name in ("temp", "time_hour", "origin"):
            axes = reports["flights"].plot(name)
            assert axes.get_title("left").startswith(f"{name}: ")
            axes.figure.draw_without_rendering()
            pyplot.close(axes.figure)
        figure, own = pyplot.subplots()
        assert reports["flights"].plot("temp", ax=own) is own
        assert figure.axes == [own]
    finally:
        pyplot.close("all")


# --- whatever may be null ----------------------------------------------------------


def nullable(value, schema, path=()):
    """Every place of a document where null may stand as well."""
    whole = report.json_schema()
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    if "anyOf" in schema:
        yield path
        if value is not None:
            yield from nullable(value, schema["anyOf"][0], path)
        return
    if isinstance(schema.get("type"), list) and "null" in schema["type"]:
        yield path
    if isinstance(value, dict):
        for key, inner in schema["properties"].items():
            yield from nullable(value[key], inner, (*path, key))
    elif isinstance(value, list) and value and not isinstance(value[0], str):
        yield from nullable(value[0], schema["items"], (*path, 0))


def test_null_may_stand_where_the_schema_says():
    for make in (report_documents.flights, lambda: report_documents.mixed(4)):
        document = make()
        if document["periods"] is None:
            document["columns"].reverse()  # the first has categories
        else:
            for part in (document, document["periods"]):
                part["columns"] = part["columns"][:2]
        paths = list(nullable(document, report.json_schema()))
        assert len(paths) > 40
        for path in paths:
            changed = copy.deepcopy(document)
            place = changed
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = None
            given = dl.DriftReport(changed)
            assert "None" not in given.to_html(), path
            assert "None" not in str(given), path
