"""What happens when numpy applies a ufunc to traced values: call, reduce, accumulate, outer, at?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...graph.node import Node
from ...primitives.linear import select
from . import elementwise, running
from .indexing import alike
from .operands import (
    dtype_name,
    is_traced,
    plain,
    real,
    stamped,
    traced_in,
    truth,
    without_closed,
    wrapped,
)
from .products import GENERALISED
from .trace import Trace
from .traced import Traced


def on_ufunc(
    trace: Trace, ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    """Run the ufunc on the computed values and build the node of its result."""
    if trace.closed:
        return getattr(ufunc, method)(*without_closed(inputs), **without_closed(options))
    if not any(True for _ in traced_in(trace, (inputs, options))):
        return getattr(ufunc, method)(*plain(inputs), **plain(options))
    if method == "at":
        return running.add_at(trace, ufunc, *inputs)
    options = dict(options)
    out = options.pop("out", None)
    target = out[0] if isinstance(out, tuple) and len(out) == 1 else out
    where = options.pop("where", True)
    if method != "__call__" and where is not True:
        options["where"] = where
    run = METHODS.get(method)
    if run is None:
        raise trace.refuse(f"np.{ufunc.__name__}.{method} is not lifted")
    if target is None and where is not True and method == "__call__":
        raise trace.refuse(
            f"np.{ufunc.__name__}(..., where=...) without out= leaves entries undefined",
            "Give out=, or write np.where(condition, ..., ...).",
        )
    return run(trace, ufunc, inputs, options, target, where)


def _call(
    trace: Trace,
    ufunc: np.ufunc,
    inputs: tuple[Any, ...],
    options: dict[str, Any],
    out: Any,
    where: Any,
) -> Any:
    masked = _on_masked(trace, ufunc, inputs, options) if where is True else None
    if masked is not None and (out is None or _is_masked(trace, out)):
        return masked if out is None else _renewed(out, masked)
    if ufunc.nout > 1:
        return running.several(trace, ufunc, inputs, options)
    live = any(t.live for t in traced_in(trace, inputs))
    values = plain(inputs)
    if out is None:
        result = ufunc(*values, **options)
        return wrapped(trace, result, node_of(trace, ufunc, result, inputs, live), live)
    sample = ufunc(*values, **options)
    node = node_of(trace, ufunc, sample, inputs, live)
    if where is not True:
        old = real(trace, out, dtype_name(plain(out)))
        node = select(truth(trace, where), node, old, origin=trace.here())
    ufunc(*values, out=plain(out), where=plain(where), **options)
    return assigned(trace, out, node, live)


def node_of(
    trace: Trace, ufunc: np.ufunc, result: Any, inputs: tuple[Any, ...], live: bool
) -> Node:
    """Return the node of ``ufunc(*inputs)``, computed as `result`."""
    name = ufunc.__name__
    if name in GENERALISED:
        node = GENERALISED[name](trace, result, *inputs)
    elif elementwise.known(ufunc):
        node = elementwise.lower(trace, ufunc, result, inputs)
        if node.origin is not None:
            return node
    elif not live:
        node = trace.constant(result, dtype_name(result))
    else:
        return running.by_entries(trace, ufunc, result, inputs)
    known = {t.node for t in traced_in(trace, inputs)}
    return stamped(node, trace.here(), known)


def assigned(trace: Trace, out: Any, node: Node, live: bool) -> Traced:
    """Let `out` stand for `node`; its numbers are already computed in place."""
    if is_traced(trace, out):
        out.write(out.positions, node, live)
        return out  # type: ignore[no-any-return]
    held = wrapped(trace, out, node, live)
    trace.adopted[id(out)] = (out, held)
    return held


def _is_masked(trace: Trace, value: Any) -> bool:
    return is_traced(trace, value) and value.masked is not None


def _renewed(out: Traced, result: Traced) -> Traced:
    out.value[...] = result.value
    out.masked = result.masked
    return out


def _on_masked(
    trace: Trace, ufunc: np.ufunc, inputs: tuple[Any, ...], options: dict[str, Any]
) -> Traced | None:
    """Apply to x[mask] as to all of x, keeping the mask: no decision is taken yet."""
    chosen = [x for x in inputs if _is_masked(trace, x)]
    decides = ufunc.__name__ in elementwise.COMPARISONS | elementwise.TESTS
    if not chosen or decides or ufunc.nout > 1 or not elementwise.known(ufunc):
        return None
    mask, _, keep = chosen[0].masked
    same = all(alike(mask, x.masked[0]) for x in chosen[1:])
    others = (x for x in inputs if not _is_masked(trace, x))
    if not same or any(np.size(plain(x)) != 1 for x in others):
        return None
    full = tuple(
        Traced(trace, np.resize(x.value, keep.shape), x.masked[1], True)
        if _is_masked(trace, x)
        else _as_scalar(trace, x)
        for x in inputs
    )
    with np.errstate(all="ignore"):
        stand_in = ufunc(*plain(full), **options)
    result = ufunc(*plain(inputs), **options)
    node = node_of(trace, ufunc, stand_in, full, True)
    if node.dtype == "bool" or node.shape != keep.shape:
        return None
    out = Traced(trace, result, None, True)
    out.masked = (mask, node, keep)
    return out


def _as_scalar(trace: Trace, value: Any) -> Any:
    if is_traced(trace, value):
        return value.reshape(()) if value.shape else value
    return value if np.ndim(value) == 0 else np.asarray(value).reshape(())[()]


METHODS: Mapping[str, Callable[..., Any]] = {
    "__call__": _call,
    "reduce": running.reduce,
    "accumulate": running.accumulate,
    "outer": running.outer,
    "reduceat": running.reduceat,
}
