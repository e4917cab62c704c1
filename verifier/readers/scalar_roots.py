"""Where exactly is a guard zero? A short dyadic that makes it so, or an interval with one zero.

The zero is unique because the guard's slope keeps its sign on the cell. A guard that touches zero
without crossing is met at the zero of its slope, and counts only if it is exactly zero there.
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import arb

from ..graph.node import Node
from ..numerals.balls import precision
from ..numerals.tokens import ZERO
from .guards import guards_of
from .scalar_cells import Cell
from .scalar_settle import Settler

SHORT = 120  # bits below the point of the dyadics tried as exact zeros
NARROW = 100  # an isolating interval is this many bits narrower than its number
EXACT_BITS = 2048


@dataclass(frozen=True, slots=True)
class Joint:
    """A place where a guard is zero: one number (`low` is `high`), or somewhere between."""

    low: arb
    high: arb
    quantity: Node
    crosses: bool = True

    @property
    def exact(self) -> bool:
        return bool(self.low == self.high)

    def __str__(self) -> str:
        return f"{float(self.low):.12g}"


def root_in(quantity: Node, x: Node, cell: Cell, settler: Settler) -> Joint | None:
    """Return the only zero of a guard on a cell, None where there may be several or none."""
    for end, open_ in ((cell.low, cell.left), (cell.high, cell.right)):
        if not open_ and end.is_finite() and _is_zero(quantity, end, settler):
            return Joint(end, end, quantity)
    if not cell.finite():
        return None
    if any(g.piecewise for g in guards_of((quantity,))):
        return _at_simple_number(quantity, cell, settler)
    rate = settler.derivative(quantity, x) if settler.analytic(quantity, cell) else None
    if rate is None:
        return None
    if _strict(rate, cell, settler):
        found = _crossing(quantity, cell, settler)
        return None if found is None else Joint(*found, quantity)
    bend = settler.derivative(quantity, x, 2)
    if bend is None or not _strict(bend, cell, settler):
        return None
    found = _crossing(rate, cell, settler)
    if found is not None and found[0] == found[1] and _is_zero(quantity, found[0], settler):
        return Joint(*found, quantity, crosses=False)
    return None


def _at_simple_number(quantity: Node, cell: Cell, settler: Settler) -> Joint | None:
    """Return a whole or half number near the middle at which the guard is exactly zero."""
    middle = cell.middle()
    for twice in () if middle is None else (2 * round(middle), round(2 * middle)):
        if cell.inside(twice / 2) and _is_zero(quantity, arb(twice) / 2, settler):
            return Joint(arb(twice) / 2, arb(twice) / 2, quantity)
    return None


def _strict(node: Node, cell: Cell, settler: Settler) -> bool:
    (value,) = settler.read((node,), cell)
    return value is not ZERO and bool(value.sign())


def _is_zero(node: Node, place: arb, settler: Settler) -> bool:
    with precision(EXACT_BITS):
        value = settler.at(node, place)
    return value is not None and bool(value.is_zero())


def _crossing(node: Node, cell: Cell, settler: Settler) -> tuple[arb, arb] | None:
    """Close in on the sign change of a monotone graph; prefer a number where it is exactly 0."""
    low, high = cell.low, cell.high
    with precision(4 * NARROW):
        start, stop = settler.end(node, low, cell.left), settler.end(node, high, cell.right)
        if start is None or stop is None or not start * stop < 0:
            return None
        rising = start < 0
        for _ in range(6 * NARROW):
            middle = ((low + high) / 2).mid()
            value = settler.at(node, middle)
            if value is None:
                return None
            if value.is_zero():
                return middle, middle
            if not (value > 0 or value < 0):
                break
            low, high = (middle, high) if (value < 0) == rising else (low, middle)
            if high - low <= abs(middle) * arb(2) ** -NARROW:
                break
        exact = _dyadic(node, low, high, settler)
    return (exact, exact) if exact is not None else (low, high)


def _dyadic(node: Node, low: arb, high: arb, settler: Settler) -> arb | None:
    """Return the shortest dyadic between two numbers if the graph is exactly zero there."""
    for bits in range(SHORT + 1):
        scale = arb(2) ** bits
        candidate = ((low + high) / 2 * scale + arb(0.5)).mid().floor() / scale
        if low <= candidate and candidate <= high:
            return candidate if _is_zero(node, candidate, settler) else None
    return None
