"""What a catalogued error is: the slug that the code raises, and the page that explains it."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill, indent


@dataclass(frozen=True, slots=True)
class Entry:
    """A slug, what has happened, the likely causes (likeliest first), what to do.

    `says` is one message as it is printed, without its place; a test provokes it.
    """

    slug: str
    what: str
    causes: tuple[str, ...]
    remedy: str
    says: str

    @property
    def page(self) -> str:
        """The error's page as plain text."""
        causes = "\n".join(
            fill(cause, 94, initial_indent="- ", subsequent_indent="  ") for cause in self.causes
        )
        parts = (
            ("Such as", fill(self.says, 92, break_long_words=False)),
            ("Likely causes", causes),
            ("What to do", fill(self.remedy, 92)),
        )
        sections = (f"{title}\n{indent(body, '    ')}" for title, body in parts)
        return "\n\n".join([f"{self.slug} (a message): {self.what}", *sections])
