"""The functions of numpy, math and scipy.special on balls and series, by flint alone.

This table shares nothing with the engine's rows on purpose: a wrong row must not confirm itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb, arb_series, ctx

from .taylor import NoReading, Number, Unsure, number, precision, whole_of

Function = Callable[..., Number]


def _by(on_ball: Callable[[arb], arb], on_series: Callable[[Any], Any]) -> Function:
    def apply(x: Number) -> Number:
        return Number((on_ball if isinstance(x.value, arb) else on_series)(x.value))

    return apply


def _same(formula: Callable[[Any], Any]) -> Function:
    return _by(formula, formula)


def _tanh(s: Any) -> Any:
    if s[0] > 0:
        falling = (-2 * s).exp()
        return (1 - falling) / (1 + falling)
    rising = (2 * s).exp()
    return (rising - 1) / (rising + 1)


def _root(x: Number, ball_of: Callable[[arb], arb], share: int) -> Number:
    """Return the odd root of degree `share` by logarithms on the side where x lies."""
    sign = x.sign()
    if sign == 0:
        return Number(arb(0))
    size = x if sign > 0 else -x
    found = (
        Number(ball_of(size.value))
        if isinstance(size.value, arb)
        else Number((size.value.log() / share).exp())
    )
    return found if sign > 0 else -found


def _sigmoid(v: Any) -> Any:
    return 1 / (1 + (-v).exp())


def _log_gamma(v: Any) -> Any:
    """Return log|gamma| as scipy's gammaln does."""
    start = v if isinstance(v, arb) else v[0]
    if start > 0:
        return v.lgamma()
    found = Number(v.gamma())
    return (found if found.sign() > 0 else -found).value.log()


def _digamma(s: Any) -> Any:
    """Compose the derivative of lgamma around s[0] with the rest of s."""
    with precision(ctx.prec, ctx.cap + 1):  # the derivative has one term less
        around = arb_series([s[0], 1]).lgamma().derivative()
    return around(s - s[0])


def _log_of_sum(a: Number, b: Number, base: int | None = None) -> Number:
    """Return log(e^a + e^b), from the larger one; with `base` 2 the same to that base."""
    scale = Number(arb(base).log() if base else arb(1))
    first = bool(a.coefficient(0).mid() >= b.coefficient(0).mid())
    large, small = (a, b) if first else (b, a)  # right either way: only the digits differ
    if isinstance(small.value, arb) and small.value == arb.neg_inf():
        return large
    found: Number = large + FUNCTIONS["log1p"](FUNCTIONS["exp"]((small - large) * scale)) / scale
    return found


def _arctan2(y: Number, x: Number) -> Number:
    side, turn = x.sign(), y.sign()
    half = Number(arb.pi() / 2)
    if side > 0:
        return FUNCTIONS["arctan"](y / x)
    if turn:
        beside: Number = number(turn) * half - FUNCTIONS["arctan"](x / y)
        return beside
    return Number(arb.pi() if side < 0 else arb(0))


def _xlogy(x: Number, y: Number, plus: int = 0) -> Number:
    if isinstance(x.value, arb) and x.value.is_zero():
        return x
    found: Number = x * FUNCTIONS["log"](y + plus)
    return found


def _heaviside(x: Number, at_zero: Number) -> Number:
    sign = x.sign()
    return at_zero if sign == 0 else number(int(sign > 0))


def _whole(x: Number, rounded: Callable[[arb], arb], jumps_at: arb | int = 0) -> Number:
    """Return a step function where its value is certain beside the point, too.

    It jumps at whole numbers, or at those plus `jumps_at`.
    """
    low = x.coefficient(0)
    if low.is_exact() and (low - jumps_at).is_integer() and not isinstance(x.value, arb):
        beside = (x - Number(low)).sign()
        low = low + beside * arb("0.25")
    found = rounded(low)
    if not found.is_exact() or not found.is_integer():
        raise Unsure("a rounding could not be decided")
    return Number(found)


def _rint(x: arb) -> arb:
    """Round to the nearest whole number, ties to even."""
    low = (x + arb("0.5")).floor()
    if x.is_exact() and (x + arb("0.5")).is_integer() and whole_of(low) % 2:
        return low - 1
    return low


def _trunc(x: Number) -> Number:
    return _whole(x, arb.floor if x.sign() >= 0 else arb.ceil)


def _kind(x: Number) -> str:
    start = x.coefficient(0)
    if start.is_finite():
        return "finite"
    if start in (arb.pos_inf(), arb.neg_inf()):
        return "inf"
    return "nan"


def _unknown(name: str) -> Function:
    def refuse(*_: Number) -> Number:
        raise NoReading(f"{name} is not among the functions replay knows")

    return refuse


FUNCTIONS: dict[str, Function] = {
    "exp": _same(lambda v: v.exp()),
    "exp2": _same(lambda v: (v * arb(2).log()).exp()),
    "expm1": _by(arb.expm1, lambda s: s.exp() - 1),
    "log": _same(lambda v: v.log()),
    "log1p": _by(arb.log1p, lambda s: (1 + s).log()),
    "log2": _same(lambda v: v.log() / arb(2).log()),
    "log10": _same(lambda v: v.log() / arb(10).log()),
    "sqrt": _same(lambda v: v.sqrt()),
    "cbrt": lambda x: _root(x, lambda v: v.root(3), 3),
    "sin": _same(lambda v: v.sin()),
    "cos": _same(lambda v: v.cos()),
    "tan": _same(lambda v: v.tan()),
    "sinh": _by(arb.sinh, lambda s: (s.exp() - (-s).exp()) / 2),
    "cosh": _by(arb.cosh, lambda s: (s.exp() + (-s).exp()) / 2),
    "tanh": _by(arb.tanh, _tanh),
    "arcsin": _same(lambda v: v.asin()),
    "arccos": _same(lambda v: v.acos()),
    "arctan": _same(lambda v: v.atan()),
    "arcsinh": _by(arb.asinh, lambda s: (s + (s * s + 1).sqrt()).log()),
    "arccosh": _by(arb.acosh, lambda s: (s + (s * s - 1).sqrt()).log()),
    "arctanh": _by(arb.atanh, lambda s: ((1 + s) / (1 - s)).log() / 2),
    "arctan2": _arctan2,
    "hypot": lambda x, y: FUNCTIONS["sqrt"](x * x + y * y),
    "logaddexp": _log_of_sum,
    "logaddexp2": lambda x, y: _log_of_sum(x, y, 2),
    "fabs": lambda x: -x if x.sign() < 0 else x,
    "sign": lambda x: number(x.sign()),
    "heaviside": _heaviside,
    "floor": lambda x: _whole(x, arb.floor),
    "ceil": lambda x: _whole(x, arb.ceil),
    "rint": lambda x: _whole(x, _rint, arb("0.5")),
    "trunc": _trunc,
    "float_power": lambda x, y: x**y,
    "deg2rad": lambda x: x * Number(arb.pi()) / 180,
    "rad2deg": lambda x: x * 180 / Number(arb.pi()),
    "erf": _same(lambda v: v.erf()),
    "erfc": _same(lambda v: v.erfc()),
    "gamma": _same(lambda v: v.gamma()),
    "gammaln": _same(_log_gamma),
    "loggamma": _same(lambda v: v.lgamma()),
    "digamma": _by(arb.digamma, _digamma),
    "erfinv": _by(arb.erfinv, _unknown("erfinv of a moving number")),
    "expit": _same(_sigmoid),
    "log_expit": _same(lambda v: -(1 + (-v).exp()).log()),
    "logit": _same(lambda v: (v / (1 - v)).log()),
    "ndtr": _same(lambda v: (-v / arb(2).sqrt()).erfc() / 2),
    "log_ndtr": _same(lambda v: ((-v / arb(2).sqrt()).erfc() / 2).log()),
    "xlogy": _xlogy,
    "xlog1py": lambda x, y: _xlogy(x, y, 1),
    "entr": lambda x: -_xlogy(x, x),
}
FUNCTIONS["psi"] = FUNCTIONS["digamma"]

QUESTIONS: dict[str, Callable[[Number], bool]] = {
    "isnan": lambda x: _kind(x) == "nan",
    "isinf": lambda x: _kind(x) == "inf",
    "isfinite": lambda x: _kind(x) == "finite",
    "signbit": lambda x: x.sign() < 0,
}

# Where the math module calls a function by another name than numpy does.
MATH = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "asinh": "arcsinh",
    "acosh": "arccosh", "atanh": "arctanh", "lgamma": "gammaln",
}  # fmt: skip

__all__ = ["FUNCTIONS", "MATH", "QUESTIONS"]
