"""What does a guard say? Which guards are one, and which are affine in the inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import arb

from ..graph.node import Node
from ..graph.order import topological
from ..numerals.balls import Balls
from ..numerals.tokens import ZERO
from ..primitives.linear import LINEAR, MATRIX_OPS
from ..primitives.table import SCALARS
from ..readers.guards import ActiveGuard, reaching
from ..readers.slope import slope
from ..readers.value import Reading, read


def flat_place(guard: ActiveGuard) -> int:
    """Return the place of the guard's element in its quantity, counted in C order."""
    shape = guard.quantity.shape
    return int(np.ravel_multi_index(guard.index, shape)) if shape else 0


# ---------------------------------------------------------------- one guard said twice
def merge(guards: Sequence[ActiveGuard]) -> list[ActiveGuard]:
    """Leave out guards that are a multiple of an earlier one by construction: x and -x."""
    seen: set[Any] = set()
    kept = []
    for guard in guards:
        key = _essence(guard.quantity, flat_place(guard))
        if key not in seen:
            seen.add(key)
            kept.append(guard)
    return kept


def _essence(node: Node, place: int) -> Any:
    """Return what an entry is a constant multiple of, as a key."""
    while True:
        if node.op in ("negative", "cast", "reshape"):
            node = node.inputs[0]
            continue
        if node.op == "gather" and len(node.inputs) == 1:
            where = int(node.params["index"].ravel()[place])
            if where < 0:
                return None
            node, place = node.inputs[0], where
            continue
        if node.op in ("subtract", "add", "multiply", "divide"):
            step = _scaled(node, place)
            if step is not None:
                node, place = step
                continue
        if node.op == "subtract":
            ends = sorted((id(i), _entry(node, i, place)) for i in node.inputs)
            return ("subtract", *ends)
        return (id(node), place)


def _scaled(node: Node, place: int) -> tuple[Node, int] | None:
    """Return the operand of 0 + x, x - 0, 0 - x, c x or x / c with a known c that is not 0."""
    a, b = node.inputs
    for kept, known in ((a, b), (b, a)):
        if known.op != "constant" or (node.op == "divide" and known is a):
            continue
        number = float(known.params["value"].ravel()[_entry(node, known, place)])
        neutral = number == 0.0 if node.op in ("add", "subtract") else (
            number != 0.0 and np.isfinite(number)
        )
        if neutral:
            return kept, _entry(node, kept, place)
    return None


def _entry(node: Node, operand: Node, place: int) -> int:
    """Return the flat place in an operand that an entry of an elementwise node reads."""
    places = np.broadcast_to(np.arange(operand.size).reshape(operand.shape), node.shape)
    return int(places.ravel()[place])


# ---------------------------------------------------------------- affine on every piece
HOMOGENEOUS = frozenset({"add", "subtract", "negative", "relu", "absolute", "maximum", "minimum"})


def is_piecewise_affine(
    output: Node, wrt: Sequence[Node], *, guards_only: bool = False, strictly: bool = False
) -> bool:
    """Tell whether a graph is affine in `wrt` on each of its pieces, guards included.

    `guards_only`: only what the decisions and piecewise rows read needs to be. `strictly`: there
    is one piece, no row switches.
    """
    curved: set[Node] = set()
    moving = set(wrt)
    for node in topological([output]):
        if any(i in moving for i in node.inputs):
            moving.add(node)
        elif node not in moving:
            continue
        bad = not _affine_step(node, moving) or (strictly and _switches(node))
        if bad or any(i in curved for i in node.inputs):
            curved.add(node)
    if not guards_only:
        return output not in curved
    return not any(
        i in curved
        for node in topological([output])
        if node.dtype == "bool" or node.op.startswith("arg") or (
            node.op in SCALARS and SCALARS[node.op].piecewise
        )
        for i in node.inputs
    )


def _switches(node: Node) -> bool:
    return node.discrete or node.op in ("select", "take", "put") or (
        node.op in SCALARS and SCALARS[node.op].piecewise
    )


def _affine_step(node: Node, moving: set[Node]) -> bool:
    moved = [i in moving and not _is_decision(i) for i in node.inputs]
    if node.op in HOMOGENEOUS or not node.inputs or node.discrete:
        return True
    if node.op in ("multiply", "matmul"):
        return sum(moved) < 2
    if node.op == "divide":
        return not moved[1]
    return node.op in LINEAR and node.op not in MATRIX_OPS


def _is_decision(node: Node) -> bool:
    return node.discrete or (node.op == "cast" and _is_decision(node.inputs[0]))


# ---------------------------------------------------------------- guards that never move
def moving_guards(
    guards: Sequence[ActiveGuard], wrt: Sequence[Node], here: Reading
) -> tuple[ActiveGuard, ...]:
    """Leave out the elements that are zero whatever `wrt` is: a row of zeros times the weights.

    Proved for affine quantities: all their slopes are exactly zero, read at once with the
    cotangent [-1, 1] at every such element. The edge of a domain (the root of a number that is 0
    by structure) is none where no entry of `wrt` stands below it.
    """
    still: set[tuple[Node, tuple[int, ...]]] = set()
    for quantity in dict.fromkeys(g.quantity for g in guards):
        if not is_piecewise_affine(quantity, wrt, strictly=True):
            continue
        places = [g.index for g in guards if g.quantity is quantity]
        still |= {(quantity, p) for p in _resting(quantity, places, wrt, here)}
    return tuple(g for g in guards if (g.quantity, g.index) not in still
                 and (g.piecewise or _is_reached(g, wrt, here)))


def _is_reached(guard: ActiveGuard, wrt: Sequence[Node], here: Reading) -> bool:
    """Tell whether an entry of `wrt` stands below the guard's element at all."""
    seed = np.zeros(guard.quantity.shape, dtype=bool)
    seed[guard.index] = True
    below = reaching({guard.quantity: seed}, here)
    return any(v in below and bool(below[v].any()) for v in wrt)


def _resting(
    quantity: Node, places: list[tuple[int, ...]], wrt: Sequence[Node], here: Reading
) -> list[tuple[int, ...]]:
    """Return the elements that do not move, found by halving."""
    if not _moved(quantity, places, wrt, here):
        return places
    if len(places) == 1:
        return []
    half = len(places) // 2
    return [*_resting(quantity, places[:half], wrt, here),
            *_resting(quantity, places[half:], wrt, here)]


def _moved(
    quantity: Node, places: Sequence[tuple[int, ...]], wrt: Sequence[Node], here: Reading
) -> bool:
    """Tell whether one of the elements may move."""
    weights = np.full(quantity.shape, arb(0), dtype=object)
    for place in places:
        weights[place] = arb(0, 1)
    cotangent = Node("input", (), {"name": "cotangent"}, quantity.shape)
    slopes = slope(quantity, wrt, cotangent)
    known = Reading({**here.values, cotangent: weights}, dict(here.ties))
    reading = read(slopes, {}, Balls(), known=known)
    return any(v is not ZERO and not v.is_zero()
               for s in slopes for v in reading[s].ravel().tolist())
