"""Matrices of germs: products by coefficient, systems and determinants by elimination."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb

from . import balls
from .germ import UNSIGNED, Beyond, Exponent, Germ, build, has_logs, leading, power
from .germ_calculus import log_magnitude
from .tokens import ZERO
from .twins import NOUGHT, Twin, is_number, sign_of, stored, twice, widened

Array = np.ndarray


def _slices(array: Array, of: Callable[[Any], Any]) -> dict[Exponent, Array]:
    """Return the coefficient matrices of an array of Taylor germs, by exponent."""
    found: dict[Exponent, Array] = {}
    for place, value in enumerate(array.ravel().tolist()):
        terms = value.terms if isinstance(value, Germ) else ((0, value),)
        for exponent, number in terms:
            if exponent not in found:
                found[exponent] = np.full(array.size, NOUGHT, dtype=object)
            found[exponent][place] = NOUGHT if number is ZERO else of(number)
    return {e: m.reshape(array.shape) for e, m in found.items()}


def _is_taylor(value: Any) -> bool:
    if isinstance(value, Germ):
        whole = all(isinstance(e, int) for e, _ in value.terms)
        return value.lead >= 0 and whole and not has_logs(value)
    return value is ZERO or (not isinstance(value, Beyond) and is_number(value))


def _by_coefficients(a: Array, b: Array) -> Array:
    """Multiply two matrices of Taylor germs, one product of balls for each pair of exponents."""
    everything = [*a.ravel().tolist(), *b.ravel().tolist()]
    germs = [v for v in everything if isinstance(v, Germ)]
    top = min((g.top for g in germs), default=1)
    cuts = [g.cut for g in germs if g.cut is not None]
    cut = min(cuts) if cuts else None
    twins = any(_holds_twin(v) for v in everything)
    parts = [_convolved(a, b, of, top) for of in ((stored, widened) if twins else (stored,))]
    out = np.empty(a.shape[0] * b.shape[1], dtype=object)
    for k in range(out.size):
        sums = [{e: m[k] for e, m in part.items()} for part in parts]
        terms: dict[Exponent, Any] = dict(sums[0])
        if twins:
            terms = {e: Twin(c, sums[1][e]) for e, c in terms.items()}
        out[k] = build(terms, cut, top)
    return out.reshape(a.shape[0], b.shape[1])


def _holds_twin(value: Any) -> bool:
    if isinstance(value, Germ):
        return any(type(c) is Twin for _, c in value.terms)
    return type(value) is Twin


def _convolved(
    a: Array, b: Array, of: Callable[[Any], Any], top: Exponent
) -> dict[Exponent, Array]:
    left, right = _slices(a, of), _slices(b, of)
    sums: dict[Exponent, Array] = {}
    for i, p in left.items():
        for j, q in right.items():
            product = balls.Balls().matmul(p, q).ravel()
            sums[i + j] = sums[i + j] + product if i + j in sums else product
    return sums


def multiplied(a: Array, b: Array) -> Array:
    if 0 in (*a.shape, *b.shape):
        return np.full((a.shape[0], b.shape[1]), NOUGHT, dtype=object)
    everything = [*a.ravel().tolist(), *b.ravel().tolist()]
    if not any(isinstance(v, (Germ, Twin, Beyond)) for v in everything):
        return balls.Balls().matmul(a, b)
    if all(_is_taylor(v) for v in everything):
        return _by_coefficients(a, b)
    return balls.as_objects((a[:, :, None] * b[None, :, :]).sum(axis=1))


# ---------------------------------------------------------------- elimination
def _usable(value: Any) -> tuple[Exponent, float] | None:
    """Return how good a pivot is (least order, then largest), None where it may be zero."""
    if isinstance(value, Germ):
        first = leading(value)
        return None if first is None else (first[0], -abs(float(stored(first[1]).mid())))
    if value is ZERO or isinstance(value, Beyond) or not sign_of(value):
        return None
    return (0, -abs(float(stored(value).mid())))


def _over(a: Any, b: Any) -> Any:
    return a * power(b, -1) if isinstance(b, Germ) else a * twice(lambda c: 1 / c, b)


def _eliminated(a: Array, b: Array) -> tuple[Array, Any]:
    """Return (a^-1 b, det a) of one matrix by elimination with the best certain pivots."""
    left, right = balls.as_objects(a.copy()), balls.as_objects(b.copy())
    determinant: Any = arb(1)
    size = left.shape[0]
    for k in range(size):
        ranked = [(r, i) for i in range(k, size) if (r := _usable(left[i, k])) is not None]
        if not ranked:
            return np.full(b.shape, UNSIGNED, dtype=object), UNSIGNED
        best = min(ranked)[1]
        if best != k:
            left[[k, best]], right[[k, best]] = left[[best, k]], right[[best, k]]
            determinant = -determinant
        pivot = left[k, k]
        determinant = pivot * determinant
        for i in range(size):
            if i != k:
                factor = _over(left[i, k], pivot)
                left[i] = [p - factor * q for p, q in zip(left[i], left[k], strict=True)]
                right[i] = [p - factor * q for p, q in zip(right[i], right[k], strict=True)]
    for k in range(size):
        right[k] = [_over(p, left[k, k]) for p in right[k]]
    return right, determinant


def _identity(size: int) -> Array:
    return balls.exact(np.eye(size))


def _logarithm(a: Array) -> Array:
    value = _eliminated(balls.plain(a), _identity(a.shape[0]))[1]
    return balls.as_objects(log_magnitude(value))


MATRIX: dict[str, Callable[..., Array]] = {
    "solve": lambda a, b: _eliminated(balls.plain(a), balls.plain(b))[0],
    "eigvalsh": lambda a: np.full(a.shape[:1], Beyond("eigenvalues beside this point")),
    "eigenvectors": lambda a, like: np.full(a.shape, Beyond("eigenvectors beside this point")),
    "inv": lambda a: _eliminated(balls.plain(a), _identity(a.shape[0]))[0],
    "det": lambda a: balls.as_objects(_eliminated(balls.plain(a), _identity(a.shape[0]))[1]),
    "logabsdet": _logarithm,
}
