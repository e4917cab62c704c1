"""In which order a graph is read: every node after its inputs, each once, without recursion."""

from __future__ import annotations

from collections.abc import Iterable

from .node import Node


def topological(outputs: Iterable[Node]) -> list[Node]:
    """Return all nodes `outputs` depend on, inputs first, in an order that is always the same."""
    done: set[Node] = set()
    found: list[Node] = []
    for output in outputs:
        stack: list[tuple[Node, bool]] = [(output, False)]
        while stack:
            node, ready = stack.pop()
            if ready:
                found.append(node)
            elif node not in done:
                done.add(node)
                stack.append((node, True))
                stack.extend((i, False) for i in reversed(node.inputs) if i not in done)
    return found


def depends_on(outputs: Iterable[Node], variables: Iterable[Node]) -> set[Node]:
    """Return the nodes below `outputs` whose value can change when `variables` change."""
    touched = set(variables)
    for node in topological(outputs):
        if any(i in touched for i in node.inputs):
            touched.add(node)
    return touched
