"""What do reduce, accumulate, outer and at mean for any ufunc? Chains over slices, in order."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...graph.node import Node, apply
from ...primitives.linear import reshape, scatter
from . import axes, elementwise, reductions
from .chains import LIMIT, chain, slices
from .indexing import settled_key
from .operands import (
    dtype_name,
    is_traced,
    loop_dtype,
    plain,
    real,
    stamped,
    traced_in,
    wrapped,
)
from .trace import Trace
from .traced import Traced


def _live(trace: Trace, given: Any) -> bool:
    return any(t.live for t in traced_in(trace, given))


def reduce(
    trace: Trace,
    ufunc: np.ufunc,
    inputs: tuple[Any, ...],
    options: dict[str, Any],
    out: Any,
    where: Any,
) -> Any:
    """Return ``ufunc.reduce``: the function of that meaning, or a chain over slices."""
    array, *rest = inputs
    named = dict(zip(("axis", "dtype", "out", "keepdims"), rest, strict=False)) | options
    named.setdefault("axis", 0)
    function = reductions.OF_UFUNC.get(ufunc.__name__)
    if function is not None:
        if out is not None:
            named["out"] = out
        return trace.run["function"](trace, function, (array,), named)
    axis = named["axis"]
    if not isinstance(axis, int) or set(named) - {"axis", "keepdims"} or out is not None:
        raise trace.refuse(f"np.{ufunc.__name__}.reduce with these options is not lifted")
    parts = slices(trace, array, axis)
    total = parts[0]
    for part in parts[1:]:
        total = ufunc(total, part)
    result = ufunc.reduce(plain(array), axis=axis, keepdims=named.get("keepdims", False))
    return wrapped(trace, result, reshape(total.node, np.shape(result)), _live(trace, array))


def accumulate(
    trace: Trace,
    ufunc: np.ufunc,
    inputs: tuple[Any, ...],
    options: dict[str, Any],
    out: Any,
    where: Any,
) -> Any:
    """Return ``ufunc.accumulate`` as a running chain over slices."""
    array, *rest = inputs
    axis = rest[0] if rest else options.get("axis", 0)
    if out is not None or ufunc.nin != 2:
        raise trace.refuse(f"np.{ufunc.__name__}.accumulate with out= is not lifted")
    if ufunc is np.add:
        return trace.run["function"](trace, np.cumsum, (array, axis), {})
    result = ufunc.accumulate(plain(array), axis)
    return wrapped(trace, result, chain(trace, ufunc, array, axis), _live(trace, array))


def reduceat(
    trace: Trace,
    ufunc: np.ufunc,
    inputs: tuple[Any, ...],
    options: dict[str, Any],
    out: Any,
    where: Any,
) -> Any:
    """Return ``ufunc.reduceat``: one reduction for each run of entries between two places."""
    array, places, *rest = inputs
    axis = rest[0] if rest else options.get("axis", 0)
    if out is not None or set(options) - {"axis"}:
        raise trace.refuse(f"np.{ufunc.__name__}.reduceat with these options is not lifted")
    starts = np.asarray(settled_key(trace, places)).tolist()
    rows = np.moveaxis(array, axis, 0)
    parts = []
    for start, stop in zip(starts, [*starts[1:], len(rows)], strict=True):
        run = rows[start : stop if stop > start else start + 1]
        parts.append(ufunc.reduce(run, axis=0))
    return np.moveaxis(np.stack(parts), 0, axis)


def outer(
    trace: Trace,
    ufunc: np.ufunc,
    inputs: tuple[Any, ...],
    options: dict[str, Any],
    out: Any,
    where: Any,
) -> Any:
    """Return ``ufunc.outer(a, b)`` as the ufunc of two broadcast arrays."""
    a, b = (x if is_traced(trace, x) else np.asarray(plain(x)) for x in inputs)
    left = a.reshape(a.shape + (1,) * b.ndim)
    return ufunc(left, b, **({} if out is None else {"out": out}), **options)


def add_at(trace: Trace, ufunc: np.ufunc, array: Any, key: Any, *values: Any) -> None:
    """Perform ``ufunc.at``: sums as one scatter, any other ufunc entry by entry."""
    fixed = settled_key(trace, key)
    if not is_traced(trace, array):
        held = trace.adopted.get(id(array))
        array_node = real(trace, array, dtype_name(array)) if held is None else held[1].node
        array = _adopt(trace, array, array_node)
    grid = trace.grid(array.shape)
    if isinstance(fixed, list):
        fixed = np.asarray(fixed)
    picked = np.asarray(grid[fixed])
    if ufunc in (np.add, np.subtract) and len(values) == 1:
        dtype = dtype_name(plain(array))
        value = real(trace, values[0], dtype)
        sign = apply("negative", value) if ufunc is np.subtract else value
        full = axes.broadcast(sign, picked.shape)
        node = apply("add", array.node, scatter(full, picked, array.shape))
        node = stamped(node, trace.here(), {array.node, value})
        ufunc.at(array.value, fixed, plain(values[0]))
        array.write(array.positions, node, _live(trace, values))
        return
    if picked.size > LIMIT:
        raise trace.refuse(f"np.{ufunc.__name__}.at over {picked.size} entries is not lifted")
    flat = array.reshape(-1)
    others = [np.broadcast_to(v, picked.shape).reshape(-1) for v in values]
    for k, place in enumerate(picked.ravel()):
        flat[int(place)] = ufunc(flat[int(place)], *(o[k] for o in others))


def _adopt(trace: Trace, array: np.ndarray, node: Node) -> Traced:
    held = Traced(trace, array, node, True)
    trace.adopted[id(array)] = (array, held)
    return held


def several(
    trace: Trace, ufunc: np.ufunc, inputs: tuple[Any, ...], options: dict[str, Any]
) -> tuple[Any, ...]:
    """Return the results of a ufunc that has two: divmod, modf."""
    results = ufunc(*plain(inputs), **options)
    live = _live(trace, inputs)
    if not live:
        return tuple(wrapped(trace, r, trace.constant(r, dtype_name(r)), False) for r in results)
    if ufunc.__name__ == "divmod":
        parts = (np.floor_divide, np.remainder)
        nodes = [
            elementwise.lower(trace, u, r, inputs) for u, r in zip(parts, results, strict=True)
        ]
    elif ufunc.__name__ == "modf":
        x = real(trace, inputs[0], loop_dtype(trace, results[0]))
        whole = apply("trunc", x)
        nodes = [apply("subtract", x, whole), whole]
    else:
        raise trace.refuse(f"np.{ufunc.__name__} is not lifted")
    known = {t.node for t in traced_in(trace, inputs)}
    return tuple(
        wrapped(trace, r, stamped(n, trace.here(), known))
        for r, n in zip(results, nodes, strict=True)
    )


def by_entries(trace: Trace, ufunc: np.ufunc, result: Any, inputs: tuple[Any, ...]) -> Node:
    """Return the node of a ufunc made by np.frompyfunc: its Python function, entry by entry."""
    return trace.run["entries"](trace, ufunc, result, inputs)  # type: ignore[no-any-return]
