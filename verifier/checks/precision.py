"""How many digits survive? The computed value, or claimed derivative, against the exact one.

The claim: `12 digits`, `4 ulp`, `finite` of the value; `gradient keeps 12 digits`, `gradient is
finite` of the claimed derivative; each per dtype (`12 digits in float32`).
How it is decided: at every point of the plan the user's code is run in the dtype and compared with
its own formula in balls. REFUTED carries the worst input; PASSED says at how many points it was
kept. Nothing is proved: a rounding budget over a region is not built yet.
A model that fails: ``np.log(1 + x)`` near 0. The same model mended: ``np.log1p(x)``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np

from ..errors import VerifierError
from ..numerals.balls import as_objects, exact, plain
from ..plotted import Digits
from ..readers.roundoff import LARGEST, floats, unit
from ..settings import Settings
from ..verdicts import Claim, Evidence, Severity, Verdict, Witness
from .findings import ball, component, finding, number, short, witness_point
from .outcome import outcome_at
from .precision_plots import blamed_lines, digits_plot, one_number
from .request import Request
from .subject import Here, stand_at

Array = np.ndarray
GRADIENTS = ("gradient", "derivative", "value_and_gradient", "backward", "vjp")
SECONDS = ("second_derivative", "hessian", "hessian_diagonal", "hvp")
MOST_DIGITS = 20.0
MOST_AGAIN = 32  # points run again in another dtype, for a plot
IN_DIGITS = SimpleNamespace(kind="digits", unit="digits")  # how a plot reads every claim


@dataclass(frozen=True, slots=True)
class Kept:
    """One computed array beside its exact value at one point."""

    here: Here
    label: str
    computed: Array
    value: Array


def check_precision(request: Request, spec: Any, stops: Any, numbers: Settings) -> Claim:
    """Return what became of a claim about digits, ulps or finiteness."""
    worst: tuple[float, Kept, tuple[int, ...]] | None = None
    points, entries = 0, 0
    seen: list[Kept] = []
    for kept in _all(request, spec, stops, numbers):
        points += 1
        seen.append(kept)
        score = _shortfall(spec, kept)
        entries += score.size
        if score.size and (worst is None or float(np.max(score)) > worst[0]):
            place = np.unravel_index(int(np.argmax(score)), score.shape)
            worst = float(np.max(score)), kept, tuple(int(i) for i in place)
    if worst is None:
        return Claim(claim=spec.text, verdict=Verdict.UNDECIDED, road="none",
                     reason="nothing could be compared", not_checked=(
                         f"'{spec.text}': no lifted value or claimed derivative to compare",))
    evidence = Evidence(components=entries, agreed=entries, notes=(_best(spec, worst[0]),),
                        plots=_curves(request, spec, stops, seen))
    if worst[0] <= _bar(spec):
        return Claim(claim=spec.text, verdict=Verdict.PASSED, semantics=_dtype(worst[1]),
                     points=points, patterns=1, evidence=evidence)
    return _refuted(request, spec, worst, points, evidence)


def _curves(request: Request, spec: Any, stops: Any, seen: list[Kept]) -> tuple[Digits, ...]:
    """Return the digits kept against the input, in the dtype claimed and in another one."""
    name = one_number(seen[0].here) if spec.order == 0 and spec.kind != "finite" else None
    if name is None:
        return ()
    first = _dtype(seen[0])
    other = "float32" if first == "float64" else "float64"
    again = replace(request, dtype=other)
    more = []
    for kept in seen[:MOST_AGAIN]:
        if time.monotonic() > stops.deadline:
            break
        try:
            here = stand_at(again, stops.plan, kept.here.point)
        except VerifierError:
            continue
        if here.output is not None and here.road.reading is not None:
            value = plain(here.road.reading.values[here.output]).reshape(here.value.shape)
            more.append(Kept(here, "f", here.value, value))
    told = {dtype: [(k.here.leaves[name], -_shortfall(IN_DIGITS, k)) for k in some]
            for dtype, some in ((first, seen), (other, more))
            if some and _dtype(some[0]) == dtype}
    return digits_plot(told, name, float(spec.number) if spec.unit == "digits" else None)


def _dtype(kept: Kept) -> str:
    return str(kept.computed.dtype.name)


def _all(request: Request, spec: Any, stops: Any, numbers: Settings) -> Iterator[Kept]:
    wanted = GRADIENTS if spec.order == 1 else SECONDS
    kind = next((k for k in wanted if callable(request.derivatives.get(k))), None)
    for here in _heres(request, spec, stops):
        if spec.order == 0:
            if here.output is not None and here.road.reading is not None:
                value = plain(here.road.reading.values[here.output]).reshape(here.value.shape)
                yield Kept(here, "f", here.value, value)
            continue
        if kind is None:
            return
        asked = replace(request, dtype=spec.dtype) if spec.dtype else request
        try:
            found = outcome_at(asked, kind, here, numbers)
        except VerifierError:
            continue
        for label, truth in (found.truth or {}).items():
            if label in found.computed:
                yield Kept(here, label, found.computed[label], plain(truth))


def _heres(request: Request, spec: Any, stops: Any) -> Iterator[Here]:
    """The points as they were run, or run again in the dtype the claim names."""
    if spec.dtype is None or spec.dtype == request.dtype:
        yield from stops
        return
    asked = replace(request, dtype=spec.dtype)
    for here in stops:
        try:
            yield stand_at(asked, stops.plan, here.point)
        except VerifierError:
            continue


def _shortfall(spec: Any, kept: Kept) -> Array:
    """Return per entry what the claim limits: ulps, minus the digits kept, or 1 for not finite."""
    computed = kept.computed.astype(float)
    truth = floats(kept.value)
    defined = np.isfinite(truth)
    if spec.kind == "finite":  # also where nothing is defined: the value is claimed to be a number
        return np.where(np.isfinite(computed), 0.0, 1.0)
    with np.errstate(all="ignore"):
        gaps = np.asarray(_gap(exact(np.where(np.isfinite(computed), computed, 0.0)), kept.value),
                          dtype=float)
        gaps = np.where(np.isfinite(computed), gaps, np.inf)
        size = np.abs(truth)
        if spec.unit == "ulp":
            score = gaps / (2 * unit(_dtype(kept)) * 2.0 ** np.floor(np.log2(size)))
        else:
            score = -np.minimum(MOST_DIGITS, -np.log10(gaps / size))
        score = np.where(gaps == 0, -MOST_DIGITS if spec.unit == "digits" else 0.0, score)
    least = LARGEST[_dtype(kept)] ** -1 if _dtype(kept) in LARGEST else 0.0
    judged = defined & (size > least)
    return as_float(np.where(judged, np.nan_to_num(score, nan=-MOST_DIGITS, posinf=np.inf),
                             -MOST_DIGITS if spec.unit == "digits" else 0.0))


def as_float(array: Any) -> Array:
    return np.asarray(array, dtype=float)


def _one_gap(a: Any, b: Any) -> float:
    return float(abs(a - b).mid()) if b.is_finite() else float("nan")


def _gap(a: Array, b: Array) -> Array:
    return as_objects(np.frompyfunc(_one_gap, 2, 1)(a, b))


def _bar(spec: Any) -> float:
    if spec.kind == "finite":
        return 0.0
    limit = float(spec.number)
    return limit if spec.unit == "ulp" else -limit


def _best(spec: Any, score: float) -> str:
    if spec.kind == "finite":
        return "every value is finite" if score <= 0 else "some values are not finite"
    return f"{score:.3g} ulp at worst" if spec.unit == "ulp" else f"{-score:.1f} digits at worst"


def _refuted(
    request: Request, spec: Any, worst: tuple[float, Kept, tuple[int, ...]], points: int,
    evidence: Evidence,
) -> Claim:
    score, kept, place = worst
    said = float(kept.computed[place])
    rule = "precision-loss" if spec.kind != "finite" else (
        "nan-value" if np.isnan(said) else "overflow")
    name = "the value" if kept.label == "f" else component(kept.label, place)
    there = kept.value[place]
    exactly = (f"exactly it is {short(there, 10)}" if there.is_finite() or there.mid().is_finite()
               else "and it has no exact value there")
    sentence = (f"'{spec.text}' does not hold: {name} is computed as {said:.10g} in "
                f"{_dtype(kept)}, {exactly} ({_best(spec, score)})")
    witness = Witness(point=witness_point(kept.here.leaves), claimed=number(said),
                      ball=ball(kept.value[place]),
                      digits=-score if spec.unit == "digits" and np.isfinite(score) else None)
    lost = kept.label == "f" and rule == "precision-loss"
    node = kept.here.output
    origin = node.origin if node is not None and kept.label == "f" else None
    told = finding(rule, sentence, check=request.name, claim=spec.text,
                   argument=None if kept.label == "f" else kept.label, index=place,
                   origin=origin or request.origin, witness=witness, severity=Severity.ERROR)
    drawn = (*evidence.plots, *(blamed_lines(kept.here, place) if lost else ()))
    told = msgspec.structs.replace(told, plots=drawn)
    evidence = msgspec.structs.replace(evidence, plots=())
    return Claim(claim=spec.text, verdict=Verdict.REFUTED, semantics=_dtype(kept), points=points,
                 patterns=1, evidence=evidence, findings=(told,), reason=sentence)
