"""Zonotopes: affine forms on float64 arrays, every rounding of their own arithmetic accounted.

A form says: for every point of the region there are noise symbols e_1, e_2, ... in [-1, 1], the
same for all forms of one reading, such that each entry is

    center + sum_s generators[s] e_s + an unnamed rest of at most `radius`.

Leaving a symbol out (its size goes into the radius) is always sound, and so is naming a rest.
Arrays have one leading axis of boxes (1 where all boxes share the value); generators have the
axis of symbols before it. See de Figueiredo and Stolfi, "Affine arithmetic" (2004).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .intervals import EPS, INF, TINY, Array, Interval, add_down, grown

ENTRIES = 2**22  # numbers one generator array may hold
FEWEST = 16  # symbols a form may always keep
NEGLIGIBLE = 2.0**-34  # of the whole reach: rests that are mere rounding stay unnamed
LEAST = 1e-290  # below it a rest is the loss of an underflow
NO_SYMBOLS = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """Affine forms of one array; `reach` bounds the distance from the center.

    Entries that are not bounded have center 0, no generators and an infinite radius.
    """

    center: Array
    symbols: Array
    generators: Array
    radius: Array
    reach: Array

    def bounds(self) -> Interval:
        """Return the interval hull."""
        return Interval(add_down(self.center, -self.reach), -add_down(-self.center, -self.reach))

    def moved(self, change: Callable[[Array, int], Array]) -> Form:
        """Return the form rearranged by `change(array, number of leading axes)`: no rounding."""
        return Form(change(self.center, 1), self.symbols, change(self.generators, 2),
                    change(self.radius, 1), change(self.reach, 1))


def make(center: Array, symbols: Array, generators: Array, radius: Array) -> Form:
    """Return a form; what is not finite becomes an unbounded entry."""
    with np.errstate(all="ignore"):
        spread = np.abs(generators).sum(axis=0)
        reach = grown(spread, len(symbols)) + radius if len(symbols) else radius
        reach = np.where(reach > radius, np.nextafter(reach, INF), reach)
        lost = ~(np.isfinite(center) & np.isfinite(reach))
    if lost.any():
        center, reach = np.where(lost, 0.0, center), np.where(lost, INF, reach)
        radius = np.where(lost, INF, radius)
        generators = np.where(lost, 0.0, generators)
    return Form(center, symbols, generators, radius, reach)


def known(values: Array) -> Form:
    """Return the forms of exactly known numbers."""
    none = np.zeros((0, *values.shape))
    return make(values, NO_SYMBOLS, none, np.zeros(values.shape))


def spread_over(found: Interval) -> Form:
    """Return forms without symbols around intervals; unbounded where an end is infinite."""
    with np.errstate(all="ignore"):
        center = 0.5 * found.lo + 0.5 * found.hi
        radius = np.maximum(-add_down(-found.hi, center), -add_down(-center, found.lo))
    return make(center, NO_SYMBOLS, np.zeros((0, *center.shape)), radius)


# ---------------------------------------------------------------- symbols
def named(form: Form, first: int, limit: int) -> tuple[Form, int]:
    """Give symbols from number `first` on to the unnamed rests; return also the next number.

    At most `limit` symbols stay in the form: the largest ones, old and new.
    """
    boxes, size = form.center.shape[0], int(np.prod(form.center.shape[1:]))
    rests = np.where(np.isfinite(form.radius), form.radius, 0.0).reshape(boxes, size)
    least = np.maximum(NEGLIGIBLE * form.reach.reshape(boxes, size), LEAST)
    wanted = (rests > least).any(axis=0)
    places = np.flatnonzero(wanted)
    keep = allowed(form, limit)
    if not len(places):
        return form, first
    weights = rests[:, places].sum(axis=0)
    old = weight(form)
    places = places[_largest(np.concatenate([old, weights]), keep)[1](len(old))]
    fresh = np.zeros((len(places), boxes, size))
    fresh[np.arange(len(places)), :, places] = rests[:, places].T
    radius = form.radius.reshape(boxes, size).copy()
    radius[:, places] -= rests[:, places]
    symbols = np.concatenate([form.symbols, np.arange(first, first + len(places))])
    generators = np.concatenate([form.generators, fresh.reshape(-1, *form.center.shape)])
    rest = radius.reshape(form.radius.shape)
    out = Form(form.center, symbols, generators, rest, form.reach)
    return reduced(out, keep), first + len(places)


def weight(form: Form) -> Array:
    """Return how much each symbol moves the array."""
    axes = tuple(range(1, form.generators.ndim))
    return np.asarray(np.abs(form.generators).sum(axis=axes))


def allowed(form: Form, limit: int) -> int:
    """Return how many symbols a form of this size may keep."""
    return min(limit, max(FEWEST, ENTRIES // max(1, form.center.size)))


def _largest(weights: Array, count: int) -> tuple[Array, Callable[[int], Array]]:
    """Return which of the weights are kept, and a picker of those after a given number."""
    kept = np.sort(np.argsort(-weights, kind="stable")[:count])
    return kept, lambda start: kept[kept >= start] - start


def reduced(form: Form, count: int) -> Form:
    """Return the form with at most `count` symbols, the smallest put into the rests."""
    if len(form.symbols) <= count:
        return form
    kept = _largest(weight(form), count)[0]
    dropped = np.delete(form.generators, kept, axis=0)
    with np.errstate(all="ignore"):
        more = grown(np.abs(dropped).sum(axis=0), len(dropped) + 1)
        radius = np.nextafter(form.radius + more, INF)
    return make(form.center, form.symbols[kept], form.generators[kept], radius)


def together(a: Form, b: Form) -> tuple[Array, Array, Array]:
    """Return the joint symbols and both generator arrays over them."""
    if a.symbols is b.symbols or np.array_equal(a.symbols, b.symbols):
        return a.symbols, a.generators, b.generators
    symbols = np.union1d(a.symbols, b.symbols)
    return symbols, _over(a, symbols), _over(b, symbols)


def _over(form: Form, symbols: Array) -> Array:
    if len(form.symbols) == len(symbols):
        return form.generators
    out = np.zeros((len(symbols), *form.center.shape))
    out[np.searchsorted(symbols, form.symbols)] = form.generators
    return out


def joined(forms: Sequence[Form], act: Callable[[list[Array], int], Array]) -> Form:
    """Return several forms put into one by `act(arrays, number of leading axes)`: no rounding."""
    symbols = forms[0].symbols
    for form in forms[1:]:
        if form.symbols is not symbols:
            symbols = np.union1d(symbols, form.symbols)
    generators = act([_over(f, symbols) for f in forms], 2)
    center, radius, reach = (act([getattr(f, name) for f in forms], 1)
                             for name in ("center", "radius", "reach"))
    return Form(center, symbols, generators, radius, reach)


# ---------------------------------------------------------------- arithmetic
def negative(a: Form) -> Form:
    """Return -a, exactly."""
    return Form(-a.center, a.symbols, -a.generators, a.radius, a.reach)


def add(a: Form, b: Form) -> Form:
    """Return a + b."""
    symbols, left, right = together(a, b)
    with np.errstate(all="ignore"):
        center, generators = a.center + b.center, left + right
        size = np.abs(center) + np.abs(generators).sum(axis=0)
        radius = a.radius + b.radius + EPS * grown(size, len(symbols))
        radius = np.where(radius > 0.0, np.nextafter(radius * (1.0 + 4.0 * EPS), INF), 0.0)
    return make(center, symbols, generators, radius)


def scale(a: Form, slope: Array, offset: Array, rest: Array) -> Form:
    """Return slope a + offset with a further rest, entry by entry; the numbers are exact."""
    with np.errstate(all="ignore"):
        inner = slope * a.center
        center, generators = inner + offset, slope * a.generators
        size = np.abs(inner) + np.abs(center) + np.abs(generators).sum(axis=0)
        radius = grown(np.abs(slope) * a.radius, 4) + rest + EPS * grown(size, len(a.symbols) + 4)
        radius = grown(radius, 8 + len(a.symbols))
        unscaled = np.isinf(a.radius) & (slope == 0.0)
        radius = np.where(unscaled, np.nextafter(rest * (1.0 + EPS), INF), radius)
    return make(center, a.symbols, generators, radius)


def multiply(a: Form, b: Form, far_a: Array, far_b: Array) -> Form:
    """Return a b; `far` bounds how far each factor really goes from its center.

    The product of the deviations is P^2/4 - Q^2/4 with P, Q = s a' +- b'/s, each square an
    interval from 0: never worse than far_a far_b, and half of it for a square.
    """
    symbols, left, right = together(a, b)
    with np.errstate(all="ignore"):
        center = a.center * b.center
        generators = a.center * right + b.center * left
        ratio = np.sqrt(np.sqrt(far_b / far_a))
        ratio = np.where(np.isfinite(ratio) & (ratio > 1e-100) & (ratio < 1e100), ratio, 1.0)
        left, right = ratio * left, right / ratio
        rest = grown(ratio * a.radius, 2) + grown(b.radius / ratio, 2)
        rest = rest + 4.0 * EPS * grown(ratio * a.reach + b.reach / ratio, 2)
        plus, minus = (_far(left + sign * right, rest) for sign in (1.0, -1.0))
        both = plus * plus, minus * minus
        plain = grown(far_a * far_b, 2)
        sharp = grown((both[0] + both[1]) / 8.0, 8) < plain
        shift = np.where(sharp, (both[0] - both[1]) / 8.0, 0.0)
        quadratic = np.where(sharp, grown((both[0] + both[1]) / 8.0, 8), plain)
        linear = np.abs(a.center) * b.radius + np.abs(b.center) * a.radius
        size = np.abs(center) + np.abs(shift) + (
            np.abs(a.center) * b.reach + np.abs(b.center) * a.reach)
        radius = quadratic + grown(linear, 4) + 8.0 * EPS * grown(size, 8)
        radius = grown(radius, 8 + 4 * len(symbols))
        nought = [(x.center == 0.0) & (x.reach == 0.0) for x in (a, b)]
        radius = np.where(nought[0] | nought[1], 0.0, radius)
    return make(center + shift, symbols, generators, radius)


def _far(generators: Array, rest: Array) -> Array:
    spread = np.abs(generators).sum(axis=0)
    return np.asarray(grown(spread + rest, len(generators) + 6))


def halfway(a: Form, b: Form, one: Array, two: Array) -> Form:
    """Return forms around both: entries of `a` where only `one`, of `b` where only `two` holds."""
    symbols, left, right = together(a, b)
    left, right = np.broadcast_arrays(left, right)
    with np.errstate(all="ignore"):
        gap = np.abs(a.center - b.center) + np.abs(left - right).sum(axis=0)
        center, generators = 0.5 * a.center + 0.5 * b.center, 0.5 * left + 0.5 * right
        size = np.abs(center) + np.abs(generators).sum(axis=0)
        radius = np.maximum(a.radius, b.radius) + grown(
            0.5 * gap + EPS * size, len(symbols) + 8)
        radius = np.nextafter(radius, INF)
    picks = [one & ~two, two & ~one]
    center = np.select(picks, [a.center, b.center], center)
    radius = np.select(picks, [a.radius, b.radius], radius)
    return make(center, symbols, np.select(picks, [left, right], generators), radius)


def linear(
    a: Form, act: Callable[[Array], Array], bound: Callable[[Array], Array], terms: int
) -> Form:
    """Return a linear map of the form, given on arrays with any number of leading axes.

    `act` sums at most `terms` products in floating point; `bound` is the map with the absolute
    values of its coefficients. Its result is off by at most gamma_terms bound(|x|), whatever
    the order of summation (Higham 2002, section 3.1).
    """
    with np.errstate(all="ignore"):
        center, generators = act(a.center), act(a.generators)
        size = np.abs(a.center) + grown(np.abs(a.generators).sum(axis=0), len(a.symbols))
        error = grown(bound(size), terms + len(a.symbols)) * ((terms + 2) * EPS)
        lost = 2 * (terms + 1) * (len(a.symbols) + 1) * TINY
        radius = grown(grown(bound(a.radius), terms) + error, 4) + lost
    return make(center, a.symbols, generators, radius)
