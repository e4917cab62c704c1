"""What the command's arguments mean: `--on`, `--at`, `-o`, and the progress on a terminal."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from .discovery import discover
from .errors import BadSpec, VerifierError
from .renderers import format_of, renderer
from .renderers.as_html import render_index
from .renderers.shown import visible
from .renderers.write import write
from .report import Report
from .resolve import is_reference
from .specification import CheckSpec, read
from .verdicts import Check, Document
from .words import DERIVATIVES

_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # no files on Windows


def spec_of(
    subject: str, on: tuple[str, ...], at: tuple[str, ...], told: Mapping[str, Any]
) -> CheckSpec:
    """Return the check that `verifier check` asks for; raise BadSpec for what cannot be read."""
    given = {word: value for word, value in told.items() if value not in (None, ())}
    given = {word: list(v) if isinstance(v, tuple) else v for word, v in given.items()}
    if not {"claims", "inspect", *DERIVATIVES} & given.keys():
        hint = "Add --claim 'convex in x', --gradient module:function, or the like."
        raise BadSpec(f"{subject}: nothing is claimed", slug="nothing-claimed", hint=hint)
    if on:
        given["on"] = dict(_domain(text) for text in on)
    if at:
        points = [_point(text) for text in at]
        one = len(points) == 1 and isinstance(points[0], str)  # a reference may name a list
        given["at"] = points[0] if one else points
    (nearest,) = discover((), Path.cwd())
    pythonpath = read(nearest.config).pythonpath if nearest.config else ()
    return CheckSpec(subject, subject, given, None, os.getcwd(), pythonpath)


def _domain(text: str) -> tuple[str, str]:
    name, equals, domain = text.partition("=")
    if not equals or not name.strip().isidentifier() or not domain.strip():
        hint = "Write --on 'x=[-1, 1]^(3)', or --on 'y=module:DATA'."
        raise BadSpec(f"--on {text!r} names no argument and domain", slug="bad-domain", hint=hint)
    return name.strip(), domain.strip()


def _point(text: str) -> Any:
    """Return a point, read as TOML: `0.5`, `[1.0, 2.0]`, `x=0.5, y=[1.0]` or a reference.

    >>> _point("x=0.5, y=[1.0, inf]")
    {'x': 0.5, 'y': [1.0, inf]}
    """
    if is_reference(text.strip()):
        return text.strip()
    named = re.match(r"\s*\w+\s*=", text)
    try:
        return tomllib.loads(f"at = {{{text}}}" if named else f"at = {text}")["at"]
    except ValueError as error:
        hint = "Write --at 0.5, --at '[1.0, 2.0]' or --at 'x=0.5, y=[1.0, 2.0]'."
        raise BadSpec(f"--at {text!r} is no point", slug="bad-point", hint=hint) from error


def is_folder(output: str) -> bool:
    """Tell whether `-o output` means a folder: it is one, ends in a slash, or has no suffix."""
    return os.path.isdir(output) or output.endswith(("/", os.sep)) or not Path(output).suffix


def require_writable(output: str) -> None:
    """Raise BadSpec before any work where `-o output` could not be written afterwards."""
    if not is_folder(output):
        format_of(output)
    place = Path(output).absolute()
    try:
        while not place.exists() and place != place.parent:
            place = place.parent
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise BadSpec(f"-o {output[:60]!r}: {why}", slug="cannot-write") from error
    if place.is_file() and place != Path(output).absolute():
        raise BadSpec(f"-o {output}: {place} is a file, not a folder", slug="cannot-write")
    if not os.access(place, os.W_OK):
        hint = "Choose another place with -o."
        raise BadSpec(f"-o {output}: {place} may not be written", slug="cannot-write", hint=hint)


def save(report: Report, output: str) -> str:
    """Write the report to a file, or one JSON and one HTML a check and an index to a folder.

    Return what the replay command should name.
    """
    if not is_folder(output):
        saved = report.save(output)
        return str(saved) if saved.suffix == ".json" else "REPORT"
    folder, taken = Path(output), {"index"}
    entries: list[tuple[str, Document, str]] = []
    for check in report.checks:
        stem = _free_name(check.name, taken)
        alone = Report(_alone(report, check))
        alone.save(folder / f"{stem}.json")
        alone.save(folder / f"{stem}.html")
        entries.append((check.name, alone.document, f"{stem}.html"))
    write(folder / "index.html", render_index(entries))
    return str(folder)


def summarise(report: Report, name: str) -> None:
    """Append the report as Markdown to the step summary of a GitHub workflow, where there is one.

    GitHub names the file in GITHUB_STEP_SUMMARY; every step has its own. `name` is what replay
    commands call the report. Raises VerifierError where the file cannot be written.
    """
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if not summary:
        return
    try:
        with open(summary, "a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(renderer("markdown")(report.document, report=name))
    except OSError as error:
        message = f"GITHUB_STEP_SUMMARY {summary!r} cannot be written: {error.strerror}"
        hint = "Unset it to go without a summary."
        raise VerifierError(message, slug="cannot-write", hint=hint) from error


def load(path: str) -> Report:
    """Return the report saved as a JSON file, or all those that `-o` wrote to a folder."""
    if not os.path.isdir(path):
        return Report.load(path)
    reports = [Report.load(file) for file in sorted(Path(path).glob("*.json"))]
    if not reports:
        hint = "Give the folder or the .json that `verifier run -o` wrote."
        raise BadSpec(f"no report in {path}", slug="cannot-read", hint=hint)
    checks = tuple(check for report in reports for check in report.checks)
    return Report(msgspec.structs.replace(reports[0].document, checks=checks))


def _alone(report: Report, check: Check) -> Document:
    """Return the document of one check, with its own seconds only."""
    machine = dict(report.document.machine)
    for key in ("seconds", "from_cache"):
        spent = machine.get(key)
        if isinstance(spent, dict):
            machine[key] = {name: s for name, s in spent.items() if name == check.name}
    return msgspec.structs.replace(report.document, checks=(check,), machine=machine)


def _free_name(name: str, taken: set[str]) -> str:
    """Return a file name for a check that no other has: letters, digits, `.`, `_` and `-`."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:100] or "check"
    if _DEVICE.match(stem):
        stem = f"check-{stem}"
    free, number = stem, 1
    while free.lower() in taken:
        number += 1
        free = f"{stem}-{number}"
    taken.add(free.lower())
    return free


def progress() -> Callable[[int, int, str], None]:
    """Return what shows `[3/12] name, about 20 s left` on a terminal's stderr, else nothing."""
    begun = time.monotonic()

    def show(done: int, total: int, name: str) -> None:
        left = (time.monotonic() - begun) * (total - done) / done if done else 0.0
        about = f", about {duration(left)} left" if left >= 1 else ""
        head, room = f"[{done + 1}/{total}] ", shutil.get_terminal_size().columns - 1
        text = head + visible(name, max(8, room - len(head) - len(about))) + about
        sys.stderr.write(f"\r\x1b[2K{text[:room] if done < total else ''}")
        sys.stderr.flush()

    def quiet(done: int, total: int, name: str) -> None:
        del done, total, name

    return show if sys.stderr is not None and sys.stderr.isatty() else quiet


def duration(seconds: float) -> str:
    """Return a time as one would say it.

    >>> duration(7.4), duration(100), duration(4000)
    ('7 s', '2 min', '67 min')
    """
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
