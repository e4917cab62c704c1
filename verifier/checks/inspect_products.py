"""The Hessian of a net too large for the whole matrix: products with vectors, in balls.

Directions are found in floats (the gradient, a random one, the most and the least curved by a few
Lanczos steps); the curvature along each is then enclosed. A curvature along one direction bounds
the largest eigenvalue from below and the smallest from above, and a negative one settles that the
Hessian is not positive semidefinite.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..errors import CannotLower
from ..graph.node import Node
from ..numerals.balls import Balls, plain, precision
from ..primitives.linear import sum_over
from ..readers.hessian import curvature, hessian_vector
from ..readers.roundoff import floats
from ..readers.slope import slope
from ..readers.value import read
from ..search.floats import values_of
from .findings import short
from .request import Request
from .subject import Here

Array = np.ndarray
LARGEST_GRAPH = 10**6  # parameters beyond which not even products are read
STEPS = 12  # Lanczos steps for the most and the least curved direction
BITS = 128
BLOCKS = 8  # arguments up to which pairs without a path are named


def products(request: Request, here: Here, size: int) -> Iterator[str]:
    """Tell the curvature along some directions, without the matrix."""
    assert here.output is not None and here.road.lifted is not None
    if here.value.size != 1:
        yield f"the function returns {here.value.size} values: of their sum"
    output = sum_over(here.output)
    wrt = {k: here.road.lifted.inputs[k] for k in here.wrt}
    yield from _without_path(output, wrt)
    yield f"{size} numbers to differentiate by: products with vectors instead of the full matrix"
    if size > LARGEST_GRAPH:
        return
    for name, direction, meaning in _directions(request, here, output, wrt):
        length = float(sum(np.sum(v**2) for v in direction.values()))
        if not length or not np.isfinite(length):
            continue
        with precision(BITS):
            product = hessian_vector(output, wrt, here.leaves, Balls(BITS), direction)
            bent = sum((v * float(w) for k, p in product.items()
                        for v, w in zip(plain(p).ravel().tolist(), direction[k].ravel().tolist(),
                                        strict=True)), start=plain(np.array([0]))[0])
            yield f"  curvature along {name}: {short(bent / length)}{_meaning(bent, meaning)}"


def _meaning(bent: Any, meaning: str) -> str:
    if bent < 0:
        return ", negative: the Hessian is not positive semidefinite"
    return meaning


def _directions(
    request: Request, here: Here, output: Node, wrt: Mapping[str, Node]
) -> Iterator[tuple[str, dict[str, Array], str]]:
    with precision(BITS):
        graphs = dict(zip(wrt, slope(output, list(wrt.values())), strict=True))
        reading = read(graphs.values(), here.leaves, Balls(BITS))
        yield "the gradient", {k: floats(plain(np.broadcast_to(reading[g], g.shape)))
                               for k, g in graphs.items()}, ""
    random = np.random.default_rng([request.seed, 11])
    start = {k: random.choice([-1.0, 1.0], size=v.shape) for k, v in wrt.items()}
    yield "a random direction", start, ""
    try:
        ends = _extreme(output, wrt, here.leaves, start)
    except (CannotLower, np.linalg.LinAlgError):
        return
    for (name, meaning), direction in zip((
        ("the least curved direction found", ""),
        ("the most curved direction found", ": the largest eigenvalue is at least this"),
    ), ends, strict=False):
        yield name, direction, meaning


def _extreme(
    output: Node, wrt: Mapping[str, Node], leaves: Mapping[str, Array], start: dict[str, Array]
) -> list[dict[str, Array]]:
    """Return the directions of the smallest and the largest Ritz value (Lanczos 1950)."""
    steps, product = curvature(output, wrt)
    names = {k: v.params["name"] for k, v in steps.items()}

    def times(vector: Array) -> Array:
        bound = {names[k]: part for k, part in _apart(vector, wrt).items()}
        found = values_of(tuple(product.values()), {**leaves, **bound})
        return np.concatenate([np.broadcast_to(v, wrt[k].shape).ravel()
                               for k, v in zip(product, found, strict=True)]).astype(float)

    basis = [_joined(start) / np.sqrt(sum(v.size for v in start.values()))]
    images = []
    for _ in range(min(STEPS, basis[0].size)):
        images.append(times(basis[-1]))
        rest = images[-1].copy()
        for v in basis * 2:  # twice: orthogonal to rounding
            rest -= (v @ rest) * v
        length = np.linalg.norm(rest)
        if not np.isfinite(length) or length <= 1e-12 * np.linalg.norm(images[-1]):
            break
        basis.append(rest / length)
    vectors = np.array(basis[:len(images)])
    small = vectors @ np.array(images).T
    if not np.isfinite(small).all():
        return []
    _, ritz = np.linalg.eigh((small + small.T) / 2)
    return [_apart(ritz[:, place] @ vectors, wrt) for place in (0, -1)]


def _joined(parts: Mapping[str, Array]) -> Array:
    return np.concatenate([v.ravel() for v in parts.values()])


def _apart(vector: Array, wrt: Mapping[str, Node]) -> dict[str, Array]:
    ends = np.cumsum([0, *(v.size for v in wrt.values())])
    return {k: vector[ends[i]:ends[i + 1]].reshape(v.shape) for i, (k, v) in enumerate(wrt.items())}


def _without_path(output: Node, wrt: Mapping[str, Node]) -> Iterator[str]:
    """Name the blocks that are zero on every piece because nothing connects the arguments."""
    if len(wrt) > BLOCKS:
        return
    names = list(wrt)
    absent = []
    try:
        for i, (name, first) in enumerate(zip(names, slope(output, list(wrt.values())),
                                              strict=True)):
            seconds = slope(first, [wrt[k] for k in names[i:]]) if first.op != "zero" else ()
            absent += [f"{name},{other}" for other, node in zip(names[i:], seconds, strict=False)
                       if node.op == "zero"]
            absent += [f"{name},{other}" for other in names[i:]] if first.op == "zero" else []
    except CannotLower:
        return
    if absent:
        yield f"blocks that are zero on every piece, by structure: {'; '.join(absent)}"
