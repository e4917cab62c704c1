"""Matrix functions of exact numbers, by elimination: what numpy's `linalg` has no objects for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb

from .taylor import NoReading, Number, Unsure, number

Array = np.ndarray
Row = list[Number]


def _rows(matrix: Any) -> list[Row]:
    array = np.asarray(matrix, dtype=object)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise NoReading("replay solves single square matrices only")
    return [[number(v) for v in row] for row in array.tolist()]


def _eliminated(left: list[Row], right: list[Row]) -> tuple[list[Row], Number]:
    """Return left^-1 right and det(left), by Gauss and Jordan with pivots certainly not zero."""
    size, determinant = len(left), number(1)
    rows = [a + b for a, b in zip(left, right, strict=True)]
    for k in range(size):
        pivot = max(range(k, size), key=lambda i: float(rows[i][k].coefficient(0).abs_lower()))
        if rows[pivot][k].coefficient(0).contains(0):
            raise Unsure("a matrix may be singular")
        if pivot != k:
            rows[k], rows[pivot], determinant = rows[pivot], rows[k], -determinant
        head = rows[k][k]
        determinant = determinant * head
        rows[k] = [v / head for v in rows[k]]
        for i in range(size):
            if i != k:
                factor = rows[i][k]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [row[size:] for row in rows], determinant


def _array(rows: list[Row]) -> Array:
    out = np.empty((len(rows), len(rows[0]) if rows else 0), dtype=object)
    for i, row in enumerate(rows):
        out[i, :] = row
    return out


def solve(matrix: Any, right: Any) -> Array:
    columns = np.asarray(right, dtype=object)
    given = columns.reshape(len(columns), -1)
    found, _ = _eliminated(_rows(matrix), [[number(v) for v in row] for row in given.tolist()])
    return _array(found).reshape(columns.shape)


def inverse(matrix: Any) -> Array:
    rows = _rows(matrix)
    unit = [[number(int(i == j)) for j in range(len(rows))] for i in range(len(rows))]
    return _array(_eliminated(rows, unit)[0])


def determinant(matrix: Any) -> Number:
    rows = _rows(matrix)
    return _eliminated(rows, [[] for _ in rows])[1]


def log_determinant(matrix: Any) -> tuple[int, Number]:
    """Return (sign, log|det|) as numpy's slogdet does."""
    found = determinant(matrix)
    sign = found.sign()
    size = found if sign > 0 else -found
    return sign, Number(size.value.log() if sign else arb.neg_inf())


MATRICES: dict[str, Callable[..., Any]] = {
    "solve": solve, "inv": inverse, "det": determinant, "slogdet": log_determinant,
}  # fmt: skip
