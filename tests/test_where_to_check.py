"""Which points does a derivative claim get? What `on` says is never passed over."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest

import verifier as vf
from verifier.verdicts import Verdict


def square(x: Any) -> Any:
    return x * x


def product(x: Any, y: Any) -> Any:
    return x * y


@pytest.mark.parametrize("value", [3.0, np.ones(3)], ids=["number", "array"])
def test_numbers_for_every_argument_leave_none_to_vary(value: Any) -> None:
    report = vf.verify(square, on={"x": value}, derivative=lambda x: 2 * x)
    assert report.verdict is Verdict.ERROR
    assert report.checks[0].error.startswith("`on` gives numbers for x, so no argument is left")
    both = vf.verify(product, on={"x": value, "y": 2.0}, gradient=lambda x, y: (y, x))
    assert both.checks[0].error.startswith("`on` gives numbers for x, y, so no argument is left")


def test_a_derivative_on_a_strategy_is_checked_at_what_is_drawn() -> None:
    on = {"x": st.floats(-1, 1)}
    assert vf.verify(square, on=on, derivative=lambda x: 2 * x).verdict is Verdict.PASSED
    assert vf.verify(square, on=on, derivative=lambda x: 3 * x).verdict is Verdict.REFUTED


def test_a_derivative_by_two_arguments_is_a_pair() -> None:
    on = {"x": "[0, 1]", "y": "[2, 3]"}
    right = vf.verify(product, on=on, derivative=lambda x, y: (y, x), effort="quick")
    wrong = vf.verify(product, on=on, derivative=lambda x, y: (y, y), effort="quick")
    assert (right.verdict, wrong.verdict) == (Verdict.PASSED, Verdict.REFUTED)
