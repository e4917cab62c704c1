"""Do both branches of a choice meet where its guard is zero? where(u > c, a, b), a = b at u = c.

The node u is replaced by the constant c in both branches. If nothing else is left in them to vary,
their values are numbers, read in balls: exactly equal means that the choice is continuous.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..errors import CannotLower
from ..graph.node import Node, constant
from ..graph.order import depends_on, topological
from ..numerals.balls import Balls, plain, precision
from ..primitives.table import SCALARS
from .value import read

Array = np.ndarray
BITS = 256


def meets_at_guard(output: Node, decision: Node) -> bool:
    """Tell whether every choice below `output` that rests on `decision` alone is continuous."""
    users = [n for n in topological([output]) if any(i is decision for i in n.inputs)]
    if not users or any(n.op != "select" or n.inputs[0] is not decision for n in users):
        return False
    left, right = decision.inputs
    if decision.op in ("equal", "not_equal"):
        return False
    node, level = (left, right) if right.op == "constant" else (right, left)
    if level.op != "constant" or node.op == "constant":
        return False
    return all(_equal_at(n.inputs[1], n.inputs[2], node, level) and all(
        _entry_by_entry(branch, node) for branch in n.inputs[1:]) for n in users)


def _entry_by_entry(branch: Node, node: Node) -> bool:
    """Tell whether each entry of a branch depends on the same entry of the node alone."""
    touched = depends_on([branch], [node])
    return all(n is node or ((n.op in SCALARS or n.op == "cast") and n.shape == node.shape)
               for n in topological([branch]) if n in touched)


def _equal_at(a: Node, b: Node, node: Node, level: Node) -> bool:
    numbers = np.broadcast_to(level.params["value"], node.shape).astype(np.float64)
    fixed = constant(numbers, "float64")
    made = [_replaced(n, {node: fixed}) for n in (a, b)]
    if any(n.op == "input" for m in made for n in topological([m])):
        return False
    try:
        with precision(BITS):
            found = read(made, {}, Balls(BITS))
    except CannotLower:
        return False
    pair = [np.broadcast_to(plain(found[m]), np.broadcast_shapes(a.shape, b.shape)) for m in made]
    return all(x.is_finite() and y.is_finite() and bool((x - y).is_zero())
               for x, y in zip(*(p.ravel().tolist() for p in pair), strict=True))


def _replaced(output: Node, known: Mapping[Node, Node]) -> Node:
    """Return the graph with some nodes replaced."""
    made = dict(known)
    for node in topological([output]):
        if node in made:
            continue
        inputs = tuple(made[i] for i in node.inputs)
        same = all(a is b for a, b in zip(inputs, node.inputs, strict=True))
        made[node] = node if same else Node(node.op, inputs, node.params, node.shape, node.dtype,
                                            node.origin)
    return made[output]
