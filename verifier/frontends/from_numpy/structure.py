"""What node does a function that only moves entries become?

The numpy function itself is run on flat positions instead of numbers; where its result says which
entry stands where, that is the node. Positions count from 1, so a 0 is an entry numpy filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...graph.node import Node
from .indexing import settled_key
from .operands import dtype_name, is_traced, plain, real, traced_in, truth
from .trace import Trace
from .traced import Traced
from .writes import gathered

Function = Callable[..., Any]
EVERY = -1  # all positional arguments are data
DROPPED = ("dtype", "casting", "like", "subok", "copy")


def _named(*names: str) -> tuple[Function, ...]:
    """Return the functions numpy has under these names, in this version."""
    found = []
    for name in names:
        place: Any = np
        for part in name.split("."):
            place = getattr(place, part, None)
        if place is not None:
            found.append(place)
    return tuple(found)


STRUCTURAL: Mapping[Function, tuple[int, ...]] = {
    **dict.fromkeys(
        _named(
            "reshape",
            "ravel",
            "transpose",
            "swapaxes",
            "moveaxis",
            "rollaxis",
            "squeeze",
            "expand_dims",
            "broadcast_to",
            "split",
            "array_split",
            "hsplit",
            "vsplit",
            "dsplit",
            "tile",
            "repeat",
            "roll",
            "flip",
            "flipud",
            "fliplr",
            "rot90",
            "take",
            "delete",
            "diag",
            "diagflat",
            "diagonal",
            "tril",
            "triu",
            "resize",
            "stack",
            "vstack",
            "hstack",
            "dstack",
            "column_stack",
            "concatenate",
            "block",
            "unstack",
            "matrix_transpose",
            "linalg.matrix_transpose",
            "linalg.diagonal",
            "lib.stride_tricks.sliding_window_view",
        ),
        (0,),
    ),
    **dict.fromkeys(_named("append"), (0, 1)),
    **dict.fromkeys(_named("insert"), (0, 2)),
    **dict.fromkeys(_named("compress", "extract", "choose"), (1,)),
    **dict.fromkeys(
        _named("atleast_1d", "atleast_2d", "atleast_3d", "broadcast_arrays", "meshgrid"), (EVERY,)
    ),
}


def move(trace: Trace, function: Function, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Return the result of a function of STRUCTURAL: views where numpy gives views."""
    spots = STRUCTURAL[function]
    data = range(len(args)) if spots == (EVERY,) else spots
    args, options = _positional(function, args, options)
    result = function(*plain(args), **plain(options))
    fixed = {k: settled_key(trace, v) for k, v in options.items() if k not in DROPPED}
    static = [a if k in data else settled_key(trace, a) for k, a in enumerate(args)]
    alone = _alone(trace, [args[k] for k in data if k < len(args)])
    if alone is not None and _shares(result, alone.value):
        shown = [alone.positions if a is alone else a for a in static]
        return _views(alone, result, function(*shown, **fixed))
    sources: list[Any] = []
    start = [1]
    marked = [_marked(trace, a, sources, start) if k in data else a for k, a in enumerate(static)]
    moved = function(*marked, **fixed)
    live = any(t.live for t in traced_in(trace, args))
    return _copies(trace, result, moved, sources, live)


def _positional(
    function: Function, args: tuple[Any, ...], options: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Move data given by name to the front."""
    if args:
        return args, options
    names = ("a", "x", "m", "v", "array", "ary", "arr", "tup", "arrays")
    name = next(n for n in names if n in options)
    return (options[name],), {k: v for k, v in options.items() if k != name}


def _alone(trace: Trace, data: list[Any]) -> Traced | None:
    return data[0] if len(data) == 1 and is_traced(trace, data[0]) else None


def _shares(result: Any, value: Any) -> bool:
    if isinstance(result, (list, tuple)):
        return bool(result) and all(_shares(r, value) for r in result)
    return (
        isinstance(result, np.ndarray)
        and isinstance(value, np.ndarray)
        and (np.may_share_memory(result, value))
    )


def _views(source: Traced, result: Any, positions: Any) -> Any:
    if isinstance(result, (list, tuple)):
        pairs = zip(result, positions, strict=True)
        return type(result)(source.seen_at(r, p) for r, p in pairs)
    return source if result is source.value else source.seen_at(result, positions)


def _marked(trace: Trace, argument: Any, sources: list[Any], start: list[int]) -> Any:
    """Replace data by positions counted from 1 over all `sources`; `start` holds the next."""
    if isinstance(argument, (list, tuple)) and not is_traced(trace, argument):
        if any(True for _ in traced_in(trace, argument)) or _nested(argument):
            return type(argument)([_marked(trace, a, sources, start) for a in argument])
        argument = np.asarray(plain(argument))
    places = trace.grid(np.shape(plain(argument))) + start[0]
    start[0] += places.size
    sources.append(argument)
    return places


def _nested(argument: Any) -> bool:
    return any(isinstance(a, (np.ndarray, list, tuple)) for a in argument)


def positions_of(trace: Trace, data: Any) -> tuple[list[Any], np.ndarray]:
    """Return the arrays in nested lists, and the position of every entry, counted from 1."""
    sources: list[Any] = []
    marked = _marked(trace, data, sources, [1])
    return sources, np.array(marked)


def node_at(trace: Trace, sources: list[Any], moved: Any, result: Any) -> Node:
    """Return the node of the entries of `sources` that stand where `moved` says."""
    dtype = dtype_name(result)
    nodes = [truth(trace, s) if dtype == "bool" else real(trace, s, dtype) for s in sources]
    return gathered(nodes, np.asarray(moved) - 1, trace.here())


def _copies(trace: Trace, result: Any, moved: Any, sources: list[Any], live: bool) -> Any:
    if isinstance(result, (list, tuple)):
        pairs = zip(result, moved, strict=True)
        return type(result)(_copies(trace, r, m, sources, live) for r, m in pairs)
    if any(is_traced(trace, s) and s.node.dtype == "int64" for s in sources):
        return _moved_places(trace, result, moved, sources, live)
    return Traced(trace, result, node_at(trace, sources, moved, result), live)


def _moved_places(trace: Trace, result: Any, moved: Any, sources: list[Any], live: bool) -> Any:
    """Move places (argmax, argsort): still places where alone, plain numbers where mixed."""
    if len(sources) == 1:
        node = gathered([sources[0].node], np.asarray(moved) - 1, trace.here())
        return Traced(trace, result, node, live)
    for source in sources:
        if is_traced(trace, source):
            source.settled()
    return result


def pad(trace: Trace, array: Any, width: Any, mode: Any = "constant", **options: Any) -> Any:
    """Return np.pad for the modes that only move entries."""
    value = np.pad(plain(array), width, mode, **plain(options))
    sources = [array]
    grid = trace.grid(np.shape(plain(array))) + 1
    if mode == "constant":
        filled = options.get("constant_values", 0)
        if np.ndim(plain(filled)) or is_traced(trace, filled):
            raise trace.refuse(
                "np.pad with several constant values is not lifted", "Pad once for each value."
            )
        moved = np.pad(grid, width, mode, constant_values=0 if filled == 0 else grid.size + 1)
        sources += [] if filled == 0 else [filled]
    elif mode in ("edge", "reflect", "symmetric", "wrap"):
        moved = np.pad(grid, width, mode, **options)
    else:
        raise trace.refuse(f"np.pad(mode={mode!r}) is not lifted", "Compute the border yourself.")
    return Traced(trace, value, node_at(trace, sources, moved, value), array.live)


def as_strided(
    trace: Trace,
    x: Any,
    shape: Any = None,
    strides: Any = None,
    subok: bool = False,
    writeable: bool = True,
    **options: Any,
) -> Any:
    """Return the window numpy shows of the memory of `x`, by strides given in bytes."""
    tricks = np.lib.stride_tricks
    value = tricks.as_strided(x.value, shape, strides, writeable=writeable)
    size = x.value.itemsize
    layout = np.empty_like(x.value, dtype=np.int64)
    layout[...] = x.positions
    if layout.strides != tuple(s // size * 8 for s in x.value.strides):
        raise trace.refuse(
            "as_strided of an array that is not contiguous is not lifted",
            "Call np.ascontiguousarray first.",
        )
    steps = None if strides is None else tuple(int(s) // size * 8 for s in strides)
    return x.seen_at(value, tricks.as_strided(layout, shape, steps))
