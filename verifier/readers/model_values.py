"""What is a graph near a polynomial? Models of nodes over one box, elementwise stretches fitted.

A stretch of elementwise rows that depends on one node only is a function of one number: it is
fitted as a whole and put upon that node's model. Sums, products and rearrangements are the
models' own. What has no rule (choices, kinks, matrices) has no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..graph.node import Node, apply
from ..graph.order import topological
from ..numerals import models
from ..numerals.models import Model, Space
from ..primitives.table import SCALARS
from .model_curves import Curve, cut_out, fitted
from .region import enclose
from .region_linear import rearrangement

Array = np.ndarray
PLAIN = frozenset({"add", "subtract", "negative"})
MOST_ENTRIES = 4096  # of one node: beyond it models cost more than they bring


class NoModel(Exception):
    """The graph has no polynomial model over this box."""


@dataclass(slots=True)
class Shelf:
    """What is the same on all boxes: the curves that were cut out, and each node's root."""

    curves: dict[tuple[Node, int], Curve] = field(default_factory=dict)
    roots: dict[Node, Node] = field(default_factory=dict)
    inverses: dict[Node, Node] = field(default_factory=dict)
    moves: dict[Node, bool] = field(default_factory=dict)


@dataclass(slots=True)
class Reading:
    """Models of nodes over one box.

    `inputs` are the models of all inputs by name; `ranges` bounds nodes from elsewhere.
    """

    of: Space
    inputs: Mapping[str, Model]
    ranges: Mapping[Node, tuple[Array, Array]]
    shelf: Shelf
    found: dict[Node, Model] = field(default_factory=dict)
    column: int = -1  # which unit direction is bound, where one is

    def __getitem__(self, node: Node) -> Model:
        if node not in self.found:
            self.found[node] = _model(node, self)
        return self.found[node]

    def along(self, more: Mapping[str, Model], keep: set[Node], column: int) -> Reading:
        """Return a reading with a direction bound that keeps the models of `keep`."""
        found = {n: m for n, m in self.found.items() if n in keep}
        inputs = {**self.inputs, **more}
        return Reading(self.of, inputs, self.ranges, self.shelf, found, column)


def _model(node: Node, at: Reading) -> Model:
    if node.size > MOST_ENTRIES or node.discrete:
        raise NoModel(node.op)
    if node.op == "constant":
        return _known(np.asarray(node.params["value"]), at)
    if node.op == "zero":
        return models.known(at.of, np.zeros(node.shape))
    if node.op == "input":
        return at.inputs[node.params["name"]]
    if _still(node, at):
        return _fixed(node, at)
    if node.op in SCALARS:
        return _scalar(node, at)
    return _linear(node, [at[i] for i in node.inputs])


def _known(values: Array, at: Reading) -> Model:
    if values.dtype.kind not in "iufb" or not np.all(np.isfinite(values.astype(float))):
        raise NoModel("constant")
    if values.dtype.kind in "iu" and np.any(np.abs(values.astype(float)) > 2.0**53):
        raise NoModel("constant")
    return models.known(at.of, values)


# ---------------------------------------------------------------- elementwise rows
def _still(node: Node, at: Reading) -> bool:
    """Tell whether a node moves with no coordinate of the box."""
    moves = at.shelf.moves
    for each in topological([node]):
        if each not in moves:
            own = each.op == "input" and not models.is_known(at.inputs[each.params["name"]])
            moves[each] = own or any(moves[i] for i in each.inputs)
    return not moves[node]


def _root(node: Node, at: Reading) -> Node:
    """Return the node an elementwise stretch depends on; the node itself where it is several."""
    if node not in at.shelf.roots:
        at.shelf.roots[node] = _found_root(node, at)
    return at.shelf.roots[node]


def _found_root(node: Node, at: Reading) -> Node:
    if node.op not in SCALARS:
        return node
    moving = {i for i in node.inputs if not _still(i, at)}
    roots = {_root(i, at) for i in moving}
    if len(roots) != 1:
        return node
    (root,) = roots
    return root if root.shape == node.shape else node


def _scalar(node: Node, at: Reading) -> Model:
    if node.op == "negative":
        return models.negative(at[node.inputs[0]])
    if node.op in ("add", "subtract"):
        a, b = (at[i] for i in node.inputs)
        return _wide(models.add(a, b, 1.0 if node.op == "add" else -1.0), node)
    if SCALARS[node.op].piecewise:
        raise NoModel(node.op)
    if node.op == "multiply" and any(_still(i, at) for i in node.inputs):
        return _wide(models.multiply(*(at[i] for i in node.inputs)), node)
    root = _root(node, at)
    if root is not node:
        return _fitted(node, root, at)
    if node.op == "multiply":
        return _wide(models.multiply(*(at[i] for i in node.inputs)), node)
    if node.op == "divide":
        return _wide(models.multiply(at[node.inputs[0]], at[_inverse(node.inputs[1], at)]), node)
    raise NoModel(node.op)


def _inverse(node: Node, at: Reading) -> Node:
    if node not in at.shelf.inverses:
        at.shelf.inverses[node] = apply("reciprocal", node)
    return at.shelf.inverses[node]


def _wide(model: Model, node: Node) -> Model:
    if model.rest.shape == node.shape:
        return model
    return Model(model.of, np.broadcast_to(model.terms, (model.of.size, *node.shape)),
                 np.broadcast_to(model.rest, node.shape))


def _fitted(node: Node, root: Node, at: Reading) -> Model:
    shelf, key = at.shelf, (node, at.column)
    if key not in shelf.curves:
        stretch = _between(node, root, at)
        if any(n.op not in SCALARS or SCALARS[n.op].piecewise for n in stretch):
            raise NoModel(node.op)
        still = {i: _stands(i, at) for n in stretch for i in n.inputs if _still(i, at)}
        shelf.curves[key] = cut_out(node, root, still)
    base = at[root]
    low, high = _bounds(base, root, at)
    fit = fitted(shelf.curves[key], low, high, at.of.degree)
    if fit is None:
        raise NoModel(node.op)
    return models.composed(base, fit.center, fit.reach, fit.coefficients, fit.error)


def _stands(node: Node, at: Reading) -> tuple[Array, Array]:
    """Return bounds of a node that does not move."""
    found = at[node]
    return (np.nextafter(found.terms[0] - found.rest, -np.inf) if found.rest.any()
            else found.terms[0], np.nextafter(found.terms[0] + found.rest, np.inf)
            if found.rest.any() else found.terms[0])


def _fixed(node: Node, at: Reading) -> Model:
    """Return the model of a node that does not move, from its bounds."""
    box = {n.params["name"]: (at.inputs[n.params["name"]].terms[0],) * 2
           for n in topological([node]) if n.op == "input"}
    region = enclose([node], box)
    low, high = (np.asarray(e[node]) for e in (region.lo, region.hi))
    if region.undefined[node].any() or not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise NoModel(node.op)
    middle = (0.5 * low + 0.5 * high).reshape(node.shape)
    model = models.known(at.of, middle)
    rest = np.maximum(high.reshape(node.shape) - middle, middle - low.reshape(node.shape))
    return Model(at.of, model.terms, np.where(rest > 0, np.nextafter(rest, np.inf), 0.0))


def _bounds(base: Model, root: Node, at: Reading) -> tuple[Array, Array]:
    reach = (np.abs(base.terms[1:]).sum(axis=0) + base.rest) * (1 + 1e-12) + 1e-300
    low = np.nextafter(base.terms[0] - reach, -np.inf)
    high = np.nextafter(base.terms[0] + reach, np.inf)
    if root in at.ranges:
        ends = at.ranges[root]
        low, high = np.maximum(low, ends[0]), np.minimum(high, ends[1])
    return low, np.maximum(low, high)


def _between(node: Node, root: Node, at: Reading) -> list[Node]:
    """Return the moving nodes from `root` (left out) to `node`."""
    wanted, stack = {node}, [node]
    while stack:
        for source in stack.pop().inputs:
            if source is not root and source not in wanted and not _still(source, at):
                wanted.add(source)
                stack.append(source)
    return list(wanted)


# ---------------------------------------------------------------- linear rows
def _linear(node: Node, values: list[Model]) -> Model:
    change = rearrangement(node)
    if change is not None:
        return _moved(values[0], lambda array: change(array, 1))
    if node.op == "gather":
        return _gathered(node, values)
    if node.op == "sum":
        axes = tuple(a + 1 for a in node.params["axis"])
        count = node.inputs[0].size // max(1, node.size)
        return models.mapped(values[0], lambda t: t.sum(axis=axes), lambda t: t.sum(axis=axes),
                             count)
    if node.op == "matmul":
        return _multiplied(node, values)
    if node.op == "scatter":
        return _scattered(node, values[0])
    raise NoModel(node.op)


def _moved(a: Model, change: object) -> Model:
    assert callable(change)
    return Model(a.of, change(a.terms), change(a.rest[None])[0])


def _gathered(node: Node, values: list[Model]) -> Model:
    index = node.params["index"]

    def picked(arrays: list[Array]) -> Array:
        flat = [a.reshape(len(a), -1) for a in arrays]
        flat.append(np.zeros((len(flat[0]), 1)))
        return np.asarray(np.concatenate(flat, axis=1)[:, index])

    return Model(values[0].of, picked([v.terms for v in values]),
                 picked([v.rest[None] for v in values])[0])


def _scattered(node: Node, value: Model) -> Model:
    index = node.params["index"].ravel()
    kept = index >= 0
    if np.bincount(index[kept], minlength=1).max(initial=0) > 1:
        raise NoModel(node.op)

    def spread(array: Array) -> Array:
        out = np.zeros((len(array), node.size))
        out[:, index[kept]] = array.reshape(len(array), -1)[:, kept]
        return out.reshape(len(array), *node.shape)

    return _moved(value, spread)


def _multiplied(node: Node, values: list[Model]) -> Model:
    a, b = values
    inner = node.inputs[0].shape[-1]
    if models.is_known(a) and not a.rest.any():
        left = a.terms[0]
        return models.mapped(b, lambda t: _after(left, t), lambda t: _after(np.abs(left), t),
                             inner)
    if models.is_known(b) and not b.rest.any():
        right = b.terms[0]
        return models.mapped(a, lambda t: np.matmul(t, right),
                             lambda t: np.matmul(t, np.abs(right)), inner)
    raise NoModel("matmul")


def _after(matrix: Array, terms: Array) -> Array:
    """Return matrix @ each of the terms, by numpy's rules for vectors."""
    if terms.ndim == 2:
        return np.moveaxis(np.matmul(matrix, terms.T), -1, 0)
    return np.asarray(np.matmul(matrix, terms))
