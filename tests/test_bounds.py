"""Monotone, Lipschitz, bounded: covers that prove, exact witnesses that refute."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb

import verifier as vf
from verifier.numerals.balls import precision
from verifier.numerals.growth import Growth
from verifier.numerals.spans import INFINITE, Span
from verifier.readers.scalar_cells import Cell
from verifier.readers.scalar_pieces import pieces_of
from verifier.verdicts import Claim

LINE = {"x": "(-oo, oo)"}
PAIR = {"x": "[-1, 1]^(2)"}
WEIGHTS = np.array([[1.0, -0.5], [0.25, 0.75]])


def claim(function: Callable[..., Any], text: str, on: dict[str, Any] = LINE) -> Claim:
    (check,) = vf.verify(function, on=on, claims=[text], budget=5.0).checks
    assert not check.error, check.error
    return next(c for c in check.claims if c.claim == text)


def verdict(function: Callable[..., Any], text: str, on: dict[str, Any] = LINE) -> str:
    return claim(function, text, on).verdict.value


def number(tensor: Any) -> float:
    return float.fromhex(tensor.hex[0])


@pytest.mark.parametrize(("function", "text", "expected"), [
    (np.tanh, "strictly increasing in x", "PROVED"), (np.tanh, "decreasing in x", "REFUTED"),
    (np.tanh, "-1 < f < 1", "PROVED"), (np.tanh, "f < 0.999", "REFUTED"),
    (np.tanh, "1-Lipschitz", "PROVED"), (np.tanh, "0.999-Lipschitz", "REFUTED"),
    (lambda x: np.maximum(x, 0), "increasing in x", "PROVED"),
    (lambda x: np.maximum(x, 0), "strictly increasing in x", "REFUTED"),
    (lambda x: x**3, "strictly increasing in x", "PROVED"),
    (lambda x: x / (1 + np.exp(-x)), "increasing in x", "REFUTED"),
    (lambda x: x / (1 + np.exp(-x)), "f >= -0.2784645427610738", "PROVED"),
    (lambda x: x / (1 + np.exp(-x)), "f >= -0.2784645427610737", "REFUTED"),
    (lambda x: np.exp(-x * x), "0 < f <= 1", "PROVED"), (np.exp, "f > 0", "PROVED"),
    (lambda x: np.exp(-x * x), "f >= 1e-300", "REFUTED"),
    (np.sin, "|d2f/dx2| <= 1", "PROVED"), (np.sin, "|df/dx| <= 0.9999", "REFUTED"),
    (lambda x: np.abs(x), "|df/dx| <= 1", "PROVED"),
    (lambda x: np.where(x == 0.0, 5.0, x * 0), "f <= 1", "REFUTED"),
])  # fmt: skip
def test_one_number_on_the_whole_line(
    function: Callable[..., Any], text: str, expected: str
) -> None:
    assert verdict(function, text) == expected


def test_a_step_is_not_constant() -> None:
    """SOUNDNESS 14: floor has slope 0 almost everywhere."""
    box = {"x": "[-3.5, 3.5]"}
    assert verdict(np.floor, "decreasing in x", box) == "REFUTED"
    assert verdict(np.floor, "increasing in x", box) == "PROVED"
    assert verdict(np.floor, "100-Lipschitz", box) == "REFUTED"
    bound = claim(np.floor, "df/dx <= 0", box)
    assert bound.verdict.value == "PROVED"
    assert "does not exist" in bound.findings[0].explanation
    both = {"x": "[-1.5, 1.5]^(2)"}
    assert verdict(lambda x: np.floor(x[0]) + x[1], "1-Lipschitz", both) != "PROVED"
    assert verdict(lambda x: -np.floor(x[0]) + x[1], "increasing in x", both) != "PROVED"


def test_a_downward_jump_is_seen_between_rising_pieces() -> None:
    saw = lambda x: np.where(x < 0.5, x, x - 0.25)  # noqa: E731
    found = claim(saw, "increasing in x")
    assert found.verdict.value == "REFUTED"
    witness = found.findings[0].witness
    assert witness is not None
    a, b = number(witness.point["x"]), number(witness.second_point["x"])
    assert a < b and saw(a) > saw(b)


def test_branches_are_covered() -> None:
    """SOUNDNESS 5: the lift at 0.5 alone would say 1-Lipschitz."""

    def branching(x: float) -> float:
        if x > 0:
            return x
        return -2 * x * x

    assert verdict(branching, "1-Lipschitz", {"x": "[-1, 1]"}) == "REFUTED"
    assert verdict(branching, "4-Lipschitz", {"x": "[-1, 1]"}) == "PROVED"
    assert verdict(branching, "f >= 0", {"x": "[-1, 1]"}) == "REFUTED"


@pytest.mark.filterwarnings("ignore")
def test_what_may_be_undefined_proves_nothing() -> None:
    """SOUNDNESS 19: log is no number at 0 and below."""
    assert verdict(np.log, "f <= 100", {"x": "[-1, 1]"}) != "PROVED"
    assert verdict(lambda x: 1 / x, "f >= 0", {"x": "[0, 1]"}) != "PROVED"
    assert verdict(lambda x: 1 / x, "f >= 1", {"x": "(0, 1]"}) == "PROVED"


@pytest.mark.parametrize(("text", "expected"), [
    ("1.2-Lipschitz", "PROVED"), ("1.12-Lipschitz", "REFUTED"), ("1.5-Lipschitz (inf)", "PROVED"),
    ("1.49-Lipschitz (inf)", "REFUTED"), ("1.25-Lipschitz (1)", "PROVED"),
    ("1.24-Lipschitz (1)", "REFUTED"),
])  # fmt: skip
def test_norms_of_a_linear_map(text: str, expected: str) -> None:
    """The norms of WEIGHTS are 1.1289 (spectral), 1.5 (largest row) and 1.25 (largest column)."""
    assert verdict(lambda x: WEIGHTS @ x, text, PAIR) == expected


@pytest.mark.parametrize(("function", "text", "expected"), [
    (lambda x: np.sum(np.tanh(WEIGHTS @ x)), "-2 < f < 2", "PROVED"),
    (lambda x: np.sum(np.tanh(WEIGHTS @ x)), "f <= 1.2", "REFUTED"),
    (lambda x: np.sum(np.tanh(WEIGHTS @ x)), "df/dx <= 1.25", "PROVED"),
    (lambda x: np.sum(np.tanh(WEIGHTS @ x)), "increasing in x", "REFUTED"),
    (lambda x: np.sum(np.tanh(np.abs(WEIGHTS) @ x)), "strictly increasing in x", "PROVED"),
    (lambda x: np.where(x > 0, x, 0.1 * x).sum(), "strictly increasing in x", "PROVED"),
    (lambda x: np.where(x > 0, x, 0.1 * x).sum(), "1-Lipschitz (1)", "PROVED"),
    (lambda x: np.max(x), "1-Lipschitz (1)", "PROVED"),
])  # fmt: skip
def test_several_numbers(function: Callable[..., Any], text: str, expected: str) -> None:
    assert verdict(function, text, PAIR) == expected


def test_undecided_says_what_is_left() -> None:
    found = claim(lambda x: np.sin(40 * x[0] * x[1]) + np.floor(3 * x[0]), "increasing in x",
                  {"x": "[-1, 1]^(2)"})
    assert found.verdict.value in ("UNDECIDED", "REFUTED")
    left = claim(lambda x: np.where(x[0] > x[1], np.sin(x[0]), np.sin(x[1])), "2-Lipschitz", PAIR)
    assert left.verdict.value == "UNDECIDED" and "% of the volume" in left.not_checked[0]


# ---------------------------------------------------------------- the numerals below
FORMS: dict[str, Callable[[Any, Any], Any]] = {
    "x / (1 + e^x)": lambda x, m: x / (1 + m.exp(x)), "log cosh": lambda x, m: m.log(m.cosh(x)),
    "rational": lambda x, m: (3 * x * x - 2) / (x * x + x + 1),
    "x tanh": lambda x, m: x * m.tanh(x), "root": lambda x, m: m.sqrt(1 + x * x) - x,
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("side", [1, -1])
def test_tails_hold_their_values(name: str, side: int) -> None:
    """The span over [M, oo) contains the function at numbers far out."""
    from verifier.frontends.from_numpy.lift import lift
    from verifier.readers.scalar_tape import scalarised, tape

    lifted = lift(lambda leaves: FORMS[name](leaves["x"], np), {"x": np.array(1.5)})
    output, _ = scalarised(lifted.output, lifted.inputs["x"], {})
    for start in (8, 64, 1024):
        with precision(128):
            low, high = arb(start), INFINITE
            cell = Cell(low, high) if side > 0 else Cell(-high, -low)
            (span,) = tape([output]).in_spans(cell.span())
        for factor in (1, 1.5, 7, 40):
            with mpmath.workdps(60):
                value = FORMS[name](mpmath.mpf(side * start * factor), mpmath)
                text = mpmath.nstr(value, 50)
            with precision(256):
                assert not arb(text) < span.low - arb(10) ** -45 and not (
                    arb(text) > span.high + arb(10) ** -45), (start, factor, span)


def test_an_open_end_keeps_a_sign() -> None:
    half_open = Span(arb(0), arb(1), True, False)
    assert half_open.sign() == 1 and (half_open * half_open).sign() == 1
    assert Span(arb(0), arb(1)).sign() is None
    assert (half_open - half_open).sign() is None
    assert Growth.variable(arb(4), -1).range()[1] == -4


def test_pieces_cut_the_line_at_every_joint() -> None:
    from verifier.frontends.from_numpy.lift import lift
    from verifier.readers.scalar_pieces import Program
    from verifier.readers.scalar_tape import scalarised

    lifted = lift(lambda leaves: np.abs(np.abs(leaves["x"]) - 1.5), {"x": np.array(0.25)})
    program = Program(*scalarised(lifted.output, lifted.inputs["x"], {}))
    with precision(128):
        found = pieces_of(lambda cell: program, Cell(-INFINITE, INFINITE, True, True))
    assert [Fraction(float(j.low)) for j in found.joints] == [Fraction(-3, 2), 0, Fraction(3, 2)]
    assert not found.open and not found.missing
