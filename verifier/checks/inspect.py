"""The facts of a function, without any claim: `verifier inspect` and `vf.inspect`.

The claim: none. Facts are reported as claims called `smoothness`, `kinks`, `curvature`, `units` and
`digits`: each is PASSED, its facts are the notes of its evidence, and what is worth telling is a
finding of severity note. What could not be looked at is under "not checked".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace as fields_replaced

from msgspec.structs import replace

from ..claims import parse
from ..errors import VerifierError
from ..numerals.balls import Balls, precision
from ..primitives.identities import rewrite
from ..readers.guards import guards_of
from ..readers.value import read
from ..settings import Settings
from ..verdicts import Claim, Evidence, Verdict
from .inspect_digits import digits_claim
from .inspect_hessian import hessian_claim
from .inspect_kinks import kinks_claim
from .inspect_units import units_claim
from .registry import CHECKS
from .request import Request
from .stops import Stops
from .subject import Here

CLASSES = ("Cinf", "C2", "C1", "C0")  # tried in this order until one is proved
BITS = 128
FIRST = 24  # points looked at where the domain is searched; given points are all looked at


def facts(request: Request, stops: Stops, numbers: Settings) -> Iterator[Claim]:
    """Yield the facts of the subject at the points of `stops`, one claim for each kind."""
    many = None if request.at is not None else FIRST
    heres = list(itertools.islice(iter(stops), many))
    smooth = _smoothness(request, stops, numbers)
    clear = [_plainly(h) for h in heres]
    kinks = kinks_claim(request, clear, stops.plan.domains)
    if smooth.evidence.notes:
        yield smooth
        yield kinks
    else:
        yield replace(kinks, not_checked=(*smooth.not_checked, *kinks.not_checked))
    yield hessian_claim(request, clear, numbers, stops.deadline)
    yield units_claim(request, heres, stops.plan.domains, stops.deadline)
    yield digits_claim(request, stops.plan, heres)


def _smoothness(request: Request, stops: Stops, numbers: Settings) -> Claim:
    """Return the best smoothness class that is proved, with the reasons its check gives."""
    refuted: dict[str, list[str]] = {}
    notes: list[str] = []
    left: dict[str, list[str]] = {}
    for text in CLASSES:
        spec = parse(text)
        check = CHECKS.get(spec.kind)
        if check is None:
            left["its check is not part of this version"] = []
            break
        try:
            found = check(request, spec, stops, numbers)
        except VerifierError as error:
            left[str(error)] = []
            break
        if found.verdict is Verdict.UNDECIDED:
            left.setdefault(found.reason, []).append(text)
            continue
        if found.verdict is Verdict.REFUTED:
            why = found.reason.removeprefix(f"'{text}' does not hold: ")
            refuted.setdefault(why, []).append(text)
            continue
        notes.append(f"{text}: {found.verdict.value}{_after(found.reason)}")
        notes.extend(f"  {line}" for line in found.evidence.notes if line)
        break
    told = [f"{', '.join(names[::-1])}: REFUTED{_after(why)}" for why, names in refuted.items()]
    return Claim(claim="smoothness", verdict=Verdict.PASSED, points=len(stops.heres),
                 evidence=Evidence(notes=(*told, *notes)),
                 not_checked=tuple(_open(left)))


def _open(left: dict[str, list[str]]) -> Iterator[str]:
    """Say what stayed undecided; a reason that holds for every class names none."""
    for reason, names in left.items():
        every = len(names) in (0, len(CLASSES))
        yield f"smoothness: {'' if every else ', '.join(names[::-1]) + ': '}{reason}"


def _plainly(here: Here) -> Here:
    """Return the point with its graph read through identities, where they take guards away.

    The maximum inside a stable logsumexp is no kink of it.
    """
    if here.output is None or here.road.reading is None:
        return here
    (output,) = rewrite([here.output]).outputs
    if len(guards_of((output,))) >= len(guards_of((here.output,))):
        return here
    with precision(BITS):
        reading = read([output], here.leaves, Balls(BITS))
    return fields_replaced(here, output=output,
                           road=fields_replaced(here.road, reading=reading))


def _after(reason: str) -> str:
    return f", {reason}" if reason else ""
