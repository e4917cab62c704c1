"""A cover of the domain by boxes: read from a certificate, checked to be one, and decided.

The tree of cuts is followed with rational numbers: every cut lies strictly inside its box, so that
the leaves cover the domain. A leaf that the checker's own enclosures do not decide is cut further,
within a limit that is told.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..claims import ClaimSpec
from .enclosing import Box, Side
from .ground import Ground, cut_of, halves
from .questions import QUESTIONS, Look, again, closed, continuous, look, rough
from .settling import open_choices, roots
from .taylor import NoReading, Unsure

MOST_BOXES = 1500
SECONDS = 20.0
STRICT = frozenset({"convex", "concave", "affine", "strongly-convex"})


class Refused(ValueError):
    """A certificate that is no proof, whatever is computed: what it says of itself is wrong."""


@dataclass(slots=True)
class Effort:
    """Boxes looked at so far, and when to stop."""

    end: float
    most: int = MOST_BOXES
    boxes: int = 0

    def spent(self) -> str:
        if self.boxes >= self.most:
            return f"{self.boxes} boxes were looked at"
        return "the time of the replay is spent" if time.monotonic() > self.end else ""


def leaves_of(ground: Ground, proof: Mapping[str, Any]) -> list[dict[int, Side]]:
    """Return the leaves of a certificate's tree of cuts; raise Refused where it is no cover."""
    if "cells" in proof:
        return _cells(ground, proof["cells"])
    cuts = proof.get("cuts", [])
    if "boxes" in proof and proof["boxes"] != 2 * len(cuts) + 1:
        raise Refused(f"it speaks of {proof['boxes']} boxes, its {len(cuts)} cuts make "
                      f"{2 * len(cuts) + 1}")
    numbers = {place: k for k, place in enumerate(ground.sides)}
    boxes: dict[int, dict[int, Side]] = {0: ground.box()}
    seen = {0}
    for cut in cuts:
        number, name, index, at, below, above = cut
        if number not in boxes or below in seen or above in seen or below == above:
            raise Refused(f"cut {cut} is no cut of a box of the tree")
        if (name, index) not in numbers:
            raise Refused(f"cut {cut} names an entry that does not move")
        leaf, place = numbers[name, index], _exact(at)
        side = boxes[number][leaf]
        if (side.low is not None and place <= side.low) or (
                side.high is not None and place >= side.high):
            raise Refused(f"cut {cut} lies outside its box")
        boxes[below], boxes[above] = halves(boxes.pop(number), leaf, place)
        seen |= {below, above}
    return list(boxes.values())


def _exact(text: Any) -> Fraction:
    try:
        return Fraction(float.fromhex(text)) if "x" in text else Fraction(text)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        raise Refused(f"{text!r} is no number to cut at") from None


def _cells(ground: Ground, cells: Sequence[Any]) -> list[dict[int, Side]]:
    """Return closed cells of a line; raise Refused unless they tile the domain in order."""
    if len(ground.sides) != 1 or not cells:
        raise Refused("cells of a line need a function of one number")
    whole = ground.box()[0]
    out: list[dict[int, Side]] = []
    for k, (low, high) in enumerate(cells):
        ends = [None if e in ("-oo", "oo") else _exact(e) for e in (low, high)]
        first, last = k == 0, k == len(cells) - 1
        before = whole.low if first else out[-1][0].high
        if ends[0] != before or (last and ends[1] != whole.high) or (
                not last and ends[1] is None) or (
                ends[0] is not None and ends[1] is not None and ends[0] > ends[1]):
            raise Refused(f"cell {k} [{low}, {high}] leaves a gap or lies outside the domain")
        out.append({0: Side(ends[0], ends[1], whole.low_out and first, whole.high_out and last)})
    return out


# ---------------------------------------------------------------- deciding
def undecided(
    ground: Ground, spec: ClaimSpec, boxes: Sequence[dict[int, Side]], effort: Effort
) -> str:
    """Return "" where the claim holds on every box, else what stopped the proof."""
    question = QUESTIONS[spec.kind]
    strict = spec.kind in STRICT or (spec.kind == "smooth" and spec.order != 0)
    judge = _strict(question) if strict else _plain(
        continuous if spec.kind == "smooth" else question)
    work = list(reversed(boxes))
    while work:
        box = work.pop()
        spent = effort.spent()
        if spent:
            return f"{spent}, {len(work) + 1} are left, such as {shown(ground, box)}"
        effort.boxes += 1
        try:
            ok, at = judge(ground, box, spec)
        except Unsure:
            ok, at = False, None
        if ok:
            continue
        cut = _cut(ground, box, at)
        if cut is None:
            return f"it stays open at {shown(ground, box)}"
        work.extend(halves(box, *cut)[::-1])
    return ""


Judge = Callable[[Ground, Box, ClaimSpec], tuple[bool, Look | None]]


def _plain(question: Callable[[Look, ClaimSpec], bool]) -> Judge:
    def judge(ground: Ground, box: Box, spec: ClaimSpec) -> tuple[bool, Look | None]:
        at = look(ground, box)
        if question(at, spec):
            return True, at
        more = again(at)
        return (False, at) if more is None else (question(more, spec), more)

    return judge


def _strict(question: Callable[[Look, ClaimSpec], bool]) -> Judge:
    """Besides the question on the open domain: f is defined and continuous on the closed box."""

    def judge(ground: Ground, box: Box, spec: ClaimSpec) -> tuple[bool, Look | None]:
        at = look(ground, box, strictly=True)
        more = again(at)
        for one in (at, more):
            if one is None:
                continue
            whole = closed(look(ground, box), box)
            fine = whole.continuous() and (spec.kind != "smooth" or not rough(
                closed(one, box), one.outputs))
            if fine and question(one, spec):
                return True, one
        return False, more or at

    return judge


def _cut(ground: Ground, box: Box, at: Look | None) -> tuple[int, Fraction] | None:
    """Return where to cut: where a guard switches, else the relatively widest entry."""
    if at is not None:
        found = roots(at.enclosure, open_choices(at.enclosure, at.outputs))
        if found:
            return found[0]
    whole, best, chosen = ground.box(), 0.0, None
    for leaf, side in box.items():
        if side.low is not None and side.low == side.high:
            continue
        if side.low is None or side.high is None:
            far = [abs(e) for e in (side.low, side.high) if e is not None]
            share = 2.0 if all(e < 2**64 for e in far) else 0.0
        else:
            limits = whole[leaf]
            full = 1.0 if limits.low is None or limits.high is None else float(
                limits.high - limits.low)
            share = float(side.high - side.low) / full
            if share < 2.0**-40:
                share = 0.0
        if share > best:
            best, chosen = share, leaf
    return None if chosen is None else (chosen, cut_of(box[chosen]))


def shown(ground: Ground, box: Box) -> str:
    parts = []
    for leaf, side in list(box.items())[:4]:
        name, index = ground.place(leaf)
        low, high = ("-oo" if side.low is None else f"{float(side.low):.6g}",
                     "oo" if side.high is None else f"{float(side.high):.6g}")
        parts.append(f"{name}[{index}] in [{low}, {high}]")
    return ", ".join(parts) + (", ..." if len(box) > 4 else "")


__all__ = ["Effort", "NoReading", "Refused", "leaves_of", "undecided"]
