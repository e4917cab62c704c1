"""Where does the function switch? The guards of a graph, and which of them matter at a point.

A guard is a real quantity at whose zeros the graph is not analytic: a - b of a comparison, what a
row of the table declares, the winner of an argmax minus each rival, neighbours of a sort. It
matters at a point only where its owner can reach the outputs there (:func:`live`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..graph.node import Node, apply
from ..graph.order import topological
from ..numerals.balls import Balls
from ..numerals.tokens import ZERO, Maybe
from ..primitives.linear import eigenvalues, gather, reshape, take
from ..primitives.table import SCALARS
from .jumps import unsettle
from .liveness import flows, folded
from .value import Reading, read

Array = np.ndarray
COMPARISONS = frozenset(
    {"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"}
)
DEAD = 2  # in a pattern: a guard that cannot influence the outputs here


@dataclass(frozen=True, slots=True)
class Guard:
    """One switch: `quantity` is zero where `owner` may not be analytic.

    `piecewise`: the function goes on as another analytic piece (relu, where); otherwise it is an
    edge or a pole (sqrt, log, division). For argmax and argmin the entries of `quantity` at the
    winner itself are zero always and say nothing.
    """

    owner: Node
    quantity: Node
    piecewise: bool


@dataclass(frozen=True, slots=True)
class ActiveGuard:
    """One element of a guard that is, or may be, zero at the point; `exact`: it is zero."""

    owner: Node
    quantity: Node
    index: tuple[int, ...]
    exact: bool
    piecewise: bool


def guards_of(outputs: Iterable[Node]) -> tuple[Guard, ...]:
    """Return every guard below `outputs`, inputs first; the same nodes for the same outputs."""
    return _guards_of(tuple(outputs))


@lru_cache(maxsize=16)
def _guards_of(outputs: tuple[Node, ...]) -> tuple[Guard, ...]:
    found: list[Guard] = []
    for node in topological(outputs):
        found.extend(_own(node))
    return tuple(found)


def _own(node: Node) -> list[Guard]:
    row = SCALARS.get(node.op)
    if row is not None:
        quantities = row.guards(*node.inputs) if row.guards is not None else ()
        return [Guard(node, q, row.piecewise) for q in quantities if _matters(node, q)]
    if node.op in COMPARISONS and not any(i.discrete for i in node.inputs):
        return [Guard(node, apply("subtract", *node.inputs), True)]
    if node.op == "signbit":
        return [Guard(node, node.inputs[0], True)]
    if node.op in ("argmax", "argmin"):
        return [Guard(node, _leads(node), True)]
    if node.op in ("eigvalsh", "eigenvectors") and node.shape[0] > 1:
        values = node if node.op == "eigvalsh" else eigenvalues(node.inputs[0])
        places = np.arange(values.size)
        gaps = gather([values], places[1:]) - gather([values], places[:-1])
        return [Guard(node, gaps, node is values)]
    if node.op == "argsort" and node.shape[node.params["axis"]] > 1:
        return [Guard(node, _gaps(node), True)]
    return []


def _matters(owner: Node, quantity: Node) -> bool:
    """A constant guard never switches; where it is 0, as in 0^x, the row moves along its edge."""
    if quantity.op != "constant":
        return True
    moves = any(i.op != "constant" for i in owner.inputs)
    return moves and not np.all(np.asarray(quantity.params["value"], dtype=float) != 0)


def _leads(node: Node) -> Node:
    """Return by how much the winner leads each rival, in the shape of the rivals."""
    (x,) = node.inputs
    axis = node.params["axis"]
    kept = (*x.shape[:axis], 1, *x.shape[axis + 1:])
    winner = take(x, reshape(node, kept), axis)
    return winner - x if node.op == "argmax" else x - winner


def _gaps(node: Node) -> Node:
    """Return the differences of neighbours in sorted order."""
    axis = node.params["axis"]
    ranked = take(node.inputs[0], node, axis)
    places = np.arange(ranked.size).reshape(ranked.shape)
    count = ranked.shape[axis]
    upper = np.take(places, range(1, count), axis)
    lower = np.take(places, range(count - 1), axis)
    return gather([ranked], upper) - gather([ranked], lower)


# ---------------------------------------------------------------- at a point
def live(
    outputs: Iterable[Node], reading: Reading, wrt: Iterable[Node] | None = None,
    seeds: dict[Node, Array] | None = None,
) -> dict[Node, Array]:
    """Return which entries of each node can influence the outputs in a neighbourhood.

    `reading` is one in balls at the point; it is added to (the guards are read). Branches that a
    strict sign leaves out are dead, those next to a tie or an open decision are not, unless
    nothing in `wrt` (default: any input) moves the decision. An absent node is dead altogether.
    `seeds` marks the entries of the outputs that are asked for (default: all).
    """
    wanted = tuple(outputs)
    moving = moved_by(wanted, wrt)
    ties = {n: t for n, t in reading.ties.items() if n in moving}
    start = seeds or {o: np.ones(o.shape, dtype=bool) for o in wanted}
    return _flooded(wanted, start, Reading(reading.values, ties))


def _flooded(
    wanted: tuple[Node, ...], seeds: dict[Node, Array], reading: Reading
) -> dict[Node, Array]:
    touching = {g.owner: np.zeros(g.owner.shape, dtype=bool) for g in guards_of(wanted)}
    for guard in guards_of(wanted):
        if guard.owner.op in SCALARS:
            zero = _maybe_zero(_quantity(guard, reading))
            touching[guard.owner] |= np.broadcast_to(zero, guard.owner.shape)
    unsettle(wanted, reading, touching)
    return _backward(wanted, dict(seeds), reading, touching)


def reaching(seeds: dict[Node, Array], reading: Reading) -> dict[Node, Array]:
    """Return the entries of all nodes on which the marked entries of `seeds` depend."""
    return _backward(tuple(seeds), dict(seeds), reading, {})


def _backward(
    wanted: tuple[Node, ...], masks: dict[Node, Array], reading: Reading,
    touching: dict[Node, Array],
) -> dict[Node, Array]:
    for node in reversed(topological(wanted)):
        mask = masks.get(node)
        if mask is None or not mask.any():
            continue
        for source, part in zip(
            node.inputs, flows(node, mask, reading, touching.get(node)), strict=True
        ):
            masks[source] = part if source not in masks else masks[source] | part
    return masks


def _quantity(guard: Guard, reading: Reading) -> Array:
    return read([guard.quantity], {}, Balls(), known=reading)[guard.quantity]


def _zero_one(value: object) -> bool:
    return value is not ZERO and bool(value.contains(0))  # type: ignore[attr-defined]


_maybe_zero_each = np.frompyfunc(_zero_one, 1, 1)


def _maybe_zero(values: Array) -> Array:
    return np.asarray(_maybe_zero_each(values), dtype=bool)


def _relevant(guard: Guard, masks: dict[Node, Array], reading: Reading) -> Array:
    """Return which elements of the guard belong to live entries of its owner."""
    owner, shape = guard.owner, guard.quantity.shape
    mask = masks.get(owner)
    if mask is None:
        return np.zeros(shape, dtype=bool)
    if owner.op in ("argmax", "argmin"):
        axis = owner.params["axis"]
        chosen = np.expand_dims(reading[owner], axis)
        places = np.arange(shape[axis]).reshape([-1 if a == axis else 1 for a in range(len(shape))])
        rivals = np.asarray(chosen != places, dtype=bool)
        return np.asarray(np.expand_dims(mask, axis) & rivals)
    if owner.op in ("eigvalsh", "eigenvectors"):
        return np.full(shape, bool(mask.any()))
    if owner.op == "argsort":
        axis = owner.params["axis"]
        count = owner.shape[axis]
        upper, lower = range(1, count), range(count - 1)
        return np.asarray(np.take(mask, upper, axis) | np.take(mask, lower, axis))
    return folded(mask, shape)


def active(
    outputs: Iterable[Node], reading: Reading, wrt: Iterable[Node] | None = None
) -> tuple[ActiveGuard, ...]:
    """Return the live guard elements whose ball holds zero, in the order of the graph.

    A guard that nothing in `wrt` (default: any input) moves is none.
    """
    wanted = tuple(outputs)
    moving = moved_by(wanted, wrt)
    masks = live(wanted, reading, wrt)
    found: list[ActiveGuard] = []
    for guard in guards_of(wanted):
        if guard.owner not in moving:
            continue
        relevant = _relevant(guard, masks, reading)
        if not relevant.any():
            continue
        values = np.broadcast_to(_quantity(guard, reading), relevant.shape)
        for place in np.argwhere(relevant & _maybe_zero(values)):
            index = tuple(int(i) for i in place)
            exact = values[index] is not ZERO and bool(values[index].is_zero())
            found.append(ActiveGuard(guard.owner, guard.quantity, index, exact, guard.piecewise))
    return tuple(found)


def moved_by(outputs: Iterable[Node], wrt: Iterable[Node] | None = None) -> set[Node]:
    """Return the nodes that depend on `wrt`; on any input at all where that is None."""
    nodes = topological(outputs)
    found = {n for n in nodes if n.op == "input"} if wrt is None else set(wrt)
    for node in nodes:
        if any(i in found for i in node.inputs):
            found.add(node)
    return found


def pattern(
    outputs: Iterable[Node], reading: Reading, wrt: Iterable[Node] | None = None
) -> bytes:
    """Return a fingerprint of the piece the point lies on: signs of live guards, winners, orders.

    Two points with one fingerprint have one sign pattern; a dead guard is counted as dead.
    """
    wanted = tuple(outputs)
    masks = live(wanted, reading, wrt)
    digest = hashlib.blake2b(digest_size=16)
    for guard in guards_of(wanted):
        mask = masks.get(guard.owner)
        if mask is None:
            digest.update(b"dead")
            continue
        if guard.owner.op in ("argmax", "argmin", "argsort"):
            signs = np.where(mask, _places(reading[guard.owner]), -9)
        else:
            relevant = _relevant(guard, masks, reading)
            values = np.broadcast_to(_quantity(guard, reading), relevant.shape)
            signs = np.where(relevant, np.asarray(_sign_each(values), dtype=np.int64), DEAD)
        digest.update(np.ascontiguousarray(signs, dtype=np.int64).tobytes())
        if guard.piecewise and -1 in _smoothness(guard.owner):
            steps = np.asarray(_middle_each(reading[guard.owner]), dtype=np.float64)
            digest.update(np.where(mask, steps, 0.0).tobytes())
    return digest.digest()


def _smoothness(owner: Node) -> tuple[int, ...]:
    row = SCALARS.get(owner.op)
    return tuple(row.smooth_at.values()) if row is not None and row.arity == 1 else ()


def _places(values: Array) -> Array:
    if values.dtype != object:
        return values
    return np.asarray(_place_each(values), dtype=np.int64)


_place_each = np.frompyfunc(lambda v: -1 if isinstance(v, Maybe) else int(v), 1, 1)


def _sign_one(value: object) -> int:
    if value is ZERO:
        return 0
    if value > 0:  # type: ignore[operator]
        return 1
    return -1 if value < 0 else 0  # type: ignore[operator]


_sign_each = np.frompyfunc(_sign_one, 1, 1)
_middle_each = np.frompyfunc(lambda v: 0.0 if v is ZERO else float(v.mid()), 1, 1)
