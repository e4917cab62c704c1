"""How does a node move along a direction? Forward mode from two reverse passes."""

from __future__ import annotations

from collections.abc import Mapping

from ..graph.node import Node, structural_zero, variable
from .slope import slope, slopes

STEP = "verifier step "  # inputs of these names are the direction, leaf by leaf
COTANGENT = "verifier cotangent"


def directional(node: Node, moving: Mapping[str, Node]) -> Node:
    """Return the derivative of `node` along ``STEP + NAME``, as a graph of its shape.

    The pullback is linear in its cotangent, so that the slope by the cotangent is the Jacobian
    times the direction, whatever the cotangent is bound to (Griewank and Walther 2008, 3.2).
    """
    cotangent = variable(COTANGENT, node.shape, node.dtype)
    back = slope(node, list(moving.values()), cotangent)
    pairs = [(g, step(k, v)) for (k, v), g in zip(moving.items(), back, strict=True)
             if g.op != "zero"]
    return slopes(pairs, [cotangent])[0] if pairs else structural_zero(node.shape, node.dtype)


def step(name: str, node: Node) -> Node:
    """Return the input that stands for the direction of one leaf."""
    return variable(f"{STEP}{name}", node.shape, node.dtype)
