"""`verifier replay`: do proofs and witnesses still stand, by flint and the user's code alone?

The claim: a report's PROVED claim with its certificate (:mod:`.proofs`), or a report's finding with
its witness, of which the rest speaks.
How it is decided: the numbers of the report are compared with each other; subject and claim are
found again and run at the exact point, bit for bit; and the truth is derived anew by running the
user's own function on truncated Taylor series of balls, which flint multiplies out. No graph, no
row of the table and no reader of the engine takes part.
What it says: REPRODUCED, where every number fits and the finding follows from them again; else NOT
REPRODUCED, with what does not fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import BadSpec
from ..nearest import did_you_mean
from ..verdicts import Check, Claim, Document, Finding

if TYPE_CHECKING:
    from .account import Account

SHORTEST = 3  # letters of an id that may stand for the whole
KINKS = frozenset({"kink", "jump", "infinite-slope", "one-sided-derivative", "not-a-subgradient"})
LISTED = 8

Found = tuple[Check, Claim, Finding]


def replay(document: Document, id: str | None = None) -> tuple[bool, str]:
    """Return whether what has the id stands: a finding is reproduced, a proof confirmed.

    `id` is the whole id of a finding or of a PROVED claim, or a beginning of it that fits one only;
    None means everything in the report, one line each. Returns an account as text besides. Raises
    BadSpec where nothing has the id, or several have.
    """
    from .rechecking import claims_with, proof_text, recheck

    if id is None:
        return recheck(document)
    proofs = claims_with(document, id) if len(id) >= SHORTEST else []
    if len(proofs) == 1 and not any(f[2].id.startswith(id) for f in _all(document)):
        from .proofs import proved_again

        found = proved_again(*proofs[0])
        return found.confirmed, proof_text(*proofs[0], found)
    accounts = []
    for check, claim, finding in _found(document, id):
        account = _replayed(check, claim, finding)
        accounts.append((account.confirmed, account.text(check, claim, finding)))
    return all(good for good, _ in accounts), "\n\n".join(text for _, text in accounts)


def _all(document: Document) -> Iterator[Found]:
    for check in document.checks:
        for claim in check.claims:
            for finding in claim.findings:
                yield check, claim, finding


def _found(document: Document, id: str) -> list[Found]:
    """Return the finding with this id (one in each check that has the same name)."""
    from .rechecking import claims_with

    everything = list(_all(document))
    exact = [found for found in everything if found[2].id == id]
    if exact:
        return exact
    close = [f for f in everything if len(id) >= SHORTEST and f[2].id.startswith(id)]
    proofs = [claim.certificate["id"] for _, claim in claims_with(document, "")
              if claim.certificate]
    several = [p for p in proofs if len(id) >= SHORTEST and p.startswith(id)]
    known = list(dict.fromkeys([*(found[2].id for found in everything), *proofs]))
    if len({found[2].id for found in close}) == 1:
        return close
    if close or several:
        ids = ", ".join(dict.fromkeys([*(found[2].id for found in close), *several]))
        raise BadSpec(
            f"{id!r} begins several ids: {ids}", slug="unknown-finding", hint="Give more letters."
        )
    if not known:
        raise BadSpec(
            "the report has no findings and no proofs", slug="unknown-finding",
            hint="There is nothing to replay.",
        )
    listed = ", ".join(known[:LISTED]) + (", ..." if len(known) > LISTED else "")
    hint = did_you_mean(id, known, otherwise=f"The ids are: {listed}.")
    raise BadSpec(f"no finding and no proof has the id {id!r}", slug="unknown-finding", hint=hint)


def replay_finding(check: Check, claim: Claim, finding: Finding) -> tuple[bool, str]:
    """Return whether a finding is reproduced, and the last line of its account."""
    account = _replayed(check, claim, finding)
    *_, last = account.text(check, claim, finding).splitlines()
    misfit = f": {account.misfits[0]}" if account.misfits else ""
    return account.confirmed, last + misfit


def _replayed(check: Check, claim: Claim, finding: Finding) -> Account:
    from ..errors import VerifierError
    from .account import Account
    from .asked import request_again
    from .texts import misfits

    account = Account()
    witness = finding.witness
    if witness is None or not witness.point:
        account.evaluated = True
        account.misfits.append(
            "witness: its point is missing"
            if witness
            else "witness: this finding carries none, it does not rest on one input"
        )
        return account
    account.misfits.extend(misfits(witness))
    if account.misfits:
        account.evaluated = True
        return account
    try:
        request = request_again(check)
    except VerifierError as error:
        _by_text(account, finding, error)
        return account
    try:
        _judged(account, request, claim, finding)
    except VerifierError as error:
        _stopped(account, finding, error)
    return account


def _judged(account: Account, request: object, claim: Claim, finding: Finding) -> None:
    """Evaluate the witness by the rule it is a witness of."""
    from ..checks.request import DERIVATIVES, Request
    from ..claims import parse
    from ..exact import from_tensor
    from . import beside, chords, components, orders, refuting
    from .standing import stand

    assert isinstance(request, Request) and finding.witness is not None
    witness = finding.witness
    point = {k: from_tensor(v) for k, v in witness.point.items()}
    kind = claim.claim if claim.claim in DERIVATIVES else ""
    here = stand(request, point, kind)
    if finding.rule == "not-convex":
        chords.chord(account, here, parse(claim.claim), witness)
        return
    if not kind and finding.rule in orders.RULES:
        orders.judged(account, here, parse(claim.claim), finding)
        return
    part = components.component_of(here, finding, witness)
    if finding.rule in KINKS:
        beside.kink(account, part, witness, finding.rule)
        return
    rules = {
        "wrong-derivative": refuting.wrong,
        "truncated-constant": refuting.wrong,
        "nan-derivative": refuting.not_finite,
        "overflow": refuting.not_finite,
        "precision-loss": refuting.lossy,
        "asymmetric-hessian": refuting.asymmetric,
    }
    if finding.rule in rules:
        rules[finding.rule](account, part, witness)
        return
    components.evaluated(account, part, witness)
    account.reasons.append(f"Replay has no test of its own for {finding.rule}.")


def _stopped(account: Account, finding: Finding, error: Exception) -> None:
    from ..errors import BadSubject

    if isinstance(error, BadSubject):
        _by_text(account, finding, error)
        return
    account.evaluated = True
    account.misfits.append(str(error))


def _by_text(account: Account, finding: Finding, error: Exception) -> None:
    """Without the code: are the numbers of the report disjoint, as it says?"""
    from ..exact import from_real
    from .account import apart, gap
    from .taylor import ball
    from .texts import ball_of, shown, written

    account.reasons.append(f"The code could not be found again: {error}")
    witness = finding.witness
    assert witness is not None
    said = witness.formula or None
    if witness.claimed is None or witness.ball is None or finding.rule == "not-convex":
        account.reasons.append("Without it nothing of this witness can be compared.")
        return
    claimed = ball_of(said) if said else ball(from_real(witness.claimed))
    truth = ball_of(witness.ball)
    account.rows.append(("claimed", witness.claimed.text, "-", ""))
    account.rows.append(("claimed formula", written(said), "-", ""))
    account.rows.append(("truth", written(witness.ball), "-", ""))
    if apart(claimed, truth):
        account.reasons.append(
            f"The numbers of the report agree with each other: claim and truth are disjoint, "
            f"|claim - truth| = {shown(gap(claimed, truth))}."
        )
    else:
        account.misfits.append("claim and truth of the report have points in common")
