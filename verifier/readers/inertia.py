"""How many eigenvalues are positive, negative, zero? Certified, without computing them.

Congruence keeps the inertia (Sylvester): a symmetric matrix is reduced by 1x1 and 2x2 pivots
(Bunch and Parlett 1971) whose signs are certain. Rationals leave nothing open; balls leave open
what no precision can tell from zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat

from ..numerals import spectra
from ..numerals.balls import as_objects, exact

Array = np.ndarray
SMALL = 40  # rows up to which flint encloses the eigenvalues to all bits
SHARE = 0.6403882032022076  # (1 + sqrt 17) / 8, the pivot rule of Bunch and Parlett


@dataclass(frozen=True, slots=True)
class Inertia:
    """Numbers of positive, negative and exactly zero eigenvalues; `open` could not be told."""

    positive: int
    negative: int
    zero: int = 0
    open: int = 0

    @property
    def size(self) -> int:
        return self.positive + self.negative + self.zero + self.open

    @property
    def rank(self) -> tuple[int, int]:
        """The least and the greatest rank."""
        least = self.positive + self.negative
        return least, least + self.open

    def __str__(self) -> str:
        parts = [f"{self.positive} positive", f"{self.negative} negative", f"{self.zero} zero"]
        return ", ".join(parts + ([f"{self.open} undecided"] if self.open else []))


def sign_of(value: Any) -> int | None:
    """Return the sign of a rational or a ball, None where it is not certain."""
    if value > 0:
        return 1
    if value < 0:
        return -1
    return 0 if value == 0 else None


def inertia(matrix: Array) -> Inertia:
    """Return the inertia of a symmetric matrix of rationals or of balls (only one half is read)."""
    left = np.array(matrix, dtype=object)
    counts = {1: 0, -1: 0}
    while left.shape[0]:
        pivots = _pivot(left)
        if pivots is None:
            rest = left.shape[0]
            nought = all(sign_of(v) == 0 for v in left.ravel().tolist())
            return Inertia(counts[1], counts[-1], rest if nought else 0, 0 if nought else rest)
        signs = _signs(left, pivots)
        for sign in signs:
            counts[sign] += 1
        left = _complement(left, pivots)
    return Inertia(counts[1], counts[-1])


def _pivot(matrix: Array) -> tuple[int, ...] | None:
    """Return the index (or pair) to reduce by, None where no pivot has a certain sign."""
    size = np.abs(_floats(matrix))
    diagonal = np.where([sign_of(v) in (1, -1) for v in matrix.diagonal()], size.diagonal(), -1.0)
    best = int(np.argmax(diagonal))
    off = size - np.diag(size.diagonal())
    i, j = divmod(int(np.argmax(off)), size.shape[0])
    if diagonal[best] > 0 and diagonal[best] >= SHARE * off[i, j]:
        return (best,)
    if i != j and _determinant(matrix, i, j) == -1:
        return (i, j)
    return (best,) if diagonal[best] >= 0 else None


def _determinant(matrix: Array, i: int, j: int) -> int | None:
    return sign_of(matrix[i, i] * matrix[j, j] - matrix[i, j] * matrix[i, j])


def _floats(matrix: Array) -> Array:
    return np.asarray(np.frompyfunc(_float, 1, 1)(matrix), dtype=float)


def _float(value: Any) -> float:
    number = value.mid() if isinstance(value, arb) else value
    try:
        found = float(number)
    except OverflowError:
        return 1e300
    return found if np.isfinite(found) else 0.0


def _signs(matrix: Array, pivots: tuple[int, ...]) -> tuple[int, ...]:
    if len(pivots) == 2:
        return (1, -1)  # the determinant of the pair is negative
    sign = sign_of(matrix[pivots[0], pivots[0]])
    assert sign in (1, -1)
    return (sign,)


def _complement(matrix: Array, pivots: tuple[int, ...]) -> Array:
    """Return the Schur complement of the pivots."""
    kept = [k for k in range(matrix.shape[0]) if k not in pivots]
    rest, side = matrix[np.ix_(kept, kept)], matrix[np.ix_(kept, pivots)]
    if len(pivots) == 1:
        column = side[:, 0]
        return np.asarray(
            rest - np.multiply.outer(column, column / matrix[pivots[0], pivots[0]]), dtype=object)
    (i, j), (p, q) = pivots, (side[:, 0], side[:, 1])
    a, b, c = matrix[i, i], matrix[i, j], matrix[j, j]
    below = a * c - b * b
    change = (np.multiply.outer(p, (c * p - b * q) / below)
              + np.multiply.outer(q, (a * q - b * p) / below))
    return np.asarray(rest - change, dtype=object)


# ---------------------------------------------------------------- enclosures of eigenvalues
def eigenvalues(matrix: Array) -> list[tuple[arb, arb]] | None:
    """Return lower and upper bounds of the eigenvalues of a symmetric matrix of balls, ascending.

    Small matrices by flint's certified eigenvalues. Others, or where these fail: with V the
    eigenvectors in floats, read exactly, and d = |V'V - 1| < 1, the eigenvalues of
    V'AV are those of A times factors in [1 - d, 1 + d] (Ostrowski), and lie within |offdiagonal| of
    its diagonal, sorted (Weyl). None where floats find no vectors.
    """
    n = matrix.shape[0]
    if 0 < n <= SMALL:
        sharp = spectra.eigenvalues(arb_mat(n, n, matrix.ravel().tolist()))
        if all(v.is_finite() for v in sharp):
            return [(v.lower(), v.upper()) for v in sharp]
    middle = _floats(matrix)
    try:
        _, vectors = np.linalg.eigh((middle + middle.T) / 2)
    except np.linalg.LinAlgError:
        return None
    v = arb_mat(n, n, exact(vectors).ravel().tolist())
    a = arb_mat(n, n, matrix.ravel().tolist())
    turned = v.transpose() * a * v
    off = v.transpose() * v - arb_mat(n, n, [arb(int(i == j)) for i in range(n) for j in range(n)])
    skew = _norm(off)
    if not skew < 1:
        return None
    diagonal = [turned[i, i] for i in range(n)]
    entries = [turned[i, j] for i in range(n) for j in range(n) if i != j]
    reach = _norm_of(entries)
    found = sorted(diagonal, key=lambda d: float(d.mid()))
    wide = max((d.rad() for d in diagonal), default=arb(0))
    return [_undone(arb(d.mid(), 0), reach + wide, skew) for d in found]


def _undone(middle: arb, reach: arb, skew: arb) -> tuple[arb, arb]:
    low, high = (middle - reach).lower(), (middle + reach).upper()
    shrink, grow = 1 / (1 + skew), 1 / (1 - skew)
    lower = low * (shrink if low > 0 else grow)
    upper = high * (grow if high > 0 else shrink)
    return lower.lower(), upper.upper()


def _norm(matrix: arb_mat) -> arb:
    return _norm_of(matrix.entries())


def _norm_of(entries: list[arb]) -> arb:
    total = arb(0)
    for value in entries:
        total += value * value
    return total.upper().sqrt().upper()


def condition(matrix: Array) -> tuple[float, float] | None:
    """Return bounds of the spectral condition number of a symmetric matrix, upper may be inf."""
    found = eigenvalues(as_objects(matrix))
    if not found:
        return None
    sizes = [(max(low, -high, arb(0)), max(-low, high)) for low, high in found]
    most = max(s[0] for s in sizes), max(s[1] for s in sizes)
    least = min(s[0] for s in sizes), min(s[1] for s in sizes)
    if not least[1] > 0:
        return (np.inf, np.inf)
    upper = float((most[1] / least[0]).upper()) if least[0] > 0 else np.inf
    return float((most[0] / least[1]).lower()), upper
