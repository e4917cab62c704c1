"""Every kind of claimed derivative: the right one passes, a planted fault is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import verifier as vf
from verifier.verdicts import Severity, Verdict

A = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, -0.25], [0.0, -0.25, 3.0]])


def quartic(x: Any) -> Any:
    return np.sum(x**4) / 4 + x @ A @ x / 2


def d_quartic(x: Any) -> Any:
    return x**3 + A @ x


def h_quartic(x: Any) -> Any:
    return np.diag(3 * x**2) + A


def layer(W: Any, x: Any) -> Any:
    return np.tanh(W @ x)


def vjp_layer(W: Any, x: Any, g: Any) -> Any:
    d = g * (1 - np.tanh(W @ x) ** 2)
    return np.outer(d, x), W.T @ d


def jacobian_layer(W: Any, x: Any) -> Any:
    slope = 1 - np.tanh(W @ x) ** 2
    by_w = np.einsum("i,ij,k->ijk", slope, np.eye(len(slope)), x)
    return by_w, slope[:, None] * W


ON_X = {"x": "[-2, 2]^(3)"}
ON_WX = {"W": "[-1, 1]^(2x3)", "x": "[-2, 2]^(3)"}
RIGHT: dict[str, tuple[Callable[..., Any], dict[str, str], Callable[..., Any]]] = {
    "gradient": (quartic, ON_X, d_quartic),
    "hessian": (quartic, ON_X, h_quartic),
    "hessian_diagonal": (quartic, ON_X, lambda x: np.diag(h_quartic(x))),
    "hvp": (quartic, ON_X, lambda x, v: h_quartic(x) @ v),
    "vjp": (layer, ON_WX, vjp_layer),
    "jacobian": (layer, ON_WX, jacobian_layer),
    "derivative": (np.tanh, {"x": "[-3, 3]"}, lambda x: 1 / np.cosh(x) ** 2),
    "second_derivative": (
        np.tanh, {"x": "[-3, 3]"}, lambda x: -2 * np.tanh(x) / np.cosh(x) ** 2,
    ),
}  # fmt: skip


def _spoiled(claim: Callable[..., Any]) -> Callable[..., Any]:
    def wrong(*arguments: Any) -> Any:
        said = claim(*arguments)
        first = said[0] if isinstance(said, tuple) else said
        changed = np.array(first, dtype=float)
        changed.flat[-1] *= 1 + 2.0**-30
        return (changed, *said[1:]) if isinstance(said, tuple) else changed

    return wrong


@pytest.mark.parametrize("kind", RIGHT)
def test_the_right_derivative_passes_on_the_lifted_road(kind: str) -> None:
    function, on, claim = RIGHT[kind]
    names = {"x": on["x"]} if function is np.tanh else on
    report = vf.verify(function, on=names, **{kind: claim})
    (told,) = report.checks[0].claims
    assert told.verdict is Verdict.PASSED, str(report)
    assert told.road == "lifted"
    assert told.evidence.agreed == told.evidence.components > 0


@pytest.mark.parametrize("kind", RIGHT)
def test_one_part_in_a_billion_is_refuted(kind: str) -> None:
    function, on, claim = RIGHT[kind]
    wrong = _unjust(claim) if kind in ("derivative", "second_derivative") else _spoiled(claim)
    report = vf.verify(function, on=on, **{kind: wrong})
    assert report.verdict is Verdict.REFUTED
    rules = {f.rule for f in report.findings if f.severity is Severity.ERROR}
    assert "wrong-derivative" in rules


def _unjust(claim: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x: claim(x) * (1 + np.where(x > 1, 2.0**-30, 0.0))


def test_hessian_blocks_of_two_arguments() -> None:
    def f(u: Any, v: Any) -> Any:
        return np.sum(u**2) * np.sum(v) + np.sum(v**3)

    def blocks(u: Any, v: Any) -> Any:
        mixed = 2 * np.outer(u, np.ones(2))
        return [[2 * np.eye(3) * np.sum(v), mixed], [mixed.T, np.diag(6 * v)]]

    on = {"u": "[-1, 1]^(3)", "v": "[-1, 1]^(2)"}
    assert vf.verify(f, on=on, hessian=blocks).verdict is Verdict.PASSED

    def forgotten(u: Any, v: Any) -> Any:
        (a, b), (c, d) = blocks(u, v)
        return [[a, b], [0 * c, d]]

    report = vf.verify(f, on=on, hessian=forgotten)
    wrong = {f.argument for f in report.findings if f.rule == "wrong-derivative"}
    assert wrong == {"v,u"}


def test_an_asymmetric_hessian_is_called_so() -> None:
    def skew(x: Any) -> Any:
        found = h_quartic(x)
        found[0, 2] += 0.5
        return found

    report = vf.verify(quartic, on=ON_X, hessian=skew)
    assert {"asymmetric-hessian", "wrong-derivative"} <= {f.rule for f in report.findings}


def test_parameters_in_a_dict_are_named_by_leaf() -> None:
    def loss(params: Any, x: Any) -> Any:
        return np.sum(np.tanh(params["W"] @ x + params["b"]))

    def grads(params: Any, x: Any) -> Any:
        d = 1 - np.tanh(params["W"] @ x + params["b"]) ** 2
        return {"W": np.outer(d, x), "b": -d}

    random = np.random.default_rng(3)
    at = {"params": {"W": random.normal(size=(2, 3)), "b": random.normal(size=2)},
          "x": random.normal(size=3)}
    report = vf.verify(loss, at=at, wrt="params", gradient=grads)
    (found,) = [f for f in report.findings if f.severity is Severity.ERROR]
    assert found.argument == "params.b"
    assert "sign" in found.explanation or "-1" in found.explanation


class Dense:
    """A layer with state, as people write it."""

    def __init__(self) -> None:
        self.W = np.array([[0.5, -1.0], [0.25, 2.0], [1.5, 0.75]])
        self.b = np.array([0.1, -0.2])

    def forward(self, x: Any) -> Any:
        self.x = x
        self.out = np.tanh(x @ self.W + self.b)
        return self.out

    def backward(self, dout: Any) -> Any:
        d = dout * (1 - self.out**2)
        self.dW = self.x.T @ d
        self.db = d.sum(axis=0)
        return d @ self.W.T


class Forgetful(Dense):
    def backward(self, dout: Any) -> Any:
        d = dout * (1 - self.out**2)
        self.dW = self.x.T @ d
        self.db = d[0]
        return d @ self.W.T


@pytest.mark.parametrize(("model", "wrong"), [(Dense, set()), (Forgetful, {"b"})])
def test_a_stateful_backward_runs_after_its_forward(model: type[Dense], wrong: set[str]) -> None:
    net = model()
    report = vf.verify(net.forward, on={"x": "[-1, 1]^(4x3)"}, backward=net.backward,
                       grads={"W": "dW", "b": "db"})
    assert {f.argument for f in report.findings if f.severity is Severity.ERROR} == wrong
    assert not hasattr(net, "x"), "the user's own object stays as it was"


def test_a_cache_is_handed_to_backward() -> None:
    def forward(x: Any, w: Any) -> Any:
        return x * w, (x, w)

    def backward(dout: Any, cache: Any) -> Any:
        x, w = cache
        return dout * w, dout * x

    on = {"x": "[-1, 1]^(3)", "w": "[-1, 1]^(3)"}
    assert vf.verify(forward, on=on, backward=backward, cache=1).verdict is Verdict.PASSED


def test_the_pair_of_value_and_gradient() -> None:
    def both(x: Any) -> Any:
        return quartic(x), d_quartic(x)

    assert vf.verify(both, on=ON_X, value_and_gradient=both).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (lambda x: d_quartic(x)[:, None], "shape (3, 1) for 'x', expected (3,)"),
        (lambda x: None, "None for 'x'"),
        (lambda x: (d_quartic(x), d_quartic(x)), "shape (2, 3) for 'x', expected (3,)"),
    ],
)
def test_shapes_are_compared_exactly(claim: Callable[..., Any], message: str) -> None:
    report = vf.verify(quartic, on=ON_X, gradient=claim)
    assert [f.rule for f in report.findings] == ["wrong-shape"]
    assert message in report.findings[0].explanation


def test_the_opaque_road_is_visible_and_never_above_passed() -> None:
    report = vf.verify(quartic, on=ON_X, gradient=d_quartic, opaque=True)
    (claim,) = report.checks[0].claims
    assert (claim.verdict, claim.road) == (Verdict.PASSED, "opaque")
    assert any("not lifted" in gap for gap in claim.not_checked)
    wrong = vf.verify(quartic, on=ON_X, gradient=lambda x: 1.01 * d_quartic(x), opaque=True)
    assert wrong.verdict is Verdict.REFUTED


def test_a_fault_in_a_corner_two_conditions_make_is_found() -> None:
    def f(x: Any) -> Any:
        return np.sum(x**3)

    def g(x: Any) -> Any:
        return 3 * x**2 + np.where((x > 0.71) & (x < 0.73) & (x[0] < -1), 1e-9, 0)

    assert vf.verify(f, on={"x": "[-2, 2]^(4)"}, gradient=g).verdict is Verdict.REFUTED


def test_the_witness_is_simple() -> None:
    def f(x: Any, y: Any) -> Any:
        return np.sum(x * y)

    def g(x: Any, y: Any) -> Any:
        return y, x * np.where(y > 2, 1.5, 1)

    report = vf.verify(f, on={"x": "[-3, 3]^(3)", "y": "[-3, 3]^(3)"}, gradient=g)
    (found,) = [f for f in report.findings if f.severity is Severity.ERROR]
    point = found.witness.point
    assert sum(w not in ("0x0.0p+0", "-0x0.0p+0") for w in (*point["x"].hex, *point["y"].hex)) == 2
