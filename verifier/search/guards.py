"""White-box points: where a quantity of the graph crosses a level, solved for.

A target is a node and a level: guards with level 0 (kinks, edges of domains), inputs of rows with
the thresholds at which they overflow, saturate or change their formula. From a start, one
coordinate at a time is moved until an element of the node changes its class; the bracket is closed
to neighbouring floats and the simplest number at which the level is hit exactly is preferred. Where
no single coordinate reaches it, all move together along the slope and along random directions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..domains import Domain
from ..graph.node import Node
from ..intervals import BOX
from .brackets import step_by
from .walks import Evaluate, Gradient, Landing, Spent, Target, Terrain, difference, reach

Array = np.ndarray
Point = dict[str, Array]
Starts = Mapping[str, Array] | Sequence[Mapping[str, Array]]

# Distances at which neighbours are taken, the most telling first. Whole numbers are ulps, others
# relative to the coordinate (absolute at 0). 1e-3 and 1e-1 lie on the next piece, 1 and 1000 ulp
# show what rounding does beside a kink, 1e-6 and 1e-9 what the step of a finite difference does.
RINGS: tuple[float | int, ...] = (1e-3, 1, 1e-6, 1e-1, 1e-9, 1000)
THRESHOLD_RINGS: tuple[float | int, ...] = (1e-2, 1, 1e-1, 1e-3, 1e-6)


def from_guards(
    guards: Sequence[Node], bindings: Starts, domains: Mapping[str, Domain], *,
    evaluate: Evaluate, gradient: Gradient | None = None,
    seed: int = 0, elements: int = 8, evaluations: int = 2000,
) -> Iterator[Point]:  # fmt: skip
    """Yield points on the zero sets of `guards`, then their neighbours on both sides.

    `bindings` is one start or several; only arguments with a box in `domains` are moved. At most
    `elements` elements of each guard are solved for, and `evaluate` and `gradient` are called at
    most `evaluations` times in all.
    """
    targets = [Target(guard) for guard in guards]
    found = landings(
        targets, bindings, domains, evaluate=evaluate, gradient=gradient,
        seed=seed, elements=elements, evaluations=evaluations,
    )  # fmt: skip
    for landing in with_rings(found, domains, RINGS):
        yield landing.point


def at_thresholds(
    thresholds: Sequence[tuple[Node, Sequence[float]]], bindings: Starts,
    domains: Mapping[str, Domain], *, evaluate: Evaluate, gradient: Gradient | None = None,
    seed: int = 0, elements: int = 2, evaluations: int = 1000,
) -> Iterator[Point]:  # fmt: skip
    """Yield points where an input node of a row passes a threshold of the row, and beyond.

    `thresholds` pairs the row's *input* node with the values at which the row changes its ways:
    exp overflows at 709.78, so exp(25 x) is also tried around x = 28.39.
    """
    targets = [Target(node, float(value)) for node, values in thresholds for value in values]
    found = landings(
        targets, bindings, domains, evaluate=evaluate, gradient=gradient,
        seed=seed, elements=elements, evaluations=evaluations,
    )  # fmt: skip
    for landing in with_rings(found, domains, THRESHOLD_RINGS):
        yield landing.point


def landings(
    targets: Sequence[Target], bindings: Starts, domains: Mapping[str, Domain], *,
    evaluate: Evaluate, gradient: Gradient | None = None,
    seed: int = 0, elements: int = 8, evaluations: int = 2000,
) -> Iterator[Landing]:  # fmt: skip
    """Yield landings on the level sets: every target once before any is reached again."""
    starts = [bindings] if isinstance(bindings, Mapping) else list(bindings)
    if not starts:
        return
    points = [{name: np.array(value) for name, value in start.items()} for start in starts]
    budget = iter(range(evaluations))
    terrain = Terrain(evaluate, gradient, _movable(domains, points[0]), budget)
    seen: set[bytes] = set()
    try:
        for landing in _in_turns(terrain, targets, points, seed, elements):
            key = b"|".join(landing.point[name].tobytes() for name in sorted(landing.point))
            if key not in seen:
                seen.add(key)
                yield landing
    except Spent:
        return


def _in_turns(
    terrain: Terrain, targets: Sequence[Target], starts: list[Point], seed: int, elements: int
) -> Iterator[Landing]:
    orders: dict[tuple[int, int], Array] = {}
    for turn in range(elements * len(starts)):
        rank, which = divmod(turn, len(starts))
        for number, target in enumerate(targets):
            if (which, number) not in orders:
                orders[which, number] = _nearest_first(terrain, target, starts[which])
            order = orders[which, number]
            if rank < len(order):
                random = np.random.default_rng([seed, turn, number])
                landing = reach(terrain, target, int(order[rank]), starts[which], random)
                if landing:
                    yield replace(landing, target=number)


def with_rings(
    found: Iterator[Landing], domains: Mapping[str, Domain], rings: Sequence[float | int]
) -> Iterator[Landing]:
    """Yield the landings, then all their neighbours at the first distance, the second, ..."""
    landed = []
    for landing in found:
        landed.append(landing)
        yield landing
    for landing in landed:
        if landing.partner is not None:
            yield replace(landing, point=landing.partner, exact=False, partner=None)
    for ring in rings:
        for landing in landed:
            for side in (1, -1):
                point = _beside(landing, ring, side, domains)
                if point is not None:
                    yield replace(landing, point=point, exact=False, ring=side * ring, partner=None)


@np.errstate(all="ignore")
def neighbour(number: Array, ring: float | int, side: int) -> Array:
    """Return the number at distance `ring` above (side 1) or below (-1): whole rings are ulps."""
    if isinstance(ring, int):
        return step_by(number, side * ring)
    size = np.maximum(np.abs(number.astype(np.float64)), 1e-300)
    reach = np.where(number == 0, 1.0, size)
    return (number.astype(np.float64) + side * ring * reach).astype(number.dtype)


def _beside(
    landing: Landing, ring: float | int, side: int, domains: Mapping[str, Domain]
) -> Point | None:
    if landing.moved is None:
        return _towards_start(landing, ring, side, domains)
    name, index = landing.moved
    array = landing.point[name].copy()
    flat = array.reshape(-1)
    flat[index] = neighbour(flat[index : index + 1], ring, side)[0]
    if not domains[name].contains(array):
        return None
    return landing.point | {name: array}


@np.errstate(all="ignore")
def _towards_start(
    landing: Landing, ring: float | int, side: int, domains: Mapping[str, Domain]
) -> Point | None:
    """Return a neighbour on the line from the landing to where its walk began."""
    if landing.start is None or isinstance(ring, int):
        return None
    point = dict(landing.point)
    for name, here in landing.point.items():
        if name in domains and domains[name].kind == BOX and here.dtype.kind in "fV":
            wide = here.astype(np.float64)
            wide += side * ring * (landing.start[name].astype(np.float64) - wide)
            point[name] = wide.astype(here.dtype)
            if not domains[name].contains(point[name]):
                return None
    return point


def _movable(domains: Mapping[str, Domain], start: Point) -> dict[str, tuple[Array, Array]]:
    """Return the ends of every argument that may move, in the shape and dtype it has."""
    found = {}
    for name, domain in domains.items():
        if domain.kind == BOX and name in start and start[name].dtype.kind in "fV":
            shape = start[name].shape
            low, high = domain.ends_inside(start[name].dtype.name)
            if low.size > 1:
                low, high = low.reshape(shape), high.reshape(shape)
            found[name] = (np.broadcast_to(low, shape), np.broadcast_to(high, shape))
    return found


def _nearest_first(terrain: Terrain, target: Target, start: Point) -> Array:
    """Return the elements of a target, nearest to its level first; those on it or nan last.

    An element on its level may be so everywhere, as the winner's lead over itself is.
    """
    distance = np.abs(difference(terrain, target, start))
    return np.argsort(np.where(distance > 0, distance, np.inf), kind="stable")
