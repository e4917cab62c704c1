"""What node does a choice between values become: where, clip, select, take_along_axis?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...graph.node import Node, apply
from ...primitives.linear import reshape, select, take
from .operands import dtype_name, is_traced, loop_dtype, plain, real, truth, wrapped
from .structure import node_at
from .trace import Trace
from .traced import Traced

Handler = Callable[..., Any]


def _where(trace: Trace, result: Any, condition: Any, *branches: Any) -> Any:
    if not branches:
        return result if not is_traced(trace, condition) else np.nonzero(condition)
    dtype = dtype_name(result)
    if not is_traced(trace, condition) or not condition.live:
        return _static(trace, result, plain(condition), *branches)
    make = truth if dtype == "bool" else lambda t, v: real(t, v, dtype)
    return select(truth(trace, condition), *(make(trace, b) for b in branches))


def _static(trace: Trace, result: Any, condition: Any, a: Any, b: Any) -> Node:
    """A mask that is data chooses entries for good: what it hides is never computed."""
    first = trace.grid(np.shape(plain(a))) + 1
    second = trace.grid(np.shape(plain(b))) + 1 + first.size
    return node_at(trace, [a, b], np.where(condition, first, second), result)


def _clip(
    trace: Trace,
    result: Any,
    a: Any,
    a_min: Any = None,
    a_max: Any = None,
    out: Any = None,
    *,
    min: Any = None,
    max: Any = None,
    **options: Any,
) -> Node:
    dtype = loop_dtype(trace, result)
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    node = real(trace, a, dtype)
    if low is not None:
        node = apply("maximum", node, real(trace, low, dtype))
    return node if high is None else apply("minimum", node, real(trace, high, dtype))


def _select(trace: Trace, result: Any, conditions: Any, choices: Any, default: Any = 0) -> Any:
    out = default
    for condition, choice in reversed(list(zip(conditions, choices, strict=True))):
        out = np.where(condition, choice, out)
    node = real(trace, out, dtype_name(result))
    return (
        node
        if node.shape == np.shape(result)
        else real(trace, np.broadcast_to(out, np.shape(result)), dtype_name(result))
    )


def _take_along(trace: Trace, result: Any, arr: Any, indices: Any, axis: Any = -1) -> Any:
    if axis is None:
        arr, axis = arr.reshape(-1), 0
    if is_traced(trace, indices) and indices.live and indices.node.dtype == "int64":
        x = real(trace, arr, dtype_name(result))
        return take(x, indices.node, axis % len(x.shape))
    places = indices.settled() if is_traced(trace, indices) else indices
    moved = np.take_along_axis(trace.grid(np.shape(plain(arr))) + 1, places, axis)
    return node_at(trace, [arr], moved, result)


def _nan_to_num(
    trace: Trace,
    result: Any,
    x: Any,
    copy: bool = True,
    nan: float = 0.0,
    posinf: Any = None,
    neginf: Any = None,
) -> Node:
    dtype = loop_dtype(trace, result)
    node, most = real(trace, x, dtype), np.finfo(dtype).max
    endless = apply("isinf", node, dtype="bool")
    low = trace.constant(-most if neginf is None else neginf, dtype)
    high = trace.constant(most if posinf is None else posinf, dtype)
    negative = apply("signbit", node, dtype="bool")
    filled = select(endless, select(negative, low, high), node)
    return select(apply("isnan", node, dtype="bool"), trace.constant(nan, dtype), filled)


def _round(trace: Trace, result: Any, a: Any, decimals: int = 0, out: Any = None) -> Node:
    x = real(trace, a, loop_dtype(trace, result))
    if not decimals:
        return apply("round", x)
    scale = trace.constant(10.0 ** abs(decimals), x.dtype)
    up, down = ("multiply", "divide") if decimals > 0 else ("divide", "multiply")
    return apply(down, apply("round", apply(up, x, scale)), scale)


def _fix(trace: Trace, result: Any, x: Any, out: Any = None) -> Node:
    return apply("trunc", real(trace, x, loop_dtype(trace, result)))


def _real(trace: Trace, result: Any, val: Any) -> Any:
    return val


def _imag(trace: Trace, result: Any, val: Any) -> Node:
    return trace.constant(np.zeros(np.shape(result)), dtype_name(result))


def _sinc(trace: Trace, result: Any, x: Any) -> Node:
    return apply("sinc", real(trace, x, loop_dtype(trace, result)))


def _i0(trace: Trace, result: Any, x: Any) -> Node:
    return reshape(apply("i0", real(trace, x, loop_dtype(trace, result))), np.shape(result))


def _copy(trace: Trace, result: Any, a: Any, *args: Any, **options: Any) -> Any:
    return Traced(trace, result, a.node, a.live)


def cast_to(array: Traced, dtype: Any, *args: Any, **options: Any) -> Any:
    """Return ``array.astype(dtype)``: whole numbers are decided, floats are rounded."""
    trace = array.tape
    asked = plain(dtype)
    value = array.value.astype(asked, *args, **options)
    if value is array.value:
        return array
    if trace.closed:
        return value
    if value.dtype.kind == "f":
        return wrapped(trace, value, real(trace, array, value.dtype.name), array.live)
    if value.dtype.kind == "b":
        return wrapped(trace, value, truth(trace, array), array.live)
    if value.dtype.kind in "iu":
        if array.node.dtype == "int64":
            return Traced(trace, value, array.node, array.live)
        x = real(trace, array, "float64")
        whole = x if array.dtype.kind in "biu" else apply("trunc", x, origin=trace.here())
        return Traced(trace, value, whole, array.live)
    if value.dtype.kind == "O":
        return trace.run["objects"](array)
    array.settled()
    return value


SELECTIONS: Mapping[Callable[..., Any], Handler] = {
    np.where: _where,
    np.clip: _clip,
    np.select: _select,
    np.take_along_axis: _take_along,
    np.nan_to_num: _nan_to_num,
    np.round: _round,
    np.around: _round,
    np.fix: _fix,
    np.real: _real,
    np.imag: _imag,
    np.sinc: _sinc,
    np.i0: _i0,
    np.copy: _copy,
}
