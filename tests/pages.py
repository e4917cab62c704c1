"""The pages of docs/ that are made from the package: `python -m tests.pages` writes them."""

from __future__ import annotations

from pathlib import Path

from verifier.rules import RULES, Rule
from verifier.rules.errors import GROUPS, Entry
from verifier.rules.rule import code, paragraph

DOCS = Path(__file__).resolve().parents[1] / "docs"
MADE = "<!-- Made by `python -m tests.pages`: change the package, not this file. -->"


def rule_page(rule: Rule) -> str:
    """Return docs/rules/NAME.md: what `verifier explain NAME` shows, as Markdown."""
    return f"""{MADE}
# {rule.name}

**{rule.title[:1].upper()}{rule.title[1:]}.** Severity: {rule.severity.value}.

{paragraph(rule.means, 100)}

## How it is decided

{paragraph(rule.decided, 100)}

## What to do

{paragraph(rule.remedy, 100)}

## A model that fails

```python
{code(rule.fails)}
```

## The same, mended

```python
{code(rule.mended)}
```

In the terminal: `verifier explain {rule.name}`. [All rules](README.md).
"""


def rules_index() -> str:
    """Return docs/rules/README.md: every rule with its severity and title."""
    rows = [
        f"| [{rule.name}]({rule.name}.md) | {rule.severity.value} | {rule.title} |"
        for rule in RULES.values()
    ]
    head = ["| rule | severity | what it says |", "|---|---|---|"]
    return "\n".join(
        [
            MADE,
            "# Rules",
            "",
            "A finding has one of these rules. One that refutes a claim of the user is an error;",
            "otherwise it has the severity below. Errors alone fail a run, unless `--fail-on`",
            "says else.",
            "",
            *head,
            *rows,
            "",
        ]
    )


def errors_page() -> str:
    """Return docs/errors.md: every error with a message, its causes and its remedy."""
    parts = [
        MADE,
        "# Errors",
        "",
        "What stops a check, or the command, before there is a verdict. The message says what "
        "happened,",
        "where, and what to do; `verifier explain NAME` shows the entry below. A check that is "
        "stopped is",
        "an ERROR and the command exits with 2; the other checks still run.",
        "",
    ]
    for title, entries in GROUPS.items():
        parts += [f"## {title}", ""]
        for entry in entries:
            parts += _error(entry)
    return "\n".join(parts + OTHERS)


def _error(entry: Entry) -> list[str]:
    return [
        f"### {entry.slug}",
        "",
        f"{entry.what[:1].upper()}{entry.what[1:]}.",
        "",
        f"> {entry.says}",
        "",
        *(f"* {cause}" for cause in entry.causes),
        "",
        entry.remedy,
        "",
    ]


OTHERS = [
    "## Messages without a name",
    "",
    "* `Error: No such option: --tolerence` and the like: the command was misused; exit code 2.",
    "* `verifier: nothing to check in ...`: there is no configuration and no claim; exit code 5.",
    "* `verifier: internal error at ...`: a fault of verifier itself; exit code 3. With",
    "  `VERIFIER_DEBUG=1` it prints the traceback. Please report it.",
    "* What a finding says is explained by its [rule](rules/README.md).",
    "",
]


def pages() -> dict[Path, str]:
    """Return every page that is made, with its text."""
    found = {DOCS / "rules" / f"{rule.name}.md": rule_page(rule) for rule in RULES.values()}
    return found | {
        DOCS / "rules" / "README.md": rules_index(),
        DOCS / "errors.md": errors_page(),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
