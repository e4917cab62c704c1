"""Cholesky factors, eigenvalues and singular values: numpy.linalg's factorisations as graphs.

Cholesky is written out column by column. Eigenvalues and eigenvectors of a symmetric matrix are
rows of their own; singular values are the roots of the eigenvalues of A'A. Eigenvectors keep the
signs numpy returned, and have a derivative only where their eigenvalue is simple.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...graph.node import Node, apply, constant
from ...primitives.linear import (
    eigenvalues,
    eigenvectors,
    gather,
    matmul,
    mirror,
    reshape,
    symmetrised,
)
from .operands import loop_dtype, plain, real, wrapped
from .trace import Trace

Array = np.ndarray
LARGEST = 64  # rows of a matrix that is factored


def _matrix(trace: Trace, result: Any, a: Any, name: str) -> Node:
    """Return the node of one matrix; stacks and large matrices are refused."""
    node = real(trace, a, loop_dtype(trace, result))
    if len(node.shape) != 2 or max(node.shape) > LARGEST:
        raise trace.refuse(
            f"np.linalg.{name} of shape {node.shape} is not lifted",
            f"Factor one matrix of at most {LARGEST} rows at a time, or claim with opaque=True.",
        )
    return node


def _cholesky(trace: Trace, result: Any, a: Any, *, upper: bool = False) -> Node:
    whole = _matrix(trace, result, a, "cholesky")
    x = mirror(whole) if upper else whole
    n = x.shape[0]
    starts = np.concatenate([[0], np.cumsum(np.arange(n, 0, -1))])
    columns: list[Node] = []
    for j in range(n):
        rest = gather([x], np.arange(j, n) * n + j)
        if j:
            known = starts[None, :j] + np.arange(j, n)[:, None] - np.arange(j)[None, :]
            rest = rest - matmul(gather(columns, known), gather(columns, known[0]))
        pivot = apply("sqrt", gather([rest], np.arange(1)))
        below = gather([rest], np.arange(1, n - j)) / pivot
        columns.append(gather([pivot, below], np.arange(n - j)))
    rows, places = np.indices((n, n))
    index = np.where(rows >= places, starts[places] + rows - places, -1)
    factor = gather(columns, index, origin=trace.here())
    return mirror(factor) if upper else factor


def _eigvalsh(trace: Trace, result: Any, a: Any, UPLO: str = "L") -> Node:
    x = _matrix(trace, result, a, "eigvalsh")
    return eigenvalues(symmetrised(x, upper=UPLO.upper() == "U"), origin=trace.here())


def _eigh(trace: Trace, result: Any, a: Any, UPLO: str = "L") -> Any:
    x = symmetrised(_matrix(trace, result[0], a, "eigh"), upper=UPLO.upper() == "U")
    like = constant(np.asarray(plain(result[1])), x.dtype)
    return type(result)(
        wrapped(trace, result[0], eigenvalues(x, origin=trace.here()), a.live),
        wrapped(trace, result[1], eigenvectors(x, like, origin=trace.here()), a.live),
    )


def _svd(
    trace: Trace, result: Any, a: Any, full_matrices: bool = True, compute_uv: bool = True,
    hermitian: bool = False,
) -> Any:
    x = _matrix(trace, result if not compute_uv else result[1], a, "svd")
    wide = x.shape[0] < x.shape[1]
    tall = mirror(x) if wide else x
    gram = matmul(mirror(tall), tall)
    back = np.arange(gram.shape[0])[::-1]
    values = apply("sqrt", gather([eigenvalues(gram)], back), origin=trace.here())
    if not compute_uv:
        return values
    if full_matrices and x.shape[0] != x.shape[1]:
        raise trace.refuse(
            "np.linalg.svd with full_matrices=True is not lifted",
            "The extra columns are arbitrary: pass full_matrices=False.",
        )
    run = [np.asarray(plain(part)) for part in result]
    like = run[0] if wide else run[2].T
    inner = eigenvectors(gram, constant(like[:, ::-1], x.dtype), origin=trace.here())
    n = gram.shape[0]
    ordered = gather([inner], np.arange(n * n).reshape(n, n)[:, ::-1])
    outer = matmul(tall, ordered) / reshape(values, (1, n))
    parts = (ordered, values, mirror(outer)) if wide else (outer, values, mirror(ordered))
    return type(result)(*(wrapped(trace, v, node, a.live)
                          for v, node in zip(result, parts, strict=True)))


SPECTRAL: Mapping[Callable[..., Any], Callable[..., Any]] = {
    np.linalg.cholesky: _cholesky,
    np.linalg.eigvalsh: _eigvalsh,
    np.linalg.eigh: _eigh,
    np.linalg.svd: _svd,
}
