"""verifier.toml, or [tool.verifier] in pyproject.toml, as checks; what is wrong is told by line.

One wrong check does not silence the others: it is kept with its `error` and becomes an ERROR.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from .errors import BadSpec
from .importing import sentence, shown
from .nearest import did_you_mean
from .settings import EFFORTS
from .settle import allowances, require_rules
from .verdicts import Origin
from .words import DERIVATIVES, listed, seconds

Words = str | list[str]


class CheckTable(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The keys of one `[check.NAME]`, with their types."""

    subject: str | None = None
    formula: str | None = None
    derivative: str | None = None
    second_derivative: str | None = None
    gradient: str | None = None
    jacobian: str | None = None
    hessian: str | None = None
    hessian_diagonal: str | None = None
    hvp: str | None = None
    vjp: str | None = None
    backward: str | None = None
    value_and_gradient: str | None = None
    grads: dict[str, str] | None = None
    cache: int | None = None
    claims: Words | None = None
    on: dict[str, Any] | None = None
    at: Any = None
    wrt: Words | None = None
    against: str | None = None
    opaque: bool | None = None
    inspect: bool | None = None
    dtype: Literal["float16", "bfloat16", "float32", "float64"] | None = None
    effort: str | None = None
    budget: float | str | None = None
    seed: int | None = None
    allow: list[dict[str, str]] | None = None
    expect: Words | None = None
    question: str | None = None
    answer: str | None = None


class Config(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The keys of verifier.toml; `seed`, `effort` and `budget` hold where a check gives none."""

    pythonpath: Words = []
    fail_on: Literal["error", "warning", "note"] | None = None
    seed: int | None = None
    effort: str | None = None
    budget: float | str | None = None
    check: dict[str, CheckTable] = {}


class CheckSpec(msgspec.Struct, frozen=True):
    """One check as written: plain data that a worker process can be sent.

    `told` holds the words of :class:`verifier.words.Told` with references still unresolved.
    `position` picks the claim in a Python file; a TOML check has None and names its `subject`.
    `claims` is what the claims are called, where `told` does not say it all (a Python file).
    """

    name: str
    subject: str
    told: dict[str, Any]
    where: Origin | None
    root: str
    pythonpath: tuple[str, ...] = ()
    position: int | None = None
    error: str = ""
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Specification:
    """What one configuration file says."""

    checks: tuple[CheckSpec, ...]
    pythonpath: tuple[str, ...] = ()
    fail_on: str | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """The text of a file, to tell where a key stands; `prefix` is ("tool", "verifier") or ()."""

    file: str
    text: str
    prefix: tuple[str, ...]

    def origin(self, table: tuple[str, ...], key: str | None = None) -> Origin:
        lines = self.text.splitlines()
        line = _line_of(lines, (*self.prefix, *table), key)
        return Origin(self.file, line, lines[line - 1].strip() if lines else "")


def read(path: Path, text: str | None = None) -> Specification:
    """Read a configuration file; BadSpec where it is unreadable or its top level is wrong.

    `text` is read as what the file holds, where it is given.
    """
    source, tables = _parsed(path, text)
    known = Config.__struct_fields__
    for key in tables:
        if key not in known:
            hint = did_you_mean(key, known, otherwise=f"The keys are: {', '.join(known)}.")
            where = source.origin((), key)
            raise BadSpec(f"unknown key {key!r}", slug="unknown-key", hint=hint, where=where)
    checks = tables.pop("check", {})
    if not isinstance(checks, dict) or not all(isinstance(t, dict) for t in checks.values()):
        where = source.origin((), "check")
        hint = "Write a table [check.NAME] for each."
        raise BadSpec("checks are named tables", slug="bad-type", hint=hint, where=where)
    config = _converted(tables, Config, source, ())
    root = path.resolve().parent
    folders = [config.pythonpath] if isinstance(config.pythonpath, str) else config.pythonpath
    pythonpath = tuple(str((root / folder).resolve()) for folder in folders)
    defaults = {k: v for k in ("seed", "effort", "budget") if (v := getattr(config, k)) is not None}
    made = (_check(name, table, source, root, defaults) for name, table in checks.items())
    read_checks = tuple(msgspec.structs.replace(c, pythonpath=pythonpath) for c in made)
    return Specification(read_checks, pythonpath, config.fail_on)


def has_table(path: Path) -> bool:
    """Tell whether a pyproject.toml has [tool.verifier] (true where it cannot be read)."""
    try:
        return "verifier" in tomllib.loads(path.read_text("utf-8")).get("tool", {})
    except (OSError, ValueError, RecursionError):
        return "tool.verifier" in path.read_bytes().decode("utf-8", "replace")


def schema() -> dict[str, Any]:
    """Return the JSON schema of verifier.toml."""
    found = msgspec.json.schema(Config)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "verifier", **found}


def _parsed(path: Path, text: str | None) -> tuple[_Source, dict[str, Any]]:
    file, prefix = shown(str(path)), ("tool", "verifier") if path.name == "pyproject.toml" else ()
    try:
        text = path.read_bytes().decode("utf-8") if text is None else text
        tables = tomllib.loads(text)
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise BadSpec(message, slug="cannot-read") from error
    except (ValueError, RecursionError) as error:
        message, at_line = str(error), re.search(r"line (\d+)", str(error))
        where = Origin(file, int(at_line[1]) if at_line else 1)
        raise BadSpec(f"not TOML: {message}", slug="bad-toml", where=where) from error
    for key in prefix:
        tables = tables.get(key, {})
    return _Source(file, text, prefix), dict(tables)


def _check(
    name: str, table: dict[str, Any], source: _Source, root: Path, defaults: dict[str, Any]
) -> CheckSpec:
    where = source.origin(("check", name))
    try:
        told = {**defaults, **_told(name, table, source)}
        return CheckSpec(name, str(told.pop("subject")), told, where, str(root))
    except BadSpec as error:
        subject = str(table.get("subject", ""))
        place = error.where or where
        return CheckSpec(name, subject, {}, place, str(root), error=sentence(error))


def _told(name: str, table: dict[str, Any], source: _Source) -> dict[str, Any]:
    """Return the words of one table, known and of the right types; raise BadSpec by line."""
    place, known = ("check", name), CheckTable.__struct_fields__
    for key in table:
        if key not in known:
            hint = did_you_mean(key, known, otherwise=f"The keys are: {', '.join(known)}.")
            message = f"unknown key {key!r} in [check.{name}]"
            where = source.origin(place, key)
            raise BadSpec(message, slug="unknown-key", hint=hint, where=where)
    _converted(table, CheckTable, source, place)
    if "formula" in table:
        message = f"[check.{name}] gives a formula, which this version does not cover"
        hint = "Write it as a Python function and name it: subject = 'module:function'."
        raise BadSpec(message, slug="not-covered", hint=hint, where=source.origin(place, "formula"))
    if "subject" not in table:
        hint = "Add subject = 'module:function'."
        message = f"[check.{name}] has no subject"
        raise BadSpec(message, slug="no-subject", hint=hint, where=source.origin(place))
    if not ({"claims", "grads", *DERIVATIVES} & table.keys() or table.get("inspect")):
        hint = f"Give claims or one of {', '.join(DERIVATIVES)}, or inspect = true."
        message = f"[check.{name}] claims nothing"
        raise BadSpec(message, slug="nothing-claimed", hint=hint, where=source.origin(place))
    _require_effort(table, source, place)
    if "budget" in table:
        seconds(table["budget"], source.origin(place, "budget"))
    require_rules(listed(table.get("expect")), source.origin(place, "expect"))
    allowed = allowances(table.get("allow", ()), source.origin(place, "allow"))
    require_rules((rule for rule, _, _ in allowed), source.origin(place, "allow"))
    return dict(table)


def _require_effort(table: dict[str, Any], source: _Source, place: tuple[str, ...]) -> None:
    effort = table.get("effort")
    if effort is not None and effort not in EFFORTS:
        hint = did_you_mean(effort, EFFORTS, otherwise=f"Choose one of {', '.join(EFFORTS)}.")
        where = source.origin(place, "effort")
        raise BadSpec(f"unknown effort {effort!r}", slug="unknown-effort", hint=hint, where=where)


def _converted(table: dict[str, Any], kind: Any, source: _Source, place: tuple[str, ...]) -> Any:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        text, _, at = str(error).partition(" - at `$")
        key = at.strip("`.").partition(".")[0].partition("[")[0]
        message = f"{'.'.join((*place, key))}: {_in_toml_words(text)}"
        where = source.origin(place, key)
        raise BadSpec(message, slug="bad-type", where=where) from error


def _in_toml_words(text: str) -> str:
    """Return "expected a string, got a whole number" of msgspec's message."""
    words = {"str": "a string", "int": "a whole number", "float": "a number", "object": "a table"}
    words |= {"array": "a list", "bool": "true or false"}
    told = text[:1].lower() + text[1:].replace(" | null", "")
    return re.sub(r"`([a-z |]+)`", lambda m: " or ".join(_named(m[1], words)), told)


def _named(kinds: str, words: dict[str, str]) -> list[str]:
    return [words.get(kind, kind) for kind in kinds.split(" | ")]


def _line_of(lines: list[str], table: tuple[str, ...], key: str | None) -> int:
    """Return the 1-based line of `key` in `table`, else the table's, else 1."""
    current: tuple[str, ...] = ()
    header, wanted = 1, re.compile(rf"\s*[\"']?{re.escape(key or '')}[\"']?\s*[=.]")
    for number, line in enumerate(lines, start=1):
        if line.lstrip().startswith("["):
            current = _header(line) or current
            header = number if current == table else header
            if key and current == (*table, key):
                return number
        elif key and current == table and wanted.match(line):
            return number
    return header


def _header(line: str) -> tuple[str, ...] | None:
    """Return ("check", "a") of the line `[check.a]`, None of any other."""
    try:
        inner = tomllib.loads(line)
    except ValueError:
        return None
    path: list[str] = []
    while isinstance(inner, dict) and inner:
        ((name, inner),) = inner.items()
        path.append(name)
    return tuple(path)
