"""A derivative that a function does not have is refused, whatever array is claimed to be it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import verifier as vf

LABELS = np.array([0.0, 1.0, 1.0])
M = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


def softmax(x: Any) -> Any:
    e = np.exp(x - x.max())
    return e / e.sum()


# Each claim is the derivative of the sum of the entries, which is not what the words claim.
REFUSED: dict[str, tuple[Any, dict[str, Any]]] = {
    "cumsum": (lambda x: np.cumsum(x), {"derivative": lambda x: np.array([3.0, 2.0, 1.0])}),
    "reversed": (lambda x: x[::-1] ** 2, {"derivative": lambda x: 2 * x}),
    "softmax": (softmax, {"derivative": lambda x: softmax(x) * (1 - softmax(x))}),
    "layer": (lambda x: x @ M, {"gradient": lambda x: M.sum(axis=1)}),
    "product": (lambda x: np.prod(x), {"second_derivative": lambda x: np.zeros(3)}),
    "norm": (lambda x: np.sum(np.abs(x)), {"derivative": np.sign}),
    "hessian": (lambda x: x * np.sum(x), {"hessian": lambda x: np.full((3, 3), 2.0)}),
}
TAKEN: dict[str, tuple[Any, dict[str, Any]]] = {
    "elementwise": (lambda x: x**2, {"derivative": lambda x: 2 * x}),
    "one number": (lambda x: np.sum(x**2), {"gradient": lambda x: 2 * x}),
    "of each example": (
        lambda x: np.logaddexp(0, x) - LABELS * x,
        {"gradient": lambda x: 1 / (1 + np.exp(-x)) - LABELS}),
    "shifted by its largest": (
        lambda x: np.exp(x - x.max()) * np.exp(x.max()), {"derivative": np.exp}),
    "jacobian of a layer": (lambda x: x @ M, {"jacobian": lambda x: M.T}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_claim_about_the_sum_is_not_taken_for_one_about_the_entries(name: str) -> None:
    function, claim = REFUSED[name]
    report = vf.verify(function, on={"x": "[-1, 1]^(3)"}, effort="quick", **claim)
    assert report.verdict is vf.Verdict.ERROR
    wanted = "gradient" if name in ("product", "norm") else "jacobian"
    assert f"Claim `{wanted}`" in str(report.checks[0].error)


@pytest.mark.parametrize("name", TAKEN)
def test_where_each_entry_moves_one_entry_the_claim_is_taken(name: str) -> None:
    function, claim = TAKEN[name]
    report = vf.verify(function, on={"x": "[-1, 1]^(3)"}, effort="quick", **claim)
    assert report.verdict is vf.Verdict.PASSED, str(report)


def test_one_number_at_a_time_where_an_array_of_points_does_not_fit() -> None:
    def polynomial(x: Any) -> Any:
        return np.sum(np.array([1.0, 2.0, 3.0]) * x ** np.arange(3))

    report = vf.verify(polynomial, on={"x": "[-1, 1]"}, derivative=lambda x: 2 + 6 * x)
    assert report.verdict is vf.Verdict.PASSED, str(report)


@pytest.mark.parametrize("slope, verdict", [(3.0, "PASSED"), (2, "REFUTED")])
def test_the_slope_of_a_line_may_be_one_number(slope: float, verdict: str) -> None:
    report = vf.verify(lambda x: 3 * x + 1, on={"x": "[-1, 1]"}, derivative=lambda x: slope)
    assert report.verdict.value == verdict
    assert "wrong-shape" not in {f.rule for f in report.findings}


@pytest.mark.parametrize("reduce", [np.max, np.sum, np.mean, np.prod, np.median, np.sort])
def test_a_reduction_of_a_single_number_is_that_number(reduce: Any) -> None:
    report = vf.verify(lambda x: np.sum(reduce(np.atleast_1d(x))), on={"x": "[1, 2]"},
                       derivative=lambda x: 1.0, effort="quick")
    assert report.verdict is vf.Verdict.PASSED, str(report)


@pytest.mark.parametrize("claim", ["convex in z", "df/dz <= 1", "C1 in x, z"])
def test_a_claim_of_an_argument_there_is_not_is_refused(claim: str) -> None:
    report = vf.verify(lambda x: x * x, on={"x": "[-1, 1]"}, claims=[claim])
    assert report.verdict is vf.Verdict.ERROR
    assert "'z', which is no argument" in str(report.checks[0].error)


@pytest.mark.parametrize("words, says", [
    ({"on": "[-1, 1]", "derivative": np.cos}, "`on` is the text '[-1, 1]'"),
    ({"on": {"x": "[-1, 1]"}, "derivative": np.ones(3)}, "not ndarray"),
    ({"on": {"x": (-1, 1)}, "claims": ["C1"]}, 'write an interval as text, "x": "[-1, 1]"'),
])  # fmt: skip
def test_a_slip_in_the_words_is_told_in_words(words: dict[str, Any], says: str) -> None:
    report = vf.verify(lambda x: np.sin(x), **words)
    assert report.verdict is vf.Verdict.ERROR
    assert says in str(report.checks[0].error)
