"""Do the oracles agree with the slope graph? mpmath audits it; finite differences are shown.

SOUNDNESS 7: where the forward graph's high-precision difference along a direction applies, it must
meet the slope graph's directional derivative; a disagreement is an ERROR of this check, never a
verdict about the user. Finite differences of the user's function judge the opaque road alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..numerals.balls import as_objects, exact, plain, precision
from ..oracles.mpmath_difference import mpmath_difference, multiplications
from ..settings import MPMATH_MULTIPLICATIONS
from ..verdicts import Finding
from .findings import component, finding, number, short, witness_point
from .outcome import Outcome
from .probe import Probe, by_finite_differences, functional
from .request import Request
from .subject import weights

if TYPE_CHECKING:
    from .derivative import Tally

Array = np.ndarray
FIRST_ORDER = frozenset({"gradient", "value_and_gradient", "derivative", "vjp", "backward"})


def audit(request: Request, found: Outcome, tally: Tally) -> Iterator[Finding]:
    """Compare the truth with mpmath along random directions; judge opaque roads by differences.

    One direction over all arguments at every point, one per argument at the first.
    """
    if found.here.output is not None and found.truth is not None and found.kind in FIRST_ORDER:
        yield from _by_mpmath(request, found, tally)
    if not found.agreement:
        yield from _by_differences(request, found, tally)


def _directions(found: Outcome, seed: int) -> list[dict[str, Array]]:
    whole = {b.label: weights(b.shape, "float64", seed + 31 + n)
             for n, b in enumerate(found.blocks)}
    single = [{k: v} for k, v in whole.items()] if len(whole) > 1 else []
    return [whole, *single]


def _weight(found: Outcome, seed: int) -> Array:
    here = found.here
    if found.kind in ("vjp", "backward"):
        return weights(here.value.shape, here.value.dtype, seed).astype(float)
    return np.ones(here.value.shape)


def _by_mpmath(request: Request, found: Outcome, tally: Tally) -> Iterator[Finding]:
    assert found.here.output is not None and found.truth is not None
    scalar = functional(found.here.output, _weight(found, request.seed))
    heavy = multiplications((scalar,)) > MPMATH_MULTIPLICATIONS
    if heavy and tally.mpmath:
        return
    directions = _directions(found, request.seed)
    for direction in directions[:1] if heavy or tally.mpmath else directions:
        measured = mpmath_difference(scalar, found.here.leaves, direction)
        if not measured.applicable:
            tally.notes[f"mpmath not applicable at some points: {measured.reason}"] = None
            continue
        tally.mpmath += 1
        gap = _gap(found, direction, measured)
        if gap is not None:
            yield finding(
                "internal-disagreement",
                f"the slope graph and mpmath differ by {gap:.3g} along a random direction",
                check=request.name, claim=found.kind, origin=request.origin,
            )


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


def _by_differences(request: Request, found: Outcome, tally: Tally) -> Iterator[Finding]:
    """Opaque road: the computed claim against finite differences, with the latter's own error."""
    if found.kind not in FIRST_ORDER:
        tally.not_checked[f"{found.kind} on the opaque road"] = None
        return
    weight = _weight(found, request.seed)
    for direction in _directions(found, request.seed):
        estimate = by_finite_differences(found.here, Probe(weight, direction))
        if not np.isfinite(estimate.value):
            continue
        tally.finite += 1
        said = sum(float(np.sum(found.computed[k].astype(float) * v))
                   for k, v in direction.items() if k in found.computed)
        norm = float(np.sqrt(sum(np.sum(found.computed[k].astype(float) ** 2)
                                 for k in direction if k in found.computed)))
        miss = abs(said - float(estimate.value))
        bar = np.sqrt(np.finfo(found.here.value.dtype).eps) * norm if norm else 0.0
        if np.isnan(said) or miss > max(OPAQUE_ERRORS * float(estimate.error), bar):
            yield from _opaque_wrong(request, found, direction, said, estimate)
            return


OPAQUE_ERRORS = 16.0  # SOUNDNESS 17 asks for wide margins: 16 times the estimate's own error


def _opaque_wrong(
    request: Request, found: Outcome, direction: dict[str, Array], said: float, estimate: Any
) -> Iterator[Finding]:
    from ..verdicts import Witness

    name = component(", ".join(direction), None)
    sentence = (
        f"along a random direction in {name} the claim gives {short(said)}, finite differences of "
        f"the function give {float(estimate.value):.6g} +- {float(estimate.error):.2g}"
    )
    from ..exact import tensor

    witness = Witness(
        point=witness_point(found.leaves), claimed=number(said),
        finite_difference=number(float(estimate.value)),
        finite_difference_error=number(float(estimate.error)),
        direction={k: tensor(v) for k, v in direction.items()}, curve=estimate.curve(),
    )
    rule = "nan-derivative" if np.isnan(said) else "wrong-derivative"
    yield finding(rule, sentence, check=request.name, claim=found.kind,
                  argument=next(iter(direction)), origin=request.origin, witness=witness)
