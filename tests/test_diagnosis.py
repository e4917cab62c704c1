"""Every suspicion names its planted fault in the user's words, and stays silent on near misses."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import numpy as np
import pytest
from flint import arb

import verifier as vf
from verifier.diagnosis import SUSPICIONS
from verifier.diagnosis.naming import identified, name_of
from verifier.graph.node import apply, constant, variable
from verifier.graph.rewrite import rewritten
from verifier.numerals.balls import precision

from .plants.faults import MISSES, ON_DATA, PLANTS, Plant, X, Y, loss, sum_for_mean


def findings(plant: Plant, **options: object) -> list[vf.Finding]:
    told = {plant.kind: plant.claim, "on": dict(plant.on), **plant.options, **options}
    report = vf.verify(plant.function, effort="quick", **told)
    return [f for f in report.findings if f.rule in ("wrong-derivative", "truncated-constant")]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda p: p.name)
def test_a_planted_fault_is_named(plant: Plant) -> None:
    found = findings(plant)
    assert found
    for each in found:
        assert (each.rule, each.diagnosis) == (plant.rule, plant.slug), each.explanation
        for words in plant.said:
            assert words in each.explanation
        assert "the claim returns" in each.explanation
        assert each.remedy


@pytest.mark.parametrize("plant", MISSES, ids=lambda p: p.name)
def test_a_near_miss_is_not_diagnosed(plant: Plant) -> None:
    for each in findings(plant):
        assert each.diagnosis != plant.slug, each.explanation


def test_only_the_faulty_block_is_named() -> None:
    (plant,) = (p for p in PLANTS if p.name == "no slope")
    (found,) = findings(plant)
    assert found.argument == "W1"
    assert found.explanation.startswith("the gradient by W1 is wrong")


def test_blocks_with_one_fault_are_named_together() -> None:
    def gradient(w, b, X, y):
        r = X @ w + b - y
        return 2 * X.T @ r, 2 * np.sum(r)

    report = vf.verify(
        lambda w, b, X, y: np.mean((X @ w + b - y) ** 2), gradient=gradient,
        on={"w": "[-1, 1]^(3)", "b": "[-1, 1]", "X": X, "y": Y}, effort="quick")
    assert {f.argument for f in report.findings} == {"w", "b"}
    for found in report.findings:
        assert "by w and b is 32 times too large" in found.explanation


def test_blocks_with_two_faults_are_named_apart() -> None:
    def gradient(w, b, X, y):
        r = X @ w + b - y
        return 2 * X.T @ r / len(y), -2 * np.sum(r) / len(y) / 3

    def function(w, b, X, y):
        return np.mean((X @ w + b - y) ** 2) + np.sum(w**2)

    report = vf.verify(function, gradient=gradient, effort="quick",
                       on={"w": "[-1, 1]^(3)", "b": "[-1, 1]", "X": X, "y": Y})
    told = {f.argument: f.diagnosis for f in report.findings}
    assert told == {"w": "missing-term", "b": "constant-factor"}


def test_a_long_truncated_constant_is_a_warning() -> None:
    (plant,) = (p for p in PLANTS if p.name == "long pi")
    told = {plant.kind: plant.claim, "on": dict(plant.on)}
    (found,) = (f for f in vf.verify(plant.function, effort="quick", **told).findings
                if f.rule == "truncated-constant")
    assert found.severity == "warning"


def test_the_opaque_road_names_a_factor_too() -> None:
    def through_bytes(w, X, y):
        return sum_for_mean(np.frombuffer(w.tobytes()), X, y)

    (found,) = findings(Plant("", loss, through_bytes, ON_DATA, "", ()))
    assert found.diagnosis == "constant-factor"
    assert "32 times too large" in found.explanation


@pytest.mark.parametrize("kind", ["second_derivative", "hessian", "hvp", "jacobian", "vjp"])
def test_other_kinds_are_diagnosed(kind: str) -> None:
    cubes, on = (lambda x: np.sum(x**3)), {"x": "[1, 2]^(3)"}
    told = {
        "second_derivative": (lambda x: x**3, lambda x: 3 * x, {"x": "[1, 2]"}),
        "hessian": (cubes, lambda x: np.diag(3 * x), on),
        "hvp": (cubes, lambda x, v: 3 * x * v, on),
        "jacobian": (lambda x: x**2, lambda x: np.diag(x), on),
        "vjp": (lambda x: x**2, lambda x, g: x * g, on),
    }[kind]
    report = vf.verify(told[0], effort="quick", on=told[2], **{kind: told[1]})
    (found,) = (f for f in report.findings if f.rule == "wrong-derivative")
    assert found.diagnosis == "constant-factor"
    assert "2 times too small, exactly" in found.explanation


def test_a_diagnosis_is_quick() -> None:
    random = np.random.default_rng(0)
    inputs, weights = random.normal(size=(32, 50)), random.normal(size=(50, 40))

    def function(W, v):
        return np.sum(np.tanh(inputs @ W) @ v)

    def gradient(W, v):
        h = np.tanh(inputs @ W)
        return inputs.T @ (v * (1 + np.sin(h))), h.sum(axis=0)

    at = {"W": weights / 7, "v": random.normal(size=40)}
    start = time.process_time()
    report = vf.verify(function, gradient=gradient, at=at, effort="quick")
    assert report.verdict == "REFUTED"
    assert time.process_time() - start < 20  # seconds, of which a diagnosis may take 3


@pytest.mark.parametrize(("text", "value"), [
    ("32", lambda: arb(32)), ("-1", lambda: arb(-1)), ("1/32", lambda: arb(1) / 32),
    ("2/3", lambda: arb(2) / 3), ("1/3000", lambda: arb(1) / 3000),
    ("2 * pi", lambda: 2 * arb.pi()), ("sqrt(2/pi)", lambda: (2 / arb.pi()).sqrt()),
    ("-e", lambda: -arb.const_e()),
])
def test_numbers_are_named(text: str, value) -> None:
    with precision(128):
        name = name_of(value())
    assert name is not None and name.text == text


def test_a_number_without_a_name_has_none() -> None:
    with precision(128):
        assert name_of(arb("0.739085133215160641655312087673873404")) is None
        assert name_of(arb(32, 0.001)) is None


def test_a_sum_of_constants_is_identified() -> None:
    with precision(128):
        name = identified(arb.pi() + 2 * arb.const_e())
    assert name is not None and "pi" in name.text and "e" in name.text


def test_rewriting_shares_what_does_not_change() -> None:
    x = variable("x", (2,))
    kept, one = apply("sin", x), constant(1.0)
    (new,) = rewritten([kept + one], {one: constant(2.0)})
    assert new.inputs[0] is kept and float(new.inputs[1].params["value"]) == 2.0


def test_every_suspicion_has_a_plant() -> None:
    """A suspicion without a plant could be deleted unnoticed."""
    by_suspicion = {
        "special value": {"special-value"}, "moved entries": {"reversed", "rolled", "transposed"},
        "constant factor": {"constant-factor", "wrong-sign", "no-gradient"},
        "exchanged blocks": {"exchanged"}, "truncated constant": {"truncated-constant"},
        "extra term": {"extra-term", "missing-term"}, "lost path": {"lost-path"},
        "slope of an activation": {"missing-slope", "doubled-slope", "slope-at-output",
                                   "output-formula", "value-for-slope", "wrong-slope"},
        "wrong rule": {"missing-factor", "not-transposed", "wrong-mask", "wrong-axis",
                       "dropped-upstream", "diagonal-only"},
        "factor of an argument": {"missing-factor"}, "overwritten parts": {"overwritten"},
        "wrong operand": {"pre-activation"}, "scaled path": {"scaled-path"},
        "unnamed factor": {"constant-factor"}, "wrong piece": {"wrong-piece"},
        "misplaced entries": {"misplaced"}, "complement": {"complement"},
        "some entries": {"some-entries"},
    }
    assert by_suspicion.keys() == SUSPICIONS.keys()
    planted = {p.slug for p in PLANTS}
    assert not set().union(*by_suspicion.values()) - planted
    assert dataclasses.is_dataclass(Plant)


def test_a_quantity_of_one_sign_parts_no_pieces() -> None:
    """Near 0 the error is below rounding: that is no switch, and 1 + (x/s)^2 is never 0."""

    def loss(x: Any) -> Any:
        return np.log1p((x / 0.7) ** 2)

    def slope(x: Any) -> Any:
        return 2 * x / (0.49 + x * x * 1.0001)

    report = vf.verify(loss, on={"x": "[-5, 5]"}, derivative=slope)
    (found,) = report.findings
    assert found.rule == "wrong-derivative" and "right where" not in found.explanation
