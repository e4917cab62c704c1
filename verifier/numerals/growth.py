"""Growth: what a function does on a tail u >= M, as a sum that dominates and a proven remainder.

A form says v(u) = e^(r u) (sum_k c_k u^k + R(u)) for all u >= M > 0, with |R| <= C u^p e^(-q u),
q >= 0; r is exact, the c_k are balls and k are whole. Sums, products, quotients, exponentials and
logarithms stay in this class (a truncated transseries with an explicit remainder: see van der
Hoeven, Transseries and Real Differential Algebra, 2006, without its limits: every bound is closed).
What leaves it has no form (None), and the span alone speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flint import arb

NOUGHT, ONE = arb(0), arb(1)
INFINITE = arb("inf")
TERMS = 8  # powers kept below the leading one; the rest goes to the remainder
ORDER = 5  # terms of the series of 1/(1+h), log(1+h), exp(h), sqrt(1+h)

Bound = tuple[arb, int, arb]  # C, p, q: |R| <= C u^p e^(-q u)


class Growth:
    """One form; `start` is M, None for a constant that is the same on every tail."""

    __slots__ = ("bound", "rate", "start", "terms")

    def __init__(
        self, terms: Mapping[int, arb], bound: Bound | None = None, rate: arb = NOUGHT,
        start: arb | None = None,
    ) -> None:
        self.terms = {k: c for k, c in terms.items() if not c.is_zero()}
        self.bound, self.rate, self.start = bound, rate, start

    @staticmethod
    def constant(value: arb) -> Growth:
        return Growth({0: value})

    @staticmethod
    def variable(start: arb, sign: int) -> Growth:
        """Return the form of x = sign u."""
        return Growth({1: arb(sign)}, start=start)

    def on_tail(self) -> bool:
        return self.start is not None

    def __neg__(self) -> Growth:
        return Growth({k: -c for k, c in self.terms.items()}, self.bound, self.rate, self.start)

    def __add__(self, other: Growth) -> Growth | None:
        start = _start(self, other)
        high, low = (self, other) if self.rate >= other.rate else (other, self)
        if not high.terms and high.bound is None:
            return low
        if high.rate != low.rate:
            if not low.terms and low.bound is None:
                return high
            return _lowered(high, low, start)
        terms = dict(high.terms)
        for k, c in low.terms.items():
            terms[k] = terms.get(k, NOUGHT) + c
        return Growth(terms, _joined(high.bound, low.bound, start), high.rate, start)

    def __mul__(self, other: Growth) -> Growth | None:
        start = _start(self, other)
        rate = self.rate + other.rate
        if not rate.is_exact():
            return None
        terms: dict[int, arb] = {}
        for j, a in self.terms.items():
            for k, b in other.terms.items():
                terms[j + k] = terms.get(j + k, NOUGHT) + a * b
        bound = None
        if start is not None:
            parts = [_times(_size(self.terms, start), other.bound),
                     _times(_size(other.terms, start), self.bound), _times(self.bound, other.bound)]
            for part in parts:
                bound = _joined(bound, part, start)
            terms, bound = _shortened(terms, bound, start)
        return Growth(terms, bound, rate, start)

    # ------------------------------------------------------------ what it says
    def leading(self) -> tuple[int, arb] | None:
        """Return the highest power and its coefficient where that is certainly not 0."""
        if not self.terms:
            return None
        top = max(self.terms)
        return None if self.terms[top].contains(0) else (top, self.terms[top])

    def relative(self) -> tuple[int, arb, Growth] | None:
        """Return (d, c, h) with v = c e^(r u) u^d (1 + h) and h the form of the rest."""
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
            tall = abs(number) * (self.rate * self.start).exp() * self.start**degree
            least = (tall * (1 - slack)).lower()
        return (least, size, least == 0) if sign > 0 else (-size, -least, least == 0)

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
        """Return sum_j a_j h^j of this small form h, |a_j| not growing from j = ORDER on."""
        slack = self.magnitude()
        if not slack < arb(0.75) or self.start is None:
            return None
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
            tail = _times(tail, size)  # type: ignore[assignment]
        factor = upper(abs(coefficient(ORDER)) / (1 - slack))
        return total + Growth({}, (upper(tail[0] * factor), tail[1], tail[2]), NOUGHT, self.start)

    def whole_size(self) -> Bound | None:
        """Return one bound of |v|, main terms and remainder together."""
        assert self.start is not None
        both = _joined(_size(self.terms, self.start), self.bound, self.start)
        return None if both is None else (both[0], both[1], both[2] - self.rate)


def upper(x: arb) -> arb:
    found = x.upper()
    return found if not found.is_nan() else INFINITE


def greatest(bound: Bound, start: arb) -> arb:
    """Return an upper bound of C u^p e^(-q u) over u >= start."""
    size, power, decay = bound
    if size.is_zero():
        return NOUGHT
    if decay < 0 or (decay == 0 and power > 0) or not (decay >= 0):
        return INFINITE
    place = start
    if power > 0 and arb(power) / decay > start:
        place = arb(power) / decay
    elif power > 0 and not arb(power) / decay <= start:
        place = start.union(arb(power) / decay)
    return upper(size * place**power * (-decay * place).exp())


def _start(a: Growth, b: Growth) -> arb | None:
    return a.start if a.start is not None else b.start


def _size(terms: Mapping[int, arb], start: arb) -> Bound | None:
    """Return C, p, 0 with |sum c_k u^k| <= C u^p on the tail."""
    if not terms:
        return None
    top = max(terms)
    return upper(sum((abs(c) * start ** (k - top) for k, c in terms.items()), NOUGHT)), top, NOUGHT


def _times(a: Bound | None, b: Bound | None) -> Bound | None:
    return None if a is None or b is None else (upper(a[0] * b[0]), a[1] + b[1], a[2] + b[2])


def _joined(a: Bound | None, b: Bound | None, start: arb | None) -> Bound | None:
    """Return one bound of the sum: the slower decay, then the higher power, wins."""
    if a is None or b is None:
        return b if a is None else a
    assert start is not None
    slow, fast = (a, b) if (a[2] < b[2] or (a[2] == b[2] and a[1] >= b[1])) else (b, a)
    if not (slow[2] <= fast[2]):
        return (INFINITE, slow[1], NOUGHT)
    share = greatest((fast[0], fast[1] - slow[1], (fast[2] - slow[2]).lower()), start)
    return upper(slow[0] + share), slow[1], slow[2].lower()


def _lowered(high: Growth, low: Growth, start: arb | None) -> Growth | None:
    """Add a form of a lower rate: it goes to the remainder of the higher one."""
    if start is None:
        return None
    size = _joined(_size(low.terms, start), low.bound, start)
    assert size is not None
    decay = (size[2] + (high.rate - low.rate)).lower()
    return Growth(high.terms, _joined(high.bound, (size[0], size[1], decay), start), high.rate,
                  start)


def _shortened(
    terms: dict[int, arb], bound: Bound | None, start: arb
) -> tuple[dict[int, arb], Bound | None]:
    present = [k for k, c in terms.items() if not c.is_zero()]
    if not present:
        return terms, bound
    cut = max(present) - TERMS
    lost = {k: c for k, c in terms.items() if k < cut}
    kept = {k: c for k, c in terms.items() if k >= cut}
    return kept, _joined(bound, _size(lost, start), start)
