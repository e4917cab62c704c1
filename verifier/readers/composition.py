"""Is it convex by how it is put together? One loop over a graph that keeps a book of facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..graph.node import Node
from ..graph.order import depends_on, topological
from ..numerals.balls import Balls, exact, precision
from ..numerals.tokens import ZERO, Maybe
from ..primitives.table import SCALARS
from . import polynomials
from .atoms import atoms
from .bends import outward
from .fragments import Prover, may_gain, sharpened
from .perspectives import perspective
from .polynomials import BEYOND, Polynomial
from .power_forms import curvature
from .power_values import forms_of
from .sign_arrays import RULES, decided
from .sign_rules import scalar
from .signs import (
    AFFINE,
    CONCAVE,
    CONVEX,
    FIXED,
    ROOT_CONVEX,
    Array,
    Book,
    Box,
    Fact,
    fact_of,
    tidy,
    unknown,
)
from .value import Reading, read

BITS = 128
MOST_WORK = 400_000  # polynomial coefficients kept in one reading
MOST_VARIABLES = 80  # of a quadratic form that is decided exactly
MOST_FORMS = 12  # entries of one node that are decided so


def compose(
    outputs: Iterable[Node], moved: Iterable[Node], domain: Mapping[str, Box],
    prove: Prover | None = None,
) -> Book:
    """Return the facts of every node below `outputs` over `domain`, curvature in `moved`.

    `domain` gives the box of every input by name; inputs not in `moved` stand anywhere in theirs.
    `prove` decides the curvature of functions of one number met on the way.
    """
    wanted = list(outputs)
    nodes = topological(wanted)
    book = Book()
    arguments = list(dict.fromkeys(moved))
    starts = _numbered(arguments, book)
    touched = depends_on(wanted, arguments)
    book.fixed = {n for n in nodes if n not in touched}
    varying = depends_on(wanted, [n for n in nodes if n.op == "input" and not _point(n, domain)])
    known = _known(nodes, varying, domain)
    worth = sum(n.size for n in nodes if n in touched) * max(1, book.size) <= MOST_WORK
    ends = _frontier(nodes, wanted)
    for node in nodes:
        _forms(node, book, starts, known, domain, worth)
        if node.discrete:
            book.chosen[node] = _choice(node, book, known)
            if node.op == "constant":
                book.facts[node] = _known_fact(exact(node.params["value"].astype(float)))
        elif node in known.values:
            book.facts[node] = _known_fact(known[node])
        elif node.op == "input":
            bits = FIXED if node in book.fixed else AFFINE
            book.facts[node] = fact_of(domain[node.params["name"]], bits)
        else:
            fact = _sharpened(node, _composed(node, book), book, node in ends)
            if prove is not None and may_gain(node, fact, book):
                fact = sharpened(node, fact, book, prove)
            book.facts[node] = fact
        if worth and not node.discrete:
            _powers(node, book)
    return book


def _powers(node: Node, book: Book) -> None:
    """Keep what a node is as powers of other values, and add the curvature that follows."""
    forms = forms_of(node, book)
    if forms is None:
        return
    book.powers[node] = forms
    fact = book.facts[node]
    bits = np.array([curvature(f) for f in forms.ravel().tolist()], dtype=np.uint8)
    more = bits.reshape(node.shape) & ~fact.bits
    if more.any():
        book.formed.add(node)
        book.facts[node] = tidy(replace(
            fact, bits=(fact.bits | more).astype(np.uint8), sound=fact.sound | (more > 0)))


def _point(node: Node, domain: Mapping[str, Box]) -> bool:
    return domain[node.params["name"]].point


def _numbered(arguments: list[Node], book: Book) -> dict[Node, int]:
    starts: dict[Node, int] = {}
    for node in arguments:
        starts[node] = book.size
        book.size += node.size
    return starts


def _known(nodes: list[Node], varying: set[Node], domain: Mapping[str, Box]) -> Reading:
    """Read in balls all that no input can change."""
    still = [n for n in nodes if n not in varying]
    points = {n.params["name"]: domain[n.params["name"]].low for n in still if n.op == "input"}
    with precision(BITS):
        return read(still, points, Balls(BITS))


def _known_fact(values: Array) -> Fact:
    shape = values.shape
    rows = [_ends(v) for v in values.ravel().tolist()]
    low, high, sound = (np.array([r[k] for r in rows], dtype=t).reshape(shape)
                        for k, t in enumerate((float, float, bool)))
    strict = low < high
    return tidy(Fact(low, high, strict, strict, sound, np.full(shape, FIXED, dtype=np.uint8)))


def _ends(value: Any) -> tuple[float, float, bool]:
    if value is ZERO:
        return 0.0, 0.0, True
    if not value.is_finite():
        return -np.inf, np.inf, False
    low, high, _ = outward(value)
    return low, high, True


def _choice(node: Node, book: Book, known: Reading) -> Array:
    if node in known.values:
        flat = [-1 if isinstance(v, Maybe) else int(v) for v in known[node].ravel().tolist()]
        return np.array(flat, dtype=np.int64).reshape(node.shape)
    if node.params.get("where") is not None and node.params["where"].any():
        return np.full(node.shape, -1, dtype=np.int8)
    return decided(node, book)


def _composed(node: Node, book: Book) -> Fact:
    if any(i not in book.facts for i in node.inputs) and node.op not in ("select", "take"):
        return unknown(node.shape)
    if node.op == "cast":
        return book[node.inputs[0]]
    if node.op in SCALARS:
        found = scalar(node, [book[i] for i in node.inputs])
    elif node.op in RULES:
        found = RULES[node.op](node, book)
    else:
        return unknown(node.shape)
    return found


# ---------------------------------------------------------------- exact forms
def _forms(
    node: Node, book: Book, starts: Mapping[Node, int], known: Reading,
    domain: Mapping[str, Box], worth: bool,
) -> None:
    """Keep the exact polynomials of a node, where there are any and they are affordable."""
    if (node.discrete and node.op != "constant") or not worth:
        return
    if node in starts:
        found = polynomials.variables(starts[node], node.shape)
    elif node.op == "constant" or (node.op == "input" and _point(node, domain)):
        value = node.params["value"] if node.op == "constant" else domain[node.params["name"]].low
        found = polynomials.constants(value)
    elif node.op in ("select", "take"):
        found = _followed(node, book)
    elif any(i not in book.polynomials for i in node.inputs) or not node.inputs:
        return
    else:
        found = polynomials.evaluate(node, [book.polynomials[i] for i in node.inputs])
    if any(v is not BEYOND for v in found.ravel().tolist()):
        book.polynomials[node] = found


def _followed(node: Node, book: Book) -> Array:
    """Return the forms of the branches a decided choice takes."""
    out = polynomials.beyond(node.shape)
    if node.op != "select":
        return out
    sides = [book.polynomials.get(i) for i in node.inputs[1:]]
    choice = np.broadcast_to(book.chosen[node.inputs[0]], node.shape)
    for value, side in zip((1, 0), sides, strict=True):
        if side is not None:
            out = np.where(choice == value, np.broadcast_to(side, node.shape), out)
    return out


def _frontier(nodes: list[Node], outputs: list[Node]) -> set[Node]:
    """Return the nodes some reader of which is no sum or product: where forms are decided."""
    inner = {"add", "subtract", "multiply", "negative", "sum", "matmul", "reshape", "gather",
             "divide", "transpose", "broadcast"}
    ends = set(outputs)
    for node in nodes:
        if node.op not in inner:
            ends.update(node.inputs)
    return ends


def _sharpened(node: Node, fact: Fact, book: Book, last: bool) -> Fact:
    """Add the curvature that exact forms of degree two or less prove."""
    forms = book.polynomials.get(node)
    fact = perspective(node, atoms(node, fact, book), book, compose)
    if forms is None or fact.has(AFFINE).all():
        return fact
    return _with_forms(fact, forms, book.size, last)


def _with_forms(fact: Fact, forms: Array, size: int, last: bool) -> Fact:
    bits, sound, low, above = (np.array(a).ravel() for a in (
        fact.bits, fact.sound, fact.low, fact.above))
    budget = MOST_FORMS if size <= MOST_VARIABLES and last else 0
    for k, form in enumerate(forms.ravel().tolist()):
        if form is BEYOND or bits[k] & AFFINE == AFFINE:
            continue
        if form.degree < 2:
            bits[k], sound[k] = bits[k] | AFFINE, True
        elif budget:
            budget -= 1
            bits[k], sound[k] = bits[k] | form_bits(form, size), True
            if low[k] < 0 and bits[k] & CONVEX and at_least_zero(form, size):
                # that the old end is missed says nothing of the new one: a square may be 0
                low[k], above[k], bits[k] = 0.0, False, bits[k] | ROOT_CONVEX
    shape = fact.bits.shape
    return tidy(replace(fact, bits=bits.reshape(shape), sound=sound.reshape(shape),
                        low=low.reshape(shape), above=above.reshape(shape)))


def at_least_zero(form: Polynomial, size: int) -> bool:
    """Tell whether a quadratic polynomial is a sum of squares of affine ones, exactly."""
    matrix = polynomials.homogenized(form, size)
    return polynomials.negative_direction(matrix) is None


def form_bits(form: Polynomial, size: int) -> int:
    """Return whether a polynomial of degree two or less is convex or concave, exactly."""
    matrix = polynomials.hessian(form, size)
    minus = [[-v for v in row] for row in matrix]
    convex = polynomials.negative_direction(matrix) is None
    concave = polynomials.negative_direction(minus) is None
    return CONVEX * convex | CONCAVE * concave
