"""Which nodes are functions of one number each? A fragment cut out of a graph, entry by entry.

The entries of an elementwise stretch of the graph depend on the chosen arguments through one node
t alone: where(|t| < 1, t^2 / 2, |t| - 1/2), (leaky t)^2, x sigmoid(x). Each is a function of one
number over the range of t, and composes with t like a row of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..graph.node import Node, constant, variable
from ..graph.order import topological
from ..primitives.table import SCALARS
from .sign_arrays import COMPARISONS
from .sign_rules import composed
from .signs import AFFINE, CONCAVE, CONVEX, FIXED, Array, Book, Fact, tidy

LOGIC = frozenset({"logical_and", "logical_or", "logical_not"})
ELEMENTWISE = frozenset(SCALARS) | frozenset(COMPARISONS) | LOGIC | {"select", "cast"}
MOST_NODES = 40
MOST_GROUPS = 8


@dataclass(frozen=True, slots=True)
class Stretch:
    """A function of one number: its graph, its input, the range of the input, who has it."""

    output: Node
    x: Node
    low: float
    high: float
    above: bool
    below: bool
    entries: Array


# How a fragment moves and bends: 1 convex, 2 concave, 4 never falls, 8 never rises. The flag says
# whether its motion is wanted too.
Prover = Callable[[Stretch, bool], int]


def sharpened(node: Node, fact: Fact, book: Book, prove: Prover) -> Fact:
    """Return `fact` with the curvature (and continuity) that `prove` finds for its fragments."""
    root = _root(node, book)
    if root is None:
        return fact
    start = book[root]
    kinds = np.zeros(node.shape, dtype=np.uint8)
    for stretch in _stretches(node, root, book):
        kinds[stretch.entries] = prove(stretch, not start.has(AFFINE).all())
    found = composed(start, kinds) & AFFINE
    if not found.any():
        return fact
    book.fragments.add(node)
    sound = fact.sound | ((kinds & 3) > 0)
    return tidy(replace(fact, bits=(fact.bits | found).astype(np.uint8), sound=sound))


def _root(node: Node, book: Book) -> Node | None:
    """Return the one moving node an elementwise stretch above it depends on, None without one.

    Of several the first that is affine, else the first of known curvature.
    """
    found = [n for n in _waists(node, book) if book[n].sound.all()]
    affine = [n for n in found if book[n].has(AFFINE).all()]
    curved = [n for n in found if ((book[n].bits & AFFINE) > 0).all()]
    return next(iter((*affine, *curved)), None)


def _waists(node: Node, book: Book) -> Iterator[Node]:
    """Yield the nodes through which all that moves reaches `node`, nearest first."""
    order = {n: k for k, n in enumerate(topological([node]))}
    front = _operands(node, book)
    for _ in range(MOST_NODES):
        if not front:
            return
        last = max(front, key=lambda n: order[n])
        if len(front) == 1 and last.shape == node.shape and not last.discrete:
            yield last
        inner = _operands(last, book)
        if inner is None:
            return
        front = (front - {last}) | inner


def _operands(node: Node, book: Book) -> set[Node] | None:
    """Return the moving operands of an elementwise node, None where it is not elementwise."""
    if node.op not in ELEMENTWISE:
        return None
    found = set()
    for source in node.inputs:
        if source in book.fixed:
            if not _known(source, book):
                return None
            continue
        found.add(source)
    return found


def _known(node: Node, book: Book) -> bool:
    """Tell whether a node that stands has one exact value at each entry."""
    if node.op == "constant":
        return True
    if node.discrete:
        return node.dtype == "bool" and bool((book.chosen[node] >= 0).all())
    fact = book[node]
    return bool((fact.low == fact.high).all())


def _stretches(node: Node, root: Node, book: Book) -> Iterator[Stretch]:
    """Yield one function for every different set of constants and ranges of the root."""
    inside = _between(node, root, book)
    if len(inside) > MOST_NODES:
        return
    still = {i for n in inside for i in n.inputs if i in book.fixed}
    fact = book[root]
    columns = [np.broadcast_to(_values(n, book), node.shape).ravel() for n in still]
    ranges = [a.ravel() for a in (fact.low, fact.high, fact.above, fact.below)]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for k in range(node.size):
        key = tuple(c[k].item() for c in (*ranges, *columns))
        groups.setdefault(key, []).append(k)
    if len(groups) > MOST_GROUPS:
        return
    for key, places in groups.items():
        mask = np.zeros(node.size, dtype=bool)
        mask[places] = True
        x = variable("t", ())
        numbers = dict(zip(still, key[4:], strict=True))
        output = _alone(node, inside, {root: x}, numbers)
        low, high, above, below = key[:4]
        yield Stretch(output, x, low, high, above, below, mask.reshape(node.shape))


def _values(node: Node, book: Book) -> Array:
    if node.op == "constant":
        return np.asarray(node.params["value"])
    if node.discrete:
        return book.chosen[node] > 0
    return book[node].low


def _between(node: Node, root: Node, book: Book) -> list[Node]:
    """Return the moving nodes from `root` (left out) to `node`."""
    wanted, stack = {node}, [node]
    while stack:
        for source in stack.pop().inputs:
            if source is not root and source not in book.fixed and source not in wanted:
                wanted.add(source)
                stack.append(source)
    return [n for n in topological([node]) if n in wanted]


def _alone(
    node: Node, inside: list[Node], made: dict[Node, Node], numbers: Mapping[Node, object]
) -> Node:
    for each in inside:
        inputs = tuple(made[i] if i in made else constant(numbers[i]) for i in each.inputs)
        made[each] = Node(each.op, inputs, each.params, (), each.dtype, each.origin)
    return made[node]


def may_gain(node: Node, fact: Fact, book: Book) -> bool:
    """Tell whether a node may gain: elementwise, moving, and of no known curvature somewhere."""
    if node.op not in frozenset(SCALARS) | {"select"} or node in book.fixed:
        return False
    if not ((fact.bits & (CONVEX | CONCAVE)) == 0).any():
        return False
    single = len(node.inputs) == 1 and not book[node.inputs[0]].has(FIXED).all()
    return not (single and book[node.inputs[0]].has(AFFINE).all())
