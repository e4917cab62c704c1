"""What does a function of one number do on an interval? Pieces of a row, one operand moving.

A row of the table with all operands but one held fixed is a curve: pieces on which it moves and
bends one way, points where it breaks off, an evaluation in balls. Intervals have float ends
(infinite ones too) that may be left out; every answer is a proof.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flint import arb

from ..numerals.balls import precision
from ..primitives import enclosures
from ..primitives.row import (
    AFFINE,
    CONCAVE,
    CONSTANT,
    CONVEX,
    DECREASING,
    INCREASING,
    Edge,
    Piece,
)
from ..primitives.table import SCALARS

BITS = 96
UP, DOWN = math.inf, -math.inf
STEPPED = frozenset({"floor", "ceil", "round", "trunc", "sign"})


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers between two floats; `above` and `below`: the ends themselves are never reached."""

    low: float
    high: float
    above: bool = False
    below: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A function of one real number; `breaks` says how smooth it is at special points."""

    pieces: tuple[Piece, ...]
    balls: Callable[[arb], arb]
    breaks: Mapping[Edge, int] = field(default_factory=dict)
    domain: tuple[Edge, Edge] = ("-oo", "oo")
    analytic: bool = True
    stepped: bool = False


@lru_cache(maxsize=256)
def edge(value: Edge) -> arb:
    """Return a piece's edge as a ball."""
    with precision(BITS):
        if isinstance(value, str):
            return arb(value.replace("oo", "inf"))
        top, bottom = value.as_integer_ratio()
        return arb(top) / bottom


@lru_cache(maxsize=1024)
def curve(op: str, constant: float | None = None, place: int = 0) -> Curve | None:
    """Return the curve of a row; for two operands `constant` is the one that stands still.

    `place` says which operand moves. None where nothing is known of it.
    """
    row = SCALARS[op]
    if row.arity == 1:
        analytic = row.guards is None
        return Curve(row.shape, row.balls, row.smooth_at, row.domain, analytic, op in STEPPED)
    if constant is None or row.arity != 2 or not math.isfinite(constant):
        return None
    if op == "power":
        return _power_of(constant) if place == 0 else _exponential(constant)
    known = _PARTIAL.get(op)
    if known is None:
        return None
    return Curve(known(constant), lambda t: row.balls(t, arb(constant)),
                 {constant_edge(constant): 0} if op in ("maximum", "minimum") else {},
                 analytic=op not in ("maximum", "minimum"))


def constant_edge(value: float) -> Edge:
    """Return a float as an exact edge."""
    from fractions import Fraction

    return Fraction(value)


def _both_sides(at: Edge, left: Piece, right: Piece) -> tuple[Piece, ...]:
    return (Piece("-oo", at, left.monotone, left.curvature),
            Piece(at, "oo", right.monotone, right.curvature))


_FLAT = Piece(0, 0, CONSTANT, AFFINE)
_LINE = Piece(0, 0, INCREASING, AFFINE)
_PARTIAL: Mapping[str, Callable[[float], tuple[Piece, ...]]] = {
    "maximum": lambda c: _both_sides(constant_edge(c), _FLAT, _LINE),
    "minimum": lambda c: _both_sides(constant_edge(c), _LINE, _FLAT),
    "logaddexp": lambda c: (Piece("-oo", "oo", INCREASING, CONVEX),),
    "logaddexp2": lambda c: (Piece("-oo", "oo", INCREASING, CONVEX),),
    "hypot": lambda c: (Piece("-oo", 0, DECREASING, CONVEX), Piece(0, "oo", INCREASING, CONVEX)),
}


def _power_of(exponent: float) -> Curve | None:
    """Return x to a fixed power: a polynomial, a root or a pole."""
    whole = float(exponent).is_integer()

    def balls(t: arb) -> arb:
        return enclosures.power(t, arb(exponent))

    if exponent in (0.0, 1.0):
        moves = CONSTANT if exponent == 0 else INCREASING
        return Curve((Piece("-oo", "oo", moves, AFFINE),), balls)
    bends = CONVEX if exponent > 1 or exponent < 0 else CONCAVE
    right = Piece(0, "oo", INCREASING if exponent > 0 else DECREASING, bends)
    if not whole:
        return Curve((right,), balls, {0: 0 if exponent > 0 else -1}, (0, "oo"), False)
    even = exponent % 2 == 0
    turned = {INCREASING: DECREASING, DECREASING: INCREASING}
    left = Piece("-oo", 0, turned[right.monotone] if even else right.monotone,
                 CONVEX if even else CONCAVE)
    return Curve((left, right), balls, {} if exponent > 0 else {0: -1}, analytic=exponent > 0)


def _exponential(base: float) -> Curve | None:
    """Return a fixed positive base to the power x."""
    if base <= 0:
        return None
    moves = INCREASING if base > 1 else DECREASING if base < 1 else CONSTANT
    return Curve((Piece("-oo", "oo", moves, CONVEX if base != 1 else AFFINE),),
                 lambda t: arb(base) ** t)


# ---------------------------------------------------------------- on an interval
def number(value: float) -> arb:
    """Return a float, infinite ones included, as a ball."""
    return arb(value) if math.isfinite(value) else arb("inf" if value > 0 else "-inf")


def covering(line: Curve, where: Interval) -> tuple[Piece, ...] | None:
    """Return the pieces that meet the interval in order; None where they do not cover it."""
    low, high = number(where.low), number(where.high)
    inside = where.low < where.high
    met = [p for p in line.pieces if not _apart(p, low, high, inside)]
    if not met or not edge(met[0].left) <= low or not edge(met[-1].right) >= high:
        return None
    joined = all(a.right == b.left for a, b in itertools.pairwise(met))
    return tuple(met) if joined else None


def _apart(piece: Piece, low: arb, high: arb, inside: bool) -> bool:
    left, right = edge(piece.left), edge(piece.right)
    if inside:
        return bool(right <= low) or bool(left >= high)
    return bool(right < low) or bool(left > high)


def continuous(line: Curve, where: Interval) -> bool:
    """Tell whether the curve is proved defined, finite and continuous all over the interval."""
    if line.stepped:
        return False
    if line.analytic:
        return True
    if not line.pieces or covering(line, where) is None:
        return False
    left, right = (edge(e) for e in line.domain)
    if not (left <= number(where.low) and number(where.high) <= right):
        return False
    return all(smooth >= 0 or _misses(edge(at), where) for at, smooth in line.breaks.items())


def _misses(at: arb, where: Interval) -> bool:
    low, high = number(where.low), number(where.high)
    if bool(at < low) or bool(at > high):
        return True
    return (where.above and bool(at <= low)) or (where.below and bool(at >= high))


def movement(line: Curve, where: Interval) -> str | None:
    """Return "increasing", "decreasing", "constant" or None, in the weak sense."""
    met = covering(line, where)
    kinds = {p.monotone for p in met} if met else set()
    for kind in (CONSTANT, INCREASING, DECREASING):
        if met and kinds <= {kind, CONSTANT}:
            return kind
    return None


def bending(line: Curve, where: Interval) -> set[str]:
    """Return which of "convex" and "concave" the curve is proved to be on the interval."""
    met = covering(line, where)
    if met is None or not continuous(line, where):
        return set()
    found = set()
    for kind, rising in ((CONVEX, (DECREASING, INCREASING)), (CONCAVE, (INCREASING, DECREASING))):
        alike = all(p.curvature in (kind, AFFINE) for p in met)
        pairs = itertools.pairwise(met)
        if alike and all(_joins(line, a, b, rising) for a, b in pairs):
            found.add(kind)
    return found


def _joins(line: Curve, left: Piece, right: Piece, rising: tuple[str, str]) -> bool:
    """Tell whether the slope goes the right way where two pieces meet."""
    if line.breaks.get(left.right, 99) >= 1:
        return True
    return left.monotone in (rising[0], CONSTANT) and right.monotone in (rising[1], CONSTANT)


def image(line: Curve, where: Interval) -> Interval:
    """Return an interval that holds all values the curve takes."""
    met = covering(line, where)
    if met is None or any(p.monotone not in (INCREASING, DECREASING, CONSTANT) for p in met):
        return _direct(line, where)
    values = [_end(line, where.low, where.above, met[0], True),
              _end(line, where.high, where.below, met[-1], False)]
    values += [_known(_ball(line, edge(p.right)), False) for p in met[:-1]]
    low, above = min((v[0], v[2]) for v in values)
    high, below = max((v[1], not v[3]) for v in values)
    return Interval(low, high, above, not below)


def _direct(line: Curve, where: Interval) -> Interval:
    if not (math.isfinite(where.low) and math.isfinite(where.high)):
        return Interval(DOWN, UP)
    with precision(BITS):
        found = line.balls(arb(where.low).union(arb(where.high)))
    return Interval(*outward(found)[:2]) if found.is_finite() else Interval(DOWN, UP)


def _ball(line: Curve, t: arb) -> arb:
    with precision(BITS):
        try:
            return line.balls(t)
        except (ValueError, ZeroDivisionError):
            return arb("nan")


def _end(line: Curve, t: float, missed: bool, piece: Piece, first: bool) -> tuple[Any, ...]:
    """Return (low, high, low never reached, high never reached) of the curve at one end.

    Where it has no finite value there it may run off, in the direction its piece moves.
    """
    found = _ball(line, number(t))
    if not found.is_finite():
        if piece.monotone == CONSTANT:
            return DOWN, UP, False, False
        falls = first == (piece.monotone == INCREASING)
        return (DOWN, DOWN, True, True) if falls else (UP, UP, True, True)
    return _known(found, (missed or math.isinf(t)) and piece.monotone != CONSTANT
                  and not line.stepped)


def _known(found: arb, strict: bool) -> tuple[Any, ...]:
    if not found.is_finite():
        return DOWN, UP, False, False
    low, high, exact = outward(found)
    return low, high, strict or not exact, strict or not exact


def outward(ball: arb) -> tuple[float, float, bool]:
    """Return floats around a finite ball, and whether both are its exact value.

    Where they are not, both ends lie strictly outside; a signed ball keeps its sign.
    """
    middle = float(ball.mid())
    if ball.is_exact() and math.isfinite(middle) and arb(middle) == ball:
        return middle, middle, True
    low = math.nextafter(float(ball.lower()), DOWN)
    high = math.nextafter(float(ball.upper()), UP)
    if ball > 0:
        low = max(low, 0.0)
    if ball < 0:
        high = min(high, 0.0)
    return low, high, False
