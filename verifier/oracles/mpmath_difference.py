"""What do high-precision differences of the forward graph say? They trust no rule of calculus.

Central differences in mpmath digits at steps so small that nothing but the derivative is left.
They apply only where every point of the stencil lies on one piece (SOUNDNESS 7): the same decisions
and the same strict sign of every guard. Fornberg, "Numerical differentiation of analytic
functions", ACM TOMS 7 (1981), on why precision, not order, is what such differences lack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from ..graph.node import Node
from ..graph.order import depends_on, topological
from ..numerals.balls import as_objects
from ..numerals.digits import Digits
from ..numerals.tokens import Maybe
from ..primitives.table import SCALARS
from ..readers.value import Reading, read

MOST_DIGITS = 480
DEAR = 10**6  # multiplications of one forward beyond which only one step is tried
_STABLE = 2.0**-40  # relative agreement asked of two steps (SOUNDNESS 3)
_NOTHING_BITS = -500  # a value and its error below 2^-500 of f are as good as zero
_ROUNDINGS = 2**10  # of the forward, in units of its last digit; cancellation beyond shows in steps
ZERO_DIGITS = 240
CROSSED = "the stencil crosses to another piece"
_BITS_PER_DIGIT = 3.3219280948873626

Direction = Mapping[str, np.ndarray]
Point = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MpEstimate:
    """A directional derivative in mpmath digits: object arrays of mpf of the output's shape.

    Where not `applicable` the arrays are empty and `reason` says why; else `reason` says how the
    error was found. `dps` is the precision it took, `evaluations` the forwards it cost.
    """

    value: np.ndarray
    error: np.ndarray
    applicable: bool
    reason: str
    dps: int
    evaluations: int


@dataclass(frozen=True, slots=True)
class _Stencil:
    """What is differenced: the graph with its guards, the point, one or two directions."""

    output: Node
    guards: tuple[tuple[Node, Node], ...]  # (whose, what must not vanish)
    decisions: tuple[Node, ...]
    bindings: Mapping[str, np.ndarray]
    directions: tuple[Direction, ...]
    order: int
    reach: int  # steps are measured in units of 2^reach
    size: int  # x along the direction is about 2^size

    @property
    def needed(self) -> tuple[Point, ...]:
        """Return the points whose value enters the difference."""
        centred = self.order == 2 and len(self.directions) == 1
        return self.points if centred else self.points[:-1]

    @property
    def points(self) -> tuple[Point, ...]:
        """Return the points of the difference, in steps; the centre last."""
        if len(self.directions) == 2:
            return (*product((1, -1), repeat=2), (0, 0))
        return ((1,), (-1,), (0,))

    def difference(self, values: Mapping[Point, Any], step: Any) -> Any:
        """Return the divided difference of `values`."""
        if len(self.directions) == 2:
            corners = values[1, 1] - values[1, -1] - values[-1, 1] + values[-1, -1]
            return corners / (4 * step * step)
        if self.order == 2:
            return (values[1,] - 2 * values[0,] + values[-1,]) / (step * step)
        return (values[1,] - values[-1,]) / (2 * step)


def multiplications(outputs: tuple[Node, ...]) -> int:
    """Return about how many multiplications one forward costs."""
    total = 0
    for node in topological(outputs):
        inner = node.inputs[0].shape[-1] if node.op == "matmul" else int(node.op in SCALARS)
        total += node.size * inner
    return total


def mpmath_difference(
    output: Node,
    bindings: Mapping[str, np.ndarray],
    direction: Direction,
    *,
    order: int = 1,
    second: Direction | None = None,
    watched: Sequence[Node] = (),
    dps: int = 60,
) -> MpEstimate:
    """Return the derivative of `output` along `direction`, from evaluations of its graph alone.

    `order` 2 gives the second derivative along it, `second` the mixed one along both. Two steps, at
    `dps` and at half as many digits more, must agree to 2^-40; else the digits are doubled, up
    to 480. A forward above 10^6 multiplications is differenced once, and `reason` says so.
    `watched` are decisions the graph itself does not hold (the path it was lifted on).
    """
    directions = (direction,) if second is None else (direction, second)
    stencil = _stencil(output, watched, bindings, directions, order if second is None else 2)
    if multiplications((output,)) > DEAR:
        return _once(stencil, dps)
    centre, reason = _signs(stencil, _reading(stencil, stencil.points[-1], 0, Digits(dps)))
    return _nothing(reason, dps, 1) if reason else _escalate(stencil, centre, dps)


def _escalate(stencil: _Stencil, centre: tuple[Any, ...], dps: int) -> MpEstimate:
    """Double the digits until two steps agree; a zero must stay zero at 240 and 360 digits."""
    evaluations = 1
    while True:
        plain, finer = (_difference(stencil, centre, n) for n in (dps, dps + dps // 2))
        evaluations += 2 * len(stencil.needed)
        reason, last = plain.reason or finer.reason, 2 * dps > MOST_DIGITS
        if reason == CROSSED and stencil.size < stencil.reach:
            stencil = replace(stencil, reach=stencil.size)
            continue
        if reason and (last or reason != CROSSED):
            return _nothing(reason, dps, evaluations)
        if not reason:
            error = np.asarray(abs(finer.value - plain.value) + finer.rounding, dtype=object)
            if last or _stable(finer.value, error, finer.size):
                how = f"steps at {dps} and {dps + dps // 2} digits"
                return MpEstimate(finer.value, error, True, how, dps, evaluations)
            if not np.any(finer.value):
                dps = max(dps, ZERO_DIGITS // 2)
        dps *= 2


def _nothing(reason: str, dps: int, evaluations: int) -> MpEstimate:
    blank = np.empty(0, dtype=object)
    return MpEstimate(blank, blank, False, reason, dps, evaluations)


def _stencil(
    output: Node, watched: Sequence[Node], bindings: Mapping[str, np.ndarray],
    directions: tuple[Direction, ...], order: int,
) -> _Stencil:  # fmt: skip
    """Collect the guards and decisions that a move along the directions can change."""
    moved = {name for d in directions for name, v in d.items() if np.any(v)}
    known = topological([output, *watched])
    inputs = [n for n in known if n.op == "input" and n.params["name"] in moved]
    touched = depends_on(known, inputs)
    guards: list[tuple[Node, Node]] = []
    for node in known:
        row = SCALARS.get(node.op)
        if node in touched and row is not None and row.guards is not None:
            guards.extend((node, g) for g in row.guards(*node.inputs))
    outputs = (output, *watched, *(g for _, g in guards))
    moving = depends_on(outputs, inputs)
    decisions = tuple(n for n in topological(outputs) if n.discrete and n in moving)
    power = _magnitude(bindings, directions)
    kept = tuple(pair for pair in guards if pair[1] in moving)
    return _Stencil(output, kept, decisions, bindings, directions, order, max(power, 0), power)


def _magnitude(bindings: Mapping[str, np.ndarray], directions: tuple[Direction, ...]) -> int:
    """Return the power of two nearest below the largest entry that moves, 0 where all are 0."""
    sizes = [
        np.max(np.abs(np.asarray(bindings[name], dtype=np.float64))[np.asarray(d) != 0], initial=0)
        for direction in directions
        for name, d in direction.items()
    ]
    size = max((float(s) for s in sizes if np.isfinite(s)), default=0.0)
    return int(np.floor(np.log2(size))) if size > 0 else 0


def _reading(stencil: _Stencil, place: Point, exponent: int, numeral: Digits) -> Reading:
    """Read the graph at x + sum of place * 2^exponent * direction."""
    reading = Reading()
    outputs = (stencil.output, *(g for _, g in stencil.guards), *stencil.decisions)
    for node in topological(outputs):
        if node.op == "input" and not node.discrete:
            name = node.params["name"]
            at = numeral.exact(stencil.bindings[name])
            for steps, direction in zip(place, stencil.directions, strict=True):
                if steps and name in direction:
                    step = steps * _two(numeral) ** exponent
                    at = at + numeral.exact(np.asarray(direction[name])) * step
            reading.values[node] = as_objects(at)
    return read(outputs, stencil.bindings, numeral, reading)


def _signs(stencil: _Stencil, reading: Reading) -> tuple[tuple[Any, ...], str]:
    """Return the decisions and guard signs at one point, and why they do not count, if so."""
    pattern: list[Any] = []
    for node in stencil.decisions:
        value = reading[node]
        if value.dtype == object and any(isinstance(v, Maybe) for v in value.flat):
            return (), f"{_named(node)} is undecided here"
        if np.any(reading.ties.get(node, False)):
            return (), f"{_named(node)} decides an exact tie here"
        pattern.append(np.asarray(value).tolist())
    for owner, node in stencil.guards:
        signs = [(v > 0) - (v < 0) for v in np.ravel(reading[node])]
        if 0 in signs:
            return (), f"{_named(owner)} is at the edge of a piece, or undefined, here"
        pattern.append(signs)
    return tuple(pattern), ""


def _named(node: Node) -> str:
    return f"{node.op} ({node.origin})" if node.origin else node.op


@dataclass(frozen=True, slots=True)
class _Difference:
    """A divided difference, what rounding may have done to it, the size of f; or why not."""

    value: np.ndarray
    rounding: Any = 0
    size: Any = 0
    reason: str = ""


def _difference(stencil: _Stencil, centre: tuple[Any, ...] | None, dps: int) -> _Difference:
    """Difference at `dps` digits, with a step that leaves truncation and rounding about equal."""
    numeral, blank = Digits(dps), np.empty(0, dtype=object)
    exponent = stencil.reach - round(dps * _BITS_PER_DIGIT / (2 + stencil.order))
    values: dict[Point, Any] = {}
    for place in stencil.needed:
        reading = _reading(stencil, place, exponent, numeral)
        signs, reason = _signs(stencil, reading)
        if reason:
            return _Difference(blank, reason=reason)
        if centre is not None and signs != centre:
            return _Difference(blank, reason=CROSSED)
        centre = signs
        values[place] = reading[stencil.output]
    if not all(numeral.finite(v) for at in values.values() for v in np.ravel(at)):
        return _Difference(blank, reason="f is not finite at the stencil")
    step = _two(numeral) ** exponent
    value = np.empty(stencil.output.shape, dtype=object)
    value[...] = stencil.difference(values, step)
    size = max((abs(v) for v in np.ravel(values[stencil.needed[0]])), default=0)
    digit = _two(numeral) ** -round(dps * _BITS_PER_DIGIT)
    return _Difference(value, _ROUNDINGS * digit * size / step**stencil.order, size)


def _two(numeral: Digits) -> Any:
    """Return 2 as a number whose powers have no least exponent."""
    return numeral.number(2)


def _stable(value: np.ndarray, error: np.ndarray, size: Any) -> bool:
    """Tell whether two steps agree, entry by entry; both as good as zero counts."""
    nothing = size * 2.0**_NOTHING_BITS
    return all(
        e <= _STABLE * abs(v) or abs(v) + e <= nothing
        for v, e in zip(value.flat, error.flat, strict=True)
    )


def _once(stencil: _Stencil, dps: int) -> MpEstimate:
    """Difference a dear forward at one step and one precision; the error is what theory says."""
    found, evaluations = _difference(stencil, None, dps), len(stencil.needed)
    if found.reason == CROSSED and stencil.size < stencil.reach:
        stencil, evaluations = replace(stencil, reach=stencil.size), 2 * evaluations
        found = _difference(stencil, None, dps)
    if found.reason:
        return _nothing(found.reason, dps, evaluations)
    relative = 2.0 ** -round(2 * dps * _BITS_PER_DIGIT / (2 + stencil.order))
    scale = found.size * _two(Digits(dps)) ** -(stencil.order * stencil.reach)
    error = np.asarray(relative * (abs(found.value) + scale) + found.rounding, dtype=object)
    how = f"one step at {dps} digits (the forward is dear): the error is assumed, not measured"
    return MpEstimate(found.value, error, True, how, dps, evaluations)
