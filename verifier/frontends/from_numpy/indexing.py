"""What does x[key] read, and what does x[key] = value write?"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...graph.node import Node
from ...primitives.linear import cast, reshape, select
from .operands import adopted, dtype_name, is_traced, plain, real, truth, wrapped
from .trace import Trace
from .traced import Traced


def get(array: Traced, key: Any) -> Any:
    """Return ``array[key]`` with numpy's views: basic keys share memory, others copy."""
    trace = array.tape
    if trace.closed:
        return array.value[plain(key)]
    mask = _mask_of(array, key)
    if mask is not None:
        out = Traced(trace, array.value[plain(key)], None, True)
        out.masked = (mask, array.node, key.value)
        return out
    fixed = settled_key(trace, key)
    value = array.value[fixed]
    positions = array.positions[fixed]
    if isinstance(value, np.ndarray) and np.may_share_memory(value, array.value):
        return array.seen_at(value, positions)
    return Traced(trace, value, array.root.read(np.asarray(positions)), array.live)


def put(array: Traced, key: Any, value: Any) -> None:
    """Assign ``array[key] = value`` in place, through views, as numpy does."""
    trace = array.tape
    if trace.closed:
        array.value[plain(key)] = plain(value)
        return
    mask = _mask_of(array, key)
    if mask is not None and _put_masked(array, mask, key, value):
        return
    fixed = settled_key(trace, key)
    node = _assigned(array, value)
    array.value[fixed] = plain(value)
    everything = fixed is Ellipsis or (type(fixed) is slice and fixed == slice(None))
    positions = array.positions if everything else np.asarray(array.positions[fixed])
    array.write(positions, node, _is_live(trace, value))


def _assigned(array: Traced, value: Any) -> Node:
    trace = array.tape
    dtype = dtype_name(array.value)
    if type(value) in (list, tuple):
        value = trace.run["array"](value)
    if not is_traced(trace, value):
        held = adopted(trace, value)
        if held is None:
            return trace.constant(plain(value), dtype)
        value = held
    return truth(trace, value) if dtype == "bool" else real(trace, value, dtype)


def _is_live(trace: Trace, value: Any) -> bool:
    if type(value) in (list, tuple):
        return any(_is_live(trace, item) for item in value)
    if is_traced(trace, value):
        return bool(value.live)
    return adopted(trace, value) is not None


def _mask_of(array: Traced, key: Any) -> Node | None:
    """Return the mask node where `key` is one traced mask of the whole array."""
    if not is_traced(array.tape, key) or not key.live or key.node.dtype != "bool":
        return None
    return key.node if key.shape == array.shape and key.shape else None


def _put_masked(array: Traced, mask: Node, key: Any, value: Any) -> bool:
    """Assign by a traced mask without deciding it, where the value says what to put anywhere."""
    trace = array.tape
    same = is_traced(trace, value) and value.masked is not None
    same = same and alike(value.masked[0], mask)
    if not same and np.size(plain(value)) != 1:
        return False
    dtype = dtype_name(array.value)
    if same:
        chosen = value.masked[1]
        if chosen.dtype != dtype and dtype != "bool":
            chosen = cast(chosen, dtype, origin=trace.here())
    else:
        chosen = truth(trace, value) if dtype == "bool" else real(trace, value, dtype)
        chosen = reshape(chosen, ())
    array.value[plain(key)] = plain(value)
    old = array.node
    new = select(mask, chosen, old, origin=trace.here())
    array.write(array.positions, new, True)
    return True


def settled_key(trace: Trace, key: Any) -> Any:
    """Return an index as plain numbers; what was computed in it is recorded as decided."""
    if type(key) is Traced:
        return key.settled() if key.tape is trace else key.value
    if type(key) is tuple:
        return tuple(settled_key(trace, item) for item in key)
    if type(key) is list:
        return [settled_key(trace, item) for item in key]
    if type(key) is slice:
        ends = (key.start, key.stop, key.step)
        if any(type(end) is Traced for end in ends):
            return slice(*(settled_key(trace, end) for end in ends))
    return key


def alike(one: Node, other: Node, depth: int = 8) -> bool:
    """Tell whether two nodes are the same formula of the same nodes."""
    if one is other:
        return True
    if depth == 0 or one.op != other.op or len(one.inputs) != len(other.inputs):
        return False
    if not one.inputs or one.shape != other.shape or one.dtype != other.dtype:
        return False
    if set(one.params) != set(other.params):
        return False
    if any(not np.array_equal(one.params[k], other.params[k]) for k in one.params):
        return False
    return all(alike(a, b, depth - 1) for a, b in zip(one.inputs, other.inputs, strict=True))


def whole(array: Traced, value: Any, positions: np.ndarray) -> Any:
    """Return a view where numpy gave one, else a copy of those positions."""
    if isinstance(value, np.ndarray) and np.may_share_memory(value, array.value):
        return array.seen_at(value, positions)
    return wrapped(array.tape, value, array.root.read(positions), array.live)
