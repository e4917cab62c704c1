"""What node does a largest entry, its place, or a yes/no over an axis become?"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...graph.node import Node, apply
from ...primitives.linear import arg, gather, reshape, select, take
from .axes import NONE, Handler, axes_of, kept, last
from .operands import dtype_name, loop_dtype, plain, real, truth
from .trace import Trace


def extreme(trace: Trace, op: str, x: Node, axes: tuple[int, ...], shape: tuple[int, ...]) -> Node:
    """Return the largest (argmax) or smallest (argmin) entry over `axes`."""
    flat = last(x, axes)
    if flat.shape[-1] == 1:
        return reshape(flat, shape)
    place = arg(op, flat, -1)
    column = reshape(place, (*place.shape, 1))
    return reshape(take(flat, column, len(flat.shape) - 1), shape)


def _extreme(op: str, pair: str, worst: float) -> Handler:
    def lower(
        trace: Trace,
        result: Any,
        a: Any,
        axis: Any = None,
        out: Any = None,
        keepdims: Any = False,
        initial: Any = None,
        where: Any = True,
    ) -> Any:
        if np.asarray(result).dtype.kind == "b":
            return (any_of if op == "argmax" else all_of)(trace, result, a, axis)
        x = kept(trace, real(trace, a, loop_dtype(trace, result)), where, worst)
        best = extreme(trace, op, x, axes_of(axis, len(x.shape)), np.shape(result))
        if initial is None or initial is NONE:
            return best
        return apply(pair, best, real(trace, initial, x.dtype))

    return lower


largest, smallest = _extreme("argmax", "maximum", -np.inf), _extreme("argmin", "minimum", np.inf)


def peak_to_peak(
    trace: Trace, result: Any, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False
) -> Node:
    return apply("subtract", largest(trace, result, a, axis), smallest(trace, result, a, axis))


def place_of(op: str) -> Handler:
    def lower(
        trace: Trace,
        result: Any,
        a: Any,
        axis: Any = None,
        out: Any = None,
        *,
        keepdims: Any = False,
    ) -> Node:
        x = real(
            trace,
            a,
            loop_dtype(trace, np.float32(0), plain(a))
            if np.asarray(plain(a)).dtype.kind != "f"
            else dtype_name(plain(a)),
        )
        flat = reshape(x, (x.size,)) if axis is None else x
        return reshape(arg(op, flat, -1 if axis is None else axis), np.shape(result))

    return lower


def _over(op: str) -> Handler:
    """Return any (logical_or) or all (logical_and), by halves."""

    def lower(
        trace: Trace,
        result: Any,
        a: Any,
        axis: Any = None,
        out: Any = None,
        keepdims: Any = False,
        *,
        where: Any = True,
    ) -> Node:
        x = truth(trace, a)
        neutral = trace.constant(op == "logical_and", "bool")
        if where is not True and where is not NONE:
            x = select(truth(trace, where), x, neutral)
        flat = last(x, axes_of(axis, len(x.shape)))
        if not flat.shape[-1]:
            return trace.constant(np.full(np.shape(result), op == "logical_and"), "bool")
        while flat.shape[-1] > 1:
            half, grid = flat.shape[-1] // 2, trace.grid(flat.shape)
            rest = gather([flat], grid[..., 2 * half :])
            pair = apply(
                op,
                gather([flat], grid[..., :half]),
                gather([flat], grid[..., half : 2 * half]),
                dtype="bool",
            )
            odd = flat.shape[-1] % 2
            flat = pair if not odd else _joined(trace, pair, rest)
        return reshape(flat, np.shape(result))

    return lower


def _joined(trace: Trace, a: Node, b: Node) -> Node:
    places = (trace.grid(a.shape), trace.grid(b.shape) + a.size)
    return gather([a, b], np.concatenate(places, axis=-1))


any_of, all_of = _over("logical_or"), _over("logical_and")
