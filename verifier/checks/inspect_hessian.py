"""Hessian facts: blocks, zeros by structure, inertia, rank, condition, Newton and Gauss-Newton.

The claim: none; `inspect` reports facts. How they are found: the Hessian is read in rationals where
the graph stays rational (ReLU nets under squared loss), else in balls of rising precision; inertia
is certified by congruence with pivots of certain sign, the condition number is enclosed.
A model that shows it: ``np.sum((np.maximum(X @ W, 0) @ v - y) ** 2)``.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import VerifierError
from ..graph.node import Node
from ..graph.order import topological
from ..numerals.balls import Balls, precision
from ..numerals.rationals import NotRational, Rationals
from ..plotted import Matrix
from ..primitives.linear import sum_over
from ..readers.gauss_newton import gauss_newton, splits
from ..readers.hessian import Hessian, hessian
from ..readers.inertia import Inertia, inertia
from ..settings import Settings
from ..verdicts import Claim, Evidence, Finding, Verdict
from .findings import finding
from .flatness import flat_curvature
from .inspect_kinks import touched
from .inspect_newton import Facts, at, many, told
from .inspect_plots import matrix_plot, spectrum_plot
from .inspect_products import products
from .request import Request
from .subject import Here

Array = np.ndarray
MOST_PARAMETERS = 96  # beyond this the Hessian is met by products with vectors only
MOST_WORK = 1_000_000  # parameters times entries of the graph beyond which likewise
FEW = 2  # parameters up to which every point is looked at
POINTS = 3  # points at which larger Hessians are looked at


def hessian_claim(
    request: Request, heres: list[Here], numbers: Settings, deadline: float
) -> Claim:
    """Return the claim "curvature" with its facts as notes; half of the time left is for it."""
    end = time.monotonic() + max(1.0, (deadline - time.monotonic()) / 2)
    usable = [h for h in heres if h.output is not None and h.road.lifted is not None
              and np.all(np.isfinite(h.value.astype(float)))]
    if not usable:
        return _claim([], ["the Hessian: the function is not lifted, or not finite"])
    inside = [h for h in usable if not touched(h)]
    flat = list(flat_curvature(request, "hessian", usable[0]))
    if not inside:
        where = "at the point" if len(usable) == 1 else "at every point looked at"
        return _claim([f"no second derivative is told: a guard is zero {where}"], [], flat)
    size = sum(inside[0].leaves[k].size for k in inside[0].wrt)
    if not size:
        return _claim([], ["the Hessian: there is no number to differentiate by"], flat)
    if flat and size > MOST_PARAMETERS:
        return _claim(["the Hessian is 0 on every piece, by structure"], [], flat, 1)
    try:
        if size > MOST_PARAMETERS or size * _work(inside[0]) > MOST_WORK:
            return _claim(list(products(request, inside[0], size)), [
                f"the full Hessian of {size} parameters"], flat, 1)
        chosen = inside if size <= FEW else inside[:POINTS]
        facts = list(_all_facts(chosen, numbers, end))
    except VerifierError as error:
        return _claim([], [f"the Hessian: {error}"], flat)
    count = usable[0].value.size
    notes = [f"the function returns {count} values: of their sum"] if count != 1 else []
    notes += list(_signs(facts)) if size == 1 else [n for f in facts[:1] for n in told(f)]
    notes += list(_over_points(facts)) if size > 1 and len(facts) > 1 else []
    drawn = tuple(plot for f in facts[:POINTS] for plot in _plots(f)) if size > 1 else ()
    return _claim(notes, [], flat or list(_findings(request, facts)), len(facts), drawn)


def _claim(
    notes: list[str], left: list[str], findings: list[Finding] | None = None, points: int = 0,
    plots: tuple[Matrix, ...] = (),
) -> Claim:
    return Claim(claim="curvature", verdict=Verdict.PASSED, points=points,
                 evidence=Evidence(notes=tuple(notes), plots=plots),
                 findings=tuple(findings or ()),
                 not_checked=tuple(left))


def _work(here: Here) -> int:
    """Return how many entries a reading of the value has."""
    assert here.output is not None
    return sum(node.size for node in topological([here.output]))


# ---------------------------------------------------------------- at one point
def _all_facts(heres: list[Here], numbers: Settings, end: float) -> Iterator[Facts]:
    """Yield the facts of the points until the time is up; those of the first point always."""
    begun = time.monotonic()
    for place, here in enumerate(heres):
        spent = time.monotonic() - begun
        if place and time.monotonic() + spent / place > end:
            return
        yield _facts(here, numbers, end)


def _facts(here: Here, numbers: Settings, end: float) -> Facts:
    """Read in rationals if possible, else climb the precisions while something is open."""
    assert here.output is not None and here.road.lifted is not None
    wrt = {k: here.road.lifted.inputs[k] for k in here.wrt}
    output = sum_over(here.output)
    try:
        return _read(here, output, wrt, Rationals())
    except NotRational:
        pass
    best: Facts | None = None
    begun = time.monotonic()
    for bits in numbers.precisions[:3]:
        known = None if best is None else best.found.by_graph
        with precision(bits):
            found = replace(_read(here, output, wrt, Balls(bits), known), bits=bits)
        if best is not None and found.inertia.open >= best.inertia.open:
            return best
        best = found
        if not found.inertia.open or time.monotonic() + 2 * (time.monotonic() - begun) > end:
            break
    assert best is not None
    return best


def _read(
    here: Here, output: Node, wrt: dict[str, Node], numeral: Any, by_graph: Array | None = None
) -> Facts:
    found = hessian(output, wrt, here.leaves, numeral, by_graph)
    split = splits(output, wrt)
    if not split:
        return Facts(here, found, _inertia(found), ())
    matrix = gauss_newton(output, wrt, here.leaves, numeral, split)
    return Facts(here, found, _inertia(found), split, matrix, inertia(matrix))


def _plots(facts: Facts) -> Iterator[Matrix]:
    drawn = matrix_plot(facts.found, at(facts.here))
    yield drawn
    if facts.matrix is not None:
        yield spectrum_plot(
            facts.matrix, blocks=drawn.blocks, where=drawn.where, what="Gauss-Newton",
            exact=isinstance(facts.found.numeral, Rationals))


def _inertia(found: Hessian) -> Inertia:
    """Rows without any path count as zero eigenvalues, whatever the numeral."""
    empty = found.structural.all(axis=1)
    kept = np.flatnonzero(~empty)
    rest = inertia(found.numbers[np.ix_(kept, kept)])
    return Inertia(rest.positive, rest.negative, rest.zero + int(empty.sum()), rest.open)


def _signs(facts: list[Facts]) -> Iterator[str]:
    signs = [f.inertia for f in facts]
    yield (f"second derivative: positive at {sum(i.positive for i in signs)}, negative at "
           f"{sum(i.negative for i in signs)}, zero at {sum(i.zero for i in signs)}, undecided at "
           f"{sum(i.open for i in signs)} of {len(signs)} points")


def _over_points(facts: list[Facts]) -> Iterator[str]:
    yield f"inertia over the {len(facts)} points looked at:"
    for text, count in Counter(str(f.inertia) for f in facts).most_common():
        yield f"  {text}: {many(count, 'point')}"



def _findings(request: Request, facts: list[Facts]) -> Iterator[Finding]:
    singular = [f for f in facts if f.inertia.zero]
    if singular and len(singular) == len(facts) and not all(
            f.found.by_graph.all() for f in facts):
        first = singular[0]
        where = "the one point" if len(facts) == 1 else f"all {len(facts)} points"
        yield finding("singular-hessian", f"the Hessian is singular at {where} looked at: rank "
                      f"{first.inertia.rank[1]} of {first.found.size} {at(first.here)}",
                      check=request.name, claim="curvature", origin=request.origin)
