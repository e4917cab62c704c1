"""Functions numpy does not have, in floating point: on numpy where a formula keeps its digits.

Special functions go through the standard library's `math`, one number at a time in float64, and
are rounded once to the dtype they were given.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Array = Any
SMALLEST_SHIFTED = 12.0  # the asymptotic series of psi has all its digits from here on
# B_2k, k = 1 .. 10 (NIST DLMF 24.2)
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510,
             43867 / 798, -174611 / 330)


def one_by_one(function: Callable[..., float]) -> Callable[..., Array]:
    """Return `function` of Python floats as one of arrays; what raises becomes nan."""

    def safe(*numbers: float) -> float:
        try:
            return function(*numbers)
        except (ValueError, ZeroDivisionError):
            return math.nan
        except OverflowError:
            return math.inf

    def evaluate(*arrays: Array) -> Array:
        floating = [a for a in map(np.asarray, arrays) if a.dtype.kind == "f"]
        values = np.vectorize(safe, otypes=[np.float64])(*arrays)
        with np.errstate(over="ignore", under="ignore"):
            return values.astype(np.result_type(*floating) if floating else np.float64)

    return evaluate


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x)) without overflow and with its digits in both tails."""
    tail = np.exp(-np.abs(x))
    return np.where(x >= 0, np.ones_like(tail), tail) / (1 + tail)


def softplus(x: Array) -> Array:
    """Return log(1 + exp x) without overflow and with its digits in both tails."""
    return np.maximum(x, np.zeros_like(x)) + np.log1p(np.exp(-np.abs(x)))


def log_sigmoid(x: Array) -> Array:
    """Return log(sigmoid x)."""
    return np.minimum(x, np.zeros_like(x)) - np.log1p(np.exp(-np.abs(x)))


def relu(x: Array) -> Array:
    """Return max(x, 0)."""
    return np.maximum(x, np.zeros_like(x))


def logit(x: Array) -> Array:
    """Return log(x / (1-x)); near one half by log1p, where x / (1-x) would lose the zero."""
    x = np.asarray(x)
    odds = x / (1 - x)
    near = np.abs(x - 0.5) < 0.25
    half = np.where(near, x, x.dtype.type(0.5))
    return np.where(near, np.log1p((2 * half - 1) / (1 - half)), np.log(odds))


def sech(x: Array) -> Array:
    """Return 1 / cosh(x) without overflow."""
    tail = np.exp(-np.abs(x))
    return 2 * tail / (1 + tail * tail)


def gaussian(x: Array) -> Array:
    """Return exp(-x²); the square is split, for rounding it would cost x² ulps."""
    x = np.asarray(x)
    reach, keep = {2: (6, 2**6 + 1), 4: (12, 2**12 + 1), 8: (30, 2**27 + 1)}[x.dtype.itemsize]
    near = np.clip(x, -reach, reach)  # beyond, the result is 0
    high = near * x.dtype.type(keep)
    high = high - (high - near)  # Dekker 1971: as many leading bits as square exactly
    low = near - high
    return np.exp(-high * high) * np.exp(-low * (near + high))


def _lgamma(x: float) -> float:
    return math.inf if x <= 0 and x == math.floor(x) else math.lgamma(x)


def _polygamma(order: float, x: float) -> float:
    """Return psi^(order)(x): recurrence to a large argument, then the asymptotic series."""
    if order < 0 or order != int(order) or (x <= 0 and x == math.floor(x)):
        return math.nan
    if order == 0:
        return _digamma(x)
    count = int(order)
    if x < -1e5:  # a recurrence that long would not end soon
        return math.nan
    if x < 0:
        return _reflected(count, x)
    factorial, parts = math.factorial(count), []
    while x < SMALLEST_SHIFTED + count:
        parts.append(factorial * (1 / x) ** (count + 1))
        x += 1
    inverse = 1 / x
    parts += [math.factorial(count - 1) * inverse**count, factorial * inverse ** (count + 1) / 2]
    for k, bernoulli in enumerate(BERNOULLI, start=1):
        rising = math.factorial(2 * k + count - 1) / math.factorial(2 * k)
        parts.append(bernoulli * rising * inverse ** (2 * k + count))
    return math.fsum(parts) if count % 2 else -math.fsum(parts)


def _reflected(count: int, x: float) -> float:
    """Return psi^(count) at negative x from its values above zero, through direct recurrence."""
    steps = math.ceil(-x) + 1
    terms = [-((-1) ** count) * math.factorial(count) / (x + k) ** (count + 1)
             for k in range(steps)]
    return math.fsum([*terms, _polygamma(count, x + steps)])


def _digamma(x: float) -> float:
    if x < 0:
        turn = math.pi * (x - round(x))
        return _digamma(1 - x) - math.pi / math.tan(turn)
    parts = []
    while x < SMALLEST_SHIFTED:
        parts.append(-1 / x)
        x += 1
    parts += [math.log(x), -0.5 / x]
    parts += [-b / (2 * k) * (1 / x) ** (2 * k) for k, b in enumerate(BERNOULLI, start=1)]
    return math.fsum(parts)


def _erfinv(x: float) -> float:
    if abs(x) >= 1:
        return math.copysign(math.inf, x) if abs(x) == 1 else math.nan
    if x == 0:
        return x
    rest = 1 - abs(x)
    logarithm = math.log(rest * (2 - rest))
    half = 2 / (math.pi * 0.147) + logarithm / 2  # Winitzki 2008, two digits to start from
    y = math.sqrt(math.sqrt(half * half - logarithm / 0.147) - half)
    y = max(y, abs(x) * math.sqrt(math.pi) / 2)
    for _ in range(4):
        gap = math.erf(y) - abs(x) if abs(x) < 0.5 else rest - math.erfc(y)
        newton = gap * math.sqrt(math.pi) / 2 * math.exp(y * y)
        y -= newton / (1 + y * newton)  # Halley
    return math.copysign(y, x)


def _hazard(x: float) -> float:
    """Return phi(x) / Phi(x) by erfc, far left by the continued fraction of Mills' ratio."""
    if x > -5:
        density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
        return density / (math.erfc(-x / math.sqrt(2)) / 2)
    fraction = -x
    for k in range(150, 0, -1):
        fraction = -x + k / fraction
    return fraction


def _log_ndtr(x: float) -> float:
    if x > 0:
        return math.log1p(-math.erfc(x / math.sqrt(2)) / 2)
    if x > -5:
        return math.log(math.erfc(-x / math.sqrt(2)) / 2)
    return -x * x / 2 - math.log(math.sqrt(2 * math.pi) * _hazard(x))


def _ndtr(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2


def _bessel(order: float, x: float) -> float:
    """Return I_order(x) for whole orders: power series, all of one sign, or asymptotic series."""
    count = abs(int(order))
    if order != int(order):
        return math.nan
    sign = -1 if x < 0 and count % 2 else 1
    if abs(x) > max(30, count * count):
        return sign * _bessel_far(count, abs(x))
    half = abs(x) / 2
    term = half**count / math.factorial(count)
    terms = [term]
    for m in range(1, 90 + count):
        term *= half * half / (m * (m + count))
        terms.append(term)
    return sign * math.fsum(terms)


def _bessel_far(count: int, x: float) -> float:
    """Return I_count(x) by its asymptotic series (NIST DLMF 10.40.1)."""
    term, terms = 1.0, [1.0]
    for k in range(1, 40):
        term *= -(4 * count * count - (2 * k - 1) ** 2) / (8 * k * x)
        if abs(term) > abs(terms[-1]):
            break
        terms.append(term)
    grown = math.exp(x / 2)
    return math.fsum(terms) / math.sqrt(2 * math.pi * x) * grown * grown


def _sinc_derivative(order: float, x: float) -> float:
    count, turn = int(order), math.fmod(x, 2.0)
    z = math.pi * x
    if abs(z) < 1.5 + count:
        return math.pi**count * _sinc_series(count, z)
    sine, cosine = _sinpi(turn), _sinpi(turn + 0.5)
    turned = (sine, cosine, -sine, -cosine)
    value = sine / z
    for k in range(1, count + 1):
        value = (turned[k % 4] - k * value) / z
    return math.pi**count * value


def _sinc_series(count: int, z: float) -> float:
    even = count + count % 2
    term, terms = (1.0 if even == count else z), []
    for m in range(even // 2, even // 2 + 40 + 4 * count):
        terms.append((-1) ** m * term / (2 * m + 1))
        term = term * z * z / ((2 * m + 1 - count) * (2 * m + 2 - count))
    return math.fsum(terms)


def _sinpi(x: float) -> float:
    nearest = round(x)
    return math.sin(math.pi * (x - nearest)) * (-1 if nearest % 2 else 1)


def _exp_moment(order: float, x: float) -> float:
    """Return the integral of t^k exp(t x) over t in [0, 1]; near 0 by a series of one sign."""
    count = int(order)
    if order < 0 or order != int(order):
        return math.nan
    if abs(x) < 50 + count:
        return _exp_moment_series(count, x)
    half = math.exp(x / 2)  # the result is finite a little longer than exp(x) is
    value = half / x * half if x > 0 else -math.expm1(x) / -x
    for k in range(1, count + 1):
        value = half / x * half - k * value / x
    return value


def _exp_moment_series(count: int, x: float) -> float:
    term, terms = 1.0, []
    for m in range(250 + 2 * count):
        if x < 0:  # exp(x) times a series of positive terms (Kummer)
            term *= -x / (count + 1 + m) if m else 1 / (count + 1)
            terms.append(term)
        else:
            terms.append(term / (count + 1 + m))
            term *= x / (m + 1)
        if terms[-1] < 1e-18 * terms[0]:
            break
    return math.fsum(terms) * (math.exp(x) if x < 0 else 1.0)


def entropy(x: Array) -> Array:
    """Return -x log x, 0 at 0."""
    x = np.asarray(x)
    return np.where(x == 0, np.zeros_like(x), -x * np.log(np.where(x == 0, np.ones_like(x), x)))


def xlogy(x: Array, y: Array) -> Array:
    """Return x log y, 0 where x is 0."""
    x, y = np.asarray(x), np.asarray(y)
    return np.where(x == 0, np.zeros_like(x), x * np.log(np.where(x == 0, np.ones_like(y), y)))


def xlog1py(x: Array, y: Array) -> Array:
    """Return x log(1 + y), 0 where x is 0."""
    x, y = np.asarray(x), np.asarray(y)
    return np.where(x == 0, np.zeros_like(x), x * np.log1p(np.where(x == 0, np.zeros_like(y), y)))


erf, erfc, gamma = one_by_one(math.erf), one_by_one(math.erfc), one_by_one(math.gamma)
erfinv, lgamma = one_by_one(_erfinv), one_by_one(_lgamma)
digamma, polygamma = one_by_one(_digamma), one_by_one(_polygamma)
ndtr, log_ndtr, hazard = one_by_one(_ndtr), one_by_one(_log_ndtr), one_by_one(_hazard)
bessel, sinc_derivative = one_by_one(_bessel), one_by_one(_sinc_derivative)
sinc = one_by_one(lambda x: _sinc_derivative(0, x))
i1 = one_by_one(lambda x: _bessel(1, x))
exp_moment = one_by_one(_exp_moment)
