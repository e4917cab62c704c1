"""Which values are polynomials of degree two or less? Exactly, in rational numbers.

Every float is a rational number, so sums and products of inputs and constants have exact
coefficients. A quadratic form is then decided by an exact LDL decomposition: an eigenvalue of
-1e-10 is negative, one of 0 is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat

from ..graph.node import Node
from ..primitives.linear import LINEAR
from ..primitives.table import SCALARS

Array = np.ndarray
NONE = fmpq(0)
ONE = fmpq(1)


@dataclass(frozen=True, slots=True)
class Polynomial:
    """constant + sum linear[i] x_i + sum quadratic[i, j] x_i x_j over i <= j."""

    constant: fmpq
    linear: Mapping[int, fmpq]
    quadratic: Mapping[tuple[int, int], fmpq]

    @property
    def degree(self) -> int:
        return 2 if self.quadratic else (1 if self.linear else 0)

    def __add__(self, other: Any) -> Any:
        right = _lifted(other)
        if right is None:
            return BEYOND
        return Polynomial(self.constant + right.constant, _summed(self.linear, right.linear),
                          _summed(self.quadratic, right.quadratic))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        right = _lifted(other)
        return BEYOND if right is None else self + right.scaled(fmpq(-1))

    def __rsub__(self, other: Any) -> Any:
        return self.scaled(fmpq(-1)) + other

    def __mul__(self, other: Any) -> Any:
        right = _lifted(other)
        if right is None:
            return BEYOND
        if not right.degree or not self.degree:
            one, factor = (self, right.constant) if not right.degree else (right, self.constant)
            return one.scaled(factor)
        return BEYOND if self.degree + right.degree > 2 else _product(self, right)

    __rmul__ = __mul__

    def scaled(self, factor: fmpq) -> Polynomial:
        if factor == 0:
            return Polynomial(NONE, {}, {})
        return Polynomial(self.constant * factor, {k: v * factor for k, v in self.linear.items()},
                          {k: v * factor for k, v in self.quadratic.items()})


class Beyond:
    """Not a polynomial of degree two or less, or not known to be one; absorbs everything."""

    __slots__ = ()

    def _same(self, other: Any) -> Beyond:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _same


BEYOND = Beyond()


def _lifted(value: Any) -> Polynomial | None:
    if isinstance(value, Polynomial):
        return value
    return Polynomial(fmpq(value), {}, {}) if isinstance(value, int) else None


def _summed(a: Mapping[Any, fmpq], b: Mapping[Any, fmpq]) -> dict[Any, fmpq]:
    out = dict(a)
    for key, value in b.items():
        total = out.get(key, NONE) + value
        if total == 0:
            out.pop(key, None)
        else:
            out[key] = total
    return out


def _product(a: Polynomial, b: Polynomial) -> Polynomial:
    square: dict[tuple[int, int], fmpq] = {}
    for i, v in a.linear.items():
        for j, w in b.linear.items():
            key = (i, j) if i <= j else (j, i)
            square[key] = square.get(key, NONE) + v * w
    linear = _summed({k: v * b.constant for k, v in a.linear.items()},
                     {k: v * a.constant for k, v in b.linear.items()})
    return Polynomial(a.constant * b.constant, {k: v for k, v in linear.items() if v != 0},
                      {k: v for k, v in square.items() if v != 0})


def number(value: fmpq | int) -> Polynomial:
    """Return a constant polynomial."""
    return Polynomial(fmpq(value), {}, {})


def rational(value: float) -> fmpq:
    """Return a finite float as the rational number it is."""
    top, bottom = float(value).as_integer_ratio()
    return fmpq(top, bottom)


def _constant(value: Any) -> Any:
    return number(rational(value)) if np.isfinite(float(value)) else BEYOND


_constants = np.frompyfunc(_constant, 1, 1)
_settled = np.frompyfunc(lambda v: number(v) if isinstance(v, int) else v, 1, 1)


def constants(values: Any) -> Array:
    """Return an array of floats as constant polynomials."""
    return _boxed(_constants(np.asarray(values)))


def variables(start: int, shape: tuple[int, ...]) -> Array:
    """Return the array of the variables x_start, x_start+1, ... in C order."""
    size = int(np.prod(shape, dtype=np.int64))
    out = np.empty(size, dtype=object)
    out[:] = [Polynomial(NONE, {start + k: ONE}, {}) for k in range(size)]
    return out.reshape(shape)


def beyond(shape: tuple[int, ...]) -> Array:
    """Return an array of nothing known."""
    return np.full(shape, BEYOND, dtype=object)


def _boxed(value: Any) -> Array:
    if isinstance(value, np.ndarray):
        return value
    out = np.empty((), dtype=object)
    out[()] = value
    return out


# ---------------------------------------------------------------- one node
def evaluate(node: Node, arrays: Sequence[Array]) -> Array:
    """Return the polynomials of one node from those of its inputs."""
    if node.op in SCALARS:
        rule = _RULES.get(node.op)
        one = _row_of(node.op) if rule is None else rule
        return _boxed(np.frompyfunc(one, len(arrays), 1)(*arrays))
    if node.op == "matmul":
        return _boxed(_settled(np.matmul(*arrays)))
    if node.op in ("solve", "inv"):
        return _solved(node, arrays)
    row = LINEAR.get(node.op)
    if row is None or row.evaluate is None:
        return beyond(node.shape)
    return _boxed(_settled(row.evaluate(node, *arrays)))


def _row_of(op: str) -> Callable[..., Any]:
    """Return a row at constants, known where its ball is exact (exp(0) = 1)."""
    row = SCALARS[op]

    def at(*values: Any) -> Any:
        if any(v is BEYOND or v.degree for v in values):
            return BEYOND
        balls = [arb(v.constant) for v in values]
        if not all(b.is_exact() for b in balls):
            return BEYOND
        found = row.balls(*balls)
        return number(found.fmpq()) if found.is_finite() and found.is_exact() else BEYOND

    return at


def _divided(a: Any, b: Any) -> Any:
    if a is BEYOND or b is BEYOND or b.degree or b.constant == 0:
        return BEYOND
    return a.scaled(1 / b.constant)


def _powered(a: Any, b: Any) -> Any:
    if a is BEYOND or b is BEYOND or b.degree or b.constant.denom() != 1:
        return BEYOND
    exponent = int(b.constant.numer())
    if a.degree == 0 and (exponent >= 0 or a.constant != 0) and abs(exponent) <= 64:
        return number(a.constant ** exponent)
    return {0: number(1), 1: a, 2: a * a}.get(exponent, BEYOND)


_RULES: Mapping[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "negative": lambda a: a * -1,
    "square": lambda a: a * a,
    "divide": _divided,
    "power": _powered,
    "reciprocal": lambda a: _divided(number(1), a),
}


def _solved(node: Node, arrays: Sequence[Array]) -> Array:
    """Solve with a constant square matrix, exactly; stacks of matrices are left out."""
    a = arrays[0]
    if a.ndim != 2 or a.shape[0] > 64 or any(v is BEYOND or v.degree for v in a.ravel()):
        return beyond(node.shape)
    try:
        inverse = fmpq_mat([[v.constant for v in row] for row in a]).inv()
    except ZeroDivisionError:
        return beyond(node.shape)
    flat = np.empty(a.size, dtype=object)
    flat[:] = [number(v) for v in inverse.entries()]
    weights = flat.reshape(a.shape)
    if node.op == "inv":
        return weights
    return _boxed(_settled(np.matmul(weights, arrays[1])))


# ---------------------------------------------------------------- exact inertia
def hessian(poly: Polynomial, size: int) -> list[list[fmpq]]:
    """Return the constant Hessian of a polynomial in `size` variables."""
    out = [[NONE] * size for _ in range(size)]
    for (i, j), value in poly.quadratic.items():
        out[i][j] += value
        out[j][i] += value
    return out


def homogenized(poly: Polynomial, size: int) -> list[list[fmpq]]:
    """Return twice the matrix of the form in (x, 1) that equals the polynomial."""
    out = [[*row, poly.linear.get(i, NONE)] for i, row in enumerate(hessian(poly, size))]
    last = [poly.linear.get(i, NONE) for i in range(size)]
    return [*out, [*last, 2 * poly.constant]]


def negative_direction(matrix: Sequence[Sequence[fmpq]]) -> list[fmpq] | None:
    """Return d with d^T M d < 0, exactly; None proves M positive semidefinite.

    Symmetric elimination L D L^T: a negative pivot is such a direction, and so is a zero pivot
    with a non-zero entry beside it (Higham 2002, chapter 10).
    """
    size = len(matrix)
    work = [list(row) for row in matrix]
    basis = [[ONE if i == j else NONE for j in range(size)] for i in range(size)]
    for k in range(size):
        pivot = work[k][k]
        if pivot < 0:
            return basis[k]
        if pivot == 0:
            beside = next((j for j in range(k + 1, size) if work[k][j] != 0), None)
            if beside is not None:
                return _beside(work, basis, k, beside)
            continue
        for i in range(k + 1, size):
            factor = work[i][k] / pivot
            if factor != 0:
                basis[i] = [b - factor * a for a, b in zip(basis[k], basis[i], strict=True)]
                for j in range(k, size):
                    work[i][j] -= factor * work[k][j]
    return None


def _beside(work: Any, basis: Any, k: int, j: int) -> list[fmpq]:
    """Return b_j + t b_k with form w_jj + 2 t w_kj = -1."""
    step = -(1 + work[j][j]) / (2 * work[k][j])
    return [b + step * a for a, b in zip(basis[k], basis[j], strict=True)]


def dyadic(value: fmpq, bits: int) -> float:
    """Return a float near a rational number, with so many bits of mantissa."""
    part, power = np.frexp(float(arb(value).mid()))
    return float(np.ldexp(np.round(part * 2**bits), power - bits))
