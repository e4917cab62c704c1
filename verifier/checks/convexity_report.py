"""How is a convexity claim told? The chain that proves it, the chord that refutes it, the rest."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import msgspec
import numpy as np

from ..errors import VerifierError
from ..exact import tensor
from ..graph.node import Node
from ..plotted import Graph, Plotted, Volume
from ..primitives.row import CONCAVE, CONVEX
from ..primitives.table import SCALARS
from ..search.regions import Cover
from ..verdicts import Claim, Evidence, Finding, Origin, Severity, Verdict, Witness
from .convexity_directions import blamed, kinks_between
from .convexity_proof import middle_of
from .convexity_scene import Proof, Scene, book_of
from .convexity_witness import Chord, Hunt, in_floats, inside
from .findings import ball, finding, short, without_folders
from .request import Request
from .subject import Here

MOST_BLAMED = 3
PLACES = 61  # of a curve that is drawn


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
    plots = next((volume(p.cover) for p in proofs if p.cover is not None), ())
    evidence = Evidence(components=1, agreed=1, notes=notes, plots=plots)
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


def refuted(
    case: Case, hunt: Hunt, chord: Chord, why: Sequence[tuple[str, Origin | None]]
) -> Claim:
    """Return REFUTED with the chord, or PROVED where the claim said it is not convex."""
    spec = case.spec
    side, other = ("above", "below") if hunt.sign > 0 else ("below", "above")
    told = tuple(w for w, _ in why)
    evidence = Evidence(components=1, precision=chord.bits, notes=told)
    shown, drawn = witness(hunt, chord), (drawing(hunt, chord),)
    if spec.negated:
        data = {"kind": "witness", "witness": msgspec.to_builtins(shown)}
        return Claim(claim=spec.text, verdict=Verdict.PROVED, points=3, patterns=1,
                     evidence=msgspec.structs.replace(evidence, plots=drawn), certificate=data,
                     reason=f"a chord lies {other} the function by {short(chord.gap)}")
    sentence = (f"'{spec.text}' does not hold: at the midpoint of a chord the function is "
                f"{short(chord.gap)} {side} the chord{_strongly(hunt)}")
    sentence += "".join(f"; {w}" for w in told)
    place = next((o for _, o in why if o is not None), None)
    found = _finding(case, sentence, shown, place)
    return Claim(claim=spec.text, verdict=Verdict.REFUTED, points=3, patterns=1,
                 evidence=evidence, findings=(msgspec.structs.replace(found, plots=drawn),),
                 reason=sentence)


def _strongly(hunt: Hunt) -> str:
    """Return what the chord is lowered by where strong convexity is claimed."""
    return f" lowered by {float(hunt.strength):g}/8 |x - y|^2" if hunt.strength else ""


def witness(hunt: Hunt, chord: Chord) -> Witness:
    """Return the exact chord with all its numbers."""
    names = ("f(x)", "f(y)", "f((x+y)/2)", "Jensen gap")
    told = {n: v.str(20) for n, v in zip(names, (*chord.values, chord.gap), strict=True)}
    computed = [in_floats(hunt.here, p) for p in (chord.left, chord.right, chord.middle)]
    gap = hunt.sign * (computed[2] - 0.5 * computed[0] - 0.5 * computed[1])
    told["gap in floats"] = repr(gap + float(hunt.strength) / 8 * distance(hunt, chord) ** 2)
    return Witness(
        point={k: tensor(v) for k, v in chord.left.items()},
        second_point={k: tensor(v) for k, v in chord.right.items()},
        weight="1/2", ball=ball(chord.gap), numbers=told,
    )


def distance(hunt: Hunt, chord: Chord) -> float:
    """Return |x - y| over the arguments the claim speaks of."""
    return float(np.sqrt(sum(np.sum((chord.left[k].astype(float) - chord.right[k]) ** 2)
                             for k in hunt.names)))


def drawing(hunt: Hunt, chord: Chord) -> Graph:
    """Return f along the chord and a quarter beyond it, in floats, inside the domain."""
    places, values, bounds = [], [], []
    length = distance(hunt, chord) ** 2
    ends = [in_floats(hunt.here, p) for p in (chord.left, chord.right)]
    for k in range(PLACES):
        t = -0.25 + 1.5 * k / (PLACES - 1)
        point = {n: (v.astype(float) + t * (chord.right[n].astype(float) - v)).astype(v.dtype)
                 if n in hunt.names else v for n, v in chord.left.items()}
        if inside(hunt, (point, point)):
            places.append(t)
            values.append(in_floats(hunt.here, point))
            lowered = float(hunt.strength) / 2 * t * (1 - t) * length
            line = (1 - t) * ends[0] + t * ends[1] - lowered
            bounds.append(line if 0 <= t <= 1 else float("nan"))
    others = {"the most it may be": tuple(bounds)} if hunt.strength else {}
    return Graph(at=tuple(places), values=tuple(values), others=others, marks={"x": 0.0, "y": 1.0})


def _finding(
    case: Case, sentence: str, shown: Witness | None, place: Origin | None = None
) -> Finding:
    return finding("not-convex", sentence, check=case.request.name, claim=case.spec.text,
                   witness=shown, origin=place or case.request.origin, severity=Severity.ERROR)


def volume(cover: Cover | None) -> tuple[Plotted, ...]:
    """Return which share of the box is decided, as data of a plot."""
    if cover is None:
        return ()
    done = float(cover.share)
    left = max(cover.open, key=lambda f: f.share, default=None)
    where = "" if left is None else ", ".join(
        f"{k} about {short_list(v)}" for k, v in middle_of(left.box).items())
    return (Volume(proved=done, refuted=0.0, undecided=float(1 - cover.share),
                   boxes=cover.judged, undecided_at=where),)


def short_list(values: Any) -> str:
    """Return numbers for a sentence, few of many."""
    flat = [f"{v:.4g}" for v in np.ravel(values).tolist()]
    return f"[{', '.join(flat[:6])}{', ...' if len(flat) > 6 else ''}]"


def undecided(
    case: Case, reason: str, blame: Sequence[Node] = (), tried: int = 0,
    cover: Cover | None = None,
) -> Claim:
    """Return UNDECIDED with what was left and which nodes stand in the way."""
    names = tuple(dict.fromkeys(_named(n, full=True) for n in blame))[:MOST_BLAMED]
    whom = f"; in the way: {', '.join(names)}" if names else ""
    chords = (f"{tried} chords tried, none violates the claim",) if tried else ()
    return Claim(claim=case.spec.text, verdict=Verdict.UNDECIDED, points=tried, patterns=0,
                 evidence=Evidence(plots=volume(cover)),
                 reason=reason + whom, not_checked=(*chords, reason))


def _named(node: Node, full: bool = False) -> str:
    if node.origin is None:
        return node.op
    text = node.origin.text.strip() if full else ""
    return f"{node.op} at {without_folders(str(node.origin))}" + (f" ({text})" if text else "")


def bends(
    stage: Scene | str, chord: Chord, sign: float, strength: Fraction
) -> tuple[tuple[str, Origin | None], ...]:
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
        bent = [(n, _how(n, sign)) for n in found]
        if not bent:
            bent = [(n, f"has a kink that bends {'down' if sign > 0 else 'up'} there")
                    for n in kinks_between(stage, book, target, chord.left, chord.right)]
    except VerifierError:
        return ()
    told: dict[str, Origin | None] = {}
    for n, how in bent:
        told.setdefault(f"{_named(n)} {how}", n.origin)
    return tuple(told.items())[:MOST_BLAMED]


def _how(node: Node, sign: float) -> str:
    """Say why a node costs convexity: by its own shape, by what reads it, or as a product."""
    row = SCALARS.get(node.op)
    shapes = {p.curvature for p in row.shape} if row is not None else set()
    if node.op == "matmul" or (node.op == "multiply" and node.inputs[0] is not node.inputs[1]):
        return "multiplies two values that both move, which bends both ways"
    if shapes == {CONVEX if sign > 0 else CONCAVE}:
        word = "convex" if sign > 0 else "concave"
        return f"is {word}, but what reads it does not rise there, and that turns it over"
    return f"bends {'down' if sign > 0 else 'up'} there{_turns(node)}"


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
