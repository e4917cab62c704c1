"""Plots that are bars: volume decided, lines to blame, layers of a net; and kinks on a segment."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .draw_svg import WIDTH, readout, svg, words

LEFT, RIGHT = 14.0, 14.0


def volume(key: str, title: str, shares: Sequence[tuple[str, float]]) -> str:
    """Draw shares of a whole, (verdict, share) each, as one bar with its parts named."""
    whole = sum(share for _, share in shares) or 1.0
    wide, at = WIDTH - LEFT - RIGHT, LEFT
    parts, written = [], LEFT
    for name, share in shares:
        if share <= 0:
            continue
        size = max(wide * share / whole, 1.5)
        kind = name.lower()
        parts.append(f'<path class="bar {kind}" d="M{at:.1f} 24h{size:.1f}"/>')
        label = f"{name} {percent(share / whole)}"
        parts.append(f'<path class="bar swatch {kind}" d="M{written:.1f} 55h11"/>')
        parts.append(words(written + 16, 59, label, "label"))
        written += 34 + 7.4 * len(label)
        at += size
    parts.append(f'<path class="frame" d="M{LEFT:g} 8h{wide:g}v32h-{wide:g}z"/>')
    return svg(key, title, parts, height=70)


def blame(key: str, title: str, lines: Sequence[tuple[str, str, float]]) -> str:
    """Draw shares by line of code: (place, text, share) each, worst first."""
    parts = []
    most = max((share for *_, share in lines), default=1.0) or 1.0
    wide = WIDTH - LEFT - RIGHT - 60
    for row, (place, text, share) in enumerate(lines):
        y = 10 + 46 * row
        short = text if len(text) <= 58 else f"{text[:57]}\u2026"
        parts.append(words(LEFT, y + 8, place, "tick"))
        parts.append(words(LEFT + 8.2 * len(place) + 8, y + 8, short, "label code"))
        size = max(wide * share / most, 1.5)
        parts.append(f'<path class="bar blamed" d="M{LEFT:g} {y + 22}h{size:.1f}"/>')
        parts.append(words(LEFT + size + 7, y + 26, percent(share), "label"))
    return svg(key, title, parts, height=10 + 46 * len(lines))


def layers(
    key: str, title: str, rows: Sequence[tuple[str, str, float, float]]
) -> str:
    """Draw, layer by layer, the size of the gradient: (name, note, least, greatest) each."""
    sizes = [v for *_, low, high in rows for v in (low, high) if 0 < v < math.inf]
    bottom = math.floor(math.log10(min(sizes, default=0.1)))
    top = max(math.ceil(math.log10(max(sizes, default=1.0))), bottom + 1)
    left, right = 200.0, WIDTH - 20.0

    def at(value: float) -> float:
        share = (math.log10(value) - bottom) / (top - bottom) if value > 0 else 0.0
        return left + min(max(share, 0.0), 1.0) * (right - left)

    parts, base = [], 14 + 40 * len(rows)
    stride = max(1, math.ceil((top - bottom) / 5))
    for power in range(bottom, top + 1, stride):
        x = at(10.0**power)
        shown = f"{power}".replace("-", "\u2212")
        parts.append(f'<path class="grid" d="M{x:.1f} 6V{base}"/>')
        parts.append(f'<text class="tick" x="{x:.1f}" y="{base + 16}" text-anchor="middle">10'
                     f'<tspan dy="-5" class="power">{shown}</tspan></text>')
    for row, (name, note, low, high) in enumerate(rows):
        y = 24 + 40 * row
        parts.append(words(LEFT, y, name if len(name) < 27 else f"{name[:26]}\u2026", "label"))
        parts.append(words(LEFT, y + 14, note, "tick"))
        if 0 <= low <= high < math.inf and high > 0:
            size = max(at(high) - at(low), 3.0)
            parts.append(f'<path class="bar plain" d="M{at(low):.1f} {y}h{size:.1f}"/>')
    return svg(key, title, parts, height=base + 26)


def kinks(key: str, title: str, found: Sequence[tuple[float, str, float]]) -> str:
    """Draw kinks on a segment from 0 to 1: (place, what is told of it, size of the jump) each."""
    wide = WIDTH - 2 * 40.0
    sizes = [abs(jump) for *_, jump in found if 0 < abs(jump) < math.inf]
    most = max(sizes, default=1.0)
    parts = [f'<path class="axis" d="M40 70h{wide:g}M40 66v8M{40 + wide:g} 66v8"/>']
    stems, tips = [], []
    for at, _, jump in found:
        high = 12 + 44 * math.sqrt(min(abs(jump) / most, 1.0)) if math.isfinite(jump) else 56
        stems.append(f"M{40 + wide * at:.1f} 70v-{high:.1f}")
        tips.append(f"M{40 + wide * at:.1f} {70 - high:.1f}h0")
    parts.append(f'<path class="mark" d="{"".join(stems)}"/>')
    told = readout(("",), [(text,) for _, text, _ in found])
    parts.append(f'<path class="dots pts" d="{"".join(tips)}"{told}/>')
    parts += [words(40 + wide * t, 90, f"t = {t}", "tick", "middle") for t in (0, 1)]
    return svg(key, title, parts, height=98)


def percent(share: float) -> str:
    """Return a share of 1 in per cent, never rounded to all or nothing."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{100 * share:.3g} %"
