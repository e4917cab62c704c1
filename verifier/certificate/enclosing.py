"""What values do the entries of a tape take on a box? Interval and first-order form of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, fmpq

from .applying import applied, nothing
from .fading import tail_of
from .ranges import (
    INF,
    NINF,
    NONE,
    Value,
    combined,
    ends,
    from_rational,
    lower,
    plus,
    tightened,
    times,
    unknown,
    upper,
)
from .recording import DECISIONS
from .tails import Tail
from .tape import Tape

BITS = 96


@dataclass(frozen=True, slots=True)
class Side:
    """Where one number may lie: exact ends (None: unbounded), each left out or not."""

    low: Fraction | None
    high: Fraction | None
    low_out: bool = False
    high_out: bool = False


Box = Mapping[int, Side]  # by entry of the tape


class Enclosure:
    """Values of entries over one box, each computed when it is asked for and then kept.

    `strictly`: a decision is open where its quantity may be zero, whichever way it goes there.
    """

    def __init__(self, tape: Tape, box: Box, strictly: bool = False) -> None:
        self.tape, self.box, self.strictly = tape, box, strictly
        self.values: dict[int, Value] = {}
        self.truths: dict[int, bool | None] = {}
        self.widths: dict[int, arb] = {}
        self.tails: dict[int, Tail | None] = {}
        for k, side in box.items():
            self.values[k] = self._leaf(k, side)
        self.start = self._far()

    def _leaf(self, k: int, side: Side) -> Value:
        low = NINF if side.low is None else lower(_ball(side.low))
        high = INF if side.high is None else upper(_ball(side.high))
        self.widths[k] = NONE
        if not (low.is_finite() and high.is_finite()):
            return Value(low, high, True, None, side.low_out, side.high_out)
        middle = ((low + high) / 2).mid()
        self.widths[k] = ends(high - middle, middle - low)[1]
        form = (middle, {k: arb(1)} if low < high else {}, NONE)
        return Value(low, high, True, form, side.low_out, side.high_out)

    def value(self, k: int) -> Value:
        """Return the value of an entry; deep tapes are walked without recursion."""
        stack = [k]
        while stack:
            top = stack[-1]
            if top in self.values or self.tape.names[top] in DECISIONS:
                stack.pop()
                continue
            missing = [i for i in self._needed(top) if i not in self.values]
            if missing:
                stack.extend(missing)
                continue
            self.values[stack.pop()] = self._made(top)
        return self.values[k]

    def read(self, entries: Iterable[int]) -> list[Value]:
        return [self.value(k) for k in entries]

    def _needed(self, k: int) -> tuple[int, ...]:
        """Return the entries a value is made of; a branch not taken is not looked at."""
        name, inputs = self.tape.names[k], self.tape.inputs[k]
        if name not in ("select", "gate"):
            return inputs
        missing = [i for i in self._quantities(inputs[0]) if i not in self.values]
        if missing:
            return tuple(missing)
        told = self.truth(inputs[0])
        if name == "gate":
            return () if told is not None and told is not self.tape.data[k] else inputs[1:]
        return inputs[1:] if told is None else (inputs[1 if told else 2],)

    def _quantities(self, k: int) -> list[int]:
        name, inputs = self.tape.names[k], self.tape.inputs[k]
        if name in ("and", "or", "not"):
            return [q for i in inputs for q in self._quantities(i)]
        return list(inputs)

    # ---------------------------------------------------------------- decisions
    def truth(self, k: int) -> bool | None:
        """Return which way a decision goes on the whole box, None where that is open."""
        if k not in self.truths:
            self.truths[k] = self._told(k)
        return self.truths[k]

    def _told(self, k: int) -> bool | None:
        name, inputs = self.tape.names[k], self.tape.inputs[k]
        if name == "truth":
            return bool(self.tape.data[k])
        if name in ("and", "or"):
            parts = [self.truth(i) for i in inputs]
            if any(p is (name == "or") for p in parts):
                return name == "or"
            return None if None in parts else name == "and"
        if name == "not":
            known = self.truth(inputs[0])
            return None if known is None else not known
        v = self._exactly(inputs[0]) or self.value(inputs[0])
        if not v.ok:
            return None
        below = bool(v.hi < 0) or (bool(v.hi <= 0) and v.hi_open)
        above = bool(v.lo > 0) or (bool(v.lo >= 0) and v.lo_open)
        if name == "zero":
            if above or below:
                return False
            nought = v.lo.is_zero() and v.hi.is_zero() and not self.strictly
            return True if nought else None
        if self.strictly:
            return True if above else False if below else None
        if name == "positive":
            return True if above else False if v.hi <= 0 else None
        return True if v.lo >= 0 else False if below else None

    def exact_range(self, k: int) -> Side | None:
        """Return the range of a sum of leaves by rational arithmetic; None for other entries."""
        terms, start = self.tape.terms(k)
        if not terms or any(i not in self.box or f == 0 for i, f in terms.items()):
            return None
        ends: list[tuple[Fraction | None, bool]] = []
        for up in (False, True):
            total: Fraction | None = Fraction(int(start.p), int(start.q))
            out = False
            for i, factor in terms.items():
                side, high = self.box[i], (factor > 0) == up
                end = side.high if high else side.low
                out |= side.high_out if high else side.low_out
                total = None if end is None or total is None else (
                    total + Fraction(int(factor.p), int(factor.q)) * end)
            ends.append((total, out))
        return Side(ends[0][0], ends[1][0], ends[0][1], ends[1][1])

    def _exactly(self, k: int) -> Value | None:
        side = self.exact_range(k)
        if side is None:
            return None
        lo = NINF if side.low is None else arb((side.low > 0) - (side.low < 0))
        hi = INF if side.high is None else arb((side.high > 0) - (side.high < 0))
        return Value(lo, hi, True, None, side.low_out, side.high_out)

    # ---------------------------------------------------------------- operations
    def _made(self, k: int) -> Value:
        tape, name = self.tape, self.tape.names[k]
        if name == "constant":
            return from_rational(tape.data[k])
        if name == "pi":
            return Value(lower(arb.pi()), upper(arb.pi()), True, (arb.pi(), {}, NONE))
        if name in ("select", "gate"):
            return self._chosen(k)
        parts = [self.values[i] for i in tape.inputs[k]]
        if name == "linear":
            found = self._sum(parts, *tape.data[k])
        elif not all(p.ok for p in parts) and not any(p.dead for p in parts):
            return unknown()
        else:
            found = applied(name, parts, tape.data[k], self.widths)
        return tightened(self._from_tail(k, found), self.widths)

    def _far(self) -> arb | None:
        """Return where |x| begins on an unbounded side of a line, 1 or more from 0."""
        if len(self.box) != 1:
            return None
        ((leaf, side),) = self.box.items()
        if (side.low is None) == (side.high is None):
            return None
        near, way = (side.low, 1) if side.high is None else (side.high, -1)
        if near is None or near * way < 1:
            return None
        start = lower(_ball(near * way))
        self.tails[leaf] = Tail(arb(way), NONE, NONE, 0, NONE, start)
        return start

    def tail(self, k: int) -> Tail | None:
        """Return an entry far out on a line, None where that is not known."""
        if k in self.tails or self.start is None:
            return self.tails.get(k)
        name, inputs = self.tape.names[k], self.tape.inputs[k]
        if name in ("select", "gate", "relu"):
            chosen = self._taken(k)
            found = None if chosen is None else self.tail(chosen)
        else:
            found = tail_of(name, [self.tail(i) for i in inputs], self.tape.data[k], self.start)
        self.tails[k] = found
        return found

    def _taken(self, k: int) -> int | None:
        """Return the entry that a decided choice comes to."""
        name, inputs = self.tape.names[k], self.tape.inputs[k]
        if name == "relu":
            return inputs[0] if self.values[inputs[0]].lo >= 0 else None
        told = self.truth(inputs[0])
        if told is None:
            return None
        if name == "gate":
            return inputs[1] if told is self.tape.data[k] else None
        return inputs[1 if told else 2]

    def _from_tail(self, k: int, found: Value) -> Value:
        """Meet an unbounded line's interval with its tail."""
        tail = None if self.start is None or not found.ok else self.tail(k)
        span = None if tail is None else tail.span()
        if span is None:
            return found
        if span[0] > found.lo:
            found = Value(span[0], found.hi, True, found.form, False, found.hi_open)
        if span[1] < found.hi:
            found = Value(found.lo, span[1], True, found.form, found.lo_open, False)
        return found

    def _chosen(self, k: int) -> Value:
        condition, *branches = self.tape.inputs[k]
        told = self.truth(condition)
        if self.tape.names[k] == "gate":
            if told is None:
                v = self.values[branches[0]]
                found = ends(v.lo, v.hi, NONE)
                return Value(*found, v.ok, None, False, False)
            if told is self.tape.data[k]:
                return self.values[branches[0]]
            return nothing()
        if told is not None:
            return self.values[branches[0 if told else 1]]
        a, b = (self.values[i] for i in branches)
        lo, hi = ends(a.lo, a.hi, b.lo, b.hi)
        return Value(lo, hi, a.ok and b.ok, None,
                     all(v.lo_open or v.lo > lo for v in (a, b)),
                     all(v.hi_open or v.hi < hi for v in (a, b)))

    def _sum(self, parts: list[Value], factors: tuple[fmpq, ...], start: fmpq) -> Value:
        balls = [arb(f) for f in factors]
        lo, hi = lower(arb(start)), upper(arb(start))
        low_open = high_open = False
        for v, factor in zip(parts, balls, strict=True):
            if v.dead:
                continue
            if not v.ok:
                return unknown()
            up = bool(factor > 0)
            a, b = (v.lo, v.hi) if up else (v.hi, v.lo)
            lo, hi = plus(lo, times(factor, a), False), plus(hi, times(factor, b), True)
            exact = factor.is_exact() and not factor.is_zero()
            low_open |= exact and (v.lo_open if up else v.hi_open)
            high_open |= exact and (v.hi_open if up else v.lo_open)
        forms = [v.form for v in parts]
        form = None if None in forms else combined(
            [(f, b) for f, b in zip(forms, balls, strict=True) if f is not None], arb(start))
        return Value(lo, hi, True, form, low_open, high_open)

def _ball(number: Fraction) -> arb:
    return arb(fmpq(number.numerator, number.denominator))
