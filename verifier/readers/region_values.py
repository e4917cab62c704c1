"""What the region reader knows of one node: an interval, a form, and what stays undecided.

All arrays have one leading axis of boxes; it has length 1 where all boxes share the value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..numerals import zonotopes
from ..numerals.intervals import INF, Interval, meet
from ..numerals.zonotopes import Form

Array = np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Enclosed:
    """A real array: its interval and its form hold for every point where it is defined.

    `undefined` marks entries that may be no real number somewhere in the box (their interval is
    whole); `absent` marks structural zeros, which annihilate what they meet (SOUNDNESS 8).
    """

    interval: Interval
    form: Form
    undefined: Array
    absent: Array

    def moved(self, change: Callable[[Array, int], Array]) -> Enclosed:
        """Return the entries rearranged by `change(array, number of leading axes)`."""
        found = Interval(change(self.interval.lo, 1), change(self.interval.hi, 1))
        return Enclosed(found, self.form.moved(change), change(self.undefined, 1),
                        change(self.absent, 1))

    def raised(self, rank: int) -> Enclosed:
        """Return the value with axes of length 1 put in front, up to `rank` axes of its own."""
        if self.undefined.ndim - 1 == rank:
            return self

        def change(array: Array, lead: int) -> Array:
            own = array.shape[lead:]
            return array.reshape(*array.shape[:lead], *(1,) * (rank - len(own)), *own)

        return self.moved(change)

    def reform(self, form: Form) -> Enclosed:
        """Return the same value with another form of it."""
        return Enclosed(self.interval, form, self.undefined, self.absent)


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """A decision: which answers some point of the box may give.

    `loose` marks answers that hold everywhere although the quantity they ask may touch zero:
    such a decision is taken, but the branch it leaves out is no structural zero.
    """

    yes: Array
    no: Array
    loose: Array


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """An index: `options` has a last axis of all candidates, True where one may be chosen."""

    options: Array

    def moved(self, change: Callable[[Array, int], Array]) -> Choice:
        """Return the entries rearranged; `change` sees the candidates as a leading axis."""
        first = np.moveaxis(self.options, -1, 0)
        return Choice(np.moveaxis(change(first, 2), 0, -1))


Value = Enclosed | Decided | Choice


def enclosed(
    interval: Interval, form: Form, undefined: Array, absent: Array | None = None
) -> Enclosed:
    """Return a value whose interval and form have been met; the four arrays get one shape."""
    bounds = form.bounds()
    low, high = interval.lo, interval.hi
    shape = np.broadcast_shapes(low.shape, bounds.lo.shape, undefined.shape)
    undefined = np.broadcast_to(undefined, shape)
    met = meet(Interval(low, high), bounds)
    if undefined.any():
        met = Interval(np.where(undefined, -INF, met.lo), np.where(undefined, INF, met.hi))
    gone = np.zeros(shape, dtype=bool) if absent is None else np.broadcast_to(absent, shape)
    return Enclosed(met, form, undefined, gone)


def of_interval(interval: Interval, undefined: Array, absent: Array | None = None) -> Enclosed:
    """Return a value known by its interval only."""
    clear = np.where(undefined, -INF, interval.lo), np.where(undefined, INF, interval.hi)
    found = Interval(*clear)
    return enclosed(found, zonotopes.spread_over(found), undefined, absent)


def exactly(values: Array) -> Enclosed:
    """Return the value of known numbers (with the axis of boxes); nan and inf are undefined."""
    numbers = np.asarray(values, dtype=np.float64)
    bad = ~np.isfinite(numbers)
    clear = np.where(bad, 0.0, numbers)
    if np.asarray(values).dtype.kind in "iu" or np.asarray(values).dtype.itemsize > 8:
        off = clear.astype(object) != np.asarray(values).astype(object)
        if np.asarray(off, dtype=bool).any():
            low, high = np.nextafter(clear, -INF), np.nextafter(clear, INF)
            return of_interval(Interval(low, high), bad)
    if bad.any():
        return of_interval(Interval(clear, clear), bad)
    return Enclosed(Interval(clear, clear), zonotopes.known(clear), bad, np.zeros(bad.shape, bool))


def nowhere(shape: tuple[int, ...]) -> Enclosed:
    """Return structural zeros of a shape (with the axis of boxes)."""
    zeros = exactly(np.zeros(shape))
    return Enclosed(zeros.interval, zeros.form, zeros.undefined, np.ones(shape, dtype=bool))


def real(value: Value) -> Enclosed:
    """Return a decision or an index as numbers, 0 and 1 for no and yes."""
    if isinstance(value, Enclosed):
        return value
    if isinstance(value, Decided):
        low, high = (~value.no).astype(float), value.yes.astype(float)
    else:
        places = np.arange(value.options.shape[-1], dtype=float)
        low = np.where(value.options, places, INF).min(axis=-1)
        high = np.where(value.options, places, -INF).max(axis=-1)
    return of_interval(Interval(low, high), np.zeros(low.shape, dtype=bool))
