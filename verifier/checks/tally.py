"""What has been seen of one claim over the points so far, and what verdict that makes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..plotted import Matrix
from ..readers.fault import Diagnose
from ..verdicts import Claim, Evidence, Finding, Severity, Verdict
from .agreement import AGREE, EXPLAINED, NO_DERIVATIVE, OPEN, UNDEFINED
from .derivative_plots import Scene
from .findings import without_folders
from .kinks import patterns_of
from .lifting import Road
from .outcome import Outcome, counts
from .request import Request

Array = np.ndarray
BATCHED = frozenset({"derivative", "second_derivative"})
WORTH = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
DECIDED = (AGREE, EXPLAINED, NO_DERIVATIVE)


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
    stopped: Road | None = None
    bits: int = 0
    mpmath: int = 0
    finite: int = 0
    missed: int = 0
    compared: int = 0
    digits: float = np.inf
    diagnose: Diagnose | None = None
    scene: Scene | None = None
    matrix: Matrix | None = None


def count(found: Outcome, tally: Tally) -> None:
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
            tally.not_checked[f"{what} is not lifted: {without_folders(road.reason)}"] = None
            if what == "the claim":
                tally.stopped = tally.stopped or road
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


def conclude(request: Request, kind: str, tally: Tally) -> Claim:
    findings = tuple(sorted(tally.findings.values(), key=lambda f: (
        WORTH.index(f.severity), f.rule, f.argument or "")))
    verdict, reason = _verdict(tally, findings)
    evidence = Evidence(
        components=tally.components, agreed=tally.agreed + tally.explained,
        undecided=tally.undecided + tally.undefined, precision=tally.bits,
        finite_difference=_differences(tally),
        mpmath=f"{tally.mpmath} directional derivatives" if tally.mpmath else "",
        notes=tuple(tally.notes), plots=(tally.matrix,) if tally.matrix else (),
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
