"""Facts about every entry of a node over a whole domain: range, continuity, curvature.

A fact is a proof for all points of a box whose ends may be infinite or left out. Curvature is
meant in the chosen arguments, the others held anywhere in their own ranges:

    CONVEX, CONCAVE     both together: affine
    FIXED               does not depend on the chosen arguments
    LOG_CONVEX          positive, and its logarithm is convex (sums and products keep it)
    LOG_CONCAVE         positive, and its logarithm is concave (products keep it)
    ROOT_CONVEX         not negative, and its square root is convex (sums of squares)

The rules are those of disciplined convex programming (Grant, Boyd and Ye 2006) with these three
further kinds, which recognise log-sum-exp, norms and quotients by their structure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ..graph.node import Node
from ..numerals.intervals import Interval

Array = np.ndarray
CONVEX, CONCAVE, FIXED, LOG_CONVEX, LOG_CONCAVE, ROOT_CONVEX = 1, 2, 4, 8, 16, 32
AFFINE = CONVEX | CONCAVE
ALL = 63
NAMES = ((FIXED, "constant"), (AFFINE, "affine"), (LOG_CONVEX, "log-convex"),
         (ROOT_CONVEX, "a sum of squares"), (CONVEX, "convex"), (LOG_CONCAVE, "log-concave"),
         (CONCAVE, "concave"))


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """One array over a domain.

    `low` <= value <= `high` (floats, infinite ones too); `above`/`below`: the end is not reached;
    `sound`: proved defined, finite and continuous; `bits`: the curvature.
    """

    low: Array
    high: Array
    above: Array
    below: Array
    sound: Array
    bits: Array

    @property
    def range(self) -> Interval:
        return Interval(self.low, self.high)

    @property
    def positive(self) -> Array:
        return np.asarray((self.low > 0) | ((self.low >= 0) & self.above))

    @property
    def negative(self) -> Array:
        return np.asarray((self.high < 0) | ((self.high <= 0) & self.below))

    def has(self, bits: int) -> Array:
        return np.asarray((self.bits & bits) == bits)

    def spread(self, shape: tuple[int, ...]) -> Fact:
        """Return the fact broadcast to a shape."""
        return Fact(*(np.broadcast_to(a, shape) for a in self.parts()))

    def parts(self) -> tuple[Array, ...]:
        return self.low, self.high, self.above, self.below, self.sound, self.bits


@dataclass(slots=True)
class Book:
    """All facts of a graph: of real nodes, and of decisions (1 true, 0 false, -1 open).

    `polynomials` are exact forms of degree two or less in the chosen entries, numbered in the
    order of `moved`; `size` is how many there are. `powers` are products and sums of powers.
    `fragments` were decided as functions of one number, `formed` by what they are as a whole.
    """

    facts: dict[Node, Fact] = field(default_factory=dict)
    chosen: dict[Node, Array] = field(default_factory=dict)
    polynomials: dict[Node, Array] = field(default_factory=dict)
    powers: dict[Node, Array] = field(default_factory=dict)
    fixed: set[Node] = field(default_factory=set)
    fragments: set[Node] = field(default_factory=set)
    formed: set[Node] = field(default_factory=set)
    size: int = 0

    def __getitem__(self, node: Node) -> Fact:
        return self.facts[node]


@dataclass(frozen=True, slots=True)
class Box:
    """The domain of one input: float ends, rounded outward, and whether they are left out."""

    low: Array
    high: Array
    above: Array
    below: Array

    @property
    def point(self) -> bool:
        return bool(np.all(self.low == self.high))

    @property
    def bounded(self) -> bool:
        return bool(np.all(np.isfinite(self.low)) and np.all(np.isfinite(self.high)))


def at_point(values: Array) -> Box:
    """Return the box of one exact point."""
    array = np.asarray(values, dtype=float)
    none = np.zeros(array.shape, dtype=bool)
    return Box(array, array, none, none)


def fact_of(box: Box, bits: int) -> Fact:
    """Return the fact of an input."""
    sound = np.isfinite(box.low) | np.isfinite(box.high) | (box.low < box.high)
    return tidy(Fact(box.low, box.high, box.above, box.below, sound,
                     np.full(box.low.shape, bits, dtype=np.uint8)))


def unknown(shape: tuple[int, ...]) -> Fact:
    """Return the fact that says nothing."""
    none = np.zeros(shape, dtype=bool)
    return Fact(np.full(shape, -np.inf), np.full(shape, np.inf), none, none, none,
                np.zeros(shape, dtype=np.uint8))


def tidy(fact: Fact) -> Fact:
    """Add what follows from other bits and from the sign; nothing holds where it is not sound."""
    bits, low = fact.bits.astype(np.uint8), fact.low
    positive = fact.positive
    bits = np.where(bits & FIXED, bits | AFFINE, bits)
    bits = np.where((bits & FIXED > 0) & positive, bits | LOG_CONVEX, bits)
    bits = np.where((bits & FIXED > 0) & (low >= 0), bits | ROOT_CONVEX, bits)
    bits = np.where((bits & CONCAVE > 0) & positive, bits | LOG_CONCAVE, bits)
    bits = np.where(bits & LOG_CONVEX, bits | ROOT_CONVEX, bits)
    bits = np.where(bits & ROOT_CONVEX, bits | CONVEX, bits)
    return replace(fact, bits=np.where(fact.sound, bits, 0).astype(np.uint8))


def flipped(bits: Array) -> Array:
    """Return the curvature of minus a value."""
    out = (bits & FIXED) | ((bits & CONVEX) << 1) | ((bits & CONCAVE) >> 1)
    return np.asarray(out, dtype=np.uint8)


def signed(bits: Array, low: Array, high: Array) -> Array:
    """Return the curvature of a value times a fixed factor between `low` and `high`."""
    plain = bits & (AFFINE | FIXED)
    affine = np.where((bits & AFFINE) == AFFINE, plain, bits & FIXED)
    out = np.where(low >= 0, plain, np.where(high <= 0, flipped(bits), affine))
    out = np.where((low >= 0), out | (bits & ROOT_CONVEX), out)
    return np.asarray(out, dtype=np.uint8)


def describe(bits: Array) -> str:
    """Return in words what all entries have in common.

    >>> describe(np.array([3, 1], dtype=np.uint8))
    'convex'
    """
    common = int(np.bitwise_and.reduce(bits.ravel(), initial=ALL))
    for wanted, name in NAMES:
        if common & wanted == wanted:
            return name
    return "a value of no known curvature"


def bounds_text(fact: Fact) -> str:
    """Return the hull of a fact's ranges as an interval."""
    if not fact.low.size:
        return "nothing"
    low, high = float(fact.low.min()), float(fact.high.max())
    opens = "(" if fact.positive.all() and low == 0 else "["
    return f"{opens}{low:.4g}, {high:.4g}]"


Domain = Mapping[str, Box]
