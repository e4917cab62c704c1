"""A report as one self-contained page: no request, no inline style, complete without scripts.

The page's own style sheet and script are allowed by their hashes, all else is forbidden by its
Content-Security-Policy; every text of the report is escaped by jinja2. jinja2 is imported when a
page is drawn, not before.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib import resources
from typing import Any

from ..rules import RULES
from ..rules.rule import code, paragraph
from ..verdicts import Document, Severity, Verdict
from . import page_views as views
from .shown import counted, listed, visible

MOST_CHARTS = 60
MOST_BYTES = 2_000_000
SHARES = {"grid": 0.15, "findings": 0.6, "claims": 0.15, "unchecked": 0.03, "machine": 0.02}


def as_html(document: Document, *, report: str = "report.json") -> str:
    """Return `document` as a complete HTML page of at most MOST_CHARTS plots and MOST_BYTES.

    Worst first; what does not fit is counted and named. `report` is the file name of the JSON
    beside it, for the replay commands. Only the block with the id `machine` differs between equal
    runs.
    """
    cards, targets, left = _cards(document, report)
    names = views.columns(document)
    rows = [
        views.grid_row(check, views.anchor(place, "check"), names, targets)
        for place, check in enumerate(document.checks)
    ]
    return _page(
        "report.html.jinja",
        title=_title(document),
        headline=views.headline(document),
        document=document,
        tally=_tally(document),
        severities=_severities(document),
        columns=[visible(name, 40) for name in names],
        grid=_parts("grid", "grid_row.html.jinja", ({"row": row} for row in rows)),
        unchecked=_parts("unchecked", "unchecked.html.jinja", _unchecked(document)),
        findings=cards,
        left=left,
        claims=_parts("claims", "claims.html.jinja", _claims(document)),
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
            "headline": views.headline(document),
            "holds": all(check.holds for check in document.checks) and bool(document.checks),
            "tally": _tally(document),
            "severities": _severities(document),
        }
        for name, document, link in entries
        if _is_relative(link)
    ]
    bad = sum(not row["holds"] for row in rows)
    headline = f"All {counted(len(rows), 'report')} hold." if rows else "There are no reports."
    if bad:
        headline = f"{bad:,} of {counted(len(rows), 'report')} have checks that do not hold."
    shown = _parts("claims", "index_row.html.jinja", ({"row": row} for row in rows), 0.9)
    return _page("index.html.jinja", title="Reports", headline=headline, rows=shown)


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
        key = views.anchor(number, "finding")
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


def _title(document: Document) -> str:
    if len(document.checks) == 1:
        return visible(document.checks[0].name, 120)
    return counted(len(document.checks), "check")


def _tally(document: Document) -> list[tuple[str, int]]:
    """Return every verdict with how many claims it was given; a check without any is one."""
    verdicts = [claim.verdict for check in document.checks for claim in check.claims]
    verdicts += [check.verdict for check in document.checks if not check.claims]
    return [(verdict.value, verdicts.count(verdict)) for verdict in Verdict]


def _severities(document: Document) -> list[tuple[str, int]]:
    found = Counter(finding.severity for _, _, finding in views.ranked(document))
    return [(severity.value, found[severity]) for severity in Severity if found[severity]]


def _unchecked(document: Document) -> Iterable[dict[str, Any]]:
    for place, check in enumerate(document.checks):
        if items := views.unchecked(check):
            key = views.anchor(place, "check")
            yield {"name": visible(check.name, 80), "key": key, "items": items}


def _claims(document: Document) -> Iterable[dict[str, Any]]:
    for place, check in enumerate(document.checks):
        yield {
            "key": views.anchor(place, "check"),
            "name": visible(check.name, 120),
            "subject": visible(check.subject, 200),
            "origin": visible(str(check.origin), 200) if check.origin else "",
            "error": visible(check.error, 1000),
            "expect": visible(listed(check.expect), 300),
            "seed": check.seed,
            "verdict": check.verdict.value,
            "claims": [_claim(claim) for claim in check.claims],
        }


def _claim(claim: Any) -> dict[str, Any]:
    return {
        "claim": visible(claim.claim, 160),
        "verdict": claim.verdict.value,
        "road": visible(claim.road, 40),
        "semantics": visible(claim.semantics, 40),
        "points": f"{claim.points:,}",
        "patterns": f"{claim.patterns:,}",
        "evidence": views.evidence(claim),
    }


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


@functools.cache
def _environment() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


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
