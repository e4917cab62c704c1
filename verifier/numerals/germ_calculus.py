"""Derivatives, integrals and logarithms of germs by t."""

from __future__ import annotations

from typing import Any

from .germ import (
    UNKNOWN,
    Beyond,
    Exponent,
    Germ,
    build,
    exponent_ball,
    leading,
    power,
    simple,
    vanishes,
)
from .logarithms import Logs, derived, integrated, tidy
from .twins import NAN, NOUGHT, is_number, twice


def slope_in_t(value: Any) -> Any:
    """Return the derivative of a germ by t."""
    if not isinstance(value, Germ):
        return value if isinstance(value, Beyond) or not is_number(value) else NOUGHT
    terms = {simple(e - 1): derived(c, exponent_ball(e)) for e, c in value.terms
             if e or isinstance(c, Logs)}
    return build(terms, None if value.cut is None else simple(value.cut - 1), value.top)


def integral(value: Any, top: Exponent) -> Any:
    """Return the integral of a germ from 0 to t; Beyond where it is a logarithm or unknown."""
    if isinstance(value, Beyond) or (not isinstance(value, Germ) and not is_number(value)):
        return value
    germ = value if isinstance(value, Germ) else Germ(((0, value),), None, top)
    if germ.cut is not None and germ.cut <= -1:
        return UNKNOWN
    if any(e < -1 for e, _ in germ.terms):
        return Beyond("the function has a pole here")
    terms = {simple(e + 1): integrated(c, exponent_ball(simple(e + 1))) for e, c in germ.terms}
    return build(terms, None if germ.cut is None else simple(germ.cut + 1), top)


def log_magnitude(value: Any) -> Any:
    """Return log|germ|: log c - e L + log(1 + ...) for a germ c t^e (1 + ...)."""
    if isinstance(value, Beyond):
        return value
    if not isinstance(value, Germ):
        return twice(lambda c: abs(c).log(), value)
    first = leading(value)
    if first is None or isinstance(first[1], Logs):
        return Beyond("the logarithm of what vanishes or is one", retry=not vanishes(value))
    place, number, _ = first
    scaled = value * power(Germ(((place, number),), None, value.top + place), -1)
    rest = slope_in_t(scaled) * (power(scaled, -1) if isinstance(scaled, Germ) else 1)
    start = tidy({0: twice(lambda c: abs(c).log(), number), 1: -exponent_ball(place) + NOUGHT})
    grown = integral(rest, value.top)
    if isinstance(grown, Beyond):
        return grown
    return build({0: start}, None, value.top) + grown


def log_of(value: Any) -> Any:
    """Return the logarithm of a germ; nan where it is negative beside the point."""
    first = leading(value) if isinstance(value, Germ) else None
    return NAN if first is not None and first[2] < 0 else log_magnitude(value)
