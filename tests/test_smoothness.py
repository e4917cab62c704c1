"""Claims of smoothness: proved with reasons, refuted at the very kink, or honestly open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import verifier as vf
from verifier.verdicts import Claim

LINE = {"x": "(-oo, oo)"}
PAIR = {"x": "[-1, 1]^(2)"}
WEIGHTS = np.array([[1.0, -0.5], [0.25, 0.75]])


def claim(function: Callable[..., Any], text: str, on: dict[str, Any] = LINE) -> Claim:
    (check,) = vf.verify(function, on=on, claims=[text], budget=30.0).checks
    assert not check.error, check.error
    return next(c for c in check.claims if c.claim == text)


def verdict(function: Callable[..., Any], text: str, on: dict[str, Any] = LINE) -> str:
    return claim(function, text, on).verdict.value


def elu(x: Any) -> Any:
    return np.where(x > 0, x, np.exp(x) - 1)


def spline(x: Any) -> Any:
    """The cubic B-spline on [-2, 2]: C2 at all its knots and no better."""
    a = np.abs(x)
    inner, outer = 2 / 3 - a**2 + a**3 / 2, (2 - a) ** 3 / 6
    return np.where(a < 1, inner, np.where(a < 2, outer, 0))



@pytest.mark.parametrize(("function", "order", "at"), [
    (lambda x: np.maximum(x, 0.0), 1, 0.0), (lambda x: np.maximum(x, 0.0) ** 2, 2, 0.0),
    (lambda x: np.maximum(x, 0.0) ** 3, 3, 0.0), (elu, 2, 0.0), (np.sign, 0, 0.0),
    (lambda x: np.abs(x - 0.3), 1, 0.3), (lambda x: np.where(x < 1, x**3, 3 * x - 2), 2, 1.0),
])  # fmt: skip
def test_a_kink_is_refuted_at_its_order_and_proved_below(
    function: Callable[..., Any], order: int, at: float
) -> None:
    refuted = claim(function, f"C{order}")
    assert refuted.verdict.value == "REFUTED"
    witness = refuted.findings[0].witness
    assert witness is not None and float.fromhex(witness.point["x"].hex[0]) == at
    assert refuted.findings[0].rule == ("kink" if order else "jump")
    assert refuted.findings[0].severity.value == "error"
    assert verdict(function, f"not C{order}") == "PROVED"
    if order:
        assert verdict(function, f"C{order - 1}") == "PROVED"
        assert verdict(function, f"not C{order - 1}") == "REFUTED"


def test_analytic_functions_name_the_chain() -> None:
    found = claim(lambda x: np.tanh(2 * x + 1), "Cinf")
    assert found.verdict.value == "PROVED"
    assert any("tanh" in note and "analytic" in note for note in found.evidence.notes)


@pytest.mark.parametrize("function", [
    lambda x: np.maximum(x, 0.0) - np.maximum(-x, 0.0),
    lambda x: np.maximum(x, 0.0) + np.minimum(x, 0.0), lambda x: np.abs(x) ** 2,
])  # fmt: skip
def test_kinks_that_cancel_are_none(function: Callable[..., Any]) -> None:
    assert verdict(function, "Cinf") == "PROVED"


def test_a_cancellation_hidden_in_rounding_is_never_certified() -> None:
    """SOUNDNESS 9: exp(log 2) - 2 is a ball around 0 without being 0."""
    assert verdict(lambda x: np.maximum(x, 0.0) * (np.exp(np.log(2.0 + 0 * x)) - 2), "C1") == (
        "UNDECIDED")


def test_a_kink_no_float_can_hit_is_isolated() -> None:
    """SOUNDNESS 12: the guard 3x - 1 is zero at 1/3, exp(x) - 2 at log 2."""
    for function in (lambda x: np.maximum(3 * x - 1, 0.0), lambda x: np.maximum(np.exp(x) - 2, 0)):
        found = claim(function, "C1")
        assert found.verdict.value == "REFUTED"
        assert "only zero of a guard" in found.findings[0].witness.numbers["place"]  # type: ignore
        assert verdict(function, "C0") == "PROVED"


def test_a_jump_of_one_rounded_constant_is_not_told() -> None:
    """SOUNDNESS 2: the pieces differ by less than their constants are rounded."""
    assert verdict(lambda x: np.where(x > 0.5, 0.1 * 3, 0.3), "C0") == "UNDECIDED"


@pytest.mark.parametrize(("text", "on", "expected"), [
    ("C0", "[0, oo)", "PROVED"), ("C1", "[0, oo)", "REFUTED"), ("Cinf", "(0, oo)", "PROVED"),
    ("C1", "[1, 4]", "PROVED"),
])  # fmt: skip
def test_the_end_of_a_domain_counts_where_it_belongs_to_it(
    text: str, on: str, expected: str
) -> None:
    """SOUNDNESS 13: continuous extension to the boundary, one side only."""
    assert verdict(np.sqrt, text, {"x": on}) == expected


def test_every_branch_of_the_program_is_looked_at() -> None:
    """SOUNDNESS 5: lifted at 0.5 the graph is x; the other branch is -x * x."""

    def branching(x: float) -> float:
        if x > 0:
            return x
        return -x * x

    assert verdict(branching, "C1", {"x": "[-1, 1]"}) == "REFUTED"
    assert verdict(branching, "C0", {"x": "[-1, 1]"}) == "PROVED"


@pytest.mark.parametrize(("function", "text", "on", "expected"), [
    (lambda x: np.sum(np.maximum(WEIGHTS @ x, 0)), "C0", PAIR, "PROVED"),
    (lambda x: np.sum(np.maximum(WEIGHTS @ x, 0)), "C1", PAIR, "REFUTED"),
    (lambda x: np.sum(np.maximum(WEIGHTS @ x, 0) ** 2), "C1", PAIR, "PROVED"),
    (lambda x: np.sum(np.maximum(WEIGHTS @ x, 0) ** 2), "C2", PAIR, "REFUTED"),
    (lambda x: np.sqrt(np.sum(x * x)), "C1", PAIR, "REFUTED"),
    (lambda x: np.sqrt(np.sum(x * x)), "Cinf", {"x": "[1, 2]^(2)"}, "PROVED"),
    (lambda x: np.max(x), "C0", PAIR, "PROVED"), (lambda x: np.max(x), "C1", PAIR, "REFUTED"),
    (lambda x: np.log(np.sum(np.exp(x - x.max()))) + x.max(), "Cinf", PAIR, "PROVED"),
    (lambda x: np.where(x > 0, x, 0.1 * x).sum(), "C0", PAIR, "PROVED"),
    (lambda x: np.floor(x[0]) + x[1], "C0", PAIR, "REFUTED"),
])  # fmt: skip
def test_several_numbers(
    function: Callable[..., Any], text: str, on: dict[str, Any], expected: str
) -> None:
    assert verdict(function, text, on) == expected


def test_the_splines_knots_are_exact() -> None:
    """Knots at -1, 1 rest on 2/3 rounded: C2 there is equal but for rounding, never proved."""
    assert verdict(spline, "C3", {"x": "[-3, 3]"}) == "REFUTED"
    knots = lambda x: np.where(x < 1, (x - 1) ** 3 + x, x)  # noqa: E731
    assert verdict(knots, "C2") == "PROVED"
    assert verdict(knots, "C3") == "REFUTED"


def test_undecided_says_what_is_left() -> None:
    found = claim(lambda x: np.floor(np.exp(x) * 40), "C0", {"x": "[0, 8]"})
    assert found.verdict.value in ("REFUTED", "UNDECIDED")
    open_ = claim(lambda x: np.maximum(x, 0.0) * (np.exp(np.log(2.0 + 0 * x)) - 2), "C1")
    assert (open_.not_checked and "x" in open_.not_checked[0]) or "at 0" in open_.not_checked[0]
