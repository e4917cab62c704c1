"""Is a unit alive at a point, and does the gradient reach it? Signs, slopes and adjoint norms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..graph.node import Node, variable
from ..numerals.balls import Balls, plain
from ..numerals.tokens import ZERO
from ..primitives.table import SCALARS
from .slope import adjoints, slope
from .units import Unit
from .value import Reading, read

Array = np.ndarray
NEGLIGIBLE = 2.0**-20  # a slope below this share of the steepest counts as saturated
SAMPLED = np.linspace(-4.0, 4.0, 65)


def awake(unit: Unit, reading: Reading) -> Array:
    """Return for each unit whether some entry may be off its flat side at this point."""
    values = np.broadcast_to(reading[unit.argument], unit.node.shape)
    asleep = np.asarray(_strictly(values, unit.flat_sign), dtype=bool)
    return _any_by_unit(~asleep, unit)


_strictly = np.frompyfunc(
    lambda v, sign: v is not ZERO and bool(v < 0 if sign < 0 else v > 0), 2, 1)


def _any_by_unit(marked: Array, unit: Unit) -> Array:
    found = np.zeros(unit.count, dtype=bool)
    found[unit.ids[marked]] = True
    return found


def steep(unit: Unit, reading: Reading) -> Array:
    """Return for each saturating unit whether some slope may be above the negligible."""
    argument = unit.argument
    (rate,) = slope(unit.node, [argument])
    values = plain(read([rate], {}, Balls(), known=Reading(dict(reading.values)))[rate])
    above = np.asarray(_upper_each(np.broadcast_to(values, argument.shape)), dtype=float)
    return _any_by_unit(np.broadcast_to(above, unit.node.shape)
                        >= NEGLIGIBLE * steepest(_row_name(unit.node)), unit)


def _upper(value: Any) -> float:
    return float(abs(value).upper()) if value.is_finite() else np.inf


_upper_each = np.frompyfunc(_upper, 1, 1)


def _row_name(node: Node) -> str:
    return node.op if node.op in SCALARS and SCALARS[node.op].arity == 1 and (
        node.op != "reciprocal") else "sigmoid"


@lru_cache(maxsize=32)
def steepest(name: str) -> float:
    """Return the greatest slope of a saturating row, sampled around 0 where it is attained."""
    row = SCALARS[name]
    x = variable("x", SAMPLED.shape)
    y = Node(name, (x,), {}, SAMPLED.shape)
    rule = row.slopes[0]
    assert rule is not None
    rate = rule(x, y)
    values = read([rate], {"x": SAMPLED}, Balls())[rate]
    return max(float(v) for v in plain(values).ravel().tolist())


def adjoint_norms(
    output: Node, nodes: Sequence[Node], bindings: Mapping[str, Any], known: Reading
) -> list[tuple[float, float]]:
    """Return bounds of the root mean square of the adjoint of each node at a point."""
    graphs = adjoints(output, nodes)
    reading = read(graphs, bindings, Balls(), Reading(dict(known.values), dict(known.ties)))
    found = []
    for node, graph in zip(nodes, graphs, strict=True):
        values = plain(np.broadcast_to(reading[graph], node.shape)).ravel().tolist()
        if not values or not all(v.is_finite() for v in values):
            found.append((0.0, np.inf))
            continue
        total = sum((v * v for v in values[1:]), values[0] * values[0]) / len(values)
        found.append((float(abs(total).lower()) ** 0.5, float(abs(total).upper()) ** 0.5))
    return found


def dead_over_box(units: Sequence[Unit], box: Mapping[str, tuple[Array, Array]]) -> list[Array]:
    """Return for each switch which units are proved off on the whole box."""
    from .region import enclose

    region = enclose([u.argument for u in units], box)
    found = []
    for unit in units:
        end = region.hi[unit.argument] if unit.flat_sign < 0 else -region.lo[unit.argument]
        off = (end < 0) & ~np.asarray(region.undefined[unit.argument], dtype=bool)
        found.append(~_any_by_unit(~np.broadcast_to(off, unit.node.shape), unit))
    return found
