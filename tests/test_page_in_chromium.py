"""The page in a real browser: silent, asking for nothing, and usable by mouse, keys and readers.

Chromium is driven headless over its debugging pipe; where there is none these tests are skipped.
The audit by axe-core runs where `AXE_CORE` names a copy of axe.min.js, or one lies in node_modules.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from verifier.renderers.as_html import as_html, render_index
from verifier.verdicts import Check, Claim, Verdict

from . import chromium, hand_drawn
from . import hand_built as built

PROGRAM = chromium.found()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine")
ROOT = Path(__file__).resolve().parents[1]
AXES = (os.environ.get("AXE_CORE", ""), ROOT / "node_modules/axe-core/axe.min.js")
AXE = next((Path(path) for path in AXES if path and Path(path).is_file()), None)
STANDARD = '["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]'
SCREENS = {"light": (1200, "light"), "dark": (1200, "dark"), "phone": (390, "light")}


def _pages() -> dict[str, str]:
    found = tuple(built.wrong_gradient(str(number)) for number in range(200))
    claim = Claim("gradient", Verdict.REFUTED, findings=found)
    every = built.document(*built.checks(), *hand_drawn.checks(), built.odd_check())
    many = built.document(Check("c", "m:c", Verdict.REFUTED, (claim,)))
    index = render_index([("every", every, "every.html"), (built.ODD, many, "many.html")])
    return {"every": as_html(every), "many": as_html(many), "index": index}


@pytest.fixture(scope="module")
def browser() -> Iterator[chromium.Browser]:
    assert PROGRAM is not None
    with chromium.running(PROGRAM) as found:
        try:
            found.send("Browser.getVersion")
        except RuntimeError as problem:
            pytest.skip(f"Chromium does not start here: {problem}")
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name, text in _pages().items():
        (folder / f"{name}.html").write_text(text, "utf-8")
    return {path.stem: path for path in folder.iterdir()}


@pytest.fixture
def tab(browser: chromium.Browser, pages: dict[str, Path]) -> chromium.Tab:
    found = chromium.Tab(browser, 1200, 900, "light")
    found.open(pages["every"])
    return found


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", ["every", "many", "index"])
def test_it_is_silent_asks_for_nothing_and_fits(
    browser: chromium.Browser, pages: dict[str, Path], name: str, screen: str
) -> None:
    width, scheme = SCREENS[screen]
    tab = chromium.Tab(browser, width, 900, scheme)
    tab.open(pages[name])
    assert tab.run("document.readyState") == "complete"
    assert tab.messages() == []
    assert [url.rpartition("/")[2] for url in tab.requests()] == [f"{name}.html"]
    assert tab.run("document.documentElement.scrollWidth") == width
    ground = tab.run("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(","))) < 200) == (scheme == "dark")


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", ["every", "index"])
@pytest.mark.skipif(AXE is None, reason="no copy of axe-core: name one in AXE_CORE")
def test_axe_finds_nothing(
    browser: chromium.Browser, pages: dict[str, Path], name: str, screen: str
) -> None:
    assert AXE is not None
    width, scheme = SCREENS[screen]
    tab = chromium.Tab(browser, width, 900, scheme)
    tab.open(pages[name])
    tab.send("Runtime.evaluate", expression=AXE.read_text("utf-8"))
    found = tab.run(
        f"axe.run(document, {{runOnly: {STANDARD}}}).then(result => result.violations.map("
        "rule => [rule.id, rule.nodes.map(node => node.html.slice(0, 120)).slice(0, 3)]))"
    )
    assert found == []


def test_markup_in_names_does_nothing(tab: chromium.Tab) -> None:
    assert tab.run("document.scripts.length") == 1
    assert tab.run("document.querySelectorAll('iframe, object, embed, form, img').length") == 0
    assert built.SCRIPT in tab.run("document.body.textContent")


def test_the_policy_forbids_what_is_not_the_pages_own(tab: chromium.Tab) -> None:
    tab.run("""(() => {
        const made = document.createElement("script");
        made.textContent = "window.hit = 1";
        document.body.append(made);
        document.body.insertAdjacentHTML("beforeend", "<p style='color:red'>");
    })()""")
    assert tab.run("window.hit") is None
    assert tab.run("getComputedStyle(document.body.lastElementChild).color") != "rgb(255, 0, 0)"
    said = tab.messages()
    assert len(said) >= 2 and all("Content Security Policy" in text for text in said)


FIGURE = "[...document.querySelectorAll('figure')].find(f => f.querySelector('{}'))"
CURVE, MAP = FIGURE.format(".curve.pts"), FIGURE.format("[data-g]")


def _focus(tab: chromium.Tab, figure: str) -> None:
    tab.run(f"{figure}.scrollIntoView({{block: 'center'}})")
    tab.run("new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))")
    tab.run(f"{figure}.querySelector('input').focus()")


def test_a_curve_is_read_by_arrow_keys(tab: chromium.Tab) -> None:
    _focus(tab, CURVE)
    said = []
    for _ in range(3):
        said.append(tab.run(f"{CURVE}.querySelector('.readout').textContent"))
        tab.press("ArrowRight")
    assert len(set(said)) == 3 and all(text.startswith("x ") for text in said)
    rows = tab.run(f"{CURVE}.querySelector('[data-r]').dataset.r.split(';').length")
    tab.press("End")
    assert tab.run(f"{CURVE}.querySelector('input').value") == str(rows - 1)
    assert tab.run(f"{CURVE}.querySelector('input').getAttribute('aria-valuetext')") == tab.run(
        f"{CURVE}.querySelector('.readout').textContent"
    )


def test_a_curve_is_read_by_the_mouse(tab: chromium.Tab) -> None:
    _focus(tab, CURVE)
    box = tab.run(f"(b => [b.left, b.top, b.width, b.height])({CURVE}.querySelector('svg')"
                  ".getBoundingClientRect())")  # fmt: skip
    said = []
    for share in (0.3, 0.7):
        tab.point(box[0] + share * box[2], box[1] + box[3] / 2)
        said.append(tab.run(f"{CURVE}.querySelector('.readout').textContent"))
    assert said[0] != said[1]
    assert tab.run(f"!!{CURVE}.querySelector('.cross.on')")


def test_a_matrix_is_read_cell_by_cell(tab: chromium.Tab) -> None:
    _focus(tab, MAP)
    tab.press("ArrowRight")
    tab.press("ArrowDown")
    assert tab.run(f"{MAP}.querySelector('.readout').textContent").startswith("W1[1], W1[1], ")


def test_search_and_filters(tab: chromium.Tab) -> None:
    every = tab.run("document.querySelectorAll('.finding').length")
    tab.run("""(() => { const box = document.getElementById("search"); box.value = "silu convex";
        box.dispatchEvent(new Event("input", { bubbles: true })); })()""")
    assert tab.run("document.querySelectorAll('.finding:not([hidden])').length") == 1
    assert "of" in tab.run("document.getElementById('shown').textContent")
    tab.run("""(() => { const box = document.getElementById("search"); box.value = "";
        box.dispatchEvent(new Event("input", { bubbles: true }));
        document.querySelector("#filters input[value=error]").click(); })()""")
    left = tab.run("document.querySelectorAll('.finding:not([hidden])').length")
    assert left == tab.run("document.querySelectorAll('.finding:not(.error)').length") < every
    tab.run("document.querySelector('.tiles .proved button').click()")
    rows = "document.querySelectorAll('.grid tbody tr:not([hidden])')"
    assert tab.run(f"[...{rows}].every(row => row.textContent.includes('PROVED'))")


def test_the_theme_button_says_what_it_does(tab: chromium.Tab) -> None:
    before = tab.run("getComputedStyle(document.body).backgroundColor")
    assert tab.run("document.getElementById('theme').getAttribute('aria-label')").endswith(
        "to dark colours"
    )
    tab.run("document.getElementById('theme').click()")
    assert tab.run("getComputedStyle(document.body).backgroundColor") != before
    assert tab.run("document.getElementById('theme').textContent") == "Light"


def test_the_tab_key_visits_everything_in_reading_order(tab: chromium.Tab) -> None:
    met = []
    for _ in range(12):
        tab.press("Tab")
        met.append(tab.run("document.activeElement.getBoundingClientRect().top + scrollY"))
        assert tab.run("document.activeElement.matches(':focus-visible')")
    assert met[1:] == sorted(met[1:]), "after the link that skips, focus goes down the page"


def test_without_scripts_nothing_is_missing(
    browser: chromium.Browser, pages: dict[str, Path]
) -> None:
    tab = chromium.Tab(browser, 1200, 900, "light")
    tab.send("Emulation.setScriptExecutionDisabled", value=True)
    tab.open(pages["every"])
    unseen = tab.run("""[...document.querySelectorAll("body *")].filter(part =>
        getComputedStyle(part).display === "none").map(part => part.tagName + "#" + part.id)""")
    assert set(unseen) <= {"BUTTON#theme", "DIV#tools", "DIV#filters", "SCRIPT#"}
    assert tab.run("""[...document.querySelectorAll("figure")].every(figure =>
        figure.getBoundingClientRect().height > 40 && figure.innerText.length > 20)""")


def test_it_prints_light_and_unfolded(browser: chromium.Browser, pages: dict[str, Path]) -> None:
    tab = chromium.Tab(browser, 1200, 900, "dark")
    tab.open(pages["every"])
    tab.run("dispatchEvent(new Event('beforeprint'))")
    tab.media("dark", "print")
    assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.run("[...document.querySelectorAll('details')].every(part => part.open)")
    paper = pages["every"].with_suffix(".pdf")
    tab.paper(paper)
    assert paper.read_bytes().startswith(b"%PDF")
