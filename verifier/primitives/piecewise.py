"""Rows that switch on the sign of a guard: a slope's untaken branch is a structural zero.

An exact tie is decided by the readers, never here: every slope asks for a strict sign only.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from ..graph.node import Node
from . import enclosures, floating, real_digits
from .row import (
    AFFINE,
    CONSTANT,
    CONVEX,
    DECREASING,
    INCREASING,
    Piece,
    ScalarRow,
    Ulps,
)
from .spell import greater, number, to_nearest, where, zero

EXACT = {k: Ulps(0.0, source="exact") for k in ("float64", "float32", "float16")}


def _nowhere(x: Node, y: Node) -> Node:
    return zero(x)


def _larger(a: Any, b: Any) -> Any:
    return a if a > b else b


def _smaller(a: Any, b: Any) -> Any:
    return b if a > b else a


relu = ScalarRow(
    name="relu", floats=floating.relu, balls=lambda x: x.max(arb(0)),
    digits=lambda ctx: lambda x: _larger(x, ctx.zero),
    slopes=(lambda x, y: where(greater(x, 0.0), number(1.0, x), zero(x)),),
    guards=lambda x: (x,), piecewise=True, smooth_at={0: 0},
    shape=(Piece("-oo", 0, CONSTANT, CONVEX), Piece(0, "oo", INCREASING, CONVEX)),
    ulps=EXACT, definition="max(x, 0)",
    spelled={"torch": ("aten.relu",), "onnx": ("Relu",)},
)
absolute = ScalarRow(
    name="absolute", floats=np.absolute, digits=lambda ctx: abs, balls=enclosures.absolute,
    slopes=(lambda x, y: where(greater(x, 0.0), number(1.0, x), -number(1.0, x)),),
    guards=lambda x: (x,), piecewise=True, smooth_at={0: 0},
    shape=(Piece("-oo", 0, DECREASING, AFFINE), Piece(0, "oo", INCREASING, AFFINE)),
    ulps=EXACT, definition="|x|",
    spelled={"numpy": ("absolute", "abs", "fabs"), "math": ("fabs",), "torch": ("aten.abs",),
             "jax": ("abs",), "onnx": ("Abs",)},
)
maximum = ScalarRow(
    name="maximum", floats=np.maximum, digits=lambda ctx: _larger, balls=lambda a, b: a.max(b),
    slopes=(lambda a, b, y: where(greater(a, b), number(1.0, y), zero(y)),
            lambda a, b, y: where(greater(a, b), zero(y), number(1.0, y))),
    guards=lambda a, b: (a - b,), piecewise=True, smooth_at={0: 0},
    ulps=EXACT, definition="the larger of a and b",
    spelled={"numpy": ("maximum", "fmax"), "torch": ("aten.maximum", "aten.fmax"),
             "jax": ("max",), "onnx": ("Max",)},
)
minimum = ScalarRow(
    name="minimum", floats=np.minimum, digits=lambda ctx: _smaller, balls=lambda a, b: a.min(b),
    slopes=(lambda a, b, y: where(greater(a, b), zero(y), number(1.0, y)),
            lambda a, b, y: where(greater(a, b), number(1.0, y), zero(y))),
    guards=lambda a, b: (a - b,), piecewise=True, smooth_at={0: 0},
    ulps=EXACT, definition="the smaller of a and b",
    spelled={"numpy": ("minimum", "fmin"), "torch": ("aten.minimum", "aten.fmin"),
             "jax": ("min",), "onnx": ("Min",)},
)
sign = ScalarRow(
    name="sign", floats=np.sign, digits=real_digits.formula(real_digits.sign),
    balls=enclosures.sign,
    slopes=(_nowhere,), guards=lambda x: (x,), piecewise=True, smooth_at={0: -1},
    shape=(Piece("-oo", 0, INCREASING), Piece(0, "oo", INCREASING)),
    ulps=EXACT, definition="-1, 0 or 1",
    spelled={"numpy": ("sign",), "torch": ("aten.sign",), "jax": ("sign",), "onnx": ("Sign",)},
)
floor = ScalarRow(
    name="floor", floats=np.floor, digits=lambda ctx: ctx.floor,
    balls=enclosures.steps(arb.floor),
    slopes=(_nowhere,), guards=lambda x: (to_nearest(x),), piecewise=True, smooth_at={0: -1},
    shape=(Piece("-oo", "oo", INCREASING),), ulps=EXACT,
    definition="the largest integer not above x; smooth_at speaks of every integer",
    spelled={"numpy": ("floor",), "math": ("floor",), "torch": ("aten.floor",),
             "jax": ("floor",), "onnx": ("Floor",)},
)
ceil = ScalarRow(
    name="ceil", floats=np.ceil, digits=lambda ctx: ctx.ceil, balls=enclosures.steps(arb.ceil),
    slopes=(_nowhere,), guards=lambda x: (to_nearest(x),), piecewise=True, smooth_at={0: -1},
    shape=(Piece("-oo", "oo", INCREASING),), ulps=EXACT,
    definition="the smallest integer not below x; smooth_at speaks of every integer",
    spelled={"numpy": ("ceil",), "math": ("ceil",), "torch": ("aten.ceil",), "jax": ("ceil",),
             "onnx": ("Ceil",)},
)
round_row = ScalarRow(
    name="round", floats=np.rint, digits=lambda ctx: ctx.nint, balls=enclosures.rounded,
    slopes=(_nowhere,), guards=lambda x: (to_nearest(x - 0.5),), piecewise=True,
    smooth_at={Fraction(1, 2): -1}, shape=(Piece("-oo", "oo", INCREASING),), ulps=EXACT,
    definition="the nearest integer, ties to even; smooth_at speaks of every half-integer",
    spelled={"numpy": ("rint",), "torch": ("aten.round",), "onnx": ("Round",)},
)
trunc = ScalarRow(
    name="trunc", floats=np.trunc, digits=real_digits.formula(real_digits.trunc),
    balls=enclosures.truncated,
    slopes=(_nowhere,), guards=lambda x: (to_nearest(x),), piecewise=True, smooth_at={1: -1},
    shape=(Piece("-oo", "oo", INCREASING),), ulps=EXACT,
    definition="the integer part towards 0; smooth_at speaks of every integer but 0",
    spelled={"numpy": ("trunc", "fix"), "math": ("trunc",), "torch": ("aten.trunc",)},
)
heaviside = ScalarRow(
    name="heaviside", floats=np.heaviside, digits=real_digits.formula(real_digits.heaviside),
    balls=enclosures.heaviside,
    slopes=(lambda x, h, y: zero(x), lambda x, h, y: zero(x)),
    guards=lambda x, h: (x,), piecewise=True, smooth_at={0: -1}, ulps=EXACT,
    definition="0 below zero, 1 above, the second argument at zero",
    spelled={"numpy": ("heaviside",), "torch": ("aten.heaviside",)},
)
ROWS = (relu, absolute, maximum, minimum, sign, floor, ceil, round_row, trunc, heaviside)
