"""What do np.zeros, np.array and float() return while a program is lifted?

Float arrays the program makes are buffers: it may assign traced values into them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...graph.node import apply
from ...primitives.linear import reshape
from .by_element import stacked
from .operands import dtype_name, is_traced, plain, real, traced_in, wrapped
from .selections import cast_to
from .structure import node_at, positions_of
from .trace import Trace
from .traced import Traced

MAKERS = (
    "zeros",
    "ones",
    "empty",
    "full",
    "eye",
    "identity",
    "arange",
    "linspace",
    "zeros_like",
    "ones_like",
    "empty_like",
    "full_like",
    "copy",
    "tri",
    "diag",
    "logspace",
    "geomspace",
)
CONVERTERS = ("array", "asarray", "asanyarray", "ascontiguousarray", "asfortranarray")


def buffer(trace: Trace, array: Any) -> Any:
    """Return a float array as a traced buffer that depends on nothing yet; others unchanged."""
    if type(array) is not np.ndarray or array.dtype.kind != "f":
        return array
    return Traced(trace, array, trace.constant(array, array.dtype.name), False)


def make(trace: Trace, name: str, original: Callable[..., Any], args: Any, options: Any) -> Any:
    """Return what a constructor of MAKERS returns, float arrays as buffers."""
    if name == "full" and any(True for _ in traced_in(trace, (args, options))):
        out = buffer(trace, original(*plain(args), **plain(options)))
        if is_traced(trace, out):
            out[...] = args[1] if len(args) > 1 else options["fill_value"]
        return out
    if name in ("zeros", "ones", "empty", "eye", "identity", "arange"):
        for operand in traced_in(trace, (args, options)):
            operand.settled()
        args, options = plain(args), plain(options)
    out = original(*args, **options)
    if name.startswith("empty") and isinstance(out, np.ndarray) and out.dtype.kind == "f":
        out[...] = 0
    return buffer(trace, out)


def convert(trace: Trace, name: str, original: Callable[..., Any], args: Any, options: Any) -> Any:
    """Return what np.array and its like return: traced entries are kept as such."""
    if not args:
        return original(*args, **options)
    data, rest = args[0], args[1:]
    if is_traced(trace, data):
        return _converted(trace, name, original, data, rest, options)
    if isinstance(data, np.ndarray) and data.dtype == object:
        return stacked(trace, data)
    if isinstance(data, (list, tuple)) and any(True for _ in traced_in(trace, data)):
        return _joined(trace, original, data, rest, options)
    out = original(plain(data), *plain(rest), **plain(options))
    return out if out is data else buffer(trace, out)


def _converted(
    trace: Trace, name: str, original: Callable[..., Any], data: Traced, rest: Any, options: Any
) -> Any:
    asked = plain(rest[0] if rest else options.get("dtype"))
    value = np.asarray(data.value)
    dtype = value.dtype if asked is None else np.dtype(asked)
    copies = name == "array" and options.get("copy", True) is not False
    if not copies and dtype == value.dtype and isinstance(data.value, np.ndarray):
        out = data
    elif dtype == value.dtype:
        out = Traced(trace, np.array(value), data.node, data.live)
    else:
        held = (
            data
            if isinstance(data.value, np.ndarray)
            else Traced(trace, value, data.node, data.live)
        )
        out = cast_to(held, dtype)
    least = options.get("ndmin", 0)
    return out if least <= out.ndim else out.reshape((1,) * (least - out.ndim) + out.shape)


def _joined(trace: Trace, original: Callable[..., Any], data: Any, rest: Any, options: Any) -> Any:
    value = original(plain(data), *plain(rest), **plain(options))
    if value.dtype == object:
        return _objects(data)
    if value.dtype.kind not in "fb":
        for operand in traced_in(trace, data):
            operand.settled()
        return value
    sources, moved = positions_of(trace, data)
    live = any(t.live for t in traced_in(trace, data))
    return Traced(trace, value, node_at(trace, sources, moved.reshape(value.shape), value), live)


def _objects(data: Any) -> np.ndarray:
    out = np.empty(len(data), dtype=object)
    for k, item in enumerate(data):
        out[k] = item
    return out


def as_float(trace: Trace, original: Callable[..., Any], value: Any) -> Any:
    """Return ``float(x)`` or ``np.float32(x)`` of a traced value, still traced."""
    if not is_traced(trace, value) or trace.closed:
        return original(plain(value))
    result = original(value.value)
    node = real(trace, value, dtype_name(result))
    return wrapped(trace, result, reshape(node, np.shape(result)), value.live)


def item(array: Traced, *place: Any) -> Any:
    """Return one entry as a Python number, still traced."""
    trace = array.tape
    if trace.closed:
        return array.value.item(*plain(place))
    if place:
        index = place[0] if len(place) == 1 else place
        flat = array.reshape(-1) if not isinstance(index, tuple) else array
        return item(flat[index])
    value = np.asarray(array.value).item()
    return Traced(trace, value, reshape(array.node, ()), array.live)


def whole(array: Traced, op: str, original: Callable[..., Any]) -> Any:
    """Return round, floor, ceil or trunc as Python does: a whole number, still traced."""
    trace = array.tape
    value = original(float(array.value))
    if trace.closed:
        return value
    node = apply(op, reshape(real(trace, array, "float64"), ()), origin=trace.here())
    return Traced(trace, value, node, array.live)
