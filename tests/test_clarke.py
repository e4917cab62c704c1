"""Differentiability of functions of several variables, and membership at their kinks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from flint import arb

from verifier.checks.clarke import PointBeside, beside_scalar
from verifier.checks.cones import direction_inside, independent
from verifier.checks.membership import is_inside, membership, refutes
from verifier.graph.node import Node, apply, constant, variable
from verifier.primitives.linear import (
    arg,
    cast,
    compare,
    gather,
    matmul,
    reshape,
    select,
    sum_over,
    take,
)

Graph = Callable[[Node], Node]
ZERO = constant(0.0)


def entry(x: Node, k: int) -> Node:
    return gather([x], np.array(k))


def point(graph: Graph, *at: float, order: int = 1) -> PointBeside:
    x = variable("x", (len(at),))
    return beside_scalar(graph(x), [x], {"x": np.array(at)}, order=order)


def said(*values: float) -> list[np.ndarray]:
    return [np.array([arb(v) for v in values], dtype=object)]


def total(op: str) -> Graph:
    return lambda x: sum_over(apply(op, x))


def largest(x: Node) -> Node:
    return reshape(take(x, reshape(arg("argmax", x, 0), (1,)), 0), ())


def smaller_size(x: Node) -> Node:
    return apply("minimum", *(apply("absolute", entry(x, k)) for k in (0, 1)))


def sheared(x: Node) -> Node:
    return apply("absolute", entry(x, 0)) + apply("absolute", entry(x, 0) + entry(x, 1))


def hexagon(x: Node) -> Node:
    return sheared(x) + apply("absolute", entry(x, 1))


def cancelling(x: Node) -> Node:
    product = entry(x, 0) * entry(x, 1)
    return apply("relu", product) - apply("relu", -product)


def squared_hinge(x: Node) -> Node:
    data, labels = constant(np.array([[1.0, 2.0], [2.0, -1.0]])), constant(np.array([1.0, -1.0]))
    return sum_over(apply("square", apply("maximum", ZERO, 1.0 - labels * matmul(data, x))))


def log_sum_exp(x: Node) -> Node:
    top = take(x, reshape(arg("argmax", x, 0), (1,)), 0)
    return reshape(top, ()) + apply("log", sum_over(apply("exp", x - top)))


def norm(x: Node) -> Node:
    return apply("sqrt", sum_over(x * x))


def triplet(x: Node) -> Node:
    near = norm(gather([x], np.array([0, 1])) - gather([x], np.array([2, 3])))
    far = norm(gather([x], np.array([0, 1])) - gather([x], np.array([4, 5])))
    return apply("relu", near - far + 5.0)


def masked(x: Node) -> Node:
    return sum_over(x * cast(compare("greater", x, ZERO), "float64"))


def switched(op: str) -> Graph:
    return lambda x: select(compare(op, entry(x, 0), ZERO), entry(x, 1), ZERO)


DIFFERENTIABLE = [
    ("relu(x) - relu(-x)", lambda x: sum_over(apply("relu", x) - apply("relu", -x)), (0, 0),
     (1, 1)),
    ("the same of a product", cancelling, (0, 1), (1, 0)),
    ("squared hinge on the margin", squared_hinge, (1, 0), (12, -6)),
    ("x |x|", lambda x: sum_over(x * apply("absolute", x)), (0, 1), (0, 2)),
    ("x |y|", lambda x: entry(x, 0) * apply("absolute", entry(x, 1)), (0, 0), (0, 0)),
    ("relu of a sure sign", total("relu"), (1, -1), (1, 0)),
]


@pytest.mark.parametrize(("graph", "at", "gradient"), [d[1:] for d in DIFFERENTIABLE],
                         ids=[d[0] for d in DIFFERENTIABLE])
def test_kinks_that_cancel_leave_a_gradient(
    graph: Graph, at: Sequence[float], gradient: Sequence[float]
) -> None:
    found = point(graph, *at)
    assert (found.kind, found.proved) == ("smooth", True), found.reason
    assert [float(v.mid()) for v in found.gradient[0]] == list(gradient)


def test_the_maximum_in_a_stable_log_sum_exp_is_no_kink() -> None:
    found = point(log_sum_exp, 1.0, 1.0, 0.0, order=2)
    assert found.kind == "smooth" and not found.proved
    shares = np.exp([1, 1, 0]) / np.exp([1, 1, 0]).sum()
    assert np.allclose([float(v.mid()) for v in found.gradient[0]], shares, rtol=1e-14)
    hessian = np.diag(shares) - np.outer(shares, shares)
    assert np.allclose([[float(v.mid()) for v in row] for row in found.hessian], hessian)


KINKS = [
    ("relu", total("relu"), (0, 1)),
    ("-|x|", lambda x: -total("absolute")(x), (0, 1)),
    ("min(|x|, |y|), flat along every axis", smaller_size, (0, 0)),
    ("largest", largest, (1, 1, 0)),
    ("norm", norm, (0, 0)),
    ("triplet with anchor = positive", triplet, (1, 2, 1, 2, 3, 0)),
    ("20 kinks", total("absolute"), (0,) * 20),
    ("a jump beside the point", switched("greater"), (0, 0)),
    ("a branch on a line only", switched("equal"), (0, 0)),
]


@pytest.mark.parametrize(("graph", "at"), [k[1:] for k in KINKS], ids=[k[0] for k in KINKS])
def test_kinks_are_witnessed(graph: Graph, at: Sequence[float]) -> None:
    found = point(graph, *at)
    assert (found.kind, found.differs_at) == ("kink", 1)
    assert found.direction is not None and found.direction["x"].any()
    if found.along is not None and found.against is not None:
        assert not found.along.overlaps(found.against)


def test_a_jump_is_told_from_a_kink() -> None:
    assert point(switched("greater"), 0.0, 1.0).kind == "jump"
    assert point(total("sqrt"), 0.0, 1.0).kind == "infinite-slope"
    assert point(lambda x: entry(x, 0) / entry(x, 1), 0.0, 0.0).kind == "undefined"


def test_second_derivatives_of_pieces() -> None:
    kinked = point(squared_hinge, 1.0, 0.0, order=2)
    assert (kinked.kind, kinked.differs_at) == ("kink", 2)
    cubes = lambda x: sum_over(apply("power", apply("absolute", x), constant(3.0)))  # noqa: E731
    smooth = point(cubes, 0.0, 0.0, order=2)
    assert smooth.kind == "smooth" and all(v.is_zero() for row in smooth.hessian for v in row)


def test_thin_pieces_are_not_proved_away() -> None:
    def graph(x: Node) -> Node:
        square = entry(x, 0) * entry(x, 0)
        return apply("relu", entry(x, 1)) - apply("relu", entry(x, 1) - square)

    found = point(graph, 0.0, 0.0)
    assert found.kind == "undecided" and "thin pieces" in found.reason


def test_a_strict_sign_of_what_jumps_is_none() -> None:
    def graph(x: Node) -> Node:
        step = select(compare("greater", entry(x, 0), ZERO), constant(1.0), entry(x, 1))
        return apply("relu", step)

    found = point(graph, 0.0, -1.0)
    assert (found.kind, found.differs_at) == ("jump", 0)


MEMBERS = [
    (total("relu"), (0, 1), (0.5, 1), "inside"),
    (total("relu"), (0, 1), (1, 1), "inside"),
    (total("relu"), (0, 1), (2, 1), "outside"),
    (total("relu"), (0, 1), (0.5, 0.5), "outside"),
    (masked, (0, 1), (0, 1), "inside"),
    (masked, (0, 1), (3, 1), "outside"),
    (lambda x: -total("absolute")(x), (0, 0), (0, 0), "inside"),
    (largest, (1, 1, 0), (0.5, 0.5, 0), "inside"),
    (largest, (1, 1, 0), (1, 1, 0), "outside"),
    (smaller_size, (0, 0), (0.9, 0.9), "outside"),  # the hull is |g1| + |g2| <= 1
    (smaller_size, (0, 0), (0.25, -0.75), "inside"),
    (sheared, (0, 0), (1, 0.5), "inside"),
    (sheared, (0, 0), (1, -1), "outside"),  # (s + t, t) with |s|, |t| <= 1: s would be 2
    (hexagon, (0, 0), (1, -1), "inside"),
    (hexagon, (0, 0), (1.5, -1), "outside"),  # its edge is g1 - g2 = 2
    (smaller_size, (0, 0), (2, 0), "outside"),
    (total("absolute"), (0,) * 20, (0,) * 20, "inside"),
    (total("absolute"), (0,) * 20, (2, *(0,) * 19), "outside"),
    (switched("greater"), (0, 0), (0, 5), "between"),
    (norm, (0, 0), (0, 0), "between"),
]


@pytest.mark.parametrize(("graph", "at", "claim", "answer"), MEMBERS)
def test_membership(
    graph: Graph, at: Sequence[float], claim: Sequence[float], answer: str
) -> None:
    assert membership(point(graph, *at), said(*claim)) == answer


def test_refutation_by_a_direction() -> None:
    kink = point(total("relu"), 0.0, 1.0)
    assert refutes(kink, said(0, 1)) is None  # equal to one of the one-sided slopes everywhere
    assert refutes(kink, said(0, 2)) is not None
    cancelled = point(cancelling, 0.0, 1.0)
    assert refutes(cancelled, said(1, 0)) is None
    assert refutes(cancelled, said(0, 0)) is not None


# ---------------------------------------------------------------- cones and hulls
@pytest.mark.parametrize(("rows", "count"), [
    ([[1, 0], [-1, 0]], 2), ([[1, 0], [0, 1], [1, 1]], 6), ([[1, 2], [2, 4]], 2),
    ([[1, 0, 0], [0, 1, 0], [1, -1, 0], [0, 0, 1]], 12), ([[3, 1], [1, 2]], 4),
])
def test_consistent_sign_patterns_are_counted(rows: list[list[int]], count: int) -> None:
    balls = [[arb(v) for v in row] for row in rows]
    answers = [direction_inside(balls, list(signs))
               for signs in itertools.product((1, -1), repeat=len(rows))]
    assert all(sure for _, sure in answers)
    assert sum(d is not None for d, _ in answers) == count
    assert independent(balls) == (count == 2 ** len(rows))


def test_an_inexact_form_is_never_called_inconsistent() -> None:
    rows = [[arb(1, 1e-20), arb(0)], [arb(-1, 1e-20), arb(0)]]
    assert direction_inside(rows, [1, 1]) == (None, False)


@pytest.mark.parametrize(("claim", "inside"), [
    ((0.25, 0.25), True), ((0.5, 0.5), True), ((0.6, 0.5), False), ((0.0, -1e-9), False),
])
def test_the_inner_hull(claim: Sequence[float], inside: bool) -> None:
    corners = [[arb(0), arb(0)], [arb(1), arb(0)], [arb(0), arb(1)]]
    assert is_inside([arb(c) for c in claim], corners) == inside
