"""How a slope is written down: functions that build nodes, and the constants they need.

Irrational constants are built from rows (pi is 4 arctan 1), so that every numeral reads them at
its own precision; a float constant would carry the error of one dtype into all of them.
"""

from __future__ import annotations

import numpy as np

from ..graph.node import Node, apply, constant, structural_zero


def number(value: float, like: Node) -> Node:
    """Return an exact small constant in the dtype of `like`."""
    return constant(value, "float64" if like.discrete else like.dtype)


def zero(like: Node) -> Node:
    """Return the structural zero in the dtype of `like`: the slope of a branch not taken."""
    return structural_zero((), "float64" if like.discrete else like.dtype)


def greater(left: Node | float, right: Node | float) -> Node:
    """Return the decision left > right, taken by the strict sign of left - right."""
    return apply("greater", left, right, dtype="bool")


def where(condition: Node, yes: Node, no: Node) -> Node:
    """Return the node that is `yes` where the condition holds and `no` elsewhere."""
    return apply("select", condition, yes, no)


def fixed(node: Node) -> np.ndarray | None:
    """Return the values of a constant node, None for any other."""
    return np.asarray(node.params["value"]) if node.op == "constant" else None


def unless(mask: np.ndarray, yes: Node, no: Node) -> Node:
    """Return `yes` but `no` where the known `mask` holds; no decision is left to a reader."""
    if not mask.any():
        return yes
    return no if mask.all() else where(constant(mask), no, yes)


def pi(like: Node) -> Node:
    """Return pi, as 4 arctan 1."""
    return apply("arctan", number(1.0, like)) * 4.0


def root_of_pi(like: Node) -> Node:
    """Return the square root of pi."""
    return apply("sqrt", pi(like))


def logarithm_of(value: float, like: Node) -> Node:
    """Return the natural logarithm of an exact constant."""
    return apply("log", number(value, like))


def to_nearest(x: Node) -> Node:
    """Return x - round(x), a guard that is zero exactly at the integers."""
    return x - apply("round", x)


def square(x: Node) -> Node:
    """Return x squared."""
    return apply("square", x)


def sqrt(x: Node) -> Node:
    """Return the square root of x."""
    return apply("sqrt", x)


def exp(x: Node) -> Node:
    """Return e to the x."""
    return apply("exp", x)


def log(x: Node) -> Node:
    """Return the natural logarithm of x."""
    return apply("log", x)


def log1p(x: Node) -> Node:
    """Return log(1 + x)."""
    return apply("log1p", x)


def sin(x: Node) -> Node:
    """Return the sine of x."""
    return apply("sin", x)


def cos(x: Node) -> Node:
    """Return the cosine of x."""
    return apply("cos", x)


def sinh(x: Node) -> Node:
    """Return the hyperbolic sine of x."""
    return apply("sinh", x)


def cosh(x: Node) -> Node:
    """Return the hyperbolic cosine of x."""
    return apply("cosh", x)


def tanh(x: Node) -> Node:
    """Return the hyperbolic tangent of x."""
    return apply("tanh", x)


def sech(x: Node) -> Node:
    """Return 1 / cosh(x)."""
    return apply("sech", x)


def hypot(a: Node | float, b: Node | float) -> Node:
    """Return sqrt(a² + b²), without overflow on the way."""
    return apply("hypot", a, b)


def sigmoid(x: Node) -> Node:
    """Return 1 / (1 + exp(-x))."""
    return apply("sigmoid", x)


def gaussian(x: Node) -> Node:
    """Return exp(-x²)."""
    return apply("gaussian", x)
