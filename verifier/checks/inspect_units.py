"""Unit health: dead and saturated units over the points or data, and gradients by layer.

The claim: none; `inspect` reports facts. How they are found: a unit's argument is read in balls at
every point and for every sample; it is dead where all are strictly on its flat side, saturated
where all slopes are below 2^-20 of the steepest. Over a box, dead is proved by enclosure.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from ..domains import BOX
from ..errors import VerifierError
from ..plotted import Layers
from ..readers.health import awake, dead_over_box, steep
from ..readers.units import Unit, units_of
from ..readers.value import Reading
from ..verdicts import Claim, Evidence, Finding, Verdict
from .findings import finding
from .inspect_layers import POINTS, Seen, by_layer, drawn, keys_of, line_of, measure, vanishing
from .request import Request
from .subject import Here

Array = np.ndarray
MOST_NAMED = 8  # units named in one sentence
ENOUGH = 8  # samples after which a switch that was always off is worth a finding


def units_claim(
    request: Request, heres: list[Here], domains: Mapping[str, Any], deadline: float
) -> Claim:
    """Return the claim "units"."""
    seen: dict[tuple[Any, ...], Seen] = {}
    points = 0
    for here in heres:
        if here.output is None or here.road.lifted is None or here.road.reading is None:
            continue
        if points and time.monotonic() > deadline:
            break
        points += 1
        units = units_of(here.output, tuple(here.road.lifted.inputs.values()))
        _watch(units, here, seen)
        if here.value.size == 1 and points <= POINTS:
            measure(units, here, seen)
    if not points:
        return _claim([], ["units: the function is not lifted"], [], 0)
    left = _prove(heres, domains, seen)
    findings = [*_findings(request, seen, points), *vanishing(request, seen)]
    notes = [*_notes(seen, points), *by_layer(seen)]
    return _claim(notes or ["no relu, tanh, sigmoid or the like"], left, findings, points,
                  drawn(seen))


def _claim(
    notes: list[str], left: list[str], findings: list[Finding], points: int,
    plots: tuple[Layers, ...] = (),
) -> Claim:
    return Claim(claim="units", verdict=Verdict.PASSED, points=points, not_checked=tuple(left),
                 evidence=Evidence(notes=tuple(notes), plots=plots), findings=tuple(findings))


def _watch(units: tuple[Unit, ...], here: Here, seen: dict[tuple[Any, ...], Seen]) -> None:
    reading = here.road.reading
    assert reading is not None
    for key, unit in zip(keys_of(units), units, strict=True):
        alive = _alive(unit, reading)
        old = seen.setdefault(key, Seen(unit, np.zeros(unit.count, dtype=bool)))
        old.alive |= alive
        old.samples += unit.node.size // max(1, unit.count)


def _alive(unit: Unit, reading: Reading) -> Array:
    if unit.kind == "bend":
        return np.ones(unit.count, dtype=bool)
    return awake(unit, reading) if unit.kind == "switch" else steep(unit, reading)


# ---------------------------------------------------------------- over a box
def _prove(
    heres: list[Here], domains: Mapping[str, Any], seen: dict[tuple[Any, ...], Seen]
) -> list[str]:
    """Enclose the switches of the first graph over the box, where there is one."""
    here = next((h for h in heres if h.output is not None and h.road.lifted is not None), None)
    asleep = [s for s in seen.values() if s.unit.kind == "switch" and not s.alive.all()]
    if here is None or not asleep or not domains:
        return []
    assert here.output is not None and here.road.lifted is not None
    box = _box(here, domains)
    if box is None or here.road.lifted.path or here.road.lifted.pinned:
        return ["dead units over the whole domain: no finite box, or the program branches"]
    units = units_of(here.output, tuple(here.road.lifted.inputs.values()))
    switches = [(k, u) for k, u in zip(keys_of(units), units, strict=True) if u.kind == "switch"]
    try:
        proved = dead_over_box([u for _, u in switches], box)
    except VerifierError as error:
        return [f"dead units over the whole domain: {error}"]
    for (key, _), dead in zip(switches, proved, strict=True):
        if key in seen:
            seen[key].proved = dead
    return []


def _box(here: Here, domains: Mapping[str, Any]) -> dict[str, tuple[Array, Array]] | None:
    """Return a box of floats around the domain, rounded outward; other leaves are points."""
    box = {k: (v.astype(float), v.astype(float)) for k, v in here.leaves.items()}
    for name, domain in domains.items():
        if domain.kind != BOX or name not in box:
            return None
        shape = here.leaves[name].shape
        ends = [np.array([_outward(getattr(f, end), sign) for f in domain.factors])
                for end, sign in (("low", -1), ("high", 1))]
        box[name] = tuple(np.broadcast_to(e if e.size == 1 else e.reshape(shape), shape)
                          if e.size > 1 or shape else e.reshape(()) for e in ends)  # type: ignore
    return box


def _outward(end: Fraction | None, sign: int) -> float:
    if end is None:
        return sign * np.inf
    near = float(end)
    return near if Fraction(near) == end else float(np.nextafter(near, sign * np.inf))


# ---------------------------------------------------------------- what is told
def _every(points: int) -> str:
    return "the one point" if points == 1 else f"all {points} points"


def _numbers(marked: Array) -> str:
    places = np.flatnonzero(marked)
    shown = ", ".join(map(str, places[:MOST_NAMED].tolist()))
    return shown + (f" and {places.size - MOST_NAMED} more" if places.size > MOST_NAMED else "")


def _notes(seen: dict[tuple[Any, ...], Seen], points: int) -> Iterator[str]:
    lines: dict[str, list[Seen]] = {}
    for what in seen.values():
        if what.unit.kind == "bend":
            continue
        lines.setdefault(f"{line_of(what.unit)} {what.unit.name}", []).append(what)
    for name, all_of in lines.items():
        asleep = sum(int((~w.alive).sum()) for w in all_of)
        total = sum(w.alive.size for w in all_of)
        word = "off" if all_of[0].unit.kind == "switch" else "saturated"
        each = f", {all_of[0].samples // points} samples each" if (
            all_of[0].samples > points) else ""
        times = f", run {len(all_of)} times" if len(all_of) > 1 else ""
        proved = sum(int(w.proved.sum()) for w in all_of if w.proved is not None)
        proof = f"; {proved} proved off on the whole domain" if proved else ""
        yield (f"{name}{times}: {asleep} of {total} units {word} at {_every(points)}{each}{proof}")


def _findings(
    request: Request, seen: dict[tuple[Any, ...], Seen], points: int
) -> Iterator[Finding]:
    for what in seen.values():
        asleep = ~what.alive
        proved = what.proved is not None and bool(what.proved.any())
        if not asleep.any() or (
                what.unit.kind == "switch" and what.samples < ENOUGH and not proved):
            continue
        rule = "dead-unit" if what.unit.kind == "switch" else "saturated-unit"
        says = "are off" if rule == "dead-unit" else "have a negligible slope"
        which = f" (units {_numbers(asleep)})" if what.alive.size > 1 else ""
        samples = f" and every one of their {what.samples} samples" if (
            what.samples > points) else ""
        sentence = (f"{int(asleep.sum())} of {what.alive.size} units of this line {says} at "
                    f"{_every(points)}{samples}{which}")
        if proved and what.proved is not None:
            sentence += f"; {int(what.proved.sum())} proved off on the whole domain"
        yield finding(rule, sentence, check=request.name, claim=f"units {line_of(what.unit)}",
                      origin=what.unit.node.origin or request.origin)
