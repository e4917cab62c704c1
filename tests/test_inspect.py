"""The facts `inspect` reports, against what theory says of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq

import verifier as vf
from verifier.frontends.from_numpy import lift
from verifier.numerals.balls import Balls, exact, precision
from verifier.numerals.rationals import Rationals
from verifier.readers.gauss_newton import beyond, gauss_newton, splits
from verifier.readers.hessian import Hessian, hessian, hessian_vector
from verifier.readers.inertia import Inertia, condition, eigenvalues, inertia
from verifier.readers.units import units_of
from verifier.report import Report
from verifier.verdicts import Claim

ROOT = Path(__file__).resolve().parents[1]
random = np.random.default_rng(3)
X = np.array([[1.0, 2.0], [-1.0, 1.0], [0.5, -1.0], [2.0, 0.5]])
y = np.array([1.0, 0.0, 2.0, 1.0])


def claim_of(report: Report, name: str) -> Claim:
    return next(c for c in report.checks[0].claims if c.claim == name)


def notes_of(report: Report, name: str) -> str:
    return "\n".join(claim_of(report, name).evidence.notes)


def rules_of(report: Report) -> list[str]:
    return [f.rule for f in report.findings]


# ---------------------------------------------------------------- inertia
@pytest.mark.parametrize("size", [1, 2, 5, 12])
def test_inertia_in_rationals_and_balls_is_that_of_known_factors(size: int) -> None:
    signs = random.integers(-1, 2, size)
    frame = np.tril(random.integers(-3, 4, (size, size)), -1) + np.eye(size)
    matrix = frame @ np.diag(signs * 2.0) @ frame.T  # Sylvester: congruent to diag(signs)
    expected = [int((signs == s).sum()) for s in (1, -1, 0)]
    found = inertia(Rationals().exact(matrix))
    assert [found.positive, found.negative, found.zero, found.open] == [*expected, 0]
    with precision(256):
        loose = inertia(exact(matrix))
    assert [loose.positive, loose.negative, loose.zero + loose.open] == expected


def test_inertia_meets_a_zero_diagonal_with_a_pair() -> None:
    assert inertia(Rationals().exact([[0.0, 1.0], [1.0, 0.0]])) == Inertia(1, 1)


def test_an_eigenvalue_of_minus_1e10_is_seen() -> None:
    turn = np.array([[1.0, 1.0], [1.0, -1.0]])
    assert inertia(exact(turn @ np.diag([1.0, -1e-10]) @ turn)) == Inertia(1, 1)


def test_what_balls_cannot_tell_from_zero_stays_open() -> None:
    third = exact([[1.0, 1.0], [1.0, 1.0]]) / 3
    assert inertia(third) == Inertia(1, 0, 0, 1)
    assert inertia(third).rank == (1, 2)


def test_eigenvalues_and_condition_are_enclosed() -> None:
    a, b = 3.0, 1.0
    found = eigenvalues(exact([[a, b], [b, a]]))
    assert found is not None
    for (low, high), true in zip(found, (a - b, a + b), strict=True):
        assert low <= true
        assert high >= true
        assert float(high - low) < 1e-12
    bounds = condition(exact([[a, b], [b, a]]))
    assert bounds is not None
    assert bounds[0] <= 2 <= bounds[1]


# ---------------------------------------------------------------- the Hessian
def read(f: Callable[..., Any], leaves: dict[str, Any], numeral: Any) -> tuple[Any, Hessian]:
    arrays = {k: np.asarray(v, dtype=float) for k, v in leaves.items()}
    lifted = lift(lambda given: f(**given), arrays)
    return lifted, hessian(lifted.output, lifted.inputs, arrays, numeral)


POINT = {"W": np.array([[1.0, -0.5], [0.25, 0.5]]), "v": np.array([1.0, -1.0])}


def net(W: Any, v: Any) -> Any:
    return np.maximum(X @ W, 0) @ v


def test_a_relu_nets_own_hessian_is_zero_by_structure_within_each_layer() -> None:
    _, found = read(lambda W, v: np.sum(net(W, v)), POINT, Rationals())
    W, v = found.places["W"], found.places["v"]
    assert found.by_graph[W, W].all()
    assert found.by_graph[v, v].all()
    across = found.by_graph[W, v].reshape(2, 2, 2)  # a unit with another unit's weight: no path
    assert np.array_equal(across, np.broadcast_to(~np.eye(2, dtype=bool), (2, 2, 2)))
    on = X @ POINT["W"] > 0
    expected = X.T @ on
    got = found.numbers[W, v].reshape(2, 2, 2)
    assert [got[i, k, k] for i in range(2) for k in range(2)] == [
        fmpq(*float(value).as_integer_ratio()) for value in expected.ravel()]


def test_a_unit_that_is_off_is_a_structural_zero_of_this_piece_only() -> None:
    point = {"W": np.array([[-1.0, 1.0], [-1.0, 1.0]]), "v": np.array([1.0, 1.0])}
    _, found = read(lambda W, v: np.sum(np.maximum(np.abs(X) @ W, 0) @ v), point, Rationals())
    here, anywhere = found.structural, found.by_graph
    assert (here & ~anywhere).sum() == 2 * 2  # unit 0: two weights of W with v[0], twice
    assert not (anywhere & ~here).any()


def test_the_loss_of_one_relu_neuron_has_no_curvature_but_its_squares() -> None:
    def loss(w: Any, b: Any) -> Any:
        return np.mean((np.maximum(X @ w + b, 0) - y) ** 2)

    point = {"w": np.array([0.5, 0.25]), "b": np.array(0.125)}
    lifted, found = read(loss, point, Rationals())
    on = (X @ point["w"] + point["b"] > 0).astype(float)
    J = np.column_stack([X, np.ones(4)]) * on[:, None]
    assert [float(e) for e in found.numbers.ravel()] == (J.T @ J / 2).ravel().tolist()
    split = splits(lifted.output, lifted.inputs)
    matrix = gauss_newton(lifted.output, lifted.inputs, point, Rationals(), split)
    assert (matrix == found.numbers).all()
    assert beyond(lifted.inputs, point, split).all()
    assert inertia(found.numbers) == Inertia(3, 0)


def test_gauss_newton_misses_what_the_residual_bends() -> None:
    def loss(W: Any, v: Any) -> Any:
        return np.mean((net(W, v) - y) ** 2)

    lifted, found = read(loss, POINT, Rationals())
    (split,) = splits(lifted.output, lifted.inputs)
    assert split.squared
    matrix = gauss_newton(lifted.output, lifted.inputs, POINT, Rationals(), (split,))
    assert inertia(matrix).negative == 0
    assert inertia(found.numbers).negative == 2
    residual = np.maximum(X @ POINT["W"], 0) @ POINT["v"] - y
    expected = np.zeros((2, 2, 2))
    for k in range(2):
        expected[:, k, k] = (X.T * residual) @ (X[:, 0] * 0 + (X @ POINT["W"])[:, k] > 0) / 2
    W, v = found.places["W"], found.places["v"]
    gap = (found.numbers - matrix)[W, v]
    np.testing.assert_allclose([float(e) for e in gap.ravel()], expected.ravel(), atol=1e-15)


def test_gauss_newton_of_a_penalised_softmax_is_its_hessian_where_logits_are_linear() -> None:
    labels = np.array([0, 2, 1, 1])

    def loss(W: Any, b: Any) -> Any:
        z = X @ W + b
        z = z - np.max(z, axis=1, keepdims=True)
        p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
        return -np.mean(p[np.arange(4), labels]) + 0.05 * np.sum(W**2)

    point = {"W": random.standard_normal((2, 3)), "b": np.zeros(3)}
    with precision(128):
        lifted, found = read(loss, point, Balls(128))
        split = splits(lifted.output, lifted.inputs)
        assert len(split) == 2
        matrix = gauss_newton(lifted.output, lifted.inputs, point, Balls(128), split)
        assert all(v.contains(0) and v.rad() < 1e-30 for v in (matrix - found.numbers).ravel())
        counted = inertia(found.numbers)
    assert (counted.positive, counted.negative, counted.open) == (8, 0, 1)  # adding to b is free


def test_products_with_vectors_are_those_of_the_matrix() -> None:
    def loss(W: Any, v: Any) -> Any:
        return np.sum((np.tanh(X @ W) @ v - y) ** 2)

    with precision(128):
        lifted, found = read(loss, POINT, Balls(128))
        d = {k: random.standard_normal(v.shape) for k, v in POINT.items()}
        product = hessian_vector(lifted.output, lifted.inputs, POINT, Balls(128), d)
        flat = np.concatenate([product[k].ravel() for k in POINT])
        whole = found.numbers @ exact(np.concatenate([d[k].ravel() for k in POINT]))
        assert all(a.overlaps(b) for a, b in zip(flat, whole, strict=True))


# ---------------------------------------------------------------- units
def test_samples_are_told_from_units() -> None:
    W, b = random.standard_normal((2, 3)), random.standard_normal(3)
    for f, count in (
        (lambda x: np.maximum(x @ W + b, 0), 3),
        (lambda x: np.maximum(x @ W, 0), 3),
        (lambda x: np.maximum(W.T @ x.T + b[:, None], 0), 3),
        (lambda x: np.maximum(x @ W[:, 0] + 1.0, 0), 1),
        (lambda x: np.where(x @ W > 0, x @ W, 0.0), 3),
        (lambda x: 1 / (1 + np.exp(-(x @ W + b))), 3),
    ):
        lifted = lift(lambda given, f=f: f(given["x"]), {"x": X})
        (unit,) = units_of(lifted.output, tuple(lifted.inputs.values()))
        assert unit.count == count


def test_a_vector_is_units_where_weights_meet_each_entry() -> None:
    a = np.arange(10.0).reshape(5, 2) - 4.5

    def layer(x: Any) -> Any:
        return np.ones(5) @ np.maximum(a @ x, 0)

    def neuron(x: Any) -> Any:
        return np.mean((np.maximum(a @ x, 0) - 1) ** 2)

    for function, count in ((layer, 5), (neuron, 1)):
        lifted = lift(lambda d, f=function: f(d["x"]), {"x": np.array([0.5, 0.25])})
        (unit,) = units_of(lifted.output, tuple(lifted.inputs.values()))
        assert unit.count == count


def test_dead_units_are_named_over_the_data() -> None:
    data = random.standard_normal((50, 3))
    W, b = random.standard_normal((3, 6)), np.zeros(6)
    b[[2, 4]] = -40.0

    def loss(W: Any, b: Any, v: Any) -> Any:
        return np.mean((np.maximum(data @ W + b, 0) @ v) ** 2)

    report = vf.inspect(loss, at={"W": W, "b": b, "v": np.ones(6)})
    (found,) = [f for f in report.findings if f.rule == "dead-unit"]
    assert "2 of 6 units" in found.explanation
    assert "(units 2, 4)" in found.explanation
    assert "singular-hessian" in rules_of(report)


def test_a_dead_unit_is_proved_over_a_box() -> None:
    report = vf.inspect(lambda x: np.maximum(0.1 * x - 50, 0) + x, on={"x": "[-10, 10]"})
    (found,) = [f for f in report.findings if f.rule == "dead-unit"]
    assert "proved off on the whole domain" in found.explanation
    healthy = vf.inspect(lambda x: np.maximum(0.1 * x, 0) + x, on={"x": "[-10, 10]"})
    assert "dead-unit" not in rules_of(healthy)


def test_saturated_units() -> None:
    report = vf.inspect(lambda x: np.tanh(100 * x), on={"x": "[1, 2]"})
    assert "saturated-unit" in rules_of(report)
    healthy = vf.inspect(lambda x: np.tanh(x / 2), on={"x": "[1, 2]"})
    assert "saturated-unit" not in rules_of(healthy)


def test_vanishing_gradients() -> None:
    def deep(x: Any) -> Any:
        for _ in range(14):  # slopes of at most 1/4: (1/4)^13 < 2^-20
            x = 1 / (1 + np.exp(-x))
        return np.sum(x)

    def residual(x: Any) -> Any:
        for _ in range(14):
            x = x + np.tanh(x) / 14
        return np.sum(x)

    assert "vanishing-gradient" in rules_of(vf.inspect(deep, at=np.array([0.1, 0.2])))
    assert "vanishing-gradient" not in rules_of(vf.inspect(residual, at=np.array([0.1, 0.2])))


# ---------------------------------------------------------------- the report
def test_facts_of_relu() -> None:
    report = vf.inspect(lambda x: np.maximum(x, 0), on={"x": "[-2, 2]"})
    assert [c.claim for c in report.checks[0].claims if c.claim in (
        "kinks", "curvature", "units", "digits")] == ["kinks", "curvature", "units", "digits"]
    (kink,) = claim_of(report, "kinks").evidence.atlas
    assert (kink.t, kink.left, kink.right) == ("1/2", ("0",), ("4",))
    assert "flat-curvature" in rules_of(report)
    assert "slopes along x: 0 from the left, 1 right" in notes_of(report, "kinks")
    assert report.exit_code() == 0


def test_a_newton_step_is_said_to_be_undefined() -> None:
    def loss(w: Any) -> Any:
        return (w[0] * 2 + w[1] * 2 - 1) ** 2

    report = vf.inspect(loss, at=np.array([0.25, 0.5]))
    assert "a Newton step is not defined: no curvature in 1 direction" in notes_of(
        report, "curvature")
    assert "singular-hessian" in rules_of(report)
    mended = vf.inspect(lambda w: loss(w) + 0.0625 * np.sum(w**2), at=np.array([0.25, 0.5]))
    assert "a Newton step is defined and descends" in notes_of(mended, "curvature")
    assert "singular-hessian" not in rules_of(mended)


def test_no_second_derivative_is_told_at_a_kink() -> None:
    report = vf.inspect(lambda x: np.sum(np.abs(x)), at=np.array([0.0, 1.0]))
    assert "no second derivative" in notes_of(report, "curvature")
    assert "slopes along x[0]: -1 from the left, 1 right" in notes_of(report, "kinks")


def test_digits_are_those_of_the_dtype() -> None:
    report = vf.inspect(lambda x: np.exp(x), on={"x": "[1, 2]"})
    double, single = claim_of(report, "digits").evidence.notes
    kept = [float(note.split("at least ")[1].split(" ")[0]) for note in (double, single)]
    assert 14.5 < kept[0] < 16.5
    assert 6 < kept[1] < 8
    lost = vf.inspect(lambda x: (1 + x) - 1, at=1e-9 * np.ones(()))
    told = claim_of(lost, "digits").evidence.notes
    assert float(told[0].split("at least ")[1].split(" ")[0]) < 8


def test_large_nets_are_met_by_products() -> None:
    def loss(W: Any, v: Any) -> Any:
        return np.mean((np.tanh(X @ W) @ v - y) ** 2)

    report = vf.inspect(loss, at={"W": random.standard_normal((2, 40)),
                                  "v": random.standard_normal(40)})
    assert "curvature along the gradient" in notes_of(report, "curvature")
    assert any("full Hessian of 120" in n for n in claim_of(report, "curvature").not_checked)


def test_facts_come_beside_claims() -> None:
    report = vf.verify(lambda x: x * x, on={"x": "[-1, 1]"}, derivative=lambda x: 2 * x,
                       inspect=True)
    names = [c.claim for c in report.checks[0].claims]
    assert names[0] == "derivative"
    assert "digits" in names


def test_the_command_inspects() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "verifier", "inspect", "examples/relu_neuron.py:net_loss",
         "--at", "examples/relu_neuron.py:net_points"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "4 positive, 2 negative, 0 zero (certified)" in run.stdout
    assert "blocks it has exactly, by structure: W,W; v,v" in run.stdout


# ---------------------------------------------------------------- what a demanding reader asks
def test_places_are_told_in_the_number_that_moves() -> None:
    report = vf.inspect(lambda x: np.maximum(3 * x - 1, 0), on={"x": "[-1, 2]"})
    told = notes_of(report, "kinks")
    assert "on x in [-1, 2]: 1 kink (every one, exactly), 2 pieces" in told
    assert "x = 1/3: slopes by x 0 and 3" in told
    (finding,) = [f for f in report.findings if f.rule == "kink"]
    assert "at x = 1/3: slopes by x 0 and 3" in finding.explanation
    smooth = vf.inspect(lambda x: np.tanh(x), on={"x": "[-1, 2]"})
    assert "no kinks (proved in balls" in notes_of(smooth, "kinks")
    assert "kink" not in rules_of(smooth)


def test_an_infinite_slope_is_found_and_a_mended_one_is_not() -> None:
    report = vf.inspect(lambda x: np.sqrt(np.abs(x)), on={"x": "[-2, 2]"})
    assert "infinite-slope" in rules_of(report)
    assert "along x: f moves like t^1/2" in notes_of(report, "kinks")
    assert "1 place left open" in notes_of(report, "kinks")  # the atlas does not call it no kink
    mended = vf.inspect(lambda x: np.sqrt(np.abs(x) ** 2 + 0.25), on={"x": "[-2, 2]"})
    assert "infinite-slope" not in rules_of(mended)


def test_jumps_have_limits_on_both_sides() -> None:
    report = vf.inspect(lambda x: np.floor(x) + x, on={"x": "[-0.5, 0.5]"}, at=[0.0, 0.25])
    assert "limits along x: -1 from the left, 0 right" in notes_of(report, "kinks")


def test_points_where_the_function_is_not_finite_are_counted() -> None:
    report = vf.inspect(lambda x: np.log(x), at=[-1.0, 0.5, 2.0])
    told = notes_of(report, "kinks")
    assert "2 of 3 points lie inside a smooth piece" in told
    assert "at 1 the function is not finite" in told


@pytest.mark.parametrize("size", [0, 1])
def test_nothing_to_differentiate_by_is_said(size: int) -> None:
    if size:
        report = vf.inspect(lambda n: n * 2, at=3)
        assert "n is int64" in report.checks[0].error
    else:
        report = vf.inspect(lambda x: np.sum(x * x), at=np.zeros(0))
        assert "the Hessian: there is no number" in str(claim_of(report, "curvature").not_checked)


def test_a_constant_has_facts_too() -> None:
    report = vf.inspect(lambda x: 3.0, on={"x": "[0, 1]"})
    assert "no kinks" in notes_of(report, "kinks")
    assert "zero at 24" in notes_of(report, "curvature")


def test_what_is_not_lifted_is_not_called_smooth() -> None:
    import scipy.special

    report = vf.inspect(lambda x: scipy.special.kv(1.0, x), at=2.0)
    assert "smooth piece" not in notes_of(report, "kinks")
    assert "kinks: the function is not lifted" in claim_of(report, "kinks").not_checked


def test_numbers_beyond_floats_are_no_fault() -> None:
    report = vf.inspect(lambda x: np.sum(1 / x), at=np.array([1e-200, 1.0]))
    assert "2 positive" in notes_of(report, "curvature")
    (plot,) = claim_of(report, "curvature").evidence.plots
    assert plot.values[0] == np.inf  # 2e600, read exactly and drawn as what it is in floats


@pytest.mark.parametrize(("least", "rank", "newton"), [
    (2.0**-52, "2", "descends"), (-(2.0**-52), "2", "need not descend"), (0.0, "1", "not defined"),
])
def test_a_condition_of_1e16_is_no_singularity(least: float, rank: str, newton: str) -> None:
    H = np.array([[1.0, 1.0 - least], [1.0 - least, 1.0]])  # eigenvalues 2 - least and least
    report = vf.inspect(lambda x: (x @ H @ x) / 2, at=np.array([1.0, 2.0]))
    told = notes_of(report, "curvature")
    assert f"rank {rank} of 2" in told and newton in told
    assert ("singular-hessian" in rules_of(report)) is (least == 0)
    expected = "infinite" if least == 0 else f"{2.0**53:.6g}"
    assert f"condition number: {expected}" in told


def test_gauss_newton_is_not_told_where_there_is_no_residual() -> None:
    assert "Gauss-Newton: no residual" in notes_of(
        vf.inspect(lambda x: np.sum(np.tanh(x)), at=np.array([0.5, 1.0])), "curvature")
    assert "split at the squared residual" in notes_of(
        vf.inspect(lambda x: np.sum((np.tanh(x) - 1) ** 2), at=np.array([0.5, 1.0])), "curvature")


def test_few_samples_do_not_make_a_unit_dead() -> None:
    W = np.array([[1.0, -1.0]])
    few = vf.inspect(lambda x: np.sum(np.maximum(x @ W, 0)), at=np.ones((3, 1)))
    assert "dead-unit" not in rules_of(few)
    assert "1 of 2 units off" in notes_of(few, "units")
    many = vf.inspect(lambda x: np.sum(np.maximum(x @ W, 0)), at=np.ones((30, 1)))
    assert "dead-unit" in rules_of(many)


def test_gradients_are_told_layer_by_layer() -> None:
    def net(x: Any) -> Any:
        for _ in range(3):
            x = np.tanh(4 * x) * 0.5
        return np.sum(x)

    report = vf.inspect(net, at=np.array([0.1, -0.2]))
    (layers,) = claim_of(report, "units").evidence.plots
    assert [layer.units for layer in layers.layers] == [1, 1, 1]
    x, norms = np.array([0.1, -0.2]), []
    inputs = []
    for _ in range(3):
        inputs.append(x)
        x = np.tanh(4 * x) * 0.5
    back = np.ones(2) * 0.5  # the slope by what the last tanh returns
    for x in inputs[:0:-1]:
        norms.append(np.sqrt(np.mean(back**2)))
        back = back * 4 / np.cosh(4 * x) ** 2 * 0.5
    norms.append(np.sqrt(np.mean(back**2)))
    found = [layer.gradient for layer in layers.layers]
    np.testing.assert_allclose(found, [[n, n] for n in norms[::-1]], rtol=1e-5)
    assert "gradient by layer" in notes_of(report, "units")


@pytest.mark.parametrize(("sign", "said"), [(1, False), (-1, True)])
def test_the_extreme_directions_of_a_large_hessian_are_found(sign: int, said: bool) -> None:
    d = np.concatenate([[sign * 0.5], np.linspace(1, 9, 119)])
    report = vf.inspect(lambda x: np.sum(d * np.cosh(x)), at=np.zeros(120))
    told = notes_of(report, "curvature")
    assert ("the Hessian is not positive semidefinite" in told) is said
    most = float(told.split("most curved direction found: ")[1].split(":")[0])
    assert 8.5 < most <= 9


def test_blocks_without_a_path_are_named_for_large_nets_too() -> None:
    report = vf.inspect(lambda x, y: np.sum(np.cosh(x)) + np.sum(np.cosh(y)),
                        at={"x": np.ones(60), "y": np.ones(60)})
    assert "zero on every piece, by structure: x,y" in notes_of(report, "curvature")


# ---------------------------------------------------------------- what a page draws
def test_the_graph_of_a_segment_has_its_kinks_and_gaps() -> None:
    report = vf.inspect(lambda x: np.maximum(x, 0) + (x > 1), on={"x": "[-2, 2]"})
    (graph,) = claim_of(report, "kinks").evidence.plots
    assert graph.along == "x" and graph.at[0] == -2 and graph.at[-1] == 2
    assert set(graph.marks.values()) == {0.0, 1.0}
    for x, value in zip(graph.at, graph.values, strict=True):
        if x != 1:
            assert value == pytest.approx(max(x, 0) + (x > 1), abs=1e-8)
    sides = [v for x, v in zip(graph.at, graph.values, strict=True) if x == 1]
    assert (sides[0], sides[2]) == (1, 2) and np.isnan(sides[1])


def test_the_matrix_drawn_is_the_hessian_and_its_eigenvalues_are_enclosed() -> None:
    report = vf.inspect(lambda W, v: np.sum((net(W, v) - y) ** 2), at=POINT)
    plots = claim_of(report, "curvature").evidence.plots
    whole, gauss = plots
    assert (whole.what, gauss.what) == ("Hessian", "Gauss-Newton")
    assert whole.blocks == gauss.blocks == (("W", 4), ("v", 2))
    for plot in plots:
        matrix = np.array(plot.values).reshape(6, 6)
        exact_ones = np.linalg.eigvalsh(matrix)
        np.testing.assert_allclose(plot.eigenvalues, exact_ones, atol=1e-4)
        assert all(0 <= r < 1e-6 for r in plot.radii)
    assert len(whole.zeros) == 6 and set("".join(whole.zeros)) <= set(".0ps")


def test_a_claimed_hessian_is_drawn_with_its_digits() -> None:
    A = np.array([[2.0, 1.0], [1.0, 3.0]])

    def claimed(error: float) -> Any:
        return lambda x: A * np.array([[1.0, 1.0], [1.0, 1.0 + error]])

    for error, least in ((0.0, np.inf), (1e-3, 3.0)):
        report = vf.verify(lambda x: (x @ A @ x) / 2, on={"x": "[-1, 1]^(2)"},
                           hessian=claimed(error))
        (plot,) = claim_of(report, "hessian").evidence.plots
        assert plot.digits[:3] == (np.inf, np.inf, np.inf)
        assert plot.digits[3] == least
        np.testing.assert_allclose(plot.values, A.ravel(), rtol=1e-5)


@pytest.mark.parametrize(("on", "where", "kinks"), [
    ("(-oo, oo)", "on x in [-10, 10]: 1 kink", 1), ("[1, inf)", "on x in [1, 21]: no kinks", 0),
    ("(-inf, -30]", "on x in [-50, -30]: no kinks", 0),
])
def test_a_window_stands_for_a_domain_without_end(on: str, where: str, kinks: int) -> None:
    report = vf.inspect(lambda x: np.abs(x - 0.5), on={"x": on})
    assert where in notes_of(report, "kinks")
    assert len(claim_of(report, "kinks").evidence.atlas) == kinks


def test_a_maximum_that_cancels_is_no_edge() -> None:
    def stable(x: Any) -> Any:
        m = np.max(x)
        return m + np.log(np.sum(np.exp(x - m)))

    tied = np.array([0.5, 0.5, -1.0])
    told = notes_of(vf.inspect(stable, at=tied), "kinks")
    assert "the point lies inside a smooth piece" in told
    assert "stands on its edge" in notes_of(vf.inspect(lambda x: np.max(x), at=tied), "kinks")


def test_classes_refuted_for_one_reason_share_a_line() -> None:
    report = vf.inspect(lambda x: np.maximum(x, 0) ** 2, on={"x": "[-1, 1]"})
    told = notes_of(report, "smoothness").splitlines()
    assert told[0].startswith("C2, Cinf: REFUTED, at x = 0 the second derivatives")
    assert told[1].startswith("C1: PROVED")


def test_eigenvalues_that_meet_are_said() -> None:
    def largest(M: Any) -> Any:
        return np.linalg.eigvalsh(M + M.T)[-1]

    apart = vf.inspect(largest, at=np.diag([1.0, 2.0, 3.0]))
    assert "the point lies inside a smooth piece" in notes_of(apart, "kinks")
    met = vf.inspect(largest, at=np.eye(3))
    assert "two eigenvalues or singular values are equal" in notes_of(met, "kinks")
    assert "no second derivative is told" in notes_of(met, "curvature")


def test_an_exploding_gradient_of_leaky_units() -> None:
    def net(x: Any, slope: float) -> Any:
        for _ in range(30):
            x = np.maximum(slope * x, 0.1 * x)
        return np.sum(x)

    steep = vf.inspect(lambda x: net(x, 3.0), at=np.array([0.5, 0.1]))
    (found,) = [f for f in steep.findings if f.rule == "vanishing-gradient"]
    assert "explodes" in found.explanation
    assert f"{3.0**29:.3g}" in found.explanation
    fair = vf.inspect(lambda x: net(x, 1.0), at=np.array([0.5, 0.1]))
    assert "vanishing-gradient" not in rules_of(fair)
