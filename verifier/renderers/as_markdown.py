"""A report as Markdown: a step summary on GitHub, a comment, a file beside the code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..verdicts import Check, Document, Severity, Verdict
from .evidence_rows import facts, rows
from .problems import Problem, problems
from .shown import counted, point, replay, visible

MOST_BYTES = 900_000  # GitHub refuses a step summary above 1 MiB
_SPECIAL = re.compile(r"([\\`*_{}\[\]|~#$!])")


def as_markdown(document: Document, *, report: str = "REPORT") -> str:
    """Return `document` as Markdown of at most MOST_BYTES, worst findings first.

    Nothing in a name or a message is taken for Markdown or HTML. `report` is what the replay
    commands name.
    """
    blocks = [_headline(document), "\n".join(_table(document))]
    room = MOST_BYTES - sum(len(block.encode()) for block in blocks)
    left = 0
    for problem in problems(document):
        block = "\n".join(_problem_lines(problem, report))
        room -= len(block.encode()) + 2
        blocks += [block] if room > 0 else []
        left += room <= 0
    if left:
        blocks.append(f"{counted(left, 'more finding')} did not fit: see the report itself.")
    if document.interrupted:
        blocks.append("The run was interrupted: the checks after these were not run.")
    return "\n\n".join(blocks) + "\n"


def _headline(document: Document) -> str:
    holding, count = sum(check.holds for check in document.checks), len(document.checks)
    kinds = [(verdict, sum(c.verdict is verdict for c in document.checks)) for verdict in Verdict]
    tally = ", ".join(f"{number:,} {verdict.value}" for verdict, number in kinds if number)
    left = count - holding
    held = f"{left:,} {'does' if left == 1 else 'do'} not hold" if left else "all hold"
    return f"## verifier: {counted(count, 'check')}, {held if count else 'nothing to hold'}" + (
        f"\n\n{tally}" if tally else ""
    )


def _table(document: Document) -> Iterator[str]:
    yield "| verdict | check | claim | points | patterns |"
    yield "|---|---|---|--:|--:|"
    room = MOST_BYTES // 2
    for check in document.checks:
        for line in _rows_of(check):
            room -= len(line.encode())
            if room < 0:
                yield "| ... | and more: see the report itself | | | |"
                return
            yield line


def _rows_of(check: Check) -> Iterator[str]:
    name = _plain(check.name, 80)
    if not check.claims:
        yield f"| {check.verdict.value} | {name} | | | |"
    for claim in check.claims:
        mark = " (as expected)" if check.expect and check.holds else ""
        counts = f"{claim.points:,} | {claim.patterns:,}"
        yield f"| {claim.verdict.value}{mark} | {name} | {_plain(claim.claim, 120)} | {counts} |"


def _problem_lines(problem: Problem, report: str) -> Iterator[str]:
    finding = problem.finding
    mark = f" ({_plain(problem.excused)})" if problem.excused else ""
    where = f"{_plain(str(problem.origin))}: " if problem.origin else ""
    yield f"### {problem.severity.value}: {_plain(problem.rule)}{mark}"
    yield ""
    yield f"{where}{_plain(problem.sentence, 2000)}"
    if finding is None or problem.excused or problem.severity is Severity.NOTE:
        return
    if problem.origin and problem.origin.text.strip():
        yield from ("", *_fenced(problem.origin.text.strip(), "python"))
    if finding.witness:
        if at := point(finding.witness.point, most=4):
            yield from ("", f"At {_plain(at, 1000)}:")
        yield from ("", "| reading | value | error | agrees with the truth |", "|---|---|---|---|")
        for row in rows(finding.witness):
            cells = (row.label, row.value, row.error_text, row.agrees)
            yield f"| {' | '.join(_plain(cell) for cell in cells)} |"
        for name, text in facts(finding.witness):
            yield f"| {_plain(name)} | {_plain(text)} | | |"
    if finding.remedy:
        yield from ("", f"Remedy: {_plain(finding.remedy, 1000)}")
    yield from ("", *_fenced(replay(report, finding.id), "sh"))


def _plain(text: str, longest: int = 400) -> str:
    r"""Return `text` so that Markdown and HTML show it as it stands.

    >>> _plain("a|b <i> *c*")
    'a\\|b &lt;i&gt; \\*c\\*'
    """
    shown = _SPECIAL.sub(r"\\\1", visible(text, longest)).replace("&", "&amp;")
    return shown.replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")


def _fenced(text: str, language: str) -> tuple[str, str, str]:
    """Return `text` as a code block whose fence is longer than any run of backquotes in it."""
    shown = visible(text)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return fence + language, shown, fence
