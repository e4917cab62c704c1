"""Which nodes are products or sums of powers? The forms of :mod:`power_forms`, node by node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from flint import fmpq

from ..graph.node import Node
from ..primitives.linear import LINEAR
from ..primitives.table import SCALARS
from .polynomials import BEYOND, Polynomial
from .power_forms import (
    NONE,
    ONE,
    Base,
    Form,
    Logs,
    Number,
    Product,
    Sorted,
    Total,
    lifted,
    power,
    product,
)
from .signs import AFFINE, CONCAVE, CONVEX, Array, Book

MOST_ENTRIES = 2000
MOST_SORTED = 64


def forms_of(node: Node, book: Book) -> Array | None:
    """Return the forms of a node whose facts and inputs are read; None where there are none."""
    if node.size > MOST_ENTRIES or node.discrete:
        return None
    found = _evaluated(node, book)
    fact, polynomials = book[node], book.polynomials.get(node)
    out = np.empty(node.shape, dtype=object)
    for i in np.ndindex(*node.shape):
        polynomial: Any = None if polynomials is None else polynomials[i]
        straight = isinstance(polynomial, Polynomial) and polynomial.degree < 2
        form = NONE if found is None or straight else lifted(found[i])
        if form is NONE and fact.sound[i]:
            form = _leaf(node, i, book, polynomial)
        out[i] = form
    return out if any(f is not NONE for f in out.ravel().tolist()) else None


def _leaf(node: Node, i: tuple[int, ...], book: Book, polynomial: Any) -> Form:
    fact = book[node]
    bits = int(fact.bits[i])
    if isinstance(polynomial, Polynomial) and polynomial.degree == 0:
        return Number(polynomial.constant)
    positive, negative = bool(fact.positive[i]), bool(fact.negative[i])
    strict = positive or negative
    if isinstance(polynomial, Polynomial) and polynomial.degree == 1 and (
            strict or fact.low[i] >= 0):
        first = abs(polynomial.linear[min(polynomial.linear)])
        base = replace(_straight(polynomial, True), positive=strict)
        return Product(-1 if negative else 1, {base: ONE}, first)
    convex, concave = bool(bits & CONVEX), bool(bits & CONCAVE)
    if positive and (convex or concave):
        return Product(1, {Base((node, i), convex, concave, True): ONE})
    if fact.low[i] >= 0 and (convex or concave):
        return Product(1, {Base((node, i), convex, concave, False): ONE})
    return NONE


def _straight(form: Polynomial, positive: bool) -> Base:
    """Return the base of the absolute value of an affine one: multiples are one base."""
    scale = 1 / form.linear[min(form.linear)]
    key = (positive, tuple(sorted((k, v * scale) for k, v in form.linear.items())),
           form.constant * scale)
    return Base(key, True, positive, positive)


def _evaluated(node: Node, book: Book) -> Array | None:
    if node.op == "take":
        return _line(node, book)
    if node.op == "eigvalsh":
        return _spectrum(node, book)
    if any(i not in book.powers for i in node.inputs) or not node.inputs:
        return _even(node, book)
    arrays = [book.powers[i] for i in node.inputs]
    if node.op in SCALARS:
        even = _even(node, book)
        rule = _RULES.get(node.op)
        return even if even is not None or rule is None else np.asarray(
            np.frompyfunc(rule, len(arrays), 1)(*arrays), dtype=object).reshape(node.shape)
    if node.op == "matmul":
        return np.asarray(np.matmul(*arrays), dtype=object).reshape(node.shape)
    row = LINEAR.get(node.op)
    if row is None or row.evaluate is None or node.op in ("solve", "inv"):
        return None
    return np.asarray(row.evaluate(node, *arrays), dtype=object).reshape(node.shape)


def _even(node: Node, book: Book) -> Array | None:
    """Read |a|, a^2, a^4, ... of affine a that may have either sign."""
    exponents = {"absolute": ONE, "square": fmpq(2)}
    exponent = exponents.get(node.op)
    if node.op == "power":
        second = book.polynomials.get(node.inputs[1])
        values = [] if second is None else second.ravel().tolist()
        if len(values) == 1 and values[0] is not BEYOND and values[0].degree == 0:
            value = values[0].constant
            if value > 0 and value.denom() == 1 and int(value.numer()) % 2 == 0:
                exponent = value
    forms = book.polynomials.get(node.inputs[0]) if node.inputs else None
    if exponent is None or forms is None or forms.shape != node.shape:
        return None
    fact = book[node.inputs[0]]
    if ((fact.low >= 0) | (fact.high <= 0)).any() or any(
            f is BEYOND or f.degree != 1 for f in forms.ravel().tolist()):
        return None
    out = np.empty(node.shape, dtype=object)
    out.reshape(-1)[:] = [Product(1, {_straight(f, False): exponent})
                          for f in forms.ravel().tolist()]
    return out


def _line(node: Node, book: Book) -> Array | None:
    """Read x sorted along an axis."""
    x, index = node.inputs
    axis = node.params["axis"]
    if index.op != "argsort" or index.inputs[0] is not x or index.params["axis"] != axis:
        return None
    length = x.shape[axis]
    if length > MOST_SORTED or node.shape != x.shape:
        return None
    fact = book[x]
    common = np.bitwise_and.reduce(fact.bits, axis=axis)
    if not fact.sound.all():
        return None
    out = np.empty(node.shape, dtype=object)
    for i in np.ndindex(*node.shape):
        rest = (*i[:axis], *i[axis + 1:])
        out[i] = Sorted((node, rest), {i[axis]: ONE}, length, int(common[rest]))
    return out


def _spectrum(node: Node, book: Book) -> Array | None:
    """Read the eigenvalues of a symmetric affine matrix: like entries of a sorted line."""
    forms = book.polynomials.get(node.inputs[0])
    if forms is None or forms.ndim != 2 or len(forms) > MOST_SORTED:
        return None
    turned = forms.T.ravel().tolist()
    for a, b in zip(forms.ravel().tolist(), turned, strict=True):
        if a is BEYOND or b is BEYOND or a.degree > 1:
            return None
        gap = a - b
        if gap.degree or gap.constant != 0:
            return None
    out = np.empty(node.shape, dtype=object)
    for k in range(len(forms)):
        out[k] = Sorted(node, {k: ONE}, len(forms), AFFINE)
    return out


def _raised(a: Any, b: Any) -> Form:
    return power(lifted(a), b.value) if isinstance(b, Number) else NONE


def _exp(a: Any) -> Form:
    return product(1, a.parts) if isinstance(a, Logs) and a.front is None else NONE


def _log(a: Any) -> Form:
    fits = isinstance(a, Product) and a.sign > 0 and all(b.positive for b in a.powers)
    return Logs(dict(a.powers)) if fits else NONE


_RULES: Mapping[str, Callable[..., Form]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a + b * -1,
    "multiply": lambda a, b: a * b,
    "negative": lambda a: a * -1,
    "divide": lambda a, b: a * power(b, fmpq(-1)),
    "power": _raised,
    "square": lambda a: power(a, fmpq(2)),
    "sqrt": lambda a: power(a, fmpq(1, 2)),
    "cbrt": lambda a: power(a, fmpq(1, 3)),
    "reciprocal": lambda a: power(a, fmpq(-1)),
    "absolute": lambda a: a if isinstance(a, (Product, Total)) and a.sign > 0 else NONE,
    "exp": _exp, "log": _log,
}
