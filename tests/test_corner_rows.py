"""Jacobians at kinks: a row is a generalised gradient of its entry, or it is refuted there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import verifier as vf

W = np.array([[1.0, 2.0], [3.0, -1.0], [1.0, 1.0]])
CUBE = {"x": "[-1, 1]^(3)"}


def relu(x: Any) -> Any:
    return np.maximum(x, 0)


def layer(x: Any) -> Any:
    return np.maximum(x @ W, 0)


def largest(x: Any) -> Any:
    return np.array([np.max(x), x[0]])


def last_of_the_largest(x: Any) -> Any:
    return np.array([np.eye(3)[2 - np.argmax(x[::-1])], [1.0, 0.0, 0.0]])


def all_of_the_largest(x: Any) -> Any:
    return np.array([1.0 * (x == x.max()), [1.0, 0.0, 0.0]])


def heaviside(at_zero: float) -> Any:
    return lambda x: np.diag(np.heaviside(x, at_zero))


# Clarke's subdifferential of relu at 0 is [0, 1], of |x| [-1, 1], of max the hull of the units.
MEMBERS = [
    (relu, heaviside(0.0)), (relu, heaviside(0.5)), (relu, heaviside(1.0)),
    (np.abs, lambda x: np.diag(np.sign(x))),
    (largest, last_of_the_largest),
    (layer, lambda x: (1.0 * (x @ W >= 0))[:, None] * W.T),
]
STRANGERS = [
    (relu, heaviside(2.0)), (relu, heaviside(-0.5)),
    (np.abs, lambda x: np.diag(np.where(x == 0, 1.5, np.sign(x)))),
    (largest, all_of_the_largest),
    (layer, lambda x: (np.heaviside(x @ W, 1.5))[:, None] * W.T),
]


def asked(function: Any, jacobian: Any) -> Any:
    return vf.verify(lambda x: function(x), on=CUBE, jacobian=jacobian, effort="quick")


@pytest.mark.parametrize("function, jacobian", MEMBERS)
def test_any_generalised_row_passes_and_is_named(function: Any, jacobian: Any) -> None:
    report = asked(function, jacobian)
    assert report.verdict is vf.Verdict.PASSED
    assert "wrong-derivative" not in {f.rule for f in report.findings}


@pytest.mark.parametrize("function, jacobian", STRANGERS)
def test_a_row_that_is_no_subgradient_is_refuted_as_such(function: Any, jacobian: Any) -> None:
    report = asked(function, jacobian)
    assert report.verdict is vf.Verdict.REFUTED
    assert {f.rule for f in report.findings} >= {"not-a-subgradient"}
    assert "wrong-derivative" not in {f.rule for f in report.findings}


def test_rows_beside_a_kink_are_compared_all_the_same() -> None:
    def wrong(x: Any) -> Any:
        out = np.diag(np.heaviside(x, 1.0))
        out[2, 0] = 0.25
        return out

    report = asked(relu, wrong)
    assert "wrong-derivative" in {f.rule for f in report.findings}
