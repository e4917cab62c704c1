"""How does one row pass a radius on, and what does it add? Arithmetic, functions, sums, moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb

from ..graph.node import Node
from ..primitives.linear import LINEAR
from ..primitives.table import SCALARS
from .roundoff import DIGITS, LEAST, Budget, gamma, unit

Array = np.ndarray
Spread = tuple[Any, Any]


def rounded(node: Node, found: Budget, ulps: float = 1.0) -> Array:
    """Return half an ulp (times `ulps`) of the node's value, and half the least subnormal."""
    own: Array = ulps * unit(node.dtype) * np.abs(found.mid(node)) + LEAST.get(node.dtype, 5e-324)
    return own


def inputs_of(node: Node, found: Budget) -> list[tuple[Array, Array]]:
    return [(np.abs(found.mid(i)), found.radius[i]) for i in node.inputs]


def _add(node: Node, found: Budget) -> Spread:
    (_, ra), (_, rb) = inputs_of(node, found)
    return ra + rb, unit(node.dtype) * (np.abs(found.mid(node)) + ra + rb)


def _multiply(node: Node, found: Budget) -> Spread:
    (a, ra), (b, rb) = inputs_of(node, found)
    passed = _times(a, rb) + _times(b, ra) + _times(ra, rb)
    exact = _powers_of_two(node, found)
    return passed, 0.0 if exact else rounded(node, found) + unit(node.dtype) * passed


def _powers_of_two(node: Node, found: Budget) -> bool:
    """Tell whether a factor is +-1: such a product is exact."""
    return any(i.op == "constant" and i.shape == () and abs(float(i.params["value"])) == 1.0
               for i in node.inputs)


def _times(a: Array, r: Array) -> Array:
    """Multiply sizes; an infinite radius on either side stays infinite (nan becomes inf later)."""
    return np.where(r == 0, 0.0, a * r)


def _divide(node: Node, found: Budget) -> Spread:
    (_, ra), (b, rb) = inputs_of(node, found)
    y = np.abs(found.mid(node))
    room = b - rb
    passed = np.where(room > 0, (ra + _times(y, rb)) / room, np.inf)
    passed = np.where((ra == 0) & (rb == 0), 0.0, passed)
    return passed, rounded(node, found) + unit(node.dtype) * passed


def _copied(node: Node, found: Budget) -> Spread:
    return found.radius[node.inputs[0]], 0.0


def _larger(node: Node, found: Budget) -> Spread:
    (_, ra), (_, rb) = inputs_of(node, found)
    return np.maximum(ra, rb), 0.0


def _scalar(node: Node, found: Budget) -> Spread:
    """Any other row: evaluate it on the widened inputs, add the library's measured error."""
    row = SCALARS[node.op]
    inputs = [found.reading.values[i] for i in node.inputs]
    radii = [found.radius[i] for i in node.inputs]
    width = np.frompyfunc(_width(row.balls), 1 + 2 * len(inputs), 1)
    passed = np.asarray(width(found.reading.values[node], *inputs, *radii), dtype=float)
    stated = row.ulps.get(node.dtype)
    if stated is None:
        return passed, np.inf
    own = rounded(node, found, 2 * stated.relative) + unit(node.dtype) * (
        2 * stated.relative * passed + 2 * stated.absolute)
    return passed, own


def _width(function: Callable[..., Any]) -> Callable[..., float]:
    def one(y: Any, *rest: Any) -> float:
        count = len(rest) // 2
        radii = rest[count:]
        if not any(radii):
            return 0.0
        if not all(np.isfinite(r) for r in radii):
            return float("inf")
        wide = [x + arb(0, float(r)) for x, r in zip(rest[:count], radii, strict=True)]
        spread = function(*wide) - y
        return float(spread.abs_upper()) if spread.is_finite() else float("inf")

    return one


def _sum(node: Node, found: Budget) -> Spread:
    ((x, r),) = inputs_of(node, found)
    axis = node.params["axis"]
    terms = int(np.prod([node.inputs[0].shape[a] for a in axis], dtype=np.int64))
    passed = r.sum(axis=axis)
    return passed, gamma(max(terms - 1, 0), node.dtype) * (x.sum(axis=axis) + passed)


def _cumsum(node: Node, found: Budget) -> Spread:
    ((x, r),) = inputs_of(node, found)
    axis = node.params["axis"]
    passed = np.cumsum(r, axis=axis)
    share = gamma(max(node.shape[axis] - 1, 0), node.dtype)
    return passed, share * (np.cumsum(x, axis=axis) + passed)


def _matmul(node: Node, found: Budget) -> Spread:
    (a, ra), (b, rb) = inputs_of(node, found)
    passed = np.zeros(node.shape)
    if rb.any():
        passed = passed + a @ rb
    if ra.any():
        passed = passed + ra @ b
        if rb.any():
            passed = passed + ra @ rb
    size = a @ b
    terms = a.shape[-1]
    return passed, gamma(terms, node.dtype) * (size + passed) + terms * LEAST.get(node.dtype, 0.0)


def _moved(node: Node, found: Budget) -> Spread:
    """Structural rows move radii as they move numbers."""
    evaluate = LINEAR[node.op].evaluate
    assert evaluate is not None
    passed = evaluate(node, *(found.radius[i] for i in node.inputs))
    if node.op != "scatter":
        return passed, 0.0
    size = evaluate(node, *(np.abs(found.mid(i)) for i in node.inputs))
    count = evaluate(node, np.ones(node.inputs[0].shape))
    most = int(count.max()) if count.size else 0
    return passed, gamma(max(most - 1, 0), node.dtype) * (size + passed)


def _cast(node: Node, found: Budget) -> Spread:
    source = node.inputs[0]
    narrower = DIGITS.get(node.dtype, 53) < DIGITS.get(source.dtype, 53)
    return found.radius[source], rounded(node, found) if narrower else 0.0


RULES: dict[str, Callable[[Node, Budget], Spread]] = {
    "add": _add, "subtract": _add, "multiply": _multiply, "divide": _divide,
    "negative": _copied, "absolute": _copied, "relu": _copied,
    "maximum": _larger, "minimum": _larger, "sum": _sum, "cumsum": _cumsum, "matmul": _matmul,
    **dict.fromkeys(("reshape", "transpose", "broadcast", "gather", "scatter"), _moved),
    "cast": _cast,
}


def scalar(node: Node, found: Budget) -> Spread:
    """Return the rule of a row without one of its own: its balls on the widened inputs."""
    return _scalar(node, found)
