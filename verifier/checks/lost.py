"""Which digits has a right formula lost? Cancellation, Taylor branches and subnormal inputs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..readers.rounding import LARGEST, floats, unit
from ..verdicts import Finding
from .agreement import UNDEFINED
from .entries import finite, origin_of_block, place, plain_number, worst
from .findings import finding, short
from .focus import BATCHED, focus
from .outcome import Outcome
from .request import Request
from .suspect import witness_of

Array = np.ndarray
Index = tuple[int, ...]
# Below its least normal number a dtype cannot keep digits: no fault of the claim.
LARGEST_TINY = {"float64": 2.0**-1022, "float32": 2.0**-126, "float16": 2.0**-14,
                "bfloat16": 2.0**-126}


def lost(
    request: Request, found: Outcome, label: str, wrong: Array | None
) -> Iterator[Finding]:
    """A right formula whose computed value has lost more than half of the dtype's digits."""
    assert found.truth is not None
    dtype = found.computed[label].dtype.name
    if dtype not in LARGEST:
        return
    computed, truth = found.computed[label].astype(float), floats(found.truth[label])
    bar = np.sqrt(2 * unit(dtype))
    elementwise = found.kind in ("derivative", "second_derivative", "hessian_diagonal")
    with np.errstate(all="ignore"):
        norm = np.max(np.abs(finite(truth)), initial=0.0)
        scale = np.abs(truth) if elementwise else np.full(truth.shape, norm)
        error = np.abs(computed - truth) / scale
        tiny = np.abs(truth) < LARGEST_TINY.get(dtype, 0.0)
    mask = (error > bar) & np.isfinite(error) & np.isfinite(truth) & ~tiny & np.isfinite(computed)
    mask &= defined_entries(found, label)
    if wrong is not None:
        mask &= ~wrong
    if not mask.any():
        return
    index = np.unravel_index(int(np.argmax(np.where(mask, error, -1.0))), mask.shape)
    yield _precision_loss(request, found, label, tuple(int(i) for i in index), error)


def _precision_loss(
    request: Request, found: Outcome, label: str, index: Index, error: Array
) -> Finding:
    lost = float(error[index])
    kept = float(max(0.0, -np.log10(lost)))
    found, index = focus(request, found, label, index)
    assert found.truth is not None
    computed = found.computed[label]
    sentence = (
        f"{place(found, label, index)} keeps {kept:.1f} digits in {computed.dtype.name}: computed "
        f"{short(float(computed[index]))}, the derivative is {short(found.truth[label][index])}"
    )
    witness = witness_of(found, label, index, request.seed, digits=kept, relative_error=lost)
    return finding("precision-loss", sentence, check=request.name, claim=found.kind,
                   argument=label, index=index, origin=origin_of_block(request, found, label),
                   witness=witness)


def all_denormal(found: Outcome, label: str, mask: Array) -> bool:
    """Tell whether an elementwise claim is wrong at inputs only where no dtype keeps digits."""
    x = found.leaves.get(label)
    if found.kind not in BATCHED or x is None or x.shape != mask.shape:
        return False
    least = LARGEST_TINY.get(x.dtype.name, 0.0)
    return bool(np.all(x[mask] != 0) and np.all(np.abs(x[mask]) < least))


def denormal(request: Request, found: Outcome, label: str, mask: Array) -> Finding:
    index, relative, _ = worst(found, label, mask)
    assert found.truth is not None
    sentence = (
        f"{place(found, label, index)} is wrong, only at subnormal inputs: the claim returns "
        f"{short(float(found.computed[label][index]))}, the derivative is "
        f"{short(found.truth[label][index])}"
    )
    return _note(request, found, label, index, sentence, relative)


def approximate(request: Request, found: Outcome, label: str, mask: Array) -> Finding:
    """A Taylor branch, right to some digits, where the formula it avoids cancels."""
    index, relative, _ = worst(found, label, mask)
    sentence = (
        f"{place(found, label, index)} is an approximation right to {-np.log10(relative):.1f} "
        f"digits, in place of a formula that would lose as many to rounding here"
    )
    return _note(request, found, label, index, sentence, relative)


def _note(
    request: Request, found: Outcome, label: str, index: Index, sentence: str, lost: float
) -> Finding:
    kept = float(max(0.0, -np.log10(lost))) if 0 < lost < np.inf else 0.0
    witness = witness_of(found, label, index, request.seed, digits=kept,
                         relative_error=plain_number(lost))
    return finding("precision-loss", sentence, check=request.name, claim=found.kind,
                   argument=label, index=index, origin=origin_of_block(request, found, label),
                   witness=witness)


def defined_entries(found: Outcome, label: str) -> Array:
    if label in found.agreement:
        return np.asarray(found.agreement[label].code != UNDEFINED)
    return np.ones(found.computed[label].shape, dtype=bool)
