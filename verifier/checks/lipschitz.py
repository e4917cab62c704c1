"""Is f continuous next to the point? A proof guard by guard, by the form of what switches.

A relu, a maximum, take(x, argmax(x)) and take(x, argsort(x)) are continuous wherever they switch.
A `where` is, if condition and branches are functions of one quantity z alone and the branches are
exactly equal at this z; likewise z times a mask of z, and a choice between two branches that are
one formula once z is put in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..graph.node import Node
from ..graph.order import topological
from ..numerals.germs import numbers_of
from ..numerals.tokens import ZERO
from ..primitives.table import SCALARS
from ..readers.guards import COMPARISONS, ActiveGuard, moved_by
from ..readers.value import Reading
from .meeting import meet_at
from .pieces import Place

LOGIC = frozenset({"logical_and", "logical_or", "logical_not"})
ELEMENTWISE = COMPARISONS | LOGIC | {"select", "cast"}


def is_continuous(place: Place, here: Reading, guards: Sequence[ActiveGuard]) -> bool:
    """Tell whether every active guard switches continuously, all points near this one included."""
    moving = moved_by([place.output], place.wrt)
    consumers: dict[Node, list[Node]] = {}
    for node in topological([place.output]):
        for source in node.inputs:
            consumers.setdefault(source, []).append(node)
    return all(_is_joined(g, here, moving, consumers) for g in guards)


def _is_joined(
    guard: ActiveGuard, here: Reading, moving: set[Node], consumers: dict[Node, list[Node]]
) -> bool:
    owner = guard.owner
    if owner.op in SCALARS:
        return min(SCALARS[owner.op].smooth_at.values(), default=-1) >= 0
    if owner.op in ("argmax", "argmin", "argsort"):
        return all(u.op == "take" and u.inputs[0] is owner.inputs[0]
                   for u in _users(owner, consumers))
    users = _users(owner, consumers)
    return bool(users) and all(_meets(owner, u, guard, here, moving) for u in users)


def _users(owner: Node, consumers: dict[Node, list[Node]]) -> list[Node]:
    """Return the nodes that use a decision, looking through changes of shape and kind."""
    found = []
    for user in consumers.get(owner, []):
        if user.op in ("reshape", "cast", "broadcast"):
            found.extend(_users(user, consumers))
        else:
            found.append(user)
    return found


def _meets(
    owner: Node, user: Node, guard: ActiveGuard, here: Reading, moving: set[Node]
) -> bool:
    """Tell whether what `user` makes of the decision is continuous at the guard's zero."""
    if user.op == "select":
        _, a, b = user.inputs
        if {a, b} == set(owner.inputs):
            return True
        if owner.size == 1 and any(_one_variable((owner,), z, moving) and meet_at((a, b), z, here)
                                   for z in _bases(owner, moving)):
            return True
        branches: tuple[Node, ...] = (a, b)
    elif user.op == "multiply":
        branches = tuple(i for i in user.inputs if not _is_mask_of(i, owner))
        if len(branches) != 1:
            return False
    else:
        return False
    if not any(_one_variable((owner, *branches), z, moving) for z in _bases(owner, moving)):
        return False
    if any(np.broadcast_shapes(n.shape, owner.shape) != owner.shape for n in branches):
        return False
    values: list[Any] = [np.broadcast_to(numbers_of(here[n]), owner.shape)[guard.index]
                         for n in branches]
    if any(v is ZERO or not v.is_exact() or not v.is_finite() for v in values):
        return False
    return bool(values[0] == values[1]) if len(values) == 2 else bool(values[0].is_zero())


def _is_mask_of(node: Node, owner: Node) -> bool:
    while node.op in ("cast", "reshape", "broadcast"):
        node = node.inputs[0]
    return node is owner


def _bases(owner: Node, moving: set[Node]) -> Iterable[Node]:
    """Yield the quantities a comparison may be a function of: its operand, and what that is of."""
    node = owner
    while True:
        moved = [i for i in node.inputs if i in moving]
        if len(set(moved)) != 1:
            return
        node = moved[0]
        yield node
        if node.op not in SCALARS:
            return


def _one_variable(nodes: Sequence[Node], base: Node, moving: set[Node]) -> bool:
    """Tell whether all of `nodes` depend on moving inputs through `base` alone, entry by entry."""
    stack, seen = list(nodes), {base}
    while stack:
        node = stack.pop()
        if node in seen or node not in moving:
            continue
        seen.add(node)
        if node.op not in SCALARS and node.op not in ELEMENTWISE:
            return False
        stack.extend(node.inputs)
    return True
