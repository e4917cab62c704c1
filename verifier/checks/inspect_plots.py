"""The data of what a page draws of a function's facts: its graph along a segment, its Hessians.

Numbers here are for eyes: floats, the matrices to six digits. What is certified is said in notes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..graph.node import Node
from ..numerals.balls import as_objects, precision
from ..numerals.rationals import Rationals, to_float
from ..plotted import Graph, Matrix
from ..readers.atlas import Atlas
from ..readers.hessian import Hessian
from ..readers.inertia import eigenvalues
from ..search.floats import values_of

Array = np.ndarray
SAMPLES = 49  # places beside the kinks at which the graph is drawn
LARGEST = 64  # rows of a matrix that is drawn entry by entry
SIX = 6  # significant digits of its entries
Ends = tuple[Mapping[str, Array], Mapping[str, Array]]


# ---------------------------------------------------------------- a graph along a segment
def graph_along(output: Node, ends: Ends, found: Atlas) -> Graph:
    """Return the function from one end to the other, exact places and limits at its kinks."""
    entry = _entry(found)
    places = sorted({*np.linspace(0, 1, SAMPLES).tolist(), *(k.at for k in found.kinks)})
    jumps = {k.at: (number(k.left[entry]), number(k.right[entry]))
             for k in found.kinks if k.order == 0}
    at: list[float] = []
    values: list[float] = []
    for t in places:
        if t in jumps:
            at += [t, t, t]
            values += [jumps[t][0], np.nan, jumps[t][1]]
            continue
        at.append(t)
        value = values_of((output,), _between(ends, t))[0].ravel()[entry]
        values.append(float(f"{float(value):.9g}"))
    name, across = _across(ends)
    index = ", ".join(map(str, np.unravel_index(entry, output.shape))) if output.shape else ""
    return Graph(
        at=tuple(across(t) for t in at), values=tuple(values), along=name,
        what=f"f[{index}]" if index else "f",
        marks={_mark(k.t, k.at, across): across(k.at) for k in found.kinks},
    )


def _entry(found: Atlas) -> int:
    """Return the flat place of the first entry that shows a kink."""
    for kink in found.kinks:
        for place, (a, b) in enumerate(zip(kink.left, kink.right, strict=True)):
            if a != b:
                return place
    return 0


def _between(ends: Ends, t: float) -> dict[str, Array]:
    begin, end = ends
    return {k: a if np.array_equal(a, end[k]) else (a + t * (end[k] - a)).astype(a.dtype)
            for k, a in begin.items()}


def _across(ends: Ends) -> tuple[str, Any]:
    """Return what runs across and how far: an argument where one number moves, else t."""
    moving = [k for k, a in ends[0].items() if not np.array_equal(a, ends[1][k])]
    if len(moving) == 1 and ends[0][moving[0]].size == 1:
        low, high = (float(e[moving[0]].ravel()[0]) for e in ends)
        return moving[0], lambda t: low + t * (high - low)
    return "t", lambda t: t


def _mark(text: str, t: float, across: Any) -> str:
    if across(0.5) != 0.5 or "[" in text or len(text) > 12:
        return f"{across(t) + 0.0:.6g}"
    return text


def number(text: str) -> float:
    """Return the float of a place or slope of an atlas: "3/8", "0.5", or a ball's midpoint."""
    if "/" in text and "[" not in text:
        above, below = text.split("/")
        return int(above) / int(below)
    middle = text.strip("[]").split(" ")[0]
    return 0.0 if middle == "+/-" else float(middle)


# ---------------------------------------------------------------- a Hessian
def matrix_plot(found: Hessian, where: str) -> Matrix:
    """Return a Hessian with its eigenvalues, its blocks and what kind of zero each zero is."""
    small = found.size <= LARGEST
    zeros = np.where(found.by_graph, "s", np.where(found.structural, "p", np.where(
        np.frompyfunc(_near_zero, 1, 1)(found.numbers), "0", ".")))
    return spectrum_plot(
        found.numbers, blocks=tuple((k, p.stop - p.start) for k, p in found.places.items()),
        exact=isinstance(found.numeral, Rationals), what="Hessian", where=where,
        zeros=tuple("".join(row) for row in zeros) if small else ())


def spectrum_plot(
    numbers: Array, *, blocks: tuple[tuple[str, int], ...], exact: bool, what: str, where: str,
    zeros: tuple[str, ...] = (),
) -> Matrix:
    """Return a symmetric matrix with its enclosed eigenvalues."""
    with precision(256):
        found = eigenvalues(balls_of(numbers) if exact else as_objects(numbers)) or []
        ends = [(float(low), float(high)) for low, high in found]
    known = [_rounded(low, high) for low, high in ends]
    small = len(numbers) <= LARGEST
    return Matrix(
        blocks=blocks, what=what, where=where, zeros=zeros,
        values=tuple(_short(v) for v in numbers.ravel()) if small else (),
        eigenvalues=tuple(middle for middle, _ in known), radii=tuple(r for _, r in known),
    )


def _short(value: Any) -> float:
    return 0.0 if _near_zero(value) else float(f"{to_float(value):.{SIX}g}")


def _rounded(low: float, high: float) -> tuple[float, float]:
    """Return a short number and a power of two around it: an interval that holds the given one."""
    middle = low / 2 + high / 2
    middle = 0.0 if low <= 0 <= high else float(f"{middle:.9g}")
    radius = max(high - middle, middle - low)
    return middle, float(2.0 ** np.ceil(np.log2(radius) + 1e-9)) if radius else 0.0


def _near_zero(value: Any) -> bool:
    """Tell whether a number is zero, or a finite ball that is not told from it."""
    return not (value > 0 or value < 0) and bool(np.isfinite(to_float(value)))


def balls_of(matrix: Array) -> Array:
    """Return rationals as balls."""
    from flint import arb

    return np.asarray(np.frompyfunc(arb, 1, 1)(matrix), dtype=object)
