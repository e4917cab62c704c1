"""Rules of composition for whole arrays: sums, moves, products of matrices, choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from ..graph.node import Node
from ..numerals import intervals
from ..primitives.linear import LINEAR
from .sign_rules import larger, multiply, smaller
from .signs import (
    AFFINE,
    ALL,
    FIXED,
    LOG_CONVEX,
    ROOT_CONVEX,
    Array,
    Book,
    Fact,
    tidy,
    unknown,
)

SUMMED = AFFINE | FIXED | LOG_CONVEX | ROOT_CONVEX
MOST_PRODUCTS = 2**21


def moved(node: Node, book: Book) -> Fact:
    """Return the fact of an op that only rearranges entries (a gathered -1 is an exact 0)."""
    inputs = [book[i] for i in node.inputs]
    evaluate = LINEAR[node.op].evaluate
    assert evaluate is not None
    parts = [evaluate(node, *columns)
             for columns in zip(*(f.parts() for f in inputs), strict=True)]
    low, high, above, below, sound, bits = (np.array(p) for p in parts)
    if node.op == "gather":
        absent = node.params["index"] < 0
        sound, above, below = sound.astype(bool) | absent, above.astype(bool), below.astype(bool)
        bits = np.where(absent, FIXED, bits)
        above, below = above & ~absent, below & ~absent
    return tidy(Fact(low, high, above.astype(bool), below.astype(bool), sound.astype(bool),
                     bits.astype(np.uint8)))


def summed(node: Node, book: Book) -> Fact:
    """Return the fact of a sum over axes."""
    return total(book[node.inputs[0]], node.params["axis"])


def total(fact: Fact, axes: tuple[int, ...]) -> Fact:
    """Return the fact of the sums of a fact's entries over `axes`."""
    found = intervals.total(fact.range, axes)
    bits = np.bitwise_and.reduce(fact.bits, axis=axes, initial=ALL) & SUMMED
    sound = fact.sound.all(axis=axes)
    above, below = (np.asarray(a.any(axis=axes)) for a in (fact.above, fact.below))
    return tidy(Fact(found.lo, found.hi, above, below, np.asarray(sound),
                     np.asarray(bits, dtype=np.uint8)))


def running(node: Node, book: Book) -> Fact:
    """Return the fact of a running sum."""
    fact, axis = book[node.inputs[0]], node.params["axis"]
    found = intervals.running(fact.range, axis)
    none = np.zeros(node.shape, dtype=bool)
    return tidy(Fact(found.lo, found.hi, none, none,
                     np.logical_and.accumulate(fact.sound, axis=axis),
                     np.bitwise_and.accumulate(fact.bits, axis=axis) & SUMMED))


def scattered(node: Node, book: Book) -> Fact:
    """Return the fact of entries added into zeros."""
    fact, index = book[node.inputs[0]], node.params["index"].ravel()
    kept = index >= 0
    counts = np.bincount(index[kept], minlength=node.size)
    out = unknown(node.shape)
    if counts.max(initial=0) > 1:
        return out
    parts = [np.zeros(node.size), np.zeros(node.size), np.zeros(node.size, bool),
             np.zeros(node.size, bool), np.ones(node.size, bool),
             np.full(node.size, FIXED, dtype=np.uint8)]
    for part, values in zip(parts, fact.parts(), strict=True):
        part[index[kept]] = values.ravel()[kept]
    return tidy(Fact(*(p.reshape(node.shape) for p in parts)))


def multiplied(node: Node, book: Book) -> Fact:
    """Return the fact of a matrix product as the sum of its products."""
    a, b = (book[i] for i in node.inputs)
    rows, inner, columns = a.low.shape[-2], a.low.shape[-1], b.low.shape[-1]
    batch = node.shape[:-2]
    if int(np.prod(batch, dtype=np.int64)) * rows * inner * columns > MOST_PRODUCTS:
        return unknown(node.shape)
    shape = (*batch, rows, inner, columns)
    left = Fact(*(np.broadcast_to(p[..., :, :, None], shape) for p in a.parts()))
    right = Fact(*(np.broadcast_to(p[..., None, :, :], shape) for p in b.parts()))
    return total(multiply(left, right), (len(shape) - 2,))


def is_extreme(node: Node) -> int:
    """Return 1 for x at its own argmax, -1 at its own argmin, 0 for anything else."""
    x, index = node.inputs
    source = index
    while source.op in ("reshape", "broadcast"):
        source = source.inputs[0]
    if source.op not in ("argmax", "argmin") or source.inputs[0] is not x:
        return 0
    axis = node.params["axis"]
    kept = (*x.shape[:axis], 1, *x.shape[axis + 1:])
    if source.params["axis"] != axis or node.shape != kept:
        return 0
    return 1 if source.op == "argmax" else -1


def extreme(node: Node, book: Book) -> Fact | None:
    """Return the fact of x at its own argmax or argmin; None where `node` is something else."""
    sense = is_extreme(node)
    if not sense:
        return None
    x, axis = node.inputs[0], node.params["axis"]
    merge = larger if sense > 0 else smaller
    lines = [Fact(*(np.take(p, [k], axis) for p in book[x].parts()))
             for k in range(x.shape[axis])]
    found = lines[0]
    for line in lines[1:]:
        found = merge(found, line)
    return found


def taken(node: Node, book: Book) -> Fact:
    """Return the fact of entries at computed places: an extreme, or any of the line if fixed."""
    found = extreme(node, book)
    if found is not None:
        return found
    x, index = node.inputs
    axis, fact = node.params["axis"], book[x]
    bits = np.bitwise_and.reduce(fact.bits, axis=axis, initial=ALL, keepdims=True)
    sound = np.asarray(fact.sound.all(axis=axis, keepdims=True))
    if index not in book.fixed:
        return unknown(node.shape)
    none = np.zeros(sound.shape, dtype=bool)
    line = Fact(fact.low.min(axis=axis, keepdims=True), fact.high.max(axis=axis, keepdims=True),
                none, none, sound, bits)
    return tidy(line.spread(node.shape))


def selected(node: Node, book: Book) -> Fact:
    """Return the fact of `where`: the decided branch; both where the choice is fixed."""
    choice = np.broadcast_to(book.chosen[node.inputs[0]], node.shape)
    a, b = (book[i].spread(node.shape) for i in node.inputs[1:])
    open_ = either(a, b)
    if node.inputs[0] not in book.fixed:
        none = np.zeros(node.shape, dtype=bool)
        open_ = replace(open_, sound=none, bits=np.zeros(node.shape, dtype=np.uint8))
    picked = [np.where(choice == 1, x, np.where(choice == 0, y, z))
              for x, y, z in zip(a.parts(), b.parts(), open_.parts(), strict=True)]
    return tidy(Fact(*picked))


def either(a: Fact, b: Fact) -> Fact:
    """Return what holds of both."""
    found = intervals.hull(a.range, b.range)
    above = np.where(a.low == b.low, a.above & b.above,
                     np.where(a.low < b.low, a.above, b.above))
    below = np.where(a.high == b.high, a.below & b.below,
                     np.where(a.high > b.high, a.below, b.below))
    return Fact(found.lo, found.hi, above, below, a.sound & b.sound, a.bits & b.bits)


RULES: Mapping[str, Callable[[Node, Book], Fact]] = {
    "reshape": moved, "transpose": moved, "broadcast": moved, "gather": moved,
    "sum": summed, "cumsum": running, "scatter": scattered, "matmul": multiplied,
    "take": taken, "select": selected,
}


# ---------------------------------------------------------------- decisions
def decided(node: Node, book: Book) -> Array:
    """Return 1, 0 or -1 (open) for every entry of a decision over the whole domain."""
    if node.op in COMPARISONS and all(i in book.facts for i in node.inputs):
        a, b = (book[i].spread(node.shape) for i in node.inputs)
        return np.asarray(COMPARISONS[node.op](a, b), dtype=np.int8)
    if node.op in ("isnan", "isinf", "isfinite") and node.inputs[0] in book.facts:
        fine = book[node.inputs[0]].sound
        answer = 1 if node.op == "isfinite" else 0
        return np.where(fine, answer, -1).astype(np.int8)
    if node.op in ("logical_and", "logical_or", "logical_not"):
        parts = [np.broadcast_to(book.chosen[i], node.shape) for i in node.inputs]
        return _logical(node.op, parts)
    return np.full(node.shape, -1, dtype=np.int8)


def _greater(a: Fact, b: Fact) -> Array:
    sure = (a.low > b.high) | ((a.low == b.high) & (a.above | b.below))
    never = a.high <= b.low
    return np.where(sure, 1, np.where(never, 0, -1))


def _opposite(values: Array) -> Array:
    return np.where(values < 0, -1, 1 - values)


COMPARISONS: Mapping[str, Callable[[Fact, Fact], Array]] = {
    "greater": _greater,
    "less": lambda a, b: _greater(b, a),
    "less_equal": lambda a, b: _opposite(_greater(a, b)),
    "greater_equal": lambda a, b: _opposite(_greater(b, a)),
    "equal": lambda a, b: np.where((_greater(a, b) == 1) | (_greater(b, a) == 1), 0, -1),
    "not_equal": lambda a, b: np.where((_greater(a, b) == 1) | (_greater(b, a) == 1), 1, -1),
}


def _logical(op: str, parts: list[Array]) -> Array:
    if op == "logical_not":
        return _opposite(parts[0]).astype(np.int8)
    a, b = parts if op == "logical_and" else [_opposite(p) for p in parts]
    both = np.where((a == 0) | (b == 0), 0, np.where((a == 1) & (b == 1), 1, -1))
    return (both if op == "logical_and" else _opposite(both)).astype(np.int8)

