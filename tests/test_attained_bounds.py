"""Bounds that are met, sums of functions of one entry, slopes by rules: proved, and their twins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb

import verifier as vf
from verifier.graph.node import Node, apply, constant, variable
from verifier.readers.harmonics import as_waves
from verifier.readers.scalar_tape import tape

LINE = "(-oo, oo)"
A = np.array([[2.0, 0.0, 1.0], [-1.0, 1.0, 0.5]])
NORMS = {"2": float(np.linalg.norm(A, 2)), "1": 3.0, "inf": 3.0}  # column and row sums by hand


def verdict(function: Callable[..., Any], text: str, **on: str) -> str:
    (check,) = vf.verify(function, on=on, claims=[text], budget=5.0).checks
    assert not check.error, check.error
    return next(c.verdict.value for c in check.claims if c.claim == text)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def huber(x: Any) -> Any:
    return np.where(np.abs(x) <= 1, x * x / 2, np.abs(x) - 0.5)


def relu(x: Any) -> Any:
    return np.maximum(x, 0)


# The largest value is taken at a number where the slope is exactly 0: by calculus.
@pytest.mark.parametrize(("function", "on", "met", "below"), [
    (sigmoid, LINE, "0.25-Lipschitz", "0.2499999-Lipschitz"),
    (sigmoid, "[-5, 5]", "0 <= df/dx <= 0.25", "0 <= df/dx <= 0.2499999"),
    (lambda x: sigmoid(x) * (1 - sigmoid(x)), "[-5, 5]", "f <= 0.25", "f < 0.25"),
    (lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)), "[-5, 5]", "1-Lipschitz",
     "0.99999-Lipschitz"),
    (lambda x: x**2 - 2 * x + 1, "[-5, 5]", "f >= 0", "f > 0"),
    (lambda x: (x - 1) * (x - 1) * (x - 1) * (x - 1), "[-5, 6]", "f >= 0", "f > 0"),
    (lambda x: x**4 - 4 * x**3 + 6 * x**2 - 4 * x + 1, "[-5, 6]", "f >= 0", "f > 0"),
    (lambda x: x - 1 - np.log(x), "(0, oo)", "f >= 0", "f > 0"),
    (lambda x: x * np.exp(1 - x), "[0, oo)", "f <= 1", "f <= 0.9999999"),
    (lambda x: 1 / (1 + x * x), LINE, "f <= 1", "f < 1"),
    (lambda x: np.sin(x) * np.cos(x), LINE, "-0.5 <= f <= 0.5", "f <= 0.4999999"),
    (lambda x: np.cos(x)**2 - np.sin(x)**2, LINE, "-1 <= f <= 1", "f >= -0.9999999"),
    (lambda x: x + np.sin(x)**2, "[-5, 5]", "strictly increasing in x", "1.999-Lipschitz"),
])  # fmt: skip
def test_a_bound_that_is_met(
    function: Callable[..., Any], on: str, met: str, below: str
) -> None:
    assert verdict(function, met, x=on) == "PROVED"
    assert verdict(function, below, x=on) == "REFUTED"


@pytest.mark.parametrize(("function", "on", "claim", "expected"), [
    (lambda x: np.sum(relu(x) - relu(-x)), "[-1, 1]^(3)", "Cinf", "PROVED"),
    (lambda x: np.sum(relu(x) + relu(-x)), "[-1, 1]^(3)", "C1", "REFUTED"),
    (lambda x: np.sum(huber(x)), "[-3, 3]^(3)", "C1", "PROVED"),
    (lambda x: np.sum(huber(x)), "[-3, 3]^(3)", "C2", "REFUTED"),
    (lambda x: np.where(x > 0, x, np.exp(x) - 1), "[-3, 3]^(4)", "C1", "PROVED"),
    (lambda x: np.where(x > 0, x, np.exp(x) - 2), "[-3, 3]^(4)", "C0", "REFUTED"),
    # |f'| <= 1 and <= 1/4 for one entry; four of them: times 2, 1 and 4.
    (lambda x: np.sum(huber(x)), "[-3, 3]^(4)", "2-Lipschitz", "PROVED"),
    (lambda x: np.sum(huber(x)), "[-3, 3]^(4)", "1-Lipschitz (1)", "PROVED"),
    (lambda x: np.sum(huber(x)), "[-3, 3]^(4)", "4-Lipschitz (inf)", "PROVED"),
    (lambda x: np.sum(huber(x)), "[-3, 3]^(4)", "3.9-Lipschitz (inf)", "REFUTED"),
    (lambda x: np.sum(sigmoid(x)), "[-3, 3]^(4)", "0.5-Lipschitz", "PROVED"),
    (lambda x: np.sum(sigmoid(x)), "[-3, 3]^(4)", "0.49-Lipschitz", "REFUTED"),
    (lambda x: np.sum(np.floor(x)), "[-3, 3]^(2)", "1-Lipschitz", "REFUTED"),
    (lambda x: np.sum(x**3), "[-3, 3]^(3)", "strictly increasing in x", "PROVED"),
    (lambda x: np.sum(x**3 - 0.01 * x), "[-3, 3]^(3)", "increasing in x", "REFUTED"),
    (lambda x: np.mean(x * (1 - x)), "[0, 1]^(16)", "0 <= f <= 0.25", "PROVED"),
    (lambda x: np.mean(x * (1 - x)), "[0, 1]^(20)", "f <= 0.249", "REFUTED"),
    # A term of two entries is no sum of functions of one.
    (lambda x: relu(x[0] * x[1]) - relu(-x[0] * x[1]) + np.sum(huber(x)), "[-1, 1]^(2)", "C1",
     "UNDECIDED"),
])  # fmt: skip
def test_sums_of_functions_of_one_entry(
    function: Callable[..., Any], on: str, claim: str, expected: str
) -> None:
    assert verdict(function, claim, x=on) == expected


@pytest.mark.parametrize(("function", "on", "expected"), [
    (lambda x, y: x**2 + y**2 - 2 * x * y, "[-2, 2]", "PROVED"),
    (lambda x, y: x**2 + y**2 - 2.01 * x * y, "[-2, 2]", "REFUTED"),
    (lambda x, y: x**2 + y**2 - 2 * x * y - 0.001, "[-2, 2]", "REFUTED"),
    (lambda x, y: np.sqrt(x * x + y * y), LINE, "PROVED"),
    (lambda x, y: np.log1p(np.exp(x - y)) + np.exp(y), LINE, "PROVED"),
])  # fmt: skip
def test_not_negative_by_its_form(
    function: Callable[..., Any], on: str, expected: str
) -> None:
    assert verdict(function, "f >= 0", x=on, y=on) == expected


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("layer", [np.tanh, relu, np.sin, np.abs])
def test_a_layer_is_as_steep_as_its_matrix(layer: Callable[[Any], Any], norm: str) -> None:
    about = "" if norm == "2" else f" ({norm})"
    assert verdict(lambda x: layer(A @ x), f"{NORMS[norm] * 1.01:.6f}-Lipschitz{about}",
                   x="[-1, 1]^(3)") == "PROVED"
    assert verdict(lambda x: layer(A @ x), f"{NORMS[norm] * 0.9:.6f}-Lipschitz{about}",
                   x="[-1, 1]^(3)") == "REFUTED"


@pytest.mark.parametrize(("function", "claim", "expected"), [
    (lambda x: np.minimum(np.abs(x[0]), np.abs(x[1])), "1-Lipschitz", "PROVED"),
    (lambda x: np.minimum(np.abs(x[0]), 2 * np.abs(x[1])), "1-Lipschitz", "REFUTED"),
    (lambda x: np.sort(x), "1-Lipschitz", "PROVED"),
    (lambda x: np.median(x), "1-Lipschitz (inf)", "PROVED"),
    (lambda x: np.max(x) - np.min(x), "2-Lipschitz (inf)", "PROVED"),
    (lambda x: np.max(x) - np.min(x), "1.9-Lipschitz (inf)", "REFUTED"),
    (lambda x: np.linalg.norm(x), "1-Lipschitz", "PROVED"),
    (lambda x: np.linalg.norm(x), "1-Lipschitz (inf)", "REFUTED"),
    (lambda x: np.sqrt(1 + np.sum(x * x)), "1-Lipschitz", "PROVED"),
    (lambda x: np.concatenate([x, x]), "1-Lipschitz (inf)", "PROVED"),
    (lambda x: np.concatenate([x, x]), "1.4-Lipschitz", "REFUTED"),
    (lambda x: np.where(x > 0.3, x, 0.0), "1-Lipschitz", "REFUTED"),
    # Ranked along one axis, taken along the other: it jumps where two entries change places.
    (lambda x: np.take_along_axis(x.reshape(2, 2), np.argsort(x.reshape(2, 2), axis=0), 1),
     "1-Lipschitz", "REFUTED"),
])  # fmt: skip
def test_slopes_by_rules(function: Callable[..., Any], claim: str, expected: str) -> None:
    assert verdict(function, claim, x="[-1, 1]^(4)") == expected


@pytest.mark.parametrize(("function", "claim", "expected"), [
    (lambda x: np.where(x == 0, 1.0, np.sin(x) / x), "Cinf", "PROVED"),
    (lambda x: np.where(x == 0, 1.1, np.sin(x) / x), "C0", "REFUTED"),
    (lambda x: np.where(x == 0, 0.5, (1 - np.cos(x)) / (x * x)), "Cinf", "PROVED"),
    (lambda x: np.where(x == 0, 0.0, np.sin(x) / np.abs(x)), "C0", "REFUTED"),
    (lambda x: np.where(x <= 0, 1.0, np.sin(x) / x), "C1", "PROVED"),
    (lambda x: np.where(x <= 0, 1.0, np.sin(x) / x), "C2", "REFUTED"),  # 0 and -1/3
])  # fmt: skip
def test_a_quotient_that_goes_on(function: Callable[..., Any], claim: str, expected: str) -> None:
    assert verdict(function, claim, x="[-3, 3]") == expected


def wave(random: np.random.Generator, depth: int, x: Node) -> Node:
    if not depth:
        often = constant(float(random.integers(-4, 5)) / 2)
        return apply(("sin", "cos")[random.integers(2)], often * x) + float(random.integers(2))
    a, b = wave(random, depth - 1, x), wave(random, depth - 1, x)
    made: Node = (a + b, a - b, a * b, apply("square", a), -a, a / 2.0)[random.integers(6)]
    return made


@pytest.mark.parametrize("seed", range(40))
def test_waves_are_the_same_function(seed: int) -> None:
    random, x = np.random.default_rng(seed), variable("x", ())
    graph = wave(random, int(random.integers(1, 4)), x)
    written = as_waves(graph, x)
    if written is None:
        pytest.skip("more waves than are written out")
    for place in (0.3, -1.7, 2.9):
        values = [tape((g,)).in_balls(arb(place))[0] for g in (graph, written)]
        assert arb(values[0]).overlaps(arb(values[1]))
