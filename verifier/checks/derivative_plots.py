"""What shows that a claimed elementwise derivative is wrong, or that there is none?

The points the check has looked at anyway, in order: the claim beside the truth, or the function
across its kink. Nothing is run again, so a plot costs nothing and is the same in every run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from ..exact import from_tensor
from ..plotted import Graph
from ..readers.roundoff import floats
from ..verdicts import Finding
from .kinks import NONE_HERE
from .outcome import Outcome

Array = np.ndarray
PLACES = 61  # places of one curve
KEPT = 0.9  # share of the points, the middle ones, that a plot spans where the others lie far out
FAR = 4.0  # widths of the middle that all points together may span and still be drawn
NAMES = {"derivative": "f'", "second_derivative": "f''"}
APART = ("kink", "one-sided-derivative", "not-a-subgradient", "jump", "infinite-slope")
WRONG = ("wrong-derivative", "nan-derivative", "truncated-constant", "precision-loss",
         "outside-rounding-budget")
DISTANCE = "kink distance"  # of the nearest kink from a witness, in the input's unit


@dataclass(frozen=True, slots=True)
class Scene:
    """One batch of points in rising order: f there, the truth, the claim, and where kinks are."""

    name: str
    label: str
    places: Array
    values: Array
    truth: Array
    claimed: Array
    kinks: Array


def scene_of(found: Outcome) -> Scene | None:
    """Return what an elementwise claim was compared on, None where it was no batch of numbers."""
    if found.kind not in NAMES or not found.truth or len(found.blocks) != 1:
        return None
    label = found.blocks[0].label
    x = found.leaves.get(label)
    parts = (found.here.value, found.truth.get(label), found.computed.get(label))
    if x is None or x.ndim != 1 or any(p is None or p.shape != x.shape for p in parts):
        return None
    places = x.astype(float)
    beside = found.beside.get(label)
    met = np.zeros(x.shape, dtype=bool)
    if beside is not None:
        met = np.array([b is not None and b.kind in NONE_HERE for b in beside.ravel()])
    order = np.argsort(places, kind="stable")
    f, truth, claimed = (np.asarray(floats(p) if p.dtype == object else p, dtype=float)
                         for p in parts if p is not None)
    return Scene(NAMES[found.kind], label, places[order], f[order], truth[order],
                 claimed[order], np.unique(places[met]))


def shown(told: Finding, scene: Scene | None) -> Finding:
    """Return the finding with its curve, and the distance of the nearest kink."""
    x = _place(told, scene)
    if scene is None or x is None or told.witness is None:
        return told
    if told.rule in APART and scene.name == "f'":
        curve = _curve(scene, x, scene.values, what="f", marks={"kink": x})
    elif told.rule in WRONG:
        curve = _curve(scene, x, scene.truth, what=scene.name, others={"claimed": scene.claimed})
    else:
        return told
    away = np.abs(scene.kinks - x)
    near = float(np.min(away[away > 0], initial=np.inf))
    numbers = {**told.witness.numbers}
    if np.isfinite(near) and told.witness.curve is not None:
        numbers[DISTANCE] = repr(near)
    witness = msgspec.structs.replace(told.witness, numbers=numbers)
    return msgspec.structs.replace(told, witness=witness, plots=(*told.plots, *curve))


def _place(told: Finding, scene: Scene | None) -> float | None:
    """Return the input at the component that a finding is about."""
    value = told.witness.point.get(scene.label) if scene and told.witness else None
    if value is None:
        return None
    array = np.asarray(from_tensor(value), dtype=float).ravel()
    flat = told.index[0] if told.index and array.size > 1 else 0
    return float(array[flat]) if flat < array.size else None


def _curve(
    scene: Scene, x: float, values: Array, *, what: str, **more: Any
) -> tuple[Graph, ...]:
    chosen = _chosen(scene.places, np.isfinite(values), x)
    if len(chosen) < 5:
        return ()
    others = {name: tuple(map(float, each[chosen])) for name, each in
              more.pop("others", {}).items()}
    return (Graph(at=tuple(map(float, scene.places[chosen])),
                  values=tuple(map(float, values[chosen])), along=scene.label, what=what,
                  others=others, **more),)


def _chosen(places: Array, defined: Array, x: float) -> list[int]:
    """Return at most PLACES indices of defined values: evenly across, and close to `x`."""
    usable = np.flatnonzero(defined & np.isfinite(places))
    if usable.size < 5:
        return []
    edge = (1 - KEPT) / 2
    low, high = np.quantile(places[usable], [edge, 1 - edge], method="nearest")
    least, most = places[usable[0]], places[usable[-1]]
    if most / FAR - least / FAR <= high - low:
        low, high = least, most
    low, high = min(low, x), max(high, x)
    usable = usable[(places[usable] >= low) & (places[usable] <= high)]
    wanted = np.linspace(low, high, PLACES - 12)
    right = np.clip(np.searchsorted(places[usable], wanted), 0, usable.size - 1)
    close = np.argsort(np.abs(places[usable] - x), kind="stable")[:12]
    picked = sorted({*right.tolist(), *close.tolist()})
    _, first = np.unique(places[usable][picked], return_index=True)
    return [int(usable[picked[i]]) for i in first]
