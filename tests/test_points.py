"""Where a checker looks: inside the domain, on every guard's zero set, past every threshold."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.domains import Domain, box, parse_domain
from verifier.graph.node import Node, apply, variable
from verifier.graph.order import topological
from verifier.search.brackets import from_ordinals, ordinals, simple_numbers, step_by
from verifier.search.elementwise import beside, between, critical_numbers
from verifier.search.examples import search
from verifier.search.fillings import FILLINGS
from verifier.search.guards import at_thresholds, from_guards, landings
from verifier.search.points import elementwise_grid, propose
from verifier.search.shrink import shrink_point
from verifier.search.walks import Target

FLOATS: dict[str, Any] = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "exp": np.exp, "log": np.log,
    "square": np.square, "absolute": np.abs, "sqrt": np.sqrt,
    "relu": lambda x: np.maximum(x, 0),
}  # fmt: skip
DTYPES = ("float16", "float32", "float64")
TEXTS = ("[-1, 1]", "(-oo, oo)", "(0, oo)", "(-oo, -2)", "[2, 5)", "[-40, 40]", "(0.1, 0.30001)")


def evaluate(node: Node, bindings: Mapping[str, np.ndarray]) -> np.ndarray:
    """Read a graph in floats: all that the tests' guards need."""
    values: dict[Node, Any] = {}
    for inner in topological([node]):
        operands = [values[i] for i in inner.inputs]
        match inner.op:
            case "input":
                values[inner] = bindings[inner.params["name"]]
            case "constant":
                values[inner] = inner.params["value"]
            case "sum":
                values[inner] = np.sum(operands[0])
            case "gather":
                values[inner] = operands[0].ravel()[inner.params["index"]]
            case op:
                with np.errstate(all="ignore"):
                    values[inner] = FLOATS[op](*operands)
    return np.asarray(values[node])


def gradient(node: Node, index: int, bindings: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Complex steps, which are exact for the analytic guards below."""
    found = {}
    for name, array in bindings.items():
        slopes = np.zeros(array.shape)
        for i in range(array.size):
            moved = array.astype(complex)
            moved.reshape(-1)[i] += 1e-30j
            slopes.reshape(-1)[i] = evaluate(node, {**bindings, name: moved}).ravel()[index].imag
        found[name] = slopes / 1e-30
    return found


def entry(x: Node, index: int) -> Node:
    return Node("gather", (x,), {"index": np.array([index])}, (1,))


def total(x: Node) -> Node:
    return Node("sum", (x,), {}, ())


def domain(text: str) -> Domain:
    return parse_domain(text, name="x")


# ---- black-box points


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_point_lies_inside_and_is_a_number_of_the_dtype(text: str, dtype: str) -> None:
    where = domain(text)
    with np.errstate(all="raise"):  # the user may have set this
        points = list(propose({"x": where}, {"x": (3, 4)}, dtype, 7, 40))
        grid = elementwise_grid(where, dtype, 7, 200)
    assert len(points) == 40
    for point in points:
        assert point["x"].dtype == np.dtype(dtype) and point["x"].shape == (3, 4)
        assert where.contains(point["x"])
    assert grid.dtype == np.dtype(dtype) and where.contains(grid)
    assert np.all(np.diff(grid) >= 0)
    assert len({number.tobytes() for number in grid}) == len(grid) > 100


def test_bfloat16_points_lie_inside() -> None:
    pytest.importorskip("ml_dtypes")
    where = domain("[-1, 0.1)")
    for point in propose({"x": where}, {"x": (5,)}, "bfloat16", 0, 30):
        assert point["x"].dtype.name == "bfloat16" and where.contains(point["x"])
    assert elementwise_grid(where, "bfloat16", 0, 100).dtype.name == "bfloat16"


def test_points_depend_on_the_seed_and_on_nothing_else() -> None:
    def drawn(seed: int) -> list[bytes]:
        return [
            p["x"].tobytes() for p in propose({"x": domain("[-1, 1]^(6)")}, {}, "float64", seed, 9)
        ]

    np.random.seed(1)
    first = drawn(3)
    np.random.seed(2)
    assert drawn(3) == first != drawn(4)
    assert elementwise_grid(domain("(0, 1)"), "float64", 3, 50).tobytes() == elementwise_grid(
        domain("(0, 1)"), "float64", 3, 50).tobytes()  # fmt: skip


def test_points_are_distinct_and_a_single_point_is_not_repeated() -> None:
    points = list(propose({"x": domain("[-1, 1]^(2)")}, {}, "float32", 0, 60))
    assert len({p["x"].tobytes() for p in points}) == 60
    assert len(list(propose({"x": domain("[2, 2]")}, {"x": (3,)}, "float64", 0, 10))) == 1


def test_special_arrays_are_among_the_first_points() -> None:
    names = ("x", "y")
    points = list(propose(dict.fromkeys(names, domain("(-oo, oo)^(5)")), {}, "float64", 0, 24))
    arrays = [p["x"] for p in points]
    assert any(np.all(a == 0) for a in arrays) and any(np.all(a == 1) for a in arrays)
    assert any(np.sum(a == a.max()) == 2 for a in arrays), "a tie of the largest entries"
    assert any(0 < np.count_nonzero(a == 0) < 5 for a in arrays), "special beside generic"
    assert any(np.max(np.abs(a)) > 1e3 for a in arrays), "huge"
    assert any(0 < np.min(np.abs(a[a != 0])) < 1e-9 for a in arrays if np.any(a)), "tiny"
    assert any(np.all(a * 8 == np.round(a * 8)) and len(set(a)) > 3 for a in arrays), "dyadic"
    assert any(np.all(p["x"] == p["y"]) and np.any(p["x"]) for p in points), "equal arguments"
    assert np.max(np.abs(arrays[0])) < 5 and np.min(np.abs(arrays[0])) > 1e-4, "generic first"


def test_slices_vanish_and_coincide() -> None:
    where = {"x": domain("[-2, 2]^(4x3)")}
    arrays = [p["x"] for p in propose(where, {}, "float64", 0, len(FILLINGS))]
    generic = [a for a in arrays if len(np.unique(a)) > 6]
    assert any(np.any(np.all(a == 0, axis=axis)) for a in generic for axis in (0, 1))
    assert any(np.any(np.all(a[-1] == a[:-1], axis=1)) or np.any(
        np.all(a[:, -1:] == a[:, :-1], axis=0)) for a in generic)  # fmt: skip


def test_corners_of_a_box_are_reached() -> None:
    low, high = np.array([-1.0, 2.0, 0.0]), np.array([1.0, 3.0, 0.25])
    points = propose({"x": box(low, high)}, {}, "float64", 0, 40)
    assert any(np.all((p["x"] == low) | (p["x"] == high)) for p in points)


def test_grids_strategies_and_data_are_drawn_together() -> None:
    domains = {
        "labels": parse_domain("{0..9}^(4)", name="labels"),
        "rate": parse_domain(st.floats(0, 1), name="rate"),
        "data": parse_domain(np.arange(3.0), name="data"),
    }
    points = list(propose(domains, {}, "float32", 0, 12))
    assert len(points) == 12
    for point in points:
        assert point["labels"].dtype == np.int64 and domains["labels"].contains(point["labels"])
        assert 0 <= point["rate"] <= 1 and point["data"] is domains["data"].value
    assert {0, 9} <= set(np.concatenate([p["labels"] for p in points]).tolist())


def test_the_grid_of_an_elementwise_function_has_its_special_numbers() -> None:
    grid = elementwise_grid(domain("[-30, 30]"), "float64", 0, 200)
    bits = {number.tobytes() for number in grid}
    below = np.nextafter(30.0, 0.0)
    for number in (0.0, -0.0, 1.0, -1.0, 30.0, -30.0, below, 5e-324, 0.5, 3.0, 6.0, 1e-3):
        assert np.float64(number).tobytes() in bits
    assert np.sum(np.abs(grid) < 1e-12) > 5 and np.sum(np.abs(grid) > 10) > 30
    huge = elementwise_grid(domain("(-oo, oo)"), "float32", 0, 200)
    assert huge.max() == np.finfo(np.float32).max


def test_an_elementwise_integer_grid() -> None:
    grid = elementwise_grid(parse_domain("{0..9}", name="k"), "float64", 0, 100)
    assert grid.tolist() == list(range(10))


def test_one_number_is_enough_of_a_grid() -> None:
    assert elementwise_grid(domain("[2, 2]"), "float64", 0, 100).tolist() == [2.0]


# ---- floats by their position


@given(st.floats(allow_nan=False), st.integers(-1000, 1000))
def test_ordinals_count_the_floats(number: float, ulps: int) -> None:
    array = np.array([number])
    assert from_ordinals(ordinals(array), array.dtype)[0] == number
    moved = step_by(array, 1)[0]
    limit = np.finfo(np.float64).max
    assert moved == (min(np.nextafter(number, np.inf), limit) if number < limit else limit)
    there = step_by(array, ulps)
    assert np.isfinite(there[0])
    if abs(number) < 1e300:
        assert ordinals(there)[0] - ordinals(array)[0] == ulps


def test_simple_numbers_come_first_what_a_programmer_would_type() -> None:
    assert [float(n) for n in simple_numbers(np.float64(2.9999999999999996), "float64")] == [3.0]
    assert 0.3 in simple_numbers(np.float64(0.1 + 0.2), "float64")
    assert 1 / 3 in simple_numbers(np.float64(0.33333333333), "float64")
    assert simple_numbers(np.float64(1e-17), "float64")[0] == 0.0
    assert simple_numbers(np.float64(np.inf), "float64") == []
    assert np.float32(0.1) in simple_numbers(np.float32(0.1), "float32")


# ---- guards of elementwise functions

X = variable("x", (200,))
ZEROS = {
    "x + 3": (X + 3.0, [-3.0]),
    "3x - 1": (X * 3.0 - 1.0, [1 / 3]),
    "x - 0.3": (X - 0.3, [0.3]),
    "exp(x) - 2": (apply("exp", X) - 2.0, [np.log(2.0)]),
    "x^2 - 2": (apply("square", X) - 2.0, [-np.sqrt(2), np.sqrt(2)]),
    "touched": (apply("square", X - 0.3), [0.3]),
    "|x^2 - 2|": (apply("absolute", apply("square", X) - 2.0), [-np.sqrt(2), np.sqrt(2)]),
    "narrow": (apply("square", X - 1.1) - 1e-6, [1.099, 1.101]),
    "edge of a plateau": (apply("relu", X - 0.7), [0.7]),
    "edge of a domain": (apply("log", X - 1.0), [1.0, 2.0]),
    "no zero": (apply("exp", X) + 1.0, []),
    "everywhere zero": (X * 0.0, []),
}


@pytest.mark.parametrize("case", ZEROS)
def test_zeros_of_elementwise_guards_are_found_to_the_last_bit(case: str) -> None:
    guard, expected = ZEROS[case]
    where = domain("[-40, 40]")
    grid = elementwise_grid(where, "float64", 0, 200)
    found = critical_numbers([Target(guard)], "x", grid, where, evaluate=evaluate)
    close = [np.any(np.abs(found - zero) <= 4 * np.spacing(abs(zero))) for zero in expected]
    assert all(close) if case not in ("narrow", "|x^2 - 2|") else np.allclose(
        sorted({round(float(n), 6) for n in found}), np.round(expected, 6))  # fmt: skip
    assert len(found) <= 4 * max(len(expected), 1)


def test_what_was_typed_is_landed_on_exactly() -> None:
    where = domain("[-40, 40]")
    for typed in (3.0, 0.3, 0.1, 1e-4, 6.0, -2.5, 1 / 3, 20.0):
        grid = elementwise_grid(where, "float64", 0, 200)
        found = critical_numbers([Target(X - typed)], "x", grid, where, evaluate=evaluate)
        assert typed in found.tolist()


def test_thresholds_are_reached_through_what_stands_before() -> None:
    where = domain("[-40, 40]")
    grid = elementwise_grid(where, "float64", 0, 200)
    target = Target(X * 25.0, 709.78)
    found = critical_numbers([target], "x", grid, where, evaluate=evaluate)
    assert np.allclose(found, 709.78 / 25.0, rtol=1e-15)
    near = beside(found, where, threshold=True)
    assert np.any(near > 28.5) and np.any(near < 28.3) and where.contains(near)


def test_every_piece_gets_numbers_inside() -> None:
    cuts = np.array([-3.0, 1.0, 1.001])
    inner = between(cuts, domain("(-oo, 40]"), "float64", seed=0, per_piece=3)
    pieces = np.searchsorted(cuts, inner)
    assert [int(np.sum(pieces == k)) for k in range(4)] == [3, 3, 3, 3]
    assert inner.max() <= 40 and inner.min() > -60


# ---- guards of functions of arrays

V = variable("x", (4,))
W = variable("w", ())
START = {"x": np.array([0.3, -0.7, 1.2, 0.9])}
BOX = {"x": domain("[-3, 3]^(4)")}
SOLVED = {
    "tie of two entries": entry(V, 0) - entry(V, 2),
    "each entry at 0.5": V - 0.5,
    "sum at 1": total(V) - 1.0,
    "square of the sum": apply("square", total(V)) - 4.0,
    "beyond one coordinate": total(V) - 7.5,
    "edge of log": apply("log", total(V) - 3.0),
}


@pytest.mark.parametrize("slopes", [gradient, None], ids=["slopes", "blind"])
@pytest.mark.parametrize("case", SOLVED)
def test_guards_are_walked_to_from_a_generic_start(case: str, slopes: Any) -> None:
    guard = SOLVED[case]
    found = list(landings([Target(guard)], START, BOX, evaluate=evaluate, gradient=slopes))
    assert found
    for landing in found:
        assert BOX["x"].contains(landing.point["x"])
        here = evaluate(guard, landing.point).ravel()[landing.element]
        if landing.exact:
            assert here == 0
        elif landing.partner is not None:
            there = evaluate(guard, landing.partner).ravel()[landing.element]
            assert np.isnan(here) != np.isnan(there) or here * there <= 0 or here == -np.inf


def test_every_element_of_a_guard_is_solved_for_and_lands_exactly() -> None:
    found = list(landings([Target(V - 0.5)], START, BOX, evaluate=evaluate, gradient=gradient))
    assert sorted(landing.element for landing in found) == [0, 1, 2, 3]
    for landing in found:
        assert landing.exact and landing.point["x"][landing.element] == 0.5
        others = np.delete(np.arange(4), landing.element)
        assert np.array_equal(landing.point["x"][others], START["x"][others])


def test_a_norm_that_only_touches_zero_is_reached() -> None:
    guard = total(apply("square", V))
    found = list(landings([Target(guard)], START, BOX, evaluate=evaluate, gradient=gradient))
    assert found and np.all(found[0].point["x"] == 0)
    points = list(from_guards([guard], START, BOX, evaluate=evaluate, gradient=gradient))
    assert any(0 < np.max(np.abs(p["x"])) < 0.01 for p in points), "neighbours on the way back"


def test_a_float32_start_stays_float32_and_typed_numbers_are_hit() -> None:
    start = {"x": START["x"].astype(np.float32)}
    guard = variable("x", (4,), "float32") - 0.3
    points = list(from_guards([guard], start, BOX, evaluate=evaluate, gradient=gradient))
    assert all(p["x"].dtype == np.float32 and BOX["x"].contains(p["x"]) for p in points)
    assert sum(np.any(p["x"] == np.float32(0.3)) for p in points[:4]) >= 1


def test_ties_between_two_arguments_move_one_of_them() -> None:
    y = variable("y", (4,))
    start = START | {"y": np.array([1.0, 2.0, -1.0, 0.0])}
    domains = {"x": domain("[-3, 3]"), "y": parse_domain(start["y"], name="y")}
    found = list(landings([Target(V - y)], start, domains, evaluate=evaluate, gradient=gradient))
    assert len(found) == 4 and all(landing.moved[0] == "x" for landing in found if landing.moved)
    assert all(np.array_equal(landing.point["y"], start["y"]) for landing in found)


def test_landings_come_first_then_neighbours_on_both_sides() -> None:
    points = list(from_guards([V - 0.5], START, BOX, evaluate=evaluate, gradient=gradient))
    assert all(np.sum(p["x"] == 0.5) == 1 for p in points[:4])
    moved = np.array([p["x"][0] for p in points[4:] if p["x"][0] not in (0.3, 0.5)]) - 0.5
    for distance in (1e-3, 1e-6, 1e-1, 1e-9):
        assert np.any(np.isclose(moved, 0.5 * distance, rtol=1e-6))
        assert np.any(np.isclose(moved, -0.5 * distance, rtol=1e-6))
    assert np.spacing(0.5) in moved and 1000 * np.spacing(0.5) in moved


def test_every_guard_is_landed_on_once_before_any_is_landed_on_twice() -> None:
    guards = [V - 0.5, V + 1.0, entry(V, 0) - entry(V, 1)]
    targets = [Target(g) for g in guards]
    found = list(landings(targets, START, BOX, evaluate=evaluate, gradient=gradient))
    assert [landing.target for landing in found[:3]] == [0, 1, 2]


def test_the_search_keeps_to_its_evaluations() -> None:
    calls = itertools.count()

    def counted(node: Node, bindings: Mapping[str, np.ndarray]) -> np.ndarray:
        next(calls)
        return evaluate(node, bindings)

    list(from_guards([V - 0.5, total(V)], START, BOX, evaluate=counted, evaluations=30))
    assert next(calls) == 30


def test_thresholds_of_rows_are_crossed_in_arrays() -> None:
    points = list(at_thresholds([(V * 25.0, [50.0])], START, BOX, evaluate=evaluate))
    assert np.sum(points[0]["x"] == 2.0) == 1
    assert any(np.max(p["x"]) > 2.01 for p in points) and all(
        BOX["x"].contains(p["x"]) for p in points
    )


def test_nothing_moves_where_nothing_may() -> None:
    data = {"x": parse_domain(START["x"], name="x")}
    assert list(from_guards([V - 0.5], START, data, evaluate=evaluate)) == []
    assert list(from_guards([], START, BOX, evaluate=evaluate)) == []
    assert list(from_guards([V - 0.5], [], BOX, evaluate=evaluate)) == []
    assert list(from_guards([V - 99.0], START, BOX, evaluate=evaluate)) == [], "out of the box"


@settings(max_examples=50, deadline=None)
@given(
    slope=st.floats(0.01, 100) | st.floats(-100, -0.01),
    zero=st.integers(-300, 300).map(lambda n: n / 100),
    start=st.floats(-3, 3),
)
def test_any_affine_guard_is_bracketed_to_the_last_bit(
    slope: float, zero: float, start: float
) -> None:
    guard = W * slope - slope * zero
    where = {"w": parse_domain("[-3, 3]", name="w")}
    bindings = {"w": np.array(start)}
    found = list(landings([Target(guard)], bindings, where, evaluate=evaluate, gradient=gradient))
    edge = abs(zero) == 3 and evaluate(guard, {"w": np.array(zero)}) != 0
    assert found or edge, "a zero may lie an ulp outside of the box"
    for landing in found:
        tolerance = 4 * np.spacing(abs(slope * zero)) / abs(slope) + 4 * np.spacing(abs(zero))
        assert abs(float(landing.point["w"]) - zero) <= tolerance


# ---- Hypothesis as a search


def test_the_largest_error_is_climbed_to_and_the_find_is_simple() -> None:
    where = {"x": domain("(-oo, oo)")}
    found = search(where, lambda p: float(p["x"] > 1234.5) * 2, seed=0, examples=200,
                   shapes={"x": ()})  # fmt: skip
    assert found is not None and found["x"] == 1235.0


def test_no_find_where_nothing_fails() -> None:
    assert search({"x": domain("[0, 1]^(3)")}, lambda p: 0.5, seed=0, examples=30) is None
    assert search({"x": domain("[0, 1]^(3)")}, lambda p: None, seed=0, examples=30) is None


def test_the_search_is_deterministic_quiet_and_writes_nothing(
    tmp_path: Any, monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    seen: list[list[bytes]] = []
    for _ in range(2):
        points: list[bytes] = []
        seen.append(points)

        def objective(point: dict[str, Any], points: list[bytes] = points) -> float:
            points.append(point["x"].tobytes() + point["k"].tobytes())
            return float(point["x"][0] > 0.7 and point["k"][1] == 3) * 2

        domains = {"x": domain("[0, 1] x [-2, 2]"), "k": parse_domain("{0..9}^(3)", name="k")}
        search(domains, objective, seed=5, examples=60, dtype="float32")
    assert seen[0] == seen[1] and len(set(seen[0])) > 20
    assert os.listdir(tmp_path) == []
    assert capsys.readouterr().out == ""


def test_drawn_points_stay_inside_and_have_the_dtype() -> None:
    where = {"x": domain("(0, 0.1]^(2x2)"), "y": box([-1.0, 2.0], [1.0, 3.0])}

    def objective(point: dict[str, Any]) -> float:
        right = all(where[n].contains(a) and a.dtype == np.float32 for n, a in point.items())
        return 0.0 if right else 2.0

    assert search(where, objective, seed=0, examples=60, dtype="float32") is None


def test_a_strategy_of_points_is_searched_as_it_is() -> None:
    space = st.fixed_dictionaries({"n": st.integers(0, 10**6)})
    found = search(space, lambda p: 2.0 if p["n"] > 777 else 0.0, seed=0, examples=200)
    assert found is not None and found["n"] == 778


def test_a_search_can_be_stopped_and_an_inconsistent_objective_does_no_harm() -> None:
    calls = itertools.count()
    search({"x": domain("[0, 1]^(2)")}, lambda p: float(next(calls)), seed=0, examples=50,
           bar=1e9, stop=lambda: True)  # fmt: skip
    assert next(calls) == 0
    flips = itertools.cycle([0.0, 0.0, 0.0, 2.0])
    found = search({"x": domain("[0, 1]^(2)")}, lambda p: next(flips), seed=0, examples=50)
    assert found is not None


# ---- shrinking


def test_a_witness_is_shrunk_to_what_matters() -> None:
    random = np.random.default_rng(0)
    array = random.normal(size=(3, 4))
    array[1, 2], array[0, 0] = 0.7123, -5.1
    where = {"x": domain("[-6, 6]^(3x4)")}
    found = shrink_point({"x": array}, lambda p: p["x"][1, 2] > 0.3 and p["x"].sum() < 2, where)
    expected = np.zeros((3, 4))
    expected[1, 2] = 1.0
    assert np.array_equal(found["x"], expected)


def test_shrinking_keeps_to_dtype_domain_and_number_of_calls() -> None:
    calls = itertools.count()
    where = {"x": domain("[2.1, 9]^(6)"), "k": parse_domain("{3..9}^(2)", name="k")}
    point = {"x": np.linspace(2.2, 8.7, 6).astype(np.float32), "k": np.array([5, 7])}

    def fails(candidate: dict[str, Any]) -> bool:
        next(calls)
        assert all(where[n].contains(a) for n, a in candidate.items())
        assert candidate["x"].dtype == np.float32 and candidate["k"].dtype == np.int64
        return bool(candidate["x"][2] > 4)

    found = shrink_point(point, fails, where, calls=60)
    assert next(calls) <= 60
    assert found["x"][2] == 5.0 and found["k"].tolist() == [3, 3]
    assert len(set(found["x"].tolist())) <= 3


def test_what_cannot_be_simpler_stays_and_data_is_left_alone() -> None:
    point = {"x": np.array(0.25), "data": np.array([0.123, 0.456])}
    domains = {"data": parse_domain(point["data"], name="data")}
    found = shrink_point(point, lambda p: p["x"] == 0.25, domains)
    assert found["x"] == 0.25 and np.array_equal(found["data"], point["data"])


def test_the_threshold_of_a_simple_predicate_is_approached_in_short_numbers() -> None:
    assert shrink_point({"x": np.array(3.7261)}, lambda p: p["x"] > 2.5, {})["x"] == 3.0
    assert shrink_point({"x": np.array(-17.31)}, lambda p: abs(p["x"]) > 2.5, {})["x"] == 3.0
    assert shrink_point({"x": np.array(0.30000000000000004)}, lambda p: True, {})["x"] == 0.0


def test_large_arrays_are_shrunk_in_blocks() -> None:
    array = np.random.default_rng(0).normal(size=20_000)
    found = shrink_point({"x": array}, lambda p: p["x"][123] != 0, {}, calls=60)
    assert np.count_nonzero(found["x"]) < 1000
