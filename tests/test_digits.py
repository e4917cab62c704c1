"""Digits: exact conversion, private contexts, products rounded once, matrices, structural zeros."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest

from verifier.numerals.digits import Digits
from verifier.numerals.tokens import ZERO
from verifier.primitives.table import SCALARS

RANDOM = np.random.default_rng(7)


def as_fraction(number: object) -> Fraction:
    sign, mantissa, exponent, _ = number._mpf_  # type: ignore[attr-defined]
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64", "bool"])
def test_numbers_are_converted_exactly_even_to_few_digits(dtype: str) -> None:
    values = np.array([0, 1, 3, 0.1, 5e-5], dtype=dtype)
    converted = Digits(5).exact(values)
    assert [as_fraction(v) for v in converted] == [Fraction(float(v)) for v in values]
    assert Digits(5).exact(np.float64(0.1)).shape == ()


def test_contexts_are_private() -> None:
    before = mpmath.mp.dps
    fine, coarse = Digits(80), Digits(20)
    third = fine.context.one / 3
    assert mpmath.mp.dps == before and fine.context.dps == 80 and coarse.context.dps == 20
    assert abs(third * 3 - 1) < fine.context.mpf(10) ** -79


@pytest.mark.parametrize("spread", [0, 40, 2000])
def test_products_of_matrices_are_rounded_once(spread: int) -> None:
    digits = Digits(40)
    scale = 2.0 ** RANDOM.integers(-min(spread, 300), 1, size=(3, 5))
    a = digits.exact(RANDOM.normal(size=(3, 5)) * scale)
    b = digits.exact(RANDOM.normal(size=(5, 2)))
    if spread == 2000:
        a[0, 0] = digits.context.ldexp(a[0, 0], -3000)
    product = digits.matmul(a, b)
    for i in range(3):
        for j in range(2):
            exact = sum(as_fraction(a[i, k]) * as_fraction(b[k, j]) for k in range(5))
            off = abs(as_fraction(product[i, j]) - exact)
            assert off <= abs(exact) * Fraction(1, 2 ** (digits.context.prec - 1))


def test_products_take_batches_empty_inner_axes_infinities_and_structural_zeros() -> None:
    digits = Digits(30)
    stack = digits.exact(RANDOM.normal(size=(2, 3, 4)))
    other = digits.exact(RANDOM.normal(size=(4, 2)))
    assert digits.matmul(stack, other).shape == (2, 3, 2)
    assert digits.matmul(stack[0][:, :0], other[:0]).tolist() == [[0, 0]] * 3
    infinite = digits.exact(np.array([[np.inf, 1.0]]))
    absent = np.array([[ZERO], [digits.context.one]], dtype=object)
    assert digits.matmul(infinite, absent)[0, 0] == 1
    assert digits.matmul(digits.exact(np.ones((1, 2))), absent)[0, 0] == 1
    zero = digits.exact(np.array([[0.0], [1.0]]))
    assert digits.context.isnan(digits.matmul(infinite, zero)[0, 0])


def test_matrices() -> None:
    digits = Digits(50)
    values = RANDOM.normal(size=(4, 4))
    a, b = digits.exact(values), digits.exact(RANDOM.normal(size=(4, 2)))
    gap = digits.matmul(a, digits.matrix("solve", (a, b))) - b
    assert max(abs(g) for g in gap.ravel()) < digits.context.mpf(10) ** -45
    identity = digits.matmul(a, digits.matrix("inv", (a,)))
    assert max(abs(g) for g in (identity - digits.exact(np.eye(4))).ravel()) < 1e-45
    assert float(digits.matrix("det", (a,))[()]) == pytest.approx(np.linalg.det(values))
    logarithm = digits.matrix("logabsdet", (a[None],))
    assert float(logarithm[0]) == pytest.approx(np.linalg.slogdet(values)[1])
    singular = digits.exact(np.ones((2, 2)))
    assert digits.context.isnan(digits.matrix("inv", (singular,))[0, 0])


def test_rows_are_read_entry_by_entry() -> None:
    digits = Digits(40)
    x = digits.exact(np.linspace(-2, 2, 6).reshape(2, 3))
    value = digits.scalar(SCALARS["maximum"], (x, digits.exact(np.zeros(3))))
    assert value.shape == (2, 3) and value[0, 0] == 0 and value[1, 2] == 2
    assert digits.strictly(x[0, 1], x[0, 0]) == (True, False)
    assert digits.strictly(x[0, 0], x[0, 0]) == (None, True)
    assert digits.strictly(digits.context.nan, x[0, 0]) == (None, False)
    root = digits.scalar(SCALARS["sqrt"], (x,))
    assert digits.context.isnan(root[0, 0]) and not digits.finite(root[0, 0])
