"""What is the value? One loop over a graph, in any numeral.

Decisions (comparisons, argmax, argsort) are taken only where the numeral can take them; exact ties
are decided as numpy decides them and marked, and what stays open is a :class:`Maybe`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ..errors import CannotLower
from ..graph.node import Node
from ..graph.order import topological
from ..numerals.tokens import ZERO
from ..primitives.linear import LINEAR
from ..primitives.table import SCALARS
from . import decide
from .ties import carried_ties

Array = np.ndarray


class Numeral(Protocol):
    """A kind of number a graph can be read in; arrays are object arrays of it."""

    def exact(self, array: Any) -> Array: ...
    def constant(self, array: Any) -> Array: ...
    def scalar(self, row: Any, arrays: tuple[Array, ...]) -> Array: ...
    def matmul(self, a: Array, b: Array) -> Array: ...
    def matrix(self, op: str, arrays: tuple[Array, ...]) -> Array: ...
    def settle(self, array: Array, absent: bool) -> Array: ...
    def strictly(self, a: Any, b: Any) -> tuple[bool | None, bool]: ...
    def hull(self, a: Any, b: Any) -> Any: ...
    def guess(self, value: Any) -> float: ...
    def finite(self, value: Any) -> bool: ...


@dataclass(slots=True)
class Reading:
    """All values of a graph in one numeral.

    `values` maps nodes to object arrays; decisions are arrays of bool or int, object where one is
    open. `ties` marks the entries of a decision that an exact equality decided.
    """

    values: dict[Node, Array] = field(default_factory=dict)
    ties: dict[Node, Array] = field(default_factory=dict)

    def __getitem__(self, node: Node) -> Array:
        return self.values[node]


def read(
    outputs: Iterable[Node], bindings: Mapping[str, Any], numeral: Numeral,
    known: Reading | None = None,
) -> Reading:
    """Read every node `outputs` depend on.

    `bindings` gives each input by name, already rounded to the dtype it is run in (SOUNDNESS 1);
    `known` is an earlier reading at the same point to go on from. Raises KeyError for an unbound
    input and CannotLower for an op without a row.
    """
    reading = known or Reading()
    for node in topological(outputs):
        if node not in reading.values:
            reading.values[node] = evaluate(node, bindings, numeral, reading)
            carried = carried_ties(node, reading.ties) if node.discrete else None
            if carried is not None and node not in reading.ties:
                reading.ties[node] = carried
    return reading


def evaluate(node: Node, bindings: Mapping[str, Any], numeral: Numeral, reading: Reading) -> Array:
    """Return the value of one node whose inputs are already read."""
    arrays = tuple(reading.values[i] for i in node.inputs)
    if node.op in SCALARS:
        entries: Any = numeral.scalar(SCALARS[node.op], arrays)
        return entries if isinstance(entries, np.ndarray) else _boxed(entries)
    if node.op in LINEAR:
        return _linear(node, arrays, numeral, reading)
    if node.op in decide.DECISIONS:
        return decide.DECISIONS[node.op](node, arrays, numeral, reading)
    if node.op == "input":
        bound = bindings[node.params["name"]]
        return np.asarray(bound) if node.discrete else numeral.exact(bound)
    if node.op == "constant":
        value = node.params["value"]
        return value if node.discrete else numeral.constant(value)
    if node.op == "zero":
        return np.full(node.shape, ZERO, dtype=object)
    raise CannotLower(
        f"no row for the operation '{node.op}'", slug="not-covered", where=node.origin,
        hint="Write it in operations the table has, or claim with opaque=True.",
    )


def _linear(node: Node, arrays: tuple[Array, ...], numeral: Numeral, reading: Reading) -> Array:
    if node.op == "matmul":
        return numeral.matmul(*arrays)
    if node.op == "select":
        return decide.select(node, arrays, numeral, reading)
    if node.op in ("take", "put"):
        return decide.choose(node, arrays, numeral, reading)
    evaluated = LINEAR[node.op].evaluate
    if evaluated is None:
        return numeral.matrix(node.op, arrays)
    if node.op == "sum" and not arrays[0].size:
        return numeral.exact(np.zeros(node.shape))
    value: Any = evaluated(node, *arrays)
    if not isinstance(value, np.ndarray):
        value = _boxed(value)
    if node.op in ("scatter", "gather") and not node.discrete:
        settled: Any = numeral.settle(value, absent=node.params.get("absent", False))
        return settled if isinstance(settled, np.ndarray) else _boxed(settled)
    return np.asarray(value)


def _boxed(value: Any) -> Array:
    out = np.empty((), dtype=object)
    out[()] = value
    return out
