"""How is a numpy program lifted? It is run once, and every operation also builds a node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...graph.node import variable
from ..lifted import Lifted
from . import by_element, constructors, indexing, selections
from .functions import on_function
from .operands import adopted, is_traced
from .rebinding import rebound
from .trace import Trace
from .traced import Traced
from .ufuncs import on_ufunc


def lift(
    program: Callable[[dict[str, Any]], Any],
    leaves: Mapping[str, np.ndarray],
    *,
    data: Mapping[str, np.ndarray] | None = None,
    told: Mapping[int, bool] | None = None,
) -> Lifted:
    """Run ``program({name: array})`` once on traced copies of `leaves` and return its graph.

    `leaves` are floating arrays (any shape, float16 to float64) and become input nodes; `data`
    are handed to the program beside them as constants it may assign into; `told` answers an `if` by
    its place on the path, whatever its condition is. Raises CannotLower with
    the place and a remedy; exceptions of the program itself pass unchanged. Names rebound
    meanwhile (numpy's constructors, math, float, max, min) are restored on every exit.
    """
    trace = Trace({}, told)
    trace.run |= _services(trace)
    inputs, given = {}, {}
    for name, array in leaves.items():
        value = _copied(array)
        inputs[name] = variable(name, np.shape(value), np.asarray(value).dtype.name)
        given[name] = Traced(trace, value, inputs[name], True)
    for name, array in (data or {}).items():
        given[name] = constructors.buffer(trace, _copied(array))
    try:
        with rebound(trace, program):
            returned = program(given)
        output, value = _outputs(trace, returned)
    except Exception as failure:
        if trace.lost is not None and failure is not trace.lost:
            raise trace.lost from failure
        raise
    finally:
        trace.closed = True
    if trace.lost is not None:  # the program went on, with a number cut off from its inputs
        raise trace.lost
    return Lifted(inputs, output, value, tuple(trace.path), tuple(trace.pinned),
                  tuple(dict.fromkeys(trace.shown)))


def _services(trace: Trace) -> dict[str, Callable[..., Any]]:
    return {
        "ufunc": on_ufunc,
        "function": on_function,
        "get": indexing.get,
        "set": indexing.put,
        "astype": selections.cast_to,
        "item": constructors.item,
        "whole": constructors.whole,
        "objects": by_element.objects,
        "entries": by_element.entries,
        "buffer": lambda array: constructors.buffer(trace, array),
        "array": lambda values: constructors.convert(trace, "array", np.array, (values,), {}),
    }


def _copied(array: Any) -> Any:
    return np.array(array, order="K") if isinstance(array, np.ndarray) else array


def _outputs(trace: Trace, returned: Any) -> tuple[Any, Any]:
    """Return what the program returned twice: as nodes, and as computed."""
    if type(returned) is np.ndarray:
        held = adopted(trace, returned)
        if held is None and returned.dtype == object:
            held = by_element.stacked(trace, returned)
        returned = returned if held is None else held
    if is_traced(trace, returned):
        return returned.node, np.array(returned.value)
    if type(returned) is Traced:
        returned = returned.value
    if isinstance(returned, (list, tuple)):
        pairs = [_outputs(trace, item) for item in returned]
        kind = list if isinstance(returned, list) else tuple
        return kind(p[0] for p in pairs), kind(p[1] for p in pairs)
    if isinstance(returned, dict):
        both = {key: _outputs(trace, item) for key, item in returned.items()}
        return {k: p[0] for k, p in both.items()}, {k: p[1] for k, p in both.items()}
    if isinstance(returned, (np.ndarray, np.generic, float, int)):
        plain = np.array(returned)
        return plain, plain
    return returned, returned
