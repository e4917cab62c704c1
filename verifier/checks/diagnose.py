"""From a refuted derivative to a sentence: what a diagnosis needs, and its answer on the findings.

The suspicions themselves live in another folder of this floor; they come as an argument and see
only the plain data of a :class:`Fault`.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from ..frontends.lifted import Lifted
from ..graph.node import Node
from ..numerals.balls import NAN, Balls, exact, plain, precision
from ..numerals.tokens import Maybe
from ..readers.fault import Blocks, Diagnose, Diagnosis, Fault, Sample
from ..readers.value import read
from ..rules import RULES
from ..verdicts import Finding
from .agreement import AGREE, DISJOINT, EXPLAINED
from .findings import identity
from .lifting import take_road
from .observe import observe, quiet
from .outcome import Outcome, blocks_of, given_of
from .request import Request
from .subject import claim_program
from .truth import truth_of

Array = np.ndarray
SECONDS = 3.0  # wall clock after which a diagnosis is given up; counts end most before
STEPS = (2.0**-3, 2.0**-6, 2.0**-10, 2.0**-20)  # relative moves to a fresh point
OPAQUE = 2.0**-26  # relative radius given to a computed claim: half the digits of float64


def explained(
    request: Request, found: Outcome, findings: Sequence[Finding], diagnose: Diagnose | None,
    notes: dict[str, None] | None = None,
) -> list[Finding]:
    """Return the findings with a diagnosis said on every wrong block that has one.

    A diagnosis that fails is none: `notes` names what went wrong, the findings stand.
    """
    failing = tuple(f.argument for f in findings
                    if f.rule == "wrong-derivative" and f.argument is not None)
    if diagnose is None or not failing:
        return list(findings)
    troubles: list[str] = []
    answers: tuple[Diagnosis, ...] = ()
    try:
        with precision(max(128, found.bits)), np.errstate(all="ignore"):
            fault = fault_of(request, found, failing)
            answers = diagnose(fault) if fault is not None else ()
        troubles += fault.troubles if fault is not None else []
    except Exception as failure:
        troubles.append(f"{type(failure).__name__}: {failure}")
    if notes is not None:
        said = "no diagnosis (internal error, please report it)"
        notes.update((f"{said}: {trouble}", None) for trouble in troubles)
    by_label = {label: a for a in answers for label in a.labels}
    return [_with(f, by_label[f.argument]) if f.rule == "wrong-derivative"
            and f.argument in by_label else f for f in findings]


def _with(found: Finding, answer: Diagnosis) -> Finding:
    numbers = found.explanation
    rule = RULES[answer.rule]
    own_place = (found.argument, found.index)
    return msgspec.structs.replace(
        found,
        id=found.id if answer.rule == found.rule else identity(found.id, answer.rule, *own_place),
        rule=answer.rule,
        severity=answer.severity or (found.severity if answer.rule == found.rule
                                     else rule.severity),
        explanation=f"{answer.sentence}. {numbers[:1].upper()}{numbers[1:]}",
        remedy=answer.remedy,
        diagnosis=answer.slug,
    )


def fault_of(request: Request, found: Outcome, failing: tuple[str, ...]) -> Fault | None:
    """Return the fault of an outcome, None where the function is not lifted or tied to a point."""
    here = found.here
    lifted = here.road.lifted
    if here.output is None or lifted is None or lifted.pinned or found.truth is None:
        return None
    claim = found.road.lifted if found.road is not None and found.nodes else None
    reader = _Reader(request, found, lifted, claim)
    first = reader.sample(found.leaves)
    if first is None:
        return None
    return Fault(
        kind=found.kind, labels=tuple(b.label for b in found.blocks), failing=failing,
        output=here.output, wrt={k: lifted.inputs[k] for k in here.wrt}, given=given_of(found),
        claim=dict(found.nodes) if claim is not None and not claim.pinned else {},
        dtype=found.computed[failing[0]].dtype.name, first=_judged(found, first),
        fresh=functools.cache(lambda k: reader.near(request.seed + k, _moving(found))),
        moved=functools.cache(lambda: reader.near(request.seed + 7, _numbers(found))),
        truth=reader.truth, claimed=reader.claimed,
        deadline=time.monotonic() + SECONDS, floor=2.0**-20 if claim is not None else 1.0,
    )


def _judged(found: Outcome, first: Sample) -> Sample:
    """Leave out what was not decided at the point itself: kinks, undefined and open entries."""
    truth = dict(first.truth)
    for label, agreement in found.agreement.items():
        settled = np.isin(agreement.code, (AGREE, EXPLAINED, DISJOINT))
        truth[label] = np.where(settled, plain(truth[label]), np.array(NAN, dtype=object))
    return Sample(first.leaves, first.claimed, truth)


def _moving(found: Outcome) -> tuple[str, ...]:
    """Name the leaves a fresh point moves: those differentiated by, cotangents and directions."""
    extra = tuple(k for k in found.leaves if k not in found.here.leaves)
    return (*found.here.wrt, *extra)


def _numbers(found: Outcome) -> tuple[str, ...]:
    """Name these and every single number among the data: coefficients, slopes, thresholds."""
    single = tuple(k for k, v in found.leaves.items() if v.size == 1)
    return tuple(dict.fromkeys((*_moving(found), *single)))


class _Reader:
    """Reads function and claim of one outcome at other leaves, in enclosures (reading B)."""

    def __init__(
        self, request: Request, found: Outcome, function: Lifted, claim: Lifted | None
    ) -> None:
        self.found, self.function, self.claim = found, function, claim
        self.numeral = Balls(max(128, found.bits), widen=True)
        self.program = claim_program(request, found.kind, found.here)[0]

    def sample(self, leaves: Mapping[str, Array]) -> Sample | None:
        """Return claim and truth at `leaves`, None where the run would take another path."""
        if not self._same_path(leaves):
            return None
        claimed = self._said(leaves)
        if claimed is None or self.found.here.output is None:
            return None
        return Sample(leaves, claimed, self.truth(self.found.here.output, leaves))

    def _said(self, leaves: Mapping[str, Array]) -> Blocks | None:
        """Return the claim at `leaves`: its graph, lifted anew where that is tied to a point."""
        if self.claim is None:
            return self._computed(leaves)
        if not self.claim.pinned or leaves is self.found.leaves:
            return self._formula(self.found.nodes, leaves)
        seen = observe(self.program, dict(leaves))
        road = take_road(self.program, leaves, seen.value) if seen.raised is None else None
        if road is None or road.lifted is None:
            return None
        blocks, _ = blocks_of(self.found.kind, road.lifted.output, self.found.here,
                              self.found.blocks)
        with precision(self.numeral.bits):
            nodes = {k: v for k, v in blocks.items() if isinstance(v, Node)}
            reading = read(nodes.values(), leaves, self.numeral)
        return {k: reading.values[v] if isinstance(v, Node) else exact(v)
                for k, v in blocks.items()}

    def truth(self, output: Node, leaves: Mapping[str, Array]) -> Blocks:
        """Return the derivative of `output`, by block."""
        wrt = {k: self.function.inputs[k] for k in self.found.here.wrt}
        blocks, _ = truth_of(self.found.kind, output, wrt, leaves, self.numeral,
                             given_of(self.found))
        return {b.label: blocks[b.label].reshape(b.shape) for b in self.found.blocks}

    def claimed(self, nodes: Mapping[str, Node], leaves: Mapping[str, Array]) -> Blocks:
        """Return a changed graph of the claim, by block; without one the claim as it stands."""
        return self._formula(nodes, leaves) if nodes else self._said(leaves) or {}

    def _formula(self, nodes: Mapping[str, Node], leaves: Mapping[str, Array]) -> Blocks:
        """Return graphs read at `leaves`; a block that does not depend on them as computed."""
        with precision(self.numeral.bits):
            reading = read(nodes.values(), leaves, self.numeral)
        fixed = {k: exact(v) for k, v in self.found.computed.items() if k not in nodes}
        return {**fixed, **{k: reading.values[n] for k, n in nodes.items()}}

    def _computed(self, leaves: Mapping[str, Array]) -> Blocks | None:
        """Run an opaque claim; each entry gets the radius of half the digits of its block."""
        seen = observe(self.program, dict(leaves))
        if seen.raised is not None:
            return None
        blocks, _ = blocks_of(self.found.kind, seen.value, self.found.here, self.found.blocks)
        return {k: _blurred(v) for k, v in blocks.items()}

    def _same_path(self, leaves: Mapping[str, Array]) -> bool:
        with precision(self.numeral.bits):
            return all(_follows(lifted, leaves) for lifted in (self.function, self.claim)
                       if lifted is not None)

    def near(self, seed: int, names: tuple[str, ...]) -> Sample | None:
        """Return a sample near the first with `names` moved and everything finite.

        The farthest where the claim is wrong too, else the farthest there is.
        """
        farthest = None
        for step in STEPS:
            leaves = dict(self.found.leaves)
            random = np.random.default_rng([seed, 101])
            for name in names:
                leaves[name] = _moved(leaves[name], step, random)
            with quiet():
                sample = self.sample(leaves)
            if sample is None or not _mostly_finite(sample):
                continue
            if any(_differ(sample.claimed[k], t) for k, t in sample.truth.items()):
                return sample
            farthest = farthest or sample
        return farthest


def _differ(claim: Array, truth: Array) -> bool:
    return any(c.is_finite() and t.is_finite() and not (c - t).contains(0) for c, t in zip(
        plain(claim).ravel().tolist(), plain(truth).ravel().tolist(), strict=True))


def _blurred(values: Array) -> Array:
    from flint import arb

    finite = np.abs(values[np.isfinite(values)]) if values.size else values
    radius = arb(0, float(np.max(finite, initial=0.0)) * OPAQUE)
    return np.asarray(exact(values) + radius, dtype=object)


def _moved(values: Array, step: float, random: np.random.Generator) -> Array:
    """Return an array moved by up to `step` of each entry; zeros by `step` of the typical entry."""
    size = float(np.sqrt(np.mean(np.square(values, dtype=float)))) if values.size else 1.0
    room = np.where(values == 0, size if 0 < size < np.inf else 1.0, np.abs(values))
    shift = random.uniform(0.25, 1.0, values.shape) * random.choice([-1, 1], values.shape)
    if values.ndim == 2 and np.array_equal(values, values.T):  # a covariance stays symmetric
        shift, room = (shift + shift.T) / 2, (room + room.T) / 2
    return np.asarray(values + step * shift * room, dtype=values.dtype)


def _follows(lifted: Lifted, leaves: Mapping[str, Array]) -> bool:
    """Tell whether the program takes the path at `leaves` that it was lifted on (SOUNDNESS 5)."""
    if not lifted.path:
        return True
    reading = read([c.node for c in lifted.path], leaves, Balls(128))
    for condition in lifted.path:
        values = np.broadcast_to(reading.values[condition.node], condition.taken.shape)
        for value, taken in zip(values.ravel().tolist(), condition.taken.ravel().tolist(),
                                strict=True):
            if isinstance(value, Maybe) or value != taken:
                return False
    return True


def _mostly_finite(sample: Sample) -> bool:
    entries = [v for b in (*sample.truth.values(), *sample.claimed.values())
               for v in plain(b).ravel().tolist()]
    return 2 * sum(bool(v.is_finite()) for v in entries) > len(entries)
