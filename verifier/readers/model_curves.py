"""A function of one number near a polynomial: fitted in floats, its error enclosed.

The polynomial interpolates at Chebyshev's points. On short cells the error e = g - p obeys
|e(z)| <= |e(m)| + h |e'(m)| + h^2/2 max |e''|, with g, g', g'' enclosed by the region reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev

from ..graph.node import Node, constant, variable
from ..graph.order import topological
from ..numerals.intervals import EPS, TINY, Interval, point
from ..primitives.table import SCALARS
from .curves import of_row
from .ranges import bounded
from .region import enclose
from .slope import slope

Array = np.ndarray
Box = Mapping[str, tuple[Array, Array]]
CELLS = (6, 32)  # fewest and most
CELL = 0.08  # longest cell wished for: second derivatives change by little on it
SLACK = 128 * EPS  # relative: what evaluating p, p' and p'' in floats may lose
NAME = "z of a curve"


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """g, g' and g'' of an elementwise stretch of a graph, as graphs of their own.

    `still` bounds the inputs that stand for what does not move.
    """

    values: tuple[Node, ...]
    still: Mapping[str, tuple[Array, Array]]


def cut_out(node: Node, root: Node, still: Mapping[Node, tuple[Array, Array]]) -> Curve:
    """Return the elementwise stretch from `root` to `node` as a function of one number each.

    `still` bounds what does not move on the way.
    """
    x = variable(NAME, node.shape)
    made: dict[Node, Node] = {root: x}
    bounds = {}
    for k, (each, ends) in enumerate(still.items()):
        if each.op == "constant":
            made[each] = each
        elif np.all(ends[0] == ends[1]):
            made[each] = constant(ends[0])
        else:
            made[each] = variable(f"still {k}", each.shape)
            bounds[f"still {k}"] = ends
    for each in topological([node]):
        if each not in made and each.inputs:
            inputs = tuple(made.get(i, i) for i in each.inputs)
            if any(i is not j for i, j in zip(inputs, each.inputs, strict=True)):
                made[each] = Node(each.op, inputs, each.params, each.shape, each.dtype)
    out = made[node]
    (first,) = slope(out, [x], constant(np.ones(node.shape)))
    (second,) = slope(first, [x], constant(np.ones(node.shape)))
    return Curve((out, first, second), bounds)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """p(s) = sum_j coefficients[j] s^j, s = (z - center) / reach, with |g - p| <= error."""

    center: Array
    reach: Array
    coefficients: Array
    error: Array


def fitted(curve: Curve, low: Array, high: Array, degree: int) -> Fit | None:
    """Fit over [low, high], entry by entry; None where g may be undefined."""
    center = 0.5 * low + 0.5 * high
    reach = np.maximum(np.maximum(high - center, center - low), 1e-9 * (1 + np.abs(center)))
    reach = reach * (1 + 4 * EPS)
    nodes = np.cos(np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1))
    shape = (-1, *(1,) * center.ndim)
    points = center + nodes.reshape(shape) * reach
    at = _read(curve, slice(0, 1), points, points)
    if at is None:
        return None
    values = np.asarray(0.5 * at[0][0] + 0.5 * at[0][1]).reshape(degree + 1, -1)
    matrix = np.linalg.inv(chebyshev.chebvander(nodes, degree)) @ values
    flat = np.array([_padded(chebyshev.cheb2poly(c), degree + 1) for c in matrix.T]).T
    coefficients = flat.reshape(degree + 1, *center.shape)
    error = _error(curve, center, reach, coefficients)
    return None if error is None else Fit(center, reach, coefficients, error)


def _padded(values: Array, count: int) -> Array:
    return np.concatenate([values, np.zeros(count - len(values))])


def _read(
    curve: Curve, which: slice, low: Array, high: Array
) -> list[tuple[Array, Array]] | None:
    """Enclose graphs of g, g', g'' on boxes; None where one may be undefined."""
    wanted, box = curve.values[which], {**curve.still, NAME: (low, high)}
    try:
        found = _in_intervals(wanted, box, low.shape)
    except NoRule:
        found = _in_zonotopes(wanted, box, low.shape)
    if found is None or not all(np.isfinite(e).all() for pair in found for e in pair):
        return None
    return found


def _in_zonotopes(
    wanted: Sequence[Node], box: Box, shape: tuple[int, ...]
) -> list[tuple[Array, Array]] | None:
    region = enclose(wanted, box)
    if any(region.undefined[n].any() for n in wanted):
        return None
    return [(np.broadcast_to(region.lo[n], shape), np.broadcast_to(region.hi[n], shape))
            for n in wanted]


class NoRule(Exception):
    """An op that plain intervals have no rule for."""


def _in_intervals(
    wanted: Sequence[Node], box: Box, shape: tuple[int, ...]
) -> list[tuple[Array, Array]] | None:
    """The same by plain intervals: enough on short cells, and quicker."""
    found: dict[Node, Interval | None] = {}
    for node in topological(wanted):
        found[node] = _interval(node, [found[i] for i in node.inputs], box)
        if found[node] is None:
            return None
    ends = [found[n] for n in wanted]
    return [(np.broadcast_to(e.lo, shape), np.broadcast_to(e.hi, shape))
            for e in ends if e is not None]


def _interval(node: Node, parts: list[Interval | None], box: Box) -> Interval | None:
    values = [p for p in parts if p is not None]
    if node.op == "input":
        return Interval(*box[node.params["name"]])
    if node.op in ("constant", "zero"):
        array = np.asarray(node.params["value"] if node.op == "constant" else 0.0)
        if array.dtype.kind not in "fb" and np.any(np.abs(array.astype(float)) > 2.0**53):
            raise NoRule(node.op)
        return point(array.astype(float))
    if node.op == "broadcast":
        lead = values[0].lo.ndim - len(node.inputs[0].shape)
        return values[0] if lead == 0 or node.shape == node.inputs[0].shape else _no(node)
    if node.op == "negative":
        return -values[0]
    if node.op in ("add", "subtract"):
        return _outward(values[0].lo + values[1].lo, values[0].hi + values[1].hi) if (
            node.op == "add") else _outward(values[0].lo - values[1].hi,
                                            values[0].hi - values[1].lo)
    if node.op == "multiply" and node.inputs[0] is not node.inputs[1]:
        return _times(values[0], values[1])
    op = {"multiply": "square"}.get(node.op, node.op)
    if op == "divide":
        inverse = _along("reciprocal", values[1])
        return None if inverse is None else _times(values[0], inverse)
    return _along(op, values[0]) if len(values) == 1 or op == "square" else _no(node)


def _outward(low: Array, high: Array) -> Interval:
    """Return an interval around bounds that were rounded to nearest."""
    return Interval(np.nextafter(low, -np.inf), np.nextafter(high, np.inf))


def _times(a: Interval, b: Interval) -> Interval:
    with np.errstate(all="ignore"):
        ends = (a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi)
        low, high = (np.minimum(*ends[:2]), np.maximum(*ends[:2]))
        for end in ends[2:]:
            low, high = np.minimum(low, end), np.maximum(high, end)
        return _outward(low, high)


def _no(node: Node) -> Interval:
    raise NoRule(node.op)


def _along(op: str, x: Interval) -> Interval | None:
    if op not in SCALARS or len(SCALARS[op].slopes) != 1:
        raise NoRule(op)
    lo, hi = np.broadcast_arrays(x.lo, x.hi)
    found, undefined = bounded(of_row(op), lo.ravel(), hi.ravel())
    if undefined.any():
        return None
    return Interval(found.lo.reshape(lo.shape), found.hi.reshape(lo.shape))


def _error(curve: Curve, center: Array, reach: Array, p: Array) -> Array | None:
    """Bound |g - p| over center +- reach, cell by cell."""
    shape = (-1, *(1,) * center.ndim)
    count = int(np.clip(np.ceil(2 * reach.max(initial=0.0) / CELL), *CELLS))
    edges = center + np.linspace(-1.0, 1.0, count + 1).reshape(shape) * reach * (1 + 4 * EPS)
    low, high = edges[:-1], edges[1:]
    middle = 0.5 * low + 0.5 * high
    half = np.maximum(high - middle, middle - low) * (1 + 4 * EPS) + TINY
    points = _read(curve, slice(0, 2), middle, middle)
    wide = _read(curve, slice(2, 3), low, high)
    if points is None or wide is None:
        return None
    s = (middle - center) / reach
    order = np.arange(len(p)).reshape(-1, *(1,) * center.ndim)
    size = np.abs(p)
    steps = [_derived(p, k) for k in range(3)]
    lost = [np.sum(size * (1 + order) ** (k + 1), axis=0) * SLACK / reach**k for k in range(3)]
    gaps = []
    for k, (lo, hi) in enumerate((*points, *wide)):
        value = _evaluated(steps[k], s) / reach**k
        gaps.append(np.maximum(np.abs(hi - value), np.abs(lo - value)) + lost[k]
                    + (np.abs(lo) + np.abs(hi)) * 4 * EPS)
    bend = np.sum(size * order * (order - 1) * (order - 2) * (order > 2), axis=0) / reach**3
    second = gaps[2] + half * bend * (1 + 1e-12)
    found = gaps[0] + half * gaps[1] + 0.5 * half**2 * second
    return np.asarray(found.max(axis=0) * (1 + 1e-10) + TINY)


def _derived(p: Array, times: int) -> Array:
    for _ in range(times):
        order = np.arange(len(p)).reshape(-1, *(1,) * (p.ndim - 1))
        p = (p * order)[1:]
    return p


def _evaluated(p: Array, s: Array) -> Array:
    out = np.zeros(s.shape)
    for c in p[::-1]:
        out = out * s + c
    return out
