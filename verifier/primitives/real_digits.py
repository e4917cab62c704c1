"""mpmath functions kept on the real line: what leaves it, or has no value, becomes nan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Digits = Callable[[Any], Callable[..., Any]]  # a private context -> a function of its numbers


def real(name: str) -> Digits:
    """Return the reading of mpmath's function `name`, nan where it is complex or undefined."""

    def read(context: Any) -> Callable[..., Any]:
        return guarded(context, getattr(context, name))

    return read


def guarded(context: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` with nan for complex results and for points where it raises."""

    def evaluate(*arguments: Any) -> Any:
        try:
            value = function(*arguments)
        except (ZeroDivisionError, ValueError, OverflowError):
            return context.nan
        return context.nan if isinstance(value, context.mpc) else value

    return evaluate


def formula(written: Callable[..., Any]) -> Digits:
    """Return the reading of ``written(context, *x)``, nan where it is complex or undefined."""

    def read(context: Any) -> Callable[..., Any]:
        return guarded(context, lambda *x: written(context, *x))

    return read


def sigmoid(context: Any, x: Any) -> Any:
    """Return 1 / (1 + exp(-x)), the small tail from its own exponential."""
    tail = context.exp(-abs(x))
    return (1 if x >= 0 else tail) / (1 + tail)


def softplus(context: Any, x: Any) -> Any:
    """Return log(1 + exp x) with relative accuracy in both tails."""
    return max(x, context.zero) + context.log1p(context.exp(-abs(x)))


def logaddexp(context: Any, a: Any, b: Any) -> Any:
    """Return log(exp a + exp b)."""
    return max(a, b) + context.log1p(context.exp(-abs(a - b)))


def cbrt(context: Any, x: Any) -> Any:
    """Return the real cube root."""
    return context.cbrt(x) if x >= 0 else -context.cbrt(-x)


def sign(context: Any, x: Any) -> Any:
    """Return -1, 0 or 1."""
    return context.mpf((x > 0) - (x < 0))


def trunc(context: Any, x: Any) -> Any:
    """Return the integer part towards zero."""
    return context.floor(x) if x >= 0 else context.ceil(x)


def fmod(context: Any, a: Any, b: Any) -> Any:
    """Return the remainder whose sign is that of a."""
    turned = context.fmod(abs(a), abs(b))
    return turned if a >= 0 else -turned


def heaviside(context: Any, x: Any, at_zero: Any) -> Any:
    """Return the step, `at_zero` at zero."""
    return at_zero if x == 0 else context.mpf(int(x > 0))


def power(context: Any, a: Any, b: Any) -> Any:
    """Return a to the b; 0 to the 0 is 1, a negative base takes integer exponents only.

    mpmath rounds the exponent of exp(b log a) to its own precision: the digits it will lose are
    added first.
    """
    if context.isint(b):
        return a ** int(b)
    spare = max(0, context.mag(b)) + 10 + (abs(context.mag(a)).bit_length() if a else 0)
    with context.workprec(context.prec + spare):
        value = a**b
    return +value


def entropy(context: Any, x: Any) -> Any:
    """Return -x log x, 0 at 0."""
    return -x * context.log(x) if x else context.zero


def xlogy(context: Any, x: Any, y: Any) -> Any:
    """Return x log y, 0 where x is 0."""
    return x * context.log(y) if x else context.zero


def xlog1py(context: Any, x: Any, y: Any) -> Any:
    """Return x log(1 + y), 0 where x is 0."""
    return x * context.log1p(y) if x else context.zero


def lgamma(context: Any, x: Any) -> Any:
    """Return log |gamma(x)|."""
    return context.loggamma(x) if x > 0 else -context.log(abs(context.rgamma(x)))


def sinc_derivative(context: Any, order: Any, x: Any) -> Any:
    """Return the derivative of sin(pi x) / (pi x) of that order.

    With z = pi x and g(z) = sin(z)/z: the Taylor series of g near 0, elsewhere the recurrence
    z g⁽ᵏ⁾ = sin⁽ᵏ⁾(z) - k g⁽ᵏ⁻¹⁾ that follows from z g = sin z.
    """
    count = int(order)
    with context.workprec(context.prec + 20 + 8 * count):
        z = context.pi * x
        value = _near_zero(context, count, z) if abs(z) < 2 else _recurred(context, count, x, z)
        return value * context.pi**count


def _near_zero(context: Any, count: int, z: Any) -> Any:
    total, even = context.zero, count + count % 2
    term = context.one if even == count else z
    for m in range(even // 2, even // 2 + context.prec):
        total += (-1) ** m * term / (2 * m + 1)
        term = term * z * z / ((2 * m + 1 - count) * (2 * m + 2 - count))
    return total


def _recurred(context: Any, count: int, x: Any, z: Any) -> Any:
    sine, cosine = context.sinpi(x), context.cospi(x)
    turned = (sine, cosine, -sine, -cosine)
    value = sine / z
    for k in range(1, count + 1):
        value = (turned[k % 4] - k * value) / z
    return value


def exp_moment(context: Any, order: Any, x: Any) -> Any:
    """Return the integral of t^k exp(t x) over t in [0, 1]: a series near 0, else by parts."""
    count = int(order)
    with context.workprec(2 * context.prec + 20 + 8 * count):
        if abs(x) < 1 + count:
            return context.hyp1f1(count + 1, count + 2, x) / (count + 1)
        grown = context.exp(x)
        value = (grown - 1) / x
        for k in range(1, count + 1):
            value = (grown - k * value) / x
        return value


def gaussian(context: Any, x: Any) -> Any:
    """Return exp(-x²); the rounding of x² would cost as many digits as x² has."""
    with context.workprec(context.prec + _spare(context, x)):
        value = context.exp(-x * x)
    return +value


def ndtr(context: Any, x: Any) -> Any:
    """Return erfc(-x / sqrt 2) / 2."""
    with context.workprec(context.prec + _spare(context, x)):
        value = context.erfc(-x / context.sqrt(2)) / 2
    return +value


def log_ndtr(context: Any, x: Any) -> Any:
    """Return log(ndtr x) with relative accuracy in both tails."""
    return context.log1p(-ndtr(context, -x)) if x > 0 else context.log(ndtr(context, x))


def hazard(context: Any, x: Any) -> Any:
    """Return the normal density over the distribution."""
    with context.workprec(context.prec + _spare(context, x)):
        density = context.exp(-x * x / 2) / context.sqrt(2 * context.pi)
    return density / ndtr(context, x)


def _spare(context: Any, x: Any) -> int:
    """Return how many bits an exponent of x² loses, and a few more."""
    return 10 + 2 * max(0, context.mag(x)) if x else 10
