"""Where guards vanish, which rows of a Jacobian exist? Each row is the gradient of one entry of f.

A row without a gradient at the point is judged as a gradient is (SOUNDNESS 10, 11): its components
are compared where all pieces agree, and the claimed row is a generalised gradient or is not. The
other rows are compared as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import NoGerm, VerifierError
from ..numerals.balls import NAN, as_objects
from ..primitives.linear import gather
from ..readers.guards import active
from ..verdicts import Finding
from .clarke import PointBeside, beside_scalar
from .corners import (
    MOST,
    NONE_HERE,
    claimed,
    corner_finding,
    rule_at,
    shared_components,
    undefined,
)
from .request import Request

Array = np.ndarray
MOST_ROWS = 64  # rows read at a corner; beyond it costs seconds


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of f, by its flat place and its index, and what it does beside the point."""

    place: int
    index: tuple[int, ...]
    point: PointBeside


def settle_rows(found: Any) -> None:
    """Replace the rows of a true Jacobian by what the pieces at the point say of each."""
    here = found.here
    if found.kind != "jacobian" or here.output is None or found.truth is None:
        return
    wrt = tuple(here.road.lifted.inputs[k] for k in here.wrt)
    if not active((here.output,), here.road.reading, wrt) and not here.road.forked:
        return
    if here.road.forked or here.value.size > MOST_ROWS or sum(v.size for v in wrt) > MOST:
        undefined(found)
        found.why_undecided = (
            "the program branches on an exact tie at some points" if here.road.forked else
            "a guard is zero at some points; too many entries to read all pieces")
        return
    truth = {k: t.reshape(here.value.size, -1).copy() for k, t in found.truth.items()}
    missing = {k: np.zeros(t.shape, bool) for k, t in truth.items()}
    rows = []
    for place, index in enumerate(np.ndindex(*here.value.shape)):
        try:
            point = beside_scalar(gather([here.output], np.array(place)), wrt, found.leaves)
        except (NoGerm, VerifierError) as error:
            found.why_undecided = str(error)
            for part in truth.values():
                part[place] = NAN
            continue
        if point.guards or point.kind != "smooth":
            rows.append(Row(place, index, point))
            _use(found, rows[-1], truth, missing)
    found.truth = {k: t.reshape(found.truth[k].shape) for k, t in truth.items()}
    found.missing = {k: m.reshape(found.truth[k].shape) for k, m in missing.items()}
    found.corner_rows = tuple(rows)


def _use(found: Any, row: Row, truth: dict[str, Array], missing: dict[str, Array]) -> None:
    labels, point = list(found.here.wrt), row.point
    if point.kind == "smooth" and point.gradient is not None:
        for label, part in zip(labels, point.gradient, strict=True):
            truth[label][row.place] = as_objects(part).ravel()
        return
    shared = shared_components(found, point, labels)
    for label, part in truth.items():
        kept = np.ravel(shared.get(label, np.zeros(part.shape[1], bool)))
        part[row.place][~kept] = NAN
        if point.kind in NONE_HERE:
            missing[label][row.place] = ~kept


def findings_at_rows(request: Request, found: Any) -> Iterator[Finding]:
    """Yield what is to be said of entries of f without a gradient: one finding a rule."""
    said: set[str] = set()
    for row in found.corner_rows:
        if row.point.kind not in NONE_HERE:
            continue
        size = found.here.value.size
        claim = [claimed(found, k).reshape(size, -1)[row.place]
                 for k in found.here.wrt if k in found.computed]
        rule, sentence = rule_at(found, row.point, claim)
        if rule in said:
            continue
        said.add(rule)
        entry = f"f[{', '.join(map(str, row.index))}]" if row.index else "f"
        yield corner_finding(request, found, row.point, rule, f"{entry}: {sentence}")
