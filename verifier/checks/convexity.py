"""Convex, concave, affine, strongly convex: proved on the whole box, or refuted by an exact chord.

The claim: `convex in w`, `concave`, `affine`, `0.1-strongly convex`, `not convex`.
How it is decided: first by composition (every node gets a range, a sign and a curvature; spellings
such as log(1 + exp x) are read as the row they are). Then chords are hunted: between points, along
the most negative direction of the Hessian, along the exact direction of a quadratic form; their
ends are dyadic and the Jensen gap f(m) - (f(x) + f(y)) / 2 is a ball (SOUNDNESS 15). Where none is
found, a function of one number is proved by its second derivative on all pieces and the slopes at
all kinks, any other by the curvature ledger on a cover of boxes: by bounds and LDL, and with at
most six moving numbers as a matrix of polynomials whose Bernstein coefficients are all positive.
What each verdict means: PROVED carries the chain of rules or the boxes. REFUTED carries the chord
and names the nodes that bend the wrong way. UNDECIDED says what was left and whom to blame.
A model that fails: ``x**3`` on [-1, 1]; the chord from -1 to 0 lies below the curve.
The same model mended: ``abs(x)**3``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from ..errors import VerifierError
from ..graph.node import Node
from ..settings import Settings
from ..verdicts import Claim
from .convexity_directions import exact_lines, hessian_lines, kink_lines
from .convexity_line import by_line
from .convexity_polish import polished
from .convexity_proof import by_composition, by_ledger
from .convexity_report import Case, bends, proved, refuted, undecided
from .convexity_scene import (
    Attempt,
    Scene,
    book_of,
    domain_of,
    moved_names,
    one_by_one,
    scene,
)
from .convexity_witness import Chord, Hunt, along, midpoints
from .findings import without_folders
from .request import Request
from .scalar_view import scalar_view

SIGNS = {"convex": (1.0,), "strongly-convex": (1.0,), "concave": (-1.0,), "affine": (1.0, -1.0)}
WORDS = {1.0: "convex", -1.0: "concave"}


def check_convexity(request: Request, spec: Any, stops: Any, numbers: Settings) -> Claim:
    """Return what became of a convexity claim."""
    single = one_by_one(request, stops)
    here = next(iter(single))
    case = Case(request, spec, here)
    if here.value.size != 1:
        return undecided(case, "convexity needs a function with one value")
    names = moved_names(spec, here)
    refused = domain_of(single.plan.domains, here, names)
    if isinstance(refused, str):
        return undecided(case, refused)
    stage = scene(spec, single)
    strength = Fraction(spec.number) if spec.kind == "strongly-convex" else Fraction(0)
    proofs: list[Attempt] = []
    opens: list[Attempt] = []
    for sign in SIGNS[spec.kind]:
        hunt = Hunt(request, single, here, names, sign, strength)
        found = _decided(hunt, stage, spec, numbers)
        if isinstance(found, Chord):
            shown = polished(hunt, found)
            return refuted(case, hunt, shown, bends(stage, shown, sign, strength))
        (proofs if found.proof else opens).append(found)
    if opens:
        return undecided(case, *_left(opens), tried=numbers.segments,
                         cover=next((a.cover for a in opens if a.cover), None))
    return proved(case, [a.proof for a in proofs if a.proof])


def _left(opens: Sequence[Attempt]) -> tuple[str, tuple[Node, ...]]:
    text = "; ".join(dict.fromkeys(a.left for a in opens if a.left))
    return f"no chord violates it; {text}", tuple(n for a in opens for n in a.blame)


def _decided(hunt: Hunt, stage: Scene | str, spec: Any, numbers: Settings) -> Chord | Attempt:
    """Decide one side of the claim: a chord, a proof, or what is left."""
    word = f"{spec.number}-strongly convex" if hunt.strength else WORDS[hunt.sign]
    if isinstance(stage, str):
        chord = next(midpoints(hunt, numbers), None)
        return chord or _on_line(hunt, spec, word, Attempt(left=stage))
    target = stage.target(hunt.sign, hunt.strength)
    first = _tried(by_composition, stage, target, word, hunt.stops.deadline)
    if first.proof:
        return first
    chord = next(_chords(hunt, stage, target, numbers), None)
    if chord is not None:
        return chord
    line = _on_line(hunt, spec, word, first)
    if line.proof:
        return line
    boxes = _tried(by_ledger, stage, target, word, hunt.stops.deadline)
    if boxes.proof:
        return boxes
    more = [*line.suggestions, *boxes.suggestions]
    if more:
        chord = next(along(hunt, hessian_lines(hunt, stage, target, more)), None)
    left = "; ".join(dict.fromkeys(a.left for a in (first, line, boxes) if a.left))
    return chord or Attempt(left=left, blame=boxes.blame or first.blame, cover=boxes.cover)


def _tried(prove: Any, *details: Any) -> Attempt:
    """Return an attempt; an operation a reader has no rule for leaves it open."""
    try:
        found: Attempt = prove(*details)
    except VerifierError as error:
        return Attempt(left=without_folders(str(error)))
    return found


def _on_line(hunt: Hunt, spec: Any, word: str, before: Attempt) -> Attempt:
    view = scalar_view(hunt.request, spec, hunt.stops)
    if isinstance(view, str):
        return before
    return _tried(by_line, view, hunt.sign, hunt.strength, word, hunt.stops.deadline)


def _chords(hunt: Hunt, stage: Scene, target: Node, numbers: Settings) -> Iterator[Chord]:
    try:
        book = book_of(stage, target)
        if not isinstance(book, str):
            yield from along(hunt, exact_lines(stage, book, target), doubtful=True)
    except VerifierError:
        pass
    yield from midpoints(hunt, numbers)
    try:
        yield from along(hunt, hessian_lines(hunt, stage, target, ()))
        yield from along(hunt, kink_lines(hunt, stage, target, numbers))
    except VerifierError:
        return

