"""In which order do germs stand for small t, as far as the midpoints of their coefficients tell?"""

from __future__ import annotations

from typing import Any

from .germ import Beyond, Exponent, Germ, has_logs
from .tokens import ZERO
from .twins import is_number, stored


class Rank:
    """The place of a value among others for small t, by the midpoints of its coefficients."""

    __slots__ = ("terms",)

    def __init__(self, terms: dict[Exponent, float]):
        self.terms = {e: c for e, c in terms.items() if c}

    def _against(self, other: Rank) -> float:
        for exponent in sorted({*self.terms, *other.terms}):
            gap = self.terms.get(exponent, 0.0) - other.terms.get(exponent, 0.0)
            if gap:
                return gap
        return 0.0

    def __lt__(self, other: Rank) -> bool:
        return self._against(other) < 0

    def __gt__(self, other: Rank) -> bool:
        return self._against(other) > 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rank) and self._against(other) == 0

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.terms.items())))

    def __rmul__(self, sign: int) -> Rank:
        return Rank({e: sign * c for e, c in self.terms.items()})


def rank(value: Any) -> Rank:
    """Return the place of a value in the order of germs, as far as midpoints tell."""
    if isinstance(value, Germ):
        if has_logs(value):
            return Rank({})
        return Rank({e: float(stored(c).mid()) for e, c in value.terms})
    if value is ZERO or isinstance(value, Beyond) or not is_number(value):
        return Rank({})
    return Rank({0: float(stored(value).mid())})
