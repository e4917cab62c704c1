"""C^k of a function of several numbers: no guard vanishes on a cover, or a kink on a segment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..domains import BOX
from ..errors import CannotLower
from ..graph.node import Node
from ..graph.order import depends_on, topological
from ..primitives.table import SCALARS
from ..readers.guards import COMPARISONS, Guard, guards_of
from ..readers.meeting_branches import meets_at_guard
from ..readers.reasons import chain
from ..readers.region import Region
from ..readers.scalar_cells import counted
from ..readers.smoothness import ALL
from ..readers.strict_signs import keep_signs
from ..settings import Settings
from ..verdicts import Claim
from .answers import proved, undecided
from .box_ground import (
    Ground,
    cover_of,
    facts_at,
    ground,
    left_open,
    only_ranks,
    tree_of,
    volume_of,
)
from .segments import kink_on_segments

Array = np.ndarray
BENDS = frozenset({"relu", "absolute", "maximum", "minimum"})


ByEntries = Callable[[Ground], "Claim | None"]  # decides sums of functions of one number


def smooth_over_box(
    request: Any, spec: Any, stops: Any, numbers: Settings, why: str, by_entries: ByEntries
) -> Claim:
    """Return what became of C^k on a box; `why` says why f is no function of one number."""
    on = ground(spec, stops)
    if isinstance(on, str):
        return undecided(spec, on)
    order = ALL if spec.order == "inf" else int(spec.order)
    hard = _hard(on, order)
    if _signed_all_over(on, hard, stops):
        what = "every guard keeps a strict sign" if hard else "every row is analytic"
        return proved(spec, f"{what}: read once over the whole domain, its open ends left out",
                      notes=(*chain(on.output, 1, on.moved, hard, order), *on.notes), cells=1)
    simple = by_entries(on) if hard else None
    if simple is not None:
        return simple
    try:
        if hard:
            found = kink_on_segments(request, spec, stops, numbers, on, order)
            if found is not None:
                return found
        quantities = [g.quantity for g in hard]
        told = cover_of(on, quantities, lambda r, i: _vanishing(r, i, quantities, on), stops,
                        False)
    except CannotLower as error:
        return undecided(spec, str(error))
    if told.proved:
        what = f"no guard vanishes on {counted(told.judged, 'box')}" if hard else (
            "every row is analytic, or smooth enough, where its argument can go")
        notes = (*chain(on.output, told.judged, on.moved, hard, order), *on.notes)
        return proved(spec, what, notes=notes, cells=told.judged, proof=tree_of(told),
                      plots=volume_of(told))
    blamed = sorted({str(g.owner.origin) for g in hard if g.owner.origin})
    guards = [f"guards to blame: {', '.join(blamed)}"] if blamed else []
    return undecided(spec, f"guards may vanish: the search ended ({told.ended}) with boxes left",
                     left=left_open(told), points=told.judged,
                     plots=volume_of(told), notes=guards)


def _signed_all_over(on: Ground, hard: list[Guard], stops: Any) -> bool:
    """Read the guards once over a domain with ends left out, which no closed box can reach."""
    boxes = {k: d for k, d in stops.plan.domains.items() if d.kind == BOX}
    ends = [e for d in boxes.values() for f in d.factors
            for e in (f.low_open or f.low is None, f.high_open or f.high is None)]
    return bool(any(ends) and not on.path and len(boxes) == len(stops.plan.domains)
                and keep_signs(on.output, [g.quantity for g in hard], on.here.leaves, boxes))


def _hard(on: Ground, order: int) -> list[Guard]:
    """Return the guards whose zeros are not smooth enough by the table itself."""
    moving = depends_on([on.output], on.moved)
    out = []
    for guard in guards_of((on.output,)):
        if guard.piecewise and guard.owner not in moving:
            continue
        row = SCALARS.get(guard.owner.op)
        if row is not None and smoothness_of(on.output, guard.owner) >= order:
            continue
        if order == 0 and guard.owner.op in COMPARISONS and meets_at_guard(
                on.output, guard.owner):
            continue
        if order == 0 and guard.owner.op in ("argmax", "argmin", "argsort") and only_ranks(
                on.output, guard.owner):
            continue
        out.append(guard)
    return out


def smoothness_of(output: Node, owner: Node) -> int:
    """Return how smooth a row and what is made of it are at its guard: relu(u)^p is C^(p-1)."""
    known = min(SCALARS[owner.op].smooth_at.values(), default=-1)
    if owner.op not in BENDS or (owner.op in ("maximum", "minimum") and not any(
            _is_nought(i) for i in owner.inputs)):
        return known
    powers = [_power_of(n, owner) for n in topological([output]) if owner in n.inputs]
    return max(known, min(powers, default=1) - 1)


def _is_nought(node: Node) -> bool:
    return node.op == "constant" and not np.any(node.params["value"])


def _power_of(node: Node, owner: Node) -> int:
    """Return p where a node is the p-th power of `owner`."""
    if node.op == "square" or (node.op == "multiply" and node.inputs[0] is node.inputs[1]):
        return 2
    if node.op == "power" and node.inputs[0] is owner and node.inputs[1].op == "constant":
        exponent = np.ravel(node.inputs[1].params["value"])
        if np.all(exponent == np.floor(exponent)) and np.all(exponent >= 1):
            return int(exponent.min())
    return 1


def _vanishing(region: Region, box: int, quantities: list[Node], on: Ground) -> float:
    """Return 0 where every guard keeps a strict sign on a box and f is defined."""
    if np.any(facts_at(region, on.output, box)[2]):
        return np.inf
    worst = 0.0
    for node in quantities:
        low, high, undefined = facts_at(region, node, box)
        if np.any(undefined):
            return np.inf
        touched = (low <= 0) & (high >= 0)
        if touched.any():
            worst = max(worst, float(np.max(np.where(touched, high - low, 0.0))), 1e-300)
    return worst
