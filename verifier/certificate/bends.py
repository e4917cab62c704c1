"""What the elementary functions do to an interval: their range, slope and second derivative.

Written for this checker from the textbook formulas; no row of the engine's table is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flint import arb, fmpq

from .ranges import INF, NINF, NONE, Pair, ends, interval_product, lower, upper

Ends = Callable[[arb, arb], Pair]


@dataclass(frozen=True, slots=True)
class Bend:
    """One function: defined for low < x (or <=) ; `rises` 1 or -1 where it is monotone.

    `value` and `slope` take a ball, `second` the ends of an interval inside the domain.
    """

    value: Callable[[arb], arb]
    slope: Callable[[arb], arb]
    second: Ends
    rises: int = 0
    low: int | None = None
    low_out: bool = False
    limits: Pair = (NINF, INF)  # at -oo and at +oo, where it rises or falls

    def at(self, x: arb) -> arb:
        if x in (NINF, INF):
            return self.limits[0 if x == NINF else 1]
        if x.is_zero() and self.low == 0 and self.low_out:
            return NINF if self.rises > 0 else INF
        return self.value(x)


def _sigmoid(x: arb) -> arb:
    return 1 / (1 + (-x).exp()) if x > -1 else x.exp() / (1 + x.exp())


def _softplus(x: arb) -> arb:
    return x + (-x).exp().log1p() if x > 0 else x.exp().log1p()


def sigmoid_ends(a: arb, b: arb) -> Pair:
    low = NONE if a == NINF else lower(_sigmoid(a))
    high = arb(1) if b == INF else upper(_sigmoid(b))
    return low, high


def _sigmoid_slope(x: arb) -> arb:
    return _sigmoid(x) * _sigmoid(-x)


def sigmoid_slope_ends(a: arb, b: arb) -> Pair:
    """s (1 - s): rises to 1/4 at 0 and falls after it."""
    tops = [NONE if not x.is_finite() else _sigmoid_slope(x) for x in (a, b)]
    return ends(*tops, arb("0.25")) if a <= 0 and b >= 0 else ends(*tops)


def _sigmoid_bend(x: arb) -> arb:
    return _sigmoid_slope(x) * (1 - 2 * _sigmoid(x))


def sigmoid_second_ends(a: arb, b: arb) -> Pair:
    """s (1 - s) (1 - 2s) has its extremes where s = (3 -+ sqrt 3) / 6."""
    tops = [NONE if not x.is_finite() else _sigmoid_bend(x) for x in (a, b)]
    s = sigmoid_ends(a, b)
    for sign in (1, -1):
        turn = (3 - sign * arb(3).sqrt()) / 6
        if not (turn < s[0] or turn > s[1]):
            tops.append(turn * (1 - turn) * (1 - 2 * turn))
    return ends(*tops)


def _sigmoid_third(a: arb, b: arb) -> Pair:
    """v (1 - 6v) with v = s (1 - s)."""
    v = sigmoid_slope_ends(a, b)
    tops = [x * (1 - 6 * x) for x in v]
    turn = arb(1) / 12
    if not (turn < v[0] or turn > v[1]):
        tops.append(turn / 2)
    return ends(*tops)


def _sigmoid_fourth(a: arb, b: arb) -> Pair:
    """v (1 - 2s) (1 - 12v)."""
    v, s = sigmoid_slope_ends(a, b), sigmoid_ends(a, b)
    return interval_product(interval_product(v, (lower(1 - 12 * v[1]), upper(1 - 12 * v[0]))),
                            (lower(1 - 2 * s[1]), upper(1 - 2 * s[0])))


def _log_cosh(x: arb) -> arb:
    size = abs(x) if not x.contains(0) else (x * x).sqrt()
    return size + (-2 * size).exp().log1p() - arb(2).log()


def _log_cosh_ends(a: arb, b: arb) -> Pair:
    tops = [INF if not x.is_finite() else _log_cosh(x) for x in (a, b)]
    least, most = ends(*tops)
    return (NONE if a <= 0 and b >= 0 else NONE if least < 0 else least), most


def _log_cosh_second(a: arb, b: arb) -> Pair:
    """sech^2 x = 4 s (1 - s) at 2x."""
    least, most = sigmoid_slope_ends(2 * a, 2 * b)
    return 4 * least, 4 * most


def _at_ends(second: Callable[[arb], arb]) -> Ends:
    """The second derivative is monotone on the domain: its ends are its values there."""
    return lambda a, b: ends(*(_limit(second, x) for x in (a, b)))


def _limit(function: Callable[[arb], arb], x: arb) -> arb:
    found = function(x)
    return found if found.is_finite() or found in (INF, NINF) else arb.nan()


def _by_ball(second: Callable[[arb], arb]) -> Ends:
    def over(a: arb, b: arb) -> Pair:
        if not (a.is_finite() and b.is_finite()):
            return NINF, INF
        return ends(second(a.union(b)))

    return over




def _bell(x: arb) -> arb:
    """The slope of erf."""
    return 2 / arb.pi().sqrt() * (-x * x).exp()


def _bell_second(a: arb, b: arb) -> Pair:
    """The second derivative of erf, -2x times its slope."""
    sizes = [arb(0) if not x.is_finite() else _bell(x) for x in (a, b)]
    if a < 0 and b > 0:
        sizes.append(_bell(arb(0)))
    return interval_product((-2 * b, -2 * a), ends(*sizes))


def _fading(a: arb, b: arb) -> Pair:
    """A second derivative of sign -x and of size below 0.65, as arctan and arsinh have it."""
    return (NONE if b <= 0 else arb("-0.65").lower()), (NONE if a >= 0 else arb("0.65").upper())


BENDS: dict[str, Bend] = {
    "exp": Bend(arb.exp, arb.exp, lambda a, b: (
        NONE if a == NINF else lower(a.exp()), INF if b == INF else upper(b.exp())), 1,
        limits=(NONE, INF)),
    "log": Bend(arb.log, lambda x: 1 / x, _at_ends(lambda x: NONE if x == INF else (
        NINF if x.is_zero() else -1 / (x * x))), 1, 0, True, (NINF, INF)),
    "sqrt": Bend(arb.sqrt, lambda x: 1 / (2 * x.sqrt()), _at_ends(lambda x: NONE if x == INF else (
        NINF if x.is_zero() else -1 / (4 * x * x.sqrt()))), 1, 0, False, (NINF, INF)),
    "sigmoid": Bend(_sigmoid, _sigmoid_slope, sigmoid_second_ends, 1, limits=(NONE, arb(1))),
    "sigmoid slope": Bend(_sigmoid_slope, _sigmoid_bend, _sigmoid_third),
    "sigmoid second": Bend(_sigmoid_bend, lambda x: _sigmoid_slope(x) * (
        1 - 6 * _sigmoid_slope(x)), _sigmoid_fourth),
    "log cosh": Bend(_log_cosh, arb.tanh, _log_cosh_second),
    "softplus": Bend(_softplus, _sigmoid, sigmoid_slope_ends, 1, limits=(NONE, INF)),
    "erf": Bend(arb.erf, _bell, _bell_second, 1,
                limits=(arb(-1), arb(1))),
    "arctan": Bend(arb.atan, lambda x: 1 / (1 + x * x), _fading, 1,
                   limits=(-arb.pi() / 2, arb.pi() / 2)),
    "sinh": Bend(arb.sinh, arb.cosh, _at_ends(arb.sinh), 1),
    "arcsinh": Bend(arb.asinh, lambda x: 1 / (1 + x * x).sqrt(), _fading, 1),
    "sin": Bend(arb.sin, arb.cos, _by_ball(lambda x: -x.sin())),
    "cos": Bend(arb.cos, lambda x: -x.sin(), _by_ball(lambda x: -x.cos())),
    "cosh": Bend(arb.cosh, arb.sinh, _by_ball(arb.cosh)),
    "x log x": Bend(lambda x: x * x.log(), lambda x: x.log() + 1, _at_ends(
        lambda x: NONE if x == INF else INF if x.is_zero() else 1 / x), 0, 0, True),
    "entropy": Bend(lambda x: NONE if x.is_zero() else x * x.log(), lambda x: x.log() + 1,
                    _at_ends(lambda x: NONE if x == INF else INF if x.is_zero() else 1 / x), 0, 0),
}


SPANS: dict[str, Ends] = {
    "log cosh": _log_cosh_ends, "sigmoid slope": sigmoid_slope_ends,
    "sigmoid second": sigmoid_second_ends,
}  # fmt: skip


def power_bend(exponent: fmpq) -> Bend:
    """x^q for x > 0 (x = 0 too where q > 0), q no whole number."""
    q = arb(exponent)
    factor = q * (q - 1)

    def at(x: arb, p: arb) -> arb:
        if x.is_zero():
            return NONE if p > 0 else INF
        if x == INF:
            return INF if p > 0 else NONE
        return (x.log() * p).exp()

    rises = 1 if exponent > 0 else -1
    return Bend(lambda x: at(x, q), lambda x: q * at(x, q - 1),
                lambda a, b: ends(factor * at(a, q - 2), factor * at(b, q - 2)), rises, 0,
                exponent < 0, (NINF, INF) if rises > 0 else (INF, NONE))


def not_monotone(name: str, lo: arb, hi: arb) -> Pair:
    """Return the range of a function that is neither rising nor falling."""
    bend = BENDS[name]
    if name in SPANS:
        return SPANS[name](lo, hi)
    if name in ("sin", "cos"):
        if not (lo.is_finite() and hi.is_finite()) or hi - lo > 7:
            return arb(-1), arb(1)
        whole = lo.union(hi)
        slope = bend.slope(whole)
        if slope >= 0 or slope <= 0:
            return ends(bend.value(lo), bend.value(hi))
        a, b = ends(bend.value(whole))
        return (a if a > -1 else arb(-1)), (b if b < 1 else arb(1))
    if name == "cosh":
        tops = [INF if not x.is_finite() else bend.value(x) for x in (lo, hi)]
        least, most = ends(*tops)
        return (least if lo > 0 or hi < 0 else arb(1)), most
    bottom = arb(-1).exp()  # x log x falls to -1/e at 1/e and rises after it
    tops = [NONE if x.is_zero() else INF if x == INF else bend.value(x) for x in (lo, hi)]
    least, most = ends(*tops)
    return (least if lo > bottom or hi < bottom else lower(-bottom)), most
