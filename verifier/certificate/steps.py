"""Is every step of a chain of rules legal, and does the code do what the step speaks of?

A small table of the rules of disciplined convexity, written for this checker: what a sum, a
multiple, a maximum, or a function with known shape does to the curvature of its operands. A step
that says more than its rule gives, or names an operation the tape does not hold, is refused. The
chain is what a reader is shown; the claim itself is proved anew by the checker's own ledger.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import product

from .covering import Refused

CONSTANT, AFFINE, CONVEX, CONCAVE = "constant", "affine", "convex", "concave"
LOG_CONVEX, LOG_CONCAVE, NOTHING = "log-convex", "log-concave", "of no known curvature"
SQUARES = "a sum of squares"
WORDS = (CONSTANT, AFFINE, CONVEX, CONCAVE, LOG_CONVEX, LOG_CONCAVE, SQUARES, NOTHING)
# What a word says besides itself.
IMPLIES: Mapping[str, frozenset[str]] = {
    CONSTANT: frozenset(WORDS), AFFINE: frozenset({AFFINE, CONVEX, CONCAVE, NOTHING}),
    CONVEX: frozenset({CONVEX, NOTHING}), CONCAVE: frozenset({CONCAVE, NOTHING}),
    LOG_CONVEX: frozenset({LOG_CONVEX, CONVEX, NOTHING}),
    LOG_CONCAVE: frozenset({LOG_CONCAVE, NOTHING}),
    SQUARES: frozenset({SQUARES, CONVEX, NOTHING}), NOTHING: frozenset({NOTHING}),
}
FLIPPED = {CONVEX: CONCAVE, CONCAVE: CONVEX}
SUMS = frozenset({"add", "sum", "cumsum", "matmul", "subtract", "negative", "multiply", "divide"})
CHOICES = frozenset({"maximum", "minimum", "relu", "absolute", "select"})  # one branch may be all
# Functions by shape: curvatures they have somewhere, ways they go there (1 rising, -1 falling).
SHAPES: Mapping[str, tuple[tuple[str, int], ...]] = {
    "exp": ((CONVEX, 1),), "exp2": ((CONVEX, 1),), "expm1": ((CONVEX, 1),),
    "softplus": ((CONVEX, 1),), "relu": ((CONVEX, 1),), "maximum": ((CONVEX, 1),),
    "logaddexp": ((CONVEX, 1),), "minimum": ((CONCAVE, 1),), "log": ((CONCAVE, 1),),
    "log1p": ((CONCAVE, 1),), "log2": ((CONCAVE, 1),), "log10": ((CONCAVE, 1),),
    "sqrt": ((CONCAVE, 1),), "log_sigmoid": ((CONCAVE, 1),), "log_ndtr": ((CONCAVE, 1),),
    "square": ((CONVEX, 1), (CONVEX, -1)), "absolute": ((CONVEX, 1), (CONVEX, -1)),
    "cosh": ((CONVEX, 1), (CONVEX, -1)), "hypot": ((CONVEX, 1), (CONVEX, -1)),
    "reciprocal": ((CONVEX, -1), (CONCAVE, -1)),
    "entr": ((CONCAVE, 1), (CONCAVE, -1)),
    **dict.fromkeys(("tanh", "sigmoid", "erf", "ndtr", "arctan", "arcsinh", "sinh", "cbrt"),
                    ((CONVEX, 1), (CONCAVE, 1))),
    "power": ((CONVEX, 1), (CONVEX, -1), (CONCAVE, 1), (CONCAVE, -1)),
}
# What a tape calls an operation of a chain, where it is not plain arithmetic.
WRITTEN: Mapping[str, frozenset[str]] = {
    "exp": frozenset({"exp", "softplus", "log1pexps", "sigmoid"}),
    "log": frozenset({"log", "softplus", "log1pexps", "x log x"}),
    "log1p": frozenset({"log", "softplus", "log1pexps"}),
    "softplus": frozenset({"softplus"}), "log_sigmoid": frozenset({"softplus"}),
    "logaddexp": frozenset({"softplus", "log1pexps", "log"}),
    "tanh": frozenset({"tanh", "sigmoid"}), "sigmoid": frozenset({"sigmoid"}),
    "sqrt": frozenset({"sqrt", "norm", "relu"}), "hypot": frozenset({"norm", "sqrt"}),
    "square": frozenset({"square", "whole power", "norm", "quadratic over linear", "product",
                         "linear"}),
    "relu": frozenset({"relu", "softplus"}), "maximum": frozenset({"relu", "softplus", "linear"}),
    "minimum": frozenset({"relu", "softplus", "linear"}),
    "absolute": frozenset({"relu", "linear", "softplus"}),
    "erf": frozenset({"erf"}), "ndtr": frozenset({"erf"}), "arctan": frozenset({"arctan"}),
    "sinh": frozenset({"sinh"}), "cosh": frozenset({"cosh"}), "entr": frozenset({"entropy"}),
}
PATTERN = re.compile(r"(?:(?P<place>\S+:\d+): )?(?P<op>\w+) of (?P<operands>.+) is (?P<result>.+)")
ALONE = " as a function of one number"


def chain_checked(steps: Sequence[str], written: Collection[str], ending: str) -> list[str]:
    """Return what could not be looked at; raise Refused at a step that is wrong.

    `ending` is "convex", or "concave" where -f is shown to be convex and the chain may end with f.
    """
    unread, last = [], ""
    for step in steps:
        if re.fullmatch(r"(\S+:\d+: )?read as [\w ().,+*/^-]+", step):
            continue
        found = PATTERN.fullmatch(step.removesuffix(ALONE))
        if found is None:
            raise Refused(f"'{step}' is no step of a chain")
        op, result = found["op"], found["result"].removeprefix("a value ")
        operands = [o.removeprefix("a value ") for o in found["operands"].split(" and ")]
        if result not in WORDS or any(o not in (*WORDS, "a decision") for o in operands):
            unread.append(f"not looked at: {step}")
            last = ""
        else:
            last = result
            _legal(step, op, operands, result, written, unread)
    if last and not {CONVEX, ending} & IMPLIES[last]:
        raise Refused(f"the chain ends with what is {last}")
    return unread


def _legal(
    step: str, op: str, operands: list[str], result: str, written: Collection[str],
    unread: list[str],
) -> None:
    if op in WRITTEN and not (WRITTEN[op] | {op}) & set(written):
        raise Refused(f"'{step}', but the code does no {op}")
    if result == NOTHING or step.endswith(ALONE):
        return
    if op not in SUMS and op not in SHAPES:
        unread.append(f"not looked at: {step}")
    elif result in _given(op, operands):
        return
    elif result in (LOG_CONVEX, LOG_CONCAVE, SQUARES) or (
            op in ("multiply", "divide", "power", "matmul") and CONSTANT not in operands) or (
            op in CHOICES and any(result in IMPLIES[o] for o in operands if o in IMPLIES)):
        unread.append(f"not looked at: {step}")
    else:
        raise Refused(f"'{step}' is no rule of convexity")


def _given(op: str, operands: list[str]) -> set[str]:
    """Return all that the rules give for an operation, whatever the signs of its numbers."""
    given: set[str] = set()
    for parts in product(*(IMPLIES.get(o, frozenset({NOTHING})) for o in operands)):
        for word in _by_sum(op, parts) if op in SUMS else _by_shape(op, parts):
            given |= IMPLIES[word]
    if all(o in (CONSTANT, AFFINE) for o in operands):
        given |= _of_affine(op, operands)
    return given


def _by_sum(op: str, parts: tuple[str, ...]) -> set[str]:
    kinds = set(parts)
    if op in ("multiply", "divide", "matmul"):
        moving = [p for p in parts if p != CONSTANT]
        if len(moving) > 1:
            return {LOG_CONVEX} if kinds == {LOG_CONVEX} and op != "divide" else (
                {LOG_CONCAVE} if kinds == {LOG_CONCAVE} and op == "multiply" else set())
        return {p for m in moving for p in (m, FLIPPED.get(m, m))} or {CONSTANT}
    if op in ("subtract", "negative"):
        parts = (*parts[:-1], FLIPPED.get(parts[-1], NOTHING if parts[-1] in (
            LOG_CONVEX, LOG_CONCAVE) else parts[-1]))
    return {word for word in (CONSTANT, AFFINE, LOG_CONVEX, SQUARES, CONVEX, CONCAVE) if all(
        word in IMPLIES[p] for p in parts)}


def _by_shape(op: str, parts: tuple[str, ...]) -> set[str]:
    found = set()
    for bends, way in SHAPES[op]:
        wanted = bends if way > 0 else FLIPPED[bends]
        if all(wanted in IMPLIES[p] for p in parts):
            found.add(bends)
    if op == "exp" and all(CONVEX in IMPLIES[p] for p in parts):
        found.add(LOG_CONVEX)
    if op == "exp" and all(CONCAVE in IMPLIES[p] for p in parts):
        found.add(LOG_CONCAVE)
    if op in ("log", "power", "sqrt", "square") and set(parts) == {LOG_CONVEX}:
        found.add(CONVEX if op == "log" else LOG_CONVEX)
    if op == "log" and set(parts) == {LOG_CONCAVE}:
        found.add(CONCAVE)
    if op == "maximum" and set(parts) == {LOG_CONVEX}:
        found.add(LOG_CONVEX)
    if op == "square" and set(parts) <= {AFFINE, CONSTANT}:
        found.add(SQUARES)
    if op == "sqrt" and set(parts) == {SQUARES}:
        found.add(CONVEX)
    return found


def _of_affine(op: str, operands: list[str]) -> set[str]:
    """A bounded range of an affine operand may make more of some functions: log-concave ones."""
    if op in ("sigmoid", "ndtr", "exp"):
        return {LOG_CONCAVE}
    if op in ("maximum", "minimum", "relu", "absolute", "select"):
        return {AFFINE}
    if op == "reciprocal":
        return {LOG_CONVEX}
    return set()
