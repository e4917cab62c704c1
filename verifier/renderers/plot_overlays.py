"""What a witness puts on top of a graph: its chord, its corner, its two places or its one."""

from __future__ import annotations

import math
from itertools import pairwise

import msgspec

from ..plotted import Graph
from ..verdicts import Tensor, Witness
from .draw_curves import Chord, Corner
from .shown import brief, decimal, reading, visible

SEEN = 0.015  # of the height of a plot: less cannot be seen
MIDDLES = ("f((x+y)/2)", "f(tx+(1-t)y)")  # keys of Witness.numbers for the value on the chord


def drawable(found: Graph) -> bool:
    """Tell whether a graph has places that rise and a value to draw."""
    rising = all(a <= b for a, b in pairwise(found.at)) and all(map(math.isfinite, found.at))
    whole = len(found.at) == len(found.values) > 1 and found.at[0] < found.at[-1]
    return rising and whole and any(map(math.isfinite, found.values))


def told_apart(found: Graph) -> bool:
    """Tell whether the eye can tell the curves of a graph apart; one curve alone is always seen."""
    values = [v for v in found.values if math.isfinite(v)]
    span = max(values, default=0.0) - min(values, default=0.0)
    gaps = [abs(a - b) for other in found.others.values()
            for a, b in zip(found.values, other, strict=False) if math.isfinite(a)]
    return not gaps or any(not gap <= SEEN * span for gap in gaps)


def in_numbers(found: Graph, witness: Witness) -> Graph:
    """Return a graph over t as one over the argument where a witness moves one number alone."""
    if found.along != "t" or len(witness.point) != 1 or witness.point.keys() != (
        witness.second_point.keys()
    ):
        return found
    (name,) = witness.point
    begin, end = _scalar(witness.point[name]), _scalar(witness.second_point[name])
    if begin is None or end is None or not 0 < abs(end - begin) < math.inf:
        return found
    order = slice(None, None, 1 if end > begin else -1)
    at = tuple(begin + t * (end - begin) for t in found.at)[order]
    if not all(map(math.isfinite, at)):
        return found
    others = {key: values[order] for key, values in found.others.items()}
    marks = {key: begin + t * (end - begin) for key, t in found.marks.items()}
    return msgspec.structs.replace(
        found, at=at, values=found.values[order], along=name, others=others, marks=marks
    )


def over(
    found: Graph, witness: Witness
) -> tuple[Chord | Corner | tuple[float, float] | None, str]:
    """Return what to draw over `found` for a witness, and a sentence that says it."""
    places = _places(found, witness)
    if places and (chord := chord_of(witness, places)):
        return chord, f"{jensen(witness, chord)}."
    sides = corner_of(found, witness)
    if sides is not None:
        told = f"The slopes at the kink are {sides.left:.6g} from the left and {sides.right:.6g} "
        claimed = witness.claimed.number if witness.claimed else None
        said = "" if claimed is None else f" The claim answers {claimed:.6g}."
        return sides, f"{told}from the right.{said}"
    if places:
        heights = [height_at(found, place) for place in places]
        if all(map(math.isfinite, heights)):
            ends = ((places[0], heights[0]), (places[1], heights[1]))
            return Chord(ends), "The two places of the witness are joined."
    spot = None if witness.second_point else _scalar(witness.point.get(found.along))
    if spot is not None and math.isfinite(height := height_at(found, spot)):
        return (spot, height), "The dot is the witness."
    return None, ""


def _places(found: Graph, witness: Witness) -> tuple[float, float] | None:
    if not witness.second_point:
        return None
    if found.along == "t" and found.at[0] <= 0 and found.at[-1] >= 1:
        return 0.0, 1.0
    ends = [_scalar(each.get(found.along)) for each in (witness.point, witness.second_point)]
    return (ends[0], ends[1]) if ends[0] is not None and ends[1] is not None else None


def _scalar(value: Tensor | None) -> float | None:
    if value is None or len(value.hex) != 1:
        return None
    return slope(value.hex[0])


def chord_of(witness: Witness, places: tuple[float, float]) -> Chord | None:
    """Return the chord between the values at two points, with the value found between them."""
    told = [witness.numbers.get(name) for name in ("f(x)", "f(y)")]
    told.append(next((witness.numbers[n] for n in MIDDLES if n in witness.numbers), None))
    heights = [decimal(reading(text or "").mid) for text in told]
    if any(height is None or abs(height.adjusted()) > 300 for height in heights):
        return None
    low, high, value = (float(height) for height in heights if height is not None)
    share = 1.0 - _fraction(witness.weight or "1/2")
    if not 0.0 < share < 1.0:
        return None
    at = places[0] + share * (places[1] - places[0])
    ends = ((places[0], low), (places[1], high))
    gap = abs(value - (low + share * (high - low)))
    return Chord(ends, (at, value), f"gap {brief(gap)}")


def jensen(witness: Witness, chord: Chord) -> str:
    """Return the sentence that says on which side of its chord the function lies."""
    height = chord.middle[1] if chord.middle else 0.0
    side = "above" if height > chord.on_chord else "below"
    stated = next((witness.numbers[n] for n in ("gap", "Jensen gap") if n in witness.numbers), "")
    gap = decimal(reading(stated).mid)
    by = brief(abs(height - chord.on_chord)) if gap is None else visible(f"{gap:.4g}", 30)
    return f"Between the two points the function lies {side} its chord, by {by}"


def corner_of(found: Graph, witness: Witness) -> Corner | None:
    """Return the corner that a witness with two slopes names on a graph."""
    if witness.left is None or witness.right is None or not found.marks:
        return None
    left, right = slope(witness.left.mid), slope(witness.right.mid)
    if math.isnan(left) or math.isnan(right) or witness.numbers.get("order") == "0":
        return None
    place = _scalar(witness.point.get(found.along))
    near = place if place is not None else 0.5 * (found.at[0] + found.at[-1])
    at = found.marks.get("kink", min(found.marks.values(), key=lambda mark: abs(mark - near)))
    height = height_at(found, at)
    return Corner(at, height, left, right) if math.isfinite(height) else None


def height_at(found: Graph, place: float) -> float:
    """Return the value of a graph at a place, straight between its own places."""
    for (a, low), (b, high) in pairwise(zip(found.at, found.values, strict=True)):
        if a <= place <= b and math.isfinite(low) and math.isfinite(high):
            return low + (high - low) * ((place - a) / (b - a) if b > a else 0.0)
    return math.nan


def slope(text: str) -> float:
    """Return a number of a text, decimal or hexadecimal; nan where it is none."""
    try:
        return float.fromhex(text) if "x" in text else float(text)
    except (ValueError, OverflowError):
        return math.nan


def _fraction(text: str) -> float:
    above, _, below = text.partition("/")
    try:
        return float(above) / float(below or 1)
    except (ValueError, OverflowError, ZeroDivisionError):
        return math.nan
