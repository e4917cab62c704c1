"""Plots with two axes: errors against steps, functions on segments, chords, slopes, digits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .draw_svg import (
    BOTTOM,
    HEIGHT,
    TOP,
    WIDTH,
    Axis,
    across,
    curve,
    decades,
    dots,
    frame,
    line,
    padded,
    readout,
    said,
    spread,
    svg,
    upward,
    words,
)
from .shown import brief

MOST_LABELLED = 12  # marks across a plot that are named
CLAIMS = ("curve", "claimed", "third", "fourth")  # classes of curves: the truth, claims
DTYPES = ("curve", "third", "fourth", "floor")  # classes of curves of one standing


@dataclass(frozen=True, slots=True)
class Level:
    """A horizontal line at `value` with a label; `kind` is a class of the page's style sheet."""

    value: float
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Chord:
    """Two places of a graph and a straight line between them, and what lies off that line."""

    ends: tuple[tuple[float, float], tuple[float, float]]
    middle: tuple[float, float] | None = None
    gap: str = ""

    @property
    def on_chord(self) -> float:
        (a, low), (b, high) = self.ends
        share = (self.middle[0] - a) / ((b - a) or 1.0) if self.middle else 0.0
        return low + share * (high - low)


@dataclass(frozen=True, slots=True)
class Corner:
    """A place of a graph with the slopes that leave it to the left and to the right."""

    at: float
    height: float
    left: float
    right: float


def step_curve(
    key: str,
    title: str,
    steps: Sequence[tuple[float, float]],
    estimates: Sequence[tuple[float, float]] = (),
    levels: Sequence[Level] = (),
    marks: Sequence[tuple[float, str]] = (),
) -> str:
    """Draw an error against the step, both logarithmic.

    `steps` and `estimates` are (step, error) with both positive and finite; `levels` are errors to
    draw across; `marks` are steps to draw a vertical line at. At least one point is needed.
    """
    x = across(*decades(step for step, _ in steps), log=True)
    heights = [error for _, error in steps] + [level.value for level in levels]
    y = upward(*decades(heights), log=True)
    parts = [frame(x, y), words((x.start + x.end) / 2, HEIGHT - 5, "step h", "name", "middle")]
    parts += [_level(level, x, y) for level in levels]
    for step, label in marks:
        if x.holds(step):
            parts.append(line(x.at(step), TOP, x.at(step), HEIGHT - BOTTOM, "mark"))
            parts.append(words(x.at(step) + 4, HEIGHT - BOTTOM - 8, label, "label marked"))
    inside = [(x.at(a), y.at(b)) for a, b in estimates if x.holds(a) and y.holds(b)]
    if len(inside) > 1:
        parts.append(curve(inside, "estimate"))
    placed = [(x.at(step), y.at(error)) for step, error in steps]
    told = readout(("step", "off by"), [(brief(a), brief(b)) for a, b in steps])
    parts += [curve(placed, "curve"), dots(placed, "dots pts", data=told)]
    about = f"{len(steps)} steps from {brief(steps[0][0])} to {brief(steps[-1][0])}; the error "
    about += f"lies between {brief(min(e for _, e in steps))} and {brief(max(e for _, e in steps))}"
    return svg(key, title, parts, about=about)


def graph(
    key: str,
    title: str,
    places: Sequence[float],
    series: Mapping[str, Sequence[float]],
    *,
    along: str,
    levels: Sequence[Level] = (),
    marks: Mapping[str, float] | None = None,
    over: Chord | Corner | tuple[float, float] | None = None,
    log: bool = False,
    kinds: Sequence[str] = CLAIMS,
) -> str:
    """Draw curves over the same places, the first one leading; `over` them a chord, corner or spot.

    At least one value must be finite.
    """
    finite = [v for values in series.values() for v in values if math.isfinite(v)]
    tops = [level.value for level in levels] + _heights(over)
    room = 14.0 if len(series) == 1 else 86.0
    x = across(min(places), max(places), log=log, room=room)
    y = upward(*padded([*finite, *tops]))
    parts = [frame(x, y), words((x.start + x.end) / 2, HEIGHT - 5, along, "name", "middle")]
    parts += [*_marks(marks or {}, x), *(_level(level, x, y, x.start + 6) for level in levels)]
    ends = []
    for kind, (name, values) in reversed(list(zip(kinds, series.items(), strict=False))):
        placed = [(x.at(a), y.at(b) if math.isfinite(b) else b) for a, b in
                  zip(places, values, strict=True)]
        first = kind == "curve"
        told = readout((along, *series), _rows(places, series)) if first else ""
        parts.append(curve(placed, f"{kind} pts" if first else kind, data=told))
        parts.append(_alone(placed, kind))
        last = next((h for _, h in reversed(placed) if math.isfinite(h)), 0.0)
        ends.append((last, name, kind))
    parts += spread(ends, x.end + 6) if len(series) > 1 else []
    parts += _over(over, x, y)
    about = f"{next(iter(series))} over {along} from {said(min(places))} to {said(max(places))}, "
    about += f"between {said(min(finite))} and {said(max(finite))}"
    return svg(key, title, parts, about=about)


def _rows(places: Sequence[float], series: Mapping[str, Sequence[float]]) -> Iterable[list[str]]:
    first = next(iter(series.values()))
    for row, place in enumerate(places):
        if math.isfinite(first[row]):
            yield [said(place), *(said(values[row]) for values in series.values())]


def _alone(placed: Sequence[tuple[float, float]], kind: str) -> str:
    """Return dots where a value has no neighbour to draw a line to."""
    found = [
        point
        for number, point in enumerate(placed)
        if not any(0 <= n < len(placed) and math.isfinite(placed[n][1])
                   for n in (number - 1, number + 1))
    ]
    return dots(found, f"dots {kind}")


def _heights(over: Chord | Corner | tuple[float, float] | None) -> list[float]:
    if isinstance(over, Chord):
        return [h for _, h in (*over.ends, *([over.middle] if over.middle else []))]
    if isinstance(over, Corner):
        return [over.height]
    return [over[1]] if over else []


def _over(over: Chord | Corner | tuple[float, float] | None, x: Axis, y: Axis) -> Iterable[str]:
    if isinstance(over, Chord):
        yield from _chord(over, x, y)
    elif isinstance(over, Corner):
        yield from _corner(over, x, y)
    elif over:
        yield dots([(x.at(over[0]), y.at(over[1]))], "dots claimed")


def _marks(marks: Mapping[str, float], x: Axis) -> Iterable[str]:
    inside = {label: place for label, place in marks.items() if x.holds(place)}
    last = -math.inf
    for label, place in sorted(inside.items(), key=lambda item: item[1]):
        at = x.at(place)
        parts = line(at, TOP, at, HEIGHT - BOTTOM, "mark")
        if len(inside) <= MOST_LABELLED and at - last > 7.0 * len(label):
            left = at > WIDTH - 90
            parts += words(at - 4 if left else at + 4, TOP + 11, label, "label marked",
                           "end" if left else "start")
            last = at
        yield parts


def _chord(chord: Chord, x: Axis, y: Axis) -> Iterable[str]:
    (a, low), (b, high) = ((x.at(p), y.at(h)) for p, h in chord.ends)
    yield line(a, low, b, high, "chord")
    yield dots([(a, low), (b, high)], "dots" if chord.middle else "dots claimed")
    if chord.middle:
        middle, at, on = x.at(chord.middle[0]), y.at(chord.middle[1]), y.at(chord.on_chord)
        yield line(middle, on, middle, at, "gap")
        yield dots([(middle, on)], "dots floor") + dots([(middle, at)], "dots claimed")
        yield words(middle, on + (18 if on > at else -10), chord.gap, "label claimed", "middle")


def _corner(corner: Corner, x: Axis, y: Axis) -> Iterable[str]:
    """Draw each one-sided slope as a straight line on past the corner, where it is not followed."""
    ends = []
    for slope, side, name in ((corner.left, x.high, "left"), (corner.right, x.low, "right")):
        reach = _leave(corner, slope, side, y)
        if reach is not None:
            yield line(x.at(corner.at), y.at(corner.height), x.at(reach[0]), y.at(reach[1]),
                       "tangent")
        ends.append(f"{name} {said(slope)}")
    yield dots([(x.at(corner.at), y.at(corner.height))], "dots claimed")
    at, end = x.at(corner.at), x.at(corner.at) > WIDTH / 2
    up = y.at(corner.height) > (TOP + HEIGHT - BOTTOM) / 2
    near = y.at(corner.height) + (-14 if up else 22)
    yield words(at - 10 if end else at + 10, near, f"slopes: {', '.join(ends)}", "label claimed",
                "end" if end else "start")


def _leave(corner: Corner, slope: float, side: float, y: Axis) -> tuple[float, float] | None:
    """Return where a straight line from the corner leaves the plot on one side."""
    if not math.isfinite(slope):
        return None
    place, height = side, corner.height + slope * (side - corner.at)
    for edge in (y.low, y.high):
        if (height > y.high and edge == y.high) or (height < y.low and edge == y.low):
            place = corner.at + (edge - corner.height) / slope
            height = edge
    return place, height


def slopes(
    key: str,
    title: str,
    left: float,
    right: float,
    others: Sequence[tuple[float, str, str]] = (),
    what: str = "slope",
) -> str:
    """Draw the two rays that leave a kink, and other slopes through it as whole lines.

    `left`, `right` are slopes (infinite ones stand upright) of what has `what` as its slope;
    `others` are (slope, label, class).
    """
    known = [abs(s) for s in (left, right, *(o[0] for o in others)) if math.isfinite(s)]
    steepest = min(max([*known, 0.0]) or 1.0, 1e300)
    x = across(-1.0, 1.0, room=142.0)
    y = upward(-1.15 * steepest, 1.15 * steepest)
    base = HEIGHT - BOTTOM
    parts = [line(x.at(0), TOP, x.at(0), base, "grid"),
             line(x.start, y.at(0), x.end, y.at(0), "grid")]
    for place, text, anchor in ((-1, "below", "start"), (0, "the point", "middle"),
                                (1, "above", "end")):
        parts.append(words(x.at(place), base + 16, text, "tick", anchor))
    ends: list[tuple[float, str, str]] = []
    for slope, label, kind in others:
        parts += [_ray(x, y, side, slope, kind) for side in (-1.0, 1.0)]
        ends.append((_reach(y, 1.0, slope), label, kind))
    parts += [_ray(x, y, -1.0, left, "curve"), _ray(x, y, 1.0, right, "curve")]
    ends.append((_reach(y, 1.0, right), f"right {what} {said(right)}", "curve"))
    low = min(max(_reach(y, -1.0, left) + (-9 if left <= 0 else 17), 24), base - 6)
    parts.append(words(x.start + 4, low, f"left {what} {said(left)}", "label curve"))
    parts += spread(ends, x.end + 8)
    parts.append(dots([(x.at(0), y.at(0))], "dots"))
    return svg(key, title, parts)


def _level(level: Level, x: Axis, y: Axis, left: float | None = None) -> str:
    if not y.holds(level.value):
        return ""
    height = y.at(level.value)
    above = height - 5 if height > TOP + 20 else height + 14
    where, anchor = {"floor": (x.start + 6, "start"), "truth": (x.end - 6, "end")}.get(
        level.kind, ((x.start + x.end) / 2, "middle")
    )
    where, anchor = (where, anchor) if left is None else (left, "start")
    label = words(where, above, level.label, f"label {level.kind}", anchor)
    return line(x.start, height, x.end, height, level.kind) + label


def _reach(y: Axis, side: float, slope: float) -> float:
    """Return the height at which a ray leaves the frame."""
    if math.isfinite(slope):
        return y.at(side * slope)
    return y.end if side * slope > 0 else y.start


def _ray(x: Axis, y: Axis, side: float, slope: float, kind: str) -> str:
    end = x.at(side) if math.isfinite(slope) else x.at(0)
    return line(x.at(0), y.at(0), end, _reach(y, side, slope), kind)
