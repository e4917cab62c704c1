"""What is the derivative? Reverse mode as a transformation: a graph in, a bigger graph out.

Every row gives its slopes or its transpose; the gradient is again a graph, so that it can be read
in any numeral and differentiated once more (Griewank and Walther 2008, chapter 3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ..errors import CannotLower
from ..graph.node import Node, constant, structural_zero
from ..graph.order import depends_on, topological
from ..primitives.linear import LINEAR, broadcast_to, sum_to
from ..primitives.table import SCALARS

Detour = Callable[[Node, Node], Mapping[Node, Node]]


def slope(
    output: Node,
    wrt: Sequence[Node],
    cotangent: Node | None = None,
    replaced: Mapping[Node, Detour] | None = None,
) -> tuple[Node, ...]:
    """Return the gradient of <cotangent, output> by each node of `wrt`, as graphs of its shapes.

    `cotangent` has the shape of `output` (default: ones). `replaced` gives another rule to single
    nodes: ``replaced[node](node, g)`` says which earlier nodes get which cotangent (a suspicion is
    a gradient with one wrong rule). Raises CannotLower for an op without a row.
    """
    adjoint = _adjoints(output, wrt, cotangent, replaced, frozenset(wrt))
    return tuple(adjoint.get(v, structural_zero(v.shape, v.dtype)) for v in wrt)


def adjoints(output: Node, nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return the gradient of the sum of `output` by each node, nodes that feed each other too."""
    adjoint = _adjoints(output, nodes, None, None, frozenset())
    return tuple(adjoint.get(v, structural_zero(v.shape, v.dtype)) for v in nodes)


def _adjoints(
    output: Node, wrt: Sequence[Node], cotangent: Node | None,
    replaced: Mapping[Node, Detour] | None, ends: frozenset[Node],
) -> dict[Node, Node]:
    """Return the adjoint of every node between `wrt` and `output`, none passed on by `ends`."""
    touched = depends_on([output], wrt)
    adjoint: dict[Node, Node] = {}
    seed = constant(np.ones(output.shape), "float64") if cotangent is None else cotangent
    adjoint[output] = broadcast_to(seed, output.shape)
    for node in reversed(topological([output])):
        g = adjoint.get(node)
        if g is None or node not in touched or node in ends:
            continue
        if replaced and node in replaced:
            parts = list(replaced[node](node, g).items())
        else:
            parts = [(source, local_cotangent(node, which, g))
                     for which, source in enumerate(node.inputs)
                     if source in touched and not source.discrete]
        for source, part in parts:
            adjoint[source] = part if source not in adjoint else adjoint[source] + part
    return adjoint


def slopes(
    outputs: Sequence[tuple[Node, Node]], wrt: Sequence[Node]
) -> tuple[Node, ...]:
    """Return the gradient of the sum over (output, cotangent) pairs of <cotangent, output>."""
    parts = [slope(output, wrt, cotangent) for output, cotangent in outputs]
    total = list(parts[0])
    for part in parts[1:]:
        total = [a + b for a, b in zip(total, part, strict=True)]
    return tuple(total)


def local_cotangent(node: Node, which: int, g: Node) -> Node:
    """Return the cotangent that `node` sends to its input `which`."""
    if node.op in SCALARS:
        rule = SCALARS[node.op].slopes[which]
        if rule is None:
            raise CannotLower(
                f"no slope of '{node.op}' by its argument {which}", slug="not-covered",
                where=node.origin,
            )
        return sum_to(_times(g, rule(*node.inputs, node)), node.inputs[which].shape)
    if node.op in LINEAR:
        return LINEAR[node.op].transpose(node, g, which)
    raise CannotLower(
        f"no slope of the operation '{node.op}'", slug="not-covered", where=node.origin,
    )


def _times(g: Node, local: Node) -> Node:
    """Multiply, leaving out an exact factor of one: it would only cost time."""
    if _is_one(local):
        return g
    if local.op == "negative" and _is_one(local.inputs[0]):
        return -g
    if local.op == "zero":
        return structural_zero(np.broadcast_shapes(g.shape, local.shape), g.dtype)
    return g * local


def _is_one(node: Node) -> bool:
    return node.op == "constant" and node.shape == () and float(node.params["value"]) == 1.0
