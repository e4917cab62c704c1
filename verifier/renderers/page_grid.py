"""Verdicts at a glance: subjects by claims, the counts, the headline, and what was not checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ..verdicts import FACTS, Check, Claim, Document, Severity, Verdict
from .shown import by_road, counted, visible

MOST_ITEMS = 12  # of one check, under what was not checked


@dataclass(frozen=True, slots=True)
class Cell:
    """A verdict in the grid: where it leads, what it rests on. A fact has no verdict."""

    claim: str
    verdict: str
    note: str
    target: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """A subject with its cells, by column where the grid has columns."""

    key: str
    name: str
    verdict: str
    note: str
    holds: bool
    cells: tuple[Cell | None, ...]
    as_list: bool
    claimed: bool
    error: str


def anchor(place: int, prefix: str) -> str:
    """Return an id for the page: made of counters, never of the user's text."""
    return f"{prefix}-{place + 1}"


def is_fact(claim: Claim) -> bool:
    """Tell whether `claim` is what `inspect` reports: facts, and no claim of the user's."""
    return claim.claim in FACTS


def tally(document: Document) -> list[tuple[str, int]]:
    """Return every verdict with how many claims it was given; a check without any is one."""
    verdicts = [claim.verdict for check in document.checks for claim in check.claims
                if not is_fact(claim)]
    verdicts += [check.verdict for check in document.checks if not check.claims]
    return [(verdict.value, verdicts.count(verdict)) for verdict in Verdict]


def severities(document: Document) -> list[tuple[str, int]]:
    """Return every severity that was met with how many findings have it, the excused apart."""
    findings = [finding for check in document.checks for claim in check.claims
                for finding in claim.findings]
    found = Counter("expected" if each.expected else "allowed" if each.allowed is not None
                    else each.severity.value for each in findings)
    kinds = [*(severity.value for severity in Severity), "expected", "allowed"]
    return [(kind, found[kind]) for kind in kinds if found[kind]]


def columns(document: Document) -> tuple[str, ...]:
    """Return the grid's columns: the distinct claims where they make a full grid, else none."""
    claims = [claim.claim for check in document.checks for claim in check.claims]
    distinct = tuple(dict.fromkeys(claims))
    short = len(distinct) <= 6 and all(len(name) < 26 for name in distinct)
    full = len(claims) >= 0.6 * len(distinct) * len(document.checks)
    once = all(len({c.claim for c in k.claims}) == len(k.claims) for k in document.checks)
    several = len(document.checks) > 1
    return distinct if short and full and once and several else ()


def grid_row(check: Check, key: str, names: tuple[str, ...], targets: dict[int, str]) -> GridRow:
    """Return `check` as a row: a cell per column of `names`, or one per claim without columns.

    `targets` maps `id(claim)` to the anchor of its first finding.
    """
    cells = [_cell(claim, targets.get(id(claim), key)) for claim in check.claims]
    by_name = {claim.claim: cell for claim, cell in zip(check.claims, cells, strict=True)}
    shown = tuple(by_name.get(name) for name in names) if names else tuple(cells)
    return GridRow(
        key=key,
        name=visible(check.name, 80),
        verdict=check.verdict.value,
        note=_standing(check),
        holds=check.holds,
        cells=shown,
        as_list=not names,
        claimed=bool(check.claims),
        error=visible(check.error, 160),
    )


def _standing(check: Check) -> str:
    if check.expect:
        return "holds: the fault was expected" if check.holds else "expected fault not found"
    if check.claims and all(map(is_fact, check.claims)):
        return "nothing was claimed"
    return "holds" if check.holds else "does not hold"


def _cell(claim: Claim, target: str) -> Cell:
    tried = claim.verdict is not Verdict.PROVED
    parts = [counted(claim.points, "point")] if claim.points and tried else []
    parts += [counted(claim.patterns, "pattern")] if claim.patterns and tried else []
    parts += by_road(claim.road, 30)
    verdict = "" if is_fact(claim) else claim.verdict.value
    return Cell(visible(claim.claim, 80), verdict, ", ".join(parts), target)


def unchecked(check: Check) -> tuple[str, ...]:
    """Return, each once, what was not checked of `check`, undecided claims with their reasons."""
    found = [visible(item) for claim in check.claims for item in claim.not_checked]
    for claim in check.claims:
        name, left = visible(claim.claim, 80), claim.evidence.undecided
        if claim.verdict is Verdict.UNDECIDED:
            found.append(f"{name}: undecided{f': {visible(claim.reason)}' if claim.reason else ''}")
        elif left:
            found.append(f"{name}: {counted(left, 'component')} undecided")
    if check.cut:
        found.append("the time budget ended the search early")
    if check.error:
        found.append(f"nothing: {visible(check.error, 1000)}")
    once = tuple(dict.fromkeys(found))
    more = len(once) - MOST_ITEMS
    return (*once[:MOST_ITEMS], f"and {more:,} more") if more > 0 else once


def all_unchecked(document: Document) -> Iterable[dict[str, object]]:
    """Yield, for every check that has any, what was not checked."""
    for place, check in enumerate(document.checks):
        if items := unchecked(check):
            yield {"name": visible(check.name, 80), "key": anchor(place, "check"), "items": items}


def headline(document: Document) -> str:
    """Return the one sentence at the top."""
    total, bad = len(document.checks), sum(not check.holds for check in document.checks)
    if not total:
        return "There was nothing to check."
    if all(is_fact(claim) for check in document.checks for claim in check.claims) and bad == 0:
        return f"Facts of {counted(total, 'function')}: nothing was claimed."
    if bad == 0 and total == 1:
        wanted = ": the fault was expected" if document.checks[0].expect else ""
        return f"The check holds{wanted}."
    if bad == 0:
        return f"All {total:,} checks hold."
    if total == 1:
        return "The check does not hold."
    return f"{bad:,} of {total:,} checks {'does' if bad == 1 else 'do'} not hold."
