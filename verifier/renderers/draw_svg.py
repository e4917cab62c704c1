"""Pieces of plots as inline SVG, drawn by hand: no library, no style attribute, no colour.

Colours, widths and letters come from the page's style sheet by class. What is given as text is
escaped. Lengths are in SVG units; a page scales the whole drawing. A plot that can be read out
carries the texts of its places in `data-r` (places apart by ";", values by "|") beside their names
in `data-n`; where they lie is read from the path of class `pts`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 540, 264
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 14, 40


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from values `low`..`high` to positions `start`..`end`, logarithmic where `log`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        low, high, here = self.low, self.high, value
        if self.log:
            low, high, here = math.log10(low), math.log10(high), math.log10(value)
        scale = max(abs(low), abs(high), 1e-300)  # differences of huge numbers may overflow
        share = (here / scale - low / scale) / ((high / scale - low / scale) or 1.0)
        return round(self.start + min(max(share, -9.0), 9.0) * (self.end - self.start), 1)

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


def across(low: float, high: float, *, log: bool = False, room: float = RIGHT) -> Axis:
    """Return the axis along the bottom of a plot; `room` is what stays free at the right."""
    return Axis(low, high, LEFT, WIDTH - room, log)


def upward(low: float, high: float, *, log: bool = False) -> Axis:
    """Return the axis along the left side of a plot."""
    return Axis(low, high, HEIGHT - BOTTOM, TOP, log)


def padded(values: Iterable[float], room: float = 0.08) -> tuple[float, float]:
    """Return the ends of `values` (at least one, finite) with some room on both sides."""
    found = list(values)
    low, high = min(found), max(found)
    more = room * (high / 2 - low / 2) * 2 or abs(low) * 0.1 or 1.0
    return max(low - more, -1.7e308), min(high + more, 1.7e308)


def decades(values: Iterable[float]) -> tuple[float, float]:
    """Return the powers of ten that enclose `values`, all positive."""
    logs = [math.log10(value) for value in values]
    low, high = math.floor(min(logs)), math.ceil(max(logs))
    high = high if high > low else low + 1
    return 10.0 ** max(low, -307), 10.0 ** min(high, 308)


def svg(
    key: str, title: str, parts: Iterable[str], *, about: str = "", height: int = HEIGHT
) -> str:
    """Return a whole drawing with its name, and `about` as what it shows in words."""
    name = escape(key)
    told = f'<desc id="{name}-d">{escape(about)}</desc>' if about else ""
    by = f' aria-describedby="{name}-d"' if about else ""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{name}-t"{by}>'
        f'<title id="{name}-t">{escape(title)}</title>{told}{"".join(parts)}</svg>'
    )


def frame(x: Axis, y: Axis) -> str:
    """Return the grid and the numbers on both axes."""
    ups, levels = ticks(x, 7), ticks(y, 5)
    lines = [f"M{_n(x.at(v))} {_n(y.end)}V{_n(y.start)}" for v, _ in ups]
    lines += [f"M{_n(x.start)} {_n(y.at(v))}H{_n(x.end)}" for v, _ in levels]
    found = [f'<path class="grid" d="{"".join(lines)}"/>']
    for place, (value, label) in enumerate(ups):
        found.append(_tick(x.at(value), y.start + 16, label, "middle", place % 2 == 1))
    for place, (value, label) in enumerate(levels):
        found.append(_tick(x.start - 6, y.at(value) + 4, label, "end", place % 2 == 1))
    return "".join(found)


def ticks(axis: Axis, most: int) -> list[tuple[float, str]]:
    """Return at most about `most` round values of an axis with their texts."""
    if axis.log:
        low, high = round(math.log10(axis.low)), round(math.log10(axis.high))
        stride = max(1, math.ceil((high - low) / most))
        return [(10.0**power, f"^{power}") for power in range(low, high + 1, stride)]
    size = axis.high / most - axis.low / most
    if not 0 < size < math.inf:
        return [(axis.low, f"{axis.low:.3g}")]
    power = 10.0 ** math.floor(math.log10(size))
    step = next((n * power for n in (1.0, 2.0, 5.0) if n * power >= size), 10 * power)
    if not step or abs(axis.low / step) > 1e6:
        return [(axis.low, f"{axis.low:.8g}"), (axis.high, f"{axis.high:.8g}")]
    first, last = math.ceil(axis.low / step - 1e-9), math.floor(axis.high / step + 1e-9)
    return [(n * step, said(n * step)) for n in range(first, last + 1)]


def said(value: float) -> str:
    """Return a number for an axis or a readout: short, with a true minus sign.

    >>> said(-2e-05)
    '−2e-5'
    """
    text = f"{value:.4g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
    return text.replace("-", "\u2212", 1) if text.startswith("-") else text


def _tick(x: float, y: float, label: str, anchor: str, minor: bool) -> str:
    kind = "tick minor" if minor else "tick"
    if label.startswith("^"):
        raised = label[1:].replace("-", "\u2212")
        shown = f'10<tspan dy="-5" class="power">{raised}</tspan>'
    else:
        shown = escape(label)
    ending = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}"{ending}>{shown}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<path class="{kind}" d="M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}"/>'


def words(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    """Return a text, or nothing where it is empty."""
    ending = "" if anchor == "start" else f' text-anchor="{anchor}"'
    shown = f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}"{ending}>{escape(text)}</text>'
    return shown if text else ""


def curve(points: Sequence[tuple[float, float]], kind: str, *, data: str = "") -> str:
    """Return a line through `points`, broken where a height is not finite."""
    steps, pen = [], "M"
    for place, height in points:
        if not math.isfinite(height):
            pen = "M"
            continue
        steps.append(f"{pen}{_n(place)} {_n(height)}")
        pen = " " if pen == "M" else pen
    return f'<path class="{kind}" d="{"".join(steps)}"{data}/>' if steps else ""


def dots(points: Iterable[tuple[float, float]], kind: str, *, data: str = "") -> str:
    """Return a dot at every point: a line of no length with round ends."""
    found = "".join(f"M{_n(x)} {_n(y)}h0" for x, y in points if math.isfinite(y))
    return f'<path class="{kind}" d="{found}"{data}/>' if found else ""


def readout(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return the attributes that say what a readout tells at each place."""
    clean = ["|".join(part.replace("|", "/").replace(";", ",") for part in row) for row in rows]
    titles = "|".join(name.replace("|", "/") for name in names)
    return f' data-n="{escape(titles)}" data-r="{escape(";".join(clean))}"'


def spread(labels: Iterable[tuple[float, str, str]], x: float) -> Iterable[str]:
    """Write (height, text, class) beside each other, moved apart where they would touch."""
    last, lowest = -math.inf, HEIGHT - BOTTOM + 4.0
    placed: list[tuple[float, str, str]] = []
    for height, text, kind in sorted(labels):
        last = max(min(max(height, TOP), lowest) + 4, last + 15)
        placed.append((last, text, kind))
    over = max(0.0, last - lowest - 4)
    for height, text, kind in placed:
        yield words(x, height - over, text, f"label {kind}")


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
