"""Is a formula that is nearly right a branch taken on purpose, where the exact one cancels?

Near a removable singularity code switches to a few terms of a Taylor series. Such a branch is off
by less than half of the digits, and the branch it avoids, right as a formula, would have lost as
many to rounding: then the approximation is no fault, it is a loss of digits at most. The function
may do the same: what it approximates is what it means.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import CannotLower
from ..frontends.lifted import Lifted
from ..frontends.registry import lift
from ..graph.node import Node, apply
from ..graph.order import topological
from ..graph.rewrite import rewritten, unified
from ..numerals.balls import Balls, plain, precision
from ..readers.guards import COMPARISONS
from ..readers.rounding import budget, unit
from ..readers.value import read
from .agreement import AGREE, DISJOINT, EXPLAINED, SHARE, Agreement, compare, unseen
from .observe import quiet
from .truth import truth_of

Array = np.ndarray
BITS = 512  # the avoided branch cancels: that is why it is avoided
LOOSE = 2.0**10  # rounding budgets within which a loop may call itself converged
MOST_SWITCHES = 8  # conditions of a claim that are switched, one at a time


def avoided(found: Any, label: str, agreement: Agreement, claim: Array) -> Agreement:
    """Explain entries whose other branch agrees and is no better in floats.

    Entries of a claim that took such a branch are marked in `found.shortened`; where the function
    took it, a claim that is right for the other branch is right.
    """
    apart = agreement.code == DISJOINT
    near = _near(agreement, found.computed[label].dtype.name)
    if not apart.any():
        return agreement
    shortened, meant = np.zeros(near.shape, dtype=bool), np.zeros(near.shape, dtype=bool)
    for other in _claims(found, label) if near.any() else ():
        with contextlib.suppress(CannotLower):
            shortened |= near & _no_better(found, label, other, agreement)
        if np.array_equal(shortened, near):
            break
    for way in _functions(found, bool(near.any())) if (apart & ~shortened).any() else ():
        open_ = (apart if way.loop else near) & ~shortened & ~meant
        with contextlib.suppress(CannotLower):
            meant |= open_ & (_meant(found, label, way, claim) if open_.any() else False)
    if shortened.any():
        found.shortened[label] = shortened
    code = np.where(shortened | meant, EXPLAINED, agreement.code)
    return Agreement(code, agreement.gap, agreement.truth, agreement.width)


@dataclass(frozen=True, slots=True)
class Other:
    """The function along another branch; `loop`: a loop that had converged runs on."""

    output: Node
    inputs: Mapping[str, Node]
    loop: bool = False


def _claims(found: Any, label: str) -> Iterator[Node]:
    """Yield the block of the claim with one of its conditions reversed."""
    from .outcome import blocks_of

    node = found.nodes.get(label)
    if node is not None:
        yield from _switched(node)
    for lifted, _ in retold(found.program, found.leaves, found.road):
        parts, _ = blocks_of(found.kind, lifted.output, found.here, found.blocks)
        if isinstance(parts.get(label), Node):
            yield parts[label]


def _functions(found: Any, near: bool) -> Iterator[Other]:
    """Yield the function with one of its conditions reversed; masks only for claims `near` it."""
    here = found.here
    for other in _switched(here.output) if near else ():
        yield Other(other, here.road.lifted.inputs)
    for lifted, loop in retold(here.program, here.leaves, here.road):
        if isinstance(lifted.output, Node) and lifted.output.shape == here.output.shape:
            yield Other(lifted.output, lifted.inputs, loop)


def retold(
    program: Any, leaves: Mapping[str, Array], road: Any
) -> Iterator[tuple[Lifted, bool]]:
    """Yield the program lifted with one `if` of its path answered otherwise, the last first.

    With it comes whether that `if` ends a loop: it is met again once it is answered otherwise.
    """
    path = () if road is None or road.lifted is None else road.lifted.path
    single = [k for k in reversed(range(len(path))) if path[k].taken.size == 1]
    for place in single[:MOST_SWITCHES]:
        answer = not bool(path[place].taken.ravel()[0])
        try:
            with quiet():
                lifted = lift(program, dict(leaves), told={place: answer})
        except Exception:  # the user's code may raise on a branch that was not taken
            continue
        after = lifted.path[place:]
        if after and bool(after[0].taken.ravel()[0]) == answer:
            again = any(c.origin == after[0].origin for c in after[1:])
            yield lifted, again and not any(c.origin == after[0].origin for c in path[place + 1:])


def _meant(found: Any, label: str, other: Other, claim: Array) -> Array:
    """Return where the claim is the derivative of the function's other branch.

    The two branches must be one number in floats: their values differ by less than the rounding
    of the other one. A loop of the claim may run on as that of the function does.
    """
    from .outcome import given_of

    here, shape = found.here, found.computed[label].shape
    wrt = {k: other.inputs[k] for k in here.wrt}
    with precision(BITS):
        truth, _ = truth_of(found.kind, other.output, wrt, found.leaves, Balls(BITS),
                            given_of(found))
        reading = read([other.output, here.output], found.leaves, Balls(BITS))
        gap = plain(reading[other.output]) - plain(reading[here.output])
        exact = truth[label].reshape(shape)
        agrees = _agrees(claim, exact, found.computed[label].dtype.name)
        for node in _claims(found, label) if other.loop and not agrees.all() else ():
            values = np.broadcast_to(plain(read([node], found.leaves, Balls(BITS))[node]), shape)
            agrees |= _agrees(values, exact, found.computed[label].dtype.name)
    radius = budget([other.output], reading).radius[other.output]
    far = np.asarray(_upper(np.broadcast_to(gap, other.output.shape)), dtype=float)
    same = np.isfinite(radius) & (far <= radius * (LOOSE if other.loop else 1.0))
    same = same.reshape(shape) if same.size == agrees.size else np.asarray(same.all())
    return np.asarray(agrees & same)


def _agrees(claim: Array, truth: Array, dtype: str) -> Array:
    told = compare({"": claim}, {"": truth})[""]
    told = unseen(told, claim, truth, dtype)
    sharp = (told.code == AGREE) & (told.width <= SHARE)
    return np.asarray((told.code == EXPLAINED) | sharp)


_upper = np.frompyfunc(lambda gap: float(gap.abs_upper()), 1, 1)


def _near(agreement: Agreement, dtype: str) -> Array:
    """Return the wrong entries that keep at least half of the digits."""
    bar = np.sqrt(2 * unit(dtype))
    return np.asarray((agreement.code == DISJOINT) & (agreement.gap < bar * agreement.truth))


def _switched(node: Node) -> Iterator[Node]:
    """Yield the claim with the answers of one of its conditions reversed everywhere.

    All comparisons of the same two operands are one condition.
    """
    (shared,) = unified([node])
    groups: dict[frozenset[Node], list[Node]] = {}
    for each in topological([shared]):
        if each.op in COMPARISONS and not any(i.discrete for i in each.inputs):
            groups.setdefault(frozenset(each.inputs), []).append(each)
    for group in list(groups.values())[:MOST_SWITCHES]:
        swap = {c: apply("logical_not", c, dtype="bool", origin=c.origin) for c in group}
        yield _replaced(shared, swap)


def _replaced(node: Node, swap: dict[Node, Node]) -> Node:
    """Return the graph with decisions swapped above them; the decisions themselves stay."""
    (found,) = rewritten([node], swap)
    return found


def _no_better(found: Any, label: str, other: Node, agreement: Agreement) -> Array:
    """Return where the other branch is the truth and may be as far off in floats."""
    with precision(BITS):
        reading = read([other], found.leaves, Balls(BITS))
        values = np.broadcast_to(plain(reading[other]), agreement.code.shape)
        told = compare({label: values}, {label: found.truth[label]})[label]
    right = (told.code == AGREE) & (told.width <= SHARE)
    radius = np.broadcast_to(budget([other], reading).radius[other], right.shape)
    return np.asarray(right & np.isfinite(radius) & (radius >= agreement.gap))
