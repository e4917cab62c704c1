"""Which values are products of powers, sums of powers, or sums over a sorted line? Entry by entry.

    sign c g1^a1 g2^a2 ...        geometric means, x^3/y^2, 1/(x y), exp of a mean of logarithms
    sign (sum of c g^p)^q         norms of every order, harmonic and power means
    sum of a log g                what becomes a product under exp
    x (sum of a log g)            entropies: x log x - x log y
    sum of w x_(i), x sorted      the sum of the k largest, of eigenvalues too

g are bases: positive values of known curvature, or not negative convex ones where powers are
positive. c are positive numbers. The curvature of these forms is that of Boyd and Vandenberghe
(2004), sections 3.1.5 and 3.2.4; the power mean M_p is concave for p <= 1, convex for p >= 1.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from flint import fmpq

from .signs import AFFINE, CONCAVE, CONVEX, flipped

NOUGHT, ONE = fmpq(0), fmpq(1)


@dataclass(frozen=True, slots=True)
class Base:
    """A value by its key, with what is known of it; positive, or at least not negative."""

    key: Hashable
    convex: bool
    concave: bool
    positive: bool


class Form:
    """A form; what its arithmetic does not know becomes NONE."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return _added(self, lifted(other))

    def __radd__(self, other: Any) -> Any:
        return _added(lifted(other), self)

    def __mul__(self, other: Any) -> Any:
        return _multiplied(self, lifted(other))

    def __rmul__(self, other: Any) -> Any:
        return _multiplied(lifted(other), self)


@dataclass(frozen=True, slots=True)
class Nothing(Form):
    """No form known."""


@dataclass(frozen=True, slots=True)
class Number(Form):
    """An exact number."""

    value: fmpq


@dataclass(frozen=True, slots=True)
class Product(Form):
    """sign times a positive number times powers of bases; `scale` is the number, where kept."""

    sign: int
    powers: Mapping[Base, fmpq]
    scale: fmpq | None = None


@dataclass(frozen=True, slots=True)
class Total(Form):
    """sign times a positive number times (sum of positive multiples of g^inner)^outer."""

    sign: int
    inner: fmpq
    outer: fmpq
    convex: bool
    concave: bool


@dataclass(frozen=True, slots=True)
class Logs(Form):
    """A number plus multiples of logarithms; times `front` where there is one (an entropy)."""

    parts: Mapping[Base, fmpq]
    front: Base | None = None


@dataclass(frozen=True, slots=True)
class Sorted(Form):
    """A weighted sum over a line in rising order."""

    key: Hashable
    weights: Mapping[int, fmpq] = field(default_factory=dict)
    length: int = 0
    bits: int = 0


NONE = Nothing()


def lifted(value: Any) -> Form:
    if isinstance(value, Form):
        return value
    return Number(fmpq(value)) if isinstance(value, int) else NONE


def _summed(a: Mapping[Any, fmpq], b: Mapping[Any, fmpq]) -> dict[Any, fmpq]:
    out = dict(a)
    for key, value in b.items():
        out[key] = out.get(key, NOUGHT) + value
    return {k: v for k, v in out.items() if v != 0}


def _scaled(parts: Mapping[Any, fmpq], factor: fmpq) -> dict[Any, fmpq]:
    return {k: v * factor for k, v in parts.items() if v * factor != 0}


# ---------------------------------------------------------------- arithmetic
def _added(a: Form, b: Form) -> Form:
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Number):
            if one.value == 0 or (isinstance(other, Logs) and other.front is None):
                return other
            if isinstance(other, Number):
                return Number(one.value + other.value)
    if isinstance(a, Logs) and isinstance(b, Logs) and a.front == b.front:
        return Logs(_summed(a.parts, b.parts), a.front)
    if isinstance(a, Sorted) and isinstance(b, Sorted) and a.key == b.key:
        return replace(a, weights=_summed(a.weights, b.weights))
    return _total(a, b)


def _total(a: Form, b: Form) -> Form:
    """Add sums of like powers; a positive number is a power of any order."""
    parts = []
    for form in (a, b):
        part = _as_total(form)
        if part is None:
            return NONE
        parts.append(part)
    fixed = [p for p in parts if p.inner == 0]
    free = [p for p in parts if p.inner != 0]
    if len(fixed) == 2 or len({(p.inner, p.outer, p.sign) for p in free}) != 1:
        return NONE
    if any(p.sign != free[0].sign for p in fixed) or free[0].outer != 1:
        return NONE
    return replace(free[0], convex=all(p.convex for p in parts),
                   concave=all(p.concave for p in parts))


def _as_total(form: Form) -> Total | None:
    """Return a sum of powers; of order 0 where it is a number."""
    if isinstance(form, Total):
        return form
    if isinstance(form, Number) and form.value != 0:
        return Total(1 if form.value > 0 else -1, NOUGHT, ONE, True, True)
    if isinstance(form, Product) and len(form.powers) == 1:
        ((base, power),) = form.powers.items()
        return Total(form.sign, power, ONE, base.convex, base.concave and base.positive)
    return None


def _multiplied(a: Form, b: Form) -> Form:
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Number):
            return _times(one.value, other)
        if isinstance(one, Product) and isinstance(other, Logs) and other.front is None:
            return _entropy(one, other)
    if isinstance(a, Product) and isinstance(b, Product):
        return product(a.sign * b.sign, _summed(a.powers, b.powers))
    return NONE


def product(sign: int, powers: Mapping[Base, fmpq]) -> Form:
    fits = all(base.positive or power > 0 for base, power in powers.items())
    return Product(sign, dict(powers)) if fits and powers else NONE


def _entropy(x: Product, logs: Logs) -> Form:
    """Return x (sum of a log g) for affine positive x."""
    if len(x.powers) != 1:
        return NONE
    ((base, power),) = x.powers.items()
    if power != 1 or x.scale is None or not (base.convex and base.concave and base.positive):
        return NONE
    return Logs(_scaled(logs.parts, x.sign * x.scale), base)


def _times(factor: fmpq, form: Form) -> Form:
    if factor == 0:
        return Number(NOUGHT)
    if isinstance(form, Number):
        return Number(form.value * factor)
    turned = 1 if factor > 0 else -1
    if isinstance(form, Product):
        kept = None if form.scale is None else form.scale * abs(factor)
        return replace(form, sign=turned * form.sign, scale=kept)
    if isinstance(form, Total):
        return replace(form, sign=turned * form.sign)
    if isinstance(form, Logs):
        return replace(form, parts=_scaled(form.parts, factor))
    return replace(form, weights=_scaled(form.weights, factor)) if isinstance(
        form, Sorted) else NONE


def power(form: Form, exponent: fmpq) -> Form:
    """Return a form raised to a number."""
    if exponent == 0:
        return NONE
    if isinstance(form, Product) and form.sign > 0:
        return product(1, _scaled(form.powers, exponent))
    if isinstance(form, Total) and form.sign > 0 and (exponent > 0 or form.concave):
        return replace(form, outer=form.outer * exponent)
    if isinstance(form, Number) and form.value > 0 and exponent == -1:
        return Number(1 / form.value)
    if isinstance(form, Product) and exponent.denom() == 1 and all(
            b.positive for b in form.powers):
        even = int(exponent.numer()) % 2 == 0
        return product(1 if even else -1, _scaled(form.powers, exponent))
    return NONE


# ---------------------------------------------------------------- curvature
def curvature(form: Form) -> int:
    """Return which of CONVEX and CONCAVE a form is proved to be."""
    if isinstance(form, (Product, Total)):
        bits = _of_product(form) if isinstance(form, Product) else _of_total(form)
        return bits if form.sign > 0 else int(flipped(np.asarray(bits, dtype=np.uint8)))
    if isinstance(form, Logs):
        minus = replace(form, parts=_scaled(form.parts, fmpq(-1)))
        return CONVEX * _is_convex(form) | CONCAVE * _is_convex(minus)
    return _of_sorted(form) if isinstance(form, Sorted) else 0


def _of_product(form: Product) -> int:
    total = sum(form.powers.values(), NOUGHT)
    up = [b for b, a in form.powers.items() if a > 0]
    down = [b for b, a in form.powers.items() if a < 0]
    bits = 0
    if not down and total <= 1 and all(b.concave for b in up):
        bits |= CONCAVE
    if all(b.concave for b in down) and (
            not up or (len(up) == 1 and total >= 1 and up[0].convex)):
        bits |= CONVEX
    return bits


def _of_total(form: Total) -> int:
    whole = form.inner * form.outer
    bits = 0
    if form.convex and form.inner >= 1 and whole >= 1:
        bits |= CONVEX
    if form.concave and form.inner <= 1:
        bits |= CONCAVE * (0 < whole <= 1) | CONVEX * (whole < 0)
    return bits


def _is_convex(form: Logs) -> bool:
    """Tell whether sum of a log g, or x times it, is convex."""
    own = form.parts.get(form.front, NOUGHT) if form.front is not None else NOUGHT
    rest = {b: a for b, a in form.parts.items() if b != form.front}
    falls = all(a <= 0 and b.concave and b.positive for b, a in rest.items())
    return falls and (form.front is None or own >= -sum(rest.values(), NOUGHT))


def _of_sorted(form: Sorted) -> int:
    weights = [form.weights.get(k, NOUGHT) for k in range(form.length)]
    steps = [b - a for a, b in itertools.pairwise(weights)]
    straight = form.bits & AFFINE == AFFINE
    plus = all(w >= 0 for w in weights)
    bits = 0
    if all(s >= 0 for s in steps) and (straight or (plus and form.bits & CONVEX)):
        bits |= CONVEX
    if all(s <= 0 for s in steps) and (straight or (plus and form.bits & CONCAVE)):
        bits |= CONCAVE
    return bits
