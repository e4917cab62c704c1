"""Matrix rows over boxes: solve, inverse and determinants, by arb matrices of the intervals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..graph.node import Node
from ..numerals.balls import Balls, precision
from ..numerals.intervals import Interval
from .curves import BITS, ball_of, ends_of
from .region_values import Enclosed, of_interval

Array = np.ndarray


def _read(node: Node, values: list[Enclosed]) -> Enclosed:
    """Read a matrix row box by box; a matrix that may be singular is undefined."""
    boxes = max(v.undefined.shape[0] for v in values)
    low, high = np.empty((2, boxes, node.size))
    lost = np.zeros((boxes, node.size), dtype=bool)
    with precision(BITS):
        for box in range(boxes):
            arrays = tuple(_balls(v, box) for v in values)
            flat = np.asarray(Balls(BITS).matrix(node.op, arrays), dtype=object).ravel()
            bad = any(v.undefined[min(box, len(v.undefined) - 1)].any() for v in values)
            for k, ball in enumerate(flat.tolist()):
                ends = None if bad else ends_of(ball)
                lost[box, k] = ends is None
                low[box, k], high[box, k] = (-np.inf, np.inf) if ends is None else ends
    shape = (boxes, *node.shape)
    return of_interval(Interval(low.reshape(shape), high.reshape(shape)), lost.reshape(shape))


def _balls(value: Enclosed, box: int) -> Array:
    place = min(box, len(value.interval.lo) - 1)
    low, high = value.interval.lo[place], value.interval.hi[min(box, len(value.interval.hi) - 1)]
    flat = [ball_of(a, b) for a, b in zip(low.ravel().tolist(), high.ravel().tolist(), strict=True)]
    out = np.empty(len(flat), dtype=object)
    out[:] = flat
    return out.reshape(low.shape)


MATRICES: dict[str, Callable[[Node, list[Enclosed]], Enclosed]] = dict.fromkeys(
    ("solve", "inv", "det", "logabsdet", "eigvalsh", "eigenvectors"), _read
)
