"""Which entry of a block is told, and how is it called? The worst one, in the user's names."""

from __future__ import annotations

import numpy as np

from ..frontends.calling import origin_of
from ..readers.rounding import floats
from ..verdicts import Origin
from .findings import component
from .focus import BATCHED
from .outcome import Outcome
from .request import Request

Array = np.ndarray
Index = tuple[int, ...]


def origin_of_block(request: Request, found: Outcome, label: str) -> Origin | None:
    """Return the line that computes this block of the claim, else where the claim stands."""
    node = found.nodes.get(label)
    while node is not None and node.origin is None and node.inputs:
        node = node.inputs[0]
    if node is not None and node.origin:
        return node.origin
    return origin_of(request.derivatives[found.kind]) or request.origin


def finite(array: Array) -> Array:
    return np.where(np.isfinite(array), array, 0.0)


def sizes(found: Outcome, label: str) -> tuple[Array, Array]:
    """Return (gap, size of the truth) of a block as floats; opaque claims by computed values."""
    if label in found.agreement:
        return found.agreement[label].gap, found.agreement[label].truth
    assert found.truth is not None
    truth = floats(found.truth[label])
    return np.abs(found.computed[label].astype(float) - truth), np.abs(truth)


def worst(found: Outcome, label: str, mask: Array) -> tuple[Index, float, float]:
    gap, size = sizes(found, label)
    norm = max(float(np.max(finite(sizes(found, b.label)[1]), initial=0.0))
               for b in found.blocks)
    with np.errstate(all="ignore"):
        score = np.where(mask, np.nan_to_num(gap, nan=np.inf), -1.0)
        index = np.unravel_index(int(np.argmax(score)), mask.shape) if mask.shape else ()
        place = tuple(int(i) for i in index)
        if found.kind in BATCHED:
            place = _plainest(found, label, score) or place
        relative = float(gap[place] / size[place]) if size[place] else np.inf
        share = float(gap[place] / norm) if norm else np.inf
    return place, relative, share


def _plainest(found: Outcome, label: str, score: Array) -> Index | None:
    """Return the entry with the shortest number among those with at least half the worst gap."""
    x = found.leaves[label]
    if x.shape != score.shape or not x.shape:
        return None
    bad = np.flatnonzero(score.ravel() >= np.max(score) / 2)
    numbers = x.ravel()[bad].astype(float)
    lengths = [(len(f"{v:.17g}".strip("-0.")), abs(v), np.signbit(v)) for v in numbers]
    best = bad[min(range(len(bad)), key=lambda i: lengths[i])] if len(bad) else None
    return None if best is None else tuple(int(i) for i in np.unravel_index(best, x.shape))


def plain_number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def place(found: Outcome, label: str, index: Index) -> str:
    """Return how a component is called: W1[3, 2], or x = 0.5 for an elementwise function."""
    if found.kind in BATCHED and found.leaves[label].shape == found.computed[label].shape:
        return f"{label} = {float(found.leaves[label][index]) + 0.0:.6g}"
    return component(label, index)
