"""The four columns of a witness: one component read by every road, each with its own error."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..oracles.finite_difference import Estimate
from ..oracles.mpmath_difference import MpEstimate, mpmath_difference
from ..verdicts import Witness
from .findings import ball, number, witness_point
from .outcome import Outcome
from .probe import Probe, by_finite_differences, functional, probe_of

SHOWN = 30  # decimal digits of an mpmath value in a report


def by_mpmath(found: Outcome, probe: Probe) -> MpEstimate | None:
    """Measure the probe by high-precision differences of the forward graph alone."""
    output = found.here.output
    if output is None:
        return None
    node = functional(output, probe.weight)
    second = probe.second
    return mpmath_difference(
        node, found.here.leaves, probe.first, order=1 if second is None else 2, second=second
    )


def witness_of(
    found: Outcome, label: str, index: tuple[int, ...], seed: int, **more: Any
) -> Witness:
    """Return the witness of one component with claim, formula, both oracles and the ball."""
    probe = probe_of(found.kind, found.here, label, index, seed)
    estimate = _measured(found, probe)
    digits = by_mpmath(found, probe)
    truth = found.truth[label][index] if found.truth else None
    formula = found.formula[label][index] if found.formula and label in found.formula else None
    finite = estimate is not None and bool(np.isfinite(estimate.value))
    return Witness(
        point=witness_point(found.leaves),
        claimed=number(found.computed[label][index]),
        formula=ball(formula),
        finite_difference=number(float(estimate.value)) if finite and estimate else None,
        finite_difference_error=number(float(estimate.error)) if finite and estimate else None,
        mpmath=mpmath_text(digits),
        ball=ball(truth),
        curve=estimate.curve() if estimate is not None else None,
        **more,
    )


def _measured(found: Outcome, probe: Probe) -> Estimate | None:
    try:
        return by_finite_differences(found.here, probe)
    except Exception:  # the user's code may raise beside the point: the column stays empty
        return None


def mpmath_text(found: MpEstimate | None) -> str | None:
    """Return an mpmath value as decimal text, None where it does not apply."""
    if found is None or not found.applicable:
        return None
    value = found.value.ravel()[0]
    text: str = value.context.nstr(value, SHOWN)
    return text
