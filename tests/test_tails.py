"""Forms on tails and next to open ends, other spellings of one function: never contradicted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from flint import arb

import verifier as vf
from verifier.graph.node import Node, apply, constant, variable
from verifier.numerals.balls import precision
from verifier.numerals.spans import INFINITE, UNDEFINED, Span
from verifier.numerals.tokens import ZERO
from verifier.primitives.table import SCALARS
from verifier.readers.normal_forms import same_function, same_numbers
from verifier.readers.periods import period_of
from verifier.readers.rebuilding import rebuilt
from verifier.readers.scalar_cells import Cell
from verifier.readers.scalar_settle import Settler

from .row_points import in_balls

ROWS_OF_ONE = ("exp", "log", "log1p", "expm1", "sqrt", "tanh", "sigmoid", "softplus", "sech",
               "cosh", "sinh", "gaussian", "erf", "erfc", "ndtr", "log_sigmoid", "sin", "cos",
               "arctan", "arcsinh", "cbrt", "sinc", "reciprocal", "square", "negative",
               "absolute", "relu")
ROWS_OF_TWO = ("add", "subtract", "multiply", "divide", "hypot", "logaddexp", "maximum", "minimum")
NUMBERS = (0.5, 1.0, 2.0, -1.0, 3.0, 0.3, -0.7, 1.702)
POWERS = (2.0, 3.0, -1.0, 0.5, 1.5, -0.5, -1.5, 2.5)
x = variable("x", ())


def random_graph(draw: random.Random, depth: int) -> Node:
    if depth == 0 or draw.random() < 0.12:
        return x if draw.random() < 0.7 else constant(draw.choice(NUMBERS))
    kind = draw.random()
    if kind < 0.5:
        return apply(draw.choice(ROWS_OF_ONE), random_graph(draw, depth - 1))
    if kind < 0.58:
        return apply("power", random_graph(draw, depth - 1), constant(draw.choice(POWERS)))
    return apply(draw.choice(ROWS_OF_TWO), random_graph(draw, depth - 1),
                 random_graph(draw, depth - 1))


def cells(draw: random.Random) -> Iterator[tuple[Cell, list[float]]]:
    end, width = draw.choice((0.0, 1.0, -1.0, 0.3, -2.5)), draw.choice((0.2, 1e-3, 1e-9))
    start = draw.choice((6.5, 16.0, 40.0, 1000.0, 1e6))
    inside = [width * s for s in (1.0, 0.4, 1e-2, 1e-6)]
    far = [start * s for s in (1.0, 1.01, 2.5, 1e3)]
    yield Cell(arb(end), arb(end + width), True, False), [end + s for s in inside]
    yield Cell(arb(end - width), arb(end), False, True), [end - s for s in inside]
    yield Cell(arb(start), INFINITE), far
    yield Cell(-INFINITE, arb(-start)), [-f for f in far]
    yield Cell(arb(start), arb(4 * start)), far[:3]


def outside(value: arb, span: Span) -> bool:
    return bool(value < span.low or value > span.high or (span.left and value <= span.low)
                or (span.right and value >= span.high))


@pytest.mark.parametrize("seed", range(12))
def test_no_value_leaves_its_enclosure(seed: int) -> None:
    draw = random.Random(seed)
    seen = 0
    while seen < 300:
        settler = Settler()
        graph = random_graph(draw, draw.choice((2, 3, 4)))
        rate = settler.derivative(graph, x)
        for node in (graph, *(() if rate is None else (rate,))):
            for cell, points in cells(draw):
                with precision(128):
                    spans = [settler.read((node,), cell)[0], settler.read_steeply(node, cell)]
                for point in points:
                    with precision(400):
                        value = settler.at(node, arb(point)) if cell.holds(point) else None
                        for span in spans:
                            if value is None or span is UNDEFINED or span is ZERO:
                                continue
                            seen += 1
                            assert not outside(value, span), (graph, cell, point)


@pytest.mark.parametrize("seed", range(4))
def test_other_spellings_have_the_same_values(seed: int) -> None:
    draw = random.Random(100 + seed)
    found = 0
    while found < 40:
        graph = random_graph(draw, 3)
        other = rebuilt(graph)
        settler = Settler()
        for point in (-2.75, -0.5, 0.0625, 1.3, 4.0) if other is not None else ():
            with precision(400):
                a, b = settler.at(graph, arb(point)), settler.at(other, arb(point))  # type: ignore
                if a is not None and b is not None:
                    found += 1
                    assert a.overlaps(b), (graph, other, point)


@pytest.mark.parametrize("name", [n for n, row in SCALARS.items() if row.simpler or row.mirrored])
def test_rows_say_the_truth_of_simpler_rows_and_of_their_mirror(name: str) -> None:
    row = SCALARS[name]
    places = (0.25, 0.75) if row.domain == (0, 1) else (0.125, 0.8125)
    slots = [variable(f"u{k}", ()) for k in range(row.arity)]
    for place in places:
        at = {f"u{k}": np.asarray(place + k) for k in range(row.arity)}
        value = in_balls(apply(name, *slots), at)
        if row.simpler is not None:
            assert value.overlaps(in_balls(row.simpler(*slots), at)) and value.is_finite()
        if row.mirrored is not None:
            first, factor = row.mirrored
            back = in_balls(apply(name, *slots), {"u0": np.asarray(-place)})
            assert back.overlaps(first + factor * value) and not back.overlaps(2 + value)


def e(u: Node) -> Node:
    return apply("exp", u)


@pytest.mark.parametrize(("a", "b", "same"), [
    (apply("softplus", -x) + x, apply("softplus", x), True),
    (apply("tanh", x), (e(x) - e(-x)) / (e(x) + e(-x)), True),
    (apply("sin", -x), -apply("sin", x), True), (apply("sin", -x), apply("sin", x), False),
    (apply("log", e(x) / (1.0 + e(x))), apply("log_sigmoid", x), True),
    ((x * x - 1.0) / (x - 1.0), x + 1.0, True), (x, x + 2.0**-60, False),
    (apply("ndtr", -x), 1.0 - apply("ndtr", x), True), (apply("erf", x), apply("tanh", x), False),
])  # fmt: skip
def test_formulas_of_one_function(a: Node, b: Node, same: bool) -> None:
    assert same_function(a, b) is same


def test_numbers_written_in_two_ways() -> None:
    third = 1.3 * (e(x / 1.3) / 1.3)
    assert same_numbers([third, constant(1.0)], arb(0))
    assert not same_numbers([e(x), constant(2.718281828459045)], arb(1))
    assert not same_numbers([apply("log", x) * 0.0, constant(0.0)], arb(0))


@pytest.mark.parametrize(("graph", "period"), [
    (apply("sin", 2.0 * x + 1.0), "pi"), (apply("cos", 0.5 * x) * apply("sin", x), "4 pi"),
    (apply("exp", apply("sin", x)), "2 pi"), (x + apply("sin", x), ""), (constant(1.0), ""),
    (apply("sin", x * x), ""),
])  # fmt: skip
def test_periods(graph: Node, period: str) -> None:
    found = period_of(graph, x)
    if not period:
        assert found is None
    else:
        times = float(period.removesuffix("pi").strip() or 1)
        assert found is not None and found.overlaps(times * arb.pi())


@pytest.mark.parametrize(("function", "on", "claim", "expected"), [
    (lambda x: np.log(np.sum(np.exp(x))), "(-oo, oo)^(3)", "Cinf", "PROVED"),
    (lambda x: x[0] ** 2 / x[1], "(-oo, oo) x (0, oo)", "Cinf", "PROVED"),
    (lambda x: x[0] ** 2 / x[1], "(-oo, oo) x [0, oo)", "Cinf", "UNDECIDED"),
    (lambda x: np.sum(x * np.log(x)), "(0, oo)^(3)", "C2", "PROVED"),
    (lambda x: np.log(np.sum(x)), "(-oo, oo)^(2)", "C0", "UNDECIDED"),
    (lambda x: np.sqrt(np.sum(x * x)), "(-oo, oo)^(3)", "C1", "REFUTED"),
])  # fmt: skip
def test_open_domains_in_several_numbers(
    function: Any, on: str, claim: str, expected: str
) -> None:
    (check,) = vf.verify(function, on={"x": on}, claims=[claim], budget=2.0).checks
    assert [c.verdict.value for c in check.claims if c.claim == claim] == [expected]
