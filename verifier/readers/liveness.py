"""Which entries matter? How the mask of live entries flows backward through one node."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..graph.node import Node
from ..numerals.balls import Balls
from ..numerals.tokens import ZERO, Maybe
from ..primitives.table import SCALARS
from .value import Reading, read

Array = np.ndarray
Flow = Callable[[Node, Array, Reading], list[Array]]


def flows(node: Node, mask: Array, reading: Reading, touching: Array | None) -> list[Array]:
    """Return for each input of `node` which of its entries the live entries `mask` depend on.

    `touching` marks entries of a row whose own guard may be zero: there nothing is left out.
    """
    row = SCALARS.get(node.op)
    if row is not None:
        parts = [folded(mask, i.shape) for i in node.inputs]
        if not row.piecewise or touching is None:
            return parts
        return _taken_slopes(node, mask, reading, touching)
    flow = _FLOWS.get(node.op)
    if flow is not None:
        return flow(node, mask, reading)
    return [np.ones(i.shape, dtype=bool) for i in node.inputs]


def folded(mask: Array, shape: tuple[int, ...]) -> Array:
    """Fold a mask to the shape of an operand that was broadcast to it."""
    extra = mask.ndim - len(shape)
    found: Array = np.asarray(mask.any(axis=tuple(range(extra)))) if extra else mask
    stretched = tuple(a for a, n in enumerate(shape) if n == 1 and found.shape[a] != 1)
    return np.asarray(found.any(axis=stretched, keepdims=True)) if stretched else found


def _taken_slopes(node: Node, mask: Array, reading: Reading, touching: Array) -> list[Array]:
    """A piecewise row away from its guards does not move with an input of structural slope 0."""
    parts = []
    for rule, source in zip(SCALARS[node.op].slopes, node.inputs, strict=True):
        assert rule is not None
        slope = rule(*node.inputs, node)
        values = read([slope], {}, Balls(), known=reading)[slope]
        absent = np.asarray(_is_zero_token(values), dtype=bool)
        parts.append(folded(mask & (touching | ~np.broadcast_to(absent, mask.shape)), source.shape))
    return parts


_is_zero_token = np.frompyfunc(lambda v: v is ZERO, 1, 1)
_is_open_each = np.frompyfunc(lambda v: isinstance(v, Maybe), 1, 1)


def unsure(node: Node, reading: Reading) -> Array:
    """Return where a decision is open or was taken by an exact tie."""
    values = reading[node]
    open_ = np.asarray(_is_open_each(values), dtype=bool) if values.dtype == object else False
    ties = reading.ties.get(node)
    both = open_ if ties is None else ties | open_
    return np.broadcast_to(np.asarray(both, dtype=bool), node.shape)


def _holds(node: Node, reading: Reading, answer: bool) -> Array:
    """Return where a decision has this answer by a strict sign."""
    values = reading[node]
    if values.dtype == object:
        values = np.asarray(
            np.frompyfunc(lambda v: not isinstance(v, Maybe) and bool(v) == answer, 1, 1)(values),
            dtype=bool,
        )
    else:
        values = values.astype(bool) == answer
    return np.asarray(np.broadcast_to(values, node.shape) & ~unsure(node, reading))


def _compared(node: Node, mask: Array, reading: Reading) -> list[Array]:
    reached = mask & unsure(node, reading)
    return [folded(reached, i.shape) for i in node.inputs]


def _ranked(node: Node, mask: Array, reading: Reading) -> list[Array]:
    (x,) = node.inputs
    axis = node.params["axis"]
    reached = mask & unsure(node, reading)
    if node.op == "argsort":
        return [np.broadcast_to(reached.any(axis=axis, keepdims=True), x.shape)]
    return [np.broadcast_to(np.expand_dims(reached, axis), x.shape)]


def _combined(node: Node, mask: Array, reading: Reading) -> list[Array]:
    """A conjunction that another operand denies strictly does not depend on this one."""
    settling = {"logical_and": False, "logical_or": True}.get(node.op)
    parts = []
    for k, source in enumerate(node.inputs):
        reached = mask
        if settling is not None:
            for other in node.inputs[:k] + node.inputs[k + 1:]:
                decided = _holds(other, reading, settling)
                reached = reached & ~np.broadcast_to(decided, mask.shape)
        parts.append(folded(reached, source.shape))
    return parts


def _selected(node: Node, mask: Array, reading: Reading) -> list[Array]:
    condition, a, b = node.inputs
    no = np.broadcast_to(_holds(condition, reading, False), node.shape)
    yes = np.broadcast_to(_holds(condition, reading, True), node.shape)
    taken = (folded(mask & ~no, a.shape), folded(mask & ~yes, b.shape))
    return [folded(mask, condition.shape), *taken]


def _taken(node: Node, mask: Array, reading: Reading) -> list[Array]:
    x, index = node.inputs
    axis = node.params["axis"]
    wide = (*node.shape[:axis], x.shape[axis], *node.shape[axis + 1:])
    reached = np.zeros(wide, dtype=bool)
    chosen = np.broadcast_to(reading[index], node.shape)
    doubtful = np.broadcast_to(unsure(index, reading), node.shape)
    if chosen.dtype != object:
        places = list(np.indices(node.shape, sparse=True))
        places[axis] = chosen.astype(np.int64)
        np.logical_or.at(reached, tuple(places), mask)
    else:
        doubtful = doubtful | np.asarray(_is_open_each(chosen), dtype=bool)
        for i in zip(*np.nonzero(mask & ~doubtful), strict=True):
            reached[(*i[:axis], int(chosen[i]), *i[axis + 1:])] = True
    reached |= (mask & doubtful).any(axis=axis, keepdims=True)
    return [folded(reached, x.shape), folded(mask, index.shape)]


def _put(node: Node, mask: Array, reading: Reading) -> list[Array]:
    x, index = node.inputs
    axis = node.params["axis"]
    chosen = np.broadcast_to(reading[index], x.shape)
    doubtful = np.broadcast_to(unsure(index, reading), x.shape)
    if chosen.dtype == object or doubtful.any():
        line = np.broadcast_to(mask.any(axis=axis, keepdims=True), x.shape)
        return [line, folded(line, index.shape)]
    places = list(np.indices(x.shape, sparse=True))
    places[axis] = chosen.astype(np.int64)
    reached = np.broadcast_to(mask[tuple(places)], x.shape)
    return [reached, folded(reached, index.shape)]


def _gathered(node: Node, mask: Array, reading: Reading) -> list[Array]:
    sizes = [i.size for i in node.inputs]
    flat = np.zeros(int(np.sum(sizes, dtype=np.int64)), dtype=bool)
    index = node.params["index"]
    flat[index[mask & (index >= 0)]] = True
    parts = np.split(flat, np.cumsum(sizes)[:-1])
    return [p.reshape(i.shape) for p, i in zip(parts, node.inputs, strict=True)]


def _scattered(node: Node, mask: Array, reading: Reading) -> list[Array]:
    index = node.params["index"]
    if not mask.size:
        return [np.zeros(index.shape, dtype=bool)]
    return [np.where(index >= 0, mask.ravel()[np.maximum(index, 0)], False)]


def _summed(node: Node, mask: Array, reading: Reading) -> list[Array]:
    (x,) = node.inputs
    kept = tuple(1 if a in node.params["axis"] else n for a, n in enumerate(x.shape))
    return [np.broadcast_to(mask.reshape(kept), x.shape)]


def _accumulated(node: Node, mask: Array, reading: Reading) -> list[Array]:
    axis = node.params["axis"]
    later = np.flip(np.logical_or.accumulate(np.flip(mask, axis), axis=axis), axis)
    return [later]


def _multiplied(node: Node, mask: Array, reading: Reading) -> list[Array]:
    a, b = node.inputs
    inner = a.shape[-1]
    rows = np.broadcast_to(mask.any(axis=-1, keepdims=True), (*mask.shape[:-1], inner))
    columns = np.broadcast_to(mask.any(axis=-2, keepdims=True),
                              (*mask.shape[:-2], inner, mask.shape[-1]))
    return [folded(rows, a.shape), folded(columns, b.shape)]


_FLOWS: dict[str, Flow] = {
    **dict.fromkeys(
        ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "signbit",
         "isnan", "isinf", "isfinite"), _compared
    ),
    **dict.fromkeys(("logical_and", "logical_or", "logical_not", "logical_xor"), _combined),
    **dict.fromkeys(("argmax", "argmin", "argsort"), _ranked),
    "select": _selected,
    "take": _taken,
    "put": _put,
    "gather": _gathered,
    "scatter": _scattered,
    "sum": _summed,
    "cumsum": _accumulated,
    "matmul": _multiplied,
    "reshape": lambda n, m, r: [m.reshape(n.inputs[0].shape)],
    "transpose": lambda n, m, r: [m.transpose(tuple(np.argsort(n.params["axes"])))],
    "broadcast": lambda n, m, r: [folded(m, n.inputs[0].shape)],
    "cast": lambda n, m, r: [m],
}
