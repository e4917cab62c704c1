"""What the functions of numpy, math and scipy.special are on a tape: one line each."""

from __future__ import annotations

from collections.abc import Callable

from flint import fmpq

from .tape import Tape
from .taylor import NoReading

Rule = Callable[..., int]
ONE, HALF = 1, fmpq(1, 2)


def _named(name: str) -> Rule:
    return lambda t, a: t.unary(name, a)


def _log_of(base: int) -> Rule:
    return lambda t, a: t.divide(t.unary("log", a), t.unary("log", t.constant(base)))


def _plus(t: Tape, a: int, number: fmpq | int) -> int:
    return t.add(a, t.constant(number))


def _soft(t: Tape, a: int, b: int) -> int:
    """log(e^a + e^b)."""
    return t.unary("log", t.add(t.unary("exp", a), t.unary("exp", b)))


def _softplus(t: Tape, a: int) -> int:
    return t.unary("log", _plus(t, t.unary("exp", a), 1))


def _sigmoid(t: Tape, a: int) -> int:
    return t.unary("reciprocal", _plus(t, t.unary("exp", t.scale(a, -1)), 1))


def _normal(t: Tape, a: int) -> int:
    """Phi(a) = (1 + erf(a / sqrt 2)) / 2."""
    inner = t.divide(a, t.unary("sqrt", t.constant(2)))
    return t.scale(_plus(t, t.unary("erf", inner), 1), HALF)


def _sign(t: Tape, a: int) -> int:
    one, none = t.constant(1), t.constant(0)
    below = t.select(t.decision("positive", t.scale(a, -1)), t.constant(-1), none)
    return t.select(t.decision("positive", a), one, below)


def _xlogy(t: Tape, x: int, y: int) -> int:
    value = t.number(x)
    if value is None and x != y:
        raise NoReading("xlogy of two moving numbers has no rule in the certificate's checker")
    if value == 0:
        return x
    return t.entry("entropy", (x,)) if x == y else t.scale(t.unary("log", y), value or 1)


def _ceil(t: Tape, a: int) -> int:
    return t.scale(t.unary("floor", t.scale(a, -1)), -1)


def _arcsin(t: Tape, a: int) -> int:
    """arctan(a / sqrt(1 - a^2)); at -1 and 1 it is left undefined."""
    one = t.constant(1)
    size = t.unary("sqrt", t.multiply(t.subtract(one, a), t.add(one, a)))
    return t.unary("arctan", t.divide(a, size))


def _right_angle(t: Tape, share: fmpq | int = 1) -> int:
    """pi/2, times a number."""
    return t.scale(t.unary("arctan", t.constant(1)), 2 * share)


def _arctan2(t: Tape, y: int, x: int) -> int:
    up, down, right = (t.decision("positive", k) for k in (y, t.scale(y, -1), x))
    beside = t.unary("arctan", t.divide(x, y))
    left = t.select(t.decision("positive", t.scale(x, -1)), _right_angle(t, 2), t.constant(0))
    above = t.select(up, t.subtract(_right_angle(t), beside), t.select(
        down, t.subtract(_right_angle(t, -1), beside), left))
    return t.select(right, t.unary("arctan", t.divide(y, x)), above)


def _cbrt(t: Tape, a: int) -> int:
    third = t.constant(fmpq(1, 3))
    below = t.scale(t.power(t.scale(a, -1), third), -1)
    return t.select(t.decision("not negative", a), t.power(a, third), below)


WRITTEN: dict[str, Rule] = {
    **{name: _named(name) for name in (
        "exp", "log", "sqrt", "tanh", "sin", "cos", "arctan", "erf", "sinh", "cosh", "arcsinh",
        "floor", "square", "reciprocal")},
    "add": Tape.add, "subtract": Tape.subtract, "multiply": Tape.multiply,
    "divide": Tape.divide, "true_divide": Tape.divide, "power": Tape.power,
    "float_power": Tape.power, "maximum": Tape.larger, "minimum": Tape.smaller,
    "fmax": Tape.larger, "fmin": Tape.smaller,
    "negative": lambda t, a: t.scale(a, -1), "positive": lambda t, a: a,
    "absolute": lambda t, a: t.subtract(t.scale(t.relu(a), 2), a),
    "exp2": lambda t, a: t.unary("exp", t.multiply(a, t.unary("log", t.constant(2)))),
    "expm1": lambda t, a: _plus(t, t.unary("exp", a), -1),
    "log1p": lambda t, a: t.unary("log", _plus(t, a, 1)),
    "log2": _log_of(2), "log10": _log_of(10),
    "tan": lambda t, a: t.divide(t.unary("sin", a), t.unary("cos", a)),
    "hypot": lambda t, a, b: t.unary("sqrt", t.add(t.unary("square", a), t.unary("square", b))),
    "logaddexp": _soft, "sign": _sign, "ceil": _ceil,
    "expit": _sigmoid, "log_expit": lambda t, a: t.scale(_softplus(t, t.scale(a, -1)), -1),
    "logit": lambda t, a: t.subtract(t.unary("log", a), t.unary("log", t.subtract(
        t.constant(1), a))),
    "erfc": lambda t, a: t.subtract(t.constant(1), t.unary("erf", a)),
    "ndtr": _normal, "xlogy": _xlogy, "xlog1py": lambda t, x, y: _xlogy(t, x, _plus(t, y, 1)),
    "entr": lambda t, a: t.scale(t.entry("entropy", (a,)), -1),
    "arcsin": _arcsin, "arctan2": _arctan2, "cbrt": _cbrt,
    "arccos": lambda t, a: t.subtract(_right_angle(t), _arcsin(t, a)),
    "arctanh": lambda t, a: t.scale(t.unary("log", t.divide(_plus(t, a, 1), t.subtract(
        t.constant(1), a))), HALF),
    "heaviside": lambda t, a, b: t.select(t.decision("positive", a), t.constant(1), t.select(
        t.decision("zero", a), b, t.constant(0))),
}
WRITTEN["fabs"] = WRITTEN["abs"] = WRITTEN["absolute"]
