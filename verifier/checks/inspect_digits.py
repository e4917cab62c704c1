"""How many digits does the value keep in each dtype? The rounding budget relative to the value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..errors import VerifierError
from ..verdicts import Claim, Evidence, Verdict
from .plan import Plan
from .precision_plots import digits_plot, one_number
from .request import Request
from .subject import Here, stand_at

DTYPES = ("float64", "float32")
EVERY = 17.0  # digits beyond which a double has none to lose
MOST_POINTS = 8  # points run again in another dtype


def digits_claim(request: Request, found: Plan, heres: list[Here]) -> Claim:
    """Return the claim "digits": the fewest digits that every faithful run keeps."""
    notes: list[str] = []
    left: list[str] = []
    worst: float | None = None
    name = one_number(heres[0]) if heres else None
    looked = heres if name is not None else heres[:MOST_POINTS]
    seen: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for dtype in DTYPES:
        kept = list(_kept(request, found, looked, dtype))
        if not kept:
            left.append(f"digits in {dtype}: no rounding budget")
            continue
        least, here, run = min(kept, key=lambda k: k[0])
        worst = least if dtype == "float64" else worst
        ran = "" if run == dtype else f" (it runs in {run} all the same)"
        digits = f"at least {least:.1f} digits" if least > 0 else "no digit is sure"
        digits = "every digit" if least >= EVERY else digits
        over = "1 point" if len(kept) == 1 else f"{len(kept)} points"
        notes.append(f"{dtype}: {digits}{ran}, fewest {_place(here)}, over {over}")
        if name is not None and run == dtype:
            seen[dtype] = [(h.leaves[name], np.full(h.leaves[name].shape, d)) for d, h, _ in kept]
    return Claim(claim="digits", verdict=Verdict.PASSED, semantics=", ".join(DTYPES),
                 points=len(looked), not_checked=tuple(left),
                 evidence=Evidence(notes=tuple(notes), worst_digits=worst,
                                   plots=digits_plot(seen, name or "x", None)))


def _kept(
    request: Request, found: Plan, heres: list[Here], dtype: str
) -> Iterator[tuple[float, Here, str]]:
    for here in heres:
        if {v.dtype.name for v in here.leaves.values()} != {dtype}:
            try:
                here = stand_at(replace(request, dtype=dtype), found, here.point)
            except VerifierError:
                continue
        if here.output is None or here.road.budget is None or (
                here.output not in here.road.budget.radius):
            continue
        radius = np.asarray(here.road.budget.radius[here.output], dtype=float)
        value = np.abs(here.road.budget.mid(here.output))
        judged = np.isfinite(radius) & np.isfinite(value) & (value >= np.finfo(dtype).tiny)
        if not judged.any():
            continue
        with np.errstate(divide="ignore"):
            digits = -np.log10(np.broadcast_to(radius, value.shape)[judged] / value[judged])
        yield min(float(digits.min()), EVERY), here, here.output.dtype


def _place(here: Here) -> str:
    flat = np.concatenate([here.leaves[k].ravel() for k in here.wrt])
    more = ", ..." if flat.size > 3 else ""
    return f"at [{', '.join(f'{v:.4g}' for v in flat[:3].tolist())}{more}]"
