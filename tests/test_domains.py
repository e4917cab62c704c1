"""Domains, their exact ends, and the points of `at=`; the message of every error."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from verifier.domains import box, looks_like_domain, parse_domain, parse_leaves, points_from
from verifier.endpoints import FLOATS, float_type, inward, largest_float, smallest_float, spacing
from verifier.errors import BadSpec
from verifier.settings import EFFORTS, settings_for

try:
    import ml_dtypes  # noqa: F401

    DTYPES: tuple[str, ...] = FLOATS
except ImportError:
    DTYPES = tuple(name for name in FLOATS if name != "bfloat16")

SHAPES = {
    "[-1, 1]": ("box", None, 1),
    "(0, inf)": ("box", None, 1),
    "(-oo, oo)": ("box", None, 1),
    "]0, 1[": ("box", None, 1),
    "[0, 1/3)": ("box", None, 1),
    "[-1, 1]^(8x3)": ("box", (8, 3), 1),
    "[-1,1]^(8, 3)": ("box", (8, 3), 1),
    "[-1,1]^(3)": ("box", (3,), 1),
    "[-1,1]^(3,)": ("box", (3,), 1),
    "[-1,1]^3": ("box", (3,), 1),
    "[-1,1]^()": ("box", (), 1),
    "[0, 1] x [-2, 2]": ("box", (2,), 2),
    "[0, 1]^(2) x (0, oo) × [3, 4]": ("box", (4,), 4),
    "{0..9}": ("grid", None, 1),
    "{0..9}^(32)": ("grid", (32,), 1),
    "{-3 .. 3}": ("grid", None, 1),
}


@pytest.mark.parametrize("text", SHAPES)
def test_every_form_of_a_domain_is_read(text: str) -> None:
    found = parse_domain(text, name="x")
    assert (found.kind, found.shape, len(found.factors)) == SHAPES[text]
    again = parse_domain(found.describe(), name="x")
    assert (again.kind, again.shape, again.describe()) == (
        found.kind, found.shape, found.describe())  # fmt: skip


def test_ends_are_exact_decimals_rounded_inward() -> None:
    domain = parse_domain("[0.1, 0.3]", name="x")
    assert domain.factors[0].low == Fraction(1, 10)
    low, high = domain.ends_inside("float32")
    assert (
        Fraction(float(low)) >= Fraction(1, 10) > Fraction(float(np.nextafter(low, np.float32(0))))
    )
    assert (
        Fraction(float(high))
        <= Fraction(3, 10)
        < Fraction(float(np.nextafter(high, np.float32(1))))
    )
    assert not domain.contains(0.3) or Fraction(0.3) <= Fraction(3, 10)


def test_open_and_infinite_ends_leave_the_end_out() -> None:
    low, high = parse_domain("(0, oo)", name="x").ends_inside("float64")
    assert float(low) == 5e-324
    assert float(high) == np.finfo(np.float64).max
    domain = parse_domain("(-1, 1]", name="x")
    assert not domain.contains(-1.0) and domain.contains(1.0)
    assert not domain.contains(np.nan) and not domain.contains(np.inf)
    assert not parse_domain("(-oo, oo)", name="x").contains([0.0, -np.inf])


def test_a_product_has_ends_of_its_own_for_every_component() -> None:
    domain = parse_domain("[0, 1] x (-2, 2]", name="x")
    low, high = domain.ends_inside("float32")
    assert low.dtype == high.dtype == np.float32
    assert low[0] == 0 and -2 < low[1] < -1.999 and high.tolist() == [1.0, 2.0]
    assert domain.contains(np.array([0.5, 2.0])) and not domain.contains(np.array([2.0, 0.5]))
    assert not domain.contains(0.5), "a number has not the shape of the product"


def test_integer_grids_hold_whole_numbers_only() -> None:
    domain = parse_domain("{0..9}^(2)", name="labels")
    assert domain.contains(np.array([0, 9])) and domain.contains(np.array([3.0, 4.0]))
    assert not domain.contains(np.array([0.5, 1])) and not domain.contains(np.array([0, 10]))


def test_numbers_and_arrays_are_points() -> None:
    domain = parse_domain([[1.0, 2.0]], name="x")
    assert (domain.kind, domain.shape, domain.describe()) == (
        "point",
        (1, 2),
        "array float64 (1x2)",
    )
    assert domain.contains([[1.0, 2.0]]) and not domain.contains([[1.0, 2.5]])
    assert parse_domain(np.array([1, 2]), name="y").value.dtype.kind == "i"
    assert parse_domain(3.0, name="x").describe() == "3.0"
    assert parse_domain(domain, name="x") is domain


def test_a_strategy_stays_opaque() -> None:
    domain = parse_domain(st.floats(0, 1), name="x")
    assert domain.kind == "strategy" and domain.contains("anything")
    assert "floats" in domain.describe()
    with pytest.raises(BadSpec, match=r"a Hypothesis strategy has no ends. Give a box such as"):
        domain.ends_inside("float64")


def test_boxes_of_arrays() -> None:
    domain = box(np.zeros((2, 2)), [[1, 2], [3, np.inf]])
    assert domain.shape == (2, 2) and len(domain.factors) == 4
    assert domain.ends_inside("float64")[1].tolist()[0] == [1.0, 2.0]
    assert box(0, 1).shape is None and len(box(0, np.ones(3)).factors) == 1
    assert box(0.1, 0.3).factors[0].low == Fraction(0.1), "a float's end is its stored value"
    assert len(box(0, np.arange(1, 20)).describe()) < 400


def test_nested_arguments_have_one_domain_a_leaf() -> None:
    value = {"W": "[-1, 1]^(2)", "rest": ["[0, 1]", np.zeros(2), [1.0, 2.0]]}
    found = dict(parse_leaves(value, name="params"))
    assert list(found) == ["params.W", "params.rest[0]", "params.rest[1]", "params.rest[2]"]
    assert [d.kind for d in found.values()] == ["box", "box", "point", "point"]
    assert [name for name, _ in parse_leaves([[1, 2], [3, 4]], name="x")] == ["x"]


def test_selectors_are_told_from_domains() -> None:
    assert all(looks_like_domain(text) for text in (*SHAPES, "  [0, 1]"))
    assert not any(looks_like_domain(v) for v in ("data:X", "file.py:y", "", None, 3.0, [1.0]))


REFUSED: dict[str, tuple[Any, str, str]] = {
    "reversed": ("[1, 0]", "empty-domain", "the interval [1, 0] is reversed. Write the smaller"),
    "empty": ("(1, 1]", "empty-domain", "the interval (1, 1] is empty. One point is [1, ...]"),
    "wrong end": ("[inf, 0]", "empty-domain", "inf stands at the wrong end. Write (-oo, oo)"),
    "nan": ("[nan, 1]", "nan-domain", "nan is no end of an interval, in '[nan, 1]'. Use -oo"),
    "no comma": ("[0 1]", "bad-domain", "cannot read '[0 1]': '[0 1]' at position 0. Write it"),
    "trailing": ("[0, 1] y", "bad-domain", "cannot read '[0, 1] y': 'y' at position 7. Write it"),
    "unfinished": ("[0, 1] x", "bad-domain", "cannot read '[0, 1] x': the text ends too early."),
    "nothing": ("", "bad-domain", "cannot read '': the text ends too early."),
    "words": ("net:X", "bad-domain", "cannot read 'net:X': 'net:X' at position 0."),
    "zero divisor": ("[0, 1/0]", "bad-domain", "1/0 divides by zero. Write it like 1/3 or 0.25."),
    "mixed": ("[0, 1] x {0..3}", "bad-domain", "a product of intervals and integers. Give the"),
    "matrix": ("[0, 1]^(2x2) x [0, 1]", "ragged-domain", "no factor may be a matrix. Use vf.box"),
    "large": ("[0, 1]^(1001x1000)", "large-domain", "1001000 elements are too many, a domain has"),
    "no elements": ("[0, 1]^(0)", "empty-domain", "an array of shape (0,) has no elements. Every"),
    "ragged": ([[1, 2], [3]], "ragged-domain", "the nested lists are ragged, rows differ in"),
    "dict": ({"a": 1}, "bad-domain", "a dict has no single domain. Give one entry a leaf: x.a."),
    "none": (None, "bad-domain", "NoneType 'None' is neither a domain nor numbers. Write it like"),
    "objects": ([object()], "bad-domain", "is neither a domain nor numbers."),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_domain_is_refused_with_place_and_remedy(case: str) -> None:
    value, slug, message = REFUSED[case]
    with pytest.raises(BadSpec) as error:
        parse_domain(value, name="x")
    assert error.value.slug == slug
    assert str(error.value).startswith("on x: ") and message in str(error.value)
    assert error.value.hint


BAD_BOXES = [
    (np.nan, 1, "nan-domain", "box(lo, hi): an end is nan. Use -inf and inf for no bound."),
    (2, 1, "empty-domain", "box(lo, hi): the interval [2, 1] is reversed. Write the smaller end"),
    (np.inf, np.inf, "empty-domain", "box(lo, hi): inf stands at the wrong end. The lower end may"),
    (np.zeros(2), np.ones(3), "ragged-domain", "shapes (2,) and (3,) do not fit. Give two arrays"),
    ([[0], [1, 2]], 1, "ragged-domain", "box(lo, hi): the nested lists are ragged"),
    ("a", 1, "bad-domain", "box(lo, hi): str 'a' is neither a domain nor numbers."),
]


@pytest.mark.parametrize(("low", "high", "slug", "message"), BAD_BOXES)
def test_bad_boxes_are_refused(low: Any, high: Any, slug: str, message: str) -> None:
    with pytest.raises(BadSpec) as error:
        box(low, high)
    assert error.value.slug == slug and message in str(error.value)


def test_a_domain_without_a_number_of_the_dtype_is_refused() -> None:
    domain = parse_domain("(0, 1e-400)", name="x")
    message = r"no float64 number lies in \(0, 1e-400\). Widen the interval or choose a wider"
    with pytest.raises(BadSpec, match=message):
        domain.ends_inside("float64")
    with pytest.raises(BadSpec, match="no float16 number lies in"):
        parse_domain("[1e6, 1e7]", name="x").ends_inside("float16")


fractions = st.fractions(-(10**6), 10**6) | st.floats(allow_nan=False, allow_infinity=False).map(
    Fraction
)


@given(end=fractions, is_open=st.booleans(), upward=st.booleans(), dtype=st.sampled_from(DTYPES))
def test_an_end_is_rounded_inward_by_less_than_one_float(
    end: Fraction, is_open: bool, upward: bool, dtype: str
) -> None:
    found = inward(end, is_open, dtype, upward=upward)
    assert found.dtype == float_type(dtype)
    side = 1 if upward else -1
    with np.errstate(all="ignore"):
        outer = np.nextafter(found, np.asarray(-side * np.inf).astype(found.dtype))

    def inside(number: Any) -> bool:
        gap = side * (Fraction(float(number)) - end)
        return gap > 0 or (gap == 0 and not is_open)

    if np.isfinite(float(found)):
        assert inside(found)
    else:
        assert side * end >= Fraction(largest_float(dtype)), "nothing inside is finite"
    if np.isfinite(float(outer)):
        assert not inside(outer)


@given(low=fractions, high=fractions, number=st.floats(allow_nan=False, allow_infinity=False))
def test_containment_is_exact(low: Fraction, high: Fraction, number: float) -> None:
    assume(low < high and low.denominator < 10**300 and high.denominator < 10**300)
    domain = box(0, 1)
    text = f"[{low.numerator}/{low.denominator}, {high.numerator}/{high.denominator})"
    assume(len(text) < 2000)
    domain = parse_domain(text, name="x")
    try:
        domain.ends_inside("float64")
    except BadSpec:
        return
    assert domain.contains(number) == (low <= Fraction(number) < high)


@pytest.mark.parametrize("dtype", [name for name in DTYPES if name != "bfloat16"])
def test_limits_of_a_dtype(dtype: str) -> None:
    limits = np.finfo(dtype)
    assert largest_float(dtype) == float(limits.max) and spacing(dtype) == float(limits.eps)
    assert smallest_float(dtype) == (float(limits.smallest_subnormal), float(limits.tiny))


@pytest.mark.skipif("bfloat16" not in DTYPES, reason="ml_dtypes is not installed")
def test_limits_of_bfloat16() -> None:
    limits = pytest.importorskip("ml_dtypes").finfo("bfloat16")
    assert largest_float("bfloat16") == float(limits.max)
    assert spacing("bfloat16") == float(limits.eps)
    assert smallest_float("bfloat16") == (
        float(limits.smallest_subnormal), float(limits.tiny))  # fmt: skip


def as_lists(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: np.asarray(v).tolist() for k, v in point.items()} for point in points]


AT = [
    (0.5, ["x"], [{"x": 0.5}]),
    (np.array([1.0, 2.0]), ["x"], [{"x": [1.0, 2.0]}]),
    ([0.0, 1.0], ["x"], [{"x": 0.0}, {"x": 1.0}]),
    ([[0.0, 1.0]], ["x"], [{"x": [0.0, 1.0]}]),
    ((1.0, [2.0, 3.0]), ["x", "y"], [{"x": 1.0, "y": [2.0, 3.0]}]),
    ([(1.0, 2.0), {"y": 3.0}], ["x", "y"], [{"x": 1.0, "y": 2.0}, {"y": 3.0}]),
    ([[1.0, [2.0, 3.0]]], ["x", "y"], [{"x": 1.0, "y": [2.0, 3.0]}]),
    ({"y": 1.0, "x": 2.0}, ["x", "y"], [{"y": 1.0, "x": 2.0}]),
    ((1.0,), ["x", "y"], [{"x": 1.0}]),
    ([], ["x"], []),
]


@pytest.mark.parametrize(("at", "names", "expected"), AT)
def test_points_of_at(at: Any, names: list[str], expected: list[dict[str, Any]]) -> None:
    assert as_lists(points_from(at, names)) == expected


def test_points_of_variadic_functions_and_nested_arguments() -> None:
    found = points_from([(1.0, 2.0, 3.0)], ["x"], variadic="args")
    assert as_lists(found) == [{"x": 1.0, "args[0]": 2.0, "args[1]": 3.0}]
    (nested,) = points_from({"params": {"W": [1, 2], "b": (np.zeros(2), 1.0)}}, ["params"])
    assert nested["params"]["W"].tolist() == [1, 2] and len(nested["params"]["b"]) == 2


BAD_POINTS = [
    ([{"Wi": 1.0}], ["W1"], 'at[0]: no argument is called "Wi". The arguments are W1. Did you'),
    (1.0, ["x", "y"], "at: 1 value for 2 arguments (x, y). Give a tuple (x, y) or a dict by"),
    (
        (1.0, 2.0),
        ["x"],
        "at: 2 values for 1 argument (x). A list is a list of points; one point is",
    ),
    ([1.0, (1.0, 2.0, 3.0)], ["x", "y"], "at[0]: 1 value for 2 arguments (x, y)."),
    ([[[1], [2, 3]]], ["x"], "at[0] x: the nested lists are ragged, rows differ in length. Every"),
    (["a"], ["x"], "at[0] x: str 'a' is not a number or an array. Points hold numbers;"),
    (None, ["x"], "at x: NoneType 'None' is not a number or an array."),
]


@pytest.mark.parametrize(("at", "names", "message"), BAD_POINTS)
def test_bad_points_are_refused(at: Any, names: list[str], message: str) -> None:
    with pytest.raises(BadSpec) as error:
        points_from(at, names)
    assert str(error.value).startswith(message)
    assert error.value.slug in ("bad-point", "ragged-point")


def test_settings_grow_with_effort_and_an_unknown_effort_is_refused() -> None:
    quick, normal, thorough = (EFFORTS[name] for name in ("quick", "normal", "thorough"))
    assert quick.points < normal.points < thorough.points
    assert normal.precisions == (128, 256, 512, 1024, 2048, 4096)
    assert settings_for("normal") is normal
    with pytest.raises(BadSpec, match=r"unknown effort 'lazy'. Choose one of quick, normal, thoro"):
        settings_for("lazy")
