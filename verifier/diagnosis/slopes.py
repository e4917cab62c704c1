"""Was the slope of an activation forgotten, doubled, or taken at the wrong place?

An activation is a chain of elementwise nodes y = phi(z). Its rule sends g * phi'(z) to z; the
detours here send g * 1, g * phi'(z)^2, g * phi'(y), g * h(z) where phi'(z) = h(y), and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..graph.node import Node, apply, constant
from ..graph.order import depends_on
from ..graph.rewrite import rewritten
from ..primitives.table import SCALARS
from ..readers.fault import Diagnosis, Fault
from ..readers.slope import slope
from .problem import Problem, user_nodes
from .quick import as_floats
from .saying import called, quoted
from .surgery import Mutation, by_surgery

Array = np.ndarray
DEEPEST = 24  # elementwise nodes looked through below an activation's value
CHAINS = 60  # chains doubted at most
ELEMENTWISE = frozenset({"select", "cast"})

# phi' as people write it, from the value y; each is what SCALARS' row says of phi'(z).
BY_VALUE: Mapping[str, tuple[str, Callable[[Node], Node]]] = {
    "sigmoid": ("y * (1 - y)", lambda y: y * (1.0 - y)),
    "tanh": ("1 - y**2", lambda y: 1.0 - y * y),
    "exp": ("y", lambda y: y),
    "softplus": ("1 - exp(-y)", lambda y: 1.0 - apply("exp", -y)),
    "sqrt": ("1 / (2 * y)", lambda y: 0.5 / y),
    "log": ("exp(-y)", lambda y: apply("exp", -y)),
}
SLIPS: Mapping[str, tuple[tuple[str, Callable[[Node], Node]], ...]] = {
    "sigmoid": (("1 - y", lambda y: 1.0 - y), ("y * (1 + y)", lambda y: y * (1.0 + y)),
                ("y * (y - 1)", lambda y: y * (y - 1.0)), ("1 - y**2", lambda y: 1.0 - y * y)),
    "tanh": (("1 - y", lambda y: 1.0 - y), ("1 + y**2", lambda y: 1.0 + y * y),
             ("-y**2", lambda y: -(y * y)), ("y * (1 - y)", lambda y: y * (1.0 - y)),
             ("(1 - y)**2", lambda y: (1.0 - y) * (1.0 - y))),
    "softplus": (("1 - y", lambda y: 1.0 - y),),
}
SHOWN = ("sigmoid", "tanh", "softplus", "relu", "exp", "log", "sqrt", "log_sigmoid")


@dataclass(frozen=True, slots=True)
class Chain:
    """An activation: value, base, and its name ("" where none of the table fits)."""

    value: Node
    base: Node
    name: str = ""


def wrong_slope(fault: Fault, labels: tuple[str, ...]) -> Diagnosis | None:
    """Suspect the slope of one activation."""
    return by_surgery(fault, labels, slope_mutations)


def slope_mutations(problem: Problem, fault: Fault) -> Iterator[Mutation]:
    """Yield every wrong slope of every activation, the nearest to the output first."""
    for group in _groups(chains_of(problem, fault)):
        first = group[0]
        for slug, said, wrong in _variants(first.name):
            replaced = {c.value: _detour(c, wrong) for c in group}
            yield Mutation(slug, replaced, f"{said.format(_spoken(first, problem))}", _REMEDY[slug])


_REMEDY = {
    "missing-slope": "Multiply by the slope of the activation on the way back.",
    "doubled-slope": "Multiply by the slope of the activation once.",
    "slope-at-output": "Keep the pre-activation of the forward, or write the slope in terms of the "
                       "output.",
    "output-formula": "Pass the activation's output to this formula, not its input.",
    "value-for-slope": "Use the slope of the activation, not the activation.",
    "wrong-slope": "Correct the formula of the slope.",
}
Wrong = Callable[[Node, Node, Node, str], Node]


def _variants(name: str) -> Iterator[tuple[str, str, Wrong]]:
    yield ("missing-slope", "the slope of {} is missing, its gradient goes through unchanged",
           lambda s, y, z, n: constant(1.0, y.dtype))
    yield ("slope-at-output", "the slope of {} is taken at the output instead of the input",
           lambda s, y, z, n: rewritten([s], {z: y})[0])
    if name in BY_VALUE:
        text, formula = BY_VALUE[name]
        yield ("output-formula", f"the slope of {{}} is computed as {text} with the input in place "
               "of the output y", lambda s, y, z, n: formula(z))
    yield ("value-for-slope", "the value of {} stands where its slope belongs",
           lambda s, y, z, n: y)
    yield ("value-for-slope", "{} itself, applied to its output, stands where its slope belongs",
           lambda s, y, z, n: rewritten([y], {z: y})[0])
    yield "doubled-slope", "the slope of {} is applied twice", lambda s, y, z, n: s * s
    for text, slip in SLIPS.get(name, ()):
        right = BY_VALUE[name][0]
        yield ("wrong-slope", f"the slope of {{}} is written {text}, it is {right}",
               partial(_from_value, slip))


def _from_value(formula: Callable[[Node], Node], s: Node, y: Node, z: Node, n: str) -> Node:
    return formula(y)


def _detour(chain: Chain, wrong: Wrong) -> Callable[[Node, Node], Mapping[Node, Node]]:
    def rule(node: Node, g: Node) -> Mapping[Node, Node]:
        (right,) = slope(chain.value, [chain.base])
        return {chain.base: g * wrong(right, chain.value, chain.base, chain.name)}

    return rule


def _spoken(chain: Chain, problem: Problem) -> str:
    at = quoted(chain.value.origin)
    base = called(chain.base, problem.output)
    name = chain.name or "the activation"
    if chain.base.op == "input":
        return f"{name} at {base} in {at}" if at else f"{name} at {base}"
    same = chain.base.origin == chain.value.origin
    return f"{name} in {at}" if same or not chain.base.origin else f"{name} in {at}, of {base},"


# ---------------------------------------------------------------- which chains there are
def chains_of(problem: Problem, fault: Fault) -> list[Chain]:
    """Return the activations: each value with its bases, the longest chain first."""
    touched = depends_on([problem.output], problem.wrt.values())
    found: list[Chain] = []
    for value in user_nodes(problem):
        if value not in touched or not _elementwise(value) or len(found) >= CHAINS:
            continue
        bases = list(_bases(value, touched))
        found.extend(Chain(value, b, _named(problem, fault, value, b)) for b in bases[::-1])
    curved = [c for c in found if not _affine(c)]
    return [c for c in curved if c.name] + [c for c in curved if not c.name]


def _elementwise(node: Node) -> bool:
    return not node.discrete and (node.op in SCALARS or node.op in ELEMENTWISE)


def _bases(value: Node, touched: set[Node]) -> Iterator[Node]:
    """Yield the nodes through which all of `value` passes, one after the other downwards."""
    depth = {value: 0}
    front = _below(value, touched)
    for _ in range(DEEPEST):
        if not front:
            return
        if len(front) == 1:
            (base,) = front
            if base.shape == value.shape:
                yield base
            if not _elementwise(base):
                return
            front = _below(base, touched)
            continue
        deepest = max(front, key=lambda n: _height(n, depth))
        if not _elementwise(deepest):
            return
        front = (front - {deepest}) | _below(deepest, touched)


def _below(node: Node, touched: set[Node]) -> set[Node]:
    return {i for i in node.inputs if i in touched and not i.discrete}


def _height(node: Node, known: dict[Node, int]) -> int:
    """Return the length of the longest path down from a node (inputs have 0)."""
    stack = [node]
    while stack:
        top = stack[-1]
        missing = [i for i in top.inputs if i not in known]
        if missing:
            stack.extend(missing)
            continue
        known[top] = 1 + max((known[i] for i in top.inputs), default=-1)
        stack.pop()
    return known[node]


def _affine(chain: Chain) -> bool:
    """Tell whether a chain is only sums and multiples of its base: other suspicions try it."""
    (right,) = slope(chain.value, [chain.base])
    return right is not chain.base and right not in depends_on([right], [chain.base])


def _named(problem: Problem, fault: Fault, value: Node, base: Node) -> str:
    if value.op in SCALARS and base in value.inputs and SCALARS[value.op].arity == 1:
        return value.op
    known = problem.sifted(fault)
    if value not in known.values or base not in known.values:
        return ""
    y, z = as_floats(known.values[value]), as_floats(known.values[base])
    for name in SHOWN:
        with np.errstate(all="ignore"):
            guess = SCALARS[name].floats(z)
            if np.all(np.isfinite(guess)) and np.allclose(guess, y, rtol=1e-9, atol=0):
                return name
    return ""


def _groups(chains: list[Chain]) -> Iterator[list[Chain]]:
    """Yield chains written by one line together, then each by itself."""
    groups: dict[tuple[object, ...], list[Chain]] = {}
    for chain in chains:
        line = (chain.value.origin.file, chain.value.origin.line) if chain.value.origin else ()
        key = (chain.value.op, chain.base.op, chain.name, line)
        groups.setdefault(key, []).append(chain)
    for group in groups.values():
        if len(group) > 1 and group[0].value.origin:
            yield group
        yield from ([c] for c in group[:8])


__all__ = ["slope_mutations", "wrong_slope"]
