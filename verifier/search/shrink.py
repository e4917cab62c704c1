"""Making a witness simple: the shortest numbers and the most zeros with which it still fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ..domains import POINT, Domain

Array = np.ndarray
Point = dict[str, Any]
Test = Callable[[Point], bool]

ENTRIES = 64  # arrays beyond this many entries are simplified in blocks only
COUNTED = 512  # entries up to which decimal digits are counted, beyond it bits


def shrink_point(
    point: Mapping[str, Any],
    still_fails: Test,
    domains: Mapping[str, Domain],
    *,
    calls: int = 200,
) -> Point:
    """Return a simpler point that still fails, after at most `calls` calls of `still_fails`.

    Tried in a fixed order, as long as anything helps: whole arrays zero, one, constant, rounded;
    halves, quarters, ... of them; single entries as 0, 1, -1, a neighbour's value, a whole number,
    few digits. Nothing leaves its domain or its dtype. `point` itself is returned unchanged if
    nothing simpler fails; it is not tested again.
    """
    best = {name: np.array(value) for name, value in point.items()}
    budget = iter(range(calls))
    movable = [
        name
        for name, value in best.items()
        if value.dtype.kind in "fiV" and not (name in domains and domains[name].kind == POINT)
    ]
    improved = True
    while improved:
        improved = False
        for name in movable:
            for candidate in _candidates(lambda name=name: best[name]):  # type: ignore[misc]
                if not _allowed(name, candidate, domains):
                    continue
                if next(budget, None) is None:
                    return best
                if still_fails(best | {name: candidate}):
                    best[name], improved = candidate, True
    return best


def _allowed(name: str, candidate: Array, domains: Mapping[str, Domain]) -> bool:
    return name not in domains or domains[name].contains(candidate)


def _cost(flat: Array) -> tuple[int, int, float]:
    """Return how hard numbers are to read: digits in all, how many distinct, total size."""
    if flat.size > COUNTED:
        return _bits(flat), 0, float(np.sum(np.abs(flat.astype(np.float64))))
    numbers, counts = np.unique(flat, return_counts=True)
    digits = sum(_length(n) * int(c) for n, c in zip(numbers, counts, strict=True))
    with np.errstate(all="ignore"):
        size = float(np.sum(np.abs(flat.astype(np.float64))))
    negative_zeros = int(np.sum((flat == 0) & np.signbit(flat.astype(np.float64))))
    return digits + negative_zeros, len(numbers), size


def _bits(flat: Array) -> int:
    """Return the mantissa bits of all entries: a cheaper measure, for large arrays."""
    mantissa, _ = np.frexp(flat.astype(np.float64))
    whole = np.abs(mantissa * 2.0**53).astype(np.int64)
    lowest = (whole & -whole).astype(np.float64)
    used = np.where(whole > 0, 54 - np.log2(np.maximum(lowest, 1.0)), 0.0)
    return int(used.sum()) - int(np.sum(flat > 0))  # of two signs the positive is simpler


def _length(number: Any) -> int:
    """Return the digits a number takes to write: 0 for zero, 1 for 3.0, 3 for -0.5."""
    if number == 0:
        return 0
    text = np.format_float_scientific(np.float64(number) if number.dtype.kind == "i" else number)
    if number.dtype.kind == "V":
        text = f"{float(number):.4g}"
    plain = text.replace(".e", "e").replace("e+00", "")
    return len(plain.replace("e+0", "e").replace("e-0", "e-"))


def _candidates(current: Callable[[], Array]) -> Iterator[Array]:
    """Yield simpler arrays: coarse steps first; `current` is read afresh after every success."""
    yield from _block_steps(current, slice(None))
    size = current().size
    width = size // 2
    while width >= 1 and (width > 1 or size <= ENTRIES) and size // width <= 2 * ENTRIES:
        for start in range(0, size, width):
            yield from _block_steps(current, slice(start, start + width))
        width //= 2


def _block_steps(current: Callable[[], Array], block: slice) -> Iterator[Array]:
    """Yield the array with one block zero, one, constant, rounded, ... where that is simpler."""
    for step in _STEPS:
        array = current()
        before = array.reshape(-1)[block]
        with np.errstate(all="ignore"):
            after = step(before.astype(np.float64)).astype(array.dtype)
        if np.isfinite(after.astype(np.float64)).all() and _cost(after) < _cost(before):
            array = array.copy()
            array.reshape(-1)[block] = after
            yield array


def _digits(count: int) -> Callable[[Array], Array]:
    def rounded(block: Array) -> Array:
        if block.size > COUNTED:
            return np.round(block, count)
        return np.array([float(f"{number:.{count - 1}e}") for number in block])

    return rounded


_STEPS: tuple[Callable[[Array], Array], ...] = (
    np.zeros_like,
    np.ones_like,
    lambda block: -np.ones_like(block),
    np.sign,
    np.round,
    np.trunc,
    lambda block: np.full_like(block, block[0]),
    lambda block: np.full_like(block, np.round(block[0])),
    np.abs,
    lambda block: block - np.sign(block),
    lambda block: np.trunc(block / 2),
    lambda block: np.round(block * 2) / 2,
    lambda block: np.round(block * 8) / 8,
    _digits(1),
    _digits(2),
    _digits(3),
    _digits(5),
    _digits(8),
)
