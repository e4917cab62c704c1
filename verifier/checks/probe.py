"""One component of a derivative, as a line through the point: what the two oracles measure.

Every component is a directional derivative of a linear functional of the output: along one
direction (first order) or two (second order; mixed ones by polarisation).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graph.node import Node, constant
from ..oracles.finite_difference import Estimate, finite_difference
from ..oracles.line import line
from ..primitives.linear import sum_over
from .subject import COTANGENT, Here, weights

Array = np.ndarray
Direction = dict[str, Array]


@dataclass(frozen=True, slots=True)
class Probe:
    """Differentiate <weight, f> along `first`, and along `second` where the order is 2."""

    weight: Array
    first: Direction
    second: Direction | None = None


def _unit(here: Here, label: str, index: tuple[int, ...]) -> Direction:
    vector = np.zeros(here.leaves[label].shape)
    vector[index] = 1.0
    return {label: vector}


def probe_of(kind: str, here: Here, label: str, index: tuple[int, ...], seed: int) -> Probe:
    """Return the probe of component `index` of block `label`."""
    ones = np.ones(here.value.shape)
    if kind in ("derivative", "second_derivative"):
        weight = np.zeros(here.value.shape)
        weight[index if weight.shape else ()] = 1.0
        unit = _unit(here, label, index)
        return Probe(weight, unit, unit if kind == "second_derivative" else None)
    if kind == "jacobian":
        rank = here.value.ndim
        weight = np.zeros(here.value.shape)
        weight[index[:rank]] = 1.0
        return Probe(weight, _unit(here, label, index[rank:]))
    if kind == "hessian":
        a, _, b = label.partition(",")
        rank = here.leaves[a].ndim
        return Probe(ones, _unit(here, a, index[:rank]), _unit(here, b or a, index[rank:]))
    unit = _unit(here, label, index)
    if kind == "hessian_diagonal":
        return Probe(ones, unit, unit)
    if kind == "hvp":
        vector = {k: weights(here.leaves[k].shape, here.leaves[k].dtype, seed + n).astype(float)
                  for n, k in enumerate(here.wrt)}
        return Probe(ones, unit, vector)
    if kind in ("vjp", "backward"):
        return Probe(weights(here.value.shape, here.value.dtype, seed).astype(float), unit)
    return Probe(ones, unit)


def functional(output: Node, weight: Array) -> Node:
    """Return <weight, output> as a scalar node."""
    if np.all(weight == 1):
        return sum_over(output)
    return sum_over(output * constant(weight, "float64"))


def by_finite_differences(here: Here, probe: Probe) -> Estimate:
    """Measure the probe by finite differences of the user's own function in its own dtype."""
    moved = {k: v for k, v in here.leaves.items() if not k.startswith(COTANGENT)}

    def value(leaves: dict[str, Array]) -> Array:
        handed = {k: (v if np.ndim(v) else np.asarray(v)[()]) for k, v in leaves.items()}
        from .observe import quiet

        with quiet():
            try:
                out = np.asarray(here.program(handed), dtype=float)
            except Exception:  # the user's code may raise beside the point: no value there
                out = np.full(here.value.shape, np.nan)
        return np.asarray(np.sum(np.where(probe.weight == 0, 0.0, probe.weight * out)))

    if probe.second is None:
        return _along(value, moved, probe.first, 1)
    if _same(probe.first, probe.second):
        return _along(value, moved, probe.first, 2)
    plus = _along(value, moved, _combined(probe.first, probe.second, 1.0), 2)
    minus = _along(value, moved, _combined(probe.first, probe.second, -1.0), 2)
    return Estimate((plus.value - minus.value) / 4, (plus.error + minus.error) / 4, plus.step,
                    plus.steps, plus.values, plus.errors, plus.evaluations + minus.evaluations,
                    plus.notes)


def _along(
    value: Callable[[dict[str, Array]], Array], leaves: Mapping[str, Any], direction: Direction,
    order: int,
) -> Estimate:
    found = line(value, leaves, direction)
    return finite_difference(found.along, dtype=found.dtype, scale=found.scale, order=order)


def _same(a: Direction, b: Direction) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)


def _combined(a: Direction, b: Direction, sign: float) -> Direction:
    keys = dict.fromkeys((*a, *b))
    return {k: np.asarray(a.get(k, 0.0)) + sign * np.asarray(b.get(k, 0.0)) for k in keys}


def directions_of(found: Any, seed: int) -> list[Direction]:
    """Return random dyadic directions: one over all blocks, then one for each."""
    whole = {b.label: weights(b.shape, "float64", seed + 31 + n)
             for n, b in enumerate(found.blocks)}
    single = [{k: v} for k, v in whole.items()] if len(whole) > 1 else []
    return [whole, *single]


def weight_of(found: Any, seed: int) -> Array:
    """Return the weights of the functional whose gradient a first-order claim is."""
    here = found.here
    if found.kind in ("vjp", "backward"):
        return weights(here.value.shape, here.value.dtype, seed).astype(float)
    return np.ones(here.value.shape)
