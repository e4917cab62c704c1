"""What a proof speaks of: the user's program over a domain, written down anew for a box."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from .arrays import entries, quiet
from .enclosing import BITS, Box, Enclosure, Side
from .recording import Recorded, start
from .recording_arrays import recording
from .tape import Tape
from .taylor import Number, Unsure, precision

Array = np.ndarray
Program = Callable[[dict[str, Any]], Any]
Place = tuple[str, int]


@dataclass(slots=True)
class Written:
    """The program on one path: its outputs as entries of a tape, and derived entries by name."""

    tape: Tape
    outputs: tuple[int, ...]
    derived: dict[Any, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Ground:
    """A program with named leaves, those entries that move, and where each of them may lie.

    `moved` are the entries that the claim speaks of, in order; `box` also holds the others.
    """

    program: Program
    leaves: Mapping[str, Array]
    sides: Mapping[Place, Side]
    moved: tuple[Place, ...]
    tapes: list[Written] = field(default_factory=list)

    def box(self) -> dict[int, Side]:
        """Return the domain by entry: leaves are the first entries of every tape, in order."""
        return dict(enumerate(self.sides.values()))

    def place(self, leaf: int) -> Place:
        return tuple(self.sides)[leaf]

    def wanted(self) -> list[int]:
        """Return the entries the claim speaks of."""
        order = {place: k for k, place in enumerate(self.sides)}
        return [order[place] for place in self.moved]

    def written(self, box: Box) -> Written:
        """Return the program as it runs on every point of a box; raise Unsure where it forks."""
        for known in self.tapes:
            enclosure = Enclosure(known.tape, box)
            if all(enclosure.truth(k) is taken for k, taken in known.tape.path):
                return known
        made = self._run(box)
        self.tapes.append(made)
        return made

    def _run(self, box: Box) -> Written:
        tape = Tape()
        for place in self.sides:
            tape.leaf(*place)
        enclosure = Enclosure(tape, box)
        masks = {name: [(name, k) in self.sides for k in range(array.size)]
                 for name, array in self.leaves.items()
                 if any(place[0] == name for place in self.sides)}
        like = Recorded(tape, tape.constant(0), enclosure.truth)
        from .rebinding import rebound

        with precision(BITS), recording(like), quiet(), rebound(self.program):
            returned = self.program(start(self.leaves, masks, tape, enclosure.truth))
            found = entries(returned).ravel().tolist()
        return Written(tape, tuple(like.other(x) for x in found))


def cut_of(side: Side) -> Fraction:
    """Return a number inside a side: its middle, or further out where it is unbounded."""
    low, high = side.low, side.high
    if low is not None and high is not None:
        return _short(low, high)
    if low is None and high is None:
        return Fraction(0)
    if low is None:
        assert high is not None
        return Fraction(0) if high > 0 else min(Fraction(-1), 4 * high)
    return Fraction(0) if low < 0 else max(Fraction(1), 4 * low)


def _short(low: Fraction, high: Fraction) -> Fraction:
    """Return a number with few digits near the middle."""
    middle, width = (low + high) / 2, high - low
    power = 1
    while power * width < 4:
        power *= 2
    near = Fraction(round(middle * power), power)
    return near if low < near < high else middle


def halves(box: Box, leaf: int, at: Fraction) -> tuple[dict[int, Side], dict[int, Side]]:
    """Return the two parts of a box; both hold the cut."""
    side = box[leaf]
    return ({**box, leaf: Side(side.low, at, side.low_out, False)},
            {**box, leaf: Side(at, side.high, False, side.high_out)})


__all__ = ["Ground", "Number", "Unsure", "Written", "cut_of", "halves"]
