"""Numbers the user's own code can be run on: balls, and truncated Taylor series of balls.

A witness is re-evaluated without the engine: the user's function is called on these numbers, and
flint alone does the arithmetic (`arb` and `arb_series`). Along x + t d, t -> 0+, the coefficients
of the result are the value, the slope and half the second derivative, each rigorously enclosed.
Comparisons are decided by the first coefficient that is certainly not zero; where none is, they
raise :class:`Unsure` and never take a branch.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, arb_series, ctx, fmpq

INF = float("inf")


class Unsure(ArithmeticError):
    """A ball was asked for a sign it does not have; more precision may help."""


class NoReading(TypeError):
    """The user's code needs an operation these numbers do not have."""


@contextlib.contextmanager
def precision(bits: int, terms: int = 1) -> Iterator[None]:
    """Set flint's precision in bits and the number of series terms, and restore both."""
    before = ctx.prec, ctx.cap
    ctx.prec, ctx.cap = bits, max(2, terms)
    try:
        yield
    finally:
        ctx.prec, ctx.cap = before


def ball(number: Any) -> arb:
    """Return a real number of Python or numpy as an exact ball (a fraction: enclosed)."""
    if isinstance(number, (bool, np.bool_, int, np.integer)):
        return arb(int(number))
    if isinstance(number, Fraction):
        return arb(fmpq(number.numerator, number.denominator))
    value = float(number)
    if value in (INF, -INF):
        return arb.pos_inf() if value > 0 else arb.neg_inf()
    return arb(value) if value == value else arb.nan()


class Number:
    """A ball, or a truncated series in t of balls; immutable, without `float()`."""

    __slots__ = ("value",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Any):
        self.value = value

    # ---------------------------------------------------------------- what it says
    def coefficient(self, place: int) -> arb:
        """Return the coefficient of t^place; raise NoReading where the series ends before it."""
        if isinstance(self.value, arb):
            return self.value if place == 0 else arb(0)
        if place >= self.value.prec:
            raise NoReading(f"the series ends before t^{place}")
        found: arb = self.value[place]
        return found

    def sign(self) -> int:
        """Return the sign just beside the point; 0 only for a constant that is exactly zero."""
        constant = isinstance(self.value, arb)
        for place in range(1 if constant else self.value.prec):
            found = self.coefficient(place)
            if found > 0 or found < 0:
                return 1 if found > 0 else -1
            if not found.is_zero():
                raise Unsure("a comparison could not be decided")
        if constant:
            return 0
        raise Unsure("a quantity vanishes to the order of the series")

    def __repr__(self) -> str:
        return f"Number({self.value})"

    # ---------------------------------------------------------------- comparisons
    def _against(self, other: Any) -> int:
        if isinstance(other, Number) and other.value is self.value:
            return 0  # one and the same quantity, however little is known of it
        return int((self - other).sign())

    def __lt__(self, other: Any) -> Any:
        return NotImplemented if _is_array(other) else self._against(other) < 0

    def __le__(self, other: Any) -> Any:
        return NotImplemented if _is_array(other) else self._against(other) <= 0

    def __gt__(self, other: Any) -> Any:
        return NotImplemented if _is_array(other) else self._against(other) > 0

    def __ge__(self, other: Any) -> Any:
        return NotImplemented if _is_array(other) else self._against(other) >= 0

    def __eq__(self, other: Any) -> Any:
        return NotImplemented if _is_array(other) else self._against(other) == 0

    def __ne__(self, other: Any) -> Any:
        return NotImplemented if _is_array(other) else self._against(other) != 0

    def __bool__(self) -> bool:
        return self.sign() != 0

    # ---------------------------------------------------------------- arithmetic
    def __add__(self, other: Any) -> Any:
        return _binary(self, other, lambda a, b: a + b)

    def __radd__(self, other: Any) -> Any:
        return _binary(other, self, lambda a, b: a + b)

    def __sub__(self, other: Any) -> Any:
        return _binary(self, other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Any:
        return _binary(other, self, lambda a, b: a - b)

    def __mul__(self, other: Any) -> Any:
        return _binary(self, other, _product)

    def __rmul__(self, other: Any) -> Any:
        return _binary(other, self, _product)

    def __truediv__(self, other: Any) -> Any:
        return _binary(self, other, lambda a, b: a / b)

    def __rtruediv__(self, other: Any) -> Any:
        return _binary(other, self, lambda a, b: a / b)

    def __pow__(self, other: Any) -> Any:
        return _binary(self, other, _power)

    def __rpow__(self, other: Any) -> Any:
        return _binary(other, self, _power)

    def __neg__(self) -> Number:
        return Number(-self.value)

    def __pos__(self) -> Number:
        return self

    def __abs__(self) -> Number:
        return -self if self.sign() < 0 else self

    def conjugate(self) -> Number:
        return self

    @property
    def real(self) -> Number:
        return self

    def item(self) -> Number:
        return self

    def __float__(self) -> float:
        raise NoReading("the code turns a number into a Python float")

    def __int__(self) -> int:
        raise NoReading("the code turns a number into an int")

    def __getattr__(self, name: str) -> Any:
        """Numpy's object loops call `x.exp()` for `np.exp`; the functions stand in one table."""
        from .functions import FUNCTIONS

        if name.startswith("__") or name not in FUNCTIONS:
            raise AttributeError(f"an exact number has no {name!r}")
        function: Callable[..., Number] = FUNCTIONS[name]
        return lambda *others: function(self, *map(number, others))

    # ---------------------------------------------------------------- numpy's protocols
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **told: Any) -> Any:
        from .arrays import run_ufunc

        return run_ufunc(ufunc, method, inputs, told)

    def __array_function__(self, function: Any, types: Any, arguments: Any, told: Any) -> Any:
        from .arrays import run_function

        return run_function(function, arguments, told)


def number(x: Any) -> Number:
    """Return a number of any kind as a :class:`Number`."""
    return x if isinstance(x, Number) else Number(ball(x))


def moving(x: Any, speed: Any) -> Number:
    """Return x + speed t; a constant where the speed is zero."""
    return Number(arb_series([ball(x), ball(speed)])) if speed else Number(ball(x))


def _is_array(other: Any) -> bool:
    return isinstance(other, np.ndarray) and other.ndim > 0


def _binary(a: Any, b: Any, operation: Callable[[Any, Any], Any]) -> Any:
    for operand in (a, b):
        if isinstance(operand, np.ndarray):
            return NotImplemented
        if not isinstance(operand, (Number, int, float, Fraction, np.generic)):
            return NotImplemented
    return Number(operation(number(a).value, number(b).value))


def _product(a: Any, b: Any) -> Any:
    """A factor that is exactly the constant zero leaves nothing of a finite series."""
    for factor, other in ((a, b), (b, a)):
        nothing = isinstance(factor, arb) and factor.is_zero() and isinstance(other, arb_series)
        if nothing and all(other[k].is_finite() for k in range(other.prec)):
            return arb(0)
    return a * b


def whole_of(value: arb) -> int:
    """Return the whole number that an exact ball is."""
    found = value.unique_fmpz()
    assert found is not None
    return int(found)


def _power(a: Any, b: Any) -> Any:
    if isinstance(b, arb) and b.is_exact() and b.is_integer():
        whole = whole_of(b)
        base = a if whole >= 0 else 1 / a
        return base ** abs(whole) if whole else arb(1)
    start = a if isinstance(a, arb) else a[0]
    if isinstance(b, arb) and start.is_zero() and b > 0:
        if isinstance(a, arb):
            return arb(0)
        if b.is_exact() and (2 * b).is_integer():
            return a.sqrt() ** whole_of(2 * b)
    return (a.log() * b).exp() if start > 0 else arb.nan()
