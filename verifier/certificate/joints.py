"""A function of one number piece by piece: what each piece is, and whether neighbours meet.

Between two neighbouring breaks every decision goes one way, so that the function is one entry
there. Where two different entries meet, their derivatives at the break are compared as exact
entries: the break is put in, and what comes out must be the same number by how it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from ..claims import ClaimSpec
from .covering import Effort, Refused
from .curving import SIGNS
from .differentiating import gradient
from .enclosing import Enclosure, Side
from .ground import Ground, Written, cut_of, halves
from .questions import QUESTIONS, Look, limits_of, look, rough
from .settling import open_choices, put_in, roots, settled
from .taylor import Unsure

MOST_ORDER = 8  # derivatives compared where two different entries meet


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry on the closed cell between two breaks."""

    side: Side
    written: Written
    output: int


def along_line(
    ground: Ground, spec: ClaimSpec, joints: Sequence[Fraction], effort: Effort
) -> str:
    """Return "" where a claim is proved piece by piece, else what stopped it."""
    whole = ground.box()[0]
    cuts = sorted({j for j in joints if _within(whole, j)})
    work, box = [], {0: whole}
    for cut in cuts:
        before, box = halves(box, 0, cut)
        work.append(before)
    work.append(box)
    pieces: list[Piece] = []
    work.reverse()
    while work:
        cell = work.pop()
        effort.boxes += 1
        if effort.spent():
            return effort.spent()
        piece, cut_at = _piece(ground, cell)
        if piece is None:
            if cut_at is None:
                return f"the pieces about {_shown(cell[0])} could not be told apart"
            work.extend(halves(cell, 0, cut_at)[::-1])
            continue
        pieces.append(piece)
    return _together(ground, spec, pieces, effort)


def _within(side: Side, place: Fraction) -> bool:
    return (side.low is None or side.low < place) and (side.high is None or place < side.high)


def _open(side: Side) -> dict[int, Side]:
    return {0: Side(side.low, side.high, True, True)}


def _piece(ground: Ground, cell: dict[int, Side]) -> tuple[Piece | None, Fraction | None]:
    """Return the entry that f is on the open cell, or where to cut the cell."""
    side, inside = cell[0], _open(cell[0])
    try:
        written = ground.written(inside)
    except Unsure:
        return None, _cut(side)
    enclosure = Enclosure(written.tape, inside)
    targets = tuple(written.outputs)
    while True:
        found = tuple(settled(enclosure, targets))
        if found == targets:
            break
        targets = found
    choices = open_choices(enclosure, targets)
    if not choices:
        return Piece(side, written, targets[0]), None
    places = [n for _, n in roots(enclosure, choices)]
    return None, places[0] if places else _cut(side)


def _cut(side: Side) -> Fraction | None:
    if side.low is not None and side.high is not None and side.high - side.low < Fraction(1, 2**24):
        return None
    return cut_of(side)


def _together(ground: Ground, spec: ClaimSpec, pieces: list[Piece], effort: Effort) -> str:
    for piece in pieces:
        closed = Look(ground, piece.written, Enclosure(piece.written.tape, {0: piece.side}),
                      (piece.output,))
        if not closed.enclosure.value(piece.output).ok:
            return f"f may be undefined on {_shown(piece.side)}"
        if spec.kind in (*SIGNS, "smooth") and spec.order != 0 and rough(closed, closed.outputs):
            return f"f may not be differentiable on {_shown(piece.side)}"
        if spec.kind != "smooth" and not _holds(ground, piece, spec, effort):
            return f"it stays open on {_shown(piece.side)}"
    for end in _ends(ground):
        if not _value_at(ground, end, pieces[0] if end == pieces[0].side.low else pieces[-1]):
            return f"the value at the end {end} could not be told"
    for left, right in pairwise(pieces):
        problem = _joined(ground, spec, left, right)
        if problem:
            return problem
    return ""


def _ends(ground: Ground) -> list[Fraction]:
    side = ground.box()[0]
    return [e for e, out in ((side.low, side.low_out), (side.high, side.high_out))
            if e is not None and not out]


def _holds(ground: Ground, piece: Piece, spec: ClaimSpec, effort: Effort) -> bool:
    """Tell whether the claim holds inside the piece; cut where its enclosure is too wide."""
    question = QUESTIONS[spec.kind]
    work = [piece.side]
    while work:
        side = work.pop()
        effort.boxes += 1
        if effort.spent():
            return False
        box = {0: Side(side.low, side.high, True, True)}
        at = Look(ground, piece.written, Enclosure(piece.written.tape, box), (piece.output,))
        if question(at, spec):
            continue
        cut = _cut(side)
        if cut is None:
            return False
        work += [Side(side.low, cut), Side(cut, side.high)]
    return True


def _value_at(ground: Ground, place: Fraction, piece: Piece) -> bool:
    """Tell whether f at a break is what the piece beside it tends to."""
    point = {0: Side(place, place)}
    try:
        at = look(ground, point)
    except Unsure:
        return False
    (found,) = settled(at.enclosure, at.outputs)
    (here,) = put_in(at.written.tape, [found], {0: place})
    (beside,) = put_in(piece.written.tape, [piece.output], {0: place})
    return _same(at.written, here, piece.written, beside)


def _same(one: Written, a: int, other: Written, b: int) -> bool:
    """Tell whether two entries without leaves are one number."""
    if one is other and a == b:
        return True
    first, second = one.tape.number(a), other.tape.number(b)
    return first is not None and second is not None and bool(first == second)


def _joined(ground: Ground, spec: ClaimSpec, left: Piece, right: Piece) -> str:
    place = left.side.high
    if place is None or place != right.side.low:
        raise Refused("the cells of the line leave a gap")
    if spec.kind == "bounds" and not _bounded_at(ground, spec, place):
        return f"the value at {float(place):.12g} stays open"
    if spec.kind == "bounds":
        return ""
    if not (_value_at(ground, place, left) and _value_at(ground, place, right)):
        fine = spec.kind in ("increasing", "decreasing") and _in_order(
            ground, spec, left, right, place)
        return "" if fine else f"f may jump at {float(place):.12g}"
    if spec.kind in ("increasing", "decreasing", "lipschitz"):
        return ""
    if left.written is right.written and left.output == right.output:
        return ""
    if spec.kind != "smooth":
        return _bent_rightly(spec, left, right, place)
    if spec.order == "inf":
        return f"two formulas meet at {float(place):.12g}"
    order = int(spec.order)
    if order > MOST_ORDER:
        return f"derivatives beyond order {MOST_ORDER} are not compared at {float(place):.12g}"
    outputs = [left.output, right.output]
    for degree in range(1, order + 1):
        outputs = [gradient(p.written.tape, k, [0])[0] for p, k in zip(
            (left, right), outputs, strict=True)]
        values = [put_in(p.written.tape, [k], {0: place})[0] for p, k in zip(
            (left, right), outputs, strict=True)]
        if not _same(left.written, values[0], right.written, values[1]):
            return f"derivatives of order {degree} may differ at {float(place):.12g}"
    return ""


def _bounded_at(ground: Ground, spec: ClaimSpec, place: Fraction) -> bool:
    """Tell whether f itself lies within the bounds at a break; a slope there need not exist."""
    limits = limits_of(spec)
    if int(spec.order):
        return not (limits.low_out or limits.high_out)
    at = look(ground, {0: Side(place, place)})
    return all(limits.hold(v) for v in at.values(settled(at.enclosure, at.outputs)))


def _in_order(
    ground: Ground, spec: ClaimSpec, left: Piece, right: Piece, place: Fraction
) -> bool:
    """Tell whether left limit, value and right limit follow each other the way claimed."""
    point = {0: Side(place, place)}
    at = look(ground, point)
    (middle,) = at.values(settled(at.enclosure, at.outputs))
    rows = [Enclosure(p.written.tape, point).value(p.output) for p in (left, right)]
    values = [rows[0], middle, rows[1]]
    if spec.kind == "decreasing":
        values.reverse()
    return all(v.ok for v in values) and all(
        bool(a.hi <= b.lo) for a, b in pairwise(values))


def _bent_rightly(spec: ClaimSpec, left: Piece, right: Piece, place: Fraction) -> str:
    """The slope may only rise where f is convex, only fall where it is concave."""
    point = {0: Side(place, place)}
    slopes = []
    for piece in (left, right):
        (slope,) = gradient(piece.written.tape, piece.output, [0])
        (number,) = put_in(piece.written.tape, [slope], {0: place})
        slopes.append((piece.written, number, Enclosure(piece.written.tape, point).value(number)))
    (one, a, before), (other, b, after) = slopes
    if not (before.ok and after.ok):
        return f"the slope may not be finite at {float(place):.12g}"
    if _same(one, a, other, b):
        return ""
    for sign in SIGNS[spec.kind]:
        fine = before.hi <= after.lo if sign > 0 else before.lo >= after.hi
        if not fine:
            return f"the slope may go the wrong way at {float(place):.12g}"
    return ""


def _shown(side: Side) -> str:
    low = "-oo" if side.low is None else f"{float(side.low):.6g}"
    return f"[{low}, {'oo' if side.high is None else f'{float(side.high):.6g}'}]"


