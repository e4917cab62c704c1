"""Derivatives, integrals and logarithms of germs by t."""

from __future__ import annotations

from typing import Any

from .germ import UNKNOWN, Beyond, Exponent, Germ, build, exponent_ball, leading, power, simple
from .twins import NOUGHT, is_number, twice


def slope_in_t(value: Any) -> Any:
    """Return the derivative of a germ by t."""
    if not isinstance(value, Germ):
        return value if isinstance(value, Beyond) or not is_number(value) else NOUGHT
    terms = {simple(e - 1): c * exponent_ball(e) for e, c in value.terms if e}
    return build(terms, None if value.cut is None else simple(value.cut - 1), value.top)


def integral(value: Any, top: Exponent) -> Any:
    """Return the integral of a germ from 0 to t; Beyond where it is a logarithm or unknown."""
    if isinstance(value, Beyond) or (not isinstance(value, Germ) and not is_number(value)):
        return value
    germ = value if isinstance(value, Germ) else Germ(((0, value),), None, top)
    if germ.cut is not None and germ.cut <= -1:
        return UNKNOWN
    if any(e <= -1 for e, _ in germ.terms):
        return Beyond("the function grows like a logarithm or a pole here")
    terms = {simple(e + 1): c / exponent_ball(simple(e + 1)) for e, c in germ.terms}
    return build(terms, None if germ.cut is None else simple(germ.cut + 1), top)


def log_magnitude(value: Any) -> Any:
    """Return log|germ| where its limit is not zero."""
    if isinstance(value, Beyond):
        return value
    if not isinstance(value, Germ):
        return twice(lambda c: abs(c).log(), value)
    first = leading(value)
    if first is None or first[0] != 0:
        return Beyond("the logarithm of what vanishes or grows here")
    start = twice(lambda c: abs(c).log(), first[1])
    return integral(slope_in_t(value) * power(value, -1), value.top) + start
