"""What is told of the kinks along a segment: where each lies, and what the function does there.

Where one number moves alone, places and slopes are told in it; else by t, the share of the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..domains import BOX
from ..readers.atlas import Atlas
from ..verdicts import AtlasKink, Finding
from .findings import finding
from .inspect_plots import Ends
from .inspect_plots import number as _as_float
from .request import Request
from .subject import Here

Array = np.ndarray
MOST_SHOWN = 6  # kinks of the atlas told in a note; all are in the data
REACH = 10.0  # how far the function is followed where its domain has no end
UNBOUNDED = 1e300  # ends beyond this are no ends
SHORT = 12  # characters of an exact place that are told; longer ones become decimal


@dataclass(frozen=True, slots=True)
class Segment:
    """Where the function is followed: its ends, how that is told, and what runs across.

    `start` and `span` are those of the one number that moves, called `name`; else t in (0, 1).
    """

    here: Here
    ends: Ends
    where: str
    name: str = "t"
    start: Fraction = Fraction(0)
    span: Fraction = Fraction(1)

    def place(self, kink: AtlasKink) -> str:
        """Return where a kink is, exactly where that is short."""
        if "[" in kink.t:
            return f"{float(self.start) + float(self.span) * kink.at:.6g}"
        exact = self.start + self.span * Fraction(kink.t)
        text = str(exact)
        decimal = f"{float(exact):.6g}"
        return decimal if len(text) > SHORT or Fraction(decimal) == exact else text


def segment_of(heres: list[Here], domains: Mapping[str, Any]) -> Segment | None:
    """Choose a segment: the box's diagonal, or from the first point to the second."""
    here = next((h for h in heres if h.output is not None and h.road.lifted is not None), None)
    if here is None:
        return None
    corners = _corners(here, domains)
    if corners is not None:
        low, high = corners
        ends = {**here.leaves, **low}, {**here.leaves, **high}
        if sum(v.size for v in low.values()) > 1:
            return Segment(here, ends, "along the diagonal of the box")
        ((name, a),) = low.items()
        start, stop = (Fraction(float(v.ravel()[0])) for v in (a, high[name]))
        where = f"on {name} in [{float(start):.6g}, {float(stop):.6g}]"
        return Segment(here, ends, where, name, start, stop - start) if stop > start else None
    shapes = {k: v.shape for k, v in here.leaves.items()}
    goal = next((h for h in heres if h is not here
                 and {k: v.shape for k, v in h.leaves.items()} == shapes), None)
    if goal is None:
        return None
    return Segment(here, (here.leaves, goal.leaves), "from the first point to the next")


def _corners(
    here: Here, domains: Mapping[str, Any]
) -> tuple[dict[str, Array], dict[str, Array]] | None:
    """Return both ends of the diagonal of a box, None where there is none."""
    low, high = {}, {}
    for name, domain in domains.items():
        if domain.kind != BOX or name not in here.leaves:
            return None
        value = here.leaves[name]
        a, b = domain.ends_inside(value.dtype.name)
        a, b = _window(np.asarray(a, float), np.asarray(b, float))
        low[name] = np.broadcast_to(a, value.shape).astype(value.dtype)
        high[name] = np.broadcast_to(b, value.shape).astype(value.dtype)
    return (low, high) if sum(v.size for v in low.values()) else None


def _window(low: Array, high: Array) -> tuple[Array, Array]:
    """Cut unbounded sides to a window that holds [-REACH, REACH] as far as the domain does."""
    down, up = low < -UNBOUNDED, high > UNBOUNDED
    left = np.where(down, np.where(up, -REACH, np.minimum(-REACH, high - 2 * REACH)), low)
    right = np.where(up, np.where(down, REACH, np.maximum(REACH, low + 2 * REACH)), high)
    return left, right


# ---------------------------------------------------------------- sentences
def told(found: Atlas, along: Segment) -> Iterator[str]:
    """Yield how many kinks there are, how that is known, and the first of them."""
    count = len(found.kinks)
    if not count and any(text.startswith("the whole segment") for text in found.undecided):
        yield f"{along.where}: kinks were not looked for (see what was not checked)"
        return
    kinks = f"{count or 'no'} kink{'' if count == 1 else 's'}"
    open_ = len(found.undecided)
    if found.exact:
        how = "every one, exactly"
    elif open_:
        how = (f"isolated by interval Newton in balls; {open_} place{'' if open_ == 1 else 's'} "
               "left open")
    else:
        how = "every one, isolated by interval Newton in balls" if count else (
            "proved in balls: no guard vanishes where it would show")
    pieces = f", {found.pieces} pieces" if count else ""
    yield f"{along.where}: {kinks} ({how}){pieces}"
    yield from (f"  {note}" for note in found.notes)
    for kink in found.kinks[:MOST_SHOWN]:
        others = f" and {len(kink.units) - 1} more" if len(kink.units) > 1 else ""
        yield (f"  {along.name} = {along.place(kink)}: {_what(kink, along)}, "
               f"{kink.units[0]}{others}")
    if count > MOST_SHOWN:
        yield f"  and {count - MOST_SHOWN} more in the report's data"
    if found.hidden:
        many = f"{found.hidden} place{'' if found.hidden == 1 else 's'}"
        yield (f"  {many} where a unit switches without a trace in the value"
               + ("" if found.exact else ", judged up to the second derivative"))


def _what(kink: AtlasKink, along: Segment) -> str:
    """Return what both sides do, in the entry that shows it first."""
    apart = (k for k, pair in enumerate(zip(kink.left, kink.right, strict=True))
             if pair[0] != pair[1])
    place = next(apart, 0)
    left, right = (_side(kink, side, place, along) for side in (kink.left, kink.right))
    entry = f" of entry {place}" if len(kink.left) > 1 else ""
    if kink.order == 0:
        return f"a jump{entry} from {left} to {right}"
    rate = "slopes" if kink.order == 1 else "second derivatives"
    return f"{rate}{entry} by {along.name} {left} and {right}"


def _side(kink: AtlasKink, side: tuple[str, ...], place: int, along: Segment) -> str:
    return f"{_as_float(side[place]) / float(along.span) ** kink.order + 0.0:.6g}"


def findings(request: Request, found: Atlas, along: Segment) -> Iterator[Finding]:
    """Yield one finding for the jumps of a segment and one for its kinks."""
    for order, rule in ((0, "jump"), (1, "kink")):
        met = [k for k in found.kinks if (k.order == 0) == (order == 0)]
        if not met:
            continue
        places = ", ".join(along.place(k) for k in met[:MOST_SHOWN])
        more = f" and {len(met) - MOST_SHOWN} more" if len(met) > MOST_SHOWN else ""
        first = ":" if len(met) == 1 else "; at the first,"
        yield finding(
            rule, f"{along.where}, at {along.name} = {places}{more}{first} "
            f"{_what(met[0], along)}", check=request.name, claim="kinks", origin=request.origin)
