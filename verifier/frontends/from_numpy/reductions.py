"""What node does a sum, a mean, a largest entry or a yes/no over an axis become?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...graph.node import Node, apply
from ...primitives.linear import (
    arg, broadcast_to, cast, compare, cumulative_sum, gather, reshape, select, sum_over, take,
    transpose,
)
from .chains import chain, product
from .operands import dtype_name, is_traced, loop_dtype, plain, real, truth
from .trace import Trace

Handler = Callable[..., Any]
_NONE = getattr(np, "_NoValue", None)


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


def _kept(trace: Trace, x: Node, where: Any, fill: float) -> Node:
    if where is True or where is _NONE:
        return x
    return select(truth(trace, where), x, trace.constant(fill, x.dtype))


def _sum(trace: Trace, result: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
         keepdims: Any = False, initial: Any = 0, where: Any = True) -> Node:
    x = _kept(trace, real(trace, a, loop_dtype(trace, result)), where, 0)
    total = summed(x, axes_of(axis, len(x.shape)), np.shape(result))
    if initial is _NONE or initial is None or (not is_traced(trace, initial) and initial == 0):
        return total
    return apply("add", total, real(trace, initial, x.dtype))


def _counted(trace: Trace, x: Node, axes: tuple[int, ...], where: Any, shape: Any) -> Node:
    if where is True or where is _NONE:
        return trace.constant(math.prod(x.shape[a] for a in axes), x.dtype)
    ones = _kept(trace, trace.constant(np.ones(x.shape), x.dtype), where, 0)
    return summed(ones, axes, shape)


def _mean(trace: Trace, result: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
          keepdims: Any = False, *, where: Any = True) -> Node:
    loop = loop_dtype(trace, result)
    x = real(trace, a, "float32" if loop == "float16" and dtype is None else loop)
    axes = axes_of(axis, len(x.shape))
    x = _kept(trace, broadcast(x, x.shape), where, 0)
    shape = np.shape(result)
    count = _counted(trace, x, axes, where, shape)
    return apply("divide", summed(x, axes, shape), count)


def variance(trace: Trace, a: Any, axes: tuple[int, ...], ddof: Any, where: Any, loop: str,
             shape: tuple[int, ...]) -> Node:
    """Return the mean of the squared distance from the mean, as numpy computes it."""
    x = real(trace, a, "float32" if loop == "float16" else loop)
    thin = tuple(1 if k in axes else n for k, n in enumerate(x.shape))
    count = _counted(trace, x, axes, where, thin)
    mean = apply("divide", summed(_kept(trace, x, where, 0), axes, thin), count)
    apart = apply("square", apply("subtract", x, mean))
    total = summed(_kept(trace, apart, where, 0), axes, thin)
    free = apply("subtract", count, trace.constant(ddof, x.dtype)) if ddof else count
    return reshape(apply("divide", total, free), shape)


def _var(trace: Trace, result: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
         ddof: Any = 0, keepdims: Any = False, *, where: Any = True, mean: Any = None,
         correction: Any = None) -> Node:
    axes = axes_of(axis, np.ndim(plain(a)))
    ddof = ddof if correction in (None, _NONE) else correction
    return variance(trace, a, axes, ddof, where, loop_dtype(trace, result), np.shape(result))


def _std(trace: Trace, result: Any, a: Any, *args: Any, **options: Any) -> Node:
    return apply("sqrt", _var(trace, result, a, *args, **options))


def extreme(trace: Trace, op: str, x: Node, axes: tuple[int, ...], shape: tuple[int, ...]) -> Node:
    """Return the largest (argmax) or smallest (argmin) entry over `axes`."""
    flat = last(x, axes)
    if flat.shape[-1] == 1:
        return reshape(flat, shape)
    place = arg(op, flat, -1)
    column = reshape(place, (*place.shape, 1))
    return reshape(take(flat, column, len(flat.shape) - 1), shape)


def _extreme(op: str, pair: str, worst: float) -> Handler:
    def lower(trace: Trace, result: Any, a: Any, axis: Any = None, out: Any = None,
              keepdims: Any = False, initial: Any = None, where: Any = True) -> Node:
        if np.asarray(result).dtype.kind == "b":
            return (_any if op == "argmax" else _all)(trace, result, a, axis)
        x = _kept(trace, real(trace, a, loop_dtype(trace, result)), where, worst)
        best = extreme(trace, op, x, axes_of(axis, len(x.shape)), np.shape(result))
        if initial is None or initial is _NONE:
            return best
        return apply(pair, best, real(trace, initial, x.dtype))

    return lower


_max, _min = _extreme("argmax", "maximum", -np.inf), _extreme("argmin", "minimum", np.inf)


def _ptp(trace: Trace, result: Any, a: Any, axis: Any = None, out: Any = None,
         keepdims: Any = False) -> Node:
    return apply("subtract", _max(trace, result, a, axis), _min(trace, result, a, axis))


def _arg(op: str) -> Handler:
    def lower(trace: Trace, result: Any, a: Any, axis: Any = None, out: Any = None, *,
              keepdims: Any = False) -> Node:
        x = real(trace, a, loop_dtype(trace, np.float32(0), plain(a))
                 if np.asarray(plain(a)).dtype.kind != "f" else dtype_name(plain(a)))
        flat = reshape(x, (x.size,)) if axis is None else x
        return reshape(arg(op, flat, -1 if axis is None else axis), np.shape(result))

    return lower


def _over(op: str) -> Handler:
    """Return any (logical_or) or all (logical_and), by halves."""

    def lower(trace: Trace, result: Any, a: Any, axis: Any = None, out: Any = None,
              keepdims: Any = False, *, where: Any = True) -> Node:
        x = truth(trace, a)
        neutral = trace.constant(op == "logical_and", "bool")
        if where is not True and where is not _NONE:
            x = select(truth(trace, where), x, neutral)
        flat = last(x, axes_of(axis, len(x.shape)))
        if not flat.shape[-1]:
            return trace.constant(np.full(np.shape(result), op == "logical_and"), "bool")
        while flat.shape[-1] > 1:
            half, grid = flat.shape[-1] // 2, trace.grid(flat.shape)
            rest = gather([flat], grid[..., 2 * half:])
            pair = apply(op, gather([flat], grid[..., :half]),
                         gather([flat], grid[..., half:2 * half]), dtype="bool")
            odd = flat.shape[-1] % 2
            flat = pair if not odd else _joined(trace, pair, rest)
        return reshape(flat, np.shape(result))

    return lower


def _joined(trace: Trace, a: Node, b: Node) -> Node:
    places = (trace.grid(a.shape), trace.grid(b.shape) + a.size)
    return gather([a, b], np.concatenate(places, axis=-1))


_any, _all = _over("logical_or"), _over("logical_and")


def _prod(trace: Trace, result: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
          keepdims: Any = False, initial: Any = None, where: Any = True) -> Node:
    x = _kept(trace, real(trace, a, loop_dtype(trace, result)), where, 1)
    total = reshape(product(trace, last(x, axes_of(axis, len(x.shape)))), np.shape(result))
    if initial is None or initial is _NONE:
        return total
    return apply("multiply", total, real(trace, initial, x.dtype))


def _cumsum(trace: Trace, result: Any, a: Any, axis: Any = None, dtype: Any = None,
            out: Any = None) -> Node:
    x = real(trace, a, loop_dtype(trace, result))
    flat = reshape(x, (x.size,)) if axis is None else x
    return cumulative_sum(flat, -1 if axis is None else axis)


def _cumprod(trace: Trace, result: Any, a: Any, axis: Any = None, dtype: Any = None,
             out: Any = None) -> Node:
    return chain(trace, np.multiply, a.reshape(-1) if axis is None else a, axis or 0)


def _count_nonzero(trace: Trace, result: Any, a: Any, axis: Any = None, *,
                   keepdims: Any = False) -> Node:
    ones = select(truth(trace, a), trace.constant(1, "float64"), trace.constant(0, "float64"))
    return summed(ones, axes_of(axis, len(ones.shape)), np.shape(result))


def _average(trace: Trace, result: Any, a: Any, axis: Any = None, weights: Any = None,
             returned: bool = False, *, keepdims: Any = False) -> Node:
    if returned:
        raise trace.refuse("np.average(returned=True) is not lifted", "Sum the weights yourself.")
    if weights is None:
        return _mean(trace, result, a, axis)
    x = real(trace, a, loop_dtype(trace, result))
    w = real(trace, weights, x.dtype)
    axes = axes_of(axis, len(x.shape))
    if w.shape != x.shape:
        w = reshape(w, tuple(n if k in axes else 1 for k, n in enumerate(x.shape)))
    full = broadcast_to(w, x.shape)
    total = summed(apply("multiply", x, full), axes, np.shape(result))
    return apply("divide", total, summed(full, axes, np.shape(result)))


def _without_nan(handler: Handler, fill: float) -> Handler:
    def lower(trace: Trace, result: Any, a: Any, *args: Any, **options: Any) -> Node:
        bad = np.isnan(a)
        return handler(trace, result, np.where(bad, fill, a), *args, **options)

    return lower


def _nanmean(trace: Trace, result: Any, a: Any, axis: Any = None, **options: Any) -> Node:
    return _mean(trace, result, a, axis, where=~np.isnan(a))


REDUCTIONS: Mapping[Callable[..., Any], Handler] = {
    np.sum: _sum, np.mean: _mean, np.var: _var, np.std: _std, np.max: _max, np.min: _min,
    np.amax: _max, np.amin: _min, np.ptp: _ptp, np.argmax: _arg("argmax"),
    np.argmin: _arg("argmin"), np.any: _any, np.all: _all, np.prod: _prod, np.cumsum: _cumsum,
    np.cumprod: _cumprod, np.count_nonzero: _count_nonzero, np.average: _average,
    np.nansum: _without_nan(_sum, 0), np.nanmean: _nanmean,
    np.nanmax: _without_nan(_max, -np.inf), np.nanmin: _without_nan(_min, np.inf),
}
OF_UFUNC: Mapping[str, Callable[..., Any]] = {
    "add": np.sum, "multiply": np.prod, "maximum": np.max, "minimum": np.min,
    "logical_and": np.all, "logical_or": np.any, "bitwise_and": np.all, "bitwise_or": np.any,
}
