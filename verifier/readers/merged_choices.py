"""Equal decisions made once, and sums of choices made one choice of sums.

where(c, g, 0) + where(c, 0, 0.1 g) over a box on which c is open is [0, 1.1 g] read term by term,
and [0.1 g, g] as where(c, g, 0.1 g). Slopes of piecewise functions are such sums.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..graph.node import Node, apply, structural_zero
from ..graph.order import topological

PUSHED = frozenset({"add", "subtract", "multiply", "negative"})


def merged(outputs: Iterable[Node]) -> tuple[Node, ...]:
    """Return graphs of the same values with equal nodes shared and choices drawn together."""
    wanted = tuple(outputs)
    made: dict[Node, Node] = {}
    known: dict[Any, Node] = {}
    for node in topological(wanted):
        inputs = tuple(made[i] for i in node.inputs)
        found = _together(node, inputs, known) if node.op in PUSHED else None
        made[node] = found if found is not None else _shared(node, inputs, known)
    return tuple(made[w] for w in wanted)


def _shared(node: Node, inputs: tuple[Node, ...], known: dict[Any, Node]) -> Node:
    if node.op == "input":
        return known.setdefault(("input", id(node)), node)
    key = (node.op, tuple(id(i) for i in inputs), node.shape, node.dtype, _written(node))
    if key not in known:
        same = [id(i) for i in inputs] == [id(i) for i in node.inputs]
        known[key] = node if same else Node(node.op, inputs, node.params, node.shape, node.dtype,
                                            node.origin)
    return known[key]


def _written(node: Node) -> Any:
    out = []
    for name in sorted(node.params):
        value = node.params[name]
        out.append((name, value.tobytes(), value.shape, str(value.dtype)) if hasattr(
            value, "tobytes") else (name, repr(value)))
    return tuple(out)


def _together(node: Node, inputs: tuple[Node, ...], known: dict[Any, Node]) -> Node | None:
    """Return the operation drawn into the branches of a choice, None where it does not pay."""
    choices = [i for i in inputs if i.op == "select"]
    if not choices or any(c.inputs[0] is not choices[0].inputs[0] for c in choices):
        return None
    if len(choices) < len(inputs) and node.op in ("add", "subtract"):
        return None
    branches = []
    for side in (1, 2):
        operands = [i.inputs[side] if i.op == "select" else i for i in inputs]
        branches.append(_applied(node, operands, known))
    return _shared(Node("select", (), {}, node.shape, node.dtype, node.origin),
                   (choices[0].inputs[0], *branches), known)


def _applied(node: Node, operands: list[Node], known: dict[Any, Node]) -> Node:
    absent = [o.op == "zero" for o in operands]
    if node.op in ("multiply", "negative") and any(absent):
        return structural_zero(node.shape, node.dtype)
    if node.op == "add" and any(absent):
        return operands[1] if absent[0] else operands[0]
    if node.op == "subtract" and any(absent):
        return operands[0] if absent[1] else apply("negative", operands[1])
    made = apply(node.op, *operands)
    return _shared(made, made.inputs, known)
