"""Branches of a program: series near a removable singularity, loops, ties, rounding that strays."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import verifier as vf

EDGE = 1e-4
Real = Callable[[Any], Any]


def sinc(x: Any) -> Any:
    return np.sin(x) / x


def sinc_where(x: Any) -> Any:
    small = np.abs(x) < EDGE
    safe = np.where(small, 1.0, x)
    return np.where(small, 1 - x**2 / 6, np.sin(safe) / safe)


def sinc_if(x: Any) -> Any:
    if abs(x) < EDGE:
        return 1 - x**2 / 6
    return np.sin(x) / x


def slope(x: Any) -> Any:
    return (x * np.cos(x) - np.sin(x)) / x**2


def slope_where(x: Any) -> Any:
    small = np.abs(x) < EDGE
    safe = np.where(small, 1.0, x)
    return np.where(small, -x / 3, (safe * np.cos(safe) - np.sin(safe)) / safe**2)


def slope_if(x: Any) -> Any:
    if abs(x) < EDGE:
        return -x / 3
    return (x * np.cos(x) - np.sin(x)) / x**2


def slope_if_wrong(x: Any) -> Any:
    if abs(x) < EDGE:
        return -x / 2
    return (x * np.cos(x) - np.sin(x)) / x**2


POINTS: list[Any] = [5e-5, -3e-5, 2.0]
FUNCTIONS = (sinc, sinc_where, sinc_if)


@pytest.mark.parametrize("claim", [slope, slope_where, slope_if])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_series_near_a_removable_singularity_is_no_fault(function: Real, claim: Real) -> None:
    report = vf.verify(function, at=POINTS, derivative=claim)
    assert report.verdict == "PASSED", report
    assert {f.rule for f in report.findings} <= {"precision-loss"}, report


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_wrong_series_is_one(function: Real) -> None:
    report = vf.verify(function, at=POINTS, derivative=slope_if_wrong)
    assert "wrong-derivative" in {f.rule for f in report.findings}, report


def test_a_jump_no_float_can_see_is_not_told() -> None:
    report = vf.verify(sinc_where, on={"x": "[1e-6, 5]"}, derivative=slope)
    assert "jump" not in {f.rule for f in report.findings}, report


def heron(x: Any) -> Any:
    y = x
    while abs(y * y - x) > 1e-14 * x:
        y = (y + x / y) / 2
    return y


@pytest.mark.parametrize("x", [0.3, 1.0, 40.0])
def test_a_loop_that_has_converged_is_judged_as_if_it_ran_on(x: float) -> None:
    report = vf.verify(heron, at=[x], derivative=lambda t: 1 / (2 * heron(t)))
    assert report.verdict == "PASSED", report


def test_a_wrong_slope_of_a_loop_is_refuted() -> None:
    report = vf.verify(heron, at=[0.3, 40.0], derivative=lambda t: 1 / heron(t))
    assert "wrong-derivative" in {f.rule for f in report.findings}, report


def hinge(x: Any) -> Any:
    return np.maximum(0.0, x[0] + x[1] - x[2])


def hinge_slope(x: Any) -> Any:
    if x[0] + x[1] - x[2] <= 0:
        return np.zeros(3)
    return np.array([1.0, 1.0, -1.0])


def test_rounding_that_strays_past_an_edge_refutes_nothing() -> None:
    point = np.array([0.1, 0.7, 0.7 + 0.1])
    exact = sum(map(Fraction, point[:2]), -Fraction(point[2]))
    assert exact > 0 >= point[0] + point[1] - point[2]  # rounding sends the `if` the other way
    report = vf.verify(hinge, at=[point], gradient=hinge_slope)
    assert not report.findings, report
    near = vf.verify(hinge, at=[point + 1e-9], gradient=hinge_slope)
    assert not near.findings, near
    flat = vf.verify(hinge, at=[np.array([0.2, 0.7, 0.8])], gradient=lambda x: 0 * hinge_slope(x))
    assert "wrong-derivative" in {f.rule for f in flat.findings}, flat


def pieces(x: Any) -> Any:
    return np.piecewise(x, [x < -1, (x >= -1) & (x < 1)], [lambda t: -t, lambda t: t**2, 1.0])


def pieces_by_table(x: Any) -> Any:
    return np.interp(x, [-1.0, 1.0], [2.0, 0.0])


def table_slope(x: Any) -> Any:
    return np.array([0.0, -1.0, 0.0])[np.searchsorted([-1.0, 1.0], x)]


@pytest.mark.parametrize(
    ("function", "claim"),
    [
        (pieces, lambda x: np.select([x < -1, x < 1], [-np.ones_like(x), 2 * x], 0.0)),
        (pieces_by_table, table_slope),
    ],
    ids=["piecewise", "searchsorted"],
)
def test_a_tie_of_one_number_does_not_spoil_the_others(function: Real, claim: Real) -> None:
    report = vf.verify(function, at=[-2.0, -1.0, 0.5, 3.0], derivative=claim)
    assert {f.rule for f in report.findings} == {"one-sided-derivative"}, report
    wrong = vf.verify(function, at=[-2.0, -1.0, 0.5, 3.0], derivative=lambda x: claim(x) + 1)
    assert "wrong-derivative" in {f.rule for f in wrong.findings}, wrong


def test_a_claim_for_single_numbers_is_called_with_them() -> None:
    report = vf.verify(np.tanh, on={"x": "[-2, 2]"},
                       derivative=lambda x: 1 - np.tanh(x) ** 2 if x != 7 else 0.0)
    assert report.verdict == "PASSED", report
