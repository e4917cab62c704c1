"""Elementwise rows over boxes: exact affine parts, relaxed curves, products, and what is left.

Rows of two arguments are written with simpler ones where that keeps the shared symbols
(maximum(a, b) = b + relu(a - b)); the row's own balls over both intervals are met with it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..graph.node import Node, apply
from ..numerals import intervals, zonotopes
from ..numerals.balls import precision
from ..numerals.intervals import EPS, INF, TINY, Interval, add_down, grown, times_down
from ..primitives.row import ScalarRow
from ..primitives.table import SCALARS
from . import curves
from .region_values import Enclosed, enclosed, of_interval
from .relaxations import relax

Array = np.ndarray
Detour = Callable[[Node, Node], Node]

# Identities of real numbers, wherever the right-hand side is defined.
WRITTEN: dict[str, Detour] = {
    "divide": lambda a, b: a * apply("reciprocal", b),
    "maximum": lambda a, b: b + apply("relu", a - b),
    "minimum": lambda a, b: a - apply("relu", a - b),
    "logaddexp": lambda a, b: b + apply("softplus", a - b),
    "hypot": lambda a, b: apply("sqrt", apply("square", a) + apply("square", b)),
    "power": lambda a, b: apply("exp", b * apply("log", a)),
    "remainder": lambda a, b: a - b * apply("floor", a / b),
    "fmod": lambda a, b: a - b * apply("trunc", a / b),
    "xlogy": lambda a, b: a * apply("log", b),
    "xlog1py": lambda a, b: a * apply("log1p", b),
}


def added(a: Enclosed, b: Enclosed, sign: int) -> Enclosed:
    """Read a + b or a - b; an absent operand leaves the other as it is."""
    other = b.interval if sign > 0 else -b.interval
    form = zonotopes.add(a.form, b.form if sign > 0 else zonotopes.negative(b.form))
    undefined = a.undefined | b.undefined
    return enclosed(a.interval + other, form, undefined, a.absent & b.absent)


def multiplied(a: Enclosed, b: Enclosed) -> Enclosed:
    """Read a b; an absent factor makes the product absent, whatever the other one is."""
    form = _product(a, b)
    gone = a.absent | b.absent
    undefined = (a.undefined | b.undefined) & ~gone
    found = a.interval * b.interval
    if gone.any():
        found = Interval(np.where(gone, 0.0, found.lo), np.where(gone, 0.0, found.hi))
        form = _cleared(form, gone)
    return enclosed(found, form, undefined, gone)


def _cleared(form: zonotopes.Form, gone: Array) -> zonotopes.Form:
    clear = [np.where(gone, 0.0, x) for x in (form.center, form.generators, form.radius)]
    return zonotopes.make(clear[0], form.symbols, clear[1], clear[2])


def _product(a: Enclosed, b: Enclosed) -> zonotopes.Form:
    for known, other in ((a, b), (b, a)):
        if is_known(known):
            factor = known.form.center
            return zonotopes.scale(other.form, factor, np.zeros(()), np.zeros(()))
    return zonotopes.multiply(a.form, b.form, _far(a), _far(b))


def is_known(a: Enclosed) -> bool:
    """Tell whether every entry is one exactly known number."""
    return not bool(a.form.reach.any())


def _far(a: Enclosed) -> Array:
    """Return how far the value goes from the center of its form, by form and interval."""
    with np.errstate(all="ignore"):
        up = -add_down(-a.interval.hi, a.form.center)
        down = -add_down(-a.form.center, a.interval.lo)
    return np.asarray(np.minimum(a.form.reach, np.maximum(up, down)))


def divided(a: Enclosed, c: Array) -> Enclosed:
    """Read a / c for exactly known numbers c, none of them zero."""
    with np.errstate(all="ignore"):
        inverse = 1.0 / c
        rest = 2.0 * EPS * np.abs(inverse) * (np.abs(a.form.center) + a.form.reach) + TINY
        form = zonotopes.scale(a.form, inverse, np.zeros(()), grown(rest, 4))
    ends = [_quotient_down(x, c) for x in (a.interval.lo, a.interval.hi)]
    negated = [_quotient_down(-x, c) for x in (a.interval.lo, a.interval.hi)]
    found = Interval(np.minimum(*ends), -np.minimum(*negated))
    return enclosed(found, form, a.undefined, a.absent)


def _quotient_down(a: Array, c: Array) -> Array:
    """Return a / c rounded down, exactly where it is exact."""
    with np.errstate(all="ignore"):
        value = a / c
        exact = (times_down(value, c) == a) & (-times_down(-value, c) == a)
    return np.asarray(np.where(exact | np.isinf(a), value, np.nextafter(value, -INF)))


def squared(a: Enclosed) -> Enclosed:
    """Read a a with one node on both sides: the square."""
    return along(curves.of_row("square"), a)


# ---------------------------------------------------------------- curves
def along(curve: curves.Curve, x: Enclosed) -> Enclosed:
    """Read a function of one argument, entry by entry."""
    shape = x.undefined.shape
    low, high = (np.broadcast_to(e, shape) for e in (x.interval.lo, x.interval.hi))
    fine = ~x.undefined
    line = relax(curve, low[fine], high[fine])
    parts = [_spread(fine, part, fill) for part, fill in (
        (line.slope, 0.0), (line.offset, 0.0), (line.rest, INF), (line.bounds.lo, -INF),
        (line.bounds.hi, INF))]
    undefined = ~fine | _spread(fine, line.undefined, True)
    form = zonotopes.scale(x.form, parts[0], parts[1], parts[2])
    return enclosed(Interval(parts[3], parts[4]), form, undefined)


def _spread(mask: Array, values: Array, fill: float | bool) -> Array:
    out = np.full(mask.shape, fill)
    out[mask] = values
    return out


def with_known(name: str, which: int, known: Enclosed, x: Enclosed) -> Enclosed | None:
    """Read a row of two arguments whose argument `which` is one known number everywhere."""
    values = known.interval.lo
    number = float(values.flat[0])
    if SCALARS[name].slopes[1 - which] is None or known.undefined.any():
        return None
    if not ((values == number).all() and (known.interval.hi == number).all()):
        return None
    rank = max(known.undefined.ndim, x.undefined.ndim) - 1
    shape = np.broadcast_shapes(known.raised(rank).undefined.shape, x.raised(rank).undefined.shape)
    wide = x.raised(rank)
    if wide.undefined.shape != shape:
        wide = wide.moved(lambda array, lead: np.broadcast_to(
            array, (*array.shape[:lead], *shape[1:])))
    return along(curves.with_fixed(name, which, number), wide)


# ---------------------------------------------------------------- rows of several arguments
def by_balls(row: ScalarRow, operands: list[Enclosed]) -> Enclosed:
    """Read a row by its own balls over the intervals of all arguments."""
    shape = np.broadcast_shapes(*(x.undefined.shape for x in operands))
    columns = []
    for x in operands:
        ends = (np.broadcast_to(e, shape).ravel().tolist() for e in (x.interval.lo, x.interval.hi))
        columns.append(list(zip(*ends, strict=True)))
    lost = np.any([np.broadcast_to(x.undefined, shape) for x in operands], axis=0).ravel()
    found = np.empty((2, len(lost)))
    with precision(curves.BITS):
        for k, pairs in enumerate(zip(*columns, strict=True)):
            ends_k = None if lost[k] else curves.ends_of(
                row.balls(*(curves.ball_of(a, b) for a, b in pairs)))
            lost[k] = ends_k is None
            found[:, k] = (-INF, INF) if ends_k is None else ends_k
    bounds = Interval(found[0].reshape(shape), found[1].reshape(shape))
    return of_interval(bounds, lost.reshape(shape))


def combined(direct: Enclosed, written: Enclosed) -> Enclosed:
    """Meet a row read by its balls with the same row written in simpler ones."""
    undefined = direct.undefined & written.undefined
    found = intervals.meet(direct.interval, written.interval)
    lost = np.isinf(written.form.reach)
    return enclosed(found, zonotopes.halfway(direct.form, written.form, lost, ~lost), undefined)
