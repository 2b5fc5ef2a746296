"""The page in a real browser: Chromium, at the width of a desk and of a phone.

``make test-report`` runs this; it needs Chromium (apt-get install chromium, or its path in
``CHROMIUM``). With axe-core's ``axe.min.js`` in ``AXE_CORE`` its rules are checked, too;
with a folder in ``SCREENSHOTS`` pictures are left there.
"""

import itertools
import os
import sys
from pathlib import Path

import browser
import pytest

import driftline as dl

sys.path.insert(0, str(Path(__file__).parents[1] / "python"))
import report_documents
import test_report_of_tables

DESK, PHONE = 1280, 390
#: Of normal text against what it stands on (WCAG 2.2, 1.4.3), and of what is drawn (1.4.11).
CONTRAST, CONTRAST_DRAWN = 4.5, 3.0
DOCUMENTS = ["flights", "mixed", "nasty", "bare", "tables"]
SIGHTS = list(itertools.product((DESK, PHONE), (False, True)))


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    program = browser.find()
    if program is None:
        pytest.fail("there is no Chromium: apt-get install chromium, or say where: CHROMIUM=path")
    running = browser.Browser(program, tmp_path_factory.mktemp("profile"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def urls(tmp_path_factory):
    """A file for each document, and one for a notebook of two."""
    folder = tmp_path_factory.mktemp("pages")
    reports = {name: dl.DriftReport(report_documents.KINDS[name]()) for name in DOCUMENTS[:-1]}
    reports["tables"] = test_report_of_tables.COMPARISONS["odd"]()
    for name, report in reports.items():
        report.to_html(folder / f"{name}.html")
    fragments = [reports[name]._repr_html_() for name in ("mixed", "flights", "mixed")]
    (folder / "notebook.html").write_text(NOTEBOOK.format(*fragments), encoding="utf-8")
    return {path.stem: path.as_uri() for path in folder.glob("*.html")}


#: As JupyterLab would show them: with rules of its own, and a dark theme in spite of the system.
NOTEBOOK = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Notebook</title>
<style>body {{ color: #e0e0e0; background: #111; font-size: 11px }}
.jp-RenderedHTMLCommon table {{ width: auto; border: 3px solid red }}
.jp-RenderedHTMLCommon tbody tr:nth-child(odd) {{ background: #333 }}
.jp-RenderedHTMLCommon td {{ padding: 40px }}
.jp-RenderedHTMLCommon h1 {{ font-size: 70px }}</style></head>
<body data-jp-theme-light="false"><h2 id="own">Own</h2><table id="mine"><tr><td>x</td></tr></table>
<p id="text">text</p>
<main class="jp-RenderedHTMLCommon">{}{}{}</main></body></html>"""


@pytest.mark.parametrize(("width", "dark"), SIGHTS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_shows_without_complaint(chromium, urls, name, width, dark):
    with chromium.page(urls[name], width=width, dark=dark) as page:
        page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        size = page.run("[document.documentElement.scrollWidth, document.body.scrollWidth]")
        assert size == [width, width], "it scrolls sideways"
        assert page.requests() == []
        assert page.complaints() == []
        if "SCREENSHOTS" in os.environ:
            scheme = "dark" if dark else "light"
            path = Path(os.environ["SCREENSHOTS"], f"{name}-{width}-{scheme}.png")
            page.screenshot(path)


def rows(page):
    return page.run(
        "[...document.querySelectorAll('.overview tbody tr')]"
        ".filter((row) => row.checkVisibility()).map((row) => row.querySelector('bdi').textContent)"
    )


def click(page, selector):
    page.run(f"document.querySelector({selector!r}).click()")


def test_sorts(chromium, urls):
    with chromium.page(urls["mixed"], width=DESK) as page:
        by_severity = rows(page)
        click(page, "th:nth-child(2) button")
        assert rows(page) == sorted(by_severity)
        click(page, "th:nth-child(2) button")
        assert rows(page) == sorted(by_severity, reverse=True)
        click(page, "th:nth-child(1) button")
        assert rows(page) == by_severity
        marked = "[...document.querySelectorAll('[aria-sort]')].map((one) => one.textContent)"
        assert page.run(marked) == ["Verdict"]
        click(page, "th:nth-child(4) button")
        shown = page.run(
            "[...document.querySelectorAll('.moved b')].map((one) => parseFloat(one.textContent))"
        )
        assert shown == sorted(shown, reverse=True)


@pytest.mark.parametrize("script", [True, False])
def test_filters_by_verdict_even_without_script(chromium, urls, script):
    counts = report_documents.mixed(20)["table"]
    with chromium.page(urls["mixed"], width=DESK, script=script) as page:
        for verdict in ("drifted", "inconclusive", "stable"):
            box = page.run(
                f"JSON.stringify(document.querySelector('input[value={verdict}]').parentNode"
                ".getBoundingClientRect())"
            )
            page.click(box)
            assert len(rows(page)) == counts[verdict]
            cards = (
                "[...document.querySelectorAll('.card')].filter((c) => c.checkVisibility()).length"
            )
            assert page.run(cards) == counts[verdict]


def test_finds_by_name(chromium, urls):
    with chromium.page(urls["mixed"], width=DESK) as page:
        page.run(
            "{const s = document.querySelector('[type=search]'); s.value = ' _00 '.trim();"
            "s.dispatchEvent(new Event('input', {bubbles: true}));}"
        )
        assert sorted(rows(page)) == [f"feature_{place:03}" for place in range(10)]
        told = page.run("document.querySelector('[role=status]').textContent")
        assert told == "10 of 20 columns shown"


def test_a_link_opens_what_it_leads_to(chromium, urls):
    with chromium.page(urls["mixed"], width=DESK) as page:
        last = "document.querySelector('.overview tbody tr:last-child a')"
        target = f"document.querySelector({last}.getAttribute('href')).closest('details')"
        assert page.run(f"{target}.open") is False
        page.run(f"{last}.click()")
        assert page.run(f"{target}.open") is True
        assert page.run(f"{target}.contains(document.activeElement)") is True


@pytest.mark.parametrize("name", ["flights", "mixed", "bare"])
def test_tab_reaches_everything(chromium, urls, name):
    """Of a group of choices one takes part; what stands in closed parts does not."""
    with chromium.page(urls[name], width=DESK) as page:
        reachable = page.run(
            "(() => { let n = 0; for (const one of document.querySelectorAll("
            "'a[href], button, input:not([type=radio]), input:checked, summary, [tabindex=\"0\"]'))"
            " if (one.checkVisibility({contentVisibilityAuto: true})) one.dataset.tab = n++;"
            " return n; })()"
        )
        met = []
        for _ in range(reachable):
            page.press("Tab")
            met.append(page.run("document.activeElement.dataset.tab"))
            ring = page.run(
                "(() => { const one = document.activeElement;"
                "const seen = (e) => e && getComputedStyle(e).outlineStyle !== 'none';"
                "return seen(one) || seen(one.nextElementSibling); })()"
            )
            assert ring, met[-1]
        assert sorted(map(int, met)) == list(range(reachable))
        assert met == sorted(met, key=int), "the order is that of the page"


def test_keys_work(chromium, urls):
    with chromium.page(urls["mixed"], width=DESK) as page:
        page.run("document.querySelector('th:nth-child(2) button').focus()")
        page.press("Enter")
        assert rows(page)[0] == "feature_000"
        page.run("document.querySelector('input[value=all]').focus()")
        page.press("ArrowRight")
        assert page.run("document.querySelector('input:checked').value") == "drifted"


@pytest.mark.parametrize(("width", "dark"), SIGHTS)
def test_contrast(chromium, urls, width, dark):
    """Every text against the colour below it; every line against the page."""
    for name in ("flights", "mixed"):
        with chromium.page(urls[name], width=width, dark=dark) as page:
            found = page.run(CONTRASTS)
            weak = [one for one in found if one[0] < (CONTRAST if one[1] else CONTRAST_DRAWN)]
            assert weak == []
            assert len(found) > 20


CONTRASTS = """(() => {
const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
const light = ([r, g, b]) => { const f = (v) => (v /= 255) <= 0.04045 ? v / 12.92
  : ((v + 0.055) / 1.055) ** 2.4; return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
const below = (one) => { for (; one; one = one.parentElement) {
  const c = rgba(getComputedStyle(one).backgroundColor); if (c[3] === 255) return c; }
  return [255, 255, 255, 255]; };
const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05); };
const found = new Map();
const note = (one, colour, isText) => { const r = ratio(rgba(colour), below(one));
  const key = one.className.baseVal ?? one.className;
  found.set(`${one.tagName}.${key}.${isText}.${r}`,
  [Math.round(r * 100) / 100, isText, one.tagName, key, one.textContent.slice(0, 20)]); };
for (const one of document.querySelectorAll('.driftline *')) {
  const style = getComputedStyle(one);
  if ([...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) {
    if (one.closest('svg') || one.closest('.sr') || !one.checkVisibility()) continue;
    if (one.closest('label')?.querySelector('input:disabled')) continue;
    note(one, style.color, true);
  } else if (one.matches('svg .w, svg .p, svg .dl-c, svg .dl-b, svg .t, svg .l')) {
    note(one, style.stroke, false);
  } else if (one.matches('.bars path, .bar path')) note(one, style.fill, false);
}
return [...found.values()];
})()"""


@pytest.mark.parametrize(("width", "dark"), SIGHTS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_axe_finds_nothing(chromium, urls, name, width, dark):
    if not os.environ.get("AXE_CORE"):
        pytest.skip("axe-core is not there; AXE_CORE=path of axe.min.js")
    script = Path(os.environ["AXE_CORE"]).read_text(encoding="utf-8")
    with chromium.page(urls[name], width=width, dark=dark) as page:
        page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.run(script + ";0")
        found = page.run("axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes[0].html]))")
        assert found == []


def test_many_columns_stay_usable(chromium, tmp_path):
    report = dl.DriftReport(report_documents.mixed(1000, rows=300))
    report.to_html(tmp_path / "many.html")
    with chromium.page((tmp_path / "many.html").as_uri(), width=PHONE) as page:
        assert page.run("document.documentElement.scrollWidth") == PHONE
        assert len(rows(page)) == 1000
        click(page, "th:nth-child(2) button")
        assert rows(page)[999] == "feature_999"


@pytest.mark.parametrize("dark", [False, True])
def test_a_notebook_keeps_its_style_and_the_report_its_own(chromium, urls, dark):
    with chromium.page(urls["notebook"], width=DESK, dark=dark) as page:
        style = "getComputedStyle(document.querySelector({!r})).{}"
        assert page.run(style.format("#mine", "width")) != page.run(style.format("body", "width"))
        assert page.run(style.format("#text", "fontSize")) == "11px"
        assert page.run(style.format("#own", "fontSize")) == "16.5px"
        # The notebook is dark, whatever the system is.
        assert page.run(style.format(".driftline", "backgroundColor")) == "rgb(22, 25, 29)"
        assert page.run(style.format(".driftline h1", "fontSize")) == "26px"
        assert page.run(style.format(".overview", "borderTopStyle")) == "none"
        assert page.run(style.format(".overview td", "paddingTop")) == "5px"
        assert page.run(style.format(".overview tbody tr", "backgroundColor")) == "rgba(0, 0, 0, 0)"
        buttons = [
            page.run(f"document.querySelectorAll('.driftline')[{place}]"
                     ".querySelectorAll('th button').length")
            for place in range(3)
        ]  # fmt: skip
        assert buttons == [5, 5, 5]
        assert page.complaints() == []
