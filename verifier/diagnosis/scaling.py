"""Is what flows back through one quantity a constant times what it should be?

With D the gradient without that path and B what the path adds, the claim is D + k B: k is read off
in double precision, named, and confirmed in balls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from flint import arb

from ..graph.node import Node, constant
from ..graph.order import depends_on
from ..readers.fault import Diagnosis, Fault
from ..readers.slope import Detour, local_cotangent
from .naming import name_of, shown
from .paths import lost_edge, no_path, spoken
from .problem import Problem, leaf_labels, sift, user_nodes
from .quick import near
from .saying import called
from .surgery import NODES, Mutation, by_surgery

Array = np.ndarray
REMEDY = "Carry every factor of the forward into the backward, once."


def scaled_path(fault: Fault, labels: tuple[str, ...]) -> Diagnosis | None:
    """Suspect a constant factor on one path of the gradient."""
    return by_surgery(fault, labels, scaled_mutations)


def scaled_mutations(problem: Problem, fault: Fault) -> Iterator[Mutation]:
    """Yield the gradients with one path scaled so that a block of the claim comes out."""
    touched = depends_on([problem.output], problem.wrt.values())
    wanted = [k for k in leaf_labels(fault.failing) if k in problem.wrt]
    whole = sift(problem, fault, wanted, {}) if wanted else None
    if whole is None:
        return
    claimed = problem.said(fault)
    nodes = [n for n in user_nodes(problem) if n in touched and n.op != "input"][:NODES]
    for node in nodes:
        live = [k for k, i in enumerate(node.inputs) if i in touched and not i.discrete]
        for edge in (None, *(live if len(live) > 1 else ())):
            rule = no_path if edge is None else lost_edge(edge, touched)
            without = sift(problem, fault, wanted, {node: rule})
            for factor in _factors(claimed, whole, without or {}):
                detour = _scaled(factor[1], edge, touched)
                yield Mutation("scaled-path", {node: detour}, _said(node, edge, problem, factor[0]),
                               REMEDY)


def _said(node: Node, edge: int | None, problem: Problem, factor: str) -> str:
    through = spoken(node, problem)
    to = "" if edge is None else f" to {called(node.inputs[edge], problem.output)}"
    if to == f" to {through}":
        return f"one part of what flows back inside {through} is {factor} times what it should be"
    return f"what flows back through {through}{to} is {factor} times what it should be"


def _factors(
    claimed: Mapping[str, Array], whole: Mapping[str, Array], without: Mapping[str, Array]
) -> Iterator[tuple[str, float]]:
    """Yield (name, value) of each factor on the path that gives a block of the claim."""
    said: set[str] = set()
    for label, rest in without.items():
        if label not in claimed:
            continue
        added, wanted = whole[label] - rest, claimed[label] - rest
        if not np.all(np.isfinite(added)) or not np.all(np.isfinite(wanted)) or not added.any():
            continue
        factor = float(np.sum(wanted * added) / np.sum(added * added))
        if abs(factor - 1) < 1e-9 or not near(rest + factor * added, claimed[label]):
            continue
        name = name_of(arb(factor, abs(factor) * 2.0**-41))
        typed = float(f"{factor:.10g}")
        text = name.text if name else f"{typed:.10g}"
        if text not in said:
            said.add(text)
            value = float(name.value.mid()) if name else typed
            yield shown(name) if name else text, value


def _scaled(factor: float, edge: int | None, touched: set[Node]) -> Detour:
    def rule(node: Node, g: Node) -> Mapping[Node, Node]:
        times = constant(factor, node.dtype)
        found: dict[Node, Node] = {}
        for which, source in enumerate(node.inputs):
            if source in touched and not source.discrete:
                part = local_cotangent(node, which, g)
                part = part * times if edge in (None, which) else part
                found[source] = found[source] + part if source in found else part
        return found

    return rule
