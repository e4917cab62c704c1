"""Numbers that write down what the user's code does to them, on a tape of the certificate's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from flint import arb, fmpq

from .tape import Tape
from .taylor import NoReading, Number, Unsure, ball

Array = np.ndarray
Decider = Callable[[int], bool | None]


class Recorded(Number):
    """A real number, as an entry of a tape. Comparisons are entries too, decided when asked."""

    __slots__ = ("decide", "place", "tape")
    __hash__ = None

    def __init__(self, tape: Tape, place: int, decide: Decider):
        self.value, self.tape, self.place, self.decide = None, tape, place, decide

    def made(self, place: int) -> Recorded:
        return Recorded(self.tape, place, self.decide)

    def other(self, x: Any) -> int:
        """Return the entry of an operand; constants are exact."""
        if isinstance(x, Recorded):
            return _as_number(self.tape, x.place)
        value = x.value if isinstance(x, Number) else ball(x)
        if not isinstance(value, arb) or not value.is_finite() or not value.is_exact():
            raise NoReading("the code mixes in a number that is not finite")
        return self.tape.constant(value.fmpq())

    def coefficient(self, place: int) -> arb:
        raise NoReading("the code asks for the number itself")

    def sign(self) -> int:
        if bool(self > 0):
            return 1
        return -1 if bool(self < 0) else 0

    def __repr__(self) -> str:
        return f"entry {self.place}"

    def __bool__(self) -> bool:
        """Decide for the whole box; the way taken is part of the tape's path."""
        place = self.place
        if self.tape.names[place] not in DECISIONS:
            place = self.tape.negation(self.tape.decision("zero", place))
        known = self.tape.truth(place)
        if known is None:
            known = self.decide(place)
            if known is None:
                raise Unsure("a branch of the program is not the same on the whole box")
            self.tape.path.append((place, known))
        return known

    # ---------------------------------------------------------------- arithmetic
    def _two(self, x: Any, make: Callable[[int, int], int], turned: bool = False) -> Any:
        if isinstance(x, np.ndarray) or (not isinstance(
                x, (Number, int, float, np.generic)) and not hasattr(x, "numerator")):
            return NotImplemented
        a, b = _as_number(self.tape, self.place), self.other(x)
        return self.made(make(b, a) if turned else make(a, b))

    def __add__(self, x: Any) -> Any:
        return self._two(x, self.tape.add)

    def __radd__(self, x: Any) -> Any:
        return self._two(x, self.tape.add, True)

    def __sub__(self, x: Any) -> Any:
        return self._two(x, self.tape.subtract)

    def __rsub__(self, x: Any) -> Any:
        return self._two(x, self.tape.subtract, True)

    def __mul__(self, x: Any) -> Any:
        return self._two(x, self.tape.multiply)

    def __rmul__(self, x: Any) -> Any:
        return self._two(x, self.tape.multiply, True)

    def __truediv__(self, x: Any) -> Any:
        return self._two(x, self.tape.divide)

    def __rtruediv__(self, x: Any) -> Any:
        return self._two(x, self.tape.divide, True)

    def __pow__(self, x: Any) -> Any:
        return self._two(x, self.tape.power)

    def __rpow__(self, x: Any) -> Any:
        return self._two(x, self.tape.power, True)

    def __neg__(self) -> Any:
        return self.made(self.tape.scale(_as_number(self.tape, self.place), -1))

    def __abs__(self) -> Any:
        return _absolute(self)

    def __invert__(self) -> Any:
        return self.made(self.tape.negation(self.place))

    def __and__(self, x: Any) -> Any:
        return NotImplemented if isinstance(x, np.ndarray) else connected("and", self, x)

    def __or__(self, x: Any) -> Any:
        return NotImplemented if isinstance(x, np.ndarray) else connected("or", self, x)

    __rand__, __ror__ = __and__, __or__

    # ---------------------------------------------------------------- comparisons
    def _compared(self, name: str, x: Any, turned: bool) -> Any:
        if isinstance(x, np.ndarray) and x.ndim:
            return NotImplemented
        a, b = _as_number(self.tape, self.place), self.other(x)
        gap = self.tape.subtract(b, a) if turned else self.tape.subtract(a, b)
        return self.made(self.tape.decision(name, gap))

    def __gt__(self, x: Any) -> Any:
        return self._compared("positive", x, False)

    def __ge__(self, x: Any) -> Any:
        return self._compared("not negative", x, False)

    def __lt__(self, x: Any) -> Any:
        return self._compared("positive", x, True)

    def __le__(self, x: Any) -> Any:
        return self._compared("not negative", x, True)

    def __eq__(self, x: Any) -> Any:
        return self._compared("zero", x, False)

    def __ne__(self, x: Any) -> Any:
        found = self._compared("zero", x, False)
        return found if found is NotImplemented else ~found


DECISIONS = frozenset({"positive", "not negative", "zero", "and", "or", "not", "truth"})


def _as_number(tape: Tape, place: int) -> int:
    """A decision counts as 1 or 0 where the code computes with it."""
    if tape.names[place] in DECISIONS:
        return tape.select(place, tape.constant(1), tape.constant(0))
    return place


def _absolute(x: Recorded) -> Recorded:
    tape, place = x.tape, _as_number(x.tape, x.place)
    return x.made(tape.subtract(tape.scale(tape.relu(place), 2), place))


def truth_of(like: Recorded, x: Any) -> int:
    """Return the entry of a decision, of a bool or of a number asked whether it is not zero."""
    if isinstance(x, Recorded):
        if x.tape.names[x.place] in DECISIONS:
            return x.place
        return x.tape.negation(x.tape.decision("zero", x.place))
    value = x.value if isinstance(x, Number) else x
    return like.tape.entry("truth", (), bool(value != 0))


def connected(name: str, a: Any, b: Any) -> Recorded:
    like = a if isinstance(a, Recorded) else b
    return like.made(like.tape.connected(name, truth_of(like, a), truth_of(like, b)))


def chosen(condition: Any, a: Any, b: Any) -> Any:
    """Return a where the condition holds, else b."""
    like = next((x for x in (condition, a, b) if isinstance(x, Recorded)), None)
    if like is None or not isinstance(condition, Recorded):
        return a if bool(condition) else b
    return like.made(like.tape.select(truth_of(like, condition), like.other(a), like.other(b)))


def recorded(name: str, *operands: Any) -> Any:
    """Return a function of numpy, math or scipy of recorded numbers; raise NoReading if unknown."""
    from .written import WRITTEN

    like = next(x for x in operands if isinstance(x, Recorded))
    rule = WRITTEN.get(name)
    like.tape.asked.add(name)
    if rule is None:
        raise NoReading(f"{name} has no rule in the certificate's checker")
    return like.made(rule(like.tape, *(like.other(x) for x in operands)))


def start(leaves: Mapping[str, Array], moved: Mapping[str, Any], tape: Tape, decide: Decider
          ) -> dict[str, Any]:
    """Return the leaves: entries of `moved` (flat masks) as recorded numbers, the rest exact."""
    from .arrays import Exact
    from .taylor import number

    handed: dict[str, Any] = {}
    for name, array in leaves.items():
        if name not in moved:
            handed[name] = array
            continue
        flat = np.empty(array.size, dtype=object)
        for k, (x, moves) in enumerate(zip(array.ravel().tolist(), moved[name], strict=True)):
            flat[k] = Recorded(tape, tape.leaf(name, k), decide) if moves else number(x)
        handed[name] = flat.reshape(array.shape).view(Exact) if array.ndim else flat[0]
    return handed


__all__ = ["Recorded", "chosen", "connected", "fmpq", "recorded", "start"]
