"""What functions do to values far out on a line, as :mod:`.tails` holds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flint import arb, fmpq

from .ranges import NONE
from .tails import Tail, added, multiplied, small


def exponential(v: Tail) -> Tail | None:
    """Return e^v where v falls, or settles."""
    rest = v.rest()
    if not rest.is_finite():
        return None
    slope = v.slope
    for degree, factor in v.more:
        if not factor < 0:
            return None
        slope = slope + factor * v.start ** (degree - 1)  # t^degree >= start^(degree - 1) t
    if slope < 0:
        return small((v.offset + rest).exp(), 0, (-slope).lower(), v.start)
    if not v.level():
        return None
    value = v.offset.exp()
    return Tail(NONE, value, (value * rest.exp() * v.size).upper(), v.power, v.rate, v.start)


def _settling(value: Callable[[arb], arb], steep: arb) -> Callable[[Tail], Tail | None]:
    """A function of a settling value, whose slope is at most `steep` everywhere."""

    def settle(v: Tail) -> Tail | None:
        if not v.level():
            return None
        return Tail(NONE, value(v.offset), (steep * v.size).upper(), v.power, v.rate, v.start)

    return settle


def _both_ways(
    rising: Callable[[Tail, Tail], Tail | None], level: Callable[[Tail], Tail | None]
) -> Callable[[Tail], Tail | None]:
    """A function that differs from its limit line by at most e^-|v|."""

    def apply(v: Tail) -> Tail | None:
        if v.level():
            return level(v)
        sign = 1 if (v.more[-1][1] if v.more else v.slope) > 0 else -1
        fading = exponential(Tail(-sign * v.slope, -sign * v.offset, v.size, v.power, v.rate,
                                  v.start, tuple((d, -sign * f) for d, f in v.more)))
        return None if fading is None else rising(v, fading) if sign > 0 else fading

    return apply


def _sigmoid(x: arb) -> arb:
    return 1 / (1 + (-x).exp())


def _one(v: Tail, fading: Tail) -> Tail | None:
    return added(Tail(NONE, arb(1), NONE, 0, NONE, v.start), fading, arb(1))


APPLIED: Mapping[str, Callable[[Tail], Tail | None]] = {
    "exp": exponential,
    "sigmoid": _both_ways(_one, _settling(_sigmoid, arb("0.25"))),
    "softplus": _both_ways(lambda v, f: added(v, f, arb(1)), _settling(
        lambda x: x.exp().log1p(), arb(1))),
    "sigmoid slope": _both_ways(lambda v, f: f, _settling(
        lambda x: _sigmoid(x) * _sigmoid(-x), arb(1))),
    "log cosh": lambda v: _log_cosh(v),
    "sigmoid second": _both_ways(lambda v, f: f, lambda v: None),
    "erf": lambda v: _erf(v),
    "reciprocal": lambda v: _reciprocal(v),
    "square": lambda v: _squared(v),
}


def _log_cosh(v: Tail) -> Tail | None:
    """log cosh u = |u| - log 2 + log(1 + e^(-2|u|))."""
    if v.level():
        return None
    sign = arb(1 if (v.more[-1][1] if v.more else v.slope) > 0 else -1)
    nothing = Tail(NONE, NONE, NONE, 0, NONE, v.start)
    twice = added(nothing, v, -2 * sign)
    fading = None if twice is None else exponential(twice)
    line = added(Tail(NONE, -arb(2).log(), NONE, 0, NONE, v.start), v, sign)
    return None if fading is None or line is None else added(line, fading, arb(1))


def _erf(v: Tail) -> Tail | None:
    """1 - erf(u) <= e^(-u^2) for u >= 0."""
    sign = 1 if v.slope > 0 else -1
    offset, slope = sign * v.offset, sign * v.slope
    if v.more or not slope > 0 or not v.size.is_zero() or not slope * v.start + offset > 0:
        return None
    rate = slope * slope * v.start + 2 * slope * offset
    if not rate > 0:
        return None
    return Tail(NONE, arb(sign), (-offset * offset).exp().upper(), 0, rate.lower(), v.start)


def _reciprocal(v: Tail) -> Tail | None:
    if v.more:
        return None
    least = (v.slope.abs_lower() - v.offset.abs_upper() / v.start - v.rest() / v.start)
    if least > 0:
        return small(1 / least, -1, NONE, v.start)
    floor = v.offset.abs_lower() - v.rest()
    if not v.slope.is_zero() or not floor > 0:
        return None
    return Tail(NONE, 1 / v.offset, (v.size / (floor * v.offset.abs_lower())).upper(), v.power,
                v.rate, v.start)


def _squared(v: Tail) -> Tail | None:
    return multiplied(v, v)


def tail_of(name: str, parts: Sequence[Tail | None], data: Any, start: arb) -> Tail | None:
    """Return the tail of an operation, None where it leaves the form."""
    if name == "constant":
        return Tail(NONE, arb(data), NONE, 0, NONE, start)
    if name == "pi":
        return Tail(NONE, arb.pi(), NONE, 0, NONE, start)
    known = [p for p in parts if p is not None]
    if len(known) != len(parts):
        return None
    if name == "linear":
        found: Tail | None = Tail(NONE, arb(data[1]), NONE, 0, NONE, start)
        for part, factor in zip(known, data[0], strict=True):
            found = None if found is None else added(found, part, arb(factor))
        return found
    if name in ("product", "quadratic over linear"):
        first = _squared(known[0]) if name != "product" else known[0]
        return None if first is None else multiplied(first, known[1])
    if name == "whole power":
        total: Tail | None = known[0]
        for _ in range(int(data) - 1):
            total = None if total is None else multiplied(total, known[0])
        return total
    if name == "norm":
        return _norm(known)
    if name in ("sqrt", "power"):
        return _settled_power(known[0], fmpq(1, 2) if name == "sqrt" else data)
    rule = APPLIED.get(name)
    return None if rule is None else rule(known[0])


def _norm(parts: Sequence[Tail]) -> Tail | None:
    """sqrt(u^2 + c^2) lies between |u| and |u| + c^2 / (2 |u|), for one line u and a number c."""
    lines = [p for p in parts if not p.slope.is_zero()]
    rest = [p for p in parts if p.slope.is_zero()]
    if len(lines) != 1 or not all(p.size.is_zero() and not p.more for p in parts):
        return None
    line, total = lines[0], sum((p.offset * p.offset for p in rest), NONE)
    least = line.slope.abs_lower() - line.offset.abs_upper() / line.start
    if not least > 0:
        return None
    sign = 1 if line.slope > 0 else -1
    return Tail(sign * line.slope, sign * line.offset, (total / (2 * least)).abs_upper(), -1, NONE,
                line.start)


def _settled_power(v: Tail, exponent: fmpq) -> Tail | None:
    if not (v.size.is_zero() and v.level() and v.offset > 0):
        return None
    return Tail(NONE, (v.offset.log() * arb(exponent)).exp(), NONE, 0, NONE, v.start)
