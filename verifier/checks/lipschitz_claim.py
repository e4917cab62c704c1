"""Can f change faster than claimed? `k-Lipschitz in x`, in the Euclidean, the 1- or the inf-norm.

How it is decided: f is proved continuous (no value jump whose guard can vanish) and the norm of its
derivative, all pieces together, is enclosed over a cover of boxes: |f'| for one number, the dual
norm of the gradient for several, the operator norm of the Jacobian for several outputs. Tried
first: a bound for each step of the program, and sums of functions of one entry each.
PROVED: the norm stays below the constant on the whole box, which is convex. REFUTED: two exact
points with |f(x) - f(y)| > k |x - y|, both sides enclosed.
A model that fails: ``np.tanh(3 * x)`` as 1-Lipschitz.
The same model mended: ``np.tanh(3 * x) / 3``.
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

from flint import arb

from ..exact import tensor
from ..numerals.balls import precision
from ..readers.scalar_cells import counted
from ..readers.scalar_pieces import joined
from ..readers.scalar_settle import Settler
from ..readers.smoothness import continuous_over
from ..settings import Settings
from ..verdicts import Claim, Witness
from .answers import (
    cells_of,
    left_of,
    line_of,
    proved,
    rational,
    refuted,
    turned,
    undecided,
)
from .box_ground import Ground
from .entrywise import SLACKS, bounds_of, sums_of
from .findings import short
from .lipschitz_by_rules import steepness
from .lipschitz_over_box import lipschitz_over_box, norm_of, spectral
from .sampled import Sample, close_pair, sampled
from .scalar_cover import Cover, Limits, ball_of, cover
from .scalar_view import ScalarView, scalar_view
from .smoothness import meetings_at


def check_lipschitz(request: Any, spec: Any, stops: Any, numbers: Settings) -> Claim:
    """Return what became of a Lipschitz claim."""
    view = scalar_view(request, spec, stops)
    decided = (lipschitz_over_box(request, spec, stops, numbers, view,
                                  lambda on: _simply(spec, stops, on))
               if isinstance(view, str) else _scalar(request, spec, view, stops))
    return turned(request, spec, decided, "lipschitz-exceeded") if spec.negated else decided


def _simply(spec: Any, stops: Any, on: Ground) -> Claim | None:
    """Prove it without a cover: by rules for each step, or by functions of one entry each."""
    number = rational(spec.number)
    with precision(128):
        size = steepness(on, spec.norm, spectral)
        if size is not None and number is not None and size <= ball_of(number):
            return proved(spec, "f is continuous, and the slopes and norms of its steps bound how "
                          f"fast it changes by {short(size, 8)}", notes=on.notes)
    return _by_entries(spec, stops, on)


def _by_entries(spec: Any, stops: Any, on: Ground) -> Claim | None:
    """Prove it of sums of functions of one entry each, from the slope of each function."""
    sums, number = sums_of(on, stops), rational(spec.number)
    if sums is None or number is None or not all(_whole(v) for v in sums.views):
        return None
    deadline = time.monotonic() + max(0.5, 0.3 * (stops.deadline - time.monotonic()))
    for slack in SLACKS:
        told = [bounds_of(view, 1, slack, deadline) for view in sums.views]
        ends = [t for t in told if t is not None]
        if len(ends) < len(told):
            continue
        with precision(256):
            sizes = [abs(low).max(abs(high)) for low, high in ends]
            norm = norm_of([{i: sizes[v] for i, v in row.items()} for row in sums.rows],
                           sums.entries, spec.norm)
            if norm <= ball_of(number):
                return proved(spec, "every value is a sum of functions of one entry each, "
                              f"{sums} in all: their slopes bound the norm of the derivative by "
                              f"{short(norm, 8)}")
    return None


def _whole(view: ScalarView) -> bool:
    """Tell whether a function of one number is proved continuous."""
    pieces, settler = view.pieces(), Settler()
    with precision(256):
        return not pieces.missing and all(
            continuous_at(view, j, settler) for j in pieces.joints) and all(
            continuous_over(p, settler) for p in pieces.open)


def _scalar(request: Any, spec: Any, view: ScalarView, stops: Any) -> Claim:
    number = rational(spec.number)
    assert number is not None
    with precision(256):
        constant = ball_of(number)

    def steep(a: Sample, b: Sample) -> bool:
        return bool(abs(b.value - a.value) > constant * (arb(b.number) - arb(a.number)))

    samples = sampled(view)
    with precision(256):
        pair = next((p for p in pairwise(samples) if steep(*p)), None)
    if pair is not None:
        return _refuted(request, spec, view, *pair)
    deadline = time.monotonic() + max(0.5, 0.4 * (stops.deadline - time.monotonic()))
    found = cover(view.pieces().parts, 1, Limits(-number, number), deadline)
    for place, _ in found.witnesses:
        pair = close_pair(view, place, steep)
        if pair is not None:
            return _refuted(request, spec, view, *pair)
    return _concluded(spec, view, found)


def _concluded(spec: Any, view: ScalarView, found: Cover) -> Claim:
    pieces, settler = view.pieces(), Settler()
    with precision(256):
        jumps = [str(j) for j in pieces.joints if not continuous_at(view, j, settler)]
        torn = [p.cell for p in pieces.open if not continuous_over(p, settler)]
    cells = found.left + pieces.missing + torn
    if jumps or cells or found.witnesses:
        why = f"continuity is open at {', '.join(jumps[:4])}" if jumps else (
            f"the slope is open on {len(cells)} of {counted(found.cells, 'cell')}")
        return undecided(spec, why, left=left_of(cells), points=found.cells)
    return proved(spec, f"f is continuous and |df/d{view.name}| <= {spec.number} on "
                  f"{cells_of(found.cells, view.text)}", cells=found.cells,
                  patterns=len(joined(pieces)), proof=line_of(pieces))


def continuous_at(view: ScalarView, joint: Any, settler: Settler) -> bool:
    """Tell whether limits and value are proved equal at a joint of the domain."""
    pieces, domain = view.pieces(), view.domain
    if not joint.exact:
        return all(continuous_over(p, settler) for p in pieces.open if p.cell.low == joint.low)
    if (joint.low == domain.low and domain.left) or (joint.low == domain.high and domain.right):
        return True
    (told,) = meetings_at(view, [joint], 0, settler)
    return told.smooth >= 0


def _refuted(request: Any, spec: Any, view: ScalarView, a: Sample, b: Sample) -> Claim:
    with precision(256):
        gap, distance = abs(b.value - a.value), arb(b.number) - arb(a.number)
        ratio = gap / distance
    sentence = (f"'{spec.text}' does not hold: between {view.name} = {a.number:.17g} and "
                f"{b.number:.17g} f changes {short(ratio, 8)} times as fast as they are apart")
    witness = Witness(
        point={view.name: tensor(view.point(a.number)[view.name])},
        second_point={view.name: tensor(view.point(b.number)[view.name])},
        numbers={"|f(x) - f(y)|": gap.str(25), "|x - y|": distance.str(25),
                 "ratio": ratio.str(25)})
    return refuted(request, spec, "lipschitz-exceeded", sentence, witness, points=2,
                   argument=view.name)
