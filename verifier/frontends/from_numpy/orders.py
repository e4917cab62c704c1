"""What node does sorting become, and what is decided by searching?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...graph.node import Node, apply
from ...primitives.linear import arg, compare, gather, reshape, scatter, take
from .axes import axes_of, last
from .operands import dtype_name, is_traced, loop_dtype, plain, real
from .trace import Trace

Handler = Callable[..., Any]


def sorted_last(x: Node) -> Node:
    """Return `x` sorted along its last axis."""
    return take(x, arg("argsort", x, -1), len(x.shape) - 1)


def _sort(trace: Trace, result: Any, a: Any, axis: Any = -1, *args: Any, **options: Any) -> Node:
    x = real(trace, a, dtype_name(result))
    flat, place = (reshape(x, (x.size,)), 0) if axis is None else (x, axis % len(x.shape))
    return take(flat, arg("argsort", flat, place), place)


def _argsort(trace: Trace, result: Any, a: Any, axis: Any = -1, *args: Any, **options: Any) -> Node:
    x = real(trace, a, loop_dtype(trace, np.float32(0), plain(a)))
    return arg(
        "argsort", reshape(x, (x.size,)) if axis is None else x, -1 if axis is None else axis
    )


def _partition(
    trace: Trace, result: Any, a: Any, kth: Any, axis: int = -1, *args: Any, **options: Any
) -> Node:
    order = np.argpartition(plain(a), kth, axis, *args, **options)
    _order_taken(trace, a, axis)
    return np.take_along_axis(a, order, axis).node  # type: ignore[attr-defined, no-any-return]


def _argpartition(
    trace: Trace, result: Any, a: Any, kth: Any, axis: int = -1, *args: Any, **options: Any
) -> Any:
    _order_taken(trace, a, axis)
    return result


def _order_taken(trace: Trace, a: Any, axis: int) -> None:
    order: Any = np.argsort(a, axis)
    if is_traced(trace, order):
        order.settled()


def _at_rank(trace: Trace, ordered: Node, rank: float) -> Node:
    """Return the entry at a fractional rank of the last axis, by numpy's linear method."""
    low = int(np.floor(rank))
    high, weight = min(low + 1, ordered.shape[-1] - 1), rank - low
    grid = trace.grid(ordered.shape)
    below = gather([ordered], grid[..., low])
    if weight == 0:
        return below
    above = gather([ordered], grid[..., high])
    step = apply("subtract", above, below)
    if weight >= 0.5:
        back = trace.constant(1 - weight, ordered.dtype)
        return apply("subtract", above, apply("multiply", step, back))
    return apply("add", below, apply("multiply", step, trace.constant(weight, ordered.dtype)))


def _median(
    trace: Trace,
    result: Any,
    a: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    keepdims: Any = False,
) -> Node:
    x = real(trace, a, loop_dtype(trace, result))
    ordered = sorted_last(last(x, axes_of(axis, len(x.shape))))
    count, grid = ordered.shape[-1], trace.grid(ordered.shape)
    middle = gather([ordered], grid[..., count // 2])
    if count % 2 == 0:
        lower = gather([ordered], grid[..., count // 2 - 1])
        middle = apply("divide", apply("add", lower, middle), trace.constant(2, x.dtype))
    return reshape(middle, np.shape(result))


def _quantile(percent: bool) -> Handler:
    def lower(
        trace: Trace,
        result: Any,
        a: Any,
        q: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: bool = False,
        **options: Any,
    ) -> Any:
        if method != "linear" or is_traced(trace, q) or np.ndim(q) > 1:
            raise trace.refuse(
                "this form of np.quantile is not lifted",
                "Use method='linear' and fixed fractions q.",
            )
        x = real(trace, a, loop_dtype(trace, result))
        ordered = sorted_last(last(x, axes_of(axis, len(x.shape))))
        fractions = np.atleast_1d(np.asarray(q, dtype="float64")) / (100 if percent else 1)
        parts = [_at_rank(trace, ordered, f * (ordered.shape[-1] - 1)) for f in fractions]
        sizes = np.cumsum([0, *(p.size for p in parts)])
        index = [trace.grid(p.shape) + s for p, s in zip(parts, sizes, strict=False)]
        return reshape(gather(parts, np.stack(index)), np.shape(result))

    return lower


def _searchsorted(
    trace: Trace, result: Any, a: Any, v: Any, side: str = "left", sorter: Any = None
) -> Any:
    dtype = loop_dtype(trace, np.float32(0), plain(a), plain(v))
    edges, x = real(trace, a, dtype), real(trace, v, dtype)
    column = reshape(x, (*x.shape, 1))
    passed = compare("less" if side == "left" else "less_equal", edges, column)
    compared = np.less if side == "left" else np.less_equal
    trace.decide(passed, compared(np.asarray(plain(a)), np.asarray(plain(v))[..., None]))
    return result


def _digitize(trace: Trace, result: Any, x: Any, bins: Any, right: bool = False) -> Any:
    _searchsorted(trace, result, bins, x, "left" if right else "right")
    return result


def _settling(trace: Trace, result: Any, *args: Any, **options: Any) -> Any:
    """A result that is plain numbers once the masks it reads are decided."""
    for value in (*args, *options.values()):
        if is_traced(trace, value) and value.live:
            if value.dtype.kind == "f":
                (value != 0).settled()
            else:
                value.settled()
    return result


def _bincount(
    trace: Trace, result: Any, x: Any, weights: Any = None, minlength: int = 0
) -> Any:
    _settling(trace, result, x)
    if not (is_traced(trace, weights) and weights.live):
        return result
    return scatter(real(trace, weights, dtype_name(result)), np.asarray(plain(x)), result.shape)


def _refused(hint: str) -> Handler:
    def lower(trace: Trace, result: Any, *args: Any, **options: Any) -> Any:
        raise trace.refuse("this function returns an array whose shape depends on values", hint)

    return lower


ORDERS: Mapping[Callable[..., Any], Handler] = {
    np.sort: _sort,
    np.argsort: _argsort,
    np.partition: _partition,
    np.argpartition: _argpartition,
    np.median: _median,
    np.percentile: _quantile(True),
    np.quantile: _quantile(False),
    np.searchsorted: _searchsorted,
    np.digitize: _digitize,
    np.nonzero: _settling,
    np.flatnonzero: _settling,
    np.argwhere: _settling,
    np.bincount: _bincount,
    np.unique: _refused("Compute the distinct values from the data, outside the function."),
}
