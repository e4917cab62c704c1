"""Are two formulas the same function? Quotients of polynomials over atoms, compared exactly.

A graph is written as p / q, both polynomials with rational coefficients over atoms: x itself,
exp(u) (whose powers may be negative and rational), log|u|, any other row of canonical arguments.
Rows say themselves what they are in simpler rows, and what f(-x) is. Each step is an identity
wherever the graph has a value: equal forms are equal functions where both are defined.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import isfinite
from typing import Any

from flint import arb, fmpq

from ..graph.node import Node, constant, variable
from ..graph.order import topological
from ..primitives.table import SCALARS

Monomial = tuple[tuple[int, Fraction], ...]  # (atom, exponent), by atom
Polynomial = Mapping[Monomial, Fraction]
MOST_TERMS = 300
HIGHEST = 24  # the largest power that is written out
ONE: Polynomial = {(): Fraction(1)}


class NoForm(Exception):
    """The graph is no quotient of this kind, has no value, or grows too large."""


@dataclass(frozen=True, slots=True)
class Form:
    """top / bottom; the bottom is monic and shares no power of an atom with the top."""

    top: Polynomial
    bottom: Polynomial = field(default_factory=lambda: ONE)

    def key(self) -> Hashable:
        return frozenset(self.top.items()), frozenset(self.bottom.items())

    def number(self) -> Fraction | None:
        """Return the value of a form that is a rational number."""
        if self.bottom != ONE or any(self.top):
            return None
        return self.top.get((), Fraction(0))


def added(a: Form, b: Form) -> Form:
    if a.bottom == b.bottom:
        return made(_sum(a.top, b.top), a.bottom)
    return made(_sum(_times(a.top, b.bottom), _times(b.top, a.bottom)), _times(a.bottom, b.bottom))


def multiplied(a: Form, b: Form) -> Form:
    return made(_times(a.top, b.top), _times(a.bottom, b.bottom))


def divided(a: Form, b: Form) -> Form:
    if not b.top:
        raise NoForm
    return made(_times(a.top, b.bottom), _times(a.bottom, b.top))


def scaled(a: Form, factor: Fraction) -> Form:
    return Form({m: c * factor for m, c in a.top.items()} if factor else {}, a.bottom)


def raised(a: Form, exponent: int) -> Form:
    if abs(exponent) > HIGHEST:
        raise NoForm
    found = Form(ONE)
    for _ in range(abs(exponent)):
        found = multiplied(found, a)
    return found if exponent >= 0 else divided(Form(ONE), found)


def made(top: Polynomial, bottom: Polynomial) -> Form:
    """Return a form with the bottom monic and free of powers that all its terms share."""
    if not top:
        return Form({})
    shared = _content(bottom)
    first = bottom[max(bottom)]
    if shared or first != 1:
        bottom = {_moved(m, shared): c / first for m, c in bottom.items()}
        top = {_moved(m, shared): c / first for m, c in top.items()}
    ratio = next(iter(top.values())) / bottom.get(next(iter(top)), Fraction(1))
    if len(top) == len(bottom) and all(bottom.get(m, 0) * ratio == c for m, c in top.items()):
        return Form({(): ratio})
    return Form(top, bottom)


def _sum(a: Polynomial, b: Polynomial) -> Polynomial:
    out = dict(a)
    for m, c in b.items():
        out[m] = out.get(m, Fraction(0)) + c
    return {m: c for m, c in out.items() if c}


def _times(a: Polynomial, b: Polynomial) -> Polynomial:
    if len(a) * len(b) > MOST_TERMS:
        raise NoForm
    out: dict[Monomial, Fraction] = {}
    for m, c in a.items():
        for n, d in b.items():
            product = _joined(m, n)
            out[product] = out.get(product, Fraction(0)) + c * d
    return {m: c for m, c in out.items() if c}


def _joined(a: Monomial, b: Monomial) -> Monomial:
    powers = dict(a)
    for atom, exponent in b:
        powers[atom] = powers.get(atom, Fraction(0)) + exponent
    return tuple(sorted((k, e) for k, e in powers.items() if e))


def _content(p: Polynomial) -> Monomial:
    """Return the lowest power of each atom over all terms."""
    atoms = {k for m in p for k, _ in m}
    low = ((k, min(dict(m).get(k, Fraction(0)) for m in p)) for k in sorted(atoms))
    return tuple((k, e) for k, e in low if e)


def _moved(m: Monomial, shared: Monomial) -> Monomial:
    return _joined(m, tuple((k, -e) for k, e in shared))


# ---------------------------------------------------------------- from graphs
@dataclass(slots=True)
class Forms:
    """Forms of graphs over common atoms; with `place` the input is that number."""

    place: Fraction | None = None
    atoms: dict[Hashable, int] = field(default_factory=dict)
    inside: dict[int, Form] = field(default_factory=dict)  # u of the atom exp(u)
    rows: dict[int, tuple[str, tuple[Form, ...]]] = field(default_factory=dict)  # other atoms
    known: dict[Node, Form] = field(default_factory=dict)

    def of(self, output: Node) -> Form:
        """Return the form of a scalar graph. Raises NoForm."""
        for node in topological([output]):
            if node not in self.known:
                self.known[node] = self._one(node, [self.known[i] for i in node.inputs])
        return self.known[output]

    def _one(self, node: Node, inputs: list[Form]) -> Form:
        if node.op == "input":
            if self.place is not None:
                return Form({(): self.place} if self.place else {})
            return self._atom("x")
        if node.op == "zero":
            return Form({})
        if node.op == "constant":
            return _number(node)
        if node.op in ("cast", "reshape", "broadcast") and not node.inputs[0].discrete:
            return inputs[0]
        plain = _arithmetic(node, inputs)
        if plain is not None:
            return plain
        if node.op == "exp":
            return self._exponential(inputs[0])
        if node.op == "log":
            return self._logarithm(inputs[0])
        if node.op not in SCALARS:
            raise NoForm
        return self._row(node.op, inputs)

    def _atom(self, key: Hashable, exponent: Fraction = Fraction(1)) -> Form:
        return Form({((self.atoms.setdefault(key, len(self.atoms)), exponent),): Fraction(1)})

    def _row(self, op: str, inputs: list[Form]) -> Form:
        row = SCALARS[op]
        if row.simpler is not None:
            slots = [variable(f"u{k}", ()) for k in range(len(inputs))]
            known = dict(zip(slots, inputs, strict=True))
            inner = Forms(self.place, self.atoms, self.inside, self.rows, known)
            return inner.of(row.simpler(*slots))
        numbers = [f.number() for f in inputs]
        if all(n is not None for n in numbers):
            found = row.balls(*(arb(fmpq(n.numerator, n.denominator)) for n in numbers if n
                                is not None))
            if not isinstance(found, arb) or not found.is_finite():
                raise NoForm
            if found.is_exact():
                return _exactly(found)
        if row.mirrored is not None and _leads(inputs[0]) < 0:
            first, factor = row.mirrored
            plain = self._of_row(op, (scaled(inputs[0], Fraction(-1)),))
            return added(Form({(): Fraction(first)} if first else {}),
                         scaled(plain, Fraction(factor)))
        return self._of_row(op, tuple(inputs))

    def _of_row(self, op: str, inputs: tuple[Form, ...]) -> Form:
        found = self._atom((op, *(f.key() for f in inputs)))
        self.rows[next(iter(found.top))[0][0]] = (op, inputs)
        return found

    def _exponential(self, u: Form) -> Form:
        """Return exp(u) as the product of exp(m)^c over the terms c m of u."""
        if not u.top:
            return Form(ONE)
        if u.bottom == ONE:
            parts = [(Form({m: Fraction(1)}), c) for m, c in u.top.items()]
        else:
            parts = [(scaled(u, 1 / _leads(u)), _leads(u))]
        found = Form(ONE)
        for inner, exponent in parts:
            atom = self._atom(("exp", inner.key()), exponent)
            self.inside[next(iter(atom.top))[0][0]] = inner
            found = multiplied(found, atom)
        return made(found.top, found.bottom)

    def _logarithm(self, u: Form) -> Form:
        """Return log|u|: of a quotient, of powers, of exponentials, of what is left."""
        if not u.top:
            raise NoForm
        return added(self._log_of(u.top), scaled(self._log_of(u.bottom), Fraction(-1)))

    def _log_of(self, p: Polynomial) -> Form:
        shared = _content(p)
        rest = {_moved(m, shared): c for m, c in p.items()}
        first = rest[max(rest)]
        found = Form({}) if abs(first) == 1 else self._atom(("log of a number", abs(first)))
        for atom, exponent in shared:
            inner = self.inside.get(atom)
            part = self._atom(("log of an atom", atom)) if inner is None else inner
            found = added(found, scaled(part, exponent))
        if len(rest) > 1:
            monic = Form({m: c / first for m, c in rest.items()})
            found = added(found, self._atom(("log", monic.key())))
        return found


def _arithmetic(node: Node, inputs: list[Form]) -> Form | None:
    a = inputs[0] if inputs else Form({})
    b = inputs[-1] if inputs else Form({})
    if node.op in ("add", "subtract"):
        return added(a, b if node.op == "add" else scaled(b, Fraction(-1)))
    if node.op == "negative":
        return scaled(a, Fraction(-1))
    if node.op in ("multiply", "square"):
        return multiplied(a, b)
    if node.op in ("divide", "reciprocal"):
        return divided(a if node.op == "divide" else Form(ONE), b)
    exponent = b.number() if node.op == "power" else None
    if exponent is not None and exponent.denominator == 1:
        return raised(a, int(exponent))
    return None


def _number(node: Node) -> Form:
    value: Any = node.params["value"].item()
    if isinstance(value, bool) or not isfinite(value):
        raise NoForm
    return Form({(): Fraction(value)} if value else {})


def _exactly(value: arb) -> Form:
    found = value.fmpq()
    number = Fraction(int(found.p), int(found.q))
    return Form({(): number} if number else {})


def _leads(u: Form) -> Fraction:
    return u.top[max(u.top)] if u.top else Fraction(1)


# ---------------------------------------------------------------- questions
def same_function(a: Node, b: Node) -> bool:
    """Tell whether two scalar graphs are equal wherever both have a value, by their forms."""
    forms = Forms()
    try:
        return not added(forms.of(a), scaled(forms.of(b), Fraction(-1))).top
    except NoForm:
        return False


def same_numbers(graphs: list[Node], place: arb) -> bool:
    """Tell whether scalar graphs have one value at an exact number, where all have one."""
    if not place.is_exact() or not place.is_finite():
        return False
    number = place.fmpq()
    forms = Forms(Fraction(int(number.p), int(number.q)))
    try:
        first, *others = (forms.of(g) for g in graphs)
        return all(not added(first, scaled(o, Fraction(-1))).top for o in others)
    except NoForm:
        return False


def is_nothing(graph: Node) -> bool:
    """Tell whether a scalar graph is 0 wherever it has a value."""
    return same_function(graph, constant(0.0))
