"""Does a term lack, or is one too many? The difference is compared with the arguments."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from flint import arb

from ..numerals.balls import Balls, exact, plain
from ..readers.fault import Diagnosis, Fault, Sample
from ..readers.value import read
from .agreeing import confirmed, least_of, norm, same
from .naming import decimal, name_of
from .saying import quantity

Array = np.ndarray
Labels = tuple[str, ...]
SECOND = frozenset({"second_derivative", "hessian", "hessian_diagonal"})
ONES, VALUE = "1", "the function's value"


def extra_term(fault: Fault, labels: Labels) -> Diagnosis | None:
    """Suspect ``claim = derivative + k * argument`` in one block, with k named."""
    if len(labels) != 1 or (fault.kind == "hessian" and "," in labels[0]):
        return None
    (label,) = labels
    for term in _terms(fault, label):
        factor = _coefficient(fault, fault.first, label, term)
        if factor is None:
            continue
        name = name_of(factor)
        value = _shortest(factor) if name is None else name.value
        if confirmed(fault, labels, partial(_added, fault, label, term, value)):
            return _told(fault, labels, term, value)
    return None


def _terms(fault: Fault, label: str) -> Iterator[str]:
    """Yield what the difference may be a multiple of: leaves of its shape, ones, the value."""
    shape = fault.first.truth[label].shape
    if label in fault.first.leaves and fault.first.leaves[label].shape == shape:
        yield label
    yield from (k for k, v in fault.first.leaves.items() if k != label and v.shape == shape)
    yield ONES
    if fault.output.shape == shape:
        yield VALUE


def _values(fault: Fault, sample: Sample, label: str, term: str) -> Array:
    if term == VALUE:
        numeral = Balls(128, widen=True)
        return plain(read([fault.output], sample.leaves, numeral).values[fault.output])
    if term == ONES:
        return np.full(sample.truth[label].shape, arb(1), dtype=object)
    return exact(sample.leaves[term])


def _difference(sample: Sample, label: str) -> Array:
    return np.asarray(plain(sample.claimed[label]) - plain(sample.truth[label]), dtype=object)


def _coefficient(fault: Fault, sample: Sample, label: str, term: str) -> Any | None:
    values = _values(fault, sample, label, term).ravel().tolist()
    gaps = _difference(sample, label).ravel().tolist() if values else []
    best = max(range(len(values)), key=lambda i: abs(float(values[i])), default=None)
    if best is None or values[best].is_zero() or not gaps[best].is_finite():
        return None
    factor = gaps[best] / values[best]
    named = math.isfinite(float(factor.abs_upper()))  # nobody typed what no float can hold
    return None if factor.contains(0) or not named else factor


def _shortest(factor: Any) -> Any:
    """Return the decimal a coefficient was typed as, with room for its rounding."""
    typed = arb(f"{float(factor.mid()):.12g}")
    room = abs(typed) * arb(2.0**-50)
    return typed + arb(0, room.abs_upper()) if (factor - typed).abs_lower() <= room else factor


def _added(fault: Fault, label: str, term: str, factor: Any, sample: Sample) -> bool:
    """Tell whether the difference is the term; its scale is that of term and block alike."""
    gap, added = _difference(sample, label), _values(fault, sample, label, term) * factor
    scale = max(norm([added]), norm([sample.truth[label]])) * 2.0**-20
    return bool(np.all(same(gap, added, max(scale, least_of(fault, sample)))))


def _told(fault: Fault, labels: Labels, term: str, factor: Any) -> Diagnosis:
    what, size = quantity(fault, labels), decimal(abs(factor))
    negative = float(factor.mid()) < 0
    if term == ONES and all(v.is_zero() for v in plain(fault.first.truth[labels[0]]).ravel()):
        signed = f"-{size}" if negative else size
        still = "its slope" if fault.kind in SECOND else "the function"
        sentence = f"{what} is 0, {still} is constant beside the point: the claim says {signed}"
        return Diagnosis("extra-term", sentence, "Return 0 where the function is constant.", labels)
    if term == ONES:
        sentence = f"{what} is too small by {size} in every entry: a term {size} is missing" if (
            negative) else f"{what} is too large by {size} in every entry: a term too many"
        return Diagnosis("missing-term" if negative else "extra-term", sentence, _REMEDY, labels)
    product = f"{size} * {term}" if size != "1" else term
    said = f"lacks the term {product}" if negative else f"has a term {product} too many"
    owner = _owner(fault, factor)
    why = f"; {size} is {owner}" if owner else ""
    if term in labels and fault.kind not in ("derivative", "second_derivative"):
        why += ": " + ("the weight decay of the forward is left out of the backward" if negative
                       else "weight decay that the forward does not have")
    return Diagnosis("missing-term" if negative else "extra-term", f"{what} {said}{why}", _REMEDY,
                     labels)


_REMEDY = "Differentiate every term of the function, and no other."


def _owner(fault: Fault, factor: Any) -> str:
    """Name the number among the inputs that the coefficient is, or twice it, or half."""
    size = abs(factor)
    for leaf, array in fault.first.leaves.items():
        if array.size == 1 and leaf not in fault.wrt:
            value = arb(abs(float(array.ravel()[0])))
            for times, text in ((1, leaf), (2, f"2 * {leaf}"), (0.5, f"{leaf} / 2")):
                if (size - value * times).contains(0) and not value.is_zero():
                    return text
    return ""
