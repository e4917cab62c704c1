"""Closing in on a sign change between two floats until they are neighbours, many at once.

A bracket is a pair of numbers at which a function has different *classes*: negative, zero,
positive or undefined (nan). The edge of a function's domain is thus found like a zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..endpoints import spacing

Array = np.ndarray
Function = Callable[[Array], Array]  # K numbers, one a bracket -> K values

UNDEFINED = 2  # the class of nan, beside -1, 0 and 1
STEPS = 100  # float64 has 2^64 numbers: 64 bisections and some secant steps in between


@dataclass(frozen=True, slots=True)
class Closed:
    """What became of K brackets, in their dtype.

    `low`, `high` are neighbouring floats of different class (or as near as the steps allowed);
    `root` is where the function is exactly 0 if `exact`, else the end at which it is smaller.
    """

    low: Array
    high: Array
    root: Array
    exact: Array


def classes(values: Array) -> Array:
    """Return -1, 0, 1 or UNDEFINED for every value."""
    found = np.asarray(values, dtype=np.float64)
    return np.where(np.isnan(found), UNDEFINED, np.sign(np.nan_to_num(found))).astype(np.int64)


def ordinals(array: Array) -> Array:
    """Return the position of each float among all floats of its dtype; both zeros are 0."""
    size = array.dtype.itemsize
    bits = np.ascontiguousarray(array).view(f"u{size}")
    sign = np.asarray(1, dtype=bits.dtype) << np.asarray(8 * size - 1, dtype=bits.dtype)
    magnitude = (bits & ~sign).astype(np.int64)
    found: Array = np.where(bits & sign, -magnitude, magnitude)
    return found


def from_ordinals(positions: Array, dtype: Any) -> Array:
    """Return the floats at these positions: the inverse of :func:`ordinals`."""
    size = np.dtype(dtype).itemsize
    magnitude = np.abs(positions).astype(f"u{size}")
    sign = np.asarray(1, dtype=magnitude.dtype) << np.asarray(8 * size - 1, dtype=magnitude.dtype)
    found: Array = np.where(positions < 0, magnitude | sign, magnitude).view(dtype)
    return found


def step_by(array: Array, ulps: int) -> Array:
    """Return the floats `ulps` positions above (below if negative), saturating at the largest."""
    limit = ordinals(np.full((), np.inf).astype(array.dtype)) - 1
    return from_ordinals(np.clip(ordinals(array) + ulps, -limit, limit), array.dtype)


@np.errstate(all="ignore")
def close(low: Array, high: Array, at_low: Array, at_high: Array, function: Function) -> Closed:
    """Narrow the brackets [low, high] by secant and bisection steps on the floats themselves.

    `at_low`, `at_high` are the function's values there, of different class in every bracket.
    """
    low, high = low.copy(), high.copy()
    at_low, at_high = (np.array(a, dtype=np.float64) for a in (at_low, at_high))
    root, exact = low.copy(), np.zeros(low.shape, dtype=bool)
    for step in range(STEPS):
        middle = _middle(low, high, at_low, at_high, bisect=step % 3 == 2)
        open_ = np.abs(ordinals(high) - ordinals(low)) > 1
        if not (open_ & ~exact).any():
            break
        values = np.asarray(function(middle), dtype=np.float64)
        kinds, left = classes(values), classes(at_low)
        hit = open_ & (kinds == 0) & (left != 0) & (classes(at_high) != 0)
        root, exact = np.where(hit & ~exact, middle, root), exact | hit
        goes_left = open_ & (kinds == left)
        goes_right = open_ & ~goes_left & ~hit
        low, at_low = np.where(goes_left, middle, low), np.where(goes_left, values, at_low)
        high, at_high = np.where(goes_right, middle, high), np.where(goes_right, values, at_high)
        low, high = np.where(hit, middle, low), np.where(hit, middle, high)
    nearer = np.nan_to_num(np.abs(at_low), nan=np.inf) <= np.nan_to_num(np.abs(at_high), nan=np.inf)
    at_zero = (classes(at_low) == 0) | (classes(at_high) == 0)
    root = np.where(exact, root, np.where(nearer, low, high))
    return Closed(low, high, root, exact | at_zero)


def _middle(low: Array, high: Array, at_low: Array, at_high: Array, *, bisect: bool) -> Array:
    """Return a number strictly between: the secant's zero, or the middle float."""
    first, last = ordinals(low), ordinals(high)
    half = (first >> 1) + (last >> 1) + (first & last & 1)
    if bisect:
        return from_ordinals(half, low.dtype)
    wide_low, wide_high = low.astype(np.float64), high.astype(np.float64)
    secant = wide_low - at_low * ((wide_high - wide_low) / (at_high - at_low))
    usable = np.isfinite(secant) & (at_low * at_high < 0)
    guess = ordinals(np.where(usable, secant, 0.0).astype(low.dtype))
    smaller, larger = np.minimum(first, last), np.maximum(first, last)
    guess = np.clip(guess, smaller + 1, np.maximum(larger - 1, smaller + 1))
    return from_ordinals(np.where(usable, guess, half), low.dtype)


def simple_numbers(number: Any, dtype: str) -> list[Any]:
    """Return numbers near `number` that are simpler than it, the simplest first.

    Whole numbers, multiples of 1/8, short decimals and small fractions within 1e-6 of it (relative,
    absolute below 1), each rounded to `dtype`: what a programmer would have typed.
    """
    value = float(number)
    if not np.isfinite(value):
        return []
    reach = max(4 * spacing(dtype), 1e-6) * max(abs(value), 1e-6 if abs(value) > 1e-9 else 1.0)
    texts = [0.0, float(round(value)), round(value * 8) / 8]
    texts += [float(f"{value:.{digits}g}") for digits in range(1, 7)]
    texts += [float(Fraction(value).limit_denominator(q)) for q in (7, 12, 100)]
    kind, near = np.asarray(number).dtype, [t for t in texts if abs(t - value) <= reach]
    return [np.asarray(t).astype(kind)[()] for t in dict.fromkeys(near)]
