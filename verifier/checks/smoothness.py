"""How often is f differentiable? C0, C1, C2, ..., Cinf, on a whole domain.

The claim: `C2`, `C1 in x`, `Cinf in parameters`, `not C2`.
How it is decided: the domain is cut into cells on which every guard keeps a strict sign; there f is
a composition of analytic rows. Where guards vanish both pieces are differentiated and compared at
that very point, or over an interval that holds it (SOUNDNESS 9, 12, 13).
PROVED: every row is analytic where its argument can go, and at every joint all derivatives up to
the order claimed are exactly equal. REFUTED: a joint at which a derivative of that order or a lower
one differs, with its values from both sides. UNDECIDED names the cells and guards that stayed open.
A model that fails: ``np.maximum(x, 0) ** 2`` as C2; its second derivatives at 0 are 0 and 2.
The same model mended: ``np.maximum(x, 0) ** 3``.
"""

from __future__ import annotations

from typing import Any

from ..exact import tensor
from ..readers.reasons import chain
from ..readers.removable import goes_on
from ..readers.scalar_cells import Cell, counted
from ..readers.scalar_pieces import Pieces, neighbours
from ..readers.scalar_roots import Joint
from ..readers.scalar_settle import Settler
from ..readers.smoothness import ALL, EDGE, SIDES, Meeting, continuous_over, meeting
from ..settings import Settings
from ..verdicts import Claim, Verdict, Witness
from .answers import cells_of, left_of, line_of, proved, refuted, turned, undecided
from .box_ground import Ground
from .edges_of_formulas import at_edge
from .entrywise import sums_of
from .findings import ball, short
from .scalar_view import ScalarView, scalar_view
from .smoothness_over_box import smooth_over_box

RULES = {0: "jump"}


def check_smooth(request: Any, spec: Any, stops: Any, numbers: Settings) -> Claim:
    """Return what became of a claim of smoothness."""
    view = scalar_view(request, spec, stops)
    decided = (smooth_over_box(request, spec, stops, numbers, view,
                               lambda on: _by_entries(request, spec, stops, on))
               if isinstance(view, str) else _scalar(request, spec, view))
    return turned(request, spec, decided, "kink") if spec.negated else decided


def _by_entries(request: Any, spec: Any, stops: Any, on: Ground) -> Claim | None:
    """Prove C^k of sums of functions of one entry each; None where that does not do it."""
    sums = sums_of(on, stops)
    told = [] if sums is None else [_scalar(request, spec, v) for v in sums.views]
    if not told or any(c.verdict is not Verdict.PROVED for c in told):
        return None
    notes = dict.fromkeys(n for c in told for n in c.evidence.notes)
    return proved(spec, f"every value is a sum of functions of one entry each, {sums} in all: "
                  f"{told[0].reason}", notes=notes,
                  cells=sum(c.points for c in told))


def _scalar(request: Any, spec: Any, view: ScalarView) -> Claim:
    order = ALL if spec.order == "inf" else int(spec.order)
    found, settler = view.pieces(), Settler()
    meetings = meetings_of(view, order, settler)
    worst = [m for m in meetings if m.differs is not None and m.differs <= order]
    worst.sort(key=lambda m: (m.differs, abs(float(m.joint.low))))
    if worst:
        return _refuted(request, spec, view, worst)
    unsettled = [m for m in meetings if m.smooth < order and not _outside(view, m)]
    places = {(str(m.joint.low), str(m.joint.high)) for m in meetings}
    cells = [p.cell for p in found.open
             if (str(p.cell.low), str(p.cell.high)) not in places] + found.missing
    if unsettled or cells:
        return _open(spec, unsettled, found, cells)
    count = len(found.parts)
    notes = [n for p in _distinct(found) for n in chain(p, count)]
    notes += [f"at {m.joint} both sides agree up to order "
              f"{'n for every n' if m.smooth >= ALL else m.smooth}" for m in meetings]
    joints = f"{len(meetings)} joint{'s' * (len(meetings) != 1)}"
    where = f"at {joints} the sides agree as far as claimed" if meetings else "no guard can vanish"
    return proved(spec, f"every row is analytic on {cells_of(count, view.text)}; {where}",
                  notes=dict.fromkeys(notes), cells=count, patterns=len(_distinct(found)),
                  proof=line_of(found))


def _distinct(found: Pieces) -> list[Any]:
    return list(dict.fromkeys(p.output for p in found.parts))


def meetings_of(view: ScalarView, order: int, settler: Settler) -> list[Meeting]:
    """Return what is proved at each joint of the domain, left to right."""
    return meetings_at(view, view.pieces().joints, order, settler)


def meetings_at(
    view: ScalarView, joints: list[Joint], order: int, settler: Settler
) -> list[Meeting]:
    """Return what is proved at some joints."""
    found = view.pieces()
    out = []
    for joint in joints:
        value = view.value(joint.low) if joint.exact else None
        told = meeting(found, joint, value, order, settler, view.settled_at(joint.low, settler))
        beside = [p for p in neighbours(found, joint) if p is not None]
        if told.reason == EDGE and joint.exact and goes_on(beside, joint.low, value, settler):
            told = Meeting(joint, ALL, value=value)
        elif told.reason == EDGE:
            told = at_edge(view.source(Cell(joint.low, joint.low)), told, order)
        part = next((p for p in found.open if p.cell.low == joint.low
                     and p.cell.high == joint.high), None)
        if told.smooth < 0 and told.differs != 0 and part and continuous_over(part, settler):
            told = Meeting(joint, 0, told.differs, told.left, told.right, told.value, told.reason)
        out.append(told)
    return out


def _outside(view: ScalarView, told: Meeting) -> bool:
    """Tell whether a joint lies on an end that the domain leaves out."""
    domain, place = view.domain, told.joint
    return bool(place.exact and ((place.low == domain.low and domain.left)
                                 or (place.high == domain.high and domain.right)))


def _refuted(request: Any, spec: Any, view: ScalarView, worst: list[Meeting]) -> Claim:
    first = worst[0]
    order = first.differs or 0
    steep = first.left is None and order > 0
    rule = "infinite-slope" if steep else RULES.get(order, "kink")
    name = SIDES.get(order, f"derivatives of order {order}")
    at = f"{view.name} = {first.joint}"
    if first.left is None or first.right is None:
        sentence = f"'{spec.text}' does not hold: at {at} {first.reason}"
    else:
        sentence = (f"'{spec.text}' does not hold: at {at} the {name} from left and right are "
                    f"{short(first.left)} and {short(first.right)}")
        if order == 0 and first.value is not None:
            sentence += f", the value is {short(first.value)}"
    others = [str(m.joint) for m in worst[1:7]]
    sentence += f"; likewise at {', '.join(others)}" if others else ""
    place = first.joint
    numbers = {"order": str(order), "place": place.low.str(40, radius=False)}
    if not place.exact:
        numbers |= {"place": f"the only zero of a guard between {place.low.str(25, radius=False)} "
                             f"and {place.high.str(25, radius=False)}"}
    witness = Witness(point={view.name: tensor(view.point(float(place.low))[view.name])},
                      left=ball(first.left), right=ball(first.right), ball=ball(first.value),
                      numbers=numbers)
    return refuted(request, spec, rule, sentence, witness, points=len(worst), argument=view.name)


def _open(spec: Any, unsettled: list[Meeting], found: Pieces, cells: list[Any]) -> Claim:
    left = [f"at {m.joint}: {m.reason or f'proved C{m.smooth} only'}" for m in unsettled]
    blamed = {str(q.origin) for p in found.open for q in p.blamed if q.origin}
    notes = [f"guards to blame: {', '.join(sorted(blamed))}"] if blamed else []
    what = counted(len(unsettled), "joint") if unsettled else counted(len(cells), "cell")
    return undecided(spec, f"{what} could not be settled", left=(*left, *left_of(cells)),
                     points=len(found.parts), notes=notes)
