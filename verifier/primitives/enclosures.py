"""Ways to enclose a function over a ball: by its ends where it is monotone, whole elsewhere.

A ball is a `flint.arb`; all of these are rigorous for wide balls and give nan where the function
is undefined somewhere in the ball. The precision is flint's own, set in one place elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import arb, fmpz

Ball = Callable[[arb], arb]
NAN = arb("nan")
NARROW_BITS = 24  # balls known to more relative bits than this gain nothing from their ends


def is_narrow(x: arb) -> bool:
    """Tell whether `x` is so narrow that the direct evaluation is as good as any."""
    return x.rel_accuracy_bits() > NARROW_BITS or x.is_exact()


def monotone(direct: Ball) -> Ball:
    """Enclose a monotone function: wide balls by the hull of its values at both ends."""

    def enclose(x: arb) -> arb:
        if is_narrow(x) or not x.is_finite():
            return direct(x)
        return direct(x.lower()).union(direct(x.upper()))

    return enclose


def even(direct: Ball) -> Ball:
    """Enclose an even function that is monotone in |x|: wide balls by the ends of |x|."""

    def enclose(x: arb) -> arb:
        if is_narrow(x) or not x.is_finite():
            return direct(x)
        return direct(x.abs_lower()).union(direct(x.abs_upper()))

    return enclose


def sign(x: arb) -> arb:
    """Enclose sign: arb's own answers [-1, 1] for nan."""
    return NAN if x.is_nan() else x.sgn()


def square(x: arb) -> arb:
    """Enclose x²; an even power keeps a wide ball non-negative."""
    if is_narrow(x) or not x.is_finite():
        return x * x
    return (x.abs_lower() ** 2).union(x.abs_upper() ** 2)


def cbrt(x: arb) -> arb:
    """Enclose the real cube root, negative arguments included."""
    return monotone(_cube_root)(x)


def _cube_root(x: arb) -> arb:
    if x.is_zero():
        return x
    if x >= 0:
        return x.root(3)
    return -((-x).root(3)) if x <= 0 else NAN


def power(a: arb, b: arb) -> arb:
    """Enclose a to the b: integer exponents for every base, others for non-negative bases."""
    whole = b.unique_fmpz() if b.is_integer() else None
    if whole is not None:
        return whole_power(a, int(whole))
    if a > 0 and (is_narrow(a) or not b.is_exact()):
        return a**b
    if a.is_finite() and a.lower() >= 0 and b.is_exact() and b > 0:
        return (a.lower() ** b).union(a.upper() ** b)
    return a**b if a > 0 else NAN


def whole_power(a: arb, exponent: int) -> arb:
    """Enclose an integer power; a wide ball is split by sign so that even powers stay sharp."""
    if exponent == 0:
        return NAN if a.is_nan() else arb(1)
    if is_narrow(a) or not a.is_finite() or (exponent < 0 and a.contains(0)):
        return a**exponent
    if exponent % 2 == 0:
        return (a.abs_lower() ** exponent).union(a.abs_upper() ** exponent)
    return (a.lower() ** exponent).union(a.upper() ** exponent)


def rounded(x: arb) -> arb:
    """Enclose the nearest integer, ties to even (numpy's rint)."""
    return steps(_nearest_even)(x)


def _nearest_even(x: arb) -> arb:
    if x.is_integer():
        return x
    raised = x + arb(0.5)
    below = raised.floor()
    number = below.unique_fmpz() if raised == below else None  # set on an exact tie only
    return below - 1 if number is not None and int(number) % 2 else below


def truncated(x: arb) -> arb:
    """Enclose the integer part towards zero."""
    if not x.is_finite():
        return NAN
    if x >= 0:
        return steps(arb.floor)(x)
    if x <= 0:
        return steps(arb.ceil)(x)
    return x.lower().ceil().union(x.upper().floor())


def steps(direct: Ball) -> Ball:
    """Enclose floor or ceil: the hull over both ends, exact where they agree."""

    def enclose(x: arb) -> arb:
        if not x.is_finite():
            return NAN
        low, high = direct(x.lower()), direct(x.upper())
        return low if low == high else low.union(high)

    return enclose


def remainder(a: arb, b: arb) -> arb:
    """Enclose a - b floor(a/b), whose sign is that of b; exact for exact arguments."""
    turns = whole_turns(a, b)
    if turns is not None:
        if a.is_exact() and b.is_exact():
            return arb(a.fmpq() - b.fmpq() * turns)
        return a - b * turns
    quotient = a / b
    return arb(0).union(b) if quotient.is_finite() else NAN


def fmod(a: arb, b: arb) -> arb:
    """Enclose a - b trunc(a/b), whose sign is that of a; exact for exact arguments."""
    reach = absolute(b)
    if a >= 0 or a < 0:
        part = remainder(absolute(a), reach)
        return part if a >= 0 else -part
    return (-reach).union(reach) if (a / b).is_finite() else NAN


def whole_turns(a: arb, b: arb) -> fmpz | None:
    """Return floor(a/b) where it is certain, None elsewhere."""
    if not (a.is_finite() and b.is_finite()) or b.contains(0):
        return None
    if a.is_exact() and b.is_exact():
        quotient = a.fmpq() / b.fmpq()
        return quotient.numer() // quotient.denom()
    return (a / b).floor().unique_fmpz()


def heaviside(x: arb, at_zero: arb) -> arb:
    """Enclose the step: 0 below zero, 1 above, `at_zero` at zero exactly."""
    if x.is_nan():
        return NAN
    if x > 0 or x < 0:
        return arb(1 if x > 0 else 0)
    return at_zero if x.is_zero() else arb(0).union(arb(1)).union(at_zero)


def softplus(x: arb) -> arb:
    """Enclose log(1 + exp x) with relative accuracy in both tails."""
    return x + (-x).exp().log1p() if x > 0 else x.exp().log1p()


def logaddexp(a: arb, b: arb) -> arb:
    """Enclose log(exp a + exp b), which increases in both arguments."""
    if (is_narrow(a) and is_narrow(b)) or not (a.is_finite() and b.is_finite()):
        return a + softplus(b - a) if a.mid() > b.mid() else b + softplus(a - b)
    low, high = (logaddexp(x, y) for x, y in ((a.lower(), b.lower()), (a.upper(), b.upper())))
    return low.union(high)


def sigmoid(x: arb) -> arb:
    """Enclose 1 / (1 + exp(-x)) with relative accuracy in both tails."""
    if x < 0:
        tail = x.exp()
        return tail / (1 + tail)
    return 1 / (1 + (-x).exp())


def logit(x: arb) -> arb:
    """Enclose log(x / (1-x)); near one half by 2 artanh(2x - 1), which keeps its zero sharp."""
    if x > arb(0.25) and x < arb(0.75):
        return 2 * (2 * x - 1).atanh()
    return x.log() - (-x).log1p() if x > 0 and x < 1 else NAN


def sqrt(x: arb) -> arb:
    """Enclose the square root; nan where a part of the ball is negative."""
    if is_narrow(x) or not x.is_finite() or not x.lower() >= 0:
        return x.sqrt()
    return x.lower().sqrt().union(x.upper().sqrt())


def hypot(a: arb, b: arb) -> arb:
    """Enclose sqrt(a² + b²)."""
    return sqrt(square(a) + square(b)).nonnegative_part()


def one_signed(direct: Ball) -> Ball:
    """Enclose a function monotone on each side of 0 and undefined there."""

    def enclose(x: arb) -> arb:
        if x.contains(0):
            return NAN
        return monotone(direct)(x)

    return enclose


def absolute(x: arb) -> arb:
    """Enclose |x|; a ball around 0 gives [0, the larger end]."""
    if is_narrow(x) or not x.is_finite():
        return abs(x)
    return x.abs_lower().union(x.abs_upper())


def angle(a: arb, b: arb) -> arb:
    """Enclose arctan2, which arb answers with 0 where an argument is not a number."""
    return NAN if a.is_nan() or b.is_nan() else arb.atan2(a, b)
