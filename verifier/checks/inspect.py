"""The facts of a function, without any claim: `verifier inspect` and `vf.inspect`.

The claim: none. Facts are reported as claims called `smoothness`, `kinks`, `curvature`, `units` and
`digits`: each is PASSED, its facts are the notes of its evidence, and what is worth telling is a
finding of severity note. What could not be looked at is under "not checked".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from msgspec.structs import replace

from ..claims import parse
from ..errors import VerifierError
from ..settings import Settings
from ..verdicts import Claim, Evidence, Verdict
from .inspect_digits import digits_claim
from .inspect_hessian import hessian_claim
from .inspect_kinks import kinks_claim
from .inspect_units import units_claim
from .registry import CHECKS
from .request import Request
from .stops import Stops

CLASSES = ("Cinf", "C2", "C1", "C0")  # tried in this order until one is proved
FIRST = 24  # points looked at where the domain is searched; given points are all looked at


def facts(request: Request, stops: Stops, numbers: Settings) -> Iterator[Claim]:
    """Yield the facts of the subject at the points of `stops`, one claim for each kind."""
    many = None if request.at is not None else FIRST
    heres = list(itertools.islice(iter(stops), many))
    smooth = _smoothness(request, stops, numbers)
    kinks = kinks_claim(request, heres, stops.plan.domains)
    if smooth.evidence.notes:
        yield smooth
        yield kinks
    else:
        yield replace(kinks, not_checked=(*smooth.not_checked, *kinks.not_checked))
    yield hessian_claim(request, heres, numbers)
    yield units_claim(request, heres, stops.plan.domains, stops.deadline)
    yield digits_claim(request, stops.plan, heres)


def _smoothness(request: Request, stops: Stops, numbers: Settings) -> Claim:
    """Return the best smoothness class that is proved, with the reasons its check gives."""
    notes: list[str] = []
    left: dict[str, None] = {}
    for text in CLASSES:
        spec = parse(text)
        check = CHECKS.get(spec.kind)
        if check is None:
            left["smoothness: its check is not part of this version"] = None
            break
        try:
            found = check(request, spec, stops, numbers)
        except VerifierError as error:
            left[f"smoothness: {error}"] = None
            break
        told = [found.reason, *found.evidence.notes]
        if found.verdict is Verdict.UNDECIDED:
            left[f"smoothness: {found.reason}"] = None
            continue
        notes.append(f"{text}: {found.verdict.value}{_after(told[0])}")
        notes.extend(f"  {line}" for line in told[1:] if line)
        if found.verdict in (Verdict.PROVED, Verdict.PASSED):
            break
    return Claim(claim="smoothness", verdict=Verdict.PASSED, points=len(stops.heres),
                 evidence=Evidence(notes=tuple(notes)), not_checked=tuple(left))


def _after(reason: str) -> str:
    return f", {reason}" if reason else ""
