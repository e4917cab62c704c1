"""Rows of incomplete integrals: the distribution functions of statistics, and Ei."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb

from ..graph.node import Node, apply
from . import incomplete_floats, real_digits
from .arithmetic import ulps
from .enclosures import NAN, is_narrow
from .row import CONCAVE, CONVEX, DECREASING, INCREASING, Piece, ScalarRow
from .spell import exp


def _share(of: Callable[..., arb], at_zero: int) -> Callable[[arb, arb], arb]:
    """Return an enclosure of P or Q for an exact a > 0, monotone in x >= 0."""

    def direct(a: arb, x: arb) -> arb:
        if not x.is_finite():
            return arb(1 - at_zero) if x > 0 else NAN
        if x.is_zero():
            return arb(at_zero)
        return of(x, a, regularized=1) if x > 0 else NAN

    def enclose(a: arb, x: arb) -> arb:
        if not (a.is_finite() and a > 0) or x.is_nan() or not x.lower() >= 0:
            return NAN
        if is_narrow(x) or not x.is_finite():
            return direct(a, x)
        return direct(a, x.lower()).union(direct(a, x.upper()))

    return enclose


def _betainc(a: arb, b: arb, x: arb) -> arb:
    """Enclose I_x(a, b), which increases on [0, 1]."""
    known = a.is_finite() and b.is_finite() and a > 0 and b > 0
    if not known or x.is_nan() or not x.lower() >= 0 or not x.upper() <= 1:
        return NAN
    if is_narrow(x):
        return _betainc_at(a, b, x)
    return _betainc_at(a, b, x.lower()).union(_betainc_at(a, b, x.upper()))


def _betainc_at(a: arb, b: arb, x: arb) -> arb:
    if x.is_zero() or x == 1:
        return arb(x)
    if 2 * x > 1:  # exact near 1, where flint's own series is slow
        return 1 - (1 - x).beta_lower(b, a, regularized=1)
    return x.beta_lower(a, b, regularized=1)


def _ei(x: arb) -> arb:
    """Enclose Ei on one side of its pole: it falls below 0 and rises above."""
    if not x.is_finite() or not (x > 0 or x < 0):
        return NAN
    return x.ei() if is_narrow(x) else x.lower().ei().union(x.upper().ei())


def _lower_digits(context: Any, a: Any, x: Any) -> Any:
    if not (a > 0 and x >= 0):
        return context.nan
    if x > 2 * a + 10:
        return 1 - context.gammainc(a, x, regularized=True)
    return context.gammainc(a, 0, x, regularized=True)


def _upper_digits(context: Any, a: Any, x: Any) -> Any:
    if not (a > 0 and x >= 0):
        return context.nan
    return context.gammainc(a, x, regularized=True)


def _beta_digits(context: Any, a: Any, b: Any, x: Any) -> Any:
    if not (a > 0 and b > 0 and 0 <= x <= 1):
        return context.nan
    return context.betainc(a, b, 0, x, regularized=True)


def _gamma_density(a: Node, x: Node) -> Node:
    return apply("power", x, a - 1.0) * exp(-x) / apply("gamma", a)


def _beta_density(a: Node, b: Node, x: Node) -> Node:
    scale = apply("lgamma", a + b) - apply("lgamma", a) - apply("lgamma", b)
    return apply("power", x, a - 1.0) * apply("power", 1.0 - x, b - 1.0) * exp(scale)


gammainc = ScalarRow(
    name="gammainc", floats=incomplete_floats.gammainc,
    digits=real_digits.formula(_lower_digits), balls=_share(arb.gamma_lower, 0),
    slopes=(None, lambda a, x, y: _gamma_density(a, x)),
    guards=lambda a, x: (x,), smooth_at={0: 0}, domain=(0, "oo"),
    ulps=ulps(4096.0, 64.0, 4.0, flushes=True),
    definition="the integral of t^(a-1) exp(-t) from 0 to x over gamma(a), a > 0 a constant",
    spelled={"scipy": ("gammainc",)},
)
gammaincc = ScalarRow(
    name="gammaincc", floats=incomplete_floats.gammaincc,
    digits=real_digits.formula(_upper_digits), balls=_share(arb.gamma_upper, 1),
    slopes=(None, lambda a, x, y: -_gamma_density(a, x)),
    guards=lambda a, x: (x,), smooth_at={0: 0}, domain=(0, "oo"),
    ulps=ulps(4096.0, 64.0, 4.0, flushes=True),
    definition="1 - gammainc(a, x), a > 0 a constant",
    spelled={"scipy": ("gammaincc",)},
)
betainc = ScalarRow(
    name="betainc", floats=incomplete_floats.betainc,
    digits=real_digits.formula(_beta_digits), balls=_betainc,
    slopes=(None, None, lambda a, b, x, y: _beta_density(a, b, x)),
    guards=lambda a, b, x: (x, 1.0 - x), smooth_at={0: 0, 1: 0}, domain=(0, 1),
    thresholds=(0.05, 0.25, 0.9),
    ulps=ulps(4096.0, 64.0, 4.0, flushes=True),
    definition="the integral of t^(a-1) (1-t)^(b-1) from 0 to x over beta(a, b), a, b > 0 constant",
    spelled={"scipy": ("betainc",)},
)
expi = ScalarRow(
    name="expi", floats=incomplete_floats.expi, digits=real_digits.real("ei"), balls=_ei,
    slopes=(lambda x, y: exp(x) / x,), guards=lambda x: (x,), smooth_at={0: -1},
    shape=(Piece("-oo", 0, DECREASING, CONCAVE), Piece(0, 1, INCREASING, CONCAVE),
           Piece(1, "oo", INCREASING, CONVEX)),
    thresholds=(-738.0, -96.0, 93.0, 716.0), ulps=ulps(64.0, 8.0, 4.0, absolute=8.0, flushes=True),
    definition="the principal value of the integral of exp(t) / t from -oo to x",
    spelled={"scipy": ("expi",)}, limits=(0.0, None),
)
ROWS = (gammainc, gammaincc, betainc, expi)
