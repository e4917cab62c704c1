"""Is a scalar function of many variables differentiable at a point, and if not, what may be said?

Directions first: a kink, a jump or an infinite slope along one line refutes differentiability.
Then the pieces: equal gradients of all that touch the point prove it (SOUNDNESS 10). Membership in
the Clarke subdifferential is judged by an inner and an outer set (SOUNDNESS 11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from flint import arb

from ..graph.node import Node
from ..graph.rewrite import unified
from ..numerals.balls import Balls, precision
from ..numerals.germs import numbers_of
from ..numerals.twins import stored
from ..readers.definedness import surely_undefined
from ..readers.guards import ActiveGuard, active
from ..readers.slope import slope
from ..readers.value import Reading, read
from .guard_forms import moving_guards
from .lines import Tested, bent, directions, disjoint, tested_along
from .lipschitz import is_continuous
from .one_sided import BITS, JUMP, KINK, SMOOTH, STEEP, UNDECIDED, UNDEFINED, alike
from .pieces import Piece, Pieces, Place, hessian_on, joined, pieces_at

Array = np.ndarray
SHARP_BITS = 512
CROSS_CHECKS = 3  # lines tried where the pieces already prove a derivative
MOST_HESSIAN = 24  # inputs up to which second derivatives of pieces are compared
WITNESSES = {JUMP: 0, STEEP: 1, KINK: 2}


@dataclass(frozen=True, slots=True)
class PointBeside:
    """What a scalar f does at and beside a point.

    `gradient` (one array of balls per input) where f is differentiable, and where it is undecided
    but all pieces found share one; else `direction` is that of the witness, as one array per
    input, with `along` the slope along it and `against` minus the slope along its opposite.
    `proved` is False where equality rests on many bits only. `lipschitz`: f is proved continuous
    next to the point.
    """

    kind: str
    place: Place
    gradient: tuple[Array, ...] | None = None
    direction: dict[str, Array] | None = None
    along: arb | None = None
    against: arb | None = None
    differs_at: int | None = None
    reason: str = ""
    proved: bool = True
    pieces: Pieces = field(default_factory=Pieces)
    tested: tuple[Tested, ...] = ()
    guards: tuple[ActiveGuard, ...] = ()
    lipschitz: bool = False
    hessian: list[list[arb]] | None = None
    wide: bool = False  # undecided because balls are wide: more bits may help


def beside_scalar(
    output: Node, wrt: Sequence[Node], bindings: Mapping[str, Any], *, order: int = 1,
    seed: int = 0,
) -> PointBeside:
    """Say what `output` (of size 1) does at the point, as a function of all of `wrt` jointly.

    `order` 2 asks for second derivatives too: `hessian` where they exist.
    """
    (output,) = unified([output])
    place, here, guards = _settled(output, tuple(wrt), bindings)
    with precision(place.bits):
        value = numbers_of(here[output]).ravel()[0]
        if not value.is_finite():
            sure = surely_undefined(output, 0, here, wrt)
            return PointBeside(UNDEFINED if sure else UNDECIDED, place, guards=guards, proved=sure,
                               reason="f is no number at the point itself")
        if not guards:
            return PointBeside(SMOOTH, place, _gradient(place, here))
        if any(not g.exact for g in guards):
            return PointBeside(UNDECIDED, place, guards=guards, proved=False,
                               reason="a guard is zero to all bits tried, not exactly")
    found = _at_guards(place, guards, order, seed)
    if found.kind == UNDECIDED and found.wide and place.bits < SHARP_BITS:
        found = _at_guards(replace(place, bits=SHARP_BITS), guards, order, seed)
    return found


def _settled(
    output: Node, wrt: tuple[Node, ...], bindings: Mapping[str, Any]
) -> tuple[Place, Reading, tuple[ActiveGuard, ...]]:
    """Read f with as many bits as it takes to tell which guards are zero."""
    for bits in BITS:
        with precision(bits):
            here = read([output], bindings, Balls(bits))
            guards = moving_guards(active((output,), here, wrt), wrt, here)
        if all(g.exact for g in guards):
            break
    return Place(output, wrt, bindings, bits), here, guards


def _gradient(place: Place, here: Reading) -> tuple[Array, ...]:
    nodes = slope(place.output, place.wrt)
    reading = read(nodes, place.bindings, Balls(place.bits), known=here)
    return tuple(_settled_zeros(reading[n]) for n in nodes)


def _settled_zeros(array: Array) -> Array:
    return np.array(joined([array]), dtype=object).reshape(array.shape)


def _at_guards(
    place: Place, guards: tuple[ActiveGuard, ...], order: int, seed: int
) -> PointBeside:
    with precision(place.bits):
        here = read([place.output], place.bindings, Balls(place.bits))
        piecewise = all(g.piecewise for g in guards)
        pieces = pieces_at(place, guards) if piecewise else Pieces(
            complete=False, reason="a row is at an edge of its domain here")
        value = place.still()
        seen = Seen(pieces, (), guards, piecewise and is_continuous(place, here, guards))
        told = _by_pieces(place, value, seen)
        if told.wide and place.bits < SHARP_BITS:
            return told
        lines = directions(place, pieces, seed)
        tested = tuple(tested_along(place, here, value, d, order, BITS[-1])
                       for d in (lines[:CROSS_CHECKS] if told.kind == SMOOTH else lines))
        seen = replace(seen, tested=tested)
        worst = min((t for t in tested if t.beside.kind in WITNESSES),
                    key=lambda t: (WITNESSES[t.beside.kind], t.beside.differs_at), default=None)
        if worst is not None:
            return _witnessed(place, worst, seen)
        found = _by_pieces(place, value, seen)
        if order < 2 or found.kind != SMOOTH or place.size > MOST_HESSIAN:
            return found
        return _by_hessians(place, found, seen)


@dataclass(frozen=True, slots=True)
class Seen:
    """All that was found out at a point, whatever the verdict becomes."""

    pieces: Pieces
    tested: tuple[Tested, ...]
    guards: tuple[ActiveGuard, ...]
    lipschitz: bool

    def says(self, kind: str, place: Place, reason: str, **more: Any) -> PointBeside:
        """Return the verdict with what was seen."""
        return PointBeside(kind, place, reason=reason, pieces=self.pieces, tested=self.tested,
                           guards=self.guards, lipschitz=self.lipschitz, **more)


def _witnessed(place: Place, line: Tested, seen: Seen) -> PointBeside:
    """A kink, a jump or an infinite slope along one line: f has no derivative here."""
    at = line.beside.differs_at
    ahead, behind = (line.ahead, line.behind) if at != 2 else (line.beside.right, line.beside.left)
    return seen.says(
        line.beside.kind, place, line.beside.reason, direction=place.split(line.direction),
        along=None if ahead is None else stored(ahead),
        against=None if behind is None else stored(behind), differs_at=at,
    )


def _by_pieces(place: Place, value: Any, seen: Seen) -> PointBeside:
    """No line shows a kink: are the gradients of all pieces equal?"""
    found = seen.pieces.found
    tried = f"no kink along {len(seen.tested)} lines"
    first = found[0].gradient if found else None
    crooked = bent(place, seen.tested, first)
    if crooked is not None:
        return seen.says(KINK, place, "the slopes along lines are those of no linear map",
                         direction=place.split(crooked), differs_at=1)
    if first is None:
        return seen.says(UNDECIDED, place, f"{tried}; {seen.pieces.reason}", proved=False)
    apart = _first_apart(found)
    if apart is not None:
        return seen.says(KINK, place, "the gradients of two pieces differ",
                         direction=place.split(apart), differs_at=1)
    verdicts = {alike((p.value, value)) for p in found}
    verdicts |= {alike(pair) for p in found[1:] for pair in zip(p.gradient, first, strict=True)}
    if "apart" in verdicts:
        return seen.says(JUMP, place, "f jumps at the point", differs_at=0,
                         direction=place.split(found[0].direction))
    unsettled = any(t.beside.kind != SMOOTH for t in seen.tested)
    if "open" in verdicts or unsettled:
        return seen.says(UNDECIDED, place, f"{tried}; balls overlap widely", proved=False,
                         wide=True)
    shared = _parted(place, [stored(v) for v in first])
    if not (seen.pieces.complete and seen.lipschitz):
        why = seen.pieces.reason or "f is not proved continuous beside the point"
        return seen.says(UNDECIDED, place, f"{tried}; {why}", proved=False, gradient=shared)
    return seen.says(SMOOTH, place, "", proved=verdicts <= {"equal"}, gradient=shared)


def _by_hessians(place: Place, found: PointBeside, seen: Seen) -> PointBeside:
    """The gradients agree: do the second derivatives of all pieces, too?"""
    matrices = [hessian_on(place, p) for p in seen.pieces.found]
    known = [m for m in matrices if m is not None]
    if len(known) < len(matrices):
        return replace(found, kind=UNDECIDED, proved=False,
                       reason="the second derivatives of a piece have no finite limit here")
    verdicts = set()
    for matrix, piece in zip(known, seen.pieces.found, strict=True):
        for row, other in zip(matrix, known[0], strict=True):
            for pair in zip(row, other, strict=True):
                verdict = alike(pair)
                verdicts.add(verdict)
                if verdict == "apart":
                    return replace(
                        found, kind=KINK, differs_at=2, gradient=found.gradient, proved=True,
                        direction=place.split(piece.direction),
                        reason="the second derivatives of two pieces differ")
    return replace(found, hessian=[[stored(v) for v in row] for row in known[0]],
                   proved=found.proved and verdicts <= {"equal"})


def _parted(place: Place, values: list[Any]) -> tuple[Array, ...]:
    flat = np.empty(len(values), dtype=object)
    flat[:] = values
    parts = np.split(flat, np.cumsum([v.size for v in place.wrt])[:-1])
    return tuple(p.reshape(v.shape) for p, v in zip(parts, place.wrt, strict=True))


def _first_apart(pieces: list[Piece]) -> Array | None:
    """Return a direction into a piece whose gradient certainly differs from the first one's."""
    for piece in pieces[1:]:
        for a, b in zip(piece.gradient, pieces[0].gradient, strict=True):
            if disjoint(a, b):
                return piece.direction
    return None
