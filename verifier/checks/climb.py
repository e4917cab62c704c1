"""Where is a node of a graph largest in the box? Projected gradient ascent in floats.

It only finds points: what is true there is decided in balls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ..domains import BOX
from ..errors import CannotLower
from ..graph.node import Node
from ..search.floats import evaluate, gradient
from ..search.points import propose
from ..settings import Settings
from .stops import Stops
from .subject import Here

Array = np.ndarray
Point = dict[str, Array]
STEPS = 24
STARTS = 8


def starts(request: Any, stops: Stops, here: Here, numbers: Settings) -> list[Point]:
    """Return all leaves at the points of the tour and at points proposed in the domains."""
    found: list[Point] = [dict(h.leaves) for h in stops.heres]
    domains = {k: d for k, d in stops.plan.domains.items() if d.kind == BOX and k in here.leaves}
    shapes = {k: here.leaves[k].shape for k in domains}
    if domains and all(d.shape in (None, shapes[k]) for k, d in domains.items()):
        for point in propose(domains, shapes, "float64", request.seed, numbers.points):
            arrays = {k: np.asarray(v, here.leaves[k].dtype).reshape(shapes[k])
                      for k, v in point.items()}
            found.append({**here.leaves, **arrays})
    return found


def ends_inside(stops: Stops, here: Here) -> dict[str, tuple[Array, Array]]:
    """Return the outermost floats of each argument's box, in its shape."""
    out = {}
    for name, domain in stops.plan.domains.items():
        if domain.kind == BOX and name in here.leaves:
            shape, dtype = here.leaves[name].shape, here.leaves[name].dtype.name
            out[name] = tuple(
                np.broadcast_to(e if e.size == 1 else e.reshape(shape), shape)
                for e in domain.ends_inside(dtype))
    return out  # type: ignore[return-value]


def highest(
    node: Node, index: int, sign: float, begin: list[Point], ends: Mapping[str, Any],
    names: tuple[str, ...] | None = None,
) -> Iterator[Point]:
    """Yield points where sign times an entry of `node` is large, the best first."""
    free = [k for k in ends if names is None or k in names]

    def value(point: Point) -> float:
        try:
            with np.errstate(all="ignore"):
                found = float(np.ravel(evaluate(node, point))[index]) * sign
        except (CannotLower, FloatingPointError):
            return -np.inf
        return found if np.isfinite(found) else -np.inf

    ranked = sorted(((value(p), i) for i, p in enumerate(begin)), key=lambda v: (-v[0], v[1]))
    climbed = [_climbed(value, node, index, sign, begin[i], ends, free)
               for v, i in ranked[:STARTS] if v > -np.inf]
    yield from (p for _, _, p in sorted(
        ((-v, i, p) for i, (v, p) in enumerate(climbed)), key=lambda c: c[:2]))
    yield from (begin[i] for v, i in ranked[:STARTS] if v > -np.inf)


def _climbed(
    value: Callable[[Point], float], node: Node, index: int, sign: float, start: Point,
    ends: Mapping[str, Any], free: list[str],
) -> tuple[float, Point]:
    best, here, step = value(start), start, 1.0
    for _ in range(STEPS):
        try:
            slopes = gradient(node, index, here)
        except CannotLower:
            break
        moved = [np.nan_to_num(sign * np.asarray(slopes.get(k, 0.0), float)) for k in free]
        size = np.sqrt(sum(float(np.sum(m * m)) for m in moved))
        if not size > 0 or not np.isfinite(size):
            break
        for _ in range(12):
            there = dict(here)
            for k, m in zip(free, moved, strict=True):
                low, high = ends[k]
                there[k] = np.clip(here[k] + step * m / size, low, high).astype(here[k].dtype)
            reached = value(there)
            if reached > best:
                best, here, step = reached, there, 2.0 * step
                break
            step *= 0.35
        else:
            break
    return best, here
