"""Bounds of a function of several numbers: a cover of boxes proves, an exact point refutes."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from flint import arb

from ..claims import quantity
from ..errors import CannotLower, VerifierError
from ..exact import tensor
from ..graph.node import Node
from ..numerals.balls import Balls, plain, precision
from ..numerals.spans import Span
from ..readers.guards import active
from ..readers.region import Region
from ..readers.scalar_cells import counted
from ..readers.slope import slope
from ..readers.value import read
from ..settings import Settings
from ..verdicts import Claim, Witness
from .answers import proved, rational, refuted, undecided
from .bounds_by_form import by_form
from .box_ground import Ground, cover_of, facts_at, ground, left_open, tree_of, volume_of
from .climb import ends_inside, highest, starts
from .entrywise import SLACKS, bounds_of, sums_of
from .findings import ball, component, short
from .scalar_cover import Limits
from .subject import stand_at
from .values_at_joints import at_joints

Array = np.ndarray
BITS = 192
MOST = 16  # components whose maximum is climbed to


def bounded_over_box(
    request: Any, spec: Any, stops: Any, numbers: Settings, why: str
) -> Claim:
    """Return what became of bounds on a box; `why` says why f is no function of one number."""
    on = ground(spec, stops)
    if isinstance(on, str):
        return undecided(spec, on)
    try:
        wanted = _wanted(on, int(spec.order))
    except VerifierError as error:
        return undecided(spec, str(error))
    if isinstance(wanted, str):
        return undecided(spec, wanted)
    limits = Limits(rational(spec.lower), rational(spec.upper), spec.lower_strict,
                    spec.upper_strict)
    told_by = "" if int(spec.order) else by_form(on, limits, stops)
    if told_by:
        return proved(spec, told_by, notes=on.notes)
    found = outside(request, stops, numbers, on, wanted, limits)
    if found is not None:
        return _refuted(request, spec, *found)
    simple = None if int(spec.order) else _by_entries(spec, stops, on, limits)
    if simple is not None:
        return simple
    try:
        told = cover_of(on, wanted, lambda r, i: missing(r, i, wanted, limits), stops, False)
    except CannotLower as error:
        return undecided(spec, str(error))
    if told.proved:
        return proved(spec, f"enclosed on {counted(told.judged, 'box')}", cells=told.judged,
                      notes=on.notes, proof=tree_of(told),
                      plots=volume_of(told))
    return undecided(spec, f"the search ended ({told.ended}) with boxes left",
                     left=left_open(told), points=told.judged,
                     plots=volume_of(told))


def _by_entries(spec: Any, stops: Any, on: Ground, limits: Limits) -> Claim | None:
    """Add up the bounds of functions of one entry each; None where that does not do it."""
    sums = sums_of(on, stops)
    deadline = time.monotonic() + max(0.5, 0.3 * (stops.deadline - time.monotonic()))
    if sums is None:
        return None
    for slack in SLACKS:
        told = [bounds_of(v, 0, slack, deadline, at_joints) for v in sums.views]
        ends = [t for t in told if t is not None]
        if len(ends) < len(told):
            continue
        with precision(BITS):
            spans = []
            for row, offset in zip(sums.rows, sums.offsets, strict=True):
                low = sum((ends[v][0] for v in row.values()), offset)
                high = sum((ends[v][1] for v in row.values()), offset)
                spans.append(Span(low.lower(), high.upper()))
            if all(limits.hold(span) for span in spans):
                return proved(spec, "every value is a sum of functions of one entry each, "
                              f"{sums} in all: so are its bounds")
    return None


def _wanted(on: Ground, order: int) -> list[Node] | str:
    if not order:
        return [on.output]
    if on.output.size != 1:
        return "a bound of a derivative needs a function with one value"
    first = list(slope(on.output, on.moved))
    if order == 1:
        return first
    if order > 2 or any(x.size != 1 for x in on.moved):
        return "a second derivative is bounded for single numbers only"
    return [slope(g, [x])[0] for g, x in zip(first, on.moved, strict=True)]


def missing(region: Region, box: int, wanted: list[Node], limits: Limits) -> float:
    """Return by how much the bounds of a box may leave the limits; 0 where they hold."""
    worst = 0.0
    for node in wanted:
        low, high, undefined = facts_at(region, node, box)
        if np.any(undefined):
            return np.inf
        for ends, limit, sign, strict in ((low, limits.low, -1.0, limits.low_strict),
                                          (high, limits.high, 1.0, limits.high_strict)):
            if limit is not None and ends.size:
                extreme = float(ends.min() if sign < 0 else ends.max())
                worst = max(worst, _over(extreme, limit, sign, strict))
    return worst


def _over(extreme: float, limit: Any, sign: float, strict: bool) -> float:
    from fractions import Fraction

    if not np.isfinite(extreme):
        return np.inf
    gap = int(sign) * (Fraction(extreme) - limit)
    if gap < 0 or (gap == 0 and not strict):
        return 0.0
    return max(float(gap), 1e-300)


def outside(
    request: Any, stops: Any, numbers: Settings, on: Ground, wanted: list[Node], limits: Limits
) -> tuple[dict[str, Array], str, tuple[int, ...], arb] | None:
    """Return an exact point at which an entry lies strictly outside, for certain."""
    begin, ends = starts(request, stops, on.here, numbers), ends_inside(stops, on.here)
    for which, node in enumerate(wanted):
        for index in range(min(node.size, MOST)):
            for sign, limit in ((1.0, limits.high), (-1.0, limits.low)):
                if limit is None:
                    continue
                for point in highest(node, index, sign, begin, ends):
                    value = exact_entry(request, stops, on, node, which, index, point)
                    with precision(BITS):
                        if value is not None and limits.broken(value):
                            name = on.names[which] if len(wanted) == len(on.names) else ""
                            place = np.unravel_index(index, node.shape)
                            return point, name, tuple(int(i) for i in place), value
    return None


def exact_entry(
    request: Any, stops: Any, on: Ground, node: Node, which: int, index: int,
    point: dict[str, Array],
) -> arb | None:
    """Return an entry at an exact point on the graph that holds there; None if it is undefined."""
    if on.path:
        try:
            here = stand_at(request, stops.plan, {**on.here.point, **point})
        except VerifierError:
            return None
        if here.road.lifted is None or here.output is None or here.road.forked:
            return None
        taken = [bool(np.all(a.taken == b.taken)) for a, b in zip(
            here.road.lifted.path, on.path, strict=False)]
        if len(here.road.lifted.path) != len(on.path) or not all(taken):
            return None
    with precision(BITS):
        reading = read([node, on.output], point, Balls(BITS))
        if node is not on.output and active((on.output,), reading, on.moved):
            return None
        value: arb = plain(reading[node]).ravel()[index]
    return value if value.is_finite() else None


def _refuted(
    request: Any, spec: Any, point: dict[str, Array], name: str, place: tuple[int, ...], value: arb
) -> Claim:
    what = quantity(spec)
    where = component(name, place) if name and place else name or "f"
    sentence = f"'{spec.text}' does not hold: {what} ({where}) is {short(value, 12)} at the witness"
    witness = Witness(point={k: tensor(v) for k, v in point.items()}, ball=ball(value),
                      numbers={what: value.str(30)})
    return refuted(request, spec, "out-of-bounds", sentence, witness, argument=name or None)
