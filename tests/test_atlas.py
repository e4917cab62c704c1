"""The kink atlas: exact where the code is piecewise linear, isolated where it is not."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

import verifier as vf
from verifier.numerals.rationals import NotRational, Rationals, rational
from verifier.primitives.table import SCALARS
from verifier.readers.atlas import Atlas

random = np.random.default_rng(7)


def places(found: Atlas) -> list[Fraction]:
    return [Fraction(kink.t) for kink in found.kinks]


def slopes(found: Atlas) -> list[tuple[list[Fraction], list[Fraction]]]:
    return [([Fraction(v) for v in k.left], [Fraction(v) for v in k.right]) for k in found.kinks]


# ---------------------------------------------------------------- rationals
def test_rationals_are_exact_where_floats_are_not() -> None:
    third = Rationals().scalar(SCALARS["divide"], (
        Rationals().exact(np.array(1.0)), Rationals().exact(np.array(3.0))))
    assert third[()] * 3 == 1
    tenth = Rationals().exact([0.1, 0.2])
    assert tenth[0] + tenth[1] != rational(0.3)
    assert Rationals().strictly(tenth[0], tenth[0]) == (None, True)


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_no_rational_is_infinite(value: float) -> None:
    with pytest.raises(NotRational, match="no rational number"):
        Rationals().exact([value])


def test_what_leaves_the_rationals_says_so() -> None:
    with pytest.raises(NotRational, match="'exp' leaves the rationals"):
        Rationals().scalar(SCALARS["exp"], (Rationals().exact([1.0]),))


# ---------------------------------------------------------------- broken lines
BROKEN: list[tuple[Callable[..., object], list[str], list[tuple[str, str]]]] = [
    (lambda x: np.maximum(x, 0), ["1/4"], [("0", "4")]),
    (lambda x: np.abs(x), ["1/4"], [("-4", "4")]),
    (lambda x: np.where(x > 1, 2 * x - 1, x), ["1/2"], [("4", "8")]),
    (lambda x: np.clip(x, 0, 2), ["1/4", "3/4"], [("0", "4"), ("4", "0")]),
    (lambda x: x * (x > 1), ["1/2"], [("0", "1")]),
    (lambda x: np.max(np.stack([x, 1 - x, 0 * x + 0.75])), ["5/16", "7/16"],
     [("-4", "0"), ("0", "4")]),
    (lambda x: np.sort(np.stack([x, 1 - x]))[0], ["3/8"], [("4", "-4")]),
    (lambda x: np.maximum(x, 0) / 3, ["1/4"], [("0", "4/3")]),
]


@pytest.mark.parametrize(("function", "at", "sides"), BROKEN)
def test_kinks_of_broken_lines(
    function: Callable[..., object], at: list[str], sides: list[tuple[str, str]]
) -> None:
    found = vf.atlas(function, -1.0, 3.0)
    assert found.exact
    assert [kink.t for kink in found.kinks] == at
    assert [(k.left[0], k.right[0]) for k in found.kinks] == sides


def test_a_jump_is_told_from_a_kink() -> None:
    found = vf.atlas(lambda x: np.where(x > 1, x + 1, x), 0.0, 2.0)
    (kink,) = found.kinks
    assert (kink.t, kink.order, kink.left, kink.right) == ("1/2", 0, ("1",), ("2",))


def test_steps_are_cut_exactly() -> None:
    found = vf.atlas(lambda x: np.floor(3 * x) + np.rint(x), 0.0, 1.0)
    assert [kink.t for kink in found.kinks] == ["1/3", "1/2", "2/3"]
    assert [(k.left[0], k.right[0]) for k in found.kinks] == [("0", "1"), ("1", "2"), ("2", "3")]


def test_a_kink_that_cancels_is_hidden_and_no_kink() -> None:
    found = vf.atlas(lambda x: np.maximum(x, 0) - np.maximum(-x, 0), -1.0, 3.0)
    assert found.exact
    assert found.kinks == ()
    assert found.hidden == 1


def test_kinks_no_float_can_hit() -> None:
    found = vf.atlas(lambda x: np.maximum(3 * x - 1, 0), 0.0, 1.0)
    assert places(found) == [Fraction(1, 3)]


def test_convolution_and_pooling_are_broken_lines() -> None:
    image, kernel = random.standard_normal((6, 6)), random.standard_normal((3, 3))

    def net(x):  # type: ignore[no-untyped-def]
        rows = [np.sum(x[i:i + 3, j:j + 3] * kernel) for i in range(4) for j in range(4)]
        z = np.stack(rows).reshape(2, 2, 2, 2)
        return np.max(z, axis=(1, 3)).sum() + np.sum(np.maximum(z, 0))

    found = vf.atlas(net, image, -image)
    assert found.exact
    _agree_with_floats(lambda t: net(image - 2 * t * image), found)


def _agree_with_floats(along: Callable[[float], object], found: Atlas) -> None:
    """Slopes told on both sides are those of the chord between neighbouring kinks."""
    ends = [0.0, *(k.at for k in found.kinks), 1.0]
    for place, kink in enumerate(found.kinks, start=1):
        for side, told in ((ends[place - 1], kink.left), (ends[place + 1], kink.right)):
            chord = (np.ravel(along(kink.at)) - np.ravel(along(side))) / (kink.at - side)
            if abs(kink.at - side) > 1e-4:
                exact = [float(Fraction(v)) for v in told]
                np.testing.assert_allclose(chord, exact, rtol=1e-7, atol=1e-7)


def _net(sizes: list[int]) -> Callable[..., np.ndarray]:
    weights = [random.standard_normal(s) * np.sqrt(2 / s[0]) for s in pairwise(sizes)]
    biases = [random.standard_normal(n) * 0.1 for n in sizes[1:]]

    def net(x: np.ndarray) -> np.ndarray:
        for w, b in zip(weights[:-1], biases[:-1], strict=True):
            x = np.maximum(x @ w + b, 0)
        return x @ weights[-1] + biases[-1]

    return net


def test_every_kink_of_a_large_net_is_exact_and_found_in_time() -> None:
    net = _net([784, 128, 64, 10])
    a, b = random.standard_normal(784), random.standard_normal(784)
    vf.atlas(lambda x: np.maximum(x, 0), -1.0, 1.0)
    spent = time.process_time()
    found = vf.atlas(net, a, b)
    spent = time.process_time() - spent
    assert found.exact
    assert len(found.kinks) > 40
    assert spent < 3.0  # 0.3 s on an idle processor, the lift and its audit included
    ordered = places(found)
    assert ordered == sorted(set(ordered))
    _agree_with_floats(lambda t: net(a + t * (b - a)), found)
    fine = np.linspace(0, 1, 2001)
    signs = np.stack([net(a + t * (b - a)) for t in fine])
    bends = np.abs(np.diff(signs, 2, axis=0)).max(axis=1) > 1e-9
    inside = [np.any(np.abs(fine[k + 1] - [float(p) for p in ordered]) < 1e-3)
              for k in np.flatnonzero(bends)]
    assert all(inside), "a grid sees a bend that the atlas does not list"


# ---------------------------------------------------------------- isolation
def test_kinks_are_isolated_where_the_code_is_curved() -> None:
    found = vf.atlas(lambda x: np.abs(np.tanh(x) - 0.25) + np.maximum(x, 0) ** 2, -1.0, 1.0)
    assert not found.exact
    assert [k.order for k in found.kinks] == [2, 1]
    assert found.kinks[0].at == 0.5
    assert found.kinks[1].at == pytest.approx((np.arctanh(0.25) + 1) / 2, abs=1e-15)


def test_elu_bends_in_its_second_derivative_only() -> None:
    found = vf.atlas(lambda x: np.where(x > 0, x, np.expm1(x)), -1.0, 1.0)
    (kink,) = found.kinks
    assert (kink.t, kink.order) == ("1/2", 2)
    assert float(kink.right[0].strip("[]").split()[0]) == 0.0


def test_all_zeros_of_a_curved_guard_are_found() -> None:
    found = vf.atlas(lambda x: np.abs(np.sin(5 * x)), 0.5, 3.0)
    expected = [(k * np.pi / 5 - 0.5) / 2.5 for k in range(1, 5)]
    assert [k.at for k in found.kinks] == pytest.approx(expected, abs=1e-14)
    assert found.undecided == ()


def test_units_that_switch_together_are_told_apart_from_one_that_does_not() -> None:
    W, v = np.array([[1.0, -1.0]]), np.array([2.0, 3.0])

    def loss(x):  # type: ignore[no-untyped-def]
        return np.sum((np.maximum(np.reshape(x, (1, 1)) @ W, 0) @ v - 1) ** 2)

    (kink,) = vf.atlas(loss, -1.0, 1.0).kinks
    assert (kink.t, kink.order) == ("1/2", 1)
    assert [float(s[0].strip("[]").split()[0]) for s in (kink.left, kink.right)] == [12.0, -8.0]


def test_what_cannot_be_isolated_is_listed() -> None:
    found = vf.atlas(lambda x: np.abs(np.sin(x) - x), -1.0, 1.0)  # a zero of order three
    assert found.kinks == ()
    (text,) = found.undecided
    low, high = (float(v) for v in text.split("[")[1].split("]")[0].split(","))
    assert low <= 0.5 <= high


def test_steps_jump() -> None:
    found = vf.atlas(lambda x: np.log(np.abs(x) + 1) * np.floor(x), -1.5, 0.75)
    assert [(k.t, k.order) for k in found.kinks] == [("2/9", 0), ("2/3", 1)]
    assert [float(s[0].strip("[]").split()[0]) for s in (
        found.kinks[0].left, found.kinks[0].right)] == pytest.approx(
            [-2 * np.log(2), -np.log(2)])


def test_an_edge_of_a_domain_is_no_kink() -> None:
    found = vf.atlas(lambda x: np.sqrt(np.abs(x)), -1.0, 1.0)
    assert found.kinks == ()
    assert any("sqrt" in text or "absolute" in text for text in found.undecided)


def test_a_program_that_branches_is_not_told_by_one_branch() -> None:
    def branching(x: float) -> float:
        return x if x > 0 else -x * x

    found = vf.atlas(branching, 0.5, -1.0)
    assert not found.exact
    assert found.kinks == ()
    assert "another branch" in found.undecided[0]


@pytest.mark.parametrize("seed", range(6))
def test_a_relu_on_top_of_a_tanh_net_switches_where_floats_see_it(seed: int) -> None:
    """Every change of sign on a fine grid is an isolated kink, and there is no other."""
    draws = np.random.default_rng(seed)
    V, W = draws.standard_normal((3, 8)) * 2, draws.standard_normal((8, 5))
    c, a = draws.standard_normal(5) / 4, draws.standard_normal(5)
    begin, end = draws.standard_normal(3), draws.standard_normal(3)

    def inner(x: np.ndarray) -> np.ndarray:
        return np.tanh(x @ V) @ W + c

    found = vf.atlas(lambda x: np.maximum(inner(x), 0) @ a, begin, end)
    assert not found.exact and not found.undecided and not found.hidden
    grid = np.linspace(0, 1, 20_001)
    signs = np.sign(inner(begin + grid[:, None] * (end - begin)))
    changes = np.argwhere(np.diff(signs, axis=0) != 0)
    at = np.array([k.at for k in found.kinks])
    assert len(at) == len(changes)
    for kink, (place, unit) in zip(found.kinks, changes.tolist(), strict=True):
        assert grid[place] <= kink.at <= grid[place + 1] and kink.order == 1
        assert kink.units[0].endswith(f"maximum[{unit}]")
        rate = (inner(begin + (kink.at + 1e-6) * (end - begin))[unit]
                - inner(begin + (kink.at - 1e-6) * (end - begin))[unit]) / 2e-6
        left, right = (float(s[0].strip("[]").split()[0]) for s in (kink.left, kink.right))
        assert right - left == pytest.approx(a[unit] * abs(rate), rel=1e-6)
