"""From a request to a check: points, the subject at each, every claim, one verdict."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from ..claims import parse
from ..errors import SubjectRaised, VerifierError
from ..frontends.calling import origin_of
from ..readers.fault import Diagnose
from ..settings import settings_for
from ..verdicts import Check, Claim, Finding, Origin, Verdict, worst
from .certificates import certified
from .derivative import check_derivative
from .findings import finding
from .inspect import facts
from .not_covered import not_lifted, without_check
from .observe import observe
from .own_faults import answer_of
from .plan import ELEMENTWISE, Plan, plan
from .registry import CHECKS
from .request import Request
from .separable import require_arguments, require_separable
from .stops import Stops
from .subject import Here, claim_program, stand_at

MOST_TRIED = 3  # points at which one number is tried where an array of them raises


def decide(request: Request, diagnose: Diagnose | None = None) -> Check:
    """Return the check of `request`: every claim with its verdict, the worst first in line.

    Errors of the subject or the specification give the verdict ERROR with one message. `diagnose`
    says what is wrong with a refuted derivative.
    """
    origin = request.origin or origin_of(request.function)
    try:
        with np.errstate(all="ignore"):  # products of huge numbers are inf, and judged as that
            claims, cut = _decided(request, diagnose)
    except VerifierError as error:
        return _failed(request, error, error.where or origin)
    return Check(
        name=request.name, subject=request.subject or request.name, origin=origin,
        verdict=worst(c.verdict for c in claims), claims=claims, seed=request.seed, cut=cut,
    )


def _failed(request: Request, error: VerifierError, origin: Origin | None) -> Check:
    message = str(error)
    place = f"{error.where}: " if error.where else ""
    return Check(name=request.name, subject=request.subject or request.name,
                 verdict=Verdict.ERROR, claims=(), origin=origin, seed=request.seed,
                 error=message.removeprefix(place))


def _decided(
    request: Request, diagnose: Diagnose | None
) -> tuple[tuple[Claim, ...], bool]:
    numbers = settings_for(request.effort)
    written = [(text, parse(text)) for text in request.claims]
    stops = Stops(request, _planned(request), time.monotonic())
    first = next(iter(stops), None)
    if first is None:
        raise stops.failures[0] if stops.failures else SubjectRaised(
            "no point could be visited", slug="no-point")
    require_separable(request, first, list(itertools.islice(stops, 1, 3)))
    for text, spec in written:
        require_arguments(text, spec.arguments, first)
    kinds = [k for k in request.derivatives if callable(request.derivatives[k])]
    stops.look_inside(kinds, numbers)
    claims = [answer_of(request, kind, partial(
        check_derivative, request, kind, stops, numbers, diagnose)) for kind in kinds]
    claims.extend(_not_covered(request, k, "no derivative of this front end to compare with yet")
                  for k in request.derivatives if k not in kinds)
    if request.against is not None:
        claims.append(_not_covered(request, "against", "two front ends are not compared yet"))
    for text, spec in written:
        check = CHECKS.get(spec.kind)
        claims.append(answer_of(request, text, partial(_claimed, check, request, spec, stops,
                                                       numbers))
                      if check else _not_covered(request, text))
    if request.inspect:
        claims.extend(facts(request, stops, numbers))
    return (*claims, *_about_subject(request, stops)), stops.cut


def _claimed(check: Any, request: Request, spec: Any, stops: Stops, numbers: Any) -> Claim:
    return certified(request, spec, stops, check(request, spec, stops, numbers))


def _planned(request: Request) -> Plan:
    """Plan the points, stepping down from a 1-D array to single numbers where the code asks it."""
    found = plan(request)
    if found.batched:
        return _unbatched(request, found)
    return _with_shape(request, found)


def _unbatched(request: Request, found: Plan) -> Plan:
    """DESIGN 7: one number at a time where an array raises, as "truth value is ambiguous"."""
    from dataclasses import replace

    (name,) = found.wrt
    numbers = found.points[0][name]
    points = tuple({**found.points[0], name: numbers[k]} for k in _spread(len(numbers)))
    single = replace(found, points=points, batched=False)
    try:
        here = stand_at(request, found, found.points[0])
        if here.value.size == len(numbers) and _claims_take_arrays(request, here):
            return found
    except SubjectRaised as error:
        if not any(word in str(error) for word in _ONE_NUMBER) and not _runs(request, single):
            raise
    return single


def _runs(request: Request, found: Plan) -> bool:
    """Tell whether the subject runs at some early point of a plan."""
    for point in found.points[:MOST_TRIED]:
        with contextlib.suppress(SubjectRaised):
            stand_at(request, found, point)
            return True
    return False


def _spread(count: int) -> list[int]:
    """Return 0 .. count-1 so that every start of the list is spread out: bits read backwards."""
    bits = max(1, (count - 1).bit_length())
    return sorted(range(count), key=lambda k: int(f"{k:0{bits}b}"[::-1], 2))


def _claims_take_arrays(request: Request, here: Here) -> bool:
    for kind in ELEMENTWISE & request.derivatives.keys():
        if callable(request.derivatives[kind]):
            program, extra = claim_program(request, kind, here)
            seen = observe(program, {**here.leaves, **extra})
            if any(word in (seen.raised or "") for word in _ONE_NUMBER):
                return False
            if isinstance(seen.value, (int, float)):
                return False  # the slope of a line: one number, whatever x is
    return True


_ONE_NUMBER = ("ambiguous", "only", "scalar", "must be real number")  # numpy's and math's errors


def _with_shape(request: Request, found: Plan) -> Plan:
    """DESIGN 7: shape () first, then (1,) where that raises."""
    from dataclasses import replace

    if all(d.shape is not None for d in found.domains.values()) or not found.points:
        return found
    try:
        stand_at(request, found, found.points[0])
        return found
    except SubjectRaised as error:
        grown = tuple({k: (np.reshape(v, (1,)) if k in found.domains and np.ndim(v) == 0 else v)
                       for k, v in p.items()} for p in found.points)
        try:
            stand_at(request, found, grown[0])
        except SubjectRaised:
            raise error from None
        return replace(found, points=grown)


def _not_covered(request: Request, text: str, why: str = "it has no check yet") -> Claim:
    return Claim(claim=text, verdict=Verdict.UNDECIDED, road="none",
                 reason=f"not covered: {why}", findings=(without_check(request, text, why),),
                 not_checked=(f"'{text}': {why} (not-covered)",))


def _about_subject(request: Request, stops: Stops) -> tuple[Claim, ...]:
    """Report what the subject itself did at the points: nan, inf, mutation, randomness."""
    found = [f for here in stops.heres for f in _subject_findings(request, here)]
    kept = {f.rule: f for f in reversed(found)}
    skipped = tuple(sorted({str(e) for e in stops.failures}))
    if not kept and not skipped:
        return ()
    return (Claim(claim="runs", verdict=Verdict.PASSED, road="as run", points=len(stops.heres),
                  patterns=1, findings=tuple(kept.values()),
                  not_checked=tuple(f"a point where {s}" for s in skipped)),)


def _subject_findings(request: Request, here: Here) -> Iterator[Finding]:
    seen = here.observed
    value = here.value.astype(float)
    said: list[tuple[str, str]] = []
    if np.isnan(value).any():
        said.append(("nan-value", "the function returns nan at a point of the domain"))
    if np.isinf(value).any():
        said.append(("overflow", "the function returns inf at a point of the domain"))
    if seen.mutated:
        names = ", ".join(seen.mutated)
        said.append(("mutated-input", f"the function changes its input {names} in place"))
    if not seen.repeatable:
        said.append(("not-deterministic", "two runs of the function at one point differ"))
    for rule, sentence in said:
        yield finding(rule, sentence, check=request.name, claim="runs", origin=request.origin)
    yield from not_lifted(request, "runs", "the function", here.road)
