"""Convexity: every road to a proof, exact chords, and the laws no proof may break."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from flint import fmpq

import verifier as vf
from tests.curved_nets import NETS, least_eigenvalue
from tests.plants.curves import BENT, Bent
from verifier.exact import from_tensor
from verifier.verdicts import Claim


def asked(function: Any, on: Any, claim: str, **options: Any) -> Claim:
    """Return what became of one convexity claim."""
    report = vf.verify(function, on=on, claims=[claim], **options)
    (check,) = report.checks
    assert not check.error, check.error
    return next(c for c in check.claims if c.claim == claim)


@pytest.mark.parametrize("bent", BENT, ids=lambda b: b.name)
def test_claims_are_decided(bent: Bent) -> None:
    name = bent.function.__code__.co_varnames[0]
    claim = asked(bent.function, {name: bent.on}, bent.claim)
    assert claim.verdict.value == bent.verdict, claim.reason
    if bent.road:
        assert claim.certificate is not None and claim.certificate["kind"] == bent.road
    assert claim.semantics == "REAL"
    if bent.verdict == "REFUTED":
        assert [f.rule for f in claim.findings] == ["not-convex"]


def test_a_chord_is_exact_and_lies_on_the_wrong_side() -> None:
    (bent,) = (b for b in BENT if b.name == "barely not")
    (finding,) = asked(bent.function, {"x": bent.on}, "convex").findings
    assert finding.witness is not None
    left, right = (from_tensor(p["x"]) for p in (
        finding.witness.point, finding.witness.second_point))
    middle = (left + right) / 2
    assert all(fmpq(*float(a).as_integer_ratio()) + fmpq(*float(b).as_integer_ratio())
               == 2 * fmpq(*float(m).as_integer_ratio())
               for a, b, m in zip(left, right, middle, strict=True))
    assert finding.witness.weight == "1/2"
    assert finding.witness.ball is not None and float(finding.witness.ball.mid) > 0


# ---------------------------------------------------------------- questions people ask
def test_a_sigmoid_changes_where_it_bends() -> None:
    claim = asked(lambda x: 1 / (1 + np.exp(-x)), {"x": "[-5, 5]"}, "convex")
    assert claim.verdict.value == "REFUTED"
    assert "sigmoid changes between convex and concave at 0" in claim.reason


def test_a_relu_is_convex_and_not_affine() -> None:
    def relu(x):
        return np.maximum(x, 0)

    assert asked(relu, {"x": "(-oo, oo)"}, "convex").verdict.value == "PROVED"
    assert asked(relu, {"x": "[-1, 1]"}, "affine").verdict.value == "REFUTED"
    assert asked(relu, {"x": "[-1, 1]"}, "not concave").verdict.value == "PROVED"
    assert asked(relu, {"x": "[-1, 1]"}, "not convex").verdict.value == "REFUTED"


INPUTS = np.array([[1.0, -0.5], [0.3, 2.0], [-1.0, 0.7]])
TARGETS = np.array([0.5, -1.0, 2.0])


def relu_loss(first, last):
    return np.mean((np.maximum(INPUTS @ first, 0) @ last - TARGETS) ** 2)


def test_a_relu_loss_is_not_convex_in_its_weights_but_in_the_last_layer() -> None:
    everywhere = {"first": "[-1, 1]^(2x3)", "last": "[-1, 1]^(3)"}
    jointly = asked(relu_loss, everywhere, "convex")
    assert jointly.verdict.value == "REFUTED" and jointly.findings[0].witness is not None
    alone = asked(relu_loss, everywhere, "convex in last")
    assert alone.verdict.value == "PROVED", alone.reason
    assert alone.certificate is not None and alone.certificate["kind"] == "composition"


def test_an_input_convex_net_is_proved_by_its_signs() -> None:
    positive, free = np.array([[0.5, 0.2], [0.1, 0.9]]), np.array([[1.0, -2.0], [-0.5, 0.3]])

    def net(x):
        z = np.maximum(free @ x + 1, 0)
        return np.sum(np.maximum(positive @ z + free @ x, 0))

    assert asked(net, {"x": "(-oo, oo)^(2)"}, "convex").verdict.value == "PROVED"
    signed = positive * np.array([[1, -1], [1, 1]])

    def other(x):
        z = np.maximum(free @ x + 1, 0)
        return np.sum(np.maximum(signed @ z + free @ x, 0))

    assert asked(other, {"x": "[-3, 3]^(2)"}, "convex").verdict.value == "REFUTED"


# ---------------------------------------------------------------- the ledger on boxes
@pytest.mark.parametrize("net", NETS, ids=lambda n: n.name)
def test_nets_with_both_signs_need_few_boxes(net: Any) -> None:
    assert least_eigenvalue(net) >= 0.05
    claim = asked(net.function, {"x": "[-0.5, 0.5]^(4)"}, "convex", budget=60)
    assert claim.verdict.value == "PROVED", claim.reason
    assert claim.certificate is not None and claim.certificate["kind"] == "ledger"
    assert claim.certificate["boxes"] <= net.most_boxes


def test_what_is_left_is_said() -> None:
    def almost(x):
        return np.cosh(x[0]) - x[0] ** 2 / 2 + x[1] ** 2 * np.exp(-x[0])

    claim = asked(almost, {"x": "[-1, 1]^(2)"}, "convex", budget=3)
    assert claim.verdict.value in ("UNDECIDED", "REFUTED")
    if claim.verdict.value == "UNDECIDED":
        assert "boxes open" in claim.reason and "of the volume" in claim.reason


# ---------------------------------------------------------------- laws
def test_law_5_a_path_is_no_function_of_the_box() -> None:
    def bent(x):
        if x > 0:
            return x
        return -x * x

    assert asked(bent, {"x": "[-1, 1]"}, "convex").verdict.value == "REFUTED"

    def vector(x):
        if x[0] > 0:
            return x[0] + x[1]
        return x[1] - 3 * x[0] * x[0]

    assert asked(vector, {"x": "[-1, 1]^(2)"}, "convex").verdict.value != "PROVED"


@pytest.mark.parametrize(("function", "on"), [
    (lambda x: x * (x > 0.2), "[-1, 1]"),
    (lambda x: np.where(x > 0.2, x, -1.0), "[-1, 1]"),
    (lambda x: np.floor(x), "[-1, 1]"),
    (lambda x: np.sign(x) + x, "[-1, 1]"),
    (lambda x: -np.abs(x), "[-1, 1]"),
    (lambda x: np.minimum(x, 0.3), "[-1, 1]"),
    (lambda x: np.arctan2(x, -1.0), "[-1, 1]"),
    (lambda x: np.sqrt(x), "[-1, 1]"),
    (lambda x: -np.sqrt(np.abs(x)), "[-1, 1]"),
    (lambda x: np.log(np.abs(x)), "[-1, 1]"),
], ids=["masked", "jump", "floor", "sign", "tent", "ceiling", "cut", "undefined", "cusp", "pole"])
def test_law_15_kinks_that_bend_down_and_jumps_prove_nothing(function: Any, on: str) -> None:
    assert asked(function, {"x": on}, "convex").verdict.value in ("REFUTED", "UNDECIDED")


def test_law_15_a_kink_is_never_made_up_for() -> None:
    def made_up(x):
        return 100 * x**2 - np.abs(x - 0.3)

    claim = asked(made_up, {"x": "[-1, 1]"}, "convex")
    assert claim.verdict.value == "REFUTED"


def test_law_15_grids_are_refused() -> None:
    claim = asked(lambda n, x: n * n + x * x, {"n": "{0..5}", "x": "[-1, 1]"}, "convex in n")
    assert claim.verdict.value == "UNDECIDED"


def test_law_15_strong_convexity_is_of_the_rest() -> None:
    def ridge(x):
        return np.sum(np.logaddexp(0, x)) + 0.25 * x @ x

    assert asked(ridge, {"x": "(-oo, oo)^(3)"}, "0.5-strongly convex").verdict.value == "PROVED"
    assert asked(ridge, {"x": "[-9, 9]^(3)"}, "0.51-strongly convex").verdict.value == "REFUTED"


def test_law_18_an_edge_belongs_to_both_pieces() -> None:
    sech = "[-0.881373587019543, 0.881373587019543]"  # just inside its inflections
    wider = "[-0.8813736, 0.8813736]"
    assert asked(lambda x: 1 / np.cosh(x), {"x": sech}, "concave").verdict.value == "PROVED"
    assert asked(lambda x: 1 / np.cosh(x), {"x": wider}, "concave").verdict.value != "PROVED"


def test_one_number_is_meant_where_arrays_are_given() -> None:
    claim = asked(lambda x: np.logaddexp(0, x), {"x": "[-5, 5]"}, "convex",
                  derivative=lambda x: 1 / (1 + np.exp(-x)))
    assert claim.verdict.value == "PROVED"


def test_without_a_domain_nothing_is_claimed() -> None:
    report = vf.verify(lambda x: np.sum(x * x), at=[np.ones(3)], claims=["convex"])
    (claim,) = report.checks[0].claims
    assert claim.verdict.value == "UNDECIDED" and "give it a box" in claim.reason


def test_corners_of_the_box_count() -> None:
    """The Hessian is negative at one corner only."""
    def corner(x):
        return 2.5 * (x @ x) - np.prod(x) * 3

    worst = min(np.linalg.eigvalsh(5 * np.eye(3) - 3 * np.array(
        [[0, z, y], [z, 0, x], [y, x, 0]]))[0]
        for x, y, z in itertools.product((-1.0, 1.0), repeat=3))
    assert worst < 0
    assert asked(corner, {"x": "[-1, 1]^(3)"}, "convex").verdict.value == "REFUTED"
