"""Cells of the real line: intervals with exact ends, each open or closed, either one infinite."""

from __future__ import annotations

from dataclasses import dataclass

from flint import arb

from ..numerals.growth import Growth
from ..numerals.spans import INFINITE, Span

FAR = 6  # beyond this number forms are read on finite cells too
NEAR = 0.25  # cells narrower than this are read by a form next to an end that is left out
STEEP = 200  # a tail in e^x is read as if it began here at the latest
TINY = 2.0**-40  # relative width at which a cell is no longer cut


@dataclass(frozen=True, slots=True)
class Cell:
    """The numbers from `low` to `high`; `left`/`right` say that an end is left out."""

    low: arb
    high: arb
    left: bool = False
    right: bool = False

    def span(self) -> Span:
        """Return the cell as a span, with a form far out, and next to an end that is left out.

        Next to an end a the form is that of x = a + 1/u or a - 1/u: what cancels there as x goes to
        a, as x (1/x) does, cancels in the form.
        """
        form = self._beside_an_end()
        if self.low > FAR or (self.high == INFINITE and self.low > 0):
            form = Growth.variable(self.low, 1)
        elif self.high < -FAR or (self.low == -INFINITE and self.high < 0):
            form = Growth.variable(-self.high, -1)
        return Span(self.low, self.high, self.left or self.low == -INFINITE,
                    self.right or self.high == INFINITE, form)

    def _beside_an_end(self) -> Growth | None:
        if not self.finite() or self.left == self.right or not self.high - self.low < NEAR:
            return None
        start = (1 / (self.high - self.low)).lower()
        end, sign = (self.low, 1) if self.left else (self.high, -1)
        return Growth({0: end, -1: arb(sign)}, start=start)

    def steep(self) -> Span | None:
        """Return a tail as a span whose form speaks of e^|x|, None for what is no tail."""
        plain = self.span()
        if plain.form is None or plain.form.start is None or self._beside_an_end() is not None:
            return None
        start = plain.form.start if plain.form.start < STEEP else arb(STEEP)
        sign = 1 if self.high > 0 else -1
        return Span(plain.low, plain.high, plain.left, plain.right,
                    Growth.logarithm(start.exp().lower(), sign))

    def finite(self) -> bool:
        return bool(self.low.is_finite() and self.high.is_finite())

    def tiny(self) -> bool:
        """Tell whether the cell is too narrow to be cut again."""
        if not self.finite():
            return False
        scale = abs(self.low) if abs(self.low) > abs(self.high) else abs(self.high)
        return bool(self.high - self.low <= (scale + arb(2) ** -200) * TINY)

    def cut(self, place: arb) -> tuple[Cell, Cell]:
        """Return both sides of `place`, which belongs to both."""
        return Cell(self.low, place, self.left, False), Cell(place, self.high, False, self.right)

    def around(self, low: arb, high: arb) -> list[Cell]:
        """Return what lies left and right of [low, high], open there if that is one number."""
        point = bool(low == high)
        parts = []
        if self.low < low:
            parts.append(Cell(self.low, low, self.left, point))
        if self.high > high:
            parts.append(Cell(high, self.high, point, self.right))
        return parts

    def inside(self, number: float) -> bool:
        """Tell whether a float lies strictly between the ends."""
        return bool(self.low < number) and bool(self.high > number)

    def holds(self, number: float) -> bool:
        """Tell whether a float belongs to the cell."""
        return self.inside(number) or (self.low == number and not self.left) or bool(
            self.high == number and not self.right)

    def middle(self) -> float | None:
        """Return a float inside to cut at: halfway, by magnitude where the ends are far apart."""
        if self.low == -INFINITE and self.high == INFINITE:
            return 0.0
        low, high = float(self.low), float(self.high)
        if self.high == INFINITE:
            found = 4.0 * low if low >= 1.0 else 1.0 if low >= 0.0 else -low / 4 if (
                low < -16.0) else 0.0
        elif self.low == -INFINITE:
            found = 4.0 * high if high <= -1.0 else -1.0 if high <= 0.0 else 0.0
        elif low == 0.0 and self.left:
            found = high / 8.0
        elif high == 0.0 and self.right:
            found = low / 8.0
        elif (low > 0.0 and high > 16.0 * low) or (high < 0.0 and low < 16.0 * high):
            found = (low / abs(low)) * (abs(low) ** 0.5) * (abs(high) ** 0.5)
        else:
            found = low / 2 + high / 2
        return found if self.inside(found) else None

    def __str__(self) -> str:
        start, end = "(" if self.left else "[", ")" if self.right else "]"
        return f"{start}{float(self.low):.6g}, {float(self.high):.6g}{end}"


def halves(cell: Cell) -> tuple[Cell, Cell] | None:
    """Return the two parts of a cell, None where no float lies inside."""
    middle = cell.middle()
    return None if middle is None else cell.cut(arb(middle))


def counted(count: int, noun: str) -> str:
    """Return "1 cell", "2 cells": a number with its noun."""
    return f"{count} {noun}{'es' * (noun[-1] == 'x') or 's'}" if count != 1 else f"1 {noun}"


def width(cells: list[Cell]) -> float:
    """Return the total length of cells."""
    return float(sum(float(c.high) - float(c.low) for c in cells))
