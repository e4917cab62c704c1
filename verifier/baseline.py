"""Which findings are known and put up with? A file of them, each with its reason."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from .errors import BadSpec
from .importing import shown
from .nearest import did_you_mean
from .renderers.shown import visible, whole
from .report import Report
from .rules import RULES
from .settle import settled
from .verdicts import Check, Claim, Document, Finding, Origin, Severity, Verdict

RULE = "stale-baseline"
_FIELDS = ("id", "rule", "check", "claim", "reason", "said")
_HEAD = """\
# Findings that are known and put up with: `verifier run --baseline` does not count them.
# An entry that no longer occurs is a finding itself: take it out, or write the file anew with
# `verifier baseline REPORT -o FILE`. `said` is for the reader only.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One known finding: its id, where it was, why it is put up with, and the line of the file."""

    id: str
    rule: str
    check: str
    claim: str
    reason: str
    said: str = ""
    line: int = 1

    @property
    def text(self) -> str:
        fields = ((name, getattr(self, name)) for name in _FIELDS)
        told = (f"{name} = {_quoted(value)}" for name, value in fields if value)
        return "\n".join(("[[known]]", *told)) + "\n"


@dataclass(frozen=True, slots=True)
class Baseline:
    """The entries of a baseline file, in its order."""

    file: str
    entries: tuple[Entry, ...]

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Baseline:
        """Return the baseline in the file `path`; BadSpec where it is unreadable or wrong."""
        file = shown(os.fspath(path))
        try:
            text = Path(path).read_bytes().decode("utf-8")
            tables = tomllib.loads(text)
        except OSError as error:
            message = f"baseline {file} cannot be read: {error.strerror}"
            hint = "Write it with `verifier baseline REPORT -o FILE`."
            raise BadSpec(message, slug="cannot-read", hint=hint) from error
        except (ValueError, RecursionError) as error:
            raise BadSpec(f"not TOML: {error}", slug="bad-toml", where=Origin(file, 1)) from error
        return cls(file, tuple(_entries(tables, file, text)))

    @classmethod
    def there(cls, path: str) -> Baseline:
        """Return the baseline in `path`, an empty one where there is no such file."""
        return cls.read(path) if os.path.exists(path) else cls(shown(path), ())

    @classmethod
    def of(cls, document: Document, old: Baseline, reason: str | None) -> Baseline:
        """Return the errors and warnings of `document` as a baseline.

        What stands in `old` keeps its reason; BadSpec where another has none.
        """
        before = {entry.id: entry for entry in old.entries}
        entries = []
        for check, claim, found in _all(document):
            kept = before.get(found.id)
            own = kept.reason if kept else (reason or "").strip()
            known = found.expected or (found.allowed and not kept) or found.rule == RULE
            if known or found.severity is Severity.NOTE:
                continue
            if not own:
                message = f"{found.rule} in {check.name} is not in {old.file}: it needs a reason"
                hint = "Say why it is put up with: --reason 'known since 1.2, see issue 12'."
                raise BadSpec(visible(message), slug="no-reason", hint=hint, where=found.origin)
            said = visible(found.explanation, 300)
            entries.append(Entry(found.id, found.rule, check.name, claim.claim, own, said))
        return cls(old.file, tuple({entry.id: entry for entry in entries}.values()))

    @property
    def text(self) -> str:
        return "\n".join((_HEAD, *(entry.text for entry in self.entries)))

    def applied(self, report: Report, *, whole: bool) -> Report:
        """Return the report with known findings allowed, and a finding for each stale entry.

        `whole` says that every check there is was run: an entry of a check that is gone is stale
        too. An entry of a check that stopped short is left alone.
        """
        reasons = {entry.id: entry for entry in self.entries}
        document = report.document
        checks = [self._allowed(check, reasons) for check in document.checks]
        if stale := self._stale(document, whole=whole and not document.interrupted):
            checks.append(stale)
        return Report(msgspec.structs.replace(document, checks=tuple(checks)))

    def _allowed(self, check: Check, entries: dict[str, Entry]) -> Check:
        def marked(found: Finding) -> Finding:
            entry = entries.get(found.id)
            if entry is None or entry.rule != found.rule or found.allowed:
                return found
            return msgspec.structs.replace(found, allowed=f"{entry.reason} ({self.file})")

        claims = []
        for claim in check.claims:
            findings = tuple(marked(found) for found in claim.findings)
            claims.append(msgspec.structs.replace(claim, findings=findings))
        return settled(msgspec.structs.replace(check, claims=tuple(claims)), check.expect)

    def _stale(self, document: Document, *, whole: bool) -> Check | None:
        """Return the check that tells which entries no longer occur, None where all do."""
        met = {(found.id, found.rule) for _, _, found in _all(document)}
        done = {check.name: check for check in document.checks}
        findings = tuple(
            _finding(entry, self.file)
            for entry in self.entries
            if (entry.id, entry.rule) not in met and _was_looked_for(entry, done, whole)
        )
        if not findings:
            return None
        claim = Claim("baseline", Verdict.REFUTED, road="as written", findings=findings)
        return Check(self.file, self.file, Verdict.REFUTED, (claim,), Origin(self.file, 1))


def _was_looked_for(entry: Entry, done: dict[str, Check], whole: bool) -> bool:
    check = done.get(entry.check)
    if check is None:
        return whole
    return check.verdict is not Verdict.ERROR and not check.cut


def _finding(entry: Entry, file: str) -> Finding:
    where = Origin(file, entry.line, "[[known]]")
    sentence = f"{entry.rule} in {entry.check}: {entry.claim} is known as {entry.id}, but no longer"
    remedy = " ".join(RULES[RULE].remedy.split())
    return Finding(f"stale-{entry.id}", RULE, RULES[RULE].severity, f"{sentence} occurs",
                   origin=where, remedy=remedy)  # fmt: skip


def _all(document: Document) -> Iterator[tuple[Check, Claim, Finding]]:
    for check in document.checks:
        for claim in check.claims:
            for found in claim.findings:
                yield check, claim, found


def _entries(tables: dict[str, Any], file: str, text: str) -> Iterator[Entry]:
    """Yield the entries of a file with their lines; BadSpec for anything else in it."""
    lines = [n for n, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[", line)]
    known = tables.pop("known", [])
    for key in tables:
        hint = "A baseline holds [[known]] tables only."
        raise BadSpec(f"unknown key {key!r}", slug="unknown-key", hint=hint, where=Origin(file, 1))
    if not isinstance(known, list):
        hint = "Write [[known]] for each."
        raise BadSpec("known is no list of tables", slug="bad-type", hint=hint,
                      where=Origin(file, 1))  # fmt: skip
    for position, table in enumerate(known):
        where = Origin(file, lines[position] if position < len(lines) else 1, "[[known]]")
        yield replace(_entry(table, where), line=where.line)


def _entry(table: Any, where: Origin) -> Entry:
    if not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
        hint = f"The fields are: {', '.join(_FIELDS)}."
        raise BadSpec("an entry's fields are text", slug="bad-type", hint=hint, where=where)
    for key in table:
        if key not in _FIELDS:
            hint = did_you_mean(key, _FIELDS, otherwise=f"The fields are: {', '.join(_FIELDS)}.")
            raise BadSpec(f"unknown field {key!r}", slug="unknown-key", hint=hint, where=where)
    for field in ("id", "rule", "check", "reason"):
        if not table.get(field, "").strip():
            hint = "Say why it is put up with." if field == "reason" else "Write the file anew."
            raise BadSpec(f"an entry has no {field}", slug="no-reason", hint=hint, where=where)
    return Entry(**{"claim": "", **table})


def _quoted(text: str) -> str:
    """Return `text` as a basic string of TOML, which escapes as JSON does, and DEL too.

    >>> _quoted('say "x"')
    '"say \\\\"x\\\\""'
    """
    return json.dumps(whole(text), ensure_ascii=False).replace("\x7f", "\\u007f")
