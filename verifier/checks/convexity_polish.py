"""Which chord shows it best? A larger gap, then the plainest numbers that keep half of it.

All of it is looked for in floats; the chord that is told is enclosed again, and where that fails
the first one stays.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np

from .convexity_witness import Chord, Hunt, Point, enclosed, exact_chord, inside, violation

Array = np.ndarray
Ends = tuple[Point, Point]
SECONDS = 0.5
STEPS = 120  # chords tried to widen the gap
KEPT = 0.5  # of the gap that plainer numbers must keep
FINEST = 30  # binary places beyond which numbers are not made plainer
ENTRIES = 48  # entries that are made plain one by one
CLEAR_NOISE = 16.0  # units of noise that the gap in floats must exceed


def polished(hunt: Hunt, chord: Chord) -> Chord:
    """Return a chord with a wider gap and plainer ends, or `chord` itself."""
    deadline = time.monotonic() + SECONDS
    first = (chord.left, chord.right)
    worth = _worth(hunt, first)
    if worth is None:
        return chord
    best, gap = _widened(hunt, first, worth, deadline)
    plain = _plain(hunt, best, KEPT * gap, deadline)
    for ends in (plain, best):
        found = enclosed(hunt, *ends)
        if found is not None:
            return found
    return chord


def _worth(hunt: Hunt, ends: Ends) -> float | None:
    """Return the gap as a share of the values, None where floats do not show one."""
    noise, share = violation(hunt, *ends)
    return share if noise > CLEAR_NOISE else None


def _tried(hunt: Hunt, left: Point, right: Point) -> tuple[Ends, float] | None:
    ends = exact_chord(left, right, hunt.names)
    if ends is None or not inside(hunt, ends):
        return None
    worth = _worth(hunt, ends)
    return None if worth is None else (ends, worth)


def _widened(hunt: Hunt, ends: Ends, worth: float, deadline: float) -> tuple[Ends, float]:
    """Climb: stretch the chord, shift it, move its ends; keep what widens the gap."""
    random = np.random.default_rng([hunt.request.seed, 13])
    reach = 1.0
    for turn in range(STEPS):
        if time.monotonic() > deadline - SECONDS / 2:
            break
        left, right = dict(ends[0]), dict(ends[1])
        for name in hunt.names:
            a, b = ends[0][name].astype(float), ends[1][name].astype(float)
            size = np.maximum(np.abs(b - a), 0.25)
            push = reach * random.normal(size=(2, *a.shape)) * size
            if turn % 3 == 0:
                push[0], push[1] = -0.5 * reach * (b - a), 0.5 * reach * (b - a)
            elif turn % 3 == 1:
                push[1] = push[0]
            left[name] = (a + push[0]).astype(left[name].dtype)
            right[name] = (b + push[1]).astype(right[name].dtype)
        found = _tried(hunt, left, right)
        if found is not None and found[1] > worth * 1.02:
            ends, worth = found
            reach = min(1.0, 2.0 * reach)
        else:
            reach = max(0.8 * reach, 0.02)
    return ends, worth


# ---------------------------------------------------------------- plain numbers
def _plain(hunt: Hunt, ends: Ends, least: float, deadline: float) -> Ends:
    """Return ends on the coarsest grid that keeps the gap, then entry by entry."""
    def keeps(left: Point, right: Point) -> Ends | None:
        if time.monotonic() > deadline:
            return None
        found = _tried(hunt, left, right)
        return found[0] if found is not None and found[1] >= least else None

    for places in range(_coarsest(hunt, ends), FINEST):
        found = keeps(*(_rounded(hunt, end, places) for end in ends))
        if found is not None:
            ends = found
            break
    for name in hunt.names:
        for index in range(min(ENTRIES, ends[0][name].size)):
            ends = _entry(hunt, ends, (name, index), keeps)
    return ends


def _coarsest(hunt: Hunt, ends: Ends) -> int:
    size = max((float(np.max(np.abs(e[n]), initial=0.0)) for e in ends for n in hunt.names),
               default=1.0)
    return -int(np.ceil(np.log2(size))) if size > 0 else 0


def _rounded(hunt: Hunt, point: Point, places: int) -> Point:
    out = dict(point)
    for name in hunt.names:
        grid = np.round(np.ldexp(point[name].astype(float), places))
        out[name] = (np.ldexp(grid, -places) + 0.0).astype(point[name].dtype)
    return out


def _entry(
    hunt: Hunt, ends: Ends, place: tuple[str, int],
    keeps: Callable[[Point, Point], Ends | None],
) -> Ends:
    """Return the ends with one entry made as plain as may be: 0, the same at both, fewer bits."""
    name, index = place
    old = tuple(float(e[name].ravel()[index]) for e in ends)
    for pair in _plainer(old[0], old[1]):
        changed = []
        for end, value in zip(ends, pair, strict=True):
            array = end[name].copy()
            array.reshape(-1)[index] = value
            changed.append({**end, name: array})
        found = keeps(changed[0], changed[1])
        if found is not None:
            return found
    return ends


def _plainer(a: float, b: float) -> Iterator[tuple[float, float]]:
    cost = _bits(a) + _bits(b) + 2 * (a != b)
    pairs = [(0.0, 0.0)]
    for places in (0, 1, 2, 3, 4, 6):
        one, other, middle = (round(v * 2**places) / 2**places + 0.0
                              for v in (a, b, 0.5 * a + 0.5 * b))
        pairs += [(middle, middle), (one, other)]
    for pair in dict.fromkeys(pairs):
        if _bits(pair[0]) + _bits(pair[1]) + 2 * (pair[0] != pair[1]) < cost:
            yield pair


def _bits(value: float) -> int:
    """Return how hard a number is to read: digits of its fraction in binary, zero the least."""
    exact = Fraction(value)
    return 2 * exact.denominator.bit_length() + abs(exact.numerator).bit_length()
