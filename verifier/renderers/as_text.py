"""A report as text for a terminal: a line a claim, then what failed and why, then the count."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..verdicts import FACTS, Check, Claim, Document, Finding, Severity, Verdict, Witness
from .evidence_rows import facts, rows
from .problems import Problem
from .shown import by_road, counted, element, place, point, replay, visible

Paint = Callable[[str, str], str]

_COLOURS: dict[Verdict | Severity, str] = {
    Verdict.PROVED: "1;32",
    Verdict.PASSED: "32",
    Verdict.UNDECIDED: "33",
    Verdict.REFUTED: "31",
    Verdict.ERROR: "1;31",
    Severity.ERROR: "31",
    Severity.WARNING: "33",
    Severity.NOTE: "36",
}
MOST_REASON = 100  # letters of a proof's reason in its line
MOST_UNCHECKED = 12  # "not checked" items spelt out in the last line


def as_text(document: Document, *, color: bool = False, report: str = "REPORT") -> str:
    """Return `document` for reading in a terminal.

    `report` is what the replay lines call the saved JSON. Colour is ANSI and only where asked for;
    control characters in names and messages are escaped, whoever wrote them.
    """
    paint = _painted if color else _unpainted
    lines = [*_summary_lines(document, paint)]
    for check in document.checks:
        lines += _check_lines(check, paint, report)
    lines += _last_lines(document)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _painted(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m"


def _unpainted(text: str, code: str) -> str:
    return text


def _summary_lines(document: Document, paint: Paint) -> Iterator[str]:
    lines = [
        (verdict, visible(subject, 48), visible(claim, 60), tail)
        for check in document.checks
        for verdict, subject, claim, tail in _claim_lines(check, _seconds(document))
    ]
    wide = [max((len(line[column]) for line in lines), default=0) for column in (1, 2)]
    for verdict, subject, claim, tail in lines:
        head = paint(f"{verdict.value:<9}", _COLOURS[verdict])
        yield f"{head}  {subject:<{wide[0]}}  {claim:<{wide[1]}}  {tail}"


def _claim_lines(
    check: Check, seconds: dict[str, float]
) -> Iterator[tuple[Verdict, str, str, str]]:
    spent = [f"{seconds[check.name]:.2f} s"] if check.name in seconds else []
    if not check.claims:
        yield check.verdict, check.name, "(no claim reached)", ", ".join(spent)
    for claim in check.claims:
        parts = _grounds(claim)
        parts += by_road(claim.road)
        parts += ["cut by the budget"] if check.cut else []
        parts += ["as expected"] if check.expect and check.holds else []
        yield claim.verdict, check.name, claim.claim, ", ".join(parts + spent)
        spent = []


def _grounds(claim: Claim) -> list[str]:
    """Tell what a verdict rests on: the proof's gist, else the points and sign patterns tried."""
    if claim.verdict is Verdict.PROVED and claim.reason:
        return [visible(claim.reason, MOST_REASON)]
    parts = [counted(claim.points, "point")] if claim.points else []
    return parts + ([counted(claim.patterns, "pattern")] if claim.patterns else [])


def _check_lines(check: Check, paint: Paint, report: str) -> Iterator[str]:
    if check.error:
        where = visible(str(check.origin)) if check.origin else visible(check.name)
        yield ""
        yield f"{where}: {paint('error', '31')}: {visible(check.error, 2000)}"
    for claim in check.claims:
        if claim.claim in FACTS and claim.evidence.notes:
            yield from _fact_lines(claim)
        if claim.verdict is Verdict.UNDECIDED and claim.reason:
            yield ""
            yield f"{visible(check.name)}: {visible(claim.claim)} is undecided:"
            yield f"    {visible(claim.reason, 1000)}"
        for finding in claim.findings:
            yield from _finding_lines(check, claim, finding, paint, report)
    if check.expect and not check.holds:
        yield ""
        yield f"{visible(check.name)}: expected {', '.join(map(visible, check.expect))}, not found"


def _fact_lines(claim: Claim) -> Iterator[str]:
    """Tell what `inspect` found: one line a fact."""
    yield ""
    yield f"{visible(claim.claim)}:"
    for note in claim.evidence.notes:
        indent = " " * (len(note) - len(note.lstrip(" ")))
        yield f"    {indent}{visible(note.strip(), 1000)}"


def problem_text(problem: Problem, report: str = "") -> str:
    """Return one problem as a terminal shows it, without colour.

    The replay line is left out where `report` is empty: there is no file to replay from.
    """
    where = visible(str(problem.origin)) if problem.origin else visible(problem.check.name)
    if problem.finding is None or problem.claim is None:
        return f"{where}: {problem.rule}: {problem.sentence}"
    lines = _finding_lines(problem.check, problem.claim, problem.finding, _unpainted, report)
    return "\n".join(line.rstrip() for line in lines).lstrip("\n")


def _finding_lines(
    check: Check, claim: Claim, finding: Finding, paint: Paint, report: str
) -> Iterator[str]:
    where = finding.origin or check.origin
    spot = visible(str(where)) if where else visible(check.name)
    mark = " (expected)" if finding.expected else ""
    mark = f" (allowed: {visible(finding.allowed)})" if finding.allowed else mark
    rule = paint(visible(finding.rule), _COLOURS[finding.severity])
    yield ""
    yield f"{spot}: {rule}{mark}: {visible(finding.explanation, 1000)}"
    if mark or finding.severity is Severity.NOTE:
        return
    if finding.origin and finding.origin.text.strip():
        yield f"    {finding.origin.line} | {visible(finding.origin.text.strip())}"
    if finding.witness:
        yield from _witness_lines(finding, finding.witness)
    if finding.remedy:
        yield f"    remedy: {visible(finding.remedy, 1000)}"
    if report:
        yield f"    {replay(report, finding.id)}"


def _witness_lines(finding: Finding, witness: Witness) -> Iterator[str]:
    spot = place(finding.argument, finding.index)
    at = point(witness.point, most=4)
    if spot and not at.startswith(f"{spot} ="):
        yield f"    component {element(witness.point, finding.argument, finding.index) or spot}"
    if at:
        yield f"    at {at}"
    if witness.second_point:
        yield f"    and {point(witness.second_point, most=4)}"
    if witness.direction:
        yield f"    along {point(witness.direction, most=4)}"
    table = [
        (row.label, f"{row.value} {row.error_text}".strip(), row.agrees) for row in rows(witness)
    ]
    wide = [max((len(line[column]) for line in table), default=0) for column in (0, 1)]
    for label, value, agrees in table:
        known = f"agrees: {agrees}" if agrees and label != "ball" else ""
        yield f"    {label:<{wide[0]}}  {value:<{wide[1]}}  {known}"
    if about := ", ".join(f"{visible(name)} {visible(text)}" for name, text in facts(witness)):
        yield f"    {about}"


def _last_lines(document: Document) -> Iterator[str]:
    checks = document.checks
    hold = sum(check.holds for check in checks)
    kinds = [(verdict, sum(check.verdict is verdict for check in checks)) for verdict in Verdict]
    tally = ", ".join(f"{count} {verdict.value}" for verdict, count in kinds if count)
    total = sum(_seconds(document).values())
    yield ""
    yield (
        f"{counted(len(checks), 'check')}: {hold} {'holds' if hold == 1 else 'hold'}, "
        f"{len(checks) - hold} {'does' if len(checks) - hold == 1 else 'do'} not"
        f"{f' ({tally})' if tally else ''}{f' in {total:.1f} s' if total else ''}"
    )
    kept = document.machine.get("from_cache")
    if isinstance(kept, dict) and kept:
        yield f"from the cache, as nothing they depend on changed: {counted(len(kept), 'check')}"
    unchecked = [
        f"{visible(check.name, 60)}: {visible(item)}"
        for check in checks
        for item in dict.fromkeys(part for claim in check.claims for part in claim.not_checked)
    ]
    if unchecked:
        more = len(unchecked) - MOST_UNCHECKED
        listed = unchecked[:MOST_UNCHECKED] + ([f"and {more} more"] if more > 0 else [])
        yield f"not checked: {'; '.join(listed)}"
    if document.interrupted:
        yield "interrupted: what stands above is complete, the checks after it were not run"


def _seconds(document: Document) -> dict[str, float]:
    found = document.machine.get("seconds", {})
    return found if isinstance(found, dict) else {}
