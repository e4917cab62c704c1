"""Shifts that cancel: a maximum subtracted for the sake of floats changes no real number.

In ``m + log(sum(exp(z - m)))`` the value of m does not matter. It is proved by degrees: with m + t
for m, a sum changes by k t and a product by the factor e^(k t); exp and log pass from one to the
other. What ends with degree 0 does not depend on m, and m is read as 0 (SOUNDNESS 18).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..graph.node import Node, constant
from ..graph.order import depends_on, topological
from ..verdicts import Origin
from .linear import LINEAR

Array = np.ndarray
FINE = 2.0**20  # degrees are multiples of 2^-20 below 2^20: their sums are exact in floats
NAME = "a shift that cancels"


@dataclass(frozen=True, slots=True, eq=False)
class Degree:
    """How entries change with m + t: `amount` of which entry of m, as a sum or as a factor."""

    amount: Array
    owner: Array
    factor: Array
    lost: Array

    def parts(self) -> tuple[Array, ...]:
        return self.amount, self.owner, self.factor, self.lost


def without_shifts(
    outputs: Sequence[Node]
) -> tuple[list[Node], tuple[tuple[str, Origin | None], ...]]:
    """Return the outputs with every cancelling extreme read as 0, and where that was done."""
    used: list[tuple[str, Origin | None]] = []
    current = list(outputs)
    for node in topological(outputs):
        if node.op != "take" or node.discrete:
            continue
        found = [n for n in topological(current) if n is node]
        if found and _cancels(node, current):
            current = _replaced(current, node, constant(np.zeros(node.shape), node.dtype))
            used.append((NAME, node.origin))
    return current, tuple(used)


def _replaced(outputs: Sequence[Node], old: Node, new: Node) -> list[Node]:
    made: dict[Node, Node] = {old: new}
    for node in topological(outputs):
        if node in made:
            continue
        inputs = tuple(made[i] for i in node.inputs)
        made[node] = node if inputs == node.inputs else Node(
            node.op, inputs, node.params, node.shape, node.dtype, node.origin)
    return [made[o] for o in outputs]


def _cancels(m: Node, outputs: Sequence[Node]) -> bool:
    touched = depends_on(outputs, [m])
    degrees: dict[Node, Degree] = {}
    for node in topological(outputs):
        if node is m:
            degrees[m] = Degree(np.ones(m.shape), np.arange(m.size).reshape(m.shape),
                                np.zeros(m.shape, bool), np.zeros(m.shape, bool))
        elif node in touched:
            found = _degree(node, degrees)
            if found is None:
                return False
            degrees[node] = found
    return all(_free(degrees[o]) for o in outputs if o in degrees)


def _free(degree: Degree) -> bool:
    return not degree.lost.any() and not degree.amount.any()


def _degree(node: Node, degrees: Mapping[Node, Degree]) -> Degree | None:
    parts = [degrees.get(i) or _none(i.shape) for i in node.inputs]
    if all(_free(p) for p in parts):
        return _none(node.shape)
    if node.op in _MOVES:
        return _moved(node, parts)
    rule = _RULES.get(node.op)
    found = rule(node, parts) if rule else None
    if found is None or not _exact(found.amount):
        return None
    return found


def _exact(amount: Array) -> bool:
    return bool(np.all(np.abs(amount) < FINE) and np.all(amount * FINE == np.round(amount * FINE)))


def _none(shape: tuple[int, ...]) -> Degree:
    no = np.zeros(shape, dtype=bool)
    return Degree(np.zeros(shape), np.full(shape, -1), no, no)


_MOVES = frozenset({"reshape", "transpose", "broadcast", "gather", "cast"})


def _moved(node: Node, parts: list[Degree]) -> Degree:
    evaluate = LINEAR[node.op].evaluate
    assert evaluate is not None
    return Degree(*(np.array(evaluate(node, *column))
                    for column in zip(*(p.parts() for p in parts), strict=True)))


def _pair(node: Node, parts: list[Degree]) -> tuple[Degree, Degree]:
    a, b = (Degree(*(np.broadcast_to(x, node.shape) for x in p.parts())) for p in parts)
    return a, b


def _apart(a: Degree, b: Degree) -> Array:
    """Where both change, with different entries of m."""
    return np.asarray((a.amount != 0) & (b.amount != 0) & (a.owner != b.owner))


def _added(a: Degree, b: Degree, sign: float) -> Degree:
    plain = ~((a.factor & (a.amount != 0)) | (b.factor & (b.amount != 0)))
    alike = a.factor & b.factor & (a.amount == b.amount)
    amount = np.where(plain, a.amount + sign * b.amount, a.amount)
    lost = a.lost | b.lost | _apart(a, b) | ~(plain | alike)
    return Degree(amount, np.where(a.amount != 0, a.owner, b.owner), alike & ~plain, lost)


def _times(a: Degree, b: Degree, sign: float) -> Degree:
    plain = (~a.factor & (a.amount != 0)) | (~b.factor & (b.amount != 0))
    return Degree(a.amount + sign * b.amount, np.where(a.amount != 0, a.owner, b.owner),
                  np.ones(a.amount.shape, bool), a.lost | b.lost | _apart(a, b) | plain)


def _weighed(node: Node, parts: list[Degree]) -> Degree | None:
    """Multiply or divide: by a known number a sum keeps its kind, its amount is scaled."""
    a, b = _pair(node, parts)
    for one, weight in ((a, node.inputs[1]), (b, node.inputs[0])):
        known = _known(weight)
        if known is not None and (node.op == "multiply" or one is a):
            value = np.broadcast_to(known, node.shape)
            if node.op == "divide":
                value = 1.0 / np.where(value == 0, np.nan, value)
            amount = np.where(one.factor, one.amount, one.amount * value)
            return Degree(amount, one.owner, one.factor, one.lost | np.isnan(value))
    return _times(a, b, 1.0 if node.op == "multiply" else -1.0)


def _known(node: Node) -> Array | None:
    """Return the numbers of a constant, rearranged or not; None for anything else."""
    if node.op == "constant":
        return np.asarray(node.params["value"], dtype=float)
    inner = _known(node.inputs[0]) if node.op in ("reshape", "transpose", "broadcast") else None
    evaluate = LINEAR[node.op].evaluate if inner is not None else None
    return None if evaluate is None else np.asarray(evaluate(node, inner))


def _exp(node: Node, parts: list[Degree]) -> Degree:
    (a,) = parts
    return Degree(a.amount, a.owner, np.ones(node.shape, bool),
                  a.lost | (a.factor & (a.amount != 0)))


def _log(node: Node, parts: list[Degree]) -> Degree:
    (a,) = parts
    return Degree(a.amount, a.owner, np.zeros(node.shape, bool),
                  a.lost | (~a.factor & (a.amount != 0)))


def _negated(node: Node, parts: list[Degree]) -> Degree:
    (a,) = parts
    return Degree(np.where(a.factor, a.amount, -a.amount), a.owner, a.factor, a.lost)


def _summed(node: Node, parts: list[Degree]) -> Degree:
    (a,) = parts
    lines = Degree(*(_lines(x, node.params["axis"]) for x in a.parts()))
    first = Degree(*(x[0] for x in lines.parts()))
    for k in range(1, len(lines.amount)):
        first = _added(first, Degree(*(x[k] for x in lines.parts())), 1.0)
    return first


def _lines(array: Array, axes: tuple[int, ...]) -> Array:
    moved = np.moveaxis(array, axes, range(len(axes)))
    return moved.reshape((-1, *moved.shape[len(axes):]))


def _product(node: Node, parts: list[Degree]) -> Degree | None:
    """Matrix product with a known matrix, for sums that shift."""
    left, right = (_known(i) for i in node.inputs)
    moving = parts[0] if right is not None else parts[1]
    if moving.factor.any() or len(np.unique(moving.owner[moving.amount != 0])) > 1:
        return None
    if right is not None:
        amount = moving.amount @ right
    elif left is not None:
        amount = left @ moving.amount
    else:
        return None
    owner = int(moving.owner[moving.amount != 0][0])
    shape = node.shape
    return Degree(amount, np.full(shape, owner), np.zeros(shape, bool),
                  np.full(shape, bool(moving.lost.any())))


_RULES: Mapping[str, Callable[[Node, list[Degree]], Degree | None]] = {
    "add": lambda n, p: _added(*_pair(n, p), 1.0),
    "subtract": lambda n, p: _added(*_pair(n, p), -1.0),
    "multiply": _weighed, "divide": _weighed, "negative": _negated, "exp": _exp, "log": _log,
    "sum": _summed, "matmul": _product,
}
