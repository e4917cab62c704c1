"""Rationals: exact numbers, on python-flint's `fmpq`, for graphs that stay within them.

Every float is a dyadic rational, so piecewise-linear nets and their squared losses are read without
any error, and every comparison is decided. What leaves the rationals raises :class:`NotRational`;
the caller reads the graph in balls instead.

>>> Rationals().exact([0.75])[0] * 4
3
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from ..errors import VerifierError
from .balls import as_objects, over_batch
from .tokens import ZERO, Maybe

Array = np.ndarray
NOUGHT = fmpq(0)
MOST_POWER = 64  # exponents beyond this are left to the balls


class NotRational(VerifierError):
    """A value that is no rational number, or an operation that leaves the rationals."""


def rational(value: Any) -> fmpq:
    """Return the exact rational value of a float. Raises NotRational for inf and nan."""
    number = float(value)
    if not math.isfinite(number):
        raise NotRational(f"{number} is no rational number", slug="not-rational")
    return fmpq(*number.as_integer_ratio())


def to_float(value: Any) -> float:
    """Return the float nearest to a rational or a ball's midpoint, inf where it is too large.

    >>> to_float(fmpq(10) ** 400)
    inf
    """
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, 1 if value > 0 else -1)


_exact = np.frompyfunc(rational, 1, 1)


def _truncated(x: fmpq) -> fmpq:
    return fmpq(x.floor() if x > 0 else x.ceil())


def _rounded(x: fmpq) -> fmpq:
    """Round to the nearest integer, ties to even."""
    low = x.floor()
    gap = x - low - fmpq(1, 2)
    return fmpq(low if gap < 0 or (gap == 0 and int(low) % 2 == 0) else low + 1)


def _power(x: fmpq, exponent: fmpq) -> fmpq:
    if exponent.q != 1 or abs(exponent) > MOST_POWER:
        raise NotRational("a power without a small whole exponent", slug="not-rational")
    if x == 0 and exponent < 0:
        raise NotRational("0 to a negative power", slug="not-rational")
    return x ** int(exponent.p)


def _divided(a: fmpq, b: fmpq) -> fmpq:
    if b == 0:
        raise NotRational("a division by 0", slug="not-rational")
    return a / b


_ROWS: Mapping[str, Callable[..., Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul,
    "divide": _divided, "reciprocal": lambda x: _divided(fmpq(1), x),
    "negative": operator.neg, "absolute": abs, "square": lambda x: x * x, "power": _power,
    "relu": lambda x: x if x > 0 else NOUGHT,
    "maximum": lambda a, b: a if a > b else b,
    "minimum": lambda a, b: b if a > b else a,
    "sign": lambda x: fmpq((x > 0) - (x < 0)),
    "heaviside": lambda x, h: h if x == 0 else fmpq(int(x > 0)),
    "floor": lambda x: fmpq(x.floor()), "ceil": lambda x: fmpq(x.ceil()),
    "trunc": _truncated, "round": _rounded,
    "remainder": lambda a, b: a - b * _divided(a, b).floor(),
    "fmod": lambda a, b: a - b * _truncated(_divided(a, b)),
}
RATIONAL_ROWS = frozenset(_ROWS)


def _kept(row: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return a row that knows the structural zero: it passes through where balls let it pass."""
    if name in ("add", "subtract", "multiply", "negative", "divide"):
        return row
    return lambda *x: row(*(NOUGHT if v is ZERO else v for v in x))


def plain(array: Array) -> Array:
    """Return the array with structural zeros and plain integers as rationals."""
    return as_objects(_plain(array))


_plain = np.frompyfunc(lambda v: NOUGHT if v is ZERO else fmpq(v) if type(v) is int else v, 1, 1)


def _matrix(array: Array) -> fmpq_mat:
    rows, columns = array.shape
    return fmpq_mat(rows, columns, plain(array).ravel().tolist())


def _dense(matrix: fmpq_mat) -> Array:
    out = np.empty(matrix.nrows() * matrix.ncols(), dtype=object)
    out[:] = matrix.entries()
    return out.reshape(matrix.nrows(), matrix.ncols())


def _product(a: Array, b: Array) -> Array:
    if 0 in (*a.shape, *b.shape):
        return np.full((a.shape[0], b.shape[1]), NOUGHT, dtype=object)
    return _dense(_matrix(a) * _matrix(b))


def _invertible(one: Callable[..., Array]) -> Callable[..., Array]:
    def careful(*arrays: Array) -> Array:
        try:
            return one(*arrays)
        except ZeroDivisionError as error:
            raise NotRational("a singular matrix", slug="not-rational") from error

    return careful


_MATRIX: Mapping[str, Callable[..., Array]] = {
    "solve": _invertible(lambda a, b: _dense(_matrix(a).solve(_matrix(b)))),
    "inv": _invertible(lambda a: _dense(_matrix(a).inv())),
    "det": lambda a: as_objects(_matrix(a).det()),
}


@dataclass(frozen=True, slots=True)
class Rationals:
    """The numeral of exact rational numbers (readers.value.Numeral)."""

    def exact(self, array: Any) -> Array:
        return as_objects(_exact(np.asarray(array)))

    def constant(self, array: Any) -> Array:
        return self.exact(array)

    def scalar(self, row: Any, arrays: tuple[Array, ...]) -> Array:
        rule = _ROWS.get(row.name)
        if rule is None:
            raise NotRational(f"'{row.name}' leaves the rationals", slug="not-rational")
        return as_objects(np.frompyfunc(_kept(rule, row.name), len(arrays), 1)(*arrays))

    def matmul(self, a: Array, b: Array) -> Array:
        return over_batch(_product, a, b)

    def matrix(self, op: str, arrays: tuple[Array, ...]) -> Array:
        rule = _MATRIX.get(op)
        if rule is None:
            raise NotRational(f"'{op}' leaves the rationals", slug="not-rational")
        return over_batch(rule, *arrays)

    def settle(self, array: Array, absent: bool) -> Array:
        fill = ZERO if absent else NOUGHT
        one = np.frompyfunc(lambda v: fill if type(v) is int else v, 1, 1)
        return as_objects(one(array))

    def strictly(self, a: Any, b: Any) -> tuple[bool | None, bool]:
        left, right = (NOUGHT if v is ZERO else v for v in (a, b))
        return (None, True) if left == right else (bool(left > right), False)

    def hull(self, a: Any, b: Any) -> Any:
        if a is ZERO and b is ZERO:
            return ZERO
        raise NotRational("an undecided choice between two numbers", slug="not-rational")

    def guess(self, value: Any) -> float:
        return 0.0 if value is ZERO else float(value)

    def finite(self, value: Any) -> bool:
        return not isinstance(value, Maybe)


__all__ = ["NOUGHT", "RATIONAL_ROWS", "NotRational", "Rationals", "plain", "rational"]
