"""Does a quotient go on through a zero of its divisor? sin(x) / x does at 0, with the value 1.

Where top and bottom are analytic and the bottom has a zero of order m, a top whose derivatives
below m are all exactly 0 makes the quotient analytic there, with the value top^(m) / bottom^(m).
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb

from ..graph.node import Node, constant
from ..graph.order import topological
from .guards import guards_of
from .normal_forms import same_function
from .scalar_pieces import Part
from .scalar_settle import Settler

MOST_ZEROS = 4  # order of a zero of the divisor


def goes_on(parts: Sequence[Part], place: arb, value: arb | None, settler: Settler) -> bool:
    """Tell whether one function on both sides is analytic at an exact number, with this value."""
    if not parts or value is None or not value.is_exact() or not place.is_exact():
        return False
    first = parts[0]
    if not all(p.output is first.output or same_function(p.output, first.output) for p in parts):
        return False
    filled = [_filled(p.output, p.x, place, settler) for p in parts]
    if any(f is None or not _analytic(f, place, settler) for f in filled):
        return False
    values = [settler.at(f, place) for f in filled if f is not None]
    return all(v is not None and v.is_exact() and v == value for v in values)


def _filled(output: Node, x: Node, place: arb, settler: Settler) -> Node | None:
    """Return the graph with the value put for every quotient that goes on through 0 / 0."""
    made: dict[Node, Node] = {}
    for node in topological([output]):
        inputs = tuple(made[i] for i in node.inputs)
        same = all(a is b for a, b in zip(inputs, node.inputs, strict=True))
        made[node] = node if same else Node(node.op, inputs, node.params, node.shape, node.dtype,
                                            node.origin)
        below = settler.at(inputs[1], place) if node.op == "divide" else None
        if below is not None and below.contains(0):
            number = _limit(inputs[0], inputs[1], x, place, settler) if same else None
            if number is None:
                return None
            made[node] = constant(number)
    return made[output]


def _limit(top: Node, bottom: Node, x: Node, place: arb, settler: Settler) -> float | None:
    if not _analytic(top, place, settler) or not _analytic(bottom, place, settler):
        return None
    for order in range(MOST_ZEROS + 1):
        graphs = [settler.derivative(n, x, order) if order else n for n in (top, bottom)]
        values = [None if g is None else settler.at(g, place) for g in graphs]
        above, below = values
        if above is None or below is None:
            return None
        if not below.contains(0):
            ratio = above / below
            exact = ratio.is_exact() and arb(float(ratio)) == ratio
            return float(ratio) if exact and order else None
        if not below.is_zero() or not above.is_zero():
            return None
    return None


def _analytic(graph: Node, place: arb, settler: Settler) -> bool:
    """Tell whether every guard below a graph has a strict sign at a number."""
    values = [settler.at(g.quantity, place) for g in guards_of((graph,))]
    return all(v is not None and not v.contains(0) for v in values)
