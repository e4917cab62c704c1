"""How a decided property is written down: PROVED with reasons, REFUTED with a witness, or open."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import msgspec
from flint import arb

from ..plotted import Plotted
from ..readers.scalar_cells import Cell, counted, width
from ..verdicts import Claim, Evidence, Finding, Severity, Verdict, Witness
from .findings import finding
from .witness_plots import witness_graph

SHOWN_CELLS = 3


def cells_of(count: int, domain: str) -> str:
    """Return "1 cell of [0, 1]": how a cover is spoken of."""
    return f"{counted(count, 'cell')} of {domain}"


def proved(
    spec: Any, reason: str, *, notes: Iterable[str] = (), cells: int = 0, patterns: int = 1,
    findings: tuple[Finding, ...] = (), semantics: str = "REAL",
    proof: dict[str, Any] | None = None, plots: tuple[Plotted, ...] = (),
) -> Claim:
    """Return the claim as proved; `cells` counts the boxes of the cover, `proof` is its data."""
    return Claim(claim=spec.text, verdict=Verdict.PROVED, semantics=semantics, points=cells,
                 patterns=patterns, reason=reason, findings=findings, certificate=proof,
                 evidence=Evidence(components=1, agreed=1, precision=128, notes=tuple(notes),
                                   plots=plots))


def line_of(pieces: Any) -> dict[str, Any]:
    """Return where the pieces of a line meet, as data of a certificate: both ends of each joint."""
    joints = [[_fraction(j.low), _fraction(j.high)] for j in pieces.joints]
    return {"kind": "line", "joints": joints}


def _fraction(number: arb) -> str:
    exact = number.fmpq()
    return str(Fraction(int(exact.p), int(exact.q)))


def refuted(
    request: Any, spec: Any, rule: str, sentence: str, witness: Witness, *, points: int = 1,
    argument: str | None = None, notes: Iterable[str] = (),
) -> Claim:
    """Return the claim as refuted by one finding, an error because the user wrote the claim."""
    told = finding(rule, sentence, check=request.name, claim=spec.text, argument=argument,
                   witness=witness, origin=request.origin, severity=Severity.ERROR)
    told = msgspec.structs.replace(told, plots=witness_graph(request, spec, witness))
    return Claim(claim=spec.text, verdict=Verdict.REFUTED, points=points, patterns=1,
                 reason=sentence, findings=(told,),
                 evidence=Evidence(components=1, precision=256, notes=tuple(notes)))


def undecided(
    spec: Any, reason: str, *, left: Iterable[str] = (), points: int = 0,
    notes: Iterable[str] = (), plots: tuple[Plotted, ...] = (),
) -> Claim:
    """Return the claim as open; `left` names what was not decided."""
    return Claim(claim=spec.text, verdict=Verdict.UNDECIDED, points=points, reason=reason,
                 not_checked=tuple(left), evidence=Evidence(
                     components=1, undecided=1, notes=tuple(notes), plots=plots))


def left_of(cells: list[Cell]) -> tuple[str, ...]:
    """Name cells that stayed open: how many, how long together, the first few."""
    if not cells:
        return ()
    shown = ", ".join(str(c) for c in cells[:SHOWN_CELLS])
    more = f" and {len(cells) - SHOWN_CELLS} more" if len(cells) > SHOWN_CELLS else ""
    verb = "is" if len(cells) == 1 else "are"
    return (f"{counted(len(cells), 'cell')} of total length {width(cells):.3g} {verb} open: "
            f"{shown}{more}",)


def rational(number: str | None) -> Fraction | None:
    """Return a claim's number exactly."""
    return None if number is None else Fraction(number)


def turned(request: Any, spec: Any, decided: Claim, rule: str) -> Claim:
    """Return the answer to "not ...": a refutation proves it, a proof refutes it."""
    if decided.verdict is Verdict.REFUTED:
        told = decided.findings[0]
        reason = decided.reason.removeprefix(f"'{spec.text}' does not hold: ")
        return proved(spec, reason, notes=decided.evidence.notes, proof={
            "kind": "witness", "witness": msgspec.to_builtins(told.witness)})
    if decided.verdict is Verdict.PROVED:
        return refuted(request, spec, rule, f"it holds, so '{spec.text}' does not: "
                       f"{decided.reason}", Witness(point={}), notes=decided.evidence.notes)
    return decided
