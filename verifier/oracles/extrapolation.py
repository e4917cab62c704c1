"""From estimates at a ladder of steps to one value with an error: Richardson's tableau."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEVELS = 4
_NOISE_MARGIN = 1.5  # a smaller step contradicts a larger one beyond so many of its roundings


@dataclass(frozen=True, slots=True)
class Ladder:
    """The best estimate at every step, shape (steps, components); `error` inf where there is none.

    `error` = truncation + rounding + what smaller steps contradict; `plain` is the formula as it
    stands, not extrapolated, and `plain_error` its truncation + rounding.
    """

    value: np.ndarray
    error: np.ndarray
    plain: np.ndarray
    plain_error: np.ndarray

    def best(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (value, error, index of the step) per component; nan and inf where none is."""
        index = np.argmin(self.error, axis=0)
        pick = (index, np.arange(self.value.shape[1]))
        error = self.error[pick]
        return np.where(np.isfinite(error), self.value[pick], np.nan), error, index


def extrapolate(
    estimates: np.ndarray, rounding: np.ndarray, sure: np.ndarray, *, ratio: float, power: int
) -> Ladder:
    """Return the ladder of `estimates` (steps, components), largest step first.

    The truncation error has the powers h^power, h^(2 power), ... and each step is `ratio` times
    smaller than the last. An entry of the tableau is in error by no more than its distance to
    the two entries it was made from (Ridders, "Accurate computation of F'(x)", Adv. Eng. Software
    4 (1982); Numerical Recipes, 5.7), plus its rounding, which is carried along; `sure` is the
    part of the rounding (a fraction, per component) that is known to be no smooth change.
    """
    tableau, roundings = [estimates], [rounding]
    truncations = [np.abs(estimates - _coarser(estimates))]
    for level in range(1, LEVELS):
        factor = ratio ** (power * level)
        finer, coarser = tableau[-1], _coarser(tableau[-1])
        value = finer + (finer - coarser) / (factor - 1)
        tableau.append(value)
        truncations.append(np.maximum(np.abs(value - finer), np.abs(value - coarser)))
        roundings.append((factor * roundings[-1] + _coarser(roundings[-1])) / (factor - 1))
    values, truncation, rounded = (np.stack(s) for s in (tableau, truncations, roundings))
    total = truncation + rounded
    total[~np.isfinite(total) | ~np.isfinite(values)] = np.inf
    choice = np.argmin(total, axis=0)[None]
    value, error = (np.take_along_axis(a, choice, 0)[0] for a in (values, total))
    error = error + _contradicted(value, values, _NOISE_MARGIN * rounded * sure)
    return Ladder(value, error, estimates, total[0])


def _coarser(rows: np.ndarray) -> np.ndarray:
    """Return for each row the one before (the larger step); nan for the first."""
    return np.concatenate([np.full_like(rows[:1], np.nan), rows[:-1]])


def _contradicted(value: np.ndarray, values: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Return how far smaller steps lie from each step's value, where their rounding cannot tell.

    Neighbouring steps may agree on a wrong value (sin(1e6 x) sampled at steps of 1 has no slope
    to speak of): then some smaller step, at every level of its tableau, says otherwise.
    """
    excess = np.zeros_like(value)
    for i in range(1, len(value)):
        finer, margin = values[:, i][:, None], margins[:, i][:, None]
        distance = np.abs(finer - value[None, :i])
        distance = np.where(distance > margin, distance, 0.0)
        nearest = np.nanmin(np.where(np.isfinite(finer), distance, np.inf), axis=0)
        nearest = np.where(np.isfinite(nearest), nearest, 0.0)
        excess[:i] = np.maximum(excess[:i], nearest)
    return excess
