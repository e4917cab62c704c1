"""From one outcome to findings: is the formula right, and is the computation accurate?

The formula alone decides the derivative of a lifted claim (SOUNDNESS 17); what the dtype adds
yields numerics findings. An opaque claim is judged by its computed values with wide margins.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..readers.rounding import LARGEST, floats, unit
from ..settings import OPAQUE_BUDGETS
from ..verdicts import Finding, Severity
from .agreement import DISJOINT
from .corner_rows import findings_at_rows
from .corners import findings_at_corner
from .entries import finite, origin_of_block, place, plain_number, worst
from .findings import finding, short, telling
from .focus import BATCHED, focus
from .kinks import findings_beside
from .lost import all_denormal, approximate, defined_entries, denormal, lost
from .outcome import Outcome, truth_budget
from .request import Request
from .suspect import witness_of

Array = np.ndarray
Index = tuple[int, ...]


def judge(request: Request, found: Outcome) -> Iterator[Finding]:
    """Yield the findings of one claim at one point, one per rule and block: the worst entry."""
    if found.truth is None:
        return
    lifted = bool(found.agreement)
    wrong = wrong_entries(found) if lifted else _opaque_wrong(found)
    for block in found.blocks:
        label = block.label
        if label not in found.computed:
            continue
        mask = wrong.get(label)
        if mask is not None and mask.any():
            yield (denormal if all_denormal(found, label, mask) else _wrong)(
                request, found, label, mask)
        if label in found.shortened:
            yield approximate(request, found, label, found.shortened[label])
        yield from _not_finite(request, found, label)
        if found.road is None or not found.road.strayed:
            yield from lost(request, found, label, mask)
        yield from findings_beside(request, found, label)
    yield from findings_at_corner(request, found)
    yield from findings_at_rows(request, found)
    if found.kind == "hessian":
        yield from _asymmetric(request, found)


def wrong_entries(found: Outcome) -> dict[str, Array]:
    """Return which entries a lifted claim gets wrong: disjoint in reading A and in reading B."""
    return {k: a.code == DISJOINT for k, a in found.agreement.items()}


def _opaque_wrong(found: Outcome) -> dict[str, Array]:
    """SOUNDNESS 17: above 2^10 budgets of our own gradient and above sqrt(eps) of the norm."""
    assert found.truth is not None
    radii = truth_budget(found)
    norm = max((float(np.max(np.abs(finite(floats(t))), initial=0.0))
                for t in found.truth.values()), default=0.0)
    wrong = {}
    for block in found.blocks:
        truth = floats(found.truth[block.label])
        gap = np.abs(found.computed[block.label].astype(float) - truth)
        bar = np.sqrt(2 * unit(found.computed[block.label].dtype.name)) * norm
        radius = np.where(np.isfinite(radii[block.label]), radii[block.label], 0.0)
        wrong[block.label] = (gap > bar) & (gap > OPAQUE_BUDGETS * radius)
    return wrong


def _wrong(request: Request, found: Outcome, label: str, mask: Array) -> Finding:
    index, relative, share = worst(found, label, mask)
    assert found.truth is not None
    others = _others(found, mask)
    found, index = focus(request, found, label, index)
    assert found.truth is not None
    said = found.computed[label][index]
    name = place(found, label, index)
    shown = telling(relative)
    sentence = (
        f"{_quantity(found.kind)} {name} is wrong{others}: the claim returns "
        f"{short(float(said), shown)}, it is {short(found.truth[label][index], shown)} "
        f"({_off_by(relative, share)})"
    )
    witness = witness_of(found, label, index, request.seed, relative_error=plain_number(relative),
                         norm_error=plain_number(share))
    return finding("wrong-derivative", sentence, check=request.name, claim=found.kind,
                   argument=label, index=index, origin=origin_of_block(request, found, label),
                   witness=witness)


def _others(found: Outcome, mask: Array) -> str:
    if mask.size == 1:
        return ""
    count = int(mask.sum())
    if found.kind in BATCHED:
        return f", as at {count} of {mask.size} points"
    return f", as {'are' if count > 1 else 'is'} {count} of {mask.size}"


def _off_by(relative: float, share: float) -> str:
    if not np.isfinite(relative):
        return f"it should be 0, the error is {share:.2g} of the norm" if np.isfinite(share) else (
            "it should be 0")
    if relative < 1e-4:
        return f"relative error {relative:.2g}"
    percent = 100 * relative
    return f"off by {percent:.0f} %" if percent >= 10 else f"off by {percent:.2g} %"


_QUANTITIES = {
    "derivative": "the derivative at", "second_derivative": "the second derivative at",
    "hessian": "the Hessian entry", "hessian_diagonal": "the Hessian's diagonal entry",
    "jacobian": "the Jacobian entry", "hvp": "the Hessian-vector product",
}


def _quantity(kind: str) -> str:
    return _QUANTITIES.get(kind, "the gradient by")


def _not_finite(request: Request, found: Outcome, label: str) -> Iterator[Finding]:
    """A claim that computes nan or inf where the derivative is a number of that dtype."""
    assert found.truth is not None
    computed = found.computed[label].astype(float)
    truth = floats(found.truth[label])
    largest = LARGEST.get(found.computed[label].dtype.name, LARGEST["float64"])
    defined = np.isfinite(truth) & (np.abs(truth) <= largest) & defined_entries(found, label)
    for rule, bad in (("nan-derivative", np.isnan(computed)), ("overflow", np.isinf(computed))):
        mask = bad & defined
        if not mask.any():
            continue
        index = tuple(int(i) for i in np.argwhere(mask)[0]) if mask.shape else ()
        shown, at = focus(request, found, label, index)
        assert shown.truth is not None
        sentence = (
            f"the claim computes {'nan' if rule == 'nan-derivative' else 'inf'} for "
            f"{place(shown, label, at)} where the derivative is {short(shown.truth[label][at])}"
        )
        yield finding(rule, sentence, check=request.name, claim=found.kind, argument=label,
                      index=at, origin=origin_of_block(request, shown, label),
                      witness=witness_of(shown, label, at, request.seed))


def _asymmetric(request: Request, found: Outcome) -> Iterator[Finding]:
    """A claimed Hessian whose formula is not symmetric."""
    for block in found.blocks:
        if "," in block.label or not found.formula or block.label not in found.formula:
            continue
        side = int(np.sqrt(np.prod(block.shape, dtype=np.int64)))
        matrix = found.formula[block.label].reshape(side, side)
        for i in range(side):
            for j in range(i):
                gap = matrix[i, j] - matrix[j, i]
                if gap.is_finite() and not gap.contains(0):
                    yield _asymmetry(request, found, block.label, block.shape, i, j)
                    return


def _asymmetry(
    request: Request, found: Outcome, label: str, shape: tuple[int, ...], i: int, j: int
) -> Finding:
    computed = found.computed[label].reshape(-1, int(np.sqrt(np.prod(shape, dtype=np.int64))))
    sentence = (
        f"the claimed Hessian of {label} is not symmetric: entry ({i}, {j}) is "
        f"{short(float(computed[i, j]))}, entry ({j}, {i}) is {short(float(computed[j, i]))}"
    )
    side = computed.shape[1]
    index = tuple(int(k) for k in np.unravel_index(i * side + j, shape))
    return finding("asymmetric-hessian", sentence, check=request.name, claim=found.kind,
                   argument=label, index=index, origin=origin_of_block(request, found, label),
                   witness=witness_of(found, label, index, request.seed),
                   severity=Severity.ERROR)
