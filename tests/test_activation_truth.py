"""The table of published activations and losses, decided by the engine and not by a look-up."""

from __future__ import annotations

from typing import Any

import pytest

import verifier as vf
from verifier.checks.scalar_view import ScalarView, scalar_view
from verifier.checks.smoothness import meetings_of
from verifier.claims import parse
from verifier.readers.scalar_settle import Settler

from .truth_table import (
    SCALAR,
    bound_claims,
    curvature_claims,
    domain,
    function,
    monotone_claims,
    places,
    smoothness_claims,
    source,
)

BY_NAME = pytest.mark.parametrize("entry", SCALAR, ids=lambda e: e["name"])


def decided(entry: dict[str, Any], claims: list[str]) -> dict[str, str]:
    report = vf.verify(function(entry), on={"x": domain(entry)}, claims=claims, budget=120.0)
    (check,) = report.checks
    assert not check.error, check.error
    return {c.claim: c.verdict.value for c in check.claims if c.claim in claims}


def view_of(entry: dict[str, Any]) -> ScalarView:
    return view_of_function(function(entry), domain(entry))


def view_of_function(subject: Any, on: str) -> ScalarView:
    from verifier.checks.plan import plan
    from verifier.checks.request import Request
    from verifier.checks.stops import Stops

    request = Request("check", subject, on={"x": on})
    found = scalar_view(request, parse("C0"), Stops(request, plan(request), float("inf")))
    assert isinstance(found, ScalarView), found
    return found


@BY_NAME
def test_smoothness_and_monotony_are_decided(entry: dict[str, Any]) -> None:
    wanted = smoothness_claims(entry) | monotone_claims(entry)
    assert decided(entry, list(wanted)) == wanted


@BY_NAME
def test_derivative_bounds_are_proved_and_refuted_a_millionth_off(entry: dict[str, Any]) -> None:
    wanted = bound_claims(entry)
    if wanted:
        assert decided(entry, list(wanted)) == wanted


@BY_NAME
def test_kinks_are_found_in_place_and_order(entry: dict[str, Any]) -> None:
    found = [(float(m.joint.low), m.differs) for m in meetings_of(view_of(entry), 4, Settler())
             if m.differs is not None]
    expected = places(entry)
    assert [order for _, order in found] == [order for _, order in expected]
    for (at, _), (stated, _) in zip(found, expected, strict=True):
        assert abs(at - stated) <= 4e-16 * max(1.0, abs(stated))  # constants as stored in floats


@BY_NAME
def test_curvature_is_decided(entry: dict[str, Any]) -> None:
    wanted = curvature_claims(entry)
    assert decided(entry, list(wanted)) == wanted


def test_formulas_become_numpy() -> None:
    assert source("Max(x, 0)**2") == "np.maximum(x, 0) ** 2"
    assert source("Piecewise((x, x > 0), (exp(x) - 1, True))") == (
        "np.where(x > 0, x, np.exp(x) - 1)")
