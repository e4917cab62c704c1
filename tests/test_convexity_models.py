"""Polynomial models and the forms of powers: what they say holds at every sampled point."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import fmpq

import verifier as vf
from tests.curved_nets import wide_nets
from verifier.graph.node import Node, apply, constant, variable
from verifier.numerals import models
from verifier.primitives.linear import matmul, sum_over
from verifier.readers.ledger_models import _all_positive
from verifier.readers.model_curves import cut_out, fitted
from verifier.readers.model_values import Reading, Shelf
from verifier.readers.power_forms import Base, Logs, Number, Product, Total, curvature, power
from verifier.readers.signs import CONCAVE, CONVEX

ROWS = {"tanh": np.tanh, "sigmoid": lambda z: 1 / (1 + np.exp(-z)), "sin": np.sin,
        "softplus": lambda z: np.logaddexp(0, z), "exp": np.exp, "arctan": np.arctan}


def evaluated(model: models.Model, e: np.ndarray) -> np.ndarray:
    monomials = np.prod(e[None, :] ** model.of.powers, axis=1)
    return np.asarray(np.tensordot(monomials, model.terms, axes=1))


@pytest.mark.parametrize("name", sorted(ROWS))
@pytest.mark.parametrize("reach", [1e-3, 0.3, 1.5, 6.0])
def test_a_fit_is_as_near_as_it_says(name: str, reach: float) -> None:
    z = variable("z", (3,))
    low = np.array([-1.0, 0.25, 2.0]) - reach
    fit = fitted(cut_out(apply(name, z), z, {}), low, low + 2 * reach, 6)
    assert fit is not None
    for share in np.linspace(0, 1, 501):
        at = low + share * 2 * reach
        s = (at - fit.center) / fit.reach
        near = sum(c * s**k for k, c in enumerate(fit.coefficients))
        assert np.all(np.abs(ROWS[name](at) - near) <= fit.error + 1e-13)
    assert reach > 1 or np.all(fit.error < 1e-3)


@pytest.mark.parametrize("seed", range(6))
def test_models_hold_what_they_model(seed: int) -> None:
    draws = np.random.default_rng(seed)
    x = variable("x", (2,))
    node: Node = x
    value: Any = lambda p: p  # noqa: E731
    for _ in range(2):
        name = str(draws.choice(sorted(ROWS)))
        weights, bias = draws.normal(size=(2, 2)).round(2), draws.normal(size=2).round(2)
        node = apply(name, matmul(constant(weights), node) + constant(bias))
        value = (lambda v, r, w, b: lambda p: r(w @ v(p) + b))(value, ROWS[name], weights, bias)
    out = sum_over(apply("multiply", node, apply("tanh", node)))
    low, width = draws.uniform(-1, 1, 2), draws.uniform(0.01, 1.0, 2)
    of = models.space(2, 8)
    at = Reading(of, {"x": models.box(of, low, low + width, 0)}, {}, Shelf())
    found = at[out]
    points, off = models.controls(found)
    for _ in range(2000):
        e = draws.uniform(-1, 1, 2)
        v = value(low + width * (e + 1) / 2)
        exact = float(np.sum(v * np.tanh(v)))
        assert abs(exact - float(evaluated(found, e))) <= float(found.rest) + 1e-12
        assert points.min() - off <= exact <= points.max() + off


def test_a_matrix_that_is_not_positive_is_never_proved() -> None:
    assert _all_positive(np.array([[[2.0, 1.0], [1.0, 2.0]], [[1.0, 0.0], [0.0, 1e-3]]]))
    assert not _all_positive(np.array([[[2.0, 1.0], [1.0, 2.0]], [[1.0, 1.0], [1.0, 1.0]]]))
    assert not _all_positive(np.array([[[1.0, 2.0], [2.0, 1.0]]]))


@pytest.mark.parametrize("net", wide_nets(), ids=lambda n: n.name)
def test_nets_of_full_size_need_few_boxes(net: Any) -> None:
    (check,) = vf.verify(net.function, on={"x": "[-0.5, 0.5]^(4)"}, claims=["convex"],
                         budget=120).checks
    (claim,) = check.claims
    assert claim.verdict.value == "PROVED", claim.reason
    assert claim.certificate is not None and claim.certificate["boxes"] <= net.most_boxes
    assert claim.evidence.plots


def test_a_net_that_just_fails_is_not_proved() -> None:
    (net,) = wide_nets(-0.03, only="4-12-1 tanh")
    (check,) = vf.verify(net.function, on={"x": "[-0.5, 0.5]^(4)"}, claims=["convex"]).checks
    assert check.claims[0].verdict.value == "REFUTED"


# ---------------------------------------------------------------- powers
def base(name: str, **facts: bool) -> Base:
    return Base(name, **{"convex": True, "concave": True, "positive": True, **facts})


def products(*powers: str) -> Product:
    return Product(1, {base(str(k)): fmpq(*map(int, p.split("/"))) for k, p in enumerate(powers)})


@pytest.mark.parametrize(("form", "bits"), [
    (products("1/2", "1/2"), CONCAVE), (products("1/3", "1/2"), CONCAVE),
    (products("2/3", "1/2"), 0), (products("-1/1", "-1/1"), CONVEX),
    (products("3/1", "-2/1"), CONVEX), (products("2/1", "-2/1"), 0),
    (products("1/1", "1/1"), 0), (products("1/1", "-1/1"), 0),
    (Total(1, fmpq(3), fmpq(1, 3), True, False), CONVEX),
    (Total(1, fmpq(3), fmpq(1, 4), True, False), 0),
    (Total(1, fmpq(1, 2), fmpq(2), False, True), CONCAVE),
    (Total(1, fmpq(-1), fmpq(-1), False, True), CONCAVE),
    (Total(-1, fmpq(-1), fmpq(-1), False, True), CONVEX),
    (Total(1, fmpq(-1), fmpq(1, 2), False, True), CONVEX),
    (Logs({base("x"): fmpq(1), base("y"): fmpq(-1)}, base("x")), CONVEX),
    (Logs({base("x"): fmpq(1, 2), base("y"): fmpq(-1)}, base("x")), 0),
    (Logs({base("x"): fmpq(-1), base("y"): fmpq(1)}, base("x")), CONCAVE),
], ids=str)
def test_powers_bend_as_theory_says(form: Any, bits: int) -> None:
    assert curvature(form) == bits


def test_the_number_before_an_entropy_counts() -> None:
    """x log x / 2 - x log y is not convex, 2 x log x - x log y is."""
    on = {"x": "[0.5, 2]", "y": "[0.5, 2]"}
    for number, verdict in ((0.5, "REFUTED"), (2.0, "PROVED")):
        def entropy(x, y, number=number):
            return number * x * np.log(x) - x * np.log(y)

        (check,) = vf.verify(entropy, on=on, claims=["convex"], wrt=["x", "y"]).checks
        assert check.claims[0].verdict.value == verdict, check.claims[0].reason


def test_what_is_no_power_stays_unknown() -> None:
    nothing = power(Number(fmpq(-2)), fmpq(1, 2))
    assert curvature(nothing) == 0
    assert curvature(Product(1, {base("x"): fmpq(1)}) + Number(fmpq(1))) == CONVEX | CONCAVE
    assert curvature(products("2/1") + products("3/1")) == 0
