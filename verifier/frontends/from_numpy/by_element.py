"""What if a numpy function is unknown here? It is run on single entries, where sizes permit.

Much of numpy is Python that works on arrays of any objects; such arrays of single traced numbers
are handed to it, and what comes back is stacked into one array again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import CannotLower
from ...graph.node import Node
from ...primitives.linear import reshape
from .operands import dtype_name, is_traced, plain, real, traced_in, wrapped
from .trace import Trace
from .traced import Traced
from .writes import gathered

LIMIT = 4096


def objects(array: Traced) -> np.ndarray:
    """Return an object array of single traced numbers, one for each entry."""
    out = np.empty(array.shape, dtype=object)
    for place in np.ndindex(*array.shape):
        out[place] = array[place] if place or isinstance(array.value, np.ndarray) else array
    return out


def stacked(trace: Trace, entries: np.ndarray, value: Any = None) -> Any:
    """Return an object array of traced numbers as one traced array."""
    flat: list[Any] = [entries[place] for place in np.ndindex(*entries.shape)]
    if not any(is_traced(trace, item) for item in flat):
        return np.array(entries.tolist())
    if value is None:
        value = np.array([np.asarray(plain(i))[()] for i in flat]).reshape(entries.shape)
    dtype = dtype_name(value)
    nodes = [reshape(real(trace, item, dtype), (1,)) for item in flat]
    live = any(is_traced(trace, item) and item.live for item in flat)
    return wrapped(trace, value, gathered(nodes, trace.grid(entries.shape), trace.here()), live)


def _opened(trace: Trace, structure: Any) -> Any:
    if type(structure) is Traced:
        return objects(structure) if structure.live else structure.value
    if isinstance(structure, list):
        return [_opened(trace, item) for item in structure]
    if isinstance(structure, tuple):
        return tuple(_opened(trace, item) for item in structure)
    return structure


def _closed(trace: Trace, result: Any, expected: Any) -> Any:
    if isinstance(result, np.ndarray) and result.dtype == object:
        same = np.shape(expected) == result.shape
        return stacked(trace, result, expected if same else None)
    if isinstance(result, (list, tuple)) and isinstance(expected, (list, tuple)):
        pairs = zip(result, expected, strict=True)
        return type(result)(_closed(trace, r, e) for r, e in pairs)
    return result


def run(
    trace: Trace, function: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    """Run an unknown numpy function entry by entry, or say that it cannot be lifted."""
    operands = list(traced_in(trace, (args, options)))
    expected = function(*plain(args), **plain(options))
    if not any(t.live for t in operands):
        return expected
    name = f"np.{getattr(function, '__name__', function)}"
    if max(t.size for t in operands) > LIMIT:
        raise trace.refuse(f"{name} is not known to the lift and the array is large")

    def call() -> Any:
        opened = {k: _opened(trace, v) for k, v in options.items()}
        return function(*_opened(trace, args), **opened)

    return _closed(trace, _uncut(trace, name, call), expected)


def _uncut(trace: Trace, name: str, call: Callable[[], Any]) -> Any:
    """Return ``call()`` where it kept every number traced."""
    cuts, pinned = trace.cuts, len(trace.pinned)
    try:
        result = call()
    except CannotLower:
        raise
    except Exception as failure:
        raise trace.refuse(f"{name} is not known to the lift ({failure})") from failure
    if trace.cuts > cuts:
        del trace.pinned[pinned:]
        raise trace.refuse(f"{name} is not known to the lift (it works on plain numbers only)")
    return result


def entries(trace: Trace, ufunc: np.ufunc, result: Any, inputs: tuple[Any, ...]) -> Node:
    """Return the node of a ufunc unknown here, run on object arrays (np.frompyfunc)."""
    if np.size(result) > LIMIT:
        raise trace.refuse(f"{ufunc.__name__} is not known to the lift and the array is large")

    def call() -> Any:
        opened = [np.asarray(_opened(trace, i), dtype=object) for i in inputs]
        return np.asarray(ufunc(*opened), dtype=object)

    out = _uncut(trace, ufunc.__name__, call)
    closed = stacked(trace, out.reshape(np.shape(result)))
    if not is_traced(trace, closed):
        return trace.constant(closed, dtype_name(closed))
    return closed.node  # type: ignore[no-any-return]
