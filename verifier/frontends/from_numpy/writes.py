"""Where does each entry of a buffer come from, after assignments into it?"""

from __future__ import annotations

from typing import final

import numpy as np

from ...graph.node import Node
from ...primitives.linear import broadcast_to, gather, reshape, transpose
from ...verdicts import Origin


@final
class Writes:
    """The entries of one buffer, each an entry of some node, after assignments.

    A read of one entry gives the node that was assigned, without passing through the buffer:
    loops over scalars stay graphs of scalars.
    """

    def __init__(self, node: Node) -> None:
        self.sources = [node]
        self.source = np.zeros(node.size, dtype=np.int64)
        self.offset = np.arange(node.size, dtype=np.int64)

    def write(self, positions: np.ndarray, node: Node) -> None:
        """Let the entries at flat `positions` be those of `node` (of that shape, or size 1)."""
        flat = positions.ravel()
        self.source[flat] = len(self.sources)
        self.offset[flat] = np.arange(node.size) if node.size == flat.size else 0
        self.sources.append(node)

    def read(self, positions: np.ndarray, origin: Origin | None) -> Node:
        """Return the entries at flat `positions` as one node of that shape."""
        if positions.size == 1:
            place = int(positions.item())
            node = self.sources[self.source[place]]
            if node.size > 1:
                index = np.full(positions.shape, self.offset[place])
                return gather([node], index, origin=origin)
            return reshape(node, positions.shape, origin=origin)
        which, offset = self.source[positions], self.offset[positions]
        used, rank = np.unique(which, return_inverse=True)
        nodes = [self.sources[k] for k in used]
        starts = np.cumsum([0, *(n.size for n in nodes)])
        return gathered(nodes, starts[rank.reshape(which.shape)] + offset, origin)


def gathered(nodes: list[Node], index: np.ndarray, origin: Origin | None) -> Node:
    """Return the entries of `nodes` at `index`, as a reshape where it is no more than that."""
    if len(nodes) == 1 and nodes[0].size == 1 and index.size:
        one = reshape(nodes[0], (), origin=origin)
        return broadcast_to(one, index.shape, origin=origin)
    if len(nodes) == 1 and index.size == nodes[0].size:
        flat = index.ravel()
        if np.array_equal(flat, np.arange(flat.size)):
            return reshape(nodes[0], index.shape, origin=origin)
    return gather(nodes, index, origin=origin)


def rearranged(node: Node, index: np.ndarray, grid: np.ndarray, origin: Origin | None) -> Node:
    """Return the entries of `node` at `index`, cheaply where `index` is a view of its `grid`.

    The strides of such a view tell a transpose, a reshape or a broadcast from a selection.
    """
    cheap = _by_strides(node, index, origin) if np.may_share_memory(index, grid) else None
    return cheap or gathered([node], index, origin)


def _by_strides(node: Node, index: np.ndarray, origin: Origin | None) -> Node | None:
    if index.size == 0 or node.size == 0:
        return None
    kept = [a for a, n in enumerate(index.shape) if n > 1 and index.strides[a] != 0]
    first = tuple(slice(None) if a in kept else 0 for a in range(index.ndim))
    core = np.asarray(index[first])
    order = sorted(range(core.ndim), key=lambda a: -core.strides[a])
    plain = core.transpose(order)
    whole = core.size == node.size and plain.flags.c_contiguous
    if not whole or plain.flat[0] != 0 or plain.ravel()[-1] != node.size - 1:
        return None
    back = [order.index(a) for a in range(core.ndim)]
    out = transpose(reshape(node, plain.shape, origin=origin), back, origin=origin)
    thin = tuple(n if a in kept else 1 for a, n in enumerate(index.shape))
    return broadcast_to(reshape(out, thin, origin=origin), index.shape, origin=origin)
