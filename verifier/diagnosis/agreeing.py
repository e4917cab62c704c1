"""Do two blocks of balls agree, and at fresh points too? Every suspicion is confirmed here."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from ..numerals.balls import plain
from ..readers.fault import Blocks, Fault, Sample

Array = np.ndarray
SHARP = 2.0**-16  # widest radius a match may have, relative to the scale (float32 constants fit)
FRESH = 2  # points at which a suspicion is confirmed besides the first


def _met(a: object, b: object, least: float) -> bool:
    """Tell whether two balls agree sharply; where the second is undefined nothing is asked."""
    if not b.is_finite():  # type: ignore[attr-defined]
        return True
    if not a.is_finite():  # type: ignore[attr-defined]
        return False
    gap = a - b  # type: ignore[operator]
    scale = max(float(b.abs_upper()), least)  # type: ignore[attr-defined]
    return bool(gap.contains(0)) and float(gap.rad()) <= SHARP * scale


def _apart(a: object, b: object) -> bool:
    if not a.is_finite() or not b.is_finite():  # type: ignore[attr-defined]
        return False
    return not (a - b).contains(0)  # type: ignore[operator]


_matches = np.frompyfunc(_met, 3, 1)
_differs = np.frompyfunc(_apart, 2, 1)


def norm(blocks: Iterable[Array]) -> float:
    """Return the largest |entry| of the blocks, undefined entries left out."""
    sizes = [float(v.abs_upper()) for b in blocks for v in plain(b).ravel().tolist()
             if v.is_finite()]
    return max(sizes, default=0.0)


def same(a: Array, b: Array, least: float) -> Array:
    """Return where `a` meets `b` sharply; `least` is the smallest scale of an entry."""
    return np.asarray(_matches(plain(a), plain(b), least)).astype(bool)


def apart(a: Array, b: Array) -> Array:
    """Return where two blocks surely differ."""
    return np.asarray(_differs(plain(a), plain(b))).astype(bool)


def wrong(sample: Sample, labels: Iterable[str]) -> dict[str, Array]:
    """Return which entries of the claim are surely wrong at a sample."""
    return {k: apart(sample.claimed[k], sample.truth[k]) for k in labels}


def least_of(fault: Fault, sample: Sample) -> float:
    """Return the scale below which no entry is judged: a share of the gradient's norm."""
    return fault.floor * norm(sample.truth.values())


def reproduces(fault: Fault, sample: Sample, candidate: Blocks) -> bool:
    """Tell whether the claim is the candidate on all of the candidate's blocks."""
    least = fault.floor * max(norm(sample.truth.values()), norm(candidate.values()))
    return all(bool(np.all(same(sample.claimed[k], v, least))) for k, v in candidate.items())


def samples(fault: Fault) -> list[Sample] | None:
    """Return the first sample and the fresh ones; None where too few fresh points were found."""
    fresh = [s for s in (fault.fresh(k) for k in range(FRESH)) if s is not None]
    return [fault.first, *fresh] if len(fresh) == FRESH else None


def confirmed(fault: Fault, labels: Iterable[str], holds: Callable[[Sample], bool]) -> bool:
    """Tell whether a suspicion holds at the first point and at fresh ones, wrong in one at least.

    The first point is asked first: a suspicion that fails there costs no fresh sample.
    """
    if not holds(fault.first):
        return False
    known = samples(fault)
    if known is None or not all(holds(s) for s in known[1:]):
        return False
    names = tuple(labels)
    return any(any(m.any() for m in wrong(s, names).values()) for s in known[1:])
