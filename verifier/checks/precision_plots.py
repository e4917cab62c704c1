"""How do the digits kept depend on the input, and which lines lose them?

Digits: every point of the plan, in the dtype claimed and beside it in float32 or float64. Blame:
each node's own rounding times the size of its adjoint, summed over the lines of the source (Higham
2002, section 3.8: a first-order account of forward errors), never "the first bad value".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..errors import VerifierError
from ..graph.node import Node
from ..graph.order import topological
from ..numerals.balls import Balls
from ..plotted import Blame, BlamedLine, Digits
from ..primitives.linear import gather
from ..readers.roundoff import floats
from ..readers.slope import adjoints
from ..readers.value import read
from .subject import Here

Array = np.ndarray
PLACES = 61  # places of one curve
LINES = 6  # lines that are blamed
MOST_NODES = 400  # of a graph whose lines are blamed
ALL = 17.0  # digits that are shown for a value that is exact


def digits_plot(
    seen: Mapping[str, Iterable[tuple[Array, Array]]], along: str, wanted: float | None
) -> tuple[Digits, ...]:
    """Return the curve of digits by dtype; `seen` has pairs (inputs, digits) for each dtype.

    Where one input was seen several times its fewest digits count. Dtypes that share no place are
    read at the nearest one, since the same number differs by dtype.
    """
    tables = {dtype: _table(pairs) for dtype, pairs in seen.items()}
    tables = {dtype: table for dtype, table in tables.items() if len(table[0]) > 2}
    if not tables:
        return ()
    lead = max(tables, key=lambda dtype: (len(tables[dtype][0]), dtype))
    at = _spread(*tables[lead])
    kept = {}
    for dtype, (places, digits) in tables.items():
        near = np.abs(places[None, :] - at[:, None]).argmin(axis=1)
        kept[dtype] = tuple(float(v) for v in digits[near])
    return (Digits(at=tuple(map(float, at)), kept=kept, along=along, wanted=wanted),)


def _table(pairs: Iterable[tuple[Array, Array]]) -> tuple[Array, Array]:
    rows = [(float(x), float(d)) for places, digits in pairs
            for x, d in zip(places.ravel(), digits.ravel(), strict=True) if np.isfinite(x)]
    fewest: dict[float, float] = {}
    for x, d in rows:
        if not np.isnan(d):
            fewest[x] = min(fewest.get(x, ALL), d)
    places = np.array(sorted(fewest))
    return places, np.array([fewest[x] for x in places.tolist()])


def _spread(places: Array, digits: Array) -> Array:
    """Return at most PLACES of the places, evenly spread, and the one with the fewest digits.

    They are spread by their logarithm where they are positive over many decades.
    """
    worst = places[int(np.argmin(digits))]
    low, high = np.quantile(places, [0.02, 0.98], method="nearest")
    low, high = min(low, worst), max(high, worst)
    inside = places[(places >= low) & (places <= high)]
    if inside.size <= PLACES:
        return np.asarray(inside, dtype=float)
    scale = np.log if low > 0 and high / low > 1e4 else np.asarray
    wanted = np.linspace(scale(low), scale(high), PLACES)
    picked = np.abs(scale(inside)[None, :] - wanted[:, None]).argmin(axis=1)
    return np.asarray(np.union1d(inside[picked], worst), dtype=float)


def blamed_lines(here: Here, index: tuple[int, ...]) -> tuple[Blame, ...]:
    """Return which lines cost the digits of one entry of the value, worst first."""
    budget, output = here.road.budget, here.output
    if budget is None or output is None:
        return ()
    flat = int(np.ravel_multi_index(index, output.shape)) if output.shape else 0
    goal = gather([output], np.array([flat])) if output.size > 1 else output
    nodes = [n for n in topological([output]) if n in budget.own and n.origin is not None]
    if not nodes or len(nodes) > MOST_NODES:
        return ()
    try:
        graphs = adjoints(goal, nodes)
        values = read(graphs, here.leaves, Balls(), known=here.road.reading).values
    except VerifierError:
        return ()
    shares = _by_line(nodes, [np.abs(floats(values[g])) for g in graphs], budget.own)
    total = sum(shares.values())
    if not 0 < total < np.inf:
        return ()
    worst = sorted(shares.items(), key=lambda item: (-item[1], item[0]))[:LINES]
    return (Blame(tuple(BlamedLine(*place, share / total) for place, share in worst)),)


def _by_line(
    nodes: list[Node], sizes: list[Array], own: Mapping[Node, Array]
) -> dict[tuple[str, int, str], float]:
    found: dict[tuple[str, int, str], float] = {}
    for node, size in zip(nodes, sizes, strict=True):
        with np.errstate(all="ignore"):
            part = float(np.sum(np.broadcast_to(size, node.shape) * own[node]))
        origin = node.origin
        if origin is not None and np.isfinite(part):
            key = (origin.file.rpartition("/")[2], origin.line, origin.text.strip())
            found[key] = found.get(key, 0.0) + part
    return found


def one_number(here: Here) -> str | None:
    """Return the name of the only number that moves, None where there are several."""
    name = here.wrt[0] if len(here.wrt) == 1 else None
    if name is None:
        return None
    x: Any = here.leaves[name]
    return name if x.size == 1 or x.shape == here.value.shape else None
