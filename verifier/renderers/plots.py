"""Which plots a witness deserves, and what each says in words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ..verdicts import StepCurve, Witness
from . import draw_svg
from .draw_svg import Level
from .evidence_rows import truth_of
from .shown import brief, decimal, difference, exact, small, visible

JENSEN = ("f(x)", "f(y)", "f(tx+(1-t)y)")  # keys of Witness.numbers that draw a chord
KINK = "kink distance"  # key of Witness.numbers that marks a step


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing with its caption; the caption alone says what the drawing shows."""

    svg: str
    caption: str


def plots(witness: Witness, key: str) -> Iterable[Plot]:
    """Yield the plots `witness` has data for; `key` makes their ids unique on the page."""
    for number, draw in enumerate((_steps, _slopes, _chord)):
        found = draw(witness, f"{key}-{number}")
        if found is not None:
            yield found


def _steps(witness: Witness, key: str) -> Plot | None:
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
    caption = f"{title}, at h = {brief(best[0])}. {' '.join(sentences)}".strip()
    estimates = _pairs(witness.curve.steps, witness.curve.errors) if truth is not None else []
    kink = decimal(witness.numbers.get(KINK))
    marks = [(abs(float(kink)), "the kink")] if kink and _positive(kink) else []
    svg = draw_svg.step_curve(key, title, curve, estimates, levels, marks)
    return Plot(svg, caption)


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


def _slopes(witness: Witness, key: str) -> Plot | None:
    if witness.left is None or witness.right is None:
        return None
    left, right = _slope(witness.left.mid), _slope(witness.right.mid)
    if math.isnan(left) or math.isnan(right):
        return None
    others = []
    claimed = witness.claimed.number if witness.claimed else None
    if claimed is not None:
        others.append((claimed, f"claimed {claimed:.4g}", "claimed"))
    measured = witness.finite_difference.number if witness.finite_difference else None
    if measured is not None:
        others.append((measured, f"differences {measured:.4g}", "floor"))
    title = f"Slopes at the kink: {left:.6g} from the left, {right:.6g} from the right"
    said = "" if claimed is None else f" The claim answers {claimed:.6g}."
    caption = f"{title}.{said}"
    return Plot(draw_svg.one_sided(key, title, left, right, others), caption)


def _slope(text: str) -> float:
    try:
        return float(text)
    except (ValueError, OverflowError):
        return math.nan


def _chord(witness: Witness, key: str) -> Plot | None:
    heights = [decimal(witness.numbers.get(name)) for name in JENSEN]
    if any(height is None or abs(height.adjusted()) > 300 for height in heights):
        return None
    start, end, value = (float(height) for height in heights if height is not None)
    share = 1.0 - _fraction(witness.weight or "1/2")
    if not 0.0 < share < 1.0:
        return None
    gap = value - (start + share * (end - start))
    side = "above" if gap > 0 else "below"
    stated = visible(witness.numbers.get("gap", brief(abs(gap))), 30)
    title = f"Between the two points the function lies {side} its chord"
    caption = f"{title}, by {stated}."
    label = f"gap {brief(abs(gap))}"
    return Plot(draw_svg.chord(key, title, (start, end), (share, value), label), caption)


def _fraction(text: str) -> float:
    above, _, below = text.partition("/")
    try:
        return float(above) / float(below or 1)
    except (ValueError, OverflowError, ZeroDivisionError):
        return math.nan
