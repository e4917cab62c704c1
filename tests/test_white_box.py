"""White-box points of lifted code: the faults of public repositories are met without being told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from verifier.domains import parse_domain
from verifier.errors import CannotLower
from verifier.frontends.from_numpy import lift
from verifier.graph.node import Node, variable
from verifier.search.floats import evaluate, gradient, thresholds_of
from verifier.search.points import elementwise_grid, propose
from verifier.search.white_box import white_numbers, white_points
from verifier.settings import EFFORTS

Array = np.ndarray


def on_leaves(function: Callable[[Array], Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda leaves: function(leaves["x"])


def numbers(text: str, dtype: str, *functions: Callable[[Array], Array]) -> Array:
    domain = parse_domain(text, name="x")
    grid = elementwise_grid(domain, dtype, 0, 200)
    with np.errstate(all="ignore"):
        outputs = [lift(on_leaves(function), {"x": grid}).output for function in functions]
    found = white_numbers(outputs, "x", grid, domain, seed=0)
    assert found.dtype == np.dtype(dtype) and domain.contains(found)
    assert len(np.unique(found)) == len(found)
    return found


def hardswish(x: Array) -> Array:
    return x * np.clip(x + 3.0, 0.0, 6.0) / 6.0


def test_both_kinks_of_hardswish_are_hit_exactly_with_neighbours() -> None:
    found = numbers("[-40, 40]", "float64", hardswish)
    assert {-3.0, 3.0} <= set(found.tolist())
    assert {np.nextafter(3.0, 0.0), np.nextafter(3.0, 4.0)} <= set(found.tolist())
    assert np.any((found > -3) & (found < 3)) and np.any(found < -4) and np.any(found > 4)


def test_switches_that_only_the_claim_has_are_found() -> None:
    found = numbers("[-5, 5]", "float64", np.tanh, lambda x: np.where(x > 1.7, 0.0, 1.0))
    assert 1.7 in found


def test_the_piece_between_an_overflow_and_a_threshold_is_met() -> None:
    """Of a public float32 kernel: exp overflows at 88.7, the branch that hides it begins at 100."""

    def slope(x: Array) -> Array:
        e = np.exp(x)
        grad = np.where(np.isinf(e), np.float32(0), e * (np.float32(1) / (e + np.float32(1))))
        return np.where(x > 100, np.float32(1), grad)

    found = numbers("[-200, 200]", "float32", slope)
    assert np.sum((found > 88.8) & (found < 100)) >= 3


def test_a_threshold_is_reached_through_a_factor() -> None:
    found = numbers("[-40, 40]", "float64", lambda x: 1.0 / (1.0 + np.exp(-25.0 * x)))
    assert np.any((found < -28.4) & (found > -29.5)), "exp(-25 x) overflows at x = -28.39"


def maximum_pool(x: Array) -> Any:
    return np.sum(np.max(x.reshape(2, 3), axis=1))


def total_relu(x: Array) -> Any:
    return np.sum(np.maximum(x @ np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.25]]) - 0.7, 0.0))


def norms_of_rows(x: Array) -> Any:
    return np.sum(np.sqrt(np.sum(x * x, axis=1)))


def lifted_points(function: Callable[[Array], Any], shape: tuple[int, ...]) -> list[Array]:
    domain = {"x": parse_domain("[-3, 3]", name="x")}
    starts = list(propose(domain, {"x": shape}, "float64", 0, 3))
    output = lift(on_leaves(function), dict(starts[0])).output
    points = list(white_points([output], starts, domain, EFFORTS["normal"], seed=0))
    assert len(points) <= EFFORTS["normal"].guard_points
    assert all(domain["x"].contains(point["x"]) and point["x"].shape == shape for point in points)
    return [point["x"] for point in points]


def test_ties_of_a_maximum_are_landed_on_exactly() -> None:
    found = lifted_points(maximum_pool, (6,))
    ties = [p for p in found if any(np.sum(r == r.max()) > 1 for r in p.reshape(2, 3))]
    assert len(ties) >= 4
    assert any(len(np.unique(p)) == 5 for p in ties), "one tie beside generic entries"


def test_units_of_a_layer_are_switched_one_by_one() -> None:
    found = lifted_points(total_relu, (4, 3))
    weights = np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.25]])
    inputs = np.stack([p @ weights - 0.7 for p in found])
    near = np.abs(inputs) < 1e-12
    assert near.any(axis=0).sum() >= 6, "six of the eight units are brought to their kink"
    assert np.all(near.sum(axis=(1, 2)) <= 2), "and never all at once"


def test_a_row_is_brought_to_zero() -> None:
    found = lifted_points(norms_of_rows, (3, 2))
    assert any(np.any(np.all(p == 0, axis=1)) and np.any(p) for p in found)


def test_slopes_in_floats_agree_with_theory() -> None:
    x = np.array([[0.3, -1.2], [2.0, 0.7]])
    output = lift(lambda leaves: np.tanh(leaves["x"]) * leaves["y"], {"x": x, "y": x + 1}).output
    point = {"x": x, "y": x + 1}
    np.testing.assert_allclose(evaluate(output, point), np.tanh(x) * (x + 1), rtol=1e-15)
    found = gradient(output, 2, point)
    expected = np.zeros((2, 2))
    expected[1, 0] = 3.0 / np.cosh(2.0) ** 2
    np.testing.assert_allclose(found["x"], expected, rtol=1e-14)
    expected[1, 0] = np.tanh(2.0)
    np.testing.assert_allclose(found["y"], expected, rtol=1e-14)


def test_thresholds_are_listed_once_with_the_input_of_their_row() -> None:
    x = np.linspace(-1, 1, 5)
    output = lift(lambda leaves: np.exp(2 * leaves["x"]) + np.exp(leaves["x"]), {"x": x}).output
    found = thresholds_of([output])
    assert [node.op for node, _ in found] == ["multiply", "input"]
    assert all(levels == found[0][1] for _, levels in found)


def test_an_unknown_operation_is_told_with_its_remedy() -> None:
    unknown = Node("fourier", (variable("x", (3,)),), {}, (3,))
    with pytest.raises(CannotLower, match="no float evaluation for the operation 'fourier'"):
        evaluate(unknown, {"x": np.zeros(3)})


def test_white_points_are_the_same_every_time() -> None:
    def drawn() -> list[Any]:
        return [p.tobytes() for p in lifted_points(maximum_pool, (6,))]

    assert drawn() == drawn()
