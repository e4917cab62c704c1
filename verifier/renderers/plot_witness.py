"""What the numbers of a witness alone can show: the step curve, two slopes, a chord."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ..verdicts import StepCurve, Witness
from . import draw_curves
from .draw_curves import Level
from .draw_svg import said
from .evidence_rows import SIDES, truth_of
from .plot_overlays import chord_of, jensen, slope
from .shown import brief, decimal, difference, exact, small

KINK = "kink distance"  # key of Witness.numbers that marks a step


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing with its caption, which alone says what is seen; a flat one takes a row's width."""

    svg: str
    caption: str
    wide: bool = False


def steps(witness: Witness, key: str) -> Plot | None:
    """Draw finite differences against the step, beside the claim's error and the truth's."""
    if witness.curve is None:
        return None
    truth = truth_of(witness)
    curve = _errors(witness.curve, truth)
    if not curve:
        return None
    best = min(curve, key=lambda point: point[1])
    levels, sentences = [Level(best[1], f"best step: {brief(best[1])}", "floor")], []
    claimed = exact(witness.claimed) if witness.claimed else None
    if claimed is not None and truth is not None:
        off = _positive(difference(claimed, truth))
        if off is not None:
            levels.append(Level(off, f"claimed value: off by {brief(off)}", "claimed"))
            sentences.append(f"The claimed value is off by {brief(off)}.")
    radius = decimal(witness.ball.radius) if witness.ball else None
    floor = _positive(radius) if radius is not None else None
    if floor is not None and floor > best[1] / 1e4:
        levels.append(Level(floor, f"truth known to {brief(floor)}", "truth"))
    elif radius is not None:
        known = "exactly" if radius == 0 else f"to {small(str(radius))}, below this plot"
        sentences.append(f"The truth is known {known}.")
    kind = "off the truth" if truth is not None else "off, by their own estimate"
    title = f"Finite differences against the step: at best {brief(best[1])} {kind}"
    lost = len(witness.curve.steps) - len(curve)
    if lost:
        sentences.append(f"{lost} of {len(witness.curve.steps)} steps are not drawn (not finite).")
    kink = decimal(witness.numbers.get(KINK))
    marks = [(abs(float(kink)), "the kink")] if kink and _positive(kink) else []
    if marks:
        sentences.append(f"A kink lies {brief(marks[0][0])} away: longer steps straddle it.")
    caption = f"{title}, at h = {brief(best[0])}. {' '.join(sentences)}".strip()
    estimates = _pairs(witness.curve.steps, witness.curve.errors) if truth is not None else []
    return Plot(draw_curves.step_curve(key, title, curve, estimates, levels, marks), caption)


def _errors(curve: StepCurve, truth: Decimal | None) -> list[tuple[float, float]]:
    if truth is None:
        return _pairs(curve.steps, curve.errors)
    offs = [
        _positive(difference(Decimal(value), truth)) if math.isfinite(value) else None
        for value in curve.values
    ]
    known = [off for off in offs if off is not None]
    least = min(known, default=1e-17)
    exactly = [
        least / 10 if off is None and math.isfinite(value) else off
        for off, value in zip(offs, curve.values, strict=True)
    ]
    return _pairs(curve.steps, [math.nan if off is None else off for off in exactly])


def _pairs(steps: Iterable[float], errors: Iterable[float]) -> list[tuple[float, float]]:
    return sorted(
        (step, error)
        for step, error in zip(steps, errors)  # noqa: B905 - a curve may lack its errors
        if 0 < step < math.inf and 0 < error < math.inf
    )


def _positive(number: Decimal) -> float | None:
    """Return the size of `number` as a float that has a logarithm, or None."""
    size = abs(float(number)) if abs(number.adjusted()) < 300 else 0.0
    return size if 0 < size < math.inf else None


def slopes(witness: Witness, key: str) -> Plot | None:
    """Draw the two slopes of a kink."""
    if witness.left is None or witness.right is None or witness.numbers.get("order") == "0":
        return None
    left, right = slope(witness.left.mid), slope(witness.right.mid)
    if math.isnan(left) or math.isnan(right):
        return None
    others = []
    claimed = witness.claimed.number if witness.claimed else None
    if claimed is not None:
        others.append((claimed, f"claimed {said(claimed)}", "claimed"))
    measured = witness.finite_difference.number if witness.finite_difference else None
    if measured is not None:
        others.append((measured, f"differences {said(measured)}", "floor"))
    what = SIDES.get(witness.numbers.get("order", "1"), "derivative")
    title = f"{what.capitalize()}s at the kink: {left:.6g} from the left, "
    title += f"{right:.6g} from the right"
    answers = "" if claimed is None else f" The claim answers {claimed:.6g}."
    svg = draw_curves.slopes(key, title, left, right, others, what)
    return Plot(svg, f"{title}.{answers}")


def chord(witness: Witness, key: str) -> Plot | None:
    """Draw a chord and the value between its ends."""
    found = chord_of(witness, (0.0, 1.0))
    if found is None:
        return None
    title = jensen(witness, found)
    (a, low), (b, high) = found.ends
    svg = draw_curves.graph(key, title, (a, b), {"chord": (low, high)}, along="from x to y, t",
                            over=found)
    return Plot(svg, f"{title}.")
