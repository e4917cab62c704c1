"""The command `verifier`. Only click is imported until a subcommand needs more."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import click

from . import __version__
from .carry_out import BROKEN, FOUND, HOLDS, INTERNAL, INTERRUPTED, Delivery, carry_out, deliver
from .checks.request import DERIVATIVES
from .command_before import lint_command
from .commands_between import baseline_command, diff_command

FORMATS = click.Choice(["text", "json", "html", "sarif", "junit", "github", "markdown"])

OUTPUT = "A folder, or a file ending in .json .html .txt .sarif .xml (JUnit) .md"

Command = Callable[..., Any]


def main() -> None:
    """Run the command; every error is one message on stderr, never a traceback."""
    try:
        code = cli.main(prog_name="verifier", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = BROKEN
    except (click.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = HOLDS
    except Exception as error:
        code = _told(error)
    sys.exit(code or HOLDS)


def _told(error: Exception) -> int:
    """Print one message and return the exit code: the user's to mend, or ours."""
    import traceback

    from .errors import VerifierError

    if isinstance(error, VerifierError):
        click.echo(f"verifier: {error}", err=True)
        click.echo(f"More about it: verifier explain {error.slug}", err=True)
        return BROKEN
    if os.environ.get("VERIFIER_DEBUG"):
        raise error
    last = traceback.extract_tb(error.__traceback__)[-1]
    place, text = f"{os.path.basename(last.filename)}:{last.lineno}", " ".join(str(error).split())
    click.echo(f"verifier: internal error at {place}: {type(error).__name__}: {text}", err=True)
    click.echo("Set VERIFIER_DEBUG=1 for the traceback, and please report it.", err=True)
    return INTERNAL


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="verifier")
def cli() -> None:
    """Verify hand-written derivatives: PROVED, PASSED, REFUTED with a witness, or UNDECIDED.

    Exit codes: 0 all hold, 1 a finding or an undecided claim, 2 a check could not be carried out,
    3 internal error, 5 nothing to check, 130 interrupted.
    """


cli.add_command(lint_command)
cli.add_command(diff_command)
cli.add_command(baseline_command)


def reporting(command: Command) -> Command:
    """Give a subcommand the options that say how its report is shown and judged."""
    options = (
        click.option("--format", type=FORMATS, help="What to print (default: text)."),
        click.option("-o", "--output", metavar="PATH", help=OUTPUT),
        click.option("--budget", metavar="TIME", help="Seconds each check may take, as 60s."),
        click.option(
            "--fail-on",
            type=click.Choice(["error", "warning", "note"]),
            help="Exit 1 from this severity on (default: error).",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@cli.command("run", short_help="Check what is claimed.")
@click.argument("paths", nargs=-1)
@reporting
@click.option("-j", "--jobs", type=click.IntRange(1, 256), default=1, help="Checks at a time.")
@click.option("--baseline", metavar="FILE", help="Findings known before, by `verifier baseline`.")
@click.option("--changed", is_flag=True, help="Only what git's changes since HEAD could concern.")
def run_command(
    paths: tuple[str, ...],
    format: str | None,
    output: str | None,
    budget: str | None,
    fail_on: str | None,
    jobs: int,
    baseline: str | None,
    changed: bool,
) -> int:
    """Check what verifier.toml, [tool.verifier] and verify_*.py claim.

    PATHS are folders, .toml or .py files; without any, the nearest configuration upward and the
    verify_*.py files below it. With --changed, what was verified before and depends on nothing
    that is different now is taken from .verifier_cache.
    """
    from pathlib import Path

    from .carry_out import carry_out_changed
    from .discovery import described, discover
    from .run import plan

    sources = discover(paths, Path.cwd())
    planned = plan(sources)
    delivery = Delivery(format, output, budget, fail_on or planned.fail_on)
    nothing = (
        f"nothing to check in {described(sources)}: no verifier.toml, no [tool.verifier] in "
        "pyproject.toml, no @vf.claim in a verify_*.py. Write one, or name a file."
    )
    known = (baseline, not paths) if baseline else None
    if changed:
        return carry_out_changed(
            planned, sources, delivery, jobs=jobs, nothing=nothing, known=known
        )
    return carry_out(planned.specs, delivery, jobs=jobs, nothing=nothing, known=known)


def claiming(command: Command) -> Command:
    """Give a subcommand one option for every kind of derivative."""
    for kind in reversed(DERIVATIVES):
        flag, text = "--" + kind.replace("_", "-"), f"The claimed {kind.replace('_', ' ')}."
        command = click.option(flag, kind, metavar="REF", help=text)(command)
    return command


@cli.command("check", short_help="Check one function, without a file.")
@click.argument("subject")
@click.option("--on", multiple=True, metavar="ARG=DOMAIN", help="As 'x=[-1, 1]^(3)' or 'y=m:Y'.")
@click.option("--at", multiple=True, metavar="POINT", help="As 0.5 or 'x=[1.0, 2.0], y=3.0'.")
@click.option("--claim", "claims", multiple=True, help="As 'convex in x'.")
@claiming
@click.option("--wrt", multiple=True, metavar="ARG", help="Differentiate by these arguments.")
@click.option("--cache", type=int, help="Which output of the forward is the cache.")
@click.option("--against", metavar="REF", help="The same function written another way.")
@click.option("--dtype", type=click.Choice(["float16", "bfloat16", "float32", "float64"]))
@click.option("--effort", type=click.Choice(["quick", "normal", "thorough"]))
@click.option("--seed", type=click.IntRange(0))
@reporting
def check_command(
    subject: str,
    on: tuple[str, ...],
    at: tuple[str, ...],
    format: str | None,
    output: str | None,
    budget: str | None,
    fail_on: str | None,
    **told: Any,
) -> int:
    """Check one SUBJECT, `module:function` or `file.py:function`.

    A derivative is named like the subject: --derivative activations:dsigmoid.
    """
    from .command_line import spec_of

    spec = spec_of(subject, on, at, told)
    return carry_out((spec,), Delivery(format, output, budget, fail_on))


@cli.command("inspect", short_help="Report facts, without a claim.")
@click.argument("subject")
@click.option("--on", multiple=True, metavar="ARG=DOMAIN", help="As 'x=[-1, 1]^(3)' or 'y=m:Y'.")
@click.option("--at", multiple=True, metavar="POINT", help="As 0.5 or 'x=[1.0, 2.0], y=3.0'.")
@click.option("--wrt", multiple=True, metavar="ARG", help="Differentiate by these arguments.")
@click.option("--dtype", type=click.Choice(["float16", "bfloat16", "float32", "float64"]))
@click.option("--effort", type=click.Choice(["quick", "normal", "thorough"]))
@click.option("--seed", type=click.IntRange(0))
@reporting
def inspect_command(
    subject: str,
    on: tuple[str, ...],
    at: tuple[str, ...],
    format: str | None,
    output: str | None,
    budget: str | None,
    fail_on: str | None,
    **told: Any,
) -> int:
    """Report the facts of SUBJECT without any claim.

    Smoothness, kinks and one-sided slopes, Hessian blocks with certified inertia, dead and
    saturated units, digits kept in each dtype.
    """
    from .command_line import spec_of

    spec = spec_of(subject, on, at, {**told, "inspect": True})
    return carry_out((spec,), Delivery(format, output, budget, fail_on))


@cli.command("replay", short_help="Look at a proof or a witness once more.")
@click.argument("report", metavar="REPORT")
@click.argument("id", metavar="[ID]", required=False)
def replay_command(report: str, id: str | None) -> int:
    """Prove claim ID again, or evaluate the witness of finding ID once more.

    Without ID everything in REPORT is looked at, one line each. A small checker of its own does it,
    with exact arithmetic and your code alone.
    """
    from .certificate import replay
    from .command_line import load

    confirmed, text = replay(load(report).document, id)
    click.echo(text)
    return HOLDS if confirmed else FOUND


@cli.command("explain", short_help="Show the page of a rule or an error.")
@click.argument("rule")
def explain_command(rule: str) -> None:
    """Show the page of RULE, or of an error: what it means, likely causes, how to mend it."""
    from .rules import explain

    click.echo(explain(rule))
    if rule == "not-lifted":
        from .frontends.from_numpy.known import known

        for library, names in known().items():
            click.echo(f"\nLifted from {library}")
            listed = ", ".join(names)
            click.echo(click.wrap_text(listed, 92, "    ", "    "))


@cli.command("render", short_help="Draw a saved report again.")
@click.argument("report", metavar="REPORT")
@click.option("--format", type=FORMATS, help="What to print (default: text).")
@click.option("-o", "--output", metavar="PATH", help=OUTPUT)
def render_command(report: str, format: str | None, output: str | None) -> None:
    """Draw a saved report, or all in a folder, again."""
    from .command_line import load

    deliver(load(report), format, output, report, quiet=bool(output and not format))


@cli.command("schema", short_help="Print a JSON schema.")
@click.argument("what", type=click.Choice(["report", "config"]))
def schema_command(what: str) -> None:
    """Print the JSON schema of reports or of verifier.toml."""
    if what == "report":
        from .renderers.as_json import schema_text

        click.echo(schema_text(), nl=False)
        return
    import json

    from .specification import schema

    click.echo(json.dumps(schema(), indent=1, sort_keys=True))
