"""Is the Hessian positive on one box? The ledger added up as a polynomial of the box's own points.

Weights and slopes move together, and so do neurons of both signs: in polynomials what cancels
does cancel. The sum is a matrix of polynomials; in Bernstein's basis it is a convex combination of
its coefficient matrices at every point, so it is positive where all of those are, the rests taken
off. A float Cholesky that runs to its end on a matrix shifted by more than its own rounding proves
it (Rump, "Verification of positive definiteness", 2006).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..graph.node import Node
from ..graph.order import depends_on, topological
from ..numerals import models
from ..numerals.intervals import EPS
from ..numerals.models import DEGREES, Model, Space
from .ledger_terms import DIRECTION, Ledger, affine, exact_slopes
from .model_values import NoModel, Reading, Shelf
from .region import Region
from .signs import Book

Array = np.ndarray
Slopes = Mapping[Node, tuple[Array, Array]]
Place = tuple[str, int]
MOST_FAILURES = 16  # boxes without a model after which none is looked for
MOST_TERMS = 3000  # entries of all terms together


@dataclass(slots=True)
class Modelled:
    """What models keep from box to box, and on how many boxes there was none."""

    shelf: Shelf = field(default_factory=Shelf)
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """Whether all coefficient matrices are positive, the least eigenvalue, and where to cut."""

    proved: bool
    margin: float
    cut: Place | None


@dataclass(slots=True)
class _Matrix:
    """A matrix of polynomials, what squares of it may lack, and what else may be off."""

    terms: Array  # (monomials, size, size)
    loss: Array
    radius: Array


def try_models(
    book: Book, page: Ledger, boxes: Mapping[str, tuple[Array, Array]], region: Region,
    fine: Array, proved: Array, margin: Array, keep: Modelled,
) -> tuple[Place | None, ...]:
    """Try polynomial models where bounds did not do; mark what they prove in place."""
    cuts: list[Place | None] = [None] * len(proved)
    slopes = {o: exact_slopes(book, o) for t in page.terms for o in (t.left, t.right)
              if affine(o, book)}
    for b in np.flatnonzero(fine & ~proved).tolist():
        box = {k: (lo[b], hi[b]) for k, (lo, hi) in boxes.items()}
        found = by_models(page, box, region, slopes, b, keep)
        if found is not None:
            proved[b], cuts[b] = found.proved, found.cut
            margin[b] = max(margin[b], found.margin)
    return tuple(cuts)


def by_models(
    page: Ledger, box: Mapping[str, tuple[Array, Array]], region: Region, slopes: Slopes, b: int,
    keep: Modelled,
) -> Found | None:
    """Return what models say of box number `b` of a region; None where they say nothing.

    `box` gives the ends of the inputs, `slopes` the exact gradients of affine operands.
    """
    names = _coordinates(page, box)
    if keep.failed >= MOST_FAILURES or names is None or sum(
            t.weight.size for t in page.terms) > MOST_TERMS:
        return None
    of = models.space(len(names), DEGREES[len(names)])
    try:
        at = Reading(of, _inputs(box, names, of), _Ranges(region, b), keep.shelf)
        total = _summed(page, at, slopes, of)
    except NoModel:
        keep.failed += 1
        return None
    if not all(np.isfinite(x).all() for x in (total.terms, total.loss, total.radius)):
        return None
    return _judged(total, of, names)


def _coordinates(
    page: Ledger, box: Mapping[str, tuple[Array, Array]]
) -> list[tuple[str, int]] | None:
    """Return which entries move; None where they are too many or unbounded."""
    wanted = [n.params["name"] for n in topological([page.output]) if n.op == "input"]
    found = []
    for name in wanted:
        low, high = (np.ravel(e) for e in box[name])
        if not (np.isfinite(low).all() and np.isfinite(high).all()):
            return None
        found += [(name, int(k)) for k in np.flatnonzero(low < high)]
    return found if 0 < len(found) <= max(DEGREES) else None


def _inputs(
    box: Mapping[str, tuple[Array, Array]], names: list[tuple[str, int]], of: Space
) -> dict[str, Model]:
    found = {}
    for name, (low, high) in box.items():
        model = models.known(of, np.where(low == high, low, 0.5 * low + 0.5 * high))
        rest = np.zeros(model.rest.shape)
        flat, spare = model.terms.reshape(of.size, -1), rest.reshape(-1)
        for k, (other, index) in enumerate(names):
            if other == name:
                ends = np.ravel(low)[index], np.ravel(high)[index]
                middle = flat[0, index]
                reach = max(ends[1] - middle, middle - ends[0])
                (place,) = np.flatnonzero(
                    (of.powers[:, k] == 1) & (of.powers.sum(axis=1) == 1))
                flat[place, index] = reach * (1 + 4 * EPS)
                spare[index] = 4 * EPS * reach
        found[name] = Model(of, model.terms, rest)
    return found


class _Ranges(Mapping[Node, tuple[Array, Array]]):
    """Bounds of the nodes a region has read, on one of its boxes."""

    def __init__(self, region: Region, b: int) -> None:
        self.region, self.b = region, b

    def __contains__(self, node: object) -> bool:
        return node in self.region.values

    def __getitem__(self, node: Node) -> tuple[Array, Array]:
        low, high = self.region.lo[node], self.region.hi[node]
        return low[min(self.b, len(low) - 1)], high[min(self.b, len(high) - 1)]

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.region.values)

    def __len__(self) -> int:
        return len(self.region.values)


# ---------------------------------------------------------------- the sum
def _summed(page: Ledger, at: Reading, slopes: Slopes, of: Space) -> _Matrix:
    size = sum(m.size for m in page.moved)
    total = _Matrix(np.zeros((of.size, size, size)), np.zeros((size, size)),
                    np.zeros((size, size)))
    moving = _gradients(page, at, size)
    for term in page.terms:
        weight = at[term.weight]
        if term.left is term.right and term.left in slopes:
            _add_square(total, weight, *(x[0] for x in slopes[term.left]))
        else:
            parts = [moving[o] if o in moving else _constant(of, *slopes[o])
                     for o in (term.left, term.right)]
            _add_product(total, weight, parts[0], parts[1], term.left is term.right)
    return total


def _gradients(page: Ledger, at: Reading, size: int) -> dict[Node, Model]:
    """Return models (entries, size) of the gradients of the operands that are not affine."""
    if not page.slopes:
        return {}
    graphs = list(page.slopes.values())
    along = depends_on(graphs, list(page.directions.values()))
    keep = {n for n in topological(graphs) if n not in along}
    columns: dict[Node, list[Model]] = {o: [] for o in page.slopes}
    start = 0
    for node in page.directions:
        for k in range(node.size):
            unit = {}
            for other in page.directions:
                values = np.zeros(other.size)
                if other is node:
                    values[k] = 1.0
                unit[DIRECTION + other.params["name"]] = models.known(
                    at.of, values.reshape(other.shape))
            one = at.along(unit, keep, start + k)
            for operand, graph in page.slopes.items():
                columns[operand].append(one[graph])
            at.found.update({n: m for n, m in one.found.items() if n in keep})
        start += node.size
    assert start == size
    return {o: _stacked(c, o.size) for o, c in columns.items()}


def _stacked(columns: list[Model], entries: int) -> Model:
    of = columns[0].of
    terms = np.stack([np.broadcast_to(c.terms, (of.size, *c.rest.shape)).reshape(
        of.size, entries) for c in columns], axis=2)
    return Model(of, terms, np.stack([c.rest.reshape(entries) for c in columns], axis=1))


def _constant(of: Space, middle: Array, radius: Array) -> Model:
    model = models.known(of, middle[0])
    return Model(of, model.terms, radius[0])


def _add_square(total: _Matrix, weight: Model, u: Array, ru: Array) -> None:
    """Add sum of c u u^T with a fixed gradient u: what c may lack is a loss of the same shape."""
    count = max(len(u), weight.rest.size)
    terms = np.broadcast_to(weight.terms.reshape(weight.of.size, -1), (weight.of.size, count))
    rest = np.broadcast_to(weight.rest.ravel(), (count,))
    u, ru = (np.broadcast_to(x, (count, x.shape[1])) for x in (u, ru))
    size = np.abs(terms).sum(axis=0) + 2 * rest
    off = np.einsum("k,ki,kj->ij", size, np.abs(u) + ru, ru)
    off = off + off.T
    off = off + np.einsum("k,ki,kj->ij", size, np.abs(u), np.abs(u)) * ((count + 16) * 4 * EPS)
    total.terms += np.einsum("mk,ki,kj->mij", terms, u, u)
    total.loss += np.einsum("k,ki,kj->ij", rest, u, u)
    total.radius += off * (1 + 1e-9)


def _add_product(total: _Matrix, weight: Model, u: Model, v: Model, square: bool) -> None:
    """Add sum of c u v^T (and its transpose) with gradients that move."""
    count = max(u.rest.shape[0], v.rest.shape[0], weight.rest.size)
    of = weight.of
    c = Model(of, np.broadcast_to(weight.terms.reshape(of.size, -1, 1), (of.size, count, 1)),
              np.broadcast_to(weight.rest.reshape(-1, 1), (count, 1)))
    left = models.multiply(c, u)
    pair = models.multiply(
        Model(of, left.terms[..., None], left.rest[..., None]),
        Model(of, v.terms[:, :, None, :], v.rest[:, None, :]))
    found = models.mapped(pair, lambda t: t.sum(axis=1), lambda t: t.sum(axis=1), count)
    twice = 0.0 if square else 1.0
    total.terms += found.terms + twice * np.swapaxes(found.terms, 1, 2)
    total.radius += (found.rest + twice * found.rest.T) * (1 + 1e-9)


# ---------------------------------------------------------------- the verdict
def _judged(total: _Matrix, of: Space, names: list[tuple[str, int]]) -> Found:
    middle = 0.5 * (total.terms + np.swapaxes(total.terms, 1, 2))
    radius = np.maximum(total.radius, total.radius.T)
    model = Model(of, middle, radius + 8 * EPS * np.abs(total.terms).sum(axis=0))
    points, off = models.controls(model)
    loss = 0.5 * (total.loss + total.loss.T)
    off = np.maximum(off, off.T) + np.abs(loss) * 64 * EPS
    shift = np.diag(off.sum(axis=1) * (1 + 1e-9))
    matrices = points - loss - shift
    values, vectors = np.linalg.eigh(matrices)
    worst = int(np.argmin(values[:, 0]))
    margin = float(values[worst, 0])
    proved = margin > 0 and _all_positive(matrices)
    return Found(proved, margin, None if proved else _cut(model, vectors[worst, :, 0], names))


def _all_positive(matrices: Array) -> bool:
    """Prove every one of symmetric float matrices positive definite."""
    size = matrices.shape[1]
    trace = np.abs(np.diagonal(matrices, axis1=1, axis2=2)).sum(axis=1)
    work = matrices - (4 * (size + 4) * EPS * trace + 1e-290)[:, None, None] * np.eye(size)
    work = work.copy()
    for k in range(size):
        pivot = work[:, k, k]
        if not np.all(pivot > 0):
            return False
        root = np.sqrt(pivot)
        column = work[:, k + 1:, k] / root[:, None]
        work[:, k + 1:, k + 1:] -= column[:, :, None] * column[:, None, :]
    return bool(np.isfinite(work).all())


def _cut(model: Model, way: Array, names: list[tuple[str, int]]) -> tuple[str, int]:
    """Return the coordinate whose higher powers move the worst direction most."""
    bent = np.abs(np.einsum("mij,i,j->m", model.terms, way, way))
    powers = model.of.powers
    high = bent * (powers.sum(axis=1) >= 2)
    return names[int(np.argmax((high[:, None] * powers).sum(axis=0)))]
