"""A report as GitHub workflow commands: each finding is an annotation at its line."""

from __future__ import annotations

from ..verdicts import Document, Severity
from .evidence_rows import rows
from .problems import Problem, problems
from .shown import counted, replay, visible

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def as_github(document: Document, *, report: str = "REPORT") -> str:
    """Return one `::error file=...,line=...::` a finding, worst first, then a plain count line.

    What was expected or allowed is no annotation. GitHub shows ten of a kind for each step; the
    step summary (`as_markdown`) holds them all.
    """
    found = [problem for problem in problems(document) if not problem.excused]
    lines = [_command(problem, report) for problem in found]
    holding = sum(check.holds for check in document.checks)
    lines.append(f"verifier: {holding:,} of {counted(len(document.checks), 'check')} hold")
    return "\n".join(lines) + "\n"


def _command(problem: Problem, report: str) -> str:
    where = problem.origin
    fields = {"file": where.file, "line": str(max(where.line, 1))} if where else {}
    fields["title"] = f"{problem.rule} in {visible(problem.check.name, 120)}"
    told = ",".join(f"{key}={_field(value)}" for key, value in fields.items())
    return f"::{_COMMANDS[problem.severity]} {told}::{_message(_lines(problem, report))}"


def _lines(problem: Problem, report: str) -> str:
    lines, finding = [problem.sentence], problem.finding
    if finding and finding.witness and problem.severity is not Severity.NOTE:
        table = rows(finding.witness)
        lines += [f"{row.label}: {row.value} {row.error_text}".rstrip() for row in table]
    if finding and finding.remedy:
        lines.append(f"remedy: {visible(finding.remedy, 1000)}")
    if finding:
        lines.append(replay(report, finding.id))
    return "\n".join(lines)


def _message(text: str) -> str:
    r"""Return `text` as the data of a command, in GitHub's own escapes.

    >>> _message("100 %\nof it")
    '100 %25%0Aof it'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _field(text: str) -> str:
    """Return `text` as a property of a command: a comma or colon would end it.

    >>> _field("a:b,c")
    'a%3Ab%2Cc'
    """
    return _message(visible(text, 400)).replace(":", "%3A").replace(",", "%2C")
