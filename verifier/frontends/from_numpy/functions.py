"""What happens when numpy calls one of its functions with traced values?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...errors import CannotLower
from ...graph.node import Node
from . import by_element, compositions, einsum, structure
from .algebra import ALGEBRA
from .operands import (
    adopted,
    dtype_name,
    is_traced,
    plain,
    real,
    stamped,
    traced_in,
    without_closed,
    wrapped,
)
from .orders import ORDERS
from .products import PRODUCTS
from .reductions import REDUCTIONS
from .selections import SELECTIONS
from .trace import Trace

LOWER: Mapping[Callable[..., Any], Callable[..., Any]] = {
    **REDUCTIONS,
    **PRODUCTS,
    **SELECTIONS,
    **ORDERS,
    **ALGEBRA,
    np.einsum: einsum.lower,
}
ABOUT = {  # answered from the computed value: nothing of a formula is in them
    getattr(np, name)
    for name in (
        "shape",
        "ndim",
        "size",
        "iscomplexobj",
        "isrealobj",
        "result_type",
        "can_cast",
        "common_type",
        "min_scalar_type",
        "may_share_memory",
        "shares_memory",
        "array2string",
        "array_repr",
        "array_str",
        "save",
        "savetxt",
        "ix_",
        "unravel_index",
    )
    if hasattr(np, name)
}
SHAPED = {np.zeros_like, np.ones_like, np.empty_like, np.full_like}


def on_function(
    trace: Trace, function: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    """Run a numpy function on the computed values and build the node of its result."""
    if trace.closed:
        return function(*without_closed(args), **without_closed(options))
    if not any(True for _ in traced_in(trace, (args, options))):
        return function(*plain(args), **plain(options))
    if function in ABOUT:
        return function(*_numbers(trace, args), **plain(options))
    if function in SHAPED:
        return _shaped(trace, function, args, options)
    if function in structure.STRUCTURAL:
        options, out = _without_out(options)
        return _into(trace, structure.move(trace, function, args, options), out)
    if function is np.pad:
        return structure.pad(trace, *args, **options)
    if function in compositions.COMPOSITIONS:
        return compositions.run(trace, function, args, options)
    handler = LOWER.get(function)
    if handler is None:
        return by_element.run(trace, function, args, options)
    return _lowered(trace, handler, function, args, options)


def _lowered(
    trace: Trace,
    handler: Callable[..., Any],
    function: Callable[..., Any],
    args: tuple[Any, ...],
    options: dict[str, Any],
) -> Any:
    options, out = _without_out(options)
    result = function(*plain(args), **plain(options))
    try:
        node = handler(trace, result, *args, **options)
    except CannotLower as failure:
        if not any(t.live for t in traced_in(trace, (args, options))):
            return result
        named = f"np.{function.__name__}: {failure.message}"
        raise CannotLower(
            named, slug=failure.slug, hint=failure.hint, where=failure.where
        ) from None
    if not isinstance(node, Node):
        return _into(trace, node, out)
    operands = list(traced_in(trace, (args, options)))
    known = {t.node for t in operands}
    done = stamped(node, trace.here(), known)
    value = wrapped(trace, result, done, any(t.live for t in operands))
    return _into(trace, value, out)


def _numbers(trace: Trace, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return plain arguments; whole numbers that were computed are decided."""
    for value in args:
        if is_traced(trace, value) and value.live and value.dtype.kind in "biu":
            value.settled()
    return plain(args)  # type: ignore[no-any-return]


def _without_out(options: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    out = options.get("out")
    rest = {k: v for k, v in options.items() if k != "out"}
    return rest, out[0] if isinstance(out, tuple) else out


def _into(trace: Trace, result: Any, out: Any) -> Any:
    if out is None:
        return result
    if is_traced(trace, out):
        out[...] = result
        return out
    np.copyto(out, plain(result))
    held = wrapped(trace, out, real(trace, result, dtype_name(out)))
    trace.adopted[id(out)] = (out, held)
    return adopted(trace, out)


def _shaped(
    trace: Trace, function: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    """Return a new buffer shaped like a traced one."""
    if function is not np.full_like:
        return trace.run["buffer"](function(*plain(args), **plain(options)))
    fill = args[1] if len(args) > 1 else options["fill_value"]
    out = trace.run["buffer"](function(*plain(args), **plain(options)))
    if is_traced(trace, out) and is_traced(trace, fill):
        out[...] = fill
    return out
