"""Which rule reads a scalar row over boxes: its own affine rule, a curve, or simpler rows."""

from __future__ import annotations

from ..graph.node import Node
from ..numerals import zonotopes
from ..primitives.table import SCALARS
from . import curves, region_scalars
from .region_scalars import WRITTEN, added, by_balls, combined, multiplied, with_known
from .region_values import Enclosed, Value, real

AFFINE = frozenset({"divide", "maximum", "minimum"})  # better written with rows than as a curve


def scalar(node: Node, values: list[Value]) -> Enclosed:
    """Read an elementwise row; its operands are broadcast as numpy does."""
    rank = len(node.shape)
    operands = [real(v).raised(rank) for v in values]
    if len(operands) == 1:
        return _unary(node.op, operands[0])
    a, b = operands
    if node.op in ("add", "subtract"):
        return added(a, b, 1 if node.op == "add" else -1)
    if node.op == "multiply":
        same = node.inputs[0] is node.inputs[1] and not a.absent.any()
        return region_scalars.squared(a) if same else multiplied(a, b)
    return _binary(node.op, a, b)


def _unary(op: str, x: Enclosed) -> Enclosed:
    if op == "negative":
        return Enclosed(-x.interval, zonotopes.negative(x.form), x.undefined, x.absent)
    return region_scalars.along(curves.of_row(op), x)


def _binary(op: str, a: Enclosed, b: Enclosed) -> Enclosed:
    if op == "divide" and region_scalars.is_known(b) and not (b.form.center == 0.0).any():
        return region_scalars.divided(a, b.form.center)
    for which, known, other in ((0, a, b), (1, b, a)):
        if op not in AFFINE and region_scalars.is_known(known):
            found = with_known(op, which, known, other)
            if found is not None:
                lost = op in WRITTEN and bool(found.undefined.any())
                return combined(found, _rewritten(op, a, b)) if lost else found
    written = WRITTEN.get(op)
    if op == "divide":
        assert written is not None
        return _rewritten(op, a, b)
    direct = by_balls(SCALARS[op], [a, b])
    return direct if written is None else combined(direct, _rewritten(op, a, b))


def _rewritten(op: str, a: Enclosed, b: Enclosed) -> Enclosed:
    """Read a row through the identity of `WRITTEN`."""
    left, right = (Node("input", (), {}, x.undefined.shape[1:]) for x in (a, b))
    known: dict[Node, Enclosed] = {left: a, right: b}
    return _followed(WRITTEN[op](left, right), known)


def _followed(node: Node, known: dict[Node, Enclosed]) -> Enclosed:
    if node not in known:
        known[node] = scalar(node, [_followed(i, known) for i in node.inputs])
    return known[node]
