"""Findings about the function itself, evaluated again by flint: orders, slopes, bounds, kinks."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

import verifier as vf
from verifier.certificate import replay_finding
from verifier.exact import tensor
from verifier.verdicts import Check, Claim, Finding

LINE, SQUARE = {"x": "[-2, 2]"}, {"x": "[-2, 2]^(2)"}


def hump(x: Any) -> Any:
    return np.exp(-x * x)


def angle(x: Any) -> Any:
    return np.arccos(x / 2)


def steps(x: Any) -> Any:
    return np.round(x * 4) / 4


def hinge(x: Any) -> Any:
    return np.maximum(3 * x - 1, 0)


def joined(x: Any) -> Any:
    return np.where(x > 0.5, x, x * x)


def net(x: Any) -> Any:
    return np.sum(np.maximum(np.array([[1.0, 2.0], [0.3, -1.0]]) @ x, 0))


def corner(x: Any) -> Any:
    return np.maximum(x[0], x[1]) + np.abs(x[0])


def pair(x: Any) -> Any:
    return np.array([x[0] * x[1], x[0] ** 2])


CASES = [
    (hump, LINE, "increasing in x", "not-monotone"),
    (hump, LINE, "0.5-Lipschitz", "lipschitz-exceeded"),
    (hump, LINE, "f <= 0.9", "out-of-bounds"),
    (hump, LINE, "df/dx <= 0.8", "out-of-bounds"),
    (hump, LINE, "d2f/dx2 >= -1.9", "out-of-bounds"),
    (angle, LINE, "strictly increasing in x", "not-monotone"),
    (steps, LINE, "C0", "jump"),
    (hinge, LINE, "C1", "kink"),
    (joined, LINE, "C1", "jump"),
    (net, SQUARE, "C1", "kink"),
    (net, SQUARE, "2-Lipschitz (inf) in x", "lipschitz-exceeded"),
    (corner, SQUARE, "C1", "kink"),
    (corner, SQUARE, "increasing in x", "not-monotone"),
    (corner, SQUARE, "1-Lipschitz (1) in x", "lipschitz-exceeded"),
    (pair, SQUARE, "f <= 2", "out-of-bounds"),
    (pair, SQUARE, "1-Lipschitz", "lipschitz-exceeded"),
]
NAMES = [f"{f.__name__}-{claim}" for f, _, claim, _ in CASES]


def found(function: Any, on: dict[str, str], claim: str) -> tuple[Check, Claim, Finding]:
    (check,) = vf.verify(function, on=on, claims=[claim]).checks
    assert not check.error, check.error
    (told,) = (c for c in check.claims if c.claim == claim)
    return check, told, told.findings[0]


@pytest.mark.parametrize(("function", "on", "claim", "rule"), CASES, ids=NAMES)
def test_a_witness_about_the_function_is_reproduced(
    function: Any, on: dict[str, str], claim: str, rule: str
) -> None:
    check, told, finding = found(function, on, claim)
    assert finding.rule == rule
    good, text = replay_finding(check, told, finding)
    assert good, text


@pytest.mark.parametrize(("function", "on", "claim", "rule"), CASES, ids=NAMES)
def test_a_witness_that_was_moved_is_not(
    function: Any, on: dict[str, str], claim: str, rule: str
) -> None:
    """At 0.25 and 0.375 none of these functions breaks its claim."""
    check, told, finding = found(function, on, claim)
    witness = finding.witness
    assert witness is not None
    shape = (2,) if on is SQUARE else ()
    first, second = ({"x": tensor(np.full(shape, v))} for v in (0.25, 0.2578125))
    if function is hump and claim.startswith(("incr", "d2f", "0.5", "f")):
        first, second = ({"x": tensor(np.full(shape, v))} for v in (-1.75, -1.625))
    if function is angle:
        first, second = second, first
    moved = msgspec.structs.replace(
        witness, point=first, second_point=second if witness.second_point else {}, direction={},
        **({"weight": "1/3"} if witness.weight else {}))
    good, text = replay_finding(check, told, msgspec.structs.replace(finding, witness=moved))
    assert not good, text


def test_a_number_that_was_changed_is_noticed() -> None:
    check, told, finding = found(hump, LINE, "increasing in x")
    assert finding.witness is not None
    numbers = {**finding.witness.numbers, "f(x)": "[0.75 +/- 1e-20]"}
    witness = msgspec.structs.replace(finding.witness, numbers=numbers)
    good, text = replay_finding(check, told, msgspec.structs.replace(finding, witness=witness))
    assert not good and "f(x): the report says" in text


def test_a_point_outside_the_domain_refutes_nothing() -> None:
    check, told, finding = found(hump, LINE, "increasing in x")
    assert finding.witness is not None
    points = ({"x": tensor(np.float64(v))} for v in (2.5, 3.0))
    point, second = points
    witness = msgspec.structs.replace(finding.witness, point=point, second_point=second)
    good, text = replay_finding(check, told, msgspec.structs.replace(finding, witness=witness))
    assert not good and "outside the domain" in text
