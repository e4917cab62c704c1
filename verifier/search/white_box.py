"""White-box points of a lifted function: its guards and the thresholds of its rows, solved for.

Give the outputs of the function *and of the claim*: a fault may hide behind a switch that only the
claimed derivative has (SOUNDNESS 4).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from ..domains import Domain
from ..errors import CannotLower
from ..graph.node import Node
from ..readers.guards import guards_of
from ..settings import Settings
from .elementwise import NOTHING, beside, between, critical_numbers
from .floats import evaluate, gradient, thresholds_of
from .guards import RINGS, THRESHOLD_RINGS, landings, with_rings
from .walks import Landing, Target

Array = np.ndarray
PER_PIECE = 3  # numbers inside every piece of an elementwise function


def white_numbers(
    outputs: Iterable[Node],
    name: str,
    grid: Array,
    domain: Domain,
    *,
    seed: int,
    fixed: Mapping[str, Array] = NOTHING,
) -> Array:
    """Return the telling numbers of an elementwise function as one array, the most telling first.

    `grid` is the 1-D array the graph was lifted at. First come the zeros of guards and what lies
    just beside them, then thresholds of rows, then some numbers inside every piece.
    """
    wanted = tuple(outputs)
    switches = [Target(node) for node in _quantities(wanted)]
    edges = [Target(n, level) for n, levels in thresholds_of(wanted) for level in levels]
    zeros = _critical(switches, name, grid, domain, fixed)
    limits = _critical(edges, name, grid, domain, fixed)
    pieces = np.unique(np.concatenate([zeros, limits]))
    parts = [zeros, beside(zeros, domain), limits, beside(limits, domain, threshold=True)]
    parts.append(between(pieces, domain, grid.dtype.name, seed=seed, per_piece=PER_PIECE))
    numbers = np.concatenate(parts)
    _, first = np.unique(numbers, return_index=True)
    found: Array = numbers[np.sort(first)]
    return found


def white_points(
    outputs: Iterable[Node],
    starts: Sequence[Mapping[str, Array]],
    domains: Mapping[str, Domain],
    settings: Settings,
    *,
    seed: int,
) -> Iterator[dict[str, Array]]:
    """Yield points on guards and thresholds and beside them, at most `settings.guard_points`.

    `starts` bind all leaves; only those with a box in `domains` are moved. Guards and thresholds
    take turns; of each the landings come first, then their neighbours.
    """
    wanted = tuple(outputs)
    switches = [Target(node) for node in _quantities(wanted)]
    edges = [Target(n, level) for n, levels in thresholds_of(wanted) for level in levels]
    some = list(starts)[: settings.guard_starts]
    shares = ((switches, settings.guard_elements, 2), (edges, 2, 3))
    found: list[list[Landing]] = []
    for targets, elements, share in shares:
        walk = landings(
            targets,
            some,
            domains,
            evaluate=evaluate,
            gradient=gradient,
            seed=seed,
            elements=elements,
            evaluations=settings.evaluations // share,
        )
        found.append(list(itertools.islice(_safe(walk), settings.guard_points // share)))
    on_guards = with_rings(iter(found[0]), domains, RINGS)
    on_edges = with_rings(iter(found[1]), domains, THRESHOLD_RINGS)
    taking_turns = itertools.chain.from_iterable(itertools.zip_longest(on_guards, on_edges))
    chosen = (landing.point for landing in taking_turns if landing is not None)
    yield from itertools.islice(chosen, settings.guard_points)


def _quantities(outputs: tuple[Node, ...]) -> list[Node]:
    """Return the guards' quantities, each once, that depend on an input."""
    return list(dict.fromkeys(guard.quantity for guard in guards_of(outputs)))


def _critical(
    targets: list[Target], name: str, grid: Array, domain: Domain, fixed: Mapping[str, Array]
) -> Array:
    """Return the critical numbers of all targets; one that cannot be read in floats has none."""
    found = [grid[:0]]
    for target in targets:
        try:
            found.append(
                critical_numbers([target], name, grid, domain, evaluate=evaluate, fixed=fixed)
            )
        except CannotLower:
            continue
    return np.unique(np.concatenate(found))


def _safe(walk: Iterator[Landing]) -> Iterator[Landing]:
    """Yield the landings; stop where an operation has no float evaluation."""
    try:
        yield from walk
    except (CannotLower, np.linalg.LinAlgError):
        return
