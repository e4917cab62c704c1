"""Does a check hold? What was expected, what is allowed, and what is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from .allowing import comments_at
from .errors import BadSpec
from .importing import shown
from .nearest import did_you_mean
from .rules import RULES
from .verdicts import Check, Claim, Finding, Origin, Severity, Verdict

Allowance = tuple[str, str, str]

_FIELDS = ("rule", "place", "reason")


def allowances(told: Iterable[Any], where: Origin | None = None) -> tuple[Allowance, ...]:
    """Return `allow=` as (rule, place, reason) triples; an empty place is everywhere.

    >>> allowances([{"rule": "overflow", "reason": "inputs are clipped upstream"}])
    (('overflow', '', 'inputs are clipped upstream'),)
    """
    return tuple(_allowance(item, where) for item in told)


def _allowance(item: Any, where: Origin | None) -> Allowance:
    if isinstance(item, Mapping):
        unknown = [key for key in item if key not in _FIELDS]
        parts = [str(item.get(field, "")) for field in _FIELDS] if not unknown else []
    else:
        parts = [str(part) for part in item] if isinstance(item, list | tuple) else []
    if len(parts) != 3 or not parts[0] or not parts[2]:
        hint = "Write {rule = 'overflow', place = 'net.py:12', reason = 'why it is no fault'}."
        message = f"allow entry {item!r} is not a rule, a place and a reason"
        raise BadSpec(message, slug="bad-allow", hint=hint, where=where)
    return parts[0], parts[1], parts[2]


def require_rules(rules: Iterable[str], where: Origin | None = None) -> None:
    """Raise BadSpec with the nearest rule where one of `rules` does not exist."""
    for rule in rules:
        if rule not in RULES:
            hint = did_you_mean(rule, RULES, otherwise=f"The rules are: {', '.join(RULES)}.")
            raise BadSpec(f"unknown rule {rule!r}", slug="unknown-rule", hint=hint, where=where)


def settled(check: Check, expect: tuple[str, ...], allow: tuple[Allowance, ...] = ()) -> Check:
    """Mark the findings that were expected or allowed, and say whether the check holds.

    File names become relative to the working folder, so that a report reads the same elsewhere.
    Without `expect` a check holds where every claim is PROVED or PASSED and nothing of severity
    error is left but what is allowed. With it, exactly when every expected rule appears and no
    error of any other rule does. A comment `# verifier: allow RULE - reason` at the finding's line
    or at the subject's allows it too; BadSpec where such a comment is wrong.
    """
    claims = tuple(_marked(claim, expect, allow, check.origin) for claim in check.claims)
    left = [found for claim in claims for found in claim.findings if not found.allowed]
    errors = [f for f in left if f.severity is Severity.ERROR and not f.expected]
    if errors or check.error:
        holds = False
    elif expect:
        holds = set(expect) <= {found.rule for found in left}
    else:
        decided = check.verdict is not Verdict.ERROR and bool(claims)
        holds = decided and all(_stands(claim) for claim in claims)
    origin = relative(check.origin)
    return msgspec.structs.replace(check, claims=claims, expect=expect, holds=holds, origin=origin)


def relative(origin: Origin | None) -> Origin | None:
    """Return `origin` with its file relative to the working folder, where it lies below it."""
    return origin and Origin(shown(origin.file), origin.line, origin.text)


def _marked(
    claim: Claim, expect: tuple[str, ...], allow: tuple[Allowance, ...], subject: Origin | None
) -> Claim:
    def marked(found: Finding) -> Finding:
        said = [reason for rule, place, reason in allow if _covers(rule, place, found)]
        said += [why for rule, why in _comments(found.origin, subject) if rule == found.rule]
        allowed = found.allowed or next(iter(said), None)
        origin, expected = relative(found.origin), found.rule in expect
        return msgspec.structs.replace(found, expected=expected, allowed=allowed, origin=origin)

    return msgspec.structs.replace(claim, findings=tuple(marked(f) for f in claim.findings))


def _comments(*places: Origin | None) -> Iterable[tuple[str, str]]:
    """Yield rule and reason of each comment at `places`; BadSpec for a rule there is none of."""
    for place in dict.fromkeys(place for place in places if place):
        for comment in comments_at(place):
            require_rules((comment.rule,), comment.where)
            yield comment.rule, comment.reason


def _covers(rule: str, place: str, found: Finding) -> bool:
    """Tell whether `rule` at `place` (an argument, `file.py`, `file.py:line`, or "") is `found`."""
    if rule != found.rule:
        return False
    if place in ("", found.argument):
        return True
    stands = (str(found.origin), found.origin.file) if found.origin else ()
    return any(text == place or text.endswith("/" + place) for text in stands)


def _stands(claim: Claim) -> bool:
    """Tell whether a claim counts as held: not refuted, or refuted by allowed findings only."""
    if claim.verdict is Verdict.REFUTED:
        return any(finding.allowed for finding in claim.findings)
    return claim.verdict in (Verdict.PROVED, Verdict.PASSED)
