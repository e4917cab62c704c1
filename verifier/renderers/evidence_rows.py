"""The same quantity read four ways, beside each other: the rows of a finding's evidence."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from ..verdicts import Enclosure, Real, Witness
from . import shown

VALUES = ("f(", "|f", "|x")  # how the names of Witness.numbers begin that are compared
SIDES = {"0": "limit", "1": "slope", "2": "second derivative", "3": "third derivative"}


@dataclass(frozen=True, slots=True)
class Row:
    """One reading: who says it, the number, its own error, and the digits it shares with the truth.

    `right` and `wrong` are the text of the number cut after the last digit that agrees with the
    truth. `agrees` is "" where there is nothing to compare.
    """

    label: str
    how: str
    right: str
    wrong: str = ""
    error: str = ""
    agrees: str = ""
    tone: str = ""

    @property
    def value(self) -> str:
        return self.right + self.wrong

    @property
    def error_text(self) -> str:
        """The reading's own error: `± 3e-11`, `exact`, or nothing where it is not known."""
        return {"": "", "0": "exact"}.get(self.error, f"± {self.error}")


def rows(witness: Witness) -> tuple[Row, ...]:
    """Return the readings `witness` carries, the claimed value first, the truth last.

    A witness of two points carries no claimed derivative: its readings are values of the function
    and what follows from them.
    """
    if witness.second_point:
        return tuple(_compared(witness))
    truth = truth_of(witness)
    radius = shown.decimal(witness.ball.radius) if witness.ball else None
    found = [
        _real("claimed", "as your code computes it", witness.claimed, truth, radius),
        _ball("claimed, formula", "your formula in balls", witness.formula, truth, radius),
        _real(
            "finite difference",
            "of your function, in its dtype",
            witness.finite_difference,
            truth,
            radius,
            witness.finite_difference_error,
        ),
        _text("mpmath", "high-precision differences", witness.mpmath, truth, radius),
        *_sides(witness),
        _truth(witness.ball, "value" if "order" in witness.numbers else "ball"),
    ]
    return tuple(row for row in found if row is not None)


def _sides(witness: Witness) -> Iterator[Row | None]:
    what = SIDES.get(witness.numbers.get("order", "1"), "derivative")
    yield _ball(f"left {what}", "just below the point", witness.left, None, None)
    yield _ball(f"right {what}", "just above the point", witness.right, None, None)


def _compared(witness: Witness) -> Iterator[Row]:
    """Yield values of the function at the witness's points, then what they were compared by."""
    found: list[Row | None] = [
        _ball(shown.visible(name, 30), "rigorous enclosure", shown.reading(text), None, None)
        for name, text in sorted(witness.numbers.items(), key=lambda item: len(item[0]))
        if name.startswith(VALUES)
    ]
    found += _sides(witness)
    what = "gap" if "Jensen gap" in witness.numbers else "difference"
    if witness.claimed is not None and witness.ball is not None:
        truth, radius = truth_of(witness), shown.decimal(witness.ball.radius)
        found.append(_real(f"{what} in floats", "of your function", witness.claimed, truth, radius))
    if witness.ball is not None:
        found.append(_ball(f"{what}, enclosed", "rigorous enclosure", witness.ball, None, None))
    yield from (row for row in found if row is not None)


def truth_of(witness: Witness) -> Decimal | None:
    """Return the best known value of the quantity: the ball's midpoint, else mpmath's."""
    by_ball = shown.decimal(witness.ball.mid) if witness.ball else None
    return by_ball if by_ball is not None else shown.decimal(witness.mpmath)


def facts(witness: Witness) -> tuple[tuple[str, str], ...]:
    """Return what is known of the size of the difference, as (name, text)."""
    told = ("order", "Jensen gap") if witness.ball is not None else ("order",)
    found = [
        ("relative error", _plain(witness.relative_error)),
        ("error / gradient norm", _plain(witness.norm_error)),
        ("rounding budgets", _plain(witness.budgets)),
        ("digits kept", _places(witness.digits)),
        ("weight", witness.weight or ""),
        *((name, _fact(text)) for name, text in sorted(witness.numbers.items())
          if name not in told and not (witness.second_point and name.startswith(VALUES))),
    ]
    return tuple((name, text) for name, text in found if text)


def _real(
    label: str,
    how: str,
    value: Real | None,
    truth: Decimal | None,
    radius: Decimal | None,
    error: Real | None = None,
) -> Row | None:
    if value is None:
        return None
    off = "" if error is None else shown.small(error.text)
    return _row(label, how, (shown.exact(value), value.text), truth, radius, off)


def _ball(
    label: str,
    how: str,
    value: Enclosure | None,
    truth: Decimal | None,
    radius: Decimal | None,
) -> Row | None:
    if value is None:
        return None
    own = shown.decimal(value.radius) or Decimal(0)
    mid = shown.decimal(value.mid)
    number = (mid, shown.number(mid, value.mid))
    return _row(label, how, number, truth, own + (radius or 0), shown.small(value.radius))


def _fact(text: str) -> str:
    """Return a number as it is read best; any other text as it is."""
    found = shown.reading(text)
    return text if shown.decimal(found.mid) is None else shown.ball(found)


def _truth(value: Enclosure | None, label: str = "ball") -> Row | None:
    row = _ball(label, "rigorous enclosure", value, None, None)
    known = label == "ball" and value is not None and shown.decimal(value.mid) is not None
    return row and replace(row, agrees="the truth" if known else "")


def _text(
    label: str, how: str, value: str | None, truth: Decimal | None, radius: Decimal | None
) -> Row | None:
    if value is None:
        return None
    return _row(label, how, (shown.decimal(value), value), truth, radius, "")


def _row(
    label: str,
    how: str,
    number: tuple[Decimal | None, str],
    truth: Decimal | None,
    radius: Decimal | None,
    error: str,
) -> Row:
    value, written = number
    short = len(written) <= shown.SIGNIFICANT + 3
    text = shown.visible(written) if short else shown.number(value, written)
    digits = shown.agreeing(value, truth)
    if digits is None:
        tone = "wrong" if truth is not None and value is None else ""
        return Row(label, how, text, error=error, agrees="none" if tone else "", tone=tone)
    off = None
    if value is not None and truth is not None:
        off = shown.difference(value, truth).copy_abs()
    if digits == math.inf or (off is not None and radius is not None and off <= radius):
        return Row(label, how, text, error=error, agrees="all", tone="right")
    right, wrong = _cut(text, int(digits + 0.3))
    tone = "wrong" if digits < 3 else ""
    agrees = f"{digits:.1f} digits" if digits >= 0.05 else "no digit"
    return Row(label, how, right, wrong, error, agrees, tone)


def _cut(text: str, digits: int) -> tuple[str, str]:
    """Return `text` before and after its first `digits` significant digits."""
    seen, started = 0, False
    for place, letter in enumerate(text):
        if letter in "eE":
            return text, ""
        started = started or letter in "123456789"
        if started and letter.isdigit():
            if seen == digits:
                return text[:place], text[place:]
            seen += 1
    return text, ""


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _places(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
