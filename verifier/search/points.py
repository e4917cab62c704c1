"""Black-box points: what can be said of where to look without knowing the function.

The first points are generic (what a random tester would take), then come the special ones: exact
small dyadics, ties, zeros, corners, mixtures of special and generic entries, far scales. Everything
lies inside the domain, is a number of the dtype, and depends on the seed only.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..domains import POINT, STRATEGY, Domain
from ..endpoints import float_type, largest_float, smallest_float, spacing
from ..intervals import BOX, GRID
from .examples import drawn
from .fillings import (
    FAR,
    FILLINGS,
    SHARED,
    Array,
    Ends,
    corner,
    dyadic,
    inside,
    logarithmic,
    normal,
    uniform,
)


def propose(
    domains: Mapping[str, Domain],
    shapes: Mapping[str, tuple[int, ...]],
    dtype: str,
    seed: int,
    count: int,
) -> Iterator[dict[str, Array]]:
    """Yield `count` distinct points (fewer if the domains hold fewer), best ones first.

    `shapes` gives the shape of each argument; `dtype` the floating dtype all arrays have (integer
    grids give int64, point domains their own array). Strategies are drawn from.
    """
    names = list(domains)
    ranges = [n for n in names if domains[n].kind in (BOX, GRID)]
    ends = {n: _ends(domains[n], shapes.get(n), dtype) for n in ranges}
    strategies = {n: d.value for n, d in domains.items() if d.kind == STRATEGY}
    draws = drawn(strategies, seed=seed, count=count) if strategies else []
    seen: set[bytes] = set()
    for turn in range(2 * count + len(FILLINGS)):
        point = _point(domains, ends, dtype, seed, turn)
        point |= draws[turn % len(draws)] if draws else {}
        key = b"|".join(np.asarray(point[n]).tobytes() for n in names)
        if key not in seen:
            seen.add(key)
            yield point
        if len(seen) == count:
            return


@np.errstate(all="ignore")
def _point(
    domains: Mapping[str, Domain], ends: Mapping[str, Ends], dtype: str, seed: int, turn: int
) -> dict[str, Array]:
    """Return the point of one turn; arguments given by a strategy are left out."""
    random = np.random.default_rng([seed, turn])
    point: dict[str, Array] = {}
    for name, domain in domains.items():
        if domain.kind == POINT:
            point[name] = domain.value
        elif domain.kind == GRID:
            point[name] = _integers(random, ends[name], turn)
        elif domain.kind == BOX:
            point[name] = FILLINGS[turn % len(FILLINGS)](random, ends[name], dtype)
    if turn % len(FILLINGS) == SHARED:
        _share(point, [n for n in point if domains[n].kind == BOX], ends)
    return point


@np.errstate(all="ignore")
def elementwise_grid(domain: Domain, dtype: str, seed: int, count: int) -> Array:
    """Return up to `count` distinct numbers of `domain` as one 1-D array, sorted.

    At most half are special: ends, neighbours of the ends, zeros of both signs, small dyadics,
    tiny, subnormal and huge numbers; the rest is generic at several scales.
    """
    low, high = (a.reshape(-1)[0] for a in domain.ends_inside(dtype))
    ends = np.full(count, low), np.full(count, high)
    special = _special(low, high, dtype)
    if domain.kind == GRID:
        step = np.linspace(float(low), float(high), count).round()
        return np.unique(step).astype(np.int64)
    special = special[: max(count // 2, 4)]
    random = np.random.default_rng([seed, count])
    rest = [kind(random, ends, dtype) for kind in (uniform, normal, logarithmic, dyadic)]
    generic = np.stack(rest, axis=1).ravel()
    found = list(special)
    bits = {n.tobytes() for n in found}
    for number in generic:
        if len(found) == count:
            break
        if number.tobytes() not in bits:
            bits.add(number.tobytes())
            found.append(number)
    array = np.asarray(found, dtype=float_type(dtype))
    return array[np.lexsort((~np.signbit(array), array))]


def _ends(domain: Domain, shape: tuple[int, ...] | None, dtype: str) -> Ends:
    """Return the ends broadcast to the argument's shape, as contiguous arrays."""
    low, high = domain.ends_inside(dtype)
    shape = domain.shape if shape is None else shape
    if domain.shape is not None and domain.shape != shape:
        low, high = low.reshape(shape), high.reshape(shape)
    return np.broadcast_to(low, shape or ()).copy(), np.broadcast_to(high, shape or ()).copy()


def _share(point: dict[str, Array], names: list[str], ends: Mapping[str, Ends]) -> None:
    """Make arguments of one shape equal, as far as their domains allow: ties between arguments."""
    for first, second in itertools.pairwise(names):
        if point[first].shape == point[second].shape:
            point[second] = inside(point[first].astype(point[second].dtype), ends[second])


def _integers(random: np.random.Generator, ends: Ends, turn: int) -> Array:
    low, high = (np.asarray(e).astype(np.int64) for e in ends)
    if turn % len(FILLINGS) == FILLINGS.index(corner):
        return np.where(random.random(low.shape) < 0.5, low, high)
    return random.integers(low, high, endpoint=True)


def _special(low: Any, high: Any, dtype: str) -> Array:
    """Return the special numbers of [low, high], the most telling first, without repeats."""
    kind, (subnormal, normal) = float_type(dtype), smallest_float(dtype)
    eps, largest = spacing(dtype), largest_float(dtype)
    up, down = np.asarray(np.inf).astype(kind), np.asarray(-np.inf).astype(kind)
    far = FAR * largest
    edges = [e for e, further in ((low, up), (high, down)) if abs(float(e)) < far]
    edges += [np.nextafter(e, f) for e, f in ((low, up), (high, down)) if abs(float(e)) < far]
    width = float(high) - float(low) if max(abs(float(low)), abs(float(high))) < far else 0.0
    near = [float(low) + width * r for r in (1e-9, 1e-6, 1e-3)] if width else []
    near += [float(high) - width * r for r in (1e-9, 1e-6, 1e-3)] if width else []
    sizes = [
        1.0,
        0.5,
        2.0,
        3.0,
        6.0,
        0.125,
        10.0,
        eps,
        1e-3,
        20.0,
        40.0,
        100.0,
        1 + eps,
        1 - eps / 2,
    ]
    sizes += [subnormal, normal, eps**0.5, eps**2, 1.5, 4.0, 5.0, 88.0, 104.0, 709.0, 746.0]
    sizes += [1e3, eps**-0.5, 1 / eps, largest**0.5, largest / 2, largest]
    numbers = [0.0, -0.0, *(float(e) for e in edges), *near]
    numbers += [sign * size for size in sizes for sign in (1.0, -1.0) if size <= largest]
    array = np.asarray(numbers).astype(kind)
    array = array[(array >= low) & (array <= high)]
    _, first = np.unique(array.view(f"u{kind.itemsize}"), return_index=True)
    found: Array = array[np.sort(first)]
    return found
