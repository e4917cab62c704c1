"""Does the gradient reach the first layer? Its size at every line of units, read in balls.

The size is the root mean square of the slopes of the function by the outputs of one line of units.
It vanishes where at every point it is below 2^-20 at the first line of what it is at the last, and
explodes where it is above 2^20 of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import numpy as np

from ..errors import VerifierError
from ..plotted import Layer, Layers
from ..readers.health import NEGLIGIBLE, adjoint_norms
from ..readers.units import Unit
from ..readers.value import Reading
from ..verdicts import Finding
from .findings import finding
from .request import Request
from .subject import Here

Array = np.ndarray
Key = tuple[Any, ...]
MOST_LAYERS = 64  # lines of units whose gradients are compared
MOST_TOLD = 12  # lines of units told in notes; the first and the last always
POINTS = 4  # points at which the gradient is measured by layer


@dataclass(slots=True)
class Seen:
    """What was seen of the units of one line, over the points so far.

    `norms` holds bounds of the gradient's root mean square, one pair a point.
    """

    unit: Unit
    alive: Array
    samples: int = 0
    proved: Array | None = None
    norms: list[tuple[float, float]] = field(default_factory=list)


def keys_of(units: tuple[Unit, ...]) -> Iterator[Key]:
    """Yield what each line of units is known by at every point."""
    counts: dict[Key, int] = {}
    for unit in units:
        place = unit.node.origin
        key = (place.file, place.line) if place else ("", 0)
        counts[key] = counts.get(key, 0) + 1
        yield (*key, unit.node.op, counts[key], unit.count)


def line_of(unit: Unit) -> str:
    """Return the place of a line of units, folders left out."""
    origin = unit.node.origin
    return f"{PurePath(origin.file).name}:{origin.line}" if origin else unit.node.op


def measure(units: tuple[Unit, ...], here: Here, seen: Mapping[Key, Seen]) -> None:
    """Bound the size of the gradient at every line of units at one point."""
    met = [(k, u) for k, u in zip(keys_of(units), units, strict=True)
           if u.node is not here.output][:MOST_LAYERS]
    if not met:
        return
    assert here.output is not None and here.road.reading is not None
    known = Reading(here.road.reading.values, here.road.reading.ties)
    try:
        norms = adjoint_norms(here.output, [u.node for _, u in met], here.leaves, known)
    except VerifierError:
        return
    for (key, _), pair in zip(met, norms, strict=True):
        seen[key].norms.append(pair)


def _measured(seen: Mapping[Key, Seen]) -> dict[str, Seen]:
    """Return the lines with a gradient at every point measured, by name, in order."""
    most = max((len(w.norms) for w in seen.values()), default=0)
    found: dict[str, Seen] = {}
    for key, what in seen.items():
        if len(what.norms) == most > 0:
            found[_name(key, what)] = what
    return found


def _name(key: Key, what: Seen) -> str:
    run = f" #{key[3]}" if key[3] > 1 else ""
    return f"{line_of(what.unit)} {what.unit.name}{run}"


def _range(what: Seen) -> tuple[float, float]:
    return min(low for low, _ in what.norms), max(high for _, high in what.norms)


def by_layer(seen: Mapping[Key, Seen]) -> Iterator[str]:
    """Tell the size of the gradient at every line of units, where there are several."""
    lines = _measured(seen)
    if len(lines) < 2:
        return
    yield "gradient by layer (root mean square of the slopes by its units):"
    told = list(lines.items())
    cut = len(told) - MOST_TOLD
    for place, (name, what) in enumerate(told):
        if cut > 0 and place == MOST_TOLD - 1:
            yield f"  ... {cut} more"
        if cut <= 0 or place < MOST_TOLD - 1 or place == len(told) - 1:
            yield f"  {name}: {_span(*_range(what))}"


def _span(low: float, high: float) -> str:
    ends = f"{low:.3g}", f"{high:.3g}"
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def drawn(seen: Mapping[Key, Seen]) -> tuple[Layers, ...]:
    """Return the layers as a page draws them."""
    layers = tuple(
        Layer(_name(key, what), what.unit.kind, int(what.alive.size), int((~what.alive).sum()),
              tuple(float(f"{v:.6g}") for v in _range(what)) if what.norms else ())
        for key, what in seen.items())
    return (Layers(layers),) if layers else ()


def vanishing(request: Request, seen: Mapping[Key, Seen]) -> Iterator[Finding]:
    """Find a gradient that vanishes or explodes on its way to the first layer."""
    lines = _measured(seen)
    if len(lines) < 2:
        return
    names = list(lines)
    first, last, begin, end = names[0], names[-1], lines[names[0]], lines[names[-1]]
    ratios = [_ratio(a, b) for a, b in zip(begin.norms, end.norms, strict=True)]
    shrinks = all(high < NEGLIGIBLE for _, high in ratios)
    grows = all(low > 1 / NEGLIGIBLE for low, _ in ratios)
    if not (shrinks or grows):
        return
    points = "the one point" if len(ratios) == 1 else f"all {len(ratios)} points"
    size = (f"at most {max(high for _, high in ratios):.3g}" if shrinks
            else f"at least {min(low for low, _ in ratios):.3g}")
    sentence = (f"the gradient {'vanishes' if shrinks else 'explodes'}: at the first layer "
                f"({first}) it is {size} times that at the last ({last}), at {points}")
    yield finding("vanishing-gradient", sentence, check=request.name, claim="units",
                  origin=begin.unit.node.origin or request.origin)


def _ratio(first: tuple[float, float], last: tuple[float, float]) -> tuple[float, float]:
    """Return bounds of first / last; nothing is known where the last may be 0 or is not finite."""
    if not (last[0] > 0 and np.isfinite(last[1]) and np.isfinite(first[1])):
        return 0.0, np.inf
    return first[0] / last[1], first[1] / last[0]
