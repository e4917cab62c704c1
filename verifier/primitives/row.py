"""What one line of THE TABLE says. Each mathematical function is declared exactly once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ..graph.node import Node

INCREASING, DECREASING, CONSTANT, UNORDERED = "increasing", "decreasing", "constant", "unordered"
CONVEX, CONCAVE, AFFINE, UNCURVED = "convex", "concave", "affine", "neither"
INF = "oo"
Edge = Fraction | int | str  # exact rational, "oo"/"-oo", or a text arb can enclose ("-1.27...")


@dataclass(frozen=True, slots=True)
class Piece:
    """On the closed interval [left, right]: how the function moves and how it bends."""

    left: Edge
    right: Edge
    monotone: str = UNORDERED
    curvature: str = UNCURVED


@dataclass(frozen=True, slots=True)
class Ulps:
    """Measured error of one library's function: relative ulps plus an absolute term.

    The computed result lies within ``relative`` ulps of the exact one, plus ``absolute``
    (in units of the dtype's eps, near a zero of the function). `source` says how it was found.
    """

    relative: float
    absolute: float = 0.0
    source: str = "measured against arb, tests/test_rows.py"


@dataclass(frozen=True, slots=True)
class ScalarRow:
    """A real function of one or more real numbers, applied entry by entry.

    `floats`, `digits` and `balls` are three evaluations that share no code. `slopes[k](*x, y)` is
    the partial derivative by argument k as a graph, written so that it keeps its digits. `guards`
    are the quantities at whose zeros the function is not analytic (relu: x; max: a - b; log: x);
    `smooth_at` says how smooth it is at a point on such a zero, -1 for a jump.
    `thresholds` are arguments where it overflows, saturates or changes formula per dtype.
    """

    name: str
    floats: Callable[..., Any]
    digits: Callable[[Any], Callable[..., Any]]
    balls: Callable[..., Any]
    slopes: tuple[Callable[..., Node] | None, ...]
    guards: Callable[..., tuple[Node, ...]] | None = None
    piecewise: bool = False
    domain: tuple[Edge, Edge] = ("-oo", "oo")
    shape: tuple[Piece, ...] = ()
    smooth_at: Mapping[Edge, int] = field(default_factory=dict)
    thresholds: tuple[float, ...] = ()
    ulps: Mapping[str, Ulps] = field(default_factory=dict)  # by dtype
    spelled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    definition: str = ""
    # The limits at -oo and oo, where they are finite and flint answers with nan.
    limits: tuple[float | None, float | None] = (None, None)
    simpler: Callable[..., Node] | None = None  # the same function in rows more elementary
    mirrored: tuple[int, int] | None = None  # (a, b) with f(-x) = a + b f(x)

    @property
    def arity(self) -> int:
        return len(self.slopes)
