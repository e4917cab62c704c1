"""The kinks that inspect reports: those of the points it stood at, and those along a segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import NoGerm, VerifierError
from ..numerals.balls import Balls, precision
from ..plotted import Graph
from ..readers.atlas import unit_name
from ..readers.guards import active
from ..readers.series import series
from ..readers.value import read
from ..verdicts import Claim, Evidence, Finding, Verdict
from .atlas import along
from .findings import finding, short
from .inspect_plots import graph_along
from .inspect_segment import findings as findings_along
from .inspect_segment import segment_of, told
from .one_sided import JUMP, KINK, STEEP, Beside, judge
from .request import Request
from .subject import Here

Array = np.ndarray
BITS = 256
MOST_DIRECTIONS = 4  # coordinates along which one-sided slopes are shown at one point
MOST_POINTS = 3  # points with a kink that are shown


def kinks_claim(request: Request, heres: list[Here], domains: Mapping[str, Any]) -> Claim:
    """Return the claim "kinks": what is met at the points and what lies along a segment."""
    notes: list[str] = []
    lifted = [h for h in heres if h.output is not None]
    if not lifted:
        return _claim(heres, Evidence(), [], ("kinks: the function is not lifted",))
    real = [h for h in lifted if np.all(np.isfinite(h.value.astype(float)))]
    met = [h for h in heres if touched(h)]
    edges = {id(h) for h in met}
    places = {_place(h): h for h in reversed(met)}
    findings: list[Finding] = []
    for here in [*reversed(places.values())][:MOST_POINTS]:
        notes.extend(_at_point(here, request, findings))
    notes.append(_inside(sum(id(h) not in edges for h in real), len(heres)))
    if len(real) < len(heres):
        notes.append(f"at {len(heres) - len(real)} the function is not finite")
    segment = segment_of(heres, domains)
    if segment is None:
        return _claim(heres, Evidence(notes=tuple(notes)), findings)
    begin, end = segment.ends
    found = along(replace(segment.here, leaves=dict(begin)), end)
    assert segment.here.output is not None
    drawn = graph_along(segment.here.output, segment.ends, found)
    notes += [*told(found, segment), *_gaps(drawn)]
    evidence = Evidence(notes=tuple(notes), atlas=found.kinks, plots=(drawn,))
    return _claim(heres, evidence, [*findings, *findings_along(request, found, segment)],
                  tuple(f"{segment.where}: {text}" for text in found.undecided))


def _gaps(drawn: Graph) -> Iterator[str]:
    """Tell where the function is not finite, the gaps drawn at jumps left out."""
    lost = sum(drawn.at.count(x) == 1 and not np.isfinite(v)
               for x, v in zip(drawn.at, drawn.values, strict=True))
    if lost:
        yield f"  the function is not finite at {lost} of {len(set(drawn.at))} places looked at"


def _claim(
    heres: list[Here], evidence: Evidence, findings: list[Finding], left: tuple[str, ...] = (),
) -> Claim:
    return Claim(claim="kinks", verdict=Verdict.PASSED, points=len(heres),
                 findings=tuple(findings), not_checked=left, evidence=evidence)


def _inside(smooth: int, count: int) -> str:
    if count == 1:
        return ("the point lies inside a smooth piece" if smooth
                else "the point is not inside a smooth piece")
    many = "all" if smooth == count else f"{smooth} of"
    return f"{many} {count} points lie inside a smooth piece"


def touched(here: Here) -> bool:
    """Tell whether a guard that matters may be zero at the point."""
    if here.output is None or here.road.reading is None or here.road.lifted is None:
        return False
    wrt = tuple(here.road.lifted.inputs[k] for k in here.wrt)
    return here.road.forked or bool(active((here.output,), here.road.reading, wrt))


def _at_point(here: Here, request: Request, findings: list[Finding]) -> Iterator[str]:
    """Tell what switches at a point and what f does on both sides along each coordinate."""
    lifted = here.road.lifted
    assert lifted is not None and here.output is not None and here.road.reading is not None
    wrt = tuple(lifted.inputs[k] for k in here.wrt)
    guards = active((here.output,), here.road.reading, wrt)
    names = list(dict.fromkeys(unit_name(g.owner) for g in guards[:3]))
    word = "stand on their edges" if len(names) > 1 else "stands on its edge"
    if any(g.owner.op in ("eigvalsh", "eigenvectors") for g in guards[:3]):
        word += " (two eigenvalues or singular values are equal, or may be)"
    yield f"at {_place(here)}: {', '.join(names) or 'a branch of the program'} {word}"
    if here.value.size != 1 or here.road.forked:
        return
    shown = 0
    for label in here.wrt:
        for index in np.ndindex(*here.leaves[label].shape):
            found = _sides(here, label, index) if shown < MOST_DIRECTIONS else None
            if found is None or found.kind not in (KINK, JUMP, STEEP):
                continue
            shown += 1
            name = f"{label}[{', '.join(map(str, index))}]" if index else label
            text = _said(found, name)
            yield f"  {text}"
            if found.kind == STEEP and not any(f.rule == STEEP for f in findings):
                findings.append(finding(STEEP, f"at {_place(here)} {text}", check=request.name,
                                        claim="kinks", origin=request.origin))


def _said(found: Beside, name: str) -> str:
    if found.left is None or found.right is None:
        return f"along {name}: {found.reason}"
    rate = "limits" if found.kind == JUMP else "slopes"
    return f"{rate} along {name}: {short(found.left)} from the left, {short(found.right)} right"


def _place(here: Here) -> str:
    parts = []
    for name in here.wrt:
        flat = here.leaves[name].ravel()
        more = ", ..." if flat.size > 4 else ""
        text = ", ".join(f"{v + 0.0:.6g}" for v in flat[:4].tolist())
        parts.append(f"{name} = {text}{more}" if flat.size == 1 else f"{name} = [{text}{more}]")
    return "; ".join(parts)


def _sides(here: Here, label: str, index: tuple[int, ...]) -> Beside | None:
    """Return what f does along one coordinate, None where germs do not tell."""
    assert here.output is not None
    ahead = np.zeros(here.leaves[label].shape)
    ahead[index] = 1.0
    try:
        sides = [series([here.output], here.leaves, {label: sign * ahead}, order=1, bits=BITS,
                        widen=True)[here.output].ravel()[0] for sign in (1.0, -1.0)]
        with precision(BITS):
            value = read([here.output], here.leaves, Balls(BITS))[here.output].ravel()[0]
            return judge(value, sides[0], sides[1], -1, 1, BITS)
    except (NoGerm, VerifierError):
        return None
