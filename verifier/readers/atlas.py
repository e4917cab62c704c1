"""Where are the kinks along a segment? Exactly, for graphs that are piecewise linear.

Every guard is a broken line along the segment; its zeros are found and ordered in whole numbers, so
the list is complete and each place, slope and limit is an exact rational (:mod:`.broken_lines`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import numpy as np
from flint import fmpq

from ..graph.node import Node
from ..numerals.rationals import NotRational
from ..verdicts import AtlasKink
from .broken_lines import walk
from .lines import Lines, Segment

Array = np.ndarray
MOST_UNITS = 8  # units named at one kink


@dataclass(frozen=True, slots=True)
class Atlas:
    """Every kink of a function along a segment.

    `exact`: all kinks, each exactly; otherwise they were isolated in balls, and `undecided` lists
    the parts of the segment that were not. `pieces` is the number of analytic pieces found,
    `hidden` counts places where a unit switches and the function does not show it.
    """

    kinks: tuple[AtlasKink, ...]
    exact: bool
    pieces: int
    hidden: int = 0
    undecided: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def unit_name(node: Node, place: int | None = None) -> str:
    """Return how a unit is called: file, line, operation and its index."""
    where = f"{PurePath(node.origin.file).name}:{node.origin.line} " if node.origin else ""
    if place is None or not node.shape:
        return f"{where}{node.op}"
    index = np.unravel_index(place, node.shape)
    return f"{where}{node.op}[{', '.join(str(int(i)) for i in index)}]"


def atlas_of_lines(
    output: Node, begin: Mapping[str, Any], end: Mapping[str, Any],
    path: Iterable[tuple[Node, Array]] = (),
) -> Atlas:
    """Return all kinks of `output` along begin + t (end - begin), exactly.

    `path` are decisions the program took, with their values; they must hold all along. Raises
    NotRational where the graph is not piecewise linear or the program would branch.
    """
    segment = Segment(begin, end)
    conditions = list(path)
    walk([output, *(node for node, _ in conditions)], segment)
    for node, taken in conditions:
        states = segment.states[node].astype(np.int64)
        if np.any(states != np.asarray(taken).astype(np.int64).reshape(-1, 1)):
            raise NotRational("the program takes another branch along the segment",
                              slug="data-dependent-branch", where=node.origin)
    kinks = list(_kinks(output, segment))
    switched = [place for place in range(1, segment.pieces) if any(_switching(segment, place))]
    shown = {fmpq(*map(int, k.t.split("/"))) for k in kinks}
    hidden = sum(segment.cuts[place] not in shown for place in switched)
    return Atlas(tuple(kinks), True, len(kinks) + 1, hidden)


def _kinks(output: Node, segment: Segment) -> Iterator[AtlasKink]:
    lines = segment.lines[output]
    start = np.broadcast_to(lines.start, (output.size, segment.pieces))
    slope = np.broadcast_to(lines.moving(), (output.size, segment.pieces))
    for place in range(1, segment.pieces):
        t = segment.cuts[place]
        sides = (place - 1, place)
        bent = np.any(slope[:, sides[0]] != slope[:, sides[1]])
        limits = [start[:, k] * int(t.q) + slope[:, k] * int(t.p) for k in sides]
        if np.any(limits[0] != limits[1]):
            order, shown = 0, [_texts(v, lines.denominator * int(t.q)) for v in limits]
        elif bent:
            order, shown = 1, [_texts(slope[:, k], lines.denominator) for k in sides]
        else:
            continue
        units = list(_switching(segment, place))
        more = [f"and {len(units) - MOST_UNITS} more"] if len(units) > MOST_UNITS else []
        yield AtlasKink(str(t), nearest(t), shown[0], shown[1],
                        (*units[:MOST_UNITS], *more), order)


def nearest(t: fmpq) -> float:
    """Return the float nearest to a rational, whatever the size of its parts."""
    return int(t.p) / int(t.q)


def _texts(values: Array, denominator: int) -> tuple[str, ...]:
    return tuple(str(fmpq(int(v), denominator)) for v in values.tolist())


def _switching(segment: Segment, place: int) -> Iterator[str]:
    """Name the units whose state differs on both sides of a cut."""
    for switch in segment.switches:
        states = switch.states
        if states.shape[1] > 1:
            for k in np.flatnonzero(states[:, place - 1] != states[:, place]):
                yield unit_name(switch.owner, int(k))


__all__ = ["Atlas", "Lines", "atlas_of_lines", "unit_name"]
