"""A function written down as pure data: an op is a name, a program is a DAG of nodes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..verdicts import Origin

NO_PARAMS: Mapping[str, Any] = {}
DISCRETE = frozenset({"bool", "int64"})


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Node:
    """One value of a program: op name, inputs, parameters, shape, dtype (as run) and origin.

    Nodes compare by identity. The arithmetic operators build further nodes, so that a row of the
    table can say its slope as a formula: ``y * sigmoid(-x)``.
    """

    op: str
    inputs: tuple[Node, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    shape: tuple[int, ...] = ()
    dtype: str = "float64"
    origin: Origin | None = None

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def discrete(self) -> bool:
        """Whether the value is a decision (bool or index), not a real number."""
        return self.dtype in DISCRETE

    def __neg__(self) -> Node:
        return apply("negative", self)

    def __add__(self, other: Node | float) -> Node:
        return apply("add", self, other)

    def __radd__(self, other: float) -> Node:
        return apply("add", other, self)

    def __sub__(self, other: Node | float) -> Node:
        return apply("subtract", self, other)

    def __rsub__(self, other: float) -> Node:
        return apply("subtract", other, self)

    def __mul__(self, other: Node | float) -> Node:
        return apply("multiply", self, other)

    def __rmul__(self, other: float) -> Node:
        return apply("multiply", other, self)

    def __truediv__(self, other: Node | float) -> Node:
        return apply("divide", self, other)

    def __rtruediv__(self, other: float) -> Node:
        return apply("divide", other, self)

    def __pow__(self, other: Node | float) -> Node:
        return apply("power", self, other)

    def __repr__(self) -> str:
        return f"<{self.op} {self.dtype}{list(self.shape)}>"


@dataclass(frozen=True, slots=True)
class Condition:
    """A decision the program took while it was lifted: `node` had the value `taken` there."""

    node: Node
    taken: np.ndarray
    origin: Origin | None = None


def variable(name: str, shape: tuple[int, ...], dtype: str = "float64") -> Node:
    """Return an input node; readers bind it to a value by its name."""
    return Node("input", (), {"name": name}, tuple(shape), dtype)


def constant(value: Any, dtype: str | None = None, origin: Origin | None = None) -> Node:
    """Return a constant node holding the exact stored bits of `value`."""
    array = np.asarray(value, dtype=dtype)
    return Node("constant", (), {"value": array}, array.shape, array.dtype.name, origin)


def structural_zero(shape: tuple[int, ...] = (), dtype: str = "float64") -> Node:
    """Return the zero of a branch not taken: it annihilates whatever it meets, nan included."""
    return Node("zero", (), NO_PARAMS, tuple(shape), dtype)


def as_node(value: Node | float, like: str = "float64") -> Node:
    """Return `value` as a node; a plain number becomes a constant of dtype `like`."""
    return value if isinstance(value, Node) else constant(value, like)


def apply(
    op: str, *operands: Node | float, origin: Origin | None = None, dtype: str | None = None
) -> Node:
    """Return the node of an elementwise `op`, shapes broadcast as numpy does."""
    floating = [o.dtype for o in operands if isinstance(o, Node) and not o.discrete]
    like = np.result_type(*floating).name if floating else "float64"
    nodes = tuple(as_node(o, like) for o in operands)
    shape = np.broadcast_shapes(*(n.shape for n in nodes))
    return Node(op, nodes, NO_PARAMS, shape, dtype or like, origin)
