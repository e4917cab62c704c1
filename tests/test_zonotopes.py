"""Nothing may leave an interval, a form, a range or a relaxation: rounding included, all rows.

Expected values come from exact rationals (arithmetic) and from balls at exact points (rows).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from verifier.numerals import intervals, zonotopes
from verifier.numerals.balls import precision
from verifier.numerals.intervals import Interval, add_down, times_down
from verifier.primitives.table import SCALARS
from verifier.readers import curves
from verifier.readers.relaxations import relax

from .row_points import UNARY, WITH_ORDER

Array = np.ndarray
INF = math.inf
BITS = 256
numbers = st.floats(allow_nan=False, allow_infinity=False)
moderate = st.floats(-1e6, 1e6, allow_nan=False)
thorough = settings(max_examples=150, deadline=None, derandomize=True)


def exactly(x: float) -> Fraction:
    return Fraction(float(x))


# ---------------------------------------------------------------- intervals
@thorough
@given(numbers, numbers)
@example(1e308, 1e308)
@example(5e-324, -5e-324)
@example(1.0, 2.0**-53)
@example(1e-200, 1e-200)
@example(-1e-200, 1e-200)
def test_directed_arithmetic_is_below_and_at_most_one_float_away(a: float, b: float) -> None:
    for computed, true in ((add_down(np.array(a), np.array(b)), exactly(a) + exactly(b)),
                           (times_down(np.array(a), np.array(b)), exactly(a) * exactly(b))):
        low = float(computed)
        assert low == -INF or exactly(low) <= true
        above = math.nextafter(math.nextafter(low, INF), INF)
        assert above == INF or exactly(above) > true or low == -INF


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.25), (3.0, 7.0), (-1.0, 1e300), (0.0, INF)])
def test_what_floats_hold_exactly_stays_exact(a: float, b: float) -> None:
    if math.isfinite(b):
        assert float(add_down(np.array(a), np.array(b))) == a + b or b == 1e300
    assert float(times_down(np.array(a), np.array(b))) == (0.0 if a == 0 else a * b)


@thorough
@given(st.lists(numbers, min_size=4, max_size=4), st.floats(0, 1), st.floats(0, 1))
def test_products_of_intervals_contain_products(ends: list[float], s: float, t: float) -> None:
    (a, b), (c, d) = sorted(ends[:2]), sorted(ends[2:])
    found = Interval(np.array(a), np.array(b)) * Interval(np.array(c), np.array(d))
    x, y = between(a, b, s), between(c, d, t)
    true = exactly(x) * exactly(y)
    assert float(found.lo) == -INF or exactly(found.lo) <= true
    assert float(found.hi) == INF or exactly(found.hi) >= true


def between(a: float, b: float, share: float) -> float:
    x = a * (1 - share) + b * share
    return min(max(x, a), b) if math.isfinite(x) else a


def test_unbounded_ends_are_no_values() -> None:
    half = Interval(np.array(-INF), np.array(3.0))
    nought = Interval(np.array(0.0), np.array(0.0))
    product = half * nought
    assert (float(product.lo), float(product.hi)) == (0.0, 0.0)
    both = half + (-half)
    assert (float(both.lo), float(both.hi)) == (-INF, INF)
    square = half * half
    assert (float(square.lo), float(square.hi)) == (-INF, INF)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.sampled_from([3, 40, 70]))
def test_sums_and_matrix_products_contain_the_exact_ones(seed: int, count: int) -> None:
    draws = np.random.default_rng(seed)
    a, b = (draws.normal(size=s) * 10.0 ** draws.uniform(-200, 90, size=s)
            for s in ((2, count), (count, 2)))
    wide = Interval(a - np.abs(a) * 1e-3, a)
    total = intervals.total(wide, (1,))
    product = intervals.matmul(wide, Interval(b, b + np.abs(b)))
    large = intervals._middle_product(wide, Interval(b, b + np.abs(b)))
    for i in range(2):
        true = sum(map(exactly, a[i]))
        assert exactly(total.lo[i]) <= true <= exactly(total.hi[i])
        for j in range(2):
            true = sum(exactly(x) * exactly(y) for x, y in zip(a[i], b[:, j], strict=True))
            for found in (product, large):
                assert exactly(found.lo[i, j]) <= true <= exactly(found.hi[i, j])


# ---------------------------------------------------------------- forms
def random_form(draws: np.random.Generator, shape: tuple[int, ...], scale: float) -> Any:
    symbols = np.sort(draws.choice(6, size=draws.integers(0, 5), replace=False))
    generators = draws.normal(size=(len(symbols), 1, *shape)) * scale
    rest = np.abs(draws.normal(size=(1, *shape))) * scale * draws.integers(0, 2)
    return zonotopes.make(draws.normal(size=(1, *shape)), symbols, generators, rest)


def inside(form: Any, noise: Array, own: Array) -> list[Fraction]:
    """Return one exact point of a form for each entry, given its noise and its rest's share."""
    out = []
    for i in np.ndindex(*form.center.shape):
        value = exactly(form.center[i]) + exactly(form.radius[i]) * exactly(own[i])
        for s, symbol in enumerate(form.symbols):
            value += exactly(form.generators[(s, *i)]) * exactly(noise[symbol])
        out.append(value)
    return out


def held(form: Any, noise: Array, values: list[Fraction]) -> bool:
    """Tell whether exact values are points of the form for this noise."""
    good = True
    for i, value in zip(np.ndindex(*form.center.shape), values, strict=True):
        rest = value - exactly(form.center[i])
        for s, symbol in enumerate(form.symbols):
            if symbol < len(noise):
                rest -= exactly(form.generators[(s, *i)]) * exactly(noise[symbol])
        good &= math.isinf(form.radius[i]) or abs(rest) <= exactly(form.radius[i])
        bounds = form.bounds()
        good &= exactly(bounds.lo[i]) <= value <= exactly(bounds.hi[i])
    return bool(good)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.integers(0, 10**9), st.sampled_from([1.0, 1e-9, 1e-170, 1e80]))
def test_forms_hold_every_point_of_their_results(seed: int, scale: float) -> None:
    draws = np.random.default_rng(seed)
    a, b = random_form(draws, (3,), scale), random_form(draws, (3,), 1.0)
    noise = draws.uniform(-1, 1, size=6) if seed % 3 else draws.choice([-1.0, 1.0], size=6)
    x, y = (inside(f, noise, draws.choice([-1.0, 0.5, 1.0], size=(1, 3))) for f in (a, b))
    slope, offset = draws.normal(size=(1, 3)), draws.normal(size=(1, 3))
    matrix = draws.normal(size=(3, 3))
    size = np.abs(matrix)
    assert held(zonotopes.add(a, b), noise, [p + q for p, q in zip(x, y, strict=True)])
    product = zonotopes.multiply(a, b, a.reach, b.reach)
    assert held(product, noise, [p * q for p, q in zip(x, y, strict=True)])
    scaled = zonotopes.scale(a, slope, offset, np.zeros(()))
    lines = [exactly(s) * p + exactly(o)
             for s, p, o in zip(slope[0], x, offset[0], strict=True)]
    assert held(scaled, noise, lines)
    mapped = zonotopes.linear(a, lambda v: v @ matrix.T, lambda v: v @ size.T, 3)
    rows = [sum(exactly(m) * p for m, p in zip(row, x, strict=True)) for row in matrix]
    assert held(mapped, noise, rows)
    every = np.ones((1, 3), dtype=bool)
    for either in (x, y):
        assert held(zonotopes.halfway(a, b, every, every), noise, either)
    assert held(zonotopes.reduced(a, 1), noise, x)


def test_a_square_through_a_product_costs_half() -> None:
    x = zonotopes.make(np.zeros((1, 1)), np.array([0]), np.ones((1, 1, 1)), np.zeros((1, 1)))
    bounds = zonotopes.multiply(x, x, x.reach, x.reach).bounds()
    assert float(bounds.lo[0, 0]) == pytest.approx(0, abs=1e-12)
    assert float(bounds.hi[0, 0]) == pytest.approx(1, abs=1e-12)


def test_what_is_not_finite_becomes_unbounded() -> None:
    big = zonotopes.make(np.full((1, 2), 1e308), np.array([0]), np.full((1, 1, 2), 1e308),
                         np.array([[math.nan, 0.0]]))
    assert np.isinf(big.reach).all() or math.isinf(float(big.reach[0, 0]))
    doubled = zonotopes.add(big, big).bounds()
    assert float(doubled.lo[0, 0]) == -INF and float(doubled.hi[0, 0]) == INF


def test_rests_get_names_and_the_largest_are_kept() -> None:
    rests = np.array([[1.0, 0.25, 0.0, 0.5]])
    form = zonotopes.make(np.zeros((1, 4)), zonotopes.NO_SYMBOLS, np.zeros((0, 1, 4)), rests)
    named, after = zonotopes.named(form, 10, 2)
    assert after == 12 and list(named.symbols) == [10, 11]
    assert named.radius.tolist() == [[0.0, 0.25, 0.0, 0.0]]


# ---------------------------------------------------------------- rows: ranges and lines
def points_in(low: float, high: float) -> list[float]:
    """Return floats of an interval: ends, zero, neighbours of the ends, shares."""
    shares = [between(low, high, t) for t in np.linspace(0, 1, 13)]
    near = [math.nextafter(low, INF), math.nextafter(high, -INF), 0.0, 5e-324, -5e-324]
    return [x for x in dict.fromkeys([low, high, *shares, *near]) if low <= x <= high]


def check(curve: curves.Curve, low: float, high: float) -> None:
    line = relax(curve, np.array([low]), np.array([high]))
    slope, offset, rest = (arb(float(v[0])) for v in (line.slope, line.offset, line.rest))
    bottom, top = float(line.bounds.lo[0]), float(line.bounds.hi[0])
    for x in points_in(max(low, -1e300), min(high, 1e300)):
        with precision(BITS):
            value = curve.evaluate(arb(x))
            gap = abs(value - slope * arb(x) - offset)
        if not value.is_finite():
            assert line.undefined[0] or abs(x) > 1e15, (curve.name, low, high, x)
            continue
        if line.undefined[0]:
            continue
        assert not value < bottom and not value > top, (curve.name, low, high, x)
        assert not gap > rest, (curve.name, low, high, x)


starts = st.one_of(
    st.floats(-40, 40), st.sampled_from([0.0, 1.0, -1.0, 0.5, 1e-300, -1e-300, 1e20, -1e20, 700.0]),
    st.floats(-1e-6, 1e-6),
)
widths = st.one_of(
    st.sampled_from([0.0, 5e-324, 1e-16, 1e-9, 1e-3, 0.25, 1.0, 2.0, 10.0, 1e5, 1e300]),
    st.floats(0, 20),
)


@pytest.mark.parametrize("name", UNARY)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(start=starts, width=widths, negated=st.booleans())
def test_no_row_leaves_its_range_or_its_line(
    name: str, start: float, width: float, negated: bool
) -> None:
    low, high = (-start - width, -start) if negated else (start, start + width)
    assume(math.isfinite(high) and (not name.startswith(("sinc", "i0", "i1")) or width < 1e5))
    assume(name not in ("gamma", "lgamma", "digamma", "sinc") or max(abs(low), abs(high)) < 1e6)
    check(curves.of_row(name), low, high)


FIXED = [("power", 1, b) for b in (-2.5, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 7.0)]
FIXED += [("power", 0, a) for a in (0.5, 2.0)] + [("arctan2", 1, b) for b in (-1.0, 0.0, 2.0)]
FIXED += [("remainder", 1, 2.0), ("fmod", 1, 2.0), ("hypot", 0, 1.0), ("hypot", 1, 0.0)]
FIXED += [("logaddexp", 0, 0.0), ("logaddexp2", 1, 3.0), ("xlogy", 0, 2.0), ("xlogy", 1, 2.0)]
FIXED += [("heaviside", 1, 0.5), ("arctan2", 0, 1.0), ("remainder", 0, 5.0)]
FIXED += [(name, 0, float(k)) for name, orders in WITH_ORDER.items() for k in orders]


@pytest.mark.parametrize(("name", "which", "value"), FIXED)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(start=st.floats(-8, 8), width=st.sampled_from([0.0, 1e-9, 0.1, 1.0, 3.0]),
       whole=st.booleans())
def test_no_row_with_a_known_argument_leaves_them(
    name: str, which: int, value: float, start: float, width: float, whole: bool
) -> None:
    start = float(round(start)) if whole else start
    check(curves.with_fixed(name, which, value), start, start + width)


@pytest.mark.parametrize("name", [n for n in UNARY if SCALARS[n].shape])
@pytest.mark.parametrize(("low", "high"), [(-INF, INF), (-INF, -2.0), (3.0, INF)])
def test_unbounded_ends_are_limits(name: str, low: float, high: float) -> None:
    check(curves.of_row(name), low, high)


@pytest.mark.parametrize(
    ("name", "low", "high", "bounds"),
    [("sigmoid", -INF, INF, (0, 1)), ("exp", -INF, 0.0, (0, 1)), ("tanh", -INF, INF, (-1, 1)),
     ("erf", 0.0, INF, (0, 1)), ("gaussian", -INF, INF, (0, 1)), ("sin", -INF, INF, (-1, 1)),
     ("relu", -INF, INF, (0, INF)), ("square", -INF, 3.0, (0, INF)),
     ("softplus", -INF, INF, (0, INF)), ("log", 1.0, INF, (0, INF)),
     ("erf", 30.0, 40.0, (math.nextafter(1, 0), 1)),
     ("tanh", 20.0, 50.0, (math.nextafter(1, 0), 1)), ("reciprocal", 1.0, INF, (0, 1)),
     ("relu", -1.0, 2.0, (0, 2)), ("absolute", -1.0, 2.0, (0, 2)), ("square", -1.0, 2.0, (0, 4)),
     ("floor", 0.5, 2.5, (0, 2)), ("sign", -1.0, 1.0, (-1, 1)), ("sqrt", 0.0, 4.0, (0, 2)),
     ("sin", 0.0, 3.0, (0, 1)), ("cosh", -1.0, 0.0, (1, 1.5430806348152439))],
)
def test_ranges_are_sharp(
    name: str, low: float, high: float, bounds: tuple[float, float]
) -> None:
    line = relax(curves.of_row(name), np.array([low]), np.array([high]))
    assert not line.undefined[0]
    assert (float(line.bounds.lo[0]), float(line.bounds.hi[0])) == pytest.approx(bounds, abs=0)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("log", 0.0, 1.0), ("reciprocal", 0.0, 1.0), ("reciprocal", -1.0, 1.0), ("sqrt", -1e-300, 1.0),
     ("arctanh", 0.0, 1.0), ("tan", 1.0, 2.0), ("gamma", -1.5, -0.5), ("logit", 0.0, 0.5),
     ("lgamma", 0.0, 1.0), ("arccosh", 0.999, 2.0), ("log1p", -1.0, 0.0)],
)
def test_leaving_the_domain_is_undefined(name: str, low: float, high: float) -> None:
    line = relax(curves.of_row(name), np.array([low]), np.array([high]))
    assert line.undefined[0] and math.isinf(line.rest[0])
    assert math.isinf(line.bounds.lo[0]) and math.isinf(line.bounds.hi[0])


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "exp", "sech", "gaussian", "sin", "softplus"])
def test_lines_are_nearly_the_best_ones(name: str) -> None:
    curve = curves.of_row(name)
    draws = np.random.default_rng(7)
    low = draws.normal(size=60) * 2
    high = low + 10.0 ** draws.uniform(-4, 0.7, size=60)
    line = relax(curve, low, high)
    xs = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, 201)
    gap = curve.floats(xs) - line.slope[:, None] * xs
    needed = (gap.max(axis=1) - gap.min(axis=1)) / 2
    assert (line.rest <= 1.1 * needed + 1e-14).all()


def test_a_relu_is_relaxed_exactly() -> None:
    line = relax(curves.of_row("relu"), np.array([-1.0]), np.array([3.0]))
    assert float(line.slope[0]) == 0.75
    assert float(line.rest[0]) == pytest.approx(0.375, abs=1e-14)
