"""Two values no number has: the zero of an untaken branch, and the answer of an undecided question.

`ZERO` annihilates whatever it meets (SOUNDNESS 8): it is made only where a guard is strictly
signed, so the branch it stands for does not exist at this point. `Maybe` is a decision that an
enclosure could not take; it has no truth value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import Undecided


class StructuralZero:
    """The absent contribution of a branch that was not taken."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return other

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return -other

    def __rsub__(self, other: Any) -> Any:
        return other

    def __mul__(self, other: Any) -> StructuralZero:
        return self

    __rmul__ = __mul__
    __truediv__ = __mul__

    def __neg__(self) -> StructuralZero:
        return self

    def __repr__(self) -> str:
        return "structural 0"


ZERO = StructuralZero()


@dataclass(frozen=True, slots=True)
class Maybe:
    """An undecided choice among `options` (booleans or indices)."""

    options: frozenset[Any]

    def __bool__(self) -> bool:
        raise Undecided("an undecided comparison was asked for a truth value", slug="undecided")


UNDECIDED = Maybe(frozenset({False, True}))
