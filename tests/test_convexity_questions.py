"""Questions people ask about convexity: the answer, its reason in words, and the place it names."""

from __future__ import annotations

import inspect
import os
from typing import Any

import numpy as np
import pytest

import verifier as vf
from verifier.plotted import Graph, Volume
from verifier.verdicts import Claim

INPUTS = np.array([[1.0, -0.5], [0.3, 2.0], [-1.0, 0.7]])
TARGETS = np.array([0.5, -1.0, 2.0])
WEIGHTS = {"first": "[-1, 1]^(2x3)", "last": "[-1, 1]^(3)"}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def relu(x):
    return np.maximum(x, 0)


def rising_outside(x):
    return np.exp(x**2 - 1)


def falling_outside(x):
    inner = x**2 - 1
    return inner**2


def relu_net_loss(first, last):
    hidden = np.maximum(INPUTS @ first, 0)
    return np.mean((hidden @ last - TARGETS) ** 2)


def downward_kink(x):
    return 100 * x**2 - np.abs(x - 0.3)


def product(x):
    return x[0] * x[1]


def asked(function: Any, on: Any, claim: str, **options: Any) -> Claim:
    (check,) = vf.verify(function, on=on, claims=[claim], **options).checks
    assert not check.error, check.error
    return next(c for c in check.claims if c.claim == claim)


def line_of(function: Any, text: str) -> str:
    """Return file:line of the line of a function that holds `text`."""
    lines, start = inspect.getsourcelines(function)
    place = next(k for k, line in enumerate(lines) if text in line)
    return f"test_convexity_questions.py:{start + place}"


# Question, function, domain, claim, verdict, words of the reason, the line it must name.
QUESTIONS = (
    ("is sigmoid convex?", sigmoid, {"x": "[-5, 5]"}, "convex", "REFUTED",
     ("sigmoid", "bends down there", "changes between convex and concave at 0"), "np.exp"),
    ("is relu?", relu, {"x": "(-oo, oo)"}, "convex", "PROVED",
     ("convex by composition", "relu of affine is convex"), "maximum"),
    ("a rising outer function", rising_outside, {"x": "[-2, 2]"}, "convex", "PROVED",
     ("exp of convex is convex", "exp rises on", "keeps the curvature of its operand"), "exp"),
    ("a falling outer function", falling_outside, {"x": "[-2, 2]"}, "convex", "REFUTED",
     ("square", "is convex, but what reads it does not rise there"), "x**2 - 1"),
    ("the loss of a relu net in its weights", relu_net_loss, WEIGHTS, "convex", "REFUTED",
     ("matmul", "multiplies two values that both move"), "hidden @ last"),
    ("in the last layer alone", relu_net_loss, WEIGHTS, "convex in last", "PROVED",
     ("convex by composition", "is convex"), "np.mean"),
    ("a kink that bends down", downward_kink, {"x": "[-1, 1]"}, "convex", "REFUTED",
     ("absolute", "has a kink that bends down there"), "np.abs"),
    ("a product", product, {"x": "[-1, 1]^(2)"}, "convex", "REFUTED",
     ("multiplies two values that both move",), "x[0] * x[1]"),
)


@pytest.mark.parametrize(("function", "on", "claim", "verdict", "words", "line"),
                         [q[1:] for q in QUESTIONS], ids=[q[0] for q in QUESTIONS])
def test_the_answer_says_why_and_where(
    function: Any, on: Any, claim: str, verdict: str, words: tuple[str, ...], line: str
) -> None:
    found = asked(function, on, claim)
    assert found.verdict.value == verdict, found.reason
    for word in (*words, line_of(function, line)):
        assert word in found.reason, found.reason
    assert os.getcwd() not in found.reason
    if verdict == "REFUTED":
        (finding,) = found.findings
        assert finding.origin is not None
        assert str(finding.origin).endswith(line_of(function, line))


def test_the_chord_can_be_drawn_and_is_plain() -> None:
    (finding,) = asked(falling_outside, {"x": "[-2, 2]"}, "convex").findings
    (graph,) = finding.plots
    assert isinstance(graph, Graph)
    witness = finding.witness
    assert witness is not None and witness.claimed is None
    ends = [float.fromhex(p["x"].hex[0]) for p in (witness.point, witness.second_point)]
    assert set(ends) == {-1.0, 1.0}  # the gap is widest between the two minima
    for t, value in zip(graph.at, graph.values, strict=True):
        x = ends[0] + t * (ends[1] - ends[0])
        assert value == pytest.approx((x * x - 1) ** 2)
    assert min(graph.at) < 0 < 1 < max(graph.at)
    assert float(witness.numbers["gap in floats"]) == 1.0


def test_a_far_flat_chord_is_not_what_is_shown() -> None:
    """At x = -30 silu bends by 1e-11 only; a wide gap convinces."""
    def silu(x):
        return x / (1 + np.exp(-x))

    (finding,) = asked(silu, {"x": "(-oo, oo)"}, "convex").findings
    assert finding.witness is not None and finding.witness.ball is not None
    assert float(finding.witness.ball.mid) > 0.05


def test_strong_convexity_draws_the_lowered_chord() -> None:
    (finding,) = asked(lambda x: np.sum(x * x), {"x": "[-1, 1]^(2)"}, "3-strongly convex").findings
    (graph,) = finding.plots
    assert isinstance(graph, Graph)
    (bound,) = graph.others.values()
    inside = [k for k, t in enumerate(graph.at) if 0.1 < t < 0.9]
    assert all(graph.values[k] > bound[k] for k in inside)


def test_a_cover_of_boxes_shows_its_volume() -> None:
    def bowl(a, b, c):
        return -np.log(a * c - b * b)

    claim = asked(bowl, {"a": "[1, 2]", "b": "[-0.5, 0.5]", "c": "[1, 2]"}, "convex")
    assert claim.verdict.value == "PROVED" and "boxes" in claim.reason
    (volume,) = claim.evidence.plots
    assert isinstance(volume, Volume) and volume.proved == 1.0 and volume.boxes > 1


def test_what_stands_in_the_way_is_named() -> None:
    def open_question(x):
        near = np.cosh(x[0]) + np.cosh(x[1])
        return near - 0.999999999 * np.sum(np.sqrt(1 + x**2)) ** 2 / 8 - 0.38 * x[0] * x[1]

    claim = asked(open_question, {"x": "[-1, 1]^(2)"}, "convex", budget=2)
    if claim.verdict.value == "UNDECIDED":
        assert "test_convexity_questions.py:" in claim.reason
    else:
        assert claim.verdict.value in ("PROVED", "REFUTED")


def test_a_claim_that_it_is_not_convex_carries_its_chord() -> None:
    claim = asked(falling_outside, {"x": "[-2, 2]"}, "not convex")
    assert claim.verdict.value == "PROVED"
    assert claim.certificate is not None and claim.certificate["kind"] == "witness"
    assert {"point", "second_point", "weight"} <= set(claim.certificate["witness"])
    assert isinstance(claim.evidence.plots[0], Graph)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_unbounded_boxes_that_stay_open_give_no_warning() -> None:
    def spread(x):
        return np.sum(np.sqrt(1 + x**2)) + 0.1 * np.sin(x[0] * x[1]) * np.exp(-np.sum(x * x))

    claim = asked(spread, {"x": "(-oo, oo)^(2)"}, "convex", budget=2)
    assert claim.verdict.value in ("UNDECIDED", "REFUTED", "PROVED")
