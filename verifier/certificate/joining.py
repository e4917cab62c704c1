"""Ways to write a sum, a product or a choice: what an entry of a tape is the same as.

Kinks spelled as choices become one entry, what passes one decision is joined, and constants move in
front. See :mod:`.spellings` for functions of one number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flint import fmpq

if TYPE_CHECKING:
    from .tape import Tape, Terms

ONE = fmpq(1)


def product(tape: Tape, a: int, b: int) -> int:
    """Return a b, constants in front, equal factors as a square."""
    front, parts = ONE, []
    for k in (a, b):
        terms, start = tape.terms(k)
        if len(terms) == 1 and start == 0:
            ((inner, factor),) = terms.items()
            if factor != 0:
                front, k = front * factor, inner
        parts.append(k)
    first, second = min(parts), max(parts)
    if front != 1:
        return tape.scale(tape.multiply(first, second), front)
    if first == second:
        return tape.unary("square", first)
    for one, other in ((first, second), (second, first)):
        if tape.names[one] == "square" and tape.inputs[one][0] == other:
            return tape.power(other, tape.constant(3))
    for one, other in ((first, second), (second, first)):
        found = _factored(tape, one, other)
        if found is not None:
            return found
    return tape.entry("product", (first, second))


def _factored(tape: Tape, one: int, other: int) -> int | None:
    name = tape.names[one]
    if name == "gate":  # what is not passed back annihilates its factors
        condition, adjoint = tape.inputs[one]
        return tape.gate(condition, tape.multiply(adjoint, other), tape.data[one])
    if name == "exp":
        inner = tape.inputs[one][0]
        if tape.names[other] == "exp":
            return tape.unary("exp", tape.add(inner, tape.inputs[other][0]))
        if tape.names[other] == "sigmoid" and tape.inputs[other][0] == tape.scale(inner, -1):
            return tape.unary("sigmoid", inner)  # e^u / (1 + e^u)
    if name == tape.names[other] == "sigmoid" and tape.inputs[one][0] == tape.scale(
            tape.inputs[other][0], -1):
        return tape.unary("sigmoid slope", tape.inputs[one][0])
    if name == "select":
        condition, a, b = tape.inputs[one]
        if tape.number(a) is not None and tape.number(b) is not None and tape.total[other]:
            return tape.select(condition, tape.multiply(a, other), tape.multiply(b, other))
    if name == "reciprocal" and tape.names[other] == "square":
        return tape.entry("quadratic over linear", (tape.inputs[other][0], one))
    if name == "log" and tape.inputs[one][0] == other:
        return tape.entry("x log x", (other,))
    return None


def simpler_sum(tape: Tape, terms: Terms, start: fmpq) -> int | None:
    """relu(u) + log(1 + e^-|u|) = log(1 + e^u), and 1 - sigmoid(u) = sigmoid(-u)."""
    if len(terms) == 1 and start == 1:
        ((k, factor),) = terms.items()
        if factor == -1 and tape.names[k] == "sigmoid":
            return tape.unary("sigmoid", tape.scale(tape.inputs[k][0], -1))
    gates = [k for k in terms if tape.names[k] == "gate"]
    if len(gates) > 1 or (gates and terms[gates[0]] != 1):
        found = _gates_joined(tape, terms, start, gates)
        if found is not None:
            return found
    for k, factor in terms.items():
        if tape.names[k] != "softplus" or factor == 0:
            continue
        inner, begin = tape.terms(tape.inputs[k][0])  # u - 2 relu(u) = -|u|, up to a scale
        for r, twice in inner.items():
            if tape.names[r] != "relu" or not twice < 0 or terms.get(r) is None:
                continue
            size = -twice / 2
            u = tape.scale(tape.inputs[r][0], size)
            if tape.add(u, r, twice) != tape.combine(inner, begin):
                continue
            if terms[r] == factor * size:
                rest = {i: f for i, f in terms.items() if i not in (k, r)}
                return tape.add(tape.combine(rest, start), tape.unary("softplus", u), factor)
    return None


def _gates_joined(tape: Tape, terms: Terms, start: fmpq, gates: list[int]) -> int | None:
    """Return the sum with what passes one decision, either way, as one entry."""
    passed: dict[tuple[int, bool], int] = {}
    for k in gates:
        condition, adjoint = tape.inputs[k]
        key, part = (condition, tape.data[k]), tape.scale(adjoint, terms[k])
        passed[key] = tape.add(passed[key], part) if key in passed else part
    joined: list[int] = []
    for (condition, wanted), part in passed.items():
        other = passed.get((condition, not wanted))
        if other is None:
            joined.append(tape.gate(condition, part, wanted))
        elif wanted:
            joined.append(tape.select(condition, part, other))
    if set(joined) == set(gates):
        return None
    found = tape.combine({i: f for i, f in terms.items() if i not in gates}, start)
    for k in joined:
        found = tape.add(found, k)
    return found


def choice(tape: Tape, condition: int, a: int, b: int) -> int:
    """Return "a where the condition holds, else b"; a kink where both are one line bent at it."""
    if a == b:
        return a
    name = tape.names[condition]
    if name == "not":
        return tape.select(tape.inputs[condition][0], b, a)
    if name in ("positive", "not negative") and tape.total[a] and tape.total[b]:
        (quantity,) = tape.inputs[condition]
        bent, start = tape.terms(tape.subtract(a, b))
        base, begin = tape.terms(quantity)
        lead = next(iter(base))
        ratio = bent.get(lead, fmpq(0)) / base[lead] if base[lead] != 0 else fmpq(0)
        same = start == ratio * begin and bent.keys() == base.keys() and all(
            bent[k] == ratio * f for k, f in base.items())
        if ratio != 0 and same:
            return tape.add(b, tape.relu(quantity), ratio)
    return tape.entry("select", (condition, a, b))
