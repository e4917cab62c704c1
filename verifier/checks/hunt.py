"""Is there a point nobody thought of? Hypothesis climbs toward the largest error, then shrinks."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from ..domains import STRATEGY
from ..errors import VerifierError
from ..search.examples import search
from ..settings import Settings
from .agreement import DISJOINT
from .outcome import Outcome, outcome_at
from .request import Request
from .subject import Here, stand_at

SHARE = 0.1  # of the budget the hunt may take: it is the last thing tried, and rarely pays
LARGEST = 256  # numbers at one point beyond which drawn points are no better than random ones


def hunt(request: Request, kind: str, stops: Any, numbers: Settings) -> Here | None:
    """Return a point of the domains where the claim is wrong, the simplest found, or None.

    The objective is the claim's distance from the truth in units of its scale, as the formula
    has it; a wrong formula scores above 1. Nothing is tried for given points, or late in the
    budget.
    """
    plan = getattr(stops, "plan", None)
    end = min(time.monotonic() + SHARE * request.budget, stops.deadline)
    if plan is None or not plan.domains or plan.batched or _late(end):
        return None
    if any(d.kind == STRATEGY for d in plan.domains.values()):
        return None
    first = plan.points[0]
    shapes = {k: np.shape(first[k]) for k in plan.domains}
    if sum(int(np.prod(s, dtype=np.int64)) for s in shapes.values()) > LARGEST:
        return None
    dtype = request.dtype or "float64"

    def objective(point: dict[str, Any]) -> float | None:
        try:
            found = outcome_at(request, kind, stand_at(request, plan, {**first, **point}), numbers)
        except VerifierError:
            return None
        return _score(found)

    worst = search(plan.domains, objective, seed=request.seed, examples=numbers.examples // 4,
                   shapes=shapes, dtype=dtype, stop=lambda: _late(end))
    if worst is None:
        return None
    try:
        return stand_at(request, plan, {**first, **worst})
    except VerifierError:
        return None


def _late(end: float) -> bool:
    return time.monotonic() > end


def _score(found: Outcome) -> float | None:
    """Return 2 where a component is refuted, else how far float rounding took it (below 1)."""
    if not found.agreement:
        return None
    if any(np.any(a.code == DISJOINT) for a in found.agreement.values()):
        return 2.0
    sizes = [float(np.max(a.width, initial=0.0, where=np.isfinite(a.width)))
             for a in found.agreement.values()]
    width = max(sizes, default=0.0)
    return float(1.0 / (1.0 - np.log2(width))) if 0 < width < 1 else 0.0
