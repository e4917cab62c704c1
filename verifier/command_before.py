"""The command before a run: `verifier lint`."""

from __future__ import annotations

import click

HOLDS, BROKEN, NOTHING = 0, 2, 5


@click.command("lint", short_help="Find mistakes in specifications, fast.")
@click.argument("paths", nargs=-1)
def lint_command(paths: tuple[str, ...]) -> int:
    """Read specifications and claims for mistakes, in a moment and without running any code.

    PATHS are those of `verifier run`. Exit code 2 where something is wrong.
    """
    from pathlib import Path

    from .discovery import described, discover
    from .lint import mistakes
    from .renderers.shown import counted, visible
    from .run import plan

    sources = discover(paths, Path.cwd())
    specs = plan(sources).specs
    found = mistakes(specs)
    for mistake in found:
        click.echo(visible(mistake, 2000), err=True)
    if not specs:
        click.echo(f"verifier: nothing to read in {described(sources)}", err=True)
        return NOTHING
    files = sum(spec.position is not None for spec in specs)
    read = f"{counted(len(specs) - files, 'check')} and {counted(files, 'file')} of claims read"
    click.echo(f"{read}: {counted(len(found), 'mistake') if found else 'no mistakes'}")
    return BROKEN if found else HOLDS
