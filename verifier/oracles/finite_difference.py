"""What do finite differences of the user's own function, in its own dtype, say?

The step is not an option: a ladder of steps is tried, each with an estimate of its truncation
error (what neighbouring steps disagree on) and of its rounding error (the measured noise of the
function over the step), and the step with the least total wins. References: Ridders 1982; Numerical
Recipes 5.7; Moré and Wild, "Estimating Derivatives of Noisy Simulations", ACM TOMS 38 (2012);
Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 1.14.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..verdicts import StepCurve
from .extrapolation import Ladder, extrapolate
from .line import Line, line
from .noise import epsilon, least, mantissa_bits, measured_noise, quantum

NOT_FINITE = "f is not finite here"
ONE_SIDED_LEFT = "one-sided (from the left): f is not finite on the right"
ONE_SIDED_RIGHT = "one-sided (from the right): f is not finite on the left"
KINK = "kink inside the step: slopes from the left and from the right differ"
NO_DIGIT = "no digit: the error is as large as the value"

_TOP = 0.5  # largest step that is tried unasked; steps above it only where |x| is larger
_ROWS = 72
_HOPELESS = 1e3  # a rounding error this many times the best total ends the descent
_SAFETY = 2.0  # on the estimated total; see the honesty test in tests/test_oracles.py
_SIGMAS = 3.0
_KINK = 4.0  # one-sided values this many errors apart are two

Along = Callable[[float], Any]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A derivative along a line with its own error, per component of f (arrays of f's shape).

    `error` is inf where nothing is known (then `value` is nan). `steps` (largest first) with
    `values` and `errors` of shape (steps, *shape) are the step curve of the plain formula.
    """

    value: np.ndarray
    error: np.ndarray
    step: np.ndarray
    steps: tuple[float, ...] = ()
    values: np.ndarray | None = None
    errors: np.ndarray | None = None
    evaluations: int = 0
    notes: tuple[str, ...] = ()
    kinked: np.ndarray | None = None  # where the slopes from the left and the right differ

    def agrees(self, claimed: object) -> np.ndarray:
        """Tell per component whether `claimed` lies within the error; nan and inf never agree."""
        claim = np.asarray(claimed, dtype=np.float64)
        with np.errstate(invalid="ignore"):
            near = np.abs(claim - self.value) <= self.error
        return np.asarray(near & np.isfinite(claim) & np.isfinite(self.error))

    def excludes(self, claimed: object) -> np.ndarray:
        """Tell per component whether `claimed` lies outside the error; a nan claim does."""
        return np.asarray(np.isfinite(self.error) & ~self.agrees(claimed))

    def curve(self, index: tuple[int, ...] = ()) -> StepCurve:
        """Return the step curve of one component, for a plot; steps without a value left out."""
        if self.values is None or self.errors is None:
            return StepCurve((), ())
        value, error = (np.moveaxis(a, 0, -1)[index] for a in (self.values, self.errors))
        kept = [k for k in range(len(self.steps)) if np.isfinite(value[k] + error[k])]
        columns = ([float(a[k]) for k in kept] for a in (self.steps, value, error))
        return StepCurve(*(tuple(column) for column in columns))


@dataclass(frozen=True, slots=True)
class _Samples:
    """f on both sides: displacements (steps,) and values (steps, components), largest first."""

    right: np.ndarray
    left: np.ndarray
    above: np.ndarray
    below: np.ndarray
    centre: np.ndarray
    noise: np.ndarray
    certain: np.ndarray


def _sample(along: Along, t: float) -> tuple[np.ndarray, float]:
    """Return (values flattened to float64, displacement); `along` may leave the latter out."""
    with np.errstate(all="ignore"):
        result = along(t)
    value, gone = result if isinstance(result, tuple) else (result, t)
    return np.ravel(np.asarray(value, dtype=np.float64)), float(gone)


def finite_difference(along: Along, *, dtype: str, scale: float, order: int = 1) -> Estimate:
    """Return the derivative of `along` at t = 0, of order 1 or 2, with its own error.

    `along(t)` is f(x + t d) as the user's code computes it in `dtype`, a number or an array, or a
    pair (that, the t really gone), as `line.line` makes it. `scale` is the size of x along d, 1
    where x = 0. Honest for smooth functions: |value - truth| <= error.

    >>> from math import sin, cos
    >>> found = finite_difference(sin, dtype="float64", scale=1.0)
    >>> bool(abs(found.value - cos(0)) <= found.error < 1e-10)
    True
    """
    with np.errstate(all="ignore"):  # at huge inputs the differences overflow too: that is inf
        return _measured(along, dtype, scale, order)


def _measured(along: Along, dtype: str, scale: float, order: int) -> Estimate:
    result = along(0.0)
    shape = np.shape(result[0] if isinstance(result, tuple) else result)
    centre, _ = _sample(along, 0.0)
    unit = 2.0 ** np.floor(np.log2(scale))
    noise, certain, tried = measured_noise(lambda t: _sample(along, t)[0], dtype=dtype, scale=unit)
    if not np.isfinite(centre).any():
        nothing = np.full(shape, np.nan)
        return Estimate(nothing, nothing + np.inf, nothing, evaluations=tried, notes=(NOT_FINITE,))
    ratio = 4.0 if mantissa_bits(dtype) > 40 else 2.0
    blank = np.zeros((0, centre.size))
    start = _Samples(blank, blank, blank, blank, centre, _SIGMAS * noise, certain)
    samples = _descend(along, start, unit, ratio, dtype)
    tried += 2 + 2 * len(samples.right)
    samples, probed = _quantised(along, samples, ratio, dtype)
    return _conclude(samples, ratio, dtype, order, shape, tried + probed)


def _descend(
    along: Along, start: _Samples, unit: float, ratio: float, dtype: str
) -> _Samples:
    """Sample both sides at ever smaller steps until rounding has plainly taken over."""
    step = _first_step(along, start, unit, dtype)
    rows: list[tuple[np.ndarray, ...]] = []
    while True:
        (above, up), (below, down) = _sample(along, step), _sample(along, -step)
        rows.append((np.array(up), np.array(-down), above, below))
        stuck = up == 0 and down == 0
        if stuck or len(rows) >= _ROWS or (len(rows) >= 6 and len(rows) % 3 == 0):
            right, left, above, below = (np.array(c) for c in zip(*rows, strict=True))
            samples = replace(start, right=right, left=left, above=above, below=below)
            if stuck or len(rows) >= _ROWS or _hopeless(samples, ratio, dtype):
                return samples
        step /= ratio


def _first_step(along: Along, start: _Samples, unit: float, dtype: str) -> float:
    """Return the largest step: half the scale, more where f hardly moves over so short a way."""
    step = max(unit * _TOP, 2.0**-900)  # a subnormal scale would never grow
    while step < _TOP:
        above, below = _sample(along, step)[0], _sample(along, -step)[0]
        size = start.noise + epsilon(dtype) * np.abs(start.centre)
        with np.errstate(invalid="ignore"):
            change = np.abs(above - below)
        if np.all((change > size * 2.0 ** (0.85 * mantissa_bits(dtype))) | ~np.isfinite(change)):
            break
        step = min(step * 256, _TOP)
    return step


def _quantised(
    along: Along, samples: _Samples, ratio: float, dtype: str
) -> tuple[_Samples, int]:
    """Add to the noise the height of the stairs f moves in, where it does."""
    live = (samples.right > 0) & (samples.left > 0)
    slope = _ladders(samples, ratio, dtype, 1)[0].best()[0]
    slope = np.where(np.isfinite(slope), slope, 0.0)

    def residual(t: float) -> np.ndarray:
        value, gone = _sample(along, t)
        with np.errstate(all="ignore"):
            return np.asarray(value - samples.centre - slope * gone)

    with np.errstate(all="ignore"):
        up = samples.above - samples.centre - slope * samples.right[:, None]
        down = samples.below - samples.centre + slope * samples.left[:, None]
        change = np.fmax(np.abs(up), np.abs(down))[live]
        bound = samples.noise + 2 * epsilon(dtype) * np.abs(samples.centre) + least(dtype)
        height, tried = quantum(residual, samples.right[live], change, bound)
    return replace(samples, noise=np.maximum(samples.noise, height)), tried


def _ladders(samples: _Samples, ratio: float, dtype: str, order: int) -> tuple[Ladder, ...]:
    """Return the central, right and left ladders."""
    right, left = samples.right[:, None], samples.left[:, None]
    with np.errstate(all="ignore"):
        size = np.fmax(np.abs(samples.above), np.abs(samples.below))
        size = np.fmax(size, np.abs(samples.centre))
        bit = epsilon(dtype) * size + least(dtype)
        noise = samples.noise + bit
        sure = np.where(samples.certain, 1.0, bit / noise)
        up = (samples.above - samples.centre) / right
        down = (samples.centre - samples.below) / left
        up[samples.right <= 0] = down[samples.left <= 0] = np.nan
        own = 2.0**-51 * np.fmax(np.abs(up), np.abs(down))
        if order == 1:
            value = (left * up + right * down) / (left + right)
            uneven = np.abs(left / right - right / left)
            spread = (left / right + right / left + uneven) / (left + right)
            sides = ((up, 2 * noise / right + own), (down, 2 * noise / left + own))
        else:
            value = 2 * (up - down) / (left + right)
            spread = 4 * (1 / left + 1 / right) / (left + right)
            own = 4 * own / (left + right)
            sides = (_bend(up, right, noise), _bend(down, -left, noise))
        central = extrapolate(value, noise * spread + own, sure, ratio=ratio, power=2)
        return central, *(extrapolate(*s, sure, ratio=ratio, power=1) for s in sides)


def _bend(
    slope: np.ndarray, gone: np.ndarray, noise: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return one-sided second differences on 0 and two neighbouring steps, and their rounding."""
    value, rounding = np.full_like(slope, np.nan), np.full_like(slope, np.inf)
    apart = gone[:-1] - gone[1:]
    value[1:] = 2 * (slope[:-1] - slope[1:]) / apart
    near = 2 * noise / np.abs(gone) + 2.0**-51 * np.abs(slope)
    rounding[1:] = 2 * (near[:-1] + near[1:]) / np.abs(apart)
    return value, rounding


def _hopeless(samples: _Samples, ratio: float, dtype: str) -> bool:
    """Tell whether the last bit of f alone dwarfs the best total at this step: no need to go on."""
    best = np.min([rung.best()[1] for rung in _ladders(samples, ratio, dtype, 1)], axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        bit = epsilon(dtype) * np.abs(samples.centre) / samples.right[-1]
        return bool(np.all((bit > _HOPELESS * best) | ~np.isfinite(samples.centre)))


def _conclude(
    samples: _Samples, ratio: float, dtype: str, order: int, shape: tuple[int, ...], tried: int
) -> Estimate:
    """Choose the step of each component, compare the two sides, write the notes."""
    ladders = _ladders(samples, ratio, dtype, order)
    notes = [] if np.all(np.isfinite(samples.centre)) else [NOT_FINITE]
    (value, error, index), right, left = (ladder.best() for ladder in ladders)
    for side, note in ((right, ONE_SIDED_RIGHT), (left, ONE_SIDED_LEFT)):
        alone = ~np.isfinite(error) & np.isfinite(side[1])
        value = np.where(alone, side[0], value)
        error = np.where(alone, side[1], error)
        index = np.where(alone, side[2], index)
        notes += [note] if alone.any() else []
    with np.errstate(invalid="ignore", divide="ignore"):
        kinked = np.abs(right[0] - left[0]) > _KINK * (right[1] + left[1])
        error = _SAFETY * error
        apart = np.maximum(np.abs(value - right[0]), np.abs(value - left[0]))
        error = np.where(kinked, np.maximum(error, apart), error)
        notes += [KINK] if kinked.any() else []
        steps = np.maximum(samples.right, samples.left)
        worth = np.abs(samples.centre) * np.sqrt(epsilon(dtype)) / steps[0] ** order
        lost = np.isfinite(error) & (error >= np.abs(value)) & (error > worth)
        notes += [NO_DIGIT] if np.any(lost) else []
    step = np.where(np.isfinite(error), steps[index], np.nan)
    rows = (len(steps), *shape)
    return Estimate(
        value.reshape(shape), error.reshape(shape), step.reshape(shape), tuple(steps.tolist()),
        ladders[0].plain.reshape(rows), ladders[0].plain_error.reshape(rows), tried, tuple(notes),
        kinked.reshape(shape),
    )  # fmt: skip


__all__ = ["Estimate", "Line", "finite_difference", "line"]
