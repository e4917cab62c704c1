"""What do math.exp, max and scipy.special.softmax return for traced values?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...graph.node import Node, apply
from ...primitives.linear import compare, reshape, select
from .constructors import whole
from .elementwise import spelled
from .operands import dtype_name, plain, real, traced_in, wrapped
from .trace import Trace
from .traced import Traced

WHOLE = {"floor": "floor", "ceil": "ceil", "trunc": "trunc"}
TESTS = frozenset({"isnan", "isinf", "isfinite"})
OPS: Mapping[str, str] = {k: v for k, v in spelled("math").items() if k not in WHOLE}


def _operand(trace: Trace, value: Any) -> Node:
    return reshape(real(trace, value, "float64"), ())


def _log(trace: Trace, x: Any, *base: Any) -> Node:
    top = apply("log", _operand(trace, x))
    return apply("divide", top, apply("log", _operand(trace, base[0]))) if base else top


def _hypot(trace: Trace, *sides: Any) -> Node:
    nodes = [_operand(trace, s) for s in sides]
    if len(nodes) == 2:
        return apply("hypot", *nodes)
    total = apply("square", nodes[0])
    for node in nodes[1:]:
        total = apply("add", total, apply("square", node))
    return apply("sqrt", total)


def _folded(op: str, start: float) -> Callable[..., Node]:
    def lower(trace: Trace, items: Any) -> Node:
        nodes = [_operand(trace, item) for item in items]
        total = nodes[0] if nodes else trace.constant(start, "float64")
        for node in nodes[1:]:
            total = apply(op, total, node)
        return total

    return lower


def _dist(trace: Trace, p: Any, q: Any) -> Node:
    return _hypot(trace, *(a - b for a, b in zip(p, q, strict=True)))


def _times(factor: float) -> Callable[..., Node]:
    def lower(trace: Trace, x: Any) -> Node:
        return apply("multiply", _operand(trace, x), trace.constant(factor, "float64"))

    return lower


def _copysign(trace: Trace, x: Any, y: Any) -> Node:
    size = apply("absolute", _operand(trace, x))
    return select(apply("signbit", _operand(trace, y), dtype="bool"), -size, size)


MATH: Mapping[str, Callable[..., Node]] = {
    "log": _log,
    "hypot": _hypot,
    "fsum": _folded("add", 0.0),
    "prod": _folded("multiply", 1.0),
    "dist": _dist,
    "degrees": _times(180 / math.pi),
    "radians": _times(math.pi / 180),
    "copysign": _copysign,
}


def math_names() -> list[str]:
    """Return the functions of math that are rebound, in a fixed order."""
    names = sorted({*OPS, *MATH, *WHOLE, *TESTS, "isclose"})
    return [name for name in names if hasattr(math, name)]


def call_math(
    trace: Trace, name: str, original: Callable[..., Any], args: Any, options: Any
) -> Any:
    """Return ``math.name(*args)`` of traced numbers."""
    operands = list(traced_in(trace, args))
    if trace.closed or not operands:
        return original(*plain(args), **plain(options))
    if name == "isclose":
        return _isclose(*args, **options)
    if name in WHOLE and type(args[0]) is Traced:
        return whole(args[0], WHOLE[name], original)
    result = original(*_floats(plain(args)))
    live = any(t.live for t in operands)
    if name in TESTS:
        node = apply(name, _operand(trace, args[0]), dtype="bool", origin=trace.here())
    elif name in MATH:
        node = MATH[name](trace, *args)
    else:
        node = apply(OPS[name], *(_operand(trace, a) for a in args), origin=trace.here())
    return Traced(trace, result, node, live)


def _floats(values: Any) -> Any:
    return [float(v) if isinstance(v, np.ndarray) and v.size == 1 else v for v in values]


def _isclose(a: Any, b: Any, *, rel_tol: float = 1e-9, abs_tol: float = 0.0) -> Any:
    size = np.maximum(abs(a), abs(b)) * rel_tol
    return abs(a - b) <= np.maximum(size, abs_tol)


def extreme(trace: Trace, name: str, original: Callable[..., Any], args: Any, options: Any) -> Any:
    """Return builtin max or min: the comparisons stay in the graph instead of the path."""
    items = list(args[0]) if len(args) == 1 else list(args)
    chosen = any(True for _ in traced_in(trace, items))
    if trace.closed or options or not chosen or any(np.size(plain(i)) != 1 for i in items):
        return original(items, **options) if len(args) == 1 else original(*args, **options)
    op = "greater" if name == "max" else "less"
    best = items[0]
    for thing in items[1:]:
        best = _better(trace, op, original, thing, best)
    return best


def _better(trace: Trace, op: str, original: Callable[..., Any], item: Any, best: Any) -> Any:
    operands = list(traced_in(trace, (item, best)))
    if not operands:
        return original(best, item)
    a, b = plain(item), plain(best)
    wins = bool(a > b) if op == "greater" else bool(a < b)
    value = a if wins else b
    dtype = dtype_name(np.result_type(a, b).type(0))
    x, y = (reshape(real(trace, v, dtype), np.shape(value)) for v in (item, best))
    node = select(compare(op, x, y), x, y, origin=trace.here())
    return wrapped(trace, value, node, any(t.live for t in operands))


def logsumexp(
    a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False
) -> Any:
    """Return scipy.special.logsumexp, shifted by the maximum as scipy does."""
    top = np.max(a, axis=axis, keepdims=True)
    terms = np.exp(a - top) if b is None else b * np.exp(a - top)
    out = np.log(np.sum(terms, axis=axis, keepdims=True)) + top
    return out if keepdims else np.squeeze(out, axis=axis)


def softmax(x: Any, axis: Any = None) -> Any:
    """Return scipy.special.softmax, shifted by the maximum as scipy does."""
    shifted = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return shifted / np.sum(shifted, axis=axis, keepdims=True)


def log_softmax(x: Any, axis: Any = None) -> Any:
    """Return scipy.special.log_softmax, shifted by the maximum as scipy does."""
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def polygamma(n: Any, x: Any) -> Any:
    """Return scipy.special.polygamma of a traced argument."""
    trace: Trace = next(t for t in (n, x) if type(t) is Traced).tape
    import sys

    value = np.asarray(sys.modules["scipy.special"].polygamma.__wrapped__(plain(n), plain(x)))
    order, at = (real(trace, v, "float64") for v in (n, x))
    return wrapped(trace, value, apply("polygamma", order, at, origin=trace.here()))


def multigammaln(a: Any, d: int) -> Any:
    """Return scipy.special.multigammaln, a sum of `d` lgammas, of a traced argument."""
    import sys

    log_gamma = sys.modules["scipy.special"].gammaln
    total = d * (d - 1) / 4 * math.log(math.pi) + log_gamma(a)
    for place in range(1, d):
        total = total + log_gamma(a - place / 2)
    return total


def softplus(x: Any) -> Any:
    """Return scipy.special.softplus, as np.logaddexp(0, x)."""
    return np.logaddexp(0.0, x)


SCIPY: Mapping[str, Callable[..., Any]] = {
    "logsumexp": logsumexp,
    "softmax": softmax,
    "log_softmax": log_softmax,
    "polygamma": polygamma,
    "multigammaln": multigammaln,
    "softplus": softplus,
}
