"""What a page shows: a report's data as short, harmless texts, worst first, with its plots."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ..rules import RULES
from ..verdicts import Check, Claim, Document, Finding, Origin, Severity, Verdict, Witness
from .evidence_rows import Row, facts, rows
from .plots import Plot, plots
from .shown import counted, element, listed, place, point, replay, visible

HEX_SHOWN = 12  # elements of a witness array that are spelt out in hexadecimal


@dataclass(frozen=True, slots=True)
class ExactView:
    """One array of a witness: name, dtype, shape, the first elements' bits, and how many more."""

    name: str
    dtype: str
    shape: str
    words: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding as its card shows it."""

    key: str
    rule: str
    known: bool
    severity: str
    sentence: str
    subject: str
    claim: str
    spot: str
    origin: str
    line: int
    source: str
    point: str
    second: str
    direction: str
    rows: tuple[Row, ...]
    facts: tuple[tuple[str, str], ...]
    remedy: str
    exact: tuple[ExactView, ...]
    replay: str
    diagnosis: str
    mark: str
    plots: tuple[Plot, ...]

    @property
    def compared(self) -> bool:
        """Whether there is a truth that the readings are compared with."""
        return any(row.agrees for row in self.rows)


@dataclass(frozen=True, slots=True)
class Cell:
    """A verdict in the grid: where it leads, what it rests on."""

    claim: str
    verdict: str
    note: str
    target: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """A subject with its cells, by column where the grid has columns."""

    key: str
    name: str
    subject: str
    verdict: str
    note: str
    cells: tuple[Cell | None, ...]
    as_list: bool
    claimed: bool
    error: str


def anchor(place: int, prefix: str) -> str:
    """Return an id for the page: made of counters, never of the user's text."""
    return f"{prefix}-{place + 1}"


def ranked(document: Document) -> list[tuple[Check, Claim, Finding]]:
    """Return every finding with its check and claim, worst first.

    What was expected or allowed comes last; then by severity, by verdict, by the size of the error
    against the gradient's norm, and as the report has them.
    """
    every = [
        (check, claim, finding)
        for check in document.checks
        for claim in check.claims
        for finding in claim.findings
    ]
    return sorted(every, key=_badness)


def _badness(found: tuple[Check, Claim, Finding]) -> tuple[bool, int, int, float]:
    _, claim, finding = found
    excused = finding.expected or finding.allowed is not None
    size = finding.witness.norm_error if finding.witness else None
    known = size if size is not None and not math.isnan(size) else 0.0
    return (
        excused,
        list(Severity).index(finding.severity),
        -list(Verdict).index(claim.verdict),
        -known,
    )


def finding_view(
    check: Check, claim: Claim, finding: Finding, key: str, report: str
) -> FindingView:
    """Return what the card of `finding` shows; `report` is the file that replay commands name."""
    witness = finding.witness or Witness({})
    where = finding.origin or check.origin
    mark = "expected" if finding.expected else ""
    mark = f"allowed: {visible(finding.allowed, 200)}" if finding.allowed else mark
    return FindingView(
        key=key,
        rule=visible(finding.rule, 60),
        known=finding.rule in RULES,
        severity=finding.severity.value,
        sentence=visible(finding.explanation, 1000),
        subject=visible(check.name, 120),
        claim=visible(claim.claim, 120),
        spot=element(witness.point, finding.argument, finding.index)
        or place(finding.argument, finding.index),
        origin=_origin(where),
        line=finding.origin.line if finding.origin else 0,
        source=visible(finding.origin.text.strip()) if finding.origin else "",
        point=point(witness.point),
        second=point(witness.second_point),
        direction=point(witness.direction),
        rows=rows(witness),
        facts=tuple((visible(name, 60), visible(text, 200)) for name, text in facts(witness)),
        remedy=visible(finding.remedy, 1000),
        exact=tuple(_exact(witness)),
        replay=replay(report, finding.id),
        diagnosis=visible(finding.diagnosis or "", 60),
        mark=mark,
        plots=tuple(plots(witness, key)),
    )


def _origin(origin: Origin | None) -> str:
    return f"{visible(origin.file, 160)}:{origin.line}" if origin else ""


def _exact(witness: Witness) -> Iterable[ExactView]:
    groups = (("", witness.point), ("second ", witness.second_point), ("along ", witness.direction))
    for prefix, tensors in groups:
        for name, value in sorted(tensors.items())[:12]:
            words = tuple(visible(word, 40) for word in value.hex[:HEX_SHOWN])
            shape = " × ".join(map(str, value.shape)) or "number"
            more = len(value.hex) - len(words)
            whole = prefix + visible(name, 80)
            yield ExactView(whole, visible(value.dtype, 20), shape, words, more)


def columns(document: Document) -> tuple[str, ...]:
    """Return the grid's columns: the distinct claims where they make a full grid, else none."""
    claims = [claim.claim for check in document.checks for claim in check.claims]
    distinct = tuple(dict.fromkeys(claims))
    short = len(distinct) <= 6 and all(len(name) < 26 for name in distinct)
    full = len(claims) >= 0.6 * len(distinct) * len(document.checks)
    once = all(len({c.claim for c in k.claims}) == len(k.claims) for k in document.checks)
    return distinct if short and full and once else ()


def grid_row(check: Check, key: str, names: tuple[str, ...], targets: dict[int, str]) -> GridRow:
    """Return `check` as a row: a cell per column of `names`, or one per claim without columns.

    `targets` maps `id(claim)` to the anchor of its first finding.
    """
    cells = [_cell(check, claim, targets.get(id(claim), key)) for claim in check.claims]
    by_name = {claim.claim: cell for claim, cell in zip(check.claims, cells, strict=True)}
    shown = tuple(by_name.get(name) for name in names) if names else tuple(cells)
    return GridRow(
        key,
        visible(check.name, 80),
        visible(check.subject, 120),
        check.verdict.value,
        _standing(check),
        shown,
        not names,
        bool(check.claims),
        visible(check.error, 160),
    )


def _standing(check: Check) -> str:
    if check.expect:
        return "holds: the fault was expected" if check.holds else "expected fault not found"
    return "holds" if check.holds else "does not hold"


def _cell(check: Check, claim: Claim, target: str) -> Cell:
    parts = [counted(claim.points, "point")] if claim.points else []
    parts += [counted(claim.patterns, "pattern")] if claim.patterns else []
    parts += [f"{visible(claim.road, 30)} road"] if claim.road != "lifted" else []
    return Cell(visible(claim.claim, 80), claim.verdict.value, ", ".join(parts), target)


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
    return tuple(dict.fromkeys(found))


def headline(document: Document) -> str:
    """Return the one sentence at the top."""
    total, bad = len(document.checks), sum(not check.holds for check in document.checks)
    if not total:
        return "There was nothing to check."
    if bad == 0:
        return "The check holds." if total == 1 else f"All {total:,} checks hold."
    if total == 1:
        return "The check does not hold."
    return f"{bad:,} of {total:,} checks {'does' if bad == 1 else 'do'} not hold."


def evidence(claim: Claim) -> tuple[tuple[str, str], ...]:
    """Return what `claim` rests on, as (name, text)."""
    seen = claim.evidence
    agreed = f"{seen.agreed:,} of {seen.components:,}"
    agreed += f", {seen.undecided:,} undecided" if seen.undecided else ""
    found = [
        ("components that agree", agreed if seen.components else ""),
        ("fewest digits of agreement", _short(seen.worst_digits)),
        ("rounding, in budgets", _short(seen.budget_ratio)),
        ("precision", f"{seen.precision} bits" if seen.precision else ""),
        ("finite differences", visible(seen.finite_difference)),
        ("mpmath", visible(seen.mpmath)),
        ("reason", visible(claim.reason, 1000)),
        ("notes", visible("; ".join(seen.notes), 1000)),
        ("not checked", visible("; ".join(claim.not_checked), 1000)),
        ("findings", visible(_rules(claim))),
    ]
    return tuple((name, text) for name, text in found if text)


def _rules(claim: Claim) -> str:
    kinds = dict.fromkeys(finding.rule for finding in claim.findings)
    counts = [(kind, sum(found.rule == kind for found in claim.findings)) for kind in kinds]
    return listed(f"{count} {kind}" for kind, count in counts)


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
