"""Bounds C u^p e^(-q u) on a tail u >= M > 0: their sums, products and greatest values."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from flint import arb, fmpq

NOUGHT = arb(0)
INFINITE = arb("inf")
TERMS = 8  # powers kept below the leading one; the rest goes to the remainder

Power = int | Fraction
Bound = tuple[arb, Power, arb]  # C, p, q: |R| <= C u^p e^(-q u)


def upper(x: arb) -> arb:
    found = x.upper()
    return found if not found.is_nan() else INFINITE


def greatest(bound: Bound, start: arb) -> arb:
    """Return an upper bound of C u^p e^(-q u) over u >= start."""
    size, power, decay = bound
    if size.is_zero():
        return NOUGHT
    if decay < 0 or (decay == 0 and power > 0) or not (decay >= 0):
        return INFINITE
    place = start
    if power > 0 and as_ball(power) / decay > start:
        place = as_ball(power) / decay
    elif power > 0 and not as_ball(power) / decay <= start:
        place = start.union(as_ball(power) / decay)
    return upper(size * raised(place, power) * (-decay * place).exp())


def raised(number: arb, power: Power) -> arb:
    """Return a positive number to a rational power."""
    if isinstance(power, int) or power.denominator == 1:
        return number ** int(power)
    return number ** arb(fmpq(power.numerator, power.denominator))


def as_ball(power: Power) -> arb:
    return arb(fmpq(Fraction(power).numerator, Fraction(power).denominator))


def size_of(terms: Mapping[Power, arb], start: arb) -> Bound | None:
    """Return C, p, 0 with |sum c_k u^k| <= C u^p on the tail."""
    if not terms:
        return None
    top = max(terms)
    total = sum((abs(c) * raised(start, k - top) for k, c in terms.items()), NOUGHT)
    return upper(total), top, NOUGHT


def times(a: Bound | None, b: Bound | None) -> Bound | None:
    return None if a is None or b is None else (upper(a[0] * b[0]), a[1] + b[1], a[2] + b[2])


def joined(a: Bound | None, b: Bound | None, start: arb | None) -> Bound | None:
    """Return one bound of the sum: the slower decay, then the higher power, wins."""
    if a is None or b is None:
        return b if a is None else a
    assert start is not None
    slow, fast = (a, b) if (a[2] < b[2] or (a[2] == b[2] and a[1] >= b[1])) else (b, a)
    if not (slow[2] <= fast[2]):
        return (INFINITE, slow[1], NOUGHT)
    share = greatest((fast[0], fast[1] - slow[1], (fast[2] - slow[2]).lower()), start)
    return upper(slow[0] + share), slow[1], slow[2].lower()


def shortened(
    terms: dict[Power, arb], bound: Bound | None, start: arb
) -> tuple[dict[Power, arb], Bound | None]:
    present = [k for k, c in terms.items() if not c.is_zero()]
    if not present:
        return terms, bound
    cut = max(present) - TERMS
    lost = {k: c for k, c in terms.items() if k < cut}
    kept = {k: c for k, c in terms.items() if k >= cut}
    return kept, joined(bound, size_of(lost, start), start)
