"""Which questions does a folder of reports answer? The head of its index, read from the checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..verdicts import FACTS, Check, Document
from .shown import visible

MOST_VERDICTS = 12


def tour(entries: Sequence[tuple[str, Document, str]]) -> list[dict[str, Any]]:
    """Return each question with its answers in the order of the checks that give them.

    An entry is (name, document, link). An answer is the author's sentence with the verdicts that
    the report beside it holds, so that a sentence that is no longer true is seen.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for name, document, link in entries:
        for check in document.checks:
            if check.question:
                answers = found.setdefault(visible(check.question, 200), [])
                answers.append(_answer(check, link, name))
    return [{"question": question, "answers": answers} for question, answers in found.items()]


def _answer(check: Check, link: str, name: str) -> dict[str, Any]:
    claims = [
        {
            "claim": visible(claim.claim, 80),
            "verdict": "" if claim.claim in FACTS else claim.verdict.value,
            "rules": sorted({visible(finding.rule, 40) for finding in claim.findings}),
        }
        for claim in check.claims[:MOST_VERDICTS]
    ]
    return {
        "name": visible(name, 120),
        "link": link,
        "answer": visible(check.answer, 600),
        "claims": claims or [{"claim": "", "verdict": check.verdict.value, "rules": []}],
        "more": max(0, len(check.claims) - MOST_VERDICTS),
        "holds": check.holds,
        "expected": bool(check.expect),
    }
