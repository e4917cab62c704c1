"""What a finding's card shows: its data as short, harmless texts, worst first, with its plots."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..rules import RULES
from ..verdicts import Check, Claim, Document, Finding, Origin, Severity, Verdict, Witness
from .evidence_rows import Row, facts, rows
from .plot_witness import Plot
from .plots import of_finding
from .shown import element, place, point, replay, visible

OPENINGS = ("the", "at", "on", "a", "an", "no", "some", "along", "between", "two", "both")
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
    more: str
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
    sentence, more = _sentences(visible(finding.explanation, 1000))
    mark = "expected" if finding.expected else ""
    mark = f"allowed: {visible(finding.allowed, 200)}" if finding.allowed else mark
    return FindingView(
        key=key,
        rule=visible(finding.rule, 60),
        known=finding.rule in RULES,
        severity=finding.severity.value,
        sentence=sentence,
        more=more,
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
        plots=tuple(of_finding(finding, key)),
    )


def _sentences(text: str) -> tuple[str, str]:
    """Return the first sentence of `text`, and the rest; code between backticks is not cut."""
    if text.split(" ", 1)[0] in OPENINGS:
        text = text[0].upper() + text[1:]
    for found in re.finditer(r"[.;] (?=[A-Za-z])", text):
        if found.start() > 30 and text.count("`", 0, found.start()) % 2 == 0:
            rest = text[found.end() :]
            return text[: found.start()], rest
    return text, ""


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
