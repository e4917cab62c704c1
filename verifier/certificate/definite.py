"""Matrices of intervals: positive semidefinite for certain, and norms that stay below a number."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import arb, fmpq

from .ranges import NONE, Value

Matrix = list[list[arb]]
LARGEST = 80


def ball(v: Value) -> arb:
    """Return a ball that holds a range; nan where it is unbounded."""
    if not (v.ok and v.lo.is_finite() and v.hi.is_finite()):
        return arb.nan()
    return v.lo if v.lo == v.hi else v.lo.union(v.hi)


def positive(matrix: Matrix) -> bool:
    """Tell whether every symmetric matrix within these balls is positive definite, by LDL^T."""
    size = len(matrix)
    if size > LARGEST:
        return False
    rows = [list(row) for row in matrix]
    for k in range(size):
        pivot = rows[k][k]
        if not (pivot.is_finite() and pivot > 0):
            return False
        for i in range(k + 1, size):
            factor = rows[i][k] / pivot
            for j in range(k + 1, i + 1):
                rows[i][j] = rows[i][j] - factor * rows[j][k]
    return True


def semidefinite(matrix: Sequence[Sequence[fmpq]]) -> bool:
    """Tell whether an exact symmetric matrix is positive semidefinite."""
    rows = [list(row) for row in matrix]
    size = len(rows)
    for k in range(size):
        pivot = rows[k][k]
        if pivot < 0:
            return False
        if pivot == 0:
            if any(rows[i][k] != 0 for i in range(k + 1, size)):
                return False
            continue
        for i in range(k + 1, size):
            factor = rows[i][k] / pivot
            for j in range(k + 1, i + 1):
                rows[i][j] -= factor * rows[j][k]
    return True


def norm_within(rows: list[list[Value]], number: Fraction, norm: str) -> bool:
    """Tell whether the operator norm of a Jacobian, rows by outputs, is at most a number."""
    limit = arb(fmpq(number.numerator, number.denominator))
    sizes = [[_size(v) for v in row] for row in rows]
    if norm in ("1", "inf"):
        lines = sizes if norm == "inf" else [list(c) for c in zip(*sizes, strict=True)]
        return all(_at_most(_total(line), number, limit) for line in lines)
    if len(rows) == 1 or len(rows[0]) == 1:
        flat = [s for row in sizes for s in row]
        if len(flat) == 1:
            return _at_most(flat[0], number, limit)
        return _at_most(_total([s * s for s in flat]), number * number, limit * limit)
    if _at_most(_total([s * s for row in sizes for s in row]), number * number, limit * limit):
        return True
    return _spectral(rows, limit)


def _size(v: Value) -> arb:
    low, high = v.lo.abs_upper(), v.hi.abs_upper()
    return high if high > low else low


def _total(parts: Sequence[arb]) -> arb:
    total = NONE
    for part in parts:
        total = total + part
    return total


def _at_most(total: arb, number: Fraction, limit: arb) -> bool:
    if total.is_exact() and total.is_finite():
        exact = total.fmpq()
        return Fraction(int(exact.p), int(exact.q)) <= number
    return bool(total <= limit)


def _spectral(rows: list[list[Value]], limit: arb) -> bool:
    """limit^2 I - J^T J (or J J^T, the smaller) is positive definite."""
    balls = [[ball(v) for v in row] for row in rows]
    if len(balls) < len(balls[0]):
        balls = [list(c) for c in zip(*balls, strict=True)]
    size = len(balls[0])
    if size > LARGEST:
        return False
    gram = [[sum((row[i] * row[j] for row in balls), NONE) for j in range(size)]
            for i in range(size)]
    return positive([[(limit * limit if i == j else NONE) - gram[i][j] for j in range(size)]
                     for i in range(size)])
