"""What every claim rests on: points, agreement, reasons, the certificate of a proof, facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..verdicts import Check, Claim, Document, Verdict
from .page_grid import anchor, is_fact
from .plot_witness import Plot
from .plots import of_claim
from .shown import by_road, counted, listed, replay, visible

MOST_STEPS = 60  # of a certificate, or notes of a claim
UNTOLD = ("id", "format", "seal", "statement", "cuts")  # of a certificate: for machines
MOST_PAIRS = 24  # numbers of a certificate that are spelt out


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim as its row shows it; `notes` are (depth, text)."""

    claim: str
    verdict: str
    rests: str
    reason: str
    notes: tuple[tuple[int, str], ...]
    notes_title: str
    proof: tuple[tuple[str, str], ...]
    replay: str
    missed: tuple[str, ...]
    plots: tuple[Plot, ...]


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check with its claims."""

    key: str
    name: str
    subject: str
    origin: str
    error: str
    expect: str
    verdict: str
    facts: tuple[ClaimView, ...]
    claims: tuple[ClaimView, ...]


def check_views(document: Document, charts: int, report: str) -> Iterable[CheckView]:
    """Yield every check; at most `charts` plots are drawn, the first ones.

    `report` is the file that replay commands name.
    """
    for place, check in enumerate(document.checks):
        key = anchor(place, "check")
        views = []
        for number, claim in enumerate(check.claims):
            view = _claim(claim, f"{key}-{number}", charts, report)
            charts -= len(view.plots)
            views.append((is_fact(claim), view))
        yield _check(check, key, views)


def _check(check: Check, key: str, views: list[tuple[bool, ClaimView]]) -> CheckView:
    return CheckView(
        key=key,
        name=visible(check.name, 120),
        subject=visible(check.subject, 200),
        origin=visible(str(check.origin), 200) if check.origin else "",
        error=visible(check.error, 1000),
        expect=visible(listed(check.expect), 300),
        verdict=check.verdict.value,
        facts=tuple(view for fact, view in views if fact),
        claims=tuple(view for fact, view in views if not fact),
    )


def _claim(claim: Claim, key: str, charts: int, report: str) -> ClaimView:
    drawn = tuple(of_claim(claim, key))[: max(charts, 0)] if charts > 0 else ()
    proof = tuple(_proof(claim.certificate or {}))
    told = {text for _, text in proof}
    name = str((claim.certificate or {}).get("id", ""))
    notes = tuple(n for n in _notes(claim.evidence.notes) if n[1] not in told)
    return ClaimView(
        claim=visible(claim.claim, 160),
        verdict=claim.verdict.value,
        rests=_rests(claim),
        reason=visible(claim.reason, 1000) if not claim.findings else "",
        notes=notes,
        notes_title="The reasons" if claim.verdict is Verdict.PROVED else "Notes",
        proof=proof,
        replay=replay(report, name) if name else "",
        missed=tuple(visible(item) for item in claim.not_checked[:MOST_STEPS]),
        plots=drawn,
    )


def _notes(notes: Iterable[str]) -> Iterable[tuple[int, str]]:
    for note in list(notes)[:MOST_STEPS]:
        depth = (len(note) - len(note.lstrip(" "))) // 2
        yield min(depth, 3), visible(note.strip(), 400)


def _rests(claim: Claim) -> str:
    """Return in one line what was looked at, and by which road."""
    seen = claim.evidence
    proved = claim.verdict is Verdict.PROVED and bool(claim.reason)
    parts = [counted(claim.points, "point")] if claim.points and not proved else []
    parts += [counted(claim.patterns, "sign pattern")] if claim.patterns and not proved else []
    if seen.components > 1:
        parts.append(f"{seen.agreed:,} of {seen.components:,} components agree")
    parts += [f"{seen.undecided:,} undecided"] if seen.undecided else []
    parts += [f"{seen.worst_digits:.3g} digits at worst"] if seen.worst_digits is not None else []
    if seen.budget_ratio is not None:
        parts.append(f"{seen.budget_ratio:.3g} rounding budgets")
    parts += [f"finite differences: {visible(seen.finite_difference)}"] * bool(
        seen.finite_difference)
    parts += [f"mpmath: {visible(seen.mpmath)}"] * bool(seen.mpmath)
    parts += [f"{seen.precision} bits"] if seen.precision else []
    parts += by_road(claim.road)
    parts += [f"speaks of {visible(claim.semantics, 40)}"] if claim.semantics != "REAL" else []
    rules = dict.fromkeys(finding.rule for finding in claim.findings)
    counts = [(kind, sum(found.rule == kind for found in claim.findings)) for kind in rules]
    parts += [listed(f"{count} {visible(kind, 40)}" for kind, count in counts)] if counts else []
    return " · ".join(parts)


def _proof(found: dict[str, Any], depth: int = 0) -> Iterable[tuple[str, str]]:
    """Yield a certificate as (name, text): its steps in order, its numbers by name."""
    if "witness" in found or depth > 3:
        return  # a finding shows its witness
    found = {name: value for name, value in found.items() if name not in UNTOLD}
    plain = [(k, v) for k, v in sorted(found.items()) if not isinstance(v, dict | list | tuple)]
    for name, value in plain[:MOST_PAIRS]:
        yield visible(str(name), 40), visible(str(value), 200)
    for name, value in sorted(found.items()):
        if isinstance(value, dict):
            yield from _proof(value, depth + 1)
        elif isinstance(value, list | tuple):
            yield from _listed(str(name), value, depth)


def _listed(name: str, value: list[Any] | tuple[Any, ...], depth: int) -> Iterable[tuple[str, str]]:
    single = name.removesuffix("s")
    for number, each in enumerate(value[:MOST_STEPS], 1):
        if isinstance(each, dict):
            yield from _proof(each, depth + 1)
        else:
            text = " to ".join(map(str, each)) if isinstance(each, list | tuple) else str(each)
            yield visible(f"{single} {number}", 40), visible(text, 400)
    if len(value) > MOST_STEPS:
        yield visible(name, 40), f"and {len(value) - MOST_STEPS:,} more in the JSON"
