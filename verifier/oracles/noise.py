"""How noisy is a computed function? Difference tables tell noise from smooth change."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

POINTS = 9
_LEVELS = 6  # higher differences of nine points have too few samples to mean anything
_PLATEAU = 4.0  # levels count as one plateau within this factor (Moré, Wild 2011, section 5)
_BFLOAT16 = (2.0**-7, 2.0**-133)
_ALIKE = 8.0
_STEEP = 256  # a first move of this many roundings is no smooth growth: a stair, or a kink
_GROUPS = 6

Sample = Callable[[float], np.ndarray]


def epsilon(dtype: str) -> float:
    """Return the gap between 1 and the next number of `dtype`.

    >>> epsilon("float32") == 2.0**-23
    True
    """
    return _BFLOAT16[0] if dtype == "bfloat16" else float(np.finfo(dtype).eps)


def least(dtype: str) -> float:
    """Return the smallest positive number of `dtype`, what rounding costs near zero."""
    return _BFLOAT16[1] if dtype == "bfloat16" else float(np.finfo(dtype).smallest_subnormal)


def mantissa_bits(dtype: str) -> int:
    """Return the number of significant bits of `dtype` (53 for float64)."""
    return 1 - round(math.log2(epsilon(dtype)))


def noise_levels(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (noise of equally spaced values, whether it is noise), per component.

    `table` has shape (points, components). The k-th differences of white noise of deviation s have
    variance s^2 (2k)!/(k!)^2, those of a smooth function vanish with k: three levels that say the
    same s are a plateau, and s is the answer. Without one the least level bounds it, and what was
    seen is smooth change. Moré and Wild, "Estimating Computational Noise", SIAM J. Sci. Comput.
    33 (2011).
    """
    levels, difference = [], np.asarray(table, dtype=np.float64)
    for k in range(1, _LEVELS + 1):
        difference = np.diff(difference, axis=0)
        levels.append(np.sqrt(np.mean(difference**2, axis=0) / math.comb(2 * k, k)))
    found = np.stack(levels)
    level, seen = found[1:].min(axis=0), np.zeros(found.shape[1], dtype=bool)
    for k in range(1, _LEVELS - 2):
        three = found[k : k + 3]
        plateau = three.max(axis=0) <= _PLATEAU * three.min(axis=0)
        level = np.where(plateau & ~seen, three.max(axis=0), level)
        seen |= plateau
    return level, seen


def measured_noise(
    sample: Sample, *, dtype: str, scale: float
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return (noise of f near 0, one standard deviation; whether it is certain; evaluations made).

    Two tables, 3 and 29 floats apart (floats near `scale`, a power of two). What only the wider one
    shows is f changing, not noise; where both show change, noise and slope cannot be told apart.
    """
    levels, plateaus = [], []
    for floats in (3, 29):
        with np.errstate(all="ignore"):
            spacing = floats * scale * epsilon(dtype)
            rows = np.stack([sample(spacing * (k - POINTS // 2)) for k in range(POINTS)])
            level, seen = noise_levels(rows)
        levels.append(np.nan_to_num(level, nan=0.0, posinf=0.0))
        plateaus.append(seen)
    near, wide = levels
    alike = plateaus[1] & (wide <= _ALIKE * near)
    return np.where(alike, np.maximum(near, wide), near), plateaus[0] | alike, 2 * POINTS


def quantum(
    residual: Callable[[float], np.ndarray], steps: np.ndarray, change: np.ndarray,
    bound: np.ndarray,
) -> tuple[np.ndarray, int]:  # fmt: skip
    """Return (the height of the stairs f moves in, 0 where it moves smoothly; evaluations made).

    `residual(t)` is f(t) less its tangent at 0, `change` (steps, components) its size at each of
    `steps` (largest first), `bound` (components,) its rounding. Where it stays put and then moves
    by much within one step, f is rounded to a grid inside (cancellation, a coarser dtype), or has
    a kink there: points between tell stairs, whose neighbours are often equal, from a ramp.
    """
    height, tried = np.zeros(change.shape[1]), 0
    if len(change) < 2:  # x so small that hardly a step is a number: no stairs can be seen
        return height, 0
    moved = (change > 4 * bound) & np.isfinite(change)
    sudden = moved[:-1] & ~moved[1:] & (change[:-1] > _STEEP * bound)
    still = sudden.any(axis=0)
    last = len(sudden) - 1 - np.argmax(sudden[::-1], axis=0)
    jump = np.take_along_axis(change, last[None], 0)[0]
    for group, k in enumerate(np.unique(last[still])):
        members = still & (last == k)
        if group >= _GROUPS:
            height[members] = jump[members]
            continue
        points = steps[k] * np.arange(-16, 17) / 8
        values = np.stack([residual(t) for t in points])
        tried += len(points)
        far = np.abs(values) > 4 * bound
        away = far[1:] & far[:-1]
        equal = away & (np.abs(np.diff(values, axis=0)) <= 4 * bound)
        stairs = 4 * equal.sum(axis=0) >= np.maximum(away.sum(axis=0), 1)
        height = np.where(members & stairs, jump, height)
    return height, tried
