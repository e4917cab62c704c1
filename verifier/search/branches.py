"""Where a loop over entries turns: the numbers at which an `if` on one entry takes the other way.

An elementwise function written as a loop decides entry by entry, so its guards are numbers, not
arrays. Entries share the program: one guard a source line is followed along the whole grid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ..domains import Domain
from ..graph.node import Node
from ..graph.order import topological
from ..readers.guards import guards_of
from .elementwise import NOTHING, Probe, beside, between, roots_along
from .floats import evaluate

Array = np.ndarray
MOST_LINES = 12  # guards followed: each costs one evaluation a number of the grid


def branch_numbers(
    conditions: Iterable[Node],
    name: str,
    grid: Array,
    domain: Domain,
    *,
    seed: int,
    fixed: Mapping[str, Array] = NOTHING,
) -> tuple[Array, Array]:
    """Return the numbers on which a branch turns, and some beside and between them.

    `conditions` are decisions taken while the program was lifted at the 1-D array `grid`; those
    that hang on more than one entry of the input `name` are left out.
    """
    line = np.sort(grid)
    found = [line[:0]]
    for quantity, entry in _followed(conditions, name):
        found += roots_along(line, _probe(quantity, entry, name, line, fixed))
    zeros = np.unique(np.concatenate(found))
    low, high = (end.reshape(-1)[0] for end in domain.ends_inside(grid.dtype.name))
    zeros = zeros[(zeros >= low) & (zeros <= high)]
    if not zeros.size:
        return zeros, zeros
    more = between(zeros, domain, grid.dtype.name, seed=seed, per_piece=2)
    return zeros, np.concatenate([beside(zeros, domain), more])


def _probe(quantity: Node, entry: int, name: str, line: Array, fixed: Mapping[str, Array]) -> Probe:
    known: dict[float, float] = {}

    def one(number: Array) -> float:
        key = float(number)
        if key not in known:
            filled = line.copy()
            filled[entry] = number
            known[key] = float(np.ravel(evaluate(quantity, {**fixed, name: filled}))[0])
        return known[key]

    def probe(positions: Array, numbers: Array) -> Array:
        return np.array([one(number) for number in numbers], dtype=np.float64)

    return probe


def _followed(conditions: Iterable[Node], name: str) -> list[tuple[Node, int]]:
    """Return (quantity, the entry it hangs on) of one guard for every source line."""
    found: dict[object, tuple[Node, int]] = {}
    for guard in guards_of(tuple(conditions)):
        quantity = guard.quantity
        if quantity is None or quantity.size != 1 or len(found) >= MOST_LINES:
            continue
        key = str(guard.owner.origin), guard.owner.op
        entry = None if key in found else _entry(quantity, name)
        if entry is not None:
            found[key] = (quantity, entry)
    return list(found.values())


def _entry(quantity: Node, name: str) -> int | None:
    """Return the only entry of the input that `quantity` hangs on, None where there is not one."""
    entries: set[int] = set()
    for node in topological([quantity]):
        for source in node.inputs:
            if source.op == "input" and source.params["name"] == name:
                if node.op != "gather" or len(node.inputs) != 1:
                    return None
                entries.update(int(i) for i in np.ravel(node.params["index"]))
    return entries.pop() if len(entries) == 1 and min(entries) >= 0 else None
