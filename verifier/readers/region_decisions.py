"""Decisions over boxes: taken for every point, or open; choices among what stays possible.

In a strict reading a quantity that touches zero leaves its decision open, so that slopes count
both sides of every kink of the closed box (SOUNDNESS 8, 15). Otherwise it is taken where it holds
for all points, and only the branch it leaves out is no structural zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..graph.node import Node
from ..numerals import zonotopes
from ..numerals.intervals import Interval, hull, meet
from .region_scalars import added, is_known
from .region_values import Choice, Decided, Enclosed, Value, enclosed, nowhere, real

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Mode:
    """How decisions are taken: `moving` where the node depends on an input at all."""

    strict: bool
    moving: bool


COMPARISONS = frozenset(
    {"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"})
LOGIC = frozenset({"logical_and", "logical_or", "logical_not", "logical_xor"})
FIXED = Mode(strict=False, moving=False)


# ---------------------------------------------------------------- comparisons
def compared(node: Node, values: list[Value], mode: Mode) -> Decided:
    """Read a comparison by the sign of the difference, which keeps shared symbols."""
    rank = len(node.shape)
    a, b = (real(v).raised(rank) for v in values)
    gap = added(a, b, -1)
    if all(isinstance(v, Enclosed) for v in values):
        return decided(node.op, gap, a.undefined | b.undefined, mode)
    found = decided(node.op, gap, a.undefined | b.undefined, FIXED)
    loose = [_raised(v, rank).loose for v in values if isinstance(v, Decided)]
    return Decided(found.yes, found.no, np.any(loose, axis=0) if loose else found.loose)


def decided(op: str, gap: Enclosed, undefined: Array, mode: Mode) -> Decided:
    """Decide `gap op 0`."""
    lo, hi = gap.interval.lo, gap.interval.hi
    above, below, nought = hi > 0.0, lo < 0.0, (lo <= 0.0) & (hi >= 0.0)
    wanted = {"greater": (above, below | nought), "greater_equal": (above | nought, below),
              "less": (below, above | nought), "less_equal": (below | nought, above),
              "equal": (nought, above | below), "not_equal": (above | below, nought)}
    yes, no = wanted[op]
    touching = nought & mode.moving
    open_ = undefined | (touching & mode.strict)
    return Decided(yes | open_, no | open_, touching)


def signed(node: Node, value: Value, mode: Mode) -> Decided:
    """Read `signbit`: below zero or not; the real numbers have one zero."""
    x = real(value)
    return decided("less", x, x.undefined, mode)


def is_kind(node: Node, value: Value) -> Decided:
    """Read isnan, isinf and isfinite: what is defined is a finite real number."""
    x = real(value)
    finite = node.op == "isfinite"
    sure = ~x.undefined
    return Decided(~sure | finite, ~sure | (not finite), np.zeros(sure.shape, dtype=bool))


def combined(node: Node, values: list[Value]) -> Decided:
    """Read logical_and, logical_or, logical_xor and logical_not."""
    rank = len(node.shape)
    parts = [_raised(v, rank) for v in values if isinstance(v, Decided)]
    a, b = parts[0], parts[-1]
    loose = a.loose | b.loose
    if node.op == "logical_not":
        return Decided(a.no, a.yes, a.loose)
    if node.op == "logical_and":
        return Decided(a.yes & b.yes, a.no | b.no, loose)
    if node.op == "logical_or":
        return Decided(a.yes | b.yes, a.no & b.no, loose)
    return Decided(a.yes & b.no | a.no & b.yes, a.yes & b.yes | a.no & b.no, loose)


def _raised(x: Decided, rank: int) -> Decided:
    def change(array: Array) -> Array:
        own = array.shape[1:]
        return array.reshape(array.shape[0], *(1,) * (rank - len(own)), *own)

    return Decided(change(x.yes), change(x.no), change(x.loose))


# ---------------------------------------------------------------- orders
def ranked(node: Node, value: Value, mode: Mode) -> Choice:
    """Read argmax, argmin and argsort: every entry that may win, or may stand at that place."""
    x = real(value)
    if not mode.moving and is_known(x):
        order = getattr(np, node.op)(x.interval.lo, axis=node.params["axis"] + 1)
        return fixed_choice(order, node.inputs[0].shape[node.params["axis"]])
    axis = node.params["axis"] + 1
    lo, hi = (np.moveaxis(e, axis, -1) for e in (x.interval.lo, x.interval.hi))
    lost = np.asarray(np.moveaxis(x.undefined, axis, -1).any(axis=-1))
    if node.op == "argmin":
        lo, hi = -hi, -lo
    if node.op in ("argmax", "argmin"):
        rival = lo.max(axis=-1, keepdims=True)
        return Choice((hi >= rival) | lost[..., None])
    count = lo.shape[-1]
    under = (hi[..., None, :] < lo[..., :, None]).sum(axis=-1)
    over = (lo[..., None, :] > hi[..., :, None]).sum(axis=-1)
    places = np.arange(count)[:, None]
    options = (under[..., None, :] <= places) & (places <= count - 1 - over[..., None, :])
    return Choice(np.moveaxis(options | lost[..., None, None], -2, axis))


# ---------------------------------------------------------------- choices
def selected(node: Node, values: list[Value]) -> Value:
    """Read `where`: the branch taken where decided, the hull of both where open."""
    rank = len(node.shape)
    condition, a, b = values
    chosen = _raised(condition, rank) if isinstance(condition, Decided) else _truth(condition, rank)
    if isinstance(a, Decided) and isinstance(b, Decided):
        return _selected_decisions(chosen, _raised(a, rank), _raised(b, rank))
    if isinstance(a, Choice) and isinstance(b, Choice):
        return _selected_choices(chosen, a, b, rank)
    left, right = real(a).raised(rank), real(b).raised(rank)
    spoiled = chosen.loose & (left.absent | right.absent)
    yes, no = chosen.yes | spoiled, chosen.no | spoiled
    return either(left, right, yes, no)


def _truth(condition: Value, rank: int) -> Decided:
    x = real(condition).raised(rank)
    no = (x.interval.lo <= 0.0) & (x.interval.hi >= 0.0)
    return Decided((x.interval.lo != 0.0) | (x.interval.hi != 0.0), no, no)


def either(a: Enclosed, b: Enclosed, yes: Array, no: Array) -> Enclosed:
    """Return `a` where only `yes` holds, `b` where only `no` does, else what encloses both."""
    one, two = yes & ~no, no & ~yes
    both = hull(a.interval, b.interval)
    low, high = (np.select([one, two], [x, y], z) for x, y, z in (
        (a.interval.lo, b.interval.lo, both.lo), (a.interval.hi, b.interval.hi, both.hi)))
    undefined = np.select([one, two], [a.undefined, b.undefined], a.undefined | b.undefined)
    absent = np.select([one, two], [a.absent, b.absent], a.absent & b.absent)
    form = zonotopes.halfway(a.form, b.form, yes, no)
    return enclosed(Interval(low, high), form, undefined, absent)


def _selected_decisions(chosen: Decided, a: Decided, b: Decided) -> Decided:
    yes = chosen.yes & a.yes | chosen.no & b.yes
    no = chosen.yes & a.no | chosen.no & b.no
    return Decided(yes, no, chosen.loose | a.loose | b.loose)


def _selected_choices(chosen: Decided, a: Choice, b: Choice, rank: int) -> Choice:
    count = max(a.options.shape[-1], b.options.shape[-1])
    left, right = (_widened(x.options, count, rank) for x in (a, b))
    return Choice(chosen.yes[..., None] & left | chosen.no[..., None] & right)


def _widened(options: Array, count: int, rank: int) -> Array:
    own = options.shape[1:-1]
    wide = options.reshape(options.shape[0], *(1,) * (rank - len(own)), *own, options.shape[-1])
    pad = [(0, 0)] * (wide.ndim - 1) + [(0, count - wide.shape[-1])]
    return np.pad(wide, pad)


def fixed_choice(values: Array, count: int) -> Choice:
    """Return known indices (with the axis of boxes) among `count` candidates."""
    return Choice(np.asarray(values)[..., None] % count == np.arange(count))


def among(index: Enclosed, count: int) -> Choice:
    """Return indices known by their interval; one that may be negative may be any."""
    low, high = (e[..., None] for e in (index.interval.lo, index.interval.hi))
    places = np.arange(count)
    inside = (places >= low) & (places <= high) | (low < 0.0)
    known = (low == high) & (np.where(np.isfinite(low), low, 0.0) % count == places)
    return Choice(np.where(low == high, known, inside) | index.undefined[..., None])


# ---------------------------------------------------------------- computed indices
def taken(node: Node, x: Enclosed, index: Choice) -> Enclosed:
    """Read `take`: the hull of the entries that may be meant."""
    axis = node.params["axis"]
    count = node.inputs[0].shape[axis]
    options = _to_candidates(index, count)
    out: Enclosed | None = None
    seen: Array = np.zeros(options.shape[:-1], dtype=bool)
    for k in range(count):
        here = options[..., k]
        if not here.any():
            continue
        entry = x.moved(_entry(axis, k))
        out = entry if out is None else either(out, entry, seen, here)
        seen = seen | here
    assert out is not None
    shape = node.shape
    return out.moved(lambda array, lead: np.broadcast_to(array, (*array.shape[:lead], *shape)))


def _entry(axis: int, place: int) -> Callable[[Array, int], Array]:
    return lambda array, lead: np.take(array, [place], axis=axis + lead)


def extreme(node: Node, found: Enclosed, x: Enclosed) -> Enclosed:
    """Meet the entry that argmax or argmin points at with the largest or smallest ends."""
    index = node.inputs[1]
    axis = node.params["axis"]
    source = node.inputs[0]
    kept = (*source.shape[:axis], 1, *source.shape[axis + 1:])
    if index.op == "reshape":
        (index,) = index.inputs
    if index.op not in ("argmax", "argmin") or index.inputs[0] is not source or (
            index.params["axis"] != axis or node.inputs[1].shape != kept):
        return found
    pick = np.max if index.op == "argmax" else np.min
    low, high = (pick(e, axis=axis + 1, keepdims=True) for e in (x.interval.lo, x.interval.hi))
    met = meet(found.interval, Interval(low, high))
    return Enclosed(met, found.form, found.undefined, found.absent)


def _to_candidates(index: Choice, count: int) -> Array:
    options = index.options[..., :count]
    return np.pad(options, [(0, 0)] * (options.ndim - 1) + [(0, count - options.shape[-1])])


def put(node: Node, x: Enclosed, index: Choice) -> Enclosed:
    """Read `put`, the transpose of `take`: each entry added where it may belong."""
    axis = node.params["axis"]
    count = node.shape[axis]
    options = _to_candidates(index, count)
    certain = options.sum(axis=-1) == 1
    zero = nowhere((1,) * x.undefined.ndim)
    lines = []
    for k in range(count):
        here = options[..., k]
        part = either(x, zero, here, ~(here & certain))
        total: Enclosed | None = None
        for j in range(x.undefined.shape[axis + 1]):
            entry = part.moved(_entry(axis, j))
            total = entry if total is None else added(total, entry, 1)
        assert total is not None
        lines.append(total)
    return joined(lines, axis)


def joined(parts: list[Enclosed], axis: int) -> Enclosed:
    """Return values set side by side along an axis of length 1 each."""

    def stack(arrays: list[Array], lead: int) -> Array:
        full = np.broadcast_shapes(*(a.shape for a in arrays))
        return np.concatenate([np.broadcast_to(a, full) for a in arrays], axis=axis + lead)

    low, high = (stack([getattr(p.interval, e) for p in parts], 1) for e in ("lo", "hi"))
    undefined, absent = (stack([getattr(p, e) for p in parts], 1) for e in ("undefined", "absent"))
    form = zonotopes.joined([p.form for p in parts], stack)
    return Enclosed(Interval(low, high), form, undefined, absent)
