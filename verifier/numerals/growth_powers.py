"""Exponentials, logarithms and powers of growth forms, and the sums they are made of."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial

from flint import arb

from .growth import ONE, Growth
from .growth_bounds import NOUGHT, Power, as_ball, raised, upper

Form = Growth | None


def exp(v: Growth) -> Form:
    """Return e^v: the exact linear part goes to the rate, what is left must be small."""
    if v.start is None:
        return Growth({0: v.terms.get(0, NOUGHT).exp()})
    if v.rate > 0 or not v.rate <= 0:
        return None
    if v.rate < 0:
        return _exp_of_small(Growth({}, v.whole_size(), NOUGHT, v.start))
    power = exactly(v.log)
    rest = Growth({k: c for k, c in v.terms.items() if k < 0}, v.bound, NOUGHT, v.start)
    at_zero = v.terms.get(0, NOUGHT).exp()
    if power is not None and all(k <= 0 or k == 1 for k in v.terms) and (
            v.terms.get(1, NOUGHT).is_exact()):
        small = _exp_of_small(rest)
        rate = v.terms.get(1, NOUGHT)
        return None if small is None else small * Growth({power: at_zero}, None, rate, v.start)
    return _vanishing(v, rest, at_zero) if v.log.is_zero() else None


def exactly(number: arb) -> Power | None:
    """Return a short dyadic as a power, None for any other ball."""
    if not number.is_exact() or not number.is_finite() or abs(number) > 64:
        return None
    found = Fraction(float(number))
    return int(found) if found.denominator == 1 else found


def _vanishing(v: Growth, rest: Growth, at_zero: arb) -> Form:
    """Bound e^v for a polynomial v that falls: by Horner's scheme, v <= s u + c_0 with s < 0."""
    assert v.start is not None
    total, top = NOUGHT, max(v.terms, default=0)
    if any(k > 0 and k != int(k) for k in v.terms):
        return _vanishing_by_its_top(v, rest, at_zero)
    for k in range(int(top), 0, -1):
        total = total * v.start + v.terms.get(k, NOUGHT)
        if not total <= 0:
            return None
    size = upper(at_zero * rest.magnitude().exp())
    if not total < 0 or not size.is_finite():
        return None
    return Growth({}, (size, 0, (-total).lower()), NOUGHT, v.start)


def _vanishing_by_its_top(v: Growth, rest: Growth, at_zero: arb) -> Form:
    """Bound e^v where v = -c u^p (1 + h) with p >= 1: u^p >= u M^(p-1), and every term falls."""
    falling = [(k, c) for k, c in v.terms.items() if k > 0]
    if not all(c < 0 for _, c in falling) or max(v.terms) < 1 or v.start is None:
        return None
    slope = sum((c * raised(v.start, k - 1) for k, c in falling if k >= 1), NOUGHT)
    size = upper(at_zero * rest.magnitude().exp())
    return Growth({}, (size, 0, (-slope).lower()), NOUGHT, v.start) if size.is_finite() else None


def _exp_of_small(rest: Growth) -> Form:
    def coefficient(j: int) -> arb:
        return ONE / factorial(j)

    return rest.series(coefficient)


def log(v: Growth) -> Form:
    """Return log v for v = c e^(r u) u^d (1 + h)."""
    found = v.relative()
    if v.start is None or found is None:
        whole = v.terms.get(0)
        return Growth({0: whole.log()}) if v.start is None and whole and whole > 0 else None
    degree, number, rest = found
    if not number > 0:
        return None
    series = rest.series(lambda j: arb((-1) ** (j + 1)) / j if j else NOUGHT)
    return None if series is None else series + Growth(
        {1: v.rate, 0: number.log()}, start=v.start, log=as_ball(degree))


def log1p(v: Growth) -> Form:
    """Return log(1 + v); for a small v as v times a series, which keeps its rate."""
    return _beside_one(v, lambda j: arb((-1) ** j) / (j + 1)) or maybe(log, one_plus(v))


def expm1(v: Growth) -> Form:
    found = _beside_one(v, lambda j: ONE / factorial(j + 1))
    return found or plus(exp(v), -ONE)


def _beside_one(v: Growth, coefficient: Callable[[int], arb]) -> Form:
    if v.start is None or not (v.rate < 0 or (v.leading() or (0,))[0] < 0):
        return None
    series = v.series(coefficient)
    return None if series is None else v * series


def power(v: Growth, exponent: Growth) -> Form:
    """Return v to a constant power, for v = c e^(r u) u^d (1 + h) with c > 0."""
    whole, found = exponent.terms.get(0, NOUGHT), v.relative()
    known = exactly(whole) if exponent.start is None else None
    if known is not None and known < -1:
        return inverse(power(v, -exponent))
    if known is None or known > 11 or found is None or v.start is None or not found[1] > 0:
        return None
    degree, number, rest = found
    series = rest.series(lambda j: _binomial(Fraction(known), j))
    return None if series is None else series * Growth(
        {Fraction(degree) * known: number**whole}, None, v.rate * whole, v.start)


def sqrt(v: Growth) -> Form:
    return power(v, Growth.constant(arb(0.5)))


def cbrt(v: Growth) -> Form:
    found, third = v.relative(), Fraction(1, 3)
    if v.start is None or found is None or v.rate != 0:
        return None
    degree, number, rest = found
    series = rest.series(lambda j: _binomial(third, j))
    size = abs(number).root(3) * (1 if number > 0 else -1)
    return None if series is None else series * Growth(
        {Fraction(degree) * third: size}, start=v.start)


def _binomial(exponent: Fraction, j: int) -> arb:
    total = Fraction(1)
    for i in range(j):
        total *= (exponent - i) / (i + 1)
    return arb(total.numerator) / total.denominator


def heading(v: Growth) -> int:
    """Return 1 or -1 where v certainly keeps that sign on the tail, 0 elsewhere."""
    low, high, strict = v.range()
    if low > 0 or (strict and low >= 0):
        return 1
    return -1 if high < 0 or (strict and high <= 0) else 0


def one_plus(v: Form) -> Form:
    return plus(v, ONE)


def plus(v: Form, number: arb) -> Form:
    return None if v is None else v + Growth({0: number}, start=v.start)


def maybe(rule: Callable[[Growth], Form], v: Form) -> Form:
    return None if v is None else rule(v)


def scaled(v: Form, factor: float) -> Form:
    return None if v is None else v * Growth({0: arb(factor)}, start=v.start)


def inverse(v: Form) -> Form:
    return None if v is None else v.reciprocal()
