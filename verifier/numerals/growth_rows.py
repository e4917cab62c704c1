"""What the rows of the table do to a growth form: exp, log and what is made of them.

Each rule is an identity that holds wherever the row is defined (tanh v = (1-w)/(1+w) with
w = exp(-2v), ...), read in the arithmetic of forms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from flint import arb

from .growth import NOUGHT, ONE, Bound, Growth, upper

Form = Growth | None


def exp(v: Growth) -> Form:
    """Return e^v: the exact linear part goes to the rate, what is left must be small."""
    if v.start is None:
        return Growth({0: v.terms.get(0, NOUGHT).exp()})
    if v.rate > 0 or not v.rate <= 0:
        return None
    if v.rate < 0:
        return _exp_of_small(Growth({}, v.whole_size(), NOUGHT, v.start))
    top = max(v.terms, default=0)
    rest = Growth({k: c for k, c in v.terms.items() if k < 0}, v.bound, NOUGHT, v.start)
    at_zero = v.terms.get(0, NOUGHT).exp()
    if top <= 1 and v.terms.get(1, NOUGHT).is_exact():
        small = _exp_of_small(rest)
        rate = v.terms.get(1, NOUGHT)
        return None if small is None else small * Growth({0: at_zero}, None, rate, v.start)
    return _vanishing(v, rest, at_zero)


def _vanishing(v: Growth, rest: Growth, at_zero: arb) -> Form:
    """Bound e^v for a polynomial v that falls: by Horner's scheme, v <= s u + c_0 with s < 0."""
    assert v.start is not None
    total = NOUGHT
    for k in range(max(v.terms), 0, -1):
        total = total * v.start + v.terms.get(k, NOUGHT)
        if not total <= 0:
            return None
    size = upper(at_zero * rest.magnitude().exp())
    if not total < 0 or not size.is_finite():
        return None
    return Growth({}, (size, 0, (-total).lower()), NOUGHT, v.start)


def _exp_of_small(rest: Growth) -> Form:
    def coefficient(j: int) -> arb:
        return ONE / arb(j).gamma() / j if j else ONE

    return rest.series(coefficient)


def log(v: Growth) -> Form:
    """Return log v for v = c e^(r u) (1 + h); a power of u has no logarithm in this class."""
    found = v.relative()
    if v.start is None or found is None:
        whole = v.terms.get(0)
        return Growth({0: whole.log()}) if v.start is None and whole and whole > 0 else None
    degree, number, rest = found
    if degree or not number > 0:
        return None
    series = rest.series(lambda j: arb((-1) ** (j + 1)) / j if j else NOUGHT)
    return None if series is None else series + Growth(
        {1: v.rate, 0: number.log()}, start=v.start)


def sqrt(v: Growth) -> Form:
    found = v.relative()
    if v.start is None or found is None or found[0] % 2 or not found[1] > 0:
        return None
    degree, number, rest = found
    series = rest.series(_binomial_of_half)
    return None if series is None else series * Growth(
        {degree // 2: number.sqrt()}, None, v.rate / 2, v.start)


def _binomial_of_half(j: int) -> arb:
    total = Fraction(1)
    for i in range(j):
        total *= (Fraction(1, 2) - i) / (i + 1)
    return arb(total.numerator) / total.denominator


def heading(v: Growth) -> int:
    """Return 1 or -1 where v certainly keeps that sign on the tail, 0 elsewhere."""
    low, high, strict = v.range()
    if low > 0 or (strict and low >= 0):
        return 1
    return -1 if high < 0 or (strict and high <= 0) else 0


def _one_plus(v: Form) -> Form:
    return None if v is None else v + Growth({0: ONE}, start=v.start)


def _scaled(v: Form, factor: float) -> Form:
    return None if v is None else v * Growth({0: arb(factor)}, start=v.start)


def sigmoid(v: Growth) -> Form:
    if heading(v) < 0:
        small = exp(v)
        below = _inverse(_one_plus(small))
        return None if small is None or below is None else small * below
    return _inverse(_one_plus(exp(-v)))


def _inverse(v: Form) -> Form:
    return None if v is None else v.reciprocal()


def softplus(v: Growth) -> Form:
    rising = heading(v) > 0
    found = _one_plus(exp(-v if rising else v))
    small = None if found is None else log(found)
    return v + small if small is not None and rising else small


def tanh(v: Growth) -> Form:
    sign = heading(v) or 1
    double = _scaled(v, -2.0 * sign)
    shrinking = None if double is None else exp(double)
    below = _inverse(_one_plus(shrinking))
    above = None if shrinking is None else _one_plus(-shrinking)
    return None if below is None or above is None else _scaled(above * below, sign)


def sech(v: Growth) -> Form:
    """sech v = 2 w / (1 + w²) with w = exp(-|v|), which never grows."""
    small = exp(-v if heading(v) > 0 else v)
    double = None if small is None else small * small
    below = _inverse(_one_plus(double))
    return None if below is None or small is None else _scaled(small * below, 2.0)


def cosh(v: Growth) -> Form:
    return _halves(exp(v), exp(-v))


def sinh(v: Growth) -> Form:
    falling = exp(-v)
    return _halves(exp(v), None if falling is None else -falling)


def _halves(a: Form, b: Form) -> Form:
    total = a + b if a is not None and b is not None else None
    return None if total is None else _scaled(total, 0.5)


def gaussian(v: Growth) -> Form:
    squared = v * v
    return None if squared is None else exp(-squared)


def erf(v: Growth) -> Form:
    """1 - erf(v) <= exp(-v²) for v >= 0 (Abramowitz and Stegun 7.1.13)."""
    return _towards(v, gaussian(v), 1)


def erfc(v: Growth) -> Form:
    near = erf(v)
    return None if near is None else _one_plus(-near)


def ndtr(v: Growth) -> Form:
    """1 - ndtr(v) <= exp(-v²/2) for v >= 0."""
    half = v * v
    halved = None if half is None else _scaled(-half, 0.5)
    return _towards(v, None if halved is None else exp(halved), 0)


def _towards(v: Growth, gap: Form, left: int) -> Form:
    sign, size = heading(v), None if gap is None or gap.start is None else gap.whole_size()
    if not sign or size is None:
        return None
    bound: Bound = size
    return Growth({0: ONE if sign > 0 else arb(-left)}, bound, NOUGHT, v.start)


def log1p(v: Growth) -> Form:
    found = _one_plus(v)
    return None if found is None else log(found)


def expm1(v: Growth) -> Form:
    found = exp(v)
    return None if found is None else found + Growth({0: -ONE}, start=v.start)


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
    "absolute": absolute,
}
TWO_ARGUMENTS: Mapping[str, Callable[[Growth, Growth], Form]] = {
    "hypot": hypot, "logaddexp": logaddexp,
}
