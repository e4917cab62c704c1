"""Rows of the elementary functions: exponentials, logarithms, circles and hyperbolas."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from ..graph.node import Node, apply
from . import enclosures, floating, real_digits
from .arithmetic import ulps
from .row import CONCAVE, CONVEX, DECREASING, INCREASING, Piece, ScalarRow
from .spell import (
    cos,
    cosh,
    exp,
    greater,
    hypot,
    log,
    logarithm_of,
    number,
    sech,
    sigmoid,
    sin,
    sinh,
    sqrt,
    square,
    tanh,
    where,
)

INFLECTION_OF_SECH = "0.88137358701954302523260932497979230902816032826163541 +/- 1e-50"
MINUS_INFLECTION_OF_SECH = "-" + INFLECTION_OF_SECH
EXP_EDGES = (-745.2, -708.4, -104.0, -87.4, -17.4, -9.8, 11.1, 88.8, 709.8)
COSH_EDGES = (-710.5, -89.5, -11.8, 11.8, 89.5, 710.5)


def _both(function: str) -> dict[str, tuple[str, ...]]:
    """Return the spellings of a function that is called the same in numpy, math and torch."""
    return {"numpy": (function,), "math": (function,), "torch": (f"aten.{function}",),
            "jax": (function,), "onnx": (function.capitalize(),)}


def _arc(short: str) -> dict[str, tuple[str, ...]]:
    """Return the spellings of an inverse function, arc- in numpy and a- elsewhere."""
    return {"numpy": (f"arc{short}", f"a{short}"), "math": (f"a{short}",),
            "torch": (f"aten.a{short}",), "jax": (f"a{short}",), "onnx": (f"A{short}",)}


def _angle_guards(a: Node, b: Node) -> tuple[Node, ...]:
    """Return the guard whose zeros are the cut: a = 0 with b <= 0."""
    return (where(greater(b, 0.0), number(1.0, a), a),)


def _log2(context: Any, x: Any) -> Any:
    return context.log(x) / context.ln2


def _log10(context: Any, x: Any) -> Any:
    return context.log(x) / context.ln10


exp_row = ScalarRow(
    name="exp", floats=np.exp, digits=real_digits.real("exp"),
    balls=enclosures.monotone(arb.exp), slopes=(lambda x, y: y,),
    shape=(Piece("-oo", "oo", INCREASING, CONVEX),), thresholds=EXP_EDGES,
    ulps=ulps(1.5, 4.0, flushes=True), definition="e to the x", spelled=_both("exp"),
)
exp2 = ScalarRow(
    name="exp2", floats=np.exp2,
    digits=real_digits.formula(lambda ctx, x: real_digits.power(ctx, ctx.mpf(2), x)),
    balls=enclosures.monotone(lambda x: arb(2) ** x),
    slopes=(lambda x, y: y * logarithm_of(2.0, x),),
    shape=(Piece("-oo", "oo", INCREASING, CONVEX),),
    thresholds=(-1075.0, -1022.0, -150.0, -126.0, -25.0, 16.0, 128.0, 1024.0),
    ulps=ulps(2.0, 4.0, flushes=True), definition="2 to the x",
    spelled={"numpy": ("exp2",), "scipy": ("exp2",), "math": ("exp2",),
             "torch": ("aten.exp2",), "jax": ("exp2",)},
)
expm1 = ScalarRow(
    name="expm1", floats=np.expm1, digits=real_digits.real("expm1"),
    balls=enclosures.monotone(arb.expm1), slopes=(lambda x, y: exp(x),),
    shape=(Piece("-oo", "oo", INCREASING, CONVEX),),
    thresholds=(-37.5, -17.4, 11.1, 88.8, 709.8), ulps=ulps(2.0, 4.0),
    definition="exp(x) - 1",
    spelled={"numpy": ("expm1",), "scipy": ("expm1",), "math": ("expm1",),
             "torch": ("aten.expm1",), "jax": ("expm1",)},
    simpler=lambda x: exp(x) - 1.0,
)
log_row = ScalarRow(
    name="log", floats=np.log, digits=real_digits.real("log"),
    balls=enclosures.monotone(arb.log), slopes=(lambda x, y: 1.0 / x,),
    guards=lambda x: (x,), smooth_at={0: -1}, domain=(0, "oo"),
    shape=(Piece(0, "oo", INCREASING, CONCAVE),), ulps=ulps(1.5, 4.0),
    definition="the natural logarithm", spelled=_both("log"),
)
log2 = ScalarRow(
    name="log2", floats=np.log2, digits=real_digits.formula(_log2),
    balls=enclosures.monotone(lambda x: x.log() / arb.const_log2()),
    slopes=(lambda x, y: 1.0 / (x * logarithm_of(2.0, x)),),
    guards=lambda x: (x,), smooth_at={0: -1}, domain=(0, "oo"),
    shape=(Piece(0, "oo", INCREASING, CONCAVE),), ulps=ulps(2.0, 4.0),
    definition="log(x) / log(2)",
    spelled={"numpy": ("log2",), "math": ("log2",), "torch": ("aten.log2",)},
)
log10 = ScalarRow(
    name="log10", floats=np.log10, digits=real_digits.formula(_log10),
    balls=enclosures.monotone(lambda x: x.log() / arb.const_log10()),
    slopes=(lambda x, y: 1.0 / (x * logarithm_of(10.0, x)),),
    guards=lambda x: (x,), smooth_at={0: -1}, domain=(0, "oo"),
    shape=(Piece(0, "oo", INCREASING, CONCAVE),), ulps=ulps(2.0, 4.0),
    definition="log(x) / log(10)",
    spelled={"numpy": ("log10",), "math": ("log10",), "torch": ("aten.log10",)},
)
log1p_row = ScalarRow(
    name="log1p", floats=np.log1p, digits=real_digits.real("log1p"),
    balls=enclosures.monotone(arb.log1p), slopes=(lambda x, y: 1.0 / (1.0 + x),),
    guards=lambda x: (1.0 + x,), smooth_at={-1: -1}, domain=(-1, "oo"),
    shape=(Piece(-1, "oo", INCREASING, CONCAVE),), ulps=ulps(2.0, 4.0),
    definition="log(1 + x)",
    spelled={"numpy": ("log1p",), "scipy": ("log1p",), "math": ("log1p",),
             "torch": ("aten.log1p",), "jax": ("log1p",)},
    simpler=lambda x: log(1.0 + x),
)
logaddexp = ScalarRow(
    name="logaddexp", floats=np.logaddexp, digits=real_digits.formula(real_digits.logaddexp),
    balls=enclosures.logaddexp,
    slopes=(lambda a, b, y: sigmoid(a - b), lambda a, b, y: sigmoid(b - a)),
    ulps=ulps(3.0, 3.0, 2.0, absolute=2.0), definition="log(exp a + exp b)",
    spelled={"numpy": ("logaddexp",), "torch": ("aten.logaddexp",)},
    simpler=lambda a, b: log(exp(a) + exp(b)),
)
logaddexp2 = ScalarRow(
    name="logaddexp2", floats=np.logaddexp2,
    digits=real_digits.formula(lambda ctx, a, b: real_digits.logaddexp(
        ctx, a * ctx.ln2, b * ctx.ln2) / ctx.ln2),
    balls=lambda a, b: enclosures.logaddexp(
        a * arb.const_log2(), b * arb.const_log2()) / arb.const_log2(),
    slopes=(lambda a, b, y: 1.0 / (1.0 + apply("exp2", b - a)),
            lambda a, b, y: 1.0 / (1.0 + apply("exp2", a - b))),
    ulps=ulps(3.0, 3.0, 2.0, absolute=2.0), definition="log2(2^a + 2^b)",
    spelled={"numpy": ("logaddexp2",), "torch": ("aten.logaddexp2",)},
)
sin_row = ScalarRow(
    name="sin", floats=np.sin, digits=real_digits.real("sin"), balls=arb.sin,
    slopes=(lambda x, y: cos(x),), ulps=ulps(2.0, 4.0), definition="sine", spelled=_both("sin"),
    mirrored=(0, -1),
)
cos_row = ScalarRow(
    name="cos", floats=np.cos, digits=real_digits.real("cos"), balls=arb.cos,
    slopes=(lambda x, y: -sin(x),), ulps=ulps(2.0, 4.0), definition="cosine",
    spelled=_both("cos"),
    mirrored=(0, 1),
)
tan = ScalarRow(
    name="tan", floats=np.tan, digits=real_digits.real("tan"), balls=arb.tan,
    slopes=(lambda x, y: 1.0 + square(y),), guards=lambda x: (cos(x),),
    ulps=ulps(1.5, 4.0), definition="tangent; its poles are the zeros of the cosine",
    spelled=_both("tan"),
    mirrored=(0, -1),
)
arcsin = ScalarRow(
    name="arcsin", floats=np.arcsin, digits=real_digits.real("asin"),
    balls=enclosures.monotone(arb.asin),
    slopes=(lambda x, y: 1.0 / sqrt((1.0 - x) * (1.0 + x)),),
    guards=lambda x: (1.0 - x, 1.0 + x), smooth_at={-1: 0, 1: 0}, domain=(-1, 1),
    shape=(Piece(-1, 0, INCREASING, CONCAVE), Piece(0, 1, INCREASING, CONVEX)),
    ulps=ulps(3.0, 4.0), definition="the inverse sine", spelled=_arc("sin"),
    mirrored=(0, -1),
)
arccos = ScalarRow(
    name="arccos", floats=np.arccos, digits=real_digits.real("acos"),
    balls=enclosures.monotone(arb.acos),
    slopes=(lambda x, y: -1.0 / sqrt((1.0 - x) * (1.0 + x)),),
    guards=lambda x: (1.0 - x, 1.0 + x), smooth_at={-1: 0, 1: 0}, domain=(-1, 1),
    shape=(Piece(-1, 0, DECREASING, CONVEX), Piece(0, 1, DECREASING, CONCAVE)),
    ulps=ulps(2.0, 4.0), definition="the inverse cosine", spelled=_arc("cos"),
)
arctan = ScalarRow(
    name="arctan", floats=np.arctan, digits=real_digits.real("atan"),
    balls=enclosures.monotone(arb.atan), slopes=(lambda x, y: 1.0 / (1.0 + square(x)),),
    shape=(Piece("-oo", 0, INCREASING, CONVEX), Piece(0, "oo", INCREASING, CONCAVE)),
    ulps=ulps(2.0, 4.0), definition="the inverse tangent", spelled=_arc("tan"),
    mirrored=(0, -1),
)
arctan2 = ScalarRow(
    name="arctan2", floats=np.arctan2, digits=real_digits.real("atan2"), balls=enclosures.angle,
    slopes=(lambda a, b, y: b / hypot(a, b) / hypot(a, b),
            lambda a, b, y: -a / hypot(a, b) / hypot(a, b)),
    guards=_angle_guards, smooth_at={0: -1}, ulps=ulps(2.0, 4.0),
    definition="the angle of the point (b, a)",
    spelled={"numpy": ("arctan2", "atan2"), "math": ("atan2",), "torch": ("aten.atan2",),
             "jax": ("atan2",)},
)
sinh_row = ScalarRow(
    name="sinh", floats=np.sinh, digits=real_digits.real("sinh"),
    balls=enclosures.monotone(arb.sinh), slopes=(lambda x, y: cosh(x),),
    shape=(Piece("-oo", 0, INCREASING, CONCAVE), Piece(0, "oo", INCREASING, CONVEX)),
    thresholds=COSH_EDGES, ulps=ulps(2.0, 4.0), definition="(exp(x) - exp(-x)) / 2",
    spelled=_both("sinh"),
    simpler=lambda x: 0.5 * (exp(x) - exp(-x)),
)
cosh_row = ScalarRow(
    name="cosh", floats=np.cosh, digits=real_digits.real("cosh"),
    balls=enclosures.even(arb.cosh), slopes=(lambda x, y: sinh(x),),
    shape=(Piece("-oo", 0, DECREASING, CONVEX), Piece(0, "oo", INCREASING, CONVEX)),
    thresholds=COSH_EDGES, ulps=ulps(2.0, 4.0), definition="(exp(x) + exp(-x)) / 2",
    spelled=_both("cosh"),
    simpler=lambda x: 0.5 * (exp(x) + exp(-x)),
)
tanh_row = ScalarRow(
    name="tanh", floats=np.tanh, digits=real_digits.real("tanh"),
    balls=enclosures.monotone(arb.tanh), slopes=(lambda x, y: square(sech(x)),),
    shape=(Piece("-oo", 0, INCREASING, CONVEX), Piece(0, "oo", INCREASING, CONCAVE)),
    thresholds=(-19.07, -9.02, 9.02, 19.07), ulps=ulps(2.0, 4.0),
    definition="sinh(x) / cosh(x)", spelled=_both("tanh"),
    simpler=lambda x: 1.0 - 2.0 / (exp(2.0 * x) + 1.0),
)
sech_row = ScalarRow(
    name="sech", floats=floating.sech, digits=real_digits.real("sech"),
    balls=enclosures.even(arb.sech), slopes=(lambda x, y: -y * tanh(x),),
    shape=(Piece("-oo", MINUS_INFLECTION_OF_SECH, INCREASING, CONVEX),
           Piece(MINUS_INFLECTION_OF_SECH, 0, INCREASING, CONCAVE),
           Piece(0, INFLECTION_OF_SECH, DECREASING, CONCAVE),
           Piece(INFLECTION_OF_SECH, "oo", DECREASING, CONVEX)),
    thresholds=COSH_EDGES, ulps=ulps(5.0, 8.0, 3.0, flushes=True), definition="1 / cosh(x)",
    simpler=lambda x: 2.0 / (exp(x) + exp(-x)),
)
arcsinh = ScalarRow(
    name="arcsinh", floats=np.arcsinh, digits=real_digits.real("asinh"),
    balls=enclosures.monotone(arb.asinh), slopes=(lambda x, y: 1.0 / hypot(1.0, x),),
    shape=(Piece("-oo", 0, INCREASING, CONVEX), Piece(0, "oo", INCREASING, CONCAVE)),
    ulps=ulps(2.0, 4.0), definition="the inverse of sinh", spelled=_arc("sinh"),
    mirrored=(0, -1),
)
arccosh = ScalarRow(
    name="arccosh", floats=np.arccosh, digits=real_digits.real("acosh"),
    balls=enclosures.monotone(arb.acosh),
    slopes=(lambda x, y: 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0)),),
    guards=lambda x: (x - 1.0,), smooth_at={1: 0}, domain=(1, "oo"),
    shape=(Piece(1, "oo", INCREASING, CONCAVE),),
    ulps=ulps(2.0, 4.0), definition="the non-negative inverse of cosh", spelled=_arc("cosh"),
)
arctanh = ScalarRow(
    name="arctanh", floats=np.arctanh, digits=real_digits.real("atanh"),
    balls=enclosures.monotone(arb.atanh), slopes=(lambda x, y: 1.0 / ((1.0 - x) * (1.0 + x)),),
    guards=lambda x: (1.0 - x, 1.0 + x), smooth_at={-1: -1, 1: -1}, domain=(-1, 1),
    shape=(Piece(-1, 0, INCREASING, CONCAVE), Piece(0, 1, INCREASING, CONVEX)),
    ulps=ulps(2.0, 4.0), definition="the inverse of tanh", spelled=_arc("tanh"),
    simpler=lambda x: 0.5 * (log(1.0 + x) - log(1.0 - x)),
)
ROWS = (exp_row, exp2, expm1, log_row, log2, log10, log1p_row, logaddexp, logaddexp2, sin_row,
        cos_row, tan, arcsin, arccos, arctan, arctan2, sinh_row, cosh_row, tanh_row, sech_row,
        arcsinh, arccosh, arctanh)
