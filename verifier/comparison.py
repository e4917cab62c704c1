"""What changed between two reports? New, fixed, and worse by digits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .renderers.problems import Problem, problems_of
from .renderers.shown import counted, place, visible
from .verdicts import Check, Claim, Document, Severity, Verdict

Kind = Literal["new", "worse", "fixed", "better", "added", "removed"]
KINDS: tuple[Kind, ...] = ("new", "worse", "fixed", "better", "added", "removed")

# Digits are log10 of an error that was itself measured at some points only: a change by less than a
# factor of ten, one digit, is not told.
DIGIT = 1.0

_ORDER = tuple(Verdict)
_Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two reports: its kind, where it stands, and a sentence."""

    kind: Kind
    where: str
    sentence: str

    @property
    def counts(self) -> bool:
        """Whether it makes the newer report worse than the older."""
        return self.kind in ("new", "worse")


def compare(old: Document, new: Document) -> tuple[Change, ...]:
    """Return what changed from `old` to `new`, what is worse first.

    Checks are matched by name, claims by what they are called, findings by id. What is expected or
    allowed in a report is not there for it: an allowance that was dropped brings a new finding.
    """
    before = {check.name: check for check in old.checks}
    after = {check.name: check for check in new.checks}
    found: list[Change] = []
    for name, check in after.items():
        found += _check_changes(before.get(name), check)
    for name, check in before.items():
        if name not in after:
            found.append(Change("removed", visible(name), f"was {check.verdict.value}"))
    return tuple(sorted(found, key=lambda change: KINDS.index(change.kind)))


def described(changes: tuple[Change, ...], old: str, new: str) -> str:
    """Return the changes as text for a terminal: a line each, then the count."""
    lines = [f"{change.kind:<8} {change.where}: {change.sentence}" for change in changes]
    tally = [(kind, sum(change.kind == kind for change in changes)) for kind in KINDS]
    told = ", ".join(f"{number} {kind}" for kind, number in tally if number)
    between = f"{visible(old, 200)} -> {visible(new, 200)}"
    gap = [""] if lines else []
    last = f"{between}: {told or 'nothing changed'}"
    return "\n".join([*lines, *gap, last]) + "\n"


def _check_changes(old: Check | None, new: Check) -> Iterator[Change]:
    """Yield what changed in one check; everything that is wrong with an added one is new."""
    name = visible(new.name)
    if old is None:
        claims = counted(len(new.claims), "claim")
        yield Change("added", name, f"{new.verdict.value}, {claims}")
    yield from _finding_changes(old, new)
    if old is not None:
        yield from _claim_changes(old, new)


def _finding_changes(old: Check | None, new: Check) -> Iterator[Change]:
    before = {_identity(p): p for p in problems_of(old) if not p.excused} if old else {}
    after = {_identity(p): p for p in problems_of(new) if not p.excused}
    for key, problem in after.items():
        if key not in before:
            yield Change("new", _where(problem), _told(problem))
        else:
            yield from _same_finding(before[key], problem)
    for key, problem in before.items():
        if key not in after and not _unseen(problem, new):
            yield Change("fixed", _where(problem), _told(problem))


def _identity(problem: Problem) -> str:
    if problem.finding:
        return problem.finding.id
    claim = problem.claim.claim if problem.claim else ""
    return f"{problem.rule}|{claim}"


def _unseen(problem: Problem, new: Check) -> bool:
    """Tell whether an old finding may still be there: the check now stops before it could tell."""
    if problem.finding is None:
        return False
    stopped = new.verdict is Verdict.ERROR or new.cut
    return stopped and not any(c.claim == _claim_of(problem) for c in new.claims)


def _claim_of(problem: Problem) -> str:
    return problem.claim.claim if problem.claim else ""


def _same_finding(old: Problem, new: Problem) -> Iterator[Change]:
    """Yield how a finding that is in both reports got worse or better."""
    ranks = tuple(Severity)
    if ranks.index(new.severity) < ranks.index(old.severity):
        told = f"{new.rule} is now {new.severity.value}, was {old.severity.value}"
        yield Change("worse", _where(new), told)
    before, after = _digits(old), _digits(new)
    if before is None or after is None:
        return
    kind = _moved(before, after)
    if kind:
        told = f"{new.rule} keeps {after:.1f} digits, was {before:.1f}"
        yield Change(kind, _where(new), told)


def _digits(problem: Problem) -> float | None:
    """Return how many digits the witness of a finding keeps, None where it does not say."""
    witness = problem.finding.witness if problem.finding else None
    if witness is None:
        return None
    if witness.digits is not None:
        return None if math.isnan(witness.digits) else witness.digits
    off = witness.relative_error
    if off is None or math.isnan(off) or off < 0:
        return None
    return math.inf if off == 0 else max(0.0, -math.log10(off)) if off < math.inf else 0.0


def _moved(before: float, after: float) -> Kind | None:
    """Return "worse" or "better" where at least a whole digit was lost or won.

    >>> _moved(12.3, 11.0), _moved(3.0, 3.9), _moved(3.0, 15.0)
    ('worse', None, 'better')
    """
    if before == after:
        return None
    if before - after >= DIGIT:
        return "worse"
    return "better" if after - before >= DIGIT else None


def _claim_changes(old: Check, new: Check) -> Iterator[Change]:
    """Yield verdicts that fell or rose and digits that were lost, where no finding tells it."""
    before = dict(_numbered(old))
    for key, claim in _numbered(new):
        if key not in before:
            continue
        was, where = before[key], visible(f"{new.name}: {claim.claim}", 200)
        step = _ORDER.index(claim.verdict) - _ORDER.index(was.verdict)
        told = f"{claim.verdict.value}, was {was.verdict.value}"
        silent = claim.verdict in (Verdict.PROVED, Verdict.PASSED)
        if step > 0 and silent:
            yield Change("worse", where, told)
        elif step < 0 and was.verdict is Verdict.PASSED:
            yield Change("better", where, told)
        yield from _agreement(was, claim, where)
    now = {key for key, _ in _numbered(new)}
    for key, claim in before.items():
        if key not in now and new.verdict is not Verdict.ERROR and not new.cut:
            where = visible(f"{new.name}: {claim.claim}", 200)
            yield Change("removed", where, f"was {claim.verdict.value}")


def _agreement(old: Claim, new: Claim, where: str) -> Iterator[Change]:
    before, after = old.evidence.worst_digits, new.evidence.worst_digits
    if before is None or after is None or math.isnan(before) or math.isnan(after):
        return
    if kind := _moved(before, after):
        told = f"the worst component agrees to {after:.1f} digits, was {before:.1f}"
        yield Change(kind, where, told)


def _numbered(check: Check) -> Iterator[tuple[_Key, Claim]]:
    """Yield the claims of a check, the second of a name told from the first."""
    seen: dict[str, int] = {}
    for claim in check.claims:
        seen[claim.claim] = seen.get(claim.claim, 0) + 1
        yield (check.name, claim.claim, seen[claim.claim]), claim


def _where(problem: Problem) -> str:
    claim = f": {visible(problem.claim.claim, 120)}" if problem.claim else ""
    return f"{visible(problem.check.name, 120)}{claim}"


def _told(problem: Problem) -> str:
    finding = problem.finding
    spot = place(finding.argument, finding.index) if finding else ""
    line = f" ({visible(str(problem.origin))})" if problem.origin else ""
    return f"{problem.rule}{f' of {spot}' if spot else ''}: {problem.sentence}{line}"
