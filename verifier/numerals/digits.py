"""Digits: mpmath numbers of a chosen length, read with private contexts.

mpmath's global context is neither thread-safe nor ours; a context belongs to one length and thread.
Products of matrices are formed exactly in integers and rounded once, which is faster than mpmath's
own dot product by a factor of ten or so and never less accurate.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from mpmath.ctx_mp import MPContext
from mpmath.libmp import from_float, from_int, from_man_exp

from .tokens import ZERO

Array = np.ndarray
WIDEST = 4  # rows whose exponents spread over more than 4 working precisions are not packed


def _is_token(value: Any) -> bool:
    return value is ZERO


_tokens = np.frompyfunc(_is_token, 1, 1)
_settle = np.frompyfunc(lambda value, fill: fill if type(value) is int else value, 2, 1)


def _boxed(values: Any) -> Array:
    if isinstance(values, np.ndarray):
        return values
    out = np.empty((), dtype=object)
    out[()] = values
    return out


def _filled(flat: Sequence[Any], shape: tuple[int, ...]) -> Array:
    out = np.empty(len(flat), dtype=object)
    out[:] = flat
    return out.reshape(shape)


@functools.lru_cache(maxsize=64)
def _context(dps: int, thread: int) -> Any:
    """Return a context of `dps` digits that one thread alone uses; making one takes a ms."""
    context = MPContext()
    context.dps = dps
    return context


@dataclass(frozen=True, slots=True)
class Digits:
    """The numeral of high-precision numbers.

    `dps` is the number of decimal digits; `context` is the private mpmath context. Arrays are
    object arrays of its mpf.
    """

    dps: int = 60
    context: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "context", _context(self.dps, threading.get_ident()))

    def number(self, value: Any) -> Any:
        """Return one floating, integer or boolean number exactly."""
        if isinstance(value, (bool, int, np.bool_, np.integer)):
            return self.context.make_mpf(from_int(int(value)))
        return self.context.make_mpf(from_float(float(value)))

    def exact(self, array: Any) -> Array:
        """Return the exact numbers of an array of float16, float32, float64, ints or bools."""
        values = np.asarray(array)
        return _filled([self.number(v) for v in values.ravel().tolist()], values.shape)

    def constant(self, array: Any) -> Array:
        """Return a constant at its exact stored value."""
        return self.exact(array)

    def scalar(self, row: Any, arrays: tuple[Array, ...]) -> Array:
        """Apply a row of the table entry by entry, shapes broadcast as numpy does."""
        function = row.digits(self.context)
        return _boxed(np.frompyfunc(function, len(arrays), 1)(*arrays))

    def matmul(self, a: Array, b: Array) -> Array:
        """Return ``a @ b`` for stacks of matrices, each entry rounded once where packed."""
        batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        if not batch:
            return self._product(a, b)
        left = np.broadcast_to(a, (*batch, *a.shape[-2:]))
        right = np.broadcast_to(b, (*batch, *b.shape[-2:]))
        out = np.empty((*batch, a.shape[-2], b.shape[-1]), dtype=object)
        for place in np.ndindex(*batch):
            out[place] = self._product(left[place], right[place])
        return out

    def matrix(self, op: str, arrays: tuple[Array, ...]) -> Array:
        """Return solve, inv, det or logabsdet of stacks of matrices; nan where singular."""
        function = _MATRIX[op]
        batch = np.broadcast_shapes(*(a.shape[:-2] for a in arrays))
        full = [np.broadcast_to(a, (*batch, *a.shape[-2:])) for a in arrays]
        if not batch:
            return _boxed(function(self.context, *full))
        parts = [function(self.context, *(f[i] for f in full)) for i in np.ndindex(*batch)]
        shape = np.shape(parts[0])
        return _filled([v for p in parts for v in np.ravel(_boxed(p))], (*batch, *shape))

    def settle(self, array: Array, absent: bool) -> Array:
        """Return the array with untouched entries (plain 0) as numbers, or as structural zeros."""
        return _boxed(_settle(array, ZERO if absent else self.context.zero))

    def strictly(self, a: Any, b: Any) -> tuple[bool | None, bool]:
        """Compare: (True if a > b, False if a < b, None if neither; whether equal)."""
        left = self.context.zero if a is ZERO else a
        right = self.context.zero if b is ZERO else b
        if left > right or left < right:
            return bool(left > right), False
        return None, bool(left == right)

    def hull(self, a: Any, b: Any) -> Any:
        """Return nan: single numbers enclose nothing."""
        return a if a is b else self.context.nan

    def guess(self, value: Any) -> float:
        """Return the nearest float, nan for what is not finite."""
        return float(value) if self.finite(value) else math.nan

    def finite(self, value: Any) -> bool:
        """Tell whether `value` is a finite number; a structural zero is."""
        return value is ZERO or bool(self.context.isfinite(value))

    def _product(self, a: Array, b: Array) -> Array:
        if 0 in (*a.shape, *b.shape):
            return _filled([self.context.zero] * (a.shape[0] * b.shape[1]),
                           (a.shape[0], b.shape[1]))
        left, right = self._packed(a), self._packed(b.T)
        if left is None or right is None:
            return self._by_dots(a, b)
        sums = (left[0] @ right[0].T).tolist()
        make, precision = self.context.make_mpf, self.context.prec
        flat = [make(from_man_exp(value, row + column, precision, "n"))
                for line, row in zip(sums, left[1], strict=True)
                for value, column in zip(line, right[1], strict=True)]
        return _filled(flat, (a.shape[0], b.shape[1]))

    def _packed(self, matrix: Array) -> tuple[Array, list[int]] | None:
        """Return each row as integers times one power of two; None where that does not pay."""
        lines, exponents = [], []
        for line in matrix.tolist():
            if any(v is ZERO for v in line):
                line = [self.context.zero if v is ZERO else v for v in line]
            parts = [v._mpf_ for v in line]
            present = [p for p in parts if p[1]]
            if any(not p[1] and p[2] for p in parts):  # inf or nan
                return None
            low = min((p[2] for p in present), default=0)
            if max((p[2] + p[3] for p in present), default=0) - low > WIDEST * self.context.prec:
                return None
            lines.append([0 if not m else -(m << (e - low)) if s else m << (e - low)
                          for s, m, e, _ in parts])
            exponents.append(low)
        return _filled([v for line in lines for v in line], matrix.shape), exponents

    def _by_dots(self, a: Array, b: Array) -> Array:
        """Return the product entry by entry: structural zeros annihilate, inf and nan spread."""
        columns = b.T.tolist()
        flat = [self._dot(row, column) for row in a.tolist() for column in columns]
        return _filled(flat, (a.shape[0], b.shape[1]))

    def _dot(self, row: list[Any], column: list[Any]) -> Any:
        pairs = [(x, y) for x, y in zip(row, column, strict=True)
                 if x is not ZERO and y is not ZERO]
        return self.context.fdot(pairs)


def _as_matrix(context: Any, array: Array) -> Any:
    plain = np.where(_tokens(array).astype(bool), context.zero, array)
    return context.matrix(plain.tolist())


def _array(matrix: Any, shape: tuple[int, ...]) -> Array:
    return _filled(list(matrix), shape)


def _solved(context: Any, a: Array, b: Array) -> Array:
    try:
        return _array(_inverse(context, a) * _as_matrix(context, b), b.shape)
    except ZeroDivisionError:
        return np.full(b.shape, context.nan, dtype=object)


def _inverse(context: Any, a: Array) -> Any:
    with context.workprec(2 * context.prec):
        return context.inverse(_as_matrix(context, a))


def _inverted(context: Any, a: Array) -> Array:
    try:
        return _array(_inverse(context, a), a.shape)
    except ZeroDivisionError:
        return np.full(a.shape, context.nan, dtype=object)


def _determinant(context: Any, a: Array) -> Any:
    with context.workprec(2 * context.prec):
        return +context.det(_as_matrix(context, a))


def _logabsdet(context: Any, a: Array) -> Any:
    value = _determinant(context, a)
    return context.log(abs(value)) if value else context.nan


def _eigenvalues(context: Any, a: Array) -> Any:
    values = context.eigsy(context.matrix(a.tolist()), eigvals_only=True)
    return _filled(sorted(values), (a.shape[-1],))


def _eigenvectors(context: Any, a: Array, like: Array) -> Any:
    n = a.shape[-1]
    values, vectors = context.eigsy(context.matrix(a.tolist()))
    out = np.empty((n, n), dtype=object)
    for place, k in enumerate(sorted(range(n), key=lambda k: values[k])):
        column = [vectors[i, k] for i in range(n)]
        leaning = sum((v * w for v, w in zip(column, like[:, place], strict=True)), context.zero)
        leaning = leaning or max(column, key=abs)
        out[:, place] = [v if leaning > 0 else -v for v in column]
    return out


_MATRIX: dict[str, Callable[..., Any]] = {
    "eigvalsh": _eigenvalues, "eigenvectors": _eigenvectors,
    "solve": _solved, "inv": _inverted, "det": _determinant, "logabsdet": _logabsdet,
}
