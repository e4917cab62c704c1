"""What is the derivative, rigorously? The slope graph of the subject, read in balls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..graph.node import Node, apply, variable
from ..numerals.balls import Balls, as_objects, exact, precision
from ..primitives.linear import reshape, sum_over
from ..readers.slope import slope, slopes
from ..readers.value import Reading, read

Array = np.ndarray
Blocks = dict[str, Array]
VECTOR = "verifier direction"


def first_order(output: Node, wrt: Mapping[str, Node], cotangent: Node | None) -> dict[str, Node]:
    """Return the gradient of <cotangent, output> by leaf, as graphs."""
    return dict(zip(wrt, slope(output, list(wrt.values()), cotangent), strict=True))


def second_order(
    output: Node, wrt: Mapping[str, Node]
) -> tuple[dict[str, Node], dict[str, Node]]:
    """Return (direction nodes, Hessian times direction) by leaf, as graphs."""
    gradient = slope(output, list(wrt.values()))
    direction = {k: variable(f"{VECTOR} {k}", v.shape, v.dtype) for k, v in wrt.items()}
    pairs = [(g, direction[k]) for k, g in zip(wrt, gradient, strict=True) if g.op != "zero"]
    if not pairs:
        return direction, {k: 0 * v for k, v in direction.items()}
    product = slopes(pairs, list(wrt.values()))
    return direction, dict(zip(wrt, product, strict=True))


def truth_of(
    kind: str, output: Node, wrt: Mapping[str, Node], bindings: Mapping[str, Any],
    numeral: Balls, given: Mapping[str, Node],
) -> tuple[Blocks, Reading]:
    """Return the true derivative of `kind` in canonical shapes, with the reading it came from.

    `given` names the direction (hvp) or the cotangent (vjp, backward) leaves by label.
    """
    with precision(numeral.bits):
        if kind in ("gradient", "value_and_gradient", "derivative", "vjp", "backward"):
            cotangent = given.get("cotangent")
            graphs = first_order(output, wrt, cotangent)
            reading = read(graphs.values(), bindings, numeral)
            return {k: reading.values[g] for k, g in graphs.items()}, reading
        if kind == "second_derivative":
            return _second_derivative(output, wrt, bindings, numeral)
        if kind == "jacobian":
            return _jacobian(output, wrt, bindings, numeral)
        if kind == "hvp":
            return _hvp(output, wrt, bindings, numeral, given)
        return _hessian(kind, output, wrt, bindings, numeral)


def _second_derivative(
    output: Node, wrt: Mapping[str, Node], bindings: Mapping[str, Any], numeral: Balls
) -> tuple[Blocks, Reading]:
    ((label, x),) = wrt.items()
    (first,) = slope(output, [x])
    (second,) = slope(first, [x])
    reading = read([second, first], bindings, numeral)
    return {label: reading.values[second]}, reading


def _hvp(
    output: Node, wrt: Mapping[str, Node], bindings: Mapping[str, Any], numeral: Balls,
    given: Mapping[str, Node],
) -> tuple[Blocks, Reading]:
    direction, product = second_order(output, wrt)
    bound = {**bindings, **{direction[k].params["name"]: bindings[given[k].params["name"]]
                            for k in wrt}}
    reading = read(product.values(), bound, numeral)
    return {k: reading.values[g] for k, g in product.items()}, reading


def _unit(shape: tuple[int, ...], place: int | None) -> Array:
    flat = np.zeros(int(np.prod(shape, dtype=np.int64)))
    if place is not None:
        flat[place] = 1.0
    return flat.reshape(shape)


def _hessian(
    kind: str, output: Node, wrt: Mapping[str, Node], bindings: Mapping[str, Any], numeral: Balls
) -> tuple[Blocks, Reading]:
    """Read the Hessian column by column; what does not depend on the direction is read once."""
    direction, product = second_order(output, wrt)
    names = {k: d.params["name"] for k, d in direction.items()}
    fixed = _independent(product.values(), set(direction.values()))
    known = read(fixed, bindings, numeral)
    columns: dict[str, dict[str, list[Array]]] = {a: {b: [] for b in wrt} for a in wrt}
    reading = known
    for b, node in wrt.items():
        for place in range(node.size):
            vectors = {names[k]: _unit(v.shape, place if k == b else None)
                       for k, v in wrt.items()}
            reading = read(product.values(), {**bindings, **vectors}, numeral,
                           Reading(dict(known.values), dict(known.ties)))
            for a in wrt:
                columns[a][b].append(reading.values[product[a]])
    if kind == "hessian_diagonal":
        return {a: _diagonal(columns[a][a], v.shape) for a, v in wrt.items()}, reading
    many = len(wrt) > 1
    return {
        f"{a},{b}" if many else a: _joined(columns[a][b], (*va.shape, *vb.shape))
        for a, va in wrt.items() for b, vb in wrt.items()
    }, reading


def _independent(outputs: Any, directions: set[Node]) -> list[Node]:
    from ..graph.order import depends_on, topological

    nodes = topological(outputs)
    touched = depends_on(outputs, directions)
    return [n for n in nodes if n not in touched]


def _joined(columns: Sequence[Array], shape: tuple[int, ...]) -> Array:
    flat = np.stack([c.ravel() for c in columns], axis=-1) if columns else np.empty(0, object)
    return flat.reshape(shape)


def _diagonal(columns: Sequence[Array], shape: tuple[int, ...]) -> Array:
    flat = np.empty(len(columns), dtype=object)
    for place, column in enumerate(columns):
        flat[place] = column.ravel()[place]
    return flat.reshape(shape)


def _jacobian(
    output: Node, wrt: Mapping[str, Node], bindings: Mapping[str, Any], numeral: Balls
) -> tuple[Blocks, Reading]:
    cotangent = variable(f"{VECTOR} cotangent", output.shape, output.dtype)
    graphs = first_order(output, wrt, cotangent)
    name = cotangent.params["name"]
    known = read(_independent(graphs.values(), {cotangent}), bindings, numeral)
    rows: dict[str, list[Array]] = {k: [] for k in wrt}
    reading = known
    for place in range(output.size):
        bound = {**bindings, name: _unit(output.shape, place)}
        reading = read(graphs.values(), bound, numeral,
                       Reading(dict(known.values), dict(known.ties)))
        for k, g in graphs.items():
            rows[k].append(reading.values[g])
    return {
        k: np.stack([r.ravel() for r in rows[k]]).reshape(*output.shape, *v.shape)
        if rows[k] else np.empty((*output.shape, *v.shape), dtype=object)
        for k, v in wrt.items()
    }, reading


def is_elementwise(
    output: Node, x: Node, bindings: Mapping[str, Any], numeral: Balls
) -> bool:
    """Tell whether entry i of the output depends on entry i of x alone, judged by the slopes.

    The gradient of <w, f> must be w f' for weights w drawn as small whole numbers.
    """
    if output.shape != x.shape:
        return False
    if x.size <= 1:
        return True
    weights = (np.arange(x.size) * 7 % 11 + 1.0).reshape(x.shape)
    w = variable(f"{VECTOR} weights", x.shape, x.dtype)
    plain_slope, weighed = slope(output, [x])[0], slope(output, [x], w)[0]
    gap = apply("subtract", weighed, plain_slope * w)
    with precision(numeral.bits):
        values = read([gap], {**bindings, w.params["name"]: weights}, numeral).values[gap]
    return all(not v.is_finite() or bool(v.contains(0))
               for v in as_objects(values).ravel().tolist() if hasattr(v, "is_finite"))


__all__ = ["exact", "is_elementwise", "reshape", "sum_over", "truth_of"]
