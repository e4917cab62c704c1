"""Chords that lie on the wrong side: found in floats, made exact, their Jensen gap a ball.

Where to look: midpoints between points of the domain; along the most negative direction of the
Hessian at points and at boxes no proof could close; and, for a quadratic form, along a direction
that exact elimination gives. The ends are dyadic and so is the point between (SOUNDNESS 15).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, fmpq

from ..domains import BOX
from ..errors import VerifierError
from ..graph.node import Node
from ..numerals.balls import Balls, precision
from ..numerals.tokens import Maybe
from ..readers.value import read
from ..search.points import propose
from ..settings import Settings
from .lifting import take_road
from .observe import quiet
from .request import Request
from .stops import Stops
from .subject import Here

Array = np.ndarray
Point = dict[str, Array]
BITS = {"float64": 50, "float32": 21, "float16": 8}  # of a chord's ends: their sum is then exact
CLEAR = 2.0**20  # units of noise beyond which the chord of the plainest length is shown
VERIFIED = 16  # chords of one search whose gap is enclosed, best first
LADDER = (256, 1024)
REACHES = tuple(2.0**-k for k in (0, 1, 2, 3, 5, 7, 9, 12, 16, 20))
FAR = 64.0  # half length of the longest chord where the domain is unbounded


@dataclass(frozen=True, slots=True)
class Chord:
    """An exact chord with f at its ends and middle and the Jensen gap, strictly positive."""

    left: Point
    right: Point
    middle: Point
    values: tuple[Any, Any, Any]
    gap: Any
    bits: int


@dataclass(frozen=True, slots=True)
class Hunt:
    """What a search for chords needs: the subject at a point and the claim turned to `convex`."""

    request: Request
    stops: Stops
    here: Here
    names: tuple[str, ...]
    sign: float
    strength: Fraction

    @property
    def domains(self) -> Mapping[str, Any]:
        return {k: d for k, d in self.stops.plan.domains.items() if d.kind == BOX}


# ---------------------------------------------------------------- where to look
def midpoints(hunt: Hunt, numbers: Settings) -> Iterator[Chord]:
    """Yield violated chords between proposed points of the domain and around them."""
    random = np.random.default_rng([hunt.request.seed, 5])
    pairs = _pairs(hunt, numbers.segments, random)
    yield from _verified(hunt, pairs)


def _pairs(hunt: Hunt, count: int, random: Any) -> Iterator[tuple[Point, Point]]:
    base, domains = hunt.here.leaves, hunt.domains
    shapes = {k: base[k].shape for k in domains if k in base}
    kind = next((base[k].dtype.name for k in hunt.names), "float64")
    points = list(propose(domains, shapes, kind, hunt.request.seed, max(8, count // 8))) \
        if domains else []
    points = [{**base, **p} for p in points] or [dict(base)]
    for turn in range(count):
        one = points[turn % len(points)]
        other = points[int(random.integers(len(points)))]
        share = 2.0 ** -float(random.integers(0, 8))
        with np.errstate(all="ignore"):
            yield one, {k: one[k] + share * (other[k] - one[k]) if k in hunt.names else v
                        for k, v in one.items()}


def along(
    hunt: Hunt, lines: Iterable[tuple[Point, Point]], *, doubtful: bool = False
) -> Iterator[Chord]:
    """Yield violated chords through points along directions, from long to short.

    `doubtful` also encloses chords whose gap in floats is no larger than their noise.
    """
    pairs = (pair for at, way in lines for pair in _through(hunt, at, way))
    yield from _verified(hunt, pairs, doubtful=doubtful)


def _through(hunt: Hunt, at: Point, way: Point) -> Iterator[tuple[Point, Point]]:
    room = _room(hunt, at, way)
    for reach in REACHES:
        with np.errstate(all="ignore"):
            steps = {k: reach * room * way[k] for k in hunt.names}
            yield ({k: v - steps[k] if k in steps else v for k, v in at.items()},
                   {k: v + steps[k] if k in steps else v for k, v in at.items()})


def _room(hunt: Hunt, at: Point, way: Point) -> float:
    """Return how far one may go both ways along a direction and stay inside."""
    room = np.inf
    for name in hunt.names:
        domain = hunt.domains.get(name)
        if domain is None:
            continue
        low, high = domain.ends_inside(at[name].dtype.name)
        step = np.abs(way[name])
        with np.errstate(all="ignore"):
            near = np.minimum(high - at[name], at[name] - low) / step
        near = near[np.broadcast_to(step > 0, near.shape)] if near.ndim else near.reshape(1)
        room = min(room, float(np.min(near, initial=np.inf)))
    size = max((float(np.max(np.abs(way[k]), initial=0.0)) for k in hunt.names), default=1.0)
    return min(room * (1 - 2.0**-20), FAR / max(size, 1e-300))


# ---------------------------------------------------------------- made exact
def _verified(
    hunt: Hunt, pairs: Iterable[tuple[Point, Point]], *, doubtful: bool = False
) -> Iterator[Chord]:
    scored: list[tuple[tuple[float, int, float], tuple[Point, Point]]] = []
    for left, right in pairs:
        ends = exact_chord(left, right, hunt.names)
        if ends is None or not inside(hunt, ends):
            continue
        worth, share = violation(hunt, *ends)
        if worth > 1 or (doubtful and worth > -1):
            odd = abs(np.log2(_length(hunt, *ends) or 1.0))
            scored.append(((-min(worth, CLEAR), -round(2 * share), odd), ends))
    for _, ends in sorted(scored, key=lambda s: s[0])[:VERIFIED]:
        found = enclosed(hunt, *ends)
        if found is not None:
            yield found
            return


def exact_chord(left: Point, right: Point, names: tuple[str, ...]) -> tuple[Point, Point] | None:
    """Put both ends on one dyadic grid so that their midpoint is exact in their dtype."""
    a, b = dict(left), dict(right)
    for k in names:
        kind = left[k].dtype
        with np.errstate(all="ignore"):
            size = np.maximum(np.abs(left[k]), np.abs(right[k])).astype(float)
            if not np.all(np.isfinite(size)):
                return None
            power = np.frexp(size)[1] - BITS.get(kind.name, 8)
            a[k], b[k] = (np.ldexp(np.round(np.ldexp(x[k].astype(float), -power)), power).astype(
                kind) for x in (left, right))
            total = a[k].astype(float) + b[k].astype(float)
            if np.any(total - a[k] != b[k]) or np.any((total / 2).astype(kind) * 2.0 != total):
                return None
    return (a, b) if any(np.any(a[k] != b[k]) for k in names) else None


def inside(hunt: Hunt, ends: tuple[Point, Point]) -> bool:
    return all(d.contains(p[k]) for p in ends for k, d in hunt.domains.items() if k in p)


def middle_of(left: Point, right: Point, names: tuple[str, ...]) -> Point:
    """Return the exact point half way."""
    return {k: ((v.astype(float) + right[k].astype(float)) / 2).astype(v.dtype)
            if k in names else v for k, v in left.items()}


def violation(hunt: Hunt, left: Point, right: Point) -> tuple[float, float]:
    """Return how far the midpoint lies above the chord: in noise of floats, and to the eye.

    To the eye it is a share of the values and of 1: what is tiny beside 1 convinces nobody.
    """
    values = [in_floats(hunt.here, p)
              for p in (left, right, middle_of(left, right, hunt.names))]
    chord = (values[0] + values[1]) / 2
    with np.errstate(all="ignore"):
        gap = hunt.sign * (values[2] - chord) + (
            float(hunt.strength) / 8 * _length(hunt, left, right) ** 2)
    scale = max(map(abs, values)) + 1e-300
    if not np.isfinite(gap):
        return -np.inf, 0.0
    return float(gap / (8 * np.finfo(float).eps * scale)), float(min(gap / (scale + 1.0), 1.0))


def _length(hunt: Hunt, left: Point, right: Point) -> float:
    with np.errstate(all="ignore"):
        return float(np.sqrt(sum(
            np.sum((left[k].astype(float) - right[k]) ** 2) for k in hunt.names)))


def in_floats(here: Here, point: Point) -> float:
    with quiet():
        try:
            handed = {k: v if v.ndim else v[()] for k, v in point.items()}
            return float(np.asarray(here.program(handed), dtype=float).ravel()[0])
        except Exception:  # the user's code may raise anywhere
            return float("nan")


def value_at(here: Here, point: Point, bits: int) -> Any:
    """Return f at an exact point as a ball; None where the graph does not hold there."""
    with quiet():
        try:
            run = here.program({k: v.copy() if v.ndim else v[()] for k, v in point.items()})
        except Exception:  # the user's code may raise anywhere
            return None
    road = take_road(here.program, point, run)
    lifted = road.lifted
    if lifted is None or not isinstance(lifted.output, Node):
        return None
    with precision(bits):
        try:
            values = read([lifted.output, *(c.node for c in lifted.path)], point,
                          Balls(bits)).values
        except VerifierError:
            return None
    if not all(_as_taken(values[c.node], c.taken) for c in lifted.path):
        return None
    found = values[lifted.output].ravel()[0]
    return found if isinstance(found, arb) and found.is_finite() else None


def _as_taken(values: Array, taken: Array) -> bool:
    """Tell whether exact numbers decide as the program did; an exact tie is decided as by numpy."""
    flat = np.broadcast_to(values, taken.shape).ravel().tolist()
    return all(not isinstance(v, Maybe) and v == t
               for v, t in zip(flat, taken.ravel().tolist(), strict=True))


def enclosed(hunt: Hunt, left: Point, right: Point) -> Chord | None:
    """Return the chord where its gap is strictly positive, at rising precision."""
    middle = middle_of(left, right, hunt.names)
    for bits in LADDER:
        values = tuple(value_at(hunt.here, p, bits) for p in (left, right, middle))
        if any(v is None for v in values):
            return None
        with precision(bits):
            gap = int(hunt.sign) * (values[2] - (values[0] + values[1]) / 2)
            gap += _lift(hunt, left, right)
        if gap > 0:
            return Chord(left, right, middle, values, gap, bits)
        if gap < 0:
            return None
    return None


def _lift(hunt: Hunt, left: Point, right: Point) -> arb:
    """Return strength/8 |x - y|^2, exactly."""
    if not hunt.strength:
        return arb(0)
    total = sum((Fraction(float(a)) - Fraction(float(b))) ** 2 for k in hunt.names
                for a, b in zip(left[k].ravel(), right[k].ravel(), strict=True))
    exact = hunt.strength * total / 8
    return arb(fmpq(exact.numerator, exact.denominator))
