"""Where does a function of one number switch? Its analytic pieces and the joints between them.

An interval is cut into cells on which every guard that matters has a strict sign: there the graph
is rewritten without its decisions and is analytic. Between cells lie joints: numbers at which a
guard is exactly zero, or, where no short dyadic is one, an interval that holds its only zero.
Cells that stay open keep the graph as it was, whose decisions a reader meets with the hull.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb

from ..graph.node import Node
from ..graph.order import topological
from ..numerals.spans import INFINITE, UNDEFINED
from .scalar_cells import Cell, halves
from .scalar_roots import Joint, root_in
from .scalar_settle import Settled, Settler

MOST_CELLS = 400
Source = Callable[[Cell], "Program | None"]


@dataclass(frozen=True, slots=True)
class Program:
    """The graph that holds somewhere: output, input, and the decisions its path rests on."""

    output: Node
    x: Node
    path: tuple[tuple[Node, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """The function on one cell: an analytic graph, or (`open`) one whose guards may vanish."""

    cell: Cell
    output: Node
    x: Node
    open: bool = False
    blamed: tuple[Node, ...] = ()


@dataclass(slots=True)
class Pieces:
    """All parts of the domain from left to right, and the joints between them.

    `complete` is False where a part of the domain has no graph at all (`missing`).
    """

    parts: list[Part] = field(default_factory=list)
    joints: list[Joint] = field(default_factory=list)
    missing: list[Cell] = field(default_factory=list)

    @property
    def open(self) -> list[Part]:
        return [p for p in self.parts if p.open]


def pieces_of(source: Source, domain: Cell, most: int = MOST_CELLS) -> Pieces:
    """Cut the domain into analytic parts; what resists within `most` cells stays open."""
    found, settler, work = Pieces(), Settler(), _first_cuts(domain)
    seen = 0
    while work:
        cell = work.pop(min(range(len(work)), key=lambda i: _distance(work[i])))
        seen += 1
        program = source(cell)
        if program is None:
            _again(found, work, cell, None, seen, most)
            continue
        settled = settler.settle(program.output, program.x, cell)
        blamed = settled.blamed + _off_path(settler, program, cell)
        finite = _finite(settled.node)
        if not blamed and finite and _valued(settled.node, cell, settler):
            found.parts.append(Part(cell, settled.node, program.x))
            continue
        if not blamed or not finite:
            found.missing.append(cell)
            continue
        _divide(found, work, cell, program, settled, blamed, (seen, most), settler)
    found.parts.sort(key=lambda p: float(p.cell.low))
    places = {(str(j.low), str(j.high)): j for j in reversed(found.joints)}
    found.joints = sorted(places.values(), key=lambda j: float(j.low))
    return found


def _finite(output: Node) -> bool:
    """Tell whether all constants of a graph are numbers: inf and nan prove nothing."""
    return all(np.all(np.isfinite(np.asarray(n.params["value"], dtype=float)))
               for n in topological([output]) if n.op == "constant")


def _valued(output: Node, cell: Cell, settler: Settler) -> bool:
    """Tell whether a graph whose guards keep strict signs has a value all over a cell.

    Guards vanish at the edges of every row's domain, so that one number inside tells for all; where
    those tried are out of reach, the enclosure over the cell.
    """
    middle = cell.middle()
    inside = [] if middle is None else [arb(middle)]
    if not _real_powers(output, inside, settler):
        return settler.read((output,), cell)[0] is not UNDEFINED
    inside += [end for end, out in ((cell.low, cell.left), (cell.high, cell.right)) if not out]
    if any(x.is_finite() and settler.at(output, x) is not None for x in inside):
        return True
    (value,) = settler.read((output,), cell)
    return value is not UNDEFINED


def _real_powers(output: Node, inside: list[arb], settler: Settler) -> bool:
    """Tell whether every base to an exponent that moves is positive: (-2)^x is a number at 1 only.

    A base is its own guard and keeps its sign.
    """
    bases = [n.inputs[0] for n in topological([output])
             if n.op == "power" and n.inputs[1].op != "constant"]
    found = [settler.at(b, x) for b in bases for x in inside]
    return not bases or (bool(found) and all(v is not None and v > 0 for v in found))


def _distance(cell: Cell) -> float:
    """Return how far from 0 a cell begins: what is near is looked at first."""
    if cell.low <= 0 and cell.high >= 0:
        return 0.0
    return float(cell.low) if cell.low > 0 else -float(cell.high)


def _first_cuts(domain: Cell) -> list[Cell]:
    """Start with tails apart, so that a form can speak of them."""
    cells, cuts = [domain], (-16.0, 16.0)
    for cut in cuts:
        last = cells.pop()
        inside = last.low < cut and last.high > cut
        infinite = last.low == -INFINITE or last.high == INFINITE
        cells.extend(last.cut(arb(cut)) if inside and infinite else (last,))
    return cells[::-1]


def _off_path(settler: Settler, program: Program, cell: Cell) -> tuple[Node, ...]:
    """Return the guards that keep a decision of the path from being proved here."""
    blamed: list[Node] = []
    for condition, taken in program.path:
        settled = settler.settle(condition, program.x, cell)
        known = settled.node.params.get("value") if settled.node.op == "constant" else None
        if known is None or bool(known) != taken:
            blamed.extend(settled.blamed or (condition,))
    return tuple(blamed)


def _divide(
    found: Pieces, work: list[Cell], cell: Cell, program: Program, settled: Settled,
    blamed: tuple[Node, ...], count: tuple[int, int], settler: Settler,
) -> None:
    for quantity in blamed if count[0] < count[1] else ():
        joint = None if quantity.discrete else root_in(quantity, program.x, cell, settler)
        if joint is None or not _useful(joint, cell):
            continue
        found.joints.append(joint)
        work.extend(part for part in reversed(cell.around(joint.low, joint.high)))
        if joint.low < joint.high:
            found.parts.append(Part(Cell(joint.low, joint.high), settled.node, program.x, True,
                                    blamed))
        return
    _again(found, work, cell, Part(cell, settled.node, program.x, True, blamed), *count)


def _useful(joint: Joint, cell: Cell) -> bool:
    """Tell whether taking the joint out leaves something smaller."""
    at_low = joint.low == cell.low and joint.low == joint.high
    at_high = joint.high == cell.high and joint.low == joint.high
    return not (at_low and cell.left) and not (at_high and cell.right)


def _again(
    found: Pieces, work: list[Cell], cell: Cell, part: Part | None, seen: int, most: int
) -> None:
    parts = halves(cell) if seen + len(work) < most else None
    if parts is not None and not cell.tiny():
        work.extend(reversed(parts))
    elif part is not None:
        found.parts.append(part)
    else:
        found.missing.append(cell)


def joined(found: Pieces) -> list[list[Part]]:
    """Return runs of parts with one graph and no joint between them."""
    runs: list[list[Part]] = []
    cuts = {str(j.low) for j in found.joints}
    for part in found.parts:
        last = runs[-1][-1] if runs else None
        same = last is not None and last.output is part.output and not part.open
        if same and str(part.cell.low) not in cuts:
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def neighbours(found: Pieces, joint: Joint) -> tuple[Any, Any]:
    """Return the analytic parts that end at the joint and begin at it, None where there is none."""
    ending = [p for p in found.parts if not p.open and p.cell.high == joint.low]
    starting = [p for p in found.parts if not p.open and p.cell.low == joint.high]
    return (ending[-1] if ending else None), (starting[0] if starting else None)
