"""Is the graph the program? The lift, and its audit against the user's own run (SOUNDNESS 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import CannotLower, VerifierError
from ..frontends.calling import Program
from ..frontends.lifted import Lifted, leaves_of
from ..frontends.registry import lift
from ..graph.node import Node
from ..numerals.balls import Balls, exact, precision
from ..numerals.tokens import Maybe
from ..readers.rounding import Budget, budget
from ..readers.value import Reading, read
from ..verdicts import Origin
from .fixed import bound_to_point
from .joining import joined, rerouted, strays
from .known_paths import Shelf
from .observe import place_of, quiet
from .vanishing import without_self_differences

Array = np.ndarray
JUDGED = 8.0  # SOUNDNESS 16: beyond 8 budgets a computed value is not this formula's


@dataclass(slots=True)
class Road:
    """A lifted program at one point with its reading in balls, or the reason there is none.

    `lifted` is None on the opaque road. `outside` lists outputs that lie beyond their rounding
    budget but within eight of it: (label, flat index, ratio). `forked`: exact numbers might take
    another path; `strayed`: they surely do, and no lift along it was found. `where` is the place
    that stopped the lift; `rejected` the graph whose audit failed by rounding alone.
    """

    lifted: Lifted | None
    reason: str = ""
    reading: Reading | None = None
    budget: Budget | None = None
    outside: tuple[tuple[str, int, float], ...] = ()
    forked: bool = False
    strayed: bool = False
    where: Origin | None = None
    rejected: Lifted | None = None


def take_road(
    program: Program, leaves: Mapping[str, Array], observed: Any, *, bits: int = 128,
    opaque: bool = False, join: bool = False, shelf: Shelf | None = None,
) -> Road:
    """Lift `program` at `leaves`, read it in balls and audit it against what was `observed`.

    `join`: where an `if` is tied at the point, the graph holds both of its branches; differences
    that are zero by structure are. `shelf`: lifts of this program, each along a path of its own.
    """
    if opaque:
        return Road(None, "opaque=True was asked for")
    try:
        known = None if shelf is None else _known(shelf, leaves, observed, bits)
        if known is not None:
            return known
        lifted = _lifted(program, leaves)
        fixed = (*lifted.pinned, *lifted.shown)
        if fixed and bound_to_point(program, lifted, leaves, bits):
            return Road(None, f"a number that depends on the inputs is fixed at {fixed[0]}",
                        where=fixed[0])
        lifted = without_self_differences(lifted) if join else lifted
        road = _audited(lifted, leaves, observed, bits)
        if not road.forked:
            if shelf is not None and road.lifted is not None:
                shelf.keep(lifted)
            return road
        return _settled(program, leaves, observed, bits, road, join)
    except CannotLower as error:
        return Road(None, str(error), where=error.where)


def _known(
    shelf: Shelf, leaves: Mapping[str, Array], observed: Any, bits: int
) -> Road | None:
    """Return the road along a path that was lifted before and stands the audit here, too."""
    lifted = shelf.find(leaves)
    if lifted is None:
        return None
    road = _audited(replace(lifted, value=observed), leaves, observed, bits)
    return None if road.lifted is None or road.forked else road


def _lifted(program: Program, leaves: Mapping[str, Array]) -> Lifted:
    """Lift a program that runs on plain arrays; CannotLower where it raises on traced ones."""
    try:
        with quiet():
            return lift(program, dict(leaves))
    except VerifierError:
        raise
    except Exception as error:  # of code that takes arrays only, as a library written in C does
        what = f"it runs, but on traced values it raises {type(error).__name__}: {error}"
        raise CannotLower(what, slug="not-lifted", where=place_of(error)) from error


def _settled(
    program: Program, leaves: Mapping[str, Array], observed: Any, bits: int, road: Road,
    join: bool,
) -> Road:
    """Return the road whose path exact numbers take, with both branches of its ties if `join`."""
    assert road.lifted is not None
    lifted, told = rerouted(program, leaves, road.lifted)
    lifted = without_self_differences(lifted) if join and told else lifted
    other = _audited(lifted, leaves, observed, bits) if told else road
    if other.lifted is None:  # it jumps there: neither path is the program nearby
        road.strayed = True
        return road
    other.strayed = bool(strays(lifted, leaves))
    whole = joined(program, leaves, lifted, told) if join and other.forked else None
    both = other if whole is None else _audited(whole, leaves, observed, bits)
    return other if both.lifted is None or both.forked else both


def _audited(lifted: Lifted, leaves: Mapping[str, Array], observed: Any, bits: int) -> Road:
    nodes = [leaf for _, leaf in leaves_of(lifted.output) if isinstance(leaf, Node)]
    guards = [c.node for c in lifted.path]
    with precision(bits):
        reading = read([*nodes, *guards], leaves, Balls(bits))
    found = budget([*nodes, *guards], reading)
    reason, outside = _differs(lifted, observed, reading, found)
    if reason:
        apart = None if _forked(lifted, reading) else lifted
        return Road(None, f"the lifted graph does not reproduce the run: {reason}",
                    where=_first_origin(nodes), rejected=apart)
    return Road(lifted, "", reading, found, outside, _forked(lifted, reading))


def _first_origin(nodes: list[Node]) -> Origin | None:
    return next((n.origin for n in nodes if n.origin), None)


def _forked(lifted: Lifted, reading: Reading) -> bool:
    """Tell whether exact numbers would have taken, or might have taken, another path."""
    for condition in lifted.path:
        values = np.broadcast_to(reading.values[condition.node], condition.taken.shape)
        ties = reading.ties.get(condition.node)
        if ties is not None and ties.any():
            return True
        for value, taken in zip(values.ravel().tolist(), condition.taken.ravel().tolist(),
                                strict=True):
            if isinstance(value, Maybe) or value != taken:
                return True
    return False


def _differs(
    lifted: Lifted, observed: Any, reading: Reading, found: Budget
) -> tuple[str, tuple[tuple[str, int, float], ...]]:
    seen, drawn = dict(leaves_of(observed)), dict(leaves_of(lifted.output))
    if list(seen) != list(drawn):
        return "it returns another structure", ()
    outside: list[tuple[str, int, float]] = []
    for label, leaf in drawn.items():
        reason, more = _leaf_differs(label, leaf, seen[label], reading, found)
        if reason:
            return reason, ()
        outside.extend(more)
    return "", tuple(outside)


def _leaf_differs(
    label: str, leaf: Any, value: Any, reading: Reading, found: Budget
) -> tuple[str, list[tuple[str, int, float]]]:
    if not isinstance(leaf, Node) or leaf.discrete:
        return "", []
    computed = np.asarray(value)
    if computed.dtype.kind not in "fiub" or computed.shape != leaf.shape:
        return f"shape {leaf.shape} against {computed.shape} as run", []
    ratio = excess(computed, leaf, reading, found)
    worst = int(np.argmax(ratio)) if ratio.size else 0
    if ratio.size and ratio.flat[worst] > JUDGED:
        place = f" (first at {leaf.origin})" if leaf.origin else ""
        return f"an entry lies {ratio.flat[worst]:.3g} rounding budgets away{place}", []
    return "", [(label, int(i), float(ratio.flat[i])) for i in np.flatnonzero(ratio > 1)]


def _gap(computed: float, value: Any) -> float:
    return float(abs(value - exact(computed)[()]).abs_lower()) if value.is_finite() else np.nan


_gaps = np.frompyfunc(_gap, 2, 1)


def excess(computed: Array, node: Node, reading: Reading, found: Budget) -> Array:
    """Return how many rounding budgets the computed entries lie from the formula's exact value.

    0 where the budget is infinite (not judged) or the formula itself is undefined there.
    """
    from ..numerals.balls import plain

    values = plain(reading.values[node])
    radius = found.radius[node]
    with np.errstate(all="ignore"):
        gap = np.asarray(_gaps(computed.astype(float), values), dtype=float)
        off = ~np.isfinite(computed.astype(float))
        gap = np.where(off & np.isfinite(radius) & ~np.isnan(gap), np.inf, gap)
        ratio = np.where(gap == 0, 0.0, gap / radius)
    judged = np.isfinite(radius) & ~np.isnan(gap)
    return np.where(judged, np.nan_to_num(ratio, nan=0.0, posinf=np.inf), 0.0)
