"""How is a function of two numbers run along an axis? One slice after another, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...graph.node import Node, apply
from ...primitives.linear import gather
from .operands import plain
from .trace import Trace

LIMIT = 4096


def slices(trace: Trace, array: Any, axis: int) -> list[Any]:
    """Return the slices of `array` along `axis`, first to last."""
    count = np.shape(plain(array))[axis]
    if count > LIMIT:
        raise trace.refuse(
            f"a chain over {count} slices is too long to lift", "Use a sum, or a smaller array."
        )
    place = (slice(None),) * (axis % np.ndim(plain(array)))
    return [array[(*place, k)] for k in range(count)]


def chain(trace: Trace, ufunc: Callable[..., Any], array: Any, axis: int) -> Node:
    """Return the node of all partial results of `ufunc` along `axis`."""
    parts = slices(trace, array, axis)
    running = parts[:1]
    for part in parts[1:]:
        running.append(ufunc(running[-1], part))
    return np.stack(running, axis=axis).node  # type: ignore[attr-defined, no-any-return]


def product(trace: Trace, x: Node) -> Node:
    """Return the product over the last axis, multiplied in order (right at zeros)."""
    count = x.shape[-1]
    if count > LIMIT:
        raise trace.refuse(f"a product of {count} factors is too long to lift")
    grid = trace.grid(x.shape)
    total = trace.constant(np.ones(x.shape[:-1]), x.dtype)
    for k in range(count):
        part = gather([x], grid[..., k])
        total = part if k == 0 else apply("multiply", total, part)
    return total
