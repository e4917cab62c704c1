"""Does f only rise? `increasing in x`, `decreasing in x`, strictly or not.

How it is decided: one number in: the slope is enclosed on every analytic piece (branch and bound),
and at every joint the values of both sides and of f itself must follow each other. Several numbers
in: f is proved continuous on the box and each named component of the gradient is enclosed over a
cover of boxes, all pieces together (SOUNDNESS 14: floor has slope 0 and is not constant).
PROVED: the slopes have the sign claimed everywhere; for `strictly`, no piece is constant either.
REFUTED: two exact points in order whose values are in the other order, both enclosed.
A model that fails: ``x / (1 + exp(-x))``, which falls below -1.278...
The same model mended: ``log(1 + exp(x))``.
"""

from __future__ import annotations

import time
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import arb

from ..exact import tensor
from ..numerals.balls import precision
from ..readers.scalar_cells import counted, halves
from ..readers.scalar_pieces import Part, joined, neighbours
from ..readers.scalar_settle import Settler
from ..readers.smoothness import continuous_over
from ..settings import Settings
from ..verdicts import Claim, Verdict, Witness
from .answers import cells_of, left_of, line_of, proved, refuted, turned, undecided
from .box_ground import Ground
from .entrywise import sums_of
from .findings import ball, short
from .gradient_over_box import monotone_over_box
from .sampled import Sample, close_pair, sampled
from .scalar_cover import Cover, Limits, cover
from .scalar_view import ScalarView, scalar_view
from .smoothness import meetings_at

SHARE = 0.4  # of the time left: what one cover may take


def check_monotone(request: Any, spec: Any, stops: Any, numbers: Settings) -> Claim:
    """Return what became of `increasing` or `decreasing`."""
    view = scalar_view(request, spec, stops)
    decided = (monotone_over_box(request, spec, stops, numbers, view,
                                 lambda on: _by_entries(spec, stops, on))
               if isinstance(view, str) else _scalar(request, spec, view, stops))
    return turned(request, spec, decided, "not-monotone") if spec.negated else decided


def _scalar(request: Any, spec: Any, view: ScalarView, stops: Any) -> Claim:
    way = 1 if spec.kind == "increasing" else -1
    samples = sampled(view)
    found = _falling(samples, way, spec.strict)
    if found is None:
        slopes = _slopes(view, way, stops)
        for number, value in slopes.witnesses:
            if value * way < 0 and found is None:
                pair = close_pair(view, number, lambda a, b: (b.value - a.value) * way < 0)
                found = pair or found
    else:
        slopes = Cover()
    if found is None and spec.strict:
        found = _flat(view)
    if found is not None:
        return _refuted(request, spec, view, *found)
    return _concluded(spec, view, slopes, way)


def _by_entries(spec: Any, stops: Any, on: Ground) -> Claim | None:
    """Prove it of a sum of functions of one entry each; None where that does not do it."""
    sums, way = sums_of(on, stops), 1 if spec.kind == "increasing" else -1
    if sums is None or (spec.strict and len(sums.rows[0]) < sums.entries):
        return None
    told = [_concluded(spec, v, _slopes(v, way, stops), way) for v in sums.views]
    if not told or any(c.verdict is not Verdict.PROVED for c in told):
        return None
    return proved(spec, f"f is a sum of functions of one entry each, {sums} in all: "
                  f"{told[0].reason}", cells=sum(c.points for c in told))


def _slopes(view: ScalarView, way: int, stops: Any) -> Cover:
    limits = Limits(low=Fraction(0)) if way > 0 else Limits(high=Fraction(0))
    deadline = time.monotonic() + max(0.5, SHARE * (stops.deadline - time.monotonic()))
    return cover(view.pieces().parts, 1, limits, deadline)


def _concluded(spec: Any, view: ScalarView, slopes: Cover, way: int) -> Claim:
    pieces, settler = view.pieces(), Settler()
    cells = slopes.left + pieces.missing
    reasons = []
    with precision(256):
        jumps = [str(j) for j in pieces.joints if not _follows(view, j, way, settler)]
        torn = [p.cell for p in pieces.open if not continuous_over(p, settler)]
        flat = spec.strict and not _never_flat(pieces, settler, way)
    if jumps:
        reasons.append(f"continuity, or a jump the right way, is open at {', '.join(jumps[:4])}")
    if torn:
        reasons.append("f may jump where guards stayed open")
    if flat:
        reasons.append("a piece could not be proved to be nowhere constant")
    if cells or reasons or slopes.witnesses:
        reasons = reasons or [f"the slope's sign is open on {counted(len(cells), 'cell')}"]
        return undecided(spec, "; ".join(reasons), left=left_of(cells + torn), points=slopes.cells)
    sign = ">= 0" if way > 0 else "<= 0"
    notes = [f"{len(pieces.joints)} joints: both sides and the value follow each other"] if (
        pieces.joints) else []
    strictly = "; no piece is constant, and each is analytic" if spec.strict else ""
    return proved(spec, f"the slope is {sign} on {cells_of(slopes.cells, view.text)}{strictly}",
                  cells=slopes.cells, notes=notes, patterns=len(joined(pieces)),
                  proof=line_of(pieces))


def _follows(view: ScalarView, joint: Any, way: int, settler: Settler) -> bool:
    """Tell whether left limit, value and right limit are in order at a joint."""
    before, after = neighbours(view.pieces(), joint)
    (told,) = meetings_at(view, [joint], 0, settler)
    if told.smooth >= 0:
        return True
    if not joint.exact:
        part = [p for p in view.pieces().open if p.cell.low == joint.low]
        return all(continuous_over(p, settler) for p in part)
    sides: list[arb] = []
    at = [before and settler.end(before.output, joint.low, True), view.value(joint.low),
          after and settler.end(after.output, joint.low, True)]
    for known, value in zip((before, True, after), at, strict=True):
        if known is not None:
            if value is None:
                return _left_out(view, joint)
            sides.append(value * way)
    return all(a <= b or bool((b - a).is_zero()) for a, b in pairwise(sides))


def _left_out(view: ScalarView, joint: Any) -> bool:
    """Tell whether a joint is an end the domain leaves out, or f is continuous onto an end."""
    domain = view.domain
    out = (joint.low == domain.low and domain.left) or (joint.high == domain.high and domain.right)
    return bool(out)


def _never_flat(pieces: Any, settler: Settler, way: int) -> bool:
    """An analytic piece whose slope keeps its sign is strictly monotone unless it is constant."""
    for run in joined(pieces):
        if run[0].open and run[0].cell.low == run[0].cell.high:
            continue
        if not any(_moves(part, settler, way) for part in run):
            return False
    return not any(p.cell.high > p.cell.low and p.open and not _moves_strictly(p, settler, way)
                   for p in pieces.open)


def _moves(part: Part, settler: Settler, way: int) -> bool:
    rate = settler.derivative(part.output, part.x)
    if rate is None:
        return False
    for cell in (part.cell, *(halves(part.cell) or ())):
        middle = cell.middle()
        place = arb(middle) if middle is not None else ((cell.low + cell.high) / 2).mid()
        value = settler.at(rate, place)
        if value is not None and value * way > 0:
            return True
    return _moves_strictly(part, settler, way)


def _moves_strictly(part: Part, settler: Settler, way: int) -> bool:
    rate = settler.derivative(part.output, part.x)
    return rate is not None and settler.sign(rate, part.x, part.cell) == way


# ---------------------------------------------------------------- refutation
def _falling(samples: list[Sample], way: int, strict: bool) -> tuple[Sample, Sample] | None:
    """Return neighbours in the wrong order, those furthest apart first."""
    worst: tuple[float, tuple[Sample, Sample]] | None = None
    for pair in pairwise(samples):
        gap = (pair[1].value - pair[0].value) * way
        if gap < 0 or (strict and gap.is_zero() and pair[0].value.is_exact()):
            size = -float(gap)
            worst = worst if worst is not None and worst[0] >= size else (size, pair)
    return None if worst is None else worst[1]


def _flat(view: ScalarView) -> tuple[Sample, Sample] | None:
    """Return two numbers of a piece that is constant by structure."""
    settler = Settler()
    for part in view.pieces().parts:
        rate = None if part.open else settler.derivative(part.output, part.x)
        if rate is None or rate.op != "zero":
            continue
        first = part.cell.middle()
        second = None if first is None else part.cell.cut(arb(first))[1].middle()
        if first is not None and second is not None:
            values = [view.value(arb(n)) for n in (first, second)]
            if None not in values:
                return Sample(first, values[0]), Sample(second, values[1])  # type: ignore[arg-type]
    return None


def _refuted(request: Any, spec: Any, view: ScalarView, a: Sample, b: Sample) -> Claim:
    name = view.name
    relation = "=" if (b.value - a.value).is_zero() or b.value.overlaps(a.value) else (
        ">" if a.value > b.value else "<")
    sentence = (f"'{spec.text}' does not hold: f({a.number:.17g}) = {short(a.value, 12)} "
                f"{relation} f({b.number:.17g}) = {short(b.value, 12)}")
    witness = Witness(
        point={name: tensor(view.point(a.number)[name])},
        second_point={name: tensor(view.point(b.number)[name])},
        ball=ball(b.value - a.value),
        numbers={"f(x)": a.value.str(25), "f(y)": b.value.str(25)})
    return refuted(request, spec, "not-monotone", sentence, witness, points=2, argument=name)
