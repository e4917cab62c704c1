"""The laws that make a proof true, each with its counter-example and the healthy twin beside it.

A plant is a claim that a careless engine proves, or refutes, although it must not: `never` lists
the verdicts that would break the law. A twin differs by little and is decided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.special
from flint import arb

import verifier as vf
from verifier.verdicts import Claim

PROVED, REFUTED = "PROVED", "REFUTED"
# x sigmoid(x) is least at -1.27846454276107379510935873902298 (by Lambert's W)


@dataclass(frozen=True)
class Law:
    """A function on a domain with a claim, and which verdicts are right or wrong."""

    law: int
    name: str
    function: Callable[..., Any]
    on: str | dict[str, str]
    claim: str
    never: tuple[str, ...] = ()
    verdict: str = ""


def plant(law: int, name: str, function: Any, on: Any, claim: str, *never: str,
          verdict: str = "") -> Law:
    return Law(law, name, function, on, claim, never or (PROVED,), verdict)


def twin(law: int, name: str, function: Any, on: Any, claim: str, verdict: str = PROVED) -> Law:
    return Law(law, f"{name} (twin)", function, on, claim, (), verdict)


def branches(x: Any) -> Any:
    if x > 0:
        return x
    return -x * x


def counted(x: Any) -> Any:
    return x * int(x)


def relu(x: Any) -> Any:
    return np.maximum(x, 0)


def silu(x: Any) -> Any:
    return x * scipy.special.expit(x)


def rises(x: Any) -> Any:
    return (x > 0) * np.sqrt(x)


def guarded(x: Any) -> Any:
    return np.where(x > 0, np.sqrt(x), 0.0)


def hidden_zero(x: Any) -> Any:
    return np.where(np.exp(np.log(x)) - x > 0, x + 1, x)


def least(x: Any, y: Any) -> Any:
    return np.minimum(np.abs(x), np.abs(y))


BOTH = {"x": "[-1, 1]", "y": "[-1, 1]"}
LAWS = [
    # 1: box texts are exact decimals, proofs enclose them outward, witnesses lie inside
    plant(1, "a kink at float 0.3 is inside [0, 3/10]", lambda x: relu(x - 0.3), "[0, 0.3]", "C1"),
    plant(1, "float 0.1 is outside [0, 1/10]", lambda x: x, "[0, 0.1]", "f <= 0.1", REFUTED),
    twin(1, "a kink outside", lambda x: relu(x - 0.3), "[0, 0.25]", "C1"),
    twin(1, "a float inside", lambda x: x, "[0, 0.125]", "f <= 0.1", REFUTED),
    # 2: a constant is its stored value; what only rounding tells apart is never refuted
    plant(2, "float 0.1 is above 1/10", lambda x: 0.1 * x, "[0, 1]", "f <= 0.1"),
    plant(2, "a jump of one rounded constant", lambda x: np.where(x > 1, 0.1 * x, x / 10),
          "[0, 2]", "C0", PROVED, REFUTED),
    twin(2, "an eighth is exact", lambda x: 0.125 * x, "[0, 1]", "f <= 0.125"),
    twin(2, "no jump", lambda x: np.where(x > 1, 0.125 * x, x / 8), "[0, 2]", "C0"),
    # 4: every argument at which a row is not analytic is a guard
    plant(4, "sqrt at 0", lambda x: np.sqrt(x), "[0, 1]", "C1", verdict=REFUTED),
    plant(4, "a norm at 0", lambda x, y: np.hypot(x, y), BOTH, "C1"),
    plant(4, "the cut of arctan2", lambda x, y: np.arctan2(y, x - 1), BOTH, "C0"),
    twin(4, "sqrt beside 0", lambda x: np.sqrt(x), "[0.25, 1]", "Cinf"),
    twin(4, "a norm beside 0", lambda x, y: np.hypot(x + 2, y), BOTH, "Cinf"),
    twin(4, "beside the cut", lambda x, y: np.arctan2(y, x + 2), BOTH, "C0"),
    plant(4, "a value at an end that is no limit", lambda x: np.arctan2(x, -1.0), "[-1, 0)",
          "f >= 3", verdict=REFUTED),
    plant(4, "x mod 1 nears 1", lambda x: np.mod(x, 1.0), "[0, 1]", "f <= 0.9", verdict=REFUTED),
    plant(4, "so does what it decides", lambda x: np.where(np.mod(x, 1.0) >= 0.99, 5.0, 1.0),
          "[0, 1]", "f <= 2", verdict=REFUTED),
    plant(4, "arccos is a root at 1", lambda x: np.arccos(1 - x * x), "[-1, 1]", "C1",
          verdict=REFUTED),
    twin(4, "below the half circle", lambda x: np.arctan2(x, -1.0), "[-1, 0)", "f <= -2.356"),
    twin(4, "x mod 1 below 1", lambda x: np.mod(x, 1.0), "[0, 1]", "f <= 1"),
    twin(4, "the root of a square's square", lambda x: np.arccos(1 - x**4), "[-1, 1]", "C1"),
    # 5: a path is no function of the box
    plant(5, "if x > 0: x, else -x x", branches, "[-1, 1]", "convex"),
    plant(5, "a number made an int", counted, "[0.5, 1.5]", "C0"),
    twin(5, "one branch", branches, "[0.5, 1]", "convex"),
    twin(5, "the other branch", branches, "[-1, -0.5]", "concave"),
    # 8: a zero is structural only where a strictly signed guard makes it
    plant(8, "0 times nan", rises, "[-1, 1]", "C0"),
    plant(8, "0 times nan has no bound", rises, "[-1, 1]", "f <= 1"),
    twin(8, "a guarded root", guarded, "[-1, 1]", "C0"),
    twin(8, "a guarded root has a bound", guarded, "[-1, 1]", "f <= 1"),
    # 9: a ball that contains 0 is not 0
    plant(9, "exp(log x) - x is never certified", hidden_zero, "[1, 2]", "C0", REFUTED),
    twin(9, "x - 3/2 is", lambda x: np.where(x - 1.5 > 0, x + 1, x), "[1, 2]", "C0", REFUTED),
    # 10: differentiable at a kink only if all pieces say so
    plant(10, "min(|x|, |y|) is flat along every axis", least, BOTH, "C1", verdict=REFUTED),
    twin(10, "a kink that cancels", lambda x: relu(x) - relu(-x), "[-1, 1]", "C1"),
    twin(10, "no kink", lambda x, y: np.abs(x) ** 2 + np.abs(y) ** 2, BOTH, "C1"),
    # 12: kinks no float can hit
    plant(12, "relu(3x - 1)", lambda x: relu(3 * x - 1), "[0, 1]", "C1", verdict=REFUTED),
    plant(12, "relu(x x - 2)", lambda x: relu(x * x - 2), "[0, 2]", "C1", verdict=REFUTED),
    twin(12, "beside it", lambda x: relu(3 * x - 1), "[0.34, 1]", "C1"),
    twin(12, "a smooth joint", lambda x: relu(4 * x - 1) ** 2, "[0, 1]", "C1"),
    # 13: C^k on the domain's relative interior, with a continuous extension; norms as named
    plant(13, "no extension to 0", lambda x: x * np.log(x), "[1e-300, 1]", "1-Lipschitz"),
    plant(13, "Euclidean unless said", lambda x, y: x + y, BOTH, "1-Lipschitz", verdict=REFUTED),
    twin(13, "a kink at the end is none", np.abs, "[0, 1]", "Cinf"),
    twin(13, "by the 1-norm", lambda x, y: x + y, BOTH, "1-Lipschitz (1)"),
    # 14: slopes prove nothing of what may jump
    plant(14, "floor has slope 0", np.floor, "[0, 2]", "0-Lipschitz", verdict=REFUTED),
    plant(14, "x - floor x rises everywhere", lambda x: x - np.floor(x), "[0, 2]",
          "increasing in x", verdict=REFUTED),
    plant(14, "floor falls nowhere by slope", np.floor, "[0, 2]", "decreasing in x",
          verdict=REFUTED),
    twin(14, "a constant", lambda x: 0 * x + 2, "[0, 2]", "0-Lipschitz"),
    twin(14, "between the steps", lambda x: x - np.floor(x), "[0.25, 0.75]", "increasing in x"),
    # 15: kinks by sign only; defined, finite and continuous on the whole closed domain
    plant(15, "-|x|", lambda x: -np.abs(x), "[-1, 1]", "convex", verdict=REFUTED),
    plant(15, "a kink is never made up for", lambda x: 10 * x * x - np.abs(x), "[-1, 1]", "convex",
          verdict=REFUTED),
    plant(15, "a jump at the end", lambda x: np.floor(x), "[0, 1]", "concave"),
    plant(15, "a pole at the end", lambda x: 1 / x, "[0, 1]", "convex"),
    plant(15, "too strongly", lambda x: x * x / 2, "[-1, 1]", "1.001-strongly convex",
          verdict=REFUTED),
    twin(15, "|x|", np.abs, "[-1, 1]", "convex"),
    twin(15, "x x + |x|", lambda x: x * x + np.abs(x), "[-1, 1]", "convex"),
    twin(15, "no pole", lambda x: 1 / x, "[0.125, 1]", "convex"),
    twin(15, "as strongly as it is", lambda x: x * x / 2, "[-1, 1]", "1-strongly convex"),
    # 16: budgets are conditional
    plant(16, "gammaln near its zero", scipy.special.gammaln, "[1.5, 2.5]", "12 digits"),
    plant(16, "a cancellation", lambda x: (1 + x) - 1, "[1e-9, 1e-8]", "12 digits",
          verdict=REFUTED),
    plant(16, "an overflow", lambda x: np.exp(x), "[0, 1000]", "finite"),
    twin(16, "no cancellation", lambda x: (1 + x) * x, "[1e-9, 1e-8]", "12 digits", "PASSED"),
    # 18: edges of the table are exact or enclosed; an identity keeps its domain
    plant(18, "silu turns just inside", silu, "[-1.27846454276108, 0]", "increasing in x"),
    plant(18, "exp(log x) is no x below 0", lambda x: np.exp(np.log(x)), "[-1, 1]", "f <= 1"),
    plant(18, "sqrt(x x) is no x", lambda x: np.sqrt(x * x), "[-1, 1]", "C1", verdict=REFUTED),
    plant(18, "an eps is no identity", lambda x: np.log(1 + 1e-9 + np.exp(x)), "[-1, 0]",
          "f <= 0.69314718056"),
    twin(18, "silu turns just outside", silu, "[-1.27846454276107, 0]", "increasing in x"),
    twin(18, "exp(log x) above 0", lambda x: np.exp(np.log(x)), "[0.5, 1]", "f <= 1.0000001"),
    twin(18, "softplus", lambda x: np.log(1 + np.exp(x)), "[-1, 0]", "f <= 0.69314718056"),
    # 19: nan, infinity, unknown operations and spent budgets never prove
    plant(19, "no value on half the domain", np.sqrt, "[-1, 1]", "C0"),
    plant(19, "nor after a product with 0", lambda x: 0 * np.sqrt(x), "[-1, 1]", "C0"),
    plant(19, "a slope where there is no value", lambda x: np.floor(np.sqrt(x)), "[-1, 1]",
          "df/dx <= 1"),
    plant(19, "no value at one number", lambda x: x / x, "[0, 1]", "df/dx <= 0"),
    plant(19, "a slope that is 0 by structure", lambda x, y: np.arcsin(2 * y) + 0 * x, BOTH,
          "df/dx <= 0"),
    twin(19, "a value at every number", lambda x: x / x, "[0.5, 1]", "df/dx <= 0"),
    plant(19, "a nan constant", lambda x: x * np.nan, "[-1, 1]", "f <= 1"),
    plant(19, "nan on half the domain", lambda x: np.log(x) * 0, "[-1, 1]", "f <= 1"),
    plant(19, "infinite at the end", lambda x: 1 / x, "[0, 1]", "f >= 0"),
    plant(4, "0^x is 1 at 0", lambda x: 0.0**x, "[0, 1]", "f <= 0.5", verdict=REFUTED),
    plant(4, "0^x jumps", lambda x: 0.0**x, "[0, 1]", "C0"),
    plant(19, "(-2)^x is no number between", lambda x: np.power(-2.0, x), "[0, 1]", "C0"),
    plant(19, "nor is (x - 3)^x", lambda x: np.power(x - 3, x), "[0, 2]", "C0"),
    twin(19, "(x + 3)^x is", lambda x: np.power(x + 3, x), "[0, 2]", "C0"),
    plant(19, "nan is no number's equal", lambda x: np.where(np.log(x) == np.log(x), x, 5.0),
          "[-1, 1]", "f <= 1"),
    plant(19, "nor is 1/0", lambda x: np.where(1 / x >= 1 / x, x, 5.0), "[-1, 1]", "C0"),
    twin(19, "a number is", lambda x: np.where(np.log(x) == np.log(x), x, 5.0), "[0.5, 1]",
         "f <= 1"),
    plant(19, "an infinite constant", lambda x: x + np.inf, "[-1, 1]", "f >= 0"),
    plant(19, "an infinite constant is not continuous", lambda x: x + np.inf, "[-1, 1]", "C1"),
    plant(19, "nor does it rise", lambda x: x + np.inf, "[-1, 1]", "increasing in x"),
    twin(19, "a mask of -inf leaves a number", lambda x: np.maximum(x, -np.inf), "[-1, 1]", "C1"),
    plant(19, "inf - inf", lambda x: np.exp(1e6 + x) - np.exp(1e6 + x), "[0, 1]", "f >= 0.5"),
    plant(19, "an operation unknown", lambda x: scipy.special.kv(1.0, x), "[1, 2]", "f >= 0"),
    twin(19, "log above 0", lambda x: np.log(x) * 0, "[0.5, 1]", "f <= 1"),
    twin(19, "1/x above 0", lambda x: 1 / x, "[0.5, 1]", "f >= 0"),
]  # fmt: skip


def decided(function: Callable[..., Any], on: Any, claim: str, **told: Any) -> Claim:
    domain = on if isinstance(on, dict) else {"x": on}
    named = function if not isinstance(function, np.ufunc) else lambda x: function(x)
    (check,) = vf.verify(named, on=domain, claims=[claim], budget=4.0, effort="quick",
                         **told).checks
    assert not check.error, check.error
    return next(c for c in check.claims if c.claim == claim)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("law", LAWS, ids=lambda law: f"{law.law}: {law.name}")
def test_no_law_is_broken(law: Law) -> None:
    found = decided(law.function, law.on, law.claim)
    assert found.verdict.value not in law.never, found.reason
    if law.verdict:
        assert found.verdict.value == law.verdict, found.reason
    if found.verdict.value == PROVED:
        assert found.certificate or found.reason
    if found.verdict.value == REFUTED:
        assert found.findings and found.findings[0].witness is not None


def test_law_1_a_witness_lies_in_the_box_as_written() -> None:
    found = decided(lambda x: x, "[0.1, 0.3]", "f <= 0.2")
    (point,) = (f.witness.point["x"] for f in found.findings if f.witness)
    inside = [Fraction(float.fromhex(h)) for h in point.hex]
    assert all(Fraction(1, 5) < x <= Fraction(3, 10) for x in inside)


# 11: membership by the hull of the pieces' gradients, never by directional derivatives of f
@pytest.mark.parametrize(("answer", "rule", "verdict"), [
    (0.0, "one-sided-derivative", "PASSED"), (0.5, "one-sided-derivative", "PASSED"),
    (-1.0, "one-sided-derivative", "PASSED"), (1.5, "not-a-subgradient", "REFUTED"),
])
def test_law_11_of_minus_abs(answer: float, rule: str, verdict: str) -> None:
    (check,) = vf.verify(
        lambda x: -np.abs(x), at=[np.array(0.0)],
        gradient=lambda x: np.where(x == 0, answer, -np.sign(x))).checks
    assert check.verdict.value == verdict
    assert rule in [f.rule for c in check.claims for f in c.findings]


def test_law_10_a_slope_along_every_axis_is_no_gradient() -> None:
    (check,) = vf.verify(least, at={"x": np.array(0.0), "y": np.array(0.0)},
                         gradient=lambda x, y: (0 * x, 0 * y)).checks
    assert [f.rule for c in check.claims for f in c.findings][:1] == ["one-sided-derivative"]
    (check,) = vf.verify(least, at={"x": np.array(0.0), "y": np.array(0.0)},
                         gradient=lambda x, y: (0 * x + 2, 0 * y)).checks
    assert check.verdict.value == "REFUTED"


def test_law_13_a_relu_net_is_not_flat_in_all_its_weights_jointly() -> None:
    def net(x: Any, w: Any, v: Any) -> Any:
        return np.sum(relu(x * w) * v)

    point = {"x": np.array([0.5, 1.0]), "w": np.array([1.0, -1.0]), "v": np.array([1.0, 2.0])}
    for wrt, flat in ((["x"], True), (["w"], True), (["w", "v"], False), (["x", "v"], False)):
        report = vf.inspect(net, at=point, wrt=wrt)
        assert ("flat-curvature" in [f.rule for f in report.findings]) is flat


def test_law_19_a_nan_overlaps_everything_and_agrees_with_nothing() -> None:
    assert arb("nan").overlaps(arb(1))  # the trap itself
    (check,) = vf.verify(lambda x: np.log(x), at=[np.array(-1.0)], gradient=lambda x: 1 / x).checks
    assert check.verdict.value not in ("PASSED", "PROVED")


def test_law_19_a_spent_budget_proves_nothing() -> None:
    def wild(x: Any) -> Any:
        return np.sum(np.sin(40 * x) * np.cos(30 * x[::-1])) * 1e-3

    report = vf.verify(wild, on={"x": "[-1, 1]^(6)"}, claims=["f <= 0.0059"], budget=0.2,
                       effort="quick")
    (found,) = (c for c in report.checks[0].claims if c.claim == "f <= 0.0059")
    assert found.verdict.value in ("UNDECIDED", "REFUTED")
    assert found.reason or found.not_checked
