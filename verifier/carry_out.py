"""Do the checks a command asks for, deliver the report, say how it ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from .discovery import Sources
    from .report import Report
    from .run import Plan
    from .specification import CheckSpec

HOLDS, FOUND, BROKEN, INTERNAL, NOTHING, INTERRUPTED = 0, 1, 2, 3, 5, 130


@dataclass(frozen=True)
class Delivery:
    """Where a report goes and how it is judged: the options that commands share."""

    format: str | None
    output: str | None
    budget: str | None
    fail_on: str | None


def carry_out(
    specs: Sequence[CheckSpec], delivery: Delivery, *, jobs: int = 1, nothing: str = "",
    known: tuple[str, bool] | None = None, cache: Path | None = None,
) -> int:
    """Run the checks, deliver the report, return the exit code.

    `known` is the baseline's file and whether every check there is was run; `cache` the folder of
    what earlier runs found.
    """
    from .baseline import Baseline
    from .cache import Cache
    from .command_line import progress, require_writable
    from .report import Report
    from .run import run
    from .words import seconds

    if delivery.output:
        require_writable(delivery.output)
    limit = seconds(delivery.budget) if delivery.budget else None
    entries = Baseline.read(known[0]) if known else None
    kept = Cache(cache) if cache else None
    outcome = run(specs, jobs=jobs, budget=limit, watch=progress(), cache=kept)
    report = Report(outcome.document())
    if entries and known:
        report = entries.applied(report, whole=known[1])
    if not report.checks and not report.document.interrupted:
        click.echo(f"verifier: {nothing}", err=True)
        return NOTHING
    deliver(report, delivery.format, delivery.output, "REPORT")
    code = report.exit_code(delivery.fail_on or "error")
    return INTERNAL if outcome.internal and code != INTERRUPTED else code


def carry_out_changed(
    planned: Plan, sources: Sequence[Sources], delivery: Delivery, *, jobs: int, nothing: str,
    known: tuple[str, bool] | None,
) -> int:
    """Run only the checks that git's changes could concern, and of these what is not known."""
    from .cache import FOLDER
    from .changed import changed_checks, changes
    from .report import Report
    from .run import document

    if not planned.specs:
        return carry_out((), delivery, nothing=nothing)
    found = changes(Path(planned.specs[0].root))
    configs = [source.config for source in sources if source.config]
    specs = changed_checks(planned.specs, configs, found)
    left = len(planned.specs) - len(specs)
    if left:
        told = f"{left} of {len(planned.specs)} checks or files of claims left out"
        why = f"nothing they name or import changed since {found.since}"
        click.echo(f"verifier: {told}: {why}", err=True)
    if not specs:
        if delivery.format or delivery.output:  # who asked for a file gets one, without checks
            deliver(Report(document((), {})), delivery.format, delivery.output, "REPORT")
        return HOLDS
    whole = (known[0], False) if known else None
    return carry_out(specs, delivery, jobs=jobs, nothing=nothing, known=whole,
                     cache=found.top / FOLDER)  # fmt: skip


def deliver(
    report: Report, format: str | None, output: str | None, name: str, *, quiet: bool = False
) -> None:
    """Save the report to `output`, print it in `format`; replay commands call it `name`.

    Where it cannot be saved it is printed all the same, before the error: nothing is lost.
    """
    from .command_line import save, summarise
    from .errors import VerifierError
    from .renderers import renderer

    refused = None
    try:
        name = save(report, output) if output else name
    except VerifierError as error:
        refused, quiet = error, False
    if format == "github":
        summarise(report, name)
    options: dict[str, Any] = {} if format == "json" else {"report": name}
    if format in (None, "text"):
        terminal = sys.stdout is not None and sys.stdout.isatty()
        options["color"] = terminal and not os.environ.get("NO_COLOR")
    if not quiet:
        _print(renderer(format or "text")(report.document, **options))
    if refused:
        raise refused


def _print(text: str) -> None:
    from .errors import VerifierError

    try:
        click.echo(text, nl=False)
    except BrokenPipeError:
        raise
    except OSError as error:
        message = f"cannot write to standard output: {error.strerror}"
        hint = "Save the report with -o to a disk that has room."
        raise VerifierError(message, slug="cannot-write", hint=hint) from error
