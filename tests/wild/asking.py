"""How a wild case is put to `verifier.verify`."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

import verifier as vf

from ..corpus.calls import FITS
from .record import Wild

ELEMENTWISE = ("derivative", "second_derivative")


def point_of(case: Wild, point: Any) -> np.ndarray:
    """Return a point as the case's functions receive it: an array of its dtype."""
    array = np.asarray(point, dtype=np.float64).astype(case.dtype)
    return array if case.number else np.atleast_1d(array)


def told(case: Wild) -> Any:
    """Verify the claim at the points of the case."""
    at = [point_of(case, point) for point in case.points]
    return vf.verify(case.function, at=at, dtype=case.dtype, **_claim(case))


def blind(case: Wild, budget: float) -> Any:
    """Verify the claim on the box of the case, without saying where to look."""
    try:
        name = next(iter(inspect.signature(case.function).parameters))
    except ValueError:  # a ufunc has no signature on older Pythons
        name = "x"
    shape = "x".join(map(str, point_of(case, case.points[0]).shape))
    box = case.box if case.claim in ELEMENTWISE else f"{case.box}^({shape})"
    return vf.verify(case.function, on={name: box}, dtype=case.dtype, budget=budget, **_claim(case))


def fitting(case: Wild) -> frozenset[str]:
    """Return the rules that name the fault, widened by what the case accepts."""
    return frozenset().union(*(FITS[word] for word in (case.fault, *case.accept)))


def _claim(case: Wild) -> dict[str, Any]:
    return {case.claim: case.claimed}
