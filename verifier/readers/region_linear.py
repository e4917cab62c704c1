"""Linear rows over boxes: sums, products with known matrices, and rearrangements."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..graph.node import Node
from ..numerals import intervals, zonotopes
from ..numerals.intervals import EPS, INF, Interval, grown
from ..numerals.zonotopes import Form
from .region_values import Choice, Decided, Enclosed, Value, enclosed, of_interval, real

Array = np.ndarray
Change = Callable[[Array, int], Array]


# ---------------------------------------------------------------- rearrangements
def rearrangement(node: Node) -> Change | None:
    """Return how a structural op with one input moves entries, None where it is none."""
    rule = _CHANGES.get(node.op)
    return None if rule is None else rule(node)


def _reshaped(node: Node) -> Change:
    return lambda array, lead: array.reshape(*array.shape[:lead], *node.shape)


def _transposed(node: Node) -> Change:
    axes = node.params["axes"]
    return lambda array, lead: array.transpose(*range(lead), *(a + lead for a in axes))


def _broadcast(node: Node) -> Change:
    def change(array: Array, lead: int) -> Array:
        own = array.shape[lead:]
        wide = array.reshape(*array.shape[:lead], *(1,) * (len(node.shape) - len(own)), *own)
        return np.broadcast_to(wide, (*array.shape[:lead], *node.shape))

    return change


_CHANGES: dict[str, Callable[[Node], Change]] = {
    "reshape": _reshaped, "transpose": _transposed, "broadcast": _broadcast,
    "cast": lambda node: lambda array, lead: array,
}


def moved(value: Value, change: Change) -> Value:
    """Rearrange a value of any kind."""
    if isinstance(value, Decided):
        return Decided(change(value.yes, 1), change(value.no, 1), change(value.loose, 1))
    return value.moved(change)


def gathered(node: Node, values: list[Value]) -> Value:
    """Read `gather`: entries of several inputs; index -1 is an exact zero."""
    index = node.params["index"]
    if isinstance(values[0], Choice) and len(values) == 1 and (index >= 0).all():
        return values[0].moved(
            lambda array, lead: array.reshape(*array.shape[:lead], -1)[..., index])
    if all(isinstance(v, Decided) for v in values):
        parts = [v for v in values if isinstance(v, Decided)]
        yes, no, loose = (
            _picked([getattr(p, name) for p in parts], index, fill)
            for name, fill in (("yes", False), ("no", True), ("loose", False)))
        return Decided(yes, no, loose)
    reals = [real(v) for v in values]
    form = zonotopes.joined(
        [v.form for v in reals], lambda arrays, lead: _picked(arrays, index, 0.0, lead))
    low, high = (_picked([getattr(v.interval, e) for v in reals], index, 0.0) for e in ("lo", "hi"))
    undefined, absent = (_picked([getattr(v, e) for v in reals], index, False)
                         for e in ("undefined", "absent"))
    return Enclosed(Interval(low, high), form, undefined, absent)


def _picked(arrays: list[Array], index: Array, fill: float | bool, lead: int = 1) -> Array:
    heads = np.broadcast_shapes(*(a.shape[:lead] for a in arrays))
    flat = []
    for array in arrays:
        size = int(np.prod(array.shape[lead:], dtype=np.int64))
        flat.append(np.broadcast_to(array.reshape(*array.shape[:lead], size), (*heads, size)))
    if (index < 0).any():
        flat.append(np.full((*heads, 1), fill))
    joined = np.concatenate(flat, axis=-1) if len(flat) > 1 else flat[0]
    return np.asarray(joined[..., index])


# ---------------------------------------------------------------- sums
def summed(node: Node, x: Enclosed) -> Enclosed:
    """Read `sum` over axes and `cumsum` along one."""
    if node.op == "cumsum":
        axis = node.params["axis"]
        count = node.shape[axis]

        def act(array: Array) -> Array:
            return np.cumsum(array, axis=axis - len(node.shape))

        found = intervals.running(x.interval, axis + 1)
        lost = np.logical_or.accumulate(x.undefined, axis=axis + 1)
        gone = np.logical_and.accumulate(x.absent, axis=axis + 1)
    else:
        rank = len(node.inputs[0].shape)
        axes = node.params["axis"]
        count = int(np.prod([node.inputs[0].shape[a] for a in axes], dtype=np.int64))

        def act(array: Array) -> Array:
            return np.asarray(array.sum(axis=tuple(a - rank for a in axes)))

        own = tuple(a + 1 for a in axes)
        found = intervals.total(x.interval, own)
        lost = np.asarray(x.undefined.any(axis=own))
        gone = np.asarray(x.absent.all(axis=own)) & (count > 0)
    return enclosed(found, zonotopes.linear(x.form, act, act, count), lost, gone)


def scattered(node: Node, x: Enclosed) -> Enclosed:
    """Read `scatter`: entries added at fixed places; untouched ones are zero, absent if so said."""
    index = node.params["index"].ravel()
    kept = np.flatnonzero(index >= 0)
    places = index[kept]
    most = int(np.bincount(places, minlength=1).max()) if len(places) else 0

    def act(array: Array) -> Array:
        lead = array.shape[: array.ndim - len(node.inputs[0].shape)]
        out = np.zeros((*lead, node.size), dtype=array.dtype)
        flat = array.reshape(*lead, len(index))[..., kept]
        if most <= 1:
            out[..., places] = flat
        else:
            np.add.at(out.T, places, flat.T)  # flat has the places last
        return out.reshape(*lead, *node.shape)

    return _added(node, x, act, most, places)


def _added(
    node: Node, x: Enclosed, act: Callable[[Array], Array], most: int, places: Array
) -> Enclosed:
    if most <= 1:
        found = Interval(act(x.interval.lo), act(x.interval.hi))
        form = x.form.moved(lambda array, lead: act(array))
    else:
        form = zonotopes.linear(x.form, act, act, most)
        found = _bounded_sum(x.interval, act, most)
    present = act((~x.absent).astype(float)) > 0.0
    gone = ~present
    if not node.params.get("absent", False):
        touched = np.zeros(node.size, dtype=bool)
        touched[places] = True
        gone = gone & touched.reshape(node.shape)
    return enclosed(found, form, act(x.undefined.astype(float)) > 0.0, gone)


def _bounded_sum(x: Interval, act: Callable[[Array], Array], terms: int) -> Interval:
    """Return sums of intervals through their ends, infinite ones counted apart."""
    ends = []
    for end in (x.lo, -x.hi):
        finite = np.where(np.isfinite(end), end, 0.0)
        value, size = act(finite), act(np.abs(finite))
        down = np.nextafter(value - grown(size, terms) * (terms * 2 * EPS), -INF)
        down = np.where(size == 0.0, 0.0, down)
        ends.append(np.where(act((end == -INF).astype(float)) > 0.0, -INF, down))
    return Interval(ends[0], -ends[1])


# ---------------------------------------------------------------- products of matrices
def multiplied(a: Enclosed, b: Enclosed) -> Enclosed:
    """Read `matmul` of two values with at least two axes each."""
    rank = max(a.undefined.ndim, b.undefined.ndim) - 1
    a, b = a.raised(rank), b.raised(rank)
    found = intervals.matmul(a.interval, b.interval)
    if _is_known(a.form):
        form = _by_matrix(b.form, a.form.center, left=True)
    elif _is_known(b.form):
        form = _by_matrix(a.form, b.form.center, left=False)
    else:
        form = _bilinear(a, b)
    return enclosed(found, form, _lost(a, b))


def _is_known(form: Form) -> bool:
    return not bool(form.reach.any())


def _lost(a: Enclosed, b: Enclosed) -> Array:
    """Return where an undefined entry meets one that is not absent."""
    here, there = ((~x.absent).astype(float) for x in (a, b))
    if not (a.undefined.any() or b.undefined.any()):
        return np.zeros((here[:1] @ there[:1]).shape, dtype=bool)
    return np.asarray((a.undefined.astype(float) @ there + here @ b.undefined.astype(float)) > 0.0)


def _by_matrix(x: Form, matrix: Array, left: bool) -> Form:
    terms = matrix.shape[-1] if left else matrix.shape[-2]

    def act(array: Array) -> Array:
        return np.asarray(matrix @ array if left else array @ matrix)

    size = np.abs(matrix)

    def bound(array: Array) -> Array:
        return np.asarray(size @ array if left else array @ size)

    return zonotopes.linear(x, act, bound, terms)


def _bilinear(a: Enclosed, b: Enclosed) -> Form:
    """Multiply two matrices of forms: linear parts exactly, deviations by their sizes."""
    symbols, left, right = zonotopes.together(a.form, b.form)
    terms = a.form.center.shape[-1]
    center_a, center_b = a.form.center, b.form.center
    with np.errstate(all="ignore"):
        center = center_a @ center_b
        generators = center_a @ right + left @ center_b
        shift = 0.5 * (left @ right).sum(axis=0) if len(symbols) else 0.0 * center
        paired = 0.5 * (np.abs(left) @ np.abs(right)).sum(axis=0) if len(symbols) else 0.0 * center
        size_a, size_b = np.abs(center_a), np.abs(center_b)
        rest = grown(size_a @ b.form.radius + a.form.radius @ size_b, 2 * terms)
        count = 2 * terms + len(symbols)
        quadratic = grown(a.form.reach @ b.form.reach, terms)
        quadratic = np.maximum(quadratic - paired * (1.0 - 2 * count * EPS), 0.5 * quadratic)
        size = size_a @ size_b + size_a @ b.form.reach + a.form.reach @ size_b + paired
        radius = rest + quadratic + grown(size, 2 * count) * (2 * (count + 4) * EPS)
        radius = grown(radius, 8 + 4 * (terms + 1) * (len(symbols) + 1))
    return zonotopes.make(center + shift, symbols, generators, radius)


def unknown(node: Node, values: list[Enclosed], boxes: int) -> Enclosed:
    """Return a value of which nothing is known, undefined included."""
    shape = (boxes, *node.shape)
    return of_interval(intervals.whole(shape), np.ones(shape, dtype=bool))
