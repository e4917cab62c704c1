"""A report as JUnit XML, which every CI server reads: a suite a check, a test case a claim."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from ..verdicts import Check, Document
from .as_text import problem_text
from .problems import NOT_CARRIED_OUT, NOT_FOUND, Problem, problems_of
from .shown import visible

# XML 1.0, section 2.2: what may stand in a document at all; the rest is left out.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NO_CLAIM = "(no claim reached)"


def as_junit(document: Document, *, report: str = "REPORT") -> str:
    """Return `document` as JUnit XML; `report` is what replay commands name.

    A failure is a claim with a finding of severity error that is neither expected nor allowed, or
    one that is undecided; an error is a check that could not be carried out. What else there is to
    tell of a claim is its `system-out`.
    """
    suites = [_suite(check, _seconds(document, check), report) for check in document.checks]
    failures = sum(suite.count("<failure ") for suite in suites)
    errors = sum(suite.count("<error ") for suite in suites)
    tests = sum(suite.count("<testcase ") for suite in suites)
    head = _tag("testsuites", name="verifier", tests=tests, failures=failures, errors=errors)
    body = "".join(suites)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{head}>\n{body}</testsuites>\n'


def _suite(check: Check, seconds: float | None, report: str) -> str:
    """Return the suite of a check: its claims, and what concerns it as a whole."""
    found = list(problems_of(check))
    whole = [problem for problem in found if problem.claim is None]
    cases = []
    for claim in check.claims:
        own = [problem for problem in found if problem.claim is claim]
        cases.append(_case(check, claim.claim, own, report))
    missing = [problem for problem in whole if problem.rule == NOT_FOUND]
    broken = [problem for problem in whole if problem.rule == NOT_CARRIED_OUT]
    if broken or not check.claims:
        cases.append(_case(check, NO_CLAIM, broken, report))
    if check.expect:
        cases.append(_case(check, f"expect {', '.join(check.expect)}", missing, report))
    body = "".join(cases)
    told = {
        "tests": len(cases),
        "failures": body.count("<failure "),
        "errors": body.count("<error "),
    }
    spent = {} if seconds is None else {"time": f"{seconds:.3f}"}
    return f" <{_tag('testsuite', name=check.name, **told, **spent)}>\n{body} </testsuite>\n"


def _case(check: Check, name: str, found: Iterable[Problem], report: str) -> str:
    """Return the test case of a claim with at most one failure, error and system-out."""
    origin = check.origin
    place: dict[str, str | int] = {}
    if origin:
        place = {"file": origin.file, "line": max(origin.line, 1)}
    head = _tag("testcase", classname=check.name, name=name, **place)
    body = "".join(_outcome(kind, list(group), report) for kind, group in _sorted(found))
    return f"  <{head}>\n{body}  </testcase>\n" if body else f"  <{head}/>\n"


def _sorted(found: Iterable[Problem]) -> Iterator[tuple[str, Iterable[Problem]]]:
    order = ("error", "failure", "system-out")
    ranked = sorted(found, key=lambda problem: order.index(_kind(problem)))
    yield from groupby(ranked, key=_kind)


def _kind(problem: Problem) -> str:
    if not problem.fails:
        return "system-out"
    return "error" if problem.rule == NOT_CARRIED_OUT else "failure"


def _outcome(kind: str, found: list[Problem], report: str) -> str:
    text = "\n\n".join(problem_text(problem, report) for problem in found)
    if kind == "system-out":
        return f"   <system-out>{_escaped(text)}</system-out>\n"
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    head = _tag(kind, type=found[0].rule, message=found[0].sentence + more)
    return f"   <{head}>{_escaped(text)}</{kind}>\n"


def _tag(kind: str, /, **fields: str | int) -> str:
    """Return the inside of an opening tag, its values on one line and quoted."""
    shown = (f'{key}="{_escaped(visible(str(told), 1000))}"' for key, told in fields.items())
    return " ".join((kind, *shown))


def _escaped(text: str) -> str:
    """Return `text` escaped, without the characters no XML document may hold.

    >>> _escaped("a\\x1b[31m < b\\ufffe")
    'a[31m &lt; b'
    """
    return escape(_UNSPEAKABLE.sub("", text))


def _seconds(document: Document, check: Check) -> float | None:
    found = document.machine.get("seconds")
    return found.get(check.name) if isinstance(found, dict) else None
