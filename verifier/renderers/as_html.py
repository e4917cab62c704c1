"""A report as one self-contained page: no request, no inline style, complete without scripts.

The page's own style sheet and script are allowed by their hashes, all else is forbidden by its
Content-Security-Policy; every text of the report is escaped by jinja2. jinja2 is imported when a
page is drawn, not before.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib import resources
from typing import Any

from ..rules import RULES
from ..rules.rule import code, paragraph
from ..verdicts import Document
from . import page_grid as grid
from . import page_views as views
from .page_claims import check_views
from .shown import counted, listed, visible
from .tour import tour

MOST_CHARTS = 60
MOST_BYTES = 2_000_000
SHARES = {"grid": 0.12, "findings": 0.55, "facts": 0.12, "claims": 0.12, "unchecked": 0.03,
          "machine": 0.02}


def as_html(document: Document, *, report: str = "report.json") -> str:
    """Return `document` as a complete HTML page of at most MOST_CHARTS plots and MOST_BYTES.

    Worst first; what does not fit is counted and named. `report` is the file name of the JSON
    beside it, for the replay commands. Only the block with the id `machine` differs between equal
    runs.
    """
    cards, targets, left = _cards(document, report)
    names = grid.columns(document)
    rows = [
        grid.grid_row(check, grid.anchor(place, "check"), names, targets)
        for place, check in enumerate(document.checks)
    ]
    checks = list(check_views(document, MOST_CHARTS - int(left.pop("drawn")), report))
    facts = [{"check": check} for check in checks if check.facts]
    claims = [{"check": check} for check in checks if not check.facts or check.claims]
    one = document.checks[0] if len(document.checks) == 1 else None
    return _page(
        "report.html.jinja",
        title=visible(one.name, 120) if one else counted(len(document.checks), "check"),
        headline=grid.headline(document),
        question=visible(one.question, 300) if one else "",
        answer=visible(one.answer, 1000) if one else "",
        document=document,
        tally=grid.tally(document),
        severities=grid.severities(document),
        columns=[visible(name, 40) for name in names],
        grid=_parts("grid", "grid_row.html.jinja", ({"row": row} for row in rows)),
        unchecked=_parts("unchecked", "unchecked.html.jinja", grid.all_unchecked(document)),
        findings=cards,
        left=left,
        facts=_parts("facts", "facts.html.jinja", facts),
        claims=_parts("claims", "claims.html.jinja", claims),
        rules=_rules(document),
        seconds=_parts("machine", "seconds.html.jinja", _seconds(document)),
        machine=_facts(document.machine),
        versions=_facts(document.versions),
        report=visible(report, 200),
    )


def render_index(entries: Sequence[tuple[str, Document, str]]) -> str:
    """Return a page that lists reports: (name, document, link) each, links relative to the page."""
    rows = [
        {
            "name": visible(name, 120),
            "link": link,
            "headline": grid.headline(document),
            "holds": all(check.holds for check in document.checks) and bool(document.checks),
            "tally": grid.tally(document),
            "severities": grid.severities(document),
        }
        for name, document, link in entries
        if _is_relative(link)
    ]
    bad = sum(not row["holds"] for row in rows)
    headline = f"All {counted(len(rows), 'report')} hold." if rows else "There are no reports."
    if bad:
        headline = f"{bad:,} of {counted(len(rows), 'report')} have checks that do not hold."
    shown = _parts("claims", "index_row.html.jinja", ({"row": row} for row in rows), 0.9)
    stops = tour([entry for entry in entries if _is_relative(entry[2])])
    return _page("index.html.jinja", title="Reports", headline=headline, rows=shown, tour=stops)


def _is_relative(link: str) -> bool:
    """Tell whether `link` stays beside the page: no scheme, no host, so nothing can run."""
    before = link.split("/", 1)[0]
    return bool(link) and ":" not in before and "\\" not in link and not link.startswith("/")


def _page(template: str, **values: Any) -> str:
    style, script = _source("page.css"), _source("page.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    found = _environment().get_template(template)
    page: str = found.render(style=_safe(style), script=_safe(script), policy=policy, **values)
    return page + "\n"


def _cards(
    document: Document, report: str
) -> tuple[list[Any], dict[int, str], dict[str, str | int]]:
    """Return the findings' cards within the budget, each claim's first card, and what is left."""
    ranked = views.ranked(document)
    room, charts = SHARES["findings"] * MOST_BYTES, MOST_CHARTS
    cards: list[Any] = []
    targets: dict[int, str] = {}
    hidden = 0
    template = _environment().get_template("finding.html.jinja")
    for number, (check, claim, finding) in enumerate(ranked):
        key = grid.anchor(number, "finding")
        full = views.finding_view(check, claim, finding, key, report)
        view = replace(full, plots=full.plots[:charts])
        card = template.render(finding=view)
        room -= len(card.encode())
        if room < 0:
            break
        charts -= len(view.plots)
        hidden += len(full.plots) - len(view.plots)
        targets.setdefault(id(claim), key)
        cards.append(_safe(card))
    rest = Counter(visible(finding.rule, 60) for _, _, finding in ranked[len(cards) :])
    kinds = listed(f"{count:,} {rule}" for rule, count in rest.most_common(12))
    left: dict[str, str | int] = {
        "findings": rest.total(),
        "kinds": kinds,
        "plots": hidden,
        "all": len(ranked),
        "drawn": MOST_CHARTS - charts,
    }
    return cards, targets, left


def _parts(
    share: str, template: str, items: Iterable[dict[str, Any]], part: float = 0.0
) -> dict[str, Any]:
    """Return the rendered `items` within their share of the page, and how many did not fit."""
    room = (part or SHARES[share]) * MOST_BYTES
    found = _environment().get_template(template)
    shown: list[Any] = []
    left = 0
    for item in items:
        text = found.render(**item) if room > 0 else ""
        room -= len(text.encode())
        if room > 0:
            shown.append(_safe(text))
        else:
            left += 1
    return {"shown": shown, "left": left}


def _rules(document: Document) -> list[dict[str, Any]]:
    met = dict.fromkeys(finding.rule for _, _, finding in views.ranked(document))
    return [
        {
            "name": rule.name,
            "severity": rule.severity.value,
            "title": rule.title,
            "means": paragraph(rule.means),
            "decided": paragraph(rule.decided),
            "remedy": paragraph(rule.remedy),
            "fails": code(rule.fails),
            "mended": code(rule.mended),
        }
        for rule in (RULES[name] for name in met if name in RULES)
    ]


def _seconds(document: Document) -> Iterable[dict[str, Any]]:
    found = document.machine.get("seconds")
    if isinstance(found, dict):
        for name, value in sorted(found.items(), key=lambda item: (-item[1], item[0])):
            yield {"name": visible(name, 80), "value": f"{value:.2f} s"}


def _facts(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (visible(name, 60), visible(str(value), 200))
        for name, value in sorted(found.items())[:40]
        if not isinstance(value, dict)
    ]


def _prose(text: str) -> Any:
    """Return a sentence with what stands between backticks as code, everything escaped."""
    from markupsafe import escape

    parts = re.split(r"`([^`]+)`", text)
    shown = [f"<code>{escape(part)}</code>" if number % 2 else str(escape(part))
             for number, part in enumerate(parts)]
    return _safe("".join(shown))


@functools.cache
def _environment() -> Any:
    import jinja2

    found = jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    found.filters["prose"] = _prose
    return found


@functools.cache
def _source(name: str) -> str:
    found = resources.files(__package__).joinpath("page", name).read_text(encoding="utf-8")
    return found.replace("\r\n", "\n")


def _safe(text: str) -> Any:
    """Mark text as HTML: our own files, and what jinja2 has escaped already."""
    from markupsafe import Markup

    return Markup(text)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
