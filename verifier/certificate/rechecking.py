"""Everything a report proves or refutes, looked at again: one line each and a count."""

from __future__ import annotations

import time
from collections.abc import Iterator

from ..errors import BadSpec
from ..verdicts import Check, Claim, Document, Verdict
from .proofs import Proof, proved_again

Line = tuple[bool, str]


def claim_id(claim: Claim) -> str:
    """Return the id of a proof, "" where the claim carries none."""
    data = claim.certificate
    return str(data.get("id", "")) if data and claim.verdict is Verdict.PROVED else ""


def claims_with(document: Document, id: str) -> list[tuple[Check, Claim]]:
    """Return the proved claims whose id is, or begins with, the text."""
    return [(check, claim) for check in document.checks for claim in check.claims
            if claim_id(claim) and claim_id(claim).startswith(id)]


def proof_text(check: Check, claim: Claim, found: Proof) -> str:
    """Return the account of one proof."""
    notes = [f"  {note}" for note in found.notes]
    return "\n".join((f"{claim.verdict.value} {claim_id(claim)}: check {check.name}, claim "
                      f"'{claim.claim}'", f"  {claim.reason}", *notes, found.line()))


def recheck(document: Document) -> Line:
    """Return whether every finding and every proof stands, and one line for each."""
    from . import replay_finding

    begun, lines = time.monotonic(), []
    for check in document.checks:
        for claim in check.claims:
            lines += list(_proof(check, claim))
            for finding in claim.findings:
                if finding.witness is not None and finding.witness.point:
                    good, told = replay_finding(check, claim, finding)
                    lines.append((good, f"{finding.rule} {finding.id}: check {check.name}, claim "
                                        f"'{claim.claim}': {told}"))
    if not lines:
        raise BadSpec("the report holds no proof and no witness", slug="unknown-finding",
                      hint="There is nothing to replay.")
    stand = sum(good for good, _ in lines)
    count = (f"{stand} of {len(lines)} stand, {len(lines) - stand} do not, "
             f"{time.monotonic() - begun:.1f} s")
    return stand == len(lines), "\n".join((*(text for _, text in lines), count))


def _proof(check: Check, claim: Claim) -> Iterator[Line]:
    if claim.verdict is not Verdict.PROVED:
        return
    found = proved_again(check, claim)
    name = f"{claim_id(claim)}: " if claim_id(claim) else ""
    yield found.confirmed, (f"{claim.verdict.value} {name}check {check.name}, claim "
                            f"'{claim.claim}': {found.line()}")
