"""`python -m tests.corpus [ID ...]`: what verifier says of every numpy case, as a table."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from . import CONVEXITY_CASES, NUMPY_CASES
from .calls import blind, convex, errors, fitting_rules, rules, told
from .record import Case


def main(wanted: list[str]) -> int:
    """Print one line a case and the counts; 0 where every told case holds."""
    cases = [c for c in NUMPY_CASES if not wanted or c.id in wanted]
    counts = {"told missed": 0, "told alarms": 0, "blind missed": 0, "blind alarms": 0}
    for case in cases:
        cells = [f"{case.id:16} {case.expected[:20]:20}"]
        for way, ask in (("told", lambda c: told(c, c.points)), ("blind", blind)):
            cell, outcome = _cell(case, ask)
            cells.append(cell)
            if outcome:
                counts[f"{way} {outcome}"] += 1
        print(" | ".join(cells), flush=True)
    for case in CONVEXITY_CASES:
        if not wanted or case.id in wanted:
            print(f"{case.id:16} {case.expected[:20]:20} | {_cell(case, convex)[0]}", flush=True)
    print(f"{len(cases)} cases: " + ", ".join(f"{n} {what}" for what, n in counts.items()))
    return int(counts["told missed"] + counts["told alarms"] > 0)


def _cell(case: Case, ask: Callable[[Case], Any]) -> tuple[str, str]:
    start = time.perf_counter()
    try:
        report = ask(case)
    except Exception as error:  # a table shows a crash in its cell and goes on
        return f"CRASHED {type(error).__name__}: {error}"[:70].ljust(58), "missed"
    seconds = time.perf_counter() - start
    outcome = _outcome(case, report)
    found = ",".join(sorted(rules(report)))
    mark = {"missed": "MISSED", "alarms": "ALARM", "": "ok"}[outcome]
    return f"{mark:6} {report.verdict.value:9} {found[:34]:34} {seconds:5.1f} s", outcome


def _outcome(case: Case, report: Any) -> str:
    if not case.faulty:
        return "alarms" if errors(report) or report.verdict.value == "ERROR" else ""
    return "" if case.soft or rules(report) & fitting_rules(case) else "missed"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
