"""`# verifier: allow RULE - reason`: what the source itself says of a finding at its line."""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import BadSpec
from .verdicts import Origin

_COMMENT = re.compile(r"#\s*verifier\s*:\s*(?P<said>.*)$")
_ALLOW = re.compile(r"allow\s+(?P<rule>[A-Za-z][\w-]*)(?:\s+[-–—]+|:)\s+(?P<reason>\S.*)$")


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment: the rule it allows, why, and where it stands."""

    rule: str
    reason: str
    where: Origin


def comments_at(place: Origin) -> Iterator[Comment]:
    """Yield the comments that speak of the line `place`: on it, or alone on the lines just above.

    Raises BadSpec (`bad-allow`) for a comment without a rule or without a reason.
    """
    linecache.checkcache(place.file)
    number, line = place.line, linecache.getline(place.file, place.line)
    while line and number > 0:
        if comment := _read(line, Origin(place.file, number, line.strip())):
            yield comment
        number -= 1
        line = linecache.getline(place.file, number) if number > 0 else ""
        if not line.lstrip().startswith("#"):
            return


def _read(line: str, where: Origin) -> Comment | None:
    """Return the comment of a line, None where it has none.

    >>> _read("y = 1 / x  # verifier: allow overflow - x is never 0", Origin("f.py", 1)).reason
    'x is never 0'
    """
    comment = _COMMENT.search(line)
    if comment is None:
        return None
    allow = _ALLOW.match(comment["said"].strip())
    if allow is None:
        hint = "Write `# verifier: allow overflow - why it is no fault`."
        message = f"comment {comment[0].strip()!r} allows no rule for a reason"
        raise BadSpec(message, slug="bad-allow", hint=hint, where=where)
    return Comment(allow["rule"], allow["reason"].strip(), where)
