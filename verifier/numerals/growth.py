"""Growth: what a function does on a tail u >= M, as a sum that dominates and a proven remainder.

A form says v(u) = e^(r u) (sum_k c_k u^k + R(u)) + l log u for all u >= M > 0, where
|R| <= C u^p e^(-q u), q >= 0; r is exact, c_k and l are balls, k and p rational. Sums, products,
quotients, powers, exponentials and logarithms stay in this class (a truncated transseries with an
explicit remainder: see van der Hoeven, Transseries and Real Differential Algebra, 2006, without its
limits: every bound is closed). What leaves it has no form (None), and the span alone speaks.
With x = log u the same arithmetic speaks of functions of e^x, such as exp(-exp(x)).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from flint import arb

from .growth_bounds import (
    INFINITE,
    NOUGHT,
    Bound,
    Power,
    greatest,
    joined,
    raised,
    shortened,
    size_of,
    times,
    upper,
)

ONE = arb(1)
ORDER = 5  # terms of the series of 1/(1+h), log(1+h), exp(h), sqrt(1+h)

SLOW = Fraction(1, 8)  # log u <= 8/e u^(1/8) for u >= 1: what a logarithm costs in a product


class Growth:
    """One form; `start` is M, None for a constant that is the same on every tail."""

    __slots__ = ("bound", "log", "rate", "start", "terms")

    def __init__(
        self, terms: Mapping[Power, arb], bound: Bound | None = None, rate: arb = NOUGHT,
        start: arb | None = None, log: arb = NOUGHT,
    ) -> None:
        self.terms = {k: c for k, c in terms.items() if not c.is_zero()}
        self.bound, self.rate, self.start, self.log = bound, rate, start, log

    @staticmethod
    def constant(value: arb) -> Growth:
        return Growth({0: value})

    @staticmethod
    def variable(start: arb, sign: int) -> Growth:
        """Return the form of x = sign u."""
        return Growth({1: arb(sign)}, start=start)

    @staticmethod
    def logarithm(start: arb, sign: int) -> Growth:
        """Return the form of x = sign log u."""
        return Growth({}, start=start, log=arb(sign))

    def on_tail(self) -> bool:
        return self.start is not None

    def plain(self) -> Growth | None:
        """Return the form with its logarithm in the remainder, None below u = 1."""
        if self.log.is_zero():
            return self
        if self.start is None or not self.start >= 1:
            return None
        size = upper(abs(self.log) * 8 * (-ONE).exp())
        return Growth(self.terms, joined(self.bound, (size, SLOW, NOUGHT), self.start),
                      self.rate, self.start)

    def __neg__(self) -> Growth:
        return Growth({k: -c for k, c in self.terms.items()}, self.bound, self.rate, self.start,
                      -self.log)

    def __add__(self, other: Growth) -> Growth | None:
        start = _start(self, other)
        high, low = (self, other) if self.rate >= other.rate else (other, self)
        if high.nothing():
            return low
        if high.rate != low.rate:
            return high if low.nothing() else _lowered(high, low, start)
        terms = dict(high.terms)
        for k, c in low.terms.items():
            terms[k] = terms.get(k, NOUGHT) + c
        return Growth(terms, joined(high.bound, low.bound, start), high.rate, start,
                      high.log + low.log)

    def nothing(self) -> bool:
        """Tell whether this is the form of 0."""
        return not self.terms and self.bound is None and self.log.is_zero()

    def __mul__(self, other: Growth) -> Growth | None:
        for one, number in ((self, other), (other, self)):
            if number.start is None and not one.log.is_zero():
                return _scaled(one, number.terms.get(0, NOUGHT))
        left, right = self.plain(), other.plain()
        return None if left is None or right is None else _product(left, right)

    # ------------------------------------------------------------ what it says
    def leading(self) -> tuple[Power, arb] | None:
        """Return the highest power and its coefficient where that is certainly not 0."""
        if not self.terms:
            return None
        top = max(self.terms)
        return None if self.terms[top].contains(0) else (top, self.terms[top])

    def relative(self) -> tuple[Power, arb, Growth] | None:
        """Return (d, c, h) with v = c e^(r u) u^d (1 + h) and h the form of the rest."""
        if not self.log.is_zero():
            bare = self.plain()
            return None if bare is None else bare.relative()
        first = self.leading()
        if first is None:
            return None
        top, number = first
        rest = {k - top: c / number for k, c in self.terms.items() if k < top}
        bound = None
        if self.bound is not None:
            bound = (upper(self.bound[0] / abs(number)), self.bound[1] - top, self.bound[2])
        return top, number, Growth(rest, bound, NOUGHT, self.start)

    def magnitude(self) -> arb:
        """Return an upper bound of |v| on the tail."""
        if not self.log.is_zero():
            return INFINITE
        if self.start is None:
            return sum((upper(abs(c)) for c in self.terms.values()), NOUGHT)
        total = sum((greatest((upper(abs(c)), k, -self.rate), self.start)
                     for k, c in self.terms.items()), NOUGHT)
        if self.bound is not None:
            size, power, decay = self.bound
            total = total + greatest((size, power, decay - self.rate), self.start)
        return upper(total)

    def range(self) -> tuple[arb, arb, bool]:
        """Return lower and upper bounds on the tail, and whether a bound of 0 is never met."""
        if not self.log.is_zero():
            return self._with_logarithm()
        size = self.magnitude()
        found = self.relative()
        if found is None or self.start is None:
            return -size, size, False
        degree, number, rest = found
        slack = rest.magnitude()
        if not slack < 1:
            return -size, size, False
        sign = 1 if number > 0 else -1
        if self.rate == 0 and degree == 0:
            low, high = ((number * (1 + side * slack)) for side in (-sign, sign))
            return low.lower(), high.upper(), False
        growing = self.rate >= 0 and degree >= 0
        least = NOUGHT
        if growing:
            tall = abs(number) * (self.rate * self.start).exp() * raised(self.start, degree)
            least = (tall * (1 - slack)).lower()
        return (least, size, least == 0) if sign > 0 else (-size, -least, least == 0)

    def _with_logarithm(self) -> tuple[arb, arb, bool]:
        """Bound l log u + w, the one by its value at the start of the tail, the other as it is."""
        low, high, _ = Growth(self.terms, self.bound, self.rate, self.start).range()
        if self.start is None or not self.start >= 1:
            return -INFINITE, INFINITE, False
        first = self.log * self.start.log()
        if self.log > 0:
            return (first + low).lower(), INFINITE, False
        return -INFINITE, upper(first + high) if self.log < 0 else INFINITE, False

    # ------------------------------------------------------------ series in a small form
    def reciprocal(self) -> Growth | None:
        if self.start is None:
            whole = self.terms.get(0)
            return None if whole is None or whole.contains(0) else Growth({0: 1 / whole})
        found = self.relative()
        if found is None:
            return None
        degree, number, rest = found
        series = rest.series(lambda j: arb((-1) ** j))
        return None if series is None else series * Growth(
            {-degree: 1 / number}, None, -self.rate, self.start)

    def series(self, coefficient: Callable[[int], arb]) -> Growth | None:
        """Return sum_j a_j h^j of this small form h; from j = ORDER on |a_(j+2)| <= |a_j|."""
        slack = self.magnitude()
        if not slack < arb(0.75) or self.start is None:
            return None
        if self.log.is_zero() and self.nothing():
            return Growth({0: coefficient(0)}, start=self.start)
        total: Growth | None = Growth({0: coefficient(0)}, start=self.start)
        power: Growth | None = Growth({0: ONE}, start=self.start)
        for j in range(1, ORDER):
            power = power * self if power is not None else None
            if power is None or total is None:
                return None
            total = total + power * Growth({0: coefficient(j)}, start=self.start)  # type: ignore
        size = self.whole_size()
        if size is None or total is None:
            return total
        tail = size
        for _ in range(ORDER - 1):
            tail = times(tail, size)  # type: ignore[assignment]
        first = upper(abs(coefficient(ORDER)) + abs(coefficient(ORDER + 1)))
        factor = upper(first / (1 - slack))
        return total + Growth({}, (upper(tail[0] * factor), tail[1], tail[2]), NOUGHT, self.start)

    def whole_size(self) -> Bound | None:
        """Return one bound of |v|, main terms and remainder together."""
        assert self.start is not None
        if not self.log.is_zero():
            bare = self.plain()
            return None if bare is None else bare.whole_size()
        both = joined(size_of(self.terms, self.start), self.bound, self.start)
        return None if both is None else (both[0], both[1], both[2] - self.rate)


def _start(a: Growth, b: Growth) -> arb | None:
    return a.start if a.start is not None else b.start


def _lowered(high: Growth, low: Growth, start: arb | None) -> Growth | None:
    """Add a form of a lower rate: it goes to the remainder of the higher one."""
    kept, plain = high.log, low.plain()
    if high.rate != 0:
        kept, plain_high = NOUGHT, high.plain()
        high = high if plain_high is None else plain_high
    if start is None or plain is None or not (high.rate == 0 or high.log.is_zero()):
        return None
    low = plain
    size = joined(size_of(low.terms, start), low.bound, start)
    assert size is not None
    decay = (size[2] + (high.rate - low.rate)).lower()
    return Growth(high.terms, joined(high.bound, (size[0], size[1], decay), start), high.rate,
                  start, kept)


def _scaled(form: Growth, number: arb) -> Growth:
    """Return a form times a constant."""
    bound = None if form.bound is None else (upper(form.bound[0] * abs(number)), *form.bound[1:])
    return Growth({k: c * number for k, c in form.terms.items()}, bound, form.rate, form.start,
                  form.log * number)


def _product(left: Growth, right: Growth) -> Growth | None:
    start, rate = _start(left, right), left.rate + right.rate
    if not rate.is_exact():
        return None
    terms: dict[Power, arb] = {}
    for j, a in left.terms.items():
        for k, b in right.terms.items():
            terms[j + k] = terms.get(j + k, NOUGHT) + a * b
    bound = None
    if start is not None:
        parts = [times(size_of(left.terms, start), right.bound),
                 times(size_of(right.terms, start), left.bound), times(left.bound, right.bound)]
        for part in parts:
            bound = joined(bound, part, start)
        terms, bound = shortened(terms, bound, start)
    return Growth(terms, bound, rate, start)
