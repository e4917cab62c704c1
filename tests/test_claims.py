"""The language of claims: every form of the grammar, and the message of every error."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.claims import FORMS, ClaimSpec, describe, exact, parse
from verifier.errors import BadSpec

MEANINGS: dict[str, dict[str, Any]] = {
    "C0": {"kind": "smooth", "order": 0},
    "C2 in x": {"kind": "smooth", "order": 2, "arguments": ("x",)},
    "C^2 in x": {"kind": "smooth", "order": 2, "arguments": ("x",)},
    "Cinf": {"kind": "smooth", "order": "inf"},
    "C∞ in x, y": {"kind": "smooth", "order": "inf", "arguments": ("x", "y")},
    "C1 in parameters": {"kind": "smooth", "order": 1, "arguments": ("parameters",)},
    "C1 in params.W1 and b[0]": {"kind": "smooth", "order": 1, "arguments": ("params.W1", "b[0]")},
    "not C1": {"kind": "smooth", "order": 1, "negated": True},
    "convex": {"kind": "convex"},
    "convex in W": {"kind": "convex", "arguments": ("W",)},
    "concave in a , b": {"kind": "concave", "arguments": ("a", "b")},
    "affine jointly in a and b": {"kind": "affine", "arguments": ("a", "b")},
    "not convex in w": {"kind": "convex", "negated": True, "arguments": ("w",)},
    "0.1-strongly convex": {"kind": "strongly-convex", "number": "0.1"},
    "1/3-strongly convex in w": {
        "kind": "strongly-convex", "number": "1/3", "arguments": ("w",)},
    "strongly convex in w with mu = 1e-3": {
        "kind": "strongly-convex", "number": "1e-3", "arguments": ("w",)},
    "strongly convex in μ with μ = 2": {
        "kind": "strongly-convex", "number": "2", "arguments": ("μ",)},
    "strongly convex with mu 2 in w": {
        "kind": "strongly-convex", "number": "2", "arguments": ("w",)},
    "not 2-strongly convex": {"kind": "strongly-convex", "number": "2", "negated": True},
    "increasing in x": {"kind": "increasing", "arguments": ("x",)},
    "strictly decreasing in x": {"kind": "decreasing", "strict": True, "arguments": ("x",)},
    "non-decreasing": {"kind": "increasing"},
    "nonincreasing in t": {"kind": "decreasing", "arguments": ("t",)},
    "1-Lipschitz": {"kind": "lipschitz", "number": "1", "norm": "2"},
    "0.25-lipschitz (inf) in x": {
        "kind": "lipschitz", "number": "0.25", "norm": "inf", "arguments": ("x",)},
    "1-Lipschitz(1)": {"kind": "lipschitz", "number": "1", "norm": "1"},
    "1-Lipschitz (2)": {"kind": "lipschitz", "number": "1", "norm": "2"},
    "0 <= f <= 1": {"kind": "bounds", "lower": "0", "upper": "1"},
    "0≤f≤1": {"kind": "bounds", "lower": "0", "upper": "1"},
    "1 >= f > 0": {"kind": "bounds", "lower": "0", "upper": "1", "lower_strict": True},
    "0 < f(x)": {"kind": "bounds", "lower": "0", "lower_strict": True},
    "f >= 0": {"kind": "bounds", "lower": "0"},
    "f < 1e3": {"kind": "bounds", "upper": "1e3", "upper_strict": True},
    "-0.13 <= df/dx <= 1.13": {
        "kind": "bounds", "lower": "-0.13", "upper": "1.13", "order": 1, "arguments": ("x",)},
    "|df/dx| <= 1": {
        "kind": "bounds", "lower": "-1", "upper": "1", "order": 1, "arguments": ("x",),
        "absolute": True},
    "|f| < 1/2": {
        "kind": "bounds", "lower": "-1/2", "upper": "1/2", "absolute": True,
        "lower_strict": True, "upper_strict": True},
    "d2f/dx2 >= 0": {"kind": "bounds", "lower": "0", "order": 2, "arguments": ("x",)},
    "d^2f/dx^2 >= 0": {"kind": "bounds", "lower": "0", "order": 2, "arguments": ("x",)},
    "d2f/dx12 <= 3": {"kind": "bounds", "upper": "3", "order": 2, "arguments": ("x1",)},
    "df/dx1 <= 3": {"kind": "bounds", "upper": "3", "order": 1, "arguments": ("x1",)},
    "12 digits": {"kind": "precision", "number": "12", "unit": "digits"},
    "4 ulp": {"kind": "precision", "number": "4", "unit": "ulp"},
    "0.5 ulps in float32": {
        "kind": "precision", "number": "0.5", "unit": "ulp", "dtype": "float32"},
    "gradient keeps 12 digits": {
        "kind": "precision", "number": "12", "unit": "digits", "order": 1},
    "the second derivative keeps 3 digits in float16": {
        "kind": "precision", "number": "3", "unit": "digits", "order": 2, "dtype": "float16"},
    "finite": {"kind": "finite"},
    "finite in bfloat16": {"kind": "finite", "dtype": "bfloat16"},
    "gradient is finite": {"kind": "finite", "order": 1},
}  # fmt: skip


@pytest.mark.parametrize("text", MEANINGS)
def test_every_form_of_the_grammar_means_what_it_says(text: str) -> None:
    found = parse(text)
    expected = ClaimSpec(text=found.text, **MEANINGS[text])
    assert found == expected


@pytest.mark.parametrize("text", [*MEANINGS, *FORMS])
def test_the_canonical_text_means_the_same(text: str) -> None:
    found = parse(text)
    again = parse(describe(found))
    assert msgspec.structs.replace(again, text="") == msgspec.structs.replace(found, text="")
    assert describe(again) == describe(found)


def test_spaces_are_tidied_and_a_claim_reaches_json_and_back() -> None:
    found = parse("  convex   in\tW ")
    assert found.text == "convex in W"
    assert msgspec.json.decode(msgspec.json.encode(found), type=ClaimSpec) == found


def test_numbers_stay_exact() -> None:
    assert exact(parse("0.1-strongly convex").number or "") == Fraction(1, 10)
    assert exact(parse("f <= 1e-3").upper or "") == Fraction(1, 1000)


NEAREST = {
    "convx in w": 'Did you mean "convex in w"?',
    "increasng in x": 'Did you mean "increasing in x"?',
    "11 digts in float32": 'Did you mean "11 digits in float32"?',
    "0 <= g <= 1": 'Did you mean "0 <= f <= 1"?',
    "2-Lipshitz in x": 'Did you mean "2-Lipschitz in x"?',
    "strongly convex": 'Did you mean "0.1-strongly convex"?',
    "not cancave": 'Did you mean "not concave"?',
    "finit": 'Did you mean "finite"?',
    "banana": 'Claims look like "C2 in x", "convex in w", "increasing in x", "1-Lipschitz", '
    '"0 <= f <= 1", "12 digits".',
}


@pytest.mark.parametrize("text", NEAREST)
def test_a_misspelt_claim_names_the_nearest(text: str) -> None:
    with pytest.raises(BadSpec) as error:
        parse(text)
    assert error.value.slug == "unknown-claim"
    assert str(error.value) == f'unknown claim "{text}". {NEAREST[text]}'


SENSELESS = {
    "2 <= f <= 1": "no number lies between 2 and 1. Swap the two bounds.",
    "1 < f <= 1": "no number lies between 1 and 1. Swap the two bounds.",
    "0 <= f >= 1": 'it bounds the same side twice. Write it like "0 <= f <= 1".',
    "|f <= 1": 'a bar | is not closed. Write it like "|df/dx| <= 1".',
    "f| <= 1": 'a bar | is not closed. Write it like "|df/dx| <= 1".',
    "|f| >= 1": 'only |...| <= number can be claimed. Such as "|df/dx| <= 1".',
    "-1-Lipschitz": "a Lipschitz constant is never negative, here -1. "
    "The smallest possible one is 0, of a constant function.",
    "0-strongly convex": 'mu must be positive, not 0. Plain convexity is "convex".',
    "0 digits": "0 digits says nothing. Give a positive number.",
    "-4 ulp": "-4 ulp says nothing. Give a positive number.",
    "1/0-Lipschitz": "1/0 divides by zero. Write it like 1/4 or 0.25.",
    "0.5/3-Lipschitz": "0.5/3 mixes a decimal with a fraction. Write 1/4 or 0.25.",
    "f <= 1e999999999": "the exponent of 1e999999999 is out of reach. No dtype goes so far.",
}


@pytest.mark.parametrize("text", SENSELESS)
def test_senseless_numbers_are_refused(text: str) -> None:
    with pytest.raises(BadSpec) as error:
        parse(text)
    assert error.value.slug == "bad-claim"
    assert str(error.value) == f'claim "{text}": {SENSELESS[text]}'


def test_a_claim_that_is_no_text_is_refused() -> None:
    with pytest.raises(BadSpec, match=r"a claim must be text, not int \(3\). Write it as a string"):
        parse(3)  # type: ignore[arg-type]


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused_politely(text: str) -> None:
    try:
        found = parse(text)
    except BadSpec as error:
        assert error.slug in ("unknown-claim", "bad-claim") and error.hint
    else:
        assert parse(describe(found)).kind == found.kind


@given(
    lower=st.decimals(-1000, 1000, places=3),
    width=st.decimals(0, 1000, places=3),
    argument=st.from_regex(r"[a-z_]\w{0,5}", fullmatch=True),
    order=st.integers(1, 4),
)
def test_bounds_on_any_derivative_round_trip(
    lower: object, width: object, argument: str, order: int
) -> None:
    upper = lower + width  # type: ignore[operator]
    caret = f"^{order}" if order > 1 else ""
    found = parse(f"{lower} <= d{order if order > 1 else ''}f/d{argument}{caret} <= {upper}")
    assert (found.order, found.arguments) == (order, (argument,))
    assert exact(found.lower or "") == Fraction(str(lower))
    assert exact(found.upper or "") == Fraction(str(upper))
    again = parse(describe(found))
    assert (again.order, again.arguments) == (order, (argument,))


def test_the_floor_of_claims_and_domains_imports_no_numpy() -> None:
    code = (
        "import sys, verifier.claims, verifier.domains, verifier.settings, verifier.points_at;"
        "sys.exit('numpy' in sys.modules or 'mpmath' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("norm", ["1", "2", "inf"])
def test_a_norm_may_stand_last(norm: str) -> None:
    first, last = parse(f"1-Lipschitz ({norm}) in x"), parse(f"1-Lipschitz in x ({norm})")
    assert (last.norm, last.arguments) == (first.norm, first.arguments) == (norm, ("x",))
