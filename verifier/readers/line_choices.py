"""Which way do decisions go along a segment? Operands, switches and winners, piece by piece."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..graph.node import Node
from ..numerals.rationals import NotRational
from ..primitives.linear import LINEAR
from .lines import Lines, Segment, Switch, added

Array = np.ndarray
MOST_RIVALS = 32  # entries of one argmax or argsort: all pairs are compared
NOUGHT = Lines(np.zeros((1, 1), dtype=object), None)


def spread(node: Node, which: int, shape: tuple[int, ...]) -> Array:
    """Return the flat places of an operand broadcast to `shape`."""
    source = node.inputs[which]
    places = np.arange(source.size).reshape(source.shape)
    return np.broadcast_to(places, shape).ravel()


def operand(node: Node, which: int, segment: Segment) -> Lines:
    found = as_lines(node.inputs[which], segment)
    if node.inputs[which].shape == node.shape:
        return found
    return found.rows(spread(node, which, node.shape))


def as_lines(source: Node, segment: Segment) -> Lines:
    if source.discrete:
        return Lines(segment.states[source].astype(object), None)
    return segment.lines[source]


def switching(node: Node, segment: Segment, quantity: Lines) -> Array:
    """Cut at the guard's zeros and note how the units of `node` stand on every piece."""
    signs = segment.signs(quantity)
    if quantity.slope is not None:
        segment.switches.append(Switch(node, signs))
    return signs


def decided(node: Node, segment: Segment) -> Array:
    if node.op == "constant":
        return np.asarray(node.params["value"]).ravel()[:, None]
    if node.op in _FROM_SIGN:
        pair = operand(node, 0, segment), (
            operand(node, 1, segment) if len(node.inputs) == 2 else NOUGHT)
        return _FROM_SIGN[node.op](switching(node, segment, added(*pair, -1)))
    if node.op in ("logical_and", "logical_or", "logical_xor", "logical_not"):
        states = [segment.states[i][spread(node, k, node.shape)].astype(bool)
                  for k, i in enumerate(node.inputs)]
        return np.asarray(getattr(np, node.op)(*states))
    if node.op in ("isnan", "isinf", "isfinite"):
        return np.full((node.size, 1), node.op == "isfinite")
    if node.op in ("argmax", "argmin", "argsort"):
        return _ranked(node, segment)
    if node.op == "select":
        where, a, b = (segment.states[i][spread(node, k, node.shape)]
                       for k, i in enumerate(node.inputs))
        return np.asarray(np.where(where.astype(bool), a, b))
    moved = LINEAR[node.op].evaluate if node.op in LINEAR else None
    if moved is not None and len(node.inputs) == 1:
        places = np.arange(node.inputs[0].size).reshape(node.inputs[0].shape)
        return np.asarray(segment.states[node.inputs[0]][moved(node, places).ravel()])
    raise NotRational(f"the decision '{node.op}' along a segment", slug="not-rational",
                      where=node.origin)


def _ranked(node: Node, segment: Segment) -> Array:
    """Compare all pairs along the axis; the first of equals wins, as in numpy."""
    (x,) = node.inputs
    axis = node.params["axis"]
    count = x.shape[axis]
    if count > MOST_RIVALS:
        raise NotRational(f"'{node.op}' among {count} rivals", slug="not-rational",
                          where=node.origin)
    rows = np.moveaxis(np.arange(x.size).reshape(x.shape), axis, -1).reshape(-1, count)
    first, second = np.triu_indices(count, 1)
    lines = segment.lines[x]
    gaps = added(lines.rows(rows[:, first].ravel()), lines.rows(rows[:, second].ravel()), -1)
    signs = segment.signs(gaps).reshape(rows.shape[0], first.size, -1)
    above = np.zeros((rows.shape[0], count, count, signs.shape[-1]), dtype=np.int8)
    above[:, first, second], above[:, second, first] = signs, -signs
    if node.op == "argmin":
        above = -above
    before = np.tri(count, k=-1, dtype=bool)[None, :, :, None]
    if node.op == "argsort":
        ranks = ((above > 0) | ((above == 0) & before)).sum(axis=2)
        found = np.argsort(ranks, axis=1)
    else:
        beaten = ((above < 0) | ((above == 0) & before)).any(axis=2)
        found = np.argmin(beaten, axis=1)[:, None]
    lead = (*x.shape[:axis], *x.shape[axis + 1:])
    shaped = found.reshape(*lead, found.shape[1], found.shape[2])
    out = np.moveaxis(shaped, -2, axis).reshape(-1, found.shape[2])
    segment.switches.append(Switch(node, out))
    return out


_FROM_SIGN: dict[str, Callable[[Array], Array]] = {
    "greater": lambda s: s > 0, "greater_equal": lambda s: s >= 0, "less": lambda s: s < 0,
    "less_equal": lambda s: s <= 0, "equal": lambda s: s == 0, "not_equal": lambda s: s != 0,
    "signbit": lambda s: s < 0,
}
