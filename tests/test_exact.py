"""Numbers to text and back: bit for bit, whatever they are."""

from __future__ import annotations

import doctest
import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

import verifier.exact
from verifier.errors import BadSpec
from verifier.exact import SHOWN, enclosure, from_real, from_tensor, real, tensor
from verifier.verdicts import Enclosure, Tensor

DTYPES = (
    *(np.dtype(f"f{size}") for size in (2, 4, 8)),
    *(np.dtype(f"{kind}{size}") for kind in "iu" for size in (1, 2, 4, 8)),
    np.dtype(bool),
    np.dtype("c8"),
    np.dtype("c16"),
)


@given(st.floats(allow_nan=False))
def test_reals_keep_their_bits(x: float) -> None:
    found = real(x)
    assert struct.pack("<d", from_real(found)) == struct.pack("<d", x)
    assert found.number == (x if math.isfinite(x) else None)
    assert float(found.text) == x


@pytest.mark.parametrize("x, text", [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf")])
def test_reals_that_are_not_finite_are_text(x: float, text: str) -> None:
    found = real(x)
    assert (found.hex, found.text, found.number) == (text, text, None)
    assert from_real(found) == x or math.isnan(x)


def test_a_narrow_real_shows_its_own_shortest_text() -> None:
    assert real(np.float32(0.1)).text == "0.1"
    assert from_real(real(np.float32(0.1))) == float(np.float32(0.1))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@given(data=st.data())
def test_tensors_keep_their_bits(dtype: np.dtype, data: st.DataObject) -> None:
    shape = data.draw(st_numpy.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
    array = data.draw(st_numpy.arrays(dtype, shape))
    back = from_tensor(tensor(array))
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    if dtype.kind == "c":  # a nan in half of a number keeps its half, its payload need not
        np.testing.assert_array_equal(back, array)
    else:
        assert back.tobytes() == array.tobytes()


def test_a_nan_keeps_its_payload() -> None:
    odd = np.array([0x7FF8DEADBEEF0001, 0xFFF8000000000000], np.uint64).view(np.float64)
    assert from_tensor(tensor(odd)).tobytes() == odd.tobytes()


def test_bfloat16_keeps_its_bits() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = np.array([0.1, -0.0, np.inf, np.nan], ml_dtypes.bfloat16)
    assert from_tensor(tensor(array)).tobytes() == array.tobytes()


def test_byte_order_and_layout_do_not_matter() -> None:
    array = np.arange(6, dtype=">f8").reshape(2, 3).T
    assert tensor(array) == tensor(np.ascontiguousarray(array.astype(float)))


def test_the_text_shows_a_few_elements() -> None:
    assert tensor(0.5).text == "0.5"
    assert tensor([[1.0, 2.0]]).text == "[[1.0, 2.0]]"
    assert tensor(np.zeros(0)).text == "[]"
    text = tensor(np.zeros(5000)).text
    assert text.count("0.0") == SHOWN and text.endswith("... (5,000 elements)") is False
    assert "(5,000 elements)" in text


@pytest.mark.parametrize("bad", [np.array([object()]), np.array(["a"]), np.zeros(1, "M8[s]")])
def test_other_dtypes_are_refused_by_name(bad: np.ndarray) -> None:
    with pytest.raises(BadSpec, match=r"dtype .* cannot be written to a report\. Use a floating"):
        tensor(bad)


@pytest.mark.parametrize(
    "bad, message",
    [
        (Tensor("float64", (3,), ("0x1p+0",)), "needs 3 elements, the report holds 1"),
        (Tensor("float64", (-1, -1), ("0x1p+0",)), "holds 1"),
        (Tensor("float64", (1,), ("zero",)), "an element is not a float64"),
        (Tensor("int8", (1,), ("300",)), "an element is not a int8"),
        (Tensor("object", (1,), ("1",)), "dtype object cannot"),
    ],
)
def test_damaged_tensors_are_refused(bad: Tensor, message: str) -> None:
    with pytest.raises(BadSpec, match=message):
        from_tensor(bad)


def test_an_enclosure_is_two_texts() -> None:
    assert enclosure("0.5", "1e-40") == Enclosure("0.5", "1e-40")


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(verifier.exact).failed == 0
