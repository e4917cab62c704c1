"""Which sign patterns can linear forms have? Directions inside a cone, and proofs there is none.

A pattern of signs s is consistent with forms a_j where some d has s_j <a_j, d> > 0 for all j.
A direction found is checked in balls; that there is none is proved by an exact simplex method in
rationals (Gordan's alternative; Chvatal 1983, chapter 3, with Bland's rule).
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat

Array = np.ndarray
Row = list[arb]
ROUNDED_BITS = 30  # of a direction found in floats: short numbers keep germs short


def direction_inside(rows: list[Row], signs: list[int]) -> tuple[Array | None, bool]:
    """Return (d, True) with every ``signs[j] * <rows[j], d>`` certainly positive.

    (None, True): proved that there is none. (None, False): none found, nothing proved.
    `rows` are balls of one length; the entries of d are floats, exact.
    """
    size = len(rows[0]) if rows else 0
    if not rows:
        return np.zeros(size), True
    matrix = np.array([[float(v.mid()) for v in row] for row in rows])
    guess = _shortened(np.linalg.pinv(matrix) @ np.array(signs, dtype=float))
    if _is_inside(rows, signs, guess):
        return guess, True
    if not all(v.is_exact() for row in rows for v in row):
        return None, False
    exact = [[_fraction(v) * s for v in row] for row, s in zip(rows, signs, strict=True)]
    found = _feasible(*_compressed(exact))
    if found is None:
        return None, True
    basis, target = found
    lifted = _lifted([exact[k] for k in basis], target, size)
    return (lifted, True) if _is_inside(rows, signs, lifted) else (None, False)


def independent(rows: list[Row]) -> bool:
    """Tell whether the forms are certainly linearly independent."""
    if not rows:
        return True
    support = [k for k in range(len(rows[0])) if not all(r[k].is_zero() for r in rows)]
    matrix = arb_mat([[r[k] for k in support] for r in rows])
    gram = matrix * matrix.transpose()
    determinant = gram.det()
    return bool(determinant.is_finite() and not determinant.contains(0))


def dot(row: Row, direction: Array) -> arb:
    """Return the inner product of balls with exact floats."""
    total = arb(0)
    for value, step in zip(row, direction.tolist(), strict=True):
        if step:
            total = total + value * step
    return total


def _is_inside(rows: list[Row], signs: list[int], direction: Array) -> bool:
    return all(bool(dot(r, direction) * s > 0) for r, s in zip(rows, signs, strict=True))


def _shortened(values: Array) -> Array:
    largest = np.max(np.abs(values), initial=0.0)
    if not largest or not np.isfinite(largest):
        return np.zeros(values.shape)
    unit = 2.0 ** (np.floor(np.log2(largest)) - ROUNDED_BITS)
    return np.asarray(np.round(values / unit) * unit / 2.0 ** np.floor(np.log2(largest)))


def _fraction(value: arb) -> Fraction:
    mantissa, exponent = (int(v) for v in value.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent


def _matrix(rows: list[list[Fraction]]) -> fmpq_mat:
    return fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in rows])


def _compressed(rows: list[list[Fraction]]) -> tuple[list[list[Fraction]], list[int]]:
    """Return the rows in coordinates of a basis chosen among themselves, and which those are.

    ``row = sum_k coordinate_k basis_k``; along a basis d is free, so the coordinates decide.
    """
    columns = _matrix(rows).transpose()
    reduced, rank = columns.rref()
    table = [[Fraction(int(v.p), int(v.q)) for v in line] for line in reduced.tolist()[:rank]]
    basis = [next(k for k, v in enumerate(line) if v) for line in table]
    return [[table[k][j] for k in range(rank)] for j in range(len(rows))], basis


def _feasible(
    rows: list[list[Fraction]], basis: list[int]
) -> tuple[list[int], list[Fraction]] | None:
    """Find z with ``row . z >= 1`` for all rows (phase one of the simplex method)."""
    count, size = len(rows), len(rows[0])
    table = [
        [*row, *(-v for v in row), *(Fraction(-(i == j)) for j in range(count)),
         *(Fraction(int(i == j)) for j in range(count)), Fraction(1)]
        for i, row in enumerate(rows)
    ]
    width = 2 * size + 2 * count
    inside = [2 * size + count + i for i in range(count)]
    cost = [sum((line[k] for line in table), Fraction(0)) for k in range(width + 1)]
    for k in range(2 * size + count, width):
        cost[k] = Fraction(0)
    while (entering := next((k for k in range(2 * size + count) if cost[k] > 0), None)) is not None:
        ratios = [(line[-1] / line[entering], inside[i], i)
                  for i, line in enumerate(table) if line[entering] > 0]
        leaving = min(ratios)[2]
        _pivot(table, cost, leaving, entering)
        inside[leaving] = entering
    if cost[-1] != 0:
        return None
    values = dict(zip(inside, (line[-1] for line in table), strict=True))
    return basis, [values.get(k, Fraction(0)) - values.get(size + k, Fraction(0))
                   for k in range(size)]


def _pivot(table: list[list[Fraction]], cost: list[Fraction], row: int, column: int) -> None:
    scale = table[row][column]
    table[row] = [v / scale for v in table[row]]
    for line in (*(t for i, t in enumerate(table) if i != row), cost):
        factor = line[column]
        if factor:
            line[:] = [v - factor * p for v, p in zip(line, table[row], strict=True)]


def _lifted(basis: list[list[Fraction]], target: list[Fraction], size: int) -> Array:
    """Return floats d with ``basis d`` near `target`: the least-squares solution, rounded."""
    b = _matrix(basis)
    wanted = _matrix([[v] for v in target])
    solution = b.transpose() * (b * b.transpose()).solve(wanted)
    values = np.array([float(Fraction(int(v.p), int(v.q))) for v in solution.entries()])
    return values.reshape(size)



