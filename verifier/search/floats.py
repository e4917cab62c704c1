"""A graph as the user runs it: its value and its slopes in plain floats, fast, with nan and inf.

Used to find *where* to look only; what is true there is decided in other numerals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..endpoints import FLOATS, float_type
from ..errors import CannotLower
from ..graph.node import Node, variable
from ..graph.order import topological
from ..primitives.linear import LINEAR
from ..primitives.table import SCALARS
from ..readers.slope import slope

Array = np.ndarray
_COTANGENT = "search.cotangent"  # no argument of a function can be called so
_REMEMBERED = 64  # graphs whose order and slopes are kept

_FLOATING: Mapping[str, Callable[..., Any]] = {
    "matmul": lambda node, a, b: np.matmul(a, b),
    "select": lambda node, condition, a, b: np.where(condition, a, b),
    "cast": lambda node, x: np.asarray(x).astype(_kind(node)),
    "solve": lambda node, a, b: np.linalg.solve(a, b),
    "inv": lambda node, a: np.linalg.inv(a),
    "det": lambda node, a: np.linalg.det(a),
    "logabsdet": lambda node, a: np.linalg.slogdet(a)[1],
    "eigvalsh": lambda node, a: np.linalg.eigvalsh(a),
    "eigenvectors": lambda node, a, like: _leaning(np.linalg.eigh(a)[1], like),
    "argmax": lambda node, x: np.argmax(x, axis=node.params["axis"]),
    "argmin": lambda node, x: np.argmin(x, axis=node.params["axis"]),
    "argsort": lambda node, x: np.argsort(x, axis=node.params["axis"], kind="stable"),
    "zero": lambda node: np.zeros(node.shape),
    "constant": lambda node: node.params["value"],
}


def _leaning(vectors: Array, like: Array) -> Array:
    """Give eigenvectors the signs of `like`."""
    signs = np.where(np.sum(vectors * like, axis=0) < 0, -1.0, 1.0)
    return np.asarray(vectors * signs)


_DECISIONS: Mapping[str, Callable[..., Any]] = {
    name: getattr(np, name)
    for name in (
        "greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "logical_and",
        "logical_or", "logical_not", "logical_xor", "isnan", "isfinite", "isinf", "signbit",
    )
}  # fmt: skip


def evaluate(node: Node, bindings: Mapping[str, Array], /) -> Array:
    """Return the value of `node` in the dtype it is run in, inputs bound by name.

    Raises KeyError for an unbound input and CannotLower for an op without a row.
    """
    return values_of((node,), bindings)[0]


def gradient(node: Node, index: int, bindings: Mapping[str, Array], /) -> dict[str, Array]:
    """Return the gradient of element `index` (C order) of `node` by every input below it."""
    names, slopes, shape = _slopes(node)
    cotangent = np.zeros(shape)
    cotangent.reshape(-1)[index] = 1.0
    found = values_of(slopes, {**bindings, _COTANGENT: cotangent})
    return dict(zip(names, found, strict=True))


def values_of(outputs: Sequence[Node], bindings: Mapping[str, Array]) -> list[Array]:
    """Return the values of several nodes, what they share read once."""
    values: dict[Node, Any] = {}
    with np.errstate(all="ignore"):
        for node in _order(tuple(outputs)):
            values[node] = _value(node, [values[i] for i in node.inputs], bindings)
    return [np.asarray(values[output]) for output in outputs]


def thresholds_of(outputs: Sequence[Node]) -> list[tuple[Node, tuple[float, ...]]]:
    """Return every input of a row below `outputs` with the row's thresholds, each pair once."""
    found: dict[tuple[Node, tuple[float, ...]], None] = {}
    for node in _order(tuple(outputs)):
        row = SCALARS.get(node.op)
        if row is not None and row.thresholds and node.inputs[0].op != "constant":
            found[node.inputs[0], tuple(row.thresholds)] = None
    return list(found)


def _value(node: Node, operands: list[Any], bindings: Mapping[str, Array]) -> Any:
    if node.op == "input":
        return bindings[node.params["name"]]
    if node.op in _FLOATING:
        return _FLOATING[node.op](node, *operands)
    if node.op in _DECISIONS:
        return _DECISIONS[node.op](*operands)
    if node.op in SCALARS:
        value = np.asarray(SCALARS[node.op].floats(*operands))
        return value if node.dtype not in FLOATS else value.astype(_kind(node), copy=False)
    rule = LINEAR[node.op].evaluate if node.op in LINEAR else None
    if rule is None:
        raise CannotLower(
            f"no float evaluation for the operation '{node.op}'",
            slug="not-covered",
            where=node.origin,
            hint="Points are then searched without looking into the function.",
        )
    return rule(node, *(np.asarray(operand) for operand in operands))


def _kind(node: Node) -> Any:
    return float_type(node.dtype)


@lru_cache(maxsize=_REMEMBERED)
def _order(outputs: tuple[Node, ...]) -> tuple[Node, ...]:
    return tuple(topological(outputs))


@lru_cache(maxsize=_REMEMBERED)
def _slopes(node: Node) -> tuple[tuple[str, ...], tuple[Node, ...], tuple[int, ...]]:
    inputs = [n for n in _order((node,)) if n.op == "input" and not n.discrete]
    cotangent = variable(_COTANGENT, node.shape)
    slopes = slope(node, inputs, cotangent)
    return tuple(n.params["name"] for n in inputs), slopes, node.shape
