"""What node does a sum, a mean, a largest entry or a yes/no over an axis become?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...graph.node import Node, apply
from ...primitives.linear import broadcast_to, cumulative_sum, reshape, select
from .axes import NONE, Handler, axes_of, broadcast, kept, last, summed
from .chains import chain, product
from .extremes import all_of, any_of, largest, peak_to_peak, place_of, smallest
from .operands import is_traced, loop_dtype, plain, real, truth
from .trace import Trace


def _sum(
    trace: Trace,
    result: Any,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = 0,
    where: Any = True,
) -> Node:
    x = kept(trace, real(trace, a, loop_dtype(trace, result)), where, 0)
    total = summed(x, axes_of(axis, len(x.shape)), np.shape(result))
    if initial is NONE or initial is None or (not is_traced(trace, initial) and initial == 0):
        return total
    return apply("add", total, real(trace, initial, x.dtype))


def _counted(trace: Trace, x: Node, axes: tuple[int, ...], where: Any, shape: Any) -> Node:
    if where is True or where is NONE:
        return trace.constant(math.prod(x.shape[a] for a in axes), x.dtype)
    ones = kept(trace, trace.constant(np.ones(x.shape), x.dtype), where, 0)
    return summed(ones, axes, shape)


def _mean(
    trace: Trace,
    result: Any,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    *,
    where: Any = True,
) -> Node:
    loop = loop_dtype(trace, result)
    x = real(trace, a, "float32" if loop == "float16" and dtype is None else loop)
    axes = axes_of(axis, len(x.shape))
    x = kept(trace, broadcast(x, x.shape), where, 0)
    shape = np.shape(result)
    count = _counted(trace, x, axes, where, shape)
    return apply("divide", summed(x, axes, shape), count)


def variance(
    trace: Trace,
    a: Any,
    axes: tuple[int, ...],
    ddof: Any,
    where: Any,
    loop: str,
    shape: tuple[int, ...],
) -> Node:
    """Return the mean of the squared distance from the mean, as numpy computes it."""
    x = real(trace, a, "float32" if loop == "float16" else loop)
    thin = tuple(1 if k in axes else n for k, n in enumerate(x.shape))
    count = _counted(trace, x, axes, where, thin)
    mean = apply("divide", summed(kept(trace, x, where, 0), axes, thin), count)
    apart = apply("square", apply("subtract", x, mean))
    total = summed(kept(trace, apart, where, 0), axes, thin)
    free = apply("subtract", count, trace.constant(ddof, x.dtype)) if ddof else count
    return reshape(apply("divide", total, free), shape)


def _var(
    trace: Trace,
    result: Any,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Node:
    axes = axes_of(axis, np.ndim(plain(a)))
    ddof = ddof if correction in (None, NONE) else correction
    return variance(trace, a, axes, ddof, where, loop_dtype(trace, result), np.shape(result))


def _std(trace: Trace, result: Any, a: Any, *args: Any, **options: Any) -> Node:
    return apply("sqrt", _var(trace, result, a, *args, **options))


def _prod(
    trace: Trace,
    result: Any,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = None,
    where: Any = True,
) -> Node:
    x = kept(trace, real(trace, a, loop_dtype(trace, result)), where, 1)
    total = reshape(product(trace, last(x, axes_of(axis, len(x.shape)))), np.shape(result))
    if initial is None or initial is NONE:
        return total
    return apply("multiply", total, real(trace, initial, x.dtype))


def _cumsum(
    trace: Trace, result: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None
) -> Node:
    x = real(trace, a, loop_dtype(trace, result))
    flat = reshape(x, (x.size,)) if axis is None else x
    return cumulative_sum(flat, -1 if axis is None else axis)


def _cumprod(
    trace: Trace, result: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None
) -> Node:
    return chain(trace, np.multiply, a.reshape(-1) if axis is None else a, axis or 0)


def _count_nonzero(
    trace: Trace, result: Any, a: Any, axis: Any = None, *, keepdims: Any = False
) -> Node:
    ones = select(truth(trace, a), trace.constant(1, "float64"), trace.constant(0, "float64"))
    return summed(ones, axes_of(axis, len(ones.shape)), np.shape(result))


def _average(
    trace: Trace,
    result: Any,
    a: Any,
    axis: Any = None,
    weights: Any = None,
    returned: bool = False,
    *,
    keepdims: Any = False,
) -> Node:
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
    def lower(trace: Trace, result: Any, a: Any, *args: Any, **options: Any) -> Any:
        bad = np.isnan(a)
        return handler(trace, result, np.where(bad, fill, a), *args, **options)

    return lower


def _nanmean(trace: Trace, result: Any, a: Any, axis: Any = None, **options: Any) -> Node:
    return _mean(trace, result, a, axis, where=~np.isnan(a))


REDUCTIONS: Mapping[Callable[..., Any], Handler] = {
    np.sum: _sum,
    np.mean: _mean,
    np.var: _var,
    np.std: _std,
    np.max: largest,
    np.min: smallest,
    np.amax: largest,
    np.amin: smallest,
    np.ptp: peak_to_peak,
    np.argmax: place_of("argmax"),
    np.argmin: place_of("argmin"),
    np.any: any_of,
    np.all: all_of,
    np.prod: _prod,
    np.cumsum: _cumsum,
    np.cumprod: _cumprod,
    np.count_nonzero: _count_nonzero,
    np.average: _average,
    np.nansum: _without_nan(_sum, 0),
    np.nanmean: _nanmean,
    np.nanmax: _without_nan(largest, -np.inf),
    np.nanmin: _without_nan(smallest, np.inf),
}
OF_UFUNC: Mapping[str, Callable[..., Any]] = {
    "add": np.sum,
    "multiply": np.prod,
    "maximum": np.max,
    "minimum": np.min,
    "logical_and": np.all,
    "logical_or": np.any,
    "bitwise_and": np.all,
    "bitwise_or": np.any,
}
