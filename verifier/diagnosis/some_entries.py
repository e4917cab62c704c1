"""Are some entries a constant times what they should be, and the others right? Or is it 1 - p?"""

from __future__ import annotations

import numpy as np
from flint import arb

from ..numerals.balls import is_finite, plain
from ..readers.fault import Diagnosis, Fault, Sample
from ..readers.guards import guards_of
from .agreeing import confirmed, least_of, same, samples, wrong
from .naming import name_of, shown
from .saying import listed, quantity

Array = np.ndarray
Labels = tuple[str, ...]
FEW = 3  # entries that are listed one by one
ELEMENTWISE = frozenset({"derivative", "second_derivative"})


def some_entries(fault: Fault, labels: Labels) -> Diagnosis | None:
    """Suspect one named factor on the same few entries at every point, all others right.

    A claim with switches is left alone: its entries may be wrong on one piece only.
    """
    if len(labels) != 1 or fault.kind in ELEMENTWISE or _switches(fault):
        return None
    known = samples(fault)
    if known is None:
        return None
    (label,) = labels
    masks = [wrong(s, labels)[label] for s in known]
    mask = masks[0]
    if mask.all() or not mask.any() or any(not np.array_equal(m, mask) for m in masks):
        return None
    claims = [plain(s.claimed[label]) for s in known]
    truths = [plain(s.truth[label]) for s in known]
    if not all(np.asarray(is_finite(v)).astype(bool).all() for v in (*claims, *truths)):
        return None
    place = np.argwhere(mask)[0]
    name = name_of(claims[0][tuple(place)] / truths[0][tuple(place)])
    if name is None:
        return None
    for sample, claim, truth in zip(known, claims, truths, strict=True):
        least = least_of(fault, sample)
        wanted = np.where(mask, truth * name.value, truth)
        if not bool(np.all(same(claim, wanted, least))):
            return None
    factor = name.fraction
    what, where = quantity(fault, labels), _where(mask, label)
    if factor == -1:
        return Diagnosis("some-entries", f"{what} has the wrong sign in {where}, exactly",
                         "Reverse the sign of these entries.", labels)
    said = f"{what} is {shown(name)} times what it should be in {where}, exactly"
    return Diagnosis("some-entries", said, "Carry every factor of the forward into these "
                     "entries, once.", labels)


def _switches(fault: Fault) -> bool:
    return any(guard.piecewise for guard in guards_of(fault.claim.values()))


def _where(mask: Array, label: str) -> str:
    places = [f"[{', '.join(str(int(i)) for i in p)}]" for p in np.argwhere(mask)]
    count = f"{len(places)} of {mask.size} entries"
    return f"{count}, {listed(tuple(places))}" if len(places) <= FEW else count


def complement(fault: Fault, labels: Labels) -> Diagnosis | None:
    """Suspect that the claim is 1 minus the derivative: p where 1 - p belongs."""

    def holds(sample: Sample) -> bool:
        pairs = [(plain(sample.claimed[k]), plain(sample.truth[k])) for k in labels]
        if any(v.is_zero() for _, t in pairs for v in t.ravel().tolist()):
            return False
        return all(bool(np.all(same(c + t, np.full(t.shape, arb(1)), 1.0))) for c, t in pairs)

    if not confirmed(fault, labels, holds):
        return None
    return Diagnosis("complement", f"{quantity(fault, labels)} is exactly 1 minus what it should "
                     "be: p stands where 1 - p belongs, or the reverse",
                     "Exchange p and 1 - p.", labels)
