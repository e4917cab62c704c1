"""Along which lines may convexity fail? Negative directions of Hessians, at points of the domain.

At a point the Hessian is read in balls, one product with a direction at a time; its eigenvector of
the least eigenvalue is only a hint. A quadratic form gives its direction by exact elimination.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from flint import fmpq

from ..errors import VerifierError
from ..graph.node import Node, apply, constant, variable
from ..graph.order import topological
from ..numerals.balls import Balls, precision
from ..primitives.linear import sum_over
from ..readers.ledger import shares, weigh
from ..readers.ledger_terms import ledger
from ..readers.polynomials import BEYOND, dyadic, hessian, negative_direction
from ..readers.signs import Book, Box
from ..readers.slope import slope, slopes
from ..readers.value import read
from ..search.points import propose
from ..search.white_box import white_points
from ..settings import Settings
from .convexity_scene import Scene
from .convexity_witness import Hunt

Array = np.ndarray
Point = dict[str, Array]
MOST_COLUMNS = 24  # of a Hessian that is read whole; beyond it power iteration finds the least
ROUNDS = 12
POINTS = 24
LINE_POINTS = 160
HINT_BITS = 64
SWITCHES = 32  # points at zeros of guards that lines are laid through
AXES = 6
TAG = "along "


def exact_lines(stage: Scene, book: Book, target: Node) -> Iterator[tuple[Point, Point]]:
    """Yield a line through the middle of the box along which a quadratic form falls."""
    forms = book.polynomials.get(target)
    if forms is None or forms.ravel()[0] is BEYOND or book.size > 200:
        return
    found = negative_direction(hessian(forms.ravel()[0], book.size))
    if found is not None:
        yield _centre(stage), _split(stage, _scaled(found))


def _scaled(direction: Sequence[fmpq]) -> Array:
    most = max(abs(v) for v in direction)
    return np.array([dyadic(v / most, 50) for v in direction])


def _centre(stage: Scene) -> Point:
    point = dict(stage.here.leaves)
    for name in stage.names:
        box: Box = stage.domain[name]
        low = np.where(np.isfinite(box.low), box.low, np.minimum(box.high, 1.0) - 1.0)
        high = np.where(np.isfinite(box.high), box.high, np.maximum(low, -1.0) + 1.0)
        point[name] = np.asarray(0.5 * low + 0.5 * high, dtype=point[name].dtype)
    return point


def _split(stage: Scene, flat: Array) -> Point:
    out, start = {}, 0
    for name in stage.names:
        leaf = stage.here.leaves[name]
        out[name] = flat[start:start + leaf.size].reshape(leaf.shape)
        start += leaf.size
    return out


def hessian_lines(
    hunt: Hunt, stage: Scene, target: Node, more: Sequence[Point]
) -> Iterator[tuple[Point, Point]]:
    """Yield (point, direction) where the Hessian of `target` looks negative, worst first."""
    gradient = slope(target, stage.moved)
    ways = tuple(variable(TAG + m.params["name"], m.shape) for m in stage.moved)
    pairs = [(apply("multiply", g, w), None) for g, w in zip(gradient, ways, strict=True)]
    total = pairs[0][0] if len(pairs[0][0].shape) == 0 else sum_over(pairs[0][0])
    for part, _ in pairs[1:]:
        total = total + (sum_over(part) if part.shape else part)
    products = slopes([(total, constant(1.0))], stage.moved)
    found: list[tuple[float, int, Point, Point]] = []
    for point in _points(hunt, stage, more):
        least, way = _least(stage, products, point)
        if way is not None and least < 0:
            found.append((least, len(found), point, _split(stage, way)))
    for _, _, point, direction in sorted(found, key=lambda f: f[:2])[:6]:
        yield point, direction


def _points(hunt: Hunt, stage: Scene, more: Sequence[Point]) -> Iterator[Point]:
    """Yield suggested points first, then those of the tour, then points inside the box."""
    base = dict(stage.here.leaves)
    for point in more:
        yield {k: np.asarray(point.get(k, v), dtype=v.dtype) for k, v in base.items()}
    yield _centre(stage)
    shapes = {k: base[k].shape for k in hunt.domains if k in base}
    kind = base[stage.names[0]].dtype.name
    size = sum(base[n].size for n in stage.names)
    count = LINE_POINTS if size == 1 else POINTS
    for point in propose(hunt.domains, shapes, kind, hunt.request.seed + 1, count):
        yield {**base, **point}


def _least(stage: Scene, products: Sequence[Node], point: Point) -> tuple[float, Array | None]:
    """Return the least eigenvalue of the Hessian at a point with its vector, in floats."""
    size = sum(m.size for m in stage.moved)
    try:
        if size > MOST_COLUMNS:
            return _iterated(stage, products, point, size)
        columns = [_times(stage, products, point, e) for e in np.eye(size)]
    except VerifierError:
        return 0.0, None
    matrix = np.array(columns)
    if not np.all(np.isfinite(matrix)):
        return 0.0, None
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return float(values[0]), vectors[:, 0]


def _iterated(
    stage: Scene, products: Sequence[Node], point: Point, size: int
) -> tuple[float, Array | None]:
    """Return the same from a small Krylov space (Golub and Van Loan 2013, section 10.1)."""
    random = np.random.default_rng(size)
    basis = [random.normal(size=size)]
    images = []
    for _ in range(ROUNDS):
        vector = basis[-1]
        for old in basis[:-1]:
            vector = vector - old * (old @ vector)
        norm = float(np.linalg.norm(vector))
        if norm < 1e-9:
            basis.pop()
            break
        basis[-1] = vector / norm
        images.append(_times(stage, products, point, basis[-1]))
        if not np.all(np.isfinite(images[-1])):
            return 0.0, None
        basis.append(images[-1])
    spanned = np.array(basis[:len(images)])
    small = spanned @ np.array(images).T
    values, vectors = np.linalg.eigh((small + small.T) / 2)
    return float(values[0]), vectors[:, 0] @ spanned


def _times(stage: Scene, products: Sequence[Node], point: Point, way: Array) -> Array:
    bindings = dict(point)
    for name, part in _split(stage, way).items():
        bindings[TAG + name] = np.asarray(part, dtype=float)
    with precision(HINT_BITS):
        reading = read(products, bindings, Balls(HINT_BITS))
    return np.concatenate([[_near(v) for v in reading[p].ravel().tolist()] for p in products])


def _near(value: Any) -> float:
    if not hasattr(value, "mid"):
        return 0.0
    return float(value.mid()) if value.is_finite() else float("nan")


def kink_lines(
    hunt: Hunt, stage: Scene, target: Node, numbers: Settings
) -> Iterator[tuple[Point, Point]]:
    """Yield lines through points at which the graph itself switches: a slope may drop there."""
    starts = [_centre(stage), dict(stage.here.leaves)]
    random = np.random.default_rng([hunt.request.seed, 9])
    size = sum(m.size for m in stage.moved)
    found = white_points([target], starts, hunt.domains, numbers, seed=hunt.request.seed)
    for point in itertools.islice(found, SWITCHES):
        whole = {**stage.here.leaves, **{k: np.asarray(v) for k, v in point.items()}}
        for flat in (*np.eye(size)[:AXES], *random.normal(size=(2 if size > 1 else 0, size))):
            yield whole, _split(stage, flat)


# ---------------------------------------------------------------- who is to blame
def blamed(
    stage: Scene, book: Book, target: Node, at: Point, way: Point
) -> tuple[tuple[Node, float], ...]:
    """Return the nodes whose terms of the ledger are negative along a direction, worst first."""
    page = ledger(target, stage.moved, book)
    if page.missing:
        return ()
    names = [n.params["name"] for n in topological([target]) if n.op == "input"]
    boxes = {k: (np.asarray(at[k], float)[None],) * 2 for k in names}
    flat = np.concatenate([np.asarray(way[n], dtype=float).ravel() for n in stage.names])
    found = shares(book, page, boxes, flat)
    return tuple(sorted(((n, v) for n, v in found.items() if v < 0), key=lambda f: f[1]))


def kinks_between(
    stage: Scene, book: Book, target: Node, left: Point, right: Point
) -> tuple[Node, ...]:
    """Return the nodes with a kink on the box of a chord that may bend the wrong way."""
    page = ledger(target, stage.moved, book)
    if page.missing:
        return ()
    names = [n.params["name"] for n in topological([target]) if n.op == "input"]
    boxes = {k: (np.minimum(left[k], right[k]).astype(float)[None],
                 np.maximum(left[k], right[k]).astype(float)[None]) for k in names}
    kinked = {k.node for k in page.kinks}
    return tuple(n for n in weigh(book, page, boxes).blame if n in kinked)
