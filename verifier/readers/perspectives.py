"""Is t h(x / t) convex? The perspective of h: as h is, for affine x and affine positive t.

Boyd and Vandenberghe (2004), section 3.2.6: t h(x / t) is jointly convex in (x, t) where h is
convex over all the values x / t takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..graph.node import Node, variable
from ..graph.order import topological
from ..primitives.table import SCALARS
from .atoms import same
from .signs import AFFINE, Book, Box, Fact, tidy

Compose = Callable[..., Book]
MOST_NODES = 24


def perspective(node: Node, fact: Fact, book: Book, compose: Compose) -> Fact:
    """Return `fact` with the curvature of a product that is a perspective."""
    if node.op != "multiply" or node in book.fixed or fact.has(AFFINE).all():
        return fact
    for t, other in (node.inputs, node.inputs[::-1]):
        if t.shape == other.shape == node.shape and book[t].has(AFFINE).all() and bool(
                book[t].positive.all()):
            ratios = _ratios(other, t, book)
            if ratios:
                bits = _of_inner(other, ratios, book, compose) & AFFINE
                if (bits & ~fact.bits).any():
                    book.formed.add(node)
                return tidy(replace(fact, bits=(fact.bits | bits).astype(np.uint8)))
    return fact


def _ratios(node: Node, t: Node, book: Book) -> list[Node]:
    """Return the quotients x / t a value depends on, all of one affine x; none where it is more."""
    found: list[Node] = []
    stack, seen = [node], {node}
    while stack:
        each = stack.pop()
        if each.op == "divide" and same(each.inputs[1], t, book) and each.shape == node.shape:
            found.append(each)
            continue
        if each.op not in SCALARS or each.shape != node.shape or len(seen) > MOST_NODES:
            return []
        for source in each.inputs:
            if source not in book.fixed and source not in seen:
                seen.add(source)
                stack.append(source)
            elif source in book.fixed and source.op != "constant":
                return []
    tops = [r.inputs[0] for r in found]
    fits = all(book[x].has(AFFINE).all() and same(x, tops[0], book) for x in tops)
    return found if fits else []


def _of_inner(
    node: Node, ratios: list[Node], book: Book, compose: Compose
) -> np.ndarray:
    """Return the curvature of a value as a function of the quotients."""
    r = variable("ratio", node.shape)
    made: dict[Node, Node] = dict.fromkeys(ratios, r)
    for each in topological([node]):
        if each not in made:
            inputs = tuple(made.get(i, i) for i in each.inputs)
            moved = any(a is not b for a, b in zip(inputs, each.inputs, strict=True))
            made[each] = Node(each.op, inputs, each.params, each.shape, each.dtype,
                              each.origin) if moved else each
    fact = book[ratios[0]]
    inner = compose([made[node]], [r], {
        "ratio": Box(fact.low, fact.high, fact.above, fact.below)})
    return np.asarray(np.where(inner[made[node]].sound, inner[made[node]].bits, 0))
