"""Spellings: the row that a formula written out is, on exactly the same real domain.

Proofs read the recognised row; rounding is judged on the spelling as written (SOUNDNESS 18). A
pattern is a nested tuple ``(op, operand, ...)``: a text names any node (the same text, the same
node), a number matches a constant all of whose entries equal it exactly.

>>> from ..graph.node import variable, apply
>>> x = variable("x", ())
>>> rewrite([apply("log", 1.0 + apply("exp", x))]).outputs[0].op
'softplus'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import numpy as np

from ..graph.node import Node, apply
from ..graph.order import topological
from ..verdicts import Origin
from .linear import broadcast_to, reshape, sum_over
from .table import SCALARS

Pattern = Any  # str, number or (op, *patterns)
COMMUTING = frozenset({"add", "multiply", "maximum", "minimum", "logaddexp", "hypot"})
FORWARD, BACKWARD = ("greater", "greater_equal"), ("less", "less_equal")


@dataclass(frozen=True, slots=True)
class Identity:
    """Two spellings of one function; `becomes` is the one the proofs read."""

    name: str
    spelled: Pattern
    becomes: Pattern


ONE_PLUS, MINUS = ("add", 1, ("exp", "x")), ("negative", "x")


def _exponentials() -> Iterator[Identity]:
    one_plus, minus = ONE_PLUS, MINUS
    yield Identity("softplus", ("log", one_plus), ("softplus", "x"))
    yield Identity("softplus", ("log1p", ("exp", "x")), ("softplus", "x"))
    yield Identity("softplus", ("logaddexp", 0, "x"), ("softplus", "x"))
    yield Identity("softplus", ("add", "x", ("softplus", minus)), ("softplus", "x"))
    yield Identity("softplus", ("subtract", ("softplus", "x"), "x"), ("softplus", minus))
    tail = ("softplus", ("negative", ("absolute", "x")))
    yield Identity("softplus", ("add", ("relu", "x"), tail), ("softplus", "x"))
    yield Identity("sigmoid", ("divide", 1, ("add", 1, ("exp", minus))), ("sigmoid", "x"))
    yield Identity("sigmoid", ("reciprocal", ("add", 1, ("exp", minus))), ("sigmoid", "x"))
    yield Identity("sigmoid", ("divide", ("exp", "x"), one_plus), ("sigmoid", "x"))
    yield Identity("sigmoid", ("divide", 1, one_plus), ("sigmoid", minus))
    yield Identity("sigmoid", ("reciprocal", one_plus), ("sigmoid", minus))
    yield Identity("sigmoid", ("subtract", 1, ("sigmoid", "x")), ("sigmoid", minus))
    yield Identity("log sigmoid", ("log", ("sigmoid", "x")), ("log_sigmoid", "x"))
    yield Identity("log normal", ("log", ("ndtr", "x")), ("log_ndtr", "x"))


def _powers() -> Iterator[Identity]:
    yield Identity("square", ("multiply", "x", "x"), ("square", "x"))
    yield Identity("square", ("power", "x", 2), ("square", "x"))
    yield Identity("square", ("square", ("absolute", "x")), ("square", "x"))
    yield Identity("square", ("square", MINUS), ("square", "x"))
    yield Identity("power", ("power", "x", 1), "x")
    yield Identity("square root", ("power", "x", 0.5), ("sqrt", "x"))
    yield Identity("reciprocal", ("power", "x", -1), ("reciprocal", "x"))
    yield Identity("reciprocal", ("divide", 1, "x"), ("reciprocal", "x"))
    yield Identity("absolute value", ("sqrt", ("square", "x")), ("absolute", "x"))
    yield Identity("hypot", ("sqrt", ("add", 1, ("square", "x"))), ("hypot", 1, "x"))


def _choices() -> Iterator[Identity]:
    minus = MINUS
    yield Identity("relu", ("maximum", "x", 0), ("relu", "x"))
    for op in FORWARD:
        yield Identity("relu", ("select", (op, "x", 0), "x", 0), ("relu", "x"))
        yield Identity("relu", ("multiply", "x", (op, "x", 0)), ("relu", "x"))
        yield Identity("relu", ("multiply", "x", ("cast", (op, "x", 0))), ("relu", "x"))
        yield Identity("absolute value", ("select", (op, "x", 0), "x", minus), ("absolute", "x"))
        yield Identity("maximum", ("select", (op, "x", "y"), "x", "y"), ("maximum", "x", "y"))
        yield Identity("minimum", ("select", (op, "x", "y"), "y", "x"), ("minimum", "x", "y"))
    for op in BACKWARD:
        yield Identity("relu", ("select", (op, "x", 0), 0, "x"), ("relu", "x"))
        yield Identity("absolute value", ("select", (op, "x", 0), minus, "x"), ("absolute", "x"))
        yield Identity("maximum", ("select", (op, "x", "y"), "y", "x"), ("maximum", "x", "y"))
        yield Identity("minimum", ("select", (op, "x", "y"), "x", "y"), ("minimum", "x", "y"))


def _plain() -> Iterator[Identity]:
    """Rewritings of arithmetic, too plain to be told of."""
    yield Identity("", ("select", "c", "x", "x"), "x")
    yield Identity("", ("add", "x", ("negative", "y")), ("subtract", "x", "y"))
    yield Identity("", ("subtract", "x", ("negative", "y")), ("add", "x", "y"))
    yield Identity("", ("negative", MINUS), "x")
    for op in ("add", "subtract"):
        yield Identity("", (op, "x", 0), "x")
    for op in ("multiply", "divide"):
        yield Identity("", (op, "x", 1), "x")


IDENTITIES: tuple[Identity, ...] = (
    *_exponentials(), *_powers(), *_choices(), *_plain(),
)
_BY_OP: Mapping[str, tuple[Identity, ...]] = {
    op: tuple(i for i in IDENTITIES if i.spelled[0] == op)
    for op in {i.spelled[0] for i in IDENTITIES}
}


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Graphs in recognised rows, and which identities were used where."""

    outputs: tuple[Node, ...]
    used: tuple[tuple[str, Origin | None], ...] = ()


@dataclass(slots=True)
class _Work:
    """Nodes made so far, so that equal subexpressions are one node."""

    made: dict[Any, Node] = field(default_factory=dict)
    known: set[Node] = field(default_factory=set)
    used: dict[tuple[str, Origin | None], None] = field(default_factory=dict)


def rewrite(outputs: Sequence[Node]) -> Rewritten:
    """Return `outputs` with every known spelling replaced by its row; inputs stay the same."""
    from .shifts import without_shifts

    work = _Work()
    first = _rewritten(outputs, work)
    free, shifted = without_shifts(first)
    again = _rewritten(free, work) if shifted else first
    return Rewritten(_spread(again), (*work.used, *shifted))


def _spread(outputs: Sequence[Node]) -> tuple[Node, ...]:
    """Write out the broadcasting of moving operands, so that elementwise rows are elementwise."""
    new: dict[Node, Node] = {}
    for node in topological(outputs):
        inputs = tuple(new[i] for i in node.inputs)
        if node.op in SCALARS:
            inputs = tuple(i if i.op == "constant" or i.discrete else broadcast_to(i, node.shape)
                           for i in inputs)
        new[node] = node if inputs == node.inputs else Node(
            node.op, inputs, node.params, node.shape, node.dtype, node.origin)
    return tuple(new[o] for o in outputs)


def _rewritten(outputs: Sequence[Node], work: _Work) -> list[Node]:
    new: dict[Node, Node] = {}
    for node in topological(outputs):
        new[node] = _simplified(_rebuilt(node, tuple(new[i] for i in node.inputs), work), work)
    return [new[o] for o in outputs]


def _rebuilt(node: Node, inputs: tuple[Node, ...], work: _Work) -> Node:
    """Return the node over other inputs; an equal one made before is used again."""
    params = tuple((k, _frozen(v)) for k, v in sorted(node.params.items()))
    key = (node.op, inputs, params, node.shape, node.dtype)
    if node.op == "input":
        key = ("input", node)  # type: ignore[assignment]
    if key not in work.made:
        same = inputs == node.inputs
        work.made[key] = node if same else Node(
            node.op, inputs, node.params, node.shape, node.dtype, node.origin)
        work.known.add(work.made[key])
    return work.made[key]


def _frozen(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    return value


def _simplified(node: Node, work: _Work) -> Node:
    for _ in range(16):
        found = _structural(node) or _by_table(node, work)
        if found is None:
            return node
        node = _shared(found, work)
    return node


def _shared(node: Node, work: _Work) -> Node:
    """Return a freshly built node with its fresh operands merged into those made before."""
    if node in work.known:
        return node
    return _rebuilt(node, tuple(_shared(i, work) for i in node.inputs), work)


def _by_table(node: Node, work: _Work) -> Node | None:
    for identity in _BY_OP.get(node.op, ()):
        bound = next(_matches(identity.spelled, node, {}), None)
        if bound is None:
            continue
        found = _built(identity.becomes, bound, node)
        if found.shape != node.shape:
            found = broadcast_to(found, node.shape)
        if identity.name:
            work.used[(identity.name, node.origin)] = None
        return found
    return None


def _matches(pattern: Pattern, node: Node, bound: dict[str, Node]) -> Iterator[dict[str, Node]]:
    if isinstance(pattern, str):
        if pattern not in bound or bound[pattern] is node:
            yield {**bound, pattern: node}
    elif not isinstance(pattern, tuple):
        if node.op == "constant" and np.all(node.params["value"] == pattern):
            yield bound
    elif node.op == pattern[0] and len(node.inputs) == len(pattern) - 1:
        orders = permutations(node.inputs) if node.op in COMMUTING else (node.inputs,)
        for order in orders:
            yield from _all(pattern[1:], order, bound)


def _all(
    patterns: Sequence[Pattern], nodes: Sequence[Node], bound: dict[str, Node]
) -> Iterator[dict[str, Node]]:
    if not patterns:
        yield bound
        return
    for found in _matches(patterns[0], nodes[0], bound):
        yield from _all(patterns[1:], nodes[1:], found)


def _built(pattern: Pattern, bound: Mapping[str, Node], like: Node) -> Node:
    if isinstance(pattern, str):
        return bound[pattern]
    operands = [_built(p, bound, like) if isinstance(p, (str, tuple)) else float(p)
                for p in pattern[1:]]
    return apply(pattern[0], *operands, origin=like.origin)


# ---------------------------------------------------------------- arrays
def _structural(node: Node) -> Node | None:
    """Merge reshapes, and read a row times a column as a sum of products."""
    if node.op in ("reshape", "broadcast") and node.inputs[0].shape == node.shape:
        return node.inputs[0]
    if node.op == "reshape" and node.inputs[0].op == "reshape":
        return reshape(node.inputs[0].inputs[0], node.shape, origin=node.origin)
    if node.op == "matmul" and node.shape == (1, 1):
        row, column = node.inputs
        if _still(row) or _still(column):
            return None
        parts = [reshape(i, (i.size,)) for i in (row, column)]
        parts = [i.inputs[0] if i.op == "reshape" and i.inputs[0].shape == i.shape else
                 (reshape(i.inputs[0].inputs[0], i.shape) if i.op == "reshape"
                  and i.inputs[0].op == "reshape" else i) for i in parts]
        return reshape(sum_over(apply("multiply", *parts, origin=node.origin)), (1, 1),
                       origin=node.origin)
    return None


def _still(node: Node) -> bool:
    return not any(n.op == "input" for n in topological([node]))

