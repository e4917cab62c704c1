"""From a start to the level set of one element of a node, inside the box: the solver of guards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..endpoints import largest_float
from ..graph.node import Node
from .brackets import classes, close, simple_numbers

Array = np.ndarray
Point = dict[str, Array]
Coordinate = tuple[str, int]

NEWTON = (1.0, 1.01, 1.25, 2.0, 8.0)  # multiples of the Newton step: on the level, then beyond it
LADDER = (0.01, 0.1, 0.5, 1.0, 2.0, 4.0, 10.0, 30.0, 100.0)  # steps where the slope says nothing
COORDINATES = 3  # coordinates tried one by one where slopes rank them
BLIND_COORDINATES = 12  # coordinates tried where they do not
CORNER = 100.0  # where the corner of an unbounded box is taken to be
DESCENTS = 4  # Newton steps with all coordinates together


class Evaluate(Protocol):
    """Give the value of `node` in floats when the inputs are bound to `bindings`."""

    def __call__(self, node: Node, bindings: Mapping[str, Array], /) -> Array: ...


class Gradient(Protocol):
    """Give the gradient of element `index` (C order) of `node` by each input, in floats."""

    def __call__(
        self, node: Node, index: int, bindings: Mapping[str, Array], /
    ) -> Mapping[str, Array]: ...


class Spent(Exception):
    """The evaluations the search may cost are used up."""


@dataclass(frozen=True, slots=True)
class Terrain:
    """Where one walks: the functions, the ends of every argument that may move, what is left."""

    evaluate: Evaluate
    gradient: Gradient | None
    ends: Mapping[str, tuple[Array, Array]]
    budget: Iterator[int]


@dataclass(frozen=True, slots=True)
class Target:
    """A node and the level it is to reach."""

    node: Node
    level: float = 0.0


@dataclass(frozen=True, slots=True)
class Landing:
    """A point on, or within an ulp of, the level set of one element of a target.

    `exact` says that the node equals the level there; `moved` is the coordinate along which it was
    approached, None for a walk along a direction, then from `start`; `partner` the neighbour across
    the level set; `ring` the signed distance a neighbour was taken at (0: the landing itself).
    """

    point: Point
    exact: bool
    target: int = 0
    element: int = 0
    moved: Coordinate | None = None
    partner: Point | None = None
    start: Point | None = None
    ring: float = 0.0


def difference(terrain: Terrain, target: Target, point: Mapping[str, Array]) -> Array:
    """Return node minus level for all elements as a flat float64 array; raises Spent."""
    if next(terrain.budget, None) is None:
        raise Spent
    with np.errstate(all="ignore"):
        values = np.asarray(terrain.evaluate(target.node, point)).astype(np.float64)
        return values.reshape(-1) - target.level


def reach(
    terrain: Terrain, target: Target, element: int, start: Point, random: np.random.Generator
) -> Landing | None:
    """Return a landing for this element from this start, None where none was found."""
    value = difference(terrain, target, start)[element]
    slopes = _slopes(terrain, target, element, start)
    coordinates = _coordinates(terrain, slopes, start, random)
    if value == 0:
        return Landing(start, True, element=element, moved=next(iter(coordinates), None))
    for coordinate in coordinates:
        landing = along_coordinate(terrain, target, element, start, coordinate, slopes)
        if landing:
            return landing
    landing = _together(terrain, target, element, start, random)
    if landing is None or landing.exact:
        return landing
    slopes = _slopes(terrain, target, element, landing.point)
    for coordinate in _coordinates(terrain, slopes, landing.point, random)[:1]:
        polished = along_coordinate(terrain, target, element, landing.point, coordinate, slopes)
        return polished or landing
    return landing


def along_coordinate(
    terrain: Terrain,
    target: Target,
    element: int,
    start: Point,
    coordinate: Coordinate,
    slopes: Mapping[str, Array] | None,
) -> Landing | None:
    """Move one coordinate until the element changes its class, then close in on the change."""
    name, index = coordinate
    here = start[name].reshape(-1)[index : index + 1]

    def at(number: Array) -> Point:
        array = start[name].copy()
        array.reshape(-1)[index] = number[0]
        return start | {name: array}

    def function(number: Array) -> Array:
        return difference(terrain, target, at(number))[element : element + 1]

    value = function(here)
    slope = float(slopes[name].reshape(-1)[index]) if slopes else 0.0
    low, high = (end.reshape(-1)[index] for end in terrain.ends[name])
    for candidate in _candidates(here[0], float(value[0]), slope, low, high):
        other = np.array([candidate], dtype=here.dtype)
        beyond = function(other)
        if classes(beyond)[0] != classes(value)[0]:
            break
    else:
        return None
    closed = close(here, other, value, beyond, function)
    root, exact = closed.root, bool(closed.exact[0])
    if not target.level:
        for number in simple_numbers(root[0], here.dtype.name):
            if low <= number <= high and number != root[0] and function(np.array([number])) == 0:
                root, exact = np.array([number], dtype=here.dtype), True
                break
    far_end = closed.high if root[0] == closed.low[0] else closed.low
    partner = at(far_end) if far_end[0] != root[0] else None
    return Landing(at(root), exact, element=element, moved=coordinate, partner=partner)


@np.errstate(all="ignore")
def _candidates(here: Array, value: float, slope: float, low: Array, high: Array) -> list[float]:
    """Return where to look along one coordinate: Newton's steps, a ladder, the ends."""
    x, unit = float(here), max(1.0, abs(float(here)))
    guesses = [x - value / slope * factor for factor in NEWTON] if slope else []
    guesses += [x + side * step * unit for step in LADDER for side in (1, -1)]
    guesses += [0.0, -x, float(low), float(high)]
    limit = largest_float(here.dtype.name)
    kept = (min(max(g, -limit), limit) for g in guesses if np.isfinite(g))
    numbers = dict.fromkeys(float(np.asarray(g).astype(here.dtype)) for g in kept)
    return [n for n in numbers if float(low) <= n <= float(high) and n != x]


def _slopes(
    terrain: Terrain, target: Target, element: int, point: Point
) -> dict[str, Array] | None:
    """Return the slopes by the arguments that may move; None where there are none to trust."""
    if terrain.gradient is None:
        return None
    if next(terrain.budget, None) is None:
        raise Spent
    with np.errstate(all="ignore"):
        found = terrain.gradient(target.node, element, point)
        slopes = {
            name: np.nan_to_num(np.asarray(found[name]).astype(np.float64), posinf=0.0, neginf=0.0)
            if name in found
            else np.zeros(np.shape(point[name]))
            for name in terrain.ends
        }
    return slopes if any(s.any() for s in slopes.values()) else None


@np.errstate(all="ignore")
def _coordinates(
    terrain: Terrain,
    slopes: Mapping[str, Array] | None,
    point: Point,
    random: np.random.Generator,
) -> list[Coordinate]:
    """Return the coordinates most likely to reach the level, best first."""
    names = list(terrain.ends)
    offsets = np.cumsum([0, *(point[name].size for name in names)])

    def owner(position: int) -> Coordinate:
        which = int(np.searchsorted(offsets, position, side="right")) - 1
        return names[which], int(position - offsets[which])

    if slopes is None:
        return [owner(i) for i in random.permutation(offsets[-1])[:BLIND_COORDINATES]]
    effects = []
    for name, (low, high) in terrain.ends.items():
        room = np.maximum(high.astype(np.float64) - point[name], point[name] - low)
        reach_ = np.minimum(room, 100.0 * np.maximum(1.0, np.abs(point[name].astype(np.float64))))
        effects.append((np.abs(slopes[name]) * reach_).reshape(-1))
    effect = np.nan_to_num(np.concatenate([np.zeros(0), *effects]))
    best = np.argsort(-effect, kind="stable")[:COORDINATES]
    return [owner(i) for i in best if effect[i] > 0]


def _together(
    terrain: Terrain, target: Target, element: int, start: Point, random: np.random.Generator
) -> Landing | None:
    """Move all arguments: down the slope a few Newton steps, then along a random direction."""
    point = start
    for _ in range(DESCENTS):
        value = difference(terrain, target, point)[element]
        slopes = _slopes(terrain, target, element, point)
        if slopes is None or not np.isfinite(value):
            break
        square = sum(float(np.sum(s * s)) for s in slopes.values())
        direction = {name: -value / square * s for name, s in slopes.items()}
        landing = _along(terrain, target, element, point, direction, NEWTON)
        landing = landing or _snapped(terrain, target, element, point, direction)
        if landing:
            return landing
        point = _moved(terrain, point, direction, 1.0)
    noise = {name: random.standard_normal(np.shape(start[name])) for name in terrain.ends}
    steps = tuple(side * step for step in LADDER[2:] for side in (1.0, -1.0))
    landing = _along(terrain, target, element, start, noise, steps)
    for end in (0, 1):  # towards the corner of all lower, then of all upper ends
        corner = {n: np.clip(e[end], -CORNER, CORNER) - start[n] for n, e in terrain.ends.items()}
        landing = landing or _along(terrain, target, element, start, corner, (0.1, 0.5, 1.0))
    return landing


def _snapped(
    terrain: Terrain, target: Target, element: int, start: Point, direction: Mapping[str, Array]
) -> Landing | None:
    """Try the Newton step, once and doubled, with entries snapped to multiples of 1/8.

    A sum of squares touches 0 and never crosses it: the doubled step of Newton's lands there.
    """
    for step in (1.0, 2.0):
        point = _moved(terrain, start, direction, step)
        for name in terrain.ends:
            wide = point[name].astype(np.float64)
            near = np.round(wide * 8.0) / 8.0
            snap = np.abs(near - wide) < 1e-7 * np.maximum(1.0, np.abs(wide))
            low, high = terrain.ends[name]
            snap &= (near >= low) & (near <= high)
            point[name] = np.where(snap, near, wide).astype(point[name].dtype)
        if difference(terrain, target, point)[element] == 0:
            return Landing(point, True, element=element, start=start)
    return None


def _along(
    terrain: Terrain,
    target: Target,
    element: int,
    start: Point,
    direction: Mapping[str, Array],
    steps: tuple[float, ...],
) -> Landing | None:
    """Close in on a change of class along one direction, projected into the box."""

    def function(time: Array) -> Array:
        point = _moved(terrain, start, direction, float(time[0]))
        return difference(terrain, target, point)[element : element + 1]

    zero = np.zeros(1)
    value = function(zero)
    for step in steps:
        beyond = function(np.array([step]))
        if classes(beyond)[0] != classes(value)[0]:
            closed = close(zero, np.array([step]), value, beyond, function)
            far_end = closed.high if closed.root[0] == closed.low[0] else closed.low
            point, partner = (
                _moved(terrain, start, direction, float(t[0])) for t in (closed.root, far_end)
            )
            exact = bool(closed.exact[0])
            return Landing(point, exact, element=element, partner=partner, start=start)
    return None


@np.errstate(all="ignore")
def _moved(terrain: Terrain, start: Point, direction: Mapping[str, Array], time: float) -> Point:
    """Return the start moved along the direction, projected into the box and rounded."""
    moved = dict(start)
    for name, (low, high) in terrain.ends.items():
        wide = start[name].astype(np.float64) + time * np.nan_to_num(direction[name])
        wide = np.clip(wide, low.astype(np.float64), high.astype(np.float64))
        moved[name] = wide.astype(start[name].dtype)
    return moved
