"""Ways to write one real number: what an entry of a tape is the same as, by exact identities.

Each holds for all real arguments at which the written form is defined. They let cancelling terms
cancel (log sum exp shifted by its maximum) and a choice between two branches be seen as a kink.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt
from typing import TYPE_CHECKING

from flint import fmpq

if TYPE_CHECKING:
    from .tape import Tape

ONE = fmpq(1)
AT_ZERO: dict[str, fmpq | int] = {
    "exp": 1, "sigmoid": fmpq(1, 2), "sigmoid slope": fmpq(1, 4), "sigmoid second": 0,
    "sin": 0, "cos": 1, "arctan": 0, "erf": 0, "sinh": 0, "cosh": 1, "arcsinh": 0, "sqrt": 0,
    "log cosh": 0,
}  # fmt: skip


def simpler(tape: Tape, name: str, a: int) -> int | None:
    """Return another spelling of a function of one entry, None where there is none."""
    value = tape.number(a)
    if value is not None:
        found = _of_constant(name, value)
        if found is not None:
            return tape.constant(found)
    rule = RULES.get(name)
    return None if rule is None else rule(tape, a)


def _of_constant(name: str, value: fmpq) -> fmpq | int | None:
    if value == 0 and name in AT_ZERO:
        return fmpq(AT_ZERO[name])
    if name == "log" and value == 1:
        return 0
    if name == "reciprocal" and value != 0:
        return 1 / value
    if name == "relu":
        return value if value > 0 else 0
    if name == "square":
        return value * value
    if name == "sign":
        return (value > 0) - (value < 0)
    if name == "floor":
        return fmpq(value.floor())
    if name == "sqrt" and value > 0:
        roots = isqrt(int(value.p)), isqrt(int(value.q))
        if roots[0] ** 2 == value.p and roots[1] ** 2 == value.q:
            return fmpq(*roots)
    return None


def _log(tape: Tape, a: int) -> int | None:
    name, inputs = tape.names[a], tape.inputs[a]
    if name == "exp":
        return inputs[0]
    if name == "sigmoid":
        return tape.scale(tape.unary("softplus", tape.scale(inputs[0], -1)), -1)
    if name == "reciprocal":
        return tape.scale(tape.unary("log", inputs[0]), -1)
    if name == "cosh":
        return tape.entry("log cosh", (inputs[0],))
    if name == "product":
        for one, other in (inputs, inputs[::-1]):
            if tape.names[one] in ("exp", "sigmoid"):  # both are positive
                return tape.add(tape.unary("log", one), tape.unary("log", other))
    return _log_of_exps(tape, a)


def _log_of_exps(tape: Tape, a: int) -> int | None:
    """log(c (e^u + e^v + ...)) = log c + u + log(1 + e^(v - u) + ...)."""
    terms, start = tape.terms(a)
    if len(terms) == 1 and start == 0 and set(terms.values()) != {ONE}:
        ((k, factor),) = terms.items()
        if factor > 0:
            return tape.add(tape.unary("log", tape.constant(factor)), tape.unary("log", k))
    parts = [tape.inputs[k][0] if tape.names[k] == "exp" else None for k in terms]
    factors = set(terms.values()) | ({start} if start != 0 else set())
    if None in parts or len(factors) != 1 or len(parts) + (start != 0) < 2:
        return None
    (factor,) = factors
    if not factor > 0:
        return None
    exponents = [p for p in parts if p is not None] + ([tape.constant(0)] if start != 0 else [])
    first = exponents[-1] if start != 0 else min(exponents)
    rest = tuple(sorted(tape.subtract(p, first) for p in exponents if p != first))
    whole = tape.unary("softplus", rest[0]) if len(rest) == 1 else tape.entry("log1pexps", rest)
    found = tape.add(first, whole)
    return found if factor == 1 else tape.add(
        found, tape.unary("log", tape.constant(factor)))


def _relu(tape: Tape, a: int) -> int | None:
    """relu(c u) = c relu(u) for c > 0, relu(-u) = relu(u) - u: one kink, one entry."""
    if tape.names[a] in ("exp", "relu", "square", "sigmoid", "softplus", "norm", "cosh"):
        return a
    terms, start = tape.terms(a)
    if not terms:
        return None
    lead = terms[min(terms)]
    size = lead if lead > 0 else -lead
    if lead == 0 or (lead > 0 and size == 1):
        return None
    inner = tape.combine({k: f / lead for k, f in terms.items()}, start / lead)
    found = tape.scale(tape.relu(inner), size)
    return found if lead > 0 else tape.add(found, tape.scale(inner, size), -1)


def _reciprocal(tape: Tape, a: int) -> int | None:
    name, inputs = tape.names[a], tape.inputs[a]
    if name == "exp":
        return tape.unary("exp", tape.scale(inputs[0], -1))
    terms, start = tape.terms(a)
    if len(terms) == 1:
        ((k, factor),) = terms.items()
        if start == 0 and factor not in (0, 1):
            return tape.scale(tape.unary("reciprocal", k), 1 / factor)
        if start == factor and tape.names[k] == "exp":  # 1 / (c + c e^u)
            found = tape.unary("sigmoid", tape.scale(tape.inputs[k][0], -1))
            return tape.scale(found, 1 / factor)
    return None


def _square(tape: Tape, a: int) -> int | None:
    if tape.names[a] == "sqrt" and tape.total[tape.inputs[a][0]] and _not_negative(
            tape, tape.inputs[a][0]):
        return tape.inputs[a][0]
    terms, start = tape.terms(a)
    if len(terms) == 1 and start == 0:
        ((k, factor),) = terms.items()
        if factor not in (0, 1):
            return tape.scale(tape.unary("square", k), factor * factor)
    return None


def _sqrt(tape: Tape, a: int) -> int | None:
    """The root of a sum of squares is a norm."""
    terms, start = tape.terms(a)
    if start < 0 or not terms:
        return None
    if any(tape.names[k] != "square" or not f > 0 for k, f in terms.items()):
        return None
    parts = []
    for k, factor in terms.items():
        root = _of_constant("sqrt", factor)
        if root is None:
            return None
        parts.append(tape.scale(tape.inputs[k][0], fmpq(root)))
    root = fmpq(0) if start == 0 else _of_constant("sqrt", start)
    if root is None:
        return None
    if root == 0 and len(parts) == 1:
        return tape.add(tape.scale(tape.relu(parts[0]), 2), parts[0], -1)
    more = () if root == 0 else (tape.constant(fmpq(root)),)
    return tape.entry("norm", (*sorted(parts), *more))


def _exp(tape: Tape, a: int) -> int | None:
    return tape.inputs[a][0] if tape.names[a] == "log" and tape.total[tape.inputs[a][0]] and (
        tape.names[tape.inputs[a][0]] in ("exp", "sigmoid")) else None


def _tanh(tape: Tape, a: int) -> int:
    """tanh u = 2 sigmoid(2u) - 1."""
    return tape.add(tape.constant(-1), tape.unary("sigmoid", tape.scale(a, 2)), 2)


def _sigmoid_slope(tape: Tape, a: int) -> int | None:
    """The slope of the sigmoid is even: one entry for u and -u."""
    terms, _ = tape.terms(a)
    if terms and terms[min(terms)] < 0:
        return tape.unary("sigmoid slope", tape.scale(a, -1))
    return None


def _sigmoid_second(tape: Tape, a: int) -> int | None:
    terms, _ = tape.terms(a)
    if terms and terms[min(terms)] < 0:
        return tape.scale(tape.unary("sigmoid second", tape.scale(a, -1)), -1)
    return None


def _softplus(tape: Tape, a: int) -> int | None:
    if tape.number(a) == 0:
        return tape.unary("log", tape.constant(2))
    return None


def _not_negative(tape: Tape, a: int) -> bool:
    return tape.names[a] in ("square", "exp", "relu", "sigmoid", "softplus", "norm")


RULES: dict[str, Callable[[Tape, int], int | None]] = {
    "log": _log, "relu": _relu, "reciprocal": _reciprocal, "square": _square, "sqrt": _sqrt,
    "exp": _exp, "softplus": _softplus, "tanh": _tanh, "sigmoid slope": _sigmoid_slope,
    "sigmoid second": _sigmoid_second,
}  # fmt: skip
