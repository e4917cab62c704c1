"""Germs as a numeral: a graph read just beside a point, along x + t d for t -> 0+.

Comparisons are decided by the first coefficient that is certain; rows of the table are expanded
by `expand`, which the reader above supplies (it needs the slopes of the row, which are graphs).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from . import balls
from .germ import (
    UNKNOWN,
    Beyond,
    Exponent,
    Germ,
    as_ball,
    build,
    coefficient,
    has_logs,
    known_to,
    leading,
    least,
    power,
    vanishes,
)
from .germ_matrices import MATRIX, multiplied
from .ranks import rank
from .tokens import ZERO, Maybe
from .twins import NAN, NOUGHT, Twin, is_number, sign_of, stored, twice, union, widened

Array = np.ndarray
Expand = Callable[[Any, list[Array], "Germs"], Array]


def root(base: Germ, degree: int) -> Any:
    """Return the real root of a germ; an odd one of a negative germ too."""
    first = leading(base)
    if degree % 2 and first is not None and first[2] < 0:
        return -power(-base, Fraction(1, degree))
    return power(base, Fraction(1, degree))


def magnitude(value: Germ) -> Any:
    """Return |germ| by its strict sign; both signs where that is open."""
    first = leading(value)
    if first is None:
        return NOUGHT if vanishes(value) else hull(value, -value)
    return value if first[2] > 0 else -value


def strictly(a: Any, b: Any) -> tuple[bool | None, bool]:
    """Compare two germs for small t: (True if a > b, False if a < b, else None; whether a is b)."""
    gap = (NOUGHT if a is ZERO else as_ball(a)) - (NOUGHT if b is ZERO else as_ball(b))
    if isinstance(gap, Beyond):
        return None, False
    if not isinstance(gap, Germ):
        sign = sign_of(gap)
        return (None, sign == 0) if not sign else (sign > 0, False)
    first = leading(gap)
    return (None, vanishes(gap)) if first is None else (first[2] > 0, False)


def hull(a: Any, b: Any) -> Any:
    """Return what encloses both germs, term by term: the true one is one of them."""
    if a is b:
        return a
    left, right = (NOUGHT if v is ZERO else v for v in (a, b))
    if isinstance(left, Beyond) or isinstance(right, Beyond):
        return left if isinstance(left, Beyond) else right
    if not isinstance(left, Germ) and not isinstance(right, Germ):
        return union(left, right)
    if has_logs(left) or has_logs(right):
        return Beyond("an open choice of a logarithm", retry=True)
    if any(not isinstance(v, Germ) and not is_number(v) for v in (left, right)):
        return NAN
    top = min(v.top for v in (left, right) if isinstance(v, Germ))
    (p, cut_p), (q, cut_q) = (_parts(v) for v in (left, right))
    joint = {e: union(p.get(e, NOUGHT), q.get(e, NOUGHT)) for e in {*p, *q}}
    return build(joint, least(cut_p, cut_q), top)


def _parts(value: Any) -> tuple[dict[Exponent, Any], Exponent | None]:
    if isinstance(value, Germ):
        return dict(value.terms), value.cut
    return {0: value}, None


# ---------------------------------------------------------------- rows that are arithmetic
def _raised(base: Any, exponent: Any) -> Any:
    """Return base to the exponent where the exponent does not move."""
    if isinstance(exponent, Germ):
        return None
    number, wide = stored(exponent), widened(exponent)
    if not number.is_exact():
        return power(base, exponent)
    mantissa, shift = (int(v) for v in number.man_exp())
    exact = Fraction(mantissa) * Fraction(2) ** shift
    if exact.denominator == 1:
        return power(base, int(exact))
    if wide.contains_integer():
        return Beyond("a power whose exponent may be whole or not")
    first = leading(base)
    return power(base, exponent if first is not None and first[0] == 0 else exact)


def _hypotenuse(a: Any, b: Any) -> Any:
    squares = a * a + b * b
    return root(squares, 2) if isinstance(squares, Germ) else twice(arb.sqrt, squares)


def _larger(a: Any, b: Any) -> Any:
    above, same = strictly(a, b)
    if above is None:
        return a if same else hull(a, b)
    return a if above else b


NATIVE: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda a: -a,
    "reciprocal": lambda a: power(a, -1),
    "square": lambda a: a * a,
    "sqrt": lambda a: root(a, 2),
    "cbrt": lambda a: root(a, 3),
    "absolute": magnitude,
    "maximum": _larger,
    "minimum": lambda a, b: -_larger(-a, -b),
    "relu": lambda a: _larger(a, NOUGHT),
    "hypot": _hypotenuse,
    "power": _raised,
}
KEEPS_TOKENS = frozenset({"add", "subtract", "multiply", "negative"})


def _one(row: Any, native: Callable[..., Any] | None, values: tuple[Any, ...]) -> Any:
    """Return a row's value where nothing moves or it is arithmetic; None: it must be expanded."""
    if row.name in KEEPS_TOKENS:
        if any(v is ZERO for v in values):
            assert native is not None
            return native(*values)
    elif row.name == "divide" and values[0] is ZERO:
        return ZERO
    numbers = tuple(NOUGHT if v is ZERO else v for v in values)
    for value in numbers:
        if isinstance(value, Beyond):
            return value
        if not isinstance(value, Germ) and not is_number(value):
            return NAN
    if not any(isinstance(v, Germ) for v in numbers):
        return twice(row.balls, *numbers)
    return native(*numbers) if native is not None else None


def _number(value: Any) -> Any:
    """Return a decision read as a number as 0 or 1, both where it is open."""
    if isinstance(value, Maybe):
        options = [arb(int(v)) for v in value.options]
        return options[0].union(options[-1]) if len(options) > 1 else options[0]
    return arb(int(value)) if isinstance(value, (bool, int, np.bool_, np.integer)) else value


_number_each = np.frompyfunc(_number, 1, 1)


def numbers_of(array: Array) -> Array:
    """Return an array of numbers with decisions read as 0 and 1."""
    return balls.as_objects(_number_each(array))


_twinned = np.frompyfunc(lambda a, b: a if b.is_exact() else Twin(a, b), 2, 1)


# ---------------------------------------------------------------- the numeral
@dataclass(frozen=True, slots=True)
class Germs:
    """The numeral of germs.

    `order`: terms up to t^order are kept. `widen` reads rounded constants as twins, so that one
    reading tells what is certain with the constants as stored and with them widened by 4 ulp.
    `expand` gives the series of a row of the table (:mod:`verifier.readers.series`).
    """

    order: int = 2
    bits: int = 128
    widen: bool = False
    expand: Expand | None = None

    @property
    def top(self) -> Exponent:
        return self.order + 1

    def exact(self, array: Any) -> Array:
        values = np.asarray(array)
        return values if values.dtype == object else balls.exact(values)

    def constant(self, array: Any) -> Array:
        stored_ones = balls.exact(array)
        if not self.widen:
            return stored_ones
        return balls.as_objects(_twinned(stored_ones, balls.Balls(widen=True).constant(array)))

    def line(self, at: Any, along: Any) -> Array:
        """Return the germs of ``at + t along``, both arrays of floats taken exactly."""
        found = balls.exact(at).copy()
        steps = np.asarray(along, dtype=float)
        for place in np.argwhere(steps):
            i = tuple(place)
            found[i] = build({0: found[i], 1: arb(float(steps[i]))}, None, self.top)
        return found

    def scalar(self, row: Any, arrays: tuple[Array, ...]) -> Array:
        full = np.broadcast_arrays(*arrays)
        columns = [numbers_of(f).ravel() for f in full]
        native = NATIVE.get(row.name)
        out = np.empty(columns[0].size, dtype=object)
        left = []
        for k, values in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
            out[k] = _one(row, native, values)
            if out[k] is None:
                left.append(k)
        if left:
            if self.expand is None:
                out[left] = Beyond(f"'{row.name}' has no series here")
            else:
                out[left] = self.expand(row, [c[left] for c in columns], self)
        return out.reshape(full[0].shape)

    def matmul(self, a: Array, b: Array) -> Array:
        return balls.over_batch(multiplied, a, b)

    def matrix(self, op: str, arrays: tuple[Array, ...]) -> Array:
        if any(isinstance(v, (Germ, Twin, Beyond)) for a in arrays for v in a.ravel().tolist()):
            return balls.over_batch(MATRIX[op], *arrays)
        return balls.Balls().matrix(op, arrays)

    def settle(self, array: Array, absent: bool) -> Array:
        return balls.Balls().settle(array, absent)

    def strictly(self, a: Any, b: Any) -> tuple[bool | None, bool]:
        return strictly(a, b)

    def hull(self, a: Any, b: Any) -> Any:
        return hull(a, b)

    def guess(self, value: Any) -> Any:
        return rank(value)

    def finite(self, value: Any) -> bool:
        return isinstance(value, Germ) or (not isinstance(value, Beyond) and is_number(value))


__all__ = ["UNKNOWN", "Beyond", "Germ", "Germs", "coefficient", "known_to",
           "numbers_of", "vanishes"]
