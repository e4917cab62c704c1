"""A tape with its certain decisions taken, or with a number put in for a leaf."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from flint import fmpq

from .differentiating import below
from .enclosing import Enclosure
from .recording import DECISIONS
from .tape import Tape


def rebuilt(tape: Tape, k: int, inputs: tuple[int, ...]) -> int:
    """Return entry k made of other inputs, simplified as any entry is."""
    name, data = tape.names[k], tape.data[k]
    if inputs == tape.inputs[k]:
        return k
    if name == "linear":
        total = tape.constant(data[1])
        for i, factor in zip(inputs, data[0], strict=True):
            total = tape.add(total, i, factor)
        return total
    if name == "product":
        return tape.multiply(*inputs)
    if name == "whole power":
        return tape.power(inputs[0], tape.constant(data))
    if name == "power":
        return tape.power(inputs[0], tape.constant(data))
    if name == "quadratic over linear":
        return tape.multiply(tape.unary("square", inputs[0]), inputs[1])
    if name == "norm":
        total = tape.constant(0)
        for i in inputs:
            total = tape.add(total, tape.unary("square", i))
        return tape.unary("sqrt", total)
    if name == "log1pexps":
        total = tape.constant(1)
        for i in inputs:
            total = tape.add(total, tape.unary("exp", i))
        return tape.unary("log", total)
    if name == "x log x":
        return tape.multiply(inputs[0], tape.unary("log", inputs[0]))
    if name == "entropy":
        return k if tape.number(inputs[0]) is None else _entropy(tape, inputs[0])
    return _decided(tape, k, name, inputs)


def _entropy(tape: Tape, a: int) -> int:
    if tape.number(a) == 0:
        return a
    return tape.multiply(a, tape.unary("log", a))


def _decided(tape: Tape, k: int, name: str, inputs: tuple[int, ...]) -> int:
    if name == "select":
        return tape.select(*inputs)
    if name == "gate":
        return tape.gate(inputs[0], inputs[1], tape.data[k])
    if name in ("positive", "not negative", "zero"):
        return tape.decision(name, inputs[0])
    if name == "not":
        return tape.negation(inputs[0])
    if name in ("and", "or"):
        return tape.connected(name, *inputs)
    return tape.unary(name, inputs[0])


def settled(enclosure: Enclosure, targets: Iterable[int]) -> list[int]:
    """Return entries equal to the targets on the whole box, certain decisions taken."""
    tape, targets = enclosure.tape, list(targets)
    found: dict[int, int] = {}
    for k in below(tape, targets):
        name = tape.names[k]
        if name in DECISIONS and name != "truth":
            known = enclosure.truth(k)
            if known is not None:
                found[k] = tape.entry("truth", (), known)
                continue
        inputs = tuple(found[i] for i in tape.inputs[k])
        if name == "relu":
            value = enclosure.value(tape.inputs[k][0])
            above = enclosure.truth(tape.decision("not negative", tape.inputs[k][0]))
            if value.ok and above is not None:
                found[k] = inputs[0] if above else tape.constant(0)
                continue
        found[k] = rebuilt(tape, k, inputs)
    return [found[t] for t in targets]


def put_in(tape: Tape, targets: Iterable[int], numbers: Mapping[int, Fraction]) -> list[int]:
    """Return the targets with leaves replaced by exact numbers."""
    return replaced(tape, targets, {
        k: tape.constant(fmpq(v.numerator, v.denominator)) for k, v in numbers.items()})


def replaced(tape: Tape, targets: Iterable[int], others: Mapping[int, int]) -> list[int]:
    """Return the targets with some entries replaced by others."""
    targets, found = list(targets), dict(others)
    for k in below(tape, targets):
        if k not in found:
            found[k] = rebuilt(tape, k, tuple(found[i] for i in tape.inputs[k]))
    return [found[t] for t in targets]


def open_choices(enclosure: Enclosure, targets: Iterable[int]) -> list[int]:
    """Return the kinks and choices among the targets' entries that go both ways on the box."""
    tape = enclosure.tape
    out = []
    for k in below(tape, targets):
        name = tape.names[k]
        if name == "relu":
            q = tape.inputs[k][0]
            if enclosure.truth(tape.decision("not negative", q)) is None and enclosure.truth(
                    tape.decision("positive", q)) is None:
                out.append(k)
        elif name in ("select", "gate") and enclosure.truth(tape.inputs[k][0]) is None:
            out.append(k)
        elif name == "floor":
            v = enclosure.value(tape.inputs[k][0])
            if not (v.ok and v.lo.is_finite() and v.hi.is_finite() and v.lo.floor().is_exact()
                    and v.lo.floor() == v.hi.floor()):
                out.append(k)
    return out


def roots(enclosure: Enclosure, choices: Iterable[int]) -> list[tuple[int, Fraction]]:
    """Return (leaf, number) at which a guard that is linear in one leaf switches inside the box."""
    tape = enclosure.tape
    out = []
    for k in choices:
        name = tape.names[k]
        first = tape.inputs[k][:1]
        quantities = first if name in ("relu", "floor") else _guards(tape, first[0])
        for q in quantities:
            terms, start = tape.terms(q)
            if len(terms) == 1:
                ((leaf, factor),) = terms.items()
                if leaf in enclosure.box and factor != 0:
                    root = -start / factor
                    number, side = Fraction(int(root.p), int(root.q)), enclosure.box[leaf]
                    if (side.low is None or side.low < number) and (
                            side.high is None or number < side.high):
                        out.append((leaf, number))
    return out


def _guards(tape: Tape, condition: int) -> list[int]:
    if tape.names[condition] in ("and", "or", "not"):
        return [q for i in tape.inputs[condition] for q in _guards(tape, i)]
    return list(tape.inputs[condition])


def meets(enclosure: Enclosure, choice: int) -> bool:
    """Tell whether a choice between two branches is continuous where its guard vanishes.

    It is where both branches are one entry once the guard's zero is put in.
    """
    tape = enclosure.tape
    if tape.names[choice] == "relu":
        return True
    if tape.names[choice] != "select":
        return False
    condition, a, b = tape.inputs[choice]
    if not (enclosure.value(a).ok and enclosure.value(b).ok):
        return False
    if tape.names[condition] not in ("positive", "not negative"):
        return False
    terms, start = tape.terms(tape.inputs[condition][0])
    if len(terms) != 1:
        return False
    ((base, factor),) = terms.items()
    if factor == 0:
        return False
    root = -start / factor
    number = Fraction(int(root.p), int(root.q))
    one, other = put_in(tape, (a, b), {base: number})
    return one == other


__all__ = ["meets", "open_choices", "put_in", "rebuilt", "replaced", "roots", "settled"]
