"""High-precision differences of a graph: right digits, and silence wherever pieces meet."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from verifier.graph.node import apply, constant, variable
from verifier.oracles.mpmath_difference import mpmath_difference
from verifier.primitives import linear

MP = mpmath.MPContext()
MP.dps = 60


def agrees(found: object, truth: object) -> bool:
    pairs = zip(np.ravel(found.value), np.ravel(found.error), np.ravel(truth), strict=True)
    return found.applicable and all(abs(v - t) <= e + MP.mpf(10) ** -59 for v, e, t in pairs)


@pytest.mark.parametrize("x", [0.3, -1.7, 1e-12, 12.0])
def test_mpmath_differences_of_known_functions(x: float) -> None:
    node, point, one = variable("x", ()), {"x": np.asarray(x)}, {"x": np.ones(())}
    t = MP.mpf(x)
    first = mpmath_difference(apply("tanh", node) * node, point, one)
    assert agrees(first, MP.tanh(t) + t * MP.sech(t) ** 2)
    second = mpmath_difference(apply("exp", -node * node), point, one, order=2)
    assert agrees(second, (4 * t * t - 2) * MP.exp(-t * t))
    assert all(e < 1e-20 for e in (*first.error.flat, *second.error.flat))
    assert first.dps == second.dps == 60


def test_a_tiny_second_derivative_needs_more_digits() -> None:
    node = variable("x", ())
    found = mpmath_difference(
        apply("tanh", node), {"x": np.asarray(100.0)}, {"x": np.ones(())}, order=2
    )
    with MP.workdps(150):
        truth = -2 * MP.tanh(100) * MP.sech(100) ** 2
        assert abs(found.value[()] - truth) <= found.error[()] <= abs(truth) * 2.0**-40
    assert found.dps == 240


def test_what_is_zero_stays_zero() -> None:
    node = variable("x", (2,))
    affine = linear.sum_over(node * 3.0 + 1.0)
    found = mpmath_difference(affine, {"x": np.array([0.1, 0.2])}, {"x": np.ones(2)}, order=2)
    assert found.applicable and found.value[()] == 0 and found.error[()] < 1e-150


def test_mixed_second_derivative() -> None:
    node = variable("x", (3,))
    cost = linear.sum_over(node) * apply("exp", linear.sum_over(node * node))
    x = np.array([0.3, -0.2, 0.5])
    first, second = {"x": np.array([1.0, 0, 0])}, {"x": np.array([0, 1.0, 0])}
    total, square = (MP.fsum(map(MP.mpf, v)) for v in (x, x))
    square = MP.fsum(MP.mpf(v) ** 2 for v in x)
    a, b = MP.mpf(x[0]), MP.mpf(x[1])
    truth = MP.exp(square) * (2 * a + 2 * b + 4 * a * b * total)
    assert agrees(mpmath_difference(cost, {"x": x}, first, second=second), truth)


def test_mpmath_differences_keep_to_one_piece() -> None:
    node, one = variable("x", (2,)), {"x": np.array([1.0, 0.0])}
    kinked = linear.sum_over(apply("relu", node))
    at_kink = mpmath_difference(kinked, {"x": np.array([0.0, 1.0])}, one)
    assert not at_kink.applicable and "relu is at the edge of a piece" in at_kink.reason
    beside = mpmath_difference(kinked, {"x": np.array([1e-30, 1.0])}, one)
    assert beside.applicable and beside.value[()] == 1 and beside.error[()] < 1e-20
    tiny = {"x": np.array([1e-300, 1.0])}
    near_edge = mpmath_difference(linear.sum_over(apply("log", node)), tiny, one)
    assert agrees(near_edge, [1 / MP.mpf(1e-300)])
    chosen = linear.select(linear.compare("greater", node, constant(0.0)), node, node * node)
    tied = mpmath_difference(chosen, {"x": np.array([0.0, 1.0])}, one)
    assert not tied.applicable and "greater decides an exact tie" in tied.reason
    best = linear.take(node, linear.reshape(linear.arg("argmax", node, 0), (1,)), 0)
    equal = mpmath_difference(best, {"x": np.array([2.0, 2.0])}, one)
    assert not equal.applicable and "tie" in equal.reason
    assert agrees(mpmath_difference(best, {"x": np.array([2.0, 1.0])}, one), [MP.one])


def test_the_path_it_was_lifted_on_counts() -> None:
    node, one = variable("x", ()), {"x": np.ones(())}
    taken = linear.compare("greater", node, constant(0.5))
    assert mpmath_difference(node * 2.0, {"x": np.asarray(0.5)}, one).applicable
    found = mpmath_difference(node * 2.0, {"x": np.asarray(0.5)}, one, watched=[taken])
    assert not found.applicable


def test_outside_the_domain_nothing_applies() -> None:
    found = mpmath_difference(
        apply("log", variable("x", ())), {"x": np.asarray(-1.0)}, {"x": np.ones(())}
    )
    assert not found.applicable and "not finite" in found.reason


def test_a_dear_forward_is_differenced_once() -> None:
    node = variable("x", (101, 101))
    cost = linear.sum_over(linear.matmul(node, constant(np.ones((101, 101)))))
    found = mpmath_difference(cost, {"x": np.ones((101, 101))}, {"x": np.ones((101, 101))})
    assert found.evaluations == 2 and "one step" in found.reason
    assert abs(found.value[()] - 101**3) <= found.error[()] < 1e-20 * 101**3
