"""The kinks that inspect reports: those of the points it stood at, and those along a segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..domains import BOX
from ..errors import NoGerm, VerifierError
from ..numerals.balls import Balls, precision
from ..readers.atlas import Atlas, unit_name
from ..readers.guards import active
from ..readers.series import series
from ..readers.value import read
from ..verdicts import AtlasKink, Claim, Evidence, Finding, Verdict
from .atlas import along
from .findings import finding, short
from .one_sided import KINK, judge
from .request import Request
from .subject import Here

Array = np.ndarray
BITS = 256
MOST_DIRECTIONS = 4  # coordinates along which one-sided slopes are shown at one point
MOST_POINTS = 3  # points with a kink that are shown
MOST_SHOWN = 6  # kinks of the atlas told in a note; all are in the data


def kinks_claim(request: Request, heres: list[Here], domains: Mapping[str, Any]) -> Claim:
    """Return the claim "kinks": what is met at the points and what lies along a segment."""
    notes: list[str] = []
    met = [h for h in heres if touched(h)]
    places = {_place(h): h for h in reversed(met)}
    for here in [*reversed(places.values())][:MOST_POINTS]:
        notes.extend(_at_point(here))
    smooth = len(heres) - len(met)
    notes.append(f"{smooth} of {len(heres)} points lie inside a smooth piece")
    found, where = _segment(heres, domains)
    findings: tuple[Finding, ...] = ()
    left: list[str] = []
    if found is not None:
        notes.extend(_told(found, where))
        findings = tuple(_findings(request, found, where))
        left = [f"{where}: {text}" for text in found.undecided]
    return Claim(
        claim="kinks", verdict=Verdict.PASSED, points=len(heres), findings=findings,
        not_checked=tuple(left),
        evidence=Evidence(notes=tuple(notes), atlas=found.kinks if found else ()),
    )


def touched(here: Here) -> bool:
    """Tell whether a guard that matters may be zero at the point."""
    if here.output is None or here.road.reading is None or here.road.lifted is None:
        return False
    wrt = tuple(here.road.lifted.inputs[k] for k in here.wrt)
    return here.road.forked or bool(active((here.output,), here.road.reading, wrt))


def _at_point(here: Here) -> Iterator[str]:
    lifted = here.road.lifted
    assert lifted is not None and here.output is not None and here.road.reading is not None
    wrt = tuple(lifted.inputs[k] for k in here.wrt)
    guards = active((here.output,), here.road.reading, wrt)
    names = ", ".join(dict.fromkeys(unit_name(g.owner) for g in guards[:3]))
    yield f"at {_place(here)}: {names or 'a branch of the program'} stands on its edge"
    if here.value.size != 1 or here.road.forked:
        return
    shown = 0
    for label in here.wrt:
        for index in np.ndindex(*here.leaves[label].shape):
            if shown == MOST_DIRECTIONS:
                return
            text = _sides(here, label, index)
            if text:
                shown += 1
                yield text


def _place(here: Here) -> str:
    parts = []
    for name in here.wrt:
        flat = here.leaves[name].ravel()
        more = ", ..." if flat.size > 4 else ""
        text = ", ".join(f"{v + 0.0:.6g}" for v in flat[:4].tolist())
        parts.append(f"{name} = {text}{more}" if flat.size == 1 else f"{name} = [{text}{more}]")
    return "; ".join(parts)


def _sides(here: Here, label: str, index: tuple[int, ...]) -> str:
    """Return the one-sided slopes along one coordinate, "" where it is smooth along it."""
    assert here.output is not None
    ahead = np.zeros(here.leaves[label].shape)
    ahead[index] = 1.0
    try:
        sides = [series([here.output], here.leaves, {label: sign * ahead}, order=1, bits=BITS,
                        widen=True)[here.output].ravel()[0] for sign in (1.0, -1.0)]
        with precision(BITS):
            value = read([here.output], here.leaves, Balls(BITS))[here.output].ravel()[0]
            what = judge(value, sides[0], sides[1], 0, 1, BITS)
    except (NoGerm, VerifierError):
        return ""
    if what.kind != KINK or what.left is None or what.right is None:
        return ""
    name = f"{label}[{', '.join(map(str, index))}]" if index else label
    return f"  slopes along {name}: {short(what.left)} from the left, {short(what.right)} right"


# ---------------------------------------------------------------- along a segment
def _segment(heres: list[Here], domains: Mapping[str, Any]) -> tuple[Atlas | None, str]:
    """Choose a segment: the box's diagonal, or from the first point to the second."""
    here = next((h for h in heres if h.output is not None and h.road.lifted is not None), None)
    if here is None:
        return None, ""
    ends = _corners(here, domains)
    if ends is not None:
        low, high = ends
        start = _moved(here, low)
        single = sum(v.size for v in low.values()) == 1
        where = f"on {_span(low, high)}" if single else "along the diagonal of the box"
        return along(start, {**here.leaves, **high}), where
    shapes = {k: v.shape for k, v in here.leaves.items()}
    goal = next((h for h in heres if h is not here
                 and {k: v.shape for k, v in h.leaves.items()} == shapes), None)
    if goal is None:
        return None, ""
    return along(here, goal.leaves), "from the first point to the next"


def _span(low: Mapping[str, Array], high: Mapping[str, Array]) -> str:
    ((name, a),) = low.items()
    return f"{name} in [{float(a.ravel()[0]):.6g}, {float(high[name].ravel()[0]):.6g}]"


def _corners(
    here: Here, domains: Mapping[str, Any]
) -> tuple[dict[str, Array], dict[str, Array]] | None:
    """Return both ends of the diagonal of a finite box, None where there is none."""
    low, high = {}, {}
    for name, domain in domains.items():
        if domain.kind != BOX or name not in here.leaves:
            return None
        value = here.leaves[name]
        a, b = domain.ends_inside(value.dtype.name)
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            return None
        low[name] = np.broadcast_to(a, value.shape).astype(value.dtype)
        high[name] = np.broadcast_to(b, value.shape).astype(value.dtype)
    return (low, high) if low else None


def _moved(here: Here, low: Mapping[str, Array]) -> Here:
    from dataclasses import replace

    return replace(here, leaves={**here.leaves, **low})


def _told(found: Atlas, where: str) -> Iterator[str]:
    yield from found.notes
    how = "every one, exactly" if found.exact else "isolated in balls"
    yield f"{where}: {len(found.kinks)} kinks ({how}), {found.pieces} pieces" if found.kinks else (
        f"{where}: no kink" + ("" if found.exact else f", {how}"))
    for kink in found.kinks[:MOST_SHOWN]:
        yield f"  t = {_short_text(kink)}: {_WHAT[kink.order]} {_pair(kink)}, {kink.units[0]}"
    if len(found.kinks) > MOST_SHOWN:
        yield f"  and {len(found.kinks) - MOST_SHOWN} more in the report's data"
    if found.hidden:
        yield (f"  {found.hidden} places where a unit switches without a trace in the value"
               + ("" if found.exact else ", judged up to the second derivative"))


_WHAT = {0: "a jump from/to", 1: "slopes by t", 2: "second derivatives by t"}


def _short_text(kink: AtlasKink) -> str:
    return kink.t if len(kink.t) <= 12 else f"{kink.at:.6g}"


def _pair(kink: AtlasKink) -> str:
    apart = (k for k, pair in enumerate(zip(kink.left, kink.right, strict=True))
             if pair[0] != pair[1])
    place = next(apart, 0)
    return " and ".join(_number(side, place) for side in (kink.left, kink.right))


def _number(side: tuple[str, ...], place: int) -> str:
    text = side[place]
    if text.startswith("["):
        middle = text[1:].split(" ")[0]
        text = "0" if middle == "+/-" else f"{float(middle):.6g}"
    elif "/" in text:
        above, below = text.split("/")
        text = f"{int(above) / int(below):.6g}"
    else:
        text = f"{float(text):.6g}"
    before, after = "..., " if place else "", ", ..." if place + 1 < len(side) else ""
    return text if len(side) == 1 else f"[{before}{text}{after}]"


def _findings(request: Request, found: Atlas, where: str) -> Iterator[Finding]:
    for order, rule in ((0, "jump"), (1, "kink")):
        met = [k for k in found.kinks if (k.order == 0) == (order == 0)]
        if met:
            places = ", ".join(_short_text(k) for k in met[:MOST_SHOWN])
            more = f" and {len(met) - MOST_SHOWN} more" if len(met) > MOST_SHOWN else ""
            yield finding(rule, f"{where}, at t = {places}{more}: {_WHAT[met[0].order]} "
                          f"{_pair(met[0])}", check=request.name, claim="kinks",
                          origin=request.origin)
