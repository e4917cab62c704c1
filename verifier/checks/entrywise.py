"""A function of many numbers that is a sum of functions of one: decided by those functions.

Functions written alike on the same interval are one function: sum(huber(x)) of a thousand entries
is decided as huber on the line.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from ..domains import BOX
from ..graph.node import Node
from ..intervals import Interval
from ..numerals.balls import precision
from ..numerals.tokens import ZERO
from ..primitives.identities import rewrite
from ..readers.entrywise import terms_by_entry
from ..readers.scalar_cells import Cell
from ..readers.scalar_pieces import Program
from ..readers.scalar_settle import Settler
from ..readers.scalar_tape import tape
from .box_ground import Ground
from .scalar_cover import Limits, cover
from .scalar_view import ScalarView, end_of

SLACKS = (2.0**-8, 2.0**-16, 0.0)  # how far above the largest value met a bound is tried
RAISED = 6  # times a bound is raised to a larger value met
SECONDS = 1.0  # for one bound
TRIED = 33  # numbers looked at in a part


@dataclass(frozen=True, slots=True)
class Sums:
    """`views` are the distinct functions; `rows` tell for each output which entry moves which.

    An output is the sum of views[rows[k][entry]] and of the number `offsets[k]`.
    """

    views: list[ScalarView]
    rows: list[dict[int, int]]
    offsets: list[arb]
    entries: int

    def __str__(self) -> str:
        count = len(self.views)
        return f"{count} function{'s' * (count != 1)} of one number"


def sums_of(on: Ground, stops: Any) -> Sums | None:
    """Return f as sums of functions of one entry each, None where it is written in another way."""
    known: dict[tuple[str, ...], Sums | None] = stops.__dict__.setdefault("entrywise", {})
    if on.names not in known:
        known[on.names] = _made(on, stops)
    return known[on.names]


def _made(on: Ground, stops: Any) -> Sums | None:
    domains = stops.plan.domains
    if on.path or set(domains) != set(on.names) or any(
            d.kind != BOX for d in domains.values()):
        return None
    found = terms_by_entry(on.output, on.moved, on.here.leaves)
    if found is None:
        return None
    variables, outputs = found
    owners = [(n, f) for n, m in zip(on.names, on.moved, strict=True)
              for f in _factors(domains[n], m.size)]
    places: dict[str, int] = {}
    views: list[ScalarView] = []
    rows: list[dict[int, int]] = []
    for terms in outputs:
        row: dict[int, int] = {}
        for entry, graph in terms.items():
            if entry >= 0:
                name, factor = owners[entry]
                key = f"{_spelling(graph)} {factor}"
                if key not in places:
                    places[key] = len(views)
                    views.append(_view(on, name, factor, graph, variables[entry], domains[name]))
                row[entry] = places[key]
        rows.append(row)
    with precision(256):
        offsets = [_number(t.get(-1)) for t in outputs]
    if not all(o.is_finite() for o in offsets):
        return None
    return Sums(views, rows, offsets, len(variables))


def _number(graph: Node | None) -> arb:
    """Return the value of a graph without input."""
    found = tape((graph,)).in_balls(arb(0))[0] if graph is not None else arb(0)
    return found if isinstance(found, arb) else arb(0 if found is ZERO else math.nan)


def _factors(domain: Any, size: int) -> list[Interval]:
    return list(domain.factors) * size if len(domain.factors) == 1 else list(domain.factors)


def _spelling(graph: Node) -> str:
    made = tape((graph,))
    return repr([(s.op, s.operands, repr(s.value)) for s in made.steps]) + repr(made.wanted)


def _view(
    on: Ground, name: str, factor: Interval, graph: Node, x: Node, domain: Any
) -> ScalarView:
    cell = Cell(end_of(factor.low, -1), end_of(factor.high, 1), factor.low_open, factor.high_open)
    program = Program(rewrite([graph]).outputs[0], x)
    return ScalarView(on.here, name, cell, str(cell), domain, (), lambda _: program)


# ---------------------------------------------------------------- how large do they get?
def bounds_of(
    view: ScalarView, order: int, slack: float, deadline: float, also: Any = None
) -> tuple[arb, arb] | None:
    """Return proved bounds of the order-th derivative on the line, close to the extremes met.

    `also` judges what a cover of the parts leaves out, such as the values at joints.
    """
    ends = _met(view, order)
    for _ in range(RAISED if ends is not None else 0):
        assert ends is not None
        spare = Fraction(slack) * max(Fraction(1), ends[1] - ends[0])
        limits = Limits(ends[0] - spare, ends[1] + spare)
        stop = min(deadline, time.monotonic() + SECONDS)
        found = cover(view.pieces().parts, order, limits, stop)
        if also is not None:
            also(view, limits, found)
        if found.proved and not view.pieces().missing:
            assert limits.low is not None and limits.high is not None
            low, high = (arb(fmpq(e.numerator, e.denominator)) for e in (limits.low, limits.high))
            return low, high
        if not found.witnesses:
            return None
        values = [_outward(v) for _, v in found.witnesses]
        ends = min(ends[0], *(v[0] for v in values)), max(ends[1], *(v[1] for v in values))
    return None


def _outward(value: arb) -> tuple[Fraction, Fraction]:
    """Return a value of few digits exactly, another as the floats around it."""
    if value.is_exact():
        exact = value.fmpq()
        told = Fraction(int(exact.p), int(exact.q))
        return told, told
    return (Fraction(math.nextafter(float(value.lower()), -math.inf)),
            Fraction(math.nextafter(float(value.upper()), math.inf)))


def _met(view: ScalarView, order: int) -> tuple[Fraction, Fraction] | None:
    """Return the least and the largest value met."""
    settler, values = Settler(), []
    with precision(128):
        for part in view.pieces().parts:
            node = settler.derivative(part.output, part.x, order) if order else part.output
            if node is None or part.open:
                continue
            for number in _numbers(part.cell):
                value = settler.at(node, number)
                if value is not None:
                    values.append(_outward(value))
    if not values:
        return None
    return min(v[0] for v in values), max(v[1] for v in values)


def _numbers(cell: Cell) -> list[arb]:
    low, high = float(cell.low), float(cell.high)
    low, high = max(low, min(high, 0.0) - 64.0), min(high, max(low, 0.0) + 64.0)
    inside = [arb(low + (high - low) * k / (TRIED - 1)) for k in range(1, TRIED - 1)]
    return [e for e in (cell.low, cell.high) if e.is_finite()] + inside
