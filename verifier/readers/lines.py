"""Along a segment, which broken lines are the values of a piecewise-linear graph? Exactly.

On each piece of the segment an entry is start + t slope, whole numbers over one common
denominator, so that nothing is rounded and products of matrices are products of integers. The
segment is cut where a guard crosses zero; the cuts are exact rationals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import gcd, lcm
from typing import Any

import numpy as np
from flint import fmpq, fmpz_mat

from ..graph.node import Node
from ..numerals.rationals import NotRational

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Lines:
    """The entries of one node in C order, a column a piece (or one column for all pieces).

    The value of an entry is (start + t slope) / denominator; `slope` is None where nothing moves.
    """

    start: Array
    slope: Array | None
    denominator: int = 1

    def rows(self, places: Array) -> Lines:
        """Return some entries, by their flat places; -1 is an exact zero."""
        if places.size and places.min() < 0:
            longer = Lines(_padded(self.start),
                           None if self.slope is None else _padded(self.slope), self.denominator)
            return longer.rows(
                np.where(places < 0, self.start.shape[0], places))
        slope = None if self.slope is None else self.slope[places]
        return Lines(self.start[places], slope, self.denominator)

    def columns(self, parents: Array) -> Lines:
        """Return the same lines after pieces were cut: `parents` says which piece each was."""
        if self.start.shape[1] == 1 and (self.slope is None or self.slope.shape[1] == 1):
            return self
        return Lines(_columns(self.start, parents),
                     None if self.slope is None else _columns(self.slope, parents),
                     self.denominator)

    def scaled(self, factor: Array | int) -> Lines:
        """Return the lines times whole numbers that do not move."""
        slope = None if self.slope is None else self.slope * factor
        return Lines(self.start * factor, slope, self.denominator)

    def over(self, denominator: int) -> Lines:
        """Return the same values over a multiple of their denominator."""
        factor = denominator // self.denominator
        if factor == 1:
            return self
        return Lines(self.start * factor, None if self.slope is None else self.slope * factor,
                     denominator)

    def moving(self) -> Array:
        """Return the slopes, zeros where nothing moves."""
        return np.zeros_like(self.start) if self.slope is None else self.slope


def _padded(array: Array) -> Array:
    return np.vstack([array, np.zeros((1, array.shape[1]), dtype=object)])


def _columns(array: Array, parents: Array) -> Array:
    return array if array.shape[1] == 1 else array[:, parents]


def whole(array: Any) -> tuple[Array, int]:
    """Return floats as whole numbers over a power of two, exactly. Raises NotRational."""
    values = np.asarray(array, dtype=float).ravel()
    if not np.isfinite(values).all():
        raise NotRational("inf or nan on the segment", slug="not-rational")
    part, power = np.frexp(values)
    number = np.ldexp(part, 53).astype(np.int64)
    last = np.where(number == 0, 1, number & -number)
    trailing = np.log2(last.astype(float)).astype(np.int64)
    number, power = number >> trailing, power.astype(np.int64) - 53 + trailing
    lowest = min(0, int(power[number != 0].min(initial=0)))
    shift = np.where(number == 0, 0, power - lowest)
    found = np.empty(values.size, dtype=object)
    found[:] = [n << s for n, s in zip(number.tolist(), shift.tolist(), strict=True)]
    return found, 1 << -lowest


def constant_lines(array: Any) -> Lines:
    """Return the lines of numbers that do not move."""
    start, denominator = whole(array)
    return Lines(start[:, None], None, denominator)


def segment_lines(begin: Any, end: Any) -> Lines:
    """Return the lines begin + t (end - begin)."""
    a, b = constant_lines(begin), constant_lines(end)
    common = lcm(a.denominator, b.denominator)
    a, b = a.over(common), b.over(common)
    return Lines(a.start, b.start - a.start, common)


def together(a: Lines, b: Lines) -> tuple[Lines, Lines]:
    """Return two lines over one denominator."""
    common = a.denominator if a.denominator == b.denominator else lcm(a.denominator, b.denominator)
    return a.over(common), b.over(common)


def added(a: Lines, b: Lines, sign: int = 1) -> Lines:
    """Return a + b, or a - b with sign -1."""
    a, b = together(a, b)
    start = a.start + b.start if sign > 0 else a.start - b.start
    if b.slope is None:
        slope = a.slope
    elif a.slope is None:
        slope = b.slope if sign > 0 else -b.slope
    else:
        slope = a.slope + b.slope if sign > 0 else a.slope - b.slope
    return Lines(start, slope, a.denominator)


def multiplied(a: Lines, b: Lines) -> Lines:
    """Return a b where one of them stands still. Raises NotRational where both move."""
    if a.slope is not None and b.slope is not None:
        raise NotRational("a product of two things that move", slug="not-rational")
    moving, still = (b, a) if a.slope is None else (a, b)
    slope = None if moving.slope is None else moving.slope * still.start
    return Lines(moving.start * still.start, slope, a.denominator * b.denominator)


def divided(a: Lines, b: Lines) -> Lines:
    """Return a / b where b stands still and has no zero."""
    if b.slope is not None or not all(int(v) for v in b.start.ravel().tolist()):
        raise NotRational("a division by something that moves or is 0", slug="not-rational")
    over = lcm(*(abs(int(v)) for v in b.start.ravel().tolist())) if b.start.size else 1
    factor = np.frompyfunc(lambda v: over // int(v), 1, 1)(b.start)
    scaled = a.scaled(factor * b.denominator)
    return reduced(Lines(scaled.start, scaled.slope, a.denominator * over))


def reduced(lines: Lines) -> Lines:
    """Return the same values over a smaller denominator where all share a factor."""
    parts = [lines.start] if lines.slope is None else [lines.start, lines.slope]
    common = lines.denominator
    for value in (int(v) for p in parts for v in p.ravel().tolist()):
        common = gcd(common, value)
        if common == 1:
            return lines
    divide = np.frompyfunc(lambda v: int(v) // common, 1, 1)
    return Lines(divide(lines.start), None if lines.slope is None else divide(lines.slope),
                 lines.denominator // common)


def chosen(where: Array, a: Lines, b: Lines) -> Lines:
    """Return a where the condition holds in a piece and b elsewhere."""
    a, b = together(a, b)
    start = np.where(where, a.start, b.start)
    if a.slope is None and b.slope is None:
        return Lines(start, None, a.denominator)
    return Lines(start, np.where(where, a.moving(), b.moving()), a.denominator)


def product(a: Lines, b: Lines, shape: tuple[int, int, int]) -> Lines:
    """Return the matrix product of (m, k) by (k, n) entries, one of which stands still."""
    if a.slope is not None and b.slope is not None:
        raise NotRational("a product of two things that move", slug="not-rational")
    denominator, (m, k, n) = a.denominator * b.denominator, shape
    if a.start.shape[1] == 1 and a.slope is None:
        parts = [x.reshape(k, -1) for x in (b.start, b.slope) if x is not None]
        left = fmpz_mat(m, k, a.start.ravel().tolist())
        found = [_times(left, p).reshape(m * n, -1) for p in parts]
    elif b.start.shape[1] == 1 and b.slope is None:
        right = fmpz_mat(k, n, b.start.ravel().tolist())
        found = [_times_right(x, right, m, k, n) for x in (a.start, a.slope) if x is not None]
    else:
        return _product_by_piece(a, b, shape)
    return Lines(found[0], found[1] if len(found) == 2 else None, denominator)


def _times(left: fmpz_mat, array: Array) -> Array:
    rows, columns = array.shape
    right = fmpz_mat(rows, columns, array.ravel().tolist())
    return _entries(left * right)


def _times_right(array: Array, right: fmpz_mat, m: int, k: int, n: int) -> Array:
    pieces = array.shape[1]
    rows = array.reshape(m, k, pieces).transpose(0, 2, 1).reshape(m * pieces, k)
    flat = _entries(fmpz_mat(m * pieces, k, rows.ravel().tolist()) * right)
    return flat.reshape(m, pieces, n).transpose(0, 2, 1).reshape(m * n, pieces)


def _entries(matrix: fmpz_mat) -> Array:
    out = np.empty(matrix.nrows() * matrix.ncols(), dtype=object)
    out[:] = matrix.entries()
    return out.reshape(matrix.nrows(), matrix.ncols())


def _product_by_piece(a: Lines, b: Lines, shape: tuple[int, int, int]) -> Lines:
    m, k, n = shape
    left = a.start.reshape(m, k, 1, -1), a.moving().reshape(m, k, 1, -1)
    right = b.start.reshape(1, k, n, -1), b.moving().reshape(1, k, n, -1)
    start = (left[0] * right[0]).sum(axis=1)
    slope = (left[0] * right[1] + left[1] * right[0]).sum(axis=1)
    still = a.slope is None and b.slope is None
    return Lines(start.reshape(m * n, -1), None if still else slope.reshape(m * n, -1),
                 a.denominator * b.denominator)


# ---------------------------------------------------------------- the segment and its cuts
@dataclass(slots=True)
class Switch:
    """How a unit stands on each piece: the sign of its guard, or its winner, a column a piece."""

    owner: Node
    states: Array


@dataclass(slots=True)
class Segment:
    """The walk along a segment: cuts 0 = t_0 < ... < t_n = 1 and what is known on every piece."""

    begin: Mapping[str, Any]
    end: Mapping[str, Any]
    cuts: list[fmpq] = field(default_factory=lambda: [fmpq(0), fmpq(1)])
    lines: dict[Node, Lines] = field(default_factory=dict)
    states: dict[Node, Array] = field(default_factory=dict)
    switches: list[Switch] = field(default_factory=list)

    @property
    def pieces(self) -> int:
        return len(self.cuts) - 1

    def signs(self, quantity: Lines) -> Array:
        """Return the sign of every entry inside every piece, after cutting at its zeros."""
        if quantity.slope is None:
            return _sign(quantity.start)
        left, right = self._at_ends(quantity)
        crossing = left * right < 0
        if crossing.any():
            start = np.broadcast_to(quantity.start, crossing.shape)
            slope = np.broadcast_to(quantity.slope, crossing.shape)
            parents = self.cut({
                fmpq(-int(a), int(b))
                for a, b in zip(start[crossing].tolist(), slope[crossing].tolist(), strict=True)
            })
            left, right = self._at_ends(quantity.columns(parents))
        return np.where(left != 0, left, right)

    def _at_ends(self, quantity: Lines) -> tuple[Array, Array]:
        """Return the signs at both ends of every piece."""
        assert quantity.slope is not None
        low = np.array([int(t.p) for t in self.cuts], dtype=object)
        over = np.array([int(t.q) for t in self.cuts], dtype=object)
        ends = [_sign(quantity.start * over[side] + quantity.slope * low[side])
                for side in (slice(None, -1), slice(1, None))]
        return ends[0], ends[1]

    def cut(self, places: set[fmpq]) -> Array:
        """Cut the segment at more places; return of which old piece each new one is a part."""
        old = self.cuts
        self.cuts = sorted(places.union(old))
        known = set(old[1:-1])
        parents = np.cumsum([0, *(t in known for t in self.cuts[1:-1])])
        self.lines = {k: v.columns(parents) for k, v in self.lines.items()}
        self.states = {k: _columns(v, parents) for k, v in self.states.items()}
        for switch in self.switches:
            switch.states = _columns(switch.states, parents)
        return parents


def _sign(values: Array) -> Array:
    return (values > 0).astype(np.int8) - (values < 0).astype(np.int8)


__all__ = ["Lines", "NotRational", "Segment", "Switch", "chosen", "product"]
