"""Claims about digits: the spelling that loses them is refuted, the one that keeps them passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import verifier as vf
from verifier.verdicts import Verdict

NEAR_ZERO = {"x": "[1e-7, 1]"}


def careless(x: Any) -> Any:
    return np.log(1 + x)


def careful(x: Any) -> Any:
    return np.log1p(x)


@pytest.mark.parametrize("claim", ["12 digits", "4 ulp", "5 digits in float32"])
@pytest.mark.parametrize(("f", "verdict"), [(careless, "REFUTED"), (careful, "PASSED")])
def test_the_spelling_decides(f: Callable[..., Any], verdict: str, claim: str) -> None:
    report = vf.verify(f, on=NEAR_ZERO, claims=[claim])
    assert report.verdict.value == verdict
    if verdict == "REFUTED":
        (found,) = report.findings
        assert found.rule == "precision-loss"
        assert claim in found.explanation
        # 1 + x rounds x to a multiple of eps: at 1e-7 about 9 digits are left (Higham 2002, 1.14.1)
        assert "digits at worst" in found.explanation or "ulp at worst" in found.explanation


def test_finite_is_asked_per_dtype() -> None:
    assert vf.verify(np.exp, on={"x": "[0, 100]"}, claims=["finite"]).verdict is Verdict.PASSED
    report = vf.verify(np.exp, on={"x": "[0, 100]"}, claims=["finite in float32"])
    assert report.verdict is Verdict.REFUTED
    assert [f.rule for f in report.findings] == ["overflow"]


def test_a_derivative_keeps_digits_or_not() -> None:
    def sigmoid(x: Any) -> Any:
        return 1 / (1 + np.exp(-x))

    def by_output(x: Any) -> Any:
        s = sigmoid(x)
        return s * (1 - s)

    def by_tails(x: Any) -> Any:
        return sigmoid(x) * sigmoid(-x)

    claims = ["gradient keeps 12 digits"]
    on = {"x": "[-30, 30]"}
    lost = vf.verify(sigmoid, on=on, derivative=by_output, claims=claims)
    assert lost.verdict is Verdict.REFUTED
    assert vf.verify(sigmoid, on=on, derivative=by_tails, claims=claims).verdict is Verdict.PASSED


def test_without_a_derivative_nothing_is_compared() -> None:
    report = vf.verify(np.exp, on={"x": "[0, 1]"}, claims=["gradient keeps 12 digits"])
    assert report.verdict is Verdict.UNDECIDED
