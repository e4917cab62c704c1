"""How steep can f be, by how it is put together? One loop over the graph, one bound for each step.

A step multiplies the bounds of its operands: an activation by the largest size of its slope, a
matrix by its norm, a sum adds them, a maximum takes the larger one, sorting keeps it. Two bounds
are kept of every array: one for each entry, and one of the array as a whole in the norm asked.
The chain rule along the segment between two points makes the result a Lipschitz constant wherever
f is continuous.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from flint import arb

from ..graph.node import Node
from ..graph.order import depends_on, topological
from ..primitives.linear import LINEAR
from ..primitives.table import SCALARS
from ..readers.region import Region, enclose
from ..search.regions import stacked
from .box_ground import Ground, facts_at, jumping_guards

Array = np.ndarray
MOST = 20_000  # entries of all nodes
CHOOSING = frozenset({"reshape", "transpose", "broadcast", "gather", "cast"})
RANKS = frozenset({"argmax", "argmin", "argsort"})
NONE = arb(0)
Spectral = Callable[[list[list[arb]]], arb]


@dataclass(frozen=True, slots=True)
class Steep:
    """`entries`: a Lipschitz constant of each entry; `whole`: one of the array, in the norm."""

    entries: Array
    whole: arb


def steepness(on: Ground, norm: str, spectral: Spectral) -> arb | None:
    """Return a Lipschitz constant of f over the box, None where a step has no rule.

    `spectral` bounds the largest singular value of a matrix of balls.
    """
    nodes = topological([on.output])
    if on.path or sum(n.size for n in nodes) > MOST or jumping_guards(on):
        return None
    moving = depends_on([on.output], on.moved)
    rates = {n: [rule(*n.inputs, n) if rule is not None and i in moving else None
                 for rule, i in zip(SCALARS[n.op].slopes, n.inputs, strict=True)]
             for n in nodes if n.op in SCALARS and n in moving}
    wanted = [r for rs in rates.values() for r in rs if r is not None and r.op != "zero"]
    region = enclose([*nodes, *wanted], stacked([on.box]))
    if np.any(facts_at(region, on.output, 0)[2]):
        return None
    known: dict[Node, Steep | None] = {}
    rules = _Rules(norm, spectral, region, rates, moving, known)
    for node in nodes:
        if node in on.moved:
            known[node] = Steep(_filled(node.shape, arb(1)), arb(1))
        elif node not in moving:
            known[node] = Steep(_filled(node.shape, NONE), NONE)
        elif not node.discrete:
            known[node] = rules.step(node, [known.get(i) for i in node.inputs])
    found = known.get(on.output)
    return found.whole if found is not None and found.whole.is_finite() else None


@dataclass(frozen=True, slots=True)
class _Rules:
    norm: str
    spectral: Spectral
    region: Region
    rates: dict[Node, list[Node | None]]
    moving: set[Node]
    known: dict[Node, Steep | None]

    def step(self, node: Node, inputs: list[Steep | None]) -> Steep | None:
        if node.op == "take":
            return self._taken(node, inputs[0])
        if node.op == "select":
            inputs = inputs[1:]
        if any(i is None for i in inputs):
            return None
        given = [i for i in inputs if i is not None]
        if node.op in ("maximum", "minimum", "select"):
            return self._larger(node, given)
        if node.op == "sqrt" and (length := self._length(node, given)) is not None:
            return length
        if node in self.rates:
            return self._scaled(node, given)
        if node.op in CHOOSING:
            return self._chosen(node, given)
        if node.op == "sum":
            return self._summed(node, given[0])
        return self._multiplied(node, given) if node.op == "matmul" else None

    def _made(self, entries: Array, whole: arb | None = None) -> Steep:
        """Return both bounds, the one of the whole no larger than its entries allow."""
        values = entries.ravel().tolist()
        if self.norm == "inf":
            size = reduce(_larger, values, NONE)
        elif self.norm == "1":
            size = sum(values, NONE)
        else:
            size = sum((v * v for v in values), NONE).sqrt()
        size = _up(size)
        best = size if whole is None else _smaller(size, _up(whole))
        capped = [_smaller(_up(v), best) for v in values]
        return Steep(_shaped(entries.shape, capped), best)

    def _repeated(self, count: int) -> arb:
        """Return the norm of a map that writes every entry `count` times."""
        return arb(1) if self.norm == "inf" else arb(count) if self.norm == "1" else (
            arb(count).sqrt())

    def _added(self, count: int) -> arb:
        """Return the norm of a map that adds up `count` entries at a time."""
        return arb(count) if self.norm == "inf" else arb(1) if self.norm == "1" else (
            arb(count).sqrt())

    def _spread(self, given: Steep, node: Node) -> tuple[Array, arb]:
        count = node.size // max(1, given.entries.size)
        return np.broadcast_to(given.entries, node.shape), given.whole * self._repeated(count)

    def _larger(self, node: Node, given: list[Steep]) -> Steep:
        spread = [self._spread(g, node) for g in given]
        entries = _each(_larger, *(e for e, _ in spread))
        return self._made(entries, self._beside([w for _, w in spread]))

    def _scaled(self, node: Node, given: list[Steep]) -> Steep | None:
        entries, whole = _filled(node.shape, NONE), NONE
        for rate, each in zip(self.rates[node], given, strict=True):
            if each.whole.is_zero() or (rate is not None and rate.op == "zero"):
                continue
            sizes = None if rate is None else self._sizes(rate, node.shape)
            if sizes is None:
                return None
            spread, size = self._spread(each, node)
            entries = np.asarray(entries + sizes * spread, dtype=object)
            whole = whole + reduce(_larger, sizes.ravel().tolist(), NONE) * size
        return self._made(entries, whole)

    def _sizes(self, rate: Node, shape: tuple[int, ...]) -> Array | None:
        low, high, undefined = facts_at(self.region, rate, 0)
        largest = np.maximum(np.abs(low), np.abs(high))
        if np.any(undefined) or not np.all(np.isfinite(largest)):
            return None
        spread = np.broadcast_to(largest, shape)
        return _shaped(shape, [arb(float(v)) for v in spread.ravel().tolist()])

    def _chosen(self, node: Node, given: list[Steep]) -> Steep | None:
        """An array whose entries are entries of others, some of them several times."""
        rule = LINEAR[node.op]
        if rule.evaluate is None:
            return None
        chosen = np.ravel(rule.evaluate(node, *(g.entries for g in given))).tolist()
        entries = _shaped(node.shape, [v if isinstance(v, arb) else NONE for v in chosen])
        wholes = []
        for k, each in enumerate(given):  # how often is each entry of this input written?
            marks: list[Array] = [np.zeros(g.entries.shape) for g in given]
            marks[k] = np.arange(1.0, each.entries.size + 1).reshape(each.entries.shape)
            places = np.ravel(rule.evaluate(node, *marks)).astype(int)
            times = int(np.bincount(places[places > 0], minlength=1).max(initial=0))
            wholes.append(each.whole * self._repeated(times))
        return self._made(entries, self._beside(wholes))

    def _beside(self, wholes: list[arb]) -> arb:
        """Return a bound of arrays put side by side."""
        if self.norm == "inf":
            return reduce(_larger, wholes, NONE)
        if self.norm == "1":
            return sum(wholes, NONE)
        return sum((w * w for w in wholes), NONE).sqrt()

    def _taken(self, node: Node, given: Steep | None) -> Steep | None:
        """Taking by rank: max, min, sort and median change no faster than what they rank."""
        index = node.inputs[1]
        while index.op in ("reshape", "cast"):
            index = index.inputs[0]
        if given is None or index.op not in RANKS or index.inputs[0] is not node.inputs[0] or (
                index.params["axis"] != node.params["axis"]) or not _once(node):
            return None
        largest = reduce(_larger, given.entries.ravel().tolist(), NONE)
        return self._made(_filled(node.shape, largest), given.whole)

    def _summed(self, node: Node, given: Steep) -> Steep:
        entries = np.asarray(given.entries.sum(axis=node.params["axis"]), dtype=object)
        count = given.entries.size // max(1, node.size)
        return self._made(entries.reshape(node.shape), given.whole * self._added(count))

    def _length(self, node: Node, given: list[Steep]) -> Steep | None:
        """sqrt(c + u1² + ... + un²), c >= 0, changes no faster than u: the triangle inequality."""
        total = node.inputs[0]
        if total.op == "add":
            still = [i for i in total.inputs if i not in self.moving]
            if not still or np.any(facts_at(self.region, still[0], 0)[0] < 0):
                return None
            total = total.inputs[1 if total.inputs[0] is still[0] else 0]
        square = total.inputs[0] if total.op == "sum" and total.size == 1 else total
        twice = square.op == "multiply" and square.inputs[0] is square.inputs[1]
        if node.size != 1 or total.size != 1 or not (square.op == "square" or twice):
            return None
        inner = self.known.get(square.inputs[0])
        if inner is None or inner.entries.size != square.size:
            return None
        count = square.size if self.norm == "inf" else 1
        return self._made(_filled(node.shape, inner.whole * arb(count).sqrt()))

    def _multiplied(self, node: Node, given: list[Steep]) -> Steep | None:
        """A fixed matrix times what moves, or the other way round."""
        still = [k for k, i in enumerate(node.inputs) if i not in self.moving]
        if len(still) != 1 or any(len(i.shape) != 2 for i in node.inputs):
            return None
        left = still[0] == 0
        low, high, undefined = facts_at(self.region, node.inputs[still[0]], 0)
        if np.any(undefined) or not np.all(np.isfinite([low, high])):
            return None
        matrix = [[arb(a).union(arb(b)) for a, b in zip(*rows, strict=True)]
                  for rows in zip(low.tolist(), high.tolist(), strict=True)]
        matrix = matrix if left else [list(column) for column in zip(*matrix, strict=True)]
        moved = given[1].entries if left else given[0].entries.T
        whole = given[1 if left else 0].whole
        sizes = np.array([[_up(abs(v)) for v in row] for row in matrix], dtype=object)
        sizes = sizes.reshape(len(matrix), -1)
        sums = (sizes[:, :, None] * moved[None, :, :]).sum(axis=1)
        rows = np.array([self._dual(row) * whole for row in sizes.tolist()], dtype=object)
        entries = _each(_smaller, np.asarray(sums, dtype=object),
                        np.broadcast_to(rows[:, None], sums.shape))
        return self._made(entries if left else entries.T, self._operator(matrix, sizes) * whole)

    def _dual(self, row: list[arb]) -> arb:
        if self.norm == "1":
            return reduce(_larger, row, NONE)
        return sum(row, NONE) if self.norm == "inf" else sum((v * v for v in row), NONE).sqrt()

    def _operator(self, matrix: list[list[arb]], sizes: Array) -> arb:
        if self.norm == "2":
            return self.spectral(matrix)
        sums = sizes.sum(axis=0 if self.norm == "1" else 1)
        return reduce(_larger, sums.tolist(), NONE)


def _once(node: Node) -> bool:
    """Tell whether no line of a `take` is read by more than one line of indices."""
    source, index, axis = *node.inputs, node.params["axis"]
    return index.size == node.size and (
        source.size // max(1, source.shape[axis]) == node.size // max(1, node.shape[axis]))


def _larger(a: arb, b: arb) -> arb:
    return a.max(b)


def _smaller(a: arb, b: arb) -> arb:
    return -(-a).max(-b)


def _up(value: arb) -> arb:
    return value if value.is_exact() else value.upper()


def _each(rule: Callable[[Any, Any], Any], *arrays: Array) -> Array:
    found = arrays[0]
    for other in arrays[1:]:
        found = np.asarray(np.frompyfunc(rule, 2, 1)(found, other), dtype=object)
    return np.asarray(found, dtype=object)


def _filled(shape: tuple[int, ...], value: arb) -> Array:
    return _shaped(shape, [value] * int(np.prod(shape)))


def _shaped(shape: tuple[int, ...], values: list[Any]) -> Array:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out.reshape(shape)
