"""What does each operation do to broken lines? The rules of a piecewise-linear walk.

A rule takes the node and the walk, and returns the lines of the node; decisions return their state
on every piece. What is not piecewise linear raises NotRational, and the caller isolates kinks in
balls instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
from flint import fmpq

from ..graph.node import Node
from ..graph.order import topological
from ..numerals.rationals import NotRational, Rationals
from ..primitives.linear import LINEAR
from ..primitives.table import SCALARS
from .line_choices import NOUGHT, as_lines, decided, operand, spread, switching
from .lines import (
    Lines,
    Segment,
    Switch,
    added,
    chosen,
    constant_lines,
    divided,
    multiplied,
    product,
    segment_lines,
    together,
)

Array = np.ndarray
MOST_STEPS = 10_000  # steps of one floor along the segment


def walk(outputs: Iterable[Node], segment: Segment) -> None:
    """Read `outputs` along the segment. Raises NotRational where a node is not a broken line."""
    wanted = list(outputs)
    nodes = topological(wanted)
    last = {i: place for place, node in enumerate(nodes) for i in node.inputs}
    last.update({node: len(nodes) for node in wanted})
    for place, node in enumerate(nodes):
        if node.discrete:
            segment.states[node] = decided(node, segment)
        else:
            segment.lines[node] = _lines(node, segment)
        for i in set(node.inputs):
            if last[i] == place:
                segment.lines.pop(i, None)
                segment.states.pop(i, None)


def _lines(node: Node, segment: Segment) -> Lines:
    if node.op == "input":
        name = node.params["name"]
        begin, end = segment.begin[name], segment.end[name]
        same = np.array_equal(begin, end)
        return constant_lines(begin) if same else segment_lines(begin, end)
    if node.op == "constant":
        return constant_lines(node.params["value"])
    if node.op == "zero":
        return Lines(np.zeros((node.size, 1), dtype=object), None)
    rule = RULES.get(node.op)
    if rule is not None:
        return rule(node, segment)
    if node.op in LINEAR and LINEAR[node.op].evaluate is not None and node.op != "put":
        return _moved(node, segment)
    raise NotRational(f"'{node.op}' is not piecewise linear", slug="not-rational",
                      where=node.origin)


# ---------------------------------------------------------------- elementwise
def _relu(node: Node, segment: Segment) -> Lines:
    signs = switching(node, segment, operand(node, 0, segment))
    return chosen(signs > 0, operand(node, 0, segment), NOUGHT)


def _absolute(node: Node, segment: Segment) -> Lines:
    signs = switching(node, segment, operand(node, 0, segment))
    x = operand(node, 0, segment)
    return chosen(signs < 0, x.scaled(-1), x)


def _signed(node: Node, segment: Segment) -> Lines:
    signs = switching(node, segment, operand(node, 0, segment))
    return Lines(signs.astype(object), None)


def _stepped(node: Node, segment: Segment) -> Lines:
    """Cut where the argument passes a step, and take the constant of every piece."""
    half = fmpq(1, 2) if node.op == "round" else fmpq(0)
    x = operand(node, 0, segment)
    if x.slope is not None:
        found: set[fmpq] = set()
        slopes = np.broadcast_to(x.slope, (node.size, segment.pieces))
        ends = [_values(x, segment, t) for t in (segment.cuts[:-1], segment.cuts[1:])]
        for (i, k), slope in np.ndenumerate(slopes):
            low, high = sorted((ends[0][i, k], ends[1][i, k]))
            if high - low > MOST_STEPS:
                raise NotRational(f"'{node.op}' takes too many steps", slug="not-rational")
            for step in range(int((low - half).ceil()), int((high - half).floor()) + 1):
                if low < step + half < high:
                    gap = step + half - ends[0][i, k]
                    found.add(segment.cuts[k] + gap / fmpq(int(slope), x.denominator))
        segment.cut(found)
        x = operand(node, 0, segment)
    middles = [(a + b) / 2 for a, b in pairwise(segment.cuts)]
    values = Rationals().scalar(SCALARS[node.op], (_values(x, segment, middles),))
    states = np.asarray(np.frompyfunc(lambda v: int(v.p), 1, 1)(values), dtype=object)
    if x.slope is not None:
        segment.switches.append(Switch(node, states))
    return Lines(states, None)


def _values(x: Lines, segment: Segment, places: list[fmpq]) -> Array:
    """Return the exact values of every entry at one place of each piece."""
    shape = (x.start.shape[0], segment.pieces)
    start, slope = np.broadcast_to(x.start, shape), np.broadcast_to(x.moving(), shape)
    out = np.empty(shape, dtype=object)
    for (i, k), first in np.ndenumerate(start):
        out[i, k] = (fmpq(int(first)) + places[k] * int(slope[i, k])) / x.denominator
    return out


def _larger(node: Node, segment: Segment) -> Lines:
    gap = added(operand(node, 0, segment), operand(node, 1, segment), -1)
    signs = switching(node, segment, gap)
    first = signs > 0 if node.op == "maximum" else signs < 0
    return chosen(first, operand(node, 0, segment), operand(node, 1, segment))


def _heaviside(node: Node, segment: Segment) -> Lines:
    signs = switching(node, segment, operand(node, 0, segment))
    step = Lines((signs > 0).astype(object), None)
    return chosen(signs == 0, operand(node, 1, segment), step)


def _squared(node: Node, segment: Segment) -> Lines:
    x = operand(node, 0, segment)
    return multiplied(x, x)


def _power(node: Node, segment: Segment) -> Lines:
    base, exponent = operand(node, 0, segment), operand(node, 1, segment)
    numbers = {int(v) for v in exponent.start.ravel().tolist()}
    if exponent.slope is not None or exponent.denominator != 1 or not numbers <= {1, 2}:
        raise NotRational("a power is not piecewise linear", slug="not-rational")
    if numbers == {1}:
        return base
    if numbers == {2}:
        return multiplied(base, base)
    raise NotRational("mixed powers are not piecewise linear", slug="not-rational")


def _reciprocal(node: Node, segment: Segment) -> Lines:
    return divided(constant_lines([1.0]), operand(node, 0, segment))


def _select(node: Node, segment: Segment) -> Lines:
    states = segment.states[node.inputs[0]][spread(node, 0, node.shape)]
    return chosen(states.astype(bool), operand(node, 1, segment), operand(node, 2, segment))


# ---------------------------------------------------------------- structure
def _moved(node: Node, segment: Segment) -> Lines:
    """Entries are only moved about: the op is read on the flat places of its inputs."""
    starts = np.cumsum([0, *(i.size for i in node.inputs)])
    places = [np.arange(i.size).reshape(i.shape) + (0 if node.op == "gather" else s)
              for i, s in zip(node.inputs, starts, strict=False)]
    joined = _joined([as_lines(i, segment) for i in node.inputs])
    if node.op == "gather":
        return joined.rows(np.asarray(node.params["index"]).ravel())
    evaluate = LINEAR[node.op].evaluate
    assert evaluate is not None
    return joined.rows(np.asarray(evaluate(node, *places)).ravel())


def _joined(parts: list[Lines]) -> Lines:
    if len(parts) == 1:
        return parts[0]
    if all(p.denominator == parts[0].denominator for p in parts):
        common = parts
    else:
        widest = parts[0]
        for part in parts[1:]:
            widest = together(widest, part)[0]
        common = [together(p, widest)[0] for p in parts]
    pieces = max(a.shape[1] for p in common for a in (p.start, p.moving()))
    wide = [(np.broadcast_to(p.start, (p.start.shape[0], pieces)),
             np.broadcast_to(p.moving(), (p.start.shape[0], pieces))) for p in common]
    still = all(p.slope is None for p in parts)
    return Lines(np.vstack([s for s, _ in wide]),
                 None if still else np.vstack([m for _, m in wide]), common[0].denominator)


def _mapped(x: Lines, change: Callable[[Array], Array]) -> Lines:
    return Lines(change(x.start), None if x.slope is None else change(x.slope), x.denominator)


def _sum(node: Node, segment: Segment) -> Lines:
    (source,) = node.inputs

    def change(array: Array) -> Array:
        shaped = array.reshape(*source.shape, array.shape[1])
        total = np.asarray(shaped.sum(axis=node.params["axis"]), dtype=object)
        return total.reshape(node.size, array.shape[1])

    return _mapped(as_lines(source, segment), change)


def _cumsum(node: Node, segment: Segment) -> Lines:
    def change(array: Array) -> Array:
        shaped = array.reshape(*node.shape, array.shape[1])
        return np.cumsum(shaped, axis=node.params["axis"]).reshape(array.shape)

    return _mapped(as_lines(node.inputs[0], segment), change)


def _scatter(node: Node, segment: Segment) -> Lines:
    index = node.params["index"].ravel()

    def change(array: Array) -> Array:
        out = np.zeros((node.size, array.shape[1]), dtype=object)
        np.add.at(out, index[index >= 0], array[index >= 0])
        return out

    return _mapped(as_lines(node.inputs[0], segment), change)


def _matmul(node: Node, segment: Segment) -> Lines:
    a, b = node.inputs
    batch = node.shape[:-2]
    sizes = (a.shape[-2], a.shape[-1], b.shape[-1])
    places = [np.broadcast_to(np.arange(x.size).reshape(x.shape), (*batch, *x.shape[-2:]))
              for x in (a, b)]
    lines = segment.lines[a], segment.lines[b]
    if not batch:
        return product(*lines, sizes)
    parts = [product(lines[0].rows(places[0][i].ravel()), lines[1].rows(places[1][i].ravel()),
                     sizes) for i in np.ndindex(*batch)]
    return _joined(parts)


def _take(node: Node, segment: Segment) -> Lines:
    x, index = node.inputs
    axis, states = node.params["axis"], segment.states[index]
    pieces = states.shape[1]
    lead = (*node.shape[:axis], x.shape[axis], *node.shape[axis + 1:])
    table = np.broadcast_to(np.arange(x.size).reshape(x.shape), lead)[..., None]
    shaped = np.broadcast_to(states.reshape(*index.shape, pieces), (*node.shape, pieces))
    places = np.take_along_axis(np.broadcast_to(table, (*lead, pieces)), shaped, axis)
    places = places.reshape(node.size, pieces)
    column = np.arange(pieces) if pieces > 1 else slice(None)

    def change(array: Array) -> Array:
        return array[places[:, 0]] if pieces == 1 else _wide(array, pieces)[places, column]

    return _mapped(segment.lines[x], change)


def _wide(array: Array, pieces: int) -> Array:
    return np.broadcast_to(array, (array.shape[0], pieces))


RULES: dict[str, Callable[[Node, Segment], Lines]] = {
    "add": lambda n, s: added(operand(n, 0, s), operand(n, 1, s)),
    "subtract": lambda n, s: added(operand(n, 0, s), operand(n, 1, s), -1),
    "multiply": lambda n, s: multiplied(operand(n, 0, s), operand(n, 1, s)),
    "divide": lambda n, s: divided(operand(n, 0, s), operand(n, 1, s)),
    "negative": lambda n, s: operand(n, 0, s).scaled(-1),
    "reciprocal": _reciprocal, "square": _squared, "power": _power,
    **dict.fromkeys(("floor", "ceil", "round", "trunc"), _stepped),
    "relu": _relu, "absolute": _absolute, "sign": _signed, "heaviside": _heaviside,
    "maximum": _larger, "minimum": _larger, "select": _select, "sum": _sum, "cumsum": _cumsum,
    "scatter": _scatter, "matmul": _matmul, "take": _take,
}
__all__ = ["RULES", "walk"]
