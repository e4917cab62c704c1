"""Checks built by hand that carry every kind of plot, healthy and degenerate."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from verifier.plotted import (
    Blame,
    BlamedLine,
    Digits,
    Graph,
    Layer,
    Layers,
    Matrix,
    Plotted,
    Volume,
)
from verifier.verdicts import AtlasKink, Check, Claim, Evidence, Finding, Origin, Severity, Verdict

from . import hand_built as built

NAN, INF = math.nan, math.inf


def silu(x: float) -> float:
    return x / (1 + math.exp(-x))


def chord() -> Finding:
    """Return SiLU with a chord below its graph."""
    finding = built.jensen()
    t = np.linspace(-0.25, 1.25, 61)
    graph = Graph(tuple(t.tolist()), tuple(silu(-6 + 4 * v) for v in t.tolist()))
    return msgspec.structs.replace(finding, plots=(graph,))


def kink() -> Finding:
    """Return relu across its kink."""
    at = tuple(np.linspace(-2, 2, 33).tolist())
    graph = Graph(at, tuple(max(v, 0.0) for v in at), along="x", marks={"kink": 0.0})
    return msgspec.structs.replace(built.one_sided(), plots=(graph,))


def wrong() -> Finding:
    """Return a derivative beside what it should be."""
    at = tuple(np.linspace(-6, 6, 61).tolist())
    truth = tuple(1 / (1 + math.exp(-v)) for v in at)
    claimed = tuple(1 - 1 / (1 + math.exp(v)) ** 2 for v in at)
    graph = Graph(at, truth, along="x", what="f'", others={"claimed": claimed})
    finding = built.wrong_gradient("softplus.derivative")
    return msgspec.structs.replace(finding, plots=(graph,))


def lost() -> Finding:
    """Return log(1 + x) losing its digits near 0, with the lines to blame."""
    at = tuple((10.0 ** np.linspace(-12, 0, 37)).tolist())
    double = tuple(min(16.0, 16.0 + math.log10(v)) for v in at)
    single = tuple(max(0.0, 7.2 + math.log10(v)) for v in at)
    digits = Digits(at, {"float64": double, "float32": single}, wanted=12.0)
    lines = (
        BlamedLine("examples/log.py", 7, "y = 1 + x", 0.93),
        BlamedLine("examples/log.py", 8, "return np.log(y)", 0.069),
        BlamedLine("examples/log.py", 9, "# rounding to float64", 0.0004),
    )
    return Finding(
        "log.12digits",
        "precision-loss",
        Severity.ERROR,
        "'12 digits' does not hold: at x = 1e-12 the value keeps 4.0 digits",
        argument="x",
        origin=Origin("examples/log.py", 8, "return np.log(y)"),
        plots=(digits, Blame(lines)),
        remedy="Write np.log1p(x).",
    )


def hessian(size: int = 9) -> tuple[Plotted, ...]:
    """Return a Hessian in two blocks, its eigenvalues, its zeros and a claim's digits."""
    random = np.random.default_rng(7)
    half = random.normal(size=(size, size - 2))
    matrix = half @ np.diag(np.linspace(-1, 4, size - 2)) @ half.T
    cut = 2 * size // 3
    matrix[0, cut:] = matrix[cut:, 0] = 0
    matrix[1, 2] = matrix[2, 1] = 0
    zeros = np.full((size, size), ".")
    zeros[0, cut:] = zeros[cut:, 0] = "s"
    zeros[1, 2] = zeros[2, 1] = "p"
    digits = np.full((size, size), 16.0)
    digits[cut:, :cut] = np.linspace(0, 9, cut * (size - cut)).reshape(size - cut, cut)
    values = np.linalg.eigvalsh(matrix)
    blocks = (("W1", cut), ("W2", size - cut))
    shown = Matrix(
        blocks,
        tuple(matrix.ravel().tolist()),
        tuple(digits.ravel().tolist()),
        tuple(values.tolist()),
        tuple(1e-12 for _ in values),
        tuple("".join(row) for row in zeros),
        where="at [0.13, -0.13, 0.64]",
    )
    newton = Matrix(blocks, (), (), tuple(np.abs(values).tolist()), what="Gauss-Newton",
                    where="at [0.13, -0.13, 0.64]")  # fmt: skip
    return shown, newton


def layers() -> Layers:
    """Return a net whose gradient fades towards its input."""
    return Layers(
        tuple(
            Layer(f"net.py:{31 + n} maximum", "switch", 8, 8 - 2 * n, (1e-6 * 10**n, 1e-5 * 10**n))
            for n in range(4)
        )
    )


def checks() -> tuple[Check, ...]:
    """Return one check for every kind of plot."""
    kinks = (
        AtlasKink("1/4", 0.25, ("0",), ("4",), ("net.py:3 maximum",)),
        AtlasKink("0.62", 0.62, ("4",), ("-1",), (), 2),
    )
    return (
        _check("silu", "convex in x", chord()),
        _check("softplus", "derivative", wrong()),
        _check("relu", "derivative", kink()),
        _check("log", "12 digits", lost()),
        Check(
            "cover",
            "m:cover",
            Verdict.UNDECIDED,
            (
                Claim(
                    "0 <= f <= 1",
                    Verdict.UNDECIDED,
                    evidence=Evidence(plots=(Volume(0.71, 0.0, 0.29, 414, "[0, 1] x [2, 3]"),)),
                    reason="the budget was spent",
                ),
                Claim(
                    "convex",
                    Verdict.PROVED,
                    reason="convex by composition",
                    certificate={"kind": "composition", "steps": ["exp is convex", "so is a sum"]},
                ),
            ),
        ),
        Check(
            "net",
            "m:net",
            Verdict.PASSED,
            (
                Claim("smoothness", Verdict.PASSED, evidence=Evidence(notes=("C0", "  relu"))),
                Claim("kinks", Verdict.PASSED, evidence=Evidence(atlas=kinks)),
                Claim("curvature", Verdict.PASSED, evidence=Evidence(plots=hessian())),
                Claim("units", Verdict.PASSED, evidence=Evidence(plots=(layers(),))),
            ),
            holds=True,
        ),
    )


def _check(name: str, claim: str, finding: Finding) -> Check:
    told = Claim(claim, Verdict.REFUTED, points=61, patterns=1, findings=(finding,))
    return Check(name, f"m:{name}", Verdict.REFUTED, (told,), finding.origin)


DEGENERATE: tuple[Plotted, ...] = (
    Graph((), ()),
    Graph((0.0,), (1.0,)),
    Graph((0.0, 1.0), (NAN, NAN)),
    Graph((0.0, 1.0), (1.0,)),
    Graph((1.0, 0.0), (1.0, 2.0)),
    Graph((0.0, INF), (1.0, 2.0)),
    Graph((0.0, 1.0), (1.0, 1.0), marks={"x": NAN, "y": 7.0}, lines={"b": INF}),
    Graph((0.0, 0.0, 0.0, 1.0), (1.0, NAN, 3.0, -INF), others={"o": (1.0, 2.0), "p": (1.0,) * 4}),
    Graph((-1e308, 1e308), (-1.7e308, 1.7e308)),
    Graph((1e-300, 1e300), (5e-324, 0.0), along=built.ODD, what=built.ODD, marks={built.ODD: 1.0}),
    Matrix((), ()),
    Matrix((("W", 2),), (1.0,)),
    Matrix((("W", 2),), (NAN, INF, -INF, 0.0), (NAN, INF, -1.0, 99.0), (NAN, INF), zeros=("?",)),
    Matrix(((built.ODD, 1), ("", 0), ("b", -3)), (0.0,), (), (0.0, 0.0), (INF, 1.0)),
    Digits((), {}),
    Digits((1.0,), {"float64": (3.0,)}),
    Digits((1.0, 2.0), {"float64": (NAN, NAN), built.ODD: (INF, -INF)}, wanted=NAN),
    Volume(0.0, 0.0, 0.0),
    Volume(NAN, 2.0, -1.0, -5, built.ODD),
    Volume(1e-12, 0.5, 0.5 - 1e-12),
    Blame(()),
    Blame((BlamedLine(built.ODD, -1, built.ODD, NAN), BlamedLine("a", 1, "x" * 500, INF))),
    Layers(()),
    Layers((Layer("a", "switch", 1), Layer(built.ODD, built.ODD, -1, 5, (INF, -INF)))),
    Layers((Layer("a", "x", 1, 0, (0.0, 0.0)), Layer("b", "x", 1, 0, (5e-324, 1e308)))),
)
