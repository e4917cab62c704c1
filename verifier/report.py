"""What `vf.verify` returns: a report that prints, saves, shows itself in a notebook and decides."""

from __future__ import annotations

import html
import os
from dataclasses import dataclass
from pathlib import Path

from .errors import BadSpec
from .renderers import format_of, render, renderer
from .renderers.as_json import decode
from .renderers.write import write
from .verdicts import Check, Document, Finding, Severity, Verdict, at_least, worst

HOLDS, FOUND, BROKEN, INTERNAL, NOTHING, INTERRUPTED = 0, 1, 2, 3, 5, 130
INTERNAL_RULES = frozenset({"internal-disagreement", "internal-error"})


@dataclass(frozen=True)
class Report:
    """Verdicts and findings of one or more checks, around the plain data in `document`.

    `print(report)` shows the text, `report.save("r.html")` writes a page, and
    `report.exit_code("error")` is what a command would return.
    """

    document: Document

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Report:
        """Return the report saved as JSON at `path`. Raises BadSpec where it cannot be read."""
        try:
            data = Path(path).read_bytes()
        except (OSError, ValueError) as problem:
            raise BadSpec(
                f"cannot read {os.fspath(path)!r}: {getattr(problem, 'strerror', problem)}",
                slug="cannot-read",
                hint="Give the .json that `verifier run -o` or report.save() wrote.",
            ) from None
        return cls(decode(data, os.fspath(path)))

    @property
    def checks(self) -> tuple[Check, ...]:
        return self.document.checks

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all checks; UNDECIDED where there is none."""
        return worst(check.verdict for check in self.checks)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of all claims, in the order of the checks."""
        return tuple(found for check in self.checks for found in _findings(check))

    @property
    def holds(self) -> bool:
        """Whether a command would exit 0: every check holds, nothing stopped short."""
        return self.exit_code() == HOLDS

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the report to `path` in the format of its suffix and return the path.

        Missing folders are made; an older file stays whole until the new one is. Raises BadSpec for
        an unknown suffix, VerifierError (`cannot-write`) where the disk refuses.
        """
        goal = Path(path)
        format = format_of(goal.name)
        if format == "json":
            return write(goal, render(self.document, format))
        beside = goal.with_suffix(".json").name
        return write(goal, renderer(format)(self.document, report=beside))

    def exit_code(self, fail_on: Severity | str = Severity.ERROR) -> int:
        """Return what a command would exit with.

        0 all hold, 1 a finding at or above `fail_on` or an undecided claim, 2 a check is ERROR,
        3 a fault of verifier itself, 5 nothing to check, 130 interrupted; the higher the rank
        130 > 3 > 2 > 1 > 0 the more it counts.
        """
        bar = _severity(fail_on)
        if self.document.interrupted:
            return INTERRUPTED
        if not self.checks:
            return NOTHING
        return max(_code(check, bar) for check in self.checks)

    def __str__(self) -> str:
        return render(self.document, "text").rstrip("\n")

    def _repr_html_(self) -> str:
        """Return the page in a frame of its own, for a notebook."""
        page = html.escape(render(self.document, "html"), quote=True)
        return (
            f'<iframe srcdoc="{page}" sandbox="allow-scripts" title="verifier report" '
            'width="100%" height="720" style="border:1px solid #8884;border-radius:6px"></iframe>'
        )


def _findings(check: Check) -> tuple[Finding, ...]:
    return tuple(finding for claim in check.claims for finding in claim.findings)


def _code(check: Check, bar: Severity) -> int:
    findings = [found for found in _findings(check) if not found.allowed]
    if any(found.rule in INTERNAL_RULES and not found.expected for found in findings):
        return INTERNAL
    if check.expect:
        return HOLDS if check.holds else BROKEN if check.verdict is Verdict.ERROR else FOUND
    if check.verdict is Verdict.ERROR:
        return BROKEN
    undecided = any(claim.verdict is Verdict.UNDECIDED for claim in check.claims)
    refuted = any(claim.verdict is Verdict.REFUTED and not claim.findings for claim in check.claims)
    failed = any(at_least(found.severity, bar) for found in findings if not found.expected)
    return FOUND if undecided or refuted or failed else HOLDS


def _severity(text: Severity | str) -> Severity:
    try:
        return Severity(text)
    except ValueError:
        raise BadSpec(
            f"unknown severity {text!r}",
            slug="unknown-severity",
            hint=f"fail-on takes one of: {', '.join(severity.value for severity in Severity)}.",
        ) from None
