"""Rows of the table on spans: by their monotone pieces, exact at closed ends and open ones.

A row is read by what it says of itself: its shape, its domain and its evaluation in balls.
Arithmetic, steps and powers have a rule of their own; a row without pieces is read as a ball.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flint import arb, fmpq

from . import growth_powers, growth_rows
from .growth import Growth
from .spans import (
    INFINITE,
    NOUGHT,
    UNDEFINED,
    Span,
    above,
    around,
    below,
    hull,
    meet,
    point,
    reciprocal,
    tightened,
)
from .tokens import ZERO

KEEP_ZERO = frozenset({"add", "subtract", "multiply", "negative"})
LIMITED = {"sin": 1, "cos": 1}  # rows that stay in [-1, 1] and have no pieces


def evaluate(row: Any, values: tuple[Any, ...]) -> Any:
    """Return a row on spans; UNDEFINED where it may have no value."""
    keeps = row.name in KEEP_ZERO or (row.name == "divide" and values[0] is ZERO)
    if keeps and ZERO in values:
        return _with_zero(row.name, values)
    spans = tuple(point(NOUGHT) if v is ZERO else v for v in values)
    if any(v is UNDEFINED for v in spans):
        return UNDEFINED
    rule = RULES.get(row.name)
    found = rule(*spans) if rule is not None else _by_shape(row, spans)
    return _formed(row, spans, found) if row.name not in ARITHMETIC else found


def _with_zero(name: str, values: tuple[Any, ...]) -> Any:
    if name in ("multiply", "divide", "negative"):
        return ZERO
    a, b = values
    if name == "add":
        return b if a is ZERO else a
    return a if b is ZERO else -b


def _formed(row: Any, spans: tuple[Span, ...], found: Span) -> Span:
    """Add what the growth forms of the arguments say."""
    forms = [s.form for s in spans]
    if found is UNDEFINED or any(f is None for f in forms):
        return found
    if not any(f.on_tail() for f in forms if f):
        return _kept(found, Growth.constant(found.ball())) if found.finite() else found
    rules: Mapping[str, Callable[..., Growth | None]] = (
        growth_rows.ONE_ARGUMENT if len(forms) == 1 else growth_rows.TWO_ARGUMENTS)
    form = rules[row.name](*forms) if row.name in rules else None
    return found if form is None else _kept(found, form)


def _by_shape(row: Any, spans: tuple[Span, ...]) -> Span:
    if len(spans) == 1 and row.shape:
        found = _pieces(row, spans[0])
        if found is not None:
            return found
    if row.name in LIMITED:
        whole = Span(arb(-1), arb(1))
        return meet(around(row.balls(spans[0].ball())), whole) if spans[0].finite() else whole
    if all(s.finite() for s in spans):
        return around(row.balls(*(s.ball() for s in spans)))
    return UNDEFINED if row.guards is not None else Span(-INFINITE, INFINITE, True, True)


@lru_cache(maxsize=4096)
def edge(value: Any, bits: int) -> arb:
    """Return an edge of a piece as a ball."""
    if value in ("oo", "-oo"):
        return INFINITE if value == "oo" else -INFINITE
    if isinstance(value, str):
        return arb(value)
    exact = Fraction(value)
    return arb(fmpq(exact.numerator, exact.denominator))


def _pieces(row: Any, x: Span) -> Span | None:
    """Return the hull over the pieces that x meets; None where they do not cover x."""
    first, last = edge(row.shape[0].left, 0), edge(row.shape[-1].right, 0)
    if not (x.low >= first and x.high <= last):
        return UNDEFINED if not _inside(row, x) else None
    found: Span | None = None
    for piece in row.shape:
        left, right = edge(piece.left, 0), edge(piece.right, 0)
        if x.high < left or x.low > right:
            continue
        if piece.monotone not in ("increasing", "decreasing", "constant"):
            return None
        part = _piece(row, piece.monotone, x, left, right)
        found = part if found is None else hull(found, part)
    return found


def _inside(row: Any, x: Span) -> bool:
    low, high = (edge(e, 0) for e in row.domain)
    return bool(x.low >= low and x.high <= high)


def _piece(row: Any, way: str, x: Span, left: arb, right: arb) -> Span:
    """Return the row on one monotone piece: its values at both ends of what x has of it."""
    start = x.low if x.low > left else left if x.low <= left else left.union(x.low)
    stop = x.high if x.high < right else right if x.high >= right else right.union(x.high)
    opens = (x.left and bool(x.low >= left), x.right and bool(x.high <= right))
    rising = way == "increasing"
    ends = [_end(row, place, -1 if at_start == rising else 1, open_)
            for place, at_start, open_ in ((start, True, opens[0]), (stop, False, opens[1]))]
    if any(e is None for e in ends):
        return UNDEFINED
    (a, a_open), (b, b_open) = ends if rising else (ends[1], ends[0])  # type: ignore[misc]
    if way == "constant":
        return Span(below(a.union(b)), above(a.union(b)))
    strict = not row.piecewise or row.name in ("relu", "absolute")
    return Span(below(a), above(b), a_open and strict, b_open and strict)


def _end(row: Any, place: arb, side: int, open_: bool) -> tuple[arb, bool] | None:
    """Return the value, or the limit, at an end; `side` -1 says it is the lower bound."""
    value = row.balls(place)
    if value.is_finite():
        return value, open_ or not place.is_finite()
    if place.is_finite() and not open_:
        return None
    return side * INFINITE, True


# ---------------------------------------------------------------- rules of their own
def _square(x: Span) -> Span:
    size = _absolute(x)
    form = x.form * x.form if x.form else None
    return tightened(below(size.low * size.low), above(size.high * size.high), size.left,
                     size.right, form)


def _absolute(x: Span) -> Span:
    if x.low >= 0:
        return Span(x.low, x.high, x.left, x.right)
    if x.high <= 0:
        return Span(-x.high, -x.low, x.right, x.left)
    flipped = Span(-x.low, -x.low, x.left, x.left)
    high, right = (x.high, x.right) if x.high > -x.low else (flipped.high, flipped.right)
    if x.high == -x.low:
        right = x.left and x.right
    return Span(NOUGHT, high, False, right)


def _maximum(a: Span, b: Span) -> Span:
    low, left = (a.low, a.left) if a.low > b.low else (b.low, b.left)
    high, right = (a.high, a.right) if a.high > b.high else (b.high, b.right)
    left = a.left or b.left if a.low == b.low else left
    right = a.right and b.right if a.high == b.high else right
    return Span(low, high, left, right)


def _minimum(a: Span, b: Span) -> Span:
    return -_maximum(-a, -b)


def _sign(x: Span) -> Span:
    known = x.sign()
    if known is not None:
        return Span(arb(known), arb(known))
    low = -1 if x.low < 0 else 0
    high = 1 if x.high > 0 else 0
    return Span(arb(low), arb(high))


def _floor(x: Span) -> Span:
    high = x.high.floor() if x.high.is_finite() else x.high
    if x.right and x.high.is_finite() and x.high.is_integer():
        high = x.high - 1
    return Span(x.low.floor() if x.low.is_finite() else x.low, high)


def _ceil(x: Span) -> Span:
    return -_floor(-x)


def _trunc(x: Span) -> Span:
    if x.low >= 0:
        return _floor(x)
    return _ceil(x) if x.high <= 0 else hull(_ceil(Span(x.low, NOUGHT, x.left)),
                                             _floor(Span(NOUGHT, x.high, False, x.right)))


def _round(x: Span) -> Span:
    """Enclose rint: between floor and ceil of x + 1/2 and x - 1/2."""
    half = Span(arb(0.5), arb(0.5))
    low, high = _ceil(x - half), _floor(x + half)
    return Span(low.low if low.low <= high.low else high.low,
                high.high if high.high >= low.high else low.high)


def _power(a: Span, b: Span) -> Span:
    if not (b.low == b.high and b.low.is_exact() and b.low.is_finite()):
        return around((a.ball().log() * b.ball()).exp()) if (
            a.finite() and b.finite() and a.low > 0) else UNDEFINED
    known = b.low.unique_fmpz() if b.low.is_integer() else None
    whole = None if known is None else int(known)
    if whole is not None and abs(whole) <= 64:
        return _whole_power(a, whole)
    if a.low < 0 or (b.low < 0 and a.low == 0 and not a.left):
        return UNDEFINED
    exponent = b.low if b.low > 0 else -b.low
    ends = [(end if end == 0 or not end.is_finite() else end**exponent) for end in (a.low, a.high)]
    form = growth_powers.power(a.form, Growth.constant(exponent)) if a.form else None
    found = _kept(Span(below(ends[0]), above(ends[1]), a.left, a.right), form)
    return found if b.low > 0 else reciprocal(found)


def _whole_power(a: Span, exponent: int) -> Span:
    if exponent < 0:
        return reciprocal(_whole_power(a, -exponent))
    if exponent == 0:
        return point(arb(1))
    if exponent % 2 == 0:
        half = _whole_power(a, exponent // 2) if exponent > 2 else a
        return _square(half)
    size = (Span(below(a.low**exponent), above(a.high**exponent), a.left, a.right))
    form = a.form
    for _ in range(exponent - 1):
        form = form * a.form if form and a.form else None
    return tightened(size.low, size.high, size.left, size.right, form)


def _hypot(a: Span, b: Span) -> Span:
    total = _square(a) + _square(b)
    high = total.high.sqrt() if total.high.is_finite() else total.high
    return Span(below(total.low.sqrt()), above(high), total.left, total.right)


def _logaddexp(a: Span, b: Span) -> Span:
    top = _maximum(a, b)
    return Span(top.low, above(top.high + arb(2).log()), False, False)


def _kept(span: Span, form: Growth | None) -> Span:
    return tightened(span.low, span.high, span.left, span.right, form)


def _by_heading(larger: bool) -> Callable[[Span, Span], Span]:
    """Return maximum or minimum, which keeps the form of the side that wins on the tail."""

    def rule(a: Span, b: Span) -> Span:
        found = _maximum(a, b) if larger else _minimum(a, b)
        way = (a - b).sign()
        first = way is not None and (way >= 0) == larger
        return found if way is None else _kept(found, a.form if first else b.form)

    return rule


RULES: Mapping[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b, "negative": lambda a: -a, "reciprocal": reciprocal,
    "square": _square, "absolute": _absolute, "maximum": _by_heading(True),
    "minimum": _by_heading(False), "sign": _sign, "floor": _floor, "ceil": _ceil,
    "trunc": _trunc, "round": _round, "power": _power, "hypot": _hypot, "logaddexp": _logaddexp,
}
ARITHMETIC = frozenset({"add", "subtract", "multiply", "divide", "negative", "reciprocal",
                        "square", "power", "maximum", "minimum"})
