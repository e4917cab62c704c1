"""Where guards of a function of many variables vanish: is there a gradient, and what is a claim?

At such a corner the pieces that touch it decide (SOUNDNESS 10): one gradient for all, and it is the
truth; else there is none, and a claim is an element of the Clarke subdifferential or not
(SOUNDNESS 11). Components on which all pieces agree are compared all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import NoGerm, VerifierError
from ..exact import tensor
from ..numerals.balls import NAN, as_objects, exact, plain
from ..readers.guards import active
from ..verdicts import Finding, Severity, Witness
from .clarke import PointBeside, beside_scalar
from .findings import ball, finding, short, witness_point
from .membership import membership, refutes
from .probe import functional, weight_of
from .request import Request

Array = np.ndarray
FIRST = frozenset({"gradient", "value_and_gradient", "vjp", "backward"})
SECOND = frozenset({"hessian", "hessian_diagonal", "hvp"})
MOST = 2000  # inputs up to which all pieces at a corner are read; beyond it costs seconds
NONE_HERE = frozenset({"kink", "jump", "infinite-slope"})


def settle_corner(found: Any, seed: int) -> None:
    """Replace the truth by what the pieces say, where guards may vanish at the point."""
    here = found.here
    if found.kind not in FIRST | SECOND or here.output is None or found.truth is None:
        return
    inputs = here.road.lifted.inputs
    wrt = tuple(inputs[k] for k in here.wrt)
    if not active((here.output,), here.road.reading, wrt) and not here.road.forked:
        return
    if here.road.forked or sum(v.size for v in wrt) > MOST:
        undefined(found)
        found.why_undecided = "a guard is zero at some points; too many inputs to read all pieces"
        if here.road.forked:
            found.why_undecided = "the program branches on an exact tie at some points"
        return
    node = functional(here.output, weight_of(found, seed)) if found.kind in FIRST else here.output
    try:
        point = beside_scalar(node, wrt, found.leaves, order=1 if found.kind in FIRST else 2)
    except (NoGerm, VerifierError) as error:
        undefined(found)
        found.why_undecided = str(error)
        return
    _use(found, point)


def undefined(found: Any) -> None:
    """Take the truth away: nothing is known of it at this point."""
    for label, truth in found.truth.items():
        found.truth[label] = np.full(truth.shape, NAN, dtype=object)


def _use(found: Any, point: PointBeside) -> None:
    if not point.guards and point.kind == "smooth":
        return
    found.corner = point
    if found.kind in SECOND:
        if point.kind != "smooth" or point.hessian is None:
            undefined(found)
            found.missing = {k: np.ones(v.shape, bool) for k, v in found.truth.items()}
        return
    labels = list(found.here.wrt)
    if point.kind == "smooth" and point.gradient is not None:
        for label, part in zip(labels, point.gradient, strict=True):
            if label in found.truth:
                found.truth[label] = as_objects(part).reshape(found.truth[label].shape)
        return
    shared = shared_components(found, point, labels)
    for label, truth in list(found.truth.items()):
        kept = shared.get(label, np.zeros(truth.shape, bool))
        found.truth[label] = np.where(kept, truth, np.full(truth.shape, NAN, dtype=object))
        if point.kind in NONE_HERE:
            found.missing[label] = ~kept


def shared_components(found: Any, point: PointBeside, labels: list[str]) -> dict[str, Array]:
    """Return the components on which every piece has the very gradient of the slope graph."""
    if not point.pieces.complete or not point.pieces.found:
        return {}
    pieces = [list(p.gradient) for p in point.pieces.found]
    same, start = {}, 0
    for label in labels:
        shape = found.here.leaves[label].shape
        size = int(np.prod(shape, dtype=np.int64))
        columns = [[p[start + i] for p in pieces] for i in range(size)]
        same[label] = np.array([_all_equal(c) for c in columns], dtype=bool).reshape(shape)
        start += size
    return same


def _all_equal(values: list[Any]) -> bool:
    from ..numerals.twins import stored

    numbers = [stored(v) for v in values]
    gaps = [a - numbers[0] for a in numbers[1:]]
    return all(bool(g.is_zero()) for g in gaps)


def findings_at_corner(request: Request, found: Any) -> Iterator[Finding]:
    """Yield what is to be said of a point without a gradient: one finding."""
    point: PointBeside | None = found.corner
    if point is None or point.kind not in NONE_HERE:
        return
    claim = [claimed(found, k) for k in found.here.wrt if k in found.computed]
    rule, said = rule_at(found, point, claim)
    yield corner_finding(request, found, point, rule, said)


def corner_finding(
    request: Request, found: Any, point: PointBeside, rule: str, said: str
) -> Finding:
    """Return the finding of a point without a gradient, with the slopes along its witness."""
    along = ""
    if point.along is not None and point.against is not None:
        along = f" (slopes {short(point.against)} and {short(point.along)} along one line)"
    if rule == "jump":
        along = ""
    witness = Witness(
        point=witness_point(found.leaves), left=ball(point.against), right=ball(point.along),
        direction={k: tensor(np.asarray(v, float)) for k, v in (point.direction or {}).items()},
    )
    return finding(rule, f"{said}{along}", check=request.name, claim=found.kind,
                   argument=found.blocks[0].label, origin=request.origin, witness=witness,
                   severity=Severity.ERROR if rule == "not-a-subgradient" else None)


def rule_at(found: Any, point: PointBeside, claim: list[Array]) -> tuple[str, str]:
    """Return the rule and the sentence for a claimed gradient at a point without one."""
    if point.kind == "jump":
        return "jump", "the value jumps at this point"
    if point.kind == "infinite-slope":
        return "infinite-slope", "the slope is infinite at this point"
    if found.kind in SECOND:
        return "kink", "no second derivative at this point"
    if len(claim) != len(found.here.wrt):
        return "kink", "no gradient at this point"
    if refutes(point, claim) is not None and membership(point, claim) == "outside":
        return "not-a-subgradient", (
            "no gradient at this point, and what the claim returns is no subgradient either")
    where = membership(point, claim)
    if where == "inside":
        return "one-sided-derivative", (
            "no gradient at this point: the claim returns an element of the subdifferential")
    if where == "outside":
        return "not-a-subgradient", (
            "no gradient at this point, and what the claim returns is no subgradient either")
    if any(np.isnan(found.computed[k].astype(float)).any() for k in found.computed):
        return "kink", "no gradient at this point, and the claim returns nan"
    return "kink", "no gradient at this point"


def claimed(found: Any, label: str) -> Array:
    """Return one block of the claim: as its formula gives it, else as it was computed."""
    if found.formula and label in found.formula:
        return plain(found.formula[label])
    return exact(found.computed[label])
