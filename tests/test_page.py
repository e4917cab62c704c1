"""The HTML page: one file, no request, harmless, within its budget, and valid enough to parse."""

from __future__ import annotations

import base64
import hashlib
import html
import itertools
import re
from html.parser import HTMLParser

import msgspec
import pytest

from verifier.renderers.as_html import MOST_BYTES, MOST_CHARTS, as_html, render_index
from verifier.rules import RULES
from verifier.verdicts import Check, Claim, Document, Severity, StepCurve, Verdict, Witness

from . import hand_built as built

VOID = {"meta", "link", "input", "br", "img"}
ALL = built.document(*built.checks(), built.odd_check(), built.odd_check("x" * 100_000))


class Page(HTMLParser):
    """Reads a page, checks that its elements nest, and keeps what the tests ask about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    def having(self, name: str) -> list[str]:
        return [found[name] or "" for _, found in self.elements if name in found]


PAGES = {
    "every kind": as_html(ALL),
    "nothing": as_html(Document(1, "0", (), 0, {})),
    "index": render_index([("a", ALL, "a.html"), (built.ODD, built.document(), "b/c.html")]),
}
every_page = pytest.mark.parametrize("text", PAGES.values(), ids=PAGES)


@every_page
def test_only_the_pages_own_script_and_style_may_run(text: str) -> None:
    page = Page(text)
    policy = next(found["content"] or "" for _, found in page.elements if "http-equiv" in found)
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (source,) = page.texts[tag]
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 1 and tags.count("style") == 1
    assert not page.having("style")
    assert not [name for _, found in page.elements for name in found if name.startswith("on")]


@every_page
def test_the_page_asks_for_nothing(text: str) -> None:
    page = Page(text)
    links = page.having("href") + page.having("src") + page.having("action")
    assert all(link.startswith("#") or link in ("data:,", "a.html", "b/c.html") for link in links)
    assert "url(" not in text and "@import" not in text and "://" not in text


@every_page
def test_ids_are_unique_and_links_lead_somewhere(text: str) -> None:
    page = Page(text)
    ids = page.having("id")
    assert len(ids) == len(set(ids))
    named = [link[1:] for link in page.having("href") if link.startswith("#")]
    named += [id for name in ("aria-labelledby",) for id in " ".join(page.having(name)).split()]
    assert set(named) <= set(ids)


@every_page
def test_headings_descend_one_level_at_a_time(text: str) -> None:
    levels = [int(tag[1]) for tag, _ in Page(text).elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@every_page
def test_every_table_and_plot_has_a_name(text: str) -> None:
    tags = [tag for tag, _ in Page(text).elements]
    assert tags.count("caption") == tags.count("table")
    assert tags.count("figcaption") == tags.count("figure") == tags.count("svg")
    assert text.count('role="img" aria-labelledby') == tags.count("svg")


def test_names_with_markup_are_harmless() -> None:
    text = as_html(built.document(built.odd_check()), report=built.ODD)
    assert built.SCRIPT not in text and html.escape(built.SCRIPT, quote=False) in text
    assert "{{7*7}}" in html.unescape(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", text)


def test_the_order_is_glance_findings_claims_setting() -> None:
    text = as_html(built.document())
    order = ["glance", "unchecked-h", "findings", "claims", "rules", "setting", "machine"]
    places = [text.index(f'id="{name}"') for name in order]
    assert places == sorted(places)
    sentences = [built.wrong_gradient, built.jensen, built.one_sided, built.truncated]
    found = [text.index(html.escape(make().explanation)[:40]) for make in sentences]
    assert found == sorted(found)  # an expected fault comes last, whatever its severity


def test_a_finding_shows_all_it_has() -> None:
    text = html.unescape(as_html(built.document(), report="two.json"))
    for part in (
        "examples/two_layer.py:41",
        "dW2 = hidden.T @ (probabilities - target)",
        "Finite differences against the step: at best",
        "The claimed value is off by 19. The truth is known to 4.4e-36, below this plot.",
        '0.6021783950<span class="off">311932</span>',
        "<strong>What to do.</strong> Divide by the batch size",
        "verifier replay two.json two-layer.gradient.W2",
        "0x1.0000000000000p+0",
        "Slopes at the kink: 0 from the left, 1 from the right. The claim answers 1.",
        "Between the two points the function lies above its chord",
        "3 sign patterns of hidden units were not reached",
        "4 of 7 checks do not hold.",
    ):
        assert part in text, part


def test_rules_met_are_explained() -> None:
    text = as_html(built.document())
    for name in ("wrong-derivative", "not-convex", "one-sided-derivative", "truncated-constant"):
        assert f'id="rule-{name}"' in text and RULES[name].title in html.unescape(text)


def test_only_the_machine_block_differs_between_equal_runs() -> None:
    one = built.document()
    machine = {"started": "another day", "platform": "elsewhere", "seconds": {"two-layer": 9.5}}
    two = msgspec.structs.replace(one, machine=machine)
    block = re.compile(r'<div id="machine">.*?</dl>\s*</div>', re.S)
    assert as_html(one) != as_html(two)
    assert block.sub("", as_html(one)) == block.sub("", as_html(two))


def many(checks: int, findings: int) -> Document:
    found = tuple(built.wrong_gradient(f"{number}") for number in range(findings))
    claim = Claim("gradient", Verdict.REFUTED, findings=found)
    every = (Check(f"c{n}", f"m:{n}", Verdict.REFUTED, (claim,)) for n in range(checks))
    return built.document(*every)


def test_two_hundred_findings_fit_into_a_megabyte() -> None:
    text = as_html(many(1, 200))
    assert len(text.encode()) < 1_000_000 and text.count("<article") == 200
    assert text.count("<svg") == MOST_CHARTS
    assert "140 plots are left out" in text


@pytest.mark.parametrize("checks, findings", [(1, 3000), (4000, 1), (300, 10)])
def test_the_budget_holds_and_the_page_says_what_it_left_out(checks: int, findings: int) -> None:
    text = as_html(many(checks, findings))
    assert len(text.encode()) < MOST_BYTES and text.count("<svg") <= MOST_CHARTS
    shown = text.count('class="finding')
    left = re.search(r"(\d+) findings are left out .*: ([\d,]+) wrong-derivative\.", text)
    assert left and int(left[1]) == checks * findings - shown == int(left[2].replace(",", ""))
    Page(text)


def test_hostile_sizes_stay_in_the_budget() -> None:
    checks = [built.odd_check("x" * 100_000)] * 400
    machine = {f"key {n}": "x" * 10_000 for n in range(5000)}
    machine |= {"seconds": {f"check {n}": 1.0 for n in range(50_000)}}
    versions = {f"package {n}": "x" * 10_000 for n in range(5000)}
    document = built.document(*checks)
    document = msgspec.structs.replace(document, machine=machine, versions=versions)
    assert len(as_html(document).encode()) < MOST_BYTES


@pytest.mark.parametrize(
    "curve",
    [
        StepCurve((), ()),
        StepCurve((1.0,), (0.5,)),
        StepCurve((1.0, 0.1), (0.5, 0.5), (0.0, 0.0)),
        StepCurve((0.0, -1.0), (1.0, 2.0)),
        StepCurve((1e-300, 1e300), (1e308, -1e308)),
        StepCurve((1.0, 2.0, 3.0), (1.0,)),
    ],
)
def test_degenerate_curves_do_no_harm(curve: StepCurve) -> None:
    for ball in (None, built.enclosure("0.5", "0"), built.enclosure("1e-4000", "1e-5000")):
        witness = Witness({}, claimed=built.real(0.5), ball=ball, curve=curve)
        finding = msgspec.structs.replace(built.wrong_gradient(), witness=witness)
        claim = Claim("gradient", Verdict.REFUTED, findings=(finding,))
        text = as_html(built.document(Check("c", "s", Verdict.REFUTED, (claim,))))
        assert not re.search(r'="[^"]*\b(nan|inf)\b', text)
        Page(text)


@pytest.mark.parametrize("left, right", [("-inf", "inf"), ("0", "0"), ("1e300", "-1e-300")])
def test_steep_kinks_are_drawn(left: str, right: str) -> None:
    witness = Witness({}, left=built.enclosure(left, "0"), right=built.enclosure(right, "0"))
    finding = msgspec.structs.replace(built.one_sided(), witness=witness)
    claim = Claim("C1", Verdict.REFUTED, findings=(finding,))
    text = as_html(built.document(Check("c", "s", Verdict.REFUTED, (claim,))))
    assert text.count("<svg") == 1 and not re.search(r'[xy][12]="(nan|inf)', text)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://a.b/", "//a.b/c", "", "/etc/p"])
def test_an_index_links_only_to_its_neighbours(link: str) -> None:
    assert "<tr>" in render_index([("a", built.document(), "a.html")])
    text = render_index([("a", built.document(), link)])
    assert not [found for found in Page(text).having("href") if found == link and link]


def test_severity_and_verdict_are_words_not_only_colours() -> None:
    text = as_html(built.document())
    assert all(f">{verdict.value}</span>" in text for verdict in Verdict)
    assert f">{Severity.ERROR.value}</span>" in text
