"""The page of a report, without a browser."""

import re
from html.parser import HTMLParser

import pytest
import report_documents

import driftline as dl

MOST_BYTES_OF_20_FEATURES = 120_000
VOID = {"meta", "input", "br", "hr", "img", "link"}


NAMES = list(report_documents.KINDS)


@pytest.fixture(scope="module")
def reports():
    return {name: dl.DriftReport(make()) for name, make in report_documents.KINDS.items()}


class Reader(HTMLParser):
    """Elements, and whether each is closed where it should be."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.texts, self.ids = [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), attrs
        self.ids += [value for key, value in attrs if key == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def of(self, *tags):
        return [attrs for tag, attrs in self.elements if tag in tags]


def both(given):
    return given.to_html(), given._repr_html_()


@pytest.mark.parametrize("name", NAMES)
def test_pages_are_balanced_and_self_contained(reports, name):
    for text in both(reports[name]):
        reader = Reader(text)
        assert len(set(reader.ids)) == len(reader.ids)
        bare = text
        for given in report_documents.NASTY:  # what is in the data is text, whatever it says
            bare = bare.replace(given, "") if given else bare
        assert not re.search(
            r"(https?:)?//(?!www\.w3\.org/2000/svg)", re.sub(r"(?m)^//.*", "", bare)
        )
        assert not re.search(r"@import|url\(|data:", bare)
        for attributes in [attrs for _, attrs in reader.elements]:
            assert not {"src", "srcset", "action", "poster", "data", "ping"} & attributes.keys()
            assert not [key for key in attributes if key.startswith("on")]
        links = [a["href"] for a in reader.of("a", "use")]
        assert all(link.startswith("#") for link in links)
        assert {link[1:] for link in links} <= set(reader.ids)
        allowed = {
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "main",
            "script",
            "header",
            "p",
        }
        allowed |= {"span", "div", "h1", "h2", "h3", "b", "i", "dl", "dt", "dd", "nav", "ul", "li"}
        allowed |= {"a", "section", "table", "caption", "thead", "tbody", "tr", "th", "td", "svg"}
        allowed |= {"g", "path", "use", "defs", "small", "bdi", "fieldset", "legend", "label"}
        allowed |= {"input", "details", "summary"}
        assert {tag for tag, _ in reader.elements} <= allowed


def test_names_are_escaped(reports):
    for text in both(reports["nasty"]):
        reader = Reader(text)
        assert len(reader.of("script")) == 1
        assert len(reader.of("style")) == 1
        assert not reader.of("img")
        shown = "".join(reader.texts)
        for given in ("<script>alert(1)</script>", "\"quoted\" & 'single' `back`", "שלום עולם"):
            assert given in shown
        assert not re.search(r"[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
        assert "n" * 1000 in shown


def test_a_page_is_light_and_says_what_counts(reports):
    page = dl.DriftReport(report_documents.mixed(20)).to_html()
    assert len(page.encode()) <= MOST_BYTES_OF_20_FEATURES
    assert "<h1>6 of 20 columns have drifted.</h1>" in page
    assert page.index("drifted.") < page.index("<table")
    always = ["Columns", "Each column", "How to read this"]
    others = ["Over time", "All columns together", "Target and prediction"]
    for title in (*always, *others, "Where the change comes from", "Schema differences"):
        assert f">{title}</h2>" in reports["flights"].to_html()
        assert (f">{title}</h2>" in page) == (title in always)


def test_rows_come_by_severity(reports):
    page = reports["flights"].to_html()
    names = re.findall(r"<tr data-v.*?<bdi>(.*?)</bdi>", page)
    assert names == [column.name for column in reports["flights"]._by_severity()]
    cards = re.findall(r"<details.*?<bdi>(.*?)</bdi>", page)
    assert cards == names


def test_only_verdicts_that_need_a_look_are_open(reports):
    reader = Reader(reports["flights"].to_html())
    for card in reader.of("details"):
        assert ("open" in card) == (card["data-v"] != "stable")


def test_tables_and_pictures_are_accessible(reports):
    for name in NAMES:
        text = reports[name].to_html()
        reader = Reader(text)
        assert all(th.get("scope") in ("col", "row") for th in reader.of("th"))
        drawn = re.findall(r"<svg[^>]*>(<title>)?", text)
        hidden = re.findall(r'<svg[^>]*aria-hidden="true"[^>]*>', text)
        assert len(drawn) == len(hidden) + sum(map(bool, drawn))
        assert all(svg.get("role") == "img" or "aria-hidden" in svg for svg in reader.of("svg"))
        assert ("html", {"lang": "en"}) in reader.elements
    assert any(th.get("aria-sort") == "descending" for th in reader.of("th")) == bool(
        reader.of("table")
    )


def test_of_many_columns_the_stable_ones_have_no_pictures():
    given = dl.DriftReport(report_documents.mixed(120, rows=4000, drifting=0.05))
    unsteady = [column.name for column in given if column.verdict != "stable"]
    page = given.to_html()
    assert f"Of 120 columns, {len(unsteady)} have pictures" in page
    assert len(re.findall("<details", page)) == len(unsteady)
    assert len(re.findall("<tr data-v", page)) == 120
    assert "have pictures" not in dl.DriftReport(report_documents.mixed(100, rows=100)).to_html()


def test_of_many_periods_the_last_are_shown():
    document = report_documents.flights()
    periods = document["periods"]
    for key in ("names", "rows", "verdicts"):
        periods[key] = periods[key] * 20
    for column in periods["columns"]:
        for key in ("effect", "low", "high", "verdicts"):
            column[key] = column[key] * 20
    given = dl.DriftReport(document)
    assert "the last 120 of 240 periods" in given.to_html()
    assert given.to_html().count('<td class="h') == 120 * 10
    assert " and 200 more" in str(given)


def test_a_fragment_keeps_its_style_to_itself(reports):
    text = reports["mixed"]._repr_html_()
    assert not re.search(r"<(html|body|head|main|!DOCTYPE)[ >]", text)
    style = re.sub(r"\s+", " ", re.search(r"<style>(.*?)</style>", text, re.S)[1])
    depth, selectors, begin = 0, [], 0
    for place, sign in enumerate(style):
        if sign == "{":
            if depth == 0:
                selectors.append(style[begin:place].strip())
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                begin = place + 1
    assert depth == 0
    for selector in ",".join(selectors).split(","):
        own = (
            selector.strip().startswith("@media") or ".driftline" in selector or ".dl-" in selector
        )
        assert own, selector


def test_two_fragments_share_no_ids(reports):
    first, second = (Reader(reports[name]._repr_html_()).ids for name in ("mixed", "flights"))
    assert not set(first) & set(second)


def test_pages_do_not_vary(reports):
    for name, make in report_documents.KINDS.items():
        again = dl.DriftReport(make())
        assert again.to_html() == reports[name].to_html()
        assert again._repr_html_() == reports[name]._repr_html_()
        assert str(again) == str(reports[name])


def test_a_page_is_written(reports, tmp_path):
    for path in (tmp_path / "report.html", str(tmp_path / "other.html")):
        page = reports["nasty"].to_html(path)
        with open(path, encoding="utf-8", newline="") as file:
            assert file.read() == page
    with pytest.raises(dl.InvalidTypeError, match="path: got int"):
        reports["nasty"].to_html(3)
    with pytest.raises(OSError, match="nowhere"):
        reports["nasty"].to_html(tmp_path / "nowhere" / "report.html")
