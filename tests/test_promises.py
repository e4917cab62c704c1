"""What the README promises of derivative claims, at full size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import verifier as vf
from verifier.verdicts import Severity, Verdict

SIZES = (784, 126, 10)  # 100,180 parameters
BATCH = 32
Arrays = tuple[np.ndarray, ...]


def loss(W1: Any, b1: Any, W2: Any, b2: Any, X: Any, y: Any) -> Any:
    hidden = np.tanh(X @ W1 + b1)
    scores = hidden @ W2 + b2
    shifted = scores - scores.max(axis=1, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.mean(logp[np.arange(len(y)), y])


def gradient(W1: Any, b1: Any, W2: Any, b2: Any, X: Any, y: Any) -> Arrays:
    hidden = np.tanh(X @ W1 + b1)
    scores = hidden @ W2 + b2
    shifted = scores - scores.max(axis=1, keepdims=True)
    p = np.exp(shifted)
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    p /= len(y)
    back = (p @ W2.T) * (1 - hidden**2)
    return X.T @ back, back.sum(axis=0), hidden.T @ p, p.sum(axis=0)


@pytest.fixture(scope="module")
def at() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    into, hidden, out = SIZES
    return {
        "W1": random.normal(size=(into, hidden)) / np.sqrt(into),
        "b1": 0.1 * random.normal(size=hidden),
        "W2": random.normal(size=(hidden, out)) / np.sqrt(hidden),
        "b2": 0.1 * random.normal(size=out),
        "X": random.normal(size=(BATCH, into)),
        "y": random.integers(0, out, size=BATCH),
    }


WRT = ("W1", "b1", "W2", "b2")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_right_gradient_of_a_hundred_thousand_passes(
    at: dict[str, np.ndarray], dtype: str
) -> None:
    report = vf.verify(loss, at=at, wrt=WRT, gradient=gradient, dtype=dtype, budget=60)
    (claim,) = report.checks[0].claims
    assert claim.verdict is Verdict.PASSED
    assert claim.road == "lifted"
    into, hidden, out = SIZES
    count = into * hidden + hidden + hidden * out + out
    assert claim.evidence.components == claim.evidence.agreed == count > 100_000
    assert not [f for f in claim.findings if f.severity is not Severity.NOTE]


def test_one_component_in_a_hundred_thousand_off_by_1e_12_is_named(
    at: dict[str, np.ndarray],
) -> None:
    def spoiled(*arguments: Any) -> Arrays:
        first, *rest = gradient(*arguments)
        first[517, 61] *= 1 + 1e-12
        return (first, *rest)

    report = vf.verify(loss, at=at, wrt=WRT, gradient=spoiled, budget=60)
    assert report.verdict is Verdict.REFUTED
    (found,) = [f for f in report.findings if f.severity is Severity.ERROR]
    assert (found.rule, found.argument, found.index) == ("wrong-derivative", "W1", (517, 61))
    assert found.witness is not None and found.witness.relative_error == pytest.approx(1e-12, 1e-3)


C = np.sqrt(2 / np.pi)  # rounded once here ...


def gelu(x: Any) -> Any:
    return 0.5 * x * (1 + np.tanh(C * (x + 0.044715 * x**3)))


def dgelu(x: Any) -> Any:
    c = np.sqrt(2.0) / np.sqrt(np.pi)  # ... and otherwise there
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 0.134145 * x**2)


def test_a_constant_rounded_in_another_order_is_no_fault() -> None:
    report = vf.verify(gelu, derivative=dgelu, on={"x": "[-5, 5]"})
    assert report.verdict is Verdict.PASSED
    assert not [f for f in report.findings if f.severity is Severity.ERROR]


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def dsigmoid(x: Any) -> Any:
    s = sigmoid(x)
    return s * (1 - s)


def test_a_derivative_that_underflows_is_a_note() -> None:
    report = vf.verify(sigmoid, derivative=dsigmoid, at=[40.0])
    assert report.verdict is Verdict.PASSED
    (found,) = report.findings
    assert (found.rule, found.severity) == ("precision-loss", Severity.NOTE)
    assert found.witness is not None and found.witness.digits == 0
