"""The Hessian of a net too large for the whole matrix: products with vectors, in balls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..numerals.balls import Balls, plain, precision
from ..readers.hessian import hessian_vector
from ..readers.roundoff import floats
from ..readers.slope import slope
from ..readers.value import read
from .findings import short
from .request import Request
from .subject import Here

LARGEST_GRAPH = 10**6  # parameters beyond which not even products are read


def products(request: Request, here: Here, size: int) -> Iterator[str]:
    """Curvature along the gradient and along a random direction, without the matrix."""
    assert here.output is not None and here.road.lifted is not None
    yield f"{size} parameters: products with vectors instead of the full matrix"
    if size > LARGEST_GRAPH:
        return
    wrt = {k: here.road.lifted.inputs[k] for k in here.wrt}
    random = np.random.default_rng([request.seed, 11])
    directions = {"a random direction": {
        k: random.choice([-1.0, 1.0], size=v.shape) for k, v in wrt.items()}}
    with precision(128):
        graphs = dict(zip(wrt, slope(here.output, list(wrt.values())), strict=True))
        reading = read(graphs.values(), here.leaves, Balls(128))
        gradient = {k: floats(plain(np.broadcast_to(reading[g], g.shape)))
                    for k, g in graphs.items()}
        directions = {"the gradient": gradient, **directions}
        for name, d in directions.items():
            product = hessian_vector(here.output, wrt, here.leaves, Balls(128), d)
            bent = sum((v * float(w) for k, p in product.items()
                        for v, w in zip(plain(p).ravel().tolist(), d[k].ravel().tolist(),
                                        strict=True)), start=plain(np.array([0]))[0])
            length = float(sum(np.sum(v**2) for v in d.values()))
            if length:
                yield f"  curvature along {name}: {short(bent / length)}{_meaning(bent)}"


def _meaning(bent: Any) -> str:
    return ", negative: the Hessian is not positive semidefinite" if bent < 0 else ""
