"""Monotone in several numbers: slopes over a cover of boxes, an exact pair of points against."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from ..errors import CannotLower
from ..exact import tensor
from ..graph.node import Node
from ..numerals.balls import Balls, plain, precision
from ..readers.merged_choices import merged
from ..readers.scalar_cells import counted
from ..readers.slope import slope
from ..readers.value import read
from ..settings import Settings
from ..verdicts import Claim, Witness
from .answers import proved, refuted, undecided
from .bounds_over_box import MOST, missing
from .box_ground import Ground, cover_of, ground, left_open, tree_of, volume_of
from .climb import ends_inside, highest, starts
from .findings import short
from .scalar_cover import Limits

Array = np.ndarray
Point = dict[str, Array]
BITS = 256
STEPS = (1e-1, 1e-2, 1e-3, 1e-5, 1e-7)


def monotone_over_box(
    request: Any, spec: Any, stops: Any, numbers: Settings, why: str,
    by_entries: Callable[[Ground], Claim | None],
) -> Claim:
    """Return what became of increasing or decreasing in the arguments named, entry by entry."""
    on = ground(spec, stops)
    if isinstance(on, str) or on.output.size != 1:
        return undecided(spec, on if isinstance(on, str) else "it needs a function with one value")
    way = 1 if spec.kind == "increasing" else -1
    try:
        slopes = list(merged(slope(on.output, on.moved)))
        pair = _against(request, stops, numbers, on, slopes, way)
        if pair is not None:
            return _not_monotone(request, spec, *pair)
        simple = by_entries(on)
        if simple is not None:
            return simple
        nought = Fraction(0)
        limits = Limits(low=nought, low_strict=spec.strict) if way > 0 else Limits(
            high=nought, high_strict=spec.strict)
        told = cover_of(on, slopes, lambda r, i: missing(r, i, slopes, limits), stops, True)
    except CannotLower as error:
        return undecided(spec, str(error))
    if told.proved:
        return proved(spec, "f is continuous and its slopes keep their sign on "
                      f"{counted(told.judged, 'box')}, all pieces together",
                      cells=told.judged, notes=on.notes, proof=tree_of(told),
                      plots=volume_of(told))
    return undecided(spec, f"the search ended ({told.ended}) with boxes left",
                     left=left_open(told), points=told.judged,
                     plots=volume_of(told))


def _against(
    request: Any, stops: Any, numbers: Settings, on: Ground, slopes: list[Node], way: int
) -> tuple[str, Point, Point, arb, arb] | None:
    begin, ends = starts(request, stops, on.here, numbers), ends_inside(stops, on.here)
    for name, node in zip(on.names, slopes, strict=True):
        if node.op == "zero" or name not in ends:
            continue
        for index in range(min(node.size, MOST)):
            for point in highest(node, index, -float(way), begin, ends):
                for a, b in _stepped(point, name, index, ends):
                    values = value_at(on, a), value_at(on, b)
                    if None in values:
                        continue
                    with precision(BITS):
                        if (values[1][0] - values[0][0]) * way < 0:  # type: ignore[index]
                            return name, a, b, values[0][0], values[1][0]  # type: ignore[index]
    return None


def _stepped(point: Point, name: str, index: int, ends: Any) -> Iterator[tuple[Point, Point]]:
    for step in STEPS:
        pair = []
        for side in (-1, 1):
            array = point[name].copy()
            flat = array.reshape(-1)
            low, high = (np.ravel(e)[index] for e in ends[name])
            flat[index] = np.clip(flat[index] + side * step * max(1.0, abs(float(flat[index]))),
                                  low, high)
            pair.append({**point, name: array})
        if np.ravel(pair[0][name])[index] < np.ravel(pair[1][name])[index]:
            yield pair[0], pair[1]


def value_at(on: Ground, point: Point) -> list[arb] | None:
    """Return f at an exact point in balls, where the graph's path is taken; None elsewhere."""
    with precision(BITS):
        found = read([on.output, *(c.node for c in on.path)], point, Balls(BITS))
        for condition in on.path:
            taken = np.broadcast_to(found[condition.node], condition.taken.shape)
            if not all(type(v) in (bool, np.bool_) and v == t for v, t in zip(
                    taken.ravel().tolist(), condition.taken.ravel().tolist(), strict=True)):
                return None
        values: list[arb] = plain(found[on.output]).ravel().tolist()
    return values if all(v.is_finite() for v in values) else None


def _not_monotone(
    request: Any, spec: Any, name: str, a: Point, b: Point, at_a: arb, at_b: arb
) -> Claim:
    relation = ">" if at_a > at_b else "<"
    sentence = (f"'{spec.text}' does not hold: raising one entry of {name}, f goes from "
                f"{short(at_a, 12)} to {short(at_b, 12)}")
    witness = Witness(point={k: tensor(v) for k, v in a.items()},
                      second_point={k: tensor(v) for k, v in b.items()},
                      numbers={"f(x)": at_a.str(25), "f(y)": at_b.str(25), "f(x) ? f(y)": relation})
    return refuted(request, spec, "not-monotone", sentence, witness, points=2, argument=name)
