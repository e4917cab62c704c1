"""Tiny, huge and broken: what must not crash a check, and what the opaque road notes."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np
import pytest
from flint import arb

import verifier as vf
from verifier import diagnosis
from verifier.diagnosis.naming import name_of
from verifier.diagnosis.quick import as_floats, middles
from verifier.frontends.from_numpy.namespaces import user_namespaces
from verifier.numerals.digits import Digits
from verifier.numerals.tokens import ZERO
from verifier.oracles.finite_difference import KINK, finite_difference
from verifier.oracles.noise import quantum


def told(report: Any) -> list[str]:
    return [f.rule for c in report.checks for claim in c.claims for f in claim.findings]


@pytest.mark.parametrize("steps", [0, 1])
def test_no_stairs_are_seen_in_no_steps(steps: int) -> None:
    height, tried = quantum(lambda t: np.zeros(2), np.ones(steps), np.ones((steps, 2)), np.ones(2))
    assert height.tolist() == [0.0, 0.0] and tried == 0


@pytest.mark.parametrize("x", [5e-324, 1e-310, 1e-300, 1e150, 1e300, -1.7e308])
@pytest.mark.parametrize("opaque", [False, True])
def test_tiny_and_huge_inputs_warn_of_nothing(x: float, opaque: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vf.verify(lambda x: x * np.sin(x) ** 2, at={"x": x}, derivative=lambda x: 3 * x,
                  opaque=opaque)


@pytest.mark.parametrize("number", [arb(10) ** 400, -(arb(10) ** 400), arb(2) ** -3000, arb("inf")])
def test_a_number_beyond_floats_has_no_name(number: Any) -> None:
    assert name_of(number) is None


def test_blocks_without_axes_are_floats() -> None:
    absent = np.empty((), dtype=object)
    absent[()] = ZERO
    for block in (absent, ZERO, np.array([ZERO, 0.0], dtype=object)):
        assert not as_floats(block).any() and as_floats(block).dtype == float
    assert middles(np.array(arb(3), dtype=object)) == 3.0


def test_a_diagnosis_that_fails_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(fault: Any, labels: Any) -> Any:
        raise TypeError("out of order")

    def check() -> Any:
        return vf.verify(lambda x: x**3, at={"x": 2.0}, derivative=lambda x: x).checks[0].claims[0]

    monkeypatch.setattr(diagnosis, "SUSPICIONS", {"broken": broken})
    claim = check()
    assert claim.verdict == "REFUTED" and claim.findings[0].diagnosis is None
    assert any("broken: TypeError: out of order" in n for n in claim.evidence.notes)


def test_the_finite_difference_says_where_it_met_a_kink() -> None:
    found = finite_difference(lambda t: np.array([abs(t), t]), dtype="float64", scale=1.0)
    assert KINK in found.notes and found.kinked is not None
    assert found.kinked.tolist() == [True, False]


def test_a_kink_is_noted_on_the_opaque_road() -> None:
    def at(x: float) -> list[str]:
        return told(vf.verify(lambda x: abs(x), at={"x": x}, derivative=lambda x: np.sign(x),
                              opaque=True))

    assert at(0.0) == ["kink"] and at(1.0) == []


def test_an_infinite_slope_is_told() -> None:
    with np.errstate(all="ignore"):
        cube = vf.verify(lambda x: np.cbrt(x), at={"x": 0.0},
                         derivative=lambda x: 1 / (3 * np.cbrt(x) ** 2))
        square = vf.verify(lambda x: np.sqrt(x), on={"x": "[0, 4]"},
                           derivative=lambda x: 0.5 / np.sqrt(x))
    assert told(cube) == ["infinite-slope"] and "infinite-slope" in told(square)


def test_modules_that_come_and_go_are_seen() -> None:
    before = {id(space) for space in user_namespaces(told)}
    module = type(sys)("a_module_of_this_test")
    module.__file__ = __file__
    sys.modules[module.__name__] = module
    try:
        during = {id(space) for space in user_namespaces(told)}
    finally:
        del sys.modules[module.__name__]
    assert during - before == {id(vars(module))}
    assert {id(space) for space in user_namespaces(told)} == before


def test_digits_of_one_length_share_a_context() -> None:
    assert Digits(41).context is Digits(41).context is not Digits(42).context
    assert (Digits(41).context.dps, Digits(42).context.dps) == (41, 42)
