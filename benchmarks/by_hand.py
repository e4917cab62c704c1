"""The same gradient written by hand for python-flint's `arb_mat`: what the engine is held against.

No graph, no table, no structural zeros, no undecided comparisons: only this network.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from flint import arb, arb_mat, ctx


def matrix(array: np.ndarray) -> arb_mat:
    """Return a float array as an exact matrix (a vector becomes one row)."""
    rows = np.atleast_2d(array)
    return arb_mat(*rows.shape, [arb(v) for v in rows.ravel().tolist()])


def entrywise(function: Callable[..., arb], *matrices: arb_mat) -> arb_mat:
    """Return `function` applied entry by entry."""
    first = matrices[0]
    flat = [function(*v) for v in zip(*(m.entries() for m in matrices), strict=True)]
    return arb_mat(first.nrows(), first.ncols(), flat)


def plus_row(a: arb_mat, row: arb_mat) -> arb_mat:
    """Return `a` with `row` added to each of its rows."""
    columns, values = a.ncols(), row.entries()
    flat = [v + values[i % columns] for i, v in enumerate(a.entries())]
    return arb_mat(a.nrows(), columns, flat)


def column_sums(a: arb_mat) -> arb_mat:
    """Return the sums down the columns as one row."""
    return arb_mat(1, a.nrows(), [arb(1)] * a.nrows()) * a


def output_slope(z: arb_mat, labels: list[int]) -> arb_mat:
    """Return (softmax(z) - onehot)/n."""
    n, columns, flat = z.nrows(), z.ncols(), []
    values = z.entries()
    for i in range(n):
        row = values[i * columns : (i + 1) * columns]
        top = max(row, key=lambda v: float(v.mid()))
        powers = [(v - top).exp() for v in row]
        total = sum(powers[1:], powers[0])
        flat += [(p / total - (j == labels[i])) / n for j, p in enumerate(powers)]
    return arb_mat(n, columns, flat)


def gradient_by_hand(
    W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray, W3: np.ndarray,
    b3: np.ndarray, X: np.ndarray, y: np.ndarray, bits: int = 128,
) -> list[list[arb]]:  # fmt: skip
    """Return enclosures of the gradient by W1, b1, W2, b2, W3, b3, as flat lists in C order."""
    before, ctx.prec = ctx.prec, bits
    try:
        x, w1, w2, w3 = (matrix(a) for a in (X, W1, W2, W3))
        h1 = entrywise(arb.tanh, plus_row(x * w1, matrix(b1)))
        h2 = entrywise(arb.tanh, plus_row(h1 * w2, matrix(b2)))
        d3 = output_slope(plus_row(h2 * w3, matrix(b3)), y.tolist())
        d2 = entrywise(lambda g, h: g * (1 - h * h), d3 * w3.transpose(), h2)
        d1 = entrywise(lambda g, h: g * (1 - h * h), d2 * w2.transpose(), h1)
        pairs = ((x, d1), (h1, d2), (h2, d3))
        return [
            part.entries()
            for layer, d in pairs
            for part in (layer.transpose() * d, column_sums(d))
        ]
    finally:
        ctx.prec = before
