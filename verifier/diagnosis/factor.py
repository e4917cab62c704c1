"""Is the claim a constant times the derivative? The factor is read off one entry and named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from flint import arb

from ..graph.node import Node
from ..graph.order import depends_on, topological
from ..numerals.balls import exact, plain
from ..primitives.linear import sum_to
from ..readers.fault import Diagnosis, Fault, Sample
from ..readers.slope import local_cotangent
from .agreeing import confirmed, least_of, norm, same
from .naming import Name, decimal, identified, name_of, shown
from .problem import explains, problem_of
from .saying import called, quantity

Array = np.ndarray
Labels = tuple[str, ...]


def constant_factor(fault: Fault, labels: Labels) -> Diagnosis | None:
    """Suspect a named constant factor: 2, -1, 1/32, sqrt(2/pi), or 0."""
    if _is_zero(fault, labels):
        return _zero(fault, labels)
    factor = ratio(fault.first, labels)
    name = None if factor is None else name_of(factor)
    if name is None or not confirmed(fault, labels, lambda s: scaled(fault, s, labels, name.value)):
        return None
    return _told(fault, labels, name)


def unnamed_factor(fault: Fault, labels: Labels) -> Diagnosis | None:
    """Suspect a constant factor without a name, the same ball at every point."""
    factor = ratio(fault.first, labels)
    if factor is None or not confirmed(fault, labels, lambda s: scaled(fault, s, labels, factor)):
        return None
    left = _left_out(fault, labels, factor)
    name = None if left else identified(factor)
    number = f"{name.text} = {decimal(factor)}" if name else decimal(factor)
    sentence = f"{quantity(fault, labels)} is {number} times what it should be"
    why = f": {left}" if left else ""
    return Diagnosis("constant-factor", sentence + why, _REMEDY, labels)


def leaf_factor(fault: Fault, labels: Labels) -> Diagnosis | None:
    """Suspect that an argument of the block's shape is left out as a factor, or is one too many."""
    shapes = {fault.first.truth[k].shape for k in labels}
    if len(shapes) != 1 or shapes == {()}:
        return None
    for leaf, values in fault.first.leaves.items():
        if values.shape not in shapes or bool(np.all(values == values.ravel()[:1])):
            continue
        for missing in (True, False):
            if confirmed(fault, labels, partial(_off_by_leaf, fault, labels, leaf, missing)):
                return _told_leaf(fault, labels, leaf, missing)
    return None


def _off_by_leaf(
    fault: Fault, labels: Labels, leaf: str, missing: bool, sample: Sample
) -> bool:
    values, least = exact(sample.leaves[leaf]), least_of(fault, sample)
    pairs = ((plain(sample.claimed[k]), plain(sample.truth[k])) for k in labels)
    return all(bool(np.all(same(c * values, t, least) if missing else same(c, t * values, least)))
               for c, t in pairs)


def _told_leaf(fault: Fault, labels: Labels, leaf: str, missing: bool) -> Diagnosis:
    what = quantity(fault, labels)
    if missing and leaf in fault.given:
        return Diagnosis("dropped-upstream", f"{what} is not multiplied by the gradient that comes "
                         "from above", "Multiply by the gradient that comes from above.", labels)
    how = "lacks the factor" if missing else "has one factor too many:"
    return Diagnosis("missing-factor" if missing else "doubled-factor", f"{what} {how} {leaf}",
                     _REMEDY, labels)


_REMEDY = "Carry every factor of the forward into the backward, once."


def ratio(sample: Sample, labels: Labels) -> Any | None:
    """Return claim / truth at the largest true entry, None where all entries are 0."""
    best, factor = 0.0, None
    for label in labels:
        truth, claim = plain(sample.truth[label]).ravel(), plain(sample.claimed[label]).ravel()
        for t, c in zip(truth.tolist(), claim.tolist(), strict=True):
            if t.is_finite() and c.is_finite() and float(t.abs_lower()) > best:
                best, factor = float(t.abs_lower()), (c, t)
    return None if factor is None else factor[0] / factor[1]


def scaled(fault: Fault, sample: Sample, labels: Labels, factor: Any) -> bool:
    """Tell whether the claim is `factor` times the truth in every entry of the blocks."""
    least = least_of(fault, sample)
    return all(bool(np.all(same(sample.claimed[k], plain(sample.truth[k]) * factor,
                                least * float(abs(factor).mid()))))
               for k in labels)


def _is_zero(fault: Fault, labels: Labels) -> bool:
    def nothing(sample: Sample) -> bool:
        entries = [v for k in labels for v in plain(sample.claimed[k]).ravel().tolist()]
        return all(v.is_zero() for v in entries) and norm(sample.truth.values()) > 0

    return confirmed(fault, labels, nothing)


def _zero(fault: Fault, labels: Labels) -> Diagnosis:
    return Diagnosis(
        "no-gradient", f"{quantity(fault, labels)} is exactly 0 in the claim, in truth it is not",
        "Look for a branch, a cast or an overwritten array that cuts the gradient off.", labels,
    )


def _told(fault: Fault, labels: Labels, name: Name) -> Diagnosis:
    what, factor = quantity(fault, labels), name.fraction
    if factor == -1:
        return Diagnosis(
            "wrong-sign", f"{what} has the wrong sign: it is minus the derivative, exactly",
            "Reverse the sign: check which of prediction and target is subtracted.", labels,
        )
    if factor is not None and factor > 0 and 1 in (factor.numerator, factor.denominator):
        size, way = max(factor.numerator, factor.denominator), "large" if factor > 1 else "small"
        said = f"{what} is {size} times too {way}, exactly"
    else:
        said = f"{what} is {shown(name)} times what it should be, exactly"
    why = _why(fault, labels, factor, name.value)
    return Diagnosis("constant-factor", f"{said}{f': {why}' if why else ''}", _REMEDY, labels)


def _why(fault: Fault, labels: Labels, factor: Fraction | None, value: Any) -> str:
    """Say where the factor may come from: an axis that is averaged, or a factor left out."""
    if factor is not None and factor > 0 and 1 in (factor.numerator, factor.denominator):
        length = max(factor.numerator, factor.denominator)
        if length > 2 or _divides(fault, length):
            axis = axis_of_length(fault, length)
            if axis:
                return f"{length} is {axis}{_averaged(fault, length, factor > 1)}"
    return _scalar_leaf(fault, labels, value) or _left_out(fault, labels, value)


def axis_of_length(fault: Fault, length: int) -> str:
    """Return which axis, or whole array, of the inputs has this length; data come first."""
    names = sorted(fault.first.leaves, key=lambda k: (k in fault.wrt, k in fault.given))
    for name in names:
        shape = fault.first.leaves[name].shape
        for axis, size in enumerate(shape):
            if size == length:
                return f"the length of axis {axis} of {name}" if len(shape) > 1 else (
                    f"the length of {name}")
    for name in names:
        if fault.first.leaves[name].size == length:
            return f"the number of entries of {name}"
    return ""


def _divides(fault: Fault, length: int) -> bool:
    return any(_is_factor(n, 1 / length) for n in topological([fault.output]))


def _averaged(fault: Fault, length: int, large: bool) -> str:
    forward = _divides(fault, length)
    backward = any(_is_factor(n, 1 / length) for n in topological(fault.claim.values()))
    if large and forward and not backward:
        return "; the forward averages over it, the backward does not"
    if not large and backward and not forward:
        return "; the backward averages over it, the forward does not"
    return "; the backward averages over it twice" if not large and forward else ""


def _is_factor(node: Node, value: float) -> bool:
    """Tell whether a node multiplies by the scalar `value` or divides by its reciprocal."""
    return any(abs(k - value) <= 1e-12 * abs(value) for k, _ in factors_of(node))


def factors_of(node: Node) -> Iterator[tuple[float, int]]:
    """Yield (factor, which input it scales) of a node that multiplies by a scalar constant."""
    if node.op not in ("multiply", "divide"):
        return
    for which, other in ((0, 1), (1, 0)):
        constant = node.inputs[other]
        if constant.op == "constant" and constant.size == 1:
            value = float(np.asarray(constant.params["value"]).ravel()[0])
            if node.op == "multiply":
                yield value, which
            elif which == 0 and value:
                yield 1 / value, 0


def _scalar_leaf(fault: Fault, labels: Labels, value: Any) -> str:
    """Find a number among the inputs that the factor is, or is one over; confirm by moving it."""
    moved = fault.moved()
    if moved is None:
        return ""
    for leaf, array in fault.first.leaves.items():
        if array.size != 1 or leaf in fault.wrt or leaf in fault.given:
            continue
        for power, text in ((1, leaf), (-1, f"1 / {leaf}"), (2, f"{leaf}**2"), (-2, f"{leaf}**-2")):
            here, there = (arb(float(s.leaves[leaf].ravel()[0])) ** power
                           for s in (fault.first, moved))
            if (value - here).contains(0) and scaled(fault, moved, labels, there):
                return f"that is {text}"
    return ""


def _left_out(fault: Fault, labels: Labels, value: Any) -> str:
    """Find the one factor of the forward that, left out, gives this factor."""
    problem = problem_of(fault)
    if problem is None:
        return ""
    touched = depends_on([problem.output], problem.wrt.values())
    found: dict[object, str] = {}
    for node in reversed(topological([problem.output])):
        for factor, which in [*factors_of(node), *_exponent(node)]:
            source = node.inputs[which]
            if source not in touched or factor in (0.0, 1.0) or node.origin is None:
                continue
            if _near(value, 1 / factor) and _explains(
                    fault, labels, {node: _without(which, 1 / factor)}):
                place = node.origin.file, node.origin.line, factor
                said = called(node, fault.output)
                found[place] = f"the factor {factor:.6g} of {said} is left out"
    return next(iter(found.values())) if len(found) == 1 else ""


def _exponent(node: Node) -> Iterator[tuple[float, int]]:
    if node.op == "square":
        yield 2.0, 0


def _near(value: Any, number: float) -> bool:
    return abs(float(value.mid()) - number) <= 1e-9 * abs(number)


def _without(which: int, times: float) -> Any:
    def rule(node: Node, g: Node) -> Mapping[Node, Node]:
        source = node.inputs[which]
        return {source: sum_to(local_cotangent(node, which, g) * times, source.shape)}

    return rule


def _explains(fault: Fault, labels: Labels, replaced: Any) -> bool:
    problem = problem_of(fault)
    return problem is not None and explains(problem, fault, fault.first, replaced, labels)
