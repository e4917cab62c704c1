"""Was a path of the gradient dropped? A node, or a pair of them, treated as a constant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from ..graph.node import Node
from ..graph.order import depends_on
from ..readers.fault import Diagnosis, Fault
from ..readers.slope import Detour, local_cotangent
from .problem import Problem, user_nodes
from .saying import called, listed, variable_of
from .surgery import NODES, Mutation, by_surgery, in_groups

REDUCTIONS = frozenset({"sum", "take", "cumsum"})
PAIRED = 6  # reduced quantities (mean, variance, maximum) tried two at a time
REMEDY = "Add the gradient that flows through it; the chain rule sums over every path."


def lost_path(fault: Fault, labels: tuple[str, ...]) -> Diagnosis | None:
    """Suspect that the gradient through one quantity is missing."""
    return by_surgery(fault, labels, path_mutations)


def path_mutations(problem: Problem, fault: Fault) -> Iterator[Mutation]:
    """Yield gradients without one node's path, without one edge, and without two reductions."""
    touched = depends_on([problem.output], problem.wrt.values())
    nodes = [n for n in user_nodes(problem)
             if n in touched and n.op != "input" and n is not problem.output][:NODES]
    nodes.sort(key=lambda n: _strangeness(n, problem))
    for group, more in in_groups(nodes):
        what = spoken(group[0], problem) + more
        yield Mutation("lost-path", dict.fromkeys(group, no_path),
                       f"the gradient through {what} is missing, as if it were a constant", REMEDY)
    forks = [n for n in nodes if len([i for i in n.inputs if i in touched and not i.discrete]) > 1]
    for group, more in in_groups(forks):
        yield from _edges(group, more, problem, touched)
    reduced = [n for n in nodes if n.op in REDUCTIONS][:PAIRED]
    for pair in combinations(reduced, 2):
        what = listed(tuple(spoken(n, problem) for n in pair))
        yield Mutation("lost-path", dict.fromkeys(pair, no_path),
                       f"the gradients through {what} are missing, as if they were constants",
                       REMEDY)


def _strangeness(node: Node, problem: Problem) -> int:
    """Return 0 for a variable of the user's, 1 for what numpy has a name for, else 2."""
    if variable_of(node, problem.output) is not None:
        return 0
    return 1 if kind_of(node) else 2


def spoken(node: Node, problem: Problem) -> str:
    """Return how the quantity a path goes through is spoken of."""
    name, kind = called(node, problem.output), kind_of(node)
    return f"{kind} in {name}" if kind and name.startswith("`") else name


MOVED = frozenset({"reshape", "broadcast", "transpose", "gather", "cast"})


def kind_of(node: Node) -> str:
    """Return what a node is called in numpy's terms: the maximum, the mean, the sum."""
    while node.op in MOVED:
        node = node.inputs[0]
    if node.op == "take":
        index = node.inputs[1]
        while index.op in MOVED:
            index = index.inputs[0]
        return {"argmax": "the maximum", "argmin": "the minimum"}.get(index.op, "")
    if node.op == "divide" and node.inputs[1].op == "constant" and kind_of(
            node.inputs[0]) == "the sum":
        return "the mean"
    return "the sum" if node.op == "sum" else ""


def no_path(node: Node, g: Node) -> Mapping[Node, Node]:
    """Send nothing back: the node counts as a constant."""
    return {}


def lost_edge(which: int, touched: set[Node]) -> Detour:
    """Return the rule that sends nothing back to one input."""
    return lambda node, g: parts_of(node, g, touched, leave_out=which)


def _edges(
    group: list[Node], more: str, problem: Problem, touched: set[Node]
) -> Iterator[Mutation]:
    node = group[0]
    for which, source in enumerate(node.inputs):
        if source not in touched or source.discrete:
            continue
        what = called(source, problem.output)
        yield Mutation("lost-path", dict.fromkeys(group, lost_edge(which, touched)),
                       f"the part of {called(node, problem.output)} that goes through {what} is "
                       f"missing{more}", REMEDY)


def parts_of(
    node: Node, g: Node, touched: set[Node], leave_out: int | None = None
) -> dict[Node, Node]:
    """Return what a node's rule sends to its inputs, one of them left out."""
    found: dict[Node, Node] = {}
    for which, source in enumerate(node.inputs):
        if source in touched and not source.discrete and which != leave_out:
            part = local_cotangent(node, which, g)
            found[source] = found[source] + part if source in found else part
    return found
