"""Which plots a finding or a claim deserves, and what each says in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import groupby

from ..plotted import Blame, Digits, Graph, Layers, Matrix, Plotted, Volume
from ..verdicts import AtlasKink, Claim, Finding, Witness
from . import draw_bars, draw_curves, draw_matrices
from .draw_curves import Level
from .draw_svg import said
from .plot_overlays import drawable, in_numbers, over, told_apart
from .plot_witness import Plot, chord, slopes, steps
from .shown import brief, counted, decimal, visible

MOST_MATRICES = 1  # points whose matrices one claim draws
MOST_BLAMED = 6
WIDE = 1e4  # ratio of positive places from which they are spread by their logarithm


def of_finding(finding: Finding, key: str) -> Iterable[Plot]:
    """Yield the plots `finding` has data for; `key` makes their ids unique on the page."""
    witness = finding.witness or Witness({})
    seen = [each for each in finding.plots
            if witness.curve is None or not isinstance(each, Graph) or told_apart(each)]
    yield from _drawn(seen, key, witness)
    graphed = any(isinstance(each, Graph) for each in finding.plots)
    for letter, draw in zip("abc", (steps,) if graphed else (steps, slopes, chord), strict=False):
        found = draw(witness, f"{key}-{letter}")
        if found is not None:
            yield found


def of_claim(claim: Claim, key: str) -> Iterable[Plot]:
    """Yield the plots of what `claim` rests on, but those that its findings show already."""
    seen = claim.evidence
    shown = any(finding.plots for finding in claim.findings)
    plots = [each for each in seen.plots if not (shown and isinstance(each, Graph))]
    yield from _drawn(plots, key, Witness({}))
    if seen.atlas and not any(isinstance(each, Graph) for each in seen.plots):
        yield _atlas(seen.atlas, f"{key}-a")


def _drawn(found: Sequence[Plotted], key: str, witness: Witness) -> Iterable[Plot]:
    number = 0
    for kind, some in groupby(found, key=type):
        group = list(some)
        for plot in _of_kind(kind, group, f"{key}-{number}", witness):
            number += 1
            yield plot


def _of_kind(kind: type, group: list[Plotted], key: str, witness: Witness) -> Iterable[Plot]:
    if kind is Matrix:
        yield from _matrices([each for each in group if isinstance(each, Matrix)], key)
    for place, each in enumerate(group):
        here = f"{key}-{place}"
        if isinstance(each, Graph) and drawable(each):
            yield _graph(each, here, witness)
        elif isinstance(each, Digits) and each.at and each.kept:
            yield from _digits(each, here)
        elif isinstance(each, Volume):
            yield _volume(each, here)
        elif isinstance(each, Blame) and each.lines:
            yield _blame(each, here)
        elif isinstance(each, Layers) and len(each.layers) > 1:
            yield _layers(each, here)


# ---------------------------------------------------------------- functions on segments
def _graph(found: Graph, key: str, witness: Witness) -> Plot:
    found = in_numbers(found, witness)
    what, along = visible(found.what, 40), visible(found.along, 40)
    names = [what, *(visible(name, 16) for name in sorted(found.others))]
    curves = [found.values, *(found.others[name] for name in sorted(found.others))]
    series = {name: values for name, values in zip(names, curves, strict=True)
              if len(values) == len(found.at)}
    levels = [Level(value, visible(name, 40), "claimed") for name, value in found.lines.items()
              if math.isfinite(value)]
    drawn, sentence = over(found, witness)
    title = f"{what} along {along}, " if along == "t" else f"{what} over {along}, "
    title += f"from {said(found.at[0])} to {said(found.at[-1])}"
    if len(series) > 1:
        beside = ["the claim" if name == "claimed" else name for name in list(series)[1:]]
        title += f", beside {' and '.join(beside)}"
    marks = {visible(name, 24): place for name, place in found.marks.items()}
    if "kink" not in marks and len(marks) > 0 and not witness.second_point:
        sentence = f"{sentence} {counted(len(marks), 'place')} marked.".strip()
    svg = draw_curves.graph(
        key, title, found.at, series, along=along if along != "t" else "share of the way, t",
        levels=levels, marks=marks, over=drawn, log=_spread_out(found.at),
    )
    lines = "".join(f" Dashed: {level.label} {said(level.value)}." for level in levels)
    return Plot(svg, f"{title}. {sentence}{lines}".strip())


def _spread_out(places: Sequence[float]) -> bool:
    return bool(places) and min(places) > 0 and max(places) / min(places) >= WIDE


def _digits(found: Digits, key: str) -> Iterable[Plot]:
    along = visible(found.along, 40)
    kept = {visible(name, 16): [min(v, 17.0) for v in values]
            for name, values in sorted(found.kept.items(), reverse=True)
            if len(values) == len(found.at) and any(math.isfinite(v) or v > 0 for v in values)}
    if not kept or not all(map(math.isfinite, found.at)):
        return
    least = {name: min((v for v in values if not math.isnan(v)), default=math.nan)
             for name, values in kept.items()}
    title = f"Decimal digits kept against {along}: "
    title += ", ".join(f"at least {brief(v)} in {name}" for name, v in sorted(least.items()))
    levels = [Level(0.0, "", "floor")]
    if found.wanted is not None:
        levels.append(Level(found.wanted, f"{said(found.wanted)} digits claimed", "claimed"))
    yield Plot(draw_curves.graph(key, title, found.at, kept, along=along, levels=levels,
                                 log=_spread_out(found.at), kinds=draw_curves.DTYPES), f"{title}.")


# ---------------------------------------------------------------- matrices
def _matrices(found: list[Matrix], key: str) -> Iterable[Plot]:
    """Yield maps and spectra, the matrices of one point together."""
    points = [list(some) for _, some in groupby(found, key=lambda each: each.where)]
    for number, group in enumerate(points[:MOST_MATRICES]):
        for place, each in enumerate(group):
            yield from _maps(each, f"{key}-{number}-{place}")
        rows = [(visible(each.what, 12), each.eigenvalues, each.radii) for each in group
                if each.eigenvalues]
        if rows:
            yield _spectra(rows, f"{key}-{number}-e", visible(group[0].where, 80))


def _maps(found: Matrix, key: str) -> Iterable[Plot]:
    blocks = [(visible(name, 30), rows) for name, rows in found.blocks if rows > 0]
    size = sum(rows for _, rows in blocks)
    if not size:
        return
    where = f" {visible(found.where, 80)}" if found.where else ""
    names = ", ".join(f"{name} ({rows})" for name, rows in blocks)
    if len(found.values) == size * size:
        title = f"{visible(found.what, 40)}{where}: {size} × {size}, blocks {names}"
        svg = draw_matrices.heat_map(key, title, blocks, found.values, found.zeros)
        structure = {"s", "p"} & set("".join(found.zeros))
        hatched = "; hatched is 0 by the structure of the code" if structure else ""
        yield Plot(svg, f"{title}. Blank is 0{hatched}.")
    if len(found.digits) == size * size:
        wrong = sum(value < 3 for value in found.digits)
        title = f"Digits of agreement with the claim{where}: {wrong:,} of {size * size:,} entries "
        title += "agree in fewer than 3 digits"
        svg = draw_matrices.digits_map(f"{key}d", title, blocks, found.digits)
        yield Plot(svg, f"{title}. Blank agrees in all.")


def _spectra(
    rows: list[tuple[str, tuple[float, ...], tuple[float, ...]]], key: str, where: str
) -> Plot:
    told = []
    for name, values, radii in rows:
        reach = [*radii, *(0.0 for _ in values)][: len(values)]
        pairs = list(zip(values, reach, strict=True))
        below, above = sum(v + r < 0 for v, r in pairs), sum(v - r > 0 for v, r in pairs)
        rest = len(values) - below - above
        near = f", {rest} not told from zero in this plot" if rest else ""
        told.append(f"{name}: {below} negative, {above} positive{near}")
    title = f"Eigenvalues{f' {where}' if where else ''}. {'; '.join(told)}"
    return Plot(draw_matrices.eigenvalues(key, title, rows), f"{title}.", wide=True)


# ---------------------------------------------------------------- bars
def _volume(found: Volume, key: str) -> Plot:
    shares = [("proved", found.proved), ("refuted", found.refuted), ("undecided", found.undecided)]
    clean = [(name, share if 0 < share <= 1 else 0.0) for name, share in shares]
    told = ", ".join(f"{draw_bars.percent(share)} {name}" for name, share in clean if share)
    title = f"Of the domain's volume: {told or 'nothing was decided'}"
    boxes = f", on {found.boxes:,} box{'' if found.boxes == 1 else 'es'}" if found.boxes else ""
    left = f" Largest part left: {visible(found.undecided_at, 160)}." if found.undecided_at else ""
    return Plot(draw_bars.volume(key, title, clean), f"{title}{boxes}.{left}", True)


def _blame(found: Blame, key: str) -> Plot:
    lines = [(f"{visible(each.file.rpartition('/')[2], 24)}:{each.line}",
              visible(each.text.strip(), 80), each.share if 0 <= each.share <= 1 else 0.0)
             for each in found.lines[:MOST_BLAMED]]
    title = f"Share of the {visible(found.what, 40)} by line: {lines[0][0]} has "
    title += draw_bars.percent(lines[0][2])
    more = len(found.lines) - len(lines)
    rest = f" {counted(more, 'line')} more have less." if more else ""
    return Plot(draw_bars.blame(key, title, lines), f"{title}.{rest}", True)


def _layers(found: Layers, key: str) -> Plot:
    rows = []
    for each in found.layers[:24]:
        word = "off" if each.kind == "switch" else "saturated"
        low, high = each.gradient if len(each.gradient) == 2 else (math.nan, math.nan)
        rows.append((visible(each.name, 60), f"{each.asleep} of {each.units} {word}", low, high))
    title = "Size of the gradient that meets each layer, from input to output"
    return Plot(draw_bars.layers(key, title, rows), f"{title}: least to greatest over the points.")


def _atlas(found: Sequence[AtlasKink], key: str) -> Plot:
    rows = []
    for each in found[:200]:
        sides = [decimal(text) for text in (*each.left[:1], *each.right[:1])]
        known = len(sides) == 2 and None not in sides
        jump = float(sides[1] or 0) - float(sides[0] or 0) if known else math.nan
        left, right = (visible("".join(side[:1]), 20) for side in (each.left, each.right))
        told = f"t = {visible(each.t, 24)}: order {each.order}, {left} to {right}"
        rows.append((min(max(each.at, 0.0), 1.0), told, jump))
    title = f"{counted(len(found), 'kink')} along the segment, by the size of their jump"
    return Plot(draw_bars.kinks(key, title, rows), f"{title}.")
