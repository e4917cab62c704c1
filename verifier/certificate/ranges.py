"""Closed intervals of reals with ends of flint, rounded outward, and first-order forms over a box.

A :class:`Value` holds every value an entry of a tape takes on a box: an interval, whether its ends
are certainly not reached, whether the entry is certainly defined, and where the box is bounded a
form centre + sum of factor times (x - middle) + [-rest, rest], which keeps what entries share.
"""

from __future__ import annotations

from collections.abc import Mapping

from flint import arb, fmpq

INF, NINF, NONE = arb.pos_inf(), arb.neg_inf(), arb(0)
Pair = tuple[arb, arb]
Form = tuple[arb, dict[int, arb], arb]


class Value:
    """What is known of an entry on a box."""

    __slots__ = ("dead", "form", "hi", "hi_open", "lo", "lo_open", "ok")

    def __init__(
        self, lo: arb, hi: arb, ok: bool = True, form: Form | None = None,
        lo_open: bool = False, hi_open: bool = False, dead: bool = False,
    ) -> None:
        self.lo, self.hi, self.ok, self.form, self.dead = lo, hi, ok, form, dead
        self.lo_open, self.hi_open = lo_open or lo == NINF, hi_open or hi == INF

    def __repr__(self) -> str:
        return f"[{self.lo.str(5)}, {self.hi.str(5)}]{'' if self.ok else ' or undefined'}"


def unknown() -> Value:
    return Value(NINF, INF, False)


def free() -> Value:
    """Any real number, certainly defined."""
    return Value(NINF, INF)


def lower(x: arb) -> arb:
    """Return the lower end of a ball; infinite where nothing is known."""
    return (x if x in (INF, NINF) else x.lower() if x.is_finite() else NINF)


def upper(x: arb) -> arb:
    return (x if x in (INF, NINF) else x.upper() if x.is_finite() else INF)


def ends(*balls: arb) -> Pair:
    """Return the hull of balls; products of 0 and infinity count as 0."""
    lo, hi = INF, NINF
    for x in balls:
        a, b = lower(x), upper(x)
        lo, hi = (a if a < lo else lo), (b if b > hi else hi)
    return lo, hi


def times(a: arb, b: arb) -> arb:
    return NONE if a.is_zero() or b.is_zero() else a * b


def interval_product(a: Pair, b: Pair) -> Pair:
    if a[0] >= 0 and b[0] >= 0:
        return lower(times(a[0], b[0])), upper(times(a[1], b[1]))
    return ends(times(a[0], b[0]), times(a[0], b[1]), times(a[1], b[0]), times(a[1], b[1]))


def plus(a: arb, b: arb, up: bool) -> arb:
    """Add two ends, rounded outward; infinite ends stay."""
    if a in (INF, NINF):
        return a
    if b in (INF, NINF):
        return b
    return (a + b).upper() if up else (a + b).lower()


# ---------------------------------------------------------------- forms
Reach = Mapping[int, arb]  # half the width of each leaf


def reach_of(factors: Mapping[int, arb], widths: Reach) -> arb:
    total = NONE
    for k, factor in factors.items():
        total += factor.abs_upper() * widths[k]
    return total.upper()


def spanned(form: Form, widths: Reach) -> Pair:
    """Return the interval a form spans."""
    centre, factors, rest = form
    wide = (reach_of(factors, widths) + rest).upper()
    return lower(centre - wide), upper(centre + wide)


def tightened(value: Value, widths: Reach) -> Value:
    """Meet interval and form; forms that grew without bound are dropped."""
    form = value.form
    if form is None:
        return value
    if not form[0].is_finite() or not form[2].is_finite():
        value.form = None
        return value
    lo, hi = spanned(form, widths)
    if lo > value.lo:
        value.lo, value.lo_open = lo, False
    if hi < value.hi:
        value.hi, value.hi_open = hi, False
    return value


def combined(parts: list[tuple[Form, arb]], start: arb) -> Form:
    centre, rest = start, NONE
    factors: dict[int, arb] = {}
    for (c, more, r), factor in parts:
        centre = centre + factor * c
        rest = rest + factor.abs_upper() * r
        for k, f in more.items():
            factors[k] = factors[k] + factor * f if k in factors else factor * f
    return centre, factors, rest.upper()


def form_product(a: Form, b: Form, widths: Reach) -> Form:
    """Return the form of a product: what is of second order goes into the rest."""
    (c, f, r), (d, g, s) = a, b
    wide, broad = reach_of(f, widths), reach_of(g, widths)
    factors = {k: v * d for k, v in f.items()}
    for k, v in g.items():
        factors[k] = factors[k] + c * v if k in factors else c * v
    rest = c.abs_upper() * s + d.abs_upper() * r + (wide + r) * (broad + s)
    return c * d, factors, rest.upper()


def bent(form: Form, value: arb, slope: arb, second: Pair, widths: Reach) -> Form | None:
    """Return the form of g(v) from g and g' at the centre and the range of g''."""
    _, factors, rest = form
    wide = (reach_of(factors, widths) + rest).upper()
    low, high = ends(second[0], second[1], NONE)
    if not (low.is_finite() and high.is_finite() and slope.is_finite() and value.is_finite()):
        return None
    square = wide * wide / 2
    middle, half = (low + high) / 2 * square, (high - low) / 2 * square
    return (value + middle, {k: slope * v for k, v in factors.items()},
            (slope.abs_upper() * rest + half).upper())


def from_rational(q: fmpq) -> Value:
    ball = arb(q)
    return Value(lower(ball), upper(ball), True, (ball, {}, NONE))


__all__ = ["INF", "NINF", "Form", "Pair", "Reach", "Value"]
