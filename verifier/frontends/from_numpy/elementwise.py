"""What node does a numpy ufunc become, entry by entry?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...graph.node import Node, apply
from ...primitives.linear import select
from ...primitives.table import SCALARS
from .operands import dtype_of, is_traced, loop_dtype, plain, real, truth
from .scipy_ufuncs import COMPOSED
from .trace import Trace

COMPARISONS = frozenset({"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"})
LOGICAL = {
    "logical_and": "logical_and",
    "logical_or": "logical_or",
    "logical_xor": "logical_xor",
    "logical_not": "logical_not",
    "bitwise_and": "logical_and",
    "bitwise_or": "logical_or",
    "bitwise_xor": "logical_xor",
    "invert": "logical_not",
}
ON_BOOLS = {  # what arithmetic means where numpy runs it on booleans
    "multiply": "logical_and",
    "minimum": "logical_and",
    "add": "logical_or",
    "maximum": "logical_or",
}
TESTS = frozenset({"isnan", "isfinite", "isinf", "signbit"})


def spelled(library: str) -> dict[str, str]:
    """Return the op for each name a library gives a function of the table."""
    return {name: row.name for row in SCALARS.values() for name in row.spelled.get(library, ())}


OPS: Mapping[str, str] = spelled("numpy") | spelled("scipy")


def _power(trace: Trace, dtype: str, base: Any, exponent: Any) -> Node:
    x = real(trace, base, dtype)
    known = None if is_traced(trace, exponent) and exponent.live else np.asarray(plain(exponent))
    if known is not None and known.size == 1 and not known.shape:
        simple = {2.0: "square", 0.5: "sqrt", -1.0: "reciprocal"}.get(float(known))
        if simple:
            return apply(simple, x)
        return x if float(known) == 1.0 else apply("power", x, trace.constant(known, dtype))
    return apply("power", x, real(trace, exponent, dtype))


def _copysign(trace: Trace, dtype: str, x: Any, y: Any) -> Node:
    size = apply("absolute", real(trace, x, dtype))
    return select(apply("signbit", real(trace, y, dtype), dtype="bool"), -size, size)


def _scaled(factor: float) -> Callable[..., Node]:
    def lower(trace: Trace, dtype: str, x: Any) -> Node:
        return apply("multiply", real(trace, x, dtype), trace.constant(factor, dtype))

    return lower


def _rows(op: str) -> Callable[..., Node]:
    def lower(trace: Trace, dtype: str, *operands: Any) -> Node:
        return apply(op, *(real(trace, x, dtype) for x in operands))

    return lower


def _floor_divide(trace: Trace, dtype: str, x: Any, y: Any) -> Node:
    return apply("floor", apply("divide", real(trace, x, dtype), real(trace, y, dtype)))


def _same(trace: Trace, dtype: str, x: Any) -> Node:
    return real(trace, x, dtype)


def _ldexp(trace: Trace, dtype: str, x: Any, exponent: Any) -> Node:
    scale = trace.constant(np.exp2(np.asarray(plain(exponent), dtype="float64")), dtype)
    return apply("multiply", real(trace, x, dtype), scale)


def _or_nan(op: str) -> Callable[..., Node]:
    def lower(trace: Trace, dtype: str, x: Any, y: Any) -> Node:
        a, b = real(trace, x, dtype), real(trace, y, dtype)
        best = select(apply("isnan", b, dtype="bool"), a, apply(op, a, b))
        return select(apply("isnan", a, dtype="bool"), b, best)

    return lower


SPECIAL: Mapping[str, Callable[..., Node]] = {
    "power": _power,
    "float_power": _power,
    "copysign": _copysign,
    "floor_divide": _floor_divide,
    "positive": _same,
    "conjugate": _same,
    "conj": _same,
    "fabs": _rows("absolute"),
    "rint": _rows("round"),
    "ldexp": _ldexp,
    "deg2rad": _scaled(np.pi / 180),
    "radians": _scaled(np.pi / 180),
    "rad2deg": _scaled(180 / np.pi),
    "degrees": _scaled(180 / np.pi),
    "fmax": _or_nan("maximum"),
    "fmin": _or_nan("minimum"),
}


def known(ufunc: np.ufunc) -> bool:
    """Tell whether the ufunc can be written as a node, entry by entry."""
    name = ufunc.__name__
    written = name in OPS or name in SPECIAL or name in COMPOSED
    return written or name in COMPARISONS | TESTS or name in LOGICAL


def _decision(
    trace: Trace, name: str, operands: list[Node], result: Any, values: list[Any]
) -> Node:
    """Return a decision node; where the run met inf or nan, it decided as it was run.

    Code that asks isnan, or compares an overflowed number, takes a branch exact numbers never
    would: the formula under test is the branch that was run, so the answer is kept with the node.
    """
    shape = np.broadcast_shapes(*(n.shape for n in operands))
    finite = (
        np.isfinite(values[0])
        if len(values) == 1
        else (np.isfinite(values[0]) & np.isfinite(values[1]))
    )
    odd = np.broadcast_to(~np.asarray(finite), shape)
    params = {}
    if odd.any() and name != "signbit":
        params = {"taken": np.broadcast_to(np.asarray(result), shape), "where": odd}
        trace.pin()
    return Node(name, tuple(operands), params, shape, "bool", trace.here())


def lower(trace: Trace, ufunc: np.ufunc, result: Any, inputs: tuple[Any, ...]) -> Node:
    """Return the node of ``ufunc(*inputs)``, which numpy computed as `result`."""
    name, origin = ufunc.__name__, trace.here()
    values = [plain(x) for x in inputs]
    decision = LOGICAL.get(name) or ON_BOOLS.get(name)
    if decision and dtype_of(result).kind == "b":
        return apply(decision, *(truth(trace, x) for x in inputs), dtype="bool", origin=origin)
    if name in ("equal", "not_equal") and all(dtype_of(v).kind == "b" for v in values):
        differ = apply(
            "logical_xor", *(truth(trace, x) for x in inputs), dtype="bool", origin=origin
        )
        return (
            differ
            if name == "not_equal"
            else apply("logical_not", differ, dtype="bool", origin=origin)
        )
    dtype = loop_dtype(trace, result, *values)
    if name in COMPARISONS | TESTS:
        operands = [real(trace, x, dtype) for x in inputs]
        return _decision(trace, name, operands, result, values)
    if name in SPECIAL:
        return SPECIAL[name](trace, dtype, *inputs)
    if name in COMPOSED:
        return COMPOSED[name](*(real(trace, x, dtype) for x in inputs))
    return apply(OPS[name], *(real(trace, x, dtype) for x in inputs), origin=origin, dtype=dtype)
