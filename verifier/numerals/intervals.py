"""Two-ended intervals on float64 arrays, every operation rounded outward.

An interval is a set of real numbers: an infinite end means "no bound known", it is no value, so
that zero times an unbounded interval is zero (IEEE 1788-2015, set-based flavour). Sums that are
exact in floating point stay exact (TwoSum, Knuth 1997, section 4.2.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray
EPS = 2.0**-52  # twice the unit roundoff
TINY = 5e-324
INF = np.inf
SEQUENTIAL = 32  # sums of at most this many terms keep their exactness


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """Arrays of lower and upper ends; -inf and inf where no bound is known."""

    lo: Array
    hi: Array

    def __neg__(self) -> Interval:
        return Interval(-self.hi, -self.lo)

    def __add__(self, other: Interval) -> Interval:
        return Interval(add_down(self.lo, other.lo), -add_down(-self.hi, -other.hi))

    def __sub__(self, other: Interval) -> Interval:
        return self + (-other)

    def __mul__(self, other: Interval) -> Interval:
        return product(self, other)

    def __getitem__(self, key: Any) -> Interval:
        return Interval(self.lo[key], self.hi[key])


def point(values: Array) -> Interval:
    """Return the intervals of exactly known finite numbers."""
    return Interval(values, values)


def whole(shape: tuple[int, ...]) -> Interval:
    """Return intervals of which nothing is known."""
    return Interval(np.full(shape, -INF), np.full(shape, INF))


def grown(bound: Array, terms: int) -> Array:
    """Return an upper bound of a sum of non-negative products computed with `terms` roundings.

    gamma_n = n u / (1 - n u) <= 2 n u for n u <= 1/2 (Higham 2002, section 3.1); each product may
    lose half the least subnormal number.
    """
    slack = terms + 8
    return np.where(bound == 0.0, slack * TINY, bound * (1.0 + slack * EPS) + slack * TINY)


def add_down(a: Array, b: Array) -> Array:
    """Return a + b rounded down, exactly where it is exact; meant for lower ends."""
    with np.errstate(all="ignore"):
        total = np.asarray(a + b)
        shadow = total - a
        error = (a - (total - shadow)) + (b - shadow)
        out = np.where(error >= 0.0, total, np.nextafter(total, -INF))
        unbounded = (a == INF) | (b == INF)
        out = np.where(total == INF, np.where(unbounded, INF, np.finfo(float).max), out)
    out = np.where((a == -INF) | (b == -INF), -INF, out)
    return np.where(np.isnan(out), -INF, out)


def times_down(a: Array, b: Array) -> Array:
    """Return a b rounded down, exactly where it is exact; 0 times anything is 0."""
    with np.errstate(all="ignore"):
        value = np.asarray(a * b)
        error = _product_error(a, b, value)
        lower = np.nextafter(value, -INF)
        lower = np.where((a > 0.0) == (b > 0.0), np.maximum(lower, 0.0), lower)
    unit = (np.abs(a) == 1.0) | (np.abs(b) == 1.0)
    lower = np.where((error >= 0.0) | unit | np.isinf(a) | np.isinf(b), value, lower)
    return np.where((a == 0.0) | (b == 0.0), 0.0, lower)


def _product_error(a: Array, b: Array, value: Array) -> Array:
    """Return a b - value exactly (Dekker 1971), nan where it might under- or overflow."""
    (high_a, low_a), (high_b, low_b) = _split(a), _split(b)
    error = ((high_a * high_b - value) + high_a * low_b + low_a * high_b) + low_a * low_b
    safe = (np.abs(value) > 1e-280) & (np.abs(a) < 1e150) & (np.abs(b) < 1e150)
    return np.where(safe, error, np.nan)


def _split(a: Array) -> tuple[Array, Array]:
    scaled = 134217729.0 * a
    high = scaled - (scaled - a)
    return high, a - high


def product(a: Interval, b: Interval) -> Interval:
    """Return the products, from the four pairs of ends."""
    pairs = ((a.lo, b.lo), (a.lo, b.hi), (a.hi, b.lo), (a.hi, b.hi))
    lows = [times_down(x, y) for x, y in pairs]
    highs = [times_down(-x, y) for x, y in pairs]
    low, high = lows[0], highs[0]
    for more_low, more_high in zip(lows[1:], highs[1:], strict=True):
        low, high = np.minimum(low, more_low), np.minimum(high, more_high)
    return Interval(low, -high)


def hull(a: Interval, b: Interval) -> Interval:
    """Return the smallest intervals around both."""
    return Interval(np.minimum(a.lo, b.lo), np.maximum(a.hi, b.hi))


def meet(a: Interval, b: Interval) -> Interval:
    """Return what both allow: both are enclosures of the same number, so they overlap."""
    return Interval(np.maximum(a.lo, b.lo), np.minimum(a.hi, b.hi))


def total(a: Interval, axes: tuple[int, ...]) -> Interval:
    """Return the sums over `axes` (non-negative)."""
    for axis in sorted(axes, reverse=True):
        a = Interval(_total_down(a.lo, axis), -_total_down(-a.hi, axis))
    return a


def _total_down(values: Array, axis: int) -> Array:
    lines = np.moveaxis(values, axis, 0)
    if len(lines) <= SEQUENTIAL:
        out = np.zeros(lines.shape[1:])
        for line in lines:
            out = add_down(out, line)
        return out
    value, size = np.asarray(lines.sum(axis=0)), np.asarray(np.abs(lines).sum(axis=0))
    return np.asarray(_sum_down(value, size, lines))


def _sum_down(value: Array, size: Array, lines: Array) -> Array:
    """Return a computed sum minus its rounding bound; sums of signed terms keep the sign."""
    with np.errstate(all="ignore"):
        error = grown(size, len(lines)) * (len(lines) * EPS)
        out = np.nextafter(value - error, -INF)
    positive, lost = np.asarray((lines >= 0.0).all(axis=0)), (lines == -INF).any(axis=0)
    out = np.where(positive, np.maximum(out, 0.0), out)
    return np.asarray(np.where(lost | np.isnan(out), -INF, out))


def running(a: Interval, axis: int) -> Interval:
    """Return the running sums along `axis`."""
    return Interval(_running_down(a.lo, axis), -_running_down(-a.hi, axis))


def _running_down(values: Array, axis: int) -> Array:
    lines = np.moveaxis(values, axis, 0)
    out = np.empty_like(lines)
    level = np.zeros(lines.shape[1:])
    for k, line in enumerate(lines):
        level = add_down(level, line)
        out[k] = level
    return np.moveaxis(out, 0, axis)


def matmul(a: Interval, b: Interval) -> Interval:
    """Return the matrix products; through elementwise products where that is affordable."""
    count = a.lo.shape[-1]
    size = np.prod(np.broadcast_shapes(a.lo.shape[:-2], b.lo.shape[:-2]), dtype=np.int64)
    if size * a.lo.shape[-2] * count * b.lo.shape[-1] <= 2**18:
        parts = a[..., :, :, None] * b[..., None, :, :]
        return total(parts, (parts.lo.ndim - 2,))
    return _middle_product(a, b)


def _middle_product(a: Interval, b: Interval) -> Interval:
    """Multiply by midpoints and radii (Rump 1999); rows that meet an infinite end are unbounded."""
    count = a.lo.shape[-1]
    open_a, open_b = (~(np.isfinite(x.lo) & np.isfinite(x.hi)) for x in (a, b))
    (mid_a, rad_a), (mid_b, rad_b) = (_middle(x, o) for x, o in ((a, open_a), (b, open_b)))
    with np.errstate(all="ignore"):
        value = mid_a @ mid_b
        size = np.abs(mid_a) @ (np.abs(mid_b) + rad_b) + rad_a @ (np.abs(mid_b) + rad_b)
        spread = np.abs(mid_a) @ rad_b + rad_a @ (np.abs(mid_b) + rad_b)
        error = grown(spread, 2 * count) + grown(size, 2 * count) * (2 * count * EPS)
        low, high = np.nextafter(value - error, -INF), np.nextafter(value + error, INF)
    lost = open_a.any(axis=-1)[..., :, None] | open_b.any(axis=-2)[..., None, :]
    lost = lost | ~np.isfinite(low) | ~np.isfinite(high)
    return Interval(np.where(lost, -INF, low), np.where(lost, INF, high))


def _middle(a: Interval, unbounded: Array) -> tuple[Array, Array]:
    low, high = np.where(unbounded, 0.0, a.lo), np.where(unbounded, 0.0, a.hi)
    middle = 0.5 * low + 0.5 * high
    radius = np.nextafter(np.maximum(high - middle, middle - low), INF)
    return middle, np.where(low == high, 0.0, radius)
