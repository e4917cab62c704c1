"""What does Gauss-Newton see? J' H J, with H the curvature of the loss by its residuals only.

The loss is split at a node through which all its arguments pass: the residual that is squared, or
the output of the last linear layer (the logits). Sums of terms, such as a penalty, are split term
by term (Schraudolph 2002; Martens 2020, section 8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graph.node import Node, variable
from ..graph.order import depends_on, topological
from ..primitives.linear import sum_over
from .directions import directional, step
from .hessian import apart, columns, pathless, tokens
from .slope import slope, slopes
from .value import Numeral, Reading, read

Array = np.ndarray
VECTOR = "verifier residual"
_SCALING = frozenset({"reshape", "cast", "negative", "broadcast"})
_ADDING = frozenset({"add", "subtract"})


@dataclass(frozen=True, slots=True)
class Split:
    """Where one term of a loss is split: `inner` is the residual or the logits."""

    term: Node
    inner: Node
    squared: bool


def splits(output: Node, wrt: Mapping[str, Node]) -> tuple[Split, ...]:
    """Return how the loss is split, term by term; () where a term has no such node."""
    touched = depends_on([output], wrt.values())
    found = []
    for term in _terms(output, touched):
        inner = _split(term, touched, set(wrt.values()))
        if inner is None:
            return ()
        found.append(inner)
    return tuple(found)


def _terms(node: Node, touched: set[Node]) -> list[Node]:
    """Take a sum with one value apart, through factors that do not move."""
    if node not in touched:
        return []
    moving = [i for i in node.inputs if i in touched]
    if node.size == 1 and node.op in _ADDING and all(i.size == 1 for i in node.inputs):
        return [t for i in dict.fromkeys(node.inputs) for t in _terms(i, touched)]
    passed = node.op in _SCALING or node.op in ("multiply", "divide")
    if passed and len(moving) == 1 and moving[0].size == 1 and moving[0] is node.inputs[0]:
        return _terms(moving[0], touched)
    if node.op == "multiply" and len(moving) == 1 and moving[0].size == 1:
        return _terms(moving[0], touched)
    return [node]


def _dominators(term: Node, touched: set[Node], leaves: set[Node]) -> list[Node]:
    """Return the nodes through which every path from the arguments to `term` passes, top down."""
    frontier, found = {term}, []
    for node in reversed(topological([term])):
        if node not in frontier:
            continue
        if len(frontier) == 1:
            found.append(node)
        if node in leaves:
            break
        frontier.remove(node)
        frontier |= {i for i in node.inputs if i in touched}
    return found


def _split(term: Node, touched: set[Node], leaves: set[Node]) -> Split | None:
    chain = _dominators(term, touched, leaves)
    for place, node in enumerate(chain):
        (back,) = slope(term, [node]) if node is not term else (None,)
        if back is None or back.op == "zero":
            continue
        (bent,) = slopes([(back, variable(VECTOR, node.shape, node.dtype))], [node])
        if bent.op == "zero":
            continue
        squared = any(_squares(user, node) for user in topological([term]))
        if squared:
            return Split(term, node, True)
        linear = next((n for n in chain[place:] if is_linear_layer(n)), None)
        return None if linear is None else Split(term, linear, False)
    return None


def _squares(user: Node, node: Node) -> bool:
    if user.op == "square" or (user.op in ("multiply", "matmul") and len(user.inputs) == 2):
        return all(_bare(i) is node for i in user.inputs)
    if user.op == "power" and _bare(user.inputs[0]) is node:
        exponent = user.inputs[1]
        return exponent.op == "constant" and bool(np.all(exponent.params["value"] == 2))
    return False


def _bare(node: Node) -> Node:
    while node.op in ("reshape", "cast", "transpose", "broadcast"):
        node = node.inputs[0]
    return node


def is_linear_layer(node: Node) -> bool:
    """Tell whether a node is what a product with a matrix returns, a bias added or not."""
    if node.op in _ADDING:
        return any(_bare(i).op == "matmul" for i in node.inputs)
    return _bare(node).op == "matmul"


def gauss_newton(
    output: Node, wrt: Mapping[str, Node], bindings: Mapping[str, Any], numeral: Numeral,
    found: tuple[Split, ...],
) -> Array:
    """Return the Gauss-Newton matrix at a point, arguments joined as in the Hessian."""
    total: Array | None = None
    for split in found:
        part = _one(output, wrt, bindings, numeral, split)
        total = part if total is None else total + part
    assert total is not None
    return total


def _one(
    output: Node, wrt: Mapping[str, Node], bindings: Mapping[str, Any], numeral: Numeral,
    split: Split,
) -> Array:
    inner = split.inner
    moved = {"J": directional(inner, wrt)}
    steps = {k: step(k, v) for k, v in wrt.items()}
    jacobian = _read_columns(moved, steps, bindings, numeral)
    vector = variable(VECTOR, inner.shape, inner.dtype)
    (weight,) = slope(output, [split.term])
    (back,) = slope(split.term, [inner], weight)
    (bent,) = slopes([(back, vector)], [inner])
    plain = _numbers(jacobian, numeral)
    return numeral.matmul(plain.T, _bent_columns(bent, vector, plain, bindings, numeral))


def _numbers(array: Array, numeral: Numeral) -> Array:
    """Return an array with plain zeros in place of structural ones."""
    nought = numeral.exact(np.zeros(()))[()]
    return np.asarray(np.where(tokens(array), nought, array), dtype=object)


def _bent_columns(
    bent: Node, vector: Node, directions: Array, bindings: Mapping[str, Any], numeral: Numeral
) -> Array:
    """Return the curvature of the loss by its residuals along each direction, a column each."""
    inputs = {n.params["name"]: n for n in topological([bent]) if n.op == "input"}
    step = inputs.get(VECTOR, vector)
    bound = {**bindings, **_cotangents(inputs)}
    known = read(apart([bent], [step]), bound, numeral)
    out = np.empty(directions.shape, dtype=object)
    for place in range(directions.shape[1]):
        reading = Reading(dict(known.values), dict(known.ties))
        reading.values[step] = directions[:, place].reshape(step.shape)
        found = read([bent], bound, numeral, reading)[bent]
        out[:, place] = _numbers(np.broadcast_to(found, bent.shape), numeral).ravel()
    return out


def beyond(
    wrt: Mapping[str, Node], bindings: Mapping[str, Any], found: tuple[Split, ...]
) -> Array:
    """Return where the part of the Hessian that Gauss-Newton leaves out is zero by structure.

    That part is the curvature of the residuals themselves, each weighed by its own slope.
    """
    absent: Array | None = None
    for split in found:
        weight = variable(VECTOR, split.inner.shape, split.inner.dtype)
        bound = {**bindings, VECTOR: np.ones(weight.shape)}
        part = pathless(sum_over(split.inner * weight), wrt, bound)
        absent = part if absent is None else absent & part
    assert absent is not None
    return absent


def _read_columns(
    graphs: Mapping[str, Node], steps: Mapping[str, Node], bindings: Mapping[str, Any],
    numeral: Numeral,
) -> Array:
    inputs = {n.params["name"]: n for n in topological(graphs.values()) if n.op == "input"}
    present = {k: inputs.get(v.params["name"], v) for k, v in steps.items()}
    known = read(apart(graphs.values(), present.values()),
                 {**bindings, **_cotangents(inputs)}, numeral)
    return columns(graphs, present, {**bindings, **_cotangents(inputs)}, numeral, known)


def _cotangents(inputs: Mapping[str, Node]) -> dict[str, Array]:
    """Bind what a pullback is linear in: its value does not matter."""
    return {k: np.ones(v.shape) for k, v in inputs.items() if k == "verifier cotangent"}


__all__ = ["Split", "beyond", "gauss_newton", "is_linear_layer", "splits"]
