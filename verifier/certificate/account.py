"""What a replay found: the numbers side by side, what does not fit, and whether it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flint import arb

from ..exact import from_real, real
from ..verdicts import Check, Claim, Enclosure, Finding, Real
from .taylor import precision
from .texts import BITS, ball_of, shown, written

FOLDED = 2.0**-40  # SOUNDNESS 3: what counts as agreement, relative to the scale
HEAD = ("", "in the report", "now", "")


@dataclass(slots=True)
class Account:
    """The growing account of one replay.

    `rows` are (what, in the report, now, remark); `misfits` what contradicts the report; `reasons`
    how the truth was found and what follows; `stands` whether the finding was shown again.
    `scale` is the size of the numbers compared, where their own may be small by cancellation.
    """

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)
    misfits: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    stands: bool = False
    evaluated: bool = False
    scale: float = 0.0

    @property
    def confirmed(self) -> bool:
        return self.stands and not self.misfits

    def same_bits(self, what: str, told: Real | None, now: float) -> None:
        """Compare a recorded float with the one computed now, bit for bit."""
        if told is None:
            self.misfits.append(f"{what}: the report holds no number")
            return
        here = real(now)
        equal = from_real(told).hex() == here.hex
        self.rows.append((what, told.text, here.text, "same bits" if equal else "DIFFERS"))
        if not equal:
            self.misfits.append(
                f"{what}: the report says {told.text}, the code returns {here.text} at this point"
            )

    def overlap(self, what: str, told: Enclosure | None, now: arb | None) -> None:
        """Compare a recorded ball with the one derived now: they must overlap, or agree.

        They agree where their distance is no more than what folding a constant in floats before or
        after the trace may change.
        """
        if told is None and now is None:
            return
        if told is None or now is None:
            said = "-" if now is None else shown(now)
            self.rows.append((what, written(told), said, ""))
            return
        with precision(BITS):
            recorded = ball_of(told)
            defined = recorded.is_finite() and now.is_finite()
            overlap = defined and bool(recorded.overlaps(now))
            size = abs(recorded) + abs(now) + self.scale
            near = defined and bool(abs(recorded - now) <= size * FOLDED)
            fits = overlap or near or not (recorded.is_finite() or now.is_finite())
        remark = "overlap" if overlap else "agree" if fits else "DIFFER"
        self.rows.append((what, written(told), shown(now), remark))
        if not fits:
            self.misfits.append(
                f"{what}: the report says {written(told)}, derived now it is {shown(now)}"
            )

    def text(self, check: Check, claim: Claim, finding: Finding) -> str:
        """Return the account as text."""
        place = f", {finding.origin}" if finding.origin else ""
        lines = [
            f"{finding.rule} {finding.id}: check {check.name}, claim '{claim.claim}'{place}",
            f"  {finding.explanation}",
            *_table(self.rows),
            *(f"  {reason}" for reason in self.reasons),
            *(f"  does not fit: {misfit}" for misfit in self.misfits),
        ]
        word = "REPRODUCED" if self.confirmed else "NOT REPRODUCED"
        if not self.evaluated:
            word += ": the code could not be run again"
        return "\n".join((*lines, word))


def _table(rows: Sequence[tuple[str, str, str, str]]) -> list[str]:
    if not rows:
        return []
    table = [HEAD, *rows]
    widths = [max(len(row[k]) for row in table) for k in range(4)]
    return [
        "  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def apart(a: arb, b: arb) -> bool:
    """Tell whether two finite balls have no point in common."""
    with precision(BITS):
        return bool(a.is_finite() and b.is_finite() and not a.overlaps(b))


def gap(a: arb, b: arb) -> arb:
    """Return |a - b| as a ball."""
    with precision(BITS):
        return abs(a - b)
