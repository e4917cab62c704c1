"""The ground of a proof over boxes: the graph, the box of every leaf, and what must hold there.

A graph lifted through Python branches equals the function only where every branch goes the same
way: on each box those decisions are proved, or the box stays open (SOUNDNESS 5). Slope proofs ask
that f be continuous: no decision, step or pole that may be met on the box jumps (SOUNDNESS 14).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import CannotLower
from ..graph.node import Condition, Node
from ..graph.order import depends_on
from ..plotted import Volume
from ..primitives.identities import rewrite
from ..primitives.table import SCALARS
from ..readers.guards import Guard, guards_of
from ..readers.meeting_branches import meets_at_guard
from ..readers.region import Region, enclose
from ..readers.region_values import Decided
from ..readers.scalar_cells import counted
from ..search.regions import OPEN, PROVED, Cover, Judgement, cover, stacked
from .convexity_scene import domain_of, moved_names
from .stops import Stops
from .subject import Here

Array = np.ndarray
Box = Mapping[str, tuple[Array, Array]]
MOST_BOXES = 4000
BATCH = 16
SHOWN = 3
SHARE = 0.4  # of the seconds left: what one cover may take, other claims wait


@dataclass(frozen=True, slots=True)
class Ground:
    """A lifted function over a box: `moved` are the inputs the claim speaks of.

    `output` is the graph proofs read: `used` names the identities that turned the spelling into it.
    """

    here: Here
    output: Node
    moved: tuple[Node, ...]
    names: tuple[str, ...]
    box: Box
    path: tuple[Condition, ...]
    used: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Say through which identities the graph was read."""
        return (f"read through identities: {', '.join(self.used)}",) if self.used else ()


def ground(spec: Any, stops: Stops) -> Ground | str:
    """Return the ground of a claim, or why nothing can be proved over the box."""
    here = next(iter(stops))
    lifted = here.road.lifted
    if lifted is None or here.output is None:
        return f"the function could not be lifted: {here.road.reason}"
    if lifted.pinned:
        return f"the graph holds at one point only: a number is fixed at {lifted.pinned[0]}"
    if here.road.forked:
        return "the program takes another path in exact numbers than in floats"
    names = moved_names(spec, here)
    domain = domain_of(stops.plan.domains, here, names)
    if isinstance(domain, str):
        return domain
    box = {k: (np.asarray(b.low, float), np.asarray(b.high, float)) for k, b in domain.items()}
    moved = tuple(lifted.inputs[n] for n in names)
    found = rewrite([here.output])
    return Ground(here, found.outputs[0], moved, names, box, lifted.path,
                  tuple(dict.fromkeys(name for name, _ in found.used)))


def cover_of(
    on: Ground, wanted: Sequence[Node], judge: Callable[[Region, int], float], stops: Stops,
    continuous: bool,
) -> Cover:
    """Cover the box: `judge` returns by how much box i of a region misses the property, 0: holds.

    `f` must have a value all over every box; `continuous` asks for continuity as well.
    """
    jumps = jumping_guards(on) if continuous else ()
    nodes = [*wanted, *(c.node for c in on.path), *(g.quantity for g in jumps), on.output]

    def judged(boxes: Sequence[Box]) -> list[Judgement]:
        region = enclose(nodes, stacked(boxes))
        out = []
        for i in range(len(boxes)):
            clear = _on_path(region, on.path, i) and all(_signed(region, g, i) for g in jumps)
            missing = judge(region, i)
            done = missing <= 0 and clear and not np.any(facts_at(region, on.output, i)[2])
            out.append(Judgement(PROVED if done else OPEN, missing if missing > 0 else 1.0))
        return out

    left = max(0.3, SHARE * (stops.deadline - time.monotonic()))
    return cover(on.box, judged, budget_seconds=left, max_boxes=MOST_BOXES, batch=BATCH)


def _on_path(region: Region, path: Sequence[Condition], box: int) -> bool:
    for condition in path:
        value = region.values[condition.node]
        if not isinstance(value, Decided):
            return False
        place = box if len(value.yes) > 1 else 0
        other = np.where(np.asarray(condition.taken, dtype=bool), value.no[place],
                         value.yes[place])
        if np.any(other):
            return False
    return True


def facts_at(region: Region, node: Node, box: int) -> tuple[Array, Array, Array]:
    """Return lower and upper bounds of a node over one box, and where it may be undefined."""
    found = region.lo[node], region.hi[node], region.undefined[node]
    if region.boxes is None:  # nothing read so far depends on the box
        return found
    return found[0][box], found[1][box], found[2][box]


def _signed(region: Region, guard: Guard, box: int) -> bool:
    low, high, undefined = facts_at(region, guard.quantity, box)
    return bool(np.all(((low > 0) | (high < 0)) & ~undefined))


def jumping_guards(on: Ground) -> tuple[Guard, ...]:
    """Return the guards at whose zeros f may jump; branches that meet there are no jump."""
    moving = depends_on([on.output], on.moved)
    found = []
    for guard in guards_of((on.output,)):
        row = SCALARS.get(guard.owner.op)
        if guard.quantity not in depends_on([guard.quantity], on.moved) and (
                guard.owner not in moving):
            continue
        if guard.owner.op in ("argmax", "argmin", "argsort"):
            if only_ranks(on.output, guard.owner):
                continue
            found.append(guard)
        elif row is None:
            if not meets_at_guard(on.output, guard.owner):
                found.append(guard)
        elif min(row.smooth_at.values(), default=0) < 0 and (
                row.piecewise or (row.arity > 1 and row.name != "divide")):
            found.append(guard)
    return tuple(found)


def only_ranks(output: Node, owner: Node) -> bool:
    """max, min and sort are continuous: the index is used to take from what it ranks."""
    from ..graph.order import topological

    indices = {owner}
    for node in topological([output]):
        if not any(i in indices for i in node.inputs):
            continue
        if node.op in ("reshape", "broadcast", "cast", "transpose"):
            indices.add(node)
        elif not (node.op == "take" and node.inputs[1] in indices
                  and node.inputs[0] is owner.inputs[0]
                  and node.params["axis"] == owner.params["axis"]):
            return False
    return True


def tree_of(found: Cover) -> dict[str, Any]:
    """Return a cover as data of a certificate: its cuts, from the whole box down."""
    cuts = [[c.number, *c.place, float(c.at).hex(), c.below, c.above] for c in found.cuts]
    return {"kind": "boxes", "boxes": found.judged, "cuts": cuts}


def left_open(found: Cover) -> tuple[str, ...]:
    """Say what a cover left: boxes, their share of the volume, where."""
    share = 1.0 - float(found.share)
    boxes = "; ".join(_shown(leaf.box) for leaf in found.open[:SHOWN])
    more = f" and {len(found.open) - SHOWN} more" if len(found.open) > SHOWN else ""
    verb = "is" if len(found.open) == 1 else "are"
    return (f"{len(found.open)} of {counted(found.judged, 'box')}, {100 * share:.3g} % of the "
            f"volume, {verb} open: {boxes}{more}",)


def volume_of(found: Cover) -> tuple[Volume, ...]:
    """Return which shares of the box's volume are decided, for a plot; () for a single box."""
    if found.judged < 2:
        return ()
    proved, refuted = float(found.share), float(sum(leaf.share for leaf in found.refuted))
    largest = max(found.open, key=lambda leaf: leaf.share, default=None)
    where = _shown(largest.box) if largest is not None else ""
    rest = float(sum(leaf.share for leaf in found.open))  # 1 - proved rounds a last box away
    return (Volume(proved, refuted, rest, boxes=found.judged, undecided_at=where),)


def _shown(box: Box) -> str:
    parts = []
    for name, (low, high) in box.items():
        if np.any(low < high):
            ends = [np.array2string(np.asarray(e), precision=4, threshold=4) for e in (low, high)]
            parts.append(f"{name} in [{ends[0]}, {ends[1]}]")
    return ", ".join(parts)


__all__ = ["CannotLower", "Ground", "cover_of", "ground", "jumping_guards", "left_open", "tree_of",
           "volume_of"]
