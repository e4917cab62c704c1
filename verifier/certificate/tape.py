"""The user's program as a list of real operations, written down by running it once.

A tape is an independent record of what the code does: every entry is a real number, constants are
exact rationals, sums are kept as linear combinations. Equal operations are one entry, so that two
ways to write one number become the same entry; only identities of real numbers that hold wherever
both sides are defined are used (:mod:`.spellings`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flint import fmpq

from .taylor import NoReading

MOST = 150_000  # entries
MERGED = 160  # terms of a linear combination that sums of sums are merged up to
# Defined for every real argument, so that 0 times it is 0 and it minus itself is 0.
TOTAL = frozenset({
    "exp", "sigmoid", "sigmoid slope", "sigmoid second", "softplus", "sin", "cos", "arctan",
    "erf", "sinh", "cosh", "arcsinh", "log cosh",
    "relu", "square", "whole power", "linear", "product", "constant", "leaf", "select", "log1pexps",
    "positive", "not negative", "zero", "and", "or", "not", "gate", "floor", "sign", "pi", "norm",
})  # fmt: skip
ZERO, ONE = fmpq(0), fmpq(1)
Terms = dict[int, fmpq]


class Tape:
    """Entries by number: `names[k]`, `inputs[k]`, `data[k]` (coefficients, exponents, values)."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.inputs: list[tuple[int, ...]] = []
        self.data: list[Any] = []
        self.total: list[bool] = []
        self.known: dict[Any, int] = {}
        self.leaves: dict[tuple[str, int], int] = {}
        self.path: list[tuple[int, bool]] = []
        self.asked: set[str] = set()  # functions the code calls, however they were simplified

    def entry(self, name: str, inputs: tuple[int, ...] = (), data: Any = None) -> int:
        """Return the number of an entry, a new one only where none is like it."""
        key = (name, inputs, data)
        found = self.known.get(key)
        if found is None:
            if len(self.names) >= MOST:
                raise NoReading(f"the program has more than {MOST} operations on single numbers")
            found = self.known[key] = len(self.names)
            self.names.append(name)
            self.inputs.append(inputs)
            self.data.append(data)
            self.total.append(name in TOTAL and all(self.total[i] for i in inputs))
        return found

    # ---------------------------------------------------------------- constants and leaves
    def constant(self, value: fmpq | int) -> int:
        return self.entry("constant", (), fmpq(value))

    def number(self, k: int) -> fmpq | None:
        """Return the rational an entry is, None where it is none."""
        return self.data[k] if self.names[k] == "constant" else None

    def leaf(self, name: str, index: int) -> int:
        """Return the entry of one number of an input that moves."""
        if (name, index) not in self.leaves:
            self.leaves[name, index] = self.entry("leaf", (), (name, index))
        return self.leaves[name, index]

    # ---------------------------------------------------------------- linear combinations
    def terms(self, k: int) -> tuple[Terms, fmpq]:
        """Return an entry as a linear combination of others, and its constant."""
        name = self.names[k]
        if name == "constant":
            return {}, self.data[k]
        if name == "linear" and len(self.inputs[k]) <= MERGED:
            factors, start = self.data[k]
            return dict(zip(self.inputs[k], factors, strict=True)), start
        return {k: ONE}, ZERO

    def combine(self, terms: Mapping[int, fmpq], start: fmpq = ZERO) -> int:
        """Return sum of factor times entry, plus a constant."""
        from .joining import simpler_sum

        kept = {k: f for k, f in terms.items() if f != 0 or not self.total[k]}
        if not kept:
            return self.constant(start)
        if start == 0 and len(kept) == 1:
            ((k, factor),) = kept.items()
            if factor == 1:
                return k
        found = simpler_sum(self, kept, start)
        if found is not None:
            return found
        inputs = tuple(sorted(kept))
        return self.entry("linear", inputs, (tuple(kept[i] for i in inputs), start))

    def add(self, a: int, b: int, factor: fmpq | int = 1) -> int:
        """Return a + factor b."""
        terms, start = self.terms(a)
        more, further = self.terms(b)
        for k, f in more.items():
            terms[k] = terms.get(k, ZERO) + factor * f
        return self.combine(terms, start + factor * further)

    def subtract(self, a: int, b: int) -> int:
        return self.add(a, b, -1)

    def scale(self, a: int, factor: fmpq | int) -> int:
        terms, start = self.terms(a)
        return self.combine({k: factor * f for k, f in terms.items()}, factor * start)

    # ---------------------------------------------------------------- products
    def multiply(self, a: int, b: int) -> int:
        from .joining import product

        for one, other in ((a, b), (b, a)):
            factor = self.number(one)
            if factor is not None:
                return self.scale(other, factor)
        return product(self, a, b)

    def divide(self, a: int, b: int) -> int:
        divisor = self.number(b)
        if divisor is not None:
            if divisor == 0:
                raise NoReading("the code divides by the constant zero")
            return self.scale(a, 1 / divisor)
        return self.multiply(a, self.unary("reciprocal", b))

    def unary(self, name: str, a: int) -> int:
        from .spellings import simpler

        found = simpler(self, name, a)
        return self.entry(name, (a,)) if found is None else found

    def power(self, a: int, b: int) -> int:
        """Return a^b: whole powers by products, others for a > 0."""
        exponent = self.number(b)
        if exponent is None:
            return self.unary("exp", self.multiply(b, self.unary("log", a)))
        base = self.number(a)
        if exponent.q == 1:
            times = int(exponent.p)
            if abs(times) > 1000:
                raise NoReading("a power of more than 1000")
            if base is not None and (base != 0 or times >= 0):
                return self.constant(base**times)
            if times < 0:
                return self.unary("reciprocal", self.power(a, self.constant(-times)))
            if times < 3:
                return (self.constant(1), a, self.multiply(a, a))[times]
            return self.entry("whole power", (a,), times)
        if exponent == fmpq(1, 2):
            return self.unary("sqrt", a)
        return self.entry("power", (a,), exponent)

    def relu(self, a: int) -> int:
        return self.unary("relu", a)

    def larger(self, a: int, b: int) -> int:
        """Return max(a, b) = b + relu(a - b)."""
        return self.add(b, self.relu(self.subtract(a, b)))

    def smaller(self, a: int, b: int) -> int:
        """Return min(a, b) = a - relu(a - b)."""
        return self.add(a, self.relu(self.subtract(a, b)), -1)

    # ---------------------------------------------------------------- decisions
    def truth(self, k: int) -> bool | None:
        """Return the truth value an entry is, None where it is not fixed."""
        return self.data[k] if self.names[k] == "truth" else None

    def decision(self, name: str, a: int) -> int:
        """Return the entry that says whether a is positive, not negative or zero."""
        value = self.number(a)
        if value is None:
            return self.entry(name, (a,))
        told = {"positive": value > 0, "not negative": value >= 0, "zero": value == 0}
        return self.entry("truth", (), bool(told[name]))

    def negation(self, a: int) -> int:
        known = self.truth(a)
        if known is not None:
            return self.entry("truth", (), not known)
        if self.names[a] == "not":
            return self.inputs[a][0]
        opposite = {"positive": "not negative", "not negative": "positive"}.get(self.names[a])
        if opposite:
            return self.decision(opposite, self.scale(self.inputs[a][0], -1))
        return self.entry("not", (a,))

    def connected(self, name: str, a: int, b: int) -> int:
        """Return "and" or "or" of two decisions."""
        ends = name == "or"
        for one, other in ((a, b), (b, a)):
            known = self.truth(one)
            if known is not None:
                return one if known is ends else other
        return a if a == b else self.entry(name, (min(a, b), max(a, b)))

    def select(self, condition: int, a: int, b: int) -> int:
        from .joining import choice

        known = self.truth(condition)
        if known is not None:
            return a if known else b
        return choice(self, condition, a, b)

    def gate(self, condition: int, adjoint: int, wanted: bool) -> int:
        """Return the adjoint where the condition is `wanted`, a structural zero elsewhere."""
        known = self.truth(condition)
        if known is not None:
            return adjoint if known is wanted else self.constant(0)
        if self.number(adjoint) == 0:
            return adjoint
        if self.names[adjoint] == "gate" and self.inputs[adjoint][0] == condition:
            return adjoint if self.data[adjoint] is wanted else self.constant(0)
        return self.entry("gate", (condition, adjoint), wanted)


__all__ = ["ONE", "ZERO", "Tape", "Terms"]
