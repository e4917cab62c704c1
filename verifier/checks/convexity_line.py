"""Is a function of one number convex? Its second derivative on every piece, slopes at every kink.

The pieces and the places where they meet come from the scalar reader; a fragment of a bigger graph
that depends on one number is decided the same way.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from ..errors import VerifierError
from ..graph.node import Node
from ..graph.order import topological
from ..numerals.balls import precision
from ..numerals.spans import INFINITE, UNDEFINED
from ..readers.fragments import Prover, Stretch
from ..readers.scalar_cells import Cell, halves
from ..readers.scalar_pieces import Part, Pieces, Program, neighbours, pieces_of
from ..readers.scalar_roots import Joint
from ..readers.scalar_settle import Settler
from ..readers.scalar_tape import tape
from ..readers.smoothness import meeting
from .convexity_scene import Attempt, Proof
from .scalar_cover import Limits
from .scalar_cover import cover as cover_line

JOINT_BITS = 512
BITS = 128
FRAGMENTS = 8  # functions of one number tried in one graph
SECONDS = 1.0  # each of them may take
CELLS = 4000
FEW_CELLS = 400
MOST_SPANS = 400  # cells looked at to prove a value everywhere


def by_line(
    view: Any, sign: float, strength: Fraction, word: str, deadline: float, most: int = CELLS
) -> Attempt:
    """Prove for a function of one number: f'' on every piece, slopes that rise at every joint."""
    pieces: Pieces = view.pieces()
    if pieces.missing or pieces.open or not pieces.parts:
        return Attempt(left="its pieces on the line could not all be told apart")
    if not _ends_continuous(view, pieces):
        return Attempt(left="the function may jump at an end of the domain")
    settler = Settler()
    if not all(_defined(part, settler) for part in pieces.parts):
        return Attempt(left="the function may be undefined somewhere on its domain")
    for joint in pieces.joints:
        problem = _joint_problem(view, pieces, joint, sign, settler)
        if problem:
            return Attempt(left=problem)
    limit = strength if sign > 0 else -strength
    limits = Limits(low=limit) if sign > 0 else Limits(high=limit)
    found = cover_line(pieces.parts, 2, limits, deadline, most=most, witnesses=1)
    if not found.proved:
        more = [view.point(number) for number, _ in found.witnesses]
        left = f"{len(found.left)} of {found.cells} parts of the line are left"
        return Attempt(left=left, suggestions=more)
    joints = [f"at {j} the slope does not {'fall' if sign > 0 else 'rise'}"
              for j in pieces.joints]
    bound = f"{'>=' if sign > 0 else '<='} {float(limit):g}"
    reason = f"{word}: the second derivative is {bound} on all of {view.text}" + (
        f" and the slope moves the same way at {len(joints)} kinks" if joints else "")
    data = {"kind": "second derivative", "cells": found.cells, "joints": joints}
    return Attempt(Proof(reason, tuple(joints), data, found.cells))


def _defined(part: Part, settler: Settler) -> bool:
    """Tell whether the graph of a piece is proved to have a value all over its cell."""
    constants = (n.params["value"] for n in topological([part.output]) if n.op == "constant")
    if not all(np.all(np.isfinite(np.asarray(c, dtype=float))) for c in constants):
        return False
    work = [part.cell]
    with precision(BITS):
        for _ in range(MOST_SPANS):
            if not work:
                return True
            cell = work.pop()
            (found,) = settler.read((part.output,), cell)
            if found is UNDEFINED:
                parts = None if cell.tiny() else halves(cell)
                if parts is None:
                    return False
                work.extend(parts)
    return not work


def _ends_continuous(view: Any, pieces: Pieces) -> bool:
    """Tell whether the first and the last piece reach the closed ends of the domain.

    A piece may leave its end out where a joint stands there, which is looked at by itself.
    """
    first, last = pieces.parts[0].cell, pieces.parts[-1].cell
    domain: Cell = view.domain
    met = [j.low for j in pieces.joints if j.exact]
    low = bool(first.low == domain.low) and (not first.left or domain.left or domain.low in met)
    high = bool(last.high == domain.high) and (
        not last.right or domain.right or domain.high in met)
    return (low or not domain.low.is_finite()) and (high or not domain.high.is_finite())


def _joint_problem(
    view: Any, pieces: Pieces, joint: Joint, sign: float, settler: Settler
) -> str | None:
    """Return what is not proved where two pieces meet; None where all is well."""
    sides = neighbours(pieces, joint)
    at_end = bool(joint.low == view.domain.low) or bool(joint.low == view.domain.high)
    if not joint.exact or (None in sides and not (at_end and any(sides))):
        return f"what happens at {joint} could not be told"
    parts = [p for p in sides if p is not None]
    middle = view.value(joint.low, JOINT_BITS)
    whole = view.settled_at(joint.low, settler)
    smooth = meeting(pieces, joint, middle, 1, settler, whole).smooth
    if smooth >= 1:
        return None
    with precision(JOINT_BITS):
        values = [settler.at(p.output, joint.low) for p in parts]
        if middle is None or any(v is None for v in values):
            return f"the function has no value at {joint}"
        if smooth < 0 and not all(_equal(v, middle) for v in values):
            return f"it could not be proved continuous at {joint}"
        if len(parts) < 2:
            return None
        slopes = [settler.derivative(p.output, p.x) for p in parts]
        ahead = [None if s is None else settler.at(s, joint.low) for s in slopes]
        if ahead[0] is None or ahead[1] is None:
            return f"the slope is not finite at {joint}"
        if not int(sign) * (ahead[1] - ahead[0]) >= 0:
            return f"the slope may go the wrong way at {joint}"
    return None


def _equal(a: Any, b: Any) -> bool:
    gap = a - b
    return bool(gap.is_zero()) if isinstance(gap, arb) else bool(gap == 0)


# ---------------------------------------------------------------- fragments
@dataclass(slots=True)
class FragmentView:
    """A fragment of a graph seen as a function of one number."""

    stretch: Stretch
    domain: Cell
    text: str
    found: Pieces | None = None

    def pieces(self) -> Pieces:
        if self.found is None:
            program = Program(self.stretch.output, self.stretch.x)
            with precision(BITS):
                self.found = pieces_of(lambda cell: program, self.domain)
        return self.found

    def value(self, place: arb, bits: int) -> arb | None:
        with precision(bits):
            (found,) = tape((self.stretch.output,)).in_balls(place)
        number = found if isinstance(found, arb) else arb(0)
        return number if number.is_finite() else None

    def settled_at(self, place: arb, settler: Settler) -> Node:
        """Return the graph at an exact number, its decisions taken there."""
        return settler.settle(self.stretch.output, self.stretch.x, Cell(place, place)).node

    def point(self, number: float) -> dict[str, Any]:
        return {"t": number}


def fragment_prover(deadline: float) -> Prover:
    """Return what decides fragments: at most a few, each within its own seconds."""
    tried: list[Stretch] = []

    def prove(stretch: Stretch, moves: bool) -> int:
        if len(tried) >= FRAGMENTS or time.monotonic() > deadline:
            return 0
        tried.append(stretch)
        low, high = (arb(v) if abs(v) != float("inf") else (1 if v > 0 else -1) * INFINITE
                     for v in (stretch.low, stretch.high))
        if not low < high:
            return 0
        view = FragmentView(stretch, Cell(low, high, stretch.above, stretch.below), "its range")
        limit = min(deadline, time.monotonic() + SECONDS)
        try:
            bent = sum(bit for sign, bit in ((1.0, 1), (-1.0, 2)) if by_line(
                view, sign, Fraction(0), "", limit, FEW_CELLS).proof)
            return bent + (_motion(view, limit) if moves and bent else 0)
        except VerifierError:
            return 0

    return prove


def _motion(view: FragmentView, limit: float) -> int:
    """Return 4 where a continuous fragment never falls, 8 where it never rises."""
    parts = view.pieces().parts
    sides = ((4, Limits(low=Fraction(0))), (8, Limits(high=Fraction(0))))
    return sum(bit for bit, limits in sides if cover_line(
        parts, 1, limits, limit, most=FEW_CELLS, witnesses=1).proved)
