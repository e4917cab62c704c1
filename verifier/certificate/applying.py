"""What one operation does to the values of its operands on a box."""

from __future__ import annotations

from typing import Any

from flint import arb

from .bends import BENDS, Bend, not_monotone, power_bend
from .ranges import (
    INF,
    NINF,
    NONE,
    Reach,
    Value,
    bent,
    combined,
    ends,
    form_product,
    interval_product,
    lower,
    plus,
    reach_of,
    tightened,
    times,
    unknown,
    upper,
)


def nothing() -> Value:
    """The zero of a branch that is certainly not taken: it annihilates whatever it meets."""
    return Value(NONE, NONE, True, (NONE, {}, NONE), dead=True)


def applied(name: str, parts: list[Value], data: Any, widths: Reach) -> Value:
    """Return the values of an operation whose operands are certainly defined."""
    first = parts[0]
    if name == "product":
        return product(first, parts[1], widths)
    if name == "square":
        return square(first, widths)
    if name == "whole power":
        return whole_power(first, int(data), widths)
    if name == "reciprocal":
        return reciprocal(first, widths)
    if name == "relu":
        return relu(first)
    if name == "floor":
        lo, hi = (x.floor() if x.is_finite() else x for x in (first.lo, first.hi))
        return Value(lower(lo), upper(hi))
    if name == "quadratic over linear":
        return product(square(first, widths), parts[1], widths)
    if name == "norm":
        return norm(parts, widths)
    if name == "log1pexps":
        return exponentials(parts, widths)
    return curved(name, power_bend(data) if name == "power" else BENDS[name], first, widths)


def product(a: Value, b: Value, widths: Reach) -> Value:
    if a.dead or b.dead:
        return nothing()
    lo, hi = interval_product((a.lo, a.hi), (b.lo, b.hi))
    form = None if a.form is None or b.form is None else form_product(a.form, b.form, widths)
    low_open = bool(a.lo >= 0 and b.lo >= 0 and lo.is_zero()) and _positive(a) and _positive(b)
    return Value(lo, hi, True, form, low_open, False)


def _positive(v: Value) -> bool:
    return bool(v.lo > 0) or (bool(v.lo >= 0) and v.lo_open)


# Where a function is expanded about the centre of a form, its second derivative is enclosed over
# the hull of range and centre: the centre may lie outside the range that the interval knows.
def curved(name: str, bend: Bend, v: Value, widths: Reach) -> Value:
    """Return the values of an elementary function of one number."""
    if bend.low is not None and not (
            v.lo > 0 or (v.lo.is_zero() and (v.lo_open or not bend.low_out))):
        return unknown()
    outs = (False, False)
    if bend.rises:
        first, last = (v.lo, v.hi) if bend.rises > 0 else (v.hi, v.lo)
        outs = (v.lo_open, v.hi_open) if bend.rises > 0 else (v.hi_open, v.lo_open)
        lo, hi = lower(bend.at(first)), upper(bend.at(last))
    else:
        lo, hi = not_monotone(name, v.lo, v.hi)
    form = None
    if v.form is not None and (bend.low is None or v.form[0] > 0):
        centre = v.form[0]
        form = bent(v.form, bend.value(centre), bend.slope(centre),
                    bend.second(*ends(v.lo, v.hi, centre)), widths)
    return Value(lo, hi, True, form, *outs)


def square(v: Value, widths: Reach) -> Value:
    tops = ends(times(v.lo, v.lo), times(v.hi, v.hi))
    strict = v.lo > 0 or v.hi < 0
    away = (v.lo >= 0 and v.lo_open) or (v.hi <= 0 and v.hi_open)  # the least is not taken
    form = None if v.form is None else bent(
        v.form, v.form[0] * v.form[0], 2 * v.form[0], (arb(2), arb(2)), widths)
    return tightened(Value(tops[0] if strict else NONE, tops[1], True, form, bool(away), False),
                     widths)


def whole_power(v: Value, power: int, widths: Reach) -> Value:
    even, crosses = power % 2 == 0, bool(v.lo < 0 and v.hi > 0)

    def at(x: arb, p: int) -> arb:
        return x**p if x.is_finite() else INF if x > 0 or p % 2 == 0 else NINF

    tops = ends(*(at(x, power) for x in (v.lo, v.hi)), *((NONE,) if crosses and even else ()))
    form = None
    if v.form is not None:
        c = v.form[0]
        lo, hi = ends(v.lo, v.hi, c)
        second = ends(*(power * (power - 1) * at(x, power - 2) for x in (lo, hi)),
                      *((NONE,) if lo < 0 and hi > 0 else ()))
        form = bent(v.form, c**power, power * c ** (power - 1), second, widths)
    return Value(*tops, True, form)


def reciprocal(v: Value, widths: Reach) -> Value:
    positive = v.lo > 0 or (v.lo.is_zero() and v.lo_open)
    if not positive and not (v.hi < 0 or (v.hi.is_zero() and v.hi_open)):
        return unknown()
    huge = INF if positive else NINF

    def at(x: arb) -> arb:
        return huge if x.is_zero() else 1 / x if x.is_finite() else NONE

    form = None
    if v.form is not None and (v.form[0] > 0 if positive else v.form[0] < 0) and not (
            v.lo.is_zero() or v.hi.is_zero()):
        c = v.form[0]
        second = ends(*(2 * at(x) ** 3 for x in ends(v.lo, v.hi, c)))
        form = bent(v.form, 1 / c, -1 / (c * c), second, widths)
    return Value(lower(at(v.hi)), upper(at(v.lo)), True, form, v.hi_open, v.lo_open)


def relu(v: Value) -> Value:
    if v.lo >= 0:
        return v
    if v.hi <= 0:
        return Value(NONE, NONE, True, (NONE, {}, NONE))
    form = None
    if v.form is not None and v.lo.is_finite() and v.hi.is_finite():
        share = (v.hi / (v.hi - v.lo)).mid()
        centre, factors, rest = v.form
        gap = ends(-share * v.lo, (1 - share) * v.hi)[1] / 2  # half of chord minus bend
        form = (share * centre + gap, {k: share * f for k, f in factors.items()},
                (share * rest + gap).upper())
    return Value(NONE, v.hi, True, form, False, v.hi_open)


def norm(parts: list[Value], widths: Reach) -> Value:
    lo, hi = NONE, NONE
    for part in parts:
        found = square(part, widths)
        lo, hi = plus(lo, found.lo, False), plus(hi, found.hi, True)
    return Value(lower(lo.sqrt()), INF if hi == INF else upper(hi.sqrt()))


def exponentials(parts: list[Value], widths: Reach) -> Value:
    """log(1 + e^u + e^v + ...), which rises in each; its curvature is at most wide^2."""
    lo, hi = _log_sum([p.lo for p in parts]), _log_sum([p.hi for p in parts])
    forms = [p.form for p in parts if p.form is not None]
    form = None
    if len(forms) == len(parts):
        centres = [f[0] for f in forms]
        value = _log_sum(centres)
        _, factors, rest = combined([(f, (f[0] - value).exp()) for f in forms], NONE)
        wide = ends(*(reach_of(f[1], widths) + f[2] for f in forms))[1]
        half = (wide * wide / 4).upper()
        form = (value + half, factors, (rest + half).upper())
    return Value(lower(lo), upper(hi), True, form)


def _log_sum(exponents: list[arb]) -> arb:
    if any(e == INF for e in exponents):
        return INF
    return sum((NONE if e == NINF else e.exp() for e in exponents), arb(1)).log()
