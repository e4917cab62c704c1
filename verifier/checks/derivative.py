"""A claimed derivative against the truth at every point of the plan.

The claim: `derivative`, `second_derivative`, `gradient`, `jacobian`, `hessian`,
`hessian_diagonal`, `hvp`, `vjp`, `backward`, `value_and_gradient`.
How it is decided: function and claim are lifted to graphs; the slope graph of the function and the
claim's own graph are read in balls; a component agrees where the two overlap sharply and is refuted
where they are disjoint with every constant at its stored value and with every rounded constant
widened by 4 ulp. REFUTED carries the input; PASSED says at how many points and sign patterns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
import numpy as np

from ..frontends.calling import origin_of
from ..numerals.balls import all_finite, plain
from ..readers.fault import Diagnose
from ..settings import Settings
from ..verdicts import Claim, Evidence, Finding, Origin, Severity, Verdict
from .agreement import AGREE, DISJOINT, EXPLAINED, NO_DERIVATIVE, OPEN, UNDEFINED
from .audit import audit
from .blocks import WrongShape
from .diagnose import explained
from .findings import finding
from .flatness import flat_curvature
from .hunt import hunt
from .judge import judge
from .kinks import patterns_of
from .outcome import Outcome, counts, outcome_at
from .request import Request
from .simplest import simplest
from .subject import Here

Array = np.ndarray
BATCHED = frozenset({"derivative", "second_derivative"})
WORTH = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


@dataclass(slots=True)
class Tally:
    """What has been seen of one claim over the points so far."""

    points: int = 0
    patterns: set[bytes] = field(default_factory=set)
    components: int = 0
    agreed: int = 0
    explained: int = 0
    undecided: int = 0
    undefined: int = 0
    without: int = 0
    ever: dict[tuple[str, tuple[int, ...]], Array] = field(default_factory=dict)
    open: dict[tuple[str, tuple[int, ...]], Array] = field(default_factory=dict)
    findings: dict[tuple[str, str | None], Finding] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    not_checked: dict[str, None] = field(default_factory=dict)
    roads: set[str] = field(default_factory=set)
    opaque: set[str] = field(default_factory=set)
    bits: int = 0
    mpmath: int = 0
    finite: int = 0
    missed: int = 0
    compared: int = 0
    digits: float = np.inf
    diagnose: Diagnose | None = None


def check_derivative(
    request: Request, kind: str, heres: Iterable[Here], numbers: Settings,
    diagnose: Diagnose | None = None,
) -> Claim:
    """Return what became of the claimed derivative `kind` over the points of `heres`."""
    tally = Tally(diagnose=diagnose)
    for here in heres:
        _one_point(request, kind, here, numbers, tally)
        if _refuted(tally) and tally.points >= _ENOUGH:
            break
    hidden = None if _refuted(tally) else hunt(request, kind, heres, numbers)
    if hidden is not None:
        _one_point(request, kind, hidden, numbers, tally)
    if tally.points and not _refuted(tally):
        for each in flat_curvature(request, kind, next(iter(heres))):
            _keep(tally, each)
    _soften(tally, bool(getattr(getattr(heres, "plan", None), "domains", None)))
    for key, told in tally.findings.items():
        tally.findings[key] = simplest(request, kind, heres, told, numbers)
    return _claim(request, kind, tally)


def _soften(tally: Tally, drawn: bool) -> None:
    """A claim that raises at some drawn points and answers at others: a warning, not an ERROR.

    The user may not mean the whole box (inv of the zero matrix); at points given it stays an error.
    """
    for key, told in tally.findings.items():
        if told.rule == "claim-raised" and drawn and tally.components:
            sentence = told.explanation.replace("the claim raises", "at some points the claim raises")
            tally.findings[key] = msgspec.structs.replace(
                told, severity=Severity.WARNING, explanation=sentence)


def _refuted(tally: Tally) -> bool:
    return any(f.severity is Severity.ERROR and f.rule != "claim-raised"
               for f in tally.findings.values())


DECIDED = (AGREE, EXPLAINED, NO_DERIVATIVE)
_ENOUGH = 4  # points after which a refuted claim is not looked at further


def _one_point(
    request: Request, kind: str, here: Here, numbers: Settings, tally: Tally
) -> None:
    skip = _not_judged(here)
    if skip:
        tally.notes[skip] = None
        return
    try:
        found = outcome_at(request, kind, here, numbers)
    except WrongShape as error:
        _keep(tally, finding("wrong-shape", error.message, check=request.name, claim=kind,
                             origin=_place(request, kind), remedy=error.hint))
        tally.points += 1
        return
    tally.points += here.value.size if kind in BATCHED else 1
    if _trouble(request, kind, found, tally):
        return
    _count(found, tally)
    for each in explained(request, found, _news(tally, judge(request, found)), tally.diagnose):
        _keep(tally, each)
    for each in audit(request, found, tally):
        _keep(tally, each)


def _not_judged(here: Here) -> str:
    """Return why no derivative can be judged at this point, "" where one can (SOUNDNESS 1)."""
    if not here.observed.repeatable:
        return "two runs of the function at one point differ: it has no derivative to compare with"
    if np.all(np.isfinite(here.value.astype(float))):
        return ""
    if here.output is not None and here.road.reading is not None:
        if all_finite(plain(here.road.reading.values[here.output])):
            return ""
        if here.value.size > 1 and np.isfinite(here.value.astype(float)).any():
            return ""
    return "the function is not finite at some points"


def _news(tally: Tally, found: Iterable[Finding]) -> list[Finding]:
    """Return the findings that are new, or whose cause could not be named before."""
    return [f for f in found if (old := tally.findings.get((f.rule, f.argument))) is None
            or (f.rule == "wrong-derivative" and old.diagnosis is None)]


def _keep(tally: Tally, found: Finding) -> None:
    old = tally.findings.setdefault((found.rule, found.argument), found)
    if found.diagnosis is not None and old.diagnosis is None:
        tally.findings[found.rule, found.argument] = found


def _place(request: Request, kind: str) -> Origin | None:
    """Return where the claimed derivative is defined."""
    return origin_of(request.derivatives[kind]) or request.origin


def _trouble(request: Request, kind: str, found: Outcome, tally: Tally) -> bool:
    """Report what the claim did besides returning numbers; True where nothing can be judged."""
    seen = found.observed
    if seen.raised is not None:
        _keep(tally, finding("claim-raised", f"the claim raises {seen.raised}", check=request.name,
                             claim=kind, origin=seen.where))
        return True
    if seen.mutated:
        names = ", ".join(seen.mutated)
        _keep(tally, finding("mutated-input", f"the claim changes its input {names} in place",
                             check=request.name, claim=kind, origin=_place(request, kind)))
    if not seen.repeatable:
        _keep(tally, finding("not-deterministic", "two runs of the claim at one point differ",
                             check=request.name, claim=kind, origin=_place(request, kind)))
    return False


def _count(found: Outcome, tally: Tally) -> None:
    total = counts(found.agreement)
    tally.agreed += total[AGREE]
    tally.explained += total[EXPLAINED]
    tally.undecided += total[OPEN]
    tally.undefined += total[UNDEFINED]
    tally.without += total[NO_DERIVATIVE]
    tally.components += sum(int(np.prod(b.shape, dtype=np.int64)) for b in found.blocks)
    tally.bits = max(tally.bits, found.bits)
    tally.not_checked.update(dict.fromkeys(found.not_checked))
    claim_lifted = found.road is not None and found.road.lifted is not None
    tally.roads.add("lifted" if found.here.output is not None and claim_lifted else (
        "claim opaque" if found.here.output is not None else "opaque"))
    for road, what in ((found.here.road, "the function"), (found.road, "the claim")):
        if road is not None and road.lifted is None and what not in tally.opaque:
            tally.opaque.add(what)
            tally.not_checked[f"{what} is not lifted: {road.reason}"] = None
    if found.why_undecided:
        tally.not_checked[found.why_undecided] = None
    tally.patterns |= patterns_of(found)
    for label, agreement in found.agreement.items():
        _remember(found.kind, label, agreement.code, tally)


def _remember(kind: str, label: str, code: Array, tally: Tally) -> None:
    if kind in BATCHED:
        code = code.ravel()
        key = (label, (1,))
        good = np.array([bool(np.isin(code, DECIDED).any())])
        open_ = np.array([bool(np.isin(code, (OPEN, UNDEFINED)).any())])
    else:
        key = (label, code.shape)
        good, open_ = np.isin(code, DECIDED), np.isin(code, (OPEN, UNDEFINED))
    tally.ever[key] = tally.ever.get(key, np.zeros_like(good)) | good
    tally.open[key] = tally.open.get(key, np.zeros_like(open_)) | open_


def _claim(request: Request, kind: str, tally: Tally) -> Claim:
    findings = tuple(sorted(tally.findings.values(), key=lambda f: (
        WORTH.index(f.severity), f.rule, f.argument or "")))
    verdict, reason = _verdict(tally, findings)
    evidence = Evidence(
        components=tally.components, agreed=tally.agreed + tally.explained,
        undecided=tally.undecided + tally.undefined, precision=tally.bits,
        finite_difference=_differences(tally),
        mpmath=f"{tally.mpmath} directional derivatives" if tally.mpmath else "",
        notes=tuple(tally.notes),
    )
    road = "lifted" if tally.roads == {"lifted"} else ", ".join(sorted(tally.roads))
    return Claim(
        claim=kind, verdict=verdict, road=road or "none", points=tally.points,
        patterns=max(1, len(tally.patterns)), evidence=evidence, findings=findings,
        not_checked=tuple(tally.not_checked), reason=reason,
    )


def _differences(tally: Tally) -> str:
    if tally.finite:
        return f"{tally.finite} lines compared"
    if tally.compared and np.isfinite(tally.digits):
        return f"{tally.compared} lines, {tally.digits:.1f} digits at worst"
    return ""


def _verdict(tally: Tally, findings: tuple[Finding, ...]) -> tuple[Verdict, str]:
    errors = [f for f in findings if f.severity is Severity.ERROR]
    if any(f.rule in ("claim-raised", "internal-disagreement") for f in errors):
        return Verdict.ERROR, errors[0].explanation
    if errors:
        return Verdict.REFUTED, errors[0].explanation
    if not tally.points:
        return Verdict.UNDECIDED, "; ".join(tally.notes) or "no point could be judged"
    if tally.roads & {"opaque", "claim opaque"} and tally.finite:
        return Verdict.PASSED, "judged by sampling on the opaque road"
    never = sum(int(np.sum(tally.open[k] & ~tally.ever[k])) for k in tally.open)
    if never:
        some = "1 component" if never == 1 else f"{never} components"
        return Verdict.UNDECIDED, f"{some} could not be decided at any point"
    if not tally.agreed + tally.explained + tally.without and not tally.finite:
        return Verdict.UNDECIDED, "no component could be decided"
    return Verdict.PASSED, ""


__all__ = ["DISJOINT", "Tally", "check_derivative"]
