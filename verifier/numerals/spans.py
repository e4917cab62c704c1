"""Spans: intervals with two exact ends, each open or closed, either one infinite.

A ball cannot say "[0, 1)" or "(0, oo)"; a span can, so that signs are proved where a bound is
touched and tails are enclosed. Ends are `flint.arb` numbers without radius, rounded outward.
On a tail a span may carry a :class:`~verifier.numerals.growth.Growth`, which keeps it sharp.
"""

from __future__ import annotations

from typing import Any

from flint import arb

from .growth import Growth
from .tokens import ZERO

INFINITE = arb("inf")
NOUGHT = arb(0)


def below(x: arb) -> arb:
    """Return an exact number at or below the ball; -oo where it is not finite from below."""
    if x.is_exact():
        return x if not x.is_nan() else -INFINITE
    found = x.lower()
    return found if not found.is_nan() else -INFINITE


def above(x: arb) -> arb:
    """Return an exact number at or above the ball; oo where it is not finite from above."""
    if x.is_exact():
        return x if not x.is_nan() else INFINITE
    found = x.upper()
    return found if not found.is_nan() else INFINITE


class Span:
    """The real numbers between `low` and `high`; `left`/`right` say that the end is left out."""

    __slots__ = ("form", "high", "left", "low", "right")

    def __init__(
        self, low: arb, high: arb, left: bool = False, right: bool = False,
        form: Growth | None = None,
    ) -> None:
        self.low, self.high, self.left, self.right, self.form = low, high, left, right, form

    def __add__(self, other: Any) -> Any:
        if other is ZERO or other is UNDEFINED:
            return self if other is ZERO else UNDEFINED
        form = self.form + other.form if self.form and other.form else None
        return tightened(below(self.low + other.low), above(self.high + other.high),
                         self.left or other.left, self.right or other.right, form)

    def __neg__(self) -> Span:
        return Span(-self.high, -self.low, self.right, self.left,
                    -self.form if self.form else None)

    def __sub__(self, other: Any) -> Any:
        return self if other is ZERO else self + (-other)

    def __mul__(self, other: Any) -> Any:
        if other is ZERO or other is UNDEFINED:
            return other
        ends = [_corner(x, xo, y, yo) for x, xo in self.ends() for y, yo in other.ends()]
        low, high = ends[0][0], ends[0][1]
        for a, b, _ in ends[1:]:
            low, high = (a if a < low else low), (b if b > high else high)
        left = all(open_ for a, _, open_ in ends if a == low)
        right = all(open_ for _, b, open_ in ends if b == high)
        form = self.form * other.form if self.form and other.form else None
        return tightened(low, high, left, right, form)

    def __truediv__(self, other: Any) -> Any:
        return self if other is ZERO else self * reciprocal(other)

    def ends(self) -> tuple[tuple[arb, bool], tuple[arb, bool]]:
        """Return both ends with whether they are left out."""
        return (self.low, self.left), (self.high, self.right)

    def sign(self) -> int | None:
        """Return the strict sign, 0 for the number 0 itself, None where it is open."""
        if self.low > 0 or (self.left and self.low >= 0):
            return 1
        if self.high < 0 or (self.right and self.high <= 0):
            return -1
        return 0 if self.low == 0 and self.high == 0 else None

    def finite(self) -> bool:
        return bool(self.low.is_finite() and self.high.is_finite())

    def ball(self) -> arb:
        """Return the least ball around a finite span."""
        return self.low.union(self.high)

    def __repr__(self) -> str:
        start, end = "(" if self.left else "[", ")" if self.right else "]"
        return f"{start}{float(self.low):.8g}, {float(self.high):.8g}{end}"


class _Undefined(Span):
    """What may be no number somewhere: it swallows all it meets and proves nothing."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return self

    __sub__ = __mul__ = __truediv__ = __add__

    def __neg__(self) -> Any:
        return self

    def sign(self) -> None:
        return None

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED = _Undefined(-INFINITE, INFINITE)


def point(value: arb) -> Span:
    """Return the span of one number; a ball with a radius becomes the span of its ends."""
    return Span(below(value), above(value), form=Growth.constant(value))


def around(value: Any) -> Span:
    """Return the span of a ball, UNDEFINED where it is not finite."""
    return Span(below(value), above(value)) if value.is_finite() else UNDEFINED


def tightened(low: arb, high: arb, left: bool, right: bool, form: Growth | None) -> Span:
    """Return the span cut down to what its form says on the tail."""
    if form is None or not form.on_tail():
        return Span(low, high, left, right, form)
    bottom, top, strict = form.range()
    if bottom > low or (bottom == low and strict):
        low, left = bottom, (strict and bottom == 0) or (left and bottom == low)
    if top < high or (top == high and strict):
        high, right = top, (strict and top == 0) or (right and top == high)
    return Span(low, high, left, right, form)


def _corner(x: arb, x_open: bool, y: arb, y_open: bool) -> tuple[arb, arb, bool]:
    """Return the product of two ends, enclosed, and whether it is left out."""
    if x == 0 or y == 0:
        taken = (x == 0 and not x_open) or (y == 0 and not y_open)
        return NOUGHT, NOUGHT, not taken
    found = x * y
    return below(found), above(found), x_open or y_open


def reciprocal(x: Span) -> Span:
    """Return 1/x; UNDEFINED where x may be 0."""
    sign = x.sign()
    if x is UNDEFINED or not sign:
        return UNDEFINED
    if sign < 0:
        return -reciprocal(-x)
    low = NOUGHT if not x.high.is_finite() else below(1 / x.high)
    high = INFINITE if x.low == 0 else above(1 / x.low)
    form = x.form.reciprocal() if x.form else None
    return tightened(low, high, x.right or low == 0, x.left or x.low == 0, form)


def hull(a: Any, b: Any) -> Any:
    """Return the span around both."""
    if a is ZERO and b is ZERO:
        return ZERO
    a, b = (point(NOUGHT) if v is ZERO else v for v in (a, b))
    if a is UNDEFINED or b is UNDEFINED:
        return UNDEFINED
    low, left = _outer(a.low, a.left, b.low, b.left, bool(a.low < b.low))
    high, right = _outer(a.high, a.right, b.high, b.right, bool(a.high > b.high))
    return Span(low, high, left, right)


def _outer(x: arb, x_open: bool, y: arb, y_open: bool, first: bool) -> tuple[arb, bool]:
    if x == y:
        return x, x_open and y_open
    return (x, x_open) if first else (y, y_open)


def meet(a: Span, b: Span) -> Span:
    """Return what both allow, for two enclosures of one quantity."""
    if a is UNDEFINED or b is UNDEFINED:
        return b if a is UNDEFINED else a
    low, left = (a.low, a.left) if a.low > b.low else (b.low, b.left)
    high, right = (a.high, a.right) if a.high < b.high else (b.high, b.right)
    left = left or (a.low == b.low and a.left)
    right = right or (a.high == b.high and a.right)
    return Span(low, high, left, right, a.form or b.form)
