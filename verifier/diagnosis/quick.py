"""The numeral that sifts: double precision, whole arrays at once. It never confirms anything.

Hundreds of gradients with one wrong rule are read in it; the few that come near the claim are then
read in balls. Structural zeros are taken for 0, so an entry that is nan here is not sifted out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..numerals.balls import plain
from ..numerals.tokens import ZERO

Array = np.ndarray
NEAR = 2.0**-20  # relative to the largest entry: beyond it a candidate is not read in balls

_plain_number = np.frompyfunc(lambda v: 0.0 if v is ZERO else float(v), 1, 1)


def as_floats(array: Any) -> Array:
    values = np.asarray(array)
    if values.dtype != object:
        return values
    return np.asarray(_plain_number(values)).astype(float)


def middles(balls: Array) -> Array:
    """Return a block of balls as floats."""
    one = np.frompyfunc(lambda v: float(v.mid()) if v.is_finite() else np.nan, 1, 1)
    return np.asarray(one(plain(balls)), dtype=float)


def near(a: Array, b: Array) -> bool:
    """Tell whether two blocks of floats are close enough to be worth reading in balls."""
    with np.errstate(all="ignore"):
        gap = np.abs(a - b)
        largest = np.max(np.abs(b), initial=0.0, where=np.isfinite(b))
        return not bool(np.any(gap > NEAR * largest + np.finfo(float).tiny))


@dataclass(frozen=True, slots=True)
class Floats:
    """Numbers as numpy computes them."""

    def exact(self, array: Any) -> Array:
        return np.asarray(array, dtype=float)

    def constant(self, array: Any) -> Array:
        return np.asarray(array, dtype=float)

    def scalar(self, row: Any, arrays: tuple[Array, ...]) -> Array:
        return np.asarray(row.floats(*(as_floats(a) for a in arrays)))

    def matmul(self, a: Array, b: Array) -> Array:
        return np.asarray(np.matmul(as_floats(a), as_floats(b)))

    def matrix(self, op: str, arrays: tuple[Array, ...]) -> Array:
        return np.asarray(_MATRIX[op](*(as_floats(a) for a in arrays)))

    def settle(self, array: Array, absent: bool) -> Array:
        return as_floats(array)

    def strictly(self, a: Any, b: Any) -> tuple[bool | None, bool]:
        if a == b:
            return None, True
        return bool(a > b), False

    def hull(self, a: Any, b: Any) -> Any:
        return a

    def guess(self, value: Any) -> float:
        return float(value)

    def finite(self, value: Any) -> bool:
        return bool(np.isfinite(value))


_MATRIX: Mapping[str, Callable[..., Any]] = {
    "solve": np.linalg.solve, "inv": np.linalg.inv, "det": np.linalg.det,
    "logabsdet": lambda a: np.linalg.slogdet(a)[1], "eigvalsh": np.linalg.eigvalsh,
    "eigenvectors": lambda a, like: np.linalg.eigh(a)[1] * np.where(
        np.sum(np.linalg.eigh(a)[1] * like, axis=0) < 0, -1.0, 1.0),
}
