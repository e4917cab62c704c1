"""The opaque road: computed values against finite differences and the complex step.

A function that cannot be lifted has no graph to be read; its own values along random lines judge
the claim, with the estimate's own error and wide margins (SOUNDNESS 17), and never above PASSED.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..exact import tensor
from ..oracles.complex_step import complex_line, complex_step
from ..oracles.finite_difference import Estimate
from ..verdicts import Finding, Witness
from .findings import finding, number, short, witness_point
from .observe import quiet
from .outcome import Outcome
from .probe import Direction, Probe, by_finite_differences, directions_of, weight_of
from .request import Request

if TYPE_CHECKING:
    from .derivative import Tally

FIRST_ORDER = frozenset({"gradient", "value_and_gradient", "derivative", "vjp", "backward"})
ERRORS = 16.0  # SOUNDNESS 17 asks for wide margins: 16 times the estimate's own error
MISSES = 2  # lines that must miss before an opaque claim is called wrong


def by_differences(request: Request, found: Outcome, tally: Tally) -> Iterator[Finding]:
    """Yield `wrong-derivative` where the computed claim misses the differences on several lines."""
    if found.kind not in FIRST_ORDER:
        tally.not_checked[f"{found.kind} on the opaque road"] = None
        return
    weight = weight_of(found, request.seed)
    for turn in range(MISSES):
        for direction in directions_of(found, request.seed + 7 * turn):
            yield from _line(request, found, tally, weight, direction)
            if tally.missed >= MISSES:
                return


def _line(
    request: Request, found: Outcome, tally: Tally, weight: Any, direction: Direction
) -> Iterator[Finding]:
    estimate = by_finite_differences(found.here, Probe(weight, direction))
    if not np.isfinite(estimate.value):
        return
    tally.finite += 1
    said = sum(float(np.sum(found.computed[k].astype(float) * v))
               for k, v in direction.items() if k in found.computed)
    norm = float(np.sqrt(sum(np.sum(found.computed[k].astype(float) ** 2)
                             for k in direction if k in found.computed)))
    dtype = found.here.value.dtype if found.here.value.dtype.kind == "f" else np.dtype(float)
    bar = float(np.sqrt(np.finfo(dtype).eps)) * norm
    miss = abs(said - float(estimate.value))
    if not np.isnan(said) and miss <= max(ERRORS * float(estimate.error), bar):
        return
    step = _by_complex_step(found, weight, direction)
    if step is not None and abs(said - float(step.value)) <= max(ERRORS * float(step.error), bar):
        tally.notes["a complex step agrees where finite differences do not"] = None
        return
    tally.missed += 1
    if tally.missed >= MISSES:
        yield _wrong(request, found, direction, said, estimate)


def _by_complex_step(found: Outcome, weight: Any, direction: Direction) -> Estimate | None:
    """Measure the line by a complex step where the code takes complex numbers; else None."""

    def value(leaves: dict[str, Any]) -> Any:
        with quiet():
            return np.sum(weight * np.asarray(found.here.program(leaves)))

    try:
        estimate = complex_step(complex_line(value, found.here.leaves, direction))
    except Exception:  # the user's code need not take complex numbers
        return None
    return estimate if np.isfinite(estimate.value) else None


def _wrong(
    request: Request, found: Outcome, direction: Direction, said: float, estimate: Estimate
) -> Finding:
    sentence = (
        f"along a random direction in {', '.join(direction)} the claim gives {short(said)}, finite "
        f"differences of the function give {float(estimate.value):.6g} +- "
        f"{float(estimate.error):.2g}"
    )
    witness = Witness(
        point=witness_point(found.leaves), claimed=number(said),
        finite_difference=number(float(estimate.value)),
        finite_difference_error=number(float(estimate.error)),
        direction={k: tensor(v) for k, v in direction.items()}, curve=estimate.curve(),
    )
    rule = "nan-derivative" if np.isnan(said) else "wrong-derivative"
    return finding(rule, sentence, check=request.name, claim=found.kind,
                   argument=next(iter(direction)), origin=request.origin, witness=witness)
