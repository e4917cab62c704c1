"""Is a claimed gradient an element of the Clarke subdifferential at a kink?

INNER is the hull of the gradients of pieces with interior at the point, OUTER reverse mode with
each active slope replaced by the hull of both (SOUNDNESS 11). Inside INNER: it is one; apart from
OUTER: it is none; between the two nothing is said. Only where f is proved Lipschitz.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from ..graph.order import topological
from ..numerals.balls import Balls, precision
from ..numerals.germs import numbers_of
from ..numerals.twins import stored, widened
from ..readers.guards import moved_by
from ..readers.slope import slope
from ..readers.value import Reading, read
from .clarke import PointBeside
from .lines import disjoint, weighed
from .pieces import joined

Array = np.ndarray
INSIDE, OUTSIDE, BETWEEN = "inside", "outside", "between"
AGREE_BITS = 40  # SOUNDNESS 3: what counts as agreement, relative to the scale
ROUNDS = 500


def membership(point: PointBeside, claim: Sequence[Array]) -> str:
    """Return "inside", "outside" or "between" for a claim: one array of balls per input."""
    said = joined(claim)
    if not point.lipschitz or not all(v.is_finite() for v in said):
        return BETWEEN
    with precision(point.place.bits):
        outer = outer_set(point)
        if not all(o.is_finite() for o in outer):
            return BETWEEN
        if is_inside(said, [p.gradient for p in point.pieces.found]):
            return INSIDE
        apart = any(not o.overlaps(v) for o, v in zip(outer, said, strict=True))
        return OUTSIDE if apart or _cut_off(said, point) else BETWEEN


def refutes(point: PointBeside, claim: Sequence[Array]) -> dict[str, Array] | None:
    """Return a direction along which the claim is certainly no derivative; None if none is known.

    The slope along d, <claim, d> and minus the slope along -d are pairwise disjoint, or the first
    and the last agree and the claim does not. True in both readings of the constants.
    """
    said = joined(claim)
    with precision(point.place.bits):
        for line in point.tested:
            if line.ahead is None or line.behind is None:
                continue
            along = weighed(said, line.direction)
            if not along.is_finite():
                continue
            ahead, behind = line.ahead, line.behind
            if disjoint(ahead, along) and disjoint(behind, along) and (
                disjoint(ahead, behind) or stored(ahead).overlaps(stored(behind))
            ):
                return point.place.split(line.direction)
    return None


# ---------------------------------------------------------------- the inner set
def is_inside(claim: Sequence[arb], gradients: Sequence[Sequence[Any]]) -> bool:
    """Tell whether the claim agrees with a convex combination of the gradients."""
    if not gradients:
        return False
    corners = np.array([[_middle(v) for v in g] for g in gradients])
    goal = np.array([float(v.mid()) for v in claim])
    scale = float(np.max(np.abs(corners), initial=0.0)) or 1.0
    gap = np.linalg.norm(nearest(corners - goal))
    return bool(gap <= scale * 2.0**-AGREE_BITS)


def _middle(value: Any) -> float:
    return float(stored(value).mid())


def nearest(corners: Array) -> Array:
    """Return the point of least norm in the hull of the rows (Wolfe 1976, the corral method)."""
    start = int(np.argmin(np.einsum("ij,ij->i", corners, corners)))
    corral, weights = [start], np.array([1.0])
    best = corners[start]
    for _ in range(ROUNDS):
        reach = corners @ best
        entering = int(np.argmin(reach))
        if reach[entering] >= best @ best * (1 - 1e-14) or entering in corral:
            break
        corral.append(entering)
        weights = np.append(weights, 0.0)
        corral, weights = _shrunk(corners, corral, weights)
        best = weights @ corners[corral]
    return np.asarray(best)


def _shrunk(corners: Array, corral: list[int], weights: Array) -> tuple[list[int], Array]:
    """Go to the least-norm point of the corral's flat, dropping corners that would be negative."""
    while True:
        chosen = corners[corral]
        size = len(corral)
        system = np.block([[chosen @ chosen.T, np.ones((size, 1))], [np.ones((1, size)), 0.0]])
        target = np.linalg.lstsq(system, np.append(np.zeros(size), 1.0), rcond=None)[0][:size]
        if (target > 0).all() or size == 1:
            return corral, np.maximum(target, 0.0)
        falling = target <= 0
        steps = weights[falling] / np.maximum(weights[falling] - target[falling], 1e-300)
        step = float(np.min(steps, initial=1.0))
        weights = (1 - step) * weights + step * target
        kept = weights > 1e-15
        if kept.all():
            kept[int(np.argmin(weights))] = False
        corral = [c for c, k in zip(corral, kept, strict=True) if k]
        weights = weights[kept] / weights[kept].sum()


# ---------------------------------------------------------------- the outer set
@dataclass(frozen=True, slots=True)
class Untied:
    """Balls for which an exact tie decides nothing: every choice meets the hull of both sides."""

    balls: Balls

    def exact(self, array: Any) -> Array:
        return self.balls.exact(array)

    def constant(self, array: Any) -> Array:
        return self.balls.constant(array)

    def scalar(self, row: Any, arrays: tuple[Array, ...]) -> Array:
        return self.balls.scalar(row, tuple(numbers_of(a) for a in arrays))

    def matmul(self, a: Array, b: Array) -> Array:
        return self.balls.matmul(a, b)

    def matrix(self, op: str, arrays: tuple[Array, ...]) -> Array:
        return self.balls.matrix(op, arrays)

    def settle(self, array: Array, absent: bool) -> Array:
        return self.balls.settle(array, absent)

    def strictly(self, a: Any, b: Any) -> tuple[bool | None, bool]:
        return self.balls.strictly(a, b)[0], False

    def hull(self, a: Any, b: Any) -> Any:
        return self.balls.hull(a, b)

    def guess(self, value: Any) -> float:
        return self.balls.guess(value)

    def finite(self, value: Any) -> bool:
        return self.balls.finite(value)


def outer_set(point: PointBeside) -> list[arb]:
    """Return balls around every element of the Clarke subdifferential, joined over the inputs."""
    place = point.place
    nodes = slope(place.output, place.wrt)
    order = topological([place.output, *nodes])
    moving = moved_by([place.output, *nodes], place.wrt)
    known = Reading()
    numeral = Balls(place.bits, widen=True)
    read([n for n in order if n not in moving and n.op != "zero"], place.bindings, numeral, known)
    values = read(nodes, place.bindings, Untied(numeral), known=known)
    return [stored(v) for v in joined([values[n] for n in nodes])]


def _cut_off(claim: Sequence[arb], point: PointBeside) -> bool:
    """Tell whether the claim is certainly no convex combination of the gradients of all pieces.

    Where every consistent sign pattern of the guards was entered, the subdifferential is the hull
    of these gradients (Clarke 1983, theorem 2.5.1). The direction from the hull's nearest point to
    the claim, rounded, parts the two if all pieces lie behind the claim along it, in balls and in
    both readings of the constants.
    """
    pieces = point.pieces.found
    if len(pieces) < 2 or not point.pieces.complete:
        return False
    corners = np.array([[_middle(v) for v in p.gradient] for p in pieces])
    goal = np.array([float(v.mid()) for v in claim])
    away = -nearest(corners - goal)
    size = float(np.max(np.abs(away), initial=0.0))
    if not 0 < size < np.inf:
        return False
    way = [arb(float(v)) for v in away / size]
    return all(
        sum((w * (c - reading(g)) for w, c, g in zip(way, claim, piece.gradient, strict=True)),
            arb(0)) > 0
        for piece in pieces for reading in (stored, widened)
    )
