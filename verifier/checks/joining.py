"""Two programs meet at a tied `if`: one graph that holds on both sides of it.

The program is lifted once for each answer of the tie; its inputs are one set of nodes, and the
output is ``select(condition, output if true, output if false)``. What is left of the path keeps
its strict sign at the point, so the joined graph is the program in a neighbourhood (SOUNDNESS 5).
An `if` that rounding sent the wrong way is answered as exact numbers answer it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..frontends.calling import Program
from ..frontends.lifted import Lifted
from ..frontends.registry import lift
from ..graph.node import Condition, Node, constant
from ..graph.rewrite import rewritten, unified
from ..numerals.balls import Balls, precision
from ..numerals.tokens import Maybe
from ..primitives.linear import select
from ..readers.liveness import unsure
from ..readers.value import Reading, read
from .observe import quiet

Array = np.ndarray
MOST_TIES = 3  # tied decisions met one after the other; each doubles the lifts
MOST_STRAYS = 6  # decisions answered anew, one lift each


@dataclass(frozen=True, slots=True)
class _Branch:
    """What the program returns after some answers, and the decisions that are strict there."""

    output: Node
    path: tuple[Condition, ...]
    pinned: tuple[Any, ...]


def strays(lifted: Lifted, leaves: Mapping[str, Array]) -> dict[int, bool]:
    """Return the first decision of the path that exact numbers surely take otherwise, if any."""
    numeral = Balls()
    with precision(numeral.bits):
        reading = read([c.node for c in lifted.path], leaves, numeral)
    for place, condition in enumerate(lifted.path):
        values = np.broadcast_to(reading[condition.node], condition.taken.shape)
        pairs = zip(values.ravel().tolist(), condition.taken.ravel().tolist(), strict=True)
        for value, taken in pairs:
            if not isinstance(value, Maybe) and value != taken:
                return {place: bool(value)}
    return {}


def rerouted(
    program: Program, leaves: Mapping[str, Array], first: Lifted
) -> tuple[Lifted, dict[int, bool]]:
    """Return the program lifted along the path exact numbers take, with the answers given.

    The float run may take another one where a guard is 0 up to rounding; `first` comes back
    where no path is found that stands.
    """
    lifted, told = first, dict[int, bool]()
    try:
        while stray := strays(lifted, leaves):
            if stray.keys() & told.keys() or len(told) == MOST_STRAYS:
                return first, {}
            told.update(stray)
            with quiet():
                lifted = lift(program, dict(leaves), told=told)
    except Exception:  # the user's code may raise on the branch that was not taken
        return first, {}
    return lifted, told


def joined(
    program: Program, leaves: Mapping[str, Array], first: Lifted,
    answers: Mapping[int, bool] | None = None,
) -> Lifted | None:
    """Return `first` with the branches of its tied decisions joined, None where that fails.

    `answers` are those `first` was lifted with.
    """
    try:
        grown = _grown(program, leaves, first, dict(answers or {}), first.inputs)
    except Exception:  # the user's code may raise on the branch that was not taken
        return None
    if grown is None:
        return None
    nodes = unified([grown.output, *(c.node for c in grown.path)])
    path = {node: Condition(node, c.taken, c.origin)
            for node, c in zip(nodes[1:], grown.path, strict=True)}
    return Lifted(first.inputs, nodes[0], first.value, tuple(path.values()),
                  tuple(dict.fromkeys(grown.pinned)))


def _grown(
    program: Program, leaves: Mapping[str, Array], lifted: Lifted, told: dict[int, bool],
    inputs: Mapping[str, Node],
) -> _Branch | None:
    """Return the branch of the answers `told`, joined with every tie that is met after them."""
    output = lifted.output
    if not isinstance(output, Node):
        output = constant(np.asarray(output, dtype=float))
    same = {lifted.inputs[k]: inputs[k] for k in inputs if lifted.inputs[k] is not inputs[k]}
    nodes = rewritten([output, *(c.node for c in lifted.path)], same)
    path = tuple(Condition(node, c.taken, c.origin)
                 for node, c in zip(nodes[1:], lifted.path, strict=True))
    numeral = Balls()
    with precision(numeral.bits):
        reading = read([c.node for c in path], leaves, numeral)
    strict: list[Condition] = []
    for place, condition in enumerate(path):
        if place in told:
            continue
        doubtful = unsure(condition.node, reading)
        if doubtful.any():
            if doubtful.size != 1 or len(told) >= MOST_TIES + MOST_STRAYS:
                return None
            before = {k: v for k, v in told.items() if k < place}
            return _forked_at(program, leaves, condition, {**before, place: False}, inputs)
        if not _stands(condition, reading[condition.node]):
            return None
        strict.append(condition)
    return _Branch(nodes[0], tuple(strict), lifted.pinned)


def _forked_at(
    program: Program, leaves: Mapping[str, Array], condition: Condition, told: dict[int, bool],
    inputs: Mapping[str, Node],
) -> _Branch | None:
    place = max(told)
    sides = []
    for answer in (True, False):
        given = {**told, place: answer}
        with quiet():
            lifted = lift(program, dict(leaves), told=given)
        if len(lifted.path) <= place or not np.all(lifted.path[place].taken == answer):
            return None  # a mask that indexes, not an `if`: it cannot be told
        side = _grown(program, leaves, lifted, given, inputs)
        if side is None:
            return None
        sides.append(side)
    yes, no = sides
    shapes = {condition.node.shape, yes.output.shape}
    if yes.output.shape != no.output.shape or np.broadcast_shapes(*shapes) != yes.output.shape:
        return None
    output = select(condition.node, yes.output, no.output, origin=condition.origin)
    return _Branch(output, (*yes.path, *no.path), (*yes.pinned, *no.pinned))


def doubtful_rows(lifted: Lifted, reading: Reading, count: int) -> Array | None:
    """Return which of `count` entries are tied or astray on the path; None if all may be.

    A decision belongs to the entries where its first axis has one place for each.
    """
    rows = np.zeros(count, dtype=bool)
    for condition in lifted.path:
        values = np.broadcast_to(reading.values[condition.node], condition.taken.shape)
        pairs = zip(values.ravel().tolist(), condition.taken.ravel().tolist(), strict=True)
        other = [isinstance(v, Maybe) or v != t for v, t in pairs]
        mask: Array = np.asarray(other, dtype=bool).reshape(condition.taken.shape)
        ties = reading.ties.get(condition.node)
        if ties is not None:
            mask = mask | ties
        if not mask.any():
            continue
        if not mask.shape or mask.shape[0] != count:
            return None
        rows |= mask.reshape(count, -1).any(axis=1)
    return rows


def _stands(condition: Condition, values: Array) -> bool:
    """Tell whether exact numbers take the path that was run."""
    pairs = zip(np.broadcast_to(values, condition.taken.shape).ravel().tolist(),
                condition.taken.ravel().tolist(), strict=True)
    return all(not isinstance(v, Maybe) and v == t for v, t in pairs)
