"""Along which lines is f tried, and what does it do on each? Witnesses of kinks come from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from ..numerals.logarithms import Logs
from ..numerals.twins import NOUGHT, Twin, stored, widened
from ..readers.continuity import Sides, levels
from ..readers.value import Reading
from .one_sided import Beside, judge
from .pieces import Pieces, Place, joined

Array = np.ndarray
RANDOM = 4
FINEST = 64  # directions are rounded to 1/64 of their largest entry


@dataclass(frozen=True, slots=True)
class Tested:
    """What f does along one line: the slope along d and minus the slope along -d, where known."""

    direction: Array
    ahead: Any
    behind: Any
    beside: Beside


def directions(place: Place, pieces: Pieces, seed: int) -> list[Array]:
    """Return axes and directions that cross the kinks, into pieces, and random ones."""
    size = place.size
    most = 40 if size <= 300 else (16 if size <= 5000 else 6)
    crossing = [_rounded(row) for row in pieces.rows]
    axes = [int(np.argmax(np.abs(row))) for row in crossing if row.any()]
    axes += list(range(min(size, most)))
    found = [np.eye(1, size, k).ravel() for k in dict.fromkeys(axes)]
    found = found[: max(most // 2, 2)] + crossing[: most // 4]
    found += [_rounded(row) for row in _gaps(pieces)[: most // 8]]
    found += [p.direction for p in pieces.found[: most // 4]]
    random = np.random.default_rng(seed)
    found += [_scattered(random, size) for _ in range(RANDOM)]
    unique = {d.tobytes(): d for d in found if d.any()}
    return list(unique.values())[:most]


def _scattered(random: np.random.Generator, size: int) -> Array:
    """Return a random direction; of many inputs only some move, which costs less."""
    direction = random.integers(-8, 9, size).astype(float)
    if size > 5000:
        direction[random.permutation(size)[1000:]] = 0.0
    return direction


def _gaps(pieces: Pieces) -> list[Array]:
    if not pieces.found:
        return []
    first = _middles(pieces.found[0].gradient)
    return [_middles(p.gradient) - first for p in pieces.found[1:]]


def _middles(values: Sequence[Any]) -> Array:
    return np.array([float(stored(v).mid()) for v in values])


def _rounded(values: Array) -> Array:
    largest = np.max(np.abs(values), initial=0.0)
    if not largest or not np.isfinite(largest):
        return np.zeros(values.shape)
    return np.asarray(np.round(values / largest * FINEST) / FINEST)


def tested_along(
    place: Place, here: Reading, value: Any, direction: Array, order: int, last: int
) -> Tested:
    """Read f along a line through the point, both ways.

    `here` is the reading in balls at the point, `value` that of f with its constants widened too;
    `last` are the most bits there will be.
    """
    right, left = (place.along(s * direction, [place.output], order) for s in (1.0, -1.0))
    sides = Sides(here, right, left, order)
    level = int(np.ravel(levels(place.output, sides)[place.output])[0])
    ahead, behind = (joined([r[place.output]])[0] for r in (right, left))
    found = judge(value, ahead, behind, level, order, last)
    back = first_slope(behind)
    return Tested(direction, first_slope(ahead), None if back is None else -back, found)


def first_slope(side: Any) -> Any:
    """Return the slope of a germ at t = 0, None where it has none that is finite."""
    terms = getattr(side, "terms", None)
    if terms is None:
        return NOUGHT if isinstance(side, (arb, Twin)) and stored(side).is_finite() else None
    if any((e < 1 and e != 0) or (e <= 1 and isinstance(c, Logs)) for e, c in terms) or (
        side.cut is not None and side.cut <= 1
    ):
        return None
    return dict(terms).get(1, NOUGHT)


def weighed(values: Sequence[Any], direction: Array) -> Any:
    """Return the inner product of numbers with an exact direction."""
    total: Any = NOUGHT
    for value, step in zip(values, direction.tolist(), strict=True):
        if step:
            total = total + value * step
    return total


def disjoint(a: Any, b: Any) -> bool:
    """Tell whether two numbers certainly differ, in both readings of the constants."""
    return not stored(a).overlaps(stored(b)) and not widened(a).overlaps(widened(b))


def bent(place: Place, tested: Sequence[Tested], gradient: Sequence[Any] | None) -> Array | None:
    """Return a direction along which the slope is not what a linear map would give.

    The map is `gradient`, or where that is None the slopes along the axes, if all were tried.
    """
    smooth = [t for t in tested if t.ahead is not None and t.beside.kind == "smooth"]
    if gradient is None:
        axes = {int(np.argmax(t.direction)): t.ahead for t in smooth
                if np.count_nonzero(t.direction) == 1 and t.direction.max() == 1.0}
        if len(axes) < place.size:
            return None
        gradient = [axes[k] for k in range(place.size)]
    for line in smooth:
        if disjoint(line.ahead, weighed(gradient, line.direction)):
            return line.direction
    return None
