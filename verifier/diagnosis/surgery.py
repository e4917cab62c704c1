"""Is one rule of the reverse pass wrong? Gradients with a single wrong rule are tried in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from ..graph.node import Node
from ..readers.fault import Diagnosis, Fault
from ..readers.slope import Detour
from .agreeing import confirmed
from .problem import Problem, explains, in_time, leaf_labels, near_misses, problem_of
from .saying import quantity

Labels = tuple[str, ...]
NODES = 80  # nodes of the function, nearest to the output first, whose rules are doubted
ALIKE = 8  # more nodes than this of one line are changed together only


@dataclass(frozen=True, slots=True)
class Mutation:
    """A gradient with some rules replaced; `said` completes "the gradient by W is wrong: ..."."""

    slug: str
    replaced: Mapping[Node, Detour]
    said: str
    remedy: str


Mutations = Callable[[Problem, Fault], Iterator[Mutation]]


def by_surgery(fault: Fault, labels: Labels, mutations: Mutations) -> Diagnosis | None:
    """Return the first mutation that gives the claim on every block.

    Failing that, one that gives it on all of `labels`, else on most of them.
    """
    problem = problem_of(fault)
    if problem is None:
        return None
    best: tuple[Labels, Mutation] | None = None
    for mutation in islice(mutations(problem, fault), problem.allowance):
        if not in_time(fault):
            break
        sifted = near_misses(problem, fault, mutation.replaced)
        everywhere = sifted >= problem.wrt.keys()
        if best is not None and best[0] == labels and not everywhere:
            continue
        explained = _explained(problem, fault, mutation, labels, sifted)
        if explained and (best is None or len(explained) > len(best[0])):
            best = explained, mutation
        if explained == labels and everywhere:
            best = explained, mutation
            break
    if best is None:
        return None
    explained, mutation = best
    sentence = f"{quantity(fault, explained)} is wrong: {mutation.said}"
    return Diagnosis(mutation.slug, sentence, mutation.remedy, explained)


def _explained(
    problem: Problem, fault: Fault, mutation: Mutation, labels: Labels, sifted: frozenset[str]
) -> Labels:
    """Return the blocks among those that passed the sieve that the mutation gives in balls."""
    passed = tuple(k for k in labels if set(leaf_labels((k,))) <= sifted)
    if not passed or _confirmed(problem, fault, mutation, passed):
        return passed
    return () if len(passed) == 1 else tuple(
        k for k in passed if _confirmed(problem, fault, mutation, (k,)))


def _confirmed(problem: Problem, fault: Fault, mutation: Mutation, labels: Labels) -> bool:
    return confirmed(fault, labels,
                     lambda s: explains(problem, fault, s, mutation.replaced, labels))


def in_groups(nodes: Iterable[Node]) -> Iterator[tuple[list[Node], str]]:
    """Yield the nodes of one line and op together (a loop wrote them), then each by itself.

    With each comes what a sentence about it must add.
    """
    listed = list(nodes)
    groups: dict[tuple[object, ...], list[Node]] = {}
    for node in listed:
        groups.setdefault(_line(node), []).append(node)
    for group in groups.values():
        if len(group) > 1 and group[0].origin is not None:
            yield group, ""
            if len(group) > ALIKE:
                continue
        alike = len(group) > 1 and group[0].origin is not None
        more = f" (one of {len(group)} such operations of the line)" if alike else ""
        yield from (([n], more) for n in group)


def _line(node: Node) -> tuple[object, ...]:
    """Return what nodes written by one operation of a loop share: op, line, constant operands."""
    constants = tuple(float(i.params["value"]) for i in node.inputs
                      if i.op == "constant" and i.shape == ())
    place = (node.origin.file, node.origin.line) if node.origin else ()
    return node.op, *place, *constants


__all__ = ["Mutation", "by_surgery", "in_groups"]
