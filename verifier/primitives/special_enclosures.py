"""Enclosures of the special functions, on what flint knows of them."""

from __future__ import annotations

from flint import acb, arb, ctx

from .enclosures import NAN, is_narrow


def ndtr(x: arb) -> arb:
    """Enclose the normal distribution function with relative accuracy on the left."""
    return (-x / arb(2).sqrt()).erfc() / 2


def log_ndtr(x: arb) -> arb:
    """Enclose log(ndtr x) with relative accuracy in both tails."""
    return (-ndtr(-x)).log1p() if x > 0 else ndtr(x).log()


def hazard(x: arb) -> arb:
    """Enclose the normal density over the distribution."""
    return (-x * x / 2).exp() / (2 * arb.pi()).sqrt() / ndtr(x)


def lgamma(x: arb) -> arb:
    """Enclose log |gamma(x)|, negative arguments included; nan on a pole."""
    if x > 0:
        return x.lgamma()
    inverse = x.rgamma()
    return -abs(inverse).log() if x < 0 and not inverse.contains(0) else NAN


def gamma(x: arb) -> arb:
    """Enclose gamma; nan on a pole."""
    return x.gamma() if x > 0 or not x.contains_integer() else NAN


def digamma(x: arb) -> arb:
    """Enclose digamma, which increases between its poles; nan on a pole."""
    if is_narrow(x) or not x > 0 or not x.is_finite():
        return x.digamma() if x > 0 or not x.contains_integer() else NAN
    return x.lower().digamma().union(x.upper().digamma())


def whole(order: arb) -> int | None:
    """Return a non-negative integer order, None for any other ball."""
    number = order.unique_fmpz() if order.is_integer() else None
    return int(number) if number is not None and number >= 0 else None


def polygamma(order: arb, x: arb) -> arb:
    """Enclose the derivative of digamma of that order, which is monotone for x > 0."""
    k = whole(order)
    if k is None or not (x > 0 or not x.contains_integer()):
        return NAN
    if k == 0:
        return digamma(x)
    if is_narrow(x) or not x > 0 or not x.is_finite():
        return acb(x).polygamma(k).real
    low, high = (acb(end).polygamma(k).real for end in (x.lower(), x.upper()))
    return low.union(high)


def xlogy(x: arb, y: arb) -> arb:
    """Enclose x log y, exactly 0 where x is."""
    return arb(0) if x.is_zero() and not y.is_nan() else x * y.log()


def xlog1py(x: arb, y: arb) -> arb:
    """Enclose x log(1 + y), exactly 0 where x is."""
    return arb(0) if x.is_zero() and not y.is_nan() else x * y.log1p()


def entropy(x: arb) -> arb:
    """Enclose -x log x: up to 1/e it increases, then it decreases."""
    if x.is_zero():
        return arb(0)
    if is_narrow(x) or not x.is_finite() or not x.lower() >= 0:
        return -x * x.log() if x > 0 else NAN
    low, high = (entropy(end) for end in (x.lower(), x.upper()))
    turn = (-arb(1)).exp()
    return low.union(high) if x < turn or x > turn else low.union(high).union(turn)


def bessel_i(order: arb, x: arb) -> arb:
    """Enclose the modified Bessel function of a whole order, negative ones by symmetry."""
    number = order.unique_fmpz() if order.is_integer() else None
    return x.bessel_i(arb(abs(int(number)))) if number is not None else NAN


def sinc_derivative(order: arb, x: arb) -> arb:
    """Enclose a derivative of sin(pi x) / (pi x).

    It is the integral of (pi t)^k cos(pi x t + k pi / 2) over t in [0, 1], hence within
    pi^k / (k+1) of 0, and its own slope within pi^(k+1) / (k+2): mean value form.
    """
    k = whole(order)
    if k is None or x.is_nan():
        return NAN
    bound = arb.pi() ** k / (k + 1)
    everywhere = (-bound).union(bound)
    if not x.is_finite():
        return everywhere
    middle = _sinc_at(k, x.mid())
    if x.is_exact():
        return middle
    reach = arb.pi() ** (k + 1) / (k + 2) * x.rad()
    near = middle + (-reach).union(reach)
    return near.intersection(everywhere) if near.overlaps(everywhere) else near


def exp_moment(order: arb, x: arb) -> arb:
    """Enclose the integral of t^k exp(t x) over t in [0, 1], which increases with x."""
    k = whole(order)
    if k is None or not x.is_finite():
        return NAN
    if is_narrow(x):
        return _moment_at(k, x)
    return _moment_at(k, x.lower()).union(_moment_at(k, x.upper()))


def _moment_at(k: int, x: arb) -> arb:
    if abs(x) < 1000 + k:
        return x.hypgeom_1f1(arb(k + 1), arb(k + 2)) / (k + 1)
    grown = x.exp()
    value = (grown - 1) / x
    for order in range(1, k + 1):  # by parts: each step divides by an |x| above the order
        value = (grown - order * value) / x
    return value


def _sinc_at(k: int, x: arb) -> arb:
    """Enclose at an exact point: Taylor series near 0, elsewhere the recurrence of x sinc x."""
    before = ctx.prec
    ctx.prec = before + 20 + 8 * k
    try:
        value = _sinc_taylor(k, x) if abs(x) < 1 else _sinc_recurred(k, x)
    finally:
        ctx.prec = before
    return +value


def _sinc_taylor(k: int, x: arb) -> arb:
    z, even = arb.pi() * x, k + k % 2
    term = arb(1) if even == k else z
    total, m = arb(0), even // 2
    while not (abs(term) < arb(2) ** (-ctx.prec - 8) and 2 * m + 1 - k > 8):
        total += (-1) ** m * term / (2 * m + 1)
        term = term * z * z / ((2 * m + 1 - k) * (2 * m + 2 - k))
        m += 1
    rest = abs(term) * 2  # the terms have fallen below a quarter of the last by now
    return (total + (-rest).union(rest)) * arb.pi() ** k


def _sinc_recurred(k: int, x: arb) -> arb:
    z, sine, cosine = arb.pi() * x, x.sin_pi(), x.cos_pi()
    turned = (sine, cosine, -sine, -cosine)
    value = sine / z
    for order in range(1, k + 1):  # z g = sin z, differentiated order times
        value = (turned[order % 4] - order * value) / z
    return value * arb.pi() ** k
