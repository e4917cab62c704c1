"""Rows of the activations that are no composition of others without losing digits."""

from __future__ import annotations

from fractions import Fraction

from . import enclosures, floating, real_digits
from .arithmetic import ulps
from .row import CONCAVE, CONVEX, INCREASING, Piece, ScalarRow
from .spell import exp, log
from .spell import sigmoid as logistic

SATURATED = (-745.2, -708.4, -104.0, -88.8, -87.4, -36.8, -16.7, 16.7, 36.8, 88.8, 709.8)

sigmoid = ScalarRow(
    name="sigmoid", floats=floating.sigmoid, digits=real_digits.formula(real_digits.sigmoid),
    balls=enclosures.monotone(enclosures.sigmoid),
    slopes=(lambda x, y: y * logistic(-x),),
    shape=(Piece("-oo", 0, INCREASING, CONVEX), Piece(0, "oo", INCREASING, CONCAVE)),
    thresholds=SATURATED, ulps=ulps(4.0, 8.0, 4.0, flushes=True), definition="1 / (1 + exp(-x))",
    spelled={"scipy": ("expit",), "torch": ("aten.sigmoid",), "jax": ("logistic",),
             "onnx": ("Sigmoid",)},
    simpler=lambda x: 1.0 / (1.0 + exp(-x)),
)
softplus = ScalarRow(
    name="softplus", floats=floating.softplus, digits=real_digits.formula(real_digits.softplus),
    balls=enclosures.monotone(enclosures.softplus),
    slopes=(lambda x, y: logistic(x),),
    shape=(Piece("-oo", "oo", INCREASING, CONVEX),),
    thresholds=SATURATED, ulps=ulps(4.0, 8.0, 4.0, flushes=True), definition="log(1 + exp x)",
    spelled={"scipy": ("softplus",), "torch": ("aten.softplus",), "onnx": ("Softplus",)},
    simpler=lambda x: log(1.0 + exp(x)),
)
log_sigmoid = ScalarRow(
    name="log_sigmoid", floats=floating.log_sigmoid,
    digits=real_digits.formula(lambda ctx, x: -real_digits.softplus(ctx, -x)),
    balls=enclosures.monotone(lambda x: -enclosures.softplus(-x)),
    slopes=(lambda x, y: logistic(-x),),
    shape=(Piece("-oo", "oo", INCREASING, CONCAVE),),
    thresholds=tuple(-t for t in reversed(SATURATED)), ulps=ulps(4.0, 8.0, 4.0, flushes=True),
    definition="log(sigmoid x)",
    spelled={"scipy": ("log_expit",), "torch": ("aten.log_sigmoid_forward",)},
    simpler=lambda x: -log(1.0 + exp(-x)),
)
logit = ScalarRow(
    name="logit", floats=floating.logit,
    digits=real_digits.formula(lambda ctx, x: ctx.log(x / (1 - x))),
    balls=enclosures.monotone(enclosures.logit),
    slopes=(lambda x, y: 1.0 / (x * (1.0 - x)),),
    guards=lambda x: (x, 1.0 - x), smooth_at={0: -1, 1: -1}, domain=(0, 1),
    shape=(Piece(0, Fraction(1, 2), INCREASING, CONCAVE),
           Piece(Fraction(1, 2), 1, INCREASING, CONVEX)),
    ulps=ulps(4.0, 4.0, 2.0, absolute=4.0), definition="log(x / (1 - x))",
    spelled={"scipy": ("logit",), "torch": ("aten.logit",)},
    simpler=lambda x: log(x) - log(1.0 - x),
)
ROWS = (sigmoid, softplus, log_sigmoid, logit)
