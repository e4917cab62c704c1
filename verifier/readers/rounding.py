"""How far may a faithful implementation be off? The rounding budget, derived and never tuned.

Each node's exact value (from a reading in balls) is given a radius: what its inputs' radii become,
plus its own rounding in the dtype it is run in. Model: Higham 2002, section 2.2 for one operation,
section 3.1 (gamma_n, any order of summation) for reductions, theorem 9.4 for linear systems with
partial pivoting and a growth factor of at most n. Half the least subnormal is added where a result
can underflow; a radius is infinite once the widened value passes the largest finite number, or
where the table states no error for a function in that dtype ("not judged").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from ..graph.node import Node
from ..graph.order import topological
from .rounding_choices import CHOICES, OPEN, inherited
from .rounding_rules import RULES, Spread, scalar
from .roundoff import LARGEST, Budget, floats, gamma, unit
from .value import Reading


def budget(outputs: Iterable[Node], reading: Reading, known: Budget | None = None) -> Budget:
    """Return the budget of every node below `outputs`; `reading` must hold them all."""
    found = known or Budget(reading)
    with np.errstate(all="ignore"):
        for node in topological(outputs):
            if node not in found.radius:
                _spread(node, found)
    return found


def _spread(node: Node, found: Budget) -> None:
    if node.discrete:
        found.radius[node] = np.zeros(node.shape)
        found.open[node] = OPEN.get(node.op, inherited)(node, found)
        return
    if node.op in ("input", "constant", "zero"):
        found.radius[node] = np.zeros(node.shape)
        return
    value = found.mid(node)
    passed, own = _rule(node.op)(node, found)
    own = np.broadcast_to(np.asarray(own, dtype=float), node.shape)
    radius = np.asarray(passed + own, dtype=float)
    far = ~(np.abs(value) + radius <= LARGEST.get(node.dtype, LARGEST["float64"]))
    found.own[node] = own
    radius = np.where(far | np.isnan(radius), np.inf, radius)
    absent = None if np.all(np.isfinite(radius)) else found.absent(node)
    found.radius[node] = radius if absent is None else np.where(absent, 0.0, radius)


def _rule(op: str) -> Callable[[Node, Budget], Spread]:
    return RULES.get(op) or CHOICES.get(op) or scalar


__all__ = ["LARGEST", "Budget", "budget", "floats", "gamma", "unit"]
