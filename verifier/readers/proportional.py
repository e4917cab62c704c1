"""Which guards vanish together? relu(x) and relu(-2 x) switch at one place, by structure."""

from __future__ import annotations

import numpy as np

from ..graph.node import Node
from .guards import ActiveGuard


def root(guard: ActiveGuard) -> tuple[Node, tuple[int, ...]]:
    """Return what the guard is a constant multiple of: relu(x) and relu(-x) switch together."""
    node, index = guard.quantity, guard.index
    while node.inputs:
        inner = _stripped(node)
        if inner is None:
            break
        node = inner
    return node, index


def _stripped(node: Node) -> Node | None:
    if node.op in ("negative", "cast"):
        return node.inputs[0]
    if node.op == "subtract" and _is_constant(node.inputs[1], 0.0):
        return _same_shape(node, node.inputs[0])
    if node.op == "subtract" and _is_constant(node.inputs[0], 0.0):
        return _same_shape(node, node.inputs[1])
    if node.op == "multiply":
        for one, other in (node.inputs, node.inputs[::-1]):
            if one.op == "constant" and np.all(np.asarray(one.params["value"]) != 0):
                return _same_shape(node, other)
    return None


def _same_shape(node: Node, inner: Node) -> Node | None:
    return inner if inner.shape == node.shape else None


def _is_constant(node: Node, value: float) -> bool:
    return node.op == "constant" and bool(np.all(np.asarray(node.params["value"]) == value))
