"""Is a value surely undefined, or only not known? A ball that is nan may mean either.

It is sure where the operation that first gave nan was asked outside its domain: at exact operands
(0/0, log 0, sqrt -1) or at balls that lie outside altogether.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from flint import arb

from ..graph.node import Node
from ..graph.order import topological
from ..numerals.germs import numbers_of
from ..numerals.tokens import ZERO
from ..primitives.row import Edge
from ..primitives.table import SCALARS
from .guards import live
from .value import Reading

Array = np.ndarray


def surely_undefined(
    output: Node, entry: int, reading: Reading, wrt: Iterable[Node] | None = None
) -> bool:
    """Tell whether one entry of `output` (by its place in C order) certainly has no value."""
    seed = np.zeros(output.size, dtype=bool)
    seed[entry] = True
    masks = live([output], reading, wrt, seeds={output: seed.reshape(output.shape)})
    for node in topological([output]):
        if node.op not in SCALARS or node not in masks:
            continue
        operands = [np.broadcast_to(numbers_of(reading[i]), node.shape) for i in node.inputs]
        values = np.broadcast_to(numbers_of(reading[node]), node.shape)
        for place in np.argwhere(masks[node]):
            index = tuple(place)
            if not _is_nan(values[index]):
                continue
            given = [arb(0) if o[index] is ZERO else o[index] for o in operands]
            if all(v.is_finite() for v in given) and _outside(node.op, given):
                return True
    return False


def _is_nan(value: object) -> bool:
    return value is not ZERO and not value.is_finite()  # type: ignore[attr-defined]


def _outside(op: str, given: list[arb]) -> bool:
    if all(v.is_exact() for v in given):
        return True
    if len(given) != 1:
        return False
    low, high = (_edge(e) for e in SCALARS[op].domain)
    return bool((low is not None and given[0] < low) or (high is not None and given[0] > high))


def _edge(edge: Edge) -> arb | None:
    if isinstance(edge, str):
        return None if edge.endswith("oo") else arb(edge)
    return arb(edge.numerator) / edge.denominator
