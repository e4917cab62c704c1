"""Were contributions overwritten where they must add up: ``g[i] = d`` where ``g[i] += d`` belongs?

An entry that the forward reads several times gets a part of the gradient from each reading. Here
only the last reading, or the first, counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ..graph.node import Node
from ..graph.order import depends_on, topological
from ..primitives.linear import scatter
from ..readers.fault import Diagnosis, Fault
from ..readers.slope import Detour
from .problem import Problem
from .saying import called, quoted
from .surgery import Mutation, by_surgery

Array = np.ndarray
REMEDY = "Add to what is there: +=, or np.add.at where an index may repeat."


def overwritten(fault: Fault, labels: tuple[str, ...]) -> Diagnosis | None:
    """Suspect that entries used several times keep one part of their gradient only."""
    return by_surgery(fault, labels, overwriting)


def overwriting(problem: Problem, fault: Fault) -> Iterator[Mutation]:
    """Yield the gradients in which one reading of each entry counts, by source and by line."""
    touched = depends_on([problem.output], problem.wrt.values())
    readers: dict[Node, list[Node]] = {}
    for node in topological([problem.output]):
        if node.op == "gather" and len(node.inputs) == 1 and node in touched:
            readers.setdefault(node.inputs[0], []).append(node)
    for source, nodes in readers.items():
        for which, order in (("last", nodes), ("first", nodes[::-1])):
            replaced = _kept(source, order, which == "first")
            if replaced:
                said = (f"the parts of {called(source, problem.output)} are overwritten instead of "
                        f"added up: only the {which} use of each entry in "
                        f"{quoted(nodes[-1].origin)} counts")
                yield Mutation("overwritten", replaced, said, REMEDY)


def _kept(source: Node, nodes: Sequence[Node], backwards: bool) -> Mapping[Node, Detour]:
    """Return rules by which each entry hears of its last reading only; none if all are single."""
    owner = np.full(source.size, -1, dtype=np.int64)
    offsets = np.cumsum([0, *(n.size for n in nodes)])
    for node, start in zip(nodes, offsets[:-1], strict=True):
        index = node.params["index"].ravel()
        places = start + np.arange(index.size)
        if backwards:
            index, places = index[::-1], places[::-1]
        owner[index[index >= 0]] = places[index >= 0]
    rules: dict[Node, Detour] = {}
    lost = False
    for node, start in zip(nodes, offsets[:-1], strict=True):
        index = node.params["index"].ravel()
        mine = (index >= 0) & (owner[index] == start + np.arange(index.size))
        lost = lost or bool(np.any((index >= 0) & ~mine))
        rules[node] = _only(np.where(mine, index, -1).reshape(node.shape))
    return rules if lost else {}


def _only(index: Array) -> Detour:
    return lambda node, g: {
        node.inputs[0]: scatter(g, index, node.inputs[0].shape, absent=True)}
