"""Does a function of one number repeat itself? Its period, where x enters by sines and cosines.

Every way from x to the value must pass a row that repeats, taken of a multiple of x with a rational
factor; the period is that of the greatest common divisor of the factors.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, isfinite

from flint import arb, fmpq

from ..graph.node import Node
from ..graph.order import topological

REPEATING = ("sin", "cos", "tan")
LONGEST = 1000  # a period of more than this helps no cover

Factors = frozenset[Fraction]
Kind = Fraction | Factors | None  # factor x + constant; factors of what repeats; neither


def period_of(output: Node, x: Node) -> arb | None:
    """Return a period of a graph, None where none is known or it does not depend on x."""
    kinds: dict[Node, Kind] = {}
    for node in topological([output]):
        kinds[node] = Fraction(1) if node is x else _kind(node, [kinds[i] for i in node.inputs])
    found = kinds[output]
    if not isinstance(found, frozenset) or not found:
        return None
    bottom = 1
    for factor in found:
        bottom = bottom * factor.denominator // gcd(bottom, factor.denominator)
    top = gcd(*(int(f * bottom) for f in found))
    period = 2 * arb.pi() * arb(fmpq(bottom, top))
    return period if period < LONGEST else None


def _kind(node: Node, inputs: list[Kind]) -> Kind:
    if node.op in ("constant", "zero"):
        return frozenset()
    if not inputs or any(k is None for k in inputs):
        return None
    straight = [k for k in inputs if isinstance(k, Fraction)]
    if not straight:
        return frozenset().union(*(k for k in inputs if isinstance(k, frozenset)))
    if node.op in REPEATING:
        return frozenset({abs(straight[0])} - {Fraction(0)})
    return _straight(node, inputs)


def _straight(node: Node, inputs: list[Kind]) -> Kind:
    """Return the factor of a multiple of x, None where the node is none."""
    if node.op in ("cast", "reshape", "broadcast", "negative"):
        factor = inputs[0]
        assert isinstance(factor, Fraction)
        return -factor if node.op == "negative" else factor
    parts = [k if isinstance(k, Fraction) else Fraction(0) for k in inputs]
    fixed = [n.op == "constant" for n in node.inputs]
    if node.op in ("add", "subtract"):
        if not all(isinstance(k, Fraction) or f for k, f in zip(inputs, fixed, strict=True)):
            return None
        return parts[0] + (parts[1] if node.op == "add" else -parts[1])
    if node.op in ("multiply", "divide") and (fixed[1] or (fixed[0] and node.op == "multiply")):
        number = float(node.inputs[1 if fixed[1] else 0].params["value"])
        if not isfinite(number) or (node.op == "divide" and not number):
            return None
        factor = parts[0 if fixed[1] else 1]
        return factor * Fraction(number) if node.op == "multiply" else factor / Fraction(number)
    return None
