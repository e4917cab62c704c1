"""Was a constant typed with too few digits? It is replaced by the number it stands for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..graph.node import Node, apply, constant
from ..graph.order import topological
from ..graph.rewrite import rewritten
from ..numerals.balls import MANTISSA, is_short
from ..primitives.linear import broadcast_to, cast
from ..readers.fault import Diagnosis, Fault, Sample
from ..verdicts import Severity
from .agreeing import confirmed, reproduces
from .saying import quantity

Labels = tuple[str, ...]
REACH = 1e-2  # relative: two digits are the fewest a constant is typed with
MANY = 40  # candidates tried at most


def _whole(value: float) -> Node:
    return constant(value, "float64")


def _root(node: Node) -> Node:
    return apply("sqrt", node)


def _quotient(above: int, below: int) -> Node:
    return _whole(float(above)) / float(below)


def _pi() -> Node:
    return apply("arctan", _whole(1.0)) * 4.0


def _logarithm(value: float) -> Node:
    return apply("log", _whole(value))


def _gamma() -> Node:
    return -apply("digamma", _whole(1.0))


# What decimals stand for, as graphs: every numeral reads them at its own precision.
STANDS_FOR: Mapping[str, Callable[[], Node]] = {
    "e": lambda: apply("exp", _whole(1.0)),
    "pi": _pi,
    "2*pi": lambda: _pi() * 2.0,
    "pi/2": lambda: _pi() * 0.5,
    "pi/4": lambda: _pi() * 0.25,
    "1/pi": lambda: 1.0 / _pi(),
    "1/(2*pi)": lambda: 0.5 / _pi(),
    "sqrt(pi)": lambda: _root(_pi()),
    "sqrt(2*pi)": lambda: _root(_pi() * 2.0),
    "sqrt(pi/2)": lambda: _root(_pi() * 0.5),
    "1/sqrt(pi)": lambda: 1.0 / _root(_pi()),
    "2/sqrt(pi)": lambda: 2.0 / _root(_pi()),
    "1/sqrt(2*pi)": lambda: 1.0 / _root(_pi() * 2.0),
    "sqrt(2/pi)": lambda: _root(2.0 / _pi()),
    "log(2*pi)": lambda: apply("log", _pi() * 2.0),
    "log(2*pi)/2": lambda: apply("log", _pi() * 2.0) * 0.5,
    "sqrt(2)": lambda: _root(_whole(2.0)),
    "1/sqrt(2)": lambda: 1.0 / _root(_whole(2.0)),
    "sqrt(3)": lambda: _root(_whole(3.0)),
    "1/sqrt(3)": lambda: 1.0 / _root(_whole(3.0)),
    "pi/sqrt(3)": lambda: _pi() / _root(_whole(3.0)),
    "log(2)": lambda: _logarithm(2.0),
    "1/log(2)": lambda: 1.0 / _logarithm(2.0),
    "log(10)": lambda: _logarithm(10.0),
    "1/log(10)": lambda: 1.0 / _logarithm(10.0),
    "1/e": lambda: apply("exp", _whole(-1.0)),
    "Euler's gamma": _gamma,
    "the golden ratio": lambda: (1.0 + _root(_whole(5.0))) * 0.5,
}
FRACTIONS = tuple((p, q) for q in (3, 6, 7, 9, 11, 12, 13, 15) for p in range(1, 2 * q)
                  if math.gcd(p, q) == 1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A typed value, the name of the number it may stand for, and that number as a graph."""

    typed: float
    name: str
    exact: float
    graph: Callable[[], Node]

    @property
    def error(self) -> float:
        return abs(self.typed - self.exact) / abs(self.exact)

    @property
    def digits(self) -> float:
        return -math.log10(self.error)


def truncated_constant(fault: Fault, labels: Labels) -> Diagnosis | None:
    """Suspect one constant of the claim, or of the function, keyed by its value."""
    for candidate in _candidates(fault):
        swapped = _swapped(fault, candidate)
        if confirmed(fault, labels, partial(_mended, fault, swapped, labels)):
            return _told(fault, labels, candidate)
    return None


def _scalars(nodes: Iterable[Node]) -> Iterator[tuple[Node, float]]:
    for node in topological(nodes):
        if node.op == "constant" and not node.discrete and node.size:
            values = np.unique(np.asarray(node.params["value"], dtype=float))
            if values.size == 1:
                yield node, float(values[0])


def _candidates(fault: Fault) -> list[Candidate]:
    """Return the suspects, the closest to a well-known number first."""
    typed = {abs(value) for node, value in _scalars([*fault.claim.values(), fault.output])
             if not is_short(value, node.dtype) and abs(value) > 0}
    known = {name: (_value(graph()), graph) for name, graph in STANDS_FOR.items()}
    for p, q in FRACTIONS:
        known[f"{p}/{q}"] = (p / q, partial(_quotient, p, q))
    found = [Candidate(value, name, exact, graph) for value in typed
             for name, (exact, graph) in known.items()
             if 4 * np.spacing(exact) < abs(value - exact) <= REACH * exact]
    return sorted(found, key=lambda c: (c.error, c.name))[:MANY]


def _value(graph: Node) -> float:
    from ..readers.value import read
    from .quick import Floats

    return float(read([graph], {}, Floats()).values[graph])


def _swapped(fault: Fault, candidate: Candidate) -> tuple[Node, dict[str, Node]]:
    """Return function and claim with every spelling of the number replaced by the number."""
    exact, replaced = candidate.graph(), {}
    names = list(fault.claim)
    for node, value in _scalars([fault.output, *fault.claim.values()]):
        if abs(abs(value) - candidate.exact) <= max(candidate.error, 1e-15) * candidate.exact:
            signed = exact if value > 0 else -exact
            replaced[node] = cast(broadcast_to(signed, node.shape), node.dtype)
    output, *claim = rewritten([fault.output, *(fault.claim[k] for k in names)], replaced)
    return output, dict(zip(names, claim, strict=True))


def _mended(
    fault: Fault, swapped: tuple[Node, dict[str, Node]], labels: Labels, sample: Sample
) -> bool:
    output, claim = swapped
    truth = fault.truth(output, sample.leaves)
    claimed = fault.claimed(claim, sample.leaves)
    mended = Sample(sample.leaves, claimed, truth)
    wanted = {k: truth[k] for k in labels}
    return claimed.keys() >= wanted.keys() and reproduces(fault, mended, wanted)


def _told(fault: Fault, labels: Labels, found: Candidate) -> Diagnosis:
    shown = f"{found.typed:.17g}" if found.digits > 12 else f"{found.typed:.12g}"
    about = np.format_float_positional(found.exact, precision=int(found.digits) + 3,
                                       fractional=False)
    sentence = (
        f"{quantity(fault, labels)} is right but for a truncated constant: {shown} stands for "
        f"{found.name} = {about}... and keeps {found.digits:.1f} digits"
    )
    half = MANTISSA.get(fault.dtype, 53) * math.log10(2) / 2
    return Diagnosis(
        "truncated-constant", sentence,
        f"Write {found.name} in full where {shown} stands{_function(found.name)}.", labels,
        rule="truncated-constant",
        severity=Severity.WARNING if found.digits > half else Severity.ERROR,
    )


def _function(name: str) -> str:
    return {"e": ": np.exp(x) instead of a power of 2.718", "pi": ": np.pi"}.get(name, "")
