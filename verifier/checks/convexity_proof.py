"""Proofs of convexity: by composition, by the second derivative on a line, by the ledger on boxes.

Each gives a :class:`Proof` or leaves a sentence that says what stopped it. All speak of the real
function with its constants as stored (REAL), and of all points of the closed domain.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph.node import Node
from ..graph.order import depends_on, topological
from ..readers.ledger import weigh
from ..readers.ledger_terms import Ledger, ledger
from ..readers.signs import AFFINE, CONVEX, Book, describe
from ..search.regions import OPEN, PROVED, Judgement, cover, stacked
from ..search.regions import Box as Part
from .convexity_line import fragment_prover
from .convexity_scene import Attempt, Proof, Scene, book_of

MOST_BOXES = 2000
BATCH = 32
SHOWN = 24  # steps of a rule chain in a report
SHARE = 0.8  # of the time that is left: the most one proof may take
PLUMBING = frozenset({"reshape", "transpose", "broadcast", "gather", "cast", "scatter"})


# ---------------------------------------------------------------- composition
def by_composition(
    stage: Scene, target: Node, word: str, deadline: float
) -> Attempt:
    """Prove by the rules for sums, compositions and atoms, wherever the domain ends."""
    book = book_of(stage, target, fragment_prover(deadline))
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
        how = " as a function of one number" if node in book.fragments else ""
        lines[f"{_place(node.origin)}{node.op} of {' and '.join(operands)} is "
              f"{describe(fact.bits)}{how}"] = None
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
    parts = "the box" if found.judged == 1 else f"each of {found.judged} boxes that cover it"
    reason = f"{word}: the curvature ledger is positive semidefinite on {parts}"
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
