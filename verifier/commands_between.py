"""The commands between two runs: `verifier diff` and `verifier baseline`."""

from __future__ import annotations

import click

HOLDS, FOUND = 0, 1


@click.command("diff", short_help="Compare two reports.")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
def diff_command(old: str, new: str) -> int:
    """Tell what is new, fixed, worse or better by digits from OLD to NEW.

    Both are reports (.json) or folders of them. Exit code 1 where something is new or worse.
    """
    from .command_line import load
    from .comparison import compare, described

    changes = compare(load(old).document, load(new).document)
    click.echo(described(changes, old, new), nl=False)
    return FOUND if any(change.counts for change in changes) else HOLDS


@click.command("baseline", short_help="Write down what is known and put up with.")
@click.argument("report", metavar="REPORT")
@click.option("-o", "--output", required=True, metavar="FILE", help="As baseline.toml.")
@click.option("--reason", metavar="TEXT", help="Why what is new in FILE is put up with.")
def baseline_command(report: str, output: str, reason: str | None) -> int:
    """Write the errors and warnings of REPORT to FILE, for `verifier run --baseline FILE`.

    Each entry has a reason. Where FILE is there already, its entries keep theirs and those that no
    longer occur are dropped.
    """
    from .baseline import Baseline
    from .command_line import load
    from .renderers.shown import counted
    from .renderers.write import write

    kept = Baseline.of(load(report).document, Baseline.there(output), reason)
    write(output, kept.text)
    click.echo(f"{output}: {counted(len(kept.entries), 'known finding')}")
    return HOLDS
