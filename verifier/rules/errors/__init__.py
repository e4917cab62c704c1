"""Every error a user can meet, by slug, with the page that `verifier explain SLUG` shows."""

from __future__ import annotations

from .domains import DOMAINS
from .entry import Entry
from .places import PLACES
from .reports import REPORTS
from .running import RUNNING
from .writing import WRITING

GROUPS: dict[str, tuple[Entry, ...]] = {
    "What is written": WRITING,
    "What is named": PLACES,
    "Where to check": DOMAINS,
    "Running the code, and writing it as a graph": RUNNING,
    "Reports": REPORTS,
}
ERRORS: dict[str, Entry] = {entry.slug: entry for group in GROUPS.values() for entry in group}

__all__ = ["ERRORS", "GROUPS", "Entry"]
