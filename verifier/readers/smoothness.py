"""How smoothly do two pieces of a function of one number meet? And why are the pieces smooth?

At a joint the two graphs beside it are both analytic; derivative by derivative they are read
there in balls. Equal means exactly equal; different means disjoint, with the constants as stored
and with them widened (SOUNDNESS 2). Over an isolating interval only a difference can be proved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flint import arb

from ..graph.node import Node
from ..graph.order import topological
from ..numerals.balls import precision
from ..numerals.spans import UNDEFINED
from ..numerals.tokens import ZERO
from ..primitives.table import SCALARS
from .guards import Guard, guards_of
from .meeting_branches import meets_at_guard
from .normal_forms import same_function, same_numbers
from .scalar_pieces import Part, Pieces, neighbours
from .scalar_roots import Joint
from .scalar_settle import Settler

DEEPEST = 12  # derivatives compared where all orders are asked for
BITS = (256, 1024)
ALL = 10**6  # an order no claim of finite order reaches
EDGE = "edge"


@dataclass(frozen=True, slots=True)
class Meeting:
    """What is proved at a joint: C^`smooth` (-1: nothing), and the first order that differs.

    `left` and `right` are the values of that order; `reason` says why neither reaches further.
    """

    joint: Joint
    smooth: int
    differs: int | None = None
    left: arb | None = None
    right: arb | None = None
    value: arb | None = None
    reason: str = ""


def meeting(
    found: Pieces, joint: Joint, value: arb | None, order: int, settler: Settler,
    whole: Node | None = None,
) -> Meeting:
    """Compare the pieces on both sides of a joint up to `order`; `value` is f there.

    `whole` is the graph of f at the joint, its decisions taken there.
    """
    before, after = neighbours(found, joint)
    sides = [p for p in (before, after) if p is not None]
    if not sides:
        return Meeting(joint, -1, value=value, reason="no piece is known beside it")
    if joint.exact and (value is None or not all(_continuous_at(p, joint, settler)
                                                 for p in sides)):
        return Meeting(joint, -1, value=value, reason=EDGE)
    last, told = min(order, DEEPEST), -1
    for k in range(last + 1):
        step = _compared(sides, joint, value if k == 0 else None, k, settler,
                         whole if k == 0 else None)
        if isinstance(step, Meeting):
            return step if step.smooth == -2 else Meeting(
                joint, told, step.differs, step.left, step.right, value, step.reason)
        if step and k == 0 and order > 0 and _one_function(sides, joint, settler):
            return Meeting(joint, ALL, value=value)
        if step:
            told = k
        elif joint.exact:
            return Meeting(joint, told, value=value, reason="equal to all bits read, not proved")
    if order > last:
        degree = max(_degree(p.output) for p in sides)
        told = ALL if told == last and degree <= last else told
    return Meeting(joint, told, value=value)


def _compared(
    sides: list[Part], joint: Joint, value: arb | None, order: int, settler: Settler,
    value_of: Node | None,
) -> bool | Meeting:
    """Return True where all are proved equal, False where that stays open."""
    for bits in BITS:
        with precision(bits):
            stored = [_at(p, joint, order, settler, False) for p in sides]
            widened = [_at(p, joint, order, settler, True) for p in sides]
            if any(v is None for v in (*stored, *widened)):
                return Meeting(joint, -1, reason=EDGE)
            known = [v for v in (*stored, value) if v is not None]
            if joint.exact and all(v.is_exact() and v == known[0] for v in known):
                return True
            if joint.exact and _same_by_form(sides, joint, order, settler, value_of):
                return True
            if not _apart(known):
                continue
            alone = value is not None and not any(
                value.overlaps(v) for v in stored if v is not None)
            wide = [v for v in (*widened, value if alone else None) if v is not None]
            if _apart(wide):
                return Meeting(joint, -1, order, stored[0], stored[-1], value)
            return Meeting(joint, -1, reason="they differ by no more than rounded constants do")
    return len(sides) == 1 and joint.exact and order > 0


def _holds_at(part: Part, joint: Joint, settler: Settler) -> bool:
    """Tell whether a part's graph is analytic at the joint itself, so that it goes on beyond."""
    return not _vanishing(part, joint, settler)


def _vanishing(part: Part, joint: Joint, settler: Settler) -> list[Guard]:
    place = joint.low if joint.exact else joint.low.union(joint.high)
    found = []
    for guard in guards_of((part.output,)):
        value = settler.at(guard.quantity, place)
        if value is None or not (value > 0 or value < 0):
            found.append(guard)
    return found


def _continuous_at(part: Part, joint: Joint, settler: Settler) -> bool:
    """Tell whether the values of a part's formulas at a joint are their limits."""
    for guard in _vanishing(part, joint, settler):
        row = SCALARS.get(guard.owner.op)
        powers = guard.owner.op == "power" and guard.owner.inputs[1].op == "constant"
        if row is None or (min(row.smooth_at.values(), default=-1) < 0 and not powers):
            return False
    return True


def _same_by_form(
    sides: list[Part], joint: Joint, order: int, settler: Settler, whole: Node | None
) -> bool:
    """Tell whether all sides (and f itself) are written as the same number."""
    graphs = [settler.derivative(p.output, p.x, order) if order else p.output for p in sides]
    if any(g is None for g in graphs) or (order == 0 and whole is None):
        return False
    return same_numbers([g for g in (*graphs, whole) if g is not None], joint.low)


def _one_function(sides: list[Part], joint: Joint, settler: Settler) -> bool:
    """Tell whether one formula, analytic at the joint too, holds on both sides."""
    if not joint.exact or not all(_holds_at(p, joint, settler) for p in sides):
        return False
    first = sides[0].output
    return all(p.output is first or same_function(p.output, first) for p in sides)


def _apart(values: list[arb]) -> bool:
    return any(not a.overlaps(b) for i, a in enumerate(values) for b in values[:i])


def _at(part: Part, joint: Joint, order: int, settler: Settler, wide: bool) -> arb | None:
    """Return a derivative of a part at, or over, a joint; None where it has none."""
    graph = settler.derivative(part.output, part.x, order) if order else part.output
    if graph is None:
        return None
    place = joint.low if joint.exact else joint.low.union(joint.high)
    (value,) = settler.tape((graph,)).in_balls(place, wide)
    if value is ZERO:
        return arb(0)
    return value if isinstance(value, arb) and value.is_finite() else None


# ---------------------------------------------------------------- structure
def continuous_over(part: Part, settler: Settler) -> bool:
    """Tell whether f is defined and without a jump over a part whose guards may vanish there."""
    if not part.open:
        return True
    (value,) = settler.read((part.output,), part.cell)
    if value is UNDEFINED:
        return False
    for guard in guards_of((part.output,)):
        row = SCALARS.get(guard.owner.op)
        meets = row is None and meets_at_guard(part.output, guard.owner)
        jumps = not meets and (row is None or min(row.smooth_at.values(), default=-1) < 0)
        if jumps and not settler.sign(guard.quantity, part.x, part.cell):
            return False
    return True


def _degree(output: Node) -> int:
    """Return a degree a graph has as a polynomial of its input; ALL where it is none."""
    found: dict[Node, int] = {}
    for node in topological([output]):
        found[node] = _degree_of(node, [found[i] for i in node.inputs])
    return found[output]


def _degree_of(node: Node, inputs: list[int]) -> int:
    if node.op in ("constant", "zero"):
        return 0
    if node.op == "input":
        return 1
    if max(inputs, default=0) == 0 and node.op != "select":
        return 0
    if node.op in ("add", "subtract", "negative"):
        return max(inputs)
    if node.op == "multiply":
        return sum(inputs)
    if node.op == "square":
        return 2 * inputs[0]
    if node.op == "divide" and inputs[1] == 0:
        return inputs[0]
    if node.op == "power" and node.inputs[1].op == "constant":
        exponent = float(node.inputs[1].params["value"])
        return int(exponent) * inputs[0] if exponent in range(20) else ALL
    return ALL


SIDES: Mapping[int, str] = {0: "limits", 1: "slopes", 2: "second derivatives",
                            3: "third derivatives"}
