"""Which differences are zero whatever the inputs are? x[i] - x[i] on the diagonal of all pairs.

Such an entry is written as an exact 0, on which no slope can hang: the root of it is the number 0
there, not the edge of a domain.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..frontends.lifted import Lifted
from ..graph.node import Condition, Node
from ..graph.order import topological
from ..graph.rewrite import rewritten
from ..primitives.linear import gather

Array = np.ndarray
STRUCTURAL = frozenset({"gather", "reshape", "transpose", "broadcast"})
NOWHERE = -1


def without_self_differences(lifted: Lifted) -> Lifted:
    """Return the graph with every entry of a - b that is one entry of an input twice as 0."""
    if not isinstance(lifted.output, Node):
        return lifted
    wanted = [lifted.output, *(c.node for c in lifted.path)]
    sources: dict[Node, Array] = {}
    swap: dict[Node, Node] = {}
    starts: dict[Node, int] = {}
    for node in topological(wanted):
        if node.op == "input":
            starts[node] = sum(n.size for n in starts)
        if node.op != "subtract" or not all(i.op in STRUCTURAL for i in node.inputs):
            continue
        one, other = (np.broadcast_to(_places(i, starts, sources), node.shape)
                      for i in node.inputs)
        same = (one == other) & (one != NOWHERE)
        if same.any():
            index = np.where(same, -1, np.arange(node.size).reshape(node.shape))
            swap[node] = gather([node], index, origin=node.origin)
    if not swap:
        return lifted
    output, *nodes = rewritten(wanted, swap)  # operands stay: they only move entries
    path = tuple(Condition(n, c.taken, c.origin) for n, c in zip(nodes, lifted.path, strict=True))
    return replace(lifted, output=output, path=path)


def _places(node: Node, starts: dict[Node, int], known: dict[Node, Array]) -> Array:
    """Return for each entry which entry of all inputs, joined, it is; NOWHERE if it is none."""
    for each in topological([node]):
        if each not in known:
            known[each] = _place(each, starts, known)
    return known[node]


def _place(node: Node, starts: dict[Node, int], known: dict[Node, Array]) -> Array:
    if node.op == "input":
        return np.arange(node.size).reshape(node.shape) + starts[node]
    if node.op not in STRUCTURAL:
        return np.full(node.shape, NOWHERE)
    if node.op == "gather":
        flat = np.concatenate([*(known[i].ravel() for i in node.inputs), [NOWHERE]])
        return np.asarray(flat[node.params["index"]])
    (source,) = (known[i] for i in node.inputs)
    if node.op == "reshape":
        return source.reshape(node.shape)
    if node.op == "transpose":
        return source.transpose(node.params["axes"])
    return np.broadcast_to(source, node.shape)
