"""What does the Hessian look like at a point? Entries, and which of them are zero by structure.

The gradient's gradient is read along one unit direction after another. The rest of a direction is
not a number 0 but the structural zero: what it reaches without meeting anything else is zero
because there is no path, whatever the numbers are (SOUNDNESS 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graph.node import Node
from ..graph.order import depends_on, topological
from ..numerals.balls import Balls
from ..numerals.tokens import UNDECIDED, ZERO
from .directions import step
from .slope import slope, slopes
from .value import Numeral, Reading, read

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Hessian:
    """A Hessian at one point, arguments joined in order, each in C order.

    `entries` are rationals or balls, with the token ZERO where there is no path at this point;
    `by_graph` marks those that have no path on any piece. `places` says where each argument is.
    """

    places: Mapping[str, slice]
    entries: Array
    by_graph: Array
    numeral: Numeral

    @property
    def size(self) -> int:
        return int(self.entries.shape[0])

    @property
    def structural(self) -> Array:
        """Where an entry is zero by structure at this point."""
        return tokens(self.entries)

    @property
    def numbers(self) -> Array:
        """The entries with plain zeros instead of structural ones."""
        nought = self.numeral.exact(np.zeros(()))[()]
        return np.asarray(np.where(self.structural, nought, self.entries), dtype=object)


def tokens(array: Array) -> Array:
    """Return where an array holds the structural zero."""
    return np.asarray(_is_token(array), dtype=bool)


_is_token = np.frompyfunc(lambda v: v is ZERO, 1, 1)


@dataclass(frozen=True, slots=True)
class Present:
    """Another numeral, in which a matrix product keeps structural zeros."""

    inner: Any

    def exact(self, array: Any) -> Array:
        found: Array = self.inner.exact(array)
        return found

    def constant(self, array: Any) -> Array:
        found: Array = self.inner.constant(array)
        return found

    def scalar(self, row: Any, arrays: tuple[Array, ...]) -> Array:
        found: Array = self.inner.scalar(row, arrays)
        return found

    def matmul(self, a: Array, b: Array) -> Array:
        product = self.inner.matmul(a, b)
        paths = np.matmul((~tokens(a)).astype(np.int64), (~tokens(b)).astype(np.int64))
        out = np.array(product, dtype=object)
        out[paths == 0] = ZERO
        return out

    def matrix(self, op: str, arrays: tuple[Array, ...]) -> Array:
        if op == "solve" and tokens(arrays[1]).all():
            return np.full(arrays[1].shape, ZERO, dtype=object)
        found: Array = self.inner.matrix(op, arrays)
        return found

    def settle(self, array: Array, absent: bool) -> Array:
        found: Array = self.inner.settle(array, True)
        return found

    def strictly(self, a: Any, b: Any) -> tuple[bool | None, bool]:
        found: tuple[bool | None, bool] = self.inner.strictly(a, b)
        return found

    def hull(self, a: Any, b: Any) -> Any:
        return self.inner.hull(a, b)

    def guess(self, value: Any) -> float:
        return float(self.inner.guess(value))

    def finite(self, value: Any) -> bool:
        return bool(self.inner.finite(value))


def curvature(output: Node, wrt: Mapping[str, Node]) -> tuple[dict[str, Node], dict[str, Node]]:
    """Return (direction inputs, Hessian times direction) by argument, as graphs."""
    gradient = slope(output, list(wrt.values()))
    steps = {k: step(k, v) for k, v in wrt.items()}
    pairs = [(g, steps[k]) for k, g in zip(wrt, gradient, strict=True) if g.op != "zero"]
    if not pairs:
        return steps, {k: slope(v, [v], v)[0] * 0.0 for k, v in steps.items()}
    return steps, dict(zip(wrt, slopes(pairs, list(wrt.values())), strict=True))


def places_of(wrt: Mapping[str, Node]) -> dict[str, slice]:
    """Return where each argument stands when all are joined."""
    ends = np.cumsum([0, *(v.size for v in wrt.values())])
    return {k: slice(int(ends[i]), int(ends[i + 1])) for i, k in enumerate(wrt)}


def hessian(
    output: Node, wrt: Mapping[str, Node], bindings: Mapping[str, Any], numeral: Numeral,
    by_graph: Array | None = None,
) -> Hessian:
    """Return the Hessian of a graph with one value at a point. Raises CannotLower, NotRational.

    `by_graph` is that of an earlier reading of the same graph.
    """
    steps, product = curvature(output, wrt)
    known = read(apart(product.values(), steps.values()), bindings, numeral)
    entries = columns(product, steps, bindings, numeral, known)
    absent = pathless(output, wrt, bindings) if by_graph is None else by_graph
    return Hessian(places_of(wrt), entries, absent, numeral)


def pathless(output: Node, wrt: Mapping[str, Node], bindings: Mapping[str, Any]) -> Array:
    """Return which entries of the Hessian are zero on every piece: there is no path to them."""
    steps, product = curvature(output, wrt)
    balls = Balls(64)
    loose = read(apart(product.values(), steps.values()), bindings, balls,
                 Reading(_undecided(product.values(), wrt.values())))
    return tokens(columns(product, steps, bindings, balls, loose))


def apart(outputs: Iterable[Node], directions: Iterable[Node]) -> list[Node]:
    """Return the nodes that do not depend on the direction: they are read once."""
    wanted = list(outputs)
    touched = depends_on(wanted, directions)
    return [n for n in topological(wanted) if n not in touched]


def _undecided(outputs: Iterable[Node], inputs: Iterable[Node]) -> dict[Node, Array]:
    """Leave every decision open: what is a structural zero then is one on every piece."""
    wanted = list(outputs)
    touched = depends_on(wanted, inputs)
    return {n: np.full(n.shape, UNDECIDED, dtype=object) for n in topological(wanted)
            if n in touched and n.dtype == "bool" and n.op not in ("input", "constant")}


def columns(
    product: Mapping[str, Node], steps: Mapping[str, Node], bindings: Mapping[str, Any],
    numeral: Numeral, known: Reading,
) -> Array:
    """Return the product along every unit direction, a column each; steps in order."""
    places = places_of(steps)
    total = sum(v.size for v in steps.values())
    one = numeral.exact(np.ones(()))[()]
    rows = sum(v.size for v in product.values())
    out = np.empty((rows, total), dtype=object)
    for place in range(total):
        flat = np.full(total, ZERO, dtype=object)
        flat[place] = one
        reading = Reading(dict(known.values), dict(known.ties))
        for k, node in steps.items():
            reading.values[node] = flat[places[k]].reshape(node.shape)
        read(product.values(), bindings, Present(numeral), reading)
        out[:, place] = np.concatenate([np.broadcast_to(reading[g], g.shape).ravel()
                                        for g in product.values()])
    return out


def hessian_vector(
    output: Node, wrt: Mapping[str, Node], bindings: Mapping[str, Any], numeral: Numeral,
    direction: Mapping[str, Any],
) -> dict[str, Array]:
    """Return the Hessian times one direction (floats by argument), without the Hessian."""
    steps, product = curvature(output, wrt)
    named = {steps[k].params["name"]: np.asarray(v) for k, v in direction.items()}
    reading = read(product.values(), {**bindings, **named}, numeral)
    return {k: np.broadcast_to(reading[g], g.shape) for k, g in product.items()}


__all__ = ["Hessian", "columns", "hessian", "hessian_vector", "pathless", "places_of"]
