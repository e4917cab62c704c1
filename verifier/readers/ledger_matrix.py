"""Is a matrix positive, all that is uncertain taken off? In balls, or in rational numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from flint import arb, fmpq, fmpq_mat

from ..numerals.balls import precision
from .polynomials import Polynomial, negative_direction, rational

Array = np.ndarray
BITS = 128
SLACK = 1e-12  # relative: covers the rounding of a row sum of non-negative numbers


def least(middle: Array, spread: Array) -> float:
    """Return a guess, in floats, of the least eigenvalue the uncertainty leaves."""
    if not (np.isfinite(middle).all() and np.isfinite(spread).all()):
        return -np.inf
    if not len(middle):
        return 0.0
    return float(np.linalg.eigvalsh((middle + middle.T) / 2)[0] - spread.sum(axis=1).max())


def positive(middle: Array, spread: Array) -> bool:
    """Prove every symmetric matrix within `spread` of `middle` positive definite.

    By the LDL decomposition in balls of the middle minus the row sums of the spread, which lies
    below them all (Gershgorin 1931). `spread` is symmetric.
    """
    if not (np.isfinite(middle).all() and np.isfinite(spread).all()):
        return False
    shift = np.nextafter(spread.sum(axis=1) * (1 + SLACK), np.inf)
    with precision(BITS):
        size = len(shift)
        work = [[(arb(middle[i, j]) + arb(middle[j, i])) / 2 for j in range(size)]
                for i in range(size)]
        for i in range(size):
            work[i][i] -= arb(float(shift[i]))
        return _definite(work)


def _definite(work: list[list[arb]]) -> bool:
    size = len(work)
    for k in range(size):
        if not work[k][k] > 0:
            return False
        for i in range(k + 1, size):
            factor = work[i][k] / work[k][k]
            for j in range(k + 1, size):
                work[i][j] -= factor * work[k][j]
    return True


class Exact:
    """A sum of rank-one matrices in rational numbers, for matrices that are nearly singular."""

    def __init__(self, size: int) -> None:
        self.size, self.total = size, fmpq_mat(size, size)

    def add_square(self, forms: Sequence[Polynomial], low: Sequence[float]) -> None:
        """Add sum of low u u^T over the gradients u of affine forms."""
        rows = self._rows(forms)
        self.total += rows.transpose() * _scaled(rows, [rational(v) for v in low])

    def add_product(
        self, left: Sequence[Polynomial], right: Sequence[Polynomial],
        low: Sequence[float], high: Sequence[float],
    ) -> None:
        """Add what lies below sum of c (u v^T + v u^T), c between `low` and `high`."""
        u, v = self._rows(left), self._rows(right)
        ends = [(rational(a), rational(b)) for a, b in zip(low, high, strict=True)]
        cross = u.transpose() * _scaled(v, [(a + b) / 2 for a, b in ends])
        self.total += cross + cross.transpose()
        for rows in (u, v):
            self.total -= rows.transpose() * _scaled(rows, [(b - a) / 2 for a, b in ends])

    def positive(self) -> bool:
        """Tell whether the sum is positive semidefinite."""
        return negative_direction(self.total.tolist()) is None

    def _rows(self, forms: Sequence[Polynomial]) -> fmpq_mat:
        return fmpq_mat([[f.linear.get(k, fmpq(0)) for k in range(self.size)] for f in forms])


def _scaled(rows: fmpq_mat, weights: Sequence[fmpq]) -> fmpq_mat:
    return fmpq_mat([[weights[i] * rows[i, j] for j in range(rows.ncols())]
                     for i in range(rows.nrows())])
