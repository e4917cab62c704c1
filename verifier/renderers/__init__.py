"""Report -> text, one file a format; they know the words of a report and nothing of the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import BadSpec
from ..verdicts import Document
from .as_github import as_github
from .as_json import as_json
from .as_junit import as_junit
from .as_markdown import as_markdown
from .as_sarif import as_sarif
from .as_text import as_text


def _as_html(document: Document, **options: Any) -> str:
    from .as_html import as_html  # jinja2 is imported only by those who draw a page

    return as_html(document, **options)


RENDERERS: dict[str, Callable[..., str]] = {
    "text": as_text,
    "json": as_json,
    "html": _as_html,
    "sarif": as_sarif,
    "junit": as_junit,
    "markdown": as_markdown,
    "github": as_github,
}
SUFFIXES = {
    ".txt": "text",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".sarif": "sarif",
    ".xml": "junit",
    ".md": "markdown",
}


def render(document: Document, format: str) -> str:
    """Return `document` in `format`, a key of RENDERERS. Raises BadSpec for any other."""
    return renderer(format)(document)


def renderer(format: str) -> Callable[..., str]:
    """Return the function that renders `format`. Raises BadSpec with the formats there are."""
    if format not in RENDERERS:
        raise BadSpec(
            f"unknown format {format!r}",
            slug="unknown-format",
            hint=f"Formats are: {', '.join(RENDERERS)}.",
        )
    return RENDERERS[format]


def format_of(path: str) -> str:
    """Return the format that the suffix of `path` names. Raises BadSpec where it names none."""
    suffix = path[path.rfind(".") :].lower() if "." in path else ""
    if suffix not in SUFFIXES:
        raise BadSpec(
            f"{path!r}: {suffix or 'no suffix'} names no report format",
            slug="unknown-format",
            hint=f"Let the file end in one of: {', '.join(SUFFIXES)}.",
        )
    return SUFFIXES[suffix]
