"""Documents built by hand for the renderers' tests: every verdict, severity and odd text."""

from __future__ import annotations

import math

import numpy as np

from verifier.exact import enclosure, real, tensor
from verifier.verdicts import (
    FORMAT,
    Check,
    Claim,
    Document,
    Evidence,
    Finding,
    Origin,
    Severity,
    StepCurve,
    Verdict,
    Witness,
)

SCRIPT = "<script>alert(1)</script>"
ODD = (
    f"{SCRIPT}&\"'`\x00\x1b[31m\x7f\x9b\n\r\t\u202e\u2028\ud800 "
    "日本語 😀 {{7*7}} {% raw %} ]]> -->"
)


def step_curve(truth: float = 0.6, kind: str = "smooth") -> StepCurve:
    """Return central differences of a function with this slope: truncation, then cancellation."""
    steps = [10.0**-power for power in np.arange(1, 13, 0.5)]
    values = [truth + 0.3 * step**2 + 8e-17 * math.cos(9 / step) / step for step in steps]
    if kind == "odd":
        values[3], values[7], values[9] = math.nan, math.inf, -math.inf
    errors = [0.31 * step**2 + 1.1e-16 / step for step in steps]
    return StepCurve(tuple(steps), tuple(values), tuple(errors))


def wrong_gradient(id: str = "two-layer.gradient.W2") -> Finding:
    """Return a gradient 32 times too large at one component of W2."""
    truth = "0.60217839500119324421873310927615201"
    point = {"W1": tensor(np.linspace(-1, 1, 24).reshape(8, 3)), "W2": tensor(np.ones((4, 2)))}
    return Finding(
        id,
        "wrong-derivative",
        Severity.ERROR,
        "grad W2 is 32 times too large, exactly: the forward averages over the batch of 32, the "
        "backward does not",
        argument="W2",
        index=(3, 1),
        origin=Origin("examples/two_layer.py", 41, "    dW2 = hidden.T @ (probabilities - target)"),
        witness=Witness(
            point=point,
            claimed=real(float(truth) * 32),
            formula=enclosure("19.269708640038183815", "3.1e-34"),
            finite_difference=real(float(truth) + 3e-11),
            finite_difference_error=real(9e-11),
            mpmath="0.6021783950011932442187331092761520145501",
            ball=enclosure(truth, "4.4e-36"),
            numbers={"claimed / truth": "32"},
            curve=step_curve(float(truth)),
            relative_error=31.0,
            norm_error=0.93,
        ),
        remedy="Divide by the batch size: dW2 = hidden.T @ (probabilities - target) / len(target).",
        diagnosis="constant-factor",
    )


def one_sided() -> Finding:
    """Return relu' at 0: the claim answers one of the two slopes."""
    return Finding(
        "relu.derivative.kink",
        "one-sided-derivative",
        Severity.NOTE,
        "relu has no derivative at x = 0: the slope is 0 below and 1 above; the claim returns 1",
        argument="x",
        index=(0,),
        origin=Origin("examples/activations.py", 12, "    return (x >= 0).astype(float)"),
        witness=Witness(
            point={"x": tensor([0.0])},
            claimed=real(1.0),
            finite_difference=real(0.5),
            finite_difference_error=real(0.5),
            left=enclosure("0", "0"),
            right=enclosure("1", "0"),
            direction={"x": tensor([1.0])},
        ),
        remedy="Nothing need change; say which side you mean in the docstring.",
    )


def truncated() -> Finding:
    """Return the second derivative of the sigmoid with e typed as 2.718."""
    return Finding(
        "sigmoid.second_derivative.e",
        "truncated-constant",
        Severity.ERROR,
        "dsigmoid2 keeps 3.3 digits: it uses 2.718 where e = 2.718281828459045 belongs",
        argument="x",
        index=(),
        origin=Origin("examples/sigmoid.py", 3, "e = 2.718"),
        witness=Witness(
            point={"x": tensor(1.5)},
            claimed=real(-0.09473211),
            finite_difference=real(-0.0946983),
            finite_difference_error=real(2e-6),
            mpmath="-0.09470095",
            ball=enclosure("-0.0947009517", "3e-11"),
            curve=step_curve(-0.0947009517, "odd"),
            relative_error=3.3e-4,
            digits=3.3,
        ),
        remedy="Write np.exp(x), or np.e for the constant.",
        diagnosis="truncated-constant",
        expected=True,
    )


def jensen() -> Finding:
    """Return a chord that lies below the graph."""
    return Finding(
        "swish.convex",
        "not-convex",
        Severity.ERROR,
        "swish is not convex: at the middle of [-6, -2] it lies above its chord by 0.056",
        argument="x",
        witness=Witness(
            point={"x": tensor([-6.0])},
            second_point={"x": tensor([-2.0])},
            weight="1/2",
            numbers={
                "f(x)": "-0.01483573896",
                "f(y)": "-0.23840584404",
                "f(tx+(1-t)y)": "-0.07194483984",
                "gap": "0.05467595166",
            },
        ),
        remedy="Drop the claim, or claim it where it holds: on x >= 0.",
    )


def nothing_is_finite() -> Finding:
    """Return a witness in which every number is nan, infinite, or a signed zero."""
    nan, inf = real(math.nan), real(-math.inf)
    values = np.array([math.nan, math.inf, -math.inf, -0.0])
    return Finding(
        "odd.nan",
        "nan-derivative",
        Severity.WARNING,
        ODD,
        argument=ODD,
        index=(0,),
        origin=Origin(ODD, 1, ODD),
        witness=Witness(
            point={ODD: tensor(values), "": tensor(values.astype(np.float16))},
            claimed=nan,
            formula=enclosure("nan", "inf"),
            finite_difference=inf,
            finite_difference_error=nan,
            mpmath="nan",
            ball=enclosure("0", "0"),
            left=enclosure("-inf", "0"),
            right=enclosure("inf", "0"),
            curve=StepCurve((math.nan, 0.0, math.inf), (1.0, math.nan, 2.0)),
            numbers={ODD: ODD},
            relative_error=math.inf,
            norm_error=math.nan,
            budgets=-math.inf,
            digits=-0.0,
        ),
        remedy=ODD,
        allowed=ODD,
    )


def checks() -> tuple[Check, ...]:
    """Return one check of every kind."""
    good = Evidence(
        components=5120,
        agreed=5118,
        undecided=2,
        worst_digits=33.2,
        budget_ratio=0.41,
        precision=128,
        finite_difference="8 suspects, adaptive central differences",
        mpmath="one direction over all arguments and one per argument at each point",
        notes=("reading B was not needed",),
    )
    origin = Origin("examples/two_layer.py", 30, "def gradient(W1, W2, X, y):")
    unreached = ("3 sign patterns of hidden units were not reached", "argument mask (integer)")
    return (
        Check(
            "sigmoid",
            "activations:sigmoid",
            Verdict.PROVED,
            (
                Claim("increasing in x", Verdict.PROVED, points=0, patterns=1),
                Claim("derivative", Verdict.PASSED, points=64, patterns=1, evidence=good),
            ),
            holds=True,
        ),
        Check(
            "two-layer",
            "two_layer:loss",
            Verdict.REFUTED,
            (
                Claim(
                    "gradient",
                    Verdict.REFUTED,
                    points=24,
                    patterns=19,
                    evidence=good,
                    findings=(wrong_gradient(),),
                    not_checked=unreached,
                ),
                Claim("hessian", Verdict.UNDECIDED, reason="the budget of 10 s was spent"),
            ),
            origin,
        ),
        Check(
            "relu",
            "activations:relu",
            Verdict.PASSED,
            (Claim("derivative", Verdict.PASSED, points=40, patterns=2, findings=(one_sided(),)),),
            holds=True,
        ),
        Check(
            "sigmoid in R",
            "sigmoid:sigmoid",
            Verdict.REFUTED,
            (
                Claim(
                    "second_derivative",
                    Verdict.REFUTED,
                    "float64",
                    points=12,
                    patterns=1,
                    findings=(truncated(),),
                ),
            ),
            expect=("truncated-constant",),
            holds=True,
        ),
        Check(
            "swish",
            "activations:swish",
            Verdict.REFUTED,
            (Claim("convex in x", Verdict.REFUTED, findings=(jensen(),)),),
        ),
        Check(
            "compiled",
            "kernels:fused",
            Verdict.UNDECIDED,
            (Claim("gradient", Verdict.UNDECIDED, road="opaque", reason="no digits left"),),
            cut=True,
        ),
        Check("broken", "nets:missing", Verdict.ERROR, (), error="no such attribute 'missing'"),
    )


def odd_check(name: str = ODD) -> Check:
    """Return a check whose every text is hostile."""
    claim = Claim(
        name,
        Verdict.REFUTED,
        name,
        name,
        findings=(nothing_is_finite(),),
        not_checked=(name,),
        reason=name,
        evidence=Evidence(finite_difference=name, mpmath=name, notes=(name,)),
    )
    return Check(name, name, Verdict.REFUTED, (claim,), Origin(name, 1, name), (name,), error=name)


def document(*found: Check) -> Document:
    """Return a document of these checks, or of one of every kind."""
    made = found or checks()
    return Document(
        FORMAT,
        "0.1.0",
        made,
        20240229,
        {"python": "3.11.2", "numpy": "2.4.6", "mpmath": "1.4.1", "python-flint": "0.8.0"},
        {"started": "2030-01-01T00:00:00Z", "platform": "Linux", "seconds": {"two-layer": 1.25}},
    )
