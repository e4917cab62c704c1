"""Is a PROVED claim proved? The statement is proved anew, led by the certificate's own data.

The claim: a report's PROVED claim with its certificate.
How it is decided: claim, subject, domain, data and id must belong together; the user's code is run
on recording numbers, which gives a tape of real operations; the certificate's boxes must cover the
domain; and on each box the checker's own enclosures, derivatives and ledger must show the claim.
What it says: CONFIRMED; NOT CONFIRMED where this small checker cannot show it; REFUSED where the
certificate contradicts itself, the claim or the code.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from ..claims import ClaimSpec, parse
from ..errors import VerifierError
from ..verdicts import Check, Claim, Verdict
from .binding import KINDS, bound, ground_of
from .covering import SECONDS, Effort, Refused, leaves_of, undecided
from .enclosing import BITS
from .ground import Ground
from .joints import along_line
from .steps import chain_checked
from .taylor import NoReading, Unsure, precision

CONFIRMED, NOT_CONFIRMED, REFUSED = "CONFIRMED", "NOT CONFIRMED", "REFUSED"


@dataclass(slots=True)
class Proof:
    """What became of one certificate."""

    status: str = NOT_CONFIRMED
    reason: str = ""
    boxes: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def confirmed(self) -> bool:
        return self.status == CONFIRMED

    def line(self) -> str:
        """Return the outcome in one line."""
        if self.confirmed:
            boxes = f" on {self.boxes} box{'es' * (self.boxes != 1)}" if self.boxes else ""
            return f"{self.status}{boxes}, {self.seconds:.2f} s"
        return f"{self.status}: {self.reason}"


def proved_again(check: Check, claim: Claim) -> Proof:
    """Return what a fresh proof of a PROVED claim comes to."""
    begun, found = time.monotonic(), Proof()
    try:
        found = _proved(check, claim)
    except Refused as error:
        found = Proof(REFUSED, str(error))
    except (NoReading, Unsure) as error:
        found.reason = str(error)
    except VerifierError as error:
        found.reason = f"the code could not be run again: {error}"
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        found = Proof(REFUSED, f"the certificate is not written as one ({error})")
    found.seconds = time.monotonic() - begun
    return found


def _proved(check: Check, claim: Claim) -> Proof:
    from .asked import request_again

    data = claim.certificate
    if claim.verdict is not Verdict.PROVED:
        raise Refused(f"the claim is {claim.verdict.value}, not PROVED")
    if data is None:
        return Proof(reason="the claim carries no certificate")
    statement, spec = data["statement"], parse(claim.claim)
    bound(check, claim, spec, data)
    request = request_again(check)
    ground = ground_of(request, spec, statement, check)
    try:
        with precision(BITS):
            ground.written(ground.box())
    except Unsure:
        pass  # a program that forks is written down box by box
    except NoReading:
        raise
    except (AttributeError, TypeError) as error:
        raise NoReading(f"the checker has no rule for something the code does ({error})") from error
    with precision(BITS):
        return _by_kind(ground, spec, data)


# ---------------------------------------------------------------- kinds of proof
def _by_kind(ground: Ground, spec: ClaimSpec, data: Mapping[str, Any]) -> Proof:
    from .witnessed import by_witness

    kind, effort = data["kind"], Effort(time.monotonic() + SECONDS)
    if kind in ("chord", "witness"):
        return Proof(*by_witness(ground, spec, data))
    parts = data["parts"] if kind == "both" else [data]
    for part in parts:
        inner = part.get("kind", "")
        if inner not in KINDS or inner in ("both", "chord", "witness") or (
                kind == "both" and part.keys() - {"kind"} != KINDS[inner][0]):
            raise Refused("a part of the proof is not written as one")
        _root(ground, part)
    boxes = [ground.box()]
    for part in parts:
        if isinstance(part.get("cuts"), list):
            boxes = leaves_of(ground, part)
    joints, notes = _joints(data), _chains(ground, spec, parts)
    try:
        problem = undecided(ground, spec, boxes, effort)
    except NoReading as error:
        problem = str(error)
    if problem and len(ground.sides) == 1:
        effort = Effort(time.monotonic() + SECONDS)
        problem = along_line(ground, spec, joints, effort)
    return Proof(NOT_CONFIRMED if problem else CONFIRMED, problem, effort.boxes, notes=notes)


def _chains(
    ground: Ground, spec: ClaimSpec, parts: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return what of the chains of rules could not be looked at; raise Refused at a wrong one."""
    chains = [part["steps"] for part in parts if part["kind"] == "composition"]
    if not chains:
        return []
    try:
        tape = ground.written(ground.box()).tape
        names = set(tape.names) | tape.asked
    except Unsure:
        return ["not looked at: the chain of rules, for the program branches"]
    ending = "convex" if spec.kind in ("convex", "strongly-convex") else "concave"
    return [note for steps in chains for note in chain_checked(steps, names, ending)]


def _joints(data: Mapping[str, Any]) -> list[Fraction]:
    """Return the exact joints of a line."""
    if data["kind"] != "line":
        return []
    found: list[Fraction] = []
    for low, high in data["joints"]:
        ends = Fraction(low), Fraction(high)
        if ends[0] > ends[1] or (found and ends[0] < found[-1]):
            raise Refused("the joints of the line are not in order")
        if ends[0] == ends[1]:
            found.append(ends[0])
    return found


def _root(ground: Ground, part: Mapping[str, Any]) -> None:
    """Raise Refused unless the box a tree starts from is the domain, rounded outward."""
    if "root" in part and {name for name, _ in ground.sides} - part["root"].keys():
        raise Refused("the box of the proof leaves out what moves")
    for name, (lows, highs) in part.get("root", {}).items():
        places = [p for p in ground.sides if p[0] == name]
        if not places:
            values = np.ravel(ground.leaves[name]).astype(float).tolist()
            if [float(v).hex() for v in values] not in (lows, highs) or lows != highs:
                raise Refused(f"the box of the proof holds other data {name}")
            continue
        for place, low, high in zip(places, lows, highs, strict=True):
            side = ground.sides[place]
            if not (_outward(side.low, low, -1) and _outward(side.high, high, 1)):
                raise Refused(f"the box of the proof is not the domain of {name}")


def _outward(end: Fraction | None, text: str, way: int) -> bool:
    """Tell whether a float is the nearest at or beyond an end of the domain."""
    number = float.fromhex(text)
    if end is None or not np.isfinite(number):
        return end is None and number == way * np.inf
    nearer = float(np.nextafter(number, -way * np.inf))
    beyond = (Fraction(number) - end) * way >= 0
    return beyond and (Fraction(number) == end or (Fraction(nearer) - end) * way < 0)
