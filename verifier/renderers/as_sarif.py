"""A report as SARIF 2.1.0, which code hosts and editors show beside the lines.

OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0, 27 March 2020. Every
finding is a result whose fingerprint is the finding's id: it stays the same from run to run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from ..rules import RULES
from ..rules.rule import paragraph
from ..verdicts import Document, Origin, Severity, Verdict
from .evidence_rows import facts, rows
from .problems import OTHERWISE, UNDECIDED, Problem, problems
from .shown import point, replay, visible, whole

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
RULE_PAGES = "urn:verifier-nn:rule:"  # what `verifier explain RULE` shows, and `help` carries whole
ROOT = "%SRCROOT%"

Fields = dict[str, Any]


def as_sarif(document: Document, *, report: str = "REPORT") -> str:
    """Return `document` as a SARIF log of one run; `report` is what replay commands name.

    What was expected or allowed is there as suppressed. Files below the folder of the run have
    relative URIs; only a file elsewhere has an absolute one.
    """
    found = problems(document)
    names = list(dict.fromkeys((*RULES, *OTHERWISE, *(problem.rule for problem in found))))
    run = {
        "tool": {"driver": _driver(document, names)},
        "invocations": [_invocation(document)],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder of the run."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, names.index(problem.rule), report) for problem in found],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1, sort_keys=True) + "\n"


def _driver(document: Document, names: Iterable[str]) -> Fields:
    return {
        "name": "verifier",
        "version": visible(document.verifier, 40),
        "rules": [_rule(name) for name in names],
    }


def _rule(name: str) -> Fields:
    """Return the descriptor of a rule with its whole page as help."""
    rule = RULES.get(name)
    if rule:
        title, full, page = rule.title, paragraph(rule.means), rule.page
        level = rule.severity.value
    else:
        title, full = OTHERWISE.get(name, (f"The rule {name}", "This version does not know it."))
        page, level = f"{title}\n\n{full}", "error"
    camel = "".join(part.capitalize() for part in name.split("-"))
    own = {"name": camel} if camel.lower() != name else {}  # SARIF 3.49.7: no second id
    return {
        "id": name,
        **own,
        "shortDescription": {"text": title},
        "fullDescription": {"text": full},
        "helpUri": RULE_PAGES + quote(name),
        "help": {"text": page},
        "defaultConfiguration": {"level": level},
    }


def _invocation(document: Document) -> Fields:
    broken = any(check.verdict is Verdict.ERROR for check in document.checks)
    return {"executionSuccessful": not broken and not document.interrupted}


def _result(problem: Problem, index: int, report: str) -> Fields:
    made: Fields = {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": problem.severity.value,
        "message": {"text": _message(problem, report)},
        "locations": [_location(problem)],
        "fingerprints": {"verifierFinding/v1": _fingerprint(problem)},
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(problem)},
        "properties": _properties(problem),
    }
    if problem.rule == UNDECIDED:
        made |= {"kind": "open", "level": "none"}  # SARIF 3.27.9: too little is known to decide
    if problem.excused:
        made["suppressions"] = [{"kind": "external", "justification": problem.excused}]
    return made


def _fingerprint(problem: Problem) -> str:
    if problem.finding:
        return visible(problem.finding.id, 200)
    claim = problem.claim.claim if problem.claim else ""
    return visible(f"{problem.check.name}/{claim}/{problem.rule}", 400)


def _message(problem: Problem, report: str) -> str:
    """Return the sentence, where, the readings beside each other, the remedy, how to replay."""
    lines = [
        problem.sentence if problem.sentence.endswith((".", "?", "!")) else f"{problem.sentence}."
    ]
    finding = problem.finding
    if finding and finding.witness and problem.severity is not Severity.NOTE:
        if at := point(finding.witness.point, most=4):
            lines.append(f"At {at}.")
        lines += [
            f"{row.label}: {row.value} {row.error_text}".rstrip() for row in rows(finding.witness)
        ]
        lines += [
            f"{visible(name, 60)}: {visible(text, 200)}" for name, text in facts(finding.witness)
        ]
    if finding:
        lines += [f"Remedy: {visible(finding.remedy, 1000)}"] if finding.remedy else []
        lines.append(f"Replay: {replay(report, finding.id)}")
    return "\n".join(lines)


def _location(problem: Problem) -> Fields:
    """Return where it is: the line with its text, and the check and claim by name."""
    claim = f" / {visible(problem.claim.claim, 160)}" if problem.claim else ""
    name = visible(problem.check.name, 160)
    made: Fields = {"logicalLocations": [{"name": name, "fullyQualifiedName": name + claim}]}
    if problem.origin and problem.origin.file:
        made["physicalLocation"] = _physical(problem.origin)
    return made


def _physical(origin: Origin) -> Fields:
    region: Fields = {"startLine": max(origin.line, 1)}
    if origin.text.strip():
        region["snippet"] = {"text": visible(origin.text.strip())}
    return {"artifactLocation": _artifact(origin.file), "region": region}


def _artifact(file: str) -> Fields:
    """Return the URI of a file: relative to the folder of the run, or absolute outside it.

    >>> _artifact("a net.py")["uri"], _artifact("/opt/net.py")["uri"]
    ('a%20net.py', 'file:///opt/net.py')
    """
    path = quote(whole(file)[:1000], safe="/")
    if path.startswith("/"):
        return {"uri": f"file:///{path.lstrip('/')}"}
    return {"uri": path, "uriBaseId": ROOT}


def _properties(problem: Problem) -> Fields:
    finding = problem.finding
    made = {"subject": visible(problem.check.subject, 200)}
    if problem.claim:
        made["verdict"] = problem.claim.verdict.value
        made["semantics"] = visible(problem.claim.semantics, 40)
    if finding and finding.diagnosis:
        made["diagnosis"] = visible(finding.diagnosis, 60)
    return made
