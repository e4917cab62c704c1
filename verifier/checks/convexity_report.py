"""How is a convexity claim told? The chain that proves it, the chord that refutes it, the rest."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..errors import VerifierError
from ..exact import tensor
from ..graph.node import Node
from ..primitives.row import CONCAVE, CONVEX
from ..primitives.table import SCALARS
from ..verdicts import Claim, Evidence, Finding, Severity, Verdict, Witness
from .convexity_directions import blamed
from .convexity_scene import Proof, Scene, book_of
from .convexity_witness import Chord
from .findings import ball, finding, number, short
from .request import Request
from .subject import Here

MOST_BLAMED = 3


@dataclass(frozen=True, slots=True)
class Case:
    """Whose claim it is."""

    request: Request
    spec: Any
    here: Here


def proved(case: Case, proofs: Sequence[Proof]) -> Claim:
    """Return PROVED with the chain, or REFUTED where the claim said it is not so."""
    spec = case.spec
    reason = " and ".join(p.reason for p in proofs)
    notes = tuple(dict.fromkeys(n for p in proofs for n in p.notes))
    evidence = Evidence(components=1, agreed=1, notes=notes)
    data = proofs[0].certificate if len(proofs) == 1 else {
        "kind": "both", "parts": [p.certificate for p in proofs]}
    boxes = sum(p.boxes for p in proofs)
    if not spec.negated:
        return Claim(claim=spec.text, verdict=Verdict.PROVED, points=boxes, patterns=1,
                     evidence=evidence, reason=reason, certificate=data)
    sentence = f"'{spec.text}' does not hold: the function is {reason}"
    found = _finding(case, sentence, None)
    return Claim(claim=spec.text, verdict=Verdict.REFUTED, points=boxes, patterns=1,
                 evidence=evidence, findings=(found,), reason=sentence, certificate=data)


def refuted(case: Case, chord: Chord, sign: float, why: Sequence[str]) -> Claim:
    """Return REFUTED with the chord, or PROVED where the claim said it is not convex."""
    spec = case.spec
    side, other = ("above", "below") if sign > 0 else ("below", "above")
    evidence = Evidence(components=1, precision=chord.bits, notes=tuple(why))
    if spec.negated:
        return Claim(claim=spec.text, verdict=Verdict.PROVED, points=3, patterns=1,
                     evidence=evidence,
                     reason=f"a chord lies {other} the function by {short(chord.gap)}")
    sentence = (f"'{spec.text}' does not hold: at the midpoint of a chord the function is "
                f"{short(chord.gap)} {side} the chord")
    told = "".join(f"; {w}" for w in why)
    return Claim(claim=spec.text, verdict=Verdict.REFUTED, points=3, patterns=1,
                 evidence=evidence, findings=(_finding(case, sentence + told, witness(chord)),),
                 reason=sentence + told)


def witness(chord: Chord) -> Witness:
    """Return the exact chord with all its numbers."""
    names = ("f(x)", "f(y)", "f((x+y)/2)", "Jensen gap")
    told = {n: v.str(20) for n, v in zip(names, (*chord.values, chord.gap), strict=True)}
    return Witness(
        point={k: tensor(v) for k, v in chord.left.items()},
        second_point={k: tensor(v) for k, v in chord.right.items()},
        weight="1/2", ball=ball(chord.gap), numbers=told, claimed=number(float(chord.gap.mid())),
    )


def _finding(case: Case, sentence: str, shown: Witness | None) -> Finding:
    return finding("not-convex", sentence, check=case.request.name, claim=case.spec.text,
                   witness=shown, origin=case.request.origin, severity=Severity.ERROR)


def undecided(
    case: Case, reason: str, blame: Sequence[Node] = (), tried: int = 0
) -> Claim:
    """Return UNDECIDED with what was left and which nodes stand in the way."""
    names = tuple(dict.fromkeys(_named(n) for n in blame))[:MOST_BLAMED]
    whom = f"; in the way: {', '.join(names)}" if names else ""
    chords = (f"{tried} chords tried, none violates the claim",) if tried else ()
    return Claim(claim=case.spec.text, verdict=Verdict.UNDECIDED, points=tried, patterns=0,
                 reason=reason + whom, not_checked=(*chords, reason))


def _named(node: Node) -> str:
    if node.origin is None:
        return node.op
    text = node.origin.text.strip()
    return f"{node.op} at {node.origin}" + (f" ({text})" if text else "")


def bends(
    case: Case, stage: Scene | str, chord: Chord, sign: float, strength: Fraction
) -> tuple[str, ...]:
    """Return which nodes cost convexity along the chord, worst first, and where a row turns."""
    if isinstance(stage, str):
        return ()
    target = stage.target(sign, strength)
    way = {n: chord.right[n].astype(float) - chord.left[n].astype(float) for n in stage.names}
    try:
        book = book_of(stage, target)
        if isinstance(book, str):
            return ()
        found = [n for at in (chord.middle, chord.left, chord.right)
                 for n, _ in blamed(stage, book, target, at, way)
                 if n.origin is not None or not strength]
    except VerifierError:
        return ()
    told = dict.fromkeys(f"{_named(n)} bends {'down' if sign > 0 else 'up'} there{_turns(n)}"
                         for n in found)
    return tuple(told)[:MOST_BLAMED]


def _turns(node: Node) -> str:
    """Return where the row itself changes its curvature: an inflection."""
    row = SCALARS.get(node.op)
    pieces = row.shape if row is not None else ()
    edges = [b.left for a, b in itertools.pairwise(pieces)
             if {a.curvature, b.curvature} == {CONVEX, CONCAVE}]
    where = ", ".join(_edge(e) for e in edges)
    return f": {node.op} changes between convex and concave at {where}" if edges else ""


def _edge(edge: Any) -> str:
    return str(edge).split(" ")[0][:8]
