"""Are the right numbers in the wrong places? Transposed, exchanged, reversed, rolled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from ..numerals.balls import plain
from ..readers.fault import Diagnosis, Fault, Sample
from .agreeing import confirmed, least_of, same
from .quick import middles
from .saying import listed, quantity

Array = np.ndarray
Labels = tuple[str, ...]
Move = Callable[[Array], Array]
ROLLS = 8  # an axis longer than this is rolled by one step either way only


def moved_entries(fault: Fault, labels: Labels) -> Diagnosis | None:
    """Suspect that each block is the true one with its entries moved in one named way."""
    for slug, said, move in _moves(fault, labels):
        if confirmed(fault, labels, partial(_is_moved, fault, labels, move)):
            return Diagnosis(slug, f"{quantity(fault, labels)} {said}", _REMEDY, labels)
    return None


_REMEDY = "Put each entry where its argument stands."


def _is_moved(fault: Fault, labels: Labels, move: Move, sample: Sample) -> bool:
    least = least_of(fault, sample)
    return all(bool(np.all(same(sample.claimed[k], move(plain(sample.truth[k])), least)))
               for k in labels)


def _moves(fault: Fault, labels: Labels) -> Iterator[tuple[str, str, Move]]:
    shapes = {fault.first.truth[k].shape for k in labels}
    (shape,) = shapes if len(shapes) == 1 else ((),)
    ranks = {len(s) for s in shapes}
    if all(len(s) >= 2 and s[-1] == s[-2] for s in shapes):
        yield "transposed", "is transposed", lambda t: np.swapaxes(t, -1, -2)
    if len(labels) > 1 or len(ranks) != 1:
        return
    if fault.kind in ("jacobian", "hessian") and len(shape) == 4 and shape[:2] == shape[2:]:
        yield "transposed", "is transposed", lambda t: t.transpose(2, 3, 0, 1)
    for axis, length in enumerate(shape):
        if length < 2:
            continue
        where = f" along axis {axis}" if len(shape) > 1 else ""
        said = "has its two entries exchanged" if length == 2 else "is in reverse order"
        yield "reversed", f"{said}{where}", partial(np.flip, axis=axis)
        steps = range(1, length) if length <= ROLLS else (1, length - 1)
        for step in steps if length > 2 else ():
            shift = step if step <= length // 2 else step - length
            yield ("rolled", f"is shifted by {shift}{where}",
                   partial(np.roll, shift=step, axis=axis))


def exchanged_blocks(fault: Fault, labels: Labels) -> Diagnosis | None:
    """Suspect that blocks of equal shape were returned in another order."""
    if not 2 <= len(labels) <= 8:
        return None
    order = _order(fault, labels)
    if order is None:
        return None

    def holds(sample: Sample) -> bool:
        least = least_of(fault, sample)
        return all(bool(np.all(same(sample.claimed[k], sample.truth[j], least)))
                   for k, j in order.items())

    if not confirmed(fault, labels, holds):
        return None
    sentence = f"{quantity(fault, labels)} are exchanged" if len(labels) == 2 else (
        f"{quantity(fault, labels)} are returned in the order {listed(tuple(order.values()))}")
    return Diagnosis("exchanged", sentence, "Return the parts in the order of the arguments.",
                     labels)


def _order(fault: Fault, labels: Labels) -> Mapping[str, str] | None:
    found: dict[str, str] = {}
    sample, least = fault.first, least_of(fault, fault.first)
    for k in labels:
        for j in labels:
            if j != k and sample.truth[j].shape == sample.truth[k].shape and bool(
                    np.all(same(sample.claimed[k], sample.truth[j], least))):
                found[k] = j
                break
        else:
            return None
    return found if len(set(found.values())) == len(labels) else None


def misplaced_entries(fault: Fault, labels: Labels) -> Diagnosis | None:
    """Suspect that a block holds all the true entries, in other places, at every point."""
    if len(labels) != 1 or not 2 <= fault.first.truth[labels[0]].size <= LARGEST:
        return None
    (label,) = labels
    if not confirmed(fault, labels, lambda s: _is_permuted(fault, s, label)):
        return None
    return Diagnosis(
        "misplaced", f"{quantity(fault, labels)} has the right entries in the wrong places",
        "Scatter each entry to the place it was taken from (the order of a sort, an index).",
        labels,
    )


LARGEST = 2_000  # entries of a block whose order is looked at


def _is_permuted(fault: Fault, sample: Sample, label: str) -> bool:
    claim, truth = plain(sample.claimed[label]).ravel(), plain(sample.truth[label]).ravel()
    if not all(v.is_finite() for v in (*claim.tolist(), *truth.tolist())):
        return False
    left, right = claim[np.argsort(middles(claim))], truth[np.argsort(middles(truth))]
    if bool(np.all(same(left, np.repeat(left[:1], left.size), 0.0))):
        return False
    return bool(np.all(same(left, right, least_of(fault, sample))))
