"""Eigenvalues and eigenvectors of symmetric matrices, enclosed by flint's certified algorithms."""

from __future__ import annotations

import numpy as np
from flint import acb_mat, arb, arb_mat

Array = np.ndarray
NAN = arb("nan")


def eigenvalues(matrix: arb_mat) -> Array:
    """Enclose the eigenvalues, ascending; those that overlap share one enclosure."""
    n = matrix.nrows()
    try:
        found = [v.real for v in acb_mat(matrix).eig(multiple=True)]
    except ValueError:
        return np.full(n, NAN, dtype=object)
    out = np.empty(n, dtype=object)
    out[:] = _ascending(found)
    return out


def _ascending(found: list[arb]) -> list[arb]:
    """Sort balls; those that overlap in a chain cannot be told apart and become their hull."""
    ranked = sorted(found, key=lambda v: float(v.mid()))
    start, reach = 0, arb(0)
    for k in range(1, len(ranked) + 1):
        reach = ranked[start].upper() if k == start + 1 else max(reach, ranked[k - 1].upper())
        if k < len(ranked) and ranked[k].lower() <= reach:
            continue
        whole = ranked[start]
        for v in ranked[start + 1:k]:
            whole = whole.union(v)
        ranked[start:k] = [whole] * (k - start)
        start = k
    return ranked


def eigenvectors(matrix: arb_mat, like: Array) -> Array:
    """Enclose unit eigenvectors as columns; nan where an eigenvalue is not isolated.

    An isolated eigenvalue of a symmetric matrix is real, and so are the quotients of the entries
    of its eigenvector, whatever complex factor the vector comes with.
    """
    n = matrix.nrows()
    try:
        values, vectors = acb_mat(matrix).eig(right=True)
    except ValueError:
        return np.full((n, n), NAN, dtype=object)
    out = np.empty((n, n), dtype=object)
    order = sorted(range(n), key=lambda k: float(values[k].real.mid()))
    for place, k in enumerate(order):
        column = [vectors[i, k] for i in range(n)]
        largest = max(column, key=lambda v: float(abs(v).mid()))
        ratios = [(v / largest).real for v in column]
        length = sum((r * r for r in ratios), arb(0)).sqrt()
        leaning = sum((r * w for r, w in zip(ratios, like[:, place], strict=True)), arb(0))
        sign = -1 if leaning < 0 else 1
        out[:, place] = [sign * r / length for r in ratios]
    return out
