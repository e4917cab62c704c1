"""Far out on a line: a value as a line plus what dies away, t = |x| >= start.

v = slope t + offset + r with |r| <= size t^power e^(-rate t), and perhaps higher powers of t that
an exponential will take. Products of what grows and what dies
away (x sigmoid(x), x e^(-x^2)) are enclosed there, where intervals know nothing. What leaves this
form is left out (None), never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import arb

from .ranges import NONE, Pair, ends, lower, upper

LARGEST = 40  # powers beyond are left out


@dataclass(frozen=True, slots=True)
class Tail:
    """slope t + offset + r, |r| <= size t^power e^(-rate t), for t >= start > 0."""

    slope: arb
    offset: arb
    size: arb
    power: int
    rate: arb
    start: arb
    more: tuple[tuple[int, arb], ...] = ()  # (degree, factor) of higher powers of t

    def rest(self) -> arb:
        """Return a bound of |r|."""
        return (self.size * peak(self.power, self.rate, self.start)).upper()

    def level(self) -> bool:
        """Tell whether the value settles: no power of t is left."""
        return self.slope.is_zero() and not self.more

    def span(self) -> Pair | None:
        """Return the range, unbounded on one side along a line; None where it is not known."""
        if self.more:
            return None
        rest = self.rest()
        if not self.slope.is_zero():
            first = self.slope * self.start + self.offset
            if self.slope > 0:
                return lower(first - rest), arb.pos_inf()
            return (arb.neg_inf(), upper(first + rest)) if self.slope < 0 else None
        return (lower(self.offset - rest), upper(self.offset + rest)) if rest.is_finite() else None


def peak(power: int, rate: arb, start: arb) -> arb:
    """Return a bound of t^power e^(-rate t) over t >= start."""
    if not rate >= 0 or (not rate > 0 and power > 0):
        return arb.pos_inf()
    first = start**power * (-rate * start).exp()
    if power <= 0:
        return first
    top = power / rate
    return ends(first, top**power * (-arb(power)).exp())[1] if not top < start else first


def small(size: arb, power: int, rate: arb, start: arb) -> Tail:
    return Tail(NONE, NONE, size.abs_upper(), power, rate, start)


def added(a: Tail, b: Tail, factor: arb) -> Tail | None:
    """Return a + factor b."""
    found = _rests((a.size, a.power, a.rate), (factor.abs_upper() * b.size, b.power, b.rate),
                   a.start)
    if found is None:
        return None
    return Tail(a.slope + factor * b.slope, a.offset + factor * b.offset, *found, a.start,
                _powers([*a.more, *((d, factor * f) for d, f in b.more)]))


def _powers(parts: Sequence[tuple[int, arb]]) -> tuple[tuple[int, arb], ...]:
    total: dict[int, arb] = {}
    for degree, factor in parts:
        total[degree] = total[degree] + factor if degree in total else factor
    return tuple((d, f) for d, f in sorted(total.items()) if not f.is_zero())


Rest = tuple[arb, int, arb]


def _rests(a: Rest, b: Rest, start: arb) -> Rest | None:
    """Return one bound for the sum of two rests: the slower one takes the other in."""
    if a[0].is_zero() or b[0].is_zero():
        return b if a[0].is_zero() else a
    for slow, fast in ((a, b), (b, a)):
        if fast[2] >= slow[2]:
            ratio = peak(fast[1] - slow[1], fast[2] - slow[2], start)
            if ratio.is_finite():
                return (slow[0] + fast[0] * ratio).upper(), slow[1], slow[2]
    return None


def multiplied(a: Tail, b: Tail) -> Tail | None:
    """Return a b: two polynomials without rests, or what grows times what dies away."""
    for grows, fades in ((a, b), (b, a)):
        if fades.level() and fades.offset.is_zero():
            return _growing_times_rest(grows, fades)
    if a.more or b.more or not (a.slope.is_zero() or b.slope.is_zero()):
        return _polynomials(a, b) if a.size.is_zero() and b.size.is_zero() else None
    start, rest = a.start, None
    for one, other in ((a, b), (b, a)):
        more = _line_times_rest(one, other)
        rest = more if rest is None else _rests(rest, more, start)
        if rest is None:
            return None
    both = (a.size * b.size, a.power + b.power, a.rate + b.rate)
    rest = _rests(rest, both, start) if rest is not None else None
    if rest is None or abs(rest[1]) > LARGEST:
        return None
    return Tail(a.slope * b.offset + b.slope * a.offset, a.offset * b.offset, *rest, start)


def _coefficients(v: Tail) -> list[tuple[int, arb]]:
    return [(0, v.offset), (1, v.slope), *v.more]


def _polynomials(a: Tail, b: Tail) -> Tail | None:
    parts = dict(_powers([(d + e, f * g) for d, f in _coefficients(a)
                          for e, g in _coefficients(b)]))
    higher = tuple((d, f) for d, f in sorted(parts.items()) if d > 1)
    if any(d > LARGEST for d, _ in higher):
        return None
    return Tail(parts.get(1, NONE), parts.get(0, NONE), NONE, 0, NONE, a.start, higher)


def _growing_times_rest(v: Tail, fades: Tail) -> Tail | None:
    """Return (p(t) + r) s, where |p(t)| is at most a multiple of t^degree."""
    known = [(d, f) for d, f in _coefficients(v) if not f.is_zero()]
    degree = max((d for d, _ in known), default=0)
    factor = sum((f.abs_upper() / v.start ** (degree - d) for d, f in known), NONE)
    rest = _rests((factor * fades.size, fades.power + degree, fades.rate),
                  (v.size * fades.size, v.power + fades.power, v.rate + fades.rate), v.start)
    if rest is None or abs(rest[1]) > LARGEST:
        return None
    return Tail(NONE, NONE, rest[0].abs_upper(), rest[1], rest[2], v.start)


def _line_times_rest(line: Tail, other: Tail) -> Rest:
    """Return a bound of (slope t + offset) r."""
    if line.slope.is_zero():
        return (line.offset.abs_upper() * other.size).upper(), other.power, other.rate
    steep = line.slope.abs_upper() + line.offset.abs_upper() / line.start
    return (steep * other.size).upper(), other.power + 1, other.rate
