"""How is an operand written as a node, and a node and its computed value as a traced value?"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...graph.node import Node
from ...primitives.linear import cast, select
from .trace import Trace
from .traced import Traced

FLOATS = "f"
WHOLE = "biu"


def is_traced(trace: Trace, value: Any) -> bool:
    """Tell whether `value` belongs to the lift that is under way."""
    return type(value) is Traced and value.tape is trace


def traced_in(trace: Trace, structure: Any) -> Iterator[Traced]:
    """Yield the traced values in nested arguments."""
    if type(structure) is Traced:
        if structure.tape is trace:
            yield structure
    elif isinstance(structure, (list, tuple)):
        for item in structure:
            yield from traced_in(trace, item)
    elif isinstance(structure, dict):
        yield from traced_in(trace, list(structure.values()))
    elif isinstance(structure, np.ndarray) and trace.adopted:
        held = adopted(trace, structure)
        if held is not None:
            yield held


def plain(structure: Any) -> Any:
    """Return nested arguments with every traced value replaced by its computed value."""
    if type(structure) is Traced:
        return structure.value
    if type(structure) is list:
        return [plain(item) for item in structure]
    if isinstance(structure, tuple) and not hasattr(structure, "_fields"):
        return tuple(plain(item) for item in structure)
    if type(structure) is dict:
        return {key: plain(item) for key, item in structure.items()}
    return structure


def without_closed(structure: Any) -> Any:
    """Return nested arguments with values of lifts that are over replaced by plain numbers."""
    if type(structure) is Traced:
        return structure.value if structure.tape.closed else structure
    if isinstance(structure, (list, tuple)) and not hasattr(structure, "_fields"):
        return type(structure)(without_closed(item) for item in structure)
    if type(structure) is dict:
        return {key: without_closed(item) for key, item in structure.items()}
    return structure


def adopted(trace: Trace, array: Any) -> Traced | None:
    """Return the traced value that stands for a plain array written to by traced code."""
    held = trace.adopted.get(id(array))
    return held[1] if held is not None and held[0] is array else None


@functools.cache
def _name(dtype: np.dtype) -> str:
    return dtype.name  # numpy builds it anew each time


def dtype_of(value: Any) -> np.dtype:
    """Return the dtype of a computed value, a plain number's included."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype
    return np.asarray(value).dtype


def dtype_name(value: Any) -> str:
    """Return the node dtype of a computed value: whole numbers are read as float64."""
    dtype = dtype_of(value)
    if dtype.kind == "b":
        return "bool"
    return _name(dtype) if dtype.kind in FLOATS else "float64"


def loop_dtype(trace: Trace, result: Any, *values: Any) -> str:
    """Return the float dtype in which numpy ran an operation."""
    dtype = dtype_of(result)
    if dtype.kind == "c" or any(dtype_of(v).kind == "c" for v in values):
        raise trace.refuse("complex numbers are not lifted", "Write it in real arithmetic.")
    if dtype.kind == "f":
        return _name(dtype)
    mixed = np.result_type(*values) if values else dtype
    return _name(mixed) if mixed.kind in FLOATS else "float64"


def real(trace: Trace, value: Any, dtype: str) -> Node:
    """Return the node of an operand of an operation that runs in `dtype`."""
    if not is_traced(trace, value):
        held = adopted(trace, value) if trace.adopted else None
        if held is None:
            return trace.constant(plain(value), dtype)
        value = held
    node: Node = value.node
    if node.dtype == "bool":
        return select(node, trace.constant(1, dtype), trace.constant(0, dtype), origin=trace.here())
    if node.discrete:
        return trace.constant(value.settled(), dtype)
    if node.dtype != dtype and np.dtype(node.dtype).itemsize > np.dtype(dtype).itemsize:
        return cast(node, dtype, origin=trace.here())
    return node


def truth(trace: Trace, value: Any) -> Node:
    """Return the node of an operand as a decision (bool)."""
    if is_traced(trace, value):
        node: Node = value.node
        if node.dtype == "bool":
            return node
        return truth(trace, value != 0)
    return trace.constant(np.asarray(plain(value)) != 0, "bool")


def wrapped(trace: Trace, value: Any, node: Node, live: bool = True) -> Traced:
    """Return the traced value of `node`, computed as `value`."""
    shape = np.shape(value)
    if node.shape != shape:
        raise trace.refuse(
            f"the graph of this operation has shape {node.shape}, numpy computed {shape}",
            "Claim with opaque=True, and report this as a fault of verifier.",
            slug="internal",
        )
    dtype = dtype_of(value)
    if dtype.kind == "c":
        raise trace.refuse("complex numbers are not lifted", "Write it in real arithmetic.")
    if dtype.kind == "f" and node.dtype != _name(dtype) and not node.discrete:
        node = cast(node, _name(dtype), origin=trace.here())
    return Traced(trace, value, node, live)


def stamped(node: Node, origin: Any, known: set[Node]) -> Node:
    """Return `node` with `origin` on every new node below it that has none yet."""
    done: dict[Node, Node] = {}

    def visit(one: Node) -> Node:
        if one.origin is not None or one in known or one.op in ("input", "constant", "zero"):
            return one
        if one not in done:
            inputs = tuple(visit(i) for i in one.inputs)
            done[one] = Node(one.op, inputs, one.params, one.shape, one.dtype, origin)
        return done[one]

    return node if origin is None else visit(node)
