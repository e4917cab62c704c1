"""Is a single rule of the chain wrong: a sign, a factor, a transpose, a mask, an axis?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..graph.node import Node, apply, constant, structural_zero
from ..graph.order import depends_on
from ..primitives.linear import broadcast_to, matmul, reshape, select, sum_over, sum_to
from ..primitives.table import SCALARS
from ..readers.fault import Diagnosis, Fault
from ..readers.slope import Detour, local_cotangent
from .paths import MOVED, parts_of
from .problem import Problem, user_nodes
from .saying import called, quoted, variable_of
from .surgery import NODES, Mutation, by_surgery, in_groups

Touched = set[Node]
Rule = tuple[str, int, str, Detour, str]  # slug, edge, sentence, detour, remedy
PIECEWISE = frozenset({"maximum", "minimum"})


def wrong_rule(fault: Fault, labels: tuple[str, ...]) -> Diagnosis | None:
    """Suspect the rule of one node that is no activation."""
    return by_surgery(fault, labels, rule_mutations)


def rule_mutations(problem: Problem, fault: Fault) -> Iterator[Mutation]:
    """Yield the gradients with one wrong rule of each kind, the simplest kind first."""
    touched = depends_on([problem.output], problem.wrt.values())
    nodes = [n for n in user_nodes(problem) if n in touched and n.op != "input"][:NODES]
    for kind in (_factors, _signs, _masks, _mirrored, _axes, _upstream, _diagonal):
        for group, more in in_groups(nodes):
            rules = {n: list(kind(n, touched, problem)) for n in group}
            alike = {r[:2]: r for own in rules.values() for r in reversed(own)}
            for key, (slug, _, said, _, remedy) in alike.items():
                replaced = {n: r[3] for n, own in rules.items() for r in own if r[:2] == key}
                yield Mutation(slug, replaced, said + more, remedy)


def _sources(node: Node, touched: Touched) -> list[int]:
    return [k for k, i in enumerate(node.inputs) if i in touched and not i.discrete]


def _factors(node: Node, touched: Touched, problem: Problem) -> Iterator[Rule]:
    """A product with, or a quotient by, something that is not differentiated: left out, twice."""
    if node.op not in ("multiply", "divide", "matmul"):
        return
    place = quoted(node.origin) or "the first derivative"
    for which in _sources(node, touched):
        source, other = node.inputs[which], node.inputs[1 - which]
        if (node.op == "divide" and which == 1) or source is other:
            continue
        how, name = "division" if node.op == "divide" else "factor", _short(other, problem)
        by = f"by {name} " if name and node.op == "divide" else f"{name} " if name else ""
        what = f"{'the' if name else 'a'} {how} {by}in {place}"
        if node.op != "matmul" or source.shape == node.shape:
            yield "missing-factor", which, f"{what} is left out", _left_out(which, touched), _CARRY
        if node.op != "matmul" and other not in touched:
            yield ("doubled-factor", which, f"{what} is applied twice",
                   _applied_twice(which), _CARRY)


def _left_out(which: int, touched: Touched) -> Detour:
    def rule(node: Node, g: Node) -> Mapping[Node, Node]:
        source = node.inputs[which]
        part = sum_to(broadcast_to(g, node.shape), source.shape)
        return {**parts_of(node, g, touched, leave_out=which), source: part}

    return rule


def _applied_twice(which: int) -> Detour:
    return lambda node, g: {
        node.inputs[which]: local_cotangent(node, which, apply(node.op, g, node.inputs[1 - which]))}


_CARRY = "Carry every factor of the forward into the backward, once."


def _short(node: Node, problem: Problem) -> str:
    """Return the name of an operand, looked up through what only moves it; "" without one."""
    name = variable_of(node, problem.output)
    while name is None and node.op in MOVED:
        node = node.inputs[0]
        name = variable_of(node, problem.output)
    return name or ""


def _signs(node: Node, touched: Touched, problem: Problem) -> Iterator[Rule]:
    for which in _sources(node, touched):
        source = node.inputs[which]

        def rule(n: Node, g: Node, k: int = which) -> Mapping[Node, Node]:
            parts = parts_of(n, g, touched, leave_out=k)
            turned = -local_cotangent(n, k, g)
            key = n.inputs[k]
            return {**parts, key: parts[key] + turned if key in parts else turned}

        name, other = called(node, problem.output), called(source, problem.output)
        said = f"what {name} sends back" + (f" to {other}" if len(node.inputs) > 1 else "")
        if name == other:
            said = f"one part of what flows back inside {name}"
        yield ("wrong-sign", which, f"{said} has the wrong sign", rule,
               "Reverse the sign of this part.")


def _masks(node: Node, touched: Touched, problem: Problem) -> Iterator[Rule]:
    place = called(node, problem.output)
    if node.op == "select":
        yield ("wrong-mask", 0, f"the mask of {place} is on the wrong side", _swapped_select,
               "Use the condition of the forward, not its opposite.")
        live = tuple(_sources(node, touched))
        yield ("missing-mask", 0, f"the mask of {place} is not applied", _unmasked(live),
               "Multiply by the mask of the forward.")
    if node.op in PIECEWISE or node.op == "relu":
        for which in _sources(node, touched):
            yield ("wrong-mask", which, f"the mask of {place} is on the wrong side", _other(which),
                   "Use the condition of the forward, not its opposite.")
            yield ("missing-mask", which, f"the mask of {place} is not applied",
                   _unmasked((which,)),
                   "Multiply by the mask of the forward.")


def _unmasked(live: tuple[int, ...]) -> Detour:
    return lambda node, g: {
        node.inputs[k]: sum_to(broadcast_to(g, node.shape), node.inputs[k].shape) for k in live}


def _swapped_select(node: Node, g: Node) -> Mapping[Node, Node]:
    condition, a, b = node.inputs
    full, nothing = broadcast_to(g, node.shape), structural_zero((), g.dtype)
    first = sum_to(select(condition, nothing, full), a.shape)
    second = sum_to(select(condition, full, nothing), b.shape)
    return {a: first + second} if a is b else {a: first, b: second}


def _other(which: int) -> Detour:
    def rule(node: Node, g: Node) -> Mapping[Node, Node]:
        full = broadcast_to(g, node.shape)
        right = local_cotangent(node, which, g)
        source = node.inputs[which]
        return {source: sum_to(full, source.shape) - right}

    return rule


def _mirrored(node: Node, touched: Touched, problem: Problem) -> Iterator[Rule]:
    """A matrix product whose other operand is not transposed; squares only, else shapes differ."""
    if node.op != "matmul":
        return
    for which in _sources(node, touched):
        other = node.inputs[1 - which]
        if len(other.shape) < 2 or other.shape[-1] != other.shape[-2]:
            continue
        name, place = _short(other, problem), quoted(node.origin) or "a matrix product"
        said = f"{name or 'the other operand'} is not transposed on the way back through {place}"
        yield ("not-transposed", which, said, _untransposed(which, touched),
               "Transpose the other operand: the cotangent of A @ B is g @ B.T and A.T @ g.")


def _untransposed(which: int, touched: Touched) -> Detour:
    def rule(node: Node, g: Node) -> Mapping[Node, Node]:
        a, b = node.inputs
        product = matmul(g, b) if which == 0 else matmul(a, g)
        parts = parts_of(node, g, touched, leave_out=which)
        return {**parts, node.inputs[which]: sum_to(product, node.inputs[which].shape)}

    return rule


def _axes(node: Node, touched: Touched, problem: Problem) -> Iterator[Rule]:
    """A sum sent back, or a broadcast summed up, along the other axis of a square."""
    place = quoted(node.origin) or called(node, problem.output)
    if node.op == "sum" and len(node.params["axis"]) == 1:
        (x,), (axis,) = node.inputs, node.params["axis"]
        for other in range(len(x.shape)):
            if other != axis and x.shape[other] == x.shape[axis]:
                said = f"what comes back to the sum over axis {axis} in {place}"
                yield ("wrong-axis", other, f"{said} is broadcast along axis {other}",
                       _spread(axis, other), _AXIS)
    for which in _sources(node, touched):
        source = node.inputs[which]
        if node.op in SCALARS and len(source.shape) == 1 and len(node.shape) == 2 and (
                node.shape[0] == node.shape[1] == source.shape[0]):
            said = f"the gradient of {called(source, problem.output)} in {place}"
            yield ("wrong-axis", which, f"{said} is summed over axis 1 instead of axis 0",
                   _summed(which, touched), _AXIS)


_AXIS = "Use keepdims=True, so that shapes cannot broadcast along the wrong axis."


def _spread(axis: int, other: int) -> Detour:
    def rule(node: Node, g: Node) -> Mapping[Node, Node]:
        (x,) = node.inputs
        order = [a for a in range(len(x.shape)) if a != axis]
        order[order.index(other)] = axis  # its entries go along the axis that was summed
        shape = tuple(1 if a == other else n for a, n in enumerate(x.shape))
        if order != sorted(order):
            from ..primitives.linear import transpose

            g = transpose(g, tuple(sorted(range(len(order)), key=lambda i: order[i])))
        return {x: broadcast_to(reshape(g, shape), x.shape)}

    return rule


def _summed(which: int, touched: Touched) -> Detour:
    def rule(node: Node, g: Node) -> Mapping[Node, Node]:
        source = node.inputs[which]
        local = SCALARS[node.op].slopes[which]
        assert local is not None
        full = broadcast_to(g, node.shape) * local(*node.inputs, node)
        parts = parts_of(node, g, touched, leave_out=which)
        return {**parts, source: sum_over(broadcast_to(full, node.shape), 1)}

    return rule


def _ones(node: Node) -> Node:
    return broadcast_to(constant(1.0), node.shape)


def _upstream(node: Node, touched: Touched, problem: Problem) -> Iterator[Rule]:
    """The gradient from above is dropped: the local slope stands alone."""
    if node is problem.output:
        return
    what = called(node, problem.output)
    said = f"the gradient that arrives at {what} is dropped, its own slope stands alone"
    remedy = "Multiply by the gradient that comes from above."
    if node.op != "select":
        yield "dropped-upstream", 0, said, lambda n, g: parts_of(n, _ones(n), touched), remedy
        return
    for which in (1, 2):
        if node.inputs[which] not in touched:
            continue

        def rule(n: Node, g: Node, k: int = which) -> Mapping[Node, Node]:
            parts = parts_of(n, g, touched, leave_out=k)
            part = local_cotangent(n, k, _ones(n))
            key = n.inputs[k]
            return {**parts, key: parts[key] + part if key in parts else part}

        yield ("dropped-upstream", which,
               f"{said} on the {'first' if which == 1 else 'second'} side of the condition", rule,
               remedy)


def _diagonal(node: Node, touched: Touched, problem: Problem) -> Iterator[Rule]:
    """A normalisation e / sum(e) of which only the diagonal of the Jacobian is used."""
    if node.op != "divide":
        return
    above, below = node.inputs
    while below.op in ("reshape", "broadcast"):
        below = below.inputs[0]
    if below.op != "sum" or below.inputs[0] is not above:
        return

    def rule(n: Node, g: Node) -> Mapping[Node, Node]:
        e, total = n.inputs
        return {e: g / total - g * e / (total * total)}

    said = f"only the diagonal of the Jacobian of {called(node, problem.output)} is used"
    yield ("diagonal-only", 0, f"{said}: p * (1 - p) where p * (g - sum(g * p)) belongs", rule,
           "Every output of a softmax depends on every input: subtract sum(g * p).")


__all__ = ["rule_mutations", "wrong_rule"]
