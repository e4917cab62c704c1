"""Which values may jump at the point? A strict sign of one that may is no strict sign beside it.

relu(where(x > 0, 1, y)) at x = 0, y = -1: the graph reads relu(-1), but for x > 0 it is relu(1).
So a decision on a value that may jump is as open as a tie, though it is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from ..graph.node import Node
from ..graph.order import topological
from ..numerals.tokens import ZERO
from ..primitives.table import SCALARS
from .liveness import unsure
from .value import Reading

Array = np.ndarray
RANKS = frozenset({"argmax", "argmin", "argsort"})
LOGIC = frozenset({"logical_and", "logical_or", "logical_not", "logical_xor"})


def unsettle(outputs: Iterable[Node], reading: Reading, touching: dict[Node, Array]) -> None:
    """Mark decisions on values that may jump as ties, and rows that read them as touched.

    `touching` marks, for each row with guards, where one of them may be zero. Both `touching` and
    ``reading.ties`` are added to.
    """
    jumpy: dict[Node, Array] = {}
    for node in topological(outputs):
        carried = _carried(node, jumpy)
        if node.discrete or node.op in LOGIC:
            if carried is not None and carried.any():
                ties = reading.ties.get(node, np.zeros(node.shape, dtype=bool))
                reading.ties[node] = ties | _decisions(node, carried)
            continue
        if node in touching and carried is not None:
            touching[node] = touching[node] | carried
        mask = _own_jumps(node, reading, touching, jumpy, carried)
        if mask is not None and mask.any():
            jumpy[node] = np.broadcast_to(mask, node.shape)


def _carried(node: Node, jumpy: dict[Node, Array]) -> Array | None:
    """Return where an operand may jump, in the shape of the node (of the operand for ranks)."""
    masks = [(i, jumpy[i]) for i in node.inputs if i in jumpy]
    if not masks:
        return None
    move = _MOVES.get(node.op)
    if move is not None:
        return move(node, masks[0][1])
    if node.op in RANKS:
        return masks[0][1]
    if node.op in SCALARS or node.op in ("select", "cast") or node.discrete:
        total = np.zeros(node.shape, dtype=bool)
        for _, mask in masks:
            total |= np.broadcast_to(mask, node.shape)
        return total
    return np.ones(node.shape, dtype=bool)


def _decisions(node: Node, carried: Array) -> Array:
    if node.op not in RANKS:
        return carried
    axis = node.params["axis"]
    lines = carried.any(axis=axis, keepdims=node.op == "argsort")
    return np.broadcast_to(lines, node.shape)


def _own_jumps(
    node: Node, reading: Reading, touching: dict[Node, Array], jumpy: dict[Node, Array],
    carried: Array | None,
) -> Array | None:
    """Return where the node's value may jump at the point."""
    if node.op == "multiply":
        return _product_jumps(node, reading, jumpy)
    if node.op == "select":
        return _choice_jumps(node, reading, carried)
    if node.op in ("take", "put"):
        index = _looked_through(node.inputs[1])
        open_ = unsure(node.inputs[1], reading).any() or unsure(index, reading).any()
        joined = node.op == "take" and index.op in RANKS and index.inputs[0] is node.inputs[0]
        return np.ones(node.shape, dtype=bool) if open_ and not joined else carried
    for source in node.inputs:
        if source.discrete and unsure(source, reading).any():
            return np.broadcast_to(True, node.shape)
    row = SCALARS.get(node.op)
    if row is not None and node in touching and min(row.smooth_at.values(), default=-1) < 0:
        return touching[node] if carried is None else touching[node] | carried
    return carried


def _looked_through(node: Node) -> Node:
    while node.op in ("reshape", "broadcast"):
        node = node.inputs[0]
    return node


def _product_jumps(node: Node, reading: Reading, jumpy: dict[Node, Array]) -> Array:
    """A product does not jump where one factor does and the other is exactly zero."""
    total = np.zeros(node.shape, dtype=bool)
    for one, other in (node.inputs, node.inputs[::-1]):
        moves = jumpy.get(one)
        if moves is None and one.discrete:
            moves = unsure(one, reading)
        if moves is not None:
            calm = _is_zero(reading[other]) & (other not in jumpy) & (not other.discrete)
            total |= np.broadcast_to(moves, node.shape) & ~np.broadcast_to(calm, node.shape)
    return total


def _choice_jumps(node: Node, reading: Reading, carried: Array | None) -> Array:
    """A choice does not jump where both sides are exactly equal at the point."""
    condition, a, b = node.inputs
    total = np.broadcast_to(unsure(condition, reading), node.shape)
    equal = np.frompyfunc(_equal, 2, 1)(reading[a], reading[b])
    total = total & ~np.broadcast_to(np.asarray(equal, dtype=bool), node.shape)
    return np.asarray(total if carried is None else total | carried)


def _equal(a: object, b: object) -> bool:
    if a is ZERO or b is ZERO or not hasattr(a, "is_exact") or not hasattr(b, "is_exact"):
        return a is b
    return bool(a.is_exact() and b.is_exact() and a == b)


def _is_zero(values: Array) -> Array:
    if values.dtype != object:
        return np.zeros(values.shape, dtype=bool)
    return np.asarray(_zero_each(values), dtype=bool)


_zero_each = np.frompyfunc(lambda v: hasattr(v, "is_zero") and bool(v.is_zero()), 1, 1)


def _gathered(node: Node, mask: Array) -> Array:
    if len(node.inputs) > 1:
        return np.ones(node.shape, dtype=bool)
    index = node.params["index"]
    return np.where(index >= 0, mask.ravel()[np.maximum(index, 0)], False)


_MOVES: dict[str, Callable[[Node, Array], Array]] = {
    "reshape": lambda n, m: m.reshape(n.shape),
    "transpose": lambda n, m: m.transpose(n.params["axes"]),
    "broadcast": lambda n, m: np.broadcast_to(m, n.shape),
    "gather": _gathered,
}
