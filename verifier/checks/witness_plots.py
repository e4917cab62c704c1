"""What does the function do around a witness? Its values beside it, in floats, for eyes.

A witness of two points is drawn along their segment and a quarter beyond; a witness of one number
over a window of its domain. Where a claim speaks of a derivative, or a derivative breaks, the
derivative is drawn, by central differences of the same floats: a picture, never evidence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..domains import BOX
from ..errors import VerifierError
from ..exact import from_tensor
from ..plotted import Graph
from ..verdicts import Witness
from .observe import quiet
from .plan import plan
from .request import Request
from .subject import Here, stand_at

Array = np.ndarray
Point = dict[str, Array]
PLACES = 61
BEYOND = 0.25  # of a segment, on both sides
WINDOW = 2.0  # half width of a window around one number, at least
FINE = 400.0  # steps of a difference in the width of a plot
DERIVED = ("f", "f'", "f''", "f'''")


def witness_graph(request: Request, spec: Any, witness: Witness) -> tuple[Graph, ...]:
    """Return the function around a witness, () where it cannot be run there again."""
    if not witness.point:
        return ()
    try:
        found = plan(request)
        first = {k: from_tensor(v) for k, v in witness.point.items()}
        here = stand_at(request, found, {**found.points[0], **first} if found.points else first)
    except (VerifierError, ValueError, KeyError, TypeError):
        return ()  # a picture is no part of a verdict
    first = {**here.leaves, **{k: v for k, v in first.items() if k in here.leaves}}
    boxes = {k: d for k, d in found.domains.items() if d.kind == BOX and k in first}
    if witness.second_point:
        second = {k: from_tensor(v) for k, v in witness.second_point.items()}
        over = _over(here, spec, witness, boxes, first, second)
        return over or _along(here, spec, witness, boxes, (first, {**first, **second}))
    return _over(here, spec, witness, boxes, first)


def _along(
    here: Here, spec: Any, witness: Witness, boxes: Mapping[str, Any], ends: tuple[Point, Point]
) -> tuple[Graph, ...]:
    begin, goal = ends

    def value(t: float) -> float:
        point = {k: (v.astype(float) + t * (goal[k].astype(float) - v)).astype(v.dtype)
                 if k in witness.second_point else v for k, v in begin.items()}
        return _value(here, boxes, point)

    kink = _number(witness.weight) if "order" in witness.numbers else None
    places = np.linspace(-BEYOND, 1 + BEYOND, PLACES)
    marks = {"x": 0.0, "y": 1.0} if kink is None else {"kink": kink}
    return _graph(spec, witness, places, value, "t", marks)


def _over(
    here: Here, spec: Any, witness: Witness, boxes: Mapping[str, Any], point: Point,
    other: Point | None = None,
) -> tuple[Graph, ...]:
    names = [k for k in here.wrt if k in point and point[k].size == 1]
    if len(here.wrt) != 1 or len(names) != 1:
        return ()
    (name,) = names
    x = float(point[name].ravel()[0])
    y = float(other[name].ravel()[0]) if other and name in other else x
    low, high = _window(x, y, boxes.get(name), point[name].dtype.name)
    if not low < high:
        return ()

    def value(at: float) -> float:
        moved = np.full(point[name].shape, at, dtype=point[name].dtype)
        return _value(here, boxes, {**point, name: moved})

    places = np.union1d(np.linspace(low, high, PLACES - 2), [x, y])
    kink = x if other is None else _number(witness.weight)
    marks = {"kink": kink} if kink is not None and "order" in witness.numbers else {}
    if other is not None and kink is not None and marks:
        marks = {"kink": x + kink * (y - x)}
    return _graph(spec, witness, places, value, name, marks)


def _window(x: float, y: float, box: Any, dtype: str) -> tuple[float, float]:
    """Return the ends of a plot: the domain where it is short, else a window around the places."""
    wide = max(WINDOW, abs(x) / 2, abs(y - x))
    low, high = min(x, y) - wide, max(x, y) + wide
    if box is None:
        return low, high
    least, most = (float(np.min(end)) for end in box.ends_inside(dtype))
    if most - least <= 4 * wide:
        return least, most
    return max(low, least), min(high, most)


def _graph(
    spec: Any, witness: Witness, places: Array, value: Any, along: str, marks: dict[str, float]
) -> tuple[Graph, ...]:
    order = _order(spec, witness)
    if order >= len(DERIVED):
        return ()
    step = float(places[-1] - places[0]) / FINE
    found = [_difference(value, float(at), order, step) for at in places]
    kept = [(float(a), v) for a, v in zip(places, found, strict=True) if math.isfinite(v)]
    if len(kept) < 5:
        return ()
    at, values = zip(*kept, strict=True)
    lines = _lines(spec) if order == _asked(spec) else {}
    what = DERIVED[order] + (" by differences" if order else "")
    return (Graph(at=at, values=values, along=along, what=what, lines=lines, marks=marks),)


def _asked(spec: Any) -> int:
    return int(spec.order) if spec.kind == "bounds" else 0


def _order(spec: Any, witness: Witness) -> int:
    """Return which derivative shows it: the last continuous one at a kink, else the claim's."""
    broken = witness.numbers.get("order", "")
    return max(int(broken) - 1, 0) if broken.isdigit() else _asked(spec)


def _lines(spec: Any) -> dict[str, float]:
    if spec.kind != "bounds":
        return {}
    found = {"lower bound": _number(spec.lower), "upper bound": _number(spec.upper)}
    return {name: value for name, value in found.items() if value is not None}


def _difference(value: Any, at: float, order: int, step: float) -> float:
    """Return a central difference of some order, nan where a value is missing."""
    terms = [(-1) ** k * math.comb(order, k) * value(at + (order / 2 - k) * step)
             for k in range(order + 1)]
    with np.errstate(all="ignore"):
        return float(np.sum(terms) / step**order)


def _value(here: Here, boxes: Mapping[str, Any], point: Point) -> float:
    if not all(d.contains(point[k]) for k, d in boxes.items()):
        return math.nan
    with quiet():
        try:
            handed = {k: v.copy() if v.ndim else v[()] for k, v in point.items()}
            found = np.asarray(here.program(handed), dtype=float)
        except Exception:  # the user's code may raise anywhere
            return math.nan
    return float(found.ravel()[0]) if found.size == 1 else math.nan


def _number(text: str | None) -> float | None:
    try:
        found = float(text) if text else math.nan
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
