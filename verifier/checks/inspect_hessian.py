"""Hessian facts: blocks, zeros by structure, inertia, rank, condition, Newton and Gauss-Newton.

The claim: none; `inspect` reports facts. How they are found: the Hessian is read in rationals where
the graph stays rational (ReLU nets under squared loss), else in balls of rising precision; inertia
is certified by congruence with pivots of certain sign, the condition number is enclosed.
A model that shows it: ``np.sum((np.maximum(X @ W, 0) @ v - y) ** 2)``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import VerifierError
from ..graph.node import Node
from ..numerals.balls import Balls, precision
from ..numerals.rationals import NotRational, Rationals
from ..primitives.linear import sum_over
from ..readers.gauss_newton import Split, beyond, gauss_newton, is_linear_layer, splits
from ..readers.hessian import Hessian, hessian
from ..readers.inertia import Inertia, condition, inertia
from ..settings import Settings
from ..verdicts import Claim, Evidence, Finding, Verdict
from .findings import finding
from .flatness import flat_curvature
from .inspect_kinks import touched
from .inspect_products import products
from .request import Request
from .subject import Here

Array = np.ndarray
MOST_PARAMETERS = 96  # beyond this the Hessian is met by products with vectors only
FEW = 2  # parameters up to which every point is looked at
POINTS = 3  # points at which larger Hessians are looked at


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found at one point; `newton` is the inertia of the Gauss-Newton matrix."""

    here: Here
    found: Hessian
    inertia: Inertia
    split: tuple[Split, ...]
    newton: Inertia | None = None
    missed: float = np.nan
    bits: int = 0


def hessian_claim(request: Request, heres: list[Here], numbers: Settings) -> Claim:
    """Return the claim "curvature" with its facts as notes."""
    usable = [h for h in heres if h.output is not None and h.road.lifted is not None
              and np.all(np.isfinite(h.value.astype(float)))]
    if not usable:
        return _claim([], ["the Hessian: the function is not lifted, or not finite"])
    inside = [h for h in usable if not touched(h)]
    flat = list(flat_curvature(request, "hessian", usable[0]))
    if not inside:
        return _claim(["a guard is zero at every point: no second derivative there"], [], flat)
    size = sum(inside[0].leaves[k].size for k in inside[0].wrt)
    try:
        if size > MOST_PARAMETERS:
            return _claim(list(products(request, inside[0], size)), [
                f"the full Hessian of {size} parameters"], flat, 1)
        chosen = inside if size <= FEW else inside[:POINTS]
        facts = [_facts(h, numbers) for h in chosen]
    except VerifierError as error:
        return _claim([], [f"the Hessian: {error}"], flat)
    count = usable[0].value.size
    notes = [f"of the sum of the {count} values"] if count != 1 else []
    notes += list(_signs(facts)) if size == 1 else [n for f in facts[:1] for n in _told(f)]
    notes += list(_over_points(facts)) if size > 1 and len(facts) > 1 else []
    return _claim(notes, [], flat + list(_findings(request, facts)), len(facts))


def _claim(
    notes: list[str], left: list[str], findings: list[Finding] | None = None, points: int = 0
) -> Claim:
    return Claim(claim="curvature", verdict=Verdict.PASSED, points=points,
                 evidence=Evidence(notes=tuple(notes)), findings=tuple(findings or ()),
                 not_checked=tuple(left))


# ---------------------------------------------------------------- at one point
def _facts(here: Here, numbers: Settings) -> Facts:
    """Read in rationals if possible, else climb the precisions while something is open."""
    assert here.output is not None and here.road.lifted is not None
    wrt = {k: here.road.lifted.inputs[k] for k in here.wrt}
    output = sum_over(here.output)
    try:
        return _read(here, output, wrt, Rationals())
    except NotRational:
        pass
    best: Facts | None = None
    for bits in numbers.precisions[:3]:
        with precision(bits):
            found = replace(_read(here, output, wrt, Balls(bits)), bits=bits)
        if best is not None and found.inertia.open >= best.inertia.open:
            return best
        best = found
        if not found.inertia.open:
            break
    assert best is not None
    return best


def _read(here: Here, output: Node, wrt: dict[str, Node], numeral: Any) -> Facts:
    found = hessian(output, wrt, here.leaves, numeral)
    split = splits(output, wrt)
    if not split:
        return Facts(here, found, _inertia(found), ())
    matrix = gauss_newton(output, wrt, here.leaves, numeral, split)
    return Facts(here, found, _inertia(found), split, inertia(matrix),
                 _share(found.numbers - matrix, found.numbers))


def _inertia(found: Hessian) -> Inertia:
    """Rows without any path count as zero eigenvalues, whatever the numeral."""
    empty = found.structural.all(axis=1)
    kept = np.flatnonzero(~empty)
    rest = inertia(found.numbers[np.ix_(kept, kept)])
    return Inertia(rest.positive, rest.negative, rest.zero + int(empty.sum()), rest.open)


def _share(part: Array, whole: Array) -> float:
    """Return the Frobenius norm of a part as a share of the whole, in floats."""
    norms = [np.sqrt(np.sum(_floats(m) ** 2)) for m in (part, whole)]
    return float(norms[0] / norms[1]) if norms[1] else 0.0


def _floats(array: Array) -> Array:
    return np.asarray(np.frompyfunc(float, 1, 1)(array), dtype=float)


def _at(facts: Facts) -> str:
    flat = np.concatenate([facts.here.leaves[k].ravel() for k in facts.here.wrt])
    more = ", ..." if flat.size > 4 else ""
    return f"at [{', '.join(f'{v:.4g}' for v in flat[:4].tolist())}{more}]"


def _signs(facts: list[Facts]) -> Iterator[str]:
    signs = [f.inertia for f in facts]
    yield (f"second derivative: positive at {sum(i.positive for i in signs)}, negative at "
           f"{sum(i.negative for i in signs)}, zero at {sum(i.zero for i in signs)}, undecided at "
           f"{sum(i.open for i in signs)} of {len(signs)} points")


def _over_points(facts: list[Facts]) -> Iterator[str]:
    yield f"inertia over the {len(facts)} points looked at:"
    for text, count in Counter(str(f.inertia) for f in facts).most_common():
        yield f"  {text}: {_many(count, 'point')}"


def _told(facts: Facts) -> Iterator[str]:
    found, counted = facts.found, facts.inertia
    exact = isinstance(found.numeral, Rationals)
    how = "exactly, in rationals" if exact else f"in balls of {facts.bits} bits"
    yield f"{_at(facts)}: {found.size} x {found.size}, read {how}, {_symmetry(found.numbers)}"
    yield from (f"  {text}" for text in _blocks(found))
    low, high = counted.rank
    rank = f"{low}" if low == high else f"{low} to {high}"
    yield f"  inertia: {counted} (certified); rank {rank} of {found.size}"
    yield f"  {_condition(facts)}"
    yield f"  {_newton_step(counted)}"
    yield from (f"  {text}" for text in _gauss_newton(facts))
    diagonal = np.diag(found.numbers.diagonal())
    off = np.where(np.eye(found.size, dtype=bool), diagonal - diagonal, found.numbers)
    yield f"  the diagonal alone misses {_share(off, found.numbers):.3g} of its Frobenius norm"


def _symmetry(matrix: Array) -> str:
    gaps = (matrix - matrix.T).ravel().tolist()
    if all(v == 0 for v in gaps):
        return "symmetric"
    return "symmetric within its radii" if all(
        not (v > 0 or v < 0) for v in gaps) else "NOT symmetric"


def _blocks(found: Hessian) -> Iterator[str]:
    """Tell the zeros of each block: by structure everywhere, by structure here, by number."""
    here = found.structural
    number = np.asarray(np.frompyfunc(lambda v: not (v > 0 or v < 0), 1, 1)(found.numbers), bool)
    names = list(found.places)
    for i, a in enumerate(names):
        for b in names[i:]:
            part = found.places[a], found.places[b]
            count = [int(m[part].sum()) for m in (found.by_graph, here, number)]
            size = here[part].size
            zeros = [text for text, n in (
                (f"{count[0]} zero on every piece, by structure", count[0]),
                (f"{count[1] - count[0]} zero on this piece, by structure", count[1] - count[0]),
                (f"{count[2] - count[1]} zero only in number", count[2] - count[1]),
            ) if n > 0]
            word = "entry" if size == 1 else "entries"
            yield f"block {a},{b}: {size} {word}, {', '.join(zeros) or 'none zero'}"


def _condition(facts: Facts) -> str:
    if facts.inertia.zero:
        return "condition number: infinite, the matrix is singular"
    numbers = facts.found.numbers
    exact = isinstance(facts.found.numeral, Rationals)
    with precision(256):
        found = condition(_as_balls(numbers) if exact else numbers)
    if found is None:
        return "condition number: not enclosed"
    if not np.isfinite(found[1]):
        return f"condition number: at least {found[0]:.3g}" if np.isfinite(found[0]) else (
            "condition number: not enclosed")
    return f"condition number: in [{found[0]:.6g}, {found[1]:.6g}]"


def _as_balls(matrix: Array) -> Array:
    from flint import arb

    return np.asarray(np.frompyfunc(arb, 1, 1)(matrix), dtype=object)


def _newton_step(counted: Inertia) -> str:
    if counted.zero:
        return f"a Newton step is not defined: no curvature in {_many(counted.zero, 'direction')}"
    if counted.open:
        return f"a Newton step may be undefined: {_many(counted.open, 'eigenvalue')} may be 0"
    if counted.negative:
        return ("a Newton step is defined, but need not descend: "
                f"{_many(counted.negative, 'negative eigenvalue')}")
    return "a Newton step is defined and descends: all eigenvalues are positive"


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _gauss_newton(facts: Facts) -> Iterator[str]:
    if facts.newton is None:
        yield "Gauss-Newton: no residual or logits found to split the loss at"
        return
    lifted = facts.here.road.lifted
    assert lifted is not None
    for split in facts.split:
        place = f" at line {split.inner.origin.line}" if split.inner.origin else ""
        what = "the squared residual" if split.squared else (
            "the last linear layer" if is_linear_layer(split.inner) else f"'{split.inner.op}'")
        yield f"Gauss-Newton, split at {what}{place}"
    counted = facts.newton
    ends = f", blind in {_many(counted.zero, 'direction')}" if counted.zero else ""
    yield f"  its inertia: {counted}{ends}; it misses {facts.missed:.3g} of the Hessian's norm"
    wrt = {k: lifted.inputs[k] for k in facts.here.wrt}
    absent = beyond(wrt, facts.here.leaves, facts.split)
    names = list(facts.found.places)
    gone = [f"{a},{b}" for i, a in enumerate(names) for b in names[i:]
            if absent[facts.found.places[a], facts.found.places[b]].all()]
    if gone:
        yield f"  blocks it has exactly, by structure: {'; '.join(gone)}"


def _findings(request: Request, facts: list[Facts]) -> Iterator[Finding]:
    singular = [f for f in facts if f.inertia.zero]
    if singular and len(singular) == len(facts) and not all(
            f.found.by_graph.all() for f in facts):
        first = singular[0]
        where = "the one point" if len(facts) == 1 else f"all {len(facts)} points"
        yield finding("singular-hessian", f"the Hessian is singular at {where} looked at: rank "
                      f"{first.inertia.rank[1]} of {first.found.size} {_at(first)}",
                      check=request.name, claim="curvature", origin=request.origin)
