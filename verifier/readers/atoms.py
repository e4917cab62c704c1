"""Recognised atoms: what a node's own shape proves beyond the rules for its row.

    x log x, x log(x / y), x (log x - log y)    convex for affine x, y > 0 (entropy, relative)
    (a x + b) / (c x + d)                       the sum of a constant and a reciprocal
    a quadratic form over an affine one         convex where the form is, on the affine one's kernel
    where(a > b, a, b) and its kin              max or min, where a - b is a multiple of the guard
    sqrt of a quadratic form                    a norm, where the form in (x, 1) is semidefinite
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from flint import fmpq

from ..graph.node import Node
from . import polynomials
from .ledger_matrix import positive
from .polynomials import BEYOND, Polynomial
from .sign_rules import larger, of_one, smaller
from .signs import AFFINE, CONCAVE, CONVEX, LOG_CONCAVE, Array, Book, Fact, flipped, tidy

LOGARITHMS = frozenset({"log", "log2", "log10"})
FORWARD = frozenset({"greater", "greater_equal"})
BACKWARD = frozenset({"less", "less_equal"})
MOST_FORMS = 12


def atoms(node: Node, fact: Fact, book: Book) -> Fact:
    """Return `fact` with what an atom proves added."""
    rule = _ATOMS.get(node.op)
    if rule is None or node in book.fixed:
        return fact
    return rule(node, fact, book)


def same(a: Node, b: Node, book: Book) -> bool:
    """Tell whether two nodes are one number by number, by identity or by their exact forms."""
    if a is b:
        return True
    left, right = book.polynomials.get(a), book.polynomials.get(b)
    if left is None or right is None or left.shape != right.shape:
        return False
    pairs = zip(left.ravel().tolist(), right.ravel().tolist(), strict=True)
    return all(x is not BEYOND and y is not BEYOND and _equal(x, y) for x, y in pairs)


def _equal(a: Polynomial, b: Polynomial) -> bool:
    gap = a - b
    return bool(gap.degree == 0 and gap.constant == 0)


def _marked(fact: Fact, bits: Array | int) -> Fact:
    return tidy(replace(fact, bits=(fact.bits | bits).astype(np.uint8)))


# ---------------------------------------------------------------- entropy
def _product(node: Node, fact: Fact, book: Book) -> Fact:
    for one, other in (node.inputs, node.inputs[::-1]):
        fits = one.shape == other.shape == node.shape and book[one].has(AFFINE).all()
        if fits and _is_log_ratio(one, other, book):
            return _marked(fact, CONVEX)
    return fact


def _is_log_ratio(x: Node, log: Node, book: Book) -> bool:
    """Tell whether `log` is log x, log(x / y) or log x - log y with affine y."""
    if log.op in LOGARITHMS:
        (inner,) = log.inputs
        if same(inner, x, book):
            return True
        if inner.op == "divide" and same(inner.inputs[0], x, book):
            return _positive_affine(inner.inputs[1], book) and bool(book[x].positive.all())
        return False
    if log.op == "subtract" and log.shape == x.shape:
        first, second = log.inputs
        alike = first.op == second.op and first.op in LOGARITHMS
        return alike and same(first.inputs[0], x, book) and _positive_affine(
            second.inputs[0], book)
    return False


def _positive_affine(node: Node, book: Book) -> bool:
    return bool(book[node].has(AFFINE).all() and book[node].positive.all())


def _x_log_y(node: Node, fact: Fact, book: Book) -> Fact:
    x, y = node.inputs
    fits = x.shape == y.shape and same(x, y, book) and book[x].has(AFFINE).all()
    return _marked(fact, CONVEX) if fits else fact


# ---------------------------------------------------------------- quotients
def _quotient(node: Node, fact: Fact, book: Book) -> Fact:
    """Curve a/b for affine a = k b + r: k + r/b."""
    forms = [book.polynomials.get(i) for i in node.inputs]
    if any(f is None for f in forms) or not fact.sound.all():
        return fact
    top, bottom = (np.broadcast_to(f, node.shape) for f in forms)  # type: ignore[arg-type]
    inverse = of_one("reciprocal", book[node.inputs[1]]).spread(node.shape)
    bits = fact.bits.copy()
    for i in np.ndindex(*node.shape):
        rest = _rest(top[i], bottom[i])
        if rest is not None and not bits[i] & AFFINE:
            bits[i] |= _times(int(inverse.bits[i]), rest)
    positive = np.broadcast_to(book[node.inputs[1]].positive, node.shape)
    for i in np.ndindex(*node.shape) if node.size <= MOST_FORMS and book.size < 40 else ():
        if positive[i] and not bits[i] & AFFINE:
            more = _over_affine(top[i], bottom[i], book.size) & ~int(bits[i])
            bits[i] |= more
            book.formed.update([node] if more else [])
    return _marked(fact, bits)


def _over_affine(top: object, bottom: object, size: int) -> int:
    """Curve a quadratic form over a positive affine one.

    In v = (x, 1) it is v^T Q v / c^T v, homogeneous of order 1: it bends along h as
    2 Q(h', h') / c^T v with h' = h - (c^T h / c^T v) v, and c^T h' = 0. So it is convex where Q is
    positive on the kernel of c.
    """
    if not isinstance(top, Polynomial) or not isinstance(bottom, Polynomial):
        return 0
    if top.degree != 2 or bottom.degree != 1:
        return 0
    whole = polynomials.homogenized(top, size)
    line = [bottom.linear.get(k, fmpq(0)) for k in range(size)] + [bottom.constant]
    pivot = next(k for k, v in enumerate(line) if v != 0)
    rows = [k for k in range(size + 1) if k != pivot]

    def entry(i: int, j: int) -> fmpq:
        a, b = line[i] / line[pivot], line[j] / line[pivot]
        return (whole[i][j] - a * whole[pivot][j] - b * whole[i][pivot]
                + a * b * whole[pivot][pivot])

    inner = [[entry(i, j) for j in rows] for i in rows]
    minus = [[-v for v in row] for row in inner]
    return (CONVEX * (polynomials.negative_direction(inner) is None)
            | CONCAVE * (polynomials.negative_direction(minus) is None))


def _times(bits: int, factor: fmpq) -> int:
    if factor == 0:
        return AFFINE
    kept = np.asarray(bits & AFFINE, dtype=np.uint8)
    return int(kept if factor > 0 else flipped(kept))


def _rest(a: object, b: object) -> fmpq | None:
    """Return r with a = k b + r for a number k, None where there is none."""
    if not isinstance(a, Polynomial) or not isinstance(b, Polynomial):
        return None
    if a.degree > 1 or b.degree != 1:
        return None
    factor = proportion(a.linear, b.linear)
    return None if factor is None else a.constant - factor * b.constant


def proportion(a: Mapping[int, fmpq], b: Mapping[int, fmpq]) -> fmpq | None:
    """Return k with a = k b; None where there is no such number or b is 0."""
    if not b or any(k not in b for k in a):
        return None
    first = next(iter(b))
    factor = a.get(first, fmpq(0)) / b[first]
    return factor if all(a.get(k, fmpq(0)) == factor * v for k, v in b.items()) else None


# ---------------------------------------------------------------- choices
def _choice(node: Node, fact: Fact, book: Book) -> Fact:
    """Read `where(p > q, a, b)` as max(a, b) or min(a, b) where a - b is k (p - q)."""
    condition, yes, no = node.inputs
    if condition.op not in FORWARD | BACKWARD or condition in book.fixed:
        return fact
    forms = [book.polynomials.get(i) for i in (*condition.inputs, yes, no)]
    if any(f is None for f in forms):
        return fact
    p, q, a, b = (np.broadcast_to(f, node.shape) for f in forms)  # type: ignore[arg-type]
    sides = [book[i].spread(node.shape) for i in (yes, no)]
    signs = np.zeros(node.shape, dtype=np.int8)
    for i in np.ndindex(*node.shape):
        signs[i] = _sense(p[i] - q[i], a[i] - b[i])
    if condition.op in BACKWARD:
        signs = np.asarray(-signs)
    tops, lows = larger(*sides), smaller(*sides)
    parts = [np.where(signs > 0, x, np.where(signs < 0, y, z))
             for x, y, z in zip(tops.parts(), lows.parts(), fact.parts(), strict=True)]
    return tidy(Fact(*parts))


def _sense(guard: object, gap: object) -> int:
    """Return the sign of k in gap = k guard, 0 where there is none."""
    if not isinstance(guard, Polynomial) or not isinstance(gap, Polynomial):
        return 0
    if guard.degree != 1 or gap.degree != 1:
        return 0
    factor = proportion(gap.linear, guard.linear)
    if factor is None or gap.constant != factor * guard.constant:
        return 0
    return 1 if factor > 0 else -1


# ---------------------------------------------------------------- norms
def _root(node: Node, fact: Fact, book: Book) -> Fact:
    forms = book.polynomials.get(node.inputs[0])
    if forms is None or forms.size > MOST_FORMS or (fact.bits & CONVEX).all():
        return fact
    bits = np.zeros(node.shape, dtype=np.uint8)
    for i in np.ndindex(*node.shape):
        form = forms[i]
        if isinstance(form, Polynomial) and form.degree == 2 and book.size < 40:
            matrix = polynomials.homogenized(form, book.size)
            if polynomials.negative_direction(matrix) is None:
                bits[i] = CONVEX
    return _marked(fact, bits)


# ---------------------------------------------------------------- determinants
def _determinant(node: Node, fact: Fact, book: Book) -> Fact:
    """Curve det A and log |det A| where A is affine, symmetric and positive all over the box."""
    (x,) = node.inputs
    forms, ends = book.polynomials.get(x), book[x]
    if len(x.shape) != 2 or forms is None or not bool(np.isfinite(ends.high - ends.low).all()):
        return fact
    flat = [(forms[i, j], forms[j, i]) for i, j in np.ndindex(*x.shape)]
    if not all(isinstance(a, Polynomial) and isinstance(b, Polynomial) and a.degree < 2
               and _equal(a, b) for a, b in flat):
        return fact
    middle = 0.5 * ends.low + 0.5 * ends.high
    spread = np.nextafter(np.maximum(ends.high - middle, middle - ends.low), np.inf)
    if not positive(middle, np.maximum(spread, spread.T)):
        return fact
    plain = node.op == "det"
    book.formed.add(node)
    found = replace(fact, sound=np.ones(node.shape, dtype=bool))
    if plain:
        found = replace(found, low=np.zeros(node.shape), above=np.ones(node.shape, dtype=bool))
    bits = LOG_CONCAVE if plain else CONCAVE
    return tidy(replace(found, bits=np.full(node.shape, bits, dtype=np.uint8)))


_ATOMS: Mapping[str, Callable[[Node, Fact, Book], Fact]] = {
    "multiply": _product, "xlogy": _x_log_y, "divide": _quotient, "select": _choice,
    "sqrt": _root, "det": _determinant, "logabsdet": _determinant,
}
__all__ = ["CONCAVE", "LOG_CONCAVE", "atoms", "proportion", "same"]
