"""One claimed derivative at one point: the claim, the truth, and how they compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import CannotLower
from ..frontends.calling import Program
from ..graph.node import Node
from ..numerals.balls import Balls, precision
from ..readers.rounding import Budget, budget
from ..readers.value import Reading, read
from ..settings import Settings
from .agreement import (
    AGREE,
    DISJOINT,
    EXPLAINED,
    NO_DERIVATIVE,
    OPEN,
    UNDEFINED,
    Agreement,
    compare,
    explain,
    unseen,
)
from .avoided import avoided
from .blocks import Block, WrongShape, arrange, expected_blocks, fit
from .corner_rows import settle_rows
from .corners import settle_corner
from .kinks import NONE_HERE, settle
from .known_paths import shelf_of
from .lifting import Road, take_road
from .observe import Observation, observe
from .request import Request
from .subject import Here, claim_program
from .truth import truth_of

Array = np.ndarray


@dataclass(slots=True)
class Outcome:
    """All that was found out about one claim at one point; blocks are keyed by label.

    `computed` holds the claim as run, `formula` the lifted claim in balls (None on the opaque
    road), `truth` the slope graph in balls, `agreement` their comparison. `shortened` marks
    entries whose formula is an approximation that floats are better off with.
    """

    here: Here
    kind: str
    blocks: tuple[Block, ...]
    observed: Observation
    leaves: dict[str, Array]
    computed: dict[str, Array] = field(default_factory=dict)
    road: Road | None = None
    nodes: dict[str, Node] = field(default_factory=dict)
    formula: dict[str, Array] | None = None
    truth: dict[str, Array] | None = None
    graphs: Reading | None = None
    agreement: dict[str, Agreement] = field(default_factory=dict)
    bits: int = 128
    not_checked: tuple[str, ...] = ()
    why_undecided: str = ""
    beside: dict[str, Array] = field(default_factory=dict)
    missing: dict[str, Array] = field(default_factory=dict)
    corner: Any = None
    corner_rows: tuple[Any, ...] = ()
    shortened: dict[str, Array] = field(default_factory=dict)
    seed: int = 0
    program: Program | None = None


def outcome_at(request: Request, kind: str, here: Here, numbers: Settings) -> Outcome:
    """Run, lift and compare the claim `kind` at `here`. Raises WrongShape."""
    program, extra = claim_program(request, kind, here)
    leaves = {**here.leaves, **extra}
    observed = observe(program, leaves)
    blocks = expected_blocks(kind, here.value.shape, here.shapes())
    found = Outcome(here, kind, blocks, observed, leaves, seed=request.seed, program=program)
    if observed.raised is not None:
        return found
    found.computed, missing = blocks_of(kind, observed.value, here, blocks)
    found.blocks = tuple(b for b in blocks if b.label not in missing)
    found.not_checked = tuple(f"{x}: backward returns nothing for it" for x in missing)
    shelf = shelf_of(request, kind, request.derivatives[kind], here.point, leaves)
    found.road = take_road(program, leaves, observed.value, opaque=request.opaque, shelf=shelf)
    if found.road.lifted is not None:
        parts, _ = blocks_of(kind, found.road.lifted.output, here, blocks)
        found.nodes = {k: v for k, v in parts.items() if isinstance(v, Node)}
        found.formula = {k: v for k, v in parts.items() if not isinstance(v, Node)}
    if here.output is not None:
        _compare(found, numbers)
    return found


def blocks_of(
    kind: str, returned: Any, here: Here, blocks: tuple[Block, ...]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Sort what the claim returned; attributes of a stateful backward come in a second dict."""
    labels = [b.label for b in blocks]
    missing: tuple[str, ...] = ()
    if kind == "backward":
        value, by_attribute = returned
        inputs = [x for x in labels if x not in by_attribute]
        if value is None and inputs:
            parts, missing = {}, tuple(inputs)
        else:
            parts = arrange(kind, value, here.calling, inputs) if inputs else {}
        parts.update(by_attribute)
    else:
        parts = arrange(kind, returned, here.calling, labels)
    return {b.label: fit(b, parts[b.label]) for b in blocks if b.label in parts}, missing


def _compare(found: Outcome, numbers: Settings) -> None:
    """Climb the ladder of precisions until every component is decided or nothing moves."""
    before: int | None = None
    for bits in numbers.precisions:
        found.bits = bits
        try:
            _read_once(found, bits)
        except CannotLower as error:
            found.why_undecided = str(error)
            found.truth = None
            return
        open_ = sum(int(np.sum(a.code == OPEN)) for a in found.agreement.values())
        if open_ == 0 or (before is not None and open_ >= before and bits > 512):
            return
        before = open_


def _read_once(found: Outcome, bits: int) -> None:
    found.truth, found.graphs = _truth(found, Balls(bits))
    settle(found)
    settle_corner(found, found.seed)
    settle_rows(found)
    claims = _formula(found, Balls(bits))
    if claims is None:
        return
    first = compare(claims, found.truth)
    if any(np.any(a.code == DISJOINT) for a in first.values()):
        widened = Balls(bits, widen=True)
        again = _formula(found, widened)
        assert again is not None
        second = compare(again, _kept(found, _truth(found, widened)[0]))
        first = {k: explain(a, second[k]) for k, a in first.items()}
        first = {k: unseen(a, claims[k], found.truth[k], found.computed[k].dtype.name)
                 for k, a in first.items()}
        first = {k: avoided(found, k, a, claims[k]) for k, a in first.items()}
        first = {k: _strayed(found, a) for k, a in first.items()}
    for label, beside in found.beside.items():
        missing = np.array([b.kind in NONE_HERE for b in beside.ravel()]).reshape(beside.shape)
        first[label].code[missing] = NO_DERIVATIVE
    for label, mask in found.missing.items():
        first[label].code[mask] = NO_DERIVATIVE
    found.formula, found.agreement = claims, first


def _strayed(found: Outcome, told: Agreement) -> Agreement:
    """Where rounding chose the branch, neither graph is its program: nothing is refuted there."""
    roads = (found.road, found.here.road)
    if not any(road is not None and road.strayed for road in roads):
        return told
    found.why_undecided = "rounding sent an `if` the other way than exact numbers go"
    code = np.where(told.code == DISJOINT, OPEN, told.code)
    return Agreement(code, told.gap, told.truth, told.width)


def _kept(found: Outcome, truth: dict[str, Array]) -> dict[str, Array]:
    """Return a truth in reading B with what germs decided put in its place."""
    assert found.truth is not None
    special = found.corner is not None or bool(found.corner_rows)
    return {k: found.truth[k] if special or k in found.beside else v for k, v in truth.items()}


def _truth(found: Outcome, numeral: Balls) -> tuple[dict[str, Array], Reading]:
    here = found.here
    assert here.output is not None and here.road.lifted is not None
    inputs = here.road.lifted.inputs
    wrt = {k: inputs[k] for k in here.wrt}
    given = given_of(found)
    truth, reading = truth_of(found.kind, here.output, wrt, found.leaves, numeral, given)
    labels = {b.label: b.shape for b in found.blocks}
    return {k: v.reshape(labels[k]) for k, v in truth.items() if k in labels}, reading


def given_of(found: Outcome) -> dict[str, Node]:
    from ..graph.node import variable

    extra = [k for k in found.leaves if k not in found.here.leaves]
    nodes = {k: variable(k, found.leaves[k].shape, found.leaves[k].dtype.name) for k in extra}
    return {k.removeprefix("direction "): v for k, v in nodes.items()}


def _formula(found: Outcome, numeral: Balls) -> dict[str, Array] | None:
    """Return the lifted claim in balls, None on the opaque road."""
    if found.road is None or found.road.lifted is None or found.formula is None:
        return None
    with precision(numeral.bits):
        reading = read(found.nodes.values(), found.leaves, numeral)
    constant = {k: numeral.constant(v) for k, v in found.computed.items() if k not in found.nodes}
    return {**constant, **{k: reading.values[n] for k, n in found.nodes.items()}}


def truth_budget(found: Outcome) -> dict[str, Array]:
    """Return the rounding budget the engine's own gradient would have, by block (gradients only).

    Used to judge an opaque claim (SOUNDNESS 17); infinite where it cannot be derived.
    """
    from ..readers.slope import slope

    here = found.here
    if here.output is None or here.road.lifted is None:
        return {b.label: np.full(b.shape, np.inf) for b in found.blocks}
    if found.kind not in ("gradient", "derivative", "vjp", "backward", "value_and_gradient"):
        return {b.label: np.full(b.shape, np.inf) for b in found.blocks}
    inputs = here.road.lifted.inputs
    cotangent = given_of(found).get("cotangent")
    wrt = [inputs[b.label] for b in found.blocks]
    graphs = slope(here.output, wrt, cotangent)
    with precision(128):
        reading = read(graphs, found.leaves, Balls(128))
    radii: Budget = budget(graphs, reading)
    return {b.label: radii.radius[g] for b, g in zip(found.blocks, graphs, strict=True)}


def counts(agreement: Mapping[str, Agreement]) -> dict[int, int]:
    """Return how many components met each outcome."""
    return {code: sum(int(np.sum(a.code == code)) for a in agreement.values())
            for code in (AGREE, EXPLAINED, OPEN, DISJOINT, UNDEFINED, NO_DERIVATIVE)}


__all__ = ["Outcome", "WrongShape", "counts", "outcome_at", "truth_budget"]
