"""What is the user's function along a line, as it is run? Displacements that are really gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Line:
    """f restricted to a line in its own dtype: `along(t)` is (f(x + t d), the t really gone)."""

    along: Callable[[float], tuple[np.ndarray, float]]
    scale: float
    dtype: str


def line(
    function: Callable[[dict[str, np.ndarray]], object],
    point: Mapping[str, np.ndarray],
    direction: Mapping[str, np.ndarray],
) -> Line:
    """Return `function` along `direction` from `point`, leaf by leaf, x + t d rounded as it is run.

    Rounding x + t d moves the point: the t returned is the one really gone, 0 where the floats are
    too coarse to go that way. Directions with entries 0 and +-2^k go exactly (the steps of
    `finite_difference` are powers of two); others add noise, which is measured.
    """
    start = {k: np.asarray(v) for k, v in point.items() if np.any(direction.get(k, 0))}
    moved = {k: np.asarray(direction[k], dtype=np.float64) for k in start}
    length = sum(float(np.sum(d * d)) for d in moved.values())
    longest = max((float(np.max(np.abs(d))) for d in moved.values()), default=1.0)
    sizes = [float(np.max(np.abs(start[k][d != 0]))) for k, d in moved.items()]
    reach = max((s for s in sizes if np.isfinite(s)), default=0.0) or 1.0
    dtype = np.result_type(*start.values()).name if start else "float64"

    def along(t: float) -> tuple[np.ndarray, float]:
        shifted, gone, missed = dict(point), 0.0, 0.0
        for name, d in moved.items():
            there = (start[name] + t * d).astype(start[name].dtype)
            step = there.astype(np.float64) - start[name].astype(np.float64)
            gone += float(np.sum(step * d)) / length
            missed = max(missed, float(np.max(np.abs(step - t * d))))
            shifted[name] = there if isinstance(point[name], np.ndarray) else there[()]
        resolved = missed <= abs(t) * longest / 16
        return np.asarray(function(shifted)), gone if resolved else 0.0

    return Line(along, reach / longest, dtype)
