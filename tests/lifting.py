"""A float evaluator of graphs, and the two questions asked of every lift in the tests.

The evaluator shares nothing with the readers: it says in plain numpy what each op means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from verifier.frontends.from_numpy import lift
from verifier.frontends.lifted import Lifted, leaves_of
from verifier.graph.node import Node
from verifier.graph.order import topological
from verifier.primitives.table import SCALARS


def _gather(node: Node, *arrays: np.ndarray) -> np.ndarray:
    flat = np.concatenate([*(np.ravel(a) for a in arrays), np.zeros(1, arrays[0].dtype)])
    return flat[node.params["index"]]


def _scatter(node: Node, x: np.ndarray) -> np.ndarray:
    out = np.zeros(node.size + 1)
    np.add.at(out, node.params["index"].ravel(), np.ravel(x))
    return out[:-1].reshape(node.shape)


MEANING: Mapping[str, Callable[..., Any]] = {
    "sum": lambda n, x: x.sum(axis=n.params["axis"]),
    "cumsum": lambda n, x: np.cumsum(x, axis=n.params["axis"]),
    "matmul": lambda n, a, b: np.matmul(a, b),
    "reshape": lambda n, x: np.reshape(x, n.shape),
    "transpose": lambda n, x: np.transpose(x, n.params["axes"]),
    "broadcast": lambda n, x: np.broadcast_to(x, n.shape),
    "gather": _gather,
    "scatter": _scatter,
    "select": lambda n, c, a, b: np.where(c, a, b),
    "take": lambda n, x, i: np.take_along_axis(x, i, n.params["axis"]),
    "cast": lambda n, x: np.asarray(x, dtype=n.dtype),
    "argmax": lambda n, x: np.argmax(x, axis=n.params["axis"]),
    "argmin": lambda n, x: np.argmin(x, axis=n.params["axis"]),
    "argsort": lambda n, x: np.argsort(x, axis=n.params["axis"], kind="stable"),
    "solve": lambda n, a, b: np.linalg.solve(a, b),
    "inv": lambda n, a: np.linalg.inv(a),
    "det": lambda n, a: np.linalg.det(a),
    "logabsdet": lambda n, a: np.linalg.slogdet(a)[1],
}


def evaluate(outputs: list[Node], point: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Return the outputs of a graph at a point, in floats."""
    values: dict[Node, Any] = {}
    with np.errstate(all="ignore"):
        for node in topological(outputs):
            arrays = [values[i] for i in node.inputs]
            if node.op == "input":
                value = point[node.params["name"]]
            elif node.op == "constant":
                value = node.params["value"]
            elif node.op in MEANING:
                value = MEANING[node.op](node, *arrays)
            elif node.op in SCALARS:
                value = SCALARS[node.op].floats(*arrays)
            else:
                value = getattr(np, node.op)(*arrays)
            assert np.shape(value) == node.shape, (node, np.shape(value))
            values[node] = value
    return [np.asarray(values[o]) for o in outputs]


def nodes_in(structure: Any) -> list[Node]:
    """Return the nodes of a lifted output, in order."""
    return [leaf for _, leaf in leaves_of(structure) if isinstance(leaf, Node)]


def agree(
    program: Callable[[dict[str, Any]], Any],
    leaves: Mapping[str, Any],
    *others: Mapping[str, Any],
    close: float = 1e-9,
) -> Lifted:
    """Lift, then compare graph and plain run at the point of the lift and at other points.

    A dependency the lift dropped shows at the other points.
    """
    with np.errstate(all="ignore"):
        lifted = lift(program, leaves)
        for point in (leaves, *others):
            plain = program({k: np.array(v) for k, v in point.items()})
            expected = [leaf for _, leaf in leaves_of(plain)]
            found = [leaf for _, leaf in leaves_of(lifted.output)]
            nodes = [f for f in found if isinstance(f, Node)]
            values = iter(evaluate(nodes, point))
            read = [next(values) if isinstance(f, Node) else f for f in found]
            for want, got in zip(expected, read, strict=True):
                assert np.shape(got) == np.shape(want)
                np.testing.assert_allclose(got, want, rtol=close, atol=close)
            held = [leaf for _, leaf in leaves_of(lifted.value)]
            if point is leaves:
                for want, got in zip(expected, held, strict=True):
                    np.testing.assert_allclose(got, want, rtol=close, atol=close)
    return lifted
