"""How high does a function go on a cell? Its value at a critical point that is an exact number.

Where q' and the derivatives after it are exactly 0 at c, up to an even order n at which the n-th
derivative keeps its sign on the whole cell, Taylor's formula says
q(x) = q(c) + q^(n)(somewhere between) (x - c)^n / n!: q(c) is the largest or the least value.
So 1/4 bounds the slope of the sigmoid exactly, where enclosures only come close.
"""

from __future__ import annotations

from fractions import Fraction

from flint import arb, fmpq

from ..graph.node import Node, constant
from ..numerals.balls import precision
from ..numerals.spans import INFINITE, UNDEFINED, Span
from ..numerals.tokens import ZERO
from .normal_forms import Forms, NoForm, same_numbers
from .scalar_cells import Cell
from .scalar_settle import Settler

EXACT_BITS = 1024
STEPS = 8  # of Newton's method towards the critical point
SHORT = 24  # bits below the point of the dyadics tried
HIGHEST = 6  # order of the derivative that decides


def summit(quantity: Node, x: Node, cell: Cell, settler: Settler) -> tuple[arb, Span] | None:
    """Return a critical point in a cell, and a span that holds the graph there (or UNDEFINED).

    The graph must be analytic on the cell. None where no exact critical point is found.
    """
    rate = settler.derivative(quantity, x)
    place = None if rate is None else _critical(rate, x, cell, settler)
    return None if place is None else (place, _span_by(quantity, x, cell, place, settler))


def _span_by(quantity: Node, x: Node, cell: Cell, place: arb, settler: Settler) -> Span:
    """Return a span of a graph over a cell from its value at a critical point."""
    for order in range(2, HIGHEST + 1, 2):
        decisive = settler.derivative(quantity, x, order)
        way = None if decisive is None else _way(decisive, cell, settler)
        if way is not None:
            return _bounded(value_at(quantity, place), way)
        for missing in (order, order + 1):
            node = settler.derivative(quantity, x, missing)
            if node is None or not _is_zero(node, place, settler):
                return UNDEFINED
    return UNDEFINED


def _way(node: Node, cell: Cell, settler: Settler) -> int | None:
    """Return 1 where a graph is nowhere negative on a cell, -1 where nowhere positive."""
    (span,) = settler.read((node,), cell)
    if span is ZERO or span is UNDEFINED:
        return None
    return 1 if span.low >= 0 else -1 if span.high <= 0 else None


def _bounded(value: arb | None, way: int) -> Span:
    if value is None:
        return UNDEFINED
    if way > 0:
        return Span(value.lower(), INFINITE, False, True)
    return Span(-INFINITE, value.upper(), True, False)


def _critical(rate: Node, x: Node, cell: Cell, settler: Settler) -> arb | None:
    """Return a short dyadic of the cell at which a graph is exactly 0, None where none is found."""
    middle, bend = cell.middle(), settler.derivative(rate, x)
    if middle is None or bend is None:
        return None
    number = arb(middle)
    for _ in range(STEPS):
        value, slope = settler.at(rate, number), settler.at(bend, number)
        if value is None or slope is None or value.is_zero() or slope.contains(0):
            break
        number = (number - value / slope).mid()
    for bits in range(SHORT + 1):
        scale = arb(2) ** bits
        tried = (number * scale + arb(0.5)).mid().floor() / scale
        inside = bool(cell.low <= tried) and bool(tried <= cell.high) and tried.is_exact()
        ends = (tried == cell.low and cell.left) or (tried == cell.high and cell.right)
        if inside and not ends and _is_zero(rate, tried, settler):
            return tried
    return None


def _is_zero(node: Node, place: arb, settler: Settler) -> bool:
    value = settler.at(node, place)
    if value is None or not value.contains(0):
        return False
    with precision(EXACT_BITS):
        value = settler.at(node, place)
    if value is None or not value.contains(0):
        return False
    return bool(value.is_zero()) or same_numbers([node, constant(0.0)], place)


def value_at(node: Node, place: arb) -> arb | None:
    """Return the value of a scalar graph at an exact number: the number itself, or a ball."""
    exact = place.fmpq()
    try:
        told = Forms(Fraction(int(exact.p), int(exact.q))).of(node).number()
    except NoForm:
        told = None
    if told is not None:
        return arb(fmpq(told.numerator, told.denominator))
    return Settler().at(node, place)
