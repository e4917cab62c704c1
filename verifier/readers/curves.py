"""Functions of one real number as the region reader sees them: values at points, and pieces.

A curve is a row of one argument, or a row of two with one of them fixed. Values are enclosed by
arb and rounded outward to float64; edges of pieces are exact or lie between two floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb

from ..graph.node import Node, apply, constant, variable
from ..numerals.balls import Balls, precision
from ..numerals.tokens import ZERO
from ..primitives.row import (
    AFFINE,
    CONCAVE,
    CONSTANT,
    CONVEX,
    DECREASING,
    INCREASING,
    Edge,
    Piece,
    ScalarRow,
)
from ..primitives.table import SCALARS
from .slope import slope
from .value import Reading, read

Array = np.ndarray
BITS = 80  # precision of the values at points: rounded to float64 at once
REMEMBERED = 2**16  # values kept for one curve
INF = math.inf


@dataclass(frozen=True, slots=True)
class Bend:
    """Where two pieces meet: `low` <= edge <= `high` are floats, `value` encloses f there."""

    low: float
    high: float
    value: tuple[float, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One real function f of one real number.

    `pieces` are contiguous, `bends` their edges from the first to the last; empty where the row
    says nothing. `build(x)` is f as a graph, for its slopes.
    """

    name: str
    evaluate: Callable[[arb], arb]
    floats: Callable[[Array], Array]
    build: Callable[[Node], Node]
    guards: Callable[[Node], tuple[Node, ...]]
    pieces: tuple[Piece, ...]
    bends: tuple[Bend, ...]
    remembered: dict[float, tuple[float, float] | None]

    def values(self, points: Array) -> tuple[Array, Array, Array]:
        """Return lower ends, upper ends and whether f is finite at finite or infinite points."""
        found = np.empty((len(points), 2))
        good = np.ones(len(points), dtype=bool)
        if len(self.remembered) > REMEMBERED:
            self.remembered.clear()
        with precision(BITS):
            for k, point in enumerate(points.tolist()):
                ends = self.remembered.get(point, False)
                if ends is False:
                    ends = self.remembered[point] = ends_of(self.evaluate(arb(point)))
                good[k] = ends is not None
                found[k] = (-INF, INF) if ends is None else ends
        return found[:, 0], found[:, 1], good


def ends_of(ball: Any) -> tuple[float, float] | None:
    """Return the tightest float64 interval around a ball, None where it is not finite."""
    if ball is ZERO:
        return 0.0, 0.0
    if not ball.is_finite():
        return None
    middle = float(ball)
    if ball == middle:
        return middle, middle
    low, high = math.nextafter(middle, -INF), math.nextafter(middle, INF)
    if ball > low and ball < high:
        if ball > middle:
            low = middle
        elif ball < middle:
            high = middle
        return low, high
    return _down(ball.lower()), -_down(-ball.upper())


def _down(end: arb) -> float:
    """Return the largest float not above an exact ball."""
    value = float(end)
    return value if end >= value else math.nextafter(value, -INF)


def ball_of(low: float, high: float) -> arb:
    """Return a ball around an interval, whole for an infinite end."""
    if math.isinf(low) or math.isinf(high):
        return arb(0, INF)
    return arb(low) if low == high else arb(low).union(arb(high))


# ---------------------------------------------------------------- making curves
@lru_cache(maxsize=256)
def of_row(name: str) -> Curve:
    """Return the curve of a row of one argument."""
    row = SCALARS[name]
    guards = row.guards or (lambda x: ())
    build = lambda x: apply(name, x)  # noqa: E731
    return _curve(row, name, row.balls, row.floats, build, guards, row.shape)


@lru_cache(maxsize=256)
def with_fixed(name: str, which: int, value: float) -> Curve:
    """Return the curve of a row of two arguments whose argument `which` has a known value."""
    row = SCALARS[name]

    def evaluate(x: arb) -> Any:
        return row.balls(arb(value), x) if which == 0 else row.balls(x, arb(value))

    def floats(x: Array) -> Array:
        return np.asarray(row.floats(value, x) if which == 0 else row.floats(x, value))

    def build(x: Node) -> Node:
        known = constant(value)
        return apply(name, known, x) if which == 0 else apply(name, x, known)

    def guards(x: Node) -> tuple[Node, ...]:
        known = constant(value)
        operands = (known, x) if which == 0 else (x, known)
        return row.guards(*operands) if row.guards is not None else ()

    shape = power_shape(value) if name == "power" and which == 1 else ()
    return _curve(row, f"{name}({which}: {value!r})", evaluate, floats, build, guards, shape)


def power_shape(exponent: float) -> tuple[Piece, ...]:
    """Return the pieces of x to a known power, from the signs of b and of b (b - 1)."""
    if exponent in (0.0, 1.0):
        return (Piece("-oo", "oo", CONSTANT if exponent == 0.0 else INCREASING, AFFINE),)
    right = INCREASING if exponent > 0 else DECREASING
    curved = CONCAVE if 0 < exponent < 1 else CONVEX
    positive = Piece(0, "oo", right, curved)
    if not float(exponent).is_integer():
        return (positive,)
    if exponent % 2 == 0:
        return (Piece("-oo", 0, DECREASING if exponent > 0 else INCREASING, CONVEX), positive)
    return (Piece("-oo", 0, right, CONCAVE), positive)


def _curve(
    row: ScalarRow, name: str, evaluate: Callable[[arb], arb], floats: Callable[..., Any],
    build: Callable[[Node], Node], guards: Callable[[Node], tuple[Node, ...]],
    pieces: tuple[Piece, ...],
) -> Curve:
    edges = [pieces[0].left, *(p.right for p in pieces)] if pieces else []
    with precision(BITS):
        bends = tuple(_bend(edge, evaluate, row.limits) for edge in edges)
    remembered: dict[float, tuple[float, float] | None] = {}
    for end, limit in zip((-INF, INF), row.limits, strict=True):
        if limit is not None:
            remembered[end] = (limit, limit)
    return Curve(name, evaluate, floats, build, guards, pieces, bends, remembered)


def _bend(
    edge: Edge, evaluate: Callable[[arb], arb], limits: tuple[float | None, float | None]
) -> Bend:
    if edge in ("oo", "-oo"):
        end = INF if edge == "oo" else -INF
        limit = limits[edge == "oo"]
        known = ends_of(evaluate(arb(end))) if limit is None else (limit, limit)
        return Bend(end, end, known)
    ball = arb(edge) if isinstance(edge, str) else (
        arb(Fraction(edge).numerator) / Fraction(edge).denominator)
    low, high = ends_of(ball) or (-INF, INF)
    return Bend(low, high, ends_of(evaluate(ball)))


# ---------------------------------------------------------------- slopes
@lru_cache(maxsize=512)
def _derivatives(curve: Curve, size: int) -> tuple[Node, Node, Node, tuple[Node, ...]]:
    x = variable("x", (size,))
    first = slope(curve.build(x), [x])[0]
    return x, first, slope(first, [x])[0], curve.guards(x)


def bend_over(curve: Curve, low: Array, high: Array) -> tuple[Array, Array, Array, Array]:
    """Enclose f' and f'' over intervals: four arrays of ends, infinite where unknown.

    Unknown also where a guard may vanish: slopes say nothing of a jump (remainder, arctan2).
    """
    count, size = len(low), 1 << max(0, int(len(low) - 1).bit_length())
    x, first, second, guards = _derivatives(curve, size)
    with precision(BITS):
        balls = [ball_of(a, b) for a, b in zip(low.tolist(), high.tolist(), strict=True)]
        column = np.empty(size, dtype=object)
        column[:] = balls + [balls[-1]] * (size - count)
        reading = read((first, second, *guards), {}, Balls(BITS), known=Reading({x: column}))
        smooth = np.ones(count, dtype=bool)
        for guard in guards:
            values = np.broadcast_to(reading[guard], (size,))[:count]
            smooth &= np.array([_never_zero(v) for v in values.tolist()], dtype=bool)
        out = []
        for node in (first, second):
            values = np.broadcast_to(reading[node], (size,))[:count]
            ends = np.array([ends_of(v) or (-INF, INF) for v in values.tolist()])
            out += [np.where(smooth, ends[:, 0], -INF), np.where(smooth, ends[:, 1], INF)]
    return out[0], out[1], out[2], out[3]


def _never_zero(ball: Any) -> bool:
    return ball is not ZERO and bool(ball > 0 or ball < 0)


def range_over(curve: Curve, low: Array, high: Array) -> tuple[Array, Array, Array]:
    """Enclose f over intervals by one ball each; also whether the answer is finite."""
    with precision(BITS):
        ends = [ends_of(curve.evaluate(ball_of(a, b)))
                for a, b in zip(low.tolist(), high.tolist(), strict=True)]
    good = np.array([e is not None for e in ends], dtype=bool)
    found = np.array([e or (-INF, INF) for e in ends]).reshape(-1, 2)
    return found[:, 0], found[:, 1], good
