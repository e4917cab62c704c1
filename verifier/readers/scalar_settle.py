"""Which way do all decisions go on a cell? The graph without them, or the guards to blame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flint import arb

from ..errors import CannotLower
from ..graph.node import Node, constant
from ..graph.order import topological
from ..numerals.spans import UNDEFINED, Span, point
from ..numerals.tokens import ZERO
from ..primitives.table import SCALARS
from .guards import COMPARISONS, Guard, guards_of
from .harmonics import as_waves
from .merged_choices import merged
from .normal_forms import is_nothing
from .rebuilding import rebuilt
from .scalar_cells import Cell
from .scalar_tape import LOGIC, Tape, tape
from .slope import slope

STEPS = frozenset({"floor", "ceil", "round", "trunc"})
PASSES = 6
LARGEST = 1500  # nodes of a graph that is differentiated once more


@dataclass(frozen=True, slots=True)
class Settled:
    """The graph on a cell without the decisions that are certain; `blamed` are those that are not.

    `blamed` holds the guards' quantities; the graph is analytic on the cell where it is empty.
    """

    node: Node
    blamed: tuple[Node, ...]


@dataclass(slots=True)
class Settler:
    """Settles graphs cell by cell; graphs made for one pattern of signs are shared by all cells."""

    tapes: dict[Any, Tape] = field(default_factory=dict)
    slopes: dict[tuple[Node, int], Node | None] = field(default_factory=dict)
    spelled: dict[Node, Node | None] = field(default_factory=dict)
    zeros: dict[Node, bool] = field(default_factory=dict)
    rewritten: dict[tuple[Node, tuple[Any, ...]], Node] = field(default_factory=dict)

    def settle(self, output: Node, x: Node, cell: Cell) -> Settled:
        node = output
        for _ in range(PASSES):
            guards = guards_of((node,))
            if not guards:
                break
            told = tuple(self._told(g, x, cell) for g in guards)
            key = (node, told)
            if key not in self.rewritten:
                self.rewritten[key] = _rewritten(node, dict(zip(guards, told, strict=True)))
            if self.rewritten[key] is node:
                blamed = tuple(g.quantity for g, t in zip(guards, told, strict=True)
                               if t is None or (t == 0 and not g.piecewise))
                return Settled(node, blamed)
            node = self.rewritten[key]
        return Settled(node, tuple(g.quantity for g in guards_of((node,)) if self._told(
            g, x, cell) is None))

    def read(self, nodes: tuple[Node, ...], cell: Cell) -> tuple[Any, ...]:
        """Return spans of nodes over a cell."""
        return self.tape(nodes).in_spans(cell.span())

    def other_spelling(self, node: Node) -> Node | None:
        """Return a graph as a sum of waves or one reduced quotient, None if that is no shorter."""
        if node not in self.spelled:
            x = [n for n in topological([node]) if n.op == "input"]
            waves = as_waves(node, x[0]) if len(x) == 1 else None
            found = rebuilt(node) if waves is None else None
            shorter = found is not None and (
                len(self.tape((found,)).steps) < len(self.tape((node,)).steps))
            self.spelled[node] = found if shorter else waves
        return self.spelled[node]

    def read_steeply(self, node: Node, cell: Cell) -> Span:
        """Return the span of a node over a tail by a form in e^|x|; UNDEFINED off a tail."""
        steep = cell.steep()
        if steep is None:
            return UNDEFINED
        (value,) = self.tape((node,)).in_spans(steep)
        return point(arb(0)) if value is ZERO else value

    def tape(self, nodes: tuple[Node, ...]) -> Tape:
        if nodes not in self.tapes:
            self.tapes[nodes] = tape(nodes)
        return self.tapes[nodes]

    def derivative(self, node: Node, x: Node, order: int = 1) -> Node | None:
        """Return a derivative's graph, None where the table has no slope or it grows too large."""
        if (node, order) not in self.slopes:
            before = node if order == 1 else self.derivative(node, x, order - 1)
            self.slopes[node, order] = None if before is None else _slope(before, x)
        return self.slopes[node, order]

    def _told(self, guard: Guard, x: Node, cell: Cell) -> Any:
        """Return the strict sign of a guard (0: it is zero throughout), a step's constant value."""
        if guard.owner.op in STEPS:
            (value,) = self.read((guard.owner,), cell)
            flat = isinstance(value, Span) and value.finite() and value.low == value.high
            return ("step", float(value.low)) if flat else None
        if self.read((guard.quantity,), cell)[0] is UNDEFINED:  # nan decides as no number does
            return None
        if guard.quantity.op == "subtract" and len(set(guard.quantity.inputs)) == 1:
            return 0
        found = self.sign(guard.quantity, x, cell)
        return 0 if found is None and self.nothing(guard.quantity, cell) else found

    def nothing(self, quantity: Node, cell: Cell) -> bool:
        """Tell whether a graph is written so that it is 0 wherever it has a value."""
        if quantity not in self.zeros:
            middle = cell.middle()
            value = None if middle is None else self.at(quantity, arb(middle))
            if value is None:
                return False
            self.zeros[quantity] = value.contains(0) and is_nothing(quantity)
        return self.zeros[quantity]

    def sign(self, quantity: Node, x: Node, cell: Cell) -> int | None:
        """Return the certain strict sign of a graph on a cell, by its range or by its slope."""
        (value,) = self.read((quantity,), cell)
        if value is ZERO:
            return 0
        found: int | None = value.sign()
        if found is not None:
            return found
        rate = self.derivative(quantity, x) if self.analytic(quantity, cell) else None
        if rate is None:
            return None
        (moved,) = self.read((rate,), cell)
        way = None if moved is ZERO else moved.sign()
        return self._by_slope(quantity, cell, way) if way else None

    def analytic(self, node: Node, cell: Cell) -> bool:
        """Tell whether every guard below a graph certainly keeps a strict sign on a cell."""
        quantities = tuple(g.quantity for g in guards_of((node,)))
        return all(v is not ZERO and isinstance(v, Span) and bool(v.sign())
                   for v in (self.read(quantities, cell) if quantities else ()))

    def _by_slope(self, quantity: Node, cell: Cell, way: int) -> int | None:
        """A guard that only rises has the sign of its lower end, if that is not negative there."""
        low, high = ((cell.low, cell.left), (cell.high, cell.right))
        for (end, open_), sign in (((low if way > 0 else high), 1), ((high if way > 0 else low),
                                                                     -1)):
            if end.is_finite():
                value = self.end(quantity, end, open_)
                if value is not None and (value * sign > 0 or (value.is_zero() and open_)):
                    return sign
        return None

    def end(self, node: Node, place: arb, out: bool) -> arb | None:
        """Return what a graph, analytic on a cell, tends to at a finite end of it.

        At an end left out (`out`) that is its value only if no row jumps there: arctan2 and
        remainder have a value at their edges that is not the limit from both sides.
        """
        if not place.is_finite() or (out and not self.tends_to_value(node, place)):
            return None
        return self.at(node, place)

    def tends_to_value(self, node: Node, place: arb) -> bool:
        """Tell whether every guard that may be zero at a number belongs to a continuous row."""
        for guard in guards_of((node,)):
            value = self.at(guard.quantity, place)
            if value is not None and (value > 0 or value < 0):
                continue
            row = SCALARS.get(guard.owner.op)
            powers = guard.owner.op == "power" and guard.owner.inputs[1].op == "constant"
            if row is None or (min(row.smooth_at.values(), default=-1) < 0 and not powers):
                return False
        return True

    def at(self, node: Node, place: arb) -> arb | None:
        """Return a graph at an exact number as a ball; None where it is undefined."""
        (value,) = self.tape((node,)).in_balls(place)
        if value is ZERO:
            return arb(0)
        return value if isinstance(value, arb) and value.is_finite() else None


def _slope(node: Node, x: Node) -> Node | None:
    if len(topological([node])) > LARGEST:
        return None
    try:
        (found,) = merged(slope(node, [x]))
    except CannotLower:
        return None
    return found


# ---------------------------------------------------------------- rewriting
def _rewritten(output: Node, told: Mapping[Guard, Any]) -> Node:
    """Return the graph with all certain decisions taken; the same node where none was."""
    signs = {g.owner: t for g, t in told.items() if t is not None and g.piecewise}
    made: dict[Node, Node] = {}
    for node in topological([output]):
        inputs = tuple(made[i] for i in node.inputs)
        found = _simpler(node, inputs, signs.get(node))
        if found is None:
            same = all(a is b for a, b in zip(inputs, node.inputs, strict=True))
            found = node if same else Node(node.op, inputs, node.params, node.shape, node.dtype,
                                           node.origin)
        made[node] = found
    return made[output]


def _simpler(node: Node, inputs: tuple[Node, ...], sign: Any) -> Node | None:
    if sign is not None:
        if isinstance(sign, tuple):
            return constant(sign[1])
        if node.op in COMPARISONS:
            return constant(_COMPARED[node.op](sign))
        rule = _BRANCH.get(node.op)
        return None if rule is None else rule(inputs, sign)
    if node.op == "select":
        known = _known(inputs[0])
        return None if known is None else inputs[1 if known else 2]
    if node.op in LOGIC:
        return _folded(node.op, [_known(i) for i in inputs])
    return None


def _known(node: Node) -> bool | None:
    return bool(node.params["value"]) if node.op == "constant" else None


def _folded(op: str, known: list[bool | None]) -> Node | None:
    if op in ("logical_and", "logical_or"):
        ending = op == "logical_or"
        if any(k is ending for k in known):
            return constant(ending)
        return None if None in known else constant(not ending)
    if None in known:
        return None
    return constant(not known[0]) if op == "logical_not" else constant(known[0] != known[1])


_COMPARED: Mapping[str, Callable[[int], bool]] = {
    "greater": lambda s: s > 0, "greater_equal": lambda s: s >= 0, "less": lambda s: s < 0,
    "less_equal": lambda s: s <= 0, "equal": lambda s: s == 0, "not_equal": lambda s: s != 0,
}
_BRANCH: Mapping[str, Callable[[tuple[Node, ...], int], Node]] = {
    "relu": lambda i, s: i[0] if s > 0 else constant(0.0),
    "absolute": lambda i, s: i[0] if s >= 0 else -i[0],
    "maximum": lambda i, s: i[0] if s >= 0 else i[1],
    "minimum": lambda i, s: i[1] if s >= 0 else i[0],
    "sign": lambda i, s: constant(float(s)),
    "heaviside": lambda i, s: i[1] if s == 0 else constant(1.0 if s > 0 else 0.0),
    "signbit": lambda i, s: constant(s < 0),
}
