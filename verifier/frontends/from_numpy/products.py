"""What node does a product of arrays become? All of them are matrix products."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...graph.node import Node, apply
from ...primitives.linear import matmul, reshape, sum_over, transpose
from .operands import dtype_name, loop_dtype, plain, real
from .trace import Trace

Handler = Callable[..., Any]


def _pair(trace: Trace, result: Any, a: Any, b: Any) -> tuple[Node, Node]:
    loop = loop_dtype(trace, result)
    return real(trace, a, loop), real(trace, b, loop)


def contracted(a: Node, b: Node, left: tuple[int, ...], right: tuple[int, ...]) -> Node:
    """Return the sum of products over axes `left` of `a` and `right` of `b` (tensordot)."""
    free_a = [k for k in range(len(a.shape)) if k not in left]
    free_b = [k for k in range(len(b.shape)) if k not in right]
    count = math.prod(a.shape[k] for k in left)
    rows = math.prod(a.shape[k] for k in free_a)
    columns = math.prod(b.shape[k] for k in free_b)
    x = reshape(transpose(a, (*free_a, *left)) if a.shape else a, (rows, count))
    y = reshape(transpose(b, (*right, *free_b)) if b.shape else b, (count, columns))
    shape = (*(a.shape[k] for k in free_a), *(b.shape[k] for k in free_b))
    return reshape(matmul(x, y), shape)


def _matmul(trace: Trace, result: Any, a: Any, b: Any, out: Any = None) -> Node:
    return matmul(*_pair(trace, result, a, b))


def _dot(trace: Trace, result: Any, a: Any, b: Any, out: Any = None) -> Node:
    x, y = _pair(trace, result, a, b)
    if not x.shape or not y.shape:
        return apply("multiply", x, y)
    if len(x.shape) <= 2 and len(y.shape) <= 2:
        return matmul(x, y)
    return contracted(x, y, (len(x.shape) - 1,), (max(len(y.shape) - 2, 0),))


def _inner(trace: Trace, result: Any, a: Any, b: Any) -> Node:
    x, y = _pair(trace, result, a, b)
    if not x.shape or not y.shape:
        return apply("multiply", x, y)
    return contracted(x, y, (len(x.shape) - 1,), (len(y.shape) - 1,))


def _vdot(trace: Trace, result: Any, a: Any, b: Any) -> Node:
    x, y = _pair(trace, result, a, b)
    return matmul(reshape(x, (x.size,)), reshape(y, (y.size,)))


def _outer(trace: Trace, result: Any, a: Any, b: Any, out: Any = None) -> Node:
    x, y = _pair(trace, result, a, b)
    return apply("multiply", reshape(x, (x.size, 1)), reshape(y, (1, y.size)))


def _tensordot(trace: Trace, result: Any, a: Any, b: Any, axes: Any = 2) -> Node:
    x, y = _pair(trace, result, a, b)
    if isinstance(axes, (int, np.integer)):
        rank = len(x.shape)
        left, right = tuple(range(rank - axes, rank)), tuple(range(axes))
    else:
        left, right = (tuple(np.atleast_1d(side).tolist()) for side in axes)
    return contracted(
        x, y, tuple(k % len(x.shape) for k in left), tuple(k % len(y.shape) for k in right)
    )


def _kron(trace: Trace, result: Any, a: Any, b: Any) -> Node:
    x, y = _pair(trace, result, a, b)
    rank = max(len(x.shape), len(y.shape))
    left = (1,) * (rank - len(x.shape)) + x.shape
    right = (1,) * (rank - len(y.shape)) + y.shape
    spread_x = tuple(n for size in left for n in (size, 1))
    spread_y = tuple(n for size in right for n in (1, size))
    return reshape(apply("multiply", reshape(x, spread_x), reshape(y, spread_y)), np.shape(result))


def _cross(
    trace: Trace,
    result: Any,
    a: Any,
    b: Any,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    if np.shape(plain(a))[axisa] != 3 or np.shape(plain(b))[axisb] != 3:
        raise trace.refuse(
            "np.cross of vectors that are not 3-dimensional is not lifted",
            "Write the components out.",
        )
    x, y = np.moveaxis(a, axisa, 0), np.moveaxis(b, axisb, 0)
    parts = [x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]]
    return np.stack(parts, axis=axisc).node  # type: ignore[attr-defined]


def _multi_dot(trace: Trace, result: Any, arrays: Any, *, out: Any = None) -> Node:
    loop = loop_dtype(trace, result)
    nodes = [real(trace, a, loop) for a in arrays]
    total = nodes[0]
    for node in nodes[1:]:
        total = matmul(total, node)
    return total


def _matrix_power(trace: Trace, result: Any, a: Any, n: int) -> Node:
    x = real(trace, a, loop_dtype(trace, result))
    if n < 0:
        return real(trace, np.linalg.matrix_power(np.linalg.inv(a), -n), x.dtype)
    total = trace.constant(np.broadcast_to(np.eye(x.shape[-1]), x.shape), x.dtype)
    for k in range(n):
        total = x if k == 0 else matmul(total, x)
    return total


def _convolve(trace: Trace, result: Any, a: Any, v: Any, mode: str = "full") -> Any:
    long, short = (a, v) if np.size(plain(a)) >= np.size(plain(v)) else (v, a)
    return _slid(trace, result, long, short[::-1], mode)


def _correlate(trace: Trace, result: Any, a: Any, v: Any, mode: str = "valid") -> Any:
    if np.size(plain(a)) >= np.size(plain(v)):
        return _slid(trace, result, a, v, mode)
    return _slid(trace, result, v[::-1], a[::-1], mode)


def _slid(trace: Trace, result: Any, signal: Any, window: Any, mode: str) -> Node:
    """Return the products of `window` with every stretch of `signal`, zeros beyond its ends."""
    width, count = np.size(plain(window)), np.size(plain(signal))
    x, w = _pair(trace, result, signal, window)
    start = {"full": 1 - width, "same": -(width // 2), "valid": 0}[mode]
    starts = start + np.arange(np.size(result))
    if mode == "same":
        starts = starts + (1 - width) - start + (width - 1) // 2
    places = starts[:, None] + np.arange(width)
    from ...primitives.linear import gather

    inside = (places >= 0) & (places < count)
    return matmul(gather([x], np.where(inside, places, -1)), w)


def _vecdot(trace: Trace, result: Any, a: Any, b: Any, axis: int = -1) -> Node:
    if axis != -1:
        raise trace.refuse("np.vecdot along another axis is not lifted", "Use np.sum(a * b).")
    product = apply("multiply", *_pair(trace, result, a, b))
    return sum_over(product, len(product.shape) - 1)


def _matvec(trace: Trace, result: Any, a: Any, b: Any) -> Node:
    x, y = _pair(trace, result, a, b)
    column = matmul(x, reshape(y, (*y.shape, 1)))
    return reshape(column, column.shape[:-1])


def _vecmat(trace: Trace, result: Any, a: Any, b: Any) -> Node:
    x, y = _pair(trace, result, a, b)
    row = matmul(reshape(x, (*x.shape[:-1], 1, x.shape[-1])), y)
    return reshape(row, (*row.shape[:-2], row.shape[-1]))


def _trace(
    trace: Trace,
    result: Any,
    a: Any,
    offset: int = 0,
    axis1: int = 0,
    axis2: int = 1,
    dtype: Any = None,
    out: Any = None,
) -> Node:
    diagonal = np.diagonal(a, offset, axis1, axis2)
    x = real(trace, diagonal, dtype_name(result))
    return reshape(sum_over(x, len(x.shape) - 1), np.shape(result))


PRODUCTS: Mapping[Callable[..., Any], Handler] = {
    np.dot: _dot,
    np.inner: _inner,
    np.vdot: _vdot,
    np.outer: _outer,
    np.tensordot: _tensordot,
    np.kron: _kron,
    np.cross: _cross,
    np.trace: _trace,
    np.linalg.multi_dot: _multi_dot,
    np.linalg.matrix_power: _matrix_power,
    np.convolve: _convolve,
    np.correlate: _correlate,
}
GENERALISED: Mapping[str, Handler] = {
    "matmul": _matmul,
    "vecdot": _vecdot,
    "matvec": _matvec,
    "vecmat": _vecmat,
}
