"""A graph with some nodes replaced, or with equal parts shared; the rest is the old graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .node import Node
from .order import topological


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


def unified(outputs: Iterable[Node]) -> list[Node]:
    """Return `outputs` with equal parts as one node: same op, parameters and inputs."""
    wanted = list(outputs)
    new: dict[Node, Node] = {}
    first: dict[Any, Node] = {}
    for node in topological(wanted):
        inputs = tuple(new[i] for i in node.inputs)
        key = (node.op, tuple(id(i) for i in inputs), _params_of(node), node.shape, node.dtype)
        if node.op != "input" and key in first:
            new[node] = first[key]
            continue
        changed = any(a is not b for a, b in zip(inputs, node.inputs, strict=True))
        new[node] = first[key] = Node(
            node.op, inputs, node.params, node.shape, node.dtype, node.origin
        ) if changed else node
    return [new[o] for o in wanted]


def _params_of(node: Node) -> Any:
    return tuple((k, _hashable(v)) for k, v in sorted(node.params.items()))


def _hashable(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    return repr(value)
