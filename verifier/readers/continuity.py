"""How smoothly do both sides meet? A proof, node by node, that two germs belong together.

A level k at an entry says: the values at the point and the series on both sides agree up to t^k.
It is proved either exactly (all coefficients are exact and equal) or by structure: an analytic
row keeps the least level of its operands, a continuous kink keeps level 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graph.node import Node
from ..graph.order import topological
from ..numerals.balls import Balls
from ..numerals.germs import Beyond, coefficient, numbers_of
from ..numerals.logarithms import Logs
from ..numerals.tokens import ZERO, Maybe
from ..numerals.twins import stored
from ..primitives.table import SCALARS
from .guards import Guard, guards_of
from .value import Reading, read

Array = np.ndarray
APART = -1
FAR = 99


@dataclass(frozen=True, slots=True)
class Sides:
    """One graph read three times: in balls at the point, in germs along d and along -d."""

    here: Reading
    right: Reading
    left: Reading
    order: int


def levels(output: Node, sides: Sides) -> dict[Node, Array]:
    """Return for every real node below `output` the proved level of each entry."""
    guards: dict[Node, list[Guard]] = {}
    for guard in guards_of((output,)):
        guards.setdefault(guard.owner, []).append(guard)
    found: dict[Node, Array] = {}
    for node in topological([output]):
        arrays = [r[node] for r in (sides.here, sides.right, sides.left)]
        if node.discrete or all(a.dtype != object for a in arrays):
            found[node] = _decided_alike(node, sides)
            continue
        by_structure = _structure(node, sides, found, guards.get(node, []))
        open_ = by_structure < sides.order
        found[node] = _by_numbers(node, sides, by_structure) if open_.any() else by_structure
    return found


def _decided_alike(node: Node, sides: Sides) -> Array:
    arrays = [np.broadcast_to(r[node], node.shape) for r in (sides.here, sides.right, sides.left)]
    alike = np.frompyfunc(_alike, 3, 1)(*arrays)
    return np.where(np.asarray(alike, dtype=bool), sides.order, APART)


def _alike(a: Any, b: Any, c: Any) -> bool:
    if any(isinstance(v, Maybe) for v in (a, b, c)):
        return False
    return bool(a == b) and bool(b == c)


def _structure(
    node: Node, sides: Sides, found: Mapping[Node, Array], guards: list[Guard]
) -> Array:
    inputs = [found[i] for i in node.inputs]
    if not inputs:
        return np.full(node.shape, sides.order)
    if node.op in SCALARS:
        level = np.broadcast_to(_least(inputs), node.shape)
        return _kinked(node, sides, level, guards)
    if node.op == "select":
        return _selected(node, sides, inputs)
    rule = _LINEAR.get(node.op)
    least = min(int(i.min()) if i.size else sides.order for i in inputs)
    return np.full(node.shape, least) if rule is None else rule(node, inputs, sides.order)


def _least(arrays: list[Array]) -> Array:
    total = arrays[0]
    for array in arrays[1:]:
        total = np.minimum(total, array)
    return total


def _kinked(node: Node, sides: Sides, level: Array, guards: list[Guard]) -> Array:
    """Lower the level where a guard of the row may be zero: to how smooth the row is there."""
    smooth = min(SCALARS[node.op].smooth_at.values(), default=APART)
    for guard in guards:
        read([guard.quantity], {}, Balls(), known=sides.here)
        values = np.broadcast_to(sides.here[guard.quantity], node.shape)
        touched = np.asarray(_maybe_zero(values), dtype=bool)
        level = np.where(touched, np.minimum(level, smooth), level)
    return level


_maybe_zero = np.frompyfunc(lambda v: v is not ZERO and bool(v.contains(0)), 1, 1)


def _by_numbers(node: Node, sides: Sides, level: Array) -> Array:
    """Raise levels where exact coefficients agree."""
    out = np.array(level)
    arrays = [np.broadcast_to(numbers_of(r[node]), node.shape)
              for r in (sides.here, sides.right, sides.left)]
    for i in np.ndindex(*node.shape):
        if out[i] < sides.order:
            here, right, left = (a[i] for a in arrays)
            out[i] = max(out[i], exact_level(here, right, left, sides.order))
    return out


def exact_level(here: Any, right: Any, left: Any, order: int) -> int:
    """Return up to which order both germs and the value agree exactly, -1 for not at all."""
    if any(isinstance(v, Beyond) for v in (here, right, left)):
        return APART
    if here is ZERO and right is ZERO and left is ZERO:
        return order
    value = _exact(coefficient(here, 0))
    for k in range(min(order, _last_whole(right), _last_whole(left)) + 1):
        ahead, behind = _exact(coefficient(right, k)), _exact(coefficient(left, k))
        if ahead is None or behind is None or ahead != (-behind if k % 2 else behind):
            return k - 1
        if k == 0 and (value is None or value != ahead):
            return APART
    return min(order, _last_whole(right), _last_whole(left))


def _exact(value: Any) -> Any:
    if value is None:
        return None
    number = stored(value)
    return number if number.is_finite() and number.is_exact() else None


def _last_whole(value: Any) -> int:
    """Return up to which power of t a germ is like a power series: below t^(1/2), t log t."""
    roots = [e for e, c in getattr(value, "terms", ())
             if e < 0 or e != int(e) or isinstance(c, Logs)]
    return math.ceil(min(roots)) - 1 if roots else FAR


# ---------------------------------------------------------------- structural rows
def _gathered(node: Node, inputs: list[Array], order: int) -> Array:
    flat = np.concatenate([*(i.ravel() for i in inputs), [order]])
    return np.asarray(flat[node.params["index"]])


def _scattered(node: Node, inputs: list[Array], order: int) -> Array:
    out = np.full(node.size, order)
    index = node.params["index"].ravel()
    kept = index >= 0
    np.minimum.at(out, index[kept], inputs[0].ravel()[kept])
    return out.reshape(node.shape)


def _selected(node: Node, sides: Sides, inputs: list[Array]) -> Array:
    """Return the level of the branch all three take, and none where they part."""
    alike, a, b = (np.broadcast_to(i, node.shape) for i in inputs)
    chosen = np.broadcast_to(sides.right[node.inputs[0]], node.shape)
    first = np.asarray(np.frompyfunc(lambda v: not isinstance(v, Maybe) and bool(v), 1, 1)(chosen),
                       dtype=bool)
    return np.where(alike >= sides.order, np.where(first, a, b), APART)


def _multiplied(node: Node, inputs: list[Array], order: int) -> Array:
    a, b = inputs
    rows = a.min(axis=-1, initial=order)[..., :, None]
    columns = b.min(axis=-2, initial=order)[..., None, :]
    return np.broadcast_to(np.minimum(rows, columns), node.shape)


_LINEAR: dict[str, Callable[[Node, list[Array], int], Array]] = {
    "reshape": lambda n, i, k: i[0].reshape(n.shape),
    "transpose": lambda n, i, k: i[0].transpose(n.params["axes"]),
    "broadcast": lambda n, i, k: np.broadcast_to(i[0], n.shape),
    "cast": lambda n, i, k: i[0],
    "sum": lambda n, i, k: np.asarray(i[0].min(axis=n.params["axis"], initial=k)),
    "cumsum": lambda n, i, k: np.minimum.accumulate(i[0], axis=n.params["axis"]),
    "gather": _gathered,
    "scatter": _scattered,
    "matmul": _multiplied,
}
