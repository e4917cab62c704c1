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
from ..primitives.row import DECREASING, INCREASING
from ..primitives.table import SCALARS
from ..readers.bends import Interval, curve, movement
from ..readers.ledger import weigh
from ..readers.ledger_models import Modelled
from ..readers.ledger_terms import Ledger, ledger
from ..readers.signs import AFFINE, CONCAVE, CONVEX, Book, bounds_text, describe
from ..search.regions import OPEN, PROVED, Judgement, cover, stacked
from ..search.regions import Box as Part
from ..verdicts import Origin
from .convexity_line import fragment_prover
from .convexity_scene import Attempt, Proof, Scene, book_of
from .findings import without_folders

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
    reason += _because(book, target)
    notes = (*_identities(stage), *steps)
    return Attempt(Proof(reason, notes, {"kind": "composition", "steps": list(notes)}))


def _last_step(steps: Sequence[str]) -> str:
    told = [s for s in steps if s]
    return told[-1] if told else ""


def _because(book: Book, target: Node) -> str:
    """Say of the last row upon a curved value why it keeps the curvature: how it moves there."""
    for node in reversed(topological([target])):
        if node.op not in SCALARS or len(node.inputs) != 1 or node.op == "negative":
            continue
        inner, line = book.facts.get(node.inputs[0]), curve(node.op)
        if inner is None or line is None or inner.has(AFFINE).all() or not inner.low.size:
            continue
        if not (book[node].bits & AFFINE).all() or node in book.formed | book.fragments:
            continue
        moves = movement(line, Interval(float(inner.low.min()), float(inner.high.max())))
        words = {INCREASING: ("rises", "it keeps the curvature of its operand"),
                 DECREASING: ("falls", "it turns the curvature of its operand over")}
        if moves in words:
            way, so = words[moves]
            return f"; {node.op} {way} on {bounds_text(inner)}, so {so}"
    return ""


def _identities(stage: Scene) -> tuple[str, ...]:
    return tuple(f"{_place(origin)}read as {name}" for name, origin in stage.used)


def _place(origin: Origin | None) -> str:
    return f"{without_folders(str(origin))}: " if origin else ""


def chain(book: Book, target: Node, stage: Scene) -> tuple[str, ...]:
    """Return one line for every node that bends, inputs first."""
    touched = depends_on([target], stage.moved)
    turned = target.op == "negative" and target.origin is None
    last = target.inputs[0] if turned else target
    lines: dict[str, None] = {}
    for node in topological([target]):
        plumbing = node.op in PLUMBING and node not in book.formed
        if node not in touched or node.discrete or node.op == "input" or plumbing:
            continue
        if (turned and node is target) or (book[node].has(AFFINE).all() and node is not last):
            continue
        lines[_step(book, node, node is last)] = None
    told = list(lines)
    return tuple(told if len(told) <= SHOWN else [*told[:SHOWN - 1], told[-1]])


def _step(book: Book, node: Node, last: bool) -> str:
    """Return the sentence of one node: what it is, of what, and by which rule."""
    operands = [describe(book[i].bits) if i in book.facts else "a decision"
                for i in node.inputs]
    how = " as a function of one number" if node in book.fragments else ""
    how = how or (" by its form" if node in book.formed else "")
    fact = book[node]
    plain = {CONVEX: "convex", CONCAVE: "concave"}
    told = next((w for b, w in plain.items() if (fact.bits & AFFINE == b).all()), "")
    what = told if last and told else describe(fact.bits)
    return f"{_place(node.origin)}{node.op} of {' and '.join(operands)} is {what}{how}"


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
    box: Part = {k: (np.asarray(stage.domain[k].low, dtype=float),
                     np.asarray(stage.domain[k].high, dtype=float)) for k in root}
    blamed: dict[Node, None] = {}
    left = max(0.0, deadline - time.monotonic()) * SHARE
    found = cover(box, _judge(book, page, blamed), budget_seconds=left,
                  max_boxes=most, batch=BATCH)
    if not found.proved:
        worst = [middle_of(leaf.box) for leaf in found.open[:4]]
        text = (f"the ledger left {len(found.open)} of {found.judged} boxes open, "
                f"{float(1 - found.share):.2%} of the volume")
        return Attempt(left=text, blame=tuple(blamed), suggestions=worst, cover=found)
    cuts = [[c.number, *c.place, float(c.at).hex(), c.below, c.above] for c in found.cuts]
    boxes = "1 box" if found.judged == 1 else f"{found.judged} boxes"
    reason = f"{word} by the curvature ledger on {boxes}: it is positive semidefinite on " + (
        "all of it" if found.judged == 1 else "each of them, and they cover the domain")
    notes = (*_identities(stage), *_entries(page))
    data = {"kind": "ledger", "boxes": found.judged, "cuts": cuts,
            "root": {k: [[float(v).hex() for v in e.ravel()] for e in box[k]] for k in box}}
    return Attempt(Proof(reason, notes, data, found.judged, found))


def middle_of(box: Part) -> dict[str, Any]:
    """Return a point well inside a box, whose ends may be infinite.

    >>> middle_of({"x": (np.array([-np.inf, 0.0]), np.array([np.inf, np.inf]))})["x"].tolist()
    [0.0, 1.0]
    """
    out = {}
    for name, (low, high) in box.items():
        floor = np.where(np.isfinite(low), low, np.where(np.isfinite(high), high - 2.0, -1.0))
        out[name] = 0.5 * floor + 0.5 * np.where(np.isfinite(high), high, floor + 2.0)
    return out


def _judge(book: Book, page: Ledger, blamed: dict[Node, None]) -> Any:
    keep = Modelled()

    def judge(boxes: Sequence[Part]) -> list[Judgement]:
        found = weigh(book, page, stacked(boxes), keep)
        blamed.update(dict.fromkeys(found.blame))
        cuts = found.cuts or (None,) * len(boxes)
        worth = [float(-m) if np.isfinite(m) else 1e300 for m in found.margin]
        return [Judgement(PROVED) if ok else Judgement(OPEN, w, cut)
                for ok, w, cut in zip(found.proved, worth, cuts, strict=True)]

    return judge


def _entries(page: Ledger) -> tuple[str, ...]:
    """Return what the ledger adds up, node by node."""
    lines = dict.fromkeys(f"{_place(t.node.origin)}{t.node.op} bends" for t in page.terms)
    lines |= dict.fromkeys(f"{_place(k.node.origin)}{k.node.op} has a kink, passed by its sign"
                           for k in page.kinks)
    return tuple(lines)[:SHOWN]
