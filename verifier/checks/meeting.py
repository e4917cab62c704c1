"""Do two branches meet where their condition switches? Both are read with one number put in.

The condition depends on one scalar z alone. With the exact z at which it switches put in its
place, both branches become one graph, whatever else they depend on: then they agree on all of
the switching surface near the point.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.node import Node, constant
from ..graph.order import topological
from ..graph.rewrite import rewritten, unified
from ..numerals.balls import Balls
from ..numerals.tokens import ZERO
from ..primitives.linear import broadcast_to
from ..primitives.table import SCALARS
from ..readers.value import Reading, read


def meet_at(branches: tuple[Node, Node], base: Node, here: Reading) -> bool:
    """Tell whether both branches are one graph once the scalar `base` has its value `here`."""
    number = _float(here[base].ravel()[0]) if base.size == 1 else None
    if number is None or any(not _finite(here, b) for b in branches):
        return False
    put = constant(np.full(base.shape, number), base.dtype)
    one, other = unified(_folded(rewritten(branches, {base: put})))
    return one is other


def _float(value: Any) -> float | None:
    """Return an exact number that a float holds, else None."""
    if value is ZERO:
        return 0.0
    if not value.is_finite() or not value.is_exact():
        return None
    number = float(value)
    return number if bool(value == number) else None


def _finite(here: Reading, node: Node) -> bool:
    return all(v is ZERO or v.is_finite() for v in np.ravel(here[node]).tolist())


def _folded(outputs: list[Node]) -> list[Node]:
    """Return graphs with scalars of known numbers worked out, and without 0 + x and 1 x."""
    new: dict[Node, Node] = {}
    for node in topological(outputs):
        inputs = tuple(new[i] for i in node.inputs)
        same = Node(node.op, inputs, node.params, node.shape, node.dtype) if inputs else node
        new[node] = _worked_out(same) or _neutral(same) or same
    return [new[o] for o in outputs]


def _worked_out(node: Node) -> Node | None:
    if node.op not in SCALARS or node.size != 1 or any(i.op != "constant" for i in node.inputs):
        return None
    number = _float(read([node], {}, Balls())[node].ravel()[0])
    return None if number is None else constant(np.full(node.shape, number + 0.0), node.dtype)


def _neutral(node: Node) -> Node | None:
    """Return x of x + 0, 0 + x, x - 0, x 1, 1 x, x / 1."""
    unit = {"add": 0.0, "subtract": 0.0, "multiply": 1.0, "divide": 1.0}.get(node.op)
    if unit is None:
        return None
    a, b = node.inputs
    kept = a if _is(b, unit) else (
        b if _is(a, unit) and node.op in ("add", "multiply") else None)
    if kept is None:
        return None
    return kept if kept.shape == node.shape else broadcast_to(kept, node.shape)


def _is(node: Node, number: float) -> bool:
    return node.op == "constant" and bool(np.all(node.params["value"] == number))
