"""Where on a segment of the box is f not C^k? A segment makes f a function of one number.

Where that is not C^k, f is not. Its joints are found and compared as those of any function of one
number: at exact places, or over an interval that holds the only zero of a guard (SOUNDNESS 12).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from flint import arb

from ..errors import CannotLower
from ..exact import tensor
from ..graph.node import Node, apply, constant
from ..graph.order import topological
from ..numerals.balls import precision
from ..primitives.linear import gather
from ..readers.scalar_cells import Cell
from ..readers.scalar_pieces import Program, pieces_of
from ..readers.scalar_settle import Settler
from ..readers.scalar_tape import scalarised, tape
from ..readers.smoothness import EDGE, SIDES, Meeting, meeting
from ..settings import Settings
from ..verdicts import Claim, Witness
from .answers import refuted
from .box_ground import Ground
from .climb import ends_inside, starts
from .edges_of_formulas import at_edge
from .findings import ball, short

Array = np.ndarray
Point = dict[str, Array]
SEGMENTS = 16
ENTRIES = 4
SHARE = 0.4  # of the seconds left: for segments, the rest is for the cover
CELLS = 80  # cells of one segment
FAR = 2.0**20  # an unbounded side is walked no further


def kink_on_segments(
    request: Any, spec: Any, stops: Any, numbers: Settings, on: Ground, order: int
) -> Claim | None:
    """Return the refutation found on a segment, None where none was."""
    end = time.monotonic() + SHARE * max(1.0, stops.deadline - time.monotonic())
    for begin, goal in _segments(request, stops, numbers, on):
        for entry in range(min(on.output.size, ENTRIES)):
            if time.monotonic() > end:
                return None
            worst = _worst_on(on, begin, goal, entry, order)
            if worst is not None:
                return _refuted(request, spec, on, begin, goal, worst)
    return None


def _segments(
    request: Any, stops: Any, numbers: Settings, on: Ground
) -> Iterator[tuple[Point, Point]]:
    """Yield segments between points of the box, then short ones centred at visited points."""
    ends = ends_inside(stops, on.here)
    points = [{k: np.clip(v, -FAR, FAR) if k in on.names else v for k, v in p.items()}
              for p in starts(request, stops, on.here, numbers)]
    points = [p for p in points if all(np.all(np.isfinite(p[k])) for k in on.names)]
    random = np.random.default_rng([request.seed, 13])
    for _ in range(SEGMENTS if len(points) > 1 else 0):
        one, other = random.choice(len(points), 2, replace=False)
        yield points[one], {**points[one], **{k: points[other][k] for k in on.names}}
    for point in points[:SEGMENTS]:
        pair = (dict(point), dict(point))
        for name in on.names:
            low, high = ends.get(name, (point[name], point[name]))
            room = np.minimum(np.minimum(high - point[name], point[name] - low), 0.5)
            step = room * np.round(random.uniform(-1, 1, room.shape) * 16) / 16
            pair[0][name] = (point[name] - step).astype(point[name].dtype)
            pair[1][name] = (point[name] + step).astype(point[name].dtype)
        yield pair


def _along(on: Ground, begin: Point, goal: Point, entry: int) -> Program:
    """Return f(begin + t (goal - begin)), one entry of it, as a function of t."""
    t = Node("input", (), {"name": "t"}, (), "float64")
    made: dict[Node, Node] = {}
    for x in on.moved:
        name = x.params["name"]
        step = apply("subtract", constant(goal[name], "float64"), constant(begin[name], "float64"))
        made[x] = apply("add", constant(begin[name], "float64"), apply("multiply", t, step))
    roots = [gather([on.output], np.array([entry])) if on.output.size > 1 else on.output,
             *(c.node for c in on.path)]
    for node in topological(roots):
        if node not in made:
            inputs = tuple(made[i] for i in node.inputs)
            made[node] = node if node.op == "input" else Node(
                node.op, inputs, node.params, node.shape, node.dtype, node.origin)
    scalar = [scalarised(made[r], t, begin) for r in roots]
    variable = scalar[0][1]
    if on.path and any(c.node.size != 1 for c in on.path):
        raise CannotLower("a path that decides several numbers at once", slug="not-covered")
    path = [(_moved(n, v, variable), bool(np.all(c.taken)))
            for (n, v), c in zip(scalar[1:], on.path, strict=True)]
    return Program(scalar[0][0], variable, tuple(path))


def _moved(node: Node, old: Node, new: Node) -> Node:
    made: dict[Node, Node] = {old: new}
    for each in topological([node]):
        if each not in made:
            inputs = tuple(made[i] for i in each.inputs)
            made[each] = Node(each.op, inputs, each.params, each.shape, each.dtype, each.origin)
    return made[node]


def _worst_on(on: Ground, begin: Point, goal: Point, entry: int, order: int) -> Meeting | None:
    """Return the joint of the segment where the lowest derivative differs, if one does."""
    if all(np.array_equal(begin[k], goal[k]) for k in on.names):
        return None
    try:
        program = _along(on, begin, goal, entry)
    except CannotLower:
        return None
    worst, settler = None, Settler()
    with precision(128):
        found = pieces_of(lambda cell: program, Cell(arb(0), arb(1)), CELLS)
    for joint in found.joints:
        if not (joint.low > 0 and joint.high < 1):
            continue
        value = None
        if joint.exact:
            (value,) = tape((program.output,)).in_balls(joint.low)
            value = value if isinstance(value, arb) and value.is_finite() else None
        told = meeting(found, joint, value, order, settler)
        if told.reason == EDGE:
            told = at_edge(program, told, order)
        if told.differs is not None and told.differs <= order and (
                worst is None or told.differs < (worst.differs or 0)):
            worst = told
    return worst


def _refuted(
    request: Any, spec: Any, on: Ground, begin: Point, goal: Point, worst: Meeting
) -> Claim:
    order, place = worst.differs or 0, worst.joint
    name = SIDES.get(order, f"derivatives of order {order}")
    sides = f"the {name} along the segment are {short(worst.left)} and {short(worst.right)}" if (
        worst.left is not None and worst.right is not None) else worst.reason
    sentence = (f"'{spec.text}' does not hold: on the segment of the witness, at t = {place}, "
                f"{sides}")
    rule = "jump" if order == 0 else "infinite-slope" if worst.left is None else "kink"
    witness = Witness(
        point={k: tensor(v) for k, v in begin.items()},
        second_point={k: tensor(v) for k, v in goal.items()},
        left=ball(worst.left), right=ball(worst.right), weight=place.low.str(30, radius=False),
        numbers={"order": str(order), "t from": place.low.str(30, radius=False),
                 "t to": place.high.str(30, radius=False)})
    return refuted(request, spec, rule, sentence, witness)
