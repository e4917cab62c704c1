"""What the page draws: every kind of plot, named, read out, within the budget, harmless."""

from __future__ import annotations

import itertools
import re

import msgspec
import pytest

from verifier.plotted import Graph, Plotted
from verifier.renderers.as_html import MOST_CHARTS, as_html
from verifier.renderers.as_json import as_json, decode
from verifier.renderers.draw_svg import across, ticks, upward
from verifier.renderers.plots import of_claim, of_finding
from verifier.verdicts import Check, Claim, Evidence, Finding, Severity, Verdict, Witness

from . import hand_built as built
from . import hand_drawn as drawn
from .screenshots import IMAGES, SHOTS
from .test_page import Page

DOCUMENT = built.document(*drawn.checks())
TEXT = as_html(DOCUMENT)
FIGURES = re.findall(r"<figure.*?</figure>", TEXT, re.S)
SAID = {
    "chord": "Between the two points the function lies above its chord, by 0.05468",
    "derivative": "f&#39; over x, from −6 to 6, beside the claim.",
    "steps": "Finite differences against the step: at best 2.2e-11",
    "kink": "The slopes at the kink are 0 from the left and 1 from the right. The claim answers 1.",
    "digits": "Decimal digits kept against x: at least 0 in float32, at least 4 in float64.",
    "blame": "Share of the rounding error by line: log.py:7 has 93 %.",
    "volume": "Of the domain&#39;s volume: 71 % proved, 29 % undecided, on 414 boxes.",
    "atlas": "2 kinks along the segment",
    "matrix": "9 × 9, blocks W1 (6), W2 (3). Blank is 0; hatched is 0 by the structure",
    "agreement": "6 of 81 entries agree in fewer than 3 digits",
    "spectrum": "Hessian: 2 negative, 7 positive; Gauss-Newton: 0 negative, 9 positive.",
    "layers": "Size of the gradient that meets each layer, from input to output",
}


@pytest.mark.parametrize("sentence", SAID.values(), ids=SAID)
def test_every_kind_of_plot_is_drawn_and_says_what_it_shows(sentence: str) -> None:
    (found,) = [figure for figure in FIGURES if sentence in figure]
    assert "<title" in found and "<figcaption>" in found


@pytest.mark.parametrize("figure", FIGURES)
def test_what_is_read_out_lies_where_it_is_drawn(figure: str) -> None:
    read = re.search(r'data-n="([^"]*)" data-r="([^"]*)"', figure)
    if read is None:
        return
    names, rows = read[1].split("|"), read[2].split(";")
    assert all(len(row.split("|")) == len(names) for row in rows)
    size = re.search(r'data-g="(\d+) ', figure)
    part = re.search(r'<path class="[^"]*pts[^"]*" d="([^"]*)"', figure)
    assert (size is None) != (part is None)
    path = part[1] if part else ""
    places = int(size[1]) ** 2 if size else len(re.findall(r"[\d.]+ [\d.]+", path))
    assert places == len(rows) > 1


def test_what_is_drawn_is_the_same_from_the_saved_report() -> None:
    assert as_html(decode(as_json(DOCUMENT))) == TEXT


@pytest.mark.parametrize("plot", drawn.DEGENERATE, ids=lambda plot: type(plot).__name__)
def test_degenerate_plots_do_no_harm(plot: Plotted) -> None:
    seen = Evidence(plots=(plot,))
    finding = msgspec.structs.replace(drawn.chord(), plots=(plot, plot))
    claims = (
        Claim("x", Verdict.PASSED, evidence=seen),
        Claim("kinks", Verdict.PASSED, evidence=seen),
        Claim("y", Verdict.REFUTED, findings=(finding,)),
    )
    text = as_html(built.document(Check("c", "s", Verdict.REFUTED, claims)))
    ids = Page(text).having("id")
    assert len(ids) == len(set(ids))
    assert built.SCRIPT not in text
    assert not re.search(r' (d|x|y|points)="[^"]*(nan|inf)', text)


def test_plots_beyond_the_budget_are_counted() -> None:
    claim = Claim("y", Verdict.REFUTED, findings=(drawn.wrong(),))
    every = [Check(f"c{n}", "s", Verdict.REFUTED, (claim,)) for n in range(40)]
    facts = Claim("curvature", Verdict.PASSED, evidence=Evidence(plots=drawn.hessian()))
    text = as_html(built.document(*every, Check("net", "s", Verdict.PASSED, (facts,))))
    assert text.count("<svg") == MOST_CHARTS
    assert f"{2 * 40 - MOST_CHARTS} plots are left out" in text


def test_a_large_matrix_stays_small() -> None:
    claim = Claim("curvature", Verdict.PASSED, evidence=Evidence(plots=drawn.hessian(64)))
    assert sum(len(plot.svg) for plot in of_claim(claim, "k")) < 100_000


def test_curves_that_cannot_be_told_apart_give_way_to_the_step_curve() -> None:
    finding = drawn.wrong()
    (graph,) = finding.plots
    assert isinstance(graph, Graph)
    near = tuple(value * 1.0001 for value in graph.values)
    plots = (msgspec.structs.replace(graph, others={"claimed": near}),)
    told = list(of_finding(msgspec.structs.replace(finding, plots=plots), "k"))
    assert len(told) == 1 and told[0].caption.startswith("Finite differences against the step")


def test_a_witness_of_one_number_is_drawn_over_that_number() -> None:
    (plot,) = of_finding(drawn.chord(), "k")
    assert plot.caption.startswith("f over x, from \u22127 to \u22121.")


def test_the_kinks_distance_is_marked() -> None:
    witness = drawn.wrong().witness
    assert witness is not None
    witness = msgspec.structs.replace(witness, numbers={"kink distance": "0.001"})
    finding = Finding("i", "wrong-derivative", Severity.ERROR, "wrong", witness=witness)
    (plot,) = of_finding(finding, "k")
    assert "A kink lies 0.001 away: longer steps straddle it." in plot.caption
    assert "the kink</text>" in plot.svg


def test_a_jump_has_limits_and_no_slopes() -> None:
    sides = {"left": built.enclosure("0", "0"), "right": built.enclosure("1", "0")}
    finding = Finding("i", "jump", Severity.ERROR, "jumps",
                      witness=Witness({}, numbers={"order": "0"}, **sides))  # fmt: skip
    assert list(of_finding(finding, "k")) == []


@pytest.mark.parametrize(
    "low, high", [(0.0, 1.0), (-3.7, 12.2), (1e-300, 1e-299), (-1e300, 1e300), (5.0, 5.0 + 1e-9)]
)
@pytest.mark.parametrize("axis", [across, upward])
def test_ticks_are_few_rising_and_inside(axis: type, low: float, high: float) -> None:
    made = axis(low, high)
    found = [value for value, _ in ticks(made, 6)]
    assert 1 <= len(found) <= 13
    assert all(a < b for a, b in itertools.pairwise(found))
    slack = 1e-6 * (high / 2 - low / 2)
    assert all(low - slack <= value <= high + slack for value in found)


def test_the_pictures_of_the_readme_are_there_and_small() -> None:
    for name in SHOTS:
        data = (IMAGES / name).read_bytes()
        assert data.startswith(b"\x89PNG") and len(data) < 200_000
