"""Was another variable used in a product: the pre-activation for the output, this layer's for that?

The rule of a product multiplies by its other operand. Here it multiplies by another value of the
same shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..graph.node import Node
from ..graph.order import depends_on, topological
from ..readers.fault import Diagnosis, Fault
from ..readers.slope import Detour, local_cotangent
from .paths import parts_of
from .problem import Problem, user_nodes
from .saying import quoted, variable_of
from .surgery import NODES, Mutation, by_surgery

RIVALS = 8  # values of the same shape tried in the place of one operand


def wrong_operand(fault: Fault, labels: tuple[str, ...]) -> Diagnosis | None:
    """Suspect that a product is differentiated with another variable in it."""
    return by_surgery(fault, labels, operand_mutations)


def operand_mutations(problem: Problem, fault: Fault) -> Iterator[Mutation]:
    """Yield the gradients in which one operand is another named value of its shape."""
    touched = depends_on([problem.output], problem.wrt.values())
    nodes = user_nodes(problem)
    named = [(n, name) for n in topological([problem.output])
             if not n.discrete and n.op != "constant"
             and (name := variable_of(n, problem.output)) is not None]
    for node in [n for n in nodes if n.op in ("matmul", "multiply") and n in touched][:NODES]:
        for which in (0, 1):
            source, operand = node.inputs[which], node.inputs[1 - which]
            if source not in touched or operand.op == "constant":
                continue
            rivals = [(n, k) for n, k in named if n.shape == operand.shape and n is not operand]
            for rival, name in rivals[-RIVALS:]:
                yield _mutation(node, which, rival, name, problem, touched)


def _mutation(
    node: Node, which: int, rival: Node, name: str, problem: Problem, touched: set[Node]
) -> Mutation:
    operand = node.inputs[1 - which]
    right = variable_of(operand, problem.output) or quoted(operand.origin)
    place = quoted(node.origin) or "the first derivative"
    slug = "pre-activation" if operand in depends_on([operand], [rival]) else "wrong-operand"
    return Mutation(slug, {node: _with(which, rival, touched)},
                    f"{name} is used where {right} belongs, on the way back through {place}",
                    f"Use {right}, which the forward multiplies by.")


def _with(which: int, rival: Node, touched: set[Node]) -> Detour:
    def rule(node: Node, g: Node) -> Mapping[Node, Node]:
        inputs = (node.inputs[0], rival) if which == 0 else (rival, node.inputs[1])
        changed = Node(node.op, inputs, node.params, node.shape, node.dtype, node.origin)
        source, part = node.inputs[which], local_cotangent(changed, which, g)
        parts = parts_of(node, g, touched, leave_out=which)
        return {**parts, source: parts[source] + part if source in parts else part}

    return rule
