"""Do exact points break an order, a Lipschitz constant, a bound or a smoothness? By flint alone.

These findings speak of the function itself, at one point or at two: its values there are balls of
the user's own code, its derivatives those of its Taylor series.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from flint import arb

from ..claims import ClaimSpec, exact
from ..exact import from_tensor
from ..verdicts import Finding, Witness
from .account import Account, apart
from .arrays import entries, run
from .beside import NAMES
from .chords import outside, same_number
from .covering import Refused
from .enclosing import Side
from .ground import Ground
from .slopes import BITS as LADDER
from .slopes import Line, Sides, climb, sides
from .standing import Standing
from .taylor import NoReading, Unsure, ball, number, precision
from .texts import BITS, shown
from .witnessed import kinked_at

Array = np.ndarray
Values = tuple[arb, ...]
DEEPEST = 4  # derivatives looked at for C^infinity


def judged(account: Account, here: Standing, spec: ClaimSpec, finding: Finding) -> None:
    """Evaluate a finding of RULES at its exact points; raise NoReading where that cannot be."""
    witness = finding.witness
    assert witness is not None
    other = {**here.leaves, **{k: from_tensor(v) for k, v in witness.second_point.items()}}
    for name, problem in outside(here.request, (here.leaves, other)):
        account.misfits.append(f"{name}: {problem}")
    account.evaluated = True
    try:
        RULES[finding.rule](account, here, spec, finding, witness, other)
    except (NoReading, Unsure, Refused) as error:
        account.reasons.append(f"Replay cannot look at it again: {error}.")


def _values(here: Standing, leaves: Mapping[str, Array], bits: int) -> Values:
    returned = run(here.function, leaves, bits)
    with precision(bits):
        return tuple(number(v).coefficient(0) for v in entries(returned).ravel())


def _finite(here: Standing, leaves: Mapping[str, Array]) -> Values:
    """Return the values of f at an exact point as finite balls."""
    found = climb(lambda bits: _values(here, leaves, bits),
                  lambda vs: all(v.is_finite() for v in vs))
    if not all(v.is_finite() for v in found):
        raise NoReading("f has no finite value there")
    return found


def _apart_by(here: Standing, spec: ClaimSpec, other: Mapping[str, Array]) -> list[arb]:
    """Return second point minus first, entry by entry, where the claim lets them differ."""
    gaps = []
    for name, array in here.leaves.items():
        if np.array_equal(array, other[name]):
            continue
        if spec.arguments and name.partition(".")[0] not in (*spec.arguments, *_leaves(spec)):
            raise NoReading(f"the points differ in {name}, of which the claim does not speak")
        gaps += [ball(float(b)) - ball(float(a))
                 for a, b in zip(array.ravel(), other[name].ravel(), strict=True)]
    if not gaps:
        raise NoReading("the two points are the same")
    return gaps


def _leaves(spec: ClaimSpec) -> tuple[str, ...]:
    return tuple(a.partition(".")[0] for a in spec.arguments)


def _ordered(
    account: Account, here: Standing, spec: ClaimSpec, finding: Finding, witness: Witness,
    other: Mapping[str, Array],
) -> None:
    """`not-monotone`: y >= x, and f(y) lies on the wrong side of f(x) in some entry."""
    with precision(BITS):
        if not all(gap >= 0 for gap in _apart_by(here, spec, other)):
            account.misfits.append("second point: it does not lie above the first")
    first, second = _finite(here, here.leaves), _finite(here, other)
    if len(first) == 1:
        same_number(account, "f(x)", witness.numbers.get("f(x)"), first[0])
        same_number(account, "f(y)", witness.numbers.get("f(y)"), second[0])
    way = 1 if spec.kind == "increasing" else -1
    with precision(BITS):
        steps = [(b - a) * way for a, b in zip(first, second, strict=True)]
        account.stands = any(bool(s < 0) or (spec.strict and bool(s.is_zero())) for s in steps)
    account.reasons.append(
        f"f(y) - f(x) is certainly on the wrong side of 0: {shown(steps[0] * way)}."
        if account.stands else "f(x) and f(y) are not certainly in the wrong order.")


def _steep(
    account: Account, here: Standing, spec: ClaimSpec, finding: Finding, witness: Witness,
    other: Mapping[str, Array],
) -> None:
    """`lipschitz-exceeded`: |f(x) - f(y)| > k |x - y|, in the norm claimed."""
    first, second = _finite(here, here.leaves), _finite(here, other)
    with precision(BITS):
        far = _length(_apart_by(here, spec, other), spec.norm)
        change = _length([b - a for a, b in zip(first, second, strict=True)], spec.norm)
        limit = ball(exact(spec.number or "0"))
        account.stands = bool(change > limit * far)
    same_number(account, "|f(x) - f(y)|", witness.numbers.get("|f(x) - f(y)|"), change)
    same_number(account, "|x - y|", witness.numbers.get("|x - y|"), far)
    account.reasons.append(
        f"|f(x) - f(y)| certainly exceeds {spec.number} |x - y|."
        if account.stands else f"|f(x) - f(y)| does not certainly exceed {spec.number} |x - y|.")


def _length(gaps: list[arb], norm: str) -> arb:
    sizes = [abs(gap) for gap in gaps]
    if norm == "inf":
        found = sizes[0]
        for size in sizes[1:]:
            found = found.max(size)
        return found
    if norm == "1":
        return sum(sizes, arb(0))
    return sum((gap * gap for gap in gaps), arb(0)).sqrt()


def _beyond(
    account: Account, here: Standing, spec: ClaimSpec, finding: Finding, witness: Witness,
    other: Mapping[str, Array],
) -> None:
    """`out-of-bounds`: f, or the derivative the claim speaks of, lies outside what is claimed."""
    found = _derivatives(here, spec) if int(spec.order) else _finite(here, here.leaves)
    told = next((v for v in found if _outside(v, spec)), None)
    account.stands = told is not None
    if len(found) == 1:
        account.overlap("the quantity", witness.ball, found[0])
    account.reasons.append(
        f"It is certainly outside: {shown(told)}." if told is not None
        else "It is not certainly outside the bounds.")


def _outside(value: arb, spec: ClaimSpec) -> bool:
    with precision(BITS):
        low = spec.lower is not None and (value < ball(exact(spec.lower)) or (
            spec.lower_strict and bool((value - ball(exact(spec.lower))).is_zero())))
        high = spec.upper is not None and (value > ball(exact(spec.upper)) or (
            spec.upper_strict and bool((value - ball(exact(spec.upper))).is_zero())))
    return bool(low or high)


def _lines(here: Standing, names: tuple[str, ...]) -> list[Line]:
    """Return the lines of df_j/dx_i: elementwise where input and output have one shape."""
    out = entries(run(here.function, here.leaves, LADDER[0])).shape
    lines = []
    for name in names:
        shape = here.leaves[name].shape
        places = list(np.ndindex(shape))
        for index, place in product(places, np.ndindex(out)):
            if len(places) > 1 and out == shape and index != place:
                continue
            unit, weight = np.zeros(shape), np.zeros(out)
            unit[index] = weight[place] = 1.0
            lines.append(Line(weight, {name: unit}))
    return lines


def _derivatives(here: Standing, spec: ClaimSpec) -> Values:
    order = int(spec.order)
    names = tuple(a for a in spec.arguments if a in here.leaves) or here.wrt
    found = []
    for line in _lines(here, names):
        beside = _beside(here, line, order)
        found += [beside.left[order]] if not apart(
            beside.left[order], beside.right[order]) else [beside.left[order], beside.right[order]]
    return tuple(found)


def _beside(here: Standing, line: Line, order: int) -> Sides:
    return climb(lambda bits: sides(here, line, bits, order=order), _settled)


def _settled(found: Sides) -> bool:
    return all(v.is_finite() for v in (*found.left, *found.right))


def _bent(
    account: Account, here: Standing, spec: ClaimSpec, finding: Finding, witness: Witness,
    other: Mapping[str, Array],
) -> None:
    """`kink`, `jump` of C^k: a derivative of order at most k differs on both sides."""
    if witness.second_point:
        _on_segment(account, here, spec, witness, other)
        return
    order = DEEPEST if spec.order == "inf" else int(spec.order)
    direction = {k: from_tensor(v) for k, v in witness.direction.items()}
    lines = _lines(here, tuple(a for a in spec.arguments if a in here.leaves) or here.wrt)
    if direction:
        lines = [Line(line.weight, direction) for line in lines[:1]]
    for line in lines:
        found = _beside(here, line, order)
        for place in range(order + 1):
            left, right = found.left[place], found.right[place]
            if apart(left, right) or (place == 0 and (
                    apart(left, found.value) or apart(right, found.value))):
                _told(account, finding, witness, place, (left, right))
                return
    moved = [k for k in here.leaves if k in (spec.arguments or here.wrt)]
    if len(moved) != 1 or here.leaves[moved[0]].size != 1 or direction:
        raise NoReading("both sides agree at this point, along every entry")
    near = Fraction(float(here.leaves[moved[0]].item()))
    _by_tape(account, spec, near, Side(None, None), lambda t: here.function(
        {**here.leaves, moved[0]: here.leaves[moved[0]] * 0.0 + t}))


def _on_segment(
    account: Account, here: Standing, spec: ClaimSpec, witness: Witness, other: Mapping[str, Array]
) -> None:
    """The kink lies at a rational share of the way between two exact points."""
    with precision(BITS):
        _apart_by(here, spec, other)
    moved = {k: v for k, v in here.leaves.items() if not np.array_equal(v, other[k])}
    _by_tape(account, spec, Fraction(witness.weight or "0"), Side(Fraction(0), Fraction(1)),
             lambda t: here.function({**here.leaves, **{
                 k: v * (1 - t) + other[k] * t for k, v in moved.items()}}))


def _by_tape(
    account: Account, spec: ClaimSpec, near: Fraction, side: Side, program: Callable[[Any], Any]
) -> None:
    """Look at a function of one number t on a tape: where its decision switches, and beside it."""
    ground = Ground(lambda leaves: program(leaves["t"]), {"t": np.array(float(near))},
                    {("t", 0): side}, (("t", 0),))
    with precision(BITS):
        account.stands = kinked_at(ground, spec, near)
    account.reasons.append(
        "On both sides of the one number at which a decision switches, pieces of the program have "
        "disjoint derivatives there." if account.stands
        else "Both sides agree, to the order claimed.")


def _told(
    account: Account, finding: Finding, witness: Witness, place: int, ends: tuple[arb, arb]
) -> None:
    name = NAMES[place] if place < len(NAMES) else f"derivative of order {place}"
    account.overlap(f"{name} from left", witness.left, ends[0])
    account.overlap(f"{name} from right", witness.right, ends[1])
    account.stands = (place == 0) == (finding.rule == "jump")
    account.reasons.append(f"The {name} from left and right, by series in balls, are disjoint.")


Judge = Callable[[Account, Standing, ClaimSpec, Finding, Witness, Mapping[str, Array]], None]
RULES: Mapping[str, Judge] = {
    "not-monotone": _ordered, "lipschitz-exceeded": _steep, "out-of-bounds": _beyond,
    "kink": _bent, "jump": _bent,
}  # fmt: skip
