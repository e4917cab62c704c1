"""What the rows of the table do to a growth form: exp, log and what is made of them.

Each rule is an identity that holds wherever the row is defined (tanh v = (1-w)/(1+w) with
w = exp(-2v), ...), read in the arithmetic of forms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import factorial

from flint import arb

from .growth import ONE, Growth
from .growth_bounds import NOUGHT, Bound, upper
from .growth_powers import (
    Form,
    cbrt,
    exactly,
    exp,
    expm1,
    heading,
    inverse,
    log,
    log1p,
    maybe,
    one_plus,
    plus,
    power,
    scaled,
    sqrt,
)


def sigmoid(v: Growth) -> Form:
    if heading(v) < 0:
        small = exp(v)
        below = inverse(one_plus(small))
        return None if small is None or below is None else small * below
    return inverse(one_plus(exp(-v)))


def softplus(v: Growth) -> Form:
    rising = heading(v) > 0
    small = maybe(log1p, exp(-v if rising else v))
    return v + small if small is not None and rising else small


def tanh(v: Growth) -> Form:
    sign = heading(v) or 1
    double = scaled(v, -2.0 * sign)
    shrinking = None if double is None else exp(double)
    below = inverse(one_plus(shrinking))
    above = None if shrinking is None else one_plus(-shrinking)
    return None if below is None or above is None else scaled(above * below, sign)


def sech(v: Growth) -> Form:
    """sech v = 2 w / (1 + w²) with w = exp(-|v|), which never grows."""
    small = exp(-v if heading(v) > 0 else v)
    double = None if small is None else small * small
    below = inverse(one_plus(double))
    return None if below is None or small is None else scaled(small * below, 2.0)


def cosh(v: Growth) -> Form:
    return _halves(exp(v), exp(-v))


def sinh(v: Growth) -> Form:
    falling = exp(-v)
    return _halves(exp(v), None if falling is None else -falling)


def _halves(a: Form, b: Form) -> Form:
    total = a + b if a is not None and b is not None else None
    return None if total is None else scaled(total, 0.5)


def gaussian(v: Growth) -> Form:
    squared = v * v
    return None if squared is None else exp(-squared)


def erf(v: Growth) -> Form:
    """1 - erf(v) <= exp(-v²) for v >= 0 (Abramowitz and Stegun 7.1.13)."""
    return _towards(v, gaussian(v), 1)


def erfc(v: Growth) -> Form:
    near = erf(v)
    return None if near is None else one_plus(-near)


def ndtr(v: Growth) -> Form:
    """1 - ndtr(v) <= exp(-v²/2) for v >= 0."""
    half = v * v
    halved = None if half is None else scaled(-half, 0.5)
    return _towards(v, None if halved is None else exp(halved), 0)


def _towards(v: Growth, gap: Form, left: int) -> Form:
    sign, size = heading(v), None if gap is None or gap.start is None else gap.whole_size()
    if not sign or size is None:
        return None
    bound: Bound = size
    return Growth({0: ONE if sign > 0 else arb(-left)}, bound, NOUGHT, v.start)


def within_one(v: Growth) -> Form:
    """Return the form of what stays in [-1, 1], as sine and cosine do."""
    return None if v.start is None else Growth({}, (ONE, 0, NOUGHT), NOUGHT, v.start)


def sin(v: Growth) -> Form:
    return _circular(v, 0) or within_one(v)


def cos(v: Growth) -> Form:
    return _circular(v, 1) or within_one(v)


def _circular(v: Growth, shift: int) -> Form:
    """Return the sine (0) or cosine (1) of c + h by the series in a small h."""
    if v.start is None or not v.log.is_zero() or v.rate > 0:
        return None
    middle = v.terms.get(0, NOUGHT) if v.rate == 0 else NOUGHT
    rest = plus(v, -middle)
    turns = (middle.sin(), middle.cos(), -middle.sin(), -middle.cos())
    return maybe(lambda h: h.series(lambda j: turns[(j + shift) % 4] / factorial(j)), rest)


def sinc(v: Growth) -> Form:
    return sinc_derivative(Growth.constant(NOUGHT), v)


def sinc_derivative(order: Growth, v: Growth) -> Form:
    """|d^k sinc(v)| <= 2 pi^(k-1) / |v|: the integral of t^k cos(pi v t + k pi/2) over [0, 1]."""
    below, known = v.reciprocal(), exactly(order.terms.get(0, NOUGHT))
    size = None if below is None or below.start is None else below.whole_size()
    if size is None or known is None or order.start is not None:
        return None
    factor = 2 * arb.pi() ** (int(known) - 1)
    return Growth({}, (upper(size[0] * factor), size[1], size[2]), NOUGHT, v.start)


def arctan(v: Growth) -> Form:
    """arctan v = sign pi/2 - arctan(1/v), by its series (Abramowitz and Stegun 4.4.42)."""
    sign, below = heading(v), v.reciprocal()
    if not sign or below is None:
        return None
    rest = below.series(lambda j: arb((-1) ** (j // 2)) / j if j % 2 else NOUGHT)
    return None if rest is None else plus(-rest, sign * arb.pi() / 2)


def arcsinh(v: Growth) -> Form:
    """arcsinh v = log(v + hypot(1, v)) for v > 0; the function is odd."""
    sign = heading(v)
    size = v if sign > 0 else -v
    root = hypot(Growth.constant(ONE), size) if sign else None
    found = maybe(log, None if root is None else root + size)
    return found if found is None or sign > 0 else -found


def log_sigmoid(v: Growth) -> Form:
    found = softplus(-v)
    return None if found is None else -found


def relu(v: Growth) -> Form:
    sign = heading(v)
    return v if sign > 0 else Growth({}, start=v.start) if sign < 0 else None


def absolute(v: Growth) -> Form:
    sign = heading(v)
    return v if sign > 0 else -v if sign < 0 else None


def hypot(a: Growth, b: Growth) -> Form:
    squares = a * a, b * b
    total = squares[0] + squares[1] if squares[0] and squares[1] else None
    return None if total is None else sqrt(total)


def logaddexp(a: Growth, b: Growth) -> Form:
    gap = b + (-a)
    if gap is None:
        return None
    first, other = (a, gap) if heading(gap) <= 0 else (b, -gap)
    rest = softplus(other)
    return None if rest is None else first + rest


ONE_ARGUMENT: Mapping[str, Callable[[Growth], Form]] = {
    "exp": exp, "log": log, "sqrt": sqrt, "sigmoid": sigmoid, "softplus": softplus, "tanh": tanh,
    "sech": sech, "cosh": cosh, "sinh": sinh, "gaussian": gaussian, "erf": erf, "erfc": erfc,
    "ndtr": ndtr, "log1p": log1p, "expm1": expm1, "log_sigmoid": log_sigmoid, "relu": relu,
    "absolute": absolute, "sin": sin, "cos": cos, "cbrt": cbrt, "sinc": sinc, "arctan": arctan,
    "arcsinh": arcsinh,
}
TWO_ARGUMENTS: Mapping[str, Callable[[Growth, Growth], Form]] = {
    "hypot": hypot, "logaddexp": logaddexp, "power": power, "sinc_derivative": sinc_derivative,
}
