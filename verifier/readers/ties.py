"""Which entries of a decision that was moved, joined or chosen were settled by an exact tie?"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.node import Node
from ..primitives.linear import LINEAR

Array = np.ndarray
MOVED = frozenset({"reshape", "transpose", "broadcast", "gather"})
ENTRYWISE = frozenset({"select", "cast"})


def carried_ties(node: Node, ties: dict[Node, Array]) -> Array | None:
    """Return where an entry of the discrete `node` stems from a tied one, None if nowhere."""
    if not any(i in ties and ties[i].any() for i in node.inputs):
        return None
    masks = [np.broadcast_to(ties.get(i, np.zeros(i.shape, dtype=bool)), i.shape)
             for i in node.inputs]
    if node.op in MOVED:
        moved: Any = LINEAR[node.op].evaluate
        return np.asarray(moved(node, *masks), dtype=bool)
    if node.op in ENTRYWISE:
        return np.asarray(np.any([np.broadcast_to(m, node.shape) for m in masks], axis=0))
    return np.ones(node.shape, dtype=bool)
