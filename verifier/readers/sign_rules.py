"""Rules of composition for scalar rows: range, continuity and curvature of one node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..graph.node import Node
from ..numerals.intervals import add_down, product
from ..primitives.row import CONCAVE as BENDS_DOWN
from ..primitives.row import CONVEX as BENDS_UP
from ..primitives.row import DECREASING, INCREASING, Piece
from ..primitives.table import SCALARS
from .bends import Curve, bending, continuous, curve, image, movement
from .bends import Interval as Stretch
from .signs import (  # fmt: skip
    AFFINE,
    CONCAVE,
    CONVEX,
    FIXED,
    LOG_CONCAVE,
    LOG_CONVEX,
    ROOT_CONVEX,
    Array,
    Fact,
    flipped,
    signed,
    tidy,
    unknown,
)

UP, DOWN = INCREASING, DECREASING
LOGS = frozenset({"log", "log2", "log10", "log1p"})
_RISING, _FALLING = Piece("-oo", "oo", UP, "affine"), Piece("-oo", "oo", DOWN, "affine")
_HILL = (Piece("-oo", 0, UP, BENDS_DOWN), Piece(0, "oo", DOWN, BENDS_DOWN))
_BOWL = (Piece("-oo", 0, DOWN, BENDS_UP), Piece(0, "oo", UP, BENDS_UP))
# How the logarithm of a positive row moves and bends: log exp = id, log cosh is a bowl, ...
LOGARITHMS: Mapping[str, tuple[Piece, ...]] = {
    "exp": (_RISING,), "exp2": (_RISING,), "sigmoid": SCALARS["log_sigmoid"].shape,
    "ndtr": SCALARS["log_ndtr"].shape, "cosh": _BOWL, "sech": _HILL, "gaussian": _HILL,
}


# ---------------------------------------------------------------- one operand moves
def through(line: Curve, fact: Fact) -> Fact:
    """Return the fact of a curve of an operand: its image, and bending composed with slope."""
    flat = [a.ravel().tolist() for a in (fact.low, fact.high, fact.above, fact.below)]
    met: dict[Any, tuple[Any, ...]] = {}
    rows = []
    for key in zip(*flat, strict=True):
        if key not in met:
            met[key] = _on(line, Stretch(*key))
        rows.append(met[key])
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    low, high, above, below, sound, kinds = (
        np.array(c, dtype=t).reshape(fact.low.shape)
        for c, t in zip(columns, (float, float, bool, bool, bool, np.uint8), strict=True))
    bits = composed(fact, kinds)
    return tidy(Fact(low, high, above, below, sound & fact.sound, bits))


def _on(line: Curve, where: Stretch) -> tuple[Any, ...]:
    """Return image, soundness and the six-bit kind: convex, concave, rising, falling."""
    if not where.low <= where.high:
        return -np.inf, np.inf, False, False, False, 0
    sound = continuous(line, where)
    bends, moves = bending(line, where), movement(line, where)
    kind = (BENDS_UP in bends) + 2 * (BENDS_DOWN in bends)
    kind += 4 * (moves in (UP, "constant")) + 8 * (moves in (DOWN, "constant"))
    found = image(line, where)
    return found.low, found.high, found.above, found.below, sound, kind


def composed(fact: Fact, kinds: Array) -> Array:
    """Return the curvature of a curve of these kinds applied to the fact's value."""
    convex, concave = fact.has(CONVEX), fact.has(CONCAVE)
    rises, falls = (kinds & 4) > 0, (kinds & 8) > 0
    fits_up = (convex & concave) | (rises & convex) | (falls & concave)
    fits_down = (convex & concave) | (rises & concave) | (falls & convex)
    bits = np.where(((kinds & 1) > 0) & fits_up, CONVEX, 0)
    bits = bits | np.where(((kinds & 2) > 0) & fits_down, CONCAVE, 0)
    return np.asarray(bits | (fact.bits & FIXED), dtype=np.uint8)


def of_one(op: str, fact: Fact) -> Fact:
    """Return the fact of a row of one argument."""
    line = curve(op)
    if line is None:
        return unknown(fact.low.shape)
    found = through(line, fact)
    more = _further(op, fact, found)
    return tidy(replace(found, bits=found.bits | more))


def _further(op: str, fact: Fact, found: Fact) -> Array:
    """Return the bits that follow from logarithms, roots and squares."""
    bits = np.zeros(fact.low.shape, dtype=np.uint8)
    if op in LOGARITHMS:
        kinds = through(replace(_ANY, pieces=LOGARITHMS[op]), fact).bits
        bits |= _as_logs(kinds)
    if op in LOGS:
        bits |= _logarithm(fact.bits, op)
    if op == "sqrt":
        bits |= np.where(fact.has(ROOT_CONVEX), CONVEX, 0).astype(np.uint8)
        bits |= fact.bits & (LOG_CONVEX | LOG_CONCAVE)
    if op == "square":
        bits |= _squared(fact) | (fact.bits & (LOG_CONVEX | LOG_CONCAVE))
    if op == "reciprocal":
        bits |= _swapped_logs(fact.bits)
    return np.asarray(np.where(found.sound, bits, 0), dtype=np.uint8)


_ANY = Curve((), lambda t: t)


def _as_logs(kinds: Array) -> Array:
    return np.asarray(np.where(kinds & CONVEX, LOG_CONVEX, 0)
                      | np.where(kinds & CONCAVE, LOG_CONCAVE, 0), dtype=np.uint8)


def _logarithm(bits: Array, op: str) -> Array:
    """log of log-convex is convex; 1 + log-convex is log-convex too (for log1p)."""
    out = np.where(bits & LOG_CONVEX, CONVEX, 0)
    if op != "log1p":
        out = out | np.where(bits & LOG_CONCAVE, CONCAVE, 0)
    return out.astype(np.uint8)


def _swapped_logs(bits: Array) -> Array:
    return np.asarray(((bits & LOG_CONVEX) << 1) | ((bits & LOG_CONCAVE) >> 1), dtype=np.uint8)


def _squared(fact: Fact) -> Array:
    fits = fact.has(AFFINE) | (fact.has(CONVEX) & (fact.low >= 0))
    fits = fits | (fact.has(CONCAVE) & (fact.high <= 0))
    return np.where(fits, ROOT_CONVEX, 0).astype(np.uint8)


# ---------------------------------------------------------------- sums and products
def add(a: Fact, b: Fact) -> Fact:
    """Return the fact of a sum."""
    low, high = add_down(a.low, b.low), -add_down(-a.high, -b.high)
    with np.errstate(all="ignore"):
        above = a.above | b.above | (low < a.low + b.low)
        below = a.below | b.below | (high > a.high + b.high)
    bits = a.bits & b.bits & (AFFINE | FIXED | LOG_CONVEX | ROOT_CONVEX)
    return tidy(Fact(low, high, above, below, a.sound & b.sound, bits))


def negative(a: Fact) -> Fact:
    """Return the fact of minus a value."""
    return tidy(Fact(-a.high, -a.low, a.below, a.above, a.sound, flipped(a.bits)))


def multiply(a: Fact, b: Fact) -> Fact:
    """Return the fact of a product."""
    found = product(a.range, b.range)
    bits = _scaled(a, b) | _scaled(b, a)
    bits = bits | (a.bits & b.bits & (LOG_CONVEX | LOG_CONCAVE))
    above, below = _strict(a, b)
    return tidy(Fact(found.lo, found.hi, above, below, a.sound & b.sound, bits))


def _scaled(a: Fact, b: Fact) -> Array:
    """Return the curvature of b times a where a is fixed."""
    bits = signed(b.bits, a.low, a.high)
    return np.asarray(np.where(a.has(FIXED), bits, 0), dtype=np.uint8)


def _strict(a: Fact, b: Fact) -> tuple[Array, Array]:
    """Return whether a product of signed factors stays away from zero."""
    plus = (a.positive & b.positive) | (a.negative & b.negative)
    minus = (a.positive & b.negative) | (a.negative & b.positive)
    found = product(a.range, b.range)
    return plus & (found.lo == 0), minus & (found.hi == 0)


def divide(a: Fact, b: Fact) -> Fact:
    """Return the fact of a quotient: squares over concave, and logarithms, included."""
    inverse = of_one("reciprocal", b)
    found = multiply(a, inverse)
    bits = found.bits | np.where(a.has(ROOT_CONVEX) & b.has(CONCAVE) & b.positive, CONVEX, 0)
    return tidy(replace(found, bits=bits.astype(np.uint8)))


def larger(a: Fact, b: Fact) -> Fact:
    """Return the fact of max(a, b)."""
    both = a.bits & b.bits & (CONVEX | FIXED | LOG_CONVEX | ROOT_CONVEX)
    bits = np.where(a.low >= b.high, a.bits, np.where(b.low >= a.high, b.bits, both))
    above = np.where(a.low == b.low, a.above | b.above, np.where(a.low > b.low, a.above, b.above))
    below = np.where(a.high == b.high, a.below & b.below,
                     np.where(a.high > b.high, a.below, b.below))
    return tidy(Fact(np.maximum(a.low, b.low), np.maximum(a.high, b.high), above, below,
                     a.sound & b.sound, bits.astype(np.uint8)))


def smaller(a: Fact, b: Fact) -> Fact:
    """Return the fact of min(a, b)."""
    found = negative(larger(negative(a), negative(b)))
    logs = a.bits & b.bits & LOG_CONCAVE
    return tidy(replace(found, bits=found.bits | logs))


def _log_add(a: Fact, b: Fact) -> Fact:
    top = larger(a, b)
    high = -add_down(-top.high, np.full(top.high.shape, -1.0))
    bits = a.bits & b.bits & (CONVEX | FIXED)
    none = np.zeros(high.shape, dtype=bool)
    return tidy(Fact(top.low, high, none, none, a.sound & b.sound, bits))


def _hypot(a: Fact, b: Fact) -> Fact:
    sizes = [of_one("absolute", x) for x in (a, b)]
    low = np.maximum(sizes[0].low, sizes[1].low)
    high = add(*sizes).high
    fits = [x.has(AFFINE) | (x.has(CONVEX) & (x.low >= 0)) for x in (a, b)]
    bits = np.where(fits[0] & fits[1], CONVEX, 0) | (a.bits & b.bits & FIXED)
    none = np.zeros(low.shape, dtype=bool)
    return tidy(Fact(low, high, none, none, a.sound & b.sound, bits.astype(np.uint8)))


def _power(a: Fact, b: Fact) -> Fact:
    known = (b.low == b.high) & np.isfinite(b.low)
    if known.all():
        return _by_constant("power", a, b.low, 0)
    if ((a.low == a.high) & np.isfinite(a.low)).all():
        return _by_constant("power", b, a.low, 1)
    return unknown(a.low.shape)


def _by_constant(op: str, fact: Fact, values: Array, place: int) -> Fact:
    """Return the fact of a row of two arguments one of which is known, entry by entry."""
    out = unknown(fact.low.shape)
    parts = [np.array(p) for p in out.parts()]
    for value in np.unique(values).tolist():
        where = values == value
        line = curve(op, value, place)
        if line is None:
            continue
        inside = Fact(*(p[where] for p in fact.parts()))
        found = through(line, inside)
        if op == "power" and place == 0:
            bits = _powered(inside, value)
            found = tidy(replace(found, bits=found.bits | np.where(found.sound, bits, 0)))
        for part, new in zip(parts, found.parts(), strict=True):
            part[where] = new
    return tidy(Fact(*parts))


def _powered(fact: Fact, exponent: float) -> Array:
    logs = fact.bits & (LOG_CONVEX | LOG_CONCAVE)
    bits = logs if exponent >= 0 else _swapped_logs(fact.bits)
    if exponent >= 2 and exponent % 2 == 0:
        bits = bits | _squared(fact)
    elif exponent >= 2:
        bits = bits | np.where(fact.has(CONVEX) & (fact.low >= 0), ROOT_CONVEX, 0)
    elif exponent == 0.5:
        bits = bits | np.where(fact.has(ROOT_CONVEX), CONVEX, 0)
    return np.asarray(bits, dtype=np.uint8)


def _x_log_y(a: Fact, b: Fact) -> Fact:
    return multiply(a, of_one("log", b))


_TWO: Mapping[str, Callable[[Fact, Fact], Fact]] = {
    "add": add, "subtract": lambda a, b: add(a, negative(b)), "multiply": multiply,
    "divide": divide, "maximum": larger, "minimum": smaller, "logaddexp": _log_add,
    "logaddexp2": _log_add, "hypot": _hypot, "power": _power, "xlogy": _x_log_y,
    "xlog1py": lambda a, b: multiply(a, of_one("log1p", b)),
}


def scalar(node: Node, facts: Sequence[Fact]) -> Fact:
    """Return the fact of one elementwise node from those of its operands."""
    if node.op == "negative":
        return negative(facts[0])
    if len(facts) == 1:
        return of_one(node.op, facts[0])
    rule = _TWO.get(node.op)
    if rule is None:
        return unknown(node.shape)
    a, b = (f.spread(node.shape) for f in facts[:2])
    found = rule(a, b)
    sharper = node.op in ("logaddexp", "logaddexp2", "hypot")
    return _sharper(node.op, a, b, found) if sharper else found


def _sharper(op: str, a: Fact, b: Fact, found: Fact) -> Fact:
    """Where one operand is a known number its curve gives the tighter range."""
    for moving, still in ((a, b), (b, a)):
        if ((still.low == still.high) & np.isfinite(still.low)).all():
            other = _by_constant(op, moving, still.low, 0)
            return tidy(replace(other, bits=other.bits | found.bits))
    return found
