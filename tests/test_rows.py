"""The table is the test list: every row, every kind of promise it makes.

Expected values come from enclosures (flint) and from mpmath differences of forward evaluations,
never from the row's own slope. Points reach the far ends, the zeros, the domain's edges and both
sides of every threshold.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import arb

from verifier.graph.node import Node, apply, constant, variable
from verifier.graph.order import topological
from verifier.numerals.balls import precision
from verifier.numerals.digits import Digits
from verifier.primitives.table import SCALARS
from verifier.readers.slope import slope
from verifier.readers.value import Reading, read

from .row_points import (
    BITS,
    NAMES,
    POLES,
    UNARY,
    allowed,
    arguments,
    balls_at,
    called,
    edge,
    in_balls,
    moderate,
    overflowed_early,
    representable,
)


# ---------------------------------------------------------------- (a) three evaluations agree
@pytest.mark.parametrize("name", NAMES)
def test_floats_digits_and_balls_agree(name: str) -> None:
    row, digits = SCALARS[name], Digits(50)
    points = arguments(name)
    assert len(points) >= 12
    columns = [np.array(column) for column in zip(*points, strict=True)]
    floats = called(row.floats, columns)
    function = row.digits(digits.context)
    with precision(BITS):
        for point, computed in zip(points, floats, strict=True):
            ball = balls_at(row, point)
            if not ball.is_finite():
                continue
            value = function(*(digits.number(x) for x in point))
            spread = arb(1, "1e-47") if value else arb(1)
            shown = arb(digits.context.nstr(value, 50)) * spread
            noise = arb(0, "1e-46") if "sinc" in name or name in POLES else arb(0)
            assert ball.overlaps(shown + noise), (name, point, ball, shown)
            if representable(ball, "float64") and not overflowed_early(computed, ball):
                exact = float(ball)
                off = abs(float(arb(float(computed)) - ball))
                assert off <= allowed(row, "float64", exact), (name, point, computed, exact)


@pytest.mark.parametrize("name", NAMES)
def test_floats_keep_the_dtype(name: str) -> None:
    point = [np.array([x, x], dtype=np.float32) for x in arguments(name)[4]]
    assert called(SCALARS[name].floats, point).dtype == np.float32


@pytest.mark.parametrize("name", NAMES)
def test_balls_of_what_is_not_a_number_are_not_finite(name: str) -> None:
    row = SCALARS[name]
    usual = arguments(name)[3]
    for which in range(row.arity):
        point = [arb("nan") if k == which else arb(x) for k, x in enumerate(usual)]
        if name != "heaviside" or which == 0:
            assert not row.balls(*point).is_finite()


@pytest.mark.parametrize("name", [n for n in UNARY if SCALARS[n].domain != ("-oo", "oo")])
def test_outside_the_domain_nothing_is_claimed(name: str) -> None:
    row, digits = SCALARS[name], Digits(30)
    low, high = (edge(e) for e in row.domain)
    for outside in ([low - 1] if low.is_finite() else []) + (
        [high + 1] if high.is_finite() else []
    ):
        assert not row.balls(outside).is_finite()
        assert not row.balls(outside + arb(0, 3)).is_finite()
        value = row.digits(digits.context)(digits.number(float(outside)))
        assert not digits.context.isfinite(value)


# ---------------------------------------------------------------- (b) slopes against differences
def graph_of(name: str, point: tuple[float, ...]) -> tuple[list[Node], Node]:
    """Return the variables and the graph of a row; an order is a constant, not a variable."""
    nodes = [
        constant(x, "float64") if SCALARS[name].slopes[k] is None else variable(f"x{k}", ())
        for k, x in enumerate(point)
    ]
    return [n for n in nodes if n.op == "input"], apply(name, *nodes)


def bound(nodes: list[Node], point: tuple[float, ...]) -> dict[str, Any]:
    offset = len(point) - len(nodes)
    return {n.params["name"]: np.asarray(point[k + offset]) for k, n in enumerate(nodes)}


def differences(node: Node, at: dict[str, Any], which: str) -> tuple[Any, Any, Any]:
    """Return the central difference quotient at 100 digits, the value, and the context."""
    digits = Digits(100)
    context = digits.context
    centre = {k: digits.number(float(v)) for k, v in at.items()}
    size = abs(centre[which])
    step = context.mpf(10) ** -30 * (min(size, 1) if size else 1)

    def value(shift: Any) -> Any:
        reading = Reading()
        for leaf in topological([node]):
            if leaf.op == "input":
                name = leaf.params["name"]
                moved = centre[name] + shift if name == which else centre[name]
                reading.values[leaf] = np.array(moved, dtype=object)
        found = read([node], {}, digits, reading)[node][()]
        return found if isinstance(found, context.mpf) else context.zero

    return (value(step) - value(-step)) / (2 * step), value(0), context


def compare_slopes(target: Node, nodes: list[Node], point: tuple[float, ...]) -> int:
    """Compare each slope of `target` in balls with differences; return how many could be."""
    at, compared = bound(nodes, point), 0
    for node, partial in zip(nodes, slope(target, nodes), strict=True):
        with precision(BITS):
            exact = in_balls(partial, at)
        quotient, value, context = differences(target, at, node.params["name"])
        if not exact.is_finite() or not context.isfinite(quotient):
            continue
        size = abs(context.mpf(float(at[node.params["name"]]))) or 1
        noise = abs(value) / min(size, 1) * context.mpf(10) ** -60
        if noise > abs(quotient) * context.mpf(10) ** -20 and quotient:
            continue
        truth = context.mpf(exact.mid().str(60, radius=False))
        assert abs(quotient - truth) <= context.mpf(10) ** -18 * abs(truth) + noise, (
            target.op,
            point,
            context.nstr(quotient, 20),
            context.nstr(truth, 20),
        )
        compared += 1
    return compared


@pytest.mark.parametrize("name", NAMES)
def test_slope_agrees_with_differences(name: str) -> None:
    compared = 0
    for point in moderate(name, 14):
        nodes, value = graph_of(name, point)
        compared += compare_slopes(value, nodes, point)
    assert compared >= 5


@pytest.mark.parametrize("name", NAMES)
def test_slope_of_the_slope_agrees_with_differences(name: str) -> None:
    compared = 0
    for point in moderate(name, 7):
        nodes, value = graph_of(name, point)
        for partial in slope(value, nodes):
            compared += compare_slopes(partial, nodes, point)
    assert compared >= 3


# ---------------------------------------------------------------- (c) slopes keep their digits
# The floating reading of a slope is off by at most 64 ulps, but for these: an exponential or a
# power of a rounded argument, told in ulps of the result.
SLOPE_ULPS = {"gamma": 512, "log_ndtr": 1024, "hazard": 1e5, "polygamma": 256, "power": 512,
              "logaddexp2": 256}


def is_hard(name: str, point: tuple[float, ...]) -> bool:
    """Tell whether floats cannot be asked: next to a jump, or where x + hazard(x) cancels."""
    if name in ("remainder", "fmod"):
        turns = point[0] / point[1]
        return abs(turns - round(turns)) < 1e-9 * max(1.0, abs(turns))
    return name == "hazard" and abs(point[0]) > 100


def in_floats(node: Node, bindings: dict[str, Any], known: dict[Node, Any]) -> Any:
    """Read a slope in float64, one row after the other, with the rows' own floating functions."""
    if node in known:
        return known[node]
    parts = [in_floats(i, bindings, known) for i in node.inputs]
    if node.op == "input":
        value = bindings[node.params["name"]]
    elif node.op == "constant":
        value = node.params["value"]
    elif node.op == "zero":
        value = np.float64(0.0)
    elif node.op == "select":
        value = np.where(*parts)
    elif node.op == "greater":
        value = parts[0] > parts[1]
    else:
        value = SCALARS[node.op].floats(*parts)
    known[node] = value
    return value


def loss(name: str, point: tuple[float, ...]) -> list[float]:
    """Return by how many ulps each slope is off in floats, where it is representable."""
    nodes, value = graph_of(name, point)
    at, off = bound(nodes, point), []
    with precision(BITS):
        if is_hard(name, point) or not representable(balls_at(SCALARS[name], point), "float64"):
            return off
    offset = len(point) - len(nodes)
    for k in range(len(nodes)):
        partial = SCALARS[name].slopes[k + offset](*value.inputs, value)
        with precision(BITS):
            exact = in_balls(partial, at)
            if not representable(exact, "float64") or abs(exact) < 1e-290:
                continue
            with np.errstate(all="ignore"):
                computed = float(in_floats(partial, at, {}))
            if overflowed_early(computed, exact):
                continue
            off.append(abs(float((arb(computed) - exact) / exact)) * 2.0**52)
    return off


@pytest.mark.parametrize("name", NAMES)
def test_slope_keeps_its_digits_to_the_far_ends(name: str) -> None:
    measured = [(ulps, point) for point in arguments(name) for ulps in loss(name, point)]
    flat = {"sign", "floor", "ceil", "round", "trunc", "heaviside"}
    assert len(measured) >= 8 or name in flat
    assert max(measured, default=(0.0, ()))[0] <= SLOPE_ULPS.get(name, 64), max(measured)
