"""White-box numbers of an elementwise function: all zeros of its guards along the line at once.

The graph was lifted at a 1-D array, so every element of a guard depends on one entry: the entries
of a sorted grid bracket the zeros, and all brackets are closed together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from ..domains import Domain
from ..endpoints import largest_float
from .brackets import Function, classes, close, simple_numbers
from .guards import RINGS, THRESHOLD_RINGS, neighbour
from .walks import Evaluate, Target

Array = np.ndarray
NOTHING: Mapping[str, Array] = {}
VALLEY_STEPS = 80  # ternary steps to the bottom of a valley: (2/3)^80 is below 1e-14
TOUCH = 1e-9  # a bottom this much below its surroundings counts as touching zero


@np.errstate(all="ignore")
def critical_numbers(
    targets: Sequence[Target],
    name: str,
    grid: Array,
    domain: Domain,
    *,
    evaluate: Evaluate,
    fixed: Mapping[str, Array] = NOTHING,
) -> Array:
    """Return the sorted numbers at which a target reaches or crosses its level.

    `grid` is the 1-D array the graph was lifted at (any order) bound to the input `name`. Both
    neighbours of a crossing that no float hits exactly are returned. `fixed` binds other inputs.
    """
    line = np.sort(grid)
    found: list[Array] = [line[:0]]
    for target in targets:
        if target.node.size == line.size:
            probe = _probe(target, name, line, fixed, evaluate)
            found += roots_along(line, probe)
    numbers = np.unique(np.concatenate(found))
    low, high = (end.reshape(-1)[0] for end in domain.ends_inside(grid.dtype.name))
    kept: Array = numbers[(numbers >= low) & (numbers <= high)]
    return kept


def beside(critical: Array, domain: Domain, *, threshold: bool = False) -> Array:
    """Return the numbers just below and above every critical one, nearest distance of use first."""
    rings = THRESHOLD_RINGS if threshold else RINGS
    with np.errstate(all="ignore"):
        near = [neighbour(critical, ring, side) for ring in rings for side in (1, -1)]
    return _inside(np.concatenate([critical[:0], *near]), domain)


@np.errstate(all="ignore")
def between(critical: Array, domain: Domain, dtype: str, *, seed: int, per_piece: int) -> Array:
    """Return `per_piece` numbers inside every interval the critical numbers cut the domain into.

    A fault on one piece only is thus met however narrow the piece is. Infinite ends count as a
    distance of 50 (and at least the last critical number itself) beyond the outermost number.
    """
    low, high = (float(end.reshape(-1)[0]) for end in domain.ends_inside(dtype))
    far = largest_float(dtype) / 2
    cuts = critical[np.abs(critical.astype(np.float64)) < far].astype(np.float64)
    first, last = (cuts[0], cuts[-1]) if cuts.size else (0.0, 0.0)
    low = low if low > -far else min(first, 0.0) - max(50.0, abs(first))
    high = high if high < far else max(last, 0.0) + max(50.0, abs(last))
    edges = np.unique(np.concatenate([[low], cuts, [high]]))
    random = np.random.default_rng([seed, edges.size])
    share = (np.arange(per_piece) + random.random((edges.size - 1, per_piece))) / per_piece
    numbers = edges[:-1, None] * (1 - share) + edges[1:, None] * share
    return _inside(numbers.ravel().astype(critical.dtype), domain)


def _inside(numbers: Array, domain: Domain) -> Array:
    low, high = (end.reshape(-1)[0] for end in domain.ends_inside(numbers.dtype.name))
    kept: Array = numbers[(numbers >= low) & (numbers <= high)]
    return kept


Probe = Callable[[Array, Array], Array]  # positions on the line, numbers there -> values there


def _probe(
    target: Target, name: str, line: Array, fixed: Mapping[str, Array], evaluate: Evaluate
) -> Probe:
    def probe(positions: Array, numbers: Array) -> Array:
        filled = line.copy()
        filled[positions] = numbers
        with np.errstate(all="ignore"):
            found = np.asarray(evaluate(target.node, {**fixed, name: filled}))
        values: Array = found.astype(np.float64).reshape(-1)[positions] - target.level
        return values

    return probe


def roots_along(line: Array, probe: Probe) -> Iterator[Array]:
    """Yield the numbers at which what `probe` measures on the sorted `line` reaches zero."""
    yield from _crossings(line, probe)
    yield from _dips(line, probe)


def _crossings(line: Array, probe: Probe) -> Iterator[Array]:
    """Yield exact zeros on the line, then for every bracket its root or its two ends."""
    values = probe(np.arange(line.size), line)
    kinds = classes(values)
    isolated = (kinds == 0) & (np.append(kinds[1:], 2) != 0) & (np.append(2, kinds[:-1]) != 0)
    yield line[isolated]
    change = np.flatnonzero(kinds[1:] != kinds[:-1])
    change = change[~isolated[change] & ~isolated[change + 1]]
    ends = line[change], line[change + 1], values[change], values[change + 1]
    yield from _closed(*ends, lambda numbers: probe(change, numbers))


def _closed(
    low: Array, high: Array, at_low: Array, at_high: Array, function: Function
) -> Iterator[Array]:
    if low.size:
        closed = close(low, high, at_low, at_high, function)
        simple = _simplest(closed.root, function)
        yield np.where(np.isnan(simple.astype(np.float64)), closed.root, simple)
        yield np.concatenate([closed.low[~closed.exact], closed.high[~closed.exact]])


def _dips(line: Array, probe: Probe) -> Iterator[Array]:
    """Yield zeros between grid points of equal sign: touched, as that of (x - 0.3)**2, or crossed
    twice. The valley of |values| is searched for its bottom; beyond zero it gives two brackets."""
    values = probe(np.arange(line.size), line)
    size, inner = np.abs(values), np.arange(1, max(line.size - 1, 1))
    dip = (size[inner] <= size[inner - 1]) & (size[inner] <= size[inner + 1]) & (size[inner] > 0)
    dip &= (size[inner] < size[inner - 1]) | (size[inner] < size[inner + 1])
    same = (values[inner - 1] * values[inner] > 0) & (values[inner + 1] * values[inner] > 0)
    at = inner[dip & same]
    if not at.size:
        return
    signs = np.sign(values[at])

    def depth(numbers: Array) -> Array:
        found: Array = signs * probe(at, numbers)
        return found

    low, high = line[at - 1].astype(np.float64), line[at + 1].astype(np.float64)
    for _ in range(VALLEY_STEPS):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        smaller = depth(left.astype(line.dtype)) < depth(right.astype(line.dtype))
        low, high = np.where(smaller, low, left), np.where(smaller, right, high)
    bottom = ((low + high) / 2).astype(line.dtype)
    reached = depth(bottom)
    simple = _simplest(bottom, depth)
    exact = ~np.isnan(simple.astype(np.float64))
    yield np.where(exact, simple, bottom)[np.abs(reached) <= TOUCH * size[at]]
    below = reached < 0
    for side in (line[at - 1], line[at + 1]):
        ends = side[below], bottom[below], depth(side)[below], reached[below]
        yield from _closed(*ends, lambda numbers: signs[below] * probe(at[below], numbers))


def _simplest(roots: Array, function: Function) -> Array:
    """Return for each root the simplest number near it at which the function is 0, else nan."""
    lists = [simple_numbers(root, roots.dtype.name) for root in roots]
    chosen = np.full(roots.shape, np.nan).astype(roots.dtype)
    for rank in range(max(map(len, lists))):
        probe = np.array(
            [n[rank] if rank < len(n) else r for n, r in zip(lists, roots, strict=True)]
        )
        listed = np.array([rank < len(numbers) for numbers in lists])
        hit = listed & (function(probe) == 0) & np.isnan(chosen.astype(np.float64))
        chosen = np.where(hit, probe, chosen)
    return chosen
