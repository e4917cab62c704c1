"""What a rule is: the identity of a finding, and the page that explains it."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent, fill, indent

from ..verdicts import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's name, the severity it has unless a claim says otherwise, its title and its page.

    `means`, `decided` and `remedy` are paragraphs; `fails` and `mended` are the same small numpy
    model with the fault and without.
    """

    name: str
    severity: Severity
    title: str
    means: str
    decided: str
    remedy: str
    fails: str
    mended: str

    @property
    def page(self) -> str:
        """The rule's page as plain text."""
        parts = [
            f"{self.name} ({self.severity.value}): {self.title}",
            _section("What it means", paragraph(self.means)),
            _section("How it is decided", paragraph(self.decided)),
            _section("What to do", paragraph(self.remedy)),
            _section("A model that fails", code(self.fails)),
            _section("The same, mended", code(self.mended)),
        ]
        return "\n\n".join(parts)


def paragraph(text: str, width: int = 92) -> str:
    """Return `text` refilled to `width`."""
    return fill(" ".join(text.split()), width)


def code(text: str) -> str:
    """Return `text` without the indentation it was written with."""
    return dedent(text).strip("\n")


def _section(title: str, body: str) -> str:
    return f"{title}\n{indent(body, '    ')}"
