"""Which entries of an array are the same unit? A neuron seen by many samples is one unit.

The product with a matrix of weights says it: rows are samples and columns are units, or the other
way round where the weights stand on the left. A bias that is broadcast says it too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..graph.node import Node
from ..graph.order import depends_on, topological
from ..primitives.linear import LINEAR
from ..primitives.table import SCALARS

Array = np.ndarray
SATURATING = frozenset({"tanh", "sigmoid", "erf", "arctan", "ndtr"})
BENDING = frozenset({"softplus", "absolute", "sin"})
_MOVES = frozenset({"reshape", "transpose", "broadcast", "cast", "gather"})


@dataclass(frozen=True, slots=True)
class Unit:
    """The units of one line: `node` is what they return, `argument` what they are switched by.

    `kind` is "switch" (relu and its like), "saturating" (tanh, sigmoid) or "bend" (leaky relu,
    elu, softplus: never off). `ids` says to which unit each entry belongs; `flat_sign` is the sign
    of the argument on the flat side.
    """

    node: Node
    argument: Node
    kind: str
    ids: Array
    flat_sign: int = -1

    @property
    def name(self) -> str:
        """What the units are called: a sigmoid that is spelled out is still one."""
        return "sigmoid" if self.node.op in ("divide", "reciprocal") else self.node.op

    @property
    def count(self) -> int:
        return int(self.ids.max()) + 1 if self.ids.size else 0


def units_of(output: Node, wrt: tuple[Node, ...]) -> tuple[Unit, ...]:
    """Return the units of a graph in its order: relu, tanh and their spellings."""
    touched = depends_on([output], wrt)
    weighed = _weighed(output)
    return tuple(_apart(u) if u.node in weighed and u.count == 1 else u
                 for node in topological([output]) if node in touched
                 for u in _unit(node, touched))


def _weighed(output: Node) -> set[Node]:
    """Return the vectors that a later product weighs entry by entry: a layer's units.

    ``relu(A @ v)`` alone may be many units at one sample or one unit at many samples; where
    weights of its own meet each entry, as in ``w @ relu(A @ v)``, it is the former.
    """
    found: set[Node] = set()
    for product in topological([output]):
        if product.op == "matmul" and sum(map(_bare, product.inputs)) == 1:
            (factor,) = (i for i in product.inputs if not _bare(i))
            while len(factor.inputs) == 1 and factor.op in _MOVES:
                factor = factor.inputs[0]
            if len(factor.shape) == 1:
                found.add(factor)
    return found


def _apart(unit: Unit) -> Unit:
    return replace(unit, ids=np.arange(unit.node.size))


def _unit(node: Node, touched: set[Node]) -> Iterator[Unit]:
    if node.op == "relu":
        yield Unit(node, node.inputs[0], "switch", unit_ids(node))
    elif node.op in ("maximum", "minimum"):
        moving = [i for i in node.inputs if i in touched]
        still = [i for i in node.inputs if i not in touched]
        if len(moving) == 1 and _is_zero(still[0]):
            yield Unit(node, moving[0], "switch", unit_ids(node), -1 if node.op[1] == "a" else 1)
        elif len(moving) == 2:
            yield Unit(node, moving[0], "bend", unit_ids(node))
    elif node.op in BENDING:
        yield Unit(node, node.inputs[0], "bend", unit_ids(node))
    elif node.op == "select" and not node.discrete:
        yield from _selected(node, touched)
    elif node.op in SATURATING:
        yield Unit(node, node.inputs[0], "saturating", unit_ids(node))
    elif (argument := _spelled_sigmoid(node)) is not None:
        yield Unit(node, argument, "saturating", unit_ids(node))


def _selected(node: Node, touched: set[Node]) -> Iterator[Unit]:
    """``where(x > 0, x, 0)``: flat on the side that is a constant."""
    condition, yes, no = node.inputs
    if condition.op not in ("greater", "greater_equal", "less", "less_equal"):
        return
    left, right = condition.inputs
    if not _is_zero(right) or left not in touched or not (yes in touched or no in touched):
        return
    if yes in touched and no in touched:
        yield Unit(node, left, "bend", unit_ids(node))
        return
    upward = condition.op.startswith("greater")
    flat_is_no = yes in touched
    yield Unit(node, left, "switch", unit_ids(node), -1 if upward == flat_is_no else 1)


def _is_zero(node: Node) -> bool:
    while node.op in ("broadcast", "reshape", "cast"):
        node = node.inputs[0]
    return node.op == "zero" or (
        node.op == "constant" and bool(np.all(np.asarray(node.params["value"]) == 0)))


def _is_one(node: Node) -> bool:
    return node.op == "constant" and bool(np.all(np.asarray(node.params["value"]) == 1))


def _spelled_sigmoid(node: Node) -> Node | None:
    """Return the argument of ``1 / (1 + exp(-x))``, or of ``1 / (1 + exp(x))``."""
    if node.op == "divide" and _is_one(node.inputs[0]):
        below = node.inputs[1]
    elif node.op == "reciprocal":
        below = node.inputs[0]
    else:
        return None
    if below.op != "add":
        return None
    parts = [i for i in below.inputs if not _is_one(i)]
    if len(parts) == 1 and parts[0].op == "exp":
        return parts[0].inputs[0]
    return None


# ---------------------------------------------------------------- which unit is an entry of
def unit_ids(node: Node) -> Array:
    """Return the number of the unit of each entry; one unit where nothing tells them apart."""
    known: dict[Node, Array | None] = {}
    for each in topological([node]):
        known[each] = _own_ids(each, known)
    found = known[node]
    return np.zeros(node.shape, dtype=np.int64) if found is None else found


def _own_ids(node: Node, known: dict[Node, Array | None]) -> Array | None:
    if node.op == "matmul":
        return _of_product(node)
    if node.op in _MOVES and len(node.inputs) == 1:
        inner = known[node.inputs[0]]
        return None if inner is None else _moved(node, inner)
    if node.op in SCALARS or node.op == "select":
        bias = _of_bias(node)
        if bias is not None:
            return bias
        for source in node.inputs:
            inner = None if source.discrete else known[source]
            if inner is not None:
                return np.broadcast_to(inner, node.shape)
    return None


def _moved(node: Node, inner: Array) -> Array | None:
    if node.op == "gather" and (node.params["index"] < 0).any():
        return None
    evaluate = LINEAR[node.op].evaluate
    assert evaluate is not None
    return np.asarray(evaluate(node, inner))


def _of_product(node: Node) -> Array:
    left, right = node.inputs
    on_left = _bare(left) and not _bare(right)
    axis = -2 if on_left else -1
    shape = [1] * len(node.shape)
    shape[axis] = node.shape[axis]
    return np.broadcast_to(np.arange(node.shape[axis]).reshape(shape), node.shape)


def _bare(node: Node) -> bool:
    """Tell whether a node is an input or constant, moved about at most: weights or data."""
    while node.op in ("reshape", "transpose", "cast"):
        node = node.inputs[0]
    return node.op in ("input", "constant")


def _of_bias(node: Node) -> Array | None:
    """A bias that is repeated along an axis tells samples from units."""
    if node.op not in ("add", "subtract") or len(node.shape) < 2:
        return None
    for source in node.inputs:
        if 1 < source.size < node.size and _bare(source):
            return np.broadcast_to(np.arange(source.size).reshape(source.shape), node.shape)
    return None
