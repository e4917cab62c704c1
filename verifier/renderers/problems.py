"""What stands against a report? Everything that keeps a check from holding, and what is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..verdicts import Check, Claim, Document, Finding, Origin, Severity, Verdict
from .shown import visible

NOT_CARRIED_OUT = "not-carried-out"
UNDECIDED = "undecided"
NOT_FOUND = "expected-but-not-found"

# What is wrong with a check though no finding says so: a title and what to do.
OTHERWISE: dict[str, tuple[str, str]] = {
    NOT_CARRIED_OUT: (
        "A check could not be carried out",
        "The specification or the subject's own code raised: mend what the message names.",
    ),
    UNDECIDED: (
        "A claim is neither proved nor refuted",
        "The message says what stopped it: raise the budget, narrow the domain, or drop the claim.",
    ),
    NOT_FOUND: (
        "A check expects rules that were not found",
        "Take them out of `expect` where the fault is mended, else look why it is no longer seen.",
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is told: a finding, or a check or claim that fails without one.

    `claim` is None where the whole check is meant; `excused` says why it does not count ("" where
    it does): it was expected, or allowed for a reason.
    """

    check: Check
    claim: Claim | None
    finding: Finding | None
    rule: str
    severity: Severity
    sentence: str
    origin: Origin | None
    excused: str = ""

    @property
    def fails(self) -> bool:
        """Whether a run that fails on errors fails by it."""
        return self.severity is Severity.ERROR and not self.excused


def problems(document: Document) -> tuple[Problem, ...]:
    """Return all problems of `document`: what counts first, then by severity, else in order."""
    found = [problem for check in document.checks for problem in problems_of(check)]
    ranks = tuple(Severity)
    return tuple(sorted(found, key=lambda p: (bool(p.excused), ranks.index(p.severity))))


def problems_of(check: Check) -> Iterator[Problem]:
    """Yield the problems of one check, in the order of its claims."""
    if check.error:
        yield _of_check(check, NOT_CARRIED_OUT, check.error)
    for claim in check.claims:
        for finding in claim.findings:
            yield _of_finding(check, claim, finding)
        yield from _of_claim(check, claim)
    missing = [rule for rule in check.expect if rule not in _rules(check)]
    if missing and not check.holds and not check.error:
        yield _of_check(check, NOT_FOUND, f"expected {', '.join(missing)}, not found")


def _of_check(check: Check, rule: str, sentence: str) -> Problem:
    told = visible(sentence, 2000)
    return Problem(check, None, None, rule, Severity.ERROR, told, check.origin)


def _of_finding(check: Check, claim: Claim, finding: Finding) -> Problem:
    excused = "expected by the specification" if finding.expected else ""
    excused = f"allowed: {visible(finding.allowed)}" if finding.allowed else excused
    origin = finding.origin or check.origin
    told = visible(finding.explanation, 1000)
    rule = visible(finding.rule, 60)
    return Problem(check, claim, finding, rule, finding.severity, told, origin, excused)


def _of_claim(check: Check, claim: Claim) -> Iterator[Problem]:
    """Yield what is wrong with a claim that no finding tells."""
    if check.expect and check.holds:
        return
    undecided = claim.verdict is Verdict.UNDECIDED
    refuted = claim.verdict is Verdict.REFUTED and not claim.findings
    if undecided or refuted or (claim.verdict is Verdict.ERROR and not check.error):
        reason = visible(claim.reason or "no reason is recorded", 1000)
        sentence = f"{visible(claim.claim, 160)} is {claim.verdict.value}: {reason}"
        rule = UNDECIDED if undecided or refuted else NOT_CARRIED_OUT
        yield Problem(check, claim, None, rule, Severity.ERROR, sentence, check.origin)


def _rules(check: Check) -> set[str]:
    return {found.rule for claim in check.claims for found in claim.findings if not found.allowed}
