"""Do the oracles agree with the slope graph? mpmath audits it; finite differences are shown.

SOUNDNESS 7: where the forward graph's high-precision difference along a direction applies, it must
meet the slope graph's directional derivative; a disagreement is an ERROR of this check, never a
verdict about the user. Finite differences of the user's function judge the opaque road alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph.node import Node
from ..numerals.balls import as_objects, exact, plain, precision
from ..oracles.mpmath_difference import mpmath_difference, multiplications
from ..readers.roundoff import floats
from ..settings import MPMATH_MULTIPLICATIONS
from ..verdicts import Finding
from .findings import finding, without_folders
from .opaque import by_differences
from .outcome import Outcome
from .probe import Probe, by_finite_differences, directions_of, functional, weight_of
from .request import Request

if TYPE_CHECKING:
    from .tally import Tally

Array = np.ndarray
RETRIED = (480, 1920)  # SOUNDNESS 7: digits at which a disagreement is measured again
FIRST_ORDER = frozenset({"gradient", "value_and_gradient", "derivative", "vjp", "backward"})


def audit(request: Request, found: Outcome, tally: Tally) -> Iterator[Finding]:
    """Compare the truth with mpmath along random directions; judge opaque roads by differences.

    One direction over all arguments at every point, one per argument at the first.
    """
    if found.here.output is not None and found.truth is not None and found.kind in FIRST_ORDER:
        yield from _by_mpmath(request, found, tally)
    if not found.agreement:
        yield from by_differences(request, found, tally)
    elif found.kind in FIRST_ORDER:
        _compare_differences(request, found, tally)


def _by_mpmath(request: Request, found: Outcome, tally: Tally) -> Iterator[Finding]:
    assert found.here.output is not None and found.truth is not None
    scalar = functional(found.here.output, weight_of(found, request.seed))
    heavy = multiplications((scalar,)) > MPMATH_MULTIPLICATIONS
    if heavy and tally.mpmath:
        return
    directions = directions_of(found, request.seed)
    for direction in directions[:1] if heavy or tally.mpmath else directions:
        measured = mpmath_difference(scalar, found.here.leaves, direction)
        if not measured.applicable:
            reason = without_folders(measured.reason)
            tally.notes[f"mpmath not applicable at some points: {reason}"] = None
            continue
        tally.mpmath += 1
        gap = _gap(found, direction, measured)
        if gap is not None and not heavy:
            gap = _persists(found, scalar, direction)
        if gap is not None:
            yield finding(
                "internal-disagreement",
                f"the slope graph and mpmath differ by {gap:.3g} along a random direction",
                check=request.name, claim=found.kind, origin=request.origin,
            )


def _persists(found: Outcome, scalar: Node, direction: dict[str, Array]) -> float | None:
    """Return the gap that is left at more digits, whose steps see what the first went over."""
    gap: float | None = None
    for digits in RETRIED:
        measured = mpmath_difference(scalar, found.here.leaves, direction, dps=digits)
        gap = _gap(found, direction, measured) if measured.applicable else None
        if gap is None:
            return None
    return gap


def _gap(found: Outcome, direction: dict[str, Array], measured: Any) -> float | None:
    """Return how far apart the two are where they surely differ, else None."""
    from flint import arb

    assert found.truth is not None
    value, error = measured.value.ravel()[0], measured.error.ravel()[0]
    with precision(max(found.bits, 256)):
        total = arb(0)
        for label, vector in direction.items():
            parts = as_objects(plain(found.truth[label]) * exact(vector))
            total += sum(parts.ravel().tolist(), arb(0))
        if not total.is_finite():
            return None
        text = value.context.nstr(value, 80)
        reach = arb(error.context.nstr(error, 10)).abs_upper()
        ball = arb(text) + arb(0, reach)
        gap = total - ball
        return None if gap.contains(0) else float(abs(gap).mid())


def _compare_differences(request: Request, found: Outcome, tally: Tally) -> None:
    """Show what finite differences of the user's function would have said: evidence, no verdict."""
    if tally.compared >= COMPARED or found.truth is None:
        return
    direction = directions_of(found, request.seed)[0]
    try:
        probe = Probe(weight_of(found, request.seed), direction)
        estimate = by_finite_differences(found.here, probe)
    except Exception:  # the user's code may raise beside the point: the comparison is left out
        return
    total = sum(float(np.sum(floats(plain(found.truth[k])) * v)) for k, v in direction.items())
    if not np.isfinite(total) or not np.isfinite(estimate.value) or total == 0:
        return
    tally.compared += 1
    miss = abs(float(estimate.value) - total) / abs(total)
    tally.digits = min(tally.digits, 16.0 if miss == 0 else max(0.0, -float(np.log10(miss))))
    tally.notes.update(dict.fromkeys(f"finite differences: {n}" for n in estimate.notes))


COMPARED = 3  # points at which finite differences are shown beside the truth
