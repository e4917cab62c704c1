"""Are two values the same number by the way they are written? Irrational values compared exactly.

At an exact number a graph is read with a key beside every value: an exact value is its own key,
any other is its operation and the keys of its operands. Equal keys are equal numbers: so the two
sides of log(1 + exp|x|) are known to meet at 0, where both are log 2, which no ball can tell.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from flint import arb

from ..numerals.tokens import ZERO, Maybe
from .scalar_tape import Tape, row_on_balls

NOUGHT: Hashable = ("exact", 0, 0)
ONE: Hashable = ("exact", 1, 0)


def keys(tape: Tape, place: arb) -> tuple[Hashable | None, ...]:
    """Return the keys of the outputs at an exact number; None where a value is not finite."""
    values: list[tuple[Any, Hashable | None]] = []
    for step in tape.steps:
        operands = [values[i] for i in step.operands]
        values.append(_keyed(step, operands, place))
    return tuple(values[i][1] for i in tape.wanted)


def _keyed(step: Any, operands: list[tuple[Any, Any]], place: arb) -> tuple[Any, Any]:
    if step.op == "input":
        return place, _exact(place)
    if step.op == "zero":
        return ZERO, NOUGHT
    if step.op == "constant" and not isinstance(step.value, bool):
        value = arb(float(step.value))
        return value, _exact(value)
    if step.row is None or any(k is None or isinstance(v, (bool, Maybe)) for v, k in operands):
        return None, None
    value = row_on_balls(step.row, tuple(v for v, _ in operands))
    if value is ZERO:
        return ZERO, NOUGHT
    if not value.is_finite():
        return value, None
    return value, _exact(value) or _formula(step.op, [k for _, k in operands])


def _exact(value: arb) -> Hashable | None:
    if not value.is_exact():
        return None
    mantissa, exponent = value.man_exp()
    return ("exact", int(mantissa), int(exponent) if mantissa else 0)


def _formula(op: str, operands: list[Any]) -> Hashable:
    """Return the key of an operation, neutral operands dropped and sums put in order."""
    if op == "negative":
        return _negated(operands[0])
    if op == "subtract":
        op, operands = "add", [operands[0], _negated(operands[1])]
    if op == "add":
        operands = [k for k in operands if k != NOUGHT]
    if op == "multiply":
        return _product(operands)
    if op == "divide" and operands[1] == ONE:
        return operands[0]  # type: ignore[no-any-return]
    if op == "add" and len(operands) == 1:
        return operands[0]  # type: ignore[no-any-return]
    return (op, *sorted(operands, key=repr)) if op == "add" else (op, *operands)


def _negated(key: Any) -> Hashable:
    if key[0] == "exact":
        return ("exact", -key[1], key[2])
    return key[1] if key[0] == "negative" else ("negative", key)


def _product(operands: list[Any]) -> Hashable:
    sign, factors = 1, []
    for key in operands:
        while key[0] == "negative":
            sign, key = -sign, key[1]
        if key[0] == "exact" and key[1] < 0:
            sign, key = -sign, _negated(key)
        if key != ONE:
            factors.append(key)
    made = factors[0] if len(factors) == 1 else ("multiply", *sorted(factors, key=repr))
    return made if sign > 0 else ("negative", made)
