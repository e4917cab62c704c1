"""Does f, or a derivative of f, stay between two numbers?

The claim: `0 <= f <= 1`, `f > 0`, `-0.13 <= df/dx <= 1.13`, `|d2f/dx2| <= 1`.
How it is decided: value or derivative is enclosed over a cover of boxes, the worst first; on one
number tails to infinity are enclosed too, and a bound that is met is proved at an exact number
where the slope is 0. Several numbers: first the form of f, or sums of functions of one entry each.
A bound of a derivative speaks of the points where f has one: where it has none (kinks, jumps) the
report names them.
PROVED: every box of the cover is inside the bounds. REFUTED: an exact point whose ball lies
strictly outside. UNDECIDED: budget spent; the boxes that were left are counted and measured.
A model that fails: ``0.5 + x / 4`` as `0 <= f <= 1` on [-3, 3].
The same model mended: ``np.clip(0.5 + x / 4, 0, 1)``.
"""

from __future__ import annotations

import time
from typing import Any

from flint import arb

from ..claims import quantity
from ..exact import tensor
from ..readers.scalar_cells import counted
from ..readers.scalar_pieces import joined
from ..readers.scalar_settle import Settler
from ..settings import Settings
from ..verdicts import Claim, Finding, Severity, Witness
from .answers import cells_of, left_of, line_of, proved, rational, refuted, undecided
from .bounds_over_box import bounded_over_box
from .findings import ball, finding, short
from .scalar_cover import Cover, Limits, cover
from .scalar_view import ScalarView, scalar_view
from .smoothness import meetings_of
from .values_at_joints import at_joints


def check_bounds(request: Any, spec: Any, stops: Any, numbers: Settings) -> Claim:
    """Return what became of a claim of bounds."""
    view = scalar_view(request, spec, stops)
    if isinstance(view, str):
        return bounded_over_box(request, spec, stops, numbers, view)
    return _scalar(request, spec, view, stops)


def limits_of(spec: Any) -> Limits:
    return Limits(rational(spec.lower), rational(spec.upper), spec.lower_strict, spec.upper_strict)


def _scalar(request: Any, spec: Any, view: ScalarView, stops: Any) -> Claim:
    order, limits = int(spec.order), limits_of(spec)
    pieces = view.pieces()
    deadline = time.monotonic() + max(0.5, 0.4 * (stops.deadline - time.monotonic()))
    found = cover(pieces.parts, order, limits, deadline)
    at_joints(view, limits if order == 0 else Limits(), found)  # a value must be there anyway
    for number, value in found.witnesses:
        if view.holds(number):
            return _refuted(request, spec, view, number, value, found)
    cells = found.left + pieces.missing
    if cells or found.witnesses:
        why = "the budget is spent" if found.cut else found.reason or "the enclosures stay too wide"
        return undecided(spec, f"{why}: {len(cells)} of {counted(found.cells, 'cell')} left open",
                         left=left_of(cells), points=found.cells)
    told = _exceptions(request, spec, view) if order else ()
    count = len(pieces.joints)
    off = f", off {count} joint{'s' * (count != 1)}" if order and count else ""
    return proved(spec, f"enclosed on {cells_of(found.cells, view.text)}{off}", cells=found.cells,
                  patterns=len(joined(pieces)), findings=told,
                  notes=[f.explanation for f in told], proof=line_of(pieces))


def _exceptions(request: Any, spec: Any, view: ScalarView) -> tuple[Finding, ...]:
    """Name the points where f has no derivative of this order: the bound is silent there."""
    kinks = [m for m in meetings_of(view, int(spec.order), Settler())
             if m.differs is not None and m.differs <= int(spec.order)]
    out = []
    for rule, chosen in (("jump", [m for m in kinks if m.differs == 0]),
                         ("kink", [m for m in kinks if m.differs])):
        if chosen:
            places = ", ".join(str(m.joint) for m in chosen[:6])
            sentence = (f"{quantity(spec)} does not exist at {view.name} = {places}: the bound "
                        "speaks of all other points")
            out.append(finding(rule, sentence, check=request.name, claim=spec.text,
                               argument=view.name, origin=request.origin, severity=Severity.NOTE))
    return tuple(out)


def _refuted(
    request: Any, spec: Any, view: ScalarView, number: float, value: arb, found: Cover
) -> Claim:
    name = quantity(spec)
    sentence = (f"'{spec.text}' does not hold: at {view.name} = {number:.17g} {name} is "
                f"{short(value, 12)}")
    witness = Witness(point={view.name: tensor(view.point(number)[view.name])}, ball=ball(value),
                      numbers={name: value.str(30)})
    return refuted(request, spec, "out-of-bounds", sentence, witness, points=found.cells,
                   argument=view.name)
