"""What node does a function of numpy.linalg become?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...graph.node import Node, apply
from ...primitives.linear import (
    determinant,
    inverse,
    logabsdet,
    reshape,
    solve,
)
from .axes import axes_of, summed
from .extremes import extreme
from .factors import SPECTRAL
from .operands import loop_dtype, plain, real, wrapped
from .trace import Trace

Handler = Callable[..., Any]
HINTS: Mapping[str, str] = {
    "pinv": "Write np.linalg.solve(A.T @ A, A.T) if A has full column rank.",
    "lstsq": "Write np.linalg.solve(A.T @ A, A.T @ b) if A has full column rank.",
    "qr": "Use np.linalg.solve.",
    "eig": "Claim with opaque=True to test by sampling.",
    "eigvals": "Claim with opaque=True to test by sampling.",
}


def _solve(trace: Trace, result: Any, a: Any, b: Any) -> Node:
    loop = loop_dtype(trace, result)
    x, y = real(trace, a, loop), real(trace, b, loop)
    if len(y.shape) == 1:
        return reshape(solve(x, reshape(y, (*y.shape, 1))), np.shape(result))
    return solve(x, y)


def _inverse(trace: Trace, result: Any, a: Any) -> Node:
    return inverse(real(trace, a, loop_dtype(trace, result)))


def _determinant(trace: Trace, result: Any, a: Any) -> Node:
    return determinant(real(trace, a, loop_dtype(trace, result)))


def _slogdet(trace: Trace, result: Any, a: Any) -> Any:
    x = real(trace, a, loop_dtype(trace, result[1]))
    sign = apply("sign", determinant(x, origin=trace.here()), origin=trace.here())
    logarithm = logabsdet(x, origin=trace.here())
    return type(result)(
        wrapped(trace, result[0], sign, a.live), wrapped(trace, result[1], logarithm, a.live)
    )


def _norm(
    trace: Trace, result: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False
) -> Node:
    node = real(trace, x, loop_dtype(trace, result))
    axes, shape = axes_of(axis, len(node.shape)), np.shape(result)
    if ord is None or ord == "fro" or (ord == 2 and len(axes) == 1):
        return apply("sqrt", summed(apply("square", node), axes, shape))
    size = apply("absolute", node)
    if len(axes) == 1:
        return _vector_norm(trace, node, size, ord, axes, shape)
    if len(axes) == 2 and ord in (1, -1, np.inf, -np.inf):
        given = axes if axis is None else tuple(a % len(node.shape) for a in axis)
        inner, outer = (given[0], given[1]) if abs(ord) == 1 else (given[1], given[0])
        thin = tuple(1 if k == inner else n for k, n in enumerate(node.shape))
        sums = summed(size, (inner,), thin)
        return extreme(
            trace, "argmax" if ord > 0 else "argmin", sums, tuple(sorted((inner, outer))), shape
        )
    raise trace.refuse(
        f"np.linalg.norm of a matrix with ord={ord!r} is not lifted",
        "Use the Frobenius norm, or claim with opaque=True.",
    )


def _vector_norm(
    trace: Trace, node: Node, size: Node, ord: Any, axes: tuple[int, ...], shape: tuple[int, ...]
) -> Node:
    if ord in (np.inf, -np.inf):
        return extreme(trace, "argmax" if ord > 0 else "argmin", size, axes, shape)
    if ord == 1:
        return summed(size, axes, shape)
    if ord == 0:
        raise trace.refuse("np.linalg.norm with ord=0 is not lifted", "Use np.count_nonzero.")
    exponent = trace.constant(ord, node.dtype)
    total = summed(apply("power", size, exponent), axes, shape)
    return apply("power", total, apply("reciprocal", exponent))


def _vector(
    trace: Trace, result: Any, x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2
) -> Node:
    if axis is None:
        flat = np.reshape(x, -1)
        return reshape(_norm(trace, np.ravel(plain(result))[0], flat, ord), np.shape(result))
    return _norm(trace, result, x, ord, axis)


def _matrix(trace: Trace, result: Any, x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Node:
    return _norm(trace, result, x, ord, (-2, -1))


def _refused(name: str, hint: str) -> Handler:
    def lower(trace: Trace, result: Any, *args: Any, **options: Any) -> Any:
        raise trace.refuse(f"np.linalg.{name} is not lifted", hint)

    return lower


def _present(handlers: Mapping[str, Handler]) -> dict[Callable[..., Any], Handler]:
    return {getattr(np.linalg, n): h for n, h in handlers.items() if hasattr(np.linalg, n)}


ALGEBRA: Mapping[Callable[..., Any], Handler] = {
    np.linalg.solve: _solve,
    np.linalg.inv: _inverse,
    np.linalg.det: _determinant,
    np.linalg.slogdet: _slogdet,
    np.linalg.norm: _norm,
    **SPECTRAL,
    **_present({"vector_norm": _vector, "matrix_norm": _matrix}),
    **_present({name: _refused(name, hint) for name, hint in HINTS.items()}),
}
