"""Proofs of convexity: by composition, by the second derivative on a line, by the ledger on boxes.

Each gives a :class:`Proof` or leaves a sentence that says what stopped it. All speak of the real
function with its constants as stored (REAL), and of all points of the closed domain.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from ..graph.node import Node
from ..graph.order import depends_on, topological
from ..numerals.balls import precision
from ..readers.ledger import weigh
from ..readers.ledger_terms import Ledger, ledger
from ..readers.scalar_cells import Cell
from ..readers.scalar_pieces import Pieces, neighbours
from ..readers.scalar_roots import Joint
from ..readers.scalar_settle import Settler
from ..readers.signs import AFFINE, CONVEX, Book, describe
from ..search.regions import OPEN, PROVED, Judgement, cover, stacked
from ..search.regions import Box as Part
from .convexity_scene import Scene, book_of
from .scalar_cover import Limits
from .scalar_cover import cover as cover_line

MOST_BOXES = 2000
BATCH = 32
SHOWN = 24  # steps of a rule chain in a report
SHARE = 0.8  # of the time that is left: the most one proof may take
JOINT_BITS = 512
PLUMBING = frozenset({"reshape", "transpose", "broadcast", "gather", "cast", "scatter"})


@dataclass(frozen=True, slots=True)
class Proof:
    """Why the claim holds: one sentence, the chain behind it, and data for a replay."""

    reason: str
    notes: tuple[str, ...]
    certificate: dict[str, Any]
    boxes: int = 1


@dataclass(slots=True)
class Attempt:
    """What a side of the claim (convex, or concave read upside down) has come to."""

    proof: Proof | None = None
    left: str = ""
    blame: tuple[Node, ...] = ()
    suggestions: list[dict[str, Any]] = field(default_factory=list)


# ---------------------------------------------------------------- composition
def by_composition(stage: Scene, target: Node, word: str) -> Attempt:
    """Prove by the rules for sums, compositions and atoms, wherever the domain ends."""
    book = book_of(stage, target)
    if isinstance(book, str):
        return Attempt(left=book)
    fact = book[target]
    if not (fact.has(CONVEX).all() and fact.sound.all()):
        return Attempt(left="the rules of composition do not decide it",
                       blame=_stops(book, target, stage))
    steps = chain(book, target, stage)
    reason = f"{word} by composition: " + (_last_step(steps) or "it is affine")
    notes = (*_identities(stage), *steps)
    return Attempt(Proof(reason, notes, {"kind": "composition", "steps": list(notes)}))


def _last_step(steps: Sequence[str]) -> str:
    told = [s for s in steps if s]
    return told[-1] if told else ""


def _identities(stage: Scene) -> tuple[str, ...]:
    return tuple(f"{_place(origin)}read as {name}" for name, origin in stage.used)


def _place(origin: Any) -> str:
    return f"{origin}: " if origin else ""


def chain(book: Book, target: Node, stage: Scene) -> tuple[str, ...]:
    """Return one line for every node that bends, inputs first."""
    touched = depends_on([target], stage.moved)
    lines: dict[str, None] = {}
    for node in topological([target]):
        if node not in touched or node.discrete or node.op in PLUMBING | {"input"}:
            continue
        fact = book[node]
        operands = [describe(book[i].bits) if i in book.facts else "a decision"
                    for i in node.inputs]
        if fact.has(AFFINE).all() and node is not target:
            continue
        lines[f"{_place(node.origin)}{node.op} of {' and '.join(operands)} is "
              f"{describe(fact.bits)}"] = None
    told = list(lines)
    return tuple(told if len(told) <= SHOWN else [*told[:SHOWN - 1], told[-1]])


def _stops(book: Book, target: Node, stage: Scene) -> tuple[Node, ...]:
    """Return the nodes where the chain of rules breaks: nothing known, from known operands."""
    touched = depends_on([target], stage.moved)
    found = []
    for node in topological([target]):
        if node in touched and not node.discrete and node.op not in PLUMBING:
            parts = [i for i in node.inputs if i in book.facts]
            if not (book[node].bits & AFFINE).all() and all(
                    (book[i].bits & AFFINE).all() for i in parts):
                found.append(node)
    return tuple(found)


# ---------------------------------------------------------------- one number
def by_line(view: Any, sign: float, strength: Fraction, word: str, deadline: float) -> Attempt:
    """Prove for a function of one number: f'' on every piece, slopes that rise at every joint."""
    pieces: Pieces = view.pieces()
    if pieces.missing or pieces.open or not pieces.parts:
        return Attempt(left="its pieces on the line could not all be told apart")
    if not _ends_continuous(view, pieces):
        return Attempt(left="the function may jump at an end of the domain")
    settler = Settler()
    for joint in pieces.joints:
        problem = _joint_problem(view, pieces, joint, sign, settler)
        if problem:
            return Attempt(left=problem)
    limit = strength if sign > 0 else -strength
    limits = Limits(low=limit) if sign > 0 else Limits(high=limit)
    found = cover_line(pieces.parts, 2, limits, deadline, most=4000, witnesses=1)
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
    with precision(JOINT_BITS):
        middle = view.value(joint.low, JOINT_BITS)
        values = [settler.at(p.output, joint.low) for p in parts]
        if middle is None or any(v is None for v in values):
            return f"the function has no value at {joint}"
        if not all(_equal(v, middle) for v in values):
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


# ---------------------------------------------------------------- boxes
def by_ledger(
    stage: Scene, target: Node, word: str, deadline: float, most: int = MOST_BOXES
) -> Attempt:
    """Prove by the curvature ledger on a cover of boxes, cut until every part is decided."""
    book = book_of(stage, target)
    if isinstance(book, str):
        return Attempt(left=book)
    page = ledger(target, stage.moved, book)
    if page.missing:
        names = ", ".join(dict.fromkeys(n.op for n in page.missing))
        return Attempt(left=f"the ledger has no rule for {names}", blame=page.missing)
    root = {n.params["name"]: n for n in topological([target]) if n.op == "input"}
    box: Part = {k: (stage.domain[k].low, stage.domain[k].high) for k in root}
    blamed: dict[Node, None] = {}
    left = max(0.0, deadline - time.monotonic()) * SHARE
    found = cover(box, _judge(book, page, blamed), budget_seconds=left,
                  max_boxes=most, batch=BATCH)
    if not found.proved:
        worst = [{k: 0.5 * v[0] + 0.5 * v[1] for k, v in leaf.box.items()}
                 for leaf in found.open[:4]]
        text = (f"the ledger left {len(found.open)} of {found.judged} boxes open, "
                f"{float(1 - found.share):.2%} of the volume")
        return Attempt(left=text, blame=tuple(blamed), suggestions=worst)
    cuts = [[c.number, *c.place, float(c.at).hex(), c.below, c.above] for c in found.cuts]
    parts = "one box" if found.judged == 1 else f"{found.judged} boxes"
    reason = f"{word}: the curvature ledger is positive semidefinite on {parts} that cover the box"
    notes = (*_identities(stage), *_entries(page))
    data = {"kind": "ledger", "boxes": found.judged, "cuts": cuts}
    return Attempt(Proof(reason, notes, data, found.judged))


def _judge(book: Book, page: Ledger, blamed: dict[Node, None]) -> Any:
    def judge(boxes: Sequence[Part]) -> list[Judgement]:
        found = weigh(book, page, stacked(boxes))
        blamed.update(dict.fromkeys(found.blame))
        return [Judgement(PROVED) if ok else Judgement(OPEN, float(-margin) if np.isfinite(
            margin) else 1e300) for ok, margin in zip(found.proved, found.margin, strict=True)]

    return judge


def _entries(page: Ledger) -> tuple[str, ...]:
    """Return what the ledger adds up, node by node."""
    lines = dict.fromkeys(f"{_place(t.node.origin)}{t.node.op} bends" for t in page.terms)
    lines |= dict.fromkeys(f"{_place(k.node.origin)}{k.node.op} has a kink, passed by its sign"
                           for k in page.kinks)
    return tuple(lines)[:SHOWN]
