"""How many digits does the value keep in each dtype? The rounding budget relative to the value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..errors import VerifierError
from ..verdicts import Claim, Evidence, Verdict
from .plan import Plan
from .request import Request
from .subject import Here, stand_at

DTYPES = ("float64", "float32")
MOST_POINTS = 8  # points run again in another dtype


def digits_claim(request: Request, found: Plan, heres: list[Here]) -> Claim:
    """Return the claim "digits": the fewest digits that every faithful run keeps."""
    notes: list[str] = []
    left: list[str] = []
    worst: float | None = None
    for dtype in DTYPES:
        kept = list(_kept(request, found, heres[:MOST_POINTS], dtype))
        if not kept:
            left.append(f"digits in {dtype}: no rounding budget")
            continue
        least, here, run = min(kept, key=lambda k: k[0])
        worst = least if dtype == "float64" else worst
        ran = "" if run == dtype else f" (it runs in {run} all the same)"
        digits = f"at least {least:.1f} digits" if least > 0 else "no digit is sure"
        notes.append(f"{dtype}: {digits}{ran}, fewest {_place(here)}, over {len(kept)} points")
    return Claim(claim="digits", verdict=Verdict.PASSED, semantics=", ".join(DTYPES),
                 points=len(heres[:MOST_POINTS]), not_checked=tuple(left),
                 evidence=Evidence(notes=tuple(notes), worst_digits=worst))


def _kept(
    request: Request, found: Plan, heres: list[Here], dtype: str
) -> Iterator[tuple[float, Here, str]]:
    for here in heres:
        if {v.dtype.name for v in here.leaves.values()} != {dtype}:
            try:
                here = stand_at(replace(request, dtype=dtype), found, here.point)
            except VerifierError:
                continue
        if here.output is None or here.road.budget is None:
            continue
        radius = np.asarray(here.road.budget.radius[here.output], dtype=float)
        value = np.abs(here.road.budget.mid(here.output))
        judged = np.isfinite(radius) & np.isfinite(value) & (value > 0)
        if not judged.any():
            continue
        with np.errstate(divide="ignore"):
            digits = -np.log10(np.broadcast_to(radius, value.shape)[judged] / value[judged])
        yield min(float(digits.min()), 17.0), here, here.output.dtype


def _place(here: Here) -> str:
    flat = np.concatenate([here.leaves[k].ravel() for k in here.wrt])
    more = ", ..." if flat.size > 3 else ""
    return f"at [{', '.join(f'{v:.4g}' for v in flat[:3].tolist())}{more}]"
