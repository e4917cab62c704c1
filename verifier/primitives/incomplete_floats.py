"""Incomplete integrals in floats: series of one sign, and continued fractions where they are fast.

Abramowitz and Stegun 1964, 6.5.29, 6.5.31, 5.1.10, 5.1.22, 26.5.8; fractions by Lentz's method.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from .floating import one_by_one

SMALL = 2.0**-55  # a term below this share of the sum no longer changes it
TINY = 1e-300  # Lentz's method: stands for a denominator of 0
TERMS = 5000
EULER = 0.57721566490153286


def _lower(a: float, x: float) -> float:
    """Return P(a, x), the lower incomplete gamma function over gamma(a)."""
    if not (a > 0 and x >= 0):
        return math.nan
    if x in (0.0, math.inf):
        return float(x > 0)
    return _series(a, x) if x < a + 1 else 1 - _fraction(a, x)


def _upper(a: float, x: float) -> float:
    """Return Q(a, x) = 1 - P(a, x)."""
    if not (a > 0 and x >= 0):
        return math.nan
    if x in (0.0, math.inf):
        return float(x == 0)
    return 1 - _series(a, x) if x < a + 1 else _fraction(a, x)


def _weight(a: float, x: float) -> float:
    """Return x^a exp(-x) / gamma(a)."""
    if a < 100 and x < 700 and (a * abs(math.log(x)) < 700):
        return math.pow(x, a) * math.exp(-x) / math.gamma(a)
    return math.exp(a * math.log(x) - x - math.lgamma(a))


def _series(a: float, x: float) -> float:
    term, terms = 1 / a, [1 / a]
    for n in range(1, TERMS):
        term *= x / (a + n)
        terms.append(term)
        if term < SMALL * terms[0]:
            break
    return math.fsum(terms) * _weight(a, x)


def _fraction(a: float, x: float) -> float:
    """Return Q by the continued fraction of gamma(a, x), for x beyond a + 1."""
    steps = ((-n * (n - a), x + 2 * n + 1 - a) for n in range(1, TERMS))
    return _weight(a, x) / _lentz(x + 1 - a, steps)


def _lentz(start: float, steps: Iterator[tuple[float, float]]) -> float:
    """Return start + a1 / (b1 + a2 / (b2 + ...)) for steps (a, b)."""
    value = above = start or TINY
    below = 0.0
    for a, b in steps:
        below = 1 / (b + a * below or TINY)
        above = b + a / above or TINY
        value *= above * below
        if abs(above * below - 1) < SMALL:
            break
    return value


def _integral(x: float) -> float:
    """Return Ei(x), the exponential integral."""
    if x == 0:
        return -math.inf
    if x < -1:
        steps = ((-n * n, -x + 2 * n + 1) for n in range(1, TERMS))
        return -math.exp(x) / _lentz(1 - x, steps)
    if x < 40:
        return math.fsum([EULER, math.log(abs(x)), *_powers(x)])
    half = math.exp(x / 2)  # the result is finite a little longer than exp(x) is
    term, terms = 1.0, [1.0]
    for n in range(1, int(x)):
        term *= n / x
        terms.append(term)
        if term < SMALL:
            break
    return half / x * math.fsum(terms) * half


def _powers(x: float) -> Iterator[float]:
    term, total = 1.0, 0.0
    for n in range(1, TERMS):
        term *= x / n
        total += abs(term / n)
        yield term / n
        if abs(term) < SMALL * total:
            return


def _beta(a: float, b: float, x: float) -> float:
    """Return I_x(a, b), the incomplete beta function over beta(a, b)."""
    if not (a > 0 and b > 0 and 0 <= x <= 1):
        return math.nan
    if x in (0.0, 1.0):
        return x
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_fraction(b, a, 1 - x, x)
    return _beta_fraction(a, b, x, 1 - x)


def _beta_fraction(a: float, b: float, x: float, rest: float) -> float:
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    weight = math.exp(scale) * math.pow(x, a) * math.pow(rest, b) / a
    return weight / _lentz(1.0, _beta_steps(a, b, x))


def _beta_steps(a: float, b: float, x: float) -> Iterator[tuple[float, float]]:
    for m in range(TERMS):
        yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), 1.0
        n = m + 1
        yield n * (b - n) * x / ((a + 2 * n - 1) * (a + 2 * n)), 1.0


gammainc, gammaincc = one_by_one(_lower), one_by_one(_upper)
expi, betainc = one_by_one(_integral), one_by_one(_beta)
