"""Polynomial models: a polynomial of a box's own coordinates, and how far the truth may be from it.

A model says of every entry, for all e in [-1, 1]^n: |value - sum_m coefficients[m] e^m| <= rest,
over the monomials of total degree up to d. Sums keep it, products cut what is above d and put its
size into the rest; every rounding is accounted. In Bernstein's basis the coefficients' hull holds
the polynomial, and a matrix of polynomials is positive where all its coefficient matrices are.
See Makino and Berz, "Taylor models" (2003); Garloff, "The Bernstein algorithm" (1993).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import comb

import numpy as np

from .intervals import EPS, TINY

Array = np.ndarray
DEGREES = {1: 12, 2: 8, 3: 6, 4: 6, 5: 4, 6: 3}  # by number of coordinates


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """Monomials in n coordinates up to a degree, and what products need to know of them."""

    powers: Array  # (monomials, n)
    degree: int
    first: Array  # pairs of monomials whose product is kept, sorted by it
    second: Array
    starts: Array
    grades: tuple[Array, ...]  # places of the monomials of each degree

    @property
    def size(self) -> int:
        return len(self.powers)


@lru_cache(maxsize=8)
def space(count: int, degree: int) -> Space:
    """Return the space of `count` coordinates up to total degree `degree`."""
    powers = sorted((p for p in itertools.product(range(degree + 1), repeat=count)
                     if sum(p) <= degree), key=lambda p: (sum(p), p))
    place = {p: k for k, p in enumerate(powers)}
    pairs = sorted((place[tuple(x + y for x, y in zip(a, b, strict=True))], i, j)
                   for i, a in enumerate(powers) for j, b in enumerate(powers)
                   if sum(a) + sum(b) <= degree)
    out, first, second = (np.array(c) for c in zip(*pairs, strict=True))
    total = np.array([sum(p) for p in powers])
    grades = tuple(np.flatnonzero(total == k) for k in range(degree + 1))
    return Space(np.array(powers), degree, first, second, np.searchsorted(
        out, np.arange(len(powers))), grades)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Coefficients (monomials, *shape) and rests (*shape), of one space."""

    of: Space
    terms: Array
    rest: Array

    @property
    def size(self) -> Array:
        """Return a bound of every entry's absolute value."""
        return np.asarray((np.abs(self.terms).sum(axis=0) + self.rest) * (1 + 1e-12))


def known(of: Space, values: Array) -> Model:
    """Return the model of exactly known numbers."""
    array = np.asarray(values, dtype=float)
    terms = np.zeros((of.size, *array.shape))
    terms[0] = array
    return Model(of, terms, np.zeros(array.shape))


def box(of: Space, low: Array, high: Array, start: int) -> Model:
    """Return the model of inputs: coordinate `start + k` runs through entry k's interval."""
    middle = 0.5 * low + 0.5 * high
    reach = np.maximum(high - middle, middle - low)
    model = known(of, middle)
    flat = model.terms.reshape(of.size, -1)
    for k, width in enumerate(reach.ravel().tolist()):
        place = np.flatnonzero((of.powers[:, start + k] == 1) & (of.powers.sum(axis=1) == 1))
        flat[place, k] = width * (1 + 4 * EPS)
    return Model(of, model.terms, 4 * EPS * (np.abs(middle) + reach) + TINY)


def is_known(a: Model) -> bool:
    """Tell whether a model moves with no coordinate."""
    return not a.terms[1:].any()


def mapped(a: Model, act: Callable[[Array], Array], bound: Callable[[Array], Array],
           count: int) -> Model:
    """Return a linear map of a model: `act` takes a leading axis, `bound` is it in absolutes.

    `count` is how many products one entry adds up.
    """
    size = np.abs(a.terms).sum(axis=0) * (1 + 1e-12)
    rest = bound(a.rest[None])[0] + bound(size[None])[0] * ((count + 8) * EPS)
    return Model(a.of, act(a.terms), rest * (1 + 1e-12) + TINY * (count + 1) * a.of.size)


def add(a: Model, b: Model, sign: float = 1.0) -> Model:
    """Return a + sign b, broadcast."""
    rank = max(a.rest.ndim, b.rest.ndim)
    left, right = (m.terms.reshape(m.of.size, *(1,) * (rank - m.rest.ndim), *m.rest.shape)
                   for m in (a, b))
    terms = left + sign * right
    rest = (a.rest + b.rest) * (1 + 1e-12) + np.abs(terms).sum(axis=0) * (4 * EPS) + TINY
    return Model(a.of, terms, rest)


def negative(a: Model) -> Model:
    """Return -a, exactly."""
    return Model(a.of, -a.terms, a.rest)


def multiply(a: Model, b: Model) -> Model:
    """Return a b, broadcast; degrees above the space's go into the rest."""
    of = a.of
    rank = max(a.rest.ndim, b.rest.ndim)
    left, right = (m.terms.reshape(m.of.size, *(1,) * (rank - m.rest.ndim), *m.rest.shape)
                   for m in (a, b))
    with np.errstate(all="ignore"):
        size_a, size_b = np.abs(left).sum(axis=0), np.abs(right).sum(axis=0)
        if is_known(a) or is_known(b):
            terms = left[:1] * right if is_known(a) else left * right[:1]
            above = np.zeros(terms.shape[1:])
        else:
            terms = np.add.reduceat(left[of.first] * right[of.second], of.starts, axis=0)
            above = _above(of, left, right)
        rest = size_a * b.rest + size_b * a.rest + a.rest * b.rest + above
        rounding = size_a * size_b * ((of.size + 8) * EPS)
        return Model(of, terms, (rest + rounding) * (1 + 1e-12) + TINY * of.size)


def _above(of: Space, left: Array, right: Array) -> Array:
    """Bound what a product has above the degree of the space."""
    one, two = ([np.abs(x[g]).sum(axis=0) for g in of.grades] for x in (left, right))
    total = np.zeros(np.broadcast_shapes(one[0].shape, two[0].shape))
    for i, j in itertools.product(range(of.degree + 1), repeat=2):
        if i + j > of.degree:
            total = total + one[i] * two[j]
    return total * (1 + 1e-12)


def composed(a: Model, center: Array, reach: Array, coefficients: Array, error: Array) -> Model:
    """Return sum_j coefficients[j] s^j +- error for s = (a - center) / reach; reach > 0."""
    inverse = 1.0 / reach
    shifted = add(a, known(a.of, -center))
    s = multiply(shifted, known(a.of, inverse))
    # 1/reach is rounded: s is off by that share of itself
    s = Model(s.of, s.terms, s.rest + 2 * EPS * s.size)
    out = known(a.of, coefficients[-1])
    for c in coefficients[-2::-1]:
        out = add(multiply(out, s), known(a.of, c))
    return Model(out.of, out.terms, out.rest + error)


# ---------------------------------------------------------------- Bernstein's basis
@lru_cache(maxsize=8)
def bernstein(count: int, degree: int) -> Array:
    """Return the Bernstein coefficients of all monomials: (monomials, control points)."""
    single = []
    for m in range(degree + 1):
        exact = [sum((Fraction(comb(m, j) * 2**j * (-1) ** (m - j) * comb(k, j), comb(degree, j))
                      for j in range(min(m, k) + 1)), Fraction(0)) for k in range(degree + 1)]
        single.append(np.array([float(v) for v in exact]))
    rows = []
    for power in space(count, degree).powers.tolist():
        row = np.ones(1)
        for m in power:
            row = np.multiply.outer(row, single[m]).ravel()
        rows.append(row)
    return np.array(rows)


def controls(a: Model) -> tuple[Array, Array]:
    """Return the Bernstein coefficients (control points, *shape) and a bound of their error."""
    count = a.of.powers.shape[1]
    table = bernstein(count, a.of.degree)
    flat = a.terms.reshape(a.of.size, -1)
    found = (table.T @ flat).reshape(-1, *a.rest.shape)
    size = np.abs(a.terms).sum(axis=0)
    return found, a.rest + size * ((a.of.size + count + 8) * 2 * EPS) + TINY * a.of.size
