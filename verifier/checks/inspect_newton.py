"""What does a Hessian at a point say? Zeros, inertia, condition, Newton's step, approximations.

Sentences about one matrix that was read: what is exact is said to be, what is enclosed is given
with its bounds, and what is open is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..numerals.balls import precision
from ..numerals.rationals import Rationals, to_float
from ..readers.gauss_newton import Split, beyond
from ..readers.hessian import Hessian
from ..readers.inertia import Inertia, condition
from .inspect_plots import balls_of
from .subject import Here

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found at one point; `newton` is the inertia of the Gauss-Newton matrix."""

    here: Here
    found: Hessian
    inertia: Inertia
    split: tuple[Split, ...]
    matrix: Array | None = None
    newton: Inertia | None = None
    bits: int = 0


def told(facts: Facts) -> Iterator[str]:
    """Yield the sentences about the Hessian at one point, the point first."""
    found, counted = facts.found, facts.inertia
    exact = isinstance(found.numeral, Rationals)
    how = "exactly, in rationals" if exact else f"in balls of {facts.bits} bits"
    yield (f"{at(facts.here)}: {found.size} x {found.size}, read {how}, "
           f"{_symmetry(found.numbers)}")
    yield from (f"  {text}" for text in _blocks(found))
    low, high = counted.rank
    rank = f"{low}" if low == high else f"{low} to {high}"
    yield f"  inertia: {counted} (certified); rank {rank} of {found.size}"
    if counted.zero == found.size:
        yield "  the matrix is 0: a Newton step is not defined"
        return
    yield f"  {_condition(facts)}"
    yield f"  {_newton_step(counted)}"
    yield from (f"  {text}" for text in _gauss_newton(facts))
    diagonal = np.diag(found.numbers.diagonal())
    off = np.where(np.eye(found.size, dtype=bool), diagonal - diagonal, found.numbers)
    yield f"  the diagonal alone misses {_share(off, found.numbers):.3g} of its Frobenius norm"


def at(here: Here) -> str:
    """Return where a point is, its first numbers."""
    flat = np.concatenate([here.leaves[k].ravel() for k in here.wrt])
    more = ", ..." if flat.size > 4 else ""
    return f"at [{', '.join(f'{v + 0.0:.4g}' for v in flat[:4].tolist())}{more}]"


def many(count: int, word: str) -> str:
    """Return a count with its noun."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def _share(part: Array, whole: Array) -> float:
    """Return the Frobenius norm of a part as a share of the whole, in floats."""
    largest = max((abs(v) for v in whole.ravel().tolist()), key=to_float)
    if not largest > 0:
        return 0.0
    norms = [np.linalg.norm(_floats(m / largest)) for m in (part, whole)]
    return float(norms[0] / norms[1])


def _floats(array: Array) -> Array:
    return np.asarray(np.frompyfunc(to_float, 1, 1)(array), dtype=float)


def _symmetry(matrix: Array) -> str:
    gaps = (matrix - matrix.T).ravel().tolist()
    if all(v == 0 for v in gaps):
        return "symmetric"
    return "symmetric within its radii" if all(
        not (v > 0 or v < 0) for v in gaps) else "NOT symmetric"


_is_zero = np.frompyfunc(lambda v: bool(v == 0), 1, 1)
_is_open = np.frompyfunc(lambda v: not (v == 0 or v > 0 or v < 0), 1, 1)


def _blocks(found: Hessian) -> Iterator[str]:
    """Tell the zeros of each block: by structure everywhere, by structure here, by number."""
    kinds = {
        "zero on every piece, by structure": found.by_graph,
        "zero on this piece, by structure": found.structural & ~found.by_graph,
        "zero only in number": np.asarray(_is_zero(found.numbers), bool) & ~found.structural,
        "not told from zero": np.asarray(_is_open(found.numbers), bool),
    }
    names = list(found.places)
    for i, a in enumerate(names):
        for b in names[i:]:
            part = found.places[a], found.places[b]
            size = found.entries[part].size
            counts = {text: int(mask[part].sum()) for text, mask in kinds.items()}
            zeros = [f"{'all' if n == size > 1 else n} {text}" for text, n in counts.items() if n]
            word = "entry" if size == 1 else "entries"
            yield f"block {a},{b}: {size} {word}, {', '.join(zeros) or 'none zero'}"


def _condition(facts: Facts) -> str:
    if facts.inertia.zero:
        return "condition number: infinite, the matrix is singular"
    numbers = facts.found.numbers
    exact = isinstance(facts.found.numeral, Rationals)
    with precision(256):
        found = condition(balls_of(numbers) if exact else numbers)
    if found is None:
        return "condition number: not enclosed"
    if not np.isfinite(found[1]):
        return f"condition number: at least {found[0]:.3g}" if 1 < found[0] < np.inf else (
            "condition number: not enclosed")
    low, high = (f"{end:.6g}" for end in found)
    return f"condition number: {low}" if low == high else f"condition number: in [{low}, {high}]"


def _newton_step(counted: Inertia) -> str:
    if counted.zero:
        return f"a Newton step is not defined: no curvature in {many(counted.zero, 'direction')}"
    if counted.open:
        return f"a Newton step may be undefined: {many(counted.open, 'eigenvalue')} may be 0"
    if counted.negative:
        return ("a Newton step is defined, but need not descend: "
                f"{many(counted.negative, 'negative eigenvalue')}")
    return "a Newton step is defined and descends: all eigenvalues are positive"


def _split(split: Split) -> str:
    place = f" at line {split.inner.origin.line}" if split.inner.origin else ""
    what = "the squared residual" if split.squared else "the last linear layer"
    return f"Gauss-Newton, split at {what}{place}"


def _gauss_newton(facts: Facts) -> Iterator[str]:
    if facts.newton is None or facts.matrix is None:
        yield "Gauss-Newton: no residual or logits found to split the loss at"
        return
    lifted = facts.here.road.lifted
    assert lifted is not None
    yield from dict.fromkeys(map(_split, facts.split))
    counted = facts.newton
    ends = f", blind in {many(counted.zero, 'direction')}" if counted.zero else ""
    ends += ", for the loss is not convex in what it is split at" if counted.negative else ""
    gap = facts.found.numbers - facts.matrix
    missed = f"{_share(gap, facts.found.numbers):.3g} of the Hessian's norm" if any(
        v > 0 or v < 0 for v in gap.ravel().tolist()) else "nothing of the Hessian"
    yield f"  its inertia: {counted}{ends}; it misses {missed}"
    wrt = {k: lifted.inputs[k] for k in facts.here.wrt}
    absent = beyond(wrt, facts.here.leaves, facts.split)
    names = list(facts.found.places)
    gone = [f"{a},{b}" for i, a in enumerate(names) for b in names[i:]
            if absent[facts.found.places[a], facts.found.places[b]].all()]
    if gone:
        yield f"  blocks it has exactly, by structure: {'; '.join(gone)}"
