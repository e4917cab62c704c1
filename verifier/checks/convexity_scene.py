"""Where is convexity claimed? The graph in recognised rows, the arguments that move, the box."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..claims import PARAMETERS
from ..domains import BOX, Domain
from ..graph.node import Condition, Node, apply, constant
from ..primitives.identities import rewrite
from ..primitives.linear import sum_over
from ..readers.composition import compose
from ..readers.fragments import Prover
from ..readers.signs import Book, Box, at_point
from ..search.regions import Cover
from ..verdicts import Origin
from .findings import without_folders
from .request import Request
from .stops import Stops
from .subject import Here

Array = np.ndarray
LATER = 4  # further points tried for a lift whose path is clear


@dataclass(frozen=True, slots=True)
class Proof:
    """Why the claim holds: one sentence, the chain behind it, and data for a replay."""

    reason: str
    notes: tuple[str, ...]
    certificate: dict[str, Any]
    boxes: int = 1
    cover: Cover | None = None


@dataclass(slots=True)
class Attempt:
    """What a side of the claim (convex, or concave read upside down) has come to."""

    proof: Proof | None = None
    left: str = ""
    blame: tuple[Node, ...] = ()
    suggestions: list[dict[str, Any]] = field(default_factory=list)
    cover: Cover | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """A function of one value over a box: `output` is the graph proofs read.

    `names` are the leaves that move, `domain` the box of every leaf. `used` lists the identities
    that turned the spelling into `output`; `path` the decisions the graph rests on.
    """

    here: Here
    output: Node
    moved: tuple[Node, ...]
    names: tuple[str, ...]
    domain: Mapping[str, Box]
    used: tuple[tuple[str, Origin | None], ...]
    path: tuple[Condition, ...]

    @property
    def bounded(self) -> bool:
        return all(box.bounded for box in self.domain.values())

    def target(self, sign: float, strength: Fraction) -> Node:
        """Return sign f - strength/2 |x|^2, the factor rounded up: what is to be convex."""
        out = self.output if sign > 0 else apply("negative", self.output)
        if not strength:
            return out
        half = float(strength / 2)
        factor = constant(half if Fraction(half) >= strength / 2 else np.nextafter(half, np.inf))
        for x in self.moved:
            out = out - apply("multiply", factor, sum_over(apply("square", x)))
        (found,) = rewrite([out]).outputs
        return found


def moved_names(spec: Any, here: Here) -> tuple[str, ...]:
    """Return the leaves a claim speaks of: those of its arguments, else all that are moved."""
    wanted = tuple(a for a in spec.arguments if a != PARAMETERS) or here.calling.wrt
    return tuple(k for k in here.leaves
                 if any(k == w or k.startswith((f"{w}.", f"{w}[")) for w in wanted))


def one_by_one(request: Request, stops: Stops) -> Stops:
    """Return the tour with single numbers where the plan has them in one 1-D array.

    A claim about f speaks of the function of one number; an array of points is only the faster
    way to run it (DESIGN 7).
    """
    plan = stops.plan
    if not plan.batched:
        return stops
    (name,) = plan.wrt
    numbers = np.asarray(plan.points[0][name])
    for shape in ((), (1,)):
        points = tuple({**plan.points[0], name: np.full(shape, v, dtype=numbers.dtype)}
                       for v in numbers[:: max(1, len(numbers) // 24)])
        single = Stops(request, replace(plan, points=points, batched=False), time.monotonic())
        single.deadline = stops.deadline
        first = next(iter(single), None)
        if first is not None and first.value.size == 1:
            return single
    return stops


def scene(spec: Any, stops: Stops) -> Scene | str:
    """Return the scene of a claim, or the sentence that says why nothing can be proved."""
    here = _clear(stops)
    if here.value.size != 1:
        return f"the function returns {here.value.size} values, convexity speaks of one"
    lifted = here.road.lifted
    if lifted is None or here.output is None:
        return f"the function could not be lifted: {here.road.reason}"
    if lifted.pinned:
        place = without_folders(str(lifted.pinned[0]))
        return f"the graph holds at one point only: a value is made a plain number at {place}"
    if here.road.forked:
        return "the program takes another path in exact numbers than in floats"
    names = moved_names(spec, here)
    domain = domain_of(stops.plan.domains, here, names)
    if isinstance(domain, str):
        return domain
    moved = tuple(lifted.inputs[n] for n in names if n in lifted.inputs)
    found = rewrite([here.output])
    return Scene(here, found.outputs[0], moved, names, domain, found.used, lifted.path)


def _clear(stops: Stops) -> Here:
    """Return a point whose lift is no exception: its path is the one exact numbers take."""
    first = None
    for count, here in enumerate(stops):
        first = first or here
        road = here.road
        if road.lifted is not None and not road.forked and not road.lifted.pinned:
            return here
        if count >= LATER:
            break
    assert first is not None
    return first


def domain_of(
    domains: Mapping[str, Domain], here: Here, names: tuple[str, ...]
) -> dict[str, Box] | str:
    """Return the box of every leaf, or why there is no convex domain."""
    if not names:
        return "the claim names no floating argument of the function"
    for name in names:
        domain = domains.get(name)
        if domain is None:
            return f"'{name}' has no domain: give it a box in `on`, such as \"[-1, 1]\""
        if domain.kind != BOX:
            return f"the domain of '{name}' ({domain.describe()}) is no convex set of reals"
    found = {}
    for name, leaf in here.leaves.items():
        domain = domains.get(name)
        if domain is None:
            found[name] = at_point(leaf)
        elif domain.kind != BOX:
            return f"the domain of '{name}' ({domain.describe()}) is no box"
        else:
            found[name] = box_of(domain, leaf.shape)
    return found


def box_of(domain: Domain, shape: tuple[int, ...]) -> Box:
    """Return a domain's ends as floats rounded outward, and which of them are left out."""
    rows = []
    for factor in domain.factors:
        low, tight_low = _outward(factor.low, -1)
        high, tight_high = _outward(factor.high, 1)
        rows.append((low, high, factor.low_open and tight_low, factor.high_open and tight_high))
    columns = [np.array(c) for c in zip(*rows, strict=True)]
    if len(rows) == 1:
        return Box(*(np.full(shape, c[0]) for c in columns))
    return Box(*(c.reshape(shape) for c in columns))


def _outward(end: Fraction | None, side: int) -> tuple[float, bool]:
    """Return a float at or beyond an end; an open end stays out of reach wherever it is put."""
    if end is None:
        return side * float("inf"), False
    near = float(end)
    if side * (Fraction(near) - end) < 0:
        near = float(np.nextafter(near, side * np.inf))
    return near, True


def book_of(stage: Scene, target: Node, prove: Prover | None = None) -> Book | str:
    """Return all facts of `target` over the domain, or which decision may go another way."""
    conditions = [c.node for c in stage.path]
    book = compose([target, *conditions], stage.moved, stage.domain, prove)
    for condition in stage.path:
        chosen = np.broadcast_to(book.chosen[condition.node], condition.taken.shape)
        if not np.all(chosen == np.asarray(condition.taken).astype(np.int64)):
            place = f" at {without_folders(str(condition.origin))}" if condition.origin else ""
            return f"the program may take another path{place}"
    return book
