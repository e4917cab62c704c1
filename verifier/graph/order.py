"""In which order a graph is read: every node after its inputs, each once, without recursion."""

from __future__ import annotations

from collections.abc import Iterable

from .node import Node


def topological(outputs: Iterable[Node]) -> list[Node]:
    """Return all nodes `outputs` depend on, inputs first, in an order that is always the same."""
    done: set[Node] = set()
    found: list[Node] = []
    for output in outputs:
        stack: list[Node | None] = [output]
        opened: list[Node] = []  # whose inputs are on the stack, above the None that closes them
        while stack:
            node = stack.pop()
            if node is None:
                found.append(opened.pop())
            elif node not in done:
                done.add(node)
                if node.inputs:
                    opened.append(node)
                    stack.append(None)
                    stack.extend(node.inputs[::-1])
                else:
                    found.append(node)
    return found


def depends_on(outputs: Iterable[Node], variables: Iterable[Node]) -> set[Node]:
    """Return the nodes below `outputs` whose value can change when `variables` change."""
    touched = set(variables)
    for node in topological(outputs):
        if any(i in touched for i in node.inputs):
            touched.add(node)
    return touched
