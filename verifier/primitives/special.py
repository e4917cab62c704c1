"""Rows of the special functions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from flint import arb

from ..graph.node import Node, apply
from . import enclosures, floating, real_digits, special_enclosures
from .arithmetic import ulps
from .row import CONCAVE, CONVEX, DECREASING, INCREASING, Piece, ScalarRow
from .spell import (
    exp,
    fixed,
    gaussian,
    greater,
    log,
    log1p,
    number,
    pi,
    root_of_pi,
    sqrt,
    square,
    to_nearest,
    unless,
    where,
    zero,
)

HALF_ROOT = "0.70710678118654752440084436210484903928483593768847403659 +/- 1e-50"
LOWEST_GAMMA = "1.46163214496836234126265954232572132846819620400644629 +/- 1e-50"
POSITIVE = "for x > 0 (scipy loses all digits next to the negative poles)"
RECIPROCAL_E = "0.36787944117144232159552377016146086744581113103176783 +/- 1e-50"


def _pole_guards(x: Node) -> tuple[Node, ...]:
    """Return the guard whose zeros are the poles 0, -1, -2, ..."""
    return (where(greater(x, 0.25), number(1.0, x), to_nearest(x)),)


def _next_order(name: str) -> Callable[..., Node]:
    return lambda k, x, y: apply(name, k + 1.0, x)


def _factor_slope(x: Node, inner: Node) -> Node:
    """Return a slope proportional to x; a factor known to be 0 leaves none."""
    known = fixed(x)
    return inner if known is None else unless(known == 0, inner, zero(x))


def _edge_of(x: Node, edge: Node) -> tuple[Node, ...]:
    known = fixed(x)
    return (edge,) if known is None else (unless(known == 0, edge, number(1.0, edge)),)


gaussian_row = ScalarRow(
    name="gaussian", floats=floating.gaussian,
    digits=real_digits.formula(real_digits.gaussian),
    balls=enclosures.even(lambda x: (-x * x).exp()), slopes=(lambda x, y: -2.0 * x * y,),
    shape=(Piece("-oo", "-" + HALF_ROOT, INCREASING, CONVEX),
           Piece("-" + HALF_ROOT, 0, INCREASING, CONCAVE),
           Piece(0, HALF_ROOT, DECREASING, CONCAVE), Piece(HALF_ROOT, "oo", DECREASING, CONVEX)),
    thresholds=(-27.3, -10.2, 10.2, 27.3), ulps=ulps(4.0, 8.0, 4.0, flushes=True),
    definition="exp(-x²)",
    simpler=lambda x: exp(-x * x),
)
erf = ScalarRow(
    name="erf", floats=floating.erf, digits=real_digits.real("erf"),
    balls=enclosures.monotone(arb.erf),
    slopes=(lambda x, y: 2.0 * gaussian(x) / root_of_pi(x),),
    shape=(Piece("-oo", 0, INCREASING, CONVEX), Piece(0, "oo", INCREASING, CONCAVE)),
    thresholds=(-5.93, -3.92, 3.92, 5.93), ulps=ulps(2.0, 2.0),
    definition="2 / sqrt(pi) times the integral of exp(-t²) from 0 to x",
    spelled={"scipy": ("erf",), "math": ("erf",), "torch": ("aten.erf",), "jax": ("erf",),
             "onnx": ("Erf",)},
    limits=(-1.0, 1.0), mirrored=(0, -1),
)
erfc = ScalarRow(
    name="erfc", floats=floating.erfc, digits=real_digits.real("erfc"),
    balls=enclosures.monotone(arb.erfc),
    slopes=(lambda x, y: -2.0 * gaussian(x) / root_of_pi(x),),
    shape=(Piece("-oo", 0, DECREASING, CONCAVE), Piece(0, "oo", DECREASING, CONVEX)),
    thresholds=(-5.87, 10.06, 26.55), ulps=ulps(1024.0, 4.0, flushes=True), definition="1 - erf(x)",
    spelled={"scipy": ("erfc",), "math": ("erfc",), "torch": ("aten.erfc",), "jax": ("erfc",)},
    limits=(2.0, 0.0), simpler=lambda x: 1.0 - apply("erf", x),
)
erfinv = ScalarRow(
    name="erfinv", floats=floating.erfinv, digits=real_digits.real("erfinv"),
    balls=enclosures.monotone(arb.erfinv),
    slopes=(lambda x, y: 0.5 * root_of_pi(x) * exp(square(y)),),
    guards=lambda x: (1.0 - x, 1.0 + x), smooth_at={-1: -1, 1: -1}, domain=(-1, 1),
    shape=(Piece(-1, 0, INCREASING, CONCAVE), Piece(0, 1, INCREASING, CONVEX)),
    ulps=ulps(8.0, 4.0, flushes=True), definition="the inverse of erf",
    spelled={"scipy": ("erfinv",), "torch": ("aten.erfinv",), "jax": ("erf_inv",)},
    mirrored=(0, -1),
)
gamma = ScalarRow(
    name="gamma", floats=floating.gamma, digits=real_digits.real("gamma"),
    balls=special_enclosures.gamma, guards=_pole_guards, smooth_at={0: -1},
    slopes=(lambda x, y: y * apply("digamma", x),),
    thresholds=(-184.0, 35.04, 171.62), ulps=ulps(10.0, 4.0, flushes=True),
    definition="the gamma function",
    spelled={"scipy": ("gamma",), "math": ("gamma",)},
)
lgamma = ScalarRow(
    name="lgamma", floats=floating.lgamma, digits=real_digits.formula(real_digits.lgamma),
    balls=special_enclosures.lgamma, slopes=(lambda x, y: apply("digamma", x),),
    guards=_pole_guards, smooth_at={0: -1},
    shape=(Piece(0, LOWEST_GAMMA, DECREASING, CONVEX),
           Piece(LOWEST_GAMMA, "oo", INCREASING, CONVEX)),
    thresholds=(2.55e305, 4.08e36), ulps=ulps(8.0, 4.0, 2.0, absolute=32.0),
    definition="log |gamma(x)|",
    spelled={"scipy": ("gammaln",), "math": ("lgamma",), "torch": ("aten.lgamma",),
             "jax": ("lgamma",)},
)
digamma = ScalarRow(
    name="digamma", floats=floating.digamma, digits=real_digits.real("digamma"),
    balls=special_enclosures.digamma, guards=_pole_guards, smooth_at={0: -1},
    slopes=(lambda x, y: apply("polygamma", number(1.0, x), x),),
    shape=(Piece(0, "oo", INCREASING, CONCAVE),),
    ulps=ulps(8.0, 4.0, 2.0, absolute=16.0, note=POSITIVE), definition="the derivative of lgamma",
    spelled={"scipy": ("psi", "digamma"), "torch": ("aten.digamma",), "jax": ("digamma",)},
)
polygamma = ScalarRow(
    name="polygamma", floats=floating.polygamma, balls=special_enclosures.polygamma,
    digits=real_digits.formula(lambda ctx, k, x: ctx.polygamma(int(k), x)),
    slopes=(None, _next_order("polygamma")),
    guards=lambda k, x: _pole_guards(x), smooth_at={0: -1},
    ulps=ulps(16.0, 8.0, 4.0, absolute=1024.0, note=POSITIVE),
    definition="the k-th derivative of digamma, k = 0, 1, 2, ... a constant",
    spelled={"scipy": ("polygamma",), "torch": ("aten.polygamma",), "jax": ("polygamma",)},
)
ndtr = ScalarRow(
    name="ndtr", floats=floating.ndtr,
    digits=real_digits.formula(real_digits.ndtr),
    balls=enclosures.monotone(special_enclosures.ndtr),
    slopes=(lambda x, y: square(gaussian(0.5 * x)) / sqrt(2.0 * pi(x)),),
    shape=(Piece("-oo", 0, INCREASING, CONVEX), Piece(0, "oo", INCREASING, CONCAVE)),
    thresholds=(-38.5, -14.2, 5.5, 8.3), ulps=ulps(2048.0, 4.0, 2.0, flushes=True),
    definition="the normal distribution function",
    spelled={"scipy": ("ndtr",), "torch": ("aten.special_ndtr",)},
    limits=(0.0, 1.0), mirrored=(1, -1),
)
log_ndtr = ScalarRow(
    name="log_ndtr", floats=floating.log_ndtr,
    digits=real_digits.formula(real_digits.log_ndtr),
    balls=enclosures.monotone(special_enclosures.log_ndtr),
    slopes=(lambda x, y: apply("hazard", x),),
    shape=(Piece("-oo", "oo", INCREASING, CONCAVE),),
    thresholds=(-1.8e154, -2.6e19, 14.2, 38.5), ulps=ulps(2048.0, 4.0, 2.0, flushes=True),
    definition="log(ndtr x)",
    spelled={"scipy": ("log_ndtr",), "torch": ("aten.special_log_ndtr",)},
    limits=(None, 0.0), simpler=lambda x: log(apply("ndtr", x)),
)
hazard = ScalarRow(
    name="hazard", floats=floating.hazard,
    digits=real_digits.formula(real_digits.hazard),
    balls=enclosures.monotone(special_enclosures.hazard), slopes=(lambda x, y: -y * (x + y),),
    shape=(Piece("-oo", "oo", DECREASING, CONVEX),),
    thresholds=(14.2, 38.5), ulps=ulps(2048.0, 4.0, 2.0, flushes=True),
    definition="the slope of log_ndtr: normal density over distribution",
    limits=(None, 0.0),
)
xlogy = ScalarRow(
    name="xlogy", floats=floating.xlogy, digits=real_digits.formula(real_digits.xlogy),
    balls=special_enclosures.xlogy,
    slopes=(lambda x, y, z: log(y), lambda x, y, z: _factor_slope(x, x / y)),
    guards=lambda x, y: _edge_of(x, y), smooth_at={0: -1}, ulps=ulps(4.0, 4.0, 2.0),
    definition="x log y, 0 where x is 0",
    spelled={"scipy": ("xlogy",), "torch": ("aten.xlogy",)},
    simpler=lambda x, y: x * log(y),
)
xlog1py = ScalarRow(
    name="xlog1py", floats=floating.xlog1py, digits=real_digits.formula(real_digits.xlog1py),
    balls=special_enclosures.xlog1py,
    slopes=(lambda x, y, z: log1p(y), lambda x, y, z: _factor_slope(x, x / (1.0 + y))),
    guards=lambda x, y: _edge_of(x, 1.0 + y), smooth_at={0: -1}, ulps=ulps(4.0, 4.0, 2.0),
    definition="x log(1 + y), 0 where x is 0",
    spelled={"scipy": ("xlog1py",), "torch": ("aten.special_xlog1py",)},
    simpler=lambda x, y: x * log(1.0 + y),
)
entr = ScalarRow(
    name="entr", floats=floating.entropy, digits=real_digits.formula(real_digits.entropy),
    balls=special_enclosures.entropy, slopes=(lambda x, y: -log(x) - 1.0,),
    guards=lambda x: (x,), smooth_at={0: 0}, domain=(0, "oo"),
    shape=(Piece(0, RECIPROCAL_E, INCREASING, CONCAVE),
           Piece(RECIPROCAL_E, "oo", DECREASING, CONCAVE)),
    ulps=ulps(4.0, 4.0, 2.0), definition="-x log x, 0 at 0",
    spelled={"scipy": ("entr",), "torch": ("aten.special_entr",)},
    simpler=lambda x: -x * log(x),
)
sinc = ScalarRow(
    name="sinc", floats=floating.sinc,
    digits=real_digits.formula(lambda ctx, x: real_digits.sinc_derivative(ctx, 0, x)),
    balls=lambda x: special_enclosures.sinc_derivative(arb(0), x),
    slopes=(lambda x, y: apply("sinc_derivative", number(1.0, x), x),),
    ulps=ulps(4.0, 4.0, 2.0, absolute=2.0), definition="sin(pi x) / (pi x), 1 at 0",
    spelled={"numpy": ("sinc",), "torch": ("aten.sinc",)},
    mirrored=(0, 1),
)
sinc_derivative = ScalarRow(
    name="sinc_derivative", floats=floating.sinc_derivative,
    digits=real_digits.formula(real_digits.sinc_derivative),
    balls=special_enclosures.sinc_derivative,
    slopes=(None, _next_order("sinc_derivative")), ulps=ulps(16.0, 8.0, 4.0, absolute=1024.0),
    definition="the k-th derivative of sinc, k = 0, 1, 2, ... a constant",
)
exp_moment = ScalarRow(
    name="exp_moment", floats=floating.exp_moment,
    digits=real_digits.formula(real_digits.exp_moment), balls=special_enclosures.exp_moment,
    slopes=(None, _next_order("exp_moment")),
    thresholds=(-713.9, -91.9, 88.7, 709.8), ulps=ulps(2048.0, 8.0, 4.0, flushes=True),
    definition="the integral of t^k exp(t x) over t in [0, 1], k = 0, 1, 2, ... a constant",
)
bessel_i = ScalarRow(
    name="bessel_i", floats=floating.bessel, digits=real_digits.real("besseli"),
    balls=special_enclosures.bessel_i,
    slopes=(None, lambda k, x, y: 0.5 * apply("bessel_i", k - 1.0, x)
            + 0.5 * apply("bessel_i", k + 1.0, x)),
    thresholds=(-713.9, -91.9, 91.9, 713.9), ulps=ulps(4096.0, 8.0, 4.0, absolute=1e-130),
    definition="the modified Bessel function of whole order k, a constant",
    spelled={"scipy": ("iv",)},
)
i0 = ScalarRow(
    name="i0", floats=np.i0,
    digits=real_digits.formula(lambda ctx, x: ctx.besseli(0, x)),
    balls=enclosures.even(lambda x: x.bessel_i(arb(0))), slopes=(lambda x, y: apply("i1", x),),
    shape=(Piece("-oo", 0, DECREASING, CONVEX), Piece(0, "oo", INCREASING, CONVEX)),
    thresholds=(-713.9, -91.9, 91.9, 713.9), ulps=ulps(16.0, 8.0, 4.0),
    definition="the modified Bessel function of order 0",
    spelled={"numpy": ("i0",), "scipy": ("i0",), "torch": ("aten.i0",)},
)
i1 = ScalarRow(
    name="i1", floats=floating.i1,
    digits=real_digits.formula(lambda ctx, x: ctx.besseli(1, x)),
    balls=enclosures.monotone(lambda x: x.bessel_i(arb(1))),
    slopes=(lambda x, y: 0.5 * apply("i0", x) + 0.5 * apply("bessel_i", number(2.0, x), x),),
    shape=(Piece("-oo", 0, INCREASING, CONCAVE), Piece(0, "oo", INCREASING, CONVEX)),
    thresholds=(-713.9, -91.9, 91.9, 713.9), ulps=ulps(16.0, 4.0, 2.0),
    definition="the modified Bessel function of order 1",
    spelled={"scipy": ("i1",), "torch": ("aten.special_i1",)},
)
ROWS = (gaussian_row, erf, erfc, erfinv, gamma, lgamma, digamma, polygamma, ndtr, log_ndtr,
        hazard, xlogy, xlog1py, entr, sinc, sinc_derivative, exp_moment, bessel_i, i0, i1)
