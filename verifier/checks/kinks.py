"""Where a guard may vanish, germs say whether there is a derivative, and what to call it if not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import NoGerm, VerifierError
from ..frontends.registry import lift
from ..graph.node import Node
from ..numerals.balls import NAN, Balls, plain, precision
from ..readers.guards import active, guards_of, pattern
from ..readers.roundoff import unit
from ..readers.series import series
from ..readers.value import read
from ..verdicts import Finding, Severity, Witness
from .beside import BITS, SMOOTH, Beside, beside_elementwise, judge
from .findings import ball, component, finding, number, short, witness_point
from .observe import quiet
from .request import Request

Array = np.ndarray
ORDERS = {"derivative": 1, "second_derivative": 2}
NONE_HERE = frozenset({"kink", "jump", "infinite-slope"})


def settle(found: Any) -> None:
    """Replace the truth at entries where guards may vanish by what germs say of them.

    Entries that have no derivative, or whose germs do not decide, become undefined; what stands
    beside them is kept in `found.beside` by label, one :class:`Beside` or None per entry.
    """
    here = found.here
    if here.output is None or found.truth is None or found.kind not in ORDERS:
        return
    label = found.blocks[0].label
    x = here.road.lifted.inputs[label]
    if not here.road.forked and not active((here.output,), here.road.reading, (x,)):
        return
    try:
        beside = _beside(found, x, label)
    except (NoGerm, VerifierError) as error:
        found.why_undecided = str(error)
        return
    found.beside[label] = beside
    truth = found.truth[label].copy()
    for i in np.ndindex(*truth.shape):
        told: Any = beside[i]
        truth[i] = told.slope if told.kind == SMOOTH and told.slope is not None else NAN
    found.truth[label] = truth


def _beside(found: Any, x: Node, label: str) -> Array:
    here, order = found.here, ORDERS[found.kind]
    if here.road.forked:
        out = np.empty(here.value.shape, dtype=object)
        out[()] = _across_paths(found, label, order)
        return out.reshape(found.truth[label].shape)
    told = beside_elementwise(here.output, x, found.leaves, order=order)
    return told.reshape(found.truth[label].shape)


def _across_paths(found: Any, label: str, order: int) -> Beside:
    """Germs of the two programs that are run just above and just below the point."""
    here = found.here
    if here.value.size != 1 or len(here.leaves) != 1:
        return Beside("undecided", reason="the program branches on an exact tie here")
    sides = []
    for sign in (1.0, -1.0):
        moved = np.nextafter(here.leaves[label], sign * np.inf, dtype=here.leaves[label].dtype)
        with quiet():
            lifted = lift(here.program, {label: moved})
        if not isinstance(lifted.output, Node):
            return Beside("undecided", reason="one side of the branch is a constant")
        bits = BITS[-1]
        reading = series([lifted.output], here.leaves, {label: np.full(moved.shape, sign)},
                         order=order, bits=bits, widen=True)
        sides.append((lifted.output, reading))
    with precision(bits):
        value = read([here.output], here.leaves, Balls(bits))[here.output].ravel()[0]
        germs = [r[node].ravel()[0] for node, r in sides]
        return judge(value, germs[0], germs[1], -1, order, bits)


def findings_beside(request: Request, found: Any, label: str) -> Iterator[Finding]:
    """Yield what is to be said of entries without a derivative, one finding per rule."""
    beside = found.beside.get(label)
    if beside is None:
        return
    places: dict[str, list[tuple[int, ...]]] = {}
    for i in np.ndindex(*beside.shape):
        what: Beside | None = beside[i]
        rule = None if what is None or what.kind == SMOOTH else _rule(found, label, i, what)
        if rule is not None:
            places.setdefault(rule, []).append(i)
    for rule, met in places.items():
        yield _finding(request, found, label, met, beside, rule)


def _rule(found: Any, label: str, index: tuple[int, ...], what: Beside) -> str | None:
    if what.kind in ("jump", "infinite-slope"):
        return None if what.kind == "jump" and _unseen(found, what) else what.kind
    if what.kind != "kink":
        return None
    claim = _claimed(found, label, index)
    order = ORDERS[found.kind]
    if what.left is None or what.right is None or not claim.is_finite() or (
            what.differs_at is not None and what.differs_at < order):
        return "kink"
    if order == 1 and what.value is None:
        return "kink"
    low, high = (what.left, what.right) if what.left < what.right else (what.right, what.left)
    if claim < low or claim > high:
        return "not-a-subgradient"
    return "one-sided-derivative"


def _unseen(found: Any, what: Beside) -> bool:
    """Tell whether the two limits are one number in floats: two formulas of one function meet."""
    if what.left is None or what.right is None:
        return False
    gap, size = abs(what.left - what.right), abs(what.left)
    return bool(gap < unit(found.here.value.dtype.name) * size)


def _claimed(found: Any, label: str, index: tuple[int, ...]) -> Any:
    if found.formula and label in found.formula:
        return plain(found.formula[label])[index]
    from ..numerals.balls import exact

    return exact(found.computed[label])[index]


_SAYS = {
    "jump": "the value jumps here",
    "infinite-slope": "the slope is infinite here",
    "kink": "no derivative here",
    "one-sided-derivative": "no derivative here: the claim returns {claim}, an element of the "
    "subdifferential",
    "not-a-subgradient": "no derivative here, and the claim's {claim} lies outside the "
    "one-sided slopes",
}


def _finding(
    request: Request, found: Any, label: str, met: list[tuple[int, ...]], beside: Array, rule: str
) -> Finding:
    index, what = met[0], beside[met[0]]
    claim = float(found.computed[label][index])
    if rule == "kink" and np.isnan(claim):
        rule_says = "no derivative here, and the claim returns nan"
    else:
        rule_says = _SAYS[rule].format(claim=f"{claim:.6g}")
    sentence = (f"at {component(label, index)} = {_at(found, label, index):.6g}: "
                f"{rule_says}{_sides(what, rule)}")
    others: dict[float, str] = {}
    for other in met[1:]:
        x = _at(found, label, other)
        if x != _at(found, label, index):
            others.setdefault(x, f"{x:.6g}{_sides(beside[other], rule)}")
    if others:
        shown = list(others.values())[:OTHERS]
        sentence += f"; likewise at {', '.join(shown)}"
        sentence += f" and {len(others) - OTHERS} more" if len(others) > OTHERS else ""
    order = str(what.differs_at or 0 if rule != "jump" else 0)
    witness = Witness(point=witness_point(found.leaves), claimed=number(claim),
                      left=ball(what.left), right=ball(what.right),
                      numbers={"order": order} if order not in ("0", "1") else {})
    return finding(rule, sentence, check=request.name, claim=found.kind, argument=label,
                   index=index, origin=request.origin, witness=witness,
                   severity=Severity.ERROR if rule == "not-a-subgradient" else None)


OTHERS = 6  # further kinks named in one sentence


def _at(found: Any, label: str, index: tuple[int, ...]) -> float:
    """Return the input at an entry; -0 is 0."""
    return float(found.leaves[label][index if found.leaves[label].shape else ()]) + 0.0


def _sides(what: Beside, rule: str) -> str:
    if what.left is None or what.right is None:
        return ""
    name = "limits" if rule == "jump" else _SIDES.get(what.differs_at or 1, "sides")
    return f" ({name} {short(what.left)} and {short(what.right)})"


_SIDES = {1: "slopes from left and right", 2: "second derivatives from left and right",
          3: "third derivatives from left and right"}


def patterns_of(found: Any) -> set[bytes]:
    """Return the sign patterns of the point: one, or one per entry of an elementwise batch.

    The guards are those of the function and of the claim (SOUNDNESS 4).
    """
    here = found.here
    if here.output is None or here.road.reading is None:
        return set()
    graphs = [(here.output, here.road.reading, here.road.lifted)]
    if found.road is not None and found.road.reading is not None:
        graphs += [(n, found.road.reading, found.road.lifted) for n in found.nodes.values()]
    if found.kind in ORDERS and here.value.size > 1:
        rows = [row for node, reading, _ in graphs for row in _signs(node, reading, found)]
        columns = zip(*rows, strict=True) if rows else ()
        return {bytes(np.asarray(c, dtype=np.int8)) for c in columns} or {b"smooth"}
    parts = [pattern((node,), reading, tuple(lifted.inputs[k] for k in here.wrt))
             for node, reading, lifted in graphs]
    return {b"|".join(parts)}


def _signs(node: Node, reading: Any, found: Any) -> Iterator[list[int]]:
    """Yield the signs of each guard that has one entry for each entry of the batch."""
    for guard in guards_of((node,)):
        if guard.quantity is None or guard.quantity.size != found.here.value.size:
            continue
        known = read([guard.quantity], found.leaves, Balls(), known=reading)
        values = plain(known[guard.quantity]).ravel().tolist()
        yield [1 if v > 0 else -1 if v < 0 else 0 for v in values]
