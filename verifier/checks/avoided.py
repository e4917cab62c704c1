"""Is a formula that is nearly right a branch taken on purpose, where the exact one cancels?

Near a removable singularity code switches to a few terms of a Taylor series. Such a branch is off
by less than half of the digits, and the branch it avoids, right as a formula, would have lost as
many to rounding: then the approximation is no fault, it is a loss of digits at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import CannotLower
from ..graph.node import Node, apply
from ..graph.order import topological
from ..graph.rewrite import rewritten, unified
from ..numerals.balls import Balls, plain, precision
from ..readers.guards import COMPARISONS
from ..readers.rounding import budget, unit
from ..readers.value import read
from .agreement import AGREE, DISJOINT, EXPLAINED, SHARE, Agreement, compare

Array = np.ndarray
BITS = 512  # the avoided branch cancels: that is why it is avoided
MOST_SWITCHES = 8  # conditions of a claim that are switched, one at a time


def avoided(found: Any, label: str, agreement: Agreement) -> Agreement:
    """Explain entries whose other branch agrees with the truth and rounds no better.

    They are marked in `found.shortened`.
    """
    near = _near(agreement, found.computed[label].dtype.name)
    node = found.nodes.get(label)
    if node is None or not near.any():
        return agreement
    excused = np.zeros(near.shape, dtype=bool)
    for other in _switched(node):
        try:
            excused |= near & _no_better(found, label, other, agreement)
        except CannotLower:
            continue
        if np.array_equal(excused, near):
            break
    if not excused.any():
        return agreement
    found.shortened[label] = excused
    code = np.where(excused, EXPLAINED, agreement.code)
    return Agreement(code, agreement.gap, agreement.truth, agreement.width)


def _near(agreement: Agreement, dtype: str) -> Array:
    """Return the wrong entries that keep at least half of the digits."""
    bar = np.sqrt(2 * unit(dtype))
    return np.asarray((agreement.code == DISJOINT) & (agreement.gap < bar * agreement.truth))


def _switched(node: Node) -> Iterator[Node]:
    """Yield the claim with the answers of one of its conditions reversed everywhere.

    All comparisons of the same two operands are one condition.
    """
    (shared,) = unified([node])
    groups: dict[frozenset[Node], list[Node]] = {}
    for each in topological([shared]):
        if each.op in COMPARISONS and not any(i.discrete for i in each.inputs):
            groups.setdefault(frozenset(each.inputs), []).append(each)
    for group in list(groups.values())[:MOST_SWITCHES]:
        swap = {c: apply("logical_not", c, dtype="bool", origin=c.origin) for c in group}
        yield _replaced(shared, swap)


def _replaced(node: Node, swap: dict[Node, Node]) -> Node:
    """Return the graph with decisions swapped above them; the decisions themselves stay."""
    (found,) = rewritten([node], swap)
    return found


def _no_better(found: Any, label: str, other: Node, agreement: Agreement) -> Array:
    """Return where the other branch is the truth and may be as far off in floats."""
    with precision(BITS):
        reading = read([other], found.leaves, Balls(BITS))
        values = np.broadcast_to(plain(reading[other]), agreement.code.shape)
        told = compare({label: values}, {label: found.truth[label]})[label]
    right = (told.code == AGREE) & (told.width <= SHARE)
    radius = np.broadcast_to(budget([other], reading).radius[other], right.shape)
    return np.asarray(right & np.isfinite(radius) & (radius >= agreement.gap))
