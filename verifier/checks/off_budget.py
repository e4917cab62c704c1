"""Is a right formula computed as well as its dtype allows? The value against its own budget.

SOUNDNESS 16, 17: where claim and truth agree as formulas, the computed value may differ by the
rounding budget of the claim as written. Up to eight budgets is a warning, more an error. Beyond
eight the lift is refused: its formula is compared with the truth again, at 256 bits, and every
entry of it must agree before the fault is laid to the computation and not to the graph.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from ..errors import VerifierError
from ..frontends.lifted import Lifted
from ..graph.node import Node
from ..numerals.balls import Balls, exact, plain, precision
from ..readers.rounding import budget
from ..readers.value import Reading, read
from ..settings import BUDGETS_WARNING
from ..verdicts import Finding, Severity
from .agreement import AGREE, EXPLAINED, compare
from .entries import origin_of_block, place
from .findings import finding, short
from .lifting import excess
from .outcome import Outcome, blocks_of
from .request import Request
from .suspect import witness_of

Array = np.ndarray
BITS = 256


def off_budget(
    request: Request, found: Outcome, wrong: Collection[str | None]
) -> Iterator[Finding]:
    """Yield one finding for each block, `wrong` ones left out, that rounding does not explain."""
    nodes = _right_formula(found)
    if not nodes:
        return
    with precision(BITS):
        reading = read(nodes.values(), found.leaves, Balls(BITS))
    radii = budget(nodes.values(), reading)
    for label, node in nodes.items():
        if label in wrong:
            continue
        ratio = excess(found.computed[label], node, reading, radii)
        if label in found.agreement:
            ratio = np.where(np.isin(found.agreement[label].code, (AGREE, EXPLAINED)), ratio, 0.0)
        if ratio.size and float(np.max(ratio)) > 1.0:
            index = np.unravel_index(int(np.argmax(ratio)), ratio.shape)
            at = tuple(int(i) for i in index)
            radius = float(np.broadcast_to(radii.radius[node], ratio.shape)[at])
            found.nodes.setdefault(label, node)
            yield _finding(request, found, label, at, (float(ratio[at]), radius))


def _right_formula(found: Outcome) -> dict[str, Node]:
    """Return the nodes of blocks whose formula is the truth, though a run lies off its budget."""
    road = found.road
    if road is None or found.truth is None or road.strayed or road.forked:
        return {}
    if road.lifted is not None:
        return dict(found.nodes) if road.outside else {}
    return {} if road.rejected is None else _agreeing(found, road.rejected)


def _agreeing(found: Outcome, rejected: Lifted) -> dict[str, Node]:
    """Return the nodes of a lift that was refused, where all of it agrees with the truth."""
    try:
        parts, _ = blocks_of(found.kind, rejected.output, found.here, found.blocks)
        nodes = {k: v for k, v in parts.items() if isinstance(v, Node)}
        if nodes.keys() != {b.label for b in found.blocks} or not found.truth:
            return {}
        told = compare(_read(nodes, found.leaves), found.truth)
    except VerifierError:
        return {}
    return nodes if all(np.all(a.code == AGREE) for a in told.values()) else {}


def _read(nodes: Mapping[str, Node], leaves: Mapping[str, Array]) -> dict[str, Array]:
    with precision(BITS):
        reading: Reading = read(nodes.values(), leaves, Balls(BITS))
    return {k: plain(reading.values[n]) for k, n in nodes.items()}


def _finding(
    request: Request, found: Outcome, label: str, index: tuple[int, ...],
    measured: tuple[float, float],
) -> Finding:
    ratio, radius = measured
    assert found.truth is not None
    computed = found.computed[label]
    sentence = (
        f"{place(found, label, index)} is computed {_budgets(ratio)} away from its own formula, "
        f"which is right: {float(computed[index]):.17g} in {computed.dtype.name}, exactly "
        f"{short(found.truth[label][index], 17)}, and rounding explains {radius:.2g}"
    )
    gap = abs(exact(computed)[index] - plain(found.truth[label])[index])
    numbers = {"one rounding budget": f"{radius:.6g}", "difference": short(gap)}
    witness = witness_of(found, label, index, request.seed, numbers=numbers,
                         budgets=ratio if np.isfinite(ratio) else None)
    beyond = ratio > BUDGETS_WARNING
    return finding("outside-rounding-budget", sentence, check=request.name, claim=found.kind,
                   argument=label, index=index, origin=origin_of_block(request, found, label),
                   witness=witness, severity=Severity.ERROR if beyond else Severity.WARNING)


def _budgets(ratio: float) -> str:
    if not np.isfinite(ratio):
        return "infinitely many rounding budgets"
    return f"{ratio:.3g} rounding budgets"
