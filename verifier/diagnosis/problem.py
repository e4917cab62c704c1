"""The derivative as one gradient, so that a single wrong rule in it can be tried.

A Jacobian is contracted with a cotangent and a Hessian with a direction: a wrong rule shows in
the product, and one reverse pass reads it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from ..errors import CannotLower
from ..graph.node import Node, constant
from ..graph.order import topological
from ..numerals.balls import Balls, exact, is_finite, plain
from ..primitives.linear import sum_over
from ..readers.fault import Fault, Sample
from ..readers.slope import Detour, slope
from ..readers.value import Reading, read
from .agreeing import least_of, same
from .quick import Floats, as_floats, middles, near

Array = np.ndarray
FIRST_ORDER = frozenset({"gradient", "value_and_gradient", "derivative", "vjp", "backward"})
WIDEST = 20_000  # components beyond which no graph surgery is tried
BITS = 128
WORK = 5_000_000  # entries of changed gradients read for one suspicion, about a second
TRIES = (40, 400)  # changed gradients for one suspicion, at least and at most
SHIFTS = 6  # maxima tried as idle shifts
Replaced = Mapping[Node, Detour]


@dataclass(slots=True)
class Problem:
    """The gradient of <cotangent, output> by the leaves `wrt`, and the claim in the same form.

    `weights` are what a Jacobian's rows (or a Hessian's columns, by label) are summed with.
    `idle` drops the paths through maxima that cancel (the shift of a stable softmax): nobody
    writes them down, and they would not cancel beside a wrong rule.
    """

    output: Node
    wrt: Mapping[str, Node]
    cotangent: Node | None = None
    weights: Mapping[str, Array] = field(default_factory=dict)
    known: dict[Sample, Reading] = field(default_factory=dict)
    idle: Replaced = field(default_factory=dict)
    sifting: Reading = field(default_factory=Reading)
    spoken: dict[str, Array] = field(default_factory=dict)
    blocks: dict[Sample, dict[str, Array]] = field(default_factory=dict)

    @property
    def allowance(self) -> int:
        """How many wrong rules of one kind are tried: fewer in a larger graph."""
        entries = sum(n.size for n in topological([self.output]))
        return int(np.clip(WORK // max(entries, 1), *TRIES))

    def target(self, fault: Fault, sample: Sample) -> dict[str, Array]:
        """Return the claim at a sample, contracted, by leaf."""
        if sample not in self.blocks:
            self.blocks[sample] = _contracted(fault, self, sample)
        return self.blocks[sample]

    def said(self, fault: Fault) -> dict[str, Array]:
        """Return the claim at the first sample in double precision, contracted, by leaf."""
        if not self.spoken:
            self.spoken.update(
                {k: middles(v) for k, v in self.target(fault, fault.first).items()})
        return self.spoken

    def sifted(self, fault: Fault) -> Reading:
        """Return the function read in double precision at the first sample."""
        if not self.sifting.values:
            with np.errstate(all="ignore"):
                self.sifting = read([self.output], fault.first.leaves, Floats())
        return self.sifting


@lru_cache(maxsize=2)
def problem_of(fault: Fault) -> Problem | None:
    """Return the problem of a fault, None where no single gradient shows it."""
    if sum(v.size for v in fault.first.truth.values()) > WIDEST:
        return None
    try:
        found = _PROBLEMS.get(fault.kind, _gradient)(fault)
    except CannotLower:
        return None
    if found is not None:
        found.idle = _idle(found, fault)
    return found


def _nothing(node: Node, g: Node) -> Mapping[Node, Node]:
    return {}


def _idle(problem: Problem, fault: Fault) -> Replaced:
    """Return the rules that drop each maximum whose path adds nothing to the gradient."""
    wanted = list(problem.wrt)
    maxima = [n for n in topological([problem.output]) if n.op == "take"][-SHIFTS:]
    if not maxima:
        return {}
    whole = sift(problem, fault, wanted, {})
    found: dict[Node, Detour] = {}
    for node in maxima:
        without = sift(problem, fault, wanted, {node: _nothing})
        if whole and without and all(near(without[k], whole[k]) for k in wanted):
            found[node] = _nothing
    return found


def _gradient(fault: Fault) -> Problem | None:
    if fault.kind not in FIRST_ORDER:
        return None
    wrt = {k: v for k, v in fault.wrt.items() if k in fault.labels}
    return Problem(fault.output, wrt, fault.given.get("cotangent"))


def _second_derivative(fault: Fault) -> Problem:
    (x,) = fault.wrt.values()
    return Problem(slope(fault.output, [x])[0], fault.wrt)


def _some_weights(shape: tuple[int, ...], place: int) -> Array:
    count = int(np.prod(shape, dtype=np.int64))
    return ((np.arange(count) * 5 + 3 * place) % 7 + 1.0).reshape(shape)


def _jacobian(fault: Fault) -> Problem:
    weights = _some_weights(fault.output.shape, 0)
    return Problem(fault.output, fault.wrt, constant(weights), {"": weights})


def _hessian(fault: Fault) -> Problem:
    gradient = slope(fault.output, list(fault.wrt.values()))
    weights = {k: _some_weights(v.shape, place)
               for place, (k, v) in enumerate(fault.wrt.items())}
    directions = {k: constant(w) for k, w in weights.items()}
    return Problem(_along(gradient, directions), fault.wrt, None, weights)


def _hvp(fault: Fault) -> Problem:
    gradient = slope(fault.output, list(fault.wrt.values()))
    return Problem(_along(gradient, {k: fault.given[k] for k in fault.wrt}), fault.wrt)


def _along(gradient: tuple[Node, ...], directions: Mapping[str, Node]) -> Node:
    parts = [sum_over(g * d) for g, d in zip(gradient, directions.values(), strict=True)
             if g.op != "zero"]
    total = parts[0] if parts else constant(0.0)
    for part in parts[1:]:
        total = total + part
    return total


_PROBLEMS = {
    "second_derivative": _second_derivative, "jacobian": _jacobian, "hessian": _hessian,
    "hvp": _hvp,
}


def _contracted(fault: Fault, problem: Problem, sample: Sample) -> dict[str, Array]:
    claimed = {k: plain(v) for k, v in sample.claimed.items()}
    if fault.kind == "jacobian":
        weights = exact(problem.weights[""])
        axes = list(range(weights.ndim))
        return {k: np.asarray(np.tensordot(weights, v, axes=(axes, axes))) if axes else v * weights
                for k, v in claimed.items()}
    if fault.kind != "hessian":
        return claimed
    found: dict[str, Array] = {}
    for a, node in problem.wrt.items():
        parts = []
        for b, weights in problem.weights.items():
            block = claimed.get(f"{a},{b}", claimed.get(a))
            if block is not None:
                rows = block.reshape(node.size, weights.size)
                parts.append((rows * exact(weights.ravel())[None, :]).sum(axis=1))
        if len(parts) == len(problem.weights):
            found[a] = np.asarray(sum(parts[1:], parts[0])).reshape(node.shape)
    return found


def leaf_labels(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return the leaves whose gradient shows the blocks: the first of a Hessian's pair."""
    return tuple(dict.fromkeys(k.split(",")[0] for k in labels))


def explains(
    problem: Problem, fault: Fault, sample: Sample, replaced: Replaced, labels: tuple[str, ...]
) -> bool:
    """Tell whether the gradient with replaced rules is the claim, on these blocks, in balls."""
    wanted = [k for k in leaf_labels(labels) if k in problem.wrt]
    graphs = mutant(problem, wanted, replaced)
    if graphs is None or not wanted:
        return False
    known = _forward(problem, sample)
    reading = read(graphs.values(), sample.leaves, Balls(BITS, widen=True), known)
    least, target = least_of(fault, sample), problem.target(fault, sample)
    return all(k in target and _met(target[k], reading.values[g], sample.truth.get(k), least)
               for k, g in graphs.items())


def _met(claim: Array, candidate: Array, truth: Array | None, least: float) -> bool:
    """Tell whether claim and candidate agree wherever the truth is defined."""
    missing = ~np.asarray(is_finite(plain(candidate))).astype(bool)
    if truth is not None and truth.shape == claim.shape:
        missing &= np.asarray(is_finite(plain(truth))).astype(bool)
    return not missing.any() and bool(np.all(same(claim, candidate, least)))


def near_misses(problem: Problem, fault: Fault, replaced: Replaced) -> frozenset[str]:
    """Sift in double precision: the leaves whose changed gradient may be the claim."""
    found = sift(problem, fault, list(problem.wrt), replaced)
    if found is None:
        return frozenset()
    said = problem.said(fault)
    return frozenset(k for k, v in found.items() if k in said and near(v, said[k]))


def sift(
    problem: Problem, fault: Fault, wanted: list[str], replaced: Replaced
) -> dict[str, Array] | None:
    """Return the changed gradient in double precision at the first sample, by leaf."""
    graphs = mutant(problem, wanted, replaced)
    if graphs is None:
        return None
    sifted = problem.sifted(fault)
    known = Reading(dict(sifted.values), dict(sifted.ties))
    with np.errstate(all="ignore"):
        reading = read(graphs.values(), fault.first.leaves, Floats(), known)
    return {k: as_floats(reading.values[g]) for k, g in graphs.items()}


def mutant(
    problem: Problem, wanted: list[str], replaced: Replaced
) -> dict[str, Node] | None:
    """Return the gradient graphs by leaf with some rules replaced, None where that fails."""
    try:
        graphs = slope(problem.output, [problem.wrt[k] for k in wanted], problem.cotangent,
                       {**problem.idle, **replaced})
    except (CannotLower, ValueError):  # a changed rule may not fit the shapes
        return None
    found = dict(zip(wanted, graphs, strict=True))
    return found if all(g.shape == problem.wrt[k].shape for k, g in found.items()) else None


def _forward(problem: Problem, sample: Sample) -> Reading:
    if sample not in problem.known:
        numeral = Balls(BITS, widen=True)
        problem.known[sample] = read([problem.output], sample.leaves, numeral)
    known = problem.known[sample]
    return Reading(dict(known.values), dict(known.ties))


def in_time(fault: Fault) -> bool:
    """Tell whether the time given to the diagnosis is not yet spent."""
    return time.monotonic() < fault.deadline


def user_nodes(problem: Problem) -> list[Node]:
    """Return the nodes of the problem, those with a line of the user's first, outputs first."""
    nodes = topological([problem.output])[::-1]
    return [n for n in nodes if n.origin] + [n for n in nodes if not n.origin]
