"""What a diagnosis is told, and what it answers: plain data between checks and diagnosis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..graph.node import Node
from ..verdicts import Severity

Array = np.ndarray
Blocks = Mapping[str, Array]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Claim and truth at one point, block by block, as object arrays of balls.

    `leaves` binds every input by name. Rounded constants are widened by 4 ulp (reading B of
    SOUNDNESS 2), so that a suspicion need not care how a factor of 0.1 was spelled.
    """

    leaves: Mapping[str, Array]
    claimed: Blocks
    truth: Blocks


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """A refuted derivative with all a suspicion may ask for.

    `labels` are the blocks, `failing` those with a wrong entry. `output` is the function's graph,
    `wrt` its leaves by label, `given` the cotangent or direction inputs by label, `claim` the
    claim's graph by label (empty on the opaque road, where `floor` is 1). `fresh(k)` is the k-th
    sample near the first with every leaf differentiated by moved, `moved()` one with every number
    (learning rates, weights of terms) moved too; None where no such point was found. `truth` and
    `claimed` read a changed graph at some leaves. `deadline` is on :func:`time.monotonic`.
    `troubles` collects what went wrong inside a suspicion: the check goes on without it.
    """

    kind: str
    labels: tuple[str, ...]
    failing: tuple[str, ...]
    output: Node
    wrt: Mapping[str, Node]
    given: Mapping[str, Node]
    claim: Mapping[str, Node]
    dtype: str
    first: Sample
    fresh: Callable[[int], Sample | None]
    moved: Callable[[], Sample | None]
    truth: Callable[[Node, Mapping[str, Array]], Blocks]
    claimed: Callable[[Mapping[str, Node], Mapping[str, Array]], Blocks]
    deadline: float
    floor: float = 2.0**-20
    troubles: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A confirmed suspicion: its name, one sentence in the user's names, and what to do.

    `labels` are the blocks it explains; `rule` and `severity` replace those of the finding.
    """

    slug: str
    sentence: str
    remedy: str
    labels: tuple[str, ...]
    rule: str = "wrong-derivative"
    severity: Severity | None = None


Diagnose = Callable[[Fault], tuple[Diagnosis, ...]]
