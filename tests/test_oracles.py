"""Derivatives that trust no rule: known functions, honest errors, and what they must refuse."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from verifier.graph.node import apply, constant, variable
from verifier.oracles import complex_step as complex_oracle
from verifier.oracles import finite_difference as difference
from verifier.oracles.complex_step import applicable, complex_line, complex_step
from verifier.oracles.finite_difference import Estimate, finite_difference
from verifier.oracles.line import line
from verifier.oracles.noise import epsilon, noise_levels
from verifier.primitives import linear
from verifier.verdicts import Origin

MP = mpmath.MPContext()
MP.dps = 60

# name: (as numpy runs it, exact f and its first two derivatives in mpmath, where it is tested)
Known = tuple[Callable, Callable, Callable, Callable, tuple[float, float]]
KNOWN: dict[str, Known] = {
    "sin": (np.sin, MP.sin, MP.cos, lambda x: -MP.sin(x), (-100, 100)),
    "exp": (np.exp, MP.exp, MP.exp, MP.exp, (-30, 30)),
    "exp(100x)": (
        lambda x: np.exp(100 * x), lambda x: MP.exp(100 * x), lambda x: 100 * MP.exp(100 * x),
        lambda x: 10**4 * MP.exp(100 * x), (-0.8, 0.8),
    ),
    "sin(1e6 x)": (
        lambda x: np.sin(x.dtype.type(1e6) * x), lambda x: MP.sin(10**6 * x),
        lambda x: 10**6 * MP.cos(10**6 * x), lambda x: -(10**12) * MP.sin(10**6 * x), (-2, 2),
    ),
    "log": (np.log, MP.log, lambda x: 1 / x, lambda x: -1 / x**2, (1e-30, 1e30)),
    "1/x": (lambda x: 1 / x, lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3,
            (1e-8, 1e8)),
    "tanh": (np.tanh, MP.tanh, lambda x: MP.sech(x) ** 2,
             lambda x: -2 * MP.tanh(x) * MP.sech(x) ** 2, (-8, 8)),
    "x^3": (lambda x: x * x * x, lambda x: x**3, lambda x: 3 * x**2, lambda x: 6 * x,
            (-1e9, 1e9)),
    "exp(-x^2)": (
        lambda x: np.exp(-x * x), lambda x: MP.exp(-x * x), lambda x: -2 * x * MP.exp(-x * x),
        lambda x: (4 * x * x - 2) * MP.exp(-x * x), (-4, 4),
    ),
    "atan(1e4(x-1/2))": (
        lambda x: np.arctan(x.dtype.type(1e4) * (x - x.dtype.type(0.5))),
        lambda x: MP.atan(10**4 * (x - MP.mpf(0.5))),
        lambda x: 10**4 / (1 + 10**8 * (x - MP.mpf(0.5)) ** 2),
        lambda x: -2 * 10**12 * (x - MP.mpf(0.5)) / (1 + 10**8 * (x - MP.mpf(0.5)) ** 2) ** 2,
        (0.4, 0.6),
    ),
    "(1e6+sin x)-1e6": (
        lambda x: (x.dtype.type(1e6) + np.sin(x)) - x.dtype.type(1e6), MP.sin, MP.cos,
        lambda x: -MP.sin(x), (-10, 10),
    ),
    "float32 inside": (
        lambda x: np.sin(x.astype(np.float32)).astype(x.dtype), MP.sin, MP.cos,
        lambda x: -MP.sin(x), (-10, 10),
    ),
}  # fmt: skip

# float32 rounds these so coarsely (steps of 1/16; noise of 1 % over 8 floats a radian) that noise
# and second derivative are the same size at every step: nothing tells them apart
NOT_MEASURABLE = {("(1e6+sin x)-1e6", "float32", 2), ("sin(1e6 x)", "float32", 2)}


def estimate(function: Callable, x: float, dtype: str, order: int = 1) -> Estimate:
    point = {"x": np.asarray(x, dtype=dtype)}
    run = line(lambda p: function(p["x"]), point, {"x": np.ones(())})
    with np.errstate(all="ignore"):
        return finite_difference(run.along, dtype=run.dtype, scale=run.scale, order=order)


# ---------------------------------------------------------------- finite differences
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", KNOWN)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(share=st.floats(0, 1))
@example(share=0.5)
@example(share=0.65625)  # f moves in stairs whose edges the steps would miss
def test_error_is_honest(name: str, dtype: str, order: int, share: float) -> None:
    function, _, *derivatives, (low, high) = KNOWN[name]
    if low > 0:
        x = low ** (1 - share) * high**share
    else:
        x = low + (high - low) * share
    if dtype == "float32" and name.startswith("sin(1e6"):
        x *= 0.03125  # at 2 one float32 is a quarter of a radian: nothing there to measure
    if (name, dtype, order) in NOT_MEASURABLE:
        return
    x = float(np.dtype(dtype).type(x))
    found = estimate(function, x, dtype, order)
    truth = derivatives[order - 1](MP.mpf(x))
    assume(abs(truth) < 1e300 and np.isfinite(found.error))
    assert abs(MP.mpf(float(found.value)) - truth) <= MP.mpf(float(found.error)) + 1e-300
    assert difference.KINK not in found.notes


@pytest.mark.parametrize(
    ("name", "x", "dtype", "order", "relative"),
    [
        ("sin", 0.3, "float64", 1, 1e-11), ("sin", 0.3, "float64", 2, 1e-7),
        ("sin", 0.3, "float32", 1, 1e-3), ("exp(100x)", 0.5, "float64", 1, 1e-9),
        ("sin(1e6 x)", 0.7, "float64", 1, 1e-4), ("log", 1e-30, "float64", 1, 1e-9),
        ("1/x", 1e8, "float64", 1, 1e-10), ("x^3", 1e9, "float32", 1, 1e-4),
        ("(1e6+sin x)-1e6", 0.3, "float64", 1, 1e-5),
        ("float32 inside", 0.3, "float64", 1, 1e-3),
    ],
)  # fmt: skip
def test_error_is_useful(name: str, x: float, dtype: str, order: int, relative: float) -> None:
    found = estimate(KNOWN[name][0], x, dtype, order)
    truth = KNOWN[name][1 + order](MP.mpf(float(np.dtype(dtype).type(x))))
    assert found.error <= relative * abs(truth)
    assert found.evaluations < 200


def test_a_tiny_point_is_not_a_tiny_scale() -> None:
    found = estimate(np.exp, 1e-300, "float64")
    assert abs(found.value - 1) <= found.error < 1e-11


def test_one_sided_where_the_domain_ends() -> None:
    found = estimate(lambda x: np.where(x < 0, np.nan, np.exp(x)), 0.0, "float64")
    assert found.notes == (difference.ONE_SIDED_RIGHT,)
    assert abs(found.value - 1) <= found.error < 1e-9
    mirrored = estimate(lambda x: np.where(x > 0, np.nan, np.exp(x)), 0.0, "float64", 2)
    assert mirrored.notes == (difference.ONE_SIDED_LEFT,)
    assert abs(mirrored.value - 1) <= mirrored.error < 1e-4


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("function", "left", "right"),
    [(np.abs, -1, 1), (lambda x: np.maximum(x, 0), 0, 1), (lambda x: np.abs(x) + np.sin(x), 0, 2)],
)
def test_a_kink_is_said_and_covered(
    function: Callable, left: float, right: float, dtype: str
) -> None:
    found = estimate(function, 0.0, dtype)
    assert difference.KINK in found.notes
    assert found.value - found.error <= left and right <= found.value + found.error


def test_a_kink_beside_the_point_is_not_at_it() -> None:
    found = estimate(lambda x: np.maximum(x - 1.0, 0.0), 1 - 1e-4, "float64")
    assert difference.KINK not in found.notes
    assert abs(found.value) <= found.error < 1e-9


def test_a_kink_of_the_slope_shows_at_second_order_only() -> None:
    assert difference.KINK not in estimate(lambda x: np.maximum(x, 0) ** 2, 0.0, "float64").notes
    assert difference.KINK in estimate(lambda x: np.maximum(x, 0) ** 2, 0.0, "float64", 2).notes


@pytest.mark.parametrize("function", [lambda x: x * np.nan, lambda x: np.inf + x, np.log])
def test_what_is_not_finite_never_agrees(function: Callable) -> None:
    found = estimate(function, -1.0, "float64")
    assert not np.isfinite(found.error) and np.isnan(found.value)
    assert not found.agrees(np.nan) and not found.agrees(0.0) and not found.excludes(0.0)
    assert difference.NOT_FINITE in found.notes


def test_a_nan_claim_is_excluded_by_a_finite_estimate() -> None:
    found = estimate(np.sin, 0.3, "float64")
    assert found.excludes(np.nan) and found.excludes(np.inf) and not found.agrees(np.nan)
    assert found.agrees(math.cos(0.3)) and found.excludes(math.cos(0.3) * (1 + 1e-9))


@pytest.mark.parametrize("function", [np.sqrt, np.cbrt, lambda x: np.heaviside(x, 0.0)])
def test_no_slope_gets_no_digit(function: Callable) -> None:
    found = estimate(function, 0.0, "float64")
    assert not np.isfinite(found.error) or found.error > 0.1 * abs(found.value) > 0


def test_arrays_are_judged_entry_by_entry() -> None:
    def several(x: np.ndarray) -> np.ndarray:
        return np.stack([np.sin(x), np.exp(100 * x), np.abs(x - 0.3), x * np.nan])

    found = estimate(several, 0.3, "float64")
    truth = [math.cos(0.3), 100 * math.exp(30)]
    assert found.value.shape == (4,) and np.all(np.abs(found.value[:2] - truth) <= found.error[:2])
    assert found.error[2] >= 1 and found.error[3] == np.inf
    assert len({float(s) for s in found.step[:2]}) == 2
    curve = found.curve((1,))
    assert len(curve.steps) == len(curve.values) == len(curve.errors) > 6
    assert list(curve.steps) == sorted(curve.steps, reverse=True)


def test_a_line_reports_the_way_really_gone() -> None:
    point = {"W": np.float32([[1.0, 2.0], [3.0, 1e6]]), "n": np.float32([7.0])}
    run = line(lambda p: p["W"].sum(), point, {"W": np.float32([[1, -1], [1, 1]])})
    assert run.dtype == "float32" and run.scale == 1e6
    assert run.along(0.25)[1] == 0.25  # a dyadic direction goes exactly
    assert run.along(2.0**-40)[1] == 0.0  # the floats are too coarse for this one
    assert point["W"][0, 0] == 1.0


def test_float16_and_a_direction_in_many_entries() -> None:
    generator = np.random.default_rng(3)
    weights = generator.standard_normal(40)
    direction = np.sign(generator.standard_normal(40))
    truth = float(direction @ (1 - np.tanh(weights.astype("float32")) ** 2))
    for dtype, bound in (("float16", 3.0), ("float32", 1e-2), ("float64", 1e-9)):
        run = line(lambda p: np.tanh(p["w"]).sum(), {"w": weights.astype(dtype)},
                   {"w": direction})  # fmt: skip
        found = finite_difference(run.along, dtype=dtype, scale=run.scale)
        slack = 40 * epsilon(dtype) + 1e-6
        assert abs(found.value - truth) <= found.error + slack and found.error < bound


def test_noise_is_told_from_change() -> None:
    generator = np.random.default_rng(0)
    noisy = 1e-9 * generator.standard_normal((9, 50))
    level, seen = noise_levels(noisy + np.linspace(0, 1, 9)[:, None])
    assert seen.mean() > 0.5 and 2e-10 < np.median(level) < 5e-9
    assert noise_levels(np.exp(np.linspace(0, 1e-3, 9))[:, None])[0][0] < 1e-15


# ---------------------------------------------------------------- complex step
@pytest.mark.parametrize(
    ("function", "x", "truth"),
    [
        (np.exp, 1.0, math.e), (np.sin, 1e3, math.cos(1e3)),
        (lambda x: np.sin(1e6 * x), 0.7, 1e6 * math.cos(1e6 * Fraction(0.7))),
        (lambda x: np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3), 1.5, 4.05342789389862),
    ],
)  # fmt: skip
def test_complex_step_is_honest(function: Callable, x: float, truth: float) -> None:
    run = complex_line(lambda p: function(p["x"]), {"x": np.asarray(x)}, {"x": np.ones(())})
    found = complex_step(run, scale=x)
    assert abs(found.value - truth) <= found.error <= 1e-8 * abs(truth)


@pytest.mark.parametrize(
    "function",
    [
        np.abs, lambda x: np.maximum(x, 0), lambda x: np.linalg.norm(x), lambda x: x.conj() * x,
        lambda x: np.where(x > 0, x, 0), lambda x: x.real, lambda x: x.astype(float),
        lambda x: math.exp(x[0]), lambda x: np.log(x), lambda x: np.array([1.0]), np.max, np.clip,
    ],
)  # fmt: skip
def test_complex_step_refuses_what_is_not_analytic(function: Callable) -> None:
    run = complex_line(lambda p: function(p["x"]), {"x": np.full(1, -0.5)}, {"x": np.ones(1)})
    found = complex_step(run)
    assert not np.any(np.isfinite(found.error))
    assert found.notes[0].startswith("not applicable: ")


def test_complex_step_reads_the_graph() -> None:
    x = variable("x", (3,))
    assert applicable([apply("tanh", x) * x]) is None
    assert "maximum is not analytic" in str(applicable([apply("maximum", x, 0.0)]))
    assert "greater decides" in str(
        applicable([linear.select(linear.compare("greater", x, constant(0.0)), x, -x)])
    )
    place = Origin("net.py", 7, "return np.linalg.norm(x)")
    hidden = apply("sqrt", linear.sum_over(apply("square", x)), origin=place)
    assert applicable([hidden]) == "norm is not analytic (net.py:7)"


def test_complex_arrays_compute_as_plain_ones() -> None:
    array = complex_oracle.guarded(np.array([[1 + 1j, 2], [3, 4]]))
    product = np.asarray(np.sum(array @ array.T, axis=0) + np.exp(array)[0])
    plain = np.asarray(array)
    assert np.array_equal(product, np.sum(plain @ plain.T, axis=0) + np.exp(plain)[0])
