"""Germs: series against mpmath's Taylor coefficients, roots and logarithms against theory."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb

from verifier.errors import NoGerm
from verifier.graph.node import Node, apply, constant, variable
from verifier.numerals.balls import precision
from verifier.numerals.digits import Digits
from verifier.numerals.germ import Beyond, Germ, build, coefficient, power
from verifier.numerals.germs import strictly
from verifier.numerals.logarithms import Logs
from verifier.numerals.tokens import ZERO
from verifier.numerals.twins import stored, widened
from verifier.primitives.linear import compare, determinant, inverse, logabsdet, matmul, select
from verifier.primitives.table import SCALARS
from verifier.readers.series import coefficients, series

INSIDE = {"arccosh": 1.75, "logit": 0.375, "log": 0.75, "erfinv": 0.375}  # else 0.3125
SKIPPED = {"sign", "floor", "ceil", "round", "trunc"}  # constant between their jumps
UNARY = [n for n, row in SCALARS.items() if row.arity == 1 and n not in SKIPPED]


def along(build_graph: Callable[[Node], Node], at: float, way: float = 1.0, order: int = 3) -> Any:
    """Return the germ of a function of one number."""
    x = variable("x", ())
    output = build_graph(x)
    reading = series([output], {"x": np.array(at)}, {"x": np.array(way)}, order=order)
    return reading[output][()]


def op(*names: str) -> Callable[[Node], Node]:
    def chain(x: Node) -> Node:
        for name in reversed(names):
            x = apply(name, x)
        return x

    return chain


def terms(value: Any) -> dict[Any, float]:
    return {e: float(stored(c).mid()) for e, c in value.terms}


@pytest.mark.parametrize("name", UNARY)
def test_a_row_expands_to_its_taylor_series(name: str) -> None:
    at = INSIDE.get(name, 0.3125)
    digits = Digits(60)
    function = SCALARS[name].digits(digits.context)
    context = digits.context
    expected = context.taylor(function, context.mpf(at), 3)
    found = coefficients(along(op(name), at), 3)
    for ball, number in zip(found, expected, strict=True):
        assert ball.overlaps(arb(context.nstr(number, 40)) + arb(0, "1e-20"))


PUISEUX = [
    (op("sqrt"), 0.0, 1, {Fraction(1, 2): 1.0}),
    (op("sqrt", "absolute"), 0.0, -1, {Fraction(1, 2): 1.0}),
    (op("cbrt"), 0.0, -1, {Fraction(1, 3): -1.0}),
    (op("sqrt", "square"), 0.0, -1, {1: 1.0}),
    (op("reciprocal"), 0.0, -1, {-1: -1.0}),
    (op("relu"), 0.0, 1, {1: 1.0}),
    (op("trunc"), 0.0, 1, {}),
]


@pytest.mark.parametrize(("graph", "at", "way", "expected"), PUISEUX)
def test_roots_and_poles(
    graph: Callable[[Node], Node], at: float, way: int, expected: dict[Any, float]
) -> None:
    value = along(graph, at, way)
    assert (terms(value) if isinstance(value, Germ) else {}) == expected


def test_arccos_leaves_one_like_a_root() -> None:
    value = along(op("arccos"), 1.0, -1)
    found = terms(value)
    assert found[Fraction(1, 2)] == pytest.approx(2**0.5)
    assert found[Fraction(3, 2)] == pytest.approx(2**0.5 / 12)
    assert not stored(along(op("arccos"), 1.0, 1)).is_finite()


def test_a_float_exponent_is_taken_at_its_exact_value() -> None:
    ((exponent, _),) = along(lambda x: x ** (1 / 3), 0.0).terms
    assert exponent == Fraction(1 / 3) != Fraction(1, 3)


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_a_removable_singularity_divides_out(way: float) -> None:
    found = coefficients(along(lambda x: apply("sin", x) / x, 0.0, way), 2)
    assert found[0] == 1 and found[1] == 0 and found[2].overlaps(arb(-1) / 6)
    found = coefficients(along(lambda x: apply("expm1", x) / x, 0.0, way), 2)
    assert found[1] == way / 2 and found[2].overlaps(arb(1) / 6)


STEPS = [("floor", 2.0, 2, 1), ("ceil", 2.0, 3, 2), ("round", 2.5, 3, 2), ("round", 3.5, 4, 3),
         ("sign", 0.0, 1, -1), ("trunc", -2.0, -1, -2)]


@pytest.mark.parametrize(("name", "at", "right", "left"), STEPS)
def test_steps_take_their_limits(name: str, at: float, right: int, left: int) -> None:
    assert along(op(name), at, 1.0) == right
    assert along(op(name), at, -1.0) == left


def test_remainders_and_angles_jump() -> None:
    below = along(lambda x: apply("remainder", x, constant(1.5)), 3.0, -1.0)
    assert terms(below) == {0: 1.5, 1: -1.0}
    assert terms(along(lambda x: apply("fmod", x, constant(1.5)), -3.0, -1.0)) == {1: -1.0}
    angle = along(lambda x: apply("arctan2", x, constant(-1.0)), 0.0, -1.0)
    assert terms(angle)[0] == pytest.approx(-np.pi)


# ---------------------------------------------------------------- logarithms, and what is no germ
def test_x_log_x_is_a_germ_with_a_logarithm() -> None:
    for graph in (lambda x: x * apply("log", x), lambda x: apply("xlogy", x, x),
                  lambda x: -apply("entr", x)):
        ((exponent, number),) = along(graph, 0.0).terms
        assert exponent == 1 and isinstance(number, Logs) and number.powers[1] == -1


def test_logarithms_cancel() -> None:
    value = along(lambda x: apply("log", 2.0 * x) - apply("log", x), 0.0)
    assert stored(coefficient(value, 0)).overlaps(arb(2).log())


def test_a_flat_function_is_beyond_germs() -> None:
    value = along(lambda x: apply("exp", -1.0 / x), 0.0)
    assert isinstance(value, Beyond)
    with pytest.raises(NoGerm, match="grows without bound"):
        coefficients(value, 1)


def test_the_root_of_a_negative_germ_is_undefined() -> None:
    assert not along(op("sqrt"), 0.0, -1.0).is_finite()


# ---------------------------------------------------------------- what a comparison may skip
def test_a_ball_around_zero_is_never_skipped() -> None:
    with precision(128):
        near = arb(2).log().exp() - 2
        germ = build({0: near, 1: arb(1)}, None, 3)
    assert near.contains(0) and strictly(germ, arb(0)) == (None, False)
    assert strictly(build({1: arb(1)}, None, 3), arb(0)) == (True, False)


def test_a_tie_needs_the_whole_germ_to_be_zero() -> None:
    assert strictly(arb(0), ZERO) == (None, True)
    assert strictly(Germ((), 3, 3), arb(0)) == (None, False)


def test_the_widened_reading_lies_beside_the_stored_one() -> None:
    x = variable("x", ())
    output = x * 0.1
    reading = series([output], {"x": np.array(1.0)}, {"x": np.array(1.0)}, order=1, widen=True)
    slope = coefficient(reading[output][()], 1)
    assert stored(slope).is_exact() and widened(slope).contains(arb(1) / 10)
    assert not stored(slope).contains(arb(1) / 10)


def test_structural_zero_annihilates_germs() -> None:
    germ = build({1: arb(1)}, None, 3)
    assert germ * ZERO is ZERO and Beyond("no") * ZERO is ZERO and germ + ZERO is germ


def test_powers_of_a_germ_are_exact_where_they_end() -> None:
    germ = build({0: arb(1), 1: arb(2)}, None, 5)
    assert power(germ, 2).cut is None and terms(power(germ, 2)) == {0: 1.0, 1: 4.0, 2: 4.0}
    assert power(germ, -1).cut == 5 and terms(power(germ, -1))[2] == 4.0


# ---------------------------------------------------------------- arrays
def test_matrices_of_germs() -> None:
    a = variable("a", (2, 2))
    at, way = np.array([[2.0, 1.0], [0.0, 4.0]]), np.array([[1.0, 0.0], [1.0, 0.0]])
    outputs = [determinant(a), logabsdet(a), matmul(a, inverse(a))]
    reading = series(outputs, {"a": at}, {"a": way}, order=2)
    assert terms(reading[outputs[0]][()]) == {0: 8.0, 1: 3.0}
    slope = coefficients(reading[outputs[1]][()], 2)
    assert slope[1].overlaps(arb(3) / 8) and slope[2].overlaps(arb(-9) / 128)
    one = coefficients(reading[outputs[2]][0, 0], 2)
    assert one[0].overlaps(arb(1)) and one[1].contains(0) and one[2].contains(0)


def test_a_dead_branch_may_be_undefined() -> None:
    def graph(x: Node) -> Node:
        return select(compare("greater", x, constant(0.0)), apply("sqrt", x), 0.0 * x)

    assert terms(along(graph, 0.0)) == {Fraction(1, 2): 1.0}
    assert along(graph, 0.0, -1.0) == 0


@pytest.mark.parametrize(("row", "sign"), [("arccos", -1.0), ("arccosh", 1.0)])
def test_an_edge_moves_like_the_root_of_its_argument(row: str, sign: float) -> None:
    """arccos(1 - t^2) is sqrt(2) t + ...: a series cut at t^2 inside is no constant outside."""
    x = variable("x", ())
    output = apply(row, 1.0 + sign * x * x)
    reading = series([output], {"x": np.array(0.0)}, {"x": np.array(1.0)}, order=1)
    first = coefficients(reading[output][()], 1)[1]
    assert first.overlaps(arb(2).sqrt()) and not first.contains(0)
