"""Which input shows the fault most simply? The witness is shrunk before it is told."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import VerifierError
from ..search.shrink import shrink_point
from ..settings import Settings
from ..verdicts import Finding
from .agreement import DISJOINT
from .judge import judge
from .outcome import Outcome, outcome_at
from .request import Request
from .subject import stand_at

SECONDS = 2.0  # wall clock one witness may cost; the search for faults has the rest of the budget
LARGEST = 512  # leaves with more numbers than this are shown as they are


def simplest(
    request: Request, kind: str, stops: Any, told: Finding, numbers: Settings
) -> Finding:
    """Return the finding at the simplest point of the domain where the same block is wrong.

    A finding whose cause was named stays as it is: its sentence speaks of the point it was seen at.
    """
    domains = getattr(getattr(stops, "plan", None), "domains", None)
    if told.diagnosis or told.rule != "wrong-derivative" or not domains or stops.plan.batched:
        return told
    start = _point_of(told, domains, stops.plan.points[0])
    if start is None or sum(np.size(v) for v in start.values()) > LARGEST:
        return told
    deadline = min(time.monotonic() + SECONDS, stops.deadline)
    fixed = {k: v for k, v in stops.plan.points[0].items() if k not in start}

    def fails(point: Mapping[str, Any]) -> bool:
        if time.monotonic() > deadline:
            return False
        found = _outcome(request, kind, stops, {**fixed, **point}, numbers)
        return found is not None and _wrong(found, told.argument)

    best = shrink_point(start, fails, domains, calls=numbers.shrinks)
    found = _outcome(request, kind, stops, {**fixed, **best}, numbers)
    if found is None or not _wrong(found, told.argument):
        return told
    again = (f for f in judge(request, found) if (f.rule, f.argument) == (told.rule, told.argument))
    return next(again, told)


def _point_of(
    told: Finding, domains: Mapping[str, Any], like: Mapping[str, Any]
) -> dict[str, Any] | None:
    from ..exact import from_tensor

    if told.witness is None or not all(k in told.witness.point for k in domains):
        return None
    return {k: from_tensor(told.witness.point[k]) for k in domains if k in like}


def _outcome(
    request: Request, kind: str, stops: Any, point: Mapping[str, Any], numbers: Settings
) -> Outcome | None:
    try:
        return outcome_at(request, kind, stand_at(request, stops.plan, point), numbers)
    except VerifierError:
        return None


def _wrong(found: Outcome, label: str | None) -> bool:
    agreement = found.agreement.get(label or "")
    return agreement is not None and bool(np.any(agreement.code == DISJOINT))
