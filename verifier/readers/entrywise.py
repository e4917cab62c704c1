"""Is a function of many numbers a sum of functions of one number each? Its terms, entry by entry.

Arrays are taken apart into scalar graphs; sums, differences and constant factors are opened until
every term moves with one number only: sum(huber(x)), mean(x * log x), relu(x) of an array.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np

from ..errors import CannotLower
from ..graph.node import Node, apply
from ..graph.order import topological
from .scalar_tape import apart, as_node, filled

Array = np.ndarray
MOST_ENTRIES = 256
MOST_NODES = 6000  # scalar operations of all outputs
MOST_TERMS = 1000  # of one output
Term = tuple[int, Node]  # the number of the entry it moves with (-1: none), and its graph


def terms_by_entry(
    output: Node, moved: Sequence[Node], fixed: Mapping[str, Array]
) -> tuple[list[Node], list[dict[int, Node]]] | None:
    """Return the scalar inputs, and of each output what depends on which; None: no such sum.

    Entries are numbered in the order of `moved`; what depends on none has the number -1.
    """
    if sum(m.size for m in moved) > MOST_ENTRIES or output.size > MOST_ENTRIES:
        return None
    variables: list[Node] = []
    parts: dict[Node, Array] = {}
    for node in moved:
        own = [Node("input", (), {"name": node.params["name"]}, (), node.dtype)
               for _ in range(node.size)]
        variables += own
        parts[node] = filled(node.shape, own)
    try:
        outputs = _opened(output, parts, fixed)
    except CannotLower:
        return None
    if outputs is None:
        return None
    number = {v: k for k, v in enumerate(variables)}
    owners = _owners(outputs, number)
    known: dict[Node, list[Term] | None] = {}
    for node in topological(outputs):
        known[node] = _terms(node, owners, known)
    opened = [terms for terms in (known[o] for o in outputs) if terms is not None]
    return (variables, [_gathered(t) for t in opened]) if len(opened) == len(outputs) else None


def _opened(
    output: Node, parts: dict[Node, Array], fixed: Mapping[str, Array]
) -> list[Node] | None:
    """Return the entries of a graph as scalar graphs."""
    count = 0
    for node in topological([output]):
        if node in parts:
            continue
        parts[node] = apart(node, parts, None, None, fixed)
        count += node.size
        if count > MOST_NODES:
            return None
    entries = parts[output].ravel().tolist()
    return None if any(e is None for e in entries) else [as_node(e) for e in entries]


def _owners(outputs: Sequence[Node], number: Mapping[Node, int]) -> dict[Node, frozenset[int]]:
    """Return which entries each scalar graph moves with."""
    found: dict[Node, frozenset[int]] = {}
    for node in topological(outputs):
        found[node] = frozenset((number[node],)) if node in number else frozenset().union(
            *(found[i] for i in node.inputs))
    return found


def _terms(
    node: Node, owners: Mapping[Node, frozenset[int]], known: Mapping[Node, list[Term] | None]
) -> list[Term] | None:
    """Return terms of one entry each whose sum a graph is, None where it is no such sum."""
    if len(owners[node]) < 2:
        return [(next(iter(owners[node]), -1), node)]
    fixed = [i for i in node.inputs if not owners[i]]
    sides = [known[i] for i in node.inputs]
    if any(side is None for side in sides):
        return None
    opened = [side for side in sides if side is not None]
    first = opened[1 if node.inputs[0] in fixed else 0]
    found: list[Term] | None = None
    if node.op in ("add", "subtract"):
        minus = node.op == "subtract"
        found = opened[0] + [(k, -t if minus else t) for k, t in opened[1]]
    elif node.op == "negative":
        found = [(k, -t) for k, t in first]
    elif node.op in ("cast", "reshape", "broadcast"):
        found = first
    elif node.op == "multiply" and fixed:
        found = [(k, t * fixed[0]) for k, t in first]
    elif node.op == "divide" and node.inputs[1] in fixed:
        found = [(k, apply("divide", t, fixed[0])) for k, t in first]
    return found if found is not None and len(found) <= MOST_TERMS else None


def _gathered(terms: Sequence[Term]) -> dict[int, Node]:
    """Add up the terms of each entry."""
    known: dict[int, list[Node]] = {}
    for number, term in terms:
        known.setdefault(number, []).append(term)
    return {k: reduce(lambda a, b: a + b, v) for k, v in sorted(known.items())}
