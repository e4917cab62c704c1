"""Matrices as heat maps with blocks by argument, and eigenvalues on one line."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise

from .draw_svg import WIDTH, line, readout, said, svg, words

Blocks = Sequence[tuple[str, int]]
LEVELS = (1e-3, 1e-2, 0.03, 0.1, 0.3)  # shares of the largest entry at which a colour deepens
NUMBERED = 8  # rows up to which every entry is written into its cell
READ_OUT = 24  # rows up to which every entry can be read out
SIDE, TOP = 300.0, 22.0
ALL_DIGITS = 16.0


def heat_map(
    key: str, title: str, blocks: Blocks, values: Sequence[float], zeros: Sequence[str] = ()
) -> str:
    """Draw a square matrix in C order: one colour above 0, another below, none at 0.

    `zeros` has a letter an entry, see `verifier.plotted.Matrix`: zeros by structure are hatched.
    """
    size = sum(rows for _, rows in blocks)
    most = max((abs(v) for v in values if math.isfinite(v)), default=0.0) or 1.0
    kinds = [_kind(v, most) for v in values]
    for row, letters in enumerate(zeros[:size]):
        for column, letter in enumerate(letters[:size]):
            if letter in "sp":
                kinds[row * size + column] = "never" if letter == "s" else "here"
    parts = [*_cells(kinds, size), *_numbers(values, size), *_lines(blocks, size)]
    steps = [(f"n{n}", "") for n in range(6, 0, -1)] + [("z0", "0")]
    steps += [(f"p{n}", "") for n in range(1, 7)]
    parts += _legend(f"\u2212{said(most)}", said(most), [kind for kind, _ in steps])
    parts += _structure(set("".join(zeros)))
    told = [said(v) for v in values]
    return _map(key, title, blocks, size, parts, told)


def digits_map(key: str, title: str, blocks: Blocks, digits: Sequence[float]) -> str:
    """Draw how many decimal digits of each entry agree: the fewer the deeper the colour."""
    size = sum(rows for _, rows in blocks)
    kinds = [_lost(v) for v in digits]
    shown = [math.nan if math.isnan(v) else min(v, ALL_DIGITS) for v in digits]
    parts = [*_cells(kinds, size), *_numbers(shown, size, lambda v: f"{v:.0f}"),
             *_lines(blocks, size)]
    steps = [f"d{n}" for n in range(6, 0, -1)]
    parts += _legend("no digit", "all", [*steps, "z0"])
    told = ["not compared" if math.isnan(v) else "all digits" if v >= ALL_DIGITS
            else f"{v:.1f} digits" for v in digits]
    return _map(key, title, blocks, size, parts, told)


def _map(
    key: str, title: str, blocks: Blocks, size: int, parts: list[str], told: Sequence[str]
) -> str:
    names = [f"{name}[{n}]" if rows > 1 else name for name, rows in blocks for n in range(rows)]
    grid = ""
    if size <= READ_OUT:
        rows = [(f"{a}, {b}", told[i * size + j])
                for i, a in enumerate(names) for j, b in enumerate(names)]
        grid = f' data-g="{size} {_left():g} {TOP:g} {SIDE:g}"' + readout(("", ""), rows)
    box = f'<path class="frame"{grid} d="M{_left():g} {TOP:g}h{SIDE:g}v{SIDE:g}h-{SIDE:g}z"/>'
    about = f"{size} rows and columns, in blocks {', '.join(f'{n} ({r})' for n, r in blocks)}"
    return svg(key, title, [*parts, box], about=about, height=int(TOP + SIDE + 40))


def _left() -> float:
    return (WIDTH - SIDE) / 2 - 30


def _kind(value: float, most: float) -> str:
    if not math.isfinite(value):
        return "odd"
    if value == 0:
        return "z0"
    deep = 1 + sum(abs(value) > share * most for share in LEVELS)
    return f"{'p' if value > 0 else 'n'}{deep}"


def _lost(digits: float) -> str:
    if math.isnan(digits):
        return "odd"
    return "z0" if digits >= ALL_DIGITS - 1 else f"d{6 - min(5, int(max(digits, 0) / 2.7))}"


def _cells(kinds: Sequence[str], size: int) -> Iterable[str]:
    """Yield one path a colour; a run of equal cells in a row is one thick line."""
    runs: dict[str, list[str]] = {}
    for row in range(size):
        column = 0
        while column < size:
            kind, start = kinds[row * size + column], column
            while column < size and kinds[row * size + column] == kind:
                column += 1
            if kind != "z0":
                runs.setdefault(kind, []).append(f"M{start} {row + 0.5:g}h{column - start}")
    yield f'<g transform="translate({_left():g} {TOP:g}) scale({SIDE / max(size, 1):.5g})">'
    for kind, found in sorted(runs.items()):
        yield f'<path class="cell {kind}" d="{"".join(found)}"/>'
    yield "</g>"


def _numbers(
    values: Sequence[float], size: int, write: Callable[[float], str] | None = None
) -> Iterable[str]:
    if size > NUMBERED:
        return
    write = write or _entry
    step = SIDE / size
    for place, value in enumerate(values):
        x = _left() + (place % size + 0.5) * step
        y = TOP + (place // size + 0.5) * step + 4
        if value != 0:
            text = "?" if math.isnan(value) else write(value)
            yield words(x, y, text.replace("-", "\u2212", 1) if text[0] == "-" else text,
                        "entry", "middle")


def _entry(value: float) -> str:
    """Return a number in about five letters."""
    text = f"{value:.2g}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.2g}"
    short = text if len(text) <= 5 else f"{value:.0e}"
    return short.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def _lines(blocks: Blocks, size: int) -> Iterable[str]:
    """Yield the lines between blocks and the arguments' names at two sides."""
    step, left = SIDE / max(size, 1), _left()
    edges = [0, *accumulate(rows for _, rows in blocks)]
    cuts = "".join(
        f"M{left + edge * step:.1f} {TOP:g}v{SIDE:g}M{left:g} {TOP + edge * step:.1f}h{SIDE:g}"
        for edge in edges[1:-1]
    )
    yield f'<path class="cut" d="{cuts}"/>' if cuts else ""
    for (name, _), (begin, end) in zip(blocks, pairwise(edges), strict=True):
        if (end - begin) * step < 12:
            continue
        middle = (begin + end) / 2 * step
        short = name if len(name) <= 14 else f"{name[:13]}\u2026"
        yield words(left + middle, TOP - 7, short, "label", "middle")
        yield words(left - 7, TOP + middle + 4, short, "label", "end")


def _legend(low: str, high: str, kinds: Sequence[str]) -> Iterable[str]:
    """Yield the colours in a row below the matrix with the numbers at its ends."""
    wide, y = 16.0, TOP + SIDE + 14
    x = _left() + (SIDE - wide * len(kinds)) / 2
    for place, kind in enumerate(kinds):
        at = x + place * wide
        yield f'<path class="key {kind}" d="M{at:g} {y + 5:g}h{wide:g}"/>'
    end = x + wide * len(kinds)
    yield f'<path class="frame" d="M{x:g} {y:g}h{end - x:g}v10h-{end - x:g}z"/>'
    yield words(x - 6, y + 9, low, "tick", "end") + words(end + 6, y + 9, high, "tick")


def _structure(letters: set[str]) -> Iterable[str]:
    """Yield what the greys mean, where there are any."""
    x, y = _left() + SIDE + 14, TOP + 8.0
    for letter, kind, text in (("s", "never", "0 always"), ("p", "here", "0 on this piece")):
        if letter in letters:
            yield f'<path class="key {kind}" d="M{x:g} {y:g}h12"/>'
            yield words(x + 17, y + 4, text, "tick")
            y += 18


def eigenvalues(
    key: str, title: str, rows: Sequence[tuple[str, Sequence[float], Sequence[float]]]
) -> str:
    """Draw spectra: (name, eigenvalues, radii) a row, on one scale that is linear near 0.

    Far from 0 the scale is logarithmic; an eigenvalue whose radius reaches 0 is drawn hollow.
    """
    every = [v for _, values, _ in rows for v in values if math.isfinite(v)]
    scale = _Symmetric(every)
    base = 26 + 30 * len(rows)
    parts = [f'<path class="grid" d="{scale.grid(14, base)}"/>',
             line(scale.at(0), 8, scale.at(0), base, "zero")]
    parts += [words(scale.at(v), base + 16, said(v), "tick", "middle") for v in scale.marks]
    lead = True
    for number, (name, values, radii) in enumerate(rows):
        y = 28 + 30 * number
        parts.append(words(scale.low - 8, y + 4, name, "tick", "end"))
        for kind, some in _signs(values, radii):
            parts.append(f'<path class="eigen {kind}" d="{_bars(scale, some, y)}"/>')
        path = "".join(f"M{scale.at(v):.1f} {y}h0" for v in values if math.isfinite(v))
        told = readout(("eigenvalue",), [(said(v),) for v in values if math.isfinite(v)])
        parts.append(f'<path class="{"pts" if lead else ""}" d="{path}"{told if lead else ""}/>')
        lead = False
    return svg(key, title, parts, height=base + 26)


def _signs(
    values: Sequence[float], radii: Sequence[float]
) -> Iterable[tuple[str, list[tuple[float, float]]]]:
    reach = [*radii, *(0.0 for _ in values)][: len(values)]
    pairs = [(v, r) for v, r in zip(values, reach, strict=True) if math.isfinite(v)]
    for kind, some in (
        ("minus", [(v, r) for v, r in pairs if v + r < 0]),
        ("none", [(v, r) for v, r in pairs if v - r <= 0 <= v + r]),
        ("plus", [(v, r) for v, r in pairs if v - r > 0]),
    ):
        if some:
            yield kind, some


def _bars(scale: _Symmetric, some: Sequence[tuple[float, float]], y: int) -> str:
    parts = []
    for value, radius in some:
        low, high = scale.at(value - radius), scale.at(value + radius)
        if high - low > 6:
            parts.append(f"M{low:.1f} {y}H{high:.1f}")
        parts.append(f"M{scale.at(value):.1f} {y - 9}v18")
    return "".join(parts)


class _Symmetric:
    """A scale that is the inverse hyperbolic sine: straight near 0, logarithmic far from it."""

    def __init__(self, values: Sequence[float]) -> None:
        sizes = sorted(abs(v) for v in values if v)
        top = sizes[-1] if sizes else 1.0
        self.unit = max(sizes[0] if sizes else 1.0, top * 1e-6)
        self.low, self.high = 116.0, WIDTH - 24.0
        self.most = max([*values, 0.0])
        self.least = min([*values, 0.0])
        if self.most == self.least:
            self.least, self.most = -1.0, 1.0

    def _bent(self, value: float) -> float:
        return math.asinh(value / self.unit)

    def at(self, value: float) -> float:
        low, high = self._bent(self.least), self._bent(self.most)
        share = (self._bent(value) - low) / (high - low)
        return self.low + min(max(share, -0.02), 1.02) * (self.high - self.low)

    @property
    def marks(self) -> list[float]:
        """Round values with room between their labels."""
        powers = [10.0**p for p in range(-300, 301)]
        some = [s * p for p in powers for s in (1, -1)
                if self.unit * 0.99 <= p and self.least <= s * p <= self.most]
        chosen = [0.0]
        for value in sorted([*some, self.least, self.most], key=abs, reverse=True):
            if all(abs(self.at(value) - self.at(other)) > 46 for other in chosen):
                chosen.append(value)
        return sorted(chosen)

    def grid(self, top: int, base: int) -> str:
        return "".join(f"M{self.at(v):.1f} {top}V{base}" for v in self.marks)
