"""A graph with some nodes replaced; what does not depend on them is shared with the old graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..graph.node import Node
from ..graph.order import topological


def rewritten(outputs: Iterable[Node], replaced: Mapping[Node, Node]) -> list[Node]:
    """Return `outputs` with every occurrence of a key of `replaced` as its value."""
    wanted = list(outputs)
    new: dict[Node, Node] = {}
    for node in topological(wanted):
        if node in replaced:
            new[node] = replaced[node]
            continue
        inputs = tuple(new[i] for i in node.inputs)
        changed = any(a is not b for a, b in zip(inputs, node.inputs, strict=True))
        new[node] = Node(node.op, inputs, node.params, node.shape, node.dtype,
                         node.origin) if changed else node
    return [new[o] for o in wanted]
