"""Is a function of one number between two limits everywhere? Branch and bound over its parts.

Each cell is enclosed three ways and the results are met: by its range, by the values at its ends
where the slope keeps its sign, and by the mean value. What is not decided is cut, the worst first;
numbers met on the way that lie strictly outside are witnesses.
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb, fmpq

from ..graph.node import Node
from ..numerals.balls import precision
from ..numerals.spans import INFINITE, UNDEFINED, Span, meet, point
from ..numerals.tokens import ZERO
from ..readers.periods import period_of
from ..readers.scalar_cells import Cell, halves
from ..readers.scalar_pieces import Part
from ..readers.scalar_settle import Settler
from ..readers.summits import summit

MOST_CELLS = 6000
WITNESSES = 3
CLIMB = 6  # Newton steps from the best number so far towards the next critical point
SCATTERED = 24  # numbers looked at in a cell before it is cut
FAR = 1e300
UNBOUNDED = Span(-INFINITE, INFINITE, True, True)
CLOSE = 1.0  # an enclosure that reaches no further out than this may end at an attained bound


@dataclass(frozen=True, slots=True)
class Limits:
    """What is claimed: low <= q <= high, either None; strict leaves the limit itself out."""

    low: Fraction | None = None
    high: Fraction | None = None
    low_strict: bool = False
    high_strict: bool = False

    def hold(self, span: Span) -> bool:
        """Tell whether all of a span is within, for certain."""
        if span is UNDEFINED:
            return False
        if self.low is not None:
            limit = ball_of(self.low)
            if not (span.low > limit or (span.low >= limit and (span.left or not self.low_strict))):
                return False
        if self.high is not None:
            limit = ball_of(self.high)
            return bool(span.high < limit or (
                span.high <= limit and (span.right or not self.high_strict)))
        return True

    def broken(self, value: arb) -> bool:
        """Tell whether a ball lies strictly outside (on the limit, where that is left out)."""
        if self.low is not None:
            limit = ball_of(self.low)
            if value < limit or (self.low_strict and value <= limit):
                return True
        if self.high is not None:
            limit = ball_of(self.high)
            return bool(value > limit or (self.high_strict and value >= limit))
        return False

    def excess(self, span: Span) -> float:
        """Return by how much a span may reach beyond the limits."""
        above = float(span.high) - float(self.high) if self.high is not None else -FAR
        below = float(self.low) - float(span.low) if self.low is not None else -FAR
        return max(above, below)


Graphs = tuple[Node, Node | None, Node | None]  # a quantity, its slope and its curvature


def ball_of(number: Fraction) -> arb:
    return arb(fmpq(number.numerator, number.denominator))


@dataclass(slots=True)
class Cover:
    """What became of a cover: `left` are the cells not decided, `witness` a number outside."""

    cells: int = 0
    left: list[Cell] = field(default_factory=list)
    witnesses: list[tuple[float, arb]] = field(default_factory=list)
    reason: str = ""
    cut: bool = False
    nearest: float = -math.inf

    @property
    def proved(self) -> bool:
        return not self.left and not self.witnesses and not self.reason


def cover(
    parts: Iterable[Part], order: int, limits: Limits, deadline: float, *, bits: int = 128,
    most: int = MOST_CELLS, witnesses: int = WITNESSES,
) -> Cover:
    """Decide limits <= d^order f <= limits over all parts; stops at the first witnesses."""
    found, settler = Cover(), Settler()
    heap: list[tuple[float, int, Cell, Part, Graphs]] = []
    with precision(bits):
        for part in parts:
            graphs = _graphs(settler, part, order)
            if graphs is None:
                found.reason = "a derivative has no rule"
                found.left.append(part.cell)
                continue
            _look(found, heap, _once(part, graphs[0]), part, graphs, limits, settler)
        for _, _, cell, part, graphs in heap:
            for number in () if part.open else _scattered(cell):
                if len(found.witnesses) < witnesses:
                    _try(found, number, part, graphs, limits, settler)
        while heap and found.cells < most and len(found.witnesses) < witnesses:
            if time.monotonic() > deadline:
                found.cut = True
                break
            _, _, cell, part, graphs = heapq.heappop(heap)
            for half in halves(cell) or ():
                _look(found, heap, half, part, graphs, limits, settler)
        found.left.extend(cell for _, _, cell, _, _ in heap)
    return found


def _once(part: Part, quantity: Node) -> Cell:
    """Return the part's cell, or a closed period of a quantity that repeats itself on a tail."""
    cell, period = part.cell, None
    if not part.open and not cell.finite():
        period = period_of(quantity, part.x)
    if period is None:
        return cell
    if cell.high.is_finite():
        return Cell((cell.high - period).lower(), cell.high)
    low = cell.low if cell.low.is_finite() else arb(0)
    return Cell(low, (low + period).upper())


def _scattered(cell: Cell) -> list[float]:
    """Return a few floats of a cell, more of them near its ends."""
    low, high = float(cell.low), float(cell.high)
    shares = [k / SCATTERED for k in range(1, SCATTERED)]
    if cell.finite():
        ends = math.nextafter(low, high), math.nextafter(high, low)
        return [*(low + (high - low) * s for s in (*shares, 2.0**-12, 1 - 2.0**-12)), *ends]
    start, way = (low, 1.0) if cell.low.is_finite() else (high, -1.0)
    start = start if math.isfinite(start) else 0.0
    return [start + way * 8 * s / (1 - s) for s in shares]


def _graphs(settler: Settler, part: Part, order: int) -> Graphs | None:
    quantity = settler.derivative(part.output, part.x, order) if order else part.output
    if quantity is None:
        return None
    if part.open:
        return quantity, None, None
    first, second = (settler.derivative(part.output, part.x, order + k) for k in (1, 2))
    return quantity, first, second


def _look(
    found: Cover, heap: list[tuple[float, int, Cell, Part, Graphs]], cell: Cell,
    part: Part, graphs: Graphs, limits: Limits, settler: Settler,
) -> None:
    """Decide one cell, or try a number inside and put it back."""
    found.cells += 1
    span = enclosed(graphs, cell, settler)
    if not limits.hold(span):
        span = meet(span, _by_curvature(graphs, cell, settler) if cell.finite() else
                    settler.read_steeply(graphs[0], cell))
    closed = part.open or span is UNDEFINED or limits.hold(span)
    other = None if closed else settler.other_spelling(graphs[0])
    if other is not None:
        span = meet(span, _number(settler.read((other,), cell)[0]))
    if not closed and not limits.hold(span) and limits.excess(span) < CLOSE:
        span = meet(span, _by_summit(found, cell, part, graphs, limits, settler))
    if limits.hold(span) and (not part.open or _valued(part, cell, settler)):
        return
    middle = cell.middle()
    if middle is not None and not part.open:
        _try(found, middle, part, graphs, limits, settler)
    if cell.tiny() or halves(cell) is None:
        found.left.append(cell)
        return
    heapq.heappush(heap, (-limits.excess(span), found.cells, cell, part, graphs))


def _by_summit(
    found: Cover, cell: Cell, part: Part, graphs: Graphs, limits: Limits, settler: Settler
) -> Span:
    """Enclose by the value at a critical point, which may be a witness itself."""
    told = summit(graphs[0], part.x, cell, settler)
    if told is None:
        return UNDEFINED
    place, span = told
    value = settler.at(graphs[0], place)
    if value is not None and limits.broken(value) and arb(float(place)) == place:
        found.witnesses.append((float(place), value))
    return span


def _valued(part: Part, cell: Cell, settler: Settler) -> bool:
    """Tell whether f has a value all over a cell: a slope may be 0 by structure where it has none.
    """
    return settler.read((part.output,), cell)[0] is not UNDEFINED


def _try(
    found: Cover, start: float, part: Part, graphs: Graphs, limits: Limits, settler: Settler
) -> None:
    """Look at a number; from the best one so far climb to the next critical point."""
    number = start
    for _ in range(CLIMB):
        value = settler.at(graphs[0], arb(number))
        if value is None or not part.cell.inside(number):
            return
        if limits.broken(value):
            found.witnesses.append((number, value))
            return
        beyond = limits.excess(point(value))
        if beyond <= found.nearest:
            return
        found.nearest = beyond
        rates = [None if g is None else settler.at(g, arb(number)) for g in graphs[1:]]
        if rates[0] is None or rates[1] is None or rates[1].contains(0):
            return
        number = float((arb(number) - rates[0] / rates[1]).mid())


def enclosed(graphs: Graphs, cell: Cell, settler: Settler) -> Span:
    """Return the sharpest of three enclosures of a graph over a cell."""
    quantity, rate = graphs[:2]
    if rate is None:
        return _number(settler.read((quantity,), cell)[0])
    value, moved = map(_number, settler.read((quantity, rate), cell))
    if moved is UNDEFINED or value is UNDEFINED:
        return value
    way = 1 if moved.low >= 0 else -1 if moved.high <= 0 else 0
    if way:
        opens = (cell.left, cell.right)[::way]
        ends = [settler.end(quantity, e, out)
                for e, out in zip((cell.low, cell.high)[::way], opens, strict=True)]
        if any(e is not None for e in ends):
            strict = bool(moved.sign())
            low, high = (UNBOUNDED if e is None else point(e) for e in ends)
            value = meet(value, Span(low.low, high.high, ends[0] is None or (opens[0] and strict),
                                     ends[1] is None or (opens[1] and strict)))
        if None not in ends:
            return value
    if not cell.finite():
        return value
    middle, offset = _centre(cell)
    at = settler.at(quantity, middle)
    return value if at is None else meet(value, point(at) + moved * offset)


def _by_curvature(graphs: Graphs, cell: Cell, settler: Settler) -> Span:
    """Enclose by Taylor's formula: q(m) + q'(m) (x - m) + q''(cell) (x - m)² / 2."""
    quantity, rate, bend = graphs
    if rate is None or bend is None:
        return UNDEFINED
    bent = _number(settler.read((bend,), cell)[0])
    middle, offset = _centre(cell)
    at, slope = settler.at(quantity, middle), settler.at(rate, middle)
    if bent is UNDEFINED or at is None or slope is None:
        return UNDEFINED
    reach = offset.high if offset.high > -offset.low else -offset.low
    square = Span(arb(0), (reach * reach / 2).upper())
    found: Span = point(at) + point(slope) * offset + bent * square
    return found


def _number(value: object) -> Span:
    return point(arb(0)) if value is ZERO else value  # type: ignore[return-value]


def _centre(cell: Cell) -> tuple[arb, Span]:
    middle = ((cell.low + cell.high) / 2).mid()
    return middle, Span((cell.low - middle).lower(), (cell.high - middle).upper())
