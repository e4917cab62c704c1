"""Pieces are as said, kinks are where said and nowhere else, and wide balls contain what they must.

Monotone and convex pieces are checked by enclosures on samples of every piece, a piece's irrational
edge by the zero of the slope or of its slope that makes it an edge.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.graph.node import apply, variable
from verifier.numerals.balls import Balls, precision
from verifier.numerals.digits import Digits
from verifier.primitives.row import (
    AFFINE,
    CONCAVE,
    CONSTANT,
    CONVEX,
    DECREASING,
    INCREASING,
    Piece,
)
from verifier.primitives.table import SCALARS
from verifier.readers.slope import slope
from verifier.readers.value import Reading, read

from .row_points import BITS, NAMES, POLES, UNARY, WITH_ORDER, arguments, edge, inside

SHAPED = [n for n in UNARY if SCALARS[n].shape]
PIECES = [(n, p) for n in SHAPED for p in SCALARS[n].shape]
INTEGER_STEPS = {"floor", "ceil", "round", "trunc"}  # smooth_at speaks of one period
FAR = 11.0  # 256 bits tell erf(11) from 1


def within(piece: Piece, count: int = 24) -> list[arb]:
    """Return exact increasing points inside a piece, far tails cut at FAR."""
    low, high = (edge(e) for e in (piece.left, piece.right))
    left = float(low.upper()) if low.is_finite() else -FAR
    right = float(high.lower()) if high.is_finite() else FAR
    bends = np.linspace(0, 1, count) ** (3 if low.is_finite() else 1)
    return [arb(float(x)) for x in left + (right - left) * bends[1:-1]]


@pytest.mark.parametrize(("name", "piece"), PIECES)
def test_pieces_are_monotone_as_said(name: str, piece: Piece) -> None:
    with precision(BITS):
        values = [SCALARS[name].balls(x) for x in within(piece)]
    pairs = list(pairwise(values))
    assert all(v.is_finite() for v in values)
    strict = not SCALARS[name].piecewise or name in ("relu", "absolute")
    if piece.monotone == INCREASING:
        assert not any(a > b for a, b in pairs) and (not strict or all(a < b for a, b in pairs))
    elif piece.monotone == DECREASING:
        assert not any(a < b for a, b in pairs) and (not strict or all(a > b for a, b in pairs))
    elif piece.monotone == CONSTANT:
        assert all(a == b for a, b in pairs)


@pytest.mark.parametrize(("name", "piece"), PIECES)
def test_pieces_are_curved_as_said(name: str, piece: Piece) -> None:
    points = within(piece)
    with precision(BITS):
        gaps = [SCALARS[name].balls(a) + SCALARS[name].balls(b)
                - 2 * SCALARS[name].balls((a + b) / 2)
                for a, b in pairwise(points)]
    if piece.curvature == CONVEX:
        assert not any(g < 0 for g in gaps)
        assert name == "relu" or sum(bool(g > 0) for g in gaps) > len(gaps) // 2
    elif piece.curvature == CONCAVE:
        assert not any(g > 0 for g in gaps) and sum(bool(g < 0) for g in gaps) > len(gaps) // 2
    elif piece.curvature == AFFINE:
        assert all(g.contains(0) for g in gaps)


@pytest.mark.parametrize("name", SHAPED)
def test_pieces_cover_the_domain_and_join(name: str) -> None:
    row = SCALARS[name]
    assert (row.shape[0].left, row.shape[-1].right) == row.domain or name in POLES
    for before, after in pairwise(row.shape):
        assert before.right == after.left


@pytest.mark.parametrize(
    ("name", "at"), [(n, p.right) for n, p in PIECES if isinstance(p.right, str) and "." in p.right]
)
def test_irrational_edges_enclose_where_the_shape_turns(name: str, at: str) -> None:
    x = variable("x", ())
    first = slope(apply(name, x), [x])[0]
    second = slope(first, [x])[0]
    with precision(BITS):
        turning = []
        for node in (first, second):
            at_edge = Reading({x: np.array(edge(at), dtype=object)})
            value = read([node], {}, Balls(BITS), at_edge)[node][()]
            turning.append(bool(value.contains(0)) and bool(value.is_finite()))
            assert value.rad() < 1e-40
    assert any(turning)


# ---------------------------------------------------------------- kinks
def behaviour(name: str, at: arb) -> str:
    """Return "jump", "kink", "edge" or "smooth" as seen by one-sided differences at a point."""
    digits = Digits(120)
    context = digits.context
    function = SCALARS[name].digits(context)
    x, h = context.mpf(at.mid().str(60, radius=False)), context.mpf(10) ** -20
    left, here, right = (function(p) for p in (x - h, x, x + h))
    if not context.isfinite(here):
        return "jump"
    if not all(context.isfinite(v) for v in (left, right)):
        bounded = [v for v in (left, here, right) if context.isfinite(v)]
        return "edge" if len(bounded) == 2 and abs(bounded[0] - bounded[1]) < 1e-6 else "jump"
    scale = 1 + abs(here)
    if abs(right - here) > 1e-5 * (1 + abs(here)) or abs(here - left) > 1e-5 * (1 + abs(here)):
        return "jump"
    if abs(right - left) > 1e10 * scale * h:
        return "kink"
    return "kink" if abs(right - 2 * here + left) > 1e-8 * scale * h else "smooth"


@pytest.mark.parametrize("name", [n for n in UNARY if SCALARS[n].smooth_at])
def test_kinks_are_where_said(name: str) -> None:
    for at, order in SCALARS[name].smooth_at.items():
        expected = {"jump"} if order < 0 else {"kink", "edge"}
        assert behaviour(name, edge(at)) in expected, (name, at)


@pytest.mark.parametrize("name", UNARY)
def test_kinks_are_nowhere_else(name: str) -> None:
    said = [edge(at) for at in SCALARS[name].smooth_at]
    special = [(x,) for x in (0.0, 1.0, -1.0, 0.5, -0.5, 2.0) if inside(SCALARS[name], x)]
    for (x,) in [*arguments(name), *special]:
        if 0 < abs(x) < 1e-3 or abs(x) > 60 or any(abs(arb(x) - s) < 1e-9 for s in said):
            continue
        if name in INTEGER_STEPS | POLES and math.isclose(2 * x, round(2 * x), abs_tol=1e-6):
            continue
        assert behaviour(name, arb(x)) == "smooth", x


@pytest.mark.parametrize("name", [n for n in UNARY if SCALARS[n].guards is not None])
def test_guards_vanish_where_smoothness_ends(name: str) -> None:
    x = variable("x", (1,))
    guards = SCALARS[name].guards(x)
    for at in SCALARS[name].smooth_at:
        values = read(guards, {"x": np.array([float(at)])}, Balls(BITS))
        assert any(values[g][0].is_zero() for g in guards), at
    for (point,) in arguments(name):
        if name not in INTEGER_STEPS and 1e-3 < abs(point) < 60:
            values = read(guards, {"x": np.array([point])}, Balls(BITS))
            assert all(not values[g][0].contains(0) for g in guards), point


# ---------------------------------------------------------------- wide balls
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=st.data())
def test_wide_balls_contain_the_values_inside(name: str, data: Any) -> None:
    row = SCALARS[name]
    points = arguments(name)
    point = points[data.draw(st.integers(0, len(points) - 1))]
    radii = [0.0 if name in WITH_ORDER and k == 0 else
             abs(x) * data.draw(st.sampled_from([0.0, 1e-12, 1e-3, 0.3, 1.0, 3.0]))
             for k, x in enumerate(point)]
    shares = [data.draw(st.floats(-1, 1)) for _ in point]
    with precision(128):
        wide = row.balls(*(arb(x, r) for x, r in zip(point, radii, strict=True)))
        inner = [arb(x) + arb(r) * arb(t) for x, r, t in zip(point, radii, shares, strict=True)]
        value = row.balls(*(i.mid() for i in inner))
    if not value.is_finite():
        assert not wide.is_finite() or name in ("remainder", "fmod", "power"), (point, radii)
    else:
        assert not wide.is_finite() or wide.overlaps(value), (point, radii, wide, value)


@pytest.mark.parametrize(
    ("name", "inside", "bounds"),
    [("tanh", arb(0, 50), (-1, 1)), ("sigmoid", arb(0, 100), (0, 1)), ("relu", arb(1, 3), (0, 4)),
     ("absolute", arb(1, 3), (0, 4)), ("square", arb(1, 3), (0, 16)), ("exp", arb(0, 3), (0, 21)),
     ("sech", arb(0, 3), (0, 1)), ("gaussian", arb(1, 3), (0, 1)), ("erf", arb(0, 9), (-1, 1)),
     ("sqrt", arb(3, 1), (1.4, 2)), ("cosh", arb(0, 1), (1, 1.6)), ("round", arb(0.2), (0, 0)),
     ("softplus", arb(-50, 40), (0, 5e-5)), ("floor", arb(0.5, 0.4), (0, 0))],
)
def test_wide_balls_are_tight(name: str, inside: arb, bounds: tuple[float, float]) -> None:
    value = SCALARS[name].balls(inside)
    low, high = bounds
    assert value.lower() >= low - 1e-6 and value.upper() <= high + 1e-6


def test_balls_decide_rounding_exactly() -> None:
    rounded, floor = SCALARS["round"].balls, SCALARS["floor"].balls
    assert [float(rounded(arb(x))) for x in (0.5, 1.5, 2.5, -0.5, 1e300)] == [0, 2, 2, 0, 1e300]
    assert floor(arb(2, 1e-9)).contains(1) and floor(arb(2, 1e-9)).contains(2)
    assert float(SCALARS["remainder"].balls(arb(1e300), arb(7.0))) == 1e300 % 7.0
    assert float(SCALARS["fmod"].balls(arb(-7.5), arb(2.0))) == math.fmod(-7.5, 2.0)
    assert SCALARS["power"].balls(arb(0, 1), arb(2)).contains(0)
    assert float(SCALARS["power"].balls(arb(-2), arb(3))) == -8
    assert not SCALARS["power"].balls(arb(-2), arb(0.5)).is_finite()
