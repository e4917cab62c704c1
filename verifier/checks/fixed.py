"""Does a number that became plain tie the graph to one point? (SOUNDNESS 5)

A value that went through text, a struct or compiled code is a constant of the graph, though it
depends on the inputs. Where it was only printed, nothing is lost. The program is run beside the
point, and there the graph has to return the same, within its rounding budget.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..frontends.calling import Program
from ..frontends.lifted import Lifted, leaves_of
from ..graph.node import Node
from ..numerals.balls import Balls, precision
from ..numerals.tokens import Maybe
from ..readers.rounding import budget
from ..readers.value import read
from .observe import observe

Array = np.ndarray
JUDGED = 8.0  # SOUNDNESS 16: beyond 8 budgets a computed value is not this formula's
STEPS = (-6, -12, -20)  # powers of two, relative: the smaller ones stay on the same path


def bound_to_point(
    program: Program, lifted: Lifted, leaves: Mapping[str, Array], bits: int
) -> bool:
    """Tell whether the graph is not the program beside the point, or cannot be compared there."""
    for step in STEPS:
        for sign in (1.0, -1.0):
            same = _same(program, lifted, _moved(leaves, sign * 2.0**step), bits)
            if same is not None:
                return not same
    return True


def _moved(leaves: Mapping[str, Array], step: float) -> dict[str, Array]:
    """Return the leaves with every entry moved by a share of its size of its own."""
    random = np.random.default_rng(0)
    moved = {}
    for name, leaf in leaves.items():
        shares = 0.5 + random.random(np.shape(leaf)) / 2
        moved[name] = np.asarray(leaf + step * shares * np.maximum(np.abs(leaf), 2.0**-10),
                                 dtype=leaf.dtype)
    return moved


def _same(
    program: Program, lifted: Lifted, leaves: Mapping[str, Array], bits: int
) -> bool | None:
    """Compare program and graph at `leaves`; None where it takes another path or has no value."""
    from .lifting import excess

    nodes = [(label, leaf) for label, leaf in leaves_of(lifted.output)
             if isinstance(leaf, Node) and not leaf.discrete]
    observed = observe(program, leaves)
    if observed.raised is not None or not nodes:
        return None
    guards = [c.node for c in lifted.path]
    with precision(bits):
        reading = read([*(node for _, node in nodes), *guards], leaves, Balls(bits))
    for condition in lifted.path:
        values = np.broadcast_to(reading.values[condition.node], condition.taken.shape)
        if any(isinstance(v, Maybe) or v != t for v, t in
               zip(values.ravel().tolist(), condition.taken.ravel().tolist(), strict=True)):
            return None
    found, seen = budget([node for _, node in nodes], reading), dict(leaves_of(observed.value))
    judged = False
    for label, node in nodes:
        computed = np.asarray(seen.get(label, np.nan))
        if computed.shape != node.shape or computed.dtype.kind not in "fiub":
            return False
        if (excess(computed, node, reading, found) > JUDGED).any():
            return False
        judged = judged or bool(np.isfinite(computed.astype(float)).any())
    return True if judged else None
