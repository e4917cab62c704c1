"""Balls: rigorous enclosures at points, on python-flint's `arb`.

A ball has no truth value. A comparison answers True, False or :data:`UNDECIDED`; two exactly equal
numbers are a tie, decided as the primitive itself decides it and reported as such.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import flint
import numpy as np
from flint import arb, arb_mat

from . import spectra
from .tokens import UNDECIDED, ZERO, Maybe

NAN = arb("nan")
NOUGHT = arb(0)
CONSTANT_ULPS = 4  # SOUNDNESS 2: folded constants are off by several ulp
MANTISSA = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}
Array = np.ndarray


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Set flint's working precision for a block: the one place that touches the global."""
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def _exact_one(value: Any) -> arb:
    return arb(float(value))


_exact = np.frompyfunc(_exact_one, 1, 1)


def as_objects(values: Any) -> Array:
    """Return an object array even where numpy would return a bare scalar."""
    if isinstance(values, np.ndarray):
        return values
    out = np.empty((), dtype=object)
    out[()] = values
    return out


def exact(array: Any) -> Array:
    """Return the exact balls (radius 0) of a floating array."""
    return as_objects(_exact(np.asarray(array)))


def is_short(value: float, dtype: str) -> bool:
    """Tell whether `value` is a short dyadic: one an author typed exactly, not a rounded real.

    Half of the dtype's mantissa is the bar: 0.5, 3 and 1e6 are short, 0.1 and sqrt(2/pi) are not.
    """
    if not math.isfinite(value) or value == 0.0:
        return True
    mantissa = int(abs(math.frexp(value)[0]) * 2**53)
    bits = 53 - ((mantissa & -mantissa).bit_length() - 1)
    return bits <= MANTISSA.get(dtype, 53) // 2


def _widened_one(value: Any, dtype: str) -> arb:
    number = float(value)
    if is_short(number, dtype):
        return arb(number)
    ulp = 2.0 ** (1 - MANTISSA.get(dtype, 53))
    return arb(number, CONSTANT_ULPS * ulp * abs(number))


def strictly(a: Any, b: Any) -> tuple[bool | None, bool]:
    """Compare two balls: True if a > b, False if a < b, else None; and whether exactly equal."""
    if a > b:
        return True, False
    if a < b:
        return False, False
    gap = a - b
    return None, bool(gap.is_zero())


def hull(a: Any, b: Any) -> Any:
    """Return the smallest ball around both; not finite if either is not."""
    if a is ZERO and b is ZERO:
        return ZERO
    left = NOUGHT if a is ZERO else a
    right = NOUGHT if b is ZERO else b
    if not (left.is_finite() and right.is_finite()):
        return NAN
    return left.union(right)


def plain(array: Array) -> Array:
    """Return the array with every structural zero (and plain int) as an exact ball."""
    return as_objects(_plain(array))


def _plain_one(value: Any) -> Any:
    if value is ZERO:
        return NOUGHT
    return arb(value) if type(value) in (int, float) else value


_plain = np.frompyfunc(_plain_one, 1, 1)
is_finite = np.frompyfunc(lambda v: v is ZERO or bool(v.is_finite()), 1, 1)


def all_finite(array: Array) -> bool:
    """Tell whether every ball of `array` is finite."""
    return bool(np.all(is_finite(array))) if array.size else True


def _matrix(array: Array) -> arb_mat:
    rows, columns = array.shape
    return arb_mat(rows, columns, array.ravel().tolist())


def _dense(matrix: arb_mat, shape: tuple[int, int]) -> Array:
    out = np.empty(shape[0] * shape[1], dtype=object)
    out[:] = matrix.entries()
    return out.reshape(shape)


def _number(value: Any) -> Any:
    """A decision used as a number is 0 or 1, an open one anything between its options."""
    if isinstance(value, Maybe):
        options = sorted(value.options)
        return arb(int(options[0])).union(arb(int(options[-1])))
    return arb(int(value)) if isinstance(value, (bool, int, np.bool_, np.integer)) else value


def _numbers(array: Array) -> Array:
    return as_objects(np.frompyfunc(_number, 1, 1)(array))


def _has_token(array: Array) -> bool:
    return any(v is ZERO for v in array.ravel().tolist())


def _product(a: Array, b: Array) -> Array:
    shape = (a.shape[0], b.shape[1])
    if 0 in (*a.shape, *b.shape):
        return np.full(shape, NOUGHT, dtype=object)
    tokens = _has_token(a), _has_token(b)
    if (tokens[0] and not all_finite(b)) or (tokens[1] and not all_finite(a)):
        return as_objects((a[:, :, None] * b[None, :, :]).sum(axis=1))
    left = plain(a) if tokens[0] else a
    right = plain(b) if tokens[1] else b
    return _dense(_matrix(left) * _matrix(right), shape)


def over_batch(one: Callable[..., Array], *stacks: Array) -> Array:
    """Apply a matrix function to stacks of matrices, leading axes broadcast."""
    batch = np.broadcast_shapes(*(s.shape[:-2] for s in stacks))
    if not batch:
        return one(*stacks)
    full = [np.broadcast_to(s, (*batch, *s.shape[-2:])) for s in stacks]
    parts = [one(*(f[i] for f in full)) for i in np.ndindex(*batch)]
    out = np.empty((len(parts), *parts[0].shape), dtype=object)
    for i, part in enumerate(parts):
        out[i] = part
    return out.reshape(*batch, *parts[0].shape)


def _solved(a: Array, b: Array) -> Array:
    try:
        return _dense(_matrix(plain(a)).solve(_matrix(plain(b))), b.shape)
    except ZeroDivisionError:
        return np.full(b.shape, NAN, dtype=object)


def _inverted(a: Array) -> Array:
    try:
        return _dense(_matrix(plain(a)).inv(), a.shape)
    except ZeroDivisionError:
        return np.full(a.shape, NAN, dtype=object)


def _determinant(a: Array) -> Array:
    return as_objects(_matrix(plain(a)).det())


def _logabsdet(a: Array) -> Array:
    value = _matrix(plain(a)).det()
    return as_objects(abs(value).log() if not value.contains(0) else NAN)


@dataclass(frozen=True, slots=True)
class Balls:
    """The numeral of enclosures.

    `bits` is the working precision; `widen` reads constants as reading B of SOUNDNESS 2 does:
    every scalar or array constant that is not a short dyadic gets a radius of 4 ulp.
    """

    bits: int = 128
    widen: bool = False

    def exact(self, array: Any) -> Array:
        return exact(array)

    def constant(self, array: Any) -> Array:
        values = np.asarray(array)
        if not self.widen:
            return exact(values)
        one = np.frompyfunc(lambda v: _widened_one(v, values.dtype.name), 1, 1)
        return as_objects(one(values))

    def scalar(self, row: Any, arrays: tuple[Array, ...]) -> Array:
        evaluate = np.frompyfunc(row.balls, len(arrays), 1)
        try:
            return as_objects(evaluate(*arrays))
        except TypeError:  # a decision is used as a number
            return as_objects(evaluate(*(_numbers(a) for a in arrays)))

    def matmul(self, a: Array, b: Array) -> Array:
        return over_batch(_product, a, b)

    def matrix(self, op: str, arrays: tuple[Array, ...]) -> Array:
        return over_batch(_MATRIX[op], *arrays)

    def settle(self, array: Array, absent: bool) -> Array:
        """Return the array with untouched entries (plain 0) as balls, or as structural zeros."""
        return as_objects(_settle(array, ZERO if absent else NOUGHT))

    def strictly(self, a: Any, b: Any) -> tuple[bool | None, bool]:
        return strictly(a, b)

    def hull(self, a: Any, b: Any) -> Any:
        return hull(a, b)

    def guess(self, value: Any) -> float:
        return float(value.mid()) if value.is_finite() else math.nan

    def finite(self, value: Any) -> bool:
        return bool(value.is_finite())


def _eigenvectors(a: Array, like: Array) -> Array:
    return spectra.eigenvectors(_matrix(plain(a)), plain(like))


_settle = np.frompyfunc(lambda value, fill: fill if type(value) is int else value, 2, 1)
_MATRIX: dict[str, Callable[..., Array]] = {
    "solve": _solved,
    "inv": _inverted,
    "det": _determinant,
    "logabsdet": _logabsdet,
    "eigvalsh": lambda a: spectra.eigenvalues(_matrix(plain(a))),
    "eigenvectors": _eigenvectors,
}
__all__ = ["NAN", "NOUGHT", "UNDECIDED", "ZERO", "Balls", "Maybe", "exact", "precision"]
