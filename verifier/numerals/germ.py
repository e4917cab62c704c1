"""Germs: what a function does just beside a point, as a series in t for t -> 0+.

A germ is a finite sum of c t^e, e rational and increasing, plus an unknown rest of order t^cut.
A number that does not move with t stays a plain ball. A coefficient is skipped only where it is
exactly zero (SOUNDNESS 9); what leaves this class is :class:`Beyond`, never a truncated answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from .logarithms import Logs, coefficient_sign, is_absent, is_finite
from .tokens import ZERO
from .twins import NAN, NOUGHT, Twin, absent, is_number, sign_of, stored, twice

Exponent = int | Fraction
STEPS = 256  # of one power series: more terms than any order asked for


@dataclass(frozen=True, slots=True, eq=False)
class Beyond:
    """A value that is no germ, or not known to be one; `retry`: more terms or bits may help."""

    reason: str
    retry: bool = False

    def _same(self, other: Any) -> Any:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __truediv__ = __rtruediv__ = __rmul__ = _same

    def __mul__(self, other: Any) -> Any:
        return ZERO if other is ZERO else self

    def __neg__(self) -> Beyond:
        return self


UNKNOWN = Beyond("the series is too short to tell", retry=True)
UNSIGNED = Beyond("the sign of a leading coefficient is not known", retry=True)


@dataclass(frozen=True, slots=True, eq=False)
class Germ:
    """``sum of coefficient * t**exponent`` plus O(t**cut); `cut` None means nothing is left out.

    Terms from exponent `top` on are never kept.
    """

    terms: tuple[tuple[Exponent, Any], ...]
    cut: Exponent | None
    top: Exponent

    @property
    def lead(self) -> Exponent:
        """The least exponent that may occur."""
        if self.terms:
            return self.terms[0][0]
        return self.top if self.cut is None else self.cut

    def __add__(self, other: Any) -> Any:
        if other is ZERO:
            return self
        if isinstance(other, Beyond):
            return other
        terms = dict(self.terms)
        cut, top = self.cut, self.top
        if isinstance(other, Germ):
            cut, top = least(cut, other.cut), min(top, other.top)
            for exponent, value in other.terms:
                terms[exponent] = terms[exponent] + value if exponent in terms else value
        elif isinstance(other, (arb, Twin, int, float)):
            if not is_number(as_ball(other)):
                return NAN
            terms[0] = terms[0] + other if 0 in terms else as_ball(other)
        else:
            return NotImplemented
        return build(terms, cut, top)

    __radd__ = __add__

    def __neg__(self) -> Germ:
        return Germ(tuple((e, -c) for e, c in self.terms), self.cut, self.top)

    def __sub__(self, other: Any) -> Any:
        return self if other is ZERO else self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return (-self) + other

    def __mul__(self, other: Any) -> Any:
        if other is ZERO or isinstance(other, Beyond):
            return other
        if isinstance(other, Germ):
            return _product(self, other)
        if not isinstance(other, (arb, Twin, int, float)):
            return NotImplemented
        factor = as_ball(other)
        if not is_number(factor):
            return NAN
        if absent(factor):
            return NOUGHT
        return build({e: c * factor for e, c in self.terms}, self.cut, self.top)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, Germ):
            return self * power(other, -1)
        if other is ZERO:
            return NAN
        if isinstance(other, Beyond):
            return other
        divisor = as_ball(other)
        return build({e: _over(c, divisor) for e, c in self.terms}, self.cut, self.top)

    def __rtruediv__(self, other: Any) -> Any:
        return power(self, -1) * other

    def __repr__(self) -> str:
        known = " + ".join(f"{stored(c)} t^{e}" for e, c in self.terms) or "0"
        return known if self.cut is None else f"{known} + O(t^{self.cut})"


def _over(value: Any, divisor: Any) -> Any:
    """Divide a coefficient by a number."""
    return value / divisor


def as_ball(value: Any) -> Any:
    """Return a plain number as a ball, others as they are."""
    return arb(value) if type(value) in (int, float, bool) else value


def least(a: Exponent | None, b: Exponent | None) -> Exponent | None:
    if a is None or b is None:
        return b if a is None else a
    return min(a, b)


def build(terms: Mapping[Exponent, Any], cut: Exponent | None, top: Exponent) -> Any:
    """Return the germ of these terms; a plain ball where nothing moves, nan where one is."""
    bound = top if cut is None else min(cut, top)
    kept, lost = [], cut is not None
    for exponent in sorted(terms):
        value = terms[exponent]
        if is_absent(value):
            continue
        if exponent >= bound:
            lost = True
            break
        if not is_finite(value):
            return NAN
        kept.append((exponent, value))
    if not lost:
        if not kept:
            return NOUGHT
        if len(kept) == 1 and kept[0][0] == 0 and not isinstance(kept[0][1], Logs):
            return kept[0][1]
    return Germ(tuple(kept), bound if lost else None, top)


def _product(a: Germ, b: Germ) -> Any:
    terms: dict[Exponent, Any] = {}
    for left, c in a.terms:
        for right, d in b.terms:
            exponent = left + right
            terms[exponent] = terms[exponent] + c * d if exponent in terms else c * d
    cut = least(
        None if a.cut is None else a.cut + b.lead, None if b.cut is None else b.cut + a.lead
    )
    return build(terms, cut, min(a.top, b.top))


def leading(value: Germ) -> tuple[Exponent, Any, int] | None:
    """Return (exponent, coefficient, sign) of the first term that is certain; None if none is.

    A term that is exactly zero as stored is skipped; one that may or may not be zero ends it.
    """
    for exponent, coefficient in value.terms:
        sign = coefficient_sign(coefficient)
        if sign is None:
            return None
        if sign:
            return exponent, coefficient, sign
    return None


def vanishes(value: Any) -> bool:
    """Tell whether a germ or ball is exactly zero as stored, to all orders."""
    if isinstance(value, Germ):
        return value.cut is None and all(coefficient_sign(c) == 0 for _, c in value.terms)
    return value is ZERO or (not isinstance(value, Beyond) and sign_of(value) == 0)


def simple(exponent: Exponent) -> Exponent:
    """Return a whole exponent as int, which is quicker than a Fraction."""
    return int(exponent) if exponent == int(exponent) else exponent


def power(base: Germ, exponent: Any) -> Any:
    """Return a power of a germ: `exponent` an int, a Fraction, or a ball where it stays at 0.

    c^r t^(l r) (1 + w)^r by the binomial series; nan where the base is negative beside the
    point and the exponent is not whole; Beyond where the leading term is not certain.
    """
    whole = isinstance(exponent, int)
    if whole and 0 <= exponent <= 16:
        return _whole_power(base, exponent)
    first = leading(base)
    if first is None:
        return NAN if vanishes(base) else (UNSIGNED if base.terms else UNKNOWN)
    place, coefficient, sign = first
    if isinstance(coefficient, Logs):
        return Beyond("a power of a logarithm")
    if sign < 0 and not whole:
        return NAN
    if place != 0 and not isinstance(exponent, (int, Fraction)):
        return Beyond("a power whose exponent is not known exactly, of a base that vanishes")
    shift = simple(place * exponent) if place != 0 else 0
    scale = twice(lambda c, r: c**r, coefficient, exponent_ball(exponent))
    top = base.top - shift
    if top <= 0:
        return Germ((), base.top, base.top)
    rest = {simple(e - place): c / coefficient for e, c in base.terms if e > place}
    cut = None if base.cut is None else simple(base.cut - place)
    series = _binomial(build(rest, cut, top), exponent, top)
    if not isinstance(series, Germ):
        series = Germ(((0, series),), None, top)
    shifted = {simple(e + shift): c * scale for e, c in series.terms}
    return build(shifted, None if series.cut is None else series.cut + shift, base.top)


def exponent_ball(exponent: Any) -> Any:
    if isinstance(exponent, Fraction):
        return arb(fmpq(exponent.numerator, exponent.denominator))
    return exponent


def _binomial(rest: Any, exponent: Any, top: Exponent) -> Any:
    """Return (1 + rest)^exponent, rest of positive order."""
    total: Any = arb(1)
    term: Any = arb(1)
    factor = exponent_ball(exponent)
    for k in range(1, STEPS):
        term = term * rest * (factor - (k - 1)) * (arb(1) / k)
        total = total + term
        if not isinstance(term, Germ) or not term.terms:
            return total
    return UNKNOWN


def _whole_power(base: Germ, exponent: int) -> Any:
    result: Any = arb(1)
    for _ in range(exponent):
        result = result * base
    return result


def has_logs(value: Any) -> bool:
    """Tell whether a germ holds logarithms of t."""
    return isinstance(value, Germ) and any(isinstance(c, Logs) for _, c in value.terms)


def coefficient(value: Any, exponent: Exponent) -> Any:
    """Return one coefficient, None where it is beyond what is known.

    Raises ValueError for a :class:`Beyond`, which has none.
    """
    if isinstance(value, Beyond):
        raise ValueError(value.reason)
    if value is ZERO:
        return NOUGHT
    if not isinstance(value, Germ):
        return value if exponent == 0 else NOUGHT
    if value.cut is not None and exponent >= value.cut:
        return None
    return dict(value.terms).get(exponent, NOUGHT)


def known_to(value: Any) -> Exponent | None:
    """Return the exponent from which the germ is unknown, None where it is known whole."""
    return value.cut if isinstance(value, Germ) else None
