"""Twins: one real number read twice, with its constants as stored and with them widened.

Reading A takes every constant at its exact stored value and takes every decision; reading B
widens the rounded ones by a few ulp (SOUNDNESS 2). A difference is told of only where both see it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flint import arb

NAN = arb("nan")
NOUGHT = arb(0)


@dataclass(frozen=True, slots=True, eq=False)
class Twin:
    """The pair (stored, widened): `stored` decides, `widened` is what rounding may have hidden."""

    stored: arb
    widened: arb

    def __add__(self, other: Any) -> Any:
        return _pair(other, lambda a, b: a + b, self)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return _pair(other, lambda a, b: a - b, self)

    def __rsub__(self, other: Any) -> Any:
        return _pair(other, lambda a, b: b - a, self)

    def __mul__(self, other: Any) -> Any:
        return _pair(other, lambda a, b: a * b, self)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return _pair(other, lambda a, b: a / b, self)

    def __rtruediv__(self, other: Any) -> Any:
        return _pair(other, lambda a, b: b / a, self)

    def __neg__(self) -> Twin:
        return Twin(-self.stored, -self.widened)


def _pair(other: Any, combine: Callable[[Any, Any], Any], twin: Twin) -> Any:
    if not isinstance(other, (Twin, arb, int, float)):
        return NotImplemented
    return Twin(combine(twin.stored, stored(other)), combine(twin.widened, widened(other)))


def stored(value: Any) -> Any:
    """Return the number in reading A."""
    return value.stored if type(value) is Twin else value


def widened(value: Any) -> Any:
    """Return the number in reading B."""
    return value.widened if type(value) is Twin else value


def twice(function: Callable[..., arb], *values: Any) -> Any:
    """Apply a function of balls in both readings; in one where there is only one."""
    if any(type(v) is Twin for v in values):
        return Twin(function(*map(stored, values)), function(*map(widened, values)))
    return function(*values)


def absent(value: Any) -> bool:
    """Tell whether the number is exactly 0 in both readings, so that a term may be dropped."""
    if type(value) is Twin:
        return bool(value.stored.is_zero() and value.widened.is_zero())
    return bool(value.is_zero())


def is_number(value: Any) -> bool:
    """Tell whether the number is finite in both readings."""
    if type(value) is Twin:
        return bool(value.stored.is_finite() and value.widened.is_finite())
    return bool(value.is_finite())


def sign_of(value: Any) -> int | None:
    """Return the certain sign in reading A, None where the ball does not know it."""
    number = stored(value)
    if number > 0:
        return 1
    if number < 0:
        return -1
    return 0 if number.is_zero() else None


def union(a: Any, b: Any) -> Any:
    """Return the hull in both readings; nan where either is not finite."""

    def one(left: arb, right: arb) -> arb:
        finite = left.is_finite() and right.is_finite()
        return left.union(right) if finite else NAN

    return twice(one, a, b)
