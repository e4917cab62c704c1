"""Where the rows of the table are tried: far ends, zeros, edges and both sides of thresholds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from verifier.graph.node import Node
from verifier.numerals.balls import Balls
from verifier.primitives.row import ScalarRow
from verifier.primitives.table import SCALARS
from verifier.readers.value import read

BITS = 256
NAMES = sorted(SCALARS)
UNARY = [n for n in NAMES if SCALARS[n].arity == 1]
DTYPES = ("float64", "float32")
WITH_ORDER = {"polygamma": (1, 2, 3), "sinc_derivative": (0, 1, 2, 3), "bessel_i": (0, 1, 3),
              "exp_moment": (0, 1, 3), "gammainc": (0.5, 1, 2.5, 7), "gammaincc": (0.5, 1, 2.5, 7)}
WITH_SHAPES = {"betainc": ((0.5, 2.0), (1.0, 1.5), (2.5, 0.5), (3.0, 7.0))}
POLES = {"gamma", "lgamma", "digamma", "polygamma"}
LADDER = (
    1e-300,
    1e-40,
    1e-20,
    1e-8,
    1e-3,
    0.1,
    0.37,
    0.5,
    0.75,
    0.999,
    1.0,
    1.0 + 2**-40,
    1.37,
    2.0,
    2.5,
    3.7,
    5.3,
    8.1,
    13.4,
    20.2,
    37.6,
    50.5,
    101.3,
    300.7,
    700.1,
    1e4 + 0.3,
    1e8 + 0.3,
    1e20,
    1e100,
    1e300,
)


def edge(value: Any) -> arb:
    """Return a piece's edge as a ball."""
    if isinstance(value, Fraction):
        return arb(value.numerator) / value.denominator
    return arb(str(value).replace("oo", "inf"))


def inside(row: ScalarRow, x: float) -> bool:
    """Tell whether x lies in the interior of the row's domain, off the poles."""
    low, high = (edge(e) for e in row.domain)
    if not (low < arb(x) and arb(x) < high):
        return False
    if row.name in POLES:
        return 1e-30 < abs(x) < 1e15 and x > -40 and x != math.floor(x)
    return not (row.name.startswith(("sinc", "bessel", "i0", "i1")) and abs(x) > 1e5)


def one_argument(row: ScalarRow) -> list[float]:
    """Return the points of a row of one argument, both signs, edges and thresholds included."""
    near = [t * s for t in row.thresholds for s in (0.98, 1.0, 1.02)]
    close = [e + s * d for e in (-1.0, 1.0) for s in (1, -1) for d in (2.0**-52, 2.0**-30, 0.01)]
    both = [s * x for x in LADDER for s in (1.0, -1.0)]
    return [x for x in dict.fromkeys([*both, *near, *close]) if inside(row, x)]


def arguments(name: str) -> list[tuple[float, ...]]:
    """Return the points of a row, inside its domain."""
    row = SCALARS[name]
    if row.arity == 1:
        return [(x,) for x in one_argument(row)]
    if name in WITH_ORDER:
        return [(float(k), x) for k in WITH_ORDER[name] for x in one_argument(row)[::2]]
    if name in WITH_SHAPES:
        return [(a, b, x) for a, b in WITH_SHAPES[name] for x in one_argument(row)]
    few = (1e-30, 1e-3, 0.3, 1.0, 1.9, 7.3, 40.2, 1e3)
    signed = [*few, *(-x for x in few)]
    first = few if name == "power" else signed
    second = few if name in ("xlogy", "xlog1py") else signed
    pairs = [(a, b) for a in first for b in second if not (a == b and row.piecewise)]
    return [p for p in pairs if name != "power" or abs(p[1] * math.log(p[0])) < 700]


def balls_at(row: ScalarRow, point: tuple[float, ...]) -> arb:
    """Return the enclosure of a row at an exact point."""
    return row.balls(*(arb(x) for x in point))


def allowed(row: ScalarRow, dtype: str, exact: float) -> float:
    """Return by how much the row says a computed result may be off (SOUNDNESS 16)."""
    info, said = np.finfo(dtype), row.ulps[dtype]
    eps, least = float(info.eps), float(info.smallest_subnormal)
    return said.relative * eps * abs(exact) + said.absolute * eps + 0.51 * least


def representable(ball: arb, dtype: str) -> bool:
    """Tell whether the exact value is known and neither overflows nor gets near to it."""
    known = ball.is_finite() and (ball.is_exact() or ball.rel_accuracy_bits() > 80)
    return bool(known and abs(ball) < float(np.finfo(dtype).max) * 0.99)


def overflowed_early(computed: Any, ball: arb, dtype: str = "float64") -> bool:
    """Tell whether inf stands for a number within a factor of 64 of the largest."""
    return bool(np.isinf(computed)) and bool(abs(ball) > float(np.finfo(dtype).max) / 64)


def called(function: Callable[..., Any], columns: list[np.ndarray]) -> np.ndarray:
    """Call an array function, or one of `math` entry by entry; what raises is nan."""

    def safe(*numbers: float) -> float:
        try:
            return float(function(*numbers))
        except (ValueError, OverflowError, ZeroDivisionError):
            return math.nan

    with np.errstate(all="ignore"):
        if getattr(function, "__module__", "") == "math":
            return np.array([safe(*p) for p in zip(*columns, strict=True)])
        return np.asarray(function(*columns))


def spellings(row: ScalarRow) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the installed functions a row claims to be."""
    modules = {"numpy": np, "math": math}
    try:
        import scipy.special as modules_scipy

        modules["scipy"] = modules_scipy
    except ImportError:
        pass
    for library, module in modules.items():
        for name in row.spelled.get(library, ()):
            if hasattr(module, name):
                yield f"{library}.{name}", getattr(module, name)


def moderate(name: str, count: int) -> list[tuple[float, ...]]:
    """Return some points off the guards' zeros and off the extreme ends."""
    found = [p for p in arguments(name) if all(1e-4 < abs(x) < 150 or x == 0 for x in p)]
    if SCALARS[name].piecewise:
        found = [tuple(x * (1.0123 + 0.01 * k) for k, x in enumerate(p)) for p in found]
    return found[:: max(1, len(found) // count)]


def in_balls(node: Node, bindings: dict[str, Any]) -> arb:
    """Return the enclosure of one scalar node; a structural zero is 0."""
    value = read([node], bindings, Balls(BITS))[node][()]
    return value if isinstance(value, arb) else arb(0)
