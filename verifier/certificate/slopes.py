"""What is the derivative at a witness? Derived anew, by series of the user's own function.

One component of a derivative is a derivative of <weight, f> along one direction, or along two.
The function is run on x + t d and x - t d: where both give the same, it is the derivative; where
they do not, these are its one-sided values. Each is a ball, by flint alone. Code that cannot be
run on such numbers is measured by finite differences with their own error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from flint import arb

from .arrays import entries, run
from .standing import ALONG, COTANGENT, Standing, as_run
from .taylor import NoReading, Number, Unsure, precision

Array = np.ndarray
Direction = Mapping[str, Array]
Reading = TypeVar("Reading")
SPARE = 4  # more terms of a series, where the first try ends too early
BITS = (192, 640, 2048)
EPS = float(np.finfo(float).eps)


@dataclass(frozen=True, slots=True)
class Line:
    """Differentiate <weight, f> along `first`, and along `second` where that is given."""

    weight: Array
    first: Direction
    second: Direction | None = None

    @property
    def order(self) -> int:
        return 1 if self.second is None else 2


@dataclass(frozen=True, slots=True)
class Sides:
    """Derivatives of order 0, 1, 2, ... to the left and to the right of a point, and the value."""

    value: arb
    left: tuple[arb, ...]
    right: tuple[arb, ...]
    bits: int


def line_of(here: Standing, label: str, index: tuple[int, ...], out: tuple[int, ...]) -> Line:
    """Return the line that component `index` of block `label` is the derivative along."""
    ones = np.ones(out)
    if here.kind in ("derivative", "second_derivative"):
        weight = np.zeros(out)
        weight[index if out else ()] = 1.0
        unit = _unit(here, label, index)
        return Line(weight, unit, unit if here.kind == "second_derivative" else None)
    if here.kind == "jacobian":
        weight = np.zeros(out)
        weight[index[: len(out)]] = 1.0
        return Line(weight, _unit(here, label, index[len(out) :]))
    if here.kind == "hessian":
        a, _, b = label.partition(",")
        rank = here.leaves[a].ndim
        return Line(ones, _unit(here, a, index[:rank]), _unit(here, b or a, index[rank:]))
    unit = _unit(here, label, index)
    if here.kind == "hvp":
        return Line(ones, unit, {k: here.extra[ALONG + k].astype(float) for k in here.wrt})
    return Line(weight_of(here, out), unit, unit if here.kind == "hessian_diagonal" else None)


def weight_of(here: Standing, out: tuple[int, ...]) -> Array:
    """Return the weights of the outputs: the cotangent where the claim takes one, else ones."""
    if here.kind in ("vjp", "backward"):
        return here.extra[COTANGENT].astype(float)
    return np.ones(out)


def _unit(here: Standing, label: str, index: tuple[int, ...]) -> Direction:
    vector = np.zeros(here.leaves[label].shape)
    vector[index] = 1.0
    return {label: vector}


# ---------------------------------------------------------------- exactly
def sides(here: Standing, line: Line, bits: int, order: int | None = None) -> Sides:
    """Return value and one-sided derivatives of <weight, f> along the line's first direction."""
    degree = line.order if order is None else order
    right = _series(here, line, line.first, degree, bits)
    left = _series(here, line, {k: -v for k, v in line.first.items()}, degree, bits)
    with precision(bits):
        signed = tuple(-v if k % 2 else v for k, v in enumerate(left))
        return Sides(functional(here, line, bits), signed, right, bits)


def truth(here: Standing, line: Line, bits: int) -> Sides:
    """Return the derivative asked for, mixed ones by polarisation, as the last entry of each side.

    d(a, b) = (d(a + b, a + b) - d(a, a) - d(b, b)) / 2, exact for the dyadic directions used.
    """
    if line.second is None or line.second is line.first or _same(line.first, line.second):
        return sides(here, line, bits)
    both = {
        k: np.asarray(line.first.get(k, 0.0)) + np.asarray(line.second.get(k, 0.0))
        for k in dict.fromkeys((*line.first, *line.second))
    }
    parts = [
        sides(here, Line(line.weight, d), bits, order=2) for d in (both, line.first, line.second)
    ]
    with precision(bits):
        left, right = (
            (getattr(parts[0], s)[2] - getattr(parts[1], s)[2] - getattr(parts[2], s)[2]) / 2
            for s in ("left", "right")
        )
    return Sides(parts[0].value, (left,), (right,), bits)


def _same(a: Direction, b: Direction) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)


def functional(here: Standing, line: Line, bits: int) -> arb:
    """Return <weight, f> at the witness itself."""
    return _series(here, line, {}, 0, bits)[0]


def _series(
    here: Standing, line: Line, direction: Direction, order: int, bits: int
) -> tuple[arb, ...]:
    try:
        return _series_to(here, line, direction, order, bits, order)
    except NoReading:  # a division of two series that vanish costs terms: begin with more
        return _series_to(here, line, direction, order, bits, order + SPARE)


def _series_to(
    here: Standing, line: Line, direction: Direction, order: int, bits: int, terms: int
) -> tuple[arb, ...]:
    moved = here.leaves.keys() & direction.keys()
    returned = run(here.function, here.leaves, bits, {k: direction[k] for k in moved}, terms)
    with precision(bits, terms + 1):
        total = Number(arb(0))
        values = entries(returned).reshape(line.weight.shape)
        for weight, value in zip(line.weight.ravel(), values.ravel(), strict=True):
            if weight:
                total = total + value * float(weight)
        factor, found = 1, []
        for place in range(order + 1):
            factor *= max(1, place)
            found.append(total.coefficient(place) * factor)
        return tuple(found)


def climb(what: Callable[[int], Reading], good: Callable[[Reading], bool]) -> Reading:
    """Return the first reading that is good enough at rising precision, else the last.

    Raises Unsure where a comparison stays undecided at the highest.
    """
    for bits in BITS[:-1]:
        try:
            found = what(bits)
        except Unsure:
            continue
        if good(found):
            return found
    return what(BITS[-1])


def sharp(value: arb) -> bool:
    """Tell whether a ball is finite and keeps at least 100 bits."""
    if not value.is_finite():
        return False
    return bool(value.is_exact() or value.rel_accuracy_bits() > 100)


# ---------------------------------------------------------------- by differences
def differences(here: Standing, line: Line) -> tuple[float, float]:
    """Return a derivative by central differences in floats, with an error that is an estimate.

    The error of a step is how far it lies from the next, plus the rounding of the values; the
    best step counts, four times over.
    """
    if line.second is not None and not _same(line.first, line.second):
        names = dict.fromkeys((*line.first, *line.second))
        found = []
        for sign in (1.0, -1.0):
            both = {
                k: line.first.get(k, 0.0) + sign * np.asarray(line.second.get(k, 0.0))
                for k in names
            }
            found.append(differences(here, Line(line.weight, both, both)))
        (plus, wide), (minus, wider) = found
        return (plus - minus) / 4, (wide + wider) / 4
    return min(_steps(here, line), key=lambda pair: pair[1], default=(np.nan, np.inf))


def _steps(here: Standing, line: Line) -> Iterator[tuple[float, float]]:
    scale = (
        max(
            (
                float(np.max(np.abs(here.leaves[k] * (v != 0)), initial=0.0))
                for k, v in line.first.items()
            ),
            default=1.0,
        )
        or 1.0
    )
    powers = range(3, 40) if line.order == 1 else range(3, 22)
    before: float | None = None
    middle = in_floats(here, line, 0.0) if line.order == 2 else 0.0
    for power in powers:
        step = scale * 2.0**-power
        ahead, behind = in_floats(here, line, step), in_floats(here, line, -step)
        size = max(abs(ahead), abs(behind), abs(middle))
        if line.order == 1:
            slope, noise = (ahead - behind) / (2 * step), 4 * EPS * size / step
        else:
            slope, noise = (ahead - 2 * middle + behind) / step**2, 16 * EPS * size / step**2
        if before is not None and np.isfinite(slope):
            yield slope, 4 * (abs(slope - before) + noise)
        before = slope


def in_floats(here: Standing, line: Line, step: float) -> float:
    """Return <weight, f> at x + step d in double precision; nan where the code raises."""
    moved = {k: v.astype(float) if v.dtype.kind == "f" else v for k, v in here.leaves.items()}
    for k, v in line.first.items():
        moved[k] = moved[k] + step * v
    try:
        value = np.asarray(as_run(here.function, moved), dtype=float).reshape(line.weight.shape)
    except Exception:  # the user's code may raise anywhere
        return float("nan")
    return float(np.sum(np.where(line.weight == 0, 0.0, line.weight * value)))
