"""The same function as a sum of waves: sin(x) cos(x) is sin(2 x) / 2, whose range can be seen.

Products of sines and cosines of rational multiples of x are sums of such, by the product formulas.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import isfinite

from ..graph.node import Node, apply, constant
from ..graph.order import topological

MOST_WAVES = 12
HIGHEST = 8  # the largest power that is written out
HALF = Fraction(1, 2)

Wave = tuple[Fraction, bool]  # how often, and whether it is a sine
Waves = dict[Wave, Fraction]
Kind = Waves | Fraction | None  # waves; the factor of a multiple of x; neither


def as_waves(output: Node, x: Node) -> Node | None:
    """Return a scalar graph written as a sum of sines and cosines, None where it is none."""
    kinds: dict[Node, Kind] = {}
    for node in topological([output]):
        kinds[node] = Fraction(1) if node is x else _kind(node, [kinds[i] for i in node.inputs])
    found = kinds[output]
    return _graph(found, x) if isinstance(found, dict) and len(found) <= MOST_WAVES else None


def _kind(node: Node, inputs: list[Kind]) -> Kind:
    if node.op == "constant":
        value = node.params["value"].item()
        return None if isinstance(value, bool) or not isfinite(value) else _tidy(
            {(Fraction(0), False): Fraction(value)})
    if node.op == "zero":
        return {}
    if not inputs or any(k is None for k in inputs):
        return None
    if node.op in ("cast", "reshape", "broadcast"):
        return inputs[0]
    first, last = inputs[0], inputs[-1]
    if node.op in ("sin", "cos") and isinstance(first, Fraction):
        sign = -1 if first < 0 and node.op == "sin" else 1
        return _tidy({(abs(first), node.op == "sin"): Fraction(sign)})
    if isinstance(first, dict) and isinstance(last, dict):
        return _combined(node, first, last)
    return _multiple(node, first, last)


def _multiple(node: Node, first: Kind, last: Kind) -> Kind:
    """Return the factor of a multiple of x."""
    if node.op == "negative" and isinstance(first, Fraction):
        return -first
    if node.op == "multiply" and isinstance(first, dict):
        first, last = last, first
    number = _number(last) if isinstance(last, dict) else None
    if not isinstance(first, Fraction) or number is None:
        return None
    if node.op == "multiply":
        return first * number
    return first / number if node.op == "divide" and number else None


def _number(waves: Waves) -> Fraction | None:
    """Return the value of waves that are a constant."""
    if any(often for often, _ in waves):
        return None
    return waves.get((Fraction(0), False), Fraction(0))


def _combined(node: Node, a: Waves, b: Waves) -> Kind:
    if node.op in ("add", "subtract"):
        sign = 1 if node.op == "add" else -1
        return _tidy({k: a.get(k, Fraction(0)) + sign * b.get(k, Fraction(0)) for k in a | b})
    if node.op == "negative":
        return {k: -v for k, v in a.items()}
    if node.op in ("multiply", "square"):
        return _product(a, b)
    number = _number(b)
    if node.op == "divide" and number:
        return {k: v / number for k, v in a.items()}
    if node.op == "power" and number is not None and number in range(1, HIGHEST + 1):
        return reduce(_product, [a] * int(number))
    return None


def _product(a: Waves, b: Waves) -> Waves:
    out: Waves = {}
    for (p, sine), c in a.items():
        for (q, other), d in b.items():
            both = sine and other
            mixed = sine != other
            gap = p - q if sine or not other else q - p  # sin(p) cos(q): sin(p + q) + sin(p - q)
            sign = -1 if mixed and gap < 0 else 1
            for key, factor in (((p + q, mixed), -1 if both else 1), ((abs(gap), mixed), sign)):
                out[key] = out.get(key, Fraction(0)) + HALF * factor * c * d
    return _tidy(out)


def _tidy(waves: Waves) -> Waves:
    return {k: v for k, v in waves.items() if v and k != (Fraction(0), True)}


def _graph(waves: Waves, x: Node) -> Node | None:
    terms = []
    for (often, sine), factor in sorted(waves.items()):
        if Fraction(float(factor)) != factor or Fraction(float(often)) != often:
            return None
        inner = x if often == 1 else constant(float(often)) * x
        wave = apply("sin" if sine else "cos", inner) if often else constant(1.0)
        terms.append(wave if factor == 1 else constant(float(factor)) * wave)
    return reduce(lambda a, b: a + b, terms) if terms else constant(0.0)
