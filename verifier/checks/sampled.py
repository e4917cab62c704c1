"""Exact values of a function of one number at a few hundred floats: where to look for witnesses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from flint import arb

from ..numerals.balls import precision
from .scalar_view import ScalarView

STEPS = tuple(2.0**-k for k in (4, 8, 12, 16, 20, 24, 28, 32, 36, 40))
LADDER = tuple(s * m * 2.0**e for e in range(-24, 12, 2) for m in (1.0, 1.4375) for s in (-1, 1))


@dataclass(frozen=True, slots=True)
class Sample:
    """An exact number and the ball of f there."""

    number: float
    value: arb


def sampled(view: ScalarView) -> list[Sample]:
    """Return f at floats of every piece, beside every joint and far out, in rising order."""
    pieces = view.pieces()
    numbers: set[float] = {0.0, *LADDER}
    low, high = float(view.domain.low), float(view.domain.high)
    bottom, top = max(low, -64.0), min(high, 64.0)
    numbers.update(np.linspace(bottom, top, 97).tolist())
    for part in pieces.parts:
        for share in (0.25, 0.5, 0.75):
            if part.cell.finite():
                width = float(part.cell.high) - float(part.cell.low)
                numbers.add(float(part.cell.low) + share * width)
    for joint in pieces.joints:
        place = float(joint.low)
        scale = max(1.0, abs(place))
        numbers.update(place + side * step * scale for step in (0.0, *STEPS) for side in (-1, 1))
    kept = sorted(n for n in numbers if np.isfinite(n) and view.holds(n))
    found = []
    with precision(256):
        for number in kept:
            value = view.value(arb(number))
            if value is not None:
                found.append(Sample(number, value))
    return found


def close_pair(
    view: ScalarView, number: float, wanted: Callable[[Sample, Sample], bool]
) -> tuple[Sample, Sample] | None:
    """Return two numbers close together around `number` that satisfy `wanted`."""
    scale = max(abs(number), 2.0**-60)
    for step in (0.25, *STEPS):
        ends = [np.float64(number - step * scale), np.float64(number + step * scale)]
        if not all(view.holds(float(e)) for e in ends):
            continue
        values = [view.value(arb(float(e))) for e in ends]
        if values[0] is None or values[1] is None:
            continue
        pair = Sample(float(ends[0]), values[0]), Sample(float(ends[1]), values[1])
        with precision(256):
            if wanted(*pair):
                return pair
    return None


