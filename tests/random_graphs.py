"""Random graphs over all rows, and the search for a point at which an enclosure is left."""

from __future__ import annotations

from typing import Any

import numpy as np

from verifier.errors import CannotLower
from verifier.graph.node import Node, apply, constant, variable
from verifier.graph.order import topological
from verifier.numerals.balls import Balls, precision
from verifier.numerals.tokens import ZERO
from verifier.primitives.linear import (
    arg,
    broadcast_to,
    compare,
    cumulative_sum,
    gather,
    matmul,
    reshape,
    scatter,
    select,
    sum_over,
    take,
)
from verifier.primitives.table import SCALARS
from verifier.readers.region import Region
from verifier.readers.slope import slope
from verifier.readers.value import read
from verifier.search.floats import values_of

SIZE = 3
BITS = 200
UNARY = [n for n, r in SCALARS.items() if r.arity == 1]
ORDERED = ("polygamma", "sinc_derivative", "bessel_i", "exp_moment", "gammainc", "gammaincc")
BINARY = [n for n, r in SCALARS.items() if r.arity == 2 and n not in ORDERED]
ARITHMETIC = ["add", "subtract", "multiply", "divide"]
COMPARISONS = ["greater", "greater_equal", "less", "less_equal", "equal", "not_equal"]
STEPS = 15


def random_graph(draws: np.random.Generator) -> tuple[Node, Node]:
    """Return an input of three numbers and a random function of it, also of three."""
    x = variable("x", (SIZE,))
    nodes = [x]
    for _ in range(draws.integers(2, 9)):
        near = nodes[draws.integers(len(nodes))] if draws.random() < 0.5 else nodes[-1]
        nodes.append(random_step(draws, near, nodes))
    return x, nodes[-1]


def random_step(draws: np.random.Generator, a: Node, nodes: list[Node]) -> Node:
    """Return one more node of a random kind."""
    b = nodes[draws.integers(len(nodes))]
    kind = draws.integers(0, STEPS)
    if kind < 4:
        return apply(UNARY[draws.integers(len(UNARY))], a)
    if kind < 6:
        return apply(BINARY[draws.integers(len(BINARY))], a, b)
    if kind == 6:
        return apply(ARITHMETIC[draws.integers(4)], a, b)
    if kind == 7:
        weights = np.round(draws.normal(size=(SIZE, SIZE)), draws.integers(0, 3))
        return matmul(constant(weights), a)
    if kind == 8:
        return cumulative_sum(a, 0)
    if kind == 9:
        return gather([a, b], draws.integers(-1, 2 * SIZE, size=SIZE))
    if kind == 10:
        other = b if draws.random() < 0.5 else constant(float(np.round(draws.normal(), 1)))
        condition = compare(COMPARISONS[draws.integers(6)], a, other)
        return select(condition, nodes[draws.integers(len(nodes))], a)
    if kind == 11:
        op = "argmax" if draws.random() < 0.5 else "argmin"
        return broadcast_to(take(a, reshape(arg(op, a, 0), (1,)), 0), (SIZE,))
    if kind == 12:
        return take(a, arg("argsort", a, 0), 0)
    if kind == 13:
        return scatter(a, draws.integers(-1, SIZE, size=SIZE), (SIZE,))
    return _with_constant(draws, a)


def _with_constant(draws: np.random.Generator, a: Node) -> Node:
    number = constant(float(draws.choice([-2, -1, -0.5, 0.5, 2, 3, 1.5, draws.normal()])))
    op = BINARY[draws.integers(len(BINARY))] if draws.random() < 0.6 else "power"
    return apply(op, a, number) if draws.random() < 0.5 or op == "power" else apply(op, number, a)


def with_slopes(x: Node, y: Node) -> list[Node]:
    """Return a function with its gradient and the gradient of that, where they exist."""
    outputs = [y]
    try:
        outputs += slope(sum_over(y), [x])
        outputs += slope(sum_over(outputs[-1]), [x])
    except CannotLower:
        pass
    return outputs


def random_box(draws: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return a box around round numbers or random ones, some of it one-sided, some of it tiny."""
    center = draws.choice([0, 0.5, 1, 2, draws.normal() * 3], size=SIZE).astype(float)
    radius = 10.0 ** draws.uniform(-8, 1, size=SIZE)
    return center - radius * draws.choice([0, 1], p=[0.2, 0.8], size=SIZE), center + radius


def points_of(
    draws: np.random.Generator, low: np.ndarray, high: np.ndarray, count: int
) -> list[np.ndarray]:
    """Return corners, the middle and random points of a box."""
    corners = [np.where(draws.random(SIZE) < 0.5, low, high) for _ in range(count // 4)]
    middle = np.clip((low + high) / 2, low, high)
    inner = [np.clip(low + (high - low) * draws.random(SIZE), low, high)
             for _ in range(count - count // 4)]
    return [low, high, middle, *corners, *inner]


def escapes(region: Region, outputs: list[Node], point: np.ndarray) -> list[Any]:
    """Return the entries whose ball at a point lies outside what the region says of them."""
    reading = read(outputs, {"x": point}, Balls(BITS))
    found = []
    for node in topological(outputs):
        if node.discrete:
            continue
        low, high, undefined = region.lo[node], region.hi[node], region.undefined[node]
        absent = region.absent[node]
        for i in np.ndindex(*node.shape):
            if not undefined[i] and not absent[i] and left(reading[node][i], low[i], high[i]):
                found.append((node, i, point, reading[node][i], low[i], high[i]))
    return found


def left(ball: Any, low: float, high: float) -> bool:
    """Tell whether no point of the ball lies in [low, high]; infinite balls do not count."""
    if ball is ZERO:
        return bool(low > 0 or high < 0)
    if isinstance(ball, bool | int | float):
        return bool(ball < low or ball > high)
    with precision(BITS):
        return bool(ball.is_finite() and (ball < float(low) or ball > float(high)))


def suspects(
    region: Region, outputs: list[Node], points: list[np.ndarray]
) -> list[np.ndarray]:
    """Return the points at which a float evaluation lies outside: to be looked at in balls."""
    found = []
    bounds = [(region.lo[o], region.hi[o], region.undefined[o]) for o in outputs]
    for point in points:
        for value, (low, high, undefined) in zip(
            values_of(outputs, {"x": point}), bounds, strict=True
        ):
            if (~undefined & np.isfinite(value) & ((value < low) | (value > high))).any():
                found.append(point)
                break
    return found
