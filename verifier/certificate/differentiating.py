"""Derivatives of a tape, written on the tape itself: the chain rule from the last entry backward.

A branch that is not taken passes nothing back (`gate`), even where it is undefined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flint import fmpq

from .recording import DECISIONS
from .tape import Tape
from .taylor import NoReading

Slope = Callable[[Tape, int, int], int]  # tape, argument, result


def _recip(t: Tape, a: int) -> int:
    return t.unary("reciprocal", a)


def _one_and_square(t: Tape, a: int) -> int:
    return t.add(t.constant(1), t.unary("square", a))


def _bell(t: Tape, a: int) -> int:
    scale = t.scale(_recip(t, t.unary("sqrt", t.entry("pi"))), 2)
    return t.multiply(scale, t.unary("exp", t.scale(t.unary("square", a), -1)))


def _sigmoid_third(t: Tape, a: int) -> int:
    """v (1 - 6v), v the slope of the sigmoid."""
    v = t.unary("sigmoid slope", a)
    return t.multiply(v, t.add(t.constant(1), v, -6))


def _logarithm_and_one(t: Tape, a: int) -> int:
    return t.add(t.unary("log", a), t.constant(1))


SLOPES: dict[str, Slope] = {
    "exp": lambda t, a, y: y,
    "log": lambda t, a, y: _recip(t, a),
    "sqrt": lambda t, a, y: t.scale(_recip(t, y), fmpq(1, 2)),
    "reciprocal": lambda t, a, y: t.scale(t.unary("square", y), -1),
    "square": lambda t, a, y: t.scale(a, 2),
    "sigmoid": lambda t, a, y: t.unary("sigmoid slope", a),
    "sigmoid slope": lambda t, a, y: t.unary("sigmoid second", a),
    "sigmoid second": lambda t, a, y: _sigmoid_third(t, a),
    "softplus": lambda t, a, y: t.unary("sigmoid", a),
    "sin": lambda t, a, y: t.unary("cos", a),
    "cos": lambda t, a, y: t.scale(t.unary("sin", a), -1),
    "sinh": lambda t, a, y: t.unary("cosh", a),
    "cosh": lambda t, a, y: t.unary("sinh", a),
    "log cosh": lambda t, a, y: t.unary("tanh", a),
    "arctan": lambda t, a, y: _recip(t, _one_and_square(t, a)),
    "arcsinh": lambda t, a, y: _recip(t, t.unary("sqrt", _one_and_square(t, a))),
    "erf": lambda t, a, y: _bell(t, a),
    "x log x": lambda t, a, y: _logarithm_and_one(t, a),
    "entropy": lambda t, a, y: _logarithm_and_one(t, a),
}


def partial(tape: Tape, k: int) -> list[tuple[int, int]]:
    """Return (input, partial derivative) of one smooth entry by each of its inputs."""
    name, inputs, data = tape.names[k], tape.inputs[k], tape.data[k]
    if name in ("constant", "leaf", "pi"):
        return []
    if name == "linear":
        return [(i, tape.constant(f)) for i, f in zip(inputs, data[0], strict=True)]
    if name == "product":
        return [(inputs[0], inputs[1]), (inputs[1], inputs[0])]
    if name == "whole power":
        lower = tape.power(inputs[0], tape.constant(data - 1))
        return [(inputs[0], tape.scale(lower, data))]
    if name == "power":
        lower = tape.power(inputs[0], tape.constant(data - 1))
        return [(inputs[0], tape.scale(lower, data))]
    if name == "quadratic over linear":
        square = tape.unary("square", inputs[0])
        return [(inputs[0], tape.multiply(tape.scale(inputs[0], 2), inputs[1])),
                (inputs[1], square)]
    if name == "norm":
        back = _recip(tape, k)
        return [(i, tape.multiply(i, back)) for i in inputs]
    if name == "log1pexps":
        return [(i, tape.unary("exp", tape.subtract(i, k))) for i in inputs]
    rule = SLOPES.get(name)
    if rule is None:
        raise NoReading(f"{name} has no derivative in the certificate's checker")
    return [(inputs[0], rule(tape, inputs[0], k))]


def passed_back(tape: Tape, k: int, adjoint: int) -> list[tuple[int, int]]:
    """Return (input, what reaches it) where `adjoint` reaches entry k."""
    name, inputs = tape.names[k], tape.inputs[k]
    if name == "relu":
        above = tape.decision("positive", inputs[0])
        return [(inputs[0], tape.gate(above, adjoint, True))]
    if name == "select":
        condition, a, b = inputs
        return [(a, tape.gate(condition, adjoint, True)),
                (b, tape.gate(condition, adjoint, False))]
    if name == "gate":
        return [(inputs[1], tape.gate(inputs[0], adjoint, tape.data[k]))]
    if name == "floor":
        return []
    return [(i, tape.multiply(adjoint, slope)) for i, slope in partial(tape, k)]


def below(tape: Tape, ends: Iterable[int]) -> list[int]:
    """Return the entries that some entries are made of, themselves included, in order."""
    seen: set[int] = set()
    stack = list(ends)
    while stack:
        k = stack.pop()
        if k not in seen:
            seen.add(k)
            stack.extend(tape.inputs[k])
    return sorted(seen)


def moving(tape: Tape, entries: Iterable[int], leaves: Iterable[int]) -> set[int]:
    """Return those entries that depend on some of the leaves."""
    found = set(leaves)
    for k in entries:
        if any(i in found for i in tape.inputs[k]):
            found.add(k)
    return found


def adjoints(tape: Tape, output: int, leaves: Iterable[int]) -> dict[int, int]:
    """Return the derivative of an entry by each entry below it that depends on the leaves."""
    order = below(tape, [output])
    active = moving(tape, order, leaves)
    found = {output: tape.constant(1)}
    for k in reversed(order):
        if k not in found or k not in active or tape.names[k] in DECISIONS:
            continue
        for i, part in passed_back(tape, k, found[k]):
            if i in active:
                found[i] = tape.add(found[i], part) if i in found else part
    return found


def gradient(tape: Tape, output: int, leaves: list[int]) -> list[int]:
    """Return the entries that are the partial derivatives of one entry by the leaves."""
    found = adjoints(tape, output, leaves)
    return [found.get(k, tape.constant(0)) for k in leaves]
