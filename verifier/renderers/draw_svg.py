"""Plots as inline SVG, drawn by hand: no library, no style attribute, colours from the page.

Every function returns one complete `<svg>` element as text. What it is given as text is escaped.
Lengths are in SVG units; a page scales the whole drawing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from .shown import brief

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 14, 44


@dataclass(frozen=True, slots=True)
class Axis:
    """A straight scale from values `low`..`high` to the positions `start`..`end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return round(self.start + share * (self.end - self.start), 1)


@dataclass(frozen=True, slots=True)
class Level:
    """A horizontal line at `value` with a label; `kind` is a class of the page's style sheet."""

    value: float
    label: str
    kind: str


def step_curve(
    key: str,
    title: str,
    curve: Sequence[tuple[float, float]],
    estimates: Sequence[tuple[float, float]] = (),
    levels: Sequence[Level] = (),
    marks: Sequence[tuple[float, str]] = (),
) -> str:
    """Draw an error against the step, both logarithmic.

    `curve` and `estimates` are (step, error) with both positive and finite; `levels` are errors to
    draw across; `marks` are steps to draw a vertical line at. At least one point is needed.
    """
    logs = [(math.log10(step), math.log10(error)) for step, error in curve]
    guesses = [(math.log10(step), math.log10(error)) for step, error in estimates]
    heights = [height for _, height in logs] + [math.log10(level.value) for level in levels]
    x = Axis(*_whole(step for step, _ in logs), LEFT, WIDTH - RIGHT)
    y = Axis(*_whole(heights), HEIGHT - BOTTOM, TOP)
    inside = [point for point in guesses if y.low <= point[1] <= y.high and x.low <= point[0]]
    parts = [_frame(x, y), *_decades(x, y)]
    parts += [_words(WIDTH / 2 + 20, HEIGHT - 6, "step h", "name", "middle")]
    parts += [_level(level, x, y) for level in levels]
    for step, label in marks:
        if x.low <= math.log10(step) <= x.high:
            across = x.at(math.log10(step))
            parts.append(_line(across, TOP, across, HEIGHT - BOTTOM, "mark"))
            parts.append(_words(across + 4, TOP + 12, label, "label"))
    if len(inside) > 1:
        parts.append(_path(inside, x, y, "estimate"))
    parts.append(_path(logs, x, y, "curve"))
    parts.append(_line(0, TOP, 0, HEIGHT - BOTTOM, "cross"))
    dots = [
        f'<circle cx="{x.at(across)}" cy="{y.at(height)}" r="3" '
        f'data-r="{brief(step)}|{brief(error)}"/>'
        for (step, error), (across, height) in zip(curve, logs, strict=True)
    ]
    parts.append(f'<g class="dots" data-names="step|off by">{"".join(dots)}</g>')
    return _svg(key, title, parts)


def one_sided(
    key: str,
    title: str,
    left: float,
    right: float,
    others: Sequence[tuple[float, str, str]] = (),
) -> str:
    """Draw the two rays that leave a kink, and other slopes through it as whole lines.

    `left`, `right` are slopes (infinite ones stand upright); `others` are (slope, label, class).
    """
    slopes = [left, right, *(slope for slope, _, _ in others)]
    steepest = max([abs(slope) for slope in slopes if math.isfinite(slope)] + [0.0]) or 1.0
    x = Axis(-1.0, 1.0, LEFT, WIDTH - RIGHT - 150)
    y = Axis(-1.15 * steepest, 1.15 * steepest, HEIGHT - BOTTOM, TOP)
    parts = [_frame(x, y), _line(x.at(0), TOP, x.at(0), HEIGHT - BOTTOM, "grid")]
    parts += [_line(LEFT, y.at(0), x.end, y.at(0), "grid")]
    parts += [_words(x.at(0), HEIGHT - BOTTOM + 16, "the point", "tick", "middle")]
    parts += [_words(LEFT, HEIGHT - BOTTOM + 16, "below", "tick")]
    parts += [_words(x.end, HEIGHT - BOTTOM + 16, "above", "tick", "end")]
    ends: list[tuple[float, str, str]] = []
    for slope, label, kind in others:
        parts.append(_ray(x, y, -1.0, slope, kind))
        parts.append(_ray(x, y, 1.0, slope, kind))
        ends.append((_reach(y, 1.0, slope), label, kind))
    for side, slope, label in ((-1.0, left, "left"), (1.0, right, "right")):
        parts.append(_ray(x, y, side, slope, "curve"))
        if side > 0:
            ends.append((_reach(y, side, slope), f"{label} slope {slope:.4g}", "curve"))
        else:
            up = -10 if slope <= 0 or not math.isfinite(slope) else 16
            height = min(max(y.at(-slope if math.isfinite(slope) else 0) + up, 24), 250)
            parts.append(_words(LEFT + 6, height, f"{label} slope {slope:.4g}", "label"))
    parts += _spread(ends, x.end + 8)
    parts.append(f'<circle class="dot" cx="{x.at(0)}" cy="{y.at(0)}" r="4"/>')
    return _svg(key, title, parts, HEIGHT - 18)


def chord(
    key: str,
    title: str,
    ends: tuple[float, float],
    middle: tuple[float, float],
    gap: str,
) -> str:
    """Draw the chord between the values at two points and the value found between them.

    `ends` are f(x), f(y); `middle` is (share of the way from x to y, value there).
    """
    share, value = middle
    on_chord = ends[0] + share * (ends[1] - ends[0])
    heights = (*ends, value, on_chord)
    room = 0.2 * ((max(heights) - min(heights)) or 1.0)
    x = Axis(-0.08, 1.08, LEFT, WIDTH - RIGHT)
    y = Axis(min(heights) - room, max(heights) + room, HEIGHT - BOTTOM, TOP)
    across = x.at(share)
    parts = [_frame(x, y), _line(x.at(0), y.at(ends[0]), x.at(1), y.at(ends[1]), "chord")]
    parts += [_line(across, y.at(on_chord), across, y.at(value), "gap")]
    parts += [_words(across + 10, (y.at(on_chord) + y.at(value)) / 2 + 4, gap, "label gap-text")]
    for place, height, label in ((0.0, ends[0], "f(x)"), (1.0, ends[1], "f(y)")):
        parts.append(_dot(x.at(place), y.at(height), "dot", f"{label} = {height:.6g}"))
        parts.append(_words(x.at(place), y.at(height) - 9, f"{height:.4g}", "label", "middle"))
        parts.append(_words(x.at(place), HEIGHT - BOTTOM + 16, label[2], "tick", "middle"))
    parts.append(_dot(across, y.at(on_chord), "dot hollow", f"chord = {on_chord:.6g}"))
    parts.append(_dot(across, y.at(value), "dot bad", f"f between = {value:.6g}"))
    parts.append(_words(across, HEIGHT - BOTTOM + 16, "between", "tick", "middle"))
    return _svg(key, title, parts, HEIGHT - 18)


def _svg(key: str, title: str, parts: Iterable[str], height: int = HEIGHT) -> str:
    name = escape(key)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{name}-t">'
        f'<title id="{name}-t">{escape(title)}</title>{"".join(parts)}</svg>'
    )


def _whole(logs: Iterable[float]) -> tuple[float, float]:
    found = list(logs)
    low, high = math.floor(min(found)), math.ceil(max(found))
    return float(low), float(high if high > low else low + 1)


def _frame(x: Axis, y: Axis) -> str:
    size = f'width="{x.end - x.start}" height="{y.start - y.end}"'
    return f'<rect class="frame" x="{x.start}" y="{y.end}" {size}/>'


def _decades(x: Axis, y: Axis) -> Iterable[str]:
    upright = [f"M{x.at(power):g} {y.end:g}V{y.start:g}" for power in _ticks(x, 8)]
    level = [f"M{x.start:g} {y.at(power):g}H{x.end:g}" for power in _ticks(y, 6)]
    yield f'<path class="grid" d="{"".join(upright + level)}"/>'
    for number, power in enumerate(_ticks(x, 8)):
        yield _power(x.at(power), y.start + 18, power, "middle", number % 2 == 1)
    for number, power in enumerate(_ticks(y, 6)):
        yield _power(x.start - 7, y.at(power) + 4, power, "end", number % 2 == 1)


def _ticks(axis: Axis, most: int) -> range:
    stride = max(1, math.ceil((axis.high - axis.low) / most))
    return range(int(axis.low), int(axis.high) + 1, stride)


def _power(x: float, y: float, power: int, anchor: str, minor: bool) -> str:
    shown = str(power).replace("-", "\u2212")
    raised = f'10<tspan dy="-5" class="power">{shown}</tspan>'
    kind = "tick minor" if minor else "tick"
    return f'<text class="{kind}" x="{x}" y="{round(y, 1)}" text-anchor="{anchor}">{raised}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def _words(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    if not text:
        return ""
    where = f'x="{round(x, 1)}" y="{round(y, 1)}"'
    ending = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{kind}" {where}{ending}>{escape(text)}</text>'


def _level(level: Level, x: Axis, y: Axis) -> str:
    height = y.at(math.log10(level.value))
    above = height - 6 if height > TOP + 20 else height + 15
    middle = (x.start + x.end) / 2
    across, anchor = {"floor": (x.start + 6, "start"), "truth": (x.end - 6, "end")}.get(
        level.kind, (middle, "middle")
    )
    label = _words(across, above, level.label, f"label {level.kind}-text", anchor)
    return _line(x.start, height, x.end, height, level.kind) + label


def _path(points: Sequence[tuple[float, float]], x: Axis, y: Axis, kind: str) -> str:
    steps = " ".join(f"{x.at(across)},{y.at(height)}" for across, height in points)
    return f'<polyline class="{kind}" points="{steps}"/>'


def _dot(x: float, y: float, kind: str, readout: str) -> str:
    return f'<circle class="{kind}" cx="{x}" cy="{y}" r="5" data-r="{escape(readout)}"/>'


def _reach(y: Axis, side: float, slope: float) -> float:
    """Return the height at which a ray leaves the frame."""
    if math.isfinite(slope):
        return y.at(side * slope)
    return y.end if side * slope > 0 else y.start


def _ray(x: Axis, y: Axis, side: float, slope: float, kind: str) -> str:
    end = x.at(side) if math.isfinite(slope) else x.at(0)
    return _line(x.at(0), y.at(0), end, _reach(y, side, slope), kind)


def _spread(labels: Sequence[tuple[float, str, str]], x: float) -> Iterable[str]:
    """Write labels at their heights, moved apart where they would cover each other."""
    last = -math.inf
    for height, label, kind in sorted(labels):
        last = max(height + 4, last + 16)
        yield _words(x, last, label, f"label {kind}-text")
