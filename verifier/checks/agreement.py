"""Do claim and truth agree? Component by component, in enclosures, with constants read twice.

Reading A takes every constant at its stored value, reading B widens the rounded ones by 4 ulp
(SOUNDNESS 2). A component is refuted only if claim and truth are disjoint in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..numerals.balls import plain
from ..readers.roundoff import unit

Array = np.ndarray
AGREE, EXPLAINED, OPEN, DISJOINT, UNDEFINED, NO_DERIVATIVE = range(6)
SHARP = 2.0**-40  # SOUNDNESS 3: the radius an agreement may have, in units of the scale
SHARE = 2.0**-10  # reading B beyond this radius explains nothing, it only hides
FLOOR = 2.0**-20  # SOUNDNESS 3: the share of the gradient's norm below which scale does not fall


@dataclass(frozen=True, slots=True)
class Agreement:
    """What became of the components of one block.

    Outcome codes, sizes of the gap and of the truth, and the gap's radius relative to the scale.
    """

    code: Array
    gap: Array
    truth: Array
    width: Array


def _weigh(claim: object, truth: object) -> tuple[int, float, float, float]:
    c, t = claim, truth
    if not t.is_finite():  # type: ignore[attr-defined]
        return UNDEFINED, np.nan, np.nan, np.inf
    size = float(t.abs_upper())  # type: ignore[attr-defined]
    if not c.is_finite():  # type: ignore[attr-defined]
        return OPEN, np.nan, size, np.inf
    gap = c - t  # type: ignore[operator]
    low = float(gap.abs_lower())
    code = DISJOINT if low > 0 or not gap.contains(0) else AGREE
    return code, float(abs(gap).mid()), size, float(gap.rad())


_weighed = np.frompyfunc(_weigh, 2, 4)


def compare(claims: Mapping[str, Array], truths: Mapping[str, Array]) -> dict[str, Agreement]:
    """Compare blocks of balls; one scale for all blocks of a gradient (its largest entry)."""
    raw = {}
    for label, truth in truths.items():
        parts = _weighed(plain(claims[label]), plain(truth))
        raw[label] = [np.asarray(p) for p in parts]
    sizes = [np.max(r[2].astype(float), initial=0.0, where=np.isfinite(r[2].astype(float)))
             for r in raw.values()]
    norm = max(sizes, default=0.0)
    found = {}
    for label, (code, gap, size, radius) in raw.items():
        scale = np.maximum(size.astype(float), FLOOR * norm)
        wide = (code.astype(int) == AGREE) & ~(radius.astype(float) <= SHARP * scale)
        settled = np.where(wide & (radius.astype(float) > 0), OPEN, code.astype(int))
        with np.errstate(all="ignore"):
            width = np.where(radius.astype(float) == 0, 0.0, radius.astype(float) / scale)
        found[label] = Agreement(settled, gap.astype(float), size.astype(float), width)
    return found


def explain(first: Agreement, second: Agreement) -> Agreement:
    """Return reading A's outcome with what reading B explains: disjoint needs both.

    Reading B explains only while it stays sharp itself (its radius below SHARE of the scale).
    """
    apart = first.code == DISJOINT
    sharp = (second.code == AGREE) | ((second.code == OPEN) & (second.width <= SHARE))
    code = np.where(apart & sharp, EXPLAINED, first.code)
    code = np.where(apart & ~sharp & (second.code != DISJOINT), OPEN, code)
    return Agreement(code, first.gap, first.truth, first.width)


def _reach(claim: object, truth: object) -> tuple[float, float]:
    """Return the largest gap and the least size of the truth that the balls allow."""
    gap = claim - truth  # type: ignore[operator]
    return float(gap.abs_upper()), float(truth.abs_lower())  # type: ignore[attr-defined]


_reached = np.frompyfunc(_reach, 2, 2)


def unseen(found: Agreement, claim: Array, truth: Array, dtype: str) -> Agreement:
    """Explain gaps certainly below half an ulp: no number of `dtype` is closer to the truth.

    So ends an iteration that stops once it has converged: its formula is off by 1e-22.
    """
    apart = found.code == DISJOINT
    if not apart.any():
        return found
    far, size = (np.asarray(v, dtype=float) for v in
                 _reached(plain(claim)[apart], plain(truth)[apart]))
    with np.errstate(all="ignore"):
        half = unit(dtype) * 2.0 ** np.floor(np.log2(size))
    code = found.code.copy()
    code[apart] = np.where((size > 0) & (far < half), EXPLAINED, DISJOINT)
    return Agreement(code, found.gap, found.truth, found.width)
