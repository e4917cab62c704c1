"""Intervals with exact ends, and the text of their products: "[-1, 1]^(8x3)", "[0, 1] x (2, oo)".

Both kinds of bracket for an open end are read: ``(0, 1)`` and ``]0, 1[``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from .errors import BadSpec

BOX, GRID = "box", "grid"
EXAMPLE = '"[-1, 1]", "(0, inf)", "[-1, 1]^(8x3)", "[0, 1] x [-2, 2]" or "{0..9}^(32)"'
LARGEST = 10**6  # elements of one argument; a domain is a description, not a data set

Product = tuple[str, tuple["Interval", ...], tuple[int, ...] | None]


@dataclass(frozen=True, slots=True)
class Interval:
    """The real numbers between two exact ends; None is an infinite (always open) end."""

    low: Fraction | None
    high: Fraction | None
    low_open: bool = False
    high_open: bool = False
    text: str = ""

    def __str__(self) -> str:
        return self.text


def interval(
    low: Fraction | None, high: Fraction | None, low_open: bool, high_open: bool, text: str, of: str
) -> Interval:
    """Return the interval after refusing a reversed or an empty one."""
    low_open, high_open = low_open or low is None, high_open or high is None
    if low is not None and high is not None:
        if low > high:
            raise BadSpec(
                f"{of}: the interval {text} is reversed",
                slug="empty-domain",
                hint="Write the smaller end first.",
            )
        if low == high and (low_open or high_open):
            raise BadSpec(
                f"{of}: the interval {text} is empty",
                slug="empty-domain",
                hint=f"One point is [{text[1:-1].partition(',')[0]}, ...] with square brackets.",
            )
    return Interval(low, high, low_open, high_open, text)


def check_size(shape: tuple[int, ...], of: str) -> None:
    size = math.prod(shape)
    if not size:
        raise BadSpec(
            f"{of}: an array of shape {shape} has no elements",
            slug="empty-domain",
            hint="Every length must be at least 1.",
        )
    if size > LARGEST:
        raise BadSpec(
            f"{of}: {size} elements are too many, a domain has at most {LARGEST}",
            slug="large-domain",
            hint="Verify a smaller instance of the same code.",
        )


_NUMBER = r"[-+]?(?:oo|inf|∞|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,4})?(?:\s*/\s*\d+)?)"
_INTERVAL = re.compile(rf"([\[(\]])\s*({_NUMBER})\s*[,;]\s*({_NUMBER})\s*([\])\[])", re.IGNORECASE)
_GRID = re.compile(r"\{\s*([-+]?\d+)\s*\.\.\.?\s*([-+]?\d+)\s*\}")
_SHAPE = re.compile(r"\s*\^\s*(?:\(\s*(\d*(?:\s*[x×,]\s*\d+)*)\s*,?\s*\)|(\d+))")
_TIMES = re.compile(r"\s*[x×]\s*")


def read_product(text: str, of: str) -> Product:
    """Return kind, factors and shape of a domain's text; `of` says whose it is.

    Factors are joined by x: one alone keeps its shape, several make a vector. Raises BadSpec
    "bad-domain" with the position, "empty-domain", "nan-domain", "ragged-domain", "large-domain".
    """
    position, kinds, factors = len(text) - len(text.lstrip()), [], []
    shapes: list[tuple[int, ...] | None] = []
    while True:
        match = _INTERVAL.match(text, position) or _GRID.match(text, position)
        if not match:
            raise _syntax(text, position, of)
        factors.append(_factor(match, of))
        kinds.append(GRID if match.re is _GRID else BOX)
        position = match.end()
        shape = _SHAPE.match(text, position)
        shapes.append(_shape(shape) if shape else None)
        check_size(shapes[-1] or (), of)
        position = shape.end() if shape else position
        if not text[position:].strip():
            return _product(tuple(factors), shapes, kinds, of)
        times = _TIMES.match(text, position)
        if not times:
            raise _syntax(text, position, of)
        position = times.end()


def _shape(match: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", match[1] if match[1] is not None else match[2]))


def _product(
    factors: tuple[Interval, ...], shapes: list[tuple[int, ...] | None], kinds: list[str], of: str
) -> Product:
    if len(factors) == 1:
        return kinds[0], factors, shapes[0]
    if len(set(kinds)) > 1:
        raise BadSpec(
            f"{of}: a product of intervals and integers",
            slug="bad-domain",
            hint="Give the integers an argument of their own.",
        )
    if any(len(shape or ()) > 1 for shape in shapes):
        raise BadSpec(
            f"{of}: a product makes a vector, so no factor may be a matrix",
            slug="ragged-domain",
            hint="Use vf.box(lo, hi) with two arrays.",
        )
    repeats = [shape[0] if shape else 1 for shape in shapes]
    check_size((sum(repeats),), of)
    flat = tuple(f for f, n in zip(factors, repeats, strict=True) for _ in range(n))
    return kinds[0], flat, (len(flat),)


def _factor(match: re.Match[str], of: str) -> Interval:
    if match.re is _GRID:
        return interval(Fraction(match[1]), Fraction(match[2]), False, False, match[0], of)
    opening, low, high, closing = match.groups()
    return interval(
        _end(low, False, of), _end(high, True, of), opening != "[", closing != "]", match[0], of
    )


def _end(text: str, upper: bool, of: str) -> Fraction | None:
    plain = "".join(text.split()).lower().lstrip("+")
    if plain.lstrip("-") in ("oo", "inf", "∞"):
        if plain.startswith("-") == upper:
            raise BadSpec(
                f"{of}: {text} stands at the wrong end",
                slug="empty-domain",
                hint="Write (-oo, oo), (-oo, 1] or [0, oo).",
            )
        return None
    number, _, divisor = plain.partition("/")
    if divisor and not int(divisor):
        raise BadSpec(
            f"{of}: {text} divides by zero", slug="bad-domain", hint="Write it like 1/3 or 0.25."
        )
    return Fraction(number) / int(divisor or 1)


def _syntax(text: str, position: int, of: str) -> BadSpec:
    position += len(text[position:]) - len(text[position:].lstrip())
    found = text[position:].strip()
    if "nan" in found.lower():
        return BadSpec(
            f"{of}: nan is no end of an interval, in {text!r}",
            slug="nan-domain",
            hint="Use -oo and oo for no bound.",
        )
    what = f"{found[:20]!r} at position {position}" if found else "the text ends too early"
    return BadSpec(
        f"{of}: cannot read {text!r}: {what}", slug="bad-domain", hint=f"Write it like {EXAMPLE}."
    )
