"""What functions do beside a point, against what theory says of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from verifier.checks.beside import Beside, beside_elementwise
from verifier.graph.node import Node, apply, constant, variable
from verifier.numerals.balls import Balls
from verifier.primitives.linear import arg, cast, compare, gather, select, sum_over, take
from verifier.readers.guards import active, guards_of, live, pattern
from verifier.readers.value import Reading, read

Graph = Callable[[Node], Node]
ZERO, ONE, TWO = constant(0.0), constant(1.0), constant(2.0)


def beside(graph: Graph, *at: float, order: int = 1) -> list[Beside]:
    x = variable("x", (len(at),))
    return beside_elementwise(graph(x), x, {"x": np.array(at)}, order=order).tolist()


def where(op: str, x: Node, edge: float, yes: Node, no: Node) -> Node:
    return select(compare(op, x, constant(edge)), yes, no)


def relu(x: Node) -> Node:
    return apply("relu", x)


def absolute(x: Node) -> Node:
    return apply("absolute", x)


def positive(x: Node) -> Node:
    return where("greater", x, 0.0, x, 0.0 * x)


def elu(x: Node) -> Node:
    return where("greater", x, 0.0, x, apply("expm1", x))


def selu(x: Node) -> Node:
    inner = where("greater", x, 0.0, x, 1.6732632423543772 * apply("expm1", x))
    return 1.0507009873554805 * inner


def hardswish(x: Node) -> Node:
    return x * apply("minimum", apply("maximum", x + 3.0, ZERO), constant(6.0)) / 6.0


def huber(delta: float) -> Graph:
    def graph(x: Node) -> Node:
        size = absolute(x)
        return where("less_equal", size, delta, 0.5 * x * x, delta * (size - 0.5 * delta))

    return graph


def spline(x: Node) -> Node:
    t = absolute(x)
    outer = where("less", t, 2.0, (2 - apply("minimum", t, TWO)) ** 3 / 6, 0.0 * t)
    return where("less", t, 1.0, 2.0 / 3 - t**2 + 0.5 * t**3, outer)


def root_of_positive(x: Node) -> Node:
    return where("greater", x, 0.0, apply("sqrt", x), 0.0 * x)


KINKS = [
    ("relu", relu, 0.0, 0, 1),
    ("abs", absolute, 0.0, -1, 1),
    ("minus abs", lambda x: -absolute(x), 0.0, 1, -1),
    ("root of square", lambda x: apply("sqrt", x * x), 0.0, -1, 1),
    ("where", positive, 0.0, 0, 1),
    ("mask", lambda x: x * cast(compare("greater", x, ZERO), "float64"), 0.0, 0, 1),
    ("clip low", lambda x: apply("maximum", x, -ONE), -1.0, 0, 1),
    ("clip high", lambda x: apply("minimum", x, ONE), 1.0, 1, 0),
    ("hardswish low", hardswish, -3.0, 0, -0.5),
    ("hardswish high", hardswish, 3.0, 1.5, 1),
    ("max of x and 2x", lambda x: apply("maximum", x, 2.0 * x), 0.0, 1, 2),
    ("knot at a rounded constant", lambda x: relu(x - 0.1), 0.1, 0, 1),
    ("plus log 2", lambda x: relu(x) + apply("log", TWO), 0.0, 0, 1),
    ("selu", selu, 0.0, 1.0507009873554805 * 1.6732632423543772, 1.0507009873554805),
]


@pytest.mark.parametrize(("graph", "at", "left", "right"), [k[1:] for k in KINKS],
                         ids=[k[0] for k in KINKS])
def test_kinks_have_one_sided_slopes(graph: Graph, at: float, left: float, right: float) -> None:
    (found,) = beside(graph, at)
    assert (found.kind, found.differs_at, found.proved) == ("kink", 1, True)
    assert float(found.left.mid()) == pytest.approx(left, rel=1e-15)
    assert float(found.right.mid()) == pytest.approx(right, rel=1e-15)


SMOOTH = [
    ("relu away", relu, 1.0, 1),
    ("kinks cancel", lambda x: relu(x) - relu(-x), 0.0, 1),
    ("kinks cancel beside log 2", lambda x: relu(x) - relu(-x) + apply("log", TWO), 0.0, 1),
    ("abs minus abs", lambda x: absolute(x) - absolute(x), 0.0, 0),
    ("x abs x", lambda x: x * absolute(x), 0.0, 0),
    ("relu squared", lambda x: apply("square", relu(x)), 0.0, 0),
    ("abs to 1.5", lambda x: absolute(x) ** 1.5, 0.0, 0),
    ("elu", elu, 0.0, 1),
    ("huber at delta", huber(1.0), 1.0, 1),
    ("huber at a rounded delta", huber(0.1), -0.1, -0.1),
    ("max of x and x", lambda x: apply("maximum", x, x), 0.0, 1),
    ("dead branch", lambda x: where("greater", x, 1.0, x, absolute(x)), 1.0, 1),
    ("sinc by where", lambda x: where("equal", x, 0.0, 1.0 + 0.0 * x, apply("sin", x) / x), 0.0, 0),
    ("expm1(x)/x by where",
     lambda x: where("equal", x, 0.0, 1.0 + 0.0 * x, apply("expm1", x) / x), 0.0, 0.5),
    ("flat beside a root", root_of_positive, -1.0, 0),
]


@pytest.mark.parametrize(("graph", "at", "slope"), [s[1:] for s in SMOOTH],
                         ids=[s[0] for s in SMOOTH])
def test_where_both_sides_meet_there_is_a_slope(graph: Graph, at: float, slope: float) -> None:
    (found,) = beside(graph, at)
    assert (found.kind, found.proved, found.reason) == ("smooth", True, "")
    assert float(found.slope.mid()) == pytest.approx(slope)


OTHERS = [
    ("floor", lambda x: apply("floor", x), 2.0, "jump", 0),
    ("sign", lambda x: apply("sign", x), 0.0, "jump", 0),
    ("an isolated value", lambda x: where("equal", x, 0.0, 0.5 + 0.0 * x, apply("sin", x) / x),
     0.0, "jump", 0),
    ("a pole", lambda x: where("equal", x, 0.0, 0.0 * x, 1.0 / x), 0.0, "jump", 0),
    ("softplus cut at 20",
     lambda x: where("greater", x, 20.0, x, apply("log1p", apply("exp", x))), 20.0, "jump", 0),
    ("cube root by power", lambda x: x ** (1 / 3), 0.0, "infinite-slope", 1),
    ("root of abs", lambda x: apply("sqrt", absolute(x)), 0.0, "infinite-slope", 1),
    ("root of positive", root_of_positive, 0.0, "infinite-slope", 1),
    ("x log x", lambda x: where("greater", x, 0.0, x * apply("log", x), 0.0 * x), 0.0,
     "infinite-slope", 1),
    ("arccos", lambda x: apply("arccos", x), -1.0, "infinite-slope", 1),
    ("0/0", lambda x: apply("sin", x) / x, 0.0, "undefined", None),
    ("log", lambda x: apply("log", x), 0.0, "undefined", None),
    ("power 1.5", lambda x: x**1.5, 0.0, "undefined", None),
    ("flat", lambda x: where("greater", x, 0.0, apply("exp", -1.0 / x), 0.0 * x), 0.0,
     "undecided", None),
]


@pytest.mark.parametrize(("graph", "at", "kind", "order"), [o[1:] for o in OTHERS],
                         ids=[o[0] for o in OTHERS])
def test_what_has_no_slope(graph: Graph, at: float, kind: str, order: int | None) -> None:
    (found,) = beside(graph, at)
    assert (found.kind, found.differs_at) == (kind, order)
    assert found.reason


SECOND = [
    ("relu", lambda x: 0.5 * (x + absolute(x)), 0.0, "kink", 1, 0, 1),
    ("x abs x", lambda x: x * absolute(x), 0.0, "kink", 2, -2, 2),
    ("relu squared", lambda x: apply("square", relu(x)), 0.0, "kink", 2, 0, 2),
    ("elu", elu, 0.0, "kink", 2, 1, 0),
    ("huber", huber(1.0), 1.0, "kink", 2, 1, 0),
    ("abs cubed", lambda x: apply("power", absolute(x), constant(3.0)), 0.0, "smooth", None, 0, 0),
    ("abs to 1.5", lambda x: absolute(x) ** 1.5, 0.0, "infinite-slope", 2, None, None),
    ("sinc", lambda x: apply("sinc", x), 0.0, "smooth", None, -np.pi**2 / 3, -np.pi**2 / 3),
]


@pytest.mark.parametrize(("graph", "at", "kind", "order", "left", "right"),
                         [s[1:] for s in SECOND], ids=[s[0] for s in SECOND])
def test_second_derivatives(
    graph: Graph, at: float, kind: str, order: int | None, left: float | None, right: float | None
) -> None:
    (found,) = beside(graph, at, order=2)
    assert (found.kind, found.differs_at) == (kind, order)
    if left is not None and right is not None:
        assert float(found.left.mid()) == pytest.approx(left)
        assert float(found.right.mid()) == pytest.approx(right)


@pytest.mark.parametrize("order", [1, 2])
def test_a_spline_joint_is_no_kink_though_two_thirds_is_rounded(order: int) -> None:
    found = beside(spline, 0.0, 1.0, -2.0, 0.5, 2.5, order=order)
    assert [f.kind for f in found] == ["smooth"] * 5
    assert [f.proved for f in found] == [True, False, True, True, True]
    assert "rounding of constants" in found[1].reason


def test_an_isolated_value_that_is_only_rounded_is_no_jump() -> None:
    def graph(x: Node) -> Node:
        near = (apply("exp", x) - 1.0 - x - 0.5 * x * x) / (0.5 * x**3)
        return where("equal", x, 0.0, constant(1 / 3) + 0.0 * x, near)

    (found,) = beside(graph, 0.0)
    assert found.kind == "smooth" and not found.proved
    assert "rounding of constants" in found.reason


def test_a_root_of_what_may_be_negative_is_undecided() -> None:
    (found,) = beside(lambda x: apply("sqrt", apply("exp", apply("log", 2.0 + x)) - 2.0), 0.0)
    assert (found.kind, found.reason) == ("undecided", "f may have no value at the point")


def test_arrays_of_no_axis() -> None:
    x = variable("x", ())
    found = beside_elementwise(relu(x), x, {"x": np.array(0.0)})
    assert found.shape == () and found[()].kind == "kink"


def test_a_constant_that_is_not_known_to_be_two_decides_nothing() -> None:
    (found,) = beside(lambda x: relu(apply("exp", apply("log", 2.0 + x)) - 2.0), 0.0)
    assert found.kind == "undecided"


# ---------------------------------------------------------------- guards
def reading_of(output: Node, **bindings: np.ndarray) -> Reading:
    return read([output], bindings, Balls())


def test_guards_name_their_owner_and_quantity() -> None:
    x = variable("x", (3,))
    output = sum_over(select(compare("greater", x, ONE), apply("sqrt", x), relu(x)))
    assert [(g.owner.op, g.piecewise) for g in guards_of([output])] == [
        ("greater", True), ("sqrt", False), ("relu", True)]


def test_guards_of_dead_branches_are_not_active() -> None:
    x = variable("x", (3,))
    output = select(compare("greater", x, ONE), x, absolute(x))
    reading = reading_of(output, x=np.array([2.0, 0.0, 1.0]))
    found = [(g.owner.op, g.index, g.exact) for g in active([output], reading)]
    assert found == [("greater", (2,), True), ("absolute", (1,), True)]
    assert live([output], reading)[x].tolist() == [True, True, True]


def test_a_denied_conjunction_hides_its_other_side() -> None:
    x = variable("x", (2,))
    both = apply("logical_and", compare("greater", x, ZERO), compare("less", x, -ONE), dtype="bool")
    output = select(both, x, 2.0 * x)
    assert not active([output], reading_of(output, x=np.array([-1.0, -3.0])))


def test_a_tie_of_data_is_no_guard() -> None:
    x, y = variable("x", (2,)), constant(np.array([1.0, 0.0]))
    output = select(compare("equal", y, ONE), apply("log", x), apply("log", 1.0 - x))
    assert not active([output], reading_of(output, x=np.array([1.0, 0.0])))


def test_only_the_middle_of_a_sort_matters_to_a_median() -> None:
    x = variable("x", (5,))
    median = gather([take(x, arg("argsort", x, 0), 0)], np.array(2))
    far = reading_of(median, x=np.array([3.0, 3.0, 1.0, 2.0, 0.0]))
    near = reading_of(median, x=np.array([3.0, 2.0, 2.0, 1.0, 0.0]))
    assert not active([median], far)
    assert [g.owner.op for g in active([median], near)] == ["argsort"]


def test_patterns_tell_pieces_apart() -> None:
    x = variable("x", (2,))
    output = sum_over(relu(x))
    prints = {p: pattern([output], reading_of(output, x=np.array(p)))
              for p in [(1.0, 2.0), (3.0, 0.5), (1.0, -2.0)]}
    assert prints[1.0, 2.0] == prints[3.0, 0.5] != prints[1.0, -2.0]
