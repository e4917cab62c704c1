"""A curve over intervals: its range, and a straight line it stays near.

For every x in [low, high]: f(x) lies in the range and in slope x + offset +- rest. Where the row
says convex or concave, f minus the line is largest at the ends and bounded on the other side by
secants of neighbouring points, which need values only; elsewhere by f'' on short parts. Values
come from arb; the line itself is chosen in floats and needs no trust.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..numerals.intervals import EPS, INF, TINY, Interval, add_down, point, times_down
from ..primitives.row import AFFINE, CONCAVE, CONVEX
from .curves import Bend, Curve, bend_over
from .ranges import PARTS, bounded, cut

Array = np.ndarray
SAMPLES = np.linspace(0.0, 1.0, 17)  # where the line is fitted
GRID = np.array([0.0, 2.0**-10, 1 / 64, 1 / 16, *np.linspace(0.125, 0.875, 13), 15 / 16, 63 / 64,
                 1 - 2.0**-10, 1.0])  # where f minus the line is searched for its extreme
GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """The answer for each interval; `undefined` where f may not be a number somewhere in it."""

    slope: Array
    offset: Array
    rest: Array
    bounds: Interval
    undefined: Array


def relax(curve: Curve, low: Array, high: Array) -> Line:
    """Relax `curve` on flat arrays of intervals; infinite ends are allowed."""
    bounds, undefined = bounded(curve, low, high)
    bent = ~undefined & np.isfinite(low) & np.isfinite(high) & (low < high)
    slope = np.zeros(len(low))
    offset, rest = _around(bounds)
    at = np.flatnonzero(bent)
    if len(at):
        steep = _fitted(curve, low[at], high[at])
        middle, radius = _around(_gaps(curve, low[at], high[at], steep))
        better = radius <= rest[at]
        at = at[better]
        slope[at], offset[at], rest[at] = steep[better], middle[better], radius[better]
    return Line(slope, offset, rest, bounds, undefined)


def _around(found: Interval) -> tuple[Array, Array]:
    """Return middles and radii of intervals."""
    with np.errstate(all="ignore"):
        middle = 0.5 * found.lo + 0.5 * found.hi
        middle = np.where(np.isfinite(middle), middle, 0.0)
        radius = np.maximum(-add_down(-found.hi, middle), -add_down(-middle, found.lo))
    return middle, radius


# ---------------------------------------------------------------- the line
def _fitted(curve: Curve, low: Array, high: Array) -> Array:
    """Return a slope for each interval that keeps f near a line; floats, no promise."""
    xs = cut(low, high, len(SAMPLES) - 1)
    with np.errstate(all="ignore"):
        ys = np.asarray(curve.floats(xs), dtype=np.float64)
        steps = np.diff(ys, axis=1) / np.diff(xs, axis=1)
        chord = (ys[:, -1] - ys[:, 0]) / (high - low)
        least, most = np.nanmin(steps, axis=1, initial=INF), np.nanmax(steps, axis=1, initial=-INF)

        def width(slope: Array) -> Array:
            gap = ys - slope[:, None] * xs
            return np.asarray(np.max(gap, axis=1) - np.min(gap, axis=1))

        a, b = np.where(least < most, least, chord), np.where(least < most, most, chord)
        for _ in range(18):
            c, d = b - GOLDEN * (b - a), a + GOLDEN * (b - a)
            left = width(c) < width(d)
            a, b = np.where(left, a, c), np.where(left, d, b)
        best = 0.5 * (a + b)
        best = np.where(width(chord) <= width(best) * (1 + 1e-9), chord, best)
    return np.where(np.isfinite(best), best, np.where(np.isfinite(chord), chord, 0.0))


def _gaps(curve: Curve, low: Array, high: Array, slope: Array) -> Interval:
    """Enclose f(x) - slope x over each interval."""
    covered = np.zeros(len(low), dtype=bool)
    if curve.pieces and all(p.curvature in (CONVEX, CONCAVE, AFFINE) for p in curve.pieces):
        covered = (low >= curve.bends[0].low) & (high <= curve.bends[-1].high)
    lo, hi = np.full(len(low), -INF), np.full(len(low), INF)
    for where, rule in ((covered, _gaps_by_pieces), (~covered, _gaps_by_parts)):
        at = np.flatnonzero(where)
        if len(at):
            part = rule(curve, low[at], high[at], slope[at])
            lo[at], hi[at] = part.lo, part.hi
    return Interval(lo, hi)


def _gap(lo: Array, hi: Array, slope: Array, x: Array) -> Interval:
    """Return f - slope x at points where f lies in [lo, hi]."""
    return Interval(lo, hi) - Interval(times_down(slope, x), -times_down(-slope, x))


def _gaps_by_parts(curve: Curve, low: Array, high: Array, slope: Array) -> Interval:
    """Bound by the chord of each part and f'': f = chord - f''(xi) (x-a)(b-x)/2."""
    edges = cut(low, high, PARTS)
    left, right = edges[:, :-1].ravel(), edges[:, 1:].ravel()
    _, _, second_lo, second_hi = bend_over(curve, left, right)
    lo, hi, good = curve.values(edges.ravel())
    steep = np.repeat(slope, PARTS + 1)
    gap = _gap(lo, hi, steep, edges.ravel())
    g_lo, g_hi = gap.lo.reshape(edges.shape), gap.hi.reshape(edges.shape)
    with np.errstate(all="ignore"):
        width = np.nextafter(right - left, INF)
        bow = (width * width / 8.0) * (1.0 + 8 * EPS) + TINY
        down = np.where(second_hi > 0.0, second_hi * bow * (1.0 + 4 * EPS) + TINY, 0.0)
        up = np.where(second_lo < 0.0, -second_lo * bow * (1.0 + 4 * EPS) + TINY, 0.0)
    shape = (len(low), PARTS)
    floor = add_down(np.minimum(g_lo[:, :-1], g_lo[:, 1:]), -down.reshape(shape)).min(axis=1)
    top = -add_down(-np.maximum(g_hi[:, :-1], g_hi[:, 1:]), -up.reshape(shape)).min(axis=1)
    fine = good.reshape(edges.shape).all(axis=1)
    return Interval(np.where(fine, floor, -INF), np.where(fine, top, INF))


def _gaps_by_pieces(curve: Curve, low: Array, high: Array, slope: Array) -> Interval:
    lo, hi = np.full(len(low), INF), np.full(len(low), -INF)
    for piece, start, end in zip(curve.pieces, curve.bends, curve.bends[1:], strict=False):
        a, b = np.maximum(low, start.high), np.minimum(high, end.low)
        at = np.flatnonzero(a < b)
        if len(at):
            rule = _below if piece.curvature == CONVEX else _above
            part = rule(curve, a[at], b[at], slope[at])
            lo[at], hi[at] = np.minimum(lo[at], part.lo), np.maximum(hi[at], part.hi)
    for bend in curve.bends:  # an irrational edge: the sliver between two floats
        at = np.flatnonzero((low <= bend.high) & (high >= bend.low))
        if len(at) and np.isfinite(bend.low):
            part = _sliver(curve, bend, slope[at])
            lo[at], hi[at] = np.minimum(lo[at], part.lo), np.maximum(hi[at], part.hi)
    return Interval(lo, hi)


def _sliver(curve: Curve, bend: Bend, slope: Array) -> Interval:
    """Enclose f - slope x on an edge and the sliver of floats around it."""
    ends = np.array([bend.low, bend.high])
    lo, hi, good = curve.values(ends)
    if bend.value is None or not good.all():
        return Interval(np.full(len(slope), -INF), np.full(len(slope), INF))
    value = Interval(np.full(len(slope), min(lo.min(), bend.value[0])),
                     np.full(len(slope), max(hi.max(), bend.value[1])))
    return value - point(slope) * Interval(ends[:1], ends[1:])


def _above(curve: Curve, a: Array, b: Array, slope: Array) -> Interval:
    """Treat a concave (or affine) piece as the mirror image of a convex one."""
    part = _secants(curve, a, b, slope, -1.0)
    return -part


def _below(curve: Curve, a: Array, b: Array, slope: Array) -> Interval:
    return _secants(curve, a, b, slope, 1.0)


def _secants(curve: Curve, a: Array, b: Array, slope: Array, sign: float) -> Interval:
    """Enclose g = sign (f - slope x), convex on [a, b], from its values at five points."""
    xs = _five(curve, a, b, slope, sign)
    lo, hi, good = (v.reshape(xs.shape) for v in curve.values(xs.ravel()))
    steep = np.broadcast_to(slope[:, None], xs.shape)
    g = _gap(lo, hi, steep, xs)
    g = g if sign > 0 else -g
    top = np.maximum(g.hi[:, 0], g.hi[:, -1])
    straight = _is_straight(xs, lo, hi)
    floor = np.where(straight, np.minimum(g.lo[:, 0], g.lo[:, -1]), _floor(xs, g))
    fine = good.all(axis=1)
    return Interval(np.where(fine, floor, -INF), np.where(fine, top, INF))


def _is_straight(xs: Array, lo: Array, hi: Array) -> Array:
    """A convex function equal to 0, x or -x at both ends and inside is that line between."""
    lines = [(lo == c * xs) & (hi == c * xs) for c in (0.0, 1.0, -1.0)]
    inner = (xs[:, 2] > xs[:, 0]) & (xs[:, 2] < xs[:, -1])
    return np.asarray(np.any([line[:, [0, 2, 4]].all(axis=1) for line in lines], axis=0) & inner)


def _five(curve: Curve, a: Array, b: Array, slope: Array, sign: float) -> Array:
    """Return the ends and three points around where g seems smallest."""
    with np.errstate(all="ignore"):
        grid = a[:, None] * (1.0 - GRID) + b[:, None] * GRID
        grid[:, 0], grid[:, -1] = a, b
        grid = np.clip(np.maximum.accumulate(grid, axis=1), a[:, None], b[:, None])
        seems = sign * (np.asarray(curve.floats(grid), dtype=np.float64) - slope[:, None] * grid)
    seems = np.where(np.isfinite(seems), seems, INF)
    best = np.clip(np.argmin(seems, axis=1), 2, len(GRID) - 3)[:, None]
    inner = [np.take_along_axis(grid, best + k, axis=1) for k in (-1, 0, 1)]
    return np.concatenate([a[:, None], *inner, b[:, None]], axis=1)


def _floor(xs: Array, g: Interval) -> Array:
    """Return a lower bound of a convex g over [x0, x4]: secants carried beyond their points."""
    with np.errstate(all="ignore"):
        gaps = np.diff(xs, axis=1)
        width_lo, width_hi = np.nextafter(gaps, -INF), np.nextafter(gaps, INF)
        rise = g[:, 1:] - g[:, :-1]
        least, most = _over(rise.lo, width_lo, width_hi), -_over(-rise.hi, width_lo, width_hi)
    found = [g.lo.min(axis=1)]
    for k in range(4):
        ahead = _carried(g.lo[:, k], least[:, k - 1], width_hi[:, k]) if k > 0 else None
        back = _carried(g.lo[:, k + 1], -most[:, k + 1], width_hi[:, k]) if k < 3 else None
        options = [o for o in (ahead, back) if o is not None]
        found.append(np.where(gaps[:, k] > 0.0, np.max(options, axis=0), INF))
    out = np.min(found, axis=0)
    return np.where(np.isnan(out), -INF, out)


def _over(rise: Array, width_lo: Array, width_hi: Array) -> Array:
    """Return rise / width rounded down."""
    value = np.nextafter(np.where(rise > 0.0, rise / width_hi, rise / width_lo), -INF)
    return np.where(width_lo > 0.0, value, -INF)


def _carried(start: Array, slope: Array, width: Array) -> Array:
    """Return the least value of the line start + slope t for t in [0, width], rounded down."""
    return np.asarray(np.minimum(start, add_down(start, times_down(np.minimum(slope, 0.0), width))))

