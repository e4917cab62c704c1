"""Regions: no point of a box leaves its enclosure, and branch and bound proves only what holds."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from verifier.errors import CannotLower
from verifier.graph.node import Node, apply, constant, structural_zero, variable
from verifier.primitives.linear import (
    arg,
    compare,
    determinant,
    gather,
    inverse,
    matmul,
    reshape,
    select,
    solve,
    sum_over,
    take,
)
from verifier.readers.region import Region, enclose
from verifier.readers.slope import slope
from verifier.search.regions import (
    OPEN,
    PROVED,
    REFUTED,
    Cover,
    Judgement,
    cover,
    cut_at,
    halves,
    stacked,
    widest,
)

from .random_graphs import (
    escapes,
    points_of,
    random_box,
    random_graph,
    suspects,
    with_slopes,
)

INF = math.inf


def box(low: Any, high: Any) -> dict[str, Any]:
    return {"x": (np.asarray(low, dtype=float), np.asarray(high, dtype=float))}


def ends(region: Region, node: Node) -> tuple[float, float]:
    return float(region.lo[node]), float(region.hi[node])


# ---------------------------------------------------------------- soundness
@pytest.mark.parametrize("seed", range(150))
def test_no_random_graph_leaves_its_enclosure(seed: int) -> None:
    draws = np.random.default_rng(seed)
    x, y = random_graph(draws)
    outputs = with_slopes(x, y)
    low, high = random_box(draws)
    region = enclose(outputs, box(low, high), strict=bool(seed % 3),
                     generators=512 if seed % 5 else 4)
    for point in points_of(draws, low, high, 8):
        assert not escapes(region, outputs, point), seed


@pytest.mark.parametrize("seed", range(1000, 1006))
def test_ten_thousand_points_of_a_box_stay_inside(seed: int) -> None:
    draws = np.random.default_rng(seed)
    _, y = random_graph(draws)
    low, high = random_box(draws)
    region = enclose([y], box(low, high))
    near = suspects(region, [y], points_of(draws, low, high, 10_000))
    for point in near[:50]:
        assert not escapes(region, [y], point), seed


@pytest.mark.parametrize("seed", range(2000, 2040))
def test_boxes_read_together_answer_as_alone(seed: int) -> None:
    draws = np.random.default_rng(seed)
    x, y = random_graph(draws)
    outputs = with_slopes(x, y)[:2]
    boxes = [random_box(draws) for _ in range(3)]
    together = enclose(outputs, stacked([box(*b) for b in boxes]))
    for k, (low, high) in enumerate(boxes):
        alone = enclose(outputs, box(low, high))
        for node in outputs:
            assert (together.undefined[node][k] == alone.undefined[node]).all()
            for which in ("lo", "hi"):
                a = getattr(together, which)[node][k]
                b = getattr(alone, which)[node]
                assert np.allclose(a, b, rtol=0.2, atol=0.2) or not np.isfinite(b).all()
        for point in points_of(draws, low, high, 4):
            assert not escapes(alone, outputs, point)


def tanh_net(seed: int) -> tuple[Node, Node, list[tuple[np.ndarray, np.ndarray]]]:
    """Return a net 2-16^8-1 of tanh layers with weights of scale 1.2 / sqrt(fan-in)."""
    draws = np.random.default_rng(seed)
    x = variable("x", (2,))
    layers, h = [], x
    for _ in range(8):
        weights = draws.normal(size=(16, h.size)) * 1.2 / np.sqrt(h.size)
        bias = draws.normal(size=16) * 0.1
        layers.append((weights, bias))
        h = apply("tanh", matmul(constant(weights), h) + constant(bias))
    last = draws.normal(size=(1, 16)) * 1.2 / 4
    layers.append((last, np.zeros(1)))
    return x, reshape(matmul(constant(last), h), ()), layers


def by_hand(layers: list[tuple[np.ndarray, np.ndarray]], x: np.ndarray) -> np.ndarray:
    """Return the gradient of the net at many points, by backpropagation in floats."""
    seen = [x]
    for weights, bias in layers[:-1]:
        seen.append(np.tanh(seen[-1] @ weights.T + bias))
    g = np.broadcast_to(layers[-1][0], seen[-1].shape)
    for (weights, _), h in zip(layers[-2::-1], seen[:0:-1], strict=True):
        g = (g * (1 - h * h)) @ weights
    return g


@pytest.mark.parametrize("seed", range(4))
def test_gradients_of_a_deep_net_are_within_three_times_the_sampled_range(seed: int) -> None:
    x, y, layers = tanh_net(seed)
    (g,) = slope(y, [x])
    draws = np.random.default_rng(seed + 99)
    center = draws.normal(size=2) * 0.5
    region = enclose([y, g], box(center - 0.02, center + 0.02))
    points = center + draws.uniform(-0.02, 0.02, size=(100_000, 2))
    points[:4] = center + 0.02 * np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    sampled = by_hand(layers, points)
    assert (sampled >= region.lo[g]).all() and (sampled <= region.hi[g]).all()
    width = region.hi[g] - region.lo[g]
    assert (width <= 3 * (sampled.max(axis=0) - sampled.min(axis=0))).all()


def test_few_generators_are_wider_and_still_sound() -> None:
    x, y, layers = tanh_net(0)
    (g,) = slope(y, [x])
    wide = enclose([g], box([-0.02, -0.02], [0.02, 0.02]), generators=16)
    sharp = enclose([g], box([-0.02, -0.02], [0.02, 0.02]))
    sampled = by_hand(layers, np.random.default_rng(0).uniform(-0.02, 0.02, size=(1000, 2)))
    for region in (wide, sharp):
        assert (sampled >= region.lo[g]).all() and (sampled <= region.hi[g]).all()
    assert (wide.hi[g] - wide.lo[g] > sharp.hi[g] - sharp.lo[g]).all()


# ---------------------------------------------------------------- nan and infinity prove nothing
@pytest.mark.parametrize(
    "build", [lambda x: apply("log", x), lambda x: 1.0 / x, lambda x: apply("sqrt", x - 0.5),
              lambda x: 0.0 * apply("log", x), lambda x: x + math.nan, lambda x: x * math.inf,
              lambda x: apply("minimum", apply("log", x), 3.0), lambda x: apply("power", x, -0.5)],
)
def test_what_may_be_undefined_is_said(build: Any) -> None:
    x = variable("x", ())
    y = build(x)
    region = enclose([y], box(-1.0, 1.0))
    assert region.undefined[y] and ends(region, y) == (-INF, INF)


def test_an_unbounded_value_is_defined_and_has_no_bound() -> None:
    x = variable("x", ())
    y = apply("square", x) - apply("square", x)
    region = enclose([y, apply("square", x)], box(-INF, INF))
    assert not region.undefined[y] and ends(region, y) == (-INF, INF)


def test_overflow_is_no_value() -> None:
    x = variable("x", ())
    y = x * x
    region = enclose([y], box(1e200, 2e200))
    low, high = ends(region, y)
    assert low <= 1e308 * 1.8 and high == INF and not region.undefined[y]


def test_a_comparison_with_nan_is_open() -> None:
    x = variable("x", ())
    y = select(compare("greater", apply("log", x), constant(0.0)), constant(1.0), constant(2.0))
    region = enclose([y], box(-2.0, -1.0))
    assert ends(region, y) == (1.0, 2.0)


def test_an_op_without_a_row_is_refused() -> None:
    x = variable("x", ())
    with pytest.raises(CannotLower, match="no row for the operation 'eigh'"):
        enclose([Node("eigh", (x,), {}, ())], box(0.0, 1.0))


# ---------------------------------------------------------------- guards
def guarded(x: Node) -> Node:
    return select(compare("greater", x, constant(0.0)), apply("sqrt", x), constant(0.0))


def test_a_strict_guard_discards_the_other_branch() -> None:
    x = variable("x", ())
    (g,) = slope(guarded(x), [x])
    left, right = enclose([g], box(-2.0, -1.0)), enclose([g], box(1.0, 4.0))
    assert ends(left, g) == (0.0, 0.0) and not left.undefined[g] and left.absent[g]
    assert ends(right, g) == (0.25, 0.5) and not right.undefined[g]
    assert enclose([g], box(-1.0, 1.0)).undefined[g]
    assert enclose([g], box(-1.0, 0.0)).undefined[g]  # a guard that touches zero is not strict


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(("low", "high"), [(-1.0, 0.0), (0.0, 1.0), (-1.0, 1.0)])
def test_slopes_beside_a_kink_count_both_sides(strict: bool, low: float, high: float) -> None:
    x = variable("x", ())
    user = select(compare("greater", x, constant(0.0)), x, constant(0.0))
    for y in (apply("relu", x), apply("maximum", x, constant(0.0)), user):
        (g,) = slope(y, [x])
        assert ends(enclose([g], box(low, high), strict=strict), g) == (0.0, 1.0)


def test_decisions_of_values_are_taken_where_they_hold_everywhere() -> None:
    x = variable("x", ())
    step = select(compare("greater_equal", x, constant(0.0)), constant(1.0), constant(-1.0))
    assert ends(enclose([step], box(0.0, 1.0), strict=False), step) == (1.0, 1.0)
    assert ends(enclose([step], box(0.0, 1.0)), step) == (-1.0, 1.0)
    assert ends(enclose([step], box(-1.0, 1.0), strict=False), step) == (-1.0, 1.0)


def test_a_multiplied_mask_is_no_structural_zero() -> None:
    x = variable("x", ())
    masked = constant(0.0) * apply("log", x)
    absent = structural_zero() * apply("log", x)
    region = enclose([masked, absent], box(-2.0, -1.0))
    assert region.undefined[masked] and not region.undefined[absent] and region.absent[absent]


def test_shared_symbols_cancel() -> None:
    x = variable("x", ())
    y = (x + 1.0) * 3.0 - 3.0 * x
    low, high = ends(enclose([y], box(-100.0, 100.0)), y)
    assert 3 - 1e-9 < low <= 3 <= high < 3 + 1e-9


def test_guards_see_shared_symbols() -> None:
    x = variable("x", ())
    y = apply("maximum", x, x - 0.5)
    z = y - x
    low, high = ends(enclose([z], box(-10.0, 10.0)), z)
    assert -1e-9 < low <= 0 <= high < 1e-9


@pytest.mark.parametrize("op", ["argmax", "argmin"])
def test_open_winners_give_the_hull_of_the_candidates(op: str) -> None:
    x = variable("x", (3,))
    winner = take(x, reshape(arg(op, x, 0), (1,)), 0)
    (g,) = slope(sum_over(winner), [x])
    sign = 1 if op == "argmax" else -1
    low, high = (sign * np.array(v) for v in ([0.0, 0.5, -5.0], [1.0, 0.7, -4.0]))
    low, high = np.minimum(low, high), np.maximum(low, high)
    region = enclose([winner, g], box(low, high))
    bounds = sorted((sign * 0.5, sign * 1.0))
    assert (float(region.lo[winner][0]), float(region.hi[winner][0])) == tuple(bounds)
    assert region.lo[g].tolist() == [0, 0, 0] and region.hi[g].tolist() == [1, 1, 0]
    assert region.absent[g].tolist() == [False, False, True]


def test_chosen_and_joined_indices_keep_every_candidate() -> None:
    x = variable("x", (3,))
    best = reshape(arg("argmax", x, 0), (1,))
    last = constant(np.array([-1]))
    chosen = select(compare("greater", gather([x], np.array([0])), constant(0.5)), best, last)
    both = gather([best, reshape(arg("argmin", x, 0), (1,))], np.array([0, 1]))
    one, two = take(x, chosen, 0), take(x, both, 0)
    region = enclose([one, two], box([0.0, 3.0, 7.0], [1.0, 4.0, 8.0]))
    assert region.lo[one][0] <= 7 and region.hi[one][0] >= 8
    assert region.lo[two][0] <= 7 and region.hi[two][1] >= 1
    assert not region.undefined[two].any()
    shifted = take(x, apply("add", best, last, dtype="int64"), 0)
    moved = enclose([shifted], box([0.0, 3.0, 7.0], [1.0, 4.0, 8.0]))
    assert moved.lo[shifted][0] <= 3 <= 4 <= moved.hi[shifted][0]


def test_sorted_values_stay_in_their_places() -> None:
    x = variable("x", (3,))
    y = take(x, arg("argsort", x, 0), 0)
    region = enclose([y], box([4.0, 0.0, 1.0], [5.0, 2.0, 3.0]))
    assert region.lo[y].tolist() == [0, 0, 4] and region.hi[y].tolist() == [3, 3, 5]


def test_matrix_rows_enclose_by_intervals() -> None:
    x = variable("x", (2, 2))
    low = np.array([[2.0, 0.0], [0.0, 3.0]])
    nodes = [inverse(x), determinant(x), solve(x, constant(np.eye(2)))]
    region = enclose(nodes, {"x": (low, low + 0.125)})
    assert float(region.lo[nodes[1]]) <= 6 <= float(region.hi[nodes[1]]) < 7
    for node in (nodes[0], nodes[2]):
        exact = np.linalg.inv(low + 0.0625)
        assert (region.lo[node] <= exact).all() and (exact <= region.hi[node]).all()
    singular = enclose([nodes[0]], {"x": (low - 2.5, low)})
    assert singular.undefined[nodes[0]].all()


def test_a_region_goes_on_where_it_was_left() -> None:
    x = variable("x", (2,))
    y = sum_over(apply("tanh", x))
    region = enclose([y], box([0.0, 0.0], [1.0, 1.0]))
    (g,) = slope(y, [x])
    again = enclose([g], known=region)
    assert again is region and (region.lo[g] <= 0.42).all() and (region.hi[g] >= 1).all()


# ---------------------------------------------------------------- branch and bound
def judge_of(y: Node, wrt: Node | None, low: float, high: float) -> Any:
    """Return the judge of low < y < high over boxes."""
    slopes = slope(y, [wrt]) if wrt is not None else ()

    def judge(boxes: Any) -> list[Judgement]:
        region = enclose([y, *slopes], stacked(boxes), strict=False)
        out = []
        for k, part in enumerate(boxes):
            bottom, top = float(region.lo[y][k]), float(region.hi[y][k])
            sure = not region.undefined[y][k]
            proved = sure and low < bottom and top < high
            refuted = sure and (top <= low or bottom >= high)
            influence = {"x": np.maximum(-region.lo[slopes[0]][k], region.hi[slopes[0]][k])
                         } if slopes else {}
            status = PROVED if proved else REFUTED if refuted else OPEN
            out.append(Judgement(status, top - bottom, widest(part, influence)))
        return out

    return judge


def pieces(found: Cover) -> list[tuple[float, float]]:
    """Return the leaves of a cover of an interval, from left to right."""
    parts = (*found.leaves, *found.open)
    return sorted((float(f.box["x"][0]), float(f.box["x"][1])) for f in parts)


def test_a_parabola_that_nearly_touches_zero_is_proved_positive() -> None:
    x = variable("x", ())
    y = x * x - 2.0 * x + 1.0001
    found = cover(box(-5.0, 5.0), judge_of(y, x, 0.0, INF))
    assert found.proved and found.ended == "decided" and found.share == 1
    assert found.judged <= 60
    tiles = pieces(found)
    assert tiles[0][0] == -5 and tiles[-1][1] == 5
    assert all(a[1] == b[0] for a, b in pairwise(tiles))


def test_one_that_touches_zero_is_neither_proved_nor_refuted() -> None:
    x = variable("x", ())
    found = cover(box(-5.0, 5.0), judge_of(x * x - 2.0 * x + 1.0, x, 0.0, INF), max_boxes=200)
    assert not found.proved and not found.refuted and found.ended == "boxes"
    assert Fraction(99, 100) < found.share < 1 and found.judged <= 200
    assert all(low <= 1 <= high or high - low < 0.1 for low, high in
               [(float(f.box["x"][0]), float(f.box["x"][1])) for f in found.open])


def test_one_that_crosses_zero_is_refuted_on_a_box() -> None:
    x = variable("x", ())
    found = cover(box(-5.0, 5.0), judge_of(x * x - 2.0 * x + 0.99, x, 0.0, INF))
    assert found.ended == "refuted" and not found.proved
    low, high = (float(e) for e in found.refuted[0].box["x"])
    assert 0.9 <= low <= high <= 1.1


def test_an_undefined_function_is_never_proved() -> None:
    x = variable("x", ())
    y = 1.0 / x * x
    found = cover(box(-1.0, 1.0), judge_of(y, None, 0.0, 2.0), max_boxes=300)
    assert not found.proved and found.ended in ("boxes", "floats")
    assert found.share < 1


def test_a_search_goes_on_and_ends_as_if_it_had_not_stopped() -> None:
    x = variable("x", ())
    y = x * x - 2.0 * x + 1.0001
    judge = judge_of(y, x, 0.0, INF)
    whole = cover(box(-5.0, 5.0), judge, batch=2)
    found = cover(box(-5.0, 5.0), judge, batch=2, max_boxes=8)
    assert found.ended == "boxes"
    while found.open:
        found = cover(box(-5.0, 5.0), judge, batch=2, max_boxes=8, resume=found)
    assert found.proved and found.judged == whole.judged and found.cuts == whole.cuts


def test_unbounded_boxes_are_cut_at_powers_and_decided() -> None:
    x = variable("x", ())
    y = apply("tanh", x) * apply("sech", x)
    found = cover(box(-INF, INF), judge_of(y, x, -0.501, 0.501))
    assert found.proved and found.share == 1
    first = found.cuts[0]
    assert first.number == 0 and first.at == 0.0 and first.place == ("x", 0)
    assert any(c.at == 1.0 for c in found.cuts)


def test_no_time_is_no_proof() -> None:
    x = variable("x", ())
    found = cover(box(-5.0, 5.0), judge_of(x * x - 2.0 * x + 1.0001, x, 0.0, INF),
                  budget_seconds=0.0)
    assert found.ended == "seconds" and not found.proved and found.judged == 1


@pytest.mark.parametrize(
    ("low", "high", "at"),
    [(-5.0, 5.0, 0.0), (-1.0, 3.0, 1.0), (0.0, 1.0, 0.5), (0.1, 0.7, 0.375), (-1.0, 1.2, 0.0),
     (-INF, INF, 0.0), (0.0, INF, 1.0), (1.0, INF, 4.0), (4.0, INF, 16.0),
     (-INF, -16.0, -256.0), (-3.0, INF, 0.0),
     (1.0, 1.0, None), (1.0, math.nextafter(1.0, 2.0), None), (0.0, 5e-324, None),
     (-1e308, 1.2e308, 0.0)],
)
def test_cuts_are_short_floats_inside(low: float, high: float, at: float | None) -> None:
    found = cut_at(low, high)
    assert found == at
    assert found is None or low < found < high


def test_halves_share_the_cut_and_leave_the_rest() -> None:
    whole = {"x": (np.zeros((2, 2)), np.ones((2, 2))), "w": (np.array(1.0), np.array(1.0))}
    below, above = halves(whole, ("x", 3), 0.25)
    assert below["x"][1][1, 1] == above["x"][0][1, 1] == 0.25
    assert whole["x"][1][1, 1] == 1.0 and below["w"] is whole["w"]
    assert widest(whole, {"x": np.array([[0, 3], [1, 2]]), "w": np.array(9.0)}) == ("x", 1)


def test_gather_moves_bounds_exactly() -> None:
    x = variable("x", (3,))
    y = gather([x], np.array([2, -1, 0, 0]))
    region = enclose([y], box([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]))
    assert region.lo[y].tolist() == [3, 0, 1, 1] and region.hi[y].tolist() == [4, 0, 2, 2]
