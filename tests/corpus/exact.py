"""The true derivative of a case in mpmath: its closed form, or 120-digit differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
from mpmath import mp, mpf

from .record import Case

DIGITS = 120


def mp_sigmoid(z: Any) -> Any:
    """Return the logistic function of an mpmath number."""
    return 1 / (1 + mpmath.exp(-z))


def mp_dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    """Return the inner product of two lists."""
    return sum((p * q for p, q in zip(a, b, strict=True)), mpf(0))


def mp_rows(flat: Sequence[Any], rows: int, columns: int) -> list[Sequence[Any]]:
    """Cut a flat list into `rows` lists of `columns` entries."""
    return [flat[i * columns : (i + 1) * columns] for i in range(rows)]


def mp_softmax(z: Sequence[Any]) -> list[Any]:
    """Return softmax of a list."""
    top = max(z)
    powers = [mpmath.exp(v - top) for v in z]
    return [v / sum(powers) for v in powers]


def mp_array(values: Any) -> Any:
    """Return nested lists of mpf from doubles: the constants exactly as the code holds them."""
    array = np.asarray(values)
    return mpf(float(array)) if array.ndim == 0 else [mp_array(v) for v in array]


def inputs(case: Case, point: Any) -> np.ndarray:
    """Return the point as the case's functions receive it: an array of its dtype."""
    return np.atleast_1d(np.asarray(point, dtype=np.float64)).astype(case.dtype)


def truth(case: Case, point: Any) -> list[Any]:
    """Return the true derivative at `point`, flat, in mpf."""
    flat = [mpf(float(v)) for v in inputs(case, point).ravel()]
    with mp.workdps(DIGITS):
        if case.exact_slope is not None:
            slope = case.exact_slope(flat if case.scalar else flat[0])
            return list(slope) if isinstance(slope, list | tuple) else [mpf(slope)]
        if not case.scalar:
            return [_difference(case.exact, flat[0], case.order)]
        if case.order == 1:
            return _gradient(case.exact, flat)
        hessian = _hessian(case.exact, flat)
        if case.diagonal:
            return [hessian[i][i] for i in range(len(flat))]
        return [entry for row in hessian for entry in row]


def relative_error(claimed: np.ndarray, true: Sequence[Any]) -> float:
    """Return the largest error over the largest true component (absolute where that is 0)."""
    if not np.all(np.isfinite(claimed)):
        return float("inf")
    with mp.workdps(50):
        scale = max(abs(t) for t in true)
        error = max(abs(mpf(float(c)) - t) for c, t in zip(claimed, true, strict=True))
        return float(error / scale) if scale > 0 else float(error)


def _step(x: Any, exponent: int) -> Any:
    return mpf(10) ** exponent * (abs(x) if x != 0 else 1)


def _difference(f: Callable[[Any], Any], x: Any, order: int) -> Any:
    h = _step(x, -40 if order == 1 else -30)
    if order == 1:
        return (f(x + h) - f(x - h)) / (2 * h)
    return (f(x + h) - 2 * f(x) + f(x - h)) / h**2


def _gradient(f: Callable[[Any], Any], x: list[Any]) -> list[Any]:
    slopes = []
    for i in range(len(x)):
        h = _step(x[i], -40)
        ahead, behind = list(x), list(x)
        ahead[i] += h
        behind[i] -= h
        slopes.append((f(ahead) - f(behind)) / (2 * h))
    return slopes


def _hessian(f: Callable[[Any], Any], x: list[Any]) -> list[list[Any]]:
    steps = [_step(v, -30) for v in x]

    def shifted(*moves: tuple[int, int]) -> Any:
        moved = list(x)
        for i, sign in moves:
            moved[i] += sign * steps[i]
        return f(moved)

    n = len(x)
    hessian = [[mpf(0)] * n for _ in range(n)]
    for i in range(n):
        hessian[i][i] = (shifted((i, 1)) - 2 * f(x) + shifted((i, -1))) / steps[i] ** 2
        for j in range(i):
            corners = (
                shifted((i, 1), (j, 1))
                - shifted((i, 1), (j, -1))
                - shifted((i, -1), (j, 1))
                + shifted((i, -1), (j, -1))
            )
            hessian[i][j] = hessian[j][i] = corners / (4 * steps[i] * steps[j])
    return hessian
