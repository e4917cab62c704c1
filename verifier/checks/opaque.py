"""The opaque road: computed values against finite differences and the complex step.

A function that cannot be lifted has no graph to be read; its own values along random lines judge
the claim, with the estimate's own error and wide margins (SOUNDNESS 17), and never above PASSED.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..exact import tensor
from ..oracles.complex_step import complex_line, complex_step
from ..oracles.finite_difference import Estimate, finite_difference
from ..oracles.line import line
from ..verdicts import Finding, Severity, Witness
from .findings import component, finding, number, short, witness_point
from .observe import quiet
from .outcome import Outcome
from .probe import (
    Direction,
    Probe,
    by_finite_differences,
    directions_of,
    probe_of,
    weight_of,
)
from .request import Request

if TYPE_CHECKING:
    from .tally import Tally

FIRST_ORDER = frozenset({"gradient", "value_and_gradient", "vjp", "backward"})
ELEMENTWISE = {"derivative": 1, "second_derivative": 2}
MOST_ENTRIES = 64  # entries of a Hessian or Jacobian measured at one point
FARTHEST = 300  # entries beyond 2^+-300 have no unit of their own whose square is a float
LOPSIDED = 2.0**-20  # sizes of entries further apart than this get steps of their own
UNSURE = 1e-3  # a nan is blamed only where the differences have these digits
ERRORS = 16.0  # SOUNDNESS 17 asks for wide margins: 16 times the estimate's own error
MISSES = 2  # lines that must miss before an opaque claim is called wrong


def by_differences(request: Request, found: Outcome, tally: Tally) -> Iterator[Finding]:
    """Yield `wrong-derivative` where the computed claim misses the differences on several lines."""
    if found.kind not in FIRST_ORDER:
        for entry in _entries(request, found, tally):
            yield from _one_entry(request, found, tally, entry)
        return
    weight = weight_of(found, request.seed)
    for turn in range(MISSES):
        for direction in directions_of(found, request.seed + 7 * turn):
            yield from _line(request, found, tally, weight, direction)
            if tally.missed >= MISSES:
                return


def _line(
    request: Request, found: Outcome, tally: Tally, weight: Any, direction: Direction
) -> Iterator[Finding]:
    direction = _own_units(found, direction)
    estimate = by_finite_differences(found.here, Probe(weight, direction))
    yield from _kinked(request, found, estimate, next(iter(direction)))
    if not np.isfinite(estimate.value):
        return
    tally.finite += 1
    said = sum(float(np.sum(found.computed[k].astype(float) * v))
               for k, v in direction.items() if k in found.computed)
    norm = float(np.sqrt(sum(np.sum(found.computed[k].astype(float) ** 2)
                             for k in direction if k in found.computed)))
    bar = float(np.sqrt(_eps(found))) * norm
    miss = abs(said - float(estimate.value))
    if np.isnan(said) and not _sure(estimate.value, estimate.error):
        return
    if not np.isnan(said) and miss <= max(ERRORS * float(estimate.error), bar):
        return
    step = _by_complex_step(found, weight, direction)
    if step is not None and abs(said - float(step.value)) <= max(ERRORS * float(step.error), bar):
        tally.notes["a complex step agrees where finite differences do not"] = None
        return
    tally.missed += 1
    if tally.missed >= MISSES:
        yield _wrong(request, found, direction, said, estimate)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One component of the claim beside finite differences along a line of its own."""

    label: str
    index: tuple[int, ...]
    said: float
    value: float
    error: float
    place: str = ""
    eps: float = float(np.finfo(float).eps)
    floor: float = 0.0  # a change of f over the entry's own size, as a derivative
    kinked: bool = False

    @property
    def missed(self) -> bool:
        if np.isnan(self.said):
            return _sure(self.value, self.error)
        bar = float(np.sqrt(self.eps)) * max(abs(self.said), abs(self.value), self.floor)
        return abs(self.said - self.value) > max(ERRORS * self.error, bar)


def _eps(found: Outcome) -> float:
    dtype = found.here.value.dtype
    return float(np.finfo(dtype if dtype.kind == "f" else float).eps)


def _sure(value: Any, error: Any) -> bool:
    return bool(float(error) <= UNSURE * abs(float(value)))


def _entries(request: Request, found: Outcome, tally: Tally) -> Iterator[_Entry]:
    """Measure components one by one: all of an elementwise claim at once, else some probes."""
    if found.kind in ELEMENTWISE and found.blocks[0].label in found.computed:
        yield from _elementwise(found, found.blocks[0].label)
        return
    for block in found.blocks:
        size = int(np.prod(block.shape, dtype=np.int64))
        if size > MOST_ENTRIES:
            tally.not_checked[f"{size - MOST_ENTRIES} of {size} entries on the opaque road"] = None
        for flat in np.unique(np.linspace(0, size - 1, min(size, MOST_ENTRIES)).astype(int)):
            index = tuple(int(i) for i in np.unravel_index(flat, block.shape))
            probe = probe_of(found.kind, found.here, block.label, index, request.seed)
            estimate = by_finite_differences(found.here, probe)
            said = float(found.computed[block.label][index])
            yield _Entry(block.label, index, said, float(estimate.value), float(estimate.error),
                         component(block.label, index), _eps(found),
                         kinked=_is_kinked(estimate))


def _elementwise(found: Outcome, label: str) -> Iterator[_Entry]:
    """Move every entry by its own power of two: one line measures them all."""
    order, x = ELEMENTWISE[found.kind], found.here.leaves[label]
    size = np.abs(x.astype(float))
    usable = np.isfinite(size) & (size > 0)
    power = np.floor(np.log2(np.where(usable, size, 1.0)))
    near = np.isfinite(size) & (np.abs(power) <= FARTHEST)
    unit = 2.0 ** np.clip(power, -FARTHEST, FARTHEST)
    if not near.any():
        return

    def value(leaves: dict[str, Any]) -> Any:
        with quiet():
            return np.asarray(found.here.program(leaves), dtype=float)

    moved = line(value, found.here.leaves, {label: unit})
    estimate = finite_difference(moved.along, dtype=moved.dtype, scale=moved.scale, order=order)
    claimed = np.asarray(found.computed[label], dtype=float)
    for index in (i for i in np.ndindex(*claimed.shape) if near[i]):
        scale = float(unit[index]) ** order
        seen = max(1.0, abs(float(found.here.value[index])))
        place = f"at {component(label, index)} = {float(x[index]):.6g}"
        yield _Entry(label, index, float(claimed[index]), float(estimate.value[index]) / scale,
                     float(estimate.error[index]) / scale, place, _eps(found), seen / scale,
                     _is_kinked(estimate, index))


def _one_entry(
    request: Request, found: Outcome, tally: Tally, entry: _Entry
) -> Iterator[Finding]:
    if entry.kinked:
        yield _kink(request, found, entry.label, entry.index, entry.place)
    if not (np.isfinite(entry.value) and np.isfinite(entry.error)):
        return
    tally.finite += 1
    if not entry.missed or tally.missed >= MISSES:
        return
    alone = sum(int(np.prod(b.shape, dtype=np.int64)) for b in found.blocks) == 1
    tally.missed += MISSES if alone else 1
    if tally.missed < MISSES:
        return
    sentence = (
        f"{entry.place}: the claim gives {short(entry.said)}, finite "
        f"differences of the function give {entry.value:.6g} +- {entry.error:.2g}"
    )
    witness = Witness(
        point=witness_point(found.leaves), claimed=number(entry.said),
        finite_difference=number(entry.value), finite_difference_error=number(entry.error),
    )
    rule = "nan-derivative" if np.isnan(entry.said) else "wrong-derivative"
    yield finding(rule, sentence, check=request.name, claim=found.kind, argument=entry.label,
                  index=entry.index, origin=request.origin, witness=witness)


def _is_kinked(estimate: Estimate, index: tuple[int, ...] = ()) -> bool:
    return estimate.kinked is not None and bool(estimate.kinked[index])


def _kinked(
    request: Request, found: Outcome, estimate: Estimate, argument: str
) -> Iterator[Finding]:
    """Yield a note where the slopes from both sides of a line differ."""
    if _is_kinked(estimate):
        yield _kink(request, found, argument, None, "along a random direction")


def _kink(
    request: Request, found: Outcome, label: str, index: tuple[int, ...] | None, place: str
) -> Finding:
    sentence = f"{place}: finite differences from the left and from the right differ"
    return finding("kink", sentence, check=request.name, claim=found.kind, argument=label,
                   index=index, origin=request.origin, severity=Severity.NOTE,
                   witness=Witness(point=witness_point(found.leaves)))


def _own_units(found: Outcome, direction: Direction) -> Direction:
    """Let every entry move by its own size where sizes differ so much that one step suits none."""
    sizes = {k: np.abs(np.asarray(found.here.leaves[k], dtype=float)) for k in direction}
    known = np.concatenate([np.ravel(v[v > 0]) for v in sizes.values()])
    if not known.size or known.min() > known.max() * LOPSIDED:
        return direction
    powers = {k: np.floor(np.log2(np.where(v > 0, v, known.max()))) for k, v in sizes.items()}
    return {k: d * 2.0 ** np.clip(powers[k], -FARTHEST, FARTHEST) for k, d in direction.items()}


def _by_complex_step(found: Outcome, weight: Any, direction: Direction) -> Estimate | None:
    """Measure the line by a complex step where the code takes complex numbers; else None."""

    def value(leaves: dict[str, Any]) -> Any:
        with quiet():
            return np.sum(weight * np.asarray(found.here.program(leaves)))

    try:
        estimate = complex_step(complex_line(value, found.here.leaves, direction))
    except Exception:  # the user's code need not take complex numbers
        return None
    return estimate if np.isfinite(estimate.value) else None


def _wrong(
    request: Request, found: Outcome, direction: Direction, said: float, estimate: Estimate
) -> Finding:
    sentence = (
        f"along a random direction in {', '.join(direction)} the claim gives {short(said)}, finite "
        f"differences of the function give {float(estimate.value):.6g} +- "
        f"{float(estimate.error):.2g}"
    )
    witness = Witness(
        point=witness_point(found.leaves), claimed=number(said),
        finite_difference=number(float(estimate.value)),
        finite_difference_error=number(float(estimate.error)),
        direction={k: tensor(v) for k, v in direction.items()}, curve=estimate.curve(),
    )
    rule = "nan-derivative" if np.isnan(said) else "wrong-derivative"
    return finding(rule, sentence, check=request.name, claim=found.kind,
                   argument=next(iter(direction)), origin=request.origin, witness=witness)
