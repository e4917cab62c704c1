"""Which nodes bend the function? The terms of the curvature ledger, as graphs.

    Hess f = sum over nonlinear nodes, over pairs (i, j) of their operands, of
             adjoint x d2 phi / di dj x (u_i u_j^T + u_j u_i^T) / (1 if i != j else 2)

with u_i the gradient of operand i in the chosen arguments. It follows from differentiating the
chain rule once more and holds wherever every row met is twice differentiable; kinks are terms of
their own and pass by sign only (SOUNDNESS 15).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb

from ..graph.node import Node, apply, constant, structural_zero, variable
from ..graph.order import depends_on, topological
from ..primitives.linear import (
    LINEAR,
    MATRIX_OPS,
    broadcast_to,
    matmul,
    reshape,
    select,
    solve,
    take,
)
from ..primitives.table import SCALARS
from .polynomials import BEYOND, evaluate, rational
from .sign_arrays import is_extreme
from .signs import Book
from .slope import local_cotangent, slope

Array = np.ndarray
STRAIGHT = frozenset({"add", "subtract", "negative"})
KINKS_UP = frozenset({"relu", "absolute", "maximum"})
KINKS_DOWN = frozenset({"minimum"})
STRUCTURAL = frozenset(LINEAR) - MATRIX_OPS - {"matmul", "select"}
DIRECTION = "direction of "


@dataclass(frozen=True, slots=True)
class Term:
    """One pair of operands of one node: `weight` times the product of their slopes.

    `left` and `right` are the operands (the same node for a square term), broadcast with `weight`.
    """

    node: Node
    weight: Node
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Kink:
    """A row whose slope jumps where `guard` is zero: up with the adjoint's sign times `sense`."""

    node: Node
    adjoint: Node
    guard: Node | None
    sense: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that curves `output`: terms, kinks, edges that must be missed, what is not covered."""

    output: Node
    moved: tuple[Node, ...]
    terms: tuple[Term, ...]
    kinks: tuple[Kink, ...]
    edges: tuple[tuple[Node, Node], ...]  # (node, quantity that must not vanish)
    choices: tuple[tuple[Node, Node], ...]  # (select, condition that must be decided)
    missing: tuple[Node, ...]
    directions: Mapping[Node, Node]
    slopes: Mapping[Node, Node]  # of the operands that are not affine, along the direction


def ledger(output: Node, moved: Sequence[Node], book: Book) -> Ledger:
    """Return the ledger of a scalar `output`; `book` says which nodes are affine, exactly."""
    touched = depends_on([output], moved)
    nodes = [n for n in topological([output]) if n in touched and not n.discrete]
    adjoint = _adjoints(output, nodes, touched)
    build = _Building(adjoint, touched, [], [], [], [], [])
    for node in nodes:
        if node in adjoint and node not in moved:
            _enter(node, build)
    directions = {m: variable(DIRECTION + m.params["name"], m.shape) for m in moved}
    operands = [o for t in build.terms for o in (t.left, t.right) if not affine(o, book)]
    slopes = tangents(operands, directions, touched, build.missing)
    return Ledger(output, tuple(moved), tuple(build.terms), tuple(build.kinks),
                  tuple(build.edges), tuple(build.choices), tuple(build.missing), directions,
                  slopes)


def affine(node: Node, book: Book) -> bool:
    """Tell whether the exact slopes of all entries are known."""
    forms = book.polynomials.get(node)
    if forms is None and node.op in ("reshape", "broadcast") and affine(node.inputs[0], book):
        forms = evaluate(node, [book.polynomials[node.inputs[0]]])
        book.polynomials[node] = forms
    return forms is not None and all(
        v is not BEYOND and v.degree < 2 for v in forms.ravel().tolist())


def exact_slopes(book: Book, operand: Node) -> tuple[Array, Array]:
    """Return middle and radius (1, entries, size) of the gradients of an affine operand."""
    forms = book.polynomials[operand].ravel().tolist()
    middle, radius = np.zeros((1, len(forms), book.size)), np.zeros((1, len(forms), book.size))
    for k, form in enumerate(forms):
        for place, value in form.linear.items():
            near = float(arb(value).mid())
            middle[0, k, place] = near
            if rational(near) != value:
                radius[0, k, place] = 2 * np.spacing(abs(near))
    return middle, radius


@dataclass(slots=True)
class _Building:
    adjoint: Mapping[Node, Node]
    touched: set[Node]
    terms: list[Term]
    kinks: list[Kink]
    edges: list[tuple[Node, Node]]
    choices: list[tuple[Node, Node]]
    missing: list[Node]


def _adjoints(output: Node, nodes: list[Node], touched: set[Node]) -> dict[Node, Node]:
    """Return the derivative of `output` by every node, as graphs."""
    adjoint: dict[Node, Node] = {output: constant(np.ones(output.shape))}
    for node in reversed(nodes):
        g = adjoint.get(node)
        if g is None:
            continue
        for which, source in enumerate(node.inputs):
            if source in touched and not source.discrete:
                try:
                    part = local_cotangent(node, which, g)
                except Exception:  # a row without this slope is listed as missing by _enter
                    continue
                adjoint[source] = part if source not in adjoint else adjoint[source] + part
    return adjoint


def _enter(node: Node, build: _Building) -> None:
    for source in node.inputs:
        if source.discrete and source in build.touched and node.op not in ("select", "take"):
            if source.dtype == "bool":
                build.choices.append((node, source))
            else:
                build.missing.append(node)
    moving = [k for k, i in enumerate(node.inputs) if i in build.touched and not i.discrete]
    if node.op in SCALARS:
        _enter_scalar(node, moving, build)
    elif node.op == "matmul":
        if len(moving) == 2:
            _enter_product(node, build)
    elif node.op == "select":
        if node.inputs[0] in build.touched:
            build.choices.append((node, node.inputs[0]))
    elif node.op == "take":
        sense = is_extreme(node)
        if node.inputs[1] in build.touched and not sense:
            build.missing.append(node)
        elif node.inputs[1] in build.touched:
            build.kinks.append(Kink(node, build.adjoint[node], None, sense))
    elif node.op == "solve" and moving == [1]:
        return
    elif node.op not in STRUCTURAL:
        build.missing.append(node)


def _enter_scalar(node: Node, moving: list[int], build: _Building) -> None:
    row = SCALARS[node.op]
    if node.op in STRAIGHT or (node.op == "multiply" and len(moving) == 1):
        return
    if node.op in KINKS_UP | KINKS_DOWN:
        assert row.guards is not None
        sense = 1 if node.op in KINKS_UP else -1
        build.kinks.append(Kink(node, build.adjoint[node], row.guards(*node.inputs)[0], sense))
        return
    if row.piecewise or any(row.slopes[k] is None for k in moving):
        build.missing.append(node)
        return
    for guard in row.guards(*node.inputs) if row.guards is not None else ():
        if guard.op != "constant":
            build.edges.append((node, guard))
    if node.op == "divide" and moving == [0]:
        return
    _enter_pairs(node, moving, build)


def _enter_pairs(node: Node, moving: list[int], build: _Building) -> None:
    """Add one term for every pair of moving operands; equal operands are one."""
    operands = list(dict.fromkeys(node.inputs[k] for k in moving))
    try:
        first = [_partial(node, moving, o) for o in operands]
        for place, (operand, partial) in enumerate(zip(operands, first, strict=True)):
            for other in operands[place:]:
                found = slope(partial, operands, constant(np.ones(partial.shape)))
                second = found[operands.index(other)]
                if second.op == "zero":
                    continue
                weight = apply("multiply", build.adjoint[node], second)
                build.terms.append(Term(node, weight, operand, other))
    except Exception:  # no slope of a slope: the node stays uncovered
        build.missing.append(node)


def _partial(node: Node, moving: list[int], operand: Node) -> Node:
    """Return the slope of an elementwise node by one operand, in the shape of the operand."""
    total: Node | None = None
    for k in moving:
        if node.inputs[k] is operand:
            rule = SCALARS[node.op].slopes[k]
            assert rule is not None
            part = rule(*node.inputs, node)
            total = part if total is None else total + part
    assert total is not None
    return total


def _enter_product(node: Node, build: _Building) -> None:
    """A matrix product of two moving factors is sums of products of entries."""
    a, b = node.inputs
    if len(a.shape) != 2 or len(b.shape) != 2:
        build.missing.append(node)
        return
    rows, inner, columns = a.shape[0], a.shape[1], b.shape[1]
    shape = (rows, inner, columns)
    weight = reshape(build.adjoint[node], (rows, 1, columns))
    left = broadcast_to(reshape(a, (rows, inner, 1)), shape)
    right = broadcast_to(reshape(b, (1, inner, columns)), shape)
    build.terms.append(Term(node, broadcast_to(weight, shape), left, right))


# ---------------------------------------------------------------- forward slopes
def tangents(
    wanted: Sequence[Node], directions: Mapping[Node, Node], touched: set[Node],
    missing: list[Node],
) -> dict[Node, Node]:
    """Return the derivative of `wanted` along the direction inputs, as graphs (forward mode)."""
    found: dict[Node, Node] = dict(directions)
    for node in topological(wanted):
        if node in found or node.discrete or not _moves(node, found):
            continue
        part = _tangent(node, found)
        if part is None:
            missing.append(node)
        else:
            found[node] = part
    return {n: found[n] if n in found else constant(np.zeros(n.shape)) for n in wanted}


def _moves(node: Node, found: Mapping[Node, Node]) -> bool:
    return any(i in found for i in node.inputs)


def _tangent(node: Node, found: Mapping[Node, Node]) -> Node | None:
    if node.op in SCALARS:
        total: Node | None = None
        for k, source in enumerate(node.inputs):
            rule = SCALARS[node.op].slopes[k]
            if source in found:
                if rule is None:
                    return None
                part = apply("multiply", rule(*node.inputs, node), found[source])
                total = part if total is None else total + part
        return total
    parts = [found.get(i) for i in node.inputs]
    if node.op == "matmul":
        products = [matmul(parts[0], node.inputs[1])] if parts[0] is not None else []
        products += [matmul(node.inputs[0], parts[1])] if parts[1] is not None else []
        return products[0] if len(products) == 1 else products[0] + products[1]
    if node.op == "select":
        zero = structural_zero((), node.dtype)
        return select(node.inputs[0], parts[1] or zero, parts[2] or zero)
    if node.op == "take" and parts[0] is not None:
        return take(parts[0], node.inputs[1], node.params["axis"])
    if node.op == "solve":
        return solve(node.inputs[0], parts[1]) if parts[0] is None and parts[1] else None
    if node.op not in STRUCTURAL:
        return None
    filled = tuple(p if p is not None else constant(np.zeros(i.shape))
                   for p, i in zip(parts, node.inputs, strict=True))
    return Node(node.op, filled, node.params, node.shape, node.dtype, node.origin)
