"""Where are the kinks along a segment of a graph that is not piecewise linear? Isolated in balls.

The segment is bisected until every part has no guard that may vanish, or exactly one: interval
Newton then encloses its only zero, and the two pieces are told apart by enclosing value, slope and
curvature over the enclosure with the decisions taken as just left and just right (SOUNDNESS 12).
What stays open is listed, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb, fmpq

from ..graph.node import Node
from ..graph.order import topological
from ..numerals.balls import Balls, as_objects, exact, precision
from ..numerals.rationals import NotRational
from ..numerals.tokens import ZERO, Maybe
from ..verdicts import AtlasKink
from .atlas import Atlas, nearest, unit_name
from .broken_lines import walk
from .directions import COTANGENT, STEP, directional
from .guards import ActiveGuard, active, guards_of
from .lines import Segment
from .proportional import root
from .value import Reading, read

Array = np.ndarray
BITS = 256
MOST_PARTS = 600  # parts of the segment looked at before the rest is left undecided
NARROWEST = fmpq(1, 2**40)  # parts narrower than this are not bisected further
SHARP = fmpq(1, 2**100)  # width to which Newton narrows an enclosure
SPLIT = fmpq(503, 1024)  # off the middle: kinks like to sit at round places
SHARPNESS = arb(2) ** -60  # radius up to which two sides that overlap are said to agree
STEPS = frozenset({"floor", "ceil", "round", "trunc", "sign"})  # constant on every piece
HIGHEST = 2  # order up to which the two sides are compared


@dataclass(slots=True)
class _Search:
    """One segment under search: the graph along it, and what was found so far."""

    output: Node
    moving: dict[str, Node]
    fixed: Mapping[str, Any]
    begin: dict[str, Array]
    step: dict[str, Array]
    rates: dict[Node, Node] = field(default_factory=dict)
    kinks: list[tuple[fmpq, AtlasKink]] = field(default_factory=list)
    undecided: list[tuple[fmpq, fmpq, str]] = field(default_factory=list)
    hidden: int = 0

    def reading(self, t: arb, forced: Reading | None = None) -> Reading:
        """Return a reading that holds the moving inputs at t, and decisions that are forced."""
        reading = Reading(dict(forced.values) if forced else {})
        for name, node in self.moving.items():
            reading.values[node] = as_objects(self.begin[name] + t * self.step[name])
        return reading

    def read(self, nodes: list[Node], t: arb, known: Reading | None = None) -> Reading:
        """Read nodes at t; directions are bound to the step of the segment."""
        reading = known or self.reading(t)
        for node in topological(nodes):
            name = node.params.get("name", "") if node.op == "input" else ""
            if name.startswith(STEP):
                reading.values[node] = self.step[name.removeprefix(STEP)]
            elif name == COTANGENT:
                reading.values[node] = exact(np.ones(node.shape))
        return read(nodes, self.fixed, Balls(BITS), known=reading)

    def rate(self, node: Node) -> Node:
        """Return the derivative of a node by t, as a graph."""
        if node not in self.rates:
            self.rates[node] = directional(node, self.moving)
        return self.rates[node]


def isolate(
    output: Node, inputs: Mapping[str, Node], begin: Mapping[str, Any], end: Mapping[str, Any]
) -> Atlas:
    """Return the kinks of `output` along begin + t (end - begin), isolated in balls."""
    with precision(BITS):
        names = [k for k in inputs if not np.array_equal(begin[k], end[k])]
        first = {k: exact(begin[k]) for k in names}
        search = _Search(
            output, {k: inputs[k] for k in names}, begin, first,
            {k: as_objects(exact(end[k]) - first[k]) for k in names},
        )
        cuts = _cuts(output, begin, end)
        for place in range(1, len(cuts) - 1):
            _at_cut(search, *cuts[place - 1:place + 2])
        parts = [] if cuts else [(fmpq(0), fmpq(1))]
        looked = 0
        while parts and looked < MOST_PARTS:
            looked += 1
            parts.extend(_look(search, *parts.pop()))
        for low, high in parts:
            search.undecided.append((low, high, f"not reached in {MOST_PARTS} parts"))
    kinks = tuple(k for _, k in sorted(search.kinks, key=lambda found: found[0]))
    return Atlas(kinks, False, len(kinks) + 1, search.hidden, _joined(search.undecided))


def _cuts(output: Node, begin: Mapping[str, Any], end: Mapping[str, Any]) -> list[fmpq]:
    """Return where guards vanish where all of them are broken lines, exactly; else nothing."""
    segment = Segment(begin, end)
    quantities = [g.quantity for g in guards_of([output])]
    try:
        walk(quantities, segment)
        for quantity in quantities:
            segment.signs(segment.lines[quantity])
    except NotRational:
        return []
    return segment.cuts


def _at_cut(search: _Search, before: fmpq, t: fmpq, after: fmpq) -> None:
    """Compare both sides of a place where guards vanish, perhaps several at once."""
    met = active((search.output,), search.read([search.output], arb(t)), search.moving.values())
    if not met:
        return
    if not all(g.piecewise for g in met):
        search.undecided.append((t, t, f"{_name(met[0])} stands at its edge"))
        return
    _tell(search, met, (t, t), ((before + t) / 2, (t + after) / 2))


def _joined(found: list[tuple[fmpq, fmpq, str]]) -> tuple[str, ...]:
    """Return what stayed open as text, neighbours with one reason together."""
    whole: list[tuple[fmpq, fmpq, str]] = []
    for low, high, why in sorted(found):
        if whole and whole[-1][1] >= low and whole[-1][2] == why:
            whole[-1] = whole[-1][0], max(high, whole[-1][1]), why
        else:
            whole.append((low, high, why))
    return tuple(f"{_span(low, high)}: {why}" for low, high, why in whole)


def _span(low: fmpq, high: fmpq) -> str:
    ends = [f"{nearest(t):.6g}" for t in (low, high)]
    return f"t near {ends[0]}" if ends[0] == ends[1] else f"t in [{', '.join(ends)}]"


def _ball(low: fmpq, high: fmpq) -> arb:
    return arb(low).union(arb(high))


def _look(search: _Search, low: fmpq, high: fmpq) -> list[tuple[fmpq, fmpq]]:
    """Decide one part of the segment, or return its two halves."""
    reading = search.read([search.output], _ball(low, high))
    met = active((search.output,), reading, search.moving.values())
    if not met:
        return []
    roots = {root(g): g for g in met}
    if len(roots) == 1 and all(g.piecewise for g in met):
        found = _newton(search, next(iter(roots.values())), low, high)
        if found == "none":
            return []
        if isinstance(found, tuple):
            margin = (found[1] - found[0]) + fmpq(1, 2**90)
            wide = max(low, found[0] - margin), min(high, found[1] + margin)
            _tell(search, met, wide, wide)
            return []
    if high - low > NARROWEST:
        middle = low + (high - low) * SPLIT
        return [(middle, high), (low, middle)]
    names = ", ".join(dict.fromkeys(_name(g) for g in met[:4]))
    search.undecided.append((low, high, f"{names} may switch here"))
    return []


def _name(guard: ActiveGuard) -> str:
    owner = guard.owner
    whole = owner.shape == guard.quantity.shape
    place = int(np.ravel_multi_index(guard.index, owner.shape)) if whole and guard.index else None
    return unit_name(owner, place)


def _newton(
    search: _Search, guard: ActiveGuard, low: fmpq, high: fmpq
) -> tuple[fmpq, fmpq] | str:
    """Return an enclosure of the guard's only zero in (low, high), "none", or "open".

    The mean value theorem holds where the guard itself is analytic: no guard of its own may vanish.
    """
    quantity = guard.quantity
    own = search.read([quantity], _ball(low, high))
    if active((quantity,), own, search.moving.values()):
        return "open"
    rate = search.rate(quantity)
    steep = _entry(search.read([rate], _ball(low, high)), rate, guard.index)
    if not steep.is_finite() or steep.contains(0):
        return "open"
    ends = [_entry(search.read([quantity], arb(t)), quantity, guard.index) for t in (low, high)]
    if any(v.contains(0) for v in ends):
        at_edge = (low == 0 and ends[0].is_zero()) or (high == 1 and ends[1].is_zero())
        return "none" if at_edge else "open"
    if bool(ends[0] > 0) == bool(ends[1] > 0):
        return "none"
    while high - low > SHARP:
        middle = (low + high) / 2
        here = _entry(search.read([quantity], arb(middle)), quantity, guard.index)
        slopes_here = _entry(search.read([rate], _ball(low, high)), rate, guard.index)
        new = arb(middle) - here / slopes_here
        bounds = _rational(new.lower()), _rational(new.upper())
        inner = max(low, bounds[0]), min(high, bounds[1])
        if inner[1] - inner[0] > (high - low) / 2:
            break
        low, high = inner
    return low, high


def _rational(value: arb) -> fmpq:
    mantissa, power = value.mid().man_exp()
    return fmpq(mantissa) * fmpq(2) ** int(power)


def _entry(reading: Reading, node: Node, index: tuple[int, ...]) -> Any:
    value = np.broadcast_to(reading[node], node.shape)[index]
    return arb(0) if value is ZERO else value


def _tell(
    search: _Search, met: tuple[ActiveGuard, ...], where: tuple[fmpq, fmpq],
    beside: tuple[fmpq, fmpq],
) -> None:
    """Compare both sides of the only zero in `where`, lowest order first.

    `beside` are points on both pieces: decisions are taken as they are there.
    """
    low, high = where
    nodes = [search.output]
    try:
        for _ in range(HIGHEST):
            nodes.append(search.rate(nodes[-1]))
        sides = [_forced(search, nodes, t, low, high) for t in beside]
    except (NotImplementedError, ValueError):
        sides = [None, None]
    names = tuple(dict.fromkeys(_name(g) for g in met))
    middle = (low + high) / 2
    if sides[0] is None or sides[1] is None:
        search.undecided.append((low, high, f"the decisions beside {names[0]} stay open"))
        return
    for order, node in enumerate(nodes):
        left, right = (_flat(s, node) for s in (sides[0], sides[1]))
        if any(a.is_finite() and b.is_finite() and not a.overlaps(b)
               for a, b in zip(left, right, strict=True)):
            shown = [tuple(v.str(20) for v in side) for side in (left, right)]
            t = str(low) if low == high else _ball(low, high).str(20)
            kink = AtlasKink(t, nearest(middle), shown[0], shown[1], names, order)
            search.kinks.append((middle, kink))
            return
    if all(_sharp(v) for s in sides if s for node in nodes for v in _flat(s, node)):
        search.hidden += 1
    else:
        search.undecided.append((low, high, f"both sides of {names[0]} are enclosed too widely"))


def _sharp(value: arb) -> bool:
    return bool(value.is_finite()) and bool(value.rad() <= SHARPNESS * (abs(value.mid()) + 1))


def _flat(reading: Reading, node: Node) -> list[arb]:
    values = np.broadcast_to(reading[node], node.shape).ravel().tolist()
    return [arb(0) if v is ZERO else v for v in values]


def _forced(
    search: _Search, nodes: list[Node], t: fmpq, low: fmpq, high: fmpq
) -> Reading | None:
    """Read over the enclosure with every decision as it is at its end t; None where one is open."""
    there = search.read(nodes, arb(t))
    decisions = Reading()
    for node in topological(nodes):
        if node.op in STEPS or (node.discrete and node.op not in ("input", "constant")):
            values = there[node]
            if values.dtype == object and any(isinstance(v, Maybe) for v in values.ravel()):
                return None
            decisions.values[node] = values
    over = _ball(low, high)
    return search.read(nodes, over, search.reading(over, decisions))


__all__ = ["isolate"]
