"""How are axes named, moved to the end, kept or masked, before something is reduced?"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...graph.node import Node
from ...primitives.linear import broadcast_to, reshape, select, sum_over, transpose
from .operands import truth
from .trace import Trace

Handler = Callable[..., Any]
NONE = getattr(np, "_NoValue", None)


def axes_of(axis: Any, rank: int) -> tuple[int, ...]:
    """Return `axis` as a sorted tuple of axes; None means all."""
    if axis is None:
        return tuple(range(rank))
    given = (axis,) if isinstance(axis, (int, np.integer)) else tuple(axis)
    return tuple(sorted(int(a) % rank if rank else 0 for a in given))


def broadcast(node: Node, shape: tuple[int, ...]) -> Node:
    """Return `node` broadcast to `shape`, leading size-1 axes beyond its rank dropped."""
    extra = len(node.shape) - len(shape)
    return broadcast_to(reshape(node, node.shape[extra:]) if extra > 0 else node, shape)


def last(x: Node, axes: tuple[int, ...]) -> Node:
    """Return `x` with `axes` moved to the end and flattened into one."""
    kept = [a for a in range(len(x.shape)) if a not in axes]
    count = math.prod(x.shape[a] for a in axes)
    moved = transpose(x, (*kept, *axes)) if x.shape else x
    return reshape(moved, (*(x.shape[a] for a in kept), count))


def summed(x: Node, axes: tuple[int, ...], shape: tuple[int, ...]) -> Node:
    """Return the sum of `x` over `axes` as an array of `shape` (axes kept or not)."""
    return reshape(sum_over(x, axes) if x.shape and axes else x, shape)


def kept(trace: Trace, x: Node, where: Any, fill: float) -> Node:
    if where is True or where is NONE:
        return x
    return select(truth(trace, where), x, trace.constant(fill, x.dtype))
