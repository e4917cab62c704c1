"""Rows of arithmetic: sums, products, quotients, powers and remainders."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..graph.node import Node, apply, constant
from . import enclosures, real_digits
from .row import (
    AFFINE,
    CONCAVE,
    CONVEX,
    DECREASING,
    INCREASING,
    Piece,
    ScalarRow,
    Ulps,
)
from .spell import fixed, log, number, to_nearest, unless, zero

HALF_ULP = Ulps(0.5, source="IEEE 754: correctly rounded")
ROUNDED = {"float64": HALF_ULP, "float32": HALF_ULP, "float16": HALF_ULP}
ROUND_SQUARE = (-1.34e154, 1.34e154, -1.844e19, 1.844e19, -255.9, 255.9)


SMALLEST_NORMAL = {"float64": 2.0**-1022, "float32": 2.0**-126, "float16": 2.0**-14}
EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10}


def ulps(
    float64: float, float32: float, float16: float = 0.6, absolute: float = 0.0,
    flushes: bool = False, note: str = "",
) -> dict[str, Ulps]:
    """Return measured relative ulps per dtype, and the absolute term common to them.

    `flushes`: some library returns 0 instead of a subnormal number. Above the measured maxima
    there is headroom for other processors, whose vector units differ (Intel SVML: up to 4 ulp).
    """
    source = f"measured against arb, tests/test_rows.py{note and '; ' + note}"
    return {
        dtype: Ulps(
            relative,
            absolute + (SMALLEST_NORMAL[dtype] / EPSILON[dtype] if flushes else 0.0),
            source,
        )
        for dtype, relative in (("float64", float64), ("float32", float32), ("float16", float16))
    }


def power_by_base(a: Node, b: Node, y: Node) -> Node:
    """Return b a^(b-1); a known exponent 0 gives no slope, 1 gives exactly 1, even at a = 0."""
    exponent = fixed(b)
    if exponent is None:
        return b * apply("power", a, b - 1.0)
    exponent = exponent.astype(np.result_type(exponent, "float16" if a.discrete else a.dtype))
    lowered = exponent - 1
    exact = (lowered + 1 == exponent) & (lowered - exponent == -1)
    less = constant(lowered) if exact.all() else constant(exponent) - 1.0
    inner = number(1.0, a) if (exponent == 1).all() else constant(exponent) * apply(
        "power", a, less
    )
    return unless(exponent == 0, inner, zero(a))


def power_by_exponent(a: Node, b: Node, y: Node) -> Node:
    """Return y log a; a known base 0 gives none, since 0 to the b is 0 for all b > 0."""
    base = fixed(a)
    inner = y * log(a)
    return inner if base is None else unless(base == 0, inner, zero(b))


def power_guards(a: Node, b: Node) -> tuple[Node, ...]:
    """A power with a whole non-negative exponent is a polynomial; any other has its edge at 0."""
    exponent = fixed(b)
    if exponent is None:
        return (a,)
    whole = (exponent >= 0) & (np.floor(exponent) == exponent)
    return () if whole.all() else (unless(whole, a, number(1.0, a)),)


def _quotient_to_nearest(a: Node, b: Node) -> tuple[Node, ...]:
    return (to_nearest(a / b), b)


def _reciprocal(context: Any, x: Any) -> Any:
    return 1 / x


add = ScalarRow(
    name="add", floats=np.add, digits=lambda ctx: operator.add, balls=operator.add,
    slopes=(lambda a, b, y: number(1.0, y), lambda a, b, y: number(1.0, y)),
    ulps=ROUNDED, definition="a + b",
    spelled={"numpy": ("add",), "torch": ("aten.add",), "jax": ("add", "add_any"),
             "onnx": ("Add",)},
)
subtract = ScalarRow(
    name="subtract", floats=np.subtract, digits=lambda ctx: operator.sub, balls=operator.sub,
    slopes=(lambda a, b, y: number(1.0, y), lambda a, b, y: -number(1.0, y)),
    ulps=ROUNDED, definition="a - b",
    spelled={"numpy": ("subtract",), "torch": ("aten.sub",), "jax": ("sub",), "onnx": ("Sub",)},
)
multiply = ScalarRow(
    name="multiply", floats=np.multiply, digits=lambda ctx: operator.mul, balls=operator.mul,
    slopes=(lambda a, b, y: b, lambda a, b, y: a),
    ulps=ROUNDED, definition="a b",
    spelled={"numpy": ("multiply",), "torch": ("aten.mul",), "jax": ("mul",), "onnx": ("Mul",)},
)
divide = ScalarRow(
    name="divide", floats=np.true_divide, balls=operator.truediv,
    digits=real_digits.formula(lambda ctx, a, b: a / b),
    slopes=(lambda a, b, y: 1.0 / b, lambda a, b, y: -y / b),
    guards=lambda a, b: (b,), smooth_at={0: -1},
    ulps=ROUNDED, definition="a / b",
    spelled={"numpy": ("divide", "true_divide"), "torch": ("aten.div",), "jax": ("div",),
             "onnx": ("Div",)},
)
negative = ScalarRow(
    name="negative", floats=np.negative, digits=lambda ctx: operator.neg, balls=operator.neg,
    slopes=(lambda x, y: -number(1.0, y),),
    shape=(Piece("-oo", "oo", DECREASING, AFFINE),),
    ulps={k: Ulps(0.0, source="exact") for k in ROUNDED}, definition="-x",
    spelled={"numpy": ("negative",), "torch": ("aten.neg",), "jax": ("neg",), "onnx": ("Neg",)},
)
reciprocal = ScalarRow(
    name="reciprocal", floats=np.reciprocal, digits=real_digits.formula(_reciprocal),
    balls=enclosures.one_signed(lambda x: 1 / x),
    slopes=(lambda x, y: -apply("square", y),),
    guards=lambda x: (x,), smooth_at={0: -1},
    shape=(Piece("-oo", 0, DECREASING, CONCAVE), Piece(0, "oo", DECREASING, CONVEX)),
    ulps=ROUNDED, definition="1 / x",
    spelled={"numpy": ("reciprocal",), "torch": ("aten.reciprocal",), "onnx": ("Reciprocal",)},
)
square = ScalarRow(
    name="square", floats=np.square, digits=lambda ctx: lambda x: x * x, balls=enclosures.square,
    slopes=(lambda x, y: 2.0 * x,),
    shape=(Piece("-oo", 0, DECREASING, CONVEX), Piece(0, "oo", INCREASING, CONVEX)),
    thresholds=ROUND_SQUARE, ulps=ROUNDED, definition="x²",
    spelled={"numpy": ("square",), "torch": ("aten.square",), "jax": ("square",)},
)
power = ScalarRow(
    name="power", floats=np.power, digits=real_digits.formula(real_digits.power),
    balls=enclosures.power,
    slopes=(power_by_base, power_by_exponent),
    guards=power_guards, smooth_at={0: -1},
    ulps=ulps(1.5, 4.0, 0.6), definition="a to the b",
    spelled={"numpy": ("power", "float_power", "pow"), "math": ("pow",), "torch": ("aten.pow",),
             "jax": ("pow", "integer_pow"), "onnx": ("Pow",)},
)
sqrt_row = ScalarRow(
    name="sqrt", floats=np.sqrt, digits=real_digits.real("sqrt"),
    balls=enclosures.sqrt,
    slopes=(lambda x, y: 0.5 / y,),
    guards=lambda x: (x,), smooth_at={0: 0}, domain=(0, "oo"),
    shape=(Piece(0, "oo", INCREASING, CONCAVE),),
    ulps=ROUNDED, definition="the non-negative square root",
    spelled={"numpy": ("sqrt",), "math": ("sqrt",), "torch": ("aten.sqrt",), "jax": ("sqrt",),
             "onnx": ("Sqrt",)},
)
cbrt = ScalarRow(
    name="cbrt", floats=np.cbrt, digits=real_digits.formula(real_digits.cbrt),
    balls=enclosures.cbrt,
    slopes=(lambda x, y: 1.0 / (3.0 * apply("square", y)),),
    guards=lambda x: (x,), smooth_at={0: 0},
    shape=(Piece("-oo", 0, INCREASING, CONVEX), Piece(0, "oo", INCREASING, CONCAVE)),
    ulps=ulps(4.0, 4.0), definition="the real cube root",
    spelled={"numpy": ("cbrt",), "scipy": ("cbrt",), "math": ("cbrt",), "jax": ("cbrt",)},
    mirrored=(0, -1),
)
hypot_row = ScalarRow(
    name="hypot", floats=np.hypot, digits=real_digits.real("hypot"), balls=enclosures.hypot,
    slopes=(lambda a, b, y: a / y, lambda a, b, y: b / y),
    guards=lambda a, b: (apply("square", a) + apply("square", b),), smooth_at={0: 0},
    ulps=ulps(1.5, 1.5), definition="the square root of a² + b²",
    spelled={"numpy": ("hypot",), "math": ("hypot",), "torch": ("aten.hypot",)},
    simpler=lambda a, b: apply("sqrt", a * a + b * b),
)
remainder = ScalarRow(
    name="remainder", floats=np.remainder, digits=real_digits.formula(
        lambda ctx, a, b: ctx.fmod(a, b)), balls=enclosures.remainder,
    slopes=(lambda a, b, y: number(1.0, y), lambda a, b, y: -apply("floor", a / b)),
    guards=_quotient_to_nearest, piecewise=True, smooth_at={0: -1},
    ulps=ulps(0.6, 0.6, 0.6), definition="a - b floor(a / b)",
    spelled={"numpy": ("remainder", "mod"), "torch": ("aten.remainder",)},
)
fmod = ScalarRow(
    name="fmod", floats=np.fmod, digits=real_digits.formula(real_digits.fmod),
    balls=enclosures.fmod,
    slopes=(lambda a, b, y: number(1.0, y), lambda a, b, y: -apply("trunc", a / b)),
    guards=_quotient_to_nearest, piecewise=True, smooth_at={0: -1},
    ulps={k: Ulps(0.0, source="exact") for k in ROUNDED}, definition="a - b trunc(a / b)",
    spelled={"numpy": ("fmod",), "math": ("fmod",), "torch": ("aten.fmod",), "jax": ("rem",)},
)
ROWS = (add, subtract, multiply, divide, negative, reciprocal, square, power, sqrt_row, cbrt,
        hypot_row, remainder, fmod)
