"""Is the Hessian positive semidefinite on a whole box? The curvature ledger, added up by bounds.

Every term of :mod:`ledger_terms` is bounded over the box: its weight by a zonotope, the slopes of
affine operands exactly, those of others by intervals. The least weights give a matrix that lies
below every Hessian of the box in the Loewner order; what the intervals leave open is taken off
its diagonal (Gershgorin 1931). A sum of terms none of which is negative needs no matrix at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..graph.node import Node
from .ledger_matrix import Exact, least, positive
from .ledger_models import Modelled, Place, try_models
from .ledger_terms import DIRECTION, Ledger, Term, affine, exact_slopes
from .region import Region, enclose
from .region_values import Decided
from .signs import Book

Array = np.ndarray
Boxes = Mapping[str, tuple[Array, Array]]
EPS = 2.0**-52
NEARLY = 1e-9  # of the scale: below it a matrix of exact terms is decided in rationals
MOST_EXACT = 20_000  # terms times size squared that are worth rational arithmetic


@dataclass(frozen=True, slots=True)
class Weighed:
    """A ledger over several boxes.

    `proved[b]`: the Hessian is positive semidefinite all over box b, kinks included. `margin[b]`
    is the least eigenvalue of the lower matrix in floats, -inf where something is unbounded;
    `blame` names the nodes whose terms are negative or uncovered, worst first; `cuts` the entry
    at which each box is best cut, None where nothing speaks for one.
    """

    proved: Array
    margin: Array
    blame: tuple[Node, ...]
    cuts: tuple[Place | None, ...] = ()


@dataclass(slots=True)
class _Sum:
    """The lower matrix, its uncertainty and the size of what was added, for each box."""

    middle: Array
    radius: Array
    size: Array
    count: int
    lost: Array
    least: Array  # least weight of all terms, for each box


def weigh(
    book: Book, page: Ledger, boxes: Boxes, keep: Modelled | None = None
) -> Weighed:
    """Return what the ledger proves on boxes given with one leading axis.

    `keep` is what polynomial models remember from call to call.
    """
    count = len(next(iter(boxes.values()))[0])
    blame: dict[Node, float] = dict.fromkeys(page.missing, np.inf)
    if page.missing:
        none = np.zeros(count, dtype=bool)
        return Weighed(none, np.full(count, -np.inf), tuple(blame))
    region = enclose(_graphs(page), boxes)
    fine = _smooth(page, region, blame) & _kinks_pass(page, region, blame)
    total = _summed(book, page, boxes, region, blame)
    margin = np.array([least(total.middle[b], _spread(total, b)) for b in range(count)])
    proved = fine & ~total.lost
    for b in np.flatnonzero(proved).tolist():
        if total.least[b] < 0 and not (margin[b] > 0 and positive(
                total.middle[b], _spread(total, b))):
            proved[b] = margin[b] > -NEARLY * total.size[b].max(
                initial=0.0) and _exactly(book, page, region, b)
    cuts = try_models(book, page, boxes, region, fine, proved, margin, keep or Modelled())
    order = sorted(blame, key=lambda n: -blame[n])
    return Weighed(proved, np.where(fine, margin, -np.inf), tuple(order), cuts)


def _graphs(page: Ledger) -> list[Node]:
    graphs = [page.output, *(t.weight for t in page.terms)]
    graphs += [k.adjoint for k in page.kinks]
    graphs += [k.guard for k in page.kinks if k.guard is not None]
    graphs += [q for _, q in page.edges] + [c for _, c in page.choices]
    return graphs


def _per_box(array: Array) -> Array:
    return array.reshape(len(array), -1)


def _every(array: Array) -> Array:
    """Tell for each box whether all entries hold."""
    return np.asarray(_per_box(array).all(axis=1))


# ---------------------------------------------------------------- edges, choices, kinks
def _smooth(page: Ledger, region: Region, blame: dict[Node, float]) -> Array:
    """Tell for each box whether f is defined, every edge is missed, every choice is made."""
    fine = _every(~region.undefined[page.output])
    for node, quantity in page.edges:
        low, high = region.lo[quantity], region.hi[quantity]
        missed = _every((low > 0) | (high < 0))
        missed &= _every(~region.undefined[quantity])
        _accuse(blame, node, ~missed)
        fine &= missed
    for node, condition in page.choices:
        value = region.values[condition]
        assert isinstance(value, Decided)
        sure = region.shaped((value.yes ^ value.no) & ~value.loose, condition)
        made = _every(sure)
        _accuse(blame, node, ~made)
        fine = fine & made
    return np.asarray(fine)


def _accuse(blame: dict[Node, float], node: Node, guilty: Array, amount: float = np.inf) -> None:
    if guilty.any():
        blame[node] = max(blame.get(node, 0.0), amount)


def _kinks_pass(page: Ledger, region: Region, blame: dict[Node, float]) -> Array:
    """Tell for each box whether every kink that may be met bends the right way."""
    fine = np.ones(len(_per_box(region.lo[page.output])), dtype=bool)
    for kink in page.kinks:
        low, high = region.lo[kink.adjoint], region.hi[kink.adjoint]
        good = low >= 0 if kink.sense > 0 else high <= 0
        good = good & ~region.undefined[kink.adjoint]
        if kink.guard is not None:
            off = (region.lo[kink.guard] > 0) | (region.hi[kink.guard] < 0)
            good = good | (off & ~region.undefined[kink.guard])
        passed = _every(np.broadcast_to(good, np.broadcast_shapes(good.shape, low.shape)))
        _accuse(blame, kink.node, ~passed)
        fine &= passed
    return fine


# ---------------------------------------------------------------- the lower matrix
def _summed(
    book: Book, page: Ledger, boxes: Boxes, region: Region, blame: dict[Node, float]
) -> _Sum:
    count, size = len(next(iter(boxes.values()))[0]), book.size
    shape = (count, size, size)
    total = _Sum(np.zeros(shape), np.zeros(shape), np.zeros(shape), 0,
                 np.zeros(count, dtype=bool), np.full(count, np.inf))
    slopes = _slopes(book, page, boxes)
    with np.errstate(all="ignore"):
        for term in page.terms:
            _add(total, term, region, slopes)
            low = _per_box(region.lo[term.weight]).min(axis=1, initial=np.inf)
            if term.left is not term.right:
                low = -np.abs(_per_box(region.hi[term.weight])).max(axis=1, initial=0.0)
            if (low < 0).any():
                reach = float(np.max(np.square(slopes[term.left][0]), initial=0.0))
                _accuse(blame, term.node, low < 0, float(-low.min()) * max(reach, 1e-300))
    return total


def _slopes(book: Book, page: Ledger, boxes: Boxes) -> dict[Node, tuple[Array, Array]]:
    """Return middle and radius of the gradient of every operand: (boxes, entries, size)."""
    count, size = len(next(iter(boxes.values()))[0]), book.size
    found: dict[Node, tuple[Array, Array]] = {}
    for term in page.terms:
        for operand in (term.left, term.right):
            if operand not in found and affine(operand, book):
                found[operand] = exact_slopes(book, operand)
    if not page.slopes:
        return found
    wide = {k: (np.repeat(lo, size, axis=0), np.repeat(hi, size, axis=0))
            for k, (lo, hi) in boxes.items()}
    unit = np.tile(np.eye(size), (count, 1))
    start = 0
    for node, direction in page.directions.items():
        part = unit[:, start:start + node.size].reshape(-1, *node.shape)
        wide[DIRECTION + node.params["name"]] = (part, part)
        start += node.size
        assert direction.op == "input"
    region = enclose(page.slopes.values(), wide)
    for operand, node in page.slopes.items():
        low, high, undefined = (_by_box(e[node], node, count, size) for e in (
            region.lo, region.hi, region.undefined))
        with np.errstate(all="ignore"):
            middle = 0.5 * low + 0.5 * high
            radius = np.nextafter(np.maximum(high - middle, middle - low), np.inf)
        found[operand] = middle, np.where(undefined, np.inf, np.where(low == high, 0.0, radius))
    return found


def _by_box(array: Array, node: Node, count: int, size: int) -> Array:
    """Return bounds read along every direction as (boxes, entries, size)."""
    wide = np.broadcast_to(array, (count * size, *node.shape))
    return np.moveaxis(wide.reshape(count, size, -1), 1, 2)


def _add(
    total: _Sum, term: Term, region: Region, slopes: Mapping[Node, tuple[Array, Array]]
) -> None:
    """Add one term: the least weight for a square, the middle and its radius for a product."""
    low, high = (_per_box(e[term.weight]) for e in (region.lo, region.hi))
    u, v = slopes[term.left], slopes[term.right]
    entries = max(u[0].shape[1], v[0].shape[1], low.shape[1])
    low, high = (np.broadcast_to(x, (len(x), entries)) for x in (low, high))
    undefined = _per_box(region.undefined[term.weight]).any(axis=1)
    total.lost |= undefined | ~np.isfinite(low).all(axis=1)
    if term.left is term.right:
        low = np.where(np.isfinite(low), low, 0.0)
        total.least = np.minimum(total.least, low.min(axis=1, initial=np.inf))
        _accumulate(total, low, u, u)
        return
    total.lost |= ~np.isfinite(high).all(axis=1)
    low, high = (np.where(np.isfinite(x), x, 0.0) for x in (low, high))
    middle = 0.5 * low + 0.5 * high
    radius = np.nextafter(np.maximum(high - middle, middle - low), np.inf)
    radius = np.where(low == high, 0.0, radius)
    moving = (np.abs(low) + np.abs(high)).max(axis=1, initial=0.0) > 0
    total.least = np.where(moving, -np.inf, total.least)
    _accumulate(total, middle, u, v)
    _accumulate(total, middle, v, u)
    _accumulate(total, -radius, u, u)
    _accumulate(total, -radius, v, v)


def _accumulate(
    total: _Sum, weight: Array, u: tuple[Array, Array], v: tuple[Array, Array]
) -> None:
    """Add sum over entries of weight u v^T with its uncertainty (weights exact)."""
    def product(w: Array, a: Array, b: Array) -> Array:
        left = np.swapaxes(w[:, :, None] * a, 1, 2)
        return np.asarray(left @ np.broadcast_to(b, (len(left), *b.shape[1:])))

    w = np.abs(weight)
    a, b = np.abs(u[0]), np.abs(v[0])
    total.middle += product(weight, u[0], v[0])
    total.size += product(w, a + u[1], b + v[1])
    if u[1].any() or v[1].any():
        total.radius += product(w, a, v[1]) + product(w, u[1], b + v[1])
    total.count += weight.shape[1] + 2


def _spread(total: _Sum, b: int) -> Array:
    """Return a bound of how far every entry may be from the middle, rounding included."""
    rounding = total.size[b] * ((2 * total.count + 16) * EPS)
    found = np.asarray((total.radius[b] + rounding) * (1 + 1e-12) + 1e-300)
    return np.asarray(np.maximum(found, found.T))


def _exactly(book: Book, page: Ledger, region: Region, b: int) -> bool:
    """Decide a nearly singular matrix of affine operands in rational numbers."""
    entries = sum(t.weight.size for t in page.terms)
    if page.slopes or entries * book.size**2 > MOST_EXACT:
        return False
    total = Exact(book.size)
    for term in page.terms:
        low, high = (_per_box(e[term.weight])[b] for e in (region.lo, region.hi))
        left, right = (book.polynomials[o].ravel().tolist() for o in (term.left, term.right))
        count = max(len(left), len(right), len(low))
        low, high = (np.resize(x, count).tolist() for x in (low, high))
        if term.left is term.right:
            total.add_square(left, low)
        else:
            total.add_product(left, right, low, high)
    return total.positive()


def shares(book: Book, page: Ledger, boxes: Boxes, way: Array) -> dict[Node, float]:
    """Return what each node adds to the second derivative along a direction, in floats."""
    region = enclose(_graphs(page), boxes)
    slopes = _slopes(book, page, boxes)
    found: dict[Node, float] = {}
    for term in page.terms:
        low, high = (_per_box(e[term.weight])[0] for e in (region.lo, region.hi))
        u, v = (slopes[o][0][0] @ way for o in (term.left, term.right))
        both = 1.0 if term.left is term.right else 2.0
        with np.errstate(all="ignore"):
            part = float(np.sum(both * (0.5 * low + 0.5 * high) * u * v))
        if np.isfinite(part):
            found[term.node] = found.get(term.node, 0.0) + part
    return found
