"""Right code that looks wrong to a strict eye is let be, and its near miss is still refuted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import verifier as vf
from verifier.graph.node import constant, variable
from verifier.graph.rewrite import unified
from verifier.verdicts import Verdict

TINY = np.finfo(float).tiny
Function = Callable[..., Any]


def found(f: Function, *points: Any, **claims: Any) -> tuple[Verdict, set[str]]:
    """Return the verdict and the rules met at the points."""
    report = vf.verify(f, at=[np.asarray(p, dtype=float) for p in points], **claims)
    return report.verdict, {x.rule for x in report.findings}


# ---------------------------------------------------------------- converged iterations
def newton(a: Any) -> Any:
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


def test_a_converged_iteration_has_the_derivative_of_its_limit() -> None:
    verdict, rules = found(newton, 2.0, 7.0, gradient=lambda a: 0.5 / np.sqrt(a))
    assert (verdict, rules) == (Verdict.PASSED, set())


def test_an_error_of_a_few_ulp_is_no_converged_iteration() -> None:
    claim = {"gradient": lambda a: 0.5 / np.sqrt(a) * (1 + 2.0**-40)}
    assert found(newton, 2.0, **claim)[0] is Verdict.REFUTED


# ---------------------------------------------------------------- subnormal inputs
def ratio_by(least: float) -> Function:
    return lambda x: x / np.maximum(np.abs(x), least)


def test_a_claim_wrong_at_subnormal_inputs_only_loses_digits() -> None:
    verdict, rules = found(np.abs, [4.9e-324, 1.0, -2.0], derivative=ratio_by(TINY))
    assert (verdict, rules) == (Verdict.PASSED, {"precision-loss"})


def test_a_claim_wrong_at_small_normal_inputs_is_refuted() -> None:
    claim = ratio_by(1e-290)
    assert found(np.abs, [4.9e-324, 1e-300, 1.0], derivative=claim)[0] is Verdict.REFUTED


# ---------------------------------------------------------------- Taylor branches
def sinc(x: Any) -> Any:
    return np.where(x == 0, 1.0, np.sin(x) / np.where(x == 0, 1.0, x))


def d_sinc(edge: float, factor: float = 1.0) -> Function:
    def claim(x: Any) -> Any:
        s = np.where(np.abs(x) < edge, 1.0, x)
        far = (s * np.cos(s) - np.sin(s)) / s**2
        return np.where(np.abs(x) < edge, -x / 3 * factor, far)

    return claim


NEAR = [1e-7, 3e-6, 5e-5, -9.9e-5, 0.5]


def test_a_taylor_branch_where_the_formula_cancels_is_an_approximation() -> None:
    verdict, rules = found(sinc, NEAR, derivative=d_sinc(1e-4))
    assert (verdict, rules) == (Verdict.PASSED, {"precision-loss"})


def test_it_is_one_in_a_gradient_too() -> None:
    verdict, rules = found(lambda x: np.sum(sinc(x)), NEAR, gradient=d_sinc(1e-4))
    assert (verdict, rules) == (Verdict.PASSED, {"precision-loss"})


def test_it_is_one_in_a_second_derivative_too() -> None:
    def f(x: Any) -> Any:
        return x - np.sin(x)

    def claim(x: Any) -> Any:
        s = np.where(np.abs(x) < 1e-2, 1.0, x)
        far = 2 * np.sin(s / 2) * np.cos(s / 2)
        return np.where(np.abs(x) < 1e-2, x * (1 - x**2 / 6), far)

    assert found(f, [9e-3], second_derivative=claim)[0] is Verdict.REFUTED  # nothing cancels
    long = {"second_derivative": d_second_sinc}
    assert found(sinc, [2e-5, 0.5], **long) == (Verdict.PASSED, {"precision-loss"})


def d_second_sinc(x: Any) -> Any:
    small = np.abs(x) < 1e-4
    s = np.where(small, 1.0, x)
    far = (2 * np.sin(s) - 2 * s * np.cos(s) - s**2 * np.sin(s)) / s**3
    return np.where(small, -1 / 3 + 0 * x, far)


@pytest.mark.parametrize("claim", [
    d_sinc(1e-2),  # a branch used where the formula keeps more digits
    d_sinc(1e-4, 1 + 1e-6),  # a wrong coefficient
], ids=["too wide", "wrong coefficient"])  # fmt: skip
def test_a_poor_taylor_branch_is_refuted(claim: Function) -> None:
    assert found(sinc, [9e-5, 9e-3], derivative=claim)[0] is Verdict.REFUTED


def test_a_fault_behind_a_condition_is_no_approximation() -> None:
    def claim(x: Any) -> Any:
        return 3 * x**2 + np.where(x > 0.71, 1e-9, 0.0)

    assert found(lambda x: np.sum(x**3), [0.72, 1.0], gradient=claim)[0] is Verdict.REFUTED


# ---------------------------------------------------------------- ties of an `if`
def huber(w: Any) -> Any:
    n = np.linalg.norm(w)
    return 0.5 * np.sum(w**2) if n <= 1 else n - 0.5


def d_huber(outside: float = 1.0) -> Function:
    def claim(w: Any) -> Any:
        n = np.linalg.norm(w)
        return w if n < 1 else outside * w / n

    return claim


def larger(w: Any) -> Any:
    return w[0] if w[0] > w[1] else w[1]


def d_larger(tied: tuple[float, float]) -> Function:
    def claim(w: Any) -> Any:
        return np.array([1.0, 0.0]) if w[0] > w[1] else np.array(tied)

    return claim


def test_branches_that_meet_smoothly_have_a_gradient_at_the_tie() -> None:
    assert found(huber, [1.0, 0.0, 0.0], gradient=d_huber()) == (Verdict.PASSED, set())
    claim = d_huber(1.1)
    assert found(huber, [1.0, 0.0, 0.0], gradient=claim) == (
        Verdict.REFUTED, {"wrong-derivative"})


@pytest.mark.parametrize(("tied", "rule"), [
    ((0.0, 1.0), "one-sided-derivative"),
    ((0.5, 0.5), "one-sided-derivative"),
    ((1.0, 1.0), "not-a-subgradient"),
])  # fmt: skip
def test_a_tie_is_a_corner(tied: tuple[float, float], rule: str) -> None:
    verdict, rules = found(larger, [1.0, 1.0], gradient=d_larger(tied))
    assert rules == {rule}
    assert (verdict is Verdict.REFUTED) == (rule == "not-a-subgradient")


def test_branches_that_do_not_meet_jump() -> None:
    def f(w: Any) -> Any:
        return w[0] if w[0] >= w[1] else w[1] - 1

    assert "jump" in found(f, [1.0, 1.0], gradient=d_larger((1.0, 0.0)))[1]


def test_two_ties_at_one_point() -> None:
    def f(w: Any) -> Any:
        a = w[0] if w[0] > 0 else 2 * w[0]
        return a + (w[1] if w[1] > 0 else 3 * w[1])

    inside = found(f, [0.0, 0.0], gradient=lambda w: np.array([1.5, 2.5]))
    assert inside == (Verdict.PASSED, {"one-sided-derivative"})
    outside = found(f, [0.0, 0.0], gradient=lambda w: np.array([7.0, 2.5]))
    assert outside == (Verdict.REFUTED, {"not-a-subgradient"})


def test_equal_parts_of_a_graph_become_one() -> None:
    x = variable("x", ())
    one, other = x * constant(2.0) + 1.0, x * constant(2.0) + 1.0
    left, right = unified([one, other])
    assert left is right
    assert unified([x * 2.0])[0] is not unified([x * 3.0])[0]


# ---------------------------------------------------------------- zero by structure
def distances(p: Any) -> Any:
    return np.linalg.norm(p[:, None] - p[None], axis=-1).sum()


def d_distances(on_diagonal: float) -> Function:
    def claim(p: Any) -> Any:
        d = p[:, None] - p[None]
        n = np.linalg.norm(d, axis=-1) + on_diagonal * np.eye(len(p))
        return 2 * (d / n[..., None]).sum(1)

    return claim


APART = [[0.5, -1.0], [2.0, 0.25], [-1.5, 3.0]]


def test_a_distance_to_itself_is_the_constant_zero() -> None:
    assert found(distances, APART, gradient=d_distances(1.0)) == (Verdict.PASSED, set())
    verdict, rules = found(distances, APART, gradient=d_distances(0.0))
    assert (verdict, rules) == (Verdict.REFUTED, {"nan-derivative"})


def test_a_distance_between_equal_points_is_a_kink() -> None:
    met = [APART[0], APART[0], APART[1]]
    assert "kink" in found(distances, met, gradient=d_distances(0.0))[1]
