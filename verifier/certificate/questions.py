"""Does a claim hold on one box? One function a kind of claim, by the checker's own enclosures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from ..claims import ClaimSpec
from .differentiating import below, gradient
from .enclosing import Box, Enclosure, Side
from .ground import Ground, Written
from .ranges import Value
from .settling import meets, open_choices, settled
from .taylor import NoReading


@dataclass(slots=True)
class Look:
    """One look at one box: the entries of the outputs that hold there."""

    ground: Ground
    written: Written
    enclosure: Enclosure
    outputs: tuple[int, ...]

    def continuous(self) -> bool:
        """Tell whether f is certainly defined on the box and jumps nowhere."""
        if not all(v.ok for v in self.enclosure.read(self.outputs)):
            return False
        return all(meets(self.enclosure, k) for k in open_choices(self.enclosure, self.outputs))

    def slopes(self) -> list[list[int]]:
        """Return the derivative of each output by each entry the claim speaks of."""
        key = ("slopes", self.outputs)
        if key not in self.written.derived:
            self.written.derived[key] = [gradient(
                self.written.tape, k, self.ground.wanted()) for k in self.outputs]
        return self.written.derived[key]  # type: ignore[no-any-return]

    def values(self, entries: Iterable[int]) -> list[Value]:
        return self.enclosure.read(entries)

    def inside(self) -> Look:
        """Return the look on the inside of the box: what a continuous function's slopes need."""
        box = {k: side if side.low is not None and side.low == side.high else Side(
            side.low, side.high, True, True) for k, side in self.enclosure.box.items()}
        return Look(self.ground, self.written, Enclosure(self.written.tape, box), self.outputs)


def look(ground: Ground, box: Box, strictly: bool = False) -> Look:
    """Return the program on a box.

    `strictly`: a guard counts as decided only where it is not zero even on the border of the box,
    so that what holds on the boxes of a cover holds across their borders too. Ends of the whole
    domain are no such borders.
    """
    written = ground.written(box)
    if strictly:
        box = {k: _opened(side, whole) for (k, side), whole in zip(
            box.items(), ground.sides.values(), strict=True)}
    return Look(ground, written, Enclosure(written.tape, box, strictly), written.outputs)


def _opened(side: Side, whole: Side) -> Side:
    if side.low is not None and side.low == side.high:
        return side
    return Side(side.low, side.high, side.low_out or side.low == whole.low,
                side.high_out or side.high == whole.high)


def again(before: Look) -> Look | None:
    """Return the look with every certain decision taken; None where that changes nothing."""
    found = tuple(settled(before.enclosure, before.outputs))
    if found == before.outputs:
        return None
    return Look(before.ground, before.written, before.enclosure, found)


def closed(at: Look, box: Box) -> Look:
    """Return the same entries on the closed box, its ends included."""
    return Look(at.ground, at.written, Enclosure(at.written.tape, box), at.outputs)


@dataclass(frozen=True, slots=True)
class Limits:
    low: Fraction | None = None
    high: Fraction | None = None
    low_out: bool = False
    high_out: bool = False

    def hold(self, v: Value) -> bool:
        """Tell whether all values lie within, for certain."""
        if not v.ok:
            return False
        if self.low is not None:
            end = _ball(self.low)
            if not (v.lo > end or (v.lo >= end and (v.lo_open or not self.low_out))):
                return False
        if self.high is not None:
            end = _ball(self.high)
            return bool(v.hi < end) or (bool(v.hi <= end) and (v.hi_open or not self.high_out))
        return True

    def hold_exactly(self, at: Look, k: int) -> bool:
        """The same for an entry, by rational numbers where it is a sum of leaves."""
        side = at.enclosure.exact_range(k)
        if side is None or not at.enclosure.value(k).ok:
            return self.hold(at.enclosure.value(k))
        if self.low is not None and (side.low is None or side.low < self.low or (
                side.low == self.low and self.low_out and not side.low_out)):
            return False
        return self.high is None or not (side.high is None or side.high > self.high or (
            side.high == self.high and self.high_out and not side.high_out))


def _ball(number: Fraction) -> arb:
    return arb(fmpq(number.numerator, number.denominator))


def limits_of(spec: ClaimSpec) -> Limits:
    low, high = (None if x is None else Fraction(x) for x in (spec.lower, spec.upper))
    return Limits(low, high, spec.lower_strict, spec.upper_strict)


# ---------------------------------------------------------------- kinds
def bounds(at: Look, spec: ClaimSpec) -> bool:
    limits, order = limits_of(spec), int(spec.order)
    if order == 0:
        return all(limits.hold_exactly(at, k) for k in at.outputs)
    if not all(v.ok for v in at.values(at.outputs)):
        return False
    if not (limits.low_out or limits.high_out):
        at = at.inside()
    return all(limits.hold_exactly(at, k) for k in derivatives(at, order))


def derivatives(at: Look, order: int) -> list[int]:
    """Return the first partial derivatives, or the second ones of single numbers."""
    rows = at.slopes()
    if len(rows) != 1:
        raise NoReading("a bound of a derivative needs a function with one value")
    if order == 1:
        return rows[0]
    leaves = at.ground.wanted()
    if order != 2 or len({at.ground.place(k)[0] for k in leaves}) != len(leaves):
        raise NoReading("only second derivatives by single numbers are bounded")
    key = ("second", at.outputs)
    if key not in at.written.derived:
        at.written.derived[key] = [gradient(at.written.tape, g, [k])[0] for g, k in zip(
            rows[0], leaves, strict=True)]
    return at.written.derived[key]  # type: ignore[no-any-return]


def monotone(at: Look, spec: ClaimSpec) -> bool:
    """Continuous, and every slope of one sign; strictly so, or constant on no analytic piece."""
    if len(at.outputs) != 1 or not at.continuous():
        return False
    zero = Fraction(0)
    rising = spec.kind == "increasing"
    limits = Limits(low=zero) if rising else Limits(high=zero)
    slopes, inside = at.slopes()[0], at.inside()
    if not all(limits.hold_exactly(inside, k) for k in slopes):
        return False
    if not spec.strict:
        return True
    if len(slopes) == 1:
        at = inside
    strict = Limits(low=zero, low_out=True) if rising else Limits(high=zero, high_out=True)
    return all(strict.hold_exactly(at, k) for k in slopes) or (
        len(slopes) == 1 and _nowhere_constant(at, slopes[0], strict))


def _nowhere_constant(at: Look, slope: int, strict: Limits) -> bool:
    """An analytic function whose slope keeps its sign rises strictly unless it is constant."""
    from .ground import cut_of

    if not analytic(at) or len(at.enclosure.box) != 1:
        return False
    ((leaf, side),) = at.enclosure.box.items()
    middle = cut_of(side)
    tried = (middle, cut_of(Side(middle, side.high)), cut_of(Side(side.low, middle)))
    return any(strict.hold(Enclosure(at.written.tape, {leaf: Side(n, n)}).value(slope))
               for n in tried)


def analytic(at: Look) -> bool:
    """Tell whether no guard may vanish and every operation is analytic where its operand goes."""
    if open_choices(at.enclosure, at.outputs):
        return False
    return all(v.ok for v in at.values(at.outputs)) and not rough(at, at.outputs)


def rough(at: Look, targets: Iterable[int]) -> bool:
    """Tell whether a root or a norm may meet its zero, where it is not differentiable."""
    tape = at.enclosure.tape
    for k in at_work(at, targets):
        name = tape.names[k]
        if name in ("sqrt", "power", "entropy"):
            v = at.enclosure.value(tape.inputs[k][0])
            if not (v.lo > 0 or (v.lo >= 0 and v.lo_open)):
                return True
        if name == "norm" and not at.enclosure.value(k).lo > 0:
            return True
    return False


def at_work(at: Look, targets: Iterable[int]) -> list[int]:
    """Return the entries that take part on the box; branches not taken do not."""
    tape, enclosure = at.enclosure.tape, at.enclosure
    if not open_choices(enclosure, targets):
        targets = settled(enclosure, targets)
    return below(tape, targets)


def smooth(at: Look, spec: ClaimSpec) -> bool:
    """No guard vanishes, and every operation is analytic where its operand goes."""
    return analytic(at)


def continuous(at: Look, spec: ClaimSpec) -> bool:
    return at.continuous()


def lipschitz(at: Look, spec: ClaimSpec) -> bool:
    """Continuous, and the norm of the derivative, all pieces together, is at most the number."""
    from .definite import norm_within

    if not at.continuous():
        return False
    assert spec.number is not None
    inside = at.inside()
    rows = [inside.values(row) for row in at.slopes()]
    return all(v.ok for row in rows for v in row) and norm_within(
        rows, Fraction(spec.number), spec.norm)


Question = Callable[[Look, ClaimSpec], bool]


def curvature(at: Look, spec: ClaimSpec) -> bool:
    from .curving import curves

    return curves(at, spec)


QUESTIONS: dict[str, Question] = {
    "bounds": bounds, "increasing": monotone, "decreasing": monotone, "lipschitz": lipschitz,
    "smooth": smooth, "convex": curvature, "concave": curvature, "affine": curvature,
    "strongly-convex": curvature,
}  # fmt: skip
Answer = Any
