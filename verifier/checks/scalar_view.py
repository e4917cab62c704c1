"""The subject as a function of one number on an interval, where that is what a claim speaks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb, fmpq

from ..domains import BOX, Domain
from ..errors import CannotLower, SubjectRaised, VerifierError
from ..graph.node import Node
from ..numerals.balls import precision
from ..numerals.spans import INFINITE
from ..primitives.identities import rewrite
from ..readers.scalar_cells import Cell
from ..readers.scalar_pieces import Pieces, Program, pieces_of
from ..readers.scalar_settle import Settler
from ..readers.scalar_tape import scalarised, tape
from .lifting import take_road
from .observe import observe
from .subject import Here

Array = np.ndarray
BITS = 128
PROBES = (0.5, 1.5, -0.5, 3.0, 0.0)


@dataclass(slots=True)
class ScalarView:
    """One number in, one number out: the leaf `name` moves in `domain`, all else stays.

    `source` gives the graph that holds on a cell. `pieces` are found once and kept.
    """

    here: Here
    name: str
    domain: Cell
    text: str
    box: Domain
    shape: tuple[int, ...]
    source: Callable[[Cell], Program | None]
    found: Pieces | None = None
    graphs: dict[str, Program] = field(default_factory=dict)

    def pieces(self) -> Pieces:
        if self.found is None:
            with precision(BITS):
                self.found = pieces_of(self.source, self.domain)
        return self.found

    def point(self, number: float) -> dict[str, Array]:
        """Return all leaves with the number put in its place."""
        kind = self.here.leaves[self.name].dtype
        return {**self.here.leaves, self.name: np.full(self.shape, number, dtype=kind)}

    def holds(self, number: float) -> bool:
        """Tell whether a float lies in the domain and in the dtype it is run in."""
        kind = self.here.leaves[self.name].dtype
        return self.domain.holds(number) and float(np.asarray(number, kind)) == number

    def settled_at(self, place: arb, settler: Settler) -> Node | None:
        """Return the graph at an exact number with the decisions the program takes there."""
        program = self.source(Cell(place, place))
        if program is None or program.path:
            return None
        return settler.settle(program.output, program.x, Cell(place, place)).node

    def value(self, place: arb, bits: int = 256) -> arb | None:
        """Return f at an exact number, decided as the program decides it; None if undefined."""
        program = self.source(Cell(place, place))
        if program is None:
            return None
        with precision(bits):
            found = tape((program.output, *(c for c, _ in program.path))).in_balls(place)
        if any(v is not taken for v, (_, taken) in zip(found[1:], program.path, strict=True)):
            return None
        number = found[0] if isinstance(found[0], arb) else arb(0)
        return number if number.is_finite() else None


def scalar_view(request: Any, spec: Any, stops: Any) -> ScalarView | str:
    """Return the subject as a function of one number, or why it is none."""
    known = getattr(stops, "scalar_views", None)
    key = tuple(spec.arguments)
    if known is None:
        known = stops.scalar_views = {}
    if key not in known:
        try:
            known[key] = _made(request, spec, stops)
        except VerifierError as error:
            known[key] = str(error)
    found: ScalarView | str = known[key]
    return found


def _made(request: Any, spec: Any, stops: Any) -> ScalarView | str:
    here: Here = next(iter(stops))
    boxes = {k: d for k, d in stops.plan.domains.items() if d.kind == BOX}
    if len(boxes) != len(stops.plan.domains) or len(boxes) != 1:
        return "the domain is not one box"
    ((name, box),) = boxes.items()
    if any(a not in (name, "parameters") for a in spec.arguments):
        return f"'{name}' is not the argument of the claim"
    if name not in here.leaves or len(box.factors) != 1:
        return "the argument is not one number"
    leaf = here.leaves[name]
    shape = () if stops.plan.batched else leaf.shape
    if stops.plan.batched and not _runs(request, here, name, shape):
        shape = (1,)
    if int(np.prod(shape)) != 1 or (here.value.size != 1 and not stops.plan.batched):
        return "the function does not take one number to one"
    factor = box.factors[0]
    domain = Cell(end_of(factor.low, -1), end_of(factor.high, 1), factor.low_open, factor.high_open)
    view = ScalarView(here, name, domain, box.describe(), box, shape, lambda cell: None)
    view.source = _source(request, view)
    return view


def _runs(request: Any, here: Here, name: str, shape: tuple[int, ...]) -> bool:
    leaf = here.leaves[name]
    leaves = {**here.leaves, name: np.reshape(leaf.ravel()[:1], shape)}
    observed = observe(here.program, leaves)
    return observed.raised is None and np.size(observed.value) == 1


def end_of(end: Any, side: int) -> arb:
    """Return an end of the domain: proofs enclose it outward (SOUNDNESS 1)."""
    if end is None:
        return side * INFINITE
    with precision(BITS):
        number = arb(fmpq(end.numerator, end.denominator))
        return number if number.is_exact() else number.lower() if side < 0 else number.upper()


def _source(request: Any, view: ScalarView) -> Callable[[Cell], Program | None]:
    here = view.here
    start = _lifted_at(request, view, _inside(view.domain))
    if start is None:
        raise CannotLower(f"no graph: {here.road.reason or 'the lift fails'}", slug="not-covered")
    if not start.path:
        return lambda cell: start

    def source(cell: Cell) -> Program | None:
        middle = float(cell.low) if cell.low == cell.high else cell.middle()
        return None if middle is None else _lifted_at(request, view, middle)

    return source


def _inside(domain: Cell) -> float:
    near = [p for p in PROBES if domain.inside(p)]
    middle = domain.middle()
    return near[0] if near else float(domain.low) if middle is None else middle


def _lifted_at(request: Any, view: ScalarView, number: float) -> Program | None:
    """Return the scalar graph of the path taken at a number; equal graphs are one object."""
    here, leaves = view.here, view.point(number)
    observed = observe(here.program, leaves)
    if observed.raised is not None:
        raise SubjectRaised(f"it raises {observed.raised} at {number}", slug="subject-raised")
    road = take_road(here.program, leaves, observed.value, opaque=request.opaque)
    lifted = road.lifted
    if lifted is None or lifted.pinned or not _one_number(lifted.output):
        return None
    made = _program(lifted, view.name, leaves)
    steps = tape((made.output, *(c for c, _ in made.path))).steps
    key = repr([(s.op, s.operands, repr(s.value)) for s in steps]) + repr(
        [t for _, t in made.path])
    return view.graphs.setdefault(key, made)


def _one_number(output: Any) -> bool:
    return np.size(output) == 1 if not isinstance(output, Node) else output.size == 1


def _program(lifted: Any, name: str, leaves: Mapping[str, Array]) -> Program:
    from ..graph.node import constant

    x = lifted.inputs[name]
    output = lifted.output
    if not isinstance(output, Node):
        output = constant(np.asarray(output, dtype=float).ravel()[0])
    path = []
    for condition in lifted.path:
        if condition.node.size != 1:
            raise CannotLower("the path decides several numbers at once", slug="not-covered")
        path.append((condition.node, bool(np.asarray(condition.taken).ravel()[0])))
    nodes = [scalarised(n, x, leaves) for n in (output, *(c for c, _ in path))]
    variable = nodes[0][1]
    moved = [n if v is variable else _renamed(n, v, variable) for n, v in nodes]
    moved[0] = rewrite(moved[:1]).outputs[0]
    return Program(moved[0], variable,
                   tuple((n, t) for n, (_, t) in zip(moved[1:], path, strict=True)))


def _renamed(node: Node, old: Node, new: Node) -> Node:
    """Return the graph with one input put for another."""
    from ..graph.order import topological

    made: dict[Node, Node] = {old: new}
    for each in topological([node]):
        if each not in made:
            inputs = tuple(made[i] for i in each.inputs)
            made[each] = Node(each.op, inputs, each.params, each.shape, each.dtype, each.origin)
    return made[node]
