"""Is the claim right on one piece and wrong on another, or wrong at this very point only?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..graph.node import Node
from ..numerals.balls import NAN, Balls, is_finite, plain
from ..primitives.linear import gather
from ..readers.fault import Diagnosis, Fault, Sample
from ..readers.guards import guards_of
from ..readers.value import Reading, read
from .agreeing import least_of, same, samples, wrong
from .factor import constant_factor, unnamed_factor
from .saying import quantity, variable_of
from .term import extra_term

Array = np.ndarray
Labels = tuple[str, ...]
BITS = 128
FEWEST = 3  # entries on either side: fewer are split by some switch by chance
LONGEST = 40  # characters of a name of a switch beyond which nobody reads it
REMEDY = "Mend the branch that computes these entries."


_UNASKED = np.array(NAN, dtype=object)


@dataclass(frozen=True, slots=True)
class Side:
    """The entries of a block on one side of a switch: ``x > 0``, and ``x <= 0`` for the rest."""

    quantity: Node
    strict: bool
    above: bool
    said: str
    rest: str


def wrong_piece(fault: Fault, labels: Labels) -> Diagnosis | None:
    """Suspect that the wrong entries are those on one side of a switch, at every point."""
    if len(labels) != 1:
        return None
    (label,) = labels
    known = samples(fault)
    if known is None:
        return None
    masks = [wrong(s, labels)[label] for s in known]
    right = [same(s.claimed[label], s.truth[label], least_of(fault, s)) & ~m
             & np.asarray(is_finite(plain(s.truth[label]))).astype(bool)
             for s, m in zip(known, masks, strict=True)]
    if any(m.sum() < FEWEST or r.sum() < FEWEST for m, r in zip(masks, right, strict=True)):
        return None
    for side in _sides(fault, masks[0].shape):
        inside = [_inside(side, s) for s in known]
        if all(_splits(i, m, r) for i, m, r in zip(inside, masks, right, strict=True)):
            return _told(fault, labels, side, masks[0])
    return None


def _splits(inside: Array, faulty: Array, right: Array) -> bool:
    """Tell whether all wrong entries, and few right ones, lie inside, and right ones outside.

    An error that vanishes towards the switch cannot be told from 0 close to it. A quantity that
    has one sign everywhere, as 1 + x*x, parts nothing.
    """
    if (faulty & ~inside).any() or not (right & ~inside).any():
        return False
    return int((right & inside).sum()) * FEWEST <= int((faulty & inside).sum())


def _told(fault: Fault, labels: Labels, side: Side, mask: Array) -> Diagnosis:
    (label,) = labels
    count = f"{int(mask.sum())} of {mask.size} entries"
    inner = _restricted(fault, label, side)
    for suspicion in (constant_factor, extra_term, unnamed_factor):
        found = suspicion(inner, labels)
        if found is not None:
            piece = f"where {side.said} ({count}), {found.sentence}"
            return replace(found, sentence=f"{piece}; where {side.rest} it is right")
    what = quantity(fault, labels)
    sentence = f"{what} is right where {side.rest}, wrong where {side.said} ({count})"
    return Diagnosis("wrong-piece", sentence, REMEDY, labels)


def _restricted(fault: Fault, label: str, side: Side) -> Fault:
    """Return the fault on the entries of one side only, as flat arrays; so are leaves "there"."""
    mask = _inside(side, fault.first)

    def cut(sample: Sample | None) -> Sample | None:
        if sample is None:
            return None
        truth = np.where(_inside(side, sample), plain(sample.truth[label]), _UNASKED)
        there = {f"{k} there": v[mask] for k, v in sample.leaves.items() if v.shape == mask.shape}
        return Sample({**sample.leaves, **there}, {label: plain(sample.claimed[label])[mask]},
                      {label: truth[mask]})

    first = cut(fault.first)
    assert first is not None
    output = fault.output
    if output.shape == mask.shape:
        output = gather([output], np.flatnonzero(mask))
    return replace(fault, first=first, labels=(label,), failing=(label,), output=output,
                   fresh=lambda k: cut(fault.fresh(k)), moved=lambda: None)


def _sides(fault: Fault, shape: tuple[int, ...]) -> Iterator[Side]:
    """Yield the sides of zero of every leaf and guard of the block's shape, inputs first."""
    found: list[tuple[str, str, Node]] = [
        (k, "0", v) for k, v in fault.wrt.items() if v.shape == shape
    ]
    for guard in guards_of([fault.output, *fault.claim.values()]):
        q = guard.quantity
        if q.shape == shape and q.op == "subtract":
            left, right = (_spoken(n, fault) for n in q.inputs)
            found.append((left, right, q))
        elif q.shape == shape:
            found.append((_spoken(q, fault), "0", q))
    told = [f for f in found if all(text.count("switch") + len(text) // LONGEST < 2
                                    for text in f[:2])]
    for left, right, node in told[:24]:
        for above, strict in ((True, True), (False, True), (True, False), (False, False)):
            sign = (">" if strict else ">=") if above else ("<" if strict else "<=")
            rest = ("<=" if strict else "<") if above else (">=" if strict else ">")
            yield Side(node, strict, above, f"{left} {sign} {right}", f"{left} {rest} {right}")


def _spoken(node: Node, fault: Fault) -> str:
    name = variable_of(node, fault.output)
    if name is None and node.op in _TEXT:
        parts = [_spoken(i, fault) for i in node.inputs]
        if not any("the switch" in part for part in parts):  # half a name is none
            name = _TEXT[node.op].format(*parts)
    return name or "the switch" + (f" of line {node.origin.line}" if node.origin else "")


_TEXT = {"absolute": "|{}|", "negative": "-{}", "square": "{}**2", "exp": "exp({})",
         "subtract": "{} - {}", "add": "{} + {}", "multiply": "{} * {}"}


def _inside(side: Side, sample: Sample) -> Array:
    values = plain(_value(side.quantity, sample))

    def one(value: object) -> bool:
        if not value.is_finite():  # type: ignore[attr-defined]
            return False
        signed = value if side.above else -value  # type: ignore[operator]
        return bool(signed > 0) or (not side.strict and bool(value.is_zero()))  # type: ignore

    return np.asarray(np.frompyfunc(one, 1, 1)(values)).astype(bool)


def _value(node: Node, sample: Sample) -> Array:
    reading: Reading = read([node], sample.leaves, Balls(BITS))
    return reading.values[node]


# ---------------------------------------------------------------- this very point
def only_here(fault: Fault, labels: Labels) -> Diagnosis | None:
    """Suspect that the claim is right all around and wrong at a special value only."""
    known = samples(fault)
    if known is None:
        return None
    if any(m.any() for s in known[1:] for m in wrong(s, labels).values()):
        return None
    if not all(_decided(s, labels) for s in known[1:]):
        return None
    special = _special(fault, labels)
    at = f" where {special}" if special else " at this very point"
    sentence = f"{quantity(fault, labels)} is right at points close by and wrong{at}"
    return Diagnosis("special-value", sentence, "Treat the special value as the limit of its "
                     "neighbours, or find the branch that is taken there.", labels)


def _decided(sample: Sample, labels: Labels) -> bool:
    values = [v for k in labels for v in (*plain(sample.claimed[k]).ravel().tolist(),
                                          *plain(sample.truth[k]).ravel().tolist())]
    return all(v.is_finite() for v in values)


def _special(fault: Fault, labels: Labels) -> str:
    """Name the exact zeros, or exact ties, among the inputs."""
    for leaf in fault.wrt:
        values = fault.first.leaves[leaf]
        zeros = np.argwhere(values == 0)
        if len(zeros) and len(zeros) < max(2, values.size):
            index = ", ".join(map(str, zeros[0]))
            return f"{leaf}[{index}] = 0" if values.ndim else f"{leaf} = 0"
        if len(zeros):
            return f"{leaf} = 0"
    for guard in guards_of([fault.output, *fault.claim.values()]):
        if guard.quantity.op != "subtract":
            continue
        entries = plain(_value(guard.quantity, fault.first)).ravel().tolist()
        if any(v.is_zero() for v in entries):
            left, right = (_spoken(n, fault) for n in guard.quantity.inputs)
            return f"{left} = {right}"
    return ""
