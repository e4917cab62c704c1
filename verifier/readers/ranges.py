"""Which values does a curve take over an interval? Rigorous ranges, flat arrays of intervals.

By the values at ends and edges where the row is monotone piece by piece, elsewhere by balls over
parts of the interval. An infinite end is a limit; where the limit is not known it is no bound.
"""

from __future__ import annotations

import numpy as np

from ..numerals.intervals import INF, Interval
from ..primitives.row import CONSTANT, DECREASING, INCREASING, UNORDERED, Piece
from .curves import Bend, Curve, bend_over, range_over

Array = np.ndarray
PARTS = 8  # into how many parts an interval is cut where the row says nothing


def bounded(curve: Curve, low: Array, high: Array) -> tuple[Interval, Array]:
    """Return the range over each interval and where f may be undefined."""
    found = Interval(np.full(len(low), -INF), np.full(len(low), INF))
    undefined = np.zeros(len(low), dtype=bool)
    inside = np.zeros(len(low), dtype=bool)
    if curve.pieces and all(p.monotone != UNORDERED for p in curve.pieces):
        inside = (low >= curve.bends[0].low) & (high <= curve.bends[-1].high)
        if inside.any():
            part, lost = _by_pieces(curve, low[inside], high[inside])
            found.lo[inside], found.hi[inside], undefined[inside] = part.lo, part.hi, lost
    rest = np.flatnonzero(~inside)
    if len(rest):
        part, lost = _by_parts(curve, low[rest], high[rest])
        found.lo[rest], found.hi[rest], undefined[rest] = part.lo, part.hi, lost
    found.lo[undefined], found.hi[undefined] = -INF, INF
    return found, undefined


def _by_pieces(curve: Curve, low: Array, high: Array) -> tuple[Interval, Array]:
    """Take the range from the values at the ends and at the edges between."""
    bends, labels = curve.bends, np.array([p.monotone for p in curve.pieces])
    left_lo, left_hi, left_good = curve.values(low)
    right_lo, right_hi, right_good = curve.values(high)
    first = labels[np.sum([low >= b.high for b in bends[1:-1]], axis=0, dtype=np.int64)]
    last = labels[np.sum([high > b.low for b in bends[1:-1]], axis=0, dtype=np.int64)]
    flat_first, flat_last = first == CONSTANT, last == CONSTANT
    lows = [np.where((first == INCREASING) | flat_first, left_lo, INF),
            np.where((last == DECREASING) | flat_last, right_lo, INF)]
    highs = [np.where((first == DECREASING) | flat_first, left_hi, -INF),
             np.where((last == INCREASING) | flat_last, right_hi, -INF)]
    undefined = ~left_good & _at_edge(bends, low) | ~right_good & _at_edge(bends, high)
    for bend in bends[1:-1]:
        within = (low <= bend.high) & (high >= bend.low)
        if bend.value is None:
            undefined |= within
            continue
        lows.append(np.where(within, bend.value[0], INF))
        highs.append(np.where(within, bend.value[1], -INF))
    floor, ceiling = _everywhere(bends, curve.pieces)
    bound = Interval(np.maximum(np.min(lows, axis=0), floor),
                     np.minimum(np.max(highs, axis=0), ceiling))
    return bound, undefined


def _at_edge(bends: tuple[Bend, ...], points: Array) -> Array:
    """Tell which points lie on a finite edge: there f may have none of its values."""
    hits = [(points >= b.low) & (points <= b.high) for b in bends if np.isfinite(b.low)]
    return np.any(hits, axis=0) if hits else np.zeros(len(points), dtype=bool)


def _everywhere(bends: tuple[Bend, ...], pieces: tuple[Piece, ...]) -> tuple[float, float]:
    """Return the bounds of f on all its pieces: each stays between the values at its edges."""
    floor, ceiling = INF, -INF
    for piece, start, end in zip(pieces, bends, bends[1:], strict=False):
        low, high = (start, end) if piece.monotone == INCREASING else (end, start)
        floor = min(floor, -INF if low.value is None else low.value[0])
        ceiling = max(ceiling, INF if high.value is None else high.value[1])
        if piece.monotone == CONSTANT and (start.value is None or end.value is None):
            return -INF, INF
    return floor, ceiling


def _by_parts(curve: Curve, low: Array, high: Array) -> tuple[Interval, Array]:
    """Take the range from balls over parts of the interval, by the ends where f' has a sign."""
    count, finite = len(low), np.isfinite(low) & np.isfinite(high)
    lo, hi, good = range_over(curve, low, high)
    at = np.flatnonzero(finite & (low < high))
    if len(at):
        edges = cut(low[at], high[at], PARTS)
        left, right = edges[:, :-1].ravel(), edges[:, 1:].ravel()
        part_lo, part_hi, part_good = range_over(curve, left, right)
        inner = _by_slopes(curve, edges, left, right)
        part_lo = np.maximum(part_lo, inner.lo).reshape(len(at), PARTS).min(axis=1)
        part_hi = np.minimum(part_hi, inner.hi).reshape(len(at), PARTS).max(axis=1)
        fine = part_good.reshape(len(at), PARTS).all(axis=1)
        lo[at] = np.where(fine, np.maximum(lo[at], part_lo), lo[at])
        hi[at] = np.where(fine, np.minimum(hi[at], part_hi), hi[at])
        good[at] |= fine
    exact = np.flatnonzero(finite & (low == high))
    lo[exact], hi[exact], good[exact] = curve.values(low[exact])
    clip_lo, clip_hi, clipped = range_over(curve, np.array([-INF]), np.array([INF]))
    if clipped[0]:
        lo, hi = np.maximum(lo, clip_lo), np.minimum(hi, clip_hi)
    assert len(lo) == count
    return Interval(lo, hi), ~good


def _by_slopes(curve: Curve, edges: Array, left: Array, right: Array) -> Interval:
    """Bound f on parts where f' has one sign by the values at the ends, others not at all."""
    first_lo, first_hi, _, _ = bend_over(curve, left, right)
    lo, hi, good = (v.reshape(edges.shape) for v in curve.values(edges.ravel()))
    fine = (good[:, :-1] & good[:, 1:]).ravel()
    monotone = fine & ((first_lo >= 0.0) | (first_hi <= 0.0))
    low = np.minimum(lo[:, :-1], lo[:, 1:]).ravel()
    high = np.maximum(hi[:, :-1], hi[:, 1:]).ravel()
    return Interval(np.where(monotone, low, -INF), np.where(monotone, high, INF))


def cut(low: Array, high: Array, parts: int) -> Array:
    """Return the edges of equal parts; the outer ones exactly as given."""
    shares = np.linspace(0.0, 1.0, parts + 1)
    with np.errstate(all="ignore"):
        edges = low[:, None] * (1.0 - shares) + high[:, None] * shares
    edges[:, 0], edges[:, -1] = low, high
    return np.clip(np.maximum.accumulate(edges, axis=1), low[:, None], high[:, None])
