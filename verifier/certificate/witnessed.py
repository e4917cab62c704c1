"""A claim that something is not so, proved by a witness: exact points, evaluated anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import msgspec
import numpy as np
from flint import arb, fmpq

from ..claims import ClaimSpec
from ..exact import from_tensor
from ..verdicts import Tensor, Witness
from .covering import Refused
from .differentiating import gradient
from .enclosing import Enclosure, Side
from .ground import Ground
from .questions import look
from .ranges import Value
from .settling import open_choices, roots, settled
from .taylor import NoReading
from .texts import misfits

CONFIRMED, NOT_CONFIRMED = "CONFIRMED", "NOT CONFIRMED"
BESIDE = Fraction(1, 2**20)
Point = dict[str, np.ndarray]


def by_witness(ground: Ground, spec: ClaimSpec, data: Mapping[str, Any]) -> tuple[str, str]:
    """Return status and reason of a proof by a witness."""
    if not {"point"} <= data["witness"].keys() <= {"point", "second_point", "weight"}:
        raise Refused("the witness is not written as one")
    witness = msgspec.convert(data["witness"], Witness)
    written = msgspec.json.encode([witness.point, witness.second_point], order="sorted")
    told = [data["witness"].get(k, {}) for k in ("point", "second_point")]
    if written != msgspec.json.encode(told, order="sorted"):
        raise Refused("the points of the witness are not written as such")
    for misfit in misfits(witness):
        raise Refused(misfit)
    if spec.kind == "smooth":
        if witness.second_point or witness.weight:
            raise Refused("a kink is one point")
        stands = _kinked(ground, spec, witness)
    elif spec.kind in RULES:
        points = [_point(ground, p) for p in (witness.point, witness.second_point)]
        stands = RULES[spec.kind](ground, spec, *points, witness.weight)
    else:
        raise Refused(f"a witness does not prove a claim of {spec.kind}")
    return (CONFIRMED, "") if stands else (NOT_CONFIRMED, "the witness does not show it")


def _off_chord(
    ground: Ground, spec: ClaimSpec, x: Point, y: Point, weight: str | None
) -> bool:
    """Tell whether f(t x + (1-t) y) lies strictly on the wrong side of the chord."""
    share = Fraction(weight or "0")
    gaps = _differing(ground, x, y)
    if not 0 < share < 1 or not gaps:
        raise Refused("the witness is no chord")
    first, last = _box(ground, x), _box(ground, y)
    middle = {}
    for k in first:
        a, b = first[k].low, last[k].low
        assert a is not None and b is not None
        middle[k] = Side(share * a + (1 - share) * b, share * a + (1 - share) * b)
    values = [_at(ground, box) for box in (first, last, middle)]
    if any(len(v) != 1 for v in values):
        raise Refused("convexity needs a function with one value")
    t = arb(fmpq(share.numerator, share.denominator))
    gap = values[2][0] - t * values[0][0] - (1 - t) * values[1][0]
    if spec.kind == "affine":
        return bool(gap > 0 or gap < 0)
    if spec.kind == "concave":
        return bool(gap < 0)
    strength = Fraction(spec.number or 0) if spec.kind == "strongly-convex" else Fraction(0)
    lowered = arb(fmpq(strength.numerator, strength.denominator)) / 2 * t * (1 - t) * sum(
        (g * g for _, g in gaps), arb(0))
    return bool(gap + lowered > 0)


def _point(ground: Ground, held: Mapping[str, Tensor]) -> Point:
    """Return a point with the data of the statement; raise Refused where it lies outside."""
    told = {k: from_tensor(v) for k, v in held.items()}
    if told.keys() - ground.leaves.keys():
        raise Refused("the witness has a point for what the code does not take")
    found: Point = {}
    for name, array in ground.leaves.items():
        moves = any(p[0] == name for p in ground.sides)
        if name in told and told[name].size != array.size:
            raise Refused(f"the witness has another shape of {name}")
        if name not in told and moves:
            raise Refused(f"the witness holds no point for {name}")
        if name in told and not moves and not np.array_equal(told[name], array):
            raise Refused(f"the witness has other data {name}")
        found[name] = told.get(name, array)
        for k, value in enumerate(found[name].ravel().tolist() if moves else ()):
            side = ground.sides[name, k]
            number = Fraction(float(value))
            if (side.low is not None and (number < side.low or (
                    side.low_out and number == side.low))) or (side.high is not None and (
                    number > side.high or (side.high_out and number == side.high))):
                raise Refused(f"the witness lies outside the domain of {name}")
    return found


def _box(ground: Ground, point: Point) -> dict[int, Side]:
    numbers = [Fraction(float(point[name].ravel()[k])) for name, k in ground.sides]
    return {leaf: Side(v, v) for leaf, v in enumerate(numbers)}


def _values(ground: Ground, point: Point) -> list[arb]:
    return _at(ground, _box(ground, point))


def _at(ground: Ground, box: dict[int, Side]) -> list[arb]:
    """Return f at an exact point."""
    at = look(ground, box)
    out = []
    for v in at.values(settled(at.enclosure, at.outputs)):
        if not (v.ok and v.lo.is_finite() and v.hi.is_finite()):
            raise NoReading("f may be undefined at the witness")
        out.append(v.lo.union(v.hi) if v.lo < v.hi else v.lo)
    return out


def _differing(ground: Ground, a: Point, b: Point) -> list[tuple[int, arb]]:
    """Return (place among the moved entries, how far b lies beyond a) where they differ."""
    order = {place: k for k, place in enumerate(ground.moved)}
    found = []
    for name, k in ground.sides:
        gap = Fraction(float(b[name].ravel()[k])) - Fraction(float(a[name].ravel()[k]))
        if gap and (name, k) not in order:
            raise Refused(f"the points differ in {name}, of which the claim does not speak")
        if gap:
            found.append((order[name, k], arb(fmpq(gap.numerator, gap.denominator))))
    return found


def _out_of_order(
    ground: Ground, spec: ClaimSpec, a: Point, b: Point, weight: str | None
) -> bool:
    if weight:
        raise Refused("two points in order have no weight")
    gaps = _differing(ground, a, b)
    if not gaps or not all(gap > 0 for _, gap in gaps):
        raise Refused("the second point of the witness does not lie above the first")
    (first,), (second,) = _values(ground, a), _values(ground, b)
    way = 1 if spec.kind == "increasing" else -1
    change = (second - first) * way
    return bool(change < 0) or (spec.strict and bool(change.is_zero()))


def _steep(ground: Ground, spec: ClaimSpec, a: Point, b: Point, weight: str | None) -> bool:
    if weight:
        raise Refused("two points of a slope have no weight")
    gaps = [gap for _, gap in _differing(ground, a, b)]
    change = [y - x for x, y in zip(_values(ground, a), _values(ground, b), strict=True)]
    limit = Fraction(spec.number or "0")
    return bool(_length(change, spec.norm) > arb(fmpq(limit.numerator, limit.denominator))
                * _length(gaps, spec.norm)) and bool(gaps)


def _length(values: list[arb], norm: str) -> arb:
    if not values:
        return arb(0)
    if norm == "inf":
        best = abs(values[0])
        for value in values[1:]:
            best = best.max(abs(value))
        return best
    if norm == "1":
        return sum((abs(v) for v in values), arb(0))
    return sum((v * v for v in values), arb(0)).sqrt()


def _kinked(ground: Ground, spec: ClaimSpec, witness: Witness) -> bool:
    """Tell whether a derivative of f differs on both sides of the number of the witness."""
    if len(ground.sides) != 1:
        raise NoReading("a kink of a function of several numbers is not looked at again")
    point = _point(ground, witness.point)
    ((place, _),) = _box(ground, point).items()
    number = _box(ground, point)[place].low
    assert number is not None
    return kinked_at(ground, spec, number)


def kinked_at(ground: Ground, spec: ClaimSpec, near: Fraction) -> bool:
    """Tell whether a derivative of a function of one number differs on both sides of a kink.

    The kink is the one rational number beside `near` at which a decision switches.
    """
    (number, width), whole = _switch(ground, near), ground.box()[0]
    if (whole.low is not None and number <= whole.low) or (
            whole.high is not None and number >= whole.high):
        raise Refused("the kink does not lie inside the domain")
    sides = [Side(number - width, number, True, True), Side(number, number + width, True, True)]
    rows = [_derivatives(ground, side, number, spec) for side in sides]
    middle = _at(ground, {0: Side(number, number)})[0]
    for degree, (left, right) in enumerate(zip(*rows, strict=True)):
        if not (left.ok and right.ok):
            return False
        pairs = [(left, right)]
        if degree == 0:
            here = Value(middle.lower(), middle.upper())
            pairs += [(left, here), (here, right)]
        if any(a.hi < b.lo or b.hi < a.lo for a, b in pairs):
            return True
    return False


def _switch(ground: Ground, near: Fraction) -> tuple[Fraction, Fraction]:
    """Return the number beside `near` at which a decision switches, and how far no other does."""
    box = {0: Side(near - BESIDE, near + BESIDE, True, True)}
    written = ground.written(box)
    enclosure = Enclosure(written.tape, box)
    targets = tuple(written.outputs)
    while (found := tuple(settled(enclosure, targets))) != targets:
        targets = found
    places = {n for _, n in roots(enclosure, open_choices(enclosure, targets))}
    if not places:
        return near, BESIDE
    number = min(places, key=lambda n: abs(n - near))
    return number, min((abs(n - number) / 2 for n in places - {number}), default=BESIDE)


def _derivatives(ground: Ground, side: Side, number: Fraction, spec: ClaimSpec) -> list[Value]:
    """Return f and its derivatives on one side, taken at the number itself."""
    written = ground.written({0: side})
    enclosure = Enclosure(written.tape, {0: side})
    (output,) = settled(enclosure, written.outputs)
    if open_choices(enclosure, [output]):
        raise NoReading("the pieces beside the kink could not be told apart")
    at, found = Enclosure(written.tape, {0: Side(number, number)}), []
    highest = 2 if spec.order == "inf" else int(spec.order)
    for degree in range(highest + 1):
        output = output if degree == 0 else gradient(written.tape, output, [0])[0]
        found.append(at.value(output))
    return found


RULES: Mapping[str, Callable[..., bool]] = {
    "increasing": _out_of_order, "decreasing": _out_of_order, "lipschitz": _steep,
    "convex": _off_chord, "concave": _off_chord, "affine": _off_chord,
    "strongly-convex": _off_chord,
}  # fmt: skip
