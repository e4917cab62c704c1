"""No proof of convexity is ever contradicted: random graphs over all rows, chords in balls."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.random_graphs import SIZE, random_box, random_graph
from verifier.checks.convexity_proof import by_composition, by_ledger
from verifier.checks.convexity_scene import Scene
from verifier.errors import VerifierError
from verifier.graph.node import Node, apply, constant, variable
from verifier.numerals.balls import Balls, precision
from verifier.numerals.tokens import ZERO
from verifier.primitives.identities import rewrite
from verifier.primitives.linear import compare, matmul, select, sum_over
from verifier.readers import polynomials
from verifier.readers.bends import Interval, bending, continuous, curve, image, movement
from verifier.readers.composition import compose
from verifier.readers.ledger_matrix import positive
from verifier.readers.signs import Box
from verifier.readers.value import read

BITS = 256
GRID = 2.0**-40
SEEDS = 300
CHORDS = 12


def staged(x: Node, output: Node, low: np.ndarray, high: np.ndarray) -> Scene:
    """Return the scene of a hand-made graph; nothing is run."""
    no = np.zeros(low.shape, dtype=bool)
    found = rewrite([output])
    here: Any = None
    return Scene(here, found.outputs[0], (x,), ("x",), {"x": Box(low, high, no, no)},
                 found.used, ())


def proofs(stage: Scene, sign: float) -> list[str]:
    target = stage.target(sign, Fraction(0))
    found = []
    for prove in (lambda: by_composition(stage, target, "", time.monotonic() + 2),
                  lambda: by_ledger(stage, target, "", time.monotonic() + 0.3, 6)):
        try:
            attempt = prove()
        except VerifierError:
            continue
        if attempt.proof is not None:
            found.append(attempt.proof.reason)
    return found


def chords(draws: np.random.Generator, low: np.ndarray, high: np.ndarray) -> Any:
    """Yield exact ends and middles inside a box."""
    for turn in range(CHORDS):
        ends = [np.where(draws.random(SIZE) < 0.5, low, high) if turn % 3 == 0
                else draws.uniform(low, high) for _ in range(2)]
        if turn % 3 == 2:
            ends[1] = ends[0] + 0.01 * (ends[1] - ends[0])
        a, b = (np.clip(np.round(e / GRID) * GRID, low, high) for e in ends)
        m = (a + b) / 2
        if all(Fraction(p) + Fraction(q) == 2 * Fraction(r) for p, q, r in zip(
                a.tolist(), b.tolist(), m.tolist(), strict=True)):
            yield a, b, m


def at(output: Node, point: np.ndarray) -> Any:
    found = read([output], {"x": point}, Balls(BITS))[output].ravel()[0]
    return Balls().exact(np.zeros(1))[0] if found is ZERO else found


def test_no_proof_is_contradicted() -> None:
    proved = 0
    for seed in range(SEEDS):
        draws = np.random.default_rng([seed, 31])
        x, output = random_graph(draws)
        low, high = (np.round(np.asarray(e, float), 3) for e in random_box(draws))
        if not (low < high).all():
            continue
        total = sum_over(output)
        stage = staged(x, total, low, high)
        for sign in (1, -1):
            reasons = proofs(stage, float(sign))
            proved += len(reasons)
            for a, b, m in chords(draws, low, high) if reasons else ():
                with precision(BITS):
                    values = [at(total, p) for p in (a, b, m)]
                    assert all(v.is_finite() for v in values), (seed, reasons)
                    gap = sign * (values[2] - (values[0] + values[1]) / 2)
                    assert not gap > 0, (seed, sign, reasons, a, b)
    assert proved >= 10


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_inertia_is_exact(seed: int, size: int) -> None:
    draws = np.random.default_rng(seed)
    root = draws.integers(-3, 4, size=(size, draws.integers(1, size + 1)))
    matrix = root @ root.T
    assert polynomials.negative_direction(_rational(matrix)) is None
    matrix[-1, -1] -= int(draws.integers(1, 40))
    found = polynomials.negative_direction(_rational(matrix))
    least = float(np.linalg.eigvalsh(matrix.astype(float))[0])
    if found is None:
        assert least > -1e-9
    else:
        form = sum((a * b * fmpq(int(matrix[i, j])) for i, a in enumerate(found)
                    for j, b in enumerate(found)), fmpq(0))
        assert form < 0


def _rational(matrix: np.ndarray) -> list[list[fmpq]]:
    return [[fmpq(int(v)) for v in row] for row in matrix]


def test_positive_means_every_matrix_within() -> None:
    middle = np.array([[2.0, 1.0], [1.0, 2.0]])
    assert positive(middle, np.full((2, 2), 0.49))
    assert not positive(middle, np.full((2, 2), 0.51))
    assert not positive(np.full((2, 2), np.nan), np.zeros((2, 2)))
    assert not positive(middle, np.full((2, 2), np.inf))


def test_an_eigenvalue_of_nought_is_proved_only_in_rationals() -> None:
    """x^T A x with a singular A, and the same with 1e-15 less."""
    x = variable("x", (2,))
    low, high = np.full(2, -np.inf), np.full(2, np.inf)
    for less, expected in ((0.0, 1), (2.0**-50, 0)):
        matrix = constant(np.array([[4.0, 2.0], [2.0, 1.0]]) - np.diag([0.0, less]))
        form = matmul(matmul(x, matrix), x)
        assert len(proofs(staged(x, form, low, high), 1.0)) >= expected
        if not expected:
            assert not proofs(staged(x, form, low, high), 1.0)


@pytest.mark.parametrize(("op", "low", "high", "bends", "moves", "sound"), [
    ("tanh", -1.0, 1.0, set(), "increasing", True),
    ("tanh", 0.0, 1.0, {"concave"}, "increasing", True),
    ("log", 0.0, 1.0, set(), "increasing", False),
    ("reciprocal", -1.0, 1.0, set(), "decreasing", False),
    ("absolute", -1.0, 1.0, {"convex"}, None, True),
    ("floor", 0.0, 0.5, set(), "increasing", False),
    ("sign", -1.0, 1.0, set(), "increasing", False),
    ("sech", -0.9, 0.9, set(), None, True),
    ("sqrt", 0.0, 1.0, {"concave"}, "increasing", True),
    ("tan", 0.0, 1.0, set(), None, False),
])
def test_curves_say_no_more_than_the_table(
    op: str, low: float, high: float, bends: set[str], moves: str | None, sound: bool
) -> None:
    line, where = curve(op), Interval(low, high)
    assert line is not None
    assert bending(line, where) == bends
    assert movement(line, where) == moves
    assert continuous(line, where) is sound


def test_open_ends_stay_out() -> None:
    line = curve("log")
    assert line is not None and continuous(line, Interval(0.0, 1.0, above=True))
    found = image(curve("exp"), Interval(-np.inf, np.inf))  # type: ignore[arg-type]
    assert (found.low, found.above) == (0.0, True)


def test_nan_proves_nothing() -> None:
    x = variable("x", (1,))
    for bad in (apply("multiply", x, constant(float("nan"))), apply("sqrt", x - 2.0),
                apply("log", x - 5.0), apply("divide", 1.0, x - 0.5), apply("arcsin", x + 2.0),
                apply("power", x - 2.0, constant(0.5)), apply("tan", 4.0 * x)):
        for sign in (1.0, -1.0):
            assert not proofs(staged(x, sum_over(bad), np.zeros(1), np.ones(1)), sign), bad


@pytest.mark.parametrize("root", [-0.5, 0.25, 2.0])
def test_a_square_written_out_may_be_nought(root: float) -> None:
    """x^2 - 2 r x + r^2 over an open box: that an end is missed does not make it positive."""
    x, yes = variable("x", ()), np.ones((), dtype=bool)
    turned = (x if root < 0 else -x) + (x if root < 0 else -x)  # a sum: its open ends are kept
    form = apply("square", x) + constant(abs(root)) * turned + constant(root**2)
    straight = apply("square", x) + (x if root < 0 else -x) + constant(0.25)
    box = {"x": Box(np.array(-3.0), np.array(3.0), yes, yes)}
    for node in (form, straight):
        chosen = select(compare("greater", node, constant(0.0)), apply("square", x),
                        constant(100.0))
        book = compose([chosen, apply("log", node)], [x], box)
        assert not book[node].positive
        assert not book[chosen].sound


def test_a_square_and_more_is_positive() -> None:
    x, yes = variable("x", ()), np.ones((), dtype=bool)
    form = apply("square", x) + constant(0.25)
    book = compose([form], [x], {"x": Box(np.array(-3.0), np.array(3.0), yes, yes)})
    assert book[form].positive
