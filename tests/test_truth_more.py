"""Further activations and losses, decided by the engine: classes, kinks, monotony, bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special

import verifier as vf
from verifier.readers.scalar_settle import Settler

from .test_activation_truth import view_of_function
from .truth_more import ROWS
from .truth_table import smoothness_claims

NAMES = {k: getattr(scipy.special, k)
         for k in ("erf", "expit", "ndtr", "ndtri", "gammaln", "digamma")}
BY_NAME = pytest.mark.parametrize("row", ROWS, ids=lambda r: r[0])
# What is true but not decided: a slope that touches 0 at irrational places, a choice at the place
# where a quotient is 0/0, constants rounded before f is called, steps that cancel.
OPEN = {
    ("digamma", "strictly increasing in x"),
    ("wing(1,0.5)", "C0"), ("mod 1 triangle", "C0"),
}
BOUNDED = (
    "gelu(erf)", "gelu_new", "isru(alpha=0.25)", "sinc", "gabor", "tanhexp", "gompertz",
    "sqrt softplus", "snake(a=1)", "softsign", "celu(1.3)", "smootherstep", "|x|^(2/3)",
    "log^2", "inverse softplus", "binary entropy", "bce logits stable t=0.25",
    "focal prob gamma=1.5", "ppo clip", "michaelis",
)
MONOTONE = {
    "strict": {"strictly increasing in x": "PROVED", "decreasing in x": "REFUTED"},
    "increasing": {"increasing in x": "PROVED", "strictly increasing in x": "REFUTED"},
    "decreasing": {"decreasing in x": "PROVED", "strictly decreasing in x": "REFUTED"},
    "strictly decreasing": {"strictly decreasing in x": "PROVED", "increasing in x": "REFUTED"},
    "none": {"increasing in x": "REFUTED", "decreasing in x": "REFUTED"},
}


def function(formula: str) -> Callable[[Any], Any]:
    scope: dict[str, Any] = {"np": np, **NAMES}
    exec(f"def subject(x):\n    return {formula}\n", scope)
    made: Callable[[Any], Any] = scope["subject"]
    return made


def decided(row: Any, claims: list[str]) -> dict[str, str]:
    (check,) = vf.verify(function(row[1]), on={"x": row[2]}, claims=claims, budget=120.0).checks
    assert not check.error, check.error
    return {c.claim: c.verdict.value for c in check.claims if c.claim in claims}


@BY_NAME
def test_classes_and_monotony(row: Any) -> None:
    wanted = smoothness_claims({"smoothness": row[4]}) | MONOTONE[row[5]]
    found = decided(row, list(wanted))
    for claim, verdict in wanted.items():
        open_ = (row[0], claim) in OPEN or (row[0], claim.removeprefix("not ")) in OPEN
        assert found[claim] == ("UNDECIDED" if open_ else verdict), claim


@BY_NAME
def test_kinks_in_place_and_order(row: Any) -> None:
    from verifier.checks.smoothness import meetings_of

    if any(name == row[0] for name, _ in OPEN):
        pytest.skip("not all of its places are decided")
    view = view_of_function(function(row[1]), row[2])
    found = [(float(m.joint.low), m.differs) for m in meetings_of(view, 4, Settler())
             if m.differs is not None]
    assert [order for _, order in found] == [order for _, order in row[3]]
    for (at, _), (stated, _) in zip(found, row[3], strict=True):
        assert abs(at - stated) <= 1e-15 * max(1.0, abs(stated))  # constants as stored in floats


@pytest.mark.parametrize("row", [r for r in ROWS if r[0] in BOUNDED], ids=lambda r: r[0])
def test_slopes_are_bounded_to_a_millionth(row: Any) -> None:
    wanted = {}
    for name, (low, high) in (("df/dx", row[7]), ("d2f/dx2", row[8])):
        for text, sign, side in ((low, -1, ">="), (high, 1, "<=")):
            if text.endswith("oo"):
                wanted[f"{name} {side} {sign * 30}"] = "REFUTED"
                continue
            slack = sign * max(1.0, abs(float(text))) / 10**6
            wanted[f"{name} {side} {float(text) + slack!r}"] = "PROVED"
            wanted[f"{name} {side} {float(text) - slack!r}"] = "REFUTED"
    assert decided(row, list(wanted)) == wanted


def test_the_rows_are_many_and_named_once() -> None:
    assert len({r[0] for r in ROWS}) == len(ROWS) > 250
    assert set(BOUNDED) <= {r[0] for r in ROWS}
